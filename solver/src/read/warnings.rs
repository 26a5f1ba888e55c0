//! What is legal but odd.

use std::collections::{HashMap, HashSet};

use super::{
    checks::shortfall,
    codes,
    problems::Problems,
    row::Quoted,
    tables::{Offer, Table},
};
use crate::{
    Decimal,
    instance::{Cap, Decision, Lot, Ruling, Supplier},
};

/// W2001: somebody may serve every lot.
pub(super) fn check_w2001_served(
    lots: &Table<Lot>,
    pairs: &Table<Offer>,
    decisions: &[Decision],
    problems: &mut Problems,
) {
    let forbidden: HashSet<(&str, &str)> =
        decisions.iter().filter(|d| d.ruling == Ruling::Forbidden).map(|d| (&*d.supplier, &*d.lot)).collect();
    let served: HashSet<&str> = pairs
        .rows
        .iter()
        .map(|(_, offer)| &offer.pair)
        .filter(|p| !p.max_share.is_zero() && !forbidden.contains(&(&*p.supplier, &*p.lot)))
        .map(|pair| &*pair.lot)
        .collect();
    for (row, lot) in &lots.rows {
        if lot.max_share.is_zero() || !served.contains(&*lot.id) {
            let cause = format_args!("nobody can serve {}", Quoted(&lot.id));
            problems.report(codes::W2001, lots.place(*row, ""), cause);
        }
    }
}

/// W2002: a supplier's annual sales contain its sales to every group. Where not, the sum takes
/// their place: the parts are known better than the whole.
pub(super) fn check_w2002_sales(
    suppliers: &mut Table<Supplier>,
    sums: &HashMap<String, Decimal>,
    problems: &mut Problems,
) {
    let file = suppliers.file;
    for (row, supplier) in &mut suppliers.rows {
        let Some(sum) = shortfall(supplier, sums) else {
            continue;
        };
        let annual = supplier.annual_sales.replace(sum).unwrap_or_default();
        let cause = format_args!("{} sells {sum} to buyer groups, but {annual} in all", Quoted(&supplier.id));
        let place = super::problems::Place::new(file, *row, "annual_sales");
        problems.report(codes::W2002, place, cause);
    }
}

/// W2003: prices are near their reference prices.
pub(super) fn check_w2003_prices(
    pairs: &Table<Offer>,
    references: &HashMap<&str, Decimal>,
    problems: &mut Problems,
) {
    for (row, offer) in pairs.rows.iter().filter(|(_, offer)| offer.priced) {
        let price = offer.pair.unit_price;
        let Some(reference) = references.get(&*offer.pair.lot).copied() else {
            continue;
        };
        let far = |low: Decimal, high: Decimal| low < high && low.tenfold() <= high;
        if far(price, reference) || far(reference, price) {
            let cause = format_args!("the price is {price}, the lot's reference price {reference}");
            problems.report(codes::W2003, pairs.place(*row, "unit_price"), cause);
        }
    }
}

/// W2004: who has a cap of its own has disclosed its sales.
pub(super) fn check_w2004_undisclosed(
    suppliers: &Table<Supplier>,
    caps: &Table<Cap>,
    problems: &mut Problems,
) {
    const COLUMN: &str = "dependency_cap";
    for (row, supplier) in &suppliers.rows {
        if supplier.annual_sales.is_none() && supplier.dependency_cap.is_some() {
            let cause = format_args!("the sales of {} are undisclosed", Quoted(&supplier.id));
            problems.report(codes::W2004, suppliers.place(*row, COLUMN), cause);
        }
    }
    for (row, cap) in &caps.rows {
        let supplier = suppliers.find((&cap.supplier, ""));
        if supplier.is_some_and(|s| s.annual_sales.is_none()) {
            let cause = format_args!("the sales of {} are undisclosed", Quoted(&cap.supplier));
            problems.report(codes::W2004, caps.place(*row, COLUMN), cause);
        }
    }
}
