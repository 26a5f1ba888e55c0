//! What the tests of explanations share.

use std::sync::atomic::AtomicBool;

use eslabon_solver::{
    Decimal, Explain, Instance, Outcome,
    generate::{Family, Options, generate},
    instance::{Objective, Tier},
    outcome::Status,
    read::{self, Reading},
    solve::{Control, Progress, solve_explained},
};

pub fn explained(instance: &Instance, explain: &Explain) -> Outcome {
    let cancel = AtomicBool::new(false);
    let mut control = Control { progress: &mut |_: &Progress| {}, cancel: &cancel };
    let reading = Reading { instance: instance.clone(), warnings: Vec::new() };
    solve_explained(&reading, explain, &mut control).unwrap_or_else(|error| panic!("{error}"))
}

pub fn read(text: &str) -> Instance {
    let text = format!(
        r#"{{"format": "eslabon-instance/1", "currency": "USD", "objectives": ["coverage", "fit", "cost"], {text}}}"#
    );
    read::from_json(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}")).instance
}

/// A small network with three tiers without tolerances, so that a fact is one number.
pub fn small(family: Family, seed: u64) -> Instance {
    let (suppliers, lots) = if family == Family::Integer { (4, 5) } else { (6, 8) };
    let options =
        Options { suppliers, lots, buyers: 4, pairs_per_lot: 3, tightness: Some(0.8), family, seed };
    let mut instance = generate(&options);
    instance.objectives = [Tier::Coverage, Tier::Fit, Tier::Cost]
        .map(|tier| Objective { tier, tolerance: Decimal::ZERO })
        .to_vec();
    instance.limits.relative_gap = Decimal::ZERO;
    instance.limits.threads = 1;
    // The tests leave out what takes longer.
    instance.limits.time_limit_seconds = Decimal::from(4);
    instance
}

pub fn has_awards(outcome: &Outcome) -> bool {
    outcome.status == Status::Optimal
}

/// The model's values, tier by tier, of an instance solved from the beginning.
pub fn values(instance: &Instance) -> Option<Vec<f64>> {
    let outcome = explained(instance, &Explain::Nothing);
    has_awards(&outcome).then(|| outcome.tiers.iter().map(|tier| tier.value).collect())
}

/// Equal up to what the rows that hold earlier tiers leave, measured against what the lots are worth.
pub fn close(instance: &Instance, one: f64, other: f64) -> bool {
    let worth: f64 = instance
        .lots
        .iter()
        .map(|lot| {
            lot.reference_price.to_f64()
                * f64::from(u32::try_from(lot.quantity).unwrap_or(u32::MAX))
                * lot.weight.to_f64()
        })
        .sum();
    (one - other).abs() <= 2e-6 * worth.max(1.)
}
