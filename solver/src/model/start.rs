//! Awards to start from, before an integer program has found any.
//!
//! A constructive heuristic: what people fixed; then bid by bid, those first whose lots must be served,
//! then the ones worth most in the first tier, as many units as the rules leave. Rules that only several
//! bids together can keep (a least total, a least number of suppliers) are left out of account at first;
//! whatever breaks them is taken back exactly ([`repair`]), and the room that this leaves is filled once
//! more, with every rule in force. So a checked result comes back whenever one is easy to find, however
//! soon the time runs out.

use num_traits::ToPrimitive;

use super::{
    Column, Network, Relation, Rules,
    network::{count, double},
    repair,
};
use crate::instance::Tier;

/// Beyond this, exact repair would take longer than the engine's own start.
const MOST_OFFERS: usize = 200_000;

/// Bids between two looks at the clock.
const LOOK: usize = 100;

/// What sums of doubles may be off by, as a part of a rule's scale.
const ROUNDING: f64 = 1e-9;

/// Whole units that keep every rule; `None` if this simple way finds none.
///
/// `enough`: whether to go no further. What was found until then is made to keep the rules.
pub(crate) fn awards(network: &Network<'_>, rules: &Rules, enough: impl Fn() -> bool) -> Option<Vec<u64>> {
    let nothing_more = || rules.decided_only(network);
    if network.offers.len() > MOST_OFFERS {
        return nothing_more();
    }
    let mut filling = Filling::new(network, rules);
    filling.fill(true, &enough);
    let Ok(units) = repair::take_back(network, rules, filling.units) else {
        return nothing_more();
    };
    let mut filling = Filling::new(network, rules);
    filling.set(&units);
    filling.fill(false, &enough);
    // In doubles until here: what rounding let through is taken back.
    repair::take_back(network, rules, filling.units).ok().or(Some(units))
}

/// Awards on their way, with the left side of every rule.
struct Filling<'a> {
    network: &'a Network<'a>,
    rules: &'a Rules,
    units: Vec<u64>,
    left: Vec<f64>,
    /// Awarded offers of every switch.
    on: Vec<u32>,
    /// By offer: the rules that a unit counts in, totals included, and as what.
    counts: Vec<Vec<(usize, f64)>>,
    /// By offer: its switches.
    switches: Vec<Vec<usize>>,
    /// By switch: the rules that it counts in, and as what.
    counted: Vec<Vec<(usize, f64)>>,
}

impl<'a> Filling<'a> {
    fn new(network: &'a Network<'a>, rules: &'a Rules) -> Self {
        let mut counts = vec![Vec::new(); network.offers.len()];
        let mut counted = vec![Vec::new(); rules.switches.len()];
        for (i, rule) in rules.list.iter().enumerate() {
            for offer in &rule.offers {
                counts[*offer].push((i, network.near_unit(rule.measure, *offer)));
            }
            for (column, factor) in &rule.columns {
                match column {
                    Column::Switch(switch) => counted[*switch].push((i, double(factor))),
                    Column::Total(total) => {
                        let total = &rules.totals[*total];
                        for offer in &total.offers {
                            let unit = network.near_unit(total.measure, *offer);
                            counts[*offer].push((i, double(factor) * unit));
                        }
                    }
                }
            }
        }
        let mut switches = vec![Vec::new(); network.offers.len()];
        for (i, switch) in rules.switches.iter().enumerate() {
            for offer in &switch.offers {
                switches[*offer].push(i);
            }
        }
        for counts in &mut counts {
            merge(counts);
        }
        let mut filling = Self {
            network,
            rules,
            units: vec![0; network.offers.len()],
            left: vec![0.; rules.list.len()],
            on: vec![0; rules.switches.len()],
            counts,
            switches,
            counted,
        };
        for (offer, units) in &rules.decided {
            filling.change(*offer, *units);
        }
        filling
    }

    fn set(&mut self, units: &[u64]) {
        for (offer, units) in units.iter().enumerate() {
            self.change(offer, *units);
        }
    }

    /// Gives an offer so many units in all.
    fn change(&mut self, offer: usize, units: u64) {
        let before = std::mem::replace(&mut self.units[offer], units);
        for (rule, factor) in &self.counts[offer] {
            self.left[*rule] += factor * (count(units) - count(before));
        }
        if (before > 0) == (units > 0) {
            return;
        }
        for switch in &self.switches[offer] {
            let was_on = self.on[*switch] > 0;
            if units > 0 {
                self.on[*switch] += 1;
            } else {
                self.on[*switch] -= 1;
            }
            let is_on = self.on[*switch] > 0;
            if was_on != is_on {
                for (rule, factor) in &self.counted[*switch] {
                    self.left[*rule] += if is_on { *factor } else { -*factor };
                }
            }
        }
    }

    /// Goes through all bids once. Leniently: rules that bids keep only together do not count.
    fn fill(&mut self, lenient: bool, enough: impl Fn() -> bool) {
        for (turn, bid) in self.order().into_iter().enumerate() {
            if turn % LOOK == 0 && enough() {
                break;
            }
            let offers = &self.network.bids[bid].offers;
            let before: Vec<u64> = offers.iter().map(|offer| self.units[*offer]).collect();
            let touched = self.touched(offers);
            let broken: Vec<f64> = touched.iter().map(|rule| self.broken_by(*rule)).collect();
            for offer in offers {
                if !self.rules.decided.contains_key(offer) {
                    let more = self.room(*offer);
                    self.change(*offer, self.units[*offer] + more);
                }
            }
            let worse = touched.iter().zip(broken).any(|(rule, before)| {
                let of = &self.rules.list[*rule];
                let together = matches!(of.name.rule.as_str(), "min_total" | "min_suppliers");
                let excused = lenient && together;
                !excused && self.broken_by(*rule) > before.max(0.) + ROUNDING * of.scale
            });
            if worse {
                for (offer, units) in offers.iter().zip(before) {
                    self.change(*offer, units);
                }
            }
        }
    }

    /// Bids for lots that ask for units or have fixed sums first, then by their worth.
    fn order(&self) -> Vec<usize> {
        let first =
            self.network.instance.objectives.first().map_or(Tier::Coverage, |objective| objective.tier);
        let tier = if first == Tier::Fit { Tier::Fit } else { Tier::Coverage };
        let mut bids: Vec<(bool, f64, f64, usize)> = Vec::new();
        for (i, bid) in self.network.bids.iter().enumerate() {
            let Some(offer) = bid.offers.first() else {
                continue;
            };
            let asked =
                self.rules.least_of_lot.contains_key(&bid.lot) || self.rules.fixed_in_sum.contains(offer);
            // Where the least cost comes first, nothing but what must be is worth its price.
            if first == Tier::Cost && !asked {
                continue;
            }
            let worth = self.network.near_tier_unit(tier, *offer);
            let price = self.network.near_tier_unit(Tier::Cost, *offer);
            bids.push((!asked, -worth * count(self.network.quantity(*offer)), price, i));
        }
        bids.sort_by(|a, b| {
            (a.0.cmp(&b.0)).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)).then(a.3.cmp(&b.3))
        });
        bids.into_iter().map(|(.., bid)| bid).collect()
    }

    /// The rules that awards to these offers can change.
    fn touched(&self, offers: &[usize]) -> Vec<usize> {
        let mut touched: Vec<usize> = Vec::new();
        for offer in offers {
            touched.extend(self.counts[*offer].iter().map(|(rule, _)| rule));
            for switch in &self.switches[*offer] {
                touched.extend(self.counted[*switch].iter().map(|(rule, _)| rule));
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// By how much a rule is broken; not above 0 if it holds.
    fn broken_by(&self, rule: usize) -> f64 {
        let of = &self.rules.list[rule];
        let over = self.left[rule] - double(&of.limit);
        match of.relation {
            Relation::AtMost => over,
            Relation::AtLeast => -over,
            Relation::Exactly => over.abs(),
        }
    }

    /// Units that upper limits leave an offer.
    fn room(&self, offer: usize) -> u64 {
        let mut room =
            count(self.network.quantity(offer) - self.units[offer].min(self.network.quantity(offer)));
        for (rule, factor) in &self.counts[offer] {
            let of = &self.rules.list[*rule];
            let bounds = match of.relation {
                Relation::AtMost => true,
                Relation::AtLeast => false,
                Relation::Exactly => of.columns.is_empty(),
            };
            if bounds && *factor > 0. {
                room = room.min((double(&of.limit) - self.left[*rule]) / factor);
            }
        }
        (room + ROUNDING).floor().max(0.).to_u64().unwrap_or(0)
    }
}

/// Adds up what counts twice in one rule, as itself and in a total.
fn merge(counts: &mut Vec<(usize, f64)>) {
    counts.sort_by_key(|(rule, _)| *rule);
    counts.dedup_by(|next, held| {
        let same = next.0 == held.0;
        if same {
            held.1 += next.1;
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Standings, read};

    #[test]
    fn awards_to_start_from_keep_every_rule_and_serve_what_must_be_served() {
        let text = br#"{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
            "objectives": ["coverage", "cost"],
            "buyers": [{"id": "A"}, {"id": "B"}],
            "suppliers": [{"id": "S", "annual_sales": 1000}, {"id": "T", "annual_sales": 1000, "min_total": 300},
                {"id": "U", "annual_sales": 1000, "max_awards": 1}],
            "consortia": [{"id": "C", "members": ["S", "U"]}],
            "lots": [
                {"id": "L", "buyer": "A", "process": "p", "quantity": 10, "reference_price": 50, "must_award": true,
                    "min_share": "0.3"},
                {"id": "M", "buyer": "B", "process": "p", "quantity": 10, "reference_price": 40, "divisible": false},
                {"id": "N", "buyer": "B", "process": "p", "quantity": 10, "reference_price": 30}],
            "pairs": [{"supplier": "C", "lot": "L"}, {"supplier": "S", "lot": "M"}, {"supplier": "U", "lot": "M"},
                {"supplier": "T", "lot": "N"}, {"supplier": "U", "lot": "N"}]}"#;
        let instance = read::from_json(text).expect("a valid instance").instance;
        let network = Network::new(&instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let units = awards(&network, &rules, || false).expect("awards are easy to find");
        assert_eq!(rules.broken(&network, &units), []);
        let of = |supplier: &str, lot: &str| -> u64 {
            network.offers_of(supplier, lot).into_iter().map(|offer| units[offer]).sum()
        };
        assert!(of("S", "L") + of("U", "L") >= 3, "{units:?}");
        assert_eq!(of("T", "N"), 10, "{units:?}");
    }
}
