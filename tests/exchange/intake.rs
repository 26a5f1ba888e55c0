//! Public records that an institution takes into its programme through the API.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    Desk,
    chilecompra::table,
    commands::{listening, run},
    record,
};
use crate::support::{Answer, Client};

async fn send(client: &Client, path: &str, file: impl Into<Vec<u8>>) -> Answer {
    client.send_raw(Method::POST, path, &[], Some(("application/json", file.into()))).await
}

/// The record, in the programme's currency, under another id where one is named.
fn in_currency(ocid: &str) -> String {
    record().to_string().replace("PYG", "CLP").replace("ocds-test-1", ocid)
}

/// `ocid outcome` of each record.
fn fates(answer: &Answer) -> Vec<String> {
    let text = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
    let records = answer.body["records"].as_array().unwrap().iter();
    records.map(|record| format!("{} {}", text(record, "ocid"), text(record, "outcome"))).collect()
}

/// `pointer code` of each problem.
fn problems(answer: &Answer) -> Vec<String> {
    let text = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
    let problems = answer.body["problems"].as_array().unwrap().iter();
    problems.map(|problem| format!("{} {}", text(problem, "pointer"), text(problem, "code"))).collect()
}

on_both_engines! {
    /// The story: a file with a faulty line, looked at, taken, sent again.
    async fn records_are_looked_at_taken_and_never_twice(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let (path, list) = (format!("{programme}/imports/ocds"), format!("/requirements?programme={}", programme.rsplit('/').next().unwrap()));
        let foreign = record().to_string().replace("ocds-test-1", "ocds-test-3");
        let file = format!("{}\n{{\"ocid\":\n{}\n{foreign}\n", in_currency("ocds-test-1"), in_currency("ocds-test-2"));

        let preview = send(&institution, &format!("{path}?preview=true"), file.clone()).await.expect(200);
        assert_eq!(fates(&preview), ["ocds-test-1 created", "ocds-test-2 created", "ocds-test-3 refused"]);
        assert_eq!(problems(&preview), ["/lines/2 not-json", "/records/2 other-currency-than-programme"]);
        assert_eq!((&preview.body["records"][0]["lots"], &preview.body["records"][0]["suppliers"]), (&json!(3), &json!(2)));
        assert!(preview.text("problems/1/detail").contains("ocds-test-3"), "{}", preview.text("problems/1/detail"));
        let warnings = preview.body["warnings"].as_array().unwrap();
        assert!(warnings.iter().any(|w| w["line"] == 1 && w["detail"] == "Sin ofertas: solo se conoce a los ganadores."), "{warnings:?}");
        for list in [&list, "/organisations?kind=supplier", &format!("{programme}/members")] {
            assert_eq!(institution.get(list).await.body["items"], json!([]), "a preview changes nothing: {list}");
        }

        let taken = send(&institution, &path, file.clone()).await.expect(200);
        assert_eq!(fates(&taken), fates(&preview));
        let requirement = taken.text("records/0/requirement");
        let read = institution.get(&format!("/requirements/{requirement}")).await.expect(200);
        assert_eq!((read.text("title"), read.text("state"), read.body["lots"].as_array().unwrap().len()), ("Guantes y gasas".into(), "closed".into(), 3));
        assert_eq!(institution.get(&list).await.body["items"].as_array().unwrap().len(), 2);

        let again = send(&institution, &path, file).await.expect(200);
        assert_eq!(fates(&again), ["ocds-test-1 unchanged", "ocds-test-2 unchanged", "ocds-test-3 refused"]);
        assert_eq!(institution.get(&list).await.body["items"].as_array().unwrap().len(), 2);

        let useless = send(&institution, &path, "{\"hello\": 1}").await.expect(422);
        assert_eq!((useless.code(), useless.faults()), ("nothing-imported".into(), vec!["/ not-ocds".to_owned()]));
        send(&app.institution().await, &path, in_currency("ocds-test-4")).await.expect(404);
        send(&app.supplier("Uno").await, &path, in_currency("ocds-test-4")).await.expect(403);
    }

    /// A record is no way to write about somebody who is here: neither what it sells, nor what it offers.
    async fn nothing_is_written_about_firms_that_others_speak_for(app: TestApp) {
        let (institution, other) = (app.institution().await, app.institution().await);
        let programme = institution.open_programme(&[]).await;
        let path = format!("{programme}/imports/ocds");
        // One of the record's suppliers has registered itself; the other institution has taken in the buyer.
        let firm = json!({ "kind": "supplier", "name": "Guantes del Sur", "country": "PY", "tax_id": "80026564-5" });
        let body = json!({ "organisation": firm, "privacy_notice": 1,
            "administrator": { "email": "ana@guantes.example", "name": "Ana Rojas", "password": "una frase larga y rara" } });
        app.anonymous().post("/organisations", body).await.expect(201);
        let theirs = other.open_programme(&[]).await;
        let table = "kind,name,country,tax_id\nlead_firm,Hospital Regional,PY,80000358-6\n";
        other.send_raw(Method::POST, &format!("{theirs}/imports/firms"), &[], Some(("text/csv", table.into()))).await.expect(200);

        let unknown = in_currency("ocds-test-2").replace("80000358-6", "80000519-7").replace("80026564-5", "80015056-2");
        let taken = send(&institution, &path, format!("{}\n{unknown}\n", in_currency("ocds-test-1"))).await.expect(200);
        assert_eq!(fates(&taken), ["ocds-test-1 refused", "ocds-test-2 created"]);
        assert_eq!(problems(&taken), ["/records/0 party-of-others", "/records/0 party-of-others"]);
        let list = format!("/requirements?programme={}", programme.rsplit('/').next().unwrap());
        assert_eq!(institution.get(&list).await.body["items"].as_array().unwrap().len(), 1);
    }

    /// A firm that a record calls by two numbers is one: what it sells counts together, and a file that was taken stays
    /// taken when its firms get people.
    async fn a_firm_of_two_numbers_is_one_and_what_is_there_stays(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let path = format!("{programme}/imports/ocds");
        let file = in_currency("ocds-test-1").replace("80015056-2", "800265645");
        let taken = send(&institution, &path, file.clone()).await.expect(200);
        assert_eq!((fates(&taken), &taken.body["records"][0]["suppliers"]), (vec!["ocds-test-1 created".to_owned()], &json!(1)));
        let firms = institution.get("/organisations?kind=supplier").await.expect(200);
        assert_eq!(firms.body["items"].as_array().unwrap().len(), 1);
        let supplier = firms.text("items/0/id");
        let profile = institution.get(&format!("/organisations/{supplier}/profile")).await.expect(200);
        assert_eq!(profile.text("buyer_sales/0/amount/amount"), "1000000");
        // One that is buyer and supplier at once is neither.
        let both = in_currency("ocds-test-2").replace("80015056-2", "80000358-6");
        let refused = send(&institution, &path, both).await.expect(422);
        assert_eq!(refused.faults(), ["/records/0 party-on-both-sides"]);
    }

    /// What a record says may be wrong by itself, or only today.
    async fn what_cannot_be_kept_is_refused_with_all_its_reasons(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let path = format!("{programme}/imports/ocds?preview=true");
        let with = |change: &dyn Fn(&mut Value)| {
            let mut record: Value = serde_json::from_str(&in_currency("ocds-test-1")).unwrap();
            change(&mut record);
            record.to_string()
        };
        let refused = async |file: String, path: &str| {
            let answer = send(&institution, path, file).await.expect(200);
            (fates(&answer), problems(&answer))
        };
        let as_of = |day: &str| format!("{path}&as_of={day}");
        let reasons = |codes: &[&str]| codes.iter().map(|code| format!("/records/0 {code}")).collect::<Vec<_>>();
        let one = |fate: &str| vec![format!("ocds-test-1 {fate}")];
        // A contract without a day counts always.
        let undated = with(&|record| {
            for contract in record["contracts"].as_array_mut().unwrap() { contract.as_object_mut().unwrap().remove("dateSigned"); }
        });
        assert_eq!(refused(undated, &as_of("2999-01-01")).await, (one("refused"), reasons(&["sales-to-come"])));
        // Without sales there is nothing of which the day could be wrong.
        let no_sales = with(&|record| { record.as_object_mut().unwrap().remove("contracts"); });
        assert_eq!(refused(no_sales, &as_of("2999-01-01")).await, (one("created"), reasons(&[])));
        let long = "x".repeat(3_000);
        let long = with(&|record| record["ocid"] = json!(format!("ocds-{long}")));
        let answer = send(&institution, &path, long).await.expect(200);
        assert_eq!(problems(&answer), reasons(&["id-too-long"]));
        let item = |at: usize| json!({ "id": format!("n{at}"), "quantity": 1, "classification": { "scheme": "UNSPSC", "id": "42132203" } });
        let many = with(&|record| record["tender"]["items"] = (0..501).map(item).collect());
        assert_eq!(refused(many, &path).await, (one("refused"), reasons(&["too-many-lots"])));
        let huge = with(&|record| record["tender"]["items"] = (0..2_501).map(item).collect());
        assert_eq!(refused(huge, &path).await, (one("refused"), reasons(&["record-too-large"])));
        let much = with(&|record| {
            for contract in record["contracts"].as_array_mut().unwrap() {
                for item in contract["items"].as_array_mut().unwrap() { item["unit"]["value"]["amount"] = json!(900_000_000_000_i64); }
            }
            for item in record["tender"]["items"].as_array_mut().unwrap() { item["quantity"] = json!(999_999_999); }
        });
        assert_eq!(refused(much, &path).await, (one("refused"), reasons(&["record-amounts-too-large"])));
        let lines = format!("{}\n{}", in_currency("ocds-test-1"), "1\n".repeat(500));
        assert_eq!(send(&institution, &path, lines).await.expect(200).body["problems"][0]["code"], "too-many-records");
    }

    /// What would be lost is refused: a record that stands in a file twice. And what was said once is not said otherwise by
    /// another programme.
    async fn a_record_counts_once_in_a_file_and_its_sales_once_in_all(app: TestApp) {
        let institution = app.institution().await;
        let (programme, other) = (institution.open_programme(&[]).await, institution.open_programme(&[]).await);
        let path = format!("{programme}/imports/ocds");
        let file = format!("{0}\n{0}\n", in_currency("ocds-test-1"));
        let key = [("idempotency-key", "registros")];
        let once = async || {
            let body = Some(("application/json", file.clone().into_bytes()));
            institution.send_raw(Method::POST, &path, &key, body).await.expect(200)
        };
        let first = once().await;
        assert_eq!((fates(&first), problems(&first)), (vec!["ocds-test-1 created".to_owned(), "ocds-test-1 refused".to_owned()], vec!["/records/1 record-repeated".to_owned()]));
        assert_eq!(once().await.body, first.body, "the same request has its first answer");

        let sales = async || {
            let firms = institution.get("/organisations?kind=supplier").await.expect(200);
            let supplier = firms.body["items"].as_array().unwrap().iter().find(|firm| firm["name"] == "80026564-5").unwrap();
            let profile = format!("/organisations/{}/profile", supplier["id"].as_str().unwrap());
            institution.get(&profile).await.expect(200).body["buyer_sales"].clone()
        };
        let before = sales().await;
        let taken = send(&institution, &format!("{other}/imports/ocds"), in_currency("ocds-test-1").replace("900000", "5")).await.expect(200);
        assert_eq!((fates(&taken), sales().await), (vec!["ocds-test-1 created".to_owned()], before));
    }

    async fn tenders_of_a_table_are_taken_and_what_names_no_buyer_is_not(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let path = format!("{programme}/imports/chilecompra");
        let preview = send(&institution, &format!("{path}?preview=true"), table()).await.expect(200);
        let expected = ["1057-3-LE21", "1057-4-LE21", "1057-5-LE21"];
        let with = |fates: [&str; 3]| expected.iter().zip(fates).map(|(code, fate)| format!("{code} {fate}")).collect::<Vec<_>>();
        assert_eq!((fates(&preview), problems(&preview)), (with(["created", "created", "refused"]), vec!["/records/2 record-without-buyer".to_owned()]));
        assert_eq!(fates(&send(&institution, &path, table()).await.expect(200)), fates(&preview));
        assert_eq!(fates(&send(&institution, &path, table()).await.expect(200)), with(["unchanged", "unchanged", "refused"]));
        let bad = send(&institution, &path, "a;b\n1;2\n").await.expect(422);
        assert_eq!(bad.faults(), ["/ not-chilecompra"]);
        let nothing = send(&institution, &format!("{path}?preview=true"), " \n").await.expect(422);
        assert_eq!(nothing.faults(), ["/ empty-file"]);
    }

    async fn the_command_line_takes_them_with_a_token(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let programme = programme.rsplit('/').next().unwrap();
        let (desk, address) = (Desk::new(), listening(&app).await);
        let (file, tenders) = (desk.path("record.json"), desk.path("tenders.csv"));
        std::fs::write(&file, in_currency("ocds-test-1")).unwrap();
        std::fs::write(&tenders, table()).unwrap();
        let eslabon = async |args: &[&str]| {
            let args = args.iter().map(|arg| (*arg).to_owned()).collect();
            let output = run(args, address.clone(), institution.token().to_owned()).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.success(), text(&output.stdout), text(&output.stderr))
        };
        let (done, _, said) = eslabon(&["import", "ocds", &file, "--remote"]).await;
        assert!(!done && said.contains("--programme"), "{said}");
        let (done, _, said) = eslabon(&["import", "ocds", &file, "--remote", "--programme", programme, "--instance", "x"]).await;
        assert!(!done && said.contains("--instance"), "{said}");
        let to = ["import", "ocds", &file, "--remote", "--programme", programme];
        let (done, said, sum) = eslabon(&[&to[..], &["--preview"]].concat()).await;
        assert!(done && said.contains("created ocds-test-1 Guantes y gasas: 3 lots, 2 suppliers") && sum.contains("1 would be imported, 0 there already, 0 refused."), "{said}{sum}");
        let (done, said, sum) = eslabon(&[&to[..], &["--json"]].concat()).await;
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert!(done && answer["records"][0]["outcome"] == "created" && answer["preview"] == false, "{said}{sum}");
        let (missing, other) = (desk.path("missing.csv"), desk.path("other.csv"));
        std::fs::write(&other, "a;b\n1;2\n").unwrap();
        let (done, said, sum) = eslabon(&["import", "chilecompra", &missing, &other, &tenders, "--remote", "--programme", programme]).await;
        assert!(!done && sum.contains("can't be read") && sum.contains("not-chilecompra") && sum.contains("nothing was imported from") && said.contains("REFUSED /records/2 record-without-buyer") && sum.contains("2 imported, 0 there already, 3 refused."), "{said}{sum}");
    }
}
