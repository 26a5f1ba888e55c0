//! The figures about awards, unmet lots and tiers, and the result's heading.

use iso_currency::Currency;
use num_traits::{ToPrimitive, Zero};

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::{Taken, View},
};
use crate::{
    Outcome,
    instance::Tier,
    outcome::{Status, TierOutcome, Unmet},
};

/// Shares are printed with so many decimal places.
const SHARE_PLACES: usize = 9;

/// What the engine's doubles may be off by, relatively.
const ENGINE_TOLERANCE: f64 = 1e-6;

pub(super) fn heading(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    found.fact(
        &["format"],
        outcome.format == "eslabon-result/1",
        || format!("{:?}", outcome.format),
        || "\"eslabon-result/1\"".to_owned(),
    );
    found.fact(
        &["currency"],
        outcome.currency == view.instance.currency,
        || format!("{:?}", outcome.currency),
        || format!("{:?}", view.instance.currency),
    );
}

/// Decimal places of the currency's minor unit (ISO 4217); `None` for a code that has none.
pub(super) fn minor_unit(view: &View<'_>, found: &mut Findings) -> Option<usize> {
    let currency = Currency::from_code(&view.instance.currency);
    let exponent = currency.and_then(Currency::exponent).map(usize::from);
    found.fact(
        &["currency"],
        exponent.is_some(),
        || format!("{:?}", view.instance.currency),
        || "an ISO 4217 code with a minor unit".to_owned(),
    );
    exponent
}

pub(super) fn awards(view: &View<'_>, minor: usize, found: &mut Findings) {
    for taken in &view.taken {
        let award = taken.award;
        let subject = |figure| [figure, award.supplier.as_str(), award.lot.as_str()];
        let share = &taken.units / exact::whole(taken.lot.quantity);
        for (figure, stated, exactly, places) in [
            ("share", &award.share, &share, SHARE_PLACES),
            ("amount", &award.amount, &taken.amount, minor),
            ("annual_amount", &award.annual_amount, &taken.annual, minor),
        ] {
            let expected = exact::round_half_up(exactly, places);
            found.number(&subject(figure), stated, &expected);
        }
    }
}

/// Exactly the lots with a rest are listed, in order.
pub(super) fn unmet(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let awarded = view.sums(|taken| taken.lot.id.as_str(), |taken| taken.units.clone());
    let nothing = Exact::zero();
    let mut lots: Vec<_> = view.instance.lots.iter().collect();
    lots.sort_by(|one, other| one.id.cmp(&other.id));
    let expected: Vec<(&str, Exact)> = lots
        .into_iter()
        .map(|lot| {
            let units = awarded.get(lot.id.as_str()).unwrap_or(&nothing);
            (lot.id.as_str(), exact::whole(lot.quantity) - units)
        })
        .filter(|(_, rest)| *rest > nothing)
        .collect();
    let same_lots = outcome.unmet.len() == expected.len()
        && (outcome.unmet.iter().zip(&expected)).all(|(stated, (lot, _))| stated.lot == *lot);
    found.fact(
        &["unmet"],
        same_lots,
        || lots_of(outcome.unmet.iter().map(|unmet: &Unmet| &*unmet.lot)),
        || lots_of(expected.iter().map(|(lot, _)| *lot)),
    );
    if same_lots {
        for (stated, (lot, rest)) in outcome.unmet.iter().zip(&expected) {
            found.fact(
                &["unmet", lot],
                exact::whole(stated.quantity) == *rest,
                || stated.quantity.to_string(),
                || exact::show(rest),
            );
        }
    }
}

fn lots_of<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    format!("lots {:?}", ids.collect::<Vec<_>>())
}

pub(super) fn tiers(view: &View<'_>, outcome: &Outcome, minor: usize, found: &mut Findings) {
    let names = |tiers: &[&str]| format!("{tiers:?}");
    let expected: Vec<_> = (view.instance.objectives.iter()).map(|objective| objective.tier.name()).collect();
    let stated: Vec<_> = outcome.tiers.iter().map(|tier| &*tier.name).collect();
    found.fact(&["tiers"], stated == expected, || names(&stated), || names(&expected));
    for (place, (stated, objective)) in (outcome.tiers.iter().zip(&view.instance.objectives)).enumerate() {
        let published = published(view, objective.tier);
        found.number(
            &["published", &stated.name],
            &stated.published,
            &exact::round_half_up(&published, minor),
        );
        gap(outcome.status, stated, view.instance.limits.relative_gap.to_f64(), found);
        if place == 0 {
            within_bound(stated, objective.tier, &published, found);
        }
    }
}

/// The tier's measure of the published awards.
fn published(view: &View<'_>, tier: Tier) -> Exact {
    let worth = |taken: &Taken<'_>| taken.lot.reference_price.to_ratio() * &taken.units;
    view.taken.iter().fold(Exact::zero(), |sum, taken| {
        sum + match tier {
            Tier::Coverage => taken.lot.weight.to_ratio() * worth(taken),
            Tier::Fit => taken.pair.fit.to_ratio() * worth(taken),
            Tier::Cost => taken.amount.clone(),
            Tier::Suppliers | Tier::Spread => Exact::zero(),
        }
    })
}

fn gap(status: Status, tier: &TierOutcome, relative_gap: f64, found: &mut Findings) {
    let distance = (tier.value - tier.bound).abs();
    let expected = distance / tier.value.abs().max(1e-9);
    // Not a number and infinity fail every comparison here, as they should.
    let holds = (tier.gap - expected).abs() <= 1e-9 * expected.max(1.0);
    found.fact(
        &["gap", &tier.name],
        holds,
        || tier.gap.to_string(),
        || format!("|{} − {}| relative: {expected}", tier.value, tier.bound),
    );
    let within = distance <= relative_gap.max(ENGINE_TOLERANCE) * tier.value.abs().max(1.0);
    found.fact(
        &["status", &tier.name],
        within || status != Status::Optimal,
        || format!("optimal with gap {}", tier.gap),
        || format!("at most {relative_gap}"),
    );
}

/// Whole units obey every rule of the model, so the first tier cannot be better than its bound.
fn within_bound(tier: &TierOutcome, kind: Tier, published: &Exact, found: &mut Findings) {
    let published = published.to_f64().unwrap_or(f64::NAN);
    let slack = ENGINE_TOLERANCE * tier.bound.abs().max(1.0);
    let holds = match kind {
        Tier::Coverage | Tier::Fit | Tier::Suppliers => published <= tier.bound + slack,
        Tier::Cost | Tier::Spread => published >= tier.bound - slack,
    };
    found.fact(
        &["bound", &tier.name],
        holds,
        || format!("bound {} and published {published}", tier.bound),
        || "awards that are no better than the bound".to_owned(),
    );
}
