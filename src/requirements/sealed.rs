//! Sealed offers: what a supplier asks for a lot, and the commitment that proves it later.
//!
//! With every offer the service draws a *salt* and keeps the SHA-256 of the salt followed by the offer's
//! canonical text ([`Sealed`]). All three are given to the supplier at once, and the hash goes into the audit
//! trail: whoever changes an offer behind the supplier's back is found out, and the hash alone, which the
//! random salt makes unguessable, tells nobody the price.
//!
//! An offer is *live* while its lot is as it was when the offer was made or last confirmed; an amendment of
//! the lot makes it *stale* until the supplier confirms it, and taking the lot out makes it *void*. Nothing
//! of that is written when the lot changes: it is derived from the two revisions. A *consortium's* offer, which
//! its speaker enters, rests on its members as well: it is stale once anybody has joined or left, until all have
//! accepted again and the speaker confirms it, and void once the consortium is dissolved.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::lots::{LotTerms, MOST_UNITS, is_too_valuable};
use crate::{
    foundation::{
        canonical,
        clock::{Day, Timestamp},
        fields::{Fields, Input},
        ids::{ConsortiumId, LotId, OrganisationId},
        money::UnitPrice,
        problem::{FieldError, Problem},
    },
    words,
};

/// The longest lead time, in days: two years.
const LONGEST_LEAD: i64 = 730;

words! {
    /// Whether an offer counts.
    pub enum OfferStanding {
        /// It counts.
        Live = "live",
        /// Its lot was amended after it, or its consortium has changed: it counts again once it is confirmed
        /// or replaced.
        Stale = "stale",
        /// Its lot was taken out, or its consortium dissolved.
        Void = "void",
    }
}

/// A supplier's sealed offer for a lot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The lot.
    pub lot: LotId,
    /// The supplier, or the member that speaks for the consortium.
    pub supplier: OrganisationId,
    /// The consortium that offers; none: the supplier alone.
    pub consortium: Option<ConsortiumId>,
    /// What is offered.
    pub terms: NewOffer,
    /// Whether it counts.
    pub standing: OfferStanding,
    /// The last day of delivery of the lot as it is now.
    pub deliver_by: Option<Day>,
    /// What the supplier was given to prove it; an older or imported offer has none.
    pub proof: Option<Proof>,
    /// When it was made, or last confirmed.
    pub offered_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// Reads `offer.unit_price` where `offer.terms.unit_price` is meant.
impl std::ops::Deref for Offer {
    type Target = NewOffer;

    fn deref(&self) -> &NewOffer {
        &self.terms
    }
}

impl Offer {
    /// Whether it can be awarded on that day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.standing == OfferStanding::Live && self.valid_until.is_none_or(|last| day <= last)
    }

    /// The last day on which an order would still be delivered in time, by its own lead time; none where it names no
    /// lead time, or the lot no last day.
    pub fn last_order_on(&self) -> Option<Day> {
        Some(self.deliver_by?.plus_days(-self.lead_time_days?))
    }
}

/// What is offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewOffer {
    /// Price per unit, in the programme's currency.
    pub unit_price: UnitPrice,
    /// At most so many units; `None`: the whole lot.
    pub max_quantity: Option<i64>,
    /// Days from order to delivery.
    pub lead_time_days: Option<i64>,
    /// The last day on which the offer holds; `None`: until it is awarded or not.
    pub valid_until: Option<Day>,
}

impl Input for NewOffer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (unit_price, max_quantity) =
            (f.required("unit_price"), f.optional_number("max_quantity", 1..=MOST_UNITS));
        let (lead_time_days, valid_until) =
            (f.optional_number("lead_time_days", 0..=LONGEST_LEAD), f.optional("valid_until"));
        Some(Self {
            unit_price: unit_price?,
            max_quantity: max_quantity?,
            lead_time_days: lead_time_days?,
            valid_until: valid_until?,
        })
    }
}

impl NewOffer {
    /// What is wrong with the offer for that lot on that day.
    pub(super) fn faults(&self, lot: &LotTerms, today: Day) -> Vec<FieldError> {
        let quantity = lot.quantity;
        let mut errors = Vec::new();
        if self.max_quantity.is_some_and(|most| most > quantity) {
            errors.push(
                FieldError::new("/max_quantity", "out-of-range").with("least", 1).with("most", quantity),
            );
        } else if !lot.sourcing.divisible && self.max_quantity.is_some_and(|most| most < quantity) {
            errors.push(FieldError::new("/max_quantity", "lot-indivisible").with("quantity", quantity));
        }
        if is_too_valuable(self.unit_price, quantity) {
            errors.push(FieldError::new("/unit_price", "too-large"));
        }
        if self.valid_until.is_some_and(|last| last < today) {
            errors.push(FieldError::new("/valid_until", "not-in-future"));
        }
        errors
    }
}

/// Who offers, for the commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bidder {
    /// The supplier who enters the offer.
    pub supplier: OrganisationId,
    /// The consortium for which it speaks, as its members have accepted it.
    pub consortium: Option<Composition>,
}

/// A consortium with certain members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Composition {
    /// The consortium.
    pub id: ConsortiumId,
    /// Its version: another one, other members.
    pub version: i64,
}

/// What is sealed: everything that an offer says.
#[derive(Serialize)]
pub struct Sealed {
    lot: LotId,
    lot_revision: i64,
    supplier: OrganisationId,
    consortium: Option<ConsortiumId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consortium_version: Option<i64>,
    unit_price: String,
    max_quantity: Option<i64>,
    lead_time_days: Option<i64>,
    valid_until: Option<Day>,
    offered_at: Timestamp,
}

/// What proves an offer: the SHA-256 of `salt` followed by `sealed` is `commitment`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// 64 hexadecimal digits, drawn for this offer.
    pub salt: String,
    /// The canonical text of what is offered.
    pub sealed: String,
    /// SHA-256 in hexadecimal.
    pub commitment: String,
}

impl Proof {
    /// Seals an offer with a salt.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn seal(
        offer: &NewOffer,
        lot: LotId,
        lot_revision: i64,
        by: Bidder,
        at: Timestamp,
        salt: String,
    ) -> Result<Self, Problem> {
        let sealed = canonical::to_text(&Sealed {
            lot,
            lot_revision,
            supplier: by.supplier,
            consortium: by.consortium.map(|consortium| consortium.id),
            consortium_version: by.consortium.map(|consortium| consortium.version),
            unit_price: offer.unit_price.to_string(),
            max_quantity: offer.max_quantity,
            lead_time_days: offer.lead_time_days,
            valid_until: offer.valid_until,
            offered_at: at,
        })?;
        let commitment = digest(&salt, &sealed);
        Ok(Self { salt, sealed, commitment })
    }

    /// Whether the commitment is the one of salt and text.
    pub fn holds(&self) -> bool {
        self.commitment == digest(&self.salt, &self.sealed)
    }
}

fn digest(salt: &str, sealed: &str) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(sealed).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(price: &str) -> NewOffer {
        NewOffer {
            unit_price: UnitPrice::parse(price).unwrap(),
            max_quantity: Some(5),
            lead_time_days: Some(30),
            valid_until: "2026-06-30".parse().ok(),
        }
    }

    fn seal(offer: &NewOffer, revision: i64, salt: &str) -> Proof {
        let (lot, supplier) = (LotId(uuid::Uuid::nil()), OrganisationId(uuid::Uuid::nil()));
        let by = Bidder { supplier, consortium: None };
        Proof::seal(offer, lot, revision, by, Timestamp::from_micros(0), salt.to_owned()).unwrap()
    }

    #[test]
    fn a_commitment_holds_for_one_offer_and_one_salt() {
        let proof = seal(&offer("17900.5"), 1, "aa");
        assert!(proof.holds());
        assert!(!Proof { sealed: proof.sealed.replace("17900.5", "17900.6"), ..proof.clone() }.holds());
        assert!(!Proof { salt: "ab".to_owned(), ..proof.clone() }.holds());
        let of = |version| {
            let consortium = Some(Composition { id: ConsortiumId(uuid::Uuid::nil()), version });
            let by = Bidder { supplier: OrganisationId(uuid::Uuid::nil()), consortium };
            let (lot, at) = (LotId(uuid::Uuid::nil()), Timestamp::from_micros(0));
            Proof::seal(&offer("17900.5"), lot, 1, by, at, "aa".to_owned()).unwrap()
        };
        let others = [seal(&offer("17900.6"), 1, "aa"), seal(&offer("17900.5"), 2, "aa"), of(3)];
        for other in &others {
            assert_ne!(other.commitment, proof.commitment);
        }
        assert_ne!(of(4).commitment, others[2].commitment, "other members, another offer");
    }

    #[test]
    fn anybody_can_compute_the_commitment() {
        let proof = seal(&offer("17900.5"), 1, "00ff");
        assert!(
            proof.sealed.starts_with(r#"{"consortium":null,"lead_time_days":30,"lot":"#),
            "{}",
            proof.sealed
        );
        assert!(
            !proof.sealed.contains("consortium_version"),
            "what was sealed before consortia offered holds"
        );
        // `printf '00ff{…}' | sha256sum`, with the text as it stands.
        let by_hand = hex::encode(Sha256::digest(format!("00ff{}", proof.sealed)));
        assert_eq!(by_hand, proof.commitment);
    }

    #[test]
    fn an_offer_holds_until_its_last_day_while_it_is_live() {
        let with = |standing| Offer {
            lot: LotId(uuid::Uuid::nil()),
            supplier: OrganisationId(uuid::Uuid::nil()),
            consortium: None,
            terms: offer("1"),
            standing,
            deliver_by: None,
            proof: None,
            offered_at: Timestamp::from_micros(0),
            version: 1,
        };
        let day = |text: &str| text.parse::<Day>().unwrap();
        let live = with(OfferStanding::Live);
        assert!(live.holds_on(day("2026-06-30")) && !live.holds_on(day("2026-07-01")));
        assert!(!with(OfferStanding::Stale).holds_on(day("2026-06-30")));
    }
}
