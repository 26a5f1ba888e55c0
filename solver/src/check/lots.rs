//! Rules about lots: whole units, demand, coverage, shares, and how many serve one.
//!
//! A consortium counts once: shares and numbers of suppliers are about *bids*, what a supplier wins
//! alone or a consortium with all its members together. What a member gets in any way is bounded by
//! the lot's `max_share` as well.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::{Bid, View},
};
use crate::{Outcome, instance::Lot, outcome::Award};

pub(super) fn check(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    awards_are_whole_sorted_and_single(outcome, found);
    for lot in &view.instance.lots {
        let bids: Vec<(&str, &Bid<'_>)> = view.bids_for(&lot.id).collect();
        coverage(lot, &bids, found);
        counts(lot, bids.len(), found);
        for (bidder, bid) in bids {
            shares(view, bidder, bid, found);
        }
    }
    members(view, found);
}

fn awards_are_whole_sorted_and_single(outcome: &Outcome, found: &mut Findings) {
    for award in &outcome.awards {
        let subject = [award.supplier.as_str(), award.lot.as_str()];
        found.rule("units", &subject, award.quantity > 0, || "an award of 0 units".to_owned());
    }
    for neighbours in outcome.awards.windows(2) {
        let [one, next] = neighbours else { continue };
        let subject = [next.supplier.as_str(), next.lot.as_str()];
        found.rule("order", &subject, place(one) < place(next), || {
            format!(
                "({}, {}) does not come after ({}, {}): awards are sorted by lot and supplier, \
                 one for each pair",
                next.lot, next.supplier, one.lot, one.supplier
            )
        });
        let twice = (&one.lot, &one.supplier) == (&next.lot, &next.supplier);
        found.rule("one_way", &subject, !twice || one.consortium == next.consortium, || {
            format!("won {} and {}", way(one), way(next))
        });
    }
}

fn place(award: &Award) -> (&str, &str, Option<&str>) {
    (&award.lot, &award.supplier, award.consortium.as_deref())
}

fn way(award: &Award) -> String {
    award.consortium.as_ref().map_or_else(|| "alone".to_owned(), |id| format!("through {id}"))
}

fn coverage(lot: &Lot, bids: &[(&str, &Bid<'_>)], found: &mut Findings) {
    let units = bids.iter().fold(Exact::zero(), |sum, (_, bid)| sum + &bid.units);
    let quantity = exact::whole(lot.quantity);
    found.at_most("demand", &[&lot.id], &units, &quantity);
    if !lot.min_coverage.is_zero() {
        found.at_least("min_coverage", &[&lot.id], &units, &(lot.min_coverage.to_exact() * quantity));
    }
}

/// How many serve the lot, if anybody does.
fn counts(lot: &Lot, suppliers: usize, found: &mut Findings) {
    let (count, awarded) = (suppliers as u64, suppliers > 0);
    if lot.must_award {
        found.rule("must_award", &[&lot.id], awarded, || "nobody serves it".to_owned());
    }
    if lot.min_suppliers > 0 {
        let least = lot.min_suppliers;
        found.rule("min_suppliers", &[&lot.id], !awarded || count >= least, || format!("{count} < {least}"));
    }
    if let Some(most) = lot.max_suppliers {
        found.rule("max_suppliers", &[&lot.id], count <= most, || format!("{count} > {most}"));
    }
}

fn shares(view: &View<'_>, bidder: &str, bid: &Bid<'_>, found: &mut Findings) {
    let lot = bid.lot;
    let quantity = exact::whole(lot.quantity);
    let of_lot = |share: &crate::Decimal| share.to_exact() * &quantity;
    found.at_most("max_share", &[&lot.id], &bid.units, &of_lot(&lot.max_share));
    if !view.overridden(bidder, &lot.id) {
        found.at_most("max_share", &[bidder, &lot.id], &bid.units, &of_lot(&bid.pair.max_share));
    }
    // A bid has a unit at least, so that ⌈min_share·q⌉ needs no rounding: units are whole.
    if !lot.min_share.is_zero() {
        found.at_least("min_share", &[bidder, &lot.id], &bid.units, &of_lot(&lot.min_share));
    }
    if !lot.divisible {
        found.rule("divisible", &[&lot.id], bid.units == quantity, || {
            format!("{} of {}", exact::show(&bid.units), exact::show(&quantity))
        });
    }
}

/// What a supplier gets in several ways together keeps the lot's `max_share`; by itself each does.
fn members(view: &View<'_>, found: &mut Findings) {
    let mut received: BTreeMap<(&str, &str), (usize, Exact)> = BTreeMap::new();
    for taken in &view.taken {
        let (ways, units) = received.entry((&taken.lot.id, taken.supplier())).or_default();
        *ways += 1;
        *units += &taken.units;
    }
    for ((lot, supplier), (ways, units)) in received {
        if let Some(row) = view.lots.get(lot)
            && ways > 1
        {
            let most = row.max_share.to_exact() * exact::whole(row.quantity);
            found.at_most("max_share", &[lot, supplier], &units, &most);
        }
    }
}
