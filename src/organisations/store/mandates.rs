//! Mandates that suppliers have given.

use sea_orm::{ActiveValue::Set, Condition, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{institution_firm, mandate, membership},
    firms,
    people::is_administrator,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{MandateId, OrganisationId},
        problem::Problem,
    },
    organisations::mandates::{Given, MandateMove, MandateState, NewMandate, Scope},
};

/// The supplier's own people; of the institution the person who has it, all where nobody is named, and its
/// administrators.
fn visible(actor: &Actor) -> Condition {
    let all = Condition::all();
    match actor.kind() {
        None if actor.is_system() => all,
        Some(Kind::Supplier) => all.add(mandate::Column::FirmId.eq(actor.organisation)),
        Some(Kind::Institution) => {
            let of = all.add(mandate::Column::InstitutionId.eq(actor.organisation));
            if is_administrator(actor.role) { of } else { of.add(held_by(actor)) }
        }
        Some(Kind::LeadFirm) | None => all.add(Expr::val(false)),
    }
}

/// Given to the person, or to all of the institution.
fn held_by(actor: &Actor) -> Condition {
    Condition::any()
        .add(mandate::Column::AccountId.is_null())
        .add(mandate::Column::AccountId.eq(actor.account))
}

/// Gives a mandate of the actor's own supplier.
///
/// # Errors
/// 422 for an institution that does not work with it, a person who is none of its members, or a day that is past.
pub async fn give(w: &Write, new: NewMandate) -> Result<(Given, MandateState), Problem> {
    let firm = firms::find(w.db(), w.actor(), w.actor().organisation).await?;
    let works_with = institution_firm::Entity::find_by_id((new.institution, firm.id)).one(w.db()).await?;
    works_with.ok_or_else(|| Problem::field("/institution", "not-an-institution-of-yours"))?;
    if let Some(account) = new.account {
        let member = membership::Entity::find_by_id((account, new.institution)).one(w.db()).await?;
        member.ok_or_else(|| Problem::field("/account", "no-person-of-the-institution"))?;
    }
    let on = firm.day(w.at());
    if new.until < on {
        return Err(Problem::field("/until", "in-the-past"));
    }
    let row = mandate::Model {
        id: w.new_id(),
        firm_id: firm.id,
        institution_id: new.institution,
        account_id: new.account,
        scope: new.scope,
        purpose: new.purpose,
        until_on: new.until,
        given_by: w.actor().account,
        given_at: w.at(),
        revoked_by: None,
        revoked_at: None,
        version: 1,
    };
    mandate::Entity::insert(mandate::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({ "institution": row.institution_id, "account": row.account_id, "scope": row.scope,
        "until": row.until_on });
    w.record("mandate", row.id, &details).await?;
    Ok(with_state(row, on))
}

/// The mandate, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: MandateId,
    at: Timestamp,
) -> Result<(Given, MandateState), Problem> {
    let found = mandate::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let on = firms::day(db, actor, found.firm_id, at).await?;
    Ok(with_state(found, on))
}

/// The mandates that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
    at: Timestamp,
) -> Result<Page<(Given, MandateState)>, Problem> {
    let query = mandate::Entity::find().filter(visible(actor));
    let page = window.fetch(actor, query, mandate::Column::Id, |row| row.id.0, &actor.account, db).await?;
    let Page { items, next, prev } = page;
    let mut shown = Vec::with_capacity(items.len());
    for row in items {
        let on = firms::day(db, actor, row.firm_id, at).await?;
        shown.push(with_state(row, on));
    }
    Ok(Page { items: shown, next, prev })
}

/// Revokes a mandate of the actor's own supplier.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is over.
pub async fn revoke(w: &Write, id: MandateId, version: IfVersion) -> Result<(Given, MandateState), Problem> {
    let query = mandate::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    let found = query.one(w.db()).await?.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    let on = firms::day(w.db(), w.actor(), found.firm_id, w.at()).await?;
    let (given, state) = with_state(found, on);
    w.next(state, MandateMove::Revoke.from(state))?;
    let row = mandate::ActiveModel {
        id: Set(id),
        revoked_by: Set(Some(w.actor().account)),
        revoked_at: Set(Some(w.at())),
        version: Set(given.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    w.record("mandate", id, &json!({ "revoked": true })).await?;
    Ok(with_state(row, on))
}

/// The mandate under which the actor acts for a firm in this, and nobody takes back until the write ends.
///
/// # Errors
/// 409 without one, for whoever has shown that they see what it would be about.
pub async fn demand(w: &Write, firm: OrganisationId, scope: Scope) -> Result<MandateId, Problem> {
    let rows = mandate::Entity::find()
        .filter(mandate::Column::FirmId.eq(firm))
        .filter(mandate::Column::InstitutionId.eq(w.actor().organisation))
        .filter(mandate::Column::Scope.eq(scope))
        .filter(held_by(w.actor()))
        .lock_shared()
        .all(w.db())
        .await?;
    let on = firms::day(w.db(), w.actor(), firm, w.at()).await?;
    let mut in_force = rows.into_iter().map(|row| with_state(row, on));
    let found = in_force.find(|(_, state)| *state == MandateState::InForce);
    Ok(found.ok_or_else(|| Problem::conflict("no-mandate"))?.0.id)
}

/// The mandates that nobody has taken back and whose last day lies between these.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn until(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<Given>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = mandate::Entity::find()
        .filter(mandate::Column::RevokedAt.is_null())
        .filter(mandate::Column::UntilOn.between(from, until))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| with_state(row, from).0).collect())
}

fn with_state(row: mandate::Model, on: Day) -> (Given, MandateState) {
    let given = Given {
        id: row.id,
        firm: row.firm_id,
        institution: row.institution_id,
        account: row.account_id,
        scope: row.scope,
        purpose: row.purpose,
        until: row.until_on,
        given_by: row.given_by,
        given_at: row.given_at,
        revoked_at: row.revoked_at,
        version: row.version,
    };
    let state = given.state(on);
    (given, state)
}
