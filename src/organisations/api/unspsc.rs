//! The names of UNSPSC codes.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        http::{Key, Params, Reply, list::Page},
        i18n::Locale,
        problem::Problem,
    },
    organisations::{
        store::unspsc as store,
        unspsc::{self, Level, List, Named, Read, Search},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// A UNSPSC code.
#[derive(Serialize, ToSchema)]
#[schema(as = UnspscCode)]
struct CodeJson {
    #[schema(example = "73181001")]
    code: String,
    level: Level,
    /// In the reader's language, or in the other where that has none.
    #[schema(example = "Servicios de torneado")]
    name: String,
}

impl CodeJson {
    fn new(named: &Named, locale: Locale) -> Self {
        let name = named.name(locale).to_owned();
        Self { level: unspsc::level(&named.code), code: named.code.clone(), name }
    }
}

/// A UNSPSC code, and what it belongs to.
#[derive(Serialize, ToSchema)]
#[schema(as = UnspscCodeInPlace)]
struct InPlaceJson {
    #[serde(flatten)]
    own: CodeJson,
    /// Widest first.
    broader: Vec<CodeJson>,
}

/// Searches the names of UNSPSC codes: `q` has words of the name, or the beginning of a code. Empty while nobody has
/// loaded any.
#[utoipa::path(
    get, path = "/unspsc", operation_id = "unspsc_list", tag = "organisations",
    params(
        ("q" = Option<String>, Query, example = "torno"), ("within" = Option<String>, Query, example = "73000000"),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<CodeJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<List>,
    Params(search): Params<Search>,
) -> Result<Page<CodeJson>, Problem> {
    let page = store::list(base.db.reads(), may.actor(), &search).await?;
    Ok(page.map(|named| CodeJson::new(&named, may.actor().locale)))
}

/// What a UNSPSC code is called, and what it belongs to.
#[utoipa::path(
    get, path = "/unspsc/{code}", operation_id = "unspsc_read", tag = "organisations",
    params(("code" = String, Path)), responses((status = OK, body = InPlaceJson))
)]
async fn read(State(base): State<Base>, may: May<Read>, Key(code): Key<String>) -> Result<Reply, Problem> {
    let (own, wider) = store::find(base.db.reads(), may.actor(), &code).await?;
    let shown = |named: &Named| CodeJson::new(named, may.actor().locale);
    Reply::ok(&InPlaceJson { own: shown(&own), broader: wider.iter().map(shown).collect() })
}
