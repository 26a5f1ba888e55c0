//! From a document to its procurements.

use iso_currency::Currency;

use super::{
    checks, contracts,
    findings::{Code, Refusal, Warnings},
    items,
    json::{self, Node},
    model::{Party, Procurement, Reading},
    parties::Parties,
    shape::{self, Process},
    text,
    values::{self, Values},
};

/// Ten million pairs are the most that the solver is made for; real processes have some hundreds.
const MAX_PAIRS: usize = 10_000_000;

/// Reads an OCDS document: a release, a release package, a record, a record package, or a bare array
/// of any of them.
///
/// # Errors
/// A document that is no text, no JSON, no OCDS, or holds nothing to import.
pub fn read(bytes: &[u8]) -> Result<Reading, Refusal> {
    let mut warnings = Warnings::default();
    let text = text::decode(bytes, &mut warnings)?;
    let root = json::parse(&text, &mut warnings)?;
    let mut procurements = Vec::new();
    for process in shape::processes(root, &mut warnings)? {
        let procurement = procurement(&process, &mut warnings);
        if procurement.items.len() * procurement.suppliers.len() > MAX_PAIRS {
            return Err(Refusal::new(
                "document-too-large",
                format!(
                    "{} has {} items and {} suppliers",
                    procurement.ocid,
                    procurement.items.len(),
                    procurement.suppliers.len()
                ),
                "split the document: one process may have ten million pairs of item and supplier",
            ));
        }
        let empty =
            procurement.items.is_empty() && procurement.awards.is_empty() && procurement.contracts.is_empty();
        if empty {
            let detail = "has no items, awards or contracts; skipped";
            warnings.add(Code::NotARelease, procurement.at, detail);
        } else {
            procurements.push(procurement);
        }
    }
    if procurements.is_empty() {
        return Err(Refusal::new(
            "nothing-to-import",
            "no release in the document has items, awards or contracts",
            "import the release of the tender, the award or the contract",
        ));
    }
    Ok(Reading { procurements, warnings: warnings.into_list() })
}

fn procurement(process: &Process, warnings: &mut Warnings) -> Procurement {
    let release = &process.release;
    let mut parties = Parties::of(release, warnings);
    let currency = currency_of(release);
    let mut values = Values { warnings, currency };
    let values = &mut values;
    let tender = release.get("tender");
    let items = tender.map_or_else(Vec::new, |tender| items::items(tender, values));
    let lots = tender.map_or_else(Vec::new, |tender| items::lots(tender, &items, values));
    let buyer = buyer(release, &parties, values);
    let awards = contracts::awards(release, &mut parties, values);
    let contracts = contracts::contracts(release, &awards, &mut parties, values);
    let bids = contracts::bids(release, &mut parties, values);
    let title = |key| {
        let text = tender.and_then(|tender| tender.text(key));
        text.or(release.text(key)).map(str::to_owned)
    };
    let procurement = Procurement {
        at: release.at.to_string(),
        ocid: ocid(process, values.warnings),
        title: title("title"),
        description: title("description"),
        date: values.date(release, "date"),
        buyer,
        currency,
        items,
        lots,
        suppliers: parties.suppliers,
        awards,
        contracts,
        bids,
    };
    checks::compare(&procurement, values.warnings);
    procurement
}

/// The open contracting id, or what stands in for it.
fn ocid(process: &Process, warnings: &mut Warnings) -> String {
    if let Some(ocid) = &process.ocid {
        return values::tamed(ocid);
    }
    let release = &process.release;
    let tender_id = release.find(&["tender", "id"]).and_then(Node::as_text);
    let id = values::tamed(release.text("id").or(tender_id).unwrap_or("without-ocid"));
    warnings.add(Code::OcidMissing, &release.at, format!("has no ocid; called {id}"));
    id
}

/// The buyer, or the procuring entity where the release names no buyer.
fn buyer(release: &Node, parties: &Parties<'_>, values: &mut Values<'_>) -> Option<Party> {
    let buyer = release.get("buyer").filter(|node| node.is_object());
    let entity = release.find(&["tender", "procuringEntity"]).filter(|node| node.is_object());
    let found = match buyer {
        Some(buyer) => parties.party(buyer, values),
        None => None,
    };
    let Some(found) = found else {
        let entity = entity.and_then(|entity| parties.party(entity, values));
        if entity.is_none() {
            let detail = "names no buyer and no procuring entity";
            values.warnings.add(Code::BuyerMissing, &release.at, detail);
        }
        return entity;
    };
    if let Some(entity) = entity {
        let differs = |key| match (entity.text(key), buyer.and_then(|buyer| buyer.text(key))) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        if differs("id") || differs("name") {
            let detail = "is another than the buyer; the buyer counts";
            values.warnings.add(Code::BuyerDiffers, &entity.at, detail);
        }
    }
    Some(found)
}

/// The currency of the first amount that names a known one: contracts first, since they are what is
/// summed, then awards, bids, the tender and its lots and items.
fn currency_of(release: &Node) -> Option<Currency> {
    // What is odd in these lists is told where they are read.
    let warnings = &mut Warnings::default();
    let mut holders: Vec<&Node> = Vec::new();
    for key in ["contracts", "awards"] {
        let nodes = release.objects(key, warnings);
        holders.extend(&nodes);
        for node in nodes {
            holders.extend(units(node, warnings));
        }
    }
    if let Some(bids) = release.get("bids").filter(|bids| bids.is_object()) {
        holders.extend(bids.objects("details", warnings));
    }
    if let Some(tender) = release.get("tender") {
        holders.push(tender);
        holders.extend(tender.objects("lots", warnings));
        holders.extend(units(tender, warnings));
    }
    holders.iter().filter_map(|node| node.find(&["value", "currency"])?.as_text()).find_map(values::currency)
}

fn units<'n>(parent: &'n Node, warnings: &mut Warnings) -> Vec<&'n Node> {
    parent.objects("items", warnings).into_iter().filter_map(|item| item.get("unit")).collect()
}
