//! Requirements on their way: posted, rewritten, published, closed, imported.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{criterion, lot, requirement},
    reading::{complete_one, visible},
};
use crate::{
    foundation::{
        db::Write,
        http::IfVersion,
        ids::{OrganisationId, ProgrammeId, RequirementId},
        problem::{OnConstraint, Problem},
    },
    programmes::{self, Programme},
    requirements::{Content, ImportedRequirement, NewRequirement, Requirement, State},
};

/// Posts a requirement of the actor's lead firm, as a draft.
///
/// # Errors
/// 422 when the lead firm is no member of such a programme or network, 409 when the programme is not open.
pub async fn create(w: &Write, new: NewRequirement) -> Result<Requirement, Problem> {
    let lead_firm = w.actor().organisation;
    let programme = members_programme(w, new.programme, lead_firm).await?;
    demand_open(&programme)?;
    let network = match new.network {
        Some(id) => Some(programmes::store::working_network(w, id, programme.id, "/network").await?),
        None => None,
    };
    let row = requirement::Model {
        id: w.new_id(),
        programme_id: programme.id,
        network_id: network,
        lead_firm_id: lead_firm,
        title: new.content.title.clone(),
        description: new.content.description.clone(),
        state: State::Draft,
        external_reference: None,
        created_at: w.at(),
        published_at: None,
        closed_at: None,
        version: 1,
    };
    insert(w, row, &new.content).await
}

/// The programme of which the firm is a member; nobody learns whether there are others.
async fn members_programme(w: &Write, id: ProgrammeId, firm: OrganisationId) -> Result<Programme, Problem> {
    let unknown = || Problem::field("/programme", "no-such-programme");
    let programme = match programmes::store::hold(w, id).await {
        Err(problem) if problem == Problem::not_found() => return Err(unknown()),
        found => found?,
    };
    let is_member = programmes::store::is_member(w.db(), w.actor(), id, firm).await?;
    if is_member { Ok(programme) } else { Err(unknown()) }
}

fn demand_open(programme: &Programme) -> Result<(), Problem> {
    if programme.state == programmes::State::Open {
        return Ok(());
    }
    Err(Problem::conflict("programme-not-open").with("state", programme.state))
}

async fn insert(w: &Write, row: requirement::Model, content: &Content) -> Result<Requirement, Problem> {
    requirement::Entity::insert(requirement::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_requirements__programme_id__external_reference", || {
            Problem::conflict("already-imported")
        })?;
    insert_content(w, row.id, content).await?;
    let details = json!({
        "programme": row.programme_id, "network": row.network_id, "lead_firm": row.lead_firm_id, "title": row.title, "state": row.state,
        "lots": content.lots.len(), "criteria": content.criteria.len(),
    });
    w.record("requirement", row.id, &details).await?;
    complete_one(w.db(), w.actor(), row).await
}

async fn insert_content(w: &Write, id: RequirementId, content: &Content) -> Result<(), Problem> {
    let lots = content.lots.iter().zip(0..).map(|(new, position)| lot::ActiveModel {
        id: Set(w.new_id()),
        requirement_id: Set(id),
        position: Set(position),
        name: Set(new.name.clone()),
        process: Set(new.process.clone()),
        unit: Set(new.unit.clone()),
        quantity: Set(new.quantity),
        reference_price: Set(new.reference_price),
        weight_ppm: Set(new.weight),
        max_share_ppm: Set(new.max_share),
        min_coverage_ppm: Set(new.min_coverage),
        years: Set(i32::try_from(new.years).unwrap_or(i32::MAX)),
        external_reference: Set(new.external_reference.clone()),
    });
    let mut criteria = Vec::with_capacity(content.criteria.len());
    for (new, position) in content.criteria.iter().zip(0..) {
        criteria.push(criterion::ActiveModel {
            id: Set(w.new_id()),
            requirement_id: Set(id),
            position: Set(position),
            question: Set(new.question.clone()),
            content: Set(serde_json::to_string(new)?),
        });
    }
    if !content.lots.is_empty() {
        lot::Entity::insert_many(lots).exec_without_returning(w.db()).await?;
    }
    if !criteria.is_empty() {
        criterion::Entity::insert_many(criteria).exec_without_returning(w.db()).await?;
    }
    Ok(())
}

/// The requirement that this write will change.
async fn own(w: &Write, id: RequirementId, version: IfVersion) -> Result<requirement::Model, Problem> {
    let found =
        requirement::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    Ok(found)
}

/// Rewrites a draft. Its lots and criteria are new ones.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is published.
pub async fn change(
    w: &Write,
    id: RequirementId,
    version: IfVersion,
    content: Content,
) -> Result<Requirement, Problem> {
    let found = own(w, id, version).await?;
    lot::Entity::delete_many().filter(lot::Column::RequirementId.eq(id)).exec(w.db()).await?;
    criterion::Entity::delete_many().filter(criterion::Column::RequirementId.eq(id)).exec(w.db()).await?;
    insert_content(w, id, &content).await?;
    let row = requirement::ActiveModel {
        id: Set(id),
        title: Set(content.title.clone()),
        description: Set(content.description.clone()),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details =
        json!({ "title": row.title, "lots": content.lots.len(), "criteria": content.criteria.len() });
    w.record("requirement", id, &details).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// Publishes a requirement to the programme's suppliers.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft, has no lots or lots without a price, or the
/// programme is not open.
pub async fn publish(w: &Write, id: RequirementId, version: IfVersion) -> Result<Requirement, Problem> {
    let found = own(w, id, version).await?;
    demand_open(&programmes::store::hold(w, found.programme_id).await?)?;
    let missing = complete_one(w.db(), w.actor(), found.clone()).await?.missing();
    if !missing.is_empty() {
        return Err(Problem { errors: missing, ..Problem::conflict("requirement-incomplete") });
    }
    let row = requirement::ActiveModel {
        id: Set(id),
        state: Set(State::Published),
        published_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    moved(w, row).await
}

/// Closes a requirement: no more offers, it can be matched.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not published.
pub async fn close(w: &Write, id: RequirementId, version: IfVersion) -> Result<Requirement, Problem> {
    let found = own(w, id, version).await?;
    let row = requirement::ActiveModel {
        id: Set(id),
        state: Set(State::Closed),
        closed_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    moved(w, row).await
}

async fn moved(w: &Write, row: requirement::ActiveModel) -> Result<Requirement, Problem> {
    let row = row.update(w.db()).await?;
    w.record("requirement", row.id, &json!({ "state": row.state })).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// Takes in a requirement from elsewhere, in the state that it has there; its lots may lack prices, its
/// programme may be closed.
///
/// # Errors
/// 422 when the lead firm is no member of such a programme, 409 when the programme has it already.
pub async fn import(w: &Write, new: ImportedRequirement) -> Result<Requirement, Problem> {
    let programme = members_programme(w, new.programme, new.lead_firm).await?;
    let since = |is_reached: bool| is_reached.then(|| w.at());
    let row = requirement::Model {
        id: w.new_id(),
        programme_id: programme.id,
        network_id: None,
        lead_firm_id: new.lead_firm,
        title: new.content.title.clone(),
        description: new.content.description.clone(),
        state: new.state,
        external_reference: Some(new.external_reference),
        created_at: w.at(),
        published_at: since(new.state != State::Draft),
        closed_at: since(new.state == State::Closed),
        version: 1,
    };
    insert(w, row, &new.content).await
}
