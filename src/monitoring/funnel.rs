//! The funnel of a network: how far its suppliers have come, how many days a stage took, and where they drop off.
//!
//! A supplier *came as far as* a stage when it has reached that one or a later one: not all need a gap act, a plan or a
//! run to be under contract. Days count from the stage before that is on record of the same supplier; what was done
//! earlier than that took none. Whoever has come no further has *dropped off* when it has left the network or was
//! refused, and is *waiting* otherwise.

use std::collections::BTreeMap;

use super::figures::{Exact, FEWEST, median};
use crate::{
    foundation::{clock::Timestamp, i18n::Locale, ids::OrganisationId},
    words,
};

words! {
    /// How far a supplier is in a network.
    #[schema(as = FunnelStage)]
    pub enum Stage {
        /// It was invited, or applied.
        Invited = "invited",
        /// All sides have selected it.
        Selected = "selected",
        /// It has submitted a diagnostic.
        Diagnosed = "diagnosed",
        /// Both sides have signed a gap act.
        GapActAgreed = "gap_act_agreed",
        /// Both sides have signed an improvement plan.
        PlanAgreed = "plan_agreed",
        /// A run has proposed it for a lot.
        Matched = "matched",
        /// The institution has approved one of its matches.
        Approved = "approved",
        /// Both sides have signed a contract.
        Contracted = "contracted",
    }
}

impl Stage {
    /// Its name.
    pub fn name(self, locale: Locale) -> String {
        locale.text(match self {
            Self::Invited => "funnel-invited",
            Self::Selected => "funnel-selected",
            Self::Diagnosed => "funnel-diagnosed",
            Self::GapActAgreed => "funnel-gap-act-agreed",
            Self::PlanAgreed => "funnel-plan-agreed",
            Self::Matched => "funnel-matched",
            Self::Approved => "funnel-approved",
            Self::Contracted => "funnel-contracted",
        })
    }
}

/// A supplier's way through a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The supplier.
    pub supplier: OrganisationId,
    /// The stages that it has reached, and when; `None`: that is not on record.
    pub reached: BTreeMap<Stage, Option<Timestamp>>,
    /// Whether it has left, or was refused.
    pub is_out: bool,
}

impl Way {
    /// Writes a stage down; of several moments the first counts.
    pub fn reach(&mut self, stage: Stage, at: Option<Timestamp>) {
        let entry = self.reached.entry(stage).or_insert(at);
        *entry = match (*entry, at) {
            (Some(before), Some(now)) => Some(before.min(now)),
            (before, now) => before.or(now),
        };
    }

    fn furthest(&self) -> Option<Stage> {
        self.reached.keys().next_back().copied()
    }

    /// Days from the stage before that is on record.
    fn days_to(&self, stage: Stage) -> Option<i64> {
        const DAY: i64 = 86_400;
        let at = (*self.reached.get(&stage)?)?;
        let before = (*self.reached.range(..stage).next_back()?.1)?;
        Some((at.seconds_since(before) / DAY).max(0))
    }
}

/// A stage of the funnel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// Suppliers that have come this far, or further.
    pub came: usize,
    /// Those of which the stage itself is on record.
    pub passed: usize,
    /// Those that have come no further and may.
    pub waiting: usize,
    /// Those that have come no further, and are out.
    pub dropped: usize,
    /// Of those that came this far, percent that dropped off here; `None` of fewer than five.
    pub drop_off: Option<Exact>,
    /// How many of them have both ends of the days on record.
    pub timed: usize,
    /// Median of the days since the stage before; `None` of fewer than five, and of the first stage.
    pub median_days: Option<Exact>,
}

impl Step {
    /// Whether it has days to tell at all: nothing comes before the first stage.
    pub fn has_days(&self) -> bool {
        Stage::ALL.first() != Some(&self.stage)
    }

    /// Whether something is not told since it would be about a few.
    pub fn is_withheld(&self) -> bool {
        self.drop_off.is_none() || (self.has_days() && self.median_days.is_none())
    }
}

/// The funnel of these suppliers.
pub fn funnel(ways: &[Way]) -> Vec<Step> {
    let step = |stage: Stage| {
        let furthest = |way: &&Way| way.furthest() == Some(stage);
        let came = ways.iter().filter(|way| way.furthest().is_some_and(|at| at >= stage)).count();
        let dropped = ways.iter().filter(furthest).filter(|way| way.is_out).count();
        let days = ways.iter().filter_map(|way| way.days_to(stage));
        let days: Vec<_> = days.map(|days| Exact::from_integer(days.into())).collect();
        let percent = || Exact::new((dropped * 100).into(), came.into());
        Step {
            stage,
            came,
            passed: ways.iter().filter(|way| way.reached.contains_key(&stage)).count(),
            waiting: ways.iter().filter(furthest).count() - dropped,
            dropped,
            drop_off: (came >= FEWEST).then(percent),
            timed: days.len(),
            median_days: (days.len() >= FEWEST).then(|| median(&days)).flatten(),
        }
    };
    Stage::ALL.iter().copied().map(step).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const DAY: i64 = 86_400;

    fn way(number: u128, reached: &[(Stage, Option<i64>)], is_out: bool) -> Way {
        let at = |day: i64| Timestamp::from_micros(0).plus_seconds(day * DAY);
        let reached = reached.iter().map(|(stage, day)| (*stage, day.map(at))).collect();
        Way { supplier: OrganisationId(Uuid::from_u128(number)), reached, is_out }
    }

    #[test]
    fn stages_are_counted_timed_and_left() {
        use Stage::{Diagnosed, Invited, Matched, Selected};
        let mut ways: Vec<_> = (0..5)
            .map(|at| {
                let day = i64::try_from(at).unwrap();
                way(at, &[(Invited, Some(0)), (Selected, Some(day)), (Diagnosed, Some(day + 10))], false)
            })
            .collect();
        // One goes on without a gap act; one was refused; of one nobody knows when it was invited.
        ways[0].reach(Matched, Some(Timestamp::from_micros(0).plus_seconds(30 * DAY)));
        ways.push(way(8, &[(Invited, Some(0))], true));
        ways.push(way(9, &[(Invited, None), (Selected, Some(3))], false));
        let steps = funnel(&ways);
        let of = |stage| steps.iter().find(|step| step.stage == stage).unwrap();
        let counted = |stage| (of(stage).came, of(stage).passed, of(stage).waiting, of(stage).dropped);
        assert_eq!(counted(Invited), (7, 7, 0, 1));
        assert_eq!(counted(Selected), (6, 6, 1, 0));
        assert_eq!(counted(Diagnosed), (5, 5, 4, 0));
        assert_eq!(counted(Stage::GapActAgreed), (1, 0, 0, 0));
        assert_eq!(counted(Matched), (1, 1, 1, 0));
        assert_eq!(of(Invited).drop_off, Some(Exact::new(100.into(), 7.into())));
        assert_eq!(
            (of(Selected).timed, of(Selected).median_days.clone()),
            (5, Some(Exact::from_integer(2.into())))
        );
        assert_eq!(of(Diagnosed).median_days, Some(Exact::from_integer(10.into())));
        // Of seven that came nothing is withheld; there are no days before the first stage.
        assert_eq!((of(Invited).is_withheld(), of(Invited).has_days(), of(Invited).timed), (false, false, 0));
        assert!(
            !of(Selected).is_withheld() && of(Matched).is_withheld() && of(Stage::Contracted).is_withheld()
        );
        // One supplier's days are nobody's median.
        assert_eq!((of(Matched).timed, &of(Matched).median_days, &of(Matched).drop_off), (1, &None, &None));
    }

    proptest! {
        /// Nobody is lost: whoever came as far as a stage waits, dropped off, or came further.
        #[test]
        fn a_funnel_only_narrows(
            ways in prop::collection::vec((prop::collection::btree_map(0..8_usize, prop::option::of(0_i64..500), 0..8), any::<bool>()), 0..20),
        ) {
            let ways: Vec<_> = (0..).zip(ways).map(|(number, (reached, is_out))| {
                let reached: Vec<_> = reached.into_iter().map(|(at, day)| (Stage::ALL[at], day)).collect();
                way(number, &reached, is_out)
            }).collect();
            let steps = funnel(&ways);
            for pair in steps.windows(2) {
                prop_assert_eq!(pair[0].came, pair[1].came + pair[0].waiting + pair[0].dropped);
            }
            for step in &steps {
                prop_assert!(step.passed <= step.came && step.timed <= step.passed);
                prop_assert_eq!(step.median_days.is_some(), step.timed >= FEWEST);
            }
        }
    }

    #[test]
    fn what_is_about_a_few_is_withheld_of_each_figure_by_itself() {
        use Stage::{Invited, Selected};
        // Five have come, so that who dropped off is told; nobody knows when, so that the days are not.
        let ways: Vec<_> = (0..5).map(|at| way(at, &[(Invited, Some(0)), (Selected, None)], false)).collect();
        let steps = funnel(&ways);
        let of = |stage| steps.iter().find(|step| step.stage == stage).unwrap();
        assert!(of(Selected).has_days() && of(Selected).drop_off.is_some() && of(Selected).is_withheld());
        assert!(!of(Invited).has_days() && !of(Invited).is_withheld());
    }
}
