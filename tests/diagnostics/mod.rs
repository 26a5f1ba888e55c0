//! Diagnostics: answering, submitting, scoring, and who sees what.

mod assisted;
mod bucket;
mod days;
pub mod evidence;
pub mod rounds;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// A diagnostic that the client has begun: its path.
async fn begin(client: &Client) -> String {
    format!("/diagnostics/{}", client.post("/diagnostics", json!({})).await.expect(201).text("id"))
}

fn answer(value: Value, revision: i64) -> Value {
    let mut body = json!({ "revision": revision });
    body["value"] = value;
    body
}

/// A supplier that this institution has registered.
async fn supplier_of(app: &TestApp, institution: &Client) -> Client {
    use eslabon::foundation::access::{Kind, Role};
    let supplier =
        json!({ "kind": "supplier", "name": "Metalúrgica Uno", "country": "CL", "tax_id": "76.086.428-5" });
    let person = json!({ "email": "uno@uno.example", "name": "Uno", "password": crate::support::PASSWORD });
    let body = json!({ "organisation": supplier, "administrator": person, "privacy_notice": 1 });
    let id =
        institution.post("/organisations", body).await.expect(201).text("organisation/id").parse().unwrap();
    app.person(id, Kind::Supplier, Role::SupplierMember).await
}

on_both_engines! {
    async fn each_kind_of_firm_answers_its_own_instrument(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
        assert_eq!((begun.text("instrument"), begun.text("state")), ("supplier".to_owned(), "draft".to_owned()));
        assert_eq!(lead_firm.post("/diagnostics", json!({})).await.expect(201).text("instrument"), "lead-firm");
        // An institution is not diagnosed, by its role already.
        app.institution().await.post("/diagnostics", json!({})).await.expect(403);

        let codes = lead_firm.get("/instruments").await.expect(200);
        assert_eq!((codes.text("items/0/code"), codes.text("items/1/code")), ("supplier".to_owned(), "lead-firm".to_owned()));
        let instrument = supplier.get("/instruments/supplier").await.expect(200);
        assert_eq!(instrument.body["dimensions"].as_array().unwrap().len(), 10);
        supplier.get("/instruments/unknown").await.expect(404);
    }

    async fn one_diagnostic_at_a_time_is_under_way(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let first = supplier.post_once("/diagnostics", "k", json!({})).await.expect(201);
        assert_eq!(supplier.post("/diagnostics", json!({})).await.expect(409).code(), "diagnostic-under-way");
        // The same request again is the same diagnostic.
        assert_eq!(supplier.post_once("/diagnostics", "k", json!({})).await.expect(201).text("id"), first.text("id"));
    }

    async fn an_older_revision_never_overwrites(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        let question = format!("{diagnostic}/answers/quality-control");
        supplier.put(&question, answer(json!(3), 5)).await.expect(200);
        let late = supplier.put(&question, answer(json!(1), 4)).await.expect(409);
        assert_eq!(late.code(), "older-revision");
        assert!(late.text("detail").contains('5'), "{:#}", late.body);
        // In words, and not as they are kept.
        assert!(late.text("detail").contains(": 3. ") && !late.text("detail").contains('{'), "{:#}", late.body);
        // Another answer under the same revision is no repetition; the same answer is.
        supplier.put(&question, answer(json!(2), 5)).await.expect(409);
        supplier.put(&question, answer(json!(3), 5)).await.expect(200);
        let kept = supplier.get(&diagnostic).await.expect(200);
        assert_eq!(kept.body["answers"][0]["answer"], json!({ "level": 3 }));
        assert_eq!(kept.body["answers"].as_array().unwrap().len(), 1);
        supplier.put(&question, answer(json!(1), 6)).await.expect(200);
        assert_eq!(supplier.get(&diagnostic).await.expect(200).body["answers"][0]["answer"], json!({ "level": 1 }));
    }

    async fn a_wrong_answer_is_refused_with_what_would_do(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        let refused = supplier.put(&format!("{diagnostic}/answers/quality-control"), answer(json!(7), 1)).await.expect(422);
        assert_eq!(refused.faults(), ["/value no-such-level"]);
        assert!(refused.text("errors/0/detail").contains("0, 1, 2, 3, 4"), "{:#}", refused.body);
        let number = supplier.put(&format!("{diagnostic}/answers/delivery-on-time"), answer(json!("101"), 1)).await;
        assert_eq!(number.expect(422).faults(), ["/value out-of-range"]);
        let nothing = supplier.put(&format!("{diagnostic}/answers/quality-control"), json!({ "colour": 1 })).await;
        assert_eq!(
            nothing.expect(422).faults(),
            ["/colour unknown-field", "/revision required", "/value answer-or-not-applicable"]
        );
        supplier.put(&format!("{diagnostic}/answers/no-such-question"), answer(json!(1), 1)).await.expect(404);
        assert_eq!(supplier.get(&diagnostic).await.expect(200).body["answers"], json!([]));
    }

    async fn every_kind_of_answer_comes_back_as_it_was_given(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        for (question, value, kept) in [
            ("delivery-on-time", json!("97.5"), json!({ "number": "97.5" })),
            ("environment-taxes", json!(true), json!({ "boolean": true })),
            ("quality-iso-9001", json!("2027-01-31"), json!({ "certificate": "2027-01-31" })),
            ("environment-iso-14001", json!(false), json!({ "certificate": null })),
        ] {
            let saved = supplier.put(&format!("{diagnostic}/answers/{question}"), answer(value, 1)).await.expect(200);
            assert_eq!(saved.body["answer"], kept);
        }
        let away = json!({ "not_applicable": true, "revision": 1 });
        let saved = supplier.put(&format!("{diagnostic}/answers/technology-design"), away).await.expect(200);
        assert_eq!(saved.body["answer"], json!("not_applicable"));
    }

    async fn a_submitted_diagnostic_stands_for_a_year_and_is_no_longer_changed(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        let submit = format!("{diagnostic}/submit");
        assert_eq!(supplier.post_if(&submit, "\"1\"", json!({})).await.expect(409).code(), "diagnostic-empty");
        let question = format!("{diagnostic}/answers/quality-control");
        let saved = supplier.put(&question, answer(json!(3), 1)).await.expect(200);
        supplier.post(&submit, json!({})).await.expect(428);
        supplier.post_if(&submit, "\"1\"", json!({})).await.expect(412);
        let submitted = supplier.post_if(&submit, &saved.etag(), json!({})).await.expect(200);
        assert_eq!(submitted.text("valid_until"), "2027-03-02");
        let late = supplier.put(&question, answer(json!(4), 2)).await.expect(409);
        assert_eq!(late.code(), "wrong-state");
        assert_eq!(supplier.get(&diagnostic).await.expect(200).body["answers"][0]["answer"], json!({ "level": 3 }));
        // Now there may be a next one.
        let next = begin(&supplier).await;
        assert_ne!(next, diagnostic);
        let listed = supplier.get("/diagnostics").await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
    }

    async fn scores_show_their_coverage_and_what_knocks_out(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = begin(&supplier).await;
        let empty = supplier.get(&format!("{diagnostic}/scores")).await.expect(200);
        assert_eq!(empty.body["whole"], json!({ "points": null, "coverage": "0", "band": null }));
        supplier.put(&format!("{diagnostic}/answers/quality-control"), answer(json!(0), 1)).await.expect(200);
        supplier.put(&format!("{diagnostic}/answers/quality-standards"), answer(json!(3), 1)).await.expect(200);
        let scores = supplier.get(&format!("{diagnostic}/scores")).await.expect(200);
        let quality = json!({ "dimension": "quality", "points": "37.5", "coverage": "0.315789", "band": "below_average" });
        assert_eq!(scores.body["dimensions"][3], quality);
        assert_eq!(scores.body["knocked_out"], json!(["quality-control"]));
    }

    async fn nobody_else_sees_a_diagnostic_but_the_institutions_that_work_with_the_firm(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let diagnostic = begin(&supplier).await;
        let listed = format!("/diagnostics?organisation={}", supplier.organisation());
        for path in [diagnostic.as_str(), &format!("{diagnostic}/scores"), &listed] {
            institution.get(path).await.expect(200);
            for stranger in [&app.supplier("Otro").await, &app.lead_firm("Grande").await, &app.institution().await] {
                stranger.get(path).await.expect(404);
            }
            app.anonymous().get(path).await.expect(401);
        }
        let question = format!("{diagnostic}/answers/quality-control");
        app.supplier("Otro").await.put(&question, answer(json!(4), 9)).await.expect(404);
        app.supplier("Otro").await.post_if(&format!("{diagnostic}/submit"), "\"1\"", json!({})).await.expect(404);
        // Seeing is not answering.
        institution.put(&question, answer(json!(4), 9)).await.expect(403);
    }

    async fn a_verifiers_answer_stands_beside_and_counts(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let diagnostic = begin(&supplier).await;
        let question = format!("{diagnostic}/answers/quality-control");
        let saved = supplier.put(&question, answer(json!(4), 1)).await.expect(200);
        let verification = format!("{diagnostic}/verifications/quality-control");
        let seen = json!({ "provenance": "visit", "value": 2, "revision": 1 });
        assert_eq!(institution.put(&verification, seen.clone()).await.expect(409).code(), "wrong-state");
        supplier.post_if(&format!("{diagnostic}/submit"), &saved.etag(), json!({})).await.expect(200);
        supplier.put(&verification, seen.clone()).await.expect(403);
        app.institution().await.put(&verification, seen.clone()).await.expect(404);
        institution.put(&verification, seen).await.expect(200);
        let claimed = json!({ "provenance": "self_declared", "value": 2, "revision": 1 });
        assert_eq!(institution.put(&verification, claimed).await.expect(422).faults(), ["/provenance unknown-word"]);

        let answers = supplier.get(&diagnostic).await.expect(200).body["answers"].clone();
        let shown: Vec<_> = answers.as_array().unwrap().iter().map(|a| (a["provenance"].clone(), a["answer"]["level"].clone())).collect();
        assert_eq!(shown, [(json!("self_declared"), json!(4)), (json!("visit"), json!(2))]);
        let scores = supplier.get(&format!("{diagnostic}/scores")).await.expect(200);
        assert_eq!(scores.body["dimensions"][3]["points"], json!("50.0"));
    }
}
