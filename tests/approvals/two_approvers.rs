//! Two approvers above the threshold, consequences seen beforehand, alerts about what has lapsed, consortia.

use eslabon::foundation::{
    access::{Kind, Role},
    db::Engine,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::{accepted, batch, state, step};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, TestApp},
};

/// The programme's rules with two approvers above this amount of USD.
async fn above(scene: &Scene, amount: &str) {
    let seen = scene.institution.get(&scene.programme).await.expect(200);
    let mut rules = seen.body["rules"].clone();
    rules["dual_approval_above"] = json!({ "amount": amount, "currency": "USD" });
    scene.institution.put_if(&format!("{}/rules", scene.programme), &seen.etag(), rules).await.expect(200);
}

async fn waive(scene: &Scene, supplier: &Client, buyer: &Client, cap: &str) {
    let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(), "dependency_cap": cap,
        "reason": "Primer contrato de la red", "expires_on": "2026-03-10" });
    scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
}

async fn another_approver(app: &TestApp, scene: &Scene) -> Client {
    app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await
}

/// The reasons of a preview: matches and codes.
pub fn reasons(seen: &Answer) -> Vec<String> {
    let reasons = seen.body["reasons"].as_array().unwrap().iter();
    let told = |reason: &Value| {
        format!("{} {}", reason["match"].as_str().unwrap(), reason["code"].as_str().unwrap())
    };
    let mut told: Vec<_> = reasons.map(told).collect();
    told.sort();
    told
}

async fn alerts(scene: &Scene) -> Value {
    scene.approver.get(&format!("{}/alerts", scene.programme)).await.expect(200).body["items"].clone()
}

/// Makes every match a part of what one consortium has won.
async fn won_by_a_consortium(app: &TestApp) {
    let db = app.base.db.reads();
    let (backend, place) = match app.base.db.engine() {
        Engine::Sqlite => (DbBackend::Sqlite, "?"),
        Engine::Postgres => (DbBackend::Postgres, "$1"),
    };
    let sql = format!("UPDATE matches SET consortium_id = {place}");
    let consortium = uuid::Uuid::from_u128(0xc0);
    db.execute_raw(Statement::from_sql_and_values(backend, sql, [consortium.into()])).await.unwrap();
}

on_both_engines! {
    async fn above_the_threshold_it_takes_two_who_did_not_propose_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        above(&scene, "99.99").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(99, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 100), award(&supplier, &lots[1], 99)]).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        let (large, small) = (found[0].as_str(), found[1].as_str());
        let seen = scene.approver.get(&format!("/matches/{large}")).await.expect(200);
        assert_eq!((&seen.body["approvers_needed"], &seen.body["approvals"]), (&json!(2), &json!([])));
        let seen = supplier.get(&format!("/matches/{large}")).await.expect(200);
        assert!(seen.body.get("approvals").is_none() && seen.body.get("approvers_needed").is_none());

        assert_eq!(step(&scene.approver, small, "approve").await.expect(200).text("state"), "approved");
        assert_eq!(step(&scene.approver, large, "approve").await.expect(200).text("state"), "accepted");
        assert_eq!(step(&scene.approver, large, "approve").await.expect(409).code(), "approved-by-you");
        assert_eq!(step(&scene.institution, large, "approve").await.expect(409).code(), "own-proposal");
        let second = another_approver(&app, &scene).await;
        assert_eq!(step(&second, large, "approve").await.expect(200).text("state"), "approved");
        let trail = second.get(&format!("/matches/{large}/approvals")).await.expect(200);
        let finals: Vec<_> = trail.body["items"].as_array().unwrap().iter().map(|a| a["is_final"].clone()).collect();
        assert_eq!(finals, [json!(false), json!(true)]);
        // 99 approved before it, and 199 ≤ 0.3 (1000 + 199) with it.
        let tested = &trail.body["items"][1]["tested"][0];
        assert_eq!((&tested["left"], &tested["right"]), (&json!("199"), &json!("3597/10")));
        supplier.get(&format!("/matches/{large}/approvals")).await.expect(403);
        Scene::set(&app, "0").await.institution.get(&format!("/matches/{large}/approvals")).await.expect(404);
    }

    async fn either_firm_may_still_decline_between_two_approvals(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        above(&scene, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let found = &scene.propose(&app, &[award(&supplier, &lots[0], 100)]).await[0];
        accepted(&buyer, &supplier, found).await;
        step(&scene.approver, found, "approve").await.expect(200);
        step(&buyer, found, "decline").await.expect(200);
        let second = another_approver(&app, &scene).await;
        assert_eq!(step(&second, found, "approve").await.expect(409).code(), "wrong-state");
    }

    async fn every_fault_of_a_batch_is_told_at_its_match(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1"), lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10), award(&supplier, &lots[1], 10)]).await;
        accepted(&buyer, &supplier, &found[0]).await;
        let chosen = json!({ "matches": [{ "match": found[0], "etag": "\"1\"" }, { "match": found[1], "etag": "\"1\"" }] });
        let refused = scene.approver.post(&format!("{}/approvals", scene.programme), chosen).await.expect(412);
        assert_eq!(refused.faults(), [format!("/matches/{} match-changed", found[0]), format!("/matches/{} match-not-accepted", found[1])]);
    }

    async fn an_officer_sees_beforehand_what_would_no_longer_fit(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, small) = (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Chica").await);
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let of_big = scene.requirement(&big, &[lot(300, "1"), lot(200, "1")]).await;
        let of_small = scene.requirement(&small, &[lot(100, "1")]).await;
        let awards = [award(&ana, &of_big[0], 300), award(&ana, &of_big[1], 200), award(&ana, &of_small[0], 60),
            award(&bea, &of_small[0], 50)];
        let found = scene.propose(&app, &awards).await;
        let rival = &found[3];
        accepted(&big, &ana, &found[0]).await;
        let preview = format!("{}/approvals/preview", scene.programme);

        // 300 ≤ 0.3 · 1300; then 500 > 0.3 · 1500, though 200 alone would do. The small one fits all the same.
        let seen = scene.approver.post(&preview, json!({ "matches": [found[0]] })).await.expect(200);
        assert_eq!((&seen.body["would_be_approved"], &seen.body["reasons"]), (&json!(true), &json!([])));
        assert_eq!(seen.body["no_longer_fit"], json!([{ "match": found[1], "why": "over_the_cap" }]));
        let consequence = &seen.body["effects"][0]["consequence"];
        assert_eq!((&consequence["dependency_after"], &consequence["most"]), (&json!("0.230769231"), &json!("390")));
        let alone = scene.approver.get(&format!("/matches/{}", found[0])).await.expect(200);
        assert_eq!(alone.body["no_longer_fit"], seen.body["no_longer_fit"]);
        let seen = scene.approver.post(&preview, json!({ "matches": [found[2]] })).await.expect(200);
        assert_eq!(seen.body["no_longer_fit"], json!([{ "match": rival, "why": "lot_covered" }]));
        let seen = scene.approver.post(&preview, json!({ "matches": [found[2], rival] })).await.expect(200);
        assert_eq!(seen.body["would_be_approved"], false);
        assert_eq!(reasons(&seen), [&found[2], rival].map(|found| [format!("{found} lot-covered"), format!("{found} match-not-accepted")]).concat());
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let seen = officer.post(&preview, json!({ "matches": [found[0]] })).await.expect(200);
        assert_eq!(reasons(&seen), [format!("{} approver-needed", found[0])]);
        let unknown = json!({ "matches": [found[0]], "red_overrides": [found[1]] });
        assert_eq!(officer.post(&preview, unknown).await.expect(422).faults(), ["/red_overrides/0 not-considered"]);

        // A supplier sees its own standing, and nothing of what others lose.
        let own = ana.get(&format!("/matches/{}", found[2])).await.expect(200);
        assert!(own.body["consequence"].is_object() && own.body.get("no_longer_fit").is_none());
        ana.post(&preview, json!({ "matches": [found[0]] })).await.expect(403);
        let stranger = Scene::set(&app, "0").await;
        stranger.approver.post(&preview, json!({ "matches": [found[0]] })).await.expect(404);
        let foreign = format!("{}/approvals/preview", stranger.programme);
        stranger.approver.post(&foreign, json!({ "matches": [found[0]] })).await.expect(404);
        assert_eq!(stranger.approver.post(&foreign, json!({ "matches": [] })).await.expect(422).faults(), ["/matches required"]);
    }

    async fn a_waiver_that_lapses_raises_an_alert(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&big, &[lot(1000, "1"), lot(10, "1")]).await;
        waive(&scene, &supplier, &big, "0.5").await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 1000), award(&supplier, &lots[1], 10)]).await;
        for found in &found {
            accepted(&big, &supplier, found).await;
        }
        assert_eq!(alerts(&scene).await, json!([]));
        step(&scene.approver, &found[0], "approve").await.expect(200);
        let soon = alerts(&scene).await;
        assert_eq!((&soon[0]["lapse"], &soon[0]["waiver_expires_on"]), (&json!("waiver_expiring"), &json!("2026-03-10")));
        app.base.clock.advance(10 * 86_400);
        let now = alerts(&scene).await;
        assert_eq!((&now[0]["lapse"], &now[0]["sales"], &now[0]["most"]), (&json!("waiver_expired"), &json!("1000"), &json!("600")));
        assert_eq!(now[0]["supplier"], json!(supplier.organisation()));
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        assert_eq!(state(&supplier, &found[0]).await, "approved", "nothing is voided");
        supplier.get(&format!("{}/alerts", scene.programme)).await.expect(403);
        let stranger = Scene::set(&app, "0").await;
        stranger.institution.get(&format!("{}/alerts", scene.programme)).await.expect(404);
        // A new waiver mends it, and the alert is gone by itself.
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": big.organisation(), "dependency_cap": "0.6",
            "reason": "Segundo contrato de la red", "expires_on": "2026-12-31" });
        scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
        assert_eq!(alerts(&scene).await, json!([]));
    }

    async fn amended_sales_raise_an_alert_too(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (big, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&big, &[lot(400, "1")]).await;
        let found = &scene.propose(&app, &[award(&supplier, &lots[0], 400)]).await[0];
        accepted(&big, &supplier, found).await;
        step(&scene.approver, found, "approve").await.expect(200);
        scene.sells(&supplier, &big, "100").await;
        let now = alerts(&scene).await;
        assert_eq!((&now[0]["lapse"], &now[0]["waiver"]), (&json!("figures_changed"), &Value::Null));
    }

    async fn who_is_not_green_needs_an_agreed_plan(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        // Nobody has answered the second, so the fit is 100 of 150: yellow.
        let criteria = json!([
            { "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 },
            { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "should", "weight": 50, "criticality": 1 },
        ]);
        let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [lot(100, "1"), lot(100, "1")], "criteria": criteria });
        let posted = buyer.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        buyer.move_on(&path, "publish").await;
        buyer.move_on(&path, "close").await;
        let awards = [award(&supplier, &posted.text("lots/0/id"), 50), award(&supplier, &posted.text("lots/1/id"), 51)];
        let found = &scene.propose(&app, &awards).await;
        for found in found {
            accepted(&buyer, &supplier, found).await;
        }
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "plan-missing");
        // Half of a lot is the most for yellow.
        let both = super::batch(&scene.approver, &scene, &[&found[0], &found[1]]).await.expect(409);
        let over = format!("/matches/{} over-the-lot-share", found[1]);
        assert_eq!(both.faults().iter().filter(|fault| fault.ends_with("over-the-lot-share")).collect::<Vec<_>>(), [&over]);
        step(&scene.approver, &found[0], "reject").await.expect(200);
    }

    async fn the_light_of_the_day_of_approval_decides(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let demanded = |criticality: i64| {
            json!([{ "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must",
                "criticality": criticality }])
        };
        let mut lots = Vec::new();
        for criticality in [5, 3] {
            let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [lot(100, "1")], "criteria": demanded(criticality) });
            let posted = buyer.post("/requirements", body).await.expect(201);
            let path = format!("/requirements/{}", posted.text("id"));
            buyer.move_on(&path, "publish").await;
            buyer.move_on(&path, "close").await;
            lots.push(posted.text("lots/0/id"));
        }
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 50), award(&supplier, &lots[1], 50)]).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        // Green when they were matched; then another diagnostic, with 600 defects.
        let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
        let diagnostic = format!("/diagnostics/{}", begun.text("id"));
        let answer = json!({ "revision": 1, "value": "600" });
        let etag = supplier.put(&format!("{diagnostic}/answers/quality-defects-ppm"), answer).await.expect(200).etag();
        supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "supplier-red");
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "plan-missing");
        let both = super::batch(&scene.approver, &scene, &[&found[0], &found[1]]).await.expect(409);
        let mut expected = vec![
            format!("/matches/{} red-without-override", found[0]),
            format!("/matches/{} without-agreed-plan", found[0]),
            format!("/matches/{} without-agreed-plan", found[1]),
        ];
        expected.sort();
        assert_eq!(both.faults(), expected);
    }

    async fn a_cap_on_concentration_holds_at_approvals(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let seen = scene.institution.get(&scene.programme).await.expect(200);
        let mut rules = seen.body["rules"].clone();
        rules["hhi_cap"] = json!(500);
        scene.institution.put_if(&format!("{}/rules", scene.programme), &seen.etag(), rules).await.expect(200);
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(280, "1"), lot(300, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 280), award(&supplier, &lots[1], 300)]).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        // 300 of 1300 is 23.1 %, an index of 533; 280 of 1280 is 21.9 %, an index of 478.
        let seen = scene.approver.get(&format!("/matches/{}", found[1])).await.expect(200);
        assert_eq!(seen.body["consequence"]["allowed"], false);
        let refused = step(&scene.approver, &found[1], "approve").await.expect(409);
        assert_eq!(refused.code(), "concentration-cap-exceeded");
        assert!(refused.text("detail").contains("533") && refused.text("detail").contains("500"));
        step(&scene.approver, &found[0], "approve").await.expect(200);
    }

    async fn the_glide_path_of_the_day_is_the_cap(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let seen = scene.institution.get(&scene.programme).await.expect(200);
        let mut rules = seen.body["rules"].clone();
        rules["glide_path"] = json!(["0.6", "0.3"]);
        scene.institution.put_if(&format!("{}/rules", scene.programme), &seen.etag(), rules).await.expect(200);
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(1000, "1"), lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 1000), award(&supplier, &lots[1], 10)]).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        // 1000 ≤ 0.6 · 2000 in the first year; the second asks for 0.3.
        step(&scene.approver, &found[0], "approve").await.expect(200);
        app.base.clock.advance(366 * 86_400);
        let approver = another_approver(&app, &scene).await;
        let seen = approver.get(&format!("/matches/{}", found[1])).await.expect(200);
        let consequence = &seen.body["consequence"];
        assert_eq!((&consequence["cap"], &consequence["allowed"]), (&json!("0.3"), &json!(false)));
        // And the diagnostic, green when the solver ran, is older than a year.
        assert_eq!(step(&approver, &found[1], "approve").await.expect(409).code(), "supplier-red");
        let now = approver.get(&format!("{}/alerts", scene.programme)).await.expect(200);
        assert_eq!(now.body["items"][0]["lapse"], "figures_changed");
    }

    async fn a_consortium_stands_or_falls_together(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(100, "1")]).await;
        let awards = [award(&ana, &lots[0], 60), award(&bea, &lots[0], 40), award(&ana, &lots[1], 60), award(&bea, &lots[1], 40)];
        let found = scene.propose(&app, &awards).await;
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        won_by_a_consortium(&app).await;
        for (supplier, found) in [&ana, &bea, &ana, &bea].into_iter().zip(&found) {
            accepted(&buyer, supplier, found).await;
        }
        assert_eq!(step(&scene.approver, found[0], "approve").await.expect(409).code(), "consortium-together");
        batch(&scene.approver, &scene, &found[..2]).await.expect(200);
        step(&bea, found[3], "decline").await.expect(200);
        let left = step(&scene.approver, found[2], "approve").await.expect(409);
        assert_eq!(left.code(), "consortium-incomplete");
    }
    async fn all_that_a_consortium_has_won_of_a_lot_waits_for_the_second_approver(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        above(&scene, "99.99").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        // Of the first lot one part alone is above the threshold, of the second only both together, of the third
        // not even both.
        let parts = [(120, 30), (60, 40), (50, 49)];
        let lots = scene.requirement(&buyer, &parts.map(|(one, two)| lot(one + two, "1"))).await;
        let awards: Vec<_> = lots.iter().zip(parts)
            .flat_map(|(lot, (one, two))| [award(&ana, lot, one), award(&bea, lot, two)]).collect();
        let found = scene.propose(&app, &awards).await;
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        won_by_a_consortium(&app).await;
        for (at, found) in found.iter().enumerate() {
            accepted(&buyer, [&ana, &bea][at % 2], found).await;
        }
        let states = async |of: &[&str]| {
            let mut states = Vec::new();
            for found in of {
                states.push(state(&buyer, found).await);
            }
            states
        };
        let seen = scene.approver.get(&format!("/matches/{}", found[1])).await.expect(200);
        assert_eq!(seen.body["approvers_needed"], 2, "the smaller part waits with the larger");
        let second = another_approver(&app, &scene).await;
        let preview = format!("{}/approvals/preview", scene.programme);
        for lot in found[..4].chunks(2) {
            let seen = scene.approver.post(&preview, json!({ "matches": lot })).await.expect(200);
            assert_eq!(seen.body["two_approvers"], json!(lot));
            batch(&scene.approver, &scene, lot).await.expect(200);
            assert_eq!(states(lot).await, ["accepted", "accepted"], "the first approval approves no part");
            let again = step(&second, lot[1], "approve").await.expect(409);
            assert_eq!(again.code(), "consortium-together");
            batch(&second, &scene, lot).await.expect(200);
            assert_eq!(states(lot).await, ["approved", "approved"]);
        }
        batch(&second, &scene, &found[4..]).await.expect(200);
        assert_eq!(states(&found[4..]).await, ["approved", "approved"]);
    }
}
