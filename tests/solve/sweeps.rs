//! Networks from a seed, and what every cap leaves of them.

use super::{INSTANCE, eslabon, json, lines, results::Folder, text};

#[test]
fn a_network_from_a_seed_is_the_same_every_time_and_can_be_solved() {
    let folder = Folder::new();
    let generate = |name: &str, seed: &str| {
        let output = eslabon(&["generate", &folder.path(name), "--family", "tight", "--seed", seed], "");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(text(&output.stdout).contains("30 suppliers, 60 lots, 5 buyers, "), "{output:?}");
        ["suppliers.csv", "lots.csv", "pairs.csv"].map(|file| folder.file(&format!("{name}/{file}")))
    };
    let one = generate("one", "1");
    assert_eq!(one, generate("again", "1"));
    assert_ne!(one, generate("two", "2"));
    let output = eslabon(&["solve", &folder.path("one"), "--json"], "");
    assert_eq!(json(&output.stdout)["status"], "optimal");
}

#[test]
fn a_network_never_lands_among_other_files() {
    let folder = Folder::new();
    folder.instance();
    let output = eslabon(&["generate", &folder.path("")], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    // An instance may be somebody's own; tables of another kind of network would become part of the new one.
    let generate = |family| eslabon(&["generate", &folder.path("own"), "--family", family], "");
    assert_eq!(generate("real-like").status.code(), Some(0));
    let before = folder.file("own/suppliers.csv");
    let output = generate("tight");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("Name a new folder"), "{output:?}");
    assert_eq!(before, folder.file("own/suppliers.csv"));
    let output = eslabon(&["generate", &folder.path("new"), "--suppliers", "0", "--tightness", "2"], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn the_frontier_is_a_table_a_picture_and_a_document() {
    let folder = Folder::new();
    let out = folder.path("out");
    let output = eslabon(&["frontier", "-", "--caps", "0.1,0.5", "--out", &out], INSTANCE);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = text(&output.stdout);
    // 1,000 · t / (1 − t), by hand.
    for line in [
        "A cap of 30 % covers 42.9 % of what is asked, 57.1 points less than one of 50 %.",
        "10 % 111.11 11.1 % 111.11 100.00",
        "30 % 428.57 42.9 % 428.57 100.00 ◀ the instance's cap",
        "50 % 1 000.00 100.0 % 1 000.00 100.00",
    ] {
        assert!(lines(report).contains(&line.to_owned()), "{line} in\n{report}");
    }
    assert_eq!(folder.file("out/frontier.csv").lines().count(), 4);
    let picture = folder.file("out/frontier.svg");
    assert!(picture.contains("<title id=\"t\">A cap of 30 % covers 42.9 % of what is asked"), "{picture}");
    assert!(!picture.contains("http") || picture.matches("http").count() == 1, "only the namespace");
    let document: serde_json::Value = json(folder.file("out/frontier.json").as_bytes());
    assert_eq!(document["points"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_frontier_without_any_solution_ends_with_3() {
    let impossible = INSTANCE.replace("\"quantity\": 100", "\"quantity\": 100, \"min_coverage\": \"0.9\"");
    let output = eslabon(&["frontier", "-", "--caps", "0.1,0.2"], &impossible);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(text(&output.stdout).starts_with("No cap that was tried leaves a solution"), "{output:?}");
}
