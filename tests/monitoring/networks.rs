//! The funnel of a network, dependency over time, and days to pay.

use serde_json::{Value, json};

use super::{DAY, Net};
use crate::{
    approvals::{accepted, step},
    matching::scene::{award, lot},
    support::{Client, TestApp},
};

async fn stage(net: &Net, name: &str) -> Value {
    let funnel = net.scene.institution.get(&format!("{}/funnel", net.network)).await.expect(200);
    funnel.body["items"].as_array().unwrap().iter().find(|item| item["stage"] == name).unwrap().clone()
}

fn counts(stage: &Value) -> [i64; 4] {
    ["came", "passed", "waiting", "dropped"].map(|name| stage[name].as_i64().unwrap())
}

/// Approves so many pieces of each supplier and draws contracts up for the first ones; their paths.
pub async fn contracted(app: &TestApp, net: &Net, units: &[u64], contracts: usize) -> Vec<String> {
    let lots: Vec<_> = units.iter().map(|units| lot(*units, "1")).collect();
    let lots = net.scene.requirement(&net.buyer, &lots).await;
    let awards: Vec<_> = lots
        .iter()
        .zip(&net.suppliers)
        .zip(units)
        .map(|((lot, supplier), units)| award(supplier, lot, *units))
        .collect();
    let found = net.scene.propose(app, &awards).await;
    let mut paths = Vec::new();
    for (at, (found, supplier)) in found.iter().zip(&net.suppliers).enumerate() {
        accepted(&net.buyer, supplier, found).await;
        step(&net.scene.approver, found, "approve").await.expect(200);
        if at < contracts {
            let terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
            let path =
                format!("/contracts/{}", net.buyer.post("/contracts", terms).await.expect(201).text("id"));
            supplier.move_on(&path, "sign").await;
            net.buyer.move_on(&path, "sign").await;
            paths.push(path);
        }
    }
    paths
}

async fn invoice(supplier: &Client, contract: &str, invoiced: &str, paid: Option<&str>) {
    let body = json!({ "invoice": format!("F-{invoiced}"), "invoiced_on": invoiced, "paid_on": paid,
        "amount": { "amount": "1", "currency": "USD" } });
    supplier.post(&format!("{contract}/payments"), body).await.expect(201);
}

on_both_engines! {
    async fn the_funnel_counts_times_and_shows_where_suppliers_drop_off(app: TestApp) {
        let net = Net::of(&app, 6).await;
        // One is invited and declines, one waits.
        for declines in [true, false] {
            let supplier = net.scene.supplier(&app, "1000").await;
            net.scene.institution.post(&format!("{}/invitations", net.network), supplier.named().await).await.expect(201);
            if declines {
                supplier.post(&format!("{}/leave", net.network), json!({})).await.expect(200);
            }
        }
        app.base.clock.advance(20 * DAY);
        contracted(&app, &net, &[100, 100, 100, 100, 100], 2).await;
        // Both were diagnosed before anybody invited them, which is none of this network's work.
        assert_eq!(counts(&stage(&net, "invited").await), [8, 8, 1, 1]);
        assert_eq!(counts(&stage(&net, "selected").await), [6, 6, 0, 0]);
        assert_eq!(counts(&stage(&net, "diagnosed").await), [6, 6, 1, 0]);
        assert_eq!(counts(&stage(&net, "gap_act_agreed").await), [5, 0, 0, 0]);
        let matched = stage(&net, "matched").await;
        assert_eq!((counts(&matched), &matched["median_days"]), ([5, 5, 0, 0], &json!("20")));
        assert_eq!(counts(&stage(&net, "approved").await), [5, 5, 3, 0]);
        // Two contracts: nobody's median, nobody's percentage.
        let contracts = stage(&net, "contracted").await;
        assert_eq!((counts(&contracts), &contracts["median_days"], &contracts["withheld"]), ([2, 2, 2, 0], &Value::Null, &json!("fewer_than_five")));
        assert_eq!(contracts["drop_off_percent"], Value::Null);
        let drop_off = stage(&net, "invited").await;
        assert_eq!((&drop_off["drop_off_percent"], &drop_off["name"]), (&json!("12.5"), &json!("Invitado o postulante")));
        // Nothing comes before the first stage: it has no days, and none are withheld.
        assert_eq!((&drop_off["median_days"], &drop_off["withheld"]), (&Value::Null, &Value::Null));
        net.suppliers[0].get(&format!("{}/funnel", net.network)).await.expect(403);
        app.institution().await.get(&format!("{}/funnel", net.network)).await.expect(404);
    }

    async fn dependency_is_written_down_monthly_and_a_worse_band_is_an_alert(app: TestApp) {
        let net = Net::of(&app, 5).await;
        let institution = &net.scene.institution;
        let path = format!("{}/dependency", net.network);
        net.scene.sells(&net.suppliers[0], &net.buyer, "90").await;
        net.round("baseline", "2026-04-01").await;
        app.run_jobs().await;
        let read = async |query: &str| {
            let read = institution.get(&format!("{path}{query}")).await.expect(200);
            let items = read.body["items"].as_array().unwrap().iter();
            let own: Vec<_> = items.filter(|item| item["supplier"] == json!(net.suppliers[0].organisation())).cloned().collect();
            (read, own)
        };
        let (_, own) = read("").await;
        // Written down in March, and now: 90 of 1000, fine.
        assert_eq!(own.len(), 2);
        assert_eq!((&own[0]["share"], &own[0]["band"], &own[1]["recorded_at"]), (&json!("0.09"), &json!("fine"), &Value::Null));
        // Nothing has changed this month: nothing is written down.
        assert_eq!(institution.post(&path, json!({})).await.expect(200).text("recorded"), "0");
        // 90 and 160 approved, of 1160: 21.6 %.
        contracted(&app, &net, &[160, 10, 10, 10, 10], 0).await;
        assert_eq!(institution.post(&path, json!({})).await.expect(200).text("recorded"), "5");
        let (alerts, own) = read("?alerts=true").await;
        assert_eq!(own.len(), 1, "{:#}", alerts.body);
        assert_eq!((&own[0]["share"], &own[0]["band"], &own[0]["turn"]), (&json!("0.215517"), &json!("elevated"), &json!("worse")));
        // (250/1160)² · 10,000
        assert_eq!(own[0]["hhi"], "464.48");
        assert_eq!((&alerts.body["market"]["hhi"], &alerts.body["cap"]), (&json!("10000"), &json!("0.3")));
        assert!(alerts.text("market/note").contains("no umbrales de dependencia"));
        // A month later the service itself writes all down, changed or not.
        app.base.clock.advance(30 * DAY);
        app.run_jobs().await;
        let (all, own) = read("").await;
        assert_eq!((own.len(), own[2]["turn"].clone()), (4, Value::Null), "{:#}", all.body);
        // The supplier reads the same of itself, and nothing of the others; whoever takes no part reads nothing.
        let own_path = format!("{}/own-dependency", net.network);
        let read_own = net.suppliers[0].get(&own_path).await.expect(200);
        assert_eq!((&read_own.body["records"], &read_own.body["cap"]), (&json!(own), &json!("0.3")));
        let other = net.suppliers[1].get(&own_path).await.expect(200);
        let is_its_own = |item: &Value| item["supplier"] == json!(net.suppliers[1].organisation());
        assert!(other.body["records"].as_array().unwrap().iter().all(is_its_own), "{:#}", other.body);
        let invited = net.scene.supplier(&app, "1000").await;
        institution.post(&format!("{}/invitations", net.network), invited.named().await).await.expect(201);
        invited.get(&net.network).await.expect(200);
        for stranger in [&invited, &app.supplier("Ajeno").await] {
            stranger.get(&own_path).await.expect(404);
        }
        net.buyer.get(&own_path).await.expect(403);
        // Who discloses no sales has no share, and neither has who names no buyer; it is not 0.
        let undisclosed = app.supplier("Callado").await;
        institution.take_in(&net.scene.programme, &[&undisclosed]).await;
        let in_all_alone = net.scene.supplier(&app, "1000").await;
        for silent in [&undisclosed, &in_all_alone] {
            institution.select(&net.network, &net.buyer, silent).await;
            let (all, _) = read("").await;
            let items = all.body["items"].as_array().unwrap();
            let found = items.iter().find(|item| item["supplier"] == json!(silent.organisation())).unwrap();
            assert_eq!((&found["share"], &found["hhi"], &found["band"]), (&Value::Null, &Value::Null, &json!("undisclosed")));
        }
    }

    async fn the_market_of_four_sellers_is_withheld(app: TestApp) {
        let net = Net::of(&app, 5).await;
        for supplier in &net.suppliers[..4] {
            net.scene.sells(supplier, &net.buyer, "90").await;
        }
        let path = format!("{}/dependency", net.network);
        let market = async || net.scene.institution.get(&path).await.expect(200).body["market"].clone();
        assert_eq!((&market().await["hhi"], &market().await["withheld"]), (&Value::Null, &json!("fewer_than_five")));
        net.scene.sells(&net.suppliers[4], &net.buyer, "90").await;
        assert_eq!((&market().await["hhi"], &market().await["withheld"]), (&json!("10000"), &Value::Null));
    }

    async fn days_to_pay_are_the_lead_firms_and_its_institutions_and_a_mean_of_five_to_others(app: TestApp) {
        let net = Net::of(&app, 5).await;
        let path = format!("/lead-firms/{}/days-to-pay", net.buyer.organisation());
        net.suppliers[0].get(&path).await.expect(404);
        let contracts = contracted(&app, &net, &[10; 5], 5).await;
        app.base.clock.advance(60 * DAY);
        // Paid after 10, 20, 30 and 40 days; one is open, beyond its thirty days.
        let paid = ["2026-03-13", "2026-03-23", "2026-04-02", "2026-04-12"];
        for (at, contract) in contracts.iter().enumerate() {
            invoice(&net.suppliers[at], contract, "2026-03-03", paid.get(at).copied()).await;
        }
        for reader in [&net.buyer, &net.scene.institution] {
            let read = reader.get(&path).await.expect(200);
            assert_eq!((read.text("days_to_pay"), read.text("median_days")), ("25".to_owned(), "25".to_owned()));
            assert_eq!((read.text("invoices"), read.text("paid"), read.text("late"), read.text("suppliers")), ("5".into(), "4".into(), "2".into(), "5".into()));
        }
        // In the present quarter a supplier learns nothing of it, nor in the next while fewer than five are paid.
        let told = async || {
            let read = net.suppliers[0].get(&path).await.expect(200);
            for secret in ["median_days", "invoices", "paid", "late", "suppliers"] {
                assert_eq!(read.body[secret], Value::Null, "{:#}", read.body);
            }
            (read.body["days_to_pay"].clone(), read.body["withheld"].clone())
        };
        assert_eq!(told().await, (Value::Null, json!("fewer_than_five")));
        app.base.clock.advance(29 * DAY);
        invoice(&net.suppliers[4], &contracts[4], "2026-03-04", Some("2026-05-03")).await;
        assert_eq!(told().await, (Value::Null, json!("fewer_than_five")));
        // In July, on another token: recorded in the quarter before, 160 days over five.
        app.base.clock.advance(32 * DAY);
        let later = app.person(net.suppliers[0].organisation(), eslabon::foundation::access::Kind::Supplier,
            eslabon::foundation::access::Role::SupplierReader).await;
        let read = later.get(&path).await.expect(200);
        assert_eq!((read.text("days_to_pay"), read.text("to")), ("32".to_owned(), "2026-06-30".to_owned()));
        // What is recorded of that time after it, each day anew, would tell of whom: the figure stays.
        let writer = app.person(net.suppliers[0].organisation(), eslabon::foundation::access::Kind::Supplier,
            eslabon::foundation::access::Role::SupplierAdministrator).await;
        invoice(&writer, &contracts[0], "2026-03-05", Some("2026-06-01")).await;
        assert_eq!(later.get(&path).await.expect(200).text("days_to_pay"), "32");
        let stranger = app.lead_firm("Ajena").await;
        stranger.get(&path).await.expect(404);
        app.institution().await.get(&path).await.expect(404);
    }
}
