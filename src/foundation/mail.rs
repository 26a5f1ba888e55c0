//! E-mail: letters to people, into a folder of `.eml` files or to a server that speaks SMTP.
//!
//! A letter says what has happened and where to look, and nothing that its reader could not look up there: mail passes
//! through many hands. Letters are sent by background jobs alone, so no request waits for a server. What a server
//! answers is not kept: it tends to name the address. A letter that is sent again has the same `Message-ID`, by which a
//! mailbox knows it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use secrecy::ExposeSecret;

use super::{clock::Timestamp, config::Config, http::install_tls, problem::Problem};

/// A server has this long for each of its answers.
const SECONDS: u64 = 20;
/// How often a letter is tried: with the pauses of [`jobs`](super::jobs), for about five hours.
pub const ATTEMPTS: i32 = 16;

/// A letter to one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// What it is known by: the same for each attempt at it.
    pub key: String,
    /// The person's address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Where letters go.
#[derive(Clone, Debug)]
pub struct Mail {
    from: Mailbox,
    way: Way,
    site: String,
}

#[derive(Clone, Debug)]
enum Way {
    Folder(PathBuf),
    Server(AsyncSmtpTransport<Tokio1Executor>),
}

/// Why letters can't be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoMail {
    /// The address of the server can't be read.
    #[error("it is written as smtps://USER:PASSWORD@HOST:PORT")]
    Address,
    /// Passwords and letters would travel in the clear.
    #[error("smtp:// is for this machine alone: write smtps://HOST, or smtp://HOST?tls=required")]
    InTheClear,
    /// The sender's address can't be read.
    #[error("it is written as NAME <ADDRESS>, or as the address alone")]
    Sender,
}

/// The server behind an address: with TLS, unless it is this machine.
fn server(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, NoMail> {
    let rest = url.strip_prefix("smtps://").or_else(|| url.strip_prefix("smtp://")).ok_or(NoMail::Address)?;
    let (place, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let options = after.split_once('?').map_or("", |(_, options)| options);
    let is_here = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| place.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':')));
    if url.starts_with("smtp://") && options != "tls=required" && !is_here {
        return Err(NoMail::InTheClear);
    }
    install_tls();
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| NoMail::Address)?;
    Ok(builder.timeout(Some(Duration::from_secs(SECONDS))).build())
}

/// Reads the address of a server, for the settings.
///
/// # Errors
/// What is wrong with it.
pub fn check_server(url: &str) -> Result<(), NoMail> {
    server(url).map(drop)
}

/// Reads the sender, for the settings.
///
/// # Errors
/// What is wrong with it.
pub fn check_sender(text: &str) -> Result<String, NoMail> {
    text.parse::<Mailbox>().map(|_| text.to_owned()).map_err(|_| NoMail::Sender)
}

impl Mail {
    /// Where these settings send letters.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of(config: &Config) -> Result<Self, NoMail> {
        let from = config.mail_from.parse().map_err(|_| NoMail::Sender)?;
        let way = match &config.mail_url {
            Some(url) => Way::Server(server(url.expose_secret())?),
            None => Way::Folder(config.mail_dir.clone()),
        };
        Ok(Self { from, way, site: config.site() })
    }

    /// Whether letters reach people by themselves; a folder is for whoever runs the service.
    pub const fn reaches_people(&self) -> bool {
        matches!(self.way, Way::Server(_))
    }

    /// The address of a page of this service, for a letter.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// 503 when it was not taken, without the reason that the server gave but for its number.
    pub async fn send(&self, letter: &Letter, at: Timestamp) -> Result<(), Problem> {
        let message = self.message(letter, at)?;
        match &self.way {
            Way::Folder(folder) => {
                keep(folder, &letter.key, &message.formatted()).await.map_err(|error| not_sent(error.kind()))
            }
            Way::Server(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(match error.status() {
                    Some(code) => not_sent(format!("the server said {code}")),
                    None if error.is_timeout() => not_sent("the server did not answer in time"),
                    None => not_sent("the server could not be reached"),
                }),
            },
        }
    }

    fn message(&self, letter: &Letter, at: Timestamp) -> Result<Message, Problem> {
        let domain = self.from.email.domain();
        let to = letter.to.parse().map_err(|_| not_sent("no address that mail could go to"))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0));
        // So that no machine answers it.
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", letter.key)))
            .date(date)
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(Problem::internal)
    }
}

fn not_sent(cause: impl std::fmt::Display) -> Problem {
    tracing::warn!(%cause, "a letter was not sent");
    Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "mail-unavailable")
}

/// Writes a letter down, whole or not at all, for the eyes of whoever runs the service.
async fn keep(folder: &Path, key: &str, content: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let (beside, place) = (folder.join(format!(".{key}")), folder.join(format!("{key}.eml")));
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&beside).await?;
    tokio::io::AsyncWriteExt::write_all(&mut file, content).await?;
    file.sync_all().await?;
    tokio::fs::rename(&beside, &place).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_is_spoken_to_under_tls_alone() {
        for url in [
            "smtps://ana:secreto@mail.example",
            "smtp://mail.example:587?tls=required",
            "smtp://localhost:2525",
            "smtp://127.0.0.1:25",
            "smtp://[::1]:25",
        ] {
            assert_eq!(check_server(url), Ok(()), "{url}");
        }
        for url in [
            "smtp://mail.example",
            "smtp://mail.example:587?tls=opportunistic",
            "smtp://localhost.example:25",
            "smtp://127.0.0.1.example",
            "smtp://127.0.0.1@mail.example",
            "smtp://mail.example#@127.0.0.1",
        ] {
            assert_eq!(check_server(url), Err(NoMail::InTheClear), "{url}");
        }
        for url in ["", "mail.example", "http://mail.example", "smtps://"] {
            assert_eq!(check_server(url), Err(NoMail::Address), "{url}");
        }
    }
}
