//! Runs at the screen, for the institution: ask for one, watch it, read what it proposes and why, put two side by
//! side, see what each cap costs, and propose its awards.

mod flows;
mod frontier;
mod new;
mod show;
mod why_not;
mod why_unmet;

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};

use self::{
    frontier::Frontier,
    show::{Answer, MOST, percent},
};
use super::{
    Adopt, Adopting, Cancel, Cap, Compare, Create, Follow, List, Read, Run, State,
    api::follow,
    comparison::{Comparison, Sides},
    store::{
        explaining, runs,
        telling::{self, Names},
    },
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        fields::{Fields, Input, Nothing},
        http::{
            Key, Params, Reply,
            list::{Page as ListPage, Paged},
        },
        i18n::Locale,
        ids::{ProgrammeId, RunId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    programmes,
};

/// So many runs stand on one page.
const PAGE: u64 = 50;
/// So many of the latest runs are looked through for a frontier, each with its snapshot.
const FRONTIER: u64 = 30;
/// So many of the latest runs can be chosen to compare with.
const OTHERS: u64 = 100;

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new()
        .route("/programmes/{id}/runs", get(list))
        .route("/programmes/{id}/frontier", get(frontier_page))
        .route("/runs/{id}", get(read))
        .route("/runs/{id}/events", get(events))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/runs/{id}/adopt", get(adopt_page).post(adopt))
        .route("/runs/{id}/comparison", get(compare))
        .merge(new::routes())
        .merge(why_not::routes())
        .merge(why_unmet::routes())
}

fn address(id: RunId) -> String {
    format!("/runs/{id}")
}

/// How a state is coloured; its name stands beside.
const fn tone(run: &Run) -> &'static str {
    match run.state {
        State::Finished if run.adopted_at.is_some() => "good",
        State::Finished | State::Running => "now",
        State::Queued | State::Cancelled => "",
        State::Failed => "bad",
    }
}

/// The word for where a run is.
const fn stand(run: &Run) -> &'static str {
    match run.state {
        State::Queued => "queued",
        State::Running => "running",
        State::Finished if run.adopted_at.is_some() => "adopted",
        State::Finished => "finished",
        State::Failed => "failed",
        State::Cancelled => "cancelled",
    }
}

/// Which cap a run was asked for: the key of its text, and the cap.
fn cap_of(run: &Run) -> (&'static str, Option<Share>) {
    match run.scenario.as_ref().map(|scenario| scenario.cap) {
        Some(Cap::Instead(share)) => ("run-cap-instead", Some(share)),
        Some(Cap::Without) => ("run-cap-without", None),
        Some(Cap::Programme) | None => ("run-cap-programme", None),
    }
}

/// The runs of a programme.
#[derive(Template)]
#[template(path = "matching/pages/list.html")]
struct RunsPage {
    programme: programmes::Programme,
    items: Vec<Run>,
    next: Option<String>,
    prev: Option<String>,
    may_create: bool,
}

impl RunsPage {
    fn address(&self) -> String {
        format!("/programmes/{}/runs?", self.programme.id)
    }

    /// Whether there are two to put side by side.
    fn can_compare(&self) -> bool {
        self.items.iter().filter(|run| run.state == State::Finished).count() > 1
    }
}

impl Page for RunsPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("runs-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn list(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Key(id): Key<ProgrammeId>,
    Params(Paged(window)): Params<Paged<PAGE>>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let programme = programmes::store::find(db, actor, id).await?;
    let ListPage { items, next, prev } = runs::list(db, actor, id, &window).await?;
    let may_create = actor.may::<Create>().is_ok() && programme.state == programmes::State::Open;
    show(&view, &RunsPage { programme, items, next, prev, may_create })
}

/// A run: where it is, or what it proposes and why.
#[derive(Template)]
#[template(path = "matching/pages/run.html")]
struct RunPage {
    programme: String,
    zone: Zone,
    run: Run,
    answer: Option<Answer>,
    may_cancel: bool,
    may_adopt: bool,
    /// Other finished runs to compare with.
    others: Vec<(String, String)>,
}

impl Page for RunPage {
    fn title(&self, _: Locale) -> String {
        self.run.name.clone()
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn run_page(base: &Base, view: &View, actor: &Actor, id: RunId) -> Result<RunPage, Problem> {
    let db = base.db.reads();
    let told = telling::tell(db, actor, id).await?;
    let answer =
        told.run.outcome.as_ref().map(|outcome| Answer::of(&told, outcome, view.locale, view.most(MOST)));
    let all = runs::finished(db, actor, told.run.programme, OTHERS).await?;
    let others = all.into_iter().filter(|run| run.id != id);
    Ok(RunPage {
        may_cancel: actor.may::<Cancel>().is_ok() && !told.run.state.is_final() && !told.run.cancel_requested,
        may_adopt: actor.may::<Adopt>().is_ok()
            && told.run.adopted_at.is_none()
            && answer.as_ref().is_some_and(Answer::has_awards),
        others: others.map(|run| (run.id.to_string(), run.name)).collect(),
        programme: told.programme,
        zone: told.zone,
        run: told.run,
        answer,
    })
}

async fn read(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Read>,
    Key(id): Key<RunId>,
) -> Result<Response, Problem> {
    show(&view, &run_page(&base, &view, may.actor(), id).await?)
}

/// The progress as the page says it.
#[expect(clippy::unnecessary_wraps, reason = "the stream takes it so")]
fn said(run: Run, locale: Locale) -> Option<serde_json::Value> {
    let step = run.progress.map(|step| step.progress);
    let phase = step.as_ref().map(|progress| locale.text(&format!("run-phase-{}", progress.phase)));
    let seconds = step.map(|progress| format!("{:.0}", progress.seconds));
    let state = locale.text("run-going-on");
    Some(serde_json::json!({ "state": state, "phase": phase, "seconds": seconds }))
}

async fn events(
    Shared(base): Shared<Base>,
    may: May<Follow>,
    Key(id): Key<RunId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    follow(base, *may.actor(), id, &headers, said).await
}

async fn cancel(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Cancel>,
    Key(id): Key<RunId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let done = base.write(may, form.once, async |w| {
        runs::request_cancel(&w, id).await?;
        Ok(w.done(Reply::see_other(address(id))))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &run_page(&base, &view, &actor, id).await?, problem, form.typed)
    })
    .await
}

/// What adopting a run would do, before it is done.
#[derive(Template)]
#[template(path = "matching/pages/adopt.html")]
struct AdoptPage {
    run: Run,
    answer: Answer,
}

impl Page for AdoptPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("run-adopt-title")
    }
}

impl AdoptPage {
    async fn of(base: &Base, view: &View, actor: &Actor, id: RunId) -> Result<Self, Problem> {
        let told = telling::tell(base.db.reads(), actor, id).await?;
        let outcome = told.run.outcome.as_ref();
        let outcome = outcome.ok_or_else(|| Problem::conflict("run-without-answer").with("run", id))?;
        let answer = Answer::of(&told, outcome, view.locale, view.most(MOST));
        Ok(Self { answer, run: told.run })
    }
}

async fn adopt_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Adopt>,
    Key(id): Key<RunId>,
) -> Result<Response, Problem> {
    show(&view, &AdoptPage::of(&base, &view, may.actor(), id).await?)
}

async fn adopt(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Adopt>,
    Key(id): Key<RunId>,
    form: Form<Adopting>,
) -> Result<Response, Problem> {
    let (actor, typed) = (*may.actor(), form.typed.clone());
    let done = form.change(&base, may, async |w, version, adopting| {
        runs::adopt(w, id, version, &adopting).await?;
        Ok(address(id))
    });
    or_again(done.await, async |problem| {
        show_again(&view, &AdoptPage::of(&base, &view, &actor, id).await?, problem, typed)
    })
    .await
}

/// Two runs side by side.
#[derive(Template)]
#[template(path = "matching/pages/comparison.html")]
struct ComparisonPage {
    this: Run,
    other: Run,
    comparison: Comparison,
    names: Names,
    currency: String,
}

impl Page for ComparisonPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("comparison-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

impl ComparisonPage {
    /// A figure of an aim.
    fn figure(&self, tier: &str, text: Option<&String>) -> String {
        match (text, tier) {
            (None, _) => "–".to_owned(),
            (Some(text), "suppliers") => filters::grouped(text),
            (Some(text), "spread") => {
                percent(text).map_or_else(|| text.clone(), |text| format!("{text}\u{202f}%"))
            }
            (Some(text), _) => show::amount(text, &self.currency),
        }
    }

    fn share(text: Option<&String>) -> String {
        text.and_then(|text| percent(text)).map_or_else(|| "–".to_owned(), |text| format!("{text}\u{202f}%"))
    }

    fn shares(sides: &Sides) -> (String, String) {
        (Self::share(sides.this.as_ref()), Self::share(sides.other.as_ref()))
    }

    fn amounts(&self, sides: &Sides) -> (String, String) {
        (self.figure("cost", sides.this.as_ref()), self.figure("cost", sides.other.as_ref()))
    }

    fn count(text: Option<&String>) -> String {
        text.map_or_else(|| "–".to_owned(), |text| filters::grouped(text))
    }

    /// A difference: what is more has its sign, as what is less has.
    fn more(shown: String) -> String {
        let is_nothing = !shown.chars().any(|c| matches!(c, '1'..='9'));
        if is_nothing || shown.starts_with('\u{2212}') { shown } else { format!("+{shown}") }
    }

    /// How many units of a lot each side awards.
    fn units(sides: &Sides) -> (String, String) {
        (Self::count(sides.this.as_ref()), Self::count(sides.other.as_ref()))
    }
}

struct With(RunId);

impl Input for With {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self(f.required("with")?))
    }
}

async fn compare(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Compare>,
    Key(id): Key<RunId>,
    Params(With(with)): Params<With>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let comparison = explaining::compare(db, actor, id, with).await?;
    let (this, other) = (telling::tell(db, actor, id).await?, telling::tell(db, actor, with).await?);
    let currency = this.instance.currency.clone();
    let mut names = this.names;
    names.firms.extend(other.names.firms);
    names.lots.extend(other.names.lots);
    show(&view, &ComparisonPage { this: this.run, other: other.run, comparison, names, currency })
}

/// What each cap costs.
#[derive(Template)]
#[template(path = "matching/pages/frontier.html")]
struct FrontierPage {
    programme: programmes::Programme,
    frontier: Option<Frontier>,
    may_create: bool,
}

impl Page for FrontierPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("frontier-title")
    }

    fn is_wide(&self) -> bool {
        true
    }
}

async fn frontier_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<List>,
    Key(id): Key<ProgrammeId>,
) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let programme = programmes::store::find(db, actor, id).await?;
    let answered = telling::answered(db, actor, id, FRONTIER).await?;
    let may_create = actor.may::<Create>().is_ok() && programme.state == programmes::State::Open;
    show(&view, &FrontierPage { programme, frontier: Frontier::of(answered), may_create })
}

#[cfg(test)]
mod tests;
