//! A programme to test within, made through the API.

use serde_json::{Value, json};

use super::{Answer, Client};

/// A signature under what has this hash.
pub fn signing(hash: &str) -> Value {
    json!({ "hash": hash, "has_read_it": true, "may_sign_for_the_firm": true })
}

/// Signs what stands at the path.
pub async fn sign(client: &Client, path: &str) -> Answer {
    let hash = client.get(path).await.expect(200).text("hash");
    client.post(&format!("{path}/signatures"), signing(&hash)).await
}

impl Client {
    /// Sets up a programme in CLP with these rules beside the default ones; returns its path.
    pub async fn programme(&self, rules: Value) -> String {
        let mut all = json!({ "dependency_allowance": { "amount": "0", "currency": "CLP" } });
        all.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
        self.programme_with(json!({ "rules": all })).await
    }

    /// The same with these fields.
    pub async fn programme_with(&self, fields: Value) -> String {
        let mut body = json!({
            "name": "Proveedores 2026", "currency": "CLP", "starts_on": "2026-01-01", "ends_on": "2027-12-31",
        });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        format!("/programmes/{}", self.post("/programmes", body).await.expect(201).text("id"))
    }

    /// Takes firms into a programme by their tax ids.
    pub async fn take_in(&self, programme: &str, firms: &[&Client]) {
        for firm in firms {
            self.post(&format!("{programme}/members"), firm.named().await).await.expect(201);
        }
    }

    /// A lead firm declares that it is under common control with another, which this institution confirms; their group.
    pub async fn common_control(&self, firm: &Client, with: &Client) -> String {
        let body =
            json!({ "with": with.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
        let declared = firm.post("/control-declarations", body).await.expect(201);
        self.confirm_control(&declared).await.expect(200);
        firm.get("/me").await.expect(200).text("organisation/buyer_group")
    }

    /// Confirms a declaration of common control, or of its end.
    pub async fn confirm_control(&self, declared: &Answer) -> Answer {
        let path = format!("/control-declarations/{}/confirm", declared.text("id"));
        let reason = json!({ "reason": "Consta en el registro de accionistas." });
        self.post_if(&path, &declared.etag(), reason).await
    }

    /// How others name one's firm: by its country and tax id.
    pub async fn named(&self) -> Value {
        json!({ "country": "NI", "tax_id": self.get("/me").await.expect(200).text("organisation/tax_id") })
    }

    /// Forms a consortium with others; returns its path.
    pub async fn form_consortium(&self, programme: &str, members: &[&Client]) -> String {
        let mut named = Vec::new();
        for member in members {
            named.push(member.named().await);
        }
        let body = json!({ "name": "Torneros del Valle", "members": named });
        let formed = self.post(&format!("{programme}/consortia"), body).await.expect(201);
        format!("/consortia/{}", formed.text("id"))
    }

    /// The same, and all of them accept.
    pub async fn ready_consortium(&self, programme: &str, members: &[&Client]) -> String {
        let path = self.form_consortium(programme, members).await;
        for member in members {
            member.move_on(&path, "accept").await;
        }
        path
    }

    /// A programme with these members, open; returns its path.
    pub async fn open_programme(&self, members: &[&Client]) -> String {
        let programme = self.programme(json!({})).await;
        self.take_in(&programme, members).await;
        self.move_on(&programme, "open").await;
        programme
    }

    /// A lead firm's network in a programme of one's own; returns its path.
    pub async fn network(&self, programme: &str, lead_firm: &Client) -> String {
        let network = json!({ "model": "lead_firm", "name": "Red de chancado", "call_open": false,
            "lead_firms": [lead_firm.organisation()] });
        let made = self.post(&format!("{programme}/networks"), network).await.expect(201);
        format!("/networks/{}", made.text("id"))
    }

    /// Invites a supplier into a network; it applies, and the institution and the lead firm select it.
    pub async fn select(&self, network: &str, lead_firm: &Client, supplier: &Client) {
        let tax_id = supplier.get("/me").await.text("organisation/tax_id");
        let invited = json!({ "country": "NI", "tax_id": tax_id });
        self.post(&format!("{network}/invitations"), invited).await.expect(201);
        supplier
            .post(&format!("{network}/apply"), json!({ "statement": "Torneamos bronce." }))
            .await
            .expect(200);
        for side in [self, lead_firm] {
            let etag = supplier.get(&format!("{network}/membership")).await.etag();
            let path = format!("{network}/members/{}/decision", supplier.organisation());
            let decision = json!({ "decision": "select", "reason": "Cumple lo que pide la red." });
            side.post_if(&path, &etag, decision).await.expect(200);
        }
    }

    /// `POST {path}/{step}` with the version that is there now: `open`, `publish`, `close`.
    pub async fn move_on(&self, path: &str, step: &str) -> Answer {
        let etag = self.get(path).await.expect(200).etag();
        self.post_if(&format!("{path}/{step}"), &etag, json!({})).await.expect(200)
    }

    /// Posts a requirement within a programme; returns its path.
    pub async fn requirement(&self, programme: &str, lots: Value, criteria: Value) -> String {
        let id = programme.strip_prefix("/programmes/").unwrap();
        let body = json!({ "programme": id, "title": "Repuestos", "lots": lots, "criteria": criteria });
        format!("/requirements/{}", self.post("/requirements", body).await.expect(201).text("id"))
    }

    /// Amends one value of a published requirement of one's own.
    pub async fn amend(&self, requirement: &str, pointer: &str, value: Value) -> Answer {
        let read = self.get(requirement).await.expect(200);
        let mut lots = read.body["lots"].clone();
        for lot in lots.as_array_mut().unwrap() {
            for derived in ["unit_code", "revision", "external_reference"] {
                lot.as_object_mut().unwrap().remove(derived);
            }
        }
        let mut body = json!({
            "reason": "La planta norte adelantó su parada.", "title": read.body["title"], "lots": lots,
            "criteria": read.body["criteria"],
        });
        *body.pointer_mut(pointer).unwrap() = value;
        self.post_if(&format!("{requirement}/amendments"), &read.etag(), body).await.expect(201)
    }
}
