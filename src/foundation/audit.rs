//! The audit trail: who did what to which subject, when, written in the effect's own transaction.
//!
//! Each entry carries a leaf of RFC 6962: `SHA-256(0x00 ‖ canonical entry)`, in which a commitment stands for the details,
//! `SHA-256(salt ‖ canonical details)`. Salt and details can be erased together: nobody can tell any more what they were,
//! and everything else of the entry still verifies. (Entries from before the commitment have the salted leaf
//! `SHA-256(0x00 ‖ salt ‖ canonical entry)`; once erased, their hash alone stands.) Nothing here serialises other writers.
//! The table is append-only: triggers refuse to change or delete a row but for that erasure.
//!
//! A sequencer ([`log`]) gives committed entries their place in a [Merkle tree](merkle), whose root is signed in
//! [checkpoints](checkpoint); [`verify`] checks all of it, on the database or on an export.

pub mod checkpoint;
pub mod log;
pub mod merkle;
pub mod verify;

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        pub details_hash: Option<String>,
        pub leaf_hash: String,
    }

    crate::unrelated!();
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
    let details_hash = commitment(&salt, &details);
    let leaf_hash = leaf_of(&Event { details: Value::String(details_hash.clone()), ..event })?;
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
        details_hash: Set(Some(details_hash)),
        leaf_hash: Set(leaf_hash),
    };
    entry::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// What stands for the details in the leaf: `SHA-256(salt ‖ canonical details)`, hexadecimal.
fn commitment(salt: &[u8], details: &str) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(details).finalize())
}

/// The leaf of an entry whose details are their commitment, hexadecimal.
fn leaf_of(entry: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex::encode(merkle::leaf(canonical::to_text(entry)?.as_bytes())))
}

/// An entry as it is exported and proved: everything that its leaf is made of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Written {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub account: AccountId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// In which role.
    pub role: Role,
    /// What.
    pub operation: String,
    /// To which kind of thing.
    pub subject: String,
    /// Which.
    pub subject_id: Uuid,
    /// With which values; gone once erased, and left out for who may not read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// What hides the details in their commitment; gone with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The commitment to the details; entries of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_hash: Option<String>,
    /// The hash of the leaf.
    pub leaf_hash: String,
}

impl Written {
    /// Whether it is what was hashed; `None` when that holds for what is left of it.
    pub fn verify(&self) -> Option<bool> {
        let (hidden, Some(details_hash)) = (self.hidden(), &self.details_hash) else {
            return self.verify_old();
        };
        let leaf = leaf_of(&self.leaf(&Value::String(details_hash.clone())));
        if leaf.ok().as_ref() != Some(&self.leaf_hash) {
            return Some(false);
        }
        hidden.map(|(salt, details)| commitment(&salt, &details) == *details_hash)
    }

    /// The salted leaf of before the commitment.
    fn verify_old(&self) -> Option<bool> {
        let (salt, _) = self.hidden()?;
        let text = canonical::to_text(&self.leaf(self.details.as_ref()?)).ok()?;
        Some(hex::encode(merkle::leaf(&[&salt, text.as_bytes()].concat())) == self.leaf_hash)
    }

    /// Salt and canonical details, where both are there. What stands there and can't be read is not what was hashed.
    fn hidden(&self) -> Option<(Vec<u8>, String)> {
        match (&self.salt, &self.details) {
            (None, None) => None,
            (salt, details) => Some((
                salt.as_ref().and_then(|salt| hex::decode(salt).ok()).unwrap_or_default(),
                details.as_ref().and_then(|details| canonical::to_text(details).ok()).unwrap_or_default(),
            )),
        }
    }

    fn leaf(&self, details: &Value) -> Value {
        serde_json::json!({
            "id": self.id, "at": self.at, "account": self.account, "organisation": self.organisation,
            "role": self.role, "operation": self.operation, "subject": self.subject,
            "subject_id": self.subject_id, "details": details,
        })
    }

    /// The hash of its leaf as bytes; `None` when it is no hash.
    pub fn hash(&self) -> Option<merkle::Hash> {
        hash_of(&self.leaf_hash)
    }
}

/// A hash from its hexadecimal digits.
fn hash_of(text: &str) -> Option<merkle::Hash> {
    hex::decode(text).ok()?.try_into().ok()
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

    /// Whether the entry is what was hashed; `None` when its content has been erased, and the rest is.
    pub fn verify(&self) -> Option<bool> {
        self.written().verify()
    }

    /// All that its leaf is made of. Details that can't be read are none that were ever hashed.
    pub fn written(&self) -> Written {
        let row = self.0.clone();
        Written {
            id: row.id,
            at: row.at,
            account: row.account_id,
            organisation: row.organisation_id,
            role: row.role,
            operation: row.operation,
            subject: row.subject,
            subject_id: row.subject_id,
            details: row.details.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
            salt: row.salt,
            details_hash: row.details_hash,
            leaf_hash: row.leaf_hash,
        }
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
