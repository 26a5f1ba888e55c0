//! Second factors: set up, asked for, used, taken away.

use axum::http::StatusCode;
use sea_orm::{ActiveValue::Set, PaginatorTrait, QuerySelect, entity::prelude::*, sea_query::Expr};
use serde_json::json;

use super::{
    entities::{recovery_code, second_factor},
    people::token_hash,
};
use crate::{
    foundation::{access::Actor, clock::Timestamp, db::Write, ids::AccountId, problem::Problem},
    organisations::second_factor::{
        RECOVERY_CODES, Secret, State, plain_recovery_code, recovery_code as new_code,
    },
};

/// How far the actor's own second factor is.
///
/// # Errors
/// What the database said.
pub async fn state(db: &impl ConnectionTrait, actor: &Actor) -> Result<State, Problem> {
    state_of(db, actor, actor.account).await
}

/// How far an account's second factor is, for a login under way.
///
/// # Errors
/// What the database said.
pub async fn state_of(db: &impl ConnectionTrait, _: &Actor, account: AccountId) -> Result<State, Problem> {
    let Some(row) = second_factor::Entity::find_by_id(account).one(db).await? else { return Ok(State::None) };
    let Some(since) = row.confirmed_at else { return Ok(State::Begun) };
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account))
        .filter(recovery_code::Column::UsedAt.is_null());
    Ok(State::Active { since, codes: left.count(db).await? })
}

fn code_hash(account: AccountId, typed: &str) -> String {
    token_hash(&format!("{account}:{}", plain_recovery_code(typed)))
}

async fn locked(w: &Write, account: AccountId) -> Result<Option<second_factor::Model>, Problem> {
    Ok(second_factor::Entity::find_by_id(account).lock_exclusive().one(w.db()).await?)
}

/// Begins to set up the actor's second factor, or begins anew while it is not confirmed.
///
/// # Errors
/// 409 when there is one already.
pub async fn set_up(w: &Write) -> Result<Secret, Problem> {
    let me = w.actor().account;
    if locked(w, me).await?.is_some_and(|row| row.confirmed_at.is_some()) {
        return Err(Problem::conflict("second-factor-there-already"));
    }
    let secret = Secret::new(w.ids());
    second_factor::Entity::delete_by_id(me).exec(w.db()).await?;
    let row = second_factor::ActiveModel {
        account_id: Set(me),
        secret: Set(secret.to_hex()),
        created_at: Set(w.at()),
        confirmed_at: Set(None),
        last_step: Set(0),
    };
    second_factor::Entity::insert(row).exec_without_returning(w.db()).await?;
    w.record("account", me, &json!({ "second_factor": "begun" })).await?;
    Ok(secret)
}

/// Confirms the actor's second factor with its first code; returns the recovery codes, which are shown this once.
///
/// # Errors
/// 409 when none waits for that, 422 for a code that does not fit.
pub async fn confirm(w: &Write, typed: &str) -> Result<Vec<String>, Problem> {
    let me = w.actor().account;
    let waiting = locked(w, me).await?.filter(|row| row.confirmed_at.is_none());
    let row = waiting.ok_or_else(|| Problem::conflict("no-second-factor-begun"))?;
    let step = secret(&row)?.step_of(typed, w.at(), row.last_step);
    let step = step.ok_or_else(|| Problem::field("/code", "wrong-code"))?;
    let row = second_factor::ActiveModel {
        account_id: Set(me),
        confirmed_at: Set(Some(w.at())),
        last_step: Set(step),
        ..Default::default()
    };
    row.update(w.db()).await?;
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(me)).exec(w.db()).await?;
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| new_code(w.ids())).collect();
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        account_id: Set(me),
        code_hash: Set(code_hash(me, code)),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    w.record("account", me, &json!({ "second_factor": "confirmed" })).await?;
    Ok(codes)
}

fn secret(row: &second_factor::Model) -> Result<Secret, Problem> {
    Secret::from_hex(&row.secret).ok_or_else(|| Problem::internal("a second factor's key can't be read"))
}

/// Uses a code of an account that has a second factor: each works once. `false`: it does not fit.
async fn fits(w: &Write, row: &second_factor::Model, typed: &str) -> Result<bool, Problem> {
    let account = row.account_id;
    if let Some(step) = secret(row)?.step_of(typed, w.at(), row.last_step) {
        let row = second_factor::ActiveModel {
            account_id: Set(account),
            last_step: Set(step),
            ..Default::default()
        };
        row.update(w.db()).await?;
        return Ok(true);
    }
    let used = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::value(w.at()))
        .filter(recovery_code::Column::AccountId.eq(account))
        .filter(recovery_code::Column::CodeHash.eq(code_hash(account, typed)))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(w.db())
        .await?;
    if used.rows_affected == 0 {
        return Ok(false);
    }
    w.record("account", account, &json!({ "second_factor": "recovery_code_used" })).await?;
    Ok(true)
}

/// The second factor of an account whose password was right, where it has one.
///
/// # Errors
/// 401 `second-factor-required` without a code, `wrong-code` for one that does not fit or was used.
pub async fn demand(w: &Write, account: AccountId, typed: Option<&str>) -> Result<(), Problem> {
    let Some(row) = locked(w, account).await?.filter(|row| row.confirmed_at.is_some()) else { return Ok(()) };
    let refused = |code| Problem::new(StatusCode::UNAUTHORIZED, code);
    let typed = typed.ok_or_else(|| refused("second-factor-required"))?;
    if fits(w, &row, typed).await? { Ok(()) } else { Err(refused("wrong-code")) }
}

/// The same while somebody logs in to the pages, which is noted in the trail.
///
/// # Errors
/// As [`demand`].
pub async fn use_at_login(w: &Write, account: AccountId, typed: &str) -> Result<(), Problem> {
    demand(w, account, Some(typed)).await?;
    w.record("account", account, &json!({ "second_factor": "used" })).await
}

/// Takes the actor's second factor away, with one of its codes.
///
/// # Errors
/// 409 when there is none, 422 for a code that does not fit.
pub async fn remove(w: &Write, typed: &str) -> Result<(), Problem> {
    let me = w.actor().account;
    let row = locked(w, me).await?.filter(|row| row.confirmed_at.is_some());
    let row = row.ok_or_else(|| Problem::conflict("no-second-factor"))?;
    if !fits(w, &row, typed).await? {
        return Err(Problem::field("/code", "wrong-code"));
    }
    forget(w, me).await?;
    w.record("account", me, &json!({ "second_factor": "removed" })).await
}

/// Takes away the second factor of somebody who has lost everything, for the operator; whether there was one.
///
/// # Errors
/// 404 for everybody else.
pub async fn reset(w: &Write, account: AccountId) -> Result<bool, Problem> {
    if !w.actor().is_system() {
        return Err(Problem::not_found());
    }
    let there = locked(w, account).await?.is_some();
    forget(w, account).await?;
    w.record("account", account, &json!({ "second_factor": "reset" })).await?;
    Ok(there)
}

/// Forgets an account's second factor.
pub(super) async fn forget(w: &Write, account: AccountId) -> Result<(), Problem> {
    second_factor::Entity::delete_by_id(account).exec(w.db()).await?;
    let codes = recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account));
    codes.exec(w.db()).await?;
    Ok(())
}

/// The check before what approves.
///
/// # Errors
/// 403 when the settings ask whoever approves for a second factor, and this person has none.
pub async fn demand_of_approver(w: &Write) -> Result<(), Problem> {
    if w.demands_second_factor() && !state(w.db(), w.actor()).await?.is_active() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "second-factor-missing"));
    }
    Ok(())
}

/// Since when an account has one, for whoever reads what is kept of them.
pub(super) async fn since(
    db: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Option<Timestamp>, Problem> {
    let found = second_factor::Entity::find_by_id(account).one(db).await?;
    Ok(found.and_then(|row| row.confirmed_at))
}
