//! Whoever is yellow for a requirement is awarded with an agreed improvement plan only: the firms agree on the gaps
//! and then on the plan.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    chain::{Firm, Network},
};

/// Both firms of each match sign the gaps and the plan that closes them, where the supplier is not green; returns
/// how many plans were agreed on.
pub(super) async fn agree(network: &Network, matches: &[Value]) -> Result<usize, Failure> {
    let pairs: BTreeSet<_> = matches
        .iter()
        .map(|found| (text(found, "requirement"), text(found, "supplier"), text(found, "lead_firm")))
        .collect();
    let mut agreed = 0;
    for (requirement, supplier, lead_firm) in pairs {
        let requirement = format!("/requirements/{requirement}");
        let analysis = network.officer.get(&format!("{requirement}/gap-analyses/{supplier}")).await?;
        if analysis.text("light") != "green" {
            let supplier = firm(&network.suppliers, &supplier)?;
            let lead_firm = firm(&network.lead_firms, &lead_firm)?;
            plan(&network.officer, &requirement, [supplier, lead_firm]).await?;
            agreed += 1;
        }
    }
    Ok(agreed)
}

/// From the act on the gaps to the plan, which the officer proposes.
async fn plan(
    officer: &Caller,
    requirement: &str,
    [supplier, lead_firm]: [&Caller; 2],
) -> Result<(), Failure> {
    let opened = supplier.post(&format!("{requirement}/gap-acts"), json!({})).await?;
    let act = format!("/gap-acts/{}", opened.text("id"));
    for firm in [supplier, lead_firm] {
        sign(firm, &act).await?;
    }
    let suggested = supplier.get(&format!("{act}/plan-suggestion")).await?.body;
    let actions = suggested["actions"].as_array().cloned().unwrap_or_default();
    let last = actions.iter().map(|action| text(action, "due_on")).max();
    // Gaps that are no figures, such as a certificate, suggest no objective: their number is one.
    let objective = json!({ "indicator": "Brechas abiertas", "baseline": actions.len().to_string(), "target": "0",
        "due_on": last });
    let mut objectives = suggested["objectives"].as_array().cloned().unwrap_or_default();
    objectives.push(objective);
    let content = json!({ "objectives": objectives, "actions": actions });
    let drawn = supplier.post(&format!("{requirement}/plans"), content).await?;
    let plan = format!("/plans/{}", drawn.text("id"));
    officer.post_if(&format!("{plan}/propose"), &drawn.etag, json!({})).await?;
    for firm in [supplier, lead_firm] {
        sign(firm, &plan).await?;
    }
    Ok(())
}

/// Signs what stands at the path.
async fn sign(firm: &Caller, path: &str) -> Result<(), Failure> {
    let hash = firm.get(path).await?.text("hash");
    let signature = json!({ "hash": hash, "has_read_it": true, "may_sign_for_the_firm": true });
    firm.post(&format!("{path}/signatures"), signature).await?;
    Ok(())
}

fn firm<'a>(firms: &'a [Firm], id: &str) -> Result<&'a Caller, Failure> {
    let found = firms.iter().find(|firm| firm.id == id);
    Ok(&found.ok_or_else(|| format!("the demo knows no firm {id}"))?.caller)
}
