//! What is kept of a person, corrected, erased, and deleted after its period.

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use super::{
    entities::{
        account, api_token, consent_log, interest, invitation, mandate, membership, membership_request,
        session,
    },
    firms,
    people::{is_administrator, members},
    resets, second_factor,
};
use crate::{
    foundation::{
        access::{Actor, Role},
        clock::Timestamp,
        db::Write,
        http::IfVersion,
        i18n::Locale,
        ids::{AccountId, OrganisationId, TokenId},
        problem::{OnConstraint, Problem},
    },
    organisations::consents::Event,
};

/// A person, with everything that this stage keeps of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Their account.
    pub id: AccountId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The language in which they are written to.
    pub locale: Locale,
    /// When the account was opened.
    pub created_at: Timestamp,
    /// Which version of the notice they have accepted.
    pub privacy_notice: Option<i64>,
    /// When.
    pub privacy_accepted_at: Option<Timestamp>,
    /// The account's version.
    pub version: i64,
    /// Where they are members, in which role, since when.
    pub memberships: Vec<(OrganisationId, Role, Timestamp)>,
    /// Their tokens: id, name, since when.
    pub tokens: Vec<(TokenId, String, Timestamp)>,
    /// How many sessions are kept.
    pub sessions: usize,
    /// Since when a second factor is asked for.
    pub second_factor_since: Option<Timestamp>,
    /// Invitations to their address: by whom, when.
    pub invitations: Vec<(OrganisationId, Timestamp)>,
    /// Requests for membership from their address: of whom, when.
    pub requests: Vec<(OrganisationId, Timestamp)>,
    /// Interests on record: in whom, what is said of it.
    pub interests: Vec<(OrganisationId, String)>,
    /// Readings under consents: of whom, what, when.
    pub readings: Vec<(OrganisationId, Option<String>, Timestamp)>,
}

/// A session's data name the account whose it is.
pub(super) fn sessions_of(id: AccountId) -> Condition {
    Condition::all().add(session::Column::Data.contains(id.to_string()))
}

/// Everything that is kept of the actor.
///
/// # Errors
/// 404 for the service itself, which is nobody.
pub async fn own(db: &impl ConnectionTrait, actor: &Actor) -> Result<Person, Problem> {
    let found = account::Entity::find_by_id(actor.account).one(db).await?.ok_or_else(Problem::not_found)?;
    let memberships = membership::Entity::find()
        .filter(membership::Column::AccountId.eq(found.id))
        .order_by_asc(membership::Column::OrganisationId)
        .all(db)
        .await?;
    let tokens = api_token::Entity::find()
        .filter(api_token::Column::AccountId.eq(found.id))
        .order_by_asc(api_token::Column::Id)
        .all(db)
        .await?;
    let invitations = invitation::Entity::find()
        .filter(invitation::Column::Email.eq(&found.email))
        .order_by_asc(invitation::Column::Id)
        .all(db)
        .await?;
    let requests = membership_request::Entity::find()
        .filter(membership_request::Column::Email.eq(&found.email))
        .order_by_asc(membership_request::Column::Id)
        .all(db)
        .await?;
    let interests = interest::Entity::find()
        .filter(interest::Column::AccountId.eq(found.id))
        .order_by_asc(interest::Column::Id)
        .all(db)
        .await?;
    let readings = consent_log::Entity::find()
        .filter(consent_log::Column::AccountId.eq(found.id))
        .filter(consent_log::Column::Event.eq(Event::Read))
        .order_by_asc(consent_log::Column::Id)
        .all(db)
        .await?;
    let sessions = session::Entity::find().filter(sessions_of(found.id)).all(db).await?.len();
    Ok(Person {
        id: found.id,
        email: found.email,
        name: found.name,
        locale: found.locale,
        created_at: found.created_at,
        privacy_notice: found.privacy_notice,
        privacy_accepted_at: found.privacy_accepted_at,
        version: found.version,
        memberships: memberships.into_iter().map(|m| (m.organisation_id, m.role, m.created_at)).collect(),
        tokens: tokens.into_iter().map(|t| (t.id, t.name, t.created_at)).collect(),
        sessions,
        second_factor_since: second_factor::since(db, actor.account).await?,
        invitations: invitations.into_iter().map(|i| (i.organisation_id, i.created_at)).collect(),
        requests: requests.into_iter().map(|r| (r.organisation_id, r.created_at)).collect(),
        interests: interests.into_iter().map(|i| (i.party_id, i.text)).collect(),
        readings: readings.into_iter().map(|r| (r.supplier_id, r.subject, r.at)).collect(),
    })
}

/// Writes down that an account has accepted a version of the notice.
///
/// # Errors
/// What the database said.
pub async fn accept_notice(w: &Write, account: AccountId, version: i64) -> Result<(), Problem> {
    let row = account::ActiveModel {
        id: Set(account),
        privacy_notice: Set(Some(version)),
        privacy_accepted_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("account", account, &json!({ "privacy_notice": version })).await
}

/// Corrects the actor's own name, address and language.
///
/// # Errors
/// 404 for the service itself, 412 for a stale version, 422 for an address that another account has.
pub async fn correct(
    w: &Write,
    version: IfVersion,
    name: &str,
    email: &str,
    locale: Locale,
) -> Result<(), Problem> {
    let query = account::Entity::find_by_id(w.actor().account).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let row = account::ActiveModel {
        id: Set(found.id),
        name: Set(name.to_owned()),
        email: Set(email.to_owned()),
        locale: Set(locale),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await;
    row.on_constraint("uq_accounts__email", || Problem::field("/email", "email-taken"))?;
    if email != found.email {
        // Who reads the old address has no say any more.
        resets::forget(w, found.id, &found.email).await?;
    }
    // What it said before would outlive an erasure.
    let changed =
        [("name", name != found.name), ("email", email != found.email), ("locale", locale != found.locale)];
    let changed: Vec<_> = changed.into_iter().filter(|(_, is)| *is).map(|(field, _)| field).collect();
    w.record("account", found.id, &json!({ "corrected": changed })).await
}

/// Erases the actor: name, address and password go, sessions, tokens, memberships, invitations and requests with them,
/// and the text of interests. Returns of which other subjects the trail holds what was said of the person.
///
/// # Errors
/// 404 for the service itself; 409 while the person is the last administrator of an organisation.
pub async fn erase(w: &Write) -> Result<Vec<Uuid>, Problem> {
    let me = w.actor().account;
    let query = account::Entity::find_by_id(me).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let memberships = membership::Entity::find()
        .filter(membership::Column::AccountId.eq(me))
        .order_by_asc(membership::Column::OrganisationId)
        .all(w.db())
        .await?;
    for of in memberships.iter().filter(|of| is_administrator(of.role)) {
        // Two who go at the same time must not both find the other one there.
        firms::lock(w, of.organisation_id).await?;
        let there = Actor { organisation: of.organisation_id, ..*w.actor() };
        let others = members(w.db(), &there).await?;
        if !others.iter().any(|other| other.account.id != me && is_administrator(other.role)) {
            return Err(Problem::conflict("last-administrator"));
        }
    }
    let mut subjects = vec![me.0];
    let invitations = invitation::Entity::find().filter(invitation::Column::Email.eq(&found.email));
    subjects.extend(invitations.all(w.db()).await?.into_iter().map(|row| row.id.0));
    let requests =
        membership_request::Entity::find().filter(membership_request::Column::Email.eq(&found.email));
    subjects.extend(requests.all(w.db()).await?.into_iter().map(|row| row.id.0));
    let interests = interest::Entity::find().filter(interest::Column::AccountId.eq(me));
    subjects.extend(interests.all(w.db()).await?.into_iter().map(|row| row.id.0));
    let tokens = api_token::Entity::find().filter(api_token::Column::AccountId.eq(me));
    subjects.extend(tokens.all(w.db()).await?.into_iter().map(|row| row.id.0));

    api_token::Entity::delete_many().filter(api_token::Column::AccountId.eq(me)).exec(w.db()).await?;
    session::Entity::delete_many().filter(sessions_of(me)).exec(w.db()).await?;
    resets::forget(w, me, &found.email).await?;
    second_factor::forget(w, me).await?;
    membership::Entity::delete_many().filter(membership::Column::AccountId.eq(me)).exec(w.db()).await?;
    invitation::Entity::delete_many().filter(invitation::Column::Email.eq(&found.email)).exec(w.db()).await?;
    membership_request::Entity::delete_many()
        .filter(membership_request::Column::Email.eq(&found.email))
        .exec(w.db())
        .await?;
    interest::Entity::update_many()
        .col_expr(interest::Column::Text, Expr::value(""))
        .filter(interest::Column::AccountId.eq(me))
        .exec(w.db())
        .await?;
    mandate::Entity::update_many()
        .col_expr(mandate::Column::RevokedAt, Expr::value(w.at()))
        .filter(mandate::Column::AccountId.eq(me))
        .filter(mandate::Column::RevokedAt.is_null())
        .exec(w.db())
        .await?;
    let row = account::ActiveModel {
        id: Set(me),
        email: Set(format!("{me}@erased.invalid")),
        name: Set("—".to_owned()),
        // No password has this hash.
        password_hash: Set("erased".to_owned()),
        privacy_notice: Set(None),
        privacy_accepted_at: Set(None),
        erased_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    Ok(subjects)
}

/// Until when what has ended is kept.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// Tokens that ended before.
    pub tokens: Timestamp,
    /// Invitations and requests that ended before.
    pub invitations: Timestamp,
    /// Readings under consents before.
    pub readings: Timestamp,
}

/// Readings under consents before that.
fn read_before(at: Timestamp) -> Condition {
    Condition::all().add(consent_log::Column::Event.eq(Event::Read)).add(consent_log::Column::At.lt(at))
}

/// Deletes the readings under consents that have outlived their period, for the service itself. The database lets them
/// go by the moment of the trail's newest entry, so that the write has recorded something before.
///
/// # Errors
/// 404 for everybody else.
pub async fn expire_readings(w: &Write, before: Before) -> Result<(), Problem> {
    if !w.actor().is_system() {
        return Err(Problem::not_found());
    }
    consent_log::Entity::delete_many().filter(read_before(before.readings)).exec(w.db()).await?;
    Ok(())
}

/// Deletes what has outlived its period, for the service itself; how many rows of each. Readings are counted here, and
/// deleted by [`expire_readings`].
///
/// # Errors
/// 404 for everybody else.
pub async fn expire(w: &Write, before: Before) -> Result<[(&'static str, u64); 5], Problem> {
    if !w.actor().is_system() {
        return Err(Problem::not_found());
    }
    let db = w.db();
    let sessions =
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(w.at())).exec(db).await?;
    let ended = Condition::any()
        .add(api_token::Column::ExpiresAt.lt(before.tokens))
        .add(api_token::Column::RevokedAt.lt(before.tokens));
    let tokens = api_token::Entity::delete_many().filter(ended).exec(db).await?;
    // Whatever became of it: it could be accepted until then, and no longer.
    let invitations = invitation::Entity::delete_many()
        .filter(invitation::Column::ExpiresAt.lt(before.invitations))
        .exec(db)
        .await?;
    let requests = membership_request::Entity::delete_many()
        .filter(membership_request::Column::CreatedAt.lt(before.invitations))
        .exec(db)
        .await?;
    let readings = consent_log::Entity::find().filter(read_before(before.readings)).count(db).await?;
    Ok([
        ("sessions", sessions.rows_affected),
        ("tokens", tokens.rows_affected),
        ("invitations", invitations.rows_affected),
        ("requests", requests.rows_affected),
        ("readings", readings),
    ])
}
