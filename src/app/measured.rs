//! What the running service says of itself to those who watch it: health, and numbers for Prometheus.
//!
//! `/health` stands where everybody is; `/metrics` stands on a listener of its own, as how much is done is nobody's business
//! outside.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use crate::foundation::{
    Base,
    audit::log,
    http::{problem_response, protect},
    jobs,
    metrics::{self, Gauge},
    outbox,
    problem::Problem,
};

/// A database that does not answer within this is not there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the process lives, and whether it can serve.
pub(super) fn health() -> Router<Base> {
    Router::new().route("/health/live", get(async || "ok")).route("/health/ready", get(ready))
}

/// What a listener of its own offers.
pub fn watched(base: &Base) -> Router {
    let router = health().route("/metrics", get(scraped));
    protect(router, base, problem_response).with_state(base.clone())
}

/// Whether this instance can serve: it is not about to stop, its database answers, and the tables are those it knows.
async fn ready(State(base): State<Base>) -> Result<Json<serde_json::Value>, Problem> {
    let not_ready =
        || Problem { retry_after: Some(5), ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready") };
    if base.stopping.is_cancelled() {
        return Err(not_ready());
    }
    match tokio::time::timeout(PATIENCE, base.db.check_tables()).await {
        Ok(Ok(())) => Ok(Json(serde_json::json!({ "status": "ready" }))),
        Ok(Err(cause)) => {
            tracing::warn!(%cause, "not ready");
            Err(not_ready())
        }
        Err(_) => Err(not_ready()),
    }
}

async fn scraped(State(base): State<Base>) -> Result<impl IntoResponse, Problem> {
    let text = measured(&base).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus has floats alone, and no count here comes near 2^52"
)]
const fn float(count: u64) -> f64 {
    count as f64
}

/// Everything that is measured, in the text format of Prometheus.
///
/// # Errors
/// What the database said.
pub async fn measured(base: &Base) -> Result<String, Problem> {
    let (db, now) = (base.db.reads(), base.clock.now());
    let (open, idle) = base.db.connections();
    let labelled = |state: &str, value| (vec![("state", state.to_owned())], value);
    let queue = jobs::queue(db, now).await?;
    let of_kinds = queue.states.iter().map(|(kind, state, jobs)| {
        (vec![("kind", kind.clone()), ("state", state.to_string())], float(*jobs))
    });
    let (placed, waiting) = (log::size(db).await?, log::waiting(db).await?);
    Ok(metrics::written(&[
        Gauge {
            name: "eslabon_database_connections",
            help: "Connections of this process.",
            values: vec![labelled("open", float(open)), labelled("idle", float(idle))],
        },
        Gauge { name: "eslabon_jobs", help: "Jobs that are not done.", values: of_kinds.collect() },
        Gauge::of(
            "eslabon_job_oldest_due_seconds",
            "How long the job that is due for longest waits.",
            float(queue.oldest_due),
        ),
        Gauge::of(
            "eslabon_outbox_waiting",
            "Entries of which people are still to be told.",
            float(outbox::count(db).await?),
        ),
        Gauge {
            name: "eslabon_audit_entries",
            help: "Entries of the audit trail.",
            values: vec![labelled("placed", float(placed)), labelled("waiting", float(waiting))],
        },
    ]))
}
