//! Matches, contracts and runs in every state.

use serde_json::json;

use super::{Object, World};
use crate::{
    approvals::{accepted, step},
    matching::{
        interruptions::STUBBORN,
        scene::{Script, award, lot, outcome},
    },
    support::TestApp,
};

const MATCHES: [&str; 7] = [
    "proposed",
    "accepted_by_supplier",
    "accepted_by_lead_firm",
    "accepted",
    "declined",
    "rejected",
    "approved",
];
const CONTRACTS: [&str; 5] =
    ["draft", "signed_by_supplier", "signed_by_lead_firm", "withdrawn", "terminated"];

impl World {
    pub(super) async fn matched(&mut self, app: &TestApp) {
        let lots: Vec<_> = MATCHES.iter().chain(&CONTRACTS).map(|_| lot(10, "1")).collect();
        let mut lots = self.scene.requirement(&self.buyer, &lots).await;
        // One requirement of a single lot: with its contract it is awarded.
        lots.extend(self.scene.requirement(&self.buyer, &[lot(10, "1")]).await);
        let awards: Vec<_> = lots.iter().map(|lot| award(&self.supplier, lot, 10)).collect();
        let found = self.scene.propose(app, &awards).await;
        let seen = self.buyer.get(&format!("/matches/{}", found[0])).await.expect(200);
        let run = format!(
            "/runs/{}",
            self.scene.institution.get(&format!("/matches/{}", found[0])).await.text("run")
        );
        assert_eq!(seen.text("lot"), lots[0]);
        self.put(Object::new("runs", "finished", &run));
        for (state, found) in MATCHES.iter().copied().zip(&found) {
            self.bring(found, state).await;
            self.put(Object::new("matches", state, found));
        }
        for (at, state) in CONTRACTS.iter().copied().chain(["active"]).enumerate() {
            let found = &found[MATCHES.len() + at];
            self.bring(found, "approved").await;
            let contract = self.contract(found, state).await;
            let lot = self.buyer.get(&contract).await.text("lines/0/lot");
            if state == "active" {
                let delivery =
                    json!({ "lot": lot, "due_on": "2026-03-02", "made_on": "2026-03-02", "units": 1 });
                self.buyer.post(&format!("{contract}/deliveries"), delivery).await.expect(201);
                let payment = json!({ "invoice": "F-1", "invoiced_on": "2026-03-02", "amount": { "amount": "1", "currency": "USD" } });
                self.supplier.post(&format!("{contract}/payments"), payment).await.expect(201);
            }
            self.put(Object::new("contracts", state, &contract).with("lot", &lot));
        }
        let awarded =
            self.buyer.get(&format!("/matches/{}", found[found.len() - 1])).await.text("requirement");
        let lot = lots[lots.len() - 1].clone();
        self.put(
            Object::new("requirements", "awarded", &awarded).with("supplier", &self.supplier.organisation()),
        );
        self.put(Object::new("lots", "awarded", &lot));
    }

    async fn bring(&self, found: &str, state: &str) {
        match state {
            "accepted_by_supplier" => drop(step(&self.supplier, found, "accept").await.expect(200)),
            "accepted_by_lead_firm" => drop(step(&self.buyer, found, "accept").await.expect(200)),
            "accepted" => accepted(&self.buyer, &self.supplier, found).await,
            "declined" => drop(step(&self.supplier, found, "decline").await.expect(200)),
            "rejected" => drop(step(&self.scene.approver, found, "reject").await.expect(200)),
            "approved" => {
                accepted(&self.buyer, &self.supplier, found).await;
                step(&self.scene.approver, found, "approve").await.expect(200);
            }
            _ => {}
        }
    }

    async fn contract(&self, found: &str, state: &str) -> String {
        let terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
        let path =
            format!("/contracts/{}", self.buyer.post("/contracts", terms).await.expect(201).text("id"));
        if matches!(state, "signed_by_supplier" | "active" | "terminated") {
            self.supplier.move_on(&path, "sign").await;
        }
        if matches!(state, "signed_by_lead_firm" | "active" | "terminated") {
            self.buyer.move_on(&path, "sign").await;
        }
        if let Some(last) =
            [("withdrawn", "withdraw"), ("terminated", "terminate")].iter().find(|(s, _)| *s == state)
        {
            let etag = self.buyer.get(&path).await.expect(200).etag();
            let reason = json!({ "reason": "La planta cierra en julio" });
            self.buyer.post_if(&format!("{path}/{}", last.1), &etag, reason).await.expect(200);
        }
        path
    }

    /// Runs that nobody has adopted; after this no job is run any more.
    pub(super) async fn runs(&mut self, app: &TestApp) {
        let finished = self.scene.run(json!({ "name": "terminada" })).await;
        let script = Script::that(&format!("/bin/cat >/dev/null; printf '%s' '{}'", json!(outcome(&[]))));
        script.worker(&app.base).run_all_due().await.unwrap();
        self.put(Object::new("runs", "finished", &finished));
        let failed = self.scene.run(json!({ "name": "fallida" })).await;
        let refuses = Script::that("/bin/cat >/dev/null; echo 'lots.csv, row 2: no such unit'; exit 2");
        refuses.worker(&app.base).run_all_due().await.unwrap();
        self.put(Object::new("runs", "failed", &failed));
        let running = self.scene.run(json!({ "name": "en marcha" })).await;
        let stubborn = Script::that(STUBBORN);
        let worker = stubborn.worker(&app.base);
        let working = tokio::spawn(async move { worker.run_all_due().await });
        for _ in 0..100 {
            if self.scene.look(&running).await.body["progress"].is_object() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        working.abort();
        self.put(Object::new("runs", "running", &running));
        let cancelled = self.scene.run(json!({ "name": "cancelada" })).await;
        self.scene.institution.post(&format!("{cancelled}/cancel"), json!({})).await.expect(200);
        self.put(Object::new("runs", "cancelled", &cancelled));
        let queued = self.scene.run(json!({ "name": "en cola" })).await;
        self.put(Object::new("runs", "queued", &queued));
    }
}
