//! Rounding without an engine: down, then units taken from the awards of violated rows.

use std::collections::BTreeSet;

use num_traits::{Signed, ToPrimitive};

use crate::{
    model::{Exact, Network, Relation, Rule, Rules, whole},
    outcome::RuleName,
};

/// Takes units from awards, in canonical order, until every rule holds. Fixed awards and minimum
/// coverage are never given up: if that leaves a rule broken, its name comes back, with theirs.
pub(super) fn round_down(
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
            taken |= relieve(network, rules, &rules.list[*rule], &mut units);
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
    let total = |total| rules.total_of(network, total, units);
    let Some(mut over) = Rules::excess(network, rule, units, total) else {
        return false;
    };
    let mut taken = false;
    for offer in &rule.offers {
        if !over.is_positive() {
            break;
        }
        let per_unit = effect(network, rules, rule, *offer);
        if !per_unit.is_positive() || rules.decided.contains_key(offer) {
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

/// What one unit of an offer adds to a rule's left side, its part in the total included.
fn effect(network: &Network<'_>, rules: &Rules, rule: &Rule, offer: usize) -> Exact {
    let own = network.per_unit(rule.measure, offer).clone();
    match &rule.less {
        Some((total, factor)) => own - factor * network.per_unit(rules.totals[*total].measure, offer),
        None => own,
    }
}

/// Units that an award can lose before its lot falls below its minimum coverage.
fn spare(network: &Network<'_>, rules: &Rules, offer: usize, units: &[u64]) -> u64 {
    let Some(minimum) = rules.min_coverage.get(&network.offers[offer].lot) else {
        return units[offer];
    };
    let minimum = &rules.list[*minimum];
    let held: Exact = minimum.offers.iter().map(|i| whole(units[*i])).sum();
    let spare = held - minimum.limit.ceil();
    spare.to_u64().unwrap_or(0).min(units[offer])
}

/// The broken rules, and what forbids to take from their awards.
fn named(network: &Network<'_>, rules: &Rules, broken: &[(usize, Exact)]) -> Vec<RuleName> {
    let mut names = BTreeSet::new();
    for (rule, _) in broken {
        let rule = &rules.list[*rule];
        names.insert(rule.name.clone());
        for offer in &rule.offers {
            if rules.decided.get(offer).is_some_and(|units| *units > 0) {
                names.insert(RuleName {
                    rule: "fixed".to_owned(),
                    subject: network.names(*offer).map(str::to_owned).to_vec(),
                });
            }
            if let Some(minimum) = rules.min_coverage.get(&network.offers[*offer].lot) {
                names.insert(rules.list[*minimum].name.clone());
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
        round_down(&network, &rules, units.to_vec())
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
