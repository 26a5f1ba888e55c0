//! Relations between instances that must hold between their results.

use eslabon_solver::{
    Decimal, Instance, Outcome,
    instance::{Decision, DependencyBase, Pair, Ruling, Tier},
    outcome::Status,
    read::{Reading, from_json},
    write::{fingerprint, to_json},
};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::support::{
    Network, decimal,
    mixed::mixed,
    random::{Size, config, networks, with_consortia},
    smaller::without_supplier,
    solved, solved_reading,
};

/// A result as it is printed, without the only part that differs between equal runs.
fn printed(outcome: &Outcome) -> String {
    let timeless = Outcome { seconds: Vec::new(), ..outcome.clone() };
    serde_json::to_string(&timeless).unwrap_or_else(|error| panic!("{error}"))
}

/// A document with the rows of its tables in another order.
fn shuffled(text: &str, places: &[Index]) -> Result<String, TestCaseError> {
    let mut document: Value = serde_json::from_str(text)?;
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
    Ok(document.to_string())
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
    i.development_budget = i.development_budget.map(ten_times);
    for buyer in &mut i.buyers {
        buyer.budget = buyer.budget.map(ten_times);
    }
    for supplier in &mut i.suppliers {
        supplier.annual_sales = supplier.annual_sales.map(ten_times);
        one(&mut supplier.min_total);
        one(&mut supplier.setup_cost);
    }
    for row in &mut i.sales {
        one(&mut row.amount);
        one(&mut row.expiring);
    }
    i.lots.iter_mut().for_each(|lot| one(&mut lot.reference_price));
    i.pairs.iter_mut().for_each(|pair| one(&mut pair.unit_price));
    i.gaps.iter_mut().for_each(|gap| gap.cost = gap.cost.map(ten_times));
    i
}

/// The same instance with a thousand times as many units, each a thousandth: kilogrammes for tonnes.
fn in_kilogrammes(instance: &Instance) -> Instance {
    let mut i = instance.clone();
    let one = |amount: &mut Decimal| *amount = decimal(&format!("{amount}e-3"));
    for lot in &mut i.lots {
        lot.quantity *= 1000;
        one(&mut lot.reference_price);
    }
    for pair in &mut i.pairs {
        one(&mut pair.unit_price);
        one(&mut pair.load);
    }
    for decision in &mut i.decisions {
        if let Ruling::Fixed { quantity, .. } = &mut decision.ruling {
            *quantity *= 1000;
        }
    }
    i
}

/// The same instance with a lot in two parts.
fn split(instance: &Instance, lot: usize, units: u64) -> Instance {
    let mut i = instance.clone();
    let mut other = i.lots[lot].clone();
    i.lots[lot].quantity -= units;
    other.id.push('x');
    other.quantity = units;
    let first = &i.lots[lot].id;
    let pairs: Vec<Pair> = i.pairs.iter().filter(|pair| pair.lot == *first).cloned().collect();
    i.pairs.extend(pairs.into_iter().map(|pair| Pair { lot: other.id.clone(), ..pair }));
    let decisions: Vec<Decision> = i.decisions.iter().filter(|row| row.lot == *first).cloned().collect();
    i.decisions.extend(decisions.into_iter().map(|row| Decision { lot: other.id.clone(), ..row }));
    i.lots.push(other);
    i.lots.sort_by(|a, b| a.id.cmp(&b.id));
    i.pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
    i.decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
    i
}

fn same_values(one: &Outcome, other: &Outcome) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.tiers.len(), other.tiers.len());
    for (one, other) in one.tiers.iter().zip(&other.tiers) {
        let close = 1e-6 * one.value.abs().max(1.);
        prop_assert!((one.value - other.value).abs() <= close, "{one:?} {other:?}");
    }
    Ok(())
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
        let (instance, shuffled) = (read(&text)?, read(&shuffled(&text, &places)?)?);
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
    fn units_have_no_size(network in networks(Size::SMALL)) {
        let instance = without_tolerances(network).built();
        same_values(&solved(&instance), &solved(&in_kilogrammes(&instance)))?;
    }

    #[test]
    fn a_lot_in_two_parts_is_the_same_lot(
        network in with_consortia(strict_networks()), lot in any::<Index>(), units in any::<Index>(),
    ) {
        let instance = network.built();
        let lot = lot.index(instance.lots.len());
        let quantity = instance.lots[lot].quantity;
        prop_assume!(quantity > 1);
        let units = 1 + units.index(usize::try_from(quantity - 1)?) as u64;
        same_values(&solved(&instance), &solved(&split(&instance, lot, units)))?;
    }

    #[test]
    fn another_supplier_never_hurts(network in strict_networks()) {
        let instance = network.built();
        let mut fewer = instance.clone();
        let Some(gone) = instance.suppliers.last() else { return Ok(()) };
        without_supplier(&mut fewer, &gone.id);
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

/// Small instances with every rule, in whole units, so that model and awards are one; without
/// tolerances, with which a vector says nothing.
fn whole() -> impl Strategy<Value = Instance> {
    let valid = |i: &Instance| from_json(to_json(i).as_bytes()).is_ok();
    let instances = any::<u64>().prop_map(|seed| {
        let mut i = mixed(seed, true);
        i.objectives.iter_mut().for_each(|objective| objective.tolerance = Decimal::ZERO);
        i
    });
    instances.prop_filter("invalid", valid)
}

/// Without the spread, of which nothing is promised.
fn without_spread(mut i: Instance) -> Instance {
    i.objectives.retain(|objective| objective.tier != Tier::Spread);
    i
}

/// A limit of some kind becomes looser; `None` where the instance has none of that kind.
fn loosened(i: &Instance, kind: usize) -> Option<Instance> {
    let mut i = i.clone();
    let twice = |amount: Decimal| decimal(&format!("{:.4}", amount.to_f64() * 2. + 1.));
    let place = match kind {
        0 => i.dependency_cap.as_mut().map(|cap| *cap = looser(*cap)),
        1 => i.hhi_cap.as_mut().map(|cap| *cap = twice(*cap).min(decimal("10000"))),
        2 => i.development_budget.as_mut().map(|budget| *budget = twice(*budget)),
        3 => i.capacity.first_mut().map(|row| row.amount = twice(row.amount)),
        4 => i.suppliers.first_mut().and_then(|s| s.max_awards.as_mut()).map(|most| *most += 1),
        5 => i.lots.first_mut().and_then(|lot| lot.max_suppliers.as_mut()).map(|most| *most += 1),
        6 => i.buyers.first_mut().and_then(|b| b.budget.as_mut()).map(|budget| *budget = twice(*budget)),
        7 => i.suppliers.first_mut().map(|s| s.min_total = Decimal::ZERO),
        8 => i.lots.first_mut().map(|lot| lot.min_share = Decimal::ZERO),
        9 => i.lots.first_mut().map(|lot| lot.divisible = true),
        10 => i.pairs.first_mut().map(|pair| pair.blocked_by.clear()),
        _ => i.lots.first_mut().map(|lot| lot.max_share = Decimal::ONE),
    };
    place.map(|()| i)
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn with_every_rule_the_order_of_rows_does_not_matter(
        instance in whole(), places in proptest::collection::vec(any::<Index>(), 200),
    ) {
        let text = to_json(&instance);
        let (one, other) = (read(&text)?, read(&shuffled(&text, &places)?)?);
        let (one, other) = (solved_reading(&one), solved_reading(&other));
        let other = Outcome { warnings: one.warnings.clone(), ..other };
        prop_assert_eq!(printed(&one), printed(&other));
    }

    #[test]
    fn with_every_rule_money_has_no_unit(instance in whole()) {
        let (one, other) = (solved(&instance), solved(&in_small_money(&instance)));
        prop_assert_eq!(one.status, other.status);
        for (tier, scaled) in one.tiers.iter().zip(&other.tiers) {
            let (one, other): (f64, f64) = (tier.published.parse()?, scaled.published.parse()?);
            let unit = if ["suppliers", "spread"].contains(&&*tier.name) { 1. } else { 10. };
            prop_assert!((one * unit - other).abs() <= 0.051, "{tier:?} {scaled:?}");
        }
    }

    #[test]
    fn a_looser_rule_of_any_kind_never_hurts(instance in whole(), kind in 0..12_usize) {
        let instance = without_spread(instance);
        let Some(loose) = loosened(&instance, kind) else { return Ok(()) };
        let (before, after) = (solved(&instance), solved(&loose));
        if before.status == Status::Optimal {
            prop_assert_eq!(after.status, Status::Optimal);
            prop_assert!(no_worse(&after, &before), "{:?} then {:?}", before.tiers, after.tiers);
        }
    }

    #[test]
    fn a_supplier_that_gets_nothing_is_not_missed(instance in whole()) {
        let instance = without_spread(instance);
        let before = solved(&instance);
        let idle = instance.suppliers.iter().find(|s| before.awards.iter().all(|a| a.supplier != s.id));
        let (Some(idle), Status::Optimal) = (idle, before.status) else { return Ok(()) };
        let mut fewer = instance.clone();
        without_supplier(&mut fewer, &idle.id);
        // A consortium that it leaves alone is gone with it, and may have been needed.
        prop_assume!(fewer.consortia.len() == instance.consortia.len());
        let after = solved(&fewer);
        prop_assert_eq!(after.status, Status::Optimal);
        same_values(&before, &after)?;
    }
}
