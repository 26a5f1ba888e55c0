//! Rounds of measurement with questions in every state.

use serde_json::json;

use super::{Object, World};
use crate::monitoring::practices::practice;

impl World {
    /// In the network that has selected the partner: a baseline that is closed, and a round a year later that is open.
    pub(super) async fn measured(&mut self) {
        let networks = self.of("networks");
        let selected = networks.filter(|network| network.state_for("network_members_list") == "selected");
        let network = selected.last().unwrap().path();
        let institution = self.scene.institution.clone();
        let rounds = format!("{network}/measurement-rounds");
        for (moment, as_of, state) in
            [("baseline", "2026-03-01", "closed"), ("month_12", "2026-03-02", "open")]
        {
            let body = json!({ "moment": moment, "as_of": as_of, "due_on": "2026-12-31" });
            let round = institution.post(&rounds, body).await.expect(201).text("id");
            let path = format!("/measurement-rounds/{round}");
            let listed = self.partner.get(&format!("/measurements?round={round}")).await.expect(200);
            let of = |indicator: &str| {
                let mut items = listed.body["items"].as_array().unwrap().iter();
                let found = items.find(|item| item["indicator"] == indicator).unwrap();
                (found["id"].as_str().unwrap().to_owned(), found["etag"].as_str().unwrap().to_owned())
            };
            let answers = [
                ("employment", json!({ "value": "10", "unit": "persons" })),
                ("exports", json!({ "unknown": "not_measured" })),
            ];
            for (indicator, body) in answers {
                let (id, etag) = of(indicator);
                self.partner.put_if(&format!("/measurements/{id}/answer"), &etag, body).await.expect(200);
            }
            let states = [
                ("on-time", "asked"),
                ("employment", "answered"),
                ("exports", "unknown"),
                ("sales", "known"),
                ("gaps-closed", "not_on_record"),
            ];
            for (indicator, standing) in states {
                // In a closed round nothing is possible, whatever the state.
                if state == "open" {
                    self.put(Object::new("measurements", standing, &of(indicator).0));
                }
            }
            if state == "closed" {
                institution.move_on(&path, "close").await;
            }
            self.put(Object::new("measurement-rounds", state, &path));
        }
        institution.post(&format!("{network}/dependency"), json!({})).await.expect(200);
        self.practices().await;
        self.put(Object::new("lead-firms", "any", &self.buyer.organisation().to_string()));
    }

    async fn practices(&mut self) {
        let (institution, approver) = (self.scene.institution.clone(), self.scene.approver.clone());
        for state in ["draft", "in_review", "published", "retired"] {
            let body = practice(&self.scene.programme);
            let path =
                format!("/practices/{}", institution.post("/practices", body).await.expect(201).text("id"));
            if state != "draft" {
                institution.move_on(&path, "submit").await;
            }
            if matches!(state, "published" | "retired") {
                approver.move_on(&path, "publish").await;
            }
            if state == "retired" {
                let etag = approver.get(&path).await.expect(200).etag();
                let reason = json!({ "reason": "La reemplaza otra más completa." });
                approver.post_if(&format!("{path}/retire"), &etag, reason).await.expect(200);
            }
            self.put(Object::new("practices", state, &path));
        }
    }
}
