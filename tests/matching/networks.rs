//! Runs and consortia of a network are for those who look after it.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::scene::{Scene, award, lot};
use crate::{
    approvals::{accepted, step},
    support::Client,
};

const MISSING: &str = "01890000-0000-7000-8000-000000000000";

/// A closed requirement, of a network where one is given; its lot.
async fn requirement(scene: &Scene, buyer: &Client, network: Option<&str>) -> String {
    let mut body =
        json!({ "programme": scene.id, "title": "Bujes 2026", "lots": [lot(10, "1")], "criteria": [] });
    if let Some(network) = network {
        body["network"] = json!(network.strip_prefix("/networks/").unwrap());
    }
    let posted = buyer.post("/requirements", body).await.expect(201);
    let path = format!("/requirements/{}", posted.text("id"));
    buyer.move_on(&path, "publish").await;
    buyer.move_on(&path, "close").await;
    posted.text("lots/0/id")
}

async fn run_ids(client: &Client, scene: &Scene) -> Vec<Value> {
    let listed = client.get(&format!("{}/runs", scene.programme)).await.expect(200);
    listed.body["items"].as_array().unwrap().iter().map(|run| run["name"].clone()).collect()
}

on_both_engines! {
    async fn a_run_about_a_network_is_seen_by_those_who_look_after_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, ana) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let network = scene.institution.network(&scene.programme, &buyer).await;
        scene.institution.select(&network, &buyer, &ana).await;
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        requirement(&scene, &buyer, None).await;
        // The officer matches what it looks after: the programme without the network.
        let own = officer.post(&format!("{}/runs", scene.programme), json!({ "name": "sin red" })).await.expect(202);
        requirement(&scene, &buyer, Some(&network)).await;
        let whole = scene.run(json!({ "name": "todo" })).await;
        let part = scene.run(json!({ "name": "red", "network": network.strip_prefix("/networks/").unwrap() })).await;
        app.run_jobs().await;
        let missing = officer.get(&format!("/runs/{MISSING}")).await.expect(404).text("detail");
        for run in [&whole, &part] {
            assert_eq!(officer.get(run).await.expect(404).text("detail"), missing);
            officer.get(&format!("{run}/events")).await.expect(404);
            officer.post(&format!("{run}/cancel"), json!({})).await.expect(404);
            officer.post_if(&format!("{run}/adopt"), "\"1\"", json!({})).await.expect(404);
            let comparison = format!("/runs/{}/comparison?with={}", own.text("id"), run.strip_prefix("/runs/").unwrap());
            assert_eq!(officer.get(&comparison).await.expect(422).faults(), ["/with no-such-run"]);
        }
        assert_eq!(run_ids(&officer, &scene).await, [json!("sin red")]);
        assert_eq!(run_ids(&scene.institution, &scene).await.len(), 3, "its administrators see all");

        let account = officer.get("/me").await.expect(200).text("account/id");
        scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        assert_eq!(run_ids(&officer, &scene).await.len(), 3);
        officer.get(&whole).await.expect(200);
        scene.institution.delete(&format!("{network}/officers/{account}")).await.expect(204);
        officer.get(&whole).await.expect(404);
    }

    /// The officer sees something of the supplier in the programme, and nothing of what it sells in the network.
    async fn an_alert_about_a_network_is_for_those_who_look_after_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, other) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Otra").await);
        let ana = scene.supplier(&app, "1000").await;
        let network = scene.institution.network(&scene.programme, &buyer).await;
        scene.institution.select(&network, &buyer, &ana).await;
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let assign = async |client: &Client| {
            let account = client.get("/me").await.expect(200).text("account/id");
            scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        };
        assign(&scene.approver).await;
        let within = requirement(&scene, &buyer, Some(&network)).await;
        let open = requirement(&scene, &other, None).await;
        let found = scene.propose(&app, &[award(&ana, &within, 10), award(&ana, &open, 10)]).await;
        for found in &found {
            let seen = scene.approver.get(&format!("/matches/{found}")).await.expect(200);
            let of_buyer = seen.text("lead_firm") == buyer.organisation().to_string();
            accepted(if of_buyer { &buyer } else { &other }, &ana, found).await;
            step(&scene.approver, found, "approve").await.expect(200);
        }
        scene.sells(&ana, &buyer, "900").await;
        let alerts = async |client: &Client| {
            client.get(&format!("{}/alerts", scene.programme)).await.expect(200).body["items"].clone()
        };
        let all = alerts(&scene.institution).await;
        assert_eq!((&all[0]["lapse"], &all[0]["lead_firms"]), (&json!("figures_changed"), &json!([buyer.organisation()])));
        assert_eq!(officer.get("/matches").await.expect(200).body["items"].as_array().unwrap().len(), 1);
        assert_eq!(alerts(&officer).await, json!([]));
        assign(&officer).await;
        assert_eq!(alerts(&officer).await, all);
    }

    async fn a_consortium_of_a_network_is_seen_by_its_members_and_those_who_look_after_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea, eva) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let network = scene.institution.network(&scene.programme, &buyer).await;
        for supplier in [&ana, &bea] {
            scene.institution.select(&network, &buyer, supplier).await;
        }
        let mut members = Vec::new();
        for firm in [&bea, &eva] {
            members.push(json!({ "country": "NI", "tax_id": firm.get("/me").await.text("organisation/tax_id") }));
        }
        let form = format!("{}/consortia", scene.programme);
        let body = |network: &str| json!({ "name": "Torneros del Valle", "network": network, "members": members });
        let id = network.strip_prefix("/networks/").unwrap();
        // Foreign and unknown networks are told alike.
        let alone = json!({ "name": "Torneros", "network": id, "members": [members[0]] });
        assert_eq!(eva.post(&form, alone).await.expect(422).faults(), ["/network no-such-network"]);
        assert_eq!(ana.post(&form, body(MISSING)).await.expect(422).faults(), ["/network no-such-network"]);
        let formed = ana.post(&form, body(id)).await.expect(201);
        let consortium = format!("/consortia/{}", formed.text("id"));
        assert_eq!(formed.text("network"), id);

        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let missing = officer.get(&format!("/consortia/{MISSING}")).await.expect(404).text("detail");
        assert_eq!(officer.get(&consortium).await.expect(404).text("detail"), missing);
        assert_eq!(officer.get("/consortia").await.expect(200).body["items"], json!([]));
        scene.institution.get(&consortium).await.expect(200);
        let account = officer.get("/me").await.expect(200).text("account/id");
        scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        officer.get(&consortium).await.expect(200);
        // Only firms that the network has selected are in it.
        let etag = eva.get(&consortium).await.expect(200).etag();
        eva.post_if(&format!("{consortium}/accept"), &etag, json!({})).await.expect(404);
        bea.post_if(&format!("{consortium}/accept"), &etag, json!({})).await.expect(200);
    }
}
