//! Whole units beside the shares, without a search.
//!
//! Rules that only limit from above, E + A ≤ b + t · N among them, have a useful property: of two awards that
//! keep them, the larger of each keeps them as well, as long as lots, capacities and budgets have room, because
//! the right sides grow with the awards. So below any start there is a greatest rounding that keeps them, and
//! taking from broken rows until none is broken arrives at it (Tarski's fixed point, Pacific Journal of
//! Mathematics 5, 1955). Awards go down from the rounded shares in this way, then up, supplier by supplier,
//! with what is left of their lots. It is linear in the non-zeros, where a search among whole units takes
//! minutes when most caps bind.
//!
//! The work is done in doubles, and its outcome counts only if it keeps every rule in exact numbers.

use std::{cmp::Ordering, collections::BTreeSet};

use num_traits::ToPrimitive;

use crate::{
    instance::Tier,
    model::{Column, Measure, Network, Relation, Rules, count, double, repair, tiers::Relaxed},
};

/// What a row may be over its limit, as a part of its scale: noise of doubles.
const NOISE: f64 = 1e-12;

/// Rounds of filling up what is left of lots.
const MOST_FILLS: usize = 4;

/// By how much the smallest τ' of tier `spread` may rise, attempt by attempt.
const GIVES: [f64; 4] = [0., 1e-3, 1e-2, f64::INFINITY];

/// Whole units that keep every rule, near the shares, from a [`Rounding`] without awards; `None` if taking and filling up finds none.
pub(super) fn round(
    network: &Network<'_>,
    rules: &Rules,
    relaxed: &Relaxed,
    floor: &[u64],
    draft: Rounding,
) -> Option<Vec<u64>> {
    let spread = relaxed.reached.iter().find(|reached| reached.tier == Tier::Spread);
    let attempts = if spread.is_some() { &GIVES[..] } else { &GIVES[..1] };
    let mut draft = Some(draft);
    attempts.iter().find_map(|give| {
        let mut rounding = if attempts.len() == 1 { draft.take() } else { draft.clone() }?;
        if let Some(reached) = spread {
            rounding.spread_at(network, rules, reached.value + give);
        }
        rounding.begin(floor);
        rounding.share_out_remainders(network, rules, &relaxed.shares);
        let broken = (0..rounding.rows.len()).filter(|row| rounding.over(*row) > rounding.rows[*row].noise);
        let broken = broken.collect();
        if !rounding.take(broken) {
            return None;
        }
        rounding.fill(network, rules, &relaxed.shares);
        if rules.broken(network, &rounding.units).is_empty() {
            return Some(rounding.units);
        }
        repair::take_back(network, rules, rounding.units).ok()
    })
}

/// Σ factor · units + Σ factor · total ≤ limit.
#[derive(Clone)]
struct Row {
    /// In the order in which they are taken from.
    offers: Vec<(usize, f64)>,
    totals: Vec<(usize, f64)>,
    limit: f64,
    noise: f64,
    /// Σ factor · units now, without totals.
    sum: f64,
}

/// Σ factor · units ≥ limit, of one lot.
#[derive(Clone)]
struct Least {
    limit: f64,
    sum: f64,
}

/// Awards on their way to whole units.
#[derive(Clone)]
pub(crate) struct Rounding {
    units: Vec<u64>,
    /// What awards are not taken below.
    low: Vec<u64>,
    /// Of every offer, its lot.
    lots: Vec<usize>,
    /// Of every lot, what is awarded of it now.
    awarded: Vec<u64>,
    rows: Vec<Row>,
    /// Of every offer, its rows and factors there.
    of_offer: Vec<Vec<(usize, f64)>>,
    /// Totals now.
    totals: Vec<f64>,
    /// Of every offer, the totals that it is part of.
    in_totals: Vec<Vec<(usize, f64)>>,
    /// Of every total, the rows that it loosens.
    loosens: Vec<Vec<usize>>,
    leasts: Vec<Least>,
    of_least: Vec<Vec<(usize, f64)>>,
    /// Offers on which a switch hangs: where they have nothing they stay so.
    switched: BTreeSet<usize>,
}

impl Rounding {
    /// Without any awards: all that does not hang on the shares.
    pub(crate) fn new(network: &Network<'_>, rules: &Rules) -> Self {
        let offers = network.offers.len();
        let mut rounding = Self {
            units: vec![0; offers],
            low: vec![0; offers],
            lots: network.offers.iter().map(|offer| offer.lot).collect(),
            awarded: vec![0; network.lots.len()],
            rows: Vec::new(),
            of_offer: vec![Vec::new(); offers],
            totals: vec![0.; rules.totals.len()],
            in_totals: vec![Vec::new(); offers],
            loosens: vec![Vec::new(); rules.totals.len()],
            leasts: Vec::new(),
            of_least: vec![Vec::new(); offers],
            switched: rules.switches.iter().flat_map(|switch| switch.offers.iter().copied()).collect(),
        };
        for (i, total) in rules.totals.iter().enumerate() {
            for offer in &total.offers {
                let factor = network.near_unit(total.measure, *offer);
                rounding.in_totals[*offer].push((i, factor));
            }
        }
        for rule in &rules.list {
            let totals: Option<Vec<(usize, f64)>> = rule
                .columns
                .iter()
                .map(|(column, factor)| match column {
                    Column::Total(total) => Some((*total, double(factor))),
                    Column::Switch(_) => None,
                })
                .collect();
            // What hangs on switches is left to the exact test, like cones.
            let Some(totals) = totals else { continue };
            let terms = terms(network, rule.measure, &rule.offers);
            match rule.relation {
                Relation::AtMost => {
                    rounding.add_row(network, terms, totals, (double(&rule.limit), rule.scale));
                }
                Relation::AtLeast if totals.is_empty() => rounding.add_least(terms, double(&rule.limit)),
                Relation::AtLeast | Relation::Exactly => {}
            }
        }
        for (offer, units) in &rules.decided {
            rounding.low[*offer] = *units;
        }
        rounding
    }

    /// Keeps τ' at a value.
    fn spread_at(&mut self, network: &Network<'_>, rules: &Rules, spread: f64) {
        for of in rules.spread.iter().filter(|of| spread < of.largest()) {
            let limit = spread * double(&of.base) - double(&of.above_room);
            let totals = of.total.map(|total| (total, -spread)).into_iter().collect();
            let terms = terms(network, Measure::Annual, &of.offers);
            self.add_row(network, terms, totals, (limit, of.scale));
        }
    }

    /// Begins with these awards.
    fn begin(&mut self, floor: &[u64]) {
        for (offer, units) in floor.iter().enumerate().filter(|(_, units)| **units > 0) {
            self.change(offer, *units);
        }
    }

    /// Adds a row; its offers are taken from in the order of what the first tier loses.
    fn add_row(
        &mut self,
        network: &Network<'_>,
        mut terms: Vec<(usize, f64)>,
        totals: Vec<(usize, f64)>,
        (limit, scale): (f64, f64),
    ) {
        let first = network.instance.objectives.first().map(|objective| objective.tier);
        let loss = |(offer, factor): &(usize, f64)| {
            first.map_or(0., |tier| network.near_tier_unit(tier, *offer)) / factor
        };
        terms.sort_by(|a, b| loss(a).partial_cmp(&loss(b)).unwrap_or(Ordering::Equal).then(b.0.cmp(&a.0)));
        let row = self.rows.len();
        for (offer, factor) in &terms {
            self.of_offer[*offer].push((row, *factor));
        }
        for (total, factor) in &totals {
            if *factor < 0. {
                self.loosens[*total].push(row);
            }
        }
        self.rows.push(Row { offers: terms, totals, limit, noise: NOISE * scale.max(limit.abs()), sum: 0. });
    }

    fn add_least(&mut self, terms: Vec<(usize, f64)>, limit: f64) {
        for (offer, factor) in terms {
            self.of_least[offer].push((self.leasts.len(), factor));
        }
        self.leasts.push(Least { limit, sum: 0. });
    }

    /// What nobody has of an offer's lot.
    fn left(&self, network: &Network<'_>, offer: usize) -> u64 {
        network.quantity(offer).saturating_sub(self.awarded[self.lots[offer]])
    }

    /// Sets an award.
    fn change(&mut self, offer: usize, units: u64) {
        let by = count(units) - count(self.units[offer]);
        let awarded = &mut self.awarded[self.lots[offer]];
        *awarded = *awarded - self.units[offer] + units;
        self.units[offer] = units;
        for (row, factor) in &self.of_offer[offer] {
            self.rows[*row].sum += factor * by;
        }
        for (total, factor) in &self.in_totals[offer] {
            self.totals[*total] += factor * by;
        }
        for (least, factor) in &self.of_least[offer] {
            self.leasts[*least].sum += factor * by;
        }
    }

    /// By how much a row is over its limit.
    fn over(&self, row: usize) -> f64 {
        let row = &self.rows[row];
        let totals: f64 = row.totals.iter().map(|(total, factor)| factor * self.totals[*total]).sum();
        row.sum + totals - row.limit
    }

    /// Units that an award can lose.
    fn spare(&self, offer: usize) -> u64 {
        let spare = self.units[offer].saturating_sub(self.low[offer]);
        self.of_least[offer].iter().fold(spare, |spare, (least, factor)| {
            let least = &self.leasts[*least];
            let room = ((least.sum - least.limit) / factor + NOISE).floor();
            spare.min(room.max(0.).to_u64().unwrap_or(0))
        })
    }

    /// Takes from the awards of broken rows until none of these, and none that taking breaks, is broken;
    /// whether that succeeded.
    fn take(&mut self, mut waiting: BTreeSet<usize>) -> bool {
        while let Some(row) = waiting.pop_first() {
            let mut over = self.over(row);
            let noise = self.rows[row].noise;
            if over <= noise {
                continue;
            }
            for position in 0..self.rows[row].offers.len() {
                let (offer, factor) = self.rows[row].offers[position];
                let spare = self.spare(offer);
                if spare == 0 {
                    continue;
                }
                let own = |total: usize| {
                    self.in_totals[offer].iter().find(|(of, _)| *of == total).map_or(0., |(_, per)| *per)
                };
                let per_unit: f64 =
                    factor + self.rows[row].totals.iter().map(|(total, f)| f * own(*total)).sum::<f64>();
                if per_unit <= 0. {
                    continue;
                }
                let wanted = ((over - noise) / per_unit).ceil().to_u64().unwrap_or(u64::MAX);
                let taken = wanted.clamp(1, spare);
                self.change(offer, self.units[offer] - taken);
                for (total, _) in &self.in_totals[offer] {
                    waiting.extend(&self.loosens[*total]);
                }
                over = self.over(row);
                if over <= noise {
                    break;
                }
            }
            if over > noise {
                return false;
            }
        }
        true
    }

    /// Gives the units that flooring leaves of each lot's awards to the largest remainders.
    fn share_out_remainders(&mut self, network: &Network<'_>, rules: &Rules, shares: &[f64]) {
        for offers in &network.by_lot {
            let remainder =
                |offer: usize| shares[offer] * count(network.quantity(offer)) - count(self.units[offer]);
            let mut open: Vec<(usize, f64)> = offers
                .iter()
                .filter(|offer| !rules.decided.contains_key(offer))
                .map(|offer| (*offer, remainder(*offer)))
                .filter(|(_, remainder)| *remainder > 0.)
                .collect();
            let left = open.iter().map(|(_, remainder)| remainder).sum::<f64>();
            let left = (left + 1e-6).floor().to_usize().unwrap_or(0);
            open.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal));
            for (offer, _) in open.into_iter().take(left) {
                self.change(offer, self.units[offer] + 1);
            }
        }
    }

    /// Awards what is left of lots, supplier by supplier, as far as the rules allow: first to those that have
    /// a share of it.
    fn fill(&mut self, network: &Network<'_>, rules: &Rules, shares: &[f64]) {
        // What keeps the rules is not taken back.
        self.low.clone_from(&self.units);
        for round in 0..MOST_FILLS {
            let mut awarded = false;
            for offers in &network.by_supplier {
                let may_rise = |offer: &usize| {
                    if self.left(network, *offer) == 0 {
                        return false;
                    }
                    let open = !self.switched.contains(offer) || self.units[*offer] > 0;
                    open && !rules.decided.contains_key(offer) && (round > 0 || shares[*offer] > 0.)
                };
                let rising: Vec<usize> = offers.iter().copied().filter(may_rise).collect();
                awarded |= self.raise(network, &rising);
            }
            if round > 0 && !awarded {
                break;
            }
        }
    }

    /// Gives one supplier's offers all that is left of their lots, and takes back what breaks a rule; whether
    /// anything is left of it.
    fn raise(&mut self, network: &Network<'_>, offers: &[usize]) -> bool {
        let mut raised = Vec::new();
        for offer in offers {
            let left = self.left(network, *offer);
            if left > 0 {
                self.change(*offer, self.units[*offer] + left);
                raised.push(*offer);
            }
        }
        let rows = raised.iter().flat_map(|offer| self.of_offer[*offer].iter().map(|(row, _)| *row));
        if !self.take(rows.collect()) {
            for offer in &raised {
                self.change(*offer, self.low[*offer]);
            }
        }
        let mut more = false;
        for offer in raised {
            more |= self.units[offer] > self.low[offer];
            self.low[offer] = self.units[offer];
        }
        more
    }
}

fn terms(network: &Network<'_>, measure: Measure, offers: &[usize]) -> Vec<(usize, f64)> {
    offers
        .iter()
        .map(|offer| (*offer, network.near_unit(measure, *offer)))
        .filter(|(_, factor)| *factor > 0.)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Standings, read};

    /// A supplier without sales under a cap of one half, with cheap work from A, dear work from B, and a lot of
    /// A's for which there is a rival.
    fn rounded(shares: [f64; 4], floor: [u64; 4]) -> Option<Vec<u64>> {
        let text = r#"{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.5",
            "buyers": [{"id": "A"}, {"id": "B"}],
            "suppliers": [{"id": "S", "annual_sales": 0}, {"id": "T", "annual_sales": 1000000}],
            "lots": [
                {"id": "LA", "buyer": "A", "process": "p", "quantity": 300, "reference_price": 1},
                {"id": "LB", "buyer": "B", "process": "p", "quantity": 2, "reference_price": 100},
                {"id": "LC", "buyer": "B", "process": "p", "quantity": 3, "reference_price": 10}],
            "pairs": [{"supplier": "S", "lot": "LA"}, {"supplier": "S", "lot": "LB"},
                {"supplier": "S", "lot": "LC"}, {"supplier": "T", "lot": "LC"}]}"#;
        let reading = read::from_json(text.as_bytes()).expect("a valid instance");
        let network = Network::new(&reading.instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let relaxed = Relaxed {
            reached: Vec::new(),
            shares: shares.to_vec(),
            units: None,
            published: None,
            path: Vec::new(),
            complete: true,
            duals: None,
            first_order: false,
            warnings: Vec::new(),
        };
        round(&network, &rules, &relaxed, &floor, Rounding::new(&network, &rules))
    }

    #[test]
    fn a_lost_unit_takes_from_the_other_buyer_and_what_is_left_is_filled_up_together() {
        // One unit of LB alone would carry 100 of LA; both lots rise until A is at its cap again, and the
        // remainder of LC goes to the larger share.
        assert_eq!(rounded([0.5, 0.75, 0., 1.], [150, 1, 0, 3]), Some(vec![200, 2, 0, 3]));
        assert_eq!(rounded([0.5, 0.75, 0.4, 0.6], [150, 1, 1, 1]), Some(vec![210, 2, 1, 2]));
    }

    #[test]
    fn a_lot_without_awards_goes_to_whom_the_caps_allow() {
        // All of B's work goes to S, and carries as much of A's.
        assert_eq!(rounded([0.; 4], [0; 4]), Some(vec![230, 2, 3, 0]));
        // T keeps what it has a share of, and S takes the work of A that the rest carries.
        assert_eq!(rounded([0., 0., 0., 0.5], [0, 0, 0, 1]), Some(vec![200, 2, 0, 3]));
    }
}
