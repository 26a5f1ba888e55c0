//! Consortia of suppliers.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        fields::{Fields, Input, Nothing},
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{ConsortiumId, NetworkId, OrganisationId, ProgrammeId},
        problem::Problem,
    },
    programmes::{
        consortia::{
            Accept, Answer, Ask, Consortium, Decline, Dissolve, Form, List, Member, Named, NewConsortium,
            Read, Remove, State, Step,
        },
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(form))
        .routes(routes!(list_consortia))
        .routes(routes!(read_consortium))
        .routes(routes!(ask))
        .routes(routes!(remove))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(dissolve))
}

/// Suppliers that bid as one.
#[derive(Serialize, ToSchema)]
#[schema(as = Consortium)]
struct ConsortiumJson {
    id: ConsortiumId,
    programme: ProgrammeId,
    /// The network in which alone it bids; null: the whole programme.
    network: Option<NetworkId>,
    #[schema(example = "Torneros del Valle")]
    name: String,
    /// It enters the offers.
    speaker: OrganisationId,
    state: State,
    members: Vec<MemberJson>,
    #[schema(example = "\"3\"")]
    etag: String,
}

/// A member of a consortium, or somebody who was asked.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsortiumMember)]
struct MemberJson {
    #[schema(example = "CL")]
    country: String,
    #[schema(example = "760864285")]
    tax_id: String,
    /// Null until it accepts.
    supplier: Option<OrganisationId>,
    answer: Answer,
    changed_at: Timestamp,
}

impl From<Consortium> for ConsortiumJson {
    fn from(c: Consortium) -> Self {
        let member = |Member { country, tax_id, supplier, answer, changed_at }| {
            let country = country.to_string();
            MemberJson { country, tax_id, supplier, answer, changed_at }
        };
        Self {
            id: c.id,
            programme: c.programme,
            network: c.network,
            name: c.name,
            speaker: c.speaker,
            state: c.state,
            members: c.members.into_iter().map(member).collect(),
            etag: etag(c.version),
        }
    }
}

fn answer(consortium: Consortium) -> Result<Reply, Problem> {
    let version = consortium.version;
    Ok(Reply::ok(&ConsortiumJson::from(consortium))?.version(version))
}

/// A supplier, by its tax id.
#[derive(ToSchema)]
#[schema(as = NamedSupplier)]
#[expect(dead_code, reason = "describes what `Named` reads")]
struct NamedJson {
    #[schema(example = "CL")]
    country: String,
    #[schema(example = "76.086.428-5")]
    tax_id: String,
}

/// A consortium to form.
#[derive(ToSchema)]
#[schema(as = NewConsortium)]
#[expect(dead_code, reason = "describes what `NewConsortium` reads")]
struct NewConsortiumJson {
    #[schema(example = "Torneros del Valle", min_length = 2, max_length = 200)]
    name: String,
    /// A network that has selected one's own firm, in which alone it bids; without, the whole programme.
    network: Option<NetworkId>,
    /// Whom to ask, beside oneself.
    #[schema(min_items = 1, max_items = 49)]
    members: Vec<NamedJson>,
}

/// Forms a consortium with other suppliers of a programme, for which one speaks. They are named by their tax ids;
/// whether anybody stands behind one shows only when they accept.
#[utoipa::path(
    post, path = "/programmes/{id}/consortia", operation_id = "consortia_form", tag = "consortia",
    params(("id" = ProgrammeId, Path)),
    request_body(content = NewConsortiumJson, example = json!({
        "name": "Torneros del Valle", "members": [{ "country": "CL", "tax_id": "76.086.428-5" }],
    })),
    responses((status = CREATED, body = ConsortiumJson, links(
        ("read" = (operation_id = "consortia_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn form(
    Service(base): Service<Base>,
    may: May<Form>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewConsortium>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let consortium = store::form(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/consortia/{}", consortium.id), consortium.version);
        let reply = Reply::created(location, &ConsortiumJson::from(consortium))?.version(version);
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

/// Lists the consortia that one is in or asked into; for an institution, those of its programmes.
#[utoipa::path(
    get, path = "/consortia", operation_id = "consortia_list", tag = "consortia",
    params(
        ("programme" = Option<ProgrammeId>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<ConsortiumJson>))
)]
async fn list_consortia(
    Service(base): Service<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<ConsortiumJson>, Problem> {
    let page = store::list_consortia(base.db.reads(), may.actor(), filter.programme, &filter.window).await?;
    Ok(page.map(ConsortiumJson::from))
}

/// Looks at a consortium.
#[utoipa::path(
    get, path = "/consortia/{id}", operation_id = "consortia_read", tag = "consortia",
    params(("id" = ConsortiumId, Path)), responses((status = OK, body = ConsortiumJson))
)]
async fn read_consortium(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<ConsortiumId>,
) -> Result<Reply, Problem> {
    answer(store::find_consortium(base.db.reads(), may.actor(), id).await?)
}

/// Asks another supplier in, for its speaker. Whoever had accepted is asked again.
#[utoipa::path(
    post, path = "/consortia/{id}/ask", operation_id = "consortia_ask", tag = "consortia",
    params(("id" = ConsortiumId, Path), ("If-Match" = String, Header)), request_body = NamedJson,
    responses((status = OK, body = ConsortiumJson))
)]
async fn ask(
    Service(base): Service<Base>,
    may: May<Ask>,
    Key(id): Key<ConsortiumId>,
    version: IfVersion,
    Body { value, once }: Body<Named>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::ask(&w, id, version, &value.tax_id).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes a supplier out, for its speaker. Whoever had accepted is asked again.
#[utoipa::path(
    post, path = "/consortia/{id}/remove", operation_id = "consortia_remove", tag = "consortia",
    params(("id" = ConsortiumId, Path), ("If-Match" = String, Header)), request_body = NamedJson,
    responses((status = OK, body = ConsortiumJson))
)]
async fn remove(
    Service(base): Service<Base>,
    may: May<Remove>,
    Key(id): Key<ConsortiumId>,
    version: IfVersion,
    Body { value, once }: Body<Named>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::remove(&w, id, version, &value.tax_id).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Accepts to be in a consortium, with the members that one has read: the version says which.
#[utoipa::path(
    post, path = "/consortia/{id}/accept", operation_id = "consortia_accept", tag = "consortia",
    params(("id" = ConsortiumId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ConsortiumJson))
)]
async fn accept(
    Service(base): Service<Base>,
    may: May<Accept>,
    Key(id): Key<ConsortiumId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::answer(&w, id, version, Step::Accept).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Declines to be in a consortium, or leaves it. What is approved stands.
#[utoipa::path(
    post, path = "/consortia/{id}/decline", operation_id = "consortia_decline", tag = "consortia",
    params(("id" = ConsortiumId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ConsortiumJson))
)]
async fn decline(
    Service(base): Service<Base>,
    may: May<Decline>,
    Key(id): Key<ConsortiumId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::answer(&w, id, version, Step::Decline).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Dissolves a consortium, for its speaker. There is no way back; what is approved stands.
#[utoipa::path(
    post, path = "/consortia/{id}/dissolve", operation_id = "consortia_dissolve", tag = "consortia",
    params(("id" = ConsortiumId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = ConsortiumJson))
)]
async fn dissolve(
    Service(base): Service<Base>,
    may: May<Dissolve>,
    Key(id): Key<ConsortiumId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::dissolve(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
