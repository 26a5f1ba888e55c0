//! The instance by id, and the awards with what they refer to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
};
use crate::{
    Instance, Outcome,
    instance::{Buyer, Consortium, Gap, Lot, Pair, Ruling, Supplier},
    outcome::Award,
};

/// An award whose supplier, consortium, lot, buyer and pair exist, with its exact amounts.
pub(super) struct Taken<'a> {
    pub award: &'a Award,
    pub lot: &'a Lot,
    pub buyer: &'a Buyer,
    /// The pair of whoever bids: the consortium's for a part of it.
    pub pair: &'a Pair,
    pub units: Exact,
    /// Contract total.
    pub amount: Exact,
    /// Contract total / years.
    pub annual: Exact,
}

impl<'a> Taken<'a> {
    pub(super) fn supplier(&self) -> &'a str {
        &self.award.supplier
    }
}

/// What a supplier wins alone, or a consortium with all its parts, of one lot.
pub(super) struct Bid<'a> {
    pub lot: &'a Lot,
    pub pair: &'a Pair,
    pub units: Exact,
}

/// Everything that the rules look up.
pub(super) struct View<'a> {
    pub instance: &'a Instance,
    pub taken: Vec<Taken<'a>>,
    /// By lot and bidder; each with at least one unit.
    pub bids: BTreeMap<(&'a str, &'a str), Bid<'a>>,
    /// Suppliers with at least one unit, themselves or as members.
    pub active: BTreeSet<&'a str>,
    /// Gaps that block the pair of a bid, with the lots that they keep it from.
    pub needed: BTreeMap<&'a str, BTreeSet<&'a str>>,
    pub suppliers: HashMap<&'a str, &'a Supplier>,
    pub consortia: HashMap<&'a str, &'a Consortium>,
    pub lots: HashMap<&'a str, &'a Lot>,
    pub gaps: HashMap<&'a str, &'a Gap>,
    rulings: HashMap<(&'a str, &'a str), Ruling>,
}

impl<'a> View<'a> {
    /// Resolves the awards; one that refers to nothing is a violation and counts nowhere else.
    pub(super) fn new(instance: &'a Instance, outcome: &'a Outcome, found: &mut Findings) -> Self {
        let rulings =
            by_key(&instance.decisions, |decision| (decision.supplier.as_str(), decision.lot.as_str()));
        let mut view = Self {
            instance,
            taken: Vec::with_capacity(outcome.awards.len()),
            bids: BTreeMap::new(),
            active: BTreeSet::new(),
            needed: BTreeMap::new(),
            suppliers: by_key(&instance.suppliers, |supplier| supplier.id.as_str()),
            consortia: by_key(&instance.consortia, |consortium| consortium.id.as_str()),
            lots: by_key(&instance.lots, |lot| lot.id.as_str()),
            gaps: by_key(&instance.gaps, |gap| gap.id.as_str()),
            rulings: rulings.into_iter().map(|(key, decision)| (key, decision.ruling)).collect(),
        };
        view.resolve(outcome, found);
        view.sum_up();
        view
    }

    fn resolve(&mut self, outcome: &'a Outcome, found: &mut Findings) {
        let buyers: HashMap<&str, &Buyer> = by_key(&self.instance.buyers, |buyer| buyer.id.as_str());
        let pairs = bid_for(self.instance, outcome);
        for award in &outcome.awards {
            let subject = [award.supplier.as_str(), award.lot.as_str()];
            let taken = self.lots.get(subject[1]).and_then(|&lot| {
                self.suppliers.get(subject[0])?;
                let buyer = buyers.get(lot.buyer.as_str())?;
                let pair = pairs.get(&(bidder(award), subject[1])).copied().flatten()?;
                take(award, lot, buyer, pair)
            });
            found.rule("pair", &subject, taken.is_some() && self.belongs(award), || {
                match &award.consortium {
                    None => "awarded, but no such pair may serve the lot".to_owned(),
                    Some(consortium) => {
                        format!("awarded through {consortium}, which is no pair, or not with this member")
                    }
                }
            });
            if self.belongs(award) {
                self.taken.extend(taken);
            }
        }
    }

    /// Whether the award's supplier is a member of the consortium that it names.
    fn belongs(&self, award: &Award) -> bool {
        award.consortium.as_ref().is_none_or(|id| {
            let consortium = self.consortia.get(id.as_str());
            consortium.is_some_and(|consortium| consortium.members.contains(&award.supplier))
        })
    }

    fn sum_up(&mut self) {
        for taken in self.taken.iter().filter(|taken| !taken.units.is_zero()) {
            self.active.insert(taken.supplier());
            let bid = self.bids.entry((&taken.lot.id, &taken.pair.supplier));
            let nothing = || Bid { lot: taken.lot, pair: taken.pair, units: Exact::zero() };
            bid.or_insert_with(nothing).units += &taken.units;
            for gap in &taken.pair.blocked_by {
                self.needed.entry(gap).or_default().insert(&taken.lot.id);
            }
        }
    }

    /// The bids for one lot, by bidder.
    pub(super) fn bids_for<'b>(&'b self, lot: &'b str) -> impl Iterator<Item = (&'a str, &'b Bid<'a>)> {
        let range = self.bids.range((lot, "")..).take_while(move |((of, _), _)| *of == lot);
        range.map(|((_, bidder), bid)| (*bidder, bid))
    }

    /// Whether a person has fixed this bidder's award and let it exceed the pair's `max_share`.
    pub(super) fn overridden(&self, bidder: &str, lot: &str) -> bool {
        matches!(self.rulings.get(&(bidder, lot)), Some(Ruling::Fixed { override_max_share: true, .. }))
    }

    /// Σ `what` over the awards, by key.
    pub(super) fn sums<K: Ord>(
        &self,
        key: impl Fn(&Taken<'a>) -> K,
        what: impl Fn(&Taken<'a>) -> Exact,
    ) -> BTreeMap<K, Exact> {
        let mut sums = BTreeMap::new();
        for taken in &self.taken {
            *sums.entry(key(taken)).or_insert_with(Exact::zero) += what(taken);
        }
        sums
    }
}

fn bidder(award: &Award) -> &str {
    award.consortium.as_deref().unwrap_or(&award.supplier)
}

/// The pairs that the awards name. Of a large instance few pairs are awarded, so that only those are
/// kept.
fn bid_for<'a>(
    instance: &'a Instance,
    outcome: &'a Outcome,
) -> HashMap<(&'a str, &'a str), Option<&'a Pair>> {
    let mut pairs: HashMap<_, Option<&Pair>> =
        outcome.awards.iter().map(|award| ((bidder(award), award.lot.as_str()), None)).collect();
    for pair in &instance.pairs {
        if let Some(place) = pairs.get_mut(&(pair.supplier.as_str(), pair.lot.as_str())) {
            *place = Some(pair);
        }
    }
    pairs
}

/// `None` for a lot without units or years, which no valid instance has.
fn take<'a>(award: &'a Award, lot: &'a Lot, buyer: &'a Buyer, pair: &'a Pair) -> Option<Taken<'a>> {
    let units = exact::whole(award.quantity);
    let amount = &units * pair.unit_price.to_exact();
    let annual = exact::quotient(&amount, &lot.years.to_exact())?;
    (lot.quantity > 0).then_some(Taken { award, lot, buyer, pair, units, amount, annual })
}

fn by_key<'a, T, K: std::hash::Hash + Eq>(rows: &'a [T], key: impl Fn(&'a T) -> K) -> HashMap<K, &'a T> {
    rows.iter().map(|row| (key(row), row)).collect()
}
