//! Budgets and dual sourcing.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::{Column, Rule, Rules, full};
use crate::model::{Exact, Measure, Network};

pub(super) fn add(rules: &mut Rules, network: &Network<'_>) {
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
                .at_most(budget.to_exact());
            rules.list.push(rule);
        }
        let share = buyer.max_supplier_share.to_exact();
        if share >= Exact::one() || offers.is_empty() {
            continue;
        }
        let mut by_supplier: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for offer in &offers {
            let supplier = network.offers[*offer].supplier;
            by_supplier.entry(supplier).or_default().push(*offer);
        }
        let total = rules.total(Measure::Contract, offers, scale);
        for (supplier, offers) in by_supplier {
            let names = [network.suppliers[supplier].id.as_str(), &buyer.id];
            let rule = Rule::new("max_supplier_share", &names, Measure::Contract, offers)
                .scaled(scale)
                .plus(Column::Total(total), -share.clone())
                .at_most(Exact::zero());
            rules.list.push(rule);
        }
    }
}
