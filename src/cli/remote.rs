//! Commands that are clients of a service, with a token.

use std::{fs, io::Read, path::PathBuf};

use axum::http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;

use super::Failure;
use crate::foundation::{http::call, numerals::Mark};

/// Which service, and who one is there.
#[derive(clap::Args, Debug)]
pub(super) struct Service {
    /// Address of the service
    #[arg(long, env = "ESLABON_API", default_value = "http://127.0.0.1:8080")]
    api: String,
    /// Token of a person (POST /api/v1/tokens makes one)
    #[arg(long, env = "ESLABON_TOKEN", hide_env_values = true)]
    token: SecretString,
}

/// A table to import.
#[derive(clap::Args, Debug)]
pub(super) struct Table {
    /// The table: CSV or XLSX
    file: PathBuf,
    /// Only say what would happen, and everything that is wrong
    #[arg(long)]
    preview: bool,
    /// What stands before decimals in the file: comma or point (default: as in one's country)
    #[arg(long)]
    decimal: Option<Mark>,
    /// Print the API's answer
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: Service,
}

impl Service {
    /// A service, and the token with which one is somebody there.
    pub(super) const fn new(api: String, token: SecretString) -> Self {
        Self { api, token }
    }

    /// Calls the API: POST with a body, GET without.
    pub(super) async fn call(&self, path: &str, body: Option<Vec<u8>>) -> Result<(u16, Vec<u8>), Failure> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        self.send(method, path, (None, body.unwrap_or_default()), None).await
    }

    /// What the API shows there.
    pub(super) async fn read(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let (status, body) = self.call(path, None).await?;
        if status >= 400 { Err(told(status, &body)) } else { Ok(body) }
    }

    /// Does something, in the version of what it changes that is there now.
    pub(super) async fn step(&self, step: Step) -> Result<Vec<u8>, Failure> {
        let version = match &step.of {
            Some(of) => {
                let present: Json = serde_json::from_slice(&self.read(of).await?)?;
                present["etag"].as_str().map(str::to_owned)
            }
            None => None,
        };
        let kind = (!step.body.is_empty()).then_some("application/json");
        let sent = self.send(step.method, &step.path, (kind, step.body), version.as_deref());
        let (status, body) = sent.await?;
        if status >= 400 { Err(told(status, &body)) } else { Ok(body) }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: (Option<&str>, Vec<u8>),
        version: Option<&str>,
    ) -> Result<(u16, Vec<u8>), Failure> {
        let address = format!("{}/api/v1/{}", self.api.trim_end_matches('/'), path.trim_start_matches('/'));
        let answer = call((method, &address), Some(self.token.expose_secret()), body, version).await;
        answer.map_err(|error| format!("{address} {error}").into())
    }
}

/// Something to do through the API.
#[derive(Debug)]
pub(super) struct Step {
    method: Method,
    path: String,
    /// What it changes: its version is asked for first.
    of: Option<String>,
    body: Vec<u8>,
}

impl Step {
    /// Makes something there.
    pub(super) const fn make(path: String, body: Vec<u8>) -> Self {
        Self { method: Method::POST, path, of: None, body }
    }

    /// Does away with what stands there.
    pub(super) const fn remove(path: String) -> Self {
        Self { method: Method::DELETE, path, of: None, body: Vec::new() }
    }

    /// Moves what stands at `of` on.
    pub(super) fn onward(of: &str, step: &str, body: Vec<u8>) -> Self {
        Self { method: Method::POST, path: format!("{of}/{step}"), of: Some(of.to_owned()), body }
    }

    /// Writes what stands at `of` anew.
    pub(super) fn rewrite(of: String, body: Vec<u8>) -> Self {
        Self { method: Method::PUT, path: of.clone(), of: Some(of), body }
    }

    /// Says something of what stands at `of`.
    pub(super) fn say(of: &str, what: &str, body: Vec<u8>) -> Self {
        Self { method: Method::PUT, ..Self::onward(of, what, body) }
    }
}

/// What one says: the body of the API's operation.
#[derive(clap::Args, Debug)]
pub(super) struct Said {
    /// What the API takes (see /docs), as JSON: a file, or - for standard input
    body: PathBuf,
}

impl Said {
    /// The bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        if self.body.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        fs::read(&self.body)
            .map_err(|error| format!("{} can't be read: {error}. Check the path", self.body.display()).into())
    }
}

/// These fields as a body.
pub(super) fn fields<const N: usize>(fields: [(&str, &str); N]) -> Vec<u8> {
    let object: serde_json::Map<_, _> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), Json::from(value))).collect();
    Json::Object(object).to_string().into_bytes()
}

/// What the API refused: for a person at a terminal, and as it came.
#[derive(Debug, thiserror::Error)]
#[error("{told}")]
struct Refused {
    told: String,
    problem: Vec<u8>,
}

/// Prints the API's own answer, whether it did what was asked or says why not. One line break ends it.
pub(super) fn print(answer: Result<Vec<u8>, Failure>) -> Result<(), Failure> {
    match &answer {
        Ok(body) => line(body),
        Err(failure) => {
            if let Some(refused) = failure.downcast_ref::<Refused>() {
                line(&refused.problem);
            }
        }
    }
    answer.map(drop)
}

/// Prints an answer.
pub(super) fn line(body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    // What was done away with has no answer.
    if !text.trim_end().is_empty() {
        say!("{}", text.trim_end());
    }
}

/// What a problem says, for a person at a terminal.
pub(super) fn told(status: u16, body: &[u8]) -> Failure {
    let Ok(problem) = serde_json::from_slice::<Json>(body) else {
        return format!("the service answered {status}. Check --api").into();
    };
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut said = vec![format!("{} ({status} {})", text(&problem, "detail"), text(&problem, "code"))];
    said.extend(problem["errors"].as_array().into_iter().flatten().map(|error| {
        format!("  {} {}: {}", text(error, "pointer"), text(error, "code"), text(error, "detail"))
    }));
    Box::new(Refused { told: said.join("\n"), problem: body.to_vec() })
}

/// Sends a table, and says what became of it.
pub(super) async fn import(path: &str, table: &Table) -> Result<(), Failure> {
    let bytes = fs::read(&table.file)
        .map_err(|error| format!("{} can't be read: {error}. Check the path", table.file.display()))?;
    let decimal = table.decimal.map_or_else(String::new, |mark| format!("&decimal={mark}"));
    let (status, body) =
        table.service.call(&format!("{path}?preview={}{decimal}", table.preview), Some(bytes)).await?;
    if table.json {
        line(&body);
    }
    if status >= 400 {
        return Err(told(status, &body));
    }
    let answer: Json = serde_json::from_slice(&body)?;
    let problems = answer["problems"].as_array().cloned().unwrap_or_default();
    if !table.json {
        for problem in &problems {
            let text = |key: &str| problem[key].as_str().unwrap_or_default();
            say!("row {} {} {}: {}", problem["row"], text("column"), text("code"), text("detail"));
        }
        let would = if table.preview { "would be " } else { "" };
        let count = |key: &str| &answer[key];
        say!(
            "{} rows: {} {would}created, {} changed, {} there already.",
            count("rows"),
            count("created"),
            count("changed"),
            count("unchanged")
        );
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err("nothing would be imported; the reasons stand above".into())
    }
}
