//! Gaps, acts and plans go by the programme's calendar: what holds until the tenth holds until midnight there.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::{Scene, action, answered, awards::matched, content, criteria, sign};
use crate::{
    approvals::{days::TO_THE_LAST_EVENING, step},
    support::TestApp,
};

/// Past midnight in Santiago.
const TO_THE_NEXT_DAY: i64 = 3 * 3_600;

/// A programme in Santiago, and a supplier that is late and whose certificate expires on the tenth of March; both firms
/// have agreed on its gaps.
async fn in_santiago(app: &TestApp) -> Scene {
    let mut demanded = criteria();
    let certificate = json!({ "question": "quality-iso-9001", "kind": "certificate", "necessity": "must", "criticality": 2 });
    demanded.as_array_mut().unwrap().push(certificate);
    let mut scene = Scene::published(app, json!({ "time_zone": "America/Santiago" }), demanded).await;
    let answers =
        [("quality-defects-ppm", "400"), ("delivery-on-time", "76"), ("quality-iso-9001", "2026-03-10")];
    answered(&scene.supplier, &answers).await;
    scene.act = scene.agree(&scene.supplier).await;
    scene
}

impl Scene {
    /// Whether the analysis that is computed now finds the certificate met.
    async fn certificate(&self) -> String {
        self.lead_firm.post(&format!("{}/gap-analyses", self.requirement), json!({})).await.expect(200);
        let path = format!("{}/gap-analyses/{}", self.requirement, self.supplier.organisation());
        self.supplier.get(&path).await.expect(200).text("lines/2/outcome")
    }

    async fn act_state(&self) -> String {
        let read = self.supplier.get(&self.act).await.expect(200).text("state");
        let listed = self.supplier.get(&format!("{}/gap-acts", self.requirement)).await.expect(200);
        assert_eq!(listed.text("items/0/state"), read);
        read
    }
}

on_both_engines! {
    async fn a_certificate_counts_until_midnight_there(app: TestApp) {
        let scene = in_santiago(&app).await;
        app.base.clock.advance(TO_THE_LAST_EVENING);
        assert_eq!((scene.certificate().await, scene.act_state().await), ("met".to_owned(), "agreed".to_owned()));
        let suggested = scene.supplier.get(&format!("{}/plan-suggestion", scene.act)).await.expect(200);
        let months = suggested.text("actions/0/months").parse::<i64>().unwrap();
        let tenth: eslabon::foundation::clock::Day = "2026-03-10".parse().unwrap();
        assert_eq!(suggested.text("actions/0/due_on"), tenth.plus_days(30 * months.max(1)).to_string());
        let plan = scene.draw_up().await;
        app.base.clock.advance(TO_THE_NEXT_DAY);
        assert_eq!((scene.certificate().await, scene.act_state().await), ("not_met".to_owned(), "void".to_owned()));
        // Nobody signs, disputes or draws up anything under what is void.
        let refused = sign(&scene.supplier, &scene.act).await.expect(409);
        assert_eq!(refused.code(), "wrong-state");
        let refused = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/grounds gap-act-changed"]);
        scene.post(&scene.supplier, &plan, "abandon", json!({ "reason": "Se renueva el acta primero" })).await.expect(200);
        assert_eq!(scene.supplier.post(&scene.plans(), content(&[action()])).await.expect(409).code(), "no-agreed-gap-act");
    }

    async fn an_act_is_opened_and_signed_on_the_day_there(app: TestApp) {
        let scene = in_santiago(&app).await;
        app.base.clock.advance(TO_THE_LAST_EVENING + TO_THE_NEXT_DAY);
        let renewed = scene.post(&scene.supplier, &scene.act, "renew", json!({})).await.expect(200);
        assert_eq!((renewed.text("state"), renewed.text("analysis/lines/2/outcome")), ("open".to_owned(), "not_met".to_owned()));
        // Back in the evening of the tenth the certificate holds, so what was renewed says something else.
        app.base.clock.advance(-TO_THE_NEXT_DAY);
        assert_eq!(sign(&scene.supplier, &scene.act).await.expect(409).code(), "wrong-state");
    }

    async fn what_is_due_on_the_tenth_is_due_until_midnight_there(app: TestApp) {
        let scene = in_santiago(&app).await;
        let mut soon = content(&[action()]);
        soon["objectives"][0]["due_on"] = json!("2026-03-10");
        soon["actions"][0]["due_on"] = json!("2026-03-10");
        let drawn = scene.supplier.post(&scene.plans(), soon).await.expect(201);
        let plan = format!("/plans/{}", drawn.text("id"));
        app.base.clock.advance(TO_THE_LAST_EVENING + TO_THE_NEXT_DAY);
        let late = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert!(late.faults().contains(&"/actions/0/due_on in-the-past".to_owned()), "{:#}", late.body);
        assert!(late.faults().contains(&"/objectives/0/due_on in-the-past".to_owned()), "{:#}", late.body);
        app.base.clock.advance(-TO_THE_NEXT_DAY);
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
    }

    async fn a_plan_covers_what_is_open_until_midnight_there(app: TestApp) {
        let scene = in_santiago(&app).await;
        let found = matched(&app, &scene).await;
        let approver = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        scene.agreed().await;
        app.base.clock.advance(TO_THE_LAST_EVENING + TO_THE_NEXT_DAY);
        let refused = step(&approver, &found, "approve").await.expect(409);
        assert_eq!(refused.code(), "plan-outgrown");
        assert!(refused.text("detail").contains("quality-iso-9001"), "{:#}", refused.body);
        app.base.clock.advance(-TO_THE_NEXT_DAY);
        assert_eq!(step(&approver, &found, "approve").await.expect(200).body["state"], Value::from("approved"));
    }
}
