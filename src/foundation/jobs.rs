//! Background jobs: one table, written in the change's own transaction, so that it *is* the outbox.
//!
//! A worker claims a job by a lease and keeps it alive by a heartbeat. When the worker dies, the lease
//! runs out and another worker starts the job anew; what the first one might still write is refused,
//! because the effect's transaction also completes the job under the lease ([`Task::complete`]). A job
//! that fails is tried again after a growing pause, and lies in state `dead` after its last attempt.

pub mod desk;

use std::{
    any::Any,
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use sea_orm::{
    ActiveValue::Set,
    Condition, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{self, LockBehavior, LockType},
};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Base,
    clock::Timestamp,
    db::Write,
    ids::{JobId, OrganisationId},
    metrics::{self, Counter, Span},
    problem::Problem,
    telemetry,
};
use crate::words;

mod job {
    use super::{JobId, OrganisationId, State, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        pub kind: String,
        pub payload: String,
        pub organisation_id: OrganisationId,
        pub state: State,
        pub attempts: i32,
        pub max_attempts: i32,
        pub run_at: Timestamp,
        pub lease_until: Option<Timestamp>,
        pub lease: Option<Uuid>,
        pub last_error: Option<String>,
        pub created_at: Timestamp,
        pub finished_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

words! {
    /// Where a job stands.
    pub enum State {
        /// Waits for its time and a worker.
        Queued = "queued",
        /// A worker has it.
        Running = "running",
        /// Done.
        Done = "done",
        /// Failed at its last attempt; somebody must look.
        Dead = "dead",
    }
}

/// A job to put into the queue with [`Write::enqueue`].
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// What the handler is given: ids, never personal data.
    pub payload: serde_json::Value,
    /// How often it is tried.
    pub max_attempts: i32,
    /// Seconds to wait first.
    pub delay_seconds: i64,
}

impl NewJob {
    /// A job that starts at once and is tried five times.
    pub const fn new(kind: &'static str, payload: serde_json::Value) -> Self {
        Self { kind, payload, max_attempts: 5, delay_seconds: 0 }
    }
}

impl Base {
    /// Whether a job of that kind waits or runs.
    ///
    /// # Errors
    /// What the database said.
    pub async fn is_queued(&self, kind: &str) -> Result<bool, Problem> {
        let waiting = job::Entity::find()
            .filter(job::Column::Kind.eq(kind))
            .filter(job::Column::State.is_in([State::Queued, State::Running]))
            .one(self.db.reads())
            .await?;
        Ok(waiting.is_some())
    }

    /// Sees to it that the one job of a kind waits or runs that comes again and again ([`Task::again`]): whoever starts a
    /// worker asks this. Its id is of the kind alone, so that instances that start together do not make two of it; one that
    /// had ended among the dead begins anew.
    ///
    /// # Errors
    /// What the database said.
    pub async fn keep_queued(&self, kind: &'static str) -> Result<(), Problem> {
        let digest: [u8; 32] = Sha256::digest(kind).into();
        let id = JobId(uuid::Builder::from_custom_bytes(first_half(digest)).into_uuid());
        let now = self.clock.now();
        let revived = job::ActiveModel {
            state: Set(State::Queued),
            attempts: Set(0),
            run_at: Set(now),
            finished_at: Set(None),
            ..Default::default()
        };
        job::Entity::update_many()
            .set(revived)
            .filter(job::Column::Id.eq(id))
            .filter(job::Column::State.is_in([State::Done, State::Dead]))
            .exec(self.db.reads())
            .await?;
        if job::Entity::find_by_id(id).one(self.db.reads()).await?.is_some() {
            return Ok(());
        }
        let job = NewJob::new(kind, serde_json::json!({}));
        match insert(self.db.reads(), id, now, OrganisationId(Uuid::nil()), job).await {
            // Another instance was faster.
            Err(_) if job::Entity::find_by_id(id).one(self.db.reads()).await?.is_some() => Ok(()),
            inserted => inserted,
        }
    }
}

fn first_half(digest: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| digest[at])
}

pub(super) async fn insert(
    db: &impl ConnectionTrait,
    id: JobId,
    at: Timestamp,
    organisation: OrganisationId,
    job: NewJob,
) -> Result<(), Problem> {
    let row = job::ActiveModel {
        id: Set(id),
        kind: Set(job.kind.to_owned()),
        payload: Set(job.payload.to_string()),
        organisation_id: Set(organisation),
        state: Set(State::Queued),
        attempts: Set(0),
        max_attempts: Set(job.max_attempts),
        run_at: Set(at.plus_seconds(job.delay_seconds)),
        lease_until: Set(None),
        lease: Set(None),
        last_error: Set(None),
        created_at: Set(at),
        finished_at: Set(None),
    };
    job::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// What lies in the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    /// How many jobs of a kind are in a state other than done.
    pub states: Vec<(String, State, u64)>,
    /// For how many seconds the one has waited that has been due for longest.
    pub oldest_due: u64,
}

/// What lies in the queue.
///
/// # Errors
/// What the database said.
pub async fn queue(db: &impl ConnectionTrait, now: Timestamp) -> Result<Queue, Problem> {
    let rows: Vec<(String, State, i64)> = job::Entity::find()
        .select_only()
        .column(job::Column::Kind)
        .column(job::Column::State)
        .column_as(job::Column::Id.count(), "jobs")
        .filter(job::Column::State.ne(State::Done))
        .group_by(job::Column::Kind)
        .group_by(job::Column::State)
        .order_by_asc(job::Column::Kind)
        .order_by_asc(job::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let due = job::Entity::find()
        .filter(job::Column::State.eq(State::Queued))
        .filter(job::Column::RunAt.lte(now))
        .order_by_asc(job::Column::RunAt)
        .limit(1)
        .one(db)
        .await?;
    let states = rows.into_iter().map(|(kind, state, jobs)| (kind, state, jobs.unsigned_abs())).collect();
    Ok(Queue { states, oldest_due: due.map_or(0, |job| now.seconds_since(job.run_at).unsigned_abs()) })
}

/// A claimed job, as its handler sees it.
#[derive(Clone)]
pub struct Task {
    /// What the handler needs.
    pub base: Base,
    /// The job.
    pub id: JobId,
    /// What was enqueued.
    pub payload: serde_json::Value,
    /// For whom it runs.
    pub organisation: OrganisationId,
    /// 1 at the first try.
    pub attempt: i32,
    /// Whether this is the last try.
    pub last_attempt: bool,
    lease: Uuid,
}

impl Task {
    /// Completes the job in the effect's transaction: both commit, or neither.
    ///
    /// # Errors
    /// 409 `lease-lost` when another worker has taken over; the effect must not commit then.
    pub async fn complete(&self, write: &Write) -> Result<(), Problem> {
        self.finish(write.db(), write.at()).await
    }

    async fn finish(&self, db: &impl ConnectionTrait, at: Timestamp) -> Result<(), Problem> {
        let row = job::ActiveModel {
            state: Set(State::Done),
            finished_at: Set(Some(at)),
            lease_until: Set(None),
            last_error: Set(None),
            ..Default::default()
        };
        self.update_held(db, row).await
    }

    /// Lets the job wait for its next turn, as if it had not run: for what comes again and again.
    ///
    /// # Errors
    /// 409 `lease-lost` when another worker has taken over.
    pub async fn again(&self, seconds: i64) -> Result<(), Problem> {
        let row = job::ActiveModel {
            state: Set(State::Queued),
            attempts: Set(0),
            run_at: Set(self.base.clock.now().plus_seconds(seconds)),
            lease: Set(None),
            lease_until: Set(None),
            last_error: Set(None),
            ..Default::default()
        };
        self.update_held(self.base.db.reads(), row).await
    }

    /// `pause` is how long to wait at least.
    async fn fail(&self, cause: &str, pause: Option<i64>) -> Result<(), Problem> {
        let now = self.base.clock.now();
        let mut row = job::ActiveModel {
            last_error: Set(Some(cause.chars().take(500).collect())),
            lease: Set(None),
            lease_until: Set(None),
            ..Default::default()
        };
        if self.last_attempt {
            row.state = Set(State::Dead);
            row.finished_at = Set(Some(now));
        } else {
            row.state = Set(State::Queued);
            let pause = pause.unwrap_or_else(|| doubled(self.attempt));
            row.run_at = Set(now.plus_seconds(with_chance(pause, self.base.ids.bytes())));
        }
        self.update_held(self.base.db.reads(), row).await
    }

    /// Puts the job back as if it had not been tried.
    async fn give_back(&self) -> Result<(), Problem> {
        let row = job::ActiveModel {
            state: Set(State::Queued),
            attempts: Set(self.attempt - 1),
            lease: Set(None),
            lease_until: Set(None),
            ..Default::default()
        };
        self.update_held(self.base.db.reads(), row).await
    }

    async fn extend(&self, seconds: i64) -> Result<(), Problem> {
        let until = self.base.clock.now().plus_seconds(seconds);
        let row = job::ActiveModel { lease_until: Set(Some(until)), ..Default::default() };
        self.update_held(self.base.db.reads(), row).await
    }

    async fn update_held(&self, db: &impl ConnectionTrait, row: job::ActiveModel) -> Result<(), Problem> {
        let updated = job::Entity::update_many()
            .set(row)
            .filter(job::Column::Id.eq(self.id))
            .filter(job::Column::State.eq(State::Running))
            .filter(job::Column::Lease.eq(self.lease))
            .exec(db)
            .await?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(Problem::conflict("lease-lost")) }
    }
}

/// 2, 4, 8 … seconds up to an hour.
fn doubled(attempt: i32) -> i64 {
    1_i64.checked_shl(u32::try_from(attempt).unwrap_or(0).min(12)).unwrap_or(i64::MAX).min(3_600)
}

/// A pause and up to a quarter of it, so that failures do not march in step.
const fn with_chance(pause: i64, chance: [u8; 1]) -> i64 {
    pause + pause * (chance[0] as i64) / 1_024
}

/// What came of a try that panicked.
fn panicked(cause: &(dyn Any + Send)) -> Problem {
    let said = cause.downcast_ref::<&str>().copied();
    let said = said.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    Problem::internal(format!("the job panicked: {}", said.unwrap_or("it does not say why")))
}

/// What a handler returns.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// Runs one kind of job. Must be safe to start again from the beginning, and to be dropped at any
/// point: a worker that loses its lease drops it.
pub trait Handler: Send + Sync {
    /// Runs the job. A handler with an effect calls [`Task::complete`] in the effect's transaction.
    fn run(&self, task: Task) -> Outcome<'_>;

    /// Seconds to wait after a try that failed, the first one being 1; a quarter of chance is added. `None`: the usual
    /// pause, which doubles from two seconds up to an hour.
    fn pause(&self, _attempt: i32) -> Option<i64> {
        None
    }
}

/// Claims and runs jobs.
#[derive(Clone)]
pub struct Worker {
    base: Base,
    handlers: Arc<HashMap<&'static str, Arc<dyn Handler>>>,
    lease_seconds: u32,
    per_organisation: u64,
}

impl Worker {
    /// A worker with these handlers, by kind. The lease is thirty seconds; an organisation has at most
    /// two jobs running at once, so that one firm's runs do not keep the others waiting.
    pub fn new(base: Base, handlers: impl IntoIterator<Item = (&'static str, Arc<dyn Handler>)>) -> Self {
        let handlers = Arc::new(handlers.into_iter().collect());
        Self { base, handlers, lease_seconds: 30, per_organisation: 2 }
    }

    /// The same worker with another lease.
    #[must_use]
    pub const fn with_lease(mut self, seconds: u32) -> Self {
        self.lease_seconds = seconds;
        self
    }

    /// Runs jobs until told to stop; a job under way is then given back to the queue.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            let pause = match self.step(&stop).await {
                Ok(true) => Duration::ZERO,
                Ok(false) => Duration::from_millis(500),
                Err(problem) => {
                    tracing::warn!(%problem, "the job queue could not be read");
                    Duration::from_secs(5)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Runs jobs until none is due. For tests and commands.
    ///
    /// # Errors
    /// What the database said.
    pub async fn run_all_due(&self) -> Result<u32, Problem> {
        let mut count = 0;
        while self.step(&CancellationToken::new()).await? {
            count += 1;
        }
        Ok(count)
    }

    /// Claims one job and runs it; false when none is due.
    async fn step(&self, stop: &CancellationToken) -> Result<bool, Problem> {
        let Some((task, kind)) = self.claim().await? else { return Ok(false) };
        let Some(handler) = self.handlers.get(kind.as_str()) else {
            task.fail(&format!("no handler for {kind}"), None).await?;
            return Ok(true);
        };
        let began = Instant::now();
        let span = telemetry::job(&kind, task.id, task.organisation, task.attempt);
        // A panic is a failure of the job, and the worker goes on. What the handler left half done is dropped with it.
        let run = AssertUnwindSafe(async { handler.run(task.clone()).await }).catch_unwind();
        let run = run.map(|ended| ended.unwrap_or_else(|panic| Err(panicked(&*panic))));
        let outcome = tokio::select! {
            outcome = run.instrument(span.clone()) => outcome,
            lost = self.keep_alive(&task) => Err(lost),
            () = stop.cancelled() => {
                telemetry::ended(&span, "given-back", false);
                task.give_back().await?;
                return Ok(true);
            }
        };
        let word = if outcome.is_ok() { "done" } else { "failed" };
        telemetry::ended(&span, word, outcome.is_err());
        drop(span);
        metrics::count(Counter::Jobs, &[("kind", &kind), ("outcome", word)]);
        metrics::time(Span::Job, &[("kind", &kind)], began.elapsed());
        let told = match outcome {
            // The handler may have completed the job with its effect already.
            Ok(()) => task.finish(self.base.db.reads(), self.base.clock.now()).await,
            Err(problem) => {
                tracing::warn!(job = %task.id, %kind, attempt = task.attempt, %problem, "job failed");
                let asked = problem.retry_after.map(i64::from);
                let pause =
                    handler.pause(task.attempt).max(asked.map(|asked| asked.max(doubled(task.attempt))));
                task.fail(&problem.to_string(), pause).await
            }
        };
        match told {
            Err(problem) if problem.code == "lease-lost" => Ok(true),
            told => told.map(|()| true),
        }
    }

    async fn keep_alive(&self, task: &Task) -> Problem {
        loop {
            tokio::time::sleep(Duration::from_secs(self.lease_seconds.into()) / 3).await;
            match task.extend(self.lease_seconds.into()).await {
                Err(problem) if problem.code == "lease-lost" => return problem,
                // An outage of the database: the lease may still be ours when it is back.
                _ => {}
            }
        }
    }

    async fn claim(&self) -> Result<Option<(Task, String)>, Problem> {
        let now = self.base.clock.now();
        // What was to run at once when it was made does so also after the clock was set back.
        let ahead = Condition::all()
            .add(job::Column::CreatedAt.gt(now))
            .add(sea_query::ExprTrait::lte(Expr::col(job::Column::RunAt), Expr::col(job::Column::CreatedAt)));
        let queued = Condition::all()
            .add(job::Column::State.eq(State::Queued))
            .add(Condition::any().add(job::Column::RunAt.lte(now)).add(ahead));
        let running = Condition::all().add(job::Column::State.eq(State::Running));
        let abandoned = running.clone().add(job::Column::LeaseUntil.lt(now));
        // What this worker does not know waits for one that does.
        let known = job::Column::Kind.is_in(self.handlers.keys().copied());
        let due = Condition::all().add(known).add(Condition::any().add(queued).add(abandoned));
        // A look before the transaction: an idle worker must not take SQLite's write lock.
        if job::Entity::find().filter(due.clone()).limit(1).one(self.base.db.reads()).await?.is_none() {
            return Ok(None);
        }
        let transaction = self.base.db.begin().await?;
        let busy: Vec<(OrganisationId, i64)> = job::Entity::find()
            .select_only()
            .column(job::Column::OrganisationId)
            .column_as(job::Column::Id.count(), "jobs")
            .filter(running.add(job::Column::LeaseUntil.gte(now)))
            .group_by(job::Column::OrganisationId)
            .into_tuple()
            .all(&transaction)
            .await?;
        let full =
            busy.into_iter().filter(|(_, jobs)| u64::try_from(*jobs).unwrap_or(0) >= self.per_organisation);
        let full: Vec<_> = full.map(|(organisation, _)| organisation).collect();
        let found = job::Entity::find()
            .filter(due)
            .filter(job::Column::OrganisationId.is_not_in(full))
            .order_by_asc(job::Column::RunAt)
            .order_by_asc(job::Column::Id)
            .limit(1)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .one(&transaction)
            .await?;
        let Some(found) = found else { return Ok(None) };
        let mut row = job::ActiveModel { id: Set(found.id), ..Default::default() };
        if found.attempts >= found.max_attempts {
            // Its worker died at the last attempt.
            row.state = Set(State::Dead);
            row.finished_at = Set(Some(now));
            row.update(&transaction).await?;
            transaction.commit().await?;
            return Box::pin(self.claim()).await;
        }
        let lease: Uuid = self.base.ids.new_id(now);
        row.state = Set(State::Running);
        row.attempts = Set(found.attempts + 1);
        row.lease = Set(Some(lease));
        row.lease_until = Set(Some(now.plus_seconds(self.lease_seconds.into())));
        row.update(&transaction).await?;
        transaction.commit().await?;
        let task = Task {
            base: self.base.clone(),
            id: found.id,
            payload: serde_json::from_str(&found.payload)?,
            organisation: found.organisation_id,
            attempt: found.attempts + 1,
            last_attempt: found.attempts + 1 >= found.max_attempts,
            lease,
        };
        Ok(Some((task, found.kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_an_hour() {
        assert_eq!([1, 5, 40].map(doubled), [2, 32, 3_600]);
        assert_eq!(with_chance(32, [0]), 32);
        assert!((32..41).contains(&with_chance(32, [255])));
    }

    #[test]
    fn whatever_a_panic_says_is_a_problem() {
        let said: [Box<dyn Any + Send>; 3] =
            [Box::new("a defect"), Box::new(String::from("a defect")), Box::new(1)];
        for cause in said {
            assert_eq!(panicked(&*cause).code, "internal");
        }
    }
}
