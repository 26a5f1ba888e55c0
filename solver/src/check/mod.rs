//! The independent checker: every rule and every reported figure, in exact rationals.
//!
//! **Invariant:** shares no code with the model, the publication or the reader; it knows only
//! [`Instance`] and [`Outcome`].

use crate::{
    Instance, Outcome,
    outcome::{CheckerReport, RuleName},
};

/// What the checker found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Rules and figures checked.
    pub report: CheckerReport,
    /// What does not hold; empty exactly when `report.passed`.
    pub violations: Vec<Violation>,
}

/// A rule that the awards break, or a figure that is not what the awards say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The rule, or `figure` with the field's name as subject.
    pub rule: RuleName,
    /// Both sides, in numbers.
    pub detail: String,
}

/// Checks the outcome against the instance.
#[must_use]
pub fn check(instance: &Instance, outcome: &Outcome) -> Verdict {
    let _ = (instance, outcome);
    Verdict::default()
}
