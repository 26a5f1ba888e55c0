//! Whole units that keep every rule.
//!
//! Rounding each share by itself breaks rules: largest remainder in 120 of 160 random instances,
//! plain rounding down in 28, because a smaller N shrinks the right side of the dependency rule. So
//! units are first taken and given until every rule holds ([`rounding`]): where there are many offers that
//! loses next to nothing. Where it loses more, or a unit is a large part of a lot, rounding is a second
//! optimisation: awards become integers, between nothing and the next unit above their share, and the tiers
//! are maximised again in order. The engine's answer is tested in exact numbers; a row that it kept only
//! within its tolerance is tightened and solved again.

use std::cmp::Ordering;

use highs::Sense;
use num_traits::ToPrimitive;

use crate::{
    instance::Tier,
    model::{
        Network, Rules, count, double,
        engine::{Ended, IntegerSettings, Watch},
        linear::{Grain, columns_of},
        repair,
        sheet::Sheet,
        spread,
        tiers::{Goal, Reached, Relaxed, UNITS_TOLERANCE, sense},
    },
    outcome::RuleName,
    solve::SolveError,
};

use super::rounding::{self, Rounding};

/// A share this close to a whole unit is that unit: 1e-9 of the lot.
const SNAP: f64 = 1e-9;

/// Gap at which whole-unit awards count as best, for each offer that can be awarded: a unit more or
/// less weighs the less, the more of them there are.
const GAP_PER_OFFER: f64 = 1e-8;

/// The largest gap at which whole-unit awards count as best. With it a tight instance of 6,000 pairs
/// takes seconds to publish; without it the search for the last unit takes the whole time limit.
const MOST_GAP: f64 = 1e-5;

/// Nodes after which the best awards found are taken. A count, not a clock: equal runs, equal bytes.
const MOST_NODES: u32 = 200;

/// Share of the first tier that rounding near the shares may lose before all units are tried.
const MOST_LOSS: f64 = 0.01;

/// Share of the first tier that rounding without a search may lose where a search takes long.
const LITTLE_LOSS: f64 = 1e-3;

/// How far below its share an award may fall, attempt by attempt: so many units, or one in so many.
const BESIDE: [(u64, u64); 4] = [(2, 1000), (4, 20), (8, 4), (u64::MAX, 1)];

/// Up to so many offers all whole units are tried where those near the shares cost too much: the search takes
/// a second or two there, and minutes with ten times as many.
const FEW_OFFERS: usize = 1000;

/// How publication ended.
pub(crate) enum Published {
    /// Units per offer.
    Units(Vec<u64>),
    /// No rounding keeps these rules.
    Impossible(Vec<RuleName>),
    Cancelled,
}

/// Rounds shares to units. Begins with a rounding without awards.
pub(crate) fn publish(
    network: &Network<'_>,
    rules: &Rules,
    relaxed: &Relaxed,
    rounding: Rounding,
    watch: &mut Watch<'_>,
) -> Result<Published, SolveError> {
    if let Some(units) = &relaxed.units {
        // The model itself was over whole units, and its answer keeps every rule exactly.
        return Ok(Published::Units(units.clone()));
    }
    if let Some(units) = relaxed.published.as_ref().filter(|units| rules.broken(network, units).is_empty()) {
        return Ok(Published::Units(units.clone()));
    }
    let shares = &relaxed.shares;
    let (floor, ceiling) = neighbours(network, rules, shares);
    if floor == ceiling && rules.broken(network, &floor).is_empty() {
        return Ok(Published::Units(floor));
    }
    let rounded = rounding::round(network, rules, relaxed, &floor, rounding);
    let few = shares.len() <= FEW_OFFERS;
    if let Some(units) = rounded.as_ref().filter(|units| {
        let mut losses = relaxed.reached.iter().map(|model| loss(network, rules, model, units));
        if few {
            losses.all(|loss| loss <= MOST_GAP)
        } else {
            losses.next().is_none_or(|first| first <= LITTLE_LOSS)
        }
    }) {
        return Ok(Published::Units(units.clone()));
    }
    // First beside the shares, where the program is small, then ever further below them: where every buyer
    // of a supplier is at its cap, a unit less from one takes several from the others. Among all whole units
    // when nothing there keeps the rules, or, in an instance that is not too large for that, when the
    // nearest units cost too much of the first tier, as they do where a lot has only a few.
    let mut near = None;
    for (units, part) in BESIDE {
        let least: Vec<u64> =
            floor.iter().map(|floor| floor.saturating_sub(units.max(floor.div_ceil(part)))).collect();
        match optimise(network, rules, (&least, &ceiling), &relaxed.reached, watch)? {
            Rounded::Units(units) => {
                near = Some(units);
                break;
            }
            Rounded::Cancelled => return Ok(Published::Cancelled),
            Rounded::Infeasible | Rounded::Nothing => {}
        }
    }
    let better = |units: &Vec<u64>, than: &Option<Vec<u64>>| {
        than.as_ref().is_none_or(|than| is_better(network, rules, units, than))
    };
    if let Some(units) = rounded.filter(|units| better(units, &near)) {
        near = Some(units);
    }
    let first = relaxed.reached.first();
    let short = |units: &Vec<u64>| first.is_some_and(|first| loss(network, rules, first, units) > MOST_LOSS);
    if near.as_ref().is_none_or(|units| few && short(units)) {
        let nothing = vec![0; shares.len()];
        let all: Vec<u64> = (0..shares.len()).map(|i| network.quantity(i)).collect();
        match optimise(network, rules, (&nothing, &all), &relaxed.reached, watch)? {
            Rounded::Units(units) => {
                if better(&units, &near) {
                    near = Some(units);
                }
            }
            Rounded::Cancelled => return Ok(Published::Cancelled),
            Rounded::Infeasible | Rounded::Nothing => {}
        }
    }
    if let Some(units) = near {
        return Ok(Published::Units(units));
    }
    Ok(match repair::take_back(network, rules, floor) {
        Ok(units) => Published::Units(units),
        Err(broken) => match rules.decided_only(network) {
            Some(units) => Published::Units(units),
            None => Published::Impossible(broken),
        },
    })
}

/// What units lose of a tier's value in the model, relatively.
fn loss(network: &Network<'_>, rules: &Rules, model: &Reached, units: &[u64]) -> f64 {
    let published = double(&rules.tier_value(network, model.tier, units));
    let loss = match sense(model.tier) {
        Sense::Maximise => model.value - published,
        Sense::Minimise => published - model.value,
    };
    // Gains are those of a tier that pays for what another lost.
    loss.max(0.) / model.value.abs().max(1e-9)
}

/// Whether the tiers, in order, prefer units to others.
fn is_better(network: &Network<'_>, rules: &Rules, units: &[u64], to: &[u64]) -> bool {
    let objectives = &network.instance.objectives;
    let decided = objectives
        .iter()
        .map(|objective| ranked(network, rules, objective.tier, units, to))
        .find(|order| order.is_ne());
    decided.is_some_and(Ordering::is_gt)
}

/// How a tier ranks units against others.
fn ranked(network: &Network<'_>, rules: &Rules, tier: Tier, units: &[u64], to: &[u64]) -> Ordering {
    let order = rules.tier_value(network, tier, units).cmp(&rules.tier_value(network, tier, to));
    match sense(tier) {
        Sense::Maximise => order,
        Sense::Minimise => order.reverse(),
    }
}

/// The whole units on both sides of each share.
fn neighbours(network: &Network<'_>, rules: &Rules, shares: &[f64]) -> (Vec<u64>, Vec<u64>) {
    let unit = |value: f64| value.max(0.).to_u64().unwrap_or(0);
    shares
        .iter()
        .enumerate()
        .map(|(i, share)| {
            let quantity = network.quantity(i);
            if let Some(units) = rules.decided.get(&i) {
                return (*units, *units);
            }
            let exact = share * quantity.to_f64().unwrap_or(f64::MAX);
            let near = exact.round();
            if (exact - near).abs() <= SNAP * quantity.to_f64().unwrap_or(f64::MAX) {
                (unit(near).min(quantity), unit(near).min(quantity))
            } else {
                (unit(exact.floor()).min(quantity), unit(exact.ceil()).min(quantity))
            }
        })
        .unzip()
}

enum Rounded {
    Units(Vec<u64>),
    Infeasible,
    /// A limit was reached before there were any awards.
    Nothing,
    Cancelled,
}

/// The tiers in order, over whole units from `least` up to `most`.
fn optimise(
    network: &Network<'_>,
    rules: &Rules,
    (least, most): (&[u64], &[u64]),
    reached: &[Reached],
    watch: &mut Watch<'_>,
) -> Result<Rounded, SolveError> {
    let grain = Grain::Units(most);
    let open = count(most.iter().filter(|units| **units > 0).count() as u64);
    let integer = IntegerSettings {
        relative_gap: (GAP_PER_OFFER * open).clamp(GAP_PER_OFFER, MOST_GAP),
        most_nodes: Some(MOST_NODES),
        tolerance: UNITS_TOLERANCE,
    };
    let Some(mut sheet) = Sheet::new(network, rules, grain, integer, |_| true)? else {
        return Ok(Rounded::Infeasible);
    };
    sheet.at_least(least)?;
    let goals: Vec<Goal> = network
        .instance
        .objectives
        .iter()
        .map(|objective| Goal::new(network, rules, objective, grain))
        .collect();
    let mut best: Option<Vec<u64>> = None;
    // Without tiers one run for any solution.
    for step in 0..goals.len().max(1) {
        let last = step + 1 >= goals.len();
        let goal = goals.get(step);
        let columns = best.as_ref().map(|units| columns_of(network, rules, grain, units));
        let lowest = reached.get(step).map_or(0., |model| model.bound);
        let (ended, found) = run_tier(&mut sheet, goal, columns, (lowest, last), watch)?;
        match (ended, found) {
            (Ended::Cancelled, _) => return Ok(Rounded::Cancelled),
            (_, Some(columns)) => {
                let units = sheet.units(&columns);
                let better = match (&best, goal) {
                    (Some(held), Some(goal)) => ranked(network, rules, goal.tier, &units, held).is_ge(),
                    _ => true,
                };
                if better {
                    best = Some(units);
                }
            }
            (Ended::Infeasible, None) if best.is_none() => return Ok(Rounded::Infeasible),
            (_, None) => break,
        }
        if let (Some(goal), Some(units), false) = (goal.filter(|goal| goal.tier != Tier::Spread), &best, last)
        {
            let columns = columns_of(network, rules, grain, units);
            // The shares have spent the tolerance already: units do not spend it again.
            let rounded = goal.value(&columns);
            let held =
                reached.get(step).map_or(rounded, |model| goal.easier(rounded, goal.least(model.value)));
            goal.hold(&mut sheet.engine, held)?;
        }
    }
    Ok(best.map_or(Rounded::Nothing, Rounded::Units))
}

/// One tier over units, from awards where there are some already.
fn run_tier(
    sheet: &mut Sheet<'_>,
    goal: Option<&Goal>,
    columns: Option<Vec<f64>>,
    (lowest, last): (f64, bool),
    watch: &mut Watch<'_>,
) -> Result<(Ended, Option<Vec<f64>>), SolveError> {
    if let Some(goal) = goal.filter(|goal| goal.tier == Tier::Spread) {
        let search = spread::Search { tolerance: goal.tolerance, last, lowest };
        let step = spread::search(sheet, columns, &search, watch)?;
        return Ok((step.ended, step.columns));
    }
    if let Some(goal) = goal {
        sheet.set_objective(goal.sense(), &goal.costs);
        watch.unit = goal.scale;
    }
    if let Some(columns) = &columns {
        // Last of all: any other change makes the engine forget it.
        sheet.start_from(columns)?;
    }
    let answer = sheet.run(watch)?;
    Ok((answer.ended, answer.columns))
}
