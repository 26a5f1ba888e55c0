//! Clients that go away, say nothing or half a line; a disk that is full; clocks that jump.

use std::{
    fs,
    time::{Duration, Instant},
};

use eslabon::foundation::{
    access::Actor,
    audit::{checkpoint::Folder, log, verify},
    db::Engine,
    ids::Ids,
    jobs::{Handler, NewJob, Outcome, Task, Worker},
};
use sea_orm::{ConnectionTrait, sqlx};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Process,
    crash::{Place, message, request},
    get,
};
use crate::support::{Client, TestApp};

/// How many files and connections the process has open.
fn open_files(process: &Process) -> usize {
    fs::read_dir(format!("/proc/{}/fd", process.child.id())).unwrap().count()
}

/// Until the process has no more open than it had before, give or take what its pool of connections needs.
async fn closes(process: &Process, before: usize) -> Duration {
    let began = Instant::now();
    while open_files(process) > before + 24 {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{} are open, {before} were before",
            open_files(process)
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    began.elapsed()
}

async fn groups(client: &Client) -> usize {
    client.get("/buyer-groups").await.expect(200).body["items"].as_array().unwrap().len()
}

/// The database takes nothing more.
async fn fill(app: &TestApp) {
    match app.base.db.engine() {
        Engine::Sqlite => limit_pages(app, 1).await,
        Engine::Postgres => {
            let refuse = "CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN \
                RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql; \
                CREATE TRIGGER no_room BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION no_room()";
            app.base.db.reads().execute_unprepared(refuse).await.unwrap();
        }
    }
}

async fn make_room(app: &TestApp) {
    match app.base.db.engine() {
        Engine::Sqlite => limit_pages(app, 1_000_000).await,
        Engine::Postgres => {
            app.base.db.reads().execute_unprepared("DROP TRIGGER no_room ON audit_entries").await.unwrap();
        }
    }
}

/// Each connection has a limit of its own, which is never below what the file has already.
async fn limit_pages(app: &TestApp, pages: u32) {
    let pool = app.base.db.reads().get_sqlite_connection_pool();
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut connection = pool.acquire().await.unwrap();
        let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::Executor::execute(&mut *connection, limit).await.unwrap();
        held.push(connection);
    }
}

/// Counts how often it ran.
struct Counted(tokio::sync::mpsc::UnboundedSender<()>);

impl Handler for Counted {
    fn run(&self, _: Task) -> Outcome<'_> {
        Box::pin(async {
            self.0.send(()).unwrap();
            Ok(())
        })
    }
}

on_both_engines! {
    /// Requests that stop anywhere, from the first byte to the last, and nobody who waits for an answer.
    async fn who_goes_away_leaves_nothing_behind(app: TestApp) {
        let (place, ids) = (Place::set(app).await, Ids::system());
        let process = Process::serve(&place.app, &["--limit-writes", "0", "--workers", "0"]);
        let before = open_files(&process);
        for at in 0..200 {
            let key = format!("gone-away-{at:03}");
            place.ledger.lock().unwrap().open.insert(key.clone());
            let whole = request(&process.address, "/mandates", place.supplier.token(), &key, &place.mandate(&key));
            let mut stream = TcpStream::connect(&process.address).await.unwrap();
            // Every second one sends all of it.
            let bytes = if at % 2 == 0 { whole.len() } else { usize::from(u16::from_be_bytes(ids.bytes())) % whole.len() };
            stream.write_all(&whole.as_bytes()[..bytes]).await.unwrap();
            tokio::time::sleep(Duration::from_micros(u64::from(u16::from_be_bytes(ids.bytes())) / 4)).await;
        }
        closes(&process, before).await;
        assert_eq!(open_transactions(&place.app).await, 0);
        place.check().await;
        place.settle(&process.address).await;
        place.check().await;
    }

    async fn who_says_nothing_or_half_a_line_is_sent_away_and_keeps_nobody_waiting(app: TestApp) {
        let process = Process::serve(&app, &["--patience-seconds", "2"]);
        let before = open_files(&process);
        let mut held = Vec::new();
        for at in 0..300 {
            let mut stream = TcpStream::connect(&process.address).await.unwrap();
            if at % 2 == 0 {
                stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: loc").await.unwrap();
            }
            held.push(stream);
        }
        let began = Instant::now();
        assert_eq!(get(&process.address, "/health/ready", "").0, 200);
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        closes(&process, before).await;
        for stream in &mut held {
            // What comes, if anything, is an answer that says so.
            let told = message(stream).await;
            assert!(told.is_none_or(|(head, _)| head.starts_with("HTTP/1.1 408")));
        }
    }

    async fn a_full_disk_is_said_and_what_comes_after_it_is_as_before(app: TestApp) {
        let institution = app.institution().await;
        institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        fill(&app).await;
        // What fits into pages that are there already still goes.
        let large = "x".repeat(150);
        let (mut refused, mut kept) = (0, 1);
        for at in 0..60 {
            let answer = institution.post_once("/buyer-groups", &format!("k-{at}"), json!({ "name": format!("{at} {large}") })).await;
            if answer.status == 201 {
                kept += 1;
                continue;
            }
            assert_eq!((answer.status.as_u16(), answer.code()), (503, "storage-full".to_owned()), "{:#}", answer.body);
            assert!(answer.headers.contains_key("retry-after"));
            refused += 1;
        }
        assert!(refused > 5, "{refused} refused");
        assert_eq!(groups_in_all(&app).await, kept, "what was refused is not there, and what is there can be read");
        make_room(&app).await;
        for at in 0..60 {
            institution.post_once("/buyer-groups", &format!("k-{at}"), json!({ "name": format!("{at} {large}") })).await.expect(201);
        }
        assert_eq!(groups_in_all(&app).await, 61);
        log::keep(&app.base).await.unwrap();
        assert_eq!(faults_of_the_log(&app).await, Vec::<String>::new());
    }

    /// The machine's clock is set back by two hours, then on by three days.
    async fn a_clock_that_jumps_holds_nothing_up(app: TestApp) {
        let institution = app.institution().await;
        let actor = Actor::system(institution.organisation());
        let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
        let worker = Worker::new(app.base.clone(), [("test.count", std::sync::Arc::new(Counted(ran)) as std::sync::Arc<dyn Handler>)]);
        let enqueue = async || {
            let may = actor.may::<eslabon::organisations::CreateBuyerGroup>().unwrap();
            let name = app.base.ids.secret()[..12].to_owned();
            app.base.transact(may, async |w| {
                eslabon::organisations::store::firms::create_group(&w, eslabon::organisations::NewBuyerGroup { name }).await?;
                w.enqueue(NewJob::new("test.count", json!({}))).await?;
                Ok(w.done(()))
            }).await.unwrap();
        };
        for (made, jump) in [-7_200, 3 * 86_400, -60, 0].into_iter().enumerate() {
            institution.post("/buyer-groups", json!({ "name": format!("Antes {made}") })).await.expect(201);
            enqueue().await;
            log::keep(&app.base).await.unwrap();
            app.base.clock.advance(jump);
            assert_eq!(worker.run_all_due().await.unwrap(), 1, "what was due before a jump of {jump} s is due after it");
            runs.try_recv().unwrap();
            institution.post("/buyer-groups", json!({ "name": format!("Grupo {made}") })).await.expect(201);
            log::keep(&app.base).await.unwrap();
            assert_eq!(faults_of_the_log(&app).await, Vec::<String>::new());
        }
        assert_eq!(groups(&institution).await, 12);
    }
}

async fn groups_in_all(app: &TestApp) -> i64 {
    super::outages::number(app.base.db.reads(), "SELECT count(*) FROM buyer_groups").await
}

/// Transactions that are open and in which nothing happens; SQLite's can't be seen from outside.
async fn open_transactions(app: &TestApp) -> i64 {
    if app.base.db.engine() == Engine::Sqlite {
        return 0;
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    super::outages::number(app.base.db.reads(), super::outages::OPEN).await
}

async fn faults_of_the_log(app: &TestApp) -> Vec<String> {
    let folder = Folder::new(app.base.config.audit_dir());
    let key = folder.signer(&app.base.ids).unwrap().verifier().clone();
    let last = folder.last().unwrap().map(|last| (last.note, "kept".to_owned()));
    let report = verify::database(app.base.db.reads(), vec![key], last.as_slice()).await.unwrap();
    report.faults
}
