use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Move, approvers_needed,
    dependency::{Rule, concentration_allows, digits, hhi, nine_places, percent},
};
use crate::{
    foundation::{
        ids::{AccountId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId},
        money::{Money, UnitPrice},
        share::Share,
    },
    matching::{
        Match, MatchState,
        position::{Exact, Position},
    },
    programmes::{DependencyBase, Rules},
};

const G: Uuid = Uuid::from_u128(1);
const H: Uuid = Uuid::from_u128(2);

fn number(whole: i64) -> Exact {
    Exact::from_integer(whole.into())
}

/// A supplier with R and E of the group G.
fn sells(annual: Option<i64>, to_g: i64) -> Position {
    Position {
        annual_sales: annual.map(number),
        existing: BTreeMap::from([(G, number(to_g))]),
        ..Position::default()
    }
}

impl Position {
    fn with(&self, group: Uuid, amount: i64) -> Self {
        let mut after = self.clone();
        *after.approved.entry(group).or_default() += number(amount);
        after
    }
}

/// 30 %, projected, no allowance, no worsening.
fn thirty() -> Rule {
    let cap = Some(Share::percent(30));
    Rule { cap, base: DependencyBase::Projected, allowance: number(0), no_worsening: true }
}

/// Whether a first award of the amount may be approved.
fn allows(rule: &Rule, before: &Position, group: Uuid, amount: i64) -> bool {
    rule.judge(before, &before.with(group, amount), group).allowed
}

#[test]
fn a_sole_buyer_gives_nothing_more() {
    let before = sells(Some(100), 100);
    assert!(!allows(&thirty(), &before, G, 1));
    // Others' business opens the way for 30 % of itself: 100 + A ≤ 0.3 (100 + 70 + A) + 70.
    let diluted = before.with(H, 70);
    assert!(allows(&thirty(), &diluted, G, 30));
    assert!(!allows(&thirty(), &diluted, G, 31));
}

#[test]
fn a_supplier_below_its_cap_fills_it_with_its_new_sales_in_the_denominator() {
    // 20 + A ≤ 0.3 (100 + A), so A ≤ 14.28…
    assert!(allows(&thirty(), &sells(Some(100), 20), G, 14));
    assert!(!allows(&thirty(), &sells(Some(100), 20), G, 15));
    let conservative = Rule { base: DependencyBase::Conservative, ..thirty() };
    assert!(allows(&conservative, &sells(Some(100), 20), G, 10));
    assert!(!allows(&conservative, &sells(Some(100), 20), G, 11));
}

#[test]
fn a_firm_without_sales_begins_within_the_allowance() {
    let none = sells(Some(0), 0);
    assert!(!allows(&thirty(), &none, G, 1));
    // A ≤ 0.3 A + 70, so A ≤ 100.
    let rule = Rule { allowance: number(70), ..thirty() };
    assert!(allows(&rule, &none, G, 100));
    assert!(!allows(&rule, &none, G, 101));
}

#[test]
fn undisclosed_sales_leave_only_the_allowance_and_existing_sales_use_it_up() {
    let rule = Rule { allowance: number(10), ..thirty() };
    assert!(allows(&rule, &sells(None, 4), G, 6));
    assert!(!allows(&rule, &sells(None, 4), G, 7));
    assert!(!allows(&rule, &sells(None, 12), G, 1));
    assert!(!allows(&rule, &sells(None, 4).with(H, 1_000), G, 7), "other business counts for nothing");
}

#[test]
fn without_no_worsening_a_supplier_above_the_cap_must_come_below_it() {
    let strict = Rule { no_worsening: false, ..thirty() };
    let above = sells(Some(100), 50);
    assert!(!allows(&strict, &above.with(H, 60), G, 1));
    assert!(allows(&strict, &above.with(H, 100), G, 10));
}

#[test]
fn a_waiver_takes_the_place_of_the_cap() {
    let waived = Rule { cap: Some(Share::percent(60)), ..thirty() };
    assert!(allows(&waived, &sells(Some(100), 50), G, 25));
    assert!(!allows(&waived, &sells(Some(100), 50), G, 26));
    assert!(allows(&Rule { cap: None, ..thirty() }, &sells(Some(100), 100), G, 1_000));
}

#[test]
fn a_rejected_match_that_pushes_another_over_the_cap_is_caught() {
    let before = sells(Some(100), 30);
    let both = before.with(H, 70).with(G, 30);
    assert!(thirty().judge(&before, &both, G).allowed, "60 ≤ 0.3 · 200");
    let alone = thirty().judge(&before, &before.with(G, 30), G);
    assert!(!alone.allowed, "60 > 0.3 · 130");
    let sides = alone.sides.unwrap();
    assert_eq!((digits(&sides.left), digits(&sides.right)), ("60".to_owned(), "39".to_owned()));
    assert_eq!(percent(&alone.share_after.unwrap()), "46.15");
}

#[test]
fn what_lapsed_stands_and_blocks_only_what_would_widen_it() {
    // 40 were approved under a waiver that has expired: 60 > 0.3 · 140 = 42.
    let lapsed = sells(Some(100), 20).with(G, 40);
    assert!(!allows(&thirty(), &lapsed, G, 1));
    let with_others = lapsed.with(H, 7);
    assert!(thirty().judge(&lapsed, &with_others.with(G, 3), G).allowed, "3 of 10 new");
    assert!(!thirty().judge(&lapsed, &with_others.with(G, 4), G).allowed, "4 of 11 new");
}

#[test]
fn numbers_are_printed_to_the_last_digit() {
    assert_eq!(digits(&Exact::new(1.into(), 8.into())), "0.125");
    assert_eq!(digits(&number(-1_000)), "-1000");
    assert_eq!(digits(&Exact::new(1.into(), 3.into())), "0.33333333333333333333");
    assert_eq!(percent(&Exact::new(1.into(), 8.into())), "12.50");
    assert_eq!(percent(&number(0)), "0.00");
}

#[test]
fn concentration_is_the_sum_of_squares_of_the_shares() {
    let (projected, conservative) = (DependencyBase::Projected, DependencyBase::Conservative);
    // (30/100)²; with 20 more for G and 80 for H: (50/200)² + (80/200)², or of the 100 of today alone.
    let today = sells(Some(100), 30);
    assert_eq!(hhi(&today, projected), Some(number(900)));
    let after = today.with(G, 20).with(H, 80);
    assert_eq!(hhi(&after, projected), Some(number(2_225)));
    assert_eq!(hhi(&after, conservative), Some(number(8_900)));
    assert_eq!(hhi(&sells(None, 30), projected), None);
    assert_eq!(hhi(&sells(Some(0), 0), projected), None);
}

#[test]
fn a_cap_on_concentration_holds_or_is_not_exceeded_further() {
    let rules = |cap: Option<i64>, no_worsening| Rules {
        hhi_cap: cap,
        no_worsening,
        dependency_base: DependencyBase::Projected,
        ..Rules::standard("CLP".parse().unwrap())
    };
    let today = sells(Some(100), 30);
    let after = today.with(G, 20).with(H, 80);
    assert!(concentration_allows(&rules(Some(2_225), true), &today, &after));
    assert!(!concentration_allows(&rules(Some(2_224), true), &today, &after));
    assert!(concentration_allows(&rules(None, true), &today, &after));
    assert!(concentration_allows(&rules(Some(1), true), &today, &sells(None, 30)));
    // Above the cap it may stay as it is, where it need not come under it, and no more.
    assert!(concentration_allows(&rules(Some(800), true), &today, &today));
    assert!(concentration_allows(&rules(Some(800), true), &today, &sells(Some(100), 29)));
    assert!(!concentration_allows(&rules(Some(800), true), &today, &sells(Some(100), 31)));
    assert!(!concentration_allows(&rules(Some(800), false), &today, &today));
}

#[test]
fn a_share_has_nine_places_rounded_half_up() {
    assert_eq!(nine_places(&Exact::new(2.into(), 3.into())), "0.666666667");
    assert_eq!(nine_places(&Exact::new(1.into(), 2_000_000_000.into())), "0.000000001");
    assert_eq!(nine_places(&Exact::new(1.into(), 2_000_000_001.into())), "0");
    assert_eq!(nine_places(&Exact::new(1.into(), 4.into())), "0.25");
}

proptest! {
    /// Whatever is approved one after the other, the rule holds on the whole; and a run that starts from
    /// what is approved already never proposes what an approval refuses.
    #[test]
    fn approvals_one_by_one_keep_the_rule(
        sales in prop::option::of(0_i64..200), to_g in 0_i64..100, to_h in 0_i64..100,
        allowance in 0_i64..30, no_worsening: bool, projected: bool,
        awards in prop::collection::vec((any::<bool>(), 1_i64..60), 1..12),
    ) {
        let base = if projected { DependencyBase::Projected } else { DependencyBase::Conservative };
        let rule = Rule { base, allowance: number(allowance), no_worsening, ..thirty() };
        let mut now = sells(sales.map(|sales| sales.max(to_g + to_h)), to_g);
        now.existing.insert(H, number(to_h));
        let holds = |position: &Position, group| {
            rule.sides(position, group).is_none_or(|sides| sides.left <= sides.right)
        };
        let sound = holds(&now, G) && holds(&now, H);
        for (of_g, amount) in awards {
            let group = if of_g { G } else { H };
            let after = now.with(group, amount);
            let allowed = rule.judge(&now, &after, group).allowed;
            let proposed = holds(&now.committed(base).with(group, amount), group);
            prop_assert!(allowed || !proposed, "{now:?} {amount}");
            if allowed {
                prop_assert!(holds(&after, group));
                now = after;
            }
        }
        prop_assert!(!sound || (holds(&now, G) && holds(&now, H)));
    }

    /// However people move: nothing is approved that both firms have not accepted, and what has been
    /// decided stays decided, but for a rejection that an objection undoes.
    #[test]
    fn no_sequence_of_moves_skips_a_side(moves in prop::collection::vec(0_usize..Move::ALL.len(), 0..12)) {
        let mut state = MatchState::Proposed;
        let (mut supplier, mut lead_firm) = (false, false);
        for at in moves {
            let step = Move::ALL[at];
            let Some(next) = step.from(state) else { continue };
            let final_before = matches!(state, MatchState::Approved | MatchState::Rejected | MatchState::Declined);
            // Only an objection to a rejection begins anew, and then both firms do.
            let reopens = step == Move::Reopen && state == MatchState::Rejected;
            prop_assert!(!final_before || reopens, "{step} from {state}");
            if reopens {
                (supplier, lead_firm) = (false, false);
            }
            supplier |= step == Move::SupplierAccepts;
            lead_firm |= step == Move::LeadFirmAccepts;
            state = next;
            let both = matches!(state, MatchState::Accepted | MatchState::Approved);
            prop_assert!(!both || (supplier && lead_firm));
            prop_assert_eq!(state == MatchState::AcceptedBySupplier, supplier && !lead_firm
                && !matches!(state, MatchState::Declined | MatchState::Rejected));
        }
    }
}

#[test]
fn the_access_table_names_the_states_of_the_moves() {
    let states = |moves: &[Move]| -> Vec<&str> {
        let legal =
            MatchState::ALL.iter().filter(|state| moves.iter().any(|step| step.from(**state).is_some()));
        legal.map(|state| state.word()).collect()
    };
    let row = |operation: &str| super::ACCESS.iter().find(|row| row.operation == operation).unwrap().states;
    assert_eq!(row("matches.accept"), states(&[Move::SupplierAccepts, Move::LeadFirmAccepts]));
    assert_eq!(row("matches.decline"), states(&[Move::Decline]));
    assert_eq!(row("matches.approve"), states(&[Move::ApproveFirst, Move::Approve]));
    assert_eq!(row("matches.reject"), states(&[Move::Reject]));
    assert_eq!(row("approvals.create"), states(&[Move::Approve]));
}

#[test]
fn two_approve_what_is_above_the_threshold_with_the_other_parts_of_its_consortium() {
    let usd = |minor| Money::new(minor, "USD".parse().unwrap());
    let part = |id: u128, minor: i64, consortium: Option<Uuid>| Match {
        id: MatchId(Uuid::from_u128(id)),
        run: RunId(Uuid::nil()),
        programme: ProgrammeId(Uuid::nil()),
        requirement: RequirementId(Uuid::nil()),
        lot: LotId(Uuid::nil()),
        lead_firm: OrganisationId(G),
        supplier: OrganisationId(H),
        consortium,
        quantity: 1,
        unit_price: UnitPrice(1_000_000),
        years: 1,
        amount: usd(minor),
        annual_amount: usd(minor),
        state: MatchState::Accepted,
        proposed_by: AccountId(Uuid::nil()),
        decided_by: None,
        decided_at: None,
        reason: None,
        superseded_by: None,
        version: 1,
    };
    let rules = Rules { dual_approval_above: Some(usd(1_000)), ..Rules::standard("USD".parse().unwrap()) };
    let needed = |minor, others: &[Match]| approvers_needed(&rules, &part(1, minor, Some(G)), others);
    assert_eq!((needed(1_000, &[]), needed(1_001, &[])), (1, 2));
    let others = [part(1, 999, Some(G)), part(2, 1, Some(G)), part(3, 999, Some(H)), part(4, 999, None)];
    assert_eq!((needed(999, &others), needed(1_000, &others)), (1, 2));
}
