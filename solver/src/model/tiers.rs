//! The tiers, one after the other, each holding what the ones before it reached.
//!
//! Every tier starts warm from the solution of the one before. A tier is held at the best value
//! *found*, never at the bound, so that what holds it always has a solution: in a linear program, where it may lose
//! nothing, by what its optimum's duals say of columns and rows ([`engine::Face`](super::engine::Face)); otherwise, and
//! where a later solution shows that this did not hold it, by a row. A linear program is
//! solved to its end; one with binaries until its gap is small enough, and while time lasts: then the
//! tiers after it still improve on what was found.

use std::sync::Arc;

use highs::Sense;

use super::{
    Network, Rules,
    engine::{Answer, Basis, Ended, Engine, Face, IntegerSettings, Method, Spans, Watch},
    improve,
    linear::{Grain, column, columns_of, spread_row},
    network::{count, double},
    sheet::{Duals, Sheet},
    spread, start,
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

/// What an engine's value and bound may differ by, relatively, however small the gap that is asked for.
const ENGINE_GAP: f64 = 1e-6;

/// Less room than this share of a tier's value is no choice at all.
const LEAST_ROOM: f64 = 1e-4;

/// Tolerance of rows and whole numbers in a program with binaries. Hold rows leave 1e-9 of room.
const MIP_TOLERANCE: f64 = 1e-9;

/// Share of the time left that a tier of an integer program may take, if others come after it.
const TIER_SHARE: f64 = 0.6;

/// What one tier reached in the model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Reached {
    pub tier: Tier,
    pub value: f64,
    pub bound: f64,
}

/// The best shares found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relaxed {
    pub reached: Vec<Reached>,
    /// Share of its lot for every offer.
    pub shares: Vec<f64>,
    /// The awards themselves, where the model is over whole units.
    pub units: Option<Vec<u64>>,
    /// What was published of the same shares before, in a session.
    pub published: Option<Vec<u64>>,
    /// The shares with which each tier was left, in order.
    pub path: Vec<Vec<f64>>,
    /// Whether every tier was solved to the end.
    pub complete: bool,
    /// Of the first tier, where the model is a linear program.
    pub duals: Option<Duals>,
    /// Whether the first-order engine found them.
    pub first_order: bool,
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
        let tier = objective.tier;
        let per_unit = |i: usize| network.near_tier_unit(tier, i);
        let mut costs: Vec<f64> = (0..network.offers.len())
            .map(|i| match grain {
                Grain::Shares => per_unit(i) * count(network.quantity(i)),
                Grain::Units(_) => per_unit(i),
            })
            .collect();
        let largest = costs.iter().copied().fold(0., f64::max);
        costs.resize(network.offers.len() + rules.totals.len() + rules.switches.len(), 0.);
        let switches = switch_costs(network, rules, tier);
        for (switch, cost) in &switches {
            costs[column(network, rules, super::Column::Switch(*switch))] += cost;
        }
        // What all lots and switches together can be worth, at most.
        let mut worth = vec![0_f64; network.lots.len()];
        for (i, offer) in network.offers.iter().enumerate() {
            worth[offer.lot] = worth[offer.lot].max(per_unit(i) * count(network.quantity(i)));
        }
        let most: f64 = worth.iter().sum::<f64>() + switches.iter().map(|(_, cost)| cost).sum::<f64>();
        let scale = match grain {
            // Counting by ones: the engine then knows that the objective is a whole number.
            _ if tier == Tier::Suppliers => 1.,
            Grain::Units(_) if largest > 0. => largest,
            // As for rows: the engine's tolerance stays far below one unit.
            _ => most,
        };
        let scale = if scale > 0. { scale } else { 1. };
        for cost in &mut costs {
            *cost /= scale;
        }
        let over_units = matches!(grain, Grain::Units(_));
        Self { tier, tolerance: objective.tolerance.to_f64(), most, scale, over_units, costs }
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
        self.scaled(columns) * self.scale
    }

    /// The objective, as the engine has it.
    pub fn scaled(&self, columns: &[f64]) -> f64 {
        self.costs.iter().zip(columns).map(|(c, x)| c * x).sum()
    }

    /// Whether a solution is better than another one.
    pub fn improves(&self, found: &[f64], held: &[f64]) -> bool {
        let (found, held) = (self.value(found), self.value(held));
        match self.sense() {
            Sense::Maximise => found > held,
            Sense::Minimise => found < held,
        }
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
        let unit = self.divisor(value);
        let (low, high) = self.held_between(value, unit);
        let factor = self.scale / unit;
        let terms: Vec<(usize, f64)> = self
            .costs
            .iter()
            .enumerate()
            .filter(|(_, cost)| **cost != 0.)
            .map(|(column, cost)| (column, cost * factor))
            .collect();
        engine.add_row(low, high, &terms).map(|_| ())
    }

    /// Adds what keeps this tier, spread included, at a value but for its tolerance.
    pub fn keep(&self, sheet: &mut Sheet<'_>, value: f64) -> Result<(), SolveError> {
        if self.tier != Tier::Spread {
            return self.hold(&mut sheet.engine, self.least(value));
        }
        let spread = value + self.tolerance + HOLD_SLACK;
        for row in &sheet.rules.spread {
            let row = spread_row(sheet.network, sheet.rules, sheet.grain, row, (spread, row.largest()));
            if row.1.is_finite() {
                sheet.at_most(&row)?;
            }
        }
        Ok(())
    }

    /// Whether a solution keeps this tier at a value, as exactly as a held row.
    pub fn keeps(&self, value: f64, columns: &[f64]) -> bool {
        let found = self.value(columns);
        let short = match self.sense() {
            Sense::Maximise => value - found,
            Sense::Minimise => found - value,
        };
        // Its slack, and the engine's tolerance.
        short <= 2. * HOLD_SLACK * self.divisor(value)
    }

    /// What the row is divided by that keeps this tier at a value: over shares by what it holds, so that its
    /// slack is a share of that even where caps leave little of what the lots are worth.
    pub fn divisor(&self, value: f64) -> f64 {
        if self.over_units { self.scale } else { value.abs().max(self.scale * LEAST_HELD) }
    }

    /// The limits of such a row.
    pub fn held_between(&self, value: f64, divisor: f64) -> (f64, f64) {
        match self.sense() {
            Sense::Maximise => (value / divisor - HOLD_SLACK, f64::INFINITY),
            Sense::Minimise => (f64::NEG_INFINITY, value / divisor + HOLD_SLACK),
        }
    }

    /// Whether it is held by its optimal solutions, and not by a row.
    pub fn is_held_by_face(&self) -> bool {
        self.tolerance <= 0. && !matches!(self.tier, Tier::Spread)
    }

    /// What this tier is at its worst for.
    pub fn opposite(&self) -> Sense {
        match self.sense() {
            Sense::Maximise => Sense::Minimise,
            Sense::Minimise => Sense::Maximise,
        }
    }

    /// The warning that the tiers before leave this one nothing to choose, if its worst value is as good as
    /// its best.
    pub fn warning(&self, worst: &Answer, best: f64) -> Option<Problem> {
        let columns = worst.columns.as_ref().filter(|_| worst.ended == Ended::Optimal)?;
        ((self.value(columns) - best).abs() < LEAST_ROOM * best.abs()).then(|| no_room(self))
    }

    /// What a solution reaches that no proof stands behind: the bound gives every lot in full to its
    /// best offer.
    pub fn unproven(&self, value: f64) -> Reached {
        Reached { tier: self.tier, value, bound: self.trivial_bound() }
    }

    fn trivial_bound(&self) -> f64 {
        match self.sense() {
            Sense::Maximise => self.most,
            Sense::Minimise => 0.,
        }
    }

    /// The bound that a run proves of this tier, in the tier's own unit; `None` where it proves none.
    pub fn bound_of(&self, answer: &Answer) -> Option<f64> {
        let value = self.value(answer.columns.as_ref()?);
        let proves = answer.ended == Ended::Optimal || answer.bound.is_some();
        proves.then(|| self.proven(value, answer.ended, answer.bound))
    }

    /// A bound as the engine states it, in the tier's own unit, and no better than what was found.
    fn proven(&self, value: f64, ended: Ended, bound: Option<f64>) -> f64 {
        if ended == Ended::Optimal && bound.is_none() {
            // Solved to its end, or without a search, as presolve does.
            return value;
        }
        let bound = bound.map_or_else(|| self.trivial_bound(), |bound| bound * self.scale);
        match self.sense() {
            Sense::Maximise => bound.min(self.most).max(value),
            Sense::Minimise => bound.max(0.).min(value),
        }
    }
}

/// What switches add to a tier's objective.
fn switch_costs(network: &Network<'_>, rules: &Rules, tier: Tier) -> Vec<(usize, f64)> {
    match tier {
        Tier::Cost => rules.switch_costs.iter().map(|(switch, cost)| (*switch, double(cost))).collect(),
        Tier::Suppliers => (0..network.suppliers.len())
            .filter_map(|supplier| Some((*rules.supplier_switches.get(&supplier)?, 1.)))
            .collect(),
        Tier::Coverage | Tier::Fit | Tier::Spread => Vec::new(),
    }
}

/// What one tier ended with.
pub(crate) struct Step {
    pub ended: Ended,
    /// The best columns found, be they those from before.
    pub columns: Option<Vec<f64>>,
    pub value: f64,
    pub bound: f64,
}

/// Optimises the tiers in order, from the beginning. `warn`: whether to look for tiers that have no room.
pub(super) fn optimise(
    network: &Network<'_>,
    rules: &Rules,
    warn: bool,
    watch: &mut Watch<'_>,
) -> Result<Search, SolveError> {
    let instance = network.instance;
    let all: Vec<u64> = (0..network.offers.len()).map(|i| network.quantity(i)).collect();
    let grain = if instance.whole_units { Grain::Units(&all) } else { Grain::Shares };
    let integer = IntegerSettings {
        relative_gap: instance.limits.relative_gap.to_f64(),
        most_nodes: None,
        tolerance: if instance.whole_units { UNITS_TOLERANCE } else { MIP_TOLERANCE },
    };
    let Some(sheet) = Sheet::new(network, rules, grain, integer, |_| true)? else {
        return Ok(Search::Infeasible);
    };
    let mut tiers = Tiers::new(sheet, warn, watch);
    tiers.integer = Some(integer);
    tiers.solve(watch)
}

/// Tolerance of rows over units, which are tested exactly.
pub(crate) const UNITS_TOLERANCE: f64 = 1e-7;

/// The tiers on their way.
pub(super) struct Tiers<'a> {
    sheet: Sheet<'a>,
    /// How to build the sheet again when the engine has lost it; `None`: not at all.
    integer: Option<IntegerSettings>,
    goals: Vec<Goal>,
    /// Whether to look for tiers without room.
    warn: bool,
    /// The best columns so far.
    held: Option<Vec<f64>>,
    /// Of the first tier.
    duals: Option<Duals>,
    reached: Vec<Reached>,
    path: Vec<Vec<f64>>,
    warnings: Vec<Problem>,
    complete: bool,
    /// How the next tier is solved.
    method: Method,
    /// The optimal basis of each tier, of before or of now; `None`: not asked for.
    bases: Option<Bases>,
    /// Of each tier that was reached, its optimal solutions, where they hold it.
    faces: Vec<Option<Arc<Face>>>,
    /// The limits of columns and rows before the first face; `None`: nothing was held by one.
    limits: Option<Spans>,
    /// Whether tiers are held by rows only, as faces have not done.
    by_rows: bool,
}

/// By tier, the optimal bases of its two runs: at its best, and at its worst where room was looked for.
#[derive(Default)]
pub(super) struct Bases(Vec<[Option<Basis>; 2]>);

impl Bases {
    pub fn of(&self, tier: usize, worst: bool) -> Option<&Basis> {
        self.0.get(tier)?[usize::from(worst)].as_ref()
    }
}

impl<'a> Tiers<'a> {
    pub fn new(sheet: Sheet<'a>, warn: bool, watch: &Watch<'_>) -> Self {
        let objectives = &sheet.network.instance.objectives;
        let goals = objectives
            .iter()
            .map(|objective| Goal::new(sheet.network, sheet.rules, objective, sheet.grain))
            .collect();
        // A program with binaries may not find a solution for long where a simple one exists.
        let held = if sheet.integer {
            start::awards(sheet.network, sheet.rules, || watch.is_over())
                .map(|units| columns_of(sheet.network, sheet.rules, sheet.grain, &units))
        } else {
            None
        };
        Self {
            sheet,
            integer: None,
            goals,
            warn,
            held,
            duals: None,
            reached: Vec::new(),
            path: Vec::new(),
            warnings: Vec::new(),
            complete: true,
            method: Method::Bare,
            bases: None,
            faces: Vec::new(),
            limits: None,
            by_rows: false,
        }
    }

    /// The same, remembering the basis of each tier.
    pub fn remembering(mut self) -> Self {
        self.bases = Some(Bases(self.goals.iter().map(|_| [None, None]).collect()));
        self
    }

    /// What was remembered: bases, and by tier what holds it.
    pub fn into_past(self) -> (Bases, Vec<Option<Arc<Face>>>) {
        (self.bases.unwrap_or_default(), self.faces)
    }

    /// Remembers the basis of the last run, if it was optimal.
    fn remember(&mut self, tier: usize, worst: bool, ended: Ended) {
        if let Some(bases) = self.bases.as_mut().filter(|_| ended == Ended::Optimal) {
            bases.0[tier][usize::from(worst)] = self.sheet.engine.basis();
        }
    }

    pub fn solve(&mut self, watch: &mut Watch<'_>) -> Result<Search, SolveError> {
        if self.goals.is_empty() {
            return self.any_solution(watch);
        }
        for position in 0..self.goals.len() {
            let last = position + 1 == self.goals.len();
            let tier = self.goals[position].tier;
            watch.enter(tier.name());
            let end = watch.deadline;
            if self.sheet.integer && !last {
                watch.keep_back(1. - TIER_SHARE);
            }
            // What the tiers before leave when nobody asks for this one: if that is worse, there is room.
            let unasked = self.held.as_ref().map(|held| self.goals[position].value(held));
            let step = self.step_on_faces(position, last, watch)?;
            watch.deadline = end;
            let face = self.face_of(position, last, step.ended);
            match (step.ended, &step.columns) {
                (Ended::Cancelled, _) => return Ok(Search::Cancelled),
                (Ended::Infeasible, None) => return Ok(Search::Infeasible),
                (Ended::Limit, None) => return Ok(Search::Nothing),
                (Ended::Failed, None) => return Ok(Search::Failed(tier)),
                // After the first tier infeasible can only mean lost in the tolerance: the last solution
                // keeps every rule and every held tier.
                (Ended::Limit | Ended::Failed | Ended::Infeasible, Some(_)) => self.complete = false,
                (Ended::Optimal, _) => {}
            }
            self.held = step.columns;
            let Step { value, bound, ended, .. } = step;
            self.reached.push(Reached { tier, value, bound });
            self.path.extend(self.held.as_ref().map(|held| self.sheet.shares(held)));
            // The engine has called optimal what its own bound does not prove, where held tiers leave no
            // more room than its tolerance.
            let gap = self.sheet.network.instance.limits.relative_gap.to_f64().max(ENGINE_GAP);
            self.complete &= tier == Tier::Spread || (value - bound).abs() <= gap * value.abs().max(1.);
            if position == 0 && ended == Ended::Optimal && tier != Tier::Spread {
                self.duals = self.sheet.duals(self.goals[0].scale);
            }
            (watch.best, watch.bound) = (Some(value), Some(bound));
            watch.report();
            if ended != Ended::Optimal && !(self.sheet.integer && watch.seconds_left() > 0.) {
                self.leave_the_rest();
                break;
            }
            if self.warn && !self.sheet.integer && may_lack_room(&self.goals, position, unasked, value) {
                self.look_for_room(position, value, watch)?;
            }
            if last {
                break;
            }
            if self.sheet.engine.is_lost() {
                if !self.build_again(watch)? {
                    self.leave_the_rest();
                    break;
                }
            } else if tier != Tier::Spread {
                self.method = self.next_method(position);
                self.hold(position, value, face)?;
            }
        }
        Ok(self.found())
    }

    /// One tier from where the ones before it ended; held by rows where their faces do not hold them.
    fn step_on_faces(
        &mut self,
        position: usize,
        last: bool,
        watch: &mut Watch<'_>,
    ) -> Result<Step, SolveError> {
        if self.limits.is_none() {
            return self.step(position, last, watch);
        }
        let (size, held) = (self.sheet.engine.size(), self.held.clone());
        let step = self.step(position, last, watch)?;
        let refuted = match (step.ended, &step.columns) {
            (Ended::Infeasible | Ended::Failed, _) => true,
            (Ended::Cancelled, _) | (_, None) => false,
            (_, Some(columns)) => !keep(&self.goals, &self.reached, &self.faces, columns),
        };
        if !refuted || self.sheet.engine.is_lost() {
            return Ok(step);
        }
        self.held = held;
        self.hold_by_rows(size)?;
        self.step(position, last, watch)
    }

    /// The optimal solutions of the tier that ended last, if they are to hold it.
    fn face_of(&mut self, position: usize, last: bool, ended: Ended) -> Option<Arc<Face>> {
        let counts = !last && !self.by_rows && ended == Ended::Optimal && !self.sheet.integer;
        let held = counts && self.sheet.rules.cones.is_empty() && self.goals[position].is_held_by_face();
        let face = if held { self.sheet.engine.face() } else { None };
        face.map(Arc::new)
    }

    /// Holds a tier at what it reached.
    fn hold(&mut self, position: usize, value: f64, face: Option<Arc<Face>>) -> Result<(), SolveError> {
        let engine = &mut self.sheet.engine;
        let now = if face.is_some() { engine.limits() } else { None };
        let Some((face, now)) = face.zip(now) else {
            let goal = &self.goals[position];
            return goal.hold(engine, goal.least(value));
        };
        let mut narrow = now.clone();
        face.narrow(&mut narrow);
        engine.change_limits(&now, &narrow)?;
        let before = self.limits.get_or_insert_default();
        if before.columns.is_empty() {
            before.columns = now.columns;
        }
        // Rows that hold tiers have come since.
        before.rows.extend(now.rows.into_iter().skip(before.rows.len()));
        self.faces.resize(position, None);
        self.faces.push(Some(face));
        Ok(())
    }

    /// Holds by rows what faces held, in a program that is taken back to a size.
    fn hold_by_rows(&mut self, (columns, rows): (usize, usize)) -> Result<(), SolveError> {
        self.by_rows = true;
        let engine = &mut self.sheet.engine;
        engine.cut_back(columns, rows)?;
        if let (Some(before), Some(now)) = (self.limits.take(), engine.limits()) {
            engine.change_limits(&now, &before)?;
        }
        for ((goal, reached), face) in self.goals.iter().zip(&self.reached).zip(&self.faces) {
            if face.is_some() {
                goal.hold(engine, goal.least(reached.value))?;
            }
        }
        self.faces.clear();
        engine.expect_anything();
        Ok(())
    }

    /// A new program in place of one that was lost with a run, all tiers so far held; whether there is one.
    fn build_again(&mut self, watch: &Watch<'_>) -> Result<bool, SolveError> {
        let (network, rules, grain) = (self.sheet.network, self.sheet.rules, self.sheet.grain);
        let Some(integer) = self.integer.filter(|_| watch.seconds_left() > 0.) else {
            return Ok(false);
        };
        let Some(sheet) = Sheet::new(network, rules, grain, integer, |_| true)? else {
            return Ok(false);
        };
        self.sheet = sheet;
        for (goal, reached) in self.goals.iter().zip(&self.reached) {
            goal.keep(&mut self.sheet, reached.value)?;
        }
        Ok(true)
    }

    /// One tier from where the ones before it ended.
    fn step(&mut self, position: usize, last: bool, watch: &mut Watch<'_>) -> Result<Step, SolveError> {
        let goal = &self.goals[position];
        if goal.tier == Tier::Spread {
            let search = spread::Search { tolerance: goal.tolerance, last, lowest: 0. };
            return spread::search(&mut self.sheet, self.held.take(), &search, watch);
        }
        self.sheet.set_objective(goal.sense(), &goal.costs);
        self.sheet.engine.solve_by(self.method);
        watch.unit = goal.scale;
        if let Some(held) = &self.held {
            self.sheet.start_from(held)?;
        }
        let Answer { ended, columns, bound } = self.run(position, watch)?;
        self.remember(position, false, ended);
        let goal = &self.goals[position];
        let held = self.held.take();
        // A solution of a stopped run may be worse than the one it started from.
        let columns = match (columns, held) {
            (Some(found), Some(held)) => {
                let better = ended == Ended::Optimal || goal.improves(&found, &held);
                Some(if better { found } else { held })
            }
            (found, held) => found.or(held),
        };
        let value = columns.as_ref().map_or(0., |columns| goal.value(columns));
        let bound = goal.proven(value, ended, bound);
        Ok(Step { ended, columns, value, bound })
    }

    /// Runs the engine; of an integer program with a search for better solutions beside it, which counts where the
    /// engine does not come to its end.
    fn run(&mut self, position: usize, watch: &mut Watch<'_>) -> Result<Answer, SolveError> {
        let Sheet { network, rules, grain, .. } = self.sheet;
        let Some(settings) = self.integer.filter(|_| self.sheet.integer) else {
            return self.sheet.run(watch);
        };
        let goal = &self.goals[position];
        let task = improve::Task {
            network,
            rules,
            grain,
            settings,
            before: &self.goals[..position],
            reached: &self.reached,
            goal,
            held: self.held.as_deref(),
        };
        if !task.is_worth_it() {
            return self.sheet.run(watch);
        }
        let sheet = &mut self.sheet;
        let (answer, improved) = task.beside(watch, |watch| sheet.run(watch));
        let mut answer = answer?;
        if matches!(answer.ended, Ended::Limit | Ended::Failed) {
            answer.columns = match (answer.columns, improved) {
                (Some(found), Some(improved)) if !goal.improves(&improved, &found) => Some(found),
                (found, improved) => improved.or(found),
            };
        }
        Ok(answer)
    }

    /// How the tier after this one is solved from here.
    fn next_method(&mut self, position: usize) -> Method {
        if self.goals[..=position].iter().any(|goal| goal.tolerance > 0.) {
            Method::Wide
        } else if self.sheet.few_solutions() {
            Method::Narrow
        } else {
            Method::Fresh
        }
    }

    /// No time for the tiers that are left: what was found stands, unproven.
    fn leave_the_rest(&mut self) {
        let Some(held) = &self.held else {
            return;
        };
        for goal in &self.goals[self.reached.len()..] {
            let value =
                if goal.tier == Tier::Spread { spread::needed(&self.sheet, held) } else { goal.value(held) };
            self.reached.push(goal.unproven(value));
        }
    }

    /// Warns of a tier that the ones before it leave nothing to choose.
    fn look_for_room(
        &mut self,
        position: usize,
        value: f64,
        watch: &mut Watch<'_>,
    ) -> Result<(), SolveError> {
        let goal = &self.goals[position];
        self.sheet.set_objective(goal.opposite(), &goal.costs);
        let worst = self.sheet.run(watch)?;
        self.warnings.extend(goal.warning(&worst, value));
        self.remember(position, true, worst.ended);
        Ok(())
    }

    /// Without tiers any solution is as good as another.
    fn any_solution(&mut self, watch: &mut Watch<'_>) -> Result<Search, SolveError> {
        let Answer { ended, columns, .. } = self.sheet.run(watch)?;
        self.held = columns;
        Ok(match (ended, &self.held) {
            (Ended::Cancelled, _) => Search::Cancelled,
            (Ended::Infeasible, _) => Search::Infeasible,
            (_, None) => Search::Nothing,
            (_, Some(_)) => self.found(),
        })
    }

    fn found(&mut self) -> Search {
        let Some(held) = self.held.take() else {
            return Search::Nothing;
        };
        let units = matches!(self.sheet.grain, Grain::Units(_)).then(|| self.sheet.units(&held));
        Search::Found(Relaxed {
            reached: std::mem::take(&mut self.reached),
            shares: self.sheet.shares(&held),
            units,
            published: None,
            path: std::mem::take(&mut self.path),
            complete: self.complete,
            duals: self.duals.take(),
            first_order: false,
            warnings: std::mem::take(&mut self.warnings),
        })
    }
}

/// Whether a solution keeps every tier that a face holds.
pub(super) fn keep(
    goals: &[Goal],
    reached: &[Reached],
    faces: &[Option<Arc<Face>>],
    columns: &[f64],
) -> bool {
    let mut held = goals.iter().zip(reached).zip(faces).filter(|(_, face)| face.is_some());
    held.all(|((goal, reached), _)| goal.keeps(reached.value, columns))
}

/// Whether a tier may have nothing to choose, as far as that is cheap to see: what the tiers before it leave
/// when nobody asks for it, `unasked`, is no worse.
pub(super) fn may_lack_room(goals: &[Goal], position: usize, unasked: Option<f64>, value: f64) -> bool {
    let goal = &goals[position];
    let counts = !matches!(goal.tier, Tier::Suppliers | Tier::Spread);
    let repeats = || goals[..position].iter().any(|before| goal.repeats(before));
    let has_room = unasked.is_some_and(|unasked| (unasked - value).abs() >= LEAST_ROOM * value.abs());
    position > 0 && counts && !has_room && !repeats()
}

pub(super) fn no_room(goal: &Goal) -> Problem {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::{
        model::{Standings, engine, linear::formulate},
        read,
    };

    #[test]
    fn a_tier_that_its_face_does_not_hold_is_held_by_a_row() {
        let _alone = engine::lock();
        let text = r#"{"format": "eslabon-instance/1", "currency": "USD", "objectives": ["coverage", "cost"],
            "buyers": [{"id": "A"}], "suppliers": [{"id": "S", "annual_sales": 1000}],
            "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 50, "reference_price": 10}],
            "pairs": [{"supplier": "S", "lot": "L"}]}"#;
        let instance = read::from_json(text.as_bytes()).expect("a valid instance").instance;
        let network = Network::new(&instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let cancel = AtomicBool::new(false);
        let mut progress = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(60., &cancel, &mut progress);
        for loose in [false, true] {
            let formulation = formulate(&network, &rules, Grain::Shares, |_| true, false).expect("columns");
            let engine = Engine::new(formulation.program.problem(), (&instance.limits).into());
            let sheet = Sheet::over_shares(&network, &rules, engine.expect("a program"), formulation.rows);
            let mut tiers = Tiers::new(sheet, false, &watch);
            let first = tiers.step_on_faces(0, false, &mut watch).expect("no defect");
            let own = tiers.face_of(0, false, first.ended);
            assert!(own.is_some());
            tiers.held = first.columns;
            tiers.reached.push(Reached { tier: Tier::Coverage, value: first.value, bound: first.bound });
            let face = if loose { Some(Arc::default()) } else { own };
            tiers.hold(0, first.value, face).expect("limits");
            let next = tiers.step_on_faces(1, true, &mut watch).expect("no defect");
            // The cheapest is to award nothing.
            assert!(next.value > 499., "{loose}: {}", next.value);
            assert_eq!(tiers.by_rows, loose);
        }
    }
}
