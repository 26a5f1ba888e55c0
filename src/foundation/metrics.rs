//! What is counted of the running service, in the text format of Prometheus.
//!
//! One registry a process, as the operating system counts a process too. Labels are words of ours (route templates, kinds
//! of jobs, methods), never what a caller has written: the number of series is bounded by the program. It is short enough
//! to be ours: counters, and histograms with one set of buckets.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Upper ends of the buckets, in seconds: from a look-up by key to a solver run.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0];

/// A number that only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Counter {
    /// Requests by method, route and status.
    Requests,
    /// Statements that the database answered with an error.
    FailedStatements,
    /// Tries of jobs by kind and outcome.
    Jobs,
    /// Solver runs by how they ended.
    SolverRuns,
    /// Requests that were too many, by limit.
    Refused,
}

/// How long something took.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Span {
    /// Requests by method and route.
    Request,
    /// Statements of the database.
    Statement,
    /// Tries of jobs by kind.
    Job,
    /// Solver runs.
    Solver,
}

impl Counter {
    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => {
                ("eslabon_http_requests_total", "Requests by method, route template and status.")
            }
            Self::FailedStatements => {
                ("eslabon_database_failed_statements_total", "Statements answered with an error.")
            }
            Self::Jobs => ("eslabon_job_tries_total", "Tries of background jobs by kind and outcome."),
            Self::SolverRuns => ("eslabon_solver_runs_total", "Solver processes by how they ended."),
            Self::Refused => ("eslabon_refused_requests_total", "Requests that were too many, by limit."),
        }
    }
}

impl Span {
    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Request => {
                ("eslabon_http_request_seconds", "Time to answer, by method and route template.")
            }
            Self::Statement => ("eslabon_database_statement_seconds", "Time of the database's answers."),
            Self::Job => ("eslabon_job_seconds", "Time of tries of background jobs, by kind."),
            Self::Solver => ("eslabon_solver_seconds", "Time of solver processes."),
        }
    }
}

/// Labels, as they are written: `method="GET",route="/health/live"`.
type Labels = String;

#[derive(Default)]
struct Times {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

#[derive(Default)]
struct Registry {
    counters: BTreeMap<(Counter, Labels), u64>,
    spans: BTreeMap<(Span, Labels), Times>,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry { counters: BTreeMap::new(), spans: BTreeMap::new() });

fn labels(of: &[(&str, &str)]) -> Labels {
    let mut text = String::new();
    for (name, value) in of {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text
}

/// Counts one more.
pub fn count(counter: Counter, of: &[(&str, &str)]) {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    *registry.counters.entry((counter, labels(of))).or_default() += 1;
}

/// Notes how long something took.
pub fn time(span: Span, of: &[(&str, &str)], took: Duration) {
    let seconds = took.as_secs_f64();
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let times = registry.spans.entry((span, labels(of))).or_default();
    for (bucket, end) in times.buckets.iter_mut().zip(BUCKETS) {
        *bucket += u64::from(seconds <= end);
    }
    times.count += 1;
    times.sum += seconds;
}

/// A number that is looked up when somebody asks.
#[derive(Clone, PartialEq, Debug)]
pub struct Gauge {
    /// `eslabon_jobs`
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Its values by labels.
    pub values: Vec<(Vec<(&'static str, String)>, f64)>,
}

impl Gauge {
    /// A number without labels.
    pub fn of(name: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, help, values: vec![(Vec::new(), value)] }
    }
}

fn braced(labels: &str) -> String {
    if labels.is_empty() { String::new() } else { format!("{{{labels}}}") }
}

/// Everything, in the text format of Prometheus.
pub fn written(gauges: &[Gauge]) -> String {
    let registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut text, mut last) = (String::new(), "");
    for ((counter, labels), value) in &registry.counters {
        let (name, help) = counter.name();
        if name != last {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
            last = name;
        }
        let _ = writeln!(text, "{name}{} {value}", braced(labels));
    }
    for ((span, labels), times) in &registry.spans {
        let (name, help) = span.name();
        if name != last {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
            last = name;
        }
        let comma = if labels.is_empty() { "" } else { "," };
        for (bucket, end) in times.buckets.iter().zip(BUCKETS) {
            let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{end}\"}} {bucket}");
        }
        let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", times.count);
        let _ = writeln!(text, "{name}_sum{} {}", braced(labels), times.sum);
        let _ = writeln!(text, "{name}_count{} {}", braced(labels), times.count);
    }
    for Gauge { name, help, values } in gauges {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (of, value) in values {
            let of: Vec<_> = of.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let _ = writeln!(text, "{name}{} {value}", braced(&labels(&of)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_written_as_prometheus_reads_it() {
        count(Counter::SolverRuns, &[("ended", "an \"answer\"\n")]);
        count(Counter::SolverRuns, &[("ended", "an \"answer\"\n")]);
        time(Span::Solver, &[], Duration::from_millis(20));
        time(Span::Solver, &[], Duration::from_secs(400));
        let text = written(&[Gauge::of("eslabon_workers", "Workers.", 2.0)]);
        for line in [
            "# TYPE eslabon_solver_runs_total counter",
            "eslabon_solver_runs_total{ended=\"an \\\"answer\\\"\\n\"} 2",
            "# TYPE eslabon_solver_seconds histogram",
            "eslabon_solver_seconds_bucket{le=\"0.01\"} 0",
            "eslabon_solver_seconds_bucket{le=\"0.025\"} 1",
            "eslabon_solver_seconds_bucket{le=\"300\"} 1",
            "eslabon_solver_seconds_bucket{le=\"+Inf\"} 2",
            "eslabon_solver_seconds_sum 400.02",
            "eslabon_solver_seconds_count 2",
            "# TYPE eslabon_workers gauge",
            "eslabon_workers 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
