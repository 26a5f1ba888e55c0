//! Instruments: versioned questionnaires, shipped as data.
//!
//! An instrument has dimensions and questions. Every level of a question has an anchored text in both
//! languages, so that nobody answers with a bare number, and the points (0…100) that it is worth. A
//! version is never changed once it has shipped: a new one gets a new file, and diagnostics go on
//! pointing at the one that they answered. Institutions make their own beside them
//! ([`authoring`](super::authoring)).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::score::Scale;
use crate::{
    diagnostics::Answer,
    foundation::{access::Kind, clock::Day, fields::Fault, figure::Figure, i18n::Locale, problem::Problem},
};

/// A questionnaire in one version.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Instrument {
    /// What it is called in paths and in requirements.
    #[schema(example = "supplier")]
    pub code: String,
    /// Grows with every change of its data.
    pub version: i32,
    /// Who answers it.
    pub kind: Kind,
    /// Its title.
    pub title: Text,
    /// How to answer it.
    pub about: Text,
    /// The dimensions, in order.
    pub dimensions: Vec<Dimension>,
    /// The questions, in order.
    pub questions: Vec<Question>,
}

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = BilingualText)]
pub struct Text {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}

/// A part of the instrument that is scored by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = InstrumentDimension)]
pub struct Dimension {
    /// Its code.
    pub code: String,
    /// What it weighs in the whole.
    pub weight: i64,
    /// Its name.
    #[serde(flatten)]
    pub name: Text,
}

/// One question.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = InstrumentQuestion)]
pub struct Question {
    /// Its code, by which criteria and answers name it.
    #[schema(example = "delivery-on-time")]
    pub code: String,
    /// The dimension to which it belongs.
    pub dimension: String,
    /// What it weighs in its dimension.
    pub weight: i64,
    /// Knock-out: fewer points than these are not made good by any other answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u8>,
    /// The question.
    pub text: Text,
    /// What a visitor asks to see.
    pub evidence: Text,
    /// How it is answered.
    #[serde(flatten)]
    pub form: Form,
}

/// How a question is answered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = QuestionForm)]
pub enum Form {
    /// By a level, counted from 0.
    Level {
        /// The levels in rising order.
        levels: Vec<Anchor>,
    },
    /// By yes or no.
    Boolean {
        /// What no means.
        no: Anchor,
        /// What yes means.
        yes: Anchor,
    },
    /// By a number.
    Number {
        /// The unit in which it is asked.
        unit: Text,
        /// The smallest answer that can be.
        least: Figure,
        /// The largest answer that can be.
        most: Figure,
        /// Points along the range; between two marks they run straight, beyond the outer ones level.
        scale: Vec<Mark>,
    },
    /// By the day on which a certificate expires, or `false`.
    Certificate {
        /// What is certified.
        standard: String,
        /// No certificate, or an expired one.
        without: Anchor,
        /// A certificate in force.
        with: Anchor,
    },
}

/// What a level means, and its points.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LevelAnchor)]
pub struct Anchor {
    /// 0…100.
    #[schema(maximum = 100)]
    pub points: u8,
    /// What it looks like in a firm.
    #[serde(flatten)]
    pub text: Text,
}

/// A point of a number's scale.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ScaleMark)]
pub struct Mark {
    /// The number.
    pub at: Figure,
    /// What it means.
    #[serde(flatten)]
    pub anchor: Anchor,
}

impl Text {
    /// In that language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Es => &self.es,
            Locale::En => &self.en,
        }
    }
}

impl Instrument {
    /// The question of that code.
    pub fn question(&self, code: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.code == code)
    }
}

#[expect(
    clippy::expect_used,
    reason = "compiled in and read by a test: what can be read there can be read here"
)]
static SHIPPED: LazyLock<Vec<Instrument>> = LazyLock::new(|| {
    let texts = [
        include_str!("instruments/supplier-1.json"),
        include_str!("instruments/lead-firm-1.json"),
        include_str!("instruments/supplier-2.json"),
        include_str!("instruments/lead-firm-2.json"),
    ];
    let read = |text| serde_json::from_str(text).expect("a shipped instrument is readable");
    texts.map(read).into()
});

/// Every instrument in every version.
pub fn all() -> &'static [Instrument] {
    &SHIPPED
}

/// The present version of each instrument.
pub fn current() -> impl Iterator<Item = &'static Instrument> {
    all()
        .iter()
        .filter(|one| all().iter().all(|other| other.code != one.code || other.version <= one.version))
}

/// The present version of the instrument that organisations of a kind answer.
pub fn for_kind(kind: Kind) -> Option<&'static Instrument> {
    current().find(|instrument| instrument.kind == kind)
}

/// What a question of the suppliers' instrument asks; one that it has no longer is named by its code.
pub fn asked_of_suppliers(code: &str, locale: Locale) -> String {
    let question = for_kind(Kind::Supplier).and_then(|instrument| instrument.question(code));
    question.map_or_else(|| code.to_owned(), |question| question.text.get(locale).to_owned())
}

/// That version of that instrument.
pub fn find(code: &str, version: i32) -> Option<&'static Instrument> {
    all().iter().find(|instrument| instrument.code == code && instrument.version == version)
}

/// Published instruments of institutions, by the hash of what they say.
static PUBLISHED: LazyLock<Mutex<BTreeMap<[u8; 32], &'static Instrument>>> = LazyLock::new(Mutex::default);

/// A published instrument of an institution, read once and kept as long as the service runs, as the shipped
/// ones are: it never changes, and there are few ([`MOST_PUBLISHED`](super::authoring::MOST_PUBLISHED)).
///
/// # Errors
/// 500 when the text is none.
pub fn published(text: &str) -> Result<&'static Instrument, Problem> {
    let hash: [u8; 32] = Sha256::digest(text).into();
    let mut kept = PUBLISHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(instrument) = kept.get(&hash) {
        return Ok(instrument);
    }
    let read: &'static Instrument = Box::leak(Box::new(serde_json::from_str(text)?));
    kept.insert(hash, read);
    Ok(read)
}

impl Form {
    /// The points of every possible answer, to be stored with the one that is given.
    pub fn scale(&self) -> Scale {
        match self {
            Self::Level { levels } => Scale::Steps(levels.iter().map(|level| level.points).collect()),
            Self::Boolean { no, yes } => Scale::Steps(vec![no.points, yes.points]),
            Self::Certificate { without, with, .. } => Scale::Steps(vec![without.points, with.points]),
            Self::Number { scale, .. } => {
                Scale::Line(scale.iter().map(|mark| (mark.at, mark.anchor.points)).collect())
            }
        }
    }

    /// Reads an answer: `3`, `true`, `"97.5"`, `"2027-01-31"` or `false`. A form's texts do as well.
    ///
    /// # Errors
    /// What would have been an answer: the levels that exist, the range of the number.
    pub fn read(&self, value: &Json) -> Result<Answer, Fault> {
        let text = value.as_str().map(str::trim);
        match self {
            Self::Level { levels } => {
                let level = value.as_u64().or_else(|| text?.parse().ok());
                let level = level
                    .and_then(|level| u8::try_from(level).ok())
                    .filter(|l| usize::from(*l) < levels.len());
                level.map(Answer::Level).ok_or_else(|| {
                    let exist = (0..levels.len()).map(|level| level.to_string()).collect::<Vec<_>>();
                    Fault("no-such-level", vec![("levels", exist.join(", "))])
                })
            }
            Self::Boolean { .. } => {
                yes_or_no(value).map(Answer::Boolean).ok_or_else(|| Fault::new("not-yes-or-no"))
            }
            Self::Number { least, most, .. } => {
                let number = text.ok_or_else(|| Fault::new("not-a-figure"))?;
                let number = number.parse::<Figure>().map_err(|_| Fault::new("not-a-figure"))?;
                if (*least..=*most).contains(&number) {
                    return Ok(Answer::Number(number));
                }
                Err(Fault("out-of-range", vec![("least", least.to_string()), ("most", most.to_string())]))
            }
            Self::Certificate { .. } => match text.and_then(|text| text.parse::<Day>().ok()) {
                Some(day) => Ok(Answer::Certificate(Some(day))),
                None if yes_or_no(value) == Some(false) => Ok(Answer::Certificate(None)),
                None => Err(Fault::new("not-an-expiry")),
            },
        }
    }
}

fn yes_or_no(value: &Json) -> Option<bool> {
    value.as_bool().or_else(|| match value.as_str()?.trim() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    })
}

/// What is wrong with an instrument's data, for its author.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{at}: {what}")]
pub struct Flaw {
    /// Where: the code of a question or a dimension.
    pub at: String,
    /// What is wrong and what would be right.
    pub what: &'static str,
}

impl Instrument {
    /// Everything that is wrong with the data, at once.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut check = |holds: bool, at: &str, what| {
            if !holds {
                flaws.push(Flaw { at: at.to_owned(), what });
            }
        };
        check(
            self.title.complete() && self.about.complete(),
            &self.code,
            "title or introduction lacks a language",
        );
        let mut codes = BTreeSet::new();
        for dimension in &self.dimensions {
            let code = dimension.code.as_str();
            check(is_code(code) && codes.insert(code), code, "the code is malformed or stands twice");
            check((1..=100).contains(&dimension.weight), code, "the weight must be 1 to 100");
            check(dimension.name.complete(), code, "the name lacks a language");
            check(self.questions.iter().any(|q| q.dimension == code), code, "the dimension has no question");
        }
        for question in &self.questions {
            let code = question.code.as_str();
            check(is_code(code) && codes.insert(code), code, "the code is malformed or stands twice");
            check(
                self.dimensions.iter().any(|d| d.code == question.dimension),
                code,
                "there is no such dimension",
            );
            check((1..=100).contains(&question.weight), code, "the weight must be 1 to 100");
            check(
                question.minimum.is_none_or(|points| points <= 100),
                code,
                "the minimum must be at most 100",
            );
            check(question.text.complete() && question.evidence.complete(), code, "a text lacks a language");
            let anchors = question.form.anchors();
            check(anchors.iter().all(|anchor| anchor.text.complete()), code, "an anchor lacks a language");
            check(
                anchors.iter().all(|anchor| anchor.points <= 100),
                code,
                "an anchor has more than 100 points",
            );
            for what in question.form.flaws() {
                check(false, code, what);
            }
        }
        flaws
    }
}

impl Form {
    /// The anchored texts, in the order of their levels.
    pub fn anchors(&self) -> Vec<&Anchor> {
        match self {
            Self::Level { levels } => levels.iter().collect(),
            Self::Boolean { no, yes } => vec![no, yes],
            Self::Number { scale, .. } => scale.iter().map(|mark| &mark.anchor).collect(),
            Self::Certificate { without, with, .. } => vec![without, with],
        }
    }

    fn flaws(&self) -> Vec<&'static str> {
        let rising = self.anchors().is_sorted_by(|a, b| a.points < b.points);
        match self {
            Self::Level { levels } if !(2..=10).contains(&levels.len()) => {
                vec!["there must be 2 to 10 levels"]
            }
            Self::Level { .. } if !rising => vec!["the points must rise with the levels"],
            Self::Boolean { no, yes } if no.points == yes.points => vec!["yes and no must differ in points"],
            Self::Certificate { .. } if !rising => vec!["a certificate must be worth more than none"],
            Self::Certificate { standard, .. } if standard.is_empty() => vec!["the standard is missing"],
            Self::Number { least, most, scale, unit } => {
                let within = scale.iter().all(|mark| (*least..=*most).contains(&mark.at));
                let ordered = scale.is_sorted_by(|a, b| a.at < b.at);
                [
                    (scale.len() < 2, "the scale must have at least two marks"),
                    (!within || *least < Figure::ZERO, "a mark or the range is out of range"),
                    (!ordered, "the marks must stand in rising order"),
                    (!unit.complete(), "the unit lacks a language"),
                ]
                .into_iter()
                .filter_map(|(wrong, what)| wrong.then_some(what))
                .collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Text {
    fn complete(&self) -> bool {
        !self.es.trim().is_empty() && !self.en.trim().is_empty()
    }
}

/// Lower case, digits and single hyphens: fit for a path.
pub(super) fn is_code(code: &str) -> bool {
    !code.is_empty()
        && code.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let text = Text { es: "sí".to_owned(), en: "yes".to_owned() };
        let anchor = |points| Anchor { points, text: text.clone() };
        let certificate = |standard: &str| Form::Certificate {
            standard: standard.to_owned(),
            without: anchor(0),
            with: anchor(100),
        };
        assert_eq!(certificate("ISO 9001").flaws(), [""; 0]);
        assert_eq!(certificate("").flaws(), ["the standard is missing"]);
        let figure = |whole: i64| Figure::whole(whole).unwrap();
        let number = |least: i64| Form::Number {
            unit: text.clone(),
            least: figure(least),
            most: figure(10),
            scale: [(0, 0), (10, 100)]
                .map(|(at, points)| Mark { at: figure(at), anchor: anchor(points) })
                .to_vec(),
        };
        assert_eq!(number(0).flaws(), [""; 0]);
        assert_eq!(number(-1).flaws(), ["a mark or the range is out of range"]);
        assert_eq!(number(1).flaws(), ["a mark or the range is out of range"]);
    }
}
