//! A result as people read it on a terminal: how it ended, what each tier reached, what binds, who
//! depends on whom, and what is left over.

use std::{collections::BTreeSet, fmt::Write};

use eslabon_solver::{
    Instance, Outcome,
    instance::{Lot, Tier},
    outcome::{Reason, RuleName, Status},
};

use crate::cli::table::{
    Side::{Left, Right},
    Table, grouped, percent,
};

/// Rows of a list that are shown; the whole of it is in the JSON and in the tables.
const MOST_ROWS: usize = 20;
/// Where the others are.
const ELSEWHERE: &str = "--json prints them, --out writes them";

/// The whole result in short.
pub(super) fn of(instance: &Instance, outcome: &Outcome) -> String {
    let mut text = headline(outcome);
    for warning in outcome.warnings.iter().take(MOST_ROWS) {
        let _ = writeln!(text, "{warning}");
    }
    if outcome.warnings.len() > MOST_ROWS {
        let _ = writeln!(text, "and {} more warnings: {ELSEWHERE}", outcome.warnings.len() - MOST_ROWS);
    }
    conflict(&mut text, outcome);
    let currency = &outcome.currency;
    tiers(instance, outcome).section(&mut text, "Tiers, most important first");
    if !outcome.tiers.is_empty() {
        let _ = writeln!(text, "\n{}", tally(instance, outcome));
    }
    awards(outcome).section(&mut text, &format!("Awards, amounts in {currency}"));
    unmet(instance, outcome).section(&mut text, "Unmet, largest value first");
    dependency(outcome).section(&mut text, "Dependency, where the cap binds and then by share");
    concentration(outcome).section(&mut text, "Buyer concentration (HHI, 0 to 10 000), highest first");
    development(outcome).section(&mut text, &format!("Gaps to close, cost in {currency}"));
    prices(outcome).section(&mut text, "What limits cost: change of each tier per percent point or percent");
    worth(outcome).section(&mut text, &format!("What closing gaps is worth, in {currency}"));
    why_not(outcome).section(&mut text, "Why not, most decisive reason first");
    text
}

fn headline(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Optimal => "Optimal",
        Status::Feasible => "Feasible: time ran out, the gaps say how far from the best it can be",
        Status::Infeasible => "Infeasible: no assignment obeys the rules",
        Status::Unpublishable => "Unpublishable: no rounding to whole units keeps the rules",
        Status::Interrupted => "Interrupted without a result",
    };
    let seconds: f64 = outcome.seconds.iter().map(|phase| phase.seconds).sum();
    let mut line = format!("{status}. {}, {seconds:.2} s", outcome.engine);
    if outcome.checker.passed {
        let checker = &outcome.checker;
        let _ = write!(line, "; {} rules and {} figures checked", checker.rules, checker.figures);
    }
    line + ".\n"
}

fn conflict(text: &mut String, outcome: &Outcome) {
    if outcome.conflict.is_empty() {
        return;
    }
    let why = match outcome.status {
        Status::Unpublishable => "Shares obey the rules, whole units do not. In the way are:",
        _ => "These rules contradict each other:",
    };
    let _ = writeln!(text, "\n{why}");
    for RuleName { rule, subject } in outcome.conflict.iter().take(MOST_ROWS) {
        let _ = writeln!(text, "  {rule} {}", subject.join(", "));
    }
    if outcome.conflict.len() > MOST_ROWS {
        let _ = writeln!(text, "  and {} more: {ELSEWHERE}", outcome.conflict.len() - MOST_ROWS);
    }
    let mut table = Table::new(&[("Rule", Left), ("of", Left), ("by", Right)]);
    for change in &outcome.relaxation {
        let RuleName { rule, subject } = &change.rule;
        table.row([rule.clone(), subject.join(", "), format!("{:.4}", change.by)]);
    }
    table.section(text, "The least change that mends it, in each rule's own unit");
}

fn tiers(instance: &Instance, outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Tier", Left),
        ("published", Right),
        ("", Left),
        ("in shares", Right),
        ("gap", Right),
        ("lost to whole units", Right),
    ]);
    for tier in &outcome.tiers {
        let of_demand = match asked(instance) {
            asked if tier.name == Tier::Coverage.name() && asked > 0. => {
                let published = tier.published.parse::<f64>().unwrap_or(f64::NAN);
                format!("{:.1} % of what is asked", published / asked * 100.)
            }
            _ => String::new(),
        };
        let is_amount = ![Tier::Suppliers.name(), Tier::Spread.name()].contains(&tier.name.as_str());
        let places = if is_amount { 2 } else { 4 };
        table.row([
            tier.name.clone(),
            grouped(&tier.published),
            of_demand,
            grouped(&format!("{:.places$}", tier.value)),
            format!("{:.2} %", tier.gap * 100.),
            grouped(&format!("{:.places$}", tier.loss + 0.)),
        ]);
    }
    table
}

/// All demand, as the coverage tier weighs it.
fn asked(instance: &Instance) -> f64 {
    instance.lots.iter().map(|lot| lot.weight.to_f64() * value(lot, lot.quantity)).sum()
}

/// Units of a lot at its reference price.
fn value(lot: &Lot, units: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for the eye")]
    let units = units as f64;
    lot.reference_price.to_f64() * units
}

/// One line: lots, awards, suppliers.
fn tally(instance: &Instance, outcome: &Outcome) -> String {
    let awarded: BTreeSet<&str> = outcome.awards.iter().map(|award| award.lot.as_str()).collect();
    let short: BTreeSet<&str> = outcome.unmet.iter().map(|unmet| unmet.lot.as_str()).collect();
    let in_part = awarded.intersection(&short).count();
    let suppliers: BTreeSet<&str> = outcome.awards.iter().map(|award| award.supplier.as_str()).collect();
    let binding = outcome.dependency.iter().filter(|row| row.binding).count();
    format!(
        "{} lots: {} in full, {in_part} in part, {} unserved. {} awards to {} of {} suppliers; {} where the cap binds.",
        instance.lots.len(),
        awarded.len() - in_part,
        instance.lots.len() - awarded.len(),
        outcome.awards.len(),
        suppliers.len(),
        instance.suppliers.len(),
        binding,
    )
}

fn awards(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Lot", Left),
        ("supplier", Left),
        ("units", Right),
        ("share", Right),
        ("amount", Right),
        ("", Left),
    ]);
    for award in &outcome.awards {
        let through = award.consortium.as_ref().map(|id| format!("through {id}")).unwrap_or_default();
        let share = percent(Some(&award.share));
        let units = award.quantity.to_string();
        table.row([award.lot.clone(), award.supplier.clone(), units, share, grouped(&award.amount), through]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn unmet(instance: &Instance, outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Lot", Left),
        ("buyer", Left),
        ("units unmet", Right),
        ("of", Right),
        ("value", Right),
    ]);
    let mut rows: Vec<(f64, [String; 5])> = outcome
        .unmet
        .iter()
        .filter_map(|unmet| {
            let lot = instance.lots.iter().find(|lot| lot.id == unmet.lot)?;
            let value = value(lot, unmet.quantity);
            let (units, of) = (unmet.quantity.to_string(), lot.quantity.to_string());
            Some((value, [lot.id.clone(), lot.buyer.clone(), units, of, grouped(&format!("{value:.2}"))]))
        })
        .collect();
    rows.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (_, row) in rows {
        table.row(row);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn dependency(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[
        ("Supplier", Left),
        ("depends on", Left),
        ("before", Right),
        ("after", Right),
        ("cap", Right),
        ("", Left),
    ]);
    let share = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok()).unwrap_or(-1_f64);
    let mut rows: Vec<_> = outcome.dependency.iter().collect();
    rows.sort_by(|one, other| {
        other.binding.cmp(&one.binding).then(share(&other.after).total_cmp(&share(&one.after)))
    });
    for row in rows {
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
            percent(row.before.as_deref()),
            percent(row.after.as_deref()),
            percent(row.cap.as_deref()),
            binding.to_owned(),
        ]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

/// Only where a rule limits it: without one it repeats the table above.
fn concentration(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[("Supplier", Left), ("before", Right), ("after", Right), ("cap", Right)]);
    let mut rows: Vec<_> = outcome.hhi.iter().filter(|row| row.cap.is_some()).collect();
    let after = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok()).unwrap_or(-1_f64);
    rows.sort_by(|one, other| after(&other.after).total_cmp(&after(&one.after)));
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    for row in rows {
        table.row([row.supplier.clone(), shown(&row.before), shown(&row.after), shown(&row.cap)]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn development(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[("Gap", Left), ("of", Left), ("cost", Right), ("opens lots", Left)]);
    for row in &outcome.development {
        table.row([row.gap.clone(), row.supplier.clone(), grouped(&row.cost), row.opens.join(", ")]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn prices(outcome: &Outcome) -> Table {
    let mut table =
        Table::new(&[("Rule", Left), ("of", Left), ("tier", Left), ("tighter", Right), ("looser", Right)]);
    let change =
        |change: Option<f64>| change.map_or_else(|| "–".to_owned(), |by| grouped(&format!("{by:+.2}")));
    for price in &outcome.prices {
        for tier in &price.tiers {
            let RuleName { rule, subject } = &price.rule;
            let of = subject.join(", ");
            table.row([rule.clone(), of, tier.name.clone(), change(tier.tighter), change(tier.looser)]);
        }
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn worth(outcome: &Outcome) -> Table {
    let mut table =
        Table::new(&[("Gap", Left), ("of", Left), ("cost", Right), ("tier", Left), ("change", Right)]);
    for gap in &outcome.worth {
        for tier in &gap.tiers {
            let change = grouped(&format!("{:+.2}", tier.change));
            table.row([
                gap.gap.clone(),
                gap.supplier.clone(),
                gap.cost.as_deref().map_or_else(|| "–".to_owned(), grouped),
                tier.name.clone(),
                change,
            ]);
        }
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn why_not(outcome: &Outcome) -> Table {
    let mut table = Table::new(&[("Supplier", Left), ("lot", Left), ("reasons", Left)]);
    for pair in &outcome.why_not {
        let reasons: Vec<String> = pair.reasons.iter().map(reason).collect();
        table.row([pair.supplier.clone(), pair.lot.clone(), reasons.join("; ")]);
    }
    table.at_most(MOST_ROWS, ELSEWHERE)
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Forbidden => "forbidden".to_owned(),
        Reason::Blocked { gaps } => format!("blocked by {}", gaps.join(", ")),
        Reason::TooLate { gaps } => format!("closing {} takes too long", gaps.join(", ")),
        Reason::Capacity { process, units_left } => {
            format!("capacity of {process} is left for {units_left} units")
        }
        Reason::Dependency { group, cap, room, .. } => {
            format!("the cap of {} with {group} leaves {} a year", percent(Some(cap)), grouped(room))
        }
        Reason::Concentration { cap, .. } => format!("the HHI cap of {cap} leaves no room"),
        Reason::Rule(RuleName { rule, subject }) => format!("{rule} {}", subject.join(", ")),
        Reason::BetterServed { tier } => format!("served better otherwise: {tier}"),
        Reason::Price { ratio } => format!("price {} of the reference", percent(Some(ratio))),
        Reason::Tied => "as good as what was chosen".to_owned(),
    }
}
