//! Eslabón.

pub mod app;
pub mod cli;
pub mod diagnostics;
pub mod exchange;
pub mod foundation;
pub mod home;
pub mod organisations;
pub mod programmes;
pub mod requirements;
