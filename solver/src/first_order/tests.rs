//! The engine against the exact one, on networks of every plain family.

use std::{iter, sync::atomic::AtomicBool};

use highs::Sense;

use super::{
    blends, bound,
    descent::{self, Gap},
    program::Program,
    repair,
    steps::Steps,
};
use crate::{
    Instance,
    generate::{Family, Options, generate},
    instance::Tier,
    model::{
        Column, Network, Rules, Standings, Warm, double,
        engine::{self, Watch},
        linear::Grain,
        tiers::{self, Goal, Relaxed, Search},
    },
};

const PLAIN: [Family; 5] =
    [Family::Tight, Family::Slack, Family::FewBuyers, Family::DominantBuyer, Family::Components];

/// Numbers in 0…1 from a linear congruence.
fn draws(seed: u64) -> impl Iterator<Item = f64> {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    iter::successors(Some(seed.wrapping_add(1)), next)
        .map(|state| f64::from(u32::try_from(state >> 33).unwrap_or(0)) / f64::from(1_u32 << 31))
        .skip(8)
}

fn instances(count: u64) -> impl Iterator<Item = Instance> {
    (0..count).flat_map(|seed| {
        PLAIN.into_iter().map(move |family| {
            let (suppliers, lots, buyers, pairs_per_lot) = (12, 20, 4, 5);
            generate(&Options { suppliers, lots, buyers, pairs_per_lot, tightness: None, family, seed })
        })
    })
}

/// Runs something with what the instance comes to, and a watch of a minute.
fn with<T>(instance: &Instance, run: impl FnOnce(&Network<'_>, &Rules, &mut Watch<'_>) -> T) -> T {
    let network = Network::new(instance);
    let rules = Rules::new(&network, &Standings::new(&network));
    let never = AtomicBool::new(false);
    let mut progress = |_: &_| {};
    run(&network, &rules, &mut Watch::new(60., &never, &mut progress))
}

fn exact(network: &Network<'_>, rules: &Rules, watch: &mut Watch<'_>) -> Relaxed {
    let _alone = engine::lock();
    match Warm::default().solve(network, rules, false, watch).expect("no defect") {
        Search::Found(relaxed) => relaxed,
        _ => panic!("a plain instance has a solution"),
    }
}

/// Steps for the first tier, coverage, and what its costs are divided by.
fn coverage(network: &Network<'_>, rules: &Rules) -> (Program, Steps, f64) {
    let program = Program::new(network, rules, 2).expect("a plain instance");
    let mut steps = descent::start(&program);
    let goal = Goal::new(network, rules, &network.instance.objectives[0], Grain::Shares);
    let costs: Vec<f64> = goal.costs[..network.offers.len()].iter().map(|cost| -cost).collect();
    steps.set_costs(&program, &[(1., &costs)]);
    (program, steps, goal.scale)
}

#[test]
fn any_duals_bound_the_optimum() {
    for (seed, instance) in (1..).zip(instances(20)) {
        with(&instance, |network, rules, watch| {
            let best = exact(network, rules, watch).reached[0].value;
            let (program, mut steps, scale) = coverage(network, rules);
            descent::descend(&program, &mut steps, Gap { absolute: 1e-7, relative: 0. }, watch, |_, _, _| {});
            let good = -bound::lower_bound(&program, &steps.places) * scale;
            assert!(good >= best * (1. - 1e-12) && good <= best * (1. + 1e-4), "{good} and {best}");
            // Any others prove less, and never too much.
            for round in 0..10 {
                let mut draws = draws(100 * seed + round);
                let mut draw = || draws.next().unwrap_or(0.);
                let mut wrong = steps.clone();
                let all: Vec<f64> = wrong.places[0].wide.step.iter().map(|dual| dual * 3. * draw()).collect();
                for place in &mut wrong.places {
                    place.wide.step.clone_from(&all);
                    for dual in &mut place.rows.step {
                        *dual = if draw() < 0.2 { 0. } else { (*dual + 1e-6) * 3. * draw() };
                    }
                }
                let proven = -bound::lower_bound(&program, &wrong.places) * scale;
                assert!(proven >= best * (1. - 1e-12), "{proven} is no bound of {best}");
            }
        });
    }
}

#[test]
fn repaired_awards_keep_every_rule() {
    for (seed, instance) in (1..).zip(instances(20)) {
        with(&instance, |network, rules, _| {
            let (program, mut steps, _) = coverage(network, rules);
            let mut draws = draws(seed);
            for (place, part) in steps.places.iter_mut().zip(&program.parts) {
                for (award, high) in place.step.iter_mut().zip(&part.high) {
                    *award = high * draws.next().unwrap_or(0.);
                }
            }
            let repaired = repair::repair(&program, &steps.places);
            let mut shares = Vec::new();
            for (part, awards) in program.parts.iter().zip(&repaired.awards) {
                shares.extend(part.unit.iter().zip(awards).map(|(unit, award)| unit * award));
            }
            for rule in &rules.list {
                let sum = |measure, offers: &[usize]| -> f64 {
                    offers.iter().map(|i| network.per_lot(measure, *i) * shares[*i]).sum()
                };
                let mut over = sum(rule.measure, &rule.offers) - double(&rule.limit);
                for (column, factor) in &rule.columns {
                    let Column::Total(total) = column else { panic!("no switch in a plain instance") };
                    let total = &rules.totals[*total];
                    over += double(factor) * sum(total.measure, &total.offers);
                }
                let name = &rule.name;
                assert!(over <= 1e-9 * rule.scale.max(double(&rule.limit)), "{name:?} is over by {over}");
            }
        });
    }
}

#[test]
fn value_and_bound_enclose_the_exact_optimum() {
    for instance in instances(50) {
        with(&instance, |network, rules, watch| {
            let best = exact(network, rules, watch);
            let _alone = engine::lock();
            let Some(Search::Found(found)) =
                blends::optimise(network, rules, |_| true, watch).expect("no defect")
            else {
                panic!("a plain instance fits");
            };
            assert!(found.complete, "{:?}", found.reached);
            let first = (found.reached[0], best.reached[0].value);
            assert!(
                first.0.value <= first.1 * (1. + 1e-9) && first.1 <= first.0.bound * (1. + 1e-12),
                "{first:?}"
            );
            // Held tiers are held to within the gap, so the ones after them have a little more room.
            for (position, (found, best)) in found.reached.iter().zip(&best.reached).enumerate() {
                let gap = 1e-4 * found.value.abs().max(1e-9);
                let sign = if tiers::sense(found.tier) == Sense::Maximise { 1. } else { -1. };
                assert!((found.value - found.bound).abs() <= gap, "{found:?}");
                // Up to the second, the exact optimum holds more and so cannot be better than the bound.
                assert!(
                    position > 1 || sign * (found.bound - best.value) >= -1e-9 * best.value.abs(),
                    "{position}: {found:?} {best:?}"
                );
            }
            // Every tier but the last is held in the end.
            for objective in network.instance.objectives.iter().take(2) {
                let goal = Goal::new(network, rules, objective, Grain::Shares);
                let reached = found.reached.iter().find(|reached| reached.tier == goal.tier);
                let reached = reached.map_or(0., |reached| reached.value);
                let mut columns = found.shares.clone();
                columns.resize(goal.costs.len(), 0.);
                let least = reached - (goal.tolerance + 1.01e-4) * reached.abs();
                assert!(goal.tier != Tier::Cost && goal.value(&columns) >= least, "{:?}", goal.tier);
            }
        });
    }
}

#[test]
fn results_depend_on_nothing_but_the_number_of_threads() {
    let instance = instances(1).next().expect("an instance");
    let run = || {
        with(&instance, |network, rules, watch| {
            let _alone = engine::lock();
            match blends::optimise(network, rules, |_| true, watch).expect("no defect") {
                Some(Search::Found(found)) => (found.shares, found.reached),
                _ => panic!("a plain instance fits"),
            }
        })
    };
    assert_eq!(run(), run());
}
