//! Requirements: what lead firms need made, lot by lot, and what they demand of whoever makes it.
//!
//! A lead firm posts a requirement (*requerimiento*) within an open programme of which it is a member, for
//! all its suppliers or for those that one of its networks has selected: lots
//! (*lotes*) with quantities and reference prices, and [criteria]. As a draft it can be rewritten; once
//! published it stands as it is, and the programme's suppliers see it and may put a sealed price on its
//! lots; closed, it can be matched; awarded, that is over. Draft → published → closed → awarded; there is no
//! way back. It closes when its lead firm says so or, where it names a time ([`closing`]), by itself at that
//! time and not before. What is published changes by [amendments] only. Suppliers may ask about it, and
//! everybody who sees it reads the answers, without learning who asked ([questions]).
//! Suppliers are not told that it has been awarded: to them it stays closed. When nothing about it is left to decide, the
//! institution announces that: whoever made an offer hears that there is a result, finds its own in its matches and in why
//! it got no more, and may object.
//!
//! A supplier offers for itself, and its consortium's speaker for the consortium; one may do both, and the
//! matching sees to it that nobody wins a lot alone and through a consortium.
//!
//! **Invariant:** an *offer* is [sealed]. Before its requirement closes nobody but the supplier (or the members
//! of the consortium) sees that there is one: it is in no list, no count, no version and no error of anybody else. After that only the
//! matching reads it, for the institution, which can verify what suppliers were given as proof; other
//! suppliers and the lead firm never do.

pub mod amendments;
pub mod api;
pub mod closing;
pub mod criteria;
pub mod jobs;
pub mod lots;
pub mod pages;
pub mod questions;
pub mod sealed;
pub mod store;

use crate::{
    access,
    foundation::{
        access::{ANYONE, INSTITUTION, LEAD_FIRM_WRITERS, OFFICERS, SUPPLIER, SUPPLIER_WRITERS},
        clock::Timestamp,
        closing::ClosingTime,
        fields::{Fields, Input},
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId, RequirementId},
        money::Currency,
        problem::FieldError,
        share::Share,
    },
    moves, words,
};
use criteria::Criterion;
pub use lots::{Lot, LotTerms, MOST_UNITS, NewLot, is_too_valuable};
pub use sealed::{NewOffer, Offer, OfferStanding};

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
    /// Announce the result of a requirement, once everything about it has been decided.
    Announce = "requirements.announce", OFFICERS, &["closed", "awarded"];
    /// Amend a published requirement, with a reason.
    Amend = "requirements.amend", LEAD_FIRM_WRITERS, &["published"];
    /// List the amendments of a requirement.
    ListAmendments = "requirements.amendments", ANYONE, &[];
    /// Put a sealed price on a lot.
    PutOffer = "offers.put", SUPPLIER_WRITERS, &["published"];
    /// Take one's offer back.
    WithdrawOffer = "offers.withdraw", SUPPLIER_WRITERS, &["published"];
    /// Confirm one's offer for a lot that was amended.
    ConfirmOffer = "offers.confirm", SUPPLIER_WRITERS, &["published"];
    /// Put the sealed price of a consortium for which one speaks on a lot.
    PutConsortiumOffer = "consortium_offers.put", SUPPLIER_WRITERS, &["published"];
    /// Take the offer of a consortium for which one speaks back.
    WithdrawConsortiumOffer = "consortium_offers.withdraw", SUPPLIER_WRITERS, &["published"];
    /// Confirm the offer of a consortium for which one speaks, after it or the lot has changed.
    ConfirmConsortiumOffer = "consortium_offers.confirm", SUPPLIER_WRITERS, &["published"];
    /// Look at the offer of a consortium in which one is.
    ReadConsortiumOffer = "consortium_offers.read", SUPPLIER, &[];
    /// Verify the commitments of the offers for a requirement.
    VerifyOffers = "offers.verify", INSTITUTION, &["closed", "awarded"];
    /// Look at one's offer for a lot.
    ReadOffer = "offers.read", SUPPLIER, &[];
    /// List one's offers for a requirement, and those of consortia in which one is.
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
        /// All that it will get has been awarded.
        Awarded = "awarded",
    }
}

moves! {
    /// What happens to a requirement.
    pub enum Move of State {
        /// It is rewritten.
        Change by Change: Draft => Draft;
        /// The programme's suppliers see it.
        Publish by Publish: Draft => Published;
        /// It changes, with a reason.
        Amend by Amend: Published => Published;
        /// Its lead firm closes it, or its time has come.
        Close by Close: Published => Closed;
        /// All that it will get is under contract.
        Award: Closed => Awarded;
    }
}

/// The most lots of a requirement.
pub const MOST_LOTS: usize = 500;
/// The most criteria of a requirement.
pub const MOST_CRITERIA: usize = 100;

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
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// Until when suppliers may ask; `None`: until it closes.
    pub questions_until: Option<Timestamp>,
    /// When it was awarded.
    pub awarded_at: Option<Timestamp>,
    /// When the institution announced its result, and who did.
    pub announced: Option<(Timestamp, AccountId)>,
    /// The largest share, in value, of what its lead firm awards for one supplier; all: no limit.
    pub max_supplier_share: Share,
    /// What was published: 1, and one more with each amendment.
    pub revision: i64,
    /// Grows with every change.
    pub version: i64,
    /// Its lots, in the lead firm's order.
    pub lots: Vec<Lot>,
    /// What it demands, in the lead firm's order.
    pub criteria: Vec<Criterion>,
}

impl Requirement {
    /// What is missing for publishing at that moment, with pointers into the requirement: a lot, the price of
    /// a lot, a closing time that is still to come.
    pub fn missing(&self, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (pointer, at) in [("/closes_at", self.closes_at), ("/questions_until", self.questions_until)] {
            if at.is_some_and(|at| at <= now) {
                errors.push(FieldError::new(pointer, "not-in-future"));
            }
        }
        if self.lots.is_empty() {
            errors.push(FieldError::new("/lots", "required"));
        }
        let unpriced = self.lots.iter().enumerate().filter(|(_, lot)| lot.reference_price.is_none());
        errors.extend(
            unpriced.map(|(at, _)| FieldError::new(format!("/lots/{at}/reference_price"), "required")),
        );
        errors
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
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// What a lead firm writes in a requirement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is about; may be empty.
    pub description: String,
    /// When it closes by itself; `None`: when its lead firm says so.
    pub closes_at: Option<ClosingTime>,
    /// Until when suppliers may ask; `None`: until it closes.
    pub questions_until: Option<ClosingTime>,
    /// The largest share of what its lead firm awards for one supplier; usually all.
    pub max_supplier_share: Share,
    /// Its lots; a draft may have none.
    pub lots: Vec<NewLot>,
    /// What it demands.
    pub criteria: Vec<Criterion>,
}

impl Input for Content {
    fn read(f: &mut Fields) -> Option<Self> {
        let (title, description) = (f.text("title", 3..=200), f.optional_text("description", 1..=10_000));
        let (closes_at, questions_until) = (f.optional("closes_at"), f.optional("questions_until"));
        let max_supplier_share = f.or("max_supplier_share", Share::ALL);
        let (lots, criteria) = (f.list("lots", MOST_LOTS), f.list("criteria", MOST_CRITERIA));
        Some(Self {
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
