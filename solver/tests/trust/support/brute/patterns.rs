//! What a lot may look like by itself: who gets how many units, as far as rules are about one lot.

use std::collections::BTreeMap;

use eslabon_solver::{
    Decimal, Instance,
    instance::{Lot, Pair, Ruling},
};

use super::{ONE, per, position::Setting, scaled, times};

/// Units for a member, with what each is worth.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub member: usize,
    /// For all units together.
    pub contract: i64,
    pub annual: i64,
    pub load: i64,
}

/// One way to award a lot.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    pub parts: Vec<Part>,
    /// Gaps that must be closed for it, one bit each.
    pub gaps: u32,
    pub coverage: i64,
    pub fit: i64,
    pub contract: i64,
}

/// A member's part in a bid.
struct Offer<'a> {
    member: usize,
    pair: &'a Pair,
}

/// All patterns of a lot that keep the rules of the lot.
pub fn patterns(instance: &Instance, setting: &Setting<'_>, place: usize) -> Vec<Pattern> {
    let lot = &instance.lots[place];
    let offers = offers(instance, setting, lot);
    let mut found = Vec::new();
    let mut units = vec![0; offers.len()];
    let quantity = i64::try_from(lot.quantity).unwrap_or_else(|_| panic!("the lot is small"));
    fill(&offers, 0, quantity, &mut units, &mut |units| {
        if keeps(instance, setting, lot, &offers, units) {
            found.push(pattern(setting, lot, &offers, units));
        }
    });
    // The most coverage first, so that the search soon has something to beat.
    found.sort_by_key(|pattern| -pattern.coverage);
    found
}

/// The pattern of some awards; `None` where they break a rule of the lot.
pub fn pattern_of(
    instance: &Instance,
    setting: &Setting<'_>,
    place: usize,
    awarded: &dyn Fn(&str, &str) -> i64,
) -> Option<Pattern> {
    let lot = &instance.lots[place];
    let offers = offers(instance, setting, lot);
    let units = offers.iter().map(|offer| awarded(&offer.pair.supplier, setting.id(offer.member)));
    let units: Vec<i64> = units.collect();
    let quantity = i64::try_from(lot.quantity).unwrap_or(0);
    let keeps = units.iter().sum::<i64>() <= quantity && keeps(instance, setting, lot, &offers, &units);
    keeps.then(|| pattern(setting, lot, &offers, &units))
}

/// Everybody who may get units of a lot, and through whom.
fn offers<'a>(instance: &'a Instance, setting: &Setting<'_>, lot: &Lot) -> Vec<Offer<'a>> {
    let mut offers = Vec::new();
    for pair in instance.pairs.iter().filter(|pair| pair.lot == lot.id) {
        match instance.consortia.iter().find(|consortium| consortium.id == pair.supplier) {
            Some(consortium) => {
                let members = consortium.members.iter().map(|member| setting.member(member));
                offers.extend(members.map(|member| Offer { member, pair }));
            }
            None => offers.push(Offer { member: setting.member(&pair.supplier), pair }),
        }
    }
    offers
}

fn fill(offers: &[Offer<'_>], at: usize, left: i64, units: &mut [i64], visit: &mut dyn FnMut(&[i64])) {
    if at == offers.len() {
        return visit(units);
    }
    for count in 0..=left {
        units[at] = count;
        fill(offers, at + 1, left - count, units, visit);
    }
    units[at] = 0;
}

fn keeps(instance: &Instance, setting: &Setting<'_>, lot: &Lot, offers: &[Offer<'_>], units: &[i64]) -> bool {
    let quantity = i64::try_from(lot.quantity).unwrap_or(0);
    let mut bids: BTreeMap<&str, (i64, &Pair)> = BTreeMap::new();
    let mut ways: BTreeMap<usize, (usize, i64)> = BTreeMap::new();
    let decided = |bidder: &str| {
        let mut rows = instance.decisions.iter();
        rows.find(|row| row.supplier == bidder && row.lot == lot.id).map(|row| row.ruling)
    };
    for (offer, &count) in offers.iter().zip(units) {
        bids.entry(&offer.pair.supplier).or_insert((0, offer.pair)).0 += count;
        if count > 0 {
            let (ways, sum) = ways.entry(offer.member).or_default();
            *ways += 1;
            *sum += count;
        }
    }
    // Nobody wins in two ways, more than a lot's largest share, or what it is forbidden.
    let members_may = ways.iter().all(|(&member, &(ways, sum))| {
        let forbidden = decided(setting.id(member)).is_some_and(|ruling| ruling == Ruling::Forbidden);
        ways == 1 && !forbidden && within(sum, lot.max_share, quantity)
    });
    let suppliers = bids.values().filter(|(count, _)| *count > 0).count() as u64;
    let total: i64 = units.iter().sum();
    members_may
        && bids.iter().all(|(bidder, &(count, pair))| {
            let ruling = decided(bidder);
            let decided = match ruling {
                Some(Ruling::Fixed { quantity, .. }) => u64::try_from(count) == Ok(quantity),
                Some(Ruling::Forbidden) => count == 0,
                None => true,
            };
            let over = matches!(ruling, Some(Ruling::Fixed { override_max_share: true, .. }));
            decided && (count == 0 || bid_may(instance, setting, lot, pair, count, over))
        })
        && !(lot.must_award && total == 0)
        && (total == 0 || suppliers >= lot.min_suppliers)
        && lot.max_suppliers.is_none_or(|most| suppliers <= most)
        && total * ONE >= scaled(lot.min_coverage) * quantity
}

fn within(units: i64, share: Decimal, quantity: i64) -> bool {
    units * ONE <= scaled(share) * quantity
}

/// Whether a bid may win so many units, at least one.
fn bid_may(
    instance: &Instance,
    setting: &Setting<'_>,
    lot: &Lot,
    pair: &Pair,
    units: i64,
    over: bool,
) -> bool {
    let quantity = i64::try_from(lot.quantity).unwrap_or(0);
    let open = pair.blocked_by.iter().all(|gap| {
        let gap = &instance.gaps[setting.gap(gap)];
        let is_paid = instance.development_budget.is_some() && gap.cost.is_some();
        is_paid && lot.starts_in.is_none_or(|months| gap.months <= months)
    });
    open && within(units, lot.max_share, quantity)
        && (over || within(units, pair.max_share, quantity))
        && units * ONE >= scaled(lot.min_share) * quantity
        && (lot.divisible || units == quantity)
}

fn pattern(setting: &Setting<'_>, lot: &Lot, offers: &[Offer<'_>], units: &[i64]) -> Pattern {
    let mut pattern = Pattern::default();
    for (offer, &units) in offers.iter().zip(units).filter(|(_, units)| **units > 0) {
        let pair = offer.pair;
        let contract = units * scaled(pair.unit_price);
        pattern.parts.push(Part {
            member: offer.member,
            contract,
            annual: units * per(pair.unit_price, lot.years),
            load: units * scaled(pair.load),
        });
        pattern.contract += contract;
        pattern.coverage += units * times(lot.reference_price, lot.weight);
        pattern.fit += units * times(lot.reference_price, pair.fit);
        for gap in &pair.blocked_by {
            pattern.gaps |= 1 << setting.gap(gap);
        }
    }
    pattern
}
