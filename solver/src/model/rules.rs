//! Every rule once, in exact numbers of whole units.

use std::collections::BTreeMap;

use num_traits::{One, Signed, Zero};

use super::{
    Exact, Measure, Network, Standings,
    network::{count, double, whole},
};
use crate::{instance::Ruling, outcome::RuleName};

/// How a rule's left side stands to its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Relation {
    AtMost,
    AtLeast,
    Exactly,
}

/// A sum of awards that rules refer to: N of a supplier, what a buyer awards in value.
///
/// A column of its own: written out in every row, N multiplied the non-zeros of a 60,000-pair
/// instance by 3.6.
#[derive(Debug)]
pub(crate) struct Total {
    pub measure: Measure,
    pub offers: Vec<usize>,
    /// What its row is divided by before solving.
    pub scale: f64,
}

/// Σ measure · units − factor · total, compared with a limit.
#[derive(Debug)]
pub(crate) struct Rule {
    pub name: RuleName,
    pub measure: Measure,
    pub offers: Vec<usize>,
    /// Index of a total, and the factor at which it is taken off.
    pub less: Option<(usize, Exact)>,
    pub relation: Relation,
    pub limit: Exact,
    /// What the row is divided by before solving.
    pub scale: f64,
}

/// The rules of an instance, in canonical order.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub totals: Vec<Total>,
    pub list: Vec<Rule>,
    /// Offers that a decision fixes or forbids, with the units: publication leaves them alone.
    pub decided: BTreeMap<usize, u64>,
    /// Index of the minimum coverage of each lot that has one.
    pub min_coverage: BTreeMap<usize, usize>,
    /// Index of the dependency rule of a supplier and group.
    pub dependency: BTreeMap<(usize, String), usize>,
}

impl Rules {
    pub fn new(network: &Network<'_>, standings: &Standings) -> Self {
        let mut rules = Self::default();
        rules.demand(network);
        rules.decisions(network);
        rules.capacity(network);
        rules.buyers(network);
        rules.dependency(network, standings);
        rules
    }

    /// Demand and minimum coverage.
    fn demand(&mut self, network: &Network<'_>) {
        let mut by_lot = vec![Vec::new(); network.lots.len()];
        for (i, offer) in network.offers.iter().enumerate() {
            by_lot[offer.lot].push(i);
        }
        for (position, (lot, offers)) in network.lots.iter().zip(by_lot).enumerate() {
            let quantity = whole(lot.quantity);
            let units = |rule| {
                Rule::new(rule, &[&lot.id], Measure::Units, offers.clone()).scaled(count(lot.quantity))
            };
            if !lot.min_coverage.is_zero() {
                let least = lot.min_coverage.to_ratio() * &quantity;
                self.min_coverage.insert(position, self.list.len());
                self.list.push(units("min_coverage").at_least(least));
            }
            self.list.push(units("demand").at_most(quantity));
        }
    }

    /// Fixed and forbidden awards, and the largest shares, which a decision may override.
    fn decisions(&mut self, network: &Network<'_>) {
        let units = |rule, names: [&str; 2], offer: Option<usize>| {
            let scale = offer.map_or(1., |offer| count(network.quantity(offer)));
            let offers = offer.into_iter().collect();
            Rule::new(rule, &names, Measure::Units, offers).scaled(scale)
        };
        let mut overridden = vec![false; network.offers.len()];
        let mut decisions: Vec<_> = network.instance.decisions.iter().collect();
        decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        for decision in decisions {
            let offer = network.offer(&decision.supplier, &decision.lot);
            let (rule, quantity, overrides) = match decision.ruling {
                Ruling::Fixed { quantity, override_max_share } => ("fixed", quantity, override_max_share),
                Ruling::Forbidden => ("forbidden", 0, false),
            };
            if let Some(offer) = offer {
                self.decided.insert(offer, quantity);
                overridden[offer] |= overrides;
            }
            let names = [decision.supplier.as_str(), &decision.lot];
            let rule = units(rule, names, offer).exactly(whole(quantity));
            self.list.push(rule);
        }
        for (i, offer) in network.offers.iter().enumerate() {
            let share = if overridden[i] { &offer.lot_max_share } else { &offer.max_share };
            if *share < Exact::one() {
                let most = share * whole(network.quantity(i));
                let rule = units("max_share", network.names(i), Some(i)).at_most(most);
                self.list.push(rule);
            }
        }
    }

    fn capacity(&mut self, network: &Network<'_>) {
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
                    .at_most(row.amount.to_ratio());
                self.list.push(rule);
            }
        }
    }

    /// Budgets and dual sourcing.
    fn buyers(&mut self, network: &Network<'_>) {
        let mut by_buyer = vec![Vec::new(); network.buyers.len()];
        for (i, offer) in network.offers.iter().enumerate() {
            by_buyer[network.buyer_of[offer.lot]].push(i);
        }
        for (buyer, offers) in network.buyers.iter().zip(by_buyer) {
            let scale = full(network, Measure::Contract, &offers)
                .max(buyer.budget.map_or(0., crate::Decimal::to_f64))
                .max(1.);
            if let Some(budget) = buyer.budget {
                let rule = Rule::new("budget", &[&buyer.id], Measure::Contract, offers.clone())
                    .scaled(scale)
                    .at_most(budget.to_ratio());
                self.list.push(rule);
            }
            let share = buyer.max_supplier_share.to_ratio();
            if share >= Exact::one() || offers.is_empty() {
                continue;
            }
            let mut by_supplier: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for offer in &offers {
                let supplier = network.offers[*offer].supplier;
                by_supplier.entry(supplier).or_default().push(*offer);
            }
            let total = self.total(Measure::Contract, offers, scale);
            for (supplier, offers) in by_supplier {
                let names = [network.suppliers[supplier].id.as_str(), &buyer.id];
                let rule = Rule::new("max_supplier_share", &names, Measure::Contract, offers)
                    .scaled(scale)
                    .less(total, share.clone())
                    .at_most(Exact::zero());
                self.list.push(rule);
            }
        }
    }

    /// E + A ≤ t · base + max(allowance, E − t·R), with A and N on the left.
    fn dependency(&mut self, network: &Network<'_>, standings: &Standings) {
        let mut by_supplier = vec![Vec::new(); network.suppliers.len()];
        let mut by_group: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for (i, offer) in network.offers.iter().enumerate() {
            by_supplier[offer.supplier].push(i);
            let key = (offer.supplier, network.group_of(i));
            by_group.entry(key).or_default().push(i);
        }
        let mut totals = BTreeMap::new();
        for ((supplier, group), standing) in &standings.groups {
            let Some((right, factor)) = standings.right_side(*supplier, standing) else {
                continue;
            };
            let offers = by_group.remove(&(*supplier, group.as_str())).unwrap_or_default();
            let scale = standings.base[*supplier]
                .as_ref()
                .map_or(0., double)
                .max(full(network, Measure::Annual, &by_supplier[*supplier]))
                .max(1.);
            let names = [network.suppliers[*supplier].id.as_str(), group];
            let mut rule = Rule::new("dependency", &names, Measure::Annual, offers)
                .scaled(scale)
                .at_most(right - &standing.existing);
            if !factor.is_zero() && !by_supplier[*supplier].is_empty() {
                let total = *totals.entry(*supplier).or_insert_with(|| {
                    let offers = by_supplier[*supplier].clone();
                    self.total(Measure::Annual, offers, scale)
                });
                rule = rule.less(total, factor);
            }
            let key = (*supplier, group.clone());
            self.dependency.insert(key, self.list.len());
            self.list.push(rule);
        }
    }

    fn total(&mut self, measure: Measure, offers: Vec<usize>, scale: f64) -> usize {
        self.totals.push(Total { measure, offers, scale });
        self.totals.len() - 1
    }

    /// A total of whole-unit awards.
    pub fn total_of(&self, network: &Network<'_>, total: usize, units: &[u64]) -> Exact {
        let total = &self.totals[total];
        sum(network, total.measure, &total.offers, units)
    }

    /// By how much whole-unit awards break a rule, given its total; `None` if they keep it.
    pub fn excess(
        network: &Network<'_>,
        rule: &Rule,
        units: &[u64],
        total: impl Fn(usize) -> Exact,
    ) -> Option<Exact> {
        let mut over = sum(network, rule.measure, &rule.offers, units) - &rule.limit;
        if let Some((of, factor)) = &rule.less {
            over -= factor * total(*of);
        }
        let broken = match rule.relation {
            Relation::AtMost => over.is_positive(),
            Relation::AtLeast => over.is_negative(),
            Relation::Exactly => !over.is_zero(),
        };
        broken.then_some(over)
    }

    /// The rules that whole-unit awards break, and by how much.
    pub fn broken(&self, network: &Network<'_>, units: &[u64]) -> Vec<(usize, Exact)> {
        let totals: Vec<Exact> =
            (0..self.totals.len()).map(|total| self.total_of(network, total, units)).collect();
        self.list
            .iter()
            .enumerate()
            .filter_map(|(i, rule)| {
                let over = Self::excess(network, rule, units, |total| totals[total].clone())?;
                Some((i, over))
            })
            .collect()
    }

    /// What people fixed and nothing else, if that keeps every rule.
    pub fn decided_only(&self, network: &Network<'_>) -> Option<Vec<u64>> {
        let mut units = vec![0; network.offers.len()];
        for (offer, fixed) in &self.decided {
            units[*offer] = *fixed;
        }
        self.broken(network, &units).is_empty().then_some(units)
    }
}

impl Rule {
    fn new(rule: &str, subject: &[&str], measure: Measure, offers: Vec<usize>) -> Self {
        Self {
            name: RuleName {
                rule: rule.to_owned(),
                subject: subject.iter().map(|id| (*id).to_owned()).collect(),
            },
            measure,
            offers,
            less: None,
            relation: Relation::AtMost,
            limit: Exact::zero(),
            scale: 1.,
        }
    }

    fn scaled(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    fn less(mut self, total: usize, factor: Exact) -> Self {
        self.less = Some((total, factor));
        self
    }

    fn compared(mut self, relation: Relation, limit: Exact) -> Self {
        self.relation = relation;
        self.limit = limit;
        self
    }

    fn at_most(self, limit: Exact) -> Self {
        self.compared(Relation::AtMost, limit)
    }

    fn at_least(self, limit: Exact) -> Self {
        self.compared(Relation::AtLeast, limit)
    }

    fn exactly(self, limit: Exact) -> Self {
        self.compared(Relation::Exactly, limit)
    }
}

/// Σ measure · units over some offers.
fn sum(network: &Network<'_>, measure: Measure, offers: &[usize], units: &[u64]) -> Exact {
    offers
        .iter()
        .filter(|offer| units[**offer] > 0)
        .map(|offer| network.per_unit(measure, *offer) * whole(units[*offer]))
        .sum()
}

/// The same with every lot awarded in full: the scale of a money row.
fn full(network: &Network<'_>, measure: Measure, offers: &[usize]) -> f64 {
    offers.iter().map(|offer| network.per_lot(measure, *offer)).sum()
}
