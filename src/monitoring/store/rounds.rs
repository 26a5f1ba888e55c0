//! Rounds: opened for a network, closed, and whoever is late reminded.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{answer, measurement, round},
    known::{Firm, Records},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{MeasurementRoundId, NetworkId, ProgrammeId},
        jobs::NewJob,
        problem::{OnConstraint, Problem},
    },
    monitoring::{
        catalogue::{self, About, Source},
        jobs::{REMIND, follow},
        rounds::{Because, NewRound, Round, RoundMove, Standing, State},
    },
    programmes::{self, networks::Network},
};

/// How many rows go into one statement; SQLite takes at most 32,766 values.
const CHUNK: usize = 1_000;
/// So many days after a reminder the next one goes out.
const BETWEEN_REMINDERS: i64 = 14;
const DAY: i64 = 86_400;

/// Whom a round shows itself to: the people of the institution who see its network.
pub(super) fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::Institution) => Condition::all()
            .add(round::Column::ProgrammeId.in_subquery(programmes::store::seen_by(actor)))
            .add(round::Column::NetworkId.in_subquery(programmes::store::networks(actor))),
        _ => Condition::all().add(Expr::val(false)),
    }
}

/// The network, for the people of its institution who see it.
pub(super) async fn network(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Network, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    programmes::store::find_network(db, actor, id).await
}

/// Opens a round: asks every firm of the network for what the catalogue measures at that moment, and answers at once
/// what is on record.
///
/// # Errors
/// 404 when the actor sees no such network, 409 when nobody belongs to it, 422 with every fault.
pub async fn open_round(w: &Write, id: NetworkId, new: NewRound) -> Result<Round, Problem> {
    let network = network(w.db(), w.actor(), id).await?;
    let service = Actor::system(w.actor().organisation);
    let programme = programmes::store::find(w.db(), &service, network.programme).await?;
    let today = programme.day(w.at());
    let earlier = of_network(w.db(), &service, id).await?;
    let (as_of, errors) = new.settle(today, &earlier);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let suppliers = programmes::store::participants(w.db(), &service, programme.id, Some(id)).await?;
    let firms = suppliers.iter().map(|firm| (*firm, About::Supplier));
    let firms: Vec<_> = firms.chain(network.lead_firms.iter().map(|firm| (*firm, About::LeadFirm))).collect();
    if firms.is_empty() {
        return Err(Problem::conflict("nobody-to-measure"));
    }
    let catalogue = catalogue::present();
    let row = round::Model {
        id: w.new_id(),
        network_id: id,
        programme_id: programme.id,
        moment: new.moment,
        as_of,
        due_on: new.due_on,
        state: State::Open,
        catalogue: catalogue.version,
        opened_by: w.actor().account,
        opened_at: w.at(),
        closed_at: None,
        version: 1,
    };
    round::Entity::insert(round::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_measurement_rounds__network_id__moment", || {
            Problem::field("/moment", "moment-measured-already")
        })?;
    let records = Records::of(w.db(), &service, &programme, as_of, w.at()).await?;
    let (mut questions, mut answers) = (Vec::new(), Vec::new());
    for (firm, about) in firms {
        let on_record = Firm::of(w.db(), &service, &records, firm, about).await?;
        for indicator in catalogue.at(about, new.moment) {
            let known =
                (indicator.source != Source::Asked).then(|| on_record.value(&indicator.code)).flatten();
            let standing = match (&known, indicator.source) {
                (Some(_), _) => Standing::Known,
                (None, Source::Known) => Standing::NotOnRecord,
                (None, _) => Standing::Asked,
            };
            let question = measurement::Model {
                id: w.new_id(),
                round_id: row.id,
                firm_id: firm,
                indicator: indicator.code.clone(),
                standing,
                reminded_at: None,
                version: 1,
            };
            if standing != Standing::Asked {
                let (value, basis) = known.unzip();
                answers.push(answer::ActiveModel {
                    measurement_id: Set(question.id),
                    revision: Set(1),
                    unknown: Set(value.is_none().then_some(Because::NotOnRecord)),
                    value: Set(value.map(|value| value.to_string())),
                    note: Set(None),
                    basis: Set(basis.map(|basis| basis.to_string())),
                    late: Set(false),
                    answered_by: Set(None),
                    answered_at: Set(w.at()),
                });
            }
            questions.push(measurement::ActiveModel::from(question));
        }
    }
    let details = json!({ "network": id, "moment": row.moment, "as_of": as_of, "due_on": row.due_on,
        "measured": questions.len(), "on_record": answers.len() });
    for rows in questions.chunks(CHUNK) {
        measurement::Entity::insert_many(rows.to_vec()).exec_without_returning(w.db()).await?;
    }
    for rows in answers.chunks(CHUNK) {
        answer::Entity::insert_many(rows.to_vec()).exec_without_returning(w.db()).await?;
    }
    w.record("measurement_round", row.id, &details).await?;
    remind_later(w, row.id, row.due_on.days_since(today) + 1).await?;
    if earlier.is_empty() {
        // From now on the network is followed from month to month.
        w.enqueue(follow(id, 0)).await?;
    }
    Ok(row.into())
}

async fn remind_later(w: &Write, id: MeasurementRoundId, days: i64) -> Result<(), Problem> {
    let job = NewJob::new(REMIND, json!({ "round": id }));
    w.enqueue(NewJob { delay_seconds: days.max(1) * DAY, ..job }).await
}

/// The rounds of a network, in the order of their moments.
pub(super) async fn of_network(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
) -> Result<Vec<Round>, Problem> {
    let query = round::Entity::find().filter(visible(actor)).filter(round::Column::NetworkId.eq(id));
    let mut rounds: Vec<Round> = query.all(db).await?.into_iter().map(Round::from).collect();
    rounds.sort_by_key(|round| round.moment);
    Ok(rounds)
}

/// The rounds of a network that the actor sees.
///
/// # Errors
/// 404 when it sees no such network, 422 for a cursor of another list.
pub async fn list_rounds(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    window: &Window,
) -> Result<Page<Round>, Problem> {
    network(db, actor, id).await?;
    let query = round::Entity::find().filter(visible(actor)).filter(round::Column::NetworkId.eq(id));
    let page = window.fetch(actor, query, round::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(page.map(Round::from))
}

/// The round, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_round(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MeasurementRoundId,
) -> Result<Round, Problem> {
    let found = round::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.map(Round::from).ok_or_else(Problem::not_found)
}

/// How many of a round's questions stand how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// By what is known.
    pub by_standing: BTreeMap<Standing, i64>,
    /// Of those that nobody has answered, how many should have been.
    pub overdue: i64,
}

/// How far a round is, for whoever sees it, on a day of its programme.
///
/// # Errors
/// 404 otherwise.
pub async fn tally(
    db: &impl ConnectionTrait,
    actor: &Actor,
    found: &Round,
    today: Day,
) -> Result<Tally, Problem> {
    find_round(db, actor, found.id).await?;
    let counted: Vec<(Standing, i64)> = measurement::Entity::find()
        .filter(measurement::Column::RoundId.eq(found.id))
        .select_only()
        .column(measurement::Column::Standing)
        .column_as(measurement::Column::Id.count(), "found")
        .group_by(measurement::Column::Standing)
        .into_tuple()
        .all(db)
        .await?;
    let by_standing: BTreeMap<_, _> = counted.into_iter().collect();
    let is_late = found.state == State::Open && found.due_on < today;
    let overdue = by_standing.get(&Standing::Asked).copied().filter(|_| is_late).unwrap_or_default();
    Ok(Tally { by_standing, overdue })
}

async fn hold(w: &Write, id: MeasurementRoundId) -> Result<Round, Problem> {
    let query = round::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    query.one(w.db()).await?.map(Round::from).ok_or_else(Problem::not_found)
}

/// Closes a round: it takes no more answers.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is closed already.
pub async fn close_round(w: &Write, id: MeasurementRoundId, version: IfVersion) -> Result<Round, Problem> {
    let found = hold(w, id).await?;
    version.check(found.version)?;
    let state = w.next(found.state, RoundMove::Close.from(found.state))?;
    let row = round::ActiveModel {
        id: Set(id),
        state: Set(state),
        closed_at: Set(Some(w.at())),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("measurement_round", id, &json!({ "state": state })).await?;
    Ok(row.into())
}

/// Marks whoever has not answered as reminded, and comes back in two weeks while anybody is missing. Does nothing once
/// the round is closed, or before its due day has passed.
///
/// # Errors
/// What the database said.
pub async fn remind(w: &Write, id: MeasurementRoundId) -> Result<u64, Problem> {
    let found = hold(w, id).await?;
    let today = programmes::store::today(w, found.programme).await?;
    let is_due = found.state == State::Open && found.due_on < today;
    let row = measurement::ActiveModel { reminded_at: Set(Some(w.at())), ..Default::default() };
    let missing = if is_due {
        measurement::Entity::update_many()
            .set(row)
            .filter(measurement::Column::RoundId.eq(id))
            .filter(measurement::Column::Standing.eq(Standing::Asked))
            .exec(w.db())
            .await?
            .rows_affected
    } else {
        0
    };
    if missing > 0 {
        remind_later(w, id, BETWEEN_REMINDERS).await?;
    } else if found.state == State::Open && !is_due {
        remind_later(w, id, found.due_on.days_since(today) + 1).await?;
    }
    w.record("measurement_round", id, &json!({ "reminded": missing })).await?;
    Ok(missing)
}

/// Whether an organisation has a say in a round's network: the institution's people who see it.
pub(super) async fn is_seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MeasurementRoundId,
) -> Result<bool, Problem> {
    Ok(round::Entity::find_by_id(id).filter(visible(actor)).one(db).await?.is_some())
}

/// Of which network these rounds are, of those that the actor sees or is asked in.
///
/// # Errors
/// What the database said.
pub async fn networks_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<MeasurementRoundId>,
) -> Result<Vec<(MeasurementRoundId, NetworkId)>, Problem> {
    let asked = measurement::Entity::find()
        .select_only()
        .column(measurement::Column::RoundId)
        .filter(measurement::Column::FirmId.eq(actor.organisation))
        .into_query();
    let query = round::Entity::find()
        .select_only()
        .columns([round::Column::Id, round::Column::NetworkId])
        .filter(Condition::any().add(visible(actor)).add(round::Column::Id.in_subquery(asked)))
        .filter(round::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The rounds of these ids, whoever sees them.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = MeasurementRoundId>,
) -> Result<BTreeMap<MeasurementRoundId, Round>, Problem> {
    let query = round::Entity::find().filter(round::Column::Id.is_in(ids));
    let rounds = query.order_by_asc(round::Column::Id).all(db).await?;
    Ok(rounds.into_iter().map(|row| (row.id, Round::from(row))).collect())
}

/// The rounds of a programme, of all its networks.
pub(super) async fn of_programme(db: &impl ConnectionTrait, id: ProgrammeId) -> Result<Vec<Round>, Problem> {
    let query = round::Entity::find().filter(round::Column::ProgrammeId.eq(id));
    Ok(query.order_by_asc(round::Column::Id).all(db).await?.into_iter().map(Round::from).collect())
}

impl From<round::Model> for Round {
    fn from(row: round::Model) -> Self {
        Self {
            id: row.id,
            network: row.network_id,
            programme: row.programme_id,
            moment: row.moment,
            as_of: row.as_of,
            due_on: row.due_on,
            state: row.state,
            catalogue: row.catalogue,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            version: row.version,
        }
    }
}
