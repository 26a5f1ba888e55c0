//! Handling an objection: taken up by somebody else than whoever decided, upheld with its effect, dismissed, withdrawn.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{entity, parties, visible};
use crate::{
    approvals,
    foundation::{
        db::Write,
        http::IfVersion,
        ids::{MatchId, NetworkId, ObjectionId, ProposalId},
        problem::Problem,
    },
    objections::{About, Effect, Move, Objection, State, Upholding},
    organisations::store::interests,
    programmes,
};

/// The objection that this write will change, and the state to which the move leads.
async fn held(
    w: &Write,
    id: ObjectionId,
    version: IfVersion,
    step: Move,
) -> Result<(Objection, State), Problem> {
    let query = entity::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let found: Objection = query.one(w.db()).await?.ok_or_else(Problem::not_found)?.try_into()?;
    version.check(found.version)?;
    let next = w.next(found.state, step.from(found.state))?;
    Ok((found, next))
}

/// The same for an officer, who must have decided nothing of it, not act for whoever objects, and have no interest in the
/// parties.
async fn handled(
    w: &Write,
    id: ObjectionId,
    version: IfVersion,
    step: Move,
) -> Result<(Objection, State), Problem> {
    let (found, next) = held(w, id, version, step).await?;
    interests::demand_none(w, parties(w.db(), w.actor(), &found).await?).await?;
    if found.firm == w.actor().organisation {
        return Err(Problem::conflict("own-objection"));
    }
    if found.deciders.contains(&w.actor().account) {
        return Err(Problem::conflict("own-decision"));
    }
    Ok((found, next))
}

async fn moved(w: &Write, found: &Objection, row: entity::ActiveModel) -> Result<Objection, Problem> {
    let row = entity::ActiveModel { id: Set(found.id), version: Set(found.version + 1), ..row };
    let row = row.update(w.db()).await?;
    let details = json!({ "state": row.state, "reason": row.outcome_reason, "effect": row.effect });
    w.record("objection", found.id, &details).await?;
    row.try_into()
}

/// Takes an objection up.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it was taken up already, or the actor decided what it is about or has an
/// interest in a firm.
pub async fn review(w: &Write, id: ObjectionId, version: IfVersion) -> Result<Objection, Problem> {
    let (found, state) = handled(w, id, version, Move::Review).await?;
    let row = entity::ActiveModel {
        state: Set(state),
        handled_by: Set(Some(w.actor().account)),
        review_began_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, row).await
}

/// Upholds an objection, with its effect on the decision where that can still be undone.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless it is in review, or for whoever decided or has an interest; 422 without a
/// remedy where the decision can't be undone.
pub async fn uphold(
    w: &Write,
    id: ObjectionId,
    version: IfVersion,
    new: Upholding,
) -> Result<Objection, Problem> {
    let (found, state) = handled(w, id, version, Move::Uphold).await?;
    let undone = match found.about {
        About::Membership => {
            let undone = programmes::store::reopen(w, NetworkId(found.about_id), found.firm).await?;
            undone.then_some(Effect::ApplicationReopened)
        }
        About::Match => {
            let undone = approvals::store::reopen(w, MatchId(found.about_id)).await?;
            undone.then_some(Effect::MatchReopened)
        }
        About::Award => None,
        About::Proposal => {
            let undone = programmes::store::calls::reconsider(w, ProposalId(found.about_id)).await?;
            undone.then_some(Effect::ProposalReopened)
        }
    };
    let effect = match (undone, &new.remedy) {
        (Some(effect), _) => effect,
        (None, Some(_)) => Effect::Remedy,
        (None, None) => return Err(Problem::field("/remedy", "remedy-needed")),
    };
    let row = entity::ActiveModel {
        state: Set(state),
        outcome_reason: Set(Some(new.reason)),
        effect: Set(Some(effect)),
        remedy: Set(new.remedy),
        closed_by: Set(Some(w.actor().account)),
        closed_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, row).await
}

/// Dismisses an objection: the decision stands.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless it is in review, or for whoever decided or has an interest.
pub async fn dismiss(
    w: &Write,
    id: ObjectionId,
    version: IfVersion,
    reason: String,
) -> Result<Objection, Problem> {
    let (found, state) = handled(w, id, version, Move::Dismiss).await?;
    let row = closed(w, state, Some(reason));
    moved(w, &found, row).await
}

/// Whoever objects takes its objection back.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is over, or for whoever judges it.
pub async fn withdraw(w: &Write, id: ObjectionId, version: IfVersion) -> Result<Objection, Problem> {
    let (found, state) = held(w, id, version, Move::Withdraw).await?;
    if found.firm != w.actor().organisation && !w.actor().is_system() {
        return Err(Problem::conflict("anothers-objection"));
    }
    let row = closed(w, state, None);
    moved(w, &found, row).await
}

fn closed(w: &Write, state: State, reason: Option<String>) -> entity::ActiveModel {
    entity::ActiveModel {
        state: Set(state),
        outcome_reason: Set(reason),
        closed_by: Set(Some(w.actor().account)),
        closed_at: Set(Some(w.at())),
        ..Default::default()
    }
}
