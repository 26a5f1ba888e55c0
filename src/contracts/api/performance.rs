//! Deliveries, payments and the scorecard.

use axum::extract::State as Shared;
use num_rational::BigRational;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    contracts::{
        Delivery, ListDeliveries, ListPayments, NewDelivery, NewPayment, Payment, Period, ReadScorecard,
        RecordDelivery, RecordPayment,
        scorecard::{Deliveries, Month, Paid, Scorecard},
        store,
    },
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        figure::rounded,
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{ContractId, DeliveryId, LotId, OrganisationId, PaymentId},
        money::Money,
        problem::Problem,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(record_delivery, list_deliveries))
        .routes(routes!(record_payment, list_payments))
        .routes(routes!(read_scorecard))
}

/// An entry about a delivery.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
struct DeliveryJson {
    id: DeliveryId,
    contract: ContractId,
    lot: LotId,
    due_on: Day,
    /// Null: it has not come, or nobody knows.
    made_on: Option<Day>,
    /// Days after the due day, negative before; null while it has not come.
    delay_days: Option<i64>,
    /// Units that came, or that are due.
    units: i64,
    /// Null: not inspected.
    accepted: Option<i64>,
    /// Null: not inspected.
    rejected: Option<i64>,
    note: Option<String>,
    /// The entry whose place this one takes.
    corrects: Option<DeliveryId>,
    /// The entry that has taken its place: this one counts no more.
    corrected_by: Option<DeliveryId>,
    recorded_at: Timestamp,
}

impl From<Delivery> for DeliveryJson {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            contract: delivery.contract,
            delay_days: delivery.said.delay_days(),
            lot: delivery.said.lot,
            due_on: delivery.said.due_on,
            made_on: delivery.said.made_on,
            units: delivery.said.units,
            accepted: delivery.said.accepted,
            rejected: delivery.said.rejected,
            note: delivery.said.note,
            corrects: delivery.said.corrects,
            corrected_by: delivery.corrected_by,
            recorded_at: delivery.recorded_at,
        }
    }
}

/// What the lead firm says of a delivery.
#[derive(ToSchema)]
#[schema(as = NewDelivery)]
#[expect(dead_code, reason = "describes what `NewDelivery` reads")]
struct NewDeliveryJson {
    /// A lot of the contract.
    lot: LotId,
    due_on: Day,
    /// Absent: it has not come.
    made_on: Option<Day>,
    /// Units that came, or that are due.
    #[schema(example = 500)]
    units: i64,
    /// Absent: not inspected.
    #[schema(example = 498)]
    accepted: Option<i64>,
    /// Absent: not inspected.
    #[schema(example = 2)]
    rejected: Option<i64>,
    note: Option<String>,
    /// An entry whose place this one takes.
    corrects: Option<DeliveryId>,
}

/// Records a delivery that one's firm has received, or that is due to it. Entries are never changed: a
/// correction is an entry of its own.
#[utoipa::path(
    post, path = "/contracts/{id}/deliveries", operation_id = "deliveries_create", tag = "contracts",
    params(("id" = ContractId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewDeliveryJson, responses((status = CREATED, body = DeliveryJson))
)]
async fn record_delivery(
    Shared(base): Shared<Base>,
    may: May<RecordDelivery>,
    Key(id): Key<ContractId>,
    Body { value, once }: Body<NewDelivery>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let delivery = store::record_delivery(&w, id, value).await?;
        let location = format!("/api/v1/contracts/{id}/deliveries");
        let reply = Reply::created(location, &DeliveryJson::from(delivery))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the entries about a contract's deliveries, corrected ones too.
#[utoipa::path(
    get, path = "/contracts/{id}/deliveries", operation_id = "deliveries_list", tag = "contracts",
    params(("id" = ContractId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<DeliveryJson>))
)]
async fn list_deliveries(
    Shared(base): Shared<Base>,
    may: May<ListDeliveries>,
    Key(id): Key<ContractId>,
    Params(window): Params<Window>,
) -> Result<Page<DeliveryJson>, Problem> {
    let page = store::deliveries(base.db.reads(), may.actor(), id, &window).await?;
    Ok(page.map(DeliveryJson::from))
}

/// An entry about an invoice and its payment.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
struct PaymentJson {
    id: PaymentId,
    contract: ContractId,
    /// Number of the invoice.
    invoice: String,
    invoiced_on: Day,
    due_on: Day,
    /// Null: not paid yet.
    paid_on: Option<Day>,
    /// Days from the invoice to the payment; null while it is open.
    days_to_pay: Option<i64>,
    amount: Money,
    note: Option<String>,
    /// The entry whose place this one takes.
    corrects: Option<PaymentId>,
    /// The entry that has taken its place: this one counts no more.
    corrected_by: Option<PaymentId>,
    recorded_at: Timestamp,
}

impl From<Payment> for PaymentJson {
    fn from(payment: Payment) -> Self {
        Self {
            id: payment.id,
            contract: payment.contract,
            days_to_pay: payment.days_to_pay(),
            invoice: payment.invoice,
            invoiced_on: payment.invoiced_on,
            due_on: payment.due_on,
            paid_on: payment.paid_on,
            amount: payment.amount,
            note: payment.note,
            corrects: payment.corrects,
            corrected_by: payment.corrected_by,
            recorded_at: payment.recorded_at,
        }
    }
}

/// What the supplier says of an invoice.
#[derive(ToSchema)]
#[schema(as = NewPayment)]
#[expect(dead_code, reason = "describes what `NewPayment` reads")]
struct NewPaymentJson {
    /// Number of the invoice.
    #[schema(example = "F-000123")]
    invoice: String,
    invoiced_on: Day,
    /// Absent: after the days agreed in the contract.
    due_on: Option<Day>,
    /// Absent: not paid yet.
    paid_on: Option<Day>,
    amount: Money,
    note: Option<String>,
    /// An entry whose place this one takes.
    corrects: Option<PaymentId>,
}

/// Records an invoice of one's firm, and its payment. Entries are never changed: a correction, and a payment
/// that comes later, is an entry of its own that takes the other's place.
#[utoipa::path(
    post, path = "/contracts/{id}/payments", operation_id = "payments_create", tag = "contracts",
    params(("id" = ContractId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewPaymentJson, responses((status = CREATED, body = PaymentJson))
)]
async fn record_payment(
    Shared(base): Shared<Base>,
    may: May<RecordPayment>,
    Key(id): Key<ContractId>,
    Body { value, once }: Body<NewPayment>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let payment = store::record_payment(&w, id, value).await?;
        let location = format!("/api/v1/contracts/{id}/payments");
        let reply = Reply::created(location, &PaymentJson::from(payment))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the entries about a contract's invoices and payments, corrected ones too.
#[utoipa::path(
    get, path = "/contracts/{id}/payments", operation_id = "payments_list", tag = "contracts",
    params(("id" = ContractId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<PaymentJson>))
)]
async fn list_payments(
    Shared(base): Shared<Base>,
    may: May<ListPayments>,
    Key(id): Key<ContractId>,
    Params(window): Params<Window>,
) -> Result<Page<PaymentJson>, Problem> {
    let page = store::payments(base.db.reads(), may.actor(), id, &window).await?;
    Ok(page.map(PaymentJson::from))
}

/// How a supplier has kept the contracts that one may see. What nobody has recorded is null, never 0 or 100 %.
#[derive(Serialize, ToSchema)]
#[schema(as = Scorecard)]
struct ScorecardJson {
    supplier: OrganisationId,
    from: Day,
    to: Day,
    deliveries: DeliveriesJson,
    /// Month by month, idle ones too.
    months: Vec<MonthJson>,
    /// How each lead firm has paid.
    payments: Vec<PaidJson>,
}

/// How deliveries came.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardDeliveries)]
struct DeliveriesJson {
    /// Due until today (by the calendar of the contract's programme), or made.
    due: u64,
    on_time: u64,
    late: u64,
    /// Due, and nobody has said that they came.
    unknown: u64,
    /// Of those known to have come, percent on time with one decimal; null: none is known.
    #[schema(example = "93.8")]
    on_time_percent: Option<String>,
    accepted: i64,
    rejected: i64,
    /// Units delivered that nobody has inspected.
    uninspected: i64,
    /// Rejected units per million inspected; null: none was inspected.
    #[schema(example = "1250")]
    ppm: Option<String>,
}

/// A calendar month.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardMonth)]
struct MonthJson {
    #[schema(example = "2026-03")]
    month: String,
    deliveries: DeliveriesJson,
}

/// How a lead firm has paid.
#[derive(Serialize, ToSchema)]
#[schema(as = ScorecardPayments)]
struct PaidJson {
    lead_firm: OrganisationId,
    invoices: u64,
    paid: u64,
    /// Paid after the due day, or open beyond it.
    late: u64,
    /// Mean days from invoice to payment of those that are paid, with one decimal; null: none is.
    #[schema(example = "41.5")]
    days_to_pay: Option<String>,
}

impl From<&Deliveries> for DeliveriesJson {
    fn from(deliveries: &Deliveries) -> Self {
        let percent = |share: BigRational| rounded(&(share * BigRational::from_integer(100.into())), 1);
        Self {
            due: deliveries.due,
            on_time: deliveries.on_time,
            late: deliveries.late,
            unknown: deliveries.unknown,
            on_time_percent: deliveries.on_time_share().map(percent),
            accepted: deliveries.accepted,
            rejected: deliveries.rejected,
            uninspected: deliveries.uninspected,
            ppm: deliveries.ppm().map(|ppm| rounded(&ppm, 0)),
        }
    }
}

impl From<Scorecard> for ScorecardJson {
    fn from(card: Scorecard) -> Self {
        let month =
            |month: &Month| MonthJson { month: month.month.clone(), deliveries: (&month.deliveries).into() };
        let paid = |paid: &Paid| PaidJson {
            lead_firm: paid.lead_firm,
            invoices: paid.invoices,
            paid: paid.paid,
            late: paid.late,
            days_to_pay: paid.days_to_pay().map(|days| rounded(&days, 1)),
        };
        Self {
            supplier: card.supplier,
            from: card.period.from,
            to: card.period.to,
            deliveries: (&card.deliveries).into(),
            months: card.months.iter().map(month).collect(),
            payments: card.paid.iter().map(paid).collect(),
        }
    }
}

/// Reads how a supplier has kept the contracts that one may see: its own all, an institution those of its
/// programmes, a lead firm those with itself.
#[utoipa::path(
    get, path = "/suppliers/{id}/scorecard", operation_id = "scorecards_read", tag = "contracts",
    params(("id" = OrganisationId, Path), ("from" = Day, Query), ("to" = Day, Query)),
    responses((status = OK, body = ScorecardJson))
)]
async fn read_scorecard(
    Shared(base): Shared<Base>,
    may: May<ReadScorecard>,
    Key(supplier): Key<OrganisationId>,
    Params(period): Params<Period>,
) -> Result<Reply, Problem> {
    let card = store::scorecard(base.db.reads(), may.actor(), supplier, period, base.clock.now()).await?;
    Reply::ok(&ScorecardJson::from(card))
}
