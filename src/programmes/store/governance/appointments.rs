//! Who has which function in a programme.

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::SelectStatement,
};
use serde_json::json;

use super::{
    super::{entities::programme, programmes},
    entities::appointment,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{AppointmentId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    organisations::store::{firms, interests},
    programmes::{
        Programme,
        governance::{Appointment, AppointmentMove, AppointmentState, Function, Functions, NewAppointment},
    },
};

/// The programmes in which this institution holds an appointment to one of these functions.
fn appointed(institution: OrganisationId, functions: &[Function]) -> SelectStatement {
    appointment::Entity::find()
        .select_only()
        .column(appointment::Column::ProgrammeId)
        .filter(appointment::Column::InstitutionId.eq(institution))
        .filter(appointment::Column::State.eq(AppointmentState::Held))
        .filter(appointment::Column::Function.is_in(functions.iter().copied()))
        .into_query()
}

/// The ids of the programmes that the actor's institution steers, and of those that it coordinates, as subqueries for the
/// stages above.
pub fn led_by(actor: &Actor) -> [SelectStatement; 2] {
    [Function::Direction, Function::Coordination].map(|function| programmes_with(actor, function))
}

/// The ids of the programmes in which the actor's institution has a function, as a subquery.
pub(in crate::programmes::store) fn programmes_with(actor: &Actor, function: Function) -> SelectStatement {
    let query = programme::Entity::find().select_only().column(programme::Column::Id);
    if actor.is_system() {
        return query.into_query();
    }
    let mut own = Condition::all().add(programme::Column::InstitutionId.eq(actor.organisation));
    if function != Function::Execution {
        // Somebody else has it.
        let taken = appointment::Entity::find()
            .select_only()
            .column(appointment::Column::ProgrammeId)
            .filter(appointment::Column::State.eq(AppointmentState::Held))
            .filter(appointment::Column::Function.eq(function));
        own = own.add(programme::Column::Id.not_in_subquery(taken.into_query()));
    }
    let held = programme::Column::Id.in_subquery(appointed(actor.organisation, &[function]));
    query.filter(Condition::any().add(own).add(held)).into_query()
}

/// Whom an appointment shows itself to: the institution, those that steer and coordinate, who opened the programme.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() != Some(Kind::Institution) {
        return Condition::all().add(Expr::val(false));
    }
    let column = appointment::Column::ProgrammeId;
    Condition::any()
        .add(appointment::Column::InstitutionId.eq(actor.organisation))
        .add(column.in_subquery(programmes::seen_by(actor)))
        .add(
            column.in_subquery(appointed(actor.organisation, &[Function::Direction, Function::Coordination])),
        )
}

/// Who has which function, for those who have one.
///
/// # Errors
/// 404 for everybody else.
pub async fn functions(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<(Programme, Functions), Problem> {
    let programme = programmes::find(db, &Actor::system(actor.organisation), id).await?;
    let held = appointment::Entity::find()
        .filter(appointment::Column::ProgrammeId.eq(id))
        .filter(appointment::Column::State.eq(AppointmentState::Held))
        .order_by_asc(appointment::Column::Id);
    let held: Vec<_> = held.all(db).await?.iter().map(|row| (row.function, row.institution_id)).collect();
    let functions = Functions::of(programme.institution, &held);
    if !actor.is_system() && !functions.has_any(actor.organisation) {
        return Err(Problem::not_found());
    }
    Ok((programme, functions))
}

/// The programme, of which this write will change what a function of the actor's institution is about; whoever else
/// changes something there waits.
///
/// # Errors
/// 404 when the institution has no function there, 409 when it has not this one.
pub(in crate::programmes::store) async fn demand(
    w: &Write,
    id: ProgrammeId,
    function: Function,
) -> Result<(Programme, Functions), Problem> {
    programmes::lock(w, id).await?;
    let (programme, functions) = functions(w.db(), w.actor(), id).await?;
    if !w.actor().is_system() && !functions.has(w.actor().organisation, function) {
        return Err(Problem::conflict("not-your-function").with("function", function));
    }
    Ok((programme, functions))
}

/// The same for operations that ask for a state of the programme.
pub(super) async fn demand_in_state(
    w: &Write,
    id: ProgrammeId,
    function: Function,
) -> Result<(Programme, Functions), Problem> {
    let (programme, functions) = demand(w, id, function).await?;
    w.in_state(programme.state)?;
    Ok((programme, functions))
}

/// Appoints an institution to a function, in the name of the strategic direction.
///
/// # Errors
/// 404, 409 for whoever does not steer the programme or has an interest in the institution, 422 for what is no institution, or has the function already.
pub async fn appoint(w: &Write, id: ProgrammeId, new: NewAppointment) -> Result<Appointment, Problem> {
    let (_, functions) = demand_in_state(w, id, Function::Direction).await?;
    firms::find_kind(w.db(), w.actor(), new.institution, Kind::Institution)
        .await
        .map_err(|_| Problem::field("/institution", "no-such-institution"))?;
    interests::demand_none(w, [new.institution]).await?;
    let asked = appointment::Entity::find()
        .filter(appointment::Column::ProgrammeId.eq(id))
        .filter(appointment::Column::InstitutionId.eq(new.institution))
        .filter(appointment::Column::Function.eq(new.function))
        .filter(appointment::Column::State.eq(AppointmentState::Offered));
    if functions.has(new.institution, new.function) || asked.one(w.db()).await?.is_some() {
        return Err(Problem::field("/institution", "appointed-already"));
    }
    let row = appointment::Model {
        id: w.new_id(),
        programme_id: id,
        institution_id: new.institution,
        function: new.function,
        state: AppointmentState::Offered,
        statement: new.statement,
        appointed_by: w.actor().account,
        appointed_at: w.at(),
        answered_by: None,
        answered_at: None,
        ended_at: None,
        reason: None,
        version: 1,
    };
    appointment::Entity::insert(appointment::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    let details = json!({ "programme": id, "institution": row.institution_id, "function": row.function });
    w.record("appointment", row.id, &details).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// The appointment, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_appointment(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: AppointmentId,
) -> Result<Appointment, Problem> {
    let found = appointment::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, actor, found.ok_or_else(Problem::not_found)?).await
}

/// The appointments that the actor may see, of one programme where asked.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_appointments(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: Option<ProgrammeId>,
    window: &Window,
) -> Result<Page<Appointment>, Problem> {
    let mut query = appointment::Entity::find().filter(visible(actor));
    if let Some(programme) = programme {
        query = query.filter(appointment::Column::ProgrammeId.eq(programme));
    }
    let page = window.fetch(actor, query, appointment::Column::Id, |row| row.id.0, &programme, db).await?;
    Ok(Page { items: complete(db, actor, page.items).await?, next: page.next, prev: page.prev })
}

/// The appointment and its programme, which nobody else changes until this write ends.
async fn hold(w: &Write, id: AppointmentId, version: IfVersion) -> Result<appointment::Model, Problem> {
    let seen = appointment::Entity::find_by_id(id).filter(visible(w.actor())).one(w.db()).await?;
    programmes::lock(w, seen.ok_or_else(Problem::not_found)?.programme_id).await?;
    let found = appointment::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    w.in_state(found.state)?;
    version.check(found.version)?;
    Ok(found)
}

/// Only the appointed institution answers.
fn demand_asked(w: &Write, found: &appointment::Model) -> Result<(), Problem> {
    if w.actor().is_system() || found.institution_id == w.actor().organisation {
        return Ok(());
    }
    Err(Problem::conflict("not-the-appointed"))
}

async fn moved(
    w: &Write,
    found: &appointment::Model,
    step: AppointmentMove,
    mut row: appointment::ActiveModel,
) -> Result<appointment::Model, Problem> {
    let state = step.from(found.state).ok_or_else(|| Problem::conflict("appointed-already"))?;
    row.id = Set(found.id);
    row.state = Set(state);
    row.version = Set(found.version + 1);
    let row = row.update(w.db()).await?;
    let details = json!({ "programme": found.programme_id, "function": found.function, "state": state, "reason": row.reason });
    w.record("appointment", found.id, &details).await?;
    Ok(row)
}

/// Accepts an appointment of the actor's institution. Direction and coordination are one institution's: whoever was
/// appointed to them before is so no more.
///
/// # Errors
/// 404, 409 when it was answered or is another institution's, 412 for a stale version.
pub async fn accept(w: &Write, id: AppointmentId, version: IfVersion) -> Result<Appointment, Problem> {
    let found = hold(w, id, version).await?;
    demand_asked(w, &found)?;
    if found.function != Function::Execution {
        let before = appointment::Entity::find()
            .filter(appointment::Column::ProgrammeId.eq(found.programme_id))
            .filter(appointment::Column::Function.eq(found.function))
            .filter(appointment::Column::State.eq(AppointmentState::Held));
        for other in before.all(w.db()).await? {
            let row = appointment::ActiveModel { ended_at: Set(Some(w.at())), ..Default::default() };
            moved(w, &other, AppointmentMove::Replace, row).await?;
        }
    }
    let row = answered(w, None);
    complete_one(w.db(), w.actor(), moved(w, &found, AppointmentMove::Accept, row).await?).await
}

fn answered(w: &Write, reason: Option<String>) -> appointment::ActiveModel {
    appointment::ActiveModel {
        answered_by: Set(Some(w.actor().account)),
        answered_at: Set(Some(w.at())),
        reason: Set(reason),
        ..Default::default()
    }
}

/// Declines an appointment of the actor's institution.
///
/// # Errors
/// 404, 409 when it was answered or is another institution's, 412 for a stale version.
pub async fn decline(
    w: &Write,
    id: AppointmentId,
    version: IfVersion,
    reason: String,
) -> Result<Appointment, Problem> {
    let found = hold(w, id, version).await?;
    demand_asked(w, &found)?;
    let row = answered(w, Some(reason));
    complete_one(w.db(), w.actor(), moved(w, &found, AppointmentMove::Decline, row).await?).await
}

/// Ends an appointment: the direction takes it back, or the appointed institution resigns.
///
/// # Errors
/// 404, 409 for whoever is neither or has an interest in the institution, or when it is over, 412 for a stale version.
pub async fn end(
    w: &Write,
    id: AppointmentId,
    version: IfVersion,
    reason: String,
) -> Result<Appointment, Problem> {
    let found = hold(w, id, version).await?;
    if found.institution_id != w.actor().organisation && !w.actor().is_system() {
        let (_, functions) = functions(w.db(), w.actor(), found.programme_id).await?;
        if functions.direction != w.actor().organisation {
            return Err(Problem::conflict("not-your-function").with("function", Function::Direction));
        }
    }
    interests::demand_none(w, [found.institution_id]).await?;
    let row = appointment::ActiveModel {
        ended_at: Set(Some(w.at())),
        reason: Set(Some(reason)),
        ..Default::default()
    };
    complete_one(w.db(), w.actor(), moved(w, &found, AppointmentMove::End, row).await?).await
}

async fn complete_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    row: appointment::Model,
) -> Result<Appointment, Problem> {
    complete(db, actor, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

async fn complete(
    db: &impl ConnectionTrait,
    actor: &Actor,
    rows: Vec<appointment::Model>,
) -> Result<Vec<Appointment>, Problem> {
    let names = programmes::names(db, actor, rows.iter().map(|row| row.programme_id)).await?;
    let appointment = |row: appointment::Model| Appointment {
        id: row.id,
        programme: row.programme_id,
        programme_name: names.get(&row.programme_id).cloned().unwrap_or_default(),
        institution: row.institution_id,
        function: row.function,
        state: row.state,
        statement: row.statement,
        appointed_at: row.appointed_at,
        answered_at: row.answered_at,
        ended_at: row.ended_at,
        reason: row.reason,
        version: row.version,
    };
    Ok(rows.into_iter().map(appointment).collect())
}
