//! Personal data: the notice, everything about oneself, corrections, erasure, and what time deletes.

mod pages;

use eslabon::{
    foundation::{
        access::{Actor, Kind, Role},
        audit,
    },
    personal,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
    support::{Client, PASSWORD, TestApp},
};

/// How many rows a condition finds.
async fn count(app: &TestApp, from: &str) -> i64 {
    let db = app.base.db.reads();
    let statement =
        Statement::from_string(db.get_database_backend(), format!("SELECT count(*) AS found FROM {from}"));
    db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "found").unwrap()
}

/// Where a text stands in what is kept of people.
pub async fn traces(app: &TestApp, text: &str) -> Vec<&'static str> {
    let places = [
        ("accounts", "name"),
        ("accounts", "email"),
        ("audit_entries", "details"),
        ("idempotency_records", "reply"),
        ("sessions", "data"),
        ("invitations", "email"),
        ("membership_requests", "email"),
        ("membership_requests", "name"),
        ("membership_requests", "message"),
        ("password_resets", "email"),
        ("interests", "text"),
    ];
    let mut found = Vec::new();
    for (table, column) in places {
        if count(app, &format!("{table} WHERE {column} LIKE '%{text}%'")).await > 0 {
            found.push(table);
        }
    }
    found
}

/// Somebody with name and address, who has joined by an invitation, and logs in.
pub async fn joined(app: &TestApp, by: &Client, role: &str, name: &str, email: &str) -> Client {
    let invited = by.post("/invitations", json!({ "email": email, "role": role })).await.expect(201);
    let body =
        json!({ "secret": invited.text("secret"), "name": name, "password": PASSWORD, "privacy_notice": 1 });
    app.anonymous().post("/invitations/accept", body).await.expect(201);
    let token =
        app.anonymous().post("/tokens", json!({ "email": email, "password": PASSWORD })).await.expect(201);
    Client::new(app.router.clone(), Some(token.text("secret")), Some(by.organisation()))
}

on_both_engines! {
    async fn the_notice_is_told_to_everybody_and_accepted_with_its_version(app: TestApp) {
        let spanish = app.anonymous().get("/privacy").await.expect(200);
        let headers = [("accept-language", "en")];
        let english = app.anonymous().send(axum::http::Method::GET, "/privacy", &headers, None).await.expect(200);
        assert_eq!((spanish.text("language"), english.text("language")), ("es".into(), "en".into()));
        for notice in [&spanish, &english] {
            let entries = notice.body["data"].as_array().unwrap();
            assert_eq!(entries.len(), 10);
            for text in entries.iter().flat_map(|entry| ["data", "purpose", "kept"].map(|part| entry[part].as_str().unwrap())) {
                assert!(text.len() > 10 && !text.starts_with("privacy-"), "{text}");
            }
        }
        assert_ne!(spanish.body["data"][0]["data"], english.body["data"][0]["data"]);
        let registration = |version: Value| json!({
            "organisation": { "kind": "supplier", "name": "Andes SpA", "country": "CL", "tax_id": "76.086.428-5" },
            "administrator": { "email": "ana@andes.example", "name": "Ana Rojas", "password": PASSWORD },
            "privacy_notice": version,
        });
        for (version, fault) in [(Value::Null, "/privacy_notice required"), (json!(2), "/privacy_notice other-privacy-notice")] {
            let refused = app.anonymous().post("/organisations", registration(version)).await.expect(422);
            assert_eq!(refused.faults(), [fault]);
        }
        app.anonymous().post("/organisations", registration(json!(1))).await.expect(201);
        let login = json!({ "email": "ana@andes.example", "password": PASSWORD });
        let token = app.anonymous().post("/tokens", login).await.expect(201).text("secret");
        let ana = Client::new(app.router.clone(), Some(token), None);
        assert_eq!(ana.get("/me/data").await.expect(200).body["privacy_notice"], 1);
        // Somebody whom another person added has not accepted yet.
        let other = app.supplier("Uno").await;
        assert!(other.get("/me/data").await.expect(200).body["privacy_notice"].is_null());
        assert_eq!(other.post("/me/privacy", json!({ "version": 7 })).await.expect(422).faults(), ["/version other-privacy-notice"]);
        other.post("/me/privacy", json!({ "version": 1 })).await.expect(204);
        assert_eq!(other.get("/me/data").await.expect(200).body["privacy_notice"], 1);
    }

    async fn a_person_reads_everything_about_themselves_and_corrects_it(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let eva = joined(&app, &supplier, "supplier_member", "Eva Soto", "eva@uno.example").await;
        eva.post("/diagnostics", json!({})).await.expect(201);
        let data = eva.get("/me/data").await.expect(200);
        assert_eq!((data.text("name"), data.text("email")), ("Eva Soto".into(), "eva@uno.example".into()));
        assert_eq!(data.text("memberships/0/role"), "supplier_member");
        assert_eq!(data.body["tokens"].as_array().unwrap().len(), 1);
        assert_eq!(data.body["invitations"].as_array().unwrap().len(), 1);
        let trail = data.body["trail"].as_array().unwrap();
        assert!(trail.iter().any(|done| done["operation"] == "diagnostics.create"), "{trail:#?}");
        // Nothing of anybody else.
        let administrator = supplier.get("/me").await.expect(200).text("account/id");
        assert!(!data.body["account"].as_str().unwrap().contains(&administrator));
        assert!(!data.body.to_string().contains(&supplier.get("/me").await.text("account/email")));

        let right = json!({ "name": "Eva Soto Díaz", "email": "Eva.Soto@uno.example", "locale": "en" });
        eva.put_if("/me/data", "\"9\"", right.clone()).await.expect(412);
        let taken = json!({ "name": "Eva", "email": supplier.get("/me").await.text("account/email"), "locale": "es" });
        assert_eq!(eva.put_if("/me/data", &data.etag(), taken).await.expect(422).faults(), ["/email email-taken"]);
        eva.put_if("/me/data", &data.etag(), right).await.expect(204);
        // The trail says that it was corrected, not to what.
        assert_eq!(traces(&app, "Soto D").await, ["accounts"]);
        let me = eva.get("/me").await.expect(200);
        assert_eq!((me.text("account/name"), me.text("account/email")), ("Eva Soto Díaz".into(), "eva.soto@uno.example".into()));
        let login = json!({ "email": "eva.soto@uno.example", "password": PASSWORD });
        app.anonymous().post("/tokens", login).await.expect(201);
    }

    async fn after_an_erasure_nothing_says_who_it_was_and_the_trail_still_verifies(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let ines = joined(&app, &scene.institution, "approver", "Ines Zamorano", "ines@fomento.example").await;
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await.remove(0);
        accepted(&buyer, &supplier, &found).await;
        step(&ines, &found, "approve").await.expect(200);
        let interest = json!({ "party": buyer.organisation(), "nature": "family", "text": "Ines Zamorano tiene un hermano allí." });
        ines.post("/interests", interest).await.expect(201);
        let group = json!({ "name": "Un grupo" });
        let once = ines.post_once("/membership-requests", "clave", {
            let mut asked = supplier.named().await;
            asked["email"] = json!("ines@fomento.example");
            asked["name"] = json!("Ines Zamorano");
            asked
        });
        once.await.expect(200);
        ines.post_once("/buyer-groups", "otra", group).await.expect(201);
        let mut browser = app.browser();
        browser.log_in("ines@fomento.example", PASSWORD).await.expect(303);
        assert!(!traces(&app, "Zamorano").await.is_empty() && !traces(&app, "ines@fomento").await.is_empty());
        let data = ines.get("/me/data").await.expect(200);
        assert_eq!(data.body["sessions"], 1);
        assert_eq!(data.text("interests/0/text"), "Ines Zamorano tiene un hermano allí.");
        let id = data.text("account");
        let network = scene.institution.network(&scene.programme, &buyer).await;
        let seat = format!("{network}/officers/{id}");
        scene.institution.send(axum::http::Method::PUT, &seat, &[], None).await.expect(204);
        let tokens = count(&app, "api_tokens").await;
        assert_eq!(count(&app, "idempotency_records").await, 2);

        let service = Actor::system(scene.institution.organisation());
        let before = audit::list(app.base.db.reads(), &service, 10_000).await.unwrap();
        assert!(before.iter().all(|entry| entry.verify() == Some(true)));
        assert_eq!(ines.post("/me/erasure", json!({ "erase_me": false })).await.expect(422).faults(), ["/erase_me must-be-confirmed"]);
        let erased = ines.post("/me/erasure", json!({ "erase_me": true })).await.expect(200);
        assert_eq!(erased.text("account"), id);
        let kept: Vec<_> = erased.body["kept"].as_array().unwrap().iter().map(|kept| kept["kind"].as_str().unwrap()).collect();
        assert_eq!(kept, ["pseudonym", "trail", "signatures", "interests"]);
        assert!(erased.body["kept"].as_array().unwrap().iter().all(|kept| kept["why"].as_str().unwrap().len() > 30));

        // Whoever it was is nobody: no token, no session, no password, no member.
        ines.get("/me").await.expect(401);
        let login = json!({ "email": "ines@fomento.example", "password": PASSWORD });
        app.anonymous().post("/tokens", login).await.expect(401);
        assert_eq!(count(&app, "sessions").await, 0);
        assert_eq!(count(&app, "api_tokens").await, tokens - 1);
        assert_eq!(count(&app, "idempotency_records").await, 0);
        let members = scene.institution.get("/members").await.expect(200);
        assert!(!members.body.to_string().contains(&id));
        assert_eq!(scene.institution.delete(&seat).await.status, 404, "nobody looks after a network any more");
        assert_eq!(traces(&app, "Zamorano").await, [""; 0]);
        assert_eq!(traces(&app, "ines@fomento").await, [""; 0]);
        // What was decided has somebody who decided, by a number.
        let approvals = scene.institution.get(&format!("/matches/{found}/approvals")).await.expect(200);
        assert_eq!(approvals.text("items/0/approved_by"), id);
        let after = audit::list(app.base.db.reads(), &service, 10_000).await.unwrap();
        assert!(after.len() > before.len());
        let faults: Vec<_> = after.iter().filter(|entry| entry.verify() == Some(false)).collect();
        assert!(faults.is_empty(), "{faults:?}");
        let gone = after.iter().filter(|entry| entry.verify().is_none()).count();
        assert!(gone > 3 && gone < before.len() / 2, "{gone} of {} say nothing any more", before.len());
        // The hashes stand as they stood.
        for entry in &before {
            let now = after.iter().find(|now| now.id() == entry.id()).unwrap();
            assert_eq!(now.leaf_hash(), entry.leaf_hash());
        }
        assert_eq!(after[0].verify(), Some(true), "the erasure is in the trail itself");
    }

    async fn the_last_administrator_names_another_one_first(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let refused = supplier.post("/me/erasure", json!({ "erase_me": true })).await.expect(409);
        assert_eq!(refused.code(), "last-administrator");
        supplier.get("/me").await.expect(200);
        let other = app.person(supplier.organisation(), Kind::Supplier, Role::SupplierAdministrator).await;
        supplier.post("/me/erasure", json!({ "erase_me": true })).await.expect(200);
        supplier.get("/me").await.expect(401);
        assert_eq!(other.post("/me/erasure", json!({ "erase_me": true })).await.expect(409).code(), "last-administrator");
    }

    async fn readings_go_after_three_years_and_what_became_of_consents_never(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let consent = format!("/consents/{}", lead_firm.organisation());
        supplier.put(&consent, json!({ "purposes": ["profile"] })).await.expect(204);
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        lead_firm.get(&profile).await.expect(200);
        app.base.clock.advance(7_200);
        lead_firm.get(&profile).await.expect(200);
        supplier.delete(&consent).await.expect(204);
        let kept = async || (count(&app, "consent_log WHERE event = 'read'").await, count(&app, "consent_log").await);
        assert_eq!(kept().await, (2, 4));
        personal::jobs::schedule(&app.base).await.unwrap();
        // An hour after the first reading's three years, and an hour before the second's.
        app.base.clock.advance(1_095 * 86_400 - 3_600);
        assert_eq!(app.run_jobs().await, 1);
        assert_eq!(kept().await, (1, 3));
        // Nobody else takes out what is to stay, nor the service before the time.
        let attempt = app.base.db.reads().execute_unprepared("DELETE FROM consent_log WHERE event = 'read'").await;
        assert!(attempt.unwrap_err().to_string().contains("append-only"));
        app.base.clock.advance(86_400 + 1);
        assert_eq!(app.run_jobs().await, 1);
        assert_eq!(kept().await, (0, 2));
        let attempt = app.base.db.reads().execute_unprepared("DELETE FROM consent_log").await;
        assert!(attempt.unwrap_err().to_string().contains("append-only"));
    }

    async fn what_somebody_was_told_goes_after_a_year(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let member = app.person(supplier.organisation(), Kind::Supplier, Role::SupplierMember).await;
        let interest = json!({ "party": lead_firm.organisation(), "nature": "recusal" });
        member.post("/interests", interest).await.expect(201);
        app.tell().await;
        assert_eq!(count(&app, "notices").await, 1);
        personal::jobs::schedule(&app.base).await.unwrap();
        app.base.clock.advance(365 * 86_400 - 10);
        app.run_jobs().await;
        assert_eq!(count(&app, "notices").await, 1);
        app.base.clock.advance(86_400 + 1);
        app.run_jobs().await;
        assert_eq!(count(&app, "notices").await, 0);
    }

    async fn what_has_outlived_its_period_is_deleted_every_day(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let invited = json!({ "email": "eva@uno.example", "role": "supplier_member" });
        supplier.post("/invitations", invited).await.expect(201);
        supplier.post_once("/diagnostics", "clave", json!({})).await.expect(201);
        let email = app.person_with_password(supplier.organisation(), Role::SupplierMember).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        personal::jobs::schedule(&app.base).await.unwrap();
        personal::jobs::schedule(&app.base).await.unwrap();
        assert_eq!(count(&app, "jobs WHERE kind = 'personal_data.apply_retention'").await, 1);
        let kept = async || {
            let mut found = Vec::new();
            for table in ["sessions", "invitations", "api_tokens", "idempotency_records"] {
                found.push(count(&app, table).await);
            }
            found
        };
        assert_eq!(kept().await, [1, 1, 1, 1]);
        app.base.clock.advance(86_400 + 1);
        assert_eq!(app.run_jobs().await, 1);
        assert_eq!(kept().await, [0, 1, 1, 1]);
        // A token works for 90 days and is kept for 90 more; an invitation for 7 and 180.
        app.base.clock.advance(31 * 86_400);
        app.run_jobs().await;
        assert_eq!(kept().await, [0, 1, 1, 0]);
        app.base.clock.advance(150 * 86_400);
        app.run_jobs().await;
        assert_eq!(kept().await, [0, 1, 0, 0]);
        app.base.clock.advance(7 * 86_400);
        app.run_jobs().await;
        assert_eq!(kept().await, [0, 0, 0, 0]);
    }
}
