//! kill -9 at random moments, under load: what was acknowledged is there, everything else wholly or not at all.
//!
//! A few rounds run with every test run; `make soak` says how many with `ESLABON_CRASH_ROUNDS`. Each round starts the
//! service on the same database, lets writers write, runs be solved and webhooks be called, and kills it; some rounds kill a
//! migration of an empty database. Nobody tidies up in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use eslabon::foundation::{
    audit::{checkpoint::Folder, log, verify},
    clock::Clock,
    db,
    ids::Ids,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::{Process, by_the_machines_clock};
use crate::{
    matching::scene::Scene,
    support::{Client, Database, Engine, TestApp, count},
};

/// Writers at once.
const WRITERS: usize = 4;

fn rounds() -> u32 {
    count("ESLABON_CRASH_ROUNDS").unwrap_or(4)
}

/// What a writer knows of its writes.
#[derive(Default)]
pub(super) struct Ledger {
    /// The ids that were acknowledged, by their key.
    pub(super) acknowledged: BTreeMap<String, String>,
    /// Keys that were sent and of which nothing was heard.
    pub(super) open: BTreeSet<String>,
    /// How many answers were lost on the way: their effect was there, and the repetition was told of it.
    lost_answers: usize,
}

/// A receiver of webhooks; the ids of things of which it was told.
async fn receiver() -> (String, Arc<Mutex<BTreeSet<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    let told = Arc::new(Mutex::new(BTreeSet::new()));
    let keeps = told.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = keeps.clone();
            tokio::spawn(async move {
                if let Some((_, body)) = message(&mut stream).await
                    && let Ok(body) = serde_json::from_str::<Value>(&body)
                {
                    told.lock().unwrap().insert(body["data"]["id"].as_str().unwrap_or_default().to_owned());
                    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
                }
            });
        }
    });
    (address, told)
}

/// Head and body of an HTTP message; `None` when it ends before.
pub(super) async fn message(stream: &mut TcpStream) -> Option<(String, String)> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0_usize);
            if body.len() >= length {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A request as it goes over the wire.
pub(super) fn request(address: &str, path: &str, token: &str, key: &str, body: &Value) -> String {
    let body = body.to_string();
    let who = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: {address}\r\n{who}idempotency-key: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The status and the body of an answer; `None` when the service died on the way.
pub(super) async fn post(
    address: &str,
    path: &str,
    token: &str,
    key: &str,
    body: &Value,
) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request(address, path, token, key, body).as_bytes()).await.ok()?;
    let (head, body) = message(&mut stream).await?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(&body).ok()?))
}

/// The scene of the crime: a supplier that gives mandates to an institution, which a program of its is told of.
pub(super) struct Place {
    pub(super) app: TestApp,
    pub(super) scene: Scene,
    pub(super) supplier: Client,
    told: Arc<Mutex<BTreeSet<String>>>,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    until: String,
}

impl Place {
    pub(super) async fn set(app: TestApp) -> Self {
        let app = by_the_machines_clock(app).reaching_private();
        let scene = Scene::with(&app, json!({ "ends_on": "2099-12-31" })).await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let supplier = scene.supplier(&app, "1000").await;
        scene.requirement(&buyer, &[crate::matching::scene::lot(10, "5")]).await;
        let (address, told) = receiver().await;
        scene.institution.post("/webhooks", json!({ "url": address })).await.expect(201);
        let until = Clock::System.now().day().plus_days(300).to_string();
        Self { app, scene, supplier, told, ledger: Arc::default(), until }
    }

    pub(super) fn mandate(&self, key: &str) -> Value {
        json!({ "institution": self.scene.institution.organisation(), "scope": "diagnostic", "purpose": key,
            "until": self.until })
    }

    /// Writes until the service is gone.
    fn writer(&self, address: String, name: String) -> tokio::task::JoinHandle<()> {
        let (ledger, token) = (self.ledger.clone(), self.supplier.token().to_owned());
        let template = self.mandate("");
        tokio::spawn(async move {
            for number in 0_u32.. {
                let (key, mut body) = (format!("{name}-{number:05}"), template.clone());
                body["purpose"] = json!(key);
                ledger.lock().unwrap().open.insert(key.clone());
                match post(&address, "/mandates", &token, &key, &body).await {
                    Some((201, made)) => ledger.lock().unwrap().acknowledge(key, &made),
                    // Busy, or about to die: it is tried again after the round, under the same key.
                    Some(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    None => return,
                }
            }
        })
    }

    /// What was open is sent again, under the same keys: now each has one effect.
    pub(super) async fn settle(&self, address: &str) {
        let open: Vec<_> = self.ledger.lock().unwrap().open.iter().cloned().collect();
        let written = self.written().await;
        for key in open {
            let token = self.supplier.token();
            let (status, made) = post(address, "/mandates", token, &key, &self.mandate(&key)).await.unwrap();
            assert_eq!(status, 201, "{made:#}");
            let mut ledger = self.ledger.lock().unwrap();
            if let Some(id) = written.get(&key) {
                assert_eq!(made["id"], json!(id), "{key} has its effect, and a second answer");
                ledger.lost_answers += 1;
            }
            ledger.acknowledge(key, &made);
        }
    }

    /// The mandates that are there, by their key.
    async fn written(&self) -> BTreeMap<String, Uuid> {
        let db = self.app.base.db.reads();
        let sql = "SELECT purpose, id FROM mandates".to_owned();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| (row.try_get("", "purpose").unwrap(), row.try_get("", "id").unwrap())).collect()
    }

    async fn rows(&self, sql: &str) -> Vec<(String, i64)> {
        let db = self.app.base.db.reads();
        let statement = Statement::from_string(db.get_database_backend(), sql.to_owned());
        let rows = db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| (row.try_get("", "k").unwrap(), row.try_get("", "n").unwrap())).collect()
    }

    /// Waits until PostgreSQL has ended what it was at when its client died: it commits what it was told to commit.
    async fn ended(&self) {
        let pool = &self.app.base.db;
        let at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'";
        let began = Instant::now();
        while pool.engine() == db::Engine::Postgres && super::outages::number(pool.reads(), at_work).await > 0
        {
            assert!(began.elapsed() < Duration::from_secs(10), "somebody is still at work");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Between rounds, before anybody repairs anything.
    pub(super) async fn check(&self) {
        self.ended().await;
        let (written, mandates) =
            (self.written().await, self.rows("SELECT 'x' AS k, count(*) AS n FROM mandates").await[0].1);
        let trail: i64 = self
            .rows("SELECT 'x' AS k, count(*) AS n FROM audit_entries WHERE operation = 'mandates.give'")
            .await[0]
            .1;
        assert_eq!(
            i64::try_from(written.len()).unwrap(),
            trail,
            "a mandate without its entry, or an entry without its mandate"
        );
        assert_eq!(i64::try_from(written.len()).unwrap(), mandates, "something has two effects");
        {
            let ledger = self.ledger.lock().unwrap();
            for (key, id) in &ledger.acknowledged {
                let there = written.get(key).map(Uuid::to_string);
                assert_eq!(there.as_deref(), Some(id.as_str()), "{key} was acknowledged and is gone");
            }
            for key in written.keys() {
                assert!(
                    ledger.acknowledged.contains_key(key) || ledger.open.contains(key),
                    "{key} was never sent"
                );
            }
        }
        let records = self
            .rows("SELECT 'x' AS k, count(*) AS n FROM idempotency_records WHERE operation = 'mandates.give'")
            .await[0]
            .1;
        assert_eq!(records, trail, "an answer without its effect, or an effect without its answer");
        let report = self.verified().await;
        assert!(report.faults.is_empty(), "{:?}", report.faults);
    }

    async fn verified(&self) -> verify::Report {
        let folder = Folder::new(self.app.base.config.audit_dir());
        let key = folder.signer(&self.app.base.ids).unwrap().verifier().clone();
        let last = folder.last().unwrap().map(|last| (last.note, "kept".to_owned()));
        verify::database(self.app.base.db.reads(), vec![key], last.as_slice()).await.unwrap()
    }

    /// Everything that is due is done, and everybody was told.
    pub(super) async fn drained(&self) {
        // Four couriers, two at once for an organisation.
        let patience = Duration::from_secs(180 + self.ledger.lock().unwrap().acknowledged.len() as u64 / 5);
        let began = Instant::now();
        let left = "SELECT kind AS k, count(*) AS n FROM jobs WHERE state IN ('queued', 'running') AND kind IN \
            ('webhooks.call', 'matching.solve') GROUP BY kind";
        loop {
            let missing: Vec<_> = {
                let (ledger, told) = (self.ledger.lock().unwrap(), self.told.lock().unwrap());
                ledger.acknowledged.values().filter(|id| !told.contains(*id)).cloned().collect()
            };
            let jobs = self.rows(left).await;
            if missing.is_empty() && jobs.is_empty() {
                return;
            }
            assert!(began.elapsed() < patience, "not told of {missing:?}; left: {jobs:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Ledger {
    pub(super) fn acknowledge(&mut self, key: String, made: &Value) {
        self.open.remove(&key);
        self.acknowledged.insert(key, made["id"].as_str().unwrap().to_owned());
    }
}

/// A migration of an empty database, killed after a moment, and done again until it is done.
async fn migration_killed(engine: Engine, ids: &Ids) {
    let database = Database::unmigrated(engine).await.unwrap();
    let migrate = || -> Child {
        Command::new(env!("CARGO_BIN_EXE_eslabon"))
            .arg("migrate")
            .env("DATABASE_URL", database.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    for _ in 0..2 {
        let mut child = migrate();
        tokio::time::sleep(Duration::from_millis(u64::from(ids.bytes::<1>()[0]) * 4)).await;
        let _ = child.kill();
        child.wait().unwrap();
        let db = database.connect().await;
        // All of it or nothing.
        if db.check_tables().await.is_err() {
            let made = db.reads().execute_unprepared("SELECT 1 FROM audit_entries").await;
            assert!(made.is_err(), "a part of the tables is there");
        }
        db.close().await.unwrap();
    }
    assert!(migrate().wait().unwrap().success());
    database.connect().await.check_tables().await.unwrap();
}

on_both_engines! {
    async fn whatever_is_killed_when_nothing_acknowledged_is_lost(app: TestApp) {
        let engine = if app.url().starts_with("sqlite") { Engine::Sqlite } else { Engine::Postgres };
        let (place, ids, began) = (Place::set(app).await, Ids::system(), Instant::now());
        let serve = || Process::serve(&place.app, &["--reach-private", "--workers", "1", "--limit-writes", "0"]);
        let (mut kills, mut runs) = (0, 0);
        for round in 0..rounds() {
            let mut process = serve();
            // It writes again.
            place.settle(&process.address).await;
            let writers: Vec<_> = (0..WRITERS).map(|writer| place.writer(process.address.clone(), format!("r{round:04}-{writer}"))).collect();
            if round % 4 == 1 {
                let body = json!({ "name": format!("Corrida {round}") });
                let path = format!("{}/runs", place.scene.programme);
                post(&process.address, &path, place.scene.institution.token(), &format!("run-{round}"), &body).await;
                runs += 1;
            }
            let chance = u16::from_be_bytes(ids.bytes());
            tokio::time::sleep(Duration::from_millis(u64::from(chance) % 1_200)).await;
            process.child.kill().unwrap();
            process.child.wait().unwrap();
            kills += 1;
            for writer in writers {
                writer.await.unwrap();
            }
            place.check().await;
            if round % 4 == 3 {
                migration_killed(engine, &ids).await;
                kills += 2;
            }
        }
        let process = serve();
        place.settle(&process.address).await;
        place.drained().await;
        drop(process);
        place.check().await;
        log::keep(&place.app.base).await.unwrap();
        let report = place.verified().await;
        assert_eq!((report.faults, report.waiting), (vec![], 0));
        let ledger = place.ledger.lock().unwrap();
        eprintln!(
            "{engine:?}: {kills} kills in {} rounds, {} writes acknowledged, {} of them by a repetition as the answer was lost, \
             {runs} runs, {} told, {} entries verified, {:?}",
            rounds(), ledger.acknowledged.len(), ledger.lost_answers, place.told.lock().unwrap().len(), report.placed, began.elapsed()
        );
        assert!(!ledger.acknowledged.is_empty() && ledger.open.is_empty());
    }

    /// Whoever asked has heard nothing: the service dies when the effect is there and the answer has not been read.
    async fn an_answer_survives_a_kill_between_the_effect_and_the_answer(app: TestApp) {
        let place = Place::set(app).await;
        let mut process = Process::serve(&place.app, &["--limit-writes", "0"]);
        let request = request(&process.address, "/mandates", place.supplier.token(), "mandate-1-of-1", &place.mandate("mandate-1-of-1"));
        place.ledger.lock().unwrap().open.insert("mandate-1-of-1".to_owned());
        let mut unheard = TcpStream::connect(&process.address).await.unwrap();
        unheard.write_all(request.as_bytes()).await.unwrap();
        let began = Instant::now();
        while place.written().await.is_empty() {
            assert!(began.elapsed() < Duration::from_secs(20), "there is no effect");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        drop(unheard);
        let written = place.written().await;
        let process = Process::serve(&place.app, &["--limit-writes", "0"]);
        for _ in 0..2 {
            let again = post(&process.address, "/mandates", place.supplier.token(), "mandate-1-of-1", &place.mandate("mandate-1-of-1")).await;
            let (status, made) = again.unwrap();
            assert_eq!((status, &made["id"]), (201, &json!(written["mandate-1-of-1"])), "{made:#}");
        }
        place.check().await;
        assert_eq!(place.written().await, written);
    }
}
