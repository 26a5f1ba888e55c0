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
//! with awards; each solution brings the upper end down to its own ratio, as in Dinkelbach's method
//! for fractional programs (Management Science 13, 1967), which saves most of the halvings.

use highs::Sense;
use num_traits::Zero;

use super::{
    Exact, Measure, Network,
    engine::{Ended, Watch},
    linear::{Grain, spread_row},
    network::double,
    rules::sum,
    sheet::Sheet,
    tiers::{HOLD_SLACK, Step},
};
use crate::solve::SolveError;

/// The distance to which the search narrows τ'.
const RESOLUTION: f64 = 1e-3;

/// Rows whose ratio is at least this part of the largest are pushed down by a probe.
const NEAR_LARGEST: f64 = 0.9;

/// E + A − room ≤ min(t, τ') · base, for one supplier and buyer group.
#[derive(Clone, Debug)]
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

    /// The same for the columns of a program.
    pub fn needed(&self, network: &Network<'_>, grain: Grain<'_>, columns: &[f64]) -> f64 {
        let annual = |offers: &[usize]| -> f64 {
            offers.iter().map(|offer| amount(network, grain, *offer) * columns[*offer]).sum()
        };
        let base = double(&self.base) + annual(&self.everything);
        if base <= self.scale * 1e-12 {
            return 0.;
        }
        let sales = double(&self.above_room) + annual(&self.offers);
        (sales / base).max(0.)
    }
}

fn amount(network: &Network<'_>, grain: Grain<'_>, offer: usize) -> f64 {
    match grain {
        Grain::Shares => network.per_lot(Measure::Annual, offer),
        Grain::Units(_) => double(network.per_unit(Measure::Annual, offer)),
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
    let Narrowing { columns, high, low, rows } = narrowing;
    set(sheet, &rows, high + how.tolerance + HOLD_SLACK)?;
    let mut step = Step { ended, columns: Some(columns), value: high, bound: low.min(high) };
    if how.last && ended == Ended::Optimal {
        level(sheet, &mut step, watch)?;
    }
    Ok(step)
}

/// The search between what is proven infeasible and what has a solution.
struct Narrowing {
    columns: Vec<f64>,
    high: f64,
    low: f64,
    /// Positions of the spread rows in the engine.
    rows: Vec<usize>,
}

impl Narrowing {
    fn new(sheet: &mut Sheet<'_>, columns: Vec<f64>, low: f64) -> Result<Self, SolveError> {
        let rules = sheet.rules;
        let rows = rules
            .spread
            .iter()
            .map(|row| {
                let mut row = spread_row(sheet.network, rules, sheet.grain, row, 0.);
                // Of any coefficient but 0, so that it exists; `set` gives it its value.
                if let Some((_, factor)) = row.0.last_mut().filter(|(_, factor)| *factor == 0.) {
                    *factor = -1.;
                }
                row.1 = f64::INFINITY;
                sheet.at_most(&row)
            })
            .collect::<Result<_, _>>()?;
        let high = needed(sheet, &columns);
        // What no award changes needs no search, and the engine is not asked about rows without columns.
        let constant = rules.spread.iter().filter(|row| row.offers.is_empty() && row.everything.is_empty());
        let low = constant.map(|row| row.needed(sheet.network, sheet.grain, &columns)).fold(low, f64::max);
        Ok(Self { columns, high, low: low.min(high), rows })
    }

    fn narrow(&mut self, sheet: &mut Sheet<'_>, watch: &mut Watch<'_>) -> Result<Ended, SolveError> {
        // As narrow as the gap at which a tier counts as solved.
        let gap = sheet.network.instance.limits.relative_gap.to_f64().max(1e-6);
        let resolution = RESOLUTION.min(gap);
        let mut halve = true;
        while self.high - self.low > resolution {
            let middle = f64::midpoint(self.low, self.high);
            // Every other probe tries to prove that the upper end is the end.
            let probe = if halve { middle } else { middle.max(self.high - 0.9 * resolution) };
            halve = !halve;
            set(sheet, &self.rows, probe)?;
            sheet.set_objective(Sense::Minimise, &self.pressure(sheet, probe));
            let answer = sheet.run(watch)?;
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
            (watch.best, watch.bound) = (Some(self.high), Some(self.low));
            watch.report();
        }
        Ok(Ended::Optimal)
    }

    /// An objective that pushes the largest ratios down: Σ (A − τ' · N) of their rows.
    fn pressure(&self, sheet: &Sheet<'_>, spread: f64) -> Vec<f64> {
        let mut costs = vec![0.; self.columns.len()];
        for row in &sheet.rules.spread {
            if row.needed(sheet.network, sheet.grain, &self.columns) >= NEAR_LARGEST * self.high {
                let (terms, _) = spread_row(sheet.network, sheet.rules, sheet.grain, row, spread);
                for (column, factor) in terms {
                    costs[column] += factor;
                }
            }
        }
        costs
    }
}

/// Sets the rows to a τ'.
fn set(sheet: &mut Sheet<'_>, rows: &[usize], spread: f64) -> Result<(), SolveError> {
    for (row, position) in sheet.rules.spread.iter().zip(rows) {
        let (terms, limit) = spread_row(sheet.network, sheet.rules, sheet.grain, row, spread);
        let of_total = row.total.and_then(|_| terms.last().copied());
        sheet.engine.change_row(*position, limit, of_total)?;
    }
    sheet.engine.expect_anything();
    Ok(())
}

/// Among the solutions of the smallest τ', one with the least sales above it: those that suppliers
/// beyond their caps, or an allowance, may keep.
fn level(sheet: &mut Sheet<'_>, step: &mut Step, watch: &mut Watch<'_>) -> Result<(), SolveError> {
    let Some(columns) = &step.columns else {
        return Ok(());
    };
    let mut costs = vec![0.; columns.len()];
    let mut above = 0;
    for row in &sheet.rules.spread {
        let without_room = SpreadRow { above_room: row.existing.clone(), cap: None, ..row.clone() };
        if row.existing <= row.above_room || row.offers.is_empty() {
            continue;
        }
        let (mut terms, limit) =
            spread_row(sheet.network, sheet.rules, sheet.grain, &without_room, step.value);
        if !limit.is_finite() {
            continue;
        }
        let excess = sheet.engine.add_column(0.)?;
        terms.push((excess, -1.));
        sheet.at_most(&(terms, limit))?;
        costs.resize(excess + 1, 0.);
        costs[excess] = row.scale;
        above += 1;
    }
    if above == 0 {
        return Ok(());
    }
    let largest = costs.iter().copied().fold(1., f64::max);
    for cost in &mut costs {
        *cost /= largest;
    }
    sheet.set_objective(Sense::Minimise, &costs);
    let answer = sheet.run(watch)?;
    if answer.ended == Ended::Cancelled {
        step.ended = Ended::Cancelled;
    } else if let Some(mut columns) = answer.columns {
        columns.truncate(step.columns.as_ref().map_or(0, Vec::len));
        step.columns = Some(columns);
    }
    Ok(())
}
