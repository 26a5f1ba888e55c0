//! What the solver tests share: instances as JSON, and results as short lines.

use std::sync::atomic::AtomicBool;

use eslabon_solver::{
    Outcome,
    outcome::RuleName,
    read,
    solve::{Control, Progress, solve},
};
use serde_json::{Value, json};

/// Merges an instance's tables with the fields that every instance needs.
pub fn instance(tables: Value) -> Value {
    let mut instance = json!({
        "format": "eslabon-instance/1",
        "currency": "USD",
        "objectives": ["coverage", "cost"],
    });
    merge(&mut instance, tables);
    instance
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        panic!("both are objects");
    };
    into.extend(from);
}

pub fn with(mut base: Value, changes: Value) -> Value {
    merge(&mut base, changes);
    base
}

pub fn solved(instance: &Value) -> Outcome {
    let cancel = AtomicBool::new(false);
    let reading =
        read::from_json(instance.to_string().as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut control = Control { progress: &mut |_: &Progress| {}, cancel: &cancel };
    solve(&reading, &mut control).unwrap_or_else(|error| panic!("{error}"))
}

/// `supplier lot units`, one award a line, by lot and supplier; `supplier@consortium` for a part.
pub fn awards(outcome: &Outcome) -> Vec<String> {
    outcome
        .awards
        .iter()
        .map(|award| {
            let through = award.consortium.as_ref().map_or_else(String::new, |id| format!("@{id}"));
            format!("{}{through} {} {}", award.supplier, award.lot, award.quantity)
        })
        .collect()
}

pub fn conflict(outcome: &Outcome) -> Vec<String> {
    outcome
        .conflict
        .iter()
        .map(|RuleName { rule, subject }| format!("{rule} {}", subject.join(" ")))
        .collect()
}

/// The published value of a tier.
pub fn published<'a>(outcome: &'a Outcome, tier: &str) -> &'a str {
    let found = outcome.tiers.iter().find(|of| of.name == tier);
    &found.unwrap_or_else(|| panic!("no tier {tier}: {outcome:#?}")).published
}
