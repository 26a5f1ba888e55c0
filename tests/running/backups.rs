//! What is backed up comes back, and nothing else is taken for it.

use std::{fs, path::Path, process::Command};

use eslabon::foundation::audit::log;
use serde_json::json;

use crate::support::{Client, Database, Engine, TestApp};

fn eslabon(app: &TestApp, url: &str, evidence: &Path, args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_eslabon"))
        .args(args)
        .env("DATABASE_URL", url)
        .env("ESLABON_AUDIT_DIR", app.base.config.audit_dir())
        .env("ESLABON_EVIDENCE_DIR", evidence)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn engine(app: &TestApp) -> Engine {
    if app.url().starts_with("sqlite") { Engine::Sqlite } else { Engine::Postgres }
}

async fn groups(client: &Client) -> usize {
    client.get("/buyer-groups").await.expect(200).body["items"].as_array().unwrap().len()
}

async fn write(client: &Client, name: &str) {
    client.post("/buyer-groups", json!({ "name": name })).await.expect(201);
}

on_both_engines! {
    async fn what_was_backed_up_comes_back_in_another_place(app: TestApp) {
        let institution = app.institution().await;
        for name in ["Uno", "Dos", "Tres"] {
            write(&institution, name).await;
        }
        log::keep(&app.base).await.unwrap();
        let evidence = app.base.config.evidence_dir.join("files");
        fs::create_dir_all(evidence.join("deep")).unwrap();
        fs::write(evidence.join("deep/one"), "prueba").unwrap();
        let folder = app.base.config.evidence_dir.join("copy");
        let copy = folder.to_str().unwrap();
        let (ok, said) = eslabon(&app, app.url(), &evidence, &["backup", copy]);
        assert!(ok && said.contains("Keep the key of the audit log apart"), "{said}");
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(!files.iter().any(|name| name == "key"), "the key is in the backup");
        let (ok, said) = eslabon(&app, app.url(), &evidence, &["backup", copy]);
        assert!(!ok && said.contains("can't make"), "{said}");
        // What comes after it is not in it.
        write(&institution, "Cuatro").await;

        let other = Database::unmigrated(engine(&app)).await.unwrap();
        let elsewhere = other.evidence_dir().join("files");
        let (ok, said) = eslabon(&app, other.url(), &elsewhere, &["restore", copy]);
        assert!(ok && said.contains("The audit log holds"), "{said}");
        assert_eq!(fs::read_to_string(elsewhere.join("deep/one")).unwrap(), "prueba");
        let restored = TestApp::on(other).await;
        let there = restored.with_token_of(&institution);
        assert_eq!((groups(&there).await, groups(&institution).await), (3, 4));
        write(&there, "Cinco").await;
        // It is not taken over what is there, unless somebody says so.
        let (ok, said) = eslabon(&app, restored.url(), &elsewhere, &["restore", copy]);
        assert!(!ok && said.contains("--replace"), "{said}");
        assert_eq!(groups(&there).await, 4);
    }

    async fn a_backup_that_was_touched_is_not_restored(app: TestApp) {
        let institution = app.institution().await;
        write(&institution, "Uno").await;
        let evidence = app.base.config.evidence_dir.join("files");
        fs::create_dir_all(&evidence).unwrap();
        fs::write(evidence.join("one"), "prueba").unwrap();
        let folder = app.base.config.evidence_dir.join("copy");
        let copy = folder.to_str().unwrap();
        assert!(eslabon(&app, app.url(), &evidence, &["backup", copy]).0);
        fs::write(folder.join("evidence/one"), "otra").unwrap();
        let (ok, said) = eslabon(&app, app.url(), &evidence, &["restore", copy, "--replace"]);
        assert!(!ok && said.contains("evidence/one is missing or was changed"), "{said}");
        assert_eq!(groups(&institution).await, 1);
        let (ok, said) = eslabon(&app, app.url(), &evidence, &["restore", "/nowhere"]);
        assert!(!ok && said.contains("is no backup"), "{said}");
    }

    async fn putting_an_older_state_back_says_what_is_lost_and_the_log_goes_on(app: TestApp) {
        let institution = app.institution().await;
        write(&institution, "Uno").await;
        log::keep(&app.base).await.unwrap();
        let evidence = app.base.config.evidence_dir.join("files");
        let folder = app.base.config.evidence_dir.join("copy");
        let copy = folder.to_str().unwrap();
        assert!(eslabon(&app, app.url(), &evidence, &["backup", copy]).0);
        write(&institution, "Dos").await;
        let lost = log::keep(&app.base).await.unwrap().unwrap();
        // Nobody is connected while it is put back.
        let url = app.url().to_owned();
        app.base.db.clone().close().await.unwrap();
        let (ok, said) = eslabon(&app, &url, &evidence, &["restore", copy, "--replace"]);
        assert!(ok && said.contains("1 entries that were signed until") && said.contains("are lost"), "{said}");
        let app = app.restart().await;
        let institution = app.with_token_of(&institution);
        assert_eq!(groups(&institution).await, 1);
        for name in ["Tres", "Cuatro"] {
            write(&institution, name).await;
        }
        let next = log::keep(&app.base).await.unwrap().unwrap();
        assert!(next.size > lost.size && next.root != lost.root);
        assert!(eslabon(&app, app.url(), &evidence, &["audit", "verify"]).0);
    }
}
