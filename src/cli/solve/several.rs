//! The best result and its alternatives: `eslabon solve --alternatives K`.

use std::{fmt::Write, process::ExitCode};

use eslabon_solver::{
    Outcome, compare,
    outcome::{reading::DOCUMENT, tables::tables},
    read::Reading,
};
use serde_json::json;

use super::{SolveArgs, summary};
use crate::cli::{
    files::{DEFECT, INVALID, OutFolder, fail, print},
    table::{
        Side::{Left, Right},
        Table, grouped,
    },
};

/// Tells, and writes each into a folder of its own: the best into `--out`, the others beside it.
pub(super) fn finish(reading: &Reading, outcomes: &[Outcome], args: &SolveArgs) -> ExitCode {
    let Some(best) = outcomes.first() else {
        return fail(DEFECT, "there is no result");
    };
    let code = ExitCode::from(best.status.exit_code());
    if let Some(out) = &args.out {
        for (number, outcome) in outcomes.iter().enumerate() {
            let folder = if number == 0 { out.clone() } else { out.join(format!("alternative-{number}")) };
            let document = json!(outcome).to_string() + "\n";
            let written = OutFolder::new(&folder, DOCUMENT)
                .and_then(|folder| folder.write_all((DOCUMENT, &document), &tables(outcome)));
            if let Err(cause) = written {
                return fail(INVALID, &cause);
            }
        }
    }
    if args.json {
        let document = json!({ "format": "eslabon-alternatives/1", "results": outcomes });
        return print(&format!("{document}\n"), code);
    }
    let mut text = summary::of(&reading.instance, best);
    overview(outcomes).section(&mut text, "The best and its alternatives, each checked");
    if outcomes.len() <= args.alternatives {
        let _ = writeln!(text, "No other result within the tolerance was found.");
    }
    print(&text, code)
}

/// One column for each tier, one row for each result.
fn overview(outcomes: &[Outcome]) -> Table {
    let tiers = outcomes.first().map_or(&[][..], |best| &best.tiers);
    let mut columns = vec![("Result", Left)];
    columns.extend(tiers.iter().map(|tier| (tier.name.as_str(), Right)));
    columns.push(("awards that differ from the best", Right));
    let mut table = Table::new(&columns);
    for (number, outcome) in outcomes.iter().enumerate() {
        let name = if number == 0 { "best".to_owned() } else { format!("alternative {number}") };
        let mut row = vec![name];
        row.extend(outcome.tiers.iter().map(|tier| grouped(&tier.published)));
        row.push(compare(&outcomes[0], outcome).awards.len().to_string());
        table.row(row);
    }
    table
}
