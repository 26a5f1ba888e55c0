//! What comes near: whom it concerns is reminded, once.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use super::told;
use crate::{
    matching::scene::{Scene, lot},
    monitoring::{Net, networks::contracted},
    plans,
    support::{Client, TestApp},
};

const DAY: i64 = 86_400;

/// So many days go by, and each begins.
pub async fn days(app: &TestApp, count: usize) {
    for _ in 0..count {
        app.base.clock.advance(DAY);
        app.begin_day().await;
        app.tell().await;
    }
}

/// How often somebody has been reminded of this.
pub async fn reminded(client: &Client, of: &str) -> usize {
    let event = format!("reminders.{of}");
    told(client, "").await.iter().filter(|told| **told == event).count()
}

on_both_engines! {
    async fn those_who_may_offer_hear_that_a_requirement_closes(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let stranger = Scene::set(&app, "0").await.supplier(&app, "1000").await;
        let body = json!({ "programme": scene.id, "title": "Bujes 2026", "lots": [lot(10, "5")], "criteria": [],
            "closes_at": "2026-03-08T12:00:00Z" });
        let posted = buyer.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        app.begin_day().await;
        days(&app, 2).await;
        buyer.move_on(&path, "publish").await;
        assert_eq!(reminded(&supplier, "closing").await, 0, "a draft is nobody's news");
        days(&app, 1).await;
        assert_eq!(reminded(&supplier, "closing").await, 1);
        days(&app, 2).await;
        assert_eq!(reminded(&supplier, "closing").await, 1, "once");
        for other in [&buyer, &stranger, &scene.institution] {
            assert_eq!(reminded(other, "closing").await, 0);
        }
    }

    async fn a_supplier_alone_hears_of_its_certificate(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let certificate = json!({ "scheme": "ISO 9001:2015", "number": "1", "issuer": "Certificadora",
            "issued_on": "2023-04-05", "expires_on": "2026-04-04" });
        supplier.post("/profile/certificates", certificate.clone()).await.expect(201);
        app.begin_day().await;
        days(&app, 2).await;
        assert_eq!(reminded(&supplier, "certificate").await, 0, "31 days before");
        days(&app, 1).await;
        assert_eq!(reminded(&supplier, "certificate").await, 1, "thirty days before");
        days(&app, 3).await;
        assert_eq!(reminded(&supplier, "certificate").await, 1, "once");
        for other in [&buyer, &scene.institution, &scene.approver] {
            assert_eq!(reminded(other, "certificate").await, 0);
        }
        let past = json!({ "scheme": "ISO 14001", "number": "1", "issuer": "Certificadora",
            "issued_on": "2023-01-01", "expires_on": "2026-03-01" });
        supplier.post("/profile/certificates", past).await.expect(201);
        days(&app, 1).await;
        assert_eq!(reminded(&supplier, "certificate").await, 1, "what is over comes near no more");
    }

    async fn a_waiver_that_runs_out_is_told_to_those_who_see_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let rival = scene.supplier(&app, "1000").await;
        let waiver = |last: &str| json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(),
            "dependency_cap": "0.5", "reason": "Primer contrato de la red", "expires_on": last });
        let waivers = format!("{}/waivers", scene.programme);
        scene.approver.post(&waivers, waiver("2026-03-20")).await.expect(201);
        app.begin_day().await;
        for who in [&supplier, &scene.institution, &scene.approver] {
            assert_eq!(reminded(who, "waiver").await, 1);
        }
        for other in [&buyer, &rival] {
            assert_eq!(reminded(other, "waiver").await, 0);
        }
        // A later one takes its place, and another day is another occasion.
        scene.approver.post(&waivers, waiver("2026-03-25")).await.expect(201);
        days(&app, 1).await;
        assert_eq!(reminded(&supplier, "waiver").await, 2);
        days(&app, 5).await;
        assert_eq!(reminded(&supplier, "waiver").await, 2);
    }

    async fn whoever_has_not_answered_is_reminded_before_and_after(app: TestApp) {
        let net = Net::of(&app, 2).await;
        let stranger = net.scene.supplier(&app, "1000").await;
        net.round("baseline", "2026-03-12").await;
        app.tell().await;
        app.begin_day().await;
        let supplier = &net.suppliers[0];
        let monitoring = async |client: &Client| told(client, "&topic=monitoring").await;
        assert_eq!(monitoring(supplier).await, ["measurement_rounds.open"]);
        days(&app, 2).await;
        assert_eq!(monitoring(supplier).await.len(), 1, "eight days before");
        days(&app, 1).await;
        assert_eq!(monitoring(supplier).await, ["measurement_rounds.open", "reminders.measurement"]);
        days(&app, 8).await;
        let all = ["measurement_rounds.open", "reminders.measurement", "measurement_rounds.remind"];
        assert_eq!(monitoring(supplier).await, all);
        assert_eq!(monitoring(&net.buyer).await, all);
        assert!(monitoring(&stranger).await.is_empty());
    }

    async fn whoever_carries_out_an_action_hears_that_it_is_due(app: TestApp) {
        let scene = plans::Scene::set(&app).await;
        let plan = scene.agreed().await;
        scene.supplier.move_on(&plan, "start").await;
        // Eight days before it is due, and after everybody's token has ended.
        app.base.clock.advance(143 * DAY);
        app.begin_day().await;
        let supplier = app.person(scene.supplier.organisation(), Kind::Supplier, Role::SupplierReader).await;
        let buyer = app.person(scene.lead_firm.organisation(), Kind::LeadFirm, Role::LeadFirmReader).await;
        days(&app, 1).await;
        assert_eq!((reminded(&supplier, "action").await, reminded(&buyer, "action").await), (1, 0));
        days(&app, 2).await;
        assert_eq!(reminded(&supplier, "action").await, 1, "once");
    }

    async fn an_action_that_is_done_is_nobodys_worry(app: TestApp) {
        let scene = plans::Scene::set(&app).await;
        let plan = scene.agreed().await;
        scene.supplier.move_on(&plan, "start").await;
        let seen = scene.supplier.get(&plan).await.expect(200);
        let progress = json!({ "action": seen.text("actions/0/id"), "percent": 100, "as_of": "2026-03-02",
            "note": "Cumplido", "evidence": "Minuta 12" });
        scene.supplier.post_if(&format!("{plan}/progress"), &seen.etag(), progress).await.expect(200);
        app.base.clock.advance(143 * DAY);
        app.begin_day().await;
        let supplier = app.person(scene.supplier.organisation(), Kind::Supplier, Role::SupplierReader).await;
        days(&app, 3).await;
        assert_eq!(reminded(&supplier, "action").await, 0);
    }

    async fn a_meeting_and_what_was_promised_there_come_near(app: TestApp) {
        let net = Net::of(&app, 2).await;
        let (buyer, one, two) = (&net.buyer, &net.suppliers[0], &net.suppliers[1]);
        let body = json!({ "kind": "visit", "held_on": "2026-03-06", "place": "Taller de Uno, Chillán",
            "purpose": "Ver el control de calidad.", "participants": [one.organisation()] });
        let called = buyer.post(&format!("{}/meetings", net.network), body).await.expect(201);
        let path = format!("/meetings/{}", called.text("id"));
        app.begin_day().await;
        days(&app, 1).await;
        assert_eq!(reminded(buyer, "meeting").await, 0, "three days before");
        days(&app, 3).await;
        assert_eq!((reminded(buyer, "meeting").await, reminded(one, "meeting").await), (1, 1), "once");
        assert_eq!((reminded(two, "meeting").await, reminded(&net.scene.institution, "meeting").await), (0, 0));
        let came = |client: &Client| json!({ "organisation": client.organisation(), "people": "Ana Rojas" });
        let promise = |until: &str| json!({ "what": "Enviar muestras.", "who": one.organisation(), "until": until });
        let minutes = json!({ "attendance": [came(buyer), came(one)],
            "agreements": [promise("2026-03-15"), promise("2026-03-16")] });
        let etag = buyer.get(&path).await.expect(200).etag();
        buyer.put_if(&format!("{path}/minutes"), &etag, minutes).await.expect(200);
        // What is done is nobody's worry.
        let seen = one.get(&path).await.expect(200);
        let done = format!("{path}/agreements/{}/fulfil", seen.text("agreements/1/id"));
        one.post_if(&done, &seen.etag(), json!({ "note": "Se enviaron el lunes." })).await.expect(200);
        days(&app, 1).await;
        assert_eq!(reminded(one, "agreement").await, 0, "eight days before");
        days(&app, 1).await;
        assert_eq!((reminded(one, "agreement").await, reminded(buyer, "agreement").await), (1, 0));
        days(&app, 2).await;
        assert_eq!(reminded(one, "agreement").await, 1);
    }

    async fn a_contract_that_ends_is_told_to_both_firms(app: TestApp) {
        let net = Net::of(&app, 2).await;
        contracted(&app, &net, &[10, 10], 1).await;
        // It ends on 2027-03-01: sixty-one days before, and after everybody's token has ended.
        app.base.clock.advance(303 * DAY);
        app.begin_day().await;
        let supplier = app.person(net.suppliers[0].organisation(), Kind::Supplier, Role::SupplierReader).await;
        let other = app.person(net.suppliers[1].organisation(), Kind::Supplier, Role::SupplierReader).await;
        let buyer = app.person(net.buyer.organisation(), Kind::LeadFirm, Role::LeadFirmReader).await;
        assert_eq!(reminded(&supplier, "contract").await, 0);
        days(&app, 3).await;
        for party in [&supplier, &buyer] {
            assert_eq!(reminded(party, "contract").await, 1);
        }
        assert_eq!(reminded(&other, "contract").await, 0);
    }

    async fn who_has_questions_to_answer_hears_that_asking_ends(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let posted = async |title: &str| {
            let body = json!({ "programme": scene.id, "title": title, "lots": [lot(10, "5")], "criteria": [],
                "questions_until": "2026-03-08T12:00:00Z", "closes_at": "2026-03-20T12:00:00Z" });
            let path = format!("/requirements/{}", buyer.post("/requirements", body).await.expect(201).text("id"));
            buyer.move_on(&path, "publish").await;
            let question = json!({ "text": "¿Se acepta bronce SAE 65?" });
            supplier.post(&format!("{path}/questions"), question).await.expect(201).text("id")
        };
        posted("Bujes 2026").await;
        let answered = posted("Ejes 2026").await;
        let answer = json!({ "answer": "Sí, con certificado de colada." });
        buyer.post_if(&format!("/questions/{answered}/answer"), "\"1\"", answer).await.expect(200);
        app.begin_day().await;
        days(&app, 3).await;
        assert_eq!(reminded(&buyer, "question").await, 0, "three days before");
        days(&app, 2).await;
        assert_eq!(reminded(&buyer, "question").await, 1, "of the one that waits, once");
        for other in [&supplier, &scene.institution] {
            assert_eq!(reminded(other, "question").await, 0);
        }
    }
}
