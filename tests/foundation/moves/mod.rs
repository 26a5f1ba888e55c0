//! Machines whose moves are a table: the table says the same as the access table, skips nothing, and is what the service
//! does: whatever people try, in whatever order, a legal move leads where it says and an illegal one changes nothing.

mod walks;

use std::collections::BTreeMap;

use eslabon::{
    diagnostics,
    foundation::moves::Step,
    matching, monitoring, objections,
    organisations::{control, interests, joining, mandates},
    programmes::{
        self,
        calls::proposals::{CommitmentMove, ProposalMove},
    },
    requirements,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// A machine: its moves, where it begins, and the path to each state that nobody may skip.
struct Machine {
    name: &'static str,
    table: &'static [Step],
    begins: &'static str,
    /// What must have been made before a state is reached, in order.
    ways: &'static [(&'static str, &'static [&'static str])],
    /// States that nothing leads out of.
    over: &'static [&'static str],
}

const MACHINES: &[Machine] = &[
    Machine {
        name: "programme",
        table: programmes::Move::TABLE,
        begins: "draft",
        ways: &[("open", &["Open"]), ("closed", &["Open", "Close"])],
        over: &["closed"],
    },
    Machine {
        name: "requirement",
        table: requirements::Move::TABLE,
        begins: "draft",
        ways: &[
            ("published", &["Publish"]),
            ("closed", &["Publish", "Close"]),
            ("awarded", &["Publish", "Close", "Award"]),
        ],
        over: &["awarded"],
    },
    Machine {
        name: "interest",
        table: interests::InterestMove::TABLE,
        begins: "to_come",
        ways: &[("in_force", &["Begin"])],
        over: &["over"],
    },
    Machine {
        name: "mandate",
        table: mandates::MandateMove::TABLE,
        begins: "in_force",
        ways: &[],
        over: &["expired", "revoked"],
    },
    Machine {
        name: "meeting",
        table: programmes::meetings::MeetingMove::TABLE,
        begins: "planned",
        ways: &[("held", &["Write"]), ("confirmed", &["Write", "ConfirmLast"]), ("cancelled", &["Cancel"])],
        over: &["confirmed", "cancelled"],
    },
    Machine {
        name: "objection",
        table: objections::Move::TABLE,
        begins: "filed",
        ways: &[("upheld", &["Review", "Uphold"]), ("dismissed", &["Review", "Dismiss"])],
        over: &["upheld", "dismissed", "withdrawn"],
    },
    Machine {
        name: "question",
        table: requirements::questions::QuestionMove::TABLE,
        begins: "open",
        ways: &[("answered", &["Answer"]), ("hidden", &["Hide"])],
        over: &["hidden"],
    },
    Machine {
        name: "diagnostic",
        table: diagnostics::Move::TABLE,
        begins: "draft",
        ways: &[("submitted", &["Submit"])],
        over: &["submitted"],
    },
    Machine {
        name: "run",
        table: matching::Move::TABLE,
        begins: "queued",
        ways: &[("running", &["Start"]), ("finished", &["Start", "Finish"]), ("failed", &["Fail"])],
        over: &["finished", "failed", "cancelled"],
    },
    Machine {
        name: "declaration",
        table: control::DeclarationMove::TABLE,
        begins: "declared",
        ways: &[("confirmed", &["Confirm"]), ("rejected", &["Reject"]), ("withdrawn", &["Withdraw"])],
        over: &["confirmed", "rejected", "withdrawn"],
    },
    Machine {
        name: "invitation",
        table: joining::InvitationMove::TABLE,
        begins: "pending",
        ways: &[("accepted", &["Accept"])],
        over: &["accepted", "revoked"],
    },
    Machine {
        name: "membership request",
        table: joining::RequestMove::TABLE,
        begins: "pending",
        ways: &[("granted", &["Grant"]), ("dismissed", &["Dismiss"])],
        over: &[],
    },
    Machine {
        name: "appointment",
        table: programmes::governance::AppointmentMove::TABLE,
        begins: "offered",
        ways: &[("held", &["Accept"]), ("declined", &["Decline"])],
        over: &["declined", "ended"],
    },
    Machine {
        name: "call",
        table: programmes::calls::Move::TABLE,
        begins: "draft",
        ways: &[
            ("closed", &["Open", "Close"]),
            ("evaluated", &["Open", "Close", "FinishEvaluation"]),
            ("decided", &["Open", "Close", "FinishEvaluation", "Conclude"]),
        ],
        over: &["cancelled"],
    },
    Machine {
        name: "proposal",
        table: ProposalMove::TABLE,
        begins: "draft",
        ways: &[("awarded", &["Submit", "Award"]), ("rejected", &["Submit", "Reject"])],
        over: &["withdrawn", "awarded"],
    },
    Machine {
        name: "commitment",
        table: CommitmentMove::TABLE,
        begins: "asked",
        ways: &[("confirmed", &["Confirm"])],
        over: &[],
    },
    Machine {
        name: "project",
        table: programmes::projects::Move::TABLE,
        begins: "active",
        ways: &[("closed", &["Close"]), ("terminated", &["Terminate"])],
        over: &["closed", "terminated"],
    },
    Machine {
        name: "milestone",
        table: programmes::projects::MilestoneMove::TABLE,
        begins: "pending",
        ways: &[("accepted", &["Report", "Accept"]), ("disbursed", &["Report", "Accept", "Disburse"])],
        over: &["disbursed"],
    },
    Machine {
        name: "expense",
        table: programmes::projects::ExpenseMove::TABLE,
        begins: "stated",
        ways: &[("accepted", &["Accept"]), ("refused", &["Refuse"])],
        over: &["accepted", "refused"],
    },
    Machine {
        name: "measurement round",
        table: monitoring::rounds::RoundMove::TABLE,
        begins: "open",
        ways: &[("closed", &["Close"])],
        over: &["closed"],
    },
    Machine {
        name: "practice",
        table: monitoring::practices::Move::TABLE,
        begins: "draft",
        ways: &[
            ("in_review", &["Submit"]),
            ("published", &["Submit", "Publish"]),
            ("retired", &["Submit", "Publish", "Retire"]),
        ],
        over: &["retired"],
    },
    Machine {
        name: "measurement",
        table: monitoring::rounds::Move::TABLE,
        begins: "asked",
        ways: &[("answered", &["Answer"]), ("unknown", &["SayUnknown"])],
        over: &[],
    },
];

fn machine(name: &str) -> &'static Machine {
    MACHINES.iter().find(|machine| machine.name == name).unwrap()
}

impl Machine {
    /// Where the move leads from the state, when it is legal.
    fn next(&self, step: &str, state: &str) -> Option<&'static str> {
        let line = self.table.iter().find(|line| line.name == step).unwrap();
        line.leads.iter().find(|(from, _)| *from == state).map(|(_, to)| *to)
    }

    fn moves(&self) -> Vec<&'static str> {
        self.table.iter().map(|line| line.name).collect()
    }
}

#[test]
fn an_operation_is_possible_in_the_states_from_which_its_moves_lead() {
    for machine in MACHINES {
        let mut by_operation = BTreeMap::<&str, (Vec<&str>, &[&str])>::new();
        for line in machine.table {
            let Some(row) = line.row else { continue };
            let (states, of_row) = by_operation.entry(row.operation).or_default();
            states.extend(line.leads.iter().map(|(from, _)| *from));
            *of_row = row.states;
        }
        for (operation, (mut states, of_row)) in by_operation {
            let mut of_row = of_row.to_vec();
            states.sort_unstable();
            states.dedup();
            of_row.sort_unstable();
            // An operation that begins something else (another invitation, another request) asks for no state.
            assert!(
                of_row.is_empty() || states == of_row,
                "{} {operation}: {states:?}, {of_row:?}",
                machine.name
            );
        }
    }
}

proptest! {
    /// Whatever is tried in whatever order: no state is reached but on its way, and what is over stays over.
    #[test]
    fn no_sequence_of_moves_skips_a_step(
        which in 0..MACHINES.len(), tries in prop::collection::vec(0_usize..32, 0..60),
    ) {
        let machine = &MACHINES[which];
        let moves = machine.moves();
        let (mut state, mut made) = (machine.begins, Vec::new());
        for at in tries {
            let step = moves[at % moves.len()];
            let Some(next) = machine.next(step, state) else { continue };
            prop_assert!(!machine.over.contains(&state) || next == state, "{} left {state} by {step}", machine.name);
            if next != state { made.push(step); }
            state = next;
            if let Some((_, way)) = machine.ways.iter().find(|(reached, _)| *reached == state) {
                let mut steps = made.iter();
                let is_whole = way.iter().all(|wanted| steps.any(|step| step == wanted));
                prop_assert!(is_whole, "{} {state} after {made:?}", machine.name);
            }
        }
    }
}

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// What a machine looks like from outside: its state, and everything else that one may read of it.
type Look = (String, Value);

/// Makes random moves through the API: a legal one leads where the table says, an illegal one is refused with a
/// reason and changes nothing.
async fn drive(
    machine: &Machine,
    steps: &[&'static str],
    seed: u64,
    look: impl AsyncFn() -> Look,
    make: impl AsyncFn(&'static str) -> Answer,
) -> (usize, usize) {
    let (mut dice, mut legal, mut illegal) = (Dice(seed), 0, 0);
    for _ in 0..12 {
        let step = steps[dice.roll(steps.len())];
        let (state, before) = look().await;
        let expected = machine.next(step, &state);
        let answer = make(step).await;
        let (reached, after) = look().await;
        let place = format!("{} {state}: {step}", machine.name);
        if let Some(expected) = expected {
            assert!(answer.status.is_success(), "{place}: {:#}", answer.body);
            assert_eq!(reached, expected, "{place}");
            legal += 1;
        } else {
            assert_eq!(answer.status.as_u16(), 409, "{place}: {:#}", answer.body);
            assert!(
                answer.code().len() > 3 && answer.text("detail").len() > 20,
                "{place}: {:#}",
                answer.body
            );
            assert_eq!((reached, after), (state, before), "{place}");
            illegal += 1;
        }
    }
    (legal, illegal)
}

/// What stands at a path, with the version in it.
async fn seen(client: &Client, path: &str) -> Look {
    let answer = client.get(path).await.expect(200);
    let etag = answer.headers.get("etag").map(|etag| etag.to_str().unwrap().to_owned());
    (answer.text("state"), json!([answer.body, etag]))
}

/// What stands in a list under an id.
async fn listed(client: &Client, path: &str, id: &str) -> Look {
    let answer = client.get(path).await.expect(200);
    let found =
        answer.body["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    (found["state"].as_str().unwrap().to_owned(), found)
}

/// `POST` with the version that is there now.
async fn now(client: &Client, path: &str, step: &str, body: Value) -> Answer {
    let etag = client.get(path).await.expect(200).etag();
    client.post_if(&format!("{path}/{step}"), &etag, body).await
}

/// Both kinds of moves must have had their turn.
fn tried((legal, illegal): (usize, usize), found: (usize, usize)) -> (usize, usize) {
    (legal + found.0, illegal + found.1)
}
