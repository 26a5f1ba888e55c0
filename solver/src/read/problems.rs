//! Collects findings, so that all are reported at once.

use std::{collections::BTreeMap, fmt};

use super::codes::Code;
use crate::problem::Problem;

/// So many findings of one code are listed; the rest is counted. Ten million wrong prices would
/// otherwise need more memory than the instance itself.
const LISTED: u64 = 100;

/// So much of a field's name is kept where it is not one of the format's.
const NAMED: usize = 200;

/// Where a finding stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) row: u64,
    pub(super) column: &'a str,
}

impl<'a> Place<'a> {
    pub(super) const fn new(file: &'a str, row: u64, column: &'a str) -> Self {
        Self { file, row, column }
    }

    pub(super) const fn file(file: &'a str) -> Self {
        Self::new(file, 0, "")
    }
}

/// All findings so far.
#[derive(Default, Debug)]
pub(super) struct Problems {
    found: Vec<Problem>,
    counts: BTreeMap<&'static str, (u64, Code)>,
}

impl Problems {
    /// Adds a finding. `cause` is only put into words when it will be listed.
    pub(super) fn report(&mut self, code: Code, place: Place<'_>, cause: fmt::Arguments<'_>) {
        let (count, _) = self.counts.entry(code.code).or_insert((0, code));
        *count += 1;
        if *count <= LISTED {
            self.found.push(Problem {
                code: code.code.to_owned(),
                cause: cause.to_string(),
                action: code.action.to_owned(),
                file: place.file.to_owned(),
                row: place.row,
                column: place.column.chars().take(NAMED).collect(),
            });
        }
    }

    /// Whether anything found forbids to solve the instance.
    pub(super) fn any_error(&self) -> bool {
        self.counts.keys().any(|code| code.starts_with('E'))
    }

    /// All findings, in the order in which they were found; then what was only counted.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let unlisted = self.counts.values().filter(|(count, _)| *count > LISTED);
        for (count, code) in unlisted {
            self.found.push(Problem {
                code: code.code.to_owned(),
                cause: format!("{} more like this are not listed", count - LISTED),
                action: code.action.to_owned(),
                file: String::new(),
                row: 0,
                column: String::new(),
            });
        }
        self.found
    }
}
