//! Tests on documents of our own; `shared_data` reads real ones where they are at hand.

mod documents;
mod noise;
mod offers;
mod reading;
mod shared_data;

use super::{Code, Procurement, Reading, Warning, read};

/// A release as the standard wants it: a fictional hospital buys gloves, syringes and monitors of
/// two suppliers. Prices are whole guaraníes.
const CLEAN: &str = include_str!("clean.json");

/// The same purchase as a careless publisher would put it.
const DIRTY: &str = include_str!("dirty.json");

fn reading(document: &str) -> Reading {
    read(document.as_bytes()).unwrap()
}

/// The only procurement in a document.
fn procurement(document: &str) -> Procurement {
    let mut procurements = reading(document).procurements;
    assert_eq!(procurements.len(), 1);
    procurements.remove(0)
}

/// The pointers at which a code was told.
fn places(warnings: &[Warning], code: Code) -> Vec<&str> {
    let told = warnings.iter().filter(|warning| warning.code == code);
    told.map(|warning| warning.pointer.as_str()).collect()
}

/// The names of all codes that were told, in order, each once.
fn told(warnings: &[Warning]) -> Vec<&'static str> {
    let mut names: Vec<&str> = warnings.iter().map(|w| w.code.name()).collect();
    names.dedup();
    names
}
