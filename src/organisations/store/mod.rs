//! What is kept of organisations, and who sees it.

pub mod contracted;
mod entities;
pub mod firms;
pub mod joining;
pub mod ledger;
pub mod people;
pub mod sessions;
