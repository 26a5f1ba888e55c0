//! From the solver to approval.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    chain::{Firm, Network},
    plans::{self, Agreed},
};
use crate::{
    app,
    foundation::{Base, i18n::Locale},
};

/// The same problem with the programme's cap and without one.
pub(super) struct Runs {
    pub capped: Value,
    pub uncapped: Value,
}

/// What became of the matches.
pub(super) struct Decisions {
    pub declined: Vec<Value>,
    /// What the institution rejected.
    pub rejected: Vec<Value>,
    /// The improvement plans that were agreed on for suppliers that are not green.
    pub agreed: Agreed,
    pub approved: Vec<Value>,
    /// How many of them took two approvers.
    pub by_two: usize,
    /// Match and problem.
    pub refused: Vec<(Value, Value)>,
    /// Left for whoever tries the pages: accepted by both sides, and not decided.
    pub waiting: usize,
    /// Left likewise: proposed, and not answered by the supplier.
    pub proposed: usize,
}

/// The officer starts two runs; a worker solves them.
pub(super) async fn solve(base: &Base, network: &Network) -> Result<Runs, Failure> {
    let path = format!("/programmes/{}/runs", network.programme);
    let capped = network.officer.post(&path, json!({ "name": "Con el tope del programa" })).await?;
    let without = json!({ "name": "Sin tope, para comparar", "without_cap": true });
    let uncapped = network.officer.post(&path, without).await?;
    app::worker(base).run_all_due().await.map_err(|problem| problem.to_string())?;
    let result = async |id: String| -> Result<Value, Failure> {
        let run = network.officer.get(&format!("/runs/{id}")).await?;
        if run.text("state") != "finished" {
            return Err(format!("the run did not finish: {:#}", run.body).into());
        }
        Ok(run.body)
    };
    Ok(Runs { capped: result(capped.text("id")).await?, uncapped: result(uncapped.text("id")).await? })
}

/// The officer solves again from what has been decided: approved matches stand, and what was declined or rejected is not
/// proposed to the same firms once more.
pub(super) async fn again(base: &Base, network: &Network) -> Result<Value, Failure> {
    let body = json!({ "name": "Desde lo decidido", "decisions_taken": true });
    let run = network.officer.post(&format!("/programmes/{}/runs", network.programme), body).await?;
    app::worker(base).run_all_due().await.map_err(|problem| problem.to_string())?;
    Ok(network.officer.get(&format!("/runs/{}", run.text("id"))).await?.body)
}

/// How many accepted matches stay undecided, for whoever tries the pages.
const LEFT_TO_APPROVE: usize = 3;

/// The officer adopts the capped run. Suppliers and lead firms accept, one supplier declines; somebody
/// else than the officer approves what both sides accepted.
pub(super) async fn decide(network: &Network, run: &Value, locale: Locale) -> Result<Decisions, Failure> {
    let path = format!("/runs/{}", text(run, "id"));
    let run = network.officer.get(&path).await?;
    network.officer.post_if(&format!("{path}/adopt"), &run.etag, json!({})).await?;

    let mut decisions = Decisions {
        declined: Vec::new(),
        rejected: Vec::new(),
        agreed: Agreed::default(),
        approved: Vec::new(),
        by_two: 0,
        refused: Vec::new(),
        waiting: 0,
        proposed: 0,
    };
    for (at, supplier) in network.suppliers.iter().enumerate() {
        for proposed in supplier.caller.all("/matches").await? {
            if decisions.declined.is_empty() {
                let reason = json!({ "reason": "Sin capacidad disponible hasta después de la temporada." });
                decisions.declined.push(act(supplier, &proposed, "decline", reason).await?);
            } else if at == 1 && decisions.proposed == 0 {
                decisions.proposed += 1;
            } else {
                act(supplier, &proposed, "accept", json!({})).await?;
            }
        }
    }
    for lead_firm in &network.lead_firms {
        for proposed in lead_firm.caller.all("/matches").await? {
            if text(&proposed, "state") == "accepted_by_supplier" {
                act(lead_firm, &proposed, "accept", json!({})).await?;
            }
        }
    }
    let accepted = network.approver.all("/matches?state=accepted").await?;
    decisions.agreed = plans::agree(network, &accepted, locale).await?;
    let (together, mut accepted): (Vec<_>, Vec<_>) =
        accepted.into_iter().partition(|found| !found["consortium"].is_null());
    let mut once = as_one(network, &network.approver, &together).await?;
    let above: Vec<_> = once.extract_if(.., |found| text(found, "state") == "accepted").collect();
    decisions.by_two += above.len();
    decisions.approved.extend(once);
    decisions.approved.extend(as_one(network, &network.administrator, &above).await?);
    // Not one of the network whose contract the story tells.
    let of_last = accepted.last().map(|found| found["requirement"].clone());
    if let Some(at) = accepted.iter().rposition(|found| Some(&found["requirement"]) != of_last.as_ref()) {
        let found = accepted.remove(at);
        let reason = json!({ "reason": "El lote se repartirá entre dos talleres: se volverá a proponer." });
        let path = format!("/matches/{}/reject", text(&found, "id"));
        let rejected = network.approver.post_if(&path, &text(&found, "etag"), reason).await?;
        decisions.rejected.push(rejected.body);
    }
    let left = accepted.split_off(accepted.len().saturating_sub(LEFT_TO_APPROVE));
    decisions.waiting = left.len();
    // What others make possible is refused before them, and approved after them.
    let mut pending = accepted;
    loop {
        let (mut refused, before) = (Vec::new(), decisions.approved.len());
        for found in pending {
            let path = format!("/matches/{}/approve", text(&found, "id"));
            let answer =
                network.approver.call(Method::POST, &path, Some(&text(&found, "etag")), json!({})).await?;
            if answer.status < 400 {
                decisions.approved.push(second(network, answer.body, &mut decisions.by_two).await?);
            } else {
                refused.push((found, answer.body));
            }
        }
        if refused.is_empty() || decisions.approved.len() == before {
            decisions.refused = refused;
            break;
        }
        pending = refused.into_iter().map(|(found, _)| found).collect();
    }
    Ok(decisions)
}

/// Above the programme's threshold somebody else approves as well.
async fn second(network: &Network, found: Value, by_two: &mut usize) -> Result<Value, Failure> {
    if text(&found, "state") != "accepted" {
        return Ok(found);
    }
    *by_two += 1;
    let path = format!("/matches/{}/approve", text(&found, "id"));
    Ok(network.administrator.post_if(&path, &text(&found, "etag"), json!({})).await?.body)
}

/// What a consortium has won is approved together, or not at all: by one of the institution, as it stands then.
async fn as_one(network: &Network, who: &Caller, matches: &[Value]) -> Result<Vec<Value>, Failure> {
    if matches.is_empty() {
        return Ok(Vec::new());
    }
    let chosen = |found: &Value| json!({ "match": found["id"], "etag": found["etag"] });
    let chosen: Vec<_> = matches.iter().map(chosen).collect();
    let path = format!("/programmes/{}/approvals", network.programme);
    let approved = who.post(&path, json!({ "matches": chosen })).await?;
    Ok(approved.body["items"].as_array().cloned().unwrap_or_default())
}

async fn act(firm: &Firm, proposed: &Value, move_: &str, body: Value) -> Result<Value, Failure> {
    let path = format!("/matches/{}/{move_}", text(proposed, "id"));
    Ok(firm.caller.post_if(&path, &text(proposed, "etag"), body).await?.body)
}
