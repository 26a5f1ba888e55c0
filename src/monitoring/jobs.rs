//! The background jobs that remind those who have not answered, and follow networks from month to month.

use serde_json::json;

use super::{RecordDependency, Remind, store};
use crate::foundation::{
    access::Actor,
    ids::{MeasurementRoundId, NetworkId},
    jobs::{Handler, NewJob, Outcome, Task},
    problem::Problem,
};

/// The kind of job that reminds; its payload is `{"round": id}`.
pub const REMIND: &str = "monitoring.remind";

/// Runs [`REMIND`].
#[derive(Clone, Copy, Debug)]
pub struct Reminders;

impl Handler for Reminders {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(remind(task))
    }
}

async fn remind(task: Task) -> Result<(), Problem> {
    let id: MeasurementRoundId = serde_json::from_value(task.payload["round"].clone())?;
    let actor = Actor::system(task.organisation);
    task.base
        .transact(actor.may::<Remind>()?, async |w| {
            store::remind(&w, id).await?;
            task.complete(&w).await?;
            Ok(w.done(()))
        })
        .await
}

/// The kind of job that writes down how a network's suppliers depend on their buyers; its payload is `{"network": id}`.
pub const FOLLOW: &str = "monitoring.follow";
/// So often a network is looked at: at least once in each month of the calendar.
const EVERY: i64 = 28 * 86_400;

/// The next look at a network, after so many seconds.
pub(super) fn follow(network: NetworkId, delay_seconds: i64) -> NewJob {
    NewJob { delay_seconds, ..NewJob::new(FOLLOW, json!({ "network": network })) }
}

/// Runs [`FOLLOW`].
#[derive(Clone, Copy, Debug)]
pub struct Followers;

impl Handler for Followers {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(look(task))
    }
}

/// Comes back every four weeks until the network is closed.
async fn look(task: Task) -> Result<(), Problem> {
    let id: NetworkId = serde_json::from_value(task.payload["network"].clone())?;
    let (base, actor) = (&task.base, Actor::system(task.organisation));
    if !store::is_followed(base.db.reads(), &actor, id).await? {
        return Ok(());
    }
    base.transact(actor.may::<RecordDependency>()?, async |w| {
        store::record_dependency(&w, id).await?;
        w.enqueue(follow(id, EVERY)).await?;
        task.complete(&w).await?;
        Ok(w.done(()))
    })
    .await
}
