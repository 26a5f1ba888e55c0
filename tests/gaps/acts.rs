//! Gap acts: opened, disputed, signed, void and renewed; and who sees them.

use eslabon::{
    app,
    foundation::{
        access::{Actor, Kind, Role},
        http::list::Window,
        ids::OrganisationId,
    },
    gaps::store,
};
use serde_json::{Value, json};

use super::{Scene, diagnose, good};
use crate::support::{Answer, Client, Counting, TestApp, signing};

/// A scene with a supplier that is late (76 % on time), has consented, and whose act is open.
struct Pair {
    scene: Scene,
    supplier: Client,
    act: String,
}

fn late() -> Vec<(&'static str, Value)> {
    let mut late = good();
    late[1].1 = json!("76");
    late
}

impl Pair {
    async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app).await;
        let supplier = scene.supplier(app, &late()).await;
        supplier.put(&format!("/consents/{}", scene.lead_firm.organisation()), json!({})).await.expect(204);
        scene.compute().await;
        let body = json!({ "supplier": supplier.organisation() });
        let opened = scene.lead_firm.post(&format!("{}/gap-acts", scene.requirement), body).await.expect(201);
        assert_eq!(
            (opened.text("state"), opened.text("you_are")),
            ("open".to_owned(), "lead_firm".to_owned())
        );
        assert_eq!(opened.headers["location"], format!("/api/v1/gap-acts/{}", opened.text("id")));
        let act = format!("/gap-acts/{}", opened.text("id"));
        Self { scene, supplier, act }
    }

    async fn read(&self, client: &Client) -> Answer {
        client.get(&self.act).await.expect(200)
    }

    async fn state(&self) -> String {
        self.read(&self.supplier).await.text("state")
    }

    /// `POST` below the act, with the version that is there now.
    async fn post(&self, client: &Client, path: &str, body: Value) -> Answer {
        let etag = self.read(&self.supplier).await.etag();
        client.post_if(&format!("{}/{path}", self.act), &etag, body).await
    }

    /// The lead firm amends one value of its requirement; returns whether the answer says that gap acts are void.
    async fn amend(&self, pointer: &str, value: Value) -> String {
        self.scene
            .lead_firm
            .amend(&self.scene.requirement, pointer, value)
            .await
            .text("amendment/voids/gap_acts")
    }

    async fn put_actions(&self, client: &Client, actions: Value) -> Answer {
        let etag = self.read(&self.supplier).await.etag();
        client.put_if(&format!("{}/actions", self.act), &etag, json!({ "actions": actions })).await
    }

    async fn sign(&self, client: &Client) -> Answer {
        let hash = self.read(&self.supplier).await.text("hash");
        client.post(&format!("{}/signatures", self.act), signing(&hash)).await
    }

    /// The signatures as `side holds`.
    async fn signatures(&self) -> Vec<String> {
        let read = self.read(&self.supplier).await;
        let all = read.body["signatures"].as_array().unwrap().iter();
        all.map(|s| format!("{} {}", s["side"].as_str().unwrap(), s["holds"])).collect()
    }
}

fn closing(line: usize) -> Value {
    json!({ "line": line, "description": "Tablero semanal de entregas",
        "cost": { "amount": "1800.01", "currency": "USD" }, "months": 4,
        "split": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
        "technical_assistance": "Planificador de la empresa líder, dos días al mes" })
}

on_both_engines! {
    async fn both_sides_agree_on_the_gaps_and_on_how_to_close_them(app: TestApp) {
        let pair = Pair::set(&app).await;
        let put = pair.put_actions(&pair.scene.institution, json!([closing(1)])).await.expect(200);
        assert_eq!(put.text("actions/0/question"), "delivery-on-time");
        let amounts = ["programme", "lead_firm", "supplier"].map(|who| put.text(&format!("cost/{who}/amount")));
        // Half up to the cent: 900.005; what is left is the supplier's.
        assert_eq!(amounts, ["900.01", "540.00", "360.00"]);

        pair.sign(&pair.supplier).await.expect(200);
        assert_eq!(pair.state().await, "signed_by_supplier");
        assert_eq!(pair.sign(&pair.supplier).await.expect(409).code(), "already-signed");
        let agreed = pair.sign(&pair.scene.lead_firm).await.expect(200);
        assert_eq!(agreed.text("state"), "agreed");
        assert_eq!(agreed.text("signatures/0/role"), "supplier_administrator");
        assert_eq!(agreed.text("signatures/1/signed_at"), crate::support::START);
        // What is agreed is neither changed nor disputed, by anybody.
        for client in [&pair.supplier, &pair.scene.lead_firm] {
            let reason = json!({ "line": 1, "reason": "Demasiado tarde para esto" });
            assert_eq!(pair.post(client, "disputes", reason).await.expect(409).code(), "wrong-state");
            assert_eq!(pair.put_actions(client, json!([])).await.expect(409).code(), "wrong-state");
        }
        assert_eq!(pair.sign(&pair.scene.institution).await.status, 403, "the institution takes no side");
    }

    async fn a_disputed_line_is_answered_and_settled_before_anybody_signs(app: TestApp) {
        let pair = Pair::set(&app).await;
        let (supplier, lead_firm) = (&pair.supplier, &pair.scene.lead_firm);
        pair.sign(lead_firm).await.expect(200);
        let reason = json!({ "line": 1, "reason": "Incluye pedidos que la planta aplazó" });
        let raised = pair.post(supplier, "disputes", reason).await.expect(200);
        assert_eq!(raised.text("state"), "disputed");
        assert_eq!(pair.signatures().await, ["lead_firm false"], "it signed another text");
        assert_eq!(pair.sign(supplier).await.expect(409).code(), "wrong-state");

        let dispute = format!("disputes/{}", raised.text("disputes/0/id"));
        let own = pair.post(supplier, &format!("{dispute}/answer"), json!({ "text": "No" })).await;
        assert_eq!(own.expect(422).faults(), ["/text wrong-length"]);
        let own = pair.post(supplier, &format!("{dispute}/answer"), json!({ "text": "Insisto" })).await;
        assert_eq!(own.expect(409).code(), "own-dispute");
        let answer = json!({ "text": "Abril fue nuestro, mayo no" });
        pair.post(lead_firm, &format!("{dispute}/answer"), answer.clone()).await.expect(200);
        let again = pair.post(lead_firm, &format!("{dispute}/answer"), answer).await.expect(409);
        assert_eq!(again.code(), "dispute-already-answered");
        let settle = |outcome: &str| json!({ "outcome": outcome, "note": "Se mide de nuevo desde mayo" });
        let theirs = pair.post(lead_firm, &format!("{dispute}/settle"), settle("dismissed")).await;
        assert_eq!(theirs.expect(409).code(), "not-yours-to-settle");
        let settled = pair.post(supplier, &format!("{dispute}/settle"), settle("dismissed")).await.expect(200);
        assert_eq!((settled.text("state"), settled.text("disputes/0/outcome")), ("open".to_owned(), "dismissed".to_owned()));
        assert_eq!(settled.text("disputes/0/answer/by"), "lead_firm");
        assert_eq!(pair.post(supplier, &format!("{dispute}/settle"), settle("dismissed")).await.expect(409).code(), "wrong-state");

        pair.sign(supplier).await.expect(200);
        assert_eq!(pair.sign(lead_firm).await.expect(200).text("state"), "agreed");
        assert_eq!(pair.signatures().await, ["lead_firm false", "supplier true", "lead_firm true"]);
    }

    async fn another_diagnostic_voids_the_act_and_shows_the_difference(app: TestApp) {
        let pair = Pair::set(&app).await;
        pair.put_actions(&pair.supplier, json!([closing(1)])).await.expect(200);
        pair.sign(&pair.supplier).await.expect(200);
        pair.sign(&pair.scene.lead_firm).await.expect(200);
        let agreed = pair.read(&pair.supplier).await;
        assert_eq!(agreed.body["difference"], Value::Null);
        // The same answers again: another diagnostic, and nothing to show.
        diagnose(&pair.supplier, &late()).await;
        assert_eq!(pair.state().await, "agreed");

        let mut better = late();
        better[1].1 = json!("85.5");
        diagnose(&pair.supplier, &better).await;
        let void = pair.read(&pair.scene.lead_firm).await;
        assert_eq!((void.text("state"), void.body["difference"]["causes"].clone()), ("void".to_owned(), json!(["diagnostic"])));
        let changed = &void.body["difference"]["lines"];
        assert_eq!(changed.as_array().unwrap().len(), 1);
        assert_eq!((changed[0]["before"]["actual"].clone(), changed[0]["now"]["actual"].clone()), (json!({ "number": "76" }), json!({ "number": "85.5" })));
        assert_eq!((changed[0]["before"]["gap"]["amount"].clone(), changed[0]["now"]["gap"]["amount"].clone()), (json!("19"), json!("9.5")));
        assert_eq!(pair.signatures().await, ["supplier false", "lead_firm false"]);
        assert_eq!(pair.sign(&pair.supplier).await.expect(409).code(), "wrong-state");

        let renewed = pair.post(&pair.supplier, "renew", json!({})).await.expect(200);
        assert_eq!((renewed.text("state"), renewed.text("round")), ("open".to_owned(), "2".to_owned()));
        assert_eq!(renewed.text("actions/0/question"), "delivery-on-time", "its gap is still open");
        assert_ne!(renewed.text("hash"), agreed.text("hash"));
        pair.sign(&pair.scene.lead_firm).await.expect(200);
        assert_eq!(pair.sign(&pair.supplier).await.expect(200).text("state"), "agreed");
        assert_eq!(pair.signatures().await.len(), 4);
    }

    async fn an_amended_requirement_voids_the_act_and_says_so(app: TestApp) {
        let pair = Pair::set(&app).await;
        pair.put_actions(&pair.supplier, json!([closing(1)])).await.expect(200);
        pair.sign(&pair.supplier).await.expect(200);
        pair.sign(&pair.scene.lead_firm).await.expect(200);
        // What only offers are measured on leaves the act alone.
        assert_eq!(pair.amend("/lots/0/reference_price", json!("6")).await, "false");
        assert_eq!(pair.state().await, "agreed");

        assert_eq!(pair.amend("/lots/0/quantity", json!(20)).await, "true");
        let read = pair.read(&pair.scene.lead_firm).await;
        assert_eq!(read.text("state"), "void");
        let difference = &read.body["difference"];
        assert_eq!((&difference["causes"], &difference["lines"]), (&json!(["requirement"]), &json!([])));
        let quantities = ["before", "now"].map(|when| difference["demanded"][when]["lots"][0]["quantity"].clone());
        assert_eq!(quantities, [json!(10), json!(20)]);
        // Taken back, it is what both have signed.
        assert_eq!(pair.amend("/lots/0/quantity", json!(10)).await, "true");
        assert_eq!(pair.state().await, "agreed");

        assert_eq!(pair.amend("/criteria/1/minimum", json!("98")).await, "true");
        let read = pair.read(&pair.supplier).await;
        assert_eq!((read.text("state"), &read.body["difference"]["causes"]), ("void".to_owned(), &json!(["requirement"])));
        let change = &read.body["difference"]["lines"][0];
        let demanded = ["before", "now"].map(|when| change[when]["criterion"]["minimum"].clone());
        assert_eq!(demanded, [json!("95"), json!("98")]);
        assert_eq!(pair.signatures().await, ["supplier false", "lead_firm false"], "kept as history");
        let renewed = pair.post(&pair.scene.institution, "renew", json!({})).await.expect(200);
        assert_eq!((renewed.text("state"), renewed.text("actions/0/question")), ("open".to_owned(), "delivery-on-time".to_owned()));
    }

    /// Whoever holds the version from before reads anew, and changes nothing unseen.
    async fn what_has_lapsed_has_another_version(app: TestApp) {
        let pair = Pair::set(&app).await;
        pair.sign(&pair.supplier).await.expect(200);
        let before = pair.read(&pair.supplier).await.etag();
        pair.amend("/lots/0/quantity", json!(12)).await;
        let void = pair.read(&pair.supplier).await;
        assert_eq!(void.text("state"), "void");
        assert_ne!(void.etag(), before);
        assert_eq!(void.text("etag"), void.etag());
        assert_eq!(pair.read(&pair.scene.institution).await.etag(), void.etag());
        let listed = pair.supplier.get(&format!("{}/gap-acts", pair.scene.requirement)).await.expect(200);
        assert_eq!(listed.text("items/0/etag"), void.etag());
        let renew = async |etag: &str| pair.supplier.post_if(&format!("{}/renew", pair.act), etag, json!({})).await;
        renew(&before).await.expect(412);
        let actions = pair.supplier.put_if(&format!("{}/actions", pair.act), &before, json!({ "actions": [] })).await;
        assert_eq!(actions.expect(412).code(), "stale-version");
        // Another amendment is another cause.
        pair.amend("/lots/0/quantity", json!(13)).await;
        assert_ne!(pair.read(&pair.supplier).await.etag(), void.etag());
        renew(&void.etag()).await.expect(412);
        // Taken back, the act is what it was.
        pair.amend("/lots/0/quantity", json!(10)).await;
        assert_eq!(pair.read(&pair.supplier).await.etag(), before);
        pair.amend("/lots/0/quantity", json!(12)).await;
        let renewed = renew(&void.etag()).await.expect(200);
        assert_eq!(renewed.text("state"), "open");
        assert!(renewed.etag() != void.etag() && renewed.etag() != before);
    }

    async fn a_page_of_acts_takes_as_many_statements_however_many_there_are(app: TestApp) {
        let pair = Pair::set(&app).await;
        pair.sign(&pair.supplier).await.expect(200);
        let service = Actor::system(pair.scene.lead_firm.organisation());
        let requirement = pair.scene.requirement.strip_prefix("/requirements/").unwrap().parse().unwrap();
        let db = Counting::on(app.base.db.reads());
        let look = async || {
            let (window, now) = (Window::first(50), app.base.clock.now());
            let page = store::acts::list(&db, &service, requirement, &window, now).await.unwrap();
            let signatures: usize = page.items.iter().map(|found| found.act.signatures.len()).sum();
            (page.items.len(), signatures, db.take())
        };
        let (acts, signatures, statements) = look().await;
        assert_eq!((acts, signatures), (1, 1));
        assert!(statements <= 12, "{statements}");
        for _ in 0..3 {
            let supplier = pair.scene.supplier(&app, &late()).await;
            pair.scene.compute().await;
            supplier.post(&format!("{}/gap-acts", pair.scene.requirement), json!({})).await.expect(201);
        }
        assert_eq!(look().await, (4, 1, statements));
    }

    async fn other_thresholds_void_the_act_when_they_change_its_verdict(app: TestApp) {
        let pair = Pair::set(&app).await;
        let etag = pair.scene.institution.get(&pair.scene.programme).await.expect(200).etag();
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" },
            "thresholds": { "green": "0.95", "yellow": "0.6" } });
        pair.scene.institution.put_if(&format!("{}/rules", pair.scene.programme), &etag, rules).await.expect(200);
        let void = pair.read(&pair.supplier).await;
        assert_eq!((void.text("state"), void.body["difference"]["causes"].clone()), ("void".to_owned(), json!(["rules"])));
        assert_eq!(void.body["difference"]["verdict"]["now"]["reasons"], json!(["must_open", "fit_below_green"]));
    }

    async fn nobody_signs_what_they_have_not_read(app: TestApp) {
        let pair = Pair::set(&app).await;
        let hash = pair.read(&pair.supplier).await.text("hash");
        let path = format!("{}/signatures", pair.act);
        let unticked = json!({ "hash": "abc", "has_read_it": false });
        let faults = pair.supplier.post(&path, unticked).await.expect(422).faults();
        assert_eq!(faults, ["/has_read_it statement-not-ticked", "/hash wrong-length", "/may_sign_for_the_firm required"]);
        pair.put_actions(&pair.scene.lead_firm, json!([closing(1)])).await.expect(200);
        assert_eq!(pair.supplier.post(&path, signing(&hash)).await.expect(409).code(), "signed-content-changed");
        // A change that is taken back does not bring a signature back.
        pair.put_actions(&pair.scene.lead_firm, json!([])).await.expect(200);
        assert_eq!(pair.supplier.post(&path, signing(&hash)).await.expect(409).code(), "signed-content-changed");
        let reader = app.person(pair.supplier.organisation(), Kind::Supplier, Role::SupplierReader).await;
        reader.post(&path, signing(&hash)).await.expect(403);
    }

    async fn every_fault_of_the_closing_actions_is_told_at_once(app: TestApp) {
        let pair = Pair::set(&app).await;
        let mut actions = [closing(1), closing(0), closing(1), closing(1)];
        actions[2]["cost"]["currency"] = json!("CLP");
        actions[2]["cost"]["amount"] = json!("1");
        actions[3].as_object_mut().unwrap().remove("split");
        let faults = pair.put_actions(&pair.supplier, json!(actions)).await.expect(422).faults();
        let expected = ["/actions/1/line no-gap-to-close", "/actions/2/cost not-the-programmes-currency",
            "/actions/2/line line-named-twice", "/actions/3/line line-named-twice"];
        assert_eq!(faults[..4], expected);
        let mut uneven = closing(1);
        uneven["split"]["supplier"] = json!("0.1");
        assert_eq!(pair.put_actions(&pair.supplier, json!([uneven])).await.expect(422).faults(), ["/actions/0/split/supplier shares-not-one"]);
    }

    async fn only_those_who_see_the_analysis_see_the_act(app: TestApp) {
        let pair = Pair::set(&app).await;
        let (scene, supplier) = (&pair.scene, &pair.supplier);
        let acts = format!("{}/gap-acts", scene.requirement);
        let missing = scene.lead_firm.get("/gap-acts/01890000-0000-7000-8000-000000000000").await.expect(404);
        let other = scene.supplier(&app, &good()).await;
        let rival = app.lead_firm("Rival").await;
        scene.take_in(&rival).await;
        supplier.put(&format!("/consents/{}", rival.organisation()), json!({})).await.expect(204);
        for stranger in [&other, &rival, &app.institution().await, &app.supplier("Ajeno").await] {
            let refused = stranger.get(&pair.act).await.expect(404);
            assert_eq!(refused.text("detail"), missing.text("detail"));
            stranger.post_if(&format!("{}/renew", pair.act), "\"1\"", json!({})).await.expect(404);
            stranger.put_if(&format!("{}/actions", pair.act), "\"1\"", json!({})).await.expect(404);
        }
        let page = other.get(&acts).await.expect(200);
        assert_eq!(page.body, json!({ "items": [], "next": null, "prev": null }));
        rival.get(&acts).await.expect(404);
        // Whom one may not see, and who does not exist, are told alike when an act is opened.
        let open = async |client: &Client, firm: OrganisationId| {
            client.post(&acts, json!({ "supplier": firm })).await.expect(422).faults()
        };
        assert_eq!(open(&scene.lead_firm, other.organisation()).await, ["/supplier no-such-analysis"]);
        assert_eq!(open(&scene.lead_firm, rival.organisation()).await, ["/supplier no-such-analysis"]);
        assert_eq!(open(&other, supplier.organisation()).await, ["/supplier no-such-analysis"]);
        rival.post(&acts, json!({ "supplier": supplier.organisation() })).await.expect(404);
        let twice = scene.institution.post(&acts, json!({ "supplier": supplier.organisation() })).await;
        assert_eq!(twice.expect(409).code(), "gap-act-exists");
    }

    async fn a_revoked_consent_hides_the_act_and_unsigns_nothing(app: TestApp) {
        let pair = Pair::set(&app).await;
        pair.sign(&pair.supplier).await.expect(200);
        pair.sign(&pair.scene.lead_firm).await.expect(200);
        let consent = format!("/consents/{}", pair.scene.lead_firm.organisation());
        pair.supplier.delete(&consent).await.expect(204);
        pair.scene.lead_firm.get(&pair.act).await.expect(404);
        let page = pair.scene.lead_firm.get(&format!("{}/gap-acts", pair.scene.requirement)).await.expect(200);
        assert_eq!(page.body["items"], json!([]));
        pair.scene.lead_firm.post(&format!("{}/signatures", pair.act), signing(&"0".repeat(64))).await.expect(404);
        assert_eq!(pair.state().await, "agreed");
        assert_eq!(pair.read(&pair.scene.institution).await.text("you_are"), "institution");
        pair.supplier.put(&consent, json!({})).await.expect(204);
        assert_eq!(pair.read(&pair.scene.lead_firm).await.text("state"), "agreed");
    }

    async fn two_who_sign_at_the_same_moment_both_sign(app: TestApp) {
        let pair = Pair::set(&app).await;
        let hash = pair.read(&pair.supplier).await.text("hash");
        let path = format!("{}/signatures", pair.act);
        // Another instance of the service on the same database takes half of them.
        let second = app::router(&app.base);
        let others = [pair.supplier.on(second.clone()), pair.scene.lead_firm.on(second)];
        let all = [&pair.supplier, &pair.scene.lead_firm, &others[0], &others[1]];
        let answers = futures_util::future::join_all(all.map(|client| client.post(&path, signing(&hash)))).await;
        let signed = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(signed, 2, "{answers:#?}");
        assert_eq!(pair.state().await, "agreed");
        assert_eq!(pair.signatures().await.len(), 2);
    }

    async fn every_step_leaves_its_entry_and_a_key_replays_its_answer(app: TestApp) {
        let pair = Pair::set(&app).await;
        let hash = pair.read(&pair.supplier).await.text("hash");
        let path = format!("{}/signatures", pair.act);
        let first = pair.supplier.post_once(&path, "firma-1", signing(&hash)).await.expect(200);
        let again = pair.supplier.post_once(&path, "firma-1", signing(&hash)).await.expect(200);
        assert_eq!(first.body, again.body);
        let supplier = Actor::system(pair.supplier.organisation());
        let entries = eslabon::foundation::audit::list(app.base.db.reads(), &supplier, 10).await.unwrap();
        let signed = entries.iter().filter(|entry| entry.operation() == "gap_acts.sign");
        let details: Vec<_> = signed.map(|entry| entry.details().unwrap().to_owned()).collect();
        assert_eq!(details.len(), 1);
        assert!(details[0].contains(&hash) && details[0].contains("signed_by_supplier"), "{}", details[0]);
    }
}
