//! Filing an objection: what was decided, by whom, when, and whether the firm may still object.

use sea_orm::entity::prelude::*;
use serde_json::json;

use super::entity;
use crate::{
    approvals,
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        ids::{AccountId, MatchId, NetworkId, OrganisationId, ProgrammeId, ProposalId, RequirementId},
        problem::{OnConstraint, Problem},
    },
    matching::store::matches,
    objections::{About, NewObjection, Objection, State},
    programmes, requirements,
};

/// A decision to which the actor's firm or institution may object.
struct Decision {
    programme: ProgrammeId,
    network: Option<NetworkId>,
    /// The other firm that it concerns.
    other: Option<OrganisationId>,
    at: Timestamp,
    by: Vec<AccountId>,
}

/// Files an objection of the actor's own firm.
///
/// # Errors
/// 422 for what the actor does not see; 409 when nothing was decided there, the days are over, or the firm has objected
/// to that decision already.
pub async fn file(w: &Write, new: NewObjection) -> Result<Objection, Problem> {
    let found = match new.about {
        About::Membership => of_membership(w, NetworkId(new.about_id)).await,
        About::Match => of_match(w, MatchId(new.about_id)).await,
        About::Award => of_award(w, RequirementId(new.about_id)).await,
        About::Proposal => of_proposal(w, ProposalId(new.about_id)).await,
    };
    let decision = found.map_err(|problem| {
        if problem == Problem::not_found() {
            Problem::field("/about_id", "no-such-decision")
        } else {
            problem
        }
    })?;
    // The rules say it to everybody who takes part.
    let service = Actor::system(w.actor().organisation);
    let programme = programmes::store::find(w.db(), &service, decision.programme).await?;
    let last = programme.last_day_to_object(decision.at);
    if programme.day(w.at()) > last {
        return Err(Problem::conflict("objection-late").with("last", last));
    }
    let row = entity::Model {
        id: w.new_id(),
        programme_id: decision.programme,
        network_id: decision.network,
        firm_id: w.actor().organisation,
        other_id: decision.other,
        about: new.about,
        about_id: new.about_id,
        decided_at: decision.at,
        deciders: serde_json::to_string(&decision.by)?,
        reasons: new.reasons,
        state: State::Filed,
        filed_by: w.actor().account,
        filed_at: w.at(),
        handled_by: None,
        review_began_at: None,
        outcome_reason: None,
        effect: None,
        remedy: None,
        closed_by: None,
        closed_at: None,
        version: 1,
    };
    entity::Entity::insert(entity::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_objections__firm_id__about__about_id__decided_at", || {
            Problem::conflict("objection-exists")
        })?;
    let details = json!({ "about": row.about, "about_id": row.about_id, "decided_at": row.decided_at });
    w.record("objection", row.id, &details).await?;
    row.try_into()
}

fn nothing() -> Problem {
    Problem::conflict("nothing-to-object")
}

/// A network refused the firm's application, or excluded it.
async fn of_membership(w: &Write, id: NetworkId) -> Result<Decision, Problem> {
    if w.actor().kind() != Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    let refusal = programmes::store::own_refusal(w, id).await?.ok_or_else(nothing)?;
    let programmes::store::Decided { programme, at, by } = refusal;
    Ok(Decision { programme, network: Some(id), other: None, at, by })
}

/// The institution rejected or approved a match of the firm's own.
async fn of_match(w: &Write, id: MatchId) -> Result<Decision, Problem> {
    let found = matches::find(w.db(), w.actor(), id).await?;
    let at = found.decision().ok_or_else(nothing)?;
    let service = Actor::system(w.actor().organisation);
    let requirement = requirements::store::find(w.db(), &service, found.requirement).await?;
    let mut by = approvals::store::approvers_of(w.db(), &service, id).await?;
    by.extend(found.decided_by);
    let other = if w.actor().organisation == found.supplier { found.lead_firm } else { found.supplier };
    Ok(Decision { programme: found.programme, network: requirement.network, other: Some(other), at, by })
}

/// A proposal of the actor's institution was awarded or rejected.
async fn of_proposal(w: &Write, id: ProposalId) -> Result<Decision, Problem> {
    let decided = programmes::store::calls::own_decision(w, id).await?.ok_or_else(nothing)?;
    let programmes::store::Decided { programme, at, by } = decided;
    Ok(Decision { programme, network: None, other: None, at, by })
}

/// The result of a requirement was announced for which the firm made an offer.
async fn of_award(w: &Write, id: RequirementId) -> Result<Decision, Problem> {
    let found = requirements::store::find(w.db(), w.actor(), id).await?;
    if w.actor().kind() != Some(Kind::Supplier) {
        return Err(Problem::not_found());
    }
    let (at, announcer) = found.announced.ok_or_else(nothing)?;
    if requirements::store::own_offers(w.db(), w.actor(), id).await?.is_empty() {
        return Err(nothing());
    }
    let lots = found.lots.iter().map(|lot| lot.id);
    let service = Actor::system(w.actor().organisation);
    let mut by = approvals::store::deciders_of(w.db(), &service, lots).await?;
    by.push(announcer);
    by.sort_unstable();
    by.dedup();
    let other = Some(found.lead_firm);
    Ok(Decision { programme: found.programme, network: found.network, other, at, by })
}
