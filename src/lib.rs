//! Eslabón.

pub mod app;
pub mod approvals;
pub mod cli;
pub mod diagnostics;
pub mod exchange;
pub mod foundation;
pub mod gaps;
pub mod home;
pub mod matching;
pub mod organisations;
pub mod programmes;
pub mod requirements;
