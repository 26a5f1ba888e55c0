//! Compares what ought to agree. Nothing is changed here: the rules of reading stand elsewhere.

use std::collections::{BTreeSet, HashMap};

use num_traits::Zero;

use super::{
    contracts::items_total,
    exact::{self, Exact},
    findings::{Code, Warnings},
    model::{Amount, Contract, Procurement},
};

/// Warns of what contradicts itself in a procurement, and of what it lacks.
pub(super) fn compare(procurement: &Procurement, warnings: &mut Warnings) {
    missing(procurement, warnings);
    lots(procurement, warnings);
    suspicious(procurement, warnings);
    awards(procurement, warnings);
    let known: BTreeSet<&str> = procurement.items.iter().map(|item| item.id.as_str()).collect();
    for contract in &procurement.contracts {
        values(contract, procurement, warnings);
        items(contract, &known, warnings);
    }
}

fn missing(procurement: &Procurement, warnings: &mut Warnings) {
    if procurement.items.is_empty() {
        let detail = "the tender has no items, so there are no lots";
        warnings.add(Code::ItemsMissing, procurement.at.clone(), detail);
    }
    for item in procurement.items.iter().filter(|item| item.unit_price.is_none()) {
        let detail = "the tender gives no unit price";
        warnings.add(Code::TenderPriceMissing, item.at.clone(), detail);
    }
    if procurement.bids.is_empty() {
        let detail = "has no bids; nobody but the winners is known";
        warnings.add(Code::BidsMissing, procurement.at.clone(), detail);
    }
}

/// `relatedLots` of awards and bids that the tender does not have.
fn lots(procurement: &Procurement, warnings: &mut Warnings) {
    if procurement.lots.is_empty() {
        return;
    }
    let known: BTreeSet<&String> = procurement.lots.iter().map(|lot| &lot.id).collect();
    let awards = procurement.awards.iter().map(|a| (&a.at, &a.lots));
    let bids = procurement.bids.iter().map(|b| (&b.at, &b.lots));
    for (at, lots) in awards.chain(bids) {
        for lot in lots.iter().filter(|lot| !known.contains(lot)) {
            warnings.add(
                Code::ReferenceUnknown,
                format!("{at}/relatedLots"),
                format!("names lot {lot}, which the tender does not have"),
            );
        }
    }
}

/// Amounts that are likely not what they seem.
fn suspicious(procurement: &Procurement, warnings: &mut Warnings) {
    let awards: Vec<_> = procurement.awards.iter().map(|a| (&a.at, a.value)).collect();
    let bids: Vec<_> = procurement.bids.iter().map(|b| (&b.at, b.value)).collect();
    let lots: Vec<_> = procurement.lots.iter().map(|l| (&l.at, l.value)).collect();
    let contracts: Vec<_> = procurement.contracts.iter().map(|c| (&c.at, c.value)).collect();
    for (at, value) in [&awards, &bids, &lots, &contracts].into_iter().flatten() {
        let digits = value.map_or_else(String::new, |value| value.minor.to_string());
        if digits.len() >= 4 && digits.bytes().all(|b| b == b'9') {
            let detail = "the amount is all nines, likely a placeholder; kept";
            warnings.add(Code::AmountSuspicious, format!("{at}/value"), detail);
        }
    }
    for (kind, list) in [("awards", &awards), ("bids", &bids)] {
        let mut bearers: HashMap<i64, usize> = HashMap::new();
        for value in list.iter().filter_map(|(_, value)| *value) {
            *bearers.entry(value.minor).or_default() += 1;
        }
        for (at, value) in list {
            if value.is_some_and(|value| bearers[&value.minor] >= 3) {
                let detail = format!("three or more {kind} have this very value; kept");
                warnings.add(Code::AmountSuspicious, format!("{at}/value"), detail);
            }
        }
    }
}

fn awards(procurement: &Procurement, warnings: &mut Warnings) {
    let mut by_award: HashMap<&str, Vec<&Contract>> = HashMap::new();
    for contract in &procurement.contracts {
        let award = contract.award.as_deref().unwrap_or_default();
        by_award.entry(award).or_default().push(contract);
    }
    for award in &procurement.awards {
        let contracts = by_award.get(award.id.as_str()).map_or(&[][..], |list| list);
        let decided = award.date;
        for contract in contracts {
            if contract.signed.zip(decided).is_some_and(|(s, d)| s < d) {
                let detail = "was signed before the date of its award";
                warnings.add(Code::SignedBeforeAward, contract.at.clone(), detail);
            }
        }
        let Some(value) = award.value else { continue };
        let contracted: Option<Vec<Amount>> = contracts.iter().map(|c| c.value).collect();
        let Some(contracted) = contracted.filter(|amounts| !amounts.is_empty()) else {
            continue;
        };
        if contracted.iter().any(|a| a.currency != value.currency) {
            continue;
        }
        let sum = contracted.iter().fold(Exact::zero(), |sum, amount| sum + amount.exact());
        if let Some(sum) = Amount::nearest(&sum, value.currency).filter(|sum| *sum != value) {
            warnings.add(
                Code::AwardDiffers,
                format!("{}/value/amount", award.at),
                format!("the award says {value}, its contracts add up to {sum}; the contracts count"),
            );
        }
    }
}

fn values(contract: &Contract, procurement: &Procurement, warnings: &mut Warnings) {
    let Some(value) = contract.value else { return };
    if Some(value.currency) != procurement.currency {
        warnings.add(
            Code::CurrencyMixed,
            format!("{}/value", contract.at),
            "is in another currency than the first contract; left out of sums and sales",
        );
    }
    let Some(total) = items_total(&contract.items) else {
        return;
    };
    if total == value || total.currency != value.currency {
        return;
    }
    let squeezed = exact::single_precision(&total.exact()) == Some(value.exact());
    let why = if squeezed { ", as if it had passed through a 32-bit float" } else { "" };
    warnings.add(
        Code::ContractDiffers,
        format!("{}/value/amount", contract.at),
        format!("the contract says {value}{why}, its items add up to {total}; the value counts"),
    );
}

fn items(contract: &Contract, known: &BTreeSet<&str>, warnings: &mut Warnings) {
    let unmatched = contract.items.iter().filter(|item| !known.contains(item.id.as_str()));
    for item in unmatched.filter(|_| !known.is_empty()) {
        warnings.add(
            Code::ContractItemsUnmatched,
            format!("{}/id", item.at),
            "the item's id matches no tender item; prices are joined by classification code",
        );
    }
}
