//! Rules about what suppliers can make and what buyers can pay.

use num_traits::Zero;

use super::{exact::Exact, findings::Findings, view::View};

pub(super) fn check(view: &View<'_>, found: &mut Findings) {
    capacity(view, found);
    budgets(view, found);
    supplier_shares(view, found);
}

fn capacity(view: &View<'_>, found: &mut Findings) {
    let used = view.sums(
        |taken| (taken.award.supplier.as_str(), taken.lot.process.as_str()),
        |taken| taken.pair.load.to_ratio() * &taken.units,
    );
    let nothing = Exact::zero();
    for row in &view.instance.capacity {
        let key = (row.supplier.as_str(), row.process.as_str());
        let used = used.get(&key).unwrap_or(&nothing);
        found.at_most("capacity", &[key.0, key.1], used, &row.amount.to_ratio());
    }
}

fn budgets(view: &View<'_>, found: &mut Findings) {
    let spent = view.sums(|taken| taken.buyer.id.as_str(), |taken| taken.amount.clone());
    let nothing = Exact::zero();
    for buyer in &view.instance.buyers {
        if let Some(budget) = buyer.budget {
            let spent = spent.get(buyer.id.as_str()).unwrap_or(&nothing);
            found.at_most("budget", &[&buyer.id], spent, &budget.to_ratio());
        }
    }
}

fn supplier_shares(view: &View<'_>, found: &mut Findings) {
    let spent = view.sums(|taken| taken.buyer.id.as_str(), |taken| taken.amount.clone());
    let earned = view
        .sums(|taken| (taken.buyer.id.as_str(), taken.award.supplier.as_str()), |taken| taken.amount.clone());
    for buyer in &view.instance.buyers {
        let id = buyer.id.as_str();
        let Some(spent) = spent.get(id) else {
            continue;
        };
        let most = buyer.max_supplier_share.to_ratio() * spent;
        for ((_, supplier), amount) in earned.range((id, "")..).take_while(|((b, _), _)| *b == id) {
            found.at_most("max_supplier_share", &[supplier, id], amount, &most);
        }
    }
}
