//! The checker accepts a result worked out by hand and refuses every change to it.

use eslabon_solver::{
    Instance, Outcome,
    check::{Violation, check},
    instance::{Cap, Ruling},
    outcome::{Award, Concentration, Dependency, Market, RuleName, Status, TierOutcome, Unmet},
};

use super::support::{Network, decimal};

/// Two buyers, a supplier with expiring sales, a waiver and a contract of three years, and a
/// supplier whose sales are undisclosed. Several rules are used to the last unit.
fn instance() -> Instance {
    Network::capped("0.3")
        .allowance("20")
        .buyer_of("B1", "G")
        .budget("150")
        .max_supplier_share("0.8")
        .buyer_of("B2", "H")
        .supplier("S1", "1000")
        .undisclosed("S2")
        .expiring_sales("S1", "G", "100", "40")
        .sales("S1", "H", "50")
        .sales("S2", "H", "5")
        .waiver("S1", "G", "0.25")
        .capacity("S1", "40")
        .lot("L1", "B1", 100, "3")
        .lot_with(|lot| {
            lot.weight = decimal("2");
            lot.years = decimal("2");
            lot.min_coverage = decimal("0.5");
        })
        .lot("L2", "B2", 7, "10.5")
        .lot_with(|lot| {
            lot.years = decimal("3");
            lot.process = String::from("Q");
        })
        .lot("L3", "B1", 10, "1")
        .pair("S1", "L1")
        .pair_with(|pair| {
            pair.fit = decimal("0.9");
            pair.max_share = decimal("0.3");
        })
        .pair_at("S1", "L2", "10.33")
        .pair("S1", "L3")
        .pair("S2", "L1")
        .pair_with(|pair| {
            pair.fit = decimal("0.5");
            pair.max_share = decimal("0.1");
        })
        .fixed_with_override("S1", "L1", 40)
        .fixed("S2", "L1", 10)
        .forbidden("S1", "L3")
        .built()
}

/// N of S1 = 120/2 + 72.31/3 = 84.10333…; R = 1000 − 40; R + N = 1044.10333…
/// S1–G: E + A = 60 + 60; right side 0.25 · 1044.10333… + max(20, 60 − 240) = 281.02583…
/// S1–H: E + A = 50 + 24.10333…; right side 0.3 · 1044.10333… + 20 = 333.231
/// S2: only the allowance of 20 counts; 15 for G, 5 for H.
fn outcome() -> Outcome {
    let award = |supplier: &str, lot: &str, quantity, share: &str, amount: &str, annual: &str| Award {
        supplier: supplier.to_owned(),
        lot: lot.to_owned(),
        consortium: None,
        quantity,
        share: share.to_owned(),
        amount: amount.to_owned(),
        annual_amount: annual.to_owned(),
    };
    let dependency = |supplier: &str, group: &str, figures: [Option<&str>; 4]| {
        let [before, after, cap, row_use] = figures.map(|figure| figure.map(str::to_owned));
        Dependency {
            supplier: supplier.to_owned(),
            group: group.to_owned(),
            before,
            after,
            cap,
            row_use,
            binding: false,
        }
    };
    let hhi = |supplier: &str, before: Option<&str>, after: Option<&str>| Concentration {
        supplier: supplier.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        cap: None,
    };
    let market = |process: &str, amount: &str, suppliers, hhi: &str| Market {
        process: process.to_owned(),
        amount: amount.to_owned(),
        suppliers,
        hhi: Some(hhi.to_owned()),
    };
    let unmet = |lot: &str, quantity| Unmet { lot: lot.to_owned(), quantity };
    let tier = |name: &str, value: f64, published: &str| TierOutcome {
        name: name.to_owned(),
        value,
        bound: value,
        gap: 0.,
        published: published.to_owned(),
        loss: 0.,
    };
    Outcome {
        status: Status::Optimal,
        engine: "by hand".to_owned(),
        tiers: vec![
            // 2 · 3 · 50 + 10.5 · 7
            tier("coverage", 373.5, "373.50"),
            // 0.9 · 3 · 40 + 0.5 · 3 · 10 + 10.5 · 7
            tier("fit", 196.5, "196.50"),
            tier("cost", 222.31, "222.31"),
        ],
        awards: vec![
            award("S1", "L1", 40, "0.4", "120.00", "60.00"),
            award("S2", "L1", 10, "0.1", "30.00", "15.00"),
            award("S1", "L2", 7, "1", "72.31", "24.10"),
        ],
        unmet: vec![unmet("L1", 50), unmet("L3", 10)],
        dependency: vec![
            dependency("S1", "G", [Some("0.1"), Some("0.114931153"), Some("0.25"), Some("0.427007007")]),
            dependency("S1", "H", [Some("0.05"), Some("0.07097318"), Some("0.3"), Some("0.22237827")]),
            dependency("S2", "G", [None, None, Some("0.3"), Some("0.75")]),
            dependency("S2", "H", [None, None, Some("0.3"), Some("0.25")]),
        ],
        hhi: vec![
            // (100² + 50²) / 1000²; (120² + 74.10333…²) / 1044.10333…²
            hhi("S1", Some("125.00"), Some("182.46")),
            hhi("S2", None, None),
        ],
        market: vec![
            // (120² + 30²) / 150²
            market("P", "150.00", 2, "6800.00"),
            market("Q", "72.31", 1, "10000.00"),
        ],
        ..Outcome::blank("USD")
    }
}

fn named(violations: &[Violation]) -> Vec<String> {
    violations
        .iter()
        .map(|violation| format!("{} {}", violation.rule.rule, violation.rule.subject.join(" ")))
        .collect()
}

#[test]
fn a_right_result_passes() {
    let verdict = check(&instance(), &outcome());
    assert_eq!(verdict.violations, []);
    assert!(verdict.report.passed);
    assert!(verdict.report.rules > 20 && verdict.report.figures > 30, "{:?}", verdict.report);
}

type Change<T> = fn(&mut T);

/// A figure that is changed is named, and nothing else is.
#[test]
fn each_wrong_figure_is_named() {
    let changes: [(&str, Change<Outcome>); 34] = [
        ("figure format", |o| o.format = "eslabon-result/2".to_owned()),
        ("figure currency", |o| o.currency = "EUR".to_owned()),
        ("figure share S1 L1", |o| o.awards[0].share = "0.400000001".to_owned()),
        ("figure share S1 L1", |o| o.awards[0].share = "40%".to_owned()),
        ("figure amount S1 L1", |o| o.awards[0].amount = "120.01".to_owned()),
        ("figure amount S1 L1", |o| o.awards[0].amount = "1.2e2".to_owned()),
        ("figure annual_amount S1 L2", |o| o.awards[2].annual_amount = "24.11".to_owned()),
        // Exact, but not what is paid: amounts have a minor unit.
        ("figure annual_amount S1 L2", |o| o.awards[2].annual_amount = "24.103".to_owned()),
        ("figure unmet L1", |o| o.unmet[0].quantity = 49),
        ("figure unmet", |o| drop(o.unmet.pop())),
        ("figure unmet", |o| o.unmet.swap(0, 1)),
        ("figure unmet", |o| o.unmet.push(Unmet { lot: "L9".to_owned(), quantity: 1 })),
        ("figure before S1 G", |o| o.dependency[0].before = Some("0.0625".to_owned())),
        ("figure before S2 G", |o| o.dependency[2].before = Some("0".to_owned())),
        ("figure after S1 G", |o| o.dependency[0].after = Some("0.114931154".to_owned())),
        ("figure after S1 G", |o| o.dependency[0].after = None),
        ("figure after S2 H", |o| o.dependency[3].after = Some("1".to_owned())),
        ("figure cap S1 G", |o| o.dependency[0].cap = Some("0.3".to_owned())),
        ("figure cap S1 H", |o| o.dependency[1].cap = None),
        ("figure row_use S2 G", |o| o.dependency[2].row_use = Some("0.750000001".to_owned())),
        ("figure dependency S2 H", |o| drop(o.dependency.pop())),
        ("figure dependency S1 G", |o| o.dependency.swap(0, 1)),
        ("figure dependency S2 H", |o| {
            let twice = o.dependency[3].clone();
            o.dependency.push(twice);
        }),
        ("figure dependency S3 G", |o| {
            let invented = Dependency { supplier: "S3".to_owned(), ..o.dependency[2].clone() };
            o.dependency.push(invented);
        }),
        ("figure published coverage", |o| o.tiers[0].published = "373.51".to_owned()),
        ("figure published fit", |o| o.tiers[1].published = String::new()),
        ("figure published cost", |o| o.tiers[2].published = "222.30".to_owned()),
        ("figure tiers", |o| drop(o.tiers.pop())),
        ("figure gap fit", |o| o.tiers[1].gap = 0.01),
        ("figure gap fit", |o| o.tiers[1].gap = f64::NAN),
        ("figure status fit", |o| {
            o.tiers[1].bound = 210.;
            o.tiers[1].gap = 13.5 / 196.5;
        }),
        ("figure loss fit", |o| o.tiers[1].loss = 0.01),
        ("figure bound coverage", |o| {
            o.tiers[0].value = 373.;
            o.tiers[0].bound = 373.;
            o.tiers[0].loss = -0.5;
        }),
        ("status conflict", |o| {
            o.conflict.push(RuleName { rule: "demand".to_owned(), subject: Vec::new() });
        }),
    ];
    for (expected, change) in changes {
        let mut changed = outcome();
        change(&mut changed);
        let verdict = check(&instance(), &changed);
        assert_eq!(named(&verdict.violations), [expected]);
        assert!(!verdict.report.passed);
    }
}

/// Awards that break a rule break figures too; the rule is among what is named.
#[test]
fn each_wrong_award_is_refused() {
    let changes: [(&str, Change<Outcome>); 14] = [
        ("fixed S1 L1", |o| {
            o.awards[0].quantity -= 1;
            o.awards[1].quantity += 1;
        }),
        ("max_share S2 L1", |o| o.awards[1].quantity += 1),
        ("max_supplier_share S1 B1", |o| o.awards[0].quantity += 1),
        ("capacity S1 P", |o| o.awards[0].quantity += 1),
        ("budget B1", |o| o.awards[0].quantity += 1),
        ("min_coverage L1", |o| drop(o.awards.remove(1))),
        ("demand L2", |o| o.awards[2].quantity = 8),
        ("dependency S1 H", |o| o.awards[2].quantity = 700),
        ("units S1 L2", |o| o.awards[2].quantity = 0),
        ("pair S1 L2", |o| o.awards[2].consortium = Some("C".to_owned())),
        ("pair S2 L2", |o| o.awards[2].supplier = "S2".to_owned()),
        ("pair S1 L9", |o| o.awards[2].lot = "L9".to_owned()),
        ("order S2 L1", |o| {
            let twice = o.awards[1].clone();
            o.awards.insert(1, twice);
        }),
        ("order S1 L1", |o| o.awards.swap(0, 1)),
    ];
    for (expected, change) in changes {
        let mut changed = outcome();
        change(&mut changed);
        let named = named(&check(&instance(), &changed).violations);
        assert!(named.iter().any(|name| name == expected), "{expected}: {named:?}");
    }
}

/// The same awards under stricter rules: exactly the rule that was made stricter is named.
#[test]
fn each_broken_rule_is_named() {
    let changes: [(&str, Change<Instance>); 11] = [
        ("budget B1", |i| i.buyers[0].budget = Some(decimal("149.99"))),
        ("max_supplier_share S1 B1", |i| i.buyers[0].max_supplier_share = decimal("0.79")),
        ("max_supplier_share S1 B2", |i| i.buyers[1].max_supplier_share = decimal("0.99")),
        ("capacity S1 P", |i| i.capacity[0].amount = decimal("39.999")),
        ("capacity S1 P", |i| i.pairs[0].load = decimal("1.001")),
        ("max_share L1", |i| i.lots[0].max_share = decimal("0.39")),
        ("max_share S1 L2", |i| i.pairs[1].max_share = decimal("0.999")),
        ("max_share S1 L1", |i| {
            i.decisions[0].ruling = Ruling::Fixed { quantity: 40, override_max_share: false }
        }),
        ("min_coverage L1", |i| i.lots[0].min_coverage = decimal("0.501")),
        ("fixed S2 L1", |i| i.decisions[2].ruling = Ruling::Fixed { quantity: 9, override_max_share: false }),
        ("forbidden S2 L1", |i| i.decisions[2].ruling = Ruling::Forbidden),
    ];
    for (expected, change) in changes {
        let mut changed = instance();
        change(&mut changed);
        assert_eq!(named(&check(&changed, &outcome()).violations), [expected]);
    }
}

/// The dependency rule by its right side, one term after the other. S1 has 120 from G of 1044.1.
#[test]
fn the_dependency_rule_is_recomputed() {
    let cases: [(bool, Change<Instance>); 9] = [
        // 0.1 · 1044.1 + 20 = 124.4
        (true, |i| i.caps[0].dependency_cap = decimal("0.1")),
        // 0.09 · 1044.1 + 20 = 113.97
        (false, |i| i.caps[0].dependency_cap = decimal("0.09")),
        // The waiver gives way to the own cap of 0.09, and that to the waiver.
        (false, |i| {
            i.caps.clear();
            i.suppliers[0].dependency_cap = Some(decimal("0.09"));
        }),
        (true, |i| i.suppliers[0].dependency_cap = Some(decimal("0.09"))),
        // Above its cap: 0.01 · 1044.1 + 60 − 0.01 · 960 = 60.8
        (false, |i| i.caps[0].dependency_cap = decimal("0.01")),
        // Undisclosed: the allowance alone. 15 from G.
        (false, |i| i.dependency_allowance = decimal("14.99")),
        (true, |i| i.dependency_allowance = decimal("15")),
        // Conservative: 0.104 · 960 + 20 = 119.84; projected 0.104 · 1044.1 + 20 = 128.6
        (true, |i| i.caps[0].dependency_cap = decimal("0.104")),
        (false, |i| {
            i.caps[0].dependency_cap = decimal("0.104");
            i.dependency_base = eslabon_solver::instance::DependencyBase::Conservative;
        }),
    ];
    for (place, (keeps, change)) in cases.into_iter().enumerate() {
        let mut changed = instance();
        change(&mut changed);
        let violations = check(&changed, &outcome()).violations;
        let broken = violations.iter().any(|violation| violation.rule.rule == "dependency");
        assert_eq!(broken, !keeps, "case {place}: {:?}", named(&violations));
    }
}

#[test]
fn sales_beyond_the_annual_sales_raise_them() {
    // 100 + 50 of 120 disclosed: taken as 150, so that G is 2/3 of today.
    let mut changed = instance();
    changed.suppliers[0].annual_sales = Some(decimal("120"));
    changed.caps.push(Cap { supplier: "S1".to_owned(), group: "H".to_owned(), dependency_cap: decimal("1") });
    changed.caps[0].dependency_cap = decimal("1");
    let violations = check(&changed, &outcome()).violations;
    let before = violations.iter().find(|v| v.rule.subject[0] == "before");
    assert_eq!(before.map(|v| &*v.detail), Some("stated \"0.1\", expected 0.666666667"));
}

#[test]
fn a_detail_shows_both_sides() {
    let mut changed = instance();
    changed.buyers[0].budget = Some(decimal("149.99"));
    let violations = check(&changed, &outcome()).violations;
    assert_eq!(violations[0].to_string(), "budget [B1]: 150 > 149.99");
}

#[test]
fn without_a_result_there_are_no_awards() {
    for status in [Status::Infeasible, Status::Unpublishable, Status::Interrupted] {
        let stated = Outcome { status, ..outcome() };
        let violations = check(&instance(), &stated).violations;
        assert_eq!(
            named(&violations),
            ["awards", "unmet", "dependency", "hhi", "market"].map(|field| format!("status {field}"))
        );
        let empty = Outcome {
            status,
            awards: Vec::new(),
            unmet: Vec::new(),
            dependency: Vec::new(),
            hhi: Vec::new(),
            market: Vec::new(),
            tiers: Vec::new(),
            ..outcome()
        };
        assert_eq!(check(&instance(), &empty).violations, []);
    }
}

/// Nothing that a file can hold makes the checker panic.
#[test]
fn hostile_results_are_refused() {
    let texts = ["", "-", "NaN", "1e999999999", "٣", "\0", "0x1", "1..2", "--1", &"9".repeat(100_000)];
    for text in texts {
        let mut hostile = outcome();
        for award in &mut hostile.awards {
            award.share = text.to_owned();
            award.amount = text.to_owned();
            award.annual_amount = text.to_owned();
            award.quantity = u64::MAX;
        }
        for row in &mut hostile.dependency {
            row.before = Some(text.to_owned());
            row.after = Some(text.to_owned());
            row.cap = Some(text.to_owned());
            row.row_use = Some(text.to_owned());
        }
        for tier in &mut hostile.tiers {
            tier.published = text.to_owned();
            tier.value = f64::INFINITY;
            tier.bound = f64::NAN;
        }
        hostile.unmet.iter_mut().for_each(|unmet| unmet.quantity = u64::MAX);
        assert!(!check(&instance(), &hostile).report.passed);
        hostile.currency = text.to_owned();
        hostile.awards.iter_mut().for_each(|award| award.supplier = text.to_owned());
        hostile.awards.iter_mut().for_each(|award| award.lot = text.to_owned());
        hostile.dependency.iter_mut().for_each(|row| row.group = text.to_owned());
        assert!(!check(&instance(), &hostile).report.passed);
        // Not even with an instance that no reader lets through.
        assert!(!check(&Instance::default(), &hostile).report.passed);
        let mut broken = instance();
        broken.lots.iter_mut().for_each(|lot| lot.years = decimal("0"));
        broken.lots.iter_mut().for_each(|lot| lot.quantity = 0);
        assert!(!check(&broken, &outcome()).report.passed);
    }
}
