//! What the work is to be measured by later: a network's baseline, and a good practice that others adopt.

use serde_json::{Value, json};

use super::{
    Failure,
    caller::{Caller, text},
    case::Case,
    chain::Network,
    networks::{Vertical, supplier},
};
use crate::foundation::Base;

/// Days in which firms answer.
const DUE: i64 = 30;

/// What was measured.
pub(super) struct Measured {
    pub network: String,
    /// Questions that were answered from what is on record.
    pub known: String,
    /// Questions that firms were asked, and what became of them.
    pub answered: String,
    pub unknown: String,
    pub asked: String,
    pub practice: String,
}

/// The officer opens the baseline of a network; its suppliers say how many people work there, all but the last, and one
/// says that it does not know its exports. The approver publishes a practice that the officer has written up.
pub(super) async fn measure(
    base: &Base,
    case: &Case,
    network: &Network,
    vertical: &Vertical,
) -> Result<Measured, Failure> {
    let due_on = base.clock.now().day().plus_days(DUE);
    let body = json!({ "moment": "baseline", "due_on": due_on });
    let path = format!("/networks/{}/measurement-rounds", vertical.id);
    let round = network.officer.post(&path, body).await?.text("id");
    let all_but_one = vertical.selected.len().saturating_sub(1);
    let answering = vertical.selected.iter().zip((8..).step_by(5)).take(all_but_one);
    for (name, persons) in answering {
        let firm = &supplier(network, name)?.caller;
        answer(firm, &round, "employment", json!({ "value": persons.to_string(), "unit": "persons" }))
            .await?;
    }
    if let Some(first) = vertical.selected.first() {
        let firm = &supplier(network, first)?.caller;
        answer(firm, &round, "exports", json!({ "unknown": "not_measured" })).await?;
    }
    let read = network.officer.get(&format!("/measurement-rounds/{round}")).await?;

    let mut practice = case.practice.clone();
    practice["programme"] = json!(network.programme);
    let written = network.officer.post("/practices", practice).await?;
    let path = format!("/practices/{}", written.text("id"));
    let submitted = network.officer.post_if(&format!("{path}/submit"), &written.etag, json!({})).await?;
    network.approver.post_if(&format!("{path}/publish"), &submitted.etag, json!({})).await?;
    for name in vertical.selected.iter().take(2) {
        supplier(network, name)?.caller.put(&format!("{path}/adoption"), json!({})).await?;
    }
    Ok(Measured {
        network: vertical.name.clone(),
        known: read.text("known"),
        answered: read.text("answered"),
        unknown: read.text("unknown"),
        asked: read.text("asked"),
        practice: written.text("title"),
    })
}

async fn answer(firm: &Caller, round: &str, indicator: &str, body: Value) -> Result<(), Failure> {
    let listed = firm.get(&format!("/measurements?round={round}&indicator={indicator}")).await?;
    let path = format!("/measurements/{}/answer", text(&listed.body, "items/0/id"));
    firm.put_if(&path, &text(&listed.body, "items/0/etag"), body).await?;
    Ok(())
}
