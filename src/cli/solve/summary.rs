//! A result as people read it on a terminal.

use std::fmt::Write;

use eslabon_solver::{
    Outcome,
    outcome::{RuleName, Status},
    solve::Progress,
};

/// Rules in conflict that are listed.
const MOST_RULES: usize = 30;

/// The whole result in short: status, tiers, awards, dependency, what is left over.
pub(super) fn of(outcome: &Outcome) -> String {
    let mut text = headline(outcome);
    for warning in &outcome.warnings {
        let _ = writeln!(text, "{warning}");
    }
    if !outcome.conflict.is_empty() {
        let why = match outcome.status {
            Status::Unpublishable => "Shares obey the rules, whole units do not. In the way are:",
            _ => "These rules contradict each other:",
        };
        let _ = writeln!(text, "\n{why}");
        for RuleName { rule, subject } in outcome.conflict.iter().take(MOST_RULES) {
            let _ = writeln!(text, "  {rule} {}", subject.join(", "));
        }
        if outcome.conflict.len() > MOST_RULES {
            let _ = writeln!(text, "  and {} more: --json lists them", outcome.conflict.len() - MOST_RULES);
        }
    }
    section(&mut text, &tiers(outcome));
    section(&mut text, &awards(outcome));
    section(&mut text, &unmet(outcome));
    section(&mut text, &dependency(outcome));
    text
}

/// Where a solve stands, on one line.
pub(super) fn progress_line(progress: &Progress) -> String {
    let mut line = format!("{} {:.1} s", progress.phase, progress.seconds);
    if let Some(best) = progress.best {
        let _ = write!(line, ", best {best:.2}");
    }
    if let Some(bound) = progress.bound {
        let _ = write!(line, ", bound {bound:.2}");
    }
    line
}

fn headline(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Optimal => "Optimal",
        Status::Feasible => "Feasible: stopped before the end, the gaps say how far from the best it can be",
        Status::Infeasible => "Infeasible: no assignment obeys the rules",
        Status::Unpublishable => "Unpublishable: no rounding to whole units keeps the rules",
        Status::Interrupted => "Interrupted without a result",
    };
    let seconds: f64 = outcome.seconds.iter().map(|phase| phase.seconds).sum();
    let mut line = format!("{status}. {}, {seconds:.2} s", outcome.engine);
    if outcome.checker.passed {
        let _ =
            write!(line, "; {} rules and {} figures checked", outcome.checker.rules, outcome.checker.figures);
    }
    line + ".\n"
}

fn tiers(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Tier", Side::Left),
        (&format!("published, {}", outcome.currency), Side::Right),
        ("as shares", Side::Right),
        ("gap", Side::Right),
    ]);
    for tier in &outcome.tiers {
        let gap = format!("{:.2} %", tier.gap * 100.);
        table.row([tier.name.clone(), tier.published.clone(), format!("{:.2}", tier.value), gap]);
    }
    table
}

fn awards(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Lot", Side::Left),
        ("supplier", Side::Left),
        ("units", Side::Right),
        ("share", Side::Right),
        (&format!("amount, {}", outcome.currency), Side::Right),
    ]);
    for award in &outcome.awards {
        let share = percent(Some(&award.share));
        let units = award.quantity.to_string();
        table.row([award.lot.clone(), award.supplier.clone(), units, share, award.amount.clone()]);
    }
    table
}

fn unmet(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[("Lot", Side::Left), ("units unmet", Side::Right)]);
    for unmet in &outcome.unmet {
        table.row([unmet.lot.clone(), unmet.quantity.to_string()]);
    }
    table
}

fn dependency(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Supplier", Side::Left),
        ("depends on", Side::Left),
        ("before", Side::Right),
        ("after", Side::Right),
        ("cap", Side::Right),
        ("", Side::Left),
    ]);
    for row in &outcome.dependency {
        let binding = match (row.binding, &row.after) {
            (true, Some(_)) => "the cap binds",
            // No share can be told: the firm has no known sales to measure against.
            (true, None) => {
                "annual sales undisclosed: only the allowance counts, and existing sales use it up"
            }
            (false, _) => "",
        };
        table.row([
            row.supplier.clone(),
            row.group.clone(),
            percent(row.before.as_ref()),
            percent(row.after.as_ref()),
            percent(row.cap.as_ref()),
            binding.to_owned(),
        ]);
    }
    table
}

/// A share for the eye; the result itself has nine places.
fn percent(share: Option<&String>) -> String {
    match share.and_then(|share| share.parse::<f64>().ok()) {
        Some(share) => format!("{:.1} %", share * 100.),
        None => "–".to_owned(),
    }
}

fn section(text: &mut String, table: &Table) {
    if !table.rows.is_empty() {
        let _ = write!(text, "\n{}", table.aligned());
    }
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Columns that are as wide as their widest cell.
struct Table {
    sides: Vec<Side>,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(columns: &[(&str, Side)]) -> Self {
        let (head, sides) = columns.iter().map(|(name, side)| ((*name).to_owned(), *side)).unzip();
        Self { sides, head, rows: Vec::new() }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn aligned(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.head]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = String::new();
        for row in [&self.head].into_iter().chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&self.sides).map(|((cell, width), side)| match side {
                Side::Left => format!("{cell:<width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("Lot", Side::Left), ("units", Side::Right), ("", Side::Left)]);
        table.row(["Piñón".to_owned(), "7".to_owned(), String::new()]);
        table.row(["B".to_owned(), "1200".to_owned(), "new".to_owned()]);
        assert_eq!(table.aligned(), "Lot    units\nPiñón      7\nB       1200  new\n");
    }

    #[test]
    fn a_share_that_nobody_knows_is_a_dash() {
        assert_eq!(percent(None), "–");
        assert_eq!(percent(Some(&"0.295774648".to_owned())), "29.6 %");
    }
}
