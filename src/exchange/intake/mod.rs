//! Intake: public procurement records that an institution takes into its own programme.
//!
//! Whoever runs the machine imports into the database ([`super::store::import`]). Through the API it is the same, with a
//! rule more: a record speaks of firms that nobody has asked, so it may say nothing of those that speak for themselves
//! here, and nothing of those that another institution works with.
//!
//! What comes is read tolerantly, record by record, and each is written by itself: one that cannot be used is refused with
//! everything that speaks against it, the others are taken, and a record that is there is left as it is. So the same file
//! again changes nothing, and one that was taken halfway is taken to its end.

pub mod api;
pub mod store;

use crate::{
    access,
    exchange::Imported,
    foundation::{
        access::OFFICERS,
        clock::Day,
        fields::{Fields, Input},
        problem::Problem,
    },
    words,
};

access! {
    /// Take public procurement records (OCDS) into a programme.
    TakeRecords = "imports.ocds", OFFICERS, &["draft", "open"];
    /// Take ChileCompra's tenders into a programme.
    TakeTenders = "imports.chilecompra", OFFICERS, &["draft", "open"];
}

words! {
    /// What became of a record.
    pub enum Fate {
        /// It was written.
        Created = "created",
        /// It was there already.
        Unchanged = "unchanged",
        /// Nothing of it was written.
        Refused = "refused",
    }
}

/// What is asked of an intake beside the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Only say what would happen.
    pub preview: bool,
    /// Contracts of the twelve months up to this day count as existing sales; else up to the record's latest contract.
    pub as_of: Option<Day>,
}

impl Input for Options {
    fn read(f: &mut Fields) -> Option<Self> {
        let (preview, as_of) = (f.or("preview", false), f.optional("as_of"));
        Some(Self { preview: preview?, as_of: as_of? })
    }
}

/// The most records of one file.
pub const MOST_RECORDS: usize = 500;

/// The most pairs of item and supplier of one record.
pub const MOST_PAIRS: usize = 5_000;

/// What became of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// In a word.
    pub fate: Fate,
    /// What was written.
    pub imported: Option<Imported>,
    /// Why it was refused.
    pub obstacles: Vec<Problem>,
}

impl From<Fate> for Outcome {
    fn from(fate: Fate) -> Self {
        Self { fate, imported: None, obstacles: Vec::new() }
    }
}

impl Outcome {
    /// Refused for what was told while it was written.
    pub fn refused(problem: Problem) -> Self {
        Self { obstacles: vec![problem], ..Fate::Refused.into() }
    }
}
