//! The JSON operations of this stage.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Call, CallState, Change, Changed, Create, Delete, List, ListCalls, NewWebhook, Read, Replay, Rotate, Try,
    Webhook, store,
};
use crate::foundation::{
    Base,
    access::May,
    clock::Timestamp,
    db::Once,
    fields::Nothing,
    http::{
        Body, IfVersion, Key, Params, Reply, etag,
        list::{Page, Window},
        outside::Outside,
    },
    ids::{WebhookCallId, WebhookId},
    problem::Problem,
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(rotate))
        .routes(routes!(try_out))
        .routes(routes!(calls))
        .routes(routes!(replay))
}

/// An address that is called.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
struct WebhookJson {
    id: WebhookId,
    #[schema(example = "https://andes.example/eslabon")]
    url: String,
    state: super::State,
    /// Since when every call has failed; after five days the address is called no more.
    failing_since: Option<Timestamp>,
    created_at: Timestamp,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<Webhook> for WebhookJson {
    fn from(webhook: Webhook) -> Self {
        let Webhook { id, url, state, failing_since, created_at, version, .. } = webhook;
        Self { id, url, state, failing_since, created_at, etag: etag(version) }
    }
}

/// An address with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
struct WithSecretJson {
    webhook: WebhookJson,
    /// Signs calls (Standard Webhooks, v1).
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

/// A call.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookCall)]
struct CallJson {
    /// `webhook-id`, the same for every try.
    id: WebhookCallId,
    /// The operation that was done.
    #[schema(example = "matches.approve")]
    event: String,
    /// To what: the plural noun of the API.
    #[schema(example = "matches")]
    subject: String,
    subject_id: Uuid,
    at: Timestamp,
    state: CallState,
    /// How often it was tried.
    tries: i32,
    /// The status of the last answer.
    last_status: Option<i32>,
    /// Why there was none.
    last_error: Option<String>,
    tried_at: Option<Timestamp>,
}

impl From<Call> for CallJson {
    fn from(call: Call) -> Self {
        let Call { id, event, subject, subject_id, at, state, tries, last_status, last_error, tried_at } =
            call;
        Self { id, event, subject, subject_id, at, state, tries, last_status, last_error, tried_at }
    }
}

/// Refuses an address to which we do not go. Where a name leads is looked at again for every call.
fn demand_public(base: &Base, url: &str) -> Result<(), Problem> {
    let outside = Outside::new(0, base.config.reach_private).map_err(Problem::internal)?;
    outside.address(url).map(drop).map_err(|_| Problem::field("/url", "not-a-public-address"))
}

/// Lists the addresses that are called for one's organisation.
#[utoipa::path(
    get, path = "/webhooks", operation_id = "webhooks_list", tag = "webhooks",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<WebhookJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(window): Params<Window>,
) -> Result<Page<WebhookJson>, Problem> {
    Ok(store::list(base.db.reads(), may.actor(), &window).await?.map(WebhookJson::from))
}

/// An address to call.
#[derive(ToSchema)]
#[schema(as = NewWebhook)]
#[expect(dead_code, reason = "describes what `NewWebhook` reads")]
struct NewJson {
    #[schema(example = "https://andes.example/eslabon")]
    url: String,
}

/// Names an address that is called with what one's people are told of: what happened, to which thing, and nothing else.
/// The secret that signs the calls is shown this once.
#[utoipa::path(
    post, path = "/webhooks", operation_id = "webhooks_create", tag = "webhooks",
    request_body = NewJson, responses((status = CREATED, body = WithSecretJson))
)]
async fn create(
    State(base): State<Base>,
    may: May<Create>,
    Body { value, once }: Body<NewWebhook>,
) -> Result<Reply, Problem> {
    demand_public(&base, &value.url)?;
    base.write(may, once, async |w| {
        let (webhook, secret) = store::create(&w, value.url).await?;
        let (location, version) = (format!("/api/v1/webhooks/{}", webhook.id), webhook.version);
        let reply = Reply::created(location, &WithSecretJson { webhook: webhook.into(), secret })?;
        Ok(w.done(reply.version(version).secret()))
    })
    .await
}

fn answer(webhook: Webhook) -> Result<Reply, Problem> {
    let version = webhook.version;
    Ok(Reply::ok(&WebhookJson::from(webhook))?.version(version))
}

/// Reads an address that is called.
#[utoipa::path(
    get, path = "/webhooks/{id}", operation_id = "webhooks_read", tag = "webhooks",
    params(("id" = WebhookId, Path)), responses((status = OK, body = WebhookJson))
)]
async fn read(State(base): State<Base>, may: May<Read>, Key(id): Key<WebhookId>) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?)
}

/// What an address is from now on.
#[derive(ToSchema)]
#[schema(as = ChangeWebhook)]
#[expect(dead_code, reason = "describes what `Changed` reads")]
struct ChangedJson {
    #[schema(example = "https://andes.example/eslabon")]
    url: String,
    /// Whether it is called. `true` for one that was given up lets it begin anew.
    #[schema(example = true)]
    active: bool,
}

/// Changes an address, lets it rest, or calls it again after it was given up.
#[utoipa::path(
    put, path = "/webhooks/{id}", operation_id = "webhooks_change", tag = "webhooks",
    params(("id" = WebhookId, Path), ("If-Match" = String, Header)),
    request_body = ChangedJson, responses((status = OK, body = WebhookJson))
)]
async fn change(
    State(base): State<Base>,
    may: May<Change>,
    Key(id): Key<WebhookId>,
    version: IfVersion,
    Body { value, once }: Body<Changed>,
) -> Result<Reply, Problem> {
    demand_public(&base, &value.url)?;
    base.write(may, once, async |w| {
        let reply = answer(store::change(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Forgets an address, and what was called.
#[utoipa::path(
    delete, path = "/webhooks/{id}", operation_id = "webhooks_delete", tag = "webhooks",
    params(("id" = WebhookId, Path), ("If-Match" = String, Header)), responses((status = NO_CONTENT))
)]
async fn delete(
    State(base): State<Base>,
    may: May<Delete>,
    Key(id): Key<WebhookId>,
    version: IfVersion,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::delete(&w, id, version).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Replaces the secret of an address. For a day calls carry a signature with each, the new one first.
#[utoipa::path(
    post, path = "/webhooks/{id}/rotate", operation_id = "webhooks_rotate", tag = "webhooks",
    params(("id" = WebhookId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = WithSecretJson))
)]
async fn rotate(
    State(base): State<Base>,
    may: May<Rotate>,
    Key(id): Key<WebhookId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let (webhook, secret) = store::rotate(&w, id, version).await?;
        let version = webhook.version;
        let reply = Reply::ok(&WithSecretJson { webhook: webhook.into(), secret })?;
        Ok(w.done(reply.version(version).secret()))
    })
    .await
}

/// A call that is to be made.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookCallQueued)]
struct QueuedJson {
    call: WebhookCallId,
}

/// Calls an address to try it.
#[utoipa::path(
    post, path = "/webhooks/{id}/try", operation_id = "webhooks_try", tag = "webhooks",
    params(("id" = WebhookId, Path)), responses((status = ACCEPTED, body = QueuedJson))
)]
async fn try_out(
    State(base): State<Base>,
    may: May<Try>,
    Key(id): Key<WebhookId>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let call = store::try_out(&w, id).await?;
        let reply = Reply::accepted(format!("/api/v1/webhooks/{id}/calls"), &QueuedJson { call })?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists what an address was called, oldest first, and what became of it.
#[utoipa::path(
    get, path = "/webhooks/{id}/calls", operation_id = "webhook_calls_list", tag = "webhooks",
    params(
        ("id" = WebhookId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<CallJson>))
)]
async fn calls(
    State(base): State<Base>,
    may: May<ListCalls>,
    Key(id): Key<WebhookId>,
    Params(window): Params<Window>,
) -> Result<Page<CallJson>, Problem> {
    Ok(store::calls(base.db.reads(), may.actor(), id, &window).await?.map(CallJson::from))
}

/// Makes a call again, under the same id.
#[utoipa::path(
    post, path = "/webhooks/{id}/calls/{call}/replay", operation_id = "webhook_calls_replay", tag = "webhooks",
    params(("id" = WebhookId, Path), ("call" = WebhookCallId, Path)),
    responses((status = ACCEPTED, body = QueuedJson))
)]
async fn replay(
    State(base): State<Base>,
    may: May<Replay>,
    Key((id, call)): Key<(WebhookId, WebhookCallId)>,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::replay(&w, id, call).await?;
        let reply = Reply::accepted(format!("/api/v1/webhooks/{id}/calls"), &QueuedJson { call })?;
        Ok(w.done(reply))
    })
    .await
}
