//! The dependency rule, its figures and the spread, straight from their definitions:
//!
//! ```text
//! E + A[s,g]  ≤  t · base  +  max(allowance, E − t·R if no_worsening)
//! base = R + N[s] (projected) or R (conservative)
//! ```
//!
//! Undisclosed sales: R = 0 and base = 0. Without t there is no rule. The spread is the smallest τ'
//! for which every row holds with min(t, τ') before the base, while the last term keeps its t; there
//! a pair without a cap counts with t = 1, and what has no base is left out.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::{
    exact::{self, Exact},
    findings::Findings,
    sales::{Key, Ledger, Position, Sold},
    view::View,
};
use crate::{Instance, Outcome, outcome::Dependency};

/// Shares are printed with so many decimal places.
const PLACES: usize = 9;

/// What the definition says about one supplier and group.
struct Expected {
    /// Sales to the group, and all sales, of today.
    before: Option<(Exact, Exact)>,
    /// The same with the awards.
    after: Option<(Exact, Exact)>,
    cap: Option<Exact>,
    /// Left and right side of the row, where there is a rule.
    sides: Option<(Exact, Exact)>,
}

pub(super) fn check(view: &View<'_>, ledger: &Ledger<'_>, outcome: &Outcome, found: &mut Findings) {
    let expected: BTreeMap<Key<'_>, Expected> = ledger
        .groups
        .iter()
        .filter_map(|(key, sold)| {
            let position = ledger.suppliers.get(key.0)?;
            Some((*key, of_group(view.instance, position, sold, ledger.cap(*key))))
        })
        .collect();
    for (&(supplier, group), of) in &expected {
        if let Some((left, right)) = &of.sides {
            found.at_most("dependency", &[supplier, group], left, right);
        }
    }
    let stated: BTreeMap<Key<'_>, &Dependency> =
        outcome.dependency.iter().map(|row| ((row.supplier.as_str(), row.group.as_str()), row)).collect();
    // As in every result that nobody has changed; then nothing is to be looked up.
    let same = expected.keys().eq(stated.keys());
    entries(outcome, (&expected, &stated, same), found);
    if same {
        for (row, of) in stated.values().zip(expected.values()) {
            figures(row, of, found);
        }
        return;
    }
    for (key, row) in stated {
        if let Some(of) = expected.get(&key) {
            figures(row, of, found);
        }
    }
}

/// The last term of the right side, for a cap t.
pub(super) fn room(instance: &Instance, position: &Position, sold: &Sold, t: &Exact) -> Exact {
    let allowance = instance.dependency_allowance.to_exact();
    if !instance.no_worsening {
        return allowance;
    }
    allowance.max(sold.kept() - t * position.kept().unwrap_or_else(Exact::zero))
}

fn of_group(instance: &Instance, position: &Position, sold: &Sold, cap: Option<Exact>) -> Expected {
    let left = sold.after();
    let base = position.base(instance.dependency_base).unwrap_or_else(Exact::zero);
    let sides = cap.as_ref().map(|t| (left.clone(), t * base + room(instance, position, sold, t)));
    Expected {
        before: position.disclosed.as_ref().map(|today| (sold.today.clone(), today.clone())),
        after: position.after().map(|after| (left, after)),
        cap,
        sides,
    }
}

/// The smallest τ' that the awards allow.
pub(super) fn spread(instance: &Instance, ledger: &Ledger<'_>) -> Exact {
    let least = ledger.groups.iter().filter_map(|(key, sold)| {
        let position = ledger.suppliers.get(key.0)?;
        let base = position.base(instance.dependency_base)?;
        let t = ledger.cap(*key).unwrap_or_else(Exact::one);
        exact::quotient(&(sold.after() - room(instance, position, sold, &t)), &base)
    });
    least.fold(Exact::zero(), Exact::max)
}

/// Exactly the suppliers and groups with sales or awards have an entry, in order, once.
fn entries(
    outcome: &Outcome,
    (expected, stated, same): (&BTreeMap<Key<'_>, Expected>, &BTreeMap<Key<'_>, &Dependency>, bool),
    found: &mut Findings,
) {
    for key in expected.keys() {
        found.fact(
            &["dependency", key.0, key.1],
            same || stated.contains_key(key),
            || "nothing".to_owned(),
            || "an entry".to_owned(),
        );
    }
    for key in stated.keys() {
        found.fact(
            &["dependency", key.0, key.1],
            same || expected.contains_key(key),
            || "an entry".to_owned(),
            || "nothing: no sales and no awards".to_owned(),
        );
    }
    for neighbours in outcome.dependency.windows(2) {
        let [one, next] = neighbours else { continue };
        found.fact(
            &["dependency", &next.supplier, &next.group],
            (&one.supplier, &one.group) < (&next.supplier, &next.group),
            || format!("after ({}, {})", one.supplier, one.group),
            || "entries sorted by supplier and group, each once".to_owned(),
        );
    }
}

fn figures(row: &Dependency, of: &Expected, found: &mut Findings) {
    let subject = |figure| [figure, row.supplier.as_str(), row.group.as_str()];
    for (figure, stated, sides) in [
        ("before", &row.before, &of.before),
        ("after", &row.after, &of.after),
        ("row_use", &row.row_use, &of.sides),
    ] {
        found.optional_quotient(&subject(figure), stated.as_deref(), sides.as_ref(), PLACES);
    }
    found.optional_number(&subject("cap"), row.cap.as_deref(), of.cap.as_ref());
    // Slack in the model's shares cannot be recomputed from units; without a cap there is no row.
    found.fact(
        &subject("binding"),
        !row.binding || of.cap.is_some(),
        || "true".to_owned(),
        || "false: there is no cap".to_owned(),
    );
}
