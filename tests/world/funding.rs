//! A programme whose institutions have functions, with funds, calls and projects in every state.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::{MISSING, Object, World};
use crate::{
    diagnostics::evidence::{pdf, upload},
    programmes::{
        calls::{commit, decide, email, evaluate, proposal, scores, submitted, usd, written},
        projects::{expense, report, step},
    },
    support::TestApp,
};

const REASON: &str = "Según lo que pide el programa.";
const HOUR: i64 = 3_600;

/// A body with which the operation could succeed.
pub fn body(operation: &str, world: &World, _: Option<&Object>) -> Option<Value> {
    Some(match operation {
        "appointments_create" => json!({
            "institution": world.scene.institution.organisation(), "function": "execution", "statement": REASON,
        }),
        "appointments_decline"
        | "appointments_end"
        | "calls_cancel"
        | "projects_terminate"
        | "milestones_send_back" => json!({ "reason": REASON }),
        "funds_assign" => json!({ "amount": usd("1000"), "reason": REASON }),
        "operating_criteria_set" => json!({ "text": "Redes de cinco pymes al menos." }),
        "coordination_set" => json!({ "model": "public" }),
        "coordination_reviews_create" => json!({
            "from": "2026-01-01", "to": "2026-02-28", "findings": "Las convocatorias se resolvieron en plazo.",
        }),
        "calls_create" | "calls_change" => json!({
            "title": "Otra convocatoria", "description": "Proyectos de redes.", "funds": usd("10"),
            "closes_at": "2026-12-01T18:00",
        }),
        "evaluators_appoint" => json!({ "email": "nadie@example.com" }),
        "proposals_create" | "proposals_change" => proposal(&world.buyer, "400"),
        "proposals_decide" => json!({ "outcome": "award", "reason": REASON }),
        "evaluations_create" => scores(50),
        "commitments_confirm" => {
            json!({ "cofinancing": usd("1"), "purchase_intention": "Bujes para la parada." })
        }
        "milestones_report" => report(),
        "expenses_create" => expense("1"),
        "expenses_decide" => json!({ "outcome": "accept" }),
        "projects_name_networks" => json!({ "networks": [MISSING] }),
        _ => return None,
    })
}

impl World {
    /// The institution steers and coordinates; the executor executes. Others were asked.
    pub(super) async fn governance(&mut self, app: &TestApp) {
        let (institution, programme) = (self.scene.institution.clone(), self.scene.programme.clone());
        for (state, function) in [
            ("offered", "coordination"),
            ("held", "execution"),
            ("declined", "execution"),
            ("ended", "direction"),
        ] {
            let asked = match state {
                "held" => self.executor.clone(),
                _ => app.organisation("Otra agencia", Role::InstitutionAdministrator).await,
            };
            let path = self.scene.appoint(&asked, function).await;
            let reason = json!({ "reason": REASON });
            match state {
                "held" => drop(asked.move_on(&path, "accept").await),
                "declined" => drop(step(&asked, &path, "decline", reason).await.expect(200)),
                "ended" => drop(step(&institution, &path, "end", reason).await.expect(200)),
                _ => {}
            }
            self.put(Object::new("appointments", state, &path));
        }
        let put = async |path: &str, body: &str| {
            let body = self::body(body, self, None).unwrap();
            institution.put_if(&format!("{programme}/{path}"), "\"0\"", body).await.expect(200);
        };
        put("operating-criteria", "operating_criteria_set").await;
        put("coordination", "coordination_set").await;
        self.scene.assign("900000", "assign").await.expect(201);
        let review = self::body("coordination_reviews_create", self, None).unwrap();
        institution.post(&format!("{programme}/coordination-reviews"), review).await.expect(201);
    }

    /// Calls and proposals in every state, some of which became projects.
    pub(super) async fn calls(&mut self, app: &TestApp) {
        let institution = self.scene.institution.clone();
        let mut evaluators = Vec::new();
        for _ in 0..2 {
            evaluators.push(app.person(institution.organisation(), Kind::Institution, Role::Officer).await);
        }
        let mut calls = Vec::new();
        for state in ["draft", "cancelled", "open", "closed", "evaluated", "decided"] {
            let path =
                self.scene.draft_call(app, if state == "open" { 720 * HOUR } else { HOUR }, json!({})).await;
            for evaluator in &evaluators {
                institution.post(&format!("{path}/evaluators"), email(evaluator).await).await.expect(200);
            }
            if !matches!(state, "draft" | "cancelled") {
                institution.move_on(&path, "open").await;
            }
            if state == "cancelled" {
                step(&institution, &path, "cancel", json!({ "reason": REASON })).await.expect(200);
            }
            let account = evaluators[0].get("/me").await.expect(200).text("account/id");
            self.put(Object::new("calls", state, &path).with("account", &account));
            calls.push(path);
        }
        self.sealed(&calls[2]).await;
        let (executor, lead) = (self.executor.clone(), self.buyer.clone());
        let mut of_calls = Vec::new();
        for (call, proposals) in calls[3..].iter().zip([1, 1, 6]) {
            let mut paths = Vec::new();
            for _ in 0..proposals {
                paths.push(submitted(&executor, &lead, call, "150").await);
            }
            of_calls.push(paths);
        }
        app.base.clock.advance(2 * HOUR);
        for path in of_calls[1..].iter().flatten() {
            for evaluator in &evaluators {
                evaluate(evaluator, path, 70).await.expect(201);
            }
        }
        for call in &calls[4..] {
            institution.move_on(call, "finish-evaluation").await;
        }
        for path in of_calls[..2].iter().flatten() {
            self.put(Object::new("proposals", "submitted", path));
        }
        for (at, path) in of_calls[2].iter().enumerate() {
            let (outcome, state) = if at == 5 { ("reject", "rejected") } else { ("award", "awarded") };
            decide(&self.scene.approver, path, json!({ "outcome": outcome })).await.expect(200);
            self.put(Object::new("proposals", state, path));
        }
        self.projects().await;
    }

    /// What nobody but its institution and its lead firm sees.
    async fn sealed(&mut self, call: &str) {
        let (executor, lead) = (self.executor.clone(), self.buyer.clone());
        for state in ["asked", "confirmed", "withdrawn"] {
            let path = written(&executor, call, proposal(&lead, "150")).await;
            let commitment = executor.get(&path).await.text("commitments/0/id");
            if state == "confirmed" {
                commit(&lead, &executor, &path, "200").await.expect(200);
            }
            if state == "withdrawn" {
                lead.move_on(&format!("/commitments/{commitment}"), "withdraw").await;
                executor.move_on(&path, "withdraw").await;
            }
            self.put(Object::new("commitments", state, &commitment));
            self.put(Object::new("proposals", if state == "withdrawn" { state } else { "draft" }, &path));
        }
    }

    async fn projects(&mut self) {
        let (executor, institution) = (self.executor.clone(), self.scene.institution.clone());
        let listed = executor.get("/projects").await.expect(200);
        let ids = listed.body["items"].as_array().unwrap().iter();
        let paths: Vec<_> = ids.map(|one| format!("/projects/{}", one["id"].as_str().unwrap())).collect();
        let states = ["pending", "reported", "accepted", "disbursed", "disbursed"];
        for (path, state) in paths.iter().zip(states) {
            let made = ["report", "accept", "disburse"];
            let many = ["pending", "reported", "accepted", "disbursed"]
                .iter()
                .position(|one| *one == state)
                .unwrap();
            for (made, side) in made.into_iter().zip([&executor, &institution, &institution]).take(many) {
                let body = if made == "report" { report() } else { json!({}) };
                step(side, path, &format!("milestones/1/{made}"), body).await.expect(200);
            }
        }
        upload(&executor, &format!("{}/milestones/1/evidence", paths[0]), &pdf("acta")).await.expect(201);
        for (path, state) in paths.iter().zip(&states[..3]) {
            let object = Object::new("projects", "active", path).with("milestone", &1);
            self.put(
                object
                    .other("milestones", state)
                    .other("expenses_create", state)
                    .other("expenses_decide", "stated"),
            );
        }
        let stated = async |project: &str, amount: &str| {
            let made = step(&executor, project, "milestones/1/expenses", expense(amount)).await;
            made.expect(201).text("id")
        };
        let accept = async |project: &str, expense: &str| {
            let path = format!("expenses/{expense}/decision");
            step(&institution, project, &path, json!({ "outcome": "accept" })).await.expect(200);
        };
        let (open, accepted) = (stated(&paths[3], "10").await, stated(&paths[3], "20").await);
        accept(&paths[3], &accepted).await;
        let all = stated(&paths[4], "150").await;
        accept(&paths[4], &all).await;
        let results = json!({ "results": [{ "result": "production_standards", "achievement": "achieved", "note": "Seis." }] });
        step(&institution, &paths[4], "close", results).await.expect(200);
        step(&institution, &paths[2], "terminate", json!({ "reason": REASON })).await.expect(200);
        let paid = |state, path: &str, expense: &String, of| {
            let object = Object::new("projects", state, path).with("milestone", &1).with("expense", expense);
            object
                .other("milestones", "disbursed")
                .other("expenses_create", "disbursed")
                .other("expenses_decide", of)
        };
        self.put(paid("active", &paths[3], &open, "stated"));
        self.put(paid("active", &paths[3], &accepted, "accepted"));
        self.put(paid("closed", &paths[4], &all, "accepted"));
        let ended =
            self.objects.iter_mut().find(|object| object.noun == "projects" && object.path() == paths[2]);
        ended.unwrap().state = "terminated";
    }
}
