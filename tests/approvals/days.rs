//! A day of a programme ends when it does there, not in Greenwich.

use serde_json::json;

use super::{accepted, step};
use crate::matching::{
    awards, id,
    scene::{Scene, award, lot},
};

/// From the start of the clock to the eleventh of March, one o'clock in Greenwich: ten in the evening of the
/// tenth in Santiago.
pub const TO_THE_LAST_EVENING: i64 = 8 * 86_400 + 11 * 3_600;
const SANTIAGO: &str = "America/Santiago";

on_both_engines! {
    async fn a_waiver_holds_until_midnight_there(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": SANTIAGO })).await;
        let (big, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&big, &[lot(1000, "1"), lot(10, "1")]).await;
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": big.organisation(), "dependency_cap": "0.6",
            "reason": "Primer contrato de la red", "expires_on": "2026-03-10" });
        scene.approver.post(&format!("{}/waivers", scene.programme), waiver).await.expect(201);
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 1000), award(&supplier, &lots[1], 10)]).await;
        for found in &found {
            accepted(&big, &supplier, found).await;
        }
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let allowed = async || {
            let seen = scene.approver.get(&format!("/matches/{}", found[1])).await.expect(200);
            let preview = format!("{}/approvals/preview", scene.programme);
            let together = scene.approver.post(&preview, json!({ "matches": [found[1]] })).await.expect(200);
            (seen.body["consequence"]["allowed"].clone(), together.body["would_be_approved"].clone())
        };
        let lapse = async || {
            let alerts = scene.approver.get(&format!("{}/alerts", scene.programme)).await.expect(200);
            alerts.text("items/0/lapse")
        };
        step(&scene.approver, &found[0], "approve").await.expect(200);
        assert_eq!(allowed().await, (json!(true), json!(true)));
        assert_eq!(lapse().await, "waiver_expiring");
        app.base.clock.advance(3 * 3_600);
        assert_eq!(allowed().await, (json!(false), json!(false)));
        assert_eq!(lapse().await, "waiver_expired");
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "dependency-cap-exceeded");
    }

    async fn the_glide_path_steps_at_midnight_there(app: TestApp) {
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" }, "glide_path": ["0.6", "0.3"] });
        let programme = json!({ "time_zone": SANTIAGO, "starts_on": "2025-03-11", "rules": rules });
        let scene = Scene::with(&app, programme).await;
        let (big, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        scene.requirement(&big, &[lot(1000, "1")]).await;
        app.base.clock.advance(TO_THE_LAST_EVENING - 2 * 3_600);
        let before = scene.run(json!({ "name": "de día" })).await;
        app.run_jobs().await;
        app.base.clock.advance(2 * 3_600);
        let evening = scene.run(json!({ "name": "de noche" })).await;
        app.run_jobs().await;
        // 1000 ≤ 0.6 · 2000.
        assert_eq!(awards(&scene.look(&evening).await.body), [(id(&supplier), 1000)]);
        scene.adopt(&before).await.expect(200);
        app.base.clock.advance(3 * 3_600);
        assert_eq!(scene.adopt(&evening).await.expect(409).code(), "looser-than-the-rules");
    }

    async fn an_offer_may_hold_until_midnight_there(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": SANTIAGO })).await;
        let (big, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [lot(10, "1")], "criteria": [] });
        let posted = big.post("/requirements", body).await.expect(201);
        big.move_on(&format!("/requirements/{}", posted.text("id")), "publish").await;
        let offer = format!("/lots/{}/offer", posted.text("lots/0/id"));
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let price = json!({ "unit_price": "1", "valid_until": "2026-03-10" });
        supplier.put_if(&offer, "\"0\"", price.clone()).await.expect(200);
        app.base.clock.advance(3 * 3_600);
        supplier.put_if(&offer, "\"1\"", price).await.expect(422);
    }
}
