//! Reads beside a solver's run and an export: every one is answered, and the runs and exports come to their end. How long
//! reads take is the machine's, so that is measured and no test: `make soak` asks for more stretches with
//! `ESLABON_STRETCHES`, and RELIABILITY.md has what they told.
//!
//! Quiet and busy stretches take turns, so that what else the machine does falls on both. Readers come at fixed times,
//! whether those before them have been answered or not. What two halves of the quiet stretches differ by is noise.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinHandle};

use super::{
    Process, by_the_machines_clock,
    crash::{message, post},
};
use crate::{
    matching::scene::{Scene, lot},
    support::{Engine, TestApp, count},
};

const STRETCH: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_millis(20);

/// The answer's body, and how long it took.
async fn read(address: &str, path: &str, token: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (head, body) = message(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}\n{body}");
    (body, began.elapsed())
}

/// Reads of one stretch, in milliseconds.
async fn stretch(address: &str, paths: &[String], token: &str) -> Vec<f64> {
    let (began, mut reads) = (Instant::now(), Vec::new());
    let mut ticks = tokio::time::interval(EVERY);
    for at in 0.. {
        ticks.tick().await;
        if began.elapsed() > STRETCH {
            break;
        }
        let (address, path, token) = (address.to_owned(), paths[at % paths.len()].clone(), token.to_owned());
        reads.push(tokio::spawn(async move { read(&address, &path, &token).await.1 }));
    }
    let mut took = Vec::with_capacity(reads.len());
    for read in reads {
        took.push(read.await.unwrap().as_secs_f64() * 1_000.);
    }
    took
}

/// Runs and exports, one after the other, until told to stop; how many of each.
fn load(
    address: &str,
    programme: &str,
    token: &str,
    stop: &Arc<AtomicBool>,
    done: &Arc<Mutex<[u32; 2]>>,
) -> [JoinHandle<()>; 2] {
    let (of_runs, of_exports) = ((stop.clone(), done.clone()), (stop.clone(), done.clone()));
    let (programme, address, token) = (programme.to_owned(), address.to_owned(), token.to_owned());
    let (elsewhere, same) = (address.clone(), token.clone());
    let runs = tokio::spawn(async move {
        let (stop, done) = of_runs;
        while !stop.load(Ordering::Relaxed) {
            let key = format!("run-{:?}", Instant::now());
            let begun =
                post(&address, &format!("{programme}/runs"), &token, &key, &json!({ "name": "Corrida" }))
                    .await;
            let (status, run) = begun.unwrap();
            assert_eq!(status, 202, "{run:#}");
            let path = format!("/api/v1/runs/{}", run["id"].as_str().unwrap());
            loop {
                let (body, _) = read(&address, &path, &token).await;
                let state = serde_json::from_str::<Value>(&body).unwrap()["state"].clone();
                if !matches!(state.as_str(), Some("queued" | "running")) {
                    assert_eq!(state, "finished", "{body}");
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done.lock().unwrap()[0] += 1;
        }
    });
    let exports = tokio::spawn(async move {
        let (stop, done) = of_exports;
        while !stop.load(Ordering::Relaxed) {
            read(&elsewhere, "/api/v1/audit-entries?format=xlsx", &same).await;
            done.lock().unwrap()[1] += 1;
        }
    });
    [runs, exports]
}

/// Of each kind, quiet and busy.
fn stretches() -> usize {
    count("ESLABON_STRETCHES").unwrap_or(2)
}

fn percentile(reads: &[f64], of_hundred: usize) -> f64 {
    let mut sorted = reads.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() * of_hundred / 100).min(sorted.len() - 1)]
}

async fn measured(app: TestApp) {
    let app = by_the_machines_clock(app);
    let scene = Scene::with(&app, json!({ "ends_on": "2099-12-31" })).await;
    let mut requirement = String::new();
    for at in 0..6 {
        let buyer = scene.lead_firm(&app, &format!("Empresa {at}")).await;
        let lots: Vec<_> = (0..25).map(|lots| lot(40 + 7 * lots, "3")).collect();
        scene.requirement(&buyer, &lots).await;
        let mine = buyer.get("/requirements").await.expect(200);
        requirement = mine.body["items"][0]["id"].as_str().unwrap().to_owned();
    }
    for at in 0..40 {
        scene.supplier(&app, &(1_000 + 100 * at).to_string()).await;
    }
    let process = Process::serve(&app, &["--limit-writes", "0", "--workers", "1"]);
    let token = scene.institution.token();
    let paths = [
        format!("/api/v1{}", scene.programme),
        "/api/v1/matches".to_owned(),
        "/api/v1/requirements".to_owned(),
        format!("/api/v1/requirements/{requirement}"),
    ];
    stretch(&process.address, &paths, token).await;
    let (mut quiet, mut busy) = ([Vec::new(), Vec::new()], Vec::new());
    let done = Arc::new(Mutex::new([0, 0]));
    for at in 0..stretches() {
        quiet[at % 2].extend(stretch(&process.address, &paths, token).await);
        let stop = Arc::new(AtomicBool::new(false));
        let load = load(&process.address, &scene.programme, token, &stop, &done);
        tokio::time::sleep(Duration::from_millis(200)).await;
        busy.extend(stretch(&process.address, &paths, token).await);
        stop.store(true, Ordering::Relaxed);
        for task in load {
            task.await.unwrap();
        }
    }
    let all = quiet.concat();
    let engine = app.base.db.engine();
    let [runs, exports] = *done.lock().unwrap();
    assert!(
        runs > 0 && exports > 0 && !busy.is_empty(),
        "{runs} runs and {exports} exports beside {} reads",
        busy.len()
    );
    eprintln!(
        "{engine:?}: {} reads quiet, {} beside {runs} runs and {exports} exports",
        all.len(),
        busy.len()
    );
    for of_hundred in [50, 90, 99] {
        let [quiet, busy, one, other] =
            [&all, &busy, &quiet[0], &quiet[1]].map(|reads| percentile(reads, of_hundred));
        eprintln!(
            "{engine:?}: p{of_hundred} quiet {quiet:.1} ms, busy {busy:.1} ms: {:.2} times; the halves of the quiet: {:.2}",
            busy / quiet,
            other / one
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_answered_beside_a_run_and_an_export() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(app) = TestApp::start(engine).await {
            measured(app).await;
        }
    }
}
