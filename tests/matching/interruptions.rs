//! Runs that are stopped, crash, or lose their worker: no partial result, ever.

use std::time::Duration;

use serde_json::json;

use super::scene::{Scene, Script, lot, outcome};
use crate::support::{Answer, TestApp};

/// Reports once, then hangs and does not listen to an interrupt.
pub const STUBBORN: &str = r#"trap '' INT
echo '{"phase":"coverage","best":1.0,"bound":2.0,"seconds":0.1}' >&2
exec /bin/sleep 60"#;

async fn ready(app: &TestApp) -> (Scene, String) {
    let scene = Scene::set(app, "0").await;
    let buyer = scene.lead_firm(app, "Grande").await;
    scene.supplier(app, "1000").await;
    scene.requirement(&buyer, &[lot(100, "10")]).await;
    let run = scene.run(json!({ "name": "larga" })).await;
    (scene, run)
}

/// Looks until the run is as it should be.
async fn until(scene: &Scene, run: &str, what: impl Fn(&Answer) -> bool) -> Answer {
    for _ in 0..100 {
        let found = scene.look(run).await;
        if what(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the run did not get there: {:#}", scene.look(run).await.body);
}

fn is_reporting(found: &Answer) -> bool {
    found.body["state"] == "running" && !found.body["progress"].is_null()
}

on_both_engines! {
    async fn a_waiting_run_is_cancelled_at_once_and_never_solved(app: TestApp) {
        let (scene, run) = ready(&app).await;
        let cancel = format!("{run}/cancel");
        assert_eq!(scene.institution.post(&cancel, json!({})).await.expect(200).text("state"), "cancelled");
        scene.institution.post(&cancel, json!({})).await.expect(200);
        app.run_jobs().await;
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.body["result"].is_null()), ("cancelled".to_owned(), true));
        assert_eq!(scene.adopt(&run).await.expect(409).code(), "wrong-state");
    }

    async fn a_running_solver_is_stopped_even_when_it_does_not_listen(app: TestApp) {
        let (scene, run) = ready(&app).await;
        let (script, base) = (Script::that(STUBBORN), app.base.clone());
        let worker = script.worker(&base);
        let working = tokio::spawn(async move { worker.run_all_due().await });
        let found = until(&scene, &run, is_reporting).await;
        assert_eq!((found.text("progress/phase"), found.text("progress/bound")), ("coverage".to_owned(), "2.0".to_owned()));
        scene.institution.post(&format!("{run}/cancel"), json!({})).await.expect(200);
        tokio::time::timeout(Duration::from_secs(8), working).await.expect("it stops").unwrap().unwrap();
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.body["result"].is_null()), ("cancelled".to_owned(), true));
        assert_eq!(scene.institution.post(&format!("{run}/adopt"), json!({})).await.expect(428).code(), "version-required");
    }

    async fn a_run_whose_worker_dies_is_finished_by_another(app: TestApp) {
        let (scene, run) = ready(&app).await;
        let script = Script::that(STUBBORN);
        let worker = script.worker(&app.base);
        let dying = tokio::spawn(async move { worker.run_all_due().await });
        until(&scene, &run, is_reporting).await;
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        let left = scene.look(&run).await;
        assert_eq!((left.text("state"), left.body["result"].is_null()), ("running".to_owned(), true));

        assert_eq!(app.run_jobs().await, 0, "the lease still holds");
        app.base.clock.advance(31);
        assert_eq!(app.run_jobs().await, 1);
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.text("result/status")), ("finished".to_owned(), "optimal".to_owned()));
    }

    /// The whole process is killed, as by a power cut; its lease runs out by the machine's clock.
    async fn a_run_whose_process_is_killed_is_finished_by_another_process(app: TestApp) {
        let machine = eslabon::foundation::clock::Clock::System;
        app.base.clock.advance(machine.now().seconds_since(app.base.clock.now()));
        let (scene, run) = ready(&app).await;
        let script = Script::that(STUBBORN);
        let worker = |solver: std::path::PathBuf| {
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_eslabon"));
            command.arg("worker").env("DATABASE_URL", app.url()).env("ESLABON_SOLVER_PROGRAM", solver);
            command.stderr(std::process::Stdio::null()).kill_on_drop(true).spawn().unwrap()
        };
        let mut doomed = worker(script.path());
        until(&scene, &run, is_reporting).await;
        doomed.kill().await.unwrap();
        let left = scene.look(&run).await;
        assert_eq!((left.text("state"), left.body["result"].is_null()), ("running".to_owned(), true));

        app.base.clock.advance(machine.now().seconds_since(app.base.clock.now()) + 31);
        // And perhaps the day's reminders, which the process had planned.
        assert!(app.run_jobs().await >= 1);
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.text("result/status")), ("finished".to_owned(), "optimal".to_owned()));
    }

    async fn a_worker_that_comes_back_too_late_writes_nothing(app: TestApp) {
        let (scene, run) = ready(&app).await;
        let gate = std::env::temp_dir().join(format!("eslabon-gate-{}", eslabon::foundation::ids::Ids::system().secret()));
        let late = json!(outcome(&[]));
        let script = Script::that(&format!(
            "echo '{{\"phase\":\"coverage\",\"best\":null,\"bound\":null,\"seconds\":0.1}}' >&2\n\
             while [ ! -e {} ]; do /bin/sleep 0.05; done\nprintf '%s' '{late}'", gate.display(),
        ));
        let worker = script.worker(&app.base);
        let slow = tokio::spawn(async move { worker.run_all_due().await });
        until(&scene, &run, is_reporting).await;
        app.base.clock.advance(31);
        assert_eq!(app.run_jobs().await, 1, "another worker finishes");
        let finished = scene.look(&run).await;
        assert!(!finished.body["result"]["awards"].as_array().unwrap().is_empty());
        std::fs::write(&gate, "").unwrap();
        tokio::time::timeout(Duration::from_secs(20), slow).await.unwrap().unwrap().unwrap();
        std::fs::remove_file(&gate).unwrap();
        assert_eq!(scene.look(&run).await.body, finished.body);
    }

    async fn a_solver_that_crashes_is_tried_three_times(app: TestApp) {
        let (scene, run) = ready(&app).await;
        let half = json!(outcome(&[]));
        let script = Script::that(&format!("printf '%s' '{half}'; echo out of luck >&2; kill -9 $$"));
        let worker = script.worker(&app.base);
        for attempt in 1..=3 {
            assert_eq!(scene.look(&run).await.text("state"), if attempt == 1 { "queued" } else { "running" });
            assert_eq!(worker.run_all_due().await.unwrap(), 1);
            app.base.clock.advance(60);
        }
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.body["result"].is_null()), ("failed".to_owned(), true));
        assert_eq!(found.text("failure/cause"), "solver_crashed");
        assert_eq!(found.text("failure/detail"), "signal: 9 (SIGKILL). out of luck");
        assert_eq!(worker.run_all_due().await.unwrap(), 0);
    }

    async fn a_refused_instance_and_dying_workers_end_the_run(app: TestApp) {
        let (scene, refused) = ready(&app).await;
        let script = Script::that("printf '%s' '{\"problems\":[]}'; exit 2");
        script.worker(&app.base).run_all_due().await.unwrap();
        assert_eq!(scene.look(&refused).await.text("failure/cause"), "instance_refused");

        let run = scene.run(json!({ "name": "otra" })).await;
        for _ in 0..3 {
            let script = Script::that(STUBBORN);
            let worker = script.worker(&app.base);
            let before = scene.look(&run).await.body["progress"]["sequence"].as_i64().unwrap_or(0);
            let dying = tokio::spawn(async move { worker.run_all_due().await });
            until(&scene, &run, |found| found.body["progress"]["sequence"].as_i64().unwrap_or(0) > before).await;
            dying.abort();
            let _ = dying.await;
            app.base.clock.advance(31);
        }
        app.run_jobs().await;
        let found = scene.look(&run).await;
        assert_eq!((found.text("state"), found.text("failure/cause")), ("failed".to_owned(), "workers_died".to_owned()));
    }

    async fn events_tell_the_progress_and_end_with_the_run(app: TestApp) {
        let app = app.configured(|config| config.stream_seconds = 25);
        let (scene, run) = ready(&app).await;
        let events = format!("{run}/events");
        let script = Script::that(&format!(
            "echo '{{\"phase\":\"fit\",\"best\":1.0,\"bound\":2.0,\"seconds\":0.1}}' >&2\n/bin/sleep 3\nprintf '%s' '{}'",
            json!(outcome(&[])),
        ));
        let worker = script.worker(&app.base);
        let working = tokio::spawn(async move { worker.run_all_due().await });
        let heard = scene.institution.get(&events).await.expect(200);
        working.await.unwrap().unwrap();
        assert_eq!(heard.headers["content-type"], "text/event-stream");
        let text = heard.body.as_str().unwrap();
        assert!(text.contains("event: progress\nid: 1\n") && text.contains("\"phase\":\"fit\""), "{text}");
        let (_, end) = text.rsplit_once("event: ").unwrap();
        assert!(end.starts_with("end\nid: 1\n") && end.contains("\"state\":\"finished\""), "{text}");
        let again = scene.institution.send(axum::http::Method::GET, &events, &[("last-event-id", "1")], None).await;
        assert!(!again.body.as_str().unwrap().contains("event: progress"), "what was heard is not told again");
    }
}
