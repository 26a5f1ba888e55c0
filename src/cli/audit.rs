//! `eslabon audit`: the log of what was done, its checkpoints and proofs, and their verification.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::PathBuf,
    sync::Arc,
};

use clap::Subcommand;
use uuid::Uuid;

use super::{Failure, connect, files};
use crate::foundation::{
    access::Actor,
    audit::{
        checkpoint::{Folder, Verifier},
        log,
        verify::{self, Report, Verified},
    },
    config::Config,
    i18n::Locale,
    ids::{AuditEntryId, OrganisationId},
    problem::Problem,
};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Print the public key of the log: give it to whoever is to verify
    Key,
    /// Place what waits, sign a checkpoint, and print it: keep it elsewhere
    Checkpoint,
    /// Write the whole log down, a line of JSON for each entry
    Export {
        /// File to write to; standard output when it is missing
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Verify the database's log, or an export or a proof without any database
    #[command(after_help = "Examples:\n  \
        eslabon audit verify                                        the database, against the last checkpoint\n  \
        eslabon audit verify --checkpoint may.txt                   … and against one kept elsewhere\n  \
        eslabon audit verify log.jsonl --key \"$(cat key.pub)\"       an export, where there is no database")]
    Verify {
        /// An export, or a proof; the database when it is missing
        file: Option<PathBuf>,
        /// A checkpoint that was kept elsewhere; may be repeated
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        /// The public key of the log, as `audit key` prints it; may be repeated
        #[arg(long)]
        key: Vec<String>,
    },
    /// Prove that an entry stands in the log, as JSON
    Prove {
        /// The entry's id
        entry: AuditEntryId,
    },
    /// Prove that the log of one checkpoint begins with that of an older one, as JSON
    Compare {
        /// Entries of the older checkpoint
        from: u64,
        /// Entries of the newer one
        to: u64,
    },
    /// Say that an older database was put back on purpose: the last checkpoint is put aside
    Restored,
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let folder = Folder::new(config.audit_dir());
    match args.command {
        Command::Key => {
            let signer = folder.signer(&crate::foundation::ids::Ids::system())?;
            say!("{}", signer.verifier());
        }
        Command::Checkpoint => {
            let base = connect(config).await?;
            let checkpoint = log::keep(&base).await.map_err(said)?.ok_or("there is nothing to sign yet")?;
            files::tell(checkpoint.note.as_bytes());
        }
        Command::Export { out } => export(config, &folder, out).await?,
        Command::Verify { file, checkpoint, key } => {
            let outside = checkpoint.iter().map(|path| {
                let note =
                    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok((note, format!("in {}", path.display())))
            });
            let outside = outside.collect::<Result<Vec<_>, Failure>>()?;
            let keys = key.iter().map(|key| Verifier::parse(key).map_err(|bad| format!("the key {bad}")));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            match file {
                Some(file) => document(&file, keys, &outside, &folder)?,
                None => database(config, keys, outside, &folder).await?,
            }
        }
        Command::Prove { entry } => {
            let base = connect(config).await?;
            let proof = log::prove(base.db.reads(), &service(), entry).await.map_err(said)?;
            say!("{}", serde_json::to_string_pretty(&proof)?);
        }
        Command::Compare { from, to } => {
            let base = connect(config).await?;
            let proof = log::compare(base.db.reads(), from, to).await.map_err(said)?;
            say!("{}", serde_json::to_string_pretty(&proof)?);
        }
        Command::Restored => match folder.put_aside()? {
            Some(path) => {
                say!("The last checkpoint is now {}. Keep it: it says what was lost.", path.display());
            }
            None => say!("There is no checkpoint to put aside."),
        },
    }
    Ok(())
}

const fn service() -> Actor {
    Actor::system(OrganisationId(Uuid::nil()))
}

/// What a problem says to the operator.
fn said(problem: Problem) -> Failure {
    let (Problem { code, args, .. }, locale) = (problem, Locale::En);
    locale.text_with(&format!("problem-{code}-detail"), &args).into()
}

async fn export(config: Arc<Config>, folder: &Folder, out: Option<PathBuf>) -> Result<(), Failure> {
    let base = connect(config).await?;
    let signer = folder.signer(&base.ids)?;
    let mut out: Box<dyn Write + Send> = match out {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    let lines = verify::export(base.db.reads(), signer.verifier(), &mut out).await.map_err(said)?;
    out.flush()?;
    eprintln!("{lines} lines.");
    Ok(())
}

fn document(
    path: &PathBuf,
    mut keys: Vec<Verifier>,
    outside: &[(String, String)],
    folder: &Folder,
) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let stranger = keys.is_empty();
    if stranger {
        keys.extend(folder.verifier()?);
    }
    let own = !keys.is_empty();
    let verified = verify::document(BufReader::new(file), keys, outside);
    match verified.map_err(|why| format!("{} {why}", path.display()))? {
        Verified::Log(report) => {
            if !own {
                say!(
                    "No --key was given: the export's own key says that nothing was changed since it was signed, not by whom."
                );
            }
            tell(&report)
        }
        Verified::Inclusion(Ok(what)) | Verified::Consistency(Ok(what)) => {
            say!("ok: {what}");
            Ok(())
        }
        Verified::Inclusion(Err(why)) | Verified::Consistency(Err(why)) => Err(why.into()),
    }
}

async fn database(
    config: Arc<Config>,
    mut keys: Vec<Verifier>,
    mut outside: Vec<(String, String)>,
    folder: &Folder,
) -> Result<(), Failure> {
    keys.extend(folder.verifier()?);
    if let Some(last) = folder.last()? {
        outside.push((last.note, "kept beside the key".to_owned()));
    }
    let base = connect(config).await?;
    tell(&verify::database(base.db.reads(), keys, &outside).await.map_err(said)?)
}

fn tell(report: &Report) -> Result<(), Failure> {
    let Report { placed, waiting, erased, checkpoints, faults, more } = report;
    say!(
        "{placed} entries in the log, {waiting} waiting for their place; of {erased} the details were erased."
    );
    say!("{checkpoints} checkpoints hold.");
    for fault in faults {
        say!("WRONG  {fault}");
    }
    match faults.len() as u64 + more {
        0 => Ok(()),
        wrong => Err(format!("{wrong} faults were found").into()),
    }
}
