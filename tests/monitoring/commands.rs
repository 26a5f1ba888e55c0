//! `eslabon indicators`, on a service that listens.

use serde_json::{Value, json};

use super::{Net, asked, employ};
use crate::{
    exchange::{
        Desk,
        commands::{listening, run},
    },
    support::Client,
};

on_both_engines! {
    async fn indicators_are_shown_by_the_command_line_as_by_the_api(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let round = net.round("baseline", "2026-04-01").await;
        employ(&net.suppliers[0], &round, "10").await.expect(200);
        let (address, institution) = (listening(&app).await, &net.scene.institution);
        let eslabon = async |args: &str| {
            let args = args.split(' ').map(str::to_owned).collect();
            let output = run(args, address.clone(), institution.token().to_owned()).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.success(), text(&output.stdout), text(&output.stderr))
        };
        let network = net.network.rsplit('/').next().unwrap();
        let buyer = net.buyer.organisation();
        let calls = [
            ("indicators list".to_owned(), "/indicators".to_owned()),
            (format!("indicators compare --network {network}"), format!("{}/indicators", net.network)),
            (format!("indicators compare --programme {}", net.scene.id), format!("{}/indicators", net.scene.programme)),
            ("indicators measured".to_owned(), "/measurements".to_owned()),
            (format!("indicators funnel {network}"), format!("{}/funnel", net.network)),
            (format!("indicators dependency {network}"), format!("{}/dependency", net.network)),
        ];
        for (command, path) in calls {
            let (done, said, wrong) = eslabon(&format!("{command} --json")).await;
            assert!(done, "{command}: {wrong}");
            assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), institution.get(&path).await.expect(200).body, "{command}");
            let (done, said, wrong) = eslabon(&format!("{command} --format csv")).await;
            assert!(done, "{command}: {wrong}");
            assert_eq!(said.as_bytes(), institution.get(&format!("{path}?format=csv")).await.expect(200).bytes, "{command}");
            assert!(eslabon(&command).await.0, "{command}");
        }
        let (done, said, _) = eslabon(&format!("indicators days-to-pay {buyer} --json")).await;
        assert!(done);
        let path = format!("/lead-firms/{buyer}/days-to-pay");
        assert_eq!(serde_json::from_str::<Value>(&said).unwrap(), institution.get(&path).await.expect(200).body);
        assert!(!eslabon(&format!("indicators days-to-pay {buyer} --format csv")).await.0);
        // On a terminal unknown is a dash.
        let (_, said, _) = eslabon("indicators measured").await;
        let exports = said.lines().find(|line| line.contains("exports")).unwrap();
        assert!(exports.contains(" asked") && exports.contains(" - "), "{said}");
        let (done, _, said) = eslabon("indicators funnel 01890000-0000-7000-8000-000000000000").await;
        assert!(!done && said.contains("404 not-found"), "{said}");
        let (done, said, told) = eslabon("indicators funnel 01890000-0000-7000-8000-000000000000 --json").await;
        assert_eq!((done, &serde_json::from_str::<Value>(&said).unwrap()["code"]), (false, &json!("not-found")), "{told}");
    }

    async fn a_round_is_opened_answered_and_closed_by_the_command_line(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let (address, desk) = (listening(&app).await, Desk::new());
        let eslabon = async |who: &Client, args: &str| {
            let args = format!("indicators {args} --json").split(' ').map(str::to_owned).collect();
            let output = run(args, address.clone(), who.token().to_owned()).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let (institution, supplier) = (&net.scene.institution, &net.suppliers[0]);
        let network = net.network.rsplit('/').next().unwrap();
        let open = format!("open-round {network} --moment baseline --as-of 2026-02-27 --due-on 2026-04-01");
        let opened = eslabon(institution, &open).await;
        let round = opened["id"].as_str().unwrap();
        assert_eq!(opened["as_of"], "2026-02-27");
        assert_eq!((&opened["moment"], &opened["due_on"], &opened["state"]), (&json!("baseline"), &json!("2026-04-01"), &json!("open")));
        let question = asked(supplier, &format!("/measurement-rounds/{round}"), "employment").await;
        let file = desk.path("answer.json");
        std::fs::write(&file, json!({ "value": "10", "unit": "persons" }).to_string()).unwrap();
        let answer = format!("answer {} {}", question["id"].as_str().unwrap(), file);
        assert_eq!(eslabon(supplier, &answer).await["value"], "10");
        assert_eq!(eslabon(institution, &format!("record-dependency {network}")).await["recorded"], 1);
        assert_eq!(eslabon(institution, &format!("close-round {round}")).await["state"], "closed");
        let listed = eslabon(institution, &format!("rounds {network}")).await;
        assert_eq!(listed, institution.get(&format!("{}/measurement-rounds", net.network)).await.expect(200).body);
    }
}
