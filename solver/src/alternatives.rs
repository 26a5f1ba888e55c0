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
        Network, Stated, Warm, count,
        engine::{self, Ended, IntegerSettings, Watch},
        linear::Grain,
        sheet::Sheet,
        tiers::{Goal, Reached, Relaxed, UNITS_TOLERANCE},
    },
    outcome::Status,
    publish::rounding::Rounding,
    read::Reading,
    solve::{Control, SolveError, blank, publish_and_check, solve},
};

/// The best result, then up to `most` alternatives, each published and checked.
///
/// Every tier may lose the share `tolerance` of its best value (its own tolerance, if that is more;
/// `spread`, a share itself, may rise by it). An alternative states its first tier's gap to
/// the bound proven for the best result; its later tiers have none but the trivial one. So its status is `feasible`. The list ends early where nothing
/// different is left, when cancelled, and when time runs out: the instance's time limit is for each result.
///
/// # Errors
/// [`SolveError`] on defects only.
pub fn alternatives(
    reading: &Reading,
    most: usize,
    tolerance: Decimal,
    control: &mut Control<'_>,
) -> Result<Vec<Outcome>, SolveError> {
    let best = solve(reading, control)?;
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
    // Less of it is more different.
    let mut likeness = vec![0.; all.len()];
    while found.len() <= most {
        for (cost, chosen) in likeness.iter_mut().zip(chosen(network, found.last())) {
            *cost += chosen;
        }
        let limit = reading.instance.limits.time_limit_seconds.to_f64();
        let mut watch = Watch::new(limit, control.cancel, &mut *control.progress);
        watch.enter(&format!("alternative {}", found.len()));
        let mut costs = likeness.clone();
        costs.resize(goals.first().map_or(all.len(), |goal| goal.costs.len()), 0.);
        sheet.set_objective(highs::Sense::Minimise, &costs);
        let answer = sheet.run(&mut watch)?;
        let (Ended::Optimal | Ended::Limit, Some(columns)) = (answer.ended, answer.columns) else {
            break;
        };
        let relaxed = relaxed(&sheet, &goals, &found[0], &columns);
        let outcome = publish_and_check(
            &stated,
            &relaxed,
            (blank(reading), Rounding::new(network, rules)),
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

fn relaxed(sheet: &Sheet<'_>, goals: &[Goal], best: &Outcome, columns: &[f64]) -> Relaxed {
    let reached = goals.iter().zip(&best.tiers).enumerate().map(|(place, (goal, tier))| {
        let value = if goal.tier == Tier::Spread {
            crate::model::spread::needed(sheet, columns)
        } else {
            goal.value(columns)
        };
        // A later tier may be better than in the best result, as the ones before it may be worse: only
        // the first tier's bound was proven for what is allowed here.
        match place {
            0 => Reached { tier: goal.tier, value, bound: tier.bound },
            _ => goal.unproven(value),
        }
    });
    Relaxed {
        reached: reached.collect(),
        shares: sheet.shares(columns),
        units: matches!(sheet.grain, Grain::Units(_)).then(|| sheet.units(columns)),
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
    fn reading() -> Reading {
        from_json(
            br#"{"format": "eslabon-instance/1", "currency": "USD",
                "objectives": ["coverage", "cost"],
                "buyers": [{"id": "A"}], "suppliers": [{"id": "S"}, {"id": "T"}, {"id": "U"}],
                "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10}],
                "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L"},
                          {"supplier": "U", "lot": "L", "unit_price": 11}]}"#,
        )
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn suppliers(outcome: &Outcome) -> BTreeSet<&str> {
        outcome.awards.iter().map(|award| award.supplier.as_str()).collect()
    }

    fn found(tolerance: &str) -> Vec<Outcome> {
        let reading = reading();
        let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
        let found = alternatives(&reading, 5, tolerance.parse().unwrap(), &mut control).unwrap();
        for outcome in &found {
            assert_eq!(check(&reading.instance, outcome).violations, []);
        }
        found
    }

    #[test]
    fn alternatives_share_nothing_where_they_can_and_lose_no_more_than_the_tolerance() {
        let exact = found("0");
        // At no loss there is one other way; then everything has been chosen.
        assert!(exact.len() >= 2, "{exact:#?}");
        assert!(suppliers(&exact[0]).is_disjoint(&suppliers(&exact[1])), "{exact:#?}");
        assert!(exact.iter().all(|outcome| outcome.tiers[1].published == "1000.00"), "{exact:#?}");
        assert!(exact.iter().all(|outcome| !suppliers(outcome).contains("U")), "{exact:#?}");
        let loose = found("0.1");
        assert!(loose.iter().any(|outcome| suppliers(outcome).contains("U")), "{loose:#?}");
        let dearest = loose.iter().filter_map(|outcome| outcome.tiers[1].published.parse::<f64>().ok());
        assert!(dearest.fold(0., f64::max) <= 1100. + 1e-9, "{loose:#?}");
    }
}
