//! The table of moves and the derivation of the state say the same, and no signature is ever lost.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{Act, Basis, Demanded, Dispute, Move, Outcome, Said, State, difference::*};
use crate::{
    diagnostics::{Answer, Counted, Provenance, Standing, score::Scale},
    foundation::{
        access::Role,
        clock::Timestamp,
        ids::{GapActId, GapDisputeId, OrganisationId, ProgrammeId, RequirementId},
        share::Share,
    },
    gaps::{
        Light,
        analysis::analyse,
        signing::{Party, Side, Signature},
    },
    programmes::Thresholds,
    requirements::criteria::Criterion,
};

const NOW: Timestamp = Timestamp::from_micros(1_772_460_000_000_000);

fn thresholds(green: u8) -> Thresholds {
    Thresholds { green: Share::percent(green), yellow: Share::percent(50) }
}

/// A level of at least `minimum` and a certificate are demanded; the supplier has `level`.
fn basis(minimum: i64, level: u8, green: u8) -> Basis {
    let criteria: Vec<Criterion> = [
        json!({ "question": "control", "kind": "level", "minimum": minimum, "necessity": "must", "criticality": 3 }),
        json!({ "question": "iso", "kind": "certificate", "necessity": "should", "weight": 20, "criticality": 1 }),
    ]
    .map(|json| serde_json::from_value(json).unwrap())
    .to_vec();
    let counted = |answer| Counted {
        answer,
        scale: Scale::Steps(Vec::new()),
        issuer: None,
        provenance: Provenance::SelfDeclared,
    };
    let counted = [
        ("control", Answer::Level(level)),
        ("iso", Answer::Certificate(Some("2026-06-30".parse().unwrap()))),
    ]
    .map(|(question, answer)| (question.to_owned(), counted(answer)));
    let diagnostic = crate::foundation::ids::DiagnosticId(Uuid::nil());
    let standing = Standing::Valid { diagnostic, counted: counted.into_iter().collect(), knocked_out: false };
    let demanded = Demanded { title: "Bujes".to_owned(), description: String::new(), lots: Vec::new() };
    Basis { demanded, analysis: analyse(&criteria, &standing, &thresholds(green), NOW.day()) }
}

fn act(basis: &Basis) -> Act {
    Act {
        id: GapActId(Uuid::from_u128(1)),
        programme: ProgrammeId(Uuid::from_u128(2)),
        requirement: RequirementId(Uuid::from_u128(3)),
        lead_firm: OrganisationId(Uuid::from_u128(4)),
        supplier: OrganisationId(Uuid::from_u128(5)),
        round: 1,
        edition: 1,
        basis: basis.clone(),
        sealed_basis: serde_json::to_value(basis).unwrap(),
        actions: Vec::new(),
        sealed_actions: json!([]),
        disputes: Vec::new(),
        signatures: Vec::new(),
        opened_at: NOW,
        renewed_at: NOW,
        version: 1,
    }
}

fn said(by: Party) -> Said {
    Said { by, text: "porque sí".to_owned(), at: NOW }
}

impl Act {
    fn sign_as(&mut self, side: Side) {
        let (organisation, role) = match side {
            Side::Supplier => (self.supplier, Role::SupplierMember),
            Side::LeadFirm => (self.lead_firm, Role::LeadFirmMember),
        };
        let hash = self.hash().unwrap();
        self.signatures.push(Signature {
            side,
            organisation,
            name: "Ana".to_owned(),
            role,
            signed_at: NOW,
            hash,
        });
    }

    fn raise(&mut self, raised_by: Side) {
        self.disputes.push(Dispute {
            id: GapDisputeId(Uuid::from_u128(self.disputes.len() as u128)),
            round: self.round,
            line: 0,
            question: "control".to_owned(),
            raised_by,
            reason: "no es así".to_owned(),
            raised_at: NOW,
            answer: None,
            settlement: None,
        });
    }

    fn settle_first(&mut self) {
        let round = self.round;
        let open = self.disputes.iter_mut().find(|d| d.round == round && d.settlement.is_none());
        open.unwrap().settlement = Some((Outcome::Dismissed, said(Party::Institution)));
    }

    fn renew(&mut self, today: &Basis) {
        self.round += 1;
        self.edition += 1;
        self.actions = self.actions_under(today);
        self.basis = today.clone();
        self.sealed_basis = serde_json::to_value(today).unwrap();
    }
}

/// What somebody tries; whether it is legal is for the table to say.
#[derive(Clone, Copy, Debug)]
enum Try {
    Change(u8),
    Dispute(bool),
    Settle,
    Sign(bool),
    /// The supplier's level and the demanded one become these: the world moves, or moves back.
    World(u8, u8),
    Renew,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        (0..3_u8).prop_map(Try::Change),
        any::<bool>().prop_map(Try::Dispute),
        Just(Try::Settle),
        any::<bool>().prop_map(Try::Sign),
        any::<bool>().prop_map(Try::Sign),
        (1..=2_u8, 1..=3_u8).prop_map(|(level, minimum)| Try::World(level, minimum)),
        Just(Try::Renew),
    ];
    proptest::collection::vec(one, 0..60)
}

fn side(supplier: bool) -> Side {
    if supplier { Side::Supplier } else { Side::LeadFirm }
}

proptest! {
    /// Legal and illegal moves in any order: after every legal one the derived state is the table's, an illegal
    /// one is refused by the table, no signature disappears, and nobody's agreement is taken for granted.
    #[test]
    fn table_and_derivation_agree_and_no_signature_is_lost(tries in tries()) {
        let mut today = basis(3, 2, 80);
        let mut act = act(&today);
        let mut editions = 1;
        for step in tries {
            let before = act.state(&today).unwrap();
            let given = act.signatures.clone();
            if let Try::World(level, minimum) = step {
                today = basis(minimum.into(), level, 80);
                let after = act.state(&today).unwrap();
                prop_assert_eq!(after == State::Void, act.basis != today);
                continue;
            }
            let step_of_table = match step {
                Try::Change(_) => Move::Change,
                Try::Dispute(_) => Move::Dispute,
                Try::Settle if act.open_disputes() == 1 => Move::SettleLast,
                Try::Settle => Move::SettleOne,
                Try::Sign(supplier) => Move::signing(side(supplier)),
                Try::World(..) | Try::Renew => Move::Renew,
            };
            let Some(expected) = step_of_table.from(before) else { continue };
            match step {
                Try::Change(cost) => { act.sealed_actions = json!([cost]); act.edition += 1; }
                Try::Dispute(supplier) => { act.raise(side(supplier)); act.edition += 1; }
                Try::Settle => { act.settle_first(); act.edition += 1; }
                Try::Sign(supplier) => act.sign_as(side(supplier)),
                Try::World(..) | Try::Renew => act.renew(&today),
            }
            prop_assert_eq!(act.state(&today).unwrap(), expected, "{:?} in {}", step, before);
            prop_assert!(act.edition >= editions);
            editions = act.edition;
            prop_assert!(act.signatures.starts_with(&given));
            if expected == State::Agreed {
                // Both signed the very same content, and that after the last change of it.
                let hash = act.hash().unwrap();
                let signed: Vec<_> = act.signatures.iter().filter(|s| s.hash == hash).map(|s| s.side).collect();
                prop_assert!(signed.contains(&Side::Supplier) && signed.contains(&Side::LeadFirm));
                prop_assert_eq!(act.open_disputes(), 0);
            }
        }
    }

    /// Whatever differs shows, with old and new values; what is the same has no difference.
    #[test]
    fn an_act_is_void_exactly_when_there_is_a_difference_to_show(
        level in 1..=4_u8, minimum in 1..=4_i64, green in 60..=90_u8,
    ) {
        let (then, today) = (basis(3, 2, 80), basis(minimum, level, green));
        let difference = Difference::between(&then, &today);
        prop_assert_eq!(act(&then).state(&today).unwrap() == State::Void, difference.is_some());
        if let Some(found) = difference {
            prop_assert!(!found.causes.is_empty());
            prop_assert_eq!(minimum != 3, found.causes.contains(&Cause::Requirement));
            prop_assert_eq!(level != 2, found.causes.contains(&Cause::Diagnostic));
            for change in found.lines {
                prop_assert_ne!(change.before, change.now);
            }
        }
    }
}

#[test]
fn no_state_is_skipped_and_agreed_is_left_only_by_what_lapses() {
    let into = |target: State| -> Vec<(Move, State)> {
        let all = State::ALL.iter().flat_map(|state| Move::ALL.iter().map(move |step| (*step, *state)));
        all.filter(|(step, state)| step.from(*state) == Some(target)).collect()
    };
    assert_eq!(
        into(State::Agreed),
        [(Move::LeadFirmSigns, State::SignedBySupplier), (Move::SupplierSigns, State::SignedByLeadFirm)]
    );
    let out: Vec<_> = Move::ALL.iter().filter_map(|step| step.from(State::Agreed)).collect();
    assert_eq!(out, [State::Void]);
    let out: Vec<_> = Move::ALL.iter().filter(|step| step.from(State::Disputed).is_some()).collect();
    assert!(!out.contains(&&Move::SupplierSigns) && !out.contains(&&Move::LeadFirmSigns));
}

#[test]
fn what_lapsed_and_came_back_is_agreed_again_but_a_change_taken_back_is_not() {
    let today = basis(3, 2, 80);
    let mut act = act(&today);
    act.sign_as(Side::Supplier);
    act.sign_as(Side::LeadFirm);
    assert_eq!(act.state(&basis(4, 2, 80)).unwrap(), State::Void);
    assert_eq!(act.state(&today).unwrap(), State::Agreed);
    act.edition += 2;
    assert_eq!(act.state(&today).unwrap(), State::Open);
}

#[test]
fn the_difference_names_its_cause() {
    let between = |now: &Basis| Difference::between(&basis(3, 2, 80), now).unwrap();
    let amended = between(&basis(4, 2, 80));
    assert_eq!(amended.causes, [Cause::Requirement]);
    assert_eq!((amended.lines.len(), amended.lines[0].question.as_str()), (1, "control"));
    let answered = between(&basis(3, 1, 80));
    assert_eq!(answered.causes, [Cause::Diagnostic]);
    // 100 of a must with 2 of 3 levels and 20 of the certificate: a fit of 0.722.
    let ruled = between(&basis(3, 2, 70));
    assert_eq!((ruled.causes.as_slice(), ruled.lines.len()), ([Cause::Rules].as_slice(), 0));
    let verdict = ruled.verdict.unwrap();
    assert_eq!((verdict.before.light, verdict.now.light), (Light::Yellow, Light::Yellow));
    assert!(verdict.before.reasons.len() > verdict.now.reasons.len());
    let mut later = basis(3, 2, 80);
    later.demanded.title = "Bujes y ejes".to_owned();
    assert_eq!(between(&later).demanded.unwrap().now.title, "Bujes y ejes");
}

#[test]
fn whoever_raised_it_takes_it_back_the_other_side_concedes_the_institution_decides() {
    let mut act = act(&basis(3, 2, 80));
    act.raise(Side::Supplier);
    let dispute = &act.disputes[0];
    let may = |by, outcome| dispute.check_settlement(by, outcome).is_ok();
    assert!(may(Party::Supplier, Outcome::Dismissed) && !may(Party::Supplier, Outcome::Upheld));
    assert!(may(Party::LeadFirm, Outcome::Upheld) && !may(Party::LeadFirm, Outcome::Dismissed));
    assert!(may(Party::Institution, Outcome::Upheld) && may(Party::Institution, Outcome::Dismissed));
    assert_eq!(dispute.check_answer(Party::Supplier).unwrap_err().code, "own-dispute");
    assert!(dispute.check_answer(Party::LeadFirm).is_ok());
}

#[test]
fn a_closing_action_stays_with_its_gap_in_another_round() {
    let closing = json!({ "line": 0, "description": "Capacitar", "cost": { "amount": "10", "currency": "USD" },
        "months": 2, "split": { "programme": "1", "lead_firm": "0", "supplier": "0" }, "technical_assistance": null });
    let mut act = act(&basis(3, 2, 80));
    act.actions = vec![serde_json::from_value(closing).unwrap()];
    assert_eq!(act.actions_under(&basis(4, 2, 80)), act.actions);
    assert_eq!(act.actions_under(&basis(2, 2, 80)), [], "there is no gap any more");
    // The criterion stands elsewhere now.
    let mut turned = basis(3, 2, 80);
    turned.analysis.lines.reverse();
    let kept: Vec<_> = act.actions_under(&turned).iter().map(|action| action.line).collect();
    assert_eq!(kept, [1]);
}
