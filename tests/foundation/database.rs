//! What each engine needs to be safe, shown by what happens without it.

use std::time::Duration;

use eslabon::{
    foundation::{
        access::Actor,
        db::{Db, Engine},
        problem::Problem,
    },
    organisations::{CreateBuyerGroup, NewBuyerGroup, StateSales, StatedSales, store},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::TestApp;

async fn make_a_group(app: &TestApp, actor: Actor, name: String) -> Result<(), Problem> {
    let may = actor.may::<CreateBuyerGroup>()?;
    app.base
        .transact(may, async |w| {
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
        }
        let sql = "SELECT count(*) AS kept FROM buyer_groups WHERE name LIKE 'Kept %'".to_owned();
        // From a connection of its own: an open transaction would show its own rows to itself.
        let fresh = Db::connect(app.url()).await.unwrap();
        let statement = sea_orm::Statement::from_string(fresh.reads().get_database_backend(), sql);
        let row = fresh.reads().query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "kept").unwrap(), 60);
    }

    async fn a_transaction_left_open_on_a_connection_is_rolled_back_before_the_next_use(app: TestApp) {
        if app.base.db.engine() == Engine::Sqlite {
            return;
        }
        let supplier = app.supplier("Uno").await;
        let actor = Actor::system(supplier.organisation());
        // What the driver's fault leaves behind: a pooled connection inside a transaction.
        for _ in 0..25 {
            app.base.db.reads().execute_unprepared("BEGIN").await.unwrap();
        }
        let stated = StatedSales { annual_sales: None, as_of: "2026-01-31".parse().unwrap() };
        let outcome = app
            .base
            .transact(actor.may::<StateSales>().unwrap(), async |w| {
                store::ledger::import_undisclosed(&w, supplier.organisation(), "CLP".parse().unwrap(), stated.as_of)
                    .await?;
                Ok(w.done(()))
            })
            .await;
        outcome.unwrap();
        let fresh = Db::connect(app.url()).await.unwrap();
        let sql = "SELECT 1 FROM supplier_profiles".to_owned();
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        assert!(fresh.reads().query_one_raw(statement).await.unwrap().is_some());
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
