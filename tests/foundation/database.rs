//! What each engine needs to be safe, shown by what happens without it.

use std::time::Duration;

use eslabon::{
    foundation::{
        access::Actor,
        db::{Asked, Db, Engine},
        http::list::Window,
        problem::Problem,
    },
    organisations::{CreateBuyerGroup, NewBuyerGroup, store},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::TestApp;

/// Reads before it writes: that is what a deferred transaction on SQLite does not survive under load.
async fn make_a_group(app: &TestApp, actor: Actor, name: String) -> Result<(), Problem> {
    let may = actor.may::<CreateBuyerGroup>()?;
    app.base
        .transact(may, async |w| {
            store::firms::list_groups(w.db(), w.actor(), &Window::first(1)).await?;
            store::firms::create_group(&w, NewBuyerGroup { name }).await?;
            Ok(w.done(()))
        })
        .await
}

on_both_engines! {
    async fn a_hundred_and_sixty_writers_all_succeed(app: TestApp) {
        let institution = app.institution().await;
        let app = std::sync::Arc::new(app);
        let writers: Vec<_> = (0..160)
            .map(|n| {
                let (app, actor) = (app.clone(), Actor::system(institution.organisation()));
                tokio::spawn(async move { make_a_group(&app, actor, format!("Grupo {n}")).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
    }

    async fn instances_that_start_together_migrate_once(app: TestApp) {
        let starting: Vec<_> = (0..4).map(|_| {
            let db = app.base.db.clone();
            tokio::spawn(async move { db.migrate().await })
        }).collect();
        for instance in starting {
            instance.await.unwrap().unwrap();
        }
        app.base.db.check_tables().await.unwrap();
    }

    async fn amounts_beyond_a_double_come_back_exactly(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let amount = "9007199254740993.01";
        let too_large = json!({ "annual_sales": { "amount": amount, "currency": "USD" }, "as_of": "2026-01-31" });
        let refused = supplier.put_if("/profile/sales", "\"0\"", too_large).await.expect(422);
        assert_eq!(refused.faults(), ["/annual_sales too-large"]);
        let amount = "99999999999999.99";
        let sales = json!({ "annual_sales": { "amount": amount, "currency": "USD" }, "as_of": "2026-01-31" });
        let stated = supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
        assert_eq!(stated.text("annual_sales/amount"), amount);
    }

    /// Requests are dropped at every point of a write, also while `BEGIN` is under way. What later requests
    /// write on the same connections must last.
    async fn writes_after_cancelled_ones_are_not_lost(app: TestApp) {
        let institution = app.institution().await;
        let actor = Actor::system(institution.organisation());
        let app = std::sync::Arc::new(app);
        for round in 0..60_u64 {
            let cancelled: Vec<_> = (0..4).map(|n| {
                let app = app.clone();
                tokio::spawn(async move { make_a_group(&app, actor, format!("Dropped {round} {n}")).await })
            }).collect();
            tokio::time::sleep(Duration::from_micros(round * 40)).await;
            cancelled.iter().for_each(tokio::task::JoinHandle::abort);
            make_a_group(&app, actor, format!("Kept {round}")).await.unwrap();
            let single = format!("INSERT INTO sessions VALUES ('s{round}', '{{}}', 0, 0)");
            app.base.db.reads().execute_unprepared(&single).await.unwrap();
        }
        let both = "(SELECT count(*) FROM buyer_groups WHERE name LIKE 'Kept %') + (SELECT count(*) FROM sessions)";
        let sql = format!("SELECT {both} AS kept");
        // From a connection of its own: an open transaction would show its own rows to itself.
        let fresh = Db::connect(app.url()).await.unwrap();
        let statement = sea_orm::Statement::from_string(fresh.reads().get_database_backend(), sql);
        let row = fresh.reads().query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "kept").unwrap(), 120);
    }

    /// Nobody uses the connection of a dropped request again for a while: it must not wait inside its transaction.
    async fn who_is_dropped_while_a_transaction_begins_leaves_none_open(app: TestApp) {
        if app.base.db.engine() == Engine::Sqlite {
            return;
        }
        let institution = app.institution().await;
        let actor = Actor::system(institution.organisation());
        let app = std::sync::Arc::new(app);
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '500 ms'";
        let watcher = Db::connect(app.url()).await.unwrap();
        for round in 0..12_u64 {
            let cancelled: Vec<_> = (0..16).map(|n| {
                let app = app.clone();
                tokio::spawn(async move { make_a_group(&app, actor, format!("Dropped {round} {n}")).await })
            }).collect();
            tokio::time::sleep(Duration::from_micros(200 + round * 150)).await;
            cancelled.iter().for_each(tokio::task::JoinHandle::abort);
            tokio::time::sleep(Duration::from_millis(800)).await;
            let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, count.to_owned());
            let row = watcher.reads().query_one_raw(statement).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0, "in round {round}");
        }
    }

    /// What the driver's fault leaves behind is a pooled connection inside a transaction. A statement of its
    /// own on it (a session, a heartbeat) is never committed, and nobody is told.
    async fn a_transaction_left_open_on_a_connection_is_rolled_back_before_the_next_use(app: TestApp) {
        if app.base.db.engine() == Engine::Sqlite {
            return;
        }
        let db = app.base.db.reads();
        for n in 0..30 {
            db.execute_unprepared("BEGIN").await.unwrap();
            let insert = format!("INSERT INTO sessions VALUES ('s{n}', '{{}}', 0, 0)");
            db.execute_unprepared(&insert).await.unwrap();
        }
        // From a connection of its own: an open transaction would show its own rows to itself.
        let fresh = Db::connect(app.url()).await.unwrap();
        let sql = "SELECT count(*) AS kept FROM sessions".to_owned();
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        let row = fresh.reads().query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "kept").unwrap(), 30);
    }

    /// Measurements beside the service rest on it.
    async fn what_is_asked_for_is_overheard_in_order_and_of_nobody_else(app: TestApp) {
        let institution = app.institution().await;
        let (db, heard) = app.base.db.overheard();
        let mut app = app;
        app.base.db = db;
        make_a_group(&app, Actor::system(institution.organisation()), "Oído".to_owned()).await.unwrap();
        let asked = heard.take();
        let begun: Vec<_> = asked.iter().map(|asked| *asked == Asked::Begin).collect();
        assert!(begun[0] && !begun[1..].contains(&true), "{asked:?}");
        let said: Vec<_> = asked.iter().map(|asked| match asked {
            Asked::Begin => String::new(),
            Asked::Statement(statement) => statement.to_string(),
        }).collect();
        let place = |sql: &str| said.iter().position(|said| said.starts_with(sql)).unwrap();
        let (group, entry) = (place("INSERT INTO \"buyer_groups\""), place("INSERT INTO \"audit_entries\""));
        assert!(group < entry && said[group].contains("Oído"), "{said:?}");
        institution.get("/buyer-groups").await.expect(200);
        assert!(heard.take().is_empty());
    }

    async fn the_engines_are_set_as_the_design_demands(app: TestApp) {
        let db = app.base.db.reads();
        let show = async |sql: &str| {
            let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql.to_owned()));
            let row = row.await.unwrap().unwrap();
            row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string())).unwrap()
        };
        match app.base.db.engine() {
            Engine::Sqlite => {
                assert_eq!(show("PRAGMA journal_mode").await, "wal");
                assert_eq!(show("PRAGMA synchronous").await, "2");
                assert_eq!(show("PRAGMA foreign_keys").await, "1");
            }
            Engine::Postgres => {
                assert_eq!(show("SHOW idle_in_transaction_session_timeout").await, "1min");
                assert_eq!(show("SHOW lock_timeout").await, "10s");
            }
        }
    }
}
