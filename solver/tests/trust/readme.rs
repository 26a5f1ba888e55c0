//! The README's example gives what the README says.

use std::{env, fs, process};

use eslabon_solver::{
    Decimal, Outcome,
    outcome::Award,
    read::{Reading, from_json, from_path},
};

use super::support::solved_reading;

const README: &str = include_str!("../../README.md");

/// The fenced blocks under a line that is only a file's name.
fn files(readme: &str) -> Vec<(&str, &str)> {
    let blocks = readme.split("\n\n`").skip(1);
    blocks
        .filter_map(|block| {
            let (name, rest) = block.split_once("`\n```")?;
            let (_, text) = rest.split_once('\n')?;
            Some((name, text.split_once("```")?.0))
        })
        .collect()
}

/// The folder of the first example, read.
fn first_example(readme: &str, name: &str) -> Reading {
    let folder = env::temp_dir().join(format!("eslabon-solver-readme-{name}-{}", process::id()));
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    let files = files(readme);
    assert_eq!(files.len(), 6);
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let reading = from_path(&folder);
    fs::remove_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    reading.unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn published(outcome: &Outcome, tier: &str) -> String {
    let tier = outcome.tiers.iter().find(|one| one.name == tier);
    tier.map(|tier| tier.published.clone()).unwrap_or_default()
}

#[test]
fn the_cap_costs_what_it_says() {
    let readme = README;
    let mut reading = first_example(readme, "cap");
    assert_eq!(published(&solved_reading(&reading), "cost"), "30144.00");
    reading.instance.dependency_cap = Some(Decimal::ONE);
    let outcome = solved_reading(&reading);
    assert_eq!(published(&outcome, "cost"), "30000.00");
    let after = outcome.dependency.iter().find(|row| row.supplier == "luz" && row.group == "acero");
    assert_eq!(after.and_then(|row| row.after.as_deref()), Some("0.307692308"));
    assert!(readme.contains("pays 30,144") && readme.contains("cost 30,000") && readme.contains("30.77 %"));
}

#[test]
fn the_gap_is_closed_where_the_budget_allows_it() {
    let stated = README.split("## Closing a gap").nth(1).and_then(|rest| rest.split("```json\n").nth(1));
    let json = stated.and_then(|rest| rest.split("```").next()).unwrap_or_else(|| panic!("it is gone"));
    let solved = |json: &str| {
        let reading = from_json(json.as_bytes());
        solved_reading(&reading.unwrap_or_else(|problems| panic!("{problems:#?}")))
    };
    let outcome = solved(json);
    let awards: Vec<_> = outcome.awards.iter().map(|award| (&*award.supplier, award.quantity)).collect();
    assert_eq!(awards, [("luz", 60), ("sol", 40)]);
    assert_eq!(published(&outcome, "cost"), "1240.00");
    for less in ["\"development_budget\": 199,", ""] {
        let outcome = solved(&json.replace("\"development_budget\": 200,", less));
        assert_eq!(outcome.unmet.iter().map(|unmet| unmet.quantity).sum::<u64>(), 40);
        assert_eq!(published(&outcome, "cost"), "600.00");
    }
}

#[test]
fn the_example_gives_the_awards_that_it_says() {
    let outcome = solved_reading(&first_example(README, "awards"));

    let stated = README.split("```json\n").nth(1).and_then(|rest| rest.split_once("```"));
    let (stated, _) = stated.unwrap_or_else(|| panic!("the awards are gone"));
    let stated: Vec<Award> = serde_json::from_str(stated).unwrap_or_else(|error| panic!("{error}: {stated}"));
    assert_eq!(outcome.awards, stated);
}
