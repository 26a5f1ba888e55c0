//! The moves of contracts, and what they do to the sales ledger.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    entities::contract,
    reading::{complete, complete_one, hold},
};
use crate::{
    contracts::{Contract, Move, State},
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::IfVersion,
        ids::{ContractId, LotId, MatchId},
        problem::Problem,
    },
    matching::store::matches,
    organisations::{
        SalesSource, StatedBuyerSales,
        store::{contracted, ledger},
    },
    programmes, requirements,
};

async fn own(w: &Write, id: ContractId, version: IfVersion) -> Result<Contract, Problem> {
    let found = hold(w, id).await?;
    version.check(found.version)?;
    w.in_state(found.state)?;
    Ok(found)
}

async fn moved(
    w: &Write,
    found: &Contract,
    state: State,
    mut row: contract::ActiveModel,
    details: serde_json::Value,
) -> Result<Contract, Problem> {
    row.id = Set(found.id);
    row.state = Set(state);
    row.version = Set(found.version + 1);
    let row = row.update(w.db()).await?;
    w.record("contract", found.id, &json!({ "state": state, "details": details })).await?;
    complete_one(w.db(), row).await
}

fn matches_of(contract: &Contract) -> Vec<MatchId> {
    contract.lines.iter().map(|line| line.r#match).collect()
}

/// Signs a contract for the actor's own firm. With the second signature it is active: its annual amount
/// enters the supplier's ledger, and the contract that it renews ends.
///
/// # Errors
/// 404 when the firm takes no part in it, 412 for a stale version, 409 when it has signed already.
pub async fn sign(w: &Write, id: ContractId, version: IfVersion) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    let step = match w.actor().kind() {
        Some(Kind::Supplier) => Move::SupplierSigns,
        Some(Kind::LeadFirm) => Move::LeadFirmSigns,
        // The service itself signs for the firm that it acts for.
        _ if w.actor().organisation == found.supplier => Move::SupplierSigns,
        _ if w.actor().organisation == found.lead_firm => Move::LeadFirmSigns,
        _ => return Err(Problem::not_found()),
    };
    let state = step.from(found.state).ok_or_else(|| Problem::conflict("contract-already-signed"))?;
    let mut row = <contract::ActiveModel as Default>::default();
    let (by, at) = (Set(Some(w.actor().account)), Set(Some(w.at())));
    if step == Move::SupplierSigns {
        (row.supplier_signed_by, row.supplier_signed_at) = (by, at);
    } else {
        (row.lead_firm_signed_by, row.lead_firm_signed_at) = (by, at);
    }
    if state == State::Active {
        activate(w, &found).await?;
    }
    moved(w, &found, state, row, json!({ "signed": step, "content_hash": found.content_hash })).await
}

/// In one write, so that business is never counted twice nor not at all: the entry in the ledger, the end of
/// what is renewed, and the matches that the entry stands for.
async fn activate(w: &Write, found: &Contract) -> Result<(), Problem> {
    ledger::lock(w, [found.supplier]).await?;
    if let Some(renews) = found.renews {
        // Both firms see it, since both take part in it.
        let old = hold(w, renews).await?;
        if let Some(state) = Move::End.from(old.state) {
            over(w, &old, state, None, json!({ "renewed_by": found.id })).await?;
        }
    }
    let stated = StatedBuyerSales { amount: found.annual_amount, as_of: found.starts_on };
    let reference = found.id.to_string();
    ledger::put_buyer_sales(w, found.supplier, found.lead_firm, stated, SalesSource::Contract, &reference)
        .await?;
    matches::mark_contracted(w, &matches_of(found)).await?;
    if is_all_contracted(w, found).await? {
        requirements::store::mark_awarded(w, found.requirement).await?;
    }
    Ok(())
}

/// Whether every unit of a closed requirement is under contract, with this one.
async fn is_all_contracted(w: &Write, found: &Contract) -> Result<bool, Problem> {
    let service = Actor::system(found.lead_firm);
    let requirement = requirements::store::find(w.db(), &service, found.requirement).await?;
    let kept = contract::Entity::find()
        .filter(contract::Column::RequirementId.eq(found.requirement))
        .filter(contract::Column::State.is_in([State::Active, State::Ended]))
        .all(w.db())
        .await?;
    let mut lines: Vec<_> = found.lines.clone();
    lines.extend(complete(w.db(), kept).await?.into_iter().flat_map(|contract| contract.lines));
    let units =
        |lot: LotId| lines.iter().filter(|line| line.lot == lot).map(|line| line.quantity).sum::<i64>();
    let whole = requirement.lots.iter().all(|lot| units(lot.id) >= lot.quantity);
    Ok(whole && requirement.state == requirements::State::Closed)
}

/// A contract that was active is over: its entry leaves the ledger, its capacity is free.
async fn over(
    w: &Write,
    found: &Contract,
    state: State,
    reason: Option<String>,
    details: serde_json::Value,
) -> Result<Contract, Problem> {
    ledger::lock(w, [found.supplier]).await?;
    let reference = found.id.to_string();
    contracted::end_buyer_sales(w, found.supplier, found.lead_firm, SalesSource::Contract, &reference)
        .await?;
    matches::mark_fulfilled(w, &matches_of(found)).await?;
    let row = contract::ActiveModel {
        ended_on: Set(Some(programmes::store::today(w, found.programme).await?)),
        reason: Set(reason),
        ..Default::default()
    };
    moved(w, found, state, row, details).await
}

fn after(step: Move, found: &Contract) -> Result<State, Problem> {
    step.from(found.state).ok_or_else(|| Problem::internal("the access table and the moves differ"))
}

/// Withdraws a contract that is not active yet; its matches can be drawn up again.
///
/// # Errors
/// 404, 412 for a stale version, 409 once both have signed.
pub async fn withdraw(
    w: &Write,
    id: ContractId,
    version: IfVersion,
    reason: String,
) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    let state = after(Move::Withdraw, &found)?;
    let row = contract::ActiveModel { reason: Set(Some(reason.clone())), ..Default::default() };
    moved(w, &found, state, row, json!({ "reason": reason })).await
}

/// Ends a contract whose last day has passed.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not active or its term is not over.
pub async fn end(w: &Write, id: ContractId, version: IfVersion) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    if programmes::store::today(w, found.programme).await? <= found.ends_on {
        return Err(Problem::conflict("contract-not-over").with("ends-on", found.ends_on));
    }
    over(w, &found, after(Move::End, &found)?, None, json!(null)).await
}

/// Terminates a contract before its term is over.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not active.
pub async fn terminate(
    w: &Write,
    id: ContractId,
    version: IfVersion,
    reason: String,
) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    let details = json!({ "reason": reason });
    over(w, &found, after(Move::Terminate, &found)?, Some(reason), details).await
}

/// Announces that a lot renews the contract: the supplier's match of that lot replaces the contract's sales.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not active, 422 when the lot is none of its lead firm.
pub async fn announce_renewal(
    w: &Write,
    id: ContractId,
    version: IfVersion,
    lot: LotId,
) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    let unknown = || Problem::field("/lot", "no-lot-of-the-lead-firm");
    let (requirement, _) =
        requirements::store::lot(w.db(), w.actor(), lot).await.map_err(|problem| match problem {
            problem if problem == Problem::not_found() => unknown(),
            problem => problem,
        })?;
    if requirement.lead_firm != found.lead_firm {
        return Err(unknown());
    }
    Ok(renewed_by(w, &found, Some(lot)).await?.0)
}

/// Takes the announcement of a renewal back.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not active or no renewal is announced.
pub async fn withdraw_renewal(w: &Write, id: ContractId, version: IfVersion) -> Result<Contract, Problem> {
    let found = own(w, id, version).await?;
    let (contract, before) = renewed_by(w, &found, None).await?;
    before.map(|_| contract).ok_or_else(|| Problem::conflict("no-renewal-announced"))
}

/// Notes the lot that renews a contract, if any; with it, the one that was noted before.
async fn renewed_by(
    w: &Write,
    found: &Contract,
    lot: Option<LotId>,
) -> Result<(Contract, Option<LotId>), Problem> {
    ledger::lock(w, [found.supplier]).await?;
    let (source, reference) = (SalesSource::Contract, found.id.to_string());
    let before =
        contracted::replace_by_lot(w, found.supplier, found.lead_firm, source, &reference, lot).await?;
    let row = <contract::ActiveModel as Default>::default();
    Ok((moved(w, found, found.state, row, json!({ "renewed_by_lot": lot })).await?, before))
}
