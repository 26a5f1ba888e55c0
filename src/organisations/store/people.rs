//! People: accounts, memberships and API tokens.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    entities::{account, api_token, membership},
    firms,
    logins::InUse,
};
use crate::{
    foundation::{
        access::{Actor, Role},
        clock::Timestamp,
        db::Write,
        http::{Address, IfVersion},
        i18n::Locale,
        ids::{AccountId, OrganisationId, TokenId},
        problem::{OnConstraint, Problem},
    },
    organisations::{Account, Member, NewPerson, Token},
};

/// How long an API token works: ninety days.
const TOKEN_SECONDS: i64 = 90 * 86_400;

/// Opens an account. The password comes hashed.
///
/// # Errors
/// 422 when the e-mail address has one already.
pub async fn open_account(w: &Write, new: &NewPerson, password_hash: String) -> Result<Account, Problem> {
    let row = account::Model {
        id: w.new_id(),
        email: new.email.clone(),
        name: new.name.clone(),
        password_hash,
        locale: new.locale,
        created_at: w.at(),
        version: 1,
        password_at: w.at(),
        privacy_notice: None,
        privacy_accepted_at: None,
        erased_at: None,
    };
    account::Entity::insert(account::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_accounts__email", || Problem::field("/email", "email-taken"))?;
    w.record("account", row.id, &json!({})).await?;
    Ok(row.into())
}

/// Makes a person a member of an organisation.
///
/// # Errors
/// 422 when the role does not exist in that kind of organisation.
pub async fn join(
    w: &Write,
    organisation: OrganisationId,
    kind: crate::foundation::access::Kind,
    account: &Account,
    role: Role,
) -> Result<Member, Problem> {
    if role.kind() != Some(kind) {
        return Err(Problem::field("/role", "role-of-another-kind"));
    }
    let row = membership::ActiveModel {
        account_id: Set(account.id),
        organisation_id: Set(organisation),
        role: Set(role),
        created_at: Set(w.at()),
        version: Set(1),
    };
    membership::Entity::insert(row).exec_without_returning(w.db()).await?;
    w.record("member", account.id, &json!({ "organisation": organisation, "role": role })).await?;
    Ok(Member { account: account.clone(), role, version: 1 })
}

/// The members of the actor's organisation, by name.
///
/// # Errors
/// What the database said.
pub async fn members(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Member>, Problem> {
    let rows = membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(actor.organisation))
        .all(db)
        .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.account_id).collect();
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(db).await?;
    let mut accounts: HashMap<_, _> = accounts.into_iter().map(|row| (row.id, Account::from(row))).collect();
    let member = |row: membership::Model| {
        let account = accounts.remove(&row.account_id)?;
        Some(Member { account, role: row.role, version: row.version })
    };
    let mut members: Vec<_> = rows.into_iter().filter_map(member).collect();
    members.sort_by(|a, b| (&a.account.name, a.account.id).cmp(&(&b.account.name, b.account.id)));
    Ok(members)
}

/// Changes the role of a member of the actor's organisation.
///
/// # Errors
/// 404 for no member of it, 412 for a stale version, 409 when it would leave the organisation without
/// an administrator.
pub async fn change_role(
    w: &Write,
    account: AccountId,
    version: IfVersion,
    role: Role,
) -> Result<Member, Problem> {
    // Two administrators who step down at the same time must not both find the other one there.
    firms::lock(w, w.actor().organisation).await?;
    let present = members(w.db(), w.actor()).await?;
    let found = present.iter().find(|member| member.account.id == account).ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    if role.kind() != found.role.kind() {
        return Err(Problem::field("/role", "role-of-another-kind"));
    }
    let administrators = present.iter().filter(|member| is_administrator(member.role)).count();
    if is_administrator(found.role) && !is_administrator(role) && administrators == 1 {
        return Err(Problem::conflict("last-administrator"));
    }
    let row = membership::ActiveModel {
        account_id: Set(account),
        organisation_id: Set(w.actor().organisation),
        role: Set(role),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("member", account, &json!({ "role": role, "before": found.role })).await?;
    Ok(Member { account: found.account.clone(), role, version: found.version + 1 })
}

pub(super) const fn is_administrator(role: Role) -> bool {
    matches!(role, Role::SupplierAdministrator | Role::LeadFirmAdministrator | Role::InstitutionAdministrator)
}

/// What a login needs: the account with this e-mail address, and its password hash.
///
/// # Errors
/// What the database said.
pub async fn for_login(
    db: &impl ConnectionTrait,
    _: &Actor,
    email: &str,
) -> Result<Option<(Account, String)>, Problem> {
    let found = account::Entity::find().filter(account::Column::Email.eq(email)).one(db).await?;
    Ok(found.map(|row| (Account::from(row.clone()), row.password_hash)))
}

/// The organisations in which a person is a member, with the role. Only the person (or the service,
/// for a login under way) may ask.
///
/// # Errors
/// 404 when somebody else asks.
pub async fn memberships_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    account: AccountId,
) -> Result<Vec<(OrganisationId, Role)>, Problem> {
    if !actor.is_system() && actor.account != account {
        return Err(Problem::not_found());
    }
    let rows = membership::Entity::find().filter(membership::Column::AccountId.eq(account)).all(db).await?;
    let mut found: Vec<_> = rows.into_iter().map(|row| (row.organisation_id, row.role)).collect();
    found.sort_unstable();
    Ok(found)
}

/// The actor that a person is for an organisation, if they still belong to it.
///
/// # Errors
/// What the database said.
pub async fn actor_of(
    db: &impl ConnectionTrait,
    _: &Actor,
    account: AccountId,
    organisation: OrganisationId,
    locale: Locale,
) -> Result<Option<Actor>, Problem> {
    let found = membership::Entity::find_by_id((account, organisation)).one(db).await?;
    Ok(found.map(|row| Actor { account, organisation, role: row.role, locale }))
}

/// Whether an account still has the password of that moment: what began under another one is over.
///
/// # Errors
/// What the database said.
pub async fn has_password_of(
    db: &impl ConnectionTrait,
    _: &Actor,
    account: AccountId,
    at: Timestamp,
) -> Result<bool, Problem> {
    let found = account::Entity::find_by_id(account).one(db).await?;
    Ok(found.is_some_and(|row| row.password_at == at))
}

/// An account, for a login under way: while it has the password of that moment.
///
/// # Errors
/// 401 when it has another one meanwhile.
pub async fn under_password(
    db: &impl ConnectionTrait,
    _: &Actor,
    account: AccountId,
    at: Timestamp,
) -> Result<Account, Problem> {
    let found = account::Entity::find_by_id(account).one(db).await?.filter(|row| row.password_at == at);
    found.map(Account::from).ok_or_else(Problem::unauthenticated)
}

/// The actor's own account.
///
/// # Errors
/// 404 for the service itself, which has none.
pub async fn own_account(db: &impl ConnectionTrait, actor: &Actor) -> Result<Account, Problem> {
    let found = account::Entity::find_by_id(actor.account).one(db).await?;
    found.map(Account::from).ok_or_else(Problem::not_found)
}

pub(super) fn token_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// Makes a token with which an account acts for an organisation; the secret is shown this once.
///
/// # Errors
/// What the database said.
pub async fn create_token(
    w: &Write,
    account: AccountId,
    organisation: OrganisationId,
    name: String,
    from: Address,
) -> Result<(Token, String), Problem> {
    let secret = format!("esl_{}", w.ids().secret());
    let row = api_token::Model {
        id: w.new_id(),
        account_id: account,
        organisation_id: organisation,
        name,
        token_hash: token_hash(&secret),
        created_at: w.at(),
        expires_at: w.at().plus_seconds(TOKEN_SECONDS),
        revoked_at: None,
        made_from: Some(from.to_string()).filter(|from| !from.is_empty()),
        used_at: None,
        used_from: None,
    };
    api_token::Entity::insert(api_token::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    w.record("token", row.id, &json!({ "account": account, "organisation": organisation })).await?;
    Ok((row.into(), secret))
}

/// The actor behind a token's secret, while the token works and the membership stands; and which token it is.
///
/// # Errors
/// What the database said.
pub async fn actor_of_token(
    db: &impl ConnectionTrait,
    nobody: &Actor,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(Actor, InUse)>, Problem> {
    let found = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(token_hash(secret)))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    let Some(token) = found else { return Ok(None) };
    let actor = actor_of(db, nobody, token.account_id, token.organisation_id, nobody.locale).await?;
    Ok(actor.map(|actor| (actor, InUse { id: token.id, noted_at: token.used_at })))
}

/// The actor's own tokens, newest last.
///
/// # Errors
/// What the database said.
pub async fn tokens(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Token>, Problem> {
    let rows = api_token::Entity::find()
        .filter(api_token::Column::AccountId.eq(actor.account))
        .filter(api_token::Column::OrganisationId.eq(actor.organisation))
        .all(db)
        .await?;
    let mut tokens: Vec<_> = rows.into_iter().map(Token::from).collect();
    tokens.sort_by_key(|token| token.id);
    Ok(tokens)
}

/// Revokes one of the actor's own tokens; revoking it again changes nothing.
///
/// # Errors
/// 404 when it is not one of the actor's own.
pub async fn revoke_token(w: &Write, id: TokenId) -> Result<(), Problem> {
    let found = tokens(w.db(), w.actor()).await?.into_iter().find(|token| token.id == id);
    let found = found.ok_or_else(Problem::not_found)?;
    let at = found.revoked_at.unwrap_or(w.at());
    let row = api_token::ActiveModel { id: Set(id), revoked_at: Set(Some(at)), ..Default::default() };
    row.update(w.db()).await?;
    w.record("token", id, &json!({ "revoked_at": at })).await
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        let account::Model { id, email, name, locale, password_at, .. } = row;
        Self { id, email, name, locale, password_at }
    }
}

impl From<api_token::Model> for Token {
    fn from(row: api_token::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            made_from: row.made_from,
            used_at: row.used_at,
            used_from: row.used_from,
        }
    }
}
