//! The tiers that count suppliers and spread dependency, and models over whole units.

use eslabon_solver::outcome::Status;
use serde_json::{Value, json};

use super::support::{awards, instance, published, solved, with};

/// S and T, annual sales 1000 each, may serve a lot of 100 units at 1; S is cheaper.
fn two_suppliers(changes: Value) -> Value {
    with(
        instance(json!({
            "dependency_cap": "0.3",
            "buyers": [{"id": "A"}],
            "suppliers": [{"id": "S", "annual_sales": 1000}, {"id": "T", "annual_sales": 1000}],
            "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 1}],
            "pairs": [
                {"supplier": "S", "lot": "L", "unit_price": 1},
                {"supplier": "T", "lot": "L", "unit_price": 2},
            ],
        })),
        changes,
    )
}

#[test]
fn the_tier_suppliers_gives_each_a_unit() {
    assert_eq!(awards(&solved(&two_suppliers(json!({})))), ["S L 100"]);
    let outcome = solved(&two_suppliers(json!({"objectives": ["coverage", "suppliers", "cost"]})));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(awards(&outcome), ["S L 99", "T L 1"]);
    assert_eq!(published(&outcome, "suppliers"), "2");
}

#[test]
fn the_tier_spread_keeps_the_largest_share_small() {
    let same_price = json!({"pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L"}]});
    let outcome = solved(&two_suppliers(with(same_price, json!({"objectives": ["coverage", "spread"]}))));
    assert_eq!(outcome.status, Status::Optimal);
    // 50 / 1050
    assert_eq!(awards(&outcome), ["S L 50", "T L 50"]);
    assert_eq!(published(&outcome, "spread"), "0.047619048");
    let tier = &outcome.tiers[1];
    assert!(tier.value >= 1. / 21. - 1e-9 && tier.bound <= 1. / 21. + 1e-9, "{tier:?}");
    assert!(tier.value - tier.bound <= 1e-3, "{tier:?}");
}

#[test]
fn later_tiers_use_the_tolerance_of_the_spread() {
    // S sells 1 at 1, T at 2; 2u ≤ τ'·(1000 + 2u) for T. At the least spread u ≈ v, 100 − v for S:
    // v/(1000 + v) = 2(100 − v)/(1000 + 200 − 2v) gives v = 67.3.
    let tiers = |tolerance: &str| json!({"objectives": ["coverage", {"name": "spread", "tolerance": tolerance}, "cost"]});
    let tight = solved(&two_suppliers(tiers("0")));
    let loose = solved(&two_suppliers(tiers("0.01")));
    let units = |outcome: &eslabon_solver::Outcome| outcome.awards[0].quantity;
    assert!((66..=68).contains(&units(&tight)), "{tight:#?}");
    // S may have 0.01 more: v/(1000 + v) ≤ 0.0731, so v = 78.
    assert!((77..=79).contains(&units(&loose)), "{loose:#?}");
    assert_eq!(loose.status, Status::Optimal);
}

#[test]
fn among_equal_spreads_the_least_stays_above_it() {
    // S has 900 of 1000 from A and an allowance: what it takes from A comes on top. T is below.
    // Coverage needs both lots; LB can only go to S.
    let outcome = solved(&two_suppliers(json!({
        "objectives": ["coverage", "spread"],
        "dependency_allowance": 1000,
        "sales": [{"supplier": "S", "group": "A", "amount": 900}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L"}],
    })));
    assert_eq!(published(&outcome, "spread"), "0.000000000");
    // T's 100 stay nearer to the spread of 0 than S's would: both count, 900 stay anyway.
    assert_eq!(outcome.status, Status::Optimal);
}

#[test]
fn a_model_over_whole_units_is_its_own_publication() {
    // Shares take 1.5 units of LB; whole units one (see `rounding_down_…`), and the model says so.
    let lots = json!({
        "whole_units": true,
        "dependency_cap": "0.5",
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 0}],
        "capacity": [{"supplier": "S", "process": "q", "amount": "1.5"}],
        "lots": [
            {"id": "LA", "buyer": "A", "process": "p", "quantity": 300, "reference_price": 1},
            {"id": "LB", "buyer": "B", "process": "q", "quantity": 2, "reference_price": 100},
        ],
        "pairs": [{"supplier": "S", "lot": "LA"}, {"supplier": "S", "lot": "LB"}],
    });
    let outcome = solved(&instance(lots));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(awards(&outcome), ["S LA 100", "S LB 1"]);
    assert!((outcome.tiers[0].value - 200.).abs() < 1e-6, "{:?}", outcome.tiers[0]);
    assert!((outcome.tiers[0].bound - 200.).abs() < 0.03, "{:?}", outcome.tiers[0]);
    assert_eq!(published(&outcome, "coverage"), "200.00");
}

/// Generalised assignment: agents with capacities, jobs that go to one of them whole.
#[test]
fn a_generalised_assignment_comes_out_exactly() {
    let costs = [[17, 21, 22, 18, 24, 15], [23, 16, 21, 16, 17, 16]];
    let loads = [[8, 15, 14, 23, 8, 16], [15, 7, 23, 22, 11, 11]];
    let capacity = [36, 34];
    let mut pairs = Vec::new();
    for (agent, row) in costs.iter().enumerate() {
        for (job, cost) in row.iter().enumerate() {
            pairs.push(json!({"supplier": format!("S{agent}"), "lot": format!("L{job}"),
                "unit_price": cost, "load": loads[agent][job]}));
        }
    }
    let lots: Vec<Value> = (0..6)
        .map(|job| {
            json!({"id": format!("L{job}"), "buyer": "A", "process": "p", "quantity": 1,
                "reference_price": 20, "divisible": false})
        })
        .collect();
    let outcome = solved(&instance(json!({
        "relative_gap": 0,
        "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S0"}, {"id": "S1"}],
        "capacity": [
            {"supplier": "S0", "process": "p", "amount": capacity[0]},
            {"supplier": "S1", "process": "p", "amount": capacity[1]},
        ],
        "lots": lots, "pairs": pairs,
    })));
    // The most jobs, then the least cost, over all 3⁶ assignments.
    let mut best = (0, u64::MAX);
    for code in 0..3_usize.pow(6) {
        let (mut used, mut jobs, mut cost) = ([0, 0], 0, 0);
        for job in 0..6 {
            let agent = code / 3_usize.pow(job) % 3;
            if agent < 2 {
                used[agent] += loads[agent][job as usize];
                jobs += 1;
                cost += costs[agent][job as usize];
            }
        }
        if used[0] <= capacity[0]
            && used[1] <= capacity[1]
            && (jobs > best.0 || jobs == best.0 && cost < best.1)
        {
            best = (jobs, cost);
        }
    }
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.awards.len() as u64, best.0);
    assert_eq!(published(&outcome, "cost"), format!("{}.00", best.1));
}

/// Capacitated facility location: sites with a set-up cost, customers' demand from any of them.
#[test]
fn a_capacitated_facility_location_comes_out_exactly() {
    // Opening S0 and S1 (100) serves all 30 units at 1 or 2; S2 alone (90) only 20 of them.
    let site = |id: &str, cost: u64| json!({"id": id, "setup_cost": cost});
    let prices = [[1, 4, 6], [6, 3, 1], [2, 2, 2]];
    let mut pairs = Vec::new();
    for (site, row) in prices.iter().enumerate() {
        for (customer, price) in row.iter().enumerate() {
            pairs.push(
                json!({"supplier": format!("S{site}"), "lot": format!("L{customer}"), "unit_price": price}),
            );
        }
    }
    let lots: Vec<Value> = (0..3)
        .map(|lot| json!({"id": format!("L{lot}"), "buyer": "A", "process": "p", "quantity": 10, "reference_price": 3}))
        .collect();
    let outcome = solved(&instance(json!({
        "buyers": [{"id": "A"}],
        "suppliers": [site("S0", 50), site("S1", 50), site("S2", 90)],
        "capacity": [
            {"supplier": "S0", "process": "p", "amount": 15}, {"supplier": "S1", "process": "p", "amount": 15},
            {"supplier": "S2", "process": "p", "amount": 20},
        ],
        "lots": lots, "pairs": pairs,
    })));
    assert_eq!(outcome.status, Status::Optimal);
    // S0: L0 and 5 of L1; S1: L2 and 5 of L1. 10 + 20 + 10 + 15 + 100.
    assert_eq!(awards(&outcome), ["S0 L0 10", "S0 L1 5", "S1 L1 5", "S1 L2 10"]);
    assert_eq!(published(&outcome, "cost"), "155.00");
}
