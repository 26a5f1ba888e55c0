//! Random instances with every rule of the format, small enough to try all awards.
//!
//! Numbers come from a generator of our own, so that a seed means the same instance everywhere and
//! for ever. Each instance switches some features on, and uses those a lot; a few rules at a time are
//! what lets them meet without making everything impossible.

use eslabon_solver::{
    Instance,
    instance::{
        Buyer, Cap, Capacity, Consortium, Decision, DependencyBase, Gap, Limits, Lot, Objective, Pair,
        Ruling, Sales, Supplier, Tier,
    },
};

use super::decimal;

/// `SplitMix64` (Steele, Lea & Flood 2014): small, and good enough to choose with.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but not including.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn number(&mut self, from: &[&str]) -> eslabon_solver::Decimal {
        decimal(self.pick(from))
    }
}

/// Which rules an instance uses, by chance.
#[expect(clippy::struct_excessive_bools, reason = "a list of switches is what it is")]
struct Features {
    cap: bool,
    hhi: bool,
    counts: bool,
    least_shares: bool,
    whole_lots: bool,
    commitments: bool,
    set_up: bool,
    gaps: bool,
    consortia: bool,
    decisions: bool,
    budgets: bool,
    coverage: bool,
}

impl Features {
    fn new(dice: &mut Dice) -> Self {
        Self {
            cap: dice.chance(70),
            hhi: dice.chance(25),
            counts: dice.chance(35),
            least_shares: dice.chance(35),
            whole_lots: dice.chance(25),
            commitments: dice.chance(30),
            set_up: dice.chance(35),
            gaps: dice.chance(35),
            consortia: dice.chance(40),
            decisions: dice.chance(25),
            budgets: dice.chance(30),
            coverage: dice.chance(30),
        }
    }
}

/// An instance of up to 4 suppliers and 4 lots.
pub fn mixed(seed: u64, whole_units: bool) -> Instance {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let features = Features::new(dice);
    let mut i = Instance {
        currency: "USD".to_owned(),
        no_worsening: !dice.chance(20),
        whole_units,
        limits: Limits { threads: 1, relative_gap: decimal("0"), ..Limits::default() },
        ..Instance::default()
    };
    settings(dice, &features, &mut i);
    let buyers = 1 + dice.below(3);
    for buyer in 0..buyers {
        i.buyers.push(Buyer {
            id: format!("B{buyer}"),
            group: format!("G{}", dice.below(3)),
            budget: (features.budgets && dice.chance(40)).then(|| dice.number(&["4", "10", "25"])),
            max_supplier_share: decimal(if features.budgets { dice.pick(&["1", "0.7", "0.5"]) } else { "1" }),
        });
    }
    for supplier in 0..=dice.below(4) {
        add_supplier(dice, &features, &mut i, supplier);
    }
    for lot in 0..=dice.below(4) {
        add_lot(dice, &features, &mut i, lot);
    }
    if features.consortia && i.suppliers.len() > 1 {
        add_consortium(dice, &mut i);
    }
    add_pairs(dice, &features, &mut i);
    sorted(&mut i);
    i
}

fn settings(dice: &mut Dice, features: &Features, i: &mut Instance) {
    i.dependency_cap = features.cap.then(|| dice.number(&["0", "0.2", "0.35", "0.5", "0.8", "1"]));
    if dice.chance(30) {
        i.dependency_base = DependencyBase::Conservative;
    }
    i.dependency_allowance = dice.number(&["0", "0", "2", "6"]);
    i.hhi_cap = features.hhi.then(|| dice.number(&["0", "800", "2500", "5000", "10000"]));
    i.development_budget = features.gaps.then(|| dice.number(&["0", "3", "8"])).filter(|_| dice.chance(85));
    let mut tiers = vec![Tier::Coverage, Tier::Fit, Tier::Cost, Tier::Suppliers];
    // Any order and any selection, but coverage first as a rule: without it nothing is awarded.
    for place in (1..tiers.len()).rev() {
        tiers.swap(place, dice.below(place + 1));
    }
    tiers.truncate(1 + dice.below(4));
    if dice.chance(70) {
        tiers.retain(|tier| *tier != Tier::Coverage);
        tiers.insert(0, Tier::Coverage);
    }
    if dice.chance(40) {
        let place = if dice.chance(75) { tiers.len() } else { dice.below(tiers.len() + 1) };
        tiers.insert(place, Tier::Spread);
    }
    let tolerant = dice.chance(30);
    i.objectives = (tiers.into_iter())
        .map(|tier| Objective {
            tier,
            tolerance: decimal(if tolerant { dice.pick(&["0", "0.05", "0.2"]) } else { "0" }),
        })
        .collect();
}

fn add_supplier(dice: &mut Dice, features: &Features, i: &mut Instance, number: usize) {
    let id = format!("S{number}");
    let mut supplier = Supplier::new(&id);
    supplier.annual_sales = (!dice.chance(15)).then(|| dice.number(&["0", "5", "12", "20.5", "40"]));
    supplier.dependency_cap = (features.cap && dice.chance(20)).then(|| dice.number(&["0.1", "0.4", "1"]));
    if features.commitments {
        supplier.max_awards = dice.chance(40).then(|| 1 + dice.below(2) as u64);
        supplier.min_total = dice.number(&["0", "0", "3", "7.5"]);
    }
    if features.set_up {
        supplier.setup_cost = dice.number(&["0", "1", "2.5", "10"]);
    }
    i.suppliers.push(supplier);
    for group in 0..3 {
        if dice.chance(35) {
            let (amount, expiring) = dice.pick(&[("3", "0"), ("5", "5"), ("8", "2.5"), ("15", "0")]);
            i.sales.push(Sales {
                supplier: id.clone(),
                group: format!("G{group}"),
                amount: decimal(amount),
                expiring: decimal(expiring),
            });
        }
    }
    for process in ["P", "Q"] {
        if dice.chance(35) {
            let amount = dice.number(&["0", "1", "2.5", "4", "7"]);
            i.capacity.push(Capacity { supplier: id.clone(), process: process.to_owned(), amount });
        }
    }
}

fn add_lot(dice: &mut Dice, features: &Features, i: &mut Instance, number: usize) {
    let buyer = i.buyers[dice.below(i.buyers.len())].id.clone();
    let process = dice.pick(&["P", "P", "Q"]);
    let price = dice.number(&["1", "2", "2.5", "3.3"]);
    let mut lot = Lot::new(format!("L{number}"), buyer, process, 1 + dice.below(4) as u64, price);
    lot.weight = dice.number(&["1", "1", "1", "2", "0.5", "0"]);
    lot.years = dice.number(&["1", "1", "2", "0.5"]);
    lot.max_share = dice.number(&["1", "1", "1", "0.75", "0.5"]);
    if features.counts {
        lot.min_suppliers = dice.pick(&[0, 0, 1, 2]);
        lot.max_suppliers = dice.chance(40).then(|| 1 + dice.below(2) as u64);
        lot.must_award = dice.chance(20);
    }
    if features.least_shares {
        lot.min_share = dice.number(&["0", "0.25", "0.3", "0.5", "1"]);
    }
    if features.whole_lots {
        lot.divisible = dice.chance(40);
    }
    if features.coverage {
        lot.min_coverage = dice.number(&["0", "0", "0.25", "0.5", "0.7", "1"]);
    }
    if features.gaps && dice.chance(50) {
        lot.starts_in = Some(dice.number(&["0", "3", "6"]));
    }
    i.lots.push(lot);
}

fn add_consortium(dice: &mut Dice, i: &mut Instance) {
    for number in 0..=dice.below(2) {
        let mut members: Vec<String> = i.suppliers.iter().map(|supplier| supplier.id.clone()).collect();
        while members.len() > 2 && (members.len() > 3 || dice.chance(60)) {
            members.remove(dice.below(members.len()));
        }
        i.consortia.push(Consortium { id: format!("C{number}"), members });
    }
}

fn add_pairs(dice: &mut Dice, features: &Features, i: &mut Instance) {
    let alone = i.suppliers.iter().map(|supplier| (supplier.id.clone(), 75));
    let bidders: Vec<_> = alone.chain(i.consortia.iter().map(|c| (c.id.clone(), 55))).collect();
    for (bidder, chance) in bidders {
        let gaps = if features.gaps { dice.below(3) } else { 0 };
        for gap in 0..gaps {
            i.gaps.push(Gap {
                id: format!("{bidder}-{gap}"),
                supplier: bidder.clone(),
                cost: dice.chance(85).then(|| dice.number(&["0", "1", "2", "4.5"])),
                months: dice.number(&["0", "3", "9"]),
            });
        }
        for lot in 0..i.lots.len() {
            if dice.chance(chance) {
                add_pair(dice, features, i, &bidder, lot, gaps);
            }
        }
    }
    // A waiver needs a group that somebody knows.
    let groups: Vec<_> = i.buyers.iter().map(|buyer| buyer.group.clone()).collect();
    for supplier in 0..i.suppliers.len() {
        if features.cap && dice.chance(25) {
            i.caps.push(Cap {
                supplier: i.suppliers[supplier].id.clone(),
                group: groups[dice.below(groups.len())].clone(),
                dependency_cap: dice.number(&["0", "0.5", "1"]),
            });
        }
    }
}

fn add_pair(dice: &mut Dice, features: &Features, i: &mut Instance, bidder: &str, lot: usize, gaps: usize) {
    let lot = &i.lots[lot];
    let mut pair = Pair::new(bidder, &lot.id, dice.number(&["0.5", "1", "2", "3.3", "4"]));
    pair.fit = dice.number(&["1", "0.9", "0.4", "0"]);
    pair.load = dice.number(&["1", "1", "1.5", "0"]);
    pair.max_share = dice.number(&["1", "1", "1", "0.75", "0.4"]);
    pair.blocked_by = (0..gaps).filter(|_| dice.chance(45)).map(|gap| format!("{bidder}-{gap}")).collect();
    if features.decisions && dice.chance(20) {
        let quantity = dice.below(3) as u64;
        let ruling = match dice.below(3) {
            0 => Ruling::Forbidden,
            kind => Ruling::Fixed { quantity: quantity.min(lot.quantity), override_max_share: kind == 2 },
        };
        i.decisions.push(Decision { supplier: bidder.to_owned(), lot: lot.id.clone(), ruling });
    }
    i.pairs.push(pair);
}

/// As reading sorts them.
fn sorted(i: &mut Instance) {
    i.pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
    i.gaps.sort_by(|a, b| a.id.cmp(&b.id));
    i.caps.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
    i.decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
}
