//! Rules about lots and pairs: whole units, demand, `min_coverage`, `max_share`, decisions.

use std::collections::HashMap;

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::View,
};
use crate::{Outcome, instance::Ruling};

pub(super) fn check(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    awards_are_whole_sorted_and_single(outcome, found);
    demand_and_min_coverage(view, found);
    max_shares(view, found);
    decisions(view, outcome, found);
}

fn awards_are_whole_sorted_and_single(outcome: &Outcome, found: &mut Findings) {
    for award in &outcome.awards {
        let subject = [award.supplier.as_str(), award.lot.as_str()];
        found.rule("units", &subject, award.quantity > 0, || "an award of 0 units".to_owned());
        found.rule("units", &subject, award.consortium.is_none(), || {
            "won through a consortium, but the instance has none".to_owned()
        });
    }
    for neighbours in outcome.awards.windows(2) {
        let [one, next] = neighbours else { continue };
        let subject = [next.supplier.as_str(), next.lot.as_str()];
        let ascending = (&one.lot, &one.supplier) < (&next.lot, &next.supplier);
        found.rule("order", &subject, ascending, || {
            format!(
                "({}, {}) does not come after ({}, {}): awards are sorted by lot and supplier, \
                 one for each pair",
                next.lot, next.supplier, one.lot, one.supplier
            )
        });
    }
}

fn demand_and_min_coverage(view: &View<'_>, found: &mut Findings) {
    let awarded = view.sums(|taken| taken.lot.id.as_str(), |taken| taken.units.clone());
    let nothing = Exact::zero();
    for lot in &view.instance.lots {
        let units = awarded.get(lot.id.as_str()).unwrap_or(&nothing);
        let quantity = exact::whole(lot.quantity);
        found.at_most("demand", &[&lot.id], units, &quantity);
        if !lot.min_coverage.is_zero() {
            let least = lot.min_coverage.to_ratio() * quantity;
            found.rule("min_coverage", &[&lot.id], *units >= least, || {
                format!("{} < {}", exact::show(units), exact::show(&least))
            });
        }
    }
}

fn max_shares(view: &View<'_>, found: &mut Findings) {
    // Duplicate rows of one pair are refused elsewhere; here they still count together.
    let awarded = view
        .sums(|taken| (taken.award.supplier.as_str(), taken.lot.id.as_str()), |taken| taken.units.clone());
    for taken in &view.taken {
        let (supplier, lot) = (taken.award.supplier.as_str(), taken.lot.id.as_str());
        let Some(units) = awarded.get(&(supplier, lot)) else {
            continue;
        };
        let quantity = exact::whole(taken.lot.quantity);
        let of_lot = taken.lot.max_share.to_ratio() * &quantity;
        found.at_most("max_share", &[lot], units, &of_lot);
        if !view.overridden(supplier, lot) {
            let of_pair = taken.pair.max_share.to_ratio() * &quantity;
            found.at_most("max_share", &[supplier, lot], units, &of_pair);
        }
    }
}

fn decisions(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let mut awarded: HashMap<(&str, &str), u128> = HashMap::new();
    for award in &outcome.awards {
        *awarded.entry((&award.supplier, &award.lot)).or_default() += u128::from(award.quantity);
    }
    for decision in &view.instance.decisions {
        let subject = [decision.supplier.as_str(), decision.lot.as_str()];
        let units = awarded.get(&(subject[0], subject[1])).copied();
        let units = units.unwrap_or_default();
        match decision.ruling {
            Ruling::Fixed { quantity, .. } => {
                let fixed = u128::from(quantity);
                found.rule("fixed", &subject, units == fixed, || format!("{units} ≠ {fixed}"));
            }
            Ruling::Forbidden => {
                found.rule("forbidden", &subject, units == 0, || format!("{units} > 0"));
            }
        }
    }
}
