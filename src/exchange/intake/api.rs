//! Taking records in, with a preview.

use std::collections::HashSet;

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Fate, MOST_PAIRS, MOST_RECORDS, Options, Outcome, TakeRecords, TakeTenders, store};
use crate::{
    exchange::{
        chilecompra::{self, Tally, Tenders},
        ocds::{self, Code, Documents, Procurement, Warning},
    },
    foundation::{
        Base,
        access::{Actor, May, Operation},
        clock::Day,
        http::{Key, Params, Reply, Upload},
        i18n::Locale,
        ids::{ProgrammeId, RequirementId},
        problem::{FieldError, Problem},
    },
    programmes,
};

/// How often a record is tried again that the database took back.
const TRIES: usize = 3;

/// The intake of records.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(records)).routes(routes!(tenders))
}

/// What is asked of an intake beside the file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes `Options`, which is read by hand")]
struct Asked {
    /// Only say what would happen.
    #[param(required = false)]
    preview: bool,
    /// Contracts of the twelve months up to this day count as existing sales; else up to the record's latest contract.
    as_of: Option<Day>,
}

/// What became of a file, or, as a preview, would become of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Intake)]
struct IntakeJson {
    /// Whether this was a preview: nothing was changed then.
    preview: bool,
    records: Vec<RecordJson>,
    /// What is odd, and how it was read all the same.
    warnings: Vec<WarningJson>,
    /// Why records, or lines of the file, were refused.
    problems: Vec<ProblemJson>,
    /// Rows of a table that say nothing of a tender, or are beyond the 20,000 of one.
    rows_left_out: usize,
    #[serde(skip)]
    faults: Vec<FieldError>,
}

/// A record.
#[derive(Serialize, ToSchema)]
#[schema(as = TakenRecord)]
struct RecordJson {
    /// Its open contracting id, or a tender's code.
    #[schema(example = "ocds-abc123-2026-7")]
    ocid: String,
    title: Option<String>,
    outcome: Fate,
    /// The requirement that stands for it; null unless it was created, and in a preview.
    requirement: Option<RequirementId>,
    lots: usize,
    suppliers: usize,
    /// Prices written as offers.
    offers: usize,
    /// The day on which the existing sales stand.
    sales_as_of: Option<Day>,
}

/// Something odd.
#[derive(Serialize, ToSchema)]
#[schema(as = IntakeWarning)]
struct WarningJson {
    /// Stable, machine-readable.
    #[schema(example = "amount-zero")]
    code: &'static str,
    /// Where it stands in the document, as a JSON pointer.
    #[schema(example = "/awards/0/value")]
    pointer: String,
    /// How often, at like places; the pointer is the first.
    times: usize,
    /// Of a table: the tender.
    tender: Option<String>,
    /// Of a file with a document on each line: the line.
    line: Option<usize>,
    /// How it was read all the same.
    detail: String,
}

/// Why something was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = IntakeProblem)]
struct ProblemJson {
    /// `/records/0` of the first of `records`, `/lines/3` of a line of the file that could not be read, `/` of the whole.
    #[schema(example = "/records/0")]
    pointer: String,
    /// Stable, machine-readable.
    #[schema(example = "record-without-buyer")]
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
}

/// A record as it was read.
struct Found {
    record: Procurement,
    /// Why it is not looked at any further.
    refusal: Option<&'static str>,
}

impl Found {
    /// A record, unless there is too much in it: the pairs of its items and suppliers are all looked at.
    fn of(record: Procurement) -> Self {
        let is_large = record.items.len().max(1) * record.suppliers.len().max(1) > MOST_PAIRS;
        Self { record, refusal: is_large.then_some("record-too-large") }
    }

    /// What is odd about lots, prices and existing sales, if the record is looked at.
    fn odd(&self, as_of: Option<Day>) -> Vec<Warning> {
        if self.refusal.is_some() {
            return Vec::new();
        }
        // A lot without a price stays out of an instance, and none is written of these records.
        let of_lots = ocds::offer(&self.record).warnings.into_iter();
        let of_lots = of_lots.filter(|warning| warning.code != Code::PriceMissing);
        of_lots.chain(ocds::existing_sales(&self.record, as_of.map(Day::date)).warnings).collect()
    }
}

/// Something odd, with the tender or the line that it is about.
struct Odd {
    warning: Warning,
    tender: Option<String>,
    line: Option<usize>,
}

/// What a file says.
#[derive(Default)]
struct Read {
    records: Vec<Found>,
    odd: Vec<Odd>,
    faults: Vec<FieldError>,
    left_out: usize,
}

impl Read {
    /// The documents of a file, as far as they can be read.
    fn documents(bytes: &[u8], as_of: Option<Day>) -> Result<Self, Problem> {
        let mut read = Self::default();
        let mut documents = Documents::of(bytes).map_err(Problem::internal)?;
        while !read.is_too_much()
            && let Some((line, reading)) = documents.next_document().map_err(Problem::internal)?
        {
            match reading {
                Ok(reading) => {
                    let found: Vec<_> = reading.procurements.into_iter().map(Found::of).collect();
                    let of_records = found.iter().flat_map(|found| found.odd(as_of));
                    let odd = |warning| Odd { warning, tender: None, line };
                    read.odd.extend(reading.warnings.into_iter().chain(of_records).map(odd));
                    read.records.extend(found);
                }
                Err(refusal) => {
                    let pointer = line.map_or_else(|| "/".to_owned(), |line| format!("/lines/{line}"));
                    read.faults.push(FieldError::new(pointer, refusal.code));
                }
            }
        }
        Ok(read)
    }

    /// The tenders of a table.
    fn tenders(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        let mut tenders = match Tenders::read(bytes) {
            Ok(tenders) => tenders,
            Err(refusal) => {
                read.faults.push(FieldError::new("/", refusal.code));
                return read;
            }
        };
        for tender in tenders.by_ref().take(MOST_RECORDS + 1) {
            let mut found = Found::of(tender);
            if found.refusal.is_none() {
                match chilecompra::odd(&found.record) {
                    Ok(warnings) => {
                        let tender = Some(found.record.ocid.clone());
                        let odd = |warning| Odd { warning, tender: tender.clone(), line: None };
                        read.odd.extend(warnings.into_iter().map(odd));
                    }
                    Err(refusal) => found.refusal = Some(refusal.code),
                }
            }
            read.records.push(found);
        }
        let Tally { unreadable, too_many, .. } = tenders.tally();
        read.left_out = unreadable + too_many;
        if read.records.is_empty() {
            read.faults.push(FieldError::new("/", "no-tenders"));
        }
        read
    }

    /// Whether there is more in the file than is taken at once.
    const fn is_too_much(&self) -> bool {
        self.records.len() + self.faults.len() > MOST_RECORDS
    }

    /// Says so of a file in which there is nothing, or too much.
    fn measured(mut self) -> Self {
        if self.is_too_much() {
            let faults = vec![FieldError::new("/", "too-many-records").with("most", MOST_RECORDS)];
            self = Self { faults, ..Self::default() };
        } else if self.records.is_empty() && self.faults.is_empty() {
            self.faults.push(FieldError::new("/", "nothing-to-import"));
        }
        self
    }
}

/// Takes public procurement records into a programme: OCDS releases, records and packages, 1.0 or 1.1, or one on each
/// line. A record becomes a closed requirement of its buyer, with the suppliers' prices as offers and their contracts as
/// existing sales. Each record is taken by itself: what cannot be used is refused with its reasons, what is there already
/// is left as it is, so the same file again changes nothing. At most 500 records, 500 lots of each. A record about a firm
/// that has people here, or with which another institution works, is refused.
#[utoipa::path(
    post, path = "/programmes/{id}/imports/ocds", operation_id = "imports_ocds", tag = "exchange",
    params(("id" = ProgrammeId, Path), Asked),
    request_body(content = serde_json::Value, content_type = "application/json", description = "A document, or one on each line; at most 5 MiB"),
    responses((status = OK, body = IntakeJson))
)]
async fn records(
    State(base): State<Base>,
    may: May<TakeRecords>,
    Key(id): Key<ProgrammeId>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    take((&base, may), id, options, file, Read::documents).await
}

/// Takes ChileCompra's tenders into a programme, as reference demand: rows of its monthly table, with the header. Each
/// tender is taken by itself: what cannot be used is refused with its reasons, what is there already is left as it is, so
/// the same file again changes nothing. At most 500 tenders, 500 lots of each. A tender about a firm that has people here,
/// or with which another institution works, is refused.
#[utoipa::path(
    post, path = "/programmes/{id}/imports/chilecompra", operation_id = "imports_chilecompra", tag = "exchange",
    params(("id" = ProgrammeId, Path), Asked),
    request_body(content = String, content_type = "text/csv", description = "At most 5 MiB, of whole tenders"),
    responses((status = OK, body = IntakeJson))
)]
async fn tenders(
    State(base): State<Base>,
    may: May<TakeTenders>,
    Key(id): Key<ProgrammeId>,
    Params(options): Params<Options>,
    file: Upload,
) -> Result<Reply, Problem> {
    take((&base, may), id, options, file, |bytes, _| Ok(Read::tenders(bytes))).await
}

async fn take<O: Operation>(
    (base, may): (&Base, May<O>),
    id: ProgrammeId,
    options: Options,
    Upload { bytes, once }: Upload,
    read: impl FnOnce(&[u8], Option<Day>) -> Result<Read, Problem> + Send + 'static,
) -> Result<Reply, Problem> {
    may.in_state(programmes::store::find(base.db.reads(), may.actor(), id).await?.state)?;
    if let Some(kept) = once.kept::<O>(base.db.reads(), may.actor()).await?
        && !options.preview
    {
        return Ok(kept);
    }
    // There is nothing in it to look at, also as a preview.
    if bytes.trim_ascii().is_empty() {
        return Err(refused(vec![FieldError::new("/", "empty-file")]));
    }
    let hash = hex::encode(Sha256::digest(&bytes));
    let read = tokio::task::spawn_blocking(move || read(&bytes, options.as_of)).await;
    let read = read.map_err(Problem::internal)??.measured();
    let (mut outcomes, mut seen) = (Vec::new(), HashSet::new());
    for Found { record, refusal } in &read.records {
        outcomes.push(match refusal {
            Some(code) => Outcome::refused(Problem::conflict(code)),
            // Left as it is there, it would lose what it says here.
            None if !seen.insert(record.ocid.as_str()) => {
                Outcome::refused(Problem::conflict("record-repeated"))
            }
            None => one_or_again::<O>((base, may.actor()), id, record, options).await?,
        });
    }
    let answer = answer(read, outcomes, (options.preview, may.actor().locale));
    if options.preview {
        return Reply::ok(&answer);
    }
    let count = |fate| answer.records.iter().filter(|record| record.outcome == fate).count();
    let (created, unchanged) = (count(Fate::Created), count(Fate::Unchanged));
    if created + unchanged == 0 {
        return Err(refused(answer.faults));
    }
    base.write(may, once, async |w| {
        let details = json!({ "sha256": hash, "created": created, "unchanged": unchanged, "refused": count(Fate::Refused) });
        w.record("import", id, &details).await?;
        let reply = Reply::ok(&answer)?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes one record, again where the database took it back for the sake of another.
async fn one_or_again<O: Operation>(
    who: (&Base, &Actor),
    id: ProgrammeId,
    record: &Procurement,
    options: Options,
) -> Result<Outcome, Problem> {
    for _ in 0..TRIES {
        match one::<O>(who, id, record, options).await {
            Err(problem) if is_crossed(&problem) => {}
            outcome => return outcome,
        }
    }
    one::<O>(who, id, record, options).await
}

/// Whether another write came between, and the same again may find what it has left.
fn is_crossed(problem: &Problem) -> bool {
    problem.again || problem.errors.iter().any(|error| error.code == "tax-id-taken")
}

/// Takes one record, in a write of its own.
async fn one<O: Operation>(
    (base, actor): (&Base, &Actor),
    id: ProgrammeId,
    record: &Procurement,
    Options { preview, as_of }: Options,
) -> Result<Outcome, Problem> {
    let mut told = None;
    let written = base
        .transact(actor.may::<O>()?, async |w| {
            let outcome = store::take(&w, id, record, as_of).await?;
            let is_kept = outcome.fate == Fate::Created && !preview;
            told = Some((outcome, is_kept));
            // Of what is only looked at nothing is written, whatever was done to see it.
            if is_kept { Ok(w.done(())) } else { Err(Problem::conflict("import-refused")) }
        })
        .await;
    match (told, written) {
        (Some((outcome, is_kept)), written) if !is_kept || written.is_ok() => Ok(outcome),
        (_, Ok(())) => Err(Problem::internal("a record was written of which nothing is known")),
        // Somebody else has taken it meanwhile.
        (_, Err(problem)) if problem.code == "already-imported" => Ok(Fate::Unchanged.into()),
        // What waits for somebody else, or is not of the record, is no fault of it.
        (None, Err(problem))
            if problem.status.is_client_error()
                && problem.status != StatusCode::NOT_FOUND
                && !is_crossed(&problem)
                && problem.retry_after.is_none() =>
        {
            Ok(Outcome::refused(problem))
        }
        (_, Err(problem)) => Err(problem),
    }
}

fn refused(errors: Vec<FieldError>) -> Problem {
    Problem { errors, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing-imported") }
}

/// What is told of a record.
fn told(record: &Procurement, outcome: &Outcome, preview: bool) -> RecordJson {
    let found = outcome.imported.as_ref();
    RecordJson {
        ocid: record.ocid.clone(),
        title: record.title.clone(),
        outcome: outcome.fate,
        requirement: found.filter(|_| !preview).map(|found| found.requirement),
        lots: found.map_or(0, |found| found.lots),
        suppliers: found.map_or(0, |found| found.suppliers),
        offers: found.map_or(0, |found| found.offers),
        sales_as_of: found.and_then(|found| found.as_of),
    }
}

/// Why a record was refused: what is wrong with single fields, where that is what is wrong.
fn faults(at: usize, ocid: &str, problem: Problem) -> Vec<FieldError> {
    let whole = FieldError { pointer: String::new(), code: problem.code, args: problem.args };
    let errors = if problem.errors.is_empty() { vec![whole] } else { problem.errors };
    let here = |error: FieldError| FieldError {
        pointer: format!("/records/{at}"),
        args: [("ocid", ocid.to_owned())].into_iter().chain(error.args).collect(),
        ..error
    };
    errors.into_iter().map(here).collect()
}

fn answer(read: Read, outcomes: Vec<Outcome>, (preview, locale): (bool, Locale)) -> IntakeJson {
    let (mut records, mut of_records) = (Vec::new(), Vec::new());
    for (at, (Found { record, .. }, outcome)) in read.records.iter().zip(outcomes).enumerate() {
        records.push(told(record, &outcome, preview));
        of_records
            .extend(outcome.obstacles.into_iter().flat_map(|problem| faults(at, &record.ocid, problem)));
    }
    let faults: Vec<FieldError> = read.faults.into_iter().chain(of_records).collect();
    let warning = |Odd { warning: Warning { code, pointer, times, .. }, tender, line }: Odd| {
        let detail = locale.text(&format!("ocds-{}", code.name()));
        WarningJson { code: code.name(), pointer, times, tender, line, detail }
    };
    let problem = |FieldError { pointer, code, args }: &FieldError| {
        let detail = locale.text_if(&format!("field-{code}"), args);
        let detail = detail.unwrap_or_else(|| locale.text_with(&format!("problem-{code}-detail"), args));
        ProblemJson { pointer: pointer.clone(), code, detail }
    };
    IntakeJson {
        preview,
        records,
        warnings: read.odd.into_iter().map(warning).collect(),
        problems: faults.iter().map(problem).collect(),
        rows_left_out: read.left_out,
        faults,
    }
}
