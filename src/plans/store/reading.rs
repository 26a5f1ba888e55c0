//! Plans as the actor sees them, and what the stages above ask.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, entity::prelude::*};

use super::entities::{plan, progress, visit};
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
            worth::{self, Worths},
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
    /// What the last run under the programme's rules found closing the gaps worth; empty for firms.
    pub worths: Worths,
    /// Its version as it reads now: another one once it is void, and with each further change that voids it.
    pub version: i64,
}

impl Standing {
    fn of(plan: Plan, requirement: &Requirement, worths: Worths) -> Result<Self, Problem> {
        let (state, hash) = (plan.state(&requirement.criteria)?, plan.hash()?);
        let amended = match state {
            State::Void => plan.amended(&requirement.criteria).into_iter().cloned().collect(),
            _ => Vec::new(),
        };
        let version = match state {
            State::Void => lapsed_version(plan.version, &requirement.criteria)?,
            _ => plan.version,
        };
        Ok(Self { plan, state, hash, currency: requirement.currency, amended, worths, version })
    }

    /// As what an actor who sees the plan takes part in it.
    pub fn party(&self, actor: &Actor) -> Party {
        Party::of(actor, self.plan.supplier, self.plan.lead_firm)
    }
}

/// The rows as plans for that requirement, in their order: with as many statements for one as for many.
pub(super) async fn stand(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    rows: Vec<plan::Model>,
) -> Result<Vec<Standing>, Problem> {
    let ids: Vec<PlanId> = rows.iter().map(|row| row.id).collect();
    let of_plans = progress::Entity::find().filter(progress::Column::PlanId.is_in(ids.iter().copied()));
    let mut progress: BTreeMap<PlanId, Vec<Progress>> = BTreeMap::new();
    for row in of_plans.order_by_asc(progress::Column::Id).all(db).await? {
        progress.entry(row.plan_id).or_default().push(row.into());
    }
    let of_plans = visit::Entity::find().filter(visit::Column::PlanId.is_in(ids.iter().copied()));
    let mut visits: BTreeMap<PlanId, Vec<Visit>> = BTreeMap::new();
    for row in of_plans.order_by_asc(visit::Column::Id).all(db).await? {
        visits.entry(row.plan_id).or_default().push(row.into());
    }
    let mut signatures = signatures::under_all(db, actor, Subject::Plan, ids.iter().map(|id| id.0)).await?;
    let worths = worth::shown(db, actor, requirement, rows.iter().map(|row| row.supplier_id)).await?;
    let stand = |row: plan::Model| {
        let worths = worths.get(&row.supplier_id).cloned().unwrap_or_default();
        let plan = Plan {
            id: row.id,
            programme: row.programme_id,
            requirement: requirement.id,
            lead_firm: requirement.lead_firm,
            supplier: row.supplier_id,
            stage: row.stage,
            content: serde_json::from_str(&row.content)?,
            sealed: serde_json::from_str(&row.content)?,
            reason: row.reason,
            progress: progress.remove(&row.id).unwrap_or_default(),
            visits: visits.remove(&row.id).unwrap_or_default(),
            signatures: signatures.remove(&row.id.0).unwrap_or_default(),
            created_at: row.created_at,
            version: row.version,
        };
        Standing::of(plan, requirement, worths)
    };
    rows.into_iter().map(stand).collect()
}

/// The same for one row.
pub(super) async fn stand_one(
    db: &impl ConnectionTrait,
    actor: &Actor,
    requirement: &Requirement,
    row: plan::Model,
) -> Result<Standing, Problem> {
    let standing = stand(db, actor, requirement, vec![row]).await?.pop();
    standing.ok_or_else(|| Problem::internal("a row that is no plan"))
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
    stand_one(db, actor, &requirement, row).await
}

/// The plans for a requirement that the actor may see, those that are over included.
///
/// # Errors
/// 404 when it may not see the requirement; 422 for a cursor of another list.
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
    Ok(Page { items: stand(db, actor, &requirement, items).await?, next, prev })
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
    let service = Actor::system(act.lead_firm);
    let programme = programmes::store::find(db, &service, act.programme).await?;
    let requirement = requirements::store::find(db, &service, act.requirement).await?;
    // The order says it to everybody, the amount to the institution alone.
    let mut worths = worth::shown(db, &service, &requirement, [act.supplier]).await?;
    let worths = worths.remove(&act.supplier).unwrap_or_default();
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
    stand(db, actor, &requirement, rows).await
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
/// carried out: its actions for criteria that are still demanded. The solver opens a pair when the development budget
/// pays for all that are not done and block it.
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
    let actions = plan.content.actions.iter().filter_map(|action| {
        let criterion = action.criterion.clone().filter(|criterion| demanded.contains(criterion))?;
        let programme_cost = action.parts().programme;
        let (cost, months) = (action.closing.cost, action.closing.months);
        let is_done = plan.percent_of(action.id) >= 100;
        Some(GapAction { id: action.id, criterion, cost, programme_cost, months, is_done })
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
    all(db, service, plan::Entity::find().filter(plan::Column::ProgrammeId.eq(programme))).await
}

/// Every plan that is being carried out, in id order: for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub async fn under_way(db: &impl ConnectionTrait, service: &Actor) -> Result<Vec<Plan>, Problem> {
    if !service.is_system() {
        return Err(Problem::not_found());
    }
    all(db, service, plan::Entity::find().filter(plan::Column::Stage.eq(Stage::UnderWay))).await
}

async fn all(
    db: &impl ConnectionTrait,
    service: &Actor,
    query: Select<plan::Entity>,
) -> Result<Vec<Plan>, Problem> {
    let mut of_requirement: BTreeMap<RequirementId, Vec<plan::Model>> = BTreeMap::new();
    for row in query.all(db).await? {
        of_requirement.entry(row.requirement_id).or_default().push(row);
    }
    let mut plans = Vec::new();
    for (id, rows) in of_requirement {
        let requirement = requirements::store::find(db, service, id).await?;
        plans.extend(stand(db, service, &requirement, rows).await?.into_iter().map(|standing| standing.plan));
    }
    plans.sort_by_key(|plan| plan.id);
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
