//! Projects as the actor sees them, and how they begin.

use std::collections::BTreeMap;

use sea_orm::{Condition, QueryOrder, entity::prelude::*};
use serde_json::json;

use super::{
    super::{
        calls,
        governance::{demand, programmes_with},
        programmes,
    },
    entities::{milestone, project, project_network},
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{NetworkId, OrganisationId, ProgrammeId, ProjectId, ProposalId},
        money::{Currency, Money},
        problem::Problem,
    },
    organisations::store::interests,
    programmes::{
        calls::{Call, proposals::Proposal},
        governance::Function,
        projects::{Milestone, MilestoneState, Project, State},
    },
};

/// Which projects to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Filter {
    /// Of one programme.
    pub programme: Option<ProgrammeId>,
    /// In one state.
    pub state: Option<State>,
}

/// Whom a project shows itself to.
fn visible(actor: &Actor) -> Condition {
    if actor.is_system() {
        return Condition::all();
    }
    if actor.kind() != Some(Kind::Institution) {
        return Condition::all().add(Expr::val(false));
    }
    let programme = project::Column::ProgrammeId;
    Condition::any()
        .add(project::Column::InstitutionId.eq(actor.organisation))
        .add(programme.in_subquery(programmes_with(actor, Function::Coordination)))
        .add(programme.in_subquery(programmes_with(actor, Function::Direction)))
}

/// The project, when the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ProjectId) -> Result<Project, Problem> {
    let found = project::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    complete_one(db, actor, found.ok_or_else(Problem::not_found)?).await
}

/// What these projects are called, of those that the actor may see: like the proposals from which they came.
///
/// # Errors
/// What the database said.
pub async fn titles(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<ProjectId>,
) -> Result<Vec<(ProjectId, String)>, Problem> {
    let query = project::Entity::find().filter(visible(actor)).filter(project::Column::Id.is_in(ids));
    Ok(complete(db, actor, query.all(db).await?).await?.into_iter().map(|one| (one.id, one.title)).collect())
}

/// The projects that the actor may see.
///
/// # Errors
/// 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: Filter,
    window: &Window,
) -> Result<Page<Project>, Problem> {
    let mut query = project::Entity::find().filter(visible(actor));
    if let Some(programme) = filter.programme {
        query = query.filter(project::Column::ProgrammeId.eq(programme));
    }
    if let Some(state) = filter.state {
        query = query.filter(project::Column::State.eq(state));
    }
    let page = window.fetch(actor, query, project::Column::Id, |row| row.id.0, &filter, db).await?;
    Ok(Page { items: complete(db, actor, page.items).await?, next: page.next, prev: page.prev })
}

/// The project that came of a proposal, when the actor may see it.
///
/// # Errors
/// What the database said.
pub async fn of_proposal(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ProposalId,
) -> Result<Option<ProjectId>, Problem> {
    let found = project::Entity::find()
        .filter(visible(actor))
        .filter(project::Column::ProposalId.eq(id))
        .one(db)
        .await?;
    Ok(found.map(|row| row.id))
}

/// A milestone that nobody has reported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// Its project.
    pub project: ProjectId,
    /// The programme, by whose calendar it is due.
    pub programme: ProgrammeId,
    /// The institution that executes the project.
    pub institution: OrganisationId,
    /// Its number.
    pub number: i32,
    /// Until when.
    pub due_on: Day,
}

/// The milestones of projects under way that nobody has reported and that are due between these days.
///
/// # Errors
/// 404 for everybody but the service itself.
pub async fn milestones_due(
    db: &impl ConnectionTrait,
    service: &Actor,
    from: Day,
    until: Day,
) -> Result<Vec<Due>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let rows = milestone::Entity::find()
        .filter(milestone::Column::State.eq(MilestoneState::Pending))
        .filter(milestone::Column::DueOn.between(from, until))
        .order_by_asc(milestone::Column::ProjectId)
        .order_by_asc(milestone::Column::Number)
        .all(db)
        .await?;
    let projects = project::Entity::find()
        .filter(project::Column::Id.is_in(rows.iter().map(|row| row.project_id)))
        .filter(project::Column::State.eq(State::Active))
        .all(db)
        .await?;
    let due = |row: milestone::Model| {
        let of = projects.iter().find(|of| of.id == row.project_id)?;
        let (programme, institution) = (of.programme_id, of.institution_id);
        Some(Due { project: of.id, programme, institution, number: row.number, due_on: row.due_on })
    };
    Ok(rows.into_iter().filter_map(due).collect())
}

/// Who is about to do something in a project.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// The institution that executes it.
    Executor,
    /// The coordinating body.
    Coordination,
}

/// The project, which this write will change: nobody else changes it or its programme's funds until it ends.
pub(super) async fn hold(w: &Write, id: ProjectId) -> Result<Project, Problem> {
    let seen = find(w.db(), w.actor(), id).await?;
    programmes::lock(w, seen.programme).await?;
    find(w.db(), w.actor(), id).await
}

/// The organisations that win or lose by what is decided about a project: who executes it, and its lead firms.
///
/// # Errors
/// What the database said.
pub async fn parties(
    db: &impl ConnectionTrait,
    actor: &Actor,
    found: &Project,
) -> Result<Vec<OrganisationId>, Problem> {
    let mut parties = calls::lead_firms(db, actor, found.proposal).await?;
    parties.push(found.institution);
    Ok(parties)
}

/// Only this side does it, and on what it has read.
pub(super) async fn demand_side(
    w: &Write,
    found: &Project,
    side: Side,
    version: IfVersion,
) -> Result<(), Problem> {
    demand_on_side(w, found, side).await?;
    version.check(found.version)
}

/// Only this side does it; nobody for the coordinating body who has an interest in a party.
pub(super) async fn demand_on_side(w: &Write, found: &Project, side: Side) -> Result<(), Problem> {
    match side {
        Side::Coordination => {
            demand(w, found.programme, Function::Coordination).await?;
            interests::demand_none(w, parties(w.db(), w.actor(), found).await?).await?;
        }
        Side::Executor if w.actor().is_system() || found.institution == w.actor().organisation => {}
        Side::Executor => return Err(Problem::conflict("not-your-project")),
    }
    Ok(())
}

/// The project of an awarded proposal.
pub(in crate::programmes::store) async fn begin(
    w: &Write,
    call: &Call,
    proposal: &Proposal,
    awarded: Money,
) -> Result<ProjectId, Problem> {
    let row = project::Model {
        id: w.new_id(),
        proposal_id: proposal.id,
        call_id: call.id,
        programme_id: call.programme,
        institution_id: proposal.institution,
        title: proposal.content.title.clone(),
        state: State::Active,
        currency: awarded.currency,
        committed_minor: awarded.minor,
        disbursed_minor: 0,
        justified_minor: 0,
        justify_first: call.terms.justify_first,
        goals: serde_json::to_string(&proposal.content.goals)?,
        results: "[]".to_owned(),
        reason: None,
        created_at: w.at(),
        ended_at: None,
        version: 1,
    };
    let id = row.id;
    project::Entity::insert(project::ActiveModel::from(row)).exec_without_returning(w.db()).await?;
    let amounts = proposal.content.awarded_amounts(awarded);
    let planned = proposal.content.milestones.iter().zip(&amounts).zip(1_i32..);
    let rows = planned.map(|((planned, amount), number)| {
        milestone::ActiveModel::from(milestone::Model {
            project_id: id,
            number,
            deliverable: planned.deliverable.clone(),
            due_on: planned.due_on,
            amount_minor: amount.minor,
            justified_minor: 0,
            state: MilestoneState::Pending,
            report: None,
            evidence_link: None,
            reported_by: None,
            reported_at: None,
            returned_because: None,
            accepted_by: None,
            accepted_at: None,
            disbursed_by: None,
            disbursed_at: None,
        })
    });
    milestone::Entity::insert_many(rows).exec_without_returning(w.db()).await?;
    w.record("project", id, &json!({ "proposal": proposal.id, "committed": awarded })).await?;
    Ok(id)
}

pub(super) async fn complete_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    row: project::Model,
) -> Result<Project, Problem> {
    complete(db, actor, vec![row]).await?.pop().ok_or_else(Problem::not_found)
}

async fn complete(
    db: &impl ConnectionTrait,
    _: &Actor,
    rows: Vec<project::Model>,
) -> Result<Vec<Project>, Problem> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let query = milestone::Entity::find()
        .filter(milestone::Column::ProjectId.is_in(ids.clone()))
        .order_by_asc(milestone::Column::Number);
    let mut milestones: BTreeMap<ProjectId, Vec<milestone::Model>> = BTreeMap::new();
    for row in query.all(db).await? {
        milestones.entry(row.project_id).or_default().push(row);
    }
    let query = project_network::Entity::find()
        .filter(project_network::Column::ProjectId.is_in(ids))
        .order_by_asc(project_network::Column::NetworkId);
    let mut networks: BTreeMap<ProjectId, Vec<NetworkId>> = BTreeMap::new();
    for row in query.all(db).await? {
        networks.entry(row.project_id).or_default().push(row.network_id);
    }
    rows.into_iter()
        .map(|row| {
            let milestones = milestones.remove(&row.id).unwrap_or_default();
            let networks = networks.remove(&row.id).unwrap_or_default();
            whole(row, milestones, networks)
        })
        .collect()
}

fn whole(
    row: project::Model,
    milestones: Vec<milestone::Model>,
    networks: Vec<NetworkId>,
) -> Result<Project, Problem> {
    let money = |minor| Money::new(minor, row.currency);
    Ok(Project {
        id: row.id,
        proposal: row.proposal_id,
        call: row.call_id,
        programme: row.programme_id,
        institution: row.institution_id,
        state: row.state,
        committed: money(row.committed_minor),
        disbursed: money(row.disbursed_minor),
        justified: money(row.justified_minor),
        justify_first: row.justify_first,
        goals: serde_json::from_str(&row.goals)?,
        results: serde_json::from_str(&row.results)?,
        networks,
        milestones: milestones.into_iter().map(|one| reached(one, row.currency)).collect(),
        title: row.title,
        reason: row.reason,
        version: row.version,
    })
}

fn reached(row: milestone::Model, currency: Currency) -> Milestone {
    Milestone {
        number: row.number,
        deliverable: row.deliverable,
        due_on: row.due_on,
        amount: Money::new(row.amount_minor, currency),
        justified: Money::new(row.justified_minor, currency),
        state: row.state,
        report: row.report,
        evidence_link: row.evidence_link,
        reported_at: row.reported_at,
        returned_because: row.returned_because,
        accepted_at: row.accepted_at,
        disbursed_at: row.disbursed_at,
    }
}
