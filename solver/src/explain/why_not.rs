//! Why a pair got nothing, or not all of its lot.
//!
//! The question put to the published awards is: what if this bid got one unit more (or the least that it
//! may get), in place of the dearest that others got where the lot has none left? Every rule about the
//! bid that this breaks is a reason, in exact numbers. Where it breaks none, the lot is better served:
//! in the first tier in which the bid is worth less than those that were awarded, or, where a comparison
//! by the unit does not decide, in the first tier that loses when everything is solved again with the
//! unit given.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{One, Signed, ToPrimitive, Zero};

use super::{
    Explain, Solved,
    again::{Again, Ended},
};
use crate::{
    instance::{Decision, Ruling, Tier},
    model::{Exact, Measure, tiers, whole},
    outcome::{Reason, RuleName, WhyNot},
    publish::{
        amount::{rounded, share},
        context,
    },
    solve::SolveError,
};

/// Decimal places of a price over its reference price.
const RATIO_PLACES: u32 = 4;

/// A tier loses when it falls by more than this part of its value: the engine's tolerance lies below.
const LOSS: f64 = 1e-7;

/// A bid for which comparing unit by unit does not decide.
pub(super) struct Open {
    bid: usize,
    /// Units that it would have.
    units: u64,
}

/// The reasons that the awards show, by lot and bidder, and the bids that only solving again decides.
pub(super) fn reasons(solved: &Solved<'_>, explain: &Explain) -> (Vec<WhyNot>, Vec<Open>) {
    let network = solved.network;
    let asker = Asker::new(solved);
    let (mut rows, mut open) = (Vec::new(), Vec::new());
    for bid in 0..network.bids.len() {
        let [bidder, lot] = network.bid_names(bid);
        if !explain.covers(bidder) || asker.held(bid) >= asker.quantity(bid) {
            continue;
        }
        let mut reasons = asker.hard(bid);
        if reasons.is_empty() {
            match asker.compared(bid) {
                Some(reason) => reasons.push(reason),
                None => open.push(Open { bid, units: asker.held(bid) + asker.step(bid) }),
            }
        }
        if reasons.is_empty() {
            continue;
        }
        reasons.extend(asker.price(bid));
        rows.push(WhyNot { supplier: bidder.to_owned(), lot: lot.to_owned(), reasons });
    }
    sort(&mut rows);
    (rows, open)
}

fn sort(rows: &mut [WhyNot]) {
    rows.sort_by(|a, b| (&a.lot, &a.supplier).cmp(&(&b.lot, &b.supplier)));
}

/// Solves again with each undecided bid given what it asks for; whether time sufficed.
pub(super) fn decide(
    solved: &Solved<'_>,
    open: Vec<Open>,
    rows: &mut Vec<WhyNot>,
    again: &mut Again<'_, '_>,
) -> Result<bool, SolveError> {
    let asker = Asker::new(solved);
    let mut complete = true;
    for Open { bid, units } in open {
        let [bidder, lot] = solved.network.bid_names(bid);
        let given = Decision {
            supplier: bidder.to_owned(),
            lot: lot.to_owned(),
            ruling: Ruling::Fixed { quantity: units, override_max_share: false },
        };
        let first = || solved.network.instance.objectives.first().map(|objective| objective.tier);
        let lost = match again.with(|instance| instance.decisions.push(given))? {
            Ended::Values(values) => first_loss(solved, &again.before, &values),
            // It cannot be given without breaking what others rest on.
            Ended::Infeasible => first(),
            Ended::Unfinished => {
                complete = false;
                break;
            }
        };
        let mut reasons =
            vec![lost.map_or(Reason::Tied, |tier| Reason::BetterServed { tier: tier.name().to_owned() })];
        reasons.extend(asker.price(bid));
        rows.push(WhyNot { supplier: bidder.to_owned(), lot: lot.to_owned(), reasons });
    }
    sort(rows);
    Ok(complete)
}

/// The first tier that is worse than before.
fn first_loss(solved: &Solved<'_>, before: &[f64], after: &[f64]) -> Option<Tier> {
    let reached = solved.relaxed.reached.iter();
    reached
        .zip(before.iter().zip(after))
        .find(|(reached, (before, after))| {
            let gain = match tiers::sense(reached.tier) {
                highs::Sense::Maximise => *after - *before,
                highs::Sense::Minimise => *before - *after,
            };
            gain < -LOSS * before.abs().max(1e-9)
        })
        .map(|(reached, _)| reached.tier)
}

/// How a unit of a bid compares with one of another that was awarded.
enum Difference {
    /// It is worth less, first in the tier at this position.
    LessIn(usize),
    /// It is worth as much in every tier.
    None,
}

struct Asker<'a> {
    solved: &'a Solved<'a>,
    /// The rules about each offer. Not those that see it only in a total: that a rival may get less of what
    /// its buyer awards is the rival's affair.
    about: Vec<Vec<usize>>,
    /// Gaps that awarded bids need.
    closed: BTreeSet<usize>,
    forbidden: BTreeSet<(&'a str, &'a str)>,
    bids_of_lot: Vec<Vec<usize>>,
    hhi: BTreeMap<String, Option<String>>,
}

impl<'a> Asker<'a> {
    fn new(solved: &'a Solved<'a>) -> Self {
        let network = solved.network;
        let mut about = vec![Vec::new(); network.offers.len()];
        for rule in 0..solved.rules.count() {
            let offers: BTreeSet<usize> = solved.rules.offers(rule).into_iter().collect();
            for offer in offers {
                about[offer].push(rule);
            }
        }
        let mut bids_of_lot = vec![Vec::new(); network.lots.len()];
        let mut closed = BTreeSet::new();
        for (i, bid) in network.bids.iter().enumerate() {
            bids_of_lot[bid.lot].push(i);
            if bid.offers.iter().any(|offer| solved.units[*offer] > 0) {
                closed.extend(&bid.gaps);
            }
        }
        let forbidden = network.instance.decisions.iter();
        let forbidden = forbidden
            .filter(|decision| matches!(decision.ruling, Ruling::Forbidden))
            .map(|decision| (decision.supplier.as_str(), decision.lot.as_str()))
            .collect();
        let hhi = if network.instance.hhi_cap.is_some() {
            let rows = context::hhi(network, solved.standings, solved.units);
            rows.into_iter().map(|row| (row.supplier, row.after)).collect()
        } else {
            BTreeMap::new()
        };
        Self { solved, about, closed, forbidden, bids_of_lot, hhi }
    }

    fn quantity(&self, bid: usize) -> u64 {
        self.solved.network.lots[self.solved.network.bids[bid].lot].quantity
    }

    /// Units of a bid.
    fn held(&self, bid: usize) -> u64 {
        self.solved.network.bids[bid].offers.iter().map(|offer| self.solved.units[*offer]).sum()
    }

    /// The least that the bid could get beyond what it has.
    fn step(&self, bid: usize) -> u64 {
        let lot = self.solved.network.lots[self.solved.network.bids[bid].lot];
        let held = self.held(bid);
        if !lot.divisible {
            return lot.quantity - held;
        }
        if held > 0 {
            return 1;
        }
        let least = (lot.min_share.to_exact() * whole(lot.quantity)).ceil().to_integer();
        least.to_u64().unwrap_or(1).clamp(1, lot.quantity)
    }

    /// Rules that stand in the way, most decisive first.
    fn hard(&self, bid: usize) -> Vec<Reason> {
        let network = self.solved.network;
        let of = &network.bids[bid];
        let lot = network.lots[of.lot];
        let [bidder, lot_id] = network.bid_names(bid);
        let mut reasons = Vec::new();
        let forbidden = |id: &str| self.forbidden.contains(&(id, lot_id));
        let members = || of.offers.iter().map(|i| network.suppliers[network.offers[*i].supplier].id.as_str());
        if forbidden(bidder) || members().all(forbidden) {
            reasons.push(Reason::Forbidden);
        }
        let late = |gap: &&usize| lot.starts_in.is_some_and(|starts| network.gaps[**gap].months > starts);
        let names = |gaps: Vec<&usize>| gaps.into_iter().map(|gap| network.gaps[*gap].id.clone()).collect();
        let too_late: Vec<&usize> = of.gaps.iter().filter(late).collect();
        if !too_late.is_empty() {
            reasons.push(Reason::TooLate { gaps: names(too_late) });
        }
        let blocked: Vec<&usize> =
            of.gaps.iter().filter(|gap| !self.closed.contains(gap) && !late(gap)).collect();
        if !blocked.is_empty() {
            reasons.push(Reason::Blocked { gaps: names(blocked) });
        }
        // A consortium is held back only where every member is.
        let mut found: Vec<(u8, Reason)> = Vec::new();
        for offer in &of.offers {
            let of_member = self.broken_by(bid, *offer);
            if of_member.is_empty() {
                return reasons;
            }
            for reason in of_member {
                if !found.contains(&reason) {
                    found.push(reason);
                }
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        reasons.extend(found.into_iter().map(|(_, reason)| reason));
        reasons
    }

    /// The rules about an offer that the least further award to it breaks.
    fn broken_by(&self, bid: usize, offer: usize) -> Vec<(u8, Reason)> {
        let units = self.supposed(bid, offer);
        let rules = self.solved.rules;
        let network = self.solved.network;
        let broken = self.about[offer].iter().filter(|rule| match rules.list.get(**rule) {
            Some(rule) => rules.excess_of(network, rule, &units).is_some(),
            None => rules.cones[**rule - rules.list.len()].excess(network, &units).is_some(),
        });
        broken.filter_map(|rule| self.reason(bid, offer, rules.name(*rule))).collect()
    }

    /// The awards with the bid's step given to an offer, and units beyond the lot's taken from others, the
    /// dearest first.
    fn supposed(&self, bid: usize, offer: usize) -> Vec<u64> {
        let network = self.solved.network;
        let mut units = self.solved.units.to_vec();
        units[offer] += self.step(bid);
        let lot = network.bids[bid].lot;
        let placed: u64 = network.by_lot[lot].iter().map(|i| units[*i]).sum();
        let mut over = placed.saturating_sub(network.lots[lot].quantity);
        let mut others: Vec<usize> =
            network.by_lot[lot].iter().copied().filter(|i| network.offers[*i].bid != bid).collect();
        others.sort_by(|a, b| {
            let price = |i: &usize| network.per_unit(Measure::Contract, *i);
            price(b).cmp(price(a)).then(a.cmp(b))
        });
        for other in others {
            let taken = over.min(units[other]);
            units[other] -= taken;
            over -= taken;
        }
        units
    }

    /// A broken rule as a reason, with its rank; `None` for what only says that others got the lot.
    fn reason(&self, bid: usize, offer: usize, name: &RuleName) -> Option<(u8, Reason)> {
        Some(match name.rule.as_str() {
            "demand" | "max_suppliers" | "divisible" | "blocked" | "forbidden" => return None,
            "fixed" => (0, Reason::Rule(name.clone())),
            "max_share" => (1, Reason::Rule(name.clone())),
            "capacity" => (2, self.capacity(offer)?),
            "dependency" => (3, self.dependency(bid, offer, name)),
            "hhi" => (4, self.concentration(offer)),
            _ => (5, Reason::Rule(name.clone())),
        })
    }

    fn capacity(&self, offer: usize) -> Option<Reason> {
        let network = self.solved.network;
        let of = &network.offers[offer];
        let process = &network.lots[of.lot].process;
        let supplier = &network.suppliers[of.supplier].id;
        let rows = &network.instance.capacity;
        let row = rows.iter().find(|row| row.supplier == *supplier && row.process == *process)?;
        let used: Exact = network.by_supplier[of.supplier]
            .iter()
            .filter(|i| network.lots[network.offers[**i].lot].process == *process)
            .map(|i| network.per_unit(Measure::Load, *i) * whole(self.solved.units[*i]))
            .sum();
        let left = (row.amount.to_exact() - used) / network.per_unit(Measure::Load, offer);
        let units = left.floor();
        Some(Reason::Capacity { process: process.clone(), units_left: units.to_u64().unwrap_or(0) })
    }

    fn dependency(&self, bid: usize, offer: usize, name: &RuleName) -> Reason {
        let network = self.solved.network;
        let standings = self.solved.standings;
        let supplier = network.offers[offer].supplier;
        let group = network.group_of(offer);
        let standing = standings.groups.get(&(supplier, group.to_owned()));
        let row = standing.and_then(|standing| {
            let (right, factor) = standings.right_side(supplier, standing)?;
            Some((standing, right, factor, standing.cap?))
        });
        let (Some((standing, right, factor, cap)), true) = (row, name.subject[1] == group) else {
            return Reason::Rule(name.clone());
        };
        if factor.is_one() {
            return Reason::Rule(name.clone());
        }
        let annual = |offers: &[usize], of_group: bool| -> Exact {
            offers
                .iter()
                .filter(|i| !of_group || network.group_of(**i) == group)
                .map(|i| network.per_unit(Measure::Annual, *i) * whole(self.solved.units[*i]))
                .sum()
        };
        let offers = &network.by_supplier[supplier];
        let (new, from_group) = (annual(offers, false), annual(offers, true));
        let sales = &standing.existing + from_group;
        let room = (right + &factor * &new - &sales) / (Exact::one() - factor);
        let base = standings.base[supplier].as_ref().map(|base| base + new).filter(|base| !base.is_zero());
        let alone = network.bids[bid].offers.len() == 1;
        let after = base.map(|base| share(&(sales / base)));
        Reason::Dependency {
            group: group.to_owned(),
            cap: cap.to_string(),
            // How dependent its member is, a consortium's reason does not say.
            after: after.filter(|_| alone),
            room: rounded(&room, self.solved.places),
        }
    }

    fn concentration(&self, offer: usize) -> Reason {
        let network = self.solved.network;
        let supplier = network.offers[offer].supplier;
        let cap =
            self.solved.standings.hhi_cap(supplier, network.instance.hhi_cap).unwrap_or_else(Exact::zero);
        let after = self.hhi.get(&network.suppliers[supplier].id).cloned().flatten();
        Reason::Concentration { cap: rounded(&cap, 2), after }
    }

    /// The tier in which the bid is worth less than every other that got units of its lot; `None` where that
    /// does not decide.
    fn compared(&self, bid: usize) -> Option<Reason> {
        let network = self.solved.network;
        let others = self.bids_of_lot[network.bids[bid].lot].iter();
        let mut awarded = others.filter(|other| **other != bid && self.held(**other) > 0).peekable();
        // Units of the lot are left over, and still it got none of them.
        let placed: u64 = network.by_lot[network.bids[bid].lot].iter().map(|i| self.solved.units[*i]).sum();
        if awarded.peek().is_none() || self.quantity(bid) - placed >= self.step(bid) {
            return None;
        }
        let mut latest: Option<usize> = None;
        let mut tied = false;
        for other in awarded {
            match self.first_difference(bid, *other)? {
                Difference::LessIn(position) => latest = latest.max(Some(position)),
                Difference::None => tied = true,
            }
        }
        Some(match latest {
            Some(position) if !tied => {
                let tier = network.instance.objectives[position].tier;
                Reason::BetterServed { tier: tier.name().to_owned() }
            }
            _ => Reason::Tied,
        })
    }

    /// How a unit of a bid compares with one of another; `None` where it is worth more, or a tier does not
    /// count units.
    fn first_difference(&self, bid: usize, other: usize) -> Option<Difference> {
        let network = self.solved.network;
        let offer_of = |bid: usize| network.bids[bid].offers.first().copied();
        let (one, two) = (offer_of(bid)?, offer_of(other)?);
        for (position, objective) in network.instance.objectives.iter().enumerate() {
            let tier = objective.tier;
            let (own, others) = (network.tier_per_unit(tier, one)?, network.tier_per_unit(tier, two)?);
            let less = match tiers::sense(tier) {
                highs::Sense::Maximise => own < others,
                highs::Sense::Minimise => own > others,
            };
            if less {
                return Some(Difference::LessIn(position));
            }
            let closing = tier == Tier::Cost && !self.solved.rules.switch_costs.is_empty();
            if own != others || closing {
                return None;
            }
        }
        Some(Difference::None)
    }

    /// That the price is above the reference price.
    fn price(&self, bid: usize) -> Option<Reason> {
        let network = self.solved.network;
        let lot = network.lots[network.bids[bid].lot];
        let offer = *network.bids[bid].offers.first()?;
        let reference = lot.reference_price.to_exact();
        if !reference.is_positive() {
            return None;
        }
        let ratio = network.per_unit(Measure::Contract, offer) / reference;
        (ratio > Exact::one()).then(|| Reason::Price { ratio: rounded(&ratio, RATIO_PLACES) })
    }
}
