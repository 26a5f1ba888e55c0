//! Who may serve which lot, at what price.

use super::{
    Family,
    features::Gaps,
    firms::{Firms, cents},
    lots::Demand,
    plan::Plan,
    random::{Stream, Topic},
};
use crate::{Decimal, instance::Pair};

/// Draws all pairs of suppliers and lots, sorted.
pub(super) fn draw(plan: &Plan, firms: &Firms, demand: &Demand, gaps: &Gaps) -> Vec<Pair> {
    let pools = Pools::new(plan, firms);
    let mut chosen = Vec::with_capacity(plan.lots * plan.pairs_per_lot);
    for lot in 0..plan.lots {
        chosen.extend(pools.suppliers(plan, firms, demand, lot).into_iter().map(|supplier| (supplier, lot)));
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|(supplier, lot)| pair(plan, firms, demand, gaps, supplier, lot)).collect()
}

/// Suppliers by what they can make and for whom.
struct Pools {
    /// By region and process.
    able: Vec<Vec<usize>>,
    /// By group and process: those for which the group is a home.
    at_home: Vec<Vec<usize>>,
}

impl Pools {
    fn new(plan: &Plan, firms: &Firms) -> Self {
        let mut able = vec![Vec::new(); plan.regions * plan.processes];
        let mut at_home = vec![Vec::new(); firms.groups.len() * plan.processes];
        for (supplier, firm) in firms.suppliers.iter().enumerate() {
            let mut homes = firm.homes.clone();
            homes.sort_unstable();
            homes.dedup();
            for process in &firm.processes {
                able[firm.region * plan.processes + process].push(supplier);
                for home in &homes {
                    at_home[home * plan.processes + process].push(supplier);
                }
            }
        }
        Self { able, at_home }
    }

    /// Different suppliers for a lot.
    fn suppliers(&self, plan: &Plan, firms: &Firms, demand: &Demand, lot: usize) -> Vec<usize> {
        let need = &demand.lots[lot];
        let able = &self.able[need.region * plan.processes + need.process];
        if able.len() <= plan.pairs_per_lot {
            return able.clone();
        }
        let mut stream = Stream::new(plan.seed, Topic::Choice, lot, 0);
        let group = firms.buyers[need.buyer].group;
        let at_home = &self.at_home[group * plan.processes + need.process];
        let from_home = (plan.pairs_per_lot * plan.affinity / 1000).min(at_home.len());
        let mut chosen = Vec::with_capacity(plan.pairs_per_lot);
        // A pool is at least as large as what is taken from it, so this ends.
        for (pool, up_to) in [(at_home, from_home), (able, plan.pairs_per_lot)] {
            while chosen.len() < up_to {
                let supplier = pool[stream.position(pool.len())];
                if !chosen.contains(&supplier) {
                    chosen.push(supplier);
                }
            }
        }
        chosen
    }
}

fn pair(plan: &Plan, firms: &Firms, demand: &Demand, gaps: &Gaps, supplier: usize, lot: usize) -> Pair {
    let mut stream = Stream::new(plan.seed, Topic::Pair, supplier, lot);
    let need = &demand.lots[lot];
    let level = firms.suppliers[supplier].price_level * stream.between(950, 1050);
    let unit_price = cents((need.price * level / 1_000_000).max(1));
    // The better of two draws: most suppliers that get this far fit well.
    let fit = stream.between(40, 100).max(stream.between(40, 100));
    let mut pair =
        Pair { fit: Decimal::new(fit, 2), ..Pair::new(plan.supplier(supplier), plan.lot(lot), unit_price) };
    if plan.family == Family::RealLike {
        pair.load = Decimal::new(stream.between(80, 125), 2);
        if stream.happens(150) {
            pair.max_share = Decimal::new(3, 1);
        }
    }
    if stream.happens(300) {
        pair.blocked_by = gaps.of(supplier, &mut stream);
    }
    pair
}
