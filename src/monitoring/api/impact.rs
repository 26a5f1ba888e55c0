//! Evaluations of impact.

use axum::extract::State as Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::ProgrammeId,
        problem::Problem,
    },
    monitoring::{
        ListEvaluations, RecordEvaluation,
        impact::{Evaluation, NewEvaluation},
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(record, list))
}

/// Records an evaluation of a programme's impact, in the name of its strategic direction. The programme's figures beside
/// the baseline are taken down with it, as they may be told now.
#[utoipa::path(
    post, path = "/programmes/{id}/impact-evaluations", operation_id = "impact_evaluations_record", tag = "monitoring",
    params(("id" = ProgrammeId, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = NewEvaluation,
    responses((status = CREATED, body = Evaluation))
)]
async fn record(
    Shared(base): Shared<Base>,
    may: May<RecordEvaluation>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewEvaluation>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let recorded = store::record_evaluation(&w, id, value).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/impact-evaluations"), &recorded)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the evaluations of a programme's impact, oldest first.
#[utoipa::path(
    get, path = "/programmes/{id}/impact-evaluations", operation_id = "impact_evaluations_list", tag = "monitoring",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Evaluation>))
)]
async fn list(
    Shared(base): Shared<Base>,
    may: May<ListEvaluations>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<Evaluation>, Problem> {
    store::list_evaluations(base.db.reads(), may.actor(), id, &window).await
}
