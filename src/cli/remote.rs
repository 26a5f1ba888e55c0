//! Commands that are clients of a service, with a token.

use std::{fs, path::PathBuf};

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
    /// Calls the API: POST with a body, GET without.
    pub(super) async fn call(&self, path: &str, body: Option<Vec<u8>>) -> Result<(u16, Vec<u8>), Failure> {
        let address = self.address(path);
        let answer = call(&address, Some(self.token.expose_secret()), body, None).await;
        answer.map_err(|error| format!("{address} {error}").into())
    }

    /// POST without a body, on the version that one has read.
    pub(super) async fn change(&self, path: &str, etag: &str) -> Result<(u16, Vec<u8>), Failure> {
        let address = self.address(path);
        let answer = call(&address, Some(self.token.expose_secret()), Some(Vec::new()), Some(etag)).await;
        answer.map_err(|error| format!("{address} {error}").into())
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1/{}", self.api.trim_end_matches('/'), path.trim_start_matches('/'))
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
    said.join("\n").into()
}

/// Sends a table, and says what became of it.
pub(super) async fn import(path: &str, table: &Table) -> Result<(), Failure> {
    let bytes = fs::read(&table.file)
        .map_err(|error| format!("{} can't be read: {error}. Check the path", table.file.display()))?;
    let decimal = table.decimal.map_or_else(String::new, |mark| format!("&decimal={mark}"));
    let (status, body) =
        table.service.call(&format!("{path}?preview={}{decimal}", table.preview), Some(bytes)).await?;
    if table.json {
        println!("{}", String::from_utf8_lossy(&body));
    }
    if status >= 400 {
        return Err(told(status, &body));
    }
    let answer: Json = serde_json::from_slice(&body)?;
    let problems = answer["problems"].as_array().cloned().unwrap_or_default();
    if !table.json {
        for problem in &problems {
            let text = |key: &str| problem[key].as_str().unwrap_or_default();
            println!("row {} {} {}: {}", problem["row"], text("column"), text("code"), text("detail"));
        }
        let would = if table.preview { "would be " } else { "" };
        let count = |key: &str| &answer[key];
        println!(
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
