//! Whole units that keep every rule.
//!
//! Rounding is a second optimisation: awards become integers, between nothing and the next unit
//! above their share, and the tiers are maximised again in order. Rounding each share by itself
//! breaks rules: largest remainder in 120 of 160 random instances, plain rounding down in 28,
//! because a smaller N shrinks the right side of the dependency rule. The engine's answer is tested
//! in exact numbers; a row that it kept only within its tolerance is tightened and solved again.

use std::{cmp::Ordering, collections::BTreeMap};

use highs::Sense;
use num_traits::{Signed, ToPrimitive};

use super::fallback;
use crate::{
    instance::Tier,
    model::{
        Exact, Network, Relation, Rules, count, double,
        engine::{Answer, Ended, Engine, IntegerSettings, Settings, Watch},
        linear::{Grain, columns_of, formulate, row, row_divisor},
        tiers::{Goal, Reached, Relaxed, sense},
    },
    outcome::RuleName,
    solve::SolveError,
};

/// A share this close to a whole unit is that unit: 1e-9 of the lot.
const SNAP: f64 = 1e-9;

/// Gap at which whole-unit awards count as best, for each offer that can be awarded: a unit more or
/// less weighs the less, the more of them there are.
const GAP_PER_OFFER: f64 = 1e-8;

/// The largest gap at which whole-unit awards count as best. With it a tight instance of 6,000 pairs
/// takes seconds to publish; without it the search for the last unit takes the whole time limit.
const MOST_GAP: f64 = 1e-5;

/// Nodes after which the best awards found are taken. A count, not a clock: equal runs, equal bytes.
const MOST_NODES: u32 = 200;

/// The engine's own tolerance of a row over units, in units of the row.
const ROW_TOLERANCE: f64 = 1e-7;

/// Share of the first tier that rounding near the shares may lose before all units are tried.
const MOST_LOSS: f64 = 0.01;

/// Rounds of tightening before the fall-back takes over.
const MOST_ROUNDS: usize = 20;

/// How publication ended.
pub(crate) enum Published {
    /// Units per offer.
    Units(Vec<u64>),
    /// No rounding keeps these rules.
    Impossible(Vec<RuleName>),
    Cancelled,
}

/// Rounds shares to units.
pub(crate) fn publish(
    network: &Network<'_>,
    rules: &Rules,
    relaxed: &Relaxed,
    watch: &mut Watch<'_>,
) -> Result<Published, SolveError> {
    let shares = &relaxed.shares;
    let (floor, ceiling) = neighbours(network, rules, shares);
    if floor == ceiling && rules.broken(network, &floor).is_empty() {
        return Ok(Published::Units(floor));
    }
    // First near the shares; among all whole units when nothing there keeps the rules, or when the
    // nearest units cost too much of the first tier, as they do where a lot has only a few.
    let mut near = match optimise(network, rules, &ceiling, &relaxed.reached, watch)? {
        Rounded::Units(units) => Some(units),
        Rounded::Cancelled => return Ok(Published::Cancelled),
        Rounded::Infeasible | Rounded::Nothing => None,
    };
    if near.as_ref().is_none_or(|units| falls_short(network, relaxed, units)) {
        let all: Vec<u64> = (0..shares.len()).map(|i| network.quantity(i)).collect();
        match optimise(network, rules, &all, &relaxed.reached, watch)? {
            Rounded::Units(units) => {
                if near.as_ref().is_none_or(|near| is_better(network, &units, near)) {
                    near = Some(units);
                }
            }
            Rounded::Cancelled => return Ok(Published::Cancelled),
            Rounded::Infeasible | Rounded::Nothing => {}
        }
    }
    if let Some(units) = near {
        return Ok(Published::Units(units));
    }
    Ok(match fallback::round_down(network, rules, floor) {
        Ok(units) => Published::Units(units),
        Err(broken) => match rules.decided_only(network) {
            Some(units) => Published::Units(units),
            None => Published::Impossible(broken),
        },
    })
}

/// Whether units lose more of the first tier than rounding should.
fn falls_short(network: &Network<'_>, relaxed: &Relaxed, units: &[u64]) -> bool {
    relaxed.reached.first().is_some_and(|model| {
        let published = double(&network.tier_value(model.tier, units));
        (model.value - published).abs() > MOST_LOSS * model.value.abs()
    })
}

/// Whether the tiers, in order, prefer units to others.
fn is_better(network: &Network<'_>, units: &[u64], to: &[u64]) -> bool {
    let objectives = &network.instance.objectives;
    let decided = objectives
        .iter()
        .map(|objective| ranked(network, objective.tier, units, to))
        .find(|order| order.is_ne());
    decided.is_some_and(Ordering::is_gt)
}

/// How a tier ranks units against others.
fn ranked(network: &Network<'_>, tier: Tier, units: &[u64], to: &[u64]) -> Ordering {
    let order = network.tier_value(tier, units).cmp(&network.tier_value(tier, to));
    match sense(tier) {
        Sense::Maximise => order,
        Sense::Minimise => order.reverse(),
    }
}

/// The whole units on both sides of each share.
fn neighbours(network: &Network<'_>, rules: &Rules, shares: &[f64]) -> (Vec<u64>, Vec<u64>) {
    let unit = |value: f64| value.max(0.).to_u64().unwrap_or(0);
    shares
        .iter()
        .enumerate()
        .map(|(i, share)| {
            let quantity = network.quantity(i);
            if let Some(units) = rules.decided.get(&i) {
                return (*units, *units);
            }
            let exact = share * quantity.to_f64().unwrap_or(f64::MAX);
            let near = exact.round();
            if (exact - near).abs() <= SNAP * quantity.to_f64().unwrap_or(f64::MAX) {
                (unit(near).min(quantity), unit(near).min(quantity))
            } else {
                (unit(exact.floor()).min(quantity), unit(exact.ceil()).min(quantity))
            }
        })
        .unzip()
}

enum Rounded {
    Units(Vec<u64>),
    Infeasible,
    /// A limit was reached before there were any awards.
    Nothing,
    Cancelled,
}

/// The tiers in order, over whole units up to `most`.
fn optimise(
    network: &Network<'_>,
    rules: &Rules,
    most: &[u64],
    reached: &[Reached],
    watch: &mut Watch<'_>,
) -> Result<Rounded, SolveError> {
    let grain = Grain::Units(most);
    let Some(problem) = formulate(network, rules, grain, |_| true) else {
        return Ok(Rounded::Infeasible);
    };
    let open = count(most.iter().filter(|units| **units > 0).count() as u64);
    let integer = IntegerSettings {
        relative_gap: (GAP_PER_OFFER * open).clamp(GAP_PER_OFFER, MOST_GAP),
        most_nodes: MOST_NODES,
    };
    let settings = Settings { integer: Some(integer), ..Settings::from(&network.instance.limits) };
    let mut engine = Engine::new(problem, settings)?;
    let mut rounder = Rounder { network, rules, tightened: BTreeMap::new() };
    let goals: Vec<Goal> = network
        .instance
        .objectives
        .iter()
        .map(|objective| Goal::new(network, rules, objective, grain))
        .collect();
    let mut best: Option<Vec<u64>> = None;
    // Without tiers one run for any solution.
    for step in 0..goals.len().max(1) {
        if let Some(goal) = goals.get(step) {
            engine.set_objective(goal.sense(), &goal.costs);
            watch.unit = goal.scale;
        }
        if let Some(units) = &best {
            // Last of all: any other change makes the engine forget it.
            engine.start_from(&columns_of(network, rules, units))?;
        }
        match rounder.run(&mut engine, watch)? {
            Rounded::Units(units) => {
                let better = match (&best, goals.get(step)) {
                    (Some(held), Some(goal)) => ranked(network, goal.tier, &units, held).is_gt(),
                    _ => true,
                };
                if better {
                    best = Some(units);
                }
            }
            Rounded::Cancelled => return Ok(Rounded::Cancelled),
            Rounded::Infeasible if best.is_none() => return Ok(Rounded::Infeasible),
            Rounded::Infeasible | Rounded::Nothing => break,
        }
        if let (Some(goal), Some(units), true) = (goals.get(step), &best, step + 1 < goals.len()) {
            let columns = columns_of(network, rules, units);
            // The shares have spent the tolerance already: units do not spend it again.
            let rounded = goal.value(&columns);
            let held =
                reached.get(step).map_or(rounded, |model| goal.easier(rounded, goal.least(model.value)));
            goal.hold(&mut engine, held)?;
        }
    }
    Ok(best.map_or(Rounded::Nothing, Rounded::Units))
}

/// Runs an integer program until its answer keeps every rule exactly.
struct Rounder<'a> {
    network: &'a Network<'a>,
    rules: &'a Rules,
    /// By how much rows are tightened, in units of the row.
    tightened: BTreeMap<usize, f64>,
}

impl Rounder<'_> {
    fn run(&mut self, engine: &mut Engine, watch: &mut Watch<'_>) -> Result<Rounded, SolveError> {
        for _ in 0..MOST_ROUNDS {
            let Answer { ended, columns } = engine.run(watch)?;
            match (ended, columns) {
                (Ended::Cancelled, _) => return Ok(Rounded::Cancelled),
                (Ended::Infeasible, _) if self.tightened.is_empty() => {
                    return Ok(Rounded::Infeasible);
                }
                (Ended::Infeasible, _) | (_, None) => return Ok(Rounded::Nothing),
                (_, Some(columns)) => {
                    let units: Vec<u64> = columns[..self.network.offers.len()]
                        .iter()
                        .map(|units| units.round().max(0.).to_u64().unwrap_or(0))
                        .collect();
                    let broken = self.rules.broken(self.network, &units);
                    if broken.is_empty() {
                        return Ok(Rounded::Units(units));
                    }
                    for (rule, over) in broken {
                        self.tighten(engine, rule, &over)?;
                    }
                }
            }
        }
        Ok(Rounded::Nothing)
    }

    /// Adds a rule's row once more, by twice as much tighter as it was broken.
    fn tighten(&mut self, engine: &mut Engine, rule: usize, over: &Exact) -> Result<(), SolveError> {
        let rule_row = &self.rules.list[rule];
        let grain = Grain::Units(&[]);
        let over = double(&over.abs()) / row_divisor(self.network, grain, rule_row);
        let by = self.tightened.entry(rule).or_insert(0.);
        *by += 2. * over.max(ROW_TOLERANCE);
        let (terms, limit) = row(self.network, self.rules, grain, rule_row);
        match rule_row.relation {
            Relation::AtMost => engine.add_row(f64::NEG_INFINITY, limit - *by, &terms),
            Relation::AtLeast => engine.add_row(limit + *by, f64::INFINITY, &terms),
            // One award at a whole number of units: a limit of its column, which is exact.
            Relation::Exactly => Ok(()),
        }
    }
}
