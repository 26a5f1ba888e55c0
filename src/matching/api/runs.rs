//! Starting, watching, stopping and adopting runs.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::{NewRunJson, RunJson};
use crate::{
    foundation::{
        Base,
        access::May,
        db::Once,
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{MatchId, ProgrammeId, RunId},
        problem::Problem,
    },
    matching::{Adopt, Adopting, Cancel, Create, List, NewRun, Read, store::runs},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read))
        .routes(routes!(cancel))
        .routes(routes!(adopt))
}

/// Takes a snapshot of the programme and puts a run into the queue.
#[utoipa::path(
    post, path = "/programmes/{id}/runs", operation_id = "runs_create", tag = "matching",
    params(("id" = ProgrammeId, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewRunJson,
    responses((status = ACCEPTED, body = RunJson, links(
        ("read" = (operation_id = "runs_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Shared(base): Shared<Base>,
    may: May<Create>,
    Key(programme): Key<ProgrammeId>,
    Body { value, once }: Body<NewRun>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let run = runs::create(&w, programme, value).await?;
        let (location, version) = (format!("/api/v1/runs/{}", run.id), run.version);
        let reply = Reply::accepted(location, &RunJson::new(run, w.actor().locale))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Looks at a run: its state and progress, and once finished what it awards.
#[utoipa::path(
    get, path = "/runs/{id}", operation_id = "runs_read", tag = "matching",
    params(("id" = RunId, Path)), responses((status = OK, body = RunJson))
)]
async fn read(Shared(base): Shared<Base>, may: May<Read>, Key(id): Key<RunId>) -> Result<Reply, Problem> {
    let run = runs::find(base.db.reads(), may.actor(), id).await?;
    let version = run.version;
    Ok(Reply::ok(&RunJson::new(run, may.actor().locale))?.version(version))
}

/// Lists a programme's runs, without their results.
#[utoipa::path(
    get, path = "/programmes/{id}/runs", operation_id = "runs_list", tag = "matching",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<RunJson>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<List>,
    Key(programme): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<RunJson>, Problem> {
    let page = runs::list(base.db.reads(), may.actor(), programme, &window).await?;
    Ok(page.map(|run| RunJson::new(run, may.actor().locale)))
}

/// Stops a run. Doing it again changes nothing.
#[utoipa::path(
    post, path = "/runs/{id}/cancel", operation_id = "runs_cancel", tag = "matching",
    params(("id" = RunId, Path)), responses((status = OK, body = RunJson))
)]
async fn cancel(Shared(base): Shared<Base>, may: May<Cancel>, Key(id): Key<RunId>) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let run = runs::request_cancel(&w, id).await?;
        let version = run.version;
        let reply = Reply::ok(&RunJson::new(run, w.actor().locale))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// An adopted run.
#[derive(Serialize, ToSchema)]
struct Adopted {
    run: RunJson,
    /// The matches that were proposed, in the order of the awards.
    matches: Vec<MatchId>,
    /// The undecided matches of other runs for the same lots that were rejected for them.
    superseded: Vec<MatchId>,
}

/// Proposes a finished run's awards as matches, in one's own name: somebody else must approve them. Where other runs'
/// proposals for the same lots are undecided, it takes a reason to supersede these: they are rejected with it, what
/// firms have answered included.
#[utoipa::path(
    post, path = "/runs/{id}/adopt", operation_id = "runs_adopt", tag = "matching",
    params(("id" = RunId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Adopting, responses((status = OK, body = Adopted))
)]
async fn adopt(
    Shared(base): Shared<Base>,
    may: May<Adopt>,
    Key(id): Key<RunId>,
    version: IfVersion,
    Body { value, once }: Body<Adopting>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let runs::Adopted { run, matches, superseded } = runs::adopt(&w, id, version, &value).await?;
        let version = run.version;
        let matches = matches.iter().map(|proposed| proposed.id).collect();
        let adopted = Adopted { run: RunJson::new(run, w.actor().locale), matches, superseded };
        let reply = Reply::ok(&adopted)?.version(version);
        Ok(w.done(reply))
    })
    .await
}
