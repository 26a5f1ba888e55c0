//! Importing tables, with a preview.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    ImportAnswers, ImportCapacities, ImportFirms, ImportLots, ImportSales, ListTables, NewCapacity, NewSales,
    Outcome, Parsed, Report, Row, TABLES, TableColumn, TabledAnswer, Type, store, table,
};
use crate::{
    diagnostics,
    exchange::table::Grid,
    foundation::{
        Base,
        access::{Actor, May, Operation},
        db::{Once, Write},
        fields::{Fields, Input},
        http::{Key, Params, Reply, Upload},
        i18n::Locale,
        ids::{DiagnosticId, ProgrammeId, RequirementId},
        numerals::{Convention, Mark},
        problem::{FieldError, Problem},
    },
    organisations::{NewOrganisation, store::firms as organisations},
    programmes,
    requirements::{self, LotTerms},
};

/// The import of tables.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(tables))
        .routes(routes!(firms))
        .routes(routes!(sales))
        .routes(routes!(capacities))
        .routes(routes!(lots))
        .routes(routes!(answers))
}

/// What is asked of an import beside the file.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct Options {
    /// Only say what would happen, and everything that is wrong.
    #[param(required = false)]
    preview: bool,
    /// What stands before decimals in the file; else as in one's country.
    decimal: Option<Mark>,
}

impl Input for Options {
    fn read(f: &mut Fields) -> Option<Self> {
        let (preview, decimal) = (f.or("preview", false), f.optional("decimal"));
        Some(Self { preview: preview?, decimal: decimal? })
    }
}

/// What an import did, or, as a preview, would do.
#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportJson {
    /// Whether this was a preview: nothing was changed then.
    preview: bool,
    /// Rows with something in them.
    rows: usize,
    pub(super) created: usize,
    pub(super) changed: usize,
    /// Rows that say what is there already.
    pub(super) unchanged: usize,
    /// Of a preview: what each row was read as.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<LineJson>,
    /// Of a preview: everything that is wrong. With one of them nothing is imported.
    pub(super) problems: Vec<CellProblem>,
}

/// A row as it was read.
#[derive(Serialize, ToSchema)]
pub(super) struct LineJson {
    /// As a spreadsheet numbers it; the header is row 1.
    #[schema(example = 7)]
    pub(super) row: usize,
    /// What would become of it; null when something is wrong with it.
    pub(super) outcome: Option<Outcome>,
    /// The values, by column.
    #[schema(value_type = Object)]
    pub(super) values: Map<String, Json>,
}

/// What is wrong with a cell.
#[derive(Serialize, ToSchema)]
pub(super) struct CellProblem {
    /// As a spreadsheet numbers it; the header is row 1.
    #[schema(example = 7)]
    pub(super) row: usize,
    /// The column, as the API calls it.
    #[schema(example = "amount")]
    pub(super) column: String,
    /// Stable, machine-readable.
    #[schema(example = "ambiguous-number")]
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
    /// The same, for a page to say in its own words.
    #[serde(skip)]
    pub(super) fault: FieldError,
}

impl CellProblem {
    fn new(fault: &FieldError, locale: Locale) -> Self {
        let (row, column) = place(fault);
        let detail = locale.text_with(&format!("field-{}", fault.code), &fault.args);
        Self { row, column: column.to_owned(), code: fault.code, detail, fault: fault.clone() }
    }
}

/// Row and column of a fault.
fn place(fault: &FieldError) -> (usize, &str) {
    let mut steps = fault.pointer.split('/').skip(2);
    let row = steps.next().and_then(|row| row.parse().ok()).unwrap_or(1);
    (row, steps.next().unwrap_or_default())
}

/// The columns of every table.
#[derive(Serialize, ToSchema)]
struct TablesJson {
    items: Vec<TableColumn>,
}

/// Lists the tables that can be imported with their columns. Headers are understood in both languages.
#[utoipa::path(
    get, path = "/import-tables", operation_id = "imports_tables", tag = "exchange",
    responses((status = OK, body = TablesJson))
)]
async fn tables(may: May<ListTables>) -> Result<Reply, Problem> {
    let locale = may.actor().locale;
    let items = TABLES.iter().flat_map(|table| {
        table.columns.iter().map(move |column| TableColumn {
            table: table.name,
            column: column.field,
            name: if locale == Locale::Es { column.es } else { column.en },
            holds: column.holds.word(),
            needed: column.needed,
            words: match column.holds {
                Type::Word(words) => words.iter().map(|(word, _)| *word).collect(),
                _ => Vec::new(),
            },
        })
    });
    Reply::ok(&TablesJson { items: items.collect() })
}

/// A table to import: where it goes, how it is read.
pub(super) struct Import<'a> {
    pub(super) base: &'a Base,
    pub(super) table: &'static str,
    pub(super) subject: Uuid,
    /// What stands before decimals in it; else as in one's country.
    pub(super) decimal: Option<Mark>,
    pub(super) bytes: Vec<u8>,
}

impl Import<'_> {
    /// Lets `work` write the rows and takes that back: what would be done, and everything that is wrong.
    ///
    /// # Errors
    /// 413, 415 and 422 for a file that is no table; what `work` returns.
    pub(super) async fn preview<O, T>(
        self,
        may: May<O>,
        work: impl AsyncFnOnce(&Write, &[Row<T>]) -> Result<Report, Problem>,
    ) -> Result<ImportJson, Problem>
    where
        O: Operation,
        T: Input,
    {
        let (base, locale) = (self.base, may.actor().locale);
        let mut parsed = self.parsed(may.actor()).await?;
        let rows = parsed.rows::<T>();
        let mut previewed = None;
        // It ends without a commit, whatever is in the file.
        let Err(taken_back) = base
            .transact::<O, Infallible, _, _>(may, async |w| {
                let report = complete(work(&w, &rows).await?, &mut parsed);
                previewed = Some(answer(&parsed, &report, Some(locale)));
                Err(refused(Vec::new()))
            })
            .await;
        previewed.ok_or(taken_back)
    }

    /// Lets `work` write the rows, and commits when nothing is wrong.
    ///
    /// # Errors
    /// As a preview, and 422 `import-refused` with everything that is wrong.
    pub(super) async fn import<O, T>(
        self,
        may: May<O>,
        once: Once,
        work: impl AsyncFnOnce(&Write, &[Row<T>]) -> Result<Report, Problem>,
        reply: impl FnOnce(&ImportJson) -> Result<Reply, Problem>,
    ) -> Result<Reply, Problem>
    where
        O: Operation,
        T: Input,
    {
        let (base, table, subject) = (self.base, self.table, self.subject);
        let hash = hex::encode(Sha256::digest(&self.bytes));
        let mut parsed = self.parsed(may.actor()).await?;
        let rows = parsed.rows::<T>();
        base.write(may, once, async |w| {
            let report = complete(work(&w, &rows).await?, &mut parsed);
            if !report.faults.is_empty() {
                return Err(refused(report.faults));
            }
            store::record(&w, table, subject, &hash, &report).await?;
            let reply = reply(&answer(&parsed, &report, None))?;
            Ok(w.done(reply))
        })
        .await
    }

    async fn parsed(self, actor: &Actor) -> Result<Parsed, Problem> {
        let Self { base, table: name, decimal, bytes, .. } = self;
        let table = table(name).ok_or_else(|| Problem::internal(format!("there is no table {name}")))?;
        let country = organisations::find(base.db.reads(), actor, actor.organisation).await?.country;
        let convention = decimal.map_or_else(|| Convention::of(country.code()), Convention::declared);
        let grid =
            tokio::task::spawn_blocking(move || Grid::read(&bytes)).await.map_err(Problem::internal)??;
        Ok(Parsed::of(table, &grid, convention))
    }
}

/// What became of the rows, with what is wrong with single cells, in the order of the rows.
fn complete(mut report: Report, parsed: &mut Parsed) -> Report {
    report.faults.append(&mut parsed.faults);
    report.faults.sort_by(|a, b| (place(a), a.code).cmp(&(place(b), b.code)));
    report
}

/// Imports a file, or says what that would do.
async fn run<O: Operation, T: Input>(
    (base, may): (&Base, May<O>),
    (table, subject): (&'static str, Uuid),
    options: Options,
    Upload { bytes, once }: Upload,
    work: impl AsyncFnOnce(&Write, &[Row<T>]) -> Result<Report, Problem>,
) -> Result<Reply, Problem> {
    let import = Import { base, table, subject, decimal: options.decimal, bytes };
    if options.preview {
        return Reply::ok(&import.preview(may, work).await?);
    }
    import.import(may, once, work, Reply::ok).await
}

fn refused(errors: Vec<FieldError>) -> Problem {
    Problem { errors, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "import-refused") }
}

/// What is told of an import; with a language, as a preview.
fn answer(parsed: &Parsed, report: &Report, preview: Option<Locale>) -> ImportJson {
    let faulty: BTreeSet<usize> = report.faults.iter().map(|fault| place(fault).0).collect();
    let mut outcomes = BTreeMap::new();
    for (row, outcome) in report.outcomes.iter().filter(|(row, _)| !faulty.contains(row)) {
        outcomes.entry(*row).or_insert(*outcome);
    }
    let lines = parsed.objects.iter().map(|(row, values)| LineJson {
        row: *row,
        outcome: outcomes.get(row).copied(),
        values: values.clone(),
    });
    ImportJson {
        preview: preview.is_some(),
        rows: parsed.objects.len(),
        created: report.count(Outcome::Created),
        changed: report.count(Outcome::Changed),
        unchanged: report.count(Outcome::Unchanged),
        lines: if preview.is_some() { lines.collect() } else { Vec::new() },
        problems: preview.map_or_else(Vec::new, |locale| {
            report.faults.iter().map(|fault| CellProblem::new(fault, locale)).collect()
        }),
    }
}

/// Imports firms into a programme: registers those that are not registered yet, and takes them all in. Nothing is
/// imported when a single row is wrong; the same table again changes nothing.
#[utoipa::path(
    post, path = "/programmes/{id}/imports/firms", operation_id = "imports_firms", tag = "exchange",
    params(("id" = ProgrammeId, Path), Options),
    request_body(content = String, content_type = "text/csv", description = "CSV or XLSX, of at most 5 MiB and 5,000 rows"),
    responses((status = OK, body = ImportJson))
)]
async fn firms(
    State(base): State<Base>,
    may: May<ImportFirms>,
    Key(id): Key<ProgrammeId>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    may.in_state(programmes::store::find(base.db.reads(), may.actor(), id).await?.state)?;
    run((&base, may), ("firms", id.0), options, file, async |w, rows: &[Row<NewOrganisation>]| {
        store::firms(w, id, rows).await
    })
    .await
}

/// Imports the sales of one's supplier: a row without a buyer states those in all. Nothing is imported when a single
/// row is wrong; the same table again changes nothing.
#[utoipa::path(
    post, path = "/profile/imports/sales", operation_id = "imports_sales", tag = "exchange",
    params(Options),
    request_body(content = String, content_type = "text/csv", description = "CSV or XLSX, of at most 5 MiB and 5,000 rows"),
    responses((status = OK, body = ImportJson))
)]
async fn sales(
    State(base): State<Base>,
    may: May<ImportSales>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    let subject = may.actor().organisation.0;
    run((&base, may), ("sales", subject), options, file, async |w, rows: &[Row<NewSales>]| {
        store::sales(w, rows).await
    })
    .await
}

/// Imports the capacities of one's supplier. Nothing is imported when a single row is wrong; the same table again
/// changes nothing.
#[utoipa::path(
    post, path = "/profile/imports/capacities", operation_id = "imports_capacities", tag = "exchange",
    params(Options),
    request_body(content = String, content_type = "text/csv", description = "CSV or XLSX, of at most 5 MiB and 5,000 rows"),
    responses((status = OK, body = ImportJson))
)]
async fn capacities(
    State(base): State<Base>,
    may: May<ImportCapacities>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    let subject = may.actor().organisation.0;
    run((&base, may), ("capacities", subject), options, file, async |w, rows: &[Row<NewCapacity>]| {
        store::capacities(w, rows).await
    })
    .await
}

/// Imports lots into a draft: those of a name that is there are rewritten, the others added. Nothing is imported when
/// a single row is wrong; the same table again changes nothing.
#[utoipa::path(
    post, path = "/requirements/{id}/imports/lots", operation_id = "imports_lots", tag = "exchange",
    params(("id" = RequirementId, Path), Options),
    request_body(content = String, content_type = "text/csv", description = "CSV or XLSX, of at most 5 MiB and 5,000 rows"),
    responses((status = OK, body = ImportJson))
)]
async fn lots(
    State(base): State<Base>,
    may: May<ImportLots>,
    Key(id): Key<RequirementId>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    may.in_state(requirements::store::find(base.db.reads(), may.actor(), id).await?.state)?;
    run((&base, may), ("lots", id.0), options, file, async |w, rows: &[Row<LotTerms>]| {
        store::lots(w, id, rows).await
    })
    .await
}

/// Imports answers into a draft of one's own diagnostic. Nothing is imported when a single row is wrong; the same
/// table again changes nothing.
#[utoipa::path(
    post, path = "/diagnostics/{id}/imports/answers", operation_id = "imports_answers", tag = "exchange",
    params(("id" = DiagnosticId, Path), Options),
    request_body(content = String, content_type = "text/csv", description = "CSV or XLSX, of at most 5 MiB and 5,000 rows"),
    responses((status = OK, body = ImportJson))
)]
async fn answers(
    State(base): State<Base>,
    may: May<ImportAnswers>,
    Key(id): Key<DiagnosticId>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    let found = diagnostics::store::find(base.db.reads(), may.actor(), id).await?;
    if found.organisation != may.actor().organisation {
        return Err(Problem::not_found());
    }
    may.in_state(found.state)?;
    run((&base, may), ("answers", id.0), options, file, async |w, rows: &[Row<TabledAnswer>]| {
        store::answers(w, id, rows).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a preview says of rows from 2 on of which nothing is known but this.
    fn previewed(rows: usize, outcomes: Vec<(usize, Outcome)>, faults: Vec<FieldError>) -> ImportJson {
        let objects = (2..rows + 2).map(|row| (row, Map::new())).collect();
        let parsed = Parsed { table: table("lots").unwrap(), objects, faults: Vec::new() };
        answer(&parsed, &Report { outcomes, faults }, Some(Locale::Es))
    }

    #[test]
    fn a_row_with_a_fault_has_no_outcome_and_its_first_one_counts() {
        let (new, other) = (Outcome::Created, Outcome::Changed);
        let fault = FieldError::new("/rows/3/name", "required");
        let read = previewed(4, vec![(5, new), (2, other), (3, new), (2, new)], vec![fault.clone(), fault]);
        let told: Vec<_> = read.lines.iter().map(|line| (line.row, line.outcome)).collect();
        assert_eq!(told, [(2, Some(other)), (3, None), (4, None), (5, Some(new))]);
        assert_eq!((read.problems.len(), read.created, read.changed), (2, 3, 1), "every fault is told");
    }

    #[test]
    fn a_long_table_is_looked_through_once() {
        let rows = 50_000;
        let read = previewed(rows, (2..rows + 2).map(|row| (row, Outcome::Created)).collect(), Vec::new());
        assert!(read.lines.iter().all(|line| line.outcome == Some(Outcome::Created)));
    }
}
