//! What a run explains, and to whom.

use eslabon::foundation::access::Role;
use eslabon_solver::{Outcome, problem::Problem};
use serde_json::{Value, json};

use super::{
    id,
    scene::{Scene, Script, award, lot, outcome},
};
use crate::{plans, support::TestApp};

const NO_LOT: &str = "/lots/01890000-0000-7000-8000-000000000000/why-unmet";

async fn adopted(app: &TestApp, scene: &Scene) -> Value {
    let run = scene.run(json!({ "name": "Marzo" })).await;
    app.run_jobs().await;
    let found = scene.look(&run).await;
    assert_eq!(found.text("result/status"), "optimal", "{:#}", found.body);
    scene.adopt(&run).await.expect(200);
    found.body["result"].clone()
}

fn codes(answer: &Value) -> Vec<String> {
    let reasons = answer["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_run_explains_itself_and_each_side_sees_its_own_part(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(1000, "1")]).await;
        let (own, unmet) = (format!("{}/own-limits", scene.programme), format!("/lots/{}/why-unmet", lots[0]));
        assert_eq!(ana.get(&own).await.expect(409).code(), "not-matched-yet");
        assert_eq!(buyer.get(&unmet).await.expect(409).code(), "not-matched-yet");
        let mut browser = app.browser_of(&buyer, Role::LeadFirmMember).await;
        assert!(!browser.open(&unmet).await.expect(200).words().contains("tope de dependencia"));

        // Each gets 428 of A ≤ 0.3 (1000 + A), and a point more of the cap is worth some 20 pieces.
        let result = adopted(&app, &scene).await;
        assert_eq!(result["prices"].as_array().unwrap().len(), 2, "{:#}", result["prices"]);
        assert_eq!(result["why_not"].as_array().unwrap().len(), 2);
        assert!(result["warnings"].as_array().unwrap().iter().all(|w| w["code"] != "W2009"));

        let told = ana.get(&own).await.expect(200);
        assert_eq!((told.text("currency"), told.body["complete"].clone(), told.body["gaps"].clone()), ("USD".into(), json!(true), json!([])));
        let limits = told.body["limits"].as_array().unwrap();
        assert_eq!(limits.len(), 1, "{limits:?}");
        assert_eq!((&limits[0]["code"], &limits[0]["buyer_group"]), (&json!("dependency"), &json!(id(&buyer))));
        let amount = |side: &str| limits[0][side]["amount"].as_str().unwrap().parse::<f64>().unwrap();
        let (tighter, looser) = (amount("tighter"), amount("looser"));
        assert!((-21. ..-20.).contains(&tighter) && (20. ..21.).contains(&looser), "1000 / 0.7² / 100 = 20.4: {limits:?}");
        assert!(!told.body.to_string().contains(&id(&bea)) && !told.body.to_string().contains("cost\":"), "{:#}", told.body);

        // The lead firm learns the rule, and nobody's name without consent for what the rule is about.
        let why = buyer.get(&unmet).await.expect(200);
        assert_eq!((why.text("awarded"), why.text("unmet"), codes(&why.body)), ("856".into(), "144".into(), vec!["dependency".to_owned()]));
        assert_eq!(why.body["reasons"][0]["suppliers"], json!([]));
        let unnamed = browser.open(&unmet).await.expect(200).words();
        let consent = format!("/consents/{}", buyer.organisation());
        ana.put(&consent, json!({ "purposes": ["gaps"] })).await.expect(204);
        assert_eq!(buyer.get(&unmet).await.expect(200).body["reasons"][0]["suppliers"], json!([]));
        ana.put(&consent, json!({ "purposes": ["profile"] })).await.expect(204);
        let named = buyer.get(&unmet).await.expect(200);
        assert_eq!(named.body["reasons"][0]["suppliers"], json!([id(&ana)]));
        assert!(!named.body.to_string().contains(&id(&bea)), "{:#}", named.body);
        let page = browser.open(&unmet).await.expect(200).words();
        assert!(page.contains("856") && page.contains("1 000") && page.contains("superarían el tope de dependencia"), "{page}");
        assert_eq!(page.matches("Proveedor").count(), unnamed.matches("Proveedor").count() + 1, "{page}");
        let log = ana.get("/consents/log").await.expect(200);
        let read: Vec<_> = log.body["items"].as_array().unwrap().iter().filter(|line| line["event"] == "read").collect();
        // By the API's client, and by whoever is at the browser.
        assert_eq!((read.len(), &read[0]["subject"], &read[0]["subject_id"]), (2, &json!("why_unmet"), &json!(lots[0])));
        ana.delete(&consent).await.expect(204);
        assert_eq!(buyer.get(&unmet).await.expect(200).body["reasons"][0]["suppliers"], json!([]));
    }

    async fn nobody_is_told_about_others(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let ana = scene.supplier(&app, "1000").await;
        let lots = scene.requirement(&buyer, &[lot(1000, "1")]).await;
        adopted(&app, &scene).await;
        let (own, unmet) = (format!("{}/own-limits", scene.programme), format!("/lots/{}/why-unmet", lots[0]));
        let rival = scene.lead_firm(&app, "Rival").await;
        let missing = rival.get(NO_LOT).await.expect(404).text("detail");
        assert_eq!(rival.get(&unmet).await.expect(404).text("detail"), missing);
        for client in [&ana, &scene.institution] {
            client.get(&unmet).await.expect(403);
        }
        app.browser_of(&rival, Role::LeadFirmMember).await.open(&unmet).await.expect(404);
        app.browser_of(&ana, Role::SupplierMember).await.open(&unmet).await.expect(403);
        // A supplier of the programme that no run was about, and one that is of no programme.
        let idle = app.supplier("Sin lotes").await;
        idle.get(&own).await.expect(404);
        scene.take_in(&idle).await;
        assert_eq!(idle.get(&own).await.expect(409).code(), "not-matched-yet");
        for client in [&buyer, &scene.institution] {
            client.get(&own).await.expect(403);
        }
        let served = scene.requirement(&buyer, &[lot(5, "1")]).await;
        let found = scene.propose(&app, &[award(&ana, &served[0], 5)]).await;
        assert_eq!(found.len(), 1);
        let why = buyer.get(&format!("/lots/{}/why-unmet", served[0])).await.expect(200);
        assert_eq!((why.text("awarded"), why.body["reasons"].clone()), ("5".into(), json!([])));
    }

    async fn explanations_that_time_did_not_suffice_for_say_so(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, ana) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let run = scene.run(json!({ "name": "dictada" })).await;
        let ran_out = Problem { code: "W2009".to_owned(), cause: "time".to_owned(), action: "more".to_owned(),
            file: String::new(), row: 0, column: String::new() };
        let told = Outcome { warnings: vec![ran_out], ..outcome(&[award(&ana, &lots[0], 1)]) };
        // A solver that is not asked to explain does not answer.
        let answer = format!("/bin/cat >/dev/null; case \"$*\" in *--explain*) printf '%s' '{}';; *) exit 9;; esac", json!(told));
        let script = Script::that(&answer);
        script.worker(&app.base).run_all_due().await.unwrap();
        assert_eq!(scene.look(&run).await.text("state"), "finished");
        scene.adopt(&run).await.expect(200);
        assert_eq!(ana.get(&format!("{}/own-limits", scene.programme)).await.expect(200).body["complete"], json!(false));
    }

    async fn a_gap_that_stands_in_no_plan_has_a_worth_all_the_same(app: TestApp) {
        let mut criteria = plans::criteria();
        criteria[1]["criticality"] = json!(5);
        let scene = plans::Scene::demanding(&app, criteria).await;
        let (red, green) = (&scene.supplier, app.supplier("Otro").await);
        scene.institution.take_in(&scene.programme, &[&green]).await;
        plans::answered(&green, &[("quality-defects-ppm", "400"), ("delivery-on-time", "97")]).await;
        for (supplier, capacity) in [(red, "1000"), (&green, "2")] {
            let sales = json!({ "annual_sales": { "amount": "10000000", "currency": "CLP" }, "as_of": "2026-02-28" });
            supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
            supplier.put("/profile/capacities/torneado", json!({ "unit": "pieza", "amount": capacity })).await.expect(200);
        }
        // A budget makes no difference to what nobody has costed.
        let etag = scene.institution.get(&scene.programme).await.expect(200).etag();
        let money = |amount: &str| json!({ "amount": amount, "currency": "CLP" });
        let rules = json!({ "dependency_allowance": money("0"), "development_budget": money("100000000") });
        scene.institution.put_if(&format!("{}/rules", scene.programme), &etag, rules).await.expect(200);
        let lot = scene.institution.get(&scene.requirement).await.expect(200).text("lots/0/id");
        scene.lead_firm.move_on(&scene.requirement, "close").await;
        let begun = scene.institution.post(&format!("{}/runs", scene.programme), json!({ "name": "Marzo" })).await.expect(202);
        app.run_jobs().await;
        let run = format!("/runs/{}", begun.text("id"));
        let found = scene.institution.get(&run).await.expect(200);
        let awards = found.body["result"]["awards"].as_array().unwrap();
        assert_eq!((awards.len(), &awards[0]["supplier"]), (1, &json!(id(&green))));
        let worth = &found.body["result"]["worth"];
        assert_eq!((worth.as_array().unwrap().len(), &worth[0]["cost"], &worth[0]["supplier"]), (1, &Value::Null, &json!(id(red))));

        // Half of the lot, were it yellow: five at 5000, and it orders the next plan.
        let suggested = scene.institution.get(&format!("{}/plan-suggestion", scene.act)).await.expect(200);
        let expected = json!({ "amount": "25000", "currency": "CLP" });
        assert_eq!(suggested.body["why"][0]["worth"], expected);
        scene.institution.post_if(&format!("{run}/adopt"), &found.etag(), json!({})).await.expect(200);
        let own = red.get(&format!("{}/own-limits", scene.programme)).await.expect(200).body["gaps"][0].clone();
        assert_eq!((&own["action"], &own["cost"], &own["worth"]), (&Value::Null, &Value::Null, &expected));
        assert_eq!(own["questions"], json!(["delivery-on-time"]));
        let why = red.get(&format!("/lots/{lot}/why-not")).await.expect(200).body["reasons"][0].clone();
        assert_eq!((&why["code"], &why["unplanned"]), (&json!("gaps"), &json!(["delivery-on-time"])));
        assert!(why["text"].as_str().unwrap().contains("ningún plan"), "{why:#}");
        assert!(green.get(&format!("{}/own-limits", scene.programme)).await.expect(200).body["gaps"] == json!([]));
    }

    async fn what_a_run_finds_a_gap_worth_orders_the_actions_of_the_next_plan(app: TestApp) {
        // Critical, so that it blocks.
        let mut criteria = plans::criteria();
        criteria[1]["criticality"] = json!(5);
        let scene = plans::Scene::demanding(&app, criteria).await;
        let supplier = &scene.supplier;
        let sales = json!({ "annual_sales": { "amount": "10000000", "currency": "CLP" }, "as_of": "2026-02-28" });
        supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
        supplier.put("/profile/capacities/torneado", json!({ "unit": "pieza", "amount": "1000" })).await.expect(200);
        let plan = scene.draw_up().await;
        scene.lead_firm.move_on(&scene.requirement, "close").await;
        let suggestion = format!("{}/plan-suggestion", scene.act);
        assert_eq!(scene.institution.get(&suggestion).await.expect(200).body["why"][0]["worth"], Value::Null);

        let run = async |body: Value| {
            let begun = scene.institution.post(&format!("{}/runs", scene.programme), body).await.expect(202);
            app.run_jobs().await;
            scene.institution.get(&format!("/runs/{}", begun.text("id"))).await.expect(200)
        };
        // What another cap would make of it says nothing about the rules that hold.
        let other = run(json!({ "name": "sin tope", "without_cap": true })).await;
        assert_eq!(other.text("result/worth/0/tiers/0/change"), "25000.0", "half of the lot, yellow: {:#}", other.body["result"]);
        assert_eq!(scene.institution.get(&suggestion).await.expect(200).body["why"][0]["worth"], Value::Null);
        let found = run(json!({ "name": "Marzo" })).await;
        assert_eq!(found.text("result/worth/0/supplier"), id(supplier));
        let suggested = scene.institution.get(&suggestion).await.expect(200);
        assert_eq!(suggested.body["why"][0]["worth"], json!({ "amount": "25000", "currency": "CLP" }));
        assert_eq!(suggested.text("actions/0/question"), "delivery-on-time");
        // Firms see the order alone.
        for firm in [supplier, &scene.lead_firm] {
            assert!(firm.get(&suggestion).await.expect(200).body["why"][0]["worth"].is_null());
        }
        scene.institution.get(&plan).await.expect(200);
    }
}
