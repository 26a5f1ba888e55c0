//! An upgrade without a pause: an older version serves a database while this one brings its tables up to date and serves it
//! as well, both under load; then the older one goes.
//!
//! `.ci/upgrade` builds the older version from this repository's history and names the program with `ESLABON_OLDER`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use eslabon::foundation::audit::{checkpoint::Folder, log, verify};
use serde_json::{Value, json};

use super::{Process, crash::post, get, outages::number};
use crate::support::{Database, Engine, PASSWORD, TestApp, setting};

/// Writers at each version.
const WRITERS: usize = 3;

/// As settings, which a version that does not know them leaves alone.
const UNLIMITED: &[(&str, &str)] =
    &[("ESLABON_LIMIT_WRITES", "0"), ("ESLABON_LIMIT_LETTERS", "0"), ("ESLABON_LIMIT_LOG_IN", "0")];

/// What was done: ids of groups by their key, and the e-mail addresses that were registered.
#[derive(Default)]
struct Done {
    groups: Mutex<BTreeMap<String, String>>,
    people: Mutex<BTreeSet<String>>,
    /// Answers that were neither done nor "busy, come again".
    wrong: Mutex<Vec<String>>,
    /// Repetitions that the other version answered.
    repeated: AtomicUsize,
}

fn group(key: &str) -> Value {
    json!({ "name": format!("Grupo {key}") })
}

fn registration(email: &str, number: usize) -> Value {
    json!({
        "organisation": { "kind": "supplier", "name": "Andes", "country": "NI", "tax_id": format!("J03{number:011}") },
        "administrator": { "email": email, "name": "Ana Rojas", "password": PASSWORD },
        "privacy_notice": 1,
    })
}

/// Posts until it is done; what was made.
async fn insist(
    done: &Done,
    address: &str,
    path: &str,
    token: &str,
    key: &str,
    body: &Value,
) -> Option<Value> {
    for _ in 0..100 {
        match post(address, path, token, key, body).await {
            Some((201, made)) => return Some(made),
            Some((503, _)) => {}
            Some((409, told)) if told["code"] == "busy" => {}
            other => {
                done.wrong.lock().unwrap().push(format!("POST {path} at {address}: {other:?}"));
                return None;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    done.wrong.lock().unwrap().push(format!("POST {path} at {address}: never done"));
    None
}

/// Writes at `address` and repeats some of it at `other`, until it is told to stop.
fn writer(
    done: &Arc<Done>,
    stop: &Arc<AtomicBool>,
    (address, other): (String, Option<String>),
    (name, number): (String, usize),
    token: String,
) -> tokio::task::JoinHandle<()> {
    let (done, stop) = (done.clone(), stop.clone());
    tokio::spawn(async move {
        for at in 0_usize.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("{name}-{at:05}");
            let body = group(&key);
            let Some(made) = insist(&done, &address, "/buyer-groups", &token, &key, &body).await else {
                continue;
            };
            let id = made["id"].as_str().unwrap().to_owned();
            if let Some(other) = other.as_ref().filter(|_| at % 3 == 0) {
                let again = insist(&done, other, "/buyer-groups", &token, &key, &body).await;
                if again.as_ref() != Some(&made) {
                    done.wrong.lock().unwrap().push(format!("{key}: {made} here, {again:?} there"));
                }
                done.repeated.fetch_add(1, Ordering::Relaxed);
            }
            done.groups.lock().unwrap().insert(key, id);
            if at % 8 == 0 {
                let email = format!("ana-{name}-{at}@andes.example");
                let body = registration(&email, number * 100_000 + at);
                let made = insist(&done, &address, "/organisations", "", &email, &body).await;
                let login = json!({ "email": email, "password": PASSWORD });
                let place = other.as_ref().unwrap_or(&address);
                let token = insist(&done, place, "/tokens", "", &format!("{email}-in"), &login).await;
                if made.is_some() && token.is_some() {
                    done.people.lock().unwrap().insert(email);
                }
            }
        }
    })
}

/// The ids of all groups, page by page.
fn listed(address: &str, token: &str) -> BTreeSet<String> {
    let (mut ids, mut path) = (BTreeSet::new(), "/api/v1/buyer-groups?limit=100".to_owned());
    loop {
        let (status, answer) = get(address, &path, token);
        assert_eq!(status, 200, "{answer}");
        let page: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        ids.extend(
            page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { return ids };
        path = format!("/api/v1/buyer-groups?limit=100&cursor={next}");
    }
}

fn add_institution(older: &str, database: &Database) {
    let mut child = Command::new(older)
        .args(["user", "add", "--email", "ana@fomento.example", "--name", "Ana Rojas", "--role"])
        .args([
            "institution_administrator",
            "--organisation",
            "Fomento",
            "--country",
            "CL",
            "--tax-id",
            "60.701.000-5",
        ])
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program of an older version: .ci/upgrade builds one"]
async fn an_older_version_goes_on_while_this_one_upgrades_the_database() {
    let older = setting("ESLABON_OLDER").expect("ESLABON_OLDER names the program of an older version");
    let database = Database::unmigrated(Engine::Postgres).await.expect("a PostgreSQL: .ci/postgres");
    // It makes the tables as they were.
    add_institution(&older, &database);
    let before = Process::of(&older, &database, &["--workers", "1"], UNLIMITED);
    let done = Arc::new(Done::default());
    let login = json!({ "email": "ana@fomento.example", "password": PASSWORD });
    let token = insist(&done, &before.address, "/tokens", "", "first", &login).await.unwrap();
    let token = token["secret"].as_str().unwrap().to_owned();

    let writers = |stop: &Arc<AtomicBool>, address: &str, other: Option<&str>, name: &str| -> Vec<_> {
        let numbered = |at: usize| (format!("{name}{at}"), name.len() * 10 + at);
        let to = |at| {
            writer(&done, stop, (address.to_owned(), other.map(str::to_owned)), numbered(at), token.clone())
        };
        (0..WRITERS).map(to).collect()
    };
    let (alone, both, after) = <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicBool>)>::default();
    let mut tasks = writers(&alone, &before.address, None, "a");
    tokio::time::sleep(Duration::from_secs(3)).await;
    // The tables change under the feet of the older version.
    let now = Process::of(env!("CARGO_BIN_EXE_eslabon"), &database, &["--workers", "1"], UNLIMITED);
    let at_start = done.groups.lock().unwrap().len();
    tasks.extend(writers(&both, &before.address, Some(&now.address), "bb"));
    tasks.extend(writers(&both, &now.address, Some(&before.address), "ccc"));
    tokio::time::sleep(Duration::from_secs(10)).await;
    alone.store(true, Ordering::Relaxed);
    both.store(true, Ordering::Relaxed);
    for task in tasks.drain(..) {
        task.await.unwrap();
    }
    let together = done.groups.lock().unwrap().len();
    let written: BTreeSet<String> = done.groups.lock().unwrap().values().cloned().collect();
    for address in [&before.address, &now.address] {
        assert!(listed(address, &token) == written, "{address} does not list what both have written");
    }
    // The older one goes, and this one has what both have written.
    before.terminate();
    let mut before = before;
    assert!(before.child.wait().unwrap().success());
    tasks.extend(writers(&after, &now.address, None, "dddd"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    after.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*done.wrong.lock().unwrap(), Vec::<String>::new());
    drop(now);

    let app = TestApp::on(database).await;
    let db = app.base.db.reads();
    let (groups, people) = (done.groups.lock().unwrap().clone(), done.people.lock().unwrap().len());
    let count = async |sql: &str| usize::try_from(number(db, sql).await).unwrap();
    assert_eq!(count("SELECT count(*) FROM buyer_groups").await, groups.len());
    let entries = "SELECT count(*) FROM audit_entries WHERE operation = 'buyer_groups.create'";
    assert_eq!(count(entries).await, groups.len());
    // The first are the operator's own.
    assert_eq!(count("SELECT count(*) FROM organisations").await, people + 1);
    assert_eq!(count("SELECT count(*) FROM accounts").await, people + 1);
    log::keep(&app.base).await.unwrap();
    let key = Folder::new(app.base.config.audit_dir()).signer(&app.base.ids).unwrap().verifier().clone();
    let report = verify::database(db, vec![key], &[]).await.unwrap();
    assert_eq!((report.faults, report.waiting), (vec![], 0));
    eprintln!(
        "{at_start} groups by the older version until this one served, {} while both did, {} afterwards; {people} firms \
         registered and logged in at the other version; {} writes repeated at the other version with the same answer; {} \
         entries verified",
        together - at_start,
        groups.len() - together,
        done.repeated.load(Ordering::Relaxed),
        report.placed
    );
    assert!(at_start > 10 && together > at_start + 20 && people > 3, "this shows little");
}
