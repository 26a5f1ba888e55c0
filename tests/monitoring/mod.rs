//! Monitoring: a network is measured, and measured again; what is unknown stays unknown, and nothing is told of a few.

mod commands;
mod impact;
pub mod networks;
pub mod practices;

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    plans,
    support::{Answer, Client, TestApp},
};

const DAY: i64 = 86_400;

/// A network of a lead firm with suppliers, in which everybody has been selected.
pub struct Net {
    pub scene: Scene,
    pub buyer: Client,
    pub network: String,
    pub suppliers: Vec<Client>,
}

impl Net {
    /// With so many suppliers, which sell for 1000 USD a year.
    pub async fn of(app: &TestApp, suppliers: usize) -> Self {
        let scene = Scene::set(app, "0").await;
        let buyer = scene.lead_firm(app, "Grande").await;
        let network = scene.institution.network(&scene.programme, &buyer).await;
        let mut net = Self { scene, buyer, network, suppliers: Vec::new() };
        for _ in 0..suppliers {
            let supplier = net.scene.supplier(app, "1000").await;
            net.scene.institution.select(&net.network, &net.buyer, &supplier).await;
            net.suppliers.push(supplier);
        }
        net
    }

    /// Opens a round; its path.
    pub async fn round(&self, moment: &str, due_on: &str) -> String {
        let body = json!({ "moment": moment, "due_on": due_on });
        let opened = self.scene.institution.post(&format!("{}/measurement-rounds", self.network), body).await;
        format!("/measurement-rounds/{}", opened.expect(201).text("id"))
    }

    /// Everybody logs in anew: a token ends after ninety days.
    async fn log_in_again(&mut self, app: &TestApp) {
        let institution = self.scene.institution.organisation();
        self.scene.institution =
            app.person(institution, Kind::Institution, Role::InstitutionAdministrator).await;
        self.buyer = app.person(self.buyer.organisation(), Kind::LeadFirm, Role::LeadFirmAdministrator).await;
        for supplier in &mut self.suppliers {
            *supplier =
                app.person(supplier.organisation(), Kind::Supplier, Role::SupplierAdministrator).await;
        }
    }

    /// What a network's list of comparisons says of an indicator.
    async fn compared(&self, indicator: &str) -> Value {
        row(&self.scene.institution, &format!("{}/indicators", self.network), indicator, Value::Null).await
    }
}

/// The row of an indicator at twelve months, of a network where one is named.
async fn row(client: &Client, path: &str, indicator: &str, network: Value) -> Value {
    let answer = client.get(path).await.expect(200);
    let items = answer.body["items"].as_array().unwrap();
    let is_it = |item: &&Value| {
        item["indicator"] == indicator
            && item["moment"] == "month_12"
            && (network.is_null() || item["network"] == network)
    };
    items.iter().find(is_it).unwrap_or_else(|| panic!("no {indicator} in {:#}", answer.body)).clone()
}

/// What is measured of one's firm in a round.
async fn asked(client: &Client, round: &str, indicator: &str) -> Value {
    let round = round.rsplit('/').next().unwrap();
    let listed = client.get(&format!("/measurements?round={round}&indicator={indicator}")).await.expect(200);
    listed.body["items"][0].clone()
}

async fn say(client: &Client, round: &str, indicator: &str, body: Value) -> Answer {
    let question = asked(client, round, indicator).await;
    let path = format!("/measurements/{}/answer", question["id"].as_str().unwrap());
    client.put_if(&path, question["etag"].as_str().unwrap(), body).await
}

/// Says how many people a firm employs.
pub async fn employ(client: &Client, round: &str, persons: &str) -> Answer {
    say(client, round, "employment", json!({ "value": persons, "unit": "persons" })).await
}

fn figures(row: &Value) -> [&str; 6] {
    ["mean_before", "mean_after", "median_before", "median_after", "change", "change_percent"]
        .map(|name| row[name].as_str().unwrap_or("-"))
}

on_both_engines! {
    async fn a_year_of_monitoring_with_a_missing_answer(app: TestApp) {
        let mut net = Net::of(&app, 7).await;
        let baseline = net.round("baseline", "2026-04-01").await;
        for (supplier, persons) in net.suppliers.iter().zip(["10", "12.5", "8", "20", "6", "30"]) {
            employ(supplier, &baseline, persons).await.expect(200);
        }
        // The last one has not answered, and is reminded once the day has passed.
        let institution = net.scene.institution.clone();
        assert_eq!(institution.get(&baseline).await.expect(200).text("overdue"), "0");
        app.base.clock.advance(31 * DAY);
        assert!(app.run_jobs().await > 0);
        let overdue = net.suppliers[6].get("/measurements?overdue=true").await.expect(200);
        let missing: Vec<_> = overdue.body["items"].as_array().unwrap().iter().collect();
        assert!(missing.iter().any(|item| item["indicator"] == "employment"), "{missing:#?}");
        assert!(missing.iter().all(|item| item["reminded_at"].is_string() && item["value"].is_null()), "{missing:#?}");
        let read = institution.get(&baseline).await.expect(200);
        assert!(read.body["overdue"].as_i64().unwrap() > 1);
        // Late is taken, and marked; an answer is corrected by another one.
        let late = employ(&net.suppliers[6], &baseline, "40").await.expect(200);
        assert_eq!((late.text("late"), late.text("state")), ("true".to_owned(), "answered".to_owned()));
        let again = employ(&net.suppliers[6], &baseline, "4").await.expect(200);
        assert_eq!((again.text("revision"), again.text("answers/0/value"), again.text("value")), ("2".into(), "40".into(), "4".into()));
        institution.move_on(&baseline, "close").await;
        assert_eq!(employ(&net.suppliers[0], &baseline, "11").await.expect(409).code(), "round-closed");

        app.base.clock.advance(334 * DAY);
        net.log_in_again(&app).await;
        let institution = net.scene.institution.clone();
        let year = net.round("month_12", "2027-04-01").await;
        for (supplier, persons) in net.suppliers.iter().zip(["12", "12.5", "10", "21", "7.5"]) {
            employ(supplier, &year, persons).await.expect(200);
        }
        let unknown = say(&net.suppliers[5], &year, "employment", json!({ "unknown": "not_measured" })).await.expect(200);
        assert_eq!((unknown.text("state"), &unknown.body["value"], unknown.text("unknown")), ("unknown".into(), &Value::Null, "not_measured".into()));
        // The seventh says nothing at all. Until the round is closed, no figure is told.
        let open = net.compared("employment").await;
        assert_eq!((&open["withheld"], &open["firms"]), (&json!("round_open"), &Value::Null));
        institution.move_on(&year, "close").await;
        // Five are known at both: 56.5 persons before, 63 afterwards. The others are in neither, and nothing is 0.
        let told = net.compared("employment").await;
        assert_eq!((&told["firms"], &told["withheld"]), (&json!(5), &Value::Null));
        assert_eq!(figures(&told), ["11.3", "12.6", "10", "12", "1.3", "11.504425"]);
        // What nobody answered is compared by nobody.
        let exports = net.compared("exports").await;
        assert_eq!((&exports["firms"], &exports["mean_after"]), (&json!(0), &Value::Null));
        // The statement of sales of a year ago is not carried forward: it is asked anew.
        assert_eq!(asked(&net.suppliers[0], &year, "sales").await["state"], "asked");
        let tables = institution.get(&format!("{}/indicators?format=csv", net.network)).await.expect(200);
        assert!(String::from_utf8_lossy(&tables.bytes).contains("11.504425"));
    }

    async fn four_are_withheld_five_are_told_and_no_difference_gives_one_away(app: TestApp) {
        let mut net = Net::of(&app, 9).await;
        // Another network of the programme with two of the same suppliers and two more.
        let second = json!({ "model": "lead_firm", "name": "Red de corte", "lead_firms": [net.buyer.organisation()] });
        let second = net.scene.institution.post(&format!("{}/networks", net.scene.programme), second).await.expect(201);
        let second = format!("/networks/{}", second.text("id"));
        for at in 0..2 {
            net.scene.institution.select(&second, &net.buyer, &net.suppliers[at]).await;
        }
        for _ in 0..4 {
            let supplier = net.scene.supplier(&app, "1000").await;
            net.scene.institution.select(&second, &net.buyer, &supplier).await;
            net.suppliers.push(supplier);
        }
        let rounds = async |net: &Net, moment: &str, due: &str, at: i64| {
            let body = json!({ "moment": moment, "due_on": due });
            let first = net.round(moment, due).await;
            let other = net.scene.institution.post(&format!("{second}/measurement-rounds"), body).await.expect(201);
            let other = format!("/measurement-rounds/{}", other.text("id"));
            for (number, supplier) in net.suppliers.iter().enumerate() {
                let persons = (i64::try_from(number).unwrap() + at).to_string();
                // Exports are answered by four firms of the first network only.
                if number < 9 {
                    employ(supplier, &first, &persons).await.expect(200);
                }
                if number < 4 {
                    let exports = json!({ "value": persons, "unit": "USD" });
                    say(supplier, &first, "exports", exports).await.expect(200);
                }
                if !(2..9).contains(&number) {
                    employ(supplier, &other, &persons).await.expect(200);
                }
            }
            for path in [&first, &other] {
                net.scene.institution.move_on(path, "close").await;
            }
        };
        rounds(&net, "baseline", "2026-04-01", 10).await;
        app.base.clock.advance(365 * DAY);
        net.log_in_again(&app).await;
        rounds(&net, "month_12", "2027-04-01", 12).await;
        let institution = &net.scene.institution;
        let exports = net.compared("exports").await;
        assert_eq!((&exports["withheld"], &exports["firms"], &exports["mean_after"]), (&json!("fewer_than_five"), &Value::Null, &Value::Null));
        // Nine in the first network, six in the second, of which four are in no other: told beside the first, the whole
        // programme would give these four away.
        let all = format!("{}/indicators", net.scene.programme);
        let of = async |network: &str| row(institution, &all, "employment", json!(network.rsplit('/').next())).await;
        let (first, other) = (of(&net.network).await, of(&second).await);
        assert_eq!((&first["withheld"], &first["firms"]), (&Value::Null, &json!(9)));
        assert_eq!((&other["withheld"], &other["firms"]), (&Value::Null, &json!(6)));
        let items = institution.get(&all).await.expect(200);
        let total = items.body["items"].as_array().unwrap().iter()
            .find(|item| item["network"].is_null() && item["indicator"] == "employment" && item["moment"] == "month_12").unwrap().clone();
        // The total is that of before the second network: the present one is withheld.
        assert_eq!((&total["firms"], &total["mean_before"]), (&json!(9), &json!("14")));
        // The same row, whoever asks for which list.
        assert_eq!(net.compared("employment").await, first);
        // An officer of no network reads of the whole programme alone.
        let officer = app.person(institution.organisation(), Kind::Institution, Role::Officer).await;
        let seen = officer.get(&all).await.expect(200);
        let items = seen.body["items"].as_array().unwrap();
        assert!(!items.is_empty() && items.iter().all(|item| item["network"].is_null()), "{:#}", seen.body);
    }

    async fn what_is_on_record_is_computed_then_with_what_it_comes_from(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let supplier = &net.suppliers[0];
        net.scene.sells(supplier, &net.buyer, "250").await;
        let certificate = json!({ "scheme": "ISO 9001:2015", "number": "QMS-1", "issuer": "Certificadora", "scope": "Torneado",
            "issued_on": "2025-03-10", "expires_on": "2026-03-01" });
        supplier.post("/profile/certificates", certificate).await.expect(201);
        let round = net.round("baseline", "2026-04-01").await;
        let known = async |indicator: &str| {
            let found = asked(supplier, &round, indicator).await;
            let read = supplier.get(&format!("/measurements/{}", found["id"].as_str().unwrap())).await.expect(200);
            (read.text("state"), read.body["value"].clone(), read.body["answers"][0]["basis"]["from"].clone())
        };
        assert_eq!(known("sales").await, ("known".into(), json!("1000"), json!("sales_ledger")));
        assert_eq!(known("largest-buyer-share").await, ("known".into(), json!("25"), json!("sales_ledger")));
        assert_eq!(known("defects").await, ("known".into(), json!("400"), json!("diagnostics")));
        // The certificate ended yesterday: none is in force, which is known. Without a plan nobody knows of gaps closed.
        assert_eq!(known("certifications").await, ("known".into(), json!("0"), json!("certificates")));
        assert_eq!(known("gaps-closed").await, ("not_on_record".into(), Value::Null, Value::Null));
        assert_eq!(known("on-time").await, ("asked".into(), Value::Null, Value::Null));
        // What is on record nobody answers, and later records change nothing of it.
        assert_eq!(say(supplier, &round, "sales", json!({ "value": "9", "unit": "USD" })).await.expect(409).code(), "wrong-state");
        let etag = supplier.get(&format!("/organisations/{}/profile", supplier.organisation())).await.expect(200).etag();
        let sales = json!({ "annual_sales": { "amount": "5000", "currency": "USD" }, "as_of": "2026-03-01" });
        supplier.put_if("/profile/sales", &etag, sales).await.expect(200);
        assert_eq!(known("sales").await.1, json!("1000"));
    }

    async fn a_round_of_an_earlier_day_knows_no_plan_that_was_agreed_on_later(app: TestApp) {
        let planned = plans::Scene::set(&app).await;
        let network = planned.institution.network(&planned.programme, &planned.lead_firm).await;
        planned.institution.select(&network, &planned.lead_firm, &planned.supplier).await;
        planned.agreed().await;
        let known = async |moment: &str, as_of: &str| {
            let body = json!({ "moment": moment, "as_of": as_of, "due_on": "2026-04-01" });
            let opened = planned.institution.post(&format!("{network}/measurement-rounds"), body).await.expect(201);
            let round = format!("/measurement-rounds/{}", opened.text("id"));
            let mut states = Vec::new();
            for indicator in ["gaps-closed", "cofunding"] {
                states.push(asked(&planned.supplier, &round, indicator).await["state"].clone());
            }
            states
        };
        // Both firms have signed on 2 March.
        assert_eq!(known("baseline", "2026-03-01").await, [json!("not_on_record"), json!("not_on_record")]);
        assert_eq!(known("month_12", "2026-03-02").await, [json!("known"), json!("known")]);
    }

    async fn every_fault_of_a_round_and_an_answer_is_told(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let (institution, supplier) = (&net.scene.institution, &net.suppliers[0]);
        let rounds = format!("{}/measurement-rounds", net.network);
        let refused = institution.post(&rounds, json!({ "moment": "soon", "colour": 1 })).await.expect(422);
        assert_eq!(refused.faults(), ["/colour unknown-field", "/due_on required", "/moment unknown-word"]);
        let body = json!({ "moment": "baseline", "as_of": "2026-03-03", "due_on": "2026-03-01" });
        assert_eq!(institution.post(&rounds, body).await.expect(422).faults(), ["/as_of in-the-future", "/due_on in-the-past"]);
        let round = net.round("baseline", "2026-04-01").await;
        let body = json!({ "moment": "baseline", "due_on": "2026-04-01" });
        assert_eq!(institution.post(&rounds, body).await.expect(422).faults(), ["/moment moment-measured-already"]);
        let body = json!({ "moment": "month_12", "as_of": "2026-03-01", "due_on": "2026-04-01" });
        assert_eq!(institution.post(&rounds, body).await.expect(422).faults(), ["/as_of moments-out-of-order"]);

        let wrong = say(supplier, &round, "employment", json!({ "value": "2000000", "unit": "USD" })).await.expect(422);
        assert_eq!(wrong.faults(), ["/unit other-unit", "/value out-of-range"]);
        let wrong = say(supplier, &round, "employment", json!({ "value": "3", "unit": "persons", "unknown": "confidential" })).await;
        assert_eq!(wrong.expect(422).faults(), ["/unknown known-and-unknown"]);
        // Of the reasons that may be given, the service's own is none.
        let wrong = say(supplier, &round, "employment", json!({ "unknown": "perhaps" })).await.expect(422);
        let detail = wrong.text("errors/0/detail");
        assert_eq!(wrong.faults(), ["/unknown unknown-word"]);
        assert!(detail.contains("not_measured") && !detail.contains("not_on_record"), "{detail}");
        // The institution reports whether the firm survives, and not what the firm reports.
        assert_eq!(say(supplier, &round, "survival", json!({ "value": "1", "unit": "yes_no" })).await.expect(409).code(), "measurement-of-another");
        assert_eq!(employ(institution, &round, "3").await.expect(409).code(), "measurement-of-another");
        say(institution, &round, "survival", json!({ "value": "1", "unit": "yes_no" })).await.expect(200);
        let question = asked(supplier, &round, "employment").await;
        let path = format!("/measurements/{}/answer", question["id"].as_str().unwrap());
        supplier.put(&path, json!({ "unknown": "confidential" })).await.expect(428);
        supplier.put_if(&path, "\"7\"", json!({ "unknown": "confidential" })).await.expect(412);

        let empty = institution.post(&format!("{}/networks", net.scene.programme), json!({ "model": "organised_suppliers", "name": "Sola" })).await;
        let empty = format!("/networks/{}/measurement-rounds", empty.expect(201).text("id"));
        let body = json!({ "moment": "baseline", "due_on": "2026-04-01" });
        assert_eq!(institution.post(&empty, body).await.expect(409).code(), "nobody-to-measure");
    }

    async fn a_firm_sees_what_is_measured_of_itself_and_nothing_of_others(app: TestApp) {
        let net = Net::of(&app, 2).await;
        let round = net.round("baseline", "2026-04-01").await;
        employ(&net.suppliers[0], &round, "10").await.expect(200);
        let firms = async |client: &Client| {
            let listed = client.get("/measurements?limit=100").await.expect(200);
            let items = listed.body["items"].as_array().unwrap().iter();
            let mut firms: Vec<_> = items.map(|item| item["firm"].as_str().unwrap().to_owned()).collect();
            firms.sort();
            firms.dedup();
            firms
        };
        for own in [&net.suppliers[0], &net.suppliers[1], &net.buyer] {
            assert_eq!(firms(own).await, [own.organisation().to_string()]);
        }
        assert_eq!(firms(&net.scene.institution).await.len(), 3);
        let path = format!("/measurements/{}", asked(&net.suppliers[0], &round, "employment").await["id"].as_str().unwrap());
        let officer = app.person(net.scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        for stranger in [&net.suppliers[1], &net.buyer, &officer, &app.institution().await] {
            stranger.get(&path).await.expect(404);
        }
        // An officer who is assigned to the network sees it, and answers in nobody's name.
        let me = officer.get("/me").await.expect(200).text("account/id");
        net.scene.institution.put(&format!("{}/officers/{me}", net.network), json!({})).await.expect(204);
        assert_eq!(officer.get(&path).await.expect(200).text("value"), "10");
        officer.get(&round).await.expect(200);
    }
}
