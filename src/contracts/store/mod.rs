//! Contracts and what is recorded about them. A firm sees the contracts in which it takes part, an institution
//! those of its programmes; nobody else learns that there are any.

mod drawing;
mod entities;
mod moves;
mod performance;
mod reading;
mod waiting;

pub use drawing::draw_up;
pub use moves::{announce_renewal, end, sign, terminate, withdraw, withdraw_renewal};
pub use performance::{
    deliveries, invoices_to, payments, record_delivery, record_payment, scorecard, scorecard_within,
};
pub use reading::{Filter, dealings_with, ending, find, list, list_of, signings};
pub use waiting::{Waiting, about, waiting};
