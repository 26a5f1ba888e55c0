//! Sealed offers: a supplier's own, and nobody else's.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        db::Once,
        http::{Body, IfVersion, Key, Reply, etag},
        ids::{LotId, RequirementId},
        money::UnitPrice,
        problem::Problem,
    },
    requirements::{ListOffers, NewOffer, Offer, PutOffer, ReadOffer, WithdrawOffer, store},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(put, read, withdraw)).routes(routes!(list))
}

/// One's price for a lot.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
struct OfferJson {
    lot: LotId,
    /// In the programme's currency.
    unit_price: UnitPrice,
    /// At most so many units; null: the whole lot.
    max_quantity: Option<i64>,
    offered_at: Timestamp,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<Offer> for OfferJson {
    fn from(o: Offer) -> Self {
        let Offer { lot, supplier: _, unit_price, max_quantity, offered_at, version } = o;
        Self { lot, unit_price, max_quantity, offered_at, etag: etag(version) }
    }
}

fn answer(offer: Offer) -> Result<Reply, Problem> {
    Ok(Reply::ok(&OfferJson::from(offer))?.version(offer.version))
}

/// A price to put on a lot.
#[derive(ToSchema)]
#[schema(as = NewOffer)]
#[expect(dead_code, reason = "describes what `NewOffer` reads")]
struct NewOfferJson {
    /// In the programme's currency.
    #[schema(example = "17900")]
    unit_price: UnitPrice,
    /// At most so many units, and no more than the lot has; absent: the whole lot.
    #[schema(example = 200, minimum = 1)]
    max_quantity: Option<i64>,
}

/// Puts one's sealed price on a lot. The first one goes with `If-Match: "0"`.
#[utoipa::path(
    put, path = "/lots/{id}/offer", operation_id = "offers_put", tag = "requirements",
    params(("id" = LotId, Path), ("If-Match" = String, Header)), request_body = NewOfferJson,
    responses((status = OK, body = OfferJson))
)]
async fn put(
    Service(base): Service<Base>,
    may: May<PutOffer>,
    Key(lot): Key<LotId>,
    version: IfVersion,
    Body { value, once }: Body<NewOffer>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::put_offer(&w, lot, value, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Looks at one's offer for a lot.
#[utoipa::path(
    get, path = "/lots/{id}/offer", operation_id = "offers_read", tag = "requirements",
    params(("id" = LotId, Path)), responses((status = OK, body = OfferJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<ReadOffer>,
    Key(lot): Key<LotId>,
) -> Result<Reply, Problem> {
    answer(store::offer(base.db.reads(), may.actor(), lot).await?)
}

/// Takes one's offer back.
#[utoipa::path(
    delete, path = "/lots/{id}/offer", operation_id = "offers_withdraw", tag = "requirements",
    params(("id" = LotId, Path), ("If-Match" = String, Header)), responses((status = NO_CONTENT))
)]
async fn withdraw(
    Service(base): Service<Base>,
    may: May<WithdrawOffer>,
    Key(lot): Key<LotId>,
    version: IfVersion,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::withdraw_offer(&w, lot, version).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// One's offers for a requirement.
#[derive(Serialize, ToSchema)]
struct Offers {
    items: Vec<OfferJson>,
}

/// Lists one's offers for a requirement.
#[utoipa::path(
    get, path = "/requirements/{id}/offers", operation_id = "offers_list", tag = "requirements",
    params(("id" = RequirementId, Path)), responses((status = OK, body = Offers))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListOffers>,
    Key(id): Key<RequirementId>,
) -> Result<Reply, Problem> {
    let offers = store::own_offers(base.db.reads(), may.actor(), id).await?;
    Reply::ok(&Offers { items: offers.into_iter().map(OfferJson::from).collect() })
}
