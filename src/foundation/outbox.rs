//! The outbox: what has happened and somebody is still to be told of.
//!
//! A write of an operation that is told ([`Base::told`](super::Base)) leaves its audit entry's id here, in its own
//! transaction, so that nothing is told that did not happen and nothing that happened is forgotten. Whoever tells takes
//! entries out in the transaction of the telling.

use std::collections::HashMap;

use sea_orm::{
    QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{LockBehavior, LockType},
};

use super::{
    audit::{self, Entry, Event},
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
    use super::AuditEntryId;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "told_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: AuditEntryId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) async fn put(db: &impl ConnectionTrait, entry: AuditEntryId) -> Result<(), Problem> {
    let row = told::ActiveModel { entry_id: Set(entry) };
    told::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Whether somebody is to be told of something.
///
/// # Errors
/// What the database said.
pub async fn is_waiting(db: &impl ConnectionTrait) -> Result<bool, Problem> {
    Ok(told::Entity::find().limit(1).one(db).await?.is_some())
}

/// How many entries wait.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    Ok(told::Entity::find().count(db).await?)
}

/// Takes up to so many entries out, oldest first: they are back when the write does not commit. What another instance
/// has taken is passed over.
///
/// # Errors
/// What the database said.
pub async fn take(w: &Write, most: u64) -> Result<Vec<Entry>, Problem> {
    let rows = told::Entity::find()
        .order_by_asc(told::Column::EntryId)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(w.db())
        .await?;
    let ids: Vec<_> = rows.into_iter().map(|row| row.entry_id).collect();
    told::Entity::delete_many().filter(told::Column::EntryId.is_in(ids.clone())).exec(w.db()).await?;
    let mut found: HashMap<_, _> =
        audit::find_all(w.db(), ids.clone()).await?.into_iter().map(|entry| (entry.id(), entry)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
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
