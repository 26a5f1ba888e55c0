//! Expenses: what was paid is justified by what was spent.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    super::{
        governance::{book, misfits},
        programmes,
    },
    entities::{expense, milestone, project},
    reading::{Side, demand_side, find, hold},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{ExpenseId, ProjectId},
        money::{Currency, Money},
        problem::{FieldError, Problem},
    },
    programmes::{
        governance::funds::Entry,
        projects::{
            Expense, ExpenseMove, ExpenseOutcome, ExpenseState, NewExpense, NewExpenseDecision, Project,
        },
    },
};

/// States an expense against what was paid for a milestone, in the name of the institution that executes.
///
/// # Errors
/// 404, 409 for another institution or before the milestone is paid, 412 for a stale version, 422 for more than was paid,
/// another currency or a day to come.
pub async fn state_expense(
    w: &Write,
    id: ProjectId,
    number: i32,
    version: IfVersion,
    new: NewExpense,
) -> Result<(Expense, Project), Problem> {
    let found = hold(w, id).await?;
    let paid = found.milestone(number).ok_or_else(Problem::not_found)?;
    w.in_state(paid.state)?;
    demand_side(w, &found, Side::Executor, version).await?;
    let mut errors = misfits(paid.amount.currency, [("/amount", new.amount)]);
    if new.spent_on > programmes::today(w, found.programme).await? {
        errors.push(FieldError::new("/spent_on", "in-the-future"));
    }
    let stated = expense::Entity::find()
        .filter(expense::Column::ProjectId.eq(id))
        .filter(expense::Column::Milestone.eq(number))
        .filter(expense::Column::State.ne(ExpenseState::Refused));
    let stated: i64 = stated.all(w.db()).await?.iter().map(|row| row.amount_minor).sum();
    let left = Money::new(paid.amount.minor - stated, paid.amount.currency);
    if errors.is_empty() && new.amount.minor > left.minor {
        errors.push(FieldError::new("/amount", "more-than-paid").with("left", left));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = expense::Model {
        id: w.new_id(),
        project_id: id,
        milestone: number,
        amount_minor: new.amount.minor,
        spent_on: new.spent_on,
        document: new.document,
        description: new.description,
        state: ExpenseState::Stated,
        reason: None,
        stated_by: w.actor().account,
        stated_at: w.at(),
        decided_by: None,
        decided_at: None,
    };
    expense::Entity::insert(expense::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({
        "expense": row.id, "milestone": number, "amount": new.amount, "document": row.document,
    });
    w.record("project", id, &details).await?;
    grown(w, &found, 0).await?;
    Ok((shown(row, left.currency), find(w.db(), w.actor(), id).await?))
}

/// The project's version grows, and what of it is justified.
async fn grown(w: &Write, found: &Project, justified: i64) -> Result<(), Problem> {
    let row = project::ActiveModel {
        id: Set(found.id),
        justified_minor: Set(found.justified.minor + justified),
        version: Set(found.version + 1),
        ..Default::default()
    };
    row.update(w.db()).await?;
    Ok(())
}

/// Accepts an expense, or refuses it, in the name of the coordinating body. What is accepted justifies what was paid.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party or when it was decided on, 412 for a stale version.
pub async fn decide_expense(
    w: &Write,
    id: ProjectId,
    expense: ExpenseId,
    version: IfVersion,
    new: NewExpenseDecision,
) -> Result<(Expense, Project), Problem> {
    let found = hold(w, id).await?;
    let row = expense::Entity::find_by_id(expense).filter(expense::Column::ProjectId.eq(id)).one(w.db());
    let row = row.await?.ok_or_else(Problem::not_found)?;
    let step = match new.outcome {
        ExpenseOutcome::Accept => ExpenseMove::Accept,
        ExpenseOutcome::Refuse => ExpenseMove::Refuse,
    };
    let state = w.next(row.state, step.from(row.state))?;
    demand_side(w, &found, Side::Coordination, version).await?;
    let currency = found.committed.currency;
    let mut justified = 0;
    if state == ExpenseState::Accepted {
        justified = row.amount_minor;
        let paid = found.milestone(row.milestone).ok_or_else(Problem::not_found)?;
        let of = milestone::ActiveModel {
            project_id: Set(id),
            number: Set(row.milestone),
            justified_minor: Set(paid.justified.minor + justified),
            ..Default::default()
        };
        of.update(w.db()).await?;
        let booked = book(w, found.programme, currency, Entry::Justify(justified)).await?;
        booked.ok_or_else(|| Problem::internal("an expense was above what was paid"))?;
    }
    let decided = expense::ActiveModel {
        id: Set(expense),
        state: Set(state),
        reason: Set(new.reason.clone()),
        decided_by: Set(Some(w.actor().account)),
        decided_at: Set(Some(w.at())),
        ..Default::default()
    };
    let row = decided.update(w.db()).await?;
    w.record("project", id, &json!({ "expense": expense, "state": state, "reason": new.reason })).await?;
    grown(w, &found, justified).await?;
    Ok((shown(row, currency), find(w.db(), w.actor(), id).await?))
}

/// The expenses of a project, oldest first.
///
/// # Errors
/// 404 when the actor may not see the project, 422 for a cursor of another list.
pub async fn list_expenses(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProjectId,
    window: &Window,
) -> Result<Page<Expense>, Problem> {
    let currency = find(db, actor, id).await?.committed.currency;
    let query = expense::Entity::find().filter(expense::Column::ProjectId.eq(id));
    let page = window.fetch(actor, query, expense::Column::Id, |row| row.id.0, &id, db).await?;
    Ok(page.map(|row| shown(row, currency)))
}

fn shown(row: expense::Model, currency: Currency) -> Expense {
    Expense {
        id: row.id,
        milestone: row.milestone,
        amount: Money::new(row.amount_minor, currency),
        spent_on: row.spent_on,
        document: row.document,
        description: row.description,
        state: row.state,
        reason: row.reason,
        stated_at: row.stated_at,
        decided_at: row.decided_at,
    }
}
