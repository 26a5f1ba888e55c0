//! The networks that a project runs, and its end.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde_json::json;

use super::{
    super::{entities::network, governance::book, networks::visible as visible_networks},
    entities::{project, project_network},
    reading::{Side, complete_one, demand_side, hold},
};
use crate::{
    foundation::{
        db::Write,
        http::IfVersion,
        ids::ProjectId,
        money::Money,
        problem::{FieldError, Problem},
    },
    programmes::{
        governance::funds::Entry,
        projects::{MilestoneState, Move, NewClosing, Project, RunNetworks, State},
    },
};

/// Writes a move of a project down.
async fn moved(
    w: &Write,
    found: &Project,
    state: State,
    mut row: project::ActiveModel,
    details: serde_json::Value,
) -> Result<Project, Problem> {
    row.id = Set(found.id);
    row.state = Set(state);
    row.version = Set(found.version + 1);
    let row = row.update(w.db()).await?;
    w.record("project", found.id, &json!({ "state": state, "details": details })).await?;
    complete_one(w.db(), w.actor(), row).await
}

/// Names the networks that the project runs: of its programme, and among those that the actor sees.
///
/// # Errors
/// 404, 409 when it is over, 412 for a stale version, 422 for a network that there is not.
pub async fn name_networks(
    w: &Write,
    id: ProjectId,
    version: IfVersion,
    new: RunNetworks,
) -> Result<Project, Problem> {
    let found = hold(w, id).await?;
    let state = w.next(found.state, Move::NameNetworks.from(found.state))?;
    version.check(found.version)?;
    let seen = network::Entity::find()
        .filter(visible_networks(w.actor()))
        .filter(network::Column::ProgrammeId.eq(found.programme))
        .filter(network::Column::Id.is_in(new.networks.clone()));
    let seen = seen.all(w.db()).await?;
    let unknown = new.networks.iter().enumerate().filter(|(_, id)| !seen.iter().any(|row| row.id == **id));
    let error = |(at, _): (usize, _)| FieldError::new(format!("/networks/{at}"), "no-such-network");
    let errors: Vec<_> = unknown.map(error).collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    project_network::Entity::delete_many()
        .filter(project_network::Column::ProjectId.eq(id))
        .exec(w.db())
        .await?;
    for network in &new.networks {
        let row = project_network::ActiveModel { project_id: Set(id), network_id: Set(*network) };
        project_network::Entity::insert(row).exec_without_returning(w.db()).await?;
    }
    let row = <project::ActiveModel as Default>::default();
    moved(w, &found, state, row, json!({ "networks": new.networks })).await
}

/// Closes a project with the results of its goals, in the name of the coordinating body.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party, when it is over, or something is not paid or not justified; 412 for a stale
/// version; 422 for goals without result.
pub async fn close(
    w: &Write,
    id: ProjectId,
    version: IfVersion,
    new: NewClosing,
) -> Result<Project, Problem> {
    let found = hold(w, id).await?;
    let state = w.next(found.state, Move::Close.from(found.state))?;
    demand_side(w, &found, Side::Coordination, version).await?;
    let open = found.milestones.iter().filter(|one| one.state != MilestoneState::Disbursed).count();
    if open > 0 {
        return Err(Problem::conflict("milestones-open").with("open", open));
    }
    if found.unjustified() > 0 {
        let missing = Money::new(found.unjustified(), found.committed.currency);
        return Err(Problem::conflict("not-justified").with("missing", missing));
    }
    let faults = new.faults(&found.goals);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let row = project::ActiveModel {
        results: Set(serde_json::to_string(&new.results)?),
        ended_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, state, row, json!({ "results": new.results })).await
}

/// Terminates a project before its end, in the name of the coordinating body. What it has not got is free again; what it
/// has got is still to be justified.
///
/// # Errors
/// 404, 409 for whoever does not coordinate or has an interest in a party or when it is over, 412 for a stale version.
pub async fn terminate(
    w: &Write,
    id: ProjectId,
    version: IfVersion,
    reason: String,
) -> Result<Project, Problem> {
    let found = hold(w, id).await?;
    let state = w.next(found.state, Move::Terminate.from(found.state))?;
    demand_side(w, &found, Side::Coordination, version).await?;
    let left = found.committed.minor - found.disbursed.minor;
    let booked = book(w, found.programme, found.committed.currency, Entry::Uncommit(left)).await?;
    booked.ok_or_else(|| Problem::internal("a project's funds were not committed"))?;
    let row = project::ActiveModel {
        committed_minor: Set(found.disbursed.minor),
        reason: Set(Some(reason.clone())),
        ended_at: Set(Some(w.at())),
        ..Default::default()
    };
    moved(w, &found, state, row, json!({ "reason": reason })).await
}
