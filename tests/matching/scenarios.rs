//! Scenarios: decisions taken as given, runs side by side, and "why not me".

use serde_json::{Value, json};

use super::{
    awards, id,
    scene::{Scene, award, lot},
};
use crate::{
    approvals::{accepted, step},
    support::{Client, TestApp},
};

async fn finished(app: &TestApp, scene: &Scene, body: Value) -> String {
    let run = scene.run(body).await;
    app.run_jobs().await;
    assert_eq!(scene.look(&run).await.text("state"), "finished", "{:#}", scene.look(&run).await.body);
    run
}

fn of(awards: &[(String, u64)], supplier: &Client) -> u64 {
    awards.iter().find(|(found, _)| *found == id(supplier)).map_or(0, |(_, units)| *units)
}

async fn why_not(client: &Client, lot: &str) -> (i64, Vec<String>) {
    let answer = client.get(&format!("/lots/{lot}/why-not")).await.expect(200);
    let codes = answer.body["reasons"].as_array().unwrap().iter();
    (
        answer.body["awarded"].as_i64().unwrap(),
        codes.map(|r| r["code"].as_str().unwrap().to_owned()).collect(),
    )
}

on_both_engines! {
    async fn decisions_are_taken_as_given(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let decision = |supplier: &Client, decision: &str, quantity: Value| json!({ "supplier": supplier.organisation(), "lot": lots[0],
            "decision": decision, "quantity": quantity, "reason": "Acordado en la mesa técnica" });
        let body = json!({ "name": "fija", "decisions": [decision(&ana, "fixed", json!(7)), decision(&bea, "forbidden", Value::Null)] });
        let run = finished(&app, &scene, body).await;
        let found = scene.look(&run).await;
        let given = awards(&found.body);
        assert_eq!((of(&given, &ana), of(&given, &bea)), (7, 0));
        assert_eq!(found.body["scenario"]["decisions"][0]["source"], "officer");
        assert_eq!(found.body["scenario"]["decisions"][0]["reason"], "Acordado en la mesa técnica");

        let wrong = json!({ "name": "x", "decisions": [decision(&ana, "fixed", Value::Null), decision(&bea, "forbidden", json!(1)),
            { "supplier": "nadie", "decision": "quizás" }], "objectives": [{ "tier": "cost" }], "network": "red" });
        let refused = scene.institution.post(&format!("{}/runs", scene.programme), wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/decisions/0/quantity required", "/decisions/1/quantity quantity-of-nothing",
            "/decisions/2/decision unknown-word", "/decisions/2/lot required", "/decisions/2/reason required",
            "/decisions/2/supplier not-an-id", "/network not-an-id", "/objectives objectives-without-coverage"]);
        let stranger = scene.lead_firm(&app, "Otra").await;
        let wrong = json!({ "name": "x", "decisions": [decision(&stranger, "fixed", json!(1))] });
        let refused = scene.institution.post(&format!("{}/runs", scene.programme), wrong).await.expect(409);
        assert_eq!(refused.faults(), ["/decisions/0 decision-without-pair"]);
        // A cap for somebody whom the programme does not know would do nothing, silently.
        let cap = |supplier: &Client, lead_firm: &Client| json!({ "supplier": supplier.organisation(),
            "lead_firm": lead_firm.organisation(), "dependency_cap": "0.2" });
        let outside = [app.supplier("Fuera").await, app.lead_firm("Afuera").await];
        let wrong = json!({ "name": "x", "caps": [cap(&ana, &buyer), cap(&outside[0], &buyer), cap(&bea, &outside[1]), cap(&buyer, &ana)] });
        let refused = scene.institution.post(&format!("{}/runs", scene.programme), wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/caps/1/supplier no-such-firm", "/caps/2/lead_firm no-such-firm",
            "/caps/3/lead_firm no-such-firm", "/caps/3/supplier no-such-firm"]);
        let wrong = json!({ "name": "x", "network": "01890000-0000-7000-8000-000000000000" });
        let refused = scene.institution.post(&format!("{}/runs", scene.programme), wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/network no-network-to-match"]);
    }

    async fn a_run_starts_from_the_decisions_taken(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(50, "1")]).await;
        let found = scene.propose(&app, &[award(&ana, &lots[0], 60), award(&bea, &lots[0], 40), award(&ana, &lots[1], 50)]).await;
        accepted(&buyer, &bea, &found[1]).await;
        step(&scene.approver, &found[1], "approve").await.expect(200);
        step(&ana, &found[0], "decline").await.expect(200);
        step(&scene.institution, &found[2], "reject").await.expect(200);

        let again = finished(&app, &scene, json!({ "name": "otra vez", "decisions_taken": true })).await;
        let seen = scene.look(&again).await;
        let given = awards(&seen.body);
        assert_eq!((of(&given, &ana), seen.body["result"]["unmet"].clone()), (0, json!([])), "{given:?}");
        let mut sources: Vec<_> = seen.body["scenario"]["decisions"].as_array().unwrap().iter().map(|d| d["source"].clone()).collect();
        sources.sort_by_key(Value::to_string);
        assert_eq!(sources, [json!("declined"), json!("rejected")]);
        assert_eq!(seen.body["scenario"]["decisions"][0]["reason"], "Sin capacidad hasta agosto");
        // Bea's 40 stand: she gets the other 60 and the other lot.
        assert_eq!(given.iter().map(|(_, units)| units).sum::<u64>(), 110);
        scene.adopt(&again).await.expect(200);
        assert_eq!(why_not(&ana, &lots[0]).await, (0, vec!["forbidden".to_owned()]));
    }

    async fn two_runs_are_compared(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let ana = scene.supplier(&app, "1000").await;
        let lots = scene.requirement(&buyer, &[lot(1000, "1")]).await;
        let tight = finished(&app, &scene, json!({ "name": "20 %", "dependency_cap": "0.2" })).await;
        let usual = finished(&app, &scene, json!({ "name": "30 %" })).await;
        let other = usual.strip_prefix("/runs/").unwrap();
        let seen = scene.institution.get(&format!("{tight}/comparison?with={other}")).await.expect(200);
        // A ≤ 0.2 (1000 + A): 250; A ≤ 0.3 (1000 + A): 428.
        assert_eq!(seen.body["lots"], json!([{ "id": lots[0], "this": "250", "other": "428", "difference": "178" }]));
        assert_eq!(seen.body["tiers"][0]["id"], "coverage");
        assert_eq!(seen.body["tiers"][0]["difference"], "178");
        assert_eq!(seen.body["buyers"][0]["difference"], "178");
        assert_eq!(seen.body["suppliers"][0]["id"], id(&ana));
        let largest = json!({ "id": "dependency", "this": "0.200000000", "other": "0.299719888", "difference": "0.099719888" });
        assert_eq!(seen.body["largest_dependency"], largest);

        let stranger = Scene::set(&app, "0").await;
        stranger.institution.get(&format!("{tight}/comparison?with={other}")).await.expect(404);
        let nobody = format!("{tight}/comparison?with=01890000-0000-7000-8000-000000000000");
        assert_eq!(scene.institution.get(&nobody).await.expect(422).faults(), ["/with no-such-run"]);
        let waiting = scene.run(json!({ "name": "espera" })).await;
        let unfinished = format!("{tight}/comparison?with={}", waiting.strip_prefix("/runs/").unwrap());
        assert_eq!(scene.institution.get(&unfinished).await.expect(409).code(), "run-without-answer");
        buyer.get(&format!("{tight}/comparison?with={other}")).await.expect(403);
    }

    async fn a_supplier_learns_why_not_of_itself_alone(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let outside = app.supplier("Fuera").await;
        let lots = scene.requirement(&buyer, &[lot(500, "1")]).await;
        let early = ana.get(&format!("/lots/{}/why-not", lots[0])).await.expect(409);
        assert_eq!(early.code(), "not-matched-yet");
        let decisions = json!([{ "supplier": bea.organisation(), "lot": lots[0], "decision": "forbidden", "reason": "Sin permiso ambiental" }]);
        let run = finished(&app, &scene, json!({ "name": "Marzo", "decisions": decisions })).await;
        scene.adopt(&run).await.expect(200);
        let told = ana.get(&format!("/lots/{}/why-not", lots[0])).await.expect(200);
        assert_eq!((&told.body["awarded"], &told.body["reasons"][0]["code"]), (&json!(428), &json!("dependency")));
        assert_eq!((&told.body["reasons"][0]["cap"], &told.body["reasons"][0]["dependency"]), (&json!("0.3"), &json!("0.299719888")));
        assert_eq!(why_not(&bea, &lots[0]).await, (0, vec!["forbidden".to_owned()]));
        // Nothing names or measures the other one.
        for (asked, other) in [(&ana, &bea), (&bea, &ana)] {
            let text = asked.get(&format!("/lots/{}/why-not", lots[0])).await.expect(200).body.to_string();
            assert!(!text.contains(&id(other)) && !text.contains("Sin permiso"), "{text}");
        }
        outside.get(&format!("/lots/{}/why-not", lots[0])).await.expect(404);
        buyer.get(&format!("/lots/{}/why-not", lots[0])).await.expect(403);
        scene.institution.get(&format!("/lots/{}/why-not", lots[0])).await.expect(403);
    }

    async fn an_offer_that_would_come_too_late_is_left_out_and_says_so(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, bea) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let due = |day: &str| {
            let mut lot = lot(100, "2");
            lot["delivery_to"] = json!(day);
            lot
        };
        let lots = json!([due("2026-04-10"), due("2026-03-15")]);
        let requirement = buyer.requirement(&scene.programme, lots, json!([])).await;
        buyer.move_on(&requirement, "publish").await;
        let posted = buyer.get(&requirement).await.expect(200);
        let lots = [posted.text("lots/0/id"), posted.text("lots/1/id")];
        // Ana is cheaper; ordered on the 2nd of March, she delivers on the 11th of April, and Bea on the 10th.
        for (who, price, days, last) in [(&ana, "1", 40, "2026-03-01"), (&bea, "2", 39, "2026-03-02")] {
            let offer = json!({ "unit_price": price, "lead_time_days": days });
            let made = who.put_if(&format!("/lots/{}/offer", lots[0]), "\"0\"", offer.clone()).await.expect(200);
            assert_eq!(made.text("last_order_on"), last, "told at once");
            who.put_if(&format!("/lots/{}/offer", lots[1]), "\"0\"", offer).await.expect(200);
        }
        buyer.move_on(&requirement, "close").await;
        let run = finished(&app, &scene, json!({ "name": "Marzo" })).await;
        let seen = scene.look(&run).await;
        assert_eq!(awards(&seen.body), [(id(&bea), 100)]);
        let told = seen.body["scenario"]["decisions"].as_array().unwrap();
        let of_ana = told.iter().find(|d| d["lot"] == lots[0]).unwrap();
        assert_eq!((told.len(), &of_ana["supplier"]), (3, &json!(ana.organisation())), "{told:#?}");
        assert_eq!((&of_ana["source"], &of_ana["decision"]), (&json!("lead_time"), &json!("forbidden")));
        assert!(of_ana["reason"].as_str().unwrap().contains("2026-03-01"), "{of_ana:#}");
        scene.adopt(&run).await.expect(200);
        assert_eq!(why_not(&ana, &lots[0]).await, (0, vec!["lead_time".to_owned()]));
        assert_eq!(why_not(&bea, &lots[0]).await, (100, vec!["served_otherwise".to_owned()]));
        assert_eq!(why_not(&bea, &lots[1]).await, (0, vec!["lead_time".to_owned()]));
        let unmet = buyer.get(&format!("/lots/{}/why-unmet", lots[1])).await.expect(200);
        assert_eq!((unmet.text("unmet"), unmet.text("reasons/0/code")), ("100".to_owned(), "lead_time".to_owned()));
        assert_eq!(unmet.body["reasons"][0]["suppliers"], json!([]), "nobody is named");

        // The institution may know better, and says why.
        let decision = json!({ "supplier": ana.organisation(), "lot": lots[0], "decision": "fixed", "quantity": 5,
            "reason": "Acordó un primer envío en marzo." });
        let fixed = finished(&app, &scene, json!({ "name": "fija", "decisions": [decision] })).await;
        assert_eq!(of(&awards(&scene.look(&fixed).await.body), &ana), 5);
        app.base.clock.advance(86_400);
        let later = finished(&app, &scene, json!({ "name": "un día después" })).await;
        assert!(awards(&scene.look(&later).await.body).is_empty());
    }
}
