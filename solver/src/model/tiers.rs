//! The tiers, one after the other, each holding what the ones before it reached.
//!
//! Every tier starts warm from the solution of the one before. A tier is held at the best value
//! *found*, never at the bound, so that the held rows always have a solution.

use highs::Sense;

use super::{
    Network, Rules,
    engine::{Ended, Engine, Settings, Watch},
    linear::{Grain, formulate},
    network::{count, double},
};
use crate::{
    instance::{Objective, Tier},
    problem::Problem,
    read::codes,
    solve::SolveError,
};

/// Room that a held row leaves beyond its tolerance, in units of the scaled row.
pub(crate) const HOLD_SLACK: f64 = 1e-9;

/// The least share of what all lots are worth by which a held row is divided.
const LEAST_HELD: f64 = 1e-6;

/// Less room than this share of a tier's value is no choice at all.
const LEAST_ROOM: f64 = 1e-4;

/// What one tier reached in the model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Reached {
    pub tier: Tier,
    pub value: f64,
    pub bound: f64,
}

/// The best shares found.
#[derive(Clone, Debug)]
pub(crate) struct Relaxed {
    pub reached: Vec<Reached>,
    /// Share of its lot for every offer.
    pub shares: Vec<f64>,
    /// Whether every tier was solved to the end.
    pub complete: bool,
    pub warnings: Vec<Problem>,
}

/// How the tiers ended.
pub(crate) enum Search {
    Found(Relaxed),
    Infeasible,
    /// Time ran out before there was any solution.
    Nothing,
    /// The engine could not handle the numbers of this tier, and there is no solution.
    Failed(Tier),
    Cancelled,
}

/// A tier's objective over the columns of a formulation.
pub(crate) struct Goal {
    pub tier: Tier,
    pub tolerance: f64,
    /// More than the objective can be.
    most: f64,
    /// What the objective is divided by in the engine.
    pub scale: f64,
    over_units: bool,
    /// Per column, already divided.
    pub costs: Vec<f64>,
}

/// Whether more of a tier is better, or less.
pub(crate) const fn sense(tier: Tier) -> Sense {
    match tier {
        Tier::Coverage | Tier::Fit | Tier::Suppliers => Sense::Maximise,
        Tier::Cost | Tier::Spread => Sense::Minimise,
    }
}

impl Goal {
    pub fn new(network: &Network<'_>, rules: &Rules, objective: &Objective, grain: Grain<'_>) -> Self {
        let per_column: Vec<f64> = (0..network.offers.len())
            .map(|i| {
                let per_unit = double(network.tier_per_unit(objective.tier, i));
                match grain {
                    Grain::Shares => per_unit * count(network.quantity(i)),
                    Grain::Units(_) => per_unit,
                }
            })
            .collect();
        // What all lots together can be worth, at most.
        let mut worth = vec![0_f64; network.lots.len()];
        for (i, offer) in network.offers.iter().enumerate() {
            let per_unit = double(network.tier_per_unit(objective.tier, i));
            worth[offer.lot] = worth[offer.lot].max(per_unit * count(network.quantity(i)));
        }
        let most: f64 = worth.iter().sum();
        let scale = match grain {
            Grain::Shares => most,
            // As for rows: the engine's tolerance stays far below one unit.
            Grain::Units(_) => per_column.iter().copied().fold(0., f64::max),
        };
        let scale = if scale > 0. { scale } else { 1. };
        let mut costs: Vec<f64> = per_column.iter().map(|cost| cost / scale).collect();
        costs.resize(network.offers.len() + rules.totals.len(), 0.);
        let over_units = matches!(grain, Grain::Units(_));
        Self { tier: objective.tier, tolerance: objective.tolerance.to_f64(), most, scale, over_units, costs }
    }

    /// The same over the model's shares.
    pub fn over_shares(network: &Network<'_>, rules: &Rules, objective: &Objective) -> Self {
        Self::new(network, rules, objective, Grain::Shares)
    }

    pub fn sense(&self) -> Sense {
        sense(self.tier)
    }

    /// Whether this tier wants the same as another, as fit does where every supplier fits: then it
    /// needs no room.
    fn repeats(&self, other: &Self) -> bool {
        let same = |(one, other): (&f64, &f64)| (one - other).abs() <= 1e-12;
        self.sense() == other.sense() && self.costs.iter().zip(&other.costs).all(same)
    }

    /// The objective, in the instance's currency.
    pub fn value(&self, columns: &[f64]) -> f64 {
        let scaled: f64 = self.costs.iter().zip(columns).map(|(c, x)| c * x).sum();
        scaled * self.scale
    }

    /// What later tiers must leave of a value: the value less its tolerance.
    pub fn least(&self, value: f64) -> f64 {
        let give = self.tolerance * value.abs();
        match self.sense() {
            Sense::Maximise => value - give,
            Sense::Minimise => value + give,
        }
    }

    /// The less demanding of two values.
    pub fn easier(&self, one: f64, other: f64) -> f64 {
        match self.sense() {
            Sense::Maximise => one.min(other),
            Sense::Minimise => one.max(other),
        }
    }

    /// Adds the row that keeps this tier at a value.
    pub fn hold(&self, engine: &mut Engine, value: f64) -> Result<(), SolveError> {
        // Over shares the row is divided by what it holds, so that its slack is a share of that even
        // where caps leave little of what the lots are worth.
        let unit = if self.over_units { self.scale } else { value.abs().max(self.scale * LEAST_HELD) };
        let (low, high) = match self.sense() {
            Sense::Maximise => (value / unit - HOLD_SLACK, f64::INFINITY),
            Sense::Minimise => (f64::NEG_INFINITY, value / unit + HOLD_SLACK),
        };
        let factor = self.scale / unit;
        let terms: Vec<(usize, f64)> = self
            .costs
            .iter()
            .enumerate()
            .filter(|(_, cost)| **cost != 0.)
            .map(|(column, cost)| (column, cost * factor))
            .collect();
        engine.add_row(low, high, &terms)
    }

    /// What a solution reaches that no proof stands behind: the bound gives every lot in full to its
    /// best offer.
    pub fn unproven(&self, shares: &[f64]) -> Reached {
        let bound = match self.sense() {
            Sense::Maximise => self.most,
            Sense::Minimise => 0.,
        };
        Reached { tier: self.tier, value: self.value(shares), bound }
    }
}

/// Optimises the tiers in order.
pub(crate) fn solve(
    network: &Network<'_>,
    rules: &Rules,
    watch: &mut Watch<'_>,
) -> Result<Search, SolveError> {
    let instance = network.instance;
    let Some(problem) = formulate(network, rules, Grain::Shares, |_| true) else {
        return Ok(Search::Infeasible);
    };
    let mut engine = Engine::new(problem, Settings::from(&instance.limits))?;
    let goals: Vec<Goal> =
        instance.objectives.iter().map(|objective| Goal::over_shares(network, rules, objective)).collect();
    if goals.is_empty() {
        return any_solution(network, &mut engine, watch);
    }

    let mut shares: Option<Vec<f64>> = None;
    let mut reached: Vec<Reached> = Vec::new();
    let mut warnings = Vec::new();
    let mut complete = true;
    for (position, goal) in goals.iter().enumerate() {
        watch.enter(goal.tier.name());
        engine.set_objective(goal.sense(), &goal.costs);
        let answer = engine.run(watch)?;
        if let Some(columns) = answer.columns {
            let found = clean(columns, network);
            // A solution of a stopped run may be worse than the one it started from.
            let better = shares
                .as_ref()
                .is_none_or(|held| answer.ended == Ended::Optimal || improves(goal, &found, held));
            if better {
                shares = Some(found);
            }
        }
        match (answer.ended, &shares) {
            (Ended::Cancelled, _) => return Ok(Search::Cancelled),
            (Ended::Infeasible, None) => return Ok(Search::Infeasible),
            (Ended::Limit, None) => return Ok(Search::Nothing),
            (Ended::Failed, None) => return Ok(Search::Failed(goal.tier)),
            // After the first tier infeasible can only mean lost in the tolerance: the last solution
            // keeps every rule and every held tier.
            (Ended::Limit | Ended::Failed | Ended::Infeasible, Some(_)) => complete = false,
            (Ended::Optimal, _) => {}
        }
        let Some(held) = &shares else {
            return Ok(Search::Nothing);
        };
        if !complete {
            let left = &goals[position..];
            reached.extend(left.iter().map(|goal| goal.unproven(held)));
            break;
        }
        let value = goal.value(held);
        reached.push(Reached { tier: goal.tier, value, bound: value });
        (watch.best, watch.bound) = (Some(value), Some(value));
        watch.report();
        let repeats = goals[..position].iter().any(|before| goal.repeats(before));
        if position > 0 && !repeats && has_no_room(&mut engine, goal, value, watch)? {
            warnings.push(no_room(goal));
        }
        if position + 1 < goals.len() {
            goal.hold(&mut engine, goal.least(value))?;
        }
    }
    Ok(shares
        .map_or(Search::Nothing, |shares| Search::Found(Relaxed { reached, shares, complete, warnings })))
}

/// Without tiers any solution is as good as another.
fn any_solution(
    network: &Network<'_>,
    engine: &mut Engine,
    watch: &mut Watch<'_>,
) -> Result<Search, SolveError> {
    let answer = engine.run(watch)?;
    Ok(match (answer.ended, answer.columns) {
        (Ended::Cancelled, _) => Search::Cancelled,
        (Ended::Infeasible, _) => Search::Infeasible,
        (_, None) => Search::Nothing,
        (_, Some(columns)) => Search::Found(Relaxed {
            reached: Vec::new(),
            shares: clean(columns, network),
            complete: true,
            warnings: Vec::new(),
        }),
    })
}

/// The shares among the columns, without the engine's tolerance at their limits.
fn clean(mut columns: Vec<f64>, network: &Network<'_>) -> Vec<f64> {
    columns.truncate(network.offers.len());
    for share in &mut columns {
        *share = share.clamp(0., 1.);
    }
    columns
}

fn improves(goal: &Goal, found: &[f64], held: &[f64]) -> bool {
    let (found, held) = (goal.value(found), goal.value(held));
    match goal.sense() {
        Sense::Maximise => found > held,
        Sense::Minimise => found < held,
    }
}

/// Whether the held tiers leave this one nothing to choose: its worst value is as good as its best.
fn has_no_room(
    engine: &mut Engine,
    goal: &Goal,
    best: f64,
    watch: &mut Watch<'_>,
) -> Result<bool, SolveError> {
    let opposite = match goal.sense() {
        Sense::Maximise => Sense::Minimise,
        Sense::Minimise => Sense::Maximise,
    };
    engine.set_objective(opposite, &goal.costs);
    let answer = engine.run(watch)?;
    Ok(match (answer.ended, answer.columns) {
        (Ended::Optimal, Some(columns)) => (goal.value(&columns) - best).abs() < LEAST_ROOM * best.abs(),
        _ => false,
    })
}

fn no_room(goal: &Goal) -> Problem {
    let codes::Code { code, action, .. } = codes::W2005;
    Problem {
        code: code.to_owned(),
        cause: format!("the tiers before it leave the tier {} less than 0.01 % of room", goal.tier.name()),
        action: action.to_owned(),
        file: String::new(),
        row: 0,
        column: "objectives".to_owned(),
    }
}
