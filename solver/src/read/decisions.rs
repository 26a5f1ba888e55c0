//! What people have decided: from rows to rulings.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use super::{
    codes,
    commitments::Commitments,
    problems::{Place, Problems},
    row::Quoted,
    tables::{Rule, Table, Tables, Verb},
};
use crate::{
    Decimal,
    instance::{Decision, Lot, Pair, Ruling},
};

/// Settles every decision with its lot and pair. Sorts the table.
pub(super) fn rulings(
    tables: &mut Tables,
    budget: Option<Decimal>,
    problems: &mut Problems,
) -> Vec<Decision> {
    tables.decisions.sort();
    check_e1302_once(&tables.decisions, problems);
    let mut decisions = Vec::new();
    let mut fixed: HashMap<&str, u64> = HashMap::new();
    let mut commitments = Commitments::new(tables, budget);
    for (row, rule) in &tables.decisions.rows {
        let place = tables.decisions.place(*row, "");
        if !check_e1301_pair(rule, tables, place, problems) {
            continue;
        }
        let lot = tables.lots.find((&rule.lot, ""));
        let ruling = match rule.verb {
            Verb::Forbidden => check_e1304_forbidden(rule, place, problems),
            Verb::Fixed => units(rule, lot, place, problems).map(|quantity| {
                if let Some(lot) = lot {
                    let so_far = fixed.entry(&lot.id).or_insert(0);
                    check_e1306_quantity(so_far, quantity, lot, place, problems);
                    check_e1308_lot_share(quantity, lot, place, problems);
                    let offer = tables.pairs.find((&rule.supplier, &rule.lot));
                    let pair = offer.map(|o| &o.pair);
                    check_e1307_pair_share(quantity, rule, lot, pair, place, problems);
                    if let Some(pair) = pair {
                        commitments.check(quantity, lot, pair, place, problems);
                    }
                }
                Ruling::Fixed { quantity, override_max_share: rule.overrides }
            }),
        };
        decisions.extend(ruling.map(|ruling| Decision {
            supplier: rule.supplier.clone(),
            lot: rule.lot.clone(),
            ruling,
        }));
    }
    decisions
}

/// E1301: the decision's pair exists. A supplier may be forbidden where only its consortium has a pair.
fn check_e1301_pair(rule: &Rule, tables: &Tables, place: Place<'_>, problems: &mut Problems) -> bool {
    let exists = tables.pairs.may_hold((&rule.supplier, &rule.lot))
        || rule.verb == Verb::Forbidden && offers_together(&rule.supplier, &rule.lot, tables);
    if !exists {
        let cause = format_args!("there is no pair of {} and {}", Quoted(&rule.supplier), Quoted(&rule.lot));
        problems.report(codes::E1301, place, cause);
    }
    exists
}

fn offers_together(supplier: &str, lot: &str, tables: &Tables) -> bool {
    let of = |members: &[String]| members.iter().any(|member| member == supplier);
    tables.consortia.rows.iter().any(|(_, c)| of(&c.members) && tables.pairs.may_hold((&c.id, lot)))
}

/// E1302: a pair is decided once.
fn check_e1302_once(decisions: &Table<Rule>, problems: &mut Problems) {
    for rows in decisions.rows.windows(2) {
        let [(first, a), (second, b)] = rows else {
            continue;
        };
        if (&a.supplier, &a.lot) == (&b.supplier, &b.lot) {
            let cause = if a.verb == b.verb {
                format_args!("row {first} decides the same pair")
            } else {
                format_args!("row {first} decides the opposite for the same pair")
            };
            problems.report(codes::E1302, decisions.place(*second, ""), cause);
        }
    }
}

/// E1304: a forbidden pair has nothing else to say.
fn check_e1304_forbidden(rule: &Rule, place: Place<'_>, problems: &mut Problems) -> Option<Ruling> {
    if rule.quantity.is_none() && rule.share.is_none() && !rule.overrides {
        return Some(Ruling::Forbidden);
    }
    let cause = format_args!("the pair is forbidden, so nothing can be fixed");
    problems.report(codes::E1304, place, cause);
    None
}

/// The units of a fixed award.
fn units(rule: &Rule, lot: Option<&Lot>, place: Place<'_>, problems: &mut Problems) -> Option<u64> {
    match (rule.quantity, rule.share) {
        (Some(quantity), None) => Some(quantity),
        (None, Some(share)) => check_e1305_share(share, lot?, place, problems),
        (quantity, _) => {
            check_e1303_either(quantity.is_some(), place, problems);
            None
        }
    }
}

/// E1303: a fixed award has a quantity or a share. Called where it has none or both.
fn check_e1303_either(both: bool, place: Place<'_>, problems: &mut Problems) {
    let cause = if both {
        format_args!("both quantity and share are given")
    } else {
        format_args!("neither quantity nor share is given")
    };
    problems.report(codes::E1303, place, cause);
}

/// E1305: a fixed share is a whole number of units, to 1e-9, and at least one.
fn check_e1305_share(share: Decimal, lot: &Lot, place: Place<'_>, problems: &mut Problems) -> Option<u64> {
    let exact = share.to_ratio() * BigRational::from(BigInt::from(lot.quantity));
    let whole = exact.round();
    let off = (&exact - &whole).abs();
    let quantity = whole.to_integer().to_u64().filter(|q| *q > 0);
    if quantity.is_some() && off <= Decimal::new(1, 9).to_ratio() {
        return quantity;
    }
    let cause = format_args!("{share} of {} units is no whole number from 1", lot.quantity);
    let place = Place::new(place.file, place.row, "share");
    problems.report(codes::E1305, place, cause);
    None
}

/// E1306: the fixed awards of a lot fit into it. `so_far` counts them up.
fn check_e1306_quantity(
    so_far: &mut u64,
    quantity: u64,
    lot: &Lot,
    place: Place<'_>,
    problems: &mut Problems,
) {
    *so_far = so_far.saturating_add(quantity);
    if *so_far > lot.quantity {
        let cause =
            format_args!("{so_far} units of {} are fixed, the lot has {}", Quoted(&lot.id), lot.quantity);
        problems.report(codes::E1306, place, cause);
    }
}

/// E1307: a fixed award keeps the pair's `max_share`, unless it overrides it.
fn check_e1307_pair_share(
    quantity: u64,
    rule: &Rule,
    lot: &Lot,
    pair: Option<&Pair>,
    place: Place<'_>,
    problems: &mut Problems,
) {
    let Some(pair) = pair.filter(|_| !rule.overrides) else {
        return;
    };
    if exceeds(quantity, pair.max_share, lot) {
        let cause = format_args!("{quantity} of {} units are more than {}", lot.quantity, pair.max_share);
        problems.report(codes::E1307, place, cause);
    }
}

/// E1308: a fixed award keeps the lot's `max_share`.
fn check_e1308_lot_share(quantity: u64, lot: &Lot, place: Place<'_>, problems: &mut Problems) {
    if exceeds(quantity, lot.max_share, lot) {
        let cause = format_args!("{quantity} of {} units are more than {}", lot.quantity, lot.max_share);
        problems.report(codes::E1308, place, cause);
    }
}

fn exceeds(quantity: u64, share: Decimal, lot: &Lot) -> bool {
    let most = share.to_ratio() * BigRational::from(BigInt::from(lot.quantity));
    BigRational::from(BigInt::from(quantity)) > most
}
