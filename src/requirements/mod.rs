//! Requirements: what lead firms need made, lot by lot, and what they demand of whoever makes it.
//!
//! A lead firm posts a requirement (*requerimiento*) within an open programme of which it is a member, for
//! all its suppliers or for those that one of its networks has selected: lots
//! (*lotes*) with quantities and reference prices, and [criteria]. As a draft it can be rewritten; once
//! published it stands as it is, and the programme's suppliers see it and may put a sealed price on its
//! lots; closed, it can be matched. Draft → published → closed; there is no way back.
//!
//! **Invariant:** an *offer* is sealed. Before its requirement closes nobody but the supplier sees that
//! there is one: it is in no list, no count, no version and no error of anybody else. After that only the
//! matching reads it, for the institution; other suppliers and the lead firm never do.

pub mod api;
pub mod criteria;
pub mod pages;
pub mod store;

use crate::{
    access,
    foundation::{
        access::{ANYONE, LEAD_FIRM_WRITERS, SUPPLIER, SUPPLIER_WRITERS},
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        figure::Figure,
        ids::{LotId, NetworkId, OrganisationId, ProgrammeId, RequirementId},
        money::{Currency, UnitPrice},
        problem::FieldError,
        share::Share,
    },
    words,
};
use criteria::Criterion;

access! {
    /// Post a requirement.
    Create = "requirements.create", LEAD_FIRM_WRITERS, &[];
    /// Look at a requirement.
    Read = "requirements.read", ANYONE, &[];
    /// List the requirements that one may see.
    List = "requirements.list", ANYONE, &[];
    /// Rewrite a requirement.
    Change = "requirements.change", LEAD_FIRM_WRITERS, &["draft"];
    /// Publish a requirement to the programme's suppliers.
    Publish = "requirements.publish", LEAD_FIRM_WRITERS, &["draft"];
    /// Close a requirement: no more offers, it can be matched.
    Close = "requirements.close", LEAD_FIRM_WRITERS, &["published"];
    /// Put a sealed price on a lot.
    PutOffer = "offers.put", SUPPLIER_WRITERS, &["published"];
    /// Take one's offer back.
    WithdrawOffer = "offers.withdraw", SUPPLIER_WRITERS, &["published"];
    /// Look at one's offer for a lot.
    ReadOffer = "offers.read", SUPPLIER, &[];
    /// List one's offers for a requirement.
    ListOffers = "offers.list", SUPPLIER, &[];
}

words! {
    /// How far a requirement is.
    #[schema(as = RequirementState)]
    pub enum State {
        /// It is being written; suppliers don't see it.
        Draft = "draft",
        /// Suppliers see it and make offers.
        Published = "published",
        /// It can be matched.
        Closed = "closed",
    }
}

/// The most lots of a requirement.
pub const MOST_LOTS: usize = 500;
/// The most criteria of a requirement.
pub const MOST_CRITERIA: usize = 100;
/// The largest quantity of a lot.
pub const MOST_UNITS: i64 = 1_000_000_000;
/// The most that a lot may be worth, in units of the currency: what [`Money`](crate::foundation::money::Money)
/// can hold.
const MOST_VALUE: i128 = 1_000_000_000_000_000;

/// A requirement, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// Its id.
    pub id: RequirementId,
    /// The programme within which it was posted.
    pub programme: ProgrammeId,
    /// The network for which it was posted; `None`: the whole programme.
    pub network: Option<NetworkId>,
    /// The programme's currency, in which its prices are.
    pub currency: Currency,
    /// The lead firm that posted it.
    pub lead_firm: OrganisationId,
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// How far it is.
    pub state: State,
    /// What it is called where it was imported from.
    pub external_reference: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
    /// Its lots, in the lead firm's order.
    pub lots: Vec<Lot>,
    /// What it demands, in the lead firm's order.
    pub criteria: Vec<Criterion>,
}

impl Requirement {
    /// What is missing for publishing, with pointers into the requirement: a lot, the price of a lot.
    pub fn missing(&self) -> Vec<FieldError> {
        if self.lots.is_empty() {
            return vec![FieldError::new("/lots", "required")];
        }
        let unpriced = self.lots.iter().enumerate().filter(|(_, lot)| lot.reference_price.is_none());
        unpriced.map(|(at, _)| FieldError::new(format!("/lots/{at}/reference_price"), "required")).collect()
    }
}

/// A requirement in a list: without lots and criteria.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Its id.
    pub id: RequirementId,
    /// The programme within which it was posted.
    pub programme: ProgrammeId,
    /// The network for which it was posted; `None`: the whole programme.
    pub network: Option<NetworkId>,
    /// The lead firm that posted it.
    pub lead_firm: OrganisationId,
    /// What it is called.
    pub title: String,
    /// How far it is.
    pub state: State,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// A lot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// What is to be made.
    pub name: String,
    /// The process that makes it, as suppliers name it in their capacities.
    pub process: String,
    /// The unit in which it is counted.
    pub unit: String,
    /// How many units; one is the least that can be awarded.
    pub quantity: i64,
    /// Price per unit. A draft may lack it, and so may an imported lot.
    pub reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others.
    pub weight: Figure,
    /// The largest share of it for one supplier (dual sourcing).
    pub max_share: Share,
    /// The share of it that must be covered at least.
    pub min_coverage: Share,
    /// Over how many years the quantity is spread.
    pub years: i64,
    /// What it is called where it was imported from.
    pub external_reference: Option<String>,
}

/// A lot to post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLot {
    /// What is to be made.
    pub name: String,
    /// The process that makes it.
    pub process: String,
    /// The unit in which it is counted.
    pub unit: String,
    /// How many units.
    pub quantity: i64,
    /// Price per unit; needed before publishing.
    pub reference_price: Option<UnitPrice>,
    /// How much covering it counts; usually 1.
    pub weight: Figure,
    /// The largest share of it for one supplier; usually all.
    pub max_share: Share,
    /// The share of it that must be covered at least; usually none.
    pub min_coverage: Share,
    /// Over how many years; usually 1.
    pub years: i64,
    /// What it is called where it was imported from.
    pub external_reference: Option<String>,
}

impl Input for NewLot {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, process) = (f.text("name", 1..=200), f.text("process", 1..=60));
        let (unit, quantity) = (f.text("unit", 1..=20), f.number("quantity", 1..=MOST_UNITS));
        let (reference_price, weight) = (f.optional::<UnitPrice>("reference_price"), f.or("weight", ONE));
        let (max_share, min_coverage) = (f.or("max_share", Share::ALL), f.or("min_coverage", Share::NONE));
        let years = f.optional_number("years", 1..=30);
        if let (Some(quantity), Some(Some(price))) = (quantity, reference_price)
            && is_too_valuable(price, quantity)
        {
            f.fail("reference_price", Fault::new("too-large"));
        }
        Some(Self {
            name: name?,
            process: process?,
            unit: unit?,
            quantity: quantity?,
            reference_price: reference_price?,
            weight: weight?,
            max_share: max_share?,
            min_coverage: min_coverage?,
            years: years?.unwrap_or(1),
            external_reference: None,
        })
    }
}

const ONE: Figure = Figure::from_millionths(1_000_000);

/// Whether so many units at this price are worth more than an amount can say.
fn is_too_valuable(price: UnitPrice, quantity: i64) -> bool {
    i128::from(price.0) * i128::from(quantity) > MOST_VALUE * 1_000_000
}

/// What a lead firm writes in a requirement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Its lots; a draft may have none.
    pub lots: Vec<NewLot>,
    /// What it demands.
    pub criteria: Vec<Criterion>,
}

impl Input for Content {
    fn read(f: &mut Fields) -> Option<Self> {
        let (title, description) = (f.text("title", 3..=200), f.optional_text("description", 1..=10_000));
        let (lots, criteria) = (f.list("lots", MOST_LOTS), f.list("criteria", MOST_CRITERIA));
        Some(Self {
            title: title?,
            description: description?.unwrap_or_default(),
            lots: lots?,
            criteria: criteria?,
        })
    }
}

/// A requirement to post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequirement {
    /// An open programme of which the lead firm is a member.
    pub programme: ProgrammeId,
    /// An open network of it to which the lead firm belongs; `None`: the whole programme.
    pub network: Option<NetworkId>,
    /// What it says.
    pub content: Content,
}

impl Input for NewRequirement {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, network) = (f.required("programme"), f.optional("network"));
        let content = Content::read(f);
        Some(Self { programme: programme?, network: network?, content: content? })
    }
}

/// A requirement that comes from elsewhere, in the state that it has there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedRequirement {
    /// The programme into which it is imported.
    pub programme: ProgrammeId,
    /// The lead firm, a member of the programme.
    pub lead_firm: OrganisationId,
    /// What it is called there; imported once into a programme.
    pub external_reference: String,
    /// How far it is.
    pub state: State,
    /// What it says.
    pub content: Content,
}

/// A supplier's sealed price for a lot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The lot.
    pub lot: LotId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// Price per unit, in the programme's currency.
    pub unit_price: UnitPrice,
    /// At most so many units; `None`: the whole lot.
    pub max_quantity: Option<i64>,
    /// When it was made.
    pub offered_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// A price to put on a lot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewOffer {
    /// Price per unit, in the programme's currency.
    pub unit_price: UnitPrice,
    /// At most so many units; `None`: the whole lot.
    pub max_quantity: Option<i64>,
}

impl Input for NewOffer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (unit_price, max_quantity) =
            (f.required("unit_price"), f.optional_number("max_quantity", 1..=MOST_UNITS));
        Some(Self { unit_price: unit_price?, max_quantity: max_quantity? })
    }
}

impl NewOffer {
    /// What is wrong with the offer for a lot of so many units.
    fn faults(&self, quantity: i64) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.max_quantity.is_some_and(|most| most > quantity) {
            errors.push(
                FieldError::new("/max_quantity", "out-of-range").with("least", 1).with("most", quantity),
            );
        }
        if is_too_valuable(self.unit_price, quantity) {
            errors.push(FieldError::new("/unit_price", "too-large"));
        }
        errors
    }
}
