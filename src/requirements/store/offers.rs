//! Offers: sealed until their requirement closes.
//!
//! Everything here but [`offers_for_matching`] reads and writes the actor's own offers alone.

use sea_orm::{
    ActiveValue::Set, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    entities::{lot, offer as offers, requirement},
    reading::visible,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::IfVersion,
        ids::{LotId, OrganisationId, RequirementId},
        problem::Problem,
    },
    requirements::{NewOffer, Offer, State},
};

/// The lot on which the actor may put a price now. The requirement can't close before the write ends;
/// suppliers who make their offers at the same time don't wait for each other.
async fn open_lot(w: &Write, id: LotId) -> Result<lot::Model, Problem> {
    let found = lot::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let requirement = requirement::Entity::find_by_id(found.requirement_id)
        .filter(visible(w.actor()))
        .lock_shared()
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?;
    w.in_state(requirement.state)?;
    Ok(found)
}

/// Puts the actor's own price on a lot. The first one goes with version 0.
///
/// # Errors
/// 404 when the actor sees no such lot, 409 when its requirement is not published, 412 for a stale
/// version, 422 for more units than the lot has.
pub async fn put_offer(w: &Write, id: LotId, new: NewOffer, version: IfVersion) -> Result<Offer, Problem> {
    let lot = open_lot(w, id).await?;
    let key = (id, w.actor().organisation);
    let present = offers::Entity::find_by_id(key).lock_exclusive().one(w.db()).await?;
    let present = present.map_or(0, |row| row.version);
    version.check(present)?;
    let errors = new.faults(lot.quantity);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = offers::Model {
        lot_id: id,
        supplier_id: w.actor().organisation,
        unit_price: new.unit_price,
        max_quantity: new.max_quantity,
        offered_at: w.at(),
        offered_by: w.actor().account,
        version: present + 1,
    };
    if present == 0 {
        // A colleague's first offer may come between our look and our insert.
        let nothing = OnConflict::new().do_nothing().to_owned();
        let insert = offers::Entity::insert(offers::ActiveModel::from(row.clone())).on_conflict(nothing);
        if insert.exec_without_returning(w.db()).await? == 0 {
            return Err(Problem::stale());
        }
    } else {
        offers::ActiveModel::from(row.clone()).reset_all().update(w.db()).await?;
    }
    // Without the price: what is sealed stands in one place.
    w.record("offer", id, &json!({ "version": row.version })).await?;
    Ok(row.into())
}

/// Takes the actor's own offer back.
///
/// # Errors
/// 404 when there is none, 409 when the requirement is not published, 412 for a stale version.
pub async fn withdraw_offer(w: &Write, id: LotId, version: IfVersion) -> Result<(), Problem> {
    open_lot(w, id).await?;
    let key = (id, w.actor().organisation);
    let found = offers::Entity::find_by_id(key).lock_exclusive().one(w.db()).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    offers::Entity::delete_by_id(key).exec(w.db()).await?;
    w.record("offer", id, &json!({ "withdrawn": true })).await
}

/// The actor's own offer for a lot.
///
/// # Errors
/// 404 when there is none.
pub async fn offer(db: &impl ConnectionTrait, actor: &Actor, id: LotId) -> Result<Offer, Problem> {
    let found = offers::Entity::find_by_id((id, actor.organisation)).one(db).await?;
    found.map(Offer::from).ok_or_else(Problem::not_found)
}

/// The actor's own offers for a requirement, in the order of the lots' ids.
///
/// # Errors
/// 404 when the actor sees no such requirement.
pub async fn own_offers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Offer>, Problem> {
    seen(db, actor, id).await?;
    let query = of(id).filter(offers::Column::SupplierId.eq(actor.organisation));
    Ok(query.all(db).await?.into_iter().map(Offer::from).collect())
}

/// Every offer for a closed requirement, in the order of the ids: for the matching, which the
/// institution starts and the service itself runs.
///
/// # Errors
/// 404 for everybody else, 409 while the offers are sealed.
pub async fn offers_for_matching(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Offer>, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    let requirement = seen(db, actor, id).await?;
    if requirement.state != State::Closed {
        return Err(Problem::wrong_state(requirement.state.word(), &[State::Closed.word()]));
    }
    Ok(of(id).all(db).await?.into_iter().map(Offer::from).collect())
}

async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<requirement::Model, Problem> {
    let found = requirement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)
}

fn of(id: RequirementId) -> sea_orm::Select<offers::Entity> {
    let lots =
        lot::Entity::find().select_only().column(lot::Column::Id).filter(lot::Column::RequirementId.eq(id));
    offers::Entity::find()
        .filter(offers::Column::LotId.in_subquery(lots.into_query()))
        .order_by_asc(offers::Column::LotId)
        .order_by_asc(offers::Column::SupplierId)
}

/// Takes in a price from elsewhere; the same supplier's price for the same lot is replaced.
///
/// # Errors
/// 404 when the actor sees no such lot, 422 for more units than the lot has.
pub async fn import_offer(
    w: &Write,
    id: LotId,
    supplier: OrganisationId,
    new: NewOffer,
) -> Result<(), Problem> {
    let (_, lot) = super::lot(w.db(), w.actor(), id).await?;
    let errors = new.faults(lot.quantity);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = offers::ActiveModel {
        lot_id: Set(id),
        supplier_id: Set(supplier),
        unit_price: Set(new.unit_price),
        max_quantity: Set(new.max_quantity),
        offered_at: Set(w.at()),
        offered_by: Set(w.actor().account),
        version: Set(1),
    };
    let columns = [offers::Column::UnitPrice, offers::Column::MaxQuantity];
    let key = [offers::Column::LotId, offers::Column::SupplierId];
    offers::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("offer", id, &json!({ "supplier": supplier })).await
}

impl From<offers::Model> for Offer {
    fn from(row: offers::Model) -> Self {
        Self {
            lot: row.lot_id,
            supplier: row.supplier_id,
            unit_price: row.unit_price,
            max_quantity: row.max_quantity,
            offered_at: row.offered_at,
            version: row.version,
        }
    }
}
