//! The JSON operations of this stage.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Accept, Approve, ApproveBatch, Batch, Chosen, Decline, List, Nothing, Read, Reason, Reject,
    dependency::{Verdict, digits, nine_places},
    store,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        clock::Timestamp,
        fields::{Fields, Input},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
        money::{Money, UnitPrice},
        problem::{FieldError, Problem},
        share::Share,
    },
    matching::{
        Match, MatchState,
        store::matches::{self, Filter},
    },
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
}

/// A match: an award on its way to approval.
#[derive(Serialize, ToSchema)]
#[schema(as = Match)]
struct MatchJson {
    id: MatchId,
    programme: ProgrammeId,
    /// The run that proposed it; for the institution only.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    requirement: RequirementId,
    lot: LotId,
    lead_firm: OrganisationId,
    supplier: OrganisationId,
    /// Whole units.
    quantity: i64,
    unit_price: UnitPrice,
    years: i32,
    /// Contract total.
    amount: Money,
    /// Contract total / years.
    annual_amount: Money,
    state: MatchState,
    /// Who proposed it; for the institution only.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_by: Option<AccountId>,
    decided_at: Option<Timestamp>,
    /// Why it was declined or rejected.
    reason: Option<String>,
    /// What its approval would mean now; for the supplier and the institution, while it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    consequence: Option<ConsequenceJson>,
    etag: String,
}

/// What an approval would mean for the supplier's dependency on the buyer group.
#[derive(Serialize, ToSchema)]
#[schema(as = Consequence)]
struct ConsequenceJson {
    /// Share of its sales from the buyer group now, approved matches included; null where undisclosed.
    dependency_before: Option<String>,
    /// The same after the approval.
    dependency_after: Option<String>,
    cap: Option<Share>,
    /// Annual sales to the buyer group after the approval.
    sales_after: Option<String>,
    /// The most that they may be.
    most: Option<String>,
    /// Whether the rule lets the match be approved by itself.
    allowed: bool,
}

impl MatchJson {
    fn new(found: Match, verdict: Option<&Verdict>, actor: &Actor) -> Self {
        let to_institution = actor.is_system() || actor.kind() == Some(Kind::Institution);
        Self {
            id: found.id,
            programme: found.programme,
            run: to_institution.then_some(found.run),
            requirement: found.requirement,
            lot: found.lot,
            lead_firm: found.lead_firm,
            supplier: found.supplier,
            quantity: found.quantity,
            unit_price: found.unit_price,
            years: found.years,
            amount: found.amount,
            annual_amount: found.annual_amount,
            state: found.state,
            proposed_by: to_institution.then_some(found.proposed_by),
            decided_at: found.decided_at,
            reason: found.reason,
            consequence: verdict.map(ConsequenceJson::from),
            etag: etag(found.version),
        }
    }
}

impl From<&Verdict> for ConsequenceJson {
    fn from(verdict: &Verdict) -> Self {
        Self {
            dependency_before: verdict.share_before.as_ref().map(nine_places),
            dependency_after: verdict.share_after.as_ref().map(nine_places),
            cap: verdict.cap,
            sales_after: verdict.sides.as_ref().map(|sides| digits(&sides.left)),
            most: verdict.sides.as_ref().map(|sides| digits(&sides.right)),
            allowed: verdict.allowed,
        }
    }
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
        let window = Window::read(f);
        let filter = Filter { programme: programme?, run: run?, state: state? };
        Some(Self { filter, window: window? })
    }
}

/// Lists the matches that one may see: a firm's own, an institution's programmes'.
#[utoipa::path(
    get, path = "/matches", operation_id = "matches_list", tag = "approvals",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("run" = Option<RunId>, Query),
        ("state" = Option<MatchState>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<MatchJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<MatchJson>, Problem> {
    let page = matches::list(base.db.reads(), may.actor(), filter, &window).await?;
    Ok(page.map(|found| MatchJson::new(found, None, may.actor())))
}

/// Looks at a match, and at what its approval would mean.
#[utoipa::path(
    get, path = "/matches/{id}", operation_id = "matches_read", tag = "approvals",
    params(("id" = MatchId, Path)), responses((status = OK, body = MatchJson))
)]
async fn read(State(base): State<Base>, may: May<Read>, Key(id): Key<MatchId>) -> Result<Reply, Problem> {
    let day = base.clock.now().day();
    let (found, verdict) = store::read(base.db.reads(), may.actor(), id, day).await?;
    let version = found.version;
    Ok(Reply::ok(&MatchJson::new(found, verdict.as_ref(), may.actor()))?.version(version))
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

/// Why.
#[derive(ToSchema)]
#[schema(as = Reason)]
#[expect(dead_code, reason = "describes what `Reason` reads")]
struct ReasonJson {
    /// At least ten characters.
    #[schema(example = "No tenemos capacidad libre hasta agosto.")]
    reason: String,
}

/// Declines a match for one's firm. No cap ever blocks that.
#[utoipa::path(
    post, path = "/matches/{id}/decline", operation_id = "matches_decline", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ReasonJson, responses((status = OK, body = MatchJson))
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
    responses((status = OK, body = MatchJson))
)]
async fn approve(
    State(base): State<Base>,
    may: May<Approve>,
    Key(id): Key<MatchId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let approved = store::approve(&w, None, &[(id, version)]).await?;
        let found = approved.into_iter().next().ok_or_else(Problem::not_found)?;
        let reply = answer(found, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Rejects a match. No cap ever blocks that.
#[utoipa::path(
    post, path = "/matches/{id}/reject", operation_id = "matches_reject", tag = "approvals",
    params(("id" = MatchId, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ReasonJson, responses((status = OK, body = MatchJson))
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
    request_body = BatchJson, responses((status = OK, body = Approved))
)]
async fn approve_batch(
    State(base): State<Base>,
    may: May<ApproveBatch>,
    Key(programme): Key<ProgrammeId>,
    Body { value, once }: Body<Batch>,
) -> Result<Reply, Problem> {
    let chosen = value.matches.iter().enumerate().map(|(at, chosen)| version_of(at, chosen));
    let chosen = chosen.collect::<Result<Vec<_>, _>>()?;
    base.write(may, once, async |w| {
        let approved = store::approve(&w, Some(programme), &chosen).await?;
        let items = approved.into_iter().map(|found| MatchJson::new(found, None, w.actor())).collect();
        let reply = Reply::ok(&Approved { items })?;
        Ok(w.done(reply))
    })
    .await
}

fn version_of(at: usize, chosen: &Chosen) -> Result<(MatchId, IfVersion), Problem> {
    let version = chosen.etag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse().ok());
    let version = version.ok_or_else(|| {
        Problem::invalid(vec![FieldError::new(format!("/matches/{at}/etag"), "not-an-etag")])
    })?;
    Ok((chosen.id, IfVersion(version)))
}
