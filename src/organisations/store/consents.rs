//! Consents per lead firm and purpose, and the log of them.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use super::{
    entities::{consent, consent_log},
    firms, ledger,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Timestamp,
        db::Write,
        http::list::{Page, Window},
        ids::OrganisationId,
        problem::Problem,
    },
    organisations::consents::{Consent, Event, Logged, Purpose},
};

/// Within this time the same person reading the same again is the same reading: an hour.
const SAME_READING_SECONDS: i64 = 3_600;

/// What belongs to a firm is seen by its own people, by the institutions that work with it, and by the lead firms
/// for which it has consented for this purpose.
///
/// # Errors
/// 404 for everybody else.
pub async fn demand_sight(
    db: &impl ConnectionTrait,
    actor: &Actor,
    firm: OrganisationId,
    purpose: Purpose,
) -> Result<(), Problem> {
    if actor.kind() == Some(Kind::LeadFirm) && actor.organisation != firm {
        return if has(db, actor, firm, purpose).await? { Ok(()) } else { Err(Problem::not_found()) };
    }
    ledger::demand_sight(db, actor, firm).await
}

/// Whether a supplier has consented for the actor's own lead firm and this purpose.
///
/// # Errors
/// What the database said.
pub async fn has(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: OrganisationId,
    purpose: Purpose,
) -> Result<bool, Problem> {
    let found = consent::Entity::find_by_id((supplier, actor.organisation, purpose)).one(db).await?;
    Ok(found.is_some_and(|row| row.revoked_at.is_none()))
}

/// The suppliers that have consented for the actor's own lead firm and this purpose, in id order.
///
/// # Errors
/// What the database said.
pub async fn consenting(
    db: &impl ConnectionTrait,
    actor: &Actor,
    purpose: Purpose,
) -> Result<Vec<OrganisationId>, Problem> {
    let query = consent::Entity::find()
        .filter(consent::Column::LeadFirmId.eq(actor.organisation))
        .filter(consent::Column::Purpose.eq(purpose))
        .filter(consent::Column::RevokedAt.is_null())
        .select_only()
        .column(consent::Column::SupplierId)
        .order_by_asc(consent::Column::SupplierId);
    Ok(query.into_tuple().all(db).await?)
}

/// The consents of the actor's own firm that hold, by lead firm.
///
/// # Errors
/// What the database said.
pub async fn consents(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<Consent>, Problem> {
    let rows = consent::Entity::find()
        .filter(consent::Column::SupplierId.eq(actor.organisation))
        .filter(consent::Column::RevokedAt.is_null())
        .order_by_asc(consent::Column::LeadFirmId)
        .order_by_asc(consent::Column::Purpose)
        .all(db)
        .await?;
    let show = |row: consent::Model| Consent {
        lead_firm: row.lead_firm_id,
        purpose: row.purpose,
        granted_at: row.granted_at,
        granted_by: row.granted_by,
    };
    Ok(rows.into_iter().map(show).collect())
}

/// Consents for a lead firm, for these purposes and no others; doing it again changes nothing.
///
/// # Errors
/// 404 for no lead firm.
pub async fn give(w: &Write, lead_firm: OrganisationId, purposes: &[Purpose]) -> Result<(), Problem> {
    firms::find_kind(w.db(), w.actor(), lead_firm, Kind::LeadFirm).await?;
    let present = of(w, lead_firm).await?;
    for purpose in Purpose::ALL {
        match (purposes.contains(purpose), present.contains(purpose)) {
            (true, false) => put(w, lead_firm, *purpose).await?,
            (false, true) => end(w, lead_firm, *purpose).await?,
            _ => {}
        }
    }
    w.record("consent", lead_firm, &json!({ "given": true, "purposes": purposes })).await
}

/// Takes every consent for a lead firm back.
///
/// # Errors
/// 404 when there is none.
pub async fn revoke(w: &Write, lead_firm: OrganisationId) -> Result<(), Problem> {
    let present = of(w, lead_firm).await?;
    if present.is_empty() {
        return Err(Problem::not_found());
    }
    for purpose in &present {
        end(w, lead_firm, *purpose).await?;
    }
    w.record("consent", lead_firm, &json!({ "given": false, "purposes": present })).await
}

async fn of(w: &Write, lead_firm: OrganisationId) -> Result<Vec<Purpose>, Problem> {
    let rows = consent::Entity::find()
        .filter(consent::Column::SupplierId.eq(w.actor().organisation))
        .filter(consent::Column::LeadFirmId.eq(lead_firm))
        .filter(consent::Column::RevokedAt.is_null())
        .lock_exclusive()
        .all(w.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.purpose).collect())
}

async fn put(w: &Write, lead_firm: OrganisationId, purpose: Purpose) -> Result<(), Problem> {
    let row = consent::ActiveModel {
        supplier_id: Set(w.actor().organisation),
        lead_firm_id: Set(lead_firm),
        purpose: Set(purpose),
        granted_at: Set(w.at()),
        granted_by: Set(w.actor().account),
        revoked_at: Set(None),
    };
    let key = [consent::Column::SupplierId, consent::Column::LeadFirmId, consent::Column::Purpose];
    let columns = [consent::Column::GrantedAt, consent::Column::GrantedBy, consent::Column::RevokedAt];
    consent::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    log(w, w.actor().organisation, lead_firm, purpose, Event::Given, None).await
}

async fn end(w: &Write, lead_firm: OrganisationId, purpose: Purpose) -> Result<(), Problem> {
    let row = consent::ActiveModel {
        supplier_id: Set(w.actor().organisation),
        lead_firm_id: Set(lead_firm),
        purpose: Set(purpose),
        revoked_at: Set(Some(w.at())),
        ..Default::default()
    };
    row.update(w.db()).await?;
    log(w, w.actor().organisation, lead_firm, purpose, Event::Revoked, None).await
}

async fn log(
    w: &Write,
    supplier: OrganisationId,
    lead_firm: OrganisationId,
    purpose: Purpose,
    event: Event,
    read: Option<(&'static str, Uuid)>,
) -> Result<(), Problem> {
    let row = consent_log::ActiveModel {
        id: Set(w.new_id()),
        supplier_id: Set(supplier),
        lead_firm_id: Set(lead_firm),
        purpose: Set(purpose),
        event: Set(event),
        account_id: Set(w.actor().account),
        subject: Set(read.map(|(subject, _)| subject.to_owned())),
        subject_id: Set(read.map(|(_, id)| id)),
        at: Set(w.at()),
    };
    consent_log::Entity::insert(row).exec_without_returning(w.db()).await?;
    Ok(())
}

/// Something of a supplier that the actor has read: whose, and which.
pub type Reading = (OrganisationId, Uuid);

/// Of what the actor has just read under consents, what is not in the suppliers' logs yet. Only lead firms read
/// under a consent.
///
/// # Errors
/// What the database said.
pub async fn unnoted(
    db: &impl ConnectionTrait,
    actor: &Actor,
    purpose: Purpose,
    readings: Vec<Reading>,
    now: Timestamp,
) -> Result<Vec<Reading>, Problem> {
    if actor.kind() != Some(Kind::LeadFirm) || readings.is_empty() {
        return Ok(Vec::new());
    }
    let noted = consent_log::Entity::find()
        .filter(consent_log::Column::SupplierId.is_in(readings.iter().map(|(supplier, _)| *supplier)))
        .filter(consent_log::Column::AccountId.eq(actor.account))
        .filter(consent_log::Column::Purpose.eq(purpose))
        .filter(consent_log::Column::Event.eq(Event::Read))
        .filter(consent_log::Column::At.gt(now.plus_seconds(-SAME_READING_SECONDS)))
        .all(db)
        .await?;
    let is_noted = |(supplier, id): &Reading| {
        noted.iter().any(|row| row.supplier_id == *supplier && row.subject_id == Some(*id))
    };
    Ok(readings.into_iter().filter(|reading| !is_noted(reading)).collect())
}

/// Notes in the suppliers' logs what the actor has read under their consents.
///
/// # Errors
/// What the database said.
pub async fn note(
    w: &Write,
    purpose: Purpose,
    subject: &'static str,
    readings: &[Reading],
) -> Result<(), Problem> {
    for (supplier, id) in readings {
        log(w, *supplier, w.actor().organisation, purpose, Event::Read, Some((subject, *id))).await?;
        w.record("consent", *supplier, &json!({ "read": subject, "id": id })).await?;
    }
    Ok(())
}

/// The log of the actor's own firm, oldest first.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn read_log(
    db: &impl ConnectionTrait,
    actor: &Actor,
    window: &Window,
) -> Result<Page<Logged>, Problem> {
    let query = consent_log::Entity::find().filter(consent_log::Column::SupplierId.eq(actor.organisation));
    let page = window.fetch(actor, query, consent_log::Column::Id, |row| row.id, &(), db).await?;
    Ok(page.map(|row| Logged {
        lead_firm: row.lead_firm_id,
        purpose: row.purpose,
        event: row.event,
        account: row.account_id,
        subject: row.subject,
        subject_id: row.subject_id,
        at: row.at,
    }))
}
