//! The offers of an instance: who may serve which lot, in exact figures per unit.

use std::collections::BTreeMap;

use num_traits::{One, ToPrimitive};

use crate::{
    Instance,
    instance::{Buyer, Consortium, Gap, Lot, Pair, Supplier, Tier},
    ratio::Ratio,
};

/// An exact number.
pub(crate) type Exact = Ratio;

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

/// What one supplier may deliver of one lot, alone or as a member of a consortium: a column of the
/// model.
///
/// A consortium's pair makes one offer for each member, with the pair's price, fit and load. So
/// capacity, sales, caps and budgets see members only, and know nothing of consortia.
#[derive(Debug)]
pub(crate) struct Offer {
    /// Index into [`Network::suppliers`]: who delivers.
    pub supplier: usize,
    /// Index into [`Network::lots`].
    pub lot: usize,
    /// Index into [`Network::bids`]: what it is part of.
    pub bid: usize,
    units: Exact,
    load: Exact,
    contract: Exact,
    annual: Exact,
    coverage: Exact,
    fit: Exact,
    /// The nearest doubles of load, contract, annual, coverage, fit.
    doubles: [f64; 5],
}

/// Who bids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Bidder {
    /// Index into [`Network::suppliers`].
    Supplier(usize),
    /// Index into [`Network::consortia`].
    Consortium(usize),
}

/// One pair of the instance: a supplier or a consortium, and a lot. Rules that count suppliers of a
/// lot, and what opens or limits a pair, are about bids.
#[derive(Debug)]
pub(crate) struct Bid {
    pub bidder: Bidder,
    /// Index into [`Network::lots`].
    pub lot: usize,
    /// Largest share of the lot, before any decision: the smaller of the lot's and the pair's.
    pub max_share: Exact,
    /// The lot's own largest share, which no decision overrides.
    pub lot_max_share: Exact,
    /// Its offers: one, or one for each member.
    pub offers: Vec<usize>,
    /// Indices into [`Network::gaps`] of what must be closed first.
    pub gaps: Vec<usize>,
}

/// An instance with its bids and offers, everything in id order.
#[derive(Debug)]
pub(crate) struct Network<'a> {
    pub instance: &'a Instance,
    pub suppliers: Vec<&'a Supplier>,
    pub consortia: Vec<&'a Consortium>,
    pub lots: Vec<&'a Lot>,
    pub buyers: Vec<&'a Buyer>,
    pub gaps: Vec<&'a Gap>,
    /// Index into `buyers` of each lot's buyer.
    pub buyer_of: Vec<usize>,
    /// By supplier, lot and consortium; alone comes first.
    pub offers: Vec<Offer>,
    /// By id of the bidder, and lot.
    pub bids: Vec<Bid>,
    /// The offers of each lot.
    pub by_lot: Vec<Vec<usize>>,
    /// The offers of each supplier.
    pub by_supplier: Vec<Vec<usize>>,
    supplier_index: BTreeMap<&'a str, usize>,
    lot_index: BTreeMap<&'a str, usize>,
}

/// What a network says without its instance: the same for instances that differ in decisions, sales and caps alone.
#[derive(Debug)]
pub(crate) struct Layout {
    buyer_of: Vec<usize>,
    offers: Vec<Offer>,
    bids: Vec<Bid>,
    by_lot: Vec<Vec<usize>>,
    by_supplier: Vec<Vec<usize>>,
}

impl<'a> Network<'a> {
    pub fn new(instance: &'a Instance) -> Self {
        Self::laid_out(instance, None)
    }

    /// The same with what an instance had laid out that differs in decisions, sales and caps alone.
    pub fn laid_out(instance: &'a Instance, layout: Option<Layout>) -> Self {
        let suppliers = sorted(&instance.suppliers, |s| s.id.as_str());
        let consortia = sorted(&instance.consortia, |c| c.id.as_str());
        let lots = sorted(&instance.lots, |l| l.id.as_str());
        let buyers = sorted(&instance.buyers, |b| b.id.as_str());
        let gaps = sorted(&instance.gaps, |gap| gap.id.as_str());
        let supplier_index = positions(&suppliers, |s| s.id.as_str());
        let lot_index = positions(&lots, |l| l.id.as_str());
        let mut network = Self {
            instance,
            suppliers,
            consortia,
            lots,
            buyers,
            gaps,
            buyer_of: Vec::new(),
            offers: Vec::new(),
            bids: Vec::new(),
            by_lot: Vec::new(),
            by_supplier: Vec::new(),
            supplier_index,
            lot_index,
        };
        let layout = layout.unwrap_or_else(|| network.lay_out());
        network.buyer_of = layout.buyer_of;
        network.offers = layout.offers;
        network.bids = layout.bids;
        network.by_lot = layout.by_lot;
        network.by_supplier = layout.by_supplier;
        network
    }

    /// What it says without its instance.
    pub fn into_layout(self) -> Layout {
        let Self { buyer_of, offers, bids, by_lot, by_supplier, .. } = self;
        Layout { buyer_of, offers, bids, by_lot, by_supplier }
    }

    fn lay_out(&self) -> Layout {
        let Self { instance, suppliers, consortia, lots, buyers, gaps, supplier_index, lot_index, .. } = self;
        let consortium_index = positions(consortia, |c| c.id.as_str());
        let buyer_index = positions(buyers, |b| b.id.as_str());
        let gap_index = positions(gaps, |gap| gap.id.as_str());
        let buyer_of = lots.iter().map(|lot| buyer_index[lot.buyer.as_str()]).collect();

        let mut pairs: Vec<&Pair> = instance.pairs.iter().collect();
        pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        let mut bids = Vec::with_capacity(pairs.len());
        let mut offers = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let lot = lot_index[pair.lot.as_str()];
            let bidder = supplier_index.get(pair.supplier.as_str()).map_or_else(
                || Bidder::Consortium(consortium_index[pair.supplier.as_str()]),
                |supplier| Bidder::Supplier(*supplier),
            );
            let members: Vec<usize> = match bidder {
                Bidder::Supplier(supplier) => vec![supplier],
                Bidder::Consortium(consortium) => {
                    consortia[consortium].members.iter().map(|id| supplier_index[id.as_str()]).collect()
                }
            };
            let bid = bids.len();
            offers
                .extend(members.into_iter().map(|supplier| Offer::new(supplier, lot, bid, lots[lot], pair)));
            let mut blocked_by: Vec<usize> =
                pair.blocked_by.iter().map(|id| gap_index[id.as_str()]).collect();
            blocked_by.sort_unstable();
            blocked_by.dedup();
            bids.push(Bid {
                bidder,
                lot,
                max_share: pair.max_share.min(lots[lot].max_share).to_exact(),
                lot_max_share: lots[lot].max_share.to_exact(),
                offers: Vec::new(),
                gaps: blocked_by,
            });
        }
        offers.sort_by_key(|offer: &Offer| (offer.supplier, offer.lot, bids[offer.bid].bidder));
        let mut by_lot = vec![Vec::new(); lots.len()];
        let mut by_supplier = vec![Vec::new(); suppliers.len()];
        for (i, offer) in offers.iter().enumerate() {
            bids[offer.bid].offers.push(i);
            by_lot[offer.lot].push(i);
            by_supplier[offer.supplier].push(i);
        }

        Layout { buyer_of, offers, bids, by_lot, by_supplier }
    }

    /// The bid of a supplier or consortium for a lot, if they are a pair.
    pub fn bid(&self, bidder: &str, lot: &str) -> Option<usize> {
        // They stand in the order of their names.
        self.bids.binary_search_by(|bid| self.names_of(bid)[..].cmp(&[bidder, lot])).ok()
    }

    /// All offers of a supplier for a lot, alone and in consortia.
    pub fn offers_of(&self, supplier: &str, lot: &str) -> Vec<usize> {
        let (Some(supplier), Some(lot)) = (self.supplier(supplier), self.lot_index.get(lot)) else {
            return Vec::new();
        };
        let own = self.by_supplier[supplier].iter();
        own.copied().filter(|offer| self.offers[*offer].lot == *lot).collect()
    }

    /// Id of the bidder, and of the lot.
    pub fn bid_names(&self, bid: usize) -> [&'a str; 2] {
        self.names_of(&self.bids[bid])
    }

    fn names_of(&self, bid: &Bid) -> [&'a str; 2] {
        let Bid { bidder, lot, .. } = *bid;
        let bidder = match bidder {
            Bidder::Supplier(supplier) => &self.suppliers[supplier].id,
            Bidder::Consortium(consortium) => &self.consortia[consortium].id,
        };
        [bidder, &self.lots[lot].id]
    }

    /// The consortium through which an offer delivers, if any.
    pub fn through(&self, offer: usize) -> Option<&'a str> {
        match self.bids[self.offers[offer].bid].bidder {
            Bidder::Supplier(_) => None,
            Bidder::Consortium(consortium) => Some(&self.consortia[consortium].id),
        }
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
        self.near_unit(measure, offer) * count(self.quantity(offer))
    }

    /// What one unit of an offer counts as, to the nearest double.
    pub fn near_unit(&self, measure: Measure, offer: usize) -> f64 {
        let [load, contract, annual, ..] = self.offers[offer].doubles;
        match measure {
            Measure::Units => 1.,
            Measure::Load => load,
            Measure::Contract => contract,
            Measure::Annual => annual,
        }
    }

    /// What one unit of an offer adds to a tier's objective, to the nearest double; 0 for tiers that do not count
    /// units.
    pub fn near_tier_unit(&self, tier: Tier, offer: usize) -> f64 {
        let [_, contract, _, coverage, fit] = self.offers[offer].doubles;
        match tier {
            Tier::Coverage => coverage,
            Tier::Fit => fit,
            Tier::Cost => contract,
            Tier::Suppliers | Tier::Spread => 0.,
        }
    }

    /// What one unit of an offer adds to a tier's objective; `None` for tiers that do not count units.
    pub fn tier_per_unit(&self, tier: Tier, offer: usize) -> Option<&Exact> {
        let offer = &self.offers[offer];
        match tier {
            Tier::Coverage => Some(&offer.coverage),
            Tier::Fit => Some(&offer.fit),
            Tier::Cost => Some(&offer.contract),
            Tier::Suppliers | Tier::Spread => None,
        }
    }
}

impl Offer {
    fn new(supplier: usize, lot: usize, bid: usize, of: &Lot, pair: &Pair) -> Self {
        let reference = of.reference_price.to_exact();
        let load = pair.load.to_exact();
        let contract = pair.unit_price.to_exact();
        let annual = &contract / of.years.to_exact();
        let coverage = of.weight.to_exact() * &reference;
        let fit = pair.fit.to_exact() * reference;
        let doubles = [&load, &contract, &annual, &coverage, &fit].map(double);
        Self { supplier, lot, bid, units: Exact::one(), load, contract, annual, coverage, fit, doubles }
    }
}

/// A whole number as an exact one.
pub(crate) fn whole(number: u64) -> Exact {
    Exact::from(number)
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
