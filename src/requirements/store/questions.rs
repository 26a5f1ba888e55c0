//! Questions about requirements, and their answers.

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{question, requirement},
    posting::held,
    reading::{find as find_requirement, seen_by},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        http::IfVersion,
        ids::{OrganisationId, QuestionId, RequirementId},
        problem::Problem,
    },
    programmes,
    requirements::{
        State,
        questions::{MOST_WAITING, Question, QuestionMove, QuestionState},
    },
};

/// Whom a question shows itself to: who sees its requirement, and of suppliers only the one that asked until it is
/// answered, and once it is hidden.
fn visible(actor: &Actor) -> Condition {
    let seen = Condition::all().add(question::Column::RequirementId.in_subquery(seen_by(actor)));
    if actor.kind() != Some(Kind::Supplier) {
        return seen;
    }
    let shown = Condition::any()
        .add(question::Column::State.eq(QuestionState::Answered))
        .add(question::Column::SupplierId.eq(actor.organisation));
    seen.add(shown)
}

/// Asks about a published requirement.
///
/// # Errors
/// 404, 409 when it is not published, asking has ended, or too many of the firm's questions wait.
pub async fn ask(w: &Write, requirement: RequirementId, text: String) -> Result<Question, Problem> {
    let found = held(w, requirement).await?.seen_by(w.actor());
    w.in_state(found.state())?;
    if let Some(until) = found.questions_until.or(found.closes_at).filter(|until| *until <= w.at()) {
        let until = programmes::store::moment(w, found.programme_id, until).await?;
        return Err(Problem::conflict("asking-ended").with("until", until));
    }
    let waiting = question::Entity::find()
        .filter(question::Column::RequirementId.eq(requirement))
        .filter(question::Column::SupplierId.eq(w.actor().organisation))
        .filter(question::Column::State.eq(QuestionState::Open))
        .count(w.db())
        .await?;
    if waiting >= MOST_WAITING {
        return Err(Problem::conflict("too-many-questions").with("most", MOST_WAITING));
    }
    let row = question::Model {
        id: w.ids().random_id(),
        requirement_id: requirement,
        supplier_id: w.actor().organisation,
        asked_by: w.actor().account,
        asked_at: w.at(),
        text,
        state: QuestionState::Open,
        answer: None,
        turn: None,
        answered_by: None,
        answered_at: None,
        hidden_because: None,
        hidden_by: None,
        version: 1,
    };
    question::Entity::insert(question::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    w.record("question", row.id, &json!({ "requirement": requirement })).await?;
    Ok(row.seen_by(w.actor()))
}

/// The question, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: QuestionId) -> Result<Question, Problem> {
    let found = question::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    Ok(found.ok_or_else(Problem::not_found)?.seen_by(actor))
}

/// About which requirement these questions are, of those that the actor may see.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<QuestionId>,
) -> Result<Vec<(QuestionId, RequirementId)>, Problem> {
    let query = question::Entity::find()
        .select_only()
        .columns([question::Column::Id, question::Column::RequirementId])
        .filter(visible(actor))
        .filter(question::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The questions about a requirement that the actor may see: the answered ones in the order of their answers, then
/// the others in none.
///
/// # Errors
/// 404 when the actor sees no such requirement.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    state: Option<QuestionState>,
) -> Result<Vec<Question>, Problem> {
    find_requirement(db, actor, requirement).await?;
    let mut query = question::Entity::find()
        .filter(visible(actor))
        .filter(question::Column::RequirementId.eq(requirement));
    if let Some(state) = state {
        query = query.filter(question::Column::State.eq(state));
    }
    let mut rows = query.all(db).await?;
    // The engines put what has no turn on different ends.
    rows.sort_by_key(|row| (row.turn.unwrap_or(i64::MAX), row.id));
    Ok(rows.into_iter().map(|row| row.seen_by(actor)).collect())
}

/// The published requirements about which questions wait for an answer and asking ends after one moment and until another:
/// of which lead firm, and when.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn waiting_until(
    db: &impl ConnectionTrait,
    service: &Actor,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<(RequirementId, OrganisationId, Timestamp)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let waiting = question::Entity::find()
        .select_only()
        .column(question::Column::RequirementId)
        .filter(question::Column::State.eq(QuestionState::Open));
    let rows = requirement::Entity::find()
        .filter(requirement::Column::State.eq(State::Published))
        .filter(requirement::Column::Id.in_subquery(waiting.into_query()))
        .order_by_asc(requirement::Column::Id)
        .all(db)
        .await?;
    let ends = rows.into_iter().filter_map(|row| {
        let ends = row.questions_until.or(row.closes_at)?;
        (after < ends && ends <= until).then_some((row.id, row.lead_firm_id, ends))
    });
    Ok(ends.collect())
}

/// The question that this write will change, with the state to which the move leads.
async fn moved(
    w: &Write,
    id: QuestionId,
    version: IfVersion,
    step: QuestionMove,
) -> Result<(question::Model, QuestionState), Problem> {
    let query = question::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let next = w.next(found.state, step.from(found.state))?;
    Ok((found, next))
}

/// Answers a question, or mends its answer, which keeps its place.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is hidden or the requirement is no longer published.
pub async fn answer(
    w: &Write,
    id: QuestionId,
    version: IfVersion,
    answer: String,
) -> Result<Question, Problem> {
    let (found, state) = moved(w, id, version, QuestionMove::Answer).await?;
    // Whoever answers another question of the requirement waits here.
    if held(w, found.requirement_id).await?.state() != State::Published {
        return Err(Problem::conflict("answering-ended"));
    }
    let turn = match found.turn {
        Some(turn) => turn,
        None => 1 + last_turn(w, found.requirement_id).await?,
    };
    let row = question::ActiveModel {
        id: Set(id),
        state: Set(state),
        answer: Set(Some(answer)),
        turn: Set(Some(turn)),
        answered_by: Set(Some(w.actor().account)),
        answered_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    kept(w, row).await
}

async fn last_turn(w: &Write, requirement: RequirementId) -> Result<i64, Problem> {
    let last = question::Entity::find()
        .filter(question::Column::RequirementId.eq(requirement))
        .filter(question::Column::Turn.is_not_null())
        .order_by_desc(question::Column::Turn)
        .one(w.db())
        .await?;
    Ok(last.and_then(|row| row.turn).unwrap_or_default())
}

/// Hides a question from the suppliers that did not ask it.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is hidden.
pub async fn hide(
    w: &Write,
    id: QuestionId,
    version: IfVersion,
    reason: String,
) -> Result<Question, Problem> {
    let (found, state) = moved(w, id, version, QuestionMove::Hide).await?;
    let row = question::ActiveModel {
        id: Set(id),
        state: Set(state),
        hidden_because: Set(Some(reason)),
        hidden_by: Set(Some(w.actor().account)),
        version: Set(found.version + 1),
        ..Default::default()
    };
    kept(w, row).await
}

async fn kept(w: &Write, row: question::ActiveModel) -> Result<Question, Problem> {
    let row = row.update(w.db()).await?;
    let details =
        json!({ "requirement": row.requirement_id, "state": row.state, "reason": row.hidden_because });
    w.record("question", row.id, &details).await?;
    Ok(row.seen_by(w.actor()))
}

impl question::Model {
    fn seen_by(self, actor: &Actor) -> Question {
        Question {
            id: self.id,
            requirement: self.requirement_id,
            state: self.state,
            text: self.text,
            answer: self.answer,
            answered_at: self.answered_at,
            hidden_because: self.hidden_because,
            own: self.supplier_id == actor.organisation,
            version: self.version,
        }
    }
}
