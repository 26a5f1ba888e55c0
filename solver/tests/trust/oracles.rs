//! Oracles that know nothing of the solver: a second engine with a model of its own, and trying all
//! awards.

use std::collections::BTreeMap;

use eslabon_solver::{
    Decimal, Instance,
    instance::{DependencyBase, Lot, Pair, Ruling, Tier},
    outcome::Status,
};
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution, SolverModel, Variable, constraint, microlp,
    variable,
};
use proptest::prelude::*;

use super::support::{
    random::{Size, config, networks},
    solved,
};

/// The instance in doubles, by index, straight from the formulas.
struct Formulas<'a> {
    instance: &'a Instance,
    pairs: Vec<(&'a Pair, &'a Lot, &'a str)>,
    /// By supplier and group: t, what stands on the right side without N, and whether N counts.
    caps: BTreeMap<(&'a str, &'a str), (f64, f64, bool)>,
}

impl<'a> Formulas<'a> {
    fn new(instance: &'a Instance) -> Self {
        let group_of = |lot: &Lot| -> &'a str {
            let buyer = instance.buyers.iter().find(|buyer| buyer.id == lot.buyer);
            buyer.map_or("", |buyer| &buyer.group)
        };
        let pairs: Vec<_> = (instance.pairs.iter())
            .filter_map(|pair| {
                let lot = instance.lots.iter().find(|lot| lot.id == pair.lot)?;
                Some((pair, lot, group_of(lot)))
            })
            .collect();
        let mut caps = BTreeMap::new();
        let mut groups: Vec<&str> = instance.buyers.iter().map(|b| &*b.group).collect();
        groups.extend(instance.sales.iter().map(|row| &*row.group));
        for supplier in &instance.suppliers {
            let of_supplier = || instance.sales.iter().filter(|row| row.supplier == supplier.id);
            let sum: f64 = of_supplier().map(|row| row.amount.to_f64()).sum();
            let expiring: f64 = of_supplier().map(|row| row.expiring.to_f64()).sum();
            let disclosed = supplier.annual_sales.is_some();
            let annual = supplier.annual_sales.map_or(0., |sales| sales.to_f64().max(sum) - expiring);
            for group in &groups {
                let waiver = (instance.caps.iter())
                    .find(|row| row.supplier == supplier.id && row.group == *group)
                    .map(|row| row.dependency_cap);
                let cap = waiver.or(supplier.dependency_cap).or(instance.dependency_cap);
                let Some(cap) = cap.map(Decimal::to_f64) else {
                    continue;
                };
                let existing: f64 = of_supplier()
                    .filter(|row| row.group == *group)
                    .map(|row| row.amount.to_f64() - row.expiring.to_f64())
                    .sum();
                let mut room = instance.dependency_allowance.to_f64();
                if instance.no_worsening {
                    room = room.max(existing - cap * annual);
                }
                let projected = disclosed && instance.dependency_base == DependencyBase::Projected;
                let constant = cap * annual + room - existing;
                caps.insert((&*supplier.id, *group), (cap, constant, projected));
            }
        }
        Self { instance, pairs, caps }
    }

    /// What units of the pairs are worth in a tier.
    fn worth(tier: Tier, pair: &Pair, lot: &Lot) -> f64 {
        let reference = lot.reference_price.to_f64();
        match tier {
            Tier::Coverage => lot.weight.to_f64() * reference,
            Tier::Fit => pair.fit.to_f64() * reference,
            Tier::Cost => pair.unit_price.to_f64(),
            Tier::Suppliers | Tier::Spread => unreachable!("not linear in awards"),
        }
    }

    fn ruling(&self, pair: &Pair) -> Option<Ruling> {
        (self.instance.decisions.iter())
            .find(|row| row.supplier == pair.supplier && row.lot == pair.lot)
            .map(|row| row.ruling)
    }

    /// Fewest and most units of a pair by itself.
    fn range(&self, pair: &Pair, lot: &Lot) -> (f64, f64) {
        let quantity = as_f64(lot.quantity);
        let of_lot = lot.max_share.to_f64() * quantity;
        let most = of_lot.min(pair.max_share.to_f64() * quantity);
        match self.ruling(pair) {
            None => (0., most),
            Some(Ruling::Forbidden) => (0., 0.),
            Some(Ruling::Fixed { quantity, override_max_share }) => {
                let units = as_f64(quantity);
                (units, if override_max_share { of_lot } else { most }.min(units))
            }
        }
    }

    /// Every rule as (coefficient per pair, limit), meaning Σ coefficient · units ≤ limit.
    fn rows(&self) -> Vec<(Vec<f64>, f64)> {
        let i = self.instance;
        let mut rows = Vec::new();
        let each = |coefficient: &dyn Fn(&Pair, &Lot, &str) -> f64| -> Vec<f64> {
            (self.pairs.iter()).map(|(pair, lot, group)| coefficient(pair, lot, group)).collect()
        };
        let on = |condition: bool, value: f64| if condition { value } else { 0. };
        for lot in &i.lots {
            let units = each(&|_, l, _| on(l.id == lot.id, 1.));
            let least = lot.min_coverage.to_f64() * as_f64(lot.quantity);
            rows.push((units.iter().map(|unit| -unit).collect(), -least));
            rows.push((units, as_f64(lot.quantity)));
        }
        for row in &i.capacity {
            let used = |p: &Pair, l: &Lot, _: &str| {
                on(p.supplier == row.supplier && l.process == row.process, p.load.to_f64())
            };
            rows.push((each(&used), row.amount.to_f64()));
        }
        for buyer in &i.buyers {
            let price = |p: &Pair, l: &Lot, _: &str| on(l.buyer == buyer.id, p.unit_price.to_f64());
            if let Some(budget) = buyer.budget {
                rows.push((each(&price), budget.to_f64()));
            }
            let share = buyer.max_supplier_share.to_f64();
            for supplier in &i.suppliers {
                let beyond =
                    |p: &Pair, l: &Lot, g: &str| price(p, l, g) * (on(p.supplier == supplier.id, 1.) - share);
                rows.push((each(&beyond), 0.));
            }
        }
        for ((supplier, group), (cap, constant, projected)) in &self.caps {
            let beyond = |p: &Pair, l: &Lot, g: &str| {
                let annual = p.unit_price.to_f64() / l.years.to_f64();
                let share = on(g == *group, 1.) - on(*projected, *cap);
                on(p.supplier == *supplier, annual * share)
            };
            rows.push((each(&beyond), *constant));
        }
        rows
    }
}

#[expect(clippy::cast_precision_loss, reason = "quantities of tests are small")]
fn as_f64(units: u64) -> f64 {
    units as f64
}

/// A tier that is solved: coefficients of its value, sense, and the value to hold.
type Held = (Vec<f64>, Tier, f64);

/// The best value of a tier by another engine, while earlier ones keep what they have reached, but for
/// some room relative to it.
fn second_engine(
    formulas: &Formulas<'_>,
    tier: Tier,
    held: &[Held],
    room: f64,
) -> Result<f64, ResolutionError> {
    let mut problem = ProblemVariables::new();
    let units: Vec<Variable> = (formulas.pairs.iter())
        .map(|(pair, lot, _)| {
            let (fewest, most) = formulas.range(pair, lot);
            // A fixed award beyond what is allowed: no value will do.
            if fewest > most {
                return None;
            }
            Some(problem.add(variable().min(fewest).max(most)))
        })
        .collect::<Option<_>>()
        .ok_or(ResolutionError::Infeasible)?;
    let sum = |coefficients: &[f64]| -> Expression {
        (coefficients.iter().zip(&units)).map(|(&factor, &unit)| factor * unit).sum()
    };
    let worth = worths(formulas, tier);
    let goal = sum(&worth);
    let objective = match tier {
        Tier::Coverage | Tier::Fit | Tier::Suppliers => problem.maximise(goal.clone()),
        Tier::Cost | Tier::Spread => problem.minimise(goal.clone()),
    };
    let mut model = objective.using(microlp);
    for (coefficients, limit) in formulas.rows() {
        if coefficients.iter().all(|coefficient| *coefficient == 0.) {
            if limit < 0. {
                return Err(ResolutionError::Infeasible);
            }
            continue;
        }
        model.add_constraint(constraint!(sum(&coefficients) <= limit));
    }
    for (coefficients, tier, value) in held {
        let room = room * value.abs().max(1.);
        model.add_constraint(match tier {
            Tier::Coverage | Tier::Fit | Tier::Suppliers => constraint!(sum(coefficients) >= value - room),
            Tier::Cost | Tier::Spread => constraint!(sum(coefficients) <= value + room),
        });
    }
    Ok(model.solve()?.eval(&goal))
}

fn worths(formulas: &Formulas<'_>, tier: Tier) -> Vec<f64> {
    (formulas.pairs.iter()).map(|(pair, lot, _)| Formulas::worth(tier, pair, lot)).collect()
}

proptest! {
    #![proptest_config(config(96))]

    /// Every tier's value is what another engine finds for a model that was written another time.
    #[test]
    fn a_second_engine_finds_the_same(network in networks(Size::SMALL)) {
        let instance = network.built();
        let outcome = solved(&instance);
        prop_assert_eq!(outcome.status, Status::Optimal);
        let formulas = Formulas::new(&instance);
        let mut held: Vec<Held> = Vec::new();
        for (objective, reached) in instance.objectives.iter().zip(&outcome.tiers) {
            let gain = |new: f64, old: f64| match objective.tier {
                Tier::Coverage | Tier::Fit | Tier::Suppliers => new - old,
                Tier::Cost | Tier::Spread => old - new,
            };
            let close = 1e-6 * reached.value.abs().max(1.);
            // A little room in an earlier tier can be worth a lot in a later one, so the value lies
            // between those with more and with less room than the solver's own 1e-9.
            let wide = second_engine(&formulas, objective.tier, &held, 1e-7);
            let wide = wide.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(gain(wide, reached.value) >= -close, "{reached:?}, at best {wide}");
            // Without any, the other engine may find no solution for its own rounding.
            if let Ok(tight) = second_engine(&formulas, objective.tier, &held, 0.) {
                prop_assert!(gain(reached.value, tight) >= -close, "{reached:?}, at least {tight}");
            }
            let give = objective.tolerance.to_f64() * reached.value.abs();
            let kept = match objective.tier {
                Tier::Coverage | Tier::Fit | Tier::Suppliers => reached.value - give,
                Tier::Cost | Tier::Spread => reached.value + give,
            };
            held.push((worths(&formulas, objective.tier), objective.tier, kept));
        }
    }

    /// With rules that can contradict each other, both agree on whether they do.
    #[test]
    fn a_second_engine_agrees_on_what_is_infeasible(network in networks(Size::SMALL.hard())) {
        let instance = network.built();
        let outcome = solved(&instance);
        let found = second_engine(&Formulas::new(&instance), Tier::Coverage, &[], 0.);
        match (outcome.status, found) {
            (Status::Infeasible, Err(ResolutionError::Infeasible)) => {
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

    /// Published awards are never better than the best whole units, and the model never worse.
    #[test]
    fn whole_units_lie_between(network in networks(Size::TINY.hard())) {
        let instance = network.built();
        let outcome = solved(&instance);
        let best = best_whole_units(&Formulas::new(&instance));
        match (outcome.status, best) {
            (Status::Optimal, Some(best)) => {
                let published: f64 = outcome.tiers[0].published.parse().unwrap_or(f64::NAN);
                // Published values are rounded to cents.
                prop_assert!(published <= best + 0.005 + 1e-9, "{published} > {best}");
                prop_assert!(outcome.tiers[0].value >= best - 1e-6, "{} < {best}", outcome.tiers[0].value);
            }
            (Status::Infeasible | Status::Unpublishable, None) => {}
            (status, best) => prop_assert!(false, "{status:?} and {best:?}"),
        }
    }
}

/// The best coverage of all awards in whole units that keep every rule, by trying them all.
fn best_whole_units(formulas: &Formulas<'_>) -> Option<f64> {
    let rows = formulas.rows();
    let worth = worths(formulas, Tier::Coverage);
    let choices: Vec<Vec<f64>> = (formulas.pairs.iter())
        .map(|(pair, lot, _)| {
            let (fewest, most) = formulas.range(pair, lot);
            (0..=lot.quantity).map(as_f64).filter(|units| *units >= fewest && *units <= most + 1e-9).collect()
        })
        .collect();
    let mut units = vec![0.; choices.len()];
    let mut best = None;
    try_all(formulas, &choices, 0, &mut units, &mut |units| {
        let total = |coefficients: &[f64]| -> f64 {
            coefficients.iter().zip(units).map(|(factor, unit)| factor * unit).sum()
        };
        if rows.iter().all(|(coefficients, limit)| total(coefficients) <= limit + 1e-9) {
            let value = total(&worth);
            if best.is_none_or(|best| value > best) {
                best = Some(value);
            }
        }
    });
    best
}

fn try_all(
    formulas: &Formulas<'_>,
    choices: &[Vec<f64>],
    at: usize,
    units: &mut [f64],
    visit: &mut dyn FnMut(&[f64]),
) {
    let Some(of_pair) = choices.get(at) else {
        return visit(units);
    };
    let lot = formulas.pairs[at].1;
    let others: f64 = (formulas.pairs[..at].iter().zip(&*units))
        .filter(|((_, other, _), _)| other.id == lot.id)
        .map(|(_, units)| units)
        .sum();
    for choice in of_pair {
        if others + choice <= as_f64(lot.quantity) {
            units[at] = *choice;
            try_all(formulas, choices, at + 1, units, visit);
        }
    }
}
