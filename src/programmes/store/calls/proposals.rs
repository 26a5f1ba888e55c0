//! Proposals as the actor sees them: its own, and once the call has closed those that it judges.

use std::collections::BTreeMap;

use sea_orm::{Condition, QueryOrder, QueryTrait, entity::prelude::*};

use super::{
    super::governance::programmes_with,
    conduct::{evaluated_by, find, unscoped, unsealed},
    entities::{call, commitment, proposal},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        http::list::{Page, Window},
        ids::{CallId, ProposalId},
        money::Money,
        problem::Problem,
    },
    programmes::{
        calls::{
            Call,
            proposals::{Commitment, Content, Decision, Proposal, ProposalState},
        },
        governance::Function,
    },
};

/// Whom a proposal shows itself to at that moment.
pub(super) fn visible(actor: &Actor, at: Timestamp) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() != Some(Kind::Institution) {
        return Condition::all().add(Expr::val(false));
    }
    let programme = call::Column::ProgrammeId;
    let judged = unsealed(at).filter(
        Condition::any()
            .add(programme.in_subquery(programmes_with(actor, Function::Coordination)))
            .add(programme.in_subquery(programmes_with(actor, Function::Direction)))
            .add(call::Column::Id.in_subquery(evaluated_by(actor))),
    );
    let takes_part = [ProposalState::Submitted, ProposalState::Awarded, ProposalState::Rejected];
    Condition::any().add(proposal::Column::InstitutionId.eq(actor.organisation)).add(
        Condition::all()
            .add(proposal::Column::State.is_in(takes_part))
            .add(proposal::Column::CallId.in_subquery(judged.into_query())),
    )
}

/// The proposal with its call, when the actor may see it at that moment.
///
/// # Errors
/// 404 otherwise.
pub async fn find_proposal(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProposalId,
    at: Timestamp,
) -> Result<(Proposal, Call), Problem> {
    let found = proposal::Entity::find_by_id(id).filter(visible(actor, at)).one(db).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let call = unscoped(db, actor, found.call_id).await?;
    Ok((complete_one(db, actor, &call, found).await?, call))
}

/// The proposals to a call that the actor may see at that moment.
///
/// # Errors
/// 404 when the actor does not see the call, 422 for a cursor of another list.
pub async fn list_proposals(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CallId,
    at: Timestamp,
    window: &Window,
) -> Result<Page<Proposal>, Problem> {
    let (call, _) = find(db, actor, id).await?;
    let query = proposal::Entity::find().filter(visible(actor, at)).filter(proposal::Column::CallId.eq(id));
    let page = window.fetch(actor, query, proposal::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(Page { items: complete(db, actor, &call, page.items).await?, next: page.next, prev: page.prev })
}

pub(super) async fn complete_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    call: &Call,
    row: proposal::Model,
) -> Result<Proposal, Problem> {
    complete(db, actor, call, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

/// Proposals to a call with their commitments.
pub(super) async fn complete(
    db: &impl ConnectionTrait,
    _: &Actor,
    call: &Call,
    rows: Vec<proposal::Model>,
) -> Result<Vec<Proposal>, Problem> {
    let asked = commitment::Entity::find()
        .filter(commitment::Column::ProposalId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(commitment::Column::Id);
    let mut by_proposal: BTreeMap<ProposalId, Vec<commitment::Model>> = BTreeMap::new();
    for row in asked.all(db).await? {
        by_proposal.entry(row.proposal_id).or_default().push(row);
    }
    rows.into_iter()
        .map(|row| {
            let commitments = by_proposal.remove(&row.id).unwrap_or_default();
            shown(call, row, commitments)
        })
        .collect()
}

fn shown(
    call: &Call,
    row: proposal::Model,
    commitments: Vec<commitment::Model>,
) -> Result<Proposal, Problem> {
    let content: Content = serde_json::from_str(&row.content)?;
    let commitments =
        commitments.into_iter().map(|asked| committed(call, &row, &content.title, asked)).collect();
    let authors = [Some(row.created_by), row.submitted_by].into_iter().flatten().collect();
    let decision = row.decided_at.map(|decided_at| Decision {
        amount: row.awarded_minor.map(|minor| Money::new(minor, call.currency())),
        reason: row.reason.unwrap_or_default(),
        decided_at,
    });
    Ok(Proposal {
        id: row.id,
        call: call.id,
        programme: call.programme,
        institution: row.institution_id,
        state: row.state,
        content,
        commitments,
        submitted_at: row.submitted_at,
        decision,
        authors,
        version: row.version,
    })
}

/// A commitment with what it is about.
pub(super) fn committed(
    call: &Call,
    proposal: &proposal::Model,
    title: &str,
    row: commitment::Model,
) -> Commitment {
    Commitment {
        id: row.id,
        proposal: proposal.id,
        title: title.to_owned(),
        institution: proposal.institution_id,
        call: call.id,
        closes_at: call.closes_at,
        lead_firm: row.lead_firm_id,
        state: row.state,
        cofinancing: row.cofinancing_minor.map(|minor| Money::new(minor, call.currency())),
        purchase_intention: row.purchase_intention,
        answered_at: row.answered_at,
        version: row.version,
    }
}
