//! Answers that an adviser enters for a firm, and their confirmation.

use axum::extract::State;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::answering::{DiagnosticJson, GivenJson, NewAnswerJson, saved};
use crate::{
    diagnostics::{
        NewAnswer,
        assisted::{Assist, ConfirmAssisted, Confirmed},
        store,
    },
    foundation::{
        Base,
        access::May,
        db::Once,
        http::{Body, Key, Reply},
        ids::DiagnosticId,
        problem::Problem,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(assist)).routes(routes!(confirm_assisted))
}

/// Enters an answer for a supplier that has given its mandate, in its draft. The answer says who entered it under which
/// mandate, and counts once the supplier has confirmed it. What it has answered itself stays.
#[utoipa::path(
    put, path = "/diagnostics/{id}/assisted-answers/{question}", operation_id = "diagnostics_assist",
    tag = "diagnostics",
    params(("id" = DiagnosticId, Path), ("question" = String, Path, example = "delivery-on-time")),
    request_body = NewAnswerJson, responses((status = OK, body = GivenJson))
)]
async fn assist(
    State(base): State<Base>,
    may: May<Assist>,
    Key((id, question)): Key<(DiagnosticId, String)>,
    Body { value, .. }: Body<NewAnswer>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let reply = saved(store::assist(&w, id, &question, &value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// The answers to confirm.
#[derive(ToSchema)]
#[schema(as = ConfirmAssistedAnswers)]
#[expect(dead_code, reason = "describes what `Confirmed` reads")]
struct ConfirmedJson {
    /// The codes of their questions.
    #[schema(example = json!(["quality-control"]), min_items = 1, max_items = 500)]
    questions: Vec<String>,
}

/// Confirms, for one's firm, answers that an adviser has entered for it.
#[utoipa::path(
    post, path = "/diagnostics/{id}/assisted-answers/confirm", operation_id = "diagnostics_confirm_assisted",
    tag = "diagnostics", params(("id" = DiagnosticId, Path)), request_body = ConfirmedJson,
    responses((status = OK, body = DiagnosticJson))
)]
async fn confirm_assisted(
    State(base): State<Base>,
    may: May<ConfirmAssisted>,
    Key(id): Key<DiagnosticId>,
    Body { value, once }: Body<Confirmed>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let confirmed = store::confirm_assisted(&w, id, &value).await?;
        let reply = Reply::ok(&DiagnosticJson::from(&confirmed))?.version(confirmed.version);
        Ok(w.done(reply))
    })
    .await
}
