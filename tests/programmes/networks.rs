//! Networks: selection by all sides, what each of them sees, and what stays unseen.

use eslabon::{
    foundation::access::{Kind, Role},
    programmes::networks::{Standing, Step},
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const MISSING: &str = "/networks/01890000-0000-7000-8000-000000000000";

/// An institution with a programme, a lead firm in it, and a network of the two.
struct Scene {
    institution: Client,
    lead_firm: Client,
    programme: String,
    network: String,
}

impl Scene {
    async fn new(app: &TestApp, model: &str, call_open: bool) -> Self {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Grande").await);
        let programme = institution.open_programme(&[&lead_firm]).await;
        let body = json!({
            "model": model, "name": "Red de chancado", "call_open": call_open,
            "lead_firms": [lead_firm.organisation()],
        });
        let made = institution.post(&format!("{programme}/networks"), body).await.expect(201);
        let network = format!("/networks/{}", made.text("id"));
        Self { institution, lead_firm, programme, network }
    }

    async fn invite(&self, by: &Client, supplier: &Client) -> Answer {
        let tax_id = supplier.get("/me").await.text("organisation/tax_id");
        by.post(&format!("{}/invitations", self.network), json!({ "country": "NI", "tax_id": tax_id })).await
    }

    async fn apply(&self, supplier: &Client) -> Answer {
        supplier.post(&format!("{}/apply", self.network), json!({ "statement": "Torneamos bronce." })).await
    }

    async fn decide(&self, by: &Client, supplier: &Client, decision: &str, reason: &str) -> Answer {
        let etag = self.own(supplier).await.etag();
        let path = format!("{}/members/{}/decision", self.network, supplier.organisation());
        by.post_if(&path, &etag, json!({ "decision": decision, "reason": reason })).await
    }

    async fn select(&self, supplier: &Client) {
        self.invite(&self.institution, supplier).await.expect(201);
        self.apply(supplier).await.expect(200);
        for side in [&self.institution, &self.lead_firm] {
            self.decide(side, supplier, "select", "Cumple lo que pide la red.").await.expect(200);
        }
    }

    async fn own(&self, supplier: &Client) -> Answer {
        supplier.get(&format!("{}/membership", self.network)).await
    }
}

on_both_engines! {
    /// The seed's first step: the network invites, the supplier applies, the institution and the lead firm
    /// both select. Only then does the supplier belong to the network, and with that to the programme.
    async fn a_supplier_belongs_once_both_sides_have_selected_it(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", false).await;
        let supplier = app.supplier("Uno").await;
        supplier.get(&scene.network).await.expect(404);
        scene.invite(&scene.lead_firm, &supplier).await.expect(201);
        supplier.get(&scene.network).await.expect(200);
        let applied = scene.apply(&supplier).await.expect(200);
        assert_eq!(applied.text("standing"), "applied");

        let first = scene.decide(&scene.lead_firm, &supplier, "select", "Tiene la capacidad pedida.").await.expect(200);
        assert_eq!(first.text("standing"), "applied");
        // What one side has said does not show to the applicant: no reason, no version, not one byte.
        assert_eq!(scene.own(&supplier).await.expect(200).body, applied.body);
        supplier.get(&scene.programme).await.expect(404);

        let second = scene.decide(&scene.institution, &supplier, "select", "Cumple los requisitos.").await.expect(200);
        assert_eq!(second.text("standing"), "selected");
        let own = scene.own(&supplier).await.expect(200);
        assert_eq!((own.text("standing"), own.body["decisions"].as_array().unwrap().len()), ("selected".into(), 2));
        assert_eq!(own.body["decisions"][0]["by"], Value::Null);
        supplier.get(&scene.programme).await.expect(200);
        let late = scene.decide(&scene.institution, &supplier, "refuse", "Cambiamos de parecer.").await.expect(409);
        assert_eq!(late.code(), "wrong-state");
    }

    async fn a_refused_applicant_reads_the_reasons_and_nothing_of_others(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", false).await;
        let (refused, selected) = (app.supplier("Uno").await, app.supplier("Otro").await);
        scene.select(&selected).await;
        scene.invite(&scene.institution, &refused).await.expect(201);
        let before = refused.get(&scene.network).await.expect(200);
        scene.apply(&refused).await.expect(200);
        scene.decide(&scene.institution, &refused, "select", "Cumple los requisitos.").await.expect(200);
        scene.decide(&scene.lead_firm, &refused, "refuse", "No certifica el proceso de torneado.").await.expect(200);
        let own = scene.own(&refused).await.expect(200);
        assert_eq!(own.text("standing"), "refused");
        let text = own.body.to_string();
        assert!(text.contains("No certifica el proceso de torneado."), "{text}");
        assert!(!text.contains(&selected.organisation().to_string()) && !text.contains("Otro"), "{text}");
        // The network looks the same whoever else is in it, down to its version.
        let after = refused.get(&scene.network).await.expect(200);
        assert_eq!((after.body, after.headers["etag"].clone()), (before.body, before.headers["etag"].clone()));
        refused.get(&format!("{}/members", scene.network)).await.expect(403);
        assert_eq!(scene.apply(&refused).await.expect(409).code(), "wrong-state");
        // Invited anew, it may apply anew, and the old reasons are gone.
        scene.invite(&scene.institution, &refused).await.expect(201);
        assert_eq!(scene.apply(&refused).await.expect(200).body["decisions"], json!([]));
        // What the institution said to the last application says nothing about this one.
        let alone = scene.decide(&scene.lead_firm, &refused, "select", "Ahora certifica el torneado.").await.expect(200);
        assert_eq!(alone.text("standing"), "applied");
    }

    async fn in_the_model_of_organised_suppliers_the_institution_selects_alone(app: TestApp) {
        let scene = Scene::new(&app, "organised_suppliers", true).await;
        let supplier = app.supplier("Uno").await;
        scene.institution.take_in(&scene.programme, &[&supplier]).await;
        scene.apply(&supplier).await.expect(200);
        scene.decide(&scene.lead_firm, &supplier, "select", "Nos gustaría tenerlo.").await.expect(404);
        let chosen = scene.decide(&scene.institution, &supplier, "select", "Cumple los requisitos.").await.expect(200);
        assert_eq!(chosen.text("standing"), "selected");
    }

    /// Without an invitation one applies on an open call, as a supplier of the programme; a network without a
    /// call is not even there.
    async fn an_open_call_is_for_the_suppliers_of_the_programme(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", true).await;
        let (member, stranger) = (app.supplier("Uno").await, app.supplier("Otro").await);
        scene.institution.take_in(&scene.programme, &[&member]).await;
        stranger.get(&scene.network).await.expect(404);
        assert_eq!(scene.apply(&stranger).await.expect(404).text("detail"), stranger.get(MISSING).await.text("detail"));
        member.get(&scene.network).await.expect(200);
        let change = json!({ "name": "Red de chancado", "call_open": false });
        let etag = scene.institution.get(&scene.network).await.etag();
        scene.institution.put_if(&scene.network, &etag, change).await.expect(200);
        member.get(&scene.network).await.expect(404);
        scene.apply(&member).await.expect(404);
        // Who has left an invitation behind needs a new one.
        scene.invite(&scene.institution, &member).await.expect(201);
        member.post(&format!("{}/leave", scene.network), json!({})).await.expect(200);
        assert_eq!(scene.apply(&member).await.expect(409).code(), "no-open-call");
    }

    async fn who_is_not_assigned_does_not_see_a_network(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", false).await;
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let account = officer.get("/me").await.text("account/id");
        let other = Scene::new(&app, "lead_firm", false).await;
        let seat = format!("{}/officers/{account}", scene.network);
        let paths = ["", "/members", "/officers"];
        for path in paths {
            let hidden = officer.get(&format!("{}{path}", scene.network)).await.expect(404);
            let missing = officer.get(&format!("{MISSING}{path}")).await.expect(404);
            assert_eq!(hidden.text("detail"), missing.text("detail"));
        }
        assert_eq!(officer.get("/networks").await.expect(200).body["items"], json!([]));
        scene.institution.send(axum::http::Method::PUT, &format!("{}/officers/{account}", other.network), &[], None).await.expect(404);
        officer.send(axum::http::Method::PUT, &seat, &[], None).await.expect(403);
        scene.institution.send(axum::http::Method::PUT, &seat, &[], None).await.expect(204);
        for path in paths {
            officer.get(&format!("{}{path}", scene.network)).await.expect(200);
        }
        let listed = scene.institution.get(&format!("{}/officers", scene.network)).await.expect(200);
        assert!(listed.body.to_string().contains(&account), "{:#}", listed.body);
        scene.institution.delete(&seat).await.expect(204);
        officer.get(&scene.network).await.expect(404);
        scene.institution.delete(&seat).await.expect(404);
    }

    /// What is posted in a network is for those whom it selected, and for the officers assigned to it.
    async fn a_requirement_of_a_network_is_for_its_suppliers(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", false).await;
        let (inside, outside, invited) =
            (app.supplier("Uno").await, app.supplier("Otro").await, app.supplier("Tercero").await);
        scene.institution.take_in(&scene.programme, &[&outside, &invited]).await;
        scene.select(&inside).await;
        scene.invite(&scene.institution, &invited).await.expect(201);
        let network = scene.network.strip_prefix("/networks/").unwrap();
        let programme = scene.programme.strip_prefix("/programmes/").unwrap();
        let body = |network: &str| json!({
            "programme": programme, "network": network, "title": "Bujes",
            "lots": [{ "name": "Bujes", "process": "torneado", "unit": "pieza", "quantity": 4, "reference_price": "9" }],
        });
        let unknown = scene.lead_firm.post("/requirements", body(MISSING.strip_prefix("/networks/").unwrap())).await;
        assert_eq!(unknown.expect(422).faults(), ["/network no-such-network"]);
        let foreign = app.lead_firm("Ajena").await;
        scene.institution.take_in(&scene.programme, &[&foreign]).await;
        assert_eq!(foreign.post("/requirements", body(network)).await.expect(422).faults(), ["/network no-such-network"]);
        let posted = scene.lead_firm.post("/requirements", body(network)).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        scene.lead_firm.move_on(&path, "publish").await;
        assert_eq!(inside.get(&path).await.expect(200).text("network"), network);
        scene.institution.get(&path).await.expect(200);
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        for unseeing in [&outside, &invited, &officer] {
            unseeing.get(&path).await.expect(404);
            assert_eq!(unseeing.get("/requirements").await.expect(200).body["items"], json!([]));
        }
        scene.lead_firm.post(&format!("{path}/gap-analyses"), json!({})).await.expect(200);
        let measured = scene.institution.get(&format!("{path}/gap-analyses")).await.expect(200);
        let measured: Vec<_> = measured.body["items"].as_array().unwrap().iter().map(|a| a["supplier"].clone()).collect();
        assert_eq!(measured, [json!(inside.organisation())]);
        inside.post(&format!("{}/leave", scene.network), json!({})).await.expect(200);
        inside.get(&path).await.expect(404);
    }

    async fn a_closed_network_takes_nobody_in(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", true).await;
        let (applicant, late) = (app.supplier("Uno").await, app.supplier("Otro").await);
        scene.institution.take_in(&scene.programme, &[&applicant, &late]).await;
        scene.apply(&applicant).await.expect(200);
        scene.institution.move_on(&scene.network, "close").await;
        assert_eq!(scene.invite(&scene.institution, &late).await.expect(409).code(), "network-closed");
        scene.apply(&late).await.expect(404);
        let decided = scene.decide(&scene.institution, &applicant, "select", "Cumple los requisitos.").await.expect(409);
        assert_eq!(decided.code(), "network-closed");
        applicant.post(&format!("{}/leave", scene.network), json!({})).await.expect(200);
    }

    async fn a_closed_programme_takes_nobody_in(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", true).await;
        let (applicant, late) = (app.supplier("Uno").await, app.supplier("Otro").await);
        scene.institution.take_in(&scene.programme, &[&applicant, &late]).await;
        scene.apply(&applicant).await.expect(200);
        scene.institution.move_on(&scene.programme, "close").await;
        let refused = scene.invite(&scene.institution, &late).await.expect(409);
        assert_eq!(refused.code(), "programme-not-open");
        assert!(refused.text("detail").contains("otro programa"), "{:#}", refused.body);
        assert_eq!(scene.apply(&late).await.expect(409).code(), "programme-not-open");
        let decided = scene.decide(&scene.lead_firm, &applicant, "select", "Cumple los requisitos.").await.expect(409);
        assert_eq!(decided.code(), "programme-not-open");
        applicant.post(&format!("{}/leave", scene.network), json!({})).await.expect(200);
    }

    async fn every_fault_of_a_network_is_named_at_once(app: TestApp) {
        let scene = Scene::new(&app, "lead_firm", false).await;
        let networks = format!("{}/networks", scene.programme);
        let answer = scene.institution.post(&networks, json!({ "model": "cluster", "name": "x", "call_open": 1 })).await;
        assert_eq!(
            answer.expect(422).faults(),
            ["/call_open wrong-type", "/model unknown-word", "/name wrong-length"]
        );
        let alone = json!({ "model": "lead_firm", "name": "Otra red" });
        assert_eq!(scene.institution.post(&networks, alone).await.expect(422).faults(), ["/lead_firms required"]);
        let stranger = app.lead_firm("Ajena").await;
        let body = json!({ "model": "lead_firm", "name": "Red de chancado", "lead_firms": [stranger.organisation()] });
        assert_eq!(scene.institution.post(&networks, body).await.expect(422).faults(), ["/lead_firms/0 not-a-member"]);
        let taken = json!({ "model": "organised_suppliers", "name": "Red de chancado" });
        assert_eq!(scene.institution.post(&networks, taken).await.expect(422).faults(), ["/name name-taken"]);
        let supplier = app.supplier("Uno").await;
        scene.select(&supplier).await;
        let path = format!("{}/members/{}/exclude", scene.network, supplier.organisation());
        let etag = scene.own(&supplier).await.etag();
        let short = scene.institution.post_if(&path, &etag, json!({ "reason": "no" })).await.expect(422);
        assert_eq!(short.faults(), ["/reason wrong-length"]);
        let reason = json!({ "reason": "No ha entregado nada en seis meses." });
        scene.institution.post_if(&path, "\"1\"", reason.clone()).await.expect(412);
        scene.institution.post_if(&path, &etag, reason).await.expect(200);
        let own = scene.own(&supplier).await.expect(200);
        assert_eq!(own.text("standing"), "refused");
        assert!(own.body.to_string().contains("seis meses"), "{:#}", own.body);
    }

    /// A long random walk through the API ends where the table of steps says, and what the table refuses is a
    /// conflict that changes nothing.
    async fn the_api_walks_as_the_table_says(app: TestApp) {
        let scene = Scene::new(&app, "organised_suppliers", true).await;
        let supplier = app.supplier("Uno").await;
        scene.institution.take_in(&scene.programme, &[&supplier]).await;
        let (mut standing, mut random): (Option<Standing>, u64) = (None, 42);
        for _ in 0..60 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let step = Step::ALL[usize::try_from(random >> 33).unwrap() % Step::ALL.len()];
            let next = step.from(standing);
            let reason = "Una razón suficiente.";
            let answer = match step {
                Step::Invite => scene.invite(&scene.institution, &supplier).await,
                Step::Apply => scene.apply(&supplier).await,
                Step::Leave => supplier.post(&format!("{}/leave", scene.network), json!({})).await,
                // That is no step of theirs, but what an objection does.
                Step::Reopen => continue,
                _ if standing.is_none() => continue,
                Step::Select => scene.decide(&scene.institution, &supplier, "select", reason).await,
                Step::Refuse => scene.decide(&scene.institution, &supplier, "refuse", reason).await,
                Step::Exclude => {
                    let path = format!("{}/members/{}/exclude", scene.network, supplier.organisation());
                    let etag = scene.own(&supplier).await.etag();
                    scene.institution.post_if(&path, &etag, json!({ "reason": reason })).await
                }
            };
            let status = answer.status.as_u16();
            match (next, standing) {
                (Some(_), _) => assert!(status < 300, "{step:?} from {standing:?}: {status} {:#}", answer.body),
                (None, None) => assert_eq!(status, 404, "{step:?}"),
                (None, Some(_)) => assert_eq!(status, 409, "{step:?} from {standing:?}: {:#}", answer.body),
            }
            standing = next.or(standing);
            match standing {
                None => scene.own(&supplier).await.expect(404),
                Some(standing) => {
                    let own = scene.own(&supplier).await.expect(200);
                    assert_eq!(own.text("standing"), standing.word());
                    own
                }
            };
        }
    }
}
