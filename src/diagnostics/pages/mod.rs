//! A diagnostic at the screen: task list → one question a page → check answers → submit.
//!
//! Every answer is saved when it is given, so that one can stop anywhere and go on from another device.

mod evidence;
mod shared;
mod show;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use self::show::{Asked, Changed, Dimension, Part, Scored};
use super::{
    Create, Diagnostic, Give, Given, ISSUER, List, NewAnswer, Provenance, Read, State as DiagnosticState,
    Submit,
    instrument::{self, Instrument, Question},
    store,
};
use crate::foundation::{
    Base,
    access::{Actor, Kind, May},
    clock::Day,
    fields::{Fault, Fields, Input, Nothing, Raw, Value},
    http::{Key, Params, Reply, list::Window},
    i18n::Locale,
    ids::DiagnosticId,
    page::{Entry, Form, Page, View, filters, or_again, show, show_again},
    problem::Problem,
};
use crate::organisations::store::firms;

/// What leads here from everywhere.
pub const MENU: &[Entry] =
    &[Entry { path: "/diagnostics", text: "menu-diagnostics", kinds: &[Kind::Supplier, Kind::LeadFirm] }];

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/diagnostics", get(begin_page).post(begin))
        .route("/diagnostics/{id}", get(overview))
        .route("/diagnostics/{id}/questions/{code}", get(question_page).post(answer))
        .route("/diagnostics/{id}/check", get(check_page).post(submit))
        .merge(evidence::routes())
        .merge(shared::routes())
}

fn address(id: DiagnosticId) -> String {
    format!("/diagnostics/{id}")
}

/// The organisation's diagnostics, and the beginning of a new one.
#[derive(Template)]
#[template(path = "diagnostics/pages/begin.html")]
struct BeginPage {
    title: String,
    about: String,
    questions: usize,
    draft: Option<Diagnostic>,
    submitted: Vec<Diagnostic>,
    may_begin: bool,
}

impl Page for BeginPage {
    fn title(&self, _: Locale) -> String {
        self.title.clone()
    }
}

async fn begin_of(base: &Base, actor: &Actor, locale: Locale) -> Result<BeginPage, Problem> {
    let instrument = actor.kind().and_then(instrument::for_kind).ok_or_else(Problem::not_found)?;
    let found = store::list(base.db.reads(), actor, None, &Window::first(100)).await?.items;
    let (drafts, mut submitted): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|diagnostic| diagnostic.state == DiagnosticState::Draft);
    submitted.reverse();
    Ok(BeginPage {
        title: instrument.title.get(locale).to_owned(),
        about: instrument.about.get(locale).to_owned(),
        questions: instrument.questions.len(),
        draft: drafts.into_iter().next(),
        submitted,
        may_begin: actor.may::<Create>().is_ok(),
    })
}

async fn begin_page(State(base): State<Base>, view: View, may: May<List>) -> Result<Response, Problem> {
    show(&view, &begin_of(&base, may.actor(), view.locale).await?)
}

async fn begin(
    State(base): State<Base>,
    view: View,
    may: May<Create>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = base.write(may, form.once, async |w| {
        let begun = store::create(&w, None).await?;
        Ok(w.done(Reply::see_other(address(begun.id))))
    });
    or_again(done.await, async |problem| {
        let page = begin_of(&base, may.actor(), view.locale).await?;
        show_again(&view, &page, problem, form.typed)
    })
    .await
}

/// A diagnostic with the organisation's own answers.
struct Own {
    diagnostic: Diagnostic,
    answers: Vec<Given>,
}

impl Own {
    async fn find(base: &Base, actor: &Actor, id: DiagnosticId) -> Result<Self, Problem> {
        let diagnostic = store::find(base.db.reads(), actor, id).await?;
        let answers = store::answers(base.db.reads(), actor, &diagnostic).await?;
        Ok(Self { diagnostic, answers })
    }

    /// The same, when it is the actor's to answer.
    async fn to_answer(base: &Base, actor: &Actor, id: DiagnosticId) -> Result<Self, Problem> {
        let found = Self::find(base, actor, id).await?;
        if found.diagnostic.organisation == actor.organisation {
            Ok(found)
        } else {
            Err(Problem::not_found())
        }
    }

    fn instrument(&self) -> &'static Instrument {
        self.diagnostic.instrument
    }

    fn answer(&self, question: &str) -> Option<&Given> {
        let own = |given: &&Given| given.question == question && given.provenance == Provenance::SelfDeclared;
        self.answers.iter().find(own)
    }

    /// The firm's calendar day.
    async fn today(&self, base: &Base, actor: &Actor) -> Result<Day, Problem> {
        firms::day(base.db.reads(), actor, self.diagnostic.organisation, base.clock.now()).await
    }

    fn is_draft(&self) -> bool {
        self.diagnostic.state == DiagnosticState::Draft
    }
}

/// How far the answering is.
#[derive(Template)]
#[template(path = "diagnostics/pages/tasks.html")]
struct TasksPage {
    id: DiagnosticId,
    title: String,
    about: String,
    dimensions: Vec<Dimension>,
    answered: usize,
    questions: usize,
    /// The first question without answer.
    next: Option<&'static str>,
    may_answer: bool,
}

impl Page for TasksPage {
    fn title(&self, _: Locale) -> String {
        self.title.clone()
    }
}

/// What a submitted diagnostic says.
#[derive(Template)]
#[template(path = "diagnostics/pages/result.html")]
struct ResultPage {
    title: String,
    diagnostic: Diagnostic,
    scored: Scored,
    parts: Vec<Part>,
    /// What has changed since the round before, and which that is.
    changed: Option<(DiagnosticId, Changed)>,
}

impl Page for ResultPage {
    fn title(&self, _: Locale) -> String {
        self.title.clone()
    }
}

async fn overview(
    State(base): State<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<DiagnosticId>,
) -> Result<Response, Problem> {
    let own = Own::find(&base, may.actor(), id).await?;
    let (instrument, locale) = (own.instrument(), view.locale);
    let title = instrument.title.get(locale).to_owned();
    if own.is_draft() {
        let unanswered = instrument.questions.iter().find(|question| own.answer(&question.code).is_none());
        let page = TasksPage {
            id,
            title,
            about: instrument.about.get(locale).to_owned(),
            dimensions: show::dimensions(&own, locale),
            answered: instrument.questions.iter().filter(|q| own.answer(&q.code).is_some()).count(),
            questions: instrument.questions.len(),
            next: unanswered.map(|question| question.code.as_str()),
            may_answer: may.actor().may::<Give>().is_ok()
                && own.diagnostic.organisation == may.actor().organisation,
        };
        return show(&view, &page);
    }
    let scored = Scored::new(&own, own.today(&base, may.actor()).await?, locale);
    let parts = show::parts(&own, locale);
    let changed = match store::changes(base.db.reads(), may.actor(), id, None, base.clock.now()).await {
        Ok((since, changes)) => Some((since, Changed::new(own.instrument(), &changes, locale))),
        Err(problem) if problem.code == "first-round" => None,
        Err(problem) => return Err(problem),
    };
    show(&view, &ResultPage { title, diagnostic: own.diagnostic, scored, parts, changed })
}

/// One question.
#[derive(Template)]
#[template(path = "diagnostics/pages/question.html")]
struct QuestionPage {
    id: DiagnosticId,
    asked: Asked,
    /// The revision of the saved answer; 0 when there is none.
    version: i64,
    /// Whether to go back to checking the answers afterwards.
    changing: bool,
    /// The saved answer in words, when somebody else has saved one meanwhile.
    meanwhile: Option<String>,
}

impl Page for QuestionPage {
    fn title(&self, _: Locale) -> String {
        self.asked.text.clone()
    }
}

/// Where the person came from.
struct From {
    changing: bool,
}

impl Input for From {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { changing: f.or("change", false)? })
    }
}

fn question_of(own: &Own, code: &str, changing: bool, locale: Locale) -> Result<QuestionPage, Problem> {
    let question = own.diagnostic.question(code)?;
    let saved = own.answer(code);
    let asked = Asked::new(own.instrument(), question, saved.map(|given| &given.content), locale);
    let version = saved.map_or(0, |given| given.revision);
    Ok(QuestionPage { id: own.diagnostic.id, asked, version, changing, meanwhile: None })
}

async fn question_page(
    State(base): State<Base>,
    view: View,
    may: May<Give>,
    Key((id, code)): Key<(DiagnosticId, String)>,
    Params(from): Params<From>,
) -> Result<Response, Problem> {
    let own = Own::to_answer(&base, may.actor(), id).await?;
    if !own.is_draft() {
        return Ok(Redirect::to(&address(id)).into_response());
    }
    show(&view, &question_of(&own, &code, from.changing, view.locale)?)
}

/// What the form of a question says.
struct Sent {
    /// None: not applicable.
    value: Option<String>,
    /// Who issued the certificate.
    issuer: Option<String>,
}

/// An answer as it was typed: a number with a point before its decimals, anything else as it is.
struct Said(String);

impl Value for Said {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        raw.numeral().map(Self)
    }
}

impl Input for Sent {
    fn read(f: &mut Fields) -> Option<Self> {
        let (value, expires) = (f.optional::<Said>("value"), f.optional::<Day>("expires"));
        let (issuer, beside) = (f.optional_text("issuer", ISSUER), f.or("not_applicable", false));
        let (value, expires, issuer, beside) = (value?.map(|said| said.0), expires?, issuer?, beside?);
        let missing = |f: &mut Fields, name| {
            f.fail(name, Fault::new("required"));
            None
        };
        match (value.as_deref(), beside) {
            (Some(show::NOT_APPLICABLE), _) | (None, true) => Some(Self { value: None, issuer: None }),
            (Some(_), true) => {
                f.fail("value", Fault::new("answer-or-not-applicable"));
                None
            }
            (None, false) => missing(f, "value"),
            (Some(show::CERTIFICATE), _) => match expires {
                Some(day) => Some(Self { value: Some(day.to_string()), issuer }),
                None => missing(f, "expires"),
            },
            (Some(_), false) => Some(Self { value, issuer: None }),
        }
    }
}

async fn answer(
    State(base): State<Base>,
    view: View,
    may: May<Give>,
    Key((id, code)): Key<(DiagnosticId, String)>,
    Params(from): Params<From>,
    form: Form<Sent>,
) -> Result<Response, Problem> {
    let own = Own::to_answer(&base, may.actor(), id).await?;
    let question = own.diagnostic.question(&code)?;
    let later = form.typed.get("_then") == Some("later");
    let next = if from.changing {
        format!("{}/check", address(id))
    } else if later {
        address(id)
    } else {
        after(own.instrument(), question).map_or_else(|| address(id), |next| question_address(id, next))
    };
    let version = form.version();
    let done = async {
        let (Sent { value, issuer }, revision) = (form.value?, version?.0.saturating_add(1));
        let new = NewAnswer { value: value.map(serde_json::Value::from), issuer, revision };
        base.write(may, form.once, async |w| {
            store::answer(&w, id, &code, &new).await?;
            Ok(w.done(Reply::see_other(next)))
        })
        .await
    };
    or_again(done.await, async |problem| {
        let own = Own::to_answer(&base, may.actor(), id).await?;
        let mut page = question_of(&own, &code, from.changing, view.locale)?;
        let problem = if problem.code == "older-revision" { Problem::stale() } else { problem };
        if problem == Problem::stale() {
            page.meanwhile = own.answer(&code).map(|g| show::words(question, &g.content, view.locale));
        }
        show_again(&view, &page, problem, form.typed)
    })
    .await
}

fn question_address(id: DiagnosticId, question: &Question) -> String {
    format!("{}/questions/{}", address(id), question.code)
}

/// The next question of the same dimension.
fn after(instrument: &'static Instrument, question: &Question) -> Option<&'static Question> {
    let mut rest = instrument.questions.iter().skip_while(|other| other.code != question.code).skip(1);
    rest.find(|other| other.dimension == question.dimension)
}

/// All answers before they are submitted.
#[derive(Template)]
#[template(path = "diagnostics/pages/check.html")]
struct CheckPage {
    id: DiagnosticId,
    version: i64,
    parts: Vec<Part>,
    open: usize,
    lasts_until: Day,
}

impl Page for CheckPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("diagnostic-check-title")
    }
}

async fn check_of(
    base: &Base,
    actor: &Actor,
    id: DiagnosticId,
    locale: Locale,
) -> Result<Option<CheckPage>, Problem> {
    let own = Own::to_answer(base, actor, id).await?;
    let parts = show::parts(&own, locale);
    let open = parts.iter().flat_map(|part| &part.answers).filter(|line| line.answer.is_none()).count();
    let version = own.diagnostic.version;
    let lasts_until = super::valid_until(own.today(base, actor).await?);
    Ok(own.is_draft().then_some(CheckPage { id, version, parts, open, lasts_until }))
}

async fn check_page(
    State(base): State<Base>,
    view: View,
    may: May<Submit>,
    Key(id): Key<DiagnosticId>,
) -> Result<Response, Problem> {
    match check_of(&base, may.actor(), id, view.locale).await? {
        Some(page) => show(&view, &page),
        None => Ok(Redirect::to(&address(id)).into_response()),
    }
}

async fn submit(
    State(base): State<Base>,
    view: View,
    may: May<Submit>,
    Key(id): Key<DiagnosticId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let version = form.version();
    let done = async {
        let version = version?;
        base.write(may, form.once, async |w| {
            store::submit(&w, id, version).await?;
            Ok(w.done(Reply::see_other(address(id))))
        })
        .await
    };
    or_again(done.await, async |problem| match check_of(&base, may.actor(), id, view.locale).await? {
        Some(page) => show_again(&view, &page, problem, form.typed),
        None => Err(problem),
    })
    .await
}

/// How far a firm is with its diagnostic, for its start page.
pub(crate) enum Progress {
    /// None is under way, and none counts.
    Missing,
    /// One is being answered.
    UnderWay(DiagnosticId),
    /// One counts, until that day.
    Valid(DiagnosticId, Day),
}

/// How far the actor's firm is.
pub(crate) async fn progress(base: &Base, actor: &Actor) -> Result<Progress, Problem> {
    let found = store::list(base.db.reads(), actor, None, &Window::first(100)).await?.items;
    let today = firms::day(base.db.reads(), actor, actor.organisation, base.clock.now()).await?;
    if let Some(draft) = found.iter().find(|diagnostic| diagnostic.state == DiagnosticState::Draft) {
        return Ok(Progress::UnderWay(draft.id));
    }
    let latest = found.iter().rev().find_map(|found| Some((found.id, found.valid_until?)));
    Ok(match latest {
        Some((id, last)) if last >= today => Progress::Valid(id, last),
        _ => Progress::Missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostics::{Answer, Content},
        foundation::{
            clock::Timestamp,
            ids::{AccountId, OrganisationId},
            page::{in_chile, samples},
            share::Share,
        },
    };

    fn own(state: DiagnosticState) -> Own {
        let instrument = instrument::for_kind(Kind::Supplier).unwrap();
        let at = Timestamp::from_micros(0);
        let diagnostic = Diagnostic {
            id: DiagnosticId(uuid::Uuid::nil()),
            organisation: OrganisationId(uuid::Uuid::nil()),
            instrument,
            authored: None,
            state,
            created_at: at,
            submitted_at: (state == DiagnosticState::Submitted).then_some(at),
            valid_until: (state == DiagnosticState::Submitted).then_some(at.day()),
            version: 3,
        };
        let given = |question: &Question| Given {
            question: question.code.clone(),
            provenance: Provenance::SelfDeclared,
            content: Content { answer: Answer::NotApplicable, scale: question.form.scale(), issuer: None },
            revision: 1,
            answered_at: at,
            answered_by: AccountId(uuid::Uuid::nil()),
            assisted: None,
        };
        let answers = instrument.questions.iter().take(2).map(given).collect();
        Own { diagnostic, answers }
    }

    #[test]
    fn points_have_the_decimal_mark_of_whoever_looks() {
        let (submitted, locale) = (own(DiagnosticState::Submitted), Locale::Es);
        let mut scored = Scored::new(&submitted, "1970-01-01".parse().unwrap(), locale);
        scored.whole.points = Some(show::points(Share::percent(95)));
        let title = submitted.instrument().title.get(locale).to_owned();
        let parts = show::parts(&submitted, locale);
        let html =
            in_chile(&ResultPage { title, diagnostic: submitted.diagnostic, scored, parts, changed: None });
        assert!(html.contains("95,0 de 100 puntos"), "{html}");
    }

    #[test]
    fn every_question_of_both_instruments_is_asked_in_both_languages() {
        for kind in [Kind::Supplier, Kind::LeadFirm] {
            let instrument = instrument::for_kind(kind).unwrap();
            for question in &instrument.questions {
                for locale in [Locale::Es, Locale::En] {
                    let asked = Asked::new(instrument, question, None, locale);
                    let (id, meanwhile) = (DiagnosticId(uuid::Uuid::nil()), Some("0".to_owned()));
                    samples(&QuestionPage { id, asked, version: 0, changing: false, meanwhile });
                }
            }
        }
    }

    #[test]
    fn every_page_is_shown_in_both_languages() {
        let (draft, submitted) = (own(DiagnosticState::Draft), own(DiagnosticState::Submitted));
        for locale in [Locale::Es, Locale::En] {
            let title = draft.instrument().title.get(locale).to_owned();
            let about = draft.instrument().about.get(locale).to_owned();
            let (id, dimensions) = (draft.diagnostic.id, show::dimensions(&draft, locale));
            samples(&TasksPage {
                id,
                title: title.clone(),
                about: about.clone(),
                dimensions,
                answered: 2,
                questions: 34,
                next: Some("quality-control"),
                may_answer: true,
            });
            let parts = show::parts(&draft, locale);
            samples(&CheckPage {
                id,
                version: 3,
                parts,
                open: 32,
                lasts_until: "2027-03-02".parse().unwrap(),
            });
            let scored = Scored::new(&submitted, "1970-01-01".parse().unwrap(), locale);
            let diagnostic = submitted.diagnostic.clone();
            let parts = show::parts(&submitted, locale);
            let changed = Some((id, Changed::sample(submitted.instrument(), locale)));
            let result =
                ResultPage { title: title.clone(), diagnostic: diagnostic.clone(), scored, parts, changed };
            samples(&result);
            samples(&ResultPage { changed: None, ..result });
            let (draft, submitted) = (Some(draft.diagnostic.clone()), vec![diagnostic]);
            samples(&BeginPage { title, about, questions: 34, draft, submitted, may_begin: true });
        }
    }
}
