//! Calls on their way: written, opened, evaluated, cancelled.

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    super::{
        governance::{self, book, demand, misfits, programmes_with},
        programmes,
    },
    entities::{call, evaluator},
    evaluations::assessments,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{CallId, ProgrammeId},
        money::Money,
        problem::{FieldError, Problem},
    },
    programmes::{
        Programme,
        calls::{Call, Move, NewCall, State},
        governance::{Function, funds::Entry},
    },
};

/// Which calls to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
}

/// Whom a call shows itself to: those that coordinate and steer, once it is no draft those that execute, and its
/// evaluators.
pub(super) fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() != Some(Kind::Institution) {
        return Condition::all().add(Expr::val(false));
    }
    let programme = call::Column::ProgrammeId;
    let written = Condition::any()
        .add(programme.in_subquery(programmes_with(actor, Function::Execution)))
        .add(call::Column::Id.in_subquery(evaluated_by(actor)));
    Condition::any()
        .add(programme.in_subquery(programmes_with(actor, Function::Coordination)))
        .add(programme.in_subquery(programmes_with(actor, Function::Direction)))
        .add(Condition::all().add(call::Column::State.ne(State::Draft)).add(written))
}

/// The calls of which the actor is an evaluator, as a subquery.
pub(super) fn evaluated_by(actor: &Actor) -> sea_orm::sea_query::SelectStatement {
    evaluator::Entity::find()
        .select_only()
        .column(evaluator::Column::CallId)
        .filter(evaluator::Column::AccountId.eq(actor.account))
        .filter(evaluator::Column::InstitutionId.eq(actor.organisation))
        .into_query()
}

/// The call with its programme, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: CallId,
) -> Result<(Call, Programme), Problem> {
    let found = call::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    let found: Call = found.ok_or_else(Problem::not_found)?.try_into()?;
    let programme = programmes::find(db, &Actor::system(actor.organisation), found.programme).await?;
    Ok((found, programme))
}

/// The call, for whoever was shown something of it.
pub(in crate::programmes::store) async fn unscoped(
    db: &impl ConnectionTrait,
    _: &Actor,
    id: CallId,
) -> Result<Call, Problem> {
    call::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?.try_into()
}

/// The calls that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: Filter,
    window: &Window,
) -> Result<Page<Call>, Problem> {
    let mut query = call::Entity::find().filter(visible(actor));
    if let Some(programme) = filter.programme {
        query = query.filter(call::Column::ProgrammeId.eq(programme));
    }
    let page = window.fetch(actor, query, call::Column::Id, |row| row.id.0, &filter, db).await?;
    let items = page.items.into_iter().map(Call::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, prev: page.prev })
}

/// The calls that were opened and whose time comes after one moment and until another.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn closing(
    db: &impl ConnectionTrait,
    service: &Actor,
    after: Timestamp,
    until: Timestamp,
) -> Result<Vec<Call>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = call::Entity::find()
        .filter(call::Column::State.eq(State::Open))
        .filter(call::Column::ClosesAt.gt(after))
        .filter(call::Column::ClosesAt.lte(until))
        .order_by_asc(call::Column::Id);
    rows.all(db).await?.into_iter().map(Call::try_from).collect()
}

/// The call and its programme's functions, which nobody else changes until this write ends.
pub(in crate::programmes::store) async fn hold(w: &Write, id: CallId) -> Result<Call, Problem> {
    let (seen, _) = find(w.db(), w.actor(), id).await?;
    programmes::lock(w, seen.programme).await?;
    unscoped(w.db(), w.actor(), id).await
}

/// The call, which the coordinating body is about to change.
async fn own(w: &Write, id: CallId, version: IfVersion) -> Result<Call, Problem> {
    let found = hold(w, id).await?;
    w.in_state(found.state(w.at()))?;
    demand(w, found.programme, Function::Coordination).await?;
    version.check(found.version)?;
    Ok(found)
}

fn row(new: &NewCall, programme: &Programme) -> Result<call::ActiveModel, Problem> {
    let mut errors = misfits(programme.currency, [("/funds", new.funds)]);
    let zone = programme.time_zone.name();
    let opens_at = new.opens_at.map(|at| at.resolve(zone)).transpose()?;
    let closes_at = new.closes_at.resolve(zone)?;
    if opens_at.is_some_and(|opens_at| opens_at >= closes_at) {
        errors.push(FieldError::new("/opens_at", "opens-after-closing"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    Ok(call::ActiveModel {
        terms: Set(serde_json::to_string(&new.terms)?),
        currency: Set(programme.currency),
        funds_minor: Set(new.funds.minor),
        opens_at: Set(opens_at),
        closes_at: Set(closes_at),
        ..Default::default()
    })
}

/// Writes a call of a programme, in the name of the coordinating body.
///
/// # Errors
/// 404, 409 for whoever does not coordinate, 422 for another currency or times that do not follow each other.
pub async fn create(w: &Write, id: ProgrammeId, new: NewCall) -> Result<(Call, Programme), Problem> {
    let (programme, _) = demand(w, id, Function::Coordination).await?;
    w.in_state(programme.state)?;
    let row = call::ActiveModel {
        id: Set(w.new_id()),
        programme_id: Set(id),
        state: Set(State::Draft),
        committed_minor: Set(0),
        opened_at: Set(None),
        reason: Set(None),
        created_by: Set(w.actor().account),
        created_at: Set(w.at()),
        version: Set(1),
        ..row(&new, &programme)?
    };
    let row = row.insert(w.db()).await?;
    w.record("call", row.id, &json!({ "programme": id, "terms": new.terms, "funds": new.funds })).await?;
    Ok((row.try_into()?, programme))
}

/// Rewrites a draft.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is open, 422 as for a new one.
pub async fn change(
    w: &Write,
    id: CallId,
    version: IfVersion,
    new: NewCall,
) -> Result<(Call, Programme), Problem> {
    let found = own(w, id, version).await?;
    let programme = programmes::find(w.db(), &Actor::system(w.actor().organisation), found.programme).await?;
    let details = json!({ "terms": new.terms, "funds": new.funds });
    moved(w, &found, found.written, row(&new, &programme)?, details).await
}

/// Writes a move of a call down.
pub(super) async fn moved(
    w: &Write,
    found: &Call,
    state: State,
    mut row: call::ActiveModel,
    details: serde_json::Value,
) -> Result<(Call, Programme), Problem> {
    row.id = Set(found.id);
    row.state = Set(state);
    row.version = Set(found.version + 1);
    let row = row.update(w.db()).await?;
    w.record("call", found.id, &json!({ "state": state, "details": details })).await?;
    let programme = programmes::find(w.db(), &Actor::system(w.actor().organisation), found.programme).await?;
    Ok((row.try_into()?, programme))
}

fn next(w: &Write, found: &Call, step: Move) -> Result<State, Problem> {
    let state = found.state(w.at());
    w.next(state, step.from(state))
}

/// Opens a call; its funds are reserved.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft or the programme's free funds do not suffice, 422 when its
/// time is over already.
pub async fn open(w: &Write, id: CallId, version: IfVersion) -> Result<(Call, Programme), Problem> {
    let found = own(w, id, version).await?;
    let state = next(w, &found, Move::Open)?;
    if found.closes_at <= w.at() {
        return Err(Problem::invalid(vec![FieldError::new("/closes_at", "not-in-future")]));
    }
    if book(w, found.programme, found.currency(), Entry::Reserve(found.funds.minor)).await?.is_none() {
        let funds = governance::funds(w.db(), w.actor(), found.programme).await?;
        let free = Money::new(funds.free(), found.currency());
        return Err(Problem::conflict("funds-short").with("free", free));
    }
    let row = call::ActiveModel { opened_at: Set(Some(w.at())), ..Default::default() };
    moved(w, &found, state, row, json!({ "funds": found.funds, "closes_at": found.closes_at })).await
}

/// Cancels a call; what was reserved for it is free again.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is evaluated.
pub async fn cancel(
    w: &Write,
    id: CallId,
    version: IfVersion,
    reason: String,
) -> Result<(Call, Programme), Problem> {
    let found = own(w, id, version).await?;
    let state = next(w, &found, Move::Cancel)?;
    if found.written != State::Draft {
        release(w, &found, found.left().minor).await?;
    }
    let row = call::ActiveModel { reason: Set(Some(reason.clone())), ..Default::default() };
    moved(w, &found, state, row, json!({ "reason": reason })).await
}

/// What a call has not awarded is free again.
pub(super) async fn release(w: &Write, found: &Call, left: i64) -> Result<(), Problem> {
    let booked = book(w, found.programme, found.currency(), Entry::Release(left)).await?;
    booked.map(drop).ok_or_else(|| Problem::internal("a call's funds were not reserved"))
}

/// Says that the evaluations are complete: scores are final, the ranking shows, decisions can be taken.
///
/// # Errors
/// 404, 412 for a stale version, 409 before it has closed, without proposals, or while evaluations are missing.
pub async fn finish_evaluation(
    w: &Write,
    id: CallId,
    version: IfVersion,
) -> Result<(Call, Programme), Problem> {
    let found = own(w, id, version).await?;
    let state = next(w, &found, Move::FinishEvaluation)?;
    let assessed = assessments(w.db(), w.actor(), &found).await?;
    if assessed.is_empty() {
        return Err(Problem::conflict("call-without-proposals"));
    }
    let missing = assessed.iter().filter(|(_, assessment)| !assessment.is_complete()).count();
    if missing > 0 {
        return Err(Problem::conflict("evaluations-missing").with("missing", missing));
    }
    let row = <call::ActiveModel as Default>::default();
    moved(w, &found, state, row, json!({ "proposals": assessed.len() })).await
}

impl TryFrom<call::Model> for Call {
    type Error = Problem;

    fn try_from(row: call::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            programme: row.programme_id,
            written: row.state,
            terms: serde_json::from_str(&row.terms)?,
            funds: Money::new(row.funds_minor, row.currency),
            committed: Money::new(row.committed_minor, row.currency),
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            opened_at: row.opened_at,
            reason: row.reason,
            version: row.version,
        })
    }
}

/// The calls whose proposals are open to those who judge them at that moment, as a subquery.
pub(super) fn unsealed(at: Timestamp) -> sea_orm::Select<call::Entity> {
    call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::State.is_in([State::Open, State::Evaluated, State::Decided]))
        .filter(call::Column::ClosesAt.lte(at))
}
