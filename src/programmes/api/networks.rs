//! Networks and the officers who look after them.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::{May, Role},
        db::Once,
        fields::{Fields, Input, Nothing},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AccountId, NetworkId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    programmes::{
        networks::{
            AddLeadFirm, AssignOfficer, Change, Close, Create, List, ListOfficers, Model, Network,
            NetworkChange, NewNetwork, Read, State, UnassignOfficer,
        },
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create_network))
        .routes(routes!(list_networks))
        .routes(routes!(read_network, change_network))
        .routes(routes!(close_network))
        .routes(routes!(add_lead_firm))
        .routes(routes!(list_officers))
        .routes(routes!(assign_officer, unassign_officer))
}

/// A vertical network.
#[derive(Serialize, ToSchema)]
#[schema(as = Network)]
struct NetworkJson {
    id: NetworkId,
    programme: ProgrammeId,
    model: Model,
    #[schema(example = "Red de chancado")]
    name: String,
    state: State,
    /// Whether suppliers of the programme may apply without an invitation.
    call_open: bool,
    lead_firms: Vec<OrganisationId>,
    #[schema(example = "\"3\"")]
    etag: String,
}

impl From<Network> for NetworkJson {
    fn from(n: Network) -> Self {
        Self {
            id: n.id,
            programme: n.programme,
            model: n.model,
            name: n.name,
            state: n.state,
            call_open: n.call_open,
            lead_firms: n.lead_firms,
            etag: etag(n.version),
        }
    }
}

fn answer(network: Network) -> Result<Reply, Problem> {
    let version = network.version;
    Ok(Reply::ok(&NetworkJson::from(network))?.version(version))
}

/// A network to set up.
#[derive(ToSchema)]
#[schema(as = NewNetwork)]
#[expect(dead_code, reason = "describes what `NewNetwork` reads")]
struct NewNetworkJson {
    model: Model,
    #[schema(example = "Red de chancado", min_length = 2, max_length = 200)]
    name: String,
    /// Default false.
    call_open: Option<bool>,
    /// Lead firms of the programme; the lead-firm model needs one at least.
    #[schema(max_items = 50)]
    lead_firms: Option<Vec<OrganisationId>>,
}

/// Sets up a network of a programme. Whoever does is assigned to it.
#[utoipa::path(
    post, path = "/programmes/{id}/networks", operation_id = "networks_create", tag = "networks",
    params(("id" = ProgrammeId, Path)),
    request_body(content = NewNetworkJson, example = json!({
        "model": "lead_firm", "name": "Red de chancado", "call_open": true,
        "lead_firms": ["01990000-0000-7000-8000-000000000000"],
    })),
    responses((status = CREATED, body = NetworkJson, links(
        ("read" = (operation_id = "networks_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create_network(
    Service(base): Service<Base>,
    may: May<Create>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewNetwork>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let network = store::create_network(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/networks/{}", network.id), network.version);
        let reply = Reply::created(location, &NetworkJson::from(network))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    programme: Option<ProgrammeId>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, window) = (f.optional("programme"), Window::read(f));
        Some(Self { programme: programme?, window: window? })
    }
}

/// Lists the networks that one may see: those to which one is assigned, belongs or is invited, and those with
/// an open call.
#[utoipa::path(
    get, path = "/networks", operation_id = "networks_list", tag = "networks",
    params(
        ("programme" = Option<ProgrammeId>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<NetworkJson>))
)]
async fn list_networks(
    Service(base): Service<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<NetworkJson>, Problem> {
    let page = store::list_networks(base.db.reads(), may.actor(), filter.programme, &filter.window).await?;
    Ok(page.map(NetworkJson::from))
}

/// Looks at a network.
#[utoipa::path(
    get, path = "/networks/{id}", operation_id = "networks_read", tag = "networks",
    params(("id" = NetworkId, Path)), responses((status = OK, body = NetworkJson))
)]
async fn read_network(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    answer(store::find_network(base.db.reads(), may.actor(), id).await?)
}

/// What can be changed of a network.
#[derive(ToSchema)]
#[schema(as = NetworkChange)]
#[expect(dead_code, reason = "describes what `NetworkChange` reads")]
struct NetworkChangeJson {
    #[schema(example = "Red de chancado", min_length = 2, max_length = 200)]
    name: String,
    call_open: bool,
}

/// Renames a network, opens or closes its call.
#[utoipa::path(
    put, path = "/networks/{id}", operation_id = "networks_change", tag = "networks",
    params(("id" = NetworkId, Path), ("If-Match" = String, Header)), request_body = NetworkChangeJson,
    responses((status = OK, body = NetworkJson))
)]
async fn change_network(
    Service(base): Service<Base>,
    may: May<Change>,
    Key(id): Key<NetworkId>,
    version: IfVersion,
    Body { value, once }: Body<NetworkChange>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change_network(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Closes a network. There is no way back; what was agreed in it stands.
#[utoipa::path(
    post, path = "/networks/{id}/close", operation_id = "networks_close", tag = "networks",
    params(("id" = NetworkId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = NetworkJson))
)]
async fn close_network(
    Service(base): Service<Base>,
    may: May<Close>,
    Key(id): Key<NetworkId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::close_network(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes a lead firm of the programme into a network: it then has its say about applicants, in the lead-firm
/// model, and may post requirements in it. Doing it again changes nothing.
#[utoipa::path(
    put, path = "/networks/{id}/lead-firms/{firm}", operation_id = "networks_add_lead_firm", tag = "networks",
    params(("id" = NetworkId, Path), ("firm" = OrganisationId, Path)),
    responses((status = OK, body = NetworkJson))
)]
async fn add_lead_firm(
    Service(base): Service<Base>,
    may: May<AddLeadFirm>,
    Key((id, firm)): Key<(NetworkId, OrganisationId)>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        let reply = answer(store::add_lead_firm(&w, id, firm).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Somebody of the institution who is assigned to a network.
#[derive(Serialize, ToSchema)]
struct NetworkOfficer {
    account: AccountId,
    #[schema(example = "Ana Rojas")]
    name: String,
    role: Role,
}

/// Who is assigned to a network.
#[derive(Serialize, ToSchema)]
struct NetworkOfficers {
    items: Vec<NetworkOfficer>,
}

/// Lists the people of the institution who are assigned to a network.
#[utoipa::path(
    get, path = "/networks/{id}/officers", operation_id = "networks_list_officers", tag = "networks",
    params(("id" = NetworkId, Path)), responses((status = OK, body = NetworkOfficers))
)]
async fn list_officers(
    Service(base): Service<Base>,
    may: May<ListOfficers>,
    Key(id): Key<NetworkId>,
) -> Result<Reply, Problem> {
    let members = store::officers(base.db.reads(), may.actor(), id).await?;
    let items = members.into_iter().map(|member| NetworkOfficer {
        account: member.account.id,
        name: member.account.name,
        role: member.role,
    });
    Reply::ok(&NetworkOfficers { items: items.collect() })
}

/// Assigns somebody of the institution to a network. Who is not assigned does not see it, administrators
/// excepted. Doing it again changes nothing.
#[utoipa::path(
    put, path = "/networks/{id}/officers/{account}", operation_id = "networks_assign_officer", tag = "networks",
    params(("id" = NetworkId, Path), ("account" = AccountId, Path)), responses((status = NO_CONTENT))
)]
async fn assign_officer(
    Service(base): Service<Base>,
    may: May<AssignOfficer>,
    Key((id, account)): Key<(NetworkId, AccountId)>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::assign_officer(&w, id, account).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Takes somebody off a network.
#[utoipa::path(
    delete, path = "/networks/{id}/officers/{account}", operation_id = "networks_unassign_officer", tag = "networks",
    params(("id" = NetworkId, Path), ("account" = AccountId, Path)), responses((status = NO_CONTENT))
)]
async fn unassign_officer(
    Service(base): Service<Base>,
    may: May<UnassignOfficer>,
    Key((id, account)): Key<(NetworkId, AccountId)>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::unassign_officer(&w, id, account).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
