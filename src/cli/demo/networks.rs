//! The programme's two vertical networks: one of a lead firm, which selects its suppliers together with the
//! agency, and one of organised suppliers, which bid as a consortium.

use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    case::{Case, NetworkCase},
    chain::{Firm, Network},
};

/// A network with the suppliers that it has selected.
pub(super) struct Vertical {
    pub id: String,
    pub key: String,
    pub name: String,
    pub model: String,
    pub lead_firm: String,
    /// The selected suppliers, by name.
    pub selected: Vec<String>,
    /// Who was refused, and what each side said to it.
    pub refused: Option<(String, Vec<String>)>,
    pub consortium: Option<Consortium>,
}

/// Suppliers that bid as one, each of which has accepted for itself.
pub(super) struct Consortium {
    pub id: String,
    pub name: String,
    /// The supplier that speaks for it.
    pub speaker: String,
}

/// The officer sets the networks up; suppliers apply, and whoever decides in that model selects or refuses them.
/// Whoever approves later on is assigned to them.
pub(super) async fn set_up(case: &Case, network: &Network) -> Result<Vec<Vertical>, Failure> {
    let approver = network.approver.get("/me").await?.text("account/id");
    let mut verticals = Vec::new();
    for terms in &case.networks {
        let lead_firm = network.lead_firm(&terms.lead_firm)?;
        let body = json!({ "model": terms.model, "name": terms.name, "lead_firms": [lead_firm.id] });
        let path = format!("/programmes/{}/networks", network.programme);
        let id = network.officer.post(&path, body).await?.text("id");
        network.administrator.put(&format!("/networks/{id}/officers/{approver}"), json!({})).await?;
        for name in &terms.selected {
            apply(case, network, &id, name).await?;
            decide(network, &id, sides(network, terms, lead_firm), name, "select", &terms.reason).await?;
        }
        let mut refused = None;
        if let Some(applicant) = &terms.refused {
            apply(case, network, &id, &applicant.supplier).await?;
            let both = sides(network, terms, lead_firm);
            decide(network, &id, both, &applicant.supplier, "refuse", &applicant.reason).await?;
            // What the sides said reads the applicant itself.
            let own = supplier(network, &applicant.supplier)?;
            let told = own.caller.get(&format!("/networks/{id}/membership")).await?.body;
            let said = told["decisions"].as_array().into_iter().flatten().map(|said| text(said, "reason"));
            refused = Some((applicant.supplier.clone(), said.collect()));
        }
        let consortium = match &terms.consortium {
            Some(name) => Some(form(case, network, &id, name, &terms.selected).await?),
            None => None,
        };
        verticals.push(Vertical {
            id,
            key: terms.key.clone(),
            name: terms.name.clone(),
            model: terms.model.clone(),
            lead_firm: lead_firm.name.clone(),
            selected: terms.selected.clone(),
            refused,
            consortium,
        });
    }
    Ok(verticals)
}

/// The supplier of that name.
pub(super) fn supplier<'a>(network: &'a Network, name: &str) -> Result<&'a Firm, Failure> {
    let found = network.suppliers.iter().find(|firm| firm.name == name);
    found.ok_or_else(|| format!("the case names no supplier {name}").into())
}

/// Who decides: a lead firm only in its own network.
fn sides<'a>(network: &'a Network, terms: &NetworkCase, lead_firm: &'a Firm) -> Vec<&'a Caller> {
    let mut sides = vec![&network.officer];
    if terms.model == "lead_firm" {
        sides.insert(0, &lead_firm.caller);
    }
    sides
}

/// The officer invites the supplier, which applies.
async fn apply(case: &Case, network: &Network, id: &str, name: &str) -> Result<(), Failure> {
    network.officer.post(&format!("/networks/{id}/invitations"), tax_id(case, name)?).await?;
    let statement =
        json!({ "statement": "Tenemos máquinas propias y queremos crecer con un contrato de varios años." });
    supplier(network, name)?.caller.post(&format!("/networks/{id}/apply"), statement).await?;
    Ok(())
}

fn tax_id(case: &Case, name: &str) -> Result<Value, Failure> {
    let firm = case.suppliers.iter().find(|firm| firm.name == name);
    let firm = firm.ok_or_else(|| format!("the case names no supplier {name}"))?;
    Ok(json!({ "country": case.country, "tax_id": firm.tax_id }))
}

/// Each side says the same of an applicant, with reasons. One refusal is enough.
async fn decide(
    network: &Network,
    id: &str,
    sides: Vec<&Caller>,
    name: &str,
    decision: &str,
    reason: &str,
) -> Result<(), Failure> {
    let own = supplier(network, name)?;
    let body = json!({ "decision": decision, "reason": reason });
    for side in sides {
        let standing = own.caller.get(&format!("/networks/{id}/membership")).await?;
        if standing.text("standing") == "applied" {
            let path = format!("/networks/{id}/members/{}/decision", own.id);
            side.post_if(&path, &standing.etag, body.clone()).await?;
        }
    }
    Ok(())
}

/// The first of the suppliers forms a consortium with the others, and each of them accepts.
async fn form(
    case: &Case,
    network: &Network,
    id: &str,
    name: &str,
    suppliers: &[String],
) -> Result<Consortium, Failure> {
    let (speaker, others) = suppliers.split_first().ok_or("the case's consortium has no members")?;
    let members = others.iter().map(|other| tax_id(case, other)).collect::<Result<Vec<_>, _>>()?;
    let body = json!({ "name": name, "network": id, "members": members });
    let path = format!("/programmes/{}/consortia", network.programme);
    let formed = supplier(network, speaker)?.caller.post(&path, body).await?.text("id");
    let path = format!("/consortia/{formed}");
    for other in others {
        let member = &supplier(network, other)?.caller;
        let read = member.get(&path).await?;
        member.post_if(&format!("{path}/accept"), &read.etag, json!({})).await?;
    }
    Ok(Consortium { id: formed, name: name.to_owned(), speaker: speaker.clone() })
}
