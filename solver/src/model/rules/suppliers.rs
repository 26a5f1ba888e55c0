//! Rules about one supplier: what it can make, how many awards it takes, and what its sales may
//! depend on.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::{Column, Cone, Rule, Rules, full};
use crate::{
    instance::Tier,
    model::{
        Exact, Measure, Network, Standings,
        network::{double, whole},
        spread::SpreadRow,
    },
};

pub(super) fn add(rules: &mut Rules, network: &Network<'_>, standings: &Standings) {
    capacity(rules, network);
    counted(rules, network);
    let money = Money::new(network, standings);
    dependency(rules, network, standings, &money);
    concentration(rules, network, standings, &money);
    if network.instance.objectives.iter().any(|objective| objective.tier == Tier::Spread) {
        spread(rules, network, standings, &money);
    }
}

fn capacity(rules: &mut Rules, network: &Network<'_>) {
    let mut users: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (i, offer) in network.offers.iter().enumerate() {
        let supplier = network.suppliers[offer.supplier].id.as_str();
        let process = network.lots[offer.lot].process.as_str();
        users.entry((supplier, process)).or_default().push(i);
    }
    let mut capacity: Vec<_> = network.instance.capacity.iter().collect();
    capacity.sort_by(|a, b| (&a.supplier, &a.process).cmp(&(&b.supplier, &b.process)));
    for row in capacity {
        let names = [row.supplier.as_str(), &row.process];
        if let Some(offers) = users.remove(&(names[0], names[1])) {
            let largest = offers.iter().map(|i| network.per_lot(Measure::Load, *i)).fold(0., f64::max);
            let rule = Rule::new("capacity", &names, Measure::Load, offers)
                .scaled(if largest > 0. { largest } else { 1. })
                .at_most(row.amount.to_exact());
            rules.list.push(rule);
        }
    }
}

/// What hangs on a supplier's getting anything, and on how many lots it gets.
fn counted(rules: &mut Rules, network: &Network<'_>) {
    let diversity = network.instance.objectives.iter().any(|objective| objective.tier == Tier::Suppliers);
    for (i, supplier) in network.suppliers.iter().enumerate() {
        let offers = &network.by_supplier[i];
        if offers.is_empty() {
            continue;
        }
        let id = [supplier.id.as_str()];
        if !supplier.min_total.is_zero() {
            let switch = rules.following(offers.clone());
            rules.supplier_switches.insert(i, switch);
            let rule = Rule::new("min_total", &id, Measure::Contract, offers.clone())
                .scaled(full(network, Measure::Contract, offers).max(1.))
                .plus(Column::Switch(switch), -supplier.min_total.to_exact())
                .at_least(Exact::zero());
            rules.list.push(rule);
        }
        if !supplier.setup_cost.is_zero() {
            let switch = rules.following(offers.clone());
            rules.supplier_switches.insert(i, switch);
            *rules.switch_costs.entry(switch).or_default() += supplier.setup_cost.to_exact();
        }
        if diversity {
            let switch = rules.needing(offers.clone());
            rules.supplier_switches.insert(i, switch);
        }
        let mut lots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for offer in offers {
            lots.entry(network.offers[*offer].lot).or_default().push(*offer);
        }
        if let Some(most) = supplier.max_awards.filter(|most| u128::from(*most) < lots.len() as u128) {
            let won: Vec<usize> = lots.into_values().map(|offers| rules.following(offers)).collect();
            let rule = Rule::new("max_awards", &id, Measure::Units, Vec::new()).counting(won);
            rules.list.push(rule.at_most(whole(most)));
        }
    }
}

/// What money rows of suppliers are made of.
struct Money<'a> {
    by_group: BTreeMap<(usize, &'a str), Vec<usize>>,
    /// max(1, R, Σa): what a supplier's rows are divided by.
    scales: Vec<f64>,
}

impl<'a> Money<'a> {
    fn new(network: &Network<'a>, standings: &Standings) -> Self {
        let mut by_group: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for (i, offer) in network.offers.iter().enumerate() {
            by_group.entry((offer.supplier, network.group_of(i))).or_default().push(i);
        }
        let scales = standings
            .base
            .iter()
            .zip(&network.by_supplier)
            .map(|(base, offers)| {
                base.as_ref().map_or(0., double).max(full(network, Measure::Annual, offers)).max(1.)
            })
            .collect();
        Self { by_group, scales }
    }

    fn offers(&self, supplier: usize, group: &str) -> Vec<usize> {
        self.by_group.get(&(supplier, group)).cloned().unwrap_or_default()
    }
}

/// E + A ≤ t · base + max(allowance, E − t·R), with A and N on the left.
fn dependency(rules: &mut Rules, network: &Network<'_>, standings: &Standings, money: &Money<'_>) {
    for ((supplier, group), standing) in &standings.groups {
        let Some((right, factor)) = standings.right_side(*supplier, standing) else {
            continue;
        };
        let scale = money.scales[*supplier];
        let names = [network.suppliers[*supplier].id.as_str(), group];
        let mut rule = Rule::new("dependency", &names, Measure::Annual, money.offers(*supplier, group))
            .scaled(scale)
            .at_most(right - &standing.existing);
        if !factor.is_zero() && !network.by_supplier[*supplier].is_empty() {
            let total = rules.new_sales_of(network, *supplier, scale);
            rule = rule.plus(Column::Total(total), -factor);
        }
        rules.dependency.insert((*supplier, group.clone()), rules.list.len());
        rules.list.push(rule);
    }
}

/// ‖(E + A)_g‖² ≤ H/10⁴ · base², where awards or `no_worsening = false` can break it.
fn concentration(rules: &mut Rules, network: &Network<'_>, standings: &Standings, money: &Money<'_>) {
    for (supplier, of) in network.suppliers.iter().enumerate() {
        let (Some(cap), Some(base)) =
            (standings.hhi_cap(supplier, network.instance.hhi_cap), &standings.base[supplier])
        else {
            continue;
        };
        let squared = cap / whole(10_000);
        // Groups' sales are at most the base, and so is the length of their vector.
        let grows = standings.projected();
        if squared >= Exact::one() && grows {
            continue;
        }
        let scale = money.scales[supplier];
        let has_offers = !network.by_supplier[supplier].is_empty();
        let total = (grows && has_offers).then(|| rules.new_sales_of(network, supplier, scale));
        let groups = standings
            .of(supplier)
            .map(|(group, standing)| (standing.existing.clone(), money.offers(supplier, group)))
            .collect();
        rules.cones.push(Cone::new(&of.id, groups, base.clone(), total, squared, scale));
    }
}

fn spread(rules: &mut Rules, network: &Network<'_>, standings: &Standings, money: &Money<'_>) {
    for ((supplier, group), standing) in &standings.groups {
        // Undisclosed sales have no share.
        let Some(base) = &standings.base[*supplier] else {
            continue;
        };
        let cap = standing.cap.map(crate::Decimal::to_exact);
        let room = standings.room(*supplier, standing, cap.as_ref().unwrap_or(&Exact::one()));
        let scale = money.scales[*supplier];
        let grows = standings.projected() && !network.by_supplier[*supplier].is_empty();
        if base.is_zero() && !grows {
            continue;
        }
        let total = grows.then(|| rules.new_sales_of(network, *supplier, scale));
        rules.spread.push(SpreadRow {
            offers: money.offers(*supplier, group),
            total,
            everything: if grows { network.by_supplier[*supplier].clone() } else { Vec::new() },
            existing: standing.existing.clone(),
            above_room: &standing.existing - room,
            base: base.clone(),
            cap,
            scale,
        });
    }
}
