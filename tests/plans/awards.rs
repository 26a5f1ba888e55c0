//! Whoever is yellow is awarded with a plan that covers what is open when the award is approved.

use eslabon::foundation::{
    access::{Kind, Role},
    audit,
};
use eslabon_solver::{Outcome, outcome::Award};
use serde_json::{Value, json};

use super::{Scene, action, answered, content, criteria, sign};
use crate::{
    approvals::{step, two_approvers::reasons},
    matching::scene::{Script, award, outcome},
    support::{Client, TestApp},
};

/// Another round, with more defects than the requirement allows.
async fn worsen(supplier: &Client) {
    answered(supplier, &[("quality-defects-ppm", "900"), ("delivery-on-time", "76")]).await;
}

/// A match of the scene's supplier that both firms have accepted; its id.
pub(super) async fn matched(app: &TestApp, scene: &Scene) -> String {
    let supplier = &scene.supplier;
    let sales = json!({ "annual_sales": { "amount": "10000000", "currency": "CLP" }, "as_of": "2026-02-28" });
    supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
    supplier
        .put("/profile/capacities/torneado", json!({ "unit": "pieza", "amount": "1000" }))
        .await
        .expect(200);
    scene.lead_firm.move_on(&scene.requirement, "close").await;
    let lot = scene.lead_firm.get(&scene.requirement).await.expect(200).text("lots/0/id");
    let begun = scene
        .institution
        .post(&format!("{}/runs", scene.programme), json!({ "name": "dictada" }))
        .await
        .expect(202);
    let award = Award { amount: "25000".into(), annual_amount: "25000".into(), ..award(supplier, &lot, 5) };
    let told = Outcome { currency: "CLP".into(), ..outcome(&[award]) };
    let script = Script::that(&format!("/bin/cat >/dev/null; printf '%s' '{}'", json!(told)));
    script.worker(&app.base).run_all_due().await.unwrap();
    let run = format!("/runs/{}", begun.text("id"));
    let adopted = scene.institution.move_on(&run, "adopt").await;
    let found = adopted.text("matches/0");
    for firm in [supplier, &scene.lead_firm] {
        step(firm, &found, "accept").await.expect(200);
    }
    found
}

/// Both firms agree on the gaps anew, and on a plan with an action for each.
async fn cover_anew(scene: &Scene, plan: &str) {
    let act = &scene.act;
    let etag = scene.supplier.get(act).await.expect(200).etag();
    scene.supplier.post_if(&format!("{act}/renew"), &etag, json!({})).await.expect(200);
    for firm in [&scene.supplier, &scene.lead_firm] {
        sign(firm, act).await.expect(200);
    }
    let mut other = action();
    other["question"] = json!("quality-defects-ppm");
    other["description"] = Value::from("Control en la máquina, pieza por pieza");
    scene.put(&scene.supplier, plan, content(&[action(), other])).await.expect(200);
    scene.post(&scene.institution, plan, "propose", json!({})).await.expect(200);
    for firm in [&scene.supplier, &scene.lead_firm] {
        sign(firm, plan).await.expect(200);
    }
}

on_both_engines! {
    async fn red_is_awarded_only_by_the_institutions_reasoned_decision(app: TestApp) {
        let scene = Scene::set(&app).await;
        let found = matched(&app, &scene).await;
        let approver = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        let plan = scene.agreed().await;
        // Yellow when it was matched; the defects are critical.
        worsen(&scene.supplier).await;
        let path = format!("/matches/{found}");
        let etag = approver.get(&path).await.expect(200).etag();
        let approve = format!("{path}/approve");
        let reasoned = json!({ "red_override": "Único fabricante de la región; visita mensual" });
        let refused = approver.post_if(&approve, &etag, json!({})).await.expect(409);
        assert_eq!(refused.code(), "supplier-red");
        // The preview has said so.
        let preview = async |overridden: &[&str]| {
            let asked = json!({ "matches": [found], "red_overrides": overridden });
            let seen = approver.post(&format!("{}/approvals/preview", scene.programme), asked).await.expect(200);
            reasons(&seen)
        };
        let [red, outgrown] = ["red-without-override", "plan-does-not-cover"].map(|code| format!("{found} {code}"));
        assert_eq!(preview(&[]).await, [outgrown.clone(), red.clone()]);
        assert_eq!(preview(&[&found]).await, [outgrown]);
        // A reason alone is not enough: the measures are mandatory.
        let refused = approver.post_if(&approve, &etag, reasoned.clone()).await.expect(409);
        assert_eq!(refused.code(), "plan-outgrown");
        cover_anew(&scene, &plan).await;
        assert_eq!(preview(&[]).await, [red]);
        assert_eq!(preview(&[&found]).await, [""; 0]);
        assert_eq!(approver.post_if(&approve, &etag, json!({})).await.expect(409).code(), "supplier-red");
        let short = approver.post_if(&approve, &etag, json!({ "red_override": "sí" })).await.expect(422);
        assert!(short.faults()[0].starts_with("/red_override "), "{:#}", short.body);
        let done = approver.post_if(&approve, &etag, reasoned).await.expect(200);
        assert_eq!(done.text("state"), "approved");
        let trail = audit::list(app.base.db.reads(), &scene.service(), 1_000).await.unwrap();
        let trail = format!("{trail:?}");
        assert!(trail.contains("red_override") && trail.contains("visita mensual"), "the reason is in the trail");
    }

    async fn a_plan_that_no_longer_covers_every_gap_is_no_agreed_one(app: TestApp) {
        // Neither is critical: the supplier stays yellow whatever it misses.
        let mut demanded = criteria();
        demanded[0]["criticality"] = json!(3);
        let scene = Scene::demanding(&app, demanded).await;
        let found = matched(&app, &scene).await;
        let approver = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        assert_eq!(step(&approver, &found, "approve").await.expect(409).code(), "plan-missing");

        let plan = scene.agreed().await;
        assert!(scene.has_agreed_plan(&app).await);
        worsen(&scene.supplier).await;
        assert!(!scene.has_agreed_plan(&app).await);
        let refused = step(&approver, &found, "approve").await.expect(409);
        assert_eq!(refused.code(), "plan-outgrown");
        assert!(refused.text("detail").contains("quality-defects-ppm") && !refused.text("detail").contains("delivery"), "{:#}", refused.body);
        let etag = approver.get(&format!("/matches/{found}")).await.expect(200).etag();
        let batch = json!({ "matches": [{ "match": found, "etag": etag }, { "match": found, "etag": etag }] });
        approver.post(&format!("{}/approvals", scene.programme), batch).await.expect(422);

        cover_anew(&scene, &plan).await;
        assert!(scene.has_agreed_plan(&app).await);
        assert_eq!(step(&approver, &found, "approve").await.expect(200).text("state"), "approved");
    }
}
