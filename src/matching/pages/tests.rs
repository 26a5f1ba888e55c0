use eslabon_solver::{
    Instance, Outcome,
    outcome::{Award, Dependency, Price, RuleName, Status, TierChange, TierOutcome, TierPrice, Unmet, Worth},
    read,
};
use uuid::Uuid;

use super::*;
use crate::{
    foundation::{
        clock::Timestamp,
        ids::AccountId,
        page::{pictures, samples},
    },
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
            let answer = told.run.outcome.as_ref().map(|outcome| Answer::of(&told, outcome, locale, MOST));
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
fn a_runs_bars_and_flows_are_drawn_as_was_agreed() {
    let mut told = told(State::Finished);
    let outcome = told.run.outcome.as_mut().unwrap();
    let award = &outcome.awards[0];
    let more = Award { supplier: "t".to_owned(), amount: "3000".to_owned(), ..award.clone() };
    outcome.awards.push(more);
    let outcome = told.run.outcome.as_ref().unwrap();
    let answer = Some(Answer::of(&told, outcome, Locale::Es, MOST));
    let (programme, zone, others) = (told.programme, told.zone, Vec::new());
    let page = RunPage { programme, zone, run: told.run, answer, may_cancel: false, may_adopt: true, others };
    let [es, en] = samples(&page);
    insta::assert_snapshot!("run", pictures(&es));
    assert!(
        es.contains("70.0 % de lo adjudicado") && en.contains("<figcaption id=\"flows-picture\">"),
        "{es}"
    );
    assert!(es.contains("el 31.0 % de sus ventas va a un comprador ajeno al programa"), "{es}");
}

#[test]
fn every_rule_and_phase_has_a_name_in_both_languages() {
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
        assert!(RuleName::NAMES.iter().all(|rule| locale.has(&format!("solver-rule-{rule}"))));
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
    assert_eq!(differences, [Some("0"), Some("5")], "who gets nothing in one of them gets that much less");
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
    let whole = Outcome { dependency: [outcome.dependency.clone(), vec![idle]].concat(), ..outcome.clone() };
    let side = crate::matching::comparison::Side { instance: &instance, outcome: &whole };
    let largest = Comparison::of(&side, &side).largest_dependency.figure;
    assert_eq!((largest.this.as_deref(), largest.other.as_deref()), (Some("0.31"), Some("0.31")));
    assert_eq!(Answer::of(&told, &whole, Locale::Es, MOST).largest.as_deref(), Some("31⎖0"));
    let figure = Sides { this: Some("1".to_owned()), other: None };
    comparison.lots.push(crate::matching::comparison::Row { id: "l".to_owned(), figure, difference: None });
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
    let runs =
        vec![adopted, answered("null", "7", 5), answered("0.3", "6", 3), answered("0.3", "4", 4), elsewhere];
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
    let drawn = FrontierPage { programme: programme(), frontier: Some(frontier), may_create: true };
    insta::assert_snapshot!("frontier", pictures(&samples(&drawn)[0]));
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
