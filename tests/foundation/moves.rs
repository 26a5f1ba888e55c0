//! Machines whose moves are a table: the table says the same as the access table, skips nothing, and is what the service
//! does: whatever people try, in whatever order, a legal move leads where it says and an illegal one changes nothing.

use std::collections::BTreeMap;

use axum::http::Method;
use eslabon::{
    diagnostics,
    foundation::{access::Role, moves::Step},
    matching, monitoring,
    organisations::{control, joining},
    programmes::{
        self,
        calls::proposals::{CommitmentMove, ProposalMove},
    },
    requirements,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    diagnostics::evidence::{pdf, upload},
    matching::scene::{Scene, Script, award, lot, outcome},
    programmes::{
        calls::{Contest, call, commit, proposal, usd, written},
        projects::{project, report},
    },
    support::{Answer, Client, PASSWORD},
};

/// A machine: its moves, where it begins, and the path to each state that nobody may skip.
struct Machine {
    name: &'static str,
    table: &'static [Step],
    begins: &'static str,
    /// What must have been made before a state is reached, in order.
    ways: &'static [(&'static str, &'static [&'static str])],
    /// States that nothing leads out of.
    over: &'static [&'static str],
}

const MACHINES: &[Machine] = &[
    Machine {
        name: "programme",
        table: programmes::Move::TABLE,
        begins: "draft",
        ways: &[("open", &["Open"]), ("closed", &["Open", "Close"])],
        over: &["closed"],
    },
    Machine {
        name: "requirement",
        table: requirements::Move::TABLE,
        begins: "draft",
        ways: &[
            ("published", &["Publish"]),
            ("closed", &["Publish", "Close"]),
            ("awarded", &["Publish", "Close", "Award"]),
        ],
        over: &["awarded"],
    },
    Machine {
        name: "question",
        table: requirements::questions::QuestionMove::TABLE,
        begins: "open",
        ways: &[("answered", &["Answer"]), ("hidden", &["Hide"])],
        over: &["hidden"],
    },
    Machine {
        name: "diagnostic",
        table: diagnostics::Move::TABLE,
        begins: "draft",
        ways: &[("submitted", &["Submit"])],
        over: &["submitted"],
    },
    Machine {
        name: "run",
        table: matching::Move::TABLE,
        begins: "queued",
        ways: &[("running", &["Start"]), ("finished", &["Start", "Finish"]), ("failed", &["Fail"])],
        over: &["finished", "failed", "cancelled"],
    },
    Machine {
        name: "declaration",
        table: control::DeclarationMove::TABLE,
        begins: "declared",
        ways: &[("confirmed", &["Confirm"]), ("rejected", &["Reject"]), ("withdrawn", &["Withdraw"])],
        over: &["confirmed", "rejected", "withdrawn"],
    },
    Machine {
        name: "invitation",
        table: joining::InvitationMove::TABLE,
        begins: "pending",
        ways: &[("accepted", &["Accept"])],
        over: &["accepted", "revoked"],
    },
    Machine {
        name: "membership request",
        table: joining::RequestMove::TABLE,
        begins: "pending",
        ways: &[("granted", &["Grant"]), ("dismissed", &["Dismiss"])],
        over: &[],
    },
    Machine {
        name: "appointment",
        table: programmes::governance::AppointmentMove::TABLE,
        begins: "offered",
        ways: &[("held", &["Accept"]), ("declined", &["Decline"])],
        over: &["declined", "ended"],
    },
    Machine {
        name: "call",
        table: programmes::calls::Move::TABLE,
        begins: "draft",
        ways: &[
            ("closed", &["Open", "Close"]),
            ("evaluated", &["Open", "Close", "FinishEvaluation"]),
            ("decided", &["Open", "Close", "FinishEvaluation", "Conclude"]),
        ],
        over: &["decided", "cancelled"],
    },
    Machine {
        name: "proposal",
        table: ProposalMove::TABLE,
        begins: "draft",
        ways: &[("awarded", &["Submit", "Award"]), ("rejected", &["Submit", "Reject"])],
        over: &["withdrawn", "awarded", "rejected"],
    },
    Machine {
        name: "commitment",
        table: CommitmentMove::TABLE,
        begins: "asked",
        ways: &[("confirmed", &["Confirm"])],
        over: &[],
    },
    Machine {
        name: "project",
        table: programmes::projects::Move::TABLE,
        begins: "active",
        ways: &[("closed", &["Close"]), ("terminated", &["Terminate"])],
        over: &["closed", "terminated"],
    },
    Machine {
        name: "milestone",
        table: programmes::projects::MilestoneMove::TABLE,
        begins: "pending",
        ways: &[("accepted", &["Report", "Accept"]), ("disbursed", &["Report", "Accept", "Disburse"])],
        over: &["disbursed"],
    },
    Machine {
        name: "expense",
        table: programmes::projects::ExpenseMove::TABLE,
        begins: "stated",
        ways: &[("accepted", &["Accept"]), ("refused", &["Refuse"])],
        over: &["accepted", "refused"],
    },
    Machine {
        name: "measurement round",
        table: monitoring::rounds::RoundMove::TABLE,
        begins: "open",
        ways: &[("closed", &["Close"])],
        over: &["closed"],
    },
    Machine {
        name: "practice",
        table: monitoring::practices::Move::TABLE,
        begins: "draft",
        ways: &[
            ("in_review", &["Submit"]),
            ("published", &["Submit", "Publish"]),
            ("retired", &["Submit", "Publish", "Retire"]),
        ],
        over: &["retired"],
    },
    Machine {
        name: "measurement",
        table: monitoring::rounds::Move::TABLE,
        begins: "asked",
        ways: &[("answered", &["Answer"]), ("unknown", &["SayUnknown"])],
        over: &[],
    },
];

fn machine(name: &str) -> &'static Machine {
    MACHINES.iter().find(|machine| machine.name == name).unwrap()
}

impl Machine {
    /// Where the move leads from the state, when it is legal.
    fn next(&self, step: &str, state: &str) -> Option<&'static str> {
        let line = self.table.iter().find(|line| line.name == step).unwrap();
        line.leads.iter().find(|(from, _)| *from == state).map(|(_, to)| *to)
    }

    fn moves(&self) -> Vec<&'static str> {
        self.table.iter().map(|line| line.name).collect()
    }
}

#[test]
fn an_operation_is_possible_in_the_states_from_which_its_moves_lead() {
    for machine in MACHINES {
        let mut by_operation = BTreeMap::<&str, (Vec<&str>, &[&str])>::new();
        for line in machine.table {
            let Some(row) = line.row else { continue };
            let (states, of_row) = by_operation.entry(row.operation).or_default();
            states.extend(line.leads.iter().map(|(from, _)| *from));
            *of_row = row.states;
        }
        for (operation, (mut states, of_row)) in by_operation {
            let mut of_row = of_row.to_vec();
            states.sort_unstable();
            states.dedup();
            of_row.sort_unstable();
            // An operation that begins something else (another invitation, another request) asks for no state.
            assert!(
                of_row.is_empty() || states == of_row,
                "{} {operation}: {states:?}, {of_row:?}",
                machine.name
            );
        }
    }
}

proptest! {
    /// Whatever is tried in whatever order: no state is reached but on its way, and what is over stays over.
    #[test]
    fn no_sequence_of_moves_skips_a_step(
        which in 0..MACHINES.len(), tries in prop::collection::vec(0_usize..32, 0..60),
    ) {
        let machine = &MACHINES[which];
        let moves = machine.moves();
        let (mut state, mut made) = (machine.begins, Vec::new());
        for at in tries {
            let step = moves[at % moves.len()];
            let Some(next) = machine.next(step, state) else { continue };
            prop_assert!(!machine.over.contains(&state) || next == state, "{} left {state} by {step}", machine.name);
            if next != state { made.push(step); }
            state = next;
            if let Some((_, way)) = machine.ways.iter().find(|(reached, _)| *reached == state) {
                let mut steps = made.iter();
                let is_whole = way.iter().all(|wanted| steps.any(|step| step == wanted));
                prop_assert!(is_whole, "{} {state} after {made:?}", machine.name);
            }
        }
    }
}

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// What a machine looks like from outside: its state, and everything else that one may read of it.
type Look = (String, Value);

/// Makes random moves through the API: a legal one leads where the table says, an illegal one is refused with a
/// reason and changes nothing.
async fn drive(
    machine: &Machine,
    steps: &[&'static str],
    seed: u64,
    look: impl AsyncFn() -> Look,
    make: impl AsyncFn(&'static str) -> Answer,
) -> (usize, usize) {
    let (mut dice, mut legal, mut illegal) = (Dice(seed), 0, 0);
    for _ in 0..12 {
        let step = steps[dice.roll(steps.len())];
        let (state, before) = look().await;
        let expected = machine.next(step, &state);
        let answer = make(step).await;
        let (reached, after) = look().await;
        let place = format!("{} {state}: {step}", machine.name);
        if let Some(expected) = expected {
            assert!(answer.status.is_success(), "{place}: {:#}", answer.body);
            assert_eq!(reached, expected, "{place}");
            legal += 1;
        } else {
            assert_eq!(answer.status.as_u16(), 409, "{place}: {:#}", answer.body);
            assert!(
                answer.code().len() > 3 && answer.text("detail").len() > 20,
                "{place}: {:#}",
                answer.body
            );
            assert_eq!((reached, after), (state, before), "{place}");
            illegal += 1;
        }
    }
    (legal, illegal)
}

/// What stands at a path, with the version in it.
async fn seen(client: &Client, path: &str) -> Look {
    let answer = client.get(path).await.expect(200);
    let etag = answer.headers.get("etag").map(|etag| etag.to_str().unwrap().to_owned());
    (answer.text("state"), json!([answer.body, etag]))
}

/// What stands in a list under an id.
async fn listed(client: &Client, path: &str, id: &str) -> Look {
    let answer = client.get(path).await.expect(200);
    let found =
        answer.body["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    (found["state"].as_str().unwrap().to_owned(), found)
}

/// `POST` with the version that is there now.
async fn now(client: &Client, path: &str, step: &str, body: Value) -> Answer {
    let etag = client.get(path).await.expect(200).etag();
    client.post_if(&format!("{path}/{step}"), &etag, body).await
}

/// Both kinds of moves must have had their turn.
fn tried((legal, illegal): (usize, usize), found: (usize, usize)) -> (usize, usize) {
    (legal + found.0, illegal + found.1)
}

fn rules() -> Value {
    json!({ "dependency_cap": "0.3", "dependency_allowance": { "amount": "0", "currency": "USD" } })
}

on_both_engines! {
    async fn programmes_and_requirements_move_as_their_tables_say(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let mut count = (0, 0);
        for seed in 0..4 {
            let body = json!({ "name": "Otro", "currency": "USD", "starts_on": "2026-01-01", "ends_on": "2027-12-31" });
            let path = format!("/programmes/{}", scene.institution.post("/programmes", body).await.expect(201).text("id"));
            let named = supplier.named().await;
            let make = async |step: &'static str| match step {
                "Open" => now(&scene.institution, &path, "open", json!({})).await,
                "Close" => now(&scene.institution, &path, "close", json!({})).await,
                "AddMember" => scene.institution.post(&format!("{path}/members"), named.clone()).await,
                _ => {
                    let etag = scene.institution.get(&path).await.expect(200).etag();
                    scene.institution.put_if(&format!("{path}/rules"), &etag, rules()).await
                }
            };
            let machine = machine("programme");
            let look = async || seen(&scene.institution, &path).await;
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        for seed in 0..6 {
            let content = json!({ "title": "Bujes", "lots": [lot(10, "5")], "criteria": [] });
            let path = buyer.requirement(&scene.programme, json!([lot(10, "5")]), json!([])).await;
            let make = async |step: &'static str| match step {
                "Publish" => now(&buyer, &path, "publish", json!({})).await,
                "Close" => now(&buyer, &path, "close", json!({})).await,
                "Amend" => {
                    let read = buyer.get(&path).await.expect(200);
                    let mut lots = read.body["lots"].clone();
                    for derived in ["unit_code", "revision", "external_reference"] {
                        lots[0].as_object_mut().unwrap().remove(derived);
                    }
                    lots[0]["quantity"] = json!(lots[0]["quantity"].as_i64().unwrap() + 1);
                    let body = json!({ "reason": "La parada se adelantó.", "title": "Bujes", "lots": lots, "criteria": [] });
                    buyer.post_if(&format!("{path}/amendments"), &read.etag(), body).await
                }
                _ => {
                    let etag = buyer.get(&path).await.expect(200).etag();
                    buyer.put_if(&path, &etag, content.clone()).await
                }
            };
            let look = async || seen(&buyer, &path).await;
            let steps = ["Change", "Publish", "Amend", "Close"];
            count = tried(count, drive(machine("requirement"), &steps, seed, look, make).await);
        }
        assert!(count.0 > 25 && count.1 > 25, "{count:?}");
    }

    async fn questions_move_as_their_table_says(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let requirement = buyer.requirement(&scene.programme, json!([lot(10, "5")]), json!([])).await;
        buyer.move_on(&requirement, "publish").await;
        let mut count = (0, 0);
        for seed in 60..66 {
            let text = json!({ "text": format!("¿Se acepta otro bronce? ({seed})") });
            let asked = supplier.post(&format!("{requirement}/questions"), text).await.expect(201);
            let path = format!("/questions/{}", asked.text("id"));
            let make = async |step: &'static str| match step {
                "Answer" => now(&buyer, &path, "answer", json!({ "answer": "Sí, con certificado." })).await,
                _ => now(&scene.institution, &path, "hide", json!({ "reason": "Nombra a una empresa." })).await,
            };
            let machine = machine("question");
            let look = async || seen(&scene.institution, &path).await;
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        assert!(count.0 > 5 && count.1 > 20, "{count:?}");
    }

    async fn diagnostics_move_as_their_table_says_and_no_answer_is_lost(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let mut count = (0, 0);
        for seed in 10..15 {
            let supplier = app.supplier("Uno").await;
            scene.take_in(&supplier).await;
            // A round before, from which something can be confirmed.
            let first = format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await.expect(201).text("id"));
            for question in ["quality-control", "quality-standards", "people-training"] {
                let path = format!("{first}/answers/{question}");
                supplier.put(&path, json!({ "revision": 1, "value": 3 })).await.expect(200);
            }
            supplier.move_on(&first, "submit").await;
            let path = format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await.expect(201).text("id"));
            let answer = format!("{path}/answers/quality-defects-ppm");
            supplier.put(&answer, json!({ "revision": 1, "value": "400" })).await.expect(200);
            let file = upload(&supplier, &format!("{answer}/evidence"), &pdf("inicial")).await.expect(201).text("id");
            let turn = std::sync::atomic::AtomicI64::new(2);
            let make = async |step: &'static str| {
                let number = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                match step {
                    "Answer" => supplier.put(&answer, json!({ "revision": number, "value": number.to_string() })).await,
                    "Submit" => now(&supplier, &path, "submit", json!({})).await,
                    _ => {
                        let body = json!({ "provenance": "visit", "revision": number, "value": number.to_string() });
                        scene.institution.put(&format!("{path}/verifications/quality-defects-ppm"), body).await
                    }
                }
            };
            let look = async || {
                let (state, mut shown) = seen(&supplier, &path).await;
                let evidence = supplier.get(&format!("{path}/evidence")).await.expect(200).body;
                shown.as_array_mut().unwrap().push(evidence);
                (state, shown)
            };
            count = tried(count, drive(machine("diagnostic"), &["Answer", "Submit", "Verify"], seed, look, make).await);
            if seen(&supplier, &path).await.0 == "draft" {
                let confirmed = json!({ "questions": ["quality-control"] });
                supplier.post(&format!("{path}/confirm"), confirmed).await.expect(200);
                supplier.move_on(&path, "submit").await;
            }
            let before = look().await;
            let confirm = supplier.post(&format!("{path}/confirm"), json!({ "questions": ["people-training"] })).await;
            assert_eq!(confirm.expect(409).code(), "wrong-state");
            assert_eq!(supplier.delete(&format!("/evidence/{file}")).await.expect(409).code(), "wrong-state");
            assert_eq!(look().await, before);
            let shown = scene.institution.get(&path).await.expect(200);
            let answers = shown.body["answers"].as_array().unwrap();
            assert!(answers.iter().any(|one| one["provenance"] == "self_declared"), "{answers:#?}");
        }
        assert!(count.0 > 15 && count.1 > 15, "{count:?}");
    }

    async fn declarations_invitations_and_requests_move_as_their_tables_say(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let mut count = (0, 0);
        for seed in 20..25 {
            let other = scene.lead_firm(&app, "Hermana").await;
            let body = json!({ "with": other.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
            let path = format!("/control-declarations/{}", buyer.post("/control-declarations", body).await.expect(201).text("id"));
            let reason = json!({ "reason": "Consta en el registro." });
            let make = async |step: &'static str| match step {
                "Confirm" => now(&scene.institution, &path, "confirm", reason.clone()).await,
                "Reject" => now(&scene.institution, &path, "reject", reason.clone()).await,
                _ => now(&buyer, &path, "withdraw", json!({})).await,
            };
            let machine = machine("declaration");
            let look = async || seen(&buyer, &path).await;
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        for seed in 30..34 {
            let email = format!("persona{seed}@uno.example");
            let body = json!({ "email": email, "role": "lead_firm_reader" });
            let made = buyer.post("/invitations", body.clone()).await.expect(201);
            let (id, secret) = (made.text("invitation/id"), made.text("secret"));
            let make = async |step: &'static str| match step {
                "Accept" => {
                    let body = json!({ "secret": secret, "name": "Eva Soto", "password": PASSWORD });
                    app.anonymous().post("/invitations/accept", body).await
                }
                "Revoke" => buyer.delete(&format!("/invitations/{id}")).await,
                _ => {
                    app.base.clock.advance(8 * 86_400);
                    buyer.get("/me").await
                }
            };
            // Time goes by in every state; it is an event, and nobody's move.
            let expire = seed % 2 == 0;
            if expire {
                make("Expire").await.expect(200);
                assert_eq!(listed(&buyer, "/invitations", &id).await.0, "expired");
            }
            let look = async || listed(&buyer, "/invitations", &id).await;
            count = tried(count, drive(machine("invitation"), &["Accept", "Revoke"], seed, look, make).await);
            if expire {
                buyer.post("/invitations", body).await.expect(201);
                assert_eq!(listed(&buyer, "/invitations", &id).await.0, "revoked");
            }
        }
        for seed in 40..44 {
            let mut asked = buyer.named().await;
            asked["email"] = json!(format!("pide{seed}@uno.example"));
            asked["name"] = json!("Ada Rojas");
            app.anonymous().post("/membership-requests", asked.clone()).await.expect(200);
            let found = buyer.get("/membership-requests").await.expect(200);
            let items = found.body["items"].as_array().unwrap();
            let id = items.iter().find(|item| item["email"] == asked["email"]).unwrap()["id"].as_str().unwrap().to_owned();
            let path = format!("/membership-requests/{id}");
            let make = async |step: &'static str| match step {
                "Grant" => buyer.post(&format!("{path}/grant"), json!({ "role": "lead_firm_reader" })).await,
                "Dismiss" => buyer.post(&format!("{path}/dismiss"), json!({})).await,
                _ => app.anonymous().post("/membership-requests", asked.clone()).await,
            };
            let machine = machine("membership request");
            let look = async || listed(&buyer, "/membership-requests", &id).await;
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        assert!(count.0 > 30 && count.1 > 30, "{count:?}");
    }

    async fn appointments_move_as_their_table_says(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let mut count = (0, 0);
        for seed in 60..66 {
            let other = app.organisation("Corporación", Role::Approver).await;
            let body = json!({ "institution": other.organisation(), "function": "execution", "statement": "Conoce a los talleres." });
            let made = scene.institution.post(&format!("{}/appointments", scene.programme), body).await.expect(201);
            let path = format!("/appointments/{}", made.text("id"));
            let reason = json!({ "reason": "Ya no hay quien lo haga." });
            let make = async |step: &'static str| match step {
                "Accept" => now(&other, &path, "accept", json!({})).await,
                "Decline" => now(&other, &path, "decline", reason.clone()).await,
                _ => now(if seed % 2 == 0 { &other } else { &scene.institution }, &path, "end", reason.clone()).await,
            };
            let look = async || seen(&scene.institution, &path).await;
            count = tried(count, drive(machine("appointment"), &["Accept", "Decline", "End"], seed, look, make).await);
        }
        assert!(count.0 >= 6 && count.1 > 30, "{count:?}");
    }

    async fn calls_and_proposals_move_as_their_tables_say(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (institution, executor, lead) = (&contest.scene.institution, &contest.executor, &contest.lead);
        let mut count = (0, 0);
        for seed in 70..75 {
            let path = contest.scene.draft_call(&app, 3_600, json!({ "funds": usd("100") })).await;
            let content = call(&app, 3_600, json!({ "funds": usd("100") }));
            let make = async |step: &'static str| match step {
                "Open" => now(institution, &path, "open", json!({})).await,
                "FinishEvaluation" => now(institution, &path, "finish-evaluation", json!({})).await,
                "Cancel" => now(institution, &path, "cancel", json!({ "reason": "Cambió el presupuesto." })).await,
                _ => {
                    let etag = institution.get(&path).await.expect(200).etag();
                    institution.put_if(&path, &etag, content.clone()).await
                }
            };
            let look = async || seen(institution, &path).await;
            let steps = ["Change", "Change", "Open", "FinishEvaluation", "Cancel"];
            count = tried(count, drive(machine("call"), &steps, seed, look, make).await);
        }
        let open = contest.call(&app, json!({})).await;
        for seed in 80..84 {
            let path = written(executor, &open, proposal(lead, "400")).await;
            commit(lead, executor, &path, "200").await.expect(200);
            let make = async |step: &'static str| match step {
                "Submit" => now(executor, &path, "submit", json!({})).await,
                "Reopen" => now(executor, &path, "reopen", json!({})).await,
                "Withdraw" => now(executor, &path, "withdraw", json!({})).await,
                _ => {
                    let etag = executor.get(&path).await.expect(200).etag();
                    executor.put_if(&path, &etag, proposal(lead, "400")).await
                }
            };
            let look = async || seen(executor, &path).await;
            let steps = ["Change", "Submit", "Submit", "Reopen", "Reopen", "Withdraw"];
            count = tried(count, drive(machine("proposal"), &steps, seed, look, make).await);
        }
        for seed in 90..92 {
            let path = written(executor, &open, proposal(lead, "400")).await;
            let commitment = format!("/commitments/{}", executor.get(&path).await.text("commitments/0/id"));
            let terms = json!({ "cofinancing": usd("200"), "purchase_intention": "Bujes por 180.000 USD al año." });
            let make = async |step: &'static str| match step {
                "Confirm" => now(lead, &commitment, "confirm", terms.clone()).await,
                _ => now(lead, &commitment, "withdraw", json!({})).await,
            };
            let look = async || seen(lead, &commitment).await;
            count = tried(count, drive(machine("commitment"), &["Confirm", "Withdraw"], seed, look, make).await);
        }
        assert!(count.0 > 25 && count.1 > 40, "{count:?}");
    }

    async fn milestones_move_as_their_table_says(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (institution, mut count) = (&contest.scene.institution, (0, 0));
        for seed in 95..98 {
            let path = project(&app, &contest, json!({})).await;
            let make = async |step: &'static str| match step {
                "Report" => now(&contest.executor, &path, "milestones/1/report", report()).await,
                "SendBack" => now(institution, &path, "milestones/1/send-back", json!({ "reason": "Faltan dos." })).await,
                "Accept" => now(institution, &path, "milestones/1/accept", json!({})).await,
                _ => now(institution, &path, "milestones/1/disburse", json!({})).await,
            };
            let look = async || {
                let (_, shown) = seen(institution, &path).await;
                (shown[0]["milestones"][0]["state"].as_str().unwrap().to_owned(), shown)
            };
            count = tried(count, drive(machine("milestone"), &machine("milestone").moves(), seed, look, make).await);
        }
        assert!(count.0 > 5 && count.1 > 10, "{count:?}");
    }

    async fn runs_move_as_their_table_says_and_are_adopted_once(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let answers = Script::that(&format!("/bin/cat >/dev/null; printf '%s' '{}'", json!(outcome(&[award(&supplier, &lots[0], 1)]))));
        let refuses = Script::that("/bin/cat >/dev/null; exit 3");
        let mut count = (0, 0);
        for seed in 50..58 {
            let run = scene.run(json!({ "name": "al azar" })).await;
            let adopted = std::sync::atomic::AtomicBool::new(false);
            let make = async |step: &'static str| {
                if step == "Cancel" {
                    return scene.institution.post(&format!("{run}/cancel"), json!({})).await;
                }
                let answer = now(&scene.institution, &run, "adopt", json!({ "supersede": "Se corrió otra vez con datos nuevos" })).await;
                if adopted.load(std::sync::atomic::Ordering::SeqCst) {
                    // Once more is refused, whatever the state is.
                    assert_eq!(answer.expect(409).code(), "already-adopted");
                    return scene.institution.get(&run).await;
                }
                adopted.fetch_or(answer.status.is_success(), std::sync::atomic::Ordering::SeqCst);
                answer
            };
            // The worker comes before anybody else, or after.
            match seed % 3 {
                0 => drop(answers.worker(&app.base).run_all_due().await.unwrap()),
                1 => drop(refuses.worker(&app.base).run_all_due().await.unwrap()),
                _ => {}
            }
            let look = async || seen(&scene.institution, &run).await;
            count = tried(count, drive(machine("run"), &["Cancel", "Adopt"], seed, look, make).await);
            // What has ended is taken up by no worker.
            let ended = look().await;
            if ended.0 != "queued" {
                answers.worker(&app.base).run_all_due().await.unwrap();
                assert_eq!(look().await, ended);
            }
        }
        assert!(count.0 > 10 && count.1 > 20, "{count:?}");
        assert_eq!(scene.institution.send(Method::GET, "/runs/x", &[], None).await.status, 404);
    }

    async fn measurements_move_as_their_table_says_and_every_answer_stays(app: TestApp) {
        let net = crate::monitoring::Net::of(&app, 1).await;
        let (supplier, round) = (&net.suppliers[0], net.round("baseline", "2026-04-01").await);
        let listed = supplier.get("/measurements?limit=100").await.expect(200).body["items"].as_array().unwrap().clone();
        let mut count = (0, 0);
        for (seed, item) in (60..).zip(&listed) {
            let path = format!("/measurements/{}", item["id"].as_str().unwrap());
            let unit = item["unit"].as_str().unwrap();
            // What the institution reports is no move of the firm's.
            if item["reporter"] == "institution" {
                continue;
            }
            let turn = std::sync::atomic::AtomicUsize::new(item["revision"].as_i64().unwrap().try_into().unwrap());
            let make = async |step: &'static str| {
                let etag = supplier.get(&path).await.expect(200).etag();
                let body = if step == "Answer" { json!({ "value": "3", "unit": unit }) } else { json!({ "unknown": "confidential" }) };
                let answer = supplier.put_if(&format!("{path}/answer"), &etag, body).await;
                turn.fetch_add(usize::from(answer.status.is_success()), std::sync::atomic::Ordering::SeqCst);
                answer
            };
            let look = async || {
                let (state, shown) = seen(supplier, &path).await;
                let (answers, value) = (shown[0]["answers"].as_array().unwrap().len(), &shown[0]["value"]);
                assert_eq!(answers, turn.load(std::sync::atomic::Ordering::SeqCst), "{shown:#}");
                // Unknown is null, never a number.
                assert_eq!(value.is_null(), !["answered", "known"].contains(&state.as_str()), "{shown:#}");
                (state, shown)
            };
            let machine = machine("measurement");
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        assert!(count.0 > 25 && count.1 > 25, "{count:?}");
        let make = async |_: &'static str| now(&net.scene.institution, &round, "close", json!({})).await;
        let look = async || seen(&net.scene.institution, &round).await;
        let found = drive(machine("measurement round"), &["Close"], 70, look, make).await;
        assert_eq!(found, (1, 11));
    }

    async fn practices_move_as_their_table_says(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (author, reviewer) = (&scene.institution, &scene.approver);
        let body = crate::monitoring::practices::practice(&scene.programme);
        let mut content = body.clone();
        content.as_object_mut().unwrap().remove("programme");
        let reason = json!({ "reason": "Falta decir cómo se mide." });
        let mut count = (0, 0);
        for seed in 80..92 {
            let path = format!("/practices/{}", author.post("/practices", body.clone()).await.expect(201).text("id"));
            let make = async |step: &'static str| {
                // A draft is seen by its author's whole organisation.
                match step {
                    "Change" => {
                        let etag = author.get(&path).await.expect(200).etag();
                        author.put_if(&path, &etag, content.clone()).await
                    }
                    "Submit" => now(author, &path, "submit", json!({})).await,
                    "Return" => now(reviewer, &path, "return", reason.clone()).await,
                    "Publish" => now(reviewer, &path, "publish", json!({})).await,
                    _ => now(reviewer, &path, "retire", reason.clone()).await,
                }
            };
            let machine = machine("practice");
            let look = async || seen(author, &path).await;
            count = tried(count, drive(machine, &machine.moves(), seed, look, make).await);
        }
        assert!(count.0 > 25 && count.1 > 25, "{count:?}");
    }
}
