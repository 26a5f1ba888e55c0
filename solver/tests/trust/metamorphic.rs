//! Relations between instances that must hold between their results.

use eslabon_solver::{
    Decimal, Instance, Outcome,
    instance::DependencyBase,
    outcome::Status,
    read::{Reading, from_json},
    write::{fingerprint, to_json},
};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::support::{
    Network, decimal,
    random::{Size, config, networks},
    solved, solved_reading,
};

/// A result as it is printed, without the only part that differs between equal runs.
fn printed(outcome: &Outcome) -> String {
    let timeless = Outcome { seconds: Vec::new(), ..outcome.clone() };
    serde_json::to_string(&timeless).unwrap_or_else(|error| panic!("{error}"))
}

fn read(text: &str) -> Result<Reading, TestCaseError> {
    from_json(text.as_bytes()).map_err(|problems| TestCaseError::fail(format!("{problems:?}")))
}

fn ten_times(amount: Decimal) -> Decimal {
    decimal(&format!("{amount}e1"))
}

/// The same instance in a currency of a tenth of the worth.
fn in_small_money(instance: &Instance) -> Instance {
    let mut i = instance.clone();
    let one = |amount: &mut Decimal| *amount = ten_times(*amount);
    one(&mut i.dependency_allowance);
    for buyer in &mut i.buyers {
        buyer.budget = buyer.budget.map(ten_times);
    }
    for supplier in &mut i.suppliers {
        supplier.annual_sales = supplier.annual_sales.map(ten_times);
    }
    for row in &mut i.sales {
        one(&mut row.amount);
        one(&mut row.expiring);
    }
    i.lots.iter_mut().for_each(|lot| one(&mut lot.reference_price));
    i.pairs.iter_mut().for_each(|pair| one(&mut pair.unit_price));
    i
}

/// Whether the tiers of `new` are at least as good as those of `old`, the first that differ deciding.
fn no_worse(new: &Outcome, old: &Outcome) -> bool {
    for (new, old) in new.tiers.iter().zip(&old.tiers) {
        let gain = match new.name.as_str() {
            "cost" => old.value - new.value,
            _ => new.value - old.value,
        };
        let same = 1e-6 * old.value.abs().max(1.);
        if gain.abs() > same {
            return gain > 0.;
        }
    }
    true
}

/// A tier may give something up only where a tolerance says so; then a vector says nothing.
fn without_tolerances(network: Network) -> Network {
    network.with(|i| {
        for objective in &mut i.objectives {
            objective.tolerance = Decimal::ZERO;
        }
    })
}

fn strict_networks() -> impl Strategy<Value = Network> {
    networks(Size::SMALL).prop_map(without_tolerances)
}

/// A cap that is a little looser, at most 1.
fn looser(cap: Decimal) -> Decimal {
    let looser = decimal(&format!("{:.9}", (cap.to_f64() + 0.1).min(1.)));
    looser.max(cap)
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn the_order_of_rows_does_not_matter(
        network in networks(Size::SMALL.hard()),
        places in proptest::collection::vec(any::<Index>(), 200),
    ) {
        let text = to_json(&network.built());
        let instance = read(&text)?;
        let mut document: Value = serde_json::from_str(&text)?;
        let mut places = places.iter().cycle();
        if let Value::Object(fields) = &mut document {
            for (name, rows) in fields {
                let Value::Array(rows) = rows else { continue };
                // The order of the tiers is their rank.
                if name == "objectives" {
                    continue;
                }
                for end in (1..rows.len()).rev() {
                    let place = places.next().map_or(0, |place| place.index(end + 1));
                    rows.swap(place, end);
                }
            }
        }
        let shuffled = read(&document.to_string())?;
        prop_assert_eq!(fingerprint(&shuffled.instance), fingerprint(&instance.instance));
        let (one, other) = (solved_reading(&instance), solved_reading(&shuffled));
        // A warning says in which row it found what is odd.
        let other = Outcome { warnings: one.warnings.clone(), ..other };
        prop_assert_eq!(printed(&one), printed(&other));
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(network in networks(Size::SMALL.hard())) {
        let instance = network.built();
        prop_assert_eq!(printed(&solved(&instance)), printed(&solved(&instance)));
    }

    #[test]
    fn money_has_no_unit(network in networks(Size::SMALL)) {
        let instance = network.built();
        let (one, other) = (solved(&instance), solved(&in_small_money(&instance)));
        for (tier, scaled) in one.tiers.iter().zip(&other.tiers) {
            let close = 1e-6 * tier.value.abs().max(1.);
            prop_assert!(
                (tier.value - scaled.value / 10.).abs() <= close,
                "{}: {} and {}", tier.name, tier.value, scaled.value
            );
        }
    }

    #[test]
    fn another_supplier_never_hurts(network in strict_networks()) {
        let instance = network.built();
        let mut fewer = instance.clone();
        let Some(gone) = fewer.suppliers.pop() else { return Ok(()) };
        fewer.pairs.retain(|row| row.supplier != gone.id);
        fewer.sales.retain(|row| row.supplier != gone.id);
        fewer.caps.retain(|row| row.supplier != gone.id);
        fewer.capacity.retain(|row| row.supplier != gone.id);
        fewer.decisions.retain(|row| row.supplier != gone.id);
        // A group that only the supplier sold to is gone with it.
        let (buyers, sales) = (&fewer.buyers, &fewer.sales);
        fewer.caps.retain(|row| {
            let known = |group: &String| *group == row.group;
            buyers.iter().any(|b| known(&b.group)) || sales.iter().any(|s| known(&s.group))
        });
        let (before, after) = (solved(&fewer), solved(&instance));
        prop_assert!(no_worse(&after, &before), "{:?} then {:?}", before.tiers, after.tiers);
    }

    #[test]
    fn a_looser_cap_never_hurts(network in strict_networks()) {
        let instance = network.built();
        let mut loose = instance.clone();
        loose.dependency_cap = loose.dependency_cap.map(looser);
        for supplier in &mut loose.suppliers {
            supplier.dependency_cap = supplier.dependency_cap.map(looser);
        }
        loose.caps.iter_mut().for_each(|row| row.dependency_cap = looser(row.dependency_cap));
        let (before, after) = (solved(&instance), solved(&loose));
        prop_assert!(no_worse(&after, &before), "{:?} then {:?}", before.tiers, after.tiers);
    }

    #[test]
    fn a_cap_of_all_is_no_cap(network in networks(Size::SMALL)) {
        let open = network.with(|i| {
            i.dependency_base = DependencyBase::Projected;
            i.dependency_cap = None;
            i.caps.clear();
            for supplier in &mut i.suppliers {
                supplier.dependency_cap = None;
                // Disclosed, and at least the sum of its parts.
                supplier.annual_sales = Some(decimal("1000"));
            }
        });
        let uncapped = solved(&open.built());
        let capped = solved(&open.with(|i| i.dependency_cap = Some(Decimal::ONE)).built());
        for (one, other) in uncapped.tiers.iter().zip(&capped.tiers) {
            let close = 1e-6 * one.value.abs().max(1.);
            prop_assert!((one.value - other.value).abs() <= close, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_cap_of_nothing_awards_nothing(network in networks(Size::SMALL)) {
        let closed = network.with(|i| {
            i.dependency_cap = Some(Decimal::ZERO);
            i.dependency_allowance = Decimal::ZERO;
            i.caps.clear();
            i.suppliers.iter_mut().for_each(|supplier| supplier.dependency_cap = None);
        });
        let outcome = solved(&closed.built());
        prop_assert_eq!(outcome.status, Status::Optimal);
        prop_assert_eq!(&outcome.awards, &[]);
    }
}
