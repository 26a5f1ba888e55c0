//! OCDS: public procurement records (Open Contracting Data Standard 1.0 and 1.1).
//!
//! A public record says who bought what from whom, at which price. For the programme that is a
//! start: the tender's items become lots, the contracts become existing sales, and a supplier that
//! has delivered a family of goods is paired with the lots of that family.
//!
//! The way of a document, each step pure (no I/O, no clock):
//!
//! 1. `text` turns bytes into characters, `json` into a tree that keeps every number as it was
//!    written and every value's place. Money never passes through a float.
//! 2. `shape` finds the releases: a release, a package, a record, a record package or a bare array.
//!    Several releases of one contracting process are merged, later ones over earlier ones.
//! 3. [`read`] makes a [`Procurement`] of each, and `checks` compares what ought to agree.
//! 4. From a procurement: [`figures`] (who sold how much, and how concentrated that is),
//!    [`offer`] (lots, prices and pairs), [`existing_sales`] (what counts as sales on a date), and
//!    [`to_instance`], which lays all of that out as the tables of a solver instance.
//!
//! Public records are dirty. What is odd becomes a [`Warning`] with a JSON pointer into the document
//! as it came; the rules by which odd data are read stand beside the code that applies them. What
//! cannot be used at all is a [`Refusal`]: code, reason, action.

mod checks;
mod contracts;
mod exact;
mod figures;
mod findings;
mod instance;
mod items;
mod json;
mod lines;
mod model;
mod offer;
mod parties;
pub mod publish;
mod read;
mod sales;
mod shape;
mod text;
mod values;

#[cfg(test)]
mod tests;

pub(super) use exact::parse as exact_number;
pub use exact::{Exact, UnitPrice};
pub use figures::{Figures, SupplierFigure, figures};
pub use findings::{Code, Refusal, Warning};
pub use instance::{InstanceTables, Options, Table, to_instance};
pub use lines::{Documents, Parts};
pub use model::{
    Amount, Award, Bid, Classification, Contract, Identifier, Item, Lot, PROCESS_SCHEME, Party, Price,
    Procurement, Reading, Scheme,
};
pub use offer::{ItemLot, Offer, Pair, PriceSource, offer};
pub use read::read;
pub use sales::{ExistingSales, Sale, existing_sales};
