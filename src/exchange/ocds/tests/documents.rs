//! Wrappings and encodings: what is recognised as OCDS, and what is refused how.

use super::*;

fn refusal(bytes: &[u8]) -> &'static str {
    read(bytes).unwrap_err().code
}

#[test]
fn every_wrapping_of_a_release_gives_the_same_procurement() {
    let bare = procurement(CLEAN);
    for (wrapping, document) in [
        ("release package", format!(r#"{{"releases": [{CLEAN}]}}"#)),
        ("array", format!("[{CLEAN}]")),
        ("record", format!(r#"{{"ocid": "x", "compiledRelease": {CLEAN}}}"#)),
        ("record package", format!(r#"{{"records": [{{"releases": [], "compiledRelease": {CLEAN}}}]}}"#)),
        (
            "record with embedded releases",
            format!(r#"{{"records": [{{"ocid": "x", "releases": [{CLEAN}]}}]}}"#),
        ),
        ("byte order mark", format!("\u{feff}{CLEAN}")),
    ] {
        let read = procurement(&document);
        assert_eq!(read.ocid, bare.ocid, "{wrapping}");
        assert_eq!(read.items.len(), 3, "{wrapping}");
        assert_eq!(read.suppliers.len(), 2, "{wrapping}");
        assert_eq!(crate_figures(&read), crate_figures(&bare), "{wrapping}");
    }
}

fn crate_figures(procurement: &Procurement) -> String {
    let figures = crate::exchange::ocds::figures(procurement).unwrap();
    format!("{} {}", figures.total, figures.hhi_points())
}

#[test]
fn the_releases_of_one_process_are_merged_in_the_order_of_their_dates() {
    let document = r#"{"releases": [
        {"ocid": "a", "date": "2024-03-01", "contracts": [
            {"id": "c", "value": {"amount": 20}, "status": null}, {"id": "d"}]},
        {"ocid": "b", "tender": {"items": [{"id": "other"}]}},
        {"ocid": "a", "date": "2024-01-01", "tender": {"title": "T", "items": [{"id": "i"}]},
            "contracts": [{"id": "c", "value": {"amount": 10, "currency": "PYG"},
                "status": "cancelled"}]}
    ]}"#;
    let reading = reading(document);
    let [a, b] = reading.procurements.as_slice() else { panic!("two processes") };
    assert_eq!((a.ocid.as_str(), b.ocid.as_str()), ("a", "b"));
    assert_eq!(a.title.as_deref(), Some("T"));
    assert_eq!(a.contracts.len(), 2);
    assert_eq!(a.contracts[0].value.unwrap().to_string(), "20 PYG");
    assert_eq!(a.contracts[0].status, None);
    // The place is the one in the document as it came, not in the merged release.
    assert_eq!(a.items[0].at, "/releases/2/tender/items/0");
}

#[test]
fn latin_1_keeps_its_accents_and_says_so() {
    let document = r#"{"ocid": "a", "tender": {"title": "Año", "items": [{"id": "i"}]}}"#;
    let latin: Vec<u8> = document.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let reading = read(&latin).unwrap();
    assert_eq!(reading.procurements[0].title.as_deref(), Some("Año"));
    assert_eq!(places(&reading.warnings, Code::NotUtf8), [""]);
}

#[test]
fn what_cannot_be_used_is_refused_with_a_reason_and_an_action() {
    for (document, code) in [
        (&b""[..], "empty-file"),
        (b" \n\t", "empty-file"),
        (b"\xef\xbb\xbf", "not-json"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"PK\x03\x04rest", "compressed"),
        (b"\xff\xfe{\x00}\x00", "utf-16"),
        (b"{\"a\": \"\x00\"}", "not-text"),
        (b"<html></html>", "not-json"),
        (b"{\"tender\": ", "not-json"),
        (b"{\"ocid\": 1}\n{\"ocid\": 2}", "not-json"),
        (b"{}", "not-ocds"),
        (b"[]", "not-ocds"),
        (b"42", "not-ocds"),
        (b"\"text\"", "not-ocds"),
        (b"null", "not-ocds"),
        (b"{\"releases\": {\"a\": 1}}", "not-ocds"),
        (b"{\"records\": [{\"releases\": [{\"url\": \"https://example.org\"}]}]}", "links-only"),
        (b"{\"tender\": {}}", "nothing-to-import"),
    ] {
        assert_eq!(refusal(document), code, "{}", document.escape_ascii());
    }
    let refused = read(b"{}").unwrap_err();
    assert!(!refused.action.is_empty());
    assert!(refused.to_string().starts_with("not-ocds: "));
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), (r#"{"releases":"#, "}")] {
        assert_eq!(refusal(open.repeat(1_000_000).as_bytes()), "not-json");
        let closed = [open.repeat(10_000), "1".to_owned(), close.repeat(10_000)].concat();
        assert_eq!(refusal(closed.as_bytes()), "too-deep");
    }
}

#[test]
fn a_process_too_large_to_pair_is_refused_and_not_tried() {
    let items: Vec<String> = (0..4_000).map(|i| format!(r#"{{"id": "{i}"}}"#)).collect();
    let names: Vec<String> = (0..3_000).map(|i| format!(r#"{{"name": "s{i}"}}"#)).collect();
    let document = format!(
        r#"{{"tender": {{"items": [{}]}}, "awards": [{{"id": "a", "suppliers": [{}]}}]}}"#,
        items.join(","),
        names.join(",")
    );
    assert_eq!(refusal(document.as_bytes()), "document-too-large");
}
