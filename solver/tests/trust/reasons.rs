//! What is said beside the awards passes exactly when these show it. The result is that of `tampering`: C makes L1, of
//! which M1 has 24 units and M2 has 26; S makes L2, and nobody L3.

use eslabon_solver::{
    Instance, Outcome,
    check::{Violation, check},
    instance::{Capacity, Decision, DependencyBase, Pair, Ruling},
    outcome::{Award, Price, Reason, Relaxation, RuleName, Status, TierPrice, WhyNot},
};

use super::{
    support::decimal,
    tampering::{instance, outcome},
};

type Change = fn(&mut Instance);

/// Whether a reason holds for a supplier and a lot, in an instance with a change.
type Case<'c> = (bool, &'c str, &'c str, Reason, Box<dyn Fn(&mut Instance)>);

fn unchanged(_: &mut Instance) {}

fn decided(i: &mut Instance, supplier: &str, lot: &str, ruling: Ruling) {
    i.decisions.push(Decision { supplier: supplier.to_owned(), lot: lot.to_owned(), ruling });
}

fn gaps(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn about<'v>(field: &str, violations: &'v [Violation]) -> Vec<&'v Violation> {
    violations.iter().filter(|violation| violation.rule.subject.iter().any(|part| part == field)).collect()
}

/// C may make L3 too, and gets nothing of it.
fn with_c_at_l3(i: &mut Instance) {
    i.pairs.push(Pair::new("C", "L3", decimal("3")));
}

fn dependency(after: Option<&str>, room: &str) -> Reason {
    let [group, cap, room] = ["G", "0.5", room].map(str::to_owned);
    Reason::Dependency { group, cap, after: after.map(str::to_owned), room }
}

#[test]
fn reasons_hold_exactly_when_the_awards_show_them() {
    let too_late = |ids: &[&str]| Reason::TooLate { gaps: gaps(ids) };
    let blocked = |ids: &[&str]| Reason::Blocked { gaps: gaps(ids) };
    let price = |ratio: &str| Reason::Price { ratio: ratio.to_owned() };
    let whole = Ruling::Fixed { quantity: 10, override_max_share: false };
    let cases: Vec<Case<'_>> = vec![
        (false, "S", "L3", Reason::Forbidden, Box::new(unchanged)),
        (true, "S", "L3", Reason::Forbidden, Box::new(|i| decided(i, "S", "L3", Ruling::Forbidden))),
        (false, "S", "L3", Reason::Forbidden, Box::new(|i| decided(i, "S", "L1", Ruling::Forbidden))),
        (false, "S", "L3", Reason::Forbidden, Box::new(|i| decided(i, "M1", "L3", Ruling::Forbidden))),
        (false, "S", "L3", Reason::Forbidden, Box::new(move |i| decided(i, "S", "L3", whole))),
        // For a consortium one of its members may be what is forbidden.
        (true, "C", "L3", Reason::Forbidden, Box::new(|i| decided(i, "M2", "L3", Ruling::Forbidden))),
        (false, "C", "L3", Reason::Forbidden, Box::new(|i| decided(i, "S", "L3", Ruling::Forbidden))),
        (false, "C", "L3", Reason::Forbidden, Box::new(|i| decided(i, "M2", "L1", Ruling::Forbidden))),
        // G1 closes, for L2.
        (true, "S", "L3", blocked(&["G2"]), Box::new(unchanged)),
        (false, "S", "L3", blocked(&["G1"]), Box::new(unchanged)),
        (false, "S", "L3", blocked(&["G2", "G2"]), Box::new(unchanged)),
        (false, "S", "L3", blocked(&[]), Box::new(unchanged)),
        (true, "S", "L3", too_late(&["G2"]), Box::new(unchanged)),
        (false, "S", "L3", too_late(&["G1"]), Box::new(unchanged)),
        (false, "S", "L3", too_late(&["G2", "G1"]), Box::new(unchanged)),
        // In time to the day.
        (false, "S", "L3", too_late(&["G2"]), Box::new(|i| i.gaps[1].months = decimal("6"))),
        (false, "M1", "L1", Reason::BetterServed { tier: "fit".to_owned() }, Box::new(unchanged)),
        (true, "M1", "L1", Reason::BetterServed { tier: "cost".to_owned() }, Box::new(unchanged)),
        // It got all of it.
        (false, "S", "L2", Reason::Tied, Box::new(unchanged)),
        (true, "S", "L3", price("1.10"), Box::new(unchanged)),
        (false, "S", "L3", price("1.1"), Box::new(unchanged)),
        (false, "M1", "L1", price("1"), Box::new(unchanged)),
        // 0.5·152.8 − 72.8 = 3.6, and half of every further unit of money counts.
        (true, "M1", "L1", dependency(Some("0.476439791"), "7.20"), Box::new(unchanged)),
        (false, "M1", "L1", dependency(None, "7.20"), Box::new(unchanged)),
        // 0.5·100 − 72.8, of which nothing is for what is new.
        (
            true,
            "M1",
            "L1",
            dependency(Some("0.476439791"), "-22.80"),
            Box::new(|i| i.dependency_base = DependencyBase::Conservative),
        ),
        // Undisclosed: it keeps the 20 that it has, and has 72.8.
        (true, "M1", "L1", dependency(None, "-52.80"), Box::new(|i| i.suppliers[0].annual_sales = None)),
        (
            false,
            "M1",
            "L1",
            dependency(Some("1"), "-52.80"),
            Box::new(|i| i.suppliers[0].annual_sales = None),
        ),
        (
            false,
            "M1",
            "L1",
            Reason::Rule(RuleName { rule: "none".to_owned(), subject: vec![] }),
            Box::new(unchanged),
        ),
    ];
    for (place, (holds, supplier, lot, reason, change)) in cases.into_iter().enumerate() {
        let mut instance = instance();
        with_c_at_l3(&mut instance);
        change(&mut instance);
        let row =
            WhyNot { supplier: supplier.to_owned(), lot: lot.to_owned(), reasons: vec![reason.clone()] };
        let violations = check(&instance, &Outcome { why_not: vec![row], ..outcome() }).violations;
        assert_eq!(
            about("why_not", &violations).is_empty(),
            holds,
            "case {place}, {reason:?}: {violations:?}"
        );
    }
}

#[test]
fn a_price_is_of_a_limit_in_force() {
    let cases = [
        (true, "dependency", "M1", "G", unchanged as Change),
        (false, "dependency", "M1", "G", |i| i.dependency_cap = None),
        (true, "capacity", "M1", "P", unchanged),
        (false, "capacity", "M2", "P", unchanged),
        (false, "capacity", "M1", "Q", |i| {
            i.capacity.push(Capacity {
                process: "Q".to_owned(),
                supplier: "M2".to_owned(),
                ..i.capacity[0].clone()
            });
        }),
        (false, "demand", "M1", "P", unchanged),
    ];
    for (holds, rule, supplier, other, change) in cases {
        let mut instance = instance();
        change(&mut instance);
        let rule = RuleName { rule: rule.to_owned(), subject: [supplier, other].map(str::to_owned).to_vec() };
        let tiers = ["coverage", "cost", "suppliers", "spread"]
            .map(|name| TierPrice { name: name.to_owned(), tighter: None, looser: None })
            .to_vec();
        let price = Price { rule: rule.clone(), step: "0.1".to_owned(), estimate: None, tiers };
        let violations = check(&instance, &Outcome { prices: vec![price], ..outcome() }).violations;
        assert_eq!(about("prices", &violations).is_empty(), holds, "{rule:?}: {violations:?}");
    }
}

#[test]
fn a_conflict_names_rules_of_the_model_once() {
    let demand = |lot: &str| RuleName { rule: "demand".to_owned(), subject: vec![lot.to_owned()] };
    let refused = |conflict: Vec<RuleName>, moved: Vec<(RuleName, f64)>| {
        let relaxation = moved.into_iter().map(|(rule, by)| Relaxation { rule, by }).collect();
        let stated = Outcome { status: Status::Infeasible, conflict, relaxation, ..Outcome::blank("USD") };
        !check(&instance(), &stated).report.passed
    };
    assert!(!refused(vec![demand("L1"), demand("L2")], vec![(demand("L1"), 1.)]));
    assert!(refused(vec![demand("L9")], vec![]));
    assert!(refused(vec![demand("L1"), demand("L1")], vec![]));
    assert!(refused(vec![], vec![(demand("L9"), 1.)]));
    assert!(refused(vec![], vec![(demand("L1"), 1.), (demand("L1"), 2.)]));
    for by in [0., -1., f64::NAN, f64::INFINITY] {
        assert!(refused(vec![], vec![(demand("L1"), by)]), "{by}");
    }
}

/// Whoever reads a violation learns what is wrong with it.
#[test]
fn details_name_what_differs() {
    let detail = |instance: &Instance, outcome: &Outcome, rule: &str, subject: &str| {
        let violations = check(instance, outcome).violations;
        let of = violations
            .iter()
            .find(|of| of.rule.rule == rule && of.rule.subject.iter().any(|id| id == subject));
        of.unwrap_or_else(|| panic!("{rule} {subject}: {violations:?}")).detail.clone()
    };
    let nothing = Outcome { unmet: Vec::new(), ..outcome() };
    assert_eq!(detail(&instance(), &nothing, "figure", "unmet"), r#"stated lots [], expected lots ["L3"]"#);

    let mut twice = outcome();
    twice.awards.insert(1, Award { consortium: None, ..twice.awards[0].clone() });
    twice.awards.swap(0, 1);
    assert_eq!(detail(&instance(), &twice, "one_way", "M1"), "won alone and through C");

    let mut unfunded = instance();
    unfunded.development_budget = None;
    assert!(detail(&unfunded, &outcome(), "blocked", "S").ends_with("nothing is spent on closing gaps"));
    let mut uncosted = instance();
    uncosted.gaps[0].cost = None;
    assert!(detail(&uncosted, &outcome(), "blocked", "S").ends_with("nobody has said what closing it costs"));
    let mut late = instance();
    late.gaps[0].months = decimal("7");
    assert!(detail(&late, &outcome(), "blocked", "S").ends_with("it does not close before the lot starts"));
}

/// M1 makes 24 units of L1 within C, and 6 alone: 30 of 50, which each of both ways keeps below half.
#[test]
fn what_is_made_in_two_ways_counts_together() {
    let mut twice = outcome();
    let alone = Award { consortium: None, quantity: 6, ..twice.awards[0].clone() };
    twice.awards.insert(0, alone);
    let shares = |most: &str| {
        let mut instance = instance();
        instance.lots[0].max_share = decimal(most);
        check(&instance, &twice)
            .violations
            .into_iter()
            .filter(|of| of.rule.rule == "max_share" && of.rule.subject == ["L1", "M1"])
            .count()
    };
    assert_eq!(shares("0.59"), 1);
    assert_eq!(shares("0.6"), 0);
}

/// The spread is enclosed by halving, down to a thousandth; beyond that it is not optimal.
#[test]
fn a_spread_is_optimal_within_its_width() {
    let refused = |width: f64| {
        let mut stated = outcome();
        let spread = &mut stated.tiers[3];
        spread.bound = spread.value - width;
        spread.gap = width / spread.value;
        !check(&instance(), &stated).report.passed
    };
    assert!(!refused(0.001));
    assert!(refused(0.0011));
}
