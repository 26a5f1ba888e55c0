//! Traces to a collector, where the feature is built in: `cargo test --features otel --test main telemetry`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use super::{Process, by_the_machines_clock, get};
use crate::support::{Engine, TestApp};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// So many requests that their spans are sent at once.
const BATCH: u32 = 600;

/// First lines and bodies of requests.
type Taken = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector that takes everything.
fn collector() -> (String, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let taken = Taken::default();
    let keeps = taken.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut first, mut length) = (String::new(), 0);
            stream.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                match line.trim().split_once(':') {
                    Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                        length = value.trim().parse().unwrap();
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            keeps.lock().unwrap().push((first.trim().to_owned(), body));
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
        }
    });
    (address, taken)
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        thread::park_timeout(Duration::from_millis(100));
    }
}

/// What `doctor` says of the collector.
fn diagnosed(app: &TestApp, collector: &str) -> String {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_eslabon"));
    doctor.args(["doctor", "--listen", "127.0.0.1:0", "--otlp-endpoint", collector]);
    let said =
        doctor.env("DATABASE_URL", app.url()).env("ESLABON_AUDIT_DIR", app.base.config.audit_dir()).output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    said.lines().find(|line| line.ends_with("the collector takes traces")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_of_its_callers_trace_and_holds_nothing_that_was_written() {
    let Some(app) = TestApp::start(Engine::Sqlite).await else { return };
    let app = by_the_machines_clock(app);
    let token = app.institution().await.token().to_owned();
    let (collector, taken) = collector();
    assert!(diagnosed(&app, &collector).starts_with("ok"));
    let mut process = Process::serve(&app, &["--otlp-endpoint", &collector]);
    let missing = "01890000-0000-7000-8000-000000000000";
    // Behind the token, headers of a caller who traces.
    let within = format!("{token}\r\ntraceparent: 00-{TRACE}-{CALLER}-01\r\ntracestate: a=secreto");
    let path = format!("/api/v1/requirements/{missing}?x=secreto");
    assert_eq!(get(&process.address, &path, &within).0, 404);
    assert_eq!(get(&process.address, "/login", "").0, 200);
    assert_eq!(get(&process.address, "/nothing/secreto", "").0, 404);
    let done = "eslabon_job_tries_total{kind=\"audit.checkpoint\",outcome=\"done\"}";
    wait_until("no job was done", || get(&process.metrics, "/metrics", "").1.contains(done));
    process.terminate();
    assert!(process.child.wait().unwrap().success());

    let taken = taken.lock().unwrap();
    let firsts: Vec<_> = taken.iter().map(|(first, _)| first.as_str()).collect();
    assert!(
        firsts.len() > 1 && firsts.iter().all(|first| *first == "POST /v1/traces HTTP/1.1"),
        "{firsts:?}"
    );
    let sent: Vec<u8> = taken.iter().flat_map(|(_, body)| body.clone()).collect();
    // As protobuf writes a span: its trace and its own id; its parent's id and its name.
    let (trace, caller) = (hex::decode(TRACE).unwrap(), hex::decode(CALLER).unwrap());
    assert!(holds(&sent, &[&[0x0a_u8, 16][..], &trace, &[0x12, 8]].concat()), "no span of the trace");
    let name = "GET /api/v1/requirements/{id}";
    let length = u8::try_from(name.len()).unwrap();
    let child = [&[0x22_u8, 8][..], &caller, &[0x2a, length], name.as_bytes()].concat();
    assert!(holds(&sent, &child), "no child of the caller's span");
    for part in ["GET /login", "http.route", "http.response.status_code", "audit.checkpoint", "service.name"]
    {
        assert!(holds(&sent, part.as_bytes()), "{part} is missing");
    }
    for secret in ["secreto", missing, &token, "/health"] {
        assert!(!holds(&sent, secret.as_bytes()), "{secret} was sent");
    }
    let log = fs::read_to_string(&process.log).unwrap();
    assert!(!log.contains("otel."), "spans stand in the log: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_holds_nothing_up() {
    let Some(app) = TestApp::start(Engine::Sqlite).await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let held = Arc::new(Mutex::new(Vec::new()));
    let streams = held.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            streams.lock().unwrap().push(stream.unwrap());
        }
    });
    let mut process = Process::serve(&app, &["--otlp-endpoint", &address]);
    let longest = |times: u32| {
        let asked = (0..times).map(|_| {
            let began = Instant::now();
            assert!(get(&process.address, "/api/v1/buyer-groups", "").0 < 500);
            began.elapsed()
        });
        asked.max().unwrap()
    };
    let before = longest(BATCH);
    wait_until("nothing was sent", || !held.lock().unwrap().is_empty());
    let beside = longest(100);
    // A collector is given up after five seconds.
    assert!(before.max(beside) < Duration::from_secs(4), "{before:?}, {beside:?}");
    process.terminate();
    let began = Instant::now();
    assert!(process.child.wait().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let log = fs::read_to_string(&process.log).unwrap();
    assert!(log.contains("the collector takes no traces"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_is_said_once_and_keeps_nobody() {
    let Some(app) = TestApp::start(Engine::Sqlite).await else { return };
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    assert!(diagnosed(&app, &address).starts_with("WRONG"));
    let mut process = Process::serve(&app, &["--otlp-endpoint", &address]);
    for _ in 0..BATCH {
        assert!(get(&process.address, "/api/v1/buyer-groups", "").0 < 500);
    }
    process.terminate();
    let began = Instant::now();
    assert!(process.child.wait().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let log = fs::read_to_string(&process.log).unwrap();
    assert_eq!(log.matches("the collector takes no traces").count(), 1, "{log}");
}
