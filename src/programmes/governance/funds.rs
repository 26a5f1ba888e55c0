//! A programme's funds: what is assigned, reserved for calls, committed to projects, disbursed and justified.
//!
//! **Invariant:** assigned ≥ committed + reserved, and committed ≥ disbursed ≥ justified. [`Funds::after`] is the one
//! way in which the sums change; the table refuses everything else, whoever writes it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    foundation::{
        clock::Timestamp,
        fields::{Fault, Fields, Input},
        ids::{AccountId, FundEntryId},
        money::{Currency, Money},
    },
    words,
};

words! {
    /// What an entry does.
    pub enum FundChange {
        /// It adds to what the programme has.
        Assign = "assign",
        /// It takes from it.
        Reduce = "reduce",
    }
}

/// Funds to assign, or to take back.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewFundEntry {
    /// Default `assign`.
    pub change: FundChange,
    /// How much, in the programme's currency; not zero.
    pub amount: Money,
    /// Where they come from, or why they go.
    #[schema(example = "Ley de presupuestos 2026, glosa 7.", min_length = 10, max_length = 2000)]
    pub reason: String,
}

impl Input for NewFundEntry {
    fn read(f: &mut Fields) -> Option<Self> {
        let change = f.or("change", FundChange::Assign);
        let (amount, reason) = (positive(f, "amount"), f.reason());
        Some(Self { change: change?, amount: amount?, reason: reason? })
    }
}

/// An amount above zero.
pub(crate) fn positive(f: &mut Fields, name: &'static str) -> Option<Money> {
    let amount = f.required::<Money>(name)?;
    if amount.minor == 0 {
        f.fail(name, Fault::new("zero"));
        return None;
    }
    Some(amount)
}

/// An entry of the ledger of assigned funds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct FundEntry {
    /// Its id.
    pub id: FundEntryId,
    /// What it does.
    pub change: FundChange,
    /// How much.
    pub amount: Money,
    /// What is assigned after it.
    pub assigned_after: Money,
    /// Why.
    pub reason: String,
    /// Who wrote it down.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
}

/// The sums of a programme's funds, in minor units of its currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Funds {
    /// The programme's currency.
    pub currency: Currency,
    /// What the strategic direction has assigned.
    pub assigned: i64,
    /// What running calls may still award.
    pub reserved: i64,
    /// What projects were awarded, less what they will not get any more.
    pub committed: i64,
    /// What was paid to them.
    pub disbursed: i64,
    /// What of that was justified by accepted expenses.
    pub justified: i64,
}

/// Something that changes the sums.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The direction assigns.
    Assign(i64),
    /// The direction takes back.
    Reduce(i64),
    /// A call opens with these funds.
    Reserve(i64),
    /// A call ends with these left.
    Release(i64),
    /// A call awards.
    Commit(i64),
    /// A project ends with these not paid.
    Uncommit(i64),
    /// A milestone is paid.
    Disburse(i64),
    /// An expense is accepted.
    Justify(i64),
}

impl Funds {
    /// No funds.
    pub const fn none(currency: Currency) -> Self {
        Self { currency, assigned: 0, reserved: 0, committed: 0, disbursed: 0, justified: 0 }
    }

    /// What is neither reserved nor committed.
    pub const fn free(&self) -> i64 {
        self.assigned - self.reserved - self.committed
    }

    /// The sums after an entry; `None` when they would break the invariant, or a number would be too large.
    pub fn after(self, entry: Entry) -> Option<Self> {
        let mut next = self;
        match entry {
            Entry::Assign(amount) => next.assigned = next.assigned.checked_add(amount)?,
            Entry::Reduce(amount) => next.assigned = next.assigned.checked_sub(amount)?,
            Entry::Reserve(amount) => next.reserved = next.reserved.checked_add(amount)?,
            Entry::Release(amount) => next.reserved = next.reserved.checked_sub(amount)?,
            Entry::Commit(amount) => {
                next.reserved = next.reserved.checked_sub(amount)?;
                next.committed = next.committed.checked_add(amount)?;
            }
            Entry::Uncommit(amount) => next.committed = next.committed.checked_sub(amount)?,
            Entry::Disburse(amount) => next.disbursed = next.disbursed.checked_add(amount)?,
            Entry::Justify(amount) => next.justified = next.justified.checked_add(amount)?,
        }
        next.is_sound().then_some(next)
    }

    /// Whether the invariant holds.
    pub const fn is_sound(&self) -> bool {
        self.reserved >= 0
            && self.justified >= 0
            && self.disbursed >= self.justified
            && self.committed >= self.disbursed
            && self.assigned - self.committed >= self.reserved
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let amount = || 1_i64..1_000;
        prop::collection::vec(
            prop_oneof![
                amount().prop_map(Entry::Assign),
                amount().prop_map(Entry::Reduce),
                amount().prop_map(Entry::Reserve),
                amount().prop_map(Entry::Release),
                amount().prop_map(Entry::Commit),
                amount().prop_map(Entry::Uncommit),
                amount().prop_map(Entry::Disburse),
                amount().prop_map(Entry::Justify),
            ],
            0..200,
        )
    }

    proptest! {
        /// Whatever is entered in whatever order: nothing is committed that was not assigned, disbursed that was not
        /// committed, justified that was not disbursed.
        #[test]
        fn the_sums_never_cross(entries in entries()) {
            let mut funds = Funds::none("CLP".parse().unwrap());
            let mut assigned = 0;
            for entry in entries {
                let Some(next) = funds.after(entry) else { continue };
                match entry {
                    Entry::Assign(amount) => assigned += amount,
                    Entry::Reduce(amount) => assigned -= amount,
                    _ => {}
                }
                funds = next;
                prop_assert!(funds.assigned >= funds.committed + funds.reserved);
                prop_assert!(funds.committed >= funds.disbursed && funds.disbursed >= funds.justified);
                prop_assert!(funds.justified >= 0 && funds.reserved >= 0 && funds.assigned == assigned);
            }
        }
    }

    #[test]
    fn what_is_committed_can_not_be_taken_back() {
        let funds = Funds::none("CLP".parse().unwrap());
        let steps = [Entry::Assign(100), Entry::Reserve(80), Entry::Commit(50)];
        let funds = steps.into_iter().try_fold(funds, Funds::after).unwrap();
        assert_eq!((funds.free(), funds.reserved, funds.committed), (20, 30, 50));
        assert_eq!(funds.after(Entry::Reduce(21)), None);
        assert!(funds.after(Entry::Reduce(20)).is_some());
        assert_eq!(funds.after(Entry::Disburse(51)), None);
        assert_eq!(funds.after(Entry::Commit(31)), None);
    }
}
