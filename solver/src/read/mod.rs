//! Reads an instance from a folder of tables or from one JSON document.
//!
//! Both forms end up as rows of cells (`row`), and the rules that make values of cells, rows of
//! tables (`tables`) and an instance of tables (`checks`) exist once. Nothing stops at the first
//! fault: all findings are reported at once, with the numbers listed in [`codes`].
//!
//! What the reader corrects — annual sales below the sum of their parts — it
//! writes into the instance, so that the model and the checker see the same numbers.

use std::path::Path;

use crate::{Instance, problem::Problem};

mod checks;
pub mod codes;
mod commitments;
mod consortia;
mod csv;
mod cut;
mod decisions;
pub(crate) mod folder;
mod gaps;
mod json;
mod lots;
mod problems;
mod row;
pub(crate) mod settings;
mod tables;
mod toml;
mod warnings;

use folder::Folder;
use json::Document;
use problems::{Place, Problems};
use tables::{Record, Table, Tables};

/// A valid instance and what is legal but odd in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The instance.
    pub instance: Instance,
    /// Warnings (W codes).
    pub warnings: Vec<Problem>,
}

/// One of the two forms.
trait Source {
    /// The fields at the top level, as an instance without rows.
    fn settings(&self, problems: &mut Problems) -> Instance;

    /// One table.
    fn table<T: Record>(&self, problems: &mut Problems) -> Table<T>;
}

/// Reads a folder of tables, or a file with one JSON document. A file may have up to 2 GiB.
///
/// # Errors
/// Every problem found, all at once.
pub fn from_path(path: &Path) -> Result<Reading, Vec<Problem>> {
    let mut problems = Problems::default();
    if path.is_dir() {
        return match Folder::new(path, &mut problems) {
            Some(folder) => read(&folder, problems),
            None => Err(problems.finish()),
        };
    }
    match folder::check_e1001_e1002_file(path, folder::LARGEST, Place::default(), &mut problems) {
        Some(bytes) => from_json(&bytes),
        None => Err(problems.finish()),
    }
}

/// Reads one JSON document.
///
/// # Errors
/// Every problem found, all at once.
pub fn from_json(bytes: &[u8]) -> Result<Reading, Vec<Problem>> {
    let mut problems = Problems::default();
    match Document::new(bytes, &mut problems) {
        Some(document) => read(&document, problems),
        None => Err(problems.finish()),
    }
}

fn read(source: &impl Source, mut problems: Problems) -> Result<Reading, Vec<Problem>> {
    let problems = &mut problems;
    let settings = source.settings(problems);
    let tables = Tables {
        buyers: source.table(problems),
        suppliers: source.table(problems),
        caps: source.table(problems),
        sales: source.table(problems),
        capacity: source.table(problems),
        lots: source.table(problems),
        pairs: source.table(problems),
        gaps: source.table(problems),
        consortia: source.table(problems),
        decisions: source.table(problems),
    };
    let instance = checks::assemble(settings, tables, problems);
    let problems = std::mem::take(problems);
    match instance {
        Some(instance) => Ok(Reading { instance, warnings: problems.finish() }),
        None => Err(problems.finish()),
    }
}
