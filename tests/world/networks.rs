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
        let closed = self.network("cerrada").await;
        for account in &accounts {
            institution.put(&format!("{closed}/officers/{account}"), json!({})).await.expect(204);
        }
        institution.move_on(&closed, "close").await;
        self.put(Object::new("networks", "closed", &closed).with("firm", &self.partner.organisation()));
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
