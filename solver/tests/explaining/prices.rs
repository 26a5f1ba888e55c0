//! What caps and capacities cost.

use eslabon_solver::{Decimal, Explain, Instance, generate::Family, instance::Cap, outcome::Price};

use super::support::{close, explained, has_awards, read, small, values};

/// One supplier, one buyer with more work than the cap allows.
///
/// (t·R − E) / (1 − t) = (0.3 · 100,000 − 20,000) / 0.7 = 14,285.71 may be awarded. The derivative in t is
/// (R − E) / (1 − t)² = 80,000 / 0.49 = 163,265.31, so 1,632.65 a percent point; with t = 0.301 it is
/// 10,100 / 0.699 = 14,449.21, with t = 0.299 9,900 / 0.701 = 14,122.68.
#[test]
fn a_cap_costs_what_a_tenth_of_a_point_more_brings() {
    let instance = read(
        r#""dependency_cap": "0.3", "buyers": [{"id": "A"}],
        "suppliers": [{"id": "S", "annual_sales": 100000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 20000}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 40000, "reference_price": 1}],
        "pairs": [{"supplier": "S", "lot": "L"}]"#,
    );
    let outcome = explained(&instance, &Explain::Everything);
    let [price] = &outcome.prices[..] else { panic!("{:?}", outcome.prices) };
    assert_eq!((price.rule.rule.as_str(), price.step.as_str()), ("dependency", "0.1"));
    assert_eq!(price.rule.subject, ["S", "A"]);
    let near = |value: Option<f64>, expected: f64| {
        assert!(value.is_some_and(|value| (value - expected).abs() < 0.01), "{value:?}, not {expected}");
    };
    near(price.estimate, 1632.65);
    let coverage = &price.tiers[0];
    near(coverage.looser, (10_100. / 0.699 - 10_000. / 0.7) / 0.1);
    near(coverage.tighter, (9_900. / 0.701 - 10_000. / 0.7) / 0.1);
    assert_eq!(
        price.tiers.iter().map(|tier| tier.name.as_str()).collect::<Vec<_>>(),
        ["coverage", "fit", "cost"]
    );
}

#[test]
fn a_supplier_above_its_cap_is_priced_without_its_sales() {
    // E = 40,000 > 0.3 · 100,000: A ≤ t · N, and N = A + 7,000 of B, so A = 0.3/0.7 · 7,000 = 3,000 and
    // π = 1/(1 − t). A point more: N / (1 − t) / 100 = 10,000 / 0.7 / 100 = 142.86.
    let instance = read(
        r#""dependency_cap": "0.3", "buyers": [{"id": "A"}, {"id": "B"}],
        "suppliers": [{"id": "S", "annual_sales": 100000}],
        "sales": [{"supplier": "S", "group": "A", "amount": 40000}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 40000, "reference_price": 1},
            {"id": "M", "buyer": "B", "process": "p", "quantity": 7000, "reference_price": 1}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}]"#,
    );
    let outcome = explained(&instance, &Explain::Supplier("S".to_owned()));
    let price = outcome.prices.iter().find(|price| price.rule.subject[1] == "A").expect("a price");
    assert!(price.estimate.is_some_and(|estimate| (estimate - 142.857).abs() < 0.01), "{:?}", price.estimate);
}

#[test]
fn a_kink_has_two_prices() {
    // Capacity 10 of work worth 2 a unit up to 10 units, then 1 a unit: less costs 2 a unit, more brings 1.
    let instance = read(
        r#""buyers": [{"id": "A"}], "suppliers": [{"id": "S"}],
        "capacity": [{"supplier": "S", "process": "p", "amount": 100}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 2},
            {"id": "M", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 1}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}]"#,
    );
    let outcome = explained(&instance, &Explain::Everything);
    let [price] = &outcome.prices[..] else { panic!("{:?}", outcome.prices) };
    let coverage = &price.tiers[0];
    let rounded = |value: Option<f64>| value.map(|value| (value * 1e6).round() / 1e6);
    assert_eq!((rounded(coverage.tighter), rounded(coverage.looser)), (Some(-2.), Some(1.)));
}

#[test]
fn prices_are_what_changed_instances_reach() {
    let (mut prices, mut estimates) = (0, 0);
    let families = [Family::Tight, Family::RealLike, Family::FewBuyers, Family::Integer];
    for (seed, family) in (0..24).zip(families.into_iter().cycle()) {
        let instance = small(family, seed);
        let outcome = explained(&instance, &Explain::Everything);
        if !has_awards(&outcome) || outcome.warnings.iter().any(|warning| warning.code == "W2009") {
            continue;
        }
        let before: Vec<f64> = outcome.tiers.iter().map(|tier| tier.value).collect();
        for price in outcome.prices.iter().filter(|price| price.rule.rule == "dependency").take(3) {
            for (step, looser) in [(Decimal::new(1, 3), true), (Decimal::new(-1, 3), false)] {
                let Some(changed) = with_cap(&instance, &outcome_cap(&outcome, price), price, step) else {
                    continue;
                };
                let stated: Vec<Option<f64>> =
                    price.tiers.iter().map(|tier| if looser { tier.looser } else { tier.tighter }).collect();
                let Some(after) = values(&changed) else {
                    assert!(stated.iter().all(Option::is_none), "seed {seed}: {price:?}");
                    continue;
                };
                for ((stated, after), before) in stated.iter().zip(&after).zip(&before) {
                    let stated = stated.unwrap_or(f64::NAN) * 0.1;
                    assert!(
                        close(&instance, stated, after - before),
                        "seed {seed}: {price:?}, not {}",
                        after - before
                    );
                }
                prices += 1;
            }
            // The first tier is concave in a limit, but for the cap's part in its own factor.
            if let (Some(estimate), Some(looser), Some(tighter)) =
                (price.estimate, price.tiers[0].looser, price.tiers[0].tighter)
            {
                let room = 1e-6 * before[0] + 0.02 * estimate.abs();
                assert!(estimate >= looser - room && estimate <= room - tighter, "seed {seed}: {price:?}");
                estimates += 1;
            }
        }
    }
    assert!(prices >= 20 && estimates >= 8, "only {prices} prices, {estimates} estimates");
}

fn outcome_cap(outcome: &eslabon_solver::Outcome, price: &Price) -> String {
    let [supplier, group] = &price.rule.subject[..] else { panic!("{price:?}") };
    let mut rows = outcome.dependency.iter();
    let row = rows.find(|row| row.supplier == *supplier && row.group == *group);
    row.and_then(|row| row.cap.clone()).unwrap_or_default()
}

fn with_cap(instance: &Instance, cap: &str, price: &Price, step: Decimal) -> Option<Instance> {
    let [supplier, group] = &price.rule.subject[..] else { panic!("{price:?}") };
    let to = cap.parse::<Decimal>().ok()?.checked_add(step)?;
    let mut changed = instance.clone();
    changed.caps.retain(|row| row.supplier != *supplier || row.group != *group);
    changed.caps.push(Cap { supplier: supplier.clone(), group: group.clone(), dependency_cap: to });
    changed.caps.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
    Some(changed)
}
