//! What starts a run where another ended, and takes a model back to what it was.

use std::ffi::c_int;

use super::{Engine, failure};
use crate::solve::SolveError;

/// Which columns and rows stand at a limit, and at which.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    columns: Vec<c_int>,
    rows: Vec<c_int>,
}

impl Basis {
    /// The basis with one more row, which binds nothing yet.
    pub fn with_free_row(mut self) -> Self {
        self.rows.push(highs_sys::kHighsBasisStatusBasic);
        self
    }
}

impl Engine {
    /// The basis of the last run; `None` where it left none, as interior points do, and for integer programs.
    pub fn basis(&mut self) -> Option<Basis> {
        let model = self.model.as_mut().filter(|_| !self.integer)?;
        let mut basis = Basis { columns: vec![0; model.num_cols()], rows: vec![0; model.num_rows()] };
        let mut valid: c_int = 0;
        #[expect(unsafe_code, reason = "the basis has no safe accessor")]
        // SAFETY: the pointer is the model's own, the name ends in NUL, and the two arrays have the model's
        // numbers of columns and rows.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            let known = highs_sys::Highs_getIntInfoValue(pointer, c"basis_validity".as_ptr(), &raw mut valid);
            let (columns, rows) = (basis.columns.as_mut_ptr(), basis.rows.as_mut_ptr());
            known.min(highs_sys::Highs_getBasis(pointer, columns, rows))
        };
        (status >= 0 && valid == highs_sys::kHighsBasisValidityValid).then_some(basis)
    }

    /// Lets the next run start from a basis, if it is one of this many columns and rows. HiGHS then goes
    /// straight into the simplex method, without presolve.
    pub fn start_from_basis(&mut self, basis: &Basis) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        if (model.num_cols(), model.num_rows()) != (basis.columns.len(), basis.rows.len()) {
            return Ok(());
        }
        #[expect(unsafe_code, reason = "the basis has no safe interface")]
        // SAFETY: the pointer is the model's own, and the arrays have its numbers of columns and rows.
        let status = unsafe {
            highs_sys::Highs_setBasis(model.as_mut_ptr(), basis.columns.as_ptr(), basis.rows.as_ptr())
        };
        refused(status, "a basis")
    }

    /// Takes away what was added behind these numbers of columns and rows.
    pub fn cut_back(&mut self, columns: usize, rows: usize) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let ranges = [last(columns, model.num_cols())?, last(rows, model.num_rows())?];
        #[expect(unsafe_code, reason = "taking columns and rows away has no safe interface")]
        // SAFETY: the pointer is the model's own; positions that it does not have are refused by status.
        let status = unsafe {
            let pointer = model.as_mut_ptr();
            let columns =
                ranges[0].map_or(0, |(from, to)| highs_sys::Highs_deleteColsByRange(pointer, from, to));
            let rows =
                ranges[1].map_or(0, |(from, to)| highs_sys::Highs_deleteRowsByRange(pointer, from, to));
            columns.min(rows)
        };
        self.columns.truncate(columns);
        refused(status, "what was taken away")
    }

    /// Sets both limits of a row.
    pub fn limit_row(&mut self, row: usize, low: f64, high: f64) -> Result<(), SolveError> {
        let Some(model) = &mut self.model else {
            return Ok(());
        };
        let row = position(row)?;
        #[expect(unsafe_code, reason = "limits of a row have no safe interface")]
        // SAFETY: the pointer is the model's own; a position that it does not have is refused by status.
        let status = unsafe { highs_sys::Highs_changeRowBounds(model.as_mut_ptr(), row, low, high) };
        refused(status, "limits of a row")
    }
}

/// The positions from a number on.
fn last(kept: usize, all: usize) -> Result<Option<(c_int, c_int)>, SolveError> {
    Ok(if kept < all { Some((position(kept)?, position(all - 1)?)) } else { None })
}

fn position(index: usize) -> Result<c_int, SolveError> {
    c_int::try_from(index).map_err(|error| failure("build", &error))
}

pub(super) fn refused(status: c_int, what: &str) -> Result<(), SolveError> {
    // -1 is HiGHS's error.
    if status < 0 { Err(failure("build", &format!("{what} was refused"))) } else { Ok(()) }
}
