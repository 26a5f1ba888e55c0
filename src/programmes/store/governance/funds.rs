//! The ledger of a programme's funds.

use sea_orm::{QuerySelect, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

use super::{
    appointments::{demand_in_state, functions},
    entities::{fund_entry, funds as row},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::list::{Page, Window},
        ids::ProgrammeId,
        money::{Currency, Money},
        problem::{FieldError, Problem},
    },
    programmes::governance::{
        Function,
        funds::{Entry, FundChange, FundEntry, Funds, NewFundEntry},
    },
};

/// The sums of a programme's funds, for those who have a function in it.
///
/// # Errors
/// 404 for everybody else.
pub async fn funds(db: &impl ConnectionTrait, actor: &Actor, id: ProgrammeId) -> Result<Funds, Problem> {
    let (programme, _) = functions(db, actor, id).await?;
    let found = row::Entity::find_by_id(id).one(db).await?;
    Ok(found.map_or_else(|| Funds::none(programme.currency), Funds::from))
}

/// Enters something into the sums, alone: the row is locked until the write ends. `Ok(None)` when the invariant would
/// break, and nothing is changed then.
pub(in crate::programmes::store) async fn book(
    w: &Write,
    id: ProgrammeId,
    currency: Currency,
    entry: Entry,
) -> Result<Option<Funds>, Problem> {
    let nothing = row::ActiveModel::from(model(id, Funds::none(currency)));
    row::Entity::insert(nothing)
        .on_conflict(OnConflict::column(row::Column::ProgrammeId).do_nothing().to_owned())
        .exec_without_returning(w.db())
        .await?;
    let found = row::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
    let found: Funds = found.ok_or_else(Problem::not_found)?.into();
    let Some(next) = found.after(entry) else { return Ok(None) };
    row::ActiveModel::from(model(id, next)).reset_all().update(w.db()).await?;
    Ok(Some(next))
}

/// Assigns funds, or takes them back, in the name of the strategic direction.
///
/// # Errors
/// 404, 409 for whoever does not steer the programme, or when so much is not free; 422 for another currency.
pub async fn assign(w: &Write, id: ProgrammeId, new: NewFundEntry) -> Result<FundEntry, Problem> {
    let (programme, _) = demand_in_state(w, id, Function::Direction).await?;
    in_currency(programme.currency, "/amount", new.amount)?;
    let entry = match new.change {
        FundChange::Assign => Entry::Assign(new.amount.minor),
        FundChange::Reduce => Entry::Reduce(new.amount.minor),
    };
    let Some(after) = book(w, id, programme.currency, entry).await? else {
        let free = Money::new(funds(w.db(), w.actor(), id).await?.free(), programme.currency);
        return Err(Problem::conflict("funds-not-free").with("free", free));
    };
    let row = fund_entry::Model {
        id: w.new_id(),
        programme_id: id,
        change: new.change,
        amount_minor: new.amount.minor,
        currency: programme.currency,
        reason: new.reason,
        assigned_after_minor: after.assigned,
        recorded_by: w.actor().account,
        recorded_at: w.at(),
    };
    fund_entry::Entity::insert(fund_entry::ActiveModel::from(row.clone()))
        .exec_without_returning(w.db())
        .await?;
    let details = json!({ "change": row.change, "amount": new.amount, "reason": row.reason });
    w.record("programme_funds", id, &details).await?;
    Ok(row.into())
}

/// An error for each of these amounts that is not in the programme's currency.
pub(in crate::programmes::store) fn misfits<'a>(
    currency: Currency,
    amounts: impl IntoIterator<Item = (&'a str, Money)>,
) -> Vec<FieldError> {
    let others = amounts.into_iter().filter(|(_, amount)| amount.currency != currency);
    let error = |(pointer, _): (&str, Money)| {
        FieldError::new(pointer, "not-the-programmes-currency").with("currency", currency)
    };
    others.map(error).collect()
}

/// 422 for an amount that is not in the programme's currency, where nothing else can be wrong.
pub(in crate::programmes::store) fn in_currency(
    currency: Currency,
    pointer: &str,
    amount: Money,
) -> Result<(), Problem> {
    let errors = misfits(currency, [(pointer, amount)]);
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

/// The entries about assigned funds, for those who have a function in the programme.
///
/// # Errors
/// 404 for everybody else, 422 for a cursor of another list.
pub async fn list_fund_entries(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProgrammeId,
    window: &Window,
) -> Result<Page<FundEntry>, Problem> {
    functions(db, actor, id).await?;
    let query = fund_entry::Entity::find().filter(fund_entry::Column::ProgrammeId.eq(id));
    let page = window.fetch(actor, query, fund_entry::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(page.map(FundEntry::from))
}

const fn model(id: ProgrammeId, funds: Funds) -> row::Model {
    row::Model {
        programme_id: id,
        currency: funds.currency,
        assigned_minor: funds.assigned,
        reserved_minor: funds.reserved,
        committed_minor: funds.committed,
        disbursed_minor: funds.disbursed,
        justified_minor: funds.justified,
    }
}

impl From<row::Model> for Funds {
    fn from(row: row::Model) -> Self {
        Self {
            currency: row.currency,
            assigned: row.assigned_minor,
            reserved: row.reserved_minor,
            committed: row.committed_minor,
            disbursed: row.disbursed_minor,
            justified: row.justified_minor,
        }
    }
}

impl From<fund_entry::Model> for FundEntry {
    fn from(row: fund_entry::Model) -> Self {
        Self {
            id: row.id,
            change: row.change,
            amount: Money::new(row.amount_minor, row.currency),
            assigned_after: Money::new(row.assigned_after_minor, row.currency),
            reason: row.reason,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}
