//! Sealed offers of consortia: their members read them, their speaker writes them.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::offers::{NewOfferJson, OfferJson, answer};
use crate::{
    foundation::{
        Base,
        access::May,
        db::Once,
        fields::Nothing,
        http::{Body, IfVersion, Key, Reply},
        ids::{ConsortiumId, LotId},
        problem::Problem,
    },
    requirements::{
        ConfirmConsortiumOffer, NewOffer, PutConsortiumOffer, ReadConsortiumOffer, WithdrawConsortiumOffer,
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(put, read, withdraw)).routes(routes!(confirm))
}

/// Puts the sealed price of the consortium for which one's firm speaks on a lot. The first one goes with
/// `If-Match: "0"`.
#[utoipa::path(
    put, path = "/lots/{id}/consortia/{consortium}/offer", operation_id = "consortium_offers_put",
    tag = "requirements",
    params(("id" = LotId, Path), ("consortium" = ConsortiumId, Path), ("If-Match" = String, Header)),
    request_body = NewOfferJson, responses((status = OK, body = OfferJson))
)]
async fn put(
    Service(base): Service<Base>,
    may: May<PutConsortiumOffer>,
    Key((lot, consortium)): Key<(LotId, ConsortiumId)>,
    version: IfVersion,
    Body { value, once }: Body<NewOffer>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::put_offer(&w, lot, Some(consortium), value, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Confirms the offer of a consortium for which one's firm speaks, after the lot was amended or the consortium
/// has changed: it counts again as it is.
#[utoipa::path(
    post, path = "/lots/{id}/consortia/{consortium}/offer/confirm", operation_id = "consortium_offers_confirm",
    tag = "requirements",
    params(("id" = LotId, Path), ("consortium" = ConsortiumId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = OfferJson))
)]
async fn confirm(
    Service(base): Service<Base>,
    may: May<ConfirmConsortiumOffer>,
    Key((lot, consortium)): Key<(LotId, ConsortiumId)>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::confirm_offer(&w, lot, Some(consortium), version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Looks at the offer of a consortium in which one's firm is.
#[utoipa::path(
    get, path = "/lots/{id}/consortia/{consortium}/offer", operation_id = "consortium_offers_read",
    tag = "requirements", params(("id" = LotId, Path), ("consortium" = ConsortiumId, Path)),
    responses((status = OK, body = OfferJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<ReadConsortiumOffer>,
    Key((lot, consortium)): Key<(LotId, ConsortiumId)>,
) -> Result<Reply, Problem> {
    answer(store::offer(base.db.reads(), may.actor(), lot, Some(consortium)).await?)
}

/// Takes the offer of a consortium for which one's firm speaks back.
#[utoipa::path(
    delete, path = "/lots/{id}/consortia/{consortium}/offer", operation_id = "consortium_offers_withdraw",
    tag = "requirements",
    params(("id" = LotId, Path), ("consortium" = ConsortiumId, Path), ("If-Match" = String, Header)),
    responses((status = NO_CONTENT))
)]
async fn withdraw(
    Service(base): Service<Base>,
    may: May<WithdrawConsortiumOffer>,
    Key((lot, consortium)): Key<(LotId, ConsortiumId)>,
    version: IfVersion,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::withdraw_offer(&w, lot, Some(consortium), version).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
