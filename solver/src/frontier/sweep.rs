//! Solving the model once for every cap.

use super::{Frontier, FrontierPoint, FrontierTier, Points, asked};
use crate::{
    Decimal, Instance,
    instance::{Objective, Tier},
    model::{
        Network, Rules, Stated, Warm, engine,
        engine::Watch,
        linear::Grain,
        rules::keeps_dependency,
        tiers::{Goal, Relaxed, Search},
    },
    outcome::Status,
    read::Reading,
    solve::{Control, Progress, SolveError},
};

/// Solves the model for every cap, loosest first. The time limit of the instance is for each cap.
///
/// A cancelled sweep returns the points that it has, `complete` being false.
///
/// # Errors
/// [`SolveError`] on defects only; a cap under which nothing is feasible is a point.
pub fn frontier(
    reading: &Reading,
    points: &Points,
    control: &mut Control<'_>,
) -> Result<Frontier, SolveError> {
    // Held until every model of the sweep is dropped.
    let _alone = engine::lock();
    let instance = &reading.instance;
    let mut found = Frontier {
        format: "eslabon-frontier/1".to_owned(),
        currency: instance.currency.clone(),
        chosen: instance.dependency_cap.map(|cap| cap.to_string()),
        asked: asked(instance),
        points: Vec::new(),
        complete: true,
    };
    let started = std::time::Instant::now();
    // From the beginning where a cap changes anything: a step of 5 percent points moves a factor of every cap row, and
    // mending the last basis took up to three times as long as a new one (22.5 s and 6.7 s for ten caps of a tight
    // network of 6,000 pairs). Nor is a point then what its cap leaves alone, to more than 1e-4 of a later tier.
    let mut last: Option<Solved> = None;
    for cap in points.caps().iter().rev() {
        let mut progress = |progress: &Progress| {
            let phase = format!("cap {cap}: {}", progress.phase);
            let seconds = started.elapsed().as_secs_f64();
            (control.progress)(&Progress { phase, seconds, ..progress.clone() });
        };
        let limit = instance.limits.time_limit_seconds.to_f64();
        let mut watch = Watch::new(limit, control.cancel, &mut progress);
        let instance = with_cap(instance, *cap);
        let Some(solved) = point(&instance, *cap, last.as_ref(), &mut watch)? else {
            found.complete = false;
            break;
        };
        found.points.insert(0, solved.point.clone());
        last = Some(solved);
    }
    Ok(found)
}

fn with_cap(instance: &Instance, cap: Decimal) -> Instance {
    Instance { dependency_cap: Some(cap), ..instance.clone() }
}

/// A point, and the shares with which each tier was left.
struct Solved {
    point: FrontierPoint,
    path: Vec<Vec<f64>>,
}

/// One cap, from the next looser one that was solved; `None` when cancelled, or when time ran out before there was
/// any solution.
fn point(
    instance: &Instance,
    cap: Decimal,
    looser: Option<&Solved>,
    watch: &mut Watch<'_>,
) -> Result<Option<Solved>, SolveError> {
    watch.enter("build");
    let Stated { network, rules, .. } = &Stated::new(instance, None);
    if let Some(looser) = looser.filter(|looser| holds_under(network, rules, looser)) {
        let point = FrontierPoint { cap: cap.to_string(), ..looser.point.clone() };
        return Ok(Some(Solved { point, path: looser.path.clone() }));
    }
    let (point, path) = match Warm::default().solve(network, rules, false, watch)? {
        Search::Found(relaxed) => (figures(network, rules, cap, &relaxed), relaxed.path),
        Search::Infeasible => (infeasible(cap), Vec::new()),
        Search::Failed(tier) => {
            return Err(SolveError::Engine {
                phase: tier.name().to_owned(),
                cause: format!("its numbers lie too many orders of magnitude apart under the cap {cap}"),
            });
        }
        Search::Nothing | Search::Cancelled => return Ok(None),
    };
    Ok((!watch.cancelled()).then_some(Solved { point, path }))
}

/// Whether what a looser cap left is the answer under this one as well.
///
/// The right side of every dependency rule grows with its cap, so a tighter cap only takes assignments away, and
/// what was proven of all holds for the rest. So an infeasible cap leaves every tighter one infeasible; and where the
/// shares with which each tier was left keep the tighter cap, each is still the best of its tier, what is held of
/// it is the same, and no value changes. Not with the tier `spread`, which measures against the cap.
fn holds_under(network: &Network<'_>, rules: &Rules, looser: &Solved) -> bool {
    let objectives = &network.instance.objectives;
    match looser.point.status {
        Status::Infeasible => true,
        _ => {
            looser.path.len() == objectives.len()
                && !objectives.is_empty()
                && objectives.iter().all(|objective| objective.tier != Tier::Spread)
                && looser.path.iter().all(|shares| keeps_dependency(network, rules, shares))
        }
    }
}

fn infeasible(cap: Decimal) -> FrontierPoint {
    FrontierPoint {
        cap: cap.to_string(),
        status: Status::Infeasible,
        coverage: 0.,
        covered: 0.,
        cost: 0.,
        tiers: Vec::new(),
    }
}

fn figures(network: &Network<'_>, rules: &Rules, cap: Decimal, relaxed: &Relaxed) -> FrontierPoint {
    let reached = |tier: Tier| relaxed.reached.iter().find(|reached| reached.tier == tier);
    // A tier that the instance does not have is measured on what the others chose.
    let value = |tier: Tier| {
        reached(tier).map_or_else(
            || {
                let objective = Objective { tier, tolerance: Decimal::ZERO };
                Goal::new(network, rules, &objective, Grain::Shares).value(&relaxed.shares)
            },
            |reached| reached.value,
        )
    };
    let covered = |(i, share): (usize, &f64)| {
        let lot = network.lots[network.offers[i].lot];
        lot.reference_price.to_f64() * crate::model::count(lot.quantity) * share
    };
    FrontierPoint {
        cap: cap.to_string(),
        status: if relaxed.complete { Status::Optimal } else { Status::Feasible },
        coverage: value(Tier::Coverage),
        covered: relaxed.shares.iter().enumerate().map(covered).sum(),
        cost: value(Tier::Cost),
        tiers: relaxed
            .reached
            .iter()
            .map(|reached| FrontierTier {
                name: reached.tier.name().to_owned(),
                value: reached.value,
                bound: reached.bound,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::atomic::{AtomicBool, Ordering},
    };

    use super::*;
    use crate::{
        generate::{Family, Options, generate},
        read::from_json,
    };

    /// One lot of 100 units at 10, and a supplier with 1,000 of sales. Under a cap t it takes
    /// A = 1,000 · t / (1 − t), at most 1,000; from `min_coverage` on down nothing is feasible.
    fn reading(min_coverage: &str) -> Reading {
        let json = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
                "buyers": [{{"id": "A"}}], "suppliers": [{{"id": "S", "annual_sales": 1000}}],
                "lots": [{{"id": "L", "buyer": "A", "process": "p", "quantity": 100,
                           "reference_price": 10, "min_coverage": {min_coverage}}}],
                "pairs": [{{"supplier": "S", "lot": "L", "unit_price": 12}}]}}"#
        );
        from_json(json.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn swept(reading: &Reading, caps: &[&str]) -> Frontier {
        let points = Points::new(caps.iter().map(|cap| cap.parse().unwrap()));
        let cancel = AtomicBool::new(false);
        frontier(reading, &points, &mut Control { progress: &mut |_| {}, cancel: &cancel }).unwrap()
    }

    #[test]
    fn every_cap_covers_what_the_rule_allows() {
        let found = swept(&reading("0"), &["0.5", "0.1", "0.3"]);
        let shown: Vec<_> = found.points.iter().map(|point| (&*point.cap, point.coverage)).collect();
        // At a price of 12 for a reference of 10, A is a sixth more than what it covers.
        let exact = |t: f64| (1000. * t / (1. - t) / 1.2).min(1000.);
        for ((cap, coverage), t) in shown.iter().zip([0.1, 0.3, 0.5]) {
            assert!((coverage - exact(t)).abs() < 1e-6, "{cap}: {coverage} and {}", exact(t));
        }
        assert!((found.points[1].cost - 1000. * 0.3 / 0.7).abs() < 1e-6);
        assert_eq!(found.chosen().map(|point| &*point.cap), Some("0.3"));
        assert!(found.complete && (found.asked - 1000.).abs() < 1e-9);
        let of_100 = found.points[0].cost_of_100();
        assert!(of_100.is_some_and(|cost| (cost - 120.).abs() < 1e-6), "{of_100:?}");
    }

    #[test]
    fn a_cap_under_which_nothing_is_feasible_is_a_point() {
        let found = swept(&reading("0.3"), &["0.1", "0.5"]);
        let statuses: Vec<Status> = found.points.iter().map(|point| point.status).collect();
        assert_eq!(statuses, [Status::Infeasible, Status::Optimal]);
        assert!(found.table().starts_with("cap,status,chosen,"), "{}", found.table());
        assert!(found.table().contains("\n0.1,infeasible,false,,,,,\n"), "{}", found.table());
    }

    #[test]
    fn a_sweep_that_is_cancelled_keeps_the_points_it_has() {
        let reading = reading("0");
        let cancel = AtomicBool::new(false);
        let mut progress = |progress: &Progress| {
            if progress.phase.starts_with("cap 0.1") {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let points = Points::new(["0.1", "0.3", "0.5"].map(|cap| cap.parse().unwrap()));
        let found = frontier(&reading, &points, &mut Control { progress: &mut progress, cancel: &cancel });
        let found = found.unwrap();
        assert!(!found.complete);
        assert_eq!(found.points.iter().map(|point| &*point.cap).collect::<Vec<_>>(), ["0.3", "0.5"]);
    }

    /// Caps under which an engine was asked, of those swept together.
    fn asked(reading: &Reading, caps: &[&str]) -> (Frontier, BTreeSet<String>) {
        let points = Points::new(caps.iter().map(|cap| cap.parse().unwrap()));
        let mut asked = BTreeSet::new();
        let mut progress = |progress: &Progress| {
            if let Some((cap, phase)) = progress.phase.split_once(": ")
                && phase == "coverage"
            {
                asked.insert(cap.to_owned());
            }
        };
        let mut control = Control { progress: &mut progress, cancel: &AtomicBool::new(false) };
        (frontier(reading, &points, &mut control).unwrap(), asked)
    }

    #[test]
    fn a_cap_that_takes_nothing_away_is_not_solved_again() {
        // The lot is worth 1,200 of 2,200: 54.5 %.
        let (found, asked) = asked(&reading("0"), &["1", "0.9", "0.6", "0.5", "0.4"]);
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["cap 0.4", "cap 0.5", "cap 1"]);
        let coverage: Vec<f64> = found.points.iter().map(|point| point.coverage.round()).collect();
        assert_eq!(coverage[1..], [833., 1000., 1000., 1000.], "{found:#?}");
        // What is infeasible stays so.
        let (_, asked) = self::asked(&reading("0.9"), &["0.9", "0.4", "0.3", "0.2"]);
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["cap 0.4", "cap 0.9"]);
    }

    #[test]
    fn swept_together_caps_leave_what_each_leaves_alone() {
        let caps = ["0.05", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"];
        let mut spared = 0;
        for family in [Family::Tight, Family::Slack, Family::DominantBuyer, Family::RealLike] {
            let options = Options {
                suppliers: 8,
                lots: 14,
                buyers: 4,
                pairs_per_lot: 4,
                tightness: None,
                family,
                seed: 5,
            };
            let reading = Reading { instance: generate(&options), warnings: Vec::new() };
            let (together, asked) = asked(&reading, &caps);
            spared += caps.len() - asked.len();
            for (cap, point) in caps.iter().zip(&together.points) {
                let alone = &swept(&reading, &[cap]).points[0];
                assert_eq!(point.status, alone.status, "{family:?} {cap}");
                for (together, alone) in point.tiers.iter().zip(&alone.tiers) {
                    let off = (together.value - alone.value).abs() / alone.value.abs().max(1.);
                    // Binaries are solved to a gap.
                    let most = if family == Family::RealLike { 2e-4 } else { 1e-6 };
                    assert!(off <= most, "{family:?} {cap}: {together:?} and alone {alone:?}");
                }
            }
        }
        assert!(spared > 0, "every cap was solved");
    }
}
