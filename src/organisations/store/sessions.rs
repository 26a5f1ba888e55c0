//! Sessions of people at their browsers, in the database, with an idle and an absolute limit.
//!
//! The store alone decides when a session ends, by the service's clock; what the session layer believes
//! about its expiry is not asked.

use async_trait::async_trait;
use sea_orm::{
    ActiveValue::Set,
    Condition,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest, Sha256};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::entities::session;
use crate::foundation::{Base, clock::Timestamp, problem::Problem};

/// Half an hour after its last use a session ends.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// Twelve hours after its start a session ends, however busy it is.
const ABSOLUTE_SECONDS: i64 = 12 * 3_600;

/// Sessions that have not ended.
pub(super) fn is_open(now: Timestamp) -> Condition {
    Condition::all()
        .add(session::Column::ExpiresAt.gt(now))
        .add(session::Column::CreatedAt.gt(now.plus_seconds(-ABSOLUTE_SECONDS)))
}

/// The session store. Ids are kept hashed: who reads the table can't use them.
///
/// A session is not a resource of an organisation: it is found by its secret alone, which stands in for
/// the actor whom it leads to.
#[derive(Clone)]
pub struct Sessions(Base);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// The store on this database.
    pub const fn new(base: Base) -> Self {
        Self(base)
    }

    fn ends_at(&self) -> Timestamp {
        self.0.clock.now().plus_seconds(IDLE_SECONDS)
    }
}

fn key(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_be_bytes()))
}

/// The library hands on a text alone: it is the problem's code, by which [`super::super::session`] knows an outage again.
fn backend(error: DbErr) -> Error {
    Error::Backend(Problem::from(error).code.to_owned())
}

fn data(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

#[async_trait]
impl SessionStore for Sessions {
    /// Keeps a new session, and forgets those that have ended.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (db, now) = (self.0.db.reads(), self.0.clock.now());
        let ended = session::Column::ExpiresAt.lte(now);
        session::Entity::delete_many().filter(ended).exec(db).await.map_err(backend)?;
        loop {
            let row = session::ActiveModel {
                id: Set(key(&record.id)),
                data: Set(data(record)?),
                expires_at: Set(self.ends_at()),
                created_at: Set(now),
            };
            let untaken = OnConflict::column(session::Column::Id).do_nothing().to_owned();
            let insert = session::Entity::insert(row).on_conflict(untaken).exec_without_returning(db);
            if insert.await.map_err(backend)? == 1 {
                return Ok(());
            }
            record.id = Id(i128::from_be_bytes(self.0.ids.bytes()));
        }
    }

    /// Keeps a change. A session that has ended meanwhile, by logging out in another window, stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        session::Entity::update_many()
            .col_expr(session::Column::Data, Expr::value(data(record)?))
            .col_expr(session::Column::ExpiresAt, Expr::value(self.ends_at()))
            .filter(session::Column::Id.eq(key(&record.id)))
            .exec(self.0.db.reads())
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.0.clock.now();
        let found = session::Entity::find_by_id(key(id))
            .filter(is_open(now))
            .one(self.0.db.reads())
            .await
            .map_err(backend)?;
        let Some(row) = found else { return Ok(None) };
        let data = serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: row.expires_at.to_utc() }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::Entity::delete_by_id(key(id)).exec(self.0.db.reads()).await.map_err(backend)?;
        Ok(())
    }
}
