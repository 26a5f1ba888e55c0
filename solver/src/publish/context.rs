//! Figures around the awards: how concentrated suppliers are on buyers and processes on suppliers, and
//! the gaps that awards need closed.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Zero;

use super::{amount::rounded, figures::awarded_annual};
use crate::{
    model::{Exact, Measure, Network, Standings, whole},
    outcome::{Concentration, Development, Market},
};

/// Decimal places of a printed HHI.
const HHI_PLACES: u32 = 2;

/// The HHI of every supplier with disclosed sales or awards, over its known buyer groups.
pub(crate) fn hhi(network: &Network<'_>, standings: &Standings, units: &[u64]) -> Vec<Concentration> {
    let (annual, new_sales) = awarded_annual(network, units);
    let active: BTreeSet<usize> = awards(units).map(|i| network.offers[i].supplier).collect();
    let mut rows = Vec::new();
    for (i, supplier) in network.suppliers.iter().enumerate() {
        let today = standings.sales_today[i].as_ref();
        if today.is_none() && !active.contains(&i) {
            continue;
        }
        let before =
            today.and_then(|of| index(standings.of(i).map(|(_, held)| held.sales_today.clone()), of));
        let after = standings.base[i].as_ref().and_then(|base| {
            let sales = standings.of(i).map(|(group, held)| {
                let awarded = annual.get(&(i, group)).cloned().unwrap_or_default();
                &held.existing + awarded
            });
            index(sales, &(base + &new_sales[i]))
        });
        let printed = |hhi: Option<Exact>| hhi.map(|hhi| rounded(&hhi, HHI_PLACES));
        rows.push(Concentration {
            supplier: supplier.id.clone(),
            before: printed(before),
            after: printed(after),
            cap: printed(standings.hhi_cap(i, network.instance.hhi_cap)),
        });
    }
    rows
}

/// How the awards of each process are distributed among suppliers.
pub(crate) fn market(network: &Network<'_>, units: &[u64], places: u32) -> Vec<Market> {
    let mut processes: BTreeMap<&str, BTreeMap<usize, Exact>> = BTreeMap::new();
    for i in awards(units) {
        let offer = &network.offers[i];
        let suppliers = processes.entry(&network.lots[offer.lot].process).or_default();
        *suppliers.entry(offer.supplier).or_default() +=
            network.per_unit(Measure::Contract, i) * whole(units[i]);
    }
    processes
        .into_iter()
        .map(|(process, suppliers)| {
            let amount: Exact = suppliers.values().sum();
            Market {
                process: process.to_owned(),
                suppliers: suppliers.len() as u64,
                hhi: index(suppliers.into_values(), &amount).map(|hhi| rounded(&hhi, HHI_PLACES)),
                amount: rounded(&amount, places),
            }
        })
        .collect()
}

/// The gaps that the awards need closed.
pub(crate) fn development(network: &Network<'_>, units: &[u64], places: u32) -> Vec<Development> {
    let mut opens: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for i in awards(units) {
        let bid = &network.bids[network.offers[i].bid];
        for gap in &bid.gaps {
            opens.entry(*gap).or_default().insert(bid.lot);
        }
    }
    opens
        .into_iter()
        .map(|(gap, lots)| {
            let gap = network.gaps[gap];
            Development {
                gap: gap.id.clone(),
                supplier: gap.supplier.clone(),
                cost: rounded(&gap.cost.unwrap_or_default().to_exact(), places),
                opens: lots.into_iter().map(|lot| network.lots[lot].id.clone()).collect(),
            }
        })
        .collect()
}

fn awards(units: &[u64]) -> impl Iterator<Item = usize> {
    units.iter().enumerate().filter(|(_, units)| **units > 0).map(|(i, _)| i)
}

/// 10⁴ · Σ part² / whole²; `None` for 0/0.
fn index(parts: impl Iterator<Item = Exact>, of: &Exact) -> Option<Exact> {
    let squares: Exact = parts.map(|part| &part * &part).sum();
    (!of.is_zero()).then(|| squares * whole(10_000) / (of * of))
}
