//! Amendments of what is published.

use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, entity::prelude::*};
use serde_json::json;

use super::{
    entities::{amendment, criterion, lot, requirement},
    posting::{close_later, insert_criteria, lot_row, lot_terms, own, times},
    reading::{complete_one, visible},
};
use crate::{
    foundation::{
        access::Actor,
        db::Write,
        http::IfVersion,
        ids::{LotId, RequirementId},
        problem::Problem,
    },
    programmes,
    requirements::{
        MOST_LOTS, Move, Requirement,
        amendments::{Amendment, Changes, NewAmendment},
    },
};

/// Amends a published requirement: what changes, and what that voids, is in the amendment.
///
/// # Errors
/// 404, 412 for a stale version, 409 when it is not published or nothing changes, 422 for lots that it does
/// not have or a closing time that is past.
pub async fn amend(
    w: &Write,
    id: RequirementId,
    version: IfVersion,
    new: &NewAmendment,
) -> Result<(Requirement, Amendment), Problem> {
    let (found, _) = own(w, id, version, Move::Amend).await?;
    if let Some(at) = found.closes_at.filter(|at| *at <= w.at()) {
        let at = programmes::store::moment(w, found.programme_id, at).await?;
        return Err(Problem::conflict("offers-ended").with("closes_at", at));
    }
    let programme = programmes::store::hold(w, found.programme_id).await?;
    let before = complete_one(w.db(), w.actor(), found.clone()).await?;
    let times = times(w, &programme, &new.into())?;
    let changes = new.changes(&before, times)?;
    let revision = found.revision + 1;
    rewrite_lots(w, &before, new, &changes, revision).await?;
    if changes.criteria {
        criterion::Entity::delete_many().filter(criterion::Column::RequirementId.eq(id)).exec(w.db()).await?;
        insert_criteria(w, id, &new.criteria).await?;
    }
    if times.closes_at != found.closes_at {
        close_later(w, id, times.closes_at).await?;
    }
    let row = requirement::ActiveModel {
        id: Set(id),
        title: Set(new.title.clone()),
        description: Set(new.description.clone()),
        closes_at: Set(times.closes_at),
        questions_until: Set(times.questions_until),
        max_supplier_share_ppm: Set(new.max_supplier_share),
        revision: Set(revision),
        version: Set(found.version + 1),
        ..Default::default()
    };
    let row = row.update(w.db()).await?;
    let kept = amendment::Model {
        id: w.new_id(),
        requirement_id: id,
        revision,
        reason: new.reason.clone(),
        changes: serde_json::to_string(&changes)?,
        before: before.said()?.to_string(),
        amended_at: w.at(),
        amended_by: w.actor().account,
    };
    amendment::Entity::insert(amendment::ActiveModel::from(kept.clone()))
        .exec_without_returning(w.db())
        .await?;
    let details = json!({ "revision": revision, "reason": new.reason, "changes": changes });
    w.record("requirement", id, &details).await?;
    Ok((complete_one(w.db(), w.actor(), row).await?, kept.try_into()?))
}

/// Puts the lots into their new order and terms. A lot that is taken out keeps its row below zero, at a place
/// that no other lot of any revision has.
async fn rewrite_lots(
    w: &Write,
    before: &Requirement,
    new: &NewAmendment,
    changes: &Changes,
    revision: i64,
) -> Result<(), Problem> {
    let most = i32::try_from(MOST_LOTS).unwrap_or(i32::MAX);
    let floor = i32::try_from(revision).unwrap_or(i32::MAX).saturating_mul(most);
    for (lot, position) in before.lots.iter().zip(1..) {
        set_lot(w, lot.id, lot::ActiveModel { position: Set(-(floor + position)), ..Default::default() })
            .await?;
    }
    for (amended, position) in new.lots.iter().zip(0..) {
        let Some(id) = amended.id else {
            let mut row = lot_row(w, before.id, &amended.terms, position);
            row.revision = Set(revision);
            lot::Entity::insert(row).exec_without_returning(w.db()).await?;
            continue;
        };
        let mut row = lot::ActiveModel { position: Set(position), ..Default::default() };
        if changes.lots_changed.contains(&id) {
            row = lot::ActiveModel {
                position: Set(position),
                revision: Set(revision),
                ..lot_terms(&amended.terms)
            };
            // Where it came from is not its lead firm's to change.
            row.external_reference = sea_orm::ActiveValue::NotSet;
        }
        set_lot(w, id, row).await?;
    }
    Ok(())
}

async fn set_lot(w: &Write, id: LotId, row: lot::ActiveModel) -> Result<(), Problem> {
    lot::ActiveModel { id: Set(id), ..row }.update(w.db()).await?;
    Ok(())
}

/// The amendments of a requirement that the actor may see, the first one first.
///
/// # Errors
/// 404 when the actor sees no such requirement.
pub async fn amendments(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Amendment>, Problem> {
    let seen = requirement::Entity::find_by_id(id)
        .filter(visible(actor))
        .select_only()
        .column(requirement::Column::Id)
        .into_tuple::<RequirementId>()
        .one(db)
        .await?;
    seen.ok_or_else(Problem::not_found)?;
    let rows = amendment::Entity::find()
        .filter(amendment::Column::RequirementId.eq(id))
        .order_by_asc(amendment::Column::Revision)
        .all(db)
        .await?;
    rows.into_iter().map(Amendment::try_from).collect()
}

impl TryFrom<amendment::Model> for Amendment {
    type Error = Problem;

    fn try_from(row: amendment::Model) -> Result<Self, Problem> {
        Ok(Self {
            revision: row.revision,
            reason: row.reason,
            changes: serde_json::from_str(&row.changes)?,
            before: serde_json::from_str(&row.before)?,
            amended_at: row.amended_at,
        })
    }
}
