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
        http::{
            Body, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{AccountId, OrganisationId, ProgrammeId, WaiverId},
        problem::Problem,
        share::Share,
    },
    programmes::{CreateWaiver, ListWaivers, NewWaiver, Waiver, store},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(create_waiver, list_waivers))
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
    /// The last day on which it holds.
    expires_on: Day,
}

impl From<Waiver> for WaiverJson {
    fn from(w: Waiver) -> Self {
        Self {
            id: w.id,
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
        let waiver = store::sign_waiver(&w, id, value).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/waivers"), &WaiverJson::from(waiver))?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists a programme's waivers, expired ones too.
#[utoipa::path(
    get, path = "/programmes/{id}/waivers", operation_id = "waivers_list", tag = "programmes",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<WaiverJson>))
)]
async fn list_waivers(
    Service(base): Service<Base>,
    may: May<ListWaivers>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<WaiverJson>, Problem> {
    let page = store::list_waivers(base.db.reads(), may.actor(), id, &window).await?;
    Ok(page.map(WaiverJson::from))
}
