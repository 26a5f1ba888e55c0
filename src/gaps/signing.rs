//! Signatures: what both sides put their names under, and when that still holds.
//!
//! A signature stores the hash of what was signed. It *holds* while that equals the hash of what stands there
//! now, so that a change voids it without knowing of it, and nothing is ever deleted: signatures that no longer
//! hold are history. Gap acts, improvement plans and contracts are signed alike, by the supplier and by the
//! lead firm, each with two statements that the person ticks.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    foundation::{
        access::{Actor, Kind, Role},
        canonical,
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        ids::OrganisationId,
        problem::Problem,
    },
    words,
};

words! {
    /// Who signs.
    pub enum Side {
        /// The supplier.
        Supplier = "supplier",
        /// The lead firm.
        LeadFirm = "lead_firm",
    }
}

words! {
    /// Who takes part in an agreement: the two sides, and the institution that mediates and never signs.
    pub enum Party {
        /// The supplier.
        Supplier = "supplier",
        /// The lead firm.
        LeadFirm = "lead_firm",
        /// The promoting institution.
        Institution = "institution",
    }
}

/// The version of what has lapsed because of something else: nobody wrote it, and yet it reads otherwise than
/// before. It differs from every counted version, and from that of another cause.
///
/// # Errors
/// When the cause can't be written as JSON.
pub fn lapsed_version(version: i64, cause: &impl Serialize) -> Result<i64, Problem> {
    /// Counted versions stay below, and a JSON number above would lose digits in some clients; as an `ETag` it is
    /// text.
    const ABOVE: i64 = 1 << 60;
    let hash = canonical::hash(&(version, cause))?;
    let digits = hash.get(..15).and_then(|digits| i64::from_str_radix(digits, 16).ok()).unwrap_or_default();
    Ok(ABOVE | digits)
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Supplier => Self::LeadFirm,
            Self::LeadFirm => Self::Supplier,
        }
    }
}

impl From<Side> for Party {
    fn from(side: Side) -> Self {
        match side {
            Side::Supplier => Self::Supplier,
            Side::LeadFirm => Self::LeadFirm,
        }
    }
}

impl Party {
    /// As what an actor takes part who has been shown what the two firms agree on.
    ///
    /// The service itself takes part for the firm that it acts for, else for the institution.
    pub fn of(actor: &Actor, supplier: OrganisationId, lead_firm: OrganisationId) -> Self {
        match actor.kind() {
            Some(Kind::Supplier) => Self::Supplier,
            Some(Kind::LeadFirm) => Self::LeadFirm,
            None if actor.organisation == supplier => Self::Supplier,
            None if actor.organisation == lead_firm => Self::LeadFirm,
            Some(Kind::Institution) | None => Self::Institution,
        }
    }

    /// The side that it is.
    ///
    /// # Errors
    /// 403 for the institution: it takes no side.
    pub fn side(self) -> Result<Side, Problem> {
        match self {
            Self::Supplier => Ok(Side::Supplier),
            Self::LeadFirm => Ok(Side::LeadFirm),
            Self::Institution => Err(Problem::forbidden()),
        }
    }
}

/// A signature that was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Signature {
    /// Who signed.
    pub side: Side,
    /// The firm.
    pub organisation: OrganisationId,
    /// The person's name when they signed.
    #[schema(example = "Rosa Quispe")]
    pub name: String,
    /// Their role in the firm.
    pub role: Role,
    /// When.
    pub signed_at: Timestamp,
    /// SHA-256 of what was signed.
    pub hash: String,
}

/// Who has signed what stands there now: the state of an agreement without disputes.
pub fn holds(signatures: &[Signature], side: Side, hash: &str) -> bool {
    signatures.iter().any(|signature| signature.side == side && signature.hash == hash)
}

/// When both sides had first signed the same, whatever has changed since.
pub fn agreed_at(signatures: &[Signature]) -> Option<Timestamp> {
    let of = |side| signatures.iter().filter(move |signature| signature.side == side);
    let both = of(Side::Supplier).flat_map(|one| {
        let same = of(Side::LeadFirm).filter(move |other| other.hash == one.hash);
        same.map(move |other| one.signed_at.max(other.signed_at))
    });
    both.min()
}

/// A signature to give: the hash of what was read, and two statements, both of which must be ticked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSignature {
    /// What the person has read.
    pub hash: String,
}

/// A signature to give.
#[derive(ToSchema)]
#[schema(as = NewSignature, example = json!({
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "has_read_it": true, "may_sign_for_the_firm": true,
}))]
#[expect(dead_code, reason = "describes what `NewSignature` reads")]
pub struct NewSignatureJson {
    /// The hash of what one has read.
    #[schema(min_length = 64, max_length = 64)]
    hash: String,
    /// "I have read it." Must be true.
    has_read_it: bool,
    /// "I may sign for the firm." Must be true.
    may_sign_for_the_firm: bool,
}

impl Input for NewSignature {
    fn read(f: &mut Fields) -> Option<Self> {
        let hash = f.text("hash", 64..=64);
        let (has_read, may_sign) = (tick(f, "has_read_it"), tick(f, "may_sign_for_the_firm"));
        has_read.and(may_sign)?;
        Some(Self { hash: hash? })
    }
}

fn tick(f: &mut Fields, name: &'static str) -> Option<()> {
    if f.required::<bool>(name)? {
        return Some(());
    }
    f.fail(name, Fault::new("statement-not-ticked"));
    None
}

impl NewSignature {
    /// Whether the person has read what stands there now.
    ///
    /// # Errors
    /// 409 `signed-content-changed` otherwise.
    pub fn check(&self, hash: &str) -> Result<(), Problem> {
        if self.hash == hash { Ok(()) } else { Err(Problem::conflict("signed-content-changed")) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_service_takes_part_for_whom_it_acts() {
        let firm = |number| OrganisationId(Uuid::from_u128(number));
        let (supplier, lead_firm) = (firm(1), firm(2));
        let as_whom = |acting| Party::of(&Actor::system(acting), supplier, lead_firm);
        assert_eq!(
            [supplier, lead_firm, firm(3)].map(as_whom),
            [Party::Supplier, Party::LeadFirm, Party::Institution]
        );
    }
}
