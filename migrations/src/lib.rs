//! The frozen history of Eslabón's database.
//!
//! A migration is one SQL file, the same for both engines: `UUID` becomes `BLOB` on SQLite, and what
//! only one engine has stands in a file of its own (`…_sqlite.sql`, `…_postgres.sql`). A migration that
//! has been released is never changed; the next one mends it. Conventions:
//! * moments are `BIGINT` microseconds since 1970 in UTC, days are `TEXT` (`2026-03-02`);
//! * money is `BIGINT` minor units, unit prices and quantities with decimals are `BIGINT` scaled by 10⁶,
//!   shares are `BIGINT` parts per million; nothing is a float, nothing defaults to the server's clock;
//! * unique constraints are named `uq_table__column__column`, which is how their violation is recognised;
//! * a mutable resource has a `version`, which becomes its `ETag`.
//!
//! **Architecture invariant:** knows no entity of the service.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// Applies what is missing. The caller holds the transaction and the lock.
///
/// # Errors
/// What the database said.
pub async fn up<'c>(connection: impl IntoSchemaManagerConnection<'c>) -> Result<(), DbErr> {
    Migrator::up(connection, None).await
}

/// Applies only so many of what is missing: for tests of databases of before.
///
/// # Errors
/// What the database said.
pub async fn up_by<'c>(connection: impl IntoSchemaManagerConnection<'c>, steps: u32) -> Result<(), DbErr> {
    Migrator::up(connection, Some(steps)).await
}

/// The names of all migrations, the first one first.
pub fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Whether anything is missing.
///
/// # Errors
/// How many migrations are.
pub async fn check(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    match Migrator::get_pending_migrations_read_only(connection).await?.len() {
        0 => Ok(()),
        missing => Err(DbErr::Custom(format!("{missing} migrations are missing"))),
    }
}

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    #[expect(clippy::too_many_lines, reason = "a list, one line after the other")]
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Sql {
                name: "m20261122_000001_foundation",
                both: &[
                    include_str!("m20261122_000001/foundation.sql"),
                    include_str!("m20261122_000001/organisations.sql"),
                    include_str!("m20261122_000001/programmes.sql"),
                    include_str!("m20261122_000001/requirements.sql"),
                    include_str!("m20261122_000001/diagnostics.sql"),
                    include_str!("m20261122_000001/matching.sql"),
                ],
                sqlite: include_str!("m20261122_000001/append_only_sqlite.sql"),
                postgres: include_str!("m20261122_000001/append_only_postgres.sql"),
            }),
            alike(
                "m20261125_000001_org",
                &[
                    include_str!("m20261125_000001/networks.sql"),
                    include_str!("m20261125_000001/rules.sql"),
                    include_str!("m20261125_000001/consortia.sql"),
                    include_str!("m20261125_000001/joining.sql"),
                    include_str!("m20261125_000001/profiles.sql"),
                ],
            ),
            alike("m20261125_000002_requirements", &[include_str!("m20261125_000002/requirements.sql")]),
            Box::new(Sql {
                name: "m20261125_000003_gaps",
                both: &[
                    include_str!("m20261125_000003/gaps.sql"),
                    include_str!("m20261125_000003/plans.sql"),
                ],
                sqlite: include_str!("m20261125_000003/append_only_sqlite.sql"),
                postgres: include_str!("m20261125_000003/append_only_postgres.sql"),
            }),
            alike("m20261125_000004_contracts", &[include_str!("m20261125_000004/contracts.sql")]),
            alike("m20261125_000006_diagnostics", &[include_str!("m20261125_000006/diagnostics.sql")]),
            alike("m20261125_000014_renewals", &[include_str!("m20261125_000014/renewals.sql")]),
            alike("m20261126_000004_runs", &[include_str!("m20261126_000004/runs.sql")]),
            alike("m20261126_000005_exchange", &[include_str!("m20261126_000005/exchange.sql")]),
            alike(
                "m20261126_000020_consortium_offers",
                &[include_str!("m20261126_000020/consortium_offers.sql")],
            ),
            Box::new(Sql {
                name: "m20261126_000021_append_only",
                both: &[],
                sqlite: include_str!("m20261126_000021/append_only_sqlite.sql"),
                postgres: include_str!("m20261126_000021/append_only_postgres.sql"),
            }),
            alike("m20261126_000030_superseded", &[include_str!("m20261126_000030/superseded.sql")]),
            Box::new(Sql {
                name: "m20261126_000040_plan_evidence",
                both: &[include_str!("m20261126_000040/plan_evidence.sql")],
                sqlite: include_str!("m20261126_000040/plan_evidence_sqlite.sql"),
                postgres: include_str!("m20261126_000040/plan_evidence_postgres.sql"),
            }),
            alike(
                "m20261126_000050_open_requirements",
                &[include_str!("m20261126_000050/open_requirements.sql")],
            ),
            alike("m20261126_000060_unspsc", &[include_str!("m20261126_000060/unspsc.sql")]),
            alike("m20261126_000070_notices", &[include_str!("m20261126_000070/notices.sql")]),
            alike("m20261126_000071_letters", &[include_str!("m20261126_000071/letters.sql")]),
            alike(
                "m20261126_000072_password_resets",
                &[include_str!("m20261126_000072/password_resets.sql")],
            ),
            alike("m20261126_000073_reminders", &[include_str!("m20261126_000073/reminders.sql")]),
            alike("m20261126_000074_set_aside", &[include_str!("m20261126_000074/set_aside.sql")]),
            alike("m20261126_000110_questions", &[include_str!("m20261126_000110/questions.sql")]),
            Box::new(Sql {
                name: "m20261126_000120_governance",
                both: &[include_str!("m20261126_000120/governance.sql")],
                sqlite: include_str!("m20261126_000120/append_only_sqlite.sql"),
                postgres: include_str!("m20261126_000120/append_only_postgres.sql"),
            }),
            Box::new(Sql {
                name: "m20261126_000121_calls",
                both: &[
                    include_str!("m20261126_000121/calls.sql"),
                    include_str!("m20261126_000121/projects.sql"),
                ],
                sqlite: include_str!("m20261126_000121/append_only_sqlite.sql"),
                postgres: include_str!("m20261126_000121/append_only_postgres.sql"),
            }),
            Box::new(Sql {
                name: "m20261126_000160_monitoring",
                both: &[
                    include_str!("m20261126_000160/rounds.sql"),
                    include_str!("m20261126_000160/dependency.sql"),
                    include_str!("m20261126_000160/practices.sql"),
                ],
                sqlite: include_str!("m20261126_000160/append_only_sqlite.sql"),
                postgres: include_str!("m20261126_000160/append_only_postgres.sql"),
            }),
            alike("m20261126_000161_impact", &[include_str!("m20261126_000161/impact.sql")]),
            alike("m20261126_000170_interests", &[include_str!("m20261126_000170/interests.sql")]),
            alike("m20261126_000171_objections", &[include_str!("m20261126_000171/objections.sql")]),
            alike("m20261126_000172_mandates", &[include_str!("m20261126_000172/mandates.sql")]),
            alike("m20261126_000173_meetings", &[include_str!("m20261126_000173/meetings.sql")]),
            alike("m20261126_000174_personal", &[include_str!("m20261126_000174/personal.sql")]),
            Box::new(Sql {
                name: "m20261126_000175_reading_log",
                both: &[include_str!("m20261126_000175/reading_log.sql")],
                sqlite: include_str!("m20261126_000175/reading_log_sqlite.sql"),
                postgres: include_str!("m20261126_000175/reading_log_postgres.sql"),
            }),
            Box::new(Sql {
                name: "m20261126_000176_milestone_evidence",
                both: &[include_str!("m20261126_000176/milestone_evidence.sql")],
                sqlite: include_str!("m20261126_000176/milestone_evidence_sqlite.sql"),
                postgres: include_str!("m20261126_000176/milestone_evidence_postgres.sql"),
            }),
            Box::new(Sql {
                name: "m20261126_000180_audit_log",
                both: &[include_str!("m20261126_000180/log.sql")],
                sqlite: include_str!("m20261126_000180/log_sqlite.sql"),
                postgres: include_str!("m20261126_000180/log_postgres.sql"),
            }),
            alike("m20261126_000181_webhooks", &[include_str!("m20261126_000181/webhooks.sql")]),
            alike("m20261126_000190_results", &[include_str!("m20261126_000190/results.sql")]),
        ]
    }
}

/// A migration that is the same on both engines.
fn alike(name: &'static str, both: &'static [&'static str]) -> Box<dyn MigrationTrait> {
    Box::new(Sql { name, both, sqlite: "", postgres: "" })
}

/// A migration made of SQL files.
struct Sql {
    name: &'static str,
    both: &'static [&'static str],
    sqlite: &'static str,
    postgres: &'static str,
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        for sql in self.both {
            let sql = if sqlite { sql.replace(" UUID", " BLOB") } else { (*sql).to_owned() };
            connection.execute_unprepared(&sql).await?;
        }
        let own = if sqlite { self.sqlite } else { self.postgres };
        if !own.is_empty() {
            connection.execute_unprepared(own).await?;
        }
        Ok(())
    }

    /// On SQLite a migration is transactional only when it says so.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
