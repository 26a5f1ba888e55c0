//! The contracts that wait for a firm, and what contracts are about: for the start page and for whoever tells of them.

use std::collections::BTreeSet;

use sea_orm::{Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};

use super::{
    entities::{contract, delivery, payment},
    reading::visible,
};
use crate::{
    contracts::State,
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        ids::{ContractId, OrganisationId, RequirementId},
        problem::Problem,
    },
};

/// The most that are counted.
const MOST: u64 = 100;

/// What waits for a firm, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Contracts that its side has not signed.
    pub to_sign: Vec<ContractId>,
    /// Contracts in force with something that was due and of which it has not said that it came: deliveries for the
    /// lead firm, payments for the supplier.
    pub to_confirm: Vec<ContractId>,
}

/// The contracts that wait for the actor's firm on that day.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait, actor: &Actor, today: Day) -> Result<Waiting, Problem> {
    let (signed_by_other, to_confirm) = match actor.kind() {
        Some(Kind::Supplier) => (State::SignedByLeadFirm, unpaid(db, actor, today).await?),
        Some(Kind::LeadFirm) => (State::SignedBySupplier, undelivered(db, actor, today).await?),
        _ => return Ok(Waiting::default()),
    };
    let query = contract::Entity::find()
        .select_only()
        .column(contract::Column::Id)
        .filter(visible(actor))
        .filter(contract::Column::State.is_in([State::Draft, signed_by_other]))
        .order_by_asc(contract::Column::Id)
        .limit(MOST);
    Ok(Waiting { to_sign: query.into_tuple().all(db).await?, to_confirm })
}

fn active(actor: &Actor) -> sea_orm::sea_query::SelectStatement {
    contract::Entity::find()
        .select_only()
        .column(contract::Column::Id)
        .filter(visible(actor))
        .filter(contract::Column::State.eq(State::Active))
        .into_query()
}

/// Contracts with a delivery that was due and is neither recorded as made nor corrected since.
async fn undelivered(
    db: &impl ConnectionTrait,
    actor: &Actor,
    today: Day,
) -> Result<Vec<ContractId>, Problem> {
    let corrected = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::CorrectsId)
        .filter(delivery::Column::CorrectsId.is_not_null())
        .into_query();
    let late = Condition::all()
        .add(delivery::Column::MadeOn.is_null())
        .add(delivery::Column::DueOn.lte(today))
        .add(delivery::Column::ContractId.in_subquery(active(actor)))
        .add(delivery::Column::Id.not_in_subquery(corrected));
    let query = delivery::Entity::find().select_only().column(delivery::Column::ContractId).filter(late);
    let found: Vec<ContractId> = query.limit(MOST).into_tuple().all(db).await?;
    Ok(found.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

/// Contracts with an invoice that was due and is neither recorded as paid nor corrected since.
async fn unpaid(db: &impl ConnectionTrait, actor: &Actor, today: Day) -> Result<Vec<ContractId>, Problem> {
    let corrected = payment::Entity::find()
        .select_only()
        .column(payment::Column::CorrectsId)
        .filter(payment::Column::CorrectsId.is_not_null())
        .into_query();
    let late = Condition::all()
        .add(payment::Column::PaidOn.is_null())
        .add(payment::Column::DueOn.lte(today))
        .add(payment::Column::ContractId.in_subquery(active(actor)))
        .add(payment::Column::Id.not_in_subquery(corrected));
    let query = payment::Entity::find().select_only().column(payment::Column::ContractId).filter(late);
    let found: Vec<ContractId> = query.limit(MOST).into_tuple().all(db).await?;
    Ok(found.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

/// For which requirement and with which supplier these contracts are, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<ContractId>,
) -> Result<Vec<(ContractId, RequirementId, OrganisationId)>, Problem> {
    let query = contract::Entity::find()
        .select_only()
        .columns([contract::Column::Id, contract::Column::RequirementId, contract::Column::SupplierId])
        .filter(visible(actor))
        .filter(contract::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}
