//! Exchange: data that comes in from elsewhere and goes out again.
//!
//! What arrives is written by other people's programs and is treated so: read tolerantly, never
//! trusted, every oddity told with the place where it stands. What cannot be used is refused with a
//! reason and what to do about it; nothing that arrives makes the program panic.
//!
//! A public procurement record ([`ocds`]) becomes a closed requirement of its buyer, with a lot for each
//! item, the suppliers' prices as offers, and their contracts as existing sales. It goes into one
//! programme per currency, of an institution that stands for imported records, unless the operator
//! names another programme.

pub mod bulk;
pub mod chilecompra;
pub mod downloads;
pub mod intake;
pub mod lists;
pub mod ocds;
pub mod open;
pub mod sheet;
pub mod shown;
pub mod store;
pub mod table;
pub mod unspsc;

use uuid::Uuid;

use crate::{
    access,
    foundation::{
        access::Role,
        clock::Day,
        ids::{OrganisationId, RequirementId},
    },
    organisations::tax_id::{Country, TaxId},
};

access! {
    /// Import public procurement records (from the command line).
    ImportOcds = "exchange.import_ocds", &[Role::System], &[];
}

/// What an import wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The requirement that stands for the record.
    pub requirement: RequirementId,
    /// The buyer.
    pub lead_firm: OrganisationId,
    /// Lots written.
    pub lots: usize,
    /// Suppliers written or found.
    pub suppliers: usize,
    /// Prices written as offers.
    pub offers: usize,
    /// The day on which the existing sales stand.
    pub as_of: Option<Day>,
}

/// The tax id under which a party of a record is known here: its number in a tax register where the
/// register says so, else what the record calls it, in a register of imports.
fn tax_id(party: &ocds::Party) -> TaxId {
    let register = party.identifier.as_ref().map_or("", |identifier| identifier.scheme.as_str());
    let country: Option<Country> = register.split_once('-').and_then(|(country, _)| country.parse().ok());
    let number = party.identifier.as_ref().map_or(party.id.as_str(), |identifier| identifier.id.as_str());
    let plain: String = number.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let unchecked = |country: Country| TaxId { country, number: plain.clone(), confirmed: false };
    match country {
        Some(country) if !plain.is_empty() => {
            TaxId::parse(country, number).unwrap_or_else(|_| unchecked(country))
        }
        _ if plain.is_empty() => {
            let hash =
                Uuid::from_u128(party.id.bytes().fold(0, |hash: u128, byte| {
                    hash.wrapping_mul(0x0100_0000_01b3).wrapping_add(byte.into())
                }));
            TaxId { country: Country::UNKNOWN, number: hash.simple().to_string(), confirmed: false }
        }
        _ => unchecked(Country::UNKNOWN),
    }
}

/// At most so many characters, of those that both databases keep.
fn shortened(text: &str, most: usize) -> String {
    text.trim().chars().filter(|c| *c != '\0').take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(id: &str, identifier: Option<(&str, &str)>) -> ocds::Party {
        let identifier =
            identifier.map(|(scheme, id)| ocds::Identifier { scheme: scheme.to_owned(), id: id.to_owned() });
        ocds::Party { at: String::new(), id: id.to_owned(), name: id.to_owned(), identifier }
    }

    #[test]
    fn a_party_is_known_by_its_register_and_otherwise_by_what_the_record_calls_it() {
        let known = |party: &ocds::Party| {
            let id = tax_id(party);
            (id.country.to_string(), id.number, id.confirmed)
        };
        let registered = party("80026564-5", Some(("PY-RUC", "80026564-5")));
        assert_eq!(known(&registered), ("PY".to_owned(), "800265645".to_owned(), true));
        let mistyped = party("80026564-6", Some(("PY-RUC", "80026564-6")));
        assert_eq!(known(&mistyped), ("PY".to_owned(), "800265646".to_owned(), false));
        assert_eq!(known(&party("ferretería-uno", None)).0, "XX");
        let (greek, other) = (known(&party("ΑΒΓ", None)), known(&party("ΔΕΖ", None)));
        assert_ne!(greek.1, other.1);
    }
}
