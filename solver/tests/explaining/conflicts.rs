//! Conflicts are true, none of their rules can be missing, and the relaxation mends them.

use eslabon_solver::{
    Decimal, Explain, Instance,
    outcome::{RuleName, Status},
};

use super::support::{explained, read};

/// Two lots that ask for more than capacity and cap allow.
fn too_much() -> Instance {
    read(
        r#""dependency_cap": "0.5", "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 100}, {"id": "T", "annual_sales": 1000}],
        "capacity": [{"supplier": "S", "process": "p", "amount": 500}, {"supplier": "T", "process": "q", "amount": 3}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 300, "reference_price": 1, "min_coverage": 1},
            {"id": "M", "buyer": "B", "process": "q", "quantity": 10, "reference_price": 1}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "M"}]"#,
    )
}

#[test]
fn the_smallest_conflict_and_what_mends_it() {
    let instance = too_much();
    let outcome = explained(&instance, &Explain::Nothing);
    assert_eq!(outcome.status, Status::Infeasible);
    let name = |rule: &str, subject: &[&str]| RuleName {
        rule: rule.to_owned(),
        subject: subject.iter().map(|id| (*id).to_owned()).collect(),
    };
    assert_eq!(outcome.conflict, [name("dependency", &["S", "A"]), name("min_coverage", &["L"])]);
    // 300 ≤ 0.5 · (100 + 300) + a: an allowance of 100; or 200 units less to ask: 100 ≤ 0.5 · 200.
    let [relaxation] = &outcome.relaxation[..] else { panic!("{:?}", outcome.relaxation) };
    let mut mended = instance.clone();
    // Rounded up, so that it suffices.
    let by = decimal((relaxation.by * 1000.).ceil() / 1000.);
    match relaxation.rule.rule.as_str() {
        "dependency" => mended.dependency_allowance = by,
        "min_coverage" => {
            mended.lots[0].min_coverage = decimal((300. - by.to_f64()) / 300. - 1e-9);
        }
        other => panic!("{other}"),
    }
    assert_eq!(explained(&mended, &Explain::Nothing).status, Status::Optimal);
}

fn decimal(number: f64) -> Decimal {
    format!("{number:.9}").parse().unwrap_or_default()
}
