//! What the tests share: a builder of instances, and solving with everything checked.

pub mod brute;
pub mod engines;
pub mod formulas;
pub mod mixed;
mod network;
pub mod random;
pub mod smaller;

pub use network::Network;

use std::sync::atomic::AtomicBool;

use eslabon_solver::{
    Decimal, Instance, Outcome,
    check::check,
    outcome::Status,
    read::{Reading, from_json},
    solve,
    solve::Control,
    write::to_json,
};

/// A decimal as it is written.
pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|error| panic!("{text} {error}"))
}

/// Solves an instance the way a user would, from its written form, and checks the result.
pub fn solved(instance: &Instance) -> Outcome {
    let json = to_json(instance);
    let reading = from_json(json.as_bytes())
        .unwrap_or_else(|problems| panic!("the instance is not valid: {problems:#?}\n{json}"));
    let outcome = solved_reading(&reading);
    // Reading may complete an instance; what it makes of it must be what was meant.
    let verdict = check(instance, &outcome);
    assert_eq!(verdict.violations, [], "{outcome:#?}");
    outcome
}

/// Solves what was read and checks the result.
pub fn solved_reading(reading: &Reading) -> Outcome {
    let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
    let outcome = solve(reading, &mut control)
        .unwrap_or_else(|error| panic!("{error}: {}", to_json(&reading.instance)));
    let verdict = check(&reading.instance, &outcome);
    assert_eq!(verdict.violations, [], "{outcome:#?}");
    assert_eq!(outcome.checker, verdict.report);
    outcome
}

/// The codes with which reading refuses an instance.
pub fn refused(network: &Network) -> Vec<String> {
    let problems = from_json(to_json(&network.built()).as_bytes()).err();
    let codes = problems.unwrap_or_default().into_iter();
    codes.map(|problem| problem.code).collect()
}

/// Who gets how many units of what: (lot, supplier, units).
pub fn awards(outcome: &Outcome) -> Vec<(&str, &str, u64)> {
    (outcome.awards.iter()).map(|award| (&*award.lot, &*award.supplier, award.quantity)).collect()
}

/// Solves to the end and compares the awards with those worked out by hand.
#[track_caller]
pub fn assert_awards(network: &Network, expected: &[(&str, &str, u64)]) -> Outcome {
    let outcome = solved(&network.built());
    assert_eq!(outcome.status, Status::Optimal, "{outcome:#?}");
    assert_eq!(awards(&outcome), expected, "{outcome:#?}");
    outcome
}

/// Nobody can obey all rules, and the result says so without awards.
#[track_caller]
pub fn assert_infeasible(network: &Network) -> Outcome {
    let outcome = solved(&network.built());
    assert_eq!(outcome.status, Status::Infeasible, "{outcome:#?}");
    outcome
}
