//! What each supplier sells to whom, today and with the awards: the figures under the dependency rule,
//! the HHI and the spread.
//!
//! E: existing annual sales to a group without what expires. R: annual sales without what expires;
//! sales that are less than their parts are taken as the sum of their parts. A, N: new annual awards
//! from the group, and from all. t: the `caps` row, else the supplier's own cap, else the instance's.

use std::collections::{BTreeMap, HashMap};

use super::{exact::Exact, view::View};
use crate::{Decimal, instance::DependencyBase};

/// (supplier, group).
pub(super) type Key<'a> = (&'a str, &'a str);

/// A supplier's sales to one group, or to everyone.
#[derive(Clone, Default)]
pub(super) struct Sold {
    /// As of today.
    pub today: Exact,
    /// The part that ends.
    pub expiring: Exact,
    /// New annual awards.
    pub awarded: Exact,
}

impl Sold {
    /// E.
    pub(super) fn kept(&self) -> Exact {
        &self.today - &self.expiring
    }

    /// E + A.
    pub(super) fn after(&self) -> Exact {
        self.kept() + &self.awarded
    }
}

/// A supplier's sales as a whole.
pub(super) struct Position {
    pub total: Sold,
    /// Annual sales of today; `None` where undisclosed.
    pub disclosed: Option<Exact>,
}

impl Position {
    /// R; `None` where undisclosed.
    pub(super) fn kept(&self) -> Option<Exact> {
        self.disclosed.as_ref().map(|today| today - &self.total.expiring)
    }

    /// R + N; `None` where undisclosed.
    pub(super) fn after(&self) -> Option<Exact> {
        self.kept().map(|kept| kept + &self.total.awarded)
    }

    /// What dependency is measured against; `None` where undisclosed.
    pub(super) fn base(&self, base: DependencyBase) -> Option<Exact> {
        match base {
            DependencyBase::Conservative => self.kept(),
            DependencyBase::Projected => self.after(),
        }
    }
}

/// All suppliers, and each with every group that it has sales or awards with.
pub(super) struct Ledger<'a> {
    pub suppliers: BTreeMap<&'a str, Position>,
    pub groups: BTreeMap<Key<'a>, Sold>,
    own: HashMap<&'a str, Option<Decimal>>,
    waivers: HashMap<Key<'a>, Decimal>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(view: &View<'a>) -> Self {
        let instance = view.instance;
        let mut groups: BTreeMap<Key<'a>, Sold> = BTreeMap::new();
        let mut totals: BTreeMap<&'a str, Sold> = BTreeMap::new();
        for row in &instance.sales {
            let key = (row.supplier.as_str(), row.group.as_str());
            for sold in [groups.entry(key).or_default(), totals.entry(key.0).or_default()] {
                sold.today += row.amount.to_exact();
                sold.expiring += row.expiring.to_exact();
            }
        }
        for taken in &view.taken {
            let key = (taken.supplier(), taken.buyer.group.as_str());
            for sold in [groups.entry(key).or_default(), totals.entry(key.0).or_default()] {
                sold.awarded += &taken.annual;
            }
        }
        let suppliers = instance.suppliers.iter().map(|supplier| {
            let total = totals.remove(supplier.id.as_str()).unwrap_or_default();
            let disclosed = supplier.annual_sales.map(|sales| sales.to_exact().max(total.today.clone()));
            (supplier.id.as_str(), Position { total, disclosed })
        });
        let suppliers: BTreeMap<&str, Position> = suppliers.collect();
        groups.retain(|(supplier, _), _| suppliers.contains_key(supplier));
        Self {
            suppliers,
            groups,
            own: instance
                .suppliers
                .iter()
                .map(|supplier| (supplier.id.as_str(), supplier.dependency_cap.or(instance.dependency_cap)))
                .collect(),
            waivers: instance
                .caps
                .iter()
                .map(|row| ((row.supplier.as_str(), row.group.as_str()), row.dependency_cap))
                .collect(),
        }
    }

    /// t.
    pub(super) fn cap(&self, key: Key<'_>) -> Option<Exact> {
        let cap = self.waivers.get(&key).copied().or_else(|| self.own.get(key.0).copied().flatten());
        cap.map(Decimal::to_exact)
    }

    /// The groups of one supplier.
    pub(super) fn of(&self, supplier: &'a str) -> impl Iterator<Item = &Sold> {
        let range = self.groups.range((supplier, "")..);
        range.take_while(move |((of, _), _)| *of == supplier).map(|(_, sold)| sold)
    }
}
