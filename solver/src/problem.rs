//! What is wrong, or odd, in an instance: numbered, with cause and action, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One finding of the validation. All findings are reported at once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `E1001`… for errors, `W2001`… for what is legal but odd.
    pub code: String,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub action: String,
    /// `lots.csv`, or the table's name in a JSON document; empty when about the whole instance.
    pub file: String,
    /// Line of the file (header = 1), or position in the JSON array, from 1; 0 when about the table.
    pub row: u64,
    /// Column or field; empty when about the row.
    pub column: String,
}

impl Problem {
    /// Whether this is a warning.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.code.starts_with('W')
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.file.is_empty() {
            write!(f, " {}", self.file)?;
        }
        if self.row > 0 {
            write!(f, ":{}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, " {}", self.column)?;
        }
        write!(f, ": {}. {}", self.cause, self.action)
    }
}
