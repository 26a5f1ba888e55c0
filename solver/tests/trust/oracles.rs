//! Engines that know nothing of the solver, on a model that was written another time: simplex and
//! interior point on linear rules, second-order cones for the HHI, and what duals prove.

use eslabon_solver::{Instance, Outcome, instance::Tier, outcome::Status};
use proptest::prelude::*;

use super::support::{
    Network, decimal,
    engines::{Failed, Held, by_interior, by_simplex, is_gain},
    formulas::Formulas,
    random::{Size, config, networks, with_consortia},
    solved,
};

type Found<'a> = dyn Fn(Tier, &[Held], f64) -> Result<f64, Failed> + 'a;

/// Every tier's value lies where another engine says.
fn agree(
    instance: &Instance,
    outcome: &Outcome,
    formulas: &Formulas<'_>,
    best: &Found<'_>,
) -> Result<(), TestCaseError> {
    let mut held: Vec<Held> = Vec::new();
    for (objective, reached) in instance.objectives.iter().zip(&outcome.tiers) {
        let tier = objective.tier;
        let sign = if is_gain(tier) { 1. } else { -1. };
        let close = 1e-6 * reached.value.abs().max(1.);
        // A little room in an earlier tier can be worth a lot in a later one, so the value lies
        // between those with more and with less room than the solver's own 1e-9.
        let wide = best(tier, &held, 1e-7);
        let wide = wide.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert!(sign * (wide - reached.value) >= -close, "{reached:?}, at best {wide}");
        // Without any, the other engine may find no solution for its own rounding.
        if let Ok(tight) = best(tier, &held, 0.) {
            prop_assert!(sign * (reached.value - tight) >= -close, "{reached:?}, at least {tight}");
        }
        let kept = reached.value - sign * objective.tolerance.to_f64() * reached.value.abs();
        held.push((formulas.worths(tier), tier, kept));
    }
    Ok(())
}

/// Without a cap that binds, an HHI cap says nothing new; so most have one and no other.
fn concentrated() -> impl Strategy<Value = Network> {
    let caps = prop::sample::select(&["0", "400", "1500", "3000", "6000", "10000"]);
    (with_consortia(networks(Size::SMALL)), caps, any::<bool>()).prop_map(|(network, cap, alone)| {
        network.with(|i| {
            i.hhi_cap = Some(decimal(cap));
            i.no_worsening = true;
            if alone {
                i.dependency_cap = None;
                i.caps.clear();
                i.suppliers.iter_mut().for_each(|supplier| supplier.dependency_cap = None);
            }
        })
    })
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn a_second_engine_finds_the_same(network in with_consortia(networks(Size::SMALL))) {
        let instance = network.built();
        let outcome = solved(&instance);
        prop_assert_eq!(outcome.status, Status::Optimal);
        let formulas = Formulas::new(&instance);
        agree(&instance, &outcome, &formulas, &|tier, held, room| by_simplex(&formulas, tier, held, room))?;
    }

    /// With rules that can contradict each other, both agree on whether they do.
    #[test]
    fn a_second_engine_agrees_on_what_is_infeasible(network in with_consortia(networks(Size::SMALL.hard()))) {
        let instance = network.built();
        let outcome = solved(&instance);
        let found = by_simplex(&Formulas::new(&instance), Tier::Coverage, &[], 0.);
        match (outcome.status, found) {
            (Status::Infeasible, Err(Failed::Infeasible)) => {
                prop_assert!(!outcome.conflict.is_empty());
            }
            (Status::Unpublishable, Ok(_)) => prop_assert!(!outcome.conflict.is_empty()),
            (Status::Optimal, Ok(value)) => {
                let reached = outcome.tiers[0].value;
                prop_assert!((value - reached).abs() <= 1e-6 * reached.abs().max(1.), "{reached} and {value}");
            }
            (status, found) => prop_assert!(false, "{status:?} and {found:?}"),
        }
    }

    /// The HHI cap is a second-order cone: tangents reach what an engine that knows cones finds.
    #[test]
    fn an_engine_that_knows_cones_finds_the_same(network in concentrated()) {
        let instance = network.built();
        let outcome = solved(&instance);
        prop_assert_eq!(outcome.status, Status::Optimal);
        let formulas = Formulas::new(&instance);
        agree(&instance, &outcome, &formulas, &|tier, held, room| {
            by_interior(&formulas, tier, held, room).map(|found| found.value)
        })?;
    }
}

proptest! {
    #![proptest_config(config(12))]

    /// Up to 300 pairs, by simplex and by interior point.
    #[test]
    fn two_engines_find_the_same_in_larger_networks(network in with_consortia(networks(Size::LARGE))) {
        let instance = network.built();
        let outcome = solved(&instance);
        prop_assert_eq!(outcome.status, Status::Optimal);
        let formulas = Formulas::new(&instance);
        agree(&instance, &outcome, &formulas, &|tier, held, room| by_simplex(&formulas, tier, held, room))?;
        let first = instance.objectives[0].tier;
        let interior = by_interior(&formulas, first, &[], 0.);
        let interior = interior.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let reached = outcome.tiers[0].value;
        prop_assert!((interior.value - reached).abs() <= 1e-6 * reached.abs().max(1.));
    }

    /// Strong duality and complementary slackness in the first tier. Any prices p ≥ 0 prove that no
    /// awards are worth more than Σ p·limit + Σ max(0, worth − Σ p·coefficient)·most; those of an
    /// optimum prove that ours is one, whatever engine they come from.
    #[test]
    fn prices_prove_the_first_tier(network in with_consortia(networks(Size::LARGE))) {
        let instance = network.built();
        let outcome = solved(&instance);
        let formulas = Formulas::new(&instance);
        let tier = instance.objectives[0].tier;
        let found = by_interior(&formulas, tier, &[], 0.);
        let found = found.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let priced = found.rows.iter().zip(&found.prices);
        let mut bound: f64 = priced.clone().map(|((_, limit), price)| price * limit).sum();
        for (place, (worth, offer)) in formulas.worths(tier).iter().zip(&formulas.offers).enumerate() {
            let paid: f64 = priced.clone().map(|((row, _), price)| price * row[place]).sum();
            bound += (worth - paid).max(0.) * formulas.limits(offer).1;
        }
        let reached = outcome.tiers[0].value;
        let close = 1e-6 * reached.abs().max(1.);
        prop_assert!((bound - reached).abs() <= close, "{reached}, proven {bound}");
        for ((row, limit), price) in priced {
            let used: f64 = row.iter().zip(&found.units).map(|(factor, units)| factor * units).sum();
            prop_assert!((limit - used) * price <= close, "a price of {price} with {} left", limit - used);
        }
    }
}
