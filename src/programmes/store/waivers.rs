//! Waivers of the dependency cap.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{member, waiver},
    programmes::{for_institution, own},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::list::{Page, Window},
        ids::{OrganisationId, ProgrammeId, WaiverId},
        problem::{FieldError, Problem},
    },
    organisations::store::{firms, interests, ledger},
    programmes::{NewWaiver, Revoked, Waiver},
};

/// Signs a waiver. A later one for the same supplier and buyer takes the place of the earlier.
///
/// # Errors
/// 404 when the actor sees no such programme, 409 when it is closed, 422 for a supplier or lead firm that
/// is no member, or an expiry that has passed.
pub async fn sign_waiver(w: &Write, id: ProgrammeId, new: NewWaiver) -> Result<Waiver, Problem> {
    let found = own(w, id).await?;
    w.in_state(found.state)?;
    interests::demand_none(w, [new.supplier, new.lead_firm]).await?;
    let mut errors = Vec::new();
    for (firm, kind, pointer) in
        [(new.supplier, Kind::Supplier, "/supplier"), (new.lead_firm, Kind::LeadFirm, "/lead_firm")]
    {
        let row = member::Entity::find_by_id((id, firm)).one(w.db()).await?;
        if row.is_none_or(|row| row.kind != kind) {
            errors.push(FieldError::new(pointer, "not-a-member"));
        }
    }
    if new.expires_on < found.day(w.at()) {
        errors.push(FieldError::new("/expires_on", "in-the-past"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    // An approval in another programme rests on it as well, and holds the supplier alone.
    ledger::lock(w, [new.supplier]).await?;
    let lead_firm = firms::find_kind(w.db(), w.actor(), new.lead_firm, Kind::LeadFirm).await?;
    let row = waiver::Model {
        id: w.new_id(),
        programme_id: id,
        supplier_id: new.supplier,
        buyer_group_key: lead_firm.buyer_key(),
        dependency_cap_ppm: new.dependency_cap,
        reason: new.reason,
        signed_by: w.actor().account,
        signed_at: w.at(),
        expires_on: new.expires_on,
        revoked_at: None,
        revoked_by: None,
        revoked_because: None,
    };
    waiver::Entity::insert(waiver::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({
        "programme": id, "supplier": row.supplier_id, "buyer_group": row.buyer_group_key,
        "dependency_cap": row.dependency_cap_ppm, "reason": row.reason, "expires_on": row.expires_on,
    });
    w.record("waiver", row.id, &details).await?;
    Ok(row.into())
}

/// A programme's waivers, expired ones too, for its institution alone.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_waivers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    window: &Window,
) -> Result<Page<Waiver>, Problem> {
    for_institution(db, actor, id).await?;
    let query = waiver::Entity::find().filter(waiver::Column::ProgrammeId.eq(id));
    let page = window.fetch(actor, query, waiver::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(page.map(Waiver::from))
}

/// One waiver of a programme, for its institution alone.
///
/// # Errors
/// 404 for everybody else.
pub async fn find_waiver(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    waiver: WaiverId,
) -> Result<Waiver, Problem> {
    for_institution(db, actor, id).await?;
    let found = waiver::Entity::find_by_id(waiver).filter(waiver::Column::ProgrammeId.eq(id)).one(db).await?;
    found.map(Waiver::from).ok_or_else(Problem::not_found)
}

/// The waivers that the actor's own firm has in a programme, oldest first.
///
/// # Errors
/// 404 when the actor does not see the programme.
pub async fn own_waivers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<Vec<Waiver>, Problem> {
    super::programmes::find(db, actor, id).await?;
    let query = waiver::Entity::find()
        .filter(waiver::Column::ProgrammeId.eq(id))
        .filter(waiver::Column::SupplierId.eq(actor.organisation))
        .order_by_asc(waiver::Column::Id);
    Ok(query.all(db).await?.into_iter().map(Waiver::from).collect())
}

/// Revokes a waiver. What was approved under it stands; nothing more is.
///
/// # Errors
/// 404 when the actor's institution has no such waiver, 409 when it holds no more.
pub async fn revoke_waiver(
    w: &Write,
    id: ProgrammeId,
    waiver: WaiverId,
    reason: String,
) -> Result<Waiver, Problem> {
    let programme = own(w, id).await?;
    let found = find_waiver(w.db(), w.actor(), id, waiver).await?;
    ledger::lock(w, [found.supplier]).await?;
    w.in_state(found.state(programme.day(w.at())))?;
    // A buyer group stands for its firms.
    interests::demand_none(w, [found.supplier, OrganisationId(found.buyer_group)]).await?;
    let row = waiver::ActiveModel {
        id: Set(waiver),
        revoked_at: Set(Some(w.at())),
        revoked_by: Set(Some(w.actor().account)),
        revoked_because: Set(Some(reason)),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details = json!({
        "programme": id, "supplier": row.supplier_id, "buyer_group": row.buyer_group_key, "revoked": true,
        "reason": row.revoked_because,
    });
    w.record("waiver", waiver, &details).await?;
    Ok(row.into())
}

/// The waivers that hold on a day: of several for the same supplier and buyer, the one signed last.
///
/// # Errors
/// 404 for everybody but the institution and the service itself.
pub async fn waivers_in_force(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    day: Day,
) -> Result<Vec<Waiver>, Problem> {
    for_institution(db, actor, id).await?;
    let rows = waiver::Entity::find()
        .filter(waiver::Column::ProgrammeId.eq(id))
        .filter(waiver::Column::ExpiresOn.gte(day))
        .filter(waiver::Column::RevokedAt.is_null())
        .order_by_asc(waiver::Column::SignedAt)
        .order_by_asc(waiver::Column::Id)
        .all(db)
        .await?;
    let latest: BTreeMap<_, _> =
        rows.into_iter().map(|row| ((row.supplier_id, row.buyer_group_key), Waiver::from(row))).collect();
    Ok(latest.into_values().collect())
}

/// The waivers in force whose last day lies between these: one that a later one has taken the place of is none.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn waivers_until(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<Waiver>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let ending = waiver::Entity::find().filter(waiver::Column::ExpiresOn.between(from, until));
    let programmes: BTreeSet<ProgrammeId> =
        ending.all(db).await?.into_iter().map(|row| row.programme_id).collect();
    let mut found = Vec::new();
    for programme in programmes {
        let in_force = waivers_in_force(db, service, programme, from).await?;
        found.extend(in_force.into_iter().filter(|waiver| waiver.expires_on <= until));
    }
    Ok(found)
}

impl From<waiver::Model> for Waiver {
    fn from(row: waiver::Model) -> Self {
        Self {
            id: row.id,
            programme: row.programme_id,
            supplier: row.supplier_id,
            buyer_group: row.buyer_group_key,
            dependency_cap: row.dependency_cap_ppm,
            reason: row.reason,
            signed_by: row.signed_by,
            signed_at: row.signed_at,
            expires_on: row.expires_on,
            revoked: row.revoked_at.zip(row.revoked_by).map(|(at, by)| Revoked {
                at,
                by,
                reason: row.revoked_because.unwrap_or_default(),
            }),
        }
    }
}
