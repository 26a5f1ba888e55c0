//! The outbox: what has happened and somebody is still to be told of.
//!
//! A write of an operation that is told ([`Base::told`](super::Base)) leaves its audit entry's id here, in its own
//! transaction, so that nothing is told that did not happen and nothing that happened is forgotten. Whoever tells takes
//! entries out in the transaction of the telling; one that can't be told is set aside, and tried again later.

use std::collections::HashMap;

use sea_orm::{
    PaginatorTrait, QueryOrder, QuerySelect, Select, Set,
    entity::prelude::*,
    sea_query::{LockBehavior, LockType},
};

use super::{
    audit::{self, Entry, Event},
    clock::Timestamp,
    db::Write,
    ids::AuditEntryId,
    problem::Problem,
};

/// What somebody is told of: an operation, as its entry about this subject says it. What else the operation writes down
/// in passing is nobody's news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// The operation.
    pub operation: &'static str,
    /// The subject of the entry.
    pub subject: &'static str,
    /// The state that the entry names; `None`: whichever, or none.
    pub state: Option<&'static str>,
}

impl Told {
    /// An operation about this subject.
    pub const fn of(subject: &'static str, operation: &'static str) -> Self {
        Self { operation, subject, state: None }
    }

    /// An operation that has led the subject into this state.
    pub const fn in_state(subject: &'static str, operation: &'static str, state: &'static str) -> Self {
        Self { operation, subject, state: Some(state) }
    }

    /// Whether an entry is what it means.
    pub(super) fn is(&self, event: &Event) -> bool {
        let state = event.details.get("state").and_then(|state| state.as_str());
        self.operation == event.operation
            && self.subject == event.subject
            && self.state.is_none_or(|named| state == Some(named))
    }
}

mod told {
    use super::{AuditEntryId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "told_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: AuditEntryId,
        pub attempts: i32,
        pub retry_at: Timestamp,
        pub last_error: Option<String>,
    }

    crate::unrelated!();
}

pub(super) async fn put(db: &impl ConnectionTrait, entry: AuditEntryId) -> Result<(), Problem> {
    let row = told::ActiveModel {
        entry_id: Set(entry),
        attempts: Set(0),
        retry_at: Set(Timestamp::from_micros(0)),
        last_error: Set(None),
    };
    told::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

fn due(now: Timestamp, most: u64) -> Select<told::Entity> {
    let due = told::Entity::find().filter(told::Column::RetryAt.lte(now));
    due.order_by_asc(told::Column::EntryId).limit(most)
}

/// How many entries wait.
///
/// # Errors
/// What the database said.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    Ok(told::Entity::find().count(db).await?)
}

/// Up to so many entries of which somebody is to be told now, oldest first.
///
/// # Errors
/// What the database said.
pub async fn waiting(
    db: &impl ConnectionTrait,
    now: Timestamp,
    most: u64,
) -> Result<Vec<AuditEntryId>, Problem> {
    Ok(due(now, most).all(db).await?.into_iter().map(|row| row.entry_id).collect())
}

/// Takes these entries out, oldest first: they are back when the write does not commit. What another instance has taken
/// is passed over.
///
/// # Errors
/// What the database said.
pub async fn take(w: &Write, entries: &[AuditEntryId]) -> Result<Vec<Entry>, Problem> {
    let rows = told::Entity::find()
        .filter(told::Column::EntryId.is_in(entries.iter().copied()))
        .order_by_asc(told::Column::EntryId)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(w.db())
        .await?;
    let ids: Vec<_> = rows.into_iter().map(|row| row.entry_id).collect();
    told::Entity::delete_many().filter(told::Column::EntryId.is_in(ids.clone())).exec(w.db()).await?;
    let mut found: HashMap<_, _> =
        audit::find_all(w.db(), ids.clone()).await?.into_iter().map(|entry| (entry.id(), entry)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What could not be told waits for two minutes, then four, eight … at most this long.
const LONGEST_PAUSE: i64 = 86_400;

/// Sets an entry aside that could not be told, for this reason.
///
/// # Errors
/// What the database said.
pub async fn set_aside(w: &Write, entry: AuditEntryId, reason: &Problem) -> Result<(), Problem> {
    let Some(found) = told::Entity::find_by_id(entry).lock_exclusive().one(w.db()).await? else {
        return Ok(());
    };
    let attempts = found.attempts + 1;
    let pause = 60_i64 << attempts.clamp(1, 16);
    let row = told::ActiveModel {
        entry_id: Set(entry),
        attempts: Set(attempts),
        retry_at: Set(w.at().plus_seconds(pause.min(LONGEST_PAUSE))),
        last_error: Set(Some(reason.to_string().chars().take(500).collect())),
    };
    row.update(w.db()).await?;
    Ok(())
}

/// What is set aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    /// How many entries.
    pub entries: u64,
    /// The oldest of them.
    pub oldest: AuditEntryId,
    /// Why that one could not be told.
    pub reason: String,
}

/// What could not be told up to now; `None`: everything could.
///
/// # Errors
/// What the database said.
pub async fn aside(db: &impl ConnectionTrait) -> Result<Option<SetAside>, Problem> {
    let aside = told::Entity::find().filter(told::Column::Attempts.gt(0));
    let entries = aside.clone().count(db).await?;
    let oldest = aside.order_by_asc(told::Column::EntryId).one(db).await?;
    Ok(oldest.map(|row| SetAside {
        entries,
        oldest: row.entry_id,
        reason: row.last_error.unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::foundation::{
        access::Role,
        clock::Timestamp,
        ids::{AccountId, OrganisationId},
    };

    /// Signing a contract may write down that all of a requirement is awarded, which no supplier is to hear of.
    #[test]
    fn what_is_written_down_in_passing_is_nobodys_news() {
        let event = |operation, subject, details| Event {
            id: AuditEntryId(Uuid::nil()),
            at: Timestamp::from_micros(0),
            account: AccountId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            role: Role::System,
            operation,
            subject,
            subject_id: Uuid::nil(),
            details,
        };
        let signed = Told::of("contract", "contracts.sign");
        assert!(signed.is(&event("contracts.sign", "contract", json!({ "state": "active" }))));
        assert!(!signed.is(&event("contracts.sign", "requirement", json!({ "state": "awarded" }))));
        let approved = Told::in_state("match", "matches.approve", "approved");
        assert!(approved.is(&event("matches.approve", "match", json!({ "state": "approved" }))));
        assert!(!approved.is(&event("matches.approve", "match", json!({ "state": "accepted" }))));
        assert!(!approved.is(&event("matches.approve", "match", json!({ "final": true }))));
    }
}
