//! Writing a public record into the stages, through their own functions.

use std::collections::{BTreeMap, HashMap, HashSet};

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
        ids::{LotId, OrganisationId, ProgrammeId},
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
    find_or_register(w, Kind::Institution, INSTITUTION, institution_s_tax_id()).await
}

/// Under which the institution that stands for imported records is known.
pub(super) fn institution_s_tax_id() -> TaxId {
    TaxId { country: Country::UNKNOWN, number: "OCDS-IMPORT".to_owned(), confirmed: false }
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
/// 409 `already-imported`, `record-without-buyer`, `other-currency-than-programme`.
pub async fn import(
    w: &Write,
    programme: ProgrammeId,
    record: &ocds::Procurement,
    as_of: Option<Date>,
) -> Result<Imported, Problem> {
    let programme = programmes::store::find(w.db(), w.actor(), programme).await?;
    if requirements::is_of_here(w.db(), w.actor(), &record.ocid).await? {
        return Err(Problem::conflict("already-imported"));
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
    let day = programme.day(w.at());
    let mut priced = HashSet::new();
    // Of one firm's prices its own comes before the mean, whatever the number under which it stands.
    let (own, mean): (Vec<_>, Vec<_>) = offer.pairs.iter().partition(|pair| pair.unit_price.is_some());
    for pair in own.into_iter().chain(mean) {
        let (Some(lot), Some(supplier)) =
            (lots.get(pair.lot.as_str()), suppliers.get(pair.supplier.as_str()))
        else {
            continue;
        };
        let own = pair.unit_price.map(|price| UnitPrice(price.micros));
        if let Some(unit_price) = own.or(lot.reference_price)
            && priced.insert((supplier.id, lot.id))
        {
            let new = NewOffer { unit_price, max_quantity: None, lead_time_days: None, valid_until: None };
            requirements::import_offer(w, (lot, day), supplier.id, new).await?;
        }
    }
    bids(w, record, (&lots, day), &suppliers, &mut priced).await?;

    let existing = ocds::existing_sales(record, as_of);
    let as_of = existing.as_of.map(Day::from);
    // A firm that the record calls by several numbers is one, and sells what they sell together.
    let mut sales: BTreeMap<OrganisationId, i64> = BTreeMap::new();
    for sale in &existing.sales {
        let Some(supplier) = suppliers.get(sale.supplier.as_str()) else { continue };
        let minor = sales.entry(supplier.id).or_default();
        *minor = minor
            .checked_add(sale.annual.minor)
            .ok_or_else(|| Problem::conflict("record-amounts-too-large"))?;
    }
    organisations::ledger::lock(w, sales.keys().copied()).await?;
    for (supplier, minor) in sales {
        let (source, reference) = (SalesSource::Import, record.ocid.as_str());
        // Of one record they are the same in all programmes: whoever takes it in later does not write over them.
        if organisations::ledger::is_stated(w, supplier, lead_firm.id, source, reference).await? {
            continue;
        }
        let day = as_of.unwrap_or(day);
        organisations::ledger::import_undisclosed(w, supplier, programme.currency, day).await?;
        let stated = StatedBuyerSales { amount: Money::new(minor, programme.currency), as_of: day };
        organisations::ledger::put_buyer_sales(w, supplier, lead_firm.id, stated, source, reference).await?;
    }
    let details = json!({ "ocid": record.ocid, "lots": lots.len(), "suppliers": suppliers.len() });
    w.record("requirement", requirement.id, &details).await?;
    let (lots, offers) = (requirement.lots.len(), priced.len());
    let suppliers = suppliers.values().map(|supplier| supplier.id).collect::<HashSet<_>>().len();
    Ok(Imported { requirement: requirement.id, lead_firm: lead_firm.id, lots, suppliers, offers, as_of })
}

/// Prices that bids name for single lots, of suppliers that have none there yet.
async fn bids(
    w: &Write,
    record: &ocds::Procurement,
    (lots, day): (&HashMap<&str, &Lot>, Day),
    suppliers: &HashMap<&str, Organisation>,
    priced: &mut HashSet<(OrganisationId, LotId)>,
) -> Result<(), Problem> {
    for bid in &record.bids {
        let [tenderer] = bid.tenderers.as_slice() else { continue };
        let Some(supplier) = suppliers.get(tenderer.as_str()) else { continue };
        for item in &bid.items {
            let named = item.lot.as_deref().unwrap_or(&item.id);
            let price = item.unit_price.as_ref().and_then(|price| ocds::UnitPrice::nearest(&price.amount));
            if let (Some(lot), Some(price)) = (lots.get(named), price)
                && priced.insert((supplier.id, lot.id))
            {
                let unit_price = UnitPrice(price.micros);
                let new =
                    NewOffer { unit_price, max_quantity: None, lead_time_days: None, valid_until: None };
                requirements::import_offer(w, (lot, day), supplier.id, new).await?;
            }
        }
    }
    Ok(())
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
