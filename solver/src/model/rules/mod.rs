//! Every rule once, in exact numbers of whole units.
//!
//! A [`Rule`] compares Σ measure · units + Σ factor · column with a limit. Its columns are [`Total`]s,
//! sums of awards that several rules refer to, and [`Switch`]es, which are 1 exactly when any of
//! their offers is awarded: a bid, a lot, a supplier, a part of a consortium, a gap that awarded
//! bids need closed. So the whole-unit awards alone decide whether a rule holds, and one exact test
//! serves all of them. The buyer HHI is no sum: it is a [`Cone`].
//!
//! What ties a switch to its awards in a mathematical program is no rule but its meaning: `linear`
//! adds it, and no conflict names it.

mod buyers;
mod cone;
pub(crate) mod lots;
mod suppliers;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use num_traits::{One, Zero};

pub(crate) use cone::{Cone, Tangent, shares_of};

use super::{
    Exact, Measure, Network, Standings,
    network::{double, whole},
    spread::SpreadRow,
};
use crate::{halves::both, instance::Tier, outcome::RuleName};

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

/// 1 exactly when any of its offers gets units, otherwise 0.
#[derive(Debug)]
pub(crate) struct Switch {
    /// In order.
    pub offers: Vec<usize>,
    /// Whether a rule or tier could gain from a 1 that nothing stands behind.
    pub needs_award: bool,
    /// Whether a rule or tier could gain from a 0 beside awards.
    pub follows_award: bool,
}

/// A column that rules refer to besides offers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Column {
    /// Index into [`Rules::totals`].
    Total(usize),
    /// Index into [`Rules::switches`].
    Switch(usize),
}

/// Σ measure · units + Σ factor · column, compared with a limit.
#[derive(Debug)]
pub(crate) struct Rule {
    pub name: RuleName,
    pub measure: Measure,
    pub offers: Vec<usize>,
    pub columns: Vec<(Column, Exact)>,
    pub relation: Relation,
    pub limit: Exact,
    /// What the row is divided by before solving.
    pub scale: f64,
}

/// The rules of an instance, in canonical order.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub totals: Vec<Total>,
    pub switches: Vec<Switch>,
    pub list: Vec<Rule>,
    /// The buyer HHI of each supplier that has a limit; numbered on from the list.
    pub cones: Vec<Cone>,
    /// Where the rules about decisions stand in the list.
    decisions: Range<usize>,
    /// Whether one of them lets an award exceed its largest share.
    overrides: bool,
    /// Offers that a decision fixes or forbids, with the units: publication leaves them alone.
    pub decided: BTreeMap<usize, u64>,
    /// Offers of consortia whose sum a decision fixes.
    pub fixed_in_sum: BTreeSet<usize>,
    /// Index of the rule that asks most units of each lot.
    pub least_of_lot: BTreeMap<usize, usize>,
    /// Index of the dependency rule of a supplier and group.
    pub dependency: BTreeMap<(usize, String), usize>,
    /// The switch of each gap that blocks bids and costs money.
    pub gap_switches: BTreeMap<usize, usize>,
    /// The switch of each supplier that has one: on if it gets anything.
    pub supplier_switches: BTreeMap<usize, usize>,
    /// Costs of switches in the cost tier: set-up and closing costs.
    pub switch_costs: BTreeMap<usize, Exact>,
    /// What the tier `spread` is about, if there is one.
    pub spread: Vec<SpreadRow>,
    by_offers: BTreeMap<Vec<usize>, usize>,
    new_sales: BTreeMap<usize, usize>,
}

impl Rules {
    pub fn new(network: &Network<'_>, standings: &Standings) -> Self {
        let mut rules = Self::default();
        lots::add(&mut rules, network);
        suppliers::add(&mut rules, network, standings);
        buyers::add(&mut rules, network);
        rules
    }

    /// Rules of an instance that differs from theirs in decisions alone.
    pub fn decided_anew(self, network: &Network<'_>, standings: &Standings) -> Self {
        if self.overrides || lots::overrides(network) {
            // A largest share that is overridden is another rule.
            return Self::new(network, standings);
        }
        let mut rules = self;
        rules.decided.clear();
        rules.fixed_in_sum.clear();
        let before = rules.decisions.clone();
        let mut after = rules.list.split_off(before.end);
        rules.list.truncate(before.start);
        lots::decisions(&mut rules, network);
        let end = rules.decisions.end;
        for rule in rules.dependency.values_mut() {
            *rule = *rule - before.end + end;
        }
        rules.list.append(&mut after);
        rules
    }

    /// Number of rules, cones included.
    pub const fn count(&self) -> usize {
        self.list.len() + self.cones.len()
    }

    /// The name of a rule or cone.
    pub fn name(&self, rule: usize) -> &RuleName {
        self.list.get(rule).map_or_else(|| &self.cones[rule - self.list.len()].name, |rule| &rule.name)
    }

    /// The awards that a rule is directly about, its switches' included.
    pub fn offers(&self, rule: usize) -> Vec<usize> {
        let Some(rule) = self.list.get(rule) else {
            return self.cones[rule - self.list.len()].offers();
        };
        let mut offers = rule.offers.clone();
        for (column, _) in &rule.columns {
            if let Column::Switch(switch) = column {
                offers.extend(&self.switches[*switch].offers);
            }
        }
        offers
    }

    /// The same, and the awards of its totals.
    pub fn all_offers(&self, rule: usize) -> Vec<usize> {
        let mut offers = self.offers(rule);
        for (column, _) in self.list.get(rule).map_or(&[][..], |rule| &rule.columns) {
            if let Column::Total(total) = column {
                offers.extend(&self.totals[*total].offers);
            }
        }
        offers
    }

    fn total(&mut self, measure: Measure, offers: Vec<usize>, scale: f64) -> usize {
        self.totals.push(Total { measure, offers, scale });
        self.totals.len() - 1
    }

    /// N of a supplier, at the scale of its money rows.
    fn new_sales_of(&mut self, network: &Network<'_>, supplier: usize, scale: f64) -> usize {
        if let Some(total) = self.new_sales.get(&supplier) {
            return *total;
        }
        let total = self.total(Measure::Annual, network.by_supplier[supplier].clone(), scale);
        self.new_sales.insert(supplier, total);
        total
    }

    /// The switch of some offers, the same for the same offers, still without effect.
    fn switch(&mut self, mut offers: Vec<usize>) -> usize {
        offers.sort_unstable();
        if let Some(switch) = self.by_offers.get(&offers) {
            return *switch;
        }
        self.switches.push(Switch { offers: offers.clone(), needs_award: false, follows_award: false });
        self.by_offers.insert(offers, self.switches.len() - 1);
        self.switches.len() - 1
    }

    /// A switch in a rule that would gain from a false 1.
    fn needing(&mut self, offers: Vec<usize>) -> usize {
        let switch = self.switch(offers);
        self.switches[switch].needs_award = true;
        switch
    }

    /// A switch in a rule that would gain from a false 0.
    fn following(&mut self, offers: Vec<usize>) -> usize {
        let switch = self.switch(offers);
        self.switches[switch].follows_award = true;
        switch
    }

    /// A total of whole-unit awards.
    pub fn total_of(&self, network: &Network<'_>, total: usize, units: &[u64]) -> Exact {
        let total = &self.totals[total];
        sum(network, total.measure, &total.offers, units)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, switch: usize, units: &[u64]) -> bool {
        self.switches[switch].offers.iter().any(|offer| units[*offer] > 0)
    }

    fn column_of(&self, network: &Network<'_>, column: Column, units: &[u64]) -> Exact {
        match column {
            Column::Total(total) => self.total_of(network, total, units),
            Column::Switch(switch) if self.is_on(switch, units) => Exact::one(),
            Column::Switch(_) => Exact::zero(),
        }
    }

    /// By how much whole-unit awards break a rule, given its columns; `None` if they keep it.
    pub fn excess(
        network: &Network<'_>,
        rule: &Rule,
        units: &[u64],
        column: impl Fn(Column) -> Exact,
    ) -> Option<Exact> {
        let mut over = sum(network, rule.measure, &rule.offers, units) - &rule.limit;
        for (of, factor) in &rule.columns {
            over += factor * column(*of);
        }
        let broken = match rule.relation {
            Relation::AtMost => over.is_positive(),
            Relation::AtLeast => over.is_negative(),
            Relation::Exactly => !over.is_zero(),
        };
        broken.then_some(over)
    }

    /// The same for a rule by itself.
    pub fn excess_of(&self, network: &Network<'_>, rule: &Rule, units: &[u64]) -> Option<Exact> {
        Self::excess(network, rule, units, |column| self.column_of(network, column, units))
    }

    /// The rules and cones that whole-unit awards break, and by how much.
    pub fn broken(&self, network: &Network<'_>, units: &[u64]) -> Vec<(usize, Exact)> {
        let totals: Vec<Exact> =
            (0..self.totals.len()).map(|total| self.total_of(network, total, units)).collect();
        let column = |column| match column {
            Column::Total(total) => totals[total].clone(),
            Column::Switch(_) => self.column_of(network, column, units),
        };
        let of = |range: Range<usize>| -> Vec<(usize, Exact)> {
            let rules =
                self.list[range.clone()].iter().map(|rule| Self::excess(network, rule, units, column));
            range.zip(rules).filter_map(|(i, over)| Some((i, over?))).collect()
        };
        let all = self.list.len();
        let (mut half, mut broken) = both(all, || of(all / 2..all), || of(0..all / 2));
        broken.append(&mut half);
        let cones = self.cones.iter().map(|cone| cone.excess(network, units));
        broken.extend((all..).zip(cones).filter_map(|(i, over)| Some((i, over?))));
        broken
    }

    /// What people fixed and nothing else, if that keeps every rule.
    pub fn decided_only(&self, network: &Network<'_>) -> Option<Vec<u64>> {
        let mut units = vec![0; network.offers.len()];
        for (offer, fixed) in &self.decided {
            units[*offer] = *fixed;
        }
        self.broken(network, &units).is_empty().then_some(units)
    }

    /// A tier's objective for whole-unit awards, exactly.
    pub fn tier_value(&self, network: &Network<'_>, tier: Tier, units: &[u64]) -> Exact {
        match tier {
            Tier::Suppliers => {
                let winners: BTreeSet<usize> =
                    awarded(units).map(|offer| network.offers[offer].supplier).collect();
                whole(winners.len() as u64)
            }
            Tier::Spread => {
                self.spread.iter().filter_map(|row| row.exact(network, units)).max().unwrap_or_default()
            }
            Tier::Coverage | Tier::Fit | Tier::Cost => {
                let mut value: Exact = awarded(units)
                    .filter_map(|offer| Some(network.tier_per_unit(tier, offer)? * whole(units[offer])))
                    .sum();
                if tier == Tier::Cost {
                    let on = self.switch_costs.iter().filter(|(switch, _)| self.is_on(**switch, units));
                    value += on.map(|(_, cost)| cost.clone()).sum::<Exact>();
                }
                value
            }
        }
    }
}

/// The offers that get units.
fn awarded(units: &[u64]) -> impl Iterator<Item = usize> {
    units.iter().enumerate().filter(|(_, units)| **units > 0).map(|(offer, _)| offer)
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
            columns: Vec::new(),
            relation: Relation::AtMost,
            limit: Exact::zero(),
            scale: 1.,
        }
    }

    fn scaled(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    /// Adds a column to the left side.
    fn plus(mut self, column: Column, factor: Exact) -> Self {
        // Gaps that block the same bids share a switch.
        match self.columns.iter_mut().find(|(held, _)| *held == column) {
            Some((_, held)) => *held += factor,
            None => self.columns.push((column, factor)),
        }
        self
    }

    /// Adds switches, each counting once.
    fn counting(mut self, switches: impl IntoIterator<Item = usize>) -> Self {
        self.columns.extend(switches.into_iter().map(|switch| (Column::Switch(switch), Exact::one())));
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
pub(super) fn sum(network: &Network<'_>, measure: Measure, offers: &[usize], units: &[u64]) -> Exact {
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

/// A row with less slack than this share of its scale binds.
const BINDING_SLACK: f64 = 1e-6;

/// What the engine lets a row be broken by, as a part of its scale.
const ENGINE_TOLERANCE: f64 = 1e-9;

/// Whether a rule has no slack in the model.
pub(crate) fn binds(network: &Network<'_>, rules: &Rules, rule: usize, shares: &[f64]) -> bool {
    slack(network, rules, rule, shares) <= BINDING_SLACK * rules.list[rule].scale
}

/// Whether shares keep every dependency rule, as exactly as the engine does.
pub(crate) fn keeps_dependency(network: &Network<'_>, rules: &Rules, shares: &[f64]) -> bool {
    let keeps =
        |rule: &usize| slack(network, rules, *rule, shares) >= -ENGINE_TOLERANCE * rules.list[*rule].scale;
    rules.dependency.values().all(keeps)
}

/// What an at-most rule over shares and totals leaves.
fn slack(network: &Network<'_>, rules: &Rules, rule: usize, shares: &[f64]) -> f64 {
    let sum = |measure, offers: &[usize]| -> f64 {
        offers.iter().map(|i| network.per_lot(measure, *i) * shares[*i]).sum()
    };
    let rule = &rules.list[rule];
    let mut slack = double(&rule.limit) - sum(rule.measure, &rule.offers);
    for (column, factor) in &rule.columns {
        if let Column::Total(total) = column {
            let total = &rules.totals[*total];
            slack -= double(factor) * sum(total.measure, &total.offers);
        }
    }
    slack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::linear::Grain, read};

    fn switches(extra_of_lot: &str, extra_of_supplier: &str, extra: &str) -> (usize, bool) {
        let text = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3", "hhi_cap": 2500 {extra},
                "buyers": [{{"id": "A", "budget": 500, "max_supplier_share": "0.6"}}],
                "suppliers": [{{"id": "S", "annual_sales": 1000 {extra_of_supplier}}}, {{"id": "T"}}],
                "capacity": [{{"supplier": "S", "process": "p", "amount": 5}}],
                "lots": [{{"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 1,
                    "min_coverage": "0.1", "max_share": "0.9", "must_award": true {extra_of_lot}}}],
                "pairs": [{{"supplier": "S", "lot": "L"}}, {{"supplier": "T", "lot": "L"}}]}}"#
        );
        let instance = read::from_json(text.as_bytes()).expect("a valid instance").instance;
        let network = Network::new(&instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let program = super::super::linear::formulate(&network, &rules, Grain::Shares, |_| true, false);
        (rules.switches.len(), program.expect("columns agree").integer)
    }

    #[test]
    fn a_plain_instance_stays_a_linear_program() {
        assert_eq!(switches("", "", ""), (0, false));
        // What no award can break needs no binary either.
        let idle = r#", "min_suppliers": 1, "max_suppliers": 2, "min_share": "0.1""#;
        assert_eq!(switches(idle, r#", "max_awards": 1"#, r#", "development_budget": 0"#), (0, false));
    }

    #[test]
    fn a_rule_that_counts_awards_brings_its_binaries_and_no_more() {
        assert_eq!(switches(r#", "min_share": "0.2""#, "", ""), (2, true));
        assert_eq!(switches(r#", "max_suppliers": 1"#, "", ""), (2, true));
        assert_eq!(switches(r#", "min_suppliers": 2"#, "", ""), (3, true));
        assert_eq!(switches("", r#", "setup_cost": 5"#, ""), (1, true));
        // The bid is all that S can win.
        assert_eq!(switches(r#", "divisible": false"#, r#", "setup_cost": 5"#, "").0, 2);
    }
}
