//! What closing gaps would be worth.

use std::collections::{BTreeMap, BTreeSet};

use highs::Sense;

use super::{
    Explain, Solved,
    again::{Again, Ended, change},
};
use crate::{
    Instance,
    model::{double, tiers::sense},
    outcome::{TierChange, Worth},
    publish::amount::rounded,
    solve::SolveError,
};

/// Every gap that keeps pairs from being awarded, with its estimate, in id order.
pub(super) fn estimates(solved: &Solved<'_>, explain: &Explain) -> Vec<Worth> {
    let network = solved.network;
    let closed = closed(solved);
    (0..network.gaps.len())
        .filter(|gap| concerns(solved, explain, *gap))
        .map(|gap| {
            let of = network.gaps[gap];
            let opened = opened(solved, gap, &closed);
            let lots: BTreeSet<usize> = opened.iter().map(|bid| network.bids[*bid].lot).collect();
            Worth {
                gap: of.id.clone(),
                supplier: of.supplier.clone(),
                cost: of.cost.map(|cost| rounded(&cost.to_exact(), solved.places)),
                lots: lots.into_iter().map(|lot| network.lots[lot].id.clone()).collect(),
                estimate: estimate(solved, &opened),
                tiers: Vec::new(),
            }
        })
        .collect()
}

/// Whether a gap is the supplier's own, or stands in the way of one of its bids.
fn concerns(solved: &Solved<'_>, explain: &Explain, gap: usize) -> bool {
    explain.covers(&solved.network.gaps[gap].supplier)
        || (0..solved.network.bids.len()).any(|bid| {
            let blocked = solved.network.bids[bid].gaps.contains(&gap);
            blocked && explain.covers(solved.network.bid_names(bid)[0])
        })
}

/// The gaps that awarded bids need.
fn closed(solved: &Solved<'_>) -> BTreeSet<usize> {
    let awarded = solved.network.bids.iter().filter(|bid| bid.offers.iter().any(|i| solved.units[*i] > 0));
    awarded.flat_map(|bid| bid.gaps.iter().copied()).collect()
}

/// The bids that a gap alone, or it and closed ones, keeps from their lot. One that takes longer to close
/// than the lot can wait opens nothing.
fn opened(solved: &Solved<'_>, gap: usize, closed: &BTreeSet<usize>) -> Vec<usize> {
    let network = solved.network;
    (0..network.bids.len())
        .filter(|bid| {
            let bid = &network.bids[*bid];
            let others = bid.gaps.iter().filter(|other| **other != gap);
            let in_time = |gap: &usize| {
                network.lots[bid.lot].starts_in.is_none_or(|starts_in| network.gaps[*gap].months <= starts_in)
            };
            bid.gaps.contains(&gap)
                && bid.gaps.iter().all(in_time)
                && others.clone().all(|gap| closed.contains(gap))
        })
        .collect()
}

/// What the bids would gain at current prices, each lot no more than once.
fn estimate(solved: &Solved<'_>, opened: &[usize]) -> Option<f64> {
    let duals = solved.relaxed.duals.as_ref()?;
    // A tier that wants less gains by what falls.
    let sign = match sense(solved.relaxed.reached.first()?.tier) {
        Sense::Maximise => 1.,
        Sense::Minimise => -1.,
    };
    let gain = opened.iter().map(|bid| {
        let bid = &solved.network.bids[*bid];
        let best = bid.offers.iter().map(|offer| sign * duals.of_offer(*offer)).fold(0., f64::max);
        best * double(&bid.max_share)
    });
    let gain: f64 = gain.sum();
    Some(if gain == 0. { 0. } else { sign * gain })
}

/// Solves again with each gap closed free of charge, the most promising first; whether time sufficed.
pub(super) fn facts(worth: &mut [Worth], again: &mut Again<'_, '_>) -> Result<bool, SolveError> {
    let mut order: Vec<usize> = (0..worth.len()).filter(|i| !worth[*i].lots.is_empty()).collect();
    order.sort_by(|a, b| {
        let of = |i: &usize| worth[*i].estimate.unwrap_or(0.).abs();
        of(b).total_cmp(&of(a)).then(a.cmp(b))
    });
    for i in order {
        let gap = worth[i].gap.clone();
        let values = match again.with(|instance| close(instance, &gap))? {
            Ended::Values(values) => values,
            // Nothing is lost by closing a gap: only the engine's tolerance says otherwise.
            Ended::Infeasible => continue,
            Ended::Unfinished => return Ok(false),
        };
        worth[i].tiers = again
            .names
            .iter()
            .zip(values.iter().zip(&again.before))
            .map(|(name, (value, before))| TierChange {
                name: name.clone(),
                change: change(*before, *value, 1.),
            })
            .collect();
    }
    Ok(true)
}

/// Takes the gap away from the pairs for which it closes in time.
fn close(instance: &mut Instance, id: &str) {
    let months = instance.gaps.iter().find(|gap| gap.id == id).map(|gap| gap.months);
    let lots: BTreeMap<&str, _> = instance.lots.iter().map(|lot| (lot.id.as_str(), lot.starts_in)).collect();
    for pair in &mut instance.pairs {
        let starts_in = lots.get(pair.lot.as_str()).copied().flatten();
        let in_time = starts_in.is_none_or(|starts_in| months.is_some_and(|months| months <= starts_in));
        if in_time {
            pair.blocked_by.retain(|gap| gap != id);
        }
    }
}
