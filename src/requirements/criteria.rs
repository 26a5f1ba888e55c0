//! Criteria: what a lead firm demands of whoever serves its requirement.
//!
//! A criterion is typed as in CCCEV and in the OCDS requirements extension: yes or no, a level, a number
//! with minimum, maximum or expected value, a certificate with expiry. It is *exigible* (must) or
//! *deseable* (should, with a weight), has a criticality from 1 to 5, and names the question of the
//! supplier's instrument on which it is measured. Criteria without a group always hold together; criteria
//! of one group hold together too, and of several groups one is enough.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        clock::Day,
        fields::{Fault, Fields, Input},
        figure::Figure,
    },
    words,
};

/// What an exigible criterion weighs in the fit; the weight of a desirable one is relative to it.
pub const MUST_WEIGHT: i64 = 100;
/// The criticality from which an open exigible criterion forbids an award.
pub const CRITICAL: i64 = 5;

/// How many issuers a criterion may name, and how long a name may be.
const MOST_ISSUERS: usize = 30;
const LONGEST_ISSUER: usize = 120;

/// One criterion of a requirement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Criterion {
    /// The question of the supplier's instrument on which it is measured.
    #[schema(example = "delivery-on-time")]
    pub question: String,
    /// What is demanded.
    #[serde(flatten)]
    pub demand: Demand,
    /// Whether it must hold or should.
    #[serde(flatten)]
    pub necessity: Necessity,
    /// How much harm it does when it does not hold: 1 little … 5 critical.
    #[schema(minimum = 1, maximum = 5)]
    pub criticality: i64,
    /// The group to which it belongs; none: it always counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// What is demanded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Demand {
    /// A certain answer to a yes-or-no question.
    Boolean {
        /// The answer.
        expected: bool,
    },
    /// At least this level.
    Level {
        /// The level, from 1 (level 0 demands nothing).
        #[schema(minimum = 1, maximum = 9)]
        minimum: i64,
    },
    /// A number within bounds, or exactly the expected one.
    Number(Bounds),
    /// A certificate that is in force.
    Certificate {
        /// The day until which it must be in force; none: the day of the analysis.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_until: Option<Day>,
        /// Who may have issued it; empty: anybody.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schema(example = json!(["Bureau Veritas"]))]
        issuers: Vec<String>,
    },
}

/// The bounds of a number, in the unit of its question. There is at least one; `expected` stands alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Bounds {
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Figure>,
    /// At most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Figure>,
    /// Exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Figure>,
}

/// Whether a criterion must hold or should.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "necessity", rename_all = "snake_case")]
pub enum Necessity {
    /// *Exigible*.
    Must,
    /// *Deseable*.
    Should {
        /// What it weighs in the fit, beside 100 for an exigible one.
        #[schema(minimum = 1, maximum = 100)]
        weight: i64,
    },
}

impl Criterion {
    /// Whether it must hold.
    pub const fn is_must(&self) -> bool {
        matches!(self.necessity, Necessity::Must)
    }

    /// What it weighs in the fit.
    pub const fn weight(&self) -> i64 {
        match self.necessity {
            Necessity::Must => MUST_WEIGHT,
            Necessity::Should { weight } => weight,
        }
    }
}

words! {
    /// The types of criteria.
    pub enum CriterionKind {
        /// Yes or no.
        Boolean = "boolean",
        /// A level.
        Level = "level",
        /// A number.
        Number = "number",
        /// A certificate.
        Certificate = "certificate",
    }
}

words! {
    /// *Exigible* or *deseable*.
    pub enum NecessityKind {
        /// It must hold.
        Must = "must",
        /// It should hold.
        Should = "should",
    }
}

impl Input for Criterion {
    fn read(f: &mut Fields) -> Option<Self> {
        let (question, demand, necessity) = (f.text("question", 1..=80), read_demand(f), read_necessity(f));
        let (criticality, group) = (f.number("criticality", 1..=5), f.optional_text("group", 1..=40));
        Some(Self {
            question: question?,
            demand: demand?,
            necessity: necessity?,
            criticality: criticality?,
            group: group?,
        })
    }
}

/// The fields that a kind of criterion does not have are refused as unknown ones.
fn read_demand(f: &mut Fields) -> Option<Demand> {
    let Some(kind) = f.required("kind") else {
        // Without a kind nobody can tell which of these belong; the missing kind is the one fault to tell.
        for name in ["expected", "minimum", "maximum", "valid_until", "issuers"] {
            f.optional::<serde_json::Value>(name);
        }
        return None;
    };
    Some(match kind {
        CriterionKind::Boolean => Demand::Boolean { expected: f.or("expected", true)? },
        CriterionKind::Level => Demand::Level { minimum: f.number("minimum", 1..=9)? },
        CriterionKind::Number => Demand::Number(read_bounds(f)?),
        CriterionKind::Certificate => {
            let (valid_until, issuers) = (f.optional("valid_until"), read_issuers(f));
            Demand::Certificate { valid_until: valid_until?, issuers: issuers? }
        }
    })
}

/// Names of issuers, as they stand on certificates.
fn read_issuers(f: &mut Fields) -> Option<Vec<String>> {
    let issuers: Vec<String> = f.values("issuers", MOST_ISSUERS)?;
    let mut fit = true;
    for (at, issuer) in issuers.iter().enumerate() {
        if issuer.chars().count() > LONGEST_ISSUER {
            let args = vec![("least", "1".to_owned()), ("most", LONGEST_ISSUER.to_string())];
            f.fail_within("issuers", &at.to_string(), Fault("wrong-length", args));
            fit = false;
        }
    }
    fit.then_some(issuers)
}

/// Whether a certificate of that issuer will do: the names are compared without regard to case and spaces.
pub fn is_among(issuers: &[String], issuer: Option<&str>) -> bool {
    let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    issuers.is_empty() || issuer.is_some_and(|issuer| issuers.iter().any(|one| plain(one) == plain(issuer)))
}

fn read_bounds(f: &mut Fields) -> Option<Bounds> {
    let (minimum, maximum, expected) = (f.optional("minimum"), f.optional("maximum"), f.optional("expected"));
    let bounds = Bounds { minimum: minimum?, maximum: maximum?, expected: expected? };
    let fault = match bounds {
        Bounds { minimum: None, maximum: None, expected: None } => ("minimum", "criterion-without-bound"),
        Bounds { minimum: Some(minimum), maximum: Some(maximum), .. } if minimum > maximum => {
            ("maximum", "criterion-bounds-crossed")
        }
        Bounds { minimum: None, maximum: None, .. } | Bounds { expected: None, .. } => return Some(bounds),
        Bounds { .. } => ("expected", "criterion-expected-alone"),
    };
    f.fail(fault.0, Fault::new(fault.1));
    None
}

fn read_necessity(f: &mut Fields) -> Option<Necessity> {
    match f.required("necessity") {
        Some(NecessityKind::Must) => Some(Necessity::Must),
        Some(NecessityKind::Should) => Some(Necessity::Should { weight: f.number("weight", 1..=100)? }),
        None => {
            f.optional::<serde_json::Value>("weight");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(json: &Json) -> Result<Criterion, Vec<(String, &'static str)>> {
        Fields::from_json::<Criterion>(json.to_string().as_bytes())
            .map_err(|problem| problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect())
    }

    #[test]
    fn a_criterion_is_stored_as_it_was_sent() {
        for sent in [
            json!({"question": "a", "kind": "boolean", "expected": true, "necessity": "must", "criticality": 3}),
            json!({"question": "a", "kind": "level", "minimum": 3, "necessity": "should", "weight": 40,
                "criticality": 1, "group": "own"}),
            json!({"question": "a", "kind": "number", "minimum": "95", "maximum": "99.5", "necessity": "must",
                "criticality": 5}),
            json!({"question": "a", "kind": "number", "expected": "7", "necessity": "must", "criticality": 5}),
            json!({"question": "a", "kind": "certificate", "valid_until": "2027-06-30", "necessity": "must",
                "criticality": 5}),
            json!({"question": "a", "kind": "certificate", "necessity": "must", "criticality": 5}),
            json!({"question": "a", "kind": "certificate", "issuers": ["Bureau Veritas", "SGS"], "necessity": "must",
                "criticality": 5}),
        ] {
            let criterion = read(&sent).unwrap();
            assert_eq!(serde_json::to_value(&criterion).unwrap(), sent);
            assert_eq!(serde_json::from_value::<Criterion>(sent).unwrap(), criterion);
        }
    }

    #[test]
    fn every_fault_of_a_criterion_is_told_at_once() {
        let sent = json!({"question": "", "kind": "number", "minimum": "9", "maximum": "3", "valid_until": "x",
            "necessity": "should", "criticality": 6});
        let faults = read(&sent).unwrap_err();
        let faults: Vec<_> = faults.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
        assert_eq!(
            faults,
            [
                ("/criticality", "out-of-range"),
                ("/maximum", "criterion-bounds-crossed"),
                ("/question", "required"),
                ("/valid_until", "unknown-field"),
                ("/weight", "required"),
            ]
        );
    }

    #[test]
    fn bounds_must_say_something_and_not_contradict_each_other() {
        let with = |bounds: Json| {
            let mut sent = json!({"question": "a", "kind": "number", "necessity": "must", "criticality": 1});
            sent.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
            read(&sent).map(|_| ()).map_err(|faults| faults[0].1)
        };
        assert_eq!(with(json!({})), Err("criterion-without-bound"));
        assert_eq!(with(json!({"expected": "1", "minimum": "0"})), Err("criterion-expected-alone"));
        assert_eq!(with(json!({"minimum": "-1"})), Err("negative"));
        assert_eq!(with(json!({"minimum": "1", "maximum": "1"})), Ok(()));
    }

    #[test]
    fn an_issuer_is_recognised_whatever_the_case_and_the_spaces() {
        let list = ["Bureau Veritas".to_owned(), "SGS".to_owned()];
        assert!(is_among(&list, Some(" bureau  VERITAS ")) && is_among(&[], None));
        assert!(!is_among(&list, Some("Bureau")) && !is_among(&list, None));
    }

    #[test]
    fn without_a_kind_only_the_kind_is_missing() {
        let sent = json!({"question": "a", "minimum": "1", "necessity": "must", "criticality": 1});
        assert_eq!(read(&sent), Err(vec![("/kind".to_owned(), "required")]));
    }
}
