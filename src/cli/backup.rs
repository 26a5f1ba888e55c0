//! `eslabon backup` and `eslabon restore`: the database, the evidence files and the last checkpoint of the audit log, in a
//! folder that says what it holds.
//!
//! The database is copied in one moment while the service runs: an SQLite file with `VACUUM INTO`, a PostgreSQL database
//! with its own `pg_dump`. Files come after it, as they are never changed: whatever the copy of the database names is there.
//! The key of the audit log is left out on purpose: whoever steals a backup can't sign.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::{Failure, connect};
use crate::foundation::{
    audit::{
        checkpoint::{Checkpoint, Folder},
        log, verify,
    },
    clock::Timestamp,
    config::Config,
    db::{Db, Engine},
};

const FORMAT: &str = "eslabon-backup-1";
const MANIFEST: &str = "manifest.json";
const EVIDENCE: &str = "evidence";
const CHECKPOINT: &str = "checkpoint";

#[derive(clap::Args, Debug)]
pub(super) struct Backup {
    /// Folder to make; it must not be there yet
    folder: PathBuf,
}

#[derive(clap::Args, Debug)]
pub(super) struct Restore {
    /// Folder that `eslabon backup` made
    folder: PathBuf,
    /// Replace what the database and the evidence folder hold now
    #[arg(long)]
    replace: bool,
}

/// What a backup holds.
#[derive(Serialize, Deserialize, Debug)]
struct Manifest {
    format: String,
    /// The program that made it.
    version: String,
    engine: String,
    at: Timestamp,
    /// SHA-256 of each file, by its path in the folder.
    files: std::collections::BTreeMap<String, String>,
}

const fn copy_of(engine: Engine) -> (&'static str, &'static str) {
    match engine {
        Engine::Sqlite => ("sqlite", "database.sqlite"),
        Engine::Postgres => ("postgres", "database.dump"),
    }
}

pub(super) async fn back_up(args: Backup, config: Arc<Config>) -> Result<(), Failure> {
    let to = args.folder;
    fs::create_dir(&to).map_err(|error| format!("can't make {}: {error}", to.display()))?;
    let base = connect(Arc::clone(&config)).await?;
    base.db.check_tables().await.map_err(|error| format!("{error}: run eslabon migrate first"))?;
    let (engine, name) = copy_of(base.db.engine());
    let at = base.clock.now();
    // What is signed before the copy is in it.
    let newest = log::newest(base.db.reads()).await?;
    match base.db.engine() {
        Engine::Sqlite => base.db.copy_into(&to.join(name)).await?,
        Engine::Postgres => {
            let mut dump = postgres("pg_dump", &config)?;
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(to.join(name));
            run(dump, "pg_dump").await?;
        }
    }
    if config.evidence_url.is_none() && config.evidence_dir.is_dir() {
        copy_folder(&config.evidence_dir, &to.join(EVIDENCE))?;
    }
    if let Some(newest) = newest {
        fs::write(to.join(CHECKPOINT), newest.note)?;
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine.to_owned(),
        at,
        files: hashes(&to)?,
    };
    fs::write(to.join(MANIFEST), serde_json::to_string_pretty(&manifest)?)?;
    say!("{} files in {}.", manifest.files.len(), to.display());
    if let Some(url) = &config.evidence_url {
        say!("Evidence files are in {url}: back that up with its own means.");
    }
    let audit = config.audit_dir();
    say!("Keep the key of the audit log apart from it: {}.", audit.join("key").display());
    Ok(())
}

pub(super) async fn restore(args: Restore, config: Arc<Config>) -> Result<(), Failure> {
    let from = args.folder;
    let manifest = read(&from)?;
    let url = config.database_url();
    let engine = Db::engine_named(url).ok_or("the database URL must start with sqlite: or postgres:")?;
    let (name, copy) = copy_of(engine);
    if manifest.engine != name {
        return Err(
            format!("this is a backup of {}, and --database-url names {name}", manifest.engine).into()
        );
    }
    let has_files = fs::read_dir(&config.evidence_dir).is_ok_and(|mut files| files.next().is_some());
    if from.join(EVIDENCE).is_dir() && has_files && !args.replace {
        return Err(format!("{} holds files: say --replace", config.evidence_dir.display()).into());
    }
    match engine {
        Engine::Sqlite => restore_sqlite(url, &from.join(copy), args.replace)?,
        Engine::Postgres => restore_postgres(&config, &from.join(copy), args.replace).await?,
    }
    if from.join(EVIDENCE).is_dir() {
        // What is there already under the same name is the same.
        copy_folder(&from.join(EVIDENCE), &config.evidence_dir)?;
    }
    let base = connect(Arc::clone(&config)).await?;
    base.db.migrate().await?;
    say!("What stood there at {} is back.", manifest.at);
    checked(&base, &from, &Folder::new(config.audit_dir())).await
}

/// The log that came back holds, and what was signed after the backup is said to be lost.
async fn checked(base: &crate::foundation::Base, from: &Path, folder: &Folder) -> Result<(), Failure> {
    let Some(key) = folder.verifier()? else {
        say!(
            "There is no key here to verify the audit log with: put it into {}.",
            base.config.audit_dir().display()
        );
        return Ok(());
    };
    let kept = fs::read_to_string(from.join(CHECKPOINT)).ok().map(|note| (note, "of the backup".to_owned()));
    let report = verify::database(base.db.reads(), vec![key], kept.as_slice()).await?;
    if let Some(fault) = report.faults.first() {
        return Err(format!("the audit log does not hold: {fault}. See eslabon audit verify").into());
    }
    say!("The audit log holds: {} entries, {} checkpoints.", report.placed, report.checkpoints);
    let last: Option<Checkpoint> = folder.last()?;
    if let Some(last) = last.filter(|last| last.size > report.placed) {
        let aside = folder.put_aside()?.unwrap_or_default();
        say!(
            "{} entries that were signed until {} are lost. Their checkpoint is now {}: keep it.",
            last.size - report.placed,
            last.at,
            aside.display()
        );
    }
    Ok(())
}

/// The manifest, once every file is what it says.
fn read(from: &Path) -> Result<Manifest, Failure> {
    let text = fs::read_to_string(from.join(MANIFEST))
        .map_err(|error| format!("{} is no backup: {MANIFEST}: {error}", from.display()))?;
    let manifest: Manifest = serde_json::from_str(&text)?;
    if manifest.format != FORMAT {
        return Err(format!("a backup of the format {}; this program reads {FORMAT}", manifest.format).into());
    }
    let mut found = hashes(from)?;
    found.remove(MANIFEST);
    let wrong = manifest.files.iter().find(|(name, hash)| found.get(*name) != Some(hash));
    if let Some((name, _)) = wrong {
        return Err(format!("{name} is missing or was changed: nothing was restored").into());
    }
    Ok(manifest)
}

fn restore_sqlite(url: &str, copy: &Path, replace: bool) -> Result<(), Failure> {
    let file = Db::sqlite_file(url).ok_or("a database in memory can't be restored")?;
    if file.exists() && !replace {
        return Err(format!("{} is there already: say --replace", file.display()).into());
    }
    // The write-ahead log of the old file must not be played into the new one.
    for suffix in ["-wal", "-shm"] {
        let beside = PathBuf::from(format!("{}{suffix}", file.display()));
        if beside.exists() {
            fs::remove_file(beside)?;
        }
    }
    let draft = PathBuf::from(format!("{}.restoring", file.display()));
    fs::copy(copy, &draft)?;
    fs::File::open(&draft)?.sync_all()?;
    fs::rename(draft, file)?;
    Ok(())
}

async fn restore_postgres(config: &Config, copy: &Path, replace: bool) -> Result<(), Failure> {
    let db = Db::connect(config.database_url()).await?;
    let is_full = db.has_tables().await?;
    if is_full && !replace {
        return Err("the database holds tables already: say --replace, or name an empty one".into());
    }
    if is_full {
        db.put_tables_aside().await?;
    }
    let mut restore = postgres("pg_restore", config)?;
    restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]).arg(copy);
    let restored = run(restore, "pg_restore").await;
    match (&restored, is_full) {
        (Ok(()), true) => db.drop_tables_aside().await?,
        (Err(_), true) => db.take_tables_back().await?,
        (_, false) => {}
    }
    db.close().await?;
    restored
}

/// A program of PostgreSQL, which learns the password from its environment: arguments are seen by everybody.
fn postgres(program: &str, config: &Config) -> Result<Command, Failure> {
    let mut url: reqwest::Url = config.database_url().parse()?;
    let mut command = Command::new(program);
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", percent(password));
    }
    url.set_password(None).map_err(|()| "the database URL names no server")?;
    command.arg("--dbname").arg(url.as_str());
    Ok(command)
}

fn percent(text: &str) -> String {
    serde_urlencoded::from_str::<Vec<(String, String)>>(&format!("p={}", text.replace('+', "%2B")))
        .ok()
        .and_then(|pairs| pairs.into_iter().next())
        .map_or_else(|| text.to_owned(), |(_, value)| value)
}

async fn run(mut command: Command, name: &str) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).output().await.map_err(|error| {
        format!("{name} can't be started: {error}. Install PostgreSQL's client programs (postgresql-client)")
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// Copies files that are not there yet; each under another name first, so that none is ever there by half.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&path, &target)?;
        } else if !target.exists() {
            let draft = to.join(format!(".{}.new", entry.file_name().to_string_lossy()));
            fs::copy(&path, &draft)?;
            fs::rename(draft, target)?;
        }
    }
    Ok(())
}

fn hashes(folder: &Path) -> Result<std::collections::BTreeMap<String, String>, Failure> {
    let (mut found, mut open) = (std::collections::BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let mut hash = Sha256::new();
            std::io::copy(&mut fs::File::open(&path)?, &mut Hashing(&mut hash))?;
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            found.insert(name, hex::encode(hash.finalize()));
        }
    }
    Ok(found)
}

/// Feeds a hash.
struct Hashing<'a>(&'a mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
