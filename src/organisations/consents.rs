//! Consents: which lead firm may see what of a supplier, for which purpose.
//!
//! What a supplier states belongs to it. It lets a lead firm see its gaps, its profile or its diagnostic, each for
//! itself, and takes that back whenever it likes. Its *log* tells it what became of its consents, and which person
//! of which lead firm read what under them.

use crate::{
    access,
    foundation::{
        access::{SUPPLIER, SUPPLIER_WRITERS},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{AccountId, OrganisationId},
    },
    words,
};

access! {
    /// Let a lead firm see one's gaps, profile or diagnostic.
    Give = "consents.give", SUPPLIER_WRITERS, &[];
    /// Take the consents for a lead firm back.
    Revoke = "consents.revoke", SUPPLIER_WRITERS, &[];
    /// List one's consents.
    ListConsents = "consents.list", SUPPLIER, &[];
    /// See what became of one's consents, and what was read under them.
    ReadLog = "consents.log", SUPPLIER, &[];
}

words! {
    /// What a consent is for.
    #[schema(as = ConsentPurpose)]
    pub enum Purpose {
        /// See the supplier's gaps for the lead firm's own requirements.
        Gaps = "gaps",
        /// See the supplier's profile: sales, capacities, processes, certificates.
        Profile = "profile",
        /// See the supplier's diagnostic.
        Diagnostic = "diagnostic",
    }
}

words! {
    /// What happened under a consent.
    #[schema(as = ConsentEvent)]
    pub enum Event {
        /// The supplier gave it.
        Given = "given",
        /// The supplier took it back.
        Revoked = "revoked",
        /// The lead firm read something.
        Read = "read",
    }
}

/// A consent that holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Consent {
    /// For whom.
    pub lead_firm: OrganisationId,
    /// For what.
    pub purpose: Purpose,
    /// Since when.
    pub granted_at: Timestamp,
    /// Who gave it.
    pub granted_by: AccountId,
}

/// A line of a supplier's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// For whom the consent is or was.
    pub lead_firm: OrganisationId,
    /// For what.
    pub purpose: Purpose,
    /// What happened.
    pub event: Event,
    /// Who gave, revoked or read.
    pub account: AccountId,
    /// What was read: `profile`, `gap_analysis`.
    pub subject: Option<String>,
    /// Which.
    pub subject_id: Option<uuid::Uuid>,
    /// When.
    pub at: Timestamp,
}

/// The purposes for which a lead firm has consent from now on; named none, to see one's gaps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purposes(
    /// At least one.
    pub Vec<Purpose>,
);

impl Input for Purposes {
    fn read(f: &mut Fields) -> Option<Self> {
        let mut purposes: Vec<Purpose> = f.values("purposes", Purpose::ALL.len())?;
        if purposes.is_empty() {
            purposes.push(Purpose::Gaps);
        }
        purposes.sort_unstable();
        purposes.dedup();
        Some(Self(purposes))
    }
}
