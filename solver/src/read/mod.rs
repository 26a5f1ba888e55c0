//! Reads an instance from a folder of tables or from one JSON document.

use std::path::Path;

use crate::{Instance, problem::Problem};

/// A valid instance and what is legal but odd in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The instance.
    pub instance: Instance,
    /// Warnings (W codes).
    pub warnings: Vec<Problem>,
}

/// Reads a folder of tables, or a file with one JSON document.
///
/// # Errors
/// Every problem found, all at once.
pub fn from_path(path: &Path) -> Result<Reading, Vec<Problem>> {
    let _ = path;
    Err(Vec::new())
}

/// Reads one JSON document.
///
/// # Errors
/// Every problem found, all at once.
pub fn from_json(bytes: &[u8]) -> Result<Reading, Vec<Problem>> {
    let _ = bytes;
    Err(Vec::new())
}
