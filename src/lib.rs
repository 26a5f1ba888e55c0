//! Eslabón.

pub mod app;
pub mod cli;
pub mod approvals;
pub mod diagnostics;
pub mod foundation;
pub mod matching;
pub mod organisations;
pub mod programmes;
pub mod requirements;
