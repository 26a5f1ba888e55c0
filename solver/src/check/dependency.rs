//! The dependency rule and its figures, straight from its definition:
//!
//! ```text
//! E + A[s,g]  ≤  t · base  +  max(allowance, E − t·R if no_worsening)
//! base = R + N[s] (projected) or R (conservative)
//! ```
//!
//! E: existing annual sales to the group without what expires. R: annual sales without what
//! expires; sales that are less than their parts are taken as the sum of their parts. A, N: new
//! annual awards from the group, and from all. t: the `caps` row, else the supplier's own cap, else
//! the instance's, else there is no rule. Undisclosed sales: R = 0 and base = 0.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::View,
};
use crate::{
    Outcome,
    instance::{DependencyBase, Supplier},
    outcome::Dependency,
};

/// Shares are printed with so many decimal places.
const PLACES: usize = 9;

type Key<'a> = (&'a str, &'a str);

/// A supplier's sales to one group, or to everyone.
#[derive(Clone, Default)]
struct Sold {
    /// As of today.
    today: Exact,
    /// The part that ends.
    expiring: Exact,
    /// New annual awards.
    awarded: Exact,
}

impl Sold {
    fn kept(&self) -> Exact {
        &self.today - &self.expiring
    }
}

/// What the definition says about one supplier and group.
struct Expected {
    before: Option<Exact>,
    after: Option<Exact>,
    cap: Option<Exact>,
    /// Left and right side of the row, where there is a rule.
    sides: Option<(Exact, Exact)>,
}

pub(super) fn check(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let expected = expected(view);
    for (&(supplier, group), of) in &expected {
        if let Some((left, right)) = &of.sides {
            found.at_most("dependency", &[supplier, group], left, right);
        }
    }
    let stated: BTreeMap<Key<'_>, &Dependency> =
        outcome.dependency.iter().map(|row| ((row.supplier.as_str(), row.group.as_str()), row)).collect();
    entries(outcome, &expected, &stated, found);
    for (key, row) in stated {
        if let Some(of) = expected.get(&key) {
            figures(row, of, found);
        }
    }
}

fn expected<'a>(view: &View<'a>) -> BTreeMap<Key<'a>, Expected> {
    let mut groups: BTreeMap<Key<'a>, Sold> = BTreeMap::new();
    let mut totals: BTreeMap<&'a str, Sold> = BTreeMap::new();
    for row in &view.instance.sales {
        let key = (row.supplier.as_str(), row.group.as_str());
        for sold in [groups.entry(key).or_default(), totals.entry(key.0).or_default()] {
            sold.today += row.amount.to_ratio();
            sold.expiring += row.expiring.to_ratio();
        }
    }
    for taken in &view.taken {
        let key = (taken.award.supplier.as_str(), taken.buyer.group.as_str());
        for sold in [groups.entry(key).or_default(), totals.entry(key.0).or_default()] {
            sold.awarded += &taken.annual;
        }
    }
    let suppliers: BTreeMap<&str, &Supplier> =
        view.instance.suppliers.iter().map(|supplier| (supplier.id.as_str(), supplier)).collect();
    let waivers: BTreeMap<Key<'_>, Exact> = view
        .instance
        .caps
        .iter()
        .map(|row| {
            let key = (row.supplier.as_str(), row.group.as_str());
            (key, row.dependency_cap.to_ratio())
        })
        .collect();
    let none = Sold::default();
    groups
        .into_iter()
        .filter_map(|(key, sold)| {
            let supplier = suppliers.get(key.0)?;
            let own = supplier.dependency_cap.or(view.instance.dependency_cap);
            let cap = waivers.get(&key).cloned();
            let cap = cap.or_else(|| own.map(crate::Decimal::to_ratio));
            let total = totals.get(key.0).unwrap_or(&none);
            Some((key, of_group(view, supplier, &sold, total, cap)))
        })
        .collect()
}

fn of_group(view: &View<'_>, supplier: &Supplier, sold: &Sold, total: &Sold, cap: Option<Exact>) -> Expected {
    let disclosed = supplier.annual_sales.map(|sales| sales.to_ratio().max(total.today.clone()));
    let kept = disclosed.as_ref().map(|today| today - &total.expiring);
    let left = sold.kept() + &sold.awarded;
    let sides = cap.as_ref().map(|t| {
        let zero = Exact::zero();
        let sales = kept.as_ref().unwrap_or(&zero);
        let base = match (&kept, view.instance.dependency_base) {
            (None, _) => Exact::zero(),
            (Some(kept), DependencyBase::Conservative) => kept.clone(),
            (Some(kept), DependencyBase::Projected) => kept + &total.awarded,
        };
        let allowance = view.instance.dependency_allowance.to_ratio();
        let room =
            if view.instance.no_worsening { allowance.max(sold.kept() - t * sales) } else { allowance };
        (left.clone(), t * base + room)
    });
    Expected {
        before: disclosed.and_then(|today| exact::quotient(&sold.today, &today)),
        after: kept.and_then(|kept| exact::quotient(&left, &(kept + &total.awarded))),
        cap,
        sides,
    }
}

/// Exactly the suppliers and groups with sales or awards have an entry, in order, once.
fn entries(
    outcome: &Outcome,
    expected: &BTreeMap<Key<'_>, Expected>,
    stated: &BTreeMap<Key<'_>, &Dependency>,
    found: &mut Findings,
) {
    for key in expected.keys() {
        found.fact(
            &["dependency", key.0, key.1],
            stated.contains_key(key),
            || "nothing".to_owned(),
            || "an entry".to_owned(),
        );
    }
    for key in stated.keys() {
        found.fact(
            &["dependency", key.0, key.1],
            expected.contains_key(key),
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
    let rounded = |share: &Exact| exact::round_half_up(share, PLACES);
    let row_use = of.sides.as_ref();
    let row_use = row_use.and_then(|(left, right)| exact::quotient(left, right));
    for (figure, stated, expected) in [
        ("before", &row.before, of.before.as_ref().map(rounded)),
        ("after", &row.after, of.after.as_ref().map(rounded)),
        ("cap", &row.cap, of.cap.clone()),
        ("row_use", &row.row_use, row_use.as_ref().map(rounded)),
    ] {
        found.optional_number(&subject(figure), stated.as_deref(), expected.as_ref());
    }
    // Slack in the model's shares cannot be recomputed from units; without a cap there is no row.
    found.fact(
        &subject("binding"),
        !row.binding || of.cap.is_some(),
        || "true".to_owned(),
        || "false: there is no cap".to_owned(),
    );
}
