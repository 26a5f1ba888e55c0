//! The linear and conic model a second time: in doubles, straight from the formulas, over what each
//! bidder's members get in units. For instances whose rules need no yes or no.

use std::collections::BTreeMap;

use eslabon_solver::{
    Decimal, Instance,
    instance::{DependencyBase, Lot, Pair, Ruling, Tier},
};

/// What a member may get of a lot, alone or through a consortium.
pub struct Offer<'a> {
    pub member: &'a str,
    pub pair: &'a Pair,
    pub lot: &'a Lot,
    pub group: &'a str,
}

/// A rule: Σ coefficient · units ≤ limit.
pub type Row = (Vec<f64>, f64);

/// A rule: the length of the vectors of `parts` at most that of `whole`, each Σ coefficient · units + constant.
pub struct Cone {
    pub whole: Row,
    pub parts: Vec<Row>,
}

/// The instance in doubles.
pub struct Formulas<'a> {
    instance: &'a Instance,
    pub offers: Vec<Offer<'a>>,
    standings: BTreeMap<&'a str, Standing<'a>>,
}

/// A supplier's sales.
struct Standing<'a> {
    /// R; `None` where undisclosed.
    annual: Option<f64>,
    /// E by group.
    existing: BTreeMap<&'a str, f64>,
    caps: BTreeMap<&'a str, f64>,
}

#[expect(clippy::cast_precision_loss, reason = "quantities of tests are small")]
pub fn as_f64(units: u64) -> f64 {
    units as f64
}

const fn on(condition: bool, value: f64) -> f64 {
    if condition { value } else { 0. }
}

impl<'a> Formulas<'a> {
    pub fn new(instance: &'a Instance) -> Self {
        let mut offers = Vec::new();
        for pair in &instance.pairs {
            let Some(lot) = instance.lots.iter().find(|lot| lot.id == pair.lot) else { continue };
            let buyer = instance.buyers.iter().find(|buyer| buyer.id == lot.buyer);
            let group = buyer.map_or("", |buyer| &buyer.group);
            match instance.consortia.iter().find(|consortium| consortium.id == pair.supplier) {
                Some(consortium) => {
                    let members = consortium.members.iter();
                    offers.extend(members.map(|member| Offer { member, pair, lot, group }));
                }
                None => offers.push(Offer { member: &pair.supplier, pair, lot, group }),
            }
        }
        let standings = instance.suppliers.iter().map(|s| (&*s.id, standing(instance, &s.id)));
        Self { instance, offers, standings: standings.collect() }
    }

    /// A coefficient per offer.
    fn each(&self, coefficient: impl Fn(&Offer<'_>) -> f64) -> Vec<f64> {
        self.offers.iter().map(coefficient).collect()
    }

    /// What units are worth in a tier.
    pub fn worths(&self, tier: Tier) -> Vec<f64> {
        self.each(|offer| {
            let reference = offer.lot.reference_price.to_f64();
            match tier {
                Tier::Coverage => offer.lot.weight.to_f64() * reference,
                Tier::Fit => offer.pair.fit.to_f64() * reference,
                Tier::Cost => offer.pair.unit_price.to_f64(),
                Tier::Suppliers | Tier::Spread => unreachable!("not linear in awards"),
            }
        })
    }

    fn ruling(&self, bidder: &str, lot: &Lot) -> Option<Ruling> {
        let mut rows = self.instance.decisions.iter();
        rows.find(|row| row.supplier == bidder && row.lot == lot.id).map(|row| row.ruling)
    }

    /// Fewest and most units of a bidder by itself.
    fn range(&self, pair: &Pair, lot: &Lot) -> (f64, f64) {
        let quantity = as_f64(lot.quantity);
        let of_lot = lot.max_share.to_f64() * quantity;
        let most = of_lot.min(pair.max_share.to_f64() * quantity);
        match self.ruling(&pair.supplier, lot) {
            None => (0., most),
            Some(Ruling::Forbidden) => (0., 0.),
            Some(Ruling::Fixed { quantity, override_max_share }) => {
                let units = as_f64(quantity);
                (units, if override_max_share { of_lot } else { most }.min(units))
            }
        }
    }

    /// Fewest and most units of an offer by itself.
    pub fn limits(&self, offer: &Offer<'_>) -> (f64, f64) {
        let (fewest, most) = self.range(offer.pair, offer.lot);
        if offer.member == offer.pair.supplier {
            (fewest, most)
        } else if self.ruling(offer.member, offer.lot) == Some(Ruling::Forbidden) {
            (0., 0.)
        } else {
            (0., most)
        }
    }

    /// Every linear rule.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.of_lots();
        rows.extend(self.of_resources());
        for (supplier, standing) in &self.standings {
            for (group, cap) in &standing.caps {
                rows.push(self.of_dependency(supplier, standing, group, *cap));
            }
        }
        rows
    }

    fn of_lots(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for lot in &self.instance.lots {
            let units = self.each(|offer| on(offer.lot.id == lot.id, 1.));
            let least = lot.min_coverage.to_f64() * as_f64(lot.quantity);
            rows.push((units.iter().map(|unit| -unit).collect(), -least));
            rows.push((units, as_f64(lot.quantity)));
        }
        for pair in &self.instance.pairs {
            let lot = self.instance.lots.iter().find(|lot| lot.id == pair.lot);
            let Some(lot) = lot.filter(|_| self.instance.consortia.iter().any(|c| c.id == pair.supplier))
            else {
                continue;
            };
            let units =
                self.each(|offer| on(offer.pair.supplier == pair.supplier && offer.pair.lot == pair.lot, 1.));
            let (fewest, most) = self.range(pair, lot);
            rows.push((units.iter().map(|unit| -unit).collect(), -fewest));
            rows.push((units, most));
        }
        rows
    }

    fn of_resources(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for row in &self.instance.capacity {
            let used = |o: &Offer<'_>| {
                on(o.member == row.supplier && o.lot.process == row.process, o.pair.load.to_f64())
            };
            rows.push((self.each(used), row.amount.to_f64()));
        }
        for buyer in &self.instance.buyers {
            let price = |o: &Offer<'_>| on(o.lot.buyer == buyer.id, o.pair.unit_price.to_f64());
            if let Some(budget) = buyer.budget {
                rows.push((self.each(price), budget.to_f64()));
            }
            let share = buyer.max_supplier_share.to_f64();
            for supplier in &self.instance.suppliers {
                let beyond = |o: &Offer<'_>| price(o) * (on(o.member == supplier.id, 1.) - share);
                rows.push((self.each(beyond), 0.));
            }
        }
        rows
    }

    fn projects(&self, standing: &Standing<'_>) -> bool {
        standing.annual.is_some() && self.instance.dependency_base == DependencyBase::Projected
    }

    fn of_dependency(&self, supplier: &str, standing: &Standing<'_>, group: &str, cap: f64) -> Row {
        let existing = standing.existing.get(group).copied().unwrap_or(0.);
        let annual = standing.annual.unwrap_or(0.);
        let mut room = self.instance.dependency_allowance.to_f64();
        if self.instance.no_worsening {
            room = room.max(existing - cap * annual);
        }
        let projects = self.projects(standing);
        let beyond = |o: &Offer<'_>| {
            let share = on(o.group == group, 1.) - on(projects, cap);
            on(o.member == supplier, annual_price(o) * share)
        };
        (self.each(beyond), cap * annual + room - existing)
    }

    /// The HHI caps, with some room relative to the base. Where a supplier stands at its limit the set
    /// is flat, and the room allows as much as its root.
    pub fn cones(&self, room: f64) -> Vec<Cone> {
        let Some(cap) = self.instance.hhi_cap else { return Vec::new() };
        let mut cones = Vec::new();
        for (supplier, standing) in &self.standings {
            let Some(annual) = standing.annual.filter(|annual| *annual > 0.) else { continue };
            let squares: f64 = standing.existing.values().map(|sales| sales * sales).sum();
            let present = squares / (annual * annual);
            let most = cap.to_f64() / 1e4;
            let most = if self.instance.no_worsening { most.max(present) } else { most }.sqrt() + room;
            let new = |factor: f64, group: Option<&str>| {
                self.each(|o| {
                    let counts = o.member == *supplier && group.is_none_or(|group| o.group == group);
                    on(counts, factor * annual_price(o))
                })
            };
            let whole = new(on(self.projects(standing), most), None);
            let parts = standing.existing.iter().map(|(group, sales)| (new(1., Some(group)), *sales));
            cones.push(Cone { whole: (whole, most * annual), parts: parts.collect() });
        }
        cones
    }
}

fn annual_price(offer: &Offer<'_>) -> f64 {
    offer.pair.unit_price.to_f64() / offer.lot.years.to_f64()
}

fn standing<'a>(instance: &'a Instance, supplier: &str) -> Standing<'a> {
    let sales = || instance.sales.iter().filter(|row| row.supplier == supplier);
    let row = instance.suppliers.iter().find(|row| row.id == supplier);
    let sum: f64 = sales().map(|row| row.amount.to_f64()).sum();
    let expiring: f64 = sales().map(|row| row.expiring.to_f64()).sum();
    let groups = instance.buyers.iter().map(|buyer| &*buyer.group);
    let groups = groups.chain(instance.sales.iter().map(|row| &*row.group));
    let (mut existing, mut caps) = (BTreeMap::new(), BTreeMap::new());
    for group in groups {
        let of_group = sales().filter(|row| row.group == group);
        existing.insert(group, of_group.map(|row| row.amount.to_f64() - row.expiring.to_f64()).sum());
        let waiver = instance.caps.iter().find(|row| row.supplier == supplier && row.group == group);
        let own = row.and_then(|row| row.dependency_cap).or(instance.dependency_cap);
        if let Some(cap) = waiver.map(|row| row.dependency_cap).or(own) {
            caps.insert(group, Decimal::to_f64(cap));
        }
    }
    let annual = row.and_then(|row| row.annual_sales).map(|sales| sales.to_f64().max(sum) - expiring);
    Standing { annual, existing, caps }
}
