//! Rules that need more than shares: who is awarded at all, consortia, gaps, the buyer HHI.

use eslabon_solver::outcome::Status;
use serde_json::{Value, json};

use super::support::{awards, conflict, instance, published, solved, with};

/// One lot `L` of 100 units at 10 from `A`; S asks 8, T 9 and U 10, and each can make 60.
fn three_offers(lot: Value) -> Value {
    let base = json!({"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10});
    instance(json!({
        "buyers": [{"id": "A"}],
        "suppliers": [
            {"id": "S", "annual_sales": 10_000}, {"id": "T", "annual_sales": 10_000},
            {"id": "U", "annual_sales": 10_000},
        ],
        "capacity": [
            {"supplier": "S", "process": "p", "amount": 60}, {"supplier": "T", "process": "p", "amount": 60},
            {"supplier": "U", "process": "p", "amount": 60},
        ],
        "lots": [with(base, lot)],
        "pairs": [
            {"supplier": "S", "lot": "L", "unit_price": 8}, {"supplier": "T", "lot": "L", "unit_price": 9},
            {"supplier": "U", "lot": "L", "unit_price": 10},
        ],
    }))
}

#[test]
fn who_serves_a_lot_gets_at_least_its_least_share() {
    assert_eq!(awards(&solved(&three_offers(json!({})))), ["S L 60", "T L 40"]);
    // ⌈0.455 · 100⌉ = 46: S gives up 6.
    let outcome = solved(&three_offers(json!({"min_share": "0.455"})));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(awards(&outcome), ["S L 54", "T L 46"]);
    // Two of 51 do not fit into 100.
    assert_eq!(awards(&solved(&three_offers(json!({"min_share": "0.51"})))), ["S L 60"]);
}

#[test]
fn the_number_of_suppliers_keeps_its_limits() {
    // A third one gets the one unit that it needs to count.
    let outcome = solved(&three_offers(json!({"min_suppliers": 3})));
    assert_eq!(awards(&outcome), ["S L 60", "T L 39", "U L 1"]);
    assert_eq!(awards(&solved(&three_offers(json!({"max_suppliers": 1})))), ["S L 60"]);
    // Four do not exist: the lot stays unmet, unless somebody must get it.
    let outcome = solved(&three_offers(json!({"min_suppliers": 4})));
    assert_eq!((outcome.status, awards(&outcome)), (Status::Optimal, vec![]));
    let outcome = solved(&three_offers(json!({"min_suppliers": 4, "must_award": true})));
    assert_eq!(outcome.status, Status::Infeasible);
    assert_eq!(conflict(&outcome), ["min_suppliers L", "must_award L"]);
}

#[test]
fn all_or_nothing_goes_to_one_that_can_make_all() {
    let outcome = solved(&three_offers(json!({"divisible": false})));
    assert_eq!(awards(&outcome), [""; 0]);
    let enough = json!({"capacity": [
        {"supplier": "S", "process": "p", "amount": 60}, {"supplier": "T", "process": "p", "amount": 100},
    ]});
    let outcome = solved(&with(three_offers(json!({"divisible": false})), enough));
    assert_eq!(awards(&outcome), ["T L 100"]);
}

/// Three lots of 10 at 10 from `A`, `B` and `C`; S asks 8 and T 10.
fn three_lots(suppliers: &Value) -> Value {
    let lot = |id: &str, buyer: &str| json!({"id": id, "buyer": buyer, "process": "p", "quantity": 10, "reference_price": 10});
    let pair =
        |supplier: &str, lot: &str, price: u8| json!({"supplier": supplier, "lot": lot, "unit_price": price});
    instance(json!({
        "buyers": [{"id": "A"}, {"id": "B"}, {"id": "C"}],
        "suppliers": suppliers,
        "lots": [lot("LA", "A"), lot("LB", "B"), lot("LC", "C")],
        "pairs": [
            pair("S", "LA", 8), pair("S", "LB", 8), pair("S", "LC", 8),
            pair("T", "LA", 9), pair("T", "LB", 10), pair("T", "LC", 10),
        ],
    }))
}

#[test]
fn a_supplier_takes_no_more_lots_than_it_wants() {
    let outcome = solved(&three_lots(&json!([{"id": "S", "max_awards": 2}, {"id": "T"}])));
    assert_eq!(awards(&outcome), ["T LA 10", "S LB 10", "S LC 10"]);
    assert_eq!(outcome.status, Status::Optimal);
}

#[test]
fn a_supplier_gets_its_least_total_or_nothing() {
    // T would get LA alone, 90, which is not worth its while.
    let suppliers = |least: u8| json!([{"id": "S", "max_awards": 2}, {"id": "T", "min_total": least}]);
    assert_eq!(awards(&solved(&three_lots(&suppliers(90)))), ["T LA 10", "S LB 10", "S LC 10"]);
    let outcome = solved(&three_lots(&suppliers(200)));
    // Coverage comes first: with 10 + 90 + 100 it stays complete.
    assert_eq!(published(&outcome, "coverage"), "300.00");
    let total: u64 = outcome.awards.iter().filter(|a| a.supplier == "T").map(|a| a.quantity).sum();
    assert!(total >= 20, "{outcome:#?}");
}

#[test]
fn a_set_up_cost_is_paid_once_and_only_if_it_is_worth_it() {
    // S alone: 3 · 80 + 70 = 310; T alone: 90 + 200 = 290; both: 240 + 70 at best.
    let outcome = solved(&three_lots(&json!([{"id": "S", "setup_cost": 70}, {"id": "T"}])));
    assert_eq!(awards(&outcome), ["T LA 10", "T LB 10", "T LC 10"]);
    assert_eq!(published(&outcome, "cost"), "290.00");
    let outcome = solved(&three_lots(&json!([{"id": "S", "setup_cost": 40}, {"id": "T"}])));
    assert_eq!(awards(&outcome), ["S LA 10", "S LB 10", "S LC 10"]);
    assert_eq!(published(&outcome, "cost"), "280.00");
}

/// S and T offer alone or as C; the lot has 100 units at 10, the cap is 0.3.
fn together(changes: Value) -> Value {
    with(
        instance(json!({
            "dependency_cap": "0.3",
            "buyers": [{"id": "A"}],
            "suppliers": [{"id": "S", "annual_sales": 1000}, {"id": "T", "annual_sales": 1000}],
            "consortia": [{"id": "C", "members": ["S", "T"]}],
            "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10}],
            "pairs": [{"supplier": "C", "lot": "L", "unit_price": 10}],
        })),
        changes,
    )
}

#[test]
fn a_consortium_delivers_what_the_caps_of_its_members_allow() {
    // Each a ≤ 0.3 · (1000 + a), so 42 units.
    let outcome = solved(&together(json!({})));
    assert_eq!(awards(&outcome), ["S@C L 42", "T@C L 42"]);
    assert_eq!(outcome.unmet[0].quantity, 16);
    // A member that lives from A adds nothing.
    let at_cap = json!({"sales": [{"supplier": "S", "group": "A", "amount": 1000}]});
    assert_eq!(awards(&solved(&together(at_cap))), ["T@C L 42"]);
}

#[test]
fn nobody_wins_a_lot_both_alone_and_in_a_consortium() {
    // S is cheaper alone, but then T cannot deliver through C by itself beyond its cap: 42 and 42.
    let outcome = solved(&together(json!({"pairs": [
        {"supplier": "C", "lot": "L", "unit_price": 10}, {"supplier": "S", "lot": "L", "unit_price": 9},
    ]})));
    // Alone 9u ≤ 0.3 · (1000 + 9u) gives 47.
    assert_eq!(awards(&outcome), ["S L 47", "T@C L 42"]);
}

#[test]
fn a_consortium_counts_as_one_supplier_and_keeps_shares_as_one() {
    let lot = |rule: Value| {
        let base = json!({"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10});
        json!({"lots": [with(base, rule)]})
    };
    assert_eq!(awards(&solved(&together(lot(json!({"max_suppliers": 1}))))), ["S@C L 42", "T@C L 42"]);
    assert_eq!(awards(&solved(&together(lot(json!({"min_suppliers": 2}))))), [""; 0]);
    let outcome = solved(&together(lot(json!({"max_share": "0.5"}))));
    assert_eq!(outcome.unmet[0].quantity, 50);
    // 84 units are less than a least share of 0.85.
    assert_eq!(awards(&solved(&together(lot(json!({"min_share": "0.85"}))))), [""; 0]);
    assert_eq!(solved(&together(lot(json!({"min_share": "0.84"})))).awards.len(), 2);
}

#[test]
fn decisions_about_a_consortium_fix_its_sum_and_a_members_bar_its_part() {
    let decide = |decision: Value| json!({"decisions": [decision]});
    let fixed = json!({"supplier": "C", "lot": "L", "decision": "fixed", "quantity": 50});
    let outcome = solved(&together(decide(fixed)));
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.unmet[0].quantity, 50);
    let pairs = json!([
        {"supplier": "C", "lot": "L", "unit_price": 10}, {"supplier": "T", "lot": "L", "unit_price": 11},
    ]);
    let barred = json!({"supplier": "T", "lot": "L", "decision": "forbidden"});
    let outcome = solved(&together(with(decide(barred), json!({"pairs": pairs}))));
    assert_eq!(awards(&outcome), ["S@C L 42"]);
    // More than the caps of both allow.
    let fixed = json!({"supplier": "C", "lot": "L", "decision": "fixed", "quantity": 90});
    let outcome = solved(&together(decide(fixed)));
    assert_eq!(outcome.status, Status::Infeasible);
    assert_eq!(conflict(&outcome), ["dependency S A", "dependency T A", "fixed C L"]);
    // 900 = 2 · 428.57… + 42.86, of which 0.7 are too much for a cap that grows with the sales.
    assert_eq!(relaxation(&outcome), ["dependency T A 30.000"]);
}

/// Every rule and by how much it moves.
fn relaxation(outcome: &eslabon_solver::Outcome) -> Vec<String> {
    let rows = outcome.relaxation.iter();
    rows.map(|row| format!("{} {} {:.3}", row.rule.rule, row.rule.subject.join(" "), row.by)).collect()
}

/// S has two gaps: `iso` keeps it from both lots, `laser` from LB as well. T can serve all at 12.
fn with_gaps(budget: Option<u64>, changes: Value) -> Value {
    let base = instance(json!({
        "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S"}, {"id": "T"}],
        "lots": [
            {"id": "LA", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10, "starts_in": 6},
            {"id": "LB", "buyer": "B", "process": "p", "quantity": 100, "reference_price": 10},
        ],
        "gaps": [
            {"id": "iso", "supplier": "S", "cost": 150, "months": 6},
            {"id": "laser", "supplier": "S", "cost": 100, "months": 9},
        ],
        "pairs": [
            {"supplier": "S", "lot": "LA", "blocked_by": ["iso"]},
            {"supplier": "S", "lot": "LB", "blocked_by": ["iso", "laser"]},
            {"supplier": "T", "lot": "LA", "unit_price": 12}, {"supplier": "T", "lot": "LB", "unit_price": 12},
        ],
    }));
    let base = with(base, changes);
    match budget {
        Some(budget) => with(base, json!({"development_budget": budget})),
        None => base,
    }
}

#[test]
fn gaps_close_within_the_budget_where_that_pays() {
    // Without a budget they stay open.
    assert_eq!(awards(&solved(&with_gaps(None, json!({})))), ["T LA 100", "T LB 100"]);
    assert_eq!(awards(&solved(&with_gaps(Some(0), json!({})))), ["T LA 100", "T LB 100"]);
    // `iso` costs 150 and saves 200 on LA; `laser` costs 100 and saves 200 on LB.
    let outcome = solved(&with_gaps(Some(250), json!({})));
    assert_eq!(awards(&outcome), ["S LA 100", "S LB 100"]);
    assert_eq!(published(&outcome, "cost"), "2250.00");
    let opened: Vec<_> =
        outcome.development.iter().map(|row| (&*row.gap, &*row.cost, row.opens.len())).collect();
    assert_eq!(opened, [("iso", "150.00", 2), ("laser", "100.00", 1)]);
    let outcome = solved(&with_gaps(Some(249), json!({})));
    assert_eq!(awards(&outcome), ["S LA 100", "T LB 100"]);
    assert_eq!(published(&outcome, "cost"), "2350.00");
}

#[test]
fn a_gap_that_closes_too_late_opens_nothing() {
    let late = json!({"gaps": [
        {"id": "iso", "supplier": "S", "cost": 0, "months": 7},
        {"id": "laser", "supplier": "S", "cost": 0, "months": 9},
    ]});
    // LA starts in 6 months; LB can wait, and free gaps close without money.
    assert_eq!(awards(&solved(&with_gaps(Some(0), late))), ["T LA 100", "S LB 100"]);
}

#[test]
fn a_budget_in_conflict_is_named() {
    let must = json!({
        "pairs": [{"supplier": "S", "lot": "LA", "blocked_by": ["iso"]}],
        "lots": [{"id": "LA", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10, "must_award": true},
            {"id": "LB", "buyer": "B", "process": "p", "quantity": 100, "reference_price": 10}],
    });
    let outcome = solved(&with_gaps(Some(149), must.clone()));
    assert_eq!(conflict(&outcome), ["development_budget ", "must_award LA"]);
    assert_eq!(relaxation(&outcome).len(), 1, "{:?}", outcome.relaxation);
    let outcome = solved(&with_gaps(None, must));
    assert_eq!(conflict(&outcome), ["blocked S LA iso", "must_award LA"]);
}

/// S sells 1000 to nobody that is known; A and B each want 100 units at 10.
fn two_groups(changes: Value) -> Value {
    with(
        instance(json!({
            "hhi_cap": 200,
            "buyers": [{"id": "A"}, {"id": "B"}],
            "suppliers": [{"id": "S", "annual_sales": 1000}],
            "lots": [
                {"id": "LA", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 10},
                {"id": "LB", "buyer": "B", "process": "p", "quantity": 100, "reference_price": 10},
            ],
            "pairs": [{"supplier": "S", "lot": "LA"}, {"supplier": "S", "lot": "LB"}],
        })),
        changes,
    )
}

#[test]
fn the_buyer_hhi_keeps_its_cap_exactly() {
    // 2a² ≤ 0.02 · (1000 + 2a)²  ⇔  a ≤ 125. Units: 120² + 120² ≤ 0.02 · 1240², but
    // 130² + 120² > 0.02 · 1250².
    let outcome = solved(&two_groups(json!({})));
    assert_eq!(outcome.status, Status::Optimal);
    assert!((outcome.tiers[0].value - 250.).abs() < 1e-3, "{outcome:#?}");
    assert_eq!(published(&outcome, "coverage"), "240.00");
    let row = &outcome.hhi[0];
    assert_eq!((row.before.as_deref(), row.cap.as_deref()), (Some("0.00"), Some("200.00")));
}

#[test]
fn above_the_hhi_cap_a_supplier_can_only_get_less_concentrated() {
    // 500 of 1000 from A: an HHI of 2500. More from A alone would raise it; from B it falls.
    let sales = json!({"sales": [{"supplier": "S", "group": "A", "amount": 500}]});
    let outcome = solved(&two_groups(sales.clone()));
    assert_eq!(outcome.hhi[0].cap.as_deref(), Some("2500.00"));
    assert_eq!(outcome.status, Status::Optimal);
    let strict = solved(&two_groups(with(sales, json!({"no_worsening": false}))));
    assert_eq!(strict.status, Status::Infeasible);
    assert_eq!(conflict(&strict), ["hhi S"]);
    // Awards from B alone bring it down furthest; the rest is what the cap must give.
    assert_eq!(strict.relaxation[0].rule.rule, "hhi");
    assert!(strict.relaxation[0].by > 1., "{:?}", strict.relaxation);
}

#[test]
fn the_hhi_cap_says_whom_it_does_not_limit() {
    let outcome = solved(&two_groups(json!({"suppliers": [{"id": "S"}]})));
    assert_eq!(outcome.warnings.last().map(|w| &*w.code), Some("W2006"));
    assert_eq!(outcome.hhi[0].cap, None);
    assert_eq!(outcome.awards.len(), 2);
}

#[test]
fn the_hhi_holds_beside_binaries_too() {
    // At least 11 units each, so that switches and the cone meet.
    let lot = |id: &str, buyer: &str| {
        json!({"id": id, "buyer": buyer, "process": "p", "quantity": 100, "reference_price": 10,
            "min_share": "0.11"})
    };
    let outcome = solved(&two_groups(json!({"lots": [lot("LA", "A"), lot("LB", "B")]})));
    assert_eq!(published(&outcome, "coverage"), "240.00");
    assert_eq!(outcome.status, Status::Optimal);
}
