//! Who sold how much, and how concentrated that is.

use std::{cmp::Reverse, collections::BTreeMap};

use num_traits::Zero;

use super::{
    exact::{self, Exact},
    model::{Amount, Procurement, exponent},
};

/// What the contracts of one procurement add up to.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// Sum of the contracts that have one supplier, a value in the procurement's currency, and were
    /// not cancelled.
    pub total: Amount,
    /// Per supplier, largest first.
    pub suppliers: Vec<SupplierFigure>,
}

/// One supplier's part.
#[derive(Clone, PartialEq, Debug)]
pub struct SupplierFigure {
    /// Supplier id.
    pub supplier: String,
    /// Its name.
    pub name: String,
    /// Number of contracts.
    pub contracts: usize,
    /// Sum of its contracts.
    pub total: Amount,
    /// Part of the whole, 0…1.
    pub share: Exact,
}

impl SupplierFigure {
    /// The share in percent with one decimal, halves upwards: `22.3`.
    #[must_use]
    pub fn share_percent(&self) -> String {
        exact::fixed(&(&self.share * exact::whole_number(100)), 1)
    }
}

impl Figures {
    /// Herfindahl-Hirschman index of the suppliers, Σ share² in percent points, 0…10,000. It
    /// measures how the award is spread, not how dependent anybody is.
    #[must_use]
    pub fn hhi(&self) -> Exact {
        let squares = self.suppliers.iter().map(|s| &s.share * &s.share);
        squares.fold(Exact::zero(), |sum, square| sum + square) * exact::whole_number(10_000)
    }

    /// [`Self::hhi`] to the nearest whole point, halves upwards: `1836`.
    #[must_use]
    pub fn hhi_points(&self) -> String {
        exact::fixed(&self.hhi(), 0)
    }
}

/// The figures of a procurement; `None` when no contract counts, or their sum exceeds `i64`.
#[must_use]
pub fn figures(procurement: &Procurement) -> Option<Figures> {
    let currency = procurement.currency?;
    let mut sums: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    let mut whole = 0_i64;
    for contract in procurement.contracts.iter().filter(|c| !c.is_cancelled()) {
        let value = contract.value.filter(|value| value.currency == currency);
        let Some((supplier, value)) = contract.supplier().zip(value) else {
            continue;
        };
        let (contracts, sum) = sums.entry(supplier).or_default();
        *contracts += 1;
        *sum = sum.checked_add(value.minor)?;
        whole = whole.checked_add(value.minor)?;
    }
    if whole == 0 {
        return None;
    }
    let mut suppliers: Vec<SupplierFigure> = sums
        .into_iter()
        .map(|(id, (contracts, minor))| SupplierFigure {
            supplier: id.to_owned(),
            name: name(procurement, id),
            contracts,
            total: Amount { minor, currency },
            share: exact::whole_number(minor) / exact::whole_number(whole),
        })
        .collect();
    suppliers.sort_by_key(|supplier| Reverse(supplier.total.minor));
    Some(Figures { total: Amount { minor: whole, currency }, suppliers })
}

fn name(procurement: &Procurement, id: &str) -> String {
    let known = procurement.suppliers.iter().find(|party| party.id == id);
    known.map_or(id, |party| &party.name).to_owned()
}

/// An amount as a plain decimal in main units: `626953284`, `10.50`.
pub(super) fn plain(amount: Amount) -> String {
    exact::fixed(&amount.exact(), exponent(amount.currency))
}
