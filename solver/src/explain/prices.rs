//! What binding caps and capacities cost.

use std::str::FromStr;

use super::{
    Explain, Solved,
    again::{Again, Ended, change},
};
use crate::{
    Decimal, Instance,
    instance::Cap,
    model::{Measure, Rule, double, rules::binds},
    outcome::{Price, TierPrice},
    solve::SolveError,
};

/// By how much a cap is moved: a tenth of a percent point.
const CAP_STEP: Decimal = Decimal::new(1, 3);

/// The same in percent points, as it is printed.
const CAP_STEP_POINTS: &str = "0.1";

/// By how much a capacity is moved: a hundredth of it.
const CAPACITY_STEP: f64 = 0.01;

/// The same in percent, as it is printed.
const CAPACITY_STEP_PERCENT: &str = "1";

/// Decimal places of a moved capacity.
const CAPACITY_PLACES: usize = 9;

/// A price on its way, and the limit that it is about.
pub(super) struct Priced {
    pub price: Price,
    limit: Limit,
}

enum Limit {
    Cap { supplier: String, group: String, at: Decimal },
    Capacity { supplier: String, process: String, at: Decimal },
}

/// Every binding limit, with its estimate.
pub(super) fn estimates(solved: &Solved<'_>, explain: &Explain) -> Vec<Priced> {
    let network = solved.network;
    let mut priced: Vec<Priced> = Vec::new();
    for (i, rule) in solved.rules.list.iter().enumerate() {
        let Some((limit, step, per_step)) = moved(solved, i, rule) else {
            continue;
        };
        if !explain.covers(&rule.name.subject[0]) || !binds(network, solved.rules, i, &solved.relaxed.shares)
        {
            continue;
        }
        let dual = solved.relaxed.duals.as_ref().and_then(|duals| duals.of_rule(i));
        let price = Price {
            rule: rule.name.clone(),
            step: step.to_owned(),
            estimate: dual.map(|dual| dual * per_step),
            tiers: unsolved(solved),
        };
        priced.push(Priced { price, limit });
    }
    priced.sort_by(|one, other| one.price.rule.cmp(&other.price.rule));
    priced
}

/// A rule that can be priced: its limit, its step, and by how much the right side of its row grows, over
/// the left side, per percent point (percent).
fn moved(solved: &Solved<'_>, index: usize, rule: &Rule) -> Option<(Limit, &'static str, f64)> {
    let [supplier, other] = &rule.name.subject[..] else {
        return None;
    };
    match rule.name.rule.as_str() {
        "capacity" => {
            let rows = &solved.network.instance.capacity;
            let row = rows.iter().find(|row| row.supplier == *supplier && row.process == *other)?;
            let limit =
                Limit::Capacity { supplier: supplier.clone(), process: other.clone(), at: row.amount };
            (!row.amount.is_zero()).then_some((limit, CAPACITY_STEP_PERCENT, row.amount.to_f64() / 100.))
        }
        "dependency" => {
            let position = solved.network.supplier(supplier)?;
            let standing = solved.standings.groups.get(&(position, other.clone()))?;
            let at = standing.cap?;
            debug_assert_eq!(solved.rules.dependency.get(&(position, other.clone())), Some(&index));
            let base = solved.standings.base[position].as_ref();
            let sales = base.map_or(0., double);
            // R counts only where the supplier does not keep what it has above its cap.
            let keeps = base.is_some_and(|base| standing.existing > at.to_exact() * base)
                && solved.standings.room(position, standing, &at.to_exact())
                    > solved.network.instance.dependency_allowance.to_exact();
            let new: f64 = if solved.standings.projected() && base.is_some() {
                let offers = &solved.network.by_supplier[position];
                offers
                    .iter()
                    .map(|i| solved.network.per_lot(Measure::Annual, *i) * solved.relaxed.shares[*i])
                    .sum()
            } else {
                0.
            };
            let slope = if keeps { new } else { sales + new };
            let limit = Limit::Cap { supplier: supplier.clone(), group: other.clone(), at };
            Some((limit, CAP_STEP_POINTS, slope / 100.))
        }
        _ => None,
    }
}

fn unsolved(solved: &Solved<'_>) -> Vec<TierPrice> {
    let reached = solved.relaxed.reached.iter();
    reached
        .map(|reached| TierPrice { name: reached.tier.name().to_owned(), tighter: None, looser: None })
        .collect()
}

/// Solves each limit again, a little tighter and a little looser; whether time sufficed for all.
pub(super) fn facts(priced: &mut [Priced], again: &mut Again<'_, '_>) -> Result<bool, SolveError> {
    for Priced { price, limit } in priced {
        for looser in [false, true] {
            let Some((step, by)) = limit.step(looser) else {
                continue;
            };
            let values = match again.with(|instance| step(instance))? {
                Ended::Values(values) => values,
                Ended::Infeasible => continue,
                Ended::Unfinished => return Ok(false),
            };
            for ((tier, value), before) in price.tiers.iter_mut().zip(values).zip(&again.before) {
                let per_step = change(*before, value, by);
                *(if looser { &mut tier.looser } else { &mut tier.tighter }) = Some(per_step);
            }
        }
    }
    Ok(true)
}

type Change = Box<dyn FnOnce(&mut Instance)>;

impl Limit {
    /// The change, and its size in percent points (percent); `None` where the limit cannot move that way.
    fn step(&self, looser: bool) -> Option<(Change, f64)> {
        match self {
            Self::Cap { supplier, group, at } => {
                let step = if looser { CAP_STEP } else { Decimal::new(-1, 3) };
                let to = at.checked_add(step).filter(|to| !to.is_negative() && *to <= Decimal::ONE)?;
                let row = Cap { supplier: supplier.clone(), group: group.clone(), dependency_cap: to };
                Some((Box::new(move |instance| set_cap(instance, row)), 0.1))
            }
            Self::Capacity { supplier, process, at } => {
                let factor = if looser { 1. + CAPACITY_STEP } else { 1. - CAPACITY_STEP };
                let to = format!("{:.places$}", at.to_f64() * factor, places = CAPACITY_PLACES);
                let to = Decimal::from_str(&to).ok()?;
                let by = (to.to_f64() / at.to_f64() - 1.).abs() * 100.;
                let (supplier, process) = (supplier.clone(), process.clone());
                let change = move |instance: &mut Instance| {
                    for row in &mut instance.capacity {
                        if row.supplier == supplier && row.process == process {
                            row.amount = to;
                        }
                    }
                };
                (by > 0.).then(|| (Box::new(change) as Change, by))
            }
        }
    }
}

fn set_cap(instance: &mut Instance, row: Cap) {
    let same = |held: &&mut Cap| held.supplier == row.supplier && held.group == row.group;
    if let Some(held) = instance.caps.iter_mut().find(same) {
        held.dependency_cap = row.dependency_cap;
    } else {
        instance.caps.push(row);
        instance.caps.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
    }
}
