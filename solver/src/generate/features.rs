//! What a real programme has beyond sizes and prices, and what needs integers.

use super::{
    Family,
    firms::{Firm, Firms, cents},
    plan::{self, Plan, id},
    random::{Stream, Topic},
};
use crate::{
    Decimal, Instance,
    instance::{Cap, Consortium, Gap, Pair},
};

/// The gaps of each supplier.
#[derive(Debug)]
pub(super) struct Gaps(Vec<Vec<Gap>>);

impl Gaps {
    /// Some of a supplier's gaps, as what blocks a pair.
    pub(super) fn of(&self, supplier: usize, stream: &mut Stream) -> Vec<String> {
        let own = self.0.get(supplier).map_or(&[][..], Vec::as_slice);
        let first = stream.position(own.len());
        own.iter().skip(first).map(|gap| gap.id.clone()).collect()
    }
}

/// Draws gaps: two suppliers in five have one or two, the dearer the larger the supplier.
pub(super) fn gaps(plan: &Plan, firms: &Firms) -> Gaps {
    let of = |(at, firm): (usize, &Firm)| {
        let mut stream = Stream::new(plan.seed, Topic::Gaps, at, 0);
        let count = if plan.has_features() && stream.happens(400) { stream.between(1, 2) } else { 0 };
        (1..=count)
            .map(|number| Gap {
                id: format!("{}-gap{number}", plan.supplier(at)),
                supplier: plan.supplier(at),
                cost: Some(cents(firm.sales / 1000 * stream.between(5, 40))),
                months: Decimal::from(stream.between(1, 12)),
            })
            .collect()
    };
    Gaps(firms.suppliers.iter().enumerate().map(of).collect())
}

/// Adds what the family has beyond a plain network.
pub(super) fn add(plan: &Plan, firms: &Firms, gaps: Gaps, instance: &mut Instance) {
    if !plan.has_features() {
        return;
    }
    let gaps: Vec<Gap> = gaps.0.into_iter().flatten().collect();
    let all = gaps.iter().try_fold(Decimal::ZERO, |sum, gap| sum.checked_add(gap.cost.unwrap_or_default()));
    // Enough for two or three gaps in ten.
    instance.development_budget = all.map(|all| fraction(all, 25, 2));
    instance.gaps = gaps;
    consortia(plan, firms, instance);
    match plan.family {
        Family::RealLike => as_found(plan, firms, instance),
        _ => integers(plan, firms, instance),
    }
}

/// A hundredth, or another part, of an amount of whole cents, in whole cents.
fn fraction(amount: Decimal, parts: i64, places: u8) -> Decimal {
    let hundred = Decimal::from(100);
    let cents_in = |amount: Decimal| {
        let scaled = amount.to_ratio() * hundred.to_ratio() * Decimal::new(parts, places).to_ratio();
        i64::try_from(scaled.to_integer()).unwrap_or(i64::MAX / 1000)
    };
    cents(cents_in(amount))
}

/// One consortium for twenty suppliers: two to four neighbours in number that make the same, offering
/// for one lot in ten of their process.
fn consortia(plan: &Plan, firms: &Firms, instance: &mut Instance) {
    let count = plan.suppliers / 20;
    for at in 0..count {
        let mut stream = Stream::new(plan.seed, Topic::Consortia, at, 0);
        let process = stream.position(plan.processes);
        let able: Vec<usize> =
            (0..plan.suppliers).filter(|s| firms.suppliers[*s].processes.contains(&process)).collect();
        let size = usize::try_from(stream.between(2, 4)).unwrap_or(2);
        let first = stream.position(able.len());
        let members: Vec<String> = able.iter().skip(first).take(size).map(|s| plan.supplier(*s)).collect();
        if members.len() < 2 {
            continue;
        }
        let id = id("C", at, count);
        let process = plan::process(process);
        for lot in instance.lots.iter().filter(|lot| lot.process == process) {
            if stream.happens(100) {
                let price = fraction(lot.reference_price, stream.between(90, 108), 2);
                let price = if price.is_zero() { lot.reference_price } else { price };
                let fit = Decimal::new(stream.between(60, 100), 2);
                instance.pairs.push(Pair { fit, ..Pair::new(id.clone(), lot.id.clone(), price) });
            }
        }
        instance.consortia.push(Consortium { id, members });
    }
    instance.pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
}

/// Undisclosed sales, sales that expire, waivers, an allowance for newcomers, least coverage.
fn as_found(plan: &Plan, firms: &Firms, instance: &mut Instance) {
    instance.dependency_allowance = Decimal::from(5000);
    for (at, supplier) in instance.suppliers.iter_mut().enumerate() {
        let mut stream = Stream::new(plan.seed, Topic::Rules, at, 0);
        if stream.happens(80) {
            supplier.annual_sales = None;
        }
        if stream.happens(30)
            && supplier.annual_sales.is_some()
            && let Some(group) = firms.suppliers[at].existing.keys().next()
        {
            instance.caps.push(Cap {
                supplier: supplier.id.clone(),
                group: firms.groups[*group].clone(),
                dependency_cap: Decimal::new(stream.between(45, 60), 2),
            });
        }
    }
    for (at, sales) in instance.sales.iter_mut().enumerate() {
        if Stream::new(plan.seed, Topic::Rules, at, 1).happens(100) {
            sales.expiring = fraction(sales.amount, 50, 2);
        }
    }
    for (at, lot) in instance.lots.iter_mut().enumerate() {
        let mut stream = Stream::new(plan.seed, Topic::Rules, at, 2);
        lot.weight = if stream.happens(100) { Decimal::from(2) } else { Decimal::ONE };
        lot.starts_in = Some(Decimal::from(stream.between(2, 12)));
        lot.max_share = if stream.happens(200) { Decimal::new(6, 1) } else { Decimal::ONE };
    }
}

/// Least awards, counts, dual sourcing and all-or-nothing lots.
fn integers(plan: &Plan, firms: &Firms, instance: &mut Instance) {
    for (at, supplier) in instance.suppliers.iter_mut().enumerate() {
        let mut stream = Stream::new(plan.seed, Topic::Rules, at, 0);
        let sales = firms.suppliers[at].sales;
        if stream.happens(400) {
            supplier.min_total = cents(sales / 1000 * stream.between(10, 60));
        }
        if stream.happens(200) {
            supplier.setup_cost = cents(sales / 1000 * stream.between(1, 5));
        }
        if stream.happens(200) {
            supplier.max_awards = Some(stream.between(2, 6).unsigned_abs());
        }
    }
    for (at, buyer) in instance.buyers.iter_mut().enumerate() {
        let mut stream = Stream::new(plan.seed, Topic::Rules, at, 1);
        if stream.happens(500) {
            buyer.max_supplier_share = Decimal::new(stream.between(30, 60), 2);
        }
    }
    for (at, lot) in instance.lots.iter_mut().enumerate() {
        let mut stream = Stream::new(plan.seed, Topic::Rules, at, 2);
        lot.starts_in = Some(Decimal::from(stream.between(2, 12)));
        match stream.below(10) {
            0 => lot.divisible = false,
            1..=4 => {
                lot.min_share = Decimal::new(stream.between(10, 30), 2);
                lot.max_suppliers = Some(stream.between(2, 4).unsigned_abs());
            }
            5 if lot.quantity > 20 => lot.min_suppliers = 2,
            _ => {}
        }
    }
}
