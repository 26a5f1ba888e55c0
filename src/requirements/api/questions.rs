//! Questions about requirements, and their answers.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        fields::{Fields, Input, Reason},
        http::{Body, IfVersion, Key, Params, Reply, etag},
        ids::{QuestionId, RequirementId},
        problem::Problem,
    },
    requirements::{
        questions::{
            Answer, Ask, Hide, ListQuestions, NewAnswer, NewQuestion, Question, QuestionState, ReadQuestion,
        },
        store::questions as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(ask, list_questions))
        .routes(routes!(read_question))
        .routes(routes!(answer))
        .routes(routes!(hide))
}

/// A question about a requirement. Nobody learns who asked, nor when.
#[derive(Serialize, ToSchema)]
#[schema(as = Question)]
struct QuestionJson {
    id: QuestionId,
    requirement: RequirementId,
    state: QuestionState,
    #[schema(example = "¿Se acepta bronce SAE 65 en lugar de SAE 64?")]
    text: String,
    answer: Option<String>,
    answered_at: Option<Timestamp>,
    /// Why the institution has hidden it: for the firm that asked, the lead firm and the institution.
    hidden_because: Option<String>,
    /// Whether one's own firm asked.
    own: bool,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<Question> for QuestionJson {
    fn from(q: Question) -> Self {
        Self {
            id: q.id,
            requirement: q.requirement,
            state: q.state,
            text: q.text,
            answer: q.answer,
            answered_at: q.answered_at,
            hidden_because: q.hidden_because,
            own: q.own,
            etag: etag(q.version),
        }
    }
}

fn shown(question: Question) -> Result<Reply, Problem> {
    let version = question.version;
    Ok(Reply::ok(&QuestionJson::from(question))?.version(version))
}

/// A question to ask.
#[derive(ToSchema)]
#[schema(as = NewQuestion)]
#[expect(dead_code, reason = "describes what `NewQuestion` reads")]
struct NewQuestionJson {
    /// Everybody who sees the requirement will read it: say nothing in it that shows who you are.
    #[schema(example = "¿Se acepta bronce SAE 65 en lugar de SAE 64?", min_length = 10, max_length = 2000)]
    text: String,
}

/// Asks about a published requirement. With its answer, everybody who sees the requirement reads the question, and
/// nobody learns who asked. Asking ends at `questions_until`, else when the requirement closes.
#[utoipa::path(
    post, path = "/requirements/{id}/questions", operation_id = "questions_ask", tag = "requirements",
    params(("id" = RequirementId, Path)), request_body = NewQuestionJson,
    responses((status = CREATED, body = QuestionJson, links(
        ("read" = (operation_id = "questions_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn ask(
    Service(base): Service<Base>,
    may: May<Ask>,
    Key(id): Key<RequirementId>,
    Body { value, once }: Body<NewQuestion>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let question = store::ask(&w, id, value.text).await?;
        let (location, version) = (format!("/api/v1/questions/{}", question.id), question.version);
        let reply = Reply::created(location, &QuestionJson::from(question))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    state: Option<QuestionState>,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { state: f.optional("state")? })
    }
}

/// The questions about a requirement.
#[derive(Serialize, ToSchema)]
struct Questions {
    /// The answered ones in the order of their answers, then the others in none.
    items: Vec<QuestionJson>,
}

/// Lists the questions about a requirement: answered ones to everybody who sees it; the others to whoever asked, the
/// lead firm and the institution.
#[utoipa::path(
    get, path = "/requirements/{id}/questions", operation_id = "questions_list", tag = "requirements",
    params(("id" = RequirementId, Path), ("state" = Option<QuestionState>, Query)),
    responses((status = OK, body = Questions))
)]
async fn list_questions(
    Service(base): Service<Base>,
    may: May<ListQuestions>,
    Key(id): Key<RequirementId>,
    Params(filter): Params<Filter>,
) -> Result<Reply, Problem> {
    let found = store::list(base.db.reads(), may.actor(), id, filter.state).await?;
    Reply::ok(&Questions { items: found.into_iter().map(QuestionJson::from).collect() })
}

/// Looks at a question.
#[utoipa::path(
    get, path = "/questions/{id}", operation_id = "questions_read", tag = "requirements",
    params(("id" = QuestionId, Path)), responses((status = OK, body = QuestionJson))
)]
async fn read_question(
    Service(base): Service<Base>,
    may: May<ReadQuestion>,
    Key(id): Key<QuestionId>,
) -> Result<Reply, Problem> {
    shown(store::find(base.db.reads(), may.actor(), id).await?)
}

/// An answer to give.
#[derive(ToSchema)]
#[schema(as = NewQuestionAnswer)]
#[expect(dead_code, reason = "describes what `NewAnswer` reads")]
struct NewAnswerJson {
    #[schema(example = "Sí, con certificado de colada.", max_length = 4000)]
    answer: String,
}

/// Answers a question, or mends the answer. From now on everybody who sees the requirement reads both.
#[utoipa::path(
    post, path = "/questions/{id}/answer", operation_id = "questions_answer", tag = "requirements",
    params(("id" = QuestionId, Path), ("If-Match" = String, Header)), request_body = NewAnswerJson,
    responses((status = OK, body = QuestionJson))
)]
async fn answer(
    Service(base): Service<Base>,
    may: May<Answer>,
    Key(id): Key<QuestionId>,
    version: IfVersion,
    Body { value, once }: Body<NewAnswer>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = shown(store::answer(&w, id, version, value.answer).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Hides a question: only the firm that asked, the lead firm and the institution see it still, with the reason.
#[utoipa::path(
    post, path = "/questions/{id}/hide", operation_id = "questions_hide", tag = "requirements",
    params(("id" = QuestionId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = QuestionJson))
)]
async fn hide(
    Service(base): Service<Base>,
    may: May<Hide>,
    Key(id): Key<QuestionId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = shown(store::hide(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}
