//! Lots and pairs: rules of one lot that contradict each other, and pairs that come to nothing.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::{codes, problems::Problems, row::Quoted, tables::Table};
use crate::{Decimal, instance::Lot};

/// The most whole units within a share of a lot.
pub(super) fn most_units(share: Decimal, quantity: u64) -> u64 {
    if share == Decimal::ONE {
        quantity
    } else {
        exact(share, quantity).floor().to_integer().to_u64().unwrap_or(0)
    }
}

/// The least whole units that reach a share of a lot.
fn least_units(share: Decimal, quantity: u64) -> u64 {
    if share.is_zero() { 0 } else { exact(share, quantity).ceil().to_integer().to_u64().unwrap_or(u64::MAX) }
}

fn exact(share: Decimal, quantity: u64) -> BigRational {
    share.to_ratio() * BigRational::from(BigInt::from(quantity))
}

/// The fewest units of an award: all of them where the lot is all or nothing.
pub(super) fn least_award(lot: &Lot) -> u64 {
    if lot.divisible { least_units(lot.min_share, lot.quantity).max(1) } else { lot.quantity }
}

/// The largest number of suppliers, a consortium being one.
pub(super) fn most_suppliers(lot: &Lot) -> u64 {
    let most = lot.max_suppliers.unwrap_or(u64::MAX);
    if lot.divisible { most } else { most.min(1) }
}

/// E1212 to E1215, for every lot.
pub(super) fn check_lots(lots: &Table<Lot>, problems: &mut Problems) {
    for (row, lot) in &lots.rows {
        let fine = check_e1212_shares(lots, *row, lot, problems)
            & check_e1213_suppliers(lots, *row, lot, problems)
            & check_e1214_indivisible(lots, *row, lot, problems);
        // What follows from these needs no message of its own.
        if fine {
            check_e1215_reachable(lots, *row, lot, problems);
        }
    }
}

/// E1212: the least share is not above the largest.
fn check_e1212_shares(lots: &Table<Lot>, row: u64, lot: &Lot, problems: &mut Problems) -> bool {
    let fine = lot.min_share <= lot.max_share;
    if !fine {
        let cause = format_args!("min_share is {}, max_share {}", lot.min_share, lot.max_share);
        problems.report(codes::E1212, lots.place(row, "min_share"), cause);
    }
    fine
}

/// E1213: the least number of suppliers is not above the largest.
fn check_e1213_suppliers(lots: &Table<Lot>, row: u64, lot: &Lot, problems: &mut Problems) -> bool {
    let Some(most) = lot.max_suppliers.filter(|most| *most < lot.min_suppliers) else {
        return true;
    };
    let cause = format_args!("min_suppliers is {}, max_suppliers {most}", lot.min_suppliers);
    problems.report(codes::E1213, lots.place(row, "min_suppliers"), cause);
    false
}

/// E1214: what one supplier must take whole asks neither for several nor for a part.
fn check_e1214_indivisible(lots: &Table<Lot>, row: u64, lot: &Lot, problems: &mut Problems) -> bool {
    if lot.divisible {
        return true;
    }
    let several = lot.min_suppliers > 1;
    if several {
        let cause = format_args!("one supplier takes it whole, but min_suppliers is {}", lot.min_suppliers);
        problems.report(codes::E1214, lots.place(row, "min_suppliers"), cause);
    }
    let part = lot.max_share < Decimal::ONE;
    if part {
        let cause = format_args!("one supplier takes it whole, but max_share is {}", lot.max_share);
        problems.report(codes::E1214, lots.place(row, "max_share"), cause);
    }
    !several && !part
}

/// E1215: so few suppliers may reach the least coverage, and so many find units to take.
fn check_e1215_reachable(lots: &Table<Lot>, row: u64, lot: &Lot, problems: &mut Problems) {
    let each = most_units(lot.max_share, lot.quantity);
    let covered = most_suppliers(lot).saturating_mul(each).min(lot.quantity);
    let least = least_units(lot.min_coverage, lot.quantity);
    if covered < least {
        let cause = format_args!(
            "min_coverage asks for {least} of {} units, max_suppliers and max_share leave {covered}",
            lot.quantity
        );
        problems.report(codes::E1215, lots.place(row, "min_coverage"), cause);
    }
    let needed = lot.min_suppliers.saturating_mul(least_award(lot));
    if needed > lot.quantity {
        let cause = format_args!(
            "{} suppliers with at least {} units each need more than the {} units of {}",
            lot.min_suppliers,
            least_award(lot),
            lot.quantity,
            Quoted(&lot.id)
        );
        problems.report(codes::E1215, lots.place(row, "min_suppliers"), cause);
    }
}
