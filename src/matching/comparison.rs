//! Two runs side by side: what the one reaches and awards, and what the other.

use std::collections::{BTreeMap, BTreeSet};

use eslabon_solver::{Instance, Outcome, outcome::Award};

/// Two scenarios, *this* and the *other*; rows that are the same in both are left out of the lists.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// Per aim, in the order of this run, then those of the other alone.
    pub tiers: Vec<Row>,
    /// Units awarded per lot.
    pub lots: Vec<Row>,
    /// Contract amounts per supplier.
    pub suppliers: Vec<SupplierRow>,
    /// Contract amounts per lead firm.
    pub buyers: Vec<Row>,
    /// How many suppliers get something.
    pub awarded: Row,
    /// Largest dependency on a buyer group of those who get something.
    pub largest_dependency: Row,
    /// Whether both were asked of the same lots, firms, offers and sales, so that only the rules differ.
    pub same_data: bool,
}

/// A figure of both runs, as the results print it; `None`: the run has none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sides {
    /// Of this run.
    pub this: Option<String>,
    /// Of the other.
    pub other: Option<String>,
}

/// A figure of both runs about something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// A tier's name, or an id.
    pub id: String,
    /// The figure.
    pub figure: Sides,
    /// Other less this, where both are numbers.
    pub difference: Option<String>,
}

/// A supplier in both runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupplierRow {
    /// Its id.
    pub id: String,
    /// Contract amounts.
    pub amount: Sides,
    /// Other less this, where something is awarded in one of them.
    pub difference: Option<String>,
    /// Its largest dependency on a buyer group after the awards.
    pub dependency: Sides,
    /// Concentration of its sales after the awards.
    pub hhi: Sides,
}

/// One side: an instance with its answer.
pub struct Side<'a> {
    /// What was asked.
    pub instance: &'a Instance,
    /// What was answered.
    pub outcome: &'a Outcome,
}

impl Comparison {
    /// Compares two runs.
    pub fn of(this: &Side<'_>, other: &Side<'_>) -> Self {
        Self {
            tiers: tiers(this.outcome, other.outcome),
            lots: changed(rows(&units(this), &units(other))),
            suppliers: suppliers(this.outcome, other.outcome),
            buyers: rows(&amounts_of_buyers(this), &amounts_of_buyers(other)),
            awarded: row("awarded", Some(count(this.outcome)), Some(count(other.outcome))),
            largest_dependency: row(
                "dependency",
                largest_dependency(this.outcome).map(str::to_owned),
                largest_dependency(other.outcome).map(str::to_owned),
            ),
            same_data: have_same_data(this.instance, other.instance),
        }
    }
}

/// The suppliers that get something.
pub fn awarded(outcome: &Outcome) -> BTreeSet<&str> {
    outcome.awards.iter().map(|award| award.supplier.as_str()).collect()
}

fn count(outcome: &Outcome) -> String {
    awarded(outcome).len().to_string()
}

fn have_same_data(this: &Instance, other: &Instance) -> bool {
    this.buyers == other.buyers
        && this.suppliers == other.suppliers
        && this.sales == other.sales
        && this.capacity == other.capacity
        && this.lots == other.lots
        && this.pairs == other.pairs
        && this.gaps == other.gaps
        && this.consortia == other.consortia
}

fn tiers(this: &Outcome, other: &Outcome) -> Vec<Row> {
    let published = |outcome: &Outcome| -> BTreeMap<String, String> {
        outcome.tiers.iter().map(|tier| (tier.name.clone(), tier.published.clone())).collect()
    };
    let (a, b) = (published(this), published(other));
    let mut names: Vec<&String> = this.tiers.iter().map(|tier| &tier.name).collect();
    names.extend(other.tiers.iter().map(|tier| &tier.name).filter(|name| !a.contains_key(*name)));
    names.into_iter().map(|name| row(name, a.get(name).cloned(), b.get(name).cloned())).collect()
}

fn row(id: &str, this: Option<String>, other: Option<String>) -> Row {
    let difference = this.as_deref().zip(other.as_deref()).and_then(|(this, other)| minus(other, this));
    Row { id: id.to_owned(), figure: Sides { this, other }, difference }
}

fn rows(this: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<Row> {
    let ids: BTreeSet<&String> = this.keys().chain(other.keys()).collect();
    ids.into_iter().map(|id| row(id, this.get(id).cloned(), other.get(id).cloned())).collect()
}

fn changed(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().filter(|row| row.figure.this != row.figure.other).collect()
}

fn units(side: &Side<'_>) -> BTreeMap<String, String> {
    let mut units: BTreeMap<String, u64> = side.instance.lots.iter().map(|lot| (lot.id.clone(), 0)).collect();
    for award in &side.outcome.awards {
        *units.entry(award.lot.clone()).or_default() += award.quantity;
    }
    units.into_iter().map(|(id, units)| (id, units.to_string())).collect()
}

fn sums<'a>(awards: impl Iterator<Item = (&'a str, &'a Award)>) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, String> = BTreeMap::new();
    for (id, award) in awards {
        let sum = sums.entry(id.to_owned()).or_insert_with(|| "0".to_owned());
        if let Some(more) = plus(sum, &award.amount) {
            *sum = more;
        }
    }
    sums
}

fn amounts_of_buyers(side: &Side<'_>) -> BTreeMap<String, String> {
    let buyers: BTreeMap<&str, &str> =
        side.instance.lots.iter().map(|lot| (lot.id.as_str(), lot.buyer.as_str())).collect();
    sums(side.outcome.awards.iter().filter_map(|award| Some((*buyers.get(award.lot.as_str())?, award))))
}

fn suppliers(this: &Outcome, other: &Outcome) -> Vec<SupplierRow> {
    let amounts =
        |outcome: &Outcome| sums(outcome.awards.iter().map(|award| (award.supplier.as_str(), award)));
    let (a, b) = (amounts(this), amounts(other));
    let hhi = |outcome: &Outcome, id: &str| {
        outcome.hhi.iter().find(|row| row.supplier == id).and_then(|row| row.after.clone())
    };
    let ids: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let nothing = || "0".to_owned();
    let amount = |of: &BTreeMap<String, String>, id: &String| of.get(id).cloned().unwrap_or_else(nothing);
    let row = |id: &String| SupplierRow {
        id: id.clone(),
        difference: minus(&amount(&b, id), &amount(&a, id)),
        amount: Sides { this: a.get(id).cloned(), other: b.get(id).cloned() },
        dependency: Sides { this: dependency(this, id), other: dependency(other, id) },
        hhi: Sides { this: hhi(this, id), other: hhi(other, id) },
    };
    ids.into_iter().map(row).collect()
}

/// The largest share after the awards among the suppliers that get something: who gets nothing does not depend on a run.
pub fn largest_dependency(outcome: &Outcome) -> Option<&str> {
    let awarded = awarded(outcome);
    largest(outcome, |supplier| awarded.contains(supplier))
}

fn dependency(outcome: &Outcome, supplier: &str) -> Option<String> {
    largest(outcome, |of| of == supplier).map(str::to_owned)
}

/// The largest share after the awards among suppliers.
fn largest(outcome: &Outcome, of: impl Fn(&str) -> bool) -> Option<&str> {
    let shares = outcome.dependency.iter().filter(|row| of(&row.supplier));
    shares.filter_map(|row| row.after.as_deref()).max_by_key(|share| scaled(share))
}

const PLACES: usize = 9;

/// A decimal as printed, in billionths.
fn scaled(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > PLACES {
        return None;
    }
    let number: i128 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
    Some(if negative { -number } else { number })
}

fn printed(number: i128) -> String {
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = PLACES + 1);
    let (whole, fraction) = digits.split_at(digits.len() - PLACES);
    let text = format!("{whole}.{fraction}");
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", text.trim_end_matches('0').trim_end_matches('.'))
}

fn plus(a: &str, b: &str) -> Option<String> {
    Some(printed(scaled(a)?.checked_add(scaled(b)?)?))
}

fn minus(a: &str, b: &str) -> Option<String> {
    Some(printed(scaled(a)?.checked_sub(scaled(b)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::why_not;

    #[test]
    fn figures_are_subtracted_as_they_are_printed() {
        assert_eq!(minus("1200.50", "200").as_deref(), Some("1000.5"));
        assert_eq!(minus("0.3", "0.333333333").as_deref(), Some("-0.033333333"));
        assert_eq!(plus("0.05", "0.95").as_deref(), Some("1"));
        assert_eq!(minus("about 3", "1"), None);
    }

    #[test]
    fn a_suppliers_row_is_about_that_supplier() {
        let (_, outcome) = why_not::tests::solved();
        let rows = suppliers(&outcome, &outcome);
        assert_eq!(rows.len(), 2);
        for row in rows {
            let own = outcome.hhi.iter().find(|of| of.supplier == row.id).unwrap();
            assert_eq!((&row.hhi.this, &row.hhi.other), (&own.after, &own.after));
            let share = outcome.dependency.iter().find(|of| of.supplier == row.id).unwrap();
            assert_eq!(row.dependency.this, share.after);
            assert_eq!(row.difference.as_deref(), Some("0"));
        }
        assert_ne!(outcome.hhi[0].after, outcome.hhi[1].after);
    }
}
