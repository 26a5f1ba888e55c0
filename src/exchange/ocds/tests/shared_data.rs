//! Real documents, where they are at hand: beside the repository, never in it.

use std::{collections::BTreeSet, path::PathBuf};

use super::*;
use crate::exchange::ocds::{
    Options, PriceSource, SupplierFigure, existing_sales, figures, offer, to_instance,
};

/// The folder `ocds` of the data beside the repository.
fn data() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ocds");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is absent", folder.display());
    None
}

#[test]
fn the_paraguayan_record_gives_51_lots_7_suppliers_and_their_shares() {
    let Some(folder) = data() else { return };
    let reading = read(&std::fs::read(folder.join("155220.json")).unwrap()).unwrap();
    let [record] = reading.procurements.as_slice() else { panic!("one procurement") };
    assert_eq!((record.items.len(), record.contracts.len()), (51, 7));
    let rucs: BTreeSet<_> = record.suppliers.iter().filter_map(|s| s.ruc()).collect();
    assert_eq!(rucs.len(), 7);

    let figures = figures(record).unwrap();
    assert_eq!(figures.total.to_string(), "626953284 PYG");
    let shares: Vec<_> = figures.suppliers.iter().map(SupplierFigure::share_percent).collect();
    assert_eq!(shares, ["22.3", "21.1", "20.4", "19.3", "6.6", "6.4", "3.8"]);
    assert_eq!(figures.hhi_points(), "1836");

    let release = "/records/0/compiledRelease";
    for (code, place) in [
        (Code::AwardDiffers, "/awards/0/value/amount"),
        (Code::ContractDiffers, "/contracts/0/value/amount"),
        (Code::LotItemsAreIds, "/tender/lots/0/items"),
        (Code::SchemaForScheme, "/contracts/0/items/0/classification"),
        (Code::PartiesMissing, ""),
        (Code::BidsMissing, ""),
        (Code::TenderPriceMissing, "/tender/items/0"),
        (Code::ContractItemsUnmatched, "/contracts/0/items/0/id"),
    ] {
        let expected = format!("{release}{place}");
        let told = places(&reading.warnings, code);
        assert!(told.contains(&expected.as_str()), "{}: {told:?}", code.name());
    }
}

#[test]
fn the_paraguayan_record_becomes_an_instance_with_a_price_for_every_lot() {
    let Some(folder) = data() else { return };
    let reading = read(&std::fs::read(folder.join("155220.json")).unwrap()).unwrap();
    let record = &reading.procurements[0];
    let offer = offer(record);
    assert_eq!(offer.lots.len(), 51);
    let from_contracts = |price: &(_, PriceSource)| price.1 == PriceSource::Contracts;
    assert!(offer.lots.iter().all(|l| l.reference_price.as_ref().is_some_and(from_contracts)));
    // 29 units in five lines at four prices: 9,290,710 guaraníes in all.
    let mixed = offer.lots.iter().find(|lot| lot.at.ends_with("/items/43")).unwrap();
    assert_eq!(mixed.reference_price.unwrap().0.to_string(), "320369.310345");

    let tables = to_instance(record, &Options::default()).unwrap();
    let sizes: Vec<_> = tables.tables.iter().map(|t| (t.name, t.rows.len())).collect();
    assert_eq!(sizes, [("buyers", 1), ("suppliers", 7), ("sales", 7), ("lots", 51), ("pairs", 101)]);
    let sales = existing_sales(record, None);
    assert_eq!(sales.as_of.unwrap().to_string(), "2010-02-11");
    assert_eq!(sales.sales.iter().map(|s| s.annual.minor).sum::<i64>(), 626_953_284);
    let january = time::macros::date!(2010 - 01 - 28);
    assert_eq!(existing_sales(record, Some(january)).sales.len(), 2);
}

#[test]
fn the_hundred_european_releases_import_or_are_refused_with_a_reason() {
    let Some(folder) = data() else { return };
    let (mut read_, mut instances, mut with_bids) = (0, 0, 0);
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(folder.join("ted")).unwrap() {
        let path = entry.unwrap().path();
        let reading = read(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()));
        read_ += 1;
        codes.extend(reading.warnings.iter().map(|w| w.code.name()));
        for procurement in &reading.procurements {
            with_bids += usize::from(!procurement.bids.is_empty());
            match to_instance(procurement, &Options::default()) {
                Ok(_) => instances += 1,
                Err(refusal) => assert_eq!(refusal.code, "no-lots"),
            }
        }
    }
    // Prices are few in notices: the instances come from lots with an estimated value.
    assert_eq!((read_, instances, with_bids), (100, 20, 27));
    for code in [
        Code::ReferenceUnknown,
        Code::SchemeCountry,
        Code::LotAsItem,
        Code::AmountZero,
        Code::AmountSuspicious,
    ] {
        assert!(codes.contains(code.name()), "{}", code.name());
    }
}
