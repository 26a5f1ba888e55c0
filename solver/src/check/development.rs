//! Gaps: what awards need closed, whether that can be done in time and paid, and how it is reported.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::View,
};
use crate::{Outcome, outcome::Development};

/// Σ cost of the gaps that the awards need closed.
pub(super) fn cost(view: &View<'_>) -> Exact {
    let costs = view.needed.keys().filter_map(|gap| view.gaps.get(gap));
    costs.fold(Exact::zero(), |sum, gap| sum + gap.cost.unwrap_or_default().to_exact())
}

pub(super) fn check(view: &View<'_>, outcome: &Outcome, minor: usize, found: &mut Findings) {
    blocked(view, found);
    if let Some(budget) = view.instance.development_budget {
        found.at_most("development_budget", &[], &cost(view), &budget.to_exact());
    }
    reported(view, outcome, minor, found);
}

/// Without a budget every gap stays open; with one, those can close of which somebody has said what it costs, and that
/// close before the lot starts.
fn blocked(view: &View<'_>, found: &mut Findings) {
    for (&(lot, bidder), bid) in &view.bids {
        for gap in &bid.pair.blocked_by {
            let row = view.gaps.get(gap.as_str());
            let is_costed = row.is_some_and(|gap| gap.cost.is_some());
            let closes = view.instance.development_budget.is_some()
                && is_costed
                && row.is_some_and(|gap| bid.lot.starts_in.is_none_or(|months| gap.months <= months));
            found.rule("blocked", &[bidder, lot], closes, || {
                let why = if view.instance.development_budget.is_none() {
                    "nothing is spent on closing gaps"
                } else if !is_costed {
                    "nobody has said what closing it costs"
                } else {
                    "it does not close before the lot starts"
                };
                format!("the gap {gap} is in the way: {why}")
            });
        }
    }
}

fn reported(view: &View<'_>, outcome: &Outcome, minor: usize, found: &mut Findings) {
    let stated: Vec<&str> = outcome.development.iter().map(|row| &*row.gap).collect();
    let expected: Vec<&str> = view.needed.keys().copied().collect();
    found.fact(&["development"], stated == expected, || format!("{stated:?}"), || format!("{expected:?}"));
    let rows: BTreeMap<&str, &Development> =
        outcome.development.iter().map(|row| (row.gap.as_str(), row)).collect();
    for (gap, lots) in &view.needed {
        let (Some(row), Some(of)) = (rows.get(gap), view.gaps.get(gap)) else {
            continue;
        };
        found.text(&["supplier", gap], &row.supplier, &of.supplier);
        let cost = of.cost.unwrap_or_default().to_exact();
        found.number(&["cost", gap], &row.cost, &exact::round_half_up(&cost, minor));
        let opens: Vec<&str> = row.opens.iter().map(String::as_str).collect();
        let lots: Vec<&str> = lots.iter().copied().collect();
        found.fact(&["opens", gap], opens == lots, || format!("{opens:?}"), || format!("{lots:?}"));
    }
}
