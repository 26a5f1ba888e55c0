//! Who takes part: buyers with their groups, suppliers with their sizes, processes and sales.

use std::collections::BTreeMap;

use super::{
    Family,
    plan::{Plan, id},
    random::{Stream, Topic},
};
use crate::{
    Decimal,
    instance::{Buyer, Sales, Supplier},
};

/// Everybody.
#[derive(Debug)]
pub(super) struct Firms {
    pub(super) suppliers: Vec<Firm>,
    pub(super) buyers: Vec<LeadFirm>,
    /// The groups' ids.
    pub(super) groups: Vec<String>,
    /// The buyers of each region, and the sum of their weights up to each.
    markets: Vec<Vec<(u64, usize)>>,
}

/// A supplier in the making.
#[derive(Debug)]
pub(super) struct Firm {
    pub(super) region: usize,
    /// Annual sales in cents.
    pub(super) sales: i64,
    /// What it makes, one to three processes.
    pub(super) processes: Vec<usize>,
    /// The groups that it works for most.
    pub(super) homes: Vec<usize>,
    /// Its prices, in thousandths of the usual ones.
    pub(super) price_level: i64,
    /// Existing sales in cents by group.
    pub(super) existing: BTreeMap<usize, i64>,
}

/// A buyer in the making.
#[derive(Debug)]
pub(super) struct LeadFirm {
    pub(super) group: usize,
    region: usize,
    /// Its part of the lots, among all weights.
    weight: u64,
}

/// Draws everybody.
pub(super) fn draw(plan: &Plan) -> Firms {
    let (buyers, groups) = buyers(plan);
    let mut markets = vec![Vec::new(); plan.regions];
    for (at, buyer) in buyers.iter().enumerate() {
        let market: &mut Vec<(u64, usize)> = &mut markets[buyer.region];
        let before = market.last().map_or(0, |(sum, _)| *sum);
        market.push((before + buyer.weight, at));
    }
    let mut firms = Firms { suppliers: Vec::new(), buyers, groups, markets };
    firms.suppliers = (0..plan.suppliers).map(|supplier| firm(plan, &firms, supplier)).collect();
    firms
}

fn buyers(plan: &Plan) -> (Vec<LeadFirm>, Vec<String>) {
    let mut stream = Stream::new(plan.seed, Topic::Buyers, 0, 0);
    let mut groups: Vec<String> = Vec::new();
    let mut buyers: Vec<LeadFirm> = Vec::new();
    for at in 0..plan.buyers {
        let group = match plan.family {
            Family::FewBuyers if at >= 3 => at % 3,
            // One firm in four is under common control with the one before.
            Family::RealLike if at % 4 == 3 => groups.len() - 1,
            _ => groups.len(),
        };
        if group == groups.len() {
            groups.push(plan.buyer(at));
        } else if let Some(id_of_group) = groups.get_mut(group) {
            *id_of_group = id("G", group, plan.buyers);
        }
        let weight = match plan.family {
            Family::DominantBuyer if at == 0 => 0,
            Family::RealLike | Family::Integer => stream.skewed(100, 5).unsigned_abs(),
            _ => 100,
        };
        buyers.push(LeadFirm { group, region: at % plan.regions, weight });
    }
    // The dominant one asks for 60 %.
    let others: u64 = buyers.iter().map(|buyer| buyer.weight).sum();
    if let Some(dominant) = buyers.first_mut().filter(|buyer| buyer.weight == 0) {
        dominant.weight = (others * 3 / 2).max(1);
    }
    (buyers, groups)
}

fn firm(plan: &Plan, firms: &Firms, supplier: usize) -> Firm {
    let mut stream = Stream::new(plan.seed, Topic::Supplier, supplier, 0);
    let region = supplier % plan.regions;
    // From 20,000 to 5,120,000 a year, in hundreds.
    let sales = stream.skewed(200, 8) * 10_000;
    // Every process has somebody, whatever is drawn.
    let mut processes = vec![(supplier / plan.regions) % plan.processes];
    for permille in [400, 200] {
        if stream.happens(permille) {
            processes.push(stream.position(plan.processes));
        }
    }
    processes.sort_unstable();
    processes.dedup();
    let mut homes: Vec<usize> = (0..3).map(|_| firms.group_in(region, &mut stream)).collect();
    if plan.family == Family::DominantBuyer
        && stream.happens(700)
        && let Some(home) = homes.first_mut()
    {
        *home = 0;
    }
    let price_level = stream.between(880, 1120);
    let existing = existing(plan, firms, region, sales, &homes, &mut stream);
    Firm { region, sales, processes, homes, price_level, existing }
}

/// Existing sales: to homes first, never more than 95 % of all sales.
fn existing(
    plan: &Plan,
    firms: &Firms,
    region: usize,
    sales: i64,
    homes: &[usize],
    stream: &mut Stream,
) -> BTreeMap<usize, i64> {
    let mut left = 950;
    let mut existing = BTreeMap::new();
    let count = stream.between(plan.existing.0, plan.existing.1);
    for at in 0..usize::try_from(count).unwrap_or(0) {
        let home = homes.get(at).copied().filter(|_| plan.affinity > 0);
        let group = home.unwrap_or_else(|| firms.group_in(region, stream));
        let share = stream.between(plan.existing_share.0, plan.existing_share.1).min(left);
        if share > 0 && !existing.contains_key(&group) {
            left -= share;
            // Sales are whole hundreds, so that a thousandth is whole cents.
            existing.insert(group, sales / 1000 * share);
        }
    }
    existing
}

impl Firms {
    /// A buyer of a region, the larger the likelier.
    pub(super) fn buyer_in(&self, region: usize, stream: &mut Stream) -> usize {
        let market = self.markets.get(region).map_or(&[][..], Vec::as_slice);
        let drawn = stream.below(market.last().map_or(0, |(sum, _)| *sum));
        let at = market.partition_point(|(sum, _)| *sum <= drawn);
        market.get(at).map_or(0, |(_, buyer)| *buyer)
    }

    fn group_in(&self, region: usize, stream: &mut Stream) -> usize {
        self.buyers[self.buyer_in(region, stream)].group
    }

    pub(super) fn buyers_table(&self, plan: &Plan) -> Vec<Buyer> {
        let row = |(at, buyer): (usize, &LeadFirm)| Buyer {
            id: plan.buyer(at),
            group: self.groups[buyer.group].clone(),
            budget: None,
            max_supplier_share: Decimal::ONE,
        };
        self.buyers.iter().enumerate().map(row).collect()
    }

    pub(super) fn suppliers_table(&self, plan: &Plan) -> Vec<Supplier> {
        let row = |(at, firm): (usize, &Firm)| Supplier {
            annual_sales: Some(cents(firm.sales)),
            ..Supplier::new(plan.supplier(at))
        };
        self.suppliers.iter().enumerate().map(row).collect()
    }

    pub(super) fn sales_table(&self, plan: &Plan) -> Vec<Sales> {
        let mut sales = Vec::new();
        for (at, firm) in self.suppliers.iter().enumerate() {
            sales.extend(firm.existing.iter().map(|(group, amount)| Sales {
                supplier: plan.supplier(at),
                group: self.groups[*group].clone(),
                amount: cents(*amount),
                expiring: Decimal::ZERO,
            }));
        }
        sales.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
        sales
    }
}

/// An amount of money.
pub(super) const fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}
