//! Programmes: who sees them, how they move on, and their rules.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::SelectStatement,
};
use serde_json::json;

use super::entities::{member, programme, rules_version};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        fields::Fault,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::ProgrammeId,
        page::filters::at_in_words,
        problem::{FieldError, Problem},
        zone::Zone,
    },
    organisations::store::ledger,
    programmes::{Move, NewProgramme, Programme, Rules, RulesVersion, State},
};

/// Whom a programme shows itself to: its institution, its members.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() == Some(Kind::Institution) {
        return Condition::all().add(programme::Column::InstitutionId.eq(actor.organisation));
    }
    let mine = member::Entity::find()
        .select_only()
        .column(member::Column::ProgrammeId)
        .filter(member::Column::OrganisationId.eq(actor.organisation))
        .into_query();
    Condition::all().add(programme::Column::Id.in_subquery(mine))
}

/// The ids of the programmes that the actor sees, as a subquery for the stages above.
pub fn seen_by(actor: &Actor) -> SelectStatement {
    programme::Entity::find().select_only().column(programme::Column::Id).filter(visible(actor)).into_query()
}

/// The programme, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ProgrammeId) -> Result<Programme, Problem> {
    seen(db, actor, id).await?.ok_or_else(Problem::not_found)
}

/// The programme, if the actor may see it: whoever proposes or executes in one sees of it only that.
pub async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Option<Programme>, Problem> {
    let found = programme::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.map(TryInto::try_into).transpose()
}

/// The programme, whose state and rules nobody changes until the write ends.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn hold(w: &Write, id: ProgrammeId) -> Result<Programme, Problem> {
    let found =
        programme::Entity::find_by_id(id).filter(visible(w.actor())).lock_shared().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// The programme's calendar day at the moment of this write, by which its rules are judged: for whoever takes
/// part in it, sees it or not.
///
/// # Errors
/// 404 for no such programme.
pub async fn today(w: &Write, id: ProgrammeId) -> Result<Day, Problem> {
    Ok(find(w.db(), &Actor::system(w.actor().organisation), id).await?.day(w.at()))
}

/// A moment in words, by the clocks of the programme and in the actor's language: for whoever takes part in it, sees it
/// or not.
///
/// # Errors
/// 404 for no such programme.
pub async fn moment(w: &Write, id: ProgrammeId, at: Timestamp) -> Result<String, Problem> {
    let zone = find(w.db(), &Actor::system(w.actor().organisation), id).await?.time_zone;
    Ok(at_in_words(at, &zone, w.actor().locale))
}

/// Whoever else would lock the programme waits until this write ends: what its functions decide is decided one by one.
pub(super) async fn lock(w: &Write, id: ProgrammeId) -> Result<(), Problem> {
    let found = programme::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    found.map(drop).ok_or_else(Problem::not_found)
}

/// By whose clocks programmes go, for whoever was shown something of them.
///
/// # Errors
/// What the database said.
pub async fn zones(
    db: &impl ConnectionTrait,
    _: &Actor,
    ids: impl IntoIterator<Item = ProgrammeId>,
) -> Result<BTreeMap<ProgrammeId, Zone>, Problem> {
    let rows = programme::Entity::find().filter(programme::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.time_zone.unwrap_or_default())).collect())
}

/// The names of programmes, for whoever was shown something of them.
///
/// # Errors
/// What the database said.
pub async fn names(
    db: &impl ConnectionTrait,
    _: &Actor,
    ids: impl IntoIterator<Item = ProgrammeId>,
) -> Result<BTreeMap<ProgrammeId, String>, Problem> {
    let rows = programme::Entity::find().filter(programme::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// 409 once the programme is over; it is not closed before this write ends.
pub(super) async fn demand_unclosed(w: &Write, id: ProgrammeId) -> Result<(), Problem> {
    let found = programme::Entity::find_by_id(id).lock_shared().one(w.db()).await?;
    let state = found.ok_or_else(Problem::not_found)?.state;
    if state == State::Closed {
        return Err(Problem::conflict("programme-not-open").with("state", state));
    }
    Ok(())
}

/// The programme of the actor's own institution, which this write will change.
pub(super) async fn own(w: &Write, id: ProgrammeId) -> Result<Programme, Problem> {
    let found =
        programme::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// Only the institution (and the service itself) sees who takes part.
pub(super) async fn for_institution(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Programme, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    find(db, actor, id).await
}

/// The programmes that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    state: Option<State>,
    window: &Window,
) -> Result<Page<Programme>, Problem> {
    let mut query = programme::Entity::find().filter(visible(actor));
    if let Some(state) = state {
        query = query.filter(programme::Column::State.eq(state));
    }
    let page = window.fetch(actor, query, programme::Column::Id, |row| row.id.0, &state, db).await?;
    let items = page.items.into_iter().map(Programme::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, prev: page.prev })
}

/// Sets up a programme of the actor's institution.
///
/// # Errors
/// What the database said.
pub async fn create(w: &Write, new: NewProgramme) -> Result<Programme, Problem> {
    let row = programme::Model {
        id: w.new_id(),
        institution_id: w.actor().organisation,
        name: new.name,
        currency: new.currency,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        state: State::Draft,
        rules: serde_json::to_string(&new.rules)?,
        rules_version: 1,
        created_at: w.at(),
        version: 1,
        time_zone: Some(new.time_zone),
        locality: Some(new.locality).filter(|locality| !locality.is_empty()),
    };
    programme::Entity::insert(programme::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    keep_rules(w, &row).await?;
    w.record("programme", row.id, &json!({ "name": row.name, "rules": new.rules })).await?;
    row.try_into()
}

/// Opens a programme.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft.
pub async fn open(w: &Write, id: ProgrammeId, version: IfVersion) -> Result<Programme, Problem> {
    make(w, id, version, Move::Open).await
}

/// Closes a programme.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not open.
pub async fn close(w: &Write, id: ProgrammeId, version: IfVersion) -> Result<Programme, Problem> {
    make(w, id, version, Move::Close).await
}

async fn make(w: &Write, id: ProgrammeId, version: IfVersion, step: Move) -> Result<Programme, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    let state = w.next(found.state, step.from(found.state))?;
    let row = programme::ActiveModel {
        id: Set(id),
        state: Set(state),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("programme", id, &json!({ "state": state })).await?;
    row.try_into()
}

/// Keeps the rules as they are now, under their version.
async fn keep_rules(w: &Write, row: &programme::Model) -> Result<(), Problem> {
    let kept = rules_version::ActiveModel {
        programme_id: Set(row.id),
        rules_version: Set(row.rules_version),
        rules: Set(row.rules.clone()),
        changed_by: Set(Some(w.actor().account)),
        changed_at: Set(w.at()),
    };
    rules_version::Entity::insert(kept).exec_without_returning(w.db()).await?;
    Ok(())
}

/// Every version of a programme's rules, oldest first, for whoever sees the programme.
///
/// # Errors
/// 404 for everybody else.
pub async fn rules_versions(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Vec<RulesVersion>, Problem> {
    find(db, actor, id).await?;
    let rows = rules_version::Entity::find()
        .filter(rules_version::Column::ProgrammeId.eq(id))
        .order_by_asc(rules_version::Column::RulesVersion)
        .all(db)
        .await?;
    rows.into_iter().map(RulesVersion::try_from).collect()
}

/// One version of a programme's rules.
///
/// # Errors
/// 404 when the actor does not see the programme, or it has no such version.
pub async fn rules_version(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    version: i64,
) -> Result<RulesVersion, Problem> {
    find(db, actor, id).await?;
    let found = rules_version::Entity::find_by_id((id, version)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// Changes the rules. What was solved or approved before keeps the rules of its time.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is closed, 422 for amounts in another currency.
pub async fn change_rules(
    w: &Write,
    id: ProgrammeId,
    version: IfVersion,
    rules: Rules,
) -> Result<Programme, Problem> {
    let found = own(w, id).await?;
    version.check(found.version)?;
    w.next(found.state, Move::ChangeRules.from(found.state))?;
    let misfits = rules.misfits(found.currency);
    if !misfits.is_empty() {
        let error = |(place, fault): (String, Fault)| FieldError {
            pointer: format!("/{place}"),
            code: fault.0,
            args: fault.1,
        };
        return Err(Problem::invalid(misfits.into_iter().map(error).collect()));
    }
    // Approvals of its suppliers in other programmes rest on these rules as well, and hold the suppliers alone.
    let suppliers = member::Entity::find()
        .filter(member::Column::ProgrammeId.eq(id))
        .filter(member::Column::Kind.eq(Kind::Supplier));
    let suppliers = suppliers.all(w.db()).await?.into_iter().map(|row| row.organisation_id);
    ledger::lock(w, suppliers).await?;
    let row = programme::ActiveModel {
        id: Set(id),
        rules: Set(serde_json::to_string(&rules)?),
        rules_version: Set(found.rules_version + 1),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    keep_rules(w, &row).await?;
    let details = json!({ "rules_version": row.rules_version, "rules": rules, "before": found.rules });
    w.record("programme", id, &details).await?;
    row.try_into()
}

impl TryFrom<programme::Model> for Programme {
    type Error = Problem;

    fn try_from(row: programme::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            institution: row.institution_id,
            name: row.name,
            currency: row.currency,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            time_zone: row.time_zone.unwrap_or_default(),
            locality: row.locality.unwrap_or_default(),
            state: row.state,
            rules: serde_json::from_str(&row.rules)?,
            rules_version: row.rules_version,
            version: row.version,
        })
    }
}

impl TryFrom<rules_version::Model> for RulesVersion {
    type Error = Problem;

    fn try_from(row: rules_version::Model) -> Result<Self, Problem> {
        Ok(Self {
            version: row.rules_version,
            rules: serde_json::from_str(&row.rules)?,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
        })
    }
}
