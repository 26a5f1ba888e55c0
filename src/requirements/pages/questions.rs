//! Questions about a requirement at the screen: what suppliers ask, what the lead firm answers, and nobody learns who
//! asked.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::Response,
    routing::{get, post},
};

use crate::{
    foundation::{
        Base,
        access::{Actor, Kind, May},
        fields::Reason,
        http::Key,
        i18n::Locale,
        ids::{QuestionId, RequirementId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    programmes,
    requirements::{
        Requirement,
        questions::{
            Answer, Ask, Hide, ListQuestions, NewAnswer, NewQuestion, Question, QuestionState, ReadQuestion,
        },
        store::{self, questions as kept},
    },
};

pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route("/requirements/{id}/questions", get(list).post(ask))
        .route("/questions/{id}", get(read))
        .route("/questions/{id}/answer", post(answer))
        .route("/questions/{id}/hide", post(hide))
}

/// How a state is coloured; its name stands beside.
const fn tone(state: QuestionState) -> &'static str {
    match state {
        QuestionState::Open => "warn",
        QuestionState::Answered => "good",
        QuestionState::Hidden => "",
    }
}

/// The questions about a requirement.
#[derive(Template)]
#[template(path = "requirements/pages/questions.html")]
struct QuestionsPage {
    requirement: Requirement,
    questions: Vec<Question>,
    /// Whether one asks, answers and hides, or only reads.
    kind: Kind,
    may_ask: bool,
    /// Whether one can answer or hide a question.
    may_handle: bool,
    /// By whose clocks its moments are told.
    zone: Zone,
}

impl QuestionsPage {
    /// The address of the list, for what follows it.
    fn list(&self) -> String {
        format!("/requirements/{}/questions?", self.requirement.id)
    }
}

impl Page for QuestionsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("questions-title")
    }
}

async fn questions_page(base: &Base, actor: &Actor, id: RequirementId) -> Result<QuestionsPage, Problem> {
    let db = base.db.reads();
    let requirement = store::find(db, actor, id).await?;
    let zone = programmes::store::zones(db, actor, [requirement.programme]).await?;
    Ok(QuestionsPage {
        questions: kept::list(db, actor, id, None).await?,
        kind: actor.kind().ok_or_else(Problem::not_found)?,
        may_ask: actor.takes::<Ask>(requirement.state),
        may_handle: actor.may::<Answer>().is_ok() || actor.may::<Hide>().is_ok(),
        zone: zone.into_values().next().unwrap_or_default(),
        requirement,
    })
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListQuestions>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    show(&view, &questions_page(&base, may.actor(), id).await?)
}

async fn ask(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Ask>,
    Key(id): Key<RequirementId>,
    form: Form<NewQuestion>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.act(&base, may, async |w, new| {
        kept::ask(w, id, new.text).await?;
        Ok(format!("/requirements/{id}/questions"))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &questions_page(&base, &actor, id).await?, problem, typed)
    })
    .await
}

/// A question, to answer or hide.
#[derive(Template)]
#[template(path = "requirements/pages/question.html")]
struct QuestionPage {
    question: Question,
    title: String,
    may_answer: bool,
    may_hide: bool,
}

impl Page for QuestionPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("question-title")
    }
}

async fn question_page(base: &Base, actor: &Actor, id: QuestionId) -> Result<QuestionPage, Problem> {
    let db = base.db.reads();
    let question = kept::find(db, actor, id).await?;
    Ok(QuestionPage {
        title: store::find(db, actor, question.requirement).await?.title,
        may_answer: actor.takes::<Answer>(question.state),
        may_hide: actor.takes::<Hide>(question.state),
        question,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ReadQuestion>,
    Key(id): Key<QuestionId>,
) -> Result<Response, Problem> {
    show(&view, &question_page(&base, may.actor(), id).await?)
}

async fn answer(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Answer>,
    Key(id): Key<QuestionId>,
    form: Form<NewAnswer>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, new| {
        let answered = kept::answer(w, id, version, new.answer).await?;
        Ok(format!("/requirements/{}/questions", answered.requirement))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &question_page(&base, &actor, id).await?, problem, typed)
    })
    .await
}

async fn hide(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Hide>,
    Key(id): Key<QuestionId>,
    form: Form<Reason>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, why| {
        let hidden = kept::hide(w, id, version, why.reason).await?;
        Ok(format!("/requirements/{}/questions", hidden.requirement))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &question_page(&base, &actor, id).await?, problem, typed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        foundation::{clock::Timestamp, page::samples},
        requirements::{State, pages::sample},
    };

    fn question(state: QuestionState) -> Question {
        let is = |when| (state == when).then(|| "Sí, hasta <diez>".to_owned());
        Question {
            id: QuestionId(uuid::Uuid::nil()),
            requirement: RequirementId(uuid::Uuid::nil()),
            state,
            text: "¿Se puede entregar en partes?".to_owned(),
            answer: is(QuestionState::Answered),
            answered_at: is(QuestionState::Answered).map(|_| Timestamp::from_micros(0)),
            hidden_because: is(QuestionState::Hidden),
            own: true,
            version: 1,
        }
    }

    #[test]
    fn questions_are_shown_in_both_languages() {
        for kind in Kind::ALL {
            let page = QuestionsPage {
                requirement: sample(State::Published),
                questions: QuestionState::ALL.iter().map(|state| question(*state)).collect(),
                kind: *kind,
                may_ask: *kind == Kind::Supplier,
                may_handle: *kind != Kind::Supplier,
                zone: Zone::default(),
            };
            samples(&page);
            samples(&QuestionsPage { questions: Vec::new(), ..page });
        }
        for state in QuestionState::ALL {
            let title = "Repuestos".to_owned();
            samples(&QuestionPage { question: question(*state), title, may_answer: true, may_hide: true });
        }
    }
}
