//! Figures in other currencies, by the exchange table of the programme's rules.

use serde_json::{Value, json};

use super::{
    awards, id,
    scene::{Scene, award, lot},
};
use crate::{
    approvals::{accepted, step},
    support::{Client, TestApp},
};

/// Rules with this exchange table.
async fn rule(scene: &Scene, rates: Value) {
    let etag = scene.institution.get(&scene.programme).await.expect(200).etag();
    let rules =
        json!({ "dependency_allowance": { "amount": "0", "currency": "USD" }, "exchange_rates": rates });
    scene.institution.put_if(&format!("{}/rules", scene.programme), &etag, rules).await.expect(200);
}

/// A supplier that sells for 40,000 córdobas a year, so many of them to a lead firm.
async fn supplier_in_nio(app: &TestApp, scene: &Scene, buyer: &Client, part: &str) -> Client {
    let amount = |amount: &str| json!({ "amount": amount, "currency": "NIO" });
    let supplier = scene.supplier_selling(app, amount("40000.00")).await;
    let sales = json!({ "amount": amount(part), "as_of": "2026-02-28" });
    supplier.put(&format!("/profile/sales/{}", buyer.organisation()), sales).await.expect(200);
    supplier
}

on_both_engines! {
    async fn a_supplier_that_sells_in_another_currency_is_matched_by_the_rules_table(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let ana = supplier_in_nio(&app, &scene, &buyer, "4000.00").await;
        scene.requirement(&buyer, &[lot(1000, "1")]).await;
        let runs = format!("{}/runs", scene.programme);
        let refused = scene.institution.post(&runs, json!({ "name": "sin tasa" })).await.expect(409);
        assert_eq!(refused.faults(), [format!("/suppliers/{} supplier-in-other-currency", id(&ana))]);
        assert!(refused.text("errors/0/detail").contains("tabla de cambio"), "{:#}", refused.body);

        let rate = json!({ "currency": "NIO", "rate": "0.025", "as_of": "2026-02-27", "source": "Banco Central de Nicaragua" });
        let other = json!({ "currency": "CLP", "rate": "0.001", "as_of": "2026-02-27", "source": "Banco Central de Chile" });
        rule(&scene, json!([other, rate])).await;
        let run = scene.run(json!({ "name": "con tasa" })).await;
        app.run_jobs().await;
        let found = scene.look(&run).await;
        // 100 + A ≤ 0.3 (1000 + A): at most 285.
        assert_eq!(awards(&found.body), [(id(&ana), 285)]);
        assert_eq!(found.body["result"]["dependency"][0]["before"], "0.100000000");
        // The snapshot says with which rate: the one that was needed, as the rules had it.
        assert_eq!(found.body["exchange_rates"], json!([rate]));
        rule(&scene, json!([{ "currency": "NIO", "rate": "0.03", "as_of": "2026-03-01", "source": "Banco Central de Nicaragua" }])).await;
        assert_eq!(scene.look(&run).await.body["exchange_rates"], json!([rate]));
    }

    async fn an_alert_says_that_a_rate_is_missing(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let ana = supplier_in_nio(&app, &scene, &buyer, "0.00").await;
        rule(&scene, json!([{ "currency": "NIO", "rate": "0.025", "as_of": "2026-02-27", "source": "Banco Central de Nicaragua" }])).await;
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let found = &scene.propose(&app, &[award(&ana, &lots[0], 100)]).await[0];
        accepted(&buyer, &ana, found).await;
        step(&scene.approver, found, "approve").await.expect(200);
        let alerts = format!("{}/alerts", scene.programme);
        assert_eq!(scene.institution.get(&alerts).await.expect(200).body["items"], json!([]));
        rule(&scene, json!([])).await;
        let told = scene.institution.get(&alerts).await.expect(200).body["items"][0].clone();
        assert_eq!((&told["lapse"], &told["supplier"]), (&json!("other_currency"), &json!(id(&ana))));
        assert_eq!((&told["lead_firms"], &told["dependency"], &told["sales"]), (&json!([id(&buyer)]), &Value::Null, &Value::Null));
        assert!(told["text"].as_str().unwrap().contains("tabla de cambio"), "{told:#}");
    }

    async fn an_approval_converts_by_the_table_of_its_moment(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let ana = supplier_in_nio(&app, &scene, &buyer, "0.00").await;
        let table = |rate: &str| json!([{ "currency": "NIO", "rate": rate, "as_of": "2026-02-27", "source": "Banco Central" }]);
        rule(&scene, table("0.025")).await;
        let lots = scene.requirement(&buyer, &[lot(428, "1"), lot(1, "1")]).await;
        let found = scene.propose(&app, &[award(&ana, &lots[0], 428), award(&ana, &lots[1], 1)]).await;
        for found in &found {
            accepted(&buyer, &ana, found).await;
        }
        // At 0.024 its sales are 960 USD, and 428 > 0.3 (960 + 428) = 416.4.
        rule(&scene, table("0.024")).await;
        assert_eq!(step(&scene.approver, &found[0], "approve").await.expect(409).code(), "dependency-cap-exceeded");
        rule(&scene, json!([])).await;
        let refused = step(&scene.approver, &found[0], "approve").await.expect(409);
        assert_eq!(refused.code(), "other-currency-in-position");
        assert!(refused.text("detail").contains("NIO") && refused.text("detail").contains("tabla de cambio"), "{:#}", refused.body);
        rule(&scene, table("0.025")).await;
        step(&scene.approver, &found[0], "approve").await.expect(200);
        // 429 ≤ 0.3 (1000 + 429) = 428.7 does not hold.
        assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(409).code(), "dependency-cap-exceeded");
    }
}
