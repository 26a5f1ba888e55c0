//! Requirements.

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
        figure::Figure,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{LotId, NetworkId, OrganisationId, ProgrammeId, RequirementId},
        money::{Currency, UnitPrice},
        problem::Problem,
        share::Share,
    },
    requirements::{
        Change, Close, Content, Create, List, Lot, NewRequirement, Publish, Read, Requirement, State,
        Summary, criteria::Criterion, store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(read, change))
        .routes(routes!(publish))
        .routes(routes!(close))
}

/// A requirement, whole.
#[derive(Serialize, ToSchema)]
#[schema(as = Requirement)]
struct RequirementJson {
    id: RequirementId,
    programme: ProgrammeId,
    /// Null: for the whole programme.
    network: Option<NetworkId>,
    /// In which its prices are.
    currency: Currency,
    lead_firm: OrganisationId,
    #[schema(example = "Repuestos de chancado 2026")]
    title: String,
    description: String,
    state: State,
    /// What it is called where it was imported from.
    external_reference: Option<String>,
    published_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    lots: Vec<LotJson>,
    criteria: Vec<Criterion>,
    #[schema(example = "\"3\"")]
    etag: String,
}

/// A lot.
#[derive(Serialize, ToSchema)]
#[schema(as = Lot)]
struct LotJson {
    id: LotId,
    #[schema(example = "Bujes de bronce")]
    name: String,
    /// As suppliers name it in their capacities.
    #[schema(example = "torneado")]
    process: String,
    #[schema(example = "pieza")]
    unit: String,
    quantity: i64,
    /// Per unit; null in a draft or an import.
    reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others.
    weight: Figure,
    /// The largest share of it for one supplier.
    max_share: Share,
    /// The share of it that must be covered at least.
    min_coverage: Share,
    /// Over how many years the quantity is spread.
    years: i64,
    /// What it is called where it was imported from.
    external_reference: Option<String>,
}

impl From<Lot> for LotJson {
    fn from(l: Lot) -> Self {
        Self {
            id: l.id,
            name: l.name,
            process: l.process,
            unit: l.unit,
            quantity: l.quantity,
            reference_price: l.reference_price,
            weight: l.weight,
            max_share: l.max_share,
            min_coverage: l.min_coverage,
            years: l.years,
            external_reference: l.external_reference,
        }
    }
}

impl From<Requirement> for RequirementJson {
    fn from(r: Requirement) -> Self {
        Self {
            id: r.id,
            programme: r.programme,
            network: r.network,
            currency: r.currency,
            lead_firm: r.lead_firm,
            title: r.title,
            description: r.description,
            state: r.state,
            external_reference: r.external_reference,
            published_at: r.published_at,
            closed_at: r.closed_at,
            lots: r.lots.into_iter().map(LotJson::from).collect(),
            criteria: r.criteria,
            etag: etag(r.version),
        }
    }
}

fn answer(requirement: Requirement) -> Result<Reply, Problem> {
    let version = requirement.version;
    Ok(Reply::ok(&RequirementJson::from(requirement))?.version(version))
}

/// A requirement to post.
#[derive(ToSchema)]
#[schema(as = NewRequirement)]
#[expect(dead_code, reason = "describes what `NewRequirement` reads")]
struct NewRequirementJson {
    /// An open programme of which one is a member.
    programme: ProgrammeId,
    /// An open network of it to which one belongs; absent: the whole programme.
    network: Option<NetworkId>,
    #[schema(min_length = 3, max_length = 200)]
    title: String,
    description: Option<String>,
    #[schema(max_items = 500)]
    lots: Option<Vec<NewLotJson>>,
    #[schema(max_items = 100)]
    criteria: Option<Vec<Criterion>>,
}

/// What a requirement says.
#[derive(ToSchema)]
#[schema(as = RequirementContent)]
#[expect(dead_code, reason = "describes what `Content` reads")]
struct ContentJson {
    #[schema(min_length = 3, max_length = 200)]
    title: String,
    description: Option<String>,
    #[schema(max_items = 500)]
    lots: Option<Vec<NewLotJson>>,
    #[schema(max_items = 100)]
    criteria: Option<Vec<Criterion>>,
}

/// A lot to post.
#[derive(ToSchema)]
#[schema(as = NewLot)]
#[expect(dead_code, reason = "describes what `NewLot` reads")]
struct NewLotJson {
    #[schema(example = "Bujes de bronce", min_length = 1, max_length = 200)]
    name: String,
    /// As suppliers name it in their capacities.
    #[schema(example = "torneado", min_length = 1, max_length = 60)]
    process: String,
    #[schema(example = "pieza", min_length = 1, max_length = 20)]
    unit: String,
    #[schema(example = 400, minimum = 1, maximum = 1_000_000_000)]
    quantity: i64,
    /// Per unit, in the programme's currency; needed before publishing.
    reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others. Default 1.
    weight: Option<Figure>,
    /// The largest share of it for one supplier. Default 1.
    max_share: Option<Share>,
    /// The share of it that must be covered at least. Default 0.
    min_coverage: Option<Share>,
    /// Over how many years the quantity is spread. Default 1.
    #[schema(minimum = 1, maximum = 30)]
    years: Option<i64>,
}

/// Posts a requirement with its lots and criteria, as a draft.
#[utoipa::path(
    post, path = "/requirements", operation_id = "requirements_create", tag = "requirements",
    request_body(content = NewRequirementJson, example = json!({
        "programme": "01990000-0000-7000-8000-000000000000",
        "title": "Repuestos de chancado 2026",
        "description": "Repuestos de bronce y acero para dos plantas, con entrega mensual.",
        "lots": [
            { "name": "Bujes de bronce", "process": "torneado", "unit": "pieza", "quantity": 400,
              "reference_price": "18500", "max_share": "0.6" },
            { "name": "Revestimientos", "process": "fundición", "unit": "kg", "quantity": 12000,
              "reference_price": "2350.5", "years": 2 },
        ],
        "criteria": [
            { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 4 },
            { "question": "quality-certificate", "kind": "certificate", "necessity": "should", "weight": 40,
              "criticality": 2 },
        ],
    })),
    responses((status = CREATED, body = RequirementJson, links(
        ("read" = (operation_id = "requirements_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn create(
    Service(base): Service<Base>,
    may: May<Create>,
    Body { value, once }: Body<NewRequirement>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let requirement = store::create(&w, value).await?;
        let (location, version) = (format!("/api/v1/requirements/{}", requirement.id), requirement.version);
        let reply = Reply::created(location, &RequirementJson::from(requirement))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Looks at a requirement.
#[utoipa::path(
    get, path = "/requirements/{id}", operation_id = "requirements_read", tag = "requirements",
    params(("id" = RequirementId, Path)), responses((status = OK, body = RequirementJson))
)]
async fn read(
    Service(base): Service<Base>,
    may: May<Read>,
    Key(id): Key<RequirementId>,
) -> Result<Reply, Problem> {
    answer(store::find(base.db.reads(), may.actor(), id).await?)
}

/// A requirement in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = RequirementSummary)]
struct SummaryJson {
    id: RequirementId,
    programme: ProgrammeId,
    /// Null: for the whole programme.
    network: Option<NetworkId>,
    lead_firm: OrganisationId,
    #[schema(example = "Repuestos de chancado 2026")]
    title: String,
    state: State,
    published_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    #[schema(example = "\"3\"")]
    etag: String,
}

impl From<Summary> for SummaryJson {
    fn from(s: Summary) -> Self {
        Self {
            id: s.id,
            programme: s.programme,
            network: s.network,
            lead_firm: s.lead_firm,
            title: s.title,
            state: s.state,
            published_at: s.published_at,
            closed_at: s.closed_at,
            etag: etag(s.version),
        }
    }
}

struct Filter {
    programme: Option<ProgrammeId>,
    state: Option<State>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, state, window) = (f.optional("programme"), f.optional("state"), Window::read(f));
        Some(Self { programme: programme?, state: state?, window: window? })
    }
}

/// Lists the requirements that one may see.
#[utoipa::path(
    get, path = "/requirements", operation_id = "requirements_list", tag = "requirements",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("state" = Option<State>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<SummaryJson>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(filter): Params<Filter>,
) -> Result<Page<SummaryJson>, Problem> {
    let Filter { programme, state, window } = filter;
    let page = store::list(base.db.reads(), may.actor(), programme, state, &window).await?;
    Ok(page.map(SummaryJson::from))
}

/// Rewrites a draft whole. Its lots and criteria are new ones, with new ids.
#[utoipa::path(
    put, path = "/requirements/{id}", operation_id = "requirements_change", tag = "requirements",
    params(("id" = RequirementId, Path), ("If-Match" = String, Header)),
    request_body(content = ContentJson, example = json!({
        "title": "Repuestos de chancado 2026",
        "lots": [
            { "name": "Bujes de bronce", "process": "torneado", "unit": "pieza", "quantity": 450,
              "reference_price": "18500" },
        ],
        "criteria": [
            { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 4 },
        ],
    })),
    responses((status = OK, body = RequirementJson))
)]
async fn change(
    Service(base): Service<Base>,
    may: May<Change>,
    Key(id): Key<RequirementId>,
    version: IfVersion,
    Body { value, once }: Body<Content>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Publishes a requirement to the programme's suppliers. It needs a lot, and a price for every lot.
#[utoipa::path(
    post, path = "/requirements/{id}/publish", operation_id = "requirements_publish", tag = "requirements",
    params(("id" = RequirementId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = RequirementJson))
)]
async fn publish(
    Service(base): Service<Base>,
    may: May<Publish>,
    Key(id): Key<RequirementId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::publish(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Closes a requirement: offers end, it can be matched. There is no way back.
#[utoipa::path(
    post, path = "/requirements/{id}/close", operation_id = "requirements_close", tag = "requirements",
    params(("id" = RequirementId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = RequirementJson))
)]
async fn close(
    Service(base): Service<Base>,
    may: May<Close>,
    Key(id): Key<RequirementId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::close(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
