//! Fetching a document from elsewhere.

use std::time::Duration;

use reqwest::{Client, Method, Response, Url, redirect};

const TIME_LIMIT: Duration = Duration::from_mins(1);
/// Largest document.
const SIZE_LIMIT: usize = 64 << 20;

/// Why a document could not be fetched, for a person at a terminal.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address that we fetch from.
    #[error("is no https:// or http:// address")]
    Address,
    /// The network or the server said no.
    #[error("could not be fetched: {0}. Check the address and the connection")]
    Transport(#[from] reqwest::Error),
    /// The TLS library could not be set up.
    #[error("TLS is not available: {0}")]
    Tls(#[from] rustls::Error),
    /// Larger than we take.
    #[error("is larger than {} MiB. Fetch it by hand and divide it", SIZE_LIMIT >> 20)]
    TooLarge,
}

/// Fetches a document that the operator names: at most 64 MiB within a minute, at most three redirects.
///
/// # Errors
/// [`FetchError`]; nothing is retried.
pub async fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    let response = client()?.get(parsed(address)?).send().await?.error_for_status()?;
    content(response).await
}

/// Calls the API of a service with a body of some kind, on a version that was read, where these are named. Answers the
/// status and the body, whatever it is.
///
/// # Errors
/// [`FetchError`]; nothing is retried.
pub async fn call(
    (method, address): (Method, &str),
    token: Option<&str>,
    (kind, body): (Option<&str>, Vec<u8>),
    version: Option<&str>,
) -> Result<(u16, Vec<u8>), FetchError> {
    let mut request = client()?.request(method, parsed(address)?).body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(kind) = kind {
        request = request.header(reqwest::header::CONTENT_TYPE, kind);
    }
    if let Some(version) = version {
        request = request.header(reqwest::header::IF_MATCH, version);
    }
    let response = request.send().await?;
    Ok((response.status().as_u16(), content(response).await?))
}

fn parsed(address: &str) -> Result<Url, FetchError> {
    let address: Url = address.parse().map_err(|_| FetchError::Address)?;
    if matches!(address.scheme(), "http" | "https") { Ok(address) } else { Err(FetchError::Address) }
}

pub(in crate::foundation) async fn content(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut document = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if document.len() + chunk.len() > SIZE_LIMIT {
            return Err(FetchError::TooLarge);
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

/// The TLS library of every client here; the database driver's too.
pub fn install_tls() {
    // Whoever comes first installs it; the second one finds the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn client() -> Result<Client, FetchError> {
    client_within(TIME_LIMIT)
}

/// The one place that makes an HTTP client: with time limits, and with the TLS library that the database
/// driver uses too. No connection is kept for a later request.
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes a client")]
pub(in crate::foundation) fn client_within(limit: Duration) -> Result<Client, FetchError> {
    install_tls();
    let client = Client::builder().timeout(limit).redirect(redirect::Policy::limited(3));
    Ok(client.pool_max_idle_per_host(0).build()?)
}
