//! Objections.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    About, Dismiss, Effect, File, List, NewObjection, Objection, Read, Review, State, Uphold, Upholding,
    Withdraw, store,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        clock::Timestamp,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, NetworkId, ObjectionId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    organisations::{interests::Queued, store::interests},
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(file, list))
        .routes(routes!(read))
        .routes(routes!(review))
        .routes(routes!(uphold))
        .routes(routes!(dismiss))
        .routes(routes!(withdraw))
}

/// An objection to a decision.
#[derive(Serialize, ToSchema)]
#[schema(as = Objection)]
struct ObjectionJson {
    id: ObjectionId,
    programme: ProgrammeId,
    network: Option<NetworkId>,
    /// The firm, or institution, that objects.
    firm: OrganisationId,
    about: About,
    /// The network, match, requirement or proposal.
    about_id: Uuid,
    decided_at: Timestamp,
    reasons: String,
    state: State,
    filed_at: Timestamp,
    /// Who has taken it up; not for whoever objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    handled_by: Option<AccountId>,
    /// Why it was upheld or dismissed.
    outcome_reason: Option<String>,
    /// What that has done to the decision.
    effect: Option<Effect>,
    /// What is done where the decision can't be undone.
    remedy: Option<String>,
    closed_at: Option<Timestamp>,
    #[schema(example = "\"1\"")]
    etag: String,
}

fn json(o: Objection, actor: &Actor) -> ObjectionJson {
    ObjectionJson {
        id: o.id,
        programme: o.programme,
        network: o.network,
        firm: o.firm,
        about: o.about,
        about_id: o.about_id,
        decided_at: o.decided_at,
        reasons: o.reasons,
        state: o.state,
        filed_at: o.filed_at,
        handled_by: o.handled_by.filter(|_| actor.organisation != o.firm),
        outcome_reason: o.outcome_reason,
        effect: o.effect,
        remedy: o.remedy,
        closed_at: o.closed_at,
        etag: etag(o.version),
    }
}

fn answer(objection: Objection, actor: &Actor) -> Result<Reply, Problem> {
    let version = objection.version;
    Ok(Reply::ok(&json(objection, actor))?.version(version))
}

/// An objection to file.
#[derive(ToSchema)]
#[schema(as = NewObjection)]
#[expect(dead_code, reason = "describes what `NewObjection` reads")]
struct NewObjectionJson {
    about: About,
    /// The network that refused one's application, one's match, the requirement whose result was announced, or one's proposal.
    about_id: Uuid,
    #[schema(
        example = "El rechazo se apoya en una visita que no se hizo en nuestra planta.",
        min_length = 10,
        max_length = 5000
    )]
    reasons: String,
}

/// Objects to a decision that concerns one's firm, or one's institution's proposal, within the days that the programme's rules give, by its calendar.
#[utoipa::path(
    post, path = "/objections", operation_id = "objections_file", tag = "objections",
    request_body = NewObjectionJson, responses((status = CREATED, body = ObjectionJson, links(
        ("read" = (operation_id = "objections_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn file(
    Service(base): Service<Base>,
    may: May<File>,
    Body { value, once }: Body<NewObjection>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let objection = store::file(&w, value).await?;
        let (location, version) = (format!("/api/v1/objections/{}", objection.id), objection.version);
        let reply = Reply::created(location, &json(objection, w.actor()))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    state: Option<State>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (state, window) = (f.optional("state"), Window::read(f));
        Some(Self { state: state?, window: window? })
    }
}

/// Lists one's own objections; for an institution also those of its programmes and networks, and those about proposals
/// where it steers or coordinates.
#[utoipa::path(
    get, path = "/objections", operation_id = "objections_list", tag = "objections",
    params(
        ("state" = Option<State>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<Queued<ObjectionJson>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<Queued<ObjectionJson>>, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let page = store::list(db, actor, filter.state, &filter.window).await?;
    let mut parties = Vec::with_capacity(page.items.len());
    for objection in &page.items {
        parties.push(store::parties(db, actor, objection).await?);
    }
    let mut recused = interests::recused(db, actor, base.clock.now(), &parties).await?.into_iter();
    Ok(page.map(|objection| Queued::new(json(objection, actor), recused.next().flatten())))
}

/// Looks at an objection.
#[utoipa::path(
    get, path = "/objections/{id}", operation_id = "objections_read", tag = "objections",
    params(("id" = ObjectionId, Path)), responses((status = OK, body = ObjectionJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<ObjectionId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?, may.actor())
}

/// Takes up an objection. Whoever decided what it is about does not handle it.
#[utoipa::path(
    post, path = "/objections/{id}/review", operation_id = "objections_review", tag = "objections",
    params(("id" = ObjectionId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ObjectionJson))
)]
async fn review(
    Service(base): Service<Base>,
    may: May<Review>,
    Key(id): Key<ObjectionId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::review(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// How to uphold an objection.
#[derive(ToSchema)]
#[schema(as = UpholdObjection)]
#[expect(dead_code, reason = "describes what `Upholding` reads")]
struct UpholdingJson {
    /// For the firm to read.
    #[schema(example = "La visita no consta en el registro de la red.", min_length = 10, max_length = 2000)]
    reason: String,
    /// What is done instead, where the decision can't be undone.
    #[schema(min_length = 10, max_length = 2000)]
    remedy: Option<String>,
}

/// Upholds an objection. A refused application is open again, a rejected match proposed again, a rejected proposal before
/// the decision again, in the same write; where that is not possible, the remedy says what is done instead.
#[utoipa::path(
    post, path = "/objections/{id}/uphold", operation_id = "objections_uphold", tag = "objections",
    params(("id" = ObjectionId, Path), ("If-Match" = String, Header)), request_body = UpholdingJson,
    responses((status = OK, body = ObjectionJson))
)]
async fn uphold(
    Service(base): Service<Base>,
    may: May<Uphold>,
    Key(id): Key<ObjectionId>,
    version: IfVersion,
    Body { value, once }: Body<Upholding>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::uphold(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Dismisses an objection, with the reason: the decision stands.
#[utoipa::path(
    post, path = "/objections/{id}/dismiss", operation_id = "objections_dismiss", tag = "objections",
    params(("id" = ObjectionId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = ObjectionJson))
)]
async fn dismiss(
    Service(base): Service<Base>,
    may: May<Dismiss>,
    Key(id): Key<ObjectionId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::dismiss(&w, id, version, value.reason).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Withdraws one's own objection.
#[utoipa::path(
    post, path = "/objections/{id}/withdraw", operation_id = "objections_withdraw", tag = "objections",
    params(("id" = ObjectionId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ObjectionJson))
)]
async fn withdraw(
    Service(base): Service<Base>,
    may: May<Withdraw>,
    Key(id): Key<ObjectionId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::withdraw(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}
