//! The independent checker: every rule and every reported figure, in exact rationals.
//!
//! **Invariant:** shares no code with the model, the publication or the reader; it knows only
//! [`Instance`], [`Outcome`] and the crate's numbers, which know no rule. It derives every rule from its definition again, so that a mistake
//! in the model cannot hide in the check of the model.
//!
//! Each file is a page of the definition: `lots` and `decisions` what may be awarded of a lot,
//! `resources` what suppliers make and buyers pay, `development` gaps, `dependency` and
//! `concentration` who hangs on whom, `tiers` and `figures` what is reported, `explanations`
//! what is said about it. `view` holds the awards by what they refer to, `sales` what each
//! supplier sells to whom.
//!
//! The outcome may come from a file that someone has changed: whatever is in it, wrong texts,
//! unknown ids or impossible numbers, becomes a [`Violation`], never a panic.
//!
//! Not checked, because awards alone do not show it: what the engine says of its own model (`value`
//! and `bound` beyond their arithmetic, `binding` beyond the existence of a cap, prices and worths
//! beyond what they are about), times, warnings, the fingerprint, and the checker's own report.

mod concentration;
mod decisions;
mod dependency;
mod development;
mod exact;
mod explanations;
mod figures;
mod findings;
mod lots;
mod resources;
mod sales;
mod tiers;
mod view;

use std::fmt;

use self::{findings::Findings, sales::Ledger, view::View};
use crate::{
    Instance, Outcome,
    halves::both,
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
            without_awards(&view, outcome, &mut found);
        }
    }
    found.verdict()
}

fn with_awards(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let ledger = Ledger::new(view);
    // What is found stands in the order of the pages, whoever finds it first.
    let half = || {
        let mut found = Findings::default();
        resources::check(view, &mut found);
        dependency::check(view, &ledger, outcome, &mut found);
        concentration::check(view, &ledger, outcome, &mut found);
        found
    };
    let other = || {
        lots::check(view, outcome, found);
        decisions::check(view, outcome, found);
        let mut rest = Findings::default();
        of_result(view, &ledger, outcome, &mut rest);
        rest
    };
    let (half, rest) = both(outcome.awards.len() + outcome.dependency.len(), half, other);
    found.append(half);
    found.append(rest);
}

/// What the result says beside the awards' rules.
fn of_result(view: &View<'_>, ledger: &Ledger<'_>, outcome: &Outcome, found: &mut Findings) {
    figures::unmet(view, outcome, found);
    if let Some(minor) = figures::minor_unit(view, found) {
        figures::awards(view, minor, found);
        tiers::check(view, ledger, outcome, minor, found);
        development::check(view, outcome, minor, found);
        concentration::market(view, outcome, minor, found);
        explanations::check(view, ledger, outcome, minor, found);
    }
    for (field, rows) in [("conflict", outcome.conflict.len()), ("relaxation", outcome.relaxation.len())] {
        found.rule("status", &[field], rows == 0, || format!("{rows} rows beside awards"));
    }
}

/// A solve without a result states nothing about awards, and names rules that exist.
fn without_awards(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let mut empty = vec![
        ("awards", outcome.awards.len()),
        ("unmet", outcome.unmet.len()),
        ("dependency", outcome.dependency.len()),
        ("hhi", outcome.hhi.len()),
        ("market", outcome.market.len()),
        ("development", outcome.development.len()),
        ("prices", outcome.prices.len()),
        ("worth", outcome.worth.len()),
        ("why_not", outcome.why_not.len()),
    ];
    if outcome.status != Status::Infeasible {
        empty.push(("relaxation", outcome.relaxation.len()));
    }
    if outcome.status == Status::Interrupted {
        empty.push(("conflict", outcome.conflict.len()));
    }
    for (field, rows) in empty {
        found.rule("status", &[field], rows == 0, || {
            format!("{rows} rows beside the status {:?}", outcome.status)
        });
    }
    explanations::conflict(view, outcome, found);
}
