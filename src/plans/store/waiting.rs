//! The plans that wait for somebody, and what plans are about: for the start page and for whoever tells of them. Whether
//! an amendment has voided one is not asked here: whoever opens it reads it there.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use super::entities::{plan, progress};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        ids::{OrganisationId, PlanActionId, PlanId, RequirementId},
        problem::Problem,
    },
    gaps::{
        signing::{Party, Side, holds},
        store::{
            of_any_suppliers,
            signatures::{self, Subject},
        },
    },
    plans::{Stage, content::Content, hash_of},
    requirements,
};

/// So many plans are looked at, those that were drawn up last.
const MOST: u64 = 100;

/// What waits for an organisation, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Proposed, and not signed by the organisation's side as they stand.
    pub to_sign: Vec<PlanId>,
    /// Drafts that the institution may propose to both firms.
    pub to_propose: Vec<PlanId>,
    /// Under way, with an action that the organisation owns, that is not done, and whose day has come near.
    pub to_carry_out: Vec<PlanId>,
}

/// The plans that wait for the actor's organisation; actions until that day.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait, actor: &Actor, until: Day) -> Result<Waiting, Problem> {
    let (side, begun) = match actor.kind() {
        Some(Kind::Supplier) => (Some(Side::Supplier), Stage::Proposed),
        Some(Kind::LeadFirm) => (Some(Side::LeadFirm), Stage::Proposed),
        Some(Kind::Institution) => (None, Stage::Draft),
        None => return Ok(Waiting::default()),
    };
    let query = seen(db, actor).await?.filter(plan::Column::Stage.is_in([begun, Stage::UnderWay]));
    let mut rows = query.order_by_desc(plan::Column::Id).limit(MOST).all(db).await?;
    rows.reverse();
    let ids = || rows.iter().map(|row| row.id);
    let entries = progress::Entity::find().filter(progress::Column::PlanId.is_in(ids()));
    let mut done: BTreeMap<PlanActionId, i32> = BTreeMap::new();
    // The newest entry about an action counts.
    for row in entries.order_by_asc(progress::Column::Id).all(db).await? {
        done.insert(row.action_id, row.percent);
    }
    let signatures = match side {
        Some(_) => signatures::under_all(db, actor, Subject::Plan, ids().map(|id| id.0)).await?,
        None => BTreeMap::new(),
    };
    let party = side.map_or(Party::Institution, Party::from);
    let mut waiting = Waiting::default();
    for row in rows {
        match (row.stage, side) {
            (Stage::Proposed, Some(side)) => {
                let hash = hash_of(row.id, &serde_json::from_str(&row.content)?)?;
                if !signatures.get(&row.id.0).is_some_and(|given| holds(given, side, &hash)) {
                    waiting.to_sign.push(row.id);
                }
            }
            (Stage::Draft, None) => waiting.to_propose.push(row.id),
            (Stage::UnderWay, _) => {
                let content: Content = serde_json::from_str(&row.content)?;
                let mut own = content.actions.iter().filter(|one| one.owner == party && one.due_on <= until);
                if own.any(|action| done.get(&action.id).is_none_or(|percent| *percent < 100)) {
                    waiting.to_carry_out.push(row.id);
                }
            }
            _ => {}
        }
    }
    Ok(waiting)
}

async fn seen(db: &impl ConnectionTrait, actor: &Actor) -> Result<Select<plan::Entity>, Problem> {
    let of_suppliers = of_any_suppliers(db, actor, plan::Column::SupplierId).await?;
    let seen = plan::Column::RequirementId.in_subquery(requirements::store::seen_by(actor));
    Ok(plan::Entity::find().filter(seen).filter(of_suppliers))
}

/// For which requirement and which supplier these plans are, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<PlanId>,
) -> Result<Vec<(PlanId, RequirementId, OrganisationId)>, Problem> {
    let query = seen(db, actor)
        .await?
        .select_only()
        .columns([plan::Column::Id, plan::Column::RequirementId, plan::Column::SupplierId])
        .filter(plan::Column::Id.is_in(ids));
    Ok(query.into_tuple().all(db).await?)
}
