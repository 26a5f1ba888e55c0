//! Two results side by side: what changes from `a` to `b`, per tier, lot, supplier and buyer.
//!
//! A pure function of the two results. They may come from different instances, such as one with
//! another cap or with a supplier more, as long as their ids mean the same and their currency is
//! one. What is equal in both is left out, so that the comparison of two large results is as long as
//! their difference; tiers and buyers are always listed.

mod tables;

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::Zero;
use serde::{Deserialize, Serialize};

use super::{Award, Dependency, Outcome, Status};
use crate::{
    Instance,
    publish::amount::{minor_unit, rounded},
    ratio::Ratio,
};

/// What differs between two results.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// `"eslabon-comparison/1"`.
    pub format: String,
    /// ISO 4217 code of every amount: that of the first result.
    pub currency: String,
    /// How each solve ended.
    pub status: Sides<Status>,
    /// Whether both answer the same instance with the same options.
    pub same_instance: bool,
    /// Tiers that both have, in the first result's order.
    pub tiers: Vec<TierDifference>,
    /// Lots whose awards or rest differ, by id.
    pub lots: Vec<LotDifference>,
    /// Suppliers whose awards differ, by id.
    pub suppliers: Vec<SupplierDifference>,
    /// Every buyer, by id; empty until [`Comparison::with_buyers`] knows the instance.
    pub buyers: Vec<BuyerDifference>,
    /// Awards that differ, by lot and supplier.
    pub awards: Vec<AwardDifference>,
    /// Dependencies that differ, by supplier and group.
    pub dependency: Vec<DependencyDifference>,
}

/// The same figure in both results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sides<T> {
    /// In the first result.
    pub a: T,
    /// In the second one.
    pub b: T,
}

/// An amount in both results, and the second less the first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Amounts {
    /// In the first result.
    pub a: String,
    /// In the second one.
    pub b: String,
    /// b − a.
    pub change: String,
}

/// One tier in both results.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TierDifference {
    /// The tier's name.
    pub name: String,
    /// What the whole-unit awards reach.
    pub published: Amounts,
    /// What the model reaches, in shares.
    pub value: Sides<f64>,
    /// The relative gap of each: a difference smaller than these proves nothing.
    pub gap: Sides<f64>,
}

/// One lot in both results.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LotDifference {
    /// Lot id.
    pub lot: String,
    /// Units awarded.
    pub quantity: Sides<u64>,
    /// Units that nobody gets.
    pub unmet: Sides<u64>,
    /// Contract amounts.
    pub amount: Amounts,
    /// Suppliers that have a part of it only in the second result.
    pub gained: Vec<String>,
    /// Suppliers that have a part of it only in the first one.
    pub lost: Vec<String>,
}

/// One supplier in both results.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SupplierDifference {
    /// Supplier id.
    pub supplier: String,
    /// Number of lots that it has a part of.
    pub lots: Sides<u64>,
    /// Contract amounts.
    pub amount: Amounts,
    /// Annual amounts.
    pub annual_amount: Amounts,
    /// Lots that it has a part of only in the second result.
    pub gained: Vec<String>,
    /// Lots that it has a part of only in the first one.
    pub lost: Vec<String>,
}

/// One buyer in both results.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BuyerDifference {
    /// Buyer id.
    pub buyer: String,
    /// Its group.
    pub group: String,
    /// Contract amounts.
    pub amount: Amounts,
    /// Awarded units at their reference prices: what of its demand is covered.
    pub covered: Amounts,
    /// Number of suppliers that it awards to.
    pub suppliers: Sides<u64>,
}

/// One award in both results.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AwardDifference {
    /// Lot id.
    pub lot: String,
    /// Supplier id.
    pub supplier: String,
    /// The consortium through which it is won, if any.
    pub consortium: Option<String>,
    /// Units.
    pub quantity: Sides<u64>,
    /// Contract amounts.
    pub amount: Amounts,
}

/// One dependency in both results: the shares after the awards of each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DependencyDifference {
    /// Supplier id.
    pub supplier: String,
    /// Buyer group.
    pub group: String,
    /// The share with each result's awards; `None` where it is unknown or there is no entry.
    pub after: Sides<Option<String>>,
    /// b − a, where both are known.
    pub change: Option<String>,
    /// The cap in force.
    pub cap: Sides<Option<String>>,
    /// Whether the cap leaves no room.
    pub binding: Sides<bool>,
}

/// Shares are compared to so many decimal places.
const SHARE_PLACES: u32 = 9;

/// Compares two results of one currency.
#[must_use]
pub fn compare(a: &Outcome, b: &Outcome) -> Comparison {
    let money = Money { places: minor_unit(&a.currency) };
    Comparison {
        format: "eslabon-comparison/1".to_owned(),
        currency: a.currency.clone(),
        status: Sides { a: a.status, b: b.status },
        same_instance: a.fingerprint == b.fingerprint,
        tiers: tiers(a, b),
        lots: lots(a, b, money),
        suppliers: suppliers(a, b, money),
        buyers: Vec::new(),
        awards: awards(a, b, money),
        dependency: dependency(a, b),
    }
}

impl Comparison {
    /// Whether both results say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [self.lots.len(), self.suppliers.len(), self.awards.len(), self.dependency.len()];
        self.status.a == self.status.b && lists.iter().all(|rows| *rows == 0)
    }

    /// Adds what each buyer gets; which lot is whose stands only in the instance.
    #[must_use]
    pub fn with_buyers(mut self, instance: &Instance, a: &Outcome, b: &Outcome) -> Self {
        let money = Money { places: minor_unit(&self.currency) };
        let (a, b) = (by_buyer(instance, a), by_buyer(instance, b));
        let none = Bought::default();
        self.buyers = instance
            .buyers
            .iter()
            .map(|buyer| {
                let [a, b] = [&a, &b].map(|bought| bought.get(buyer.id.as_str()).unwrap_or(&none));
                BuyerDifference {
                    buyer: buyer.id.clone(),
                    group: buyer.group.clone(),
                    amount: money.amounts(&a.amount, &b.amount),
                    covered: money.amounts(&a.covered, &b.covered),
                    suppliers: Sides { a: a.suppliers.len() as u64, b: b.suppliers.len() as u64 },
                }
            })
            .collect();
        self
    }
}

impl Amounts {
    /// Two printed numbers, with as many decimal places as the longer of them.
    fn of_texts(a: &str, b: &str) -> Self {
        let change = difference(a, b).unwrap_or_default();
        Self { a: a.to_owned(), b: b.to_owned(), change }
    }
}

/// Amounts with the currency's decimal places.
#[derive(Clone, Copy)]
struct Money {
    places: u32,
}

impl Money {
    fn amounts(self, a: &Ratio, b: &Ratio) -> Amounts {
        let [a, b, change] = [a, b, &(b - a)].map(|amount| rounded(amount, self.places));
        Amounts { a, b, change }
    }
}

/// A printed decimal as an exact number; `None` for what is none.
fn parsed(text: &str) -> Option<Ratio> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let units: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let places = u32::try_from(fraction.len()).ok().filter(|places| *places <= 30)?;
    Some(Ratio::new(units, BigInt::from(10).pow(places)))
}

/// b − a of two printed numbers, with as many decimal places as the longer of them.
fn difference(a: &str, b: &str) -> Option<String> {
    let places = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let most = u32::try_from(places(a).max(places(b))).ok()?;
    Some(rounded(&(parsed(b)? - parsed(a)?), most))
}

fn sum<'a>(amounts: impl Iterator<Item = &'a String>) -> Ratio {
    amounts.filter_map(|amount| parsed(amount)).fold(Ratio::zero(), |sum, amount| sum + amount)
}

fn tiers(a: &Outcome, b: &Outcome) -> Vec<TierDifference> {
    let both = a
        .tiers
        .iter()
        .filter_map(|one| b.tiers.iter().find(|tier| tier.name == one.name).map(|two| (one, two)));
    both.map(|(one, two)| TierDifference {
        name: one.name.clone(),
        published: Amounts::of_texts(&one.published, &two.published),
        value: Sides { a: one.value, b: two.value },
        gap: Sides { a: one.gap, b: two.gap },
    })
    .collect()
}

/// The awards by a key, for keys of either result.
fn grouped<'a, K: Ord>(
    a: &'a Outcome,
    b: &'a Outcome,
    key: impl Fn(&'a Award) -> K,
) -> BTreeMap<K, Sides<Vec<&'a Award>>> {
    let mut groups: BTreeMap<K, Sides<Vec<&Award>>> = BTreeMap::new();
    for award in &a.awards {
        groups.entry(key(award)).or_default().a.push(award);
    }
    for award in &b.awards {
        groups.entry(key(award)).or_default().b.push(award);
    }
    groups
}

fn units(awards: &[&Award]) -> u64 {
    awards.iter().map(|award| award.quantity).fold(0, u64::saturating_add)
}

fn contracts(awards: &[&Award]) -> Ratio {
    sum(awards.iter().map(|award| &award.amount))
}

/// Texts that only one side has: (only in b, only in a).
fn gained_and_lost<'a>(
    awards: &Sides<Vec<&'a Award>>,
    field: impl Fn(&'a Award) -> &'a String,
) -> (Vec<String>, Vec<String>) {
    let [a, b]: [BTreeSet<&String>; 2] =
        [&awards.a, &awards.b].map(|side| side.iter().map(|award| field(award)).collect());
    let owned = |texts: Vec<&&String>| texts.into_iter().map(|text| (*text).clone()).collect();
    (owned(b.difference(&a).collect()), owned(a.difference(&b).collect()))
}

/// Who gets how much of what: two results agree about a lot or a supplier when this is equal.
fn shape<'a>(awards: &[&'a Award]) -> BTreeMap<(&'a str, &'a str, Option<&'a str>), (u64, &'a str)> {
    let key = |award: &&'a Award| {
        let through = award.consortium.as_deref();
        ((&*award.lot, &*award.supplier, through), (award.quantity, &*award.amount))
    };
    awards.iter().map(key).collect()
}

fn lots(a: &Outcome, b: &Outcome, money: Money) -> Vec<LotDifference> {
    let mut groups = grouped(a, b, |award| award.lot.as_str());
    let rest = |outcome: &Outcome| -> BTreeMap<String, u64> {
        outcome.unmet.iter().map(|unmet| (unmet.lot.clone(), unmet.quantity)).collect()
    };
    let unmet = Sides { a: rest(a), b: rest(b) };
    for lot in a.unmet.iter().chain(&b.unmet) {
        groups.entry(lot.lot.as_str()).or_default();
    }
    groups
        .into_iter()
        .filter_map(|(lot, awards)| {
            let [rest_a, rest_b] = [&unmet.a, &unmet.b].map(|rest| rest.get(lot).copied().unwrap_or(0));
            if rest_a == rest_b && shape(&awards.a) == shape(&awards.b) {
                return None;
            }
            let (gained, lost) = gained_and_lost(&awards, |award| &award.supplier);
            Some(LotDifference {
                lot: lot.to_owned(),
                quantity: Sides { a: units(&awards.a), b: units(&awards.b) },
                unmet: Sides { a: rest_a, b: rest_b },
                amount: money.amounts(&contracts(&awards.a), &contracts(&awards.b)),
                gained,
                lost,
            })
        })
        .collect()
}

fn suppliers(a: &Outcome, b: &Outcome, money: Money) -> Vec<SupplierDifference> {
    let annual = |awards: &[&Award]| sum(awards.iter().map(|award| &award.annual_amount));
    let lots = |awards: &[&Award]| {
        awards.iter().map(|award| award.lot.as_str()).collect::<BTreeSet<_>>().len() as u64
    };
    grouped(a, b, |award| award.supplier.as_str())
        .into_iter()
        .filter(|(_, awards)| shape(&awards.a) != shape(&awards.b))
        .map(|(supplier, awards)| {
            let (gained, lost) = gained_and_lost(&awards, |award| &award.lot);
            SupplierDifference {
                supplier: supplier.to_owned(),
                lots: Sides { a: lots(&awards.a), b: lots(&awards.b) },
                amount: money.amounts(&contracts(&awards.a), &contracts(&awards.b)),
                annual_amount: money.amounts(&annual(&awards.a), &annual(&awards.b)),
                gained,
                lost,
            }
        })
        .collect()
}

fn awards(a: &Outcome, b: &Outcome, money: Money) -> Vec<AwardDifference> {
    grouped(a, b, |award| (award.lot.as_str(), award.supplier.as_str(), award.consortium.as_deref()))
        .into_iter()
        .filter(|(_, awards)| shape(&awards.a) != shape(&awards.b))
        .map(|((lot, supplier, consortium), awards)| AwardDifference {
            lot: lot.to_owned(),
            supplier: supplier.to_owned(),
            consortium: consortium.map(str::to_owned),
            quantity: Sides { a: units(&awards.a), b: units(&awards.b) },
            amount: money.amounts(&contracts(&awards.a), &contracts(&awards.b)),
        })
        .collect()
}

fn dependency(a: &Outcome, b: &Outcome) -> Vec<DependencyDifference> {
    type Rows<'a> = BTreeMap<(&'a str, &'a str), Sides<Option<&'a Dependency>>>;
    let mut rows: Rows<'_> = BTreeMap::new();
    for row in &a.dependency {
        rows.entry((&row.supplier, &row.group)).or_default().a = Some(row);
    }
    for row in &b.dependency {
        rows.entry((&row.supplier, &row.group)).or_default().b = Some(row);
    }
    // Without an entry there are neither sales nor awards, so the share is 0 where the firm's base is
    // known; whether it is, the other side's entry tells.
    let after = |row: Option<&Dependency>, other: Option<&Dependency>| match (row, other) {
        (Some(row), _) => row.after.clone(),
        (None, Some(other)) => other.after.as_ref().map(|_| rounded(&Ratio::zero(), SHARE_PLACES)),
        (None, None) => None,
    };
    rows.into_iter()
        .filter_map(|((supplier, group), Sides { a, b })| {
            let shares = Sides { a: after(a, b), b: after(b, a) };
            let cap = Sides { a: a.and_then(|row| row.cap.clone()), b: b.and_then(|row| row.cap.clone()) };
            let binding = Sides { a: a.is_some_and(|row| row.binding), b: b.is_some_and(|row| row.binding) };
            let caps_differ = a.is_some() && b.is_some() && cap.a != cap.b;
            if shares.a == shares.b && binding.a == binding.b && !caps_differ {
                return None;
            }
            let change = match (&shares.a, &shares.b) {
                (Some(a), Some(b)) => difference(a, b),
                _ => None,
            };
            Some(DependencyDifference {
                supplier: supplier.to_owned(),
                group: group.to_owned(),
                after: shares,
                change,
                cap,
                binding,
            })
        })
        .collect()
}

/// What one buyer awards.
#[derive(Default)]
struct Bought<'a> {
    amount: Ratio,
    covered: Ratio,
    suppliers: BTreeSet<&'a str>,
}

fn by_buyer<'a>(instance: &'a Instance, outcome: &'a Outcome) -> BTreeMap<&'a str, Bought<'a>> {
    let lots: BTreeMap<&str, _> = instance.lots.iter().map(|lot| (lot.id.as_str(), lot)).collect();
    let mut buyers: BTreeMap<&str, Bought<'_>> = BTreeMap::new();
    for award in &outcome.awards {
        let Some(lot) = lots.get(award.lot.as_str()) else { continue };
        let bought = buyers.entry(lot.buyer.as_str()).or_default();
        bought.amount += parsed(&award.amount).unwrap_or_default();
        bought.covered += lot.reference_price.to_exact() * Ratio::from(award.quantity);
        bought.suppliers.insert(&award.supplier);
    }
    buyers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Decimal,
        instance::{Buyer, Lot},
        outcome::{TierOutcome, Unmet},
    };

    fn award(lot: &str, supplier: &str, quantity: u64) -> Award {
        let amount = format!("{}.50", quantity * 10);
        Award {
            supplier: supplier.to_owned(),
            lot: lot.to_owned(),
            consortium: None,
            quantity,
            share: String::new(),
            annual_amount: amount.clone(),
            amount,
        }
    }

    fn outcome(awards: &[Award], rest: &[(&str, u64)]) -> Outcome {
        let unmet = rest.iter().map(|(lot, quantity)| Unmet { lot: (*lot).to_owned(), quantity: *quantity });
        Outcome { awards: awards.to_vec(), unmet: unmet.collect(), ..Outcome::blank("USD") }
    }

    fn share(group: &str, after: Option<&str>, binding: bool) -> Dependency {
        Dependency {
            supplier: "S".to_owned(),
            group: group.to_owned(),
            before: None,
            after: after.map(str::to_owned),
            cap: Some("0.3".to_owned()),
            row_use: None,
            binding,
        }
    }

    #[test]
    fn equal_results_have_nothing_to_say() {
        let one = outcome(&[award("L", "S", 3)], &[("L", 1)]);
        let comparison = compare(&one, &one);
        assert!(comparison.is_empty() && comparison.same_instance);
        assert_eq!(comparison.lots, []);
    }

    #[test]
    fn a_lot_that_changes_hands_shows_on_every_side() {
        let a = outcome(&[award("K", "T", 1), award("L", "S", 3)], &[("L", 1)]);
        let b = outcome(&[award("K", "T", 1), award("L", "T", 4)], &[]);
        let comparison = compare(&a, &b);
        let [lot] = &comparison.lots[..] else { panic!("{comparison:#?}") };
        assert_eq!((&*lot.lot, lot.quantity, lot.unmet), ("L", Sides { a: 3, b: 4 }, Sides { a: 1, b: 0 }));
        assert_eq!((&lot.gained[..], &lot.lost[..]), (&["T".to_owned()][..], &["S".to_owned()][..]));
        assert_eq!(lot.amount, Amounts { a: "30.50".into(), b: "40.50".into(), change: "10.00".into() });
        let [s, t] = &comparison.suppliers[..] else { panic!("{comparison:#?}") };
        assert_eq!((&*s.supplier, s.lots, &*s.amount.change), ("S", Sides { a: 1, b: 0 }, "-30.50"));
        assert_eq!((&*t.supplier, t.lots, &*t.amount.change), ("T", Sides { a: 1, b: 2 }, "40.50"));
        let awards: Vec<_> = comparison.awards.iter().map(|w| (&*w.supplier, w.quantity)).collect();
        assert_eq!(awards, [("S", Sides { a: 3, b: 0 }), ("T", Sides { a: 0, b: 4 })]);
    }

    #[test]
    fn a_dependency_that_vanishes_was_0_where_the_base_is_known() {
        let mut a = outcome(&[], &[]);
        let mut b = outcome(&[], &[]);
        a.dependency = vec![share("G", Some("0.290000000"), true), share("U", None, false)];
        b.dependency = vec![share("H", Some("0.100000000"), false)];
        let rows = compare(&a, &b).dependency;
        let shown: Vec<_> = rows.iter().map(|row| (&*row.group, row.change.as_deref())).collect();
        assert_eq!(shown, [("G", Some("-0.290000000")), ("H", Some("0.100000000"))]);
        assert_eq!(rows[0].binding, Sides { a: true, b: false });
    }

    #[test]
    fn tiers_are_subtracted_exactly_and_what_is_no_number_has_no_change() {
        let tier = |published: &str| TierOutcome {
            name: "cost".to_owned(),
            value: 1.,
            bound: 1.,
            gap: 0.,
            published: published.to_owned(),
            loss: 0.,
        };
        let mut a = outcome(&[], &[]);
        let mut b = outcome(&[], &[]);
        a.tiers = vec![tier("900000000000000000000.10")];
        b.tiers = vec![tier("900000000000000000000.30")];
        assert_eq!(compare(&a, &b).tiers[0].published.change, "0.20");
        b.tiers = vec![tier("much")];
        assert_eq!(compare(&a, &b).tiers[0].published.change, "");
    }

    #[test]
    fn buyers_come_from_the_instance() {
        let buyer = |id: &str| Buyer {
            id: id.to_owned(),
            group: "G".to_owned(),
            budget: None,
            max_supplier_share: Decimal::ONE,
        };
        let instance = Instance {
            buyers: vec![buyer("A"), buyer("B")],
            lots: vec![Lot::new("L", "A", "p", 10, Decimal::from(12))],
            ..Instance::default()
        };
        let a = outcome(&[award("L", "S", 3)], &[]);
        let b = outcome(&[award("L", "S", 3), award("L", "T", 2)], &[]);
        let buyers = compare(&a, &b).with_buyers(&instance, &a, &b).buyers;
        assert_eq!(
            buyers[0].covered,
            Amounts { a: "36.00".into(), b: "60.00".into(), change: "24.00".into() }
        );
        assert_eq!(buyers[0].suppliers, Sides { a: 1, b: 2 });
        assert_eq!((&*buyers[1].buyer, &*buyers[1].amount.change), ("B", "0.00"));
    }

    #[test]
    fn every_difference_has_its_row_in_the_tables() {
        let a = outcome(&[award("L", "S", 3)], &[]);
        let b = outcome(&[award("L", "T", 3)], &[]);
        let tables = compare(&a, &b).tables();
        let awards = tables.iter().find(|(name, _)| *name == "awards.csv").map(|(_, text)| &**text);
        let expected = "lot,supplier,consortium,quantity_a,quantity_b,amount_a,amount_b,change\n\
                        L,S,,3,0,30.50,0.00,-30.50\nL,T,,0,3,0.00,30.50,30.50\n";
        assert_eq!(awards, Some(expected));
    }
}
