//! The audit trail: who did what to which subject, when, written in the effect's own transaction.
//!
//! Each entry carries the hash of a salted leaf, `SHA-256(0x00 ‖ salt ‖ canonical entry)` (the leaf
//! prefix of RFC 6962, so that the leaves can go into a Merkle log without being touched). Nothing
//! here serialises other writers. The table is append-only: triggers refuse to change or delete a row;
//! erasing `salt` and `details` together is the one exception, and leaves the hash standing.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    access::{Actor, Role},
    canonical,
    clock::Timestamp,
    ids::{AccountId, AuditEntryId, Ids, OrganisationId},
    problem::Problem,
};

mod entry {
    use super::{AccountId, AuditEntryId, OrganisationId, Role, Timestamp};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AuditEntryId,
        pub at: Timestamp,
        pub account_id: AccountId,
        pub organisation_id: OrganisationId,
        pub role: Role,
        pub operation: String,
        pub subject: String,
        pub subject_id: Uuid,
        pub details: Option<String>,
        pub salt: Option<String>,
        pub leaf_hash: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of the trail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry(entry::Model);

/// What is written down.
#[derive(Serialize)]
pub(super) struct Event {
    pub id: AuditEntryId,
    pub at: Timestamp,
    pub account: AccountId,
    pub organisation: OrganisationId,
    pub role: Role,
    pub operation: &'static str,
    pub subject: &'static str,
    pub subject_id: Uuid,
    pub details: serde_json::Value,
}

pub(super) async fn append(db: &impl ConnectionTrait, ids: &Ids, event: Event) -> Result<(), Problem> {
    let salt = ids.bytes::<32>();
    let details = canonical::to_text(&event.details)?;
    let leaf_hash = leaf_hash(&salt, &canonical::to_text(&event)?);
    let row = entry::ActiveModel {
        id: Set(event.id),
        at: Set(event.at),
        account_id: Set(event.account),
        organisation_id: Set(event.organisation),
        role: Set(event.role),
        operation: Set(event.operation.to_owned()),
        subject: Set(event.subject.to_owned()),
        subject_id: Set(event.subject_id),
        details: Set(Some(details)),
        salt: Set(Some(hex::encode(salt))),
        leaf_hash: Set(leaf_hash),
    };
    entry::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// `SHA-256(0x00 ‖ salt ‖ text)`, hexadecimal (RFC 6962 §2.1 for the prefix).
fn leaf_hash(salt: &[u8; 32], text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(salt);
    hash.update(text);
    hex::encode(hash.finalize())
}

impl Entry {
    /// When it was written.
    pub const fn at(&self) -> Timestamp {
        self.0.at
    }

    /// The person who did it.
    pub const fn account(&self) -> AccountId {
        self.0.account_id
    }

    /// Its id.
    pub const fn id(&self) -> AuditEntryId {
        self.0.id
    }

    /// The hash of its salted leaf.
    pub fn leaf_hash(&self) -> &str {
        &self.0.leaf_hash
    }

    /// For which organisation.
    pub const fn organisation(&self) -> OrganisationId {
        self.0.organisation_id
    }

    /// What was done.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// To which kind of thing, and which one.
    pub fn subject(&self) -> (&str, Uuid) {
        (&self.0.subject, self.0.subject_id)
    }

    /// With which values, as canonical JSON; `None` once erased.
    pub fn details(&self) -> Option<&str> {
        self.0.details.as_deref()
    }

    /// Whether the entry is what was hashed; `None` when its content has been erased.
    pub fn verify(&self) -> Option<bool> {
        let row = &self.0;
        let (salt, details) = (row.salt.as_ref()?, row.details.as_ref()?);
        let salt: [u8; 32] = hex::decode(salt).ok()?.try_into().ok()?;
        let text = canonical::to_text(&serde_json::json!({
            "id": row.id, "at": row.at, "account": row.account_id, "organisation": row.organisation_id,
            "role": row.role, "operation": row.operation, "subject": row.subject, "subject_id": row.subject_id,
            "details": serde_json::from_str::<serde_json::Value>(details).ok()?,
        }));
        Some(text.is_ok_and(|text| leaf_hash(&salt, &text) == row.leaf_hash))
    }
}

/// The entries of the actor's own organisation, newest first; the service itself sees all.
///
/// # Errors
/// What the database said.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, most: u64) -> Result<Vec<Entry>, Problem> {
    let mut query = entry::Entity::find().order_by_desc(entry::Column::Id).limit(most);
    if !actor.is_system() {
        query = query.filter(entry::Column::OrganisationId.eq(actor.organisation));
    }
    Ok(query.all(db).await?.into_iter().map(Entry).collect())
}

/// The entries of these ids, in no order.
pub(super) async fn find_all(
    db: &impl ConnectionTrait,
    ids: Vec<AuditEntryId>,
) -> Result<Vec<Entry>, Problem> {
    let rows = entry::Entity::find().filter(entry::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(Entry).collect())
}

/// What the actor has done, newest first, for whichever organisation.
///
/// # Errors
/// What the database said.
pub async fn of_account(db: &impl ConnectionTrait, actor: &Actor, most: u64) -> Result<Vec<Entry>, Problem> {
    let query = entry::Entity::find().filter(entry::Column::AccountId.eq(actor.account));
    let rows = query.order_by_desc(entry::Column::Id).limit(most).all(db).await?;
    Ok(rows.into_iter().map(Entry).collect())
}

/// Takes away what entries say of these subjects: salt and details together, which leaves the hashes standing and tells
/// nobody any more what they were made of.
pub(super) async fn erase(db: &impl ConnectionTrait, subjects: &[Uuid]) -> Result<(), Problem> {
    entry::Entity::update_many()
        .col_expr(entry::Column::Details, Expr::value(Option::<String>::None))
        .col_expr(entry::Column::Salt, Expr::value(Option::<String>::None))
        .filter(entry::Column::SubjectId.is_in(subjects.iter().copied()))
        .filter(entry::Column::Details.is_not_null())
        .exec(db)
        .await?;
    Ok(())
}
