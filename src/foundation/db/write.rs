//! A write: the change, its audit entry, its jobs and its idempotency record, together or not at all.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use serde::Serialize;
use uuid::Uuid;

use super::once::{self, Begun, Once};
use crate::foundation::{
    Base,
    access::{self, Actor, Kind, May, Operation, Row},
    audit,
    clock::Timestamp,
    config::SecondFactor,
    http::Reply,
    ids::{AccountId, Ids, OrganisationId},
    jobs,
    live::{self, Live},
    outbox,
    problem::Problem,
};

/// A transaction under way, for one operation of one actor. Dropped without [`Write::done`], it is
/// rolled back.
pub struct Write {
    transaction: DatabaseTransaction,
    actor: Actor,
    row: Row,
    at: Timestamp,
    ids: Ids,
    /// The first audit entry.
    recorded: OnceLock<Uuid>,
    told: &'static [outbox::Told],
    impartial: AtomicBool,
    live: Live,
    woken: Mutex<BTreeSet<Uuid>>,
    demands_second_factor: bool,
}

/// A write that is ready to commit, with what it answers.
pub struct Done<T> {
    write: Write,
    answer: T,
}

impl Write {
    /// Where the transaction's statements go.
    pub const fn db(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Who writes.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The moment of the write: one for all its rows.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.ids.new_id(self.at)
    }

    /// Ids and randomness.
    pub const fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Waits until no other write that asks for the same key is under way, on any instance: until this one ends, it is
    /// the only one. SQLite's writes are alone anyway.
    ///
    /// # Errors
    /// 409 `busy` when the wait was too long.
    pub async fn alone(&self, key: i64) -> Result<(), Problem> {
        if self.db().get_database_backend() == DbBackend::Postgres {
            self.db().execute_unprepared(&format!("SELECT pg_advisory_xact_lock({key})")).await?;
        }
        Ok(())
    }

    /// The check of the subject's state against the operation's row of the access table.
    ///
    /// # Errors
    /// 409 naming the present state and those in which the operation is possible.
    pub fn in_state(&self, state: impl std::fmt::Display) -> Result<(), Problem> {
        access::check_state(&self.row, &state.to_string())
    }

    /// The state to which a move leads from this one, which the table of moves has told: none when it is illegal.
    ///
    /// # Errors
    /// 409 naming the present state and those in which the operation is possible.
    pub fn next<S: std::fmt::Display>(&self, state: S, next: Option<S>) -> Result<S, Problem> {
        self.in_state(&state)?;
        next.ok_or_else(|| Problem::wrong_state(&state.to_string(), self.row.states))
    }

    /// Writes the audit entry: what was done to which subject, with the values that matter.
    ///
    /// # Errors
    /// What the database said.
    pub async fn record(
        &self,
        subject: &'static str,
        id: impl Into<Uuid>,
        details: &(impl Serialize + Sync),
    ) -> Result<(), Problem> {
        let event = audit::Event {
            id: self.new_id(),
            at: self.at,
            account: self.actor.account,
            organisation: self.actor.organisation,
            role: self.actor.role,
            operation: self.row.operation,
            subject,
            subject_id: id.into(),
            details: serde_json::to_value(details)?,
        };
        let (entry, is_told) = (event.id, self.told.iter().any(|told| told.is(&event)));
        audit::append(&self.transaction, &self.ids, event).await?;
        if is_told {
            outbox::put(&self.transaction, entry).await?;
        }
        self.recorded.get_or_init(|| entry.into());
        Ok(())
    }

    /// Notes that it was asked whether whoever writes has an interest in the parties: an operation that decides does
    /// not commit without that.
    pub fn has_asked_for_interests(&self) {
        self.impartial.store(true, Ordering::Relaxed);
    }

    /// Whether whoever writes needs a second factor for it: an institution's people for what [approves](Row::approves),
    /// where the settings say so.
    pub const fn demands_second_factor(&self) -> bool {
        self.demands_second_factor
    }

    /// Wakes whoever [listens](Live) to this thing, on any instance, once this write has committed.
    pub fn wake(&self, thing: impl Into<Uuid>) {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).insert(thing.into());
    }

    /// Puts a job into the queue; it runs once this write has committed.
    ///
    /// # Errors
    /// What the database said.
    pub async fn enqueue(&self, job: jobs::NewJob) -> Result<(), Problem> {
        jobs::insert(&self.transaction, self.new_id(), self.at, self.actor.organisation, job).await
    }

    /// The same, as a job of another organisation: it counts among its own.
    ///
    /// # Errors
    /// What the database said.
    pub async fn enqueue_for(&self, organisation: OrganisationId, job: jobs::NewJob) -> Result<(), Problem> {
        jobs::insert(&self.transaction, self.new_id(), self.at, organisation, job).await
    }

    /// Takes away what the trail says of these subjects, for whoever has a right to that; the hashes stay.
    ///
    /// # Errors
    /// What the database said.
    pub async fn erase_trail_of(&self, subjects: &[Uuid]) -> Result<(), Problem> {
        audit::erase(&self.transaction, subjects).await
    }

    /// Forgets the answers that were kept for an account's repetitions.
    ///
    /// # Errors
    /// What the database said.
    pub async fn forget_repetitions(&self, account: AccountId) -> Result<(), Problem> {
        once::forget(&self.transaction, account).await
    }

    /// Forgets the answers that were kept for repetitions before that moment; how many.
    ///
    /// # Errors
    /// What the database said.
    pub async fn expire_repetitions(&self, before: Timestamp) -> Result<u64, Problem> {
        once::expire(&self.transaction, before).await
    }

    /// Ready to commit.
    pub const fn done<T>(self, answer: T) -> Done<T> {
        Done { write: self, answer }
    }
}

impl Base {
    /// Runs a write and answers the request; the one way in which a request changes anything.
    ///
    /// With an idempotency key, a repetition gets the first answer again, across restarts, and a
    /// simultaneous duplicate waits for the first one.
    ///
    /// # Errors
    /// What `work` returns, 422 for a key that came with another body, 409 when the wait was too long;
    /// nothing is changed then.
    pub async fn write<O, F, Fut>(&self, may: May<O>, once: Once, work: F) -> Result<Reply, Problem>
    where
        O: Operation,
        F: FnOnce(Write) -> Fut,
        Fut: Future<Output = Result<Done<Reply>, Problem>>,
    {
        let write = self.begin(&may).await?;
        let at = write.at;
        let key = match once.begin(&write.transaction, may.actor(), O::ROW.operation, at).await? {
            Begun::First(key) => key,
            Begun::Again(reply) => return Ok(reply),
        };
        let Done { write, answer } = work(write).await?;
        let answer =
            answer.recorded_as(write.recorded.get().copied().filter(|_| write.actor.kind().is_some()));
        if let Some(key) = key {
            key.keep(&write.transaction, &answer).await?;
        }
        write.commit().await?;
        Ok(answer)
    }

    /// Runs a write for a caller inside the service (a job, a command), without idempotency record.
    ///
    /// # Errors
    /// What `work` returns, or what the database said; nothing is changed then.
    pub async fn transact<O, T, F, Fut>(&self, may: May<O>, work: F) -> Result<T, Problem>
    where
        O: Operation,
        F: FnOnce(Write) -> Fut,
        Fut: Future<Output = Result<Done<T>, Problem>>,
    {
        let Done { write, answer } = work(self.begin(&may).await?).await?;
        write.commit().await?;
        Ok(answer)
    }

    async fn begin<O: Operation>(&self, may: &May<O>) -> Result<Write, Problem> {
        Ok(Write {
            transaction: self.db.begin().await?,
            actor: *may.actor(),
            row: O::ROW,
            at: self.clock.now(),
            ids: self.ids.clone(),
            recorded: OnceLock::new(),
            told: self.told,
            impartial: AtomicBool::new(false),
            live: self.live.clone(),
            woken: Mutex::default(),
            demands_second_factor: O::ROW.approves
                && may.actor().kind() == Some(Kind::Institution)
                && self.config.second_factor == SecondFactor::Approvers,
        })
    }
}

impl Write {
    async fn commit(self) -> Result<(), Problem> {
        if self.recorded.get().is_none() {
            return Err(Problem::internal(format!("{} wrote no audit entry", self.row.operation)));
        }
        if self.row.decides && !self.impartial.load(Ordering::Relaxed) {
            let operation = self.row.operation;
            return Err(Problem::internal(format!("{operation} decides and has not asked for interests")));
        }
        let woken = self.woken.into_inner().unwrap_or_else(PoisonError::into_inner);
        live::tell(&self.transaction, woken.iter().copied()).await?;
        self.transaction.commit().await?;
        for thing in woken {
            self.live.wake(thing);
        }
        Ok(())
    }
}
