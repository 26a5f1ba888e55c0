//! `eslabon frontier`: what every dependency cap leaves of coverage, and what it costs.

mod chart;

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use eslabon_solver::{
    Decimal, Frontier,
    frontier::{Points, frontier},
};

use super::{
    files::{self, DEFECT, INVALID, OutFolder, fail, print, refuse},
    solve::{Options, defect},
    table::{
        Side::{Left, Right},
        Table, grouped,
    },
    watch::{STOPPED, Signals},
};

/// The frontier's document in the folder of `--out`.
const DOCUMENT: &str = "frontier.json";
/// Exit code when no cap leaves a solution.
const INFEASIBLE: u8 = 3;

/// Arguments of `eslabon frontier`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon frontier instance/                       caps from 5 % to 100 % as a table\n  \
    eslabon frontier instance/ --caps 0.2,0.3,0.4    these, and the instance's own\n  \
    eslabon frontier instance/ --out frontier/       frontier.csv, frontier.svg and frontier.json\n\n\
    Figures are those of the model, in shares of lots; `solve` publishes whole units. The time limit is for each cap.\n\n\
    Exit codes: 0 done, 1 defect, 2 invalid instance, 3 no cap leaves a solution, 4 stopped before the end, \
    130 before the first cap")]
pub(super) struct Args {
    /// A folder of tables or a JSON document; `-` reads a document from standard input
    path: PathBuf,
    /// The caps to try, 0 to 1, beside the instance's own; by default 0.05 to 1 in steps of 0.05
    #[arg(long, value_parser = files::share, value_delimiter = ',')]
    caps: Vec<Decimal>,
    /// Print the frontier as JSON
    #[arg(long)]
    json: bool,
    /// Write table, picture and document into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Solves for every cap and tells.
pub(super) fn run(args: &Args) -> ExitCode {
    let out = match args.out.as_ref().map(|path| OutFolder::new(path, DOCUMENT)).transpose() {
        Ok(out) => out,
        Err(cause) => return fail(INVALID, &cause),
    };
    let signals = Signals::listen();
    let mut reading = match files::instance(&args.path) {
        Ok(reading) => reading,
        Err(problems) => return refuse(&problems, args.json),
    };
    args.options.apply(&mut reading);
    let caps = &args.caps;
    let points = if caps.is_empty() { Points::usual() } else { Points::new(caps.iter().copied()) };
    let points = points.with(reading.instance.dependency_cap);
    #[expect(clippy::cast_precision_loss, reason = "a handful of caps")]
    let limit = reading.instance.limits.time_limit_seconds.to_f64() * points.caps().len() as f64;
    let found = signals.watched(args.options.progress, limit, |control| frontier(&reading, &points, control));
    match found {
        Ok(found) => finish(&found, out.as_ref(), args.json),
        Err(error) => defect(&error),
    }
}

fn finish(found: &Frontier, out: Option<&OutFolder>, as_json: bool) -> ExitCode {
    let code = match (found.complete, found.loosest()) {
        (false, _) => STOPPED,
        (true, None) => INFEASIBLE,
        (true, Some(_)) => 0,
    };
    let document = match serde_json::to_string(found) {
        Ok(document) => document + "\n",
        Err(error) => return fail(DEFECT, &format!("the frontier cannot be written as JSON: {error}")),
    };
    let files = [("frontier.csv", found.table()), ("frontier.svg", chart::svg(found))];
    if let Some(Err(cause)) = out.map(|out| out.write_all((DOCUMENT, &document), &files)) {
        return fail(DEFECT, &cause);
    }
    print(&if as_json { document } else { report(found) }, ExitCode::from(code))
}

/// What the frontier says, in a sentence.
fn finding(found: &Frontier) -> String {
    let share = |point| found.coverage_share(point) * 100.;
    let Some(loosest) = found.loosest() else {
        return "No cap that was tried leaves a solution".to_owned();
    };
    let most = loosest.percent();
    match found.chosen() {
        Some(chosen) if !chosen.is_feasible() => {
            format!("A cap of {} % leaves no solution; one of {most} % does", chosen.percent())
        }
        Some(chosen) => {
            let (cap, covered) = (chosen.percent(), share(chosen));
            let lost = share(loosest) - covered;
            if lost < 0.05 {
                format!("A cap of {cap} % costs no coverage: {covered:.1} % of what is asked is covered")
            } else {
                format!(
                    "A cap of {cap} % covers {covered:.1} % of what is asked, \
                     {lost:.1} points less than one of {most} %"
                )
            }
        }
        None => format!("A cap of {most} % covers {:.1} % of what is asked", share(loosest)),
    }
}

fn report(found: &Frontier) -> String {
    let mut text = finding(found) + ".\n";
    if !found.complete {
        let _ = writeln!(text, "Stopped before the end: looser caps are missing.");
    }
    let mut table = Table::new(&[
        ("Cap", Right),
        ("coverage", Right),
        ("of what is asked", Right),
        ("cost", Right),
        ("of 100 covered", Right),
        ("", Left),
    ]);
    for point in &found.points {
        let mark = if found.chosen.as_ref() == Some(&point.cap) { "◀ the instance's cap" } else { "" };
        let cap = format!("{} %", point.percent());
        if !point.is_feasible() {
            table.row([
                cap,
                "infeasible".to_owned(),
                String::new(),
                String::new(),
                String::new(),
                mark.to_owned(),
            ]);
            continue;
        }
        let mark = match point.status {
            eslabon_solver::outcome::Status::Feasible => format!("{mark} time ran out").trim().to_owned(),
            _ => mark.to_owned(),
        };
        table.row([
            cap,
            grouped(&format!("{:.2}", point.coverage)),
            format!("{:.1} %", found.coverage_share(point) * 100.),
            grouped(&format!("{:.2}", point.cost)),
            point.cost_of_100().map_or_else(|| "–".to_owned(), |cost| format!("{cost:.2}")),
            mark,
        ]);
    }
    table
        .section(&mut text, &format!("Caps, amounts in {}; model values, in shares of lots", found.currency));
    text
}
