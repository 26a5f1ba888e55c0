//! Results in folders: written by `solve --out`, checked by `check`, compared by `compare`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use eslabon::foundation::ids::Ids;

use super::{INSTANCE, eslabon, json, lines, solve, text};

/// A folder that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("eslabon-results-{}", Ids::system().secret()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    pub(super) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// The instance in a file, and its path.
    pub(super) fn instance(&self) -> String {
        fs::write(self.0.join("instance.json"), INSTANCE).unwrap();
        self.path("instance.json")
    }

    /// A result of the instance in a folder of its own, and that folder's path.
    fn solved(&self, name: &str, options: &[&str]) -> String {
        let out = self.path(name);
        let output = solve(&[options, &["--out", &out, "-"]].concat(), INSTANCE);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        out
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_result_is_written_as_a_document_and_as_tables() {
    let folder = Folder::new();
    let printed = solve(&["--json", "--out", &folder.path("out"), "-"], INSTANCE);
    assert_eq!(folder.file("out/result.json"), text(&printed.stdout));
    assert_eq!(folder.file("out/unmet.csv"), "lot,quantity\nL,58\n");
    assert_eq!(
        folder.file("out/awards.csv"),
        "supplier,lot,consortium,quantity,share,amount,annual_amount\nS,L,,42,0.420000000,420.00,420.00\n"
    );
    // Each list of the document has its table.
    let result = json(&printed.stdout);
    for (name, _) in result.as_object().expect("an object").iter().filter(|(_, value)| value.is_array()) {
        assert!(Path::new(&folder.path(&format!("out/{name}.csv"))).exists(), "{name}");
    }
}

#[test]
fn a_result_never_lands_among_other_files() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("mine")).unwrap();
    fs::write(folder.0.join("mine/lots.csv"), "id").unwrap();
    let output = solve(&["--out", &folder.path("mine"), "-"], INSTANCE);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Name a new folder for --out"), "{output:?}");
    assert_eq!(fs::read_dir(folder.0.join("mine")).unwrap().count(), 1);
    // But it replaces an earlier one.
    folder.solved("out", &[]);
    folder.solved("out", &["--cap", "0"]);
    assert_eq!(folder.file("out/unmet.csv"), "lot,quantity\nL,100\n");
}

#[test]
fn the_checker_passes_what_was_solved_and_refuses_what_was_changed() {
    let folder = Folder::new();
    let (instance, result) = (folder.instance(), folder.solved("out", &[]));
    let output = eslabon(&["check", &instance, &result], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stdout).starts_with("Passed: "), "{output:?}");

    // One unit more, with its figures: the cap does not allow it.
    let changed = folder
        .file("out/result.json")
        .replace("\"quantity\":42,\"share\":\"0.420000000\"", "\"quantity\":43,\"share\":\"0.430000000\"")
        .replace("\"amount\":\"420.00\"", "\"amount\":\"430.00\"");
    let file = folder.path("changed.json");
    fs::write(&file, changed).unwrap();
    let output = eslabon(&["check", &instance, &file], "");
    assert_eq!(output.status.code(), Some(3));
    let report = text(&output.stdout);
    assert!(report.contains("  dependency [S, A]: "), "{report}");
    assert!(report.contains("  figure [unmet, L]: stated 58, expected 57"), "{report}");

    let output = eslabon(&["check", &instance, &file, "--json"], "");
    let verdict = json(&output.stdout);
    assert_eq!(verdict["passed"], false);
    assert_eq!(verdict["same_instance"], true);
    let violations = verdict["violations"].as_array().expect("a list").len();
    assert_eq!(report.lines().count(), violations + 1, "all of them are told");
}

#[test]
fn a_result_of_another_cap_is_checked_with_that_cap() {
    let folder = Folder::new();
    let (instance, result) = (folder.instance(), folder.solved("out", &["--cap", "0.4"]));
    assert_eq!(eslabon(&["check", &instance, &result], "").status.code(), Some(3));
    let output = eslabon(&["check", &instance, &result, "--cap", "0.4"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(!text(&output.stdout).contains("fingerprint"), "{output:?}");
}

#[test]
fn what_cannot_be_read_is_told_all_at_once() {
    let folder = Folder::new();
    let (no_instance, no_result) = (folder.path("none"), folder.path("nothing.json"));
    let output = eslabon(&["check", &no_instance, &no_result], "");
    assert_eq!(output.status.code(), Some(2));
    let codes: Vec<&str> = text(&output.stderr).lines().filter_map(|line| line.get(..5)).collect();
    assert_eq!(codes, ["E1001", "R3001"]);
    let output = eslabon(&["compare", &no_result, &no_result], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).lines().count(), 2);
}

#[test]
fn two_results_are_compared_per_tier_lot_supplier_and_buyer() {
    let folder = Folder::new();
    let (a, b) = (folder.solved("a", &[]), folder.solved("b", &["--cap", "0.2"]));
    let output = eslabon(&["compare", &a, &b, "--instance", &folder.instance()], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = text(&output.stdout);
    for line in [
        "coverage 420.00 250.00 -170.00 0.00 % / 0.00 %",
        "A 420.00 250.00 -170.00 420.00 250.00 -170.00 1 → 1",
        "L 42 → 25 58 → 75 420.00 250.00 -170.00",
        "S A 29.6 % 20.0 % -9.6 points 30.0 % → 20.0 % binds in both",
    ] {
        assert!(lines(report).contains(&line.to_owned()), "{line} in\n{report}");
    }

    let out = folder.path("difference");
    let output = eslabon(&["compare", &a, &b, "--json", "--out", &out], "");
    assert_eq!(json(&output.stdout)["lots"][0]["unmet"]["b"], 75);
    assert!(folder.file("difference/lots.csv").ends_with("L,42,25,58,75,420.00,250.00,-170.00,,\n"));
    let same = eslabon(&["compare", &a, &a], "");
    assert!(text(&same.stdout).contains("the same awards, from the same instance"), "{same:?}");
}
