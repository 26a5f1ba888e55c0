//! The optimal solutions of a linear program, as limits of columns and rows.
//!
//! What holds a program at its optimum can be a row: its objective, at least what was reached. Such a row has a term
//! for each column that counts, so that every step of the simplex method touches all of them. The optimum's duals say
//! the same with what is there already: the solutions that reach it are those with every column and row of a dual other
//! than 0 where they are now. On 6,000 pairs under tight caps that leaves so little of the next tier's program that it takes
//! milliseconds instead of a second, and the tier is held exactly.

use std::ffi::c_int;

use super::{Engine, failure, warm::refused};
use crate::solve::SolveError;

/// What counts as a dual, where an objective's costs are at most 1 in sum: the engine's tolerance.
const DUAL: f64 = 1e-9;

/// Between what columns and rows may move, by position.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Spans {
    pub columns: Vec<(f64, f64)>,
    pub rows: Vec<(f64, f64)>,
}

/// Columns and rows that every optimal solution has at these values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Face {
    columns: Vec<(usize, f64)>,
    rows: Vec<(usize, f64)>,
}

impl Face {
    /// Whether three in four of so many columns stay where they are.
    pub const fn leaves_little(&self, columns: usize) -> bool {
        4 * self.columns.len() > 3 * columns
    }

    /// Leaves nothing but the face between these limits; rows that they do not have are left out.
    pub fn narrow(&self, spans: &mut Spans) {
        for (column, at) in &self.columns {
            narrow(&mut spans.columns[*column], *at);
        }
        for (row, at) in &self.rows {
            if let Some(span) = spans.rows.get_mut(*row) {
                narrow(span, *at);
            }
        }
    }

    /// Whether a row stands at its limit.
    pub fn holds_row(&self, row: usize) -> bool {
        self.rows.binary_search_by_key(&row, |(held, _)| *held).is_ok()
    }
}

/// Leaves only the limit that something stands at.
fn narrow(limits: &mut (f64, f64), at: f64) {
    let (low, high) = *limits;
    if (at - low).abs() <= DUAL {
        *limits = (low, low);
    } else if (at - high).abs() <= DUAL {
        *limits = (high, high);
    }
}

impl Engine {
    /// The optimal solutions of the last run; `None` where it left no basis, and for integer programs.
    pub fn face(&mut self) -> Option<Face> {
        self.basis()?;
        let solution = self.solution()?;
        let held = |values: &[f64], duals: &[f64]| -> Vec<(usize, f64)> {
            let all = values.iter().zip(duals).enumerate();
            all.filter(|(_, (_, dual))| dual.abs() > DUAL).map(|(i, (value, _))| (i, *value)).collect()
        };
        Some(Face {
            columns: held(&solution.columns, &solution.of_columns),
            rows: held(&solution.rows, &solution.of_rows),
        })
    }

    /// The limits of all columns and rows.
    pub fn limits(&mut self) -> Option<Spans> {
        let model = self.model.as_mut()?;
        let (columns, rows) = (model.num_cols(), model.num_rows());
        let last = |count: usize| c_int::try_from(count).map(|count| count - 1);
        let (last_column, last_row) = (last(columns).ok()?, last(rows).ok()?);
        let mut costs = vec![0.; columns];
        let (mut low, mut high) = (costs.clone(), costs.clone());
        let (mut low_of_rows, mut high_of_rows) = (vec![0.; rows], vec![0.; rows]);
        let (mut count, mut entries): (c_int, c_int) = (0, 0);
        let (start, index, value) = (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
        #[expect(unsafe_code, reason = "limits have no safe accessor")]
        // SAFETY: the pointer is the model's own, the arrays have its numbers of columns and rows, and without arrays
        // for the matrix only its entries are counted.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            let of_columns = if columns == 0 {
                0
            } else {
                highs_sys::Highs_getColsByRange(
                    pointer,
                    0,
                    last_column,
                    &raw mut count,
                    costs.as_mut_ptr(),
                    low.as_mut_ptr(),
                    high.as_mut_ptr(),
                    &raw mut entries,
                    start,
                    index,
                    value,
                )
            };
            let of_rows = if rows == 0 {
                0
            } else {
                highs_sys::Highs_getRowsByRange(
                    pointer,
                    0,
                    last_row,
                    &raw mut count,
                    low_of_rows.as_mut_ptr(),
                    high_of_rows.as_mut_ptr(),
                    &raw mut entries,
                    start,
                    index,
                    value,
                )
            };
            of_columns.min(of_rows)
        };
        let pairs = |low: Vec<f64>, high: Vec<f64>| low.into_iter().zip(high).collect();
        (status >= 0).then(|| Spans { columns: pairs(low, high), rows: pairs(low_of_rows, high_of_rows) })
    }

    /// Goes from some limits to others of as many columns and rows, or more.
    pub fn change_limits(&mut self, from: &Spans, to: &Spans) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let columns = Changed::between(&from.columns, &to.columns)?;
        let rows = Changed::between(&from.rows, &to.rows)?;
        #[expect(unsafe_code, reason = "limits of many columns and rows have no safe interface")]
        // SAFETY: the pointer is the model's own, there are two limits for each position, and positions that it does
        // not have are refused by status.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            let Changed { at, low, high } = &columns;
            let of_columns = if at.is_empty() {
                0
            } else {
                let count = columns.count()?;
                highs_sys::Highs_changeColsBoundsBySet(
                    pointer,
                    count,
                    at.as_ptr(),
                    low.as_ptr(),
                    high.as_ptr(),
                )
            };
            let Changed { at, low, high } = &rows;
            let of_rows = if at.is_empty() {
                0
            } else {
                let count = rows.count()?;
                highs_sys::Highs_changeRowsBoundsBySet(
                    pointer,
                    count,
                    at.as_ptr(),
                    low.as_ptr(),
                    high.as_ptr(),
                )
            };
            of_columns.min(of_rows)
        };
        refused(status, "limits")
    }
}

/// Positions in order, and their limits.
#[derive(Default)]
struct Changed {
    at: Vec<c_int>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Changed {
    fn between(from: &[(f64, f64)], to: &[(f64, f64)]) -> Result<Self, SolveError> {
        let mut changed = Self::default();
        for (i, (_, (low, high))) in from.iter().zip(to).enumerate().filter(|(_, (from, to))| from != to) {
            changed.at.push(c_int::try_from(i).map_err(|error| failure("build", &error))?);
            changed.low.push(*low);
            changed.high.push(*high);
        }
        Ok(changed)
    }

    fn count(&self) -> Result<c_int, SolveError> {
        c_int::try_from(self.at.len()).map_err(|error| failure("build", &error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use highs::Sense;

    use super::*;
    use crate::model::{
        engine::{Settings, Watch, lock},
        linear::{ColumnLimits, LimitedRow, Program},
    };

    #[test]
    fn a_face_holds_an_optimum_and_leaves_the_choice_among_its_solutions() {
        let _alone = lock();
        let share = ColumnLimits { low: 0., high: 1., integer: false };
        let at_most =
            |terms: &[(usize, f64)], high| LimitedRow { terms: terms.to_vec(), low: f64::NEG_INFINITY, high };
        let program = Program {
            columns: vec![share; 3],
            rows: vec![at_most(&[(0, 1.), (1, 1.)], 1.), at_most(&[(0, 1.), (2, 1.)], 1.5)],
        };
        let settings = Settings { threads: 1, seed: 0, integer: None };
        let mut engine = Engine::new(program.problem(), settings).expect("a program");
        let cancel = AtomicBool::new(false);
        let mut progress = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(60., &cancel, &mut progress);
        engine.set_objective(Sense::Maximise, &[1., 1., 0.]);
        engine.run(&mut watch).expect("no defect");

        let limits = engine.limits().expect("a model");
        assert_eq!(limits.columns, [(0., 1.); 3]);
        assert_eq!(limits.rows, [(f64::NEG_INFINITY, 1.), (f64::NEG_INFINITY, 1.5)]);
        let mut narrow = limits.clone();
        engine.face().expect("a basis").narrow(&mut narrow);
        assert_eq!(narrow.columns, limits.columns);
        assert_eq!(narrow.rows, [(1., 1.), (f64::NEG_INFINITY, 1.5)]);

        // Of x + y = 1 the one with least y, and then, once more without the face, of all.
        for (to, least) in [(&narrow, [1., 0.]), (&limits, [0., 0.])] {
            let from = engine.limits().expect("a model");
            engine.change_limits(&from, to).expect("limits");
            engine.set_objective(Sense::Minimise, &[0.5, 1., 0.]);
            let found = engine.run(&mut watch).expect("no defect").columns.expect("a solution");
            assert_eq!(found[..2], least);
        }
    }
}
