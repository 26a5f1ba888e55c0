//! Files that show how far a plan is: whoever sees the plan sees them.

use sea_orm::{PaginatorTrait, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{entities::evidence, reading::find, writing::Held};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        files::clean::{Clean, MOST_FILES},
        ids::{EvidenceId, PlanActionId, PlanId},
        problem::{FieldError, Problem},
    },
    plans::{Evidence, Plan},
};

/// The action of a plan, which must have it.
///
/// # Errors
/// 404 when it has not.
pub fn action_of(plan: &Plan, action: PlanActionId) -> Result<(), Problem> {
    let is_there = plan.content.actions.iter().any(|known| known.id == action);
    if is_there { Ok(()) } else { Err(Problem::not_found()) }
}

/// Notes a file beside an action. The same file again is the same evidence; then nothing is to be kept.
///
/// # Errors
/// 404 for a plan or action that there is not, 409 unless the plan is agreed or under way, 422 for too many files.
pub async fn add_evidence(
    w: &Write,
    id: EvidenceId,
    (plan, action): (PlanId, PlanActionId),
    file: &Clean,
) -> Result<(Evidence, bool), Problem> {
    let held = Held::of(w, plan, None).await?;
    action_of(&held.standing.plan, action)?;
    let beside = evidence::Entity::find()
        .filter(evidence::Column::PlanId.eq(plan))
        .filter(evidence::Column::ActionId.eq(action));
    let same = beside.clone().filter(evidence::Column::Sha256.eq(&file.sha256)).one(w.db()).await?;
    if let Some(same) = same {
        w.record("plan", plan, &json!({ "evidence": same.id, "again": true })).await?;
        return Ok((same.into(), false));
    }
    if beside.count(w.db()).await? >= MOST_FILES {
        return Err(Problem::invalid(vec![FieldError::new("/file", "too-many").with("most", MOST_FILES)]));
    }
    let row = evidence::Model {
        id,
        plan_id: plan,
        action_id: action,
        media_type: file.media_type,
        size: file.size(),
        sha256: file.sha256.clone(),
        added_at: w.at(),
        added_by: held.standing.party(w.actor()),
    };
    evidence::Entity::insert(evidence::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    let details = json!({ "evidence": id, "action": action, "sha256": row.sha256, "by": row.added_by });
    w.record("plan", plan, &details).await?;
    Ok((row.into(), true))
}

/// The evidence of a plan that the actor may see, in id order.
///
/// # Errors
/// 404 when it may not.
pub async fn evidence_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    plan: PlanId,
) -> Result<(Plan, Vec<Evidence>), Problem> {
    let found = find(db, actor, plan).await?.plan;
    let files = evidence_beside(db, actor, &found).await?;
    Ok((found, files))
}

/// The evidence of a plan that the actor was shown, in the order in which it was added.
///
/// # Errors
/// What the database said.
pub async fn evidence_beside(
    db: &impl ConnectionTrait,
    _: &Actor,
    plan: &Plan,
) -> Result<Vec<Evidence>, Problem> {
    let query = evidence::Entity::find().filter(evidence::Column::PlanId.eq(plan.id));
    let rows = query.order_by_asc(evidence::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(Evidence::from).collect())
}

impl From<evidence::Model> for Evidence {
    fn from(row: evidence::Model) -> Self {
        Self {
            id: row.id,
            plan: row.plan_id,
            action: row.action_id,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            added_at: row.added_at,
            added_by: row.added_by,
        }
    }
}
