//! `eslabon compare`: two results side by side.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use eslabon_solver::{
    compare,
    outcome::{
        Comparison,
        comparison::{Amounts, Sides},
        reading,
    },
};

use super::{
    files::{self, DEFECT, INVALID, OutFolder, fail, print, refuse},
    table::{
        Side::{Left, Right},
        Table, grouped, percent,
    },
};

/// The comparison's document in the folder of `--out`.
const DOCUMENT: &str = "comparison.json";
/// Rows of a list that are shown.
const MOST_ROWS: usize = 30;
/// Where the others are.
const ELSEWHERE: &str = "--json prints them, --out writes them";

/// Arguments of `eslabon compare`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon solve instance/ --out a && eslabon solve instance/ --cap 0.2 --out b\n  \
    eslabon compare a b                             what changes from a to b\n  \
    eslabon compare a b --instance instance/        and per buyer\n  \
    eslabon compare a b --out difference            as CSV tables\n\n\
    Exit codes: 0 compared, 2 unreadable result or results in two currencies")]
pub(super) struct Args {
    /// The first result: a JSON document, or a folder of `solve --out`
    a: PathBuf,
    /// The second result
    b: PathBuf,
    /// The instance, which says whose the lots are
    #[arg(long, value_name = "PATH")]
    instance: Option<PathBuf>,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
    /// Write the comparison into this folder: comparison.json, and CSV tables
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Compares and tells.
pub(super) fn run(args: &Args) -> ExitCode {
    let instance = args.instance.as_ref().map(|path| files::instance(path)).transpose();
    let (a, b, instance) = match (reading::from_path(&args.a), reading::from_path(&args.b), instance) {
        (Ok(a), Ok(b), Ok(instance)) => (a, b, instance),
        (a, b, instance) => {
            let problems: Vec<_> =
                [a.err(), b.err(), instance.err()].into_iter().flatten().flatten().collect();
            return refuse(&problems, args.json);
        }
    };
    if a.currency != b.currency {
        let cause = format!(
            "the results are in {} and {}, and amounts of two currencies cannot be compared. Solve both in one",
            a.currency, b.currency
        );
        return fail(INVALID, &cause);
    }
    let mut comparison = compare(&a, &b);
    if let Some(reading) = &instance {
        comparison = comparison.with_buyers(&reading.instance, &a, &b);
    }
    let document = match serde_json::to_string(&comparison) {
        Ok(document) => document + "\n",
        Err(error) => return fail(DEFECT, &format!("the comparison cannot be written as JSON: {error}")),
    };
    let written = args
        .out
        .as_ref()
        .map(|path| OutFolder::new(path, DOCUMENT)?.write_all((DOCUMENT, &document), &comparison.tables()));
    if let Some(Err(cause)) = written {
        return fail(INVALID, &cause);
    }
    print(&if args.json { document } else { report(&comparison) }, ExitCode::SUCCESS)
}

fn report(comparison: &Comparison) -> String {
    let Sides { a, b } = comparison.status;
    let mut text = format!("a is {}, b is {}", a.name(), b.name());
    text += match (comparison.is_empty(), comparison.same_instance) {
        (true, true) => ": the same awards, from the same instance.\n",
        (true, false) => ": the same awards, from different instances or options.\n",
        (false, true) => "; both from the same instance.\n",
        (false, false) => "; from different instances or options.\n",
    };
    if !comparison.is_empty() {
        let _ = writeln!(
            text,
            "{} awards differ, in {} lots and for {} suppliers; {} dependencies change.",
            comparison.awards.len(),
            comparison.lots.len(),
            comparison.suppliers.len(),
            comparison.dependency.len()
        );
    }
    tiers(comparison).section(&mut text, &format!("Tiers, amounts in {}", comparison.currency));
    buyers(comparison).section(&mut text, "Buyers");
    lots(comparison).section(&mut text, "Lots");
    suppliers(comparison).section(&mut text, "Suppliers");
    dependency(comparison).section(&mut text, "Dependency, largest change first");
    text
}

/// A change with its sign.
fn signed(amounts: &Amounts) -> String {
    let change = grouped(&amounts.change);
    if change.starts_with('-') || change.is_empty() { change } else { format!("+{change}") }
}

fn three(amounts: &Amounts) -> [String; 3] {
    [grouped(&amounts.a), grouped(&amounts.b), signed(amounts)]
}

fn tiers(comparison: &Comparison) -> Table {
    let mut table =
        Table::new(&[("Tier", Left), ("a", Right), ("b", Right), ("change", Right), ("gaps", Right)]);
    for tier in &comparison.tiers {
        let [a, b, change] = three(&tier.published);
        let gaps = format!("{:.2} % / {:.2} %", tier.gap.a * 100., tier.gap.b * 100.);
        table.row([tier.name.clone(), a, b, change, gaps]);
    }
    table
}

fn buyers(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        ("Buyer", Left),
        ("pays in a", Right),
        ("in b", Right),
        ("change", Right),
        ("covered in a", Right),
        ("in b", Right),
        ("change", Right),
        ("suppliers", Right),
    ]);
    for buyer in &comparison.buyers {
        let mut row = vec![buyer.buyer.clone()];
        row.extend(three(&buyer.amount));
        row.extend(three(&buyer.covered));
        row.push(format!("{} → {}", buyer.suppliers.a, buyer.suppliers.b));
        table.row(row);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

/// What one has and the other has not: `+new −old`.
fn exchanged(gained: &[String], lost: &[String]) -> String {
    let gained = gained.iter().map(|id| format!("+{id}"));
    gained.chain(lost.iter().map(|id| format!("−{id}"))).collect::<Vec<_>>().join(" ")
}

fn lots(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        ("Lot", Left),
        ("units", Right),
        ("unmet", Right),
        ("amount in a", Right),
        ("in b", Right),
        ("change", Right),
        ("suppliers", Left),
    ]);
    for lot in &comparison.lots {
        let mut row = vec![lot.lot.clone()];
        row.extend([lot.quantity, lot.unmet].map(|count| format!("{} → {}", count.a, count.b)));
        row.extend(three(&lot.amount));
        row.push(exchanged(&lot.gained, &lot.lost));
        table.row(row);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn suppliers(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        ("Supplier", Left),
        ("lots", Right),
        ("amount in a", Right),
        ("in b", Right),
        ("change", Right),
        ("lots", Left),
    ]);
    for supplier in &comparison.suppliers {
        let mut row = vec![supplier.supplier.clone(), format!("{} → {}", supplier.lots.a, supplier.lots.b)];
        row.extend(three(&supplier.amount));
        row.push(exchanged(&supplier.gained, &supplier.lost));
        table.row(row);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn dependency(comparison: &Comparison) -> Table {
    let mut table = Table::new(&[
        ("Supplier", Left),
        ("depends on", Left),
        ("a", Right),
        ("b", Right),
        ("change", Right),
        ("cap", Right),
        ("", Left),
    ]);
    let size = |change: &Option<String>| {
        change.as_ref().and_then(|change| change.parse::<f64>().ok()).map_or(f64::INFINITY, f64::abs)
    };
    let mut rows: Vec<_> = comparison.dependency.iter().collect();
    rows.sort_by(|one, other| size(&other.change).total_cmp(&size(&one.change)));
    for row in rows {
        let [a, b] = [&row.after.a, &row.after.b].map(|share| percent(share.as_deref()));
        let points = row.change.as_ref().and_then(|change| change.parse::<f64>().ok());
        let change = points.map_or_else(|| "–".to_owned(), |points| format!("{:+.1} points", points * 100.));
        let caps = if row.cap.a == row.cap.b || row.cap.b.is_none() {
            percent(row.cap.a.as_deref())
        } else if row.cap.a.is_none() {
            percent(row.cap.b.as_deref())
        } else {
            format!("{} → {}", percent(row.cap.a.as_deref()), percent(row.cap.b.as_deref()))
        };
        let binding = match (row.binding.a, row.binding.b) {
            (true, true) => "binds in both",
            (true, false) => "binds in a",
            (false, true) => "binds in b",
            (false, false) => "",
        };
        table.row([row.supplier.clone(), row.group.clone(), a, b, change, caps, binding.to_owned()]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}
