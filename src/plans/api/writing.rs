//! Plans: suggested, drawn up, read, changed.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::{NewContentJson, NewPlanJson, PlanJson, SuggestionJson, answered, shown, suggested};
use crate::{
    foundation::{
        Base,
        access::May,
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{GapActId, PlanId, RequirementId},
        problem::Problem,
    },
    organisations::{consents::Purpose, interests::Queued, reading_log, store::interests},
    plans::{
        Change, Create, List, NewPlan, Read, Suggest,
        content::NewContent,
        store::{self, Standing},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(suggest)).routes(routes!(create, list)).routes(routes!(read, change))
}

/// Suggests a plan from an agreed gap act: one action for each gap, the most worthwhile first, with costs, months and
/// who pays as the act says. `objectives` and `actions` can be sent as they are to draw the plan up.
#[utoipa::path(
    get, path = "/gap-acts/{id}/plan-suggestion", operation_id = "plans_suggest", tag = "plans",
    params(("id" = GapActId, Path)), responses((status = OK, body = SuggestionJson))
)]
async fn suggest(
    Service(base): Service<Base>,
    may: May<Suggest>,
    Key(id): Key<GapActId>,
) -> Result<Reply, Problem> {
    let (standing, suggestion) = store::suggest(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    may.in_state(standing.state)?;
    let reading = vec![(standing.act.supplier, standing.act.id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "gap_act", reading).await?;
    Reply::ok(&suggested(standing.act.supplier, suggestion, may.actor()))
}

/// Draws up a plan of a supplier for a requirement, from the gap act that both sides have agreed on.
#[utoipa::path(
    post, path = "/requirements/{id}/plans", operation_id = "plans_create", tag = "plans",
    params(("id" = RequirementId, Path)),
    request_body(content = NewPlanJson, example = json!({
        "supplier": "01990000-0000-7000-8000-000000000000",
        "objectives": [
            { "indicator": "Entregas a tiempo", "unit": "%", "baseline": "76", "target": "95", "due_on": "2026-09-30" },
        ],
        "actions": [{
            "question": "delivery-on-time", "owner": "supplier",
            "description": "Tablero semanal de entregas con revisión de causas",
            "cost": { "amount": "1800000", "currency": "CLP" }, "months": 4,
            "split": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
            "technical_assistance": "Planificador de la empresa líder, dos días al mes",
            "due_on": "2026-07-31", "evidence": "Tablero de julio",
        }],
    })),
    responses((status = CREATED, body = PlanJson, links(
        ("read" = (operation_id = "plans_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Service(base): Service<Base>,
    may: May<Create>,
    Key(id): Key<RequirementId>,
    Body { value, once }: Body<NewPlan>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let standing = store::create(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/plans/{}", standing.plan.id), standing.version);
        let reply = Reply::created(location, &shown(standing, w.actor()))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the plans for a requirement that one may see: an institution all, a supplier its own, the lead firm those of
/// suppliers that have consented.
#[utoipa::path(
    get, path = "/requirements/{id}/plans", operation_id = "plans_list", tag = "plans",
    params(
        ("id" = RequirementId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)
    ),
    responses((status = OK, body = Page<Queued<PlanJson>>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Key(id): Key<RequirementId>,
    Params(window): Params<Window>,
) -> Result<Page<Queued<PlanJson>>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), id, &window).await?;
    let readings = page.items.iter().map(|found| (found.plan.supplier, found.plan.id.0)).collect();
    reading_log::note(&base, may, Purpose::Gaps, "plan", readings).await?;
    let parties = |standing: &Standing| vec![standing.plan.supplier, standing.plan.lead_firm];
    interests::queued(&base, may.actor(), page, parties, |standing| shown(standing, may.actor())).await
}

/// Looks at a plan, its progress and its signatures.
#[utoipa::path(
    get, path = "/plans/{id}", operation_id = "plans_read", tag = "plans",
    params(("id" = PlanId, Path)), responses((status = OK, body = PlanJson))
)]
async fn read(Service(base): Service<Base>, may: May<Read>, Key(id): Key<PlanId>) -> Result<Reply, Problem> {
    let found = store::find(base.db.reads(), may.actor(), id).await?;
    let reading = vec![(found.plan.supplier, found.plan.id.0)];
    reading_log::note(&base, may, Purpose::Gaps, "plan", reading).await?;
    answered(found, may.actor())
}

/// Rewrites a plan, which is a draft after that: whatever was signed holds no more. Actions that are sent with their
/// id keep their progress.
#[utoipa::path(
    put, path = "/plans/{id}", operation_id = "plans_change", tag = "plans",
    params(("id" = PlanId, Path), ("If-Match" = String, Header)),
    request_body(content = NewContentJson, example = json!({
        "objectives": [
            { "indicator": "Entregas a tiempo", "unit": "%", "baseline": "76", "target": "95", "due_on": "2026-09-30" },
        ],
        "actions": [{
            "question": "delivery-on-time", "owner": "lead_firm",
            "description": "Pronóstico de pedidos a tres meses", "cost": { "amount": "0", "currency": "CLP" },
            "months": 1, "split": { "programme": "0", "lead_firm": "1", "supplier": "0" }, "due_on": "2026-05-31",
        }],
    })),
    responses((status = OK, body = PlanJson))
)]
async fn change(
    Service(base): Service<Base>,
    may: May<Change>,
    Key(id): Key<PlanId>,
    version: IfVersion,
    Body { value, once }: Body<NewContent>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answered(store::change(&w, id, version, value).await?, w.actor())?;
        Ok(w.done(reply))
    })
    .await
}
