//! Forgotten passwords, and what ends with them.

use sea_orm::{ActiveValue::Set, Condition, PaginatorTrait, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::password_reset,
    logins,
    people::{for_login, token_hash},
};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        ids::{AccountId, PasswordResetId},
        jobs::NewJob,
        mail::ATTEMPTS,
        problem::Problem,
    },
    organisations::{
        Account,
        jobs::MAIL_RESET,
        resets::{Forgotten, MOST_LETTERS, RESET_SECONDS},
        session::Presented,
    },
};

/// Takes down that somebody has forgotten a password. It does the same whether there is such an account or not: the job
/// looks for it.
///
/// # Errors
/// What the database said.
pub async fn ask(w: &Write, forgotten: Forgotten) -> Result<(), Problem> {
    let over = password_reset::Column::ExpiresAt.lt(w.at().plus_seconds(-RESET_SECONDS));
    password_reset::Entity::delete_many().filter(over).exec(w.db()).await?;
    let id: PasswordResetId = w.new_id();
    let row = password_reset::ActiveModel {
        id: Set(id),
        email: Set(forgotten.email),
        account_id: Set(None),
        token_hash: Set(None),
        created_at: Set(w.at()),
        expires_at: Set(w.at().plus_seconds(RESET_SECONDS)),
        used_at: Set(None),
    };
    password_reset::Entity::insert(row).exec_without_returning(w.db()).await?;
    let job = NewJob::new(MAIL_RESET, json!({ "reset": id }));
    w.enqueue(NewJob { max_attempts: ATTEMPTS, ..job }).await?;
    w.record("password_reset", id, &json!({})).await
}

/// Gives a letter its secret, another one at each attempt, and says to whom it goes. `None`: to nobody, for there is no
/// such account, or it has had letters enough, or the time is over.
///
/// # Errors
/// What the database said.
pub async fn seal(w: &Write, id: PasswordResetId) -> Result<Option<(Account, String)>, Problem> {
    let sealed = sealed(w, id).await?;
    w.record("password_reset", id, &json!({ "letter": sealed.is_some() })).await?;
    Ok(sealed)
}

async fn sealed(w: &Write, id: PasswordResetId) -> Result<Option<(Account, String)>, Problem> {
    let found = password_reset::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let Some(row) = found.filter(|row| row.used_at.is_none() && row.expires_at > w.at()) else {
        return Ok(None);
    };
    let Some((account, _)) = for_login(w.db(), w.actor(), &row.email).await? else {
        password_reset::Entity::delete_by_id(id).exec(w.db()).await?;
        return Ok(None);
    };
    let others = password_reset::Entity::find()
        .filter(password_reset::Column::AccountId.eq(account.id))
        .filter(password_reset::Column::Id.ne(id))
        .filter(password_reset::Column::CreatedAt.gt(w.at().plus_seconds(-RESET_SECONDS)));
    if others.count(w.db()).await? >= MOST_LETTERS {
        password_reset::Entity::delete_by_id(id).exec(w.db()).await?;
        return Ok(None);
    }
    let secret = format!("esr_{}", w.ids().secret());
    let row = password_reset::ActiveModel {
        id: Set(id),
        account_id: Set(Some(account.id)),
        token_hash: Set(Some(token_hash(&secret))),
        ..Default::default()
    };
    row.update(w.db()).await?;
    Ok(Some((account, secret)))
}

fn works(secret: &str, now: Timestamp) -> Condition {
    Condition::all()
        .add(password_reset::Column::TokenHash.eq(token_hash(secret)))
        .add(password_reset::Column::UsedAt.is_null())
        .add(password_reset::Column::ExpiresAt.gt(now))
}

/// Whether a secret works; it stands in for the actor.
///
/// # Errors
/// 409 for an unknown, used or expired one: nobody can tell which.
pub async fn check(
    db: &impl ConnectionTrait,
    _: &Actor,
    secret: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let found = password_reset::Entity::find().filter(works(secret, now)).one(db).await?;
    found.map(drop).ok_or_else(unusable)
}

fn unusable() -> Problem {
    Problem::conflict("reset-not-valid")
}

/// Replaces the password, once: of two who come at the same time one is too late. Sessions and tokens of before end, and
/// so do other letters.
///
/// # Errors
/// 409 when the secret does not work.
pub async fn replace(w: &Write, secret: &str, hash: String) -> Result<(), Problem> {
    let query = password_reset::Entity::find().filter(works(secret, w.at())).lock_exclusive();
    let row = query.one(w.db()).await?.ok_or_else(unusable)?;
    let id = row.account_id.ok_or_else(unusable)?;
    match logins::set_password(w, id, hash, Presented::Nothing).await {
        Ok(_) => {}
        Err(problem) if problem == Problem::not_found() => return Err(unusable()),
        Err(problem) => return Err(problem),
    }
    w.record("account", id, &json!({ "password": "replaced" })).await
}

/// Forgets what somebody asked for under an address, and for an account.
pub(super) async fn forget(w: &Write, account: AccountId, email: &str) -> Result<(), Problem> {
    let theirs = Condition::any()
        .add(password_reset::Column::AccountId.eq(account))
        .add(password_reset::Column::Email.eq(email));
    password_reset::Entity::delete_many().filter(theirs).exec(w.db()).await?;
    Ok(())
}
