//! Takes an instance on which something goes wrong apart, until nothing more can be taken away.

use eslabon_solver::{
    Decimal, Instance,
    instance::{Lot, Pair, Supplier},
};

/// The smallest instance found on which `fails` still says something, and what it says.
pub fn smallest(instance: &Instance, fails: &dyn Fn(&Instance) -> Option<String>) -> (Instance, String) {
    let mut smallest = instance.clone();
    let mut says = fails(instance).unwrap_or_default();
    while let Some((smaller, said)) = simpler(&smallest)
        .into_iter()
        .filter(|smaller| *smaller != smallest)
        .find_map(|smaller| fails(&smaller).map(|said| (smaller, said)))
    {
        (smallest, says) = (smaller, said);
    }
    (smallest, says)
}

/// Every instance that is one step simpler.
fn simpler(i: &Instance) -> Vec<Instance> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Instance)| {
        let mut changed = i.clone();
        change(&mut changed);
        all.push(changed);
    };
    for supplier in &i.suppliers {
        with(&|i| without_supplier(i, &supplier.id));
    }
    for lot in &i.lots {
        with(&|i| without_lot(i, &lot.id));
    }
    for consortium in &i.consortia {
        with(&|i| without_bidder(i, &consortium.id));
    }
    for pair in &i.pairs {
        with(&|i| {
            i.pairs.retain(|row| row != pair);
            i.decisions.retain(|row| row.supplier != pair.supplier || row.lot != pair.lot);
        });
    }
    for gap in &i.gaps {
        with(&|i| {
            i.gaps.retain(|row| row != gap);
            i.pairs.iter_mut().for_each(|pair| pair.blocked_by.retain(|id| *id != gap.id));
        });
    }
    for place in 0..i.sales.len() {
        with(&|i| drop(i.sales.remove(place)));
        with(&|i| i.sales[place].expiring = Decimal::ZERO);
    }
    for place in 0..i.capacity.len() {
        with(&|i| drop(i.capacity.remove(place)));
    }
    for place in 0..i.caps.len() {
        with(&|i| drop(i.caps.remove(place)));
    }
    for place in 0..i.decisions.len() {
        with(&|i| drop(i.decisions.remove(place)));
    }
    for place in 0..i.objectives.len() {
        with(&|i| {
            i.objectives.remove(place);
        });
        with(&|i| i.objectives[place].tolerance = Decimal::ZERO);
    }
    with(&|i| i.dependency_cap = None);
    with(&|i| i.dependency_allowance = Decimal::ZERO);
    with(&|i| i.hhi_cap = None);
    with(&|i| i.no_worsening = true);
    with(&|i| i.dependency_base = eslabon_solver::instance::DependencyBase::Projected);
    for place in 0..i.buyers.len() {
        with(&|i| i.buyers[place].budget = None);
        with(&|i| i.buyers[place].max_supplier_share = Decimal::ONE);
    }
    plainer_suppliers(i, &mut all);
    plainer_lots(i, &mut all);
    plainer_pairs(i, &mut all);
    all
}

fn plainer_suppliers(i: &Instance, all: &mut Vec<Instance>) {
    let changes: [fn(&mut Supplier); 5] = [
        |s| s.dependency_cap = None,
        |s| s.max_awards = None,
        |s| s.min_total = Decimal::ZERO,
        |s| s.setup_cost = Decimal::ZERO,
        |s| s.annual_sales = Some(Decimal::ZERO),
    ];
    for place in 0..i.suppliers.len() {
        for change in changes {
            let mut changed = i.clone();
            change(&mut changed.suppliers[place]);
            all.push(changed);
        }
    }
}

fn plainer_lots(i: &Instance, all: &mut Vec<Instance>) {
    let changes: [fn(&mut Lot); 13] = [
        |l| l.quantity = l.quantity.saturating_sub(1).max(1),
        |l| l.reference_price = Decimal::ONE,
        |l| l.weight = Decimal::ONE,
        |l| l.min_suppliers = 0,
        |l| l.max_suppliers = None,
        |l| l.min_share = Decimal::ZERO,
        |l| l.max_share = Decimal::ONE,
        |l| l.divisible = true,
        |l| l.must_award = false,
        |l| l.min_coverage = Decimal::ZERO,
        |l| l.years = Decimal::ONE,
        |l| l.starts_in = None,
        |l| "P".clone_into(&mut l.process),
    ];
    for place in 0..i.lots.len() {
        for change in changes {
            let mut changed = i.clone();
            change(&mut changed.lots[place]);
            all.push(changed);
        }
    }
}

fn plainer_pairs(i: &Instance, all: &mut Vec<Instance>) {
    let changes: [fn(&mut Pair); 5] = [
        |p| p.unit_price = Decimal::ONE,
        |p| p.fit = Decimal::ONE,
        |p| p.load = Decimal::ONE,
        |p| p.max_share = Decimal::ONE,
        |p| p.blocked_by.clear(),
    ];
    for place in 0..i.pairs.len() {
        for change in changes {
            let mut changed = i.clone();
            change(&mut changed.pairs[place]);
            all.push(changed);
        }
    }
}

fn without_bidder(i: &mut Instance, id: &str) {
    i.consortia.retain(|row| row.id != id);
    i.pairs.retain(|row| row.supplier != id);
    i.decisions.retain(|row| row.supplier != id);
    i.gaps.retain(|row| row.supplier != id);
}

/// Takes a supplier and all that is said about it away, and consortia that it leaves alone.
pub fn without_supplier(i: &mut Instance, id: &str) {
    i.suppliers.retain(|row| row.id != id);
    without_bidder(i, id);
    i.sales.retain(|row| row.supplier != id);
    i.caps.retain(|row| row.supplier != id);
    i.capacity.retain(|row| row.supplier != id);
    i.consortia.iter_mut().for_each(|row| row.members.retain(|member| member != id));
    let few: Vec<String> =
        i.consortia.iter().filter(|row| row.members.len() < 2).map(|row| row.id.clone()).collect();
    for id in few {
        without_bidder(i, &id);
    }
    // A group that only the supplier sold to is gone with it.
    let (buyers, sales) = (&i.buyers, &i.sales);
    i.caps.retain(|row| {
        buyers.iter().any(|b| b.group == row.group) || sales.iter().any(|s| s.group == row.group)
    });
}

fn without_lot(i: &mut Instance, id: &str) {
    i.lots.retain(|row| row.id != id);
    i.pairs.retain(|row| row.lot != id);
    i.decisions.retain(|row| row.lot != id);
}
