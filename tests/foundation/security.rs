//! What SECURITY.md says is so, and what no other test looks at.

use std::{collections::BTreeSet, fs, path::PathBuf};

use axum::http::Method;

use super::architecture::sources;

/// Every path of modules in backticks: words in lower case with `::` between them, of which the last may be a star.
fn named(text: &str) -> Vec<Vec<String>> {
    let is_path = |name: &&str| {
        let parts: Vec<_> = name.split("::").collect();
        let is_word = |part: &&str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        parts.len() > 1 && parts.iter().all(|part| is_word(part) || *part == "*")
    };
    let quoted = text.split('`').skip(1).step_by(2).filter(is_path);
    quoted.map(|name| name.split("::").map(str::to_owned).collect()).collect()
}

/// Functions with the modules in which they stand: those of the path, and `mod` lines above them are not asked.
fn written() -> Vec<(Vec<String>, BTreeSet<String>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "solver/src", "migrations/src"];
    let files = folders.iter().flat_map(|folder| sources(&root.join(folder)));
    let functions = |text: &str| {
        let names = text.split("fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap_or_default());
        names.map(str::to_owned).collect()
    };
    let module = |path: &PathBuf| {
        let path = path.strip_prefix(&root).unwrap().with_extension("");
        let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "mod" && part != "src" && part != "tests").collect::<Vec<_>>()
    };
    files.map(|(path, text)| (module(&path), functions(&text))).collect()
}

#[test]
fn every_test_that_is_named_is_there() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md")).unwrap();
    let (named, written) = (named(&text), written());
    assert!(
        named.len() > 50,
        "only {} are named: is the test still looking at the right place?",
        named.len()
    );
    for name in named {
        // Unit tests stand in a module `tests` of their file; types and functions of the code are named as well.
        let (function, place) = name.split_last().unwrap();
        let place: Vec<_> = place.iter().filter(|part| *part != "tests").cloned().collect();
        let found = written.iter().filter(|(module, _)| {
            module.ends_with(&place)
                || (function == "*" && module.windows(place.len()).any(|part| part == place))
        });
        let found = found.filter(|(_, functions)| function == "*" || functions.contains(function));
        assert!(found.count() > 0, "SECURITY.md names {}, which is not there", name.join("::"));
    }
}

/// Each row says whether it holds, in one of four words, and every chapter has rows.
#[test]
fn every_item_has_its_state() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit()))
        .map(|line| line.split(" | ").collect())
        .collect();
    let mut chapters = BTreeSet::new();
    for row in &rows {
        assert!(row.len() == 4 && ["yes", "partly", "no", "–"].contains(&row[2]), "{row:?}");
        chapters.insert(row[0].trim_start_matches("| ").split('.').next().unwrap().parse::<u32>().unwrap());
    }
    // Those of tokens that speak for themselves, of OAuth and of WebRTC are told in a line.
    let told: BTreeSet<_> = (1..=17).filter(|chapter| ![9, 10, 17].contains(chapter)).collect();
    assert_eq!(chapters, told);
    assert!(rows.len() > 150, "{} rows", rows.len());
}

on_both_engines! {
    async fn programs_are_answered_with_a_policy_too(app: TestApp) {
        for path in ["/me", "/nothing", "/health/live"] {
            let answer = app.anonymous().get(path).await;
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        }
    }

    async fn nobody_traces(app: TestApp) {
        for path in ["/me", "/health/live"] {
            app.anonymous().send(Method::TRACE, path, &[], None).await.expect(405);
        }
    }
}
