//! What is noted of a request: one line in the log, its place in the metrics, and a span for those who send traces.
//!
//! Line and span carry ids (person, organisation, request), the route's *template*, status, time, and what was asked of the
//! database; never a path with what somebody has typed, an answer or a price.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::foundation::{
    access::Actor,
    metrics::{self, Counter, Span},
    telemetry,
};

/// What is found out while a request is under way.
#[derive(Default)]
struct Notes {
    actor: OnceLock<Actor>,
    statements: AtomicU32,
    micros: AtomicU64,
}

tokio::task_local! {
    static NOTES: Arc<Notes>;
}

/// Notes who asks: whoever finds that out says so here.
pub fn note_actor(actor: &Actor) {
    // Outside a request there is nothing to note.
    let _ = NOTES.try_with(|notes| notes.actor.set(*actor));
}

/// Notes that the database was asked for something.
pub(in crate::foundation) fn note_statement(took: Duration, failed: bool) {
    metrics::time(Span::Statement, &[], took);
    if failed {
        metrics::count(Counter::FailedStatements, &[]);
    }
    let _ = NOTES.try_with(|notes| {
        notes.statements.fetch_add(1, Ordering::Relaxed);
        notes.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    });
}

/// Says how a request ended that was dropped before there was an answer: its caller went away.
struct Open<'a> {
    method: String,
    route: &'a str,
    id: &'a str,
    notes: &'a Notes,
    began: Instant,
    status: Option<u16>,
    span: tracing::Span,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Self { method, route, id, notes, began, span, .. } = self;
        // As proxies write it, where the caller did not wait.
        let status = self.status.unwrap_or(499);
        let took = began.elapsed();
        metrics::count(
            Counter::Requests,
            &[("method", method), ("route", route), ("status", &status.to_string())],
        );
        metrics::time(Span::Request, &[("method", method), ("route", route)], took);
        let actor = notes.actor.get().filter(|actor| !actor.account.0.is_nil());
        telemetry::answered(span, status, actor);
        let (account, organisation) = actor.map_or(("-".to_owned(), "-".to_owned()), |actor| {
            (actor.account.to_string(), actor.organisation.to_string())
        });
        let statements = notes.statements.load(Ordering::Relaxed);
        let database_ms = notes.micros.load(Ordering::Relaxed) / 1_000;
        let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if watches(route) {
            return;
        }
        tracing::info!(
            target: "eslabon::request",
            id, method, route, status, account, organisation, elapsed_ms, statements, database_ms, "answered"
        );
    }
}

/// Those who ask whether it lives ask every few seconds: that is neither logged nor traced.
fn watches(route: &str) -> bool {
    route.starts_with("/health") || route == "/metrics"
}

/// The methods that are ours; whatever else somebody makes up is one.
fn method_of(request: &Request) -> String {
    match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "OTHER".to_owned(),
    }
}

/// Notes a request: stands inside the layer that gives it its id.
pub(super) async fn observed(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let id = request.headers().get(super::layers::REQUEST_ID).and_then(|id| id.to_str().ok());
    let (id, notes) = (id.unwrap_or_default().to_owned(), Arc::new(Notes::default()));
    let (method, route) = (method_of(&request), matched.as_ref().map(MatchedPath::as_str));
    let span = if route.is_some_and(watches) {
        tracing::Span::none()
    } else {
        telemetry::request(&method, route, &id, request.headers())
    };
    let mut open = Open {
        method,
        route: route.unwrap_or("-"),
        id: &id,
        notes: &notes,
        began: Instant::now(),
        status: None,
        span: span.clone(),
    };
    let response = NOTES.scope(Arc::clone(&notes), next.run(request).instrument(span)).await;
    open.status = Some(response.status().as_u16());
    response
}
