//! The checker and the trying of all awards were written apart: on random awards, allowed or not, they
//! must say the same, about every rule and every tier.

use eslabon_solver::{
    Instance, Outcome,
    check::{Violation, check},
    instance::Tier,
    outcome::{Award, Status, TierOutcome},
    read::from_json,
    write::to_json,
};

use super::support::{
    brute::{Awards, Brute, Ratio},
    decimal,
    mixed::{Dice, mixed},
};

const TIERS: [Tier; 5] = [Tier::Coverage, Tier::Fit, Tier::Cost, Tier::Suppliers, Tier::Spread];

/// Everybody who could get units, as (lot, bidder, member).
fn places(instance: &Instance) -> Vec<(String, String, String)> {
    let mut places = Vec::new();
    for pair in &instance.pairs {
        let consortium = instance.consortia.iter().find(|consortium| consortium.id == pair.supplier);
        let members = consortium.map_or_else(|| vec![pair.supplier.clone()], |c| c.members.clone());
        let key = |member| (pair.lot.clone(), pair.supplier.clone(), member);
        places.extend(members.into_iter().map(key));
    }
    places
}

/// A few units for a few, as what people fixed asks for where it does.
fn awards(instance: &Instance, dice: &mut Dice) -> Awards {
    let places = places(instance);
    let mut awards = Awards::new();
    for _ in 0..dice.below(4) {
        if places.is_empty() {
            break;
        }
        let key = places[dice.below(places.len())].clone();
        let lot = instance.lots.iter().find(|lot| lot.id == key.0);
        let quantity = lot.and_then(|lot| usize::try_from(lot.quantity).ok()).unwrap_or(1);
        let all = dice.chance(50);
        let units = if all { quantity } else { 1 + dice.below(quantity) };
        *awards.entry(key).or_default() += i64::try_from(units).unwrap_or(0);
    }
    awards
}

/// A result with these awards, and nothing right besides.
fn stated(instance: &Instance, awards: &Awards) -> Outcome {
    let award = |((lot, bidder, member), units): (&(String, String, String), &i64)| Award {
        supplier: member.clone(),
        lot: lot.clone(),
        consortium: (bidder != member).then(|| bidder.clone()),
        quantity: u64::try_from(*units).unwrap_or(0),
        share: String::new(),
        amount: String::new(),
        annual_amount: String::new(),
    };
    let tier = |tier: Tier| TierOutcome {
        name: tier.name().to_owned(),
        value: 0.,
        bound: 0.,
        gap: 0.,
        published: String::new(),
        loss: 0.,
    };
    let mut awards: Vec<Award> = awards.iter().map(award).collect();
    awards.sort_by(|a, b| (&a.lot, &a.supplier, &a.consortium).cmp(&(&b.lot, &b.supplier, &b.consortium)));
    Outcome {
        status: Status::Feasible,
        tiers: instance.objectives.iter().map(|objective| tier(objective.tier)).collect(),
        awards,
        ..Outcome::blank("USD")
    }
}

/// What the checker expects to be published.
fn published(violations: &[Violation], tier: Tier) -> Option<String> {
    let subject = ["published", tier.name()];
    let figure = violations.iter().find(|v| v.rule.rule == "figure" && v.rule.subject == subject)?;
    Some(figure.detail.split_once("expected ")?.1.to_owned())
}

/// Amounts are printed in cents, shares with nine places.
fn close(text: &str, tier: Tier, value: Ratio) -> bool {
    let half = if tier == Tier::Spread { 0.51e-9 } else { 0.51e-2 };
    text.parse::<f64>().is_ok_and(|number| (number - value.to_f64()).abs() <= half)
}

#[test]
fn two_judges_say_the_same() {
    let (mut allowed, mut refused) = (0, 0);
    for seed in 0..1_500 {
        let mut instance = mixed(seed, false);
        instance.objectives.clear();
        for tier in TIERS {
            instance.objectives.push(eslabon_solver::instance::Objective { tier, tolerance: decimal("0") });
        }
        if from_json(to_json(&instance).as_bytes()).is_err() {
            continue;
        }
        let brute = Brute::new(&instance);
        let mut dice = Dice::new(seed);
        for _ in 0..8 {
            let awards = awards(&instance, &mut dice);
            let violations = check(&instance, &stated(&instance, &awards)).violations;
            let broken: Vec<_> = violations.iter().filter(|v| v.rule.rule != "figure").collect();
            let context = || format!("seed {seed}, {awards:?}: {broken:?}\n{}", to_json(&instance));
            match brute.reached(&awards, &TIERS) {
                None => {
                    assert!(!broken.is_empty(), "{}", context());
                    refused += 1;
                }
                Some(values) => {
                    assert!(broken.is_empty(), "{}", context());
                    for (tier, value) in TIERS.into_iter().zip(values) {
                        let text = published(&violations, tier).unwrap_or_else(|| panic!("{}", context()));
                        assert!(close(&text, tier, value), "{tier:?} {text} {value:?} {}", context());
                    }
                    allowed += 1;
                }
            }
        }
    }
    assert!(allowed > 1_000 && refused > 1_000, "{allowed} allowed, {refused} refused");
}
