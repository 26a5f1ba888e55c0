//! Eslabón.

pub mod app;
pub mod cli;
pub mod foundation;
pub mod home;
pub mod organisations;
