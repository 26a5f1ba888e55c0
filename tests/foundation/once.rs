//! A request that is sent twice has one effect and one answer.

use std::collections::BTreeSet;

use eslabon::{
    app,
    foundation::{Base, db::Db, ids::Ids},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

/// How many entries of the trail there are for an operation.
async fn entries_of(app: &TestApp, operation: &str) -> i64 {
    let sql = format!("SELECT count(*) AS n FROM audit_entries WHERE operation = '{operation}'");
    let db = app.base.db.reads();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

fn registration(email: &str) -> serde_json::Value {
    json!({
        "organisation": { "kind": "supplier", "name": "Andes", "country": "CL", "tax_id": "76.086.428-5" },
        "administrator": { "email": email, "name": "Ana Rojas", "password": PASSWORD },
        "privacy_notice": 1,
    })
}

on_both_engines! {
    async fn a_repetition_gets_the_first_answer_also_after_a_restart(app: TestApp) {
        let institution = app.institution().await;
        let group = json!({ "name": "Grupo Austral" });
        let first = institution.post_once("/buyer-groups", "k-1", group.clone()).await.expect(201);
        let again = institution.post_once("/buyer-groups", "k-1", group.clone()).await.expect(201);
        assert_eq!(first.body, again.body);
        assert_eq!(first.etag(), again.etag());
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(institution.get("/buyer-groups").await.body["items"].as_array().unwrap().len(), 1);

        let restarted = app.restart().await;
        let institution = restarted.with_token_of(&institution);
        let later = institution.post_once("/buyer-groups", "k-1", group).await.expect(201);
        assert_eq!(first.body, later.body);
    }

    async fn a_key_with_another_body_is_refused(app: TestApp) {
        let institution = app.institution().await;
        institution.post_once("/buyer-groups", "k-1", json!({ "name": "Uno" })).await.expect(201);
        let other = institution.post_once("/buyer-groups", "k-1", json!({ "name": "Dos" })).await.expect(422);
        assert_eq!(other.code(), "idempotency-key-reused");
    }

    async fn a_key_belongs_to_its_account(app: TestApp) {
        let (one, other) = (app.institution().await, app.institution().await);
        let first = one.post_once("/buyer-groups", "k-1", json!({ "name": "Uno" })).await.expect(201);
        let second = other.post_once("/buyer-groups", "k-1", json!({ "name": "Uno" })).await.expect(201);
        assert_ne!(first.text("id"), second.text("id"));
    }

    async fn a_failure_keeps_no_answer(app: TestApp) {
        let institution = app.institution().await;
        institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        institution.post_once("/buyer-groups", "k-1", json!({ "name": "Uno" })).await.expect(422);
        let mended = institution.post_once("/buyer-groups", "k-1", json!({ "name": "Dos" })).await.expect(201);
        assert_eq!(mended.text("name"), "Dos");
    }

    /// On two instances: who comes second waits for the first, whichever of them has it, and gets its answer.
    async fn a_hundred_at_the_same_moment_have_one_effect_and_one_answer(app: TestApp) {
        let institution = app.institution().await;
        let second = Base { db: Db::connect(app.url()).await.unwrap(), ids: Ids::seeded(99), ..app.base.clone() };
        let elsewhere = institution.on(app::router(&second));
        let entries = entries_of(&app, "buyer_groups.create").await;
        let tries = (0..100).map(|at| {
            let institution = if at % 2 == 0 { institution.clone() } else { elsewhere.clone() };
            tokio::spawn(async move {
                institution.post_once("/buyer-groups", "k-1", json!({ "name": "Uno" })).await.expect(201)
            })
        });
        let mut answers = BTreeSet::new();
        let mut first = 0;
        for attempt in tries.collect::<Vec<_>>() {
            let answer = attempt.await.unwrap();
            first += u32::from(!answer.headers.contains_key("idempotent-replayed"));
            answers.insert((answer.bytes.clone(), answer.etag()));
        }
        assert_eq!((answers.len(), first), (1, 1), "{answers:?}");
        assert_eq!(institution.get("/buyer-groups").await.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(entries_of(&app, "buyer_groups.create").await, entries + 1);
    }

    async fn a_secret_is_answered_once_and_never_kept(app: TestApp) {
        let visitor = app.anonymous();
        visitor.post("/organisations", registration("ana@andes.example")).await.expect(201);
        let login = json!({ "email": "ana@andes.example", "password": PASSWORD });
        let first = visitor.post_once("/tokens", "k-1", login.clone()).await.expect(201);
        assert!(first.text("secret").starts_with("esl_"));
        let again = visitor.post_once("/tokens", "k-1", login).await.expect(201);
        assert_eq!(again.body, json!({ "code": "secret-shown-once" }));
    }
}
