//! The architecture invariants, read from the sources: breaking one fails the build.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The stages, in the order of the tower. A stage imports the foundation and earlier stages only.
const TOWER: &[&str] = &[
    "organisations",
    "programmes",
    "requirements",
    "diagnostics",
    "gaps",
    "plans",
    "matching",
    "approvals",
    "contracts",
    "objections",
    "monitoring",
    "exchange",
    "webhooks",
    "notices",
    "personal",
    "trail",
    "home",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // What the fuzz targets are built of and into is no source of ours.
            if !path.ends_with("fuzz/target") {
                found.extend(sources(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// The code without comments and without the unit tests at the end of the file.
fn code(text: &str) -> String {
    let tested = text.split("#[cfg(test)]").next().unwrap();
    tested.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top-level modules of this crate that the code names: `crate::x`, also inside `use crate::{…}`.
fn modules_named(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word) = (1, String::new());
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if !word.is_empty() && (c == ':' || c == ',' || depth == 0) {
                    found.insert(std::mem::take(&mut word));
                } else if depth > 1 {
                    word.clear();
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn the_solver_knows_no_service_and_the_migrations_no_entity() {
    let dependencies = |member: &str| {
        let text = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        let parsed: toml::Table = text.parse().unwrap();
        parsed["dependencies"].as_table().unwrap().keys().cloned().collect::<BTreeSet<_>>()
    };
    for banned in
        ["axum", "sea-orm", "sea-orm-migration", "sqlx", "tokio", "tower", "reqwest", "eslabon", "utoipa"]
    {
        assert!(!dependencies("solver").contains(banned), "solver depends on {banned}");
    }
    assert!(!dependencies("migrations").contains("eslabon"));
}

#[test]
fn a_stage_imports_the_foundation_and_earlier_stages_only() {
    for (place, stage) in TOWER.iter().enumerate() {
        for (path, text) in sources(&root().join("src").join(stage)) {
            for module in modules_named(&code(&text)) {
                if let Some(other) = TOWER.iter().position(|name| *name == module) {
                    assert!(other <= place, "{} imports {module}, a later stage", path.display());
                }
                assert!(module != "app" && module != "cli", "{} imports {module}", path.display());
            }
        }
    }
}

#[test]
fn the_foundation_knows_no_stage() {
    for (path, text) in sources(&root().join("src/foundation")) {
        for module in modules_named(&code(&text)) {
            assert!(
                ["foundation", "words", "access", "unrelated"].contains(&module.as_str()),
                "{} imports {module}",
                path.display()
            );
        }
    }
}

#[test]
fn the_rules_of_a_stage_do_no_io() {
    for stage in TOWER {
        let path = root().join("src").join(stage).join("mod.rs");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for banned in
            ["sea_orm::", "tokio::", "axum::", "std::fs", "reqwest::", "async fn", "Clock", "Instant"]
        {
            assert!(!code(&text).contains(banned), "{} names {banned}", path.display());
        }
    }
}

/// Every public function of a store takes the actor whose sight it obeys, or the write that has one.
#[test]
fn no_query_without_an_actor() {
    let mut checked = 0;
    for stage in TOWER {
        for (path, text) in sources(&root().join("src").join(stage)) {
            if !path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("store")) {
                continue;
            }
            let code = code(&text);
            for (at, _) in code.match_indices("pub async fn ") {
                let signature = code[at..].split('{').next().unwrap();
                let scoped = signature.contains("&Actor") || signature.contains("&Write");
                assert!(scoped, "{}: {signature}", path.display());
                checked += 1;
            }
        }
    }
    assert!(
        checked > 20,
        "only {checked} functions were found: is the test still looking at the right place?"
    );
}

/// A change goes through `Write`: nothing else begins a transaction or executes a statement on the pool.
#[test]
fn only_the_foundation_begins_transactions() {
    for stage in TOWER {
        for (path, text) in sources(&root().join("src").join(stage)) {
            for banned in [".begin(", "begin_with_options", "TransactionTrait", "execute_unprepared"] {
                assert!(!code(&text).contains(banned), "{} names {banned}", path.display());
            }
        }
    }
}

#[test]
fn api_and_pages_hold_no_query() {
    for stage in TOWER {
        for (path, text) in sources(&root().join("src").join(stage)) {
            let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            if shown.contains("/api") || shown.contains("/pages") {
                assert!(!code(&text).contains("sea_orm"), "{shown} names sea_orm");
            }
        }
    }
}

#[test]
fn imports_are_found_in_groups_and_paths() {
    let code = "use crate::{foundation::{Base, access::May}, gaps, plans::{self}};\ncrate::matching::run();";
    let found: Vec<_> = modules_named(code).into_iter().collect();
    assert_eq!(found, ["foundation", "gaps", "matching", "plans"]);
}
