//! A small builder of instances.

use std::fmt;

use eslabon_solver::{
    Instance,
    instance::{
        Buyer, Cap, Capacity, Consortium, Decision, DependencyBase, Gap, Limits, Lot, Objective, Pair,
        Ruling, Sales, Supplier, Tier,
    },
    write::to_json,
};

use super::decimal;

/// An instance in the making: no cap, amounts in USD, coverage then fit then cost, no tolerances.
#[derive(Clone)]
pub struct Network(Instance);

/// In its written form, which can be solved as it stands.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_json(&self.built()))
    }
}

impl Network {
    /// Without a cap.
    pub fn new() -> Self {
        let objective = |tier| Objective { tier, tolerance: decimal("0") };
        Self(Instance {
            currency: "USD".to_owned(),
            dependency_base: DependencyBase::Projected,
            no_worsening: true,
            objectives: [Tier::Coverage, Tier::Fit, Tier::Cost].map(objective).to_vec(),
            limits: Limits { threads: 1, ..Limits::default() },
            ..Instance::default()
        })
    }

    /// With τ.
    pub fn capped(cap: &str) -> Self {
        Self::new().with(|i| i.dependency_cap = Some(decimal(cap)))
    }

    /// Whatever has no word of its own.
    pub fn with(mut self, change: impl FnOnce(&mut Instance)) -> Self {
        change(&mut self.0);
        self
    }

    pub fn conservative(self) -> Self {
        self.with(|i| i.dependency_base = DependencyBase::Conservative)
    }

    pub fn allowance(self, amount: &str) -> Self {
        self.with(|i| i.dependency_allowance = decimal(amount))
    }

    /// Suppliers above their cap have to come under it.
    pub fn must_come_under(self) -> Self {
        self.with(|i| i.no_worsening = false)
    }

    pub fn supplier(self, id: &str, annual_sales: &str) -> Self {
        self.with(|i| {
            i.suppliers.push(Supplier { annual_sales: Some(decimal(annual_sales)), ..Supplier::new(id) });
        })
    }

    pub fn undisclosed(self, id: &str) -> Self {
        self.supplier(id, "0").with(|i| last(&mut i.suppliers).annual_sales = None)
    }

    /// The own cap of the supplier before.
    pub fn own_cap(self, cap: &str) -> Self {
        self.with(|i| last(&mut i.suppliers).dependency_cap = Some(decimal(cap)))
    }

    pub fn waiver(self, supplier: &str, group: &str, cap: &str) -> Self {
        self.with(|i| {
            i.caps.push(Cap {
                supplier: supplier.to_owned(),
                group: group.to_owned(),
                dependency_cap: decimal(cap),
            });
        })
    }

    /// A buyer that is a group of its own.
    pub fn buyer(self, id: &str) -> Self {
        self.buyer_of(id, id)
    }

    pub fn buyer_of(self, id: &str, group: &str) -> Self {
        self.with(|i| {
            i.buyers.push(Buyer {
                id: id.to_owned(),
                group: group.to_owned(),
                budget: None,
                max_supplier_share: decimal("1"),
            });
        })
    }

    pub fn budget(self, amount: &str) -> Self {
        self.with(|i| last(&mut i.buyers).budget = Some(decimal(amount)))
    }

    pub fn max_supplier_share(self, share: &str) -> Self {
        self.with(|i| last(&mut i.buyers).max_supplier_share = decimal(share))
    }

    pub fn sales(self, supplier: &str, group: &str, amount: &str) -> Self {
        self.expiring_sales(supplier, group, amount, "0")
    }

    pub fn expiring_sales(self, supplier: &str, group: &str, amount: &str, expiring: &str) -> Self {
        self.with(|i| {
            i.sales.push(Sales {
                supplier: supplier.to_owned(),
                group: group.to_owned(),
                amount: decimal(amount),
                expiring: decimal(expiring),
            });
        })
    }

    /// Everything is made by one process, `P`, unless a lot says otherwise.
    pub fn capacity(self, supplier: &str, amount: &str) -> Self {
        self.capacity_for(supplier, "P", amount)
    }

    pub fn capacity_for(self, supplier: &str, process: &str, amount: &str) -> Self {
        self.with(|i| {
            i.capacity.push(Capacity {
                supplier: supplier.to_owned(),
                process: process.to_owned(),
                amount: decimal(amount),
            });
        })
    }

    pub fn lot(self, id: &str, buyer: &str, quantity: u64, reference_price: &str) -> Self {
        self.with(|i| {
            i.lots.push(Lot::new(id, buyer, "P", quantity, decimal(reference_price)));
        })
    }

    /// A change to the lot before.
    pub fn lot_with(self, change: impl FnOnce(&mut Lot)) -> Self {
        self.with(|i| change(last(&mut i.lots)))
    }

    pub fn consortium(self, id: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|&member| member.to_owned()).collect();
        self.with(|i| i.consortia.push(Consortium { id: id.to_owned(), members }))
    }

    /// A gap of a supplier, and the money there is for closing gaps.
    pub fn gap(self, id: &str, supplier: &str, cost: &str, months: &str) -> Self {
        let (cost, months) = (decimal(cost), decimal(months));
        self.with(|i| {
            i.gaps.push(Gap { id: id.to_owned(), supplier: supplier.to_owned(), cost: Some(cost), months });
        })
    }

    pub fn development_budget(self, amount: &str) -> Self {
        self.with(|i| i.development_budget = Some(decimal(amount)))
    }

    /// A change to the supplier before.
    pub fn supplier_with(self, change: impl FnOnce(&mut Supplier)) -> Self {
        self.with(|i| change(last(&mut i.suppliers)))
    }

    /// The gaps that keep the pair before shut.
    pub fn blocked_by(self, gaps: &[&str]) -> Self {
        self.pair_with(|pair| pair.blocked_by = gaps.iter().map(|&gap| gap.to_owned()).collect())
    }

    /// The tiers, without tolerances.
    pub fn tiers(self, tiers: &[Tier]) -> Self {
        let tiers = tiers.iter().map(|&tier| Objective { tier, tolerance: decimal("0") });
        self.with(|i| i.objectives = tiers.collect())
    }

    /// At the lot's reference price.
    pub fn pair(self, supplier: &str, lot: &str) -> Self {
        let price = (self.0.lots.iter())
            .find(|row| row.id == lot)
            .unwrap_or_else(|| panic!("the lot {lot} comes before its pairs"))
            .reference_price;
        self.with(|i| {
            i.pairs.push(Pair::new(supplier, lot, price));
        })
    }

    pub fn pair_at(self, supplier: &str, lot: &str, unit_price: &str) -> Self {
        self.pair(supplier, lot).pair_with(|pair| pair.unit_price = decimal(unit_price))
    }

    /// A change to the pair before.
    pub fn pair_with(self, change: impl FnOnce(&mut Pair)) -> Self {
        self.with(|i| change(last(&mut i.pairs)))
    }

    pub fn fixed(self, supplier: &str, lot: &str, quantity: u64) -> Self {
        self.decided(supplier, lot, Ruling::Fixed { quantity, override_max_share: false })
    }

    pub fn fixed_with_override(self, supplier: &str, lot: &str, quantity: u64) -> Self {
        self.decided(supplier, lot, Ruling::Fixed { quantity, override_max_share: true })
    }

    pub fn forbidden(self, supplier: &str, lot: &str) -> Self {
        self.decided(supplier, lot, Ruling::Forbidden)
    }

    fn decided(self, supplier: &str, lot: &str, ruling: Ruling) -> Self {
        self.with(|i| {
            i.decisions.push(Decision { supplier: supplier.to_owned(), lot: lot.to_owned(), ruling });
        })
    }

    /// The instance, its tables sorted as reading sorts them.
    pub fn built(&self) -> Instance {
        let mut i = self.0.clone();
        i.buyers.sort_by(|a, b| a.id.cmp(&b.id));
        i.suppliers.sort_by(|a, b| a.id.cmp(&b.id));
        i.lots.sort_by(|a, b| a.id.cmp(&b.id));
        i.caps.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
        i.sales.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
        i.capacity.sort_by(|a, b| (&a.supplier, &a.process).cmp(&(&b.supplier, &b.process)));
        i.pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        i.gaps.sort_by(|a, b| a.id.cmp(&b.id));
        i.consortia.sort_by(|a, b| a.id.cmp(&b.id));
        i.decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        i
    }
}

fn last<T>(rows: &mut [T]) -> &mut T {
    rows.last_mut().unwrap_or_else(|| panic!("a row to change comes first"))
}
