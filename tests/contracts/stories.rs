//! Stories through the API alone, in the words of the programme.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::moved;
use crate::{
    approvals::{accepted, batch, step},
    matching::scene::{Scene, award, lot},
    support::Client,
};

/// Sells for 1000 USD, makes turned pieces, and has answered its diagnostic.
async fn prepared(supplier: &Client) {
    let sales = json!({ "annual_sales": { "amount": "1000", "currency": "USD" }, "as_of": "2026-02-28" });
    supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
    let capacity = json!({ "unit": "pieza", "amount": "100000" });
    supplier.put("/profile/capacities/torneado", capacity).await.expect(200);
    let diagnostic = supplier.post("/diagnostics", json!({})).await.expect(201).text("id");
    let answer = json!({ "revision": 1, "value": "400" });
    let path = format!("/diagnostics/{diagnostic}/answers/quality-defects-ppm");
    let etag = supplier.put(&path, answer).await.expect(200).etag();
    supplier.post_if(&format!("/diagnostics/{diagnostic}/submit"), &etag, json!({})).await.expect(200);
}

on_both_engines! {
    /// Lead-firm model, from selection to contract and what it leaves: nobody skips a step, and whoever is not
    /// of the network sees none of it.
    async fn the_lead_firm_model_from_selection_to_contract(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (inside, outside) = (app.supplier("Torneados Sur").await, scene.supplier(&app, "1000").await);
        let network = scene.institution.network(&scene.programme, &buyer).await;
        scene.institution.select(&network, &buyer, &inside).await;
        let network_id = network.strip_prefix("/networks/").unwrap();
        prepared(&inside).await;

        let body = json!({ "programme": scene.id, "network": network_id, "title": "Bujes de la red",
            "lots": [lot(500, "1")], "criteria": [] });
        let posted = buyer.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        buyer.move_on(&path, "publish").await;
        buyer.move_on(&path, "close").await;
        let lot_id = posted.text("lots/0/id");
        // Outside the network there is a requirement of the whole programme, which this run leaves alone.
        let elsewhere = scene.requirement(&buyer, &[lot(10, "1")]).await;

        let run = scene.run(json!({ "name": "Red", "network": network_id })).await;
        app.run_jobs().await;
        let found = scene.look(&run).await;
        let awarded = found.body["result"]["awards"].as_array().unwrap();
        assert_eq!(awarded.len(), 1, "{:#}", found.body);
        assert_eq!((&awarded[0]["supplier"], &awarded[0]["quantity"]), (&json!(inside.organisation()), &json!(428)));
        assert!(!found.body["result"].to_string().contains(&elsewhere[0]));
        let adopted = scene.adopt(&run).await.expect(200);
        let matched = adopted.body["matches"][0].as_str().unwrap().to_owned();
        accepted(&buyer, &inside, &matched).await;
        // An approver of the institution decides once it is assigned to the network, and sees nothing before.
        scene.approver.get(&format!("/matches/{matched}")).await.expect(404);
        let account = scene.approver.get("/me").await.expect(200).text("account/id");
        scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        step(&scene.approver, &matched, "approve").await.expect(200);

        // An officer who is not assigned to the network sees neither match nor contract.
        let idle = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        idle.get(&format!("/matches/{matched}")).await.expect(404);
        assert_eq!(idle.get("/matches").await.expect(200).body["items"], json!([]));
        assert_eq!(outside.get(&format!("/lots/{lot_id}/why-not")).await.expect(404).code(), "not-found");

        let terms = json!({ "matches": [matched], "starts_on": "2026-03-02", "payment_days": 30 });
        let drawn = buyer.post("/contracts", terms).await.expect(201);
        let contract = format!("/contracts/{}", drawn.text("id"));
        idle.get(&contract).await.expect(404);
        moved(&inside, &contract, "sign").await.expect(200);
        moved(&buyer, &contract, "sign").await.expect(200);
        let profile = inside.get(&format!("/organisations/{}/profile", inside.organisation())).await.expect(200);
        assert_eq!(profile.body["buyer_sales"][0]["amount"]["amount"], "428.00");

        app.base.clock.advance(20 * 86_400);
        let delivery = json!({ "lot": lot_id, "due_on": "2026-03-20", "made_on": "2026-03-20", "units": 100, "accepted": 99, "rejected": 1 });
        buyer.post(&format!("{contract}/deliveries"), delivery).await.expect(201);
        let invoice = json!({ "invoice": "F-1", "invoiced_on": "2026-03-20", "paid_on": "2026-03-22", "amount": { "amount": "99", "currency": "USD" } });
        inside.post(&format!("{contract}/payments"), invoice).await.expect(201);
        let card = format!("/suppliers/{}/scorecard?from=2026-03-01&to=2026-03-31", inside.organisation());
        let seen = scene.institution.get(&card).await.expect(200);
        assert_eq!((&seen.body["deliveries"]["ppm"], &seen.body["payments"][0]["days_to_pay"]), (&json!("10000"), &json!("2.0")));
    }

    /// Organised suppliers: what neither could deliver alone, they win as one, each with its part, and are
    /// approved together or not at all.
    async fn the_organised_suppliers_model_with_a_consortium(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        for supplier in [&ana, &bea] {
            supplier.put("/profile/capacities/torneado", json!({ "unit": "pieza", "amount": "60" })).await.expect(200);
        }
        let partner = json!({ "country": "NI", "tax_id": bea.get("/me").await.expect(200).text("organisation/tax_id") });
        let body = json!({ "name": "Torneros del Valle", "members": [partner] });
        let formed = ana.post(&format!("{}/consortia", scene.programme), body).await.expect(201);
        let consortium = format!("/consortia/{}", formed.text("id"));
        let whole = json!({ "name": "Buje", "process": "torneado", "unit": "pieza", "quantity": 100, "reference_price": "1", "divisible": false });
        let lots = scene.requirement(&buyer, &[whole]).await;
        let alone = scene.run(json!({ "name": "antes" })).await;
        app.run_jobs().await;
        assert_eq!(scene.look(&alone).await.body["result"]["awards"], json!([]), "nobody can make 100 alone");

        moved(&bea, &consortium, "accept").await.expect(200);
        let run = scene.run(json!({ "name": "juntas" })).await;
        app.run_jobs().await;
        let found = scene.look(&run).await;
        let units: u64 = found.body["result"]["awards"].as_array().unwrap().iter().map(|a| a["quantity"].as_u64().unwrap()).sum();
        assert_eq!(units, 100, "{:#}", found.body);
        let adopted = scene.adopt(&run).await.expect(200);
        let matches: Vec<String> = adopted.body["matches"].as_array().unwrap().iter().map(|m| m.as_str().unwrap().to_owned()).collect();
        assert_eq!(matches.len(), 2);
        for found in &matches {
            let seen = scene.approver.get(&format!("/matches/{found}")).await.expect(200);
            assert_eq!(seen.text("consortium"), formed.text("id"));
            let member = if seen.text("supplier") == ana.organisation().to_string() { &ana } else { &bea };
            accepted(&buyer, member, found).await;
        }
        assert_eq!(step(&scene.approver, &matches[0], "approve").await.expect(409).code(), "consortium-together");
        let both: Vec<&str> = matches.iter().map(String::as_str).collect();
        batch(&scene.approver, &scene, &both).await.expect(200);
        for found in &matches {
            let terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
            buyer.post("/contracts", terms).await.expect(201);
        }
        let told = ana.get(&format!("/lots/{}/why-not", lots[0])).await.expect(200);
        assert!(told.body["awarded"].as_i64().unwrap() >= 40);
    }

    /// What another match made possible falls with it: the officer sees so beforehand, and the approval says so.
    async fn a_declined_match_takes_along_what_rested_on_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, small) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Chica").await);
        let supplier = scene.supplier(&app, "1000").await;
        scene.sells(&supplier, &big, "250").await;
        let of_big = scene.requirement(&big, &[lot(150, "1")]).await;
        let of_small = scene.requirement(&small, &[lot(400, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &of_big[0], 150), award(&supplier, &of_small[0], 400)]).await;
        accepted(&big, &supplier, &found[0]).await;
        accepted(&small, &supplier, &found[1]).await;
        let preview = format!("{}/approvals/preview", scene.programme);
        let both = scene.approver.post(&preview, json!({ "matches": found })).await.expect(200);
        let alone = scene.approver.post(&preview, json!({ "matches": [found[0]] })).await.expect(200);
        assert_eq!((&both.body["would_be_approved"], &alone.body["would_be_approved"]), (&json!(true), &json!(false)));
        let declined = step(&small, &found[1], "decline").await.expect(200);
        assert_eq!(declined.text("reason"), "Sin capacidad hasta agosto");
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        // The next run starts from what was decided, and asks nobody twice.
        step(&scene.approver, &found[0], "reject").await.expect(200);
        let run = scene.run(json!({ "name": "otra vez", "decisions_taken": true })).await;
        app.run_jobs().await;
        let again = scene.look(&run).await;
        assert_eq!(again.body["result"]["awards"], json!([]), "both pairs are decided");
        let reasons: Vec<Value> = again.body["scenario"]["decisions"].as_array().unwrap().iter().map(|d| d["source"].clone()).collect();
        assert!(reasons.contains(&json!("declined")) && reasons.contains(&json!("rejected")));
    }

    /// A supplier above its cap towards a buyer gets more with a waiver; once that has expired, what was
    /// approved stands, an alert says so, and nothing more is approved that would raise the share.
    async fn a_waiver_lets_a_supplier_above_its_cap_go_on_until_it_expires(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        scene.sells(&supplier, &buyer, "500").await;
        let lots = scene.requirement(&buyer, &[lot(200, "1"), lot(50, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 200), award(&supplier, &lots[1], 50)]).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(), "dependency_cap": "0.6",
            "reason": "Único comprador de la zona este año", "expires_on": "2026-03-05" });
        scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
        step(&scene.approver, &found[0], "approve").await.expect(200);
        let terms = json!({ "matches": [found[0]], "starts_on": "2026-03-02", "payment_days": 30 });
        let contract = format!("/contracts/{}", buyer.post("/contracts", terms).await.expect(201).text("id"));
        moved(&supplier, &contract, "sign").await.expect(200);
        moved(&buyer, &contract, "sign").await.expect(200);

        app.base.clock.advance(5 * 86_400);
        let alerts = scene.approver.get(&format!("{}/alerts", scene.programme)).await.expect(200);
        // Under contract, the 200 are existing sales: 700 of 1200, which the supplier may keep and not raise.
        let alert = &alerts.body["items"][0];
        assert_eq!((&alert["lapse"], &alert["sales"], &alert["most"]), (&json!("waiver_expired"), &json!("700"), &json!("360")));
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        assert_eq!(buyer.get(&contract).await.expect(200).text("state"), "active");
        moved(&buyer, &contract, "terminate").await.expect(200);
        let kept = supplier.get(&format!("/matches/{}", found[0])).await.expect(200);
        assert_eq!(kept.text("state"), "approved", "what was approved stays written down");
    }
}
