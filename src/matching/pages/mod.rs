//! Runs at the screen, for the institution: ask for one, watch it, read what it proposes and why, put two side by
//! side, see what each cap costs, and propose its awards.

mod frontier;
mod new;
mod show;
mod why_not;

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
mod tests {
    use eslabon_solver::{
        Instance, Outcome,
        outcome::{
            Award, Dependency, Price, RuleName, Status, TierChange, TierOutcome, TierPrice, Unmet, Worth,
        },
        read,
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        foundation::{clock::Timestamp, ids::AccountId, page::samples},
        matching::{
            Failure, Scenario, Step,
            store::telling::{Answered, LotName, Told},
        },
        programmes::{Programme, Rules},
    };

    fn instance(cap: &str) -> Instance {
        let json = r#"{"format": "eslabon-instance/1", "currency": "CLP", "dependency_cap": CAP, "buyers": [{"id": "b"}],
            "suppliers": [{"id": "s", "annual_sales": 1000}], "capacity": [{"supplier": "s", "process": "p", "amount": 9}],
            "lots": [{"id": "l", "buyer": "b", "process": "p", "quantity": 9, "reference_price": 1}],
            "pairs": [{"supplier": "s", "lot": "l", "unit_price": 1}]}"#;
        read::from_json(json.replace("CAP", cap).as_bytes()).unwrap().instance
    }

    fn outcome() -> Outcome {
        let rule = RuleName { rule: "dependency".to_owned(), subject: vec!["s".to_owned(), "b".to_owned()] };
        let texts = |text: &str| Some(text.to_owned());
        let tier = |name: &str, published: &str| TierOutcome {
            name: name.to_owned(),
            value: 7.,
            bound: 7.,
            gap: 2e-4,
            published: published.to_owned(),
            loss: 0.,
        };
        Outcome {
            status: eslabon_solver::outcome::Status::Optimal,
            tiers: vec![tier("coverage", "7"), tier("suppliers", "1"), tier("spread", "0.25")],
            awards: vec![Award {
                supplier: "s".to_owned(),
                lot: "l".to_owned(),
                consortium: texts("c"),
                quantity: 7,
                share: "0.777777778".to_owned(),
                amount: "7000".to_owned(),
                annual_amount: "7000".to_owned(),
            }],
            unmet: vec![Unmet { lot: "l".to_owned(), quantity: 2 }],
            dependency: [("b", "0.28"), ("elsewhere", "0.31")]
                .map(|(group, after)| Dependency {
                    supplier: "s".to_owned(),
                    group: group.to_owned(),
                    before: texts("0.1"),
                    after: texts(after),
                    cap: texts("0.3"),
                    row_use: None,
                    binding: true,
                })
                .to_vec(),
            prices: [("fit", -9e5), ("coverage", -2.), ("coverage", -1_630.3)]
                .map(|(name, by)| Price {
                    rule: rule.clone(),
                    step: "0.1".to_owned(),
                    estimate: None,
                    tiers: vec![TierPrice { name: name.to_owned(), tighter: Some(by), looser: Some(1e-9) }],
                })
                .to_vec(),
            worth: vec![Worth {
                gap: Uuid::nil().to_string(),
                supplier: "s".to_owned(),
                cost: texts("200"),
                lots: vec!["l".to_owned()],
                estimate: None,
                tiers: vec![TierChange { name: "coverage".to_owned(), change: 400. }],
            }],
            conflict: vec![rule],
            ..Outcome::blank("CLP")
        }
    }

    fn run(state: State) -> Run {
        let progress = eslabon_solver::solve::Progress {
            phase: "coverage".to_owned(),
            best: None,
            bound: None,
            seconds: 2.4,
        };
        let none = Uuid::nil();
        Run {
            id: RunId(none),
            programme: ProgrammeId(none),
            name: "Marzo <bis>".to_owned(),
            state,
            requested_by: AccountId(none),
            rules_version: 2,
            scenario: Some(Scenario { cap: Cap::Instead(Share::percent(25)), ..Scenario::default() }),
            fingerprint: "f".repeat(64),
            exchange_rates: Vec::new(),
            progress: Some(Step { sequence: 1, progress }),
            cancel_requested: false,
            outcome: (state == State::Finished).then(outcome),
            failure: (state == State::Failed)
                .then(|| Failure { cause: super::super::Cause::Crashed, detail: String::new() }),
            adopted_at: (state == State::Finished).then(|| Timestamp::from_micros(0)),
            adopted_by: None,
            created_at: Timestamp::from_micros(0),
            finished_at: None,
            version: 3,
        }
    }

    fn told(state: State) -> Told {
        let mut names = Names::default();
        let called = |name: &str| (name.to_owned(), format!("Firma <{name}>"));
        names.firms.extend(["s", "b"].map(called));
        let (name, requirement) = ("Ejes".to_owned(), "Repuestos".to_owned());
        names.lots.insert("l".to_owned(), LotName { name, requirement, unit: "pieza".to_owned() });
        Told {
            run: run(state),
            programme: "Redes".to_owned(),
            zone: Zone::default(),
            instance: instance("0.3"),
            names,
        }
    }

    fn programme() -> Programme {
        let currency = "CLP".parse().unwrap();
        Programme {
            id: ProgrammeId(Uuid::nil()),
            institution: crate::foundation::ids::OrganisationId(Uuid::nil()),
            name: "Redes <2026>".to_owned(),
            currency,
            starts_on: "2026-01-01".parse().unwrap(),
            ends_on: "2027-12-31".parse().unwrap(),
            time_zone: Zone::default(),
            locality: String::new(),
            state: programmes::State::Open,
            rules: Rules::standard(currency),
            rules_version: 1,
            version: 1,
        }
    }

    #[test]
    fn runs_are_shown_in_both_languages() {
        for state in State::ALL {
            for (locale, at) in [(Locale::Es, 0), (Locale::En, 1)] {
                let told = told(*state);
                let answer =
                    told.run.outcome.as_ref().map(|outcome| Answer::of(&told, outcome, locale, MOST));
                let page = RunPage {
                    programme: told.programme.clone(),
                    zone: told.zone.clone(),
                    run: told.run,
                    answer,
                    may_cancel: true,
                    may_adopt: true,
                    others: vec![("x".to_owned(), "Otra".to_owned())],
                };
                let html = &samples(&page)[at];
                assert!(!html.contains("<bis>") && !html.contains("<s>"), "names are escaped");
                assert_eq!(html.contains("\u{2212}1\u{202f}630"), *state == State::Finished, "{html}");
                if *state == State::Finished {
                    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
                    let (more, less) = (at("\u{2212}1\u{202f}630\u{a0}CLP"), at("\u{2212}2.0\u{a0}CLP"));
                    assert!(more < less, "what changes most comes first: {html}");
                    assert!(!html.contains("900\u{202f}000"), "what nobody can read is left out: {html}");
                    at(r##"<a href="#prices">"##);
                    at(&locale.text("match-exception"));
                    at(&locale.text_with("run-idle", &[("number", "1".to_owned())]));
                }
            }
        }
        for items in [Vec::new(), State::ALL.iter().map(|state| run(*state)).collect()] {
            samples(&RunsPage { programme: programme(), items, next: None, prev: None, may_create: true });
        }
        let told = told(State::Finished);
        let answer = Answer::of(&told, told.run.outcome.as_ref().unwrap(), Locale::Es, MOST);
        samples(&AdoptPage { run: told.run, answer });
    }

    #[test]
    fn every_rule_and_phase_has_a_name_in_both_languages() {
        let rules = [
            "demand",
            "min_coverage",
            "max_share",
            "min_share",
            "min_suppliers",
            "max_suppliers",
            "divisible",
            "must_award",
            "one_way",
            "max_awards",
            "min_total",
            "capacity",
            "budget",
            "max_supplier_share",
            "dependency",
            "hhi",
            "blocked",
            "development_budget",
            "fixed",
            "forbidden",
        ];
        let phases = [
            "build",
            "coverage",
            "fit",
            "cost",
            "suppliers",
            "spread",
            "publish",
            "check",
            "conflict",
            "explain",
        ];
        for locale in [Locale::Es, Locale::En] {
            assert!(rules.iter().all(|rule| locale.has(&format!("solver-rule-{rule}"))));
            assert!(phases.iter().all(|phase| locale.has(&format!("run-phase-{phase}"))));
        }
    }

    #[test]
    fn two_runs_stand_side_by_side() {
        let told = told(State::Finished);
        let (instance, outcome) = (instance("0.3"), outcome());
        let side = crate::matching::comparison::Side { instance: &instance, outcome: &outcome };
        let mut comparison = Comparison::of(&side, &side);
        assert!(comparison.lots.is_empty(), "only what differs");
        assert_eq!(comparison.awarded.figure.this.as_deref(), Some("1"));
        assert!(comparison.same_data);
        let (moved, more) = (
            Instance { sales: Vec::new(), capacity: Vec::new(), ..instance.clone() },
            Outcome {
                awards: outcome
                    .awards
                    .iter()
                    .cloned()
                    .chain([Award {
                        supplier: "t".to_owned(),
                        amount: "5".to_owned(),
                        ..outcome.awards[0].clone()
                    }])
                    .collect(),
                ..outcome.clone()
            },
        );
        let other =
            Comparison::of(&side, &crate::matching::comparison::Side { instance: &moved, outcome: &more });
        assert_eq!(other.awarded.difference.as_deref(), Some("1"));
        let differences: Vec<_> = other.suppliers.iter().map(|row| row.difference.as_deref()).collect();
        assert_eq!(
            differences,
            [Some("0"), Some("5")],
            "who gets nothing in one of them gets that much less"
        );
        assert!(!other.same_data, "capacities changed in between");
        let page = |comparison| ComparisonPage {
            this: run(State::Finished),
            other: run(State::Finished),
            comparison,
            names: told.names.clone(),
            currency: "CLP".to_owned(),
        };
        samples(&page(comparison.clone()));
        let html = &samples(&page(other))[0];
        assert!(html.contains("<td class=\"n\">+5\u{a0}CLP</td>"), "an increase has its sign: {html}");
        assert!(html.contains("<td class=\"n\">0\u{a0}CLP</td>"), "and what is the same has none: {html}");
        // As on the run's own page, only who gets something counts.
        let idle = Dependency { supplier: "idle".to_owned(), ..outcome.dependency[0].clone() };
        let idle = Dependency { after: Some("1".to_owned()), ..idle };
        let whole =
            Outcome { dependency: [outcome.dependency.clone(), vec![idle]].concat(), ..outcome.clone() };
        let side = crate::matching::comparison::Side { instance: &instance, outcome: &whole };
        let largest = Comparison::of(&side, &side).largest_dependency.figure;
        assert_eq!((largest.this.as_deref(), largest.other.as_deref()), (Some("0.31"), Some("0.31")));
        assert_eq!(Answer::of(&told, &whole, Locale::Es, MOST).largest.as_deref(), Some("31⎖0"));
        let figure = Sides { this: Some("1".to_owned()), other: None };
        comparison.lots.push(crate::matching::comparison::Row {
            id: "l".to_owned(),
            figure,
            difference: None,
        });
        samples(&page(comparison));
    }

    #[test]
    fn a_frontier_holds_runs_that_differ_in_the_cap_alone() {
        let answered = |cap: &str, coverage: &str, at: i64| {
            let mut outcome = outcome();
            outcome.tiers[0].published = coverage.to_owned();
            let (created_at, adopted_at) = (Timestamp::from_micros(at), None);
            let id = RunId(Uuid::from_u128(at.unsigned_abs().into()));
            let run = Run { id, adopted_at, created_at, ..run(State::Finished) };
            Answered { run, instance: instance(cap), outcome }
        };
        let without = |cap: &str, status: Status, at: i64| {
            let mut answered = answered(cap, "0", at);
            (answered.outcome.awards, answered.outcome.tiers) = (Vec::new(), Vec::new());
            answered.outcome.status = status;
            answered
        };
        let mut elsewhere = answered("0.2", "100", 1);
        elsewhere.instance.no_worsening = !elsewhere.instance.no_worsening;
        let mut adopted = answered("null", "8", 2);
        adopted.run.adopted_at = Some(Timestamp::from_micros(9));
        let runs = vec![
            adopted,
            answered("null", "7", 5),
            answered("0.3", "6", 3),
            answered("0.3", "4", 4),
            elsewhere,
        ];
        let frontier = Frontier::of(runs).unwrap();
        let points: Vec<_> = frontier.points.iter().map(|p| (p.cap.as_deref(), p.part.as_str())).collect();
        assert_eq!(
            points,
            [(Some("30⎖0"), "50⎖0"), (None, "100⎖0")],
            "of a cap the adopted one, else the latest; the loosest last"
        );
        assert!(frontier.points[1].is_adopted && !frontier.points[0].is_adopted);
        assert_eq!(frontier.others, 1, "another snapshot says nothing about this one's caps");
        assert_eq!(frontier.repeated, 2, "and what repeats a cap is counted apart");
        let (a, b) = (&frontier.points[0], &frontier.points[1]);
        assert!(a.x < b.x && a.y > b.y, "up and to the right");
        let (full, tightest) = frontier.finding().unwrap();
        assert_eq!((full.part.as_str(), tightest.part.as_str()), ("100⎖0", "50⎖0"));
        samples(&FrontierPage { programme: programme(), frontier: Some(frontier), may_create: true });
        let shown = |runs: Vec<Answered>| {
            let frontier = Frontier::of(runs);
            samples(&FrontierPage { programme: programme(), frontier, may_create: false })[0].clone()
        };
        let one = shown(vec![answered("0.3", "6", 3)]);
        assert!(!one.contains("<svg viewBox=") && one.contains("<table>"), "one point is no picture: {one}");
        shown(Vec::new());
        // A cap under which nothing is awarded is a point like every other; a run that was stopped says nothing.
        let (none, stopped) = (without("0.1", Status::Infeasible, 1), without("0.2", Status::Interrupted, 2));
        let html = shown(vec![answered("0.3", "6", 3), none, stopped.clone()]);
        assert!(html.contains("se cubre el 0.0 %") && html.contains("se adjudica el 0.0 %"), "{html}");
        assert!(html.contains(&Locale::Es.text("run-status-infeasible")), "{html}");
        assert_eq!(html.matches("<tr><th scope=\"row\">").count(), 2, "{html}");
        let [optimal, tighter] = [("0.1", 1), ("0.05", 2)].map(|(cap, at)| without(cap, Status::Optimal, at));
        assert!(shown(vec![optimal, tighter]).contains(&Locale::Es.text("frontier-nothing")));
        assert!(shown(vec![stopped]).contains(&Locale::Es.text("frontier-unanswered")));
    }
}
