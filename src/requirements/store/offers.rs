//! Offers: sealed until their requirement closes.
//!
//! Everything here but [`offers_for_matching`] and [`verify_offers`] reads and writes the actor's own offers
//! alone, those of the consortia in which its firm is among them: their members read them, their speaker writes
//! them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::OnConflict,
};
use serde_json::json;

use super::{
    entities::{lot, offer as offers, requirement},
    reading::visible,
};
use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::Day,
        db::Write,
        http::IfVersion,
        ids::{ConsortiumId, LotId, NetworkId, OrganisationId, ProgrammeId, RequirementId},
        problem::Problem,
    },
    programmes::{
        self,
        consortia::{Consortium, State as ConsortiumState},
    },
    requirements::{
        Lot, NewOffer, Offer, OfferStanding, State,
        sealed::{Bidder, Composition, Proof},
    },
};

/// The lot on which the actor may put a price now, and its requirement.
async fn open_lot(w: &Write, id: LotId) -> Result<(requirement::Model, Lot), Problem> {
    let found = lot::Entity::find_by_id(id).one(w.db()).await?.filter(|lot| lot.position >= 0);
    let found = found.ok_or_else(Problem::not_found)?;
    Ok((open_requirement(w, found.requirement_id).await?, found.into()))
}

/// The requirement takes offers, and goes on doing so until the write ends; suppliers who make their offers at
/// the same time don't wait for each other.
async fn open_requirement(w: &Write, id: RequirementId) -> Result<requirement::Model, Problem> {
    let requirement = requirement::Entity::find_by_id(id)
        .filter(visible(w.actor()))
        .lock_shared()
        .one(w.db())
        .await?
        .ok_or_else(Problem::not_found)?
        .seen_by(w.actor());
    w.in_state(requirement.state())?;
    // The job that closes it may come a little later than the time.
    match requirement.closes_at.filter(|at| *at <= w.at()) {
        Some(at) => {
            let at = programmes::store::moment(w, requirement.programme_id, at).await?;
            Err(Problem::conflict("offers-ended").with("closes_at", at))
        }
        None => Ok(requirement),
    }
}

/// Where a consortium must bid to offer for the requirement.
fn place(requirement: &requirement::Model) -> (ProgrammeId, Option<NetworkId>) {
    (requirement.programme_id, requirement.network_id)
}

/// For whom the actor offers: its own firm, or the consortium for which that speaks.
async fn bidder(
    w: &Write,
    requirement: &requirement::Model,
    consortium: Option<ConsortiumId>,
) -> Result<Bidder, Problem> {
    let mut by = Bidder { supplier: w.actor().organisation, consortium: None };
    if let Some(id) = consortium {
        let Consortium { state, version, .. } =
            programmes::store::speaks_for(w, id, place(requirement)).await?;
        if state != ConsortiumState::Ready {
            return Err(Problem::conflict("consortium-not-ready").with("state", state));
        }
        by.consortium = Some(Composition { id, version });
    }
    Ok(by)
}

/// Puts the price of the actor's own firm, or of the consortium for which it speaks, on a lot. The first one
/// goes with version 0.
///
/// # Errors
/// 404 when the actor sees no such lot or consortium, 409 when the requirement takes no offers, or the
/// consortium is not ready, is of another programme or has another speaker, 412 for a stale version, 422 for
/// more units than the lot has or a day that is past.
pub async fn put_offer(
    w: &Write,
    id: LotId,
    consortium: Option<ConsortiumId>,
    new: NewOffer,
    version: IfVersion,
) -> Result<Offer, Problem> {
    let (requirement, lot) = open_lot(w, id).await?;
    let by = bidder(w, &requirement, consortium).await?;
    let present = offers::Entity::find_by_id((id, by.id())).lock_exclusive().one(w.db()).await?;
    version.check(present.as_ref().map_or(0, |row| row.version))?;
    let errors = new.faults(&lot, programmes::store::today(w, requirement.programme_id).await?);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    keep(w, &lot, by, new, present.map_or(0, |row| row.version)).await
}

/// Confirms such an offer for a lot that was amended, or for a consortium that has changed: it stands as it is,
/// sealed anew.
///
/// # Errors
/// 404 when there is none, 409 as for a new one, 412 for a stale version, 422 when the offer does not fit the
/// lot as it is now.
pub async fn confirm_offer(
    w: &Write,
    id: LotId,
    consortium: Option<ConsortiumId>,
    version: IfVersion,
) -> Result<Offer, Problem> {
    let (requirement, lot) = open_lot(w, id).await?;
    let by = bidder(w, &requirement, consortium).await?;
    let present = offers::Entity::find_by_id((id, by.id())).lock_exclusive().one(w.db()).await?;
    let present = present.ok_or_else(Problem::not_found)?;
    version.check(present.version)?;
    let terms = present.terms();
    let errors = terms.faults(&lot, programmes::store::today(w, requirement.programme_id).await?);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    keep(w, &lot, by, terms, present.version).await
}

/// Seals an offer and keeps it in place of the one of version `present`; 0: there is none.
async fn keep(w: &Write, lot: &Lot, by: Bidder, new: NewOffer, present: i64) -> Result<Offer, Problem> {
    let proof = Proof::seal(&new, lot.id, lot.revision, by, w.at(), w.ids().secret())?;
    let row = offers::Model {
        lot_id: lot.id,
        bidder_id: by.id(),
        supplier_id: by.supplier,
        consortium_id: by.consortium.map(|consortium| consortium.id),
        consortium_version: by.consortium.map(|consortium| consortium.version),
        unit_price: new.unit_price,
        max_quantity: new.max_quantity,
        lead_time_days: new.lead_time_days,
        valid_until: new.valid_until,
        lot_revision: lot.revision,
        salt: Some(proof.salt),
        sealed: Some(proof.sealed),
        commitment: Some(proof.commitment),
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
    // Without the price: what is sealed stands in one place. The commitment tells nobody anything, and
    // proves in a trail that nobody can rewrite what the supplier offered.
    let mut details = json!({ "commitment": row.commitment });
    if let Some(consortium) = row.consortium_id {
        details["consortium"] = json!(consortium);
    }
    w.record("offer", lot.id, &details).await?;
    Ok(row.stand(Some(lot), by.consortium.map(|found| (ConsortiumState::Ready, found.version))))
}

/// Takes back the offer of the actor's own firm, or of the consortium for which it speaks, ready or not.
///
/// # Errors
/// 404 when there is none, 409 when the requirement takes no offers or another firm speaks for the consortium,
/// 412 for a stale version.
pub async fn withdraw_offer(
    w: &Write,
    id: LotId,
    consortium: Option<ConsortiumId>,
    version: IfVersion,
) -> Result<(), Problem> {
    let lot = lot::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let requirement = open_requirement(w, lot.requirement_id).await?;
    if let Some(consortium) = consortium {
        programmes::store::speaks_for(w, consortium, place(&requirement)).await?;
    }
    let key = (id, consortium.map_or(w.actor().organisation.0, Uuid::from));
    let found = offers::Entity::find_by_id(key).lock_exclusive().one(w.db()).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    version.check(found.version)?;
    offers::Entity::delete_by_id(key).exec(w.db()).await?;
    w.record("offer", id, &json!({ "withdrawn": true, "consortium": consortium })).await
}

/// Offers that are the actor's to read: its own firm's, and those of the consortia in which that is.
fn own(actor: &Actor) -> Condition {
    let alone = Condition::all()
        .add(offers::Column::SupplierId.eq(actor.organisation))
        .add(offers::Column::ConsortiumId.is_null());
    let together = offers::Column::ConsortiumId.in_subquery(programmes::store::belonging_to(actor));
    Condition::any().add(alone).add(together)
}

/// The offer of the actor's own firm for a lot, or that of a consortium in which it is.
///
/// # Errors
/// 404 when there is none.
pub async fn offer(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: LotId,
    consortium: Option<ConsortiumId>,
) -> Result<Offer, Problem> {
    let key = (id, consortium.map_or(actor.organisation.0, Uuid::from));
    let found = offers::Entity::find_by_id(key).filter(own(actor)).one(db).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let lot = lot::Entity::find_by_id(id).one(db).await?.filter(|lot| lot.position >= 0).map(Lot::from);
    stood(db, actor, lot.as_slice(), vec![found]).await?.pop().ok_or_else(Problem::not_found)
}

/// The offers of the actor's own firm for a requirement, and those of the consortia in which it is, in the order
/// of the lots' ids.
///
/// # Errors
/// 404 when the actor sees no such requirement.
pub async fn own_offers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Offer>, Problem> {
    seen(db, actor, id).await?;
    let rows = of(id).filter(own(actor)).all(db).await?;
    stood(db, actor, &lots_of(db, id).await?, rows).await
}

/// Who has made an offer for a closed requirement, a firm or a consortium, for the institution and the service.
///
/// # Errors
/// 404 for everybody else, 409 while the offers are sealed.
pub async fn bidders(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<(OrganisationId, Option<ConsortiumId>)>, Problem> {
    let offers = unsealed(db, actor, id).await?;
    let bidders: BTreeSet<_> = offers.into_iter().map(|offer| (offer.supplier, offer.consortium)).collect();
    Ok(bidders.into_iter().collect())
}

/// Every offer that counts for a closed requirement, in the order of the ids: for the matching, which the
/// institution starts and the service itself runs. Offers on lots that were amended after them, or of consortia
/// that have changed, and not confirmed do not count; which of the others still hold on a day,
/// [`Offer::holds_on`] says.
///
/// # Errors
/// 404 for everybody else, 409 while the offers are sealed.
pub async fn offers_for_matching(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Offer>, Problem> {
    let offers = unsealed(db, actor, id).await?;
    Ok(offers.into_iter().filter(|offer| offer.standing == OfferStanding::Live).collect())
}

/// An offer's commitment, and whether what is kept is what was committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The lot.
    pub lot: LotId,
    /// Who offered.
    pub supplier: OrganisationId,
    /// For which consortium.
    pub consortium: Option<ConsortiumId>,
    /// The commitment; an imported offer has none.
    pub commitment: Option<String>,
    /// Whether it is the one of the salt and of what the offer says.
    pub holds: bool,
}

/// Verifies the commitments of all offers for a closed requirement, for its institution: hash, sealed text,
/// and the columns that the matching reads must agree.
///
/// # Errors
/// 404 for everybody else, 409 while the offers are sealed.
pub async fn verify_offers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Verified>, Problem> {
    unsealed(db, actor, id).await?;
    let rows = of(id).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let holds = row.agrees()?;
            let (lot, supplier, consortium) = (row.lot_id, row.supplier_id, row.consortium_id);
            Ok(Verified { lot, supplier, consortium, commitment: row.commitment, holds })
        })
        .collect()
}

async fn unsealed(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<Vec<Offer>, Problem> {
    if !actor.is_system() && actor.kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    let requirement = seen(db, actor, id).await?;
    if requirement.state != State::Closed {
        let unsealed = [State::Closed.word(), State::Awarded.word()];
        return Err(Problem::wrong_state(requirement.state.word(), &unsealed));
    }
    let rows = of(id).all(db).await?;
    stood(db, actor, &lots_of(db, id).await?, rows).await
}

async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RequirementId,
) -> Result<requirement::Model, Problem> {
    let found = requirement::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)
}

/// The lots of a requirement that were not taken out.
async fn lots_of(db: &impl ConnectionTrait, id: RequirementId) -> Result<Vec<Lot>, Problem> {
    let lots = lot::Entity::find()
        .filter(lot::Column::RequirementId.eq(id))
        .filter(lot::Column::Position.gte(0))
        .all(db)
        .await?;
    Ok(lots.into_iter().map(Lot::from).collect())
}

/// These offers, each beside its lot and its consortium as they are now.
async fn stood(
    db: &impl ConnectionTrait,
    actor: &Actor,
    lots: &[Lot],
    rows: Vec<offers::Model>,
) -> Result<Vec<Offer>, Problem> {
    let consortia = rows.iter().filter_map(|row| row.consortium_id);
    let consortia: BTreeMap<_, _> = programmes::store::consortia_now(db, actor, consortia).await?;
    let stand = |row: offers::Model| {
        let lot = lots.iter().find(|lot| lot.id == row.lot_id);
        let consortium = row.consortium_id.and_then(|id| consortia.get(&id).copied());
        row.stand(lot, consortium)
    };
    Ok(rows.into_iter().map(stand).collect())
}

fn of(id: RequirementId) -> sea_orm::Select<offers::Entity> {
    let lots =
        lot::Entity::find().select_only().column(lot::Column::Id).filter(lot::Column::RequirementId.eq(id));
    offers::Entity::find()
        .filter(offers::Column::LotId.in_subquery(lots.into_query()))
        .order_by_asc(offers::Column::LotId)
        .order_by_asc(offers::Column::BidderId)
}

/// Takes in a price from elsewhere for a lot that the caller has in hand, on that day of its programme; the same
/// supplier's price for the same lot is replaced, unless the supplier has committed itself to it.
///
/// # Errors
/// 409 for an offer that is sealed, 422 for more units than the lot has.
pub async fn import_offer(
    w: &Write,
    (lot, day): (&Lot, Day),
    supplier: OrganisationId,
    new: NewOffer,
) -> Result<(), Problem> {
    let id = lot.id;
    let errors = new.faults(lot, day);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let present = offers::Entity::find_by_id((id, supplier.0)).lock_exclusive().one(w.db()).await?;
    if present.as_ref().is_some_and(|row| row.commitment.is_some()) {
        return Err(Problem::conflict("offer-committed").with("lot", &lot.name));
    }
    let row = offers::ActiveModel {
        lot_id: Set(id),
        bidder_id: Set(supplier.0),
        supplier_id: Set(supplier),
        consortium_id: Set(None),
        consortium_version: Set(None),
        unit_price: Set(new.unit_price),
        max_quantity: Set(new.max_quantity),
        lead_time_days: Set(new.lead_time_days),
        valid_until: Set(new.valid_until),
        lot_revision: Set(lot.revision),
        salt: Set(None),
        sealed: Set(None),
        commitment: Set(None),
        offered_at: Set(w.at()),
        offered_by: Set(w.actor().account),
        version: Set(present.map_or(0, |row| row.version) + 1),
    };
    let columns = [offers::Column::UnitPrice, offers::Column::MaxQuantity, offers::Column::Version];
    let key = [offers::Column::LotId, offers::Column::BidderId];
    offers::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(columns).to_owned())
        .exec_without_returning(w.db())
        .await?;
    w.record("offer", id, &json!({ "supplier": supplier })).await
}

impl Bidder {
    /// Under which the offer is kept.
    fn id(self) -> Uuid {
        self.consortium.map_or(self.supplier.0, |consortium| consortium.id.0)
    }
}

impl offers::Model {
    const fn terms(&self) -> NewOffer {
        NewOffer {
            unit_price: self.unit_price,
            max_quantity: self.max_quantity,
            lead_time_days: self.lead_time_days,
            valid_until: self.valid_until,
        }
    }

    fn proof(&self) -> Option<Proof> {
        let (salt, sealed) = (self.salt.clone()?, self.sealed.clone()?);
        Some(Proof { salt, sealed, commitment: self.commitment.clone()? })
    }

    /// Whether hash, sealed text and columns agree; what was never committed agrees with nothing.
    fn agrees(&self) -> Result<bool, Problem> {
        let Some(proof) = self.proof() else { return Ok(false) };
        let composition = |(id, version)| Composition { id, version };
        let consortium = self.consortium_id.zip(self.consortium_version).map(composition);
        let by = Bidder { supplier: self.supplier_id, consortium };
        let again = Proof::seal(
            &self.terms(),
            self.lot_id,
            self.lot_revision,
            by,
            self.offered_at,
            proof.salt.clone(),
        )?;
        Ok(proof.holds() && again == proof)
    }

    /// The offer, beside its lot and its consortium as they are now; no lot: it was taken out.
    fn stand(self, lot: Option<&Lot>, consortium: Option<(ConsortiumState, i64)>) -> Offer {
        let changed = self.consortium_id.is_some()
            && consortium.is_none_or(|(state, version)| {
                state != ConsortiumState::Ready || Some(version) != self.consortium_version
            });
        let dissolved = consortium.is_some_and(|(state, _)| state == ConsortiumState::Dissolved);
        let standing = match lot {
            None => OfferStanding::Void,
            Some(_) if dissolved => OfferStanding::Void,
            Some(lot) if changed || lot.revision > self.lot_revision => OfferStanding::Stale,
            Some(_) => OfferStanding::Live,
        };
        Offer {
            lot: self.lot_id,
            supplier: self.supplier_id,
            consortium: self.consortium_id,
            terms: self.terms(),
            standing,
            deliver_by: lot.and_then(|lot| lot.terms.delivery.to),
            proof: self.proof(),
            offered_at: self.offered_at,
            version: self.version,
        }
    }
}
