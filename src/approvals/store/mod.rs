//! The moves of matches, what they would mean, and what has lapsed.

mod alerts;
mod announcing;
mod judging;
mod moves;
mod preview;
mod reading;
mod standing;
mod trail;

pub use alerts::alerts;
pub use announcing::announce;
pub use moves::{Wanted, accept, approve, decline, reject, reopen};
pub use preview::preview;
pub use reading::{Described, Seen, described, read};
pub use trail::{approvals_of, approvers_of, deciders_of};
