//! The table of moves and the derivation of the state say the same; suggestions put first what pays most.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{
    Grounds, Move, Plan, Progress, Stage, State, Visit,
    content::{Action, Content, Objective},
    suggestion::{Making, suggest},
};
use crate::{
    diagnostics::{Answer, Counted, Provenance, Standing, score::Scale},
    foundation::{
        access::Role,
        clock::{Day, Timestamp},
        i18n::Locale,
        ids::{
            DiagnosticId, GapActId, OrganisationId, PlanActionId, PlanEntryId, PlanId, ProgrammeId,
            RequirementId,
        },
        money::Money,
        share::Share,
    },
    gaps::{
        acts::{Act, Basis, Demanded},
        analysis::analyse,
        closing::Closing,
        signing::{Party, Side, Signature},
    },
    programmes::{Cofinancing, Thresholds},
    requirements::criteria::Criterion,
};

const NOW: Timestamp = Timestamp::from_micros(1_772_460_000_000_000);

fn level(question: &str, minimum: i64, criticality: i64) -> Criterion {
    let json = json!({ "question": question, "kind": "level", "minimum": minimum, "necessity": "must",
        "criticality": criticality });
    serde_json::from_value(json).unwrap()
}

fn closing(cost: i64, months: i64) -> Closing {
    let split = Cofinancing {
        programme: Share::percent(50),
        lead_firm: Share::percent(30),
        supplier: Share::percent(20),
    };
    let cost = Money::new(cost, "USD".parse().unwrap());
    Closing { description: "Capacitar".to_owned(), cost, months, split, technical_assistance: None }
}

fn action(id: u128, criterion: Criterion) -> Action {
    Action {
        id: PlanActionId(Uuid::from_u128(id)),
        criterion: Some(criterion),
        owner: Party::Supplier,
        closing: closing(1_000, 2),
        due_on: NOW.day(),
        evidence: None,
    }
}

fn plan() -> Plan {
    let mut plan = Plan {
        id: PlanId(Uuid::from_u128(1)),
        programme: ProgrammeId(Uuid::from_u128(2)),
        requirement: RequirementId(Uuid::from_u128(3)),
        lead_firm: OrganisationId(Uuid::from_u128(4)),
        supplier: OrganisationId(Uuid::from_u128(5)),
        stage: Stage::Draft,
        content: Content {
            edition: 1,
            grounds: Grounds { act: GapActId(Uuid::from_u128(6)), round: 1, hash: "0".repeat(64) },
            objectives: Vec::new(),
            actions: vec![action(10, level("control", 3, 3))],
        },
        sealed: json!(null),
        reason: None,
        progress: Vec::new(),
        visits: Vec::new(),
        signatures: Vec::new(),
        created_at: NOW,
        version: 1,
    };
    plan.seal();
    plan
}

/// A plan with an objective, under way, signed and visited.
pub(super) fn carried_out() -> Plan {
    let mut plan = plan();
    plan.content.objectives = vec![Objective {
        indicator: "Entregas a <tiempo>".to_owned(),
        unit: Some("%".to_owned()),
        baseline: "76".parse().unwrap(),
        target: "95.5".parse().unwrap(),
        due_on: NOW.day(),
    }];
    for step in [Move::Change, Move::SupplierSigns, Move::LeadFirmSigns, Move::Start, Move::Progress] {
        plan.make(step);
    }
    plan.visits.push(Visit {
        id: PlanEntryId(Uuid::from_u128(9)),
        visited_on: NOW.day(),
        findings: "Se usa a diario".to_owned(),
        next_on: Some(NOW.day()),
        recorded_by: Party::Institution,
        recorded_at: NOW,
    });
    plan.reason = Some("Cambió de rubro".to_owned());
    plan
}

impl Plan {
    fn seal(&mut self) {
        self.sealed = serde_json::to_value(&self.content).unwrap();
    }

    fn sign_as(&mut self, side: Side) {
        let hash = self.hash().unwrap();
        let (organisation, role) = match side {
            Side::Supplier => (self.supplier, Role::SupplierMember),
            Side::LeadFirm => (self.lead_firm, Role::LeadFirmMember),
        };
        self.signatures.push(Signature {
            side,
            organisation,
            name: "Ana".to_owned(),
            role,
            signed_at: NOW,
            hash,
        });
    }

    /// What the store does for a move that the table allows.
    fn make(&mut self, step: Move) {
        match step {
            Move::Change => {
                self.stage = Stage::Draft;
                self.content.edition += 1;
                self.seal();
            }
            Move::Propose => self.stage = Stage::Proposed,
            Move::SupplierSigns => self.sign_as(Side::Supplier),
            Move::LeadFirmSigns => self.sign_as(Side::LeadFirm),
            Move::Start => self.stage = Stage::UnderWay,
            Move::Complete => self.stage = Stage::Completed,
            Move::Abandon => self.stage = Stage::Abandoned,
            Move::Progress => self.progress.push(Progress {
                id: PlanEntryId(Uuid::from_u128(self.progress.len() as u128)),
                action: self.content.actions[0].id,
                percent: 50,
                as_of: NOW.day(),
                note: "avanza".to_owned(),
                evidence: None,
                recorded_by: Party::Supplier,
                recorded_at: NOW,
            }),
            Move::Visit | Move::Lapse => {}
        }
    }
}

proptest! {
    /// Any moves in any order, and the lead firm amends the criterion or takes that back in between: the state is the
    /// table's, what the table refuses changes nothing, and signatures and progress only grow.
    #[test]
    fn table_and_derivation_agree_and_nothing_is_lost(
        tries in proptest::collection::vec((0..Move::ALL.len() + 1, any::<bool>()), 0..60),
    ) {
        let mut plan = plan();
        let mut demanded = vec![level("control", 3, 3)];
        for (which, back) in tries {
            let before = plan.state(&demanded).unwrap();
            let Some(step) = Move::ALL.get(which).copied().filter(|step| *step != Move::Lapse) else {
                demanded = vec![level("control", if back { 3 } else { 4 }, 3)];
                let after = plan.state(&demanded).unwrap();
                if after == State::Void {
                    prop_assert_eq!(Move::Lapse.from(before), Some(State::Void));
                }
                continue;
            };
            let Some(expected) = step.from(before) else { continue };
            let (signed, logged) = (plan.signatures.clone(), plan.progress.clone());
            plan.make(step);
            // A plan that is written while its criterion is amended shows that once it is proposed; the store refuses
            // to propose it.
            let amended = !plan.amended(&demanded).is_empty();
            if amended && step == Move::Propose {
                plan.stage = Stage::Draft;
                continue;
            }
            prop_assert_eq!(plan.state(&demanded).unwrap(), expected, "{:?} in {}", step, before);
            prop_assert!(plan.signatures.starts_with(&signed) && plan.progress.starts_with(&logged));
            if matches!(expected, State::Agreed | State::UnderWay | State::Completed) {
                let hash = plan.hash().unwrap();
                for side in [Side::Supplier, Side::LeadFirm] {
                    prop_assert!(plan.signatures.iter().any(|s| s.side == side && s.hash == hash), "{}", expected);
                }
            }
        }
    }
}

#[test]
fn no_step_is_skipped() {
    let into = |target: State| -> Vec<State> {
        let all = State::ALL.iter().flat_map(|state| Move::ALL.iter().map(move |step| (*step, *state)));
        let found = all.filter(|(step, state)| step.from(*state) == Some(target) && *state != target);
        found.map(|(_, state)| state).collect()
    };
    assert_eq!(into(State::Proposed), [State::Draft]);
    assert_eq!(into(State::Agreed), [State::SignedBySupplier, State::SignedByLeadFirm]);
    assert_eq!(into(State::UnderWay), [State::Agreed]);
    assert_eq!(into(State::Completed), [State::UnderWay]);
    for over in [State::Completed, State::Abandoned] {
        assert!(Move::ALL.iter().all(|step| step.from(over).is_none()), "{over} is left");
    }
}

/// An act in which three levels are missed, by different priorities, and one is not answered.
fn act() -> Act {
    let criteria =
        [level("small", 4, 1), level("large", 4, 5), level("unknown", 2, 4), level("middle", 4, 3)];
    let counted = |level| Counted {
        answer: Answer::Level(level),
        scale: Scale::Steps(Vec::new()),
        issuer: None,
        provenance: Provenance::SelfDeclared,
    };
    let counted = ["small", "large", "middle"].map(|question| (question.to_owned(), counted(2)));
    let diagnostic = DiagnosticId(Uuid::nil());
    let standing = Standing::Valid { diagnostic, counted: counted.into_iter().collect(), knocked_out: false };
    let thresholds = Thresholds { green: Share::percent(80), yellow: Share::percent(50) };
    let demanded = Demanded { title: "Bujes".to_owned(), description: String::new(), lots: Vec::new() };
    let basis = Basis { demanded, analysis: analyse(&criteria, &standing, &thresholds, NOW.day()) };
    let actions = serde_json::from_value(json!([{ "line": 3, "description": "Comprar calibres",
        "cost": { "amount": "500.00", "currency": "USD" }, "months": 1, "technical_assistance": null,
        "split": { "programme": "1", "lead_firm": "0", "supplier": "0" } }]));
    Act {
        id: GapActId(Uuid::from_u128(1)),
        programme: ProgrammeId(Uuid::from_u128(2)),
        requirement: RequirementId(Uuid::from_u128(3)),
        lead_firm: OrganisationId(Uuid::from_u128(4)),
        supplier: OrganisationId(Uuid::from_u128(5)),
        round: 1,
        edition: 1,
        sealed_basis: json!(null),
        basis,
        actions: actions.unwrap(),
        sealed_actions: json!(null),
        disputes: Vec::new(),
        signatures: Vec::new(),
        opened_at: NOW,
        renewed_at: NOW,
        version: 1,
    }
}

fn order(worths: &[(&str, i64)]) -> Vec<String> {
    let currency = "USD".parse().unwrap();
    let worths = worths.iter().map(|(q, minor)| ((*q).to_owned(), Money::new(*minor, currency)));
    let worths: BTreeMap<_, _> = worths.collect();
    let last: Day = "2027-12-31".parse().unwrap();
    let making =
        Making { worths: &worths, currency, usual: None, last, today: NOW.day(), locale: Locale::Es };
    suggest(&act(), &making).actions.into_iter().map(|action| action.criterion.question).collect()
}

#[test]
fn the_most_pressing_gap_comes_first_unless_the_solver_knows_better() {
    assert_eq!(order(&[]), ["large", "middle", "small", "unknown"]);
    assert_eq!(order(&[("small", 700), ("middle", 900)]), ["middle", "small", "large", "unknown"]);
    assert_eq!(
        order(&[("unknown", 999)]),
        ["large", "middle", "small", "unknown"],
        "it is to be shown first"
    );
}

#[test]
fn a_suggestion_takes_costs_from_the_act_and_says_where_there_are_none() {
    let currency = "USD".parse().unwrap();
    let (worths, last) = (BTreeMap::new(), "2026-04-15".parse().unwrap());
    let making =
        Making { worths: &worths, currency, usual: None, last, today: NOW.day(), locale: Locale::En };
    let suggestion = suggest(&act(), &making);
    let middle = &suggestion.actions[1];
    assert_eq!((middle.is_costed, middle.closing.cost.to_string().as_str()), (true, "500.00 USD"));
    assert_eq!(middle.due_on.to_string(), "2026-04-01");
    let large = &suggestion.actions[0];
    assert_eq!((large.is_costed, large.closing.description.as_str()), (false, "Close the gap in \"large\""));
    assert_eq!(large.due_on, last, "not after the programme");
    let objectives = suggestion.objectives.iter();
    let objectives: Vec<_> =
        objectives.map(|o| format!("{} {}-{}", o.indicator, o.baseline, o.target)).collect();
    assert_eq!(objectives, ["large 2-4", "middle 2-4", "small 2-4"]);
}
