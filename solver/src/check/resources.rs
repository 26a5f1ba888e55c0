//! Rules about what suppliers can make, how much they take on, and what buyers can pay.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Zero;

use super::{
    exact::Exact,
    findings::Findings,
    view::{Taken, View},
};

pub(super) fn check(view: &View<'_>, found: &mut Findings) {
    capacity(view, found);
    commitments(view, found);
    budgets(view, found);
    supplier_shares(view, found);
}

fn capacity(view: &View<'_>, found: &mut Findings) {
    let used = view.sums(
        |taken| (taken.supplier(), taken.lot.process.as_str()),
        |taken| taken.pair.load.to_exact() * &taken.units,
    );
    let nothing = Exact::zero();
    for row in &view.instance.capacity {
        let key = (row.supplier.as_str(), row.process.as_str());
        let used = used.get(&key).unwrap_or(&nothing);
        found.at_most("capacity", &[key.0, key.1], used, &row.amount.to_exact());
    }
}

/// `max_awards` counts the lots of a supplier, alone and in consortia; `min_total` is the least that
/// it takes on, if anything.
fn commitments(view: &View<'_>, found: &mut Findings) {
    let mut lots: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for taken in view.taken.iter().filter(|taken| !taken.units.is_zero()) {
        lots.entry(taken.supplier()).or_default().insert(&taken.lot.id);
    }
    let totals = view.sums(Taken::supplier, |taken| taken.amount.clone());
    for supplier in &view.instance.suppliers {
        let id = supplier.id.as_str();
        let Some(lots) = lots.get(id) else { continue };
        if let Some(most) = supplier.max_awards {
            let count = lots.len() as u64;
            found.rule("max_awards", &[id], count <= most, || format!("{count} > {most}"));
        }
        if let Some(total) = totals.get(id)
            && !supplier.min_total.is_zero()
        {
            found.at_least("min_total", &[id], total, &supplier.min_total.to_exact());
        }
    }
}

fn budgets(view: &View<'_>, found: &mut Findings) {
    let spent = view.sums(|taken| taken.buyer.id.as_str(), |taken| taken.amount.clone());
    let nothing = Exact::zero();
    for buyer in &view.instance.buyers {
        if let Some(budget) = buyer.budget {
            let spent = spent.get(buyer.id.as_str()).unwrap_or(&nothing);
            found.at_most("budget", &[&buyer.id], spent, &budget.to_exact());
        }
    }
}

fn supplier_shares(view: &View<'_>, found: &mut Findings) {
    let spent = view.sums(|taken| taken.buyer.id.as_str(), |taken| taken.amount.clone());
    let earned = view.sums(|taken| (taken.buyer.id.as_str(), taken.supplier()), |taken| taken.amount.clone());
    for buyer in &view.instance.buyers {
        let id = buyer.id.as_str();
        let Some(spent) = spent.get(id) else {
            continue;
        };
        let most = buyer.max_supplier_share.to_exact() * spent;
        for ((_, supplier), amount) in earned.range((id, "")..).take_while(|((b, _), _)| *b == id) {
            found.at_most("max_supplier_share", &[supplier, id], amount, &most);
        }
    }
}
