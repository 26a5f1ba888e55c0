//! The demo's data, and more of it.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use clap::Parser;
use eslabon::{
    foundation::{
        Base,
        clock::Clock,
        config::Config,
        db::{Db, Engine},
        ids::Ids,
    },
    notices,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, TransactionTrait};
use tokio::process::Command;
use uuid::Uuid;

use crate::Failure;

/// The tables of which there is more of everything, each after those that it refers to. Rows whose id is in the column are
/// copied with every copied id that they name.
const COPIED: &[(&str, &str)] = &[
    ("organisations", "id"),
    ("institution_firms", "firm_id"),
    ("accounts", "id"),
    ("memberships", "account_id"),
    ("supplier_profiles", "supplier_id"),
    ("capacities", "supplier_id"),
    ("supplier_processes", "supplier_id"),
    ("supplier_certificates", "id"),
    ("consents", "supplier_id"),
    ("consent_log", "id"),
    ("programme_members", "organisation_id"),
    ("network_members", "organisation_id"),
    ("network_decisions", "organisation_id"),
    ("waivers", "id"),
    ("consortia", "id"),
    ("consortium_members", "consortium_id"),
    ("requirements", "id"),
    ("lots", "id"),
    ("criteria", "id"),
    ("requirement_amendments", "id"),
    ("requirement_questions", "id"),
    ("open_requirements", "requirement_id"),
    ("sealed_offers", "lot_id"),
    ("buyer_sales", "supplier_id"),
    ("diagnostics", "id"),
    ("answers", "diagnostic_id"),
    ("evidence", "id"),
    ("gap_analyses", "id"),
    ("gap_acts", "id"),
    ("gap_disputes", "id"),
    ("gap_worths", "requirement_id"),
    ("plans", "id"),
    ("plan_progress", "id"),
    ("plan_visits", "id"),
    ("plan_evidence", "id"),
    ("matches", "id"),
    ("match_approvals", "id"),
    ("contracts", "id"),
    ("contract_lines", "contract_id"),
    ("deliveries", "id"),
    ("payments", "id"),
    ("signatures", "id"),
    ("dependency_records", "id"),
    ("notices", "id"),
    ("audit_entries", "id"),
];

/// So many ids are written down in one statement.
const AT_ONCE: usize = 1_000;

/// Where databases are made: files in a folder, or a server.
pub struct Shelf {
    folder: PathBuf,
    server: Option<String>,
    /// What the names of databases on a server begin with.
    mark: String,
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

impl Shelf {
    pub fn new(server: Option<&str>) -> io::Result<Self> {
        let mark = format!("load_{}", &Ids::system().secret()[..16]);
        let folder = std::env::temp_dir().join(format!("eslabon-{mark}"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, server: server.map(str::to_owned), mark })
    }

    pub const fn engine_name(&self) -> &'static str {
        if self.server.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    fn url(&self, name: &str) -> String {
        match &self.server {
            None => format!("sqlite:{}", self.file(name).display()),
            Some(server) => {
                let server = server.rsplit_once('/').map_or(server.as_str(), |(server, _)| server);
                format!("{server}/{}_{name}", self.mark)
            }
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.sqlite"))
    }

    /// Runs a statement on the server itself, where there is one.
    async fn on_server(&self, sql: &str) -> Result<(), Failure> {
        let Some(server) = &self.server else { return Ok(()) };
        let db = Db::connect(server).await?;
        db.reads().execute_unprepared(sql).await?;
        Ok(db.close().await?)
    }

    /// The options that say where things lie.
    fn options(&self, url: String) -> [String; 8] {
        let folder = |name: &str| self.folder.join(name).display().to_string();
        let (evidence, mail, audit) = (folder("evidence"), folder("mail"), folder("audit"));
        let named = ["--database-url", "--evidence-dir", "--mail-dir", "--audit-dir"].map(str::to_owned);
        let [of_url, of_evidence, of_mail, of_audit] = named;
        [of_url, url, of_evidence, evidence, of_mail, mail, of_audit, audit]
    }

    /// The demo, told to nobody, and its people told of what has happened.
    pub async fn make_demo(&self) -> Result<(), Failure> {
        self.on_server(&format!("CREATE DATABASE {}_demo", self.mark)).await?;
        let mut demo = Command::new(std::env::current_exe()?);
        demo.arg("demo").args(self.options(self.url("demo"))).env("ESLABON_LOG", "error");
        let ended = demo.stdin(Stdio::null()).stdout(Stdio::null()).status().await?;
        if !ended.success() {
            return Err(format!("the demo has failed: {ended}").into());
        }
        let base = self.base("demo").await?;
        while notices::jobs::tell(&base).await? > 0 {}
        Ok(base.db.close().await?)
    }

    /// The service on one of the databases, with everything as it is in production but the limits.
    async fn base(&self, name: &str) -> Result<Base, Failure> {
        let unlimited = ["--limit-log-in", "0", "--limit-letters", "0", "--limit-writes", "0"];
        let options = self.options(self.url(name)).into_iter().chain(unlimited.map(str::to_owned));
        let settings = Settings::try_parse_from(std::iter::once("load".to_owned()).chain(options))?;
        let config = Arc::new(settings.config);
        let db = Db::connect(config.database_url()).await?;
        Ok(Base::new(db, Clock::System, config, notices::TOLD)?)
    }

    /// The service on a new copy of the demo's data, so many times as much.
    pub async fn copy(&self, scale: u16) -> Result<Base, Failure> {
        let name = format!("x{scale}");
        if self.server.is_some() {
            let sql = format!("CREATE DATABASE {0}_{name} TEMPLATE {0}_demo", self.mark);
            self.on_server(&sql).await?;
        } else {
            let demo = Db::connect(&self.url("demo")).await?;
            demo.copy_into(&self.file(&name)).await?;
            demo.close().await?;
        }
        let base = self.base(&name).await?;
        multiply(&base.db, scale).await?;
        Ok(base)
    }

    /// Removes the copy of that scale.
    pub async fn remove(&self, scale: u16) -> Result<(), Failure> {
        if self.server.is_some() {
            return self.on_server(&format!("DROP DATABASE {}_x{scale} WITH (FORCE)", self.mark)).await;
        }
        remove_file(&self.file(&format!("x{scale}")))?;
        Ok(())
    }

    /// Removes what is left.
    pub async fn clear(self) -> Result<(), Failure> {
        self.on_server(&format!("DROP DATABASE {}_demo WITH (FORCE)", self.mark)).await
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

/// Removes an SQLite database, with its journal.
fn remove_file(file: &Path) -> io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        match std::fs::remove_file(format!("{}{end}", file.display())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

async fn rows(db: &impl ConnectionTrait, sql: String) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await
}

/// How much there is, in words.
pub async fn size(db: &Db) -> Result<String, Failure> {
    let counted = [
        ("suppliers", "organisations WHERE kind = 'supplier'"),
        ("requirements", "requirements"),
        ("matches", "matches"),
        ("notices", "notices"),
        ("entries of the trail", "audit_entries"),
    ];
    let mut said = Vec::new();
    for (name, of) in counted {
        let found = rows(db.reads(), format!("SELECT COUNT(*) FROM {of}")).await?;
        let count: i64 = found.first().ok_or("nothing was counted")?.try_get_by_index(0)?;
        said.push(format!("{count} {name}"));
    }
    Ok(said.join(", "))
}

/// Copies the demo's suppliers and all that came of them until there are so many times as much.
async fn multiply(db: &Db, scale: u16) -> Result<(), Failure> {
    let (engine, pool) = (db.engine(), db.reads());
    let originals = originals(pool).await?;
    let mut tables = Vec::new();
    for (table, key) in COPIED {
        tables.push((*table, *key, columns(pool, engine, table).await?));
    }
    let id = if engine == Engine::Sqlite { "BLOB" } else { "UUID" };
    let ids = format!("CREATE TABLE load_ids (was {id} NOT NULL PRIMARY KEY, became {id} NOT NULL)");
    pool.execute_unprepared(&ids).await?;
    for copy in 2..=scale {
        let transaction = pool.begin().await?;
        write_ids(&transaction, engine, &originals, copy).await?;
        for (table, key, columns) in &tables {
            transaction.execute_unprepared(&copying(table, key, columns, copy)).await?;
        }
        transaction.commit().await?;
    }
    pool.execute_unprepared("DROP TABLE load_ids").await?;
    // There the server does so by itself sooner or later.
    if engine == Engine::Postgres {
        pool.execute_unprepared("ANALYZE").await?;
    }
    Ok(())
}

/// The ids of which there will be others.
async fn originals(pool: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let mut ids = Vec::new();
    for (table, _) in COPIED.iter().filter(|(_, key)| *key == "id") {
        let which = match *table {
            "organisations" => " WHERE kind = 'supplier'",
            "accounts" => {
                " WHERE id IN (SELECT m.account_id FROM memberships AS m \
                   JOIN organisations AS f ON f.id = m.organisation_id WHERE f.kind = 'supplier')"
            }
            _ => "",
        };
        for row in rows(pool, format!("SELECT id FROM {table}{which}")).await? {
            ids.push(row.try_get_by_index(0)?);
        }
    }
    Ok(ids)
}

/// A table's columns, and which of them are ids.
async fn columns(
    pool: &impl ConnectionTrait,
    engine: Engine,
    table: &str,
) -> Result<Vec<(String, bool)>, DbErr> {
    let sql = match engine {
        Engine::Sqlite => format!("SELECT name, type FROM pragma_table_info('{table}')"),
        Engine::Postgres => format!(
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let mut found = Vec::new();
    for row in rows(pool, sql).await? {
        let kind: String = row.try_get_by_index(1)?;
        let is_id = ["blob", "uuid"].iter().any(|id| kind.eq_ignore_ascii_case(id));
        found.push((row.try_get_by_index(0)?, is_id));
    }
    Ok(found)
}

/// Writes down which id becomes which in this copy.
async fn write_ids(
    transaction: &DatabaseTransaction,
    engine: Engine,
    originals: &[Uuid],
    copy: u16,
) -> Result<(), DbErr> {
    let clear = if engine == Engine::Sqlite { "DELETE FROM load_ids" } else { "TRUNCATE load_ids" };
    transaction.execute_unprepared(clear).await?;
    let written = |id: Uuid| match engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'"),
    };
    for some in originals.chunks(AT_ONCE) {
        let pairs = some.iter().map(|id| format!("({}, {})", written(*id), written(of_copy(*id, copy))));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        transaction.execute_unprepared(&format!("INSERT INTO load_ids (was, became) VALUES {pairs}")).await?;
    }
    Ok(())
}

/// The id in a copy. One that tells when it was made is made a second later in each, so that copies stand among each other
/// in lists.
fn of_copy(id: Uuid, copy: u16) -> Uuid {
    let (bits, copy) = (id.as_u128(), u128::from(copy));
    if id.get_version_num() == 7 {
        Uuid::from_u128(bits.wrapping_add((copy * 1_000) << 80))
    } else {
        Uuid::from_u128(bits ^ copy)
    }
}

/// The statement that copies the rows of a table.
fn copying(table: &str, key: &str, columns: &[(String, bool)], copy: u16) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let values = columns.iter().map(|(name, is_id)| match (table, name.as_str()) {
        ("accounts", "email") => format!("'{copy}.' || o.email"),
        ("organisations" | "consortium_members", "tax_id") => format!("o.tax_id || '-{copy}'"),
        // Of which there is one in the world.
        ("organisations", "lei") => "NULL".to_owned(),
        ("requirements", "external_reference") => format!("o.external_reference || '-{copy}'"),
        (_, name) if *is_id => {
            format!("COALESCE((SELECT i.became FROM load_ids AS i WHERE i.was = o.\"{name}\"), o.\"{name}\")")
        }
        (_, name) => format!("o.\"{name}\""),
    });
    let (names, values) = (names.join(", "), values.collect::<Vec<_>>().join(", "));
    format!(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS o WHERE o.{key} IN (SELECT was FROM load_ids)"
    )
}
