//! Rounds: re-diagnosis, what changed, what is prefilled; and instruments that institutions make.

use serde_json::{Value, json};

use super::{answer, begin, supplier_of};
use crate::support::Client;

async fn give(client: &Client, diagnostic: &str, answers: &[(&str, Value)]) {
    for (question, value) in answers {
        let path = format!("{diagnostic}/answers/{question}");
        client.put(&path, answer(value.clone(), 1)).await.expect(200);
    }
}

async fn submit(client: &Client, diagnostic: &str) {
    let etag = client.get(diagnostic).await.expect(200).etag();
    client.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
}

fn id(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

pub fn own_instrument(code: &str) -> Value {
    json!({
        "code": code, "kind": "supplier",
        "title": { "es": "Taller metalmecánico", "en": "Metalworking shop" },
        "about": { "es": "Responda según lo que hace hoy.", "en": "Answer by what you do today." },
        "dimensions": [{ "code": "soldadura", "weight": 1, "es": "Soldadura", "en": "Welding" }],
        "questions": [{
            "code": "soldadura-calificada", "dimension": "soldadura", "weight": 1, "minimum": 50,
            "text": { "es": "¿Están calificados sus soldadores?", "en": "Are your welders qualified?" },
            "evidence": { "es": "Certificados vigentes.", "en": "Certificates in force." },
            "kind": "boolean",
            "no": { "points": 0, "es": "No todos.", "en": "Not all." },
            "yes": { "points": 100, "es": "Todos.", "en": "All." },
        }],
    })
}

on_both_engines! {
    async fn a_conflict_tells_both_answers(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let question = format!("{}/answers/quality-control", begin(&supplier).await);
        supplier.put(&question, answer(json!(3), 5)).await.expect(200);
        let late = supplier.put(&question, answer(json!(1), 4)).await.expect(409);
        let detail = late.text("detail");
        assert!(detail.contains(": 3. ") && detail.contains(": 1. ") && detail.contains('5'), "{detail}");
    }

    async fn a_certificate_of_the_profile_is_suggested_and_not_asked_again(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let draft = begin(&supplier).await;
        let suggested = async || {
            let read = supplier.get(&draft).await.expect(200);
            let all = read.body["prefilled"].as_array().unwrap().clone();
            all.into_iter().find(|one| one["question"] == "quality-iso-9001")
        };
        let certificate = |scheme: &str, number: &str, last: Value| json!({ "scheme": scheme, "number": number,
            "issuer": "Certificadora del Sur", "scope": "Torneado", "issued_on": "2023-03-10", "expires_on": last });
        // Another standard, one that has expired, and one without an end answer nothing.
        for (scheme, number, last) in [
            ("ISO 14001:2015", "1", json!("2028-01-31")), ("ISO 9001:2008", "2", json!("2026-01-31")),
            ("ISO 9001:2015", "3", Value::Null), ("Norma 9001", "4", json!("2028-01-31")),
        ] {
            supplier.post("/profile/certificates", certificate(scheme, number, last)).await.expect(201);
        }
        assert_eq!(suggested().await, None);
        for (number, last) in [("5", "2027-01-31"), ("6", "2028-01-31")] {
            supplier.post("/profile/certificates", certificate("ISO 9001:2015", number, json!(last))).await.expect(201);
        }
        let found = suggested().await.unwrap();
        assert_eq!((&found["answer"], &found["issuer"], &found["source"]),
            (&json!({ "certificate": "2028-01-31" }), &json!("Certificadora del Sur"), &json!("profile")));
        supplier.post(&format!("{draft}/confirm"), json!({ "questions": ["quality-iso-9001"] })).await.expect(200);
        assert_eq!(suggested().await, None, "it is answered");
        let read = supplier.get(&draft).await.expect(200);
        assert_eq!(read.body["answers"][0]["answer"], json!({ "certificate": "2028-01-31" }));
    }

    async fn a_round_shows_what_changed_since_the_one_before(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let first = begin(&supplier).await;
        assert_eq!(supplier.get(&format!("{first}/changes")).await.expect(409).code(), "first-round");
        give(&supplier, &first, &[
            ("quality-control", json!(1)), ("quality-standards", json!(3)), ("delivery-on-time", json!("80")),
            ("environment-permits", json!(true)),
        ]).await;
        submit(&supplier, &first).await;
        app.base.clock.advance(20 * 86_400);
        let second = begin(&supplier).await;
        give(&supplier, &second, &[
            ("quality-control", json!(3)), ("quality-standards", json!(2)), ("delivery-on-time", json!("80")),
            ("people-training", json!(2)),
        ]).await;
        supplier.put(&format!("{second}/answers/environment-permits"), json!({ "not_applicable": true, "revision": 1 })).await.expect(200);
        submit(&supplier, &second).await;
        let changes = institution.get(&format!("{second}/changes")).await.expect(200);
        assert_eq!(changes.text("since"), id(&first));
        let found: Vec<_> = changes.body["questions"].as_array().unwrap().iter()
            .map(|q| format!("{} {}", q["question"].as_str().unwrap(), q["change"].as_str().unwrap())).collect();
        assert_eq!(found, [
            "delivery-on-time same", "environment-permits not_comparable", "people-training new",
            "quality-control better", "quality-standards worse",
        ]);
        let quality = changes.body["dimensions"].as_array().unwrap().iter().find(|d| d["dimension"] == "quality").unwrap();
        // (25 + 75) / 2 before, (75 + 50) / 2 after.
        assert_eq!((&quality["before"]["points"], &quality["after"]["points"]), (&json!("50.0"), &json!("62.5")));
        assert_eq!(changes.body["questions"][3]["points_before"], "25.0");

        let named = supplier.get(&format!("{second}/changes?since={}", id(&first))).await.expect(200);
        assert_eq!(named.body, changes.body);
        let other = app.supplier("Otra").await;
        for since in [id(&begin(&other).await), id(&second), "01890000-0000-7000-8000-000000000000".to_owned()] {
            let refused = supplier.get(&format!("{second}/changes?since={since}")).await.expect(422);
            assert_eq!(refused.faults(), ["/since no-such-round"]);
        }
        other.get(&format!("{second}/changes")).await.expect(404);
    }

    async fn what_is_known_is_prefilled_and_counts_once_it_is_confirmed(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let first = begin(&supplier).await;
        assert_eq!(supplier.get(&first).await.body["prefilled"], json!([]));
        give(&supplier, &first, &[
            ("quality-control", json!(3)), ("customers-largest-share", json!("12")), ("quality-iso-9001", json!("2026-03-10")),
            ("environment-iso-14001", json!("2027-06-30")),
        ]).await;
        submit(&supplier, &first).await;

        app.base.clock.advance(20 * 86_400);
        let sales = json!({ "annual_sales": { "amount": "1000000", "currency": "CLP" }, "as_of": "2026-03-20" });
        supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
        let to_one = json!({ "amount": { "amount": "333333", "currency": "CLP" }, "as_of": "2026-03-20" });
        supplier.put(&format!("/profile/sales/{}", lead_firm.organisation()), to_one).await.expect(200);

        let second = begin(&supplier).await;
        let read = supplier.get(&second).await.expect(200);
        let found: Vec<_> = read.body["prefilled"].as_array().unwrap().iter()
            .map(|p| (p["question"].as_str().unwrap(), p["source"].as_str().unwrap(), p["answer"].to_string())).collect();
        // The ISO 9001 certificate has expired since: it is asked again.
        assert_eq!(found, [
            ("customers-largest-share", "profile", r#"{"number":"33.3"}"#.to_owned()),
            ("quality-control", "last_round", r#"{"level":3}"#.to_owned()),
            ("environment-iso-14001", "last_round", r#"{"certificate":"2027-06-30"}"#.to_owned()),
        ]);
        assert_eq!(supplier.get(&format!("{second}/scores")).await.body["whole"]["points"], Value::Null);

        let confirm = format!("{second}/confirm");
        let wrong = json!({ "questions": ["quality-iso-9001", "quality-control"] });
        assert_eq!(supplier.post(&confirm, wrong).await.expect(422).faults(), ["/questions/0 nothing-to-confirm"]);
        assert_eq!(supplier.post(&confirm, json!({})).await.expect(422).faults(), ["/questions required"]);
        let confirmed = supplier.post(&confirm, json!({ "questions": ["quality-control", "quality-control"] })).await.expect(200);
        assert_eq!(confirmed.etag(), "\"2\"");
        let read = supplier.get(&second).await.expect(200);
        assert_eq!(read.body["answers"].as_array().unwrap().len(), 1);
        assert_eq!((read.text("answers/0/question"), read.text("answers/0/revision")), ("quality-control".into(), "1".into()));
        assert_eq!(read.body["prefilled"].as_array().unwrap().len(), 2);
        // Answered otherwise, it is not suggested any more.
        give(&supplier, &second, &[("customers-largest-share", json!("40"))]).await;
        assert_eq!(supplier.get(&second).await.body["prefilled"].as_array().unwrap().len(), 1);
        app.supplier("Ajena").await.post(&confirm, json!({ "questions": ["quality-control"] })).await.expect(404);
        submit(&supplier, &second).await;
        assert_eq!(supplier.get(&second).await.body["prefilled"], json!([]));
        assert_eq!(supplier.post(&confirm, json!({ "questions": ["quality-control"] })).await.expect(409).code(), "wrong-state");
    }

    async fn an_older_version_of_an_instrument_can_still_be_read(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let now = supplier.get("/instruments/supplier").await.expect(200);
        let then = supplier.get("/instruments/supplier?version=1").await.expect(200);
        assert_eq!((now.text("version"), then.text("version")), ("2".to_owned(), "1".to_owned()));
        assert!(now.body["questions"].as_array().unwrap().len() >= 60);
        supplier.get("/instruments/supplier?version=9").await.expect(404);
    }

    async fn an_institution_makes_an_instrument_for_the_firms_that_it_works_with(app: TestApp) {
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let made = institution.post("/instruments", own_instrument("metalmecanica")).await.expect(201);
        let path = format!("/instruments/{}", made.text("id"));
        assert_eq!((made.text("state"), made.text("version"), made.etag()), ("draft".into(), "1".into(), "\"1\"".into()));
        let again = institution.post("/instruments", own_instrument("metalmecanica")).await.expect(409);
        assert_eq!(again.code(), "instrument-under-way");
        assert_eq!(institution.post("/instruments", own_instrument("supplier")).await.expect(422).faults(), ["/code code-is-shipped"]);

        // Nobody else sees a draft, and nobody answers it.
        supplier.get(&path).await.expect(404);
        let on_it = json!({ "instrument": made.text("id") });
        assert_eq!(supplier.post("/diagnostics", on_it.clone()).await.expect(422).faults(), ["/instrument no-such-instrument"]);
        institution.put_if(&path, "\"1\"", own_instrument("otro")).await.expect(422);
        let mut better = own_instrument("metalmecanica");
        better["questions"][0]["minimum"] = json!(100);
        institution.put_if(&path, "\"1\"", better.clone()).await.expect(200);
        institution.post_if(&format!("{path}/publish"), "\"1\"", json!({})).await.expect(412);
        institution.post_if(&format!("{path}/publish"), "\"2\"", json!({})).await.expect(200);
        assert_eq!(institution.put_if(&path, "\"3\"", better).await.expect(409).code(), "wrong-state");

        let listed = supplier.get("/instruments").await.expect(200);
        assert_eq!(listed.text("items/2/id"), made.text("id"));
        let (stranger, elsewhere) = (app.supplier("Ajena").await, app.institution().await);
        for outsider in [&stranger, &elsewhere] {
            outsider.get(&path).await.expect(404);
            assert_eq!(outsider.get("/instruments").await.body["items"].as_array().unwrap().len(), 2);
        }
        assert_eq!(stranger.post("/diagnostics", on_it.clone()).await.expect(422).faults(), ["/instrument no-such-instrument"]);
        elsewhere.put_if(&path, "\"3\"", own_instrument("metalmecanica")).await.expect(404);

        let begun = supplier.post("/diagnostics", on_it).await.expect(201);
        assert_eq!(begun.text("instrument"), "metalmecanica");
        let diagnostic = format!("/diagnostics/{}", begun.text("id"));
        give(&supplier, &diagnostic, &[("soldadura-calificada", json!(false))]).await;
        submit(&supplier, &diagnostic).await;
        assert_eq!(institution.get(&format!("{diagnostic}/scores")).await.body["knocked_out"], json!(["soldadura-calificada"]));

        // The next version is another instrument; what was answered stays on its own.
        let next = institution.post("/instruments", own_instrument("metalmecanica")).await.expect(201);
        assert_eq!(next.text("version"), "2");
        assert_eq!(supplier.get(&diagnostic).await.text("instrument_version"), "1");
    }

    /// A criterion may name a question of an institution's instrument.
    async fn gaps_are_measured_on_an_institutions_questions_too(app: TestApp) {
        use eslabon::{diagnostics::{Standing, instrument, store}, foundation::access::{Actor, Kind}};
        let institution = app.institution().await;
        let supplier = supplier_of(&app, &institution).await;
        let shipped = begin(&supplier).await;
        give(&supplier, &shipped, &[("quality-control", json!(3))]).await;
        submit(&supplier, &shipped).await;
        let made = institution.post("/instruments", own_instrument("metalmecanica")).await.expect(201).text("id");
        institution.post_if(&format!("/instruments/{made}/publish"), "\"1\"", json!({})).await.expect(200);
        let own = supplier.post("/diagnostics", json!({ "instrument": made })).await.expect(201).text("id");
        let own = format!("/diagnostics/{own}");
        give(&supplier, &own, &[("soldadura-calificada", json!(true))]).await;
        submit(&supplier, &own).await;
        let service = Actor::system(institution.organisation());
        let (firms, on) = ([supplier.organisation()], app.base.clock.now().day());
        let general = instrument::for_kind(Kind::Supplier).unwrap();
        let found = store::standings(app.base.db.reads(), &service, &firms, general, on).await.unwrap();
        let Standing::Valid { diagnostic, counted, knocked_out } = &found[0] else { panic!("{found:?}") };
        assert_eq!((diagnostic.to_string(), knocked_out), (id(&shipped), &false));
        assert_eq!(counted.keys().collect::<Vec<_>>(), ["quality-control", "soldadura-calificada"]);
    }
}
