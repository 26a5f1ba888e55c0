//! Milestones: reported, sent back, accepted, paid.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    super::governance::book,
    entities::{milestone, project},
    reading::{Side, complete_one, demand_side, hold},
};
use crate::{
    foundation::{db::Write, http::IfVersion, ids::ProjectId, money::Money, problem::Problem},
    programmes::{
        governance::funds::Entry,
        projects::{Milestone, MilestoneMove, NewReport, Project, State},
    },
};

/// A milestone of a project that is carried out, which the side is about to move.
async fn own(
    w: &Write,
    id: ProjectId,
    number: i32,
    side: Side,
    version: IfVersion,
) -> Result<(Project, Milestone), Problem> {
    let found = hold(w, id).await?;
    let milestone = found.milestone(number).ok_or_else(Problem::not_found)?.clone();
    w.in_state(milestone.state)?;
    demand_side(w, &found, side, version).await?;
    demand_active(&found)?;
    Ok((found, milestone))
}

/// 409 once the project is over.
pub(super) fn demand_active(found: &Project) -> Result<(), Problem> {
    if found.state == State::Active {
        return Ok(());
    }
    Err(Problem::conflict("project-over").with("state", found.state))
}

/// Writes a move of a milestone down; the project's version grows.
async fn moved(
    w: &Write,
    (found, milestone): (&Project, &Milestone),
    step: MilestoneMove,
    mut row: milestone::ActiveModel,
    disbursed: i64,
    details: serde_json::Value,
) -> Result<Project, Problem> {
    let state = w.next(milestone.state, step.from(milestone.state))?;
    row.project_id = Set(found.id);
    row.number = Set(milestone.number);
    row.state = Set(state);
    row.update(w.db()).await?;
    let row = project::ActiveModel {
        id: Set(found.id),
        disbursed_minor: Set(found.disbursed.minor + disbursed),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let details = json!({ "milestone": milestone.number, "state": state, "details": details });
    w.record("project", found.id, &details).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// Reports a milestone, in the name of the institution that executes.
///
/// # Errors
/// 404, 409 for another institution, when it is reported already or the project is over, 412 for a stale version.
pub async fn report(
    w: &Write,
    id: ProjectId,
    number: i32,
    version: IfVersion,
    new: NewReport,
) -> Result<Project, Problem> {
    let (found, milestone) = own(w, id, number, Side::Executor, version).await?;
    let row = milestone::ActiveModel {
        report: Set(Some(new.report.clone())),
        evidence_link: Set(new.evidence_link.clone()),
        reported_by: Set(Some(w.actor().account)),
        reported_at: Set(Some(w.at())),
        ..Default::default()
    };
    let details = json!({ "report": new.report, "evidence_link": new.evidence_link });
    moved(w, (&found, &milestone), MilestoneMove::Report, row, 0, details).await
}

/// Sends a milestone back, in the name of the coordinating body.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party, when it is not reported or the project is over, 412 for a stale version.
pub async fn send_back(
    w: &Write,
    id: ProjectId,
    number: i32,
    version: IfVersion,
    reason: String,
) -> Result<Project, Problem> {
    let (found, milestone) = own(w, id, number, Side::Coordination, version).await?;
    let row = milestone::ActiveModel { returned_because: Set(Some(reason.clone())), ..Default::default() };
    moved(w, (&found, &milestone), MilestoneMove::SendBack, row, 0, json!({ "reason": reason })).await
}

/// Accepts a milestone, in the name of the coordinating body.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party, when it is not reported or the project is over, 412 for a stale version.
pub async fn accept(w: &Write, id: ProjectId, number: i32, version: IfVersion) -> Result<Project, Problem> {
    let (found, milestone) = own(w, id, number, Side::Coordination, version).await?;
    let row = milestone::ActiveModel {
        accepted_by: Set(Some(w.actor().account)),
        accepted_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, (&found, &milestone), MilestoneMove::Accept, row, 0, json!(null)).await
}

/// Pays what an accepted milestone is worth, in the name of the coordinating body.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party, when it is not accepted, the project is over, or what was paid before is to
/// be justified first, 412 for a stale version.
pub async fn disburse(w: &Write, id: ProjectId, number: i32, version: IfVersion) -> Result<Project, Problem> {
    let (found, milestone) = own(w, id, number, Side::Coordination, version).await?;
    if found.justify_first && found.unjustified() > 0 {
        let missing = Money::new(found.unjustified(), found.committed.currency);
        return Err(Problem::conflict("not-justified").with("missing", missing));
    }
    let amount = milestone.amount;
    let booked = book(w, found.programme, amount.currency, Entry::Disburse(amount.minor)).await?;
    booked.ok_or_else(|| Problem::internal("a project's funds were not committed"))?;
    let row = milestone::ActiveModel {
        disbursed_by: Set(Some(w.actor().account)),
        disbursed_at: Set(Some(w.at())),
        ..Default::default()
    };
    let details = json!({ "amount": amount });
    moved(w, (&found, &milestone), MilestoneMove::Disburse, row, amount.minor, details).await
}
