//! The model of organised suppliers: together they offer, win and deliver what none of them could alone.

use serde_json::{Value, json};

use super::scene::{Scene, lot};
use crate::{
    approvals::{accepted, batch, step},
    support::Client,
};

/// Applies to a network, and the institution, which knows the sector, selects.
async fn selected(institution: &Client, network: &str, supplier: &Client) {
    let statement = json!({ "statement": "Torneamos bronce y acero." });
    let applied = supplier.post(&format!("{network}/apply"), statement).await.expect(200);
    let decision = json!({ "decision": "select", "reason": "Cumple lo que pide la red." });
    let path = format!("{network}/members/{}/decision", supplier.organisation());
    let decided = institution.post_if(&path, &applied.etag(), decision).await.expect(200);
    assert_eq!(decided.text("standing"), "selected");
}

on_both_engines! {
    /// An institution organises the turners of a valley. A large buyer wants 600 pieces from one hand; under the
    /// cap none of the turners may sell it more than 428. Two of them offer as one, below the reference price,
    /// and win at their price; each accepts its part, and the parts are approved together.
    async fn organised_suppliers_offer_as_one_and_win_at_their_price(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let network = json!({
            "model": "organised_suppliers", "name": "Torneros del Valle", "call_open": true,
            "lead_firms": [buyer.organisation()],
        });
        let made = scene.institution.post(&format!("{}/networks", scene.programme), network).await.expect(201);
        let network = format!("/networks/{}", made.text("id"));
        for supplier in [&ana, &bea] {
            selected(&scene.institution, &network, supplier).await;
        }
        let account = scene.approver.get("/me").await.expect(200).text("account/id");
        scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        // It bids in the network alone.
        let body = json!({ "name": "Torneros del Valle", "network": made.text("id"), "members": [bea.named().await] });
        let formed = ana.post(&format!("{}/consortia", scene.programme), body).await.expect(201);
        let consortium = format!("/consortia/{}", formed.text("id"));
        bea.move_on(&consortium, "accept").await;

        let mut whole = lot(600, "1");
        whole["divisible"] = json!(false);
        let body = json!({
            "programme": scene.id, "network": made.text("id"), "title": "Bujes 2026", "lots": [whole.clone()], "criteria": [],
        });
        let requirement = format!("/requirements/{}", buyer.post("/requirements", body).await.expect(201).text("id"));
        let lot = buyer.move_on(&requirement, "publish").await.text("lots/0/id");
        let price = json!({ "unit_price": "0.8", "lead_time_days": 20 });
        let outside = buyer.requirement(&scene.programme, json!([whole]), json!([])).await;
        let elsewhere = buyer.move_on(&outside, "publish").await.text("lots/0/id");
        let refused = ana.put_if(&format!("/lots/{elsewhere}{consortium}/offer"), "\"0\"", price.clone()).await.expect(409);
        assert_eq!(refused.code(), "consortium-elsewhere");
        ana.put_if(&format!("/lots/{lot}{consortium}/offer"), "\"0\"", price).await.expect(200);
        bea.put_if(&format!("/lots/{lot}/offer"), "\"0\"", json!({ "unit_price": "0.9" })).await.expect(200);
        buyer.move_on(&requirement, "close").await;

        let run = scene.run(json!({ "name": "Marzo" })).await;
        assert_eq!(app.run_jobs().await, 1);
        let result = scene.look(&run).await;
        assert_eq!(result.text("result/status"), "optimal", "{:#}", result.body);
        let id = consortium.strip_prefix("/consortia/").unwrap();
        let awards = result.body["result"]["awards"].as_array().unwrap();
        let sum = |field: &str| awards.iter().map(|a| a[field].as_str().unwrap().parse::<f64>().unwrap()).sum::<f64>();
        let units: u64 = awards.iter().map(|award| award["quantity"].as_u64().unwrap()).sum();
        assert!(awards.len() == 2 && awards.iter().all(|award| award["consortium"] == id), "{awards:#?}");
        // The offer's price is in the award: 600 × 0.8.
        assert_eq!((units, sum("amount")), (600, 480.0));

        let adopted = scene.adopt(&run).await.expect(200);
        let matches: Vec<_> =
            adopted.body["matches"].as_array().unwrap().iter().map(|m: &Value| m.as_str().unwrap().to_owned()).collect();
        for found in &matches {
            let seen = buyer.get(&format!("/matches/{found}")).await.expect(200);
            assert_eq!((seen.text("unit_price"), seen.text("consortium")), ("0.8".to_owned(), id.to_owned()));
            let of_ana = seen.text("supplier") == ana.organisation().to_string();
            accepted(&buyer, if of_ana { &ana } else { &bea }, found).await;
        }
        assert_eq!(step(&scene.approver, &matches[0], "approve").await.expect(409).code(), "consortium-together");
        let both: Vec<_> = matches.iter().map(String::as_str).collect();
        batch(&scene.approver, &scene, &both).await.expect(200);
        let approved = buyer.get("/matches?state=approved").await.expect(200);
        assert_eq!(approved.body["items"].as_array().unwrap().len(), 2);
    }
}
