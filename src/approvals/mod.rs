//! Approvals: both firms accept a match, the institution approves it.
//!
//! Supplier and lead firm answer in either order; once both have accepted, an approver of the programme's
//! institution decides. Until then each firm may still decline and the institution reject; neither is ever
//! blocked by a cap. Nobody approves what they proposed. [`Move`] is the one table of legal moves.
//!
//! **Invariant.** At the commit of every approval, each supplier's approved position obeys the rules then
//! in force ([`dependency`]). So an approval, of one match or of a batch checked together, is tested on the
//! sales ledger plus *approved* matches only, never pending ones, of all programmes, under a lock for each
//! supplier, taken in id order. With new awards in the denominator, rejecting one match can push another
//! over the cap: the next approval catches that.
//!
//! The rules are those of the programme of the match, and of every programme in which something from the
//! same buyer group has been approved for the supplier, with the waivers that hold on the day.
//!
//! What lapses later (a waiver expires, buyers join a group, sales are amended) voids nothing. It blocks
//! approvals that would widen what has come to exceed the cap.

pub mod api;
pub mod dependency;
pub mod pages;
pub mod store;
#[cfg(test)]
mod tests;

use crate::{
    access,
    foundation::{
        access::{ANYONE, APPROVERS, FIRM_WRITERS},
        fields::{Fault, Fields, Input},
        ids::MatchId,
    },
    matching::MatchState,
    words,
};

access! {
    /// List the matches that one may see.
    List = "matches.list", ANYONE, &[];
    /// Look at a match.
    Read = "matches.read", ANYONE, &[];
    /// Accept a match for one's firm.
    Accept = "matches.accept", FIRM_WRITERS, &["proposed", "accepted_by_supplier", "accepted_by_lead_firm"];
    /// Decline a match for one's firm.
    Decline = "matches.decline", FIRM_WRITERS,
        &["proposed", "accepted_by_supplier", "accepted_by_lead_firm", "accepted"];
    /// Approve a match.
    Approve = "matches.approve", APPROVERS, &["accepted"];
    /// Reject a match.
    Reject = "matches.reject", APPROVERS,
        &["proposed", "accepted_by_supplier", "accepted_by_lead_firm", "accepted"];
    /// Approve several matches, checked together.
    ApproveBatch = "approvals.create", APPROVERS, &["accepted"];
}

words! {
    /// What somebody does with a match.
    pub enum Move {
        /// The supplier accepts.
        SupplierAccepts = "supplier_accepts",
        /// The lead firm accepts.
        LeadFirmAccepts = "lead_firm_accepts",
        /// One of them declines.
        Decline = "decline",
        /// The institution approves.
        Approve = "approve",
        /// The institution rejects.
        Reject = "reject",
    }
}

impl Move {
    /// The state after the move, when it is legal.
    pub const fn from(self, state: MatchState) -> Option<MatchState> {
        use MatchState::{
            Accepted, AcceptedByLeadFirm, AcceptedBySupplier, Approved, Declined, Proposed, Rejected,
        };
        match (self, state) {
            (Self::SupplierAccepts, Proposed) => Some(AcceptedBySupplier),
            (Self::SupplierAccepts, AcceptedByLeadFirm) | (Self::LeadFirmAccepts, AcceptedBySupplier) => {
                Some(Accepted)
            }
            (Self::LeadFirmAccepts, Proposed) => Some(AcceptedByLeadFirm),
            (Self::Decline, Proposed | AcceptedBySupplier | AcceptedByLeadFirm | Accepted) => Some(Declined),
            (Self::Approve, Accepted) => Some(Approved),
            (Self::Reject, Proposed | AcceptedBySupplier | AcceptedByLeadFirm | Accepted) => Some(Rejected),
            _ => None,
        }
    }
}

/// Why a match is declined or rejected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// For the other sides to read.
    pub reason: String,
}

impl Input for Reason {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { reason: f.text("reason", 10..=2_000)? })
    }
}

/// A move that needs no words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nothing;

impl Input for Nothing {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

/// A match as its approver has read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// The match.
    pub id: MatchId,
    /// Its entity tag.
    pub etag: String,
}

impl Input for Chosen {
    fn read(f: &mut Fields) -> Option<Self> {
        let (id, etag) = (f.required("match"), f.text("etag", 1..=30));
        Some(Self { id: id?, etag: etag? })
    }
}

/// So many matches are approved at once at most: each takes locks that others wait for.
pub const MOST_AT_ONCE: usize = 500;

/// Matches to approve together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// At least one.
    pub matches: Vec<Chosen>,
}

impl Input for Batch {
    fn read(f: &mut Fields) -> Option<Self> {
        let matches = f.list::<Chosen>("matches", MOST_AT_ONCE)?;
        if matches.is_empty() {
            f.fail("matches", Fault::new("required"));
            return None;
        }
        Some(Self { matches })
    }
}
