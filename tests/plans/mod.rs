//! Improvement plans: from an agreed gap act to the last action done; what voids them, and who sees them.

use eslabon::{
    app,
    foundation::{
        access::{Actor, Kind, Role},
        ids::{OrganisationId, RequirementId},
    },
    plans::store,
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, sign, signing};

mod awards;
mod budget;
mod days;
mod evidence;

/// An institution's programme; a lead firm's requirement; a supplier that delivers 76 % on time, has consented, and
/// has agreed on its gaps with the lead firm.
pub struct Scene {
    pub institution: Client,
    pub lead_firm: Client,
    pub supplier: Client,
    pub programme: String,
    pub requirement: String,
    pub act: String,
}

pub fn criteria() -> Value {
    json!([
        { "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 },
        { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "must", "criticality": 3 },
    ])
}

async fn diagnose(supplier: &Client, on_time: &str) {
    answered(supplier, &[("quality-defects-ppm", "400"), ("delivery-on-time", on_time)]).await;
}

/// A diagnostic with these answers, submitted.
pub async fn answered(supplier: &Client, answers: &[(&str, &str)]) {
    let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
    let diagnostic = format!("/diagnostics/{}", begun.text("id"));
    let mut etag = String::new();
    for (question, value) in answers {
        let answer = json!({ "revision": 1, "value": value });
        etag = supplier.put(&format!("{diagnostic}/answers/{question}"), answer).await.expect(200).etag();
    }
    supplier.post_if(&format!("{diagnostic}/submit"), &etag, json!({})).await.expect(200);
}

fn action() -> Value {
    json!({ "question": "delivery-on-time", "owner": "supplier", "description": "Tablero semanal de entregas",
        "cost": { "amount": "1800000", "currency": "CLP" }, "months": 4,
        "split": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
        "technical_assistance": "Planificador, dos días al mes", "due_on": "2026-07-31", "evidence": "Tablero de julio" })
}

fn content(actions: &[Value]) -> Value {
    let objective = json!({ "indicator": "Entregas a tiempo", "unit": "%", "baseline": "76", "target": "95", "due_on": "2026-09-30" });
    json!({ "objectives": [objective], "actions": actions })
}

impl Scene {
    pub async fn set(app: &TestApp) -> Self {
        Self::demanding(app, criteria()).await
    }

    /// The same for other criteria.
    pub async fn demanding(app: &TestApp, criteria: Value) -> Self {
        let mut scene = Self::published(app, json!({}), criteria).await;
        diagnose(&scene.supplier, "76").await;
        scene.act = scene.agree(&scene.supplier).await;
        scene
    }

    /// A programme with these fields in which the requirement is published, before anybody is diagnosed.
    async fn published(app: &TestApp, fields: Value, criteria: Value) -> Self {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Grande").await);
        let supplier = app.supplier("Proveedor").await;
        let mut all = json!({ "rules": { "dependency_allowance": { "amount": "0", "currency": "CLP" } } });
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let programme = institution.programme_with(all).await;
        institution.take_in(&programme, &[&lead_firm, &supplier]).await;
        institution.move_on(&programme, "open").await;
        let lot = json!({ "name": "Buje", "process": "torneado", "unit": "pieza", "quantity": 10, "reference_price": "5000" });
        let requirement = lead_firm.requirement(&programme, json!([lot]), criteria).await;
        lead_firm.move_on(&requirement, "publish").await;
        Self { institution, lead_firm, supplier, programme, requirement, act: String::new() }
    }

    /// The supplier consents, and both agree on its gaps; returns the path of the act.
    async fn agree(&self, supplier: &Client) -> String {
        supplier.put(&format!("/consents/{}", self.lead_firm.organisation()), json!({})).await.expect(204);
        self.lead_firm.post(&format!("{}/gap-analyses", self.requirement), json!({})).await.expect(200);
        let opened = supplier.post(&format!("{}/gap-acts", self.requirement), json!({})).await.expect(201);
        let act = format!("/gap-acts/{}", opened.text("id"));
        sign(supplier, &act).await.expect(200);
        sign(&self.lead_firm, &act).await.expect(200);
        act
    }

    fn plans(&self) -> String {
        format!("{}/plans", self.requirement)
    }

    /// A plan of the supplier with one action; returns its path.
    pub async fn draw_up(&self) -> String {
        let drawn = self.supplier.post(&self.plans(), content(&[action()])).await.expect(201);
        assert_eq!(drawn.text("state"), "draft");
        format!("/plans/{}", drawn.text("id"))
    }

    async fn post(&self, client: &Client, path: &str, step: &str, body: Value) -> Answer {
        let etag = self.institution.get(path).await.expect(200).etag();
        client.post_if(&format!("{path}/{step}"), &etag, body).await
    }

    async fn put(&self, client: &Client, path: &str, body: Value) -> Answer {
        let etag = self.institution.get(path).await.expect(200).etag();
        client.put_if(path, &etag, body).await
    }

    /// A plan that both have signed; returns its path.
    pub async fn agreed(&self) -> String {
        let plan = self.draw_up().await;
        self.post(&self.institution, &plan, "propose", json!({})).await.expect(200);
        sign(&self.supplier, &plan).await.expect(200);
        assert_eq!(sign(&self.lead_firm, &plan).await.expect(200).text("state"), "agreed");
        plan
    }

    fn ids(&self) -> (RequirementId, OrganisationId) {
        (
            self.requirement.strip_prefix("/requirements/").unwrap().parse().unwrap(),
            self.supplier.organisation(),
        )
    }

    fn service(&self) -> Actor {
        Actor::system(self.institution.organisation())
    }

    /// Whether a yellow supplier may be awarded something.
    async fn has_agreed_plan(&self, app: &TestApp) -> bool {
        let ((requirement, supplier), service) = (self.ids(), self.service());
        let on = app.base.clock.now().day();
        let condition =
            store::condition(app.base.db.reads(), &service, requirement, supplier, on).await.unwrap();
        condition == store::Condition::Agreed
    }

    /// What closing the supplier's gaps costs, as the solver is told.
    async fn closing(&self, app: &TestApp) -> Vec<String> {
        let ((requirement, supplier), service) = (self.ids(), self.service());
        let gaps = store::closing(app.base.db.reads(), &service, requirement, supplier).await.unwrap();
        let show = |gap: store::GapAction| {
            format!("{} {} {} {}", gap.criterion.question, gap.cost, gap.programme_cost, gap.months)
        };
        gaps.into_iter().filter(|gap| !gap.is_done).map(show).collect()
    }
}

on_both_engines! {
    async fn from_an_agreed_act_to_the_last_action_done(app: TestApp) {
        let scene = Scene::set(&app).await;
        let suggested = scene.supplier.get(&format!("{}/plan-suggestion", scene.act)).await.expect(200);
        assert_eq!((suggested.text("actions/0/question"), suggested.text("why/0/priority")), ("delivery-on-time".to_owned(), "0.6".to_owned()));
        assert_eq!(suggested.text("actions/0/description"), "Cerrar la brecha en «delivery-on-time»");
        // What is suggested can be sent as it is.
        let body = json!({ "objectives": suggested.body["objectives"], "actions": suggested.body["actions"] });
        let drawn = scene.supplier.post(&scene.plans(), body).await.expect(201);
        let plan = format!("/plans/{}", drawn.text("id"));
        assert_eq!(scene.supplier.post(&scene.plans(), content(&[])).await.expect(409).code(), "plan-exists");
        let changed = scene.put(&scene.lead_firm, &plan, content(&[action()])).await.expect(200);
        let parts = ["programme", "lead_firm", "supplier"].map(|who| changed.text(&format!("cost/{who}/amount")));
        assert_eq!(parts, ["900000", "540000", "360000"]);
        assert_eq!(scene.closing(&app).await, ["delivery-on-time 1800000 CLP 900000 CLP 4"]);

        // Nobody signs a draft, and firms do not propose.
        assert_eq!(sign(&scene.supplier, &plan).await.expect(409).code(), "wrong-state");
        assert_eq!(scene.post(&scene.supplier, &plan, "propose", json!({})).await.status, 403);
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
        assert_eq!(sign(&scene.lead_firm, &plan).await.expect(200).text("state"), "signed_by_lead_firm");
        assert_eq!(sign(&scene.lead_firm, &plan).await.expect(409).code(), "already-signed");
        assert!(!scene.has_agreed_plan(&app).await);
        assert_eq!(sign(&scene.supplier, &plan).await.expect(200).text("state"), "agreed");
        assert!(scene.has_agreed_plan(&app).await);

        let started = scene.post(&scene.supplier, &plan, "start", json!({})).await.expect(200);
        let action = started.text("actions/0/id");
        let progress = |percent: i64, note: &str| json!({ "action": action, "percent": percent, "as_of": "2026-03-02", "note": note, "evidence": "Minuta 12" });
        scene.post(&scene.supplier, &plan, "progress", progress(60, "Tablero en uso")).await.expect(200);
        let visit = json!({ "visited_on": "2026-03-02", "findings": "El tablero se usa a diario", "next_on": "2026-04-06" });
        assert_eq!(scene.post(&scene.supplier, &plan, "visits", visit.clone()).await.status, 403, "who is visited does not write it");
        scene.post(&scene.institution, &plan, "visits", visit).await.expect(200);
        let early = scene.post(&scene.institution, &plan, "complete", json!({})).await.expect(409);
        assert_eq!((early.code(), early.faults()), ("plan-not-done".to_owned(), vec!["/actions/0 action-not-done".to_owned()]));
        scene.post(&scene.lead_firm, &plan, "progress", progress(100, "Cumplido")).await.expect(200);
        assert_eq!(scene.closing(&app).await, [""; 0], "it is closed");
        let done = scene.post(&scene.institution, &plan, "complete", json!({})).await.expect(200);
        assert_eq!((done.text("state"), done.text("actions/0/percent")), ("completed".to_owned(), "100".to_owned()));
        let log = done.body["actions"][0]["progress"].as_array().unwrap();
        assert_eq!((log.len(), &log[0]["recorded_by"], &log[1]["recorded_by"]), (2, &json!("supplier"), &json!("lead_firm")));
        assert_eq!(done.text("visits/0/recorded_by"), "institution");
        assert!(scene.has_agreed_plan(&app).await);
        // What is over is history; there may be another.
        assert_eq!(scene.put(&scene.supplier, &plan, content(&[])).await.expect(409).code(), "wrong-state");
        scene.draw_up().await;
        assert!(scene.has_agreed_plan(&app).await);
    }

    async fn everything_that_is_missing_is_told_at_once(app: TestApp) {
        let scene = Scene::set(&app).await;
        let mut wrong = [action(), action(), action()];
        wrong[0]["question"] = json!("no-such");
        wrong[1]["cost"]["currency"] = json!("USD");
        wrong[2]["id"] = json!("01890000-0000-7000-8000-000000000000");
        wrong[2]["split"] = json!({ "programme": "0.5", "lead_firm": "0.3", "supplier": "0.3" });
        let faults = scene.supplier.post(&scene.plans(), content(&wrong)).await.expect(422).faults();
        assert_eq!(faults, ["/actions/2/split/supplier shares-not-one"]);
        wrong[2].as_object_mut().unwrap().remove("split");
        wrong[2]["split"] = json!({ "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" });
        let faults = scene.supplier.post(&scene.plans(), content(&wrong)).await.expect(422).faults();
        assert_eq!(faults, ["/actions/0/question no-such-criterion", "/actions/1/cost not-the-programmes-currency", "/actions/2/id no-such-action"]);

        let mut late = action();
        late["due_on"] = json!("2028-01-01");
        late.as_object_mut().unwrap().remove("question");
        let mut body = content(&[late]);
        body["objectives"][0]["target"] = json!("76");
        body["objectives"][0]["due_on"] = json!("2026-03-01");
        let drawn = scene.supplier.post(&scene.plans(), body).await.expect(201);
        let plan = format!("/plans/{}", drawn.text("id"));
        let refused = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert_eq!(refused.code(), "plan-incomplete");
        assert_eq!(refused.faults(), ["/actions gap-without-action", "/actions/0/due_on after-the-programme",
            "/objectives/0/due_on in-the-past", "/objectives/0/target objective-without-change"]);
        let empty = json!({});
        scene.put(&scene.supplier, &plan, empty).await.expect(200);
        let refused = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/actions gap-without-action", "/actions required", "/objectives required"]);
    }

    async fn a_change_takes_both_signatures_and_keeps_the_progress(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.agreed().await;
        let started = scene.post(&scene.institution, &plan, "start", json!({})).await.expect(200);
        let id = started.text("actions/0/id");
        let progress = json!({ "action": id, "percent": 40, "as_of": "2026-03-02", "note": "Avanza" });
        scene.post(&scene.supplier, &plan, "progress", progress.clone()).await.expect(200);
        let mut longer = action();
        longer["id"] = json!(id);
        longer["months"] = json!(6);
        let changed = scene.put(&scene.supplier, &plan, content(&[longer])).await.expect(200);
        assert_eq!((changed.text("state"), changed.text("actions/0/percent")), ("draft".to_owned(), "40".to_owned()));
        let signatures = changed.body["signatures"].as_array().unwrap();
        assert!(signatures.len() == 2 && signatures.iter().all(|s| s["holds"] == json!(false)), "{signatures:?}");
        assert!(!scene.has_agreed_plan(&app).await);
        assert_eq!(scene.post(&scene.supplier, &plan, "progress", progress).await.expect(409).code(), "wrong-state");
        // The very same text again is another edition: nobody is bound by what they signed before.
        let mut back = action();
        back["id"] = json!(id);
        scene.put(&scene.supplier, &plan, content(&[back])).await.expect(200);
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
        assert_eq!(scene.supplier.get(&plan).await.expect(200).text("state"), "proposed");
        assert!(!scene.has_agreed_plan(&app).await);
    }

    async fn a_new_diagnostic_leaves_an_agreed_plan_and_stops_a_proposal(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.agreed().await;
        diagnose(&scene.supplier, "85").await;
        assert_eq!(scene.supplier.get(&plan).await.expect(200).text("state"), "agreed", "to get better is what it is for");
        assert!(scene.has_agreed_plan(&app).await);
        scene.put(&scene.supplier, &plan, content(&[action()])).await.expect(200);
        let refused = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/grounds gap-act-changed"]);
        let suggestion = scene.supplier.get(&format!("{}/plan-suggestion", scene.act)).await.expect(409);
        assert_eq!(suggestion.code(), "wrong-state");
        // Renewed and signed, the act is what the plan rests on once it is saved again.
        let etag = scene.supplier.get(&scene.act).await.expect(200).etag();
        scene.supplier.post_if(&format!("{}/renew", scene.act), &etag, json!({})).await.expect(200);
        sign(&scene.supplier, &scene.act).await.expect(200);
        sign(&scene.lead_firm, &scene.act).await.expect(200);
        let saved = scene.put(&scene.supplier, &plan, content(&[action()])).await.expect(200);
        assert_eq!(saved.text("grounds/round"), "2");
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
    }

    async fn an_amended_criterion_voids_the_plan_until_it_is_changed(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.agreed().await;
        let before = scene.supplier.get(&plan).await.expect(200).etag();
        scene.lead_firm.amend(&scene.requirement, "/criteria/1/minimum", json!("98")).await;
        let void = scene.supplier.get(&plan).await.expect(200);
        assert_ne!(void.etag(), before);
        scene.supplier.post_if(&format!("{plan}/start"), &before, json!({})).await.expect(412);
        assert_eq!((void.text("state"), void.text("amended/0/minimum")), ("void".to_owned(), "95".to_owned()));
        assert_eq!(void.text("signatures/0/holds"), "false");
        assert!(!scene.has_agreed_plan(&app).await);
        assert_eq!(scene.closing(&app).await, [""; 0], "that criterion is demanded no more");
        assert_eq!(scene.post(&scene.supplier, &plan, "start", json!({})).await.expect(409).code(), "wrong-state");
        let changed = scene.put(&scene.supplier, &plan, content(&[action()])).await.expect(200);
        assert_eq!((changed.text("state"), changed.text("actions/0/criterion/minimum")), ("draft".to_owned(), "98".to_owned()));
        // The act is void as well: that comes first.
        let refused = scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/grounds gap-act-changed"]);
    }

    async fn a_plan_is_given_up_with_a_reason_and_makes_room_for_another(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.agreed().await;
        assert_eq!(scene.post(&scene.supplier, &plan, "abandon", json!({ "reason": "no" })).await.expect(422).faults(), ["/reason wrong-length"]);
        let reason = json!({ "reason": "Cambiamos de rubro en junio" });
        let over = scene.post(&scene.supplier, &plan, "abandon", reason).await.expect(200);
        assert_eq!((over.text("state"), over.text("reason")), ("abandoned".to_owned(), "Cambiamos de rubro en junio".to_owned()));
        assert!(!scene.has_agreed_plan(&app).await);
        assert_eq!(scene.closing(&app).await, [""; 0]);
        scene.draw_up().await;
        let listed = scene.institution.get(&scene.plans()).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
    }

    async fn only_the_two_firms_and_the_institution_see_a_plan(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.draw_up().await;
        let missing = scene.supplier.get("/plans/01890000-0000-7000-8000-000000000000").await.expect(404);
        let (other, rival) = (app.supplier("Otro").await, app.lead_firm("Rival").await);
        scene.institution.take_in(&scene.programme, &[&other, &rival]).await;
        scene.supplier.put(&format!("/consents/{}", rival.organisation()), json!({})).await.expect(204);
        for stranger in [&other, &rival, &app.institution().await] {
            assert_eq!(stranger.get(&plan).await.expect(404).text("detail"), missing.text("detail"));
            stranger.get(&format!("{}/plan-suggestion", scene.act)).await.expect(404);
            stranger.put_if(&plan, "\"1\"", content(&[])).await.expect(404);
            stranger.post_if(&format!("{plan}/abandon"), "\"1\"", json!({ "reason": "Porque sí, y ya" })).await.expect(404);
        }
        let empty = json!({ "items": [], "next": null, "prev": null });
        assert_eq!(other.get(&scene.plans()).await.expect(200).body, empty);
        rival.get(&scene.plans()).await.expect(404);
        // A supplier that one may not see, one without an act, and none at all are told alike.
        for firm in [scene.supplier.organisation(), other.organisation(), rival.organisation()] {
            let mut body = content(&[]);
            body["supplier"] = json!(firm);
            let client = if firm == other.organisation() { &scene.lead_firm } else { &other };
            assert_eq!(client.post(&scene.plans(), body).await.expect(409).code(), "no-agreed-gap-act");
        }
        let consent = format!("/consents/{}", scene.lead_firm.organisation());
        scene.lead_firm.get(&plan).await.expect(200);
        scene.supplier.delete(&consent).await.expect(204);
        scene.lead_firm.get(&plan).await.expect(404);
        assert_eq!(scene.lead_firm.get(&scene.plans()).await.expect(200).body, empty);
        let reader = app.person(scene.supplier.organisation(), Kind::Supplier, Role::SupplierReader).await;
        reader.get(&plan).await.expect(200);
        reader.put_if(&plan, "\"1\"", content(&[])).await.expect(403);
    }

    async fn an_officer_who_is_not_assigned_to_the_network_sees_neither_act_nor_plan(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Grande").await);
        let supplier = app.supplier("Proveedor").await;
        let programme = institution.open_programme(&[&lead_firm]).await;
        let network = institution.network(&programme, &lead_firm).await;
        institution.select(&network, &lead_firm, &supplier).await;
        let lot = json!({ "name": "Buje", "process": "torneado", "unit": "pieza", "quantity": 10, "reference_price": "5000" });
        let posted = lead_firm.post("/requirements", json!({ "programme": programme.strip_prefix("/programmes/").unwrap(),
            "network": network.strip_prefix("/networks/").unwrap(), "title": "Repuestos", "lots": [lot], "criteria": criteria() })).await.expect(201);
        let requirement = format!("/requirements/{}", posted.text("id"));
        lead_firm.move_on(&requirement, "publish").await;
        diagnose(&supplier, "76").await;
        let mut scene = Scene { institution, lead_firm, supplier, programme, requirement, act: String::new() };
        scene.act = scene.agree(&scene.supplier).await;
        let plan = scene.draw_up().await;

        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        // Another supplier of the programme that the network has not selected is a stranger as well.
        let outsider = app.supplier("Fuera de la red").await;
        scene.institution.take_in(&scene.programme, &[&outsider]).await;
        for stranger in [&officer, &outsider] {
            for path in [&scene.act, &plan, &format!("{}/gap-acts", scene.requirement), &scene.plans()] {
                stranger.get(path).await.expect(404);
            }
            stranger.put_if(&plan, "\"1\"", content(&[])).await.expect(404);
        }
        officer.post_if(&format!("{plan}/propose"), "\"1\"", json!({})).await.expect(404);
        let account = officer.get("/me").await.expect(200).text("account/id");
        scene.institution.put(&format!("{network}/officers/{account}"), json!({})).await.expect(204);
        officer.get(&scene.act).await.expect(200);
        let etag = officer.get(&plan).await.expect(200).etag();
        officer.post_if(&format!("{plan}/propose"), &etag, json!({})).await.expect(200);
    }

    async fn two_who_sign_at_the_same_moment_both_sign(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.draw_up().await;
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
        let hash = scene.supplier.get(&plan).await.expect(200).text("hash");
        let path = format!("{plan}/signatures");
        let second = app::router(&app.base);
        let others = [scene.supplier.on(second.clone()), scene.lead_firm.on(second)];
        let all = [&scene.supplier, &scene.lead_firm, &others[0], &others[1]];
        let answers = futures_util::future::join_all(all.map(|client| client.post(&path, signing(&hash)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 2, "{answers:#?}");
        let read = scene.supplier.get(&plan).await.expect(200);
        assert_eq!((read.text("state"), read.body["signatures"].as_array().unwrap().len()), ("agreed".to_owned(), 2));
    }
}
