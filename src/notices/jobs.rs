//! The telling, a loop beside the workers of each instance; and the letters, which are jobs.

use std::time::Duration;

use time::Weekday;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Mail, Remind, Rhythm, Tell, store};
use crate::foundation::{
    Base,
    access::Actor,
    clock::Day,
    ids::{AuditEntryId, OrganisationId},
    jobs::{Handler, Outcome, Task},
    outbox,
    problem::Problem,
};

const fn service() -> Actor {
    Actor::system(OrganisationId(Uuid::nil()))
}

/// Tells people of everything that waits, and begins each day, until told to stop; one instance's telling does not wait
/// for another's.
pub async fn keep_telling(base: Base, stop: CancellationToken) {
    loop {
        // A day that can't begin holds up nothing else.
        let (begun, told) = (begin_day(&base).await, tell(&base).await);
        let pause = match begun.and(told) {
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

/// So many entries are told in one write.
const AT_ONCE: u64 = 20;

/// Tells people of the oldest entries that wait; how many entries there were. Where one of them can't be told, each is
/// told by itself, and what fails is set aside.
///
/// # Errors
/// What the database said; nobody is told then, and the entries wait on.
pub async fn tell(base: &Base) -> Result<usize, Problem> {
    // A look before the transaction: who has nothing to tell must not take SQLite's write lock.
    let waiting = outbox::waiting(base.db.reads(), base.clock.now(), AT_ONCE).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    if let Ok(told) = tell_these(base, &waiting).await {
        return Ok(told);
    }
    for entry in &waiting {
        if let Err(problem) = tell_these(base, &[*entry]).await {
            tracing::warn!(%entry, %problem, "nobody could be told of this; it is tried again later");
            base.transact(service().may::<Tell>()?, async |w| {
                store::set_aside(&w, *entry, &problem).await?;
                Ok(w.done(()))
            })
            .await?;
        }
    }
    Ok(waiting.len())
}

async fn tell_these(base: &Base, entries: &[AuditEntryId]) -> Result<usize, Problem> {
    base.transact(service().may::<Tell>()?, async |w| {
        let told = store::tell(&w, entries).await?;
        Ok(w.done(told))
    })
    .await
}

/// At this hour of UTC a day begins for letters: five to seven in the morning in most of America.
const HOUR: i64 = 10;

/// Begins the day, when that has not been done; whether it was.
///
/// # Errors
/// What the database said.
pub async fn begin_day(base: &Base) -> Result<bool, Problem> {
    let today = base.clock.now().plus_seconds(-HOUR * 3_600).day();
    if store::has_begun(base.db.reads(), &service(), today).await? {
        return Ok(false);
    }
    base.transact(service().may::<Mail>()?, async |w| {
        let is_first = store::begin(&w, today).await?;
        Ok(w.done(is_first))
    })
    .await
}

/// The kind of job that does what is done once a day; its payload is `{"day": day}`.
pub const DAY: &str = "notices.day";

/// Runs [`DAY`].
#[derive(Clone, Copy, Debug)]
pub struct Days;

impl Handler for Days {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(day(task))
    }
}

/// Reminds people of what comes near; then puts the letters of the day together, on Mondays those of the week too.
async fn day(task: Task) -> Result<(), Problem> {
    task.base
        .transact(service().may::<Remind>()?, async |w| {
            let count = store::remind(&w).await?;
            Ok(w.done(count))
        })
        .await?;
    let today: Day = serde_json::from_value(task.payload["day"].clone())?;
    let rhythms: &[Rhythm] = match today.date().weekday() {
        Weekday::Monday => &[Rhythm::Daily, Rhythm::Weekly],
        _ => &[Rhythm::Daily],
    };
    task.base
        .transact(service().may::<Mail>()?, async |w| {
            store::collect(&w, rhythms).await?;
            task.complete(&w).await?;
            Ok(w.done(()))
        })
        .await
}

/// The kind of job that sends a letter; its payload is `{"letter": id}`.
pub const MAIL: &str = "notices.mail";

/// Runs [`MAIL`].
#[derive(Clone, Copy, Debug)]
pub struct Letters;

impl Handler for Letters {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(send(task))
    }
}

/// A letter goes out at least once: when the service dies between the sending and its note of it, it goes out again,
/// under the same id.
async fn send(task: Task) -> Result<(), Problem> {
    let id: Uuid = serde_json::from_value(task.payload["letter"].clone())?;
    let base = &task.base;
    let Some(written) = store::letter(base.db.reads(), &service(), id).await? else { return Ok(()) };
    base.mail.send(&written.letter(id, &base.mail), base.clock.now()).await?;
    base.transact(service().may::<Mail>()?, async |w| {
        store::mark_mailed(&w, id).await?;
        task.complete(&w).await?;
        Ok(w.done(()))
    })
    .await
}
