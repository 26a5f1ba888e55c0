//! Waivers of the dependency cap.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::Reason,
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        problem::Problem,
        share::Share,
    },
    organisations::{interests::Queued, store::interests},
    programmes::{
        CreateWaiver, ListOwnWaivers, ListWaivers, NewWaiver, ReadWaiver, RevokeWaiver, Revoked, Waiver,
        WaiverState, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create_waiver, list_waivers))
        .routes(routes!(read_waiver))
        .routes(routes!(revoke_waiver))
        .routes(routes!(own_waivers))
}

/// A cap of its own for one supplier towards one buyer.
#[derive(Serialize, ToSchema)]
#[schema(as = Waiver)]
struct WaiverJson {
    id: WaiverId,
    supplier: OrganisationId,
    /// The buyer group, or the lead firm that is in none.
    buyer_group: Uuid,
    dependency_cap: Share,
    reason: String,
    signed_by: AccountId,
    signed_at: Timestamp,
    /// The last day on which it holds, by the programme's clocks.
    expires_on: Day,
    state: WaiverState,
    revoked: Option<RevokedJson>,
}

/// The end of a waiver before its day.
#[derive(Serialize, ToSchema)]
#[schema(as = RevokedWaiver)]
struct RevokedJson {
    at: Timestamp,
    by: AccountId,
    reason: String,
}

impl WaiverJson {
    fn new(w: Waiver, day: Day) -> Self {
        Self {
            id: w.id,
            state: w.state(day),
            revoked: w.revoked.map(|Revoked { at, by, reason }| RevokedJson { at, by, reason }),
            supplier: w.supplier,
            buyer_group: w.buyer_group,
            dependency_cap: w.dependency_cap,
            reason: w.reason,
            signed_by: w.signed_by,
            signed_at: w.signed_at,
            expires_on: w.expires_on,
        }
    }
}

/// A waiver to sign.
#[derive(ToSchema)]
#[schema(as = NewWaiver)]
#[expect(dead_code, reason = "describes what `NewWaiver` reads")]
struct NewWaiverJson {
    supplier: OrganisationId,
    /// It holds for the whole buyer group in which the lead firm is.
    lead_firm: OrganisationId,
    #[schema(example = "0.45")]
    dependency_cap: Share,
    #[schema(example = "Único comprador de la zona hasta que abra la nueva planta.", min_length = 10)]
    reason: String,
    /// The last day on which it holds.
    expires_on: Day,
}

/// Signs a waiver of the dependency cap. A later one for the same supplier and buyer replaces it.
#[utoipa::path(
    post, path = "/programmes/{id}/waivers", operation_id = "waivers_create", tag = "programmes",
    params(("id" = ProgrammeId, Path)), request_body = NewWaiverJson,
    responses((status = CREATED, body = WaiverJson))
)]
async fn create_waiver(
    Service(base): Service<Base>,
    may: May<CreateWaiver>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewWaiver>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let day = store::find(w.db(), w.actor(), id).await?.day(w.at());
        let waiver = store::sign_waiver(&w, id, value).await?;
        let location = format!("/api/v1/programmes/{id}/waivers/{}", waiver.id);
        let reply = Reply::created(location, &WaiverJson::new(waiver, day))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists a programme's waivers, expired ones too.
#[utoipa::path(
    get, path = "/programmes/{id}/waivers", operation_id = "waivers_list", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Queued<WaiverJson>>))
)]
async fn list_waivers(
    Service(base): Service<Base>,
    may: May<ListWaivers>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<Queued<WaiverJson>>, Problem> {
    let day = store::find(base.db.reads(), may.actor(), id).await?.day(base.clock.now());
    let page = store::list_waivers(base.db.reads(), may.actor(), id, &window).await?;
    let parties = |waiver: &Waiver| vec![waiver.supplier, OrganisationId(waiver.buyer_group)];
    interests::queued(&base, may.actor(), page, parties, |waiver| WaiverJson::new(waiver, day)).await
}

/// Looks at a waiver.
#[utoipa::path(
    get, path = "/programmes/{id}/waivers/{waiver}", operation_id = "waivers_read", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("waiver" = WaiverId, Path)),
    responses((status = OK, body = WaiverJson))
)]
async fn read_waiver(
    Service(base): Service<Base>,
    may: May<ReadWaiver>,
    Key((id, waiver)): Key<(ProgrammeId, WaiverId)>,
) -> Result<Reply, Problem> {
    let day = store::find(base.db.reads(), may.actor(), id).await?.day(base.clock.now());
    let found = store::find_waiver(base.db.reads(), may.actor(), id, waiver).await?;
    Reply::ok(&WaiverJson::new(found, day))
}

/// Revokes a waiver that is in force. What was approved under it stands; nothing more is approved under it.
#[utoipa::path(
    post, path = "/programmes/{id}/waivers/{waiver}/revoke", operation_id = "waivers_revoke",
    tag = "programmes", params(("id" = ProgrammeId, Path), ("waiver" = WaiverId, Path)),
    request_body = Reason, responses((status = OK, body = WaiverJson))
)]
async fn revoke_waiver(
    Service(base): Service<Base>,
    may: May<RevokeWaiver>,
    Key((id, waiver)): Key<(ProgrammeId, WaiverId)>,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let day = store::find(w.db(), w.actor(), id).await?.day(w.at());
        let revoked = store::revoke_waiver(&w, id, waiver, value.reason).await?;
        let reply = Reply::ok(&WaiverJson::new(revoked, day))?;
        Ok(w.done(reply))
    })
    .await
}

/// A waiver, for the supplier that has it.
#[derive(Serialize, ToSchema)]
struct OwnWaiver {
    /// The buyer group, or the lead firm that is in none.
    buyer_group: Uuid,
    dependency_cap: Share,
    reason: String,
    expires_on: Day,
    state: WaiverState,
}

/// The waivers that one's firm has.
#[derive(Serialize, ToSchema)]
struct OwnWaivers {
    /// Oldest first.
    items: Vec<OwnWaiver>,
}

/// Lists the waivers that one's own firm has in a programme, expired and revoked ones too.
#[utoipa::path(
    get, path = "/programmes/{id}/own-waivers", operation_id = "waivers_own", tag = "programmes",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = OwnWaivers))
)]
async fn own_waivers(
    Service(base): Service<Base>,
    may: May<ListOwnWaivers>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    let day = store::find(base.db.reads(), may.actor(), id).await?.day(base.clock.now());
    let waivers = store::own_waivers(base.db.reads(), may.actor(), id).await?;
    let items = waivers.into_iter().map(|waiver| OwnWaiver {
        state: waiver.state(day),
        buyer_group: waiver.buyer_group,
        dependency_cap: waiver.dependency_cap,
        reason: waiver.reason,
        expires_on: waiver.expires_on,
    });
    Reply::ok(&OwnWaivers { items: items.collect() })
}
