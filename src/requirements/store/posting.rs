//! Requirements on their way: posted, rewritten, published, closed, imported.

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{criterion, lot, requirement},
    reading::{complete_one, visible},
};
use crate::{
    foundation::{
        access::Actor,
        clock::Timestamp,
        db::Write,
        http::IfVersion,
        ids::{OrganisationId, ProgrammeId, RequirementId},
        jobs::NewJob,
        problem::{OnConstraint, Problem},
    },
    programmes::{self, Programme},
    requirements::{
        Content, ImportedRequirement, LotTerms, Move, NewRequirement, Requirement, State, closing::Times,
        criteria::Criterion, jobs::CLOSE,
    },
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
    let times = times(w, &programme, &new.content)?;
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
        closes_at: times.closes_at,
        questions_until: times.questions_until,
        awarded_at: None,
        announced_at: None,
        announced_by: None,
        max_supplier_share_ppm: new.content.max_supplier_share,
        revision: 1,
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
    let lots: Vec<_> =
        content.lots.iter().zip(0..).map(|(new, position)| lot_row(w, id, new, position)).collect();
    if !lots.is_empty() {
        lot::Entity::insert_many(lots).exec_without_returning(w.db()).await?;
    }
    insert_criteria(w, id, &content.criteria).await
}

/// A new lot of a requirement in its first revision.
pub(super) fn lot_row(w: &Write, id: RequirementId, new: &LotTerms, position: i32) -> lot::ActiveModel {
    lot::ActiveModel {
        id: Set(w.new_id()),
        requirement_id: Set(id),
        position: Set(position),
        revision: Set(1),
        ..lot_terms(new)
    }
}

/// The columns that say what a lot says.
pub(super) fn lot_terms(terms: &LotTerms) -> lot::ActiveModel {
    let (sourcing, delivery) = (terms.sourcing, terms.delivery);
    lot::ActiveModel {
        name: Set(terms.name.clone()),
        process: Set(terms.process.clone()),
        unit: Set(terms.unit.clone()),
        unit_code: Set(terms.unit_code.clone()),
        quantity: Set(terms.quantity),
        reference_price: Set(terms.reference_price),
        weight_ppm: Set(terms.weight),
        max_share_ppm: Set(terms.max_share),
        min_coverage_ppm: Set(terms.min_coverage),
        years: Set(i32::try_from(terms.years).unwrap_or(i32::MAX)),
        external_reference: Set(terms.external_reference.clone()),
        min_suppliers: Set(sourcing.min_suppliers),
        max_suppliers: Set(sourcing.max_suppliers),
        min_share_ppm: Set(sourcing.min_share),
        divisible: Set(sourcing.divisible),
        must_award: Set(sourcing.must_award),
        delivery_from: Set(delivery.from),
        delivery_to: Set(delivery.to),
        starts_in: Set(delivery.starts_in),
        ..Default::default()
    }
}

pub(super) async fn insert_criteria(w: &Write, id: RequirementId, new: &[Criterion]) -> Result<(), Problem> {
    let mut criteria = Vec::with_capacity(new.len());
    for (new, position) in new.iter().zip(0..) {
        criteria.push(criterion::ActiveModel {
            id: Set(w.new_id()),
            requirement_id: Set(id),
            position: Set(position),
            question: Set(new.question.clone()),
            content: Set(serde_json::to_string(new)?),
        });
    }
    if !criteria.is_empty() {
        criterion::Entity::insert_many(criteria).exec_without_returning(w.db()).await?;
    }
    Ok(())
}

/// The requirement that this write will change, and the state to which the move leads.
pub(super) async fn own(
    w: &Write,
    id: RequirementId,
    version: IfVersion,
    step: Move,
) -> Result<(requirement::Model, State), Problem> {
    let found = held(w, id).await?;
    version.check(found.version)?;
    let next = w.next(found.state(), step.from(found.state()))?;
    Ok((found, next))
}

pub(super) async fn held(w: &Write, id: RequirementId) -> Result<requirement::Model, Problem> {
    let found =
        requirement::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)
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
    let (found, _) = own(w, id, version, Move::Change).await?;
    let programme = programmes::store::hold(w, found.programme_id).await?;
    let times = times(w, &programme, &content)?;
    lot::Entity::delete_many().filter(lot::Column::RequirementId.eq(id)).exec(w.db()).await?;
    criterion::Entity::delete_many().filter(criterion::Column::RequirementId.eq(id)).exec(w.db()).await?;
    insert_content(w, id, &content).await?;
    let row = requirement::ActiveModel {
        id: Set(id),
        title: Set(content.title.clone()),
        description: Set(content.description.clone()),
        closes_at: Set(times.closes_at),
        questions_until: Set(times.questions_until),
        max_supplier_share_ppm: Set(content.max_supplier_share),
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
    let (found, state) = own(w, id, version, Move::Publish).await?;
    demand_open(&programmes::store::hold(w, found.programme_id).await?)?;
    let missing = complete_one(w.db(), w.actor(), found.clone()).await?.missing(w.at());
    if !missing.is_empty() {
        return Err(Problem { errors: missing, ..Problem::conflict("requirement-incomplete") });
    }
    let row = requirement::ActiveModel {
        id: Set(id),
        state: Set(state),
        published_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    close_later(w, id, found.closes_at).await?;
    moved(w, row).await
}

/// Closes a requirement: no more offers, it can be matched.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not published, or when suppliers were promised that it
/// stays open until a time that has not come.
pub async fn close(w: &Write, id: RequirementId, version: IfVersion) -> Result<Requirement, Problem> {
    let (found, state) = own(w, id, version, Move::Close).await?;
    if let Some(at) = found.closes_at.filter(|at| *at > w.at()) {
        let at = programmes::store::moment(w, found.programme_id, at).await?;
        return Err(Problem::conflict("closes-by-itself").with("closes_at", at));
    }
    closed(w, &found, state).await
}

/// Whether a requirement is published and its closing time has come; the closing job asks this.
///
/// # Errors
/// What the database said.
pub async fn is_due(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
    now: Timestamp,
) -> Result<bool, Problem> {
    let found = requirement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    Ok(found.is_some_and(|row| row.state == State::Published && row.closes_at.is_some_and(|at| at <= now)))
}

/// Closes a requirement whose closing time has come.
///
/// # Errors
/// 404, 409 when it is not published or its time has not come.
pub async fn close_due(w: &Write, id: RequirementId) -> Result<Requirement, Problem> {
    let found = held(w, id).await?;
    let state = w.next(found.state(), Move::Close.from(found.state()))?;
    match found.closes_at {
        Some(at) if at <= w.at() => closed(w, &found, state).await,
        at => {
            let at = programmes::store::moment(w, found.programme_id, at.unwrap_or(w.at())).await?;
            Err(Problem::conflict("closes-by-itself").with("closes_at", at))
        }
    }
}

/// Notes that all that a closed requirement will get has been awarded: called in the write of a later stage,
/// in which the award becomes a contract. Once noted, nothing changes.
///
/// # Errors
/// 404 when the actor may not see it, 409 when it is not closed.
pub async fn mark_awarded(w: &Write, id: RequirementId) -> Result<(), Problem> {
    let found = held(w, id).await?;
    let state = found.state();
    if state == State::Awarded {
        return Ok(());
    }
    if Move::Award.from(state).is_none() {
        return Err(Problem::wrong_state(state.word(), &[State::Closed.word()]));
    }
    let row = requirement::ActiveModel {
        id: Set(id),
        awarded_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("requirement", id, &json!({ "state": State::Awarded })).await
}

/// Announces that everything about a requirement has been decided, once: called in the write of a later stage, which
/// knows whether that is so.
///
/// # Errors
/// 404 when the actor may not see it, 412 for a stale version, 409 when it is not closed or was announced already.
pub async fn announce(w: &Write, id: RequirementId, version: IfVersion) -> Result<Requirement, Problem> {
    let found = held(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state())?;
    if let Some(at) = found.announced_at {
        let at = programmes::store::moment(w, found.programme_id, at).await?;
        return Err(Problem::conflict("already-announced").with("at", at));
    }
    let row = requirement::ActiveModel {
        id: Set(id),
        announced_at: Set(Some(w.at())),
        announced_by: Set(Some(w.actor().account)),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    w.record("requirement", id, &json!({ "announced": true })).await?;
    super::find(w.db(), w.actor(), id).await
}

async fn closed(w: &Write, found: &requirement::Model, state: State) -> Result<Requirement, Problem> {
    let id = found.id;
    let row = requirement::ActiveModel {
        id: Set(id),
        state: Set(state),
        closed_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    moved(w, row).await
}

/// Lets the requirement close by itself at that moment.
pub(super) async fn close_later(w: &Write, id: RequirementId, at: Option<Timestamp>) -> Result<(), Problem> {
    let Some(at) = at else { return Ok(()) };
    let job = NewJob::new(CLOSE, json!({ "requirement": id }));
    // A second is the least that a job waits; it must not come before the moment.
    w.enqueue(NewJob { delay_seconds: at.seconds_since(w.at()) + 1, max_attempts: 20, ..job }).await
}

/// The moments until which suppliers may ask and offer, which must be still to come.
pub(super) fn times(w: &Write, programme: &Programme, content: &Content) -> Result<Times, Problem> {
    Times::resolve(content.closes_at, content.questions_until, programme.time_zone.name(), w.at())
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
        closes_at: None,
        questions_until: None,
        awarded_at: None,
        announced_at: None,
        announced_by: None,
        max_supplier_share_ppm: new.content.max_supplier_share,
        revision: 1,
        version: 1,
    };
    insert(w, row, &new.content).await
}
