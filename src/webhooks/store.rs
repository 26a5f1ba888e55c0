//! Addresses that are called, and calls.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    Call, CallState, Changed, Event, GIVEN_UP, MOST, OLD_SECRET, PAUSES, State, Webhook, jobs, signature,
};
use crate::foundation::{
    access::{Actor, Kind, Role},
    clock::Timestamp,
    db::Write,
    http::{
        IfVersion,
        list::{Page, Window},
    },
    i18n::Locale,
    ids::{AccountId, OrganisationId, WebhookCallId, WebhookId},
    jobs::NewJob,
    problem::Problem,
};

mod webhook {
    use super::{AccountId, OrganisationId, Role, State, Timestamp, WebhookId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhooks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookId,
        pub organisation_id: OrganisationId,
        pub created_by: AccountId,
        pub role: Role,
        pub url: String,
        pub state: State,
        pub secret: String,
        pub old_secret: Option<String>,
        pub old_secret_until: Option<Timestamp>,
        pub failing_since: Option<Timestamp>,
        pub created_at: Timestamp,
        pub version: i64,
    }

    crate::unrelated!();
}

mod call {
    use super::{CallState, Timestamp, WebhookCallId, WebhookId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_calls")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookCallId,
        pub webhook_id: WebhookId,
        pub event: String,
        pub subject: String,
        pub subject_id: Uuid,
        pub at: Timestamp,
        pub state: CallState,
        pub tries: i32,
        pub last_status: Option<i32>,
        pub last_error: Option<String>,
        pub tried_at: Option<Timestamp>,
    }

    crate::unrelated!();
}

impl From<webhook::Model> for Webhook {
    fn from(row: webhook::Model) -> Self {
        Self {
            id: row.id,
            organisation: row.organisation_id,
            url: row.url,
            state: row.state,
            failing_since: row.failing_since,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<call::Model> for Call {
    fn from(row: call::Model) -> Self {
        let call::Model { id, event, subject, subject_id, at, state, tries, .. } = row;
        let call::Model { last_status, last_error, tried_at, .. } = row;
        Self { id, event, subject, subject_id, at, state, tries, last_status, last_error, tried_at }
    }
}

/// The organisation's own; the service itself sees all.
fn visible(actor: &Actor) -> sea_orm::Condition {
    let all = sea_orm::Condition::all();
    if actor.is_system() { all } else { all.add(webhook::Column::OrganisationId.eq(actor.organisation)) }
}

async fn held(w: &Write, id: WebhookId) -> Result<webhook::Model, Problem> {
    let query = webhook::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    query.one(w.db()).await?.ok_or_else(Problem::not_found)
}

/// Names an address; the secret is shown this once.
///
/// # Errors
/// 409 when there are enough.
pub async fn create(w: &Write, url: String) -> Result<(Webhook, String), Problem> {
    let organisation = w.actor().organisation;
    let there = webhook::Entity::find().filter(webhook::Column::OrganisationId.eq(organisation));
    if there.count(w.db()).await? >= MOST {
        return Err(Problem::conflict("webhooks-enough").with("most", MOST));
    }
    let secret = signature::secret(w.ids().bytes());
    let row = webhook::Model {
        id: w.new_id(),
        organisation_id: organisation,
        created_by: w.actor().account,
        role: w.actor().role,
        url,
        state: State::Active,
        secret: secret.clone(),
        old_secret: None,
        old_secret_until: None,
        failing_since: None,
        created_at: w.at(),
        version: 1,
    };
    webhook::Entity::insert(webhook::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    w.record("webhook", row.id, &json!({ "url": row.url })).await?;
    Ok((row.into(), secret))
}

/// The addresses of the actor's organisation.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<Webhook>, Problem> {
    let (query, id) = (webhook::Entity::find().filter(visible(actor)), webhook::Column::Id);
    Ok(window.fetch(actor, query, id, |row| row.id.0, &(), db).await?.map(Webhook::from))
}

/// An address of the actor's organisation.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: WebhookId) -> Result<Webhook, Problem> {
    let row = webhook::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    row.map(Webhook::from).ok_or_else(Problem::not_found)
}

/// Changes an address. One that was given up begins anew.
///
/// # Errors
/// 404, 412 for a stale version.
pub async fn change(w: &Write, id: WebhookId, version: IfVersion, new: Changed) -> Result<Webhook, Problem> {
    let found = held(w, id).await?;
    version.check(found.version)?;
    let state = if new.active { State::Active } else { State::Paused };
    let row = webhook::ActiveModel {
        id: Set(id),
        url: Set(new.url),
        state: Set(state),
        failing_since: Set(None),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("webhook", id, &json!({ "url": row.url, "state": state })).await?;
    Ok(row.into())
}

/// Replaces the secret; the new one is shown this once.
///
/// # Errors
/// 404, 412 for a stale version.
pub async fn rotate(w: &Write, id: WebhookId, version: IfVersion) -> Result<(Webhook, String), Problem> {
    let found = held(w, id).await?;
    version.check(found.version)?;
    let secret = signature::secret(w.ids().bytes());
    let row = webhook::ActiveModel {
        id: Set(id),
        secret: Set(secret.clone()),
        old_secret: Set(Some(found.secret)),
        old_secret_until: Set(Some(w.at().plus_seconds(OLD_SECRET))),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("webhook", id, &json!({ "rotated": true })).await?;
    Ok((row.into(), secret))
}

/// Forgets an address, and what was called.
///
/// # Errors
/// 404, 412 for a stale version.
pub async fn delete(w: &Write, id: WebhookId, version: IfVersion) -> Result<(), Problem> {
    let found = held(w, id).await?;
    version.check(found.version)?;
    call::Entity::delete_many().filter(call::Column::WebhookId.eq(id)).exec(w.db()).await?;
    webhook::Entity::delete_by_id(id).exec(w.db()).await?;
    w.record("webhook", id, &json!({ "deleted": true })).await
}

/// The addresses of an organisation that are called, each with the actor whose sight it has: an administrator's.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn called(
    db: &impl ConnectionTrait,
    service: &Actor,
    organisation: OrganisationId,
) -> Result<Vec<(WebhookId, Actor)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = webhook::Entity::find().filter(webhook::Column::OrganisationId.eq(organisation));
    let rows = query.filter(webhook::Column::State.eq(State::Active)).all(db).await?;
    let actor = |row: &webhook::Model| {
        let role = match row.role.kind() {
            Some(Kind::Supplier) => Role::SupplierAdministrator,
            Some(Kind::LeadFirm) => Role::LeadFirmAdministrator,
            Some(Kind::Institution) => Role::InstitutionAdministrator,
            None => Role::Anonymous,
        };
        Actor { account: row.created_by, organisation, role, locale: Locale::Es }
    };
    Ok(rows.iter().map(|row| (row.id, actor(row))).collect())
}

/// Lets an address be called: a job of its organisation's.
///
/// # Errors
/// What the database said.
pub async fn put(
    w: &Write,
    organisation: OrganisationId,
    webhook: WebhookId,
    event: Event<'_>,
) -> Result<WebhookCallId, Problem> {
    let id: WebhookCallId = w.new_id();
    let row = call::ActiveModel {
        id: Set(id),
        webhook_id: Set(webhook),
        event: Set(event.event.to_owned()),
        subject: Set(event.subject.to_owned()),
        subject_id: Set(event.subject_id),
        at: Set(event.at),
        state: Set(CallState::Waiting),
        tries: Set(0),
        last_status: Set(None),
        last_error: Set(None),
        tried_at: Set(None),
    };
    call::Entity::insert(row).exec_without_returning(w.db()).await?;
    queue(w, organisation, id).await?;
    Ok(id)
}

async fn queue(w: &Write, organisation: OrganisationId, id: WebhookCallId) -> Result<(), Problem> {
    let tries = i32::try_from(PAUSES.len()).unwrap_or(i32::MAX).saturating_add(1);
    let job = NewJob { max_attempts: tries, ..NewJob::new(jobs::CALL, json!({ "call": id })) };
    w.enqueue_for(organisation, job).await
}

/// Calls an address to try it.
///
/// # Errors
/// 404, 409 when it is not called.
pub async fn try_out(w: &Write, id: WebhookId) -> Result<WebhookCallId, Problem> {
    let found = held(w, id).await?;
    demand_active(&found)?;
    let event = Event { event: super::TRIED, subject: "webhooks", subject_id: id.0, at: w.at() };
    let call = put(w, found.organisation_id, id, event).await?;
    w.record("webhook", id, &json!({ "call": call })).await?;
    Ok(call)
}

fn demand_active(found: &webhook::Model) -> Result<(), Problem> {
    if found.state == State::Active { Ok(()) } else { Err(Problem::conflict("webhook-not-called")) }
}

/// What an address was called.
///
/// # Errors
/// 404, 422 for a cursor of another list.
pub async fn calls(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: WebhookId,
    window: &Window,
) -> Result<Page<Call>, Problem> {
    find(db, actor, id).await?;
    let query = call::Entity::find().filter(call::Column::WebhookId.eq(id));
    Ok(window.fetch(actor, query, call::Column::Id, |row| row.id.0, &id, db).await?.map(Call::from))
}

/// Calls again, under the same id.
///
/// # Errors
/// 404, 409 while it waits anyway or the address is not called.
pub async fn replay(w: &Write, webhook: WebhookId, id: WebhookCallId) -> Result<(), Problem> {
    let found = held(w, webhook).await?;
    let query = call::Entity::find_by_id(id).filter(call::Column::WebhookId.eq(webhook));
    let call = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    demand_active(&found)?;
    if call.state == CallState::Waiting {
        return Err(Problem::conflict("webhook-call-waits"));
    }
    let row = call::ActiveModel { id: Set(id), state: Set(CallState::Waiting), ..Default::default() };
    row.update(w.db()).await?;
    queue(w, found.organisation_id, id).await?;
    w.record("webhook_call", id, &json!({ "replayed": true })).await
}

/// What is to be sent, and how it is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The call.
    pub call: Call,
    /// Whose address it is.
    pub webhook: WebhookId,
    /// Where.
    pub url: String,
    /// The newest first.
    pub secrets: Vec<String>,
    /// Whether the address is called.
    pub active: bool,
}

/// A call that waits; `None` when that is over.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn due(
    db: &impl ConnectionTrait,
    service: &Actor,
    id: WebhookCallId,
    at: Timestamp,
) -> Result<Option<Due>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let Some(call) = call::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let row = webhook::Entity::find_by_id(call.webhook_id).one(db).await?;
    let Some(row) = row.filter(|_| call.state == CallState::Waiting) else { return Ok(None) };
    let old = row.old_secret.filter(|_| row.old_secret_until.is_some_and(|until| at < until));
    let secrets = [row.secret].into_iter().chain(old).collect();
    let active = row.state == State::Active;
    Ok(Some(Due { webhook: row.id, url: row.url, secrets, active, call: call.into() }))
}

/// What came of a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// The status of the answer.
    pub status: Option<i32>,
    /// Why there was none.
    pub error: Option<String>,
    /// What becomes of the call.
    pub state: CallState,
    /// Whether the address said that it is gone.
    pub gone: bool,
}

/// Notes a try, and gives the address up when it said 410 or has failed for too long; whether it did.
///
/// # Errors
/// What the database said.
pub async fn note(w: &Write, due: &Due, tried: Tried) -> Result<bool, Problem> {
    let found = webhook::Entity::find_by_id(due.webhook).lock_exclusive().one(w.db()).await?;
    let Some(found) = found else { return Ok(true) };
    let failing_since = match tried.state {
        CallState::Delivered => None,
        _ if due.active => found.failing_since.or(Some(w.at())),
        _ => found.failing_since,
    };
    let too_long = failing_since.is_some_and(|since| w.at().seconds_since(since) >= GIVEN_UP);
    let given_up = due.active && found.state == State::Active && (tried.gone || too_long);
    if given_up || failing_since != found.failing_since {
        let row = webhook::ActiveModel {
            id: Set(found.id),
            failing_since: Set(failing_since),
            state: Set(if given_up { State::Disabled } else { found.state }),
            version: Set(found.version + 1),
            ..Default::default()
        };
        row.update(w.db()).await?;
    }
    if given_up {
        w.record("webhook", found.id, &json!({ "state": State::Disabled, "gone": tried.gone })).await?;
    }
    let state = if given_up { CallState::Failed } else { tried.state };
    w.record("webhook_call", due.call.id, &json!({ "state": state, "status": tried.status })).await?;
    let row = call::ActiveModel {
        id: Set(due.call.id),
        state: Set(state),
        tries: Set(due.call.tries + 1),
        last_status: Set(tried.status),
        last_error: Set(tried.error),
        tried_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    Ok(given_up)
}

/// Forgets calls from before that moment that do not wait; how many.
///
/// # Errors
/// What the database said.
pub async fn expire(w: &Write, before: Timestamp) -> Result<u64, Problem> {
    let query = call::Entity::delete_many().filter(call::Column::At.lt(before));
    Ok(query.filter(call::Column::State.ne(CallState::Waiting)).exec(w.db()).await?.rows_affected)
}
