//! Evaluations of proposals.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        http::{Body, Key, Reply},
        ids::{AccountId, EvaluationId, ProposalId},
        problem::Problem,
    },
    programmes::{
        calls::{
            Evaluate, ListEvaluations,
            criteria::{Score, printed},
            evaluations::{Evaluation, NewEvaluation, NewEvaluationJson},
        },
        store::calls as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(evaluate, list))
}

/// An evaluation of a proposal.
#[derive(Serialize, ToSchema)]
#[schema(as = Evaluation)]
struct EvaluationJson {
    id: EvaluationId,
    /// Null for the institution that proposed.
    evaluator: Option<AccountId>,
    scores: Vec<Score>,
    comment: Option<String>,
    /// Σ weight × score / 100, rounded half up.
    #[schema(example = "71.2500")]
    points: String,
    /// The same as an exact fraction.
    #[schema(example = "285/4")]
    points_exact: String,
    handed_in_at: Timestamp,
}

impl From<Evaluation> for EvaluationJson {
    fn from(found: Evaluation) -> Self {
        Self {
            id: found.id,
            evaluator: found.evaluator,
            scores: found.scores,
            comment: found.comment,
            points: printed(&found.points),
            points_exact: found.points.to_string(),
            handed_in_at: found.handed_in_at,
        }
    }
}

/// Hands in one's evaluation of a proposal; it stays as it is.
#[utoipa::path(
    post, path = "/proposals/{id}/evaluations", operation_id = "evaluations_create", tag = "calls",
    params(("id" = ProposalId, Path)), request_body = NewEvaluationJson,
    responses((status = CREATED, body = EvaluationJson))
)]
async fn evaluate(
    Service(base): Service<Base>,
    may: May<Evaluate>,
    Key(id): Key<ProposalId>,
    Body { value, once }: Body<NewEvaluation>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let made = store::evaluate(&w, id, value).await?;
        let location = format!("/api/v1/proposals/{id}/evaluations");
        let reply = Reply::created(location, &EvaluationJson::from(made))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the evaluations of a proposal that one may see: one's own; the others' once one has handed in and so have two at
/// least; without names to the institution that proposed, once it is decided on.
#[utoipa::path(
    get, path = "/proposals/{id}/evaluations", operation_id = "evaluations_list", tag = "calls",
    params(("id" = ProposalId, Path)), responses((status = OK, body = Items<EvaluationJson>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListEvaluations>,
    Key(id): Key<ProposalId>,
) -> Result<Reply, Problem> {
    let found = store::evaluations(base.db.reads(), may.actor(), id, base.clock.now()).await?;
    Reply::ok(&Items { items: found.into_iter().map(EvaluationJson::from).collect::<Vec<_>>() })
}
