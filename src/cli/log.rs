//! The log on standard error, and beside it traces to a collector, where one is named.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, filter::Directive};

use super::{Failure, LOGGED};
use crate::foundation::{
    config::Config,
    telemetry::{self, Export},
};

/// Begins to log, and to send traces where the command is one that serves. What is returned is kept until the end, when
/// it sends what is left.
pub(super) fn begin(config: &Config, serves: bool) -> Result<Option<Export>, Failure> {
    let as_json = config.log_format == "json";
    match &config.otlp_endpoint {
        Some(endpoint) if serves => sending(as_json, endpoint).map(Some),
        _ => {
            to_standard_error(as_json);
            Ok(None)
        }
    }
}

/// Logs carry ids, never answers, sales or prices. `ESLABON_LOG=debug` shows more.
fn filter() -> EnvFilter {
    let filter = EnvFilter::try_from_env("ESLABON_LOG").unwrap_or_else(|_| EnvFilter::new(LOGGED));
    // Spans for a collector are no part of the log.
    match format!("{}=off", telemetry::TARGET).parse::<Directive>() {
        Ok(off) => filter.add_directive(off),
        Err(_) => filter,
    }
}

fn in_colours(as_json: bool) -> bool {
    std::io::stderr().is_terminal() && !as_json
}

fn to_standard_error(as_json: bool) {
    let log = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(std::io::stderr);
    let log = log.with_ansi(in_colours(as_json));
    // A second call (tests that run commands in one process) keeps the first.
    let _ = if as_json { log.json().try_init() } else { log.try_init() };
}

#[cfg(feature = "otel")]
fn sending(as_json: bool, endpoint: &str) -> Result<Export, Failure> {
    use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

    let log = fmt::layer::<Registry>().with_writer(std::io::stderr).with_ansi(in_colours(as_json));
    let log =
        if as_json { log.json().with_filter(filter()).boxed() } else { log.with_filter(filter()).boxed() };
    let (export, spans) = Export::to(endpoint)?;
    let _ = tracing_subscriber::registry().with(vec![spans, log]).try_init();
    Ok(export)
}

#[cfg(not(feature = "otel"))]
fn sending(_: bool, _: &str) -> Result<Export, Failure> {
    Err(telemetry::NOT_BUILT_IN.into())
}
