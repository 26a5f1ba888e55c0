//! Rules that meet: instances in which several of them pull at the same awards, worked out by hand.

use eslabon_solver::{Outcome, outcome::Status};
use serde_json::{Value, json};

use super::support::{awards, conflict, instance, published, solved, with};

/// One indivisible lot of 100 at 10. S and T make 60 each and offer it together at 9; U makes it alone at 8.
fn together_or_alone(setup_of_u: u32) -> Outcome {
    solved(&instance(json!({
        "buyers": [{"id": "A"}],
        "suppliers": [
            {"id": "S", "setup_cost": 50}, {"id": "T", "setup_cost": 70, "min_total": 500},
            {"id": "U", "setup_cost": setup_of_u},
        ],
        "consortia": [{"id": "C", "members": ["S", "T"]}],
        "capacity": [
            {"supplier": "S", "process": "p", "amount": 60}, {"supplier": "T", "process": "p", "amount": 60},
        ],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10, "divisible": false}],
        "pairs": [
            {"supplier": "C", "lot": "L", "unit_price": 9}, {"supplier": "U", "lot": "L", "unit_price": 8},
            {"supplier": "S", "lot": "L", "unit_price": 6},
        ],
    })))
}

#[test]
fn a_consortium_pays_the_set_up_of_each_member_and_keeps_the_least_total_of_each() {
    // 800 + 200 against 900 + 50 + 70; S alone cannot make all.
    assert_eq!(awards(&together_or_alone(200)), ["U L 100"]);
    let outcome = together_or_alone(230);
    assert_eq!(published(&outcome, "cost"), "1020.00");
    let of = |supplier: &str| {
        let mut awards = outcome.awards.iter();
        awards.find(|award| award.supplier == supplier).map_or(0, |award| award.quantity)
    };
    // ⌈500 / 9⌉ = 56 for T, at most 60 for each.
    assert!(of("T") >= 56 && of("S") >= 40 && of("S") + of("T") == 100, "{:?}", awards(&outcome));
}

#[test]
fn an_hhi_cap_over_whole_units_is_the_best_of_all_units() {
    let (price_of_a, price_of_b) = (31, 47);
    let outcome = solved(&instance(json!({
        "hhi_cap": 2500, "whole_units": true,
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 400}],
        "lots": [
            {"id": "L", "buyer": "A", "process": "p", "quantity": 37, "reference_price": price_of_a},
            {"id": "M", "buyer": "B", "process": "p", "quantity": 23, "reference_price": price_of_b},
        ],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}],
    })));
    let best = (0..=37_i64)
        .flat_map(|a| (0..=23_i64).map(move |b| (price_of_a * a, price_of_b * b)))
        .filter(|(a, b)| 4 * ((400 + a).pow(2) + b.pow(2)) <= (1000 + a + b).pow(2))
        .map(|(a, b)| a + b)
        .max();
    assert_eq!(published(&outcome, "coverage"), format!("{}.00", best.unwrap_or_default()));
}

#[test]
fn a_lot_that_must_be_awarded_to_whom_its_cap_forbids_it_names_both_and_what_would_mend_it() {
    // E = R = 100 under 10 %: 100 + A ≤ 0.1 · (100 + A) + 90 leaves nothing, and a unit of 5 breaks it by 4.5.
    let outcome = solved(&instance(json!({
        "dependency_cap": "0.1",
        "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S", "annual_sales": 100}],
        "sales": [{"supplier": "S", "group": "A", "amount": 100}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 5, "must_award": true}],
        "pairs": [{"supplier": "S", "lot": "L"}],
    })));
    assert_eq!(outcome.status, Status::Infeasible);
    assert_eq!(conflict(&outcome), ["dependency S A", "must_award L"]);
    assert!((outcome.relaxation[0].by - 4.5).abs() < 1e-6, "{:?}", outcome.relaxation);
}

#[test]
fn gaps_open_pairs_within_their_budget_and_only_in_time() {
    let lot = |id: &str, price: u32, more: Value| {
        let lot = json!({"id": id, "buyer": "A", "process": "p", "quantity": 10, "reference_price": price});
        with(lot, more)
    };
    let outcome = solved(&instance(json!({
        "development_budget": 300,
        "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S"}, {"id": "T"}],
        "gaps": [
            {"id": "g1", "supplier": "S", "cost": 200, "months": 6},
            {"id": "g2", "supplier": "S", "cost": 150, "months": 3},
            {"id": "g3", "supplier": "T", "cost": 250, "months": 2},
        ],
        "lots": [
            lot("L", 100, json!({"starts_in": 5})), lot("M", 90, json!({"starts_in": 6})), lot("N", 70, json!({})),
        ],
        "pairs": [
            // Too late by a month.
            {"supplier": "S", "lot": "L", "blocked_by": ["g1"]},
            // 350 of 300.
            {"supplier": "S", "lot": "M", "blocked_by": ["g1", "g2"]},
            {"supplier": "T", "lot": "M", "unit_price": 80},
            // 150 against 250.
            {"supplier": "S", "lot": "N", "blocked_by": ["g2"]},
            {"supplier": "T", "lot": "N", "blocked_by": ["g3"]},
        ],
    })));
    assert_eq!(awards(&outcome), ["T M 10", "S N 10"]);
    assert_eq!(published(&outcome, "cost"), "1650.00");
    assert_eq!(outcome.development.iter().map(|gap| &*gap.gap).collect::<Vec<_>>(), ["g2"]);
}

#[test]
fn waivers_renewals_and_years_meet_in_one_supplier() {
    // E = 200 and R = 700 without what expires; A's contract of 10 a unit runs two years, 5 a year.
    // 200 + a ≤ 0.6 · (700 + a + b) and b ≤ 0.2 · (700 + a + b): b = 500, a = 1300.
    let outcome = solved(&instance(json!({
        "dependency_cap": "0.2",
        "buyers": [{"id": "A1", "group": "A"}, {"id": "A2", "group": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 500, "expiring": 300}],
        "caps": [{"supplier": "S", "group": "A", "dependency_cap": "0.6"}],
        "lots": [
            {"id": "L", "buyer": "A1", "process": "p", "quantity": 1000, "reference_price": 10, "years": 2},
            {"id": "M", "buyer": "B", "process": "p", "quantity": 1000, "reference_price": 1},
        ],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}],
    })));
    assert_eq!(awards(&outcome), ["S L 260", "S M 500"]);
}

#[test]
fn undisclosed_sales_leave_the_allowance_and_no_sales_a_share_of_the_new() {
    // S: 50 + 7u ≤ 120 from A, 7u ≤ 120 from B. T, who sells nothing yet, a ≤ 0.3 · (a + b) + 120 for both: 300
    // each in shares, and 42 units of 7 each in whole ones.
    let outcome = solved(&instance(json!({
        "dependency_cap": "0.3", "dependency_allowance": 120,
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S"}, {"id": "T", "annual_sales": 0}],
        "sales": [{"supplier": "S", "group": "A", "amount": 50}],
        "lots": [
            {"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 7},
            {"id": "M", "buyer": "B", "process": "p", "quantity": 100, "reference_price": 7},
        ],
        "pairs": [
            {"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}, {"supplier": "T", "lot": "L"},
            {"supplier": "T", "lot": "M"},
        ],
    })));
    assert_eq!(awards(&outcome), ["S L 10", "T L 42", "S M 17", "T M 42"]);
}

#[test]
fn an_override_dual_sourcing_and_counts_share_two_lots() {
    let outcome = solved(&instance(json!({
        "buyers": [{"id": "A", "max_supplier_share": "0.5"}],
        "suppliers": [{"id": "S"}, {"id": "T"}, {"id": "U", "max_awards": 1}],
        "lots": [
            {"id": "L", "buyer": "A", "process": "p", "quantity": 9, "reference_price": 10, "min_suppliers": 2,
                "min_share": "0.3"},
            {"id": "M", "buyer": "A", "process": "p", "quantity": 9, "reference_price": 10, "max_suppliers": 1},
        ],
        "pairs": [
            {"supplier": "S", "lot": "L", "max_share": "0.2"}, {"supplier": "T", "lot": "L"},
            {"supplier": "U", "lot": "L"}, {"supplier": "S", "lot": "M"},
            {"supplier": "T", "lot": "M", "unit_price": 9}, {"supplier": "U", "lot": "M"},
        ],
        "decisions": [{"supplier": "S", "lot": "L", "decision": "fixed", "quantity": 3, "override": true}],
    })));
    // T takes M at 9, 81 of 171; so U the rest of L.
    assert_eq!(awards(&outcome), ["S L 3", "U L 6", "T M 9"]);
}
