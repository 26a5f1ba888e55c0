//! Figures of several firms: exact means, medians and changes, and what must be withheld of them.
//!
//! *Unknown is no number*: a firm without a value at either end of a comparison is in neither of them, and no value is
//! carried from one moment to another.
//!
//! **Withheld.** A figure concerns five firms at least, or nobody is told it. Neither may two figures be told whose
//! difference concerns fewer: a total and all of its parts but one give that one away. So figures are told in a fixed
//! order, and one is withheld when some sum or difference of it with those before would concern one to four firms.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::Zero;

use crate::{foundation::ids::OrganisationId, words};

/// An exact number.
pub type Exact = BigRational;

/// So many firms stand behind a figure at least.
pub const FEWEST: usize = 5;

/// Up to so many figures before it, every sum and difference is looked at; of more, those of one or two, and of all.
const ALL_OF: usize = 7;

words! {
    /// Why a figure is withheld.
    #[schema(as = WithheldFigure)]
    pub enum Withheld {
        /// Fewer than five firms stand behind it.
        FewerThanFive = "fewer_than_five",
        /// With others that are told it would give fewer than five firms away.
        GivesOthersAway = "gives_others_away",
        /// Answers still come in: each would show as a difference.
        RoundOpen = "round_open",
    }
}

/// The mean; `None` of nothing.
pub fn mean(values: &[Exact]) -> Option<Exact> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().sum::<Exact>() / Exact::from_integer(values.len().into()))
}

/// The median, of an even number the mean of the two in the middle; `None` of nothing.
pub fn median(values: &[Exact]) -> Option<Exact> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle)?.clone();
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = sorted.get(middle.checked_sub(1)?)?;
    Some((lower + upper) / Exact::from_integer(2.into()))
}

/// The change in percent; `None` from nothing.
pub fn percent_change(before: &Exact, after: &Exact) -> Option<Exact> {
    (!before.is_zero()).then(|| (after - before) / before * Exact::from_integer(100.into()))
}

/// What firms had at two moments: those alone that are known at both.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pairs(BTreeMap<OrganisationId, (Exact, Exact)>);

impl Pairs {
    /// From what is known of each firm; `None` is unknown.
    pub fn of(
        before: &BTreeMap<OrganisationId, Option<Exact>>,
        after: &BTreeMap<OrganisationId, Option<Exact>>,
    ) -> Self {
        let both = before.iter().filter_map(|(firm, then)| {
            let now = after.get(firm)?.clone()?;
            Some((*firm, (then.clone()?, now)))
        });
        Self(both.collect())
    }

    /// Takes in pairs of firms that are not there yet.
    pub fn extend(&mut self, other: &Self) {
        for (firm, pair) in &other.0 {
            self.0.entry(*firm).or_insert_with(|| pair.clone());
        }
    }

    /// The firms.
    pub fn firms(&self) -> BTreeSet<OrganisationId> {
        self.0.keys().copied().collect()
    }

    /// What they come to; `None` of nobody.
    pub fn compared(&self) -> Option<Compared> {
        let (before, after): (Vec<_>, Vec<_>) = self.0.values().cloned().unzip();
        let (mean_before, mean_after) = (mean(&before)?, mean(&after)?);
        Some(Compared {
            firms: self.0.len(),
            change: &mean_after - &mean_before,
            percent_change: percent_change(&mean_before, &mean_after),
            mean_before,
            mean_after,
            median_before: median(&before)?,
            median_after: median(&after)?,
        })
    }
}

/// A comparison of two moments, over the same firms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Firms behind it.
    pub firms: usize,
    /// Mean then.
    pub mean_before: Exact,
    /// Mean afterwards.
    pub mean_after: Exact,
    /// Median then.
    pub median_before: Exact,
    /// Median afterwards.
    pub median_after: Exact,
    /// Difference of the means, in the indicator's unit.
    pub change: Exact,
    /// The same in percent; `None` where the mean was 0.
    pub percent_change: Option<Exact>,
}

/// What of these figures must be withheld, in their order; an earlier one goes first.
pub fn withheld(sets: &[BTreeSet<OrganisationId>]) -> Vec<Option<Withheld>> {
    let (mut told, mut judged) = (Vec::new(), Vec::with_capacity(sets.len()));
    for set in sets {
        let why = if (1..FEWEST).contains(&set.len()) {
            Some(Withheld::FewerThanFive)
        } else if set.is_empty() || told.contains(&set) {
            None
        } else if gives_away(set, &told) {
            Some(Withheld::GivesOthersAway)
        } else {
            told.push(set);
            None
        };
        judged.push(why);
    }
    judged
}

/// Whether some sum or difference of the set with those that are told concerns one to four firms.
fn gives_away(set: &BTreeSet<OrganisationId>, told: &[&BTreeSet<OrganisationId>]) -> bool {
    let mut signs = vec![0_i8; told.len()];
    if told.len() <= ALL_OF {
        return any_signs(&mut signs, 0, &|signs| concerns_few(set, told, signs));
    }
    for first in 0..told.len() {
        for sign in [-1, 1] {
            signs[first] = sign;
            for second in first..told.len() {
                let kept = signs[second];
                for other in [-1, 0, 1] {
                    if second != first {
                        signs[second] = other;
                    }
                    if concerns_few(set, told, &signs) {
                        return true;
                    }
                }
                signs[second] = kept;
            }
            signs[first] = 0;
        }
    }
    // A total with all its other parts.
    let parts = |told: &&BTreeSet<OrganisationId>| -> i8 { if set.is_disjoint(told) { 1 } else { -1 } };
    let signs: Vec<i8> = told.iter().map(parts).collect();
    concerns_few(set, told, &signs)
}

fn any_signs(signs: &mut Vec<i8>, at: usize, holds: &impl Fn(&[i8]) -> bool) -> bool {
    if at == signs.len() {
        return holds(signs);
    }
    for sign in [-1, 0, 1] {
        signs[at] = sign;
        if any_signs(signs, at + 1, holds) {
            return true;
        }
    }
    signs[at] = 0;
    false
}

fn concerns_few(set: &BTreeSet<OrganisationId>, told: &[&BTreeSet<OrganisationId>], signs: &[i8]) -> bool {
    let mut times: BTreeMap<&OrganisationId, i64> = set.iter().map(|firm| (firm, 1)).collect();
    for (other, sign) in told.iter().zip(signs).filter(|(_, sign)| **sign != 0) {
        for firm in *other {
            *times.entry(firm).or_default() += i64::from(*sign);
        }
    }
    (1..FEWEST).contains(&times.values().filter(|times| **times != 0).count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn firm(number: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(number))
    }

    fn firms(numbers: impl IntoIterator<Item = u128>) -> BTreeSet<OrganisationId> {
        numbers.into_iter().map(firm).collect()
    }

    /// What is known of a firm at two moments.
    type Two = (Option<i64>, Option<i64>);

    fn exact(number: i64) -> Exact {
        Exact::from_integer(number.into())
    }

    #[test]
    fn means_medians_and_changes_are_exact() {
        let values = [exact(1), exact(2), exact(2)];
        assert_eq!(mean(&values), Some(Exact::new(5.into(), 3.into())));
        assert_eq!(median(&[exact(1), exact(4), exact(2), exact(9)]), Some(exact(3)));
        assert_eq!(median(&values), Some(exact(2)));
        assert_eq!((mean(&[]), median(&[])), (None, None));
        assert_eq!(percent_change(&exact(3), &exact(4)), Some(Exact::new(100.into(), 3.into())));
        assert_eq!(percent_change(&exact(0), &exact(4)), None);
    }

    #[test]
    fn four_are_withheld_and_five_are_told() {
        assert_eq!(withheld(&[firms(0..4)]), [Some(Withheld::FewerThanFive)]);
        assert_eq!(withheld(&[firms(0..5)]), [None]);
        assert_eq!(withheld(&[firms(0..0)]), [None]);
    }

    #[test]
    fn what_a_total_and_its_parts_leave_over_is_withheld() {
        let away = Some(Withheld::GivesOthersAway);
        // Twelve in all: with the part of eight, four would be given away; with that of six, six are not.
        assert_eq!(withheld(&[firms(0..12), firms(0..8), firms(0..6)]), [None, away, None]);
        // Two parts of five leave two of the third over; the one that is told later is withheld.
        let parts = [firms(0..12), firms(0..5), firms(5..10), firms(10..12)];
        assert_eq!(withheld(&parts), [None, None, away, Some(Withheld::FewerThanFive)]);
        // A year later one is missing.
        assert_eq!(withheld(&[firms(0..8), firms(0..7)]), [None, away]);
        assert_eq!(withheld(&[firms(0..8), firms(0..8)]), [None, None]);
    }

    #[test]
    fn many_parts_are_judged_too() {
        let mut sets = vec![firms(0..62)];
        sets.extend((0..12).map(|at| firms(at * 5..at * 5 + 5)));
        let told = withheld(&sets);
        assert!(told[1..12].iter().all(Option::is_none), "{told:?}");
        // The last part would leave the two of no part over.
        assert_eq!(told[12], Some(Withheld::GivesOthersAway));
    }

    proptest! {
        /// Whatever is known and unknown: an unknown value is in no figure, and what is told rests on the known alone.
        #[test]
        fn unknown_never_becomes_a_number(
            known in prop::collection::vec((prop::option::of(-50_i64..50), prop::option::of(-50_i64..50)), 0..12),
        ) {
            let of = |which: fn(&Two) -> Option<i64>| -> BTreeMap<_, _> {
                (0..).zip(&known).map(|(at, pair)| (firm(at), which(pair).map(exact))).collect()
            };
            let pairs = Pairs::of(&of(|pair| pair.0), &of(|pair| pair.1));
            let both: Vec<_> = known.iter().filter_map(|(then, now)| Some(((*then)?, (*now)?))).collect();
            let compared = pairs.compared();
            prop_assert_eq!(compared.is_none(), both.is_empty());
            if let Some(compared) = compared {
                let sum = |values: Vec<i64>| exact(values.iter().sum());
                let count = exact(i64::try_from(both.len()).unwrap());
                prop_assert_eq!(compared.firms, both.len());
                prop_assert_eq!(&compared.mean_before * &count, sum(both.iter().map(|pair| pair.0).collect()));
                prop_assert_eq!(&compared.mean_after * &count, sum(both.iter().map(|pair| pair.1).collect()));
                // Firms without a value change nothing.
                let mut padded = known.clone();
                padded.extend([(None, None), (Some(40), None), (None, Some(-40))]);
                let of = |which: fn(&Two) -> Option<i64>| -> BTreeMap<_, _> {
                    (0..).zip(&padded).map(|(at, pair)| (firm(at), which(pair).map(exact))).collect()
                };
                prop_assert_eq!(Pairs::of(&of(|pair| pair.0), &of(|pair| pair.1)).compared(), Some(compared));
            }
        }

        /// However figures overlap: no sum or difference of two that are told concerns one to four firms.
        #[test]
        fn no_two_told_figures_give_a_few_firms_away(
            sets in prop::collection::vec(prop::collection::btree_set(0_u128..14, 0..14), 0..7),
        ) {
            let sets: Vec<_> = sets.into_iter().map(firms).collect();
            let judged = withheld(&sets);
            let told: Vec<_> = sets.iter().zip(&judged).filter(|(_, why)| why.is_none()).map(|(set, _)| set).collect();
            for one in &told {
                prop_assert!(one.is_empty() || one.len() >= FEWEST);
                for other in &told {
                    let apart = one.symmetric_difference(other).count();
                    prop_assert!(apart == 0 || apart >= FEWEST, "{apart}");
                }
            }
        }
    }

    #[test]
    fn what_two_of_many_parts_leave_over_is_withheld() {
        let mut sets: Vec<_> = (0..12).map(|at| firms(at * 5..at * 5 + 5)).collect();
        sets.push(firms((0..10).chain(60..62)));
        assert_eq!(withheld(&sets)[12], Some(Withheld::GivesOthersAway));
    }
}
