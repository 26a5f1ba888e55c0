//! Why pairs got nothing: every reason by hand, and nothing about rivals.

use std::collections::BTreeSet;

use eslabon_solver::{Explain, Instance, Outcome, generate::Family, outcome::Reason};

use super::support::{explained, has_awards, read, small};

fn reasons(outcome: &Outcome, supplier: &str, lot: &str) -> Vec<Reason> {
    let mut rows = outcome.why_not.iter();
    let row = rows.find(|row| row.supplier == supplier && row.lot == lot);
    row.map_or_else(Vec::new, |row| row.reasons.clone())
}

#[test]
fn a_cap_leaves_room_to_the_cent() {
    // A ≤ (0.3 · 1,000 − 200) / 0.7 = 142.86; at 40 a unit three units, 120, so (300 + 36 − 320) / 0.7 = 22.86
    // is left, less than a unit.
    let instance = read(
        r#""dependency_cap": "0.3", "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 200}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 40}],
        "pairs": [{"supplier": "S", "lot": "L"}]"#,
    );
    let outcome = explained(&instance, &Explain::Everything);
    let expected = Reason::Dependency {
        group: "A".to_owned(),
        cap: "0.3".to_owned(),
        after: Some("0.285714286".to_owned()),
        room: "22.86".to_owned(),
    };
    assert_eq!(reasons(&outcome, "S", "L"), [expected]);
}

/// S is cheap and small, T dear, U fits less; V is forbidden, W waits for a gap, X for one that takes too long.
fn rivals() -> Instance {
    read(
        r#""buyers": [{"id": "A"}],
        "suppliers": [{"id": "S"}, {"id": "T"}, {"id": "U"}, {"id": "V"}, {"id": "W"}, {"id": "X"}, {"id": "Y"}],
        "capacity": [{"supplier": "S", "process": "p", "amount": 7}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 5, "starts_in": 2},
            {"id": "M", "buyer": "A", "process": "q", "quantity": 10, "reference_price": 5}],
        "gaps": [{"id": "G", "supplier": "W", "cost": 30}, {"id": "H", "supplier": "X", "cost": 0, "months": 3}],
        "pairs": [{"supplier": "S", "lot": "L", "unit_price": 4, "load": 2}, {"supplier": "T", "lot": "L", "unit_price": 6},
            {"supplier": "U", "lot": "L", "fit": "0.5"}, {"supplier": "V", "lot": "L"},
            {"supplier": "W", "lot": "L", "blocked_by": ["G"]}, {"supplier": "X", "lot": "L", "blocked_by": ["H"]},
            {"supplier": "Y", "lot": "L", "unit_price": 5},
            {"supplier": "T", "lot": "M", "max_share": "0.4"}],
        "decisions": [{"supplier": "V", "lot": "L", "decision": "forbidden"}]"#,
    )
}

#[test]
fn every_reason_has_its_code() {
    let outcome = explained(&rivals(), &Explain::Everything);
    assert_eq!(
        reasons(&outcome, "S", "L"),
        [Reason::Capacity { process: "p".to_owned(), units_left: 0 }],
        "{:?}",
        outcome.awards
    );
    let better = |tier: &str| Reason::BetterServed { tier: tier.to_owned() };
    assert_eq!(reasons(&outcome, "T", "L"), [better("cost"), Reason::Price { ratio: "1.2000".to_owned() }]);
    assert_eq!(reasons(&outcome, "U", "L"), [better("fit")]);
    assert_eq!(reasons(&outcome, "V", "L"), [Reason::Forbidden]);
    assert_eq!(reasons(&outcome, "W", "L"), [Reason::Blocked { gaps: vec!["G".to_owned()] }]);
    assert_eq!(reasons(&outcome, "X", "L"), [Reason::TooLate { gaps: vec!["H".to_owned()] }]);
    let limited = reasons(&outcome, "T", "M");
    assert!(matches!(&limited[0], Reason::Rule(name) if name.rule == "max_share"), "{limited:?}");
    let order: Vec<(&str, &str)> =
        outcome.why_not.iter().map(|row| (row.lot.as_str(), row.supplier.as_str())).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn asked_by_one_supplier_only_its_own_pairs_answer() {
    let outcome = explained(&rivals(), &Explain::Supplier("T".to_owned()));
    let suppliers: BTreeSet<&str> = outcome.why_not.iter().map(|row| row.supplier.as_str()).collect();
    assert_eq!(suppliers, BTreeSet::from(["T"]));
    assert!(outcome.worth.is_empty() && outcome.prices.is_empty());
}

/// A rival's price that changes no award changes no word of the answer.
#[test]
fn a_reason_does_not_measure_the_rival() {
    let cheap = rivals();
    let mut cheaper = rivals();
    for pair in &mut cheaper.pairs {
        if pair.supplier == "Y" || pair.supplier == "S" {
            pair.unit_price = "0.5".parse().expect("a decimal");
        }
    }
    let of = |instance: &Instance| explained(instance, &Explain::Supplier("T".to_owned())).why_not;
    assert_eq!(of(&cheap), of(&cheaper));
}

#[test]
fn every_pair_without_its_lot_has_a_reason_and_none_names_a_rival() {
    let mut rows = 0;
    let families = [Family::Tight, Family::RealLike, Family::Integer];
    for (seed, family) in (200..224).zip(families.into_iter().cycle()) {
        let instance = small(family, seed);
        let outcome = explained(&instance, &Explain::Everything);
        if !has_awards(&outcome) || outcome.warnings.iter().any(|warning| warning.code == "W2009") {
            continue;
        }
        let consortium = |id: &str| instance.consortia.iter().find(|consortium| consortium.id == id);
        for pair in &instance.pairs {
            let members = consortium(&pair.supplier).map_or_else(Vec::new, |of| of.members.clone());
            let units: u64 = outcome
                .awards
                .iter()
                .filter(|award| award.lot == pair.lot)
                .filter(|award| *award.consortium.as_ref().unwrap_or(&award.supplier) == pair.supplier)
                .map(|award| award.quantity)
                .sum();
            let quantity = instance.lots.iter().find(|lot| lot.id == pair.lot).map_or(0, |lot| lot.quantity);
            let reasons = reasons(&outcome, &pair.supplier, &pair.lot);
            assert_eq!(reasons.is_empty(), units == quantity, "seed {seed}: {pair:?}");
            let said = serde_json::to_string(&reasons).expect("reasons are data");
            for rival in &instance.suppliers {
                let own = rival.id == pair.supplier || members.contains(&rival.id);
                assert!(own || !said.contains(&format!("\"{}\"", rival.id)), "seed {seed}: {said}");
            }
            rows += 1;
        }
    }
    assert!(rows > 100, "only {rows} pairs");
}
