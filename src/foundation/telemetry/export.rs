//! Sends spans to a collector: OTLP over HTTP, as protobuf, from a thread of its own.
//!
//! Whoever ends a span puts it into a queue of 2,048 and goes on; when that is full the span is lost. The thread sends up to
//! 512 of them every five seconds, or as soon as there are so many. What a collector does not take within five seconds is
//! lost too: nobody waits for it, and the end of the process waits for no more than that.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use reqwest::Client;
use tokio::runtime::{Builder, Runtime};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
};

use super::TARGET;
use crate::foundation::http::{FetchError, client_within, content};

/// A collector that does not answer within this is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why spans can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum NoExport {
    /// There is no client.
    #[error("traces can't be sent: {0}")]
    Client(#[from] FetchError),
    /// There is nothing on which it runs.
    #[error("traces can't be sent: {0}")]
    Runtime(#[from] std::io::Error),
    /// What the exporter itself reads from the environment (`OTEL_…`) does not fit.
    #[error("traces can't be sent: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// What tells of spans as they end.
pub type Spans = Box<dyn Layer<Registry> + Send + Sync>;

/// What sends spans. Dropped, it sends what has ended so far.
#[derive(Debug)]
pub struct Export(SdkTracerProvider);

impl Export {
    /// Sends spans to a collector, once they are told of.
    ///
    /// # Errors
    /// [`NoExport`]. Whether the collector is there is not asked.
    pub fn to(endpoint: &str) -> Result<(Self, Spans), NoExport> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(PATIENCE)
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(Post::new()?)
            .build()?;
        let service = Resource::builder()
            .with_service_name("eslabon")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(service).build();
        let spans = tracing_opentelemetry::layer::<Registry>()
            .with_tracer(provider.tracer("eslabon"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false);
        let ours = Targets::new().with_target(TARGET, LevelFilter::INFO);
        Ok((Self(provider), spans.with_filter(ours).boxed()))
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Of a caller's headers `traceparent` alone: whatever else there is for traces holds words of somebody else.
struct Caller<'a>(&'a HeaderMap);

impl Extractor for Caller<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        if key == "traceparent" { self.0.get(key)?.to_str().ok() } else { None }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Makes a span a part of its caller's trace, where the caller names one.
pub(super) fn follow(span: &Span, headers: &HeaderMap) {
    let caller = TraceContextPropagator::new().extract(&Caller(headers));
    // A span that is not sent has no parent.
    let _ = span.set_parent(caller);
}

/// The service's HTTP client on a runtime of its own: the exporter's thread belongs to none.
#[derive(Debug)]
struct Post {
    client: Client,
    runtime: Option<Runtime>,
    away: AtomicBool,
}

impl Post {
    fn new() -> Result<Self, NoExport> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client: client_within(PATIENCE)?, runtime: Some(runtime), away: AtomicBool::new(false) })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let answer = self.client.execute(request.try_into()?).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = Response::new(Bytes::from(content(answer).await?));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Says once that traces are lost, and once that they are not any more.
    fn note(&self, sent: &Result<Response<Bytes>, FetchError>) {
        let trouble = match sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_away = self.away.swap(trouble.is_some(), Ordering::Relaxed);
        match trouble {
            Some(cause) if !was_away => {
                tracing::warn!(%cause, "the collector takes no traces; they are lost until it does");
            }
            None if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let Some(runtime) = &self.runtime else { return Err("the client has ended".into()) };
        let sent = runtime.block_on(self.send(request));
        self.note(&sent);
        sent.map_err(Into::into)
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        // Without waiting for what may still hang in it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
