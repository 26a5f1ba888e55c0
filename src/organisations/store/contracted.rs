//! What contracts do to the sales ledger beside entering it: ending their entry, and announcing its end.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::entities::buyer_sale;
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        ids::{LotId, OrganisationId},
        problem::Problem,
    },
    organisations::SalesSource,
};

/// The one entry of this source and reference.
type Key = (OrganisationId, OrganisationId, SalesSource, String);

/// Takes an entry out of the ledger; one that is not there stays away.
///
/// # Errors
/// What the database said.
pub async fn end_buyer_sales(
    w: &Write,
    supplier: OrganisationId,
    buyer: OrganisationId,
    source: SalesSource,
    reference: &str,
) -> Result<(), Problem> {
    let key: Key = (supplier, buyer, source, reference.to_owned());
    buyer_sale::Entity::delete_by_id(key).exec(w.db()).await?;
    w.record("profile", supplier, &json!({ "buyer": buyer, "source": source, "ended": reference })).await
}

/// Which lots will replace entries of this source, by their reference: for the service itself, which shows it with what
/// the entries come from.
///
/// # Errors
/// 404 for everybody else.
pub async fn replaced_by(
    db: &impl ConnectionTrait,
    service: &Actor,
    source: SalesSource,
    references: Vec<String>,
) -> Result<BTreeMap<String, LotId>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = buyer_sale::Entity::find()
        .filter(buyer_sale::Column::Source.eq(source))
        .filter(buyer_sale::Column::Reference.is_in(references))
        .filter(buyer_sale::Column::ReplacedByLot.is_not_null());
    Ok(query
        .all(db)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.reference, row.replaced_by_lot?)))
        .collect())
}

/// Notes which lot will replace an entry, if any: a match of that lot with the supplier takes its place. Answers
/// what was noted before.
///
/// # Errors
/// 404 when there is no such entry.
pub async fn replace_by_lot(
    w: &Write,
    supplier: OrganisationId,
    buyer: OrganisationId,
    source: SalesSource,
    reference: &str,
    lot: Option<LotId>,
) -> Result<Option<LotId>, Problem> {
    let key: Key = (supplier, buyer, source, reference.to_owned());
    let found = buyer_sale::Entity::find_by_id(key).one(w.db()).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let before = found.replaced_by_lot;
    let mut row: buyer_sale::ActiveModel = found.into();
    row.replaced_by_lot = Set(lot);
    row.update(w.db()).await?;
    w.record("profile", supplier, &json!({ "buyer": buyer, "source": source, "replaced_by": lot })).await?;
    Ok(before)
}
