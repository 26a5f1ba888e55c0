//! The rules as a program over shares (linear, or with binaries), or an integer program over units.
//!
//! Columns: every offer, then every total, then every switch. Rows: what totals are, what switches
//! mean, and the rules. A switch that could be 0 beside awards gets u ≤ most · y for its awards, with
//! the least `most` that the rules kept give; one that could be 1 without any gets Σ u ≥ y. Such rows
//! carry the meaning of the switch and the limits of its columns, and no rule that was left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use good_lp::{Expression, ProblemVariables, SolverModel, Variable, solvers::highs::HighsProblem, variable};
use num_traits::Zero;

use super::{
    Column, Exact, Measure, Network, Relation, Rule, Rules,
    network::{count, double, whole},
    rules::Tangent,
    spread::SpreadRow,
};

/// What the columns count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Grain<'a> {
    /// Shares of lots.
    Shares,
    /// Whole units, up to these.
    Units(&'a [u64]),
}

/// A program without an objective, as plain numbers.
#[derive(Debug)]
pub(crate) struct Program {
    pub columns: Vec<ColumnLimits>,
    pub rows: Vec<LimitedRow>,
}

/// Between what a column may move.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct ColumnLimits {
    pub low: f64,
    pub high: f64,
    pub integer: bool,
}

/// Terms by column, between two limits.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct LimitedRow {
    pub terms: Vec<(usize, f64)>,
    pub low: f64,
    pub high: f64,
}

impl LimitedRow {
    fn new(terms: Vec<(usize, f64)>, relation: Relation, limit: f64) -> Self {
        let (low, high) = match relation {
            Relation::AtMost => (f64::NEG_INFINITY, limit),
            Relation::AtLeast => (limit, f64::INFINITY),
            Relation::Exactly => (limit, limit),
        };
        Self { terms, low, high }
    }
}

impl Program {
    /// The program as `good_lp` states it.
    pub fn problem(&self) -> HighsProblem {
        let mut variables = ProblemVariables::new();
        let columns: Vec<Variable> = (self.columns.iter())
            .map(|of| {
                let column = variable().min(of.low).max(of.high);
                variables.add(if of.integer { column.integer() } else { column })
            })
            .collect();
        let mut problem = variables.minimise(Expression::default()).using(good_lp::highs);
        for row in &self.rows {
            let mut sum = Expression::with_capacity(row.terms.len());
            for (column, factor) in &row.terms {
                sum.add_mul(*factor, columns[*column]);
            }
            problem.add_constraint(match (row.low.is_finite(), row.high.is_finite()) {
                (false, _) => sum.leq(row.high),
                (true, false) => sum.geq(row.low),
                // Rules compare with one limit only.
                (true, true) => sum.eq(row.high),
            });
        }
        problem
    }
}

/// A program without an objective, and what its columns and rows stand for.
pub(crate) struct Formulation {
    pub program: Program,
    /// Whether some columns are integer.
    pub integer: bool,
    /// Over units, the most of each offer.
    pub most: Vec<f64>,
    pub rows: RowOfRule,
}

/// By rule: its row, if it has one and is not merely the limit of a column.
pub(crate) type RowOfRule = Arc<[Option<usize>]>;

/// Terms by column, compared with a limit.
pub(crate) type Row = (Vec<(usize, f64)>, f64);

/// The columns and the rows of the rules for which `kept` holds; `None` if the columns' own limits
/// already contradict each other. Cones are left to tangents. Only the switches of kept rules are tied to
/// awards, unless all are asked for.
pub(crate) fn formulate(
    network: &Network<'_>,
    rules: &Rules,
    grain: Grain<'_>,
    kept: impl Fn(usize) -> bool,
    all_switches: bool,
) -> Option<Formulation> {
    let (positions, kept): (Vec<usize>, Vec<&Rule>) =
        rules.list.iter().enumerate().filter(|(i, _)| kept(*i)).unzip();
    let limits = limits(network, &kept, grain);
    let used = used_switches(rules, &kept, all_switches);
    let mut columns = offer_columns(network, &limits, grain)?;
    let total = ColumnLimits { low: 0., high: f64::INFINITY, integer: false };
    columns.extend(rules.totals.iter().map(|_| total));
    columns.extend((0..rules.switches.len()).map(|switch| ColumnLimits {
        low: 0.,
        high: 1.,
        integer: used.contains(&switch),
    }));
    let mut all = Vec::with_capacity(rules.totals.len() + rules.list.len());
    for (i, total) in rules.totals.iter().enumerate() {
        let unit = total_unit(network, rules, grain, i);
        let mut sum = terms(network, grain, total.measure, &total.offers, unit);
        sum.push((column(network, rules, Column::Total(i)), -1.));
        all.push(LimitedRow::new(sum, Relation::Exactly, 0.));
    }
    let links = Links { network, rules, grain, limits: &limits, kept: &kept, used: &used };
    all.extend(
        links.rows().into_iter().map(|(terms, limit)| LimitedRow::new(terms, Relation::AtMost, limit)),
    );
    let mut rows = vec![None; rules.list.len()];
    for (i, rule) in positions.into_iter().zip(kept.iter().copied()) {
        if rule.columns.is_empty() && rule.offers.is_empty() {
            if keeps_when_empty(rule) {
                continue;
            }
            return None;
        }
        if is_column_limit(network, rule) && rule.offers.len() == 1 {
            continue;
        }
        let (terms, limit) =
            links.opened_by_its_supplier(rule).unwrap_or_else(|| row(network, rules, grain, rule));
        rows[i] = Some(all.len());
        all.push(LimitedRow::new(terms, rule.relation, limit));
    }
    let integer = !used.is_empty() || matches!(grain, Grain::Units(_));
    let most = match grain {
        Grain::Shares => Vec::new(),
        Grain::Units(_) => {
            limits.iter().map(|(_, high)| high.as_ref().map_or(f64::INFINITY, double)).collect()
        }
    };
    Some(Formulation { program: Program { columns, rows: all }, integer, most, rows: rows.into() })
}

/// The position of a column.
pub(crate) fn column(network: &Network<'_>, rules: &Rules, column: Column) -> usize {
    match column {
        Column::Total(total) => network.offers.len() + total,
        Column::Switch(switch) => network.offers.len() + rules.totals.len() + switch,
    }
}

/// A rule as a row.
pub(crate) fn row(network: &Network<'_>, rules: &Rules, grain: Grain<'_>, rule: &Rule) -> Row {
    let scale = row_divisor(network, grain, rule);
    let mut row = terms(network, grain, rule.measure, &rule.offers, scale);
    for (of, factor) in &rule.columns {
        let unit = match of {
            Column::Total(total) => total_unit(network, rules, grain, *total),
            Column::Switch(_) => 1.,
        };
        row.push((column(network, rules, *of), double(factor) * unit / scale));
    }
    (row, double(&rule.limit) / scale)
}

/// What a rule's row is divided by.
pub(crate) fn row_divisor(network: &Network<'_>, grain: Grain<'_>, rule: &Rule) -> f64 {
    divisor(network, grain, rule.measure, &rule.offers, rule.scale)
}

/// A tangent of a cone as an at-most row, divided by the cone's scale or, over units, by its largest
/// factor; and that divisor.
pub(crate) fn tangent_row(
    network: &Network<'_>,
    rules: &Rules,
    grain: Grain<'_>,
    tangent: &Tangent,
    scale: f64,
) -> (Row, f64) {
    let offers: Vec<usize> = tangent.offers.iter().map(|(offer, _)| *offer).collect();
    let scale = divisor(network, grain, Measure::Annual, &offers, scale);
    let mut row: Vec<(usize, f64)> = tangent
        .offers
        .iter()
        .map(|(offer, factor)| (*offer, factor * per_column(network, grain, Measure::Annual, *offer) / scale))
        .filter(|(_, factor)| *factor != 0.)
        .collect();
    if let Some((total, factor)) = tangent.total {
        let unit = total_unit(network, rules, grain, total);
        row.push((column(network, rules, Column::Total(total)), -factor * unit / scale));
    }
    ((row, tangent.limit / scale), scale)
}

/// The row E + A − room ≤ min(t, τ') · base of the tier `spread`, for (τ', t). Its last term is that of N, if it has
/// one. Its limit is infinite where τ' asks nothing that the rules do not ask already.
pub(crate) fn spread_row(
    network: &Network<'_>,
    rules: &Rules,
    grain: Grain<'_>,
    of: &SpreadRow,
    (spread, rule): (f64, f64),
) -> Row {
    let scale = spread_divisor(network, grain, of);
    let cap = rule.min(spread);
    let mut row = terms(network, grain, Measure::Annual, &of.offers, scale);
    if let Some(total) = of.total {
        let unit = total_unit(network, rules, grain, total);
        row.push((column(network, rules, Column::Total(total)), -cap * unit / scale));
    }
    let limit = if spread >= rule {
        f64::INFINITY
    } else {
        (cap * double(&of.base) - double(&of.above_room)) / scale
    };
    (row, limit)
}

/// What a row of the tier `spread` is divided by.
pub(crate) fn spread_divisor(network: &Network<'_>, grain: Grain<'_>, of: &SpreadRow) -> f64 {
    divisor(network, grain, Measure::Annual, &of.offers, of.scale)
}

/// The columns that whole-unit awards stand for.
pub(crate) fn columns_of(network: &Network<'_>, rules: &Rules, grain: Grain<'_>, units: &[u64]) -> Vec<f64> {
    let own: Vec<f64> = units
        .iter()
        .enumerate()
        .map(|(i, units)| match grain {
            Grain::Shares => count(*units) / count(network.quantity(i)),
            Grain::Units(_) => count(*units),
        })
        .collect();
    let mut columns = own.clone();
    columns.extend(rules.totals.iter().enumerate().map(|(i, total)| {
        let unit = total_unit(network, rules, grain, i);
        let terms = terms(network, grain, total.measure, &total.offers, unit);
        terms.into_iter().map(|(offer, factor)| factor * own[offer]).sum::<f64>()
    }));
    columns.extend((0..rules.switches.len()).map(|switch| f64::from(u8::from(rules.is_on(switch, units)))));
    columns
}

/// What a total's column is counted in.
fn total_unit(network: &Network<'_>, rules: &Rules, grain: Grain<'_>, total: usize) -> f64 {
    let total = &rules.totals[total];
    divisor(network, grain, total.measure, &total.offers, total.scale)
}

/// Lowest and highest units of every offer, as rules about single awards set them.
type Limits = Vec<(Exact, Option<Exact>)>;

fn limits(network: &Network<'_>, kept: &[&Rule], grain: Grain<'_>) -> Limits {
    let mut limits: Limits = (0..network.offers.len())
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
    if let Grain::Units(_) = grain {
        for (low, high) in &mut limits {
            *low = low.ceil();
            *high = high.take().map(|high| high.floor());
        }
    }
    limits
}

/// One column per offer, within its limits.
fn offer_columns(network: &Network<'_>, limits: &Limits, grain: Grain<'_>) -> Option<Vec<ColumnLimits>> {
    limits
        .iter()
        .enumerate()
        .map(|(i, (low, high))| {
            if high.as_ref().is_some_and(|high| high < low) {
                return None;
            }
            let per = match grain {
                Grain::Shares => count(network.quantity(i)),
                Grain::Units(_) => 1.,
            };
            Some(ColumnLimits {
                low: double(low) / per,
                high: high.as_ref().map_or(f64::INFINITY, |high| double(high) / per),
                integer: matches!(grain, Grain::Units(_)),
            })
        })
        .collect()
}

/// The least and largest share of every offer, as rules about single awards set them; `None` if they contradict
/// each other.
pub(crate) fn share_limits(network: &Network<'_>, rules: &Rules) -> Option<Vec<(f64, f64)>> {
    let kept: Vec<&Rule> = rules.list.iter().collect();
    let columns = offer_columns(network, &limits(network, &kept, Grain::Shares), Grain::Shares)?;
    Some(columns.into_iter().map(|column| (column.low, column.high)).collect())
}

/// The switches that the kept rules refer to; all of them, with those that only tiers count, when every
/// rule is kept.
fn used_switches(rules: &Rules, kept: &[&Rule], all: bool) -> BTreeSet<usize> {
    if all || kept.len() == rules.list.len() {
        return (0..rules.switches.len()).collect();
    }
    let columns = kept.iter().flat_map(|rule| &rule.columns);
    columns
        .filter_map(|(column, _)| match column {
            Column::Switch(switch) => Some(*switch),
            Column::Total(_) => None,
        })
        .collect()
}

/// What switches mean, as at-most rows.
struct Links<'a> {
    network: &'a Network<'a>,
    rules: &'a Rules,
    grain: Grain<'a>,
    limits: &'a Limits,
    kept: &'a [&'a Rule],
    used: &'a BTreeSet<usize>,
}

impl Links<'_> {
    fn rows(&self) -> Vec<Row> {
        let by_offers: BTreeMap<&[usize], usize> =
            self.used.iter().map(|switch| (&self.rules.switches[*switch].offers[..], *switch)).collect();
        let mut together: BTreeMap<&[usize], &Exact> = BTreeMap::new();
        for rule in
            self.kept.iter().filter(|rule| rule.offers.len() > 1 && is_column_limit(self.network, rule))
        {
            if rule.measure == Measure::Units {
                let held = together.entry(&rule.offers).or_insert(&rule.limit);
                *held = (*held).min(&rule.limit);
            }
        }
        let mut rows = Vec::new();
        for switch in self.used {
            let of = &self.rules.switches[*switch];
            if of.follows_award {
                self.follows(*switch, &by_offers, &together, &mut rows);
            }
            if of.needs_award {
                rows.push(self.needs(*switch));
            }
        }
        rows
    }

    /// Awards only where the switch is on: by bid, u ≤ most · y; or, where the bid has a switch of its
    /// own, that one only where this one is on.
    fn follows(
        &self,
        switch: usize,
        by_offers: &BTreeMap<&[usize], usize>,
        together: &BTreeMap<&[usize], &Exact>,
        rows: &mut Vec<Row>,
    ) {
        let y = column(self.network, self.rules, Column::Switch(switch));
        let mut by_bid: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for offer in &self.rules.switches[switch].offers {
            by_bid.entry(self.network.offers[*offer].bid).or_default().push(*offer);
        }
        for offers in by_bid.into_values() {
            let finer = by_offers
                .get(&offers[..])
                .filter(|finer| **finer != switch && self.rules.switches[**finer].follows_award);
            if let Some(finer) = finer {
                let finer = column(self.network, self.rules, Column::Switch(*finer));
                rows.push((vec![(finer, 1.), (y, -1.)], 0.));
                continue;
            }
            let quantity = whole(self.network.quantity(offers[0]));
            let mut most: Exact =
                offers.iter().map(|offer| self.limits[*offer].1.as_ref().unwrap_or(&quantity)).sum();
            most = most.min(quantity);
            if let Some(limit) = together.get(&offers[..]) {
                most = most.min((*limit).clone());
            }
            let most = double(&most);
            let mut row: Vec<(usize, f64)> = offers
                .iter()
                .map(|offer| (*offer, per_column(self.network, self.grain, Measure::Units, *offer)))
                .collect();
            // Divided by the most, so that the engine's tolerance on y moves few units.
            let unit = if most > 0. { most } else { 1. };
            for (_, factor) in &mut row {
                *factor /= unit;
            }
            row.push((y, -most / unit));
            rows.push((row, 0.));
        }
    }

    /// On only beside at least one unit.
    fn needs(&self, switch: usize) -> Row {
        let offers = &self.rules.switches[switch].offers;
        let largest = offers
            .iter()
            .map(|offer| per_column(self.network, self.grain, Measure::Units, *offer))
            .fold(1., f64::max);
        let mut row: Vec<(usize, f64)> = offers
            .iter()
            .map(|offer| (*offer, -per_column(self.network, self.grain, Measure::Units, *offer) / largest))
            .collect();
        row.push((column(self.network, self.rules, Column::Switch(switch)), 1. / largest));
        (row, 0.)
    }

    /// A capacity that only exists where its supplier gets anything: Σ load · u ≤ amount · y, the strong
    /// form of facility location (Cornuéjols, Sridharan & Thizy, EJOR 50, 1991).
    fn opened_by_its_supplier(&self, rule: &Rule) -> Option<Row> {
        if rule.name.rule != "capacity" {
            return None;
        }
        let supplier = self.network.offers[*rule.offers.first()?].supplier;
        let switch = self.rules.supplier_switches.get(&supplier)?;
        if !self.used.contains(switch) || !self.rules.switches[*switch].follows_award {
            return None;
        }
        let (mut terms, limit) = row(self.network, self.rules, self.grain, rule);
        let all: f64 = terms
            .iter()
            .map(|(offer, factor)| {
                let high = self.limits[*offer].1.as_ref().map_or(f64::INFINITY, double);
                let per = match self.grain {
                    Grain::Shares => count(self.network.quantity(*offer)),
                    Grain::Units(_) => 1.,
                };
                factor * high / per
            })
            .sum();
        if !limit.min(all).is_finite() {
            return None;
        }
        terms.push((column(self.network, self.rules, Column::Switch(*switch)), -limit.min(all)));
        Some((terms, 0.))
    }
}

/// Whether a rule limits each of its columns by itself: rules about one award, and those at-most
/// rules whose terms cannot make up for each other.
pub(crate) fn is_column_limit(network: &Network<'_>, rule: &Rule) -> bool {
    let alone = rule.offers.len() == 1 || rule.relation == Relation::AtMost;
    let positive = |offer: &usize| network.per_unit(rule.measure, *offer).is_positive();
    alone && rule.columns.is_empty() && !rule.offers.is_empty() && rule.offers.iter().all(positive)
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
        Grain::Units(_) if !offers.is_empty() => {
            let largest = offers.iter().map(|offer| network.near_unit(measure, *offer)).fold(0., f64::max);
            if largest > 0. { largest } else { 1. }
        }
        // Without offers there is no unit to stay below.
        _ => scale,
    }
}

/// What one of an offer's columns counts as.
fn per_column(network: &Network<'_>, grain: Grain<'_>, measure: Measure, offer: usize) -> f64 {
    match grain {
        Grain::Shares => network.per_lot(measure, offer),
        Grain::Units(_) => network.near_unit(measure, offer),
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
        .map(|offer| (*offer, per_column(network, grain, measure, *offer) / divisor))
        .filter(|(_, factor)| *factor != 0.)
        .collect()
}
