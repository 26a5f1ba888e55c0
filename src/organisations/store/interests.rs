//! Declared interests, and the one check that every decision asks.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, Condition, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{interest, membership},
    firms,
    people::is_administrator,
    second_factor,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{AccountId, InterestId, OrganisationId},
        problem::Problem,
    },
    organisations::interests::{Interest, InterestMove, InterestState, NewInterest, Queued},
};

/// The person's own ones; an administrator's also those of the organisation's people.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    let own = Condition::any().add(interest::Column::AccountId.eq(actor.account));
    if is_administrator(actor.role) {
        return own.add(interest::Column::OrganisationId.eq(actor.organisation));
    }
    own
}

/// The day by which the actor's organisation counts.
async fn today(db: &impl ConnectionTrait, actor: &Actor, at: Timestamp) -> Result<Day, Problem> {
    firms::day(db, actor, actor.organisation, at).await
}

/// Declares an interest of the actor's own.
///
/// # Errors
/// 422 for an organisation that the actor does not see, or its own.
pub async fn declare(w: &Write, new: NewInterest) -> Result<(Interest, InterestState), Problem> {
    keep(w, w.actor().account, new).await
}

/// Records an interest of a member of the actor's organisation.
///
/// # Errors
/// 404 for no member of it, 422 for an organisation that the actor does not see, or its own.
pub async fn record(
    w: &Write,
    account: AccountId,
    new: NewInterest,
) -> Result<(Interest, InterestState), Problem> {
    let member = membership::Entity::find_by_id((account, w.actor().organisation)).one(w.db()).await?;
    member.ok_or_else(Problem::not_found)?;
    keep(w, account, new).await
}

async fn keep(w: &Write, account: AccountId, new: NewInterest) -> Result<(Interest, InterestState), Problem> {
    let own = w.actor().organisation;
    let unknown = || Problem::field("/party", "no-such-firm");
    let party = firms::find(w.db(), w.actor(), new.party).await;
    let party = party.map_err(|problem| if problem == Problem::not_found() { unknown() } else { problem })?;
    if party.id == own {
        return Err(unknown());
    }
    let on = today(w.db(), w.actor(), w.at()).await?;
    let from = new.from.unwrap_or(on);
    if new.until.is_some_and(|until| until < from) {
        return Err(Problem::field("/until", "ends-before-start"));
    }
    let row = interest::Model {
        id: w.new_id(),
        account_id: account,
        organisation_id: own,
        party_id: party.id,
        nature: new.nature,
        text: new.text,
        from_on: from,
        until_on: new.until,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
        ended_by: None,
        ended_at: None,
        ended_because: None,
        version: 1,
    };
    interest::Entity::insert(interest::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({ "account": account, "party": row.party_id, "nature": row.nature });
    w.record("interest", row.id, &details).await?;
    Ok(with_state(row, on))
}

/// The interest, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: InterestId,
    at: Timestamp,
) -> Result<(Interest, InterestState), Problem> {
    let found = interest::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(with_state(found, today(db, actor, at).await?))
}

/// The interests that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
    at: Timestamp,
) -> Result<Page<(Interest, InterestState)>, Problem> {
    let query = interest::Entity::find().filter(visible(actor));
    let page = window.fetch(actor, query, interest::Column::Id, |row| row.id.0, &actor.account, db).await?;
    let on = today(db, actor, at).await?;
    Ok(page.map(|row| with_state(row, on)))
}

/// Ends an interest. What an administrator has recorded of a person, that person does not end.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is over or was recorded by somebody else of oneself.
pub async fn end(
    w: &Write,
    id: InterestId,
    version: IfVersion,
    reason: String,
) -> Result<(Interest, InterestState), Problem> {
    let query = interest::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let on = today(w.db(), w.actor(), w.at()).await?;
    let (seen, state) = with_state(found, on);
    w.next(state, InterestMove::End.from(state))?;
    if seen.account == w.actor().account && seen.recorded_by != seen.account {
        return Err(Problem::conflict("interest-recorded-by-another"));
    }
    let row = interest::ActiveModel {
        id: Set(id),
        ended_by: Set(Some(w.actor().account)),
        ended_at: Set(Some(w.at())),
        ended_because: Set(Some(reason)),
        version: Set(seen.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("interest", id, &json!({ "ended": true, "reason": row.ended_because })).await?;
    Ok(with_state(row, on))
}

/// Those of these organisations in which the actor has an interest now, or in one under common control with
/// them, each with the name of the organisation that was declared. A buyer group stands for its firms.
///
/// # Errors
/// What the database said.
pub async fn conflicts(
    db: &impl ConnectionTrait,
    actor: &Actor,
    at: Timestamp,
    parties: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>, Problem> {
    let mut found = BTreeMap::new();
    if actor.is_system() {
        return Ok(found);
    }
    let rows = interest::Entity::find()
        .filter(interest::Column::AccountId.eq(actor.account))
        .filter(interest::Column::EndedAt.is_null())
        .all(db)
        .await?;
    let on = today(db, actor, at).await?;
    let in_force = |row: interest::Model| {
        let (interest, state) = with_state(row, on);
        (state == InterestState::InForce).then_some(interest.party)
    };
    let declared: BTreeSet<_> = rows.into_iter().filter_map(in_force).collect();
    if declared.is_empty() {
        return Ok(found);
    }
    let parties: BTreeSet<_> = parties.into_iter().filter(|party| *party != actor.organisation).collect();
    let service = Actor::system(actor.organisation);
    let known = firms::find_all(db, &service, declared.iter().chain(&parties).copied()).await?;
    let key = |id: OrganisationId| {
        known.iter().find(|firm| firm.id == id).map_or(id.0, crate::organisations::Organisation::buyer_key)
    };
    for party in parties {
        let of = known.iter().find(|firm| declared.contains(&firm.id) && firm.buyer_key() == key(party));
        if let Some(of) = of {
            found.insert(party, of.name.clone());
        }
    }
    Ok(found)
}

/// Of things to be decided, each with its parties: whether the actor has an interest in one of them now, and so decides
/// nothing about it. `None` for what has no party to name, and for everybody who is no institution's.
///
/// # Errors
/// What the database said.
pub async fn recused(
    db: &impl ConnectionTrait,
    actor: &Actor,
    at: Timestamp,
    things: &[Vec<OrganisationId>],
) -> Result<Vec<Option<bool>>, Problem> {
    if actor.kind() != Some(Kind::Institution) {
        return Ok(vec![None; things.len()]);
    }
    let found = conflicts(db, actor, at, things.iter().flatten().copied()).await?;
    let concerned = |parties: &Vec<OrganisationId>| parties.iter().any(|party| found.contains_key(party));
    Ok(things.iter().map(|parties| (!parties.is_empty()).then(|| concerned(parties))).collect())
}

/// A page of things to be decided as its reader's queue: `parties` says whom a thing concerns, `shown` how it is shown.
///
/// # Errors
/// What the database said.
pub async fn queued<T, J>(
    base: &Base,
    actor: &Actor,
    page: Page<T>,
    parties: impl Fn(&T) -> Vec<OrganisationId>,
    mut shown: impl FnMut(T) -> J,
) -> Result<Page<Queued<J>>, Problem> {
    let parties: Vec<_> = page.items.iter().map(parties).collect();
    let mut recused = recused(base.db.reads(), actor, base.clock.now(), &parties).await?.into_iter();
    Ok(page.map(|thing| Queued::new(shown(thing), recused.next().flatten())))
}

/// The [`conflicts`] of whoever writes. A write of an operation that decides commits only when it has asked; one that
/// approves is refused here to whoever lacks the second factor that the settings ask for.
///
/// # Errors
/// 403 `second-factor-missing`, and what the database said.
pub async fn ask(
    w: &Write,
    parties: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>, Problem> {
    w.has_asked_for_interests();
    second_factor::demand_of_approver(w).await?;
    conflicts(w.db(), w.actor(), w.at(), parties).await
}

/// The check before a decision about these organisations.
///
/// # Errors
/// 409 `conflict-of-interest` when whoever decides has an interest in one of them.
pub async fn demand_none(
    w: &Write,
    parties: impl IntoIterator<Item = OrganisationId>,
) -> Result<(), Problem> {
    let found = ask(w, parties).await?;
    found.into_values().next().map_or(Ok(()), |name| Err(conflict(&name)))
}

/// What keeps a person from deciding who has an interest in the organisation of this name.
pub fn conflict(name: &str) -> Problem {
    Problem::conflict("conflict-of-interest").with("organisation", name)
}

fn with_state(row: interest::Model, on: Day) -> (Interest, InterestState) {
    let interest = Interest {
        id: row.id,
        account: row.account_id,
        organisation: row.organisation_id,
        party: row.party_id,
        nature: row.nature,
        text: row.text,
        from: row.from_on,
        until: row.until_on,
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
        ended_at: row.ended_at,
        ended_because: row.ended_because,
        version: row.version,
    };
    let state = interest.state(on);
    (interest, state)
}
