//! A session against solving from the beginning: whatever people decide, in whatever order, both end alike.

use std::sync::atomic::AtomicBool;

use eslabon_solver::{
    Decimal, Instance, Outcome, Session,
    check::check,
    instance::Tier,
    outcome::Status,
    read::{Reading, from_json},
    solve::Control,
    write::to_json,
};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::support::{
    Network,
    mixed::mixed,
    random::{Size, config, networks, with_consortia},
    solved,
};

/// A spread is searched to this width.
const SPREAD_WIDTH: f64 = 0.001;

/// What somebody does next.
#[derive(Clone, Debug)]
enum Step {
    /// Forbid one of the awards of the last result.
    Reject(Index),
    /// Fix one of them as it is.
    Approve(Index),
    /// Forbid any pair.
    Forbid(Index),
    /// Take back a decision.
    Withdraw(Index),
    /// Put another cap in force, in percent.
    Cap(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<Index>;
    let step = prop_oneof![
        6 => index().prop_map(Step::Reject),
        2 => index().prop_map(Step::Approve),
        2 => index().prop_map(Step::Forbid),
        1 => index().prop_map(Step::Withdraw),
        1 => (5..=100_i64).prop_map(Step::Cap),
    ];
    vec(step, 1..=6)
}

/// Takes a step; whether there was anything to take.
fn take(session: &mut Session, last: &Outcome, step: &Step) -> bool {
    let award = |index: &Index| (!last.awards.is_empty()).then(|| index.get(&last.awards));
    match step {
        Step::Reject(index) => award(index).is_some_and(|award| {
            let bidder = award.consortium.as_ref().unwrap_or(&award.supplier);
            session.forbid(bidder, &award.lot).is_ok()
        }),
        // What a consortium's other members get would have to be fixed with it.
        Step::Approve(index) => award(index).is_some_and(|award| {
            award.consortium.is_none() && session.fix(&award.supplier, &award.lot, award.quantity).is_ok()
        }),
        Step::Forbid(index) => {
            let pairs = &session.instance().pairs;
            let pair = (!pairs.is_empty()).then(|| index.get(pairs).clone());
            pair.is_some_and(|pair| session.forbid(&pair.supplier, &pair.lot).is_ok())
        }
        Step::Withdraw(index) => {
            let decisions = &session.instance().decisions;
            let decision = (!decisions.is_empty()).then(|| index.get(decisions).clone());
            decision.is_some_and(|decision| session.withdraw(&decision.supplier, &decision.lot))
        }
        Step::Cap(percent) => {
            session.set_dependency_cap(Some(Decimal::new(*percent, 2)));
            true
        }
    }
}

/// Every instance that the steps lead to, and what the session made of it.
fn walked(instance: &Instance, steps: &[Step]) -> Vec<(Instance, Outcome)> {
    let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
    let reading = from_json(to_json(instance).as_bytes());
    let mut session = Session::new(reading.unwrap_or_else(|problems| panic!("{problems:#?}")));
    let mut all = vec![];
    for step in std::iter::once(None).chain(steps.iter().map(Some)) {
        let moved = match (step, all.last()) {
            (Some(step), Some((_, last))) => take(&mut session, last, step),
            _ => true,
        };
        if moved {
            let outcome = session.solve(&mut control).unwrap_or_else(|error| panic!("{error}"));
            all.push((session.instance().clone(), outcome));
        }
    }
    all
}

fn assert_as_from_the_beginning(instance: &Instance, outcome: &Outcome) -> Result<(), TestCaseError> {
    let cold = solved(instance);
    prop_assert_eq!(outcome.status, cold.status, "{:#?}", instance);
    prop_assert_eq!(&outcome.fingerprint, &cold.fingerprint);
    let tiers = |outcome: &Outcome| outcome.tiers.iter().map(|tier| tier.name.clone()).collect::<Vec<_>>();
    prop_assert_eq!(tiers(outcome), tiers(&cold));
    for (warm, cold) in outcome.tiers.iter().zip(&cold.tiers) {
        let close =
            if warm.name == Tier::Spread.name() { SPREAD_WIDTH } else { 1e-6 * cold.value.abs().max(1.) };
        prop_assert!((warm.value - cold.value).abs() <= close, "{warm:?}, from the beginning {cold:?}");
    }
    let violations = check(instance, outcome).violations;
    prop_assert!(violations.is_empty(), "{violations:?}");
    Ok(())
}

fn agrees(network: &Network, steps: &[Step]) -> Result<(), TestCaseError> {
    for (instance, outcome) in walked(&network.built(), steps) {
        assert_as_from_the_beginning(&instance, &outcome)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn decisions_one_by_one_end_as_all_at_once(network in with_consortia(networks(Size::SMALL)), steps in steps()) {
        agrees(&network, &steps)?;
    }

    #[test]
    fn decisions_that_leave_nothing_feasible_say_so(network in networks(Size::SMALL.hard()), steps in steps()) {
        agrees(&network, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn hundreds_of_pairs_end_alike(network in networks(Size::LARGE), steps in steps()) {
        agrees(&network, &steps)?;
    }

    /// Counting rules, whole units and cones: nothing is kept there, and nothing lost.
    #[test]
    fn every_other_rule_ends_alike(seed in 0..100_000_u64, steps in steps()) {
        let instance = mixed(seed, seed % 2 == 0);
        prop_assume!(from_json(to_json(&instance).as_bytes()).is_ok());
        for (instance, outcome) in walked(&instance, &steps[..steps.len().min(2)]) {
            if matches!(outcome.status, Status::Optimal | Status::Infeasible) {
                let cold = solved(&instance);
                prop_assert_eq!(outcome.status, cold.status);
                prop_assert_eq!(outcome.awards, cold.awards);
            }
        }
    }
}

#[test]
fn only_pairs_are_decided() {
    let network =
        Network::capped("0.3").buyer("A").supplier("S", "1000").lot("L", "A", 10, "10").pair("S", "L");
    let mut session = Session::new(Reading { instance: network.built(), warnings: Vec::new() });
    let error = session.forbid("T", "L").expect_err("nobody knows T");
    assert_eq!(error.to_string(), "there is no pair of T and L");
    assert!(session.fix("S", "M", 1).is_err());
    assert!(session.instance().decisions.is_empty());
    session.forbid("S", "L").expect("a pair");
    session.fix("S", "L", 3).expect("a pair");
    assert_eq!(session.instance().decisions.len(), 1, "the last decision counts");
    assert!(session.withdraw("S", "L") && !session.withdraw("S", "L"));
}
