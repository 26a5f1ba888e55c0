//! Gap analyses: what they say, when they change, and who sees them.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

mod acts;

/// An institution's open programme with a lead firm's published requirement.
struct Scene {
    institution: Client,
    lead_firm: Client,
    programme: String,
    requirement: String,
}

/// At most 500 ppm, critical; on time at least 95 %; ISO 9001 or level 3 of control.
fn criteria() -> Value {
    json!([
        { "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 },
        { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 3 },
        { "question": "quality-iso-9001", "kind": "certificate", "necessity": "should", "weight": 50, "criticality": 1,
            "group": "certified" },
        { "question": "quality-control", "kind": "level", "minimum": 3, "necessity": "should", "weight": 50,
            "criticality": 1, "group": "own control" },
    ])
}

impl Scene {
    async fn set(app: &TestApp) -> Self {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Grande").await);
        let programme = json!({ "name": "Proveedores", "currency": "USD", "starts_on": "2026-01-01", "ends_on": "2027-12-31" });
        let begun = institution.post("/programmes", programme).await.expect(201);
        let programme = format!("/programmes/{}", begun.text("id"));
        let mut scene = Self { institution, lead_firm, programme, requirement: String::new() };
        let lead_firm = scene.lead_firm.clone();
        scene.take_in(&lead_firm).await;
        let etag = scene.institution.get(&scene.programme).await.expect(200).etag();
        scene.institution.post_if(&format!("{}/open", scene.programme), &etag, json!({})).await.expect(200);
        let lot = json!({ "name": "Buje", "process": "torneado", "unit": "pieza", "quantity": 10, "reference_price": "5" });
        let requirement = json!({ "programme": begun.text("id"), "title": "Bujes 2026", "lots": [lot], "criteria": criteria() });
        let posted = scene.lead_firm.post("/requirements", requirement).await.expect(201);
        scene.requirement = format!("/requirements/{}", posted.text("id"));
        let draft = scene.lead_firm.post(&scene.analyses(), json!({})).await.expect(409);
        assert_eq!(draft.code(), "wrong-state");
        let publish = format!("{}/publish", scene.requirement);
        scene.lead_firm.post_if(&publish, &posted.etag(), json!({})).await.expect(200);
        scene
    }

    async fn take_in(&self, firm: &Client) {
        let known = firm.get(&format!("/organisations/{}", firm.organisation())).await.expect(200);
        let member = json!({ "country": known.text("country"), "tax_id": known.text("tax_id") });
        self.institution.post(&format!("{}/members", self.programme), member).await.expect(201);
    }

    /// A supplier of the programme with a submitted diagnostic.
    async fn supplier(&self, app: &TestApp, answers: &[(&str, Value)]) -> Client {
        let supplier = app.supplier("Proveedor").await;
        self.take_in(&supplier).await;
        diagnose(&supplier, answers).await;
        supplier
    }

    fn analyses(&self) -> String {
        format!("{}/gap-analyses", self.requirement)
    }

    fn analysis_of(&self, supplier: &Client) -> String {
        format!("{}/{}", self.analyses(), supplier.organisation())
    }

    async fn compute(&self) {
        self.lead_firm.post(&self.analyses(), json!({})).await.expect(200);
    }

    /// The suppliers whose analyses the client is shown.
    async fn seen_by(&self, client: &Client) -> Vec<String> {
        let page = client.get(&self.analyses()).await.expect(200);
        let keys: Vec<_> = page.body.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["items", "next", "prev"], "nothing else, above all no count");
        let items = page.body["items"].as_array().unwrap().iter();
        items.map(|item| item["supplier"].as_str().unwrap().to_owned()).collect()
    }
}

async fn diagnose(supplier: &Client, answers: &[(&str, Value)]) -> String {
    let diagnostic =
        format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await.expect(201).text("id"));
    let mut etag = String::new();
    for (question, value) in answers {
        let mut body = json!({ "revision": 1 });
        body["value"] = value.clone();
        etag = supplier.put(&format!("{diagnostic}/answers/{question}"), body).await.expect(200).etag();
    }
    supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
    diagnostic
}

fn good() -> Vec<(&'static str, Value)> {
    vec![
        ("quality-defects-ppm", json!("400")),
        ("delivery-on-time", json!("96")),
        ("quality-iso-9001", json!(false)),
        ("quality-control", json!(4)),
    ]
}

on_both_engines! {
    async fn an_analysis_says_what_is_missing_and_how_much(app: TestApp) {
        let scene = Scene::set(&app).await;
        let green = scene.supplier(&app, &good()).await;
        let late = [("quality-defects-ppm", json!("400")), ("delivery-on-time", json!("76")), ("quality-control", json!(4))];
        let yellow = scene.supplier(&app, &late).await;
        let red = scene.supplier(&app, &[("quality-defects-ppm", json!("1000"))]).await;
        let unknown = app.supplier("Sin diagnóstico").await;
        scene.take_in(&unknown).await;
        scene.compute().await;

        let found = green.get(&scene.analysis_of(&green)).await.expect(200);
        assert_eq!((found.text("light"), found.text("fit")), ("green".to_owned(), "1".to_owned()));
        // Control does in place of the certificate.
        assert_eq!(found.text("group"), "own control");
        assert_eq!((found.text("lines/2/counts"), found.text("lines/2/outcome")), ("false".to_owned(), "not_met".to_owned()));

        let found = yellow.get(&scene.analysis_of(&yellow)).await.expect(200);
        assert_eq!((found.text("light"), found.body["reasons"].clone()), ("yellow".to_owned(), json!(["must_open"])));
        let gap = json!({ "amount": "19", "unit": "question", "share": "0.2", "priority": "0.6" });
        assert_eq!(found.body["lines"][1]["gap"], gap);
        // 100 of 100, 80 of 100 and 50 of 50.
        assert_eq!(found.text("fit"), "0.92");

        let found = red.get(&scene.analysis_of(&red)).await.expect(200);
        assert_eq!((found.text("light"), found.text("reasons/0")), ("red".to_owned(), "critical_open".to_owned()));
        assert_eq!(found.body["lines"][1]["unknown"], json!("not_answered"));
        assert_eq!(found.body["lines"][1]["gap"], Value::Null);

        let found = unknown.get(&scene.analysis_of(&unknown)).await.expect(200);
        assert_eq!((found.text("light"), found.text("reasons/0")), ("red".to_owned(), "no_diagnostic".to_owned()));
    }

    async fn everybody_sees_their_own_and_the_lead_firm_only_with_consent(app: TestApp) {
        let scene = Scene::set(&app).await;
        let one = scene.supplier(&app, &good()).await;
        let other = scene.supplier(&app, &good()).await;
        scene.compute().await;
        let id = |client: &Client| client.organisation().to_string();

        let mut all = vec![id(&one), id(&other)];
        all.sort();
        let mut seen = scene.seen_by(&scene.institution).await;
        seen.sort();
        assert_eq!(seen, all);
        assert_eq!(scene.seen_by(&one).await, [id(&one)]);
        assert_eq!(scene.seen_by(&scene.lead_firm).await, [""; 0]);
        let consent = format!("/consents/{}", scene.lead_firm.organisation());
        one.put(&consent, json!({})).await.expect(204);
        assert_eq!(scene.seen_by(&scene.lead_firm).await, [id(&one)]);
        scene.lead_firm.get(&scene.analysis_of(&one)).await.expect(200);

        // What may not be seen is answered exactly like what does not exist.
        let foreign = one.get(&scene.analysis_of(&other)).await.expect(404);
        let missing = one.get(&format!("{}/01890000-0000-7000-8000-000000000000", scene.analyses())).await.expect(404);
        assert_eq!(foreign.text("detail"), missing.text("detail"));
        scene.lead_firm.get(&scene.analysis_of(&other)).await.expect(404);

        one.delete(&consent).await.expect(204);
        assert_eq!(scene.seen_by(&scene.lead_firm).await, [""; 0]);
        scene.lead_firm.get(&scene.analysis_of(&one)).await.expect(404);
        // The supplier reads who looked at what under which consent; the other one has nothing to read.
        let log = one.get("/consents/log").await.expect(200);
        let lines = log.body["items"].as_array().unwrap().iter();
        let lines: Vec<_> = lines.map(|l| format!("{} {} {}", l["event"], l["purpose"], l["subject"])).collect();
        assert_eq!(
            lines,
            [r#""given" "gaps" null"#, r#""read" "gaps" "gap_analysis""#, r#""revoked" "gaps" null"#]
        );
        assert_eq!(other.get("/consents/log").await.expect(200).body["items"], json!([]));
    }

    async fn strangers_neither_see_nor_compute(app: TestApp) {
        let scene = Scene::set(&app).await;
        let supplier = scene.supplier(&app, &good()).await;
        scene.compute().await;
        let rival = app.lead_firm("Rival").await;
        // A member of the same programme is a stranger to the requirement as well.
        scene.take_in(&rival).await;
        supplier.put(&format!("/consents/{}", rival.organisation()), json!({})).await.expect(204);
        for stranger in [&rival, &app.institution().await, &app.supplier("Ajeno").await] {
            stranger.get(&scene.analyses()).await.expect(404);
            stranger.get(&scene.analysis_of(&supplier)).await.expect(404);
        }
        rival.post(&scene.analyses(), json!({})).await.expect(404);
        app.institution().await.post(&scene.analyses(), json!({})).await.expect(404);
        supplier.post(&scene.analyses(), json!({})).await.expect(403);
        scene.institution.post(&scene.analyses(), json!({})).await.expect(200);
    }

    async fn the_hash_changes_with_what_was_analysed_and_with_nothing_else(app: TestApp) {
        let scene = Scene::set(&app).await;
        let supplier = scene.supplier(&app, &good()).await;
        scene.compute().await;
        let read = async || supplier.get(&scene.analysis_of(&supplier)).await.expect(200);
        let first = read().await;
        app.base.clock.advance(3_600);
        // Others who come in change the best peer and the time, not what will be signed.
        for _ in 0..5 {
            scene.supplier(&app, &[("quality-defects-ppm", json!("50"))]).await;
        }
        scene.compute().await;
        let second = read().await;
        assert_eq!((first.text("id"), first.text("hash")), (second.text("id"), second.text("hash")));
        assert_ne!(first.etag(), second.etag());
        assert_eq!(first.body["best_peers"], json!([null, null, null, null]));
        assert_eq!(second.body["best_peers"], json!([{ "number": "50" }, null, null, null]));

        let mut later = good();
        later[1].1 = json!("97");
        diagnose(&supplier, &later).await;
        assert_eq!(read().await.text("hash"), first.text("hash"), "nothing changes before it is computed");
        scene.compute().await;
        assert_ne!(read().await.text("hash"), first.text("hash"));
    }

    async fn a_verifiers_answer_counts_in_the_analysis(app: TestApp) {
        let scene = Scene::set(&app).await;
        let supplier = app.supplier("Proveedor").await;
        scene.take_in(&supplier).await;
        let diagnostic = diagnose(&supplier, &good()).await;
        let seen = json!({ "provenance": "performance", "value": "900", "revision": 1 });
        scene.institution.put(&format!("{diagnostic}/verifications/quality-defects-ppm"), seen).await.expect(200);
        scene.compute().await;
        let found = supplier.get(&scene.analysis_of(&supplier)).await.expect(200);
        assert_eq!((found.text("light"), found.text("lines/0/provenance")), ("red".to_owned(), "performance".to_owned()));
        assert_eq!(found.body["lines"][0]["actual"], json!({ "number": "900" }));
    }

    async fn a_diagnostic_that_is_too_old_counts_no_more(app: TestApp) {
        let scene = Scene::set(&app).await;
        let supplier = scene.supplier(&app, &good()).await;
        let after = async |days: i64| {
            app.base.clock.advance(days * 86_400);
            // The tokens of a year ago have expired.
            let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
            officer.post(&scene.analyses(), json!({})).await.expect(200);
            let found = officer.get(&scene.analysis_of(&supplier)).await.expect(200);
            (found.text("light"), found.body["reasons"][0].clone())
        };
        // Its last day is the same day a year later.
        assert_eq!(after(365).await, ("green".to_owned(), Value::Null));
        assert_eq!(after(1).await, ("red".to_owned(), json!("diagnostic_expired")));
    }
}
