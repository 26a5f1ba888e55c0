//! Gaps by hand, and what every analysis holds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::{
    Analysis, Light, Outcome, Reason, Unit, Unknown,
    analysis::{Peers, analyse},
};
use crate::{
    diagnostics::{Answer, Counted, Provenance, Standing, score::Scale},
    foundation::{clock::Day, figure::Figure, ids::DiagnosticId, share::Share},
    programmes::Thresholds,
    requirements::criteria::Criterion,
};

fn thresholds() -> Thresholds {
    Thresholds { green: Share::percent(80), yellow: Share::percent(50) }
}

fn today() -> Day {
    "2026-03-02".parse().unwrap()
}

fn number(text: &str) -> Answer {
    Answer::Number(text.parse().unwrap())
}

fn certificate(day: &str) -> Answer {
    Answer::Certificate(Some(day.parse().unwrap()))
}

/// A criterion: exigible and of criticality 3 unless `with` says otherwise.
fn criterion(question: &str, with: serde_json::Value) -> Criterion {
    let mut json = json!({"question": question, "necessity": "must", "criticality": 3});
    let serde_json::Value::Object(with) = with else { panic!("an object") };
    json.as_object_mut().unwrap().extend(with);
    serde_json::from_value(json).unwrap()
}

fn standing<'a>(answers: impl IntoIterator<Item = (&'a str, Answer)>) -> Standing {
    let counted = |answer| Counted {
        answer,
        scale: Scale::Steps(Vec::new()),
        issuer: None,
        provenance: Provenance::SelfDeclared,
    };
    let answers = answers.into_iter().map(|(question, answer)| (question.to_owned(), counted(answer)));
    let counted: BTreeMap<_, _> = answers.collect();
    Standing::Valid { diagnostic: DiagnosticId(uuid::Uuid::nil()), counted, knocked_out: false }
}

fn of(criteria: &[Criterion], standing: &Standing) -> Analysis {
    analyse(criteria, standing, &thresholds(), today())
}

/// The gap of one answer to one criterion: amount, unit, share, priority.
fn gap(with: serde_json::Value, answer: Answer) -> (String, Unit, String, String) {
    let analysis = of(&[criterion("q", with)], &standing([("q", answer)]));
    let gap = analysis.lines[0].gap.unwrap();
    (gap.amount.to_string(), gap.unit, gap.share.to_string(), gap.priority.to_string())
}

fn expected(amount: &str, unit: Unit, share: &str, priority: &str) -> (String, Unit, String, String) {
    (amount.to_owned(), unit, share.to_owned(), priority.to_owned())
}

#[test]
fn each_kind_of_criterion_has_its_own_gap() {
    let met = |unit| expected("0", unit, "0", "0");
    let level = json!({"kind": "level", "minimum": 4});
    assert_eq!(gap(level.clone(), Answer::Level(3)), expected("1", Unit::Level, "0.25", "0.75"));
    assert_eq!(gap(level, Answer::Level(4)), met(Unit::Level));

    let yes = json!({"kind": "boolean", "expected": true});
    assert_eq!(gap(yes.clone(), Answer::Boolean(false)), expected("1", Unit::Answer, "1", "3"));
    assert_eq!(gap(yes, Answer::Boolean(true)), met(Unit::Answer));

    let minimum = json!({"kind": "number", "minimum": "95"});
    assert_eq!(gap(minimum.clone(), number("76")), expected("19", Unit::Question, "0.2", "0.6"));
    assert_eq!(gap(minimum, number("95")), met(Unit::Question));

    // Mirrored: twice the maximum is as far away as half the minimum.
    let maximum = json!({"kind": "number", "maximum": "500"});
    assert_eq!(gap(maximum.clone(), number("1000")), expected("500", Unit::Question, "0.5", "1.5"));
    assert_eq!(gap(maximum, number("0")), met(Unit::Question));
    assert_eq!(gap(json!({"kind": "number", "maximum": "0"}), number("1")).2, "1");

    let between = json!({"kind": "number", "minimum": "10", "maximum": "20"});
    assert_eq!(gap(between.clone(), number("5")).2, "0.5");
    assert_eq!(gap(between.clone(), number("25")).2, "0.2");
    assert_eq!(gap(between, number("15")), met(Unit::Question));
    assert_eq!(gap(json!({"kind": "number", "expected": "8"}), number("10")).0, "2");
}

#[test]
fn a_certificate_must_be_in_force_and_last() {
    let now = json!({"kind": "certificate"});
    assert_eq!(gap(now.clone(), certificate("2026-03-02")), expected("0", Unit::Day, "0", "0"));
    assert_eq!(gap(now.clone(), certificate("2026-03-01")), expected("1", Unit::Certificate, "1", "3"));
    assert_eq!(gap(now, Answer::Certificate(None)), expected("1", Unit::Certificate, "1", "3"));
    let until = json!({"kind": "certificate", "valid_until": "2026-12-31"});
    assert_eq!(gap(until.clone(), certificate("2026-10-19")), expected("73", Unit::Day, "0.2", "0.6"));
    assert_eq!(gap(until, certificate("2026-12-31")), expected("0", Unit::Day, "0", "0"));
}

#[test]
fn what_it_takes_to_be_red_no_more_is_the_least() {
    let yes = |question: &str, more: serde_json::Value| {
        let mut with = json!({"kind": "boolean", "expected": true});
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        criterion(question, with)
    };
    let should = |weight: i64| json!({"necessity": "should", "weight": weight});
    let needed = |criteria: &[Criterion], no: &[&str]| {
        let answers =
            criteria.iter().map(|c| (c.question.as_str(), Answer::Boolean(!no.contains(&&*c.question))));
        let analysis = of(criteria, &standing(answers));
        let names =
            |found: Vec<&Criterion>| found.into_iter().map(|c| c.question.clone()).collect::<Vec<_>>();
        (analysis.light, analysis.to_open(&thresholds()).map(names))
    };
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let critical = json!({"criticality": 5});
    // What is critical, and nothing that would only fit better.
    let criteria =
        [yes("a", json!({})), yes("b", critical.clone()), yes("c", should(20)), yes("d", critical)];
    assert_eq!(needed(&criteria, &["b", "c"]), (Light::Red, names(&["b"])));
    assert_eq!(needed(&criteria, &["d", "a", "b"]), (Light::Red, names(&["b", "d"])));
    assert_eq!(needed(&criteria, &["a"]), (Light::Yellow, None));
    // 20 of 200 fit: the heaviest brings it to 120.
    let criteria = [yes("e", should(20)), yes("f", should(40)), yes("g", should(100)), yes("h", should(40))];
    assert_eq!(needed(&criteria, &["f", "g", "h"]), (Light::Red, names(&["g"])));
    // Whom it takes a diagnostic, no criterion helps.
    assert_eq!(of(&criteria, &Standing::Missing).to_open(&thresholds()), None);
}

#[test]
fn what_nobody_has_answered_is_unknown_and_no_gap() {
    let criteria = [criterion("q", json!({"kind": "level", "minimum": 2}))];
    let unknown = |standing: &Standing| {
        let analysis = of(&criteria, standing);
        let line = &analysis.lines[0];
        assert_eq!((line.outcome, line.gap, analysis.coverage), (Outcome::Unknown, None, Share::NONE));
        line.unknown.unwrap()
    };
    assert_eq!(unknown(&standing([])), Unknown::NotAnswered);
    assert_eq!(unknown(&standing([("q", Answer::NotApplicable)])), Unknown::NotApplicable);
    assert_eq!(unknown(&standing([("q", number("3"))])), Unknown::OtherKind);
    assert_eq!(unknown(&Standing::Missing), Unknown::NoDiagnostic);
}

/// Light and reasons for the levels given to two questions, the second desirable with weight 100.
fn light(criticality: i64, must: u8, should: u8) -> (Light, Vec<Reason>) {
    let criteria = [
        criterion("must", json!({"kind": "level", "minimum": 4, "criticality": criticality})),
        criterion("should", json!({"kind": "level", "minimum": 4, "necessity": "should", "weight": 100})),
    ];
    let analysis =
        of(&criteria, &standing([("must", Answer::Level(must)), ("should", Answer::Level(should))]));
    (analysis.light, analysis.reasons)
}

#[test]
fn the_light_follows_musts_and_thresholds() {
    assert_eq!(light(5, 4, 4), (Light::Green, vec![]));
    assert_eq!(light(5, 4, 3), (Light::Green, vec![]));
    assert_eq!(light(5, 4, 2), (Light::Yellow, vec![Reason::FitBelowGreen]));
    assert_eq!(light(4, 3, 4), (Light::Yellow, vec![Reason::MustOpen]));
    assert_eq!(light(5, 3, 4), (Light::Red, vec![Reason::CriticalOpen]));
    assert_eq!(light(4, 3, 0), (Light::Red, vec![Reason::FitBelowYellow, Reason::MustOpen]));
}

#[test]
fn without_a_diagnostic_that_counts_the_light_is_red_and_says_why() {
    let diagnostic = DiagnosticId(uuid::Uuid::nil());
    let knocked_out = Standing::Valid { diagnostic, counted: BTreeMap::new(), knocked_out: true };
    for (standing, reason) in [
        (Standing::Missing, Reason::NoDiagnostic),
        (Standing::Expired { diagnostic }, Reason::DiagnosticExpired),
        (knocked_out, Reason::KnockedOut),
    ] {
        let analysis = of(&[], &standing);
        assert_eq!((analysis.light, analysis.reasons), (Light::Red, vec![reason]));
    }
    // Who demands nothing is served by whoever has a diagnostic.
    assert_eq!((of(&[], &standing([])).light, of(&[], &standing([])).fit), (Light::Green, Share::ALL));
}

#[test]
fn between_groups_one_is_enough_and_within_one_all_must_hold() {
    let criteria = [
        criterion("price-list", json!({"kind": "boolean", "expected": true})),
        criterion("iso", json!({"kind": "certificate", "group": "certified"})),
        criterion("control", json!({"kind": "level", "minimum": 3, "group": "own control"})),
        criterion("standards", json!({"kind": "level", "minimum": 3, "group": "own control"})),
    ];
    let chosen = |answers: &[(&str, Answer)]| {
        let common = [("price-list", Answer::Boolean(true))];
        let analysis = of(&criteria, &standing(common.into_iter().chain(answers.iter().copied())));
        let counts: Vec<_> = analysis.lines.iter().map(|line| line.counts).collect();
        (analysis.light, analysis.group.unwrap(), counts)
    };
    let (level, held) = (Answer::Level, certificate("2027-01-01"));
    let certified = (Light::Green, "certified".to_owned(), vec![true, true, false, false]);
    assert_eq!(chosen(&[("iso", held)]), certified);
    let controlled = (Light::Green, "own control".to_owned(), vec![true, false, true, true]);
    assert_eq!(chosen(&[("control", level(3)), ("standards", level(4))]), controlled);
    // Half of each group is neither.
    let (light, group, _) =
        chosen(&[("iso", Answer::Certificate(None)), ("control", level(3)), ("standards", level(2))]);
    assert_eq!((light, group.as_str()), (Light::Yellow, "own control"));
}

#[test]
fn the_better_light_goes_before_the_better_fit() {
    let level = |question: &str, group: &str, more: serde_json::Value| {
        let mut with = json!({"kind": "level", "minimum": 4, "criticality": 5, "group": group});
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        criterion(question, with)
    };
    let should = || json!({"necessity": "should", "weight": 100});
    let criteria = [
        level("almost", "fits better", json!({})),
        level("there", "fits better", should()),
        level("there", "allows an award", json!({})),
        level("hardly", "allows an award", should()),
    ];
    let answers = [("almost", 3), ("there", 4), ("hardly", 1)].map(|(q, level)| (q, Answer::Level(level)));
    let analysis = of(&criteria, &standing(answers));
    assert_eq!(analysis.group.as_deref(), Some("allows an award"));
    assert_eq!((analysis.light, analysis.fit.to_string()), (Light::Yellow, "0.625".to_owned()));
}

#[test]
fn the_best_peer_shows_only_among_five_others_and_is_never_oneself() {
    let criteria = [criterion("ppm", json!({"kind": "number", "maximum": "500"}))];
    let standings: Vec<_> = ["100", "700", "600", "400", "900", "800"]
        .map(|ppm| standing([("ppm", number(ppm))]))
        .into_iter()
        .chain([standing([]), Standing::Missing])
        .collect();
    let peers = Peers::among(&criteria, &standings, today());
    assert_eq!(peers.beside(0), [Some(number("400"))]);
    assert_eq!(peers.beside(1), [Some(number("100"))]);
    assert_eq!(peers.beside(7), [Some(number("100"))]);
    // Five in all are four others for each of them.
    let peers = Peers::among(&criteria, &standings[1..], today());
    assert_eq!((peers.beside(0), peers.beside(6)), (vec![None], vec![Some(number("400"))]));
}

/// Criteria on level questions, in up to three groups.
fn criteria() -> impl Strategy<Value = Vec<Criterion>> {
    let one = (0..6_u8, 1..=4_u8, 1..=5_u8, proptest::option::of(1..=100_u8), proptest::option::of(0..3_u8));
    let one = one.prop_map(|(question, minimum, criticality, weight, group)| {
        let mut with = json!({"kind": "level", "minimum": minimum, "criticality": criticality});
        if let Some(weight) = weight {
            with["necessity"] = json!("should");
            with["weight"] = json!(weight);
        }
        if let Some(group) = group {
            with["group"] = json!(group.to_string());
        }
        criterion(&question.to_string(), with)
    });
    proptest::collection::vec(one, 0..8)
}

fn answers() -> impl Strategy<Value = BTreeMap<u8, u8>> {
    proptest::collection::btree_map(0..6_u8, 0..=4_u8, 0..6)
}

fn standing_of(levels: &BTreeMap<u8, u8>) -> Standing {
    let names: Vec<_> = levels.iter().map(|(question, level)| (question.to_string(), *level)).collect();
    standing(names.iter().map(|(question, level)| (question.as_str(), Answer::Level(*level))))
}

proptest! {
    #[test]
    fn gap_share_and_outcome_say_the_same(criteria in criteria(), answers in answers()) {
        let analysis = of(&criteria, &standing_of(&answers));
        prop_assert_eq!(analysis.lines.len(), criteria.len());
        for line in &analysis.lines {
            let met = line.outcome == Outcome::Met;
            prop_assert_eq!(met, line.gap.is_some_and(|gap| gap.amount == Figure::ZERO));
            prop_assert_eq!(met, line.gap.is_some_and(|gap| gap.share == Share::NONE));
            prop_assert_eq!(line.gap.is_none(), line.unknown.is_some());
        }
        let all_met = analysis.lines.iter().filter(|line| line.counts).all(|line| line.outcome == Outcome::Met);
        prop_assert_eq!(all_met, analysis.fit == Share::ALL);
        prop_assert!(analysis.fit <= analysis.coverage);
        prop_assert_eq!(analysis.light == Light::Green, analysis.reasons.is_empty());
    }

    #[test]
    fn a_better_answer_or_a_first_one_never_harms(
        criteria in criteria(), answers in answers(), question in 0..6_u8,
    ) {
        let before = of(&criteria, &standing_of(&answers));
        let mut better = answers;
        better.entry(question).and_modify(|level| *level = (*level + 1).min(4)).or_insert(0);
        let after = of(&criteria, &standing_of(&better));
        prop_assert!(after.light <= before.light);
        prop_assert!(after.light < before.light || after.fit >= before.fit);
    }

    #[test]
    fn green_means_that_every_must_holds_in_one_group(criteria in criteria(), answers in answers()) {
        let analysis = of(&criteria, &standing_of(&answers));
        let counted = || analysis.lines.iter().filter(|line| line.counts);
        if analysis.light == Light::Green {
            prop_assert!(counted().filter(|l| l.criterion.is_must()).all(|l| l.outcome == Outcome::Met));
        }
        // Exactly the criteria without a group and those of the chosen one count.
        prop_assert!(counted().all(|l| l.criterion.group.is_none() || l.criterion.group == analysis.group));
    }

    #[test]
    fn the_order_of_the_criteria_changes_no_verdict(criteria in criteria(), answers in answers()) {
        let standing = standing_of(&answers);
        let reversed: Vec<_> = criteria.iter().rev().cloned().collect();
        let (one, other) = (of(&criteria, &standing), of(&reversed, &standing));
        prop_assert_eq!((one.light, one.fit), (other.light, other.fit));
    }

    #[test]
    fn a_second_way_never_darkens_the_light(criteria in criteria(), answers in answers(), level in 1..=4_u8) {
        let grouped = criteria.iter().any(|criterion| criterion.group.is_some());
        let mut wider = criteria.clone();
        wider.push(criterion("0", json!({"kind": "level", "minimum": level, "group": "another"})));
        let standing = standing_of(&answers);
        prop_assume!(grouped);
        prop_assert!(of(&wider, &standing).light <= of(&criteria, &standing).light);
    }
}
