//! What is a supplier's stays its own: consents per lead firm and purpose, and the log of what was read.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn stated(app: &TestApp) -> Client {
    let supplier = app.supplier("Uno").await;
    let sales =
        json!({ "annual_sales": { "amount": "120000000", "currency": "CLP" }, "as_of": "2026-01-31" });
    supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
    supplier
}

fn events(log: &Value) -> Vec<String> {
    let line =
        |line: &Value| format!("{} {}", line["event"].as_str().unwrap(), line["purpose"].as_str().unwrap());
    log["items"].as_array().unwrap().iter().map(line).collect()
}

on_both_engines! {
    async fn a_lead_firm_reads_a_profile_with_consent_for_it_and_the_supplier_knows(app: TestApp) {
        let (supplier, lead_firm, rival) = (stated(&app).await, app.lead_firm("Grande").await, app.lead_firm("Otra").await);
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let consent = format!("/consents/{}", lead_firm.organisation());
        // Without a word it is for the gaps, and not for the profile.
        supplier.put(&consent, json!({})).await.expect(204);
        lead_firm.get(&profile).await.expect(404);
        supplier.put(&consent, json!({ "purposes": ["profile", "gaps"] })).await.expect(204);
        let seen = lead_firm.get(&profile).await.expect(200);
        assert_eq!(seen.text("annual_sales/amount"), "120000000");
        lead_firm.get(&profile).await.expect(200);
        rival.get(&profile).await.expect(404);
        let log = supplier.get("/consents/log").await.expect(200);
        assert_eq!(events(&log.body), ["given gaps", "given profile", "read profile"]);
        assert_eq!(log.text("items/2/account"), lead_firm.get("/me").await.text("account/id"));
        assert_eq!(log.text("items/2/subject"), "profile");
        // An hour later it is another reading.
        app.base.clock.advance(3_601);
        lead_firm.get(&profile).await.expect(200);
        supplier.put(&consent, json!({ "purposes": ["gaps"] })).await.expect(204);
        lead_firm.get(&profile).await.expect(404);
        let listed = supplier.get("/consents").await.expect(200);
        assert_eq!((listed.body["items"].as_array().unwrap().len(), listed.text("items/0/purpose")), (1, "gaps".into()));
        supplier.delete(&consent).await.expect(204);
        supplier.delete(&consent).await.expect(404);
        assert_eq!(
            events(&supplier.get("/consents/log").await.body),
            ["given gaps", "given profile", "read profile", "read profile", "revoked profile", "revoked gaps"]
        );
        // Each reads its own log only.
        assert_eq!(app.supplier("Otro").await.get("/consents/log").await.expect(200).body["items"], json!([]));
        lead_firm.get("/consents/log").await.expect(403);
    }

    /// With consent for the diagnostic a lead firm sees scores per dimension, with their coverage, and neither an answer
    /// nor the diagnostic itself.
    async fn a_lead_firm_sees_the_scores_of_a_diagnostic_with_consent_for_it(app: TestApp) {
        let (supplier, lead_firm, rival) = (stated(&app).await, app.lead_firm("Grande").await, app.lead_firm("Otra").await);
        let path = format!("/suppliers/{}/diagnostic-scores", supplier.organisation());
        let missing = lead_firm.get("/suppliers/01890000-0000-7000-8000-000000000000/diagnostic-scores").await.expect(404);
        let consent = format!("/consents/{}", lead_firm.organisation());
        supplier.put(&consent, json!({ "purposes": ["diagnostic"] })).await.expect(204);
        assert_eq!(lead_firm.get(&path).await.expect(404).text("detail"), missing.text("detail"), "nothing is submitted");

        let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
        let diagnostic = format!("/diagnostics/{}", begun.text("id"));
        let answer = json!({ "revision": 1, "value": "400" });
        let etag = supplier.put(&format!("{diagnostic}/answers/quality-defects-ppm"), answer).await.expect(200).etag();
        lead_firm.get(&path).await.expect(404);
        supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
        let seen = lead_firm.get(&path).await.expect(200);
        let dimensions = seen.body["dimensions"].as_array().unwrap();
        let quality = dimensions.iter().find(|d| d["dimension"] == "quality").unwrap();
        assert!(!quality["points"].is_null() && dimensions.len() == 10, "{:#}", seen.body);
        let others = dimensions.iter().filter(|d| d["dimension"] != "quality");
        assert!(others.clone().all(|d| d["points"].is_null()), "{:#}", seen.body);
        let mut fields: Vec<_> = seen.body.as_object().unwrap().keys().cloned().collect();
        fields.sort();
        assert_eq!(fields, ["dimensions", "on", "submitted_at", "supplier", "valid_until", "whole"]);
        lead_firm.get(&diagnostic).await.expect(404);
        lead_firm.get(&format!("{diagnostic}/scores")).await.expect(404);
        lead_firm.get(&format!("{diagnostic}/evidence")).await.expect(404);
        let log = supplier.get("/consents/log").await.expect(200);
        assert_eq!(events(&log.body), ["given diagnostic", "read diagnostic"]);
        assert_eq!((log.text("items/1/subject"), log.text("items/1/subject_id")), ("diagnostic_scores".into(), begun.text("id")));

        // Consent for anything else does not open it, nor does somebody else's.
        assert_eq!(rival.get(&path).await.expect(404).text("detail"), missing.text("detail"));
        supplier.put(&consent, json!({ "purposes": ["gaps", "profile"] })).await.expect(204);
        assert_eq!(lead_firm.get(&path).await.expect(404).text("detail"), missing.text("detail"));
        supplier.get(&path).await.expect(403);
    }

    async fn what_the_supplier_itself_and_its_institution_read_leaves_no_trace(app: TestApp) {
        let (supplier, institution) = (stated(&app).await, app.institution().await);
        let programme = institution.programme(json!({})).await;
        institution.take_in(&programme, &[&supplier]).await;
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        for reader in [&supplier, &institution] {
            reader.get(&profile).await.expect(200);
        }
        assert_eq!(supplier.get("/consents/log").await.expect(200).body["items"], json!([]));
    }

    async fn a_profile_says_what_the_supplier_can_do_and_until_when_it_is_certified(app: TestApp) {
        let supplier = stated(&app).await;
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let process = json!({ "code": "73181001", "description": "Tres tornos CNC.", "since_year": 2011 });
        supplier.put("/profile/processes/torneado", process).await.expect(204);
        let wrong = json!({ "code": "7318", "since_year": 1700 });
        assert_eq!(
            supplier.put("/profile/processes/fresado", wrong).await.expect(422).faults(),
            ["/code not-a-unspsc-code", "/since_year out-of-range"]
        );
        let certificate = json!({
            "scheme": "ISO 9001:2015", "number": "CL-17", "issuer": "Bureau Veritas",
            "issued_on": "2023-03-03", "expires_on": "2026-03-02",
        });
        let added = supplier.post("/profile/certificates", certificate.clone()).await.expect(201);
        assert_eq!(added.body["in_force"], json!(true));
        assert_eq!(supplier.post("/profile/certificates", certificate).await.expect(422).faults(), ["/number twice"]);
        let backwards = json!({
            "scheme": "ISO", "number": "1", "issuer": "BV", "issued_on": "2026-01-02", "expires_on": "2026-01-01",
        });
        let refused = supplier.post("/profile/certificates", backwards).await.expect(422);
        assert_eq!(refused.faults(), ["/expires_on ends-before-start"]);
        let seen = supplier.get(&profile).await.expect(200);
        assert_eq!((seen.text("processes/0/code"), seen.text("source")), ("73181001".into(), "declared".into()));
        app.base.clock.advance(86_400);
        assert_eq!(supplier.get(&profile).await.expect(200).body["certificates"][0]["in_force"], json!(false));
        let path = format!("/profile/certificates/{}", added.text("id"));
        app.supplier("Otro").await.delete(&path).await.expect(404);
        supplier.delete(&path).await.expect(204);
        supplier.delete("/profile/processes/torneado").await.expect(204);
        supplier.delete("/profile/processes/torneado").await.expect(404);
        supplier.delete("/profile/capacities/torneado").await.expect(404);
        let seen = supplier.get(&profile).await.expect(200);
        assert_eq!((&seen.body["certificates"], &seen.body["processes"]), (&json!([]), &json!([])));
    }
}
