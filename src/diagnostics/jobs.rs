//! The background job that erases evidence files whose row is gone.

use super::{DeleteEvidence, store};
use crate::foundation::{
    access::Actor,
    ids::EvidenceId,
    jobs::{Handler, Outcome, Task},
    problem::Problem,
};

/// The kind of job that erases a file; its payload is `{"evidence": id}`.
pub const ERASE: &str = "evidence.erase";

/// Runs [`ERASE`].
#[derive(Clone, Copy, Debug)]
pub struct Eraser;

impl Handler for Eraser {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(erase(task))
    }
}

/// Enqueued by the write that takes the row out: the file goes once that has committed, and not otherwise. A file
/// whose row was never written is erased by the upload itself.
async fn erase(task: Task) -> Result<(), Problem> {
    let id: EvidenceId = serde_json::from_value(task.payload["evidence"].clone())?;
    let actor = Actor::system(task.organisation);
    actor.may::<DeleteEvidence>()?;
    if store::has_evidence(task.base.db.reads(), &actor, id).await? {
        return Ok(());
    }
    task.base.files.erase(id).await
}
