//! What the tiers state: the published measure exactly, and the arithmetic between it, the model's
//! value and its bound.

use num_traits::{ToPrimitive, Zero};

use super::{
    dependency, development,
    exact::{self, Exact},
    findings::Findings,
    sales::Ledger,
    view::{Taken, View},
};
use crate::{
    Outcome,
    instance::Tier,
    outcome::{Status, TierOutcome},
};

/// What the engine's doubles may be off by, relatively.
const ENGINE_TOLERANCE: f64 = 1e-6;

/// What doubles that were computed from the same numbers in another order may differ by, relatively.
const ARITHMETIC: f64 = 1e-9;

/// The spread is searched by halving an interval down to this width.
const SPREAD_WIDTH: f64 = 0.001;

/// A spread is a share, and printed with as many decimal places.
const SHARE_PLACES: usize = 9;

pub(super) fn check(
    view: &View<'_>,
    ledger: &Ledger<'_>,
    outcome: &Outcome,
    minor: usize,
    found: &mut Findings,
) {
    let names = |tiers: &[&str]| format!("{tiers:?}");
    let expected: Vec<_> = (view.instance.objectives.iter()).map(|objective| objective.tier.name()).collect();
    let stated: Vec<_> = outcome.tiers.iter().map(|tier| &*tier.name).collect();
    found.fact(&["tiers"], stated == expected, || names(&stated), || names(&expected));
    let gap = view.instance.limits.relative_gap.to_f64();
    for (place, (stated, objective)) in (outcome.tiers.iter().zip(&view.instance.objectives)).enumerate() {
        let tier = objective.tier;
        let exactly = published(view, ledger, tier);
        let places = match tier {
            Tier::Coverage | Tier::Fit | Tier::Cost => minor,
            Tier::Suppliers => 0,
            Tier::Spread => SHARE_PLACES,
        };
        let printed = exact::round_half_up(&exactly, places);
        found.number(&["published", &stated.name], &stated.published, &printed);
        arithmetic(stated, tier, &exactly, found);
        status(outcome.status, stated, tier, gap, found);
        if place == 0 {
            within_bound(stated, tier, &exactly, found);
        }
    }
}

/// The tier's measure of the published awards.
fn published(view: &View<'_>, ledger: &Ledger<'_>, tier: Tier) -> Exact {
    let sum =
        |what: &dyn Fn(&Taken<'_>) -> Exact| view.taken.iter().map(what).fold(Exact::zero(), |a, b| a + b);
    let worth = |taken: &Taken<'_>| taken.lot.reference_price.to_exact() * &taken.units;
    match tier {
        Tier::Coverage => sum(&|taken| taken.lot.weight.to_exact() * worth(taken)),
        Tier::Fit => sum(&|taken| taken.pair.fit.to_exact() * worth(taken)),
        Tier::Cost => {
            let active = view.active.iter().filter_map(|id| view.suppliers.get(id));
            let set_up = active.fold(Exact::zero(), |sum, supplier| sum + supplier.setup_cost.to_exact());
            sum(&|taken| taken.amount.clone()) + development::cost(view) + set_up
        }
        Tier::Suppliers => exact::whole(view.active.len() as u64),
        Tier::Spread => dependency::spread(view.instance, ledger),
    }
}

/// Whether more of the tier is better.
const fn more_is_better(tier: Tier) -> bool {
    matches!(tier, Tier::Coverage | Tier::Fit | Tier::Suppliers)
}

/// The gap between value and bound, on the right side of it, and what whole units lose.
fn arithmetic(stated: &TierOutcome, tier: Tier, published: &Exact, found: &mut Findings) {
    let sign = if more_is_better(tier) { 1. } else { -1. };
    let TierOutcome { name, value, bound, .. } = stated;
    let size = value.abs().max(bound.abs()).max(1.);
    let expected = (value - bound).abs() / value.abs().max(1e-9);
    // Not a number and infinity fail every comparison here, as they should.
    found.fact(
        &["gap", name],
        (stated.gap - expected).abs() <= ARITHMETIC * expected.max(1.),
        || stated.gap.to_string(),
        || format!("|{value} − {bound}| relative: {expected}"),
    );
    found.fact(
        &["bound", name],
        sign * (bound - value) >= -ENGINE_TOLERANCE * size,
        || format!("bound {bound} and value {value}"),
        || "a value that is no better than its bound".to_owned(),
    );
    let loss = sign * (value - published.to_f64().unwrap_or(f64::NAN));
    found.fact(
        &["loss", name],
        (stated.loss - loss).abs() <= ARITHMETIC * size.max(loss.abs()),
        || stated.loss.to_string(),
        || loss.to_string(),
    );
}

/// A result that calls itself optimal has closed the gap of every tier.
fn status(status: Status, stated: &TierOutcome, tier: Tier, relative_gap: f64, found: &mut Findings) {
    let distance = (stated.value - stated.bound).abs();
    let relative = relative_gap.max(ENGINE_TOLERANCE) * stated.value.abs().max(1.);
    let most = if tier == Tier::Spread { relative.max(SPREAD_WIDTH + ENGINE_TOLERANCE) } else { relative };
    found.fact(
        &["status", &stated.name],
        distance <= most || status != Status::Optimal,
        || format!("optimal with gap {}", stated.gap),
        || format!("at most {relative_gap}"),
    );
}

/// Whole units obey every rule of the model, so the first tier cannot be better than its bound.
fn within_bound(tier: &TierOutcome, kind: Tier, published: &Exact, found: &mut Findings) {
    let published = published.to_f64().unwrap_or(f64::NAN);
    let slack = ENGINE_TOLERANCE * tier.bound.abs().max(1.);
    let sign = if more_is_better(kind) { 1. } else { -1. };
    found.fact(
        &["bound", &tier.name],
        sign * (published - tier.bound) <= slack,
        || format!("bound {} and published {published}", tier.bound),
        || "awards that are no better than the bound".to_owned(),
    );
}
