//! Plans as the actor sees them, and what the stages above ask.

use sea_orm::{QueryOrder, entity::prelude::*};

use super::{
    entities::{plan, progress, visit},
    worth::worths,
};
use crate::{
    foundation::{
        access::Actor,
        clock::{Day, Timestamp},
        http::list::{Page, Window},
        ids::{GapActId, OrganisationId, PlanId, ProgrammeId, RequirementId},
        money::Currency,
        problem::Problem,
    },
    gaps::{
        self,
        signing::{Party, lapsed_version},
        store::{
            acts as gap_acts,
            signatures::{self, Subject},
        },
    },
    plans::{
        Plan, Progress, Stage, State, Visit,
        content::GapAction,
        suggestion::{Making, Suggestion, suggest as suggestion_of},
    },
    programmes,
    requirements::{self, Requirement, criteria::Criterion},
};

/// A plan with what follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The plan.
    pub plan: Plan,
    /// How far it is.
    pub state: State,
    /// SHA-256 of what is signed.
    pub hash: String,
    /// The programme's currency.
    pub currency: Currency,
    /// The criteria that it is to fulfil and that are demanded no longer as they were.
    pub amended: Vec<Criterion>,
    /// Its version as it reads now: another one once it is void, and with each further change that voids it.
    pub version: i64,
}

impl Standing {
    pub(super) fn of(plan: Plan, requirement: &Requirement) -> Result<Self, Problem> {
        let (state, hash) = (plan.state(&requirement.criteria)?, plan.hash()?);
        let amended = match state {
            State::Void => plan.amended(&requirement.criteria).into_iter().cloned().collect(),
            _ => Vec::new(),
        };
        let version = match state {
            State::Void => lapsed_version(plan.version, &requirement.criteria)?,
            _ => plan.version,
        };
        Ok(Self { plan, state, hash, currency: requirement.currency, amended, version })
    }

    /// As what an actor who sees the plan takes part in it.
    pub fn party(&self, actor: &Actor) -> Party {
        Party::of(actor, self.plan.supplier, self.plan.lead_firm)
    }
}

/// The row as a plan for that requirement.
pub(super) async fn complete(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    row: plan::Model,
) -> Result<Plan, Problem> {
    let progress = progress::Entity::find()
        .filter(progress::Column::PlanId.eq(row.id))
        .order_by_asc(progress::Column::Id)
        .all(db)
        .await?;
    let visits = visit::Entity::find()
        .filter(visit::Column::PlanId.eq(row.id))
        .order_by_asc(visit::Column::Id)
        .all(db)
        .await?;
    Ok(Plan {
        id: row.id,
        programme: row.programme_id,
        requirement: requirement.id,
        lead_firm: requirement.lead_firm,
        supplier: row.supplier_id,
        stage: row.stage,
        content: serde_json::from_str(&row.content)?,
        sealed: serde_json::from_str(&row.content)?,
        reason: row.reason,
        progress: progress.into_iter().map(Progress::from).collect(),
        visits: visits.into_iter().map(Visit::from).collect(),
        signatures: signatures::under(db, actor, Subject::Plan, row.id.0).await?,
        created_at: row.created_at,
        version: row.version,
    })
}

/// The requirement of a plan that the actor may see.
pub(super) async fn shown(
    db: &impl ConnectionTrait,
    actor: &Actor,
    row: &plan::Model,
) -> Result<Requirement, Problem> {
    let requirement = requirements::store::find(db, actor, row.requirement_id).await?;
    if gaps::store::may_see(db, actor, &requirement, row.supplier_id).await? {
        Ok(requirement)
    } else {
        Err(Problem::not_found())
    }
}

/// The plan.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: PlanId) -> Result<Standing, Problem> {
    let row = plan::Entity::find_by_id(id).one(db).await?.ok_or_else(Problem::not_found)?;
    let requirement = shown(db, actor, &row).await?;
    Standing::of(complete(db, actor, &requirement, row).await?, &requirement)
}

/// The plans for a requirement that the actor may see, those that are over included.
///
/// # Errors
/// 404 when it may not see the requirement; 400 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    window: &Window,
) -> Result<Page<Standing>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let of_suppliers = gaps::store::of_suppliers(db, actor, &requirement, plan::Column::SupplierId).await?;
    let query =
        plan::Entity::find().filter(plan::Column::RequirementId.eq(requirement.id)).filter(of_suppliers);
    let page =
        window.fetch(actor, query, plan::Column::Id, |row| row.id.0, &("plans", requirement.id), db).await?;
    let Page { items, next, prev } = page;
    let mut standings = Vec::with_capacity(items.len());
    for row in items {
        standings.push(Standing::of(complete(db, actor, &requirement, row).await?, &requirement)?);
    }
    Ok(Page { items: standings, next, prev })
}

/// What a plan could be, from an agreed gap act that the actor sees.
///
/// # Errors
/// 404 when it sees no such act, 409 unless that is agreed.
pub async fn suggest(
    db: &impl ConnectionTrait,
    actor: &Actor,
    act: GapActId,
    at: Timestamp,
) -> Result<(gap_acts::Standing, Suggestion), Problem> {
    let standing = gap_acts::find(db, actor, act, at).await?;
    let act = &standing.act;
    let programme = programmes::store::find(db, &Actor::system(act.lead_firm), act.programme).await?;
    let worths = worths(db, actor, act.requirement, act.supplier, programme.currency).await?;
    let making = Making {
        worths: &worths,
        currency: programme.currency,
        usual: programme.rules.cofinancing,
        last: programme.ends_on,
        today: programme.day(at),
        locale: actor.locale,
    };
    let suggestion = suggestion_of(act, &making);
    Ok((standing, suggestion))
}

/// The plans of a supplier for a requirement, the newest first: for the stages above.
async fn of_pair(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
) -> Result<Vec<Standing>, Problem> {
    let requirement = requirements::store::find(db, actor, requirement).await?;
    let rows = plan::Entity::find()
        .filter(plan::Column::RequirementId.eq(requirement.id))
        .filter(plan::Column::SupplierId.eq(supplier))
        .order_by_desc(plan::Column::Id)
        .all(db)
        .await?;
    let mut plans = Vec::with_capacity(rows.len());
    for row in rows {
        plans.push(Standing::of(complete(db, actor, &requirement, row).await?, &requirement)?);
    }
    Ok(plans)
}

/// Whether the condition of an award to a supplier that is not green is met: a plan that both firms have agreed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// There is one that fulfils what is demanded today and covers what is open today, whether it is about to be
    /// carried out, under way or completed.
    Agreed,
    /// There is one, and these criteria are open today without an action in it: it must be changed and signed anew.
    Outgrown(Vec<Criterion>),
    /// There is none.
    Missing,
}

/// How a supplier's plans stand to the condition of an award, for the stages above.
///
/// # Errors
/// 404 when the actor does not see the requirement.
pub async fn condition(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
    on: Day,
) -> Result<Condition, Problem> {
    let found = requirements::store::find(db, actor, requirement).await?;
    let plans = of_pair(db, actor, requirement, supplier).await?;
    let holds = |standing: &Standing| {
        let agreed = matches!(standing.state, State::Agreed | State::UnderWay | State::Completed);
        agreed && standing.plan.amended(&found.criteria).is_empty()
    };
    let Some(Standing { plan, .. }) = plans.into_iter().find(holds) else { return Ok(Condition::Missing) };
    let today = gaps::store::analysis_today(db, actor, &found, supplier, on).await?;
    let uncovered: Vec<_> = plan.uncovered(&today).into_iter().cloned().collect();
    Ok(if uncovered.is_empty() { Condition::Agreed } else { Condition::Outgrown(uncovered) })
}

/// What closing the supplier's gaps for a requirement costs, by the plan that is being written, agreed on or
/// carried out: its actions for criteria that are still demanded, save those that are done. The solver opens a
/// pair when the development budget pays for all that block it.
///
/// # Errors
/// 404 when the actor does not see the requirement.
pub async fn closing(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: RequirementId,
    supplier: OrganisationId,
) -> Result<Vec<GapAction>, Problem> {
    let demanded = requirements::store::find(db, actor, requirement).await?.criteria;
    let plans = of_pair(db, actor, requirement, supplier).await?;
    let live = plans.into_iter().find(|s| !matches!(s.plan.stage, Stage::Completed | Stage::Abandoned));
    let Some(Standing { plan, .. }) = live else { return Ok(Vec::new()) };
    let open = plan.content.actions.iter().filter(|action| plan.percent_of(action.id) < 100);
    let actions = open.filter_map(|action| {
        let criterion = action.criterion.clone().filter(|criterion| demanded.contains(criterion))?;
        let programme_cost = action.parts().programme;
        let (cost, months) = (action.closing.cost, action.closing.months);
        Some(GapAction { id: action.id, criterion, cost, programme_cost, months })
    });
    Ok(actions.collect())
}

/// Every plan of a programme, whoever it is about, in id order: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn of_programme(
    db: &impl ConnectionTrait,
    service: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Plan>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    let query = plan::Entity::find().filter(plan::Column::ProgrammeId.eq(programme));
    let mut plans = Vec::new();
    for row in query.order_by_asc(plan::Column::Id).all(db).await? {
        let requirement = requirements::store::find(db, service, row.requirement_id).await?;
        plans.push(complete(db, service, &requirement, row).await?);
    }
    Ok(plans)
}

impl From<progress::Model> for Progress {
    fn from(row: progress::Model) -> Self {
        Self {
            id: row.id,
            action: row.action_id,
            percent: row.percent,
            as_of: row.as_of,
            note: row.note,
            evidence: row.evidence,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

impl From<visit::Model> for Visit {
    fn from(row: visit::Model) -> Self {
        Self {
            id: row.id,
            visited_on: row.visited_on,
            findings: row.findings,
            next_on: row.next_on,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}
