//! Lots, prices and pairs: what the tender's items would be in a matching run.
//!
//! * **Lots.** Each tender item is a lot; its process is the family of its classification code.
//!   A quantity that is missing is one unit, one that is not whole is rounded up.
//! * **Reference price**, by the first rule that gives one: the quantity-weighted mean of the
//!   contract prices of the same full code, per the same unit; the tender's own unit price; the value
//!   of the tender's lot, when the item is alone in it. The mean of a *family* is not among them: a
//!   family holds both gloves and monitors, and their mean is the price of neither. A lot without a
//!   price is told and stays out of the instance.
//! * **Pairs.** A supplier is paired with every lot of a family that it has delivered, at the
//!   quantity-weighted mean of its own contract prices of the code where it has any, else at the
//!   reference price.
//!
//! Prices and pairs come from all contracts of the record, whatever their dates; a date decides only
//! what counts as existing sales.

use std::collections::{BTreeSet, HashMap};

use iso_currency::Currency;
use num_traits::{Signed, Zero};

use super::{
    exact::{self, Exact, UnitPrice},
    findings::{Code, Warning, Warnings},
    model::{Amount, Classification, Item, Procurement},
};

/// What a procurement offers to match.
#[derive(Clone, PartialEq, Debug)]
pub struct Offer {
    /// In the order of the tender's items; an item of quantity zero or less is no lot.
    pub lots: Vec<ItemLot>,
    /// By lot, then in the order of the suppliers.
    pub pairs: Vec<Pair>,
    /// What was assumed, and what is missing.
    pub warnings: Vec<Warning>,
}

/// A tender item as a lot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemLot {
    /// JSON pointer to the item.
    pub at: String,
    /// The item's id.
    pub id: String,
    /// Its description.
    pub description: Option<String>,
    /// Family of its code; `None`: it cannot be paired.
    pub process: Option<String>,
    /// Whole units, at least 1.
    pub quantity: i64,
    /// Name of the unit.
    pub unit: Option<String>,
    /// Price of one unit and where it comes from.
    pub reference_price: Option<(UnitPrice, PriceSource)>,
}

/// Where a reference price comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PriceSource {
    /// Mean of the contract prices of the same code.
    Contracts,
    /// The tender's unit price.
    Tender,
    /// The value of the tender's lot.
    LotValue,
}

/// A supplier that has delivered the lot's family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Supplier id.
    pub supplier: String,
    /// Lot id.
    pub lot: String,
    /// Its own contract price; `None`: the reference price.
    pub unit_price: Option<UnitPrice>,
}

/// Lots, prices and pairs of a procurement.
#[must_use]
pub fn offer(procurement: &Procurement) -> Offer {
    let mut warnings = Warnings::default();
    let lines = contract_lines(procurement, &mut warnings);
    let delivered = suppliers_by_family(procurement);
    let lot_values = lot_values(procurement);
    let mut prices: HashMap<(&Classification, Option<String>), Prices<'_>> = HashMap::new();
    // What is left to compare with the contracts: each code is told of once.
    let mut tendered = tendered_quantities(procurement);
    let (mut lots, mut pairs) = (Vec::new(), Vec::new());
    for item in &procurement.items {
        let Some(quantity) = whole_quantity(item, &mut warnings) else {
            continue;
        };
        let prices = item.classification.as_ref().map(|class| {
            let unit = item.unit.as_ref().map(|unit| unit.to_lowercase());
            let lines = lines.get(class).map_or(&[][..], Vec::as_slice);
            let join = |key: &(_, Option<String>)| Prices::join(lines, key.1.as_deref());
            &*prices.entry((class, unit)).or_insert_with_key(join)
        });
        if let Some(prices) = prices {
            if prices.other_units {
                let detail = "was contracted in another unit too; that price is not joined";
                warnings.add(Code::UnitDiffers, item.at.clone(), detail);
            }
            let class = item.classification.as_ref();
            if let Some((class, tendered)) = class.and_then(|class| tendered.remove_entry(class)) {
                tell_averaged(class, item, &tendered, prices, &mut warnings);
            }
        }
        let lot_value = lot_values.get(item.id.as_str()).copied();
        let reference = reference_price(item, quantity, prices, lot_value, procurement.currency);
        if reference.is_none() {
            let detail = "no contract, tender or lot price; the lot stays out of the instance";
            warnings.add(Code::PriceMissing, item.at.clone(), detail);
        }
        let process = process(item, &mut warnings);
        let able = process.as_ref().and_then(|family| delivered.get(family));
        pairs.extend(able.into_iter().flatten().map(|supplier| Pair {
            supplier: (*supplier).to_owned(),
            lot: item.id.clone(),
            unit_price: prices.and_then(|prices| prices.own(supplier)),
        }));
        lots.push(ItemLot {
            at: item.at.clone(),
            id: item.id.clone(),
            description: item.description.clone(),
            process,
            quantity,
            unit: item.unit.clone(),
            reference_price: reference,
        });
    }
    Offer { lots, pairs, warnings: warnings.into_list() }
}

/// One priced line of a contract.
struct Line<'p> {
    supplier: Option<&'p str>,
    unit: Option<String>,
    quantity: Exact,
    price: &'p Exact,
}

/// An amount and the quantity that it pays for.
#[derive(Default)]
struct Weighed {
    amount: Exact,
    quantity: Exact,
}

impl Weighed {
    fn add(&mut self, line: &Line<'_>) {
        self.amount += &line.quantity * line.price;
        self.quantity += &line.quantity;
    }

    /// The quantity-weighted mean price; `None` without any quantity.
    fn mean(&self) -> Option<Exact> {
        (!self.quantity.is_zero()).then(|| &self.amount / &self.quantity)
    }
}

/// The contract prices of one code in one unit.
#[derive(Default)]
struct Prices<'p> {
    all: Weighed,
    by_supplier: HashMap<&'p str, Weighed>,
    lines: usize,
    different: BTreeSet<&'p Exact>,
    /// The code was contracted in other units too.
    other_units: bool,
}

impl<'p> Prices<'p> {
    /// Joins the lines of that unit; a unit that either side leaves out is taken as the same.
    fn join(lines: &[Line<'p>], unit: Option<&str>) -> Self {
        let mut prices = Self::default();
        for line in lines {
            let other = |(one, other)| one != other;
            if line.unit.as_deref().zip(unit).is_some_and(other) {
                prices.other_units = true;
                continue;
            }
            prices.all.add(line);
            if let Some(supplier) = line.supplier {
                prices.by_supplier.entry(supplier).or_default().add(line);
            }
            prices.lines += 1;
            prices.different.insert(line.price);
        }
        prices
    }

    /// A supplier's own price.
    fn own(&self, supplier: &str) -> Option<UnitPrice> {
        UnitPrice::nearest(&self.by_supplier.get(supplier)?.mean()?)
    }
}

/// The priced lines of the contracts that count, by their full code.
fn contract_lines<'p>(
    procurement: &'p Procurement,
    warnings: &mut Warnings,
) -> HashMap<&'p Classification, Vec<Line<'p>>> {
    let mut lines: HashMap<&Classification, Vec<Line<'_>>> = HashMap::new();
    for contract in procurement.contracts.iter().filter(|c| !c.is_cancelled()) {
        for item in &contract.items {
            let Some((class, price)) = item.classification.as_ref().zip(item.unit_price.as_ref()) else {
                continue;
            };
            if Some(price.currency) != procurement.currency {
                let detail = "is in another currency than the first contract; not joined";
                warnings.add(Code::CurrencyMixed, format!("{}/unit", item.at), detail);
                continue;
            }
            let quantity = item.quantity.clone().unwrap_or_else(|| {
                let detail = "a contract item without quantity; its price weighs as one unit";
                warnings.add(Code::QuantityMissing, item.at.clone(), detail);
                exact::whole_number(1)
            });
            lines.entry(class).or_default().push(Line {
                supplier: contract.supplier(),
                unit: item.unit.as_ref().map(|unit| unit.to_lowercase()),
                quantity,
                price: &price.amount,
            });
        }
    }
    lines
}

/// The suppliers that have each family in their contracts, in the order of the suppliers.
fn suppliers_by_family(procurement: &Procurement) -> HashMap<String, Vec<&str>> {
    let mut delivered: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for contract in procurement.contracts.iter().filter(|c| !c.is_cancelled()) {
        let Some(supplier) = contract.supplier() else {
            continue;
        };
        let families = contract.items.iter().filter_map(|item| item.classification.as_ref()?.family());
        delivered.entry(supplier).or_default().extend(families);
    }
    let mut suppliers: HashMap<String, Vec<&str>> = HashMap::new();
    for supplier in &procurement.suppliers {
        for family in delivered.remove(supplier.id.as_str()).unwrap_or_default() {
            suppliers.entry(family).or_default().push(&supplier.id);
        }
    }
    suppliers
}

/// The lot's quantity in whole units; `None` where there is nothing to buy.
fn whole_quantity(item: &Item, warnings: &mut Warnings) -> Option<i64> {
    let at = item.at.clone();
    let Some(quantity) = &item.quantity else {
        let detail = "has no quantity; one unit";
        warnings.add(Code::QuantityMissing, at, detail);
        return Some(1);
    };
    if !quantity.is_positive() {
        let detail = "has quantity zero or less; no lot";
        warnings.add(Code::QuantityZero, at, detail);
        return None;
    }
    let whole = quantity.ceil();
    if whole != *quantity {
        let (given, taken) = (exact::decimal(quantity), exact::decimal(&whole));
        warnings.add(
            Code::QuantityFractional,
            at,
            format!("awards are whole units: {given} was rounded up to {taken}"),
        );
    }
    i64::try_from(whole.to_integer()).ok()
}

fn process(item: &Item, warnings: &mut Warnings) -> Option<String> {
    let family = item.classification.as_ref().and_then(Classification::family);
    match &family {
        None => {
            let detail = "has no classification code with a family; it cannot be paired";
            warnings.add(Code::CodeMissing, item.at.clone(), detail);
        }
        Some(family) if !family.bytes().all(|b| b.is_ascii_digit()) => {
            let detail = "is not classified by UNSPSC; the first four digits make the family";
            warnings.add(Code::FamilyNotUnspsc, item.at.clone(), detail);
        }
        Some(_) => {}
    }
    family
}

fn reference_price(
    item: &Item,
    quantity: i64,
    prices: Option<&Prices<'_>>,
    lot_value: Option<Amount>,
    currency: Option<Currency>,
) -> Option<(UnitPrice, PriceSource)> {
    let currency = currency?;
    let contracts = prices.and_then(|prices| Some((prices.all.mean()?, PriceSource::Contracts)));
    let tender = || {
        let price = item.unit_price.as_ref();
        let price = price.filter(|price| price.currency == currency)?;
        Some((price.amount.clone(), PriceSource::Tender))
    };
    let lot = || {
        let value = lot_value.filter(|value| value.currency == currency)?;
        let price = value.exact() / exact::whole_number(quantity);
        Some((price, PriceSource::LotValue))
    };
    let (price, source) = contracts.or_else(tender).or_else(lot)?;
    Some((UnitPrice::nearest(&price)?, source))
}

/// The values of the tender's lots that hold one item, by that item's id.
fn lot_values(procurement: &Procurement) -> HashMap<&str, Amount> {
    let alone = procurement.lots.iter().filter_map(|lot| match lot.items.as_slice() {
        [item] => Some((item.as_str(), lot.value?)),
        _ => None,
    });
    alone.collect()
}

/// What the tender asks for, by code.
fn tendered_quantities(procurement: &Procurement) -> HashMap<&Classification, Exact> {
    let mut tendered: HashMap<&Classification, Exact> = HashMap::new();
    for item in &procurement.items {
        if let Some((class, quantity)) = item.classification.as_ref().zip(item.quantity.as_ref()) {
            *tendered.entry(class).or_insert_with(Exact::zero) += quantity;
        }
    }
    tendered
}

/// Tells when a code was contracted in other quantities than tendered, or at several prices.
fn tell_averaged(
    class: &Classification,
    item: &Item,
    tendered: &Exact,
    prices: &Prices<'_>,
    warnings: &mut Warnings,
) {
    let Some(reference) = prices.all.mean() else {
        return;
    };
    let contracted = &prices.all.quantity;
    if tendered == contracted && prices.different.len() == 1 {
        return;
    }
    warnings.add(
        Code::PricesAveraged,
        item.at.clone(),
        format!(
            "code {}: {} tendered, {} contracted; contract lines: {}, prices: {}; reference price {}",
            class.code,
            exact::decimal(tendered),
            exact::decimal(contracted),
            prices.lines,
            prices.different.len(),
            exact::decimal(&reference),
        ),
    );
}
