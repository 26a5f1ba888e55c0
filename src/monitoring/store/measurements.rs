//! What is measured of firms, and their answers.

use std::collections::{BTreeMap, btree_map::Entry};

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{answer, measurement, round},
    rounds::{by_id, is_seen, visible as rounds_visible},
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
        ids::{MeasurementId, MeasurementRoundId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    monitoring::{
        catalogue::{self, Reporter},
        rounds::{Given, Measurement, NewAnswer, Said, Standing, State, reports},
    },
    programmes::{self, Programme},
};

/// Which measurements to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one round.
    pub round: Option<MeasurementRoundId>,
    /// Of one firm.
    pub firm: Option<OrganisationId>,
    /// Of one indicator.
    pub indicator: Option<String>,
    /// Of which this is known.
    pub state: Option<Standing>,
    /// Only what should have been answered by now.
    pub overdue: bool,
}

fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::Institution) => {
            let seen = round::Entity::find().select_only().column(round::Column::Id);
            Condition::all().add(
                measurement::Column::RoundId.in_subquery(seen.filter(rounds_visible(actor)).into_query()),
            )
        }
        Some(Kind::Supplier | Kind::LeadFirm) => {
            Condition::all().add(measurement::Column::FirmId.eq(actor.organisation))
        }
        None => Condition::all().add(Expr::val(false)),
    }
}

/// What is measured that the actor may see. What is overdue goes by the programmes' days at that moment.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list_measurements(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: Filter,
    at: Timestamp,
    window: &Window,
) -> Result<Page<Measurement>, Problem> {
    let mut query = measurement::Entity::find().filter(visible(actor));
    if let Some(round) = filter.round {
        query = query.filter(measurement::Column::RoundId.eq(round));
    }
    if let Some(firm) = filter.firm {
        query = query.filter(measurement::Column::FirmId.eq(firm));
    }
    if let Some(indicator) = &filter.indicator {
        query = query.filter(measurement::Column::Indicator.eq(indicator));
    }
    if let Some(state) = filter.state {
        query = query.filter(measurement::Column::Standing.eq(state));
    }
    if filter.overdue {
        query = query
            .filter(measurement::Column::Standing.eq(Standing::Asked))
            .filter(measurement::Column::RoundId.is_in(late_rounds(db, at).await?));
    }
    let page = window.fetch(actor, query, measurement::Column::Id, |row| row.id.0, &filter, db).await?;
    let Page { items, next, prev } = page;
    Ok(Page { items: complete(db, items, at).await?, next, prev })
}

/// The open rounds whose due day has passed in their programmes.
async fn late_rounds(db: &impl ConnectionTrait, at: Timestamp) -> Result<Vec<MeasurementRoundId>, Problem> {
    // No zone is more than a day ahead of UTC.
    let open = round::Entity::find()
        .filter(round::Column::State.eq(State::Open))
        .filter(round::Column::DueOn.lte(at.day()));
    let (mut late, mut days) = (Vec::new(), BTreeMap::new());
    for row in open.all(db).await? {
        let today = match days.entry(row.programme_id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => *place.insert(programme_of(db, row.programme_id).await?.day(at)),
        };
        if row.due_on < today {
            late.push(row.id);
        }
    }
    Ok(late)
}

/// The programme of a round, whoever asks: its currency and its days.
async fn programme_of(db: &impl ConnectionTrait, id: ProgrammeId) -> Result<Programme, Problem> {
    programmes::store::find(db, &Actor::system(OrganisationId(Uuid::nil())), id).await
}

/// What is measured, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_measurement(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MeasurementId,
    at: Timestamp,
) -> Result<Measurement, Problem> {
    let found = measurement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, found.ok_or_else(Problem::not_found)?, at).await
}

async fn complete_one(
    db: &impl ConnectionTrait,
    row: measurement::Model,
    at: Timestamp,
) -> Result<Measurement, Problem> {
    complete(db, vec![row], at).await?.pop().ok_or_else(|| Problem::internal("no measurement of a row"))
}

async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<measurement::Model>,
    at: Timestamp,
) -> Result<Vec<Measurement>, Problem> {
    let rounds = by_id(db, rows.iter().map(|row| row.round_id)).await?;
    let mut programmes = BTreeMap::new();
    for round in rounds.values() {
        if let Entry::Vacant(place) = programmes.entry(round.programme) {
            place.insert(programme_of(db, round.programme).await?);
        }
    }
    let given = answer::Entity::find()
        .filter(answer::Column::MeasurementId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(answer::Column::MeasurementId)
        .order_by_asc(answer::Column::Revision);
    let mut answers: BTreeMap<MeasurementId, Vec<Given>> = BTreeMap::new();
    for row in given.all(db).await? {
        answers.entry(row.measurement_id).or_default().push(row.try_into()?);
    }
    let whole = |row: measurement::Model| {
        let missing = || Problem::internal(format!("measurement {} without its round", row.id));
        let round = rounds.get(&row.round_id).ok_or_else(missing)?.clone();
        let indicator = catalogue::version(round.catalogue).and_then(|shipped| shipped.find(&row.indicator));
        let indicator = indicator.ok_or_else(missing)?;
        let programme = programmes.get(&round.programme).ok_or_else(missing)?;
        let is_late = round.state == State::Open && round.due_on < programme.day(at);
        Ok(Measurement {
            id: row.id,
            firm: row.firm_id,
            unit: indicator.unit.name(programme.currency).to_string(),
            indicator,
            round,
            overdue: is_late && row.standing == Standing::Asked,
            standing: row.standing,
            reminded_at: row.reminded_at,
            answers: answers.remove(&row.id).unwrap_or_default(),
            version: row.version,
        })
    };
    rows.into_iter().map(whole).collect()
}

/// Answers what was asked of the actor's organisation, or says that it is unknown. What was answered before stays on
/// record.
///
/// # Errors
/// 404, 412 for a stale version; 409 when it is on record, reported by somebody else, or the round is closed; 422 with
/// every fault.
pub async fn answer(
    w: &Write,
    id: MeasurementId,
    version: IfVersion,
    new: NewAnswer,
) -> Result<Measurement, Problem> {
    let query = measurement::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let row = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let found = complete_one(w.db(), row, w.at()).await?;
    version.check(found.version)?;
    w.in_state(found.standing)?;
    // Nobody closes it in between.
    let open = round::Entity::find_by_id(found.round.id).lock_shared().one(w.db()).await?;
    if open.is_none_or(|round| round.state != State::Open) {
        return Err(Problem::conflict("round-closed"));
    }
    let is_the_firm = w.actor().organisation == found.firm;
    let is_institution =
        w.actor().kind() == Some(Kind::Institution) && is_seen(w.db(), w.actor(), found.round.id).await?;
    if !w.actor().is_system() && !reports(found.indicator.reporter, is_the_firm, is_institution) {
        return Err(reported_by(found.indicator.reporter));
    }
    let programme = programme_of(w.db(), found.round.programme).await?;
    let (step, said) = new.settle(found.indicator, programme.currency).map_err(Problem::invalid)?;
    let standing = w.next(found.standing, step.from(found.standing))?;
    let late = programme.day(w.at()) > found.round.due_on;
    let (unknown, note) = match &said {
        Said::Value(_) => (None, None),
        Said::Unknown(because, note) => (Some(*because), note.clone()),
    };
    let given = answer::ActiveModel {
        measurement_id: Set(id),
        revision: Set(found.present().map_or(0, |given| given.revision) + 1),
        value: Set(said.value().map(ToString::to_string)),
        unknown: Set(unknown),
        note: Set(note),
        basis: Set(None),
        late: Set(late),
        answered_by: Set(Some(w.actor().account)),
        answered_at: Set(w.at()),
    };
    answer::Entity::insert(given).exec_without_returning(w.db()).await?;
    let row = measurement::ActiveModel {
        id: Set(id),
        standing: Set(standing),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    // The trail says that something was answered, not what: figures belong to the firm.
    w.record("measurement", id, &json!({ "standing": standing, "unknown": unknown, "late": late })).await?;
    complete_one(w.db(), row, w.at()).await
}

fn reported_by(reporter: Reporter) -> Problem {
    Problem::conflict("measurement-of-another").with("reporter", reporter)
}

impl TryFrom<answer::Model> for Given {
    type Error = Problem;

    fn try_from(row: answer::Model) -> Result<Self, Problem> {
        let said = match (row.value, row.unknown) {
            (Some(value), None) => Said::Value(value.parse().map_err(Problem::internal)?),
            (None, Some(because)) => Said::Unknown(because, row.note),
            _ => return Err(Problem::internal("an answer that is neither known nor unknown")),
        };
        Ok(Self {
            revision: row.revision,
            said,
            basis: row.basis.map(|basis| serde_json::from_str(&basis)).transpose()?,
            late: row.late,
            by: row.answered_by,
            at: row.answered_at,
        })
    }
}
