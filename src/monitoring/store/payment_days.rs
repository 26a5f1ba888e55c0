//! How many days a lead firm takes to pay.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use crate::{
    contracts::{self, Payment},
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        ids::OrganisationId,
        problem::Problem,
    },
    monitoring::payment_days::{PaymentDays, quarter_end, twelve_months_to},
    organisations::store::{firms, ledger},
};

/// How a lead firm pays: to itself and to the institutions that work with it, of the twelve months up to today and of
/// contracts that they see. To a supplier under contract with it: of the twelve months to the end of the last quarter,
/// as recorded by then, when five suppliers stand behind it.
///
/// # Errors
/// 404 for everybody else.
pub async fn payment_days(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lead_firm: OrganisationId,
    at: Timestamp,
) -> Result<PaymentDays, Problem> {
    let service = Actor::system(lead_firm);
    if actor.kind() == Some(Kind::Supplier) {
        return of_others(db, actor, lead_firm, at).await;
    }
    ledger::demand_sight(db, actor, lead_firm).await?;
    firms::find_kind(db, &service, lead_firm, Kind::LeadFirm).await?;
    let today = firms::day(db, &service, lead_firm, at).await?;
    let (from, to) = twelve_months_to(today);
    let invoices = contracts::store::invoices_to(db, actor, lead_firm, None).await?;
    let within: Vec<_> = invoices.iter().filter(|(_, payment)| within(payment, from, to)).collect();
    let suppliers: BTreeSet<_> = within.iter().map(|(supplier, _)| *supplier).collect();
    let payments: Vec<&Payment> = within.iter().map(|(_, payment)| payment).collect();
    Ok(PaymentDays::whole(from, to, today, &payments, suppliers.len()))
}

async fn of_others(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lead_firm: OrganisationId,
    at: Timestamp,
) -> Result<PaymentDays, Problem> {
    let programmes = contracts::store::dealings_with(db, actor, lead_firm).await?;
    if programmes.is_empty() {
        return Err(Problem::not_found());
    }
    let service = Actor::system(lead_firm);
    let today = firms::day(db, &service, lead_firm, at).await?;
    let end = quarter_end(today);
    let (from, to) = twelve_months_to(end);
    let (mut payments, mut suppliers) = (Vec::new(), BTreeSet::new());
    for programme in programmes {
        let invoices = contracts::store::invoices_to(db, &service, lead_firm, Some(programme)).await?;
        // What is recorded later moves the figure of the next quarter, not of this one.
        let settled = invoices.into_iter().filter(|(_, payment)| {
            within(payment, from, to)
                && payment.recorded_at.day() <= end
                && payment.paid_on.is_some_and(|day| day <= end)
        });
        for (supplier, payment) in settled {
            suppliers.insert(supplier);
            payments.push(payment);
        }
    }
    let payments: Vec<&Payment> = payments.iter().collect();
    Ok(PaymentDays::of_others(from, to, &payments, suppliers.len()))
}

fn within(payment: &Payment, from: Day, to: Day) -> bool {
    payment.invoiced_on >= from && payment.invoiced_on <= to
}
