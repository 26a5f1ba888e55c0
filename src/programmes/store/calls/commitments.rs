//! What lead firms commit themselves to, through their own accounts.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    super::governance::in_currency,
    entities::{call, commitment, proposal},
    proposals::{committed, complete_one},
    writing::{demand_open, moved as proposal_moved, reopened},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{CallId, CommitmentId},
        problem::Problem,
    },
    programmes::calls::{
        Call,
        proposals::{
            Commitment, CommitmentMove, CommitmentState, Content, NewCommitment, ProposalMove, ProposalState,
        },
    },
};

fn visible(actor: &Actor) -> sea_orm::Condition {
    let all = sea_orm::Condition::all();
    if actor.is_system() { all } else { all.add(commitment::Column::LeadFirmId.eq(actor.organisation)) }
}

type Complete = (Commitment, Call, proposal::Model);

/// The rows with their proposals and calls, in their order.
async fn complete(db: &impl ConnectionTrait, rows: Vec<commitment::Model>) -> Result<Vec<Complete>, Problem> {
    let ids = rows.iter().map(|row| row.proposal_id);
    let proposals = proposal::Entity::find().filter(proposal::Column::Id.is_in(ids)).all(db).await?;
    let ids = proposals.iter().map(|row| row.call_id);
    let calls = call::Entity::find().filter(call::Column::Id.is_in(ids)).all(db).await?;
    let completed = |row: commitment::Model| {
        let of = proposals.iter().find(|of| of.id == row.proposal_id).ok_or_else(Problem::not_found)?;
        let call = calls.iter().find(|call| call.id == of.call_id).ok_or_else(Problem::not_found)?;
        let (call, content): (Call, Content) = (call.clone().try_into()?, serde_json::from_str(&of.content)?);
        Ok((committed(&call, of, &content.title, row), call, of.clone()))
    };
    rows.into_iter().map(completed).collect()
}

async fn complete_row(
    db: &impl ConnectionTrait,
    row: Option<commitment::Model>,
) -> Result<Complete, Problem> {
    let found = complete(db, row.into_iter().collect()).await?.pop();
    found.ok_or_else(Problem::not_found)
}

/// The commitment, when the actor's lead firm is asked for it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_commitment(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CommitmentId,
) -> Result<Commitment, Problem> {
    let found = commitment::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    Ok(complete_row(db, found).await?.0)
}

/// The commitments that the actor's lead firm is asked for.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_commitments(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<Commitment>, Problem> {
    let query = commitment::Entity::find().filter(visible(actor));
    let page = window.fetch(actor, query, commitment::Column::Id, |row| row.id.0, &(), db).await?;
    let items = complete(db, page.items).await?.into_iter().map(|(found, ..)| found).collect();
    Ok(Page { items, next: page.next, prev: page.prev })
}

/// What lead firms were asked for proposals to a call that are being written, and have not answered.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn unanswered(
    db: &impl ConnectionTrait,
    service: &Actor,
    call: CallId,
) -> Result<Vec<Commitment>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let written = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::Id)
        .filter(proposal::Column::CallId.eq(call))
        .filter(proposal::Column::State.eq(ProposalState::Draft));
    let rows = commitment::Entity::find()
        .filter(commitment::Column::State.eq(CommitmentState::Asked))
        .filter(commitment::Column::ProposalId.in_subquery(written.into_query()))
        .order_by_asc(commitment::Column::Id);
    let found = complete(db, rows.all(db).await?).await?;
    Ok(found.into_iter().map(|(commitment, ..)| commitment).collect())
}

/// The commitment of the actor's lead firm with its proposal, which this write may change: until the call closes.
async fn own(w: &Write, id: CommitmentId, version: IfVersion) -> Result<Complete, Problem> {
    let seen = find_commitment(w.db(), w.actor(), id).await?;
    // The proposal first, as those do who write it.
    proposal::Entity::find_by_id(seen.proposal).lock_exclusive().one(w.db()).await?;
    let found = commitment::Entity::find_by_id(id).one(w.db()).await?;
    let (found, call, proposal) = complete_row(w.db(), found).await?;
    w.in_state(found.state)?;
    version.check(found.version)?;
    if !matches!(proposal.state, ProposalState::Draft | ProposalState::Submitted) {
        return Err(Problem::conflict("proposal-over"));
    }
    demand_open(w, &call).await?;
    Ok((found, call, proposal))
}

async fn moved(
    w: &Write,
    found: &Commitment,
    step: CommitmentMove,
    said: Option<NewCommitment>,
) -> Result<Commitment, Problem> {
    let state = step.from(found.state).ok_or_else(|| Problem::conflict("proposal-over"))?;
    let row = commitment::ActiveModel {
        id: Set(found.id),
        state: Set(state),
        cofinancing_minor: Set(said.as_ref().map(|said| said.cofinancing.minor)),
        purchase_intention: Set(said.as_ref().map(|said| said.purchase_intention.clone())),
        answered_by: Set(Some(w.actor().account)),
        answered_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details = json!({
        "proposal": found.proposal, "state": state, "purchase_intention": row.purchase_intention,
        "cofinancing": said.map(|said| said.cofinancing),
    });
    w.record("commitment", found.id, &details).await?;
    Ok(complete_row(w.db(), Some(row)).await?.0)
}

/// Commits the actor's lead firm to a proposal, or to something else than before. A proposal that was submitted on other
/// terms goes back to its institution.
///
/// # Errors
/// 404, 412 for a stale version, 409 once the call or the proposal is over, 422 for another currency.
pub async fn confirm(
    w: &Write,
    id: CommitmentId,
    version: IfVersion,
    new: NewCommitment,
) -> Result<Commitment, Problem> {
    let (found, call, proposal) = own(w, id, version).await?;
    in_currency(call.currency(), "/cofinancing", new.cofinancing)?;
    if found.cofinancing.is_some_and(|before| new.cofinancing.minor < before.minor) {
        take_back(w, &call, proposal).await?;
    }
    moved(w, &found, CommitmentMove::Confirm, Some(new)).await
}

/// Refuses a commitment, or takes it back. A proposal that was submitted with it goes back to its institution.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is withdrawn, or the call or the proposal is over.
pub async fn withdraw_commitment(
    w: &Write,
    id: CommitmentId,
    version: IfVersion,
) -> Result<Commitment, Problem> {
    let (found, call, proposal) = own(w, id, version).await?;
    take_back(w, &call, proposal).await?;
    moved(w, &found, CommitmentMove::Withdraw, None).await
}

async fn take_back(w: &Write, call: &Call, row: proposal::Model) -> Result<(), Problem> {
    if row.state != ProposalState::Submitted {
        return Ok(());
    }
    let proposal = complete_one(w.db(), w.actor(), call, row).await?;
    let details = json!({ "because": "commitment" });
    proposal_moved(w, &proposal, call, ProposalMove::Reopen, reopened(), details).await.map(drop)
}
