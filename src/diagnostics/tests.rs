//! What an instrument must be, and what scores must hold.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{
    Answer, Counted, NewAnswer, NewVerification, Provenance,
    instrument::{self, Form, Instrument},
    score::{self, Band, Scale, Scores},
    valid_until,
};
use crate::foundation::{access::Kind, clock::Day, fields::Fields, share::Share};

/// The supplier's instrument in its first version: what is computed by hand here stays right when there is a
/// newer one.
fn supplier() -> &'static Instrument {
    instrument::find("supplier", 1).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn today() -> Day {
    day("2026-03-02")
}

/// The counted answers that these values give.
fn answers(values: &[(&str, Json)]) -> BTreeMap<String, Counted> {
    let given = values.iter().map(|(code, value)| {
        let form = &supplier().question(code).unwrap().form;
        let answer = if value.is_null() { Answer::NotApplicable } else { form.read(value).unwrap() };
        (
            (*code).to_owned(),
            Counted { answer, scale: form.scale(), issuer: None, provenance: Provenance::SelfDeclared },
        )
    });
    given.collect()
}

fn scores(values: &[(&str, Json)]) -> Scores {
    score::scores(supplier(), &answers(values), today())
}

fn of_dimension(scores: &Scores, code: &str) -> (Option<String>, String) {
    let (_, score) = scores.dimensions.iter().find(|(dimension, _)| *dimension == code).unwrap();
    (score.share.map(Share::to_percent), score.coverage.to_percent())
}

#[test]
fn the_shipped_instruments_are_whole_and_nothing_in_their_files_is_overlooked() {
    let files = [
        include_str!("instruments/supplier-1.json"),
        include_str!("instruments/lead-firm-1.json"),
        include_str!("instruments/supplier-2.json"),
        include_str!("instruments/lead-firm-2.json"),
    ];
    assert_eq!(files.len(), instrument::all().len());
    for (file, read) in files.iter().zip(instrument::all()) {
        assert_eq!(read.flaws(), []);
        // A misspelt field would be read as absent; written again it would be missing.
        assert_eq!(serde_json::to_value(read).unwrap(), serde_json::from_str::<Json>(file).unwrap());
    }
    let size = |kind| {
        let instrument = instrument::for_kind(kind).unwrap();
        (instrument.dimensions.len(), instrument.questions.len())
    };
    assert_eq!((size(Kind::Supplier), size(Kind::LeadFirm)), ((10, 63), (6, 25)));
    assert!(instrument::for_kind(Kind::Institution).is_none());
}

#[test]
fn an_authors_mistakes_are_all_told() {
    let mut broken = supplier().clone();
    broken.dimensions[0].name.en = " ".to_owned();
    broken.questions[0].code = "Not a code".to_owned();
    broken.questions[1].dimension = "nowhere".to_owned();
    broken.questions[2].minimum = Some(101);
    if let Form::Number { scale, .. } = &mut broken.questions[3].form {
        scale.swap(0, 1);
    }
    if let Form::Level { levels } = &mut broken.questions[4].form {
        levels[1].points = levels[2].points;
    }
    let told: Vec<_> = broken.flaws().into_iter().map(|flaw| flaw.to_string()).collect();
    assert_eq!(
        told,
        [
            "management: the name lacks a language",
            "Not a code: the code is malformed or stands twice",
            "management-indicators: there is no such dimension",
            "management-succession: the minimum must be at most 100",
            "customers-largest-share: the marks must stand in rising order",
            "customers-complaints: the points must rise with the levels",
        ]
    );
}

#[test]
fn an_answer_of_the_wrong_kind_is_refused_with_what_would_do() {
    let refused = |code: &str, value: Json| {
        let fault = supplier().question(code).unwrap().form.read(&value).unwrap_err();
        (fault.0, fault.1.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" | "))
    };
    let levels = ("no-such-level", "0, 1, 2, 3, 4".to_owned());
    for value in [json!(5), json!(-1), json!(2.5), json!("high"), json!(true), json!([2])] {
        assert_eq!(refused("quality-control", value), levels);
    }
    assert_eq!(refused("delivery-on-time", json!("100.5")), ("out-of-range", "0 | 100".to_owned()));
    assert_eq!(refused("delivery-on-time", json!("97,5")).0, "not-a-figure");
    assert_eq!(refused("environment-taxes", json!("perhaps")).0, "not-yes-or-no");
    assert_eq!(refused("quality-iso-9001", json!("2026-02-30")).0, "not-an-expiry");
    assert_eq!(refused("quality-iso-9001", json!(true)).0, "not-an-expiry");
}

#[test]
fn a_request_answers_or_says_that_it_does_not_apply() {
    let read = |json: Json| Fields::from_json::<NewAnswer>(json.to_string().as_bytes());
    let faults = |json: Json| read(json).unwrap_err().errors.into_iter().map(|e| e.code).collect::<Vec<_>>();
    assert_eq!(faults(json!({"revision": 1})), ["answer-or-not-applicable"]);
    assert_eq!(faults(json!({"value": 2, "not_applicable": true, "revision": 0})).len(), 2);
    let absent = read(json!({"not_applicable": true, "revision": 1})).unwrap();
    let content = absent.content(supplier().question("quality-control").unwrap()).unwrap();
    assert_eq!(
        (content.answer, content.scale),
        (Answer::NotApplicable, Scale::Steps(vec![0, 25, 50, 75, 100]))
    );

    let verified = json!({"value": 2, "revision": 1, "provenance": "self_declared"}).to_string();
    let problem = Fields::from_json::<NewVerification>(verified.as_bytes()).unwrap_err();
    assert_eq!(problem.errors[0].pointer, "/provenance");
}

#[test]
fn what_is_not_answered_is_neither_nothing_nor_all() {
    let nothing = scores(&[]);
    assert_eq!((nothing.whole.share, nothing.whole.coverage), (None, Share::NONE));

    // Weights of the dimension quality: control 3, standards 3, defects 3, traceability 2, ISO 9001 1.
    let one = scores(&[("quality-control", json!(3))]);
    assert_eq!(of_dimension(&one, "quality"), (Some("75.0".to_owned()), "25.0".to_owned()));
    // 4 of 24 dimension weights, covered by a quarter.
    assert_eq!(one.whole.share, Some(Share::percent(75)));
    assert_eq!(one.whole.coverage.to_percent(), "4.2");
}

#[test]
fn what_does_not_apply_leaves_the_denominator() {
    let applies = [("quality-control", json!(3)), ("quality-standards", json!(1))];
    let mut without = applies.to_vec();
    without.push(("quality-iso-9001", Json::Null));
    assert_eq!(of_dimension(&scores(&applies), "quality"), (Some("50.0".to_owned()), "50.0".to_owned()));
    assert_eq!(of_dimension(&scores(&without), "quality"), (Some("50.0".to_owned()), "54.5".to_owned()));
    let none = scores(&[
        ("people-training", Json::Null),
        ("people-safety", Json::Null),
        ("people-accidents", Json::Null),
    ]);
    assert_eq!(of_dimension(&none, "people"), (None, "100.0".to_owned()));
}

#[test]
fn a_number_is_worth_what_lies_between_two_marks() {
    let worth = |text: &str| {
        let points = |code: &str| {
            let form = &supplier().question(code).unwrap().form;
            form.scale().points(&form.read(&json!(text)).unwrap(), today()).unwrap().to_percent()
        };
        points("delivery-on-time")
    };
    // Marks: 60 % → 0, 80 % → 40, 90 % → 65, 95 % → 85, 99 % → 100.
    let expected =
        [("0", "0.0"), ("60", "0.0"), ("70", "20.0"), ("92.5", "75.0"), ("95", "85.0"), ("100", "100.0")];
    for (text, points) in expected {
        assert_eq!(worth(text), points, "{text}");
    }
}

#[test]
fn a_certificate_counts_until_it_expires() {
    let with = |expiry: &str| {
        let scores = scores(&[("quality-iso-9001", json!(expiry))]);
        of_dimension(&scores, "quality").0.unwrap()
    };
    assert_eq!((with("2026-03-02"), with("2026-03-01")), ("100.0".to_owned(), "0.0".to_owned()));
}

#[test]
fn an_answer_below_the_minimum_knocks_out_whatever_the_rest() {
    assert_eq!(scores(&[("quality-control", json!(1))]).knocked_out, [""; 0]);
    let out = scores(&[("quality-control", json!(0)), ("environment-taxes", json!(false))]);
    assert_eq!(out.knocked_out, ["quality-control", "environment-taxes"]);
}

#[test]
fn the_strongest_provenance_counts_in_whatever_order_the_answers_come() {
    let given = |provenance, level| super::Given {
        question: "quality-control".to_owned(),
        provenance,
        content: super::Content {
            answer: Answer::Level(level),
            scale: Scale::Steps(vec![0, 25, 50, 75, 100]),
            issuer: None,
        },
        revision: 1,
        answered_at: crate::foundation::clock::Timestamp::from_micros(0),
        answered_by: crate::foundation::ids::AccountId(uuid::Uuid::nil()),
        assisted: None,
    };
    let own = given(Provenance::SelfDeclared, 4);
    let (document, visit) = (given(Provenance::Document, 3), given(Provenance::Visit, 1));
    for order in [[&own, &document, &visit], [&visit, &own, &document]] {
        let counted = super::counted(order.into_iter().cloned());
        assert_eq!(counted["quality-control"].answer, Answer::Level(1));
    }
}

#[test]
fn bands_are_those_of_the_itc() {
    let band = |ppm| Band::of(Share::from_ppm(ppm).unwrap());
    assert_eq!((band(204_999), band(205_000)), (Band::Weak, Band::BelowAverage));
    assert_eq!((band(400_000), band(410_000)), (Band::BelowAverage, Band::Average));
    assert_eq!(
        (band(600_000), band(800_000), band(1_000_000)),
        (Band::Average, Band::VeryGood, Band::Excellent)
    );
}

#[test]
fn a_diagnostic_lasts_a_year_also_from_a_leap_day() {
    assert_eq!(valid_until(day("2026-03-02")), day("2027-03-02"));
    assert_eq!(valid_until(day("2028-02-29")), day("2029-02-28"));
}

/// Any answer to any of the supplier's questions of levels.
fn levels() -> impl Strategy<Value = Vec<(&'static str, u8)>> {
    let questions = supplier().questions.iter().filter(|q| matches!(q.form, Form::Level { .. }));
    let codes: Vec<_> = questions.map(|question| question.code.as_str()).collect();
    let count = codes.len();
    (proptest::sample::subsequence(codes, 0..=count), proptest::collection::vec(0..=4_u8, count))
        .prop_map(|(codes, levels)| codes.into_iter().zip(levels).collect())
}

fn of_levels(levels: &[(&str, u8)]) -> Scores {
    scores(&levels.iter().map(|(code, level)| (*code, json!(level))).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn a_better_answer_never_lowers_the_score(given in levels(), at in any::<proptest::sample::Index>()) {
        prop_assume!(!given.is_empty());
        let mut better = given.clone();
        let at = at.index(given.len());
        better[at].1 = (better[at].1 + 1).min(4);
        let (before, after) = (of_levels(&given), of_levels(&better));
        prop_assert!(after.whole.share >= before.whole.share);
        prop_assert_eq!(after.whole.coverage, before.whole.coverage);
        prop_assert!(after.knocked_out.len() <= before.knocked_out.len());
    }

    #[test]
    fn equal_answers_score_alike_however_many_there_are(given in levels(), level in 0..=4_u8) {
        prop_assume!(!given.is_empty());
        let alike: Vec<_> = given.iter().map(|(code, _)| (*code, level)).collect();
        prop_assert_eq!(of_levels(&alike).whole.share, Some(Share::percent(level * 25)));
    }
}
