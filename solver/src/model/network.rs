//! The offers of an instance: who may serve which lot, in exact figures per unit.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::{
    Instance,
    instance::{Buyer, Lot, Supplier, Tier},
};

/// An exact number.
pub(crate) type Exact = BigRational;

/// What a unit of an award counts as, in a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Measure {
    /// One.
    Units,
    /// Capacity of the lot's process.
    Load,
    /// Its price.
    Contract,
    /// Its price per year of the contract.
    Annual,
}

/// One pair of the instance: a column of the model.
#[derive(Debug)]
pub(crate) struct Offer {
    /// Index into [`Network::suppliers`].
    pub supplier: usize,
    /// Index into [`Network::lots`].
    pub lot: usize,
    /// Largest share of the lot, before any decision: the smaller of the lot's and the pair's.
    pub max_share: Exact,
    /// The lot's own largest share, which no decision overrides.
    pub lot_max_share: Exact,
    units: Exact,
    load: Exact,
    contract: Exact,
    annual: Exact,
    coverage: Exact,
    fit: Exact,
}

/// An instance with its offers, everything in id order.
#[derive(Debug)]
pub(crate) struct Network<'a> {
    pub instance: &'a Instance,
    pub suppliers: Vec<&'a Supplier>,
    pub lots: Vec<&'a Lot>,
    pub buyers: Vec<&'a Buyer>,
    /// Index into `buyers` of each lot's buyer.
    pub buyer_of: Vec<usize>,
    /// By supplier and lot.
    pub offers: Vec<Offer>,
    supplier_index: BTreeMap<&'a str, usize>,
    lot_index: BTreeMap<&'a str, usize>,
    offer_index: BTreeMap<(usize, usize), usize>,
}

impl<'a> Network<'a> {
    pub fn new(instance: &'a Instance) -> Self {
        let suppliers = sorted(&instance.suppliers, |s| s.id.as_str());
        let lots = sorted(&instance.lots, |l| l.id.as_str());
        let buyers = sorted(&instance.buyers, |b| b.id.as_str());
        let supplier_index = positions(&suppliers, |s| s.id.as_str());
        let lot_index = positions(&lots, |l| l.id.as_str());
        let buyer_index = positions(&buyers, |b| b.id.as_str());
        let buyer_of = lots.iter().map(|lot| buyer_index[lot.buyer.as_str()]).collect();

        let mut offers: Vec<Offer> = instance
            .pairs
            .iter()
            .map(|pair| {
                let lot = lot_index[pair.lot.as_str()];
                let reference = lots[lot].reference_price.to_ratio();
                let contract = pair.unit_price.to_ratio();
                Offer {
                    supplier: supplier_index[pair.supplier.as_str()],
                    lot,
                    max_share: pair.max_share.min(lots[lot].max_share).to_ratio(),
                    lot_max_share: lots[lot].max_share.to_ratio(),
                    units: Exact::from_integer(BigInt::from(1)),
                    load: pair.load.to_ratio(),
                    annual: &contract / lots[lot].years.to_ratio(),
                    contract,
                    coverage: lots[lot].weight.to_ratio() * &reference,
                    fit: pair.fit.to_ratio() * reference,
                }
            })
            .collect();
        offers.sort_by_key(|offer| (offer.supplier, offer.lot));
        let offer_index =
            offers.iter().enumerate().map(|(i, offer)| ((offer.supplier, offer.lot), i)).collect();

        Self { instance, suppliers, lots, buyers, buyer_of, offers, supplier_index, lot_index, offer_index }
    }

    /// The column of a supplier and a lot, if they are a pair.
    pub fn offer(&self, supplier: &str, lot: &str) -> Option<usize> {
        let supplier = *self.supplier_index.get(supplier)?;
        let lot = *self.lot_index.get(lot)?;
        self.offer_index.get(&(supplier, lot)).copied()
    }

    /// Position of a supplier.
    pub fn supplier(&self, id: &str) -> Option<usize> {
        self.supplier_index.get(id).copied()
    }

    /// The buyer group of an offer.
    pub fn group_of(&self, offer: usize) -> &'a str {
        let buyer = self.buyer_of[self.offers[offer].lot];
        self.buyers[buyer].group.as_str()
    }

    /// Units of the offer's lot.
    pub fn quantity(&self, offer: usize) -> u64 {
        self.lots[self.offers[offer].lot].quantity
    }

    /// Supplier id and lot id of an offer.
    pub fn names(&self, offer: usize) -> [&'a str; 2] {
        let Offer { supplier, lot, .. } = self.offers[offer];
        [&self.suppliers[supplier].id, &self.lots[lot].id]
    }

    /// What one unit of an offer counts as.
    pub fn per_unit(&self, measure: Measure, offer: usize) -> &Exact {
        let offer = &self.offers[offer];
        match measure {
            Measure::Units => &offer.units,
            Measure::Load => &offer.load,
            Measure::Contract => &offer.contract,
            Measure::Annual => &offer.annual,
        }
    }

    /// The same for the whole lot, for the numerical engine.
    pub fn per_lot(&self, measure: Measure, offer: usize) -> f64 {
        double(self.per_unit(measure, offer)) * count(self.quantity(offer))
    }

    /// What one unit of an offer adds to a tier's objective.
    pub fn tier_per_unit(&self, tier: Tier, offer: usize) -> &Exact {
        let offer = &self.offers[offer];
        match tier {
            Tier::Coverage => &offer.coverage,
            Tier::Fit => &offer.fit,
            Tier::Cost | Tier::Suppliers | Tier::Spread => &offer.contract,
        }
    }

    /// A tier's objective for whole-unit awards, exactly.
    pub fn tier_value(&self, tier: Tier, units: &[u64]) -> Exact {
        units
            .iter()
            .enumerate()
            .filter(|(_, units)| **units > 0)
            .map(|(i, units)| self.tier_per_unit(tier, i) * whole(*units))
            .sum()
    }
}

/// A whole number as an exact one.
pub(crate) fn whole(number: u64) -> Exact {
    Exact::from_integer(BigInt::from(number))
}

/// The nearest double.
pub(crate) fn double(number: &Exact) -> f64 {
    number.to_f64().unwrap_or(f64::NAN)
}

/// A whole number as a double; exact up to 2⁵³, which is beyond any quantity that can be priced.
#[expect(clippy::cast_precision_loss, reason = "for the numerical engine only")]
pub(crate) const fn count(number: u64) -> f64 {
    number as f64
}

fn sorted<T>(rows: &[T], id: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut rows: Vec<&T> = rows.iter().collect();
    rows.sort_by(|a, b| id(a).cmp(id(b)));
    rows
}

fn positions<'a, T>(rows: &[&'a T], id: impl Fn(&'a T) -> &'a str) -> BTreeMap<&'a str, usize> {
    rows.iter().enumerate().map(|(i, row)| (id(row), i)).collect()
}
