//! What waits for somebody, and what things are called: for the start page, for whoever tells of them, and for the
//! stages above.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, QueryTrait, entity::prelude::*, sea_query::SelectStatement};

use super::{
    entities::{lot, question, requirement},
    reading::{seen_by, visible},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::{LotId, OrganisationId, QuestionId, RequirementId},
        problem::Problem,
    },
    requirements::{State, questions::QuestionState},
};

/// The most that are counted.
const MOST: u64 = 100;

/// The ids of the requirements that the actor sees and that are being worked on, as a subquery: published or closed,
/// and not announced.
pub fn under_way(actor: &Actor) -> SelectStatement {
    worked_on(actor, [State::Published, State::Closed])
}

/// The ids of those of them that are closed, as a subquery.
pub fn closed(actor: &Actor) -> SelectStatement {
    worked_on(actor, [State::Closed])
}

fn worked_on(actor: &Actor, states: impl IntoIterator<Item = State>) -> SelectStatement {
    requirement::Entity::find()
        .select_only()
        .column(requirement::Column::Id)
        .filter(visible(actor))
        .filter(requirement::Column::State.is_in(states))
        .filter(requirement::Column::AnnouncedAt.is_null())
        .into_query()
}

/// The questions that wait for an answer of the actor's lead firm, the oldest first.
///
/// # Errors
/// What the database said.
pub async fn to_answer(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<QuestionId>, Problem> {
    if actor.kind() != Some(Kind::LeadFirm) {
        return Ok(Vec::new());
    }
    let query = question::Entity::find()
        .select_only()
        .column(question::Column::Id)
        .filter(question::Column::State.eq(QuestionState::Open))
        .filter(question::Column::RequirementId.in_subquery(worked_on(actor, [State::Published])))
        .order_by_asc(question::Column::Id)
        .limit(MOST);
    Ok(query.into_tuple().all(db).await?)
}

/// What these requirements are called and whose they are, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<RequirementId>,
) -> Result<BTreeMap<RequirementId, (String, OrganisationId)>, Problem> {
    let query = requirement::Entity::find()
        .select_only()
        .columns([requirement::Column::Id, requirement::Column::Title, requirement::Column::LeadFirmId])
        .filter(visible(actor))
        .filter(requirement::Column::Id.is_in(ids));
    let found: Vec<(RequirementId, String, OrganisationId)> = query.into_tuple().all(db).await?;
    Ok(found.into_iter().map(|(id, title, lead_firm)| (id, (title, lead_firm))).collect())
}

/// What these lots are called, of requirements that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn lot_names(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<LotId>,
) -> Result<BTreeMap<LotId, String>, Problem> {
    let query = lot::Entity::find()
        .select_only()
        .columns([lot::Column::Id, lot::Column::Name])
        .filter(lot::Column::RequirementId.in_subquery(seen_by(actor)))
        .filter(lot::Column::Id.is_in(ids));
    let found: Vec<(LotId, String)> = query.into_tuple().all(db).await?;
    Ok(found.into_iter().collect())
}
