//! Any bytes as the tables that others publish: ChileCompra's tenders, and codes of UNSPSC.

#![no_main]

use eslabon::{
    exchange::{
        chilecompra::{Parts, Tally, Tenders, odd},
        unspsc,
    },
    organisations::unspsc::is_code,
};
use eslabon_fuzz::{check_procurement, check_refusal, check_warnings};
use libfuzzer_sys::fuzz_target;

/// The tenders of a table; none: it is no table of them.
fn tenders(bytes: &[u8]) -> Option<Tally> {
    let mut tenders = match Tenders::read(bytes) {
        Ok(tenders) => tenders,
        Err(refusal) => {
            check_refusal(&refusal);
            return None;
        }
    };
    for tender in tenders.by_ref() {
        assert!(!tender.ocid.is_empty());
        check_procurement(&tender);
        match odd(&tender) {
            Ok(warnings) => check_warnings(&warnings),
            Err(refusal) => check_refusal(&refusal),
        }
    }
    Some(tenders.tally())
}

/// Whether the header is the first line, and stays as it is when it is written anew.
fn has_plain_header(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !first.is_empty()
        && !first.contains(&b'"')
        && !bytes.contains(&b'\r')
        && !bytes.starts_with(b"\xef\xbb\xbf")
}

/// Parts have together the rows of the whole.
fn in_parts(bytes: &[u8], enough: (usize, usize), whole: Tally) {
    let (mut rows, mut unreadable) = (0, 0);
    for part in Parts::of(bytes, enough).expect("it was read before") {
        let part = part.expect("memory can be read");
        let tally = tenders(&part).expect("a part is a table of tenders");
        rows += tally.rows;
        unreadable += tally.unreadable;
    }
    assert_eq!((rows, unreadable), (whole.rows, whole.unreadable), "{enough:?}");
}

fn codes(bytes: &[u8]) {
    match unspsc::read(bytes) {
        Ok((names, unusable)) => {
            assert!(!names.is_empty());
            for (code, name) in &names {
                assert!(is_code(code), "{code:?}");
                assert!((1..=300).contains(&name.chars().count()), "{name:?}");
            }
            assert!(unusable.first.len() <= unusable.rows);
        }
        Err(refusal) => check_refusal(&refusal),
    }
}

fuzz_target!(|bytes: &[u8]| {
    codes(bytes);
    if let Some(whole) = tenders(bytes).filter(|_| has_plain_header(bytes)) {
        for enough in [(1, 1), (512, 100), (1 << 20, 2)] {
            in_parts(bytes, enough, whole);
        }
    }
});
