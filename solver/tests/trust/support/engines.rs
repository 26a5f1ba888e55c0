//! Two engines that are not ours: microlp, a simplex, through `good_lp`, and clarabel, an interior point
//! that knows cones and gives duals.

use clarabel::{
    algebra::CscMatrix,
    solver::{
        DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus,
        SupportedConeT::{self, NonnegativeConeT, SecondOrderConeT},
    },
};
use eslabon_solver::instance::Tier;
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution, SolverModel, Variable, constraint, microlp,
    variable,
};

use super::formulas::{Formulas, Row};

/// A tier that is solved: coefficients of its value, sense, and the value to hold.
pub type Held = (Vec<f64>, Tier, f64);

/// How an engine ended without a value.
#[derive(PartialEq, Eq, Debug)]
pub enum Failed {
    Infeasible,
    Otherwise(String),
}

/// Whether more of the tier is better.
pub const fn is_gain(tier: Tier) -> bool {
    matches!(tier, Tier::Coverage | Tier::Fit | Tier::Suppliers)
}

/// Held tiers as rules, each with some room relative to it.
fn holding(held: &[Held], room: f64) -> Vec<Row> {
    let row = |(coefficients, tier, value): &Held| {
        let room = room * value.abs().max(1.);
        if is_gain(*tier) {
            (coefficients.iter().map(|factor| -factor).collect(), room - value)
        } else {
            (coefficients.clone(), value + room)
        }
    };
    held.iter().map(row).collect()
}

/// The best value of a tier by simplex; linear rules only.
pub fn by_simplex(formulas: &Formulas<'_>, tier: Tier, held: &[Held], room: f64) -> Result<f64, Failed> {
    let mut problem = ProblemVariables::new();
    let units: Vec<Variable> = (formulas.offers.iter())
        .map(|offer| {
            let (fewest, most) = formulas.limits(offer);
            // A fixed award beyond what is allowed: no value will do.
            (fewest <= most).then(|| problem.add(variable().min(fewest).max(most)))
        })
        .collect::<Option<_>>()
        .ok_or(Failed::Infeasible)?;
    let sum = |coefficients: &[f64]| -> Expression {
        (coefficients.iter().zip(&units)).map(|(&factor, &unit)| factor * unit).sum()
    };
    let goal = sum(&formulas.worths(tier));
    let objective =
        if is_gain(tier) { problem.maximise(goal.clone()) } else { problem.minimise(goal.clone()) };
    let mut model = objective.using(microlp);
    for (coefficients, limit) in formulas.rows().into_iter().chain(holding(held, room)) {
        if coefficients.iter().all(|coefficient| *coefficient == 0.) {
            if limit < -1e-9 {
                return Err(Failed::Infeasible);
            }
            continue;
        }
        model.add_constraint(constraint!(sum(&coefficients) <= limit));
    }
    match model.solve() {
        Ok(solution) => Ok(solution.eval(&goal)),
        Err(ResolutionError::Infeasible) => Err(Failed::Infeasible),
        Err(error) => Err(Failed::Otherwise(error.to_string())),
    }
}

/// What the interior point finds.
pub struct Interior {
    pub value: f64,
    /// Units per offer.
    pub units: Vec<f64>,
    /// The linear rules, limits of offers included, in the order of their prices.
    pub rows: Vec<Row>,
    /// What one more of each limit is worth; never negative.
    pub prices: Vec<f64>,
}

/// The best value of a tier by interior point, with the HHI caps as cones.
pub fn by_interior(
    formulas: &Formulas<'_>,
    tier: Tier,
    held: &[Held],
    room: f64,
) -> Result<Interior, Failed> {
    let mut rows = formulas.rows();
    rows.extend(holding(held, room));
    for (place, offer) in formulas.offers.iter().enumerate() {
        let (fewest, most) = formulas.limits(offer);
        let only =
            |factor: f64| (0..formulas.offers.len()).map(|i| if i == place { factor } else { 0. }).collect();
        rows.push((only(1.), most));
        rows.push((only(-1.), -fewest));
    }
    let mut cones: Vec<SupportedConeT<f64>> = vec![NonnegativeConeT(rows.len())];
    // s = limit − coefficients · units lies in the cone: for the parts of a cone the sign turns.
    let mut all = rows.clone();
    for cone in formulas.cones(room) {
        cones.push(SecondOrderConeT(1 + cone.parts.len()));
        for (coefficients, constant) in [cone.whole].into_iter().chain(cone.parts) {
            all.push((coefficients.iter().map(|factor| -factor).collect(), constant));
        }
    }
    let sign = if is_gain(tier) { -1. } else { 1. };
    let worths = formulas.worths(tier);
    let costs: Vec<f64> = worths.iter().map(|worth| sign * worth).collect();
    let solution = interior(&costs, &all, &cones)?;
    let value = worths.iter().zip(&solution.0).map(|(worth, units)| worth * units).sum();
    let prices = solution.1[..rows.len()].iter().map(|price| price.max(0.)).collect();
    Ok(Interior { value, units: solution.0, rows, prices })
}

/// min costs · x, limits − rows · x in the cones: x and the duals.
fn interior(
    costs: &[f64],
    rows: &[Row],
    cones: &[SupportedConeT<f64>],
) -> Result<(Vec<f64>, Vec<f64>), Failed> {
    let (mut at_row, mut at_column, mut factors) = (Vec::new(), Vec::new(), Vec::new());
    for (row, (coefficients, _)) in rows.iter().enumerate() {
        for (column, factor) in coefficients.iter().enumerate().filter(|(_, factor)| **factor != 0.) {
            at_row.push(row);
            at_column.push(column);
            factors.push(*factor);
        }
    }
    let matrix = CscMatrix::new_from_triplets(rows.len(), costs.len(), at_row, at_column, factors);
    let limits: Vec<f64> = rows.iter().map(|(_, limit)| *limit).collect();
    let none = CscMatrix::zeros((costs.len(), costs.len()));
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-9)
        .tol_gap_rel(1e-9)
        .build()
        .map_err(|error| Failed::Otherwise(format!("{error:?}")))?;
    let mut solver = DefaultSolver::new(&none, costs, &matrix, &limits, cones, settings)
        .map_err(|error| Failed::Otherwise(format!("{error:?}")))?;
    solver.solve();
    match solver.solution.status {
        SolverStatus::Solved | SolverStatus::AlmostSolved => {
            Ok((solver.solution.x.clone(), solver.solution.z.clone()))
        }
        SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible => Err(Failed::Infeasible),
        status => Err(Failed::Otherwise(format!("{status:?}"))),
    }
}
