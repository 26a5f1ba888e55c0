//! Sessions of people at their browsers, in the database, with an idle and an absolute limit.

use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};
use sha2::{Digest, Sha256};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::entities::session;
use crate::foundation::{Base, clock::Timestamp};

/// Twelve hours after its start a session ends, however busy it is.
const ABSOLUTE_SECONDS: i64 = 12 * 3_600;

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

    async fn put(&self, record: &Record, may_exist: bool) -> Result<bool> {
        let row = session::ActiveModel {
            id: Set(key(&record.id)),
            data: Set(serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?),
            expires_at: Set(Timestamp::from(record.expiry_date)),
            created_at: Set(self.0.clock.now()),
        };
        let conflict = OnConflict::column(session::Column::Id);
        let conflict = if may_exist {
            conflict.clone().update_columns([session::Column::Data, session::Column::ExpiresAt]).to_owned()
        } else {
            conflict.clone().do_nothing().to_owned()
        };
        let inserted =
            session::Entity::insert(row).on_conflict(conflict).exec_without_returning(self.0.db.reads());
        Ok(inserted.await.map_err(backend)? == 1)
    }
}

fn key(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_be_bytes()))
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn backend(error: DbErr) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.put(record, false).await? {
            record.id = Id(i128::from_be_bytes(self.0.ids.bytes()));
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.put(record, true).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.0.clock.now();
        let found = session::Entity::find_by_id(key(id))
            .filter(session::Column::ExpiresAt.gt(now))
            .filter(session::Column::CreatedAt.gt(now.plus_seconds(-ABSOLUTE_SECONDS)))
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
