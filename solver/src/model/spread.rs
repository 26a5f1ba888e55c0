//! The tier `spread`: how evenly suppliers are kept from depending on single buyers.
//!
//! Its value is the smallest τ' such that every cap t can be replaced by min(t, τ') (the max(…) term
//! of the dependency rule unchanged) and all held tiers still reached. For given awards that is
//!
//! ```text
//! τ' = max over suppliers and groups of (E + A − max(allowance, E − t·R)) / base,   at least 0
//! ```
//!
//! where a supplier and group without a cap count with t = 1, and those without a share, undisclosed
//! or 0/0, are left out. Over all awards it is a quasi-convex problem: feasible or not for each τ',
//! linear each time. It is searched between the largest value proven infeasible and the smallest
//! with awards.
//!
//! Over shares by Dinkelbach's method for fractional programs (Management Science 13, 1967; for the largest of
//! several ratios Crouzeix, Ferland & Schaible, J. Optimization Theory and Applications 47, 1985): with τ the
//! ratio that the awards so far need, solve the linear program
//!
//! ```text
//! least z ≤ 0 with  E + A − max(…) − τ · base  ≤  w · z     for each supplier and group
//! ```
//!
//! where w is the base of the awards so far. Its awards bring τ down to their own ratio. And as base is at least R,
//! awards that need τ' have a z of at most (τ' − τ) · min R/w, so that τ + z · max w/R is proven: one program
//! confirms a τ' that cannot fall, and four narrow it where halving takes twenty. Where R = 0, w = 0, which proves
//! nothing of that row: where that is not enough, a value just below is tried. Programs with binaries are halved, because a
//! solution of any ratio is found sooner than the best.

use highs::Sense;
use num_traits::Zero;

use super::{
    Exact, Measure, Network,
    engine::{Answer, Ended, Method, Watch},
    linear::{Grain, Row, spread_divisor, spread_row},
    network::double,
    rules::sum,
    sheet::Sheet,
    tiers::{HOLD_SLACK, Step},
};
use crate::solve::SolveError;

/// The distance to which the search narrows τ'.
const RESOLUTION: f64 = 1e-3;

/// More than any τ' can fall.
const LOWEST: f64 = -1e6;

/// Rows whose ratio is at least this part of the largest are in the engine from the beginning.
const NEAR_FIRST: f64 = 0.5;

/// What a row that is not in the engine may be broken by: the engine's tolerance.
const BROKEN: f64 = 1e-9;

/// Rows whose ratio is at least this part of the largest are pushed down by a probe.
const NEAR_LARGEST: f64 = 0.9;

/// E + A − room ≤ min(t, τ') · base, for one supplier and buyer group.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SpreadRow {
    /// The offers of A.
    pub offers: Vec<usize>,
    /// Index of N, if the base grows with it.
    pub total: Option<usize>,
    /// The offers of N, if the base grows with it.
    pub everything: Vec<usize>,
    /// E.
    pub existing: Exact,
    /// E − max(allowance, E − t·R).
    pub above_room: Exact,
    /// R.
    pub base: Exact,
    /// t; `None`: no rule, so that τ' alone counts.
    pub cap: Option<Exact>,
    /// What the row is divided by before solving.
    pub scale: f64,
}

impl SpreadRow {
    /// The τ' that whole-unit awards need; `None` if they leave no base.
    pub fn exact(&self, network: &Network<'_>, units: &[u64]) -> Option<Exact> {
        let base = &self.base + sum(network, Measure::Annual, &self.everything, units);
        if base.is_zero() {
            return None;
        }
        let sales = &self.above_room + sum(network, Measure::Annual, &self.offers, units);
        Some(if sales.is_negative() { Exact::zero() } else { sales / base })
    }

    /// t as a double; infinite where there is no rule.
    pub fn largest(&self) -> f64 {
        self.cap.as_ref().map_or(f64::INFINITY, double)
    }

    /// The same for the columns of a program.
    pub fn needed(&self, network: &Network<'_>, grain: Grain<'_>, columns: &[f64]) -> f64 {
        let base = self.base_at(network, grain, columns);
        if base <= self.scale * 1e-12 {
            return 0.;
        }
        let sales = double(&self.above_room) + annual(network, grain, &self.offers, columns);
        (sales / base).max(0.)
    }

    /// The base, R or R + N.
    pub fn base_at(&self, network: &Network<'_>, grain: Grain<'_>, columns: &[f64]) -> f64 {
        double(&self.base) + annual(network, grain, &self.everything, columns)
    }
}

/// Annual amount of awards.
fn annual(network: &Network<'_>, grain: Grain<'_>, offers: &[usize], columns: &[f64]) -> f64 {
    offers.iter().map(|offer| amount(network, grain, *offer) * columns[*offer]).sum()
}

fn amount(network: &Network<'_>, grain: Grain<'_>, offer: usize) -> f64 {
    match grain {
        Grain::Shares => network.per_lot(Measure::Annual, offer),
        Grain::Units(_) => network.near_unit(Measure::Annual, offer),
    }
}

/// How to search.
pub(crate) struct Search {
    /// By how much later tiers may let τ' rise.
    pub tolerance: f64,
    /// Whether no tier comes after.
    pub last: bool,
    /// What τ' is known to be at least.
    pub lowest: f64,
}

/// The τ' that a solution needs.
pub(crate) fn needed(sheet: &Sheet<'_>, columns: &[f64]) -> f64 {
    let rows = sheet.rules.spread.iter();
    rows.map(|row| row.needed(sheet.network, sheet.grain, columns)).fold(0., f64::max)
}

/// Finds the smallest τ', starting from a solution if there is one, and holds it.
pub(crate) fn search(
    sheet: &mut Sheet<'_>,
    held: Option<Vec<f64>>,
    how: &Search,
    watch: &mut Watch<'_>,
) -> Result<Step, SolveError> {
    watch.unit = 1.;
    let columns = if let Some(columns) = held {
        columns
    } else {
        let answer = sheet.run(watch)?;
        let Some(columns) = answer.columns else {
            return Ok(Step { ended: answer.ended, columns: None, value: 0., bound: 0. });
        };
        columns
    };
    let mut narrowing = Narrowing::new(sheet, columns, how.lowest)?;
    let ended = narrowing.narrow(sheet, watch)?;
    // What the incumbent needs, so that the rows below keep it.
    let Narrowing { columns, high, low, mut rows, below, .. } = narrowing;
    sheet.engine.limit_column(below, 0., 0.)?;
    rows.set(sheet, high + how.tolerance + HOLD_SLACK, true)?;
    let mut step = Step { ended, columns: Some(columns), value: high, bound: low.min(high) };
    if how.last {
        if ended == Ended::Optimal {
            level(sheet, &mut rows, &mut step, watch)?;
        }
    } else {
        rows.place_all(sheet)?;
    }
    Ok(step)
}

/// A row for each supplier and group. In the engine are those that some solution has broken: most are far from any
/// ratio that counts, and all of them make a program several times as large.
struct Rows {
    /// Ending in the column z, and before it N where there is one.
    rows: Vec<Row>,
    places: Vec<Option<usize>>,
}

impl Rows {
    /// Of no limit yet.
    fn new(sheet: &Sheet<'_>, below: usize) -> Self {
        let row = |of: &SpreadRow| {
            let mut row = spread_row(sheet.network, sheet.rules, sheet.grain, of, (0., of.largest()));
            row.0.push((below, -double(&of.base) / spread_divisor(sheet.network, sheet.grain, of)));
            row.1 = f64::INFINITY;
            row
        };
        let rows: Vec<Row> = sheet.rules.spread.iter().map(row).collect();
        Self { places: vec![None; rows.len()], rows }
    }

    /// Brings those into the engine that are not there yet and are wanted; their number.
    fn place(
        &mut self,
        sheet: &mut Sheet<'_>,
        wanted: impl Fn(usize, &Row) -> bool,
    ) -> Result<usize, SolveError> {
        let new = |(i, row): &(usize, &Row)| self.places[*i].is_none() && wanted(*i, row);
        let (places, rows): (Vec<usize>, Vec<Row>) =
            self.rows.iter().enumerate().filter(new).map(|(i, row)| (i, row.clone())).unzip();
        if rows.is_empty() {
            return Ok(0);
        }
        let first = sheet.engine.add_at_most(&rows)?;
        for (place, row) in places.iter().zip(first..) {
            self.places[*place] = Some(row);
        }
        sheet.engine.expect_anything();
        Ok(places.len())
    }

    fn place_all(&mut self, sheet: &mut Sheet<'_>) -> Result<(), SolveError> {
        self.place(sheet, |_, _| true).map(|_| ())
    }

    /// Sets them to a τ', without those that the rules ask already, or with them.
    fn set(&mut self, sheet: &mut Sheet<'_>, spread: f64, only_beyond_caps: bool) -> Result<(), SolveError> {
        for ((of, row), place) in sheet.rules.spread.iter().zip(&mut self.rows).zip(&self.places) {
            let cap = if only_beyond_caps { of.largest() } else { f64::INFINITY };
            let (terms, limit) = spread_row(sheet.network, sheet.rules, sheet.grain, of, (spread, cap));
            let of_total = of.total.and_then(|_| terms.last().copied());
            row.1 = limit;
            let (behind, own) = (row.0.len().checked_sub(2), &mut row.0);
            if let Some((place, total)) = behind.zip(of_total) {
                own[place] = total;
            }
            if let Some(place) = place {
                sheet.engine.change_row(*place, limit, of_total)?;
            }
        }
        sheet.engine.expect_anything();
        Ok(())
    }

    /// Sets the factors of z to −w; `weights` by row.
    fn weigh(&mut self, sheet: &mut Sheet<'_>, weights: &[f64]) -> Result<(), SolveError> {
        let all = sheet.rules.spread.iter().zip(weights).zip(&mut self.rows).zip(&self.places);
        for (((of, weight), row), place) in all {
            let Some((below, factor)) = row.0.last_mut() else { continue };
            *factor = -weight / spread_divisor(sheet.network, sheet.grain, of);
            if let Some(place) = place {
                sheet.engine.change_factor(*place, *below, *factor)?;
            }
        }
        Ok(())
    }

    /// Runs until a solution breaks none of them, or there is none.
    fn run(&mut self, sheet: &mut Sheet<'_>, watch: &mut Watch<'_>) -> Result<Answer, SolveError> {
        loop {
            let answer = sheet.run(watch)?;
            let Some(columns) = &answer.columns else {
                return Ok(answer);
            };
            let breaks = |_: usize, (terms, limit): &Row| {
                terms.iter().map(|(column, factor)| factor * columns[*column]).sum::<f64>() > limit + BROKEN
            };
            if self.place(sheet, breaks)? == 0 {
                return Ok(answer);
            }
            sheet.engine.solve_by(Method::Wide);
        }
    }
}

/// The search between what is proven infeasible and what has a solution.
struct Narrowing {
    columns: Vec<f64>,
    high: f64,
    low: f64,
    rows: Rows,
    /// The column z.
    below: usize,
    descended: bool,
}

impl Narrowing {
    fn new(sheet: &mut Sheet<'_>, mut columns: Vec<f64>, low: f64) -> Result<Self, SolveError> {
        let rules = sheet.rules;
        let below = sheet.engine.add_column(0.)?;
        let mut rows = Rows::new(sheet, below);
        let high = needed(sheet, &columns);
        if sheet.integer {
            rows.place_all(sheet)?;
        }
        // What no award changes needs no search, and the engine is not asked about rows without columns.
        let constant = rules.spread.iter().filter(|row| row.offers.is_empty() && row.everything.is_empty());
        let low = constant.map(|row| row.needed(sheet.network, sheet.grain, &columns)).fold(low, f64::max);
        columns.resize(below + 1, 0.);
        Ok(Self { columns, high, low: low.min(high), rows, below, descended: false })
    }

    fn narrow(&mut self, sheet: &mut Sheet<'_>, watch: &mut Watch<'_>) -> Result<Ended, SolveError> {
        // As narrow as the gap at which a tier counts as solved.
        let gap = sheet.network.instance.limits.relative_gap.to_f64().max(1e-6);
        let resolution = RESOLUTION.min(gap);
        // Binaries are halved every other time; shares are only tried near the end, where descending ends.
        let mut by_steps = true;
        while self.high - self.low > resolution {
            let nearly = self.high - 0.9 * resolution;
            let ended = if sheet.integer {
                let middle = f64::midpoint(self.low, self.high);
                self.try_at(sheet, if by_steps { middle } else { middle.max(nearly) }, watch)?
            } else if by_steps {
                self.descend(sheet, watch)?
            } else {
                self.try_at(sheet, nearly.max(self.low), watch)?
            };
            if ended != Ended::Optimal {
                return Ok(ended);
            }
            by_steps = !by_steps || (!sheet.integer && self.high < nearly);
            (watch.best, watch.bound) = (Some(self.high), Some(self.low));
            watch.report();
        }
        Ok(Ended::Optimal)
    }

    /// Whether there are awards that need no more than a value; the end that this moves.
    fn try_at(
        &mut self,
        sheet: &mut Sheet<'_>,
        probe: f64,
        watch: &mut Watch<'_>,
    ) -> Result<Ended, SolveError> {
        self.rows.set(sheet, probe, true)?;
        sheet.engine.limit_column(self.below, 0., 0.)?;
        sheet.engine.solve_by(Method::Changed);
        sheet.set_objective(Sense::Minimise, &self.pressure(sheet, probe));
        let answer = self.rows.run(sheet, watch)?;
        match (answer.ended, answer.columns) {
            (Ended::Cancelled, _) => return Ok(Ended::Cancelled),
            (Ended::Infeasible, _) => self.low = probe,
            (Ended::Optimal | Ended::Limit, Some(columns)) => {
                // Beyond the probe there is only the engine's tolerance.
                let ratio = needed(sheet, &columns);
                if ratio >= self.high {
                    return Ok(Ended::Limit);
                }
                (self.high, self.columns) = (ratio, columns);
            }
            _ => return Ok(Ended::Limit),
        }
        Ok(Ended::Optimal)
    }

    /// One step of Dinkelbach's method: both ends move.
    fn descend(&mut self, sheet: &mut Sheet<'_>, watch: &mut Watch<'_>) -> Result<Ended, SolveError> {
        // Also where a cap asks more already: its row must fall with the others.
        self.rows.set(sheet, self.high, false)?;
        let mut most = 1_f64;
        let mut weights = Vec::with_capacity(sheet.rules.spread.len());
        for row in &sheet.rules.spread {
            let least = double(&row.base);
            let weight = if least > 0. { row.base_at(sheet.network, sheet.grain, &self.columns) } else { 0. };
            most = most.max(weight / least.max(f64::MIN_POSITIVE));
            weights.push(weight);
        }
        self.rows.weigh(sheet, &weights)?;
        let (network, rules, grain) = (sheet.network, sheet.rules, sheet.grain);
        let near = NEAR_FIRST * self.high;
        self.rows.place(sheet, |i, _| rules.spread[i].needed(network, grain, &self.columns) >= near)?;
        sheet.engine.limit_column(self.below, LOWEST, 0.)?;
        // Far from the last optimum at first, then near.
        sheet.engine.solve_by(if self.descended { Method::Wide } else { Method::Narrow });
        self.descended = true;
        let mut costs = vec![0.; self.columns.len()];
        costs[self.below] = 1.;
        sheet.set_objective(Sense::Minimise, &costs);
        let answer = self.rows.run(sheet, watch)?;
        let Some(columns) = answer.columns.filter(|_| answer.ended == Ended::Optimal) else {
            // The awards so far have a z of 0.
            return Ok(if answer.ended == Ended::Cancelled { Ended::Cancelled } else { Ended::Limit });
        };
        let proven = self.high + most * (columns[self.below] - HOLD_SLACK);
        let ratio = needed(sheet, &columns);
        if ratio < self.high {
            (self.high, self.columns) = (ratio, columns);
        }
        self.low = self.low.max(proven).min(self.high);
        Ok(Ended::Optimal)
    }

    /// An objective that pushes the largest ratios down: Σ (A − τ' · N) of their rows.
    fn pressure(&self, sheet: &Sheet<'_>, spread: f64) -> Vec<f64> {
        let mut costs = vec![0.; self.columns.len()];
        for row in &sheet.rules.spread {
            if row.needed(sheet.network, sheet.grain, &self.columns) >= NEAR_LARGEST * self.high {
                let (terms, _) =
                    spread_row(sheet.network, sheet.rules, sheet.grain, row, (spread, row.largest()));
                for (column, factor) in terms {
                    costs[column] += factor;
                }
            }
        }
        costs
    }
}

/// Among the solutions of the smallest τ', one with the least sales above it: those that suppliers
/// beyond their caps, or an allowance, may keep.
fn level(
    sheet: &mut Sheet<'_>,
    held: &mut Rows,
    step: &mut Step,
    watch: &mut Watch<'_>,
) -> Result<(), SolveError> {
    let Some(columns) = &step.columns else {
        return Ok(());
    };
    let mut costs = vec![0.; columns.len()];
    let mut rows = Vec::new();
    for row in &sheet.rules.spread {
        let without_room = SpreadRow { above_room: row.existing.clone(), ..row.clone() };
        if row.existing <= row.above_room || row.offers.is_empty() {
            continue;
        }
        let (mut terms, limit) =
            spread_row(sheet.network, sheet.rules, sheet.grain, &without_room, (step.value, f64::INFINITY));
        if !limit.is_finite() {
            continue;
        }
        let excess = sheet.engine.add_column(0.)?;
        terms.push((excess, -1.));
        rows.push((terms, limit));
        costs.resize(excess + 1, 0.);
        costs[excess] = row.scale;
    }
    if rows.is_empty() {
        return Ok(());
    }
    sheet.engine.add_at_most(&rows)?;
    let largest = costs.iter().copied().fold(1., f64::max);
    for cost in &mut costs {
        *cost /= largest;
    }
    sheet.engine.solve_by(Method::Anew);
    sheet.set_objective(Sense::Minimise, &costs);
    let answer = held.run(sheet, watch)?;
    if answer.ended == Ended::Cancelled {
        step.ended = Ended::Cancelled;
    } else if let Some(mut columns) = answer.columns {
        columns.truncate(step.columns.as_ref().map_or(0, Vec::len));
        step.columns = Some(columns);
    }
    Ok(())
}
