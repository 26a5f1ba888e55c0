//! Background jobs: they run once their change has committed, exactly one effect, whatever dies.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use eslabon::{
    foundation::{
        access::Actor,
        ids::OrganisationId,
        jobs::{Handler, NewJob, Outcome, State, Task, Worker, desk},
        problem::Problem,
    },
    organisations::{CreateBuyerGroup, NewBuyerGroup, store},
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::support::TestApp;

/// Makes a buyer group as the job's effect, and completes the job with it.
struct MakesAGroup;

impl Handler for MakesAGroup {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(async move { make_a_group(&task).await })
    }
}

async fn make_a_group(task: &Task) -> Result<(), Problem> {
    let may = Actor::system(task.organisation).may::<CreateBuyerGroup>()?;
    let name = format!("Grupo {}", task.payload["name"]);
    task.base
        .transact(may, async |w| {
            store::firms::create_group(&w, NewBuyerGroup { name }).await?;
            task.complete(&w).await?;
            Ok(w.done(()))
        })
        .await
}

struct Fails(AtomicU32);

impl Handler for Fails {
    fn run(&self, _: Task) -> Outcome<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(Problem::conflict("busy")) })
    }
}

/// Has a defect that some jobs meet, at once or on their way.
struct Panics;

impl Handler for Panics {
    fn run(&self, task: Task) -> Outcome<'_> {
        assert_ne!(task.payload["name"], "at once", "a defect");
        Box::pin(async move {
            assert_ne!(task.payload["name"], "later", "a defect");
            make_a_group(&task).await
        })
    }
}

/// Starts, tells so, and then waits for ever: a worker about to die.
struct Hangs(Arc<Notify>);

impl Handler for Hangs {
    fn run(&self, _: Task) -> Outcome<'_> {
        self.0.notify_one();
        Box::pin(std::future::pending())
    }
}

/// Remembers its task, so that a test can let it finish late.
struct Keeps(Arc<Mutex<Option<Task>>>, Arc<Notify>);

impl Handler for Keeps {
    fn run(&self, task: Task) -> Outcome<'_> {
        *self.0.lock().unwrap() = Some(task);
        self.1.notify_one();
        Box::pin(std::future::pending())
    }
}

fn worker(app: &TestApp, kind: &'static str, handler: impl Handler + 'static) -> Worker {
    let handler: Arc<dyn Handler> = Arc::new(handler);
    Worker::new(app.base.clone(), [(kind, handler)])
}

async fn enqueue(app: &TestApp, organisation: OrganisationId, name: &str, commit: bool) {
    let may = Actor::system(organisation).may::<CreateBuyerGroup>().unwrap();
    let job = NewJob { max_attempts: 3, ..NewJob::new("group", json!({ "name": name })) };
    let outcome = app
        .base
        .transact(may, async |w| {
            w.enqueue(job).await?;
            w.record("job", organisation, &json!({})).await?;
            if commit { Ok(w.done(())) } else { Err(Problem::conflict("busy")) }
        })
        .await;
    assert_eq!(outcome.is_ok(), commit);
}

async fn states(app: &TestApp) -> BTreeMap<String, i64> {
    let sql = "SELECT state, count(*) AS jobs FROM jobs GROUP BY state".to_owned();
    let db = app.base.db.reads();
    let rows =
        db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "state").unwrap(), row.try_get("", "jobs").unwrap())).collect()
}

fn eslabon(app: &TestApp, args: &[&str]) -> (bool, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eslabon"));
    command.args(args).args(["--listen", "127.0.0.1:0"]).env("DATABASE_URL", app.url());
    let output = command.env("ESLABON_AUDIT_DIR", app.base.config.audit_dir()).output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

async fn groups(client: &crate::support::Client) -> usize {
    client.get("/buyer-groups").await.body["items"].as_array().unwrap().len()
}

on_both_engines! {
    async fn a_job_runs_once_its_change_has_committed_and_not_otherwise(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "no", false).await;
        enqueue(&app, institution.organisation(), "si", true).await;
        assert_eq!(worker(&app, "group", MakesAGroup).run_all_due().await.unwrap(), 1);
        assert_eq!(groups(&institution).await, 1);
        assert_eq!(states(&app).await, BTreeMap::from([("done".to_owned(), 1)]));
    }

    async fn many_workers_run_each_job_once(app: TestApp) {
        let institution = app.institution().await;
        for name in 0..20 {
            enqueue(&app, institution.organisation(), &name.to_string(), true).await;
        }
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let worker = worker(&app, "group", MakesAGroup);
                tokio::spawn(async move { worker.run_all_due().await.unwrap() })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        // The limit per organisation may have sent workers home early; nothing is lost by that.
        worker(&app, "group", MakesAGroup).run_all_due().await.unwrap();
        assert_eq!(states(&app).await, BTreeMap::from([("done".to_owned(), 20)]));
        assert_eq!(groups(&institution).await, 20);
    }

    async fn a_failing_job_pauses_longer_each_time_and_ends_among_the_dead(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let fails = Arc::new(Fails(AtomicU32::new(0)));
        let handler: Arc<dyn Handler> = fails.clone();
        let worker = Worker::new(app.base.clone(), [("group", handler)]);
        worker.run_all_due().await.unwrap();
        assert_eq!(worker.run_all_due().await.unwrap(), 0, "it must pause first");
        app.base.clock.advance(3);
        worker.run_all_due().await.unwrap();
        app.base.clock.advance(1);
        assert_eq!(worker.run_all_due().await.unwrap(), 0, "the second pause is longer");
        app.base.clock.advance(10);
        worker.run_all_due().await.unwrap();
        assert_eq!(fails.0.load(Ordering::SeqCst), 3);
        assert_eq!(states(&app).await, BTreeMap::from([("dead".to_owned(), 1)]));
    }

    async fn a_job_that_panics_has_failed_and_its_worker_goes_on(app: TestApp) {
        let institution = app.institution().await;
        for name in ["at once", "later", "si"] {
            enqueue(&app, institution.organisation(), name, true).await;
        }
        let worker = worker(&app, "group", Panics);
        assert_eq!(worker.run_all_due().await.unwrap(), 3);
        assert_eq!(groups(&institution).await, 1);
        assert_eq!(states(&app).await, BTreeMap::from([("done".to_owned(), 1), ("queued".to_owned(), 2)]));
        for _ in 0..2 {
            app.base.clock.advance(60);
            assert_eq!(worker.run_all_due().await.unwrap(), 2);
        }
        assert_eq!(states(&app).await, BTreeMap::from([("dead".to_owned(), 2), ("done".to_owned(), 1)]));
    }

    async fn another_worker_finishes_what_a_dead_one_began(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let begun = Arc::new(Notify::new());
        let dying = worker(&app, "group", Hangs(begun.clone()));
        let doomed = tokio::spawn(async move { dying.run_all_due().await });
        begun.notified().await;
        doomed.abort();
        let other = worker(&app, "group", MakesAGroup);
        assert_eq!(other.run_all_due().await.unwrap(), 0, "the lease still holds");
        app.base.clock.advance(31);
        assert_eq!(other.run_all_due().await.unwrap(), 1);
        assert_eq!(groups(&institution).await, 1);
    }

    async fn who_has_lost_the_lease_commits_nothing(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let (kept, begun) = (Arc::new(Mutex::new(None)), Arc::new(Notify::new()));
        let slow = worker(&app, "group", Keeps(kept.clone(), begun.clone()));
        let slow = tokio::spawn(async move { slow.run_all_due().await });
        begun.notified().await;
        slow.abort();
        app.base.clock.advance(31);
        worker(&app, "group", MakesAGroup).run_all_due().await.unwrap();
        let late = kept.lock().unwrap().take().unwrap();
        let mut late = late;
        late.payload = json!({ "name": "tarde" });
        assert_eq!(make_a_group(&late).await.unwrap_err().code, "lease-lost");
        assert_eq!(groups(&institution).await, 1);
    }

    async fn who_has_lost_the_lease_does_not_complete_the_job_of_who_has_it(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let (kept, begun) = (Arc::new(Mutex::new(None)), Arc::new(Notify::new()));
        let slow = worker(&app, "group", Keeps(kept.clone(), begun.clone()));
        let slow = tokio::spawn(async move { slow.run_all_due().await });
        begun.notified().await;
        slow.abort();
        app.base.clock.advance(31);
        let again = Arc::new(Notify::new());
        let holder = worker(&app, "group", Hangs(again.clone()));
        let holding = tokio::spawn(async move { holder.run_all_due().await });
        again.notified().await;
        let late = kept.lock().unwrap().take().unwrap();
        assert_eq!(make_a_group(&late).await.unwrap_err().code, "lease-lost");
        assert_eq!((groups(&institution).await, states(&app).await), (0, BTreeMap::from([("running".to_owned(), 1)])));
        holding.abort();
    }

    async fn one_organisation_does_not_keep_the_others_waiting(app: TestApp) {
        let (busy, patient) = (app.institution().await, app.institution().await);
        for name in 0..4 {
            enqueue(&app, busy.organisation(), &name.to_string(), true).await;
        }
        enqueue(&app, patient.organisation(), "x", true).await;
        let mut running = Vec::new();
        for _ in 0..3 {
            let begun = Arc::new(Notify::new());
            let hanging = worker(&app, "group", Hangs(begun.clone()));
            running.push(tokio::spawn(async move { hanging.run_all_due().await }));
            begun.notified().await;
        }
        // Two of the busy organisation's jobs run, and the third worker got the other one's.
        let sql = "SELECT organisation_id FROM jobs WHERE state = 'running'".to_owned();
        let db = app.base.db.reads();
        let rows = db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        let of = |client: &crate::support::Client| {
            let id = client.organisation();
            rows.iter().filter(|row| row.try_get::<uuid::Uuid>("", "organisation_id").unwrap() == id.0).count()
        };
        assert_eq!((of(&busy), of(&patient)), (2, 1));
        running.iter().for_each(tokio::task::JoinHandle::abort);
    }

    async fn the_operator_sees_what_failed_for_good_and_lets_it_begin_anew(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let failing = worker(&app, "group", Fails(AtomicU32::new(0)));
        for _ in 0..3 {
            failing.run_all_due().await.unwrap();
            app.base.clock.advance(60);
        }
        let (ok, said) = eslabon(&app, &["jobs", "list", "--state", "dead"]);
        assert!(ok && said.contains("409 busy") && said.contains("3/3"), "{said}");
        let (ok, said) = eslabon(&app, &["doctor"]);
        assert!(!ok && said.contains("WRONG  no job failed for good"), "{said}");
        let dead = desk::list(app.base.db.reads(), Some(State::Dead), 10).await.unwrap();
        let id = dead[0].id.to_string();
        let (ok, said) = eslabon(&app, &["jobs", "cancel", &id]);
        assert!(!ok && said.contains("not possible"), "{said}");
        let (ok, said) = eslabon(&app, &["jobs", "replay", "--all"]);
        assert!(ok && said.contains("1 jobs begin anew"), "{said}");
        let (ok, said) = eslabon(&app, &["jobs", "replay", &id]);
        assert!(!ok && said.contains("not possible"), "{said}");
        // It was replayed by the machine's clock.
        app.base.clock.advance(10 * 365 * 86_400);
        assert_eq!(worker(&app, "group", MakesAGroup).run_all_due().await.unwrap(), 1);
        assert_eq!(states(&app).await, BTreeMap::from([("done".to_owned(), 1)]));
        let service = Actor::system(institution.organisation());
        let trail = eslabon::foundation::audit::list(app.base.db.reads(), &service, 100).await.unwrap();
        assert!(trail.iter().any(|entry| entry.operation() == "jobs.replay"));
    }

    async fn a_job_that_is_cancelled_while_it_runs_has_no_effect(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let (kept, begun) = (Arc::new(Mutex::new(None)), Arc::new(Notify::new()));
        let slow = worker(&app, "group", Keeps(kept.clone(), begun.clone())).with_lease(1);
        let slow = tokio::spawn(async move { slow.run_all_due().await });
        begun.notified().await;
        let running = desk::list(app.base.db.reads(), Some(State::Running), 10).await.unwrap();
        let (ok, said) = eslabon(&app, &["jobs", "cancel", &running[0].id.to_string()]);
        assert!(ok, "{said}");
        let task = kept.lock().unwrap().take().unwrap();
        assert_eq!(make_a_group(&task).await.unwrap_err().code, "lease-lost");
        // The worker notices by itself, and goes on.
        assert_eq!(slow.await.unwrap().unwrap(), 1);
        assert_eq!((groups(&institution).await, states(&app).await), (0, BTreeMap::from([("dead".to_owned(), 1)])));
    }

    async fn a_worker_that_is_told_to_stop_gives_its_job_back(app: TestApp) {
        let institution = app.institution().await;
        enqueue(&app, institution.organisation(), "x", true).await;
        let begun = Arc::new(Notify::new());
        let (stopping, stop) = (worker(&app, "group", Hangs(begun.clone())), CancellationToken::new());
        let told = stop.clone();
        let running = tokio::spawn(async move { stopping.run(told).await });
        begun.notified().await;
        stop.cancel();
        running.await.unwrap();
        assert_eq!(worker(&app, "group", MakesAGroup).run_all_due().await.unwrap(), 1);
    }
}
