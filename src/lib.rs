//! Eslabón.

pub mod foundation;
