//! Files that show how far milestones are: whoever sees the project sees them.

use sea_orm::{PaginatorTrait, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{
    entities::evidence,
    milestones::demand_active,
    reading::{Side, demand_on_side, find, hold},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        files::clean::{Clean, MOST_FILES},
        ids::{EvidenceId, ProjectId},
        problem::{FieldError, Problem},
    },
    programmes::projects::MilestoneEvidence,
};

/// Notes a file beside a milestone, in the name of the institution that executes. The same file again is the same
/// evidence; then nothing is to be kept.
///
/// # Errors
/// 404 for a milestone that there is not, 409 for another institution, once it is accepted or the project is over, 422 for
/// too many files.
pub async fn add_evidence(
    w: &Write,
    id: EvidenceId,
    (project, number): (ProjectId, i32),
    file: &Clean,
) -> Result<(MilestoneEvidence, bool), Problem> {
    let found = hold(w, project).await?;
    w.in_state(found.milestone(number).ok_or_else(Problem::not_found)?.state)?;
    demand_on_side(w, &found, Side::Executor).await?;
    demand_active(&found)?;
    let beside = evidence::Entity::find()
        .filter(evidence::Column::ProjectId.eq(project))
        .filter(evidence::Column::Milestone.eq(number));
    if let Some(same) = beside.clone().filter(evidence::Column::Sha256.eq(&file.sha256)).one(w.db()).await? {
        w.record("project", project, &json!({ "evidence": same.id, "again": true })).await?;
        return Ok((same.into(), false));
    }
    if beside.count(w.db()).await? >= MOST_FILES {
        return Err(Problem::invalid(vec![FieldError::new("/file", "too-many").with("most", MOST_FILES)]));
    }
    let row = evidence::Model {
        id,
        project_id: project,
        milestone: number,
        media_type: file.media_type,
        size: file.size(),
        sha256: file.sha256.clone(),
        added_by: w.actor().account,
        added_at: w.at(),
    };
    evidence::Entity::insert(evidence::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    w.record("project", project, &json!({ "evidence": id, "milestone": number, "sha256": row.sha256 }))
        .await?;
    Ok((row.into(), true))
}

/// The evidence of a project that the actor may see, in id order.
///
/// # Errors
/// 404 when it may not.
pub async fn evidence_of(
    db: &impl ConnectionTrait,
    actor: &Actor,
    project: ProjectId,
) -> Result<Vec<MilestoneEvidence>, Problem> {
    find(db, actor, project).await?;
    let query = evidence::Entity::find().filter(evidence::Column::ProjectId.eq(project));
    let rows = query.order_by_asc(evidence::Column::Id).all(db).await?;
    Ok(rows.into_iter().map(MilestoneEvidence::from).collect())
}

impl From<evidence::Model> for MilestoneEvidence {
    fn from(row: evidence::Model) -> Self {
        Self {
            id: row.id,
            project: row.project_id,
            milestone: row.milestone,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            added_at: row.added_at,
        }
    }
}
