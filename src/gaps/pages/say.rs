//! Criteria and gaps in few words, for a table.

use crate::{
    diagnostics::{
        Answer,
        instrument::{Form, Instrument, Question},
    },
    foundation::{i18n::Locale, page::filters},
    gaps::{Gap, Line, Outcome, Unit},
    requirements::criteria::{Bounds, Criterion, Demand, Necessity},
};

/// A criterion as the table names it.
pub(super) struct Demanded {
    pub(super) question: String,
    /// `≥ 95 %`
    pub(super) demand: String,
    /// What the demanded level means.
    pub(super) meaning: Option<String>,
    pub(super) is_must: bool,
    pub(super) weight: Option<i64>,
    pub(super) criticality: i64,
    pub(super) group: Option<String>,
}

impl Demanded {
    pub(super) fn new(instrument: &Instrument, criterion: &Criterion, locale: Locale) -> Self {
        let question = instrument.question(&criterion.question);
        let meaning = match (&criterion.demand, question.map(|question| &question.form)) {
            (Demand::Level { minimum }, Some(Form::Level { levels })) => usize::try_from(*minimum)
                .ok()
                .and_then(|at| levels.get(at))
                .map(|level| level.text.get(locale)),
            _ => None,
        };
        Self {
            question: question
                .map_or_else(|| criterion.question.clone(), |question| question.text.get(locale).to_owned()),
            demand: demand(&criterion.demand, question, locale),
            meaning: meaning.map(str::to_owned),
            is_must: criterion.is_must(),
            weight: match criterion.necessity {
                Necessity::Must => None,
                Necessity::Should { weight } => Some(weight),
            },
            criticality: criterion.criticality,
            group: criterion.group.clone(),
        }
    }
}

fn demand(demand: &Demand, question: Option<&Question>, locale: Locale) -> String {
    let number = |figure: &crate::foundation::figure::Figure| measured(&figure.to_string(), question, locale);
    match demand {
        Demand::Boolean { expected } => locale.text(if *expected { "answer-yes" } else { "answer-no" }),
        Demand::Level { minimum } => locale.text_with("gap-level-least", &[("level", minimum.to_string())]),
        Demand::Number(Bounds { expected: Some(expected), .. }) => format!("= {}", number(expected)),
        Demand::Number(Bounds { minimum, maximum, .. }) => {
            let least = minimum.as_ref().map(|least| format!("≥ {}", number(least)));
            let most = maximum.as_ref().map(|most| format!("≤ {}", number(most)));
            [least, most].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Demand::Certificate { valid_until: None, .. } => locale.text("gap-certificate"),
        Demand::Certificate { valid_until: Some(day), .. } => {
            locale.text_with("gap-certificate-until", &[("day", filters::in_words(*day, locale))])
        }
    }
}

/// A number with the unit of its question.
fn measured(number: &str, question: Option<&Question>, locale: Locale) -> String {
    let number = filters::grouped(number);
    match question.map(|question| &question.form) {
        Some(Form::Number { unit, .. }) => format!("{number}\u{a0}{}", unit.get(locale)),
        _ => number,
    }
}

/// A cell of the matrix: what the supplier answered, and the gap.
pub(super) struct Cell {
    /// How the cell is coloured; `outcome` says the same.
    pub(super) tone: &'static str,
    pub(super) actual: Option<String>,
    pub(super) outcome: String,
    /// Whether it counts: criteria of another group than the chosen one do not.
    pub(super) counts: bool,
}

impl Cell {
    pub(super) fn new(instrument: Option<&Instrument>, line: &Line, locale: Locale) -> Self {
        let question = instrument.and_then(|instrument| instrument.question(&line.criterion.question));
        let outcome = match (line.outcome, &line.gap, line.unknown) {
            (Outcome::NotMet, Some(gap), _) => missing(gap, question, locale),
            (Outcome::Unknown, _, Some(why)) => locale.text(&format!("gap-unknown-{why}")),
            (outcome, ..) => locale.text(&format!("gap-{outcome}")),
        };
        Self {
            tone: match line.outcome {
                Outcome::Met => "good",
                Outcome::NotMet if line.criterion.is_must() => "bad",
                Outcome::NotMet => "warn",
                Outcome::Unknown => "none",
            },
            actual: line.actual.as_ref().and_then(|answer| actual(answer, question, locale)),
            outcome,
            counts: line.counts,
        }
    }
}

fn actual(answer: &Answer, question: Option<&Question>, locale: Locale) -> Option<String> {
    Some(match answer {
        Answer::Level(level) => locale.text_with("gap-level", &[("level", level.to_string())]),
        Answer::Boolean(yes) => locale.text(if *yes { "answer-yes" } else { "answer-no" }),
        Answer::Number(number) => measured(&number.to_string(), question, locale),
        Answer::Certificate(Some(day)) => {
            locale.text_with("gap-certificate-until", &[("day", filters::in_words(*day, locale))])
        }
        Answer::Certificate(None) => locale.text("gap-certificate-none"),
        Answer::NotApplicable => return None,
    })
}

fn missing(gap: &Gap, question: Option<&Question>, locale: Locale) -> String {
    let amount = gap.amount.to_string();
    match gap.unit {
        Unit::Answer | Unit::Certificate => locale.text("gap-not_met"),
        Unit::Level => locale.text_with("gap-missing-levels", &[("number", amount)]),
        Unit::Day => locale.text_with("gap-missing-days", &[("number", amount)]),
        Unit::Question => locale.text_with("gap-missing", &[("amount", measured(&amount, question, locale))]),
    }
}
