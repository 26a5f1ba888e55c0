//! Rules about lots and the bids for them.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::{Column, Rule, Rules};
use crate::{
    instance::Ruling,
    model::{
        Exact, Measure, Network,
        network::{count, whole},
    },
    outcome::RuleName,
};

pub(super) fn add(rules: &mut Rules, network: &Network<'_>) {
    demand(rules, network);
    let overridden = decisions(rules, network);
    max_shares(rules, network, &overridden);
    blocked(rules, network);
    let by_lot = bids_by_lot(network);
    for (lot, bids) in by_lot.iter().enumerate() {
        switched(rules, network, lot, bids);
    }
    one_way(rules, network);
}

fn bids_by_lot(network: &Network<'_>) -> Vec<Vec<usize>> {
    let mut by_lot = vec![Vec::new(); network.lots.len()];
    for (i, bid) in network.bids.iter().enumerate() {
        by_lot[bid.lot].push(i);
    }
    by_lot
}

/// A rule about units of one lot.
fn units(network: &Network<'_>, rule: &str, lot: usize, subject: &[&str], offers: Vec<usize>) -> Rule {
    Rule::new(rule, subject, Measure::Units, offers).scaled(count(network.lots[lot].quantity))
}

/// Demand, minimum coverage and lots that must be awarded.
fn demand(rules: &mut Rules, network: &Network<'_>) {
    for (position, (lot, offers)) in network.lots.iter().zip(&network.by_lot).enumerate() {
        let quantity = whole(lot.quantity);
        let rule = |name| units(network, name, position, &[&lot.id], offers.clone());
        if lot.must_award {
            // In whole units "somebody gets something" is "at least one unit": no binary needed.
            rules.least_of_lot.insert(position, rules.list.len());
            rules.list.push(rule("must_award").at_least(Exact::one()));
        }
        if !lot.min_coverage.is_zero() {
            let least = lot.min_coverage.to_exact() * &quantity;
            rules.least_of_lot.insert(position, rules.list.len());
            rules.list.push(rule("min_coverage").at_least(least));
        }
        rules.list.push(rule("demand").at_most(quantity));
    }
}

/// Whether a decision lets an award exceed its pair's largest share.
pub(super) fn overrides(network: &Network<'_>) -> bool {
    let mut decisions = network.instance.decisions.iter();
    decisions.any(|decision| matches!(decision.ruling, Ruling::Fixed { override_max_share: true, .. }))
}

/// Fixed and forbidden awards. By bid, whether the award may exceed the pair's largest share.
pub(super) fn decisions(rules: &mut Rules, network: &Network<'_>) -> Vec<bool> {
    let mut overridden = vec![false; network.bids.len()];
    let first = rules.list.len();
    let mut decisions: Vec<_> = network.instance.decisions.iter().collect();
    decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
    for decision in decisions {
        let names = [decision.supplier.as_str(), decision.lot.as_str()];
        let bid = network.bid(names[0], names[1]);
        let own = bid.map_or_else(Vec::new, |bid| network.bids[bid].offers.clone());
        let scaled = |rule, offers: Vec<usize>| {
            let scale = offers.first().map_or(1., |offer| count(network.quantity(*offer)));
            Rule::new(rule, &names, Measure::Units, offers).scaled(scale)
        };
        match decision.ruling {
            Ruling::Fixed { quantity, override_max_share } => {
                if let Some(bid) = bid {
                    overridden[bid] |= override_max_share;
                }
                match own[..] {
                    [offer] => {
                        rules.decided.insert(offer, quantity);
                    }
                    _ if quantity == 0 => rules.decided.extend(own.iter().map(|offer| (*offer, 0))),
                    // How a consortium splits it stays free.
                    _ => rules.fixed_in_sum.extend(&own),
                }
                rules.list.push(scaled("fixed", own).exactly(whole(quantity)));
            }
            Ruling::Forbidden => {
                // A member's part in consortia is forbidden with it.
                let mut offers = own;
                offers.extend(network.offers_of(names[0], names[1]));
                offers.sort_unstable();
                offers.dedup();
                for offer in &offers {
                    rules.decided.insert(*offer, 0);
                }
                rules.list.push(scaled("forbidden", offers).at_most(Exact::zero()));
            }
        }
    }
    rules.decisions = first..rules.list.len();
    rules.overrides = overrides(network);
    overridden
}

/// The largest shares: of each bid, and of each supplier alone and in consortia together.
fn max_shares(rules: &mut Rules, network: &Network<'_>, overridden: &[bool]) {
    for (i, bid) in network.bids.iter().enumerate() {
        let share = if overridden[i] { &bid.lot_max_share } else { &bid.max_share };
        if *share < Exact::one() {
            let most = share * whole(network.lots[bid.lot].quantity);
            let names = network.bid_names(i);
            let rule = units(network, "max_share", bid.lot, &names, bid.offers.clone()).at_most(most);
            rules.list.push(rule);
        }
    }
    for ((supplier, lot), offers) in several_ways(network) {
        let of = network.lots[lot];
        if of.max_share < crate::Decimal::ONE {
            let most = of.max_share.to_exact() * whole(of.quantity);
            let names = [network.suppliers[supplier].id.as_str(), &of.id];
            rules.list.push(units(network, "max_share", lot, &names, offers).at_most(most));
        }
    }
}

/// The offers of suppliers that may win a lot in more than one way.
fn several_ways(network: &Network<'_>) -> BTreeMap<(usize, usize), Vec<usize>> {
    let mut ways: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    if network.consortia.is_empty() {
        return ways;
    }
    for (i, offer) in network.offers.iter().enumerate() {
        ways.entry((offer.supplier, offer.lot)).or_default().push(i);
    }
    ways.retain(|_, offers| offers.len() > 1);
    ways
}

/// Nobody wins a lot both alone and through a consortium, nor through two.
fn one_way(rules: &mut Rules, network: &Network<'_>) {
    for ((supplier, lot), offers) in several_ways(network) {
        let names = [network.suppliers[supplier].id.as_str(), &network.lots[lot].id];
        let parts: Vec<usize> = offers.into_iter().map(|offer| rules.following(vec![offer])).collect();
        let rule = Rule::new("one_way", &names, Measure::Units, Vec::new()).counting(parts);
        rules.list.push(rule.at_most(Exact::one()));
    }
}

/// Pairs that no money opens, and what closing the others' gaps may cost.
fn blocked(rules: &mut Rules, network: &Network<'_>) {
    let mut opens: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, bid) in network.bids.iter().enumerate() {
        for gap in &bid.gaps {
            let of = network.gaps[*gap];
            let too_late = network.lots[bid.lot].starts_in.is_some_and(|starts_in| of.months > starts_in);
            if network.instance.development_budget.is_none() || of.cost.is_none() || too_late {
                let [bidder, lot] = network.bid_names(i);
                let names = [bidder, lot, of.id.as_str()];
                let rule = units(network, "blocked", bid.lot, &names, bid.offers.clone());
                rules.list.push(rule.at_most(Exact::zero()));
            } else if of.cost.is_some_and(|cost| !cost.is_zero()) {
                opens.entry(*gap).or_default().extend(&bid.offers);
            }
        }
    }
    let Some(budget) = network.instance.development_budget else {
        return;
    };
    if opens.is_empty() {
        return;
    }
    let mut rule = Rule::new("development_budget", &[], Measure::Contract, Vec::new());
    for (gap, offers) in opens {
        let cost = network.gaps[gap].cost.unwrap_or_default().to_exact();
        let switch = rules.following(offers);
        rules.gap_switches.insert(gap, switch);
        *rules.switch_costs.entry(switch).or_default() += &cost;
        rule = rule.plus(Column::Switch(switch), cost);
    }
    let largest = rule.columns.iter().map(|(_, cost)| super::super::double(cost)).fold(1., f64::max);
    rules.list.push(rule.scaled(largest).at_most(budget.to_exact()));
}

/// Rules of a lot that depend on who is awarded at all.
fn switched(rules: &mut Rules, network: &Network<'_>, lot: usize, bids: &[usize]) {
    let of = network.lots[lot];
    let quantity = whole(of.quantity);
    let offers = |bid: &usize| network.bids[*bid].offers.clone();
    let least = (of.min_share.to_exact() * &quantity).ceil();
    if !of.divisible {
        // Demand leaves room for one winner only.
        for bid in bids {
            let switch = rules.following(offers(bid));
            let rule = units(network, "divisible", lot, &network.bid_names(*bid), offers(bid))
                .plus(Column::Switch(switch), -quantity.clone())
                .exactly(Exact::zero());
            rules.list.push(rule);
        }
    }
    if least > Exact::one() {
        for bid in bids {
            let switch = rules.following(offers(bid));
            let rule = units(network, "min_share", lot, &network.bid_names(*bid), offers(bid))
                .plus(Column::Switch(switch), -least.clone())
                .at_least(Exact::zero());
            rules.list.push(rule);
        }
    }
    if let Some(most) = of.max_suppliers.filter(|most| u128::from(*most) < bids.len() as u128) {
        let switches: Vec<usize> = bids.iter().map(|bid| rules.following(offers(bid))).collect();
        let rule = Rule::new("max_suppliers", &[&of.id], Measure::Units, Vec::new()).counting(switches);
        rules.list.push(rule.at_most(whole(most)));
    }
    // One supplier is what an awarded lot has anyway.
    if of.min_suppliers > 1 && !bids.is_empty() {
        let any = rules.following(network.by_lot[lot].clone());
        let switches: Vec<usize> = bids.iter().map(|bid| rules.needing(offers(bid))).collect();
        let rule = Rule::new("min_suppliers", &[&of.id], Measure::Units, Vec::new())
            .counting(switches)
            .plus(Column::Switch(any), -whole(of.min_suppliers))
            .at_least(Exact::zero());
        rules.list.push(rule);
    }
}

/// The name under which a fixed award of an offer goes.
pub(crate) fn fixed_name(network: &Network<'_>, offer: usize) -> RuleName {
    let names = network.bid_names(network.offers[offer].bid);
    RuleName { rule: "fixed".to_owned(), subject: names.map(str::to_owned).to_vec() }
}
