//! A programme that is ready to be matched, and solvers that do as they are told.

use std::{os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use eslabon::{
    app,
    foundation::{
        Base,
        access::{Kind, Role},
        config::Config,
        jobs::Worker,
    },
};
use eslabon_solver::{
    Outcome,
    outcome::{Award, Status},
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// An institution with an open programme in USD.
pub struct Scene {
    /// Its administrator, who proposes.
    pub institution: Client,
    /// Somebody else there, who approves.
    pub approver: Client,
    /// `/programmes/…`
    pub programme: String,
    /// The programme's id.
    pub id: String,
}

impl Scene {
    /// Under a cap of 30 %, projected, no worsening, with this allowance in USD.
    pub async fn set(app: &TestApp, allowance: &str) -> Self {
        let rules = json!({ "dependency_allowance": { "amount": allowance, "currency": "USD" } });
        Self::with(app, json!({ "rules": rules })).await
    }

    /// The same, with these fields of the programme in place of the usual ones.
    pub async fn with(app: &TestApp, fields: Value) -> Self {
        let institution = app.institution().await;
        let approver = app.person(institution.organisation(), Kind::Institution, Role::Approver).await;
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" } });
        let mut programme = json!({ "name": "Proveedores", "currency": "USD", "starts_on": "2026-01-01",
            "ends_on": "2027-12-31", "rules": rules });
        programme.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let begun = institution.post("/programmes", programme).await.expect(201);
        let (id, programme) = (begun.text("id"), format!("/programmes/{}", begun.text("id")));
        institution.post_if(&format!("{programme}/open"), &begun.etag(), json!({})).await.expect(200);
        Self { institution, approver, programme, id }
    }

    /// Takes a firm into the programme.
    pub async fn take_in(&self, firm: &Client) {
        self.institution.take_in(&self.programme, &[firm]).await;
    }

    pub async fn lead_firm(&self, app: &TestApp, name: &str) -> Client {
        let lead_firm = app.lead_firm(name).await;
        self.take_in(&lead_firm).await;
        lead_firm
    }

    /// A green supplier that makes 100,000 turned pieces a year and sells for so many USD.
    pub async fn supplier(&self, app: &TestApp, annual_sales: &str) -> Client {
        self.supplier_selling(app, json!({ "amount": annual_sales, "currency": "USD" })).await
    }

    /// The same, selling for this amount.
    pub async fn supplier_selling(&self, app: &TestApp, annual_sales: Value) -> Client {
        let supplier = app.supplier("Proveedor").await;
        self.take_in(&supplier).await;
        let sales = json!({ "annual_sales": annual_sales, "as_of": "2026-02-28" });
        supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(200);
        let capacity = json!({ "unit": "pieza", "amount": "100000" });
        supplier.put("/profile/capacities/torneado", capacity).await.expect(200);
        let diagnostic = supplier.post("/diagnostics", json!({})).await.expect(201).text("id");
        let answer = json!({ "revision": 1, "value": "400" });
        let path = format!("/diagnostics/{diagnostic}/answers/quality-defects-ppm");
        let etag = supplier.put(&path, answer).await.expect(200).etag();
        supplier.post_if(&format!("/diagnostics/{diagnostic}/submit"), &etag, json!({})).await.expect(200);
        supplier
    }

    /// What a supplier sells to a lead firm, in USD a year.
    pub async fn sells(&self, supplier: &Client, lead_firm: &Client, amount: &str) {
        let sales = json!({ "amount": { "amount": amount, "currency": "USD" }, "as_of": "2026-02-28" });
        let path = format!("/profile/sales/{}", lead_firm.organisation());
        supplier.put(&path, sales).await.expect(200);
    }

    /// A closed requirement; its lots' ids.
    pub async fn requirement(&self, lead_firm: &Client, lots: &[Value]) -> Vec<String> {
        let body = json!({ "programme": self.id, "title": "Bujes 2026", "lots": lots, "criteria": [] });
        let posted = lead_firm.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        let published =
            lead_firm.post_if(&format!("{path}/publish"), &posted.etag(), json!({})).await.expect(200);
        lead_firm.post_if(&format!("{path}/close"), &published.etag(), json!({})).await.expect(200);
        let lots = posted.body["lots"].as_array().unwrap().iter();
        lots.map(|lot| lot["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Starts a run; its path.
    pub async fn run(&self, body: Value) -> String {
        let accepted = self.institution.post(&format!("{}/runs", self.programme), body).await.expect(202);
        let location = accepted.headers["location"].to_str().unwrap().to_owned();
        location.strip_prefix("/api/v1").unwrap().to_owned()
    }

    pub async fn look(&self, run: &str) -> Answer {
        self.institution.get(run).await.expect(200)
    }

    pub async fn adopt(&self, run: &str) -> Answer {
        let etag = self.look(run).await.etag();
        self.institution.post_if(&format!("{run}/adopt"), &etag, json!({})).await
    }

    /// Matches out of nothing: a run whose solver awards exactly this.
    pub async fn propose(&self, app: &TestApp, awards: &[Award]) -> Vec<String> {
        let run = self.run(json!({ "name": "dictada" })).await;
        let script = Script::that(&format!("/bin/cat >/dev/null; printf '%s' '{}'", json!(outcome(awards))));
        script.worker(&app.base).run_all_due().await.unwrap();
        let adopted = self.adopt(&run).await.expect(200);
        adopted.body["matches"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }
}

/// A lot of turned pieces; price in USD.
pub fn lot(quantity: u64, price: &str) -> Value {
    json!({ "name": "Buje", "process": "torneado", "unit": "pieza", "quantity": quantity, "reference_price": price })
}

/// An award of pieces at 1 USD over a year.
pub fn award(supplier: &Client, lot: &str, quantity: u64) -> Award {
    Award {
        supplier: supplier.organisation().to_string(),
        lot: lot.to_owned(),
        consortium: None,
        quantity,
        share: "1".to_owned(),
        amount: format!("{quantity}.00"),
        annual_amount: format!("{quantity}.00"),
    }
}

/// An answer of the solver with these awards.
pub fn outcome(awards: &[Award]) -> Outcome {
    Outcome {
        status: Status::Optimal,
        engine: "dictated".to_owned(),
        awards: awards.to_vec(),
        ..Outcome::blank("USD")
    }
}

/// A program that stands in for the solver.
pub struct Script {
    folder: PathBuf,
}

impl Script {
    /// A shell script with this body.
    pub fn that(body: &str) -> Self {
        let folder = std::env::temp_dir()
            .join(format!("eslabon-script-{}", eslabon::foundation::ids::Ids::system().secret()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("solver");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// The program.
    pub fn path(&self) -> PathBuf {
        self.folder.join("solver")
    }

    /// A worker that takes it for the solver.
    pub fn worker(&self, base: &Base) -> Worker {
        let config = Config { solver_program: Some(self.path()), ..(*base.config).clone() };
        app::worker(&Base { config: Arc::new(config), ..base.clone() })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
