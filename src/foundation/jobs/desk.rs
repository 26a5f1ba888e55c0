//! Jobs as whoever looks after the service sees them: what lies there, what failed for good, and what to do about it.

use super::{
    Condition, EntityTrait, JobId, OrganisationId, Problem, QueryFilter, QueryOrder, QuerySelect, Set, State,
    Timestamp, Write, job,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait};
use serde_json::json;

/// What stands as the reason of a job that was cancelled.
const CANCELLED: &str = "cancelled by the operator";

/// A job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Its id.
    pub id: JobId,
    /// Which handler runs it.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// For whom.
    pub organisation: OrganisationId,
    /// How often it was tried, and how often it may be.
    pub tries: (i32, i32),
    /// When it is due.
    pub run_at: Timestamp,
    /// Why it failed last.
    pub last_error: Option<String>,
}

impl Seen {
    /// Whether an operator has ended it.
    pub fn is_cancelled(&self) -> bool {
        self.last_error.as_deref() == Some(CANCELLED)
    }
}

/// Up to so many jobs, the oldest first: those in a state, or all that are not done.
///
/// # Errors
/// What the database said.
pub async fn list(db: &impl ConnectionTrait, state: Option<State>, most: u64) -> Result<Vec<Seen>, Problem> {
    let wanted = match state {
        Some(state) => Condition::all().add(job::Column::State.eq(state)),
        None => Condition::all().add(job::Column::State.ne(State::Done)),
    };
    let query = job::Entity::find().filter(wanted).order_by_asc(job::Column::Id).limit(most);
    let seen = |row: job::Model| Seen {
        id: row.id,
        kind: row.kind,
        state: row.state,
        organisation: row.organisation_id,
        tries: (row.attempts, row.max_attempts),
        run_at: row.run_at,
        last_error: row.last_error,
    };
    Ok(query.all(db).await?.into_iter().map(seen).collect())
}

async fn held(w: &Write, id: JobId) -> Result<job::Model, Problem> {
    let found = job::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)
}

/// Lets a job that failed for good begin anew.
///
/// # Errors
/// 404, 409 when it is not among the dead.
pub async fn replay(w: &Write, id: JobId) -> Result<(), Problem> {
    let found = held(w, id).await?;
    w.in_state(found.state)?;
    let row = job::ActiveModel {
        id: Set(id),
        state: Set(State::Queued),
        attempts: Set(0),
        run_at: Set(w.at()),
        finished_at: Set(None),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("job", id, &json!({ "kind": found.kind, "last_error": found.last_error })).await
}

/// Ends a job that waits or runs: it lies among the dead. A worker that has it notices when it next says that it lives, and
/// what it might still write is refused.
///
/// # Errors
/// 404, 409 when it has ended.
pub async fn cancel(w: &Write, id: JobId) -> Result<(), Problem> {
    let found = held(w, id).await?;
    w.in_state(found.state)?;
    let row = job::ActiveModel {
        id: Set(id),
        state: Set(State::Dead),
        lease: Set(None),
        lease_until: Set(None),
        last_error: Set(Some(CANCELLED.to_owned())),
        finished_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("job", id, &json!({ "kind": found.kind })).await
}
