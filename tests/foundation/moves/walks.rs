//! The walks themselves: a scene for each machine, and what its moves are called there.

use axum::http::Method;
use eslabon::foundation::access::Role;
use serde_json::{Value, json};

use super::{drive, listed, machine, now, seen, tried};
use crate::{
    diagnostics::evidence::{pdf, upload},
    matching::scene::{Scene, Script, award, lot, outcome},
    programmes::{
        calls::{Contest, call, commit, proposal, usd, written},
        projects::{project, report},
    },
    support::{Client, PASSWORD},
};

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

    async fn objections_move_as_their_table_says(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &vec![lot(10, "1"); 6]).await;
        let awards: Vec<_> = lots.iter().map(|lot| award(&supplier, lot, 10)).collect();
        let mut count = (0, 0);
        for (seed, found) in (70..).zip(scene.propose(&app, &awards).await) {
            now(&scene.approver, &format!("/matches/{found}"), "reject", json!({ "reason": "Fuera de plazo." })).await.expect(200);
            let body = json!({ "about": "match", "about_id": found, "reasons": "El plazo no había vencido." });
            let path = format!("/objections/{}", supplier.post("/objections", body).await.expect(201).text("id"));
            let reason = json!({ "reason": "Así consta en el expediente." });
            let make = async |step: &'static str| match step {
                "Review" => now(&scene.institution, &path, "review", json!({})).await,
                "Uphold" => now(&scene.institution, &path, "uphold", reason.clone()).await,
                "Dismiss" => now(&scene.institution, &path, "dismiss", reason.clone()).await,
                _ => now(&supplier, &path, "withdraw", json!({})).await,
            };
            let machine = machine("objection");
            let look = async || seen(&supplier, &path).await;
            let made = drive(machine, &machine.moves(), seed, look, make).await;
            count = tried(count, made);
            // An upheld one has proposed the match again, no other has.
            let upheld = seen(&supplier, &path).await.0 == "upheld";
            let state = supplier.get(&format!("/matches/{found}")).await.text("state");
            assert_eq!(state == "proposed", upheld, "{state}");
        }
        assert!(count.0 > 6 && count.1 > 20, "{count:?}");
    }

    async fn meetings_interests_and_mandates_move_as_their_tables_say(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let network = scene.institution.network(&scene.programme, &buyer).await;
        scene.institution.select(&network, &buyer, &supplier).await;
        let came = |client: &Client| json!({ "organisation": client.organisation(), "people": "Ana Rojas" });
        let minutes = json!({ "attendance": [came(&buyer), came(&supplier)], "agreements": [] });
        let mut count = (0, 0);
        for seed in 80..84 {
            let body = json!({ "kind": "visit", "held_on": "2026-03-02", "place": "Planta norte",
                "purpose": "Acordar las muestras.", "participants": [supplier.organisation()] });
            let called = buyer.post(&format!("{network}/meetings"), body).await.expect(201);
            let path = format!("/meetings/{}", called.text("id"));
            let make = async |step: &'static str| match step {
                "Write" => {
                    let etag = buyer.get(&path).await.expect(200).etag();
                    buyer.put_if(&format!("{path}/minutes"), &etag, minutes.clone()).await
                }
                "Cancel" => now(&buyer, &path, "cancel", json!({ "reason": "La planta está parada." })).await,
                _ => now(&supplier, &path, "confirm", json!({})).await,
            };
            let look = async || seen(&supplier, &path).await;
            let steps = ["Write", "ConfirmLast", "Cancel"];
            count = tried(count, drive(machine("meeting"), &steps, seed, look, make).await);
        }
        let interest = json!({ "party": buyer.organisation(), "nature": "recusal" });
        let mandate = json!({ "institution": scene.institution.organisation(), "scope": "diagnostic",
            "purpose": "Responder durante la visita.", "until": "2026-03-31" });
        for (who, kind, list, body, step, name) in [
            (&scene.approver, "interest", "/interests", interest, "end", "End"),
            (&supplier, "mandate", "/mandates", mandate, "revoke", "Revoke"),
        ] {
            let path = format!("{list}/{}", who.post(list, body).await.expect(201).text("id"));
            let reason = if name == "End" { json!({ "reason": "La participación se vendió." }) } else { json!({}) };
            let make = async |_: &'static str| now(who, &path, step, reason.clone()).await;
            let look = async || seen(who, &path).await;
            count = tried(count, drive(machine(kind), &[name], 1, look, make).await);
        }
        assert!(count.0 > 6 && count.1 > 30, "{count:?}");
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
                    let body = json!({ "secret": secret, "name": "Eva Soto", "password": PASSWORD, "privacy_notice": 1 });
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
