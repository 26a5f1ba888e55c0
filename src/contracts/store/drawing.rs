//! Drawing a contract up.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{contract, line},
    reading,
};
use crate::{
    contracts::{Contract, NewContract, State, annual_amount, last_day},
    foundation::{
        canonical,
        db::Write,
        ids::{ContractId, MatchId},
        money::Money,
        problem::{FieldError, Problem},
    },
    matching::{Match, MatchState, store::matches},
};

/// Draws a contract up from approved matches that the actor sees.
///
/// # Errors
/// 422 with every fault: a match that does not exist for the actor, is not approved, or stands in another
/// contract; matches of different requirements or suppliers; a renewal of what is no active contract between
/// the same firms.
pub async fn draw_up(w: &Write, new: NewContract) -> Result<Contract, Problem> {
    let ids: BTreeSet<MatchId> = new.matches.iter().copied().collect();
    if ids.len() < new.matches.len() {
        return Err(Problem::field("/matches", "named-twice"));
    }
    let mut errors = Vec::new();
    let mut held: Vec<Match> = Vec::new();
    // In id order, as everywhere.
    for id in &ids {
        let at = new.matches.iter().position(|named| named == id).unwrap_or_default();
        let mut wrong = |code| errors.push(FieldError::new(format!("/matches/{at}"), code));
        match matches::hold(w, *id).await {
            Ok(found) if found.state != MatchState::Approved => wrong("match-not-approved"),
            Ok(found) if is_contracted(w, found.id).await? => wrong("match-in-contract"),
            Ok(found) => held.push(found),
            Err(problem) if problem == Problem::not_found() => wrong("no-such-match"),
            Err(problem) => return Err(problem),
        }
    }
    if let Some(first) = held.first() {
        let same = |found: &Match| (found.requirement, found.supplier) == (first.requirement, first.supplier);
        if !held.iter().all(same) {
            errors.push(FieldError::new("/matches", "matches-do-not-belong-together"));
        }
        if let Some(renews) = new.renews {
            errors.extend(check_renewal(w, renews, first).await?);
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    write(w, &new, &held).await
}

async fn is_contracted(w: &Write, id: MatchId) -> Result<bool, Problem> {
    let lines = line::Entity::find().select_only().column(line::Column::ContractId);
    let contracts: Vec<ContractId> =
        lines.filter(line::Column::MatchId.eq(id)).into_tuple().all(w.db()).await?;
    let standing = contract::Entity::find()
        .filter(contract::Column::Id.is_in(contracts))
        .filter(contract::Column::State.ne(State::Withdrawn));
    Ok(standing.one(w.db()).await?.is_some())
}

async fn check_renewal(w: &Write, renews: ContractId, by: &Match) -> Result<Option<FieldError>, Problem> {
    let old = match reading::find(w.db(), w.actor(), renews).await {
        Ok(old) => old,
        Err(problem) if problem == Problem::not_found() => {
            return Ok(Some(FieldError::new("/renews", "no-such-contract")));
        }
        Err(problem) => return Err(problem),
    };
    let fits = old.state == State::Active && (old.supplier, old.lead_firm) == (by.supplier, by.lead_firm);
    Ok((!fits).then(|| FieldError::new("/renews", "not-renewable")))
}

async fn write(w: &Write, new: &NewContract, held: &[Match]) -> Result<Contract, Problem> {
    let first = held.first().ok_or_else(|| Problem::internal("a contract without matches"))?;
    let currency = first.amount.currency;
    let years = held.iter().map(|found| found.years).max().unwrap_or(1);
    let too_large = || Problem::field("/matches", "contract-too-large");
    let annual = annual_amount(held, currency).ok_or_else(too_large)?;
    let mut amount = 0_i64;
    for found in held {
        amount = amount.checked_add(found.amount.minor).ok_or_else(too_large)?;
    }
    let ends_on = last_day(new.starts_on, years);
    let lines: Vec<_> =
        held.iter().map(|found| (found.id, found.lot, found.quantity, found.unit_price)).collect();
    let terms = json!({
        "requirement": first.requirement, "supplier": first.supplier, "lead_firm": first.lead_firm, "lines": lines,
        "amount": Money::new(amount, currency), "starts_on": new.starts_on, "ends_on": ends_on,
        "payment_days": new.payment_days, "renews": new.renews,
    });
    let row = contract::Model {
        id: w.new_id(),
        programme_id: first.programme,
        requirement_id: first.requirement,
        lead_firm_id: first.lead_firm,
        supplier_id: first.supplier,
        state: State::Draft,
        starts_on: new.starts_on,
        ends_on,
        payment_days: new.payment_days,
        amount_minor: amount,
        annual_minor: annual.minor,
        currency,
        renews_id: new.renews,
        content_hash: canonical::hash(&terms)?,
        drawn_up_by: w.actor().account,
        supplier_signed_by: None,
        supplier_signed_at: None,
        lead_firm_signed_by: None,
        lead_firm_signed_at: None,
        ended_on: None,
        reason: None,
        created_at: w.at(),
        version: 1,
    };
    contract::Entity::insert(contract::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let lines = held.iter().map(|found| line::ActiveModel {
        contract_id: Set(row.id),
        match_id: Set(found.id),
        lot_id: Set(found.lot),
        quantity: Set(found.quantity),
        unit_price: Set(found.unit_price),
        years: Set(found.years),
        amount_minor: Set(found.amount.minor),
    });
    line::Entity::insert_many(lines).exec_without_returning(w.db()).await?;
    w.record("contract", row.id, &json!({ "terms": terms, "content_hash": row.content_hash })).await?;
    reading::complete_one(w.db(), row).await
}
