//! Contracts as the actor sees them.

use std::collections::BTreeMap;

use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};

use super::entities::{contract, line};
use crate::{
    contracts::{Contract, Line, Signature, State},
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        db::Write,
        http::list::{Page, Window},
        ids::{AccountId, ContractId, OrganisationId, ProgrammeId, RequirementId},
        money::Money,
        problem::Problem,
    },
    organisations::{SalesSource, store::contracted},
    requirements,
};

/// Which contracts to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
    /// In one state.
    pub state: Option<State>,
}

/// Whom a contract shows itself to.
pub(super) fn visible(actor: &Actor) -> Condition {
    let all = Condition::all();
    match actor.kind() {
        None if actor.is_system() => all,
        None => all.add(Expr::val(false)),
        Some(Kind::Institution) => {
            all.add(contract::Column::RequirementId.in_subquery(requirements::store::seen_by(actor)))
        }
        Some(Kind::LeadFirm) => all.add(contract::Column::LeadFirmId.eq(actor.organisation)),
        Some(Kind::Supplier) => all.add(contract::Column::SupplierId.eq(actor.organisation)),
    }
}

/// The contract, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ContractId) -> Result<Contract, Problem> {
    let found = contract::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, found.ok_or_else(Problem::not_found)?).await
}

/// The contracts that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: Filter,
    window: &Window,
) -> Result<Page<Contract>, Problem> {
    let mut query = contract::Entity::find().filter(visible(actor));
    if let Some(programme) = filter.programme {
        query = query.filter(contract::Column::ProgrammeId.eq(programme));
    }
    if let Some(state) = filter.state {
        query = query.filter(contract::Column::State.eq(state));
    }
    let Page { items, next, prev } =
        window.fetch(actor, query, contract::Column::Id, |row| row.id.0, &filter, db).await?;
    Ok(Page { items: complete(db, items).await?, next, prev })
}

/// The contracts of a requirement that the actor may see, in id order.
///
/// # Errors
/// What the database said.
pub async fn list_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
) -> Result<Vec<Contract>, Problem> {
    let query = contract::Entity::find()
        .filter(visible(actor))
        .filter(contract::Column::RequirementId.eq(requirement))
        .order_by_asc(contract::Column::Id);
    complete(db, query.all(db).await?).await
}

/// The contracts in force whose last day lies between these.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn ending(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<Contract>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = contract::Entity::find()
        .filter(contract::Column::State.eq(State::Active))
        .filter(contract::Column::EndsOn.between(from, until))
        .order_by_asc(contract::Column::Id);
    complete(db, query.all(db).await?).await
}

/// When contracts of these requirements were signed by both, with their suppliers: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn signings(
    db: &impl ConnectionTrait,
    service: &Actor,
    requirements: &[RequirementId],
) -> Result<Vec<(OrganisationId, Timestamp)>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = contract::Entity::find()
        .filter(contract::Column::RequirementId.is_in(requirements.iter().copied()))
        .order_by_asc(contract::Column::Id);
    let both = |row: contract::Model| {
        let at = row.supplier_signed_at?.max(row.lead_firm_signed_at?);
        Some((row.supplier_id, at))
    };
    Ok(query.all(db).await?.into_iter().filter_map(both).collect())
}

/// The programmes in which an actor sees contracts of a lead firm that both have signed.
///
/// # Errors
/// What the database said.
pub async fn dealings_with(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lead_firm: OrganisationId,
) -> Result<Vec<ProgrammeId>, Problem> {
    let query = contract::Entity::find()
        .filter(visible(actor))
        .filter(contract::Column::LeadFirmId.eq(lead_firm))
        .filter(contract::Column::State.is_in([State::Active, State::Ended, State::Terminated]))
        .select_only()
        .column(contract::Column::ProgrammeId)
        .distinct()
        .order_by_asc(contract::Column::ProgrammeId);
    Ok(query.into_tuple().all(db).await?)
}

/// The contract, which this write will change.
pub(super) async fn hold(w: &Write, id: ContractId) -> Result<Contract, Problem> {
    let query = contract::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive();
    complete_one(w.db(), query.one(w.db()).await?.ok_or_else(Problem::not_found)?).await
}

pub(super) async fn complete_one(
    db: &impl ConnectionTrait,
    row: contract::Model,
) -> Result<Contract, Problem> {
    complete(db, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

pub(super) async fn complete(
    db: &impl ConnectionTrait,
    rows: Vec<contract::Model>,
) -> Result<Vec<Contract>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let query = line::Entity::find().filter(line::Column::ContractId.is_in(ids));
    let mut lines: BTreeMap<ContractId, Vec<line::Model>> = BTreeMap::new();
    for row in query.order_by_asc(line::Column::MatchId).all(db).await? {
        lines.entry(row.contract_id).or_default().push(row);
    }
    let Some(service) = rows.first().map(|row| Actor::system(row.supplier_id)) else { return Ok(Vec::new()) };
    let references = rows.iter().map(|row| row.id.to_string()).collect();
    let renewals = contracted::replaced_by(db, &service, SalesSource::Contract, references).await?;
    let contract = |row: contract::Model| {
        let renewed_by_lot = renewals.get(&row.id.to_string()).copied();
        Contract { renewed_by_lot, ..shown(lines.remove(&row.id).unwrap_or_default(), row) }
    };
    Ok(rows.into_iter().map(contract).collect())
}

fn shown(lines: Vec<line::Model>, row: contract::Model) -> Contract {
    let signature = |by: Option<AccountId>, at: Option<Timestamp>| Some(Signature { by: by?, at: at? });
    let line = |line: line::Model| Line {
        r#match: line.match_id,
        lot: line.lot_id,
        quantity: line.quantity,
        unit_price: line.unit_price,
        years: line.years,
        amount: Money::new(line.amount_minor, row.currency),
    };
    Contract {
        id: row.id,
        programme: row.programme_id,
        requirement: row.requirement_id,
        lead_firm: row.lead_firm_id,
        supplier: row.supplier_id,
        state: row.state,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        payment_days: row.payment_days,
        amount: Money::new(row.amount_minor, row.currency),
        annual_amount: Money::new(row.annual_minor, row.currency),
        renews: row.renews_id,
        renewed_by_lot: None,
        supplier_signed: signature(row.supplier_signed_by, row.supplier_signed_at),
        lead_firm_signed: signature(row.lead_firm_signed_by, row.lead_firm_signed_at),
        ended_on: row.ended_on,
        created_at: row.created_at,
        version: row.version,
        lines: lines.into_iter().map(line).collect(),
        content_hash: row.content_hash,
        reason: row.reason,
    }
}
