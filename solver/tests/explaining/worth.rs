//! What closing gaps is worth.

use eslabon_solver::{Explain, generate::Family};

use super::support::{close, explained, has_awards, read, small, values};

#[test]
fn a_gap_is_worth_the_lots_that_it_opens() {
    // T makes nothing until its gap closes; then 60 of the 100 units, as M takes too long for it.
    let instance = read(
        r#""buyers": [{"id": "A"}], "suppliers": [{"id": "S"}, {"id": "T"}],
        "capacity": [{"supplier": "S", "process": "p", "amount": 40}],
        "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100, "reference_price": 5},
            {"id": "M", "buyer": "A", "process": "q", "quantity": 10, "reference_price": 5, "starts_in": 2}],
        "gaps": [{"id": "G", "supplier": "T", "cost": 30, "months": 3}],
        "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L", "blocked_by": "G"},
            {"supplier": "T", "lot": "M", "blocked_by": "G"}]"#
            .replace(r#""blocked_by": "G""#, r#""blocked_by": ["G"]"#)
            .as_str(),
    );
    let outcome = explained(&instance, &Explain::Everything);
    let [worth] = &outcome.worth[..] else { panic!("{:?}", outcome.worth) };
    assert_eq!(
        (worth.gap.as_str(), worth.supplier.as_str(), worth.cost.as_deref()),
        ("G", "T", Some("30.00"))
    );
    assert_eq!(worth.lots, ["L"]);
    // A whole lot at 5 a unit, as no other pair could serve it: at most 500, in truth 60 units.
    assert_eq!(worth.estimate.map(f64::round), Some(500.));
    assert_eq!(worth.tiers.iter().map(|tier| tier.change.round()).collect::<Vec<_>>(), [300., 300., 300.]);
    // What closing it costs makes no difference to what it is worth: not even that nobody has said it, with money or
    // without.
    for budget in ["0", "1000000"] {
        let mut uncosted = instance.clone();
        uncosted.gaps[0].cost = None;
        uncosted.development_budget = Some(budget.parse().unwrap());
        let outcome = explained(&uncosted, &Explain::Everything);
        let [same] = &outcome.worth[..] else { panic!("{:?}", outcome.worth) };
        assert_eq!((&same.cost, &same.lots, &same.tiers), (&None, &worth.lots, &worth.tiers));
        assert!(outcome.development.is_empty());
    }
}

#[test]
fn worths_are_what_changed_instances_reach() {
    let mut worths = 0;
    for seed in 100..122 {
        let instance = small(Family::Integer, seed);
        let outcome = explained(&instance, &Explain::Everything);
        if !has_awards(&outcome) || outcome.warnings.iter().any(|warning| warning.code == "W2009") {
            continue;
        }
        let before: Vec<f64> = outcome.tiers.iter().map(|tier| tier.value).collect();
        for worth in outcome.worth.iter().filter(|worth| !worth.tiers.is_empty()) {
            let mut changed = instance.clone();
            let lots: Vec<&str> = worth.lots.iter().map(String::as_str).collect();
            for pair in &mut changed.pairs {
                let starts_in =
                    changed.lots.iter().find(|lot| lot.id == pair.lot).and_then(|lot| lot.starts_in);
                let months = instance.gaps.iter().find(|gap| gap.id == worth.gap).map(|gap| gap.months);
                if starts_in.is_none() || months <= starts_in {
                    pair.blocked_by.retain(|gap| *gap != worth.gap);
                }
            }
            let after = values(&changed).expect("closing a gap loses nothing");
            for ((tier, after), before) in worth.tiers.iter().zip(&after).zip(&before) {
                assert!(close(&instance, tier.change, after - before), "seed {seed}, {lots:?}: {worth:?}");
            }
            assert!(worth.tiers[0].change >= -1e-6 * before[0].abs(), "seed {seed}: {worth:?}");
            worths += 1;
        }
    }
    assert!(worths >= 5, "only {worths} worths");
}
