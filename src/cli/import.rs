//! `eslabon import`: tables through the API, and public procurement records into the database and into instances.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Cursor},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Subcommand;
use num_rational::BigRational;
use serde_json::Value as Json;

use super::{
    Failure, connect,
    intake::{self, How, Taking, Through},
    remote::{self, Service, Table},
    user::said,
};
use crate::{
    exchange::{
        self, ImportOcds, Imported,
        chilecompra::{self, Tally, Tenders},
        ocds, store,
        unspsc::{self, Unusable},
    },
    foundation::{
        Base,
        access::Actor,
        clock::Day,
        config::Config,
        http::fetch,
        i18n::Locale,
        ids::{DiagnosticId, OrganisationId, ProgrammeId, RequirementId},
        problem::{FieldError, Problem},
        share::Share,
    },
    organisations::{self, Register, unspsc::Load},
};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Import OCDS documents: releases, records, packages (1.0 and 1.1), also one on each line (JSON Lines)
    #[command(after_help = "Examples:\n  \
        eslabon import ocds record.json\n  \
        ESLABON_TOKEN=… eslabon import ocds record.json --remote --programme 0192… --preview\n  \
        eslabon import ocds record.json --as-of 2010-02-11 --instance case && eslabon solve case")]
    Ocds(Ocds),
    /// Import ChileCompra's monthly tables of tenders, as reference demand
    #[command(after_help = "Example:\n  eslabon import chilecompra lic_2021-3.csv")]
    Chilecompra(Chilecompra),
    /// Import the names of UNSPSC codes, so that processes can be searched and show what they are called
    #[command(after_help = "Examples:\n  \
        eslabon import unspsc rubros.csv --locale es\n  \
        ESLABON_TOKEN=… eslabon import unspsc rubros.csv --remote --preview")]
    Unspsc(Unspsc),
    /// Import firms into a programme, from CSV or XLSX
    #[command(after_help = "Example:\n  eslabon import firms firms.xlsx --programme 0192… --preview")]
    Firms {
        /// The programme
        #[arg(long)]
        programme: ProgrammeId,
        #[command(flatten)]
        table: Table,
    },
    /// Import the sales of one's supplier, from CSV or XLSX
    Sales {
        #[command(flatten)]
        table: Table,
    },
    /// Import the capacities of one's supplier, from CSV or XLSX
    Capacities {
        #[command(flatten)]
        table: Table,
    },
    /// Import lots into a draft, from CSV or XLSX
    Lots {
        /// The requirement
        #[arg(long)]
        requirement: RequirementId,
        #[command(flatten)]
        table: Table,
    },
    /// Import answers into a draft of one's diagnostic, from CSV or XLSX
    Answers {
        /// The diagnostic
        #[arg(long)]
        diagnostic: DiagnosticId,
        #[command(flatten)]
        table: Table,
    },
}

#[derive(clap::Args, Debug)]
struct Ocds {
    /// The documents: files, or https:// addresses
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The programme into which they go (default: one per currency, made when it is missing)
    #[arg(long)]
    programme: Option<ProgrammeId>,
    /// Contracts that count as existing sales: those of the twelve months up to this day (default: the
    /// latest contract's day)
    #[arg(long)]
    as_of: Option<Day>,
    /// Also write an instance for `eslabon solve` into this new folder
    #[arg(long, conflicts_with = "remote")]
    instance: Option<PathBuf>,
    /// The instance's dependency cap
    #[arg(long, default_value = "0.3")]
    cap: Share,
    /// The instance's dependency allowance, in the record's currency
    #[arg(long, default_value = "0")]
    allowance: u64,
    #[command(flatten)]
    through: Through,
}

#[derive(clap::Args, Debug)]
struct Chilecompra {
    /// The tables, as they are published
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The programme into which they go (default: one per currency, made when it is missing)
    #[arg(long)]
    programme: Option<ProgrammeId>,
    #[command(flatten)]
    through: Through,
}

#[derive(clap::Args, Debug)]
struct Unspsc {
    /// The table: a column with the code and one with the name
    file: PathBuf,
    /// The language of its names
    #[arg(long, default_value = "es")]
    locale: Locale,
    /// Through the API of a service, instead of the database: codes that have a name keep it
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    how: How,
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let (path, table) = match args.command {
        Command::Ocds(args) => return ocds(args, config).await,
        Command::Chilecompra(args) => return chilecompra(args, config).await,
        Command::Unspsc(args) => return names(args, config).await,
        Command::Firms { programme, table } => (format!("programmes/{programme}/imports/firms"), table),
        Command::Sales { table } => ("profile/imports/sales".to_owned(), table),
        Command::Capacities { table } => ("profile/imports/capacities".to_owned(), table),
        Command::Lots { requirement, table } => (format!("requirements/{requirement}/imports/lots"), table),
        Command::Answers { diagnostic, table } => {
            (format!("diagnostics/{diagnostic}/imports/answers"), table)
        }
    };
    remote::import(&path, &table).await
}

/// Where in the service records go: into a programme that is named.
fn place(programme: Option<ProgrammeId>, kind: &str) -> Result<String, Failure> {
    let programme = programme.ok_or("name the programme with --programme")?;
    Ok(format!("programmes/{programme}/imports/{kind}"))
}

async fn ocds_through(service: Service, args: &Ocds) -> Result<(), Failure> {
    let day = args.as_of.map_or_else(String::new, |day| format!("?as_of={day}"));
    let path = place(args.programme, "ocds")? + &day;
    let mut taking = Taking::new(service, path, &args.through);
    for file in &args.files {
        taking.file(file, open(file).await.and_then(intake::documents)).await?;
    }
    taking.end()
}

async fn tenders_through(service: Service, args: &Chilecompra) -> Result<(), Failure> {
    let mut taking = Taking::new(service, place(args.programme, "chilecompra")?, &args.through);
    for file in &args.files {
        taking.file(file, opened(file).and_then(intake::tenders)).await?;
    }
    taking.end()
}

async fn ocds(args: Ocds, config: Arc<Config>) -> Result<(), Failure> {
    if let Some(service) = args.through.service()? {
        return ocds_through(service, &args).await;
    }
    let base = connect(config).await?;
    base.db.migrate().await?;
    let (mut imported, mut refused) = (0, 0);
    for file in &args.files {
        say!("{}", file.display());
        if let Err(reason) = documents(&base, &args, file, &mut imported, &mut refused).await {
            say!("  REFUSED {reason}");
            refused += 1;
        }
    }
    say!("{imported} imported, {refused} refused.");
    if imported == 0 { Err("nothing was imported; the reasons stand above".into()) } else { Ok(()) }
}

/// Imports the documents of a file, or of each line of one, as far as it can be read.
async fn documents(
    base: &Base,
    args: &Ocds,
    file: &Path,
    imported: &mut usize,
    refused: &mut usize,
) -> Result<(), Failure> {
    let mut documents = ocds::Documents::of(open(file).await?)?;
    while let Some((line, reading)) = documents.next_document()? {
        let place = line.map_or_else(String::new, |line| format!("line {line}: "));
        let reading = match reading {
            Ok(reading) => reading,
            Err(reason) => {
                say!("  REFUSED {place}{reason}");
                *refused += 1;
                continue;
            }
        };
        for record in &reading.procurements {
            match import(base, args, record).await {
                Ok(()) => *imported += 1,
                Err(reason) => {
                    say!("  REFUSED {place}{}: {reason}", record.ocid);
                    *refused += 1;
                }
            }
        }
        for warning in &reading.warnings {
            say!("  warning {place}{warning}");
        }
    }
    Ok(())
}

async fn chilecompra(args: Chilecompra, config: Arc<Config>) -> Result<(), Failure> {
    if let Some(service) = args.through.service()? {
        return tenders_through(service, &args).await;
    }
    let base = connect(config).await?;
    base.db.migrate().await?;
    let mut bad = Vec::new();
    for file in &args.files {
        say!("{}", file.display());
        match tenders(&base, args.programme, file).await {
            Ok(0) => bad.push(file.display().to_string()),
            Ok(_) => {}
            Err(reason) => {
                say!("  REFUSED {reason}");
                bad.push(file.display().to_string());
            }
        }
    }
    if bad.is_empty() {
        return Ok(());
    }
    Err(format!("nothing was imported from {}; the reasons stand above", bad.join(", ")).into())
}

/// Imports the tenders of a file; how many of them are there now.
async fn tenders(base: &Base, programme: Option<ProgrammeId>, file: &Path) -> Result<usize, Failure> {
    let mut tenders = Tenders::read(opened(file)?)?;
    let (mut imported, mut known, mut refused) = (0, 0, 0);
    for tender in tenders.by_ref() {
        let written = match chilecompra::odd(&tender) {
            Ok(odd) => write(base, programme, &tender, None).await.map(|_| odd),
            Err(refusal) => {
                say!("  REFUSED {}: {refusal}", tender.ocid);
                refused += 1;
                continue;
            }
        };
        match written {
            Ok(odd) => {
                imported += 1;
                for warning in odd {
                    say!("  warning {}: {warning}", tender.ocid);
                }
            }
            Err(problem) if problem.code == "already-imported" => known += 1,
            Err(problem) => {
                say!("  REFUSED {}: {}", tender.ocid, said(&problem));
                refused += 1;
            }
        }
    }
    let Tally { rows, unreadable, too_many } = tenders.tally();
    say!("  {rows} rows, {unreadable} of them unreadable, {too_many} beyond the most of a tender.");
    say!("{imported} imported, {known} there already, {refused} refused.");
    Ok(imported + known)
}

async fn names(args: Unspsc, config: Arc<Config>) -> Result<(), Failure> {
    let source =
        fs::File::open(&args.file).map_err(|error| format!("can't be read: {error}. Check the path"))?;
    let (names, unusable) = unspsc::read(BufReader::new(source))?;
    if args.remote {
        names_through(&args, &names).await?;
        tell_unusable(&unusable);
        return Ok(());
    }
    let base = connect(config).await?;
    base.db.migrate().await?;
    let operator = Actor::system(OrganisationId(uuid::Uuid::nil()));
    let loaded = base
        .transact(operator.may::<Load>()?, async |w| {
            let loaded = organisations::store::unspsc::load(&w, args.locale, &names).await?;
            Ok(w.done(loaded))
        })
        .await;
    let loaded = loaded.map_err(|problem| said(&problem))?;
    say!("{loaded} codes.");
    tell_unusable(&unusable);
    Ok(())
}

/// Says on standard error which rows could not be used.
fn tell_unusable(unusable: &Unusable) {
    eprintln!("{} rows that could not be used.", unusable.rows);
    for FieldError { pointer, code, args } in &unusable.first {
        let line = pointer.trim_start_matches("/lines/");
        eprintln!("  line {line}: {}", Locale::En.text_with(&format!("field-{code}"), args));
    }
    if unusable.rows > unusable.first.len() {
        eprintln!("  and {} more", unusable.rows - unusable.first.len());
    }
}

/// Sends the names in parts of a size that the service takes, and says what became of them.
async fn names_through(args: &Unspsc, names: &BTreeMap<String, String>) -> Result<(), Failure> {
    let service = args.how.service()?;
    let path = format!("imports/unspsc?locale={}&preview={}", args.locale, args.how.preview);
    let (mut created, mut unchanged, mut kept) = (0, 0, 0);
    for part in unspsc::parts(names)? {
        let (status, body) = intake::send(&service, &path, part).await?;
        if args.how.json {
            remote::line(&body);
        }
        if status >= 400 {
            tell_names(args, [created, unchanged, kept]);
            return Err(remote::told(status, &body));
        }
        let answer: Json = serde_json::from_slice(&body)?;
        let count = |key: &str| answer[key].as_u64().unwrap_or_default();
        (created, unchanged, kept) =
            (created + count("created"), unchanged + count("unchanged"), kept + count("kept"));
        for one in answer["kept_names"].as_array().into_iter().flatten().filter(|_| !args.how.json) {
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            say!("  {} keeps its name, {}", text("code"), text("name"));
        }
    }
    tell_names(args, [created, unchanged, kept]);
    Ok(())
}

fn tell_names(args: &Unspsc, [created, unchanged, kept]: [u64; 3]) {
    let would = if args.how.preview { "would get" } else { "got" };
    eprintln!("{created} codes {would} a name, {unchanged} had it already, {kept} keep another.");
}

async fn open(file: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if let Some(address) =
        file.to_str().filter(|text| text.starts_with("https://") || text.starts_with("http://"))
    {
        return Ok(Box::new(Cursor::new(fetch(address).await?)));
    }
    Ok(Box::new(opened(file)?))
}

fn opened(file: &Path) -> Result<BufReader<fs::File>, Failure> {
    let source = fs::File::open(file).map_err(|error| format!("can't be read: {error}. Check the path"))?;
    Ok(BufReader::new(source))
}

async fn import(base: &Base, args: &Ocds, record: &ocds::Procurement) -> Result<(), Failure> {
    report(record);
    let as_of = args.as_of.map(Day::date);
    if let Some(folder) = &args.instance {
        write_instance(folder, args, record)?;
    }
    let written = write(base, args.programme, record, as_of).await;
    match written {
        Ok(Imported { requirement, lots, suppliers, offers, as_of, .. }) => {
            let day = as_of.map_or_else(String::new, |day| format!(", existing sales as of {day}"));
            say!("  requirement {requirement}: {lots} lots, {suppliers} suppliers, {offers} prices{day}");
            Ok(())
        }
        Err(problem) => Err(said(&problem).into()),
    }
}

async fn write(
    base: &Base,
    programme: Option<ProgrammeId>,
    record: &ocds::Procurement,
    as_of: Option<time::Date>,
) -> Result<Imported, Problem> {
    let operator = Actor::system(OrganisationId(uuid::Uuid::nil()));
    let institution = base
        .transact(operator.may::<Register>()?, async |w| {
            let institution = store::institution(&w).await?;
            w.record("organisation", institution.id, &serde_json::json!({ "import": record.ocid })).await?;
            Ok(w.done(institution))
        })
        .await?;
    let service = Actor::system(institution.id);
    base.transact(service.may::<ImportOcds>()?, async |w| {
        let programme = if let Some(named) = programme {
            named
        } else {
            let currency = record.currency.ok_or_else(|| Problem::conflict("record-without-currency"))?;
            let currency =
                currency.code().parse().map_err(|_| Problem::conflict("record-without-currency"))?;
            let from = as_of.or(record.date).map_or_else(|| institution.day(w.at()), Day::from);
            store::programme_for(&w, currency, from).await?.id
        };
        if store::is_imported(w.db(), w.actor(), programme, &record.ocid).await? {
            return Err(Problem::conflict("already-imported"));
        }
        let imported = exchange::store::import(&w, programme, record, as_of).await?;
        Ok(w.done(imported))
    })
    .await
}

/// What the record says, before anything is written: how much each supplier sold, and how concentrated
/// the buyer's purchases are.
fn report(record: &ocds::Procurement) {
    say!("  {} {}", record.ocid, record.title.as_deref().unwrap_or_default());
    say!(
        "  {} tender items, {} suppliers, {} contracts",
        record.items.len(),
        record.suppliers.len(),
        record.contracts.len()
    );
    let Some(figures) = ocds::figures(record) else { return };
    say!("  contracts {}, supplier HHI {}", figures.total, figures.hhi_points());
    for supplier in &figures.suppliers {
        say!(
            "    {:>5} %  {}  {}  {}",
            supplier.share_percent(),
            supplier.total,
            supplier.supplier,
            supplier.name
        );
    }
}

fn write_instance(folder: &Path, args: &Ocds, record: &ocds::Procurement) -> Result<(), Failure> {
    let whole = |number: i64| BigRational::from_integer(number.into());
    let options = ocds::Options {
        as_of: args.as_of.map(Day::date),
        dependency_cap: Some(whole(args.cap.ppm()) / whole(1_000_000)),
        dependency_allowance: whole(i64::try_from(args.allowance)?),
    };
    let tables = ocds::to_instance(record, &options)?;
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(format!("{} is not empty; name a new folder for --instance", folder.display()).into());
    }
    fs::create_dir_all(folder)?;
    for (name, text) in tables.files() {
        fs::write(folder.join(name), text)?;
    }
    for warning in &tables.warnings {
        say!("  warning {warning}");
    }
    say!("  instance written to {}", folder.display());
    Ok(())
}
