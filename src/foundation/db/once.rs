//! Idempotency: a request that is sent twice has one effect and one answer.

use axum::http::StatusCode;
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::foundation::{
    access::{Actor, Operation},
    clock::Timestamp,
    http::Reply,
    ids::AccountId,
    problem::Problem,
};

mod record {
    use super::{AccountId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_records")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: AccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub body_hash: String,
        pub reply: Option<String>,
        pub created_at: Timestamp,
    }

    crate::unrelated!();
}

/// The key under which a request has its effect at most once.
#[derive(Clone, Debug, Default)]
pub struct Once(Option<Key>);

#[derive(Clone, Debug)]
pub(super) struct Key {
    key: String,
    body_hash: String,
}

/// A key that this transaction holds.
pub(super) struct Held {
    account: AccountId,
    operation: &'static str,
    key: String,
}

pub(super) enum Begun {
    First(Option<Held>),
    Again(Reply),
}

impl Once {
    /// No key: every request has its effect.
    pub const fn never() -> Self {
        Self(None)
    }

    /// A key, and the request that it stands for: method, address (with its query) and body.
    pub fn new(key: impl Into<String>, request: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in request {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(Some(Key { key: key.into(), body_hash: hex::encode(hash.finalize()) }))
    }

    /// The answer that was kept for this request, for what is not done in one write.
    ///
    /// # Errors
    /// 422 `idempotency-key-reused` when the key stands for another request, 409 `busy` while its first one goes on.
    pub async fn kept<O: Operation>(
        &self,
        db: &impl ConnectionTrait,
        actor: &Actor,
    ) -> Result<Option<Reply>, Problem> {
        let Some(key) = &self.0 else { return Ok(None) };
        let id = (actor.account, O::ROW.operation.to_owned(), key.key.clone());
        record::Entity::find_by_id(id).one(db).await?.map(|kept| key.answer(kept)).transpose()
    }

    /// Takes the key in this transaction. A simultaneous duplicate waits here: PostgreSQL on the
    /// unique key (`lock_timeout` ends the wait), SQLite already on `BEGIN IMMEDIATE`.
    pub(super) async fn begin(
        self,
        db: &impl ConnectionTrait,
        actor: &Actor,
        operation: &'static str,
        at: Timestamp,
    ) -> Result<Begun, Problem> {
        let Some(own) = self.0 else { return Ok(Begun::First(None)) };
        let row = record::ActiveModel {
            account_id: Set(actor.account),
            operation: Set(operation.to_owned()),
            key: Set(own.key.clone()),
            body_hash: Set(own.body_hash.clone()),
            reply: Set(None),
            created_at: Set(at),
        };
        let inserted = record::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
        if inserted == 1 {
            return Ok(Begun::First(Some(Held { account: actor.account, operation, key: own.key })));
        }
        let id = (actor.account, operation.to_owned(), own.key.clone());
        let kept = record::Entity::find_by_id(id).one(db).await?.ok_or_else(|| Problem::conflict("busy"))?;
        Ok(Begun::Again(own.answer(kept)?))
    }
}

impl Key {
    /// What was answered under it.
    fn answer(&self, kept: record::Model) -> Result<Reply, Problem> {
        if kept.body_hash != self.body_hash {
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"));
        }
        let reply = kept.reply.ok_or_else(|| Problem::conflict("busy"))?;
        Ok(serde_json::from_str(&reply)?)
    }
}

/// Forgets the answers that were kept for an account's repetitions.
pub(super) async fn forget(db: &impl ConnectionTrait, account: AccountId) -> Result<(), Problem> {
    record::Entity::delete_many().filter(record::Column::AccountId.eq(account)).exec(db).await?;
    Ok(())
}

/// Forgets what was kept before that moment; how many answers.
pub(super) async fn expire(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, Problem> {
    let old = record::Entity::delete_many().filter(record::Column::CreatedAt.lt(before)).exec(db).await?;
    Ok(old.rows_affected)
}

impl Held {
    /// Keeps the answer for repetitions; an answer that holds a secret is kept without it.
    pub(super) async fn keep(self, db: &impl ConnectionTrait, reply: &Reply) -> Result<(), Problem> {
        let row = record::ActiveModel {
            account_id: Set(self.account),
            operation: Set(self.operation.to_owned()),
            key: Set(self.key),
            reply: Set(Some(serde_json::to_string(&reply.without_secret()?)?)),
            ..Default::default()
        };
        record::Entity::update(row).exec(db).await?;
        Ok(())
    }
}
