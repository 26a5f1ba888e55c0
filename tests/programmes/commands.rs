//! `eslabon call`, on a service that listens.

use serde_json::{Value, json};

use super::{
    calls::{Contest, call, email, evaluate, proposal, scores, usd},
    projects::{expense, report},
};
use crate::{
    exchange::{
        Desk,
        commands::{listening, run},
    },
    support::Client,
};

on_both_engines! {
    async fn calls_are_listed_opened_and_ranked_by_the_command_line(app: TestApp) {
        let contest = Contest::set(&app).await;
        let institution = &contest.scene.institution;
        let address = listening(&app).await;
        let eslabon = async |args: &[&str]| {
            let args = ["call"].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
            let output = run(args, address.clone(), institution.token().to_owned()).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.success(), text(&output.stdout), text(&output.stderr))
        };
        let parsed = |said: &str| -> Value { serde_json::from_str(said).unwrap_or_else(|_| panic!("{said}")) };
        let draft = contest.scene.draft_call(&app, 3_600, json!({})).await;
        let id = draft.strip_prefix("/calls/").unwrap();
        let (done, said, _) = eslabon(&["open", id]).await;
        assert!(done && said.contains("Redes de proveedores 2026 (open)") && said.contains("funds 1000.00 USD"), "{said}");
        let (done, _, said) = eslabon(&["open", id]).await;
        assert!(!done && said.contains("409 wrong-state"), "{said}");
        let (_, said, _) = eslabon(&["list"]).await;
        assert!(said.contains(id) && said.contains("1000.00 USD"), "{said}");

        let call = contest.call(&app, json!({})).await;
        let proposal = contest.proposal(&call, "400").await;
        app.base.clock.advance(7_200);
        for evaluator in &contest.evaluators[..2] {
            evaluate(evaluator, &proposal, 75).await.expect(201);
        }
        let id = call.strip_prefix("/calls/").unwrap();
        let (done, said, _) = eslabon(&["finish-evaluation", id]).await;
        assert!(done && said.contains("(evaluated)"), "{said}");
        let (_, said, _) = eslabon(&["ranking", id]).await;
        assert!(said.contains("75.0000") && said.contains("Red de talleres del Ñuble"), "{said}");
        contest.decide(&proposal, json!({ "outcome": "award" })).await.expect(200);
        let (_, said, _) = eslabon(&["projects"]).await;
        assert!(said.contains("active") && said.contains("400.00 USD"), "{said}");
        // What `--json` prints is what the API answers.
        for (args, path) in [
            (vec!["list"], "/calls".to_owned()),
            (vec!["show", id], call.clone()),
            (vec!["proposals", id], format!("{call}/proposals")),
            (vec!["ranking", id], format!("{call}/ranking")),
            (vec!["projects"], "/projects".to_owned()),
        ] {
            let (done, said, _) = eslabon(&[&args[..], &["--json"]].concat()).await;
            assert!(done, "{args:?}");
            assert_eq!(parsed(&said), institution.get(&path).await.expect(200).body, "{path}");
        }
        let (done, said, _) = eslabon(&["show", id, "--json"]).await;
        assert!(done && said.ends_with("}\n") && !said.ends_with("\n\n"), "{said:?}");
        let (done, _, said) = eslabon(&["show", "nothing"]).await;
        assert!(!done && said.contains("404 not-found"), "{said}");
        // A refusal too, while it is told on standard error.
        let (done, said, told) = eslabon(&["open", id, "--json"]).await;
        let refused = parsed(&said);
        assert_eq!((done, &refused["code"], &refused["status"]), (false, &json!("wrong-state"), &json!(409)));
        assert!(said.ends_with("}\n") && told.contains("409 wrong-state"), "{said:?} {told}");
    }

    async fn a_list_says_that_there_is_more_than_its_first_page(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (address, institution) = (listening(&app).await, &contest.scene.institution);
        let listed = async || {
            let args = ["call", "list", "--programme", &contest.scene.id].map(str::to_owned).to_vec();
            let output = run(args, address.clone(), institution.token().to_owned()).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        contest.scene.draft_call(&app, 3_600, json!({})).await;
        assert!(!listed().await.contains("and more"));
        for _ in 0..50 {
            contest.scene.draft_call(&app, 3_600, json!({})).await;
        }
        let said = listed().await;
        let more = format!("and more: eslabon export 'calls?programme={}' writes the whole of it", contest.scene.id);
        assert!(said.contains(&more), "{said}");
    }

    async fn a_call_is_written_proposed_to_decided_and_paid_by_the_command_line(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (address, desk) = (listening(&app).await, Desk::new());
        let eslabon = async |who: &Client, args: &[&str], body: Option<Value>| {
            let mut args: Vec<String> = ["call"].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
            if let Some(body) = body {
                let file = desk.path("body.json");
                std::fs::write(&file, body.to_string()).unwrap();
                args.push(file);
            }
            args.push("--json".to_owned());
            let output = run(args.clone(), address.clone(), who.token().to_owned()).await;
            assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
        let (institution, approver) = (&contest.scene.institution, &contest.scene.approver);
        let made = eslabon(institution, &["create", &contest.scene.id], Some(call(&app, 3_600, json!({})))).await;
        let call = id(&made);
        for evaluator in &contest.evaluators[..2] {
            let address = email(evaluator).await["email"].as_str().unwrap().to_owned();
            eslabon(institution, &["appoint", &call, &address], None).await;
        }
        // One more, who is taken off again: that has no answer.
        let address_of = email(&contest.scene.approver).await["email"].as_str().unwrap().to_owned();
        let more = eslabon(institution, &["appoint", &call, &address_of], None).await["account"].as_str().unwrap().to_owned();
        let args = ["call", "dismiss", &call, &more].map(str::to_owned).to_vec();
        let dismissed = run(args, address.clone(), institution.token().to_owned()).await;
        assert_eq!(String::from_utf8_lossy(&dismissed.stdout), format!("{more} evaluates no more\n"), "{dismissed:?}");
        let evaluators = eslabon(institution, &["evaluators", &call], None).await;
        assert_eq!(evaluators, institution.get(&format!("/calls/{call}/evaluators")).await.expect(200).body);
        assert_eq!(evaluators["items"].as_array().unwrap().len(), 2);
        assert_eq!(eslabon(institution, &["open", &call], None).await["state"], "open");
        let proposed = eslabon(&contest.executor, &["propose", &call], Some(proposal(&contest.lead, "400"))).await;
        let asked = eslabon(&contest.lead, &["commitments"], None).await;
        let commitment = asked["items"][0]["id"].as_str().unwrap().to_owned();
        let promise = json!({ "cofinancing": usd("200"), "purchase_intention": "Bujes por 180.000 USD al año." });
        assert_eq!(eslabon(&contest.lead, &["commit", &commitment], Some(promise)).await["state"], "confirmed");
        let proposal = id(&proposed);
        assert_eq!(eslabon(&contest.executor, &["submit", &proposal], None).await["state"], "submitted");
        app.base.clock.advance(7_200);
        for evaluator in &contest.evaluators[..2] {
            eslabon(evaluator, &["evaluate", &proposal], Some(scores(75))).await;
        }
        eslabon(institution, &["finish-evaluation", &call], None).await;
        let evaluations = eslabon(institution, &["evaluations", &proposal], None).await;
        assert_eq!(evaluations, institution.get(&format!("/proposals/{proposal}/evaluations")).await.expect(200).body);
        assert_eq!(evaluations["items"].as_array().unwrap().len(), 2);
        let decision = json!({ "outcome": "award", "reason": "Primera del orden de mérito." });
        assert_eq!(eslabon(approver, &["decide", &proposal], Some(decision)).await["state"], "awarded");
        for (what, told) in [("proposal", "awarded 400.00 USD"), ("evaluations", "75.0000")] {
            let args = ["call", what, &proposal].map(str::to_owned).to_vec();
            let shown = run(args, address.clone(), institution.token().to_owned()).await;
            let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
            assert!(shown.contains(told), "{shown}");
        }
        let projects = eslabon(&contest.executor, &["projects"], None).await;
        let project = projects["items"][0]["id"].as_str().unwrap().to_owned();
        eslabon(&contest.executor, &["report", &project, "1"], Some(report())).await;
        eslabon(institution, &["accept", &project, "1"], None).await;
        let paid = eslabon(approver, &["disburse", &project, "1"], None).await;
        assert_eq!(paid["disbursed"], usd("400.00"), "{paid:#}");
        let stated = eslabon(&contest.executor, &["expense", &project, "1"], Some(expense("400"))).await;
        let accept = Some(json!({ "outcome": "accept" }));
        eslabon(institution, &["decide-expense", &project, &id(&stated)], accept).await;
        let results = json!({ "results": [{ "result": "production_standards", "achievement": "achieved",
            "note": "Seis talleres certificados." }] });
        assert_eq!(eslabon(institution, &["close", &project], Some(results)).await["state"], "closed");
        // What is refused is told, and fails.
        let args = ["call", "submit", &proposal].map(str::to_owned).to_vec();
        let refused = run(args, address.clone(), contest.executor.token().to_owned()).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("409"), "{said}");
    }
}
