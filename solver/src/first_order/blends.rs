//! Tiers in order, the held ones priced.
//!
//! With the tiers before it held at Lₖ, a tier is
//!
//! ```text
//! least c·x   with  cₖ·x ≤ Lₖ for each held k,  x ∈ X
//! ```
//!
//! where X is all that the rules allow. For any prices λ ≥ 0, least (c + Σ λₖ·cₖ)·x over X, less Σ λₖ·Lₖ, is a
//! proven bound, and a plain program. Its awards join those found so far, and the best mean of all of them that
//! holds every tier is a solution: X is convex. That *master* is a linear program with a row for each held tier, and
//! its duals are the next λ (Dantzig & Wolfe, Operations Research 8, 1960). Value and bound meet after a few blends.

use highs::Sense;

use super::{
    descent::{self, Ended, Found, Gap},
    program::Program,
    repair::Repaired,
    steps::Steps,
};
use crate::{
    instance::Tier,
    model::{
        Network, Rules,
        engine::{Engine, Settings, Watch},
        linear::{self, ColumnLimits, Grain, LimitedRow},
        tiers::{Goal, Reached, Relaxed, Search},
    },
    solve::SolveError,
};

/// Part of the gap that a blend is solved to, so that the tier as a whole stays within it.
const PART_OF_GAP: f64 = 0.25;

/// The least relative gap that doubles can prove.
const LEAST_GAP: f64 = 1e-9;

/// Part of it that the first tier is solved to, which is one blend.
const ALONE: f64 = 0.9;

/// A smaller value than this, of the currency or of a share, has the gap of this one: nothing is proven relative to zero.
const LEAST_SIZE: f64 = 0.01;

/// Blends of one tier, at most.
const MOST_BLENDS: usize = 60;

/// Prices go half way from those with the best bound to those that the mean asks for (Wentges, Int. Trans. Oper.
/// Res. 4, 1997), which are taken for at most so many times as much,
const MOST_RISE: f64 = 8.;
/// or as this. After prices that neither prove nor reach anything new come those that the mean asks for.
const LEAST_CENTER: f64 = 0.1;

/// How much of what is open between value and bound a blend is solved to.
const PART_OF_OPEN: f64 = 0.1;

/// With fewer offers each, threads wait for each other longer than they work.
const OFFERS_PER_THREAD: usize = 5_000;

/// Optimises the tiers in order; `None` if the instance does not fit, or its program is not wanted.
pub(super) fn optimise(
    network: &Network<'_>,
    rules: &Rules,
    wanted: impl FnOnce(&Program) -> bool,
    watch: &mut Watch<'_>,
) -> Result<Option<Search>, SolveError> {
    let objectives = &network.instance.objectives;
    let counted = |tier| matches!(tier, Tier::Coverage | Tier::Fit | Tier::Cost);
    let fits = objectives.iter().all(|objective| counted(objective.tier));
    if network.instance.whole_units || objectives.is_empty() || !fits {
        return Ok(None);
    }
    let limits = &network.instance.limits;
    let threads = match limits.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        threads => threads as usize,
    };
    let threads = threads.min(1 + network.offers.len() / OFFERS_PER_THREAD);
    let program = Program::new(network, rules, threads).filter(|program| wanted(program));
    // Fixed awards that break a rule are nobody's solution.
    let Some(program) = program.filter(|_| rules.decided_only(network).is_some()) else {
        return Ok(None);
    };
    let goals: Vec<Goal> =
        objectives.iter().map(|objective| Goal::new(network, rules, objective, Grain::Shares)).collect();
    let costs = goals.iter().map(|goal| {
        let sign = sign(goal);
        goal.costs[..network.offers.len()].iter().map(|cost| sign * cost).collect()
    });
    let mut tiers = Tiers {
        steps: descent::start(&program),
        program: &program,
        gap: limits.relative_gap.to_f64().max(LEAST_GAP),
        costs: costs.collect(),
        points: Vec::new(),
        held: Vec::new(),
    };
    let mut relaxed = Relaxed { complete: true, first_order: true, ..Relaxed::default() };
    for goal in &goals {
        watch.enter(goal.tier.name());
        let unit = sign(goal) * goal.scale;
        let Some(reached) = tiers.tier(unit, watch)? else {
            return Ok(Some(Search::Cancelled));
        };
        relaxed.complete &= reached.proven;
        let (value, bound) = (reached.cost * unit, reached.bound * unit);
        relaxed.reached.push(Reached { tier: goal.tier, value, bound });
        relaxed.shares = tiers.shares(&reached.mean);
        (watch.best, watch.bound) = (Some(value), Some(bound));
        watch.report();
        let give = goal.tolerance + tiers.gap;
        tiers.held.push(reached.cost + give * reached.cost.abs());
    }
    Ok(Some(Search::Found(relaxed)))
}

/// What makes less of a tier's objective better.
fn sign(goal: &Goal) -> f64 {
    if goal.sense() == Sense::Maximise { -1. } else { 1. }
}

/// Awards that keep every rule.
struct Point {
    awards: Vec<Vec<f64>>,
    /// Its cost in every tier.
    costs: Vec<f64>,
}

/// The tiers on their way.
struct Tiers<'a> {
    program: &'a Program,
    steps: Steps,
    gap: f64,
    /// By tier, what every offer costs; the less the better.
    costs: Vec<Vec<f64>>,
    points: Vec<Point>,
    /// Lₖ.
    held: Vec<f64>,
}

/// What a tier reached.
struct TierFound {
    /// Weights of the points.
    mean: Vec<f64>,
    cost: f64,
    bound: f64,
    proven: bool,
}

/// The best mean of points, and the prices of the held tiers.
struct Mean {
    weights: Vec<f64>,
    cost: f64,
    prices: Vec<f64>,
}

impl Tiers<'_> {
    /// The next tier; `None` if cancelled.
    fn tier(&mut self, unit: f64, watch: &mut Watch<'_>) -> Result<Option<TierFound>, SolveError> {
        let tier = self.held.len();
        // Gaps are relative to a value, or to a hundredth (of the currency, of a share) if that is more.
        let least = LEAST_SIZE / unit.abs();
        let size = |cost: f64| cost.abs().max(least);
        let mut bound = f64::NEG_INFINITY;
        let mut prices = vec![1.; tier];
        let mut center = prices.clone();
        let mut mean: Option<Mean> = None;
        for blend in 0..MOST_BLENDS {
            let objectives: Vec<(f64, &[f64])> = std::iter::once((1., &self.costs[tier][..]))
                .chain(prices.iter().zip(&self.costs).map(|(price, costs)| (*price, &costs[..])))
                .collect();
            self.steps.set_costs(self.program, &objectives);
            let offset: f64 = prices.iter().zip(&self.held).map(|(price, held)| price * held).sum();
            // No finer than what is still between value and bound asks for.
            let open = mean.as_ref().map_or(0., |mean| PART_OF_OPEN * (mean.cost - bound));
            let known =
                mean.as_ref().map(|mean| mean.cost).or(self.points.last().map(|point| point.costs[tier]));
            let gap = match known {
                Some(cost) if tier > 0 => {
                    let asked = self.gap * PART_OF_GAP * size(cost);
                    Gap { absolute: asked.max(if open.is_finite() { open } else { 0. }), relative: 0. }
                }
                _ => Gap { absolute: self.gap * ALONE * least, relative: self.gap * ALONE },
            };
            let so_far = mean.as_ref().map(|mean| mean.cost * unit);
            let Found { ended, best, bound: proven } =
                descent::descend(self.program, &mut self.steps, gap, watch, |watch, proven, best| {
                    watch.bound = Some(bound.max(proven - offset) * unit);
                    watch.best = so_far.or(best.filter(|_| tier == 0).map(|best| best * unit));
                    watch.report();
                });
            if ended == Ended::Cancelled {
                return Ok(None);
            }
            let proves_more = proven - offset > bound;
            if proves_more {
                (bound, center) = (proven - offset, prices.clone());
            }
            self.add(best);
            let found = self.best_mean(tier, watch)?;
            let near = found.cost - bound <= self.gap * size(found.cost);
            let reaches_more = mean.as_ref().is_none_or(|mean| found.cost < mean.cost);
            for ((price, wanted), center) in prices.iter_mut().zip(&found.prices).zip(&center) {
                *price = if *wanted > 0. && (proves_more || reaches_more) {
                    f64::midpoint(*center, wanted.min(MOST_RISE * center.max(LEAST_CENTER)))
                } else {
                    *wanted
                };
            }
            let last = near || ended == Ended::OutOfTime || tier == 0 || blend + 1 == MOST_BLENDS;
            if last {
                let Mean { weights, cost, .. } = found;
                return Ok(Some(TierFound { mean: weights, cost, bound: bound.min(cost), proven: near }));
            }
            mean = Some(found);
        }
        Ok(None)
    }

    fn add(&mut self, found: Repaired) {
        let cost = |costs: &Vec<f64>| -> f64 {
            let parts = self.program.parts.iter().zip(&found.awards);
            parts
                .map(|(part, awards)| {
                    let own = part.unit.iter().zip(&costs[part.first..]).zip(awards);
                    own.map(|((unit, cost), award)| unit * cost * award).sum::<f64>()
                })
                .sum()
        };
        let costs = self.costs.iter().map(cost).collect();
        self.points.push(Point { awards: found.awards, costs });
    }

    /// The mean of points with the least cost that holds every tier.
    fn best_mean(&self, tier: usize, watch: &mut Watch<'_>) -> Result<Mean, SolveError> {
        let column = ColumnLimits { low: 0., high: f64::INFINITY, integer: false };
        let terms = |cost: &dyn Fn(&Point) -> f64| self.points.iter().map(cost).enumerate().collect();
        let mut rows = vec![LimitedRow { terms: terms(&|_| 1.), low: 1., high: 1. }];
        rows.extend(self.held.iter().enumerate().map(|(held, limit)| LimitedRow {
            terms: terms(&|point| point.costs[held]),
            low: f64::NEG_INFINITY,
            high: *limit,
        }));
        let master = linear::Program { columns: vec![column; self.points.len()], rows };
        let mut engine = Engine::new(master.problem(), Settings { threads: 1, seed: 0, integer: None })?;
        let costs: Vec<f64> = self.points.iter().map(|point| point.costs[tier]).collect();
        engine.set_objective(Sense::Minimise, &costs);
        let end = watch.deadline;
        watch.deadline = end.max(std::time::Instant::now() + std::time::Duration::from_secs(1));
        let answer = engine.run(watch)?;
        watch.deadline = end;
        let (Some(mut weights), Some((duals, _))) = (answer.columns, engine.duals()) else {
            return Err(SolveError::Engine {
                phase: watch.phase.clone(),
                cause: "no mean of awards".to_owned(),
            });
        };
        for weight in &mut weights {
            *weight = weight.max(0.);
        }
        let cost = weights.iter().zip(&costs).map(|(weight, cost)| weight * cost).sum();
        Ok(Mean { weights, cost, prices: duals[1..].iter().map(|dual| (-dual).max(0.)).collect() })
    }

    /// The shares of a mean.
    fn shares(&self, mean: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.; self.program.offers];
        for (point, weight) in self.points.iter().zip(mean).filter(|(_, weight)| **weight > 0.) {
            for (part, awards) in self.program.parts.iter().zip(&point.awards) {
                for (i, (unit, award)) in part.unit.iter().zip(awards).enumerate() {
                    shares[part.first + i] += weight * unit * award;
                }
            }
        }
        shares
    }
}
