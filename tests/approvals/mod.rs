//! Approvals: who accepts and approves, and the dependency rule on what is approved.

mod crowd;
pub mod days;
mod invariant;
mod lives;
mod locks;
mod lots;
mod masses;
mod previews;
mod renewals;
pub mod two_approvers;

use eslabon::foundation::access::{Kind, Role};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    matching::scene::{Scene, award, lot},
    support::{Answer, Client},
};

pub async fn step(client: &Client, found: &str, step: &str) -> Answer {
    let etag = client.get(&format!("/matches/{found}")).await.expect(200).etag();
    let body = if matches!(step, "decline" | "reject") {
        json!({ "reason": "Sin capacidad hasta agosto" })
    } else {
        json!({})
    };
    client.post_if(&format!("/matches/{found}/{step}"), &etag, body).await
}

pub async fn accepted(buyer: &Client, supplier: &Client, found: &str) {
    step(buyer, found, "accept").await.expect(200);
    step(supplier, found, "accept").await.expect(200);
}

pub async fn state(client: &Client, found: &str) -> String {
    client.get(&format!("/matches/{found}")).await.expect(200).text("state")
}

pub async fn batch(client: &Client, scene: &Scene, matches: &[&str]) -> Answer {
    let mut chosen = Vec::new();
    for found in matches {
        let etag = client.get(&format!("/matches/{found}")).await.expect(200).etag();
        chosen.push(json!({ "match": found, "etag": etag }));
    }
    client.post(&format!("{}/approvals", scene.programme), json!({ "matches": chosen })).await
}

on_both_engines! {
    async fn both_firms_accept_and_somebody_else_approves(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let found = &scene.propose(&app, &[award(&supplier, &lots[0], 100)]).await[0];

        let early = step(&scene.approver, found, "approve").await.expect(409);
        assert_eq!(early.code(), "wrong-state");
        let accept = format!("/matches/{found}/accept");
        assert_eq!(supplier.post(&accept, json!({})).await.expect(428).code(), "version-required");
        assert_eq!(supplier.post_if(&accept, "\"9\"", json!({})).await.expect(412).code(), "stale-version");
        assert_eq!(step(&supplier, found, "accept").await.expect(200).text("state"), "accepted_by_supplier");
        assert_eq!(step(&supplier, found, "accept").await.expect(409).code(), "already-accepted");
        assert_eq!(step(&buyer, found, "accept").await.expect(200).text("state"), "accepted");

        assert_eq!(step(&scene.institution, found, "approve").await.expect(409).code(), "own-proposal");
        let own = batch(&scene.institution, &scene, &[found]).await.expect(409);
        assert_eq!(own.code(), "own-proposal");
        step(&supplier, found, "approve").await.expect(403);
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        step(&officer, found, "approve").await.expect(403);
        let seen = scene.approver.get(&format!("/matches/{found}")).await.expect(200);
        assert_eq!(seen.body["consequence"], json!({ "dependency_before": "0", "dependency_after": "0.090909091",
            "cap": "0.3", "sales_after": "100", "most": "330", "allowed": true }));
        assert_eq!(step(&scene.approver, found, "approve").await.expect(200).text("state"), "approved");
        for (client, then) in [(&supplier, "decline"), (&scene.approver, "reject"), (&scene.approver, "approve")] {
            assert_eq!(step(client, found, then).await.expect(409).code(), "wrong-state");
        }
    }

    async fn either_side_may_step_back_until_the_decision(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(100, "1"), lot(100, "1")]).await;
        let awards: Vec<_> = lots.iter().map(|lot| award(&supplier, lot, 100)).collect();
        let found = scene.propose(&app, &awards).await;
        accepted(&buyer, &supplier, &found[0]).await;
        let bare = supplier.get(&format!("/matches/{}", found[0])).await.expect(200).etag();
        let refused = supplier.post_if(&format!("/matches/{}/decline", found[0]), &bare, json!({})).await.expect(422);
        assert_eq!(refused.faults(), ["/reason required"]);
        let declined = step(&buyer, &found[0], "decline").await.expect(200);
        assert_eq!((declined.text("state"), declined.text("reason")), ("declined".to_owned(), "Sin capacidad hasta agosto".to_owned()));
        step(&supplier, &found[1], "decline").await.expect(200);
        step(&scene.institution, &found[2], "reject").await.expect(200);
        assert_eq!(step(&supplier, &found[2], "accept").await.expect(409).code(), "wrong-state");
    }

    async fn nobody_learns_of_the_matches_of_others(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, rival) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Otra").await);
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let found = scene.propose(&app, &[award(&ana, &lots[0], 60), award(&bea, &lots[0], 40)]).await;
        let of_ana = &found[0];
        let stranger = Scene::set(&app, "0").await;
        for client in [&bea, &rival, &stranger.institution] {
            client.get(&format!("/matches/{of_ana}")).await.expect(404);
            client.post_if(&format!("/matches/{of_ana}/approve"), "\"1\"", json!({})).await;
            let reason = json!({ "reason": "No corresponde aquí" });
            let answer = client.post_if(&format!("/matches/{of_ana}/decline"), "\"1\"", reason).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{:#}", answer.body);
        }
        stranger.approver.post_if(&format!("/matches/{of_ana}/approve"), "\"1\"", json!({})).await.expect(404);
        let foreign = json!({ "matches": [{ "match": of_ana, "etag": "\"1\"" }] });
        stranger.approver.post(&format!("{}/approvals", stranger.programme), foreign).await.expect(404);
        let listed = |answer: Answer| {
            let keys: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["items", "next", "prev"], "no count");
            answer.body["items"].as_array().unwrap().len()
        };
        assert_eq!(listed(bea.get("/matches").await.expect(200)), 1);
        assert_eq!(listed(rival.get("/matches").await.expect(200)), 0);
        assert_eq!(listed(buyer.get("/matches").await.expect(200)), 2);
        assert_eq!(listed(stranger.institution.get("/matches").await.expect(200)), 0);
        assert_eq!(listed(scene.institution.get(&format!("/matches?programme={}&state=proposed", scene.id)).await.expect(200)), 2);
        let run = scene.institution.get(&format!("/matches/{of_ana}")).await.expect(200).text("run");
        assert_eq!(listed(scene.institution.get(&format!("/matches?run={run}")).await.expect(200)), 2);
        assert_eq!(listed(buyer.get(&format!("/matches?run={run}")).await.expect(200)), 0, "firms know no runs");
        // The consequence is the supplier's own affair and the institution's.
        assert!(ana.get(&format!("/matches/{of_ana}")).await.expect(200).body["consequence"].is_object());
        assert!(buyer.get(&format!("/matches/{of_ana}")).await.expect(200).body.get("consequence").is_none());
    }

    async fn a_match_that_only_another_one_made_possible_is_refused_without_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, small) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Chica").await);
        let supplier = scene.supplier(&app, "1000").await;
        scene.sells(&supplier, &big, "300").await;
        let (of_big, of_small) =
            (scene.requirement(&big, &[lot(300, "1")]).await, scene.requirement(&small, &[lot(700, "1")]).await);
        let found = scene.propose(&app, &[award(&supplier, &of_big[0], 300), award(&supplier, &of_small[0], 700)]).await;
        let (first, second) = (found[0].as_str(), found[1].as_str());
        accepted(&big, &supplier, first).await;
        accepted(&small, &supplier, second).await;

        let alone = step(&scene.approver, first, "approve").await.expect(409);
        assert_eq!(alone.code(), "dependency-cap-exceeded");
        let detail = alone.text("detail");
        for figure in ["Grande", "600 USD", "390 USD", "46.15 %", "30.0 %"] {
            assert!(detail.contains(figure), "{figure}: {detail}");
        }
        assert_eq!(state(&scene.approver, first).await, "accepted");
        // 600 ≤ 0.3 · 2000, though 700 ≤ 0.3 · 2000 does not hold: the second is too much by itself.
        let both = batch(&scene.approver, &scene, &[first, second]).await.expect(409);
        assert_eq!(both.faults(), [format!("/matches/{second} over-the-cap")]);
        assert_eq!(state(&scene.approver, first).await, "accepted", "all or nothing");

        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": small.organisation(), "dependency_cap": "0.5",
            "reason": "Primer contrato de la red", "expires_on": "2026-03-10" });
        scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
        batch(&scene.approver, &scene, &[first, second]).await.expect(200);
        assert_eq!(state(&supplier, second).await, "approved");
    }

    async fn a_rejected_match_counts_no_more(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, small) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Chica").await);
        let supplier = scene.supplier(&app, "1000").await;
        scene.sells(&supplier, &big, "250").await;
        let (of_big, of_small) =
            (scene.requirement(&big, &[lot(150, "1")]).await, scene.requirement(&small, &[lot(400, "1")]).await);
        let found = scene.propose(&app, &[award(&supplier, &of_big[0], 150), award(&supplier, &of_small[0], 400)]).await;
        accepted(&big, &supplier, &found[0]).await;
        accepted(&small, &supplier, &found[1]).await;
        step(&scene.approver, &found[1], "reject").await.expect(200);
        // With both: 400 ≤ 0.3 · 1550. Without the other: 400 > 0.3 · 1150.
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        step(&scene.approver, &found[0], "reject").await.expect(200);
    }

    async fn firms_under_common_control_are_one_buyer_and_programmes_count_together(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (norte, sur) = (scene.lead_firm(&app, "Norte").await, scene.lead_firm(&app, "Sur").await);
        scene.institution.common_control(&norte, &sur).await;
        let other = Scene::set(&app, "0").await;
        other.take_in(&sur).await;
        let supplier = scene.supplier(&app, "1000").await;
        other.take_in(&supplier).await;
        let here = scene.requirement(&norte, &[lot(400, "1")]).await;
        let there = other.requirement(&sur, &[lot(100, "1"), lot(20, "1")]).await;
        let first = &scene.propose(&app, &[award(&supplier, &here[0], 400)]).await[0];
        let second = other.propose(&app, &[award(&supplier, &there[0], 100), award(&supplier, &there[1], 20)]).await;
        accepted(&norte, &supplier, first).await;
        accepted(&sur, &supplier, &second[0]).await;
        accepted(&sur, &supplier, &second[1]).await;
        step(&scene.approver, first, "approve").await.expect(200);
        // 400 + 100 > 0.3 · 1500, and 400 + 20 ≤ 0.3 · 1420.
        assert_eq!(step(&other.approver, &second[0], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        step(&other.approver, &second[1], "approve").await.expect(200);
    }

    async fn a_waiver_that_has_expired_voids_nothing_and_lets_nothing_more_through(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, small) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Chica").await);
        let supplier = scene.supplier(&app, "1000").await;
        let of_big = scene.requirement(&big, &[lot(1000, "1"), lot(10, "1")]).await;
        let of_small = scene.requirement(&small, &[lot(100, "1")]).await;
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": big.organisation(), "dependency_cap": "0.5",
            "reason": "Primer contrato de la red", "expires_on": "2026-03-10" });
        scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
        let awards = [award(&supplier, &of_big[0], 1000), award(&supplier, &of_big[1], 10), award(&supplier, &of_small[0], 100)];
        let found = scene.propose(&app, &awards).await;
        for (buyer, found) in [&big, &big, &small].into_iter().zip(&found) {
            accepted(buyer, &supplier, found).await;
        }
        step(&scene.approver, &found[0], "approve").await.expect(200);
        app.base.clock.advance(10 * 86_400);
        assert_eq!(state(&supplier, &found[0]).await, "approved");
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        step(&scene.approver, &found[2], "approve").await.expect(200);
    }

    async fn units_are_approved_once(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, ana, bea) =
            (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let first = &scene.propose(&app, &[award(&ana, &lots[0], 60)]).await[0];
        accepted(&buyer, &ana, first).await;
        let once = json!({ "match": first, "etag": "\"3\"" });
        let twice = json!({ "matches": [once, once] });
        let refused = scene.approver.post(&format!("{}/approvals", scene.programme), twice).await.expect(422);
        assert_eq!(refused.faults(), ["/matches named-twice"]);
        step(&scene.approver, first, "approve").await.expect(200);
        let second = &scene.propose(&app, &[award(&bea, &lots[0], 50)]).await[0];
        accepted(&buyer, &bea, second).await;
        let refused = step(&scene.approver, second, "approve").await.expect(409);
        assert_eq!(refused.code(), "lot-already-covered");
        assert!(refused.text("detail").contains("110") && refused.text("detail").contains("100"));
    }

    async fn approvals_at_the_same_moment_never_exceed_the_cap(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &vec![lot(30, "1"); 20]).await;
        let awards: Vec<_> = lots.iter().map(|lot| award(&supplier, lot, 30)).collect();
        let found = scene.propose(&app, &awards).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        let answers = join_all(found.iter().map(|found| step(&scene.approver, found, "approve"))).await;
        let approved = answers.iter().filter(|answer| answer.status == 200).count();
        // 30 n ≤ 0.3 (1000 + 30 n), so 14.
        assert_eq!(approved, 14);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.expect(409).code(), "dependency-cap-exceeded");
        }
        let kept = supplier.get("/matches?state=approved&limit=100").await.expect(200);
        let sum: f64 = kept.body["items"].as_array().unwrap().iter().map(amount).sum();
        assert!((sum - 420.).abs() < 1e-9);
    }

    async fn two_batches_with_the_same_suppliers_wait_for_each_other(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(100, "1")]).await;
        let awards = [&lots[0], &lots[1]].map(|lot| [award(&ana, lot, 50), award(&bea, lot, 50)]).concat();
        let found = scene.propose(&app, &awards).await;
        for (supplier, found) in [&ana, &bea, &ana, &bea].into_iter().zip(&found) {
            accepted(&buyer, supplier, found).await;
        }
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let (one, other) = ([found[0], found[3]], [found[1], found[2]]);
        let (one, other) = tokio::join!(batch(&scene.approver, &scene, &one), batch(&scene.approver, &scene, &other));
        one.expect(200);
        other.expect(200);
    }
}

fn amount(found: &Value) -> f64 {
    found["annual_amount"]["amount"].as_str().unwrap().parse().unwrap()
}
