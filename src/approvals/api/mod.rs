//! The JSON operations of this stage.

mod shapes;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use shapes::{AlertsJson, ApprovalsJson, MatchJson, PreviewJson};

use super::{
    Accept, Approve, ApproveBatch, Approving, Batch, Chosen, Considered, Decline, List, ListAlerts,
    PreviewBatch, Read, ReadApprovals, Reject,
    store::{self, Wanted},
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, ProblemJson, Reply,
            list::{Page, Window},
        },
        ids::{MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
        problem::{FieldError, Problem},
    },
    matching::{
        Match, MatchState,
        store::matches::{self, Filter},
    },
    organisations::{interests::Queued, store::interests},
    requirements::{self, Announce, api::RequirementJson},
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(approve))
        .routes(routes!(reject))
        .routes(routes!(approve_batch))
        .routes(routes!(preview_batch))
        .routes(routes!(list_approvals))
        .routes(routes!(list_alerts))
        .routes(routes!(announce))
}

fn answer(found: Match, actor: &Actor) -> Result<Reply, Problem> {
    let version = found.version;
    Ok(Reply::ok(&MatchJson::new(found, None, actor))?.version(version))
}

struct Listed {
    filter: Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, run, state) = (f.optional("programme"), f.optional("run"), f.optional("state"));
        let (firm, requirement) = (f.optional("firm"), f.optional("requirement"));
        let (q, window) = (f.optional_text("q", 1..=200), Window::read(f));
        let (programme, run, state) = (programme?, run?, state?);
        let filter = Filter { programme, run, state, firm: firm?, requirement: requirement?, q: q? };
        Some(Self { filter, window: window? })
    }
}

/// Lists the matches that one may see: a firm's own, an institution's programmes'.
#[utoipa::path(
    get, path = "/matches", operation_id = "matches_list", tag = "approvals",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("run" = Option<RunId>, Query),
        ("state" = Option<MatchState>, Query), ("firm" = Option<OrganisationId>, Query),
        ("requirement" = Option<RequirementId>, Query), ("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<Queued<MatchJson>>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<Queued<MatchJson>>, Problem> {
    let page = matches::list(base.db.reads(), may.actor(), filter, &window).await?;
    let parties = |found: &Match| vec![found.supplier, found.lead_firm];
    interests::queued(&base, may.actor(), page, parties, |found| MatchJson::new(found, None, may.actor()))
        .await
}

/// Looks at a match, and at what its approval would mean.
#[utoipa::path(
    get, path = "/matches/{id}", operation_id = "matches_read", tag = "approvals",
    params(("id" = MatchId, Path)), responses((status = OK, body = MatchJson))
)]
async fn read(State(base): State<Base>, may: May<Read>, Key(id): Key<MatchId>) -> Result<Reply, Problem> {
    let at = base.clock.now();
    let seen = store::read(base.db.reads(), may.actor(), id, at).await?;
    let version = seen.found.version;
    Ok(Reply::ok(&MatchJson::seen(seen, may.actor()))?.version(version))
}

/// Accepts a match for one's firm.
#[utoipa::path(
    post, path = "/matches/{id}/accept", operation_id = "matches_accept", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = OK, body = MatchJson))
)]
async fn accept(
    State(base): State<Base>,
    may: May<Accept>,
    Key(id): Key<MatchId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let found = store::accept(&w, id, version).await?;
        let reply = answer(found, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Declines a match for one's firm. No cap ever blocks that.
#[utoipa::path(
    post, path = "/matches/{id}/decline", operation_id = "matches_decline", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = MatchJson))
)]
async fn decline(
    State(base): State<Base>,
    may: May<Decline>,
    Key(id): Key<MatchId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let found = store::decline(&w, id, version, value.reason).await?;
        let reply = answer(found, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Approves a match that both firms have accepted, under the rules now in force.
#[utoipa::path(
    post, path = "/matches/{id}/approve", operation_id = "matches_approve", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Approving, responses((status = OK, body = MatchJson))
)]
async fn approve(
    State(base): State<Base>,
    may: May<Approve>,
    Key(id): Key<MatchId>,
    version: IfVersion,
    Body { value, once }: Body<Approving>,
) -> Result<Reply, Problem> {
    let wanted = [Wanted { id, version, red_override: value.red_override }];
    base.write(may, once, async |w| {
        let approved = store::approve(&w, None, &wanted).await?;
        let found = approved.into_iter().next().ok_or_else(Problem::not_found)?;
        let reply = answer(found, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Announces the result of a closed requirement, once every match of its lots has been decided. Whoever made an offer is
/// told, finds its own result in its matches, and may object. There is no way back.
#[utoipa::path(
    post, path = "/requirements/{id}/result", operation_id = "requirements_announce", tag = "approvals",
    params(("id" = RequirementId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = RequirementJson))
)]
async fn announce(
    State(base): State<Base>,
    may: May<Announce>,
    Key(id): Key<RequirementId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = requirements::api::answer(store::announce(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Rejects a match. No cap ever blocks that.
#[utoipa::path(
    post, path = "/matches/{id}/reject", operation_id = "matches_reject", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Reason, responses((status = OK, body = MatchJson))
)]
async fn reject(
    State(base): State<Base>,
    may: May<Reject>,
    Key(id): Key<MatchId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let found = store::reject(&w, id, version, value.reason).await?;
        let reply = answer(found, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Matches to approve together.
#[derive(ToSchema)]
#[schema(as = Batch)]
#[expect(dead_code, reason = "describes what `Batch` reads")]
struct BatchJson {
    matches: Vec<ChosenJson>,
}

/// A match as it was read.
#[derive(ToSchema)]
#[schema(as = Chosen)]
#[expect(dead_code, reason = "describes what `Chosen` reads")]
struct ChosenJson {
    r#match: MatchId,
    #[schema(example = "\"3\"")]
    etag: String,
    /// Why a supplier that is red for the requirement is awarded all the same.
    #[schema(min_length = 10, max_length = 2000)]
    red_override: Option<String>,
}

/// What was approved.
#[derive(Serialize, ToSchema)]
struct Approved {
    items: Vec<MatchJson>,
}

/// Approves several matches of a programme, checked together: all of them, or none.
#[utoipa::path(
    post, path = "/programmes/{id}/approvals", operation_id = "approvals_create", tag = "approvals",
    params(("id" = ProgrammeId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = BatchJson,
    responses(
        (status = OK, body = Approved),
        (status = PRECONDITION_FAILED, description = "The version of one of them is not the present one",
            body = ProblemJson, content_type = "application/problem+json"),
    )
)]
async fn approve_batch(
    State(base): State<Base>,
    may: May<ApproveBatch>,
    Key(programme): Key<ProgrammeId>,
    Body { value, once }: Body<Batch>,
) -> Result<Reply, Problem> {
    let chosen = value.matches.into_iter().enumerate().map(|(at, chosen)| wanted(at, chosen));
    let chosen = chosen.collect::<Result<Vec<_>, _>>()?;
    base.write(may, once, async |w| {
        let approved = store::approve(&w, Some(programme), &chosen).await?;
        let items = approved.into_iter().map(|found| MatchJson::new(found, None, w.actor())).collect();
        let reply = Reply::ok(&Approved { items })?;
        Ok(w.done(reply))
    })
    .await
}

fn wanted(at: usize, chosen: Chosen) -> Result<Wanted, Problem> {
    let version = chosen.etag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse().ok());
    let version = version.ok_or_else(|| {
        Problem::invalid(vec![FieldError::new(format!("/matches/{at}/etag"), "not-an-etag")])
    })?;
    Ok(Wanted { id: chosen.id, version: IfVersion(version), red_override: chosen.red_override })
}

/// Matches to look at together.
#[derive(ToSchema)]
#[schema(as = Considered)]
#[expect(dead_code, reason = "describes what `Considered` reads")]
struct ConsideredJson {
    matches: Vec<MatchId>,
    /// Those of them that would be approved with a reason though their supplier is red.
    red_overrides: Option<Vec<MatchId>>,
}

/// Shows what approving several matches of a programme together would mean: how their suppliers would stand
/// to their buyers, which pending matches would no longer fit, and everything that would keep oneself from approving
/// them now. Changes nothing.
#[utoipa::path(
    post, path = "/programmes/{id}/approvals/preview", operation_id = "approvals_preview", tag = "approvals",
    params(("id" = ProgrammeId, Path)), request_body = ConsideredJson,
    responses((status = OK, body = PreviewJson))
)]
async fn preview_batch(
    State(base): State<Base>,
    may: May<PreviewBatch>,
    Key(programme): Key<ProgrammeId>,
    Body { value, .. }: Body<Considered>,
) -> Result<Reply, Problem> {
    let at = base.clock.now();
    let preview = store::preview(base.db.reads(), may.actor(), programme, &value, at).await?;
    Reply::ok(&PreviewJson::new(preview, may.actor().locale))
}

/// Reads who has approved a match, and every rule on dependency that was tested for it.
#[utoipa::path(
    get, path = "/matches/{id}/approvals", operation_id = "matches_list_approvals", tag = "approvals",
    params(("id" = MatchId, Path)), responses((status = OK, body = ApprovalsJson))
)]
async fn list_approvals(
    State(base): State<Base>,
    may: May<ReadApprovals>,
    Key(id): Key<MatchId>,
) -> Result<Reply, Problem> {
    Reply::ok(&ApprovalsJson::from(store::approvals_of(base.db.reads(), may.actor(), id).await?))
}

/// Lists what has lapsed since it was approved in a programme (a waiver expired, sales were amended), and
/// waivers about to expire that something rests on. An alert stands as long as its cause does.
#[utoipa::path(
    get, path = "/programmes/{id}/alerts", operation_id = "alerts_list", tag = "approvals",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = AlertsJson))
)]
async fn list_alerts(
    State(base): State<Base>,
    may: May<ListAlerts>,
    Key(programme): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    let at = base.clock.now();
    let alerts = store::alerts(base.db.reads(), may.actor(), programme, at).await?;
    Reply::ok(&AlertsJson::new(alerts, may.actor().locale))
}
