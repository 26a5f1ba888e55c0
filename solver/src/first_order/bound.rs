//! What duals prove.
//!
//! For any y ≥ 0, no x within its limits that keeps A·x ≤ b costs less than
//!
//! ```text
//! −y·b + Σ min over x within its limits of (c + Aᵀy)·x
//! ```
//!
//! so a bound needs no convergence, only true arithmetic. The sum is made in doubles, and lowered by more than all
//! its roundings can come to: by the standard model (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
//! §3.1) a sum of n products is off by at most γₙ times the sum of their sizes, and the coefficients are doubles
//! that were rounded a few times themselves.

use super::{
    program::{Part, Program},
    steps::Place,
};

/// Roundings of a coefficient: the exact figure as a double, times units, times both scales.
const COEFFICIENT_ROUNDINGS: f64 = 16.;

/// c + Aᵀy of a part's offers, each with the sum of its terms' sizes.
pub(super) fn reduced_costs(
    part: &Part,
    costs: &[f64],
    rows: &[f64],
    wide: &[f64],
    mut each: impl FnMut(usize, f64, f64),
) {
    let (mut prices, mut sizes) = (vec![0.; part.slots], vec![0.; part.slots]);
    for (row, dual) in rows.iter().enumerate() {
        for (slot, factor) in part.rows.at(row) {
            prices[*slot as usize] += dual * factor;
            sizes[*slot as usize] += (dual * factor).abs();
        }
    }
    for (i, cost) in costs.iter().enumerate() {
        let (mut reduced, mut size) = (*cost, cost.abs());
        for (slot, factor) in part.near.at(i) {
            reduced += prices[*slot as usize] * factor;
            size += sizes[*slot as usize] * factor.abs();
        }
        for (row, factor) in part.far.at(i) {
            let term = wide[*row as usize] * factor;
            reduced += term;
            size += term.abs();
        }
        each(i, reduced, size);
    }
}

/// A proven lower bound of c·x from the duals of the last step.
pub(super) fn lower_bound(program: &Program, places: &[Place]) -> f64 {
    let mut sum = Careful::default();
    for (part, place) in program.parts.iter().zip(places) {
        for (dual, limit) in place.rows.step.iter().zip(&part.limits) {
            sum.add(-dual * limit, (dual * limit).abs());
        }
        reduced_costs(part, &place.costs, &place.rows.step, &place.wide.step, |i, reduced, size| {
            let size = size + place.sizes[i];
            let (low, high) = (part.low[i], part.high[i]);
            sum.add((reduced * low).min(reduced * high), size * high.max(low.abs()));
        });
    }
    if let Some(place) = places.first() {
        for (dual, limit) in place.wide.step.iter().zip(&program.wide_limits) {
            sum.add(-dual * limit, (dual * limit).abs());
        }
    }
    sum.lowered()
}

/// A sum with the sizes of its terms.
#[derive(Default)]
struct Careful {
    sum: f64,
    sizes: f64,
    terms: f64,
}

impl Careful {
    fn add(&mut self, term: f64, size: f64) {
        self.sum += term;
        self.sizes += size;
        self.terms += 1.;
    }

    /// Less than the exact sum.
    fn lowered(&self) -> f64 {
        // A term itself is a sum of a few dozen products at most; the sizes are rounded as the sum is.
        let unit = f64::EPSILON / 2.;
        let roundings = (self.terms + 256. + COEFFICIENT_ROUNDINGS) * unit;
        self.sum - 2. * roundings * self.sizes
    }
}
