//! What closing gaps is worth, as the solver found it: matching writes it down here, where suggestions read it.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

use super::entities::worth;
use crate::foundation::{
    access::Actor,
    db::Write,
    ids::{OrganisationId, RequirementId},
    money::{Currency, Money},
    problem::Problem,
};

/// Writes down what closing gaps of a supplier is worth for a requirement, by question: what more of the lots, at
/// reference prices and in the programme's currency, would be covered. What was written before for the same question is replaced. The caller records the
/// change: it is part of a run's.
///
/// # Errors
/// What the database said.
pub async fn put_worths(
    w: &Write,
    requirement: RequirementId,
    supplier: OrganisationId,
    worths: &BTreeMap<String, Money>,
) -> Result<(), Problem> {
    if worths.is_empty() {
        return Ok(());
    }
    let rows = worths.iter().map(|(question, worth)| worth::ActiveModel {
        requirement_id: Set(requirement),
        supplier_id: Set(supplier),
        question: Set(question.clone()),
        worth_minor: Set(worth.minor),
        stated_at: Set(w.at()),
    });
    let key = [worth::Column::RequirementId, worth::Column::SupplierId, worth::Column::Question];
    let columns = [worth::Column::WorthMinor, worth::Column::StatedAt];
    worth::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// What closing gaps of a supplier is worth for a requirement that the actor has been shown, by question.
///
/// # Errors
/// What the database said.
pub async fn worths(
    db: &impl ConnectionTrait,
    _: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
    currency: Currency,
) -> Result<BTreeMap<String, Money>, Problem> {
    let query = worth::Entity::find()
        .filter(worth::Column::RequirementId.eq(requirement))
        .filter(worth::Column::SupplierId.eq(supplier));
    let rows = query.all(db).await?;
    Ok(rows.into_iter().map(|row| (row.question, Money::new(row.worth_minor, currency))).collect())
}
