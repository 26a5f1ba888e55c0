//! What must hold whatever a reader was fed, where several targets ask for it.

use std::collections::{BTreeSet, HashSet};

use eslabon::{
    exchange::ocds::{
        Options, Procurement, Refusal, Table, Warning, existing_sales, figures, offer, to_instance,
    },
    foundation::{
        fields::Fault,
        i18n::Locale,
        problem::{Arg, FieldError, Problem},
    },
};

/// That something is said of this in both languages, and every value that is mentioned is there.
fn has_words(key: &str, args: &[Arg]) {
    for locale in [Locale::Es, Locale::En] {
        assert_ne!(locale.text_with(key, args), key, "no words in {locale} for {args:?}");
    }
}

/// What was refused is the sender's to mend, and they are told what is wrong.
///
/// # Panics
/// Where it is not so.
pub fn check_problem(problem: &Problem) {
    assert!(problem.status.is_client_error(), "{problem}");
    has_words(&format!("problem-{}-title", problem.code), &problem.args);
    has_words(&format!("problem-{}-detail", problem.code), &problem.args);
    assert!(problem.code != "invalid-fields" || !problem.errors.is_empty(), "no field is named");
    check_faults(&problem.errors);
}

/// Each fault leads to a field and has words.
///
/// # Panics
/// Where one has not.
pub fn check_faults(faults: &[FieldError]) {
    let mut seen = BTreeSet::new();
    for fault in faults {
        assert!(fault.pointer.starts_with('/'), "{fault:?}");
        if seen.insert(fault.code) {
            has_words(&format!("field-{}", fault.code), &fault.args);
        }
    }
}

/// A fault that no field has yet.
///
/// # Panics
/// Where it has no words.
pub fn check_fault(Fault(code, args): &Fault) {
    has_words(&format!("field-{code}"), args);
}

/// A refusal says what is wrong and what to do.
///
/// # Panics
/// Where it does not.
pub fn check_refusal(refusal: &Refusal) {
    assert!(!refusal.code.is_empty() && !refusal.reason.is_empty() && !refusal.action.is_empty());
}

/// A warning leads to a place in the document.
///
/// # Panics
/// Where one leads nowhere.
pub fn check_warnings(warnings: &[Warning]) {
    for warning in warnings {
        assert!(warning.pointer.is_empty() || warning.pointer.starts_with('/'), "{warning}");
        assert!(!warning.detail.is_empty() && warning.times > 0, "{warning}");
    }
}

fn stand_once<'a>(ids: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for id in ids {
        assert!(seen.insert(id), "{id:?} stands twice");
    }
}

/// What is made of a record hangs together: every id stands once and leads somewhere, amounts and quantities are
/// positive, sums are right.
///
/// # Panics
/// Where it does not.
pub fn check_procurement(record: &Procurement) {
    stand_once(record.items.iter().map(|item| item.id.as_str()));
    stand_once(record.lots.iter().map(|lot| lot.id.as_str()));
    stand_once(record.suppliers.iter().map(|supplier| supplier.id.as_str()));
    stand_once(record.awards.iter().map(|award| award.id.as_str()));
    stand_once(record.contracts.iter().map(|contract| contract.id.as_str()));
    stand_once(record.bids.iter().map(|bid| bid.id.as_str()));
    let values = record.lots.iter().map(|lot| lot.value);
    let values = values.chain(record.awards.iter().map(|award| award.value));
    let values = values.chain(record.contracts.iter().map(|contract| contract.value));
    for value in values.chain(record.bids.iter().map(|bid| bid.value)).flatten() {
        assert!(value.minor > 0, "{value}");
    }

    let suppliers: HashSet<&str> = record.suppliers.iter().map(|supplier| supplier.id.as_str()).collect();
    let offer = offer(record);
    check_warnings(&offer.warnings);
    let lots: HashSet<&str> = offer.lots.iter().map(|lot| lot.id.as_str()).collect();
    for lot in &offer.lots {
        assert!(lot.quantity >= 1, "{lot:?}");
        assert!(lot.reference_price.is_none_or(|(price, _)| price.micros > 0), "{lot:?}");
    }
    for pair in &offer.pairs {
        assert!(lots.contains(pair.lot.as_str()) && suppliers.contains(pair.supplier.as_str()), "{pair:?}");
        assert!(pair.unit_price.is_none_or(|price| price.micros > 0), "{pair:?}");
    }

    let contracts: HashSet<&str> = record.contracts.iter().map(|contract| contract.id.as_str()).collect();
    for as_of in [None, record.date] {
        let existing = existing_sales(record, as_of);
        check_warnings(&existing.warnings);
        for sale in &existing.sales {
            assert!(sale.annual.minor >= 0 && suppliers.contains(sale.supplier.as_str()), "{sale:?}");
            assert!(sale.contracts.iter().all(|id| contracts.contains(id.as_str())), "{sale:?}");
        }
    }
    if let Some(figures) = figures(record) {
        let total: i64 = figures.suppliers.iter().map(|supplier| supplier.total.minor).sum();
        assert_eq!(total, figures.total.minor);
        assert!(!figures.hhi_points().is_empty());
        assert!(figures.suppliers.iter().all(|supplier| !supplier.share_percent().is_empty()));
    }
    match to_instance(record, &Options::default()) {
        Ok(instance) => instance.tables.iter().for_each(check_table),
        Err(refusal) => check_refusal(&refusal),
    }
}

/// A table of an instance says in its file what it says.
fn check_table(table: &Table) {
    let text = table.csv();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let read: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().expect("all rows are as long as the header");
    assert_eq!(read.len(), table.rows.len() + 1, "{text}");
    assert!(read[0].iter().eq(table.columns.iter().copied()), "{text}");
    for (read, row) in read[1..].iter().zip(&table.rows) {
        assert!(read.iter().eq(row.iter().map(String::as_str)), "{text}");
    }
}
