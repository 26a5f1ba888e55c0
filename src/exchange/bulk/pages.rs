//! Importing a requirement's lots at the screen: a file is chosen, what is in it is shown with everything that is wrong,
//! and nothing is imported before somebody has seen that.
//!
//! Between the two steps the file itself goes along in the form, so that what is imported is what was shown.

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value as Json;

use super::{
    Column, ImportLots, Outcome, Row, Type,
    api::{Import, ImportJson},
    store, table,
};
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        db::Write,
        fields::{Fields, Input},
        files::transfer::only_file,
        http::{Key, Reply},
        i18n::Locale,
        ids::RequirementId,
        page::{Form, Page, Typed, View, filters, or_again, show, show_again},
        problem::{FieldError, Problem},
    },
    requirements::{self, LotTerms, Requirement},
};

/// The largest file: it goes along in a form.
const MOST_BYTES: usize = 512 << 10;
/// What a multipart body may have beside the file.
const ENVELOPE: usize = 64 << 10;
const TABLE: &str = "lots";

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    let chosen = Router::new()
        .route("/requirements/{id}/import", get(choose).post(preview))
        .layer(DefaultBodyLimit::max(MOST_BYTES + ENVELOPE));
    Router::new().route("/requirements/{id}/import/confirm", post(import)).merge(chosen)
}

/// A row of the file.
struct Line {
    number: usize,
    /// None when something is wrong with it.
    outcome: Option<Outcome>,
    cells: Vec<String>,
}

/// What is in a file.
struct Found {
    /// The file, to be sent along.
    file: String,
    /// The columns that it fills, and whether they hold numbers.
    columns: Vec<(&'static str, bool)>,
    lines: Vec<Line>,
    /// Row, column, and what is wrong there.
    problems: Vec<(usize, String, String)>,
    created: usize,
    changed: usize,
    unchanged: usize,
}

/// The choice of a file, and below it what is in the one that was chosen.
#[derive(Template)]
#[template(path = "exchange/bulk/import.html")]
struct ImportPage {
    requirement: Requirement,
    /// Every column that a file can have: its name, and whether it must.
    columns: Vec<(&'static str, bool)>,
    found: Option<Found>,
}

impl Page for ImportPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("import-title")
    }

    fn is_wide(&self) -> bool {
        self.found.is_some()
    }
}

const fn name(column: &Column, locale: Locale) -> &'static str {
    match locale {
        Locale::Es => column.es,
        Locale::En => column.en,
    }
}

impl Found {
    fn of(file: &[u8], read: &ImportJson, view: &View) -> Self {
        let locale = view.locale;
        let known = table(TABLE).map_or(&[][..], |table| table.columns);
        let is_filled =
            |column: &&Column| read.lines.iter().any(|line| line.values.contains_key(column.field));
        let filled: Vec<_> = known.iter().filter(is_filled).collect();
        let cell = |column: &Column, value: Option<&Json>| match (column.holds, value) {
            (_, None) => String::new(),
            (_, Some(Json::Bool(flag))) => locale.text(if *flag { "answer-yes" } else { "answer-no" }),
            // A text that is no number has its fault already, and is shown as it stands in the file.
            (Type::Figure, Some(Json::String(figure))) if figure.parse::<f64>().is_ok() => {
                filters::grouped(figure)
            }
            (_, Some(Json::String(text))) => text.clone(),
            (_, Some(other)) => other.to_string(),
        };
        let lines = read.lines.iter().map(|line| Line {
            number: line.row,
            outcome: line.outcome,
            cells: filled.iter().map(|column| cell(column, line.values.get(column.field))).collect(),
        });
        let place = |field: &str| {
            let column = known.iter().find(|column| column.field == field);
            column.map_or_else(|| field.to_owned(), |column| name(column, locale).to_owned())
        };
        let problems =
            read.problems.iter().map(|wrong| (wrong.row, place(&wrong.column), view.told(&wrong.fault)));
        Self {
            file: BASE64.encode(file),
            lines: lines.collect(),
            problems: problems.collect(),
            columns: filled.iter().map(|column| (name(column, locale), column.holds.is_number())).collect(),
            created: read.created,
            changed: read.changed,
            unchanged: read.unchanged,
        }
    }

    /// Whether it can be imported, and changes something.
    const fn is_ready(&self) -> bool {
        self.problems.is_empty() && self.created + self.changed > 0
    }
}

async fn page_of(
    base: &Base,
    actor: &Actor,
    id: RequirementId,
    locale: Locale,
) -> Result<ImportPage, Problem> {
    let requirement = requirements::store::find(base.db.reads(), actor, id).await?;
    let known = table(TABLE).map_or(&[][..], |table| table.columns);
    let columns = known.iter().map(|column| (name(column, locale), column.needed)).collect();
    Ok(ImportPage { requirement, columns, found: None })
}

async fn choose(
    State(base): State<Base>,
    view: View,
    may: May<ImportLots>,
    Key(id): Key<RequirementId>,
) -> Result<Response, Problem> {
    let page = page_of(&base, may.actor(), id, view.locale).await?;
    may.in_state(page.requirement.state)?;
    show(&view, &page)
}

fn too_large() -> Problem {
    Problem::invalid(vec![FieldError::new("/file", "table-file-too-large").with("most", MOST_BYTES >> 10)])
}

/// What a file holds is said at its field.
fn at_the_file(problem: Problem) -> Problem {
    let is_of_it =
        matches!(problem.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE);
    if problem.errors.is_empty() && (is_of_it || problem.code == "no-table") {
        return Problem { errors: vec![FieldError::new("/file", "not-a-table-file")], ..problem };
    }
    problem
}

/// The file as what is imported into a requirement that may still be written.
async fn lots<'a>(
    base: &'a Base,
    may: &May<ImportLots>,
    id: RequirementId,
    bytes: Vec<u8>,
) -> Result<Import<'a>, Problem> {
    may.in_state(requirements::store::find(base.db.reads(), may.actor(), id).await?.state)?;
    Ok(Import { base, table: TABLE, subject: id.0, decimal: None, bytes })
}

/// Shows what is in a file; nothing is changed.
async fn preview(
    State(base): State<Base>,
    view: View,
    may: May<ImportLots>,
    Key(id): Key<RequirementId>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let read = async {
        let bytes = only_file(upload, too_large).await?.to_vec();
        if bytes.is_empty() {
            return Err(Problem::invalid(vec![FieldError::new("/file", "required")]));
        }
        let lots = lots(&base, &may, id, bytes.clone()).await?;
        let writes = async |w: &Write, rows: &[Row<LotTerms>]| store::lots(w, id, rows).await;
        Ok((bytes, lots.preview(may, writes).await?))
    };
    match read.await {
        Ok((bytes, read)) => {
            let mut page = page_of(&base, &actor, id, view.locale).await?;
            page.found = Some(Found::of(&bytes, &read, &view));
            show(&view, &page)
        }
        Err(problem) => again(&base, &view, &actor, id, Err(problem)).await,
    }
}

/// Shows the choice of a file again, with what was wrong with the one that was sent.
async fn again(
    base: &Base,
    view: &View,
    actor: &Actor,
    id: RequirementId,
    done: Result<Reply, Problem>,
) -> Result<Response, Problem> {
    or_again(done.map_err(at_the_file), async |problem| {
        show_again(view, &page_of(base, actor, id, view.locale).await?, problem, Typed::default())
    })
    .await
}

/// The file that was shown.
struct Shown(Vec<u8>);

impl Input for Shown {
    fn read(f: &mut Fields) -> Option<Self> {
        // Whoever changes it by hand sends a file that is none.
        Some(Self(BASE64.decode(f.text("file", 1..=2 * MOST_BYTES)?).unwrap_or_default()))
    }
}

/// Imports the file that was shown, if nothing has become wrong with it since.
async fn import(
    State(base): State<Base>,
    view: View,
    may: May<ImportLots>,
    Key(id): Key<RequirementId>,
    form: Form<Shown>,
) -> Result<Response, Problem> {
    let actor = *may.actor();
    let done = async {
        let lots = lots(&base, &may, id, form.value?.0).await?;
        let writes = async |w: &Write, rows: &[Row<LotTerms>]| store::lots(w, id, rows).await;
        let there = |_: &ImportJson| Ok(Reply::see_other(format!("/requirements/{id}")));
        lots.import(may, form.once, writes, there).await
    };
    again(&base, &view, &actor, id, done.await).await
}
