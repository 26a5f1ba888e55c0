//! An adviser's visit: with the supplier's mandate it answers for the firm, which confirms and submits itself.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    support::{Answer, Client, TestApp},
};

struct Visit {
    scene: Scene,
    supplier: Client,
    adviser: Client,
    diagnostic: String,
}

impl Visit {
    async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app, "0").await;
        let supplier = scene.supplier(app, "1000").await;
        let adviser = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
        let diagnostic = format!("/diagnostics/{}", begun.text("id"));
        Self { scene, supplier, adviser, diagnostic }
    }

    async fn mandate(&self, account: Option<&str>, until: &str) -> Answer {
        let body = json!({ "institution": self.scene.institution.organisation(), "account": account,
            "scope": "diagnostic", "purpose": "Responder durante la visita al taller.", "until": until });
        self.supplier.post("/mandates", body).await
    }

    async fn enter(&self, adviser: &Client, question: &str, revision: i64, value: Value) -> Answer {
        let path = format!("{}/assisted-answers/{question}", self.diagnostic);
        adviser.put(&path, json!({ "revision": revision, "value": value })).await
    }
}

async fn account(client: &Client) -> String {
    client.get("/me").await.expect(200).text("account/id")
}

on_both_engines! {
    async fn an_adviser_answers_with_a_mandate_and_the_firm_confirms(app: TestApp) {
        let visit = Visit::set(&app).await;
        let (supplier, adviser, diagnostic) = (&visit.supplier, &visit.adviser, &visit.diagnostic);
        // Without a mandate there is nothing to answer, for a firm's people it is not theirs to do.
        assert_eq!(visit.enter(adviser, "quality-control", 1, json!(3)).await.expect(409).code(), "no-mandate");
        visit.enter(supplier, "quality-control", 1, json!(3)).await.expect(403);
        let id = account(adviser).await;
        let given = visit.mandate(Some(&id), "2026-03-03").await.expect(201);
        assert_eq!(given.text("state"), "in_force");
        // Another officer has none, nor has another institution's.
        assert_eq!(visit.enter(&visit.scene.institution, "quality-control", 1, json!(3)).await.expect(409).code(), "no-mandate");
        visit.enter(&app.institution().await, "quality-control", 1, json!(3)).await.expect(404);
        let own = format!("{diagnostic}/answers/people-training");
        supplier.put(&own, json!({ "revision": 1, "value": 2 })).await.expect(200);
        let entered = visit.enter(adviser, "quality-control", 1, json!(3)).await.expect(200);
        assert_eq!((entered.text("provenance"), entered.text("assisted/by")), ("self_declared".into(), id.clone()));
        assert_eq!(entered.text("assisted/mandate"), given.text("id"));
        visit.enter(adviser, "quality-standards", 1, json!(2)).await.expect(200);
        assert_eq!(visit.enter(adviser, "people-training", 2, json!(4)).await.expect(409).code(), "answered-by-the-firm");

        // The firm submits nothing that it has not confirmed, or answered itself.
        let submit = async || {
            let etag = supplier.get(diagnostic).await.expect(200).etag();
            supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await
        };
        let refused = submit().await.expect(409);
        assert_eq!(refused.code(), "assisted-not-confirmed");
        assert!(refused.text("detail").contains("quality-control, quality-standards"), "{:#}", refused.body);
        let confirm = format!("{diagnostic}/assisted-answers/confirm");
        let faulty = supplier.post(&confirm, json!({ "questions": ["quality-control", "people-training"] })).await.expect(422);
        assert_eq!(faulty.faults(), ["/questions/1 nothing-to-confirm"]);
        adviser.post(&confirm, json!({ "questions": ["quality-control"] })).await.expect(403);
        supplier.post(&confirm, json!({ "questions": ["quality-control"] })).await.expect(200);
        // What the adviser changes afterwards is confirmed anew.
        let changed = visit.enter(adviser, "quality-control", 2, json!(4)).await.expect(200);
        assert!(changed.body["assisted"]["confirmed_at"].is_null());
        assert!(submit().await.expect(409).text("detail").contains("quality-control, quality-standards"));
        supplier.post(&confirm, json!({ "questions": ["quality-control"] })).await.expect(200);
        let itself = json!({ "revision": 2, "value": 4 });
        supplier.put(&format!("{diagnostic}/answers/quality-standards"), itself).await.expect(200);
        submit().await.expect(200);
        // Who entered what stays to be seen.
        let read = visit.scene.institution.get(diagnostic).await.expect(200);
        let by = |question: &str| {
            let answers = read.body["answers"].as_array().unwrap();
            answers.iter().find(|answer| answer["question"] == question).unwrap()["assisted"].clone()
        };
        assert_eq!(by("quality-control")["by"], json!(id));
        assert!(by("quality-control")["confirmed_at"].is_string());
        assert_eq!((by("quality-standards"), by("people-training")), (Value::Null, Value::Null));
        assert_eq!(visit.enter(adviser, "quality-control", 3, json!(1)).await.expect(409).code(), "wrong-state");
    }

    async fn a_mandate_ends_by_its_day_or_when_it_is_revoked(app: TestApp) {
        let visit = Visit::set(&app).await;
        let given = visit.mandate(None, "2026-03-10").await.expect(201);
        let path = format!("/mandates/{}", given.text("id"));
        for reader in [&visit.supplier, &visit.adviser, &visit.scene.institution] {
            reader.get(&path).await.expect(200);
        }
        for stranger in [&app.institution().await, &visit.scene.supplier(&app, "1000").await, &visit.scene.lead_firm(&app, "Grande").await] {
            stranger.get(&path).await.expect(404);
            assert_eq!(stranger.get("/mandates").await.expect(200).body["items"], json!([]));
        }
        visit.enter(&visit.adviser, "quality-control", 1, json!(3)).await.expect(200);
        let member = app.person(visit.supplier.organisation(), Kind::Supplier, Role::SupplierMember).await;
        member.post_if(&format!("{path}/revoke"), "\"1\"", json!({})).await.expect(403);
        let revoked = visit.supplier.post_if(&format!("{path}/revoke"), "\"1\"", json!({})).await.expect(200);
        assert_eq!(revoked.text("state"), "revoked");
        assert_eq!(visit.enter(&visit.adviser, "quality-control", 2, json!(4)).await.expect(409).code(), "no-mandate");
        // Another until today: tomorrow it is over.
        let id = visit.mandate(None, "2026-03-02").await.expect(201).text("id");
        visit.enter(&visit.adviser, "quality-control", 2, json!(4)).await.expect(200);
        app.base.clock.advance(86_400);
        assert_eq!(visit.enter(&visit.adviser, "quality-control", 3, json!(5)).await.expect(409).code(), "no-mandate");
        let path = format!("/mandates/{id}");
        assert_eq!(visit.supplier.get(&path).await.expect(200).text("state"), "expired");
        assert_eq!(visit.supplier.post_if(&format!("{path}/revoke"), "\"1\"", json!({})).await.expect(409).code(), "wrong-state");
        // A mandate names an institution of one's own, a person there, and a day to come.
        assert_eq!(visit.mandate(None, "2026-03-02").await.expect(422).faults(), ["/until in-the-past"]);
        let own = account(&visit.supplier).await;
        assert_eq!(visit.mandate(Some(&own), "2026-04-02").await.expect(422).faults(), ["/account no-person-of-the-institution"]);
        let body = json!({ "institution": app.institution().await.organisation(), "scope": "diagnostic",
            "purpose": "Responder durante la visita.", "until": "2026-04-02" });
        let refused = visit.supplier.post("/mandates", body).await.expect(422);
        assert_eq!(refused.faults(), ["/institution not-an-institution-of-yours"]);
    }
}
