//! What closing gaps is worth, as the solver found it: matching writes it down here, where whoever looks at a gap reads it.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        ids::{OrganisationId, RequirementId},
        money::Money,
        problem::Problem,
    },
    requirements::{self, Requirement},
};

mod gap_worth {
    use sea_orm::entity::prelude::*;

    use crate::foundation::{
        clock::Timestamp,
        ids::{OrganisationId, RequirementId},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gap_worths")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub requirement_id: RequirementId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub supplier_id: OrganisationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub question: String,
        pub worth_minor: i64,
        pub stated_at: Timestamp,
    }

    crate::unrelated!();
}

/// What closing gaps is worth, by question.
pub type Worths = BTreeMap<String, Money>;

/// Writes down what closing gaps of a supplier is worth for a requirement, by question: what more of the lots, at
/// reference prices and in the programme's currency, would be covered. What was written before for the same question is
/// replaced. The caller records the change: it is part of a run's.
///
/// # Errors
/// What the database said.
pub async fn put(
    w: &Write,
    requirement: RequirementId,
    supplier: OrganisationId,
    worths: &Worths,
) -> Result<(), Problem> {
    if worths.is_empty() {
        return Ok(());
    }
    let rows = worths.iter().map(|(question, worth)| gap_worth::ActiveModel {
        requirement_id: Set(requirement),
        supplier_id: Set(supplier),
        question: Set(question.clone()),
        worth_minor: Set(worth.minor),
        stated_at: Set(w.at()),
    });
    let key = [gap_worth::Column::RequirementId, gap_worth::Column::SupplierId, gap_worth::Column::Question];
    let columns = [gap_worth::Column::WorthMinor, gap_worth::Column::StatedAt];
    gap_worth::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    Ok(())
}

/// What closing the gaps of these suppliers is worth for a requirement, by supplier, for the institution and the service
/// alone: it depends on who else could serve the lots, so to a firm nothing is worth anything here. A supplier is told
/// about its own gaps elsewhere, in coverage.
///
/// # Errors
/// What the database said.
pub async fn shown(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    suppliers: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, Worths>, Problem> {
    if matches!(actor.kind(), Some(Kind::Supplier | Kind::LeadFirm)) {
        return Ok(BTreeMap::new());
    }
    let suppliers: Vec<_> = suppliers.into_iter().collect();
    let query = gap_worth::Entity::find()
        .filter(gap_worth::Column::RequirementId.eq(requirement.id))
        .filter(gap_worth::Column::SupplierId.is_in(suppliers));
    let mut worths: BTreeMap<_, Worths> = BTreeMap::new();
    for row in query.all(db).await? {
        let worth = Money::new(row.worth_minor, requirement.currency);
        worths.entry(row.supplier_id).or_default().insert(row.question, worth);
    }
    Ok(worths)
}

/// The same for a requirement that the actor sees.
///
/// # Errors
/// 404 when it does not.
pub async fn shown_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    suppliers: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, Worths>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    shown(db, actor, &requirement, suppliers).await
}
