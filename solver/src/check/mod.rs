//! The independent checker: every rule and every reported figure, in exact rationals.
//!
//! **Invariant:** shares no code with the model, the publication or the reader; it knows only
//! [`Instance`] and [`Outcome`]. It derives every rule from its definition again, so that a mistake
//! in the model cannot hide in the check of the model.
//!
//! The outcome may come from a file that someone has changed: whatever is in it, wrong texts,
//! unknown ids or impossible numbers, becomes a [`Violation`], never a panic.
//!
//! Not checked, because awards alone do not show it: what the engine says of its own model (`value`
//! and `bound` beyond their arithmetic, `binding` beyond the existence of a cap), times, warnings,
//! the fingerprint, and the checker's own report.

mod dependency;
mod exact;
mod figures;
mod findings;
mod lots;
mod resources;
mod view;

use std::fmt;

use self::{findings::Findings, view::View};
use crate::{
    Instance, Outcome,
    outcome::{CheckerReport, RuleName, Status},
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
    /// A rule of the model; or `pair` (no such pair), `units` (no award at all), `order` (unsorted
    /// or twice), `status` (awards where there can be none); or `figure` with the field's name and
    /// the ids as subject.
    pub rule: RuleName,
    /// Both sides, in numbers.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RuleName { rule, subject } = &self.rule;
        write!(f, "{rule} [{}]: {}", subject.join(", "), self.detail)
    }
}

/// Checks the outcome against the instance.
#[must_use]
pub fn check(instance: &Instance, outcome: &Outcome) -> Verdict {
    let mut found = Findings::default();
    let view = View::new(instance, outcome, &mut found);
    figures::heading(&view, outcome, &mut found);
    match outcome.status {
        Status::Optimal | Status::Feasible => with_awards(&view, outcome, &mut found),
        Status::Infeasible | Status::Unpublishable | Status::Interrupted => {
            without_awards(outcome, &mut found);
        }
    }
    found.verdict()
}

fn with_awards(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    lots::check(view, outcome, found);
    resources::check(view, found);
    dependency::check(view, outcome, found);
    if let Some(minor) = figures::minor_unit(view, found) {
        figures::awards(view, minor, found);
        figures::tiers(view, outcome, minor, found);
    }
    figures::unmet(view, outcome, found);
    found.rule("status", &[], outcome.conflict.is_empty(), || {
        format!("{} rules in conflict beside awards", outcome.conflict.len())
    });
}

/// A solve without a result states nothing about awards.
fn without_awards(outcome: &Outcome, found: &mut Findings) {
    for (field, rows) in [
        ("awards", outcome.awards.len()),
        ("unmet", outcome.unmet.len()),
        ("dependency", outcome.dependency.len()),
    ] {
        found.rule("status", &[field], rows == 0, || {
            format!("{rows} rows beside the status {:?}", outcome.status)
        });
    }
}
