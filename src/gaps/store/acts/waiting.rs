//! The acts that wait for somebody, and what acts are about: for the start page and for whoever tells of them. Whether one
//! has lapsed is not asked here: that takes an analysis of each, and whoever opens it reads it there.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use super::{Dispute, act, dispute};
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::{GapActId, OrganisationId, RequirementId},
        problem::Problem,
    },
    gaps::{
        acts::hash_of,
        signing::{Party, Side, holds},
        store::{
            of_any_suppliers,
            signatures::{self, Subject},
        },
    },
    requirements,
};

/// So many acts are looked at, those that were drawn up last.
const MOST: u64 = 100;

/// What waits for an organisation, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Without an open dispute, and not signed by the organisation's side as they stand.
    pub to_sign: Vec<GapActId>,
    /// With an open dispute about which it is the organisation's turn.
    pub to_answer: Vec<GapActId>,
}

/// The acts of requirements under way that wait for the actor's organisation.
///
/// # Errors
/// What the database said.
pub async fn waiting(db: &impl ConnectionTrait, actor: &Actor) -> Result<Waiting, Problem> {
    let side = match actor.kind() {
        Some(Kind::Supplier) => Some(Side::Supplier),
        Some(Kind::LeadFirm) => Some(Side::LeadFirm),
        Some(Kind::Institution) => None,
        None => return Ok(Waiting::default()),
    };
    let query = act::Entity::find()
        .filter(act::Column::RequirementId.in_subquery(requirements::store::under_way(actor)))
        .filter(of_any_suppliers(db, actor, act::Column::SupplierId).await?);
    let mut rows = query.order_by_desc(act::Column::RenewedAt).limit(MOST).all(db).await?;
    rows.sort_by_key(|row| (row.renewed_at, row.id));
    let found = dispute::Entity::find()
        .filter(dispute::Column::ActId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(dispute::Column::Id);
    let mut disputes: BTreeMap<GapActId, Vec<Dispute>> = BTreeMap::new();
    for row in found.all(db).await? {
        disputes.entry(row.act_id).or_default().push(row.into());
    }
    let signatures = match side {
        Some(_) => signatures::under_all(db, actor, Subject::GapAct, rows.iter().map(|row| row.id.0)).await?,
        None => BTreeMap::new(),
    };
    let party = side.map_or(Party::Institution, Party::from);
    let mut waiting = Waiting::default();
    for row in rows {
        let disputes = disputes.remove(&row.id).unwrap_or_default();
        let mut open =
            disputes.iter().filter(|one| one.round == row.round && one.settlement.is_none()).peekable();
        if open.peek().is_some() {
            if open.any(|dispute| dispute.waits_for(party)) {
                waiting.to_answer.push(row.id);
            }
            continue;
        }
        let Some(side) = side else { continue };
        let (basis, actions) = (serde_json::from_str(&row.basis)?, serde_json::from_str(&row.actions)?);
        let hash = hash_of(row.id, (row.round, row.edition), (&basis, &actions), &disputes)?;
        if !signatures.get(&row.id.0).is_some_and(|given| holds(given, side, &hash)) {
            waiting.to_sign.push(row.id);
        }
    }
    Ok(waiting)
}

/// For which requirement and which supplier these acts are, of those that the actor sees.
///
/// # Errors
/// What the database said.
pub async fn about(
    db: &impl ConnectionTrait,
    actor: &Actor,
    ids: Vec<GapActId>,
) -> Result<Vec<(GapActId, RequirementId, OrganisationId)>, Problem> {
    let query = act::Entity::find()
        .select_only()
        .columns([act::Column::Id, act::Column::RequirementId, act::Column::SupplierId])
        .filter(act::Column::Id.is_in(ids))
        .filter(act::Column::RequirementId.in_subquery(requirements::store::seen_by(actor)))
        .filter(of_any_suppliers(db, actor, act::Column::SupplierId).await?);
    Ok(query.into_tuple().all(db).await?)
}
