//! Whatever is changed in a result is noticed: every field of its printed form, one at a time.
//!
//! The result below uses every rule and every table that awards can show. Its figures are worked out
//! by hand.

use eslabon_solver::{
    Instance, Outcome,
    check::check,
    instance::{Consortium, Gap, Objective, Tier},
    outcome::{
        Award, Concentration, Dependency, Development, Market, Price, Reason, RuleName, Status, TierChange,
        TierOutcome, TierPrice, Unmet, WhyNot, Worth,
    },
};
use serde_json::{Value, json};

use super::support::{Network, decimal};

/// M1 and M2 offer together as C; S offers alone, behind two gaps of which one closes in time.
pub fn instance() -> Instance {
    Network::capped("0.5")
        .with(|i| {
            i.hhi_cap = Some(decimal("2500"));
            i.development_budget = Some(decimal("20"));
            i.objectives = [Tier::Coverage, Tier::Cost, Tier::Suppliers, Tier::Spread]
                .map(|tier| Objective { tier, tolerance: decimal("0") })
                .to_vec();
            let members = ["M1", "M2"].map(str::to_owned).to_vec();
            i.consortia.push(Consortium { id: "C".to_owned(), members });
            for (id, cost, months) in [("G1", "15", "2"), ("G2", "5", "12")] {
                let (cost, months) = (decimal(cost), decimal(months));
                i.gaps.push(Gap { id: id.to_owned(), supplier: "S".to_owned(), cost: Some(cost), months });
            }
        })
        .buyer_of("B1", "G")
        .buyer_of("B2", "H")
        .supplier("M1", "100")
        .supplier("M2", "200")
        .supplier("S", "100")
        .with(|i| {
            i.suppliers[0].setup_cost = decimal("7");
            i.suppliers[1].max_awards = Some(1);
            i.suppliers[2].min_total = decimal("40");
        })
        .sales("M1", "G", "20")
        .expiring_sales("M2", "H", "60", "10")
        .capacity("M1", "30")
        .lot("L1", "B1", 50, "2")
        .lot_with(|lot| {
            lot.max_suppliers = Some(1);
            lot.min_share = decimal("0.5");
        })
        .lot("L2", "B2", 20, "2.5")
        .lot_with(|lot| {
            lot.divisible = false;
            lot.must_award = true;
            lot.starts_in = Some(decimal("6"));
            lot.years = decimal("2");
        })
        .lot("L3", "B2", 10, "3")
        .lot_with(|lot| lot.starts_in = Some(decimal("6")))
        .pair_at("C", "L1", "2.2")
        .pair("M1", "L1")
        .pair("S", "L2")
        .pair_with(|pair| pair.blocked_by = vec!["G1".to_owned()])
        .pair_at("S", "L3", "3.3")
        .pair_with(|pair| pair.blocked_by = ["G1", "G2"].map(str::to_owned).to_vec())
        .built()
}

/// C wins L1: 30 units for M1, 20 for M2. S wins L2 whole, for which G1 closes.
///
/// M1: A = N = 66 from G, R = 100, so 20 + 66 = 86 ≤ 0.5·166 = 83? No: 29 units would be 83.8 of
/// 163.8. So M1 makes 24: A = 52.8, 72.8 ≤ 0.5·152.8 = 76.4. M2 makes 26: A = 57.2, R = 190.
/// HHI: M1 (72.8/152.8)² = 0.227, M2 (57.2² + 50²)/247.2² = 0.09445…, S (25/125)² = 0.04.
pub fn outcome() -> Outcome {
    let text = str::to_owned;
    let award = |supplier, lot, through: Option<&str>, quantity, share, amount, annual| Award {
        supplier: text(supplier),
        lot: text(lot),
        consortium: through.map(text),
        quantity,
        share: text(share),
        amount: text(amount),
        annual_amount: text(annual),
    };
    let dependency = |supplier, group, before, after, row_use| Dependency {
        supplier: text(supplier),
        group: text(group),
        before: Some(text(before)),
        after: Some(text(after)),
        cap: Some(text("0.5")),
        row_use: Some(text(row_use)),
        binding: false,
    };
    let tier = |name, value: f64, published| TierOutcome {
        name: text(name),
        value,
        bound: value,
        gap: 0.,
        published: text(published),
        loss: 0.,
    };
    let hhi = |supplier, before, after| Concentration {
        supplier: text(supplier),
        before: Some(text(before)),
        after: Some(text(after)),
        cap: Some(text("2500")),
    };
    Outcome {
        status: Status::Optimal,
        tiers: vec![
            tier("coverage", 150., "150"),
            // 110 + 50 for the contracts, 15 for G1, 7 for setting M1 up.
            tier("cost", 182., "182"),
            tier("suppliers", 3., "3"),
            // M1: 72.8 ≤ τ'·152.8
            TierOutcome {
                value: 0.4765,
                bound: 0.4764,
                gap: 0.0001 / 0.4765,
                loss: 72.8 / 152.8 - 0.4765,
                ..tier("spread", 0., "0.476439791")
            },
        ],
        awards: vec![
            award("M1", "L1", Some("C"), 24, "0.48", "52.80", "52.80"),
            award("M2", "L1", Some("C"), 26, "0.52", "57.20", "57.20"),
            award("S", "L2", None, 20, "1", "50", "25"),
        ],
        unmet: vec![Unmet { lot: text("L3"), quantity: 10 }],
        dependency: vec![
            dependency("M1", "G", "0.2", "0.476439791", "0.952879581"),
            // 57.2/247.2, 57.2/123.6; 50/247.2, 50/123.6
            dependency("M2", "G", "0", "0.231391586", "0.462783172"),
            dependency("M2", "H", "0.3", "0.202265372", "0.404530744"),
            dependency("S", "H", "0", "0.2", "0.4"),
        ],
        hhi: vec![
            // (20/100)²; (60/200)², the expiring ones included; none.
            hhi("M1", "400", "2269.95"),
            hhi("M2", "900", "944.53"),
            hhi("S", "0", "400"),
        ],
        market: vec![Market {
            process: text("P"),
            amount: text("160"),
            suppliers: 3,
            // (52.8² + 57.2² + 50²) / 160²
            hhi: Some(text("3343.63")),
        }],
        development: vec![Development {
            gap: text("G1"),
            supplier: text("S"),
            cost: text("15"),
            opens: vec![text("L2")],
        }],
        ..Outcome::blank("USD")
    }
}

/// The same with explanations.
fn explained() -> Outcome {
    let text = str::to_owned;
    Outcome {
        prices: vec![Price {
            rule: RuleName { rule: text("dependency"), subject: vec![text("M1"), text("G")] },
            step: text("0.1"),
            estimate: None,
            tiers: ["coverage", "cost", "suppliers", "spread"]
                .map(|name| TierPrice { name: text(name), tighter: Some(-1.5), looser: Some(0.) })
                .to_vec(),
        }],
        worth: vec![Worth {
            gap: text("G2"),
            supplier: text("S"),
            cost: Some(text("5")),
            lots: vec![text("L3")],
            estimate: None,
            tiers: ["coverage", "cost", "suppliers", "spread"]
                .map(|name| TierChange { name: text(name), change: 0. })
                .to_vec(),
        }],
        why_not: vec![
            WhyNot {
                supplier: text("M1"),
                lot: text("L1"),
                reasons: vec![
                    Reason::Capacity { process: text("P"), units_left: 6 },
                    // 0.5·152.8 − 72.8 = 3.6, and half of every further unit of money counts.
                    Reason::Dependency {
                        group: text("G"),
                        cap: text("0.5"),
                        after: Some(text("0.476439791")),
                        room: text("7.20"),
                    },
                    Reason::BetterServed { tier: text("suppliers") },
                ],
            },
            WhyNot {
                supplier: text("S"),
                lot: text("L3"),
                reasons: vec![
                    Reason::TooLate { gaps: vec![text("G2")] },
                    Reason::Price { ratio: text("1.10") },
                ],
            },
        ],
        ..outcome()
    }
}

/// Paths that awards do not show, each with the reason.
const UNSEEN: [&str; 12] = [
    "/engine",
    "/fingerprint",
    "/seconds",
    "/warnings",
    "/checker",
    // Slack in the model's shares.
    "/binding",
    // What solving again gave.
    "/estimate",
    "/tighter",
    "/looser",
    "/change",
    // By how much a limit was moved for a price.
    "/step",
    // One that applies is as true as another.
    "/reasons/-/tier",
];

fn is_seen(path: &str) -> bool {
    let numberless: String = path
        .split('/')
        .map(|part| if part.parse::<usize>().is_ok() { "-" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    !UNSEEN.iter().any(|unseen| numberless.contains(unseen))
}

/// Every value inside a document, by its path.
fn paths(value: &Value, path: &str, into: &mut Vec<String>) {
    into.push(path.to_owned());
    match value {
        Value::Array(rows) => {
            for (place, row) in rows.iter().enumerate() {
                paths(row, &format!("{path}/{place}"), into);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                paths(field, &format!("{path}/{name}"), into);
            }
        }
        _ => {}
    }
}

/// What somebody might put in a value's place.
fn forged(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("0.5"), json!("0"), json!("M1")],
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => match number.as_u64() {
            Some(count) => vec![json!(count + 1), json!(count.saturating_sub(1))],
            None => number
                .as_f64()
                .map(|n| [json!(n * 1.001 + 0.001), json!(n - 0.01)])
                .into_iter()
                .flatten()
                .collect(),
        },
        Value::String(text) => forged_texts(text),
        Value::Array(rows) => forged_tables(rows),
        Value::Object(_) => Vec::new(),
    }
}

fn forged_texts(text: &str) -> Vec<Value> {
    let mut changed = vec![json!(format!("{text}x")), json!("")];
    if text.parse::<f64>().is_ok() {
        // One in the last place, up and down.
        let last = text.len() - 1;
        let digit = text.as_bytes()[last] - b'0';
        for digit in [(digit + 1) % 10, (digit + 9) % 10] {
            changed.push(json!(format!("{}{digit}", &text[..last])));
        }
        changed.push(json!(format!("1{text}")));
        changed.push(Value::Null);
    }
    changed
}

/// A row less, a row twice, two rows in each other's place.
fn forged_tables(rows: &[Value]) -> Vec<Value> {
    let mut changed = Vec::new();
    for place in 0..rows.len() {
        let mut fewer = rows.to_vec();
        let row = fewer.remove(place);
        changed.push(Value::Array(fewer));
        let mut twice = rows.to_vec();
        twice.push(row);
        changed.push(Value::Array(twice));
    }
    for place in 1..rows.len() {
        let mut swapped = rows.to_vec();
        swapped.swap(place - 1, place);
        changed.push(Value::Array(swapped));
    }
    changed
}

/// Changes that say the same: a number in other digits, fewer explanations, other reasons first.
fn says_the_same(path: &str, old: &Value, new: &Value) -> bool {
    let same_number = match (old, new) {
        (Value::String(old), Value::String(new)) => {
            let number = |text: &str| text.parse::<f64>().ok();
            number(old).is_some() && number(old) == number(new)
        }
        _ => false,
    };
    let explanations = ["/prices", "/worth", "/why_not"];
    let fewer = new.as_array().zip(old.as_array()).is_some_and(|(new, old)| new.len() < old.len());
    let is_part = path.ends_with("/reasons") || (explanations.contains(&path) && fewer);
    let in_worth = (path == "/worth/0/tiers" && new == &json!([])) || (path == "/worth/0/lots" && fewer);
    same_number || is_part || in_worth
}

fn refusals(instance: &Instance, outcome: &Outcome) -> usize {
    let document = serde_json::to_value(outcome).unwrap_or_else(|error| panic!("{error}"));
    let mut all = Vec::new();
    paths(&document, "", &mut all);
    let mut refused = 0;
    for path in all.iter().filter(|path| is_seen(path)) {
        let old = document.pointer(path).unwrap_or(&Value::Null).clone();
        for new in forged(&old) {
            let mut changed = document.clone();
            if let Some(place) = changed.pointer_mut(path) {
                *place = new.clone();
            }
            // What is no result any more is refused by whoever reads it.
            let Ok(changed) = serde_json::from_value::<Outcome>(changed) else { continue };
            if changed == *outcome || says_the_same(path, &old, &new) {
                continue;
            }
            let passed = check(instance, &changed).report.passed;
            assert!(!passed, "{path}: {old} became {new} and nobody noticed");
            refused += 1;
        }
    }
    refused
}

#[test]
fn the_result_by_hand_passes() {
    assert_eq!(check(&instance(), &explained()).violations, []);
}

#[test]
fn a_change_of_any_field_is_refused() {
    let refused = refusals(&instance(), &explained());
    assert!(refused > 400, "only {refused} changes were tried");
}
