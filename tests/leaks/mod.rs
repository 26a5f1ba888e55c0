//! What must not be inferred: from counts, ranks, versions, cursors, messages, alerts, aggregates, or from what is
//! sealed. Each test looks at everything that somebody can read, not at one place.

mod messages;
mod pages;
mod sealed;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    matching::scene::lot,
    support::Client,
    world::{Seen, World},
};

/// A supplier's diagnostic with this many defects per million.
async fn diagnose(supplier: &Client, ppm: &str) {
    let diagnostic =
        format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await.expect(201).text("id"));
    let path = format!("{diagnostic}/answers/quality-defects-ppm");
    let etag = supplier.put(&path, json!({ "revision": 1, "value": ppm })).await.expect(200).etag();
    supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
}

/// What differs between two readings of the same paths.
fn differences(before: &BTreeMap<String, Seen>, after: &BTreeMap<String, Seen>) -> Vec<String> {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    before.iter().filter(|(path, seen)| after[*path] != **seen).map(|(path, _)| path.clone()).collect()
}

/// Every key of objects within, at any depth.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.push(key.clone());
                keys(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// What a rival does that the parties of the world must not learn of: states its figures, is diagnosed, offers,
/// applies to a network, forms a consortium, opens and signs a gap act, draws up a plan's ground.
async fn act_as_rival(world: &World) {
    let rival = &world.rival;
    let sales = json!({ "annual_sales": { "amount": "77777", "currency": "USD" }, "as_of": "2026-02-28" });
    let etag = rival.get(&format!("/organisations/{}/profile", rival.organisation())).await.expect(200);
    let etag = etag.headers.get("etag").map_or("\"1\"".to_owned(), |etag| etag.to_str().unwrap().to_owned());
    rival.put_if("/profile/sales", &etag, sales).await.expect(200);
    rival.put("/profile/capacities/fresado", json!({ "unit": "pieza", "amount": "7777" })).await.expect(200);
    diagnose(rival, "200").await;
    let published = world.in_state("lots", "published").params[0].1.clone();
    rival
        .put_if(&format!("/lots/{published}/offer"), "\"0\"", json!({ "unit_price": "3.33" }))
        .await
        .expect(200);
    rival.form_consortium(&world.scene.programme, &[&world.partner]).await;
    let requirement = world.in_state("requirements", "published").path();
    world.scene.institution.post(&format!("{requirement}/gap-analyses"), json!({})).await.expect(200);
    rival.post(&format!("{requirement}/gap-acts"), json!({})).await.expect(201);
}

on_both_engines! {
    /// Counts, ranks and versions: whatever a rival does, what a supplier and a lead firm without consent can read
    /// stays the same to the byte, but for the supplier's own analysis, which was computed anew.
    async fn nothing_that_a_rival_does_shows_to_others(app: TestApp) {
        let world = World::set(&app).await;
        let (supplier, buyer) = (&world.supplier, &world.buyer);
        // What a lead firm reads under a consent is in the supplier's log, once an hour.
        world.read_by(buyer).await;
        let before = [world.read_by(supplier).await, world.read_by(buyer).await, world.read_by(&world.other_buyer).await];
        act_as_rival(&world).await;
        let after = [world.read_by(supplier).await, world.read_by(buyer).await, world.read_by(&world.other_buyer).await];
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(differences(before, after), [""; 0]);
        }
        // It is not that nothing is read: the supplier's own offer shows.
        let lot = &world.in_state("lots", "published").params[0].1;
        let own = format!("/lots/{lot}/offer");
        supplier.put_if(&own, "\"1\"", json!({ "unit_price": "4" })).await.expect(200);
        assert!(differences(&after[0], &world.read_by(supplier).await).contains(&own));
    }

    /// No list says how many there are beyond what it shows, and nobody is told a rank.
    async fn no_answer_to_a_firm_counts_or_ranks(app: TestApp) {
        let world = World::set(&app).await;
        let rival = world.rival.organisation().to_string();
        for reader in [&world.supplier, &world.partner, &world.buyer] {
            for (path, (status, _, body)) in world.read_by(reader).await {
                let mut found = Vec::new();
                keys(&body, &mut found);
                let told = ["count", "total", "rank", "position", "of", "bidders", "candidates", "offers_made"];
                // The place of an entry in the audit log is what its proof is about; sizes of the log are known to all.
                let is_place = |key: &str| key == "position" && path.starts_with("/audit-entries");
                let told = found.iter().filter(|key| told.contains(&key.as_str()) && !is_place(key));
                let told: Vec<_> = told.collect();
                assert!(told.is_empty(), "{path}: {told:?}");
                if body.get("items").is_some() {
                    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
                    names.retain(|name| !["items", "next", "prev"].contains(name));
                    assert!(names.is_empty(), "{path} says {names:?} beside its items");
                }
                // The rival takes no part in anything of theirs.
                assert!(status != 200 || path.contains(&rival) || !body.to_string().contains(&rival), "{path}: {body:#}");
            }
        }
    }

    /// A cursor is the id of something that its reader was shown; somebody else's, or that of another list, is
    /// answered like one that was made up.
    async fn a_cursor_neither_reveals_nor_reaches_what_is_others(app: TestApp) {
        let world = World::set(&app).await;
        let first = async |reader: &Client, path: &str| {
            let page = reader.get(&format!("{path}?limit=1")).await.expect(200);
            let shown = page.body["items"][0].clone();
            (shown, page.body["next"].as_str().unwrap_or_else(|| panic!("{path} has one page")).to_owned())
        };
        let requirement = world.in_state("requirements", "published").path();
        let lists = ["/matches".to_owned(), "/contracts".to_owned(), "/requirements".to_owned(), "/networks".to_owned()];
        for path in lists {
            let reader = if path == "/networks" { &world.partner } else { &world.supplier };
            let (shown, cursor) = first(reader, &path).await;
            let said: Value = serde_json::from_slice(&hex::decode(&cursor).unwrap()).unwrap();
            assert_eq!(said["p"], shown["id"], "the position is what was shown");
            reader.get(&format!("{path}?limit=1&cursor={cursor}")).await.expect(200);
            let invented = world.rival.get(&format!("{path}?cursor=7b7d")).await.expect(422);
            for stranger in [&world.rival, &world.buyer, &world.strangers.last().unwrap().1] {
                let foreign = stranger.get(&format!("{path}?limit=1&cursor={cursor}")).await.expect(422);
                assert_eq!(foreign.body["errors"], invented.body["errors"]);
            }
            let elsewhere = reader.get(&format!("/programmes?cursor={cursor}")).await.expect(422);
            assert_eq!(elsewhere.body["errors"], invented.body["errors"]);
        }
        // A forged position reaches nothing either: it is only where the reader's own list goes on.
        let own = world.supplier.get(&format!("{requirement}/gap-analyses")).await.expect(200);
        assert_eq!(own.body["items"].as_array().unwrap().len(), 1);
    }

    /// The best of the others is shown from five others on, to nobody before.
    async fn aggregates_of_fewer_than_five_are_withheld(app: TestApp) {
        let world = World::set(&app).await;
        let requirement = world.in_state("requirements", "published").path();
        let best = async || {
            world.buyer.post(&format!("{requirement}/gap-analyses"), json!({})).await.expect(200);
            let mut told = Vec::new();
            for reader in [&world.supplier, &world.buyer, &world.scene.institution] {
                let path = format!("{requirement}/gap-analyses/{}", world.supplier.organisation());
                told.push(reader.get(&path).await.expect(200).body["best_peers"][0].clone());
            }
            told
        };
        // The partner and the rival have answered, two more come: four others.
        for ppm in ["150", "160"] {
            let supplier = app.supplier("Otro").await;
            world.scene.take_in(&supplier).await;
            diagnose(&supplier, ppm).await;
        }
        assert_eq!(best().await, vec![Value::Null; 3]);
        let fifth = app.supplier("Quinto").await;
        world.scene.take_in(&fifth).await;
        diagnose(&fifth, "155").await;
        assert_eq!(best().await, vec![json!({ "number": "150" }); 3]);
    }

    /// An alert names the supplier and buyers of its programme; what the supplier sells elsewhere is in the sums.
    async fn an_alert_names_nobody_outside_its_programme(app: TestApp) {
        let world = World::set(&app).await;
        let outside = app.lead_firm("Compradora de afuera").await;
        let supplier = &world.supplier;
        // A waiver, an approval under it, its end: an alert.
        let lots = world.scene.requirement(&world.other_buyer, &[lot(500, "1")]).await;
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": world.other_buyer.organisation(),
            "dependency_cap": "0.9", "reason": "Primer contrato de la red.", "expires_on": "2026-03-10" });
        world.scene.approver.post(&format!("{}/waivers", world.scene.programme), waiver).await.expect(201);
        let found = world.scene.propose(&app, &[crate::matching::scene::award(supplier, &lots[0], 500)]).await;
        crate::approvals::accepted(&world.other_buyer, supplier, &found[0]).await;
        crate::approvals::step(&world.scene.approver, &found[0], "approve").await.expect(200);
        world.scene.sells(supplier, &outside, "900").await;
        app.base.clock.advance(10 * 86_400);
        let alerts = world.scene.institution.get(&format!("{}/alerts", world.scene.programme)).await.expect(200);
        let items = alerts.body["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{:#}", alerts.body);
        let text = alerts.body.to_string();
        for secret in [outside.organisation().to_string(), "Compradora de afuera".to_owned(), "900".to_owned()] {
            assert!(!text.contains(&secret), "{secret} in {:#}", alerts.body);
        }
        for reader in [supplier, &world.buyer, &world.other_buyer] {
            reader.get(&format!("{}/alerts", world.scene.programme)).await.expect(403);
        }
        world.strangers[0].1.get(&format!("{}/alerts", world.scene.programme)).await.expect(404);
    }
}
