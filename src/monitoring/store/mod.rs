//! What is kept of rounds and answers, and who sees it. The institution's people see the rounds of the networks that
//! they see, with what every firm answered; a firm sees what is measured of itself, and nothing of others.

mod comparing;
mod dependency;
mod entities;
mod funnel;
mod impact;
mod known;
mod measurements;
mod missing;
mod payment_days;
mod practices;
mod rounds;

pub use comparing::{Row, of_network, of_programme};
pub use dependency::{
    Dependency, Record, is_followed, read_dependency, read_own_dependency, record_dependency,
};
pub use funnel::read_funnel;
pub use impact::{list_evaluations, record_evaluation};
pub use measurements::{Filter, answer, find_measurement, list_measurements};
pub use missing::{asked_of, due_rounds, missing_from};
pub use payment_days::payment_days;
pub use practices::{
    PracticeFilter, adopt_practice, change_practice, find_practice, list_adoptions, list_practices,
    practice_titles, publish_practice, retire_practice, return_practice, submit_practice, withdraw_adoption,
    write_practice,
};
pub use rounds::{Tally, close_round, find_round, list_rounds, networks_of, open_round, remind, tally};
