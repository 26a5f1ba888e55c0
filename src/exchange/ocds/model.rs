//! What a document says, in the programme's words. Every part knows its place in the document.

use std::fmt;

use iso_currency::Currency;
use time::Date;

use super::{
    exact::{self, Exact},
    findings::Warning,
};

/// What was read from one document.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The contracting processes, in document order; at least one.
    pub procurements: Vec<Procurement>,
    /// What is odd.
    pub warnings: Vec<Warning>,
}

/// One contracting process. Ids are unique within their list and free of characters that tables or
/// spreadsheets give a meaning to.
#[derive(Clone, PartialEq, Debug)]
pub struct Procurement {
    /// JSON pointer to the release.
    pub at: String,
    /// Open contracting id.
    pub ocid: String,
    /// Title of the tender.
    pub title: Option<String>,
    /// Description of the tender.
    pub description: Option<String>,
    /// Day of the (latest) release.
    pub date: Option<Date>,
    /// Who buys.
    pub buyer: Option<Party>,
    /// The currency of its amounts, that of the first contract.
    pub currency: Option<Currency>,
    /// What the tender asks for.
    pub items: Vec<Item>,
    /// How the tender groups its items.
    pub lots: Vec<Lot>,
    /// Suppliers of awards and contracts, and bidders.
    pub suppliers: Vec<Party>,
    /// Awards.
    pub awards: Vec<Award>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Bids.
    pub bids: Vec<Bid>,
}

/// A buyer or a supplier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Party {
    /// JSON pointer to where it is described first.
    pub at: String,
    /// Its number in a register (a Paraguayan supplier's RUC), else its id in the document, else
    /// made from its name.
    pub id: String,
    /// Name; the id where the document gives none.
    pub name: String,
    /// Its entry in a register.
    pub identifier: Option<Identifier>,
}

impl Party {
    /// Its RUC, when it is registered in Paraguay.
    #[must_use]
    pub fn ruc(&self) -> Option<&str> {
        let identifier = self.identifier.as_ref()?;
        (identifier.scheme == Identifier::PY_RUC).then_some(identifier.id.as_str())
    }
}

/// An entry in a register.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Identifier {
    /// The register, as org-id.guide names it where that is known: `PY-RUC`.
    pub scheme: String,
    /// The number there, without dots and spaces.
    pub id: String,
}

impl Identifier {
    /// Registro Único de Contribuyentes, Paraguay.
    pub const PY_RUC: &'static str = "PY-RUC";
}

/// Something that is bought.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// JSON pointer.
    pub at: String,
    /// Id.
    pub id: String,
    /// Description.
    pub description: Option<String>,
    /// What it is.
    pub classification: Option<Classification>,
    /// How many units.
    pub quantity: Option<Exact>,
    /// Name of the unit.
    pub unit: Option<String>,
    /// Price of one unit.
    pub unit_price: Option<Price>,
    /// The tender's lot that it belongs to.
    pub lot: Option<String>,
}

/// The scheme under which exports of this service name the process of a lot, beside its UNSPSC code if any.
pub const PROCESS_SCHEME: &str = "x-process";

/// What an item is: a code of a catalogue.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Classification {
    /// The catalogue.
    pub scheme: Scheme,
    /// The full code.
    pub code: String,
}

/// A catalogue of goods and services.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Scheme {
    /// UNSPSC, or a national catalogue that extends its codes.
    Unspsc,
    /// The European Common Procurement Vocabulary.
    Cpv,
    /// Another one, as the document names it; empty where it names none.
    Other(String),
}

impl Classification {
    /// The family: the first four digits of the code, in UNSPSC segment and family. A code of another
    /// catalogue carries the catalogue's name, so that equal digits of two catalogues do not meet.
    #[must_use]
    pub fn family(&self) -> Option<String> {
        if matches!(&self.scheme, Scheme::Other(name) if name == PROCESS_SCHEME) {
            return Some(self.code.clone());
        }
        let digits = self.code.get(..4)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(match &self.scheme {
            Scheme::Unspsc => digits.to_owned(),
            Scheme::Cpv => format!("CPV-{digits}"),
            Scheme::Other(name) if name.is_empty() => format!("code-{digits}"),
            Scheme::Other(name) => format!("{name}-{digits}"),
        })
    }
}

/// How the tender groups items.
#[derive(Clone, PartialEq, Debug)]
pub struct Lot {
    /// JSON pointer.
    pub at: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: Option<String>,
    /// Ids of the items in it.
    pub items: Vec<String>,
    /// Estimated value.
    pub value: Option<Amount>,
}

/// A decision for one or more suppliers.
#[derive(Clone, PartialEq, Debug)]
pub struct Award {
    /// JSON pointer.
    pub at: String,
    /// Id.
    pub id: String,
    /// Day of the decision.
    pub date: Option<Date>,
    /// `active`, `cancelled`, …
    pub status: Option<String>,
    /// Ids of the suppliers.
    pub suppliers: Vec<String>,
    /// Value.
    pub value: Option<Amount>,
    /// The tender's lots that it is for.
    pub lots: Vec<String>,
    /// What is awarded.
    pub items: Vec<Item>,
}

/// A signed contract.
#[derive(Clone, PartialEq, Debug)]
pub struct Contract {
    /// JSON pointer.
    pub at: String,
    /// Id.
    pub id: String,
    /// Id of its award.
    pub award: Option<String>,
    /// `active`, `terminated`, `cancelled`, …
    pub status: Option<String>,
    /// Day of the signature.
    pub signed: Option<Date>,
    /// First day.
    pub starts: Option<Date>,
    /// Last day.
    pub ends: Option<Date>,
    /// Ids of the suppliers; usually one.
    pub suppliers: Vec<String>,
    /// Value of the whole contract.
    pub value: Option<Amount>,
    /// What is delivered, at which price.
    pub items: Vec<Item>,
}

impl Contract {
    /// The supplier whose sale this is: none where several share it, since nobody says how.
    #[must_use]
    pub fn supplier(&self) -> Option<&str> {
        match self.suppliers.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it was called off; then it is neither a sale nor a price.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("cancelled"))
    }
}

/// An offer.
#[derive(Clone, PartialEq, Debug)]
pub struct Bid {
    /// JSON pointer.
    pub at: String,
    /// Id.
    pub id: String,
    /// Ids of the suppliers that made it.
    pub tenderers: Vec<String>,
    /// Value.
    pub value: Option<Amount>,
    /// The tender's lots that it is for.
    pub lots: Vec<String>,
    /// What is offered, at which price; most documents do not say.
    pub items: Vec<Item>,
}

/// Money, exact: a number of the currency's minor units (none for PYG, cents for EUR).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount {
    /// Minor units.
    pub minor: i64,
    /// Currency.
    pub currency: Currency,
}

impl Amount {
    /// In main units.
    #[must_use]
    pub fn exact(self) -> Exact {
        exact::whole_number(self.minor) / exact::tenfold(exponent(self.currency))
    }

    /// The nearest amount, halves upwards; `None` beyond the range of `i64`.
    #[must_use]
    pub fn nearest(value: &Exact, currency: Currency) -> Option<Self> {
        let minor = exact::round_half_up(&(value * exact::tenfold(exponent(currency))));
        Some(Self { minor: i64::try_from(minor).ok()?, currency })
    }
}

/// `626953284 PYG`, `10.50 EUR`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = exact::fixed(&self.exact(), exponent(self.currency));
        write!(f, "{number} {}", self.currency.code())
    }
}

/// Decimals of the minor unit. Gold, test codes and the like have none.
pub(super) fn exponent(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from)
}

/// The price of one unit, as exact as the document gives it.
#[derive(Clone, PartialEq, Debug)]
pub struct Price {
    /// In main units; positive.
    pub amount: Exact,
    /// Currency.
    pub currency: Currency,
}
