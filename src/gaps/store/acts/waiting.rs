//! The acts that wait for somebody, for the start page. Whether one has lapsed is not asked here: that takes an analysis of
//! each, and whoever opens it reads it there.

use std::collections::BTreeMap;

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use super::{Dispute, act, dispute};
use crate::{
    foundation::{
        access::{Actor, Kind},
        ids::GapActId,
        problem::Problem,
    },
    gaps::{
        acts::hash_of,
        signing::{Party, Side, holds},
        store::signatures::{self, Subject},
    },
    organisations::store::ledger,
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
    let query = act::Entity::find()
        .filter(act::Column::RequirementId.in_subquery(requirements::store::under_way(actor)));
    let (query, side) = match actor.kind() {
        Some(Kind::Supplier) => {
            (query.filter(act::Column::SupplierId.eq(actor.organisation)), Some(Side::Supplier))
        }
        Some(Kind::LeadFirm) => {
            let consenting = ledger::consenting_suppliers(db, actor).await?;
            (query.filter(act::Column::SupplierId.is_in(consenting)), Some(Side::LeadFirm))
        }
        Some(Kind::Institution) => (query, None),
        None => return Ok(Waiting::default()),
    };
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
        let mut open = disputes.iter().filter(|one| one.round == row.round && one.settlement.is_none()).peekable();
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
