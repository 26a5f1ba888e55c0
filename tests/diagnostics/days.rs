//! A firm's diagnostic and its certificates go by the calendar of its country: the firms of these tests are in Nicaragua.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::{answer, begin};
use crate::{approvals::days::TO_THE_LAST_EVENING, support::Client};

/// From the evening of the tenth, 19:00 in Managua, to the first hours of the eleventh.
const TO_THE_NEXT_DAY: i64 = 6 * 3_600;

/// A submitted diagnostic with a certificate that expires on the tenth of March; its path.
async fn certified(supplier: &Client) -> String {
    let diagnostic = begin(supplier).await;
    for (question, value) in [("quality-iso-9001", json!("2026-03-10")), ("quality-control", json!(3))] {
        supplier.put(&format!("{diagnostic}/answers/{question}"), answer(value, 1)).await.expect(200);
    }
    supplier.move_on(&diagnostic, "submit").await;
    diagnostic
}

fn points(scores: &Value, dimension: &str) -> Value {
    let found = scores.as_array().unwrap().iter().find(|found| found["dimension"] == dimension).unwrap();
    found["points"].clone()
}

on_both_engines! {
    async fn a_certificate_is_scored_until_midnight_where_the_firm_is(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let diagnostic = certified(&supplier).await;
        let scores = async || {
            let scores = supplier.get(&format!("{diagnostic}/scores")).await.expect(200);
            (scores.text("on"), points(&scores.body["dimensions"], "quality"))
        };
        let certificate = json!({ "scheme": "ISO 9001:2015", "number": "QMS-4711", "issuer": "Certificadora del Sur",
            "scope": "Torneado", "issued_on": "2023-03-10", "expires_on": "2026-03-10" });
        supplier.post("/profile/certificates", certificate.clone()).await.expect(201);
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let in_force = async || supplier.get(&profile).await.expect(200).body["certificates"][0]["in_force"].clone();
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let evening = scores().await;
        assert_eq!((evening.0.as_str(), in_force().await), ("2026-03-10", json!(true)));
        let mut second = certificate.clone();
        second["number"] = json!("QMS-4712");
        assert_eq!(supplier.post("/profile/certificates", second.clone()).await.expect(201).body["in_force"], json!(true));
        let prefilled = async || {
            let draft = begin(&supplier).await;
            let seen = supplier.get(&draft).await.expect(200);
            let found = seen.body["prefilled"].as_array().unwrap().iter().any(|one| one["question"] == "quality-iso-9001");
            (draft, found)
        };
        let (draft, found) = prefilled().await;
        assert!(found, "it holds this evening");
        app.base.clock.advance(TO_THE_NEXT_DAY);
        let morning = scores().await;
        assert_eq!((morning.0.as_str(), in_force().await), ("2026-03-11", json!(false)));
        assert_ne!(evening.1, morning.1);
        second["number"] = json!("QMS-4713");
        assert_eq!(supplier.post("/profile/certificates", second).await.expect(201).body["in_force"], json!(false));
        let confirmed = json!({ "questions": ["quality-iso-9001"] });
        let late = supplier.post(&format!("{draft}/confirm"), confirmed.clone()).await.expect(422);
        assert_eq!(late.faults(), ["/questions/0 nothing-to-confirm"]);
        app.base.clock.advance(-TO_THE_NEXT_DAY);
        supplier.post(&format!("{draft}/confirm"), confirmed).await.expect(200);
    }

    async fn a_diagnostic_counts_from_the_day_on_which_the_firm_submits_it(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let first = certified(&supplier).await;
        assert_eq!(supplier.get(&first).await.expect(200).text("valid_until"), "2027-03-10");
        // The certificate counted in the first round, which was submitted on its last day, and not in the next.
        app.base.clock.advance(TO_THE_NEXT_DAY);
        let second = certified(&supplier).await;
        assert_eq!(supplier.get(&second).await.expect(200).text("valid_until"), "2027-03-11");
        let changes = supplier.get(&format!("{second}/changes")).await.expect(200);
        let questions = changes.body["questions"].as_array().unwrap();
        let found = questions.iter().find(|found| found["question"] == "quality-iso-9001").unwrap();
        assert_eq!((&found["points_before"], &found["points_after"]), (&json!("100.0"), &json!("0.0")));
        app.base.clock.advance(364 * 86_400);
        // Tokens end sooner than diagnostics.
        let reader = app.person(supplier.organisation(), Kind::Supplier, Role::SupplierReader).await;
        let expired = async || reader.get(&format!("{first}/scores")).await.expect(200).body["expired"].clone();
        assert_eq!(expired().await, json!(false), "one in the morning of the tenth there");
        app.base.clock.advance(86_400 - 2 * 3_600);
        assert_eq!(expired().await, json!(false), "eleven in the evening of the tenth there");
        app.base.clock.advance(2 * 3_600);
        assert_eq!(expired().await, json!(true));
    }
}
