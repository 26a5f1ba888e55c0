//! Where suppliers stand today: their sales, to whom, and the cap in force for each buyer group.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::{Exact, Network, whole};
use crate::instance::DependencyBase;

/// One supplier and one buyer group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// Existing annual sales to the group, today.
    pub sales_today: Exact,
    /// E: the same without what expires.
    pub existing: Exact,
    /// The cap in force; `None`: no rule.
    pub cap: Option<crate::Decimal>,
    /// Whether the instance names sales to the group, be they 0; otherwise there is only an offer.
    pub sold: bool,
}

/// Every supplier's standing.
#[derive(Debug)]
pub(crate) struct Standings {
    /// By supplier index and group.
    pub groups: BTreeMap<(usize, String), Standing>,
    /// Annual sales of each supplier today; `None` = undisclosed.
    pub sales_today: Vec<Option<Exact>>,
    /// R: the same without what expires.
    pub base: Vec<Option<Exact>>,
    conservative: bool,
    no_worsening: bool,
    allowance: Exact,
}

impl Standings {
    pub fn new(network: &Network<'_>) -> Self {
        let instance = network.instance;
        let mut groups: BTreeMap<(usize, String), Standing> = BTreeMap::new();
        let mut sold = vec![Exact::zero(); network.suppliers.len()];
        let mut expiring = sold.clone();
        for row in &instance.sales {
            let Some(supplier) = network.supplier(&row.supplier) else {
                continue;
            };
            let standing = groups.entry((supplier, row.group.clone())).or_default();
            standing.sold = true;
            standing.sales_today += row.amount.to_exact();
            standing.existing += row.amount.to_exact() - row.expiring.to_exact();
            sold[supplier] += row.amount.to_exact();
            expiring[supplier] += row.expiring.to_exact();
        }
        for offer in 0..network.offers.len() {
            let key = (network.offers[offer].supplier, network.group_of(offer).to_owned());
            groups.entry(key).or_default();
        }
        let own_caps: BTreeMap<(&str, &str), crate::Decimal> = instance
            .caps
            .iter()
            .map(|row| {
                let key = (row.supplier.as_str(), row.group.as_str());
                (key, row.dependency_cap)
            })
            .collect();
        for ((supplier, group), standing) in &mut groups {
            let supplier = network.suppliers[*supplier];
            standing.cap = own_caps
                .get(&(supplier.id.as_str(), group.as_str()))
                .copied()
                .or(supplier.dependency_cap)
                .or(instance.dependency_cap);
        }
        // Sales to known groups are part of the annual sales, so these are never the smaller.
        let sales_today: Vec<Option<Exact>> = network
            .suppliers
            .iter()
            .zip(sold)
            .map(|(supplier, sold)| Some(supplier.annual_sales?.to_exact().max(sold)))
            .collect();
        let base = sales_today
            .iter()
            .zip(expiring)
            .map(|(today, expiring)| Some(today.as_ref()? - expiring))
            .collect();
        Self {
            groups,
            sales_today,
            base,
            conservative: instance.dependency_base == DependencyBase::Conservative,
            no_worsening: instance.no_worsening,
            allowance: instance.dependency_allowance.to_exact(),
        }
    }

    /// The part of the cap's right side `max(allowance, E − t·R)` that does not move with the base.
    pub fn room(&self, supplier: usize, standing: &Standing, cap: &Exact) -> Exact {
        if !self.no_worsening {
            return self.allowance.clone();
        }
        let own = self.base[supplier].as_ref().map_or_else(Exact::zero, |base| cap * base);
        self.allowance.clone().max(&standing.existing - own)
    }

    /// The cap's right side `t · base + max(allowance, E − t·R)` in two parts: what stands without
    /// new awards, and the factor of N. `None` without a cap.
    pub fn right_side(&self, supplier: usize, standing: &Standing) -> Option<(Exact, Exact)> {
        let cap = standing.cap?.to_exact();
        let room = self.room(supplier, standing, &cap);
        // Undisclosed: R = 0 and base = 0, so only the allowance counts.
        let disclosed = self.base[supplier].as_ref();
        let own = disclosed.map_or_else(Exact::zero, |base| &cap * base);
        let factor = if self.conservative || disclosed.is_none() { Exact::zero() } else { cap };
        Some((own + room, factor))
    }

    /// Whether the base grows with new awards.
    pub const fn projected(&self) -> bool {
        !self.conservative
    }

    /// The HHI in force for a supplier, 0…10000: the larger of the instance's cap and, with
    /// `no_worsening`, what it has without awards. `None`: no rule, as without a cap, without sales, or
    /// where sales are undisclosed.
    pub fn hhi_cap(&self, supplier: usize, cap: Option<crate::Decimal>) -> Option<Exact> {
        let cap = cap?.to_exact();
        let base = self.base[supplier].as_ref().filter(|base| base.is_positive())?;
        if !self.no_worsening {
            return Some(cap);
        }
        let squares: Exact =
            self.of(supplier).map(|(_, standing)| &standing.existing * &standing.existing).sum();
        Some(cap.max(squares / (base * base) * whole(10_000)))
    }

    /// A supplier's groups, in order.
    pub fn of(&self, supplier: usize) -> impl Iterator<Item = (&str, &Standing)> {
        let from = (supplier, String::new());
        let until = (supplier + 1, String::new());
        self.groups.range(from..until).map(|((_, group), standing)| (group.as_str(), standing))
    }
}
