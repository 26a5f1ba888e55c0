//! Items and lots: what is bought, and how the tender groups it.

use std::collections::{HashMap, HashSet};

use super::{
    findings::{Code, Warnings},
    json::{Node, Value},
    model::{Classification, Item, Lot, PROCESS_SCHEME, Scheme},
    values::{Values, free_id, tamed},
};

/// The items in the list `items` of a tender, award or contract. Of two items with one id, an equal
/// one is dropped and a different one gets a suffix: dropping it would lose demand.
pub(super) fn items(parent: &Node, values: &mut Values<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut position: HashMap<String, usize> = HashMap::new();
    let mut doubles: HashMap<String, usize> = HashMap::new();
    for (at, node) in parent.objects("items", values.warnings).into_iter().enumerate() {
        let mut item = item(node, at, values);
        if is_mere_lot(&item) {
            let detail = "is only its lot's id again and nothing to buy; dropped";
            values.warnings.add(Code::LotAsItem, &node.at, detail);
            continue;
        }
        if let Some(&known) = position.get(&item.id) {
            if same(&items[known], &item) {
                let detail = "repeats an item; dropped";
                values.warnings.add(Code::IdRepeated, &node.at, detail);
                continue;
            }
            let suffix = doubles.entry(item.id.clone()).or_insert(1);
            item.id = free_id(&item.id, suffix, |id| position.contains_key(id));
            values.warnings.add(
                Code::IdRepeated,
                &node.at,
                format!("another item has this id; called {}", item.id),
            );
        }
        position.insert(item.id.clone(), items.len());
        items.push(item);
    }
    items
}

fn item(node: &Node, position: usize, values: &mut Values<'_>) -> Item {
    let unit = node.get("unit");
    Item {
        at: node.at.to_string(),
        id: values.id(node, "item", position),
        description: node.text("description").map(str::to_owned),
        classification: classification(node, values),
        quantity: node.get("quantity").and_then(|quantity| values.number(quantity)),
        unit: unit
            .and_then(|unit| unit.text("name").or(unit.text("id")).or(unit.as_text()))
            .map(str::to_owned),
        unit_price: unit.and_then(|unit| values.price(unit)),
        lot: node.text("relatedLot").map(tamed),
    }
}

/// Some converters repeat each lot among the items, to hang a place of delivery on it.
fn is_mere_lot(item: &Item) -> bool {
    item.lot.as_ref() == Some(&item.id)
        && item.classification.is_none()
        && item.quantity.is_none()
        && item.description.is_none()
}

fn same(one: &Item, other: &Item) -> bool {
    let bare = |item: &Item| Item { at: String::new(), ..item.clone() };
    bare(one) == bare(other)
}

fn classification(item: &Node, values: &mut Values<'_>) -> Option<Classification> {
    let others = item.objects("additionalClassifications", &mut Warnings::default());
    if let Some(process) = others.into_iter().find(|node| node.text("scheme") == Some(PROCESS_SCHEME)) {
        let code = process.text("id")?.to_owned();
        return Some(Classification { scheme: Scheme::Other(PROCESS_SCHEME.to_owned()), code });
    }
    let node = item.get("classification")?;
    let code = node.text("id")?.to_owned();
    if node.get("scheme").is_none() && node.get("schema").is_some() {
        let detail = "`schema` where `scheme` belongs; read as `scheme`";
        values.warnings.add(Code::SchemaForScheme, &node.at, detail);
    }
    let given = node.text("scheme").or(node.text("schema")).unwrap_or_default();
    let words = [given, node.text("description").unwrap_or_default()].concat();
    let scheme = if words.to_uppercase().contains("UNSPSC") {
        if !given.eq_ignore_ascii_case("UNSPSC") {
            values.warnings.add(
                Code::ClassificationText,
                &node.at,
                "the scheme is a sentence about a catalogue based on UNSPSC; read as UNSPSC",
            );
        }
        Scheme::Unspsc
    } else if given.eq_ignore_ascii_case("CPV") {
        Scheme::Cpv
    } else {
        Scheme::Other(tamed(given))
    };
    Some(Classification { scheme, code })
}

/// The tender's lots. The standard lets items name their lot; some publishers let lots list their
/// items, as objects or as bare ids. All are read.
pub(super) fn lots(tender: &Node, items: &[Item], values: &mut Values<'_>) -> Vec<Lot> {
    let known: HashSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let mut members_of: HashMap<&str, Vec<String>> = HashMap::new();
    for item in items {
        let lot = item.lot.as_deref().unwrap_or_default();
        members_of.entry(lot).or_default().push(item.id.clone());
    }
    let mut ids: HashSet<String> = HashSet::new();
    let mut lots: Vec<Lot> = Vec::new();
    for (at, node) in tender.objects("lots", values.warnings).into_iter().enumerate() {
        let id = values.id(node, "lot", at);
        if !ids.insert(id.clone()) {
            let detail = "repeats the id of a lot; dropped";
            values.warnings.add(Code::IdRepeated, &node.at, detail);
            continue;
        }
        let mut members = members_of.remove(id.as_str()).unwrap_or_default();
        let mut inside: HashSet<String> = members.iter().cloned().collect();
        for member in listed_items(node, values) {
            if !known.contains(member.as_str()) {
                values.warnings.add(
                    Code::ReferenceUnknown,
                    &node.at,
                    "lists an item that the tender does not have",
                );
            } else if inside.insert(member.clone()) {
                members.push(member);
            }
        }
        lots.push(Lot {
            at: node.at.to_string(),
            id,
            title: node.text("title").map(str::to_owned),
            items: members,
            value: values.amount(node, "value"),
        });
    }
    for item in items {
        let lost = item.lot.as_ref().is_some_and(|lot| !ids.contains(lot));
        if lost && !lots.is_empty() {
            let detail = "names a lot that the tender does not have";
            values.warnings.add(Code::ReferenceUnknown, &item.at, detail);
        }
    }
    lots
}

fn listed_items(lot: &Node, values: &mut Values<'_>) -> Vec<String> {
    let list = lot.list("items", values.warnings);
    if list.iter().any(|node| matches!(node.value, Value::Text(_) | Value::Number(_))) {
        let at = lot.get("items").map_or(&lot.at, |items| &items.at);
        values.warnings.add(
            Code::LotItemsAreIds,
            at,
            "the lot lists its items by id; the standard lets each item name its lot",
        );
    }
    list.iter().filter_map(|node| node.text("id").or(node.as_text())).map(tamed).collect()
}
