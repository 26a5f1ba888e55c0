//! Proposals as their institutions write them, until the call closes.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    super::{
        governance::{demand, functions, misfits},
        moment,
    },
    conduct::hold,
    entities::{commitment, proposal},
    proposals::{complete_one, find_proposal},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::IfVersion,
        ids::{CallId, OrganisationId, ProposalId},
        problem::{FieldError, Problem},
    },
    organisations::store::firms,
    programmes::calls::{
        Call, State,
        proposals::{CommitmentState, NewProposal, Proposal, ProposalMove, ProposalState},
    },
    programmes::governance::Function,
};

/// 409 once the call takes no more proposals.
pub(super) async fn demand_open(w: &Write, call: &Call) -> Result<(), Problem> {
    if call.state(w.at()) == State::Open {
        return Ok(());
    }
    let closes_at = moment(w, call.programme, call.closes_at).await?;
    Err(Problem::conflict("call-over").with("closes_at", closes_at))
}

/// What is wrong with a proposal as it was written, whatever else the call asks for.
async fn check(w: &Write, call: &Call, new: &NewProposal) -> Result<(), Problem> {
    let amounts = new.content.amounts();
    let mut errors = misfits(call.currency(), amounts.iter().map(|(at, amount)| (at.as_str(), *amount)));
    for (at, firm) in new.lead_firms.iter().enumerate() {
        if firms::find_kind(w.db(), w.actor(), *firm, Kind::LeadFirm).await.is_err() {
            errors.push(FieldError::new(format!("/lead_firms/{at}"), "no-such-firm"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// Writes a proposal to an open call, as a draft, in the name of an institution that executes in the programme.
///
/// # Errors
/// 404, 409 when the call is not open, for whoever does not execute and for the coordinating body; 422 with every fault.
pub async fn propose(w: &Write, id: CallId, new: NewProposal) -> Result<Proposal, Problem> {
    let call = hold(w, id).await?;
    w.in_state(call.state(w.at()))?;
    let (_, functions) = demand(w, call.programme, Function::Execution).await?;
    if functions.coordination == w.actor().organisation {
        return Err(Problem::conflict("coordinator-proposes"));
    }
    check(w, &call, &new).await?;
    let row = proposal::Model {
        id: w.new_id(),
        call_id: id,
        institution_id: w.actor().organisation,
        state: ProposalState::Draft,
        content: serde_json::to_string(&new.content)?,
        created_by: w.actor().account,
        created_at: w.at(),
        submitted_by: None,
        submitted_at: None,
        awarded_minor: None,
        reason: None,
        decided_by: None,
        decided_at: None,
        version: 1,
    };
    proposal::Entity::insert(proposal::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    ask(w, row.id, &new.lead_firms).await?;
    w.record(
        "proposal",
        row.id,
        &json!({ "call": id, "content": new.content, "lead_firms": new.lead_firms }),
    )
    .await?;
    complete_one(w.db(), w.actor(), &call, row).await
}

/// Asks these lead firms to commit themselves, and no others: what the others had said is gone.
async fn ask(w: &Write, id: ProposalId, firms: &[OrganisationId]) -> Result<(), Problem> {
    let asked = commitment::Entity::find().filter(commitment::Column::ProposalId.eq(id)).all(w.db()).await?;
    for row in asked.iter().filter(|row| !firms.contains(&row.lead_firm_id)) {
        commitment::Entity::delete_by_id(row.id).exec(w.db()).await?;
    }
    for firm in firms.iter().filter(|firm| !asked.iter().any(|row| row.lead_firm_id == **firm)) {
        let row = commitment::Model {
            id: w.new_id(),
            proposal_id: id,
            lead_firm_id: *firm,
            state: CommitmentState::Asked,
            cofinancing_minor: None,
            purchase_intention: None,
            answered_by: None,
            answered_at: None,
            version: 1,
        };
        let (asked, details) = (row.id, json!({ "proposal": id, "lead_firm": firm, "state": row.state }));
        commitment::Entity::insert(commitment::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
        w.record("commitment", asked, &details).await?;
    }
    Ok(())
}

/// The proposal of the actor's own institution and its call, which this write will change.
async fn own(w: &Write, id: ProposalId, version: IfVersion) -> Result<(Proposal, Call), Problem> {
    // Seen first, then locked, then read as it is: whoever waited finds what the other one has left.
    find_proposal(w.db(), w.actor(), id, w.at()).await?;
    proposal::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let (found, call) = find_proposal(w.db(), w.actor(), id, w.at()).await?;
    w.in_state(found.state)?;
    if found.institution != w.actor().organisation && !w.actor().is_system() {
        return Err(Problem::conflict("not-your-proposal"));
    }
    version.check(found.version)?;
    demand_open(w, &call).await?;
    Ok((found, call))
}

/// Writes a move of a proposal down.
pub(super) async fn moved(
    w: &Write,
    found: &Proposal,
    call: &Call,
    step: ProposalMove,
    mut row: proposal::ActiveModel,
    details: serde_json::Value,
) -> Result<Proposal, Problem> {
    let state = step.from(found.state).ok_or_else(|| Problem::conflict("call-over"))?;
    row.id = Set(found.id);
    row.state = Set(state);
    row.version = Set(found.version + 1);
    let row = row.update(w.db()).await?;
    w.record("proposal", found.id, &json!({ "state": state, "details": details })).await?;
    complete_one(w.db(), w.actor(), call, row).await
}

/// Rewrites a draft. Lead firms that stay named stay committed.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft or the call is over, 422 with every fault.
pub async fn change_proposal(
    w: &Write,
    id: ProposalId,
    version: IfVersion,
    new: NewProposal,
) -> Result<Proposal, Problem> {
    let (found, call) = own(w, id, version).await?;
    check(w, &call, &new).await?;
    ask(w, id, &new.lead_firms).await?;
    let row =
        proposal::ActiveModel { content: Set(serde_json::to_string(&new.content)?), ..Default::default() };
    let details = json!({ "content": new.content, "lead_firms": new.lead_firms });
    moved(w, &found, &call, ProposalMove::Change, row, details).await
}

/// Submits a draft: it takes part in the call.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft, before the call takes proposals and once it is over, 422 with
/// everything that the call asks for and the proposal has not.
pub async fn submit(w: &Write, id: ProposalId, version: IfVersion) -> Result<Proposal, Problem> {
    let (found, call) = own(w, id, version).await?;
    if let Some(opens_at) = call.opens_at.filter(|at| *at > w.at()) {
        return Err(Problem::conflict("call-not-begun").with("opens_at", opens_at));
    }
    let service = Actor::system(w.actor().organisation);
    let (_, functions) = functions(w.db(), &service, call.programme).await?;
    if !functions.has(found.institution, Function::Execution) {
        return Err(Problem::conflict("not-your-function").with("function", Function::Execution));
    }
    if functions.coordination == found.institution {
        return Err(Problem::conflict("coordinator-proposes"));
    }
    let faults = found.content.faults(&call, &found.commitments);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let row = proposal::ActiveModel {
        submitted_by: Set(Some(w.actor().account)),
        submitted_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, &call, ProposalMove::Submit, row, json!({ "content": found.content })).await
}

/// Takes a submitted proposal back to rewrite it.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not submitted or the call is over.
pub async fn reopen(w: &Write, id: ProposalId, version: IfVersion) -> Result<Proposal, Problem> {
    let (found, call) = own(w, id, version).await?;
    moved(w, &found, &call, ProposalMove::Reopen, reopened(), json!(null)).await
}

/// What reopening changes beside the state.
pub(super) fn reopened() -> proposal::ActiveModel {
    proposal::ActiveModel { submitted_at: Set(None), ..Default::default() }
}

/// Withdraws a proposal. There is no way back; the institution may write another one.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is withdrawn already or the call is over.
pub async fn withdraw_proposal(w: &Write, id: ProposalId, version: IfVersion) -> Result<Proposal, Problem> {
    let (found, call) = own(w, id, version).await?;
    let row = <proposal::ActiveModel as Default>::default();
    moved(w, &found, &call, ProposalMove::Withdraw, row, json!(null)).await
}
