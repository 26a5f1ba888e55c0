//! Messages: naming what is somebody else's is answered as naming what does not exist.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    matching::scene::lot,
    support::Client,
    world::{MISSING, Seen, World, plan, shown},
};

/// A request that names something in its body at `{}`.
struct Naming<'a> {
    who: &'a Client,
    method: Method,
    path: String,
    etag: String,
    body: Value,
    /// Where the id goes.
    pointer: &'static str,
    /// What exists, and is not theirs.
    foreign: Vec<String>,
}

impl Naming<'_> {
    async fn answer(&self, id: &str) -> Seen {
        let mut body = self.body.clone();
        *body.pointer_mut(self.pointer).unwrap() = json!(id);
        let headers = [("if-match", self.etag.as_str())];
        let answer = self.who.send(self.method.clone(), &self.path, &headers, Some(body)).await;
        // A message may repeat what was sent.
        let (status, headers, body) = shown(&answer);
        // Its length follows from that of the body.
        let headers = headers.into_iter().filter(|(name, _)| name != "content-length").collect();
        (status, headers, serde_json::from_str(&body.to_string().replace(id, "…")).unwrap())
    }
}

on_both_engines! {
    async fn naming_what_is_anothers_is_answered_as_naming_nothing(app: TestApp) {
        let world = World::set(&app).await;
        let stranger = |at: usize| world.strangers[at].1.organisation().to_string();
        // By order of their roles: an institution's four, a lead firm's three, a supplier's three.
        let (their_buyer, their_supplier) = (stranger(4), stranger(7));
        let their_institution = &world.strangers[0].1;
        let elsewhere = their_institution.open_programme(&[&world.strangers[4].1, &world.strangers[7].1]).await;
        let their_programme = elsewhere.strip_prefix("/programmes/").unwrap().to_owned();
        let network = json!({ "model": "organised_suppliers", "name": "Red ajena" });
        let made = their_institution.post(&format!("{elsewhere}/networks"), network).await.expect(201);
        let their_network = made.text("id");
        let theirs = world.strangers[4].1.requirement(&elsewhere, json!([lot(10, "5")]), json!([])).await;
        let their_lot = world.strangers[4].1.get(&theirs).await.text("lots/0/id");
        let match_of_others = world.in_state("matches", "accepted").params[0].1.clone();
        let contract = world.in_state("contracts", "active");
        let requirement = world.in_state("requirements", "published").path();
        let rival = world.rival.organisation().to_string();
        let programme = &world.scene.programme;
        let read = world.buyer.get(&requirement).await.expect(200);
        let reason = "Según lo que pide la red.";
        let post = Method::POST;
        let name = |who, path: String, body, pointer, foreign| Naming {
            who, method: post.clone(), path, etag: "\"1\"".to_owned(), body, pointer, foreign,
        };
        let requests = vec![
            name(&world.buyer, "/requirements".into(), json!({ "programme": "", "title": "Bujes", "lots": [lot(1, "1")] }),
                "/programme", vec![their_programme.clone()]),
            name(&world.buyer, "/requirements".into(),
                json!({ "programme": world.scene.id, "network": "", "title": "Bujes", "lots": [lot(1, "1")] }),
                "/network", vec![their_network.clone()]),
            name(&world.buyer, format!("{requirement}/gap-acts"), json!({ "supplier": "" }), "/supplier",
                vec![rival.clone(), their_supplier.clone()]),
            name(&world.supplier, format!("{requirement}/gap-acts"), json!({ "supplier": "" }), "/supplier",
                vec![rival.clone(), their_supplier.clone()]),
            name(&world.buyer, format!("{requirement}/plans"), {
                let mut plan = plan();
                plan["supplier"] = json!("");
                plan
            }, "/supplier", vec![rival.clone(), their_supplier.clone()]),
            name(&world.scene.approver, format!("{programme}/waivers"), json!({
                "supplier": "", "lead_firm": world.buyer.organisation(), "dependency_cap": "0.5", "reason": reason,
                "expires_on": "2026-12-31",
            }), "/supplier", vec![their_supplier.clone()]),
            name(&world.scene.approver, format!("{programme}/waivers"), json!({
                "supplier": world.supplier.organisation(), "lead_firm": "", "dependency_cap": "0.5", "reason": reason,
                "expires_on": "2026-12-31",
            }), "/lead_firm", vec![their_buyer.clone()]),
            name(&world.scene.institution, format!("{programme}/networks"),
                json!({ "model": "lead_firm", "name": "Red nueva", "lead_firms": [""] }), "/lead_firms/0",
                vec![their_buyer.clone()]),
            name(&world.scene.institution, format!("{programme}/members"), json!({ "organisation": "" }), "/organisation",
                vec![their_supplier.clone()]),
            name(&world.scene.institution, format!("{programme}/runs"), json!({ "name": "Marzo", "network": "" }), "/network",
                vec![their_network.clone()]),
            name(&world.scene.institution, format!("{programme}/runs"), json!({ "name": "Marzo", "decisions": [
                { "supplier": world.supplier.organisation(), "lot": "", "decision": "fixed", "quantity": 1, "reason": reason }] }),
                "/decisions/0/lot", vec![their_lot.clone()]),
            name(&world.scene.institution, format!("{programme}/runs"), json!({ "name": "Marzo", "decisions": [
                { "supplier": "", "lot": world.in_state("lots", "closed").params[0].1, "decision": "fixed", "quantity": 1,
                  "reason": reason }] }),
                "/decisions/0/supplier", vec![their_supplier.clone()]),
            name(&world.other_buyer, "/contracts".into(),
                json!({ "matches": [""], "starts_on": "2026-03-02", "payment_days": 30 }), "/matches/0",
                vec![match_of_others.clone()]),
            name(&world.strangers[2].1, format!("{elsewhere}/approvals"),
                json!({ "matches": [{ "match": "", "etag": "\"1\"" }] }), "/matches/0/match", vec![match_of_others.clone()]),
            name(&world.buyer, format!("{}/deliveries", contract.path()),
                json!({ "lot": "", "due_on": "2026-03-02", "units": 1 }), "/lot", vec![their_lot.clone()]),
            name(&world.supplier, "/consents/log".into(), json!({ "x": "" }), "/x", vec![rival.clone()]),
            Naming {
                etag: world.scene.institution.get(&contract.path()).await.expect(200).etag(),
                ..name(&world.scene.institution, format!("{}/renewal", contract.path()), json!({ "lot": "" }), "/lot",
                    vec![their_lot.clone()])
            },
            Naming {
                etag: read.etag(),
                ..name(&world.buyer, format!("{requirement}/amendments"), json!({
                    "reason": reason, "title": "Bujes", "lots": [{ "id": "", "name": "Buje", "process": "torneado",
                        "unit": "pieza", "quantity": 9, "reference_price": "5" }],
                }), "/lots/0/id", vec![their_lot.clone()])
            },
            name(&world.supplier, "/diagnostics".into(), json!({ "instrument": "" }), "/instrument", vec![their_lot.clone()]),
        ];
        for request in requests {
            let nothing = request.answer(MISSING).await;
            assert!((400..500).contains(&nothing.0), "{} {}: {nothing:?}", request.path, request.pointer);
            for foreign in &request.foreign {
                let answer = request.answer(foreign).await;
                assert_eq!(answer, nothing, "{} {}", request.path, request.pointer);
            }
        }
    }
}
