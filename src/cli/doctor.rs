//! `eslabon doctor`: what is wrong, why, and what to type.

use std::sync::Arc;

use super::Failure;
use crate::foundation::{config::Config, db::Db, mail::Mail, outbox, problem::Problem};

struct Finding {
    what: &'static str,
    wrong: Option<(String, String)>,
}

impl Finding {
    fn of<T, E: std::fmt::Display>(what: &'static str, result: Result<T, E>, fix: &str) -> Self {
        Self { what, wrong: result.err().map(|error| (error.to_string(), fix.to_owned())) }
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
            }
            findings.push(Finding::of("its tables are up to date", tables, fix));
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
    let found = config.solver_path().and_then(|path| std::fs::metadata(path).map(drop));
    findings.push(Finding::of("the solver program is there", found, "unset ESLABON_SOLVER_PROGRAM"));
    let mut wrong = 0;
    for finding in &findings {
        match &finding.wrong {
            None => println!("ok     {}", finding.what),
            Some((why, fix)) => {
                wrong += 1;
                println!("WRONG  {}\n       why:  {why}\n       type: {fix}", finding.what);
            }
        }
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} of {} checks failed", findings.len()).into()) }
}
