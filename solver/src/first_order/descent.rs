//! One program solved to a gap: rounds of steps, looks at what they prove, repairs.

use super::{
    bound,
    program::Program,
    repair::{self, Repaired},
    steps::{self, NO_WEIGHT, Steps},
};
use crate::model::engine::Watch;

/// Steps between two looks.
const STEPS: usize = 40;

/// A round ends when the last step is this much shorter than its first one was,
const MUCH_SHORTER: f64 = 0.2;
/// or this much, and longer than at the look before,
const SHORTER: f64 = 0.8;
/// or when it has taken this share of all steps.
const LONGEST_ROUND: f64 = 0.36;

/// How much of what the last round suggests for ω is taken over, in logarithms.
const SMOOTHING: f64 = 0.5;

/// How far ω may go from what the sizes of objective and limits suggest: near the end of a round that hardly
/// moves, distances are noise.
const MOST_OFF: f64 = 1e4;

/// Length of steps, as a share of what is known to converge.
const SAFE_STEP: f64 = 0.998;

/// Rounds of the power method for the norm of A.
const POWER_ROUNDS: usize = 40;

/// Looks between two repairs.
const LOOKS_PER_REPAIR: usize = 4;

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    Converged,
    OutOfTime,
    Cancelled,
}

/// What a search found.
pub(super) struct Found {
    pub ended: Ended,
    pub best: Repaired,
    /// Proven to be at most the least cost.
    pub bound: f64,
}

/// How near value and bound have to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub absolute: f64,
    /// A part of the value.
    pub relative: f64,
}

impl Gap {
    fn at(self, cost: f64) -> f64 {
        self.absolute.max(self.relative * cost.abs())
    }
}

/// The steps at their safe length, from nothing.
pub(super) fn start(program: &Program) -> Steps {
    let mut steps = Steps::new(program);
    steps.eta = SAFE_STEP / norm(program);
    steps
}

/// Least cost to within a gap, from where the steps stand. `seen` is called with every bound proven and
/// every repaired cost.
pub(super) fn descend(
    program: &Program,
    steps: &mut Steps,
    gap: Gap,
    watch: &mut Watch<'_>,
    mut seen: impl FnMut(&mut Watch<'_>, f64, Option<f64>),
) -> Found {
    let weight = first_weight(program, steps);
    let (least, most) = (weight / MOST_OFF, weight * MOST_OFF);
    if steps.omega == NO_WEIGHT {
        steps.omega = weight;
        steps.advance(program, 1);
    }
    steps.omega = steps.omega.clamp(least, most);
    steps.begin_round(program);
    let mut search = Search { program, gap, best: None, bound: f64::NEG_INFINITY, total: 0, looks: 0 };
    loop {
        let first = steps.advance(program, 1).distance(steps.eta, steps.omega);
        let mut before = first;
        loop {
            let now = steps.advance(program, STEPS).distance(steps.eta, steps.omega);
            search.total += STEPS;
            let ended = search.look(steps, watch);
            seen(watch, search.bound, search.best.as_ref().map(|best| best.cost));
            if let Some(ended) = ended {
                let best = search.best.take().unwrap_or_else(|| repair::repair(program, &steps.places));
                return Found { ended, best, bound: search.bound };
            }
            let long = double(steps.round) >= LONGEST_ROUND * double(search.total);
            if now <= MUCH_SHORTER * first || (now <= SHORTER * first && now > before) || long {
                break;
            }
            before = now;
        }
        let (primal, dual) = steps.begin_round(program);
        if primal > 0. && dual > 0. {
            let error = (dual / primal).ln() - steps.omega.ln();
            steps.omega = SMOOTHING.mul_add(error, steps.omega.ln()).exp().clamp(least, most);
        }
    }
}

fn double(steps: usize) -> f64 {
    f64::from(u32::try_from(steps).unwrap_or(u32::MAX))
}

/// A search on its way.
struct Search<'a> {
    program: &'a Program,
    gap: Gap,
    best: Option<Repaired>,
    bound: f64,
    total: usize,
    looks: usize,
}

impl Search<'_> {
    /// What the last step proves and what its repair reaches; whether that is the end.
    fn look(&mut self, steps: &Steps, watch: &Watch<'_>) -> Option<Ended> {
        self.looks += 1;
        self.bound = self.bound.max(bound::lower_bound(self.program, &steps.places));
        if watch.cancelled() {
            return Some(Ended::Cancelled);
        }
        let late = watch.seconds_left() <= 0.;
        let (cost, loss) = estimate(self.program, steps);
        let gap = self.gap.at(cost);
        let near = cost - self.bound <= 2. * gap && loss <= gap;
        if late || (near && self.looks.is_multiple_of(LOOKS_PER_REPAIR)) {
            let repaired = repair::repair(self.program, &steps.places);
            if self.best.as_ref().is_none_or(|best| repaired.cost < best.cost) {
                self.best = Some(repaired);
            }
        }
        if self.best.as_ref().is_some_and(|best| best.cost - self.bound <= self.gap.at(best.cost)) {
            return Some(Ended::Converged);
        }
        late.then_some(Ended::OutOfTime)
    }
}

/// The cost of the last step's awards, and about what its repair loses: the prices of what rows are over.
fn estimate(program: &Program, steps: &Steps) -> (f64, f64) {
    let (mut cost, mut loss) = (0., 0.);
    let mut wide = vec![0.; program.wide_limits.len()];
    let mut over = |sums: &[f64], limits: &[f64], duals: &[f64]| {
        let rows = sums.iter().zip(limits).zip(duals);
        loss += rows.map(|((sum, limit), dual)| (sum - limit).max(0.) * dual).sum::<f64>();
    };
    for (part, place) in program.parts.iter().zip(&steps.places) {
        cost += place.costs.iter().zip(&place.step).map(|(cost, award)| cost * award).sum::<f64>();
        steps::add_wide_sums(part, &place.step, &mut wide);
        let mut sums = vec![0.; part.limits.len()];
        steps::row_sums(part, &place.step, &mut sums);
        over(&sums, &part.limits, &place.rows.step);
    }
    if let Some(place) = steps.places.first() {
        over(&wide, &program.wide_limits, &place.wide.step);
    }
    (cost, loss)
}

/// ω to begin with: how the objective's size compares with the limits'.
fn first_weight(program: &Program, steps: &Steps) -> f64 {
    let costs: f64 = steps.places.iter().flat_map(|place| &place.costs).map(|cost| cost * cost).sum();
    let own = program.parts.iter().flat_map(|part| &part.limits);
    let limits: f64 = own.chain(&program.wide_limits).map(|limit| limit * limit).sum();
    if costs > 0. && limits > 0. { (costs / limits).sqrt() } else { 1. }
}

/// The largest singular value of A, by the power method, and a little more.
fn norm(program: &Program) -> f64 {
    // Anything that is no singular vector by chance.
    let start = |i: usize| 1. + 0.1 * double(i % 7);
    let mut awards: Vec<Vec<f64>> =
        program.parts.iter().map(|part| (0..part.low.len()).map(start).collect()).collect();
    let mut largest = 1_f64;
    for _ in 0..POWER_ROUNDS {
        let mut wide = vec![0.; program.wide_limits.len()];
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for (part, awards) in program.parts.iter().zip(&awards) {
            steps::add_wide_sums(part, awards, &mut wide);
            let mut sums = vec![0.; part.limits.len()];
            steps::row_sums(part, awards, &mut sums);
            rows.push(sums);
        }
        let mut square = 0.;
        for ((part, awards), rows) in program.parts.iter().zip(&mut awards).zip(&rows) {
            let none = vec![0.; awards.len()];
            bound::reduced_costs(part, &none, rows, &wide, |i, reduced, _| {
                awards[i] = reduced;
                square += reduced * reduced;
            });
        }
        let size = square.sqrt();
        if size <= 0. {
            return 1.;
        }
        largest = size.sqrt();
        for award in awards.iter_mut().flatten() {
            *award /= size;
        }
    }
    largest * 1.01
}
