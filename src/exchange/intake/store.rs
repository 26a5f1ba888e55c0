//! Looking at a record, and writing it where nothing speaks against it.

use super::{Fate, Outcome};
use crate::{
    exchange::{self, ocds, tax_id},
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        ids::{OrganisationId, ProgrammeId},
        money::UnitPrice,
        problem::Problem,
    },
    organisations::store::{firms, ledger},
    programmes::{self, Programme},
    requirements::{self, MOST_LOTS, MOST_UNITS, is_too_valuable},
};

/// The most bytes of an id under which a record or a party is kept.
const LONGEST_ID: usize = 200;

/// Takes a record into a programme of the actor's own institution. What is there already is left as it is, whatever
/// speaks against it by now.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed; what the record's content runs into while it is
/// written, of which then nothing may be kept.
pub async fn take(
    w: &Write,
    programme: ProgrammeId,
    record: &ocds::Procurement,
    as_of: Option<Day>,
) -> Result<Outcome, Problem> {
    let is_there = exchange::store::is_imported(w.db(), w.actor(), programme, &record.ocid).await?
        || requirements::store::is_of_here(w.db(), w.actor(), &record.ocid).await?;
    if is_there {
        return Ok(Fate::Unchanged.into());
    }
    let programme = programmes::store::find(w.db(), w.actor(), programme).await?;
    let found = obstacles(w, &programme, record, as_of).await?;
    if !found.is_empty() {
        return Ok(Outcome { obstacles: found, ..Fate::Refused.into() });
    }
    let imported = exchange::store::import(w, programme.id, record, as_of.map(Day::date)).await?;
    Ok(Outcome { imported: Some(imported), ..Fate::Created.into() })
}

/// Everything that speaks against a record.
async fn obstacles(
    w: &Write,
    programme: &Programme,
    record: &ocds::Procurement,
    as_of: Option<Day>,
) -> Result<Vec<Problem>, Problem> {
    let mut found = Vec::new();
    let most = ocds::exact_number(&MOST_UNITS.to_string());
    if record.items.iter().any(|item| item.quantity > most) {
        found.push(Problem::conflict("too-many-units").with("most", MOST_UNITS));
    }
    let ids = record.suppliers.iter().chain(&record.buyer).map(|party| tax_id(party).number.len());
    if record.ocid.len() > LONGEST_ID || ids.max().is_some_and(|length| length > LONGEST_ID) {
        found.push(Problem::conflict("id-too-long").with("most", LONGEST_ID));
    }
    let is_too_much = |lot: &ocds::ItemLot| {
        lot.reference_price.is_some_and(|(price, _)| is_too_valuable(UnitPrice(price.micros), lot.quantity))
    };
    if ocds::offer(record).lots.iter().any(is_too_much) {
        found.push(Problem::conflict("record-amounts-too-large"));
    }
    let existing = ocds::existing_sales(record, as_of.map(Day::date));
    let day = existing.as_of.filter(|_| !existing.sales.is_empty()).map(Day::from);
    if let Some(day) = day.filter(|day| *day > programme.day(w.at())) {
        found.push(Problem::conflict("sales-to-come").with("day", day));
    }
    if record.items.len() > MOST_LOTS {
        found.push(Problem::conflict("too-many-lots").with("most", MOST_LOTS));
    }
    if record.currency.is_some_and(|currency| currency.code() != programme.currency.code()) {
        let other = Problem::conflict("other-currency-than-programme");
        found.push(other.with("currency", programme.currency));
    }
    let buyer = record.buyer.as_ref().map(tax_id);
    if buyer.is_none() {
        found.push(Problem::conflict("record-without-buyer"));
    }
    // Whoever runs the machine imports under an institution that speaks for nobody.
    let nobody = known(w, &exchange::store::institution_s_tax_id()).await?.map(|found| found.id);
    for party in &record.suppliers {
        if buyer.as_ref().is_some_and(|buyer| *buyer == tax_id(party)) {
            found.push(Problem::conflict("party-on-both-sides").with("name", &party.name));
        } else if let Some(code) = against(w, programme, (Kind::Supplier, party), nobody).await? {
            found.push(Problem::conflict(code).with("name", &party.name));
        }
    }
    if let Some(party) = &record.buyer
        && let Some(code) = against(w, programme, (Kind::LeadFirm, party), nobody).await?
    {
        found.push(Problem::conflict(code).with("name", &party.name));
    }
    Ok(found)
}

async fn known(
    w: &Write,
    tax_id: &crate::organisations::tax_id::TaxId,
) -> Result<Option<crate::organisations::Organisation>, Problem> {
    match firms::find_by_tax_id(w.db(), w.actor(), tax_id).await {
        Ok(firm) => Ok(Some(firm)),
        Err(problem) if problem == Problem::not_found() => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// What speaks against writing about a party of a record.
async fn against(
    w: &Write,
    programme: &Programme,
    (kind, party): (Kind, &ocds::Party),
    nobody: Option<OrganisationId>,
) -> Result<Option<&'static str>, Problem> {
    let Some(firm) = known(w, &tax_id(party)).await? else { return Ok(None) };
    if firm.kind != kind {
        return Ok(Some("party-on-both-sides"));
    }
    if firms::is_others_to_speak_for(w.db(), w.actor(), firm.id, nobody).await? {
        return Ok(Some("party-of-others"));
    }
    if kind == Kind::Supplier {
        // All that a supplier sells is kept in one currency.
        let service = Actor::system(w.actor().organisation);
        let sells_in = ledger::profile(w.db(), &service, firm.id).await?.currency;
        if sells_in.is_some_and(|currency| currency != programme.currency) {
            return Ok(Some("party-in-other-currency"));
        }
    }
    Ok(None)
}
