//! A database for each test: a file of its own, or a clone of a migrated PostgreSQL template.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use eslabon::foundation::{db::Db, ids::Ids};
use sea_orm::ConnectionTrait;

/// Where a test runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A migrated database, removed at the end of its test: a thousand of PostgreSQL's fill a disk.
pub struct Database {
    url: String,
    folder: Option<PathBuf>,
}

const TEMPLATE: &str = "eslabon_template";
const LOCK: i64 = 7_331;

impl Database {
    pub async fn create(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::sqlite().await),
            Engine::Postgres => Self::postgres().await,
        }
    }

    /// An empty one, without tables.
    pub async fn unmigrated(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::file()),
            Engine::Postgres => {
                let server = server()?;
                let admin = Db::connect(&server).await.unwrap();
                let name = format!("test_{}", &Ids::system().secret()[..24]);
                admin.reads().execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                admin.close().await.unwrap();
                Some(Self { url: at(&server, &name), folder: None })
            }
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the evidence files of this database are kept: a restarted service finds them again.
    pub fn evidence_dir(&self) -> PathBuf {
        let name: String = self.url.chars().filter(char::is_ascii_alphanumeric).collect();
        std::env::temp_dir().join(format!("eslabon-evidence-{}", &name[name.len().saturating_sub(64)..]))
    }

    /// Where the letters of this database go.
    pub fn mail_dir(&self) -> PathBuf {
        self.evidence_dir().join("mail")
    }

    /// Where the key that signs the log of this database lies.
    pub fn audit_dir(&self) -> PathBuf {
        self.evidence_dir().join("audit")
    }

    pub async fn connect(&self) -> Db {
        Db::connect(&self.url).await.unwrap()
    }

    /// A file of its own.
    fn file() -> Self {
        let folder = std::env::temp_dir().join(format!("eslabon-test-{}", Ids::system().secret()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("test.sqlite").display());
        Self { url, folder: Some(folder) }
    }

    /// A copy of a migrated file, which the first test of a build makes.
    async fn sqlite() -> Self {
        let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template.sqlite");
        let is_of_this_build = match (changed(&template), changed(&std::env::current_exe().unwrap())) {
            (Some(template), Some(build)) => template > build,
            _ => false,
        };
        if !is_of_this_build {
            let new = Self::file();
            let db = new.connect().await;
            db.migrate().await.unwrap();
            db.close().await.unwrap();
            // Every test process may be the first: each puts a whole file there.
            let draft = template.with_extension(&Ids::system().secret()[..16]);
            std::fs::copy(new.path(), &draft).unwrap();
            std::fs::rename(draft, &template).unwrap();
        }
        let new = Self::file();
        std::fs::copy(template, new.path()).unwrap();
        new
    }

    /// Where a file of ours lies.
    fn path(&self) -> &str {
        self.url.strip_prefix("sqlite:").unwrap()
    }

    async fn postgres() -> Option<Self> {
        let server = server()?;
        let admin = Db::connect(&server).await.unwrap();
        let name = format!("test_{}", &Ids::system().secret()[..24]);
        // One connection holds the lock while the template is made; every test process may be the first.
        let locked = sea_orm::TransactionTrait::begin(admin.reads()).await.unwrap();
        locked.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await.unwrap();
        if !exists(admin.reads(), TEMPLATE).await {
            let half_made = format!("{TEMPLATE}_new");
            admin.reads().execute_unprepared(&format!("DROP DATABASE IF EXISTS {half_made}")).await.unwrap();
            admin.reads().execute_unprepared(&format!("CREATE DATABASE {half_made}")).await.unwrap();
            let template = Db::connect(&at(&server, &half_made)).await.unwrap();
            template.migrate().await.unwrap();
            template.close().await.unwrap();
            let rename = format!("ALTER DATABASE {half_made} RENAME TO {TEMPLATE}");
            admin.reads().execute_unprepared(&rename).await.unwrap();
        }
        admin
            .reads()
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
            .await
            .unwrap();
        locked.commit().await.unwrap();
        admin.close().await.unwrap();
        Some(Self { url: at(&server, &name), folder: None })
    }
}

/// When a file was changed last.
fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

/// Where PostgreSQL is, if anywhere.
#[expect(clippy::disallowed_methods, reason = "the script that starts the server says where it is")]
fn server() -> Option<String> {
    let server = std::env::var("ESLABON_TEST_POSTGRES").ok();
    if server.is_none() {
        assert!(std::env::var("CI").is_err(), "CI must test on PostgreSQL: ESLABON_TEST_POSTGRES is not set");
        eprintln!("SKIPPED on PostgreSQL: ESLABON_TEST_POSTGRES is not set (`make test` sets it)");
    }
    server
}

/// A database on that server.
fn at(server: &str, database: &str) -> String {
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

async fn exists(db: &impl ConnectionTrait, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    db.query_one_raw(statement).await.unwrap().is_some()
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.evidence_dir());
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        } else {
            drop_from_server(&self.url);
        }
    }
}

/// In a thread and a runtime of its own, as the test's is not to be waited for from where things are dropped. What
/// cannot be removed goes with the server.
fn drop_from_server(url: &str) {
    let Some(server) = server() else { return };
    let name = url.rsplit('/').next().unwrap().to_owned();
    let removed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let admin = Db::connect(&server).await.unwrap();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            admin.reads().execute_unprepared(&sql).await.unwrap();
        });
    });
    // The test has said by now what it had to say; the thread says on standard error what it could not do.
    let _ = removed.join();
}
