//! `eslabon indicators`, on a service that listens.

use serde_json::Value;

use super::{Net, employ};
use crate::exchange::commands::{listening, run};

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
    }
}
