//! What is read from a release, and what is told about it.

use time::macros::date;

use super::*;
use crate::exchange::ocds::{Scheme, figures};

#[test]
fn a_clean_release_is_read_whole_and_without_a_word() {
    let reading = reading(CLEAN);
    assert_eq!(told(&reading.warnings), [""; 0]);
    let read = &reading.procurements[0];
    assert_eq!(read.title.as_deref(), Some("Insumos"));
    let buyer = read.buyer.as_ref().unwrap();
    assert_eq!((buyer.id.as_str(), buyer.name.as_str()), ("80000001-1", "Hospital de Ejemplo"));
    assert_eq!(read.currency.unwrap().code(), "PYG");
    let gloves = &read.items[0];
    assert_eq!(gloves.at, "/tender/items/0");
    assert_eq!(gloves.unit.as_deref(), Some("Unidad"));
    let class = gloves.classification.as_ref().unwrap();
    assert_eq!((&class.scheme, class.family().as_deref()), (&Scheme::Unspsc, Some("4213")));
    assert_eq!(read.lots[0].items, ["gloves", "aprons", "syringes"]);
    let rucs: Vec<_> = read.suppliers.iter().map(|s| s.ruc().unwrap()).collect();
    assert_eq!(rucs, ["80000002-2", "80000003-3"]);
    let contract = &read.contracts[0];
    assert_eq!(contract.supplier(), Some("80000002-2"));
    assert_eq!(contract.value.unwrap().to_string(), "400000 PYG");
    assert_eq!(contract.signed, Some(date!(2024 - 02 - 01)));
    assert_eq!(contract.ends, Some(date!(2025 - 02 - 01)));
    assert_eq!(read.bids[0].tenderers, ["80000002-2"]);
}

#[test]
fn a_dirty_record_is_read_like_the_clean_one_and_every_oddity_is_told_with_its_place() {
    let reading = reading(DIRTY);
    let read = &reading.procurements[0];
    let rucs: Vec<_> = read.suppliers.iter().filter_map(|s| s.ruc()).collect();
    assert_eq!(rucs, ["80000002-2", "80000003-3"], "one firm each, however it is written");
    assert_eq!(read.contracts[1].supplier(), Some("80000003-3"), "known by its name");
    assert_eq!(read.lots[0].items, ["gloves", "syringes"]);
    let class = read.contracts[0].items[0].classification.as_ref().unwrap();
    assert_eq!(class, read.items[0].classification.as_ref().unwrap());

    let release = "/records/0/compiledRelease";
    for (code, place) in [
        (Code::PartiesMissing, ""),
        (Code::BuyerDiffers, "/tender/procuringEntity"),
        (Code::IdentifierMissing, "/buyer"),
        (Code::LotItemsAreIds, "/tender/lots/0/items"),
        (Code::ReferenceUnknown, "/tender/lots/0"),
        (Code::ClassificationText, "/tender/items/0/classification"),
        (Code::TenderPriceMissing, "/tender/items/0"),
        (Code::SchemeText, "/awards/0/suppliers/0/identifier"),
        (Code::NotAList, "/contracts/0/suppliers"),
        (Code::SchemaForScheme, "/contracts/0/items/0/classification"),
        (Code::ContractItemsUnmatched, "/contracts/0/items/0/id"),
        (Code::SignedBeforeAward, "/contracts/0"),
        (Code::AwardDiffers, "/awards/0/value/amount"),
        (Code::ContractDiffers, "/contracts/0/value/amount"),
        (Code::BidsMissing, ""),
    ] {
        let expected = format!("{release}{place}");
        let told = places(&reading.warnings, code);
        assert!(told.contains(&expected.as_str()), "{}: {told:?}", code.name());
    }
    let differs = reading.warnings.iter().find(|warning| warning.code == Code::ContractDiffers).unwrap();
    assert!(differs.detail.contains("139980992 PYG, as if it had passed through a 32-bit float"));
}

/// A release with one contract and whatever stands in its place.
fn with_contract(contract: &str) -> Reading {
    reading(&format!(
        r#"{{"ocid": "a", "tender": {{"items": [{{"id": "i"}}], "value": {{"currency": "USD"}}}},
            "awards": [{{"id": "w", "date": "2024-01-01", "suppliers": [{{"name": "One"}}],
                "value": {{"amount": 7, "currency": "USD"}}, "items": [{{"id": "awarded"}}]}}],
            "contracts": [{contract}]}}"#
    ))
}

#[test]
fn money_is_exact_and_keeps_to_the_minor_unit_of_its_currency() {
    for (value, expected) in [
        (r#"{"amount": 99999999999999.99, "currency": "USD"}"#, Some("99999999999999.99 USD")),
        (r#"{"amount": "1234.50", "currency": "usd"}"#, Some("1234.50 USD")),
        (r#"{"amount": 0.1, "currency": "USD"}"#, Some("0.10 USD")),
        (r#"{"amount": 1.005, "currency": "USD"}"#, Some("1.01 USD")),
        (r#"{"amount": 12.5, "currency": "PYG"}"#, Some("13 PYG")),
        (r#"{"amount": 1.2345, "currency": "KWD"}"#, Some("1.235 KWD")),
        (r#"{"amount": 12}"#, Some("12.00 USD")),
        ("12", Some("12.00 USD")),
        (r#"{"amount": 1e3, "currency": "USD"}"#, Some("1000.00 USD")),
        (r#"{"amount": 1e400, "currency": "USD"}"#, None),
        (r#"{"amount": -5, "currency": "USD"}"#, None),
        (r#"{"amount": "1,234.50", "currency": "USD"}"#, None),
        (r#"{"amount": 5, "currency": "guaraníes"}"#, None),
        (r#"{"amount": {"amount": 5}, "currency": "USD"}"#, None),
        (r#"{"amount": true, "currency": "USD"}"#, None),
    ] {
        // A second contract of the award, so that the award's value cannot stand in.
        let contract =
            format!(r#"{{"id": "c", "awardID": "w", "value": {value}}}, {{"id": "d", "awardID": "w"}}"#);
        let reading = with_contract(&contract);
        let read = reading.procurements[0].contracts[0].value;
        let told: Vec<_> = places(&reading.warnings, Code::NumberUnreadable);
        assert_eq!(read.map(|v| v.to_string()).as_deref(), expected, "{value} {told:?}");
    }
}

#[test]
fn a_contract_takes_from_its_award_what_is_clear_and_nothing_else() {
    let reading = with_contract(r#"{"id": "c", "awardID": "w"}"#);
    let contract = &reading.procurements[0].contracts[0];
    assert_eq!(contract.supplier(), Some("one"));
    assert_eq!(contract.value.unwrap().to_string(), "7.00 USD");
    assert_eq!(contract.signed, Some(date!(2024 - 01 - 01)));
    assert_eq!(contract.items[0].id, "awarded");

    let reading = with_contract(r#"{"id": "c", "awardID": "w"}, {"id": "d", "awardID": "w"}"#);
    let read = &reading.procurements[0];
    assert_eq!(read.contracts[0].value, None, "two contracts share the award");
    assert!(figures(read).is_none());

    let reading = with_contract(r#"{"id": "c", "awardID": "gone", "value": {"amount": 3}}"#);
    assert_eq!(reading.procurements[0].contracts[0].supplier(), None);
    assert_eq!(places(&reading.warnings, Code::AwardUnknown), ["/contracts/0"]);
    assert_eq!(places(&reading.warnings, Code::SupplierUnclear), ["/contracts/0"]);
}

#[test]
fn a_contract_counts_once_and_a_cancelled_or_shared_one_not_at_all() {
    let reading = with_contract(
        r#"{"id": "c", "suppliers": [{"name": "One"}], "value": {"amount": 30, "currency": "USD"}},
           {"id": "c", "suppliers": [{"name": "One"}], "value": {"amount": 30}},
           {"id": "d", "suppliers": [{"name": "Two"}], "value": {"amount": 10}},
           {"id": "e", "suppliers": [{"name": "Two"}], "value": {"amount": 99}, "status": "cancelled"},
           {"id": "f", "suppliers": [{"name": "One"}, {"name": "Two"}], "value": {"amount": 99}},
           {"id": "g", "suppliers": [{"name": "Two"}], "value": {"amount": 99, "currency": "EUR"}}"#,
    );
    let figures = figures(&reading.procurements[0]).unwrap();
    assert_eq!(figures.total.to_string(), "40.00 USD");
    let shares: Vec<_> =
        figures.suppliers.iter().map(|s| (s.supplier.as_str(), s.contracts, s.share_percent())).collect();
    assert_eq!(shares, [("one", 1, "75.0".to_owned()), ("two", 1, "25.0".to_owned())]);
    // 75² + 25²
    assert_eq!(figures.hhi_points(), "6250");
    assert_eq!(places(&reading.warnings, Code::IdRepeated), ["/contracts/1"]);
    assert_eq!(places(&reading.warnings, Code::CurrencyMixed), ["/contracts/5/value"]);
}

#[test]
fn equal_numbers_of_two_registers_are_two_firms_and_two_spellings_are_one() {
    let reading = with_contract(
        r#"{"id": "c", "suppliers": [
             {"name": "A", "identifier": {"scheme": "XX-A", "id": "77"}},
             {"name": "B", "identifier": {"scheme": "XX-B", "id": "77"}},
             {"name": "A, S.A.", "identifier": {"scheme": "XX-A", "id": "7 7"}}]}"#,
    );
    let suppliers = &reading.procurements[0].contracts[0].suppliers;
    assert_eq!(suppliers, &["77", "XX-B-77"]);
}

#[test]
fn items_of_one_id_are_kept_apart_unless_they_are_the_same() {
    let document = r#"{"tender": {"items": [
        {"id": "a", "quantity": 1}, {"id": "a", "quantity": 1}, {"id": "a", "quantity": 2},
        {"quantity": 3}, {"id": "=1+1|2", "quantity": 4}, {"id": 7}, {"id": "a~2"}, 12,
        {"id": "lot", "relatedLot": "lot"}]}}"#;
    let reading = reading(document);
    let ids: Vec<_> = reading.procurements[0].items.iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids, ["a", "a~2", "item-4", "_=1+1_2", "7", "a~2~2"]);
    assert_eq!(places(&reading.warnings, Code::LotAsItem), ["/tender/items/8"]);
    assert_eq!(places(&reading.warnings, Code::WrongType), ["/tender/items/7"]);
}

#[test]
fn placeholders_and_dangling_references_are_told() {
    let document = r#"{"tender": {"items": [{"id": "i", "relatedLot": "gone"}],
            "lots": [{"id": "l", "value": {"amount": 9999999.99, "currency": "EUR"}},
                     {"id": "m", "value": {"amount": 0, "currency": "EUR"}}, {"id": "l"}]},
        "parties": [{"id": "p", "name": "P", "address": {"country": "NO"},
            "additionalIdentifiers": [{"scheme": "GB-COH", "id": "5"}]}],
        "awards": [{"id": "w", "relatedLots": ["MISSING", "l", "l"],
            "suppliers": [{"id": "p"}, {"id": "q"}]}]}"#;
    let reading = reading(document);
    for (code, place) in [
        (Code::AmountSuspicious, "/tender/lots/0/value"),
        (Code::AmountZero, "/tender/lots/1/value/amount"),
        (Code::IdRepeated, "/tender/lots/2"),
        (Code::ReferenceUnknown, "/awards/0/relatedLots"),
        (Code::ReferenceUnknown, "/tender/items/0"),
        (Code::SchemeCountry, "/parties/0/additionalIdentifiers/0"),
        (Code::PartyUnknown, "/awards/0/suppliers/1"),
        (Code::BuyerMissing, ""),
        (Code::OcidMissing, ""),
    ] {
        let told = places(&reading.warnings, code);
        assert!(told.contains(&place), "{}: {told:?}", code.name());
    }
}
