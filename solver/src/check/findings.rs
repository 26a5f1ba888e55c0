//! What the checker has counted and found so far.

use num_traits::Zero;

use super::{
    Verdict, Violation,
    exact::{self, Exact},
};
use crate::outcome::{CheckerReport, RuleName};

/// Collects violations and counts what was checked.
#[derive(Default)]
pub(super) struct Findings {
    rules: u64,
    figures: u64,
    violations: Vec<Violation>,
}

impl Findings {
    /// Takes over what others have counted and found, behind its own.
    pub(super) fn append(&mut self, mut other: Self) {
        self.rules += other.rules;
        self.figures += other.figures;
        self.violations.append(&mut other.violations);
    }

    /// A rule that is not an inequality; the detail is written only when it does not hold.
    pub(super) fn rule(
        &mut self,
        rule: &str,
        subject: &[&str],
        holds: bool,
        detail: impl FnOnce() -> String,
    ) {
        self.rules += 1;
        if !holds {
            self.violation(rule, subject, detail());
        }
    }

    /// The rule `left ≤ right`.
    pub(super) fn at_most(&mut self, rule: &str, subject: &[&str], left: &Exact, right: &Exact) {
        self.rule(rule, subject, left <= right, || format!("{} > {}", exact::show(left), exact::show(right)));
    }

    /// The rule `left ≥ right`.
    pub(super) fn at_least(&mut self, rule: &str, subject: &[&str], left: &Exact, right: &Exact) {
        self.rule(rule, subject, left >= right, || format!("{} < {}", exact::show(left), exact::show(right)));
    }

    /// A name or an id, which must be the expected one.
    pub(super) fn text(&mut self, subject: &[&str], stated: &str, expected: &str) {
        self.fact(subject, stated == expected, || format!("{stated:?}"), || format!("{expected:?}"));
    }

    /// A stated fact that is not a number in a text: an order, a count.
    pub(super) fn fact(
        &mut self,
        subject: &[&str],
        holds: bool,
        stated: impl FnOnce() -> String,
        expected: impl FnOnce() -> String,
    ) {
        self.figures += 1;
        if !holds {
            let detail = format!("stated {}, expected {}", stated(), expected());
            self.violation("figure", subject, detail);
        }
    }

    /// A number in a text, which must equal the expected one exactly.
    pub(super) fn number(&mut self, subject: &[&str], stated: &str, expected: &Exact) {
        self.optional_number(subject, Some(stated), Some(expected));
    }

    /// A number in a text that may be absent, and must be absent exactly where it is expected to be.
    pub(super) fn optional_number(
        &mut self,
        subject: &[&str],
        stated: Option<&str>,
        expected: Option<&Exact>,
    ) {
        let holds = match (stated, expected) {
            (Some(text), Some(number)) => exact::parse(text).as_ref() == Some(number),
            (None, None) => true,
            _ => false,
        };
        self.fact(
            subject,
            holds,
            || stated.map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}")),
            || expected.map_or_else(|| "nothing".to_owned(), exact::show),
        );
    }

    /// The quotient of two numbers in a text, rounded to so many places; absent exactly where there are no two numbers,
    /// or nothing to divide by.
    pub(super) fn optional_quotient(
        &mut self,
        subject: &[&str],
        stated: Option<&str>,
        sides: Option<&(Exact, Exact)>,
        places: usize,
    ) {
        let sides = sides.filter(|(_, right)| !right.is_zero());
        let holds = match (stated, sides) {
            (Some(text), Some((left, right))) => exact::reads_quotient(text, left, right, places),
            (None, None) => true,
            _ => false,
        };
        let expected = || {
            let quotient = sides.and_then(|(left, right)| exact::quotient(left, right));
            quotient.map_or_else(
                || "nothing".to_owned(),
                |number| exact::show(&exact::round_half_up(&number, places)),
            )
        };
        let stated = || stated.map_or_else(|| "nothing".to_owned(), |text| format!("{text:?}"));
        self.fact(subject, holds, stated, expected);
    }

    pub(super) fn verdict(self) -> Verdict {
        Verdict {
            report: CheckerReport {
                passed: self.violations.is_empty(),
                rules: self.rules,
                figures: self.figures,
            },
            violations: self.violations,
        }
    }

    fn violation(&mut self, rule: &str, subject: &[&str], detail: String) {
        self.violations.push(Violation {
            rule: RuleName {
                rule: rule.to_owned(),
                subject: subject.iter().map(|&part| part.to_owned()).collect(),
            },
            detail,
        });
    }
}
