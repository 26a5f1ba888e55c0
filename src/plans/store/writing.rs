//! Plans on their way: drawn up, changed, proposed, signed, begun, completed, abandoned.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::plan,
    reading::{Standing, shown, stand_one},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::IfVersion,
        ids::{GapActId, PlanId, RequirementId},
        money::Money,
        problem::{FieldError, OnConstraint, Problem},
    },
    gaps::{
        acts::State as ActState,
        signing::NewSignature,
        store::{
            acts as gap_acts,
            signatures::{self, Subject},
        },
    },
    organisations::store::interests,
    plans::{
        Grounds, Move, NewPlan, Stage, State,
        content::{Against, Content, NewContent},
    },
    programmes::{self, Programme},
    requirements::Requirement,
};

/// Draws up a plan of a supplier for a requirement, from the gap act that both sides have agreed on.
///
/// # Errors
/// 404 when the actor sees no such requirement of its own; 409 without an agreed act, or when there is a plan; 422
/// with every fault of the content.
pub async fn create(w: &Write, requirement: RequirementId, new: NewPlan) -> Result<Standing, Problem> {
    let (db, actor) = (w.db(), w.actor());
    let (requirement, supplier) = crate::gaps::store::of_two(w, requirement, new.supplier).await?;
    // Whom the actor may not see, and who has agreed on nothing, are told alike.
    let may_see = crate::gaps::store::may_see(db, actor, &requirement, supplier).await?;
    let agreed = gap_acts::agreed(db, actor, requirement.id, supplier, w.at()).await?;
    let act = agreed.filter(|_| may_see).ok_or_else(|| Problem::conflict("no-agreed-gap-act"))?;
    let programme = programme_of(w, &requirement).await?;
    let content = settle(w, &requirement, &programme, new.content, (1, grounds_of(&act)), &[])?;
    let row = plan::Model {
        id: w.new_id(),
        programme_id: requirement.programme,
        requirement_id: requirement.id,
        supplier_id: supplier,
        stage: Stage::Draft,
        programme_cost_minor: content.cost(programme.currency).programme.minor,
        content: serde_json::to_string(&content)?,
        reason: None,
        created_at: w.at(),
        version: 1,
    };
    plan::Entity::insert(plan::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .on_constraint("uq_plans__requirement_id__supplier_id", || Problem::conflict("plan-exists"))?;
    let standing = stand_one(db, actor, &requirement, row).await?;
    record(w, &standing, json!({ "requirement": requirement.id, "supplier": supplier })).await?;
    Ok(standing)
}

fn grounds_of(act: &gap_acts::Standing) -> Grounds {
    Grounds { act: act.act.id, round: act.act.round, hash: act.hash.clone() }
}

/// What the rules say of plans everybody who takes part may be told; the service reads them.
async fn programme_of(w: &Write, requirement: &Requirement) -> Result<Programme, Problem> {
    programmes::store::find(w.db(), &Actor::system(requirement.lead_firm), requirement.programme).await
}

fn settle(
    w: &Write,
    requirement: &Requirement,
    programme: &Programme,
    new: NewContent,
    basis: (i32, Grounds),
    before: &[crate::plans::content::Action],
) -> Result<Content, Problem> {
    let against = Against {
        criteria: &requirement.criteria,
        currency: programme.currency,
        usual: programme.rules.cofinancing,
        before,
    };
    new.settle(&against, basis, || w.new_id()).map_err(Problem::invalid)
}

/// A plan that this write changes.
pub(super) struct Held {
    pub standing: Standing,
    pub requirement: Requirement,
}

impl Held {
    /// Locks the plan; its state must be one of the operation's.
    pub async fn of(w: &Write, id: PlanId, version: Option<IfVersion>) -> Result<Self, Problem> {
        let found = plan::Entity::find_by_id(id).lock_exclusive().one(w.db()).await?;
        let row = found.ok_or_else(Problem::not_found)?;
        let requirement = shown(w.db(), w.actor(), &row).await?;
        let standing = stand_one(w.db(), w.actor(), &requirement, row).await?;
        if let Some(version) = version {
            version.check(standing.version)?;
        }
        w.in_state(standing.state)?;
        Ok(Self { standing, requirement })
    }

    /// Writes the plan down anew and shows it as it stands then, which must be where the move leads.
    pub async fn moved(
        self,
        w: &Write,
        step: Move,
        details: serde_json::Value,
        change: plan::ActiveModel,
    ) -> Result<Standing, Problem> {
        let expected = step.from(self.standing.state);
        let plan = &self.standing.plan;
        let row = plan::ActiveModel { id: Set(plan.id), version: Set(plan.version + 1), ..change };
        let row = row.update(w.db()).await?;
        let standing = stand_one(w.db(), w.actor(), &self.requirement, row).await?;
        if expected != Some(standing.state) {
            return Err(Problem::internal(format!("{step:?} led to {}", standing.state)));
        }
        record(w, &standing, details).await?;
        Ok(standing)
    }

    async fn reach(self, w: &Write, step: Move, stage: Stage) -> Result<Standing, Problem> {
        let change = plan::ActiveModel { stage: Set(stage), ..Default::default() };
        self.moved(w, step, json!({}), change).await
    }
}

/// A move that leaves the plan's row as it is.
pub(super) fn unchanged() -> plan::ActiveModel {
    plan::ActiveModel { ..Default::default() }
}

async fn record(w: &Write, standing: &Standing, details: serde_json::Value) -> Result<(), Problem> {
    let details = json!({ "state": standing.state, "hash": standing.hash, "with": details });
    w.record("plan", standing.plan.id, &details).await
}

/// Rewrites a plan, which is a draft after that. Actions that keep their id keep their progress. When the gap act
/// has been agreed on anew, the plan rests on that.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is over; 422 with every fault.
pub async fn change(w: &Write, id: PlanId, version: IfVersion, new: NewContent) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let plan = &held.standing.plan;
    let agreed = gap_acts::agreed(w.db(), w.actor(), plan.requirement, plan.supplier, w.at()).await?;
    let grounds = agreed.as_ref().map_or_else(|| plan.content.grounds.clone(), grounds_of);
    let programme = programme_of(w, &held.requirement).await?;
    let basis = (plan.content.edition + 1, grounds);
    let content = settle(w, &held.requirement, &programme, new, basis, &plan.content.actions)?;
    let change = plan::ActiveModel {
        stage: Set(Stage::Draft),
        programme_cost_minor: Set(content.cost(programme.currency).programme.minor),
        content: Set(serde_json::to_string(&content)?),
        ..Default::default()
    };
    held.moved(w, Move::Change, json!({ "edition": content.edition }), change).await
}

/// Proposes a plan to both firms: nothing is missing in it, and the programme can pay its share.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is no draft; 409 `plan-incomplete` with everything that is missing.
pub async fn propose(w: &Write, id: PlanId, version: IfVersion) -> Result<Standing, Problem> {
    let programme = {
        let found = super::find(w.db(), w.actor(), id).await?;
        found.plan.programme
    };
    // Proposals of one programme wait for each other, so that two never spend the same money.
    let programme = programmes::store::hold(w, programme).await?;
    let all = plan::Entity::find()
        .filter(plan::Column::ProgrammeId.eq(programme.id))
        .order_by_asc(plan::Column::Id)
        .lock_exclusive()
        .all(w.db())
        .await?;
    let held = Held::of(w, id, Some(version)).await?;
    let plan = &held.standing.plan;
    interests::demand_none(w, [plan.supplier, held.requirement.lead_firm]).await?;
    let mut errors = Vec::new();
    let act = act_of(w, plan.content.grounds.act).await?;
    let holds = act.state == ActState::Agreed && act.hash == plan.content.grounds.hash;
    if !holds {
        errors.push(FieldError::new("/grounds", "gap-act-changed").with("state", act.state));
    }
    let analysis = holds.then_some(&act.act.basis.analysis);
    errors.extend(plan.content.missing(analysis, &programme, programme.day(w.at())));
    let amended = plan.amended(&held.requirement.criteria);
    errors.extend(amended.into_iter().map(|criterion| {
        FieldError::new("/actions", "criterion-amended").with("question", &criterion.question)
    }));
    let promised = all.iter().filter(|row| row.id != id && binds(row.stage));
    let promised = together(promised.map(|row| row.programme_cost_minor));
    errors.extend(over_budget(&programme, promised, plan.content.cost(programme.currency).programme));
    if !errors.is_empty() {
        errors.sort();
        return Err(Problem { errors, ..Problem::conflict("plan-incomplete") });
    }
    held.reach(w, Move::Propose, Stage::Proposed).await
}

async fn act_of(w: &Write, id: GapActId) -> Result<gap_acts::Standing, Problem> {
    gap_acts::find(w.db(), w.actor(), id, w.at()).await
}

/// Whether a plan in that stage takes from the programme's budget.
const fn binds(stage: Stage) -> bool {
    matches!(stage, Stage::Proposed | Stage::UnderWay | Stage::Completed)
}

/// What plans cost together. More than can be counted is more than any budget has.
fn together(costs: impl Iterator<Item = i64>) -> i64 {
    costs.fold(0, i64::saturating_add)
}

/// The fault of a plan for which the development budget has not enough left.
fn over_budget(programme: &Programme, promised: i64, needed: Money) -> Option<FieldError> {
    let budget = programme.rules.development_budget?;
    let left = budget.minor.saturating_sub(promised).max(0);
    (needed.minor > left).then(|| {
        FieldError::new("/actions", "over-the-development-budget")
            .with("budget", budget)
            .with("promised", Money::new(promised, budget.currency))
            .with("needed", needed)
            .with("left", Money::new(left, budget.currency))
    })
}

/// Signs a plan for the actor's own firm. No version is needed: the hash says what was read.
///
/// # Errors
/// 404; 409 when it is not proposed, when the firm has signed already, or when the plan says something else than
/// what was read.
pub async fn sign(w: &Write, id: PlanId, new: &NewSignature) -> Result<Standing, Problem> {
    let held = Held::of(w, id, None).await?;
    let side = held.standing.party(w.actor()).side()?;
    new.check(&held.standing.hash)?;
    let step = Move::signing(side);
    if step.from(held.standing.state).is_none() {
        return Err(Problem::conflict("already-signed"));
    }
    signatures::sign(w, Subject::Plan, id, side, &held.standing.hash).await?;
    held.moved(w, step, json!({ "side": side }), unchanged()).await
}

/// Begins to carry out an agreed plan.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless it is agreed.
pub async fn start(w: &Write, id: PlanId, version: IfVersion) -> Result<Standing, Problem> {
    Held::of(w, id, Some(version)).await?.reach(w, Move::Start, Stage::UnderWay).await
}

/// Completes a plan whose actions are all done.
///
/// # Errors
/// 404, 412 for a stale version, 409 unless it is under way, or with every action that is not done.
pub async fn complete(w: &Write, id: PlanId, version: IfVersion) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let plan = &held.standing.plan;
    interests::demand_none(w, [plan.supplier, held.requirement.lead_firm]).await?;
    let open = plan.content.actions.iter().enumerate().map(|(at, action)| (at, plan.percent_of(action.id)));
    let open = open.filter(|(_, percent)| *percent < 100).map(|(at, percent)| {
        FieldError::new(format!("/actions/{at}"), "action-not-done").with("percent", percent)
    });
    let errors: Vec<_> = open.collect();
    if !errors.is_empty() {
        return Err(Problem { errors, ..Problem::conflict("plan-not-done") });
    }
    held.reach(w, Move::Complete, Stage::Completed).await
}

/// Abandons a plan.
///
/// # Errors
/// 404, 412 for a stale version, 409 once it is over.
pub async fn abandon(w: &Write, id: PlanId, version: IfVersion, reason: String) -> Result<Standing, Problem> {
    let held = Held::of(w, id, Some(version)).await?;
    let was: State = held.standing.state;
    let change =
        plan::ActiveModel { stage: Set(Stage::Abandoned), reason: Set(Some(reason)), ..Default::default() };
    held.moved(w, Move::Abandon, json!({ "was": was }), change).await
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn plans_may_cost_more_together_than_can_be_counted() {
        assert_eq!(together([3, 4].into_iter()), 7);
        assert_eq!(together([i64::MAX, 4, i64::MAX].into_iter()), i64::MAX);
    }
}
