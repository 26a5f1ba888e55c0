//! The job that keeps the log: it places what has committed, and signs a checkpoint.

use super::EVERY;
use crate::foundation::{
    Base, audit,
    jobs::{Handler, Outcome, Task},
    problem::Problem,
};

/// The kind of job that keeps the log; there is one of it, which comes again and again.
pub const CHECKPOINT: &str = "audit.checkpoint";

/// Runs [`CHECKPOINT`].
#[derive(Clone, Copy, Debug)]
pub struct Checkpoints;

impl Handler for Checkpoints {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(async move {
            audit::log::keep(&task.base).await?;
            task.again(EVERY).await
        })
    }
}

/// Sets the job going: whoever starts a worker asks this.
///
/// # Errors
/// What the database said.
pub async fn schedule(base: &Base) -> Result<(), Problem> {
    base.keep_queued(CHECKPOINT).await
}
