//! The telling: a loop beside the workers of each instance.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Tell, store};
use crate::foundation::{Base, access::Actor, ids::OrganisationId, outbox, problem::Problem};

/// Tells people of everything that waits, until told to stop; one instance's telling does not wait for another's.
pub async fn keep_telling(base: Base, stop: CancellationToken) {
    loop {
        let pause = match tell(&base).await {
            Ok(0) => Duration::from_secs(1),
            Ok(_) => Duration::ZERO,
            Err(problem) => {
                tracing::warn!(%problem, "people could not be told");
                Duration::from_secs(5)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Tells people of the oldest entries that wait; how many entries there were.
///
/// # Errors
/// What the database said; nobody is told then, and the entries wait on.
pub async fn tell(base: &Base) -> Result<usize, Problem> {
    // A look before the transaction: who has nothing to tell must not take SQLite's write lock.
    if !outbox::is_waiting(base.db.reads()).await? {
        return Ok(0);
    }
    let service = Actor::system(OrganisationId(Uuid::nil()));
    base.transact(service.may::<Tell>()?, async |w| {
        let entries = store::tell(&w).await?;
        Ok(w.done(entries))
    })
    .await
}
