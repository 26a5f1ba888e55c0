//! The first-order engine beside the exact one.

use eslabon_solver::{
    Instance, Outcome,
    generate::{Family, Options, generate},
    instance::{Engine, Lot, Pair, Tier},
    outcome::{Status, TierOutcome},
    read::Reading,
};
use proptest::prelude::*;

use super::support::{
    Network, decimal,
    random::{Size, config, networks, with_consortia},
    solved_reading,
};

const CERTIFIED: &str = "Eslabón first-order, certified";

fn solved_by(engine: Engine, instance: &Instance) -> Outcome {
    let mut reading = Reading { instance: instance.clone(), warnings: Vec::new() };
    reading.instance.limits.engine = engine;
    solved_reading(&reading)
}

fn is_gain(tier: &TierOutcome) -> bool {
    tier.name != Tier::Cost.name()
}

proptest! {
    #![proptest_config(config(128))]

    /// Every tier ends within its gap, every award keeps every rule (the checker says so), and what the exact engine
    /// finds lies between value and bound.
    #[test]
    fn the_exact_optimum_lies_between_value_and_bound(network in with_consortia(networks(Size::LARGE))) {
        let instance = network.built();
        let certified = solved_by(Engine::FirstOrder, &instance);
        if certified.engine != CERTIFIED {
            prop_assert!(certified.warnings.iter().any(|problem| problem.code == "W2019"));
            return Ok(());
        }
        prop_assert_eq!(certified.status, Status::Optimal, "{:#?}", certified.tiers);
        let exact = solved_by(Engine::Highs, &instance);
        let (first, best) = (&certified.tiers[0], exact.tiers[0].value);
        let sign = if is_gain(first) { 1. } else { -1. };
        let noise = 1e-9 * best.abs().max(1.);
        prop_assert!(sign * (best - first.value) >= -noise, "{first:?}, exactly {best}");
        prop_assert!(sign * (first.bound - best) >= -noise, "{first:?}, exactly {best}");
        for tier in &certified.tiers {
            prop_assert!(tier.gap <= 1e-4 || (tier.value - tier.bound).abs() <= 1e-6, "{tier:?}");
        }
    }
}

#[test]
fn what_it_cannot_do_goes_to_the_exact_engine_and_says_so() {
    let plain = || {
        Network::capped("0.5")
            .supplier("S", "1000")
            .buyer("A")
            .with(|i| i.lots.push(Lot::new("L", "A", "p", 10, decimal("5"))))
            .with(|i| i.pairs.push(Pair::new("S", "L", decimal("5"))))
    };
    let certified = solved_by(Engine::FirstOrder, &plain().built());
    assert_eq!(certified.engine, CERTIFIED);
    assert!(certified.warnings.is_empty());
    assert_eq!(certified.awards[0].quantity, 10);
    let counted = plain().with(|i| i.lots[0].min_share = decimal("0.5"));
    let exact = solved_by(Engine::FirstOrder, &counted.built());
    assert!(exact.engine.starts_with("HiGHS"), "{}", exact.engine);
    assert!(exact.warnings.iter().any(|problem| problem.code == "W2019"), "{:?}", exact.warnings);
}

#[test]
fn nobody_gets_it_unasked_where_the_exact_engine_takes_a_second() {
    let instance = generate(&Options {
        suppliers: 30,
        lots: 60,
        buyers: 5,
        pairs_per_lot: 8,
        tightness: None,
        family: Family::Tight,
        seed: 1,
    });
    assert!(solved_by(Engine::Auto, &instance).engine.starts_with("HiGHS"));
}
