//! Decisions about proposals: by somebody who has neither proposed nor evaluated, within what is left.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    super::{
        governance::{book, demand, in_currency},
        projects,
        selection::Decided,
    },
    conduct::{moved as call_moved, release, unscoped},
    entities::{call as call_row, commitment, proposal},
    evaluations::proposed,
    evaluators::demand_fit,
    proposals::find_proposal,
    writing::moved,
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::IfVersion,
        ids::{OrganisationId, ProposalId},
        money::Money,
        problem::{FieldError, Problem},
    },
    programmes::{
        calls::{
            Call, Move, State,
            eligibility::Evaluator,
            proposals::{NewDecision, Outcome, Proposal, ProposalMove, ProposalState},
        },
        governance::{Function, funds::Entry},
    },
};

/// Awards a proposal, of which a project becomes, or rejects it. With the last decision the call is decided, and what it
/// has left is free again.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it was decided on, before the call's evaluations are complete, for whoever does
/// not coordinate, has proposed or evaluated it or has an interest in a party, and when the call has not so much left; 422 for more than was asked for.
pub async fn decide(
    w: &Write,
    id: ProposalId,
    version: IfVersion,
    new: NewDecision,
) -> Result<Proposal, Problem> {
    let (seen, _) = find_proposal(w.db(), w.actor(), id, w.at()).await?;
    super::super::programmes::lock(w, seen.programme).await?;
    let (found, call) = find_proposal(w.db(), &Actor::system(w.actor().organisation), id, w.at()).await?;
    w.in_state(found.state)?;
    demand(w, call.programme, Function::Coordination).await?;
    version.check(found.version)?;
    let proposed = proposed(w.db(), w.actor(), &found).await?;
    demand_fit(w, &proposed, Evaluator::unfit_to_decide).await?;
    let state = call.state(w.at());
    if state != State::Evaluated {
        return Err(Problem::conflict("call-not-evaluated").with("state", state));
    }
    let amount = match new.outcome {
        Outcome::Reject => None,
        Outcome::Award => Some(award(w, &found, &call, new.amount).await?),
    };
    let row = proposal::ActiveModel {
        awarded_minor: Set(amount.map(|amount| amount.minor)),
        reason: Set(Some(new.reason.clone())),
        decided_by: Set(Some(w.actor().account)),
        decided_at: Set(Some(w.at())),
        ..Default::default()
    };
    let step = if amount.is_some() { ProposalMove::Award } else { ProposalMove::Reject };
    let details = json!({ "outcome": new.outcome, "amount": amount, "reason": new.reason });
    let decided = moved(w, &found, &call, step, row, details).await?;
    if let Some(amount) = amount {
        projects::begin(w, &call, &decided, amount).await?;
    }
    conclude(w, &call).await?;
    Ok(decided)
}

/// What was decided about a proposal of the actor's own institution, when, and by whom: those who evaluated it took part.
/// `None` while nothing is.
///
/// # Errors
/// 404 for what is not its own.
pub async fn own_decision(w: &Write, id: ProposalId) -> Result<Option<Decided>, Problem> {
    let own = proposal::Entity::find_by_id(id)
        .filter(proposal::Column::InstitutionId.eq(w.actor().organisation))
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    let Some(at) = own.decided_at else { return Ok(None) };
    let (found, call) = find_proposal(w.db(), &Actor::system(w.actor().organisation), id, w.at()).await?;
    let mut by = proposed(w.db(), w.actor(), &found).await?.evaluated_by;
    by.extend(own.decided_by);
    Ok(Some(Decided { programme: call.programme, at, by }))
}

/// The lead firms that a proposal names: they win or lose by what is decided about it. For whoever was shown something of
/// it.
///
/// # Errors
/// What the database said.
pub async fn lead_firms(
    db: &impl ConnectionTrait,
    _: &Actor,
    id: ProposalId,
) -> Result<Vec<OrganisationId>, Problem> {
    let asked = commitment::Entity::find().filter(commitment::Column::ProposalId.eq(id));
    Ok(asked.all(db).await?.into_iter().map(|row| row.lead_firm_id).collect())
}

/// Puts a rejected proposal before the decision again, because a later stage has found that the rejection was wrong; a
/// call that was decided decides again. Whether that was possible: it still stands rejected, the call has something left to
/// award, and of what went back to the programme after the last decision as much is free still.
///
/// # Errors
/// What the database said.
pub async fn reconsider(w: &Write, id: ProposalId) -> Result<bool, Problem> {
    let service = Actor::system(w.actor().organisation);
    let (seen, _) = find_proposal(w.db(), &service, id, w.at()).await?;
    super::super::programmes::lock(w, seen.programme).await?;
    let (found, call) = find_proposal(w.db(), &service, id, w.at()).await?;
    if found.state != ProposalState::Rejected || call.left().minor == 0 {
        return Ok(false);
    }
    if let Some(state) = Move::Reconsider.from(call.state(w.at())) {
        let reserved = book(w, call.programme, call.currency(), Entry::Reserve(call.left().minor)).await?;
        if reserved.is_none() {
            return Ok(false);
        }
        let row = <call_row::ActiveModel as Default>::default();
        call_moved(w, &call, state, row, json!({ "proposal": id })).await?;
    }
    let row = proposal::ActiveModel {
        reason: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
        ..Default::default()
    };
    moved(w, &found, &call, ProposalMove::Reconsider, row, json!(null)).await?;
    Ok(true)
}

/// Commits what is awarded.
async fn award(w: &Write, found: &Proposal, call: &Call, asked: Option<Money>) -> Result<Money, Problem> {
    let amount = asked.unwrap_or(found.content.grant);
    in_currency(call.currency(), "/amount", amount)?;
    if amount.minor > found.content.grant.minor {
        let fault = FieldError::new("/amount", "more-than-asked-for").with("most", found.content.grant);
        return Err(Problem::invalid(vec![fault]));
    }
    let short = || Problem::conflict("call-funds-short").with("left", call.left());
    if amount.minor > call.left().minor {
        return Err(short());
    }
    book(w, call.programme, call.currency(), Entry::Commit(amount.minor)).await?.ok_or_else(short)?;
    let row = call_row::ActiveModel {
        id: Set(call.id),
        committed_minor: Set(call.committed.minor + amount.minor),
        ..Default::default()
    };
    row.update(w.db()).await?;
    Ok(amount)
}

/// With the last decision the call is decided.
async fn conclude(w: &Write, before: &Call) -> Result<(), Problem> {
    let waiting = proposal::Entity::find()
        .filter(proposal::Column::CallId.eq(before.id))
        .filter(proposal::Column::State.eq(ProposalState::Submitted));
    if waiting.one(w.db()).await?.is_some() {
        return Ok(());
    }
    let call = unscoped(w.db(), w.actor(), before.id).await?;
    let Some(state) = Move::Conclude.from(call.state(w.at())) else { return Ok(()) };
    release(w, &call, call.left().minor).await?;
    let row = <call_row::ActiveModel as Default>::default();
    call_moved(w, &call, state, row, json!({ "committed": call.committed })).await.map(drop)
}
