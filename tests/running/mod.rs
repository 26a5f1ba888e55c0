//! The service as it is run: what it says of itself, how it stops, and how it is backed up.

mod backups;
mod beside;
mod crash;
mod faults;
mod outages;
#[cfg(feature = "otel")]
mod telemetry;
mod versions;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use eslabon::{app, foundation::clock::Clock};
use serde_json::{Value, json};

use crate::support::{Database, TestApp};

/// A process of the service that is gone after the test, however it ends.
struct Process {
    child: Child,
    address: String,
    metrics: String,
    log: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn serve(app: &TestApp, args: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_eslabon"), app.database(), args, &[])
    }

    /// A service of any version.
    fn of(program: &str, database: &Database, args: &[&str], settings: &[(&str, &str)]) -> Self {
        let folder = database.evidence_dir();
        fs::create_dir_all(&folder).unwrap();
        let name = PathBuf::from(program).file_name().unwrap().to_owned();
        let log = folder.join(name).with_extension("log");
        let child = Command::new(program)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--metrics-listen",
                "127.0.0.1:0",
                "--log-format",
                "json",
            ])
            .args(args)
            .envs(settings.iter().copied())
            .env("DATABASE_URL", database.url())
            .env_remove("ESLABON_LOG")
            .env("ESLABON_AUDIT_DIR", database.audit_dir())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Self { child, address: String::new(), metrics: String::new(), log };
        let told = |lines: &[Value], what: &str| {
            let said = lines.iter().filter_map(|line| line["fields"]["message"].as_str());
            said.filter_map(|said| said.strip_prefix(what)).map(str::to_owned).next()
        };
        let began = Instant::now();
        loop {
            let lines = process.lines();
            if let (Some(address), Some(metrics)) =
                (told(&lines, "listening on http://"), told(&lines, "metrics on http://"))
            {
                (process.address, process.metrics) = (address, metrics);
                return process;
            }
            let ended = process.child.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < Duration::from_mins(1), "{lines:?}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// What it has logged, line by line.
    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap();
        // The last line may be there by half.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn requests(&self) -> Vec<Value> {
        let lines = self.lines().into_iter();
        lines.filter(|line| line["target"] == "eslabon::request").map(|line| line["fields"].clone()).collect()
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

/// The same service by the machine's clock, which the process has too: what a test's clock made is long over by it.
fn by_the_machines_clock(mut app: TestApp) -> TestApp {
    app.base.clock = Clock::System;
    app.router = app::router(&app.base);
    app
}

fn get(address: &str, path: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

on_both_engines! {
    async fn a_request_is_one_line_of_the_log_and_a_place_in_the_metrics(app: TestApp) {
        let app = by_the_machines_clock(app);
        let institution = app.institution().await;
        let made = institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        let (token, id) = (institution.token().to_owned(), made.text("id"));
        let process = Process::serve(&app, &[]);
        let missing = "01890000-0000-7000-8000-000000000000";
        assert_eq!(get(&process.address, "/api/v1/buyer-groups", &token).0, 200);
        assert_eq!(get(&process.address, &format!("/api/v1/requirements/{missing}?x=secreto"), &token).0, 404);
        assert_eq!(get(&process.address, "/nothing/secreto", "").0, 404);
        let (status, text) = get(&process.metrics, "/metrics", "");
        assert_eq!(status, 200);
        let requests = process.requests();
        assert_eq!(requests.len(), 3, "{requests:#?}");
        let first = &requests[0];
        assert_eq!(
            (&first["method"], &first["route"], &first["status"], &first["organisation"]),
            (&json!("GET"), &json!("/api/v1/buyer-groups"), &json!(200), &json!(institution.organisation().to_string()))
        );
        assert!(first["statements"].as_u64().unwrap() >= 2 && first["elapsed_ms"].is_number(), "{first}");
        assert!(first["account"].as_str().unwrap().len() == 36 && !first["id"].as_str().unwrap().is_empty(), "{first}");
        assert_eq!((&requests[1]["route"], &requests[1]["status"]), (&json!("/api/v1/requirements/{id}"), &json!(404)));
        assert_eq!((&requests[2]["account"], &requests[2]["route"]), (&json!("-"), &json!("-")));
        for line in [
            "eslabon_http_requests_total{method=\"GET\",route=\"/api/v1/requirements/{id}\",status=\"404\"} 1",
            "eslabon_database_connections{state=\"open\"}",
            "eslabon_jobs{kind=\"audit.checkpoint\"",
            "eslabon_job_oldest_due_seconds ",
            "eslabon_outbox_waiting ",
            "eslabon_audit_entries{state=\"placed\"}",
            "eslabon_database_statement_seconds_count",
            "eslabon_http_request_seconds_bucket{method=\"GET\",route=\"/api/v1/buyer-groups\",le=\"+Inf\"} 1",
        ] {
            assert!(text.lines().any(|found| found.starts_with(line)), "{line}\n{text}");
        }
        let log = fs::read_to_string(&process.log).unwrap();
        for secret in ["secreto", missing, token.as_str(), id.as_str()] {
            assert!(!text.contains(secret), "{secret} in the metrics");
            assert!(secret == missing || !log.contains(secret), "{secret} in the log");
        }
        assert_eq!(get(&process.address, "/metrics", "").0, 404, "not where everybody is");
    }

    async fn a_run_of_a_job_is_counted(app: TestApp) {
        eslabon::trail::jobs::schedule(&app.base).await.unwrap();
        app.run_jobs().await;
        let text = app::measured(&app.base).await.unwrap();
        assert!(text.contains("eslabon_job_tries_total{kind=\"audit.checkpoint\",outcome=\"done\"} 1"), "{text}");
        assert!(text.contains("eslabon_job_seconds_count{kind=\"audit.checkpoint\"} 1"), "{text}");
    }

    async fn who_is_told_to_stop_says_so_first_then_finishes_and_goes(app: TestApp) {
        let mut process = Process::serve(&app, &["--drain-seconds", "2"]);
        let (address, metrics) = (process.address.clone(), process.metrics.clone());
        assert_eq!(get(&address, "/health/ready", "").0, 200);
        assert_eq!(get(&metrics, "/health/live", "").0, 200);
        // A request that has begun and is not there as a whole yet.
        let mut slow = TcpStream::connect(&address).unwrap();
        slow.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n").unwrap();
        process.terminate();
        let began = Instant::now();
        let mut seen = 0;
        while began.elapsed() < Duration::from_secs(1) {
            let (status, answer) = get(&address, "/health/ready", "");
            if status == 503 {
                assert!(answer.contains("retry-after"), "{answer}");
                seen += 1;
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        assert!(seen > 2, "those before it were not told to go elsewhere");
        assert_eq!(get(&address, "/health/live", "").0, 200);
        slow.write_all(b"connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let status = process.child.wait().unwrap();
        assert!(status.success(), "{status}");
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
