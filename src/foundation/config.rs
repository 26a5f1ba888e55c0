//! Settings: from flags, the environment, or their defaults; `config show` says which.

use std::{net::SocketAddr, path::PathBuf};

use axum::http::HeaderName;
use clap::{Args, parser::ValueSource};
use secrecy::{ExposeSecret, SecretString};

use super::mail::{self, NoMail};

/// The settings of the service. Flags win over the environment, the environment over defaults.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Where the data lies: sqlite:FILE or postgres:USER:PASSWORD@HOST/DATABASE
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite:eslabon.sqlite",
        hide_env_values = true,
        global = true
    )]
    pub database_url: SecretString,
    /// Address and port on which `serve` listens
    #[arg(long, env = "ESLABON_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,
    /// Address under which browsers reach the service, when it is not the listening one
    #[arg(long, env = "ESLABON_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Says that a reverse proxy ends TLS in front of the service
    #[arg(long, env = "ESLABON_BEHIND_TLS_PROXY", default_value_t = false, global = true)]
    pub behind_tls_proxy: bool,
    /// Who needs a second factor: the people of institutions for what approves (matches, awards, waivers, payments), or nobody
    #[arg(long, env = "ESLABON_SECOND_FACTOR", value_enum, default_value = "nobody", global = true)]
    pub second_factor: SecondFactor,
    /// Header in which the proxy in front says from which address a request comes, as its last value; nothing else is
    /// asked for it behind a proxy, and limits by address hold only where it is known
    #[arg(long, env = "ESLABON_CLIENT_ADDRESS_HEADER", global = true)]
    pub client_address_header: Option<HeaderName>,
    /// Attempts to log in that may fail: for an account from one address in fifteen minutes; from all addresses five times
    /// as many an hour, from one address for all accounts ten times as many. 0: any number
    #[arg(long, env = "ESLABON_LIMIT_LOG_IN", default_value_t = 10, global = true)]
    pub limit_log_in: u32,
    /// Requests for a new password, for membership, and registrations in an hour, for one e-mail address and from one
    /// address; of invitations, four times as many from one person. 0: any number
    #[arg(long, env = "ESLABON_LIMIT_LETTERS", default_value_t = 30, global = true)]
    pub limit_letters: u32,
    /// Writes of a person in a minute; from one address four times as many. 0: any number
    #[arg(long, env = "ESLABON_LIMIT_WRITES", default_value_t = 300, global = true)]
    pub limit_writes: u32,
    /// Shows the pieces of which pages are made at /styleguide, for those who write pages
    #[arg(long, env = "ESLABON_STYLEGUIDE", default_value_t = false, global = true)]
    pub styleguide: bool,
    /// Job workers inside `serve` (0: run `eslabon worker` elsewhere)
    #[arg(long, env = "ESLABON_WORKERS", default_value_t = 1, global = true)]
    pub workers: usize,
    /// Folder in which evidence files are kept; made when it is missing. Instances share it.
    #[arg(long, env = "ESLABON_EVIDENCE_DIR", default_value = "evidence", global = true)]
    pub evidence_dir: PathBuf,
    /// Keeps evidence files in a bucket instead: `s3://BUCKET/PREFIX`
    #[arg(long, env = "ESLABON_EVIDENCE_URL", global = true, value_parser = bucket)]
    pub evidence_url: Option<String>,
    /// Where the bucket is, when that is not Amazon: https://HOST:PORT
    #[arg(long, env = "ESLABON_EVIDENCE_ENDPOINT", global = true)]
    pub evidence_endpoint: Option<String>,
    /// The bucket's region
    #[arg(long, env = "ESLABON_EVIDENCE_REGION", default_value = "us-east-1", global = true)]
    pub evidence_region: String,
    /// The id of the bucket's access key
    #[arg(long, env = "ESLABON_EVIDENCE_KEY", global = true, requires = "evidence_secret")]
    pub evidence_key: Option<String>,
    /// The secret of the bucket's access key
    #[arg(long, env = "ESLABON_EVIDENCE_SECRET", hide_env_values = true, global = true)]
    pub evidence_secret: Option<SecretString>,
    /// Seconds that the bucket may take for an answer
    #[arg(long, env = "ESLABON_EVIDENCE_SECONDS", default_value_t = 20, global = true)]
    pub evidence_seconds: u32,
    /// Folder with the key that signs the audit log, and its last checkpoint; made when it is missing. Instances share it.
    /// Beside an SQLite file it is FILE.audit, else audit
    #[arg(long, env = "ESLABON_AUDIT_DIR", global = true)]
    pub audit_dir: Option<PathBuf>,
    /// Folder into which letters are written as .eml files, while no server is named
    #[arg(long, env = "ESLABON_MAIL_DIR", default_value = "mail", global = true)]
    pub mail_dir: PathBuf,
    /// Server that sends letters instead: smtps://USER:PASSWORD@HOST:PORT, or `smtp://…?tls=required`
    #[arg(
        long,
        env = "ESLABON_MAIL_URL",
        hide_env_values = true,
        global = true,
        value_parser = mail_server
    )]
    pub mail_url: Option<SecretString>,
    /// Who writes: an address, or `NAME <ADDRESS>`
    #[arg(
        long,
        env = "ESLABON_MAIL_FROM",
        default_value = "Eslabón <eslabon@localhost>",
        global = true,
        value_parser = mail::check_sender
    )]
    pub mail_from: String,
    /// Address and port on which metrics and health are told; nowhere when it is not given
    #[arg(long, env = "ESLABON_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<SocketAddr>,
    /// Collector to which `serve` and `worker` send traces (OTLP over HTTP), in a program that was built with the feature
    /// `otel`: `http://HOST:4318`
    #[arg(long, env = "ESLABON_OTLP_ENDPOINT", global = true, value_parser = collector)]
    pub otlp_endpoint: Option<String>,
    /// Seconds for which `serve` says that it is not ready before it takes no more requests, once told to stop
    #[arg(long, env = "ESLABON_DRAIN_SECONDS", default_value_t = 0, global = true)]
    pub drain_seconds: u32,
    /// Seconds after which a connection is closed that has not sent the whole head of a request
    #[arg(long, env = "ESLABON_PATIENCE_SECONDS", default_value_t = 60, global = true)]
    pub patience_seconds: u32,
    /// Seconds after which a stream of events ends: whoever listens comes back, and is asked again who it is
    #[arg(long, env = "ESLABON_STREAM_SECONDS", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=30), global = true)]
    pub stream_seconds: u32,
    /// How the log is written: text, or a line of JSON for each event
    #[arg(long, env = "ESLABON_LOG_FORMAT", default_value = "text", value_parser = ["text", "json"], global = true)]
    pub log_format: String,
    /// Lets webhooks go to private addresses and without TLS: for tests alone
    #[arg(long, env = "ESLABON_REACH_PRIVATE", default_value_t = false, hide = true, global = true)]
    pub reach_private: bool,
    /// Seconds that a solver run may take
    #[arg(long, env = "ESLABON_SOLVER_SECONDS", default_value_t = 300, global = true)]
    pub solver_seconds: u32,
    /// Memory that a solver run may use, in MiB
    #[arg(long, env = "ESLABON_SOLVER_MEMORY_MIB", default_value_t = 4096, global = true)]
    pub solver_memory_mib: u64,
    /// The program that runs the solver; by default this program itself
    #[arg(long, env = "ESLABON_SOLVER_PROGRAM", hide = true, global = true)]
    pub solver_program: Option<PathBuf>,
}

/// Who needs a second factor. Whoever has one is asked for it in either case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum SecondFactor {
    /// The people of institutions, for what approves.
    Approvers,
    /// Nobody.
    Nobody,
}

/// One setting, as `config show` prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The flag's name.
    pub name: &'static str,
    /// The value; secrets are masked.
    pub value: String,
    /// Where it comes from.
    pub source: &'static str,
}

impl Config {
    /// The database's URL, for the connection alone.
    pub fn database_url(&self) -> &str {
        self.database_url.expose_secret()
    }

    /// The program that runs the solver: the configured one, else this one.
    ///
    /// # Errors
    /// When the operating system can't tell which program this is.
    pub fn solver_path(&self) -> std::io::Result<PathBuf> {
        self.solver_program.clone().map_or_else(std::env::current_exe, Ok)
    }

    /// The folder with the key that signs the audit log.
    pub fn audit_dir(&self) -> PathBuf {
        self.audit_dir.clone().unwrap_or_else(|| match self.database_url().strip_prefix("sqlite:") {
            Some(file) => {
                format!("{}.audit", file.split('?').next().unwrap_or(file).trim_start_matches("//")).into()
            }
            None => "audit".into(),
        })
    }

    /// The address of the service, as it stands before the path of a page.
    pub fn site(&self) -> String {
        let site = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        site.trim_end_matches('/').to_owned()
    }

    /// Every setting with its source, secrets masked.
    pub fn settings(&self, source: impl Fn(&str) -> Option<ValueSource>) -> Vec<Setting> {
        let show = |name: &'static str, value: String| {
            let source = match source(name) {
                Some(ValueSource::CommandLine) => "flag",
                Some(ValueSource::EnvVariable) => "environment",
                Some(_) => "default",
                None => "not set",
            };
            Setting { name, value, source }
        };
        let path =
            |path: &Option<PathBuf>| path.as_ref().map_or_else(String::new, |p| p.display().to_string());
        vec![
            show("database_url", without_password(self.database_url())),
            show("listen", self.listen.to_string()),
            show("public_url", self.public_url.clone().unwrap_or_default()),
            show("behind_tls_proxy", self.behind_tls_proxy.to_string()),
            show("second_factor", format!("{:?}", self.second_factor).to_lowercase()),
            show(
                "client_address_header",
                self.client_address_header.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
            show("limit_log_in", self.limit_log_in.to_string()),
            show("limit_letters", self.limit_letters.to_string()),
            show("limit_writes", self.limit_writes.to_string()),
            show("workers", self.workers.to_string()),
            show("evidence_dir", self.evidence_dir.display().to_string()),
            show("evidence_url", self.evidence_url.clone().unwrap_or_default()),
            show("evidence_endpoint", self.evidence_endpoint.clone().unwrap_or_default()),
            show("evidence_region", self.evidence_region.clone()),
            show("evidence_key", self.evidence_key.clone().unwrap_or_default()),
            show("evidence_secret", self.evidence_secret.as_ref().map_or("", |_| "***").to_owned()),
            show("evidence_seconds", self.evidence_seconds.to_string()),
            show("audit_dir", self.audit_dir().display().to_string()),
            show("mail_dir", self.mail_dir.display().to_string()),
            show(
                "mail_url",
                self.mail_url.as_ref().map_or_else(String::new, |url| without_password(url.expose_secret())),
            ),
            show("mail_from", self.mail_from.clone()),
            show(
                "metrics_listen",
                self.metrics_listen.map(|address| address.to_string()).unwrap_or_default(),
            ),
            show("otlp_endpoint", self.otlp_endpoint.clone().unwrap_or_default()),
            show("drain_seconds", self.drain_seconds.to_string()),
            show("patience_seconds", self.patience_seconds.to_string()),
            show("stream_seconds", self.stream_seconds.to_string()),
            show("log_format", self.log_format.clone()),
            show("solver_seconds", self.solver_seconds.to_string()),
            show("solver_memory_mib", self.solver_memory_mib.to_string()),
            show("solver_program", path(&self.solver_program)),
        ]
    }
}

/// Only buckets that speak S3.
fn bucket(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("s3://").map(|rest| rest.split('/').next().unwrap_or_default());
    match name {
        Some(name) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err("it is written as s3://BUCKET or s3://BUCKET/PREFIX".to_owned()),
    }
}

/// Only where HTTP is spoken. The path is the protocol's, and a secret would show in logs.
fn collector(text: &str) -> Result<String, String> {
    let fits = url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if fits {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("it is written as http://HOST:PORT or https://HOST:PORT, without user and parameters".to_owned())
    }
}

/// Only servers to which passwords and letters go under TLS.
fn mail_server(text: &str) -> Result<SecretString, NoMail> {
    mail::check_server(text).map(|()| text.to_owned().into())
}

/// The URL without password and without parameters, which may hold one.
fn without_password(url: &str) -> String {
    let plain = url.split('?').next().unwrap_or_default();
    match plain.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}:***@{host}")
            }
            None => plain.to_owned(),
        },
        None => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_sqlite_file_has_an_audit_folder_of_its_own() {
        use clap::{Args, FromArgMatches};
        let folder = |args: &[&str]| {
            let matches = super::Config::augment_args(clap::Command::new("test")).get_matches_from(args);
            super::Config::from_arg_matches(&matches).unwrap().audit_dir().display().to_string()
        };
        let url = |url| folder(&["test", "--database-url", url]);
        assert_eq!(url("sqlite:data/a.sqlite?mode=rwc"), "data/a.sqlite.audit");
        assert_eq!(url("postgres://a@localhost/eslabon"), "audit");
        assert_eq!(folder(&["test", "--audit-dir", "/srv/audit"]), "/srv/audit");
    }

    #[test]
    fn a_collector_is_an_address_without_secrets() {
        assert_eq!(super::collector("http://127.0.0.1:4318/"), Ok("http://127.0.0.1:4318".to_owned()));
        for wrong in
            ["collector:4318", "grpc://collector:4317", "https://ana:s3cret@collector", "http://c/?key=1"]
        {
            assert!(super::collector(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = super::without_password("postgres://ana:s3cr:et@db.example:5432/eslabon?password=s3cret");
        assert_eq!(shown, "postgres://ana:***@db.example:5432/eslabon");
        assert_eq!(super::without_password("sqlite:eslabon.sqlite"), "sqlite:eslabon.sqlite");
    }
}
