//! From approved matches to a contract, and what became of it: deliveries, payments, the supplier's scorecard.

use serde_json::{Value, json};

use super::{
    Failure,
    caller::text,
    chain::{Firm, Network},
};
use crate::foundation::{Base, clock::Day};

/// How many seconds a day has.
const DAY: i64 = 86_400;
/// Days between signing and looking back.
pub(super) const DAYS: i64 = 40;

/// A contract that both firms have signed, and how its supplier has kept it so far.
pub(super) struct Supplied {
    pub contract: Value,
    pub scorecard: Value,
}

/// The lead firm of a requirement draws up a contract from what was approved of the supplier with most of it; both
/// sign. Then time passes: two deliveries come, one of them late, and of two invoices one is paid.
pub(super) async fn supply(
    base: &Base,
    network: &Network,
    requirement: &str,
    approved: &[Value],
) -> Result<Option<Supplied>, Failure> {
    let of: Vec<&Value> = approved.iter().filter(|found| text(found, "requirement") == requirement).collect();
    let Some(first) = of.iter().max_by_key(|found| text(found, "amount/amount").parse::<u64>().unwrap_or(0))
    else {
        return Ok(None);
    };
    let firm_of = |firms: &[Firm], field: &str| {
        let id = text(first, field);
        firms.iter().position(|firm| firm.id == id).ok_or_else(|| format!("the demo knows no firm {id}"))
    };
    let supplier = &network.suppliers[firm_of(&network.suppliers, "supplier")?];
    let lead_firm = &network.lead_firms[firm_of(&network.lead_firms, "lead_firm")?];
    let matches: Vec<&Value> =
        of.iter().filter(|f| f["supplier"] == first["supplier"]).map(|f| &f["id"]).collect();
    let begun = base.clock.now().day();
    let terms = json!({ "matches": matches, "starts_on": begun, "payment_days": 30 });
    let drawn = lead_firm.caller.post("/contracts", terms).await?;
    let path = format!("/contracts/{}", drawn.text("id"));
    for firm in [supplier, lead_firm] {
        let read = firm.caller.get(&path).await?;
        firm.caller.post_if(&format!("{path}/sign"), &read.etag, json!({})).await?;
    }

    base.clock.advance(DAYS * DAY);
    let line = &drawn.body["lines"][0];
    let units = line["quantity"].as_i64().unwrap_or(1);
    let first_half = (units / 2).max(1);
    let deliver = |due: i64, made: i64, units: i64, rejected: i64| {
        json!({ "lot": line["lot"], "due_on": begun.plus_days(due), "made_on": begun.plus_days(made), "units": units,
            "accepted": units - rejected, "rejected": rejected })
    };
    for delivery in [deliver(15, 14, first_half, 0), deliver(30, 33, (units - first_half).max(1), 1)] {
        lead_firm.caller.post(&format!("{path}/deliveries"), delivery).await?;
    }
    let half = text(line, "amount/amount").parse::<i64>().unwrap_or(2) / 2;
    let invoice = |number: &str, on: Day, paid: Option<Day>| {
        json!({ "invoice": number, "invoiced_on": on, "paid_on": paid,
            "amount": { "amount": half.to_string(), "currency": line["amount"]["currency"] } })
    };
    let paid = Some(begun.plus_days(38));
    for invoice in
        [invoice("F-000101", begun.plus_days(15), paid), invoice("F-000117", begun.plus_days(34), None)]
    {
        supplier.caller.post(&format!("{path}/payments"), invoice).await?;
    }
    let (from, to) = (begun, base.clock.now().day());
    let card = format!("/suppliers/{}/scorecard?from={from}&to={to}", supplier.id);
    let scorecard = network.officer.get(&card).await?.body;
    Ok(Some(Supplied { contract: network.officer.get(&path).await?.body, scorecard }))
}
