//! Amendments: what a lead firm may still change once suppliers have seen a requirement.
//!
//! An amendment rewrites the whole requirement with a reason that everybody who sees it can read. Lots keep
//! their ids by naming them, so that an offer for a lot which did not change stays what it was. What an
//! amendment voids follows from what it changes and is told in its answer: offers on changed lots are stale
//! until their suppliers confirm them, offers on lots that were taken out are void, and gap acts, which are
//! signed with a hash of what is demanded, hold no longer when a criterion changed, or what is to be made, how
//! much of it and when. Prices, shares and the closing time are the offers' matter and leave gap acts alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Content, MOST_CRITERIA, MOST_LOTS, Requirement,
    closing::Times,
    criteria::Criterion,
    lots::{Delivery, LotTerms},
};
use crate::foundation::{
    clock::Timestamp,
    closing::ClosingTime,
    fields::{Fault, Fields, Input},
    ids::LotId,
    problem::{FieldError, Problem},
    share::Share,
};

/// An amendment that was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Amendment {
    /// The revision of the requirement that it made: 2 is the first amendment.
    pub revision: i64,
    /// Why.
    pub reason: String,
    /// What it changed.
    pub changes: Changes,
    /// What the requirement said before.
    pub before: serde_json::Value,
    /// When.
    pub amended_at: Timestamp,
}

/// What an amendment changed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = AmendmentChanges)]
pub struct Changes {
    /// The fields of the requirement itself.
    #[schema(example = json!(["closes_at"]))]
    pub fields: Vec<String>,
    /// Whether a criterion changed, came or went: gap acts that were signed before hold no longer.
    pub criteria: bool,
    /// Whether what is demanded beside the criteria changed: title, description, what is to be made, how much
    /// and when. Gap acts that were signed before hold no longer.
    #[serde(default)]
    pub demanded: bool,
    /// The lots that are other than before: offers on them are stale until they are confirmed.
    pub lots_changed: Vec<LotId>,
    /// The lots that were taken out: offers on them are void.
    pub lots_removed: Vec<LotId>,
    /// How many lots are new.
    pub lots_added: usize,
}

/// An amendment to make: the requirement as it shall be, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAmendment {
    /// Why, for everybody who sees the requirement.
    pub reason: String,
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// When it closes by itself.
    pub closes_at: Option<ClosingTime>,
    /// Until when suppliers may ask; `None`: until it closes.
    pub questions_until: Option<ClosingTime>,
    /// The largest share of what the lead firm awards for one supplier.
    pub max_supplier_share: Share,
    /// Its lots.
    pub lots: Vec<AmendedLot>,
    /// What it demands.
    pub criteria: Vec<Criterion>,
}

/// A lot as it shall be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AmendedLot {
    /// The lot that it was; none: a new one.
    pub id: Option<LotId>,
    /// What it says.
    pub terms: LotTerms,
}

impl Input for AmendedLot {
    fn read(f: &mut Fields) -> Option<Self> {
        let (id, terms) = (f.optional("id"), LotTerms::read(f));
        let terms: Option<LotTerms> = terms;
        if terms.as_ref().is_some_and(|terms| terms.reference_price.is_none()) {
            f.fail("reference_price", Fault::new("required"));
        }
        Some(Self { id: id?, terms: terms? })
    }
}

impl Input for NewAmendment {
    fn read(f: &mut Fields) -> Option<Self> {
        let reason = f.reason();
        let (title, description) = (f.text("title", 3..=200), f.optional_text("description", 1..=10_000));
        let (closes_at, questions_until) = (f.optional("closes_at"), f.optional("questions_until"));
        let max_supplier_share = f.or("max_supplier_share", Share::ALL);
        let (lots, criteria) = (f.list::<AmendedLot>("lots", MOST_LOTS), f.list("criteria", MOST_CRITERIA));
        if lots.as_ref().is_some_and(Vec::is_empty) {
            f.fail("lots", Fault::new("required"));
        }
        Some(Self {
            reason: reason?,
            title: title?,
            description: description?.unwrap_or_default(),
            closes_at: closes_at?,
            questions_until: questions_until?,
            max_supplier_share: max_supplier_share?,
            lots: lots?,
            criteria: criteria?,
        })
    }
}

impl NewAmendment {
    /// What the amendment changes, with these moments until which suppliers may ask and offer.
    ///
    /// # Errors
    /// 422 for lots that the requirement does not have, or that are named twice; 409 when nothing changes.
    pub fn changes(&self, before: &Requirement, times: Times) -> Result<Changes, Problem> {
        let present: BTreeMap<LotId, &LotTerms> =
            before.lots.iter().map(|lot| (lot.id, &lot.terms)).collect();
        let (mut named, mut errors) = (BTreeSet::new(), Vec::new());
        for (at, lot) in self.lots.iter().enumerate() {
            let Some(id) = lot.id else { continue };
            let pointer = format!("/lots/{at}/id");
            if !present.contains_key(&id) {
                errors.push(FieldError::new(pointer, "no-such-lot"));
            } else if !named.insert(id) {
                errors.push(FieldError::new(pointer, "lot-named-twice"));
            }
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let fields = [
            ("title", self.title != before.title),
            ("description", self.description != before.description),
            ("closes_at", times.closes_at != before.closes_at),
            ("questions_until", times.questions_until != before.questions_until),
            ("max_supplier_share", self.max_supplier_share != before.max_supplier_share),
        ];
        let fields = fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name.to_owned());
        let is_other = |lot: &&AmendedLot| lot.id.is_some_and(|id| !same(present[&id], &lot.terms));
        let changes = Changes {
            fields: fields.collect(),
            criteria: self.criteria != before.criteria,
            demanded: self.demands_otherwise(before),
            lots_changed: self.lots.iter().filter(is_other).filter_map(|lot| lot.id).collect(),
            lots_removed: present.keys().filter(|id| !named.contains(id)).copied().collect(),
            lots_added: self.lots.iter().filter(|lot| lot.id.is_none()).count(),
        };
        if changes == Changes::default() {
            return Err(Problem::conflict("amendment-changes-nothing"));
        }
        Ok(changes)
    }
}

impl NewAmendment {
    /// Whether title, description or lots are other than before in what gap acts rest on.
    fn demands_otherwise(&self, before: &Requirement) -> bool {
        let terms = |id: LotId| before.lots.iter().find(|lot| lot.id == id).map(|lot| &lot.terms);
        let lots_differ = self.lots.len() != before.lots.len()
            || self.lots.iter().any(|lot| {
                lot.id.and_then(terms).is_none_or(|was| demanded_of(was) != demanded_of(&lot.terms))
            });
        self.title != before.title || self.description != before.description || lots_differ
    }
}

/// What a lot demands, without what only offers and awards are measured on.
fn demanded_of(lot: &LotTerms) -> (&str, &str, &str, i64, i64, Delivery) {
    (&lot.name, &lot.process, &lot.unit, lot.quantity, lot.years, lot.delivery)
}

/// Whether a lot says the same as before. What it was called where it came from is not its lead firm's.
fn same(before: &LotTerms, after: &LotTerms) -> bool {
    let named = LotTerms { external_reference: before.external_reference.clone(), ..after.clone() };
    *before == named
}

/// What a requirement said, to be kept beside its amendment.
#[derive(Serialize)]
struct Said<'a> {
    title: &'a str,
    description: &'a str,
    closes_at: Option<Timestamp>,
    questions_until: Option<Timestamp>,
    max_supplier_share: Share,
    lots: Vec<SaidLot<'a>>,
    criteria: &'a [Criterion],
}

#[derive(Serialize)]
struct SaidLot<'a> {
    id: LotId,
    #[serde(flatten)]
    terms: &'a LotTerms,
}

impl Requirement {
    /// What it says, as JSON.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn said(&self) -> Result<serde_json::Value, Problem> {
        Ok(serde_json::to_value(Said {
            title: &self.title,
            description: &self.description,
            closes_at: self.closes_at,
            questions_until: self.questions_until,
            max_supplier_share: self.max_supplier_share,
            lots: self.lots.iter().map(|lot| SaidLot { id: lot.id, terms: &lot.terms }).collect(),
            criteria: &self.criteria,
        })?)
    }
}

impl From<&NewAmendment> for Content {
    fn from(new: &NewAmendment) -> Self {
        Self {
            title: new.title.clone(),
            description: new.description.clone(),
            closes_at: new.closes_at,
            questions_until: new.questions_until,
            max_supplier_share: new.max_supplier_share,
            lots: new.lots.iter().map(|lot| lot.terms.clone()).collect(),
            criteria: new.criteria.clone(),
        }
    }
}
