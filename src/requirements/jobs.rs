//! The background job that closes a requirement at the time that it names.

use super::{Close, store};
use crate::foundation::{
    access::Actor,
    ids::RequirementId,
    jobs::{Handler, Outcome, Task},
    problem::Problem,
};

/// The kind of job that closes a requirement; its payload is `{"requirement": id}`.
pub const CLOSE: &str = "requirements.close";

/// Runs [`CLOSE`].
#[derive(Clone, Copy, Debug)]
pub struct Closing;

impl Handler for Closing {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(close(task))
    }
}

/// An amendment may have moved the time: then another job waits for it, and this one does nothing.
async fn close(task: Task) -> Result<(), Problem> {
    let id: RequirementId = serde_json::from_value(task.payload["requirement"].clone())?;
    let (base, actor) = (&task.base, Actor::system(task.organisation));
    if !store::is_due(base.db.reads(), &actor, id, base.clock.now()).await? {
        return Ok(());
    }
    base.transact(actor.may::<Close>()?, async |w| {
        store::close_due(&w, id).await?;
        task.complete(&w).await?;
        Ok(w.done(()))
    })
    .await
}
