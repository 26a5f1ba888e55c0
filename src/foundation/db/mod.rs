//! The database: an embedded SQLite file by default, PostgreSQL where `DATABASE_URL` names it.
//!
//! Reads take `&impl ConnectionTrait` and an [`Actor`](super::access::Actor). Writes go through
//! [`Base::write`](super::Base::write), the one place that begins a transaction. Inside it, nothing
//! reaches for the pool.
//!
//! What each engine needs to be safe, each measured and each kept by a test in `tests/foundation`:
//! * **SQLite**: `journal_mode=WAL`, `synchronous=FULL`, foreign keys on, and `BEGIN IMMEDIATE` for
//!   every write. A deferred transaction that reads before it writes fails under concurrency at once,
//!   whatever the busy timeout.
//! * **PostgreSQL**: a future that is dropped while `BEGIN` is under way can put its connection back
//!   into the pool *inside* the transaction; what the next request writes on it is silently lost, and until
//!   then the transaction stays open. So `BEGIN` has a task of its own, which nobody drops; every connection is
//!   rolled back when it is handed out all the same, and the server ends idle transactions.

mod copies;
mod entity;
mod heard;
mod once;
mod search;
mod write;

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{
        self,
        postgres::{PgListener, PgPoolOptions},
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::http::note_statement;

pub use heard::{Asked, Heard};
pub use once::Once;
pub use search::{beginning, holding, holds};
pub use write::{Done, Write};

/// How long a write waits for another writer before it gives up with 409.
pub const LOCK_WAIT: Duration = Duration::from_secs(10);
const IDLE_IN_TRANSACTION: Duration = Duration::from_mins(1);
const MIGRATION_LOCK: i64 = 0x45_53_4c_41_42_4f_4e;

/// The two engines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The embedded file.
    Sqlite,
    /// The server.
    Postgres,
}

/// A pool of connections.
#[derive(Clone, Debug)]
pub struct Db {
    connection: DatabaseConnection,
    engine: Engine,
    /// Where is written down what is asked for, if anywhere.
    heard: Option<Heard>,
}

impl Db {
    /// Connects to `sqlite:FILE` or `postgres://…`; a missing SQLite file is made.
    ///
    /// # Errors
    /// When the URL is neither, or the database can't be reached.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        let engine = match url {
            url if url.starts_with("sqlite:") => Engine::Sqlite,
            url if url.starts_with("postgres:") || url.starts_with("postgresql:") => Engine::Postgres,
            _ => {
                return Err(DbErr::Custom(
                    "the database URL must start with sqlite: or postgres:".to_owned(),
                ));
            }
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(if engine == Engine::Sqlite { 8 } else { 20 });
        options.acquire_timeout(Duration::from_secs(15)).sqlx_logging(false);
        // A file is not lost, and to a server that is away the `ROLLBACK` below says so.
        options.test_before_acquire(false);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(LOCK_WAIT)
        });
        options.map_sqlx_postgres_opts(|options| {
            options.options([
                ("lock_timeout", format!("{}ms", LOCK_WAIT.as_millis())),
                ("idle_in_transaction_session_timeout", format!("{}ms", IDLE_IN_TRANSACTION.as_millis())),
            ])
        });
        options.map_sqlx_postgres_before_acquire(|connection, _| {
            Box::pin(async move {
                sqlx::Executor::execute(connection, "ROLLBACK").await?;
                Ok(true)
            })
        });
        #[expect(clippy::disallowed_methods, reason = "this is the one place that connects")]
        let mut connection = Database::connect(options).await?;
        connection.set_metric_callback(|asked| note_statement(asked.elapsed, asked.failed));
        Ok(Self { connection, engine, heard: None })
    }

    /// The engine.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// For reads outside a transaction.
    pub const fn reads(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a transaction that writes. Whoever is dropped meanwhile leaves nothing open.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that begins writes")]
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.connection.clone();
        let begun = tokio::spawn(async move { connection.begin_with_options(options).await });
        let begun =
            begun.await.map_err(|ended| DbErr::Custom(format!("BEGIN was not answered: {ended}")))??;
        if let Some(heard) = &self.heard {
            heard.note(Asked::Begin);
        }
        Ok(begun)
    }

    /// Brings the tables up to date, under a lock, all or nothing: instances that start together wait
    /// for each other.
    ///
    /// # Errors
    /// What the database said; nothing is changed then.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        let transaction = self.begin().await?;
        if self.engine == Engine::Postgres {
            let lock = format!("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            transaction.execute_unprepared(&lock).await?;
        }
        eslabon_migrations::up(&transaction).await?;
        transaction.commit().await
    }

    /// A connection of its own that hears what is told on a channel, on PostgreSQL.
    ///
    /// # Errors
    /// When the database can't be reached.
    ///
    /// # Panics
    /// On SQLite, where nobody tells anything.
    pub(super) async fn listener(&self, channel: &str) -> Result<PgListener, sqlx::Error> {
        let shared = self.connection.get_postgres_connection_pool().connect_options();
        let one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let mut listener = PgListener::connect_with(&one.connect_with((*shared).clone()).await?).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// What the database said.
    pub async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await
    }

    /// Whether the tables are up to date.
    ///
    /// # Errors
    /// Which migrations are missing.
    pub async fn check_tables(&self) -> Result<(), DbErr> {
        eslabon_migrations::check(&self.connection).await
    }

    /// How many connections are open, and how many of them nobody uses.
    pub fn connections(&self) -> (u64, u64) {
        let (open, idle) = match self.engine {
            Engine::Sqlite => {
                let pool = self.connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            Engine::Postgres => {
                let pool = self.connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        (open.into(), idle as u64)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What it said.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.connection.ping().await
    }
}

/// The engine behind a connection.
pub fn engine_of(connection: &impl ConnectionTrait) -> Engine {
    match connection.get_database_backend() {
        DbBackend::Sqlite => Engine::Sqlite,
        _ => Engine::Postgres,
    }
}
