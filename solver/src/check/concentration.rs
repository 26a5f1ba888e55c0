//! How concentrated suppliers are on buyers (the HHI and its cap), and processes on suppliers.
//!
//! ```text
//! Σ_g (E_g + A_g)²  ≤  H/10⁴ · base²       H = max(hhi_cap, 10⁴ · Σ_g E_g² / R² if no_worsening)
//! ```
//!
//! over the known groups; base as in the dependency rule. No rule where sales are undisclosed or
//! R = 0.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    sales::{Ledger, Sold},
    view::View,
};
use crate::{
    Instance, Outcome,
    outcome::{Concentration, Market},
};

/// An HHI is printed with so many decimal places.
const PLACES: usize = 2;

/// Of a single buyer.
const WHOLE: u64 = 10_000;

pub(super) fn check(view: &View<'_>, ledger: &Ledger<'_>, outcome: &Outcome, found: &mut Findings) {
    let mut expected: Vec<&str> = Vec::new();
    for (&supplier, position) in &ledger.suppliers {
        let limit = limit(view.instance, ledger, supplier);
        if let (Some(limit), Some(base)) = (&limit, position.base(view.instance.dependency_base)) {
            let left = squares(ledger, supplier, Sold::after);
            found.at_most("hhi", &[supplier], &left, &(limit / exact::whole(WHOLE) * &base * &base));
        }
        if position.disclosed.is_some() || view.active.contains(supplier) {
            expected.push(supplier);
        }
    }
    let stated: Vec<&str> = outcome.hhi.iter().map(|row| &*row.supplier).collect();
    found.fact(&["hhi"], stated == expected, || format!("{stated:?}"), || format!("{expected:?}"));
    for row in &outcome.hhi {
        figures(view.instance, ledger, row, found);
    }
}

/// H; `None` without a rule.
fn limit<'a>(instance: &Instance, ledger: &Ledger<'a>, supplier: &'a str) -> Option<Exact> {
    let cap = instance.hhi_cap?.to_exact();
    let kept = ledger.suppliers.get(supplier)?.kept()?;
    let present = index(squares(ledger, supplier, Sold::kept), &kept)?;
    Some(if instance.no_worsening { cap.max(present) } else { cap })
}

/// Σ over the supplier's groups of a square.
fn squares<'a>(ledger: &Ledger<'a>, supplier: &'a str, what: impl Fn(&Sold) -> Exact) -> Exact {
    ledger.of(supplier).map(what).fold(Exact::zero(), |sum, amount| sum + &amount * &amount)
}

/// The index of a sum of squares; `None` for 0/0.
fn index(squares: Exact, of: &Exact) -> Option<Exact> {
    exact::quotient(&(squares * exact::whole(WHOLE)), &(of * of))
}

fn figures(instance: &Instance, ledger: &Ledger<'_>, row: &Concentration, found: &mut Findings) {
    // The ledger's own key, which lives as long as the ledger.
    let Some((&supplier, position)) = ledger.suppliers.get_key_value(row.supplier.as_str()) else {
        return;
    };
    let rounded = |number: Option<Exact>| number.map(|number| exact::round_half_up(&number, PLACES));
    let today = |sold: &Sold| sold.today.clone();
    let before = position.disclosed.as_ref();
    let before = before.and_then(|of| index(squares(ledger, supplier, today), of));
    let after = position.after().and_then(|of| index(squares(ledger, supplier, Sold::after), &of));
    for (figure, stated, expected) in [
        ("before", &row.before, before),
        ("after", &row.after, after),
        ("cap", &row.cap, limit(instance, ledger, supplier)),
    ] {
        let expected = rounded(expected);
        found.optional_number(&["hhi", figure, supplier], stated.as_deref(), expected.as_ref());
    }
}

/// One row for each process with awards.
pub(super) fn market(view: &View<'_>, outcome: &Outcome, minor: usize, found: &mut Findings) {
    let mut processes: BTreeMap<&str, BTreeMap<&str, Exact>> = BTreeMap::new();
    for taken in view.taken.iter().filter(|taken| !taken.units.is_zero()) {
        let suppliers = processes.entry(&taken.lot.process).or_default();
        *suppliers.entry(taken.supplier()).or_insert_with(Exact::zero) += &taken.amount;
    }
    let stated: Vec<&str> = outcome.market.iter().map(|row| &*row.process).collect();
    let expected: Vec<&str> = processes.keys().copied().collect();
    found.fact(&["market"], stated == expected, || format!("{stated:?}"), || format!("{expected:?}"));
    for row in &outcome.market {
        if let Some(suppliers) = processes.get(row.process.as_str()) {
            of_process(row, suppliers, minor, found);
        }
    }
}

fn of_process(row: &Market, suppliers: &BTreeMap<&str, Exact>, minor: usize, found: &mut Findings) {
    let subject = |figure| ["market", figure, row.process.as_str()];
    let sum = suppliers.values().fold(Exact::zero(), |sum, amount| sum + amount);
    found.number(&subject("amount"), &row.amount, &exact::round_half_up(&sum, minor));
    let count = suppliers.len() as u64;
    found.fact(
        &subject("suppliers"),
        row.suppliers == count,
        || row.suppliers.to_string(),
        || count.to_string(),
    );
    let squares = suppliers.values().fold(Exact::zero(), |sum, amount| sum + amount * amount);
    let hhi = index(squares, &sum).map(|hhi| exact::round_half_up(&hhi, PLACES));
    found.optional_number(&subject("hhi"), row.hhi.as_deref(), hhi.as_ref());
}
