//! Whoever can write to the database past the service: no change of the log goes unnoticed.

use eslabon::foundation::audit::{log, verify};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::{eslabon, exported, folder, key, offline, verified, with_checkpoints, write};
use crate::support::{Engine, TestApp};

/// The triggers that refuse, taken away: what an operator of the database can do.
fn without_triggers(engine: Engine) -> Vec<String> {
    let tables = ["audit_entries", "audit_leaves", "audit_nodes", "audit_checkpoints"];
    tables
        .iter()
        .flat_map(|table| match engine {
            Engine::Postgres => vec![format!("ALTER TABLE {table} DISABLE TRIGGER USER")],
            Engine::Sqlite => {
                vec![format!("DROP TRIGGER {table}_freeze"), format!("DROP TRIGGER {table}_keep")]
            }
        })
        .collect()
}

fn engine(app: &TestApp) -> Engine {
    if app.url().starts_with("sqlite") { Engine::Sqlite } else { Engine::Postgres }
}

/// Every way to change the log, as statements. `{entry}` stands for the entry at place 4.
fn ways(engine: Engine) -> Vec<(&'static str, Vec<String>)> {
    let entry = "id = (SELECT entry_id FROM audit_leaves WHERE position = 4)";
    let other = match engine {
        Engine::Sqlite => "x'01890000000070008000000000000001'",
        Engine::Postgres => "'01890000-0000-7000-8000-000000000001'",
    };
    let set = |change: &str| vec![format!("UPDATE audit_entries SET {change} WHERE {entry}")];
    let zeroes = "0".repeat(64);
    vec![
        ("id", set(&format!("id = {other}"))),
        ("at", set("at = at + 1")),
        ("account", set(&format!("account_id = {other}"))),
        ("organisation", set(&format!("organisation_id = {other}"))),
        ("role", set("role = 'officer'")),
        ("operation", set("operation = 'nothing'")),
        ("subject", set("subject = 'nothing'")),
        ("subject id", set(&format!("subject_id = {other}"))),
        ("details", set("details = '{}'")),
        ("salt", set(&format!("salt = '{zeroes}'"))),
        ("commitment", set(&format!("details_hash = '{zeroes}'"))),
        ("no commitment", set("details_hash = NULL")),
        ("leaf", set(&format!("leaf_hash = '{zeroes}'"))),
        ("details alone erased", set("details = NULL")),
        ("erased, and then the rest", set("details = NULL, salt = NULL, operation = 'nothing'")),
        ("removed", vec![format!("DELETE FROM audit_entries WHERE {entry}")]),
        ("its place removed", vec!["DELETE FROM audit_leaves WHERE position = 4".to_owned()]),
        (
            "moved",
            [(4, -1), (5, 4), (-1, 5)]
                .map(|(from, to)| match engine {
                    // The place may not be negative.
                    _ if to == -1 => format!("UPDATE audit_leaves SET position = 999 WHERE position = {from}"),
                    _ if from == -1 => format!("UPDATE audit_leaves SET position = {to} WHERE position = 999"),
                    _ => format!("UPDATE audit_leaves SET position = {to} WHERE position = {from}"),
                })
                .to_vec(),
        ),
        ("a hash of the tree", vec![format!("UPDATE audit_nodes SET hash = '{zeroes}' WHERE level = 1 AND position = 1")]),
        ("a hash removed", vec!["DELETE FROM audit_nodes WHERE level = 0 AND position = 3".to_owned()]),
        ("a checkpoint", vec!["UPDATE audit_checkpoints SET note = replace(note, 'at 2026', 'at 2025')".to_owned()]),
        (
            "the end",
            [
                "DELETE FROM audit_checkpoints WHERE size > 8",
                "DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_leaves WHERE position >= 8)",
                "DELETE FROM audit_leaves WHERE position >= 8",
                "DELETE FROM audit_nodes WHERE level = 0 AND position >= 8",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        ("one that waited", vec!["DELETE FROM audit_unplaced".to_owned()]),
    ]
}

on_both_engines! {
    async fn whatever_is_changed_in_the_database_is_found(app: TestApp) {
        let (institution, _) = with_checkpoints(&app).await;
        write(&institution, "Espera").await;
        assert_eq!(verified(&app).await.faults, [""; 0]);
        let (keys, engine) = (vec![key(&app)], engine(&app));
        let last = folder(&app).last().unwrap().unwrap();
        for (way, statements) in ways(engine) {
            let transaction = app.base.db.reads().begin().await.unwrap();
            for statement in without_triggers(engine).iter().chain(&statements) {
                transaction.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{way}: {statement}: {error}"));
            }
            let outside = [(last.note.clone(), "kept".to_owned())];
            let report = verify::database(&transaction, keys.clone(), &outside).await.unwrap();
            assert!(!report.faults.is_empty(), "{way} was not found: {report:?}");
            transaction.rollback().await.unwrap();
        }
        assert_eq!(verified(&app).await.faults, [""; 0]);
    }

    async fn whatever_is_changed_in_an_export_is_found(app: TestApp) {
        with_checkpoints(&app).await;
        let text = String::from_utf8(exported(&app).await).unwrap();
        let (lines, keys): (Vec<&str>, _) = (text.lines().collect(), vec![key(&app)]);
        let report = offline(text.as_bytes(), keys.clone());
        assert_eq!((report.faults.clone(), report.checkpoints), (vec![], 3));
        let faults = |lines: &[String]| offline(lines.join("\n").as_bytes(), keys.clone()).faults.len();
        let whole: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let first = whole.iter().position(|line| line.starts_with("{\"entry\"")).unwrap();
        for at in first..whole.len() {
            let mut removed = whole.clone();
            removed.remove(at);
            assert!(faults(&removed) > 0, "line {at} removed");
            let mut cut = whole.clone();
            cut.truncate(at);
            assert!(faults(&cut) > 0, "cut off at {at}");
            if at + 1 < whole.len() {
                let mut swapped = whole.clone();
                swapped.swap(at, at + 1);
                assert!(faults(&swapped) > 0, "line {at} moved");
            }
            let line: Value = serde_json::from_str(&whole[at]).unwrap();
            for (name, value) in line["entry"]["entry"].as_object().unwrap() {
                let mut changed = line.clone();
                changed["entry"]["entry"][name] = match value.as_str() {
                    _ if name == "details" => json!({ "other": 1 }),
                    Some(_) if name.starts_with("at") => json!("2026-03-02T14:00:01Z"),
                    Some(_) if name == "role" => json!("lead_firm_reader"),
                    Some(text) if text.len() == 36 => json!("01890000-0000-7000-8000-000000000001"),
                    _ => json!("00"),
                };
                let mut touched = whole.clone();
                touched[at] = changed.to_string();
                assert!(faults(&touched) > 0, "{name} of line {at} changed");
            }
        }
    }

    async fn a_database_that_was_put_back_is_noticed_and_nothing_is_signed_until_somebody_says_so(app: TestApp) {
        let (institution, _) = with_checkpoints(&app).await;
        let kept = folder(&app).last().unwrap().unwrap();
        let db = app.base.db.reads();
        let old = log::checkpoints(db, &eslabon::foundation::access::Actor::system(institution.organisation()),
            &eslabon::foundation::http::list::Window::first(1)).await.unwrap().items[0].size;
        // Everything as it was at the first checkpoint, whole in itself.
        for statement in without_triggers(engine(&app)) {
            db.execute_unprepared(&statement).await.unwrap();
        }
        for statement in [
            format!("DELETE FROM audit_checkpoints WHERE size > {old}"),
            format!("DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_leaves WHERE position >= {old})"),
            format!("DELETE FROM audit_leaves WHERE position >= {old}"),
        ] {
            db.execute_unprepared(&statement).await.unwrap();
        }
        for level in 0..8 {
            let end = old >> level;
            db.execute_unprepared(&format!("DELETE FROM audit_nodes WHERE level = {level} AND position >= {end}")).await.unwrap();
        }
        if engine(&app) == Engine::Postgres {
            // What gives new entries their way to a place is one of them.
            db.execute_unprepared("ALTER TABLE audit_entries ENABLE TRIGGER USER").await.unwrap();
        }
        let inside = verify::database(db, vec![key(&app)], &[]).await.unwrap();
        assert_eq!(inside.faults, [""; 0], "in itself it is whole");
        let report = verified(&app).await;
        assert!(report.faults.iter().any(|fault| fault.contains("rolled back")), "{report:?}");
        assert_eq!(log::keep(&app.base).await.unwrap_err().code, "trail-diverged");
        // Also once it has grown past the size that was signed.
        for name in 0..12 {
            write(&institution, &format!("Nuevo {name}")).await;
        }
        assert_eq!(log::keep(&app.base).await.unwrap_err().code, "trail-diverged");
        let (ok, said) = eslabon(&app, &["doctor"]);
        assert!(!ok && said.contains("WRONG  the audit log goes on") && said.contains("audit restored"), "{said}");
        let (ok, said) = eslabon(&app, &["audit", "verify"]);
        assert!(!ok && said.contains("another root"), "{said}");
        let (ok, said) = eslabon(&app, &["audit", "restored"]);
        assert!(ok && said.contains(&format!("checkpoint.{}", kept.size)), "{said}");
        log::keep(&app.base).await.unwrap().unwrap();
        assert!(eslabon(&app, &["doctor"]).0);
        assert_eq!(verified(&app).await.faults, [""; 0]);
    }
}
