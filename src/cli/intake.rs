//! `eslabon import ocds|chilecompra --remote`: public records through the API, in parts.

use std::{collections::BTreeSet, io::BufRead, path::Path, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use tokio::time::sleep;

use super::{
    Failure,
    remote::{Service, line, told},
};
use crate::exchange::{chilecompra, intake::MOST_RECORDS, ocds};

/// So many bytes and records go in one request, where a file can be divided: what a service does in good time.
const ENOUGH: (usize, usize) = (512 << 10, MOST_RECORDS);

/// How many seconds are waited, one time after the other, for a service that has no time.
const WAITS: [u64; 5] = [1, 2, 5, 15, 30];

/// Through a service, or into the database.
#[derive(clap::Args, Debug)]
pub(super) struct Through {
    /// Through the API of a service, into --programme, instead of the database
    #[arg(long, requires = "programme")]
    remote: bool,
    #[command(flatten)]
    how: How,
}

/// How one goes through a service, where one does.
#[derive(clap::Args, Debug)]
pub(super) struct How {
    /// Address of the service
    #[arg(long, env = "ESLABON_API", default_value = "http://127.0.0.1:8080")]
    api: String,
    /// Token of a person of the institution (POST /api/v1/tokens makes one)
    #[arg(long, env = "ESLABON_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
    /// Only say what would happen
    #[arg(long, requires = "remote")]
    pub(super) preview: bool,
    /// Print the API's answers, one for each part of the file
    #[arg(long, requires = "remote")]
    pub(super) json: bool,
}

impl Through {
    /// The service that it goes through.
    ///
    /// # Errors
    /// Without a token for it.
    pub(super) fn service(&self) -> Result<Option<Service>, Failure> {
        self.remote.then(|| self.how.service()).transpose()
    }
}

impl How {
    /// The service that is named.
    ///
    /// # Errors
    /// Without a token for it.
    pub(super) fn service(&self) -> Result<Service, Failure> {
        let token = self.token.clone().filter(|token| !token.expose_secret().is_empty());
        let token = token.ok_or("name a token with --token, or in ESLABON_TOKEN")?;
        Ok(Service::new(self.api.clone(), token))
    }
}

/// A part of a file, and how many lines stand before it where a record stands on each.
type Part = (Option<usize>, Vec<u8>);

/// The parts of a file of OCDS documents.
///
/// # Errors
/// What reading the file said.
pub(super) fn documents(
    source: impl BufRead,
) -> Result<impl Iterator<Item = Result<Part, Failure>>, Failure> {
    let mut parts = ocds::Parts::of(source, ENOUGH)?;
    Ok(std::iter::from_fn(move || parts.next_part().map_err(Failure::from).transpose()))
}

/// The parts of a table of ChileCompra's tenders.
///
/// # Errors
/// When it is none.
pub(super) fn tenders(source: impl BufRead) -> Result<impl Iterator<Item = Result<Part, Failure>>, Failure> {
    let parts = chilecompra::Parts::of(source, ENOUGH)?;
    Ok(parts.map(|part| Ok((None, part?))))
}

/// Sends a part, again after a while where the service has no time.
///
/// # Errors
/// When the service was not reached.
pub(super) async fn send(service: &Service, path: &str, part: Vec<u8>) -> Result<(u16, Vec<u8>), Failure> {
    for wait in WAITS {
        let (status, body) = service.call(path, Some(part.clone())).await?;
        let is_busy = || serde_json::from_slice::<Json>(&body).is_ok_and(|told| told["code"] == "busy");
        if !(matches!(status, 429 | 503) || status == 409 && is_busy()) {
            return Ok((status, body));
        }
        eprintln!("  the service has no time; again in {wait} s");
        sleep(Duration::from_secs(wait)).await;
    }
    service.call(path, Some(part)).await
}

/// What became of records.
#[derive(Clone, Copy, Default, Debug)]
struct Fates {
    /// Written.
    created: usize,
    /// There already.
    unchanged: usize,
    /// Refused, lines that could not be read among them.
    refused: usize,
}

impl Fates {
    const fn add(&mut self, Self { created, unchanged, refused }: Self) {
        self.created += created;
        self.unchanged += unchanged;
        self.refused += refused;
    }
}

/// Files on their way into a service.
pub(super) struct Taking<'a> {
    service: Service,
    /// Where in the API they go, with a query.
    path: String,
    through: &'a Through,
    sum: Fates,
    /// Files of which nothing could be used.
    useless: Vec<String>,
}

impl<'a> Taking<'a> {
    /// Nothing yet.
    pub(super) fn new(service: Service, path: String, through: &'a Through) -> Self {
        Self { service, path, through, sum: Fates::default(), useless: Vec::new() }
    }

    /// Sends a file part by part, and says what became of each record. A file that cannot be used does not hold up the next.
    ///
    /// # Errors
    /// When the service was not reached or refused to look at it; what it has taken is told before.
    pub(super) async fn file(
        &mut self,
        file: &Path,
        parts: Result<impl Iterator<Item = Result<Part, Failure>>, Failure>,
    ) -> Result<(), Failure> {
        eprintln!("{}", file.display());
        let (mut of_file, mut seen) = (Fates::default(), BTreeSet::new());
        let sent = self.parts(parts, &mut of_file, &mut seen).await;
        self.sum.add(of_file);
        if of_file.created + of_file.unchanged == 0 {
            self.useless.push(file.display().to_string());
        }
        if sent.is_err() {
            self.tell();
        }
        sent
    }

    /// Says how many there were; fails where a file could not be used at all.
    pub(super) fn end(&self) -> Result<(), Failure> {
        self.tell();
        if self.useless.is_empty() {
            return Ok(());
        }
        Err(format!("nothing was imported from {}; the reasons stand above", self.useless.join(", ")).into())
    }

    fn tell(&self) {
        let Fates { created, unchanged, refused } = self.sum;
        let would = if self.through.how.preview { "would be " } else { "" };
        eprintln!("{created} {would}imported, {unchanged} there already, {refused} refused.");
    }

    async fn parts(
        &self,
        parts: Result<impl Iterator<Item = Result<Part, Failure>>, Failure>,
        sum: &mut Fates,
        seen: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let unusable = |reason: &Failure, sum: &mut Fates| {
            eprintln!("  REFUSED {reason}");
            sum.refused += 1;
        };
        let parts = match parts {
            Ok(parts) => parts,
            Err(reason) => {
                unusable(&reason, sum);
                return Ok(());
            }
        };
        for part in parts {
            match part {
                Ok(part) => sum.add(self.part(part, seen).await?),
                Err(reason) => {
                    unusable(&reason, sum);
                    break;
                }
            }
        }
        Ok(())
    }

    async fn part(&self, (before, part): Part, seen: &mut BTreeSet<String>) -> Result<Fates, Failure> {
        let is_one_line = before.is_some() && !part.trim_ascii().contains(&b'\n');
        let mark = if self.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{mark}preview={}", self.path, self.through.how.preview);
        let (status, body) = send(&self.service, &path, part).await?;
        let json = self.through.how.json;
        if json {
            line(&body);
        }
        let answer: Json = serde_json::from_slice(&body).unwrap_or_default();
        // A part that is too large holds up the next as little as one that says nothing.
        let is_useless = status == 413 || status == 422 && answer["code"] == "nothing-imported";
        if status >= 400 && !is_useless {
            return Err(told(status, &body));
        }
        if status == 413 {
            eprintln!("  REFUSED {}", told(status, &body));
            return Ok(Fates { refused: 1, ..Fates::default() });
        }
        let list = |key: &str| answer[key].as_array().map_or(&[][..], Vec::as_slice);
        let mut fates = Fates::default();
        for record in list("records") {
            let (ocid, fate) = (text(record, "ocid"), text(record, "outcome"));
            // What stands in an earlier part was taken, and what it says here was not looked at.
            let is_repeated = fate == "unchanged" && seen.contains(&ocid);
            match fate.as_str() {
                "created" => fates.created += 1,
                "unchanged" if !is_repeated => fates.unchanged += 1,
                _ => fates.refused += 1,
            }
            let counts = format!(
                ": {} lots, {} suppliers, {} prices",
                record["lots"], record["suppliers"], record["offers"]
            );
            let counts = if fate == "created" { counts } else { String::new() };
            if is_repeated {
                eprintln!(
                    "  REFUSED record-repeated {ocid}: it stands in the file more than once; put its releases into one package"
                );
            } else if !json {
                say!("  {fate} {ocid} {}{counts}", text(record, "title"));
            }
            if fate != "refused" {
                seen.insert(ocid);
            }
        }
        let problems = list(if is_useless { "errors" } else { "problems" });
        let pointers = problems.iter().map(|problem| text(problem, "pointer"));
        let apart = pointers.filter(|pointer| is_useless || !pointer.starts_with("/records/"));
        fates.refused += apart.collect::<BTreeSet<_>>().len();
        if json {
            return Ok(fates);
        }
        let of_file = |line: u64| format!("line {}", line + before.unwrap_or(0) as u64);
        for problem in problems {
            let pointer = text(problem, "pointer");
            let at = pointer.strip_prefix("/lines/").and_then(|line| line.parse().ok());
            let place = at.or((pointer == "/" && is_one_line).then_some(1)).map_or(pointer, of_file);
            say!("  REFUSED {place} {}: {}", text(problem, "code"), text(problem, "detail"));
        }
        for odd in list("warnings") {
            let at = odd["line"].as_u64().or(is_one_line.then_some(1)).map(of_file);
            let place = at.unwrap_or_else(|| text(odd, "tender"));
            say!("  warning {place} {} {}: {}", text(odd, "pointer"), text(odd, "code"), text(odd, "detail"));
        }
        if let Some(rows) = answer["rows_left_out"].as_u64().filter(|rows| *rows > 0) {
            say!("  {rows} rows left out.");
        }
        Ok(fates)
    }
}

fn text(of: &Json, key: &str) -> String {
    of[key].as_str().unwrap_or_default().to_owned()
}
