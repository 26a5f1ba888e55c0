//! A process that solves again and again does not grow: what it holds after 1,000 solves is what it
//! held after 100.
//!
//! The one test of its binary, since memory belongs to the whole process.

use std::{fs, sync::atomic::AtomicBool};

use eslabon_solver::{
    Instance,
    generate::{Family, Options, generate},
    outcome::Status,
    read::Reading,
    solve,
    solve::Control,
};

/// Resident memory in pages; `None` where there is no /proc.
fn resident() -> Option<f64> {
    fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()
}

fn network(family: Family) -> Reading {
    let options =
        Options { suppliers: 5, lots: 6, buyers: 3, pairs_per_lot: 3, tightness: None, family, seed: 3 };
    let instance: Instance = generate(&options);
    Reading { instance, warnings: Vec::new() }
}

#[test]
fn memory_stays_as_it_is_after_a_hundred_solves() {
    if resident().is_none() {
        println!("no /proc here: what the process holds cannot be told, and nothing was tested");
        return;
    }
    // Linear programs, and ones with binaries, in turn.
    let networks = [network(Family::Tight), network(Family::RealLike)];
    let cancel = AtomicBool::new(false);
    let mut after_100 = 0.;
    for run in 1..=1_000 {
        let reading = &networks[run % 2];
        let mut control = Control { progress: &mut |_| {}, cancel: &cancel };
        let outcome = solve(reading, &mut control).unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(outcome.status, Status::Optimal | Status::Feasible), "{outcome:#?}");
        if run == 100 {
            after_100 = resident().unwrap_or_default();
        }
    }
    let ratio = resident().unwrap_or_default() / after_100;
    println!("resident memory after 1,000 solves: {ratio:.4} of that after 100");
    assert!(ratio <= 1.05, "grew to {ratio} of what it was");
}
