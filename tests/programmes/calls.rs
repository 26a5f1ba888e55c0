//! A call from its opening to its decisions: who sees what until when, who may evaluate and decide.

use axum::http::Method;
use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::governance::institution;
use crate::{
    matching::scene::Scene,
    personal::joined,
    support::{Answer, Client, PASSWORD, TestApp},
};

/// So many USD.
pub fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

const HOUR: i64 = 3_600;

/// An institution that coordinates, two that execute, a lead firm, and people who evaluate and decide.
pub struct Contest {
    pub scene: Scene,
    pub executor: Client,
    pub other: Client,
    pub lead: Client,
    pub evaluators: Vec<Client>,
}

/// The person's e-mail address.
pub async fn email(person: &Client) -> Value {
    json!({ "email": person.get("/me").await.expect(200).text("account/email") })
}

impl Contest {
    pub async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app, "0").await;
        let (executor, other) = (institution(app, "Corporación").await, institution(app, "Cámara").await);
        scene.appointed(&executor, "execution").await;
        scene.appointed(&other, "execution").await;
        scene.assign("10000", "assign").await.expect(201);
        let lead = app.lead_firm("Minera").await;
        let mut evaluators = Vec::new();
        for _ in 0..3 {
            evaluators
                .push(app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await);
        }
        Self { scene, executor, other, lead, evaluators }
    }

    /// An open call that closes in an hour, with its evaluators; its path.
    pub async fn call(&self, app: &TestApp, fields: Value) -> String {
        let call = self.scene.draft_call(app, HOUR, fields).await;
        for evaluator in &self.evaluators {
            self.scene
                .institution
                .post(&format!("{call}/evaluators"), email(evaluator).await)
                .await
                .expect(200);
        }
        self.scene.institution.move_on(&call, "open").await;
        call
    }

    /// A submitted proposal to it, of the executor; its path.
    pub async fn proposal(&self, call: &str, grant: &str) -> String {
        submitted(&self.executor, &self.lead, call, grant).await
    }

    /// The call closes, the two first evaluators give these scores, and the evaluations are complete.
    pub async fn evaluated(&self, app: &TestApp, call: &str, scores: &[(&str, [i64; 2])]) {
        app.base.clock.advance(2 * HOUR);
        for (proposal, scores) in scores {
            for (evaluator, score) in self.evaluators.iter().zip(scores) {
                evaluate(evaluator, proposal, *score).await.expect(201);
            }
        }
        self.scene.institution.move_on(call, "finish-evaluation").await;
    }

    pub async fn decide(&self, proposal: &str, body: Value) -> Answer {
        decide(&self.scene.approver, proposal, body).await
    }

    pub async fn sums(&self) -> [String; 5] {
        let read = self.scene.institution.get(&format!("{}/funds", self.scene.programme)).await.expect(200);
        ["assigned", "reserved", "committed", "disbursed", "justified"]
            .map(|sum| read.text(&format!("{sum}/amount")))
    }
}

impl Scene {
    /// A call that closes in so many seconds, as a draft; its path.
    pub async fn draft_call(&self, app: &TestApp, seconds: i64, fields: Value) -> String {
        let made =
            self.institution.post(&format!("{}/calls", self.programme), call(app, seconds, fields)).await;
        format!("/calls/{}", made.expect(201).text("id"))
    }
}

/// What a call says that closes in so many seconds.
pub fn call(app: &TestApp, seconds: i64, fields: Value) -> Value {
    let mut body = json!({
        "title": "Redes de proveedores 2026", "description": "Proyectos de redes en torno a una empresa líder.",
        "funds": usd("1000"), "closes_at": app.base.clock.now().plus_seconds(seconds), "min_cofinancing": "0.2",
    });
    if let Value::Object(fields) = fields {
        body.as_object_mut().unwrap().extend(fields);
    }
    body
}

/// What a proposal says that asks for so much, and as much from the lead firm.
pub fn proposal(lead: &Client, grant: &str) -> Value {
    json!({
        "title": "Red de talleres del Ñuble", "summary": "Ocho talleres que pasarán a fabricar con contrato.",
        "model": "lead_firm", "grant": usd(grant),
        "cofinancing": [{ "source": "lead_firm", "amount": usd("200") }, { "source": "suppliers", "amount": usd("100") }],
        "milestones": [{ "deliverable": "Ocho talleres diagnosticados", "due_on": "2026-09-30", "amount": usd(grant) }],
        "goals": [{ "result": "production_standards", "target": "Seis talleres con ISO 9001", "measure": "Certificados" }],
        "lead_firms": [lead.organisation()],
    })
}

/// Writes a proposal; its path.
pub async fn written(executor: &Client, call: &str, body: Value) -> String {
    format!("/proposals/{}", executor.post(&format!("{call}/proposals"), body).await.expect(201).text("id"))
}

/// The lead firm commits itself to the proposal.
pub async fn commit(lead: &Client, executor: &Client, proposal: &str, amount: &str) -> Answer {
    let id = executor.get(proposal).await.expect(200).text("commitments/0/id");
    let path = format!("/commitments/{id}");
    let body = json!({ "cofinancing": usd(amount), "purchase_intention": "Bujes por 180.000 USD al año." });
    lead.post_if(&format!("{path}/confirm"), &lead.get(&path).await.expect(200).etag(), body).await
}

/// A submitted proposal; its path.
pub async fn submitted(executor: &Client, lead: &Client, call: &str, grant: &str) -> String {
    let path = written(executor, call, proposal(lead, grant)).await;
    commit(lead, executor, &path, "200").await.expect(200);
    executor.move_on(&path, "submit").await;
    path
}

/// The same score for each of the usual criteria.
pub fn scores(score: i64) -> Value {
    let usual = ["market_outlook", "participation", "critical_mass", "feasibility", "visibility"];
    json!({ "scores": usual.map(|criterion| json!({ "criterion": criterion, "score": score, "comment": "Así es." })) })
}

pub async fn evaluate(evaluator: &Client, proposal: &str, score: i64) -> Answer {
    evaluator.post(&format!("{proposal}/evaluations"), scores(score)).await
}

pub async fn decide(decider: &Client, proposal: &str, body: Value) -> Answer {
    let mut all = json!({ "reason": "Según el orden de mérito." });
    all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let etag = decider.get(proposal).await.expect(200).etag();
    decider.post_if(&format!("{proposal}/decision"), &etag, all).await
}

on_both_engines! {
    async fn a_sealed_proposal_does_not_exist_for_anybody_else(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let path = contest.proposal(&call, "400").await;
        let others = [&contest.scene.institution, &contest.scene.approver, &contest.other, &contest.evaluators[0]];
        let listed = format!("{call}/proposals");
        for reader in others {
            let missing = reader.get("/proposals/01890000-0000-7000-8000-000000000000").await.expect(404);
            assert_eq!(reader.get(&path).await.expect(404).text("detail"), missing.text("detail"));
            assert_eq!(reader.get(&format!("{path}/evaluations")).await.status, 404);
            assert_eq!(reader.get(&listed).await.expect(200).body["items"], json!([]));
        }
        assert_eq!(contest.scene.institution.get(&format!("{call}/ranking")).await.expect(409).code(), "wrong-state");
        assert_eq!(contest.executor.get(&listed).await.expect(200).body["items"].as_array().unwrap().len(), 1);
        assert_eq!(evaluate(&contest.evaluators[0], &path, 50).await.status, 404);

        app.base.clock.advance(2 * HOUR);
        assert_eq!(contest.scene.institution.get(&call).await.expect(200).text("state"), "closed");
        contest.other.get(&path).await.expect(404);
        assert_eq!(contest.scene.institution.get(&path).await.expect(200).text("state"), "submitted");
        contest.evaluators[0].get(&path).await.expect(200);
    }

    async fn a_late_proposal_is_refused_and_drafts_stay_sealed(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let path = written(&contest.executor, &call, proposal(&contest.lead, "400")).await;
        commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
        let etag = contest.executor.get(&path).await.etag();
        app.base.clock.advance(HOUR);
        let late = contest.executor.post_if(&format!("{path}/submit"), &etag, json!({})).await.expect(409);
        assert_eq!(late.code(), "call-over");
        contest.executor.put_if(&path, &etag, proposal(&contest.lead, "300")).await.expect(409);
        let late = contest.executor.post(&format!("{call}/proposals"), proposal(&contest.lead, "400")).await.expect(409);
        assert_eq!((late.code(), late.text("detail").contains("closed")), ("wrong-state".into(), true));
        assert_eq!(commit(&contest.lead, &contest.executor, &path, "300").await.expect(409).code(), "call-over");
        contest.scene.institution.get(&path).await.expect(404);
        let empty = contest.scene.institution.get(&call).await.etag();
        let finish = contest.scene.institution.post_if(&format!("{call}/finish-evaluation"), &empty, json!({})).await;
        assert_eq!(finish.expect(409).code(), "call-without-proposals");
        let reason = json!({ "reason": "Nadie se presentó." });
        contest.scene.institution.post_if(&format!("{call}/cancel"), &empty, reason).await.expect(200);
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "0.00", "0.00", "0.00"]);
    }

    async fn everything_that_a_call_asks_for_is_told_at_once(app: TestApp) {
        let contest = Contest::set(&app).await;
        let weights = |weights: &[&str]| {
            let criteria = ["market_outlook", "participation", "feasibility"].iter().zip(weights);
            json!({ "criteria": criteria.map(|(c, w)| json!({ "criterion": c, "weight": w })).collect::<Vec<_>>() })
        };
        let calls = format!("{}/calls", contest.scene.programme);
        let wrong = call(&app, HOUR, weights(&["33.333333", "33.333333", "33.333333"]));
        assert_eq!(contest.scene.institution.post(&calls, wrong).await.expect(422).faults(), ["/criteria weights-not-100"]);
        let right = call(&app, HOUR, weights(&["33.333333", "33.333333", "33.333334"]));
        contest.scene.institution.post(&calls, right).await.expect(201);
        let mut wrong = call(&app, HOUR, json!({ "largest_grant": usd("1001"), "title": "x" }));
        wrong["closes_at"] = json!("mañana");
        let refused = contest.scene.institution.post(&calls, wrong).await.expect(422);
        assert_eq!(refused.faults(), ["/closes_at not-a-closing-time", "/largest_grant more-than-the-funds", "/title wrong-length"]);
        let late = app.base.clock.now().plus_seconds(2 * HOUR);
        let misfit = call(&app, HOUR, json!({ "funds": { "amount": "1", "currency": "CLP" }, "opens_at": late }));
        let refused = contest.scene.institution.post(&calls, misfit).await.expect(422);
        assert_eq!(refused.faults(), ["/funds not-the-programmes-currency", "/opens_at opens-after-closing"]);

        let call = contest.call(&app, json!({ "largest_grant": usd("300"), "min_cofinancing": "0.5" })).await;
        let mut body = proposal(&contest.lead, "301");
        body["milestones"][0]["amount"] = usd("300");
        body["goals"] = json!([]);
        let path = written(&contest.executor, &call, body.clone()).await;
        let etag = contest.executor.get(&path).await.etag();
        let refused = contest.executor.post_if(&format!("{path}/submit"), &etag, json!({})).await.expect(422);
        assert_eq!(refused.faults(), [
            "/cofinancing cofinancing-too-small", "/cofinancing more-than-committed", "/goals required", "/grant grant-too-large",
            "/lead_firms/0 not-committed", "/milestones milestones-not-the-grant",
        ]);
        body["goals"] = json!([{ "result": "support_services", "target": "Un laboratorio", "measure": "Está en pie" }]);
        body["grant"] = json!({ "amount": "301", "currency": "CLP" });
        let refused = contest.executor.put_if(&path, &etag, body).await.expect(422);
        assert_eq!(refused.faults(), ["/goals/0/result result-of-another-kind"]);
        let of = async |kind: &str| {
            let listed = contest.executor.get(&format!("/expected-results?kind={kind}")).await.expect(200);
            listed.body["items"].as_array().unwrap().len()
        };
        assert_eq!((of("simple").await, of("vertical").await, of("cluster").await), (3, 9, 12));
    }

    async fn exactly_the_least_cofinancing_is_enough(app: TestApp) {
        let contest = Contest::set(&app).await;
        // 300 of 300 + 700 are 30 %.
        let call = contest.call(&app, json!({ "min_cofinancing": "0.3" })).await;
        contest.proposal(&call, "700").await;
        let path = written(&contest.executor, &call, proposal(&contest.lead, "700.01")).await;
        commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
        let etag = contest.executor.get(&path).await.etag();
        let refused = contest.executor.post_if(&format!("{path}/submit"), &etag, json!({})).await.expect(422);
        assert_eq!(refused.faults(), ["/cofinancing cofinancing-too-small"]);
    }

    async fn a_lead_firm_takes_its_commitment_back_until_the_closing(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let path = contest.proposal(&call, "400").await;
        let listed = contest.lead.get("/commitments").await.expect(200);
        assert_eq!((listed.text("items/0/state"), listed.text("items/0/title")), ("confirmed".into(), "Red de talleres del Ñuble".into()));
        let commitment = format!("/commitments/{}", listed.text("items/0/id"));
        app.lead_firm("Otra").await.get(&commitment).await.expect(404);
        contest.executor.get(&commitment).await.expect(403);
        contest.lead.get(&path).await.expect(403);

        contest.lead.move_on(&commitment, "withdraw").await;
        let back = contest.executor.get(&path).await.expect(200);
        assert_eq!((back.text("state"), back.text("commitments/0/state")), ("draft".into(), "withdrawn".into()));
        let refused = contest.executor.post_if(&format!("{path}/submit"), &back.etag(), json!({})).await.expect(422);
        assert_eq!(refused.faults(), ["/cofinancing more-than-committed", "/lead_firms/0 not-committed"]);
        commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
        contest.executor.move_on(&path, "submit").await;
        // With less than before, too.
        commit(&contest.lead, &contest.executor, &path, "199").await.expect(200);
        assert_eq!(contest.executor.get(&path).await.text("state"), "draft");
    }

    async fn evaluators_are_independent_and_see_each_other_afterwards(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        // Somebody of the institution that proposes, and somebody who belongs to it as well.
        let own = app.person(contest.executor.organisation(), Kind::Institution, Role::Officer).await;
        contest.scene.institution.post(&format!("{call}/evaluators"), email(&own).await).await.expect(200);
        let nobody = json!({ "email": "nadie@example.com" });
        let refused = contest.scene.institution.post(&format!("{call}/evaluators"), nobody).await.expect(422);
        assert_eq!(refused.faults(), ["/email no-such-evaluator"]);
        let path = contest.proposal(&call, "400").await;
        app.base.clock.advance(2 * HOUR);
        let refused = evaluate(&own, &path, 100).await.expect(409);
        assert_eq!(refused.code(), "not-independent");
        assert!(refused.text("detail").contains("usted actúa por la institución que propone"), "{}", refused.text("detail"));
        assert_eq!(evaluate(&contest.scene.approver, &path, 100).await.expect(409).code(), "not-an-evaluator");
        let (first, second) = (&contest.evaluators[0], &contest.evaluators[1]);
        let mut partial = scores(50);
        partial["scores"].as_array_mut().unwrap().pop();
        partial["scores"][0]["criterion"] = json!("replicability");
        let refused = first.post(&format!("{path}/evaluations"), partial.clone()).await.expect(422);
        assert_eq!(refused.faults(), ["/scores scores-missing", "/scores/0/criterion not-a-criterion-of-the-call"]);
        // A malformed score hides none of that, and is not missing.
        let mut malformed = partial.clone();
        malformed["scores"][1]["score"] = json!(101);
        malformed["scores"][0]["comment"] = json!("-");
        let told = first.post(&format!("{path}/evaluations"), malformed).await.expect(422);
        let expected = [
            "/scores scores-missing", "/scores/0/comment wrong-length", "/scores/0/criterion not-a-criterion-of-the-call",
            "/scores/1/score out-of-range",
        ];
        assert_eq!(told.faults(), expected);
        assert_eq!(told.text("errors/0/detail"), refused.text("errors/0/detail"));
        let none = first.post(&format!("{path}/evaluations"), json!({ "scores": [] })).await.expect(422);
        assert_eq!(none.faults(), ["/scores required"]);

        let evaluations = format!("{path}/evaluations");
        let seen = async |reader: &Client| reader.get(&evaluations).await.expect(200).body["items"].as_array().unwrap().len();
        evaluate(first, &path, 70).await.expect(201);
        assert_eq!((seen(first).await, seen(second).await, seen(&contest.scene.institution).await), (1, 0, 0));
        assert_eq!(evaluate(first, &path, 90).await.expect(409).code(), "evaluated-already");
        let points = evaluate(second, &path, 61).await.expect(201);
        assert_eq!((points.text("points"), points.text("points_exact")), ("61.0000".into(), "61".into()));
        assert_eq!((seen(first).await, seen(second).await, seen(&contest.scene.institution).await), (2, 2, 2));
        // The third one, who has still to hand in, does not see them; nor does who proposed.
        assert_eq!((seen(&contest.evaluators[2]).await, seen(&contest.executor).await), (0, 0));
        let ranking = contest.scene.institution.get(&format!("{call}/ranking")).await.expect(200);
        assert_eq!((ranking.text("items/0/evaluations"), ranking.text("items/0/points")), ("2".into(), "null".into()));
        contest.executor.get(&format!("{call}/ranking")).await.expect(404);
        // Who has handed in stays; who has not can be taken off.
        let off = async |evaluator: &Client| {
            let account = evaluator.get("/me").await.expect(200).text("account/id");
            contest.scene.institution.delete(&format!("{call}/evaluators/{account}")).await
        };
        assert_eq!(off(first).await.expect(409).code(), "evaluator-handed-in");
        off(&contest.evaluators[2]).await.expect(204);
        off(&contest.evaluators[2]).await.expect(404);
    }

    /// Whoever acts for another institution now still belongs to the one that proposes, or has written what it proposes.
    async fn who_belongs_to_the_proposer_or_wrote_the_proposal_does_not_evaluate_it(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let (executor, institution) = (&contest.executor, &contest.scene.institution);
        let author = joined(&app, executor, "officer", "Eva Soto", "eva@corporacion.example").await;
        joined(&app, executor, "officer", "Ada Paz", "ada@corporacion.example").await;
        let path = written(&author, &call, proposal(&contest.lead, "400")).await;
        commit(&contest.lead, executor, &path, "200").await.expect(200);
        executor.move_on(&path, "submit").await;
        let account = author.get("/me").await.expect(200).text("account/id");
        let gone = executor.send(Method::DELETE, &format!("/members/{account}"), &[("if-match", "\"1\"")], None).await;
        gone.expect(204);
        let mut here = Vec::new();
        for email in ["eva@corporacion.example", "ada@corporacion.example"] {
            let invited = institution.post("/invitations", json!({ "email": email, "role": "officer" })).await.expect(201);
            let body = json!({ "secret": invited.text("secret"), "password": PASSWORD, "privacy_notice": 1 });
            app.anonymous().post("/invitations/accept", body).await.expect(201);
            institution.post(&format!("{call}/evaluators"), json!({ "email": email })).await.expect(200);
            let login = json!({ "email": email, "password": PASSWORD, "organisation": institution.organisation() });
            let token = app.anonymous().post("/tokens", login).await.expect(201).text("secret");
            here.push(Client::new(app.router.clone(), Some(token), Some(institution.organisation())));
        }
        app.base.clock.advance(2 * HOUR);
        for person in &here {
            assert_eq!(evaluate(person, &path, 100).await.expect(409).code(), "not-independent");
        }
        evaluate(&contest.evaluators[0], &path, 60).await.expect(201);
    }

    async fn who_has_given_its_functions_away_reads_no_proposals(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let path = contest.proposal(&call, "400").await;
        let (agency, ministry) = (institution(&app, "Agencia Regional").await, institution(&app, "Ministerio").await);
        contest.scene.appointed(&agency, "coordination").await;
        contest.scene.appointed(&ministry, "direction").await;
        app.base.clock.advance(2 * HOUR);
        for judge in [&agency, &ministry] {
            judge.get(&path).await.expect(200);
            judge.get(&format!("{call}/ranking")).await.expect(200);
        }
        contest.scene.institution.get(&path).await.expect(404);
        assert_eq!(contest.scene.institution.get(&format!("{call}/proposals")).await.expect(200).body["items"], json!([]));
        contest.scene.institution.get(&format!("{call}/ranking")).await.expect(404);
    }

    async fn a_spread_over_the_threshold_asks_for_a_third(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({ "spread_threshold": "10" })).await;
        let path = contest.proposal(&call, "400").await;
        app.base.clock.advance(2 * HOUR);
        evaluate(&contest.evaluators[0], &path, 80).await.expect(201);
        let finish = async || {
            let etag = contest.scene.institution.get(&call).await.etag();
            contest.scene.institution.post_if(&format!("{call}/finish-evaluation"), &etag, json!({})).await
        };
        assert_eq!(finish().await.expect(409).code(), "evaluations-missing");
        evaluate(&contest.evaluators[1], &path, 69).await.expect(201);
        assert_eq!(finish().await.expect(409).code(), "evaluations-missing");
        let ranking = format!("{call}/ranking");
        assert_eq!(contest.scene.institution.get(&ranking).await.expect(200).text("items/0/needs_third"), "true");
        evaluate(&contest.evaluators[2], &path, 78).await.expect(201);
        finish().await.expect(200);
        let ranked = contest.scene.institution.get(&ranking).await.expect(200);
        assert_eq!((ranked.text("items/0/points"), ranked.text("items/0/points_exact")), ("75.6667".into(), "227/3".into()));
        assert_eq!((ranked.text("items/0/spread"), ranked.text("items/0/place")), ("11.0000".into(), "1".into()));
        assert_eq!(evaluate(&contest.evaluators[2], &path, 78).await.expect(409).code(), "evaluation-over");
    }

    async fn decisions_take_four_eyes_and_stay_within_the_funds(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        assert_eq!(contest.sums().await, ["10000.00", "1000.00", "0.00", "0.00", "0.00"]);
        let (first, second) = (contest.proposal(&call, "700").await, submitted(&contest.other, &contest.lead, &call, "600").await);
        app.base.clock.advance(2 * HOUR);
        let early = contest.decide(&first, json!({ "outcome": "award" })).await.expect(409);
        assert_eq!(early.code(), "call-not-evaluated");
        // One of the evaluators is an approver as well.
        let judge = app.person(contest.scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        contest.scene.institution.post(&format!("{call}/evaluators"), email(&judge).await).await.expect(200);
        for path in [&first, &second] {
            evaluate(&judge, path, 80).await.expect(201);
            evaluate(&contest.evaluators[0], path, if *path == first { 70 } else { 90 }).await.expect(201);
        }
        contest.scene.institution.move_on(&call, "finish-evaluation").await;
        let ranked = contest.scene.institution.get(&format!("{call}/ranking")).await.expect(200);
        assert_eq!((ranked.text("items/0/grant/amount"), ranked.text("items/0/is_within_funds")), ("600.00".into(), "true".into()));
        assert_eq!((ranked.text("items/1/points"), ranked.text("items/1/is_within_funds")), ("75.0000".into(), "false".into()));

        let refused = decide(&judge, &first, json!({ "outcome": "award" })).await.expect(409);
        assert_eq!(refused.code(), "not-independent");
        assert!(refused.text("detail").contains("usted evaluó la propuesta"), "{}", refused.text("detail"));
        let more = contest.decide(&second, json!({ "outcome": "award", "amount": usd("600.01") })).await.expect(422);
        assert_eq!(more.faults(), ["/amount more-than-asked-for"]);
        contest.decide(&second, json!({ "outcome": "award" })).await.expect(200);
        let above = contest.decide(&first, json!({ "outcome": "award" })).await.expect(409);
        assert_eq!((above.code(), above.text("detail").contains("400.00 USD")), ("call-funds-short".into(), true));
        assert_eq!(contest.decide(&second, json!({ "outcome": "reject" })).await.expect(409).code(), "wrong-state");
        contest.decide(&first, json!({ "outcome": "award", "amount": usd("350") })).await.expect(200);
        // The last decision ends the call: what it has left is free again.
        assert_eq!(contest.scene.institution.get(&call).await.text("state"), "decided");
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "950.00", "0.00", "0.00"]);
        assert_eq!(contest.scene.assign("9050.01", "reduce").await.expect(409).code(), "funds-not-free");
        let told = contest.executor.get(&first).await.expect(200);
        assert_eq!((told.text("decision/amount/amount"), told.text("decision/reason")), ("350.00".into(), "Según el orden de mérito.".into()));
        let judged = contest.executor.get(&format!("{first}/evaluations")).await.expect(200);
        assert_eq!((judged.body["items"].as_array().unwrap().len(), &judged.body["items"][0]["evaluator"]), (2, &Value::Null));
    }

    async fn a_call_awards_nothing_that_another_has_reserved(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let later = contest.scene.draft_call(&app, 5 * HOUR, json!({})).await;
        contest.scene.institution.move_on(&later, "open").await;
        let one = contest.proposal(&call, "700").await;
        let two = submitted(&contest.other, &contest.lead, &call, "400").await;
        contest.evaluated(&app, &call, &[(one.as_str(), [80, 80]), (two.as_str(), [70, 70])]).await;
        contest.decide(&one, json!({ "outcome": "award" })).await.expect(200);
        let short = contest.decide(&two, json!({ "outcome": "award" })).await.expect(409);
        assert_eq!((short.code(), short.text("detail").contains("300.00 USD")), ("call-funds-short".into(), true));
        assert_eq!(contest.sums().await, ["10000.00", "1300.00", "700.00", "0.00", "0.00"]);
    }

    async fn a_call_opens_only_with_funds_and_who_coordinates_does_not_propose(app: TestApp) {
        let contest = Contest::set(&app).await;
        let large = contest.scene.draft_call(&app, HOUR, json!({ "funds": usd("10000.01") })).await;
        contest.executor.get(&large).await.expect(404);
        let etag = contest.scene.institution.get(&large).await.etag();
        let short = contest.scene.institution.post_if(&format!("{large}/open"), &etag, json!({})).await.expect(409);
        assert_eq!(short.code(), "funds-short");
        let refused = contest.executor.post(&format!("{}/calls", contest.scene.programme), call(&app, HOUR, json!({}))).await;
        assert_eq!(refused.expect(409).code(), "not-your-function");
        let open = contest.call(&app, json!({ "opens_at": app.base.clock.now().plus_seconds(600) })).await;
        let refused = contest.scene.institution.post(&format!("{open}/proposals"), proposal(&contest.lead, "400")).await;
        assert_eq!(refused.expect(409).code(), "coordinator-proposes");
        let path = written(&contest.executor, &open, proposal(&contest.lead, "400")).await;
        commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
        let etag = contest.executor.get(&path).await.etag();
        let early = contest.executor.post_if(&format!("{path}/submit"), &etag, json!({})).await.expect(409);
        assert_eq!(early.code(), "call-not-begun");
        app.base.clock.advance(600);
        contest.executor.move_on(&path, "submit").await;
    }

    async fn a_call_closes_by_the_clocks_of_its_programme(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": "America/Santiago" })).await;
        let call = scene.draft_call(&app, HOUR, json!({ "closes_at": "2026-03-02T18:00" })).await;
        assert_eq!(scene.institution.get(&call).await.expect(200).text("closes_at"), "2026-03-02T21:00:00Z");
    }
}
