//! Published optima: problems of public libraries, written as instances of the format, come out exactly.
//!
//! The format expresses generalised assignment (suppliers = agents, indivisible lots of one unit, `load`)
//! and capacitated warehouse location (`setup_cost`, capacities, divisible lots). The data lies beside
//! the project, or where `ESLABON_DATA` says; without it these tests say so and pass.

#![cfg(test)]

mod convert;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Instant,
};

use eslabon_solver::{Instance, Outcome, outcome::Status, read, solve, solve::Control, write};

/// The data folder beside the project, or where `ESLABON_DATA` says.
#[expect(clippy::disallowed_methods, reason = "tests have no settings")]
fn data() -> PathBuf {
    env::var_os("ESLABON_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from)
}

/// The files of a folder with their published optima, by a table of such.
fn published(table: &Path, row: impl Fn(&str) -> Option<(String, f64)>) -> Vec<(PathBuf, f64)> {
    let Ok(text) = fs::read_to_string(table) else {
        eprintln!("SKIPPED: {} is absent; set ESLABON_DATA", table.display());
        return Vec::new();
    };
    let folder = table.parent().unwrap();
    let found: Vec<_> =
        text.lines().filter_map(row).map(|(name, optimum)| (folder.join(name), optimum)).collect();
    assert!(!found.is_empty(), "{} lists nothing", table.display());
    found.into_iter().filter(|(path, _)| path.exists()).collect()
}

fn solved(name: &Path, instance: &Instance) -> Outcome {
    let reading = read::from_json(write::to_json(instance).as_bytes())
        .unwrap_or_else(|problems| panic!("{}: {problems:#?}", name.display()));
    let start = Instant::now();
    let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
    let outcome = solve(&reading, &mut control).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
    eprintln!("{}: {:.1} s", name.display(), start.elapsed().as_secs_f64());
    assert_eq!(outcome.status, Status::Optimal, "{}: {:#?}", name.display(), outcome.tiers);
    assert_eq!(outcome.unmet, [], "{}", name.display());
    outcome
}

#[test]
fn generalised_assignment_comes_out_exactly() {
    let optima = published(&data().join("orlib/gap/optima.csv"), |row| {
        let cells: Vec<&str> = row.split(',').collect();
        let name = cells.first()?.rsplit('/').next()?;
        Some((name.to_owned(), cells.get(6)?.parse().ok()?))
    });
    for (path, optimum) in optima {
        let text = fs::read_to_string(&path).unwrap();
        let instances = convert::generalised_assignment(&text).unwrap();
        let [instance] = &instances[..] else {
            panic!("{} holds {} problems", path.display(), instances.len());
        };
        let outcome = solved(&path, instance);
        let cost = outcome.tiers.last().unwrap();
        assert_eq!(cost.published, format!("{optimum:.2}"), "{}", path.display());
    }
}

#[test]
fn warehouse_location_comes_out_to_a_millionth() {
    let optima = published(&data().join("orlib/cap/optima.txt"), |row| {
        let mut words = row.split_whitespace();
        Some((format!("{}.txt", words.next()?), words.next()?.parse().ok()?))
    });
    for (path, optimum) in optima {
        let text = fs::read_to_string(&path).unwrap();
        let instance = convert::warehouse_location(&text, None).unwrap();
        let outcome = solved(&path, &instance);
        let cost = outcome.tiers.last().unwrap().value;
        let off = (cost - optimum).abs() / optimum;
        assert!(off < 1e-6, "{}: {cost} instead of {optimum}", path.display());
    }
}

#[test]
fn what_cannot_be_converted_is_said() {
    assert!(convert::generalised_assignment("2 1 3 4 1 1 5").unwrap_err().contains("cut off"));
    assert!(convert::generalised_assignment("2 x").unwrap_err().contains("\"x\""));
    let words = "1 1 capacity 3 2 10";
    assert!(convert::warehouse_location(words, None).unwrap_err().contains("capacity"));
    assert!(convert::warehouse_location(words, Some("5")).is_ok());
}

#[test]
fn problems_become_instances_as_they_are_meant() {
    // Two problems in one file: two agents and one job; one agent and two jobs.
    let instances = convert::generalised_assignment("2\n2 1\n3 4\n1 1\n5 6\n1 2\n7 8\n2 3\n9\n").unwrap();
    assert_eq!(instances.len(), 2);
    let prices: Vec<String> =
        instances[1].pairs.iter().map(|p| format!("{} {}", p.unit_price, p.load)).collect();
    assert_eq!(prices, ["7 2", "8 3"]);
    assert!(instances[0].lots.iter().all(|lot| !lot.divisible && lot.quantity == 1));
    assert_eq!(instances[0].capacity[1].amount.to_string(), "6");
    // Half units: everything is counted in tenths. All 2.5 units cost 10, so a tenth costs 0.4.
    let located = convert::warehouse_location("1 1\n 7.25 3.\n 2.5\n 10.0\n", None).unwrap();
    assert_eq!(located.lots[0].quantity, 25);
    assert_eq!(located.capacity[0].amount.to_string(), "72.5");
    assert_eq!(located.pairs[0].unit_price.to_string(), "0.4");
    assert_eq!(located.suppliers[0].setup_cost.to_string(), "3");
}
