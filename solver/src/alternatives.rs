//! Other results that are nearly as good, and as different as they can be.
//!
//! Tiers seldom decide everything: many assignments reach what the best one reaches, and people have
//! reasons that no instance holds. Each alternative keeps every rule and every tier within a tolerance
//! of its best value, and of all such assignments differs most from those before it: Σ |x − x'| over
//! their pairs, weighted by the lot's value at reference prices, x' being 1 for a pair that was awarded
//! and 0 for one that was not. So |x − x'| is 1 − x or x, a linear objective, and an alternative takes
//! one more solve, started from the one before.

use crate::{
    Decimal, Explain, Outcome,
    instance::Tier,
    model::{
        Network, Rules, Stated, Warm, count,
        engine::{self, Ended, IntegerSettings, Watch},
        linear::Grain,
        sheet::Sheet,
        spread,
        tiers::{Goal, Reached, Relaxed, UNITS_TOLERANCE},
    },
    outcome::Status,
    publish::rounding::Rounding,
    read::Reading,
    solve::{Control, SolveError, blank, publish_and_check, solve_explained},
};

/// The best result, then up to `most` alternatives, each published and checked.
///
/// Every tier may lose the share `tolerance` of its best value (its own tolerance, if that is more;
/// `spread`, a share itself, may rise by it). An alternative states its first tier's gap to the bound proven for the
/// best result, and that of each later tier to the best value that this tier has among all alternatives: once the
/// tolerance lets the tiers before it give way, that can be better than in the best result. So its status is
/// `feasible`. `explain` is for the best result. The list ends early where nothing different is left, when
/// cancelled, and when time runs out: the instance's time limit is for each result.
///
/// # Errors
/// [`SolveError`] on defects only.
pub fn alternatives(
    reading: &Reading,
    most: usize,
    tolerance: Decimal,
    explain: &Explain,
    control: &mut Control<'_>,
) -> Result<Vec<Outcome>, SolveError> {
    let best = solve_explained(reading, explain, control)?;
    let mut found = vec![best];
    if !matches!(found[0].status, Status::Optimal | Status::Feasible) {
        return Ok(found);
    }
    // Held until every model of the search is dropped.
    let _alone = engine::lock();
    let stated = Stated::new(&reading.instance, None);
    let Stated { network, rules, .. } = &stated;
    let all: Vec<u64> = (0..network.offers.len()).map(|i| network.quantity(i)).collect();
    let grain = if reading.instance.whole_units { Grain::Units(&all) } else { Grain::Shares };
    let settings = IntegerSettings {
        relative_gap: reading.instance.limits.relative_gap.to_f64().max(1e-3),
        most_nodes: None,
        tolerance: UNITS_TOLERANCE,
    };
    let Some(mut sheet) = Sheet::new(network, rules, grain, settings, |_| true)? else {
        return Ok(found);
    };
    let goals = hold(&mut sheet, &found[0], tolerance.to_f64())?;
    let mut bounds: Option<Vec<f64>> = None;
    // Less of it is more different.
    let mut likeness = vec![0.; all.len()];
    while found.len() <= most {
        for (cost, chosen) in likeness.iter_mut().zip(chosen(network, found.last())) {
            *cost += chosen;
        }
        let limit = reading.instance.limits.time_limit_seconds.to_f64();
        let mut watch = Watch::new(limit, control.cancel, &mut *control.progress);
        watch.enter(&format!("alternative {}", found.len()));
        if bounds.is_none() {
            bounds = Some(bounds_of(network, rules, (grain, settings), (&goals, &found[0]), &mut watch)?);
        }
        let mut costs = likeness.clone();
        costs.resize(goals.first().map_or(all.len(), |goal| goal.costs.len()), 0.);
        sheet.set_objective(highs::Sense::Minimise, &costs);
        let answer = sheet.run(&mut watch)?;
        let (Ended::Optimal | Ended::Limit, Some(columns)) = (answer.ended, answer.columns) else {
            break;
        };
        let relaxed = relaxed(&sheet, &goals, bounds.as_deref().unwrap_or_default(), &columns);
        let outcome = publish_and_check(
            &stated,
            &relaxed,
            (blank(reading, &stated), Rounding::new(network, rules)),
            (&Explain::Nothing, &mut Warm::default()),
            watch,
        )?;
        let is_new = found.iter().all(|before| before.awards != outcome.awards);
        if outcome.awards.is_empty() || !is_new {
            break;
        }
        found.push(outcome);
    }
    Ok(found)
}

/// Adds a row for every tier that keeps it within the tolerance of the best result.
fn hold(sheet: &mut Sheet<'_>, best: &Outcome, tolerance: f64) -> Result<Vec<Goal>, SolveError> {
    let objectives = &sheet.network.instance.objectives;
    let mut goals = Vec::new();
    for (objective, tier) in objectives.iter().zip(&best.tiers) {
        let mut goal = Goal::new(sheet.network, sheet.rules, objective, sheet.grain);
        goal.tolerance = goal.tolerance.max(tolerance);
        goal.keep(sheet, tier.value)?;
        goals.push(goal);
    }
    Ok(goals)
}

/// What choosing each offer adds to the likeness with the last result: its lot's value if it was chosen
/// there, and less by that if not. In parts of all values, so that the engine sees small numbers.
fn chosen(network: &Network<'_>, last: Option<&Outcome>) -> Vec<f64> {
    let value = |offer: usize| {
        let lot = network.lots[network.offers[offer].lot];
        lot.reference_price.to_f64() * count(lot.quantity)
    };
    let all: f64 = (0..network.offers.len()).map(value).sum();
    let all = if all > 0. { all } else { 1. };
    let awards = last.map_or(&[][..], |outcome| &outcome.awards);
    let awarded: std::collections::BTreeSet<(&str, &str)> =
        awards.iter().map(|award| (award.supplier.as_str(), award.lot.as_str())).collect();
    (0..network.offers.len())
        .map(|offer| {
            let of = &network.offers[offer];
            let (supplier, lot) = (&*network.suppliers[of.supplier].id, &*network.lots[of.lot].id);
            let value = value(offer) / all;
            if awarded.contains(&(supplier, lot)) { value } else { -value }
        })
        .collect()
}

/// What no alternative can better, by tier. The first tier's bound was proven for the best result, of all that the
/// rules allow. A later tier may be better than there, as the ones before it may be worse: so each is optimised by
/// itself among what is allowed here, in half of the time of the first alternative. What that does not end keeps
/// the bound that it has until then.
fn bounds_of(
    network: &Network<'_>,
    rules: &Rules,
    (grain, settings): (Grain<'_>, IntegerSettings),
    (goals, best): (&[Goal], &Outcome),
    watch: &mut Watch<'_>,
) -> Result<Vec<f64>, SolveError> {
    let mut bounds: Vec<f64> = goals.iter().map(|goal| goal.unproven(0.).bound).collect();
    if let (Some(bound), Some(first)) = (bounds.first_mut(), best.tiers.first()) {
        *bound = first.bound;
    }
    // Not in the sheet of the alternatives: a search for the spread leaves rows behind.
    let Some(mut sheet) = Sheet::new(network, rules, grain, settings, |_| true)? else {
        return Ok(bounds);
    };
    for (goal, tier) in goals.iter().zip(&best.tiers) {
        goal.keep(&mut sheet, tier.value)?;
    }
    let end = watch.deadline;
    watch.keep_back(0.5);
    for (position, goal) in goals.iter().enumerate().skip(1).filter(|(_, goal)| goal.tier != Tier::Spread) {
        sheet.set_objective(goal.sense(), &goal.costs);
        if let Some(bound) = goal.bound_of(&sheet.run(watch)?) {
            bounds[position] = bound;
        }
    }
    let spread = goals.iter().skip(1).position(|goal| goal.tier == Tier::Spread);
    if let Some(position) = spread {
        let search = spread::Search { tolerance: 0., last: false, lowest: 0. };
        let step = spread::search(&mut sheet, None, &search, watch)?;
        bounds[position + 1] = step.bound;
    }
    watch.deadline = end;
    Ok(bounds)
}

fn relaxed(sheet: &Sheet<'_>, goals: &[Goal], bounds: &[f64], columns: &[f64]) -> Relaxed {
    let reached = goals.iter().zip(bounds).map(|(goal, bound)| {
        let value =
            if goal.tier == Tier::Spread { spread::needed(sheet, columns) } else { goal.value(columns) };
        // The engine's tolerance may lead a hair beyond.
        let bound = match goal.sense() {
            highs::Sense::Maximise => bound.max(value),
            highs::Sense::Minimise => bound.min(value),
        };
        Reached { tier: goal.tier, value, bound }
    });
    Relaxed {
        reached: reached.collect(),
        shares: sheet.shares(columns),
        units: matches!(sheet.grain, Grain::Units(_)).then(|| sheet.units(columns)),
        published: None,
        // Against the bounds of the best, an alternative is what it is: feasible.
        path: Vec::new(),
        complete: false,
        duals: None,
        first_order: false,
        warnings: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::atomic::AtomicBool};

    use super::*;
    use crate::{check::check, read::from_json};

    /// Three suppliers for one lot; the third is a tenth dearer.
    fn reading(tiers: &str, extra: &str) -> Reading {
        let json = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD",
                "objectives": ["coverage", {tiers}],
                "buyers": [{{"id": "A"}}],
                "suppliers": [{{"id": "S", "annual_sales": 1000}}, {{"id": "T", "annual_sales": 1000}},
                    {{"id": "U", "annual_sales": 1000}}],
                "lots": [{{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10 {extra}}}],
                "pairs": [{{"supplier": "S", "lot": "L"}}, {{"supplier": "T", "lot": "L"}},
                          {{"supplier": "U", "lot": "L", "unit_price": 11}}]}}"#
        );
        from_json(json.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn suppliers(outcome: &Outcome) -> BTreeSet<&str> {
        outcome.awards.iter().map(|award| award.supplier.as_str()).collect()
    }

    fn found(tolerance: &str, reading: &Reading) -> Vec<Outcome> {
        let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
        let tolerance = tolerance.parse().unwrap();
        let found = alternatives(reading, 5, tolerance, &Explain::Nothing, &mut control).unwrap();
        for outcome in &found {
            assert_eq!(check(&reading.instance, outcome).violations, []);
        }
        found
    }

    #[test]
    fn alternatives_share_nothing_where_they_can_and_lose_no_more_than_the_tolerance() {
        let exact = found("0", &reading(r#""cost""#, ""));
        // At no loss there is one other way; then everything has been chosen.
        assert!(exact.len() >= 2, "{exact:#?}");
        assert!(suppliers(&exact[0]).is_disjoint(&suppliers(&exact[1])), "{exact:#?}");
        assert!(exact.iter().all(|outcome| outcome.tiers[1].published == "1000.00"), "{exact:#?}");
        assert!(exact.iter().all(|outcome| !suppliers(outcome).contains("U")), "{exact:#?}");
        let loose = found("0.1", &reading(r#""cost""#, ""));
        assert!(loose.iter().any(|outcome| suppliers(outcome).contains("U")), "{loose:#?}");
        let dearest = loose.iter().filter_map(|outcome| outcome.tiers[1].published.parse::<f64>().ok());
        assert!(dearest.fold(0., f64::max) <= 1100. + 1e-9, "{loose:#?}");
    }
    #[test]
    fn later_tiers_state_what_no_alternative_can_better() {
        let bounds = |tolerance: &str, reading: &Reading| -> Vec<f64> {
            let found = found(tolerance, reading);
            let of_last = |outcome: &Outcome| outcome.tiers.last().map_or(f64::NAN, |tier| tier.bound);
            found[1..].iter().map(of_last).collect()
        };
        let assert_all = |bounds: Vec<f64>, expected: f64| {
            let near = bounds.iter().all(|bound| (bound - expected).abs() <= 1e-5 * expected);
            assert!(!bounds.is_empty() && near, "{bounds:?}, not {expected}");
        };
        // A tenth of the coverage may go, and its cost with it; whole lots leave no tenth.
        assert_all(bounds("0", &reading(r#""cost""#, "")), 1000.);
        assert_all(bounds("0.1", &reading(r#""cost""#, "")), 900.);
        assert_all(bounds("0.1", &reading(r#""cost""#, r#", "divisible": false"#)), 1000.);
        // 90 units, of which each gets as much: A/10 + A/10 + A/11 = 90.
        assert_all(bounds("0.1", &reading(r#""spread""#, "")), 309.375 / 1309.375);
    }

    #[test]
    fn the_best_result_is_explained_beside_alternatives() {
        let reading = reading(r#""cost""#, "");
        let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
        let found = alternatives(&reading, 1, Decimal::ZERO, &Explain::Everything, &mut control).unwrap();
        assert!(!found[0].why_not.is_empty(), "{found:#?}");
    }
}
