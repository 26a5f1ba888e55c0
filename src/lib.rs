//! Eslabón.

pub mod app;
pub mod cli;
pub mod exchange;
pub mod foundation;
pub mod organisations;
