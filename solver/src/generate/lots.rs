//! What is asked, and what can be made of it.

use super::{
    Family,
    firms::{Firms, cents},
    plan::{self, Plan},
    random::{Stream, Topic},
};
use crate::{
    Decimal,
    instance::{Capacity, Lot},
};

/// All lots.
#[derive(Debug)]
pub(super) struct Demand {
    pub(super) lots: Vec<Need>,
    /// Units asked, by region and process.
    units: Vec<i64>,
}

/// A lot in the making.
#[derive(Debug)]
pub(super) struct Need {
    pub(super) buyer: usize,
    pub(super) region: usize,
    pub(super) process: usize,
    pub(super) quantity: i64,
    /// Reference price of a unit, in cents.
    pub(super) price: i64,
    years: i64,
}

/// Draws all lots.
pub(super) fn draw(plan: &Plan, firms: &Firms) -> Demand {
    let mut stream = Stream::new(plan.seed, Topic::Processes, 0, 0);
    // From 0.50 to 256 a unit.
    let usual: Vec<i64> = (0..plan.processes).map(|_| stream.skewed(50, 9)).collect();
    let mut lots: Vec<Need> = Vec::with_capacity(plan.lots);
    let mut sizes: Vec<i64> = Vec::with_capacity(plan.lots);
    for lot in 0..plan.lots {
        let mut stream = Stream::new(plan.seed, Topic::Lot, lot, 0);
        let region = lot % plan.regions;
        let process = stream.position(plan.processes);
        let usual = usual.get(process).copied().unwrap_or(100);
        let price = (usual * stream.between(70, 130) / 100).max(1);
        let years = if plan.has_features() && stream.happens(200) { stream.between(2, 3) } else { 1 };
        sizes.push(stream.skewed(100, 6));
        let buyer = firms.buyer_in(region, &mut stream);
        lots.push(Need { buyer, region, process, quantity: 1, price, years });
    }
    let sales: i128 = firms.suppliers.iter().map(|firm| i128::from(firm.sales)).sum();
    let asked = sales * i128::from(100 + plan.tightness * 9 / 10) / 1000;
    let all: i128 = sizes.iter().map(|size| i128::from(*size)).sum();
    let mut units = vec![0; plan.regions * plan.processes];
    for (lot, size) in lots.iter_mut().zip(sizes) {
        let annual = asked * i128::from(size) / all.max(1);
        let quantity = annual * i128::from(lot.years) / i128::from(lot.price);
        lot.quantity = i64::try_from(quantity).unwrap_or(i64::MAX).clamp(1, 1_000_000_000);
        units[lot.region * plan.processes + lot.process] += lot.quantity;
    }
    Demand { lots, units }
}

impl Demand {
    pub(super) fn lots_table(&self, plan: &Plan) -> Vec<Lot> {
        let row = |(at, lot): (usize, &Need)| Lot {
            years: Decimal::from(lot.years),
            ..Lot::new(
                plan.lot(at),
                plan.buyer(lot.buyer),
                plan::process(lot.process),
                lot.quantity.unsigned_abs(),
                cents(lot.price),
            )
        };
        self.lots.iter().enumerate().map(row).collect()
    }

    /// Capacities: what is asked of a process, times 4 − 2.8·κ, shared out by size.
    pub(super) fn capacity_table(&self, plan: &Plan, firms: &Firms) -> Vec<Capacity> {
        let mut sales = vec![0_i128; plan.regions * plan.processes];
        for firm in &firms.suppliers {
            for process in &firm.processes {
                sales[firm.region * plan.processes + process] += i128::from(firm.sales);
            }
        }
        let factor = i128::from(4000 - plan.tightness * 28 / 10);
        let mut rows = Vec::new();
        for (supplier, firm) in firms.suppliers.iter().enumerate() {
            for process in &firm.processes {
                let at = firm.region * plan.processes + process;
                // Not every firm states what it can make.
                let states = Stream::new(plan.seed, Topic::Supplier, supplier, process + 1).happens(900);
                if plan.family == Family::RealLike && !states {
                    continue;
                }
                let all = i128::from(self.units[at]) * factor / 1000;
                let own = all * i128::from(firm.sales) / sales[at].max(1) + 1;
                rows.push(Capacity {
                    supplier: plan.supplier(supplier),
                    process: plan::process(*process),
                    amount: Decimal::from(i64::try_from(own).unwrap_or(i64::MAX).min(1_000_000_000_000)),
                });
            }
        }
        rows.sort_by(|a, b| (&a.supplier, &a.process).cmp(&(&b.supplier, &b.process)));
        rows
    }
}
