//! Awards mended without an engine: units taken from the awards of broken rules until all hold.

use std::collections::BTreeSet;

use num_traits::{ToPrimitive, Zero};

use super::{Column, Exact, Network, Relation, Rule, Rules, rules::lots::fixed_name, whole};
use crate::outcome::RuleName;

/// Takes units from awards, in canonical order, until every rule holds. Fixed awards and the least that
/// lots ask are never given up: if that leaves a rule broken, its name comes back, with theirs.
pub(crate) fn take_back(
    network: &Network<'_>,
    rules: &Rules,
    mut units: Vec<u64>,
) -> Result<Vec<u64>, Vec<RuleName>> {
    loop {
        let broken = rules.broken(network, &units);
        if broken.is_empty() {
            return Ok(units);
        }
        // A smaller total tightens the rows that it loosens from the right, hence the rounds; units
        // only ever fall, so they end.
        let mut taken = false;
        for (rule, _) in &broken {
            taken |= match rules.list.get(*rule) {
                Some(rule) => {
                    relieve(network, rules, rule, &mut units) || switch_off(network, rules, rule, &mut units)
                }
                None => drop_last(network, rules, &rules.offers(*rule), &mut units),
            };
        }
        if !taken {
            return Err(named(network, rules, &broken));
        }
    }
}

/// Takes from one rule's awards what it is over its limit; whether anything was taken.
fn relieve(network: &Network<'_>, rules: &Rules, rule: &Rule, units: &mut [u64]) -> bool {
    if rule.relation != Relation::AtMost {
        return false;
    }
    let Some(mut over) = rules.excess_of(network, rule, units) else {
        return false;
    };
    let mut taken = false;
    for offer in &rule.offers {
        if !over.is_positive() {
            break;
        }
        let per_unit = effect(network, rules, rule, *offer);
        if !per_unit.is_positive() {
            continue;
        }
        let wanted = (&over / &per_unit).ceil().to_u64().unwrap_or(u64::MAX);
        let take = wanted.min(spare(network, rules, *offer, units));
        if take > 0 {
            units[*offer] -= take;
            over -= per_unit * whole(take);
            taken = true;
        }
    }
    taken
}

/// What one unit of an offer adds to a rule's left side, its part in totals included.
fn effect(network: &Network<'_>, rules: &Rules, rule: &Rule, offer: usize) -> Exact {
    let mut effect = network.per_unit(rule.measure, offer).clone();
    for (column, factor) in &rule.columns {
        if let Column::Total(total) = column {
            effect += factor * network.per_unit(rules.totals[*total].measure, offer);
        }
    }
    effect
}

/// Turns one of a broken rule's switches off, the last that can be; whether one was.
fn switch_off(network: &Network<'_>, rules: &Rules, rule: &Rule, units: &mut [u64]) -> bool {
    let Some(over) = rules.excess_of(network, rule, units) else {
        return false;
    };
    for (column, factor) in rule.columns.iter().rev() {
        let Column::Switch(switch) = column else {
            continue;
        };
        // Only one that pulls the rule to the side on which it is broken.
        if factor.is_positive() != over.is_positive() || !rules.is_on(*switch, units) {
            continue;
        }
        let offers = &rules.switches[*switch].offers;
        let awarded = || offers.iter().copied().filter(|offer| units[*offer] > 0);
        if awarded().all(|offer| spare(network, rules, offer, units) == units[offer]) {
            for offer in offers {
                units[*offer] = 0;
            }
            return true;
        }
    }
    false
}

/// Takes the last award away that can be.
fn drop_last(network: &Network<'_>, rules: &Rules, offers: &[usize], units: &mut [u64]) -> bool {
    let last = offers.iter().rev().find(|offer| spare(network, rules, **offer, units) > 0);
    match last {
        Some(offer) => {
            units[*offer] -= spare(network, rules, *offer, units);
            true
        }
        None => false,
    }
}

/// Units that an award can lose: none of a fixed one, and none before its lot falls below the least that
/// it asks.
fn spare(network: &Network<'_>, rules: &Rules, offer: usize, units: &[u64]) -> u64 {
    if rules.decided.contains_key(&offer) || rules.fixed_in_sum.contains(&offer) {
        return 0;
    }
    let Some(least) = rules.least_of_lot.get(&network.offers[offer].lot) else {
        return units[offer];
    };
    let least = &rules.list[*least];
    let held: Exact = least.offers.iter().map(|i| whole(units[*i])).sum();
    let spare = (held - least.limit.ceil()).max(Exact::zero());
    spare.to_u64().unwrap_or(0).min(units[offer])
}

/// The broken rules, and what forbids to take from their awards.
fn named(network: &Network<'_>, rules: &Rules, broken: &[(usize, Exact)]) -> Vec<RuleName> {
    let mut names = BTreeSet::new();
    for (rule, _) in broken {
        names.insert(rules.name(*rule).clone());
        for offer in rules.offers(*rule) {
            let fixed = rules.decided.get(&offer).is_some_and(|units| *units > 0);
            if fixed || rules.fixed_in_sum.contains(&offer) {
                names.insert(fixed_name(network, offer));
            }
            if let Some(least) = rules.least_of_lot.get(&network.offers[offer].lot) {
                names.insert(rules.list[*least].name.clone());
            }
        }
    }
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instance, model::Standings, read};

    /// A supplier without sales under a cap of one half, with cheap work from A and dear work from B.
    fn between_two_buyers(extra: &str) -> Instance {
        let text = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.5",
                "buyers": [{{"id": "A"}}, {{"id": "B"}}],
                "suppliers": [{{"id": "S", "annual_sales": 0}}],
                "lots": [
                    {{"id": "LA", "buyer": "A", "process": "p", "quantity": 300, "reference_price": 1 {extra}}},
                    {{"id": "LB", "buyer": "B", "process": "p", "quantity": 2, "reference_price": 100}}],
                "pairs": [{{"supplier": "S", "lot": "LA"}}, {{"supplier": "S", "lot": "LB"}}]}}"#
        );
        read::from_json(text.as_bytes()).expect("a valid instance").instance
    }

    fn rounded(instance: &Instance, units: [u64; 2]) -> Result<Vec<u64>, Vec<String>> {
        let network = Network::new(instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        take_back(&network, &rules, units.to_vec())
            .map_err(|names| names.into_iter().map(|name| name.rule).collect())
    }

    #[test]
    fn units_are_taken_until_the_cap_holds_and_no_more() {
        // One unit of LB was lost: 100 from B carry 100 from A.
        assert_eq!(rounded(&between_two_buyers(""), [150, 1]), Ok(vec![100, 1]));
        assert_eq!(rounded(&between_two_buyers(""), [200, 2]), Ok(vec![200, 2]));
        // Nothing from B: nothing from A.
        assert_eq!(rounded(&between_two_buyers(""), [3, 0]), Ok(vec![0, 0]));
    }

    #[test]
    fn minimum_coverage_is_not_given_up_for_the_cap() {
        let instance = between_two_buyers(r#", "min_coverage": "0.5""#);
        let in_the_way = ["dependency", "min_coverage"].map(str::to_owned).to_vec();
        assert_eq!(rounded(&instance, [150, 1]), Err(in_the_way));
    }
}
