//! Checks across rows and tables, and the instance that passes them.

use std::collections::{HashMap, HashSet};

use super::{
    codes, consortia, decisions, gaps, lots,
    problems::Problems,
    row::Quoted,
    tables::{Offer, Record, Table, Tables},
    warnings,
};
use crate::{
    Decimal, Instance,
    instance::{Buyer, Cap, Lot, Sales, Supplier},
};

/// Makes an instance of tables, unless there is any error.
pub(super) fn assemble(settings: Instance, mut tables: Tables, problems: &mut Problems) -> Option<Instance> {
    check_e1201_e1202_unique(&mut tables.buyers, problems);
    check_e1201_e1202_unique(&mut tables.suppliers, problems);
    check_e1201_e1202_unique(&mut tables.consortia, problems);
    check_e1201_namespace(&tables, problems);
    check_e1201_e1202_unique(&mut tables.caps, problems);
    check_e1201_e1202_unique(&mut tables.sales, problems);
    check_e1201_e1202_unique(&mut tables.capacity, problems);
    check_e1201_e1202_unique(&mut tables.lots, problems);
    check_e1201_e1202_unique(&mut tables.pairs, problems);
    check_e1201_e1202_unique(&mut tables.gaps, problems);
    check_e1203_suppliers(&tables, problems);
    check_e1203_buyers(&tables, problems);
    check_e1203_lots(&tables, problems);
    consortia::check_e1209_members(&tables, problems);
    consortia::check_e1210_own_rows(&tables, problems);
    gaps::check_e1203_gaps(&tables, problems);
    gaps::check_e1211_blocked(&tables, problems);
    lots::check_lots(&tables.lots, problems);
    let groups = Groups::new(&tables.buyers);
    check_e1204_buyer_groups(&tables.buyers, &groups, problems);
    check_e1205_groups(&tables.sales, &groups, |s| &s.group, problems);
    check_e1205_groups(&tables.caps, &groups, |c| &c.group, problems);
    check_e1206_caps(&tables, &groups, problems);
    let sums = check_e1208_sums(&tables.sales, problems);
    let decisions = decisions::rulings(&mut tables, settings.development_budget, problems);
    if problems.any_error() {
        return None;
    }
    // Values that stand in for unreadable ones would draw warnings of their own, so they come last.
    warnings::check_w2001_served(&tables, &decisions, settings.development_budget, problems);
    warnings::check_w2007_members(&tables.consortia, problems);
    warnings::check_w2008_awardable(&tables, &decisions, problems);
    let Tables {
        buyers,
        mut suppliers,
        caps,
        sales,
        capacity,
        lots,
        mut pairs,
        gaps,
        consortia,
        decisions: _,
    } = tables;
    warnings::check_w2002_sales(&mut suppliers, &sums, problems);
    let references = reference_prices(&lots);
    warnings::check_w2003_prices(&pairs, &references, problems);
    warnings::check_w2004_undisclosed(&suppliers, &caps, problems);
    fill_prices(&mut pairs, &references);
    drop(references);
    drop(sums);
    Some(Instance {
        buyers: buyers.into_values(),
        suppliers: suppliers.into_values(),
        caps: caps.into_values(),
        sales: sales.into_values(),
        capacity: capacity.into_values(),
        lots: lots.into_values(),
        pairs: pairs.rows.into_iter().map(|(_, o)| o.pair).collect(),
        gaps: gaps.into_values(),
        consortia: consortia.into_values(),
        decisions,
        ..settings
    })
}

fn reference_prices(lots: &Table<Lot>) -> HashMap<&str, Decimal> {
    let prices = lots.rows.iter();
    prices.map(|(_, l)| (&*l.id, l.reference_price)).collect()
}

fn fill_prices(pairs: &mut Table<Offer>, references: &HashMap<&str, Decimal>) {
    for (_, offer) in pairs.rows.iter_mut().filter(|(_, o)| !o.priced) {
        if let Some(reference) = references.get(&*offer.pair.lot) {
            offer.pair.unit_price = *reference;
        }
    }
}

/// E1201, E1202: no two rows have the same key. Sorts the table.
fn check_e1201_e1202_unique<T: Record>(table: &mut Table<T>, problems: &mut Problems) {
    table.sort();
    for rows in table.rows.windows(2) {
        let [(first, a), (second, b)] = rows else {
            continue;
        };
        if a.key() != b.key() {
            continue;
        }
        let (id, other) = a.key();
        if other.is_empty() {
            let cause = format_args!("{} is the id of row {first} too", Quoted(id));
            problems.report(codes::E1201, table.place(*second, "id"), cause);
        } else {
            let cause = format_args!("row {first} is about {} and {} too", Quoted(id), Quoted(other));
            problems.report(codes::E1202, table.place(*second, ""), cause);
        }
    }
}

/// E1201: suppliers and consortia share one namespace.
fn check_e1201_namespace(tables: &Tables, problems: &mut Problems) {
    for (row, consortium) in &tables.consortia.rows {
        if tables.suppliers.find(consortium.key()).is_some() {
            let place = tables.consortia.place(*row, "id");
            let cause = format_args!("{} is a supplier's id too", Quoted(consortium.key().0));
            problems.report(codes::E1201, place, cause);
        }
    }
}

/// E1203: suppliers that rows refer to exist; the supplier of a pair or gap may be a consortium.
fn check_e1203_suppliers(tables: &Tables, problems: &mut Problems) {
    if !tables.suppliers.whole || !tables.consortia.whole {
        return;
    }
    let suppliers = ids(&tables.suppliers);
    let consortia = ids(&tables.consortia);
    // Rows of consortia where only suppliers may stand have a message of their own, E1210.
    let known = |id: &str| suppliers.contains(id) || consortia.contains(id);
    check_e1203_column(&tables.caps, "supplier", |c| &c.supplier, known, problems);
    check_e1203_column(&tables.sales, "supplier", |s| &s.supplier, known, problems);
    check_e1203_column(&tables.capacity, "supplier", |c| &c.supplier, known, problems);
    check_e1203_column(&tables.pairs, "supplier", |o| &o.pair.supplier, known, problems);
    check_e1203_column(&tables.gaps, "supplier", |g| &g.supplier, known, problems);
}

/// E1203: the buyers of lots exist.
fn check_e1203_buyers(tables: &Tables, problems: &mut Problems) {
    if tables.buyers.whole {
        let buyers = ids(&tables.buyers);
        // An unreadable buyer has its message already.
        let known = |id: &str| id.is_empty() || buyers.contains(id);
        check_e1203_column(&tables.lots, "buyer", |l| &l.buyer, known, problems);
    }
}

/// E1203: the lots of pairs exist.
fn check_e1203_lots(tables: &Tables, problems: &mut Problems) {
    if tables.lots.whole {
        let lots = ids(&tables.lots);
        let known = |id: &str| lots.contains(id);
        check_e1203_column(&tables.pairs, "lot", |o| &o.pair.lot, known, problems);
    }
}

/// E1203: every id in a column is known.
fn check_e1203_column<T: Record>(
    table: &Table<T>,
    column: &str,
    id: impl Fn(&T) -> &str,
    known: impl Fn(&str) -> bool,
    problems: &mut Problems,
) {
    for (row, record) in table.rows.iter().filter(|(_, r)| !known(id(r))) {
        let cause = format_args!("there is no {column} {}", Quoted(id(record)));
        problems.report(codes::E1203, table.place(*row, column), cause);
    }
}

fn ids<T: Record>(table: &Table<T>) -> HashSet<&str> {
    table.rows.iter().map(|(_, row)| row.key().0).collect()
}

/// Which buyer belongs to which group.
struct Groups<'a> {
    of: HashMap<&'a str, &'a str>,
    all: HashSet<&'a str>,
    whole: bool,
}

impl<'a> Groups<'a> {
    fn new(buyers: &'a Table<Buyer>) -> Self {
        let rows = || buyers.rows.iter().map(|(_, buyer)| buyer);
        Self {
            of: rows().map(|b| (&*b.id, &*b.group)).collect(),
            all: rows().map(|b| &*b.group).collect(),
            whole: buyers.whole,
        }
    }

    /// The group of the buyer whose id this is, where that is another group.
    fn mistaken(&self, group: &str) -> Option<&'a str> {
        self.of.get(group).copied().filter(|real| *real != group)
    }
}

/// E1204: a group that bears a buyer's id is that buyer's group. Otherwise sales "to B" would be
/// counted for other firms than B.
fn check_e1204_buyer_groups(buyers: &Table<Buyer>, groups: &Groups<'_>, problems: &mut Problems) {
    for (row, buyer) in &buyers.rows {
        if let Some(real) = groups.mistaken(&buyer.group) {
            let cause =
                format_args!("the buyer {} belongs to the group {}", Quoted(&buyer.group), Quoted(real));
            problems.report(codes::E1204, buyers.place(*row, "group"), cause);
        }
    }
}

/// E1205: sales and caps name a group, not a buyer that belongs to another one. They may name
/// groups that no buyer of this instance belongs to.
fn check_e1205_groups<T: Record>(
    table: &Table<T>,
    groups: &Groups<'_>,
    group: impl Fn(&T) -> &str,
    problems: &mut Problems,
) {
    for (row, record) in &table.rows {
        let group = group(record);
        if let Some(real) = groups.mistaken(group) {
            let cause = format_args!("{} is a buyer of the group {}", Quoted(group), Quoted(real));
            problems.report(codes::E1205, table.place(*row, "group"), cause);
        }
    }
}

/// E1206: the group of a cap has buyers or sales. A misspelt one would leave a rule out in silence.
fn check_e1206_caps(tables: &Tables, groups: &Groups<'_>, problems: &mut Problems) {
    if !groups.whole || !tables.sales.whole {
        return;
    }
    let sold: HashSet<&str> = tables.sales.rows.iter().map(|(_, s)| &*s.group).collect();
    for (row, Cap { group, .. }) in &tables.caps.rows {
        let known = groups.all.contains(&**group) || sold.contains(&**group);
        if !known && groups.mistaken(group).is_none() {
            let cause = format_args!("no buyer and no sales belong to {}", Quoted(group));
            problems.report(codes::E1206, tables.caps.place(*row, "group"), cause);
        }
    }
}

/// E1208: what a supplier sells to all groups is a number that can be kept exactly.
fn check_e1208_sums(sales: &Table<Sales>, problems: &mut Problems) -> HashMap<String, Decimal> {
    let mut sums = HashMap::new();
    for of_supplier in sales.rows.chunk_by(|(_, a), (_, b)| a.supplier == b.supplier) {
        let Some((row, Sales { supplier, .. })) = of_supplier.first() else {
            continue;
        };
        let sum = of_supplier.iter().try_fold(Decimal::ZERO, |sum, (_, s)| sum.checked_add(s.amount));
        if let Some(sum) = sum {
            sums.insert(supplier.clone(), sum);
        } else {
            let cause = format_args!("the sales of {} add up to too many digits", Quoted(supplier));
            problems.report(codes::E1208, sales.place(*row, "amount"), cause);
        }
    }
    sums
}

/// A supplier's annual sales must be raised to this, if they are below it.
pub(super) fn shortfall(supplier: &Supplier, sums: &HashMap<String, Decimal>) -> Option<Decimal> {
    let sum = *sums.get(&supplier.id)?;
    supplier.annual_sales.is_some_and(|annual| annual < sum).then_some(sum)
}
