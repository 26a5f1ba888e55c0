//! The whole way from an instance to a checked result.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::{Outcome, read::Reading};

/// Where a solve stands. Printed as one JSON line each by `eslabon solve --progress json`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Progress {
    /// `build`, a tier's name, `publish`, `check`.
    pub phase: String,
    /// Best value of the tier so far.
    pub best: Option<f64>,
    /// Proven bound of the tier so far.
    pub bound: Option<f64>,
    /// Seconds since the start.
    pub seconds: f64,
}

/// How the caller watches and stops a solve.
pub struct Control<'a> {
    /// Called at every phase and while the engine runs.
    pub progress: &'a mut dyn FnMut(&Progress),
    /// Set it to stop within two seconds.
    pub cancel: &'a AtomicBool,
}

/// Why there is no result at all.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The engine answered with something that it should not: a defect.
    #[error("the engine failed in phase {phase}: {cause}")]
    Engine {
        /// Where.
        phase: String,
        /// What it said.
        cause: String,
    },
    /// The checker refused the result: a defect; the result is not returned.
    #[error("the result failed its own check: {0}")]
    Check(String),
}

/// Solves a valid instance.
///
/// # Errors
/// [`SolveError`] on defects only; infeasible and stopped solves are outcomes.
pub fn solve(reading: &Reading, control: &mut Control<'_>) -> Result<Outcome, SolveError> {
    let _ = (reading, control);
    Err(SolveError::Check(String::new()))
}
