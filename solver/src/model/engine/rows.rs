//! What is changed in a model all at once: one by one HiGHS copies the matrix for each row.

use std::ffi::c_int;

use highs::Sense;

use super::{Engine, failure, warm::refused};
use crate::solve::SolveError;

impl Engine {
    /// Replaces the objective; columns beyond the given ones cost nothing.
    pub fn set_objective(&mut self, sense: Sense, costs: &[f64]) {
        let all = self.columns.len();
        let Some(model) = &mut self.model else {
            return;
        };
        model.set_sense(sense);
        let mut costs = costs.to_vec();
        costs.resize(all, 0.);
        let Some(last) = all.checked_sub(1).and_then(|last| c_int::try_from(last).ok()) else {
            return;
        };
        #[expect(unsafe_code, reason = "costs of many columns have no safe interface")]
        // SAFETY: the pointer is the model's own, and there is a cost for each of its columns.
        unsafe {
            highs_sys::Highs_changeColsCostByRange(model.as_mut_ptr(), 0, last, costs.as_ptr());
        }
    }

    /// Adds rows, each at most its limit, and returns the position of the first.
    pub fn add_at_most(&mut self, rows: &[(Vec<(usize, f64)>, f64)]) -> Result<usize, SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(0);
        };
        let first = model.num_rows();
        let index = |value: usize| c_int::try_from(value).map_err(|error| failure("build", &error));
        let high: Vec<f64> = rows.iter().map(|(_, limit)| *limit).collect();
        let low = vec![f64::NEG_INFINITY; rows.len()];
        let (mut starts, mut columns, mut factors) = (Vec::new(), Vec::new(), Vec::new());
        for (terms, _) in rows {
            starts.push(index(columns.len())?);
            for (column, factor) in terms {
                columns.push(index(*column)?);
                factors.push(*factor);
            }
        }
        let (count, entries) = (index(rows.len())?, index(columns.len())?);
        #[expect(unsafe_code, reason = "many rows have no safe interface")]
        // SAFETY: the pointer is the model's own; there are as many limits and starts as rows, and as many columns
        // and factors as entries. Columns that the model does not have are refused by status.
        let status = unsafe {
            highs_sys::Highs_addRows(
                model.as_mut_ptr(),
                count,
                low.as_ptr(),
                high.as_ptr(),
                entries,
                starts.as_ptr(),
                columns.as_ptr(),
                factors.as_ptr(),
            )
        };
        refused(status, "rows")?;
        Ok(first)
    }
}
