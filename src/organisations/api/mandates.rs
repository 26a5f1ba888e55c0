//! Mandates.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::Nothing,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, MandateId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        mandates::{
            Given, ListMandates, Mandate, MandateState, NewMandate, ReadMandate, RevokeMandate, Scope,
        },
        store::mandates as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(give, list_mandates))
        .routes(routes!(read_mandate))
        .routes(routes!(revoke))
}

/// A mandate of a supplier to an institution, or to a person of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Mandate)]
struct MandateJson {
    id: MandateId,
    /// The supplier.
    firm: OrganisationId,
    institution: OrganisationId,
    /// Null: all officers of the institution.
    account: Option<AccountId>,
    scope: Scope,
    #[schema(example = "Responder el diagnóstico durante la visita al taller.")]
    purpose: String,
    /// Its last day, by the supplier's calendar.
    until: Day,
    state: MandateState,
    given_by: AccountId,
    given_at: Timestamp,
    revoked_at: Option<Timestamp>,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<(Given, MandateState)> for MandateJson {
    fn from((m, state): (Given, MandateState)) -> Self {
        Self {
            id: m.id,
            firm: m.firm,
            institution: m.institution,
            account: m.account,
            scope: m.scope,
            purpose: m.purpose,
            until: m.until,
            state,
            given_by: m.given_by,
            given_at: m.given_at,
            revoked_at: m.revoked_at,
            etag: etag(m.version),
        }
    }
}

fn answer(mandate: (Given, MandateState)) -> Result<Reply, Problem> {
    let version = mandate.0.version;
    Ok(Reply::ok(&MandateJson::from(mandate))?.version(version))
}

/// A mandate to give.
#[derive(ToSchema)]
#[schema(as = NewMandate)]
#[expect(dead_code, reason = "describes what `NewMandate` reads")]
struct NewMandateJson {
    /// One that works with the supplier.
    institution: OrganisationId,
    /// One person of it; absent: all its officers.
    account: Option<AccountId>,
    scope: Scope,
    #[schema(
        example = "Responder el diagnóstico durante la visita al taller.",
        min_length = 10,
        max_length = 2000
    )]
    purpose: String,
    until: Day,
}

/// Gives an institution, or one person of it, a mandate to act for one's supplier: to answer its diagnostic.
#[utoipa::path(
    post, path = "/mandates", operation_id = "mandates_give", tag = "organisations",
    request_body = NewMandateJson, responses((status = CREATED, body = MandateJson, links(
        ("read" = (operation_id = "mandates_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn give(
    State(base): State<Base>,
    may: May<Mandate>,
    Body { value, once }: Body<NewMandate>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let given = store::give(&w, value).await?;
        let (location, version) = (format!("/api/v1/mandates/{}", given.0.id), given.0.version);
        let reply = Reply::created(location, &MandateJson::from(given))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the mandates that one's supplier has given, or that one has for suppliers.
#[utoipa::path(
    get, path = "/mandates", operation_id = "mandates_list", tag = "organisations",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<MandateJson>))
)]
async fn list_mandates(
    State(base): State<Base>,
    may: May<ListMandates>,
    Params(window): Params<Window>,
) -> Result<Page<MandateJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), &window, base.clock.now()).await?;
    Ok(page.map(MandateJson::from))
}

/// Looks at a mandate.
#[utoipa::path(
    get, path = "/mandates/{id}", operation_id = "mandates_read", tag = "organisations",
    params(("id" = MandateId, Path)), responses((status = OK, body = MandateJson))
)]
async fn read_mandate(
    State(base): State<Base>,
    may: May<ReadMandate>,
    Key(id): Key<MandateId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id, base.clock.now()).await?)
}

/// Revokes a mandate. What was entered under it stays, and says so.
#[utoipa::path(
    post, path = "/mandates/{id}/revoke", operation_id = "mandates_revoke", tag = "organisations",
    params(("id" = MandateId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = MandateJson))
)]
async fn revoke(
    State(base): State<Base>,
    may: May<RevokeMandate>,
    Key(id): Key<MandateId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::revoke(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
