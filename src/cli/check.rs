//! `eslabon check`: the independent checker alone, on a result from anywhere.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use eslabon_solver::{
    check::{Verdict, check},
    outcome::reading,
    write::fingerprint,
};
use serde_json::json;

use super::files::{self, print, refuse};

/// Exit code of a result that breaks rules or states wrong figures.
const REFUSED: u8 = 3;

/// Arguments of `eslabon check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon check instance/ result/                   a folder that `solve --out` wrote\n  \
    eslabon check instance.json result.json --json    every violation as JSON\n  \
    eslabon check instance/ result/ --cap 0.2         a result of `solve --cap 0.2`\n\n\
    Exit codes: 0 every rule and figure holds, 2 unreadable instance or result, 3 something does not hold")]
pub(super) struct Args {
    /// The instance: a folder of tables or a JSON document; `-` reads a document from standard input
    instance: PathBuf,
    /// The result: a JSON document, or a folder of `solve --out`
    result: PathBuf,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
    /// The dependency cap (0 to 1) with which it was solved, if it was not the instance's
    #[arg(long, value_parser = files::share)]
    cap: Option<eslabon_solver::Decimal>,
}

/// Checks and tells; every violation, not only the first.
pub(super) fn run(args: &Args) -> ExitCode {
    let (reading, outcome) = match (files::instance(&args.instance), reading::from_path(&args.result)) {
        (Ok(reading), Ok(outcome)) => (reading, outcome),
        (instance, result) => {
            let problems: Vec<_> = [instance.err(), result.err()].into_iter().flatten().flatten().collect();
            return refuse(&problems, args.json);
        }
    };
    let mut instance = reading.instance;
    instance.dependency_cap = args.cap.or(instance.dependency_cap);
    let verdict = check(&instance, &outcome);
    let same = fingerprint(&instance) == outcome.fingerprint;
    let code = ExitCode::from(if verdict.report.passed { 0 } else { REFUSED });
    if args.json { print(&document(&verdict, same), code) } else { print(&report(&verdict, same), code) }
}

fn document(verdict: &Verdict, same: bool) -> String {
    let violations: Vec<_> = verdict
        .violations
        .iter()
        .map(|violation| {
            let rule = &violation.rule;
            json!({ "rule": rule.rule, "subject": rule.subject, "detail": violation.detail })
        })
        .collect();
    let document = json!({
        "passed": verdict.report.passed,
        "rules": verdict.report.rules,
        "figures": verdict.report.figures,
        "same_instance": same,
        "violations": violations,
    });
    format!("{document}\n")
}

fn report(verdict: &Verdict, same: bool) -> String {
    let counted = format!("{} rules and {} figures checked", verdict.report.rules, verdict.report.figures);
    let mut text = match verdict.violations.len() {
        0 => format!("Passed: {counted}, in exact arithmetic.\n"),
        violations => format!("Refused: {counted}, {violations} do not hold.\n"),
    };
    for violation in &verdict.violations {
        let _ = writeln!(text, "  {violation}");
    }
    if !same {
        text +=
            "The result was solved from another instance, or with other options (its fingerprint differs).\n";
    }
    text
}
