//! Lots, prices, pairs, existing sales, and the instance made of them.

use time::{Date, macros::date};

use super::*;
use crate::exchange::ocds::{
    Contract, InstanceTables, Offer, Options, PriceSource, existing_sales, offer, to_instance,
};

/// Price and source of a lot.
fn price(offer: &Offer, lot: &str) -> Option<(String, PriceSource)> {
    let lot = offer.lots.iter().find(|l| l.id == lot).unwrap();
    lot.reference_price.map(|(price, source)| (price.to_string(), source))
}

fn own_price(offer: &Offer, supplier: &str, lot: &str) -> Option<String> {
    let mut pairs = offer.pairs.iter();
    let pair = pairs.find(|p| p.supplier == supplier && p.lot == lot)?;
    Some(pair.unit_price.map_or("reference".to_owned(), |p| p.to_string()))
}

#[test]
fn contract_prices_go_before_tender_prices_and_families_make_the_pairs() {
    let offer = offer(&procurement(CLEAN));
    assert_eq!(price(&offer, "gloves"), Some(("400".to_owned(), PriceSource::Contracts)));
    assert_eq!(price(&offer, "aprons"), Some(("9000".to_owned(), PriceSource::Tender)));
    // Gloves and aprons are of one family, 4213; syringes are of another.
    assert_eq!(offer.pairs.len(), 3);
    assert_eq!(own_price(&offer, "80000002-2", "gloves").as_deref(), Some("400"));
    assert_eq!(own_price(&offer, "80000002-2", "aprons").as_deref(), Some("reference"));
    assert_eq!(own_price(&offer, "80000003-3", "syringes").as_deref(), Some("300"));
    assert_eq!(told(&offer.warnings), [""; 0]);
}

/// A release in which two suppliers have contracted code 11223344-1 at three prices.
fn mixed(items: &str) -> Procurement {
    procurement(&format!(
        r#"{{"ocid": "a", "buyer": {{"name": "B"}}, "tender": {{"items": [{items}],
             "lots": [{{"id": "sole", "value": {{"amount": 100, "currency": "PYG"}}}}]}},
           "contracts": [
             {{"id": "c", "suppliers": [{{"name": "One"}}], "value": {{"amount": 70, "currency": "PYG"}},
               "dateSigned": "2024-01-01", "items": [
               {{"id": "x", "classification": {{"scheme": "UNSPSC", "id": "11223344-1"}},
                 "quantity": 1, "unit": {{"name": "kg", "value": {{"amount": 10, "currency": "PYG"}}}}}},
               {{"id": "y", "classification": {{"scheme": "UNSPSC", "id": "11223344-1"}},
                 "quantity": 3, "unit": {{"name": "KG", "value": {{"amount": 20, "currency": "PYG"}}}}}}]}},
             {{"id": "d", "suppliers": [{{"name": "Two"}}], "value": {{"amount": 90, "currency": "PYG"}},
               "dateSigned": "2024-01-01", "items": [
               {{"id": "z", "classification": {{"scheme": "UNSPSC", "id": "11223344-1"}},
                 "quantity": 3, "unit": {{"value": {{"amount": 30, "currency": "PYG"}}}}}},
               {{"id": "v", "classification": {{"scheme": "UNSPSC", "id": "11223344-1"}},
                 "quantity": 9, "unit": {{"name": "box", "value": {{"amount": 900, "currency": "PYG"}}}}}},
               {{"id": "u", "classification": {{"scheme": "UNSPSC", "id": "11223344-1"}},
                 "quantity": 9, "unit": {{"name": "kg", "value": {{"amount": 900, "currency": "USD"}}}}}}]}}
           ]}}"#
    ))
}

#[test]
fn a_reference_price_is_the_quantity_weighted_mean_of_the_code_in_the_unit() {
    let offer = offer(&mixed(
        r#"{"id": "i", "classification": {"scheme": "UNSPSC", "id": "11223344-1"}, "quantity": 7,
            "unit": {"name": "kg"}}"#,
    ));
    // (1·10 + 3·20 + 3·30) / 7 = 160 / 7; the price per box and the one in dollars stay out.
    assert_eq!(price(&offer, "i"), Some(("22.857143".to_owned(), PriceSource::Contracts)));
    // (1·10 + 3·20) / 4
    assert_eq!(own_price(&offer, "one", "i").as_deref(), Some("17.5"));
    assert_eq!(own_price(&offer, "two", "i").as_deref(), Some("30"));
    for code in [Code::UnitDiffers, Code::PricesAveraged, Code::CurrencyMixed] {
        assert_eq!(places(&offer.warnings, code).len(), 1, "{}", code.name());
    }
}

#[test]
fn without_a_price_of_the_code_the_family_does_not_lend_one() {
    let offer = offer(&mixed(
        r#"{"id": "cousin", "classification": {"scheme": "UNSPSC", "id": "11229999-1"}, "quantity": 1},
           {"id": "alone", "classification": {"scheme": "UNSPSC", "id": "11228888-1"}, "quantity": 8,
            "relatedLot": "sole"},
           {"id": "codeless", "quantity": 5}"#,
    ));
    assert_eq!(price(&offer, "cousin"), None);
    assert_eq!(price(&offer, "alone"), Some(("12.5".to_owned(), PriceSource::LotValue)));
    assert_eq!(places(&offer.warnings, Code::PriceMissing).len(), 1);
    assert_eq!(places(&offer.warnings, Code::CodeMissing), ["/tender/items/2"]);
    // Both suppliers have delivered the family of the first two lots.
    assert_eq!(offer.pairs.len(), 4);
}

#[test]
fn a_quantity_becomes_whole_units() {
    let offer = offer(&mixed(
        r#"{"id": "missing"}, {"id": "zero", "quantity": 0}, {"id": "part", "quantity": 2.1},
           {"id": "whole", "quantity": 2.0}, {"id": "much", "quantity": 1e15},
           {"id": "negative", "quantity": -3}, {"id": "text", "quantity": "12"}"#,
    ));
    let quantities: Vec<_> = offer.lots.iter().map(|l| (l.id.as_str(), l.quantity)).collect();
    assert_eq!(
        quantities,
        [
            ("missing", 1),
            ("part", 3),
            ("whole", 2),
            ("much", 1_000_000_000_000_000),
            ("negative", 1),
            ("text", 12)
        ]
    );
    assert_eq!(places(&offer.warnings, Code::QuantityZero), ["/tender/items/1"]);
    assert_eq!(places(&offer.warnings, Code::QuantityFractional), ["/tender/items/2"]);
}

#[test]
fn the_digits_of_two_catalogues_do_not_meet() {
    let offer =
        offer(&mixed(r#"{"id": "i", "classification": {"scheme": "CPV", "id": "11223344"}, "quantity": 1}"#));
    assert_eq!(offer.lots[0].process.as_deref(), Some("CPV-1122"));
    assert_eq!(offer.pairs.len(), 0);
    assert_eq!(places(&offer.warnings, Code::FamilyNotUnspsc).len(), 1);
}

/// The annual sales of the first supplier of `CLEAN` after a change to its contract.
fn sales_after(change: impl Fn(&mut Contract), as_of: Option<Date>) -> Option<i64> {
    let mut procurement = procurement(CLEAN);
    change(&mut procurement.contracts[0]);
    let existing = existing_sales(&procurement, as_of);
    let sales = existing.sales.iter();
    sales.filter(|sale| sale.supplier == "80000002-2").map(|sale| sale.annual.minor).next()
}

#[test]
fn a_date_decides_which_contracts_are_existing_sales() {
    let unchanged = |_: &mut Contract| {};
    let latest = existing_sales(&procurement(CLEAN), None);
    assert_eq!(latest.as_of, Some(date!(2024 - 03 - 01)), "the latest signature");
    assert_eq!(latest.sales.len(), 2);
    for (day, expected) in [
        (date!(2024 - 01 - 31), None),
        (date!(2024 - 02 - 01), Some(400_000)),
        (date!(2025 - 01 - 31), Some(400_000)),
        // Signed a year ago, and running until today.
        (date!(2025 - 02 - 01), Some(400_000)),
        (date!(2025 - 02 - 02), None),
    ] {
        assert_eq!(sales_after(unchanged, Some(day)), expected, "{day}");
    }
    let none = existing_sales(&procurement(CLEAN), Some(date!(2023 - 12 - 31)));
    assert!(none.sales.is_empty());
    assert_eq!(places(&none.warnings, Code::ContractLater), ["/contracts/0"]);
    let over = existing_sales(&procurement(CLEAN), Some(date!(2026 - 01 - 01)));
    assert_eq!(over.warnings[0].code, Code::ContractOver);
    assert_eq!(over.warnings[0].times, 2);
}

#[test]
fn a_short_contract_counts_for_a_year_and_a_long_one_by_the_year() {
    let month = |c: &mut Contract| c.ends = Some(date!(2024 - 02 - 29));
    assert_eq!(sales_after(month, Some(date!(2024 - 12 - 31))), Some(400_000));
    let four_years = |c: &mut Contract| c.ends = Some(date!(2028 - 02 - 01));
    // 1461 days are 4.0002 years of 365.2425 days.
    assert_eq!(sales_after(four_years, Some(date!(2027 - 01 - 01))), Some(99_998));
    let dateless = |c: &mut Contract| (c.signed, c.starts, c.ends) = (None, None, None);
    assert_eq!(sales_after(dateless, Some(date!(2040 - 01 - 01))), Some(400_000));
    let leap = |c: &mut Contract| {
        (c.signed, c.starts, c.ends) = (Some(date!(2024 - 02 - 29)), None, None);
    };
    assert_eq!(sales_after(leap, Some(date!(2025 - 02 - 27))), Some(400_000));
    assert_eq!(sales_after(leap, Some(date!(2025 - 02 - 28))), None);
}

fn rows(tables: &InstanceTables, table: &str) -> Vec<String> {
    let table = tables.table(table).unwrap();
    table.rows.iter().map(|row| row.join(" ")).collect()
}

#[test]
fn an_instance_holds_one_buyer_undisclosed_suppliers_their_sales_lots_and_pairs() {
    let tables = to_instance(&procurement(DIRTY), &Options::default()).unwrap();
    assert_eq!(rows(&tables, "buyers"), ["hospital-de-ejemplo hospital-de-ejemplo"]);
    assert_eq!(rows(&tables, "suppliers"), ["80000002-2 ", "80000003-3 "]);
    assert_eq!(
        rows(&tables, "sales"),
        ["80000002-2 hospital-de-ejemplo 139980992", "80000003-3 hospital-de-ejemplo 625"]
    );
    assert_eq!(
        rows(&tables, "lots"),
        ["gloves hospital-de-ejemplo 4213 1000 139981", "syringes hospital-de-ejemplo 4214 13 50"]
    );
    assert_eq!(rows(&tables, "pairs"), ["80000002-2 gloves 139981", "80000003-3 syringes 50"]);
    let files = tables.files();
    assert_eq!(
        files[0],
        (
            "instance.toml".to_owned(),
            "format = \"eslabon-instance/1\"\ncurrency = \"PYG\"\ndependency_cap = 0.3\n\
             dependency_allowance = 0\n"
                .to_owned()
        )
    );
    assert!(files[4].1.starts_with("id,buyer,process,quantity,reference_price\ngloves,"));
}

#[test]
fn amounts_in_an_instance_have_the_decimals_of_their_currency() {
    let document = CLEAN.replace("\"PYG\"", "\"USD\"");
    let tables = to_instance(&procurement(&document), &Options::default()).unwrap();
    assert_eq!(rows(&tables, "sales")[0], "80000002-2 80000001-1 400000.00");
}

#[test]
fn a_procurement_without_a_priced_lot_makes_no_instance() {
    let document = r#"{"ocid": "a", "tender": {"items": [{"id": "i"}]}}"#;
    let refused = to_instance(&procurement(document), &Options::default()).unwrap_err();
    assert_eq!(refused.code, "no-lots");
}

#[test]
fn a_cell_with_commas_and_quotes_survives_csv() {
    let document = CLEAN.replace("\"gloves\"", r#""a, \"b\"""#);
    let tables = to_instance(&procurement(&document), &Options::default()).unwrap();
    let lots = tables.table("lots").unwrap().csv();
    assert_eq!(lots.lines().nth(1).unwrap(), "\"a, \"\"b\"\"\",80000001-1,4213,1000,400");
}
