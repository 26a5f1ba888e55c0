//! Evaluations, each independent of the others, and the ranking that follows from them.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{
    conduct::find,
    entities::{evaluation, evaluator, proposal},
    evaluators::{demand_fit, judges},
    proposals::{complete, find_proposal},
};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        ids::{CallId, ProposalId},
        problem::{OnConstraint, Problem},
    },
    programmes::calls::{
        Call, State,
        criteria::{Assessment, LEAST_EVALUATIONS, Points, Score, places, printed, weighted},
        eligibility::{Evaluator, Proposed},
        evaluations::{Evaluation, NewEvaluation, Ranked},
        proposals::{Proposal, ProposalState},
    },
};

/// What matters of a proposal for who may judge it.
pub(super) async fn proposed(
    db: &impl ConnectionTrait,
    _: &Actor,
    proposal: &Proposal,
) -> Result<Proposed, Problem> {
    let rows =
        evaluation::Entity::find().filter(evaluation::Column::ProposalId.eq(proposal.id)).all(db).await?;
    Ok(Proposed {
        by: proposal.institution,
        lead_firms: proposal.commitments.iter().map(|asked| asked.lead_firm).collect(),
        authors: proposal.authors.clone(),
        evaluated_by: rows.into_iter().map(|row| row.evaluator_id).collect(),
    })
}

/// Hands in the actor's evaluation of a proposal. It stays as it is.
///
/// # Errors
/// 404 for whoever does not see the proposal, 409 for whoever may not evaluate this proposal (an interest in a party, for
/// one) or does not evaluate the call, before the call has closed, once evaluations are complete or the actor's is there; 422 with every fault.
pub async fn evaluate(w: &Write, id: ProposalId, new: NewEvaluation) -> Result<Evaluation, Problem> {
    let (seen, _) = find_proposal(w.db(), w.actor(), id, w.at()).await?;
    // What is handed in and what is complete are decided one by one.
    let service = Actor::system(w.actor().organisation);
    super::super::programmes::lock(w, seen.programme).await?;
    let (found, call) = find_proposal(w.db(), &service, id, w.at()).await?;
    w.in_state(found.state)?;
    let proposed = proposed(w.db(), w.actor(), &found).await?;
    demand_fit(w, &proposed, Evaluator::unfit_to_evaluate).await?;
    let appointed = evaluator::Entity::find_by_id((call.id, w.actor().account)).one(w.db()).await?;
    if appointed.is_none_or(|row| row.institution_id != w.actor().organisation) {
        return Err(Problem::conflict("not-an-evaluator"));
    }
    let state = call.state(w.at());
    if state != State::Closed {
        return Err(Problem::conflict("evaluation-over").with("state", state));
    }
    let faults = new.faults(&call.terms.criteria);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let row = evaluation::Model {
        id: w.new_id(),
        proposal_id: id,
        evaluator_id: w.actor().account,
        institution_id: w.actor().organisation,
        scores: serde_json::to_string(&new.scores)?,
        comment: new.comment,
        handed_in_at: w.at(),
    };
    evaluation::Entity::insert(evaluation::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_evaluations__proposal_id__evaluator_id", || {
            Problem::conflict("evaluated-already")
        })?;
    let details = json!({ "proposal": id, "scores": new.scores, "comment": row.comment });
    w.record("evaluation", row.id, &details).await?;
    shown(&call, row)
}

fn shown(call: &Call, row: evaluation::Model) -> Result<Evaluation, Problem> {
    let scores: Vec<Score> = serde_json::from_str(&row.scores)?;
    Ok(Evaluation {
        id: row.id,
        proposal: row.proposal_id,
        evaluator: Some(row.evaluator_id),
        points: weighted(&call.terms.criteria, &scores),
        scores,
        comment: row.comment,
        handed_in_at: row.handed_in_at,
    })
}

/// Whether the actor still has an evaluation of the proposal to hand in.
async fn is_to_evaluate(
    db: &impl ConnectionTrait,
    actor: &Actor,
    call: CallId,
    rows: &[evaluation::Model],
) -> Result<bool, Problem> {
    let appointed = evaluator::Entity::find_by_id((call, actor.account)).one(db).await?;
    Ok(appointed.is_some() && !rows.iter().any(|row| row.evaluator_id == actor.account))
}

/// The evaluations of a proposal that the actor may see. An evaluator sees its own, and the others' once it has handed
/// in and so have two at least; those who coordinate or steer see them then too. The institution that proposed reads
/// them without names once the proposal is decided on.
///
/// # Errors
/// 404 for whoever does not see the proposal.
pub async fn evaluations(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProposalId,
    at: Timestamp,
) -> Result<Vec<Evaluation>, Problem> {
    let (found, call) = find_proposal(db, actor, id, at).await?;
    let query = evaluation::Entity::find()
        .filter(evaluation::Column::ProposalId.eq(id))
        .order_by_asc(evaluation::Column::Id);
    let mut rows = query.all(db).await?;
    if !actor.is_system() && found.institution == actor.organisation {
        if found.decision.is_none() {
            return Ok(Vec::new());
        }
        let unnamed = |row| shown(&call, row).map(|one| Evaluation { evaluator: None, ..one });
        return rows.into_iter().map(unnamed).collect();
    }
    let is_final = matches!(call.state(at), State::Evaluated | State::Decided);
    let in_the_dark = rows.len() < LEAST_EVALUATIONS || is_to_evaluate(db, actor, call.id, &rows).await?;
    if in_the_dark && !is_final {
        rows.retain(|row| row.evaluator_id == actor.account);
    }
    rows.into_iter().map(|row| shown(&call, row)).collect()
}

/// The proposals that take part in a call, with what their evaluations say together.
pub(super) async fn assessments(
    db: &impl ConnectionTrait,
    actor: &Actor,
    call: &Call,
) -> Result<Vec<(Proposal, Assessment)>, Problem> {
    let takes_part = [ProposalState::Submitted, ProposalState::Awarded, ProposalState::Rejected];
    let query = proposal::Entity::find()
        .filter(proposal::Column::CallId.eq(call.id))
        .filter(proposal::Column::State.is_in(takes_part))
        .order_by_asc(proposal::Column::Id);
    let proposals = complete(db, actor, call, query.all(db).await?).await?;
    let rows = evaluation::Entity::find()
        .filter(evaluation::Column::ProposalId.is_in(proposals.iter().map(|one| one.id)))
        .order_by_asc(evaluation::Column::Id);
    let mut points: BTreeMap<ProposalId, Vec<Points>> = BTreeMap::new();
    for row in rows.all(db).await? {
        points.entry(row.proposal_id).or_default().push(shown(call, row)?.points);
    }
    let assessed = |proposal: Proposal| {
        let points = points.remove(&proposal.id).unwrap_or_default();
        (proposal, Assessment::of(&points, call.terms.spread_threshold))
    };
    Ok(proposals.into_iter().map(assessed).collect())
}

/// How the proposals of a call are ranked, for those who coordinate or steer: before evaluations are complete, who still
/// lacks which; after that points, spread and place, the best first.
///
/// # Errors
/// 404 for everybody else.
pub async fn ranking(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CallId,
    at: Timestamp,
) -> Result<(State, Vec<Ranked>), Problem> {
    let (call, _) = find(db, actor, id).await?;
    if !judges(db, actor, &call).await? {
        return Err(Problem::not_found());
    }
    let state = call.state(at);
    if !matches!(state, State::Closed | State::Evaluated | State::Decided) {
        return Ok((state, Vec::new()));
    }
    let assessed = assessments(db, actor, &call).await?;
    let mut ranked: Vec<Ranked> = assessed.iter().map(|(proposal, found)| bare(proposal, found)).collect();
    if state != State::Closed {
        let scored: Vec<_> = assessed
            .iter()
            .enumerate()
            .filter_map(|(at, (_, found))| Some((at, found.points.clone()?)))
            .collect();
        let (mut sorted, mut asked) = (Vec::new(), 0_i128);
        for (place, at) in places(&scored) {
            let (proposal, found) = &assessed[at];
            asked += i128::from(proposal.content.grant.minor);
            sorted.push(Ranked {
                place: Some(place),
                points: found.points.as_ref().map(printed),
                points_exact: found.points.as_ref().map(ToString::to_string),
                spread: found.spread.as_ref().map(printed),
                is_within_funds: Some(asked <= i128::from(call.funds.minor)),
                ..bare(proposal, found)
            });
        }
        ranked = sorted;
    }
    Ok((state, ranked))
}

fn bare(proposal: &Proposal, found: &Assessment) -> Ranked {
    Ranked {
        place: None,
        proposal: proposal.id,
        institution: proposal.institution,
        title: proposal.content.title.clone(),
        grant: proposal.content.grant,
        evaluations: found.evaluations,
        needs_third: found.needs_third,
        points: None,
        points_exact: None,
        spread: None,
        is_within_funds: None,
        awarded: proposal.decision.as_ref().and_then(|decision| decision.amount),
    }
}
