//! Whoever is yellow for a requirement is awarded with an agreed improvement plan only: the firms agree on the gaps,
//! on how they close and who pays, and then on the plan.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    chain::{Firm, Network},
    people,
};
use crate::{
    diagnostics::instrument::asked_of_suppliers,
    foundation::{clock::Timestamp, i18n::Locale, zone::Zone},
};

/// What was agreed on.
#[derive(Default)]
pub(super) struct Agreed {
    /// How many plans.
    pub plans: usize,
    /// What their actions cost, and what of that the programme pays.
    pub cost: u64,
    pub programme: u64,
}

/// What closing one gap is taken to cost.
const COST: u64 = 1_200_000;

/// Both firms of each match sign the gaps and the plan that closes them, where the supplier is not green; returns
/// what they agreed on.
pub(super) async fn agree(network: &Network, matches: &[Value], locale: Locale) -> Result<Agreed, Failure> {
    let pairs: BTreeSet<_> = matches
        .iter()
        .map(|found| (text(found, "requirement"), text(found, "supplier"), text(found, "lead_firm")))
        .collect();
    let mut agreed = Agreed::default();
    for (requirement, supplier, lead_firm) in pairs {
        let requirement = format!("/requirements/{requirement}");
        let analysis = network.officer.get(&format!("{requirement}/gap-analyses/{supplier}")).await?;
        if analysis.text("light") != "green" {
            let supplier = firm(&network.suppliers, &supplier)?;
            let lead_firm = firm(&network.lead_firms, &lead_firm)?;
            let firms = [supplier, lead_firm];
            let cost = plan(&network.officer, &requirement, firms, locale, agreed.plans == 0).await?;
            let part = |who: &str| text(&cost, &format!("{who}/amount")).parse::<u64>().unwrap_or_default();
            agreed.plans += 1;
            agreed.cost += part("programme") + part("lead_firm") + part("supplier");
            agreed.programme += part("programme");
        }
    }
    Ok(agreed)
}

/// From the act on the gaps to the plan, which the officer proposes; returns its cost by who pays.
async fn plan(
    officer: &Caller,
    requirement: &str,
    [supplier, lead_firm]: [&Caller; 2],
    locale: Locale,
    is_first: bool,
) -> Result<Value, Failure> {
    let opened = supplier.post(&format!("{requirement}/gap-acts"), json!({})).await?;
    let act = format!("/gap-acts/{}", opened.text("id"));
    let lines = opened.body["analysis"]["lines"].as_array().into_iter().flatten().enumerate();
    let open: Vec<_> =
        lines.filter(|(_, line)| line["counts"] == true && text(line, "outcome") != "met").collect();
    let mut etag = opened.etag;
    if let Some((line, _)) = open.first().filter(|_| is_first) {
        etag = people::dispute(&act, &etag, *line, [supplier, lead_firm, officer]).await?;
    }
    let actions: Vec<_> = open.into_iter().map(|(at, line)| closing(at, line, locale)).collect();
    supplier.put_if(&format!("{act}/actions"), &etag, json!({ "actions": actions })).await?;
    for firm in [supplier, lead_firm] {
        sign(firm, &act).await?;
    }
    let suggested = supplier.get(&format!("{act}/plan-suggestion")).await?.body;
    let actions = suggested["actions"].as_array().cloned().unwrap_or_default();
    let last = actions.iter().map(|action| text(action, "due_on")).max();
    // Gaps that are no figures, such as a certificate, suggest no objective: their number is one.
    let objective = json!({ "indicator": locale.text("demo-open-gaps"), "baseline": actions.len().to_string(), "target": "0",
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
    if is_first {
        begin(supplier, &plan, &drawn.text("actions/0/id")).await?;
    }
    Ok(drawn.body["cost"].clone())
}

/// The supplier begins with its plan, shows a file, and says how far the first action is.
async fn begin(supplier: &Caller, plan: &str, action: &str) -> Result<(), Failure> {
    let agreed = supplier.get(plan).await?;
    let begun = supplier.post_if(&format!("{plan}/start"), &agreed.etag, json!({})).await?;
    let beside = format!("{plan}/actions/{action}/evidence");
    supplier.upload(&beside, "%PDF-1.7\nMinuta ficticia\n%%EOF").await?;
    // The day there, which may still be yesterday's in Greenwich.
    let programme = supplier.get(&format!("/programmes/{}", agreed.text("programme"))).await?;
    let at: Timestamp = begun.text("created_at").parse()?;
    let today = programme.text("time_zone").parse::<Zone>()?.day(at);
    let progress = json!({ "action": action, "percent": 25, "as_of": today, "note": "Hay encargado y primera medición.",
        "evidence": "Minuta 1" });
    supplier.post_if(&format!("{plan}/progress"), &begun.etag, progress).await?;
    Ok(())
}

/// How a gap closes: who pays is the programme's usual split.
fn closing(at: usize, line: &Value, locale: Locale) -> Value {
    let question = asked_of_suppliers(&text(line, "criterion/question"), locale);
    let months = 3 + text(line, "criterion/criticality").parse::<u64>().unwrap_or_default();
    json!({ "line": at, "description": locale.text_with("demo-close", &[("question", question)]),
        "cost": { "amount": (COST * (1 + months / 5)).to_string(), "currency": "CLP" }, "months": months,
        "technical_assistance": locale.text("demo-assistance") })
}

/// Signs what stands at the path.
pub(super) async fn sign(firm: &Caller, path: &str) -> Result<(), Failure> {
    let hash = firm.get(path).await?.text("hash");
    let signature = json!({ "hash": hash, "has_read_it": true, "may_sign_for_the_firm": true });
    firm.post(&format!("{path}/signatures"), signature).await?;
    Ok(())
}

fn firm<'a>(firms: &'a [Firm], id: &str) -> Result<&'a Caller, Failure> {
    let found = firms.iter().find(|firm| firm.id == id);
    Ok(&found.ok_or_else(|| format!("the demo knows no firm {id}"))?.caller)
}
