//! The README's example gives what the README says.

use std::{env, fs, process};

use eslabon_solver::{outcome::Award, read::from_path};

use super::support::solved_reading;

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

#[test]
fn the_example_gives_the_awards_that_it_says() {
    let readme = include_str!("../../README.md");
    let folder = env::temp_dir().join(format!("eslabon-solver-readme-{}", process::id()));
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    let files = files(readme);
    assert_eq!(files.len(), 6);
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let reading = from_path(&folder);
    fs::remove_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
    let outcome = solved_reading(&reading.unwrap_or_else(|problems| panic!("{problems:#?}")));

    let stated = readme.split("```json\n").nth(1).and_then(|rest| rest.split_once("```"));
    let (stated, _) = stated.unwrap_or_else(|| panic!("the awards are gone"));
    let stated: Vec<Award> = serde_json::from_str(stated).unwrap_or_else(|error| panic!("{error}: {stated}"));
    assert_eq!(outcome.awards, stated);
}
