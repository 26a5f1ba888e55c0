//! Objections: a decision, what a firm says against it, another officer, and what becomes of the decision.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
    programmes::calls::{Contest, submitted, usd},
    support::{Answer, Client, TestApp},
};

/// Files an objection.
pub async fn object(firm: &Client, about: &str, path: &str) -> Answer {
    let id = path.rsplit('/').next().unwrap();
    let reasons = "El rechazo se apoya en una visita que no se hizo.";
    firm.post("/objections", json!({ "about": about, "about_id": id, "reasons": reasons })).await
}

pub async fn now(client: &Client, path: &str, step: &str, body: Value) -> Answer {
    let etag = client.get(path).await.expect(200).etag();
    client.post_if(&format!("{path}/{step}"), &etag, body).await
}

fn upheld() -> Value {
    json!({ "reason": "La visita no consta en el registro de la red." })
}

async fn colleague(app: &TestApp, scene: &Scene) -> Client {
    app.person(scene.institution.organisation(), Kind::Institution, Role::InstitutionAdministrator).await
}

on_both_engines! {
    async fn an_upheld_objection_opens_a_refused_application_again(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let network = scene.institution.network(&scene.programme, &buyer).await;
        scene.institution.post(&format!("{network}/invitations"), supplier.named().await).await.expect(201);
        assert_eq!(object(&supplier, "membership", &network).await.expect(409).code(), "nothing-to-object");
        supplier.post(&format!("{network}/apply"), json!({ "statement": "Torneamos bronce." })).await.expect(200);
        let decide = async |side: &Client, decision: &str| {
            let etag = supplier.get(&format!("{network}/membership")).await.expect(200).etag();
            let path = format!("{network}/members/{}/decision", supplier.organisation());
            let body = json!({ "decision": decision, "reason": "Según la visita del lunes." });
            side.post_if(&path, &etag, body).await.expect(200);
        };
        decide(&scene.institution, "refuse").await;
        let faulty = supplier.post("/objections", json!({ "about": "red", "about_id": "x" })).await.expect(422);
        assert_eq!(faulty.faults(), ["/about unknown-word", "/about_id not-an-id", "/reasons required"]);
        let filed = object(&supplier, "membership", &network).await.expect(201);
        assert_eq!(filed.text("state"), "filed");
        assert_eq!(object(&supplier, "membership", &network).await.expect(409).code(), "objection-exists");
        let path = format!("/objections/{}", filed.text("id"));

        // Whoever refused does not handle it; others see it not.
        assert_eq!(now(&scene.institution, &path, "review", json!({})).await.expect(409).code(), "own-decision");
        let other = colleague(&app, &scene).await;
        // An officer who does not look after the network sees nothing of it either.
        let elsewhere = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        for stranger in [&buyer, &elsewhere, &app.supplier("Ajeno").await, &app.institution().await] {
            stranger.get(&path).await.expect(404);
            assert_eq!(stranger.get("/objections").await.expect(200).body["items"], json!([]));
        }
        let reviewed = now(&other, &path, "review", json!({})).await.expect(200);
        assert!(reviewed.body["handled_by"].is_string());
        assert!(supplier.get(&path).await.expect(200).body["handled_by"].is_null());
        assert_eq!(now(&scene.institution, &path, "uphold", upheld()).await.expect(409).code(), "own-decision");
        let done = now(&other, &path, "uphold", upheld()).await.expect(200);
        assert_eq!((done.text("state"), done.text("effect")), ("upheld".into(), "application_reopened".into()));
        assert_eq!(supplier.get(&path).await.expect(200).text("outcome_reason"), "La visita no consta en el registro de la red.");

        // The application is open, and both sides say anew.
        let own = supplier.get(&format!("{network}/membership")).await.expect(200);
        assert_eq!(own.text("standing"), "applied");
        decide(&other, "select").await;
        decide(&buyer, "select").await;
        assert_eq!(supplier.get(&format!("{network}/membership")).await.text("standing"), "selected");
    }

    async fn an_upheld_objection_proposes_a_rejected_match_again(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1"), lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10), award(&supplier, &lots[1], 10)]).await;
        let other = colleague(&app, &scene).await;
        accepted(&buyer, &supplier, &found[0]).await;
        assert_eq!(object(&supplier, "match", &found[0]).await.expect(409).code(), "nothing-to-object");
        step(&scene.approver, &found[0], "reject").await.expect(200);
        let filed = object(&supplier, "match", &found[0]).await.expect(201);
        let path = format!("/objections/{}", filed.text("id"));
        assert_eq!(now(&scene.approver, &path, "review", json!({})).await.expect(409).code(), "own-decision");
        // Nor does anybody who has an interest in a party.
        let interest = json!({ "party": buyer.organisation(), "nature": "recusal" });
        let declared = other.post("/interests", interest).await.expect(201);
        assert_eq!(now(&other, &path, "review", json!({})).await.expect(409).code(), "conflict-of-interest");
        let reason = json!({ "reason": "La participación se vendió." });
        other.post_if(&format!("/interests/{}/end", declared.text("id")), "\"1\"", reason).await.expect(200);
        now(&other, &path, "review", json!({})).await.expect(200);
        let done = now(&other, &path, "uphold", upheld()).await.expect(200);
        assert_eq!(done.text("effect"), "match_reopened");
        assert_eq!(supplier.get(&format!("/matches/{}", found[0])).await.text("state"), "proposed");
        accepted(&buyer, &supplier, &found[0]).await;
        step(&scene.approver, &found[0], "approve").await.expect(200);

        // The lead firm objects to the approval: nothing can be undone, so a remedy is needed.
        let filed = object(&buyer, "match", &found[0]).await.expect(201);
        let path = format!("/objections/{}", filed.text("id"));
        now(&other, &path, "review", json!({})).await.expect(200);
        let without = now(&other, &path, "uphold", upheld()).await.expect(422);
        assert_eq!(without.faults(), ["/remedy remedy-needed"]);
        let mut body = upheld();
        body["remedy"] = json!("El lote siguiente se reparte de nuevo.");
        let done = now(&other, &path, "uphold", body).await.expect(200);
        assert_eq!((done.text("effect"), done.text("remedy")), ("remedy".into(), "El lote siguiente se reparte de nuevo.".into()));

        // What a firm has declined itself, the institution did not decide.
        step(&supplier, &found[1], "decline").await.expect(200);
        let declined = buyer.get(&format!("/matches/{}", found[1])).await.expect(200);
        assert_eq!(declined.text("state"), "declined");
        assert_eq!(object(&buyer, "match", &found[1]).await.expect(409).code(), "nothing-to-object");
        // Another's match is told like none.
        let rival = scene.supplier(&app, "1000").await;
        for path in [found[0].as_str(), "01890000-0000-7000-8000-000000000000"] {
            assert_eq!(object(&rival, "match", path).await.expect(422).faults(), ["/about_id no-such-decision"]);
        }
    }

    async fn neither_of_two_approvers_judges_the_objection(app: TestApp) {
        let none = json!({ "amount": "0", "currency": "USD" });
        let rules = json!({ "dependency_allowance": none, "dual_approval_above": none });
        let scene = Scene::with(&app, json!({ "rules": rules })).await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await.remove(0);
        accepted(&buyer, &supplier, &found).await;
        let second = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        for approver in [&scene.approver, &second] {
            step(approver, &found, "approve").await.expect(200);
        }
        let filed = object(&buyer, "match", &found).await.expect(201);
        let path = format!("/objections/{}", filed.text("id"));
        for approver in [&scene.approver, &second] {
            assert_eq!(now(approver, &path, "review", json!({})).await.expect(409).code(), "own-decision");
        }
        now(&colleague(&app, &scene).await, &path, "review", json!({})).await.expect(200);
    }

    async fn an_upheld_objection_puts_a_rejected_proposal_before_the_decision_again(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (institution, executor) = (&contest.scene.institution, &contest.executor);
        let call = contest.call(&app, json!({})).await;
        let first = contest.proposal(&call, "700").await;
        let second = submitted(&contest.other, &contest.lead, &call, "600").await;
        assert_eq!(object(executor, "proposal", &first).await.expect(409).code(), "nothing-to-object");
        contest.evaluated(&app, &call, &[(&first, [70, 72]), (&second, [90, 88])]).await;
        contest.decide(&second, json!({ "outcome": "award" })).await.expect(200);
        contest.decide(&first, json!({ "outcome": "reject" })).await.expect(200);
        assert_eq!(institution.get(&call).await.text("state"), "decided");
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "600.00", "0.00", "0.00"]);

        // Its own institution objects, and nobody else.
        for stranger in [&contest.other, institution, &contest.lead] {
            assert_eq!(object(stranger, "proposal", &first).await.expect(422).faults(), ["/about_id no-such-decision"]);
        }
        let filed = object(executor, "proposal", &first).await.expect(201);
        let path = format!("/objections/{}", filed.text("id"));
        assert_eq!(filed.text("firm"), executor.organisation().to_string());
        contest.other.get(&path).await.expect(404);
        assert_eq!(contest.other.get("/objections").await.expect(200).body["items"], json!([]));
        // It is judged by those that coordinate or steer: by none who decided, evaluated, objects or has an interest.
        for took_part in [&contest.scene.approver, &contest.evaluators[0]] {
            assert_eq!(now(took_part, &path, "review", json!({})).await.expect(409).code(), "own-decision");
        }
        assert_eq!(now(executor, &path, "review", json!({})).await.expect(409).code(), "own-objection");
        assert_eq!(now(institution, &path, "withdraw", json!({})).await.expect(409).code(), "anothers-objection");
        let other = colleague(&app, &contest.scene).await;
        let interest = json!({ "party": contest.lead.organisation(), "nature": "recusal" });
        let declared = other.post("/interests", interest).await.expect(201);
        assert_eq!(now(&other, &path, "review", json!({})).await.expect(409).code(), "conflict-of-interest");
        let reason = json!({ "reason": "La participación se vendió." });
        other.post_if(&format!("/interests/{}/end", declared.text("id")), "\"1\"", reason).await.expect(200);
        now(&other, &path, "review", json!({})).await.expect(200);
        assert!(executor.get(&path).await.expect(200).body["handled_by"].is_null());
        let done = now(&other, &path, "uphold", upheld()).await.expect(200);
        assert_eq!(done.text("effect"), "proposal_reopened");

        // The call decides again, with what it has left; then that is free again.
        let read = executor.get(&first).await.expect(200);
        assert_eq!((read.text("state"), &read.body["decision"]), ("submitted".into(), &Value::Null));
        assert_eq!(institution.get(&call).await.text("state"), "evaluated");
        assert_eq!(contest.sums().await, ["10000.00", "400.00", "600.00", "0.00", "0.00"]);
        contest.decide(&first, json!({ "outcome": "award", "amount": usd("350") })).await.expect(200);
        assert_eq!(institution.get(&call).await.text("state"), "decided");
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "950.00", "0.00", "0.00"]);
    }

    async fn a_rejected_proposal_needs_a_remedy_once_the_funds_are_gone(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let path = contest.proposal(&call, "700").await;
        contest.evaluated(&app, &call, &[(&path, [40, 42])]).await;
        contest.decide(&path, json!({ "outcome": "reject" })).await.expect(200);
        // Of the call's 1,000 that went back less is free now.
        contest.scene.assign("9000.01", "reduce").await.expect(201);
        let filed = object(&contest.executor, "proposal", &path).await.expect(201);
        let objection = format!("/objections/{}", filed.text("id"));
        let other = colleague(&app, &contest.scene).await;
        now(&other, &objection, "review", json!({})).await.expect(200);
        let without = now(&other, &objection, "uphold", upheld()).await.expect(422);
        assert_eq!(without.faults(), ["/remedy remedy-needed"]);
        let mut body = upheld();
        body["remedy"] = json!("La propuesta entra primera en la convocatoria siguiente.");
        let done = now(&other, &objection, "uphold", body).await.expect(200);
        assert_eq!(done.text("effect"), "remedy");
        assert_eq!(contest.executor.get(&path).await.text("state"), "rejected");
        assert_eq!(contest.scene.institution.get(&call).await.text("state"), "decided");
        assert_eq!(contest.sums().await, ["999.99", "0.00", "0.00", "0.00", "0.00"]);
    }

    async fn the_days_for_objecting_are_those_of_the_rules_by_the_programmes_calendar(app: TestApp) {
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" }, "objection_days": 2 });
        let scene = Scene::with(&app, json!({ "rules": rules, "time_zone": "America/Santiago" })).await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1"), lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10), award(&supplier, &lots[1], 10)]).await;
        for one in &found {
            step(&scene.approver, one, "reject").await.expect(200);
        }
        // The 2nd at 11:00 there; until the end of the 4th, which is 03:00 UTC of the 5th.
        app.base.clock.advance(2 * 86_400 + 12 * 3_600 + 3_500);
        let filed = object(&supplier, "match", &found[0]).await.expect(201);
        app.base.clock.advance(200);
        assert_eq!(object(&supplier, "match", &found[1]).await.expect(409).code(), "objection-late");
        // The firm takes the first one back; once is enough.
        let path = format!("/objections/{}", filed.text("id"));
        let withdrawn = now(&supplier, &path, "withdraw", json!({})).await.expect(200);
        assert_eq!(withdrawn.text("state"), "withdrawn");
        assert_eq!(now(&supplier, &path, "withdraw", json!({})).await.expect(409).code(), "wrong-state");
        assert_eq!(supplier.get(&format!("/matches/{}", found[0])).await.text("state"), "rejected");
    }

    async fn who_made_an_offer_may_object_to_its_announced_result(app: TestApp) {
        let scene = Scene::set(&app, "100000").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (winner, loser) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let bystander = scene.supplier(&app, "1000").await;
        let body = json!({ "programme": scene.id, "title": "Bujes", "lots": [lot(10, "1")], "criteria": [] });
        let path = format!("/requirements/{}", buyer.post("/requirements", body).await.expect(201).text("id"));
        let lot = buyer.move_on(&path, "publish").await.text("lots/0/id");
        for bidder in [&winner, &loser] {
            let offer = json!({ "unit_price": "1" });
            bidder.put_if(&format!("/lots/{lot}/offer"), "\"0\"", offer).await.expect(200);
        }
        buyer.move_on(&path, "close").await;
        assert_eq!(object(&loser, "award", &path).await.expect(409).code(), "nothing-to-object");
        let late = scene.run(json!({ "name": "otra" })).await;
        let found = scene.propose(&app, &[award(&winner, &lot, 10)]).await.remove(0);

        // Nothing is announced while somebody has still to decide, and firms announce nothing.
        assert_eq!(now(&scene.institution, &path, "result", json!({})).await.expect(409).code(), "matches-undecided");
        now(&buyer, &path, "result", json!({})).await.expect(403);
        accepted(&buyer, &winner, &found).await;
        step(&scene.approver, &found, "approve").await.expect(200);
        app.tell().await;
        let announced = now(&scene.institution, &path, "result", json!({})).await.expect(200);
        assert!(announced.body["announced_at"].is_string());
        assert_eq!(now(&scene.institution, &path, "result", json!({})).await.expect(409).code(), "already-announced");
        // Nothing more comes of it: no run proposes it anew.
        assert_eq!(scene.adopt(&late).await.expect(409).code(), "already-announced");
        let again = scene.institution.post(&format!("{}/runs", scene.programme), json!({ "name": "tercera" })).await;
        assert_eq!(again.expect(409).code(), "nothing-to-match");

        // Who made an offer is told, and no one else of the suppliers.
        app.tell().await;
        for (firm, is_told) in [(&winner, true), (&loser, true), (&buyer, true), (&bystander, false)] {
            let notices = firm.get("/notices?topic=requirements").await.expect(200).body.to_string();
            assert_eq!(notices.contains("requirements.announce"), is_told, "{notices}");
        }

        assert_eq!(object(&bystander, "award", &path).await.expect(409).code(), "nothing-to-object");
        for reader in [&buyer, &app.supplier("Ajeno").await] {
            assert_eq!(object(reader, "award", &path).await.expect(422).faults(), ["/about_id no-such-decision"]);
        }
        let filed = object(&loser, "award", &path).await.expect(201);
        let objection = format!("/objections/{}", filed.text("id"));
        // Neither who announced nor who approved handles it.
        assert_eq!(now(&scene.institution, &objection, "review", json!({})).await.expect(409).code(), "own-decision");
        let other = colleague(&app, &scene).await;
        now(&other, &objection, "review", json!({})).await.expect(200);
        assert_eq!(now(&other, &objection, "uphold", upheld()).await.expect(422).faults(), ["/remedy remedy-needed"]);
        let mut body = upheld();
        body["remedy"] = json!("El lote siguiente se reparte de nuevo.");
        let done = now(&other, &objection, "uphold", body).await.expect(200);
        assert_eq!((done.text("state"), done.text("effect")), ("upheld".into(), "remedy".into()));
    }
}
