//! Meetings as they are kept.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{agreement, meeting, network_member, participant},
    networks::{networks, own as own_network, sides},
    programmes::today,
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
        ids::{AgreementId, MeetingId, NetworkId, OrganisationId},
        problem::{FieldError, Problem},
    },
    programmes::{
        meetings::{
            Agreement, Fulfilment, Meeting, MeetingMove, MeetingState, Minutes, NewMeeting, Participant,
        },
        networks::Standing,
    },
};

/// The organisations that take part, and the people of the institution who see the network.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    let named = participant::Entity::find()
        .select_only()
        .column(participant::Column::MeetingId)
        .filter(participant::Column::OrganisationId.eq(actor.organisation))
        .into_query();
    match actor.kind() {
        Some(Kind::Institution) => {
            Condition::all().add(meeting::Column::NetworkId.in_subquery(networks(actor)))
        }
        _ => Condition::all().add(meeting::Column::Id.in_subquery(named)),
    }
}

/// Calls a meeting or a visit.
///
/// # Errors
/// 404 when the actor has no part in such a network, 409 once it is closed; 422 for whoever is not in it, or whom the
/// actor does not know there.
pub async fn call(w: &Write, id: NetworkId, new: NewMeeting) -> Result<Meeting, Problem> {
    let found = own_network(w, id).await?;
    let selected = network_member::Entity::find()
        .filter(network_member::Column::NetworkId.eq(id))
        .filter(network_member::Column::State.eq(Standing::Selected))
        .all(w.db())
        .await?;
    let own = w.actor().organisation;
    let mut known: BTreeSet<OrganisationId> = sides(w, &found).await?.into_iter().collect();
    if !known.contains(&own) && !selected.iter().any(|row| row.organisation_id == own) {
        return Err(Problem::not_found());
    }
    w.in_state(found.state)?;
    // Suppliers do not know each other.
    if w.actor().kind() != Some(Kind::Supplier) {
        known.extend(selected.iter().map(|row| row.organisation_id));
    }
    let named = new.participants.iter().enumerate();
    let unknown = named.filter(|(_, firm)| **firm == own || !known.contains(firm));
    let errors: Vec<_> = unknown
        .map(|(at, _)| FieldError::new(format!("/participants/{at}"), "no-such-participant"))
        .collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = meeting::Model {
        id: w.new_id(),
        network_id: id,
        kind: new.kind,
        held_on: new.held_on,
        place: new.place,
        purpose: new.purpose,
        state: MeetingState::Planned,
        called_for: own,
        called_by: w.actor().account,
        called_at: w.at(),
        cancelled_because: None,
        version: 1,
    };
    meeting::Entity::insert(meeting::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let all: BTreeSet<_> = new.participants.into_iter().chain([own]).collect();
    let rows = all.iter().map(|organisation| participant::ActiveModel {
        meeting_id: Set(row.id),
        organisation_id: Set(*organisation),
        people: Set(String::new()),
        attended: Set(None),
        confirmed_by: Set(None),
        confirmed_at: Set(None),
    });
    participant::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    let details = json!({ "network": id, "kind": row.kind, "held_on": row.held_on, "participants": all });
    w.record("meeting", row.id, &details).await?;
    complete_one(w.db(), row).await
}

/// The meeting, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find_meeting(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MeetingId,
) -> Result<Meeting, Problem> {
    let found = meeting::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, found.ok_or_else(Problem::not_found)?).await
}

/// Of which network these meetings are, of those that the actor may see.
///
/// # Errors
/// What the database said.
pub async fn networks_of_meetings(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<MeetingId>,
) -> Result<Vec<(MeetingId, NetworkId)>, Problem> {
    let query = meeting::Entity::find()
        .select_only()
        .columns([meeting::Column::Id, meeting::Column::NetworkId])
        .filter(visible(actor))
        .filter(meeting::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}

/// The meetings of a network that the actor may see.
///
/// # Errors
/// 404 when the actor sees no such network, 422 for a cursor of another list.
pub async fn list_meetings(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: NetworkId,
    window: &Window,
) -> Result<Page<Meeting>, Problem> {
    super::networks::find_network(db, actor, id).await?;
    let query = meeting::Entity::find().filter(visible(actor)).filter(meeting::Column::NetworkId.eq(id));
    let page = window.fetch(actor, query, meeting::Column::Id, |row| row.id.0, &id, db).await?;
    let Page { items, next, prev } = page;
    Ok(Page { items: complete(db, items).await?, next, prev })
}

/// The meetings that are planned for a day between these, and of meetings whose minutes are written what was promised
/// until a day between them and is not done.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn meetings_and_promises(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<(Vec<Meeting>, Vec<(Meeting, Agreement)>), Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let planned = meeting::Entity::find()
        .filter(meeting::Column::State.eq(MeetingState::Planned))
        .filter(meeting::Column::HeldOn.between(from, until))
        .order_by_asc(meeting::Column::Id);
    let planned = complete(db, planned.all(db).await?).await?;
    let is_due = Condition::all()
        .add(agreement::Column::DoneOn.is_null())
        .add(agreement::Column::UntilOn.between(from, until));
    let due = agreement::Entity::find()
        .select_only()
        .column(agreement::Column::MeetingId)
        .filter(is_due)
        .into_query();
    let held = meeting::Entity::find().filter(meeting::Column::Id.in_subquery(due));
    let held = complete(db, held.order_by_asc(meeting::Column::Id).all(db).await?).await?;
    let promised = |of: Meeting| {
        let is_due = |one: &Agreement| one.done_on.is_none() && (from..=until).contains(&one.until);
        let due: Vec<_> = of.agreements.iter().filter(|one| is_due(one)).cloned().collect();
        due.into_iter().map(move |one| (of.clone(), one))
    };
    Ok((planned, held.into_iter().flat_map(promised).collect()))
}

/// The meeting that this write will change, of which the actor's organisation is a part.
async fn held(w: &Write, id: MeetingId, version: IfVersion) -> Result<Meeting, Problem> {
    let query = meeting::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let found = complete_one(w.db(), query.one(w.db()).await?.ok_or_else(Problem::not_found)?).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    let own = w.actor().organisation;
    if found.participants.iter().any(|participant| participant.organisation == own) {
        return Ok(found);
    }
    // The institution sees what others have met for, and takes no part in it.
    Err(Problem::conflict("not-a-participant"))
}

async fn moved(w: &Write, found: &Meeting, state: MeetingState) -> Result<Meeting, Problem> {
    let row = meeting::ActiveModel {
        id: Set(found.id),
        state: Set(state),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("meeting", found.id, &json!({ "state": state })).await?;
    complete_one(w.db(), row).await
}

/// Writes the minutes, in place of what was written before; with that the actor's organisation confirms them.
///
/// # Errors
/// 404, 412 for a stale version, 409 once they are confirmed or it is cancelled; 422 before its day, or for
/// organisations that are no part of it.
pub async fn write_minutes(
    w: &Write,
    id: MeetingId,
    version: IfVersion,
    new: Minutes,
) -> Result<Meeting, Problem> {
    let found = held(w, id, version).await?;
    let network = own_network(w, found.network).await?;
    let is_part = |firm: OrganisationId| found.participants.iter().any(|part| part.organisation == firm);
    let mut errors = Vec::new();
    for (at, came) in new.attendance.iter().enumerate() {
        let twice = new.attendance[..at].iter().any(|other| other.organisation == came.organisation);
        if twice || !is_part(came.organisation) {
            errors.push(FieldError::new(format!("/attendance/{at}/organisation"), "no-such-participant"));
        }
    }
    if !new.attendance.iter().any(|came| came.organisation == w.actor().organisation) {
        errors.push(FieldError::new("/attendance", "own-attendance-missing"));
    }
    for (at, agreed) in new.agreements.iter().enumerate() {
        if !is_part(agreed.who) {
            errors.push(FieldError::new(format!("/agreements/{at}/who"), "no-such-participant"));
        }
        if agreed.until < found.held_on {
            errors.push(FieldError::new(format!("/agreements/{at}/until"), "ends-before-start"));
        }
    }
    if found.held_on > today(w, network.programme_id).await? {
        errors.push(FieldError::new("/held_on", "in-the-future"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    for part in &found.participants {
        let came = new.attendance.iter().find(|came| came.organisation == part.organisation);
        let is_own = part.organisation == w.actor().organisation;
        let row = participant::ActiveModel {
            meeting_id: Set(id),
            organisation_id: Set(part.organisation),
            people: Set(came.map(|came| came.people.clone()).unwrap_or_default()),
            attended: Set(Some(came.is_some())),
            confirmed_by: Set(is_own.then_some(w.actor().account)),
            confirmed_at: Set(is_own.then_some(w.at())),
        };
        row.update(w.db()).await?;
    }
    agreement::Entity::delete_many().filter(agreement::Column::MeetingId.eq(id)).exec(w.db()).await?;
    let rows: Vec<_> = new
        .agreements
        .into_iter()
        .zip(0..)
        .map(|(new, turn)| agreement::ActiveModel {
            id: Set(w.new_id()),
            meeting_id: Set(id),
            turn: Set(turn),
            what: Set(new.what),
            who_id: Set(new.who),
            until_on: Set(new.until),
            done_on: Set(None),
            done_note: Set(None),
            done_for: Set(None),
        })
        .collect();
    if !rows.is_empty() {
        agreement::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    }
    let state = w.next(found.state, MeetingMove::Write.from(found.state))?;
    moved(w, &found, state).await
}

/// Confirms the minutes for the actor's organisation.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless the minutes are written and not confirmed, or the organisation has
/// confirmed or did not come.
pub async fn confirm_minutes(w: &Write, id: MeetingId, version: IfVersion) -> Result<Meeting, Problem> {
    let found = held(w, id, version).await?;
    let own = w.actor().organisation;
    let waits = |part: &&Participant| part.attended == Some(true) && part.confirmed_at.is_none();
    if !found.participants.iter().filter(waits).any(|part| part.organisation == own) {
        return Err(Problem::conflict("nothing-to-confirm-here"));
    }
    let row = participant::ActiveModel {
        meeting_id: Set(id),
        organisation_id: Set(own),
        confirmed_by: Set(Some(w.actor().account)),
        confirmed_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    let is_last = found.participants.iter().filter(waits).count() == 1;
    let step = if is_last { MeetingMove::ConfirmLast } else { MeetingMove::Confirm };
    let state = w.next(found.state, step.from(found.state))?;
    moved(w, &found, state).await
}

/// Cancels a meeting.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless it is planned.
pub async fn cancel_meeting(
    w: &Write,
    id: MeetingId,
    version: IfVersion,
    reason: String,
) -> Result<Meeting, Problem> {
    let found = held(w, id, version).await?;
    let state = w.next(found.state, MeetingMove::Cancel.from(found.state))?;
    let row =
        meeting::ActiveModel { id: Set(id), cancelled_because: Set(Some(reason)), ..Default::default() };
    row.update(w.db()).await?;
    moved(w, &found, state).await
}

/// Whoever has promised something says that it is done.
///
/// # Errors
/// 404 for no such agreement, 412 for a stale version, 409 before the minutes are written, for what another
/// organisation has promised, and what is done.
pub async fn fulfil(
    w: &Write,
    (id, agreed): (MeetingId, AgreementId),
    version: IfVersion,
    new: Fulfilment,
) -> Result<Meeting, Problem> {
    let found = held(w, id, version).await?;
    let own = w.actor().organisation;
    let promise = found.agreements.iter().find(|one| one.id == agreed).ok_or_else(Problem::not_found)?;
    if promise.who != own {
        return Err(Problem::conflict("promised-by-another"));
    }
    if let Some(day) = promise.done_on {
        return Err(Problem::conflict("agreement-done").with("day", day));
    }
    let network = own_network(w, found.network).await?;
    let row = agreement::ActiveModel {
        id: Set(agreed),
        done_on: Set(Some(today(w, network.programme_id).await?)),
        done_note: Set(Some(new.note)),
        done_for: Set(Some(own)),
        ..Default::default()
    };
    row.update(w.db()).await?;
    let state = w.next(found.state, MeetingMove::Fulfil.from(found.state))?;
    moved(w, &found, state).await
}

async fn complete_one(db: &impl ConnectionTrait, row: meeting::Model) -> Result<Meeting, Problem> {
    complete(db, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

async fn complete(db: &impl ConnectionTrait, rows: Vec<meeting::Model>) -> Result<Vec<Meeting>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut participants: BTreeMap<MeetingId, Vec<Participant>> = BTreeMap::new();
    let query = participant::Entity::find().filter(participant::Column::MeetingId.is_in(ids.clone()));
    for row in query.order_by_asc(participant::Column::OrganisationId).all(db).await? {
        participants.entry(row.meeting_id).or_default().push(Participant {
            organisation: row.organisation_id,
            people: row.people,
            attended: row.attended,
            confirmed_at: row.confirmed_at,
        });
    }
    let mut agreements: BTreeMap<MeetingId, Vec<Agreement>> = BTreeMap::new();
    let query = agreement::Entity::find().filter(agreement::Column::MeetingId.is_in(ids));
    for row in query.order_by_asc(agreement::Column::Turn).all(db).await? {
        agreements.entry(row.meeting_id).or_default().push(Agreement {
            id: row.id,
            what: row.what,
            who: row.who_id,
            until: row.until_on,
            done_on: row.done_on,
            done_note: row.done_note,
        });
    }
    let whole = |row: meeting::Model| Meeting {
        participants: participants.remove(&row.id).unwrap_or_default(),
        agreements: agreements.remove(&row.id).unwrap_or_default(),
        id: row.id,
        network: row.network_id,
        kind: row.kind,
        held_on: row.held_on,
        place: row.place,
        purpose: row.purpose,
        state: row.state,
        called_for: row.called_for,
        cancelled_because: row.cancelled_because,
        version: row.version,
    };
    Ok(rows.into_iter().map(whole).collect())
}
