//! What is kept of projects, and who sees them: the institution that executes, those that coordinate and steer.

mod ending;
pub(super) mod entities;
mod evidence;
mod expenses;
mod milestones;
mod reading;

pub use ending::{close, name_networks, terminate};
pub use evidence::{add_evidence, evidence_of};
pub use expenses::{decide_expense, list_expenses, state_expense};
pub use milestones::{accept, disburse, report, send_back};
pub(super) use reading::begin;
pub use reading::{Due, Filter, find, list, milestones_due, of_proposal, parties, titles};
