//! What is no instance at all: said so, never a panic.

use std::{fs, path::Path};

use eslabon_solver::read;
use proptest::prelude::*;

use crate::support::{Folder, document, places};

fn refused(path: &Path) -> Vec<String> {
    places(&read::from_path(path).unwrap_err())
}

#[test]
fn a_path_without_an_instance_is_refused() {
    assert_eq!(refused(Path::new("no/such/path")), ["E1001 :0"]);
    let folder = Folder::empty("no-instance");
    folder.write("holiday.jpg", b"");
    assert_eq!(refused(folder.path()), ["E1001 instance.toml:0"]);
}

#[test]
fn missing_tables_are_named() {
    let folder = Folder::empty("no-tables");
    let toml = b"format = \"eslabon-instance/1\"\ncurrency = \"CLP\"\n";
    folder.write("instance.toml", toml);
    assert_eq!(
        refused(folder.path()),
        ["E1010 buyers.csv:0", "E1010 suppliers.csv:0", "E1010 lots.csv:0", "E1010 pairs.csv:0",]
    );
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let folder = Folder::with("huge", &[]);
    let file = fs::File::create(folder.path().join("sales.csv")).unwrap();
    file.set_len((2 << 30) + 1).unwrap();
    assert_eq!(refused(folder.path()), ["E1002 sales.csv:0"]);
    let folder = Folder::with("huge-settings", &[]);
    fs::File::create(folder.path().join("instance.toml")).unwrap().set_len((1 << 20) + 1).unwrap();
    assert_eq!(refused(folder.path()), ["E1002 instance.toml:0"]);
}

/// What would need many times its own size if it were kept is counted or cut.
#[test]
fn much_of_nothing_is_refused_without_being_kept() {
    let commas = [&b"supplier,lot\n"[..], &b",".repeat(1 << 20)].concat();
    let folder = Folder::with("commas", &[("pairs.csv", &commas)]);
    assert_eq!(refused(folder.path()), ["E1007 pairs.csv:2"]);
    let fields = "\"seed\": 1,".repeat(300);
    let ones = "1,".repeat(70_000);
    for (json, expected) in [
        (format!("{{{fields} \"seed\": 1}}"), "E1004 :0"),
        (document(&[("buyers", &format!("[{{{fields} \"id\": \"B1\"}}]"))]), "E1004 buyers:1"),
        (document(&[("objectives", &format!("[{ones} 1]"))]), "E1011 :0 objectives"),
        (document(&[(&"x".repeat(1000), "1")]), "E1008 :0"),
    ] {
        let problems = read::from_json(json.as_bytes()).unwrap_err();
        let found = places(&problems);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected) && found[0].len() < 300, "{found:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_table_that_is_no_file_is_refused() {
    use std::os::unix::fs::symlink;
    for (at, target) in ["/dev/zero", ".", "sales.csv", "nowhere"].into_iter().enumerate() {
        let folder = Folder::with(&format!("links-{at}"), &[]);
        symlink(target, folder.path().join("sales.csv")).unwrap();
        assert_eq!(refused(folder.path()), ["E1001 sales.csv:0"], "{target}");
    }
}

#[test]
fn hidden_files_and_notes_may_lie_in_the_folder() {
    let changes: &[(&str, &[u8])] = &[(".~lock.lots.csv#", b"me"), ("README.md", b"#")];
    assert!(read::from_path(Folder::with("notes", changes).path()).is_ok());
}

#[test]
fn what_is_not_json_is_refused() {
    let deep = "[".repeat(1_000_000);
    let deep_value = document(&[("objectives", &format!("{deep}{}", "]".repeat(1_000_000)))]);
    for (bytes, expected) in [
        (&b""[..], "E1004 :0"),
        (b"[]", "E1004 :0"),
        (b"{} {}", "E1004 :0"),
        (b"{\"a\": 1", "E1004 :0"),
        (b"\xff\xfe{\x00}\x00", "E1003 :0"),
        (deep.as_bytes(), "E1004 :0"),
        (deep_value.as_bytes(), "E1011 :0 objectives"),
    ] {
        let problems = read::from_json(bytes).unwrap_err();
        assert_eq!(places(&problems), [expected]);
    }
}

#[test]
fn a_broken_escape_is_a_fault_of_its_cell() {
    let json = document(&[("buyers", r#"[{"id": "B1", "group": "\ud800"}]"#)]);
    let problems = read::from_json(json.as_bytes()).unwrap_err();
    assert_eq!(places(&problems), ["E1011 buyers:1 group"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// A document with a stretch of junk in it is read or refused with at least one error.
    #[test]
    fn damaged_documents_never_panic(at in 0_usize..400, length in 0_usize..20, junk in "[\\x00-\\x7fñ]{0,6}") {
        let mut bytes = document(&[]).into_bytes();
        let at = at.min(bytes.len());
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, junk.bytes());
        if let Err(problems) = read::from_json(&bytes) {
            prop_assert!(problems.iter().any(|p| !p.is_warning()));
        }
    }

    /// The same for a table in a folder.
    #[test]
    fn damaged_tables_never_panic(bytes in proptest::collection::vec(proptest::sample::select(b"S1L2,;\"\n\r\t\xc3\xb1 .e-=|".to_vec()), 0..60)) {
        let mut table = b"supplier,lot,fit\n".to_vec();
        table.extend(bytes);
        let folder = Folder::with("damaged", &[("pairs.csv", &table)]);
        if let Err(problems) = read::from_path(folder.path()) {
            prop_assert!(problems.iter().any(|p| !p.is_warning()));
        }
    }
}
