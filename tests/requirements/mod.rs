//! Requirements: from draft to closed, and who sees them when.

mod amendments;
mod consortium_offers;
mod offers;
mod questions;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const MISSING: &str = "/requirements/01890000-0000-7000-8000-000000000000";

pub fn lot(name: &str) -> Value {
    json!({ "name": name, "process": "torneado", "unit": "pieza", "quantity": 400, "reference_price": "18500.25" })
}

fn on_time() -> Value {
    json!({ "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 4 })
}

fn id(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

/// An institution, a lead firm and a supplier in an open programme.
pub struct Scene {
    pub institution: Client,
    pub lead_firm: Client,
    pub supplier: Client,
    pub programme: String,
}

impl Scene {
    pub async fn set(app: &TestApp) -> Self {
        let (institution, lead_firm, supplier) =
            (app.institution().await, app.lead_firm("Grande").await, app.supplier("Uno").await);
        let programme = institution.open_programme(&[&lead_firm, &supplier]).await;
        Self { institution, lead_firm, supplier, programme }
    }
}

on_both_engines! {
    async fn a_requirement_is_kept_as_it_was_posted(app: TestApp) {
        let Scene { lead_firm, programme, .. } = Scene::set(&app).await;
        let mut other = lot("Ejes");
        other.as_object_mut().unwrap().extend(
            json!({ "weight": "2.5", "max_share": "0.6", "min_coverage": "0.5", "years": 2 }).as_object().unwrap().clone(),
        );
        let body = json!({
            "programme": id(&programme), "title": "Repuestos", "description": "Con entrega mensual.\n\nDos plantas.",
            "lots": [lot("Bujes"), other], "criteria": [on_time()],
        });
        let posted = lead_firm.post("/requirements", body).await.expect(201);
        let read = lead_firm.get(posted.headers["location"].to_str().unwrap()).await.expect(200);
        assert_eq!(read.body, posted.body);
        assert_eq!((read.text("state"), read.text("currency"), read.etag()), ("draft".into(), "CLP".into(), "\"1\"".into()));
        let found = |at: usize| {
            let mut lot = read.body["lots"][at].clone();
            lot.as_object_mut().unwrap().remove("id").unwrap();
            lot
        };
        assert_eq!(found(0), json!({
            "name": "Bujes", "process": "torneado", "unit": "pieza", "quantity": 400, "reference_price": "18500.25",
            "unit_code": "H87", "weight": "1", "max_share": "1", "min_coverage": "0", "years": 1,
            "min_suppliers": 0, "max_suppliers": null, "min_share": "0", "divisible": true, "must_award": false,
            "delivery_from": null, "delivery_to": null, "starts_in": null, "revision": 1, "external_reference": null,
        }));
        assert_eq!(found(1)["weight"], "2.5");
        assert_eq!((&found(1)["max_share"], &found(1)["min_coverage"], &found(1)["years"]), (&json!("0.6"), &json!("0.5"), &json!(2)));
        assert_eq!(read.body["criteria"], json!([on_time()]));
    }

    async fn every_fault_of_a_requirement_is_named_at_once(app: TestApp) {
        let Scene { lead_firm, .. } = Scene::set(&app).await;
        let body = json!({
            "programme": "no-id", "title": "R", "deadline": "mañana",
            "lots": [
                lot("Bujes"),
                { "name": "Ejes", "process": "torneado", "unit": "pieza", "quantity": 0, "reference_price": "-1", "weight": "x",
                  "max_share": "60%", "min_coverage": "2", "years": 0 },
                { "name": "Todo", "process": "p", "unit": "u", "quantity": 1_000_000_000, "reference_price": "1000001" },
                { "quantity": 1.5, "price": "3" },
            ],
            "criteria": [{ "question": "a", "kind": "level", "minimum": 12, "necessity": "should", "criticality": 1 }],
        });
        let refused = lead_firm.post("/requirements", body).await.expect(422);
        assert_eq!(
            refused.faults(),
            [
                "/criteria/0/minimum out-of-range",
                "/criteria/0/weight required",
                "/deadline unknown-field",
                "/lots/1/max_share not-a-share",
                "/lots/1/min_coverage not-a-share",
                "/lots/1/quantity out-of-range",
                "/lots/1/reference_price negative",
                "/lots/1/weight not-a-figure",
                "/lots/1/years out-of-range",
                "/lots/2/reference_price too-large",
                "/lots/2/unit not-a-unit",
                "/lots/3/name required",
                "/lots/3/price unknown-field",
                "/lots/3/process required",
                "/lots/3/quantity wrong-type",
                "/lots/3/unit required",
                "/programme not-an-id",
                "/title wrong-length",
            ]
        );
        assert_eq!(lead_firm.get("/requirements").await.expect(200).body["items"], json!([]));
    }

    async fn only_lead_firms_of_an_open_programme_post(app: TestApp) {
        let Scene { institution, lead_firm, supplier, programme } = Scene::set(&app).await;
        let body = |programme: &str| json!({ "programme": id(programme), "title": "Repuestos", "lots": [lot("Bujes")] });
        for person in [&institution, &supplier] {
            person.post("/requirements", body(&programme)).await.expect(403);
        }
        let foreign = app.lead_firm("Ajena").await.post("/requirements", body(&programme)).await.expect(422);
        let missing = lead_firm.post("/requirements", body(MISSING)).await.expect(422);
        assert_eq!((foreign.faults(), foreign.text("errors/0/detail")), (missing.faults(), missing.text("errors/0/detail")));
        assert_eq!(foreign.faults(), ["/programme no-such-programme"]);

        let draft = institution.programme(json!({})).await;
        institution.take_in(&draft, &[&lead_firm]).await;
        let refused = lead_firm.post("/requirements", body(&draft)).await.expect(409);
        assert_eq!(refused.code(), "programme-not-open");
    }

    async fn a_draft_is_rewritten_whole_and_never_unseen(app: TestApp) {
        let Scene { lead_firm, programme, .. } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([lot("Bujes"), lot("Ejes")]), json!([on_time()])).await;
        let content = json!({ "title": "Otros repuestos", "lots": [lot("Engranajes")] });
        lead_firm.put(&path, content.clone()).await.expect(428);
        lead_firm.put_if(&path, "\"1\"", json!({ "title": "x", "lots": 3 })).await.expect(422);
        let changed = lead_firm.put_if(&path, "\"1\"", content.clone()).await.expect(200);
        assert_eq!((changed.etag(), changed.text("lots/0/name")), ("\"2\"".to_owned(), "Engranajes".to_owned()));
        assert_eq!((changed.body["lots"].as_array().unwrap().len(), &changed.body["criteria"]), (1, &json!([])));
        lead_firm.put_if(&path, "\"1\"", content.clone()).await.expect(412);
        assert_eq!(lead_firm.get(&path).await.expect(200).body, changed.body);

        lead_firm.move_on(&path, "publish").await;
        let refused = lead_firm.put_if(&path, "\"3\"", content).await.expect(409);
        assert_eq!((refused.code(), lead_firm.get(&path).await.etag()), ("wrong-state".to_owned(), "\"3\"".to_owned()));
    }

    async fn what_is_published_has_lots_and_every_lot_a_price(app: TestApp) {
        let Scene { lead_firm, programme, .. } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([]), json!([])).await;
        let refused = lead_firm.post_if(&format!("{path}/publish"), "\"1\"", json!({})).await.expect(409);
        assert_eq!((refused.code(), refused.faults()), ("requirement-incomplete".to_owned(), vec!["/lots required".to_owned()]));

        let mut unpriced = lot("Ejes");
        unpriced.as_object_mut().unwrap().remove("reference_price");
        let lots = json!([unpriced, lot("Bujes"), unpriced]);
        lead_firm.put_if(&path, "\"1\"", json!({ "title": "Repuestos", "lots": lots })).await.expect(200);
        let refused = lead_firm.post_if(&format!("{path}/publish"), "\"2\"", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/lots/0/reference_price required", "/lots/2/reference_price required"]);
        assert_eq!(lead_firm.get(&path).await.expect(200).text("state"), "draft");
    }

    async fn nothing_is_published_in_a_programme_that_has_closed(app: TestApp) {
        let Scene { institution, lead_firm, programme, .. } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([lot("Bujes")]), json!([])).await;
        institution.move_on(&programme, "close").await;
        let refused = lead_firm.post_if(&format!("{path}/publish"), "\"1\"", json!({})).await.expect(409);
        assert_eq!(refused.code(), "programme-not-open");
    }

    async fn a_requirement_goes_from_draft_to_published_to_closed(app: TestApp) {
        let Scene { lead_firm, programme, .. } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([lot("Bujes")]), json!([])).await;
        let step = async |step: &str, etag: &str| lead_firm.post_if(&format!("{path}/{step}"), etag, json!({})).await;
        assert_eq!(step("close", "\"1\"").await.expect(409).code(), "wrong-state");
        step("publish", "\"9\"").await.expect(412);
        let published = step("publish", "\"1\"").await.expect(200);
        assert_eq!((published.text("published_at"), &published.body["closed_at"]), (crate::support::START.to_owned(), &Value::Null));
        step("publish", "\"2\"").await.expect(409);
        app.base.clock.advance(60);
        assert_eq!(step("close", "\"2\"").await.expect(200).text("closed_at"), "2026-03-02T14:01:00Z");
        step("publish", "\"3\"").await.expect(409);
        step("close", "\"3\"").await.expect(409);
    }

    async fn suppliers_of_the_programme_see_what_is_published(app: TestApp) {
        let Scene { institution, lead_firm, supplier, programme } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([lot("Bujes")]), json!([])).await;
        institution.get(&path).await.expect(200);
        let rival = app.lead_firm("Rival").await;
        institution.take_in(&programme, &[&rival]).await;
        let outsiders = [&app.supplier("Ajeno").await, &rival, &app.institution().await];
        for state in ["draft", "published", "closed"] {
            match state {
                "published" => lead_firm.move_on(&path, "publish").await,
                "closed" => lead_firm.move_on(&path, "close").await,
                _ => lead_firm.get(&path).await,
            };
            let seen = state != "draft";
            supplier.get(&path).await.expect(if seen { 200 } else { 404 });
            let listed = supplier.get(&format!("/requirements?programme={}", id(&programme))).await.expect(200);
            assert_eq!(listed.body["items"].as_array().unwrap().len(), usize::from(seen), "{state}");
            for outsider in outsiders {
                let (foreign, missing) = (outsider.get(&path).await.expect(404), outsider.get(MISSING).await.expect(404));
                assert_eq!(foreign.text("detail"), missing.text("detail"));
                assert_eq!(outsider.get("/requirements").await.expect(200).body["items"], json!([]));
            }
        }
        for path in [path.as_str(), MISSING] {
            rival.put_if(path, "\"3\"", json!({ "title": "Repuestos" })).await.expect(404);
            rival.post_if(&format!("{path}/publish"), "\"3\"", json!({})).await.expect(404);
        }
    }

    async fn requirements_are_listed_by_state_page_by_page(app: TestApp) {
        let Scene { lead_firm, programme, .. } = Scene::set(&app).await;
        let mut paths = Vec::new();
        for _ in 0..3 {
            paths.push(lead_firm.requirement(&programme, json!([lot("Bujes")]), json!([])).await);
            app.base.clock.advance(1);
        }
        lead_firm.move_on(&paths[1], "publish").await;
        let drafts = lead_firm.get("/requirements?state=draft&limit=1").await.expect(200);
        assert_eq!((drafts.text("items/0/id"), drafts.text("items/0/etag")), (id(&paths[0]), "\"1\"".to_owned()));
        let next = drafts.text("next");
        let second = lead_firm.get(&format!("/requirements?state=draft&limit=1&cursor={next}")).await.expect(200);
        assert_eq!((second.text("items/0/id"), &second.body["next"]), (id(&paths[2]), &Value::Null));
        let elsewhere = lead_firm.get(&format!("/requirements?state=published&cursor={next}")).await.expect(422);
        assert_eq!(elsewhere.faults(), ["/cursor unknown-cursor"]);
        assert_eq!(lead_firm.get("/requirements?state=lost").await.expect(422).faults(), ["/state unknown-word"]);
    }

    async fn an_import_comes_once_in_the_state_that_it_has(app: TestApp) {
        use eslabon::{
            foundation::access::Actor,
            requirements::{Content, Create, ImportedRequirement, NewLot, State, lots::{Delivery, Sourcing}, store},
        };
        let Scene { institution, lead_firm, supplier, programme } = Scene::set(&app).await;
        institution.move_on(&programme, "close").await;
        let operator = Actor::system(institution.organisation());
        let lot = NewLot {
            name: "Impresoras".to_owned(),
            process: "4321".to_owned(),
            unit: "unidad".to_owned(),
            quantity: 3,
            reference_price: None,
            weight: "1".parse().unwrap(),
            max_share: "1".parse().unwrap(),
            min_coverage: "0".parse().unwrap(),
            years: 1,
            unit_code: None,
            sourcing: Sourcing::default(),
            delivery: Delivery::default(),
            external_reference: Some("item-1".to_owned()),
        };
        let import = async |lead_firm| {
            let new = ImportedRequirement {
                programme: id(&programme).parse().unwrap(),
                lead_firm,
                external_reference: "ocds-155220".to_owned(),
                state: State::Closed,
                content: Content {
                    title: "Equipos".to_owned(),
                    description: String::new(),
                    closes_at: None,
                    questions_until: None,
                    max_supplier_share: "1".parse().unwrap(),
                    lots: vec![lot.clone()],
                    criteria: vec![],
                },
            };
            let may = operator.may::<Create>().unwrap();
            app.base.transact(may, async |w| {
                let imported = store::import(&w, new).await?;
                Ok(w.done(imported))
            }).await
        };
        let imported = import(lead_firm.organisation()).await.unwrap();
        assert_eq!(imported.lots[0].external_reference.as_deref(), Some("item-1"));
        let seen = supplier.get(&format!("/requirements/{}", imported.id)).await.expect(200);
        assert_eq!((seen.text("state"), seen.text("external_reference")), ("closed".to_owned(), "ocds-155220".to_owned()));
        assert_eq!(import(lead_firm.organisation()).await.unwrap_err().code, "already-imported");
        let stranger = app.lead_firm("Ajena").await;
        assert_eq!(import(stranger.organisation()).await.unwrap_err().code, "invalid-fields");

        let closed = store::closed_in_programme(app.base.db.reads(), &operator, imported.programme).await.unwrap();
        assert_eq!(closed, [imported]);
    }
}
