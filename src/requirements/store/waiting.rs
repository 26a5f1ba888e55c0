//! What waits for somebody, for the start page and for the stages above.

use sea_orm::{
    QueryOrder, QuerySelect, QueryTrait, entity::prelude::*, sea_query::SelectStatement,
};

use super::{
    entities::{question, requirement},
    reading::visible,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::QuestionId,
        problem::Problem,
    },
    requirements::{State, questions::QuestionState},
};

/// The most that are counted.
const MOST: u64 = 100;

/// The ids of the requirements that the actor sees and that are being worked on, as a subquery: published or closed, and
/// not announced.
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
