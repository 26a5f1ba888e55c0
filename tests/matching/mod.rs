//! Runs: from the snapshot to proposed matches.

mod adoption;
mod consortia;
mod exchange;
mod explanations;
pub mod interruptions;
mod networks;
mod scenarios;
pub mod scene;

use eslabon::foundation::access::Role;
use serde_json::{Value, json};

use scene::{Scene, lot};

use crate::support::Client;

/// Awards as (supplier, units), sorted.
pub fn awards(run: &Value) -> Vec<(String, u64)> {
    let awards = run["result"]["awards"].as_array().unwrap().iter();
    let mut awards: Vec<_> = awards
        .map(|a| (a["supplier"].as_str().unwrap().to_owned(), a["quantity"].as_u64().unwrap()))
        .collect();
    awards.sort();
    awards
}

pub fn id(client: &Client) -> String {
    client.organisation().to_string()
}

on_both_engines! {
    async fn a_run_awards_what_the_cap_lets_through_and_becomes_matches_once(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, ana, bea) =
            (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        scene.requirement(&buyer, &[lot(100, "10")]).await;

        let body = json!({ "name": "Marzo" });
        let runs = format!("{}/runs", scene.programme);
        let accepted = scene.institution.post_once(&runs, "k1", body.clone()).await.expect(202);
        let again = scene.institution.post_once(&runs, "k1", body).await.expect(202);
        assert_eq!(accepted.text("id"), again.text("id"), "the same key, one run");
        assert_eq!((accepted.text("state"), accepted.body["result"].is_null()), ("queued".to_owned(), true));
        let run = format!("/runs/{}", accepted.text("id"));
        assert_eq!(accepted.headers["location"], format!("/api/v1{run}"));

        // What changes after the snapshot does not change the run.
        scene.sells(&ana, &buyer, "900").await;
        app.run_jobs().await;
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.text("result/status")), ("finished".to_owned(), "optimal".to_owned()));
        // A ≤ 0.3 (1000 + A), so at most 428.57 USD for each: 42 pieces.
        let mut expected = vec![(id(&ana), 42), (id(&bea), 42)];
        expected.sort();
        assert_eq!(awards(&found.body), expected);
        assert_eq!(found.body["result"]["unmet"][0]["quantity"], 16);
        let row = &found.body["result"]["dependency"][0];
        assert_eq!((row["before"].as_str(), row["cap"].as_str()), (Some("0.000000000"), Some("0.3")));
        assert_eq!(row["after"].as_str(), Some("0.295774648"), "420 of 1420");
        let tiers: Vec<_> = found.body["result"]["tiers"].as_array().unwrap().iter().map(|t| t["name"].clone()).collect();
        assert_eq!(tiers, ["coverage", "fit", "cost"]);

        let stale = scene.institution.post_if(&format!("{run}/adopt"), "\"1\"", json!({})).await.expect(412);
        assert_eq!(stale.code(), "stale-version");
        let adopted = scene.adopt(&run).await.expect(200);
        assert_eq!(adopted.body["matches"].as_array().unwrap().len(), 2);
        assert_eq!(scene.adopt(&run).await.expect(409).code(), "already-adopted");
        let own = ana.get("/matches").await.expect(200);
        assert_eq!(own.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(own.body["items"][0]["annual_amount"], json!({ "amount": "420.00", "currency": "USD" }));
        assert!(own.body["items"][0].get("run").is_none(), "a firm can't tell which matches came together");
    }

    async fn only_the_programmes_institution_sees_its_runs(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        scene.requirement(&buyer, &[lot(10, "1")]).await;
        let run = scene.run(json!({ "name": "uno" })).await;
        let other = Scene::set(&app, "0").await;
        for path in [run.clone(), format!("{run}/events"), format!("{}/runs", scene.programme)] {
            assert_eq!(other.institution.get(&path).await.expect(404).code(), "not-found");
            buyer.get(&path).await.expect(403);
            supplier.get(&path).await.expect(403);
        }
        other.institution.post(&format!("{run}/cancel"), json!({})).await.expect(404);
        other.institution.post_if(&format!("{run}/adopt"), "\"1\"", json!({})).await.expect(404);
        other.institution.post(&format!("{}/runs", scene.programme), json!({ "name": "x" })).await.expect(404);
        let reader = app.person(scene.institution.organisation(), eslabon::foundation::access::Kind::Institution,
            Role::InstitutionReader).await;
        assert_eq!(reader.get(&format!("{}/runs", scene.programme)).await.expect(200).body["items"][0]["name"], "uno");
        reader.post(&format!("{run}/cancel"), json!({})).await.expect(403);
    }

    async fn a_scenario_may_drop_the_cap_but_is_not_adopted_then(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, _supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        scene.requirement(&buyer, &[lot(100, "10")]).await;
        let both = json!({ "name": "x", "dependency_cap": "0.2", "without_cap": true, "colour": 1 });
        let refused = scene.institution.post(&format!("{}/runs", scene.programme), both).await.expect(422);
        assert_eq!(refused.faults(), ["/colour unknown-field", "/without_cap cap-and-without-cap"]);

        let free = scene.run(json!({ "name": "sin tope", "without_cap": true })).await;
        let tight = scene.run(json!({ "name": "20 %", "dependency_cap": "0.2" })).await;
        app.run_jobs().await;
        assert_eq!(awards(&scene.look(&free).await.body)[0].1, 100);
        // A ≤ 0.2 (1000 + A), so 250 USD.
        assert_eq!(awards(&scene.look(&tight).await.body)[0].1, 25);
        assert_eq!(scene.adopt(&free).await.expect(409).code(), "looser-than-the-rules");
        scene.adopt(&tight).await.expect(200);
    }

    async fn what_can_not_be_covered_is_finished_without_awards(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, _supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let mut whole = lot(100, "10");
        whole["min_coverage"] = json!("1");
        scene.requirement(&buyer, &[whole]).await;
        let run = scene.run(json!({ "name": "todo" })).await;
        app.run_jobs().await;
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.text("result/status")), ("finished".to_owned(), "infeasible".to_owned()));
        let rules: Vec<_> = found.body["result"]["conflict"].as_array().unwrap().iter().map(|r| r["rule"].clone()).collect();
        assert!(rules.contains(&json!("dependency")) && rules.contains(&json!("min_coverage")), "{rules:?}");
        let changes = found.body["result"]["relaxation"].as_array().unwrap();
        assert!(!changes.is_empty() && changes.iter().all(|r| r["by"].as_f64() > Some(0.)), "{changes:?}");
        assert_eq!(scene.adopt(&run).await.expect(409).code(), "no-awards");
    }

    async fn a_run_that_can_not_start_says_why(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, app.supplier("Otra moneda").await);
        let runs = format!("{}/runs", scene.programme);
        let nothing = scene.institution.post(&runs, json!({ "name": "x" })).await.expect(409);
        assert_eq!(nothing.code(), "nothing-to-match");

        scene.take_in(&supplier).await;
        let sales = json!({ "annual_sales": { "amount": "9000", "currency": "NIO" }, "as_of": "2026-02-28" });
        supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
        let diagnostic = supplier.post("/diagnostics", json!({})).await.expect(201).text("id");
        let answer = json!({ "revision": 1, "value": "400" });
        let path = format!("/diagnostics/{diagnostic}/answers/quality-defects-ppm");
        let etag = supplier.put(&path, answer).await.expect(200).etag();
        supplier.post_if(&format!("/diagnostics/{diagnostic}/submit"), &etag, json!({})).await.expect(200);
        scene.requirement(&buyer, &[lot(10, "1")]).await;
        let refused = scene.institution.post(&runs, json!({ "name": "x" })).await.expect(409);
        assert_eq!(refused.code(), "snapshot-refused");
        assert_eq!(refused.faults(), [format!("/suppliers/{} supplier-in-other-currency", id(&supplier))]);
        assert!(scene.institution.get(&runs).await.expect(200).body["items"].as_array().unwrap().is_empty());
    }

    async fn what_is_approved_counts_in_the_next_run(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, ana) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(500, "1")]).await;
        let found = scene.propose(&app, &[scene::award(&ana, &lots[0], 300)]).await;
        let path = format!("/matches/{}", found[0]);
        for (client, step) in [(&ana, "accept"), (&buyer, "accept"), (&scene.approver, "approve")] {
            let etag = client.get(&path).await.expect(200).etag();
            client.post_if(&format!("{path}/{step}"), &etag, json!({})).await.expect(200);
        }
        let run = scene.run(json!({ "name": "segunda" })).await;
        app.run_jobs().await;
        // 300 + A ≤ 0.3 (1000 + 300 + A), so 128 of the 200 that are left.
        let found = scene.look(&run).await;
        assert_eq!(awards(&found.body), [(id(&ana), 128)]);
        assert_eq!(found.body["result"]["unmet"][0]["quantity"], 72);
    }
}
