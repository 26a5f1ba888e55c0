//! `eslabon call`, on a service that listens.

use serde_json::{Value, json};

use super::calls::{Contest, evaluate};
use crate::exchange::commands::{listening, run};

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
        let (done, _, said) = eslabon(&["show", "nothing"]).await;
        assert!(!done && said.contains("404 not-found"), "{said}");
    }
}
