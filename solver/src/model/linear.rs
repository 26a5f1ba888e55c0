//! The rules as a linear program over shares, or an integer program over units.

use good_lp::{Expression, ProblemVariables, SolverModel, Variable, solvers::highs::HighsProblem, variable};
use num_traits::{Signed, Zero};

use super::{
    Exact, Measure, Network, Relation, Rule, Rules,
    network::{count, double, whole},
};

/// What the columns count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Grain<'a> {
    /// Shares of lots.
    Shares,
    /// Whole units, up to these.
    Units(&'a [u64]),
}

/// The columns (every offer, then every total) and the rows of the rules for which `kept` holds,
/// without an objective; `None` if the columns' own limits already contradict each other.
pub(crate) fn formulate(
    network: &Network<'_>,
    rules: &Rules,
    grain: Grain<'_>,
    kept: impl Fn(usize) -> bool,
) -> Option<HighsProblem> {
    let kept: Vec<&Rule> =
        rules.list.iter().enumerate().filter_map(|(i, rule)| kept(i).then_some(rule)).collect();
    let mut variables = ProblemVariables::new();
    let columns = offer_columns(network, &kept, grain, &mut variables)?;
    let totals: Vec<Variable> = rules.totals.iter().map(|_| variables.add(variable().min(0))).collect();
    let mut problem = variables.minimise(Expression::default()).using(good_lp::highs);

    let all: Vec<Variable> = columns.into_iter().chain(totals).collect();
    let expression = |terms: &[(usize, f64)]| {
        let mut sum = Expression::with_capacity(terms.len());
        for (column, factor) in terms {
            sum.add_mul(*factor, all[*column]);
        }
        sum
    };

    for (i, total) in rules.totals.iter().enumerate() {
        let divisor = divisor(network, grain, total.measure, &total.offers, total.scale);
        let mut sum = terms(network, grain, total.measure, &total.offers, divisor);
        sum.push((network.offers.len() + i, -1.));
        problem.add_constraint(expression(&sum).eq(0.));
    }
    for rule in kept {
        if rule.less.is_none() && rule.offers.is_empty() {
            if keeps_when_empty(rule) {
                continue;
            }
            return None;
        }
        if is_column_limit(network, rule) && rule.offers.len() == 1 {
            continue;
        }
        let (terms, limit) = row(network, rules, grain, rule);
        let left = expression(&terms);
        problem.add_constraint(match rule.relation {
            Relation::AtMost => left.leq(limit),
            Relation::AtLeast => left.geq(limit),
            Relation::Exactly => left.eq(limit),
        });
    }
    Some(problem)
}

/// A rule as a row: factors by column, and the limit.
pub(crate) fn row(
    network: &Network<'_>,
    rules: &Rules,
    grain: Grain<'_>,
    rule: &Rule,
) -> (Vec<(usize, f64)>, f64) {
    let scale = row_divisor(network, grain, rule);
    let mut row = terms(network, grain, rule.measure, &rule.offers, scale);
    if let Some((total, factor)) = &rule.less {
        let of = &rules.totals[*total];
        let unit = divisor(network, grain, of.measure, &of.offers, of.scale);
        row.push((network.offers.len() + total, -double(factor) * unit / scale));
    }
    (row, double(&rule.limit) / scale)
}

/// What a rule's row is divided by.
pub(crate) fn row_divisor(network: &Network<'_>, grain: Grain<'_>, rule: &Rule) -> f64 {
    divisor(network, grain, rule.measure, &rule.offers, rule.scale)
}

/// The columns of an integer program that whole-unit awards stand for.
pub(crate) fn columns_of(network: &Network<'_>, rules: &Rules, units: &[u64]) -> Vec<f64> {
    let grain = Grain::Units(units);
    let totals = rules.totals.iter().map(|total| {
        let divisor = divisor(network, grain, total.measure, &total.offers, total.scale);
        terms(network, grain, total.measure, &total.offers, divisor)
            .into_iter()
            .map(|(offer, factor)| factor * count(units[offer]))
            .sum()
    });
    units.iter().map(|units| count(*units)).chain(totals).collect()
}

/// One column per offer, with the limits that rules about single awards set.
fn offer_columns(
    network: &Network<'_>,
    kept: &[&Rule],
    grain: Grain<'_>,
    variables: &mut ProblemVariables,
) -> Option<Vec<Variable>> {
    let mut limits: Vec<(Exact, Option<Exact>)> = (0..network.offers.len())
        .map(|i| match grain {
            Grain::Shares => (Exact::zero(), None),
            Grain::Units(most) => (Exact::zero(), Some(whole(most[i]))),
        })
        .collect();
    for rule in kept.iter().filter(|rule| is_column_limit(network, rule)) {
        for offer in &rule.offers {
            let limit = &rule.limit / network.per_unit(rule.measure, *offer);
            let (low, high) = &mut limits[*offer];
            if rule.relation != Relation::AtMost && limit > *low {
                low.clone_from(&limit);
            }
            if rule.relation != Relation::AtLeast && high.as_ref().is_none_or(|high| limit < *high) {
                *high = Some(limit);
            }
        }
    }
    limits
        .into_iter()
        .enumerate()
        .map(|(i, (low, high))| {
            let (low, high, per) = match grain {
                Grain::Shares => (low, high, count(network.quantity(i))),
                Grain::Units(_) => (low.ceil(), high.map(|high| high.floor()), 1.),
            };
            if high.as_ref().is_some_and(|high| *high < low) {
                return None;
            }
            let mut column = variable().min(double(&low) / per);
            if let Some(high) = high {
                column = column.max(double(&high) / per);
            }
            if matches!(grain, Grain::Units(_)) {
                column = column.integer();
            }
            Some(variables.add(column))
        })
        .collect()
}

/// Whether a rule limits each of its columns by itself: rules about one award, and those at-most
/// rules whose terms cannot make up for each other.
fn is_column_limit(network: &Network<'_>, rule: &Rule) -> bool {
    let alone = rule.offers.len() == 1 || rule.relation == Relation::AtMost;
    let positive = |offer: &usize| network.per_unit(rule.measure, *offer).is_positive();
    alone && rule.less.is_none() && !rule.offers.is_empty() && rule.offers.iter().all(positive)
}

fn keeps_when_empty(rule: &Rule) -> bool {
    match rule.relation {
        Relation::AtMost => !rule.limit.is_negative(),
        Relation::AtLeast => !rule.limit.is_positive(),
        Relation::Exactly => rule.limit.is_zero(),
    }
}

/// What a row is divided by: over shares its scale; over units its largest coefficient, so that the
/// engine's absolute tolerance stays far below one unit.
fn divisor(network: &Network<'_>, grain: Grain<'_>, measure: Measure, offers: &[usize], scale: f64) -> f64 {
    match grain {
        Grain::Shares => scale,
        Grain::Units(_) => {
            let largest =
                offers.iter().map(|offer| double(network.per_unit(measure, *offer))).fold(0., f64::max);
            if largest > 0. { largest } else { 1. }
        }
    }
}

fn terms(
    network: &Network<'_>,
    grain: Grain<'_>,
    measure: Measure,
    offers: &[usize],
    divisor: f64,
) -> Vec<(usize, f64)> {
    offers
        .iter()
        .map(|offer| {
            let factor = match grain {
                Grain::Shares => network.per_lot(measure, *offer),
                Grain::Units(_) => double(network.per_unit(measure, *offer)),
            };
            (*offer, factor / divisor)
        })
        .filter(|(_, factor)| *factor != 0.)
        .collect()
}
