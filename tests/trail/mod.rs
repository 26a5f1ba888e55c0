//! The audit log: proofs, checkpoints, and what becomes of whoever changes something.

mod tampering;

use std::{io::Cursor, process::Command};

use eslabon::{
    foundation::audit::{
        checkpoint::{Folder, Verifier},
        log,
        verify::{self, Report, Verified},
    },
    trail::{EVERY, jobs},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// Writes something: an entry of the trail.
async fn write(client: &Client, name: &str) {
    client.post("/buyer-groups", json!({ "name": name })).await.expect(201);
}

fn folder(app: &TestApp) -> Folder {
    Folder::new(app.base.config.audit_dir())
}

fn key(app: &TestApp) -> Verifier {
    folder(app).signer(&app.base.ids).unwrap().verifier().clone()
}

async fn verified(app: &TestApp) -> Report {
    let outside = folder(app).last().unwrap().map(|last| (last.note, "kept".to_owned()));
    verify::database(app.base.db.reads(), vec![key(app)], outside.as_slice()).await.unwrap()
}

async fn exported(app: &TestApp) -> Vec<u8> {
    let mut out = Vec::new();
    verify::export(app.base.db.reads(), &key(app), &mut out).await.unwrap();
    out
}

fn offline(text: &[u8], keys: Vec<Verifier>) -> Report {
    match verify::document(Cursor::new(text), keys, &[]).unwrap() {
        Verified::Log(report) => report,
        other => panic!("{other:?}"),
    }
}

/// Three checkpoints over the entries of an institution and a supplier.
async fn with_checkpoints(app: &TestApp) -> (Client, Client) {
    let (institution, supplier) = (app.institution().await, app.supplier("Uno").await);
    for round in ["a", "b", "c"] {
        for name in 0..3 {
            write(&institution, &format!("Grupo {round}{name}")).await;
        }
        log::keep(&app.base).await.unwrap().unwrap();
    }
    (institution, supplier)
}

async fn number(app: &TestApp, sql: &str) -> u64 {
    let db = app.base.db.reads();
    let row =
        db.query_one_raw(Statement::from_string(db.get_database_backend(), sql.to_owned())).await.unwrap();
    row.unwrap().try_get::<i64>("", "n").unwrap().cast_unsigned()
}

fn eslabon(app: &TestApp, args: &[&str]) -> (bool, String) {
    let audit = app.base.config.audit_dir();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
    command.args(args).args(["--listen", "127.0.0.1:0"]).arg("--audit-dir").arg(audit);
    let output = command.env("DATABASE_URL", app.url()).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.success(), said.concat())
}

on_both_engines! {
    async fn a_job_places_every_entry_and_signs_the_log_again_and_again(app: TestApp) {
        let institution = app.institution().await;
        jobs::schedule(&app.base).await.unwrap();
        jobs::schedule(&app.base).await.unwrap();
        assert_eq!(app.run_jobs().await, 1, "there is one of it");
        let all = "SELECT count(*) AS n FROM audit_entries";
        let (first, written) = (log::newest(app.base.db.reads()).await.unwrap().unwrap(), number(&app, all).await);
        assert_eq!((first.size, log::waiting(app.base.db.reads()).await.unwrap()), (written, 0));
        write(&institution, "Otro").await;
        assert_eq!(app.run_jobs().await, 0, "it waits for its turn");
        app.base.clock.advance(EVERY + 1);
        assert_eq!(app.run_jobs().await, 1);
        app.base.clock.advance(EVERY + 1);
        assert_eq!(app.run_jobs().await, 1);
        let (second, written) = (log::newest(app.base.db.reads()).await.unwrap().unwrap(), number(&app, all).await);
        assert_eq!((second.size, first.size < second.size), (written, true));
        // What has not grown is not signed again.
        assert_eq!(number(&app, "SELECT count(*) AS n FROM audit_checkpoints").await, 2);
        assert_eq!(number(&app, "SELECT count(*) AS n FROM jobs").await, 1);
        let report = verified(&app).await;
        assert_eq!((report.placed, report.checkpoints, report.faults), (written, 3, vec![]));
    }

    async fn writers_and_two_sequencers_at_once_lose_nothing(app: TestApp) {
        let institution = app.institution().await;
        let writers: Vec<_> = (0..6).map(|writer| {
            let institution = institution.clone();
            tokio::spawn(async move {
                for name in 0..6 {
                    write(&institution, &format!("Grupo {writer} {name}")).await;
                }
            })
        }).collect();
        let sequencers: Vec<_> = (0..2).map(|_| {
            let base = app.base.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    // Whoever comes second to the same size finds it signed.
                    log::keep(&base).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        }).collect();
        for task in writers.into_iter().chain(sequencers) {
            task.await.unwrap();
        }
        log::keep(&app.base).await.unwrap();
        let report = verified(&app).await;
        assert_eq!((report.placed, report.waiting, report.faults), (number(&app, "SELECT count(*) AS n FROM audit_entries").await, 0, vec![]));
    }

    async fn an_organisation_proves_its_own_entries_and_nobody_elses(app: TestApp) {
        let (institution, supplier) = with_checkpoints(&app).await;
        let listed = institution.get("/audit-entries?limit=100").await.expect(200);
        let own = listed.body["items"].as_array().unwrap();
        assert!(own.len() >= 9 && own.iter().all(|entry| entry["details"].is_null() && entry["salt"].is_null()));
        let keys = [key(&app)];
        for entry in own {
            let path = format!("/audit-entries/{}/proof", entry["id"].as_str().unwrap());
            let proof = institution.get(&path).await.expect(200).body;
            assert_eq!(proof["position"], entry["position"]);
            let holds = |proof: &Value| {
                let text = serde_json::to_vec(proof).unwrap();
                match verify::document(Cursor::new(text), keys.to_vec(), &[]) {
                    Ok(Verified::Inclusion(outcome)) => outcome,
                    other => panic!("{other:?}"),
                }
            };
            holds(&proof).unwrap();
            for (pointer, value) in [
                ("/position", json!(proof["position"].as_u64().unwrap() + 1)), ("/entry/operation", json!("nothing")),
                ("/entry/at", json!("2026-03-02T15:00:00Z")), ("/entry/details_hash", json!("00")), ("/path/0", json!("0".repeat(64))),
                ("/entry/leaf_hash", json!("0".repeat(64))),
            ] {
                let mut touched = proof.clone();
                *touched.pointer_mut(pointer).unwrap() = value;
                assert!(holds(&touched).is_err(), "{pointer}");
            }
            supplier.get(&path).await.expect(404);
        }
        let reader = app.person(institution.organisation(), eslabon::foundation::access::Kind::Institution, eslabon::foundation::access::Role::Officer).await;
        reader.get("/audit-entries").await.expect(403);
        write(&institution, "Tarde").await;
        let listed = institution.get("/audit-entries?limit=100").await.expect(200);
        let late = listed.body["items"].as_array().unwrap().last().unwrap().clone();
        let refused = institution.get(&format!("/audit-entries/{}/proof", late["id"].as_str().unwrap())).await.expect(409);
        assert_eq!((refused.code(), late["position"].is_null()), ("entry-not-in-checkpoint".into(), true));
    }

    async fn whoever_kept_a_checkpoint_sees_that_the_log_begins_with_it(app: TestApp) {
        let (_, supplier) = with_checkpoints(&app).await;
        let listed = supplier.get("/audit-checkpoints").await.expect(200);
        let sizes: Vec<u64> = listed.body["items"].as_array().unwrap().iter().map(|item| item["size"].as_u64().unwrap()).collect();
        assert_eq!(sizes.len(), 3);
        for (from, to) in [(0, 1), (0, 2), (1, 2), (2, 2)] {
            let proof = supplier.get(&format!("/audit-checkpoints/proof?from={}&to={}", sizes[from], sizes[to])).await.expect(200);
            assert_eq!(proof.body["from"], listed.body["items"][from]["note"]);
            let text = serde_json::to_vec(&proof.body).unwrap();
            let verified = verify::document(Cursor::new(text), vec![key(&app)], &[]);
            assert!(matches!(verified, Ok(Verified::Consistency(Ok(_)))), "{verified:?}");
            let mut swapped = proof.body.clone();
            swapped["path"].as_array_mut().unwrap().push(json!("0".repeat(64)));
            let text = serde_json::to_vec(&swapped).unwrap();
            assert!(matches!(verify::document(Cursor::new(text), vec![key(&app)], &[]), Ok(Verified::Consistency(Err(_)))));
        }
        supplier.get(&format!("/audit-checkpoints/proof?from=1&to={}", sizes[2])).await.expect(404);
        let faults = supplier.get("/audit-checkpoints/proof?from=0").await.expect(422).faults();
        assert_eq!(faults, ["/from out-of-range", "/to required"]);
    }

    async fn who_was_erased_leaves_a_log_that_still_holds(app: TestApp) {
        let institution = app.institution().await;
        let ines = crate::personal::joined(&app, &institution, "officer", "Inés Zamorano", "ines@fomento.example").await;
        log::keep(&app.base).await.unwrap();
        let entries = institution.get("/audit-entries?limit=100").await.expect(200);
        let ids: Vec<_> = entries.body["items"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
        let before = exported(&app).await;
        ines.post("/me/erasure", json!({ "erase_me": true })).await.expect(200);
        log::keep(&app.base).await.unwrap();
        let report = verified(&app).await;
        assert!(report.faults.is_empty() && report.erased > 0, "{report:?}");
        for id in ids {
            let proof = institution.get(&format!("/audit-entries/{id}/proof")).await.expect(200).body;
            let text = serde_json::to_vec(&proof).unwrap();
            assert!(matches!(verify::document(Cursor::new(text), vec![key(&app)], &[]), Ok(Verified::Inclusion(Ok(_)))));
        }
        let after = exported(&app).await;
        let (before, after) = (offline(&before, vec![key(&app)]), offline(&after, vec![key(&app)]));
        assert_eq!((before.erased, after.erased, before.faults, after.faults), (0, report.erased, vec![], vec![]));
    }

    async fn commands_export_prove_and_verify(app: TestApp) {
        let (institution, _) = with_checkpoints(&app).await;
        let folder = app.base.config.audit_dir();
        let file = |name: &str| folder.join(name).display().to_string();
        let (ok, said) = eslabon(&app, &["audit", "verify"]);
        assert!(ok && said.contains("4 checkpoints hold"), "{said}");
        let (ok, said) = eslabon(&app, &["audit", "export", "--out", &file("log.jsonl")]);
        assert!(ok, "{said}");
        let key = eslabon(&app, &["audit", "key"]).1;
        // Offline: there is no such database.
        let away = |args: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_eslabon")).args(args).args(["--database-url", "sqlite:/nowhere/a.sqlite"]).output().unwrap();
            (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
        };
        let (ok, said) = away(&["audit", "verify", &file("log.jsonl"), "--key", key.trim()]);
        assert!(ok && said.contains("3 checkpoints hold"), "{said}");
        let other = eslabon::foundation::audit::checkpoint::Signer::of(&[9; 32]).unwrap().verifier().to_string();
        let (ok, said) = away(&["audit", "verify", &file("log.jsonl"), "--key", &other]);
        assert!(!ok && said.contains("no key that is trusted"), "{said}");
        let entry = institution.get("/audit-entries?limit=1").await.text("items/0/id");
        let proof = eslabon(&app, &["audit", "prove", &entry]).1;
        let (_, proof) = proof.split_once('{').unwrap();
        let proof = format!("{{{}}}", proof.rsplit_once('}').unwrap().0);
        std::fs::write(file("proof.json"), proof).unwrap();
        let (ok, said) = away(&["audit", "verify", &file("proof.json"), "--key", key.trim()]);
        assert!(ok && said.contains("ok: the entry stands at"), "{said}");
        let (ok, note) = eslabon(&app, &["audit", "checkpoint"]);
        assert!(ok && note.starts_with("eslabon/"), "{note}");
    }
}
