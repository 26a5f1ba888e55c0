//! Contracts: from approved matches to what was delivered and paid, and what they do to the sales ledger.

mod stories;

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::{
    approvals::{accepted, days::TO_THE_LAST_EVENING, step},
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, TestApp},
};

/// A lead firm, a supplier that sells for 1000 USD, and approved matches of these units at 1 USD, each of a
/// lot of its own in one requirement.
pub struct Deal {
    pub scene: Scene,
    pub buyer: Client,
    pub supplier: Client,
    pub lots: Vec<String>,
    pub matches: Vec<String>,
}

impl Deal {
    pub async fn of(app: &TestApp, units: &[u64]) -> Self {
        Self::within(Scene::set(app, "0").await, app, units).await
    }

    async fn within(scene: Scene, app: &TestApp, units: &[u64]) -> Self {
        let (buyer, supplier) = (scene.lead_firm(app, "Grande").await, scene.supplier(app, "1000").await);
        let lots: Vec<_> = units.iter().map(|units| lot(*units, "1")).collect();
        let lots = scene.requirement(&buyer, &lots).await;
        let awards: Vec<_> =
            lots.iter().zip(units).map(|(lot, units)| award(&supplier, lot, *units)).collect();
        let matches = scene.propose(app, &awards).await;
        for found in &matches {
            accepted(&buyer, &supplier, found).await;
        }
        Self { scene, buyer, supplier, lots, matches }
    }

    pub async fn approve(&self, at: usize) -> Answer {
        step(&self.scene.approver, &self.matches[at], "approve").await
    }

    fn terms(matches: &[&String]) -> Value {
        json!({ "matches": matches, "starts_on": "2026-03-02", "payment_days": 30 })
    }

    /// A contract from the match, which both have signed; its path.
    pub async fn contract(&self, at: usize) -> String {
        let drawn = self.buyer.post("/contracts", Self::terms(&[&self.matches[at]])).await.expect(201);
        let path = format!("/contracts/{}", drawn.text("id"));
        moved(&self.supplier, &path, "sign").await.expect(200);
        moved(&self.buyer, &path, "sign").await.expect(200);
        path
    }

    /// The institution announces that one of the lots renews a contract.
    async fn announce(&self, contract: &str, lot: usize) {
        let etag = self.buyer.get(contract).await.expect(200).etag();
        let renewal = json!({ "lot": self.lots[lot] });
        self.scene.institution.post_if(&format!("{contract}/renewal"), &etag, renewal).await.expect(200);
    }

    /// The state of the requirement, which stands in the first match.
    async fn requirement(&self) -> String {
        let found =
            self.buyer.get(&format!("/matches/{}", self.matches[0])).await.expect(200).text("requirement");
        self.buyer.get(&format!("/requirements/{found}")).await.expect(200).text("state")
    }

    /// The supplier's sales to the lead firm, as the ledger has them.
    async fn ledger(&self) -> Vec<(String, String)> {
        self.ledger_read_by(&self.supplier).await
    }

    async fn ledger_read_by(&self, reader: &Client) -> Vec<(String, String)> {
        let path = format!("/organisations/{}/profile", self.supplier.organisation());
        let profile = reader.get(&path).await.expect(200);
        let sales = profile.body["buyer_sales"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        sales.map(|sale| (text(&sale["source"]), text(&sale["amount"]["amount"]))).collect()
    }
}

/// A move of a contract with the version that is there now.
async fn moved(client: &Client, path: &str, step: &str) -> Answer {
    let etag = client.get(path).await.expect(200).etag();
    let body = match step {
        "terminate" | "withdraw" => json!({ "reason": "La planta cierra en julio" }),
        _ => json!({}),
    };
    client.post_if(&format!("{path}/{step}"), &etag, body).await
}

on_both_engines! {
    async fn both_sign_and_the_contract_enters_the_ledger_once(app: TestApp) {
        let deal = Deal::of(&app, &[300, 128, 129]).await;
        deal.approve(0).await.expect(200);
        let drawn = deal.buyer.post("/contracts", Deal::terms(&[&deal.matches[0]])).await.expect(201);
        let path = format!("/contracts/{}", drawn.text("id"));
        assert_eq!((drawn.text("state"), drawn.text("ends_on")), ("draft".to_owned(), "2027-03-01".to_owned()));
        assert_eq!(drawn.body["annual_amount"], json!({ "amount": "300.00", "currency": "USD" }));
        assert_eq!(deal.ledger().await, []);
        // 300 + A ≤ 0.3 (1000 + 300 + A), so 128: before the contract, between the signatures, and after it.
        assert_eq!(deal.approve(2).await.expect(409).code(), "dependency-cap-exceeded");

        assert_eq!(moved(&deal.supplier, &path, "sign").await.expect(200).text("state"), "signed_by_supplier");
        assert_eq!(moved(&deal.supplier, &path, "sign").await.expect(409).code(), "contract-already-signed");
        assert_eq!(deal.ledger().await, []);
        let active = moved(&deal.buyer, &path, "sign").await.expect(200);
        assert_eq!(active.text("state"), "active");
        assert_eq!(active.text("content_hash"), drawn.text("content_hash"));
        assert_eq!(deal.ledger().await, [("contract".to_owned(), "300.00".to_owned())]);
        assert_eq!(deal.approve(2).await.expect(409).code(), "dependency-cap-exceeded");
        deal.approve(1).await.expect(200);
        let requirement = deal.requirement().await;
        assert_eq!(requirement, "closed", "the other lots have no contract yet");
        assert_eq!(moved(&deal.buyer, &path, "withdraw").await.expect(409).code(), "wrong-state");
        let early = moved(&deal.buyer, &path, "end").await.expect(409);
        assert_eq!(early.code(), "contract-not-over");
        assert!(early.text("detail").contains("2027-03-01"));
    }

    async fn every_fault_of_a_draft_is_told_at_once(app: TestApp) {
        let deal = Deal::of(&app, &[10, 10, 10]).await;
        deal.approve(0).await.expect(200);
        deal.approve(1).await.expect(200);
        deal.contract(0).await;
        let nobody = "01890000-0000-7000-8000-000000000000".to_owned();
        let terms = Deal::terms(&[&deal.matches[0], &deal.matches[1], &deal.matches[2], &nobody]);
        let refused = deal.buyer.post("/contracts", terms).await.expect(422);
        assert_eq!(refused.faults(), ["/matches/0 match-in-contract", "/matches/2 match-not-approved", "/matches/3 no-such-match"]);
        let refused = deal.buyer.post("/contracts", json!({ "payment_days": 900, "colour": 1 })).await.expect(422);
        assert_eq!(refused.faults(), ["/colour unknown-field", "/matches required", "/payment_days out-of-range", "/starts_on required"]);
        let mut terms = Deal::terms(&[&deal.matches[1]]);
        terms["renews"] = json!(nobody);
        let refused = deal.buyer.post("/contracts", terms).await.expect(422);
        assert_eq!(refused.faults(), ["/renews no-such-contract"]);
    }

    async fn matches_of_one_requirement_and_supplier_are_joined(app: TestApp) {
        let deal = Deal::of(&app, &[100, 50]).await;
        deal.approve(0).await.expect(200);
        deal.approve(1).await.expect(200);
        let body = Deal::terms(&[&deal.matches[1], &deal.matches[0]]);
        let drawn = deal.scene.institution.post_once("/contracts", "k1", body.clone()).await.expect(201);
        let again = deal.scene.institution.post_once("/contracts", "k1", body).await.expect(201);
        assert_eq!(drawn.text("id"), again.text("id"));
        assert_eq!((drawn.text("amount/amount"), drawn.body["lines"].as_array().unwrap().len()), ("150.00".to_owned(), 2));
        let path = format!("/contracts/{}", drawn.text("id"));
        let etag = drawn.etag();
        let refused = deal.supplier.post_if(&format!("{path}/withdraw"), &etag, json!({ "reason": "No" })).await.expect(422);
        assert_eq!(refused.faults(), ["/reason wrong-length"]);
        assert_eq!(moved(&deal.supplier, &path, "withdraw").await.expect(200).text("state"), "withdrawn");
        assert_eq!(moved(&deal.buyer, &path, "sign").await.expect(409).code(), "wrong-state");
        deal.buyer.post("/contracts", Deal::terms(&[&deal.matches[0]])).await.expect(201);
    }

    async fn a_contract_that_ends_leaves_the_ledger(app: TestApp) {
        let deal = Deal::of(&app, &[300, 300]).await;
        deal.approve(0).await.expect(200);
        let path = deal.contract(0).await;
        assert_eq!(deal.approve(1).await.expect(409).code(), "dependency-cap-exceeded");
        let over = moved(&deal.buyer, &path, "terminate").await.expect(200);
        assert_eq!((over.text("state"), over.text("ended_on")), ("terminated".to_owned(), "2026-03-02".to_owned()));
        assert_eq!(deal.ledger().await, []);
        deal.approve(1).await.expect(200);
        let second = deal.contract(1).await;
        app.base.clock.advance(366 * 86_400);
        let later = app.person(deal.supplier.organisation(), Kind::Supplier, Role::SupplierMember).await;
        assert_eq!(moved(&later, &second, "end").await.expect(200).text("state"), "ended");
        assert_eq!(deal.ledger_read_by(&later).await, []);
    }

    async fn a_renewal_replaces_what_it_renews(app: TestApp) {
        let deal = Deal::of(&app, &[300, 300]).await;
        deal.approve(0).await.expect(200);
        let old = deal.contract(0).await;
        // On top of the old one it would be too much: 600 > 0.3 (1000 + 600).
        assert_eq!(deal.approve(1).await.expect(409).code(), "dependency-cap-exceeded");
        let etag = deal.buyer.get(&old).await.expect(200).etag();
        let renewal = json!({ "lot": deal.lots[1] });
        deal.buyer.post_if(&format!("{old}/renewal"), &etag, renewal.clone()).await.expect(403);
        let foreign = Deal::of(&app, &[10]).await;
        let wrong = json!({ "lot": foreign.lots[0] });
        let refused = deal.scene.institution.post_if(&format!("{old}/renewal"), &etag, wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/lot no-lot-of-the-lead-firm"]);
        deal.scene.institution.post_if(&format!("{old}/renewal"), &etag, renewal).await.expect(200);
        deal.approve(1).await.expect(200);

        let mut terms = Deal::terms(&[&deal.matches[1]]);
        terms["renews"] = json!(old.strip_prefix("/contracts/"));
        let drawn = deal.buyer.post("/contracts", terms).await.expect(201);
        let new = format!("/contracts/{}", drawn.text("id"));
        moved(&deal.buyer, &new, "sign").await.expect(200);
        assert_eq!(deal.buyer.get(&old).await.expect(200).text("state"), "active");
        moved(&deal.supplier, &new, "sign").await.expect(200);
        assert_eq!(deal.buyer.get(&old).await.expect(200).text("state"), "ended");
        assert_eq!(deal.ledger().await, [("contract".to_owned(), "300.00".to_owned())]);
    }

    async fn what_is_recorded_in_the_evening_is_of_the_day_there(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": "America/Santiago" })).await;
        let deal = Deal::within(scene, &app, &[100]).await;
        deal.approve(0).await.expect(200);
        let path = deal.contract(0).await;
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let came = |day: &str| json!({ "lot": deal.lots[0], "due_on": "2026-03-10", "made_on": day, "units": 5, "accepted": 5 });
        let deliveries = format!("{path}/deliveries");
        let early = deal.buyer.post(&deliveries, came("2026-03-11")).await.expect(422);
        assert_eq!(early.faults(), ["/made_on delivery-in-the-future"]);
        deal.buyer.post(&deliveries, came("2026-03-10")).await.expect(201);
        let invoice = json!({ "invoice": "F-1", "invoiced_on": "2026-03-11", "amount": { "amount": "5", "currency": "USD" } });
        let early = deal.supplier.post(&format!("{path}/payments"), invoice).await.expect(422);
        assert_eq!(early.faults(), ["/invoiced_on invoice-in-the-future"]);
        assert_eq!(moved(&deal.buyer, &path, "terminate").await.expect(200).text("ended_on"), "2026-03-10");
    }

    async fn a_delivery_is_due_from_its_day_there(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": "America/Santiago" })).await;
        let deal = Deal::within(scene, &app, &[100]).await;
        deal.approve(0).await.expect(200);
        let path = deal.contract(0).await;
        let due = json!({ "lot": deal.lots[0], "due_on": "2026-03-11", "units": 5 });
        deal.buyer.post(&format!("{path}/deliveries"), due).await.expect(201);
        let invoice = json!({ "invoice": "F-1", "invoiced_on": "2026-03-02", "due_on": "2026-03-10", "amount": { "amount": "5", "currency": "USD" } });
        deal.supplier.post(&format!("{path}/payments"), invoice).await.expect(201);
        let card = format!("/suppliers/{}/scorecard?from=2026-03-01&to=2026-03-31", deal.supplier.organisation());
        let seen = async || {
            let card = deal.supplier.get(&card).await.expect(200);
            (card.text("deliveries/due"), card.text("payments/0/late"))
        };
        app.base.clock.advance(TO_THE_LAST_EVENING);
        assert_eq!(seen().await, ("0".to_owned(), "0".to_owned()));
        app.base.clock.advance(3 * 3_600);
        assert_eq!(seen().await, ("1".to_owned(), "1".to_owned()));
    }

    async fn an_announced_renewal_counts_until_that_very_lot_is_awarded(app: TestApp) {
        let deal = Deal::of(&app, &[300, 300, 300]).await;
        deal.approve(0).await.expect(200);
        let old = deal.contract(0).await;
        moved(&deal.scene.institution, &old, "renewal/withdraw").await.expect(409);
        let announced = async || {
            let mut told = Vec::new();
            for reader in [&deal.supplier, &deal.buyer, &deal.scene.institution] {
                told.push(reader.get(&old).await.expect(200).body["renewed_by_lot"].clone());
            }
            told
        };
        assert_eq!(announced().await, vec![Value::Null; 3]);
        deal.announce(&old, 1).await;
        assert_eq!(announced().await, vec![json!(deal.lots[1]); 3], "everybody who sees it reads by which lot");
        let refused = deal.approve(2).await.expect(409);
        assert_eq!(refused.code(), "dependency-cap-exceeded", "it is another lot that renews the contract");
        moved(&deal.buyer, &old, "renewal/withdraw").await.expect(403);
        moved(&deal.scene.institution, &old, "renewal/withdraw").await.expect(200);
        assert_eq!(moved(&deal.scene.institution, &old, "renewal/withdraw").await.expect(409).code(), "no-renewal-announced");
        assert_eq!(announced().await, vec![Value::Null; 3]);
        assert_eq!(deal.approve(1).await.expect(409).code(), "dependency-cap-exceeded", "nothing is announced any more");
        deal.announce(&old, 1).await;
        deal.approve(1).await.expect(200);
        assert_eq!(deal.approve(2).await.expect(409).code(), "dependency-cap-exceeded", "the renewal itself counts");
        // The renewal under a contract of its own that does not say what it renews: then both count.
        deal.contract(1).await;
        let profile = deal.supplier.get(&format!("/organisations/{}/profile", deal.supplier.organisation())).await.expect(200);
        assert_eq!(profile.body["buyer_sales"].as_array().unwrap().len(), 2);
        assert_eq!(deal.approve(2).await.expect(409).code(), "dependency-cap-exceeded");
    }

    async fn deliveries_and_payments_make_a_scorecard_that_invents_nothing(app: TestApp) {
        let deal = Deal::of(&app, &[100]).await;
        deal.approve(0).await.expect(200);
        let path = deal.contract(0).await;
        assert_eq!(deal.requirement().await, "awarded", "all of it is under contract");
        let card = format!("/suppliers/{}/scorecard?from=2026-03-01&to=2026-04-30", deal.supplier.organisation());
        let idle = deal.supplier.get(&card).await.expect(200);
        assert_eq!((&idle.body["deliveries"]["on_time_percent"], &idle.body["deliveries"]["ppm"]), (&Value::Null, &Value::Null));
        assert_eq!(idle.body["payments"], json!([]));

        app.base.clock.advance(30 * 86_400);
        let (deliveries, payments) = (format!("{path}/deliveries"), format!("{path}/payments"));
        let wrong = json!({ "lot": deal.matches[0], "due_on": "2026-03-10", "made_on": "2027-01-01", "units": 10, "accepted": 1 });
        let refused = deal.buyer.post(&deliveries, wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/lot no-such-contract-lot", "/made_on delivery-in-the-future"]);
        let wrong = json!({ "lot": deal.lots[0], "due_on": "2026-03-10", "units": 10, "accepted": 1 });
        assert_eq!(deal.buyer.post(&deliveries, wrong).await.expect(422).faults(), ["/made_on inspected-before-made"]);
        let came = json!({ "lot": deal.lots[0], "due_on": "2026-03-10", "made_on": "2026-03-13", "units": 50, "accepted": 40, "rejected": 10 });
        deal.supplier.post(&deliveries, came.clone()).await.expect(403);
        let first = deal.buyer.post(&deliveries, came).await.expect(201);
        assert_eq!(first.body["delay_days"], 3);
        let right = json!({ "lot": deal.lots[0], "due_on": "2026-03-10", "made_on": "2026-03-10", "units": 50, "accepted": 49,
            "rejected": 1, "corrects": first.text("id") });
        deal.buyer.post(&deliveries, right.clone()).await.expect(201);
        assert_eq!(deal.buyer.post(&deliveries, right).await.expect(422).faults(), ["/corrects corrected-already"]);
        deal.buyer.post(&deliveries, json!({ "lot": deal.lots[0], "due_on": "2026-03-20", "units": 50 })).await.expect(201);
        let listed = deal.supplier.get(&deliveries).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 3);
        assert!(listed.body["items"][0]["corrected_by"].is_string());

        let invoice = |paid: Value| json!({ "invoice": "F-1", "invoiced_on": "2026-03-11", "paid_on": paid, "amount": { "amount": "50", "currency": "USD" } });
        deal.buyer.post(&payments, invoice(Value::Null)).await.expect(403);
        let open = deal.supplier.post(&payments, invoice(Value::Null)).await.expect(201);
        assert_eq!((open.text("due_on"), &open.body["days_to_pay"]), ("2026-04-10".to_owned(), &Value::Null));
        let mut paid = invoice(json!("2026-03-31"));
        paid["corrects"] = json!(open.text("id"));
        assert_eq!(deal.supplier.post(&payments, paid).await.expect(201).body["days_to_pay"], 20);
        // It is there, and counts once.
        let again = deal.supplier.post(&payments, invoice(json!("2026-03-31"))).await.expect(422);
        assert_eq!(again.faults(), ["/invoice invoice-recorded"]);
        let early = deal.supplier.post(&payments, invoice(json!("2026-03-01"))).await.expect(422);
        assert_eq!(early.faults(), ["/paid_on before-the-invoice"]);
        let mut unborn = invoice(json!("2027-01-02"));
        unborn["invoiced_on"] = json!("2027-01-01");
        unborn["invoice"] = json!("F-2");
        let unborn = deal.supplier.post(&payments, unborn).await.expect(422);
        assert_eq!(unborn.faults(), ["/invoiced_on invoice-in-the-future", "/paid_on payment-in-the-future"]);

        let seen = deal.supplier.get(&card).await.expect(200);
        let of = &seen.body["deliveries"];
        assert_eq!((&of["due"], &of["on_time"], &of["late"], &of["unknown"]), (&json!(2), &json!(1), &json!(0), &json!(1)));
        assert_eq!((&of["on_time_percent"], &of["ppm"]), (&json!("100.0"), &json!("20000")));
        assert_eq!(seen.body["months"][1]["deliveries"]["on_time_percent"], Value::Null, "April is idle");
        assert_eq!(seen.body["payments"][0]["days_to_pay"], "20.0");
        assert_eq!(deal.scene.institution.get(&card).await.expect(200).body["deliveries"], *of);
        assert_eq!(deal.buyer.get(&card).await.expect(200).body["deliveries"], *of);
        let wrong = format!("/suppliers/{}/scorecard?from=2026-03-02&to=2026-03-01", deal.supplier.organisation());
        assert_eq!(deal.supplier.get(&wrong).await.expect(422).faults(), ["/to ends-before-start"]);
    }

    async fn nobody_learns_of_the_contracts_of_others(app: TestApp) {
        let deal = Deal::of(&app, &[100]).await;
        deal.approve(0).await.expect(200);
        let path = deal.contract(0).await;
        let (rival, other) = (deal.scene.supplier(&app, "1000").await, deal.scene.lead_firm(&app, "Otra").await);
        let stranger = Scene::set(&app, "0").await;
        let card = format!("/suppliers/{}/scorecard?from=2026-03-01&to=2026-03-31", deal.supplier.organisation());
        for client in [&rival, &other, &stranger.institution] {
            for seen in [path.clone(), format!("{path}/deliveries"), format!("{path}/payments"), card.clone()] {
                assert_eq!(client.get(&seen).await.expect(404).code(), "not-found");
            }
            let listed = client.get("/contracts").await.expect(200);
            assert_eq!(listed.body["items"], json!([]));
            let keys: Vec<_> = listed.body.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["items", "next", "prev"], "no count");
            for step in ["sign", "terminate"] {
                let reason = if step == "sign" { json!({}) } else { json!({ "reason": "No corresponde aquí" }) };
                let answer = client.post_if(&format!("{path}/{step}"), "\"3\"", reason).await;
                assert!([403, 404].contains(&answer.status.as_u16()), "{:#}", answer.body);
            }
        }
        other.post(&format!("{path}/deliveries"), json!({ "lot": deal.lots[0], "due_on": "2026-03-10", "units": 1 })).await.expect(404);
        let own = deal.buyer.get(&format!("/contracts?state=active&programme={}", deal.scene.id)).await.expect(200);
        assert_eq!(own.body["items"].as_array().unwrap().len(), 1);
        let hers = other.post("/contracts", Deal::terms(&[&deal.matches[0]])).await.expect(422);
        assert_eq!(hers.faults(), ["/matches/0 no-such-match"]);
    }
    async fn no_supplier_can_tell_that_all_of_a_requirement_was_awarded(app: TestApp) {
        let deal = Deal::of(&app, &[100]).await;
        let rival = deal.scene.supplier(&app, "1000").await;
        let requirement = deal.buyer.get(&format!("/matches/{}", deal.matches[0])).await.expect(200).text("requirement");
        let path = format!("/requirements/{requirement}");
        let looks = async |client: &Client| {
            let mut seen = Vec::new();
            for path in [path.as_str(), "/requirements", "/requirements?state=closed", "/requirements?state=awarded"] {
                seen.push(crate::world::shown(&client.get(path).await));
            }
            let offer = json!({ "unit_price": "1" });
            let late = client.put_if(&format!("/lots/{}/offer", deal.lots[0]), "\"0\"", offer).await.expect(409);
            seen.push(crate::world::shown(&late));
            let question = json!({ "text": "¿Se aceptan entregas parciales?" });
            let late = client.post(&format!("{path}/questions"), question).await.expect(409);
            seen.push(crate::world::shown(&late));
            seen
        };
        let before = (looks(&rival).await, looks(&deal.supplier).await);
        assert!(before.0[2].2.to_string().contains(&requirement), "it is among the closed ones");
        deal.approve(0).await.expect(200);
        deal.contract(0).await;
        for (reader, state) in [(&deal.buyer, "awarded"), (&deal.scene.institution, "awarded"), (&rival, "closed")] {
            let seen = reader.get(&path).await.expect(200);
            assert_eq!((seen.text("state").as_str(), seen.body["awarded_at"].is_string()), (state, state == "awarded"));
        }
        // Whoever has won it knows no more than what it has won.
        assert_eq!((looks(&rival).await, looks(&deal.supplier).await), before);
    }
}
