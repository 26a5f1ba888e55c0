//! What a backup and a restore need of the database.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::{Db, Engine};

/// Where the tables of before lie while others are restored.
const ASIDE: &str = "eslabon_before_restore";

impl Db {
    /// The engine that a URL names.
    pub fn engine_named(url: &str) -> Option<Engine> {
        match url.split(':').next() {
            Some("sqlite") => Some(Engine::Sqlite),
            Some("postgres" | "postgresql") => Some(Engine::Postgres),
            _ => None,
        }
    }

    /// The file of an SQLite URL; `None` for one in memory.
    pub fn sqlite_file(url: &str) -> Option<PathBuf> {
        let file = url.strip_prefix("sqlite:")?.split('?').next()?;
        let file = file.strip_prefix("//").unwrap_or(file);
        (!file.is_empty() && file != ":memory:").then(|| file.into())
    }

    /// Copies an SQLite database into a new file, as it is at one moment; others read and write on.
    ///
    /// # Errors
    /// What the database said.
    pub async fn copy_into(&self, file: &Path) -> Result<(), DbErr> {
        let name = file.display().to_string().replace('\'', "''");
        self.reads().execute_unprepared(&format!("VACUUM INTO '{name}'")).await?;
        Ok(())
    }

    /// Whether a PostgreSQL database holds tables.
    ///
    /// # Errors
    /// What the database said.
    pub async fn has_tables(&self) -> Result<bool, DbErr> {
        let sql = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1".to_owned();
        let statement = Statement::from_string(self.reads().get_database_backend(), sql);
        Ok(self.reads().query_one_raw(statement).await?.is_some())
    }

    /// Puts the tables of a PostgreSQL database aside, so that others can be restored in their place.
    ///
    /// # Errors
    /// What the database said.
    pub async fn put_tables_aside(&self) -> Result<(), DbErr> {
        let sql = format!(
            "DROP SCHEMA IF EXISTS {ASIDE} CASCADE; ALTER SCHEMA public RENAME TO {ASIDE}; CREATE SCHEMA public; ALTER SCHEMA public OWNER TO pg_database_owner"
        );
        self.reads().execute_unprepared(&sql).await.map(drop)
    }

    /// Takes the tables back that were put aside, in place of what came in between.
    ///
    /// # Errors
    /// What the database said.
    pub async fn take_tables_back(&self) -> Result<(), DbErr> {
        let sql = format!("DROP SCHEMA public CASCADE; ALTER SCHEMA {ASIDE} RENAME TO public");
        self.reads().execute_unprepared(&sql).await.map(drop)
    }

    /// Drops the tables that were put aside.
    ///
    /// # Errors
    /// What the database said.
    pub async fn drop_tables_aside(&self) -> Result<(), DbErr> {
        self.reads().execute_unprepared(&format!("DROP SCHEMA IF EXISTS {ASIDE} CASCADE")).await.map(drop)
    }
}
