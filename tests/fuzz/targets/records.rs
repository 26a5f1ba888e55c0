//! Any bytes as public procurement records (OCDS): one document, or one on each line.

#![no_main]

use eslabon::exchange::ocds::{Documents, Parts, Reading};
use eslabon_fuzz::{check_procurement, check_refusal, check_warnings};
use libfuzzer_sys::fuzz_target;

/// Of a document its line, and the processes in it or the code of its refusal.
type Found = (Option<usize>, Result<Vec<String>, &'static str>);

/// An id is one, and nothing that a table or a spreadsheet gives a meaning to.
fn check_id(id: &str) {
    assert!(!id.is_empty());
    assert!(!id.starts_with(['=', '+', '-', '@']), "{id:?}");
    assert!(!id.contains(|c: char| c.is_control() || c == '|'), "{id:?}");
}

fn check(reading: &Reading) {
    assert!(!reading.procurements.is_empty());
    check_warnings(&reading.warnings);
    for record in &reading.procurements {
        check_procurement(record);
        check_id(&record.ocid);
        record.items.iter().for_each(|item| check_id(&item.id));
        record.lots.iter().for_each(|lot| check_id(&lot.id));
        record.suppliers.iter().for_each(|supplier| check_id(&supplier.id));
        record.buyer.iter().for_each(|buyer| check_id(&buyer.id));
        record.awards.iter().for_each(|award| check_id(&award.id));
        record.contracts.iter().for_each(|contract| check_id(&contract.id));
        record.bids.iter().for_each(|bid| check_id(&bid.id));
    }
}

fn documents(bytes: &[u8]) -> Vec<Found> {
    let mut documents = Documents::of(bytes).expect("memory can be read");
    let mut found = Vec::new();
    while let Some((line, reading)) = documents.next_document().expect("memory can be read") {
        let said = match reading {
            Ok(reading) => {
                check(&reading);
                Ok(reading.procurements.into_iter().map(|record| record.ocid).collect())
            }
            Err(refusal) => {
                check_refusal(&refusal);
                Err(refusal.code)
            }
        };
        found.push((line, said));
    }
    found
}

/// The same of a file that is sent in parts, with the lines of the whole.
fn in_parts(bytes: &[u8], enough: (usize, usize)) -> Vec<Found> {
    let mut parts = Parts::of(bytes, enough).expect("memory can be read");
    let mut found = Vec::new();
    while let Some((before, part)) = parts.next_part().expect("memory can be read") {
        let of_whole = |(line, said): Found| match before {
            Some(before) => (Some(line.unwrap_or(1) + before), said),
            None => (line, said),
        };
        found.extend(documents(&part).into_iter().map(of_whole));
    }
    found
}

fuzz_target!(|bytes: &[u8]| {
    let whole = documents(bytes);
    for enough in [(1, 1), (256, 100), (1 << 20, 2)] {
        assert_eq!(in_parts(bytes, enough), whole, "{enough:?}");
    }
});
