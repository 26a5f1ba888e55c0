//! Spans of requests, tries of jobs and solver runs, for those who send them to a collector.
//!
//! A span carries what a line of the log does: ids, templates of routes, kinds of jobs, how it ended; never a path, an
//! answer, a price, or anything else that somebody has written. Spans have a target of their own, which the log leaves
//! out and of which alone a collector is told: what others say inside a span goes nowhere but to the log.
//!
//! They go out only where the feature `otel` is built in and a collector is named.

#[cfg(feature = "otel")]
mod export;

use axum::http::HeaderMap;
use tracing::{
    Span,
    field::{Empty, display},
};

use super::{
    access::Actor,
    ids::{JobId, OrganisationId, RunId},
};

#[cfg(feature = "otel")]
pub use export::{Export, NoExport, Spans};

/// What sends spans: nothing, in this build.
#[cfg(not(feature = "otel"))]
#[derive(Debug)]
pub enum Export {}

/// The target of spans that a collector is told of.
pub const TARGET: &str = "eslabon::trace";

/// What is said where a collector is named and the feature is missing.
pub const NOT_BUILT_IN: &str = "this program can't send traces: build it with `cargo build --release --features otel`, \
    or leave out --otlp-endpoint (ESLABON_OTLP_ENDPOINT)";

/// A request, as a part of its caller's trace where it names one.
pub(in crate::foundation) fn request(
    method: &str,
    route: Option<&str>,
    id: &str,
    headers: &HeaderMap,
) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        eslabon.request = id,
        eslabon.account = Empty,
        eslabon.organisation = Empty,
    );
    follow(&span, headers);
    span
}

#[cfg(feature = "otel")]
fn follow(span: &Span, headers: &HeaderMap) {
    if !span.is_disabled() {
        export::follow(span, headers);
    }
}

#[cfg(not(feature = "otel"))]
fn follow(_: &Span, _: &HeaderMap) {}

/// Says how a request was answered, and who asked.
pub(in crate::foundation) fn answered(span: &Span, status: u16, actor: Option<&Actor>) {
    span.record("http.response.status_code", i64::from(status));
    if let Some(actor) = actor {
        span.record("eslabon.account", display(actor.account));
        span.record("eslabon.organisation", display(actor.organisation));
    }
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// A try of a job.
pub(in crate::foundation) fn job(kind: &str, id: JobId, organisation: OrganisationId, attempt: i32) -> Span {
    tracing::info_span!(
        target: TARGET,
        "job",
        otel.name = kind,
        otel.kind = "consumer",
        otel.status_code = Empty,
        eslabon.job = display(id),
        eslabon.kind = kind,
        eslabon.organisation = display(organisation),
        eslabon.attempt = attempt,
        eslabon.outcome = Empty,
    )
}

/// The solver's process at work on a run.
pub fn solver(run: RunId) -> Span {
    tracing::info_span!(
        target: TARGET,
        "solver",
        otel.status_code = Empty,
        eslabon.run = display(run),
        eslabon.outcome = Empty,
    )
}

/// Says how a job or the solver ended.
pub fn ended(span: &Span, outcome: &'static str, failed: bool) {
    span.record("eslabon.outcome", outcome);
    if failed {
        span.record("otel.status_code", "ERROR");
    }
}
