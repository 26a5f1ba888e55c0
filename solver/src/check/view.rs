//! The instance by id, and the awards with what they refer to.

use std::collections::{BTreeMap, HashMap};

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
};
use crate::{
    Instance, Outcome,
    instance::{Buyer, Lot, Pair, Ruling, Supplier},
    outcome::Award,
};

/// An award whose supplier, lot, buyer and pair exist, with its exact amounts.
pub(super) struct Taken<'a> {
    pub award: &'a Award,
    pub lot: &'a Lot,
    pub buyer: &'a Buyer,
    pub pair: &'a Pair,
    pub units: Exact,
    /// Contract total.
    pub amount: Exact,
    /// Contract total / years.
    pub annual: Exact,
}

/// Everything that the rules look up.
pub(super) struct View<'a> {
    pub instance: &'a Instance,
    pub taken: Vec<Taken<'a>>,
    rulings: HashMap<(&'a str, &'a str), Ruling>,
}

impl<'a> View<'a> {
    /// Resolves the awards; one that refers to nothing is a violation and counts nowhere else.
    pub(super) fn new(instance: &'a Instance, outcome: &'a Outcome, found: &mut Findings) -> Self {
        let suppliers: HashMap<&str, &Supplier> =
            by_key(&instance.suppliers, |supplier| supplier.id.as_str());
        let buyers: HashMap<&str, &Buyer> = by_key(&instance.buyers, |buyer| buyer.id.as_str());
        let lots: HashMap<&str, &Lot> = by_key(&instance.lots, |lot| lot.id.as_str());
        let pairs: HashMap<(&str, &str), &Pair> =
            by_key(&instance.pairs, |pair| (pair.supplier.as_str(), pair.lot.as_str()));
        let mut taken = Vec::with_capacity(outcome.awards.len());
        for award in &outcome.awards {
            let (supplier, lot) = (award.supplier.as_str(), award.lot.as_str());
            let resolved = lots.get(lot).and_then(|&lot| {
                suppliers.get(supplier)?;
                let buyer = buyers.get(lot.buyer.as_str())?;
                let pair = pairs.get(&(supplier, lot.id.as_str()))?;
                take(award, lot, buyer, pair)
            });
            found.rule("pair", &[supplier, lot], resolved.is_some(), || {
                "awarded, but no such pair may serve the lot".to_owned()
            });
            taken.extend(resolved);
        }
        let rulings =
            by_key(&instance.decisions, |decision| (decision.supplier.as_str(), decision.lot.as_str()));
        Self {
            instance,
            taken,
            rulings: rulings.into_iter().map(|(key, decision)| (key, decision.ruling)).collect(),
        }
    }

    /// Whether a person has fixed this pair's award and let it exceed the pair's `max_share`.
    pub(super) fn overridden(&self, supplier: &str, lot: &str) -> bool {
        matches!(self.rulings.get(&(supplier, lot)), Some(Ruling::Fixed { override_max_share: true, .. }))
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

/// `None` for a lot without units or years, which no valid instance has.
fn take<'a>(award: &'a Award, lot: &'a Lot, buyer: &'a Buyer, pair: &'a Pair) -> Option<Taken<'a>> {
    let units = exact::whole(award.quantity);
    let amount = &units * pair.unit_price.to_ratio();
    let annual = exact::quotient(&amount, &lot.years.to_ratio())?;
    (lot.quantity > 0).then_some(Taken { award, lot, buyer, pair, units, amount, annual })
}

fn by_key<'a, T, K: std::hash::Hash + Eq>(rows: &'a [T], key: impl Fn(&'a T) -> K) -> HashMap<K, &'a T> {
    rows.iter().map(|row| (key(row), row)).collect()
}
