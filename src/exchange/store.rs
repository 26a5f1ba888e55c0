//! Writing a public record into the stages, through their own functions.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde_json::json;
use time::Date;

use super::{Imported, ocds, shortened, tax_id};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        figure::Figure,
        http::{IfVersion, list::Window},
        ids::ProgrammeId,
        money::{Currency, Money, UnitPrice},
        problem::Problem,
        share::Share,
        zone::Zone,
    },
    organisations::{
        NewOrganisation, Organisation, SalesSource, StatedBuyerSales, store as organisations,
        tax_id::{Country, TaxId},
    },
    programmes::{self, NewProgramme, Programme, Rules},
    requirements::{
        Content, ImportedRequirement, Lot, NewLot, NewOffer, State,
        lots::{Delivery, Sourcing},
        store as requirements,
    },
};

const INSTITUTION: &str = "Registros públicos importados";

/// The institution that stands for imported records; made when it is missing.
///
/// # Errors
/// What the database said.
pub async fn institution(w: &Write) -> Result<Organisation, Problem> {
    let tax_id = TaxId { country: Country::UNKNOWN, number: "OCDS-IMPORT".to_owned(), confirmed: false };
    find_or_register(w, Kind::Institution, INSTITUTION, tax_id).await
}

/// The open programme for records in this currency; made when it is missing.
///
/// # Errors
/// What the database said.
pub async fn programme_for(w: &Write, currency: Currency, from: Day) -> Result<Programme, Problem> {
    let name = format!("Importación OCDS {currency}");
    let own = Actor { organisation: w.actor().organisation, ..*w.actor() };
    let known =
        programmes::store::list(w.db(), &own, Some(programmes::State::Open), &Window::first(100)).await?;
    let of_import =
        |p: &Programme| p.institution == own.organisation && p.name == name && p.currency == currency;
    if let Some(found) = known.items.into_iter().find(of_import) {
        return Ok(found);
    }
    let three_years = from.plus_days(3 * 365);
    let rules = Rules::standard(currency);
    let new = NewProgramme {
        name,
        currency,
        starts_on: from,
        ends_on: three_years,
        time_zone: Zone::default(),
        locality: String::new(),
        rules,
    };
    let made = programmes::store::create(w, new).await?;
    programmes::store::open(w, made.id, IfVersion(made.version)).await
}

/// Writes a record into a programme: the buyer, its requirement with a lot for each item, the suppliers
/// with their prices and their existing sales. Nothing of it is written when it is there already, nor when it is an
/// export of this service: what was sold there stands in the suppliers' ledgers as contracts, and would count twice.
///
/// # Errors
/// 409 `imported-already`, `no-buyer`, `other-currency-than-programme`.
pub async fn import(
    w: &Write,
    programme: ProgrammeId,
    record: &ocds::Procurement,
    as_of: Option<Date>,
) -> Result<Imported, Problem> {
    let programme = programmes::store::find(w.db(), w.actor(), programme).await?;
    if requirements::is_of_here(w.db(), w.actor(), &record.ocid).await? {
        return Err(Problem::conflict("imported-already"));
    }
    let buyer = record.buyer.as_ref().ok_or_else(|| Problem::conflict("record-without-buyer"))?;
    if let Some(currency) = record.currency
        && currency.code() != programme.currency.code()
    {
        return Err(Problem::conflict("other-currency-than-programme").with("currency", programme.currency));
    }
    let lead_firm = find_or_register(w, Kind::LeadFirm, &buyer.name, tax_id(buyer)).await?;
    programmes::store::add_member(w, programme.id, &lead_firm).await?;

    let offer = ocds::offer(record);
    let requirement = requirements::import(
        w,
        ImportedRequirement {
            programme: programme.id,
            lead_firm: lead_firm.id,
            external_reference: record.ocid.clone(),
            state: State::Closed,
            content: content(record, &offer),
        },
    )
    .await?;

    let mut suppliers = HashMap::new();
    for party in &record.suppliers {
        let supplier = find_or_register(w, Kind::Supplier, &party.name, tax_id(party)).await?;
        programmes::store::add_member(w, programme.id, &supplier).await?;
        suppliers.insert(party.id.as_str(), supplier);
    }

    let lots: HashMap<_, _> =
        requirement.lots.iter().filter_map(|lot| Some((lot.external_reference.as_deref()?, lot))).collect();
    let mut offers = 0;
    for pair in &offer.pairs {
        let (Some(lot), Some(supplier)) =
            (lots.get(pair.lot.as_str()), suppliers.get(pair.supplier.as_str()))
        else {
            continue;
        };
        let own = pair.unit_price.map(|price| UnitPrice(price.micros));
        if let Some(unit_price) = own.or(lot.reference_price) {
            let new = NewOffer { unit_price, max_quantity: None, lead_time_days: None, valid_until: None };
            requirements::import_offer(w, lot.id, supplier.id, new).await?;
            offers += 1;
        }
    }

    offers += bids(w, record, &lots, &suppliers, &offer).await?;

    let existing = ocds::existing_sales(record, as_of);
    let as_of = existing.as_of.map(Day::from);
    let sellers = existing.sales.iter().filter_map(|sale| suppliers.get(sale.supplier.as_str()));
    organisations::ledger::lock(w, sellers.map(|supplier| supplier.id)).await?;
    for sale in &existing.sales {
        let Some(supplier) = suppliers.get(sale.supplier.as_str()) else { continue };
        let day = as_of.unwrap_or_else(|| programme.day(w.at()));
        organisations::ledger::import_undisclosed(w, supplier.id, programme.currency, day).await?;
        let stated =
            StatedBuyerSales { amount: Money::new(sale.annual.minor, programme.currency), as_of: day };
        let (source, reference) = (SalesSource::Import, record.ocid.as_str());
        organisations::ledger::put_buyer_sales(w, supplier.id, lead_firm.id, stated, source, reference)
            .await?;
    }
    let details = json!({ "ocid": record.ocid, "lots": lots.len(), "suppliers": suppliers.len() });
    w.record("requirement", requirement.id, &details).await?;
    let (lots, suppliers) = (requirement.lots.len(), suppliers.len());
    Ok(Imported { requirement: requirement.id, lead_firm: lead_firm.id, lots, suppliers, offers, as_of })
}

/// Prices that bids name for single lots, of suppliers that have none there yet.
async fn bids(
    w: &Write,
    record: &ocds::Procurement,
    lots: &HashMap<&str, &Lot>,
    suppliers: &HashMap<&str, Organisation>,
    offer: &ocds::Offer,
) -> Result<usize, Problem> {
    let mut taken: HashSet<(&str, &str)> =
        offer.pairs.iter().map(|pair| (pair.supplier.as_str(), pair.lot.as_str())).collect();
    let mut offers = 0;
    for bid in &record.bids {
        let [tenderer] = bid.tenderers.as_slice() else { continue };
        let Some(supplier) = suppliers.get(tenderer.as_str()) else { continue };
        for item in &bid.items {
            let named = item.lot.as_deref().unwrap_or(&item.id);
            let price = item.unit_price.as_ref().and_then(|price| ocds::UnitPrice::nearest(&price.amount));
            if let (Some(lot), Some(price)) = (lots.get(named), price)
                && taken.insert((tenderer.as_str(), named))
            {
                let unit_price = UnitPrice(price.micros);
                let new =
                    NewOffer { unit_price, max_quantity: None, lead_time_days: None, valid_until: None };
                requirements::import_offer(w, lot.id, supplier.id, new).await?;
                offers += 1;
            }
        }
    }
    Ok(offers)
}

async fn find_or_register(w: &Write, kind: Kind, name: &str, tax_id: TaxId) -> Result<Organisation, Problem> {
    match organisations::firms::find_by_tax_id(w.db(), w.actor(), &tax_id).await {
        Ok(found) if found.kind == kind => Ok(found),
        // A firm that both buys and sells is one organisation here, with one side in the programmes.
        Ok(_) => Err(Problem::conflict("party-on-both-sides").with("name", name)),
        Err(problem) if problem == Problem::not_found() => {
            let name = shortened(name, 200);
            organisations::firms::register(w, NewOrganisation { kind, name, tax_id }).await
        }
        Err(problem) => Err(problem),
    }
}

fn content(record: &ocds::Procurement, offer: &ocds::Offer) -> Content {
    let lot = |lot: &ocds::ItemLot| NewLot {
        name: shortened(lot.description.as_deref().unwrap_or(&lot.id), 200),
        process: shortened(lot.process.as_deref().unwrap_or("-"), 60),
        unit: shortened(lot.unit.as_deref().unwrap_or("-"), 20),
        quantity: lot.quantity,
        reference_price: lot.reference_price.map(|(price, _)| UnitPrice(price.micros)),
        weight: Figure::from_millionths(1_000_000),
        max_share: Share::ALL,
        min_coverage: Share::NONE,
        years: 1,
        unit_code: None,
        sourcing: Sourcing::default(),
        delivery: Delivery::default(),
        external_reference: Some(lot.id.clone()),
    };
    Content {
        title: shortened(record.title.as_deref().unwrap_or(&record.ocid), 200),
        closes_at: None,
        questions_until: None,
        max_supplier_share: Share::ALL,
        description: shortened(record.description.as_deref().unwrap_or_default(), 10_000),
        lots: offer.lots.iter().map(lot).collect(),
        criteria: Vec::new(),
    }
}

/// Whether a record is in a programme already.
///
/// # Errors
/// What the database said.
pub async fn is_imported(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    ocid: &str,
) -> Result<bool, Problem> {
    requirements::is_imported(db, actor, programme, ocid).await
}
