//! Who comes after the first person of a firm, what firms say of themselves, and who shows and verifies it.

use serde_json::{Value, json};

use super::{
    Failure, PASSWORD,
    caller::{Caller, text},
    case::{Case, Colleague},
    chain::Network,
};

/// The lead firm declares that it is under common control with another one, and the agency confirms it: from then on
/// both count as one buyer.
pub(super) async fn declare_control(
    case: &Case,
    firm: &Caller,
    (with, group): (&str, &str),
    officer: &Caller,
) -> Result<(), Failure> {
    let body = json!({ "with": with, "ground": case.control.ground });
    let declared = firm.post("/control-declarations", body).await?;
    let path = format!("/control-declarations/{}/confirm", declared.text("id"));
    officer
        .post_if(&path, &declared.etag, json!({ "reason": case.control.reason, "buyer_group": group }))
        .await?;
    Ok(())
}

/// A colleague comes in by invitation, another one asks for it; a lead firm states its LEI.
pub(super) async fn gather(case: &Case, network: &Network, nobody: &Caller) -> Result<(), Failure> {
    let Colleague { lead_firm, role, email, .. } = &case.invited;
    let body = json!({ "email": email, "role": role });
    let invited = network.lead_firm(lead_firm)?.caller.post("/invitations", body).await?;
    accept(nobody, &case.invited, &invited.text("secret")).await?;

    let Colleague { lead_firm, role, name, email } = &case.asks;
    let firm = case.lead_firms.iter().find(|firm| firm.key == *lead_firm);
    let firm = firm.ok_or_else(|| format!("the case names no lead firm {lead_firm}"))?;
    let request = json!({ "country": case.country, "tax_id": firm.tax_id, "name": name, "email": email });
    nobody.post("/membership-requests", request).await?;
    let administrator = &network.lead_firm(lead_firm)?.caller;
    let asked = administrator.get("/membership-requests").await?.text("items/0/id");
    let granted =
        administrator.post(&format!("/membership-requests/{asked}/grant"), json!({ "role": role })).await?;
    accept(nobody, &case.asks, &granted.text("secret")).await?;

    let firm = network.lead_firm(&case.lei.lead_firm)?;
    let path = format!("/organisations/{}", firm.id);
    let read = firm.caller.get(&path).await?;
    firm.caller.put_if(&format!("{path}/lei"), &read.etag, json!({ "lei": case.lei.lei })).await?;
    Ok(())
}

async fn accept(nobody: &Caller, colleague: &Colleague, secret: &str) -> Result<(), Failure> {
    let body = json!({ "secret": secret, "name": colleague.name, "password": PASSWORD, "privacy_notice": crate::organisations::PRIVACY_NOTICE });
    nobody.post("/invitations/accept", body).await?;
    Ok(())
}

/// The supplier states its certificate in the profile, and adds it beside the answer.
pub(super) async fn show_certificate(
    case: &Case,
    supplier: &Caller,
    diagnostic: &str,
) -> Result<(), Failure> {
    let certificate = json!({ "scheme": "ISO 9001:2015", "number": "FIC-4711", "issuer": "Certificadora del Sur (ficticia)",
        "scope": "Mecanizado de precisión", "issued_on": "2025-07-01", "expires_on": "2028-06-30" });
    supplier.post("/profile/certificates", certificate).await?;
    let path = format!("{diagnostic}/answers/{}/evidence", case.verified.certificate);
    supplier.upload(&path, "%PDF-1.7\nCertificado ficticio\n%%EOF").await?;
    Ok(())
}

/// An officer has been there, and answers beside the supplier.
pub(super) async fn verify(case: &Case, officer: &Caller, diagnostic: &str) -> Result<(), Failure> {
    let path = format!("{diagnostic}/verifications/{}", case.verified.question);
    let body = json!({ "provenance": "visit", "revision": 1, "value": case.verified.value });
    officer.put(&path, body).await?;
    Ok(())
}

/// The open line of an act that the supplier disputes; the lead firm answers, and the officer settles it. Returns the
/// version that the act has then.
pub(super) async fn dispute(
    act: &str,
    etag: &str,
    line: usize,
    [supplier, lead_firm, officer]: [&Caller; 3],
) -> Result<String, Failure> {
    let reason = json!({ "line": line, "reason": "La medición incluye el mes en que se cambió el torno." });
    let raised = supplier.post_if(&format!("{act}/disputes"), etag, reason).await?;
    let last = raised.body["disputes"]
        .as_array()
        .and_then(|disputes| disputes.last())
        .map_or(Value::Null, Clone::clone);
    let path = format!("{act}/disputes/{}", text(&last, "id"));
    let said = json!({ "text": "También sin ese mes queda bajo lo que pedimos." });
    let answered = lead_firm.post_if(&format!("{path}/answer"), &raised.etag, said).await?;
    let settled = json!({ "outcome": "dismissed", "note": "La línea se mantiene: la brecha existe en los doce meses." });
    Ok(officer.post_if(&format!("{path}/settle"), &answered.etag, settled).await?.etag)
}
