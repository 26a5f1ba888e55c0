//! Instruments that an institution writes.
//!
//! What is shipped is checked by a test; what comes in by the API is checked here, with a pointer for every
//! fault. An instrument is a draft while its institution writes it. Published it never changes again: the
//! next version is a new draft under the same code, and diagnostics go on pointing at the one they answer.

use std::collections::BTreeSet;

use super::instrument::{Anchor, Dimension, Form, Instrument, Mark, Question, Text, is_code};
use crate::{
    foundation::{
        access::Kind,
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        figure::Figure,
        ids::{InstrumentId, OrganisationId},
    },
    words,
};

/// The most dimensions, questions, levels and marks.
const MOST_DIMENSIONS: usize = 30;
const MOST_QUESTIONS: usize = 200;
const MOST_LEVELS: usize = 10;
const MOST_MARKS: usize = 20;
/// The most published versions that one institution may have: each stays in the service's memory.
pub const MOST_PUBLISHED: u64 = 100;

words! {
    /// Where an institution's instrument stands. Moves: draft → published.
    #[schema(as = InstrumentState)]
    pub enum InstrumentState {
        /// It is being written.
        Draft = "draft",
        /// Firms answer it; it never changes.
        Published = "published",
    }
}

words! {
    /// How a question is answered.
    pub enum FormKind {
        /// By a level.
        Level = "level",
        /// By yes or no.
        Boolean = "boolean",
        /// By a number.
        Number = "number",
        /// By a certificate.
        Certificate = "certificate",
    }
}

/// An instrument that an institution has made.
#[derive(Clone, PartialEq, Debug)]
pub struct Authored {
    /// Its id.
    pub id: InstrumentId,
    /// Who made it.
    pub institution: OrganisationId,
    /// Where it stands.
    pub state: InstrumentState,
    /// What it says; its version counts those of its code.
    pub instrument: Instrument,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Grows with every change of the draft.
    pub version: i64,
}

/// An instrument as it is sent. Its version is not the author's to say.
#[derive(Clone, PartialEq, Debug)]
pub struct NewInstrument(pub Instrument);

impl Input for NewInstrument {
    fn read(f: &mut Fields) -> Option<Self> {
        let (code, kind) = (read_code(f), f.required::<Kind>("kind"));
        if kind == Some(Kind::Institution) {
            f.fail("kind", Fault("unknown-word", vec![("allowed", "supplier, lead_firm".to_owned())]));
        }
        let (title, about) = (f.object::<Text>("title"), f.object::<Text>("about"));
        let dimensions = f.list::<Dimension>("dimensions", MOST_DIMENSIONS);
        let questions = f.list::<Question>("questions", MOST_QUESTIONS);
        if let (Some(dimensions), Some(questions)) = (&dimensions, &questions) {
            check_names(f, dimensions, questions);
        }
        Some(Self(Instrument {
            code: code?,
            version: 0,
            kind: kind?,
            title: title?,
            about: about?,
            dimensions: dimensions?,
            questions: questions?,
        }))
    }
}

/// Codes stand once, every question belongs to a dimension, and every dimension has a question.
fn check_names(f: &mut Fields, dimensions: &[Dimension], questions: &[Question]) {
    for (list, empty) in [("dimensions", dimensions.is_empty()), ("questions", questions.is_empty())] {
        if empty {
            f.fail(list, Fault::new("required"));
        }
    }
    let mut codes = BTreeSet::new();
    for (at, dimension) in dimensions.iter().enumerate() {
        if !codes.insert(dimension.code.as_str()) {
            f.fail_within("dimensions", &format!("{at}/code"), Fault::new("code-stands-twice"));
        }
        if questions.iter().all(|question| question.dimension != dimension.code) {
            f.fail_within("dimensions", &format!("{at}/code"), Fault::new("dimension-without-question"));
        }
    }
    for (at, question) in questions.iter().enumerate() {
        if !codes.insert(question.code.as_str()) {
            f.fail_within("questions", &format!("{at}/code"), Fault::new("code-stands-twice"));
        }
        if dimensions.iter().all(|dimension| dimension.code != question.dimension) {
            f.fail_within("questions", &format!("{at}/dimension"), Fault::new("no-such-dimension"));
        }
    }
}

fn read_code(f: &mut Fields) -> Option<String> {
    let code = f.text("code", 1..=60)?;
    if is_code(&code) {
        return Some(code);
    }
    f.fail("code", Fault::new("not-a-code"));
    None
}

impl Input for Text {
    fn read(f: &mut Fields) -> Option<Self> {
        let (es, en) = (f.text("es", 1..=1_000), f.text("en", 1..=1_000));
        Some(Self { es: es?, en: en? })
    }
}

impl Input for Dimension {
    fn read(f: &mut Fields) -> Option<Self> {
        let (code, weight, name) = (read_code(f), f.number("weight", 1..=100), Text::read(f));
        Some(Self { code: code?, weight: weight?, name: name? })
    }
}

impl Input for Anchor {
    fn read(f: &mut Fields) -> Option<Self> {
        let (points, text) = (f.number("points", 0..=100), Text::read(f));
        Some(Self { points: u8::try_from(points?).ok()?, text: text? })
    }
}

impl Input for Mark {
    fn read(f: &mut Fields) -> Option<Self> {
        let (at, anchor) = (f.required("at"), Anchor::read(f));
        Some(Self { at: at?, anchor: anchor? })
    }
}

impl Input for Question {
    fn read(f: &mut Fields) -> Option<Self> {
        let (code, dimension) = (read_code(f), f.text("dimension", 1..=60));
        let (weight, minimum) = (f.number("weight", 1..=100), f.optional_number("minimum", 0..=100));
        let (text, evidence) = (f.object("text"), f.object("evidence"));
        let form = read_form(f);
        Some(Self {
            code: code?,
            dimension: dimension?,
            weight: weight?,
            minimum: minimum?.and_then(|points| u8::try_from(points).ok()),
            text: text?,
            evidence: evidence?,
            form: form?,
        })
    }
}

fn read_form(f: &mut Fields) -> Option<Form> {
    let Some(kind) = f.required("kind") else {
        // Without a kind nobody can tell which of these belong; the missing kind is the one fault to tell.
        for name in ["levels", "no", "yes", "unit", "least", "most", "scale", "standard", "without", "with"] {
            f.optional::<serde_json::Value>(name);
        }
        return None;
    };
    let (form, field) = match kind {
        FormKind::Level => (Form::Level { levels: f.list("levels", MOST_LEVELS)? }, "levels"),
        FormKind::Boolean => {
            let (no, yes) = (f.object("no"), f.object("yes"));
            (Form::Boolean { no: no?, yes: yes? }, "yes")
        }
        FormKind::Number => {
            let (unit, least) = (f.object("unit"), f.or("least", Figure::ZERO));
            let (most, scale) = (f.required("most"), f.list("scale", MOST_MARKS));
            (Form::Number { unit: unit?, least: least?, most: most?, scale: scale? }, "scale")
        }
        FormKind::Certificate => {
            let (standard, without, with) =
                (f.text("standard", 1..=120), f.object("without"), f.object("with"));
            (Form::Certificate { standard: standard?, without: without?, with: with? }, "with")
        }
    };
    let faults = faults(&form);
    for code in &faults {
        f.fail(field, Fault::new(code));
    }
    faults.is_empty().then_some(form)
}

/// What is wrong with the points and marks of a form.
fn faults(form: &Form) -> Vec<&'static str> {
    let rising = form.anchors().is_sorted_by(|a, b| a.points < b.points);
    let found = match form {
        Form::Level { levels } => {
            vec![(levels.len() < 2, "levels-too-few"), (!rising, "points-must-rise")]
        }
        Form::Boolean { no, yes } => vec![(no.points == yes.points, "points-alike")],
        Form::Certificate { .. } => vec![(!rising, "points-must-rise")],
        Form::Number { least, most, scale, .. } => vec![
            (scale.len() < 2, "marks-too-few"),
            (!scale.is_sorted_by(|a, b| a.at < b.at), "marks-must-rise"),
            (!scale.iter().all(|mark| (*least..=*most).contains(&mark.at)), "mark-out-of-range"),
        ],
    };
    found.into_iter().filter_map(|(wrong, code)| wrong.then_some(code)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diagnostics::instrument;

    fn faults_of(sent: &Json) -> Vec<String> {
        match Fields::from_json::<NewInstrument>(sent.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        }
    }

    /// A shipped instrument as an author would send it.
    fn sent(instrument: &Instrument) -> Json {
        let mut json = serde_json::to_value(instrument).unwrap();
        json.as_object_mut().unwrap().remove("version");
        json
    }

    #[test]
    fn what_is_shipped_could_have_been_sent() {
        for shipped in instrument::all() {
            let json = sent(shipped);
            let NewInstrument(read) = Fields::from_json(json.to_string().as_bytes()).unwrap();
            assert_eq!(Instrument { version: shipped.version, ..read }, *shipped);
        }
    }

    #[test]
    fn every_fault_of_an_instrument_is_told_at_once() {
        let text = json!({ "es": "a", "en": "b" });
        let level = |points: i64| json!({ "points": points, "es": "a", "en": "b" });
        let question = |code: &str, dimension: &str, with: Json| {
            let mut question = json!({
                "code": code, "dimension": dimension, "weight": 1, "text": text, "evidence": text,
            });
            question.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
            question
        };
        let wrong = json!({
            "code": "Mi Código", "kind": "institution", "title": text, "about": { "es": "solo" }, "version": 3,
            "dimensions": [
                { "code": "one", "weight": 0, "es": "a", "en": "b" },
            ],
            "questions": [
                question("q1", "one", json!({ "kind": "level", "levels": [level(50), level(50)] })),
                question("q2", "one", json!({ "kind": "boolean", "no": level(1), "yes": level(1) })),
                question("q3", "one", json!({
                    "kind": "number", "unit": text, "most": "10",
                    "scale": [{ "at": "11", "points": 1, "es": "a", "en": "b" }],
                })),
                question("q4", "one", json!({ "levels": [] })),
            ],
        });
        assert_eq!(
            faults_of(&wrong),
            [
                "/about/en required",
                "/code not-a-code",
                "/dimensions/0/weight out-of-range",
                "/kind unknown-word",
                "/questions/0/levels points-must-rise",
                "/questions/1/yes points-alike",
                "/questions/2/scale mark-out-of-range",
                "/questions/2/scale marks-too-few",
                "/questions/3/kind required",
                "/version unknown-field",
            ]
        );
        let twice = json!({
            "code": "mine", "kind": "supplier", "title": text, "about": text,
            "dimensions": [
                { "code": "one", "weight": 1, "es": "a", "en": "b" },
                { "code": "two", "weight": 1, "es": "a", "en": "b" },
            ],
            "questions": [
                question("one", "one", json!({ "kind": "level", "levels": [level(0), level(50)] })),
                question("q2", "three", json!({ "kind": "level", "levels": [level(0), level(50)] })),
            ],
        });
        assert_eq!(
            faults_of(&twice),
            [
                "/dimensions/1/code dimension-without-question",
                "/questions/0/code code-stands-twice",
                "/questions/1/dimension no-such-dimension",
            ]
        );
    }
}
