//! Deliveries, invoices and payments, and the scorecard that is made from them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{contract, delivery, payment},
    reading::{find, hold, visible},
};
use crate::{
    contracts::{Contract, Delivery, NewDelivery, NewPayment, Payment, Period, scorecard::Scorecard},
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        http::list::{Page, Window},
        ids::{ContractId, DeliveryId, OrganisationId, PaymentId, ProgrammeId},
        money::Money,
        problem::{FieldError, OnConstraint, Problem},
    },
    organisations::store::{firms, ledger},
    programmes,
};

/// Records a delivery, in the name of the lead firm that receives it.
///
/// # Errors
/// 404, 409 while the contract is not active, 422 with every fault.
pub async fn record_delivery(w: &Write, id: ContractId, new: NewDelivery) -> Result<Delivery, Problem> {
    let contract = performed(w, id).await?;
    let today = programmes::store::today(w, contract.programme).await?;
    let mut errors = Vec::new();
    if !contract.lines.iter().any(|line| line.lot == new.lot) {
        errors.push(FieldError::new("/lot", "no-such-contract-lot"));
    }
    if new.made_on.is_some_and(|made| made > today) {
        errors.push(FieldError::new("/made_on", "delivery-in-the-future"));
    }
    if let Some(corrects) = new.corrects {
        let found = delivery::Entity::find_by_id(corrects).one(w.db()).await?;
        if found.is_none_or(|found| found.contract_id != id) {
            errors.push(FieldError::new("/corrects", "no-such-entry"));
        }
    }
    refuse(errors)?;
    let row = delivery::Model {
        id: w.new_id(),
        contract_id: id,
        lot_id: new.lot,
        due_on: new.due_on,
        made_on: new.made_on,
        units: new.units,
        accepted: new.accepted,
        rejected: new.rejected,
        note: new.note,
        corrects_id: new.corrects,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
    };
    delivery::Entity::insert(delivery::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_deliveries__corrects_id", corrected_already)?;
    let details =
        json!({ "contract": id, "due_on": row.due_on, "made_on": row.made_on, "corrects": row.corrects_id });
    w.record("delivery", row.id, &details).await?;
    Ok(delivered(row, &BTreeMap::new()))
}

fn corrected_already() -> Problem {
    Problem::field("/corrects", "corrected-already")
}

fn refuse(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

async fn performed(w: &Write, id: ContractId) -> Result<Contract, Problem> {
    let contract = hold(w, id).await?;
    w.in_state(contract.state)?;
    Ok(contract)
}

/// Records an invoice and its payment, in the name of the supplier that is paid.
///
/// # Errors
/// 404, 409 while the contract is not active, 422 with every fault.
pub async fn record_payment(w: &Write, id: ContractId, new: NewPayment) -> Result<Payment, Problem> {
    let contract = performed(w, id).await?;
    let mut errors = Vec::new();
    let today = programmes::store::today(w, contract.programme).await?;
    for (pointer, day, code) in [
        ("/invoiced_on", Some(new.invoiced_on), "invoice-in-the-future"),
        ("/paid_on", new.paid_on, "payment-in-the-future"),
    ] {
        if day.is_some_and(|day| day > today) {
            errors.push(FieldError::new(pointer, code));
        }
    }
    let currency = contract.amount.currency;
    if new.amount.currency != currency {
        errors.push(FieldError::new("/amount", "not-the-programmes-currency").with("currency", currency));
    }
    if let Some(corrects) = new.corrects {
        let found = payment::Entity::find_by_id(corrects).one(w.db()).await?;
        if found.is_none_or(|found| found.contract_id != id) {
            errors.push(FieldError::new("/corrects", "no-such-entry"));
        }
    }
    let corrections = payment_corrections(w.db(), [id]).await?;
    let of_invoice = payment::Entity::find()
        .filter(payment::Column::ContractId.eq(id))
        .filter(payment::Column::Invoice.eq(&new.invoice));
    let stands = |row: &payment::Model| !corrections.contains_key(&row.id) && Some(row.id) != new.corrects;
    if let Some(entry) = of_invoice.all(w.db()).await?.into_iter().find(stands) {
        errors.push(FieldError::new("/invoice", "invoice-recorded").with("entry", entry.id));
    }
    refuse(errors)?;
    let agreed = || new.invoiced_on.plus_days(contract.payment_days.into());
    let row = payment::Model {
        id: w.new_id(),
        contract_id: id,
        invoice: new.invoice.clone(),
        invoiced_on: new.invoiced_on,
        due_on: new.due_on.unwrap_or_else(agreed),
        paid_on: new.paid_on,
        amount_minor: new.amount.minor,
        currency,
        note: new.note,
        corrects_id: new.corrects,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
    };
    payment::Entity::insert(payment::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_payments__corrects_id", corrected_already)?;
    let details = json!({ "contract": id, "invoice": row.invoice, "paid_on": row.paid_on, "corrects": row.corrects_id });
    w.record("payment", row.id, &details).await?;
    Ok(paid(row, &BTreeMap::new()))
}

/// The entries about a contract's deliveries, corrected ones too.
///
/// # Errors
/// 404 when the actor may not see the contract; 422 for a cursor of another list.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ContractId,
    window: &Window,
) -> Result<Page<Delivery>, Problem> {
    find(db, actor, id).await?;
    let query = delivery::Entity::find().filter(delivery::Column::ContractId.eq(id));
    let page = window.fetch(actor, query, delivery::Column::Id, |row| row.id.0, &id, db).await?;
    let corrections = delivery_corrections(db, [id]).await?;
    Ok(page.map(|row| delivered(row, &corrections)))
}

/// The entries about a contract's invoices and payments, corrected ones too.
///
/// # Errors
/// 404 when the actor may not see the contract; 422 for a cursor of another list.
pub async fn payments(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ContractId,
    window: &Window,
) -> Result<Page<Payment>, Problem> {
    find(db, actor, id).await?;
    let query = payment::Entity::find().filter(payment::Column::ContractId.eq(id));
    let page = window.fetch(actor, query, payment::Column::Id, |row| row.id.0, &id, db).await?;
    let corrections = payment_corrections(db, [id]).await?;
    Ok(page.map(|row| paid(row, &corrections)))
}

/// How a supplier has kept those of its contracts that the actor sees: a lead firm learns nothing of what it
/// delivers to others.
///
/// # Errors
/// 404 for a supplier that the actor does not see, and for a lead firm that has no contract with it.
pub async fn scorecard(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: OrganisationId,
    period: Period,
    at: Timestamp,
) -> Result<Scorecard, Problem> {
    let contracts = kept(db, visible(actor).add(contract::Column::SupplierId.eq(supplier))).await?;
    if contracts.is_empty() {
        if actor.kind() == Some(Kind::LeadFirm) {
            return Err(Problem::not_found());
        }
        ledger::demand_sight(db, actor, supplier).await?;
        firms::find_kind(db, actor, supplier, Kind::Supplier).await?;
    }
    card(db, actor, &contracts, supplier, period, at).await
}

/// How a supplier has kept its contracts of one programme, for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn scorecard_within(
    db: &impl ConnectionTrait,
    service: &Actor,
    programme: ProgrammeId,
    supplier: OrganisationId,
    period: Period,
    at: Timestamp,
) -> Result<Scorecard, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let of = Condition::all()
        .add(contract::Column::SupplierId.eq(supplier))
        .add(contract::Column::ProgrammeId.eq(programme));
    let contracts = kept(db, of).await?;
    card(db, service, &contracts, supplier, period, at).await
}

/// The invoices to a lead firm that stand, of contracts of one programme or of all that the actor sees, each with its
/// supplier.
///
/// # Errors
/// What the database said.
pub async fn invoices_to(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lead_firm: OrganisationId,
    programme: Option<ProgrammeId>,
) -> Result<Vec<(OrganisationId, Payment)>, Problem> {
    let mut query = contract::Entity::find()
        .filter(visible(actor))
        .filter(contract::Column::LeadFirmId.eq(lead_firm))
        .select_only()
        .column(contract::Column::Id)
        .column(contract::Column::SupplierId);
    if let Some(programme) = programme {
        query = query.filter(contract::Column::ProgrammeId.eq(programme));
    }
    let suppliers: Vec<(ContractId, OrganisationId)> = query.into_tuple().all(db).await?;
    let suppliers: BTreeMap<_, _> = suppliers.into_iter().collect();
    let corrections = payment_corrections(db, suppliers.keys().copied()).await?;
    let rows = payment::Entity::find()
        .filter(payment::Column::ContractId.is_in(suppliers.keys().copied()))
        .order_by_asc(payment::Column::Id);
    let payments = rows.all(db).await?.into_iter().map(|row| paid(row, &corrections));
    let standing = payments.filter(|payment| payment.corrected_by.is_none());
    Ok(standing.filter_map(|payment| Some((*suppliers.get(&payment.contract)?, payment))).collect())
}

/// A contract, its lead firm and its programme.
type Kept = (ContractId, OrganisationId, ProgrammeId);

async fn kept(db: &impl ConnectionTrait, of: Condition) -> Result<Vec<Kept>, Problem> {
    let contracts = contract::Entity::find()
        .filter(of)
        .select_only()
        .column(contract::Column::Id)
        .column(contract::Column::LeadFirmId)
        .column(contract::Column::ProgrammeId);
    Ok(contracts.into_tuple().all(db).await?)
}

async fn card(
    db: &impl ConnectionTrait,
    actor: &Actor,
    contracts: &[Kept],
    supplier: OrganisationId,
    period: Period,
    at: Timestamp,
) -> Result<Scorecard, Problem> {
    let programmes: BTreeSet<_> = contracts.iter().map(|(.., programme)| *programme).collect();
    let days = days(db, actor, programmes, at).await?;
    let known = |(id, buyer, programme): &_| Some((*id, (*days.get(programme)?, *buyer)));
    let known: BTreeMap<ContractId, (Day, OrganisationId)> = contracts.iter().filter_map(known).collect();
    let corrections = delivery_corrections(db, known.keys().copied()).await?;
    let rows = delivery::Entity::find()
        .filter(delivery::Column::ContractId.is_in(known.keys().copied()))
        .filter(delivery::Column::DueOn.between(period.from, period.to));
    let deliveries = rows.all(db).await?.into_iter().map(|row| delivered(row, &corrections));
    let deliveries: Vec<_> =
        deliveries.filter_map(|delivery| Some((known.get(&delivery.contract)?.0, delivery))).collect();
    let corrections = payment_corrections(db, known.keys().copied()).await?;
    let rows = payment::Entity::find()
        .filter(payment::Column::ContractId.is_in(known.keys().copied()))
        .filter(payment::Column::InvoicedOn.between(period.from, period.to));
    let payments = rows.all(db).await?.into_iter().map(|row| paid(row, &corrections));
    let of_whom = |payment: Payment| {
        let (today, buyer) = *known.get(&payment.contract)?;
        Some((today, buyer, payment))
    };
    let payments: Vec<_> = payments.filter_map(of_whom).collect();
    Ok(Scorecard::new(supplier, period, &deliveries, &payments))
}

/// The calendar day of each of these programmes at that moment.
async fn days(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programmes: BTreeSet<ProgrammeId>,
    at: Timestamp,
) -> Result<BTreeMap<ProgrammeId, Day>, Problem> {
    let (service, mut days) = (Actor::system(actor.organisation), BTreeMap::new());
    for id in programmes {
        days.insert(id, programmes::store::find(db, &service, id).await?.day(at));
    }
    Ok(days)
}

/// Which entry has taken the place of which.
async fn delivery_corrections(
    db: &impl ConnectionTrait,
    contracts: impl IntoIterator<Item = ContractId>,
) -> Result<BTreeMap<DeliveryId, DeliveryId>, Problem> {
    let contracts: Vec<_> = contracts.into_iter().collect();
    let rows = delivery::Entity::find()
        .filter(delivery::Column::ContractId.is_in(contracts))
        .filter(delivery::Column::CorrectsId.is_not_null())
        .order_by_asc(delivery::Column::Id);
    Ok(rows.all(db).await?.into_iter().filter_map(|row| Some((row.corrects_id?, row.id))).collect())
}

async fn payment_corrections(
    db: &impl ConnectionTrait,
    contracts: impl IntoIterator<Item = ContractId>,
) -> Result<BTreeMap<PaymentId, PaymentId>, Problem> {
    let contracts: Vec<_> = contracts.into_iter().collect();
    let rows = payment::Entity::find()
        .filter(payment::Column::ContractId.is_in(contracts))
        .filter(payment::Column::CorrectsId.is_not_null())
        .order_by_asc(payment::Column::Id);
    Ok(rows.all(db).await?.into_iter().filter_map(|row| Some((row.corrects_id?, row.id))).collect())
}

fn delivered(row: delivery::Model, corrections: &BTreeMap<DeliveryId, DeliveryId>) -> Delivery {
    Delivery {
        id: row.id,
        contract: row.contract_id,
        said: NewDelivery {
            lot: row.lot_id,
            due_on: row.due_on,
            made_on: row.made_on,
            units: row.units,
            accepted: row.accepted,
            rejected: row.rejected,
            note: row.note,
            corrects: row.corrects_id,
        },
        corrected_by: corrections.get(&row.id).copied(),
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
    }
}

fn paid(row: payment::Model, corrections: &BTreeMap<PaymentId, PaymentId>) -> Payment {
    Payment {
        id: row.id,
        contract: row.contract_id,
        invoice: row.invoice,
        invoiced_on: row.invoiced_on,
        due_on: row.due_on,
        paid_on: row.paid_on,
        amount: Money::new(row.amount_minor, row.currency),
        note: row.note,
        corrects: row.corrects_id,
        corrected_by: corrections.get(&row.id).copied(),
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
    }
}
