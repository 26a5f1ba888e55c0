//! The contracts that wait for a firm, and what contracts are about: for the start page and for whoever tells of them.

use sea_orm::{QueryOrder, QuerySelect, QueryTrait, entity::prelude::*};

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

/// The columns of what was due under a contract.
struct Due<C> {
    id: C,
    contract: C,
    /// When it was due.
    day: C,
    /// When it came.
    came: C,
    /// Which one it takes the place of.
    corrects: C,
}

impl<C: ColumnTrait> Due<C> {
    /// Contracts with something that was due, of which nobody has said that it came, and that was not corrected since.
    async fn overdue<E: EntityTrait<Column = C>>(
        self,
        db: &impl ConnectionTrait,
        actor: &Actor,
        today: Day,
    ) -> Result<Vec<ContractId>, Problem> {
        let corrected =
            E::find().select_only().column(self.corrects).filter(self.corrects.is_not_null()).into_query();
        let query = E::find()
            .select_only()
            .column(self.contract)
            .distinct()
            .filter(self.came.is_null())
            .filter(self.day.lte(today))
            .filter(self.contract.in_subquery(active(actor)))
            .filter(self.id.not_in_subquery(corrected))
            .order_by_asc(self.contract)
            .limit(MOST);
        Ok(query.into_tuple().all(db).await?)
    }
}

/// Contracts with a delivery that was due.
async fn undelivered(
    db: &impl ConnectionTrait,
    actor: &Actor,
    today: Day,
) -> Result<Vec<ContractId>, Problem> {
    use delivery::Column;
    let due = Due {
        id: Column::Id,
        contract: Column::ContractId,
        day: Column::DueOn,
        came: Column::MadeOn,
        corrects: Column::CorrectsId,
    };
    due.overdue::<delivery::Entity>(db, actor, today).await
}

/// Contracts with an invoice that was due.
async fn unpaid(db: &impl ConnectionTrait, actor: &Actor, today: Day) -> Result<Vec<ContractId>, Problem> {
    use payment::Column;
    let due = Due {
        id: Column::Id,
        contract: Column::ContractId,
        day: Column::DueOn,
        came: Column::PaidOn,
        corrects: Column::CorrectsId,
    };
    due.overdue::<payment::Entity>(db, actor, today).await
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
