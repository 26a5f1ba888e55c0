//! Evidence files: what is taken ([`clean`]), how it comes in and goes out ([`transfer`]), and where it is kept: in a
//! folder, or in an object store that speaks S3. Names are our own ids; nobody else's text becomes a path.

pub mod clean;
pub mod transfer;

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use img_parts::Bytes;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{config::Config, http::install_tls, problem::Problem};

/// How often a request to an object store is sent anew when the store says that it is its own fault.
const RETRIES: usize = 2;

/// Where evidence files are kept. The folder is made, or the client, when it is first needed.
#[derive(Clone, Debug)]
pub struct Files {
    config: Arc<Config>,
    store: Arc<OnceCell<Place>>,
}

/// A store, and what stands before every name in it.
#[derive(Debug)]
struct Place {
    store: Box<dyn ObjectStore>,
    prefix: Path,
}

impl Files {
    /// The store of these settings.
    pub fn of(config: &Arc<Config>) -> Self {
        Self { config: config.clone(), store: Arc::default() }
    }

    /// Keeps a file, whole or not at all.
    ///
    /// # Errors
    /// 503 when the store does not take it in time.
    pub async fn put(&self, id: impl Into<Uuid>, content: Bytes) -> Result<(), Problem> {
        let place = self.place().await?;
        place.store.put(&place.path(id.into()), content.into()).await.map_err(unavailable)?;
        Ok(())
    }

    /// A file's content.
    ///
    /// # Errors
    /// 500 when it is missing, 503 when the store does not answer in time.
    pub async fn get(&self, id: impl Into<Uuid>) -> Result<Bytes, Problem> {
        let place = self.place().await?;
        let found = place.store.get(&place.path(id.into())).await.map_err(|error| match error {
            missing @ object_store::Error::NotFound { .. } => Problem::internal(missing),
            other => unavailable(other),
        })?;
        found.bytes().await.map_err(unavailable)
    }

    /// Erases a file; one that is not there is erased already.
    ///
    /// # Errors
    /// 503 when the store does not answer in time.
    pub async fn erase(&self, id: impl Into<Uuid>) -> Result<(), Problem> {
        let place = self.place().await?;
        match place.store.delete(&place.path(id.into())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn place(&self) -> Result<&Place, Problem> {
        let made = self.store.get_or_try_init(async || match &self.config.evidence_url {
            None => folder(&self.config).map_err(unavailable),
            Some(address) => bucket(&self.config, address).map_err(unavailable),
        });
        made.await
    }
}

/// The folder, which is made when it is missing.
fn folder(config: &Config) -> Result<Place, object_store::Error> {
    let made = std::fs::create_dir_all(&config.evidence_dir);
    made.map_err(|error| object_store::Error::Generic { store: "folder", source: Box::new(error) })?;
    let files = LocalFileSystem::new_with_prefix(&config.evidence_dir)?;
    // What has been answered with success is on the disk, as the database's rows are.
    let files = files.with_fsync(true).with_automatic_cleanup(false);
    Ok(Place { store: Box::new(files), prefix: Path::default() })
}

/// The bucket of `s3://bucket/prefix`, at the endpoint and with the credentials of the settings.
fn bucket(config: &Config, address: &str) -> Result<Place, object_store::Error> {
    // The client uses the TLS library that the database driver uses too.
    install_tls();
    let patience = Duration::from_secs(config.evidence_seconds.into());
    let options = ClientOptions::new()
        .with_timeout(patience)
        .with_connect_timeout(patience)
        .with_allow_http(config.evidence_endpoint.as_deref().is_some_and(|it| it.starts_with("http://")));
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: patience, ..RetryConfig::default() };
    let mut store = AmazonS3Builder::new()
        .with_url(address)
        .with_region(&config.evidence_region)
        // Files go one by one, and not every store knows how to delete several.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        // Without a key nobody is asked for one: not the machine's metadata service either.
        .with_skip_signature(config.evidence_key.is_none())
        .with_client_options(options)
        .with_retry(retry);
    let secret = config.evidence_secret.as_ref().map(|secret| secret.expose_secret().to_owned());
    let settings = [
        (AmazonS3ConfigKey::Endpoint, config.evidence_endpoint.clone()),
        (AmazonS3ConfigKey::AccessKeyId, config.evidence_key.clone()),
        (AmazonS3ConfigKey::SecretAccessKey, secret),
    ];
    for (key, value) in settings {
        if let Some(value) = value {
            store = store.with_config(key, value);
        }
    }
    // `s3://bucket/prefix`: what follows the bucket stands before every name.
    let prefix = address.splitn(4, '/').nth(3).unwrap_or_default();
    Ok(Place { store: Box::new(store.build()?), prefix: Path::parse(prefix.trim_matches('/'))? })
}

impl Place {
    /// In folders by the last two digits, which are random: the first ones are the time.
    fn path(&self, id: Uuid) -> Path {
        let name = id.simple().to_string();
        self.prefix.clone().join(&name[name.len() - 2..]).join(name.as_str())
    }
}

/// The store's own words go into the log: they may name hosts and keys.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unavailable(error: object_store::Error) -> Problem {
    tracing::error!(%error, "the evidence store did not do as it was asked");
    Problem {
        retry_after: Some(30),
        ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "evidence-store-unavailable")
    }
}
