//! What comes weeks later: a supplier is diagnosed anew, which voids its gap act until both sign again; the contract's
//! renewal is announced; a waiver has expired, and somebody takes its consent back.

use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    case::Case,
    chain::{Firm, Network},
    contracts::Supplied,
    networks::{Vertical, supplier},
    plans::sign,
};

/// What was found.
pub(super) struct Looked {
    /// The supplier that was diagnosed anew, and its points before and after.
    pub supplier: String,
    pub points: (String, String),
    /// What the agency is alerted to, in words.
    pub alerts: Vec<String>,
}

/// Looks back on a contract, some weeks after it was signed.
pub(super) async fn look_back(
    case: &Case,
    network: &Network,
    verticals: &[Vertical],
    supplied: &Supplied,
) -> Result<Looked, Failure> {
    let firm = |firms: &'static str, id: String| -> Result<&Firm, Failure> {
        let known = if firms == "supplier" { &network.suppliers } else { &network.lead_firms };
        let found = known.iter().find(|firm| firm.id == id);
        found.ok_or_else(|| format!("the demo knows no firm {id}").into())
    };
    let contract = &supplied.contract;
    let firm_of = firm("supplier", text(contract, "supplier"))?;
    let buyer = firm("lead_firm", text(contract, "lead_firm"))?;
    let points = again(case, &firm_of.caller).await?;
    renew(&text(contract, "requirement"), &firm_of.caller, &buyer.caller).await?;
    announce(case, network, verticals, contract).await?;

    let consenting = &case.revokes_consent;
    let of = &network.lead_firm(&consenting.lead_firm)?.id;
    supplier(network, &consenting.supplier)?.caller.delete(&format!("/consents/{of}")).await?;

    let alerts = network.officer.get(&format!("/programmes/{}/alerts", network.programme)).await?;
    let alerts = alerts.body["items"].as_array().into_iter().flatten().map(|alert| text(alert, "text"));
    Ok(Looked { supplier: firm_of.name.clone(), points, alerts: alerts.collect() })
}

/// The next round: what has not changed is confirmed, one answer is better.
async fn again(case: &Case, supplier: &Caller) -> Result<(String, String), Failure> {
    let path = format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await?.text("id"));
    let better = &case.better;
    let answer = json!({ "value": better.value, "revision": 1 });
    supplier.put(&format!("{path}/answers/{}", better.question), answer).await?;
    let read = supplier.get(&path).await?;
    let known: Vec<_> =
        read.body["prefilled"].as_array().into_iter().flatten().map(|one| &one["question"]).collect();
    let confirmed = supplier.post(&format!("{path}/confirm"), json!({ "questions": known })).await?;
    supplier.post_if(&format!("{path}/submit"), &confirmed.etag, json!({})).await?;
    let changes = supplier.get(&format!("{path}/changes")).await?;
    Ok((changes.text("before/points"), changes.text("after/points")))
}

/// The act says something else now: both look at the difference, and sign anew.
async fn renew(requirement: &str, supplier: &Caller, lead_firm: &Caller) -> Result<(), Failure> {
    let acts = supplier.get(&format!("/requirements/{requirement}/gap-acts")).await?;
    let Some(act) = acts.body["items"].as_array().and_then(|items| items.first()) else {
        return Ok(());
    };
    let path = format!("/gap-acts/{}", text(act, "id"));
    supplier.post_if(&format!("{path}/renew"), &text(act, "etag"), json!({})).await?;
    for firm in [supplier, lead_firm] {
        sign(firm, &path).await?;
    }
    Ok(())
}

/// The lead firm posts what it needs next year, and the agency announces that it renews the contract.
async fn announce(
    case: &Case,
    network: &Network,
    verticals: &[Vertical],
    contract: &Value,
) -> Result<(), Failure> {
    let renewal = &case.renewal;
    let lead_firm = network.lead_firm(&renewal.lead_firm)?;
    let within = verticals.iter().find(|vertical| vertical.key == renewal.network);
    let body = json!({ "programme": network.programme, "network": within.map(|vertical| &vertical.id),
        "title": renewal.title, "lots": [renewal.lot], "criteria": renewal.criteria,
        "max_supplier_share": renewal.max_supplier_share });
    let draft = lead_firm.caller.post("/requirements", body).await?;
    let path = format!("/requirements/{}", draft.text("id"));
    lead_firm.caller.post_if(&format!("{path}/publish"), &draft.etag, json!({})).await?;
    let path = format!("/contracts/{}", text(contract, "id"));
    let read = network.officer.get(&path).await?;
    let announced = json!({ "lot": draft.text("lots/0/id") });
    network.officer.post_if(&format!("{path}/renewal"), &read.etag, announced).await?;
    Ok(())
}
