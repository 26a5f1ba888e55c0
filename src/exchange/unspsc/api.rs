//! Adding names to UNSPSC codes, with a preview.

use std::{collections::BTreeMap, convert::Infallible};

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{AddNames, MOST_CODES, TOLD, Unusable, read};
use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input},
        http::{Params, Reply, Upload},
        i18n::Locale,
        problem::{FieldError, Problem},
    },
    organisations::store::unspsc::{self as store, Added},
};

/// The names of UNSPSC codes.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(add))
}

/// What is asked beside the table.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Options {
    /// Only say what would happen.
    #[param(required = false)]
    preview: bool,
    /// The language of the table's names; Spanish where nothing is said.
    #[param(required = false)]
    locale: Locale,
}

impl Input for Options {
    fn read(f: &mut Fields) -> Option<Self> {
        let (preview, locale) = (f.or("preview", false), f.or("locale", Locale::Es));
        Some(Self { preview: preview?, locale: locale? })
    }
}

/// What became of names, or, as a preview, would become of them.
#[derive(Serialize, ToSchema)]
#[schema(as = UnspscNames)]
struct NamesJson {
    /// Whether this was a preview: nothing was changed then.
    preview: bool,
    /// Codes that got a name.
    created: usize,
    /// Codes that have this name already.
    unchanged: usize,
    /// Codes that have another name and keep it.
    kept: usize,
    /// The first ten of those that keep another name.
    kept_names: Vec<KeptJson>,
    /// Rows that could not be used.
    unusable: usize,
    /// Why the first ten of them could not be used.
    problems: Vec<ProblemJson>,
}

/// A code that keeps the name that it has.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptUnspscName)]
struct KeptJson {
    #[schema(example = "73181001")]
    code: String,
    /// The name that it has.
    #[schema(example = "Servicios de torneado")]
    name: String,
}

/// Why a row could not be used.
#[derive(Serialize, ToSchema)]
#[schema(as = UnusableUnspscRow)]
struct ProblemJson {
    /// `/lines/3` of the third line of the table.
    #[schema(example = "/lines/3")]
    pointer: String,
    /// Stable, machine-readable.
    #[schema(example = "unspsc-name-missing")]
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
}

/// Adds names to UNSPSC codes that have none in that language, from a table with the columns code and name, or as they are
/// published: with the names of the class, the family and the segment as well. The names are everybody's, so one that is
/// there stays as it is, and the answer says so; the same table again changes nothing.
#[utoipa::path(
    post, path = "/imports/unspsc", operation_id = "imports_unspsc", tag = "exchange",
    params(Options),
    request_body(content = String, content_type = "text/csv", description = "At most 5 MiB and 50,000 codes"),
    responses((status = OK, body = NamesJson))
)]
async fn add(
    State(base): State<Base>,
    may: May<AddNames>,
    Params(options): Params<Options>,
    Upload { bytes, once }: Upload,
) -> Result<Reply, Problem> {
    let read = tokio::task::spawn_blocking(move || read(&*bytes)).await.map_err(Problem::internal)?;
    let table = read.map_err(|refusal| refused(FieldError::new("/", refusal.code)))?;
    if table.0.len() > MOST_CODES {
        return Err(refused(FieldError::new("/", "too-many-codes").with("most", MOST_CODES)));
    }
    if options.preview {
        let mut seen = None;
        // It ends without a commit, whatever is in the table.
        let Err(taken_back) = base
            .transact::<_, Infallible, _, _>(may, async |w| {
                seen = Some(store::add(&w, options.locale, &table.0).await?);
                Err(Problem::conflict("import-refused"))
            })
            .await;
        return Reply::ok(&answer(&table, seen.ok_or(taken_back)?, options, may.actor().locale));
    }
    base.write(may, once, async |w| {
        let added = store::add(&w, options.locale, &table.0).await?;
        let reply = Reply::ok(&answer(&table, added, options, may.actor().locale))?;
        Ok(w.done(reply))
    })
    .await
}

fn refused(fault: FieldError) -> Problem {
    Problem { errors: vec![fault], ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing-imported") }
}

fn answer(
    (_, unusable): &(BTreeMap<String, String>, Unusable),
    Added { created, unchanged, kept }: Added,
    options: Options,
    locale: Locale,
) -> NamesJson {
    let problem = |error: &FieldError| ProblemJson {
        pointer: error.pointer.clone(),
        code: error.code,
        detail: locale.text_with(&format!("field-{}", error.code), &error.args),
    };
    NamesJson {
        preview: options.preview,
        created,
        unchanged,
        kept: kept.len(),
        kept_names: kept.into_iter().take(TOLD).map(|(code, name)| KeptJson { code, name }).collect(),
        unusable: unusable.rows,
        problems: unusable.first.iter().map(problem).collect(),
    }
}
