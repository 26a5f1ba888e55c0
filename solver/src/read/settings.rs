//! The fields at the top level: `instance.toml`, or the document itself.

use super::{
    codes,
    problems::{Place, Problems},
    row::{
        Cell, Quoted, Row, check_e1011_kind, check_e1102_e1103_decimal, check_e1105_share, check_e1111_hhi,
    },
};
use crate::{
    Decimal, Instance,
    instance::{DependencyBase, Limits, Objective, Tier},
};

/// The format that this crate reads and writes.
pub(crate) const FORMAT: &str = "eslabon-instance/1";

/// All fields.
pub(super) const COLUMNS: &[&str] = &[
    "format",
    "currency",
    "dependency_cap",
    "dependency_base",
    "dependency_allowance",
    "no_worsening",
    "hhi_cap",
    "objectives",
    "development_budget",
    "whole_units",
    "time_limit_seconds",
    "relative_gap",
    "threads",
    "seed",
];

/// More threads than any machine has that solves one instance.
const THREADS: u64 = 1024;
/// The largest seed that the engine takes.
const SEED: u64 = 2_147_483_647;

/// An instance without rows.
pub(super) fn read(row: &Row<'_>, problems: &mut Problems) -> Instance {
    const BASES: [(&str, DependencyBase); 2] =
        [("projected", DependencyBase::Projected), ("conservative", DependencyBase::Conservative)];
    check_e1012_format(row, problems);
    let currency = check_e1013_currency(row, problems);
    let dependency_cap = row.share("dependency_cap", problems);
    let dependency_base = row.choice("dependency_base", &BASES, problems);
    let dependency_allowance = row.amount("dependency_allowance", problems);
    let no_worsening = row.flag("no_worsening", problems);
    let hhi_cap =
        row.amount("hhi_cap", problems).filter(|cap| check_e1111_hhi(row.place("hhi_cap"), *cap, problems));
    let objectives = objectives(row, problems);
    let development_budget = row.amount("development_budget", problems);
    let whole_units = row.flag("whole_units", problems);
    let time_limit = row.positive("time_limit_seconds", problems);
    let relative_gap = row.share("relative_gap", problems);
    let small = |n: Option<u64>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    let threads = small(row.whole("threads", 0..=THREADS, problems));
    let seed = small(row.whole("seed", 0..=SEED, problems));
    let limits = Limits::default();
    Instance {
        currency: currency.unwrap_or_default(),
        dependency_cap,
        dependency_base: dependency_base.unwrap_or_default(),
        dependency_allowance: dependency_allowance.unwrap_or_default(),
        no_worsening: no_worsening.unwrap_or(true),
        hhi_cap,
        objectives: objectives.unwrap_or_else(default_objectives),
        development_budget,
        whole_units: whole_units.unwrap_or(false),
        limits: Limits {
            time_limit_seconds: time_limit.unwrap_or(limits.time_limit_seconds),
            relative_gap: relative_gap.unwrap_or(limits.relative_gap),
            threads,
            seed,
            ..limits
        },
        ..Instance::default()
    }
}

/// Coverage first; then fit and cost, which may each cost later tiers nothing and 1 % of theirs.
fn default_objectives() -> Vec<Objective> {
    let one_percent = Decimal::new(1, 2);
    [(Tier::Coverage, Decimal::ZERO), (Tier::Fit, one_percent), (Tier::Cost, one_percent)]
        .map(|(tier, tolerance)| Objective { tier, tolerance })
        .to_vec()
}

/// E1012: the document is of the one format that this crate knows.
fn check_e1012_format(row: &Row<'_>, problems: &mut Problems) {
    if row.check_e1010_given("format", problems).is_none() {
        return;
    }
    if let Some(format) = row.text("format", problems)
        && format != FORMAT
    {
        let cause = format_args!("the format is {}", Quoted(format));
        problems.report(codes::E1012, row.place("format"), cause);
    }
}

/// E1013: the currency has the form of an ISO 4217 code.
fn check_e1013_currency(row: &Row<'_>, problems: &mut Problems) -> Option<String> {
    row.check_e1010_given("currency", problems)?;
    let currency = row.text("currency", problems)?;
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Some(currency.to_owned());
    }
    let cause = format_args!("the currency is {}", Quoted(currency));
    problems.report(codes::E1013, row.place("currency"), cause);
    None
}

fn objectives(row: &Row<'_>, problems: &mut Problems) -> Option<Vec<Objective>> {
    let place = row.place("objectives");
    let entries = match row.cell("objectives") {
        Cell::Absent => return None,
        Cell::List(entries) => entries,
        other => return check_e1011_kind(place, "a list of tiers", other, problems),
    };
    let objectives: Vec<_> = entries.iter().filter_map(|entry| objective(entry, place, problems)).collect();
    check_e1110_tiers(entries.is_empty(), &objectives, place, problems);
    Some(objectives)
}

/// One tier: a name, or an object with a name and a tolerance.
fn objective(entry: &Cell<'_>, place: Place<'_>, problems: &mut Problems) -> Option<Objective> {
    let fields = match entry {
        Cell::Text(name) => {
            return check_e1109_tier(name, place, problems)
                .map(|tier| Objective { tier, tolerance: Decimal::ZERO });
        }
        Cell::Fields(fields) => fields,
        other => {
            return check_e1011_kind(place, "a tier's name or {name, tolerance}", other, problems);
        }
    };
    let mut name = None;
    let mut tolerance = None;
    for (field, value) in fields {
        let known = match field.as_str() {
            "name" => &mut name,
            "tolerance" => &mut tolerance,
            _ => {
                let cause = format_args!("a tier has no field {}", Quoted(field));
                problems.report(codes::E1008, place, cause);
                continue;
            }
        };
        if known.replace(value).is_some() {
            problems.report(codes::E1009, place, format_args!("{field} is given twice"));
        }
    }
    let tolerance = match tolerance {
        None | Some(Cell::Absent) => Some(Decimal::ZERO),
        Some(Cell::Text(text) | Cell::Number(text)) => check_e1102_e1103_decimal(place, text, problems)
            .filter(|t| check_e1105_share(place, *t, problems)),
        Some(other) => check_e1011_kind(place, "a decimal number", other, problems),
    };
    let tier = match name {
        None | Some(Cell::Absent) => {
            problems.report(codes::E1010, place, format_args!("a tier has no name"));
            None
        }
        Some(Cell::Text(name)) => check_e1109_tier(name, place, problems),
        Some(other) => check_e1011_kind(place, "a tier's name", other, problems),
    };
    Some(Objective { tier: tier?, tolerance: tolerance? })
}

/// E1109: a tier's name is known.
fn check_e1109_tier(name: &str, place: Place<'_>, problems: &mut Problems) -> Option<Tier> {
    const TIERS: [Tier; 5] = [Tier::Coverage, Tier::Fit, Tier::Cost, Tier::Suppliers, Tier::Spread];
    let tier = TIERS.into_iter().find(|tier| tier.name() == name);
    if tier.is_none() {
        let cause = format_args!("there is no tier {}", Quoted(name));
        problems.report(codes::E1109, place, cause);
    }
    tier
}

/// E1110: at least one tier, each once.
fn check_e1110_tiers(empty: bool, objectives: &[Objective], place: Place<'_>, problems: &mut Problems) {
    if empty {
        problems.report(codes::E1110, place, format_args!("no tier is named"));
    }
    for (at, objective) in objectives.iter().enumerate() {
        if objectives[..at].iter().any(|o| o.tier == objective.tier) {
            let cause = format_args!("the tier {} is named twice", objective.tier.name());
            problems.report(codes::E1110, place, cause);
        }
    }
}
