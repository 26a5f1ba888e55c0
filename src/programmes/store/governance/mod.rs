//! What is kept of a programme's governance. Who has a function in a programme sees its governance; for everybody
//! else it does not exist.

mod appointments;
mod bodies;
pub(super) mod entities;
mod funds;

pub use appointments::{
    accept, appoint, decline, end, find_appointment, functions, led_by, list_appointments,
};
pub(super) use appointments::{demand, programmes_with};
pub use bodies::{coordination, criteria_versions, list_reviews, review, set_coordination, set_criteria};
pub use funds::{assign, funds, list_fund_entries};
pub(super) use funds::{book, in_currency, misfits};
