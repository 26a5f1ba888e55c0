//! Where somebody is logged in: their sessions at browsers and their tokens, and how these end.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*, sea_query::Expr};
use serde_json::json;

use super::{
    entities::{account, api_token, password_reset, session},
    personal::sessions_of,
    sessions::is_open,
};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        http::Address,
        ids::{AccountId, SessionId, TokenId},
        problem::Problem,
    },
    organisations::session::{Login, Presented},
};

/// How often the use of a token is noted: not a write for every request.
const NOTED_EVERY: i64 = 15 * 60;

/// A session of somebody's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSession {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was used last, to the minute.
    pub used_at: Timestamp,
    /// From which address it began; empty where that is not known.
    pub from: String,
    /// What the browser called itself then.
    pub browser: String,
}

async fn open(
    db: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<(session::Model, Login)>, Problem> {
    let rows = session::Entity::find().filter(sessions_of(account)).filter(is_open(now)).all(db).await?;
    // Those that still lack their second factor are none yet, and somebody else may be called as this account is numbered.
    let own = |row: session::Model| {
        let login = Login::from_data(&row.data).filter(|login| login.account == account)?;
        Some((row, login))
    };
    Ok(rows.into_iter().filter_map(own).collect())
}

/// The actor's own open sessions, for whichever organisation, the latest first.
///
/// # Errors
/// What the database said.
pub async fn sessions(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<OpenSession>, Problem> {
    let mut found: Vec<_> = open(db, actor.account, now)
        .await?
        .into_iter()
        .map(|(row, login)| OpenSession {
            id: login.id,
            began_at: row.created_at,
            used_at: login.seen_at(),
            from: login.from,
            browser: login.browser,
        })
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.began_at, one.id)));
    Ok(found)
}

/// Ends one of the actor's own sessions.
///
/// # Errors
/// 404 when it is none of their own, or over.
pub async fn end_session(w: &Write, id: SessionId) -> Result<(), Problem> {
    let me = w.actor().account;
    let found = open(w.db(), me, w.at()).await?.into_iter().find(|(_, login)| login.id == id);
    let (row, _) = found.filter(|_| !id.0.is_nil()).ok_or_else(Problem::not_found)?;
    session::Entity::delete_by_id(row.id).exec(w.db()).await?;
    w.record("account", me, &json!({ "session_ended": id })).await
}

/// Ends all of an account's sessions and tokens but the one that is kept, for whichever organisation.
async fn end_all(w: &Write, account: AccountId, kept: Presented) -> Result<(), Problem> {
    let rows = session::Entity::find().filter(sessions_of(account)).all(w.db()).await?;
    let is_kept = |login: &Login| kept == Presented::Session(login.id) && !login.id.0.is_nil();
    let ended = |row: &session::Model| {
        Login::from_data(&row.data).is_none_or(|login| login.account == account && !is_kept(&login))
    };
    let ended: Vec<_> = rows.into_iter().filter(ended).map(|row| row.id).collect();
    session::Entity::delete_many().filter(session::Column::Id.is_in(ended)).exec(w.db()).await?;
    let mut tokens = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(w.at()))
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::RevokedAt.is_null());
    if let Presented::Token(id) = kept {
        tokens = tokens.filter(api_token::Column::Id.ne(id));
    }
    tokens.exec(w.db()).await?;
    Ok(())
}

/// Ends all of the actor's own sessions and tokens but the one with which they came.
///
/// # Errors
/// What the database said.
pub async fn end_others(w: &Write, kept: Presented) -> Result<(), Problem> {
    let me = w.actor().account;
    end_all(w, me, kept).await?;
    w.record("account", me, &json!({ "sessions_ended": "others" })).await
}

/// Gives an account another password. Everything that began under the old one is over: sessions and tokens but the one
/// that is kept, and letters with which a password is replaced. The moment at which it was set.
///
/// # Errors
/// 404 for an account that is not there.
pub(super) async fn set_password(
    w: &Write,
    id: AccountId,
    hash: String,
    kept: Presented,
) -> Result<Timestamp, Problem> {
    let query = account::Entity::find_by_id(id).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    // Always another moment, however the clock goes: sessions are told apart by it.
    let at = w.at().max(Timestamp::from_micros(found.password_at.micros() + 1));
    let row = account::ActiveModel {
        id: Set(id),
        password_hash: Set(hash),
        password_at: Set(at),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(w.at()))
        .filter(password_reset::Column::AccountId.eq(id))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(w.db())
        .await?;
    end_all(w, id, kept).await?;
    Ok(at)
}

/// Gives the actor the password that they want, and ends everything but the session or token with which they came.
/// Nobody may have changed it since the present one was checked.
///
/// # Errors
/// 401 when somebody has.
pub async fn change_password(
    w: &Write,
    checked: Timestamp,
    hash: String,
    kept: Presented,
) -> Result<Timestamp, Problem> {
    let me = w.actor().account;
    let query = account::Entity::find_by_id(me).lock_exclusive();
    let found = query.one(w.db()).await?.filter(|row| row.password_at == checked);
    found.ok_or_else(Problem::unauthenticated)?;
    let at = set_password(w, me, hash, kept).await?;
    w.record("account", me, &json!({ "password": "changed" })).await?;
    Ok(at)
}

/// A token that is in use: which, and when that was noted last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InUse {
    /// The token.
    pub id: TokenId,
    /// When its use was noted last.
    pub noted_at: Option<Timestamp>,
}

impl InUse {
    /// Whether its use is to be noted again.
    pub fn is_due(self, now: Timestamp) -> bool {
        self.noted_at.is_none_or(|noted| now.seconds_since(noted) >= NOTED_EVERY)
    }
}

/// Notes that the actor's token was used. That it could not be noted keeps nobody from using it.
pub async fn note_use(db: &impl ConnectionTrait, _: &Actor, token: InUse, from: Address, now: Timestamp) {
    let noted = api_token::Entity::update_many()
        .col_expr(api_token::Column::UsedAt, Expr::value(now))
        .col_expr(
            api_token::Column::UsedFrom,
            Expr::value(Some(from.to_string()).filter(|from| !from.is_empty())),
        )
        .filter(api_token::Column::Id.eq(token.id))
        .exec(db);
    if let Err(error) = noted.await {
        tracing::warn!(%error, token = %token.id, "the use of a token was not noted");
    }
}
