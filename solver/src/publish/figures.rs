//! The printed figures of whole-unit awards, exact until the last digit.

use std::collections::BTreeMap;

use highs::Sense;
use num_traits::Zero;

use super::amount::{rounded, share, share_of};
use crate::{
    instance::Tier,
    model::{
        Exact, Measure, Network, Rules, Standings, double,
        rules::binds,
        tiers::{Reached, sense},
        whole,
    },
    outcome::{Award, Dependency, TierOutcome, Unmet},
};

/// The awards, by lot and supplier.
pub(crate) fn awards(network: &Network<'_>, units: &[u64], places: u32) -> Vec<Award> {
    let mut awarded: Vec<usize> = (0..units.len()).filter(|i| units[*i] > 0).collect();
    awarded.sort_by_key(|i| (network.offers[*i].lot, *i));
    awarded
        .into_iter()
        .map(|i| {
            let offer = &network.offers[i];
            let (supplier, lot) = (&network.suppliers[offer.supplier].id, &network.lots[offer.lot].id);
            let quantity = whole(units[i]);
            let amount = |measure| rounded(&(network.per_unit(measure, i) * &quantity), places);
            Award {
                supplier: supplier.clone(),
                lot: lot.clone(),
                consortium: network.through(i).map(str::to_owned),
                quantity: units[i],
                share: share_of(&quantity, &whole(network.quantity(i))).unwrap_or_default(),
                amount: amount(Measure::Contract),
                annual_amount: amount(Measure::Annual),
            }
        })
        .collect()
}

/// What nobody got.
pub(crate) fn unmet(network: &Network<'_>, units: &[u64]) -> Vec<Unmet> {
    let mut left: Vec<u64> = network.lots.iter().map(|lot| lot.quantity).collect();
    for (i, units) in units.iter().enumerate() {
        let left = &mut left[network.offers[i].lot];
        *left = left.saturating_sub(*units);
    }
    network
        .lots
        .iter()
        .zip(left)
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(lot, quantity)| Unmet { lot: lot.id.clone(), quantity })
        .collect()
}

/// The tiers, as the model reached and as the awards keep them.
pub(crate) fn tiers(
    network: &Network<'_>,
    rules: &Rules,
    reached: &[Reached],
    units: &[u64],
    places: u32,
) -> Vec<TierOutcome> {
    reached
        .iter()
        .map(|Reached { tier, value, bound }| {
            let published = rules.tier_value(network, *tier, units);
            let less = value - double(&published);
            TierOutcome {
                name: tier.name().to_owned(),
                value: *value,
                bound: *bound,
                gap: (value - bound).abs() / value.abs().max(1e-9),
                published: match tier {
                    Tier::Suppliers => rounded(&published, 0),
                    Tier::Spread => share(&published),
                    Tier::Coverage | Tier::Fit | Tier::Cost => rounded(&published, places),
                },
                loss: match sense(*tier) {
                    Sense::Maximise => less,
                    Sense::Minimise => -less,
                },
            }
        })
        .collect()
}

/// A of every supplier and group with awards, and N of every supplier.
pub(super) fn awarded_annual<'a>(
    network: &Network<'a>,
    units: &[u64],
) -> (BTreeMap<(usize, &'a str), Exact>, Vec<Exact>) {
    let mut annual: BTreeMap<(usize, &str), Exact> = BTreeMap::new();
    let mut new_sales = vec![Exact::zero(); network.suppliers.len()];
    for (i, units) in units.iter().enumerate().filter(|(_, units)| **units > 0) {
        let supplier = network.offers[i].supplier;
        let amount = network.per_unit(Measure::Annual, i) * whole(*units);
        new_sales[supplier] += &amount;
        *annual.entry((supplier, network.group_of(i))).or_default() += amount;
    }
    (annual, new_sales)
}

/// Dependency of every supplier on every buyer group with sales or awards.
pub(crate) fn dependency(
    network: &Network<'_>,
    standings: &Standings,
    rules: &Rules,
    shares: &[f64],
    units: &[u64],
) -> Vec<Dependency> {
    let (annual, new_sales) = awarded_annual(network, units);
    let mut rows = Vec::new();
    // In the same order.
    let mut of_rules = rules.dependency.iter().peekable();
    for (key, standing) in &standings.groups {
        let (supplier, group) = (key.0, key.1.as_str());
        let rule = of_rules.next_if(|(of, _)| *of == key).map(|(_, rule)| *rule);
        let awarded = annual.get(&(supplier, group));
        if !standing.sold && awarded.is_none() {
            continue;
        }
        let left = awarded.map_or_else(|| standing.existing.clone(), |annual| &standing.existing + annual);
        let today = standings.sales_today[supplier].as_ref();
        let base = standings.base[supplier].as_ref();
        let right = standings
            .right_side(supplier, standing)
            .map(|(right, factor)| right + factor * &new_sales[supplier]);
        rows.push(Dependency {
            supplier: network.suppliers[supplier].id.clone(),
            group: group.to_owned(),
            before: today.and_then(|today| share_of(&standing.sales_today, today)),
            after: base.and_then(|base| share_of(&left, &(base + &new_sales[supplier]))),
            cap: standing.cap.map(|cap| cap.to_string()),
            row_use: right.and_then(|right| share_of(&left, &right)),
            binding: rule.is_some_and(|rule| binds(network, rules, rule, shares)),
        });
    }
    rows
}
