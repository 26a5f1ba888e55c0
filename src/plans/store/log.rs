//! Progress and visits: a log that only grows.

use sea_orm::entity::prelude::*;
use serde_json::json;

use super::{
    entities::{progress, visit},
    reading::Standing,
    writing::{Held, unchanged},
};
use crate::{
    foundation::{
        db::Write,
        http::IfVersion,
        ids::PlanId,
        problem::{FieldError, Problem},
    },
    plans::{Move, NewProgress, NewVisit},
    programmes,
};

/// Writes down how far an action is.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless the plan is under way; 422 for an action that it has not, or a day that
/// is yet to come.
pub async fn record_progress(
    w: &Write,
    id: PlanId,
    version: IfVersion,
    new: NewProgress,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let today = programmes::store::today(w, held.standing.plan.programme).await?;
    let mut errors = Vec::new();
    if !held.standing.plan.content.actions.iter().any(|action| action.id == new.action) {
        errors.push(FieldError::new("/action", "no-such-action"));
    }
    if new.as_of > today {
        errors.push(FieldError::new("/as_of", "in-the-future"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = progress::Model {
        id: w.new_id(),
        plan_id: id,
        action_id: new.action,
        percent: i32::try_from(new.percent).unwrap_or(100),
        as_of: new.as_of,
        note: new.note,
        evidence: new.evidence,
        recorded_by: held.standing.party(w.actor()),
        recorded_at: w.at(),
    };
    let details = json!({ "action": row.action_id, "percent": row.percent, "by": row.recorded_by });
    progress::Entity::insert(progress::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
    held.moved(w, Move::Progress, details, unchanged()).await
}

/// Writes down a visit to the supplier.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless the plan is agreed or under way; 422 for a day that is yet to come, or
/// a next visit before this one.
pub async fn record_visit(
    w: &Write,
    id: PlanId,
    version: IfVersion,
    new: NewVisit,
) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let today = programmes::store::today(w, held.standing.plan.programme).await?;
    let mut errors = Vec::new();
    if new.visited_on > today {
        errors.push(FieldError::new("/visited_on", "in-the-future"));
    }
    if new.next_on.is_some_and(|next| next <= new.visited_on) {
        errors.push(FieldError::new("/next_on", "ends-before-start"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = visit::Model {
        id: w.new_id(),
        plan_id: id,
        visited_on: new.visited_on,
        findings: new.findings,
        next_on: new.next_on,
        recorded_by: held.standing.party(w.actor()),
        recorded_at: w.at(),
    };
    let details = json!({ "visited_on": row.visited_on, "by": row.recorded_by });
    visit::Entity::insert(visit::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
    held.moved(w, Move::Visit, details, unchanged()).await
}
