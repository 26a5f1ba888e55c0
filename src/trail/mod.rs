//! The trail, for those who want to be sure of it: what one's own people did, and proof that nobody has changed, moved or
//! left out any of it since.
//!
//! Entries and the log of them are the foundation's (`foundation/audit`); this stage says who may read and prove what, and
//! has the job that places entries and signs checkpoints. An organisation reads its own entries. Checkpoints are for
//! everybody with a login: who has kept an old one sees whether the log of today still begins with it.

pub mod api;
pub mod jobs;
pub mod pages;

use crate::{
    access,
    foundation::{
        access::{ADMINISTRATORS, ANYONE, Role},
        fields::{Fields, Input},
    },
};

access! {
    /// List what people of one's organisation have done.
    ListEntries = "audit_entries.list", ADMINISTRATORS, &[];
    /// Prove that an entry of one's organisation stands in the audit log.
    Prove = "audit_entries.prove", ADMINISTRATORS, &[];
    /// List the signed checkpoints of the audit log.
    ListCheckpoints = "audit_checkpoints.list", ANYONE, &[];
    /// Let a job that failed for good begin anew (the operator's command line).
    ReplayJob = "jobs.replay", &[Role::System], &["dead"];
    /// End a job that waits or runs (the operator's command line).
    CancelJob = "jobs.cancel", &[Role::System], &["queued", "running"];
    /// Prove that the audit log of one checkpoint begins with that of an older one.
    Compare = "audit_checkpoints.compare", ANYONE, &[];
}

/// Seconds between two checkpoints: entries written within them are told apart by nobody who sees only sizes.
pub const EVERY: i64 = 600;

/// Two sizes of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// The smaller one.
    pub from: u64,
    /// The larger one.
    pub to: u64,
}

impl Input for Sizes {
    fn read(f: &mut Fields) -> Option<Self> {
        let (from, to) = (f.number("from", 1..=i64::MAX), f.number("to", 1..=i64::MAX));
        Some(Self { from: from?.cast_unsigned(), to: to?.cast_unsigned() })
    }
}
