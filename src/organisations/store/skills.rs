//! Processes and certificates of suppliers.

use sea_orm::{ActiveValue::Set, PaginatorTrait, QueryOrder, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::entities::{capacity, supplier_certificate, supplier_process};
use crate::{
    foundation::{
        access::Actor,
        clock::Day,
        db::Write,
        ids::{CertificateId, OrganisationId},
        problem::{FieldError, OnConstraint, Problem},
    },
    organisations::{
        consents::Purpose,
        skills::{Certificate, MOST_CERTIFICATES, NewCertificate, Process, Skills, StatedProcess},
        store::{consents, ledger},
    },
};

/// What a supplier can do, for whoever sees its profile.
///
/// # Errors
/// 404 for everybody else.
pub async fn skills(
    db: &impl ConnectionTrait,
    actor: &Actor,
    supplier: OrganisationId,
) -> Result<Skills, Problem> {
    consents::demand_sight(db, actor, supplier, Purpose::Profile).await?;
    let processes = supplier_process::Entity::find()
        .filter(supplier_process::Column::SupplierId.eq(supplier))
        .order_by_asc(supplier_process::Column::Process)
        .all(db)
        .await?;
    let certificates = supplier_certificate::Entity::find()
        .filter(supplier_certificate::Column::SupplierId.eq(supplier))
        .order_by_asc(supplier_certificate::Column::Id)
        .all(db)
        .await?;
    Ok(Skills {
        processes: processes.into_iter().map(Process::from).collect(),
        certificates: certificates.into_iter().map(Certificate::from).collect(),
    })
}

/// States a process of the actor's own firm; stating it again replaces it.
///
/// # Errors
/// What the database said.
pub async fn state_process(w: &Write, process: String, stated: StatedProcess) -> Result<(), Problem> {
    let supplier = w.actor().organisation;
    let row = supplier_process::ActiveModel {
        supplier_id: Set(supplier),
        process: Set(process.clone()),
        code: Set(stated.code),
        description: Set(stated.description),
        since_year: Set(stated.since_year.and_then(|year| i32::try_from(year).ok())),
    };
    let key = [supplier_process::Column::SupplierId, supplier_process::Column::Process];
    let columns = [
        supplier_process::Column::Code,
        supplier_process::Column::Description,
        supplier_process::Column::SinceYear,
    ];
    supplier_process::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("profile", supplier, &json!({ "process": process })).await
}

/// Takes a process of the actor's own firm back.
///
/// # Errors
/// 404 when it has stated none of that name.
pub async fn remove_process(w: &Write, process: String) -> Result<(), Problem> {
    let supplier = w.actor().organisation;
    let gone = supplier_process::Entity::delete_by_id((supplier, process.clone())).exec(w.db()).await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("profile", supplier, &json!({ "process": process, "removed": true })).await
}

/// Takes a capacity of the actor's own firm back.
///
/// # Errors
/// 404 when it has stated none of that name.
pub async fn remove_capacity(w: &Write, process: String) -> Result<(), Problem> {
    let supplier = w.actor().organisation;
    let gone = capacity::Entity::delete_by_id((supplier, process.clone())).exec(w.db()).await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("profile", supplier, &json!({ "capacity": process, "removed": true })).await
}

/// Adds a certificate of the actor's own firm.
///
/// # Errors
/// 422 when it has one of this scheme and number, or too many.
pub async fn add_certificate(w: &Write, new: NewCertificate) -> Result<Certificate, Problem> {
    let supplier = w.actor().organisation;
    // So that two at once don't both find room for the last.
    ledger::lock(w, [supplier]).await?;
    let own =
        supplier_certificate::Entity::find().filter(supplier_certificate::Column::SupplierId.eq(supplier));
    if own.count(w.db()).await? >= MOST_CERTIFICATES as u64 {
        let error = FieldError::new("/scheme", "too-many").with("most", MOST_CERTIFICATES);
        return Err(Problem::invalid(vec![error]));
    }
    let row = supplier_certificate::Model {
        id: w.new_id(),
        supplier_id: supplier,
        scheme: new.scheme,
        number: new.number,
        issuer: new.issuer,
        scope: new.scope,
        issued_on: new.issued_on,
        expires_on: new.expires_on,
    };
    supplier_certificate::Entity::insert(supplier_certificate::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await
        .on_constraint("uq_supplier_certificates__supplier_id__scheme__number", || {
            Problem::field("/number", "twice")
        })?;
    w.record("profile", supplier, &json!({ "certificate": row.id, "scheme": row.scheme })).await?;
    Ok(row.into())
}

/// The certificates whose last day lies between these, each with its supplier.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn certificates_until(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<(Certificate, OrganisationId)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = supplier_certificate::Entity::find()
        .filter(supplier_certificate::Column::ExpiresOn.between(from, until))
        .order_by_asc(supplier_certificate::Column::Id)
        .all(db)
        .await?;
    let whose = |row: supplier_certificate::Model| {
        let supplier = row.supplier_id;
        (row.into(), supplier)
    };
    Ok(rows.into_iter().map(whose).collect())
}

/// Takes a certificate of the actor's own firm back.
///
/// # Errors
/// 404 for none of its own.
pub async fn remove_certificate(w: &Write, id: CertificateId) -> Result<(), Problem> {
    let supplier = w.actor().organisation;
    let gone = supplier_certificate::Entity::delete_many()
        .filter(supplier_certificate::Column::Id.eq(id))
        .filter(supplier_certificate::Column::SupplierId.eq(supplier))
        .exec(w.db())
        .await?;
    if gone.rows_affected == 0 {
        return Err(Problem::not_found());
    }
    w.record("profile", supplier, &json!({ "certificate": id, "removed": true })).await
}

impl From<supplier_process::Model> for Process {
    fn from(row: supplier_process::Model) -> Self {
        Self {
            process: row.process,
            code: row.code,
            description: row.description,
            since_year: row.since_year.map(i64::from),
        }
    }
}

impl From<supplier_certificate::Model> for Certificate {
    fn from(row: supplier_certificate::Model) -> Self {
        Self {
            id: row.id,
            scheme: row.scheme,
            number: row.number,
            issuer: row.issuer,
            scope: row.scope,
            issued_on: row.issued_on,
            expires_on: row.expires_on,
        }
    }
}
