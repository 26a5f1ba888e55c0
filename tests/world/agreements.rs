//! Gap acts and plans in every state.

use serde_json::{Value, json};

use super::{MISSING, Object, World};
use crate::{
    diagnostics::evidence::{pdf, upload},
    support::sign,
};

/// A plan with one action, which the supplier pays for.
pub fn plan() -> Value {
    json!({
        "objectives": [{ "indicator": "Defectos", "unit": "ppm", "baseline": "400", "target": "300", "due_on": "2026-09-30" }],
        "actions": [{
            "question": "quality-defects-ppm", "owner": "supplier", "description": "Control estadístico de proceso",
            "cost": { "amount": "100", "currency": "USD" }, "months": 4,
            "split": { "programme": "0", "lead_firm": "0", "supplier": "1" }, "due_on": "2026-07-31",
        }],
    })
}

impl World {
    pub(super) async fn agreements(&mut self) {
        for state in ["open", "disputed", "signed_by_supplier", "signed_by_lead_firm", "agreed", "void"] {
            let (act, dispute) = self.act(state).await;
            self.put(Object::new("gap-acts", state, &act).with("dispute", &dispute));
        }
        let states = [
            "draft",
            "proposed",
            "signed_by_supplier",
            "signed_by_lead_firm",
            "agreed",
            "void",
            "under_way",
            "completed",
            "abandoned",
        ];
        for state in states {
            let (plan, action, evidence) = self.plan(state).await;
            let object = Object::new("plans", state, &plan).with("action", &action);
            self.put(object.with("evidence", &evidence));
        }
    }

    /// An act for a requirement of its own, and its dispute.
    async fn act(&self, state: &str) -> (String, String) {
        let requirement = self.demanding().await;
        let act = self.opened(&requirement).await;
        let mut dispute = MISSING.to_owned();
        if state == "disputed" {
            let etag = self.supplier.get(&act).await.expect(200).etag();
            let body = json!({ "line": 0, "reason": "La medición incluye piezas de prueba." });
            let raised = self.supplier.post_if(&format!("{act}/disputes"), &etag, body).await.expect(200);
            dispute = raised.text("disputes/0/id");
        }
        if matches!(state, "signed_by_supplier" | "agreed" | "void") {
            sign(&self.supplier, &act).await.expect(200);
        }
        if matches!(state, "signed_by_lead_firm" | "agreed" | "void") {
            sign(&self.buyer, &act).await.expect(200);
        }
        if state == "void" {
            self.buyer.amend(&requirement, "/lots/0/quantity", json!(11)).await;
        }
        (act, dispute)
    }

    async fn opened(&self, requirement: &str) -> String {
        self.buyer.post(&format!("{requirement}/gap-analyses"), json!({})).await.expect(200);
        let opened = self.supplier.post(&format!("{requirement}/gap-acts"), json!({})).await.expect(201);
        format!("/gap-acts/{}", opened.text("id"))
    }

    /// A plan for a requirement of its own, its action, and a file beside that.
    async fn plan(&self, state: &str) -> (String, String, String) {
        let (requirement, supplier) = (self.demanding().await, &self.supplier);
        let act = self.opened(&requirement).await;
        for side in [supplier, &self.buyer] {
            sign(side, &act).await.expect(200);
        }
        let drawn = supplier.post(&format!("{requirement}/plans"), plan()).await.expect(201);
        let path = format!("/plans/{}", drawn.text("id"));
        let (action, mut evidence) = (drawn.text("actions/0/id"), MISSING.to_owned());
        if state == "draft" {
            return (path, action, evidence);
        }
        self.scene.institution.move_on(&path, "propose").await;
        if !matches!(state, "proposed" | "signed_by_lead_firm") {
            sign(supplier, &path).await.expect(200);
        }
        if !matches!(state, "proposed" | "signed_by_supplier") {
            sign(&self.buyer, &path).await.expect(200);
        }
        if matches!(state, "under_way" | "completed") {
            supplier.move_on(&path, "start").await;
            let beside = format!("{path}/actions/{action}/evidence");
            evidence = upload(supplier, &beside, &pdf(state)).await.expect(201).text("id");
        }
        let etag = supplier.get(&path).await.expect(200).etag();
        match state {
            "completed" => {
                let done =
                    json!({ "action": action, "percent": 100, "as_of": "2026-03-02", "note": "Cumplido" });
                let done = supplier.post_if(&format!("{path}/progress"), &etag, done).await.expect(200);
                let visit = json!({ "visited_on": "2026-03-02", "findings": "El control se usa a diario" });
                self.scene
                    .institution
                    .post_if(&format!("{path}/visits"), &done.etag(), visit)
                    .await
                    .expect(200);
                self.scene.institution.move_on(&path, "complete").await;
            }
            "abandoned" => {
                let reason = json!({ "reason": "Cambiamos de rubro en junio" });
                supplier.post_if(&format!("{path}/abandon"), &etag, reason).await.expect(200);
            }
            "void" => drop(self.buyer.amend(&requirement, "/criteria/0/maximum", json!("300")).await),
            _ => {}
        }
        (path, action, evidence)
    }
}
