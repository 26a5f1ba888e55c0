//! Projects: what is paid for which milestone, and how it is justified.

use serde_json::{Value, json};

use super::calls::{Contest, evaluate, proposal, usd, written};
use crate::{
    diagnostics::evidence::{pdf, photo, upload},
    support::{Answer, Client, TestApp},
};

/// A project with two milestones of 300 and 100 for which 200 were awarded: 150 and 50.
pub async fn project(app: &TestApp, contest: &Contest, rules: Value) -> String {
    let call = contest.call(app, rules).await;
    let mut body = proposal(&contest.lead, "400");
    body["milestones"] = json!([
        { "deliverable": "Ocho talleres diagnosticados", "due_on": "2026-09-30", "amount": usd("300") },
        { "deliverable": "Seis talleres certificados", "due_on": "2027-06-30", "amount": usd("100") },
    ]);
    let path = written(&contest.executor, &call, body).await;
    super::calls::commit(&contest.lead, &contest.executor, &path, "200").await.expect(200);
    contest.executor.move_on(&path, "submit").await;
    contest.evaluated(app, &call, &[(path.as_str(), [70, 80])]).await;
    contest.decide(&path, json!({ "outcome": "award", "amount": usd("200") })).await.expect(200);
    let listed = contest.executor.get("/projects?limit=100").await.expect(200);
    let id = path.strip_prefix("/proposals/").unwrap();
    let of = listed.body["items"].as_array().unwrap().iter().find(|one| one["proposal"] == id).unwrap();
    format!("/projects/{}", of["id"].as_str().unwrap())
}

/// `POST` below the project, with its version.
pub async fn step(client: &Client, project: &str, path: &str, body: Value) -> Answer {
    let etag = client.get(project).await.expect(200).etag();
    client.post_if(&format!("{project}/{path}"), &etag, body).await
}

pub fn report() -> Value {
    json!({ "report": "Ocho diagnósticos terminados.", "evidence_link": "https://corporacion.example/hito-1.pdf" })
}

pub fn expense(amount: &str) -> Value {
    json!({ "amount": usd(amount), "spent_on": "2026-03-02", "document": "Factura 4711", "description": "Consultores" })
}

/// A milestone is reported, accepted and paid.
pub async fn paid(contest: &Contest, project: &str, number: i32) {
    step(&contest.executor, project, &format!("milestones/{number}/report"), report()).await.expect(200);
    for made in ["accept", "disburse"] {
        step(&contest.scene.approver, project, &format!("milestones/{number}/{made}"), json!({}))
            .await
            .expect(200);
    }
}

/// An expense is stated and accepted.
pub async fn justified(contest: &Contest, project: &str, number: i32, amount: &str) {
    let stated = step(&contest.executor, project, &format!("milestones/{number}/expenses"), expense(amount))
        .await
        .expect(201);
    let path = format!("expenses/{}/decision", stated.text("id"));
    step(&contest.scene.institution, project, &path, json!({ "outcome": "accept" })).await.expect(200);
}

on_both_engines! {
    async fn a_milestones_files_show_how_far_it_is(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({})).await;
        let (executor, institution) = (&contest.executor, &contest.scene.institution);
        let beside = format!("{path}/milestones/1/evidence");
        let file = upload(executor, &beside, &photo()).await.expect(201);
        assert_eq!((file.text("media_type"), file.text("milestone")), ("image/jpeg".into(), "1".into()));
        assert_eq!(upload(executor, &beside, &photo()).await.expect(200).text("id"), file.text("id"));
        // Reported, it may still be shown better; a file moves no version that somebody has read.
        step(executor, &path, "milestones/1/report", report()).await.expect(200);
        let etag = institution.get(&path).await.expect(200).etag();
        upload(executor, &beside, &pdf("minuta")).await.expect(201);
        let sent = format!("{path}/evidence/{}", file.text("id"));
        let read = institution.get(&sent).await.expect(200);
        assert!(!read.body.as_str().unwrap().contains("GPSLatitude"), "where it was taken is gone");
        let listed = institution.get(&format!("{path}/evidence")).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
        institution.post_if(&format!("{path}/milestones/1/accept"), &etag, json!({})).await.expect(200);

        // Only who executes adds, beside what is not accepted; none is taken out, and strangers see nothing.
        assert_eq!(upload(executor, &beside, &pdf("tarde")).await.expect(409).code(), "wrong-state");
        let second = format!("{path}/milestones/2/evidence");
        assert_eq!(upload(institution, &second, &pdf("ajena")).await.expect(409).code(), "not-your-project");
        assert_eq!(upload(executor, &second, b"<html>").await.expect(422).faults(), ["/file file-of-another-kind"]);
        for at in 0..10 {
            upload(executor, &second, &pdf(&at.to_string())).await.expect(201);
        }
        assert_eq!(upload(executor, &second, &pdf("once")).await.expect(422).faults(), ["/file too-many"]);
        upload(executor, &format!("{path}/milestones/3/evidence"), &pdf("x")).await.expect(404);
        assert_eq!(executor.delete(&sent).await.status, 405);
        for stranger in [&contest.other, &app.institution().await] {
            stranger.get(&sent).await.expect(404);
            stranger.get(&format!("{path}/evidence")).await.expect(404);
            upload(stranger, &second, &pdf("z")).await.expect(404);
        }
        // Once the project is over there is nothing more to show.
        let reason = json!({ "reason": "La empresa líder cerró la planta." });
        step(institution, &path, "terminate", reason).await.expect(200);
        assert_eq!(upload(executor, &second, &pdf("fin")).await.expect(409).code(), "project-over");
    }

    /// The whole way of the money: assigned, reserved by a call, committed to a project, paid by milestone, justified by
    /// expenses, and at its end a result for each goal.
    async fn a_call_from_its_opening_to_the_last_justified_cent(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({})).await;
        let begun = contest.executor.get(&path).await.expect(200);
        assert_eq!((begun.text("milestones/0/amount/amount"), begun.text("milestones/1/amount/amount")), ("150.00".into(), "50.00".into()));
        assert_eq!(begun.text("goals/0/result"), "production_standards");
        contest.other.get(&path).await.expect(404);

        let institution = &contest.scene.institution;
        let early = step(institution, &path, "milestones/1/accept", json!({})).await.expect(409);
        assert_eq!(early.code(), "wrong-state");
        assert_eq!(step(institution, &path, "milestones/1/report", report()).await.expect(409).code(), "not-your-project");
        step(&contest.executor, &path, "milestones/1/report", report()).await.expect(200);
        assert_eq!(step(&contest.executor, &path, "milestones/1/accept", json!({})).await.expect(409).code(), "not-your-function");
        let reason = json!({ "reason": "Faltan dos diagnósticos." });
        step(institution, &path, "milestones/1/send-back", reason).await.expect(200);
        assert_eq!(contest.executor.get(&path).await.text("milestones/0/returned_because"), "Faltan dos diagnósticos.");
        paid(&contest, &path, 1).await;
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "200.00", "150.00", "0.00"]);

        // By the call's rule the second payment waits for the justification of the first one.
        step(&contest.executor, &path, "milestones/2/report", report()).await.expect(200);
        step(institution, &path, "milestones/2/accept", json!({})).await.expect(200);
        let refused = step(institution, &path, "milestones/2/disburse", json!({})).await.expect(409);
        assert_eq!((refused.code(), refused.text("detail").contains("150.00 USD")), ("not-justified".into(), true));
        let expenses = "milestones/1/expenses";
        let over = step(&contest.executor, &path, expenses, expense("150.01")).await.expect(422);
        assert_eq!(over.faults(), ["/amount more-than-paid"]);
        let mut tomorrow = expense("100");
        tomorrow["spent_on"] = json!("2026-03-03");
        assert_eq!(step(&contest.executor, &path, expenses, tomorrow).await.expect(422).faults(), ["/spent_on in-the-future"]);
        let stated = step(&contest.executor, &path, expenses, expense("100")).await.expect(201);
        assert_eq!(step(&contest.executor, &path, expenses, expense("50.01")).await.expect(422).faults(), ["/amount more-than-paid"]);
        let decision = format!("expenses/{}/decision", stated.text("id"));
        assert_eq!(step(institution, &path, &decision, json!({ "outcome": "refuse" })).await.expect(422).faults(), ["/reason required"]);
        let refuse = json!({ "outcome": "refuse", "reason": "La factura es de otro proyecto." });
        step(institution, &path, &decision, refuse).await.expect(200);
        assert_eq!(step(institution, &path, &decision, json!({ "outcome": "accept" })).await.expect(409).code(), "wrong-state");
        assert_eq!(contest.sums().await[4], "0.00");
        justified(&contest, &path, 1, "149.99").await;
        assert_eq!(step(institution, &path, "milestones/2/disburse", json!({})).await.expect(409).code(), "not-justified");
        justified(&contest, &path, 1, "0.01").await;
        step(institution, &path, "milestones/2/disburse", json!({})).await.expect(200);

        let results = json!({ "results": [{ "result": "production_standards", "achievement": "partly", "note": "Cinco de seis." }] });
        assert_eq!(step(institution, &path, "close", results.clone()).await.expect(409).code(), "not-justified");
        justified(&contest, &path, 2, "50").await;
        let other = json!({ "results": [{ "result": "joint_purchase", "achievement": "missed", "note": "Nada." }] });
        assert_eq!(step(institution, &path, "close", other).await.expect(422).faults(), ["/results results-missing", "/results/0/result not-a-goal"]);
        let closed = step(institution, &path, "close", results).await.expect(200);
        assert_eq!((closed.text("state"), closed.text("results/0/achievement")), ("closed".into(), "partly".into()));
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "200.00", "200.00", "200.00"]);
        assert_eq!(contest.executor.get(&format!("{path}/expenses")).await.expect(200).body["items"].as_array().unwrap().len(), 4);
    }

    async fn what_a_terminated_project_has_not_got_is_free_again(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({ "justify_first": false })).await;
        paid(&contest, &path, 1).await;
        let institution = &contest.scene.institution;
        let unfinished = json!({ "results": [] });
        assert_eq!(step(institution, &path, "close", unfinished).await.expect(409).code(), "milestones-open");
        let reason = json!({ "reason": "La empresa líder cerró su planta." });
        let ended = step(institution, &path, "terminate", reason.clone()).await.expect(200);
        assert_eq!((ended.text("state"), ended.text("committed/amount")), ("terminated".into(), "150.00".into()));
        assert_eq!(contest.sums().await, ["10000.00", "0.00", "150.00", "150.00", "0.00"]);
        assert_eq!(step(&contest.executor, &path, "milestones/2/report", report()).await.expect(409).code(), "project-over");
        assert_eq!(step(institution, &path, "terminate", reason).await.expect(409).code(), "wrong-state");
        // What it has got is still to be justified.
        justified(&contest, &path, 1, "150").await;
        assert_eq!(contest.sums().await[4], "150.00");
    }

    async fn a_project_names_networks_of_its_programme(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({})).await;
        let institution = &contest.scene.institution;
        let lead = contest.scene.lead_firm(&app, "Grande").await;
        let network = institution.network(&contest.scene.programme, &lead).await;
        let id = network.strip_prefix("/networks/").unwrap();
        let put = async |client: &Client, networks: Value| {
            let etag = client.get(&path).await.expect(200).etag();
            client.put_if(&format!("{path}/networks"), &etag, json!({ "networks": networks })).await
        };
        assert_eq!(put(&contest.executor, json!([id])).await.expect(422).faults(), ["/networks/0 no-such-network"]);
        assert_eq!(put(institution, json!([id, id])).await.expect(422).faults(), ["/networks/1 twice"]);
        assert_eq!(put(institution, json!([id])).await.expect(200).text("networks/0"), id);
        assert_eq!(put(institution, json!([])).await.expect(200).body["networks"], json!([]));
    }

    /// Two decisions at the same time, each within what is left and together not: one of them is made.
    async fn two_awards_at_once_do_not_overdraw_a_call(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let (first, second) = (contest.proposal(&call, "600").await, contest.proposal(&call, "600").await);
        app.base.clock.advance(7_200);
        for path in [&first, &second] {
            for evaluator in &contest.evaluators[..2] {
                evaluate(evaluator, path, 70).await.expect(201);
            }
        }
        contest.scene.institution.move_on(&call, "finish-evaluation").await;
        let award = json!({ "outcome": "award" });
        let (one, other) = tokio::join!(contest.decide(&first, award.clone()), contest.decide(&second, award));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{:#} {:#}", one.body, other.body);
        assert_eq!(contest.sums().await[2], "600.00");
    }

    /// Whatever is tried in whatever order, and whether it is allowed or not: assigned is at least what is reserved and
    /// committed, that at least what is disbursed, that at least what is justified; and the programme's sums are those
    /// of its projects.
    async fn whatever_is_tried_the_sums_never_cross(app: TestApp) {
        let contest = Contest::set(&app).await;
        let mut projects = Vec::new();
        for _ in 0..2 {
            projects.push(project(&app, &contest, json!({ "justify_first": false })).await);
        }
        contest.scene.assign("9500", "reduce").await.expect(201);
        let (mut random, mut done, mut refused) = (7_u64, 0, 0);
        let mut roll = |sides: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % sides
        };
        let money = |text: &str| -> i64 { text.replace('.', "").parse().unwrap() };
        for _ in 0..70 {
            let (path, number, amount) = (&projects[usize::try_from(roll(2)).unwrap()], 1 + roll(2), (1 + roll(90)).to_string());
            let (at, executor, institution) = (format!("milestones/{number}"), &contest.executor, &contest.scene.institution);
            let answer = match roll(9) {
                0 => contest.scene.assign(&amount, "assign").await,
                1 => contest.scene.assign(&amount, "reduce").await,
                2 | 3 => step(executor, path, &format!("{at}/report"), report()).await,
                4 => step(institution, path, &format!("{at}/accept"), json!({})).await,
                5 | 6 => step(institution, path, &format!("{at}/disburse"), json!({})).await,
                _ => {
                    let stated = step(executor, path, &format!("{at}/expenses"), expense(&amount)).await;
                    if stated.status.is_success() {
                        let path_of = format!("expenses/{}/decision", stated.text("id"));
                        step(institution, path, &path_of, json!({ "outcome": "accept" })).await
                    } else {
                        stated
                    }
                }
            };
            assert!(answer.status.is_success() || [409, 422].contains(&answer.status.as_u16()), "{:#}", answer.body);
            if answer.status.is_success() { done += 1 } else { refused += 1 }
            let [assigned, reserved, committed, disbursed, justified] = contest.sums().await.map(|sum| money(&sum));
            assert!(assigned >= reserved + committed && committed >= disbursed && disbursed >= justified && justified >= 0);
            let mut of_projects = [0; 3];
            for path in &projects {
                let read = contest.executor.get(path).await.expect(200);
                for (sum, name) in of_projects.iter_mut().zip(["committed", "disbursed", "justified"]) {
                    *sum += money(&read.text(&format!("{name}/amount")));
                }
            }
            assert_eq!(of_projects, [committed, disbursed, justified]);
        }
        assert!(done > 15 && refused > 15, "{done} done, {refused} refused");
    }
}
