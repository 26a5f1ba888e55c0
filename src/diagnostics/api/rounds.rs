//! Rounds compared, and what is known already confirmed.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::answering::{DiagnosticJson, ScoreJson};
use crate::{
    diagnostics::{
        Answer, Compare, Confirm, NewConfirmation,
        rounds::{ChangeKind, Changes, DimensionChange, QuestionChange},
        store,
    },
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input},
        http::{Body, Key, Params, Reply},
        ids::DiagnosticId,
        problem::Problem,
        share::Share,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(compare)).routes(routes!(confirm))
}

/// The change of a dimension; a side is null when its instrument does not have it.
#[derive(Serialize, ToSchema)]
#[schema(as = DimensionChange)]
struct DimensionChangeJson {
    dimension: &'static str,
    before: Option<ScoreJson>,
    after: Option<ScoreJson>,
}

/// The change of an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = QuestionChange)]
struct QuestionChangeJson {
    question: String,
    change: ChangeKind,
    before: Option<Answer>,
    after: Option<Answer>,
    /// 0 to 100 with one decimal.
    points_before: Option<String>,
    points_after: Option<String>,
}

/// What has changed since an earlier round.
#[derive(Serialize, ToSchema)]
#[schema(as = RoundChanges)]
struct ChangesJson {
    /// The earlier round.
    since: DiagnosticId,
    before: ScoreJson,
    after: ScoreJson,
    dimensions: Vec<DimensionChangeJson>,
    questions: Vec<QuestionChangeJson>,
}

impl ChangesJson {
    fn new(since: DiagnosticId, changes: Changes) -> Self {
        let dimension = |change: DimensionChange| DimensionChangeJson {
            dimension: change.dimension,
            before: change.before.map(ScoreJson::from),
            after: change.after.map(ScoreJson::from),
        };
        let question = |change: QuestionChange| QuestionChangeJson {
            question: change.question,
            change: change.change,
            before: change.before,
            after: change.after,
            points_before: change.points_before.map(Share::to_percent),
            points_after: change.points_after.map(Share::to_percent),
        };
        Self {
            since,
            before: changes.before.into(),
            after: changes.after.into(),
            dimensions: changes.dimensions.into_iter().map(dimension).collect(),
            questions: changes.questions.into_iter().map(question).collect(),
        }
    }
}

struct Since(Option<DiagnosticId>);

impl Input for Since {
    fn read(f: &mut Fields) -> Option<Self> {
        f.optional("since").map(Self)
    }
}

/// Compares a diagnostic with an earlier round of the same firm, dimension by dimension and answer by answer.
#[utoipa::path(
    get, path = "/diagnostics/{id}/changes", operation_id = "diagnostics_changes", tag = "diagnostics",
    params(
        ("id" = DiagnosticId, Path),
        ("since" = Option<DiagnosticId>, Query, description = "The earlier round; absent: the one before"),
    ),
    responses((status = OK, body = ChangesJson))
)]
async fn compare(
    State(base): State<Base>,
    may: May<Compare>,
    Key(id): Key<DiagnosticId>,
    Params(Since(since)): Params<Since>,
) -> Result<Reply, Problem> {
    let (since, changes) = store::changes(base.db.reads(), may.actor(), id, since, base.clock.now()).await?;
    Reply::ok(&ChangesJson::new(since, changes))
}

/// Which suggestions become answers.
#[derive(ToSchema)]
#[schema(as = NewConfirmation)]
#[expect(dead_code, reason = "describes what `NewConfirmation` reads")]
struct NewConfirmationJson {
    /// The questions whose `prefilled` answer is right.
    #[schema(min_items = 1, max_items = 200, example = json!(["quality-iso-9001"]))]
    questions: Vec<String>,
}

/// Confirms answers that were prefilled in one's draft: they become one's own, as if given now.
#[utoipa::path(
    post, path = "/diagnostics/{id}/confirm", operation_id = "diagnostics_confirm", tag = "diagnostics",
    params(("id" = DiagnosticId, Path)), request_body = NewConfirmationJson,
    responses((status = OK, body = DiagnosticJson))
)]
async fn confirm(
    State(base): State<Base>,
    may: May<Confirm>,
    Key(id): Key<DiagnosticId>,
    Body { value, once }: Body<NewConfirmation>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let confirmed = store::confirm(&w, id, &value).await?;
        let reply = Reply::ok(&DiagnosticJson::from(&confirmed))?.version(confirmed.version);
        Ok(w.done(reply))
    })
    .await
}
