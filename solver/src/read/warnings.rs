//! What is legal but odd.

use std::collections::{HashMap, HashSet};

use super::{
    checks::shortfall,
    codes,
    gaps::closed,
    lots::{least_award, most_units},
    problems::Problems,
    row::Quoted,
    tables::{Offer, Table, Tables},
};
use crate::{
    Decimal,
    instance::{Cap, Consortium, Decision, Ruling, Supplier},
};

/// W2001: enough suppliers may serve every lot. A pair counts unless it is forbidden, comes to less
/// than a unit, or waits for a gap that cannot be closed.
pub(super) fn check_w2001_served(
    tables: &Tables,
    decisions: &[Decision],
    budget: Option<Decimal>,
    problems: &mut Problems,
) {
    let Tables { lots, pairs, .. } = tables;
    let forbidden: HashSet<(&str, &str)> =
        decisions.iter().filter(|d| d.ruling == Ruling::Forbidden).map(|d| (&*d.supplier, &*d.lot)).collect();
    let mut bidders: HashMap<&str, u64> = HashMap::new();
    for (_, Offer { pair, .. }) in &pairs.rows {
        let Some(lot) = lots.find((&pair.lot, "")) else {
            continue;
        };
        let usable = !pair.max_share.is_zero()
            && !forbidden.contains(&(&*pair.supplier, &*pair.lot))
            && closed(pair, lot, tables, budget).is_none();
        *bidders.entry(&lot.id).or_default() += u64::from(usable);
    }
    for (row, lot) in &lots.rows {
        let bidders = bidders.get(&*lot.id).copied().unwrap_or(0);
        let place = lots.place(*row, "");
        if lot.max_share.is_zero() || bidders == 0 {
            problems.report(codes::W2001, place, format_args!("nobody can serve {}", Quoted(&lot.id)));
        } else if bidders < lot.min_suppliers {
            let cause = format_args!(
                "{bidders} can serve {}, which needs {} suppliers",
                Quoted(&lot.id),
                lot.min_suppliers
            );
            problems.report(codes::W2001, place, cause);
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

/// W2007: consortia have several members.
pub(super) fn check_w2007_members(consortia: &Table<Consortium>, problems: &mut Problems) {
    for (row, consortium) in consortia.rows.iter().filter(|(_, c)| c.members.len() == 1) {
        let cause =
            format_args!("the only member of {} is {}", Quoted(&consortium.id), consortium.members[0]);
        problems.report(codes::W2007, consortia.place(*row, "members"), cause);
    }
}

/// W2008: a pair's largest share comes to the least award of its lot, unless an override lifts it.
pub(super) fn check_w2008_awardable(tables: &Tables, decisions: &[Decision], problems: &mut Problems) {
    let Tables { lots, pairs, .. } = tables;
    let decided: HashSet<(&str, &str)> = decisions.iter().map(|d| (&*d.supplier, &*d.lot)).collect();
    for (row, Offer { pair, .. }) in &pairs.rows {
        let Some(lot) = lots.find((&pair.lot, "")).filter(|_| pair.max_share < Decimal::ONE) else {
            continue;
        };
        let (most, least) = (most_units(pair.max_share, lot.quantity), least_award(lot));
        if most < least && !pair.max_share.is_zero() && !decided.contains(&(&*pair.supplier, &*pair.lot)) {
            let cause = format_args!("at most {most} units, but an award has at least {least}");
            problems.report(codes::W2008, pairs.place(*row, "max_share"), cause);
        }
    }
}
