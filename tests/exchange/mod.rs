//! What comes in from elsewhere, through the command that an operator types.

mod bulk;
mod chilecompra;
pub mod commands;
mod intake;
mod lists;
mod open_data;
mod unspsc;

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use eslabon::{
    exchange::{self, ImportOcds, ocds},
    foundation::{access::Actor, ids::Ids},
};
use serde_json::{Value, json};

use crate::{approvals::days::TO_THE_LAST_EVENING, matching::scene::Scene};

/// Real data beside the checkout; said loudly when it is not there.
fn real_data(path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let found = beside.join(path);
    if !found.exists() {
        eprintln!("SKIPPED: the real data {} are not there", found.display());
        return None;
    }
    Some(found)
}

pub struct Desk(PathBuf);

impl Desk {
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("eslabon-import-{}", Ids::system().secret()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn run(&self, args: &[&str]) -> Output {
        let url = format!("sqlite:{}", self.path("db.sqlite"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_eslabon"));
        command.args(args).env("DATABASE_URL", url).current_dir(&self.0).output().unwrap()
    }

    fn import(&self, files: &[&str]) -> (bool, String) {
        let output = self.run(&[&["import", "ocds"], files].concat());
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    fn solve(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["solve", "--json"], args].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small record of ours: one buyer, two suppliers of one family, three lots.
fn record() -> Value {
    let item = |id: &str, code: &str, quantity: u32| {
        json!({ "id": id, "description": id, "quantity": quantity,
            "classification": { "scheme": "UNSPSC", "id": code } })
    };
    let contract = |id: &str, supplier: &str, amount: u32, code: &str, price: u32| {
        json!({ "id": id, "awardID": id, "dateSigned": "2025-05-02T00:00:00Z", "status": "active",
            "value": { "amount": amount, "currency": "PYG" },
            "suppliers": [{ "name": supplier, "identifier": { "scheme": "PY-RUC", "id": supplier } }],
            "items": [{ "id": "x", "quantity": amount / price,
                "classification": { "scheme": "UNSPSC", "id": code },
                "unit": { "value": { "amount": price, "currency": "PYG" } } }] })
    };
    json!({
        "ocid": "ocds-test-1", "id": "1", "date": "2025-06-01T00:00:00Z", "tag": ["compiled"], "initiationType": "tender",
        "buyer": { "name": "Hospital Regional", "identifier": { "scheme": "PY-RUC", "id": "80000358-6" } },
        "tender": { "id": "t", "title": "Guantes y gasas",
            "items": [item("guantes", "42132203-001", 100), item("gasas", "42311511-001", 50), item("papel", "14111507-001", 10)] },
        "contracts": [
            contract("c1", "80026564-5", 900_000, "42132203-001", 900),
            contract("c2", "80015056-2", 100_000, "42311511-001", 2_000),
        ],
    })
}

#[test]
fn a_record_goes_into_the_database_once() {
    let desk = Desk::new();
    let file = desk.path("record.json");
    std::fs::write(&file, record().to_string()).unwrap();
    let (done, said) = desk.import(&[&file]);
    assert!(done, "{said}");
    assert!(said.contains("3 lots, 2 suppliers"), "{said}");
    assert!(said.contains("90.0 %") && said.contains("10.0 %") && said.contains("HHI 8200"), "{said}");
    let (done, said) = desk.import(&[&file]);
    assert!(
        !done && said.contains("has this record already") && said.contains("0 imported, 1 refused"),
        "{said}"
    );
}

#[test]
fn each_line_of_json_lines_goes_in_by_itself() {
    let desk = Desk::new();
    let mut other = record();
    other["ocid"] = json!("ocds-test-2");
    let file = desk.path("records.jsonl");
    std::fs::write(&file, format!("{}\n{{\"ocid\":\n\n{other}\n", record())).unwrap();
    let (done, said) = desk.import(&[&file]);
    assert!(done && said.contains("2 imported, 1 refused."), "{said}");
    assert!(said.contains("REFUSED line 2: "), "{said}");
    let (done, said) = desk.import(&[&file]);
    assert!(
        !done && said.contains("line 4: ocds-test-2: ") && said.contains("0 imported, 3 refused."),
        "{said}"
    );
}

#[test]
fn a_document_is_fetched_by_its_address() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/record.json", server.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let body = record().to_string();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    });
    let desk = Desk::new();
    let (done, said) = desk.import(&[&address]);
    serving.join().unwrap();
    assert!(done, "{said}");
    let (done, said) = desk.import(&["http://127.0.0.1:1/nothing"]);
    assert!(!done && said.contains("could not be fetched"), "{said}");
}

#[test]
fn what_can_not_be_used_is_refused_with_a_reason_and_nothing_is_written() {
    let desk = Desk::new();
    let mut nobody = record();
    nobody.as_object_mut().unwrap().remove("buyer");
    for (name, content) in [
        ("empty.json", Vec::new()),
        ("binary.json", vec![0xff; 512]),
        ("deep.json", "[".repeat(100_000).into_bytes()),
        ("other.json", b"{\"hello\": 1}".to_vec()),
        ("nobody.json", nobody.to_string().into_bytes()),
    ] {
        let file = desk.path(name);
        std::fs::write(&file, content).unwrap();
        let (done, said) = desk.import(&[&file]);
        assert!(
            !done && said.contains("REFUSED") && said.contains("0 imported, 1 refused"),
            "{name}: {said}"
        );
    }
    let (done, said) = desk.import(&[&desk.path("missing.json")]);
    assert!(!done && said.contains("can't be read"), "{said}");
}

#[test]
fn an_instance_of_a_record_awards_nothing_while_sales_are_undisclosed() {
    let desk = Desk::new();
    let (file, case) = (desk.path("record.json"), desk.path("case"));
    std::fs::write(&file, record().to_string()).unwrap();
    assert!(desk.import(&[&file, "--instance", &case]).0);
    let result = desk.solve(&[&case]);
    assert_eq!(result["awards"], json!([]));
    assert!(
        result["dependency"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["binding"] == true && row["after"].is_null())
    );
    let (_, said) = desk.import(&[&file, "--instance", &case]);
    assert!(said.contains("is not empty"), "{said}");
}

#[test]
fn existing_sales_use_up_an_allowance() {
    let desk = Desk::new();
    let (file, case) = (desk.path("record.json"), desk.path("case"));
    std::fs::write(&file, record().to_string()).unwrap();
    // The second supplier sells 100,000 already: 150,000 leave it 50,000, and the first one nothing.
    assert!(desk.import(&[&file, "--instance", &case, "--allowance", "150000"]).0);
    let result = desk.solve(&[&case]);
    let awards = result["awards"].as_array().unwrap();
    assert!(!awards.is_empty());
    assert!(awards.iter().all(|award| award["supplier"] == "80015056-2"), "{awards:?}");
    let amount: f64 =
        awards.iter().map(|award| award["amount"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    assert!(amount <= 50_000.0, "{amount}");
}

#[test]
fn the_real_record_reads_as_it_should() {
    let Some(file) = real_data("ocds/155220.json") else { return };
    let desk = Desk::new();
    let case = desk.path("case");
    let (done, said) = desk.import(&[&file.display().to_string(), "--instance", &case]);
    assert!(done, "{said}");
    for expected in [
        "51 tender items, 7 suppliers, 7 contracts",
        "626953284 PYG",
        "HHI 1836",
        "51 lots, 7 suppliers",
        "22.3 %",
        "21.1 %",
        "20.4 %",
        "19.3 %",
        "6.6 %",
        "6.4 %",
        "3.8 %",
        "award-differs",
        "schema-for-scheme",
        "80026564-5",
    ] {
        assert!(said.contains(expected), "{expected} is missing in:\n{said}");
    }
    let result = desk.solve(&[&case]);
    assert_eq!(result["awards"], json!([]));
}

#[test]
fn every_european_release_imports_or_is_refused_with_a_reason() {
    let Some(folder) = real_data("ocds/ted") else { return };
    let files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path().display().to_string()).collect();
    assert_eq!(files.len(), 100);
    let desk = Desk::new();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (_, said) = desk.import(&files);
    let last = said.lines().last().unwrap();
    let counts: Vec<usize> = last.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 100, "{last}");
    println!("{last}");
    let reasons = said.lines().filter(|line| line.trim_start().starts_with("REFUSED")).count();
    assert_eq!(reasons, counts[1]);
}

on_both_engines! {
    async fn sales_of_no_known_day_are_of_the_programmes_day(app: TestApp) {
        let scene = Scene::with(&app, json!({ "time_zone": "America/Santiago" })).await;
        let mut undated = record();
        undated.as_object_mut().unwrap().remove("date");
        for contract in undated["contracts"].as_array_mut().unwrap() {
            contract.as_object_mut().unwrap().remove("dateSigned");
            contract["value"]["currency"] = json!("USD");
            contract["items"][0]["unit"]["value"]["currency"] = json!("USD");
        }
        let reading = ocds::read(undated.to_string().as_bytes()).unwrap();
        app.base.clock.advance(TO_THE_LAST_EVENING);
        let service = Actor::system(scene.institution.organisation());
        let programme = scene.id.parse().unwrap();
        let written = app.base.transact(service.may::<ImportOcds>().unwrap(), async |w| {
            let imported = exchange::store::import(&w, programme, &reading.procurements[0], None).await?;
            Ok(w.done(imported))
        });
        assert_eq!(written.await.unwrap().as_of, None);
        let firms = scene.institution.get("/organisations?kind=supplier").await.expect(200);
        let seller = firms.text("items/0/id");
        let profile = scene.institution.get(&format!("/organisations/{seller}/profile")).await.expect(200);
        assert_eq!(profile.text("buyer_sales/0/as_of"), "2026-03-10");
    }
}
