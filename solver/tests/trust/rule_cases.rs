//! Edge cases of the rules that need a yes or no, of consortia, gaps, the HHI, and the tiers beyond
//! coverage, fit and cost; worked out by hand.
//!
//! Unless a case says otherwise every price is 1, so that units are amounts, and nobody is capped.

use eslabon_solver::{Outcome, instance::Tier, outcome::Status};

use super::support::{Network, assert_awards, assert_infeasible, decimal, solved};

/// M1 and M2 make 30 and 20 units and offer together as C; B wants 50.
fn two_members() -> Network {
    Network::new()
        .supplier("M1", "100")
        .capacity("M1", "30")
        .supplier("M2", "100")
        .capacity("M2", "20")
        .consortium("C", &["M1", "M2"])
        .buyer("B")
        .lot("L", "B", 50, "1")
        .pair("C", "L")
}

#[test]
fn a_consortium_pools_what_its_members_make() {
    let outcome = assert_awards(&two_members(), &[("L", "M1", 30), ("L", "M2", 20)]);
    assert!(outcome.awards.iter().all(|award| award.consortium.as_deref() == Some("C")));
    // Its pair bounds both together: ⌊0.4·50⌋ = 20, all of it M1's, as M2 may not.
    let bounded = two_members().pair_with(|pair| pair.max_share = decimal("0.4"));
    let bounded = bounded.pair("M2", "L").forbidden("M2", "L");
    assert_awards(&bounded, &[("L", "M1", 20)]);
}

#[test]
fn members_at_their_caps_bring_nothing_into_a_consortium() {
    // 30 + A ≤ 0.3·(100 + A) leaves M1 nothing. M2: A ≤ 0.3·(100 + A), so 42.
    let network = Network::capped("0.3")
        .supplier("M1", "100")
        .sales("M1", "B", "30")
        .supplier("M2", "100")
        .consortium("C", &["M1", "M2"])
        .buyer("B")
        .lot("L", "B", 100, "1")
        .pair("C", "L");
    assert_awards(&network, &[("L", "M2", 42)]);
    assert_awards(&network.sales("M2", "B", "30"), &[]);
}

#[test]
fn a_consortium_is_one_supplier_of_a_lot() {
    let alone = two_members().lot_with(|lot| lot.max_suppliers = Some(1));
    assert_awards(&alone, &[("L", "M1", 30), ("L", "M2", 20)]);
    // Two are wanted, C is one.
    let two = two_members().lot_with(|lot| lot.min_suppliers = 2);
    assert_awards(&two, &[]);
    // With S there are two, and S, dearer, gets the least that counts: C makes 49.
    let with_another = two.supplier("S", "100").pair_at("S", "L", "2").capacity_for("M2", "Q", "0");
    let outcome = solved(&with_another.built());
    let of_s: Vec<_> = outcome.awards.iter().filter(|award| award.supplier == "S").collect();
    assert_eq!(of_s.iter().map(|award| award.quantity).collect::<Vec<_>>(), [1]);
    assert_eq!(outcome.unmet, []);
}

#[test]
fn nobody_wins_a_lot_alone_and_through_a_consortium() {
    // M1 has 5 for itself; what it could make more, C does not get from it.
    let network = two_members().pair("M1", "L").fixed("M1", "L", 5);
    let outcome = assert_awards(&network, &[("L", "M1", 5), ("L", "M2", 20)]);
    assert_eq!(outcome.awards[0].consortium, None);
    assert_eq!(outcome.awards[1].consortium.as_deref(), Some("C"));
}

#[test]
fn what_is_fixed_for_a_consortium_is_the_sum_of_its_parts() {
    assert_awards(&two_members().fixed("C", "L", 50), &[("L", "M1", 30), ("L", "M2", 20)]);
    // What M1 is forbidden, it is forbidden in any way; M2 makes 20.
    let without = two_members().pair("M1", "L").forbidden("M1", "L");
    assert_awards(&without.clone().fixed("C", "L", 20), &[("L", "M2", 20)]);
    assert_infeasible(&without.lot_with(|lot| lot.min_coverage = decimal("0.42")));
    assert_awards(&two_members().forbidden("C", "L"), &[]);
}

#[test]
fn a_least_share_is_rounded_up_to_units() {
    // ⌈0.35·10⌉ = 4: S2's 3 units are too few.
    let network = |second: &str| {
        Network::new()
            .supplier("S1", "100")
            .capacity("S1", "6")
            .supplier("S2", "100")
            .capacity("S2", second)
            .buyer("B")
            .lot("L", "B", 10, "1")
            .lot_with(|lot| lot.min_share = decimal("0.35"))
            .pair("S1", "L")
            .pair("S2", "L")
    };
    assert_awards(&network("3"), &[("L", "S1", 6)]);
    assert_awards(&network("4"), &[("L", "S1", 6), ("L", "S2", 4)]);
}

#[test]
fn an_indivisible_lot_goes_whole_or_not_at_all() {
    let whole = |capacity: &str| {
        Network::new()
            .supplier("S", "100")
            .capacity("S", capacity)
            .buyer("B")
            .lot("L", "B", 10, "1")
            .lot_with(|lot| lot.divisible = false)
            .pair("S", "L")
    };
    assert_awards(&whole("9.99"), &[]);
    assert_awards(&whole("10"), &[("L", "S", 10)]);
    // A consortium may win it, and splits it.
    let together = two_members().lot_with(|lot| lot.divisible = false);
    assert_awards(&together, &[("L", "M1", 30), ("L", "M2", 20)]);
    assert_infeasible(&whole("9.99").lot_with(|lot| lot.must_award = true));
}

#[test]
fn a_least_number_of_suppliers_holds_where_there_is_one() {
    let network = Network::new()
        .supplier("S1", "100")
        .buyer("B")
        .lot("L", "B", 10, "1")
        .lot_with(|lot| lot.min_suppliers = 2)
        .pair("S1", "L");
    assert_awards(&network, &[]);
    assert_infeasible(&network.clone().lot_with(|lot| lot.must_award = true));
    // A second one, dearer, gets one unit.
    let two = network.supplier("S2", "100").pair_at("S2", "L", "2");
    assert_awards(&two, &[("L", "S1", 9), ("L", "S2", 1)]);
}

#[test]
fn a_supplier_with_one_award_takes_the_heavier_lot() {
    let network = Network::new()
        .supplier("M1", "100")
        .supplier_with(|supplier| supplier.max_awards = Some(1))
        .supplier("M2", "100")
        .consortium("C", &["M1", "M2"])
        .buyer("B")
        .lot("L1", "B", 10, "1")
        .lot_with(|lot| lot.weight = decimal("2"))
        .lot("L2", "B", 10, "1")
        .pair("M1", "L1")
        .pair("M1", "L2");
    assert_awards(&network, &[("L1", "M1", 10)]);
    // A part in a consortium counts as well, so that M2 makes all of L2.
    let together = network.with(|i| drop(i.pairs.pop())).pair("C", "L2");
    assert_awards(&together, &[("L1", "M1", 10), ("L2", "M2", 10)]);
}

#[test]
fn a_least_total_is_worth_it_or_nothing() {
    let network = Network::new()
        .supplier("S", "100")
        .supplier_with(|supplier| supplier.min_total = decimal("50"))
        .buyer("B")
        .lot("L1", "B", 40, "1")
        .pair("S", "L1");
    assert_awards(&network, &[]);
    let more = network.lot("L2", "B", 10, "1").pair("S", "L2");
    assert_awards(&more, &[("L1", "S", 40), ("L2", "S", 10)]);
}

#[test]
fn setting_up_is_paid_once() {
    // S1: q + 20. S2: 1.1·q.
    let cheaper = |quantity| {
        Network::new()
            .supplier("S1", "100")
            .supplier_with(|supplier| supplier.setup_cost = decimal("20"))
            .supplier("S2", "100")
            .buyer("B")
            .lot("L", "B", quantity, "1")
            .pair("S1", "L")
            .pair_at("S2", "L", "1.1")
    };
    let few = assert_awards(&cheaper(100), &[("L", "S2", 100)]);
    assert_eq!(few.tiers[2].published, "110.00");
    let many = assert_awards(&cheaper(300), &[("L", "S1", 300)]);
    assert_eq!(many.tiers[2].published, "320.00");
}

/// S could serve both lots, L1 behind G1 and L2 behind both gaps.
fn behind_gaps() -> Network {
    Network::new()
        .supplier("S", "100")
        .gap("G1", "S", "5", "4")
        .gap("G2", "S", "3", "0")
        .buyer("B")
        .lot("L1", "B", 10, "1")
        .pair("S", "L1")
        .blocked_by(&["G1"])
        .lot("L2", "B", 10, "1")
        .pair("S", "L2")
        .blocked_by(&["G1", "G2"])
}

#[test]
fn gaps_close_as_far_as_the_money_goes() {
    assert_awards(&behind_gaps(), &[]);
    assert_awards(&behind_gaps().development_budget("4.99"), &[]);
    assert_awards(&behind_gaps().development_budget("5"), &[("L1", "S", 10)]);
    // G1 is paid once for both.
    let both = assert_awards(&behind_gaps().development_budget("8"), &[("L1", "S", 10), ("L2", "S", 10)]);
    assert_eq!(both.tiers[2].published, "28.00");
    let closed: Vec<_> = both.development.iter().map(|row| (&*row.gap, row.opens.len())).collect();
    assert_eq!(closed, [("G1", 2), ("G2", 1)]);
}

#[test]
fn a_free_gap_closes_only_where_gaps_may_close() {
    let free = behind_gaps().with(|i| i.gaps.iter_mut().for_each(|gap| gap.cost = Some(decimal("0"))));
    assert_awards(&free, &[]);
    assert_awards(&free.development_budget("0"), &[("L1", "S", 10), ("L2", "S", 10)]);
}

#[test]
fn no_money_closes_a_gap_of_which_nobody_has_said_what_it_costs() {
    let uncosted = behind_gaps().with(|i| i.gaps[1].cost = None);
    assert_awards(&uncosted.clone().development_budget("1000"), &[("L1", "S", 10)]);
    assert_awards(&uncosted, &[]);
}

#[test]
fn a_gap_that_takes_longer_than_the_lot_waits_stays_in_the_way() {
    let waiting =
        |months| behind_gaps().development_budget("8").lot_with(|lot| lot.starts_in = Some(decimal(months)));
    assert_awards(&waiting("3.9"), &[("L1", "S", 10)]);
    assert_awards(&waiting("4"), &[("L1", "S", 10), ("L2", "S", 10)]);
}

#[test]
fn a_dearer_supplier_may_be_cheaper_than_closing_a_gap() {
    // 10 + 5 for S and G1, 14 for T.
    let network = behind_gaps().development_budget("8").forbidden("S", "L2").supplier("T", "100");
    assert_awards(&network.clone().pair_at("T", "L1", "1.4"), &[("L1", "T", 10)]);
    assert_awards(&network.pair_at("T", "L1", "1.6"), &[("L1", "S", 10)]);
}

/// S sells 100 to many; G and H want 100 units each.
fn two_buyers() -> Network {
    Network::new()
        .with(|i| i.hhi_cap = Some(decimal("900")))
        .supplier("S", "100")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 100, "1")
        .pair("S", "LG")
        .pair("S", "LH")
}

fn units(outcome: &Outcome) -> u64 {
    outcome.awards.iter().map(|award| award.quantity).sum()
}

#[test]
fn an_hhi_cap_bounds_the_length_of_what_buyers_take() {
    // One buyer: A ≤ 0.3·(100 + A).
    assert_awards(&two_buyers().forbidden("S", "LH"), &[("LG", "S", 42)]);
    // Two: 36² + 37² = 2665 ≤ 0.09·173² = 2693.61, but 37² + 37² = 2738 > 0.09·174² = 2724.84, and
    // the more unequal, the longer.
    let outcome = solved(&two_buyers().built());
    assert_eq!((outcome.status, units(&outcome)), (Status::Optimal, 73), "{outcome:#?}");
    // Conservative, one buyer: A ≤ 0.3·100.
    assert_awards(&two_buyers().forbidden("S", "LH").conservative(), &[("LG", "S", 30)]);
}

#[test]
fn above_the_hhi_cap_a_supplier_may_not_get_more_concentrated() {
    // Half from G: 2500. From G alone 50 + A ≤ 0.5·(100 + A): nothing. With H: 2500 + a² ≤
    // 0.25·(100 + a)², so 0.75·a ≤ 50.
    let network = two_buyers().sales("S", "G", "50");
    assert_awards(&network.clone().forbidden("S", "LH"), &[]);
    let outcome = assert_awards(&network.clone().forbidden("S", "LG"), &[("LH", "S", 66)]);
    let row = &outcome.hhi[0];
    assert_eq!((row.before.as_deref(), row.cap.as_deref()), (Some("2500.00"), Some("2500.00")));
    // Having to come under the cap is possible with enough of the other, and with none it is not:
    // 50² + a² ≤ 0.09·(100 + a)² has no solution, as 2500 − 900 > 18·a − 0.91·a² everywhere.
    assert_infeasible(&network.must_come_under());
}

#[test]
fn without_sales_there_is_no_hhi_cap() {
    let network = |sales| two_buyers().with(|i| i.suppliers[0].annual_sales = sales);
    for sales in [None, Some(decimal("0"))] {
        assert_awards(&network(sales), &[("LG", "S", 100), ("LH", "S", 100)]);
    }
}

#[test]
fn the_spread_shares_what_is_equally_good() {
    // A/(100 + A) for each, least where both are 20.
    let network = Network::new()
        .tiers(&[Tier::Coverage, Tier::Spread])
        .supplier("S1", "100")
        .supplier("S2", "100")
        .buyer("B")
        .lot("L", "B", 40, "1")
        .pair("S1", "L")
        .pair("S2", "L");
    let outcome = assert_awards(&network, &[("L", "S1", 20), ("L", "S2", 20)]);
    assert_eq!(outcome.tiers[1].published, "0.166666667");
    // Undisclosed sales have no share: S2 takes all.
    let hidden = network.with(|i| i.suppliers[1].annual_sales = None);
    let outcome = assert_awards(&hidden, &[("L", "S2", 40)]);
    assert_eq!(outcome.tiers[1].published, "0.000000000");
}

#[test]
fn the_most_suppliers_each_get_a_unit() {
    let network = (1..=3).map(|s| format!("S{s}")).fold(
        Network::new()
            .tiers(&[Tier::Coverage, Tier::Suppliers, Tier::Cost])
            .buyer("B")
            .lot("L", "B", 10, "1"),
        |network, id| network.supplier(&id, "100").pair(&id, "L"),
    );
    // S1 is the cheapest.
    let network = network.with(|i| i.pairs[0].unit_price = decimal("0.5"));
    let outcome = assert_awards(&network, &[("L", "S1", 8), ("L", "S2", 1), ("L", "S3", 1)]);
    assert_eq!(outcome.tiers[1].published, "3");
}

#[test]
fn in_whole_units_what_no_units_keep_is_infeasible() {
    // A ≤ 42.857, but at least 42.5.
    let network = Network::capped("0.3")
        .supplier("S", "100")
        .buyer("B")
        .lot("L", "B", 100, "1")
        .lot_with(|lot| lot.min_coverage = decimal("0.425"))
        .pair("S", "L");
    assert_eq!(solved(&network.built()).status, Status::Unpublishable);
    assert_infeasible(&network.with(|i| i.whole_units = true));
}
