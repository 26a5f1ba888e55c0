//! The daily job that deletes what has outlived its period.

use serde_json::json;

use super::{ApplyRetention, DAY, store};
use crate::foundation::{
    Base,
    access::Actor,
    ids::OrganisationId,
    jobs::{Handler, NewJob, Outcome, Task},
    problem::Problem,
};

/// The kind of job that deletes what has outlived its period.
pub const RETENTION: &str = "personal_data.apply_retention";

/// Runs [`RETENTION`], and lets it run again a day later.
#[derive(Clone, Copy, Debug)]
pub struct Retention;

impl Handler for Retention {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(apply(task))
    }
}

async fn apply(task: Task) -> Result<(), Problem> {
    let actor = Actor::system(task.organisation);
    task.base
        .transact(actor.may::<ApplyRetention>()?, async |w| {
            store::apply_retention(&w).await?;
            w.enqueue(NewJob { delay_seconds: DAY, max_attempts: 20, ..NewJob::new(RETENTION, json!({})) })
                .await?;
            task.complete(&w).await?;
            Ok(w.done(()))
        })
        .await
}

/// Sets the daily job going, unless it waits already: whoever starts a worker asks this.
///
/// # Errors
/// What the database said.
pub async fn schedule(base: &Base) -> Result<(), Problem> {
    let actor = Actor::system(OrganisationId(uuid::Uuid::nil()));
    if base.is_queued(RETENTION).await? {
        return Ok(());
    }
    base.transact(actor.may::<ApplyRetention>()?, async |w| {
        store::apply_retention(&w).await?;
        w.enqueue(NewJob { delay_seconds: DAY, max_attempts: 20, ..NewJob::new(RETENTION, json!({})) })
            .await?;
        Ok(w.done(()))
    })
    .await
}
