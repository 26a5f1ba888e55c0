//! What is kept of organisations, and who sees it.

pub mod consents;
pub mod contracted;
pub mod control;
mod entities;
pub mod firms;
pub mod interests;
pub mod joining;
pub mod ledger;
pub mod logins;
pub mod mandates;
pub mod people;
pub mod personal;
pub mod resets;
pub mod second_factor;
pub mod sessions;
pub mod skills;
pub mod unspsc;
