//! Awards, contracts and bids: who sells what at which price.

use std::collections::{BTreeSet, HashMap};

use num_traits::Zero;

use super::{
    exact::Exact,
    findings::Code,
    items::items,
    json::Node,
    model::{Amount, Award, Bid, Contract, Item},
    parties::Parties,
    values::{Values, tamed},
};

/// The awards of a release.
pub(super) fn awards(release: &Node, parties: &mut Parties<'_>, values: &mut Values<'_>) -> Vec<Award> {
    let mut awards: Vec<Award> = Vec::new();
    for (id, node) in unique(release, "awards", "award", values) {
        let references = node.objects("suppliers", values.warnings);
        awards.push(Award {
            at: node.at.to_string(),
            id,
            date: values.date(node, "date"),
            status: node.text("status").map(str::to_owned),
            suppliers: parties.suppliers(&references, values),
            value: values.amount(node, "value"),
            lots: related_lots(node, values),
            items: items(node, values),
        });
    }
    awards
}

/// The contracts of a release; what they leave out is taken from their award where it is clear.
pub(super) fn contracts(
    release: &Node,
    awards: &[Award],
    parties: &mut Parties<'_>,
    values: &mut Values<'_>,
) -> Vec<Contract> {
    let mut contracts: Vec<Contract> = Vec::new();
    for (id, node) in unique(release, "contracts", "contract", values) {
        let period = node.get("period");
        let references = node.objects("suppliers", values.warnings);
        contracts.push(Contract {
            at: node.at.to_string(),
            id,
            award: node.text("awardID").map(tamed),
            status: node.text("status").map(str::to_owned),
            signed: values.date(node, "dateSigned"),
            starts: period.and_then(|period| values.date(period, "startDate")),
            ends: period.and_then(|period| values.date(period, "endDate")),
            suppliers: parties.suppliers(&references, values),
            value: values.amount(node, "value"),
            items: items(node, values),
        });
    }
    let mut sharing: HashMap<Option<String>, usize> = HashMap::new();
    for contract in &contracts {
        *sharing.entry(contract.award.clone()).or_default() += 1;
    }
    let awards: HashMap<&str, &Award> = awards.iter().map(|a| (a.id.as_str(), a)).collect();
    for contract in &mut contracts {
        let sole = sharing.get(&contract.award) == Some(&1);
        let award = contract.award.as_deref().and_then(|id| awards.get(id).copied());
        if award.is_none() && (contract.award.is_some() || !awards.is_empty()) {
            let detail = "names no award that the document has";
            values.warnings.add(Code::AwardUnknown, contract.at.clone(), detail);
        }
        complete(contract, award, sole, values);
    }
    contracts
}

/// Fills in from the award (`sole`: no other contract shares it) what the contract itself lacks. That
/// suppliers and items stand in the award only is what the standard asks for, so it is not told.
fn complete(contract: &mut Contract, award: Option<&Award>, sole: bool, values: &mut Values<'_>) {
    let at = contract.at.clone();
    let mut warn = |code, detail: &str| values.warnings.add(code, at.clone(), detail);
    if let Some(award) = award {
        if contract.suppliers.is_empty() {
            contract.suppliers.clone_from(&award.suppliers);
        }
        if contract.items.is_empty() && sole {
            contract.items.clone_from(&award.items);
        }
    }
    if contract.supplier().is_none() {
        let detail = if contract.suppliers.is_empty() {
            "has no supplier; it is nobody's sale"
        } else {
            "has several suppliers and does not say who delivers what; it is nobody's sale"
        };
        warn(Code::SupplierUnclear, detail);
    }
    if contract.value.is_none() {
        contract.value = items_total(&contract.items);
        if contract.value.is_some() {
            warn(Code::ValueDerived, "has no value; its items' sum stands in");
        } else if let Some(value) = award.filter(|_| sole).and_then(|award| award.value) {
            contract.value = Some(value);
            warn(Code::ValueDerived, "has no value; its award's stands in");
        } else {
            warn(Code::ValueMissing, "has no value; it counts as no sale");
        }
    }
    if contract.signed.is_none() {
        contract.signed = contract.starts.or(award.and_then(|award| award.date));
        let detail = match contract.signed {
            Some(day) => format!("has no signing date; taken as signed on {day}"),
            None => "has no date at all; it counts on every date".to_owned(),
        };
        warn(Code::SignedMissing, &detail);
    }
    if contract.is_cancelled() {
        warn(Code::ContractCancelled, "is cancelled; neither a sale nor a price");
    }
}

/// What the items add up to, if each has a quantity and a price and all are in one currency.
pub(super) fn items_total(items: &[Item]) -> Option<Amount> {
    let currency = items.first()?.unit_price.as_ref()?.currency;
    let mut total = Exact::zero();
    for item in items {
        let price = item.unit_price.as_ref()?;
        if price.currency != currency {
            return None;
        }
        total += item.quantity.as_ref()? * &price.amount;
    }
    Amount::nearest(&total, currency).filter(|amount| amount.minor > 0)
}

/// The bids of a release: a list, or the bid extension's object with `details`.
pub(super) fn bids(release: &Node, parties: &mut Parties<'_>, values: &mut Values<'_>) -> Vec<Bid> {
    let Some(bids) = release.get("bids") else {
        return Vec::new();
    };
    let (holder, key) = if bids.is_object() { (bids, "details") } else { (release, "bids") };
    let mut read: Vec<Bid> = Vec::new();
    for (id, node) in unique(holder, key, "bid", values) {
        let references = node.objects("tenderers", values.warnings);
        read.push(Bid {
            at: node.at.to_string(),
            id,
            tenderers: parties.suppliers(&references, values),
            value: values.amount(node, "value"),
            lots: related_lots(node, values),
            items: items(node, values),
        });
    }
    read
}

fn related_lots(node: &Node, values: &mut Values<'_>) -> Vec<String> {
    let (mut lots, mut seen) = (Vec::new(), BTreeSet::new());
    for lot in node.texts("relatedLots", values.warnings) {
        let lot = tamed(&lot);
        if seen.insert(lot.clone()) {
            lots.push(lot);
        } else {
            let detail = "names a lot twice; counted once";
            let at = format!("{}/relatedLots", node.at);
            values.warnings.add(Code::IdRepeated, at, detail);
        }
    }
    lots
}

/// The objects of a list with their ids. Of two with one id the second is dropped: counting a
/// contract twice would double a supplier's sales.
fn unique<'n>(parent: &'n Node, key: &str, kind: &str, values: &mut Values<'_>) -> Vec<(String, &'n Node)> {
    let mut list: Vec<(String, &Node)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (position, node) in parent.objects(key, values.warnings).into_iter().enumerate() {
        let id = values.id(node, kind, position);
        if seen.insert(id.clone()) {
            list.push((id, node));
        } else {
            let detail = format!("repeats the id of another {kind}; dropped");
            values.warnings.add(Code::IdRepeated, &node.at, detail);
        }
    }
    list
}
