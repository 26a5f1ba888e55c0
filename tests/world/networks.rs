//! Networks with somebody in every standing.

use serde_json::json;

use super::{Object, World};

impl World {
    /// One network for each standing of the partner, and one that is closed.
    pub(super) async fn networks(&mut self) {
        let institution = self.scene.institution.clone();
        // All of the institution's people look after them.
        let colleagues =
            self.own.iter().filter(|(_, person)| person.organisation() == institution.organisation());
        let mut accounts = Vec::new();
        for (_, person) in colleagues {
            accounts.push(person.get("/me").await.expect(200).text("account/id"));
        }
        for standing in ["invited", "applied", "selected", "refused", "left"] {
            let network = self.network(standing).await;
            let invitation = self.partner.named().await;
            institution.post(&format!("{network}/invitations"), invitation).await.expect(201);
            if !matches!(standing, "invited" | "left") {
                let statement = json!({ "statement": "Torneamos bronce." });
                self.partner.post(&format!("{network}/apply"), statement).await.expect(200);
            }
            let says = match standing {
                "selected" => vec![(&institution, "select"), (&self.buyer, "select")],
                "refused" => vec![(&institution, "refuse")],
                _ => Vec::new(),
            };
            for (side, decision) in says {
                let etag = self.partner.get(&format!("{network}/membership")).await.expect(200).etag();
                let path = format!("{network}/members/{}/decision", self.partner.organisation());
                let body = json!({ "decision": decision, "reason": "Según lo que pide la red." });
                side.post_if(&path, &etag, body).await.expect(200);
            }
            if standing == "left" {
                self.partner.post(&format!("{network}/leave"), json!({})).await.expect(200);
            }
            let own = self.partner.get(&format!("{network}/membership")).await.expect(200);
            assert_eq!(own.text("standing"), standing);
            for account in &accounts {
                institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
            }
            let object = Object::new("networks", "open", &network).with("firm", &self.partner.organisation());
            self.put(object.with("account", &accounts[1]).other("network_members", standing));
        }
        self.meetings().await;
        let closed = self.network("cerrada").await;
        for account in &accounts {
            institution.put(&format!("{closed}/officers/{account}"), json!({})).await.expect(204);
        }
        institution.move_on(&closed, "close").await;
        self.put(Object::new("networks", "closed", &closed).with("firm", &self.partner.organisation()));
    }

    /// A meeting of the lead firm, the partner and the institution in every state.
    async fn meetings(&mut self) {
        let network = self.in_state_for("networks", "network_members", "selected").path();
        let (buyer, partner, institution) =
            (self.buyer.clone(), self.partner.clone(), self.scene.institution.clone());
        for state in ["planned", "held", "confirmed", "cancelled"] {
            let body = json!({ "kind": "meeting", "held_on": "2026-03-09", "place": "Planta norte",
                "purpose": "Acordar las muestras.", "participants": [partner.organisation(), institution.organisation()] });
            let called = buyer.post(&format!("{network}/meetings"), body).await.expect(201);
            let path = format!("/meetings/{}", called.text("id"));
            let mut object = Object::new("meetings", state, &path);
            if matches!(state, "held" | "confirmed") {
                let came = |client: &crate::support::Client| json!({ "organisation": client.organisation(), "people": "Ana Rojas" });
                let minutes = json!({ "attendance": [came(&buyer), came(&partner)], "agreements": [
                    { "what": "Enviar muestras.", "who": partner.organisation(), "until": "2026-04-01" },
                ] });
                let written =
                    buyer.put_if(&format!("{path}/minutes"), &called.etag(), minutes).await.expect(200);
                object = object.with("agreement", &written.text("agreements/0/id"));
            }
            if state == "confirmed" {
                partner.move_on(&path, "confirm").await;
            }
            if state == "cancelled" {
                let reason = json!({ "reason": "La planta está parada." });
                buyer.post_if(&format!("{path}/cancel"), &called.etag(), reason).await.expect(200);
            }
            self.put(object);
        }
    }

    async fn network(&self, name: &str) -> String {
        let body = json!({ "model": "lead_firm", "name": format!("Red {name}"), "lead_firms": [self.buyer.organisation()] });
        let made = self
            .scene
            .institution
            .post(&format!("{}/networks", self.scene.programme), body)
            .await
            .expect(201);
        format!("/networks/{}", made.text("id"))
    }
}
