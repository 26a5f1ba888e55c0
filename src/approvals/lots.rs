//! What a lot says of its suppliers: how many units, how many of them, and how much each. Tested on what is approved,
//! never on what is pending.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    foundation::{
        ids::{MatchId, RequirementId},
        problem::Problem,
        share::Share,
    },
    matching::Match,
    requirements::{Requirement, lots::Lot},
};

/// Who has a part of a lot: a consortium is one supplier.
pub fn bidder(found: &Match) -> Uuid {
    found.consortium.unwrap_or(found.supplier.0)
}

/// What keeps matches of one lot from being approved together beside what is approved of it already. `light` is the
/// largest share of the lot that a match's supplier may have as it stands today; for a consortium, as its weakest
/// member stands.
pub fn faults(
    lot: &Lot,
    approved: &[&Match],
    chosen: &[&Match],
    light: impl Fn(&Match) -> Share,
) -> Vec<(MatchId, Problem)> {
    let all = || approved.iter().chain(chosen).copied();
    let units = |of: &dyn Fn(&Match) -> bool| {
        all().filter(|found| of(found)).map(|found| found.quantity).sum::<i64>()
    };
    let bidders: BTreeSet<Uuid> = all().map(bidder).collect();
    let problem = |code| Problem::conflict(code).with("lot", &lot.name);
    let mut of_all = Vec::new();
    let total = units(&|_| true);
    if total > lot.quantity {
        of_all.push(problem("lot-already-covered").with("units", total).with("quantity", lot.quantity));
    }
    let suppliers = i64::try_from(bidders.len()).unwrap_or(i64::MAX);
    let most = if lot.sourcing.divisible { lot.sourcing.max_suppliers } else { Some(1) };
    if let Some(most) = most.filter(|most| suppliers > *most) {
        of_all.push(problem("lot-too-many-suppliers").with("suppliers", suppliers).with("most", most));
    }
    let least_share = if lot.sourcing.divisible { lot.sourcing.min_share } else { Share::ALL };
    let least = least_share.whole_units_up(lot.quantity);
    let mut faults = Vec::new();
    for one in chosen {
        faults.extend(of_all.iter().map(|problem| (one.id, problem.clone())));
        let weakest =
            chosen.iter().filter(|other| bidder(other) == bidder(one)).map(|other| light(other)).min();
        let share = lot.max_share.min(weakest.unwrap_or(Share::ALL));
        let most = share.whole_units(lot.quantity);
        let together = units(&|other| bidder(other) == bidder(one));
        // Alone and in consortia.
        let part = together.max(units(&|other| other.supplier == one.supplier));
        if part > most {
            faults.push((one.id, problem("lot-share-exceeded").with("units", part).with("most", most)));
        }
        if together < least {
            faults
                .push((one.id, problem("lot-share-too-small").with("units", together).with("least", least)));
        }
    }
    faults
}

/// What a lead firm says of one supplier's share of what it buys in the programme (dual sourcing), in value, over all
/// that is approved from it with the chosen: the smallest share of the requirements concerned holds.
pub fn supplier_share_faults(
    requirements: &BTreeMap<RequirementId, Requirement>,
    approved: &[&Match],
    chosen: &[&Match],
) -> Vec<(MatchId, Problem)> {
    let all = || approved.iter().chain(chosen).copied();
    let shares = all().filter_map(|found| Some(requirements.get(&found.requirement)?.max_supplier_share));
    let most = shares.min().unwrap_or(Share::ALL);
    let value = |of: &dyn Fn(&Match) -> bool| {
        let worth = |found: &Match| i128::from(found.quantity) * i128::from(found.unit_price.0);
        all().filter(|found| of(found)).map(worth).sum::<i128>()
    };
    let total = value(&|_| true);
    let exceeds = |part: i128| part * 1_000_000 > total * i128::from(most.ppm());
    let mut faults = Vec::new();
    for one in chosen {
        let part = value(&|other| other.supplier == one.supplier);
        if exceeds(part) {
            let share = i64::try_from(part * 1_000_000 / total.max(1)).ok().and_then(Share::from_ppm);
            let problem = Problem::conflict("supplier-share-exceeded")
                .with("share", share.unwrap_or(Share::ALL).to_percent())
                .with("most", most.to_percent());
            faults.push((one.id, problem));
        }
    }
    faults
}
