//! The edge cases of the plain linear model, with the awards worked out by hand.
//!
//! Unless a case says otherwise every price is 1, so that units are amounts. t: the cap; E: existing
//! sales to the group; R: annual sales; A: new sales to the group; N: all new sales. With the
//! projected base the dependency rule reads `E + A ≤ t·(R + N) + max(allowance, E − t·R)`.

use eslabon_solver::outcome::Status;

use super::support::{Network, assert_awards, assert_infeasible, decimal, refused, solved};

/// S has annual sales of 100 and a cap of 0.3; B wants 100 units.
fn one_buyer() -> Network {
    Network::capped("0.3").supplier("S", "100").buyer("B").lot("L", "B", 100, "1").pair("S", "L")
}

/// Half of S's sales go to G, above the cap of 0.3; G and H want 100 units each.
fn above_the_cap() -> Network {
    Network::capped("0.3")
        .supplier("S", "100")
        .sales("S", "G", "50")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 100, "1")
        .pair("S", "LG")
        .pair("S", "LH")
}

#[test]
fn one_buyer_only_fills_its_part_of_what_the_sales_become() {
    // A ≤ 0.3·(100 + A), so A ≤ 42.857; 42 ≤ 42.6, but 43 > 42.9.
    let outcome = assert_awards(&one_buyer(), &[("L", "S", 42)]);
    let row = &outcome.dependency[0];
    assert_eq!(row.before.as_deref(), Some("0.000000000"));
    // 42 / 142
    assert_eq!(row.after.as_deref(), Some("0.295774648"));
    // 42 / 42.6
    assert_eq!(row.row_use.as_deref(), Some("0.985915493"));
    assert_eq!(outcome.unmet[0].quantity, 58);
}

#[test]
fn the_conservative_base_does_not_count_the_new_sales() {
    // A ≤ 0.3·100
    assert_awards(&one_buyer().conservative(), &[("L", "S", 30)]);
}

#[test]
fn a_sole_buyer_that_offers_unlimited_work_gives_nothing_more() {
    // E = R: 100 + A ≤ 0.3·(100 + A) + 70, so 0.7·A ≤ 0.
    let network = one_buyer().sales("S", "B", "100").lot("M", "B", 1_000_000, "1").pair("S", "M");
    assert_awards(&network, &[]);
    assert_awards(&network.conservative(), &[]);
}

#[test]
fn a_supplier_without_sales_cannot_start_with_one_buyer() {
    // A ≤ 0.3·A
    let network = Network::capped("0.3").supplier("S", "0").buyer("B").lot("L", "B", 100, "1").pair("S", "L");
    assert_awards(&network, &[]);
    // A ≤ 0.3·A + 10, so A ≤ 14.29
    assert_awards(&network.clone().allowance("10"), &[("L", "S", 14)]);
    // A ≤ 10
    assert_awards(&network.allowance("10").conservative(), &[("L", "S", 10)]);
}

#[test]
fn a_supplier_without_sales_can_start_with_four_buyers_but_not_with_three() {
    let buyers = |count: u32| {
        let start = Network::capped("0.3").supplier("S", "0");
        (1..=count).fold(start, |network, buyer| {
            let (buyer, lot) = (format!("B{buyer}"), format!("L{buyer}"));
            network.buyer(&buyer).lot(&lot, &buyer, 10, "1").pair("S", &lot)
        })
    };
    // Each is a quarter of the new sales: 10 ≤ 0.3·40.
    let each = [("L1", "S", 10), ("L2", "S", 10), ("L3", "S", 10), ("L4", "S", 10)];
    assert_awards(&buyers(4), &each);
    // Of three, one is at least a third: the three rules add up to N ≤ 0.9·N.
    assert_awards(&buyers(3), &[]);
}

#[test]
fn undisclosed_sales_leave_only_the_allowance() {
    let network = Network::capped("0.3").undisclosed("S").buyer("B").lot("L", "B", 100, "1").pair("S", "L");
    assert_awards(&network, &[]);
    // E + A ≤ max(10, E)
    let allowed = network.allowance("10");
    let outcome = assert_awards(&allowed, &[("L", "S", 10)]);
    assert_eq!(outcome.dependency[0].before, None);
    assert_eq!(outcome.dependency[0].after, None);
    assert_eq!(outcome.dependency[0].row_use.as_deref(), Some("1.000000000"));
    // Existing sales use the allowance up, in part …
    assert_awards(&allowed.clone().sales("S", "B", "4"), &[("L", "S", 6)]);
    // … and whole.
    assert_awards(&allowed.clone().sales("S", "B", "12"), &[]);
    // Those that expire make room again: 12 − 9 + A ≤ 10.
    assert_awards(&allowed.expiring_sales("S", "B", "12", "9"), &[("L", "S", 7)]);
}

#[test]
fn an_allowance_counts_for_each_buyer_group() {
    // A ≤ 10 for G and for H.
    let network = Network::capped("0")
        .allowance("10")
        .undisclosed("S")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 100, "1")
        .pair("S", "LG")
        .pair("S", "LH");
    assert_awards(&network, &[("LG", "S", 10), ("LH", "S", 10)]);
}

#[test]
fn above_the_cap_a_supplier_takes_only_the_capped_share_of_its_new_business() {
    // G: 50 + A ≤ 0.3·(100 + N) + 20, so A ≤ 0.3·N. H: A ≤ 30 + 0.3·N.
    // In shares N = 75: 22.5 and 52.5. In units N = 75 would need 23 + 52 or 22 + 53; N = 74: 22
    // ≤ 22.2 and 52 ≤ 52.2.
    assert_awards(&above_the_cap(), &[("LG", "S", 22), ("LH", "S", 52)]);
}

#[test]
fn above_the_cap_and_without_other_buyers_there_is_no_new_business() {
    // A ≤ 0.3·A
    assert_awards(&above_the_cap().forbidden("S", "LH"), &[]);
    // Conservative: nothing from G whatever H gives; from H 30.
    assert_awards(&above_the_cap().conservative(), &[("LH", "S", 30)]);
    // An allowance of 25 is 5 more than what S is above its cap: 50 + A ≤ 0.3·100 + 25.
    let allowed = above_the_cap().allowance("25").forbidden("S", "LH");
    assert_awards(&allowed.clone().conservative(), &[("LG", "S", 5)]);
    // Projected: 0.7·A ≤ 5
    assert_awards(&allowed, &[("LG", "S", 7)]);
}

#[test]
fn sales_to_buyers_beyond_the_annual_sales_raise_them() {
    // R = 150 = E for G.
    let network = Network::capped("0.3")
        .supplier("S", "100")
        .sales("S", "G", "150")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 100, "1")
        .pair("S", "LG")
        .pair("S", "LH");
    // From G alone nothing.
    assert_awards(&network.clone().forbidden("S", "LH"), &[]);
    // From H alone A ≤ 0.3·(150 + A), so A ≤ 64.29.
    let from_h = network.clone().forbidden("S", "LG");
    let outcome = assert_awards(&from_h, &[("LH", "S", 64)]);
    assert_eq!(outcome.dependency[0].before.as_deref(), Some("1.000000000"));
    // From both: G ≤ 0.3·N, H ≤ 45 + 0.3·N. N = 112 would need 34 + 78 or 33 + 79; N = 111: 33 ≤
    // 33.3 and 78 ≤ 78.3.
    assert_awards(&network, &[("LG", "S", 33), ("LH", "S", 78)]);
}

#[test]
fn annual_sales_of_zero_with_sales_to_a_buyer_are_those_sales() {
    // R = 50 = E: from H A ≤ 0.3·(50 + A), so A ≤ 21.43.
    let network = Network::capped("0.3")
        .supplier("S", "0")
        .sales("S", "G", "50")
        .buyer("G")
        .buyer("H")
        .lot("LH", "H", 100, "1")
        .pair("S", "LH");
    assert_awards(&network, &[("LH", "S", 21)]);
}

/// S sells 60 of 100 to G and has to come under 0.5. H wants 40 units; C makes them for 1, S for 2.
fn has_to_dilute() -> Network {
    Network::capped("0.5")
        .supplier("C", "1000")
        .supplier("S", "100")
        .sales("S", "G", "60")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 40, "1")
        .pair("C", "LH")
        .pair_at("S", "LH", "2")
        .must_come_under()
}

#[test]
fn without_no_worsening_a_supplier_must_dilute() {
    // 60 ≤ 0.5·(100 + N), so N ≥ 20: ten units at 2, although C is cheaper.
    assert_awards(&has_to_dilute(), &[("LH", "C", 30), ("LH", "S", 10)]);
    let may_stay = has_to_dilute().with(|i| i.no_worsening = true);
    assert_awards(&may_stay, &[("LH", "C", 40)]);
}

#[test]
fn without_no_worsening_and_without_other_buyers_nothing_is_feasible() {
    assert_infeasible(&has_to_dilute().forbidden("S", "LH"));
    // An allowance of 10 is what S is above its cap.
    let allowed = has_to_dilute().forbidden("S", "LH").allowance("10");
    assert_awards(&allowed, &[("LH", "C", 40)]);
}

#[test]
fn sales_that_lots_replace_leave_both_sides_of_the_rule() {
    let network =
        Network::capped("0.3").supplier("S", "200").buyer("B").lot("L", "B", 100, "1").pair("S", "L");
    // Nothing expires: 50 + A ≤ 0.3·(200 + A), so A ≤ 14.29.
    assert_awards(&network.clone().sales("S", "B", "50"), &[("L", "S", 14)]);
    // All expires: A ≤ 0.3·(150 + A), so A ≤ 64.29.
    let renewed = network.expiring_sales("S", "B", "50", "50");
    let outcome = assert_awards(&renewed, &[("L", "S", 64)]);
    // Today 50 of 200; then 64 of 214.
    assert_eq!(outcome.dependency[0].before.as_deref(), Some("0.250000000"));
    assert_eq!(outcome.dependency[0].after.as_deref(), Some("0.299065421"));
}

#[test]
fn what_expires_is_not_renewed_while_the_rest_is_above_the_cap() {
    // 40 of 80 remain: A ≤ 0.3·A.
    let network = one_buyer().expiring_sales("S", "B", "60", "20");
    assert_awards(&network, &[]);
}

#[test]
fn buyers_of_one_group_count_as_one() {
    let buyers = |first: &str, second: &str| {
        Network::capped("0.3")
            .supplier("S", "100")
            .buyer_of("B1", first)
            .buyer_of("B2", second)
            .lot("L1", "B1", 100, "1")
            .lot_with(|lot| lot.weight = decimal("2"))
            .lot("L2", "B2", 100, "1")
            .pair("S", "L1")
            .pair("S", "L2")
    };
    // Together A ≤ 0.3·(100 + A); L1 weighs more.
    assert_awards(&buyers("G", "G"), &[("L1", "S", 42)]);
    // Apart each A ≤ 0.3·(100 + N), so N ≤ 150: 75 ≤ 0.3·250.
    assert_awards(&buyers("G", "H"), &[("L1", "S", 75), ("L2", "S", 75)]);
}

#[test]
fn the_closest_cap_counts() {
    // S1 under τ: A ≤ 0.1·(100 + A), so 11. S2 under its own: A ≤ 0.2·(100 + A), so 25. S3 under
    // its waiver for B: 42, whatever its own cap.
    let network = Network::capped("0.1")
        .supplier("S1", "100")
        .supplier("S2", "100")
        .own_cap("0.2")
        .supplier("S3", "100")
        .own_cap("0.2")
        .waiver("S3", "B", "0.3")
        .buyer("B")
        .lot("L1", "B", 100, "1")
        .lot("L2", "B", 100, "1")
        .lot("L3", "B", 100, "1")
        .pair("S1", "L1")
        .pair("S2", "L2")
        .pair("S3", "L3");
    let capped = [("L1", "S1", 11), ("L2", "S2", 25), ("L3", "S3", 42)];
    assert_awards(&network, &capped);
    // Without τ the other two stay.
    let uncapped = [("L1", "S1", 100), ("L2", "S2", 25), ("L3", "S3", 42)];
    let outcome = assert_awards(&network.with(|i| i.dependency_cap = None), &uncapped);
    assert_eq!(outcome.dependency[0].cap, None);
}

#[test]
fn gifts_make_nobody_dependent() {
    // A price of 0: A = N = 0, so that the shares are 0/0.
    let network =
        Network::capped("0.3").supplier("S", "0").buyer("B").lot("L", "B", 100, "1").pair_at("S", "L", "0");
    let outcome = assert_awards(&network, &[("L", "S", 100)]);
    assert_eq!(outcome.dependency[0].after, None);
    assert_eq!(outcome.dependency[0].row_use, None);
}

#[test]
fn a_contract_of_three_years_counts_a_third_a_year() {
    // 3 a unit, so 1 a year: A ≤ 42.857.
    let network = Network::capped("0.3")
        .supplier("S", "100")
        .buyer("B")
        .lot("L", "B", 100, "3")
        .lot_with(|lot| lot.years = decimal("3"))
        .pair("S", "L");
    let outcome = assert_awards(&network, &[("L", "S", 42)]);
    assert_eq!(outcome.awards[0].amount, "126.00");
    assert_eq!(outcome.awards[0].annual_amount, "42.00");
    // In one year 3·u ≤ 42.857.
    let in_one_year = network.lot_with(|lot| lot.years = decimal("1"));
    assert_awards(&in_one_year, &[("L", "S", 14)]);
}

#[test]
fn a_budget_is_kept_in_whole_units() {
    // 3·u ≤ 50
    let network =
        Network::new().supplier("S", "100").buyer("B").budget("50").lot("L", "B", 100, "3").pair("S", "L");
    assert_awards(&network, &[("L", "S", 16)]);
}

#[test]
fn no_supplier_gets_more_than_its_share_of_what_a_buyer_awards() {
    let network = Network::new()
        .supplier("S1", "100")
        .supplier("S2", "100")
        .capacity("S2", "10")
        .buyer("B")
        .max_supplier_share("0.5")
        .lot("L", "B", 100, "1")
        .pair("S1", "L");
    // Alone, S1 would get all that is awarded.
    assert_awards(&network, &[]);
    // As much as S2, which makes 10 …
    let second = network.clone().pair("S2", "L");
    assert_awards(&second, &[("L", "S1", 10), ("L", "S2", 10)]);
    // … in value, not in units.
    let dearer = network.pair_at("S2", "L", "3");
    assert_awards(&dearer, &[("L", "S1", 30), ("L", "S2", 10)]);
}

#[test]
fn largest_shares_of_lot_and_pair_hold() {
    let network = Network::new()
        .supplier("S1", "100")
        .supplier("S2", "100")
        .buyer("B")
        .lot("L", "B", 99, "1")
        .lot_with(|lot| lot.max_share = decimal("0.5"))
        .pair("S1", "L")
        .pair("S2", "L")
        .pair_with(|pair| pair.max_share = decimal("0.1"));
    // ⌊49.5⌋ and ⌊9.9⌋
    assert_awards(&network, &[("L", "S1", 49), ("L", "S2", 9)]);
}

#[test]
fn capacity_counts_the_load_of_each_unit() {
    // 2.5·u ≤ 9
    let network = Network::new()
        .supplier("S", "100")
        .capacity("S", "9")
        .buyer("B")
        .lot("L", "B", 100, "1")
        .pair("S", "L")
        .pair_with(|pair| pair.load = decimal("2.5"));
    assert_awards(&network, &[("L", "S", 3)]);
}

#[test]
fn the_heavier_lot_is_served_first() {
    let weights = |first: &str, second: &str| {
        Network::new()
            .supplier("S", "100")
            .capacity("S", "10")
            .buyer("B")
            .lot("L1", "B", 10, "1")
            .lot_with(|lot| lot.weight = decimal(first))
            .lot("L2", "B", 10, "1")
            .lot_with(|lot| lot.weight = decimal(second))
            .pair("S", "L1")
            .pair("S", "L2")
    };
    assert_awards(&weights("1", "2"), &[("L2", "S", 10)]);
    assert_awards(&weights("2", "1"), &[("L1", "S", 10)]);
}

#[test]
fn coverage_comes_before_fit_and_fit_before_cost() {
    // S1 is cheap, S2 fits, and neither can make all: both are needed to cover the lot.
    let network = Network::new()
        .supplier("S1", "100")
        .capacity("S1", "70")
        .supplier("S2", "100")
        .capacity("S2", "60")
        .buyer("B")
        .lot("L", "B", 100, "10")
        .pair_at("S1", "L", "8")
        .pair_with(|pair| pair.fit = decimal("0.5"))
        .pair_at("S2", "L", "12");
    assert_awards(&network, &[("L", "S1", 40), ("L", "S2", 60)]);
    // As fit as the other, S1 makes as much as it can.
    let equal = network.with(|i| i.pairs[0].fit = decimal("1"));
    assert_awards(&equal, &[("L", "S1", 70), ("L", "S2", 30)]);
}

#[test]
fn a_tolerance_buys_the_next_tier() {
    // Fit 0.8 for S1 at half the price. 0.1 of the best fit may go: 100 − 0.2·u ≥ 90.
    let network = Network::new()
        .supplier("S1", "100")
        .supplier("S2", "100")
        .buyer("B")
        .lot("L", "B", 100, "1")
        .pair_at("S1", "L", "0.5")
        .pair_with(|pair| pair.fit = decimal("0.8"))
        .pair("S2", "L")
        .with(|i| i.objectives[1].tolerance = decimal("0.1"));
    assert_awards(&network, &[("L", "S1", 50), ("L", "S2", 50)]);
}

#[test]
fn a_least_coverage_beyond_the_cap_is_infeasible() {
    let covered = |share| one_buyer().lot_with(|lot| lot.min_coverage = decimal(share));
    assert_awards(&covered("0.42"), &[("L", "S", 42)]);
    let outcome = assert_infeasible(&covered("0.43"));
    let named: Vec<_> = outcome.conflict.iter().map(|rule| &*rule.rule).collect();
    assert!(named.contains(&"min_coverage"), "{named:?}");
    assert!(named.contains(&"dependency"), "{named:?}");
}

#[test]
fn a_least_coverage_between_two_units_is_unpublishable() {
    // Shares up to 0.42857 obey the cap, but 42 units are too few and 43 too many.
    let network = one_buyer().lot_with(|lot| lot.min_coverage = decimal("0.425"));
    let outcome = solved(&network.built());
    assert_eq!(outcome.status, Status::Unpublishable, "{outcome:#?}");
    assert!(!outcome.conflict.is_empty());
}

#[test]
fn a_fixed_award_does_not_lift_the_cap() {
    assert_awards(&one_buyer().fixed("S", "L", 42), &[("L", "S", 42)]);
    assert_awards(&one_buyer().fixed("S", "L", 17), &[("L", "S", 17)]);
    assert_infeasible(&one_buyer().fixed("S", "L", 43));
    assert_infeasible(&one_buyer().fixed_with_override("S", "L", 43));
}

#[test]
fn an_override_lifts_the_largest_share_of_the_pair_alone() {
    let network = Network::new()
        .supplier("S", "100")
        .supplier("T", "100")
        .buyer("B")
        .lot("L", "B", 100, "1")
        .pair("S", "L")
        .pair_with(|pair| pair.max_share = decimal("0.3"))
        .pair("T", "L");
    let fixed = network.fixed_with_override("S", "L", 50);
    assert_awards(&fixed, &[("L", "S", 50), ("L", "T", 50)]);
    // Nothing lifts the lot's own: that is seen when reading already.
    let lot_bound = fixed.lot_with(|lot| lot.max_share = decimal("0.4"));
    assert_eq!(refused(&lot_bound), ["E1308"]);
}

#[test]
fn forbidden_is_nothing() {
    assert_awards(&one_buyer().forbidden("S", "L"), &[]);
}

#[test]
fn rounding_down_share_by_share_would_break_the_cap() {
    // As above the cap, but H buys units of 10. In shares 22.5 and 5.25. Rounded down, 22 ≤ 0.3·72
    // fails: H's missing quarter unit took it the room. With 5 units for H, A ≤ 0.3·(50 + A) and
    // 50 ≤ 30 + 0.3·(50 + A): from 17 to 21.
    let network = Network::capped("0.3")
        .supplier("S", "100")
        .sales("S", "G", "50")
        .buyer("G")
        .buyer("H")
        .lot("LG", "G", 100, "1")
        .lot("LH", "H", 10, "10")
        .pair("S", "LG")
        .pair("S", "LH");
    assert_awards(&network, &[("LG", "S", 21), ("LH", "S", 5)]);
}

#[test]
fn indivisible_amounts_leave_a_lot_unmet_rather_than_break_the_cap() {
    // One unit of 43 is over 42.857.
    let lot_of =
        |price| Network::capped("0.3").supplier("S", "100").buyer("B").lot("L", "B", 1, price).pair("S", "L");
    assert_awards(&lot_of("43"), &[]);
    assert_awards(&lot_of("42.85"), &[("L", "S", 1)]);
    // 0.3·(100 + A) = A exactly at 300/7; the eighteenth digit decides.
    assert_awards(&lot_of("42.8571428571428571"), &[("L", "S", 1)]);
    assert_awards(&lot_of("42.8571428571428572"), &[]);
}
