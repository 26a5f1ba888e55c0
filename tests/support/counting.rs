//! A connection that counts what is asked of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// Passes every statement on, and counts it.
pub struct Counting<'a> {
    to: &'a DatabaseConnection,
    statements: AtomicUsize,
}

impl<'a> Counting<'a> {
    pub fn on(to: &'a DatabaseConnection) -> Self {
        Self { to, statements: AtomicUsize::new(0) }
    }

    /// How many statements it was asked for since the last time.
    pub fn take(&self) -> usize {
        self.statements.swap(0, Ordering::Relaxed)
    }

    fn counted(&self) -> &DatabaseConnection {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.to
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Counting<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.to.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.counted().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.counted().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.counted().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.counted().query_all_raw(statement).await
    }
}
