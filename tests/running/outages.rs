//! The database goes away, under load: its connections are killed, and the server itself stops.
//!
//! A few rounds run with every test run; `make soak` says how many with `ESLABON_OUTAGES`, and stops the server too, which
//! nobody else uses then: `.ci/postgres` says how with `ESLABON_TEST_POSTGRES_CONTROL`.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use eslabon::foundation::{db::Db, ids::Ids};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Process,
    crash::{Place, message, request},
};
use crate::support::{Engine, TestApp, count, setting};

const WRITERS: usize = 6;
const READERS: usize = 2;
/// Nobody waits longer than this for an answer, whatever it is.
const BOUND: Duration = Duration::from_secs(20);
/// After so long the service works again.
const RECOVERY: Duration = Duration::from_secs(10);
/// Transactions in which nothing has happened for some seconds: a job that is at work has one for moments.
pub(super) const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '3 seconds'";
const KILL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
    AND pid <> pg_backend_pid()";

/// The one number that a query tells.
pub(super) async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql.to_owned());
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// What was answered to those who came.
#[derive(Default)]
struct Heard {
    statuses: BTreeMap<u16, usize>,
    longest: Duration,
    wrong: Vec<String>,
}

/// Asks, and judges the answer: done, or not now and when again. The status and the body; nothing when there was no answer.
async fn ask(address: &str, whole: &str, heard: &Mutex<Heard>) -> Option<(u16, Value)> {
    let began = Instant::now();
    let told = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(whole.as_bytes()).await.ok()?;
        message(&mut stream).await
    };
    let told = tokio::time::timeout(BOUND * 2, told).await.ok().flatten();
    let mut heard = heard.lock().unwrap();
    heard.longest = heard.longest.max(began.elapsed());
    let Some((head, body)) = told else {
        heard.wrong.push(format!("no answer after {:?}", began.elapsed()));
        return None;
    };
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    *heard.statuses.entry(status).or_default() += 1;
    let says_when = head.to_lowercase().contains("\r\nretry-after: ");
    let json: Value = serde_json::from_str(&body).unwrap_or_default();
    let is_busy = status == 409 && json["code"] == "busy";
    if !(matches!(status, 200 | 201) || status == 503 && says_when || is_busy) {
        heard.wrong.push(format!("{head}\n{body}"));
    }
    Some((status, json))
}

fn reading(address: &str, path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    )
}

/// Writes under a key until it is acknowledged, then under the next.
fn writer(
    place: &Place,
    address: String,
    name: String,
    heard: Arc<Mutex<Heard>>,
    stop: Arc<AtomicBool>,
) -> tokio::task::JoinHandle<()> {
    let (ledger, token, template) =
        (place.ledger.clone(), place.supplier.token().to_owned(), place.mandate(""));
    tokio::spawn(async move {
        for number in 0_u32.. {
            let (key, mut body) = (format!("writer-{name}-{number:05}"), template.clone());
            body["purpose"] = key.clone().into();
            ledger.lock().unwrap().open.insert(key.clone());
            loop {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                match ask(&address, &request(&address, "/mandates", &token, &key, &body), &heard).await {
                    Some((201, made)) => break ledger.lock().unwrap().acknowledge(key, &made),
                    _ => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        }
    })
}

/// How long it takes until somebody who asks again and again is answered.
async fn recovered(place: &Place, address: &str, key: &str, heard: &Mutex<Heard>) -> Duration {
    let began = Instant::now();
    let whole = request(address, "/mandates", place.supplier.token(), key, &place.mandate(key));
    place.ledger.lock().unwrap().open.insert(key.to_owned());
    loop {
        if let Some((201, made)) = ask(address, &whole, heard).await {
            place.ledger.lock().unwrap().acknowledge(key.to_owned(), &made);
            return began.elapsed();
        }
        assert!(began.elapsed() < RECOVERY, "{:?}", heard.lock().unwrap().wrong);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn server(control: &str, what: &str) {
    assert!(Command::new(control).arg(what).status().unwrap().success(), "{control} {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_the_database_answers_are_bounded_and_nothing_is_lost() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let rounds = count("ESLABON_OUTAGES").unwrap_or(3_u32);
    let control = setting("ESLABON_TEST_POSTGRES_CONTROL").filter(|_| setting("ESLABON_OUTAGES").is_some());
    // The throw-away server is fast and forgets the last moment when it is killed; here it must not.
    let name = app.url().rsplit('/').next().unwrap().to_owned();
    let durable = format!("ALTER DATABASE {name} SET synchronous_commit = on");
    app.base.db.reads().execute_unprepared(&durable).await.unwrap();
    let (place, ids) = (Place::set(app).await, Ids::system());
    let process = Process::serve(&place.app, &["--reach-private", "--workers", "1", "--limit-writes", "0"]);
    let (heard, stop) = (Arc::new(Mutex::new(Heard::default())), Arc::new(AtomicBool::new(false)));
    let mut clients: Vec<_> = (0..WRITERS)
        .map(|at| writer(&place, process.address.clone(), format!("w{at}"), heard.clone(), stop.clone()))
        .collect();
    for at in 0..READERS {
        let (address, heard, stop) = (process.address.clone(), heard.clone(), stop.clone());
        let path = ["/api/v1/mandates", "/login"][at % 2];
        let whole = reading(&address, path, place.supplier.token());
        clients.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                ask(&address, &whole, &heard).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }));
    }
    let (mut killed, mut restarts, mut slowest) = (0, 0, Duration::ZERO);
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(200 + u64::from(ids.bytes::<1>()[0]) * 2)).await;
        match &control {
            Some(control) if round % 5 == 4 => {
                server(control, "stop");
                tokio::time::sleep(Duration::from_millis(u64::from(ids.bytes::<1>()[0]) * 12)).await;
                server(control, "start");
                restarts += 1;
            }
            _ => {
                let admin = Db::connect(place.app.url()).await.unwrap();
                killed += number(admin.reads(), KILL).await;
                admin.close().await.unwrap();
            }
        }
        slowest =
            slowest.max(recovered(&place, &process.address, &format!("afterwards-{round:03}"), &heard).await);
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    place.settle(&process.address).await;
    if control.is_some() {
        place.drained().await;
    }
    place.check().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let db = place.app.base.db.reads();
    let connections =
        number(db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").await;
    assert_eq!(number(db, OPEN).await, 0, "a transaction is left open");
    // Twenty of the service and twenty of this test at most.
    assert!(connections <= 40, "{connections} connections");
    let heard = heard.lock().unwrap();
    let written = place.ledger.lock().unwrap().acknowledged.len();
    eprintln!(
        "{rounds} outages ({killed} connections killed, {restarts} restarts of the server): {written} writes acknowledged, \
         answers {:?}, the longest after {:?}, back after {slowest:?} at most, {connections} connections",
        heard.statuses, heard.longest
    );
    assert!(
        heard.wrong.is_empty(),
        "{} answers are wrong: {:#?}",
        heard.wrong.len(),
        &heard.wrong[..heard.wrong.len().min(3)]
    );
    assert!(heard.longest <= BOUND, "{:?}", heard.longest);
    assert!(written > 20 && killed > 0, "{written} written, {killed} killed: this shows little");
}
