//! The linear program as it is: suppliers that share nothing but lots and budgets.
//!
//! Offers stand by supplier. What a supplier's own rules are about are sums over its offers, its *slots*: the
//! annual amount for one buyer group, the load on one process. A dependency row is one slot less a share of all
//! of the supplier's annual slots, so that N is never written out. *Wide* rows reach across suppliers: the
//! demand of a lot, the budget of a buyer.
//!
//! Rows and columns are scaled: ten rounds of Ruiz's equilibration (RAL-TR-2001-034, 2001), then Pock's and
//! Chambolle's diagonal preconditioning (ICCV 2011), whose scaled matrix has a norm of at most 1.

use std::ops::Range;

use num_traits::{One, Zero};

use crate::model::{
    Column, Exact, Measure, Network, Relation, Rule, Rules, count, double,
    linear::{is_column_limit, share_limits},
};

/// Rounds of Ruiz's equilibration.
const RUIZ_ROUNDS: usize = 10;

/// Sparse terms by row or by offer: of position i, those from `starts[i]` to `starts[i + 1]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    starts: Vec<u32>,
    of: Vec<(u32, f64)>,
}

impl Terms {
    fn from_lists(lists: Vec<Vec<(u32, f64)>>) -> Self {
        let mut terms = Self { starts: vec![0], of: Vec::new() };
        for list in lists {
            terms.push(&list);
        }
        terms
    }

    fn push(&mut self, list: &[(u32, f64)]) {
        self.of.extend_from_slice(list);
        self.starts.push(u32::try_from(self.of.len()).unwrap_or(u32::MAX));
    }

    /// The terms at a position.
    #[inline]
    pub fn at(&self, position: usize) -> &[(u32, f64)] {
        &self.of[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    fn at_mut(&mut self, position: usize) -> &mut [(u32, f64)] {
        &mut self.of[self.starts[position] as usize..self.starts[position + 1] as usize]
    }
}

/// One supplier.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Positions in its part.
    pub offers: Range<usize>,
    pub slots: Range<usize>,
    pub rows: Range<usize>,
}

/// Consecutive suppliers: what one thread works on.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Index of the first offer in the network.
    pub first: usize,
    pub blocks: Vec<Block>,
    /// Of every offer, scaled.
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// What an offer's column is multiplied by to be a share of its lot.
    pub unit: Vec<f64>,
    /// Slots by offer.
    pub near: Terms,
    /// Wide rows by offer.
    pub far: Terms,
    /// Slots by row.
    pub rows: Terms,
    pub limits: Vec<f64>,
    pub slots: usize,
}

/// The program; every row is at most its limit.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub parts: Vec<Part>,
    /// Limits of the wide rows.
    pub wide_limits: Vec<f64>,
    pub offers: usize,
}

/// Whose rule it is.
enum Reach {
    Near(usize),
    Far,
}

impl Program {
    /// The program of rules that are all upper limits; `None` where some are not, or need more than shares.
    pub fn new(network: &Network<'_>, rules: &Rules, parts: usize) -> Option<Self> {
        if !rules.switches.is_empty() || !rules.cones.is_empty() {
            return None;
        }
        let limits = share_limits(network, rules)?;
        let mut near: Vec<Vec<&Rule>> = vec![Vec::new(); network.suppliers.len()];
        let mut far: Vec<&Rule> = Vec::new();
        for rule in &rules.list {
            let alone = rule.offers.len() == 1 && is_column_limit(network, rule);
            if alone || can_never_bind(network, rule, &limits) {
                continue;
            }
            if rule.relation != Relation::AtMost {
                return None;
            }
            match reach(network, rules, rule)? {
                Reach::Near(supplier) => near[supplier].push(rule),
                Reach::Far => far.push(rule),
            }
        }
        let mut program = Self {
            parts: Vec::new(),
            wide_limits: far.iter().map(|rule| double(&rule.limit)).collect(),
            offers: network.offers.len(),
        };
        let mut of_offer: Vec<Vec<(u32, f64)>> = vec![Vec::new(); network.offers.len()];
        for (row, rule) in far.iter().enumerate() {
            for offer in &rule.offers {
                let factor = network.per_lot(rule.measure, *offer);
                of_offer[*offer].push((u32::try_from(row).ok()?, factor));
            }
        }
        let mut builder = Builder { network, limits: &limits, near: &near, far: of_offer };
        let mut from = 0;
        for part in 0..parts.max(1) {
            let until = split(network, part + 1, parts.max(1));
            program.parts.push(builder.part(from..until)?);
            from = until;
        }
        program.scale();
        Some(program)
    }

    /// How many rows of single suppliers may bind, by offer.
    pub fn tightness(&self) -> f64 {
        let rows = count(self.parts.iter().map(|part| part.limits.len()).sum::<usize>() as u64);
        rows / count(self.offers.max(1) as u64)
    }

    /// Divides rows and columns until their norms are about 1.
    fn scale(&mut self) {
        let mut columns: Vec<Vec<f64>> = self.parts.iter().map(|part| vec![1.; part.low.len()]).collect();
        let mut rows: Vec<Vec<f64>> = self.parts.iter().map(|part| vec![1.; part.limits.len()]).collect();
        let mut wide = vec![1.; self.wide_limits.len()];
        for _ in 0..RUIZ_ROUNDS {
            self.norms(&mut columns, &mut rows, &mut wide, f64::max);
        }
        self.norms(&mut columns, &mut rows, &mut wide, |one, other| one + other);
        for ((part, columns), rows) in self.parts.iter_mut().zip(&columns).zip(&rows) {
            for (i, unit) in columns.iter().enumerate() {
                part.unit[i] = *unit;
                part.low[i] /= unit;
                part.high[i] /= unit;
                for (_, factor) in part.near.at_mut(i) {
                    *factor *= unit;
                }
                for (row, factor) in part.far.at_mut(i) {
                    *factor *= unit * wide[*row as usize];
                }
            }
            for (i, unit) in rows.iter().enumerate() {
                part.limits[i] *= unit;
                for (_, factor) in part.rows.at_mut(i) {
                    *factor *= unit;
                }
            }
        }
        for (limit, unit) in self.wide_limits.iter_mut().zip(&wide) {
            *limit *= unit;
        }
    }

    /// One round: divides by the square roots of the norms that `join` makes of the entries' sizes.
    fn norms(
        &self,
        columns: &mut [Vec<f64>],
        rows: &mut [Vec<f64>],
        wide: &mut [f64],
        join: impl Fn(f64, f64) -> f64,
    ) {
        let mut of_wide = vec![0.; wide.len()];
        for ((part, columns), rows) in self.parts.iter().zip(columns).zip(rows) {
            let mut of_row = vec![0.; rows.len()];
            let mut of_column = vec![0.; columns.len()];
            for block in &part.blocks {
                let mut slots = vec![0.; block.slots.len()];
                let mut prices = vec![0.; block.slots.len()];
                for i in block.offers.clone() {
                    for (slot, factor) in part.near.at(i) {
                        let slot = &mut slots[*slot as usize - block.slots.start];
                        *slot = join(*slot, factor.abs() * columns[i]);
                    }
                }
                for row in block.rows.clone() {
                    for (slot, factor) in part.rows.at(row) {
                        let slot = *slot as usize - block.slots.start;
                        of_row[row] = join(of_row[row], factor.abs() * rows[row] * slots[slot]);
                        prices[slot] = join(prices[slot], factor.abs() * rows[row]);
                    }
                }
                for i in block.offers.clone() {
                    for (slot, factor) in part.near.at(i) {
                        let price = prices[*slot as usize - block.slots.start];
                        of_column[i] = join(of_column[i], factor.abs() * columns[i] * price);
                    }
                    for (row, factor) in part.far.at(i) {
                        let size = factor.abs() * columns[i] * wide[*row as usize];
                        of_column[i] = join(of_column[i], size);
                        let of_wide = &mut of_wide[*row as usize];
                        *of_wide = join(*of_wide, size);
                    }
                }
            }
            divide(columns, &of_column);
            divide(rows, &of_row);
        }
        divide(wide, &of_wide);
    }
}

fn divide(units: &mut [f64], norms: &[f64]) {
    for (unit, norm) in units.iter_mut().zip(norms) {
        if *norm > 0. {
            *unit /= norm.sqrt();
        }
    }
}

/// The first supplier after a part, so that parts have as many offers.
fn split(network: &Network<'_>, part: usize, parts: usize) -> usize {
    let wanted = network.offers.len() * part / parts;
    let mut offers = 0;
    for (supplier, own) in network.by_supplier.iter().enumerate() {
        if part < parts && offers >= wanted {
            return supplier;
        }
        offers += own.len();
    }
    network.suppliers.len()
}

/// Whether no shares within the columns' limits break a rule.
fn can_never_bind(network: &Network<'_>, rule: &Rule, limits: &[(f64, f64)]) -> bool {
    if rule.relation != Relation::AtMost {
        return false;
    }
    // Totals with a negative factor only loosen it; the awards themselves count at least with 1 + factor.
    if rule.columns.iter().any(|(_, factor)| factor.is_positive()) {
        return false;
    }
    let own: f64 = match rule.columns.first() {
        Some((_, factor)) => double(&(Exact::one() + factor)).max(0.),
        None => 1.,
    };
    let most: f64 = rule.offers.iter().map(|i| network.per_lot(rule.measure, *i) * limits[*i].1).sum();
    own * most <= double(&rule.limit) * (1. - 1e-9) || rule.offers.is_empty() && !rule.limit.is_negative()
}

/// Who a rule is about; `None` where it is neither of one supplier alone nor a plain sum.
fn reach(network: &Network<'_>, rules: &Rules, rule: &Rule) -> Option<Reach> {
    let supplier = network.offers[*rule.offers.first()?].supplier;
    let alone = rule.offers.iter().all(|offer| network.offers[*offer].supplier == supplier);
    let own_totals = rule.columns.iter().all(|(column, _)| match column {
        Column::Total(total) => {
            rules.totals[*total].measure == Measure::Annual
                && rule.measure == Measure::Annual
                && rules.totals[*total].offers == network.by_supplier[supplier]
        }
        Column::Switch(_) => false,
    });
    if alone && own_totals {
        Some(Reach::Near(supplier))
    } else {
        // Totals of others, as of a buyer's awards, reach too far.
        rule.columns.is_empty().then_some(Reach::Far)
    }
}

struct Builder<'a> {
    network: &'a Network<'a>,
    limits: &'a [(f64, f64)],
    near: &'a [Vec<&'a Rule>],
    far: Vec<Vec<(u32, f64)>>,
}

impl Builder<'_> {
    fn part(&mut self, suppliers: Range<usize>) -> Option<Part> {
        let network = self.network;
        let own = suppliers.clone().flat_map(|supplier| network.by_supplier[supplier].iter().copied());
        let first = own.clone().next().unwrap_or(0);
        let offers = own.count();
        let mut part = Part {
            first,
            blocks: Vec::new(),
            low: Vec::with_capacity(offers),
            high: Vec::with_capacity(offers),
            unit: vec![1.; offers],
            near: Terms::from_lists(Vec::new()),
            far: Terms::from_lists(Vec::new()),
            rows: Terms::from_lists(Vec::new()),
            limits: Vec::new(),
            slots: 0,
        };
        for supplier in suppliers {
            self.block(&mut part, supplier)?;
        }
        Some(part)
    }

    fn block(&mut self, part: &mut Part, supplier: usize) -> Option<()> {
        let network = self.network;
        let offers = &network.by_supplier[supplier];
        let (Some(first), Some(last)) = (offers.first(), offers.last()) else {
            return Some(());
        };
        // The network sorts offers by supplier.
        debug_assert_eq!(last - first + 1, offers.len());
        let from = (part.low.len(), part.slots, part.limits.len());
        let mut near: Vec<Vec<(u32, f64)>> = vec![Vec::new(); offers.len()];
        let mut slots: Vec<(Measure, &[usize])> = Vec::new();
        let mut in_annual = vec![false; offers.len()];
        for rule in &self.near[supplier] {
            if slots.contains(&(rule.measure, &rule.offers[..])) {
                continue;
            }
            slots.push((rule.measure, &rule.offers));
            if rule.measure == Measure::Annual {
                for offer in &rule.offers {
                    in_annual[offer - first] = true;
                }
            }
        }
        let rest: Vec<usize> = offers.iter().copied().filter(|offer| !in_annual[offer - first]).collect();
        let needs_rest = self.near[supplier].iter().any(|rule| !rule.columns.is_empty());
        if needs_rest && !rest.is_empty() {
            slots.push((Measure::Annual, &rest));
        }
        for (slot, (measure, offers)) in slots.iter().enumerate() {
            let slot = u32::try_from(part.slots + slot).ok()?;
            for offer in *offers {
                near[offer - first].push((slot, network.per_lot(*measure, *offer)));
            }
        }
        for rule in &self.near[supplier] {
            let share: Exact = rule.columns.iter().map(|(_, factor)| factor.clone()).sum();
            let mut terms = Vec::new();
            for (slot, (measure, offers)) in slots.iter().enumerate() {
                let mut factor = Exact::zero();
                if *measure == Measure::Annual {
                    factor += &share;
                }
                if (*measure, *offers) == (rule.measure, &rule.offers[..]) {
                    factor += Exact::one();
                }
                if !factor.is_zero() {
                    terms.push((u32::try_from(part.slots + slot).ok()?, double(&factor)));
                }
            }
            part.rows.push(&terms);
            part.limits.push(double(&rule.limit));
        }
        for (offer, near) in offers.iter().zip(near) {
            let (low, high) = self.limits[*offer];
            part.low.push(low);
            part.high.push(high);
            part.near.push(&near);
            part.far.push(&std::mem::take(&mut self.far[*offer]));
        }
        part.slots += slots.len();
        part.blocks.push(Block {
            offers: from.0..part.low.len(),
            slots: from.1..part.slots,
            rows: from.2..part.limits.len(),
        });
        Some(())
    }
}
