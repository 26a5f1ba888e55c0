//! What of calls waits for somebody, and what calls and proposals are called: for the start page and for whoever tells of
//! them.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, QueryTrait, entity::prelude::*, sea_query::SelectStatement};

use super::{
    super::governance::programmes_with,
    conduct::{evaluated_by, unsealed, visible as visible_calls},
    entities::{call, commitment, evaluation, proposal},
    proposals::visible as visible_proposals,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        ids::{CallId, CommitmentId, ProposalId},
        problem::Problem,
    },
    programmes::{
        calls::{
            Call, State,
            proposals::{CommitmentState, Content, ProposalState},
        },
        governance::Function,
    },
};

/// The most that are counted.
const MOST: u64 = 100;

/// What waits for an organisation, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Open calls to which the institution may submit a proposal and has submitted none.
    pub to_propose: Vec<CallId>,
    /// Proposals that the person evaluates and has not.
    pub to_evaluate: Vec<ProposalId>,
    /// Proposals that are evaluated and wait for a decision of the institution.
    pub to_decide: Vec<ProposalId>,
    /// What a lead firm is asked for and has not answered.
    pub to_commit: Vec<CommitmentId>,
}

/// What of calls waits for the actor at that moment.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait, actor: &Actor, at: Timestamp) -> Result<Waiting, Problem> {
    Ok(match actor.kind() {
        Some(Kind::Institution) => Waiting {
            to_propose: to_propose(db, actor, at).await?,
            to_evaluate: to_evaluate(db, actor, at).await?,
            to_decide: to_decide(db, actor).await?,
            to_commit: Vec::new(),
        },
        Some(Kind::LeadFirm) => Waiting { to_commit: to_commit(db, actor, at).await?, ..Waiting::default() },
        _ => Waiting::default(),
    })
}

fn open(at: Timestamp) -> Select<call::Entity> {
    call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::State.eq(State::Open))
        .filter(call::Column::ClosesAt.gt(at))
}

async fn to_propose(db: &impl ConnectionTrait, actor: &Actor, at: Timestamp) -> Result<Vec<CallId>, Problem> {
    let answered = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::CallId)
        .filter(proposal::Column::InstitutionId.eq(actor.organisation))
        .filter(proposal::Column::State.ne(ProposalState::Draft))
        .into_query();
    let programme = call::Column::ProgrammeId;
    let query = open(at)
        .filter(programme.in_subquery(programmes_with(actor, Function::Execution)))
        // Who coordinates proposes nothing.
        .filter(programme.not_in_subquery(programmes_with(actor, Function::Coordination)))
        .filter(call::Column::Id.not_in_subquery(answered))
        .order_by_asc(call::Column::ClosesAt)
        .order_by_asc(call::Column::Id)
        .limit(MOST);
    Ok(query.into_tuple().all(db).await?)
}

fn submitted(calls: SelectStatement) -> Select<proposal::Entity> {
    proposal::Entity::find()
        .select_only()
        .column(proposal::Column::Id)
        .filter(proposal::Column::State.eq(ProposalState::Submitted))
        .filter(proposal::Column::CallId.in_subquery(calls))
        .order_by_asc(proposal::Column::Id)
        .limit(MOST)
}

async fn to_evaluate(
    db: &impl ConnectionTrait,
    actor: &Actor,
    at: Timestamp,
) -> Result<Vec<ProposalId>, Problem> {
    let calls = unsealed(at)
        .filter(call::Column::State.eq(State::Open))
        .filter(call::Column::Id.in_subquery(evaluated_by(actor)));
    let handed_in = evaluation::Entity::find()
        .select_only()
        .column(evaluation::Column::ProposalId)
        .filter(evaluation::Column::EvaluatorId.eq(actor.account))
        .into_query();
    let query = submitted(calls.into_query())
        .filter(proposal::Column::Id.not_in_subquery(handed_in))
        // Nobody judges what their own institution proposes.
        .filter(proposal::Column::InstitutionId.ne(actor.organisation));
    Ok(query.into_tuple().all(db).await?)
}

async fn to_decide(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<ProposalId>, Problem> {
    let calls = call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::State.eq(State::Evaluated))
        .filter(call::Column::ProgrammeId.in_subquery(programmes_with(actor, Function::Coordination)));
    let query = submitted(calls.into_query()).filter(proposal::Column::InstitutionId.ne(actor.organisation));
    Ok(query.into_tuple().all(db).await?)
}

async fn to_commit(
    db: &impl ConnectionTrait,
    actor: &Actor,
    at: Timestamp,
) -> Result<Vec<CommitmentId>, Problem> {
    let written = proposal::Entity::find()
        .select_only()
        .column(proposal::Column::Id)
        .filter(proposal::Column::State.eq(ProposalState::Draft))
        .filter(proposal::Column::CallId.in_subquery(open(at).into_query()));
    let query = commitment::Entity::find()
        .select_only()
        .column(commitment::Column::Id)
        .filter(commitment::Column::LeadFirmId.eq(actor.organisation))
        .filter(commitment::Column::State.eq(CommitmentState::Asked))
        .filter(commitment::Column::ProposalId.in_subquery(written.into_query()))
        .order_by_asc(commitment::Column::Id)
        .limit(MOST);
    Ok(query.into_tuple().all(db).await?)
}

/// What these calls are called, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<CallId>,
) -> Result<Vec<(CallId, String)>, Problem> {
    let query = call::Entity::find().filter(visible_calls(actor)).filter(call::Column::Id.is_in(ids));
    let named = |row: call::Model| Call::try_from(row).map(|found| (found.id, found.terms.title));
    query.all(db).await?.into_iter().map(named).collect()
}

/// What these proposals are called, of those that the actor sees at that moment.
///
/// # Errors
/// What the database said.
pub async fn proposal_titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<ProposalId>,
    at: Timestamp,
) -> Result<Vec<(ProposalId, String)>, Problem> {
    let seen = visible_proposals(actor, at);
    let query = proposal::Entity::find().filter(seen).filter(proposal::Column::Id.is_in(ids));
    query.all(db).await?.iter().map(title).collect()
}

fn title(row: &proposal::Model) -> Result<(ProposalId, String), Problem> {
    let content: Content = serde_json::from_str(&row.content)?;
    Ok((row.id, content.title))
}

/// What the proposals are called for which these commitments are asked of the actor's lead firm.
///
/// # Errors
/// What the database said.
pub async fn commitment_titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<CommitmentId>,
) -> Result<Vec<(CommitmentId, String)>, Problem> {
    let own = commitment::Entity::find()
        .filter(commitment::Column::LeadFirmId.eq(actor.organisation))
        .filter(commitment::Column::Id.is_in(ids));
    let rows = own.all(db).await?;
    let asked = rows.iter().map(|row| row.proposal_id);
    let proposals = proposal::Entity::find().filter(proposal::Column::Id.is_in(asked)).all(db).await?;
    let titles = proposals.iter().map(title).collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(rows.iter().filter_map(|row| Some((row.id, titles.get(&row.proposal_id)?.clone()))).collect())
}
