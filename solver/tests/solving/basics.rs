//! What the solver answers, on instances small enough to be worked out by hand: awards, statuses,
//! conflicts, warnings; and how it stops. The rules one by one are in `trust/edge_cases.rs`.
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use eslabon_solver::{
    Outcome,
    outcome::Status,
    read,
    solve::{Control, Progress, solve},
};
use serde_json::{Value, json};

use super::support::{awards, conflict, instance, solved, with};

/// One lot of 100 units at 10, one buyer `A`, one supplier `S`.
fn one_to_one() -> Value {
    instance(json!({
        "dependency_cap": "0.3",
        "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10}],
        "pairs": [{"supplier": "S", "lot": "L"}],
    }))
}

#[test]
fn a_supplier_that_sells_to_one_buyer_only_gets_nothing_more_from_it() {
    let outcome =
        solved(&with(one_to_one(), json!({"sales": [{"supplier": "S", "group": "A", "amount": 1000}]})));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(awards(&outcome), [""; 0]);
    assert_eq!(outcome.unmet[0].quantity, 100);
    let row = &outcome.dependency[0];
    assert_eq!(row.before.as_deref(), Some("1.000000000"));
    assert_eq!(row.after.as_deref(), Some("1.000000000"));
    assert_eq!(row.row_use.as_deref(), Some("1.000000000"));
    assert!(row.binding);
}

#[test]
fn a_cap_that_binds_gives_the_largest_whole_number_below_it() {
    // a ≤ 0.3 · (1000 + a)  ⇔  a ≤ 428.57…, so 42 units of 10.
    let outcome = solved(&one_to_one());
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(awards(&outcome), ["S L 42"]);
    assert_eq!(outcome.awards[0].amount, "420.00");
    assert_eq!(outcome.awards[0].share, "0.420000000");
    let row = &outcome.dependency[0];
    assert_eq!(row.before.as_deref(), Some("0.000000000"));
    assert_eq!(row.after.as_deref(), Some("0.295774648"));
    assert!(row.binding);
    // The model's optimum is the share itself.
    assert!((outcome.tiers[0].value - 3000. / 7.).abs() < 1e-6);
    assert_eq!(outcome.tiers[0].published, "420.00");
}

#[test]
fn a_supplier_above_its_cap_takes_only_the_caps_share_of_its_new_business() {
    // 600 of 1000 go to A. From B it may take all 30 units (300 ≤ 0.3 · 1300 = 390), and then from
    // A at most a ≤ 0.3 · (300 + a)  ⇔  a ≤ 128.57…, so 12 units.
    let outcome = solved(&instance(json!({
        "dependency_cap": "0.3",
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 600}],
        "lots": [
            {"id": "LA", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10},
            {"id": "LB", "buyer": "B", "process": "p", "quantity": 30, "reference_price": 10},
        ],
        "pairs": [{"supplier": "S", "lot": "LA"}, {"supplier": "S", "lot": "LB"}],
    })));
    assert_eq!(awards(&outcome), ["S LA 12", "S LB 30"]);
    let to_a = &outcome.dependency[0];
    assert_eq!(to_a.before.as_deref(), Some("0.600000000"));
    // (600 + 120) / (1000 + 420): it fell.
    assert_eq!(to_a.after.as_deref(), Some("0.507042254"));
}

#[test]
fn buyers_of_a_group_count_as_one_and_a_waiver_replaces_every_other_cap() {
    let twins = with(
        one_to_one(),
        json!({
            "buyers": [{"id": "A", "group": "G"}, {"id": "B", "group": "G"}],
            "lots": [
                {"id": "L", "buyer": "A", "process": "p", "quantity": 30, "reference_price": 10},
                {"id": "M", "buyer": "B", "process": "p", "quantity": 30, "reference_price": 10},
            ],
            "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}],
        }),
    );
    let total = |outcome: &Outcome| outcome.awards.iter().map(|a| a.quantity).sum::<u64>();
    assert_eq!(total(&solved(&twins)), 42);

    let own = json!({"suppliers": [{"id": "S", "annual_sales": 1000, "dependency_cap": "0.1"}]});
    // a ≤ 0.1 · (1000 + a)  ⇔  a ≤ 111.1…
    assert_eq!(total(&solved(&with(twins.clone(), own.clone()))), 11);

    let waiver = json!({"caps": [{"supplier": "S", "group": "G", "dependency_cap": "0.36"}]});
    // a ≤ 0.36 · (1000 + a)  ⇔  a ≤ 562.5
    let outcome = solved(&with(with(twins, own), waiver));
    assert_eq!(total(&outcome), 56);
    assert_eq!(outcome.dependency[0].cap.as_deref(), Some("0.36"));
}

#[test]
fn without_no_worsening_a_supplier_above_its_cap_makes_the_instance_infeasible() {
    let above = json!({
        "sales": [{"supplier": "S", "group": "A", "amount": 1000}],
        "no_worsening": false,
    });
    let outcome = solved(&with(one_to_one(), above));
    assert_eq!(outcome.status, Status::Infeasible);
    assert_eq!(conflict(&outcome), ["dependency S A"]);
}

/// Two buyers' lots and two suppliers without any cap.
fn two_by_two() -> Value {
    instance(json!({
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 1000}, {"id": "T", "annual_sales": 1000}],
        "lots": [
            {"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 10},
            {"id": "M", "buyer": "B", "process": "p", "quantity": 10, "reference_price": 10},
        ],
        "pairs": [
            {"supplier": "S", "lot": "L", "unit_price": 9, "fit": "0.5"},
            {"supplier": "S", "lot": "M", "unit_price": 9, "fit": "0.5"},
            {"supplier": "T", "lot": "L", "unit_price": 10, "fit": 1},
            {"supplier": "T", "lot": "M", "unit_price": 11, "fit": 1},
        ],
    }))
}

#[test]
fn a_budget_and_dual_sourcing_hold_on_what_is_awarded() {
    let outcome = solved(&with(
        two_by_two(),
        json!({"buyers": [{"id": "A", "budget": 50}, {"id": "B", "max_supplier_share": "0.6"}]}),
    ));
    // A: 5 units of 9. B in value: 9s ≤ 0.6·(9s + 11t) with s + t = 10 gives s ≤ 6.47, and
    // 11t ≤ 0.6·(…) holds with t = 4.
    assert_eq!(awards(&outcome), ["S L 5", "S M 6", "T M 4"]);
}

#[test]
fn a_tier_gives_up_no_more_than_its_tolerance() {
    let tiers = |tolerance: &str| json!({"objectives": ["coverage", {"name": "fit", "tolerance": tolerance}, "cost"]});
    // Fit alone: T gets all, 200. Each unit of M given to S loses 5 of fit and saves 2.
    let exact = solved(&with(two_by_two(), tiers("0")));
    assert_eq!(awards(&exact), ["T L 10", "T M 10"]);
    let loose = solved(&with(two_by_two(), tiers("0.1")));
    assert_eq!(awards(&loose), ["T L 10", "S M 4", "T M 6"]);
    assert!((loose.tiers[1].value - 200.).abs() < 1e-6);
    assert_eq!(loose.tiers[1].published, "180.00");

    // At tolerance 0 the cost has no choice left, and the result says so.
    let codes = |outcome: &Outcome| -> Vec<String> {
        let mut codes: Vec<String> = outcome.warnings.iter().map(|w| w.code.clone()).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&exact), ["W2005"]);
    assert_eq!(codes(&loose), [""; 0]);
}

#[test]
fn rules_in_conflict_are_named_and_no_others() {
    let outcome = solved(&with(
        two_by_two(),
        json!({
            "lots": [
                {"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 10, "min_coverage": 1},
                {"id": "M", "buyer": "B", "process": "p", "quantity": 10, "reference_price": 10},
            ],
            "capacity": [
                {"supplier": "S", "process": "p", "amount": 3},
                {"supplier": "T", "process": "p", "amount": 6},
            ],
        }),
    ));
    assert_eq!(outcome.status, Status::Infeasible);
    assert_eq!(outcome.status.exit_code(), 3);
    assert_eq!(conflict(&outcome), ["capacity S p", "capacity T p", "min_coverage L"]);
    assert!(outcome.awards.is_empty() && outcome.tiers.is_empty());
}

#[test]
fn rounding_down_would_break_the_cap_and_the_published_units_do_not() {
    // S stands exactly at its cap on A. LA in full needs N ≥ 10·a: 3 + … the optimum takes half a
    // unit of the dear lot LB; without it the cap on A no longer holds what LA's shares gave.
    let outcome = solved(&instance(json!({
        "dependency_cap": "0.5",
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 0}],
        "capacity": [{"supplier": "S", "process": "q", "amount": "1.5"}],
        "lots": [
            {"id": "LA", "buyer": "A", "process": "p", "quantity": 300, "reference_price": 1},
            {"id": "LB", "buyer": "B", "process": "q", "quantity": 2, "reference_price": 100},
        ],
        "pairs": [{"supplier": "S", "lot": "LA"}, {"supplier": "S", "lot": "LB"}],
    })));
    // Shares: 1.5 units of LB (150) allow 150 of LA. Whole: 1 unit of LB allows 100 of LA, and the
    // cap on B needs as much from A.
    assert!((outcome.tiers[0].value - 300.).abs() < 1e-6);
    assert_eq!(awards(&outcome), ["S LA 100", "S LB 1"]);
    assert_eq!(outcome.status, Status::Optimal);
}

#[test]
fn what_no_rounding_keeps_is_unpublishable_and_named() {
    // Half a unit from each would do as shares; whole units cannot.
    let outcome = solved(&instance(json!({
        "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S", "annual_sales": 1}, {"id": "T", "annual_sales": 1}],
        "capacity": [
            {"supplier": "S", "process": "p", "amount": "0.5"},
            {"supplier": "T", "process": "p", "amount": "0.5"},
        ],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 1, "reference_price": 10, "min_coverage": 1}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L"}],
    })));
    assert_eq!(outcome.status, Status::Unpublishable);
    assert!(conflict(&outcome).contains(&"min_coverage L".to_owned()));
    assert!(outcome.awards.is_empty());
}

#[test]
fn a_million_units_are_as_exact_as_ten() {
    let million = json!({
        "suppliers": [{"id": "S", "annual_sales": 7_000_001}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 1_000_000, "reference_price": 10}],
    });
    // 10u ≤ 0.3 · (7000001 + 10u)  ⇔  u ≤ 300000.04…
    let outcome = solved(&with(one_to_one(), million));
    assert_eq!(awards(&outcome), ["S L 300000"]);
}

#[test]
fn nothing_to_award_is_a_result_too() {
    let nothing = json!({"pairs": []});
    let outcome = solved(&with(one_to_one(), nothing));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.unmet[0].quantity, 100);

    let all_of_it = json!({
        "pairs": [],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 1, "reference_price": 10, "min_coverage": 1}],
    });
    let outcome = solved(&with(one_to_one(), all_of_it));
    assert_eq!(conflict(&outcome), ["min_coverage L"]);
}

#[test]
fn a_cancelled_solve_has_no_result() {
    let reading = read::from_json(two_by_two().to_string().as_bytes()).expect("valid");
    let cancel = AtomicBool::new(true);
    let mut phases = Vec::new();
    let mut control =
        Control { progress: &mut |progress: &Progress| phases.push(progress.phase.clone()), cancel: &cancel };
    let outcome = solve(&reading, &mut control).unwrap_or_else(|error| panic!("{error}"));
    assert!(cancel.load(Ordering::Relaxed));
    assert_eq!(outcome.status, Status::Interrupted);
    assert_eq!(outcome.status.exit_code(), 4);
    assert!(outcome.awards.is_empty());
    assert_eq!(phases.first().map(String::as_str), Some("build"));
}

/// Buyers' lots spread over suppliers that sell to some of them already: hard to publish under a cap of 10 %.
fn tight(suppliers: u64, lots: u64) -> Value {
    // Any spread will do, as long as it is the same every time.
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let buyers: Vec<Value> = (0..12).map(|b| json!({"id": format!("B{b}")})).collect();
    let firms: Vec<Value> = (0..suppliers)
        .map(|s| json!({"id": format!("S{s}"), "annual_sales": 20_000 + draw(380_000)}))
        .collect();
    let sales: Vec<Value> = (0..suppliers)
        .map(
            |s| json!({"supplier": format!("S{s}"), "group": format!("B{}", s % 12), "amount": draw(20_000)}),
        )
        .collect();
    let mut pairs = Vec::new();
    let lots: Vec<Value> = (0..lots)
        .map(|l| {
            let price = 1 + draw(200);
            let first = draw(suppliers);
            for step in 0..8 {
                let supplier = format!("S{}", (first + step * 7) % suppliers);
                let unit_price = format!("{}.{:02}", price + draw(3), draw(100));
                let fit = format!("0.{:02}", draw(100));
                pairs.push(json!({"supplier": supplier, "lot": format!("L{l}"), "unit_price": unit_price, "fit": fit}));
            }
            json!({
                "id": format!("L{l}"), "buyer": format!("B{}", draw(12)), "process": "p",
                "quantity": 1 + draw(1000), "reference_price": price,
            })
        })
        .collect();
    instance(json!({
        "objectives": ["coverage", {"name": "fit", "tolerance": "0.01"}, "cost"],
        "dependency_cap": "0.1",
        "buyers": buyers, "suppliers": firms, "sales": sales, "lots": lots, "pairs": pairs,
    }))
}

#[test]
fn whole_units_lose_next_to_nothing_where_nearly_every_cap_binds() {
    let outcome = solved(&tight(200, 500));
    assert_eq!(outcome.status, Status::Optimal);
    let binding = outcome.dependency.iter().filter(|row| row.binding).count();
    assert!(binding > 200, "{binding} caps bind");
    let coverage = &outcome.tiers[0];
    let published: f64 = coverage.published.parse().expect("a number");
    let loss = 1. - published / coverage.value;
    assert!(loss < 1e-3, "{loss} of the coverage is lost");
}

#[test]
fn cancelling_stops_the_engine_in_the_middle_of_its_work() {
    let reading = read::from_json(tight(600, 1500).to_string().as_bytes()).expect("valid");
    let cancel = AtomicBool::new(false);
    let mut cancelled_at = None;
    let mut reports = 0;
    let mut progress = |progress: &Progress| {
        // The first report comes before the engine starts, the second from inside it.
        reports += u32::from(progress.phase == "coverage");
        if reports == 2 {
            cancelled_at.get_or_insert_with(Instant::now);
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let outcome = solve(&reading, &mut Control { progress: &mut progress, cancel: &cancel });
    assert_eq!(outcome.expect("no defect").status, Status::Interrupted);
    let waited = cancelled_at.expect("the first tier takes longer than a report").elapsed();
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[test]
fn when_time_runs_out_the_best_awards_keep_every_rule_and_state_their_gaps() {
    let hurried = |seconds: &str| solved(&with(tight(200, 500), json!({"time_limit_seconds": seconds})));
    // Wherever in its work that is; how far it comes in so many seconds is the machine's affair.
    for seconds in ["1", "0.5", "0.25", "0.125"] {
        let outcome = hurried(seconds);
        assert!(
            matches!(outcome.status, Status::Optimal | Status::Feasible),
            "{seconds}: {:?}",
            outcome.status
        );
        assert!(outcome.checker.passed, "{seconds}");
        let closed = outcome.tiers.iter().all(|tier| tier.gap <= 1e-4);
        assert!(closed || outcome.status == Status::Feasible, "{seconds}: {:?}", outcome.tiers);
    }

    // Not even one tier: nothing is awarded, which keeps every rule, and the gap says how little that is.
    let outcome = hurried("0.001");
    assert_eq!(outcome.status, Status::Feasible);
    assert!(outcome.checker.passed && outcome.awards.is_empty());
    assert!(outcome.tiers[0].gap > 1.);
    assert_eq!(outcome.tiers[0].published, "0.00");
}

#[test]
fn when_time_runs_out_before_anything_is_feasible_there_is_no_result() {
    let must = json!({
        "time_limit_seconds": "0.0001",
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10, "min_coverage": "0.1"}],
    });
    let outcome = solved(&with(one_to_one(), must));
    assert_eq!(outcome.status, Status::Interrupted);
    assert!(outcome.awards.is_empty());
}
