//! Firms, institutions and buyer groups.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{Kind, May},
        fields::{Fields, Input},
        http::{
            Address, Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, BuyerGroupId, OrganisationId},
        problem::Problem,
    },
    organisations::{
        BuyerGroup, CreateBuyerGroup, List, ListBuyerGroups, NewBuyerGroup, Organisation, Read, Register,
        Registration, StateLei, StatedLei, password, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(register, list))
        .routes(routes!(read))
        .routes(routes!(state_lei))
        .routes(routes!(create_group, list_groups))
}

/// An organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Organisation)]
pub(super) struct OrganisationJson {
    id: OrganisationId,
    kind: Kind,
    name: String,
    /// ISO 3166-1 alpha-2.
    country: String,
    /// Canonical form.
    tax_id: String,
    /// Lead firms of one group count as one buyer.
    buyer_group: Option<BuyerGroupId>,
    /// Legal entity identifier (ISO 17442).
    #[schema(example = "YZ83GD8L7GG84979J516")]
    lei: Option<String>,
    etag: String,
}

impl From<Organisation> for OrganisationJson {
    fn from(o: Organisation) -> Self {
        let (etag, country) = (etag(o.version), o.country.to_string());
        Self {
            id: o.id,
            kind: o.kind,
            name: o.name,
            country,
            tax_id: o.tax_id,
            buyer_group: o.buyer_group,
            lei: o.lei,
            etag,
        }
    }
}

/// A firm and its first administrator.
#[derive(ToSchema)]
#[schema(as = Registration)]
#[expect(dead_code, reason = "describes what `Registration` reads")]
pub(super) struct RegistrationJson {
    organisation: NewOrganisationJson,
    administrator: super::people::NewPersonJson,
    /// The version of the notice on personal data (`GET /privacy`) that the administrator accepts.
    #[schema(example = 1)]
    privacy_notice: i64,
}

/// A firm to register.
#[derive(ToSchema)]
#[schema(as = NewOrganisation)]
#[expect(dead_code, reason = "describes what `NewOrganisation` reads")]
pub(super) struct NewOrganisationJson {
    /// `supplier` or `lead_firm`; institutions are opened by the operator.
    kind: Kind,
    #[schema(example = "Metalmecánica Andes SpA")]
    name: String,
    #[schema(example = "CL")]
    country: String,
    #[schema(example = "76.086.428-5")]
    tax_id: String,
}

/// What was registered.
#[derive(Serialize, ToSchema)]
struct Registered {
    organisation: OrganisationJson,
    administrator: AccountId,
}

/// Registers a firm with its first administrator.
#[utoipa::path(
    post, path = "/organisations", operation_id = "organisations_register", tag = "organisations",
    request_body = RegistrationJson,
    responses((status = CREATED, body = Registered, links(
        ("read" = (operation_id = "organisations_read", parameters(("id" = "$response.body#/organisation/id")))),
    ))),
    security(())
)]
async fn register(
    State(base): State<Base>,
    may: May<Register>,
    from: Address,
    Body { value, once }: Body<Registration>,
) -> Result<Reply, Problem> {
    base.limit_asking(&value.administrator.email, from)?;
    let hash = password::hash(value.administrator.password.clone(), &base.ids).await?;
    base.write(may, once, async |w| {
        let (organisation, account) = store::joining::register(&w, value, hash).await?;
        let (location, version) =
            (format!("/api/v1/organisations/{}", organisation.id), organisation.version);
        let registered = Registered { organisation: organisation.into(), administrator: account.id };
        let reply = Reply::created(location, &registered)?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Looks at an organisation.
#[utoipa::path(
    get, path = "/organisations/{id}", operation_id = "organisations_read", tag = "organisations",
    params(("id" = OrganisationId, Path)), responses((status = OK, body = OrganisationJson))
)]
async fn read(
    State(base): State<Base>,
    may: May<Read>,
    Key(id): Key<OrganisationId>,
) -> Result<Reply, Problem> {
    let found = store::firms::find(base.db.reads(), may.actor(), id).await?;
    let version = found.version;
    Ok(Reply::ok(&OrganisationJson::from(found))?.version(version))
}

/// A legal entity identifier.
#[derive(ToSchema)]
#[schema(as = StatedLei)]
#[expect(dead_code, reason = "describes what `StatedLei` reads")]
struct StatedLeiJson {
    /// Null or absent takes it back.
    #[schema(example = "YZ83GD8L7GG84979J516")]
    lei: Option<String>,
}

/// States one's organisation's legal entity identifier (LEI). It is checked, and belongs to one organisation.
#[utoipa::path(
    put, path = "/organisations/{id}/lei", operation_id = "organisations_state_lei", tag = "organisations",
    params(("id" = OrganisationId, Path), ("If-Match" = String, Header)), request_body = StatedLeiJson,
    responses((status = OK, body = OrganisationJson))
)]
async fn state_lei(
    State(base): State<Base>,
    may: May<StateLei>,
    Key(id): Key<OrganisationId>,
    version: IfVersion,
    Body { value, once }: Body<StatedLei>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let found = store::firms::state_lei(&w, id, version, value.lei).await?;
        let version = found.version;
        let reply = Reply::ok(&OrganisationJson::from(found))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    kind: Option<Kind>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (kind, window) = (f.optional("kind"), Window::read(f));
        Some(Self { kind: kind?, window: window? })
    }
}

/// Lists the organisations that one may see.
#[utoipa::path(
    get, path = "/organisations", operation_id = "organisations_list", tag = "organisations",
    params(("kind" = Option<Kind>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<OrganisationJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<OrganisationJson>, Problem> {
    let page = store::firms::list(base.db.reads(), may.actor(), filter.kind, &filter.window).await?;
    Ok(page.map(OrganisationJson::from))
}

/// Lead firms under common control.
#[derive(Serialize, ToSchema)]
#[schema(as = BuyerGroup)]
struct BuyerGroupJson {
    id: BuyerGroupId,
    name: String,
    etag: String,
}

impl From<BuyerGroup> for BuyerGroupJson {
    fn from(group: BuyerGroup) -> Self {
        Self { id: group.id, name: group.name, etag: etag(group.version) }
    }
}

/// A buyer group to declare.
#[derive(ToSchema)]
#[schema(as = NewBuyerGroup)]
#[expect(dead_code, reason = "describes what `NewBuyerGroup` reads")]
struct NewBuyerGroupJson {
    name: String,
}

/// Names a buyer group, which confirmed declarations of common control can fill.
#[utoipa::path(
    post, path = "/buyer-groups", operation_id = "buyer_groups_create", tag = "organisations",
    request_body = NewBuyerGroupJson, responses((status = CREATED, body = BuyerGroupJson))
)]
async fn create_group(
    State(base): State<Base>,
    may: May<CreateBuyerGroup>,
    Body { value, once }: Body<NewBuyerGroup>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let group = store::firms::create_group(&w, value).await?;
        let version = group.version;
        let reply = Reply::created("/api/v1/buyer-groups", &BuyerGroupJson::from(group))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the buyer groups of one's institution.
#[utoipa::path(
    get, path = "/buyer-groups", operation_id = "buyer_groups_list", tag = "organisations",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<BuyerGroupJson>))
)]
async fn list_groups(
    State(base): State<Base>,
    may: May<ListBuyerGroups>,
    Params(window): Params<Window>,
) -> Result<Page<BuyerGroupJson>, Problem> {
    let page = store::firms::list_groups(base.db.reads(), may.actor(), &window).await?;
    Ok(page.map(BuyerGroupJson::from))
}
