//! Plans on their way: proposed, signed, begun, carried out, completed, abandoned.

use axum::extract::State as Service;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::{PlanJson, answered};
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Day,
        fields::{Nothing, Reason},
        http::{Body, IfVersion, Key, Reply},
        ids::{PlanActionId, PlanId},
        problem::Problem,
    },
    gaps::signing::{NewSignature, NewSignatureJson},
    plans::{
        Abandon, Complete, NewProgress, NewVisit, Propose, RecordProgress, RecordVisit, Sign, Start, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(propose))
        .routes(routes!(sign))
        .routes(routes!(start))
        .routes(routes!(record_progress))
        .routes(routes!(record_visit))
        .routes(routes!(complete))
        .routes(routes!(abandon))
}

/// Proposes a plan to both firms: nothing is missing in it, and the programme can pay its share. Whatever is wrong is
/// said at once.
#[utoipa::path(
    post, path = "/plans/{id}/propose", operation_id = "plans_propose", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = PlanJson))
)]
async fn propose(
    Service(base): Service<Base>,
    may: May<Propose>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::propose(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Signs a plan for one's firm: the hash of what was read, and two ticked statements. Both sides sign, in either
/// order; then the plan is agreed.
#[utoipa::path(
    post, path = "/plans/{id}/signatures", operation_id = "plans_sign", tag = "plans",
    params(("id" = PlanId, Path)),
    request_body = NewSignatureJson,
    responses((status = OK, body = PlanJson))
)]
async fn sign(
    Service(base): Service<Base>,
    may: May<Sign>,
    Key(id): Key<PlanId>,
    Body { value, once }: Body<NewSignature>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::sign(&w, id, &value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Begins to carry out an agreed plan.
#[utoipa::path(
    post, path = "/plans/{id}/start", operation_id = "plans_start", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = PlanJson))
)]
async fn start(
    Service(base): Service<Base>,
    may: May<Start>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::start(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// How far an action is.
#[derive(ToSchema)]
#[schema(as = NewPlanProgress)]
#[expect(dead_code, reason = "describes what `NewProgress` reads")]
struct NewProgressJson {
    action: PlanActionId,
    #[schema(minimum = 0, maximum = 100)]
    percent: i64,
    /// Today or before.
    as_of: Day,
    #[schema(min_length = 3, max_length = 2000)]
    note: String,
    /// Where it can be seen: a file, a certificate's number, a minute.
    #[schema(min_length = 3, max_length = 500)]
    evidence: Option<String>,
}

/// Writes down how far an action is. Entries are added, never changed; the last one counts.
#[utoipa::path(
    post, path = "/plans/{id}/progress", operation_id = "plans_record_progress", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    request_body(content = NewProgressJson, example = json!({
        "action": "01990000-0000-7000-8000-000000000000", "percent": 60, "as_of": "2026-05-04",
        "note": "Tablero en uso desde abril; faltan las causas", "evidence": "Minuta 12",
    })),
    responses((status = OK, body = PlanJson))
)]
async fn record_progress(
    Service(base): Service<Base>,
    may: May<RecordProgress>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { value, once }: Body<NewProgress>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::record_progress(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// A visit to the supplier.
#[derive(ToSchema)]
#[schema(as = NewPlanVisit)]
#[expect(dead_code, reason = "describes what `NewVisit` reads")]
struct NewVisitJson {
    /// Today or before.
    visited_on: Day,
    #[schema(min_length = 10, max_length = 5000)]
    findings: String,
    /// After this visit.
    next_on: Option<Day>,
}

/// Writes down a visit to the supplier, by an officer or by the lead firm's people who assist it.
#[utoipa::path(
    post, path = "/plans/{id}/visits", operation_id = "plans_record_visit", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    request_body(content = NewVisitJson, example = json!({
        "visited_on": "2026-05-04", "findings": "El tablero se usa a diario; se acordó medir por pedido.",
        "next_on": "2026-06-08",
    })),
    responses((status = OK, body = PlanJson))
)]
async fn record_visit(
    Service(base): Service<Base>,
    may: May<RecordVisit>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { value, once }: Body<NewVisit>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::record_visit(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Completes a plan whose actions are all done; else every one that is not is named.
#[utoipa::path(
    post, path = "/plans/{id}/complete", operation_id = "plans_complete", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = PlanJson))
)]
async fn complete(
    Service(base): Service<Base>,
    may: May<Complete>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::complete(&w, id, version).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}

/// Abandons a plan, with a reason. What the programme had promised for it is free again.
#[utoipa::path(
    post, path = "/plans/{id}/abandon", operation_id = "plans_abandon", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    request_body(content = Reason, example = json!({ "reason": "El proveedor cambió de rubro en junio." })),
    responses((status = OK, body = PlanJson))
)]
async fn abandon(
    Service(base): Service<Base>,
    may: May<Abandon>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::abandon(&w, id, version, value.reason).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}
