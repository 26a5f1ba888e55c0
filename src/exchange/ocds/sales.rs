//! Which contracts count as existing sales on a given day.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;
use time::Date;

use super::{
    exact::{self, Exact},
    findings::{Code, Warning, Warnings},
    model::{Amount, Contract, Procurement},
};

/// What a supplier sells, by the length of the contracts in days, where that is more than a year.
type ByLength = BTreeMap<Option<i64>, Exact>;

/// So many lengths are added up exactly. What several contracts of one supplier are divided by has little in common, so
/// that each length makes the numbers longer, and 35,000 of them would take hours.
const MOST_LENGTHS: usize = 500;
/// Decimals of each part where there are more lengths. Amounts have a few, so that no amount comes out otherwise.
const PLACES: u32 = 30;

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
    let mut sums: BTreeMap<&str, (ByLength, Vec<String>)> = BTreeMap::new();
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
        let days = days(contract);
        if let Some(days) = days {
            warnings.add(
                Code::ContractAnnualised,
                contract.at.clone(),
                format!("runs for {} years; divided by them", exact::fixed(&years(days), 1)),
            );
        }
        let (sold, contracts) = sums.entry(supplier).or_default();
        *sold.entry(days).or_insert_with(Exact::zero) += value.exact();
        contracts.push(contract.id.clone());
    }
    let sales = sums
        .into_iter()
        .filter_map(|(supplier, (sold, contracts))| {
            Some(Sale {
                supplier: supplier.to_owned(),
                annual: Amount::nearest(&yearly(sold), procurement.currency?)?,
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

/// What is sold in a year: what was sold in contracts of each length, divided by its years. Contracts of one length are
/// divided together, which is the same.
fn yearly(sold: ByLength) -> Exact {
    let by_the_year = |(days, value): (Option<i64>, Exact)| match days {
        Some(days) => value / years(days),
        None => value,
    };
    let parts: Vec<Exact> = sold.into_iter().map(by_the_year).collect();
    if parts.len() <= MOST_LENGTHS {
        return in_pairs(parts);
    }
    let unit = exact::tenfold(PLACES);
    let sum: BigInt = parts.iter().map(|part| exact::round_half_up(&(part * &unit))).sum();
    Exact::from(sum) / unit
}

/// The sum, of pairs and pairs of pairs: so most of what is added is short.
fn in_pairs(mut parts: Vec<Exact>) -> Exact {
    while parts.len() > 1 {
        let pairs = parts.chunks(2);
        parts = pairs.filter_map(|pair| pair.iter().cloned().reduce(|one, other| one + other)).collect();
    }
    parts.pop().unwrap_or_else(Exact::zero)
}

/// The length of a contract in days, if it is of more than a year. One that ends on the day of the next year on which
/// it began is of one year, leap years or not.
fn days(contract: &Contract) -> Option<i64> {
    let begins = contract.starts.or(contract.signed)?;
    let ends = contract.ends?;
    (ends > a_year_after(begins)?).then(|| (ends - begins).whole_days())
}

/// So many days in years: one of the Gregorian calendar has 365.2425 days on average.
fn years(days: i64) -> Exact {
    exact::whole_number(days) * exact::whole_number(10_000) / exact::whole_number(3_652_425)
}

/// The same day of the next year; 28 February for 29 February; `None` at the end of time.
fn a_year_after(day: Date) -> Option<Date> {
    let next = day.year() + 1;
    let same = day.replace_year(next);
    same.or_else(|_| day.replace_day(28).and_then(|day| day.replace_year(next))).ok()
}

#[cfg(test)]
mod tests {
    use num_traits::Signed;
    use proptest::prelude::*;

    use super::*;

    /// Amounts of these lengths, each another.
    fn sold(lengths: usize) -> ByLength {
        let days = (366..).take(lengths);
        days.map(|days| (Some(days), exact::whole_number(10_000 + days))).collect()
    }

    proptest! {
        #[test]
        fn what_is_divided_together_comes_to_the_same(
            contracts in proptest::collection::vec((proptest::option::of(366..390_i64), 1..1_000_000_000_i64), 0..40)
        ) {
            let (mut sold, mut one_by_one) = (ByLength::new(), Exact::zero());
            for (days, cents) in contracts {
                let value = exact::whole_number(cents) / exact::tenfold(2);
                one_by_one += days.map_or_else(|| value.clone(), |days| &value / years(days));
                *sold.entry(days).or_insert_with(Exact::zero) += value;
            }
            prop_assert_eq!(yearly(sold), one_by_one);
        }
    }

    #[test]
    fn many_lengths_are_added_up_far_finer_than_any_amount() {
        let exactly = |sold: ByLength| {
            in_pairs(sold.into_iter().filter_map(|(days, value)| Some(value / years(days?))).collect())
        };
        assert_eq!(yearly(sold(MOST_LENGTHS)), exactly(sold(MOST_LENGTHS)));
        let (rounded, expected) = (yearly(sold(MOST_LENGTHS + 1)), exactly(sold(MOST_LENGTHS + 1)));
        assert_ne!(rounded, expected);
        assert!((rounded - expected).abs() < exact::whole_number(1) / exact::tenfold(26));
    }

    #[test]
    fn as_many_lengths_as_a_file_holds_take_no_time() {
        // The same in billionths, each cut off: nobody wants to wait for the exact sum.
        let cut_off: i128 = sold(35_000)
            .keys()
            .flatten()
            .map(|&days| i128::from(10_000 + days) * 365_242_500_000 / i128::from(days))
            .sum();
        let sum = exact::round_half_up(&(yearly(sold(35_000)) * exact::tenfold(9))) - BigInt::from(cut_off);
        assert!((BigInt::zero()..=BigInt::from(35_000)).contains(&sum), "{sum}");
    }
}
