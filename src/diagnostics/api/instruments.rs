//! Instruments: the shipped ones, and those that institutions make.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    diagnostics::{
        ChangeInstrument, CreateInstrument, ListInstruments, PublishInstrument, ReadInstrument,
        authoring::{Authored, InstrumentState, NewInstrument},
        instrument::{self, Dimension, Instrument, Question, Text},
        store,
    },
    foundation::{
        Base,
        access::{Kind, May},
        clock::Timestamp,
        fields::{Fields, Input, Nothing},
        http::{Body, IfVersion, Key, Params, Reply, etag},
        ids::{InstrumentId, OrganisationId},
        problem::Problem,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change)).routes(routes!(publish))
}

/// An instrument, without its questions.
#[derive(Serialize, ToSchema)]
struct InstrumentJson {
    /// Null for one that is shipped.
    id: Option<InstrumentId>,
    /// The institution that made it; null for one that is shipped.
    institution: Option<OrganisationId>,
    #[schema(example = "supplier")]
    code: String,
    version: i32,
    /// Who answers it.
    kind: Kind,
    title: Text,
    state: InstrumentState,
    published_at: Option<Timestamp>,
    /// Of one that an institution made.
    etag: Option<String>,
}

impl InstrumentJson {
    fn shipped(i: &Instrument) -> Self {
        Self {
            id: None,
            institution: None,
            code: i.code.clone(),
            version: i.version,
            kind: i.kind,
            title: i.title.clone(),
            state: InstrumentState::Published,
            published_at: None,
            etag: None,
        }
    }

    fn authored(a: Authored) -> Self {
        Self {
            id: Some(a.id),
            institution: Some(a.institution),
            code: a.instrument.code,
            version: a.instrument.version,
            kind: a.instrument.kind,
            title: a.instrument.title,
            state: a.state,
            published_at: a.published_at,
            etag: Some(etag(a.version)),
        }
    }
}

/// The instruments.
#[derive(Serialize, ToSchema)]
struct Instruments {
    items: Vec<InstrumentJson>,
}

/// Lists the shipped instruments in their present version, and after them those that one's institution has
/// made, or that institutions with which one's firm works have published.
#[utoipa::path(
    get, path = "/instruments", operation_id = "instruments_list", tag = "diagnostics",
    responses((status = OK, body = Instruments))
)]
async fn list(State(base): State<Base>, may: May<ListInstruments>) -> Result<Reply, Problem> {
    let authored = store::authored(base.db.reads(), may.actor()).await?;
    let authored = authored.into_iter().map(InstrumentJson::authored);
    Reply::ok(&Instruments {
        items: instrument::current().map(InstrumentJson::shipped).chain(authored).collect(),
    })
}

struct Wanted(Option<i64>);

impl Input for Wanted {
    fn read(f: &mut Fields) -> Option<Self> {
        f.optional_number("version", 1..=i64::from(i32::MAX)).map(Self)
    }
}

/// Looks at an instrument: dimensions, questions, and what each level means.
#[utoipa::path(
    get, path = "/instruments/{code}", operation_id = "instruments_read", tag = "diagnostics",
    params(
        ("code" = String, Path, example = "supplier", description = "The code of a shipped one, or the id of another"),
        ("version" = Option<i32>, Query, description = "Of a shipped one; absent: the present one"),
    ),
    responses((status = OK, body = Instrument))
)]
async fn read(
    State(base): State<Base>,
    may: May<ReadInstrument>,
    Key(code): Key<String>,
    Params(Wanted(version)): Params<Wanted>,
) -> Result<Reply, Problem> {
    if let Ok(id) = code.parse::<InstrumentId>() {
        let found = store::authored_one(base.db.reads(), may.actor(), id).await?;
        return Ok(Reply::ok(&found.instrument)?.version(found.version));
    }
    let found = match version {
        None => instrument::current().find(|i| i.code == code),
        Some(version) => i32::try_from(version).ok().and_then(|version| instrument::find(&code, version)),
    };
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Reply::ok(found)?.version(found.version.into()))
}

/// An instrument to make.
#[derive(ToSchema)]
#[schema(as = NewInstrument)]
#[expect(dead_code, reason = "describes what `NewInstrument` reads")]
struct NewInstrumentJson {
    /// Lower case, digits and hyphens; none that is shipped. The same as of a published one makes its next version.
    #[schema(example = "metalmecanica", max_length = 60)]
    code: String,
    /// Who answers it: `supplier` or `lead_firm`.
    kind: Kind,
    title: Text,
    /// How to answer it.
    about: Text,
    #[schema(min_items = 1, max_items = 30)]
    dimensions: Vec<Dimension>,
    #[schema(min_items = 1, max_items = 200)]
    questions: Vec<Question>,
}

fn answer(authored: Authored) -> Result<Reply, Problem> {
    let version = authored.version;
    Ok(Reply::ok(&InstrumentJson::authored(authored))?.version(version))
}

/// Makes an instrument, as a draft.
#[utoipa::path(
    post, path = "/instruments", operation_id = "instruments_create", tag = "diagnostics",
    request_body(content = NewInstrumentJson, example = json!({
        "code": "metalmecanica", "kind": "supplier",
        "title": { "es": "Taller metalmecánico", "en": "Metalworking shop" },
        "about": { "es": "Responda según lo que hace hoy.", "en": "Answer by what you do today." },
        "dimensions": [{ "code": "soldadura", "weight": 1, "es": "Soldadura", "en": "Welding" }],
        "questions": [{
            "code": "soldadura-calificada", "dimension": "soldadura", "weight": 1,
            "text": { "es": "¿Están calificados sus soldadores?", "en": "Are your welders qualified?" },
            "evidence": { "es": "Certificados vigentes.", "en": "Certificates in force." },
            "kind": "boolean",
            "no": { "points": 0, "es": "No todos.", "en": "Not all." },
            "yes": { "points": 100, "es": "Todos.", "en": "All." },
        }],
    })),
    responses((status = CREATED, body = InstrumentJson, links(
        ("read" = (operation_id = "instruments_read", parameters(("code" = "$response.body#/id")))),
    )))
)]
async fn create(
    State(base): State<Base>,
    may: May<CreateInstrument>,
    Body { value, once }: Body<NewInstrument>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let made = store::create_instrument(&w, value).await?;
        let (location, version) = (format!("/api/v1/instruments/{}", made.id), made.version);
        let reply = Reply::created(location, &InstrumentJson::authored(made))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Rewrites a draft whole. Its code stays.
#[utoipa::path(
    put, path = "/instruments/{code}", operation_id = "instruments_change", tag = "diagnostics",
    params(("code" = InstrumentId, Path, description = "The id"), ("If-Match" = String, Header)),
    request_body = NewInstrumentJson, responses((status = OK, body = InstrumentJson))
)]
async fn change(
    State(base): State<Base>,
    may: May<ChangeInstrument>,
    Key(id): Key<InstrumentId>,
    version: IfVersion,
    Body { value, once }: Body<NewInstrument>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::change_instrument(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Publishes a draft: firms can answer it, and it never changes again.
#[utoipa::path(
    post, path = "/instruments/{code}/publish", operation_id = "instruments_publish", tag = "diagnostics",
    params(("code" = InstrumentId, Path, description = "The id"), ("If-Match" = String, Header)),
    responses((status = OK, body = InstrumentJson))
)]
async fn publish(
    State(base): State<Base>,
    may: May<PublishInstrument>,
    Key(id): Key<InstrumentId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::publish_instrument(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}
