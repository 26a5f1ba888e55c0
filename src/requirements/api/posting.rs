//! Requirements.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::lots::{LotJson, NewLotJson};
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
        ids::{NetworkId, OrganisationId, ProgrammeId, RequirementId},
        money::Currency,
        problem::Problem,
        share::Share,
    },
    requirements::{
        Change, Close, Content, Create, List, NewRequirement, Publish, Read, Requirement, State, Summary,
        criteria::Criterion, store,
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
pub(crate) struct RequirementJson {
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
    /// When it closes by itself.
    closes_at: Option<Timestamp>,
    /// Until when suppliers may ask; null: until it closes.
    questions_until: Option<Timestamp>,
    /// When all that it will get was awarded. Suppliers are not told: to them it stays closed.
    awarded_at: Option<Timestamp>,
    /// When the institution announced that everything about it has been decided.
    announced_at: Option<Timestamp>,
    /// The largest share, in value, of what its lead firm awards for one supplier.
    max_supplier_share: Share,
    /// What was published: 1, and one more with each amendment.
    revision: i64,
    lots: Vec<LotJson>,
    criteria: Vec<Criterion>,
    #[schema(example = "\"3\"")]
    etag: String,
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
            closes_at: r.closes_at,
            questions_until: r.questions_until,
            awarded_at: r.awarded_at,
            announced_at: r.announced.map(|(at, _)| at),
            max_supplier_share: r.max_supplier_share,
            revision: r.revision,
            lots: r.lots.into_iter().map(LotJson::from).collect(),
            criteria: r.criteria,
            etag: etag(r.version),
        }
    }
}

pub(crate) fn answer(requirement: Requirement) -> Result<Reply, Problem> {
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
    /// When it closes by itself: with an offset from UTC, or by the clocks of the programme's time zone.
    #[schema(example = "2026-12-01T18:00")]
    closes_at: Option<String>,
    /// Until when suppliers may ask, written in the same way; absent: until it closes.
    #[schema(example = "2026-11-20T18:00")]
    questions_until: Option<String>,
    /// The largest share, in value, of what one awards for one supplier. Default 1.
    max_supplier_share: Option<Share>,
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
    /// When it closes by itself: with an offset from UTC, or by the clocks of the programme's time zone.
    #[schema(example = "2026-12-01T18:00")]
    closes_at: Option<String>,
    /// Until when suppliers may ask, written in the same way; absent: until it closes.
    #[schema(example = "2026-11-20T18:00")]
    questions_until: Option<String>,
    /// The largest share, in value, of what one awards for one supplier. Default 1.
    max_supplier_share: Option<Share>,
    #[schema(max_items = 500)]
    lots: Option<Vec<NewLotJson>>,
    #[schema(max_items = 100)]
    criteria: Option<Vec<Criterion>>,
}

/// Posts a requirement with its lots and criteria, as a draft.
#[utoipa::path(
    post, path = "/requirements", operation_id = "requirements_create", tag = "requirements",
    request_body(content = NewRequirementJson, example = json!({
        "programme": "01990000-0000-7000-8000-000000000000",
        "title": "Repuestos de chancado 2026",
        "description": "Repuestos de bronce y acero para dos plantas, con entrega mensual.",
        "closes_at": "2026-12-01T18:00",
        "questions_until": "2026-11-20T18:00",
        "lots": [
            { "name": "Bujes de bronce", "process": "torneado", "unit": "pieza", "quantity": 400,
              "reference_price": "18500", "max_share": "0.6", "min_suppliers": 2, "min_share": "0.2",
              "delivery_from": "2027-01-15", "delivery_to": "2027-06-30", "starts_in": 3 },
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
    /// When it closes by itself.
    closes_at: Option<Timestamp>,
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
            closes_at: s.closes_at,
            etag: etag(s.version),
        }
    }
}

struct Listed {
    filter: store::Filter,
    window: Window,
}

impl Input for Listed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, state) = (f.optional("programme"), f.optional("state"));
        let (q, window) = (f.optional_text("q", 1..=200), Window::read(f));
        let filter = store::Filter { programme: programme?, state: state?, q: q? };
        Some(Self { filter, window: window? })
    }
}

/// Lists the requirements that one may see.
#[utoipa::path(
    get, path = "/requirements", operation_id = "requirements_list", tag = "requirements",
    params(
        ("programme" = Option<ProgrammeId>, Query), ("state" = Option<State>, Query),
        ("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<SummaryJson>))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<List>,
    Params(Listed { filter, window }): Params<Listed>,
) -> Result<Page<SummaryJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), &filter, &window).await?;
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

/// Closes a requirement: offers end, it can be matched. There is no way back. One that names a closing time
/// closes by itself, and not before.
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
