//! A published optimum: an assignment problem of 100 × 100, cost 360, known from two other solvers.

use std::{env, fs, path::PathBuf};

use eslabon_solver::{Instance, instance::Pair, outcome::Status};

use super::support::{Network, decimal, solved};

/// The data folder beside the project, or where `ESLABON_DATA` says.
#[expect(clippy::disallowed_methods, reason = "tests have no settings")]
fn data() -> PathBuf {
    env::var_os("ESLABON_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}

/// `n`, then the costs row by row: suppliers that make one unit each, lots of one unit.
fn instance(text: &str) -> Option<Instance> {
    let mut numbers = text.split_whitespace();
    let size: usize = numbers.next()?.parse().ok()?;
    let mut network = (0..size).fold(Network::new().buyer("B"), |network, row| {
        let id = format!("{row:03}");
        network.supplier(&id, "0").capacity(&id, "1").lot(&id, "B", 1, "1")
    });
    for supplier in 0..size {
        for lot in 0..size {
            let unit_price = decimal(numbers.next()?);
            let pair = Pair::new(format!("{supplier:03}"), format!("{lot:03}"), unit_price);
            network = network.with(|i| i.pairs.push(pair));
        }
    }
    numbers.next().is_none().then(|| network.built())
}

#[test]
fn the_published_optimum_comes_out_exactly() {
    let path = data().join("own/assign100.txt");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is absent; set ESLABON_DATA", path.display());
        return;
    };
    let instance = instance(&text).unwrap_or_else(|| panic!("{} is cut off", path.display()));
    let outcome = solved(&instance);
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.unmet, []);
    assert_eq!(outcome.awards.len(), 100);
    let published: Vec<_> = (outcome.tiers.iter()).map(|tier| (&*tier.name, &*tier.published)).collect();
    assert_eq!(published, [("coverage", "100.00"), ("fit", "100.00"), ("cost", "360.00")]);
    // In shares, the room of the held rows, 1e-9 of each, is worth a little cost.
    assert!((outcome.tiers[2].value - 360.).abs() < 1e-5, "{:?}", outcome.tiers);
}
