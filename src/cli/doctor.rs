//! `eslabon doctor`: what is wrong, why, and what to type.

use std::{sync::Arc, time::Duration};

use axum::http::Method;

use super::Failure;
use crate::foundation::{
    audit::{checkpoint::Folder, log},
    clock::Clock,
    config::Config,
    db::{Db, Engine},
    http,
    jobs::{self, State},
    mail::Mail,
    outbox,
    problem::Problem,
    telemetry,
};

struct Finding {
    what: &'static str,
    wrong: Option<(String, String)>,
}

impl Finding {
    fn of<T, E: std::fmt::Display>(what: &'static str, result: Result<T, E>, fix: &str) -> Self {
        Self { what, wrong: result.err().map(|error| (error.to_string(), fix.to_owned())) }
    }
}

/// A job that waits for longer than this waits for a worker that is not there.
const LONG: u64 = 900;

/// Whether jobs are done.
async fn of_jobs(db: &Db) -> Vec<Finding> {
    let Ok(queue) = jobs::queue(db.reads(), Clock::System.now()).await else { return Vec::new() };
    let dead: u64 =
        queue.states.iter().filter(|(_, state, _)| *state == State::Dead).map(|(_, _, jobs)| jobs).sum();
    let none = if dead == 0 { Ok(()) } else { Err(format!("{dead} did")) };
    let waits = if queue.oldest_due < LONG {
        Ok(())
    } else {
        Err(format!("the oldest has been due for {} seconds", queue.oldest_due))
    };
    vec![
        Finding::of(
            "no job failed for good",
            none,
            "eslabon jobs list --state dead, then eslabon jobs replay ID (or cancel what runs)",
        ),
        Finding::of("jobs are worked on", waits, "eslabon serve, or eslabon worker"),
    ]
}

/// Whether what `backup` needs is there.
fn backups(config: &Config) -> Result<(), String> {
    if Db::engine_named(config.database_url()) != Some(Engine::Postgres) {
        return Ok(());
    }
    let found = std::process::Command::new("pg_dump").arg("--version").output();
    found.map(drop).map_err(|error| format!("pg_dump can't be started: {error}"))
}

/// Whether the audit log is what was signed last: it is not when the database was put back to an older state.
async fn goes_on(db: &Db, config: &Config) -> Result<(), String> {
    let last = Folder::new(config.audit_dir()).last().map_err(|error| error.to_string())?;
    let (Some(last), Ok(())) = (last, db.check_tables().await) else { return Ok(()) };
    let size = log::size(db.reads()).await.map_err(|problem| problem.to_string())?;
    let goes_on = log::extends(db.reads(), size, &last).await;
    goes_on.map_err(|_| {
        format!(
            "{} entries were signed at {}, and those of the database are others or fewer ({size})",
            last.size, last.at
        )
    })
}

/// A collector that does not answer within this takes no traces either.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether traces can be sent: the collector is asked to take none at all. What headers it wants, the exporter knows alone.
async fn traces(collector: &str) -> Result<(), String> {
    if !cfg!(feature = "otel") {
        return Err(telemetry::NOT_BUILT_IN.to_owned());
    }
    let address = format!("{collector}/v1/traces");
    let nothing = (Some("application/x-protobuf"), Vec::new());
    let asked = http::call((Method::POST, address.as_str()), None, nothing, None);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok((200..=299 | 401 | 403, _))) => Ok(()),
        Ok(Ok((status, _))) => Err(format!("{address} answers {status}")),
        Ok(Err(error)) => Err(format!("{address} {error}")),
        Err(_) => Err(format!("{address} does not answer within {} seconds", PATIENCE.as_secs())),
    }
}

/// Whether everything that people are to be told could be told.
fn told(aside: Result<Option<outbox::SetAside>, Problem>) -> Finding {
    let told = match aside {
        Ok(None) => Ok(()),
        Ok(Some(outbox::SetAside { entries, oldest, reason })) => {
            Err(format!("{entries} entries of the trail are set aside, the oldest is {oldest}: {reason}"))
        }
        Err(problem) => Err(problem.to_string()),
    };
    let fix = "eslabon serve, whose log names each of them; they are tried again by themselves, at the latest after a day";
    Finding::of("people are told what has happened", told, fix)
}

pub(super) async fn run(config: Arc<Config>) -> Result<(), Failure> {
    let mut findings = Vec::new();
    let connected = Db::connect(config.database_url()).await;
    match &connected {
        Ok(db) => {
            findings.push(Finding::of("the database answers", db.ping().await, "check --database-url"));
            let (tables, fix) = (db.check_tables().await, "eslabon migrate");
            if tables.is_ok() {
                findings.push(told(outbox::aside(db.reads()).await));
                findings.extend(of_jobs(db).await);
            }
            findings.push(Finding::of("its tables are up to date", tables, fix));
            let fix = "eslabon audit verify says what; eslabon audit restored, when an older database was put back on purpose";
            findings.push(Finding::of(
                "the audit log goes on from its last checkpoint",
                goes_on(db, &config).await,
                fix,
            ));
        }
        Err(error) => {
            let fix = "check --database-url (DATABASE_URL); for PostgreSQL: is the server running, does the user exist?";
            findings.push(Finding::of("the database answers", Err::<(), _>(error), fix));
        }
    }
    let free = tokio::net::TcpListener::bind(config.listen).await.map(drop);
    findings.push(Finding::of(
        "the address is free to listen on",
        free,
        "stop the other program, or choose --listen",
    ));
    let tls = if config.listen.ip().is_loopback() || config.behind_tls_proxy {
        Ok(())
    } else {
        Err("passwords would travel in the clear")
    };
    findings.push(Finding::of(
        "logins are protected",
        tls,
        "eslabon serve --behind-tls-proxy, behind a proxy with TLS",
    ));
    let known = match (config.behind_tls_proxy, &config.client_address_header) {
        (true, None) => Err("behind a proxy every request comes from the proxy, so that they do not hold"),
        _ => Ok(()),
    };
    findings.push(Finding::of(
        "limits by address hold",
        known,
        "eslabon serve --client-address-header x-forwarded-for, or what the proxy calls it",
    ));
    findings.push(Finding::of("backups can be made", backups(&config), "apt-get install postgresql-client"));
    let fix = "see --mail-url and --mail-from";
    findings.push(Finding::of("letters can be sent", Mail::of(&config), fix));
    let leads = match (&config.mail_url, &config.public_url) {
        (Some(_), None) => Err(format!("their links begin with {}", config.site())),
        _ => Ok(()),
    };
    findings.push(Finding::of(
        "letters lead to where people can go",
        leads,
        "eslabon serve --public-url https://HOST",
    ));
    if let Some(collector) = &config.otlp_endpoint {
        let fix = "start the collector, or see --otlp-endpoint";
        findings.push(Finding::of("the collector takes traces", traces(collector).await, fix));
    }
    let found = config.solver_path().and_then(|path| std::fs::metadata(path).map(drop));
    findings.push(Finding::of("the solver program is there", found, "unset ESLABON_SOLVER_PROGRAM"));
    let mut wrong = 0;
    for finding in &findings {
        match &finding.wrong {
            None => say!("ok     {}", finding.what),
            Some((why, fix)) => {
                wrong += 1;
                say!("WRONG  {}\n       why:  {why}\n       type: {fix}", finding.what);
            }
        }
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} of {} checks failed", findings.len()).into()) }
}
