//! Whoever has declared an interest in a party decides nothing about it: every operation that decides, all of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use eslabon::{
    app,
    approvals::Reject,
    foundation::{
        access::{Actor, Kind, OFFICERS, Role},
        ids::MatchId,
    },
    organisations::store::interests,
};
use serde_json::json;

use super::states::{ask, body, version};
use crate::{
    matching::scene::Scene,
    monitoring::practices::practice,
    programmes::calls::{Contest, evaluate, scores},
    support::{Answer, Client},
    world::{MISSING, Offered, World, operations},
};

/// What officers write that decides nothing about a firm: looked at one by one. A new operation is marked `decides` in the
/// access table, and asks for interests, or joins this list for a reason that somebody has thought about.
const NO_DECISIONS: &[&str] = &[
    // Rules and periods, for everybody alike.
    "programmes_create",
    "programmes_open",
    "programmes_close",
    "programmes_change_rules",
    "networks_create",
    "networks_change",
    "networks_close",
    // Who takes part; what is decided about them comes with the selection.
    "programmes_add_member",
    "networks_add_lead_firm",
    "network_members_invite",
    "organisations_register",
    "imports_firms",
    "imports_ocds",
    "imports_chilecompra",
    // What things are called, for everybody alike.
    "imports_unspsc",
    "networks_assign_officer",
    "networks_unassign_officer",
    // One's own organisation, and oneself.
    "members_add",
    "members_change",
    "members_remove",
    "invitations_create",
    "invitations_revoke",
    "invitations_accept",
    "membership_requests_create",
    "membership_requests_grant",
    "membership_requests_dismiss",
    "tokens_create",
    "tokens_revoke",
    "sessions_end",
    "sessions_end_others",
    "passwords_change",
    "second_factor_set_up",
    "second_factor_confirm",
    "second_factor_remove",
    "organisations_state_lei",
    "interests_declare",
    "interests_record",
    "interests_end",
    "buyer_groups_create",
    "password_resets_create",
    "password_resets_use",
    "privacy_accept",
    "personal_data_correct",
    "personal_data_erase",
    "notices_mark_read",
    "notice_preferences_put",
    // Instruments and runs, which weigh all alike; nobody approves what they proposed.
    "instruments_create",
    "instruments_change",
    "instruments_publish",
    "runs_create",
    "runs_cancel",
    "runs_adopt",
    "gap_analyses_compute",
    "approvals_preview",
    // What the three parties write together, and each reads; it is signed by the firms.
    "gap_acts_open",
    "gap_acts_put_actions",
    "gap_acts_answer",
    "gap_acts_renew",
    "plans_create",
    "plans_change",
    "plans_start",
    "plans_record_progress",
    "plans_record_visit",
    "plans_abandon",
    "plan_evidence_add",
    "evidence_add",
    // For a firm, in its name, with its mandate.
    "diagnostics_assist",
    // That nothing about a requirement is left to decide; who decided it was asked then.
    "requirements_announce",
    // The text of questions, whose askers nobody knows.
    "questions_hide",
    // What those who met write about it, and confirm.
    "meetings_call",
    "meetings_write_minutes",
    "meetings_confirm",
    "meetings_cancel",
    "meetings_fulfil",
    // What firms have agreed on.
    "contracts_create",
    "contracts_withdraw",
    "contracts_end",
    "contracts_terminate",
    "contracts_announce_renewal",
    "contracts_withdraw_renewal",
    // Calls for everybody alike, and who evaluates: what they may evaluate is asked of each for each proposal.
    "calls_create",
    "calls_change",
    "calls_open",
    "calls_cancel",
    "calls_finish_evaluation",
    "evaluators_appoint",
    "evaluators_dismiss",
    // What one's own institution proposes, carries out and says of itself.
    "objections_file",
    "objections_withdraw",
    "proposals_create",
    "proposals_change",
    "proposals_submit",
    "proposals_reopen",
    "proposals_withdraw",
    "appointments_accept",
    "appointments_decline",
    "projects_name_networks",
    "milestones_report",
    "milestones_add_evidence",
    "expenses_create",
    "measurements_answer",
    "practices_write",
    "practices_change",
    "practices_submit",
    "practices_adopt",
    "practices_withdraw_adoption",
    // A programme's funds and rules, for everybody alike.
    "funds_assign",
    "operating_criteria_set",
    "coordination_set",
    // One's own programs, and what they are called with.
    "webhooks_create",
    "webhooks_change",
    "webhooks_rotate",
    "webhooks_try",
    "webhooks_delete",
    "webhook_calls_replay",
    // Figures.
    "measurement_rounds_open",
    "measurement_rounds_close",
    "dependency_record",
    "impact_evaluations_record",
];

/// What decides about an institution or whoever wrote something: the world has none of them in another state than others
/// need, so that they have a test of their own.
const ABOUT_OTHERS: &[&str] = &[
    "appointments_create",
    "appointments_end",
    "coordination_reviews_create",
    "practices_return",
    "practices_publish",
    "practices_retire",
];

fn marked() -> BTreeSet<String> {
    let rows = app::access_table().into_iter().filter(|row| row.decides);
    rows.map(|row| row.operation.replace('.', "_")).collect()
}

#[test]
fn whatever_an_officer_writes_is_a_decision_or_was_thought_about() {
    let rows: BTreeMap<_, _> =
        app::access_table().into_iter().map(|row| (row.operation.replace('.', "_"), row)).collect();
    let marked = marked();
    let mut forgotten = Vec::new();
    for operation in operations().iter().filter(|operation| operation.method != Method::GET) {
        let is_officers =
            rows[&operation.id].roles.iter().any(|role| OFFICERS.contains(role) && role.kind().is_some());
        let id = operation.id.as_str();
        let is_known = marked.contains(id) || NO_DECISIONS.contains(&id);
        if is_officers && !is_known {
            forgotten.push(operation.id.clone());
        }
    }
    assert_eq!(forgotten, [""; 0], "neither marked `decides` nor looked at");
    let both: Vec<_> = NO_DECISIONS.iter().filter(|id| marked.contains(**id)).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// An approver who has an interest in every firm of the world.
async fn conflicted(app: &crate::support::TestApp, world: &World) -> Client {
    let institution = &world.scene.institution;
    let person =
        app.person(institution.organisation(), Kind::Institution, Role::InstitutionAdministrator).await;
    let firms = [&world.buyer, &world.other_buyer, &world.supplier, &world.partner, &world.rival];
    for firm in firms {
        let interest =
            json!({ "party": firm.organisation(), "nature": "family", "text": "Mi hermana trabaja allí." });
        person.post("/interests", interest).await.expect(201);
    }
    person
}

/// Tries an operation that decides on everything in a state from which it is possible.
async fn refused(world: &World, operation: &Offered, states: &[&str], person: &Client) -> usize {
    let mut tried = 0;
    if !operation.path.contains('{') || operation.id == "approvals_create" {
        let found = world.in_state("matches", "accepted");
        let etag = person.get(&found.path()).await.expect(200).etag();
        let body = json!({ "matches": [{ "match": found.params[0].1, "etag": etag }] });
        let path = operation.path.replace("{id}", world.scene.programme.rsplit('/').next().unwrap());
        let answer = person.post(&path, body).await.expect(409);
        assert_eq!(answer.code(), "conflict-of-interest", "{:#}", answer.body);
        return 1;
    }
    for object in
        world.of(operation.noun()).filter(|object| states.contains(&object.state_for(&operation.id)))
    {
        let path = object.fill(&operation.path);
        if path.contains(MISSING) {
            continue;
        }
        let etag = version(person, operation, object, world).await.unwrap_or_else(|| "\"1\"".to_owned());
        let before = person.get(&object.path()).await.body;
        let answer = ask(person, operation, &path, &etag, &body(&operation.id, world, Some(object))).await;
        let place = format!("{} on {} {}", operation.id, object.noun, object.state_for(&operation.id));
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (409, "conflict-of-interest".to_owned()),
            "{place}: {:#}",
            answer.body
        );
        assert_eq!(person.get(&object.path()).await.body, before, "{place}");
        tried += 1;
    }
    tried
}

on_both_engines! {
    async fn every_decision_refuses_whoever_has_an_interest(app: TestApp) {
        let world = World::set(&app).await;
        let person = conflicted(&app, &world).await;
        // All of the institution's networks are open to its administrators.
        let rows: BTreeMap<_, _> =
            app::access_table().into_iter().map(|row| (row.operation.replace('.', "_"), row)).collect();
        let marked = marked();
        assert!(marked.len() >= 27, "{marked:?}");
        let is_tried = |id: &str| marked.contains(id) && !ABOUT_OTHERS.contains(&id);
        for operation in operations().iter().filter(|operation| is_tried(&operation.id)) {
            let tried = refused(&world, operation, rows[&operation.id].states, &person).await;
            assert!(tried > 0, "{} was not tried", operation.id);
        }
        // The list of reasons says so beforehand, and the queue marks it.
        let found = world.in_state("matches", "accepted");
        let read = person.get(&found.path()).await.expect(200);
        let reasons = read.body["reasons"].as_array().unwrap();
        assert!(reasons.iter().any(|reason| reason["code"] == "conflicted"), "{reasons:#?}");
        let network = world.in_state_for("networks", "network_members", "selected").path();
        let requirement = person.get(&world.in_state("gap-acts", "open").path()).await.expect(200).text("requirement");
        let queues = [
            "/matches?state=accepted".to_owned(),
            "/objections".to_owned(),
            "/projects".to_owned(),
            format!("{network}/members"),
            format!("/requirements/{requirement}/gap-acts"),
            format!("{}/waivers", world.scene.programme),
            format!("/diagnostics?organisation={}", world.supplier.organisation()),
        ];
        for queue in &queues {
            for (reader, is_recused) in [(&person, true), (&world.scene.institution, false)] {
                let list = reader.get(queue).await.expect(200);
                let items = list.body["items"].as_array().unwrap();
                assert!(!items.is_empty(), "{queue}");
                assert!(items.iter().all(|item| item["recused"] == is_recused), "{queue} {:#}", list.body);
            }
        }
    }

    async fn what_is_decided_about_institutions_and_authors_asks_too(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (steering, reason) = (&scene.institution, json!({ "reason": "Así lo pide el programa." }));
        let (buyer, body) = (scene.lead_firm(&app, "Grande").await, app.organisation("Corporación", Role::Approver).await);
        let person = app.person(steering.organisation(), Kind::Institution, Role::InstitutionAdministrator).await;
        let declare = async |party: &Client| {
            let interest = json!({ "party": party.organisation(), "nature": "recusal" });
            let declared = person.post("/interests", interest).await.expect(201);
            format!("/interests/{}", declared.text("id"))
        };
        let refused = |answer: Answer| assert_eq!(answer.expect(409).code(), "conflict-of-interest");

        // Whom to appoint, whether to end it, and what to say of how it coordinates.
        let interest = declare(&body).await;
        let statement = json!({ "institution": body.organisation(), "function": "coordination", "statement": "Conoce a los talleres." });
        let appointments = format!("{}/appointments", scene.programme);
        refused(person.post(&appointments, statement.clone()).await);
        let made = steering.post(&appointments, statement).await.expect(201);
        let appointment = format!("/appointments/{}", made.text("id"));
        refused(person.post_if(&format!("{appointment}/end"), &made.etag(), reason.clone()).await);
        body.move_on(&appointment, "accept").await;
        let review = json!({ "from": "2026-01-01", "to": "2026-02-28", "findings": "Las convocatorias se resolvieron en plazo." });
        let reviews = format!("{}/coordination-reviews", scene.programme);
        refused(person.post(&reviews, review.clone()).await);
        person.post_if(&format!("{interest}/end"), "\"1\"", reason.clone()).await.expect(200);
        person.post(&reviews, review).await.expect(201);

        // What a firm has written up.
        declare(&buyer).await;
        let written = buyer.post("/practices", practice(&scene.programme)).await.expect(201);
        let path = format!("/practices/{}", written.text("id"));
        let review = async |step: &str| {
            let etag = person.get(&path).await.expect(200).etag();
            let body = if step == "publish" { json!({}) } else { reason.clone() };
            person.post_if(&format!("{path}/{step}"), &etag, body).await
        };
        buyer.move_on(&path, "submit").await;
        refused(review("return").await);
        refused(review("publish").await);
        for (reader, is_recused) in [(&person, true), (steering, false)] {
            let queue = reader.get("/practices?state=in_review").await.expect(200);
            assert_eq!(queue.body["items"][0]["recused"], json!(is_recused), "{:#}", queue.body);
        }
        steering.move_on(&path, "publish").await;
        refused(review("retire").await);
        // Another institution does not learn from a mark who wrote it.
        let stranger = app.institution().await;
        stranger.post("/interests", json!({ "party": buyer.organisation(), "nature": "recusal" })).await.expect(201);
        let read = stranger.get("/practices").await.expect(200);
        assert_eq!(read.body["items"][0].get("recused"), None, "{:#}", read.body);
    }

    async fn whoever_has_an_interest_evaluates_and_decides_no_proposal(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let (path, other) = (contest.proposal(&call, "400").await, &contest.other);
        let lead = app.lead_firm("Ajena").await;
        app.base.clock.advance(7_200);
        let evaluator = &contest.evaluators[0];
        let mut partial = scores(50);
        partial["scores"].as_array_mut().unwrap().pop();
        for (party, stands) in [(&lead, false), (other, false), (&contest.executor, true), (&contest.lead, true)] {
            let interest = json!({ "party": party.organisation(), "nature": "recusal" });
            let declared = evaluator.post("/interests", interest).await.expect(201);
            // Scores that lack one are refused too, but later.
            let refused = evaluator.post(&format!("{path}/evaluations"), partial.clone()).await;
            assert_eq!(refused.code() == "conflict-of-interest", stands, "{:#}", refused.body);
            let queue = evaluator.get(&format!("{call}/proposals")).await.expect(200);
            assert_eq!(queue.body["items"][0]["recused"], json!(stands), "{:#}", queue.body);
            let reason = json!({ "reason": "Ya no hay relación." });
            evaluator.post_if(&format!("/interests/{}/end", declared.text("id")), "\"1\"", reason).await.expect(200);
        }
        evaluate(evaluator, &path, 80).await.expect(201);
    }

    async fn a_decision_that_does_not_ask_changes_nothing(app: TestApp) {
        let institution = app.institution().await;
        let service = Actor::system(institution.organisation());
        let decide = async |asks: bool| {
            app.base
                .transact(service.may::<Reject>().unwrap(), async |w| {
                    if asks {
                        interests::demand_none(&w, []).await?;
                    }
                    w.record("match", w.new_id::<MatchId>(), &json!({})).await?;
                    Ok(w.done(()))
                })
                .await
        };
        assert_eq!(decide(false).await.unwrap_err().code, "internal");
        decide(true).await.unwrap();
    }
}
