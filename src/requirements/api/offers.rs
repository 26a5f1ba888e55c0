//! Sealed offers: a supplier's own, and nobody else's. [`super::consortium_offers`] has those of consortia.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        db::Once,
        fields::Nothing,
        http::{Body, IfVersion, Key, Reply, etag},
        ids::{ConsortiumId, LotId, OrganisationId, RequirementId},
        money::UnitPrice,
        problem::Problem,
    },
    requirements::{
        ConfirmOffer, ListOffers, NewOffer, Offer, OfferStanding, PutOffer, ReadOffer, VerifyOffers,
        WithdrawOffer, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(put, read, withdraw))
        .routes(routes!(confirm))
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// One's offer for a lot.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub(super) struct OfferJson {
    lot: LotId,
    /// The consortium that offers; null: one's firm alone.
    consortium: Option<ConsortiumId>,
    /// In the programme's currency.
    unit_price: UnitPrice,
    /// At most so many units; null: the whole lot.
    max_quantity: Option<i64>,
    /// Days from order to delivery.
    lead_time_days: Option<i64>,
    /// The last day on which an order would still be delivered in time: a run after it leaves the offer out. Null
    /// without lead time, or where the lot has no last day of delivery.
    last_order_on: Option<Day>,
    /// The last day on which it holds; null: until it is awarded or not.
    valid_until: Option<Day>,
    /// `stale`: the lot was amended after it, or the consortium has changed; confirm or replace it. `void`: the
    /// lot was taken out, or the consortium dissolved.
    standing: OfferStanding,
    /// What proves it later: keep it. Null for an import.
    proof: Option<ProofJson>,
    offered_at: Timestamp,
    #[schema(example = "\"1\"")]
    etag: String,
}

/// The SHA-256 of `salt` followed by `sealed`, as they stand, is `commitment`.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferProof)]
struct ProofJson {
    salt: String,
    /// The canonical text of what is offered.
    sealed: String,
    /// In hexadecimal. It is in the audit trail from the moment of the offer.
    commitment: String,
}

impl From<Offer> for OfferJson {
    fn from(o: Offer) -> Self {
        let last_order_on = o.last_order_on();
        let Offer { lot, consortium, terms, standing, proof, offered_at, version, .. } = o;
        let proof = proof.map(|p| ProofJson { salt: p.salt, sealed: p.sealed, commitment: p.commitment });
        let NewOffer { unit_price, max_quantity, lead_time_days, valid_until } = terms;
        Self {
            lot,
            consortium,
            unit_price,
            max_quantity,
            lead_time_days,
            last_order_on,
            valid_until,
            standing,
            proof,
            offered_at,
            etag: etag(version),
        }
    }
}

pub(super) fn answer(offer: Offer) -> Result<Reply, Problem> {
    let version = offer.version;
    Ok(Reply::ok(&OfferJson::from(offer))?.version(version))
}

/// A price to put on a lot.
#[derive(ToSchema)]
#[schema(as = NewOffer)]
#[expect(dead_code, reason = "describes what `NewOffer` reads")]
pub(super) struct NewOfferJson {
    /// In the programme's currency.
    #[schema(example = "17900")]
    unit_price: UnitPrice,
    /// At most so many units, and no more than the lot has; absent: the whole lot.
    #[schema(example = 200, minimum = 1)]
    max_quantity: Option<i64>,
    /// Days from order to delivery. A run leaves the offer out where an order of its day would come after the lot's
    /// last day of delivery.
    #[schema(example = 45, minimum = 0, maximum = 730)]
    lead_time_days: Option<i64>,
    /// The last day on which it holds; absent: until it is awarded or not.
    valid_until: Option<Day>,
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
        let reply = answer(store::put_offer(&w, lot, None, value, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Confirms one's offer for a lot that was amended: it counts again as it is.
#[utoipa::path(
    post, path = "/lots/{id}/offer/confirm", operation_id = "offers_confirm", tag = "requirements",
    params(("id" = LotId, Path), ("If-Match" = String, Header)), responses((status = OK, body = OfferJson))
)]
async fn confirm(
    Service(base): Service<Base>,
    may: May<ConfirmOffer>,
    Key(lot): Key<LotId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::confirm_offer(&w, lot, None, version).await?)?;
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
    answer(store::offer(base.db.reads(), may.actor(), lot, None).await?)
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
        store::withdraw_offer(&w, lot, None, version).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// One's offers for a requirement.
#[derive(Serialize, ToSchema)]
struct Offers {
    items: Vec<OfferJson>,
}

/// Lists one's offers for a requirement, and those of the consortia in which one is.
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

/// The commitment of an offer.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferCommitment)]
struct CommitmentJson {
    lot: LotId,
    supplier: OrganisationId,
    consortium: Option<ConsortiumId>,
    /// What the supplier was given when it made the offer; null for an import.
    commitment: Option<String>,
    /// Whether what is kept of the offer is what was committed.
    holds: bool,
}

/// The commitments of the offers for a requirement.
#[derive(Serialize, ToSchema)]
struct Commitments {
    items: Vec<CommitmentJson>,
}

/// Verifies the commitments of the offers for a closed requirement. Prices are not shown.
#[utoipa::path(
    get, path = "/requirements/{id}/commitments", operation_id = "offers_verify", tag = "requirements",
    params(("id" = RequirementId, Path)), responses((status = OK, body = Commitments))
)]
async fn verify(
    Service(base): Service<Base>,
    may: May<VerifyOffers>,
    Key(id): Key<RequirementId>,
) -> Result<Reply, Problem> {
    let found = store::verify_offers(base.db.reads(), may.actor(), id).await?;
    let items = found.into_iter().map(|offer| {
        let store::Verified { lot, supplier, consortium, commitment, holds } = offer;
        CommitmentJson { lot, supplier, consortium, commitment, holds }
    });
    Reply::ok(&Commitments { items: items.collect() })
}
