//! Which contracts count as existing sales on a given day.

use std::collections::BTreeMap;

use num_traits::Zero;
use time::Date;

use super::{
    exact::{self, Exact},
    findings::{Code, Warning, Warnings},
    model::{Amount, Contract, Procurement},
};

/// What the suppliers sell to the buyer on a given day.
#[derive(Clone, PartialEq, Debug)]
pub struct ExistingSales {
    /// The day: the one asked for, else the latest signature, else the release's date.
    pub as_of: Option<Date>,
    /// In order of the supplier ids.
    pub sales: Vec<Sale>,
    /// Contracts that do not count, and why.
    pub warnings: Vec<Warning>,
}

/// A supplier's existing sales to the buyer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sale {
    /// Supplier id.
    pub supplier: String,
    /// Amount a year.
    pub annual: Amount,
    /// Ids of the contracts in it.
    pub contracts: Vec<String>,
}

/// The sales that existed on `as_of` (default: the day of the latest signature).
///
/// A contract counts when it was signed in the twelve months up to that day, or earlier and is still
/// running on it; sales are an annual figure, so one that ended before counts no more. A contract of
/// more than a year counts with its amount divided by its years. One without any date counts always:
/// to leave out a sale would make a supplier look less dependent than it is.
#[must_use]
pub fn existing_sales(procurement: &Procurement, as_of: Option<Date>) -> ExistingSales {
    let mut warnings = Warnings::default();
    let as_of = as_of.or_else(|| latest_signature(procurement));
    let mut sums: BTreeMap<&str, (Exact, Vec<String>)> = BTreeMap::new();
    for contract in procurement.contracts.iter().filter(|c| !c.is_cancelled()) {
        let value = contract.value.filter(|value| Some(value.currency) == procurement.currency);
        let Some((supplier, value)) = contract.supplier().zip(value) else {
            continue;
        };
        if let Some(why) = as_of.and_then(|day| left_out(contract, day)) {
            let detail = "does not count as an existing sale on that day";
            warnings.add(why, contract.at.clone(), detail);
            continue;
        }
        let years = years(contract);
        if years > exact::whole_number(1) {
            warnings.add(
                Code::ContractAnnualised,
                contract.at.clone(),
                format!("runs for {} years; divided by them", exact::fixed(&years, 1)),
            );
        }
        let (sum, contracts) = sums.entry(supplier).or_insert_with(|| (Exact::zero(), Vec::new()));
        *sum += value.exact() / years;
        contracts.push(contract.id.clone());
    }
    let sales = sums
        .into_iter()
        .filter_map(|(supplier, (sum, contracts))| {
            Some(Sale {
                supplier: supplier.to_owned(),
                annual: Amount::nearest(&sum, procurement.currency?)?,
                contracts,
            })
        })
        .collect();
    ExistingSales { as_of, sales, warnings: warnings.into_list() }
}

fn latest_signature(procurement: &Procurement) -> Option<Date> {
    let signed = procurement
        .contracts
        .iter()
        .filter(|contract| !contract.is_cancelled())
        .filter_map(|contract| contract.signed);
    signed.max().or(procurement.date)
}

/// Why a contract is no existing sale on `day`; `None` when it is one.
fn left_out(contract: &Contract, day: Date) -> Option<Code> {
    let signed = contract.signed?;
    if signed > day {
        return Some(Code::ContractLater);
    }
    let recent = a_year_after(signed).is_none_or(|end| end > day);
    let running = contract.ends.is_some_and(|end| end >= day);
    (!recent && !running).then_some(Code::ContractOver)
}

/// The length of a contract in years, at least 1. One that ends on the day of the next year on which
/// it began is of one year, leap years or not.
fn years(contract: &Contract) -> Exact {
    let one = exact::whole_number(1);
    let begins = contract.starts.or(contract.signed);
    let Some((begins, ends)) = begins.zip(contract.ends) else {
        return one;
    };
    if a_year_after(begins).is_none_or(|year| ends <= year) {
        return one;
    }
    // A year of the Gregorian calendar has 365.2425 days on average.
    let days = exact::whole_number((ends - begins).whole_days());
    (days * exact::whole_number(10_000) / exact::whole_number(3_652_425)).max(one)
}

/// The same day of the next year; 28 February for 29 February; `None` at the end of time.
fn a_year_after(day: Date) -> Option<Date> {
    let next = day.year() + 1;
    let same = day.replace_year(next);
    same.or_else(|_| day.replace_day(28).and_then(|day| day.replace_year(next))).ok()
}
