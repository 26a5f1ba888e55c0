//! `eslabon lookup`: what public registries say of a firm, and of currencies.
//!
//! Nothing is written down: whoever asks reads the answer and decides. The way out is the one of webhooks
//! (`foundation::http::outside`): by TLS, to the public network, with limits of time and size, redirects included.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use clap::Subcommand;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::Failure;
use crate::foundation::{
    clock::Timestamp,
    config::Config,
    http::outside::{Outside, OutsideError},
};

/// For a whole answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A record of GLEIF has some ten kilobytes, a table of rates four.
const MOST: usize = 1 << 20;
const GLEIF: &str = "https://api.gleif.org/api/v1/lei-records";
const RATES: &str = "https://open.er-api.com/v6/latest";

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Who has a legal entity identifier, as GLEIF knows it
    Lei {
        /// The identifier
        lei: String,
        /// Where to ask
        #[arg(long, default_value = GLEIF)]
        from: String,
    },
    /// What one unit of other currencies is worth in a programme's, as its rules take it
    #[command(after_help = "Example:\n  eslabon lookup rates --in CLP USD EUR")]
    Rates {
        /// The programme's currency
        #[arg(long = "in")]
        own: String,
        /// Other currencies
        #[arg(required = true)]
        others: Vec<String>,
        /// Where to ask
        #[arg(long, default_value = RATES)]
        from: String,
    },
}

pub(super) async fn run(args: Args, config: Arc<Config>) -> Result<(), Failure> {
    let outside = Outside::new(2, config.reach_private)?;
    match args.command {
        Command::Lei { lei, from } => {
            let lei = lei::parse(&lei.trim().to_uppercase())
                .map_err(|error| format!("{lei} is no LEI: {error}"))?;
            let text = answer(&outside, &format!("{from}/{lei}")).await?;
            say!("{}", firm(&text)?);
        }
        Command::Rates { own, others, from } => {
            let own = code(&own)?;
            let mut found = Vec::new();
            for other in &others {
                let other = code(other)?;
                let text = answer(&outside, &format!("{from}/{other}")).await?;
                let (rate, as_of) = rate(&text, &own)?;
                found.push(json!({ "currency": other, "rate": rate, "as_of": as_of, "source": from }));
            }
            say!("{}", serde_json::to_string_pretty(&json!({ "exchange_rates": found }))?);
        }
    }
    Ok(())
}

fn code(text: &str) -> Result<String, Failure> {
    let code = text.trim().to_uppercase();
    let is_code = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    if is_code { Ok(code) } else { Err(format!("{text} is no currency: write three letters, as CLP").into()) }
}

async fn answer(outside: &Outside, address: &str) -> Result<Vec<u8>, Failure> {
    let said = |error: OutsideError| format!("{address} {error}. Check the address and the connection");
    let answer = outside.get(address, PATIENCE, MOST).await.map_err(said)?;
    match answer.status {
        200 => Ok(answer.body),
        404 => Err(format!("{address} knows nothing of it").into()),
        status => Err(format!("{address} answered with {status}. Try again later").into()),
    }
}

#[derive(Deserialize)]
struct Record {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    lei: String,
    entity: Entity,
    registration: Registration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    legal_name: Name,
    legal_address: Address,
    status: String,
    #[serde(default)]
    registered_as: Option<String>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Address {
    country: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    status: String,
    #[serde(default)]
    next_renewal_date: Option<String>,
}

/// What GLEIF says, in lines. Control characters of a stranger do not reach a terminal.
fn firm(text: &[u8]) -> Result<String, Failure> {
    let record: Record = serde_json::from_slice(text)
        .map_err(|error| format!("the registry's answer is not understood: {error}"))?;
    let Attributes { lei, entity, registration } = record.data.attributes;
    let plain = |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>();
    Ok(format!(
        "{}\n  name      {}\n  country   {}\n  entity    {}\n  tax id    {}\n  LEI       {}, renewal {}",
        plain(&lei),
        plain(&entity.legal_name.name),
        plain(&entity.legal_address.country),
        plain(&entity.status),
        plain(entity.registered_as.as_deref().unwrap_or("-")),
        plain(&registration.status),
        plain(registration.next_renewal_date.as_deref().unwrap_or("-")),
    ))
}

#[derive(Deserialize)]
struct Table<'a> {
    #[serde(borrow)]
    rates: BTreeMap<String, &'a RawValue>,
    time_last_update_unix: i64,
}

/// The rate as it is written, never through a float, and its day.
fn rate(text: &[u8], own: &str) -> Result<(String, String), Failure> {
    let table: Table<'_> = serde_json::from_slice(text)
        .map_err(|error| format!("the table of rates is not understood: {error}"))?;
    let found = table.rates.get(own).ok_or_else(|| format!("the table has no rate for {own}"))?.get();
    let is_decimal =
        found.len() <= 30 && found.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    if !is_decimal {
        return Err(format!("the rate for {own} is not written as a decimal number: {found}").into());
    }
    let as_of = Timestamp::from_micros(table.time_last_update_unix.saturating_mul(1_000_000)).day();
    Ok((found.to_owned(), as_of.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_gleif_is_read() {
        let text = json!({ "data": { "attributes": {
            "lei": "YZ83GD8L7GG84979J516",
            "entity": { "legalName": { "name": "Andes\u{1b}[31m S.A." }, "legalAddress": { "country": "CL" }, "status": "ACTIVE", "registeredAs": "76.543.210-3" },
            "registration": { "status": "ISSUED", "nextRenewalDate": "2027-01-01T00:00:00Z" },
        } } });
        let said = firm(text.to_string().as_bytes()).unwrap();
        assert!(
            said.contains("name      Andes[31m S.A.") && said.contains("ISSUED, renewal 2027-01-01"),
            "{said}"
        );
        assert!(firm(b"{}").is_err() && firm(b"<html>").is_err());
    }

    #[test]
    fn a_rate_is_taken_as_it_is_written() {
        let text = br#"{"result":"success","time_last_update_unix":1772409601,"rates":{"USD":1,"CLP":951.234567890123456789,"AAA":1e-05,"BBB":"7"}}"#;
        assert_eq!(rate(text, "CLP").unwrap(), ("951.234567890123456789".into(), "2026-03-02".into()));
        for wrong in ["AAA", "BBB", "CCC"] {
            assert!(rate(text, wrong).is_err(), "{wrong}");
        }
    }
}
