//! The solver's commands as people and the service run them: arguments, output, exit codes.

mod results;
mod stopping;
mod sweeps;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// One lot of 100 units at 10, and a supplier with 1,000 of sales: a cap of 30 % leaves 42 units.
const INSTANCE: &str = r#"{
    "format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
    "buyers": [{"id": "A"}],
    "suppliers": [{"id": "S", "annual_sales": 1000}],
    "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10}],
    "pairs": [{"supplier": "S", "lot": "L"}]
}"#;

fn solve(arguments: &[&str], input: &str) -> Output {
    eslabon(&[&["solve"], arguments].concat(), input)
}

fn eslabon(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_eslabon"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("piped");
    // A command that refuses its arguments does not read its input.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the command ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("one JSON document")
}

#[test]
fn the_result_goes_to_standard_output_and_progress_to_standard_error() {
    let output = solve(&["--json", "--progress", "json", "-"], INSTANCE);
    assert_eq!(output.status.code(), Some(0));
    let result = json(&output.stdout);
    assert_eq!(result["status"], "optimal");
    assert_eq!(result["awards"][0]["quantity"], 42);
    assert_eq!(result["checker"]["passed"], true);
    let phases: Vec<String> = text(&output.stderr)
        .lines()
        .map(|line| json(line.as_bytes())["phase"].as_str().expect("a phase").to_owned())
        .collect();
    assert_eq!(phases.first().map(String::as_str), Some("build"));
    assert_eq!(phases.last().map(String::as_str), Some("check"));
}

#[test]
fn people_get_a_summary() {
    let output = solve(&["-"], INSTANCE);
    let summary = text(&output.stdout);
    assert!(summary.starts_with("Optimal. HiGHS "), "{summary}");
    for line in [
        "coverage 420.00 42.0 % of what is asked 428.57 0.00 % 8.57",
        "1 lots: 0 in full, 1 in part, 0 unserved. 1 awards to 1 of 1 suppliers; 1 where the cap binds.",
        "L S 42 42.0 % 420.00",
        "L A 58 100 580.00",
        "S A 0.0 % 29.6 % 30.0 % the cap binds",
    ] {
        assert!(lines(summary).contains(&line.to_owned()), "{line} in\n{summary}");
    }
    assert_eq!(text(&output.stderr), "");
}

/// Lines whose columns may be spaced as they like.
fn lines(report: &str) -> Vec<String> {
    report.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_bar_is_drawn_when_asked_for_and_wiped_at_the_end() {
    let output = solve(&["--progress", "bar", "--time-limit", "7", "-"], INSTANCE);
    let drawn = text(&output.stderr);
    assert!(drawn.contains("coverage   ░") && drawn.contains(" of 7 s"), "{drawn:?}");
    assert!(drawn.ends_with("\r\u{1b}[K"), "{drawn:?}");
}

#[test]
fn the_options_of_a_solve_are_part_of_its_fingerprint() {
    let fingerprint = |arguments: &[&str]| {
        let output = solve(&[arguments, &["--json", "-"]].concat(), INSTANCE);
        json(&output.stdout)["fingerprint"].clone()
    };
    let plain = fingerprint(&[]);
    assert_eq!(plain, fingerprint(&["--seed", "0"]));
    for options in [["--seed", "7"], ["--gap", "0.01"], ["--threads", "1"], ["--cap", "0.2"]] {
        assert_ne!(plain, fingerprint(&options), "{options:?}");
    }
}

#[test]
fn another_cap_is_tried_without_another_instance() {
    let output = solve(&["--json", "--cap", "0", "-"], INSTANCE);
    let result = json(&output.stdout);
    assert_eq!(result["awards"], Value::Array(Vec::new()));
    assert_eq!(result["unmet"][0]["quantity"], 100);
}

#[test]
fn invalid_input_is_told_with_all_its_problems() {
    let broken = INSTANCE.replace("1000", "\"-1\"").replace("\"USD\"", "\"pesos\"");
    let output = solve(&["--json", "-"], &broken);
    assert_eq!(output.status.code(), Some(2));
    let problems = json(&output.stdout)["problems"].clone();
    let codes: Vec<&Value> =
        problems.as_array().expect("a list").iter().map(|problem| &problem["code"]).collect();
    assert_eq!(codes, ["E1013", "E1104"]);

    let output = solve(&["-"], &broken);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert_eq!(text(&output.stderr).lines().count(), 2);
}

#[test]
fn rules_in_conflict_are_named_and_end_with_3() {
    let covered = INSTANCE.replace("\"quantity\": 100", "\"quantity\": 100, \"min_coverage\": \"0.5\"");
    let output = solve(&["-"], &covered);
    assert_eq!(output.status.code(), Some(3));
    let summary = text(&output.stdout);
    assert!(summary.contains("  dependency S, A\n  min_coverage L\n"), "{summary}");
}

#[test]
fn the_first_tier_is_written_for_other_solvers() {
    let folder = results::Folder::new();
    let output = solve(&["--export-mps", &folder.path("model.mps"), "-"], INSTANCE);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let model = folder.file("model.mps");
    for name in ["x_S_L", "n_1_from_S_L", "dependency_S_A", "ENDATA"] {
        assert!(model.contains(name), "{name} in\n{model}");
    }
    let output = solve(&["--export-mps", &folder.path("model.txt"), "-"], INSTANCE);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn alternatives_are_told_beside_the_best() {
    let two = INSTANCE
        .replace(
            "{\"id\": \"S\", \"annual_sales\": 1000}",
            "{\"id\": \"S\", \"annual_sales\": 9000}, {\"id\": \"T\", \"annual_sales\": 9000}",
        )
        .replace(
            "{\"supplier\": \"S\", \"lot\": \"L\"}",
            "{\"supplier\": \"S\", \"lot\": \"L\"}, {\"supplier\": \"T\", \"lot\": \"L\"}",
        );
    let folder = results::Folder::new();
    let output = solve(&["--alternatives", "1", "--out", &folder.path("out"), "-"], &two);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = lines(text(&output.stdout));
    assert!(report.iter().any(|line| line.starts_with("alternative 1 1 000.00")), "{report:#?}");
    let winner = |file: &str| json(folder.file(file).as_bytes())["awards"][0]["supplier"].clone();
    assert_ne!(winner("out/result.json"), winner("out/alternative-1/result.json"));
}
