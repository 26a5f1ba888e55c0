//! Gap acts (*actas de brechas*): a gap analysis that supplier and lead firm agree on.
//!
//! An act is opened for a requirement and a supplier and holds, as its *basis*, what was demanded and how the
//! supplier stood to it. Either side may *dispute* a line with a reason; the other answers, and the dispute is
//! settled: *dismissed* (the line stands) or *upheld* (it does not: the requirement or the diagnostic is to be
//! put right, which is done there). Any gap may carry a *closing action*. When no dispute is open both sides
//! sign, in either order, and the act is agreed.
//!
//! **Nothing of that is a stored state.** [`Act::state`] derives it, from the disputes and from the signatures
//! that carry the hash of what the act says now: its basis, its closing actions, the disputes of its round. So
//! whatever changes the act voids the signatures under it, and none is ever deleted. [`Move`] is the table of
//! legal moves; a test walks it and shows that table and derivation agree.
//!
//! **Void.** When the basis is no longer what the requirement, the diagnostic and the rules say today, the act
//! is void, whoever has signed: reading it shows [the difference](difference), and renewing it begins another
//! round with today's basis. An amendment that is taken back makes the act what it was, signatures included. A
//! new diagnostic that says the same about every criterion changes nothing: there would be no difference to show.
//! Prices, shares and the closing time are no part of the basis: they are the offers' matter.
//!
//! The lead firm sees acts of suppliers that consent to it. When the consent is taken back it sees them no
//! more; what both have signed stays signed.

pub mod difference;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Analysis, Line,
    closing::{Closing, NewClosing},
    signing::{Party, Side, Signature, holds},
};
use crate::{
    access,
    foundation::{
        access::{ANYONE, FIRM_WRITERS, Role, WRITERS},
        canonical,
        clock::{Day, Timestamp},
        fields::{Fields, Input, JUSTIFICATION},
        ids::{GapActId, GapDisputeId, OrganisationId, ProgrammeId, RequirementId},
        problem::Problem,
    },
    requirements::Requirement,
    words,
};

/// Both firms and the institution's officers.
pub const PARTIES: &[Role] = WRITERS;

access! {
    /// Open the gap act of a supplier for a requirement, from its gap analysis.
    Open = "gap_acts.open", PARTIES, &["published", "closed"];
    /// List the gap acts of a requirement that one may see.
    List = "gap_acts.list", ANYONE, &[];
    /// Look at a gap act: what it says, who disputed, who signed, and what has changed since.
    Read = "gap_acts.read", ANYONE, &[];
    /// Say how the gaps of an act would be closed.
    PlanClosing = "gap_acts.put_actions", PARTIES,
        &["open", "disputed", "signed_by_supplier", "signed_by_lead_firm"];
    /// Dispute a line of a gap act.
    Raise = "gap_acts.dispute", FIRM_WRITERS, &["open", "disputed", "signed_by_supplier", "signed_by_lead_firm"];
    /// Answer a dispute that the other side has raised.
    Answer = "gap_acts.answer", PARTIES, &["disputed"];
    /// Settle a dispute.
    Settle = "gap_acts.settle", PARTIES, &["disputed"], decides;
    /// Sign a gap act for one's firm.
    Sign = "gap_acts.sign", FIRM_WRITERS, &["open", "signed_by_supplier", "signed_by_lead_firm"];
    /// Begin another round of a gap act, with what requirement, diagnostic and rules say today.
    Renew = "gap_acts.renew", PARTIES, &["void"];
}

words! {
    /// How far a gap act is.
    #[schema(as = GapActState)]
    pub enum State {
        /// It can be disputed and signed.
        Open = "open",
        /// A dispute is open: nobody signs before it is settled.
        Disputed = "disputed",
        /// The lead firm's signature is missing.
        SignedBySupplier = "signed_by_supplier",
        /// The supplier's signature is missing.
        SignedByLeadFirm = "signed_by_lead_firm",
        /// Both have signed.
        Agreed = "agreed",
        /// Requirement, diagnostic or rules have changed since.
        Void = "void",
    }
}

/// What somebody does with a gap act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// A closing action is put, changed or taken away.
    Change,
    /// A line is disputed.
    Dispute,
    /// A dispute is settled while others are open.
    SettleOne,
    /// The last open dispute is settled.
    SettleLast,
    /// The supplier signs.
    SupplierSigns,
    /// The lead firm signs.
    LeadFirmSigns,
    /// Requirement, diagnostic or rules change: nobody moves the act, it is found so.
    Lapse,
    /// Another round begins.
    Renew,
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 8] = [
        Self::Change,
        Self::Dispute,
        Self::SettleOne,
        Self::SettleLast,
        Self::SupplierSigns,
        Self::LeadFirmSigns,
        Self::Lapse,
        Self::Renew,
    ];

    /// The state after the move, when it is legal. Whatever changes what the act says leaves no signature.
    pub const fn from(self, state: State) -> Option<State> {
        use State::{Agreed, Disputed, Open, SignedByLeadFirm, SignedBySupplier, Void};
        match (self, state) {
            (Self::Change, Open | SignedBySupplier | SignedByLeadFirm) | (Self::SettleLast, Disputed) => {
                Some(Open)
            }
            (Self::Change | Self::SettleOne, Disputed)
            | (Self::Dispute, Open | Disputed | SignedBySupplier | SignedByLeadFirm) => Some(Disputed),
            (Self::SupplierSigns, Open) => Some(SignedBySupplier),
            (Self::LeadFirmSigns, Open) => Some(SignedByLeadFirm),
            (Self::SupplierSigns, SignedByLeadFirm) | (Self::LeadFirmSigns, SignedBySupplier) => Some(Agreed),
            (Self::Lapse, _) => Some(Void),
            (Self::Renew, Void) => Some(Open),
            _ => None,
        }
    }

    /// The move by which a side signs.
    pub const fn signing(side: Side) -> Self {
        match side {
            Side::Supplier => Self::SupplierSigns,
            Side::LeadFirm => Self::LeadFirmSigns,
        }
    }
}

/// What is demanded, without prices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = GapActDemand)]
pub struct Demanded {
    /// What the requirement is called.
    #[schema(example = "Repuestos de chancado 2026")]
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Its lots, by name: their order says nothing.
    pub lots: Vec<DemandedLot>,
}

/// A lot, without its prices.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = GapActLot)]
pub struct DemandedLot {
    /// What is to be made.
    #[schema(example = "Bujes de bronce")]
    pub name: String,
    /// The process that makes it.
    #[schema(example = "torneado")]
    pub process: String,
    /// The unit in which it is counted.
    #[schema(example = "pieza")]
    pub unit: String,
    /// How many units.
    pub quantity: i64,
    /// Over how many years.
    pub years: i64,
    /// Delivered not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_from: Option<Day>,
    /// Delivered not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_to: Option<Day>,
    /// In how many months it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_in: Option<i64>,
}

impl From<&Requirement> for Demanded {
    fn from(requirement: &Requirement) -> Self {
        let lots = requirement.lots.iter().map(|lot| DemandedLot {
            name: lot.name.clone(),
            process: lot.process.clone(),
            unit: lot.unit.clone(),
            quantity: lot.quantity,
            years: lot.years,
            delivery_from: lot.delivery.from,
            delivery_to: lot.delivery.to,
            starts_in: lot.delivery.starts_in,
        });
        let mut lots: Vec<_> = lots.collect();
        lots.sort();
        Self { title: requirement.title.clone(), description: requirement.description.clone(), lots }
    }
}

/// On what an act rests: what was demanded, and how the supplier stood to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Basis {
    /// What is demanded.
    pub demanded: Demanded,
    /// How the supplier stands to it.
    pub analysis: Analysis,
}

impl Basis {
    /// Whether the line shows a gap, or what nobody can tell: what a closing action may stand beside.
    pub fn is_open(&self, line: usize) -> bool {
        self.analysis.lines.get(line).is_some_and(|line| line.outcome != super::Outcome::Met)
    }
}

/// How the gap of a line would be closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = GapActAction)]
pub struct LineAction {
    /// The place of the line, from 0.
    pub line: usize,
    /// What is to be done, for how much and by whom.
    #[serde(flatten)]
    pub closing: Closing,
}

words! {
    /// What becomes of a disputed line.
    #[schema(as = DisputeOutcome)]
    pub enum Outcome {
        /// The line is wrong: the requirement or the diagnostic is to be put right.
        Upheld = "upheld",
        /// The line stands.
        Dismissed = "dismissed",
    }
}

/// Something said in a dispute.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = DisputeAnswer)]
pub struct Said {
    /// Who said it.
    pub by: Party,
    /// What.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// A line on which the sides do not agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispute {
    /// Its id.
    pub id: GapDisputeId,
    /// The round of the act in which it was raised.
    pub round: i32,
    /// The place of the line, from 0.
    pub line: usize,
    /// The question of the line's criterion.
    pub question: String,
    /// Who raised it.
    pub raised_by: Side,
    /// Why.
    pub reason: String,
    /// When.
    pub raised_at: Timestamp,
    /// What was answered.
    pub answer: Option<Said>,
    /// What became of it, and why.
    pub settlement: Option<(Outcome, Said)>,
}

impl Dispute {
    /// Who may answer: the other side, and the institution as mediator; once.
    ///
    /// # Errors
    /// 409 that says which of these does not hold.
    pub fn check_answer(&self, by: Party) -> Result<(), Problem> {
        self.check_open()?;
        if self.answer.is_some() {
            return Err(Problem::conflict("dispute-already-answered"));
        }
        if by == Party::from(self.raised_by) {
            return Err(Problem::conflict("own-dispute"));
        }
        Ok(())
    }

    /// Who may settle: whoever raised it takes it back, the other side concedes, the institution decides
    /// either way. Nobody is bound by that: who is not content does not sign.
    ///
    /// # Errors
    /// 409 that says which of these does not hold.
    pub fn check_settlement(&self, by: Party, outcome: Outcome) -> Result<(), Problem> {
        self.check_open()?;
        let theirs = match outcome {
            Outcome::Dismissed => Party::from(self.raised_by),
            Outcome::Upheld => Party::from(self.raised_by.other()),
        };
        if by == theirs || by == Party::Institution {
            return Ok(());
        }
        Err(Problem::conflict("not-yours-to-settle"))
    }

    /// Whose turn it is: the other side's until it has answered, then of whoever raised it; the institution mediates
    /// all the while.
    pub fn waits_for(&self, party: Party) -> bool {
        let raiser = party == Party::from(self.raised_by);
        self.settlement.is_none() && (party == Party::Institution || raiser == self.answer.is_some())
    }

    fn check_open(&self) -> Result<(), Problem> {
        if self.settlement.is_some() { Err(Problem::conflict("dispute-already-settled")) } else { Ok(()) }
    }
}

/// A gap act, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// Its id.
    pub id: GapActId,
    /// The programme of the requirement.
    pub programme: ProgrammeId,
    /// The requirement.
    pub requirement: RequirementId,
    /// The lead firm that posted it.
    pub lead_firm: OrganisationId,
    /// The supplier.
    pub supplier: OrganisationId,
    /// Grows when it is renewed; the first is 1.
    pub round: i32,
    /// Grows when a side changes what the act says; a change that is taken back is another change, and brings
    /// no signature back.
    pub edition: i32,
    /// On what it rests.
    pub basis: Basis,
    /// The basis as it was written, so that what was signed is hashed as it stood, whatever the service adds
    /// to its types later.
    pub sealed_basis: serde_json::Value,
    /// How its gaps would be closed, in the order of the lines.
    pub actions: Vec<LineAction>,
    /// The actions as they were written.
    pub sealed_actions: serde_json::Value,
    /// The disputes of all rounds, the oldest first.
    pub disputes: Vec<Dispute>,
    /// Every signature that was ever given, the oldest first.
    pub signatures: Vec<Signature>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its round began.
    pub renewed_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// SHA-256 of what is signed of an act: its round and edition, its basis and actions as they were written, and the
/// disputes of the round.
///
/// # Errors
/// When it can't be written as JSON.
pub fn hash_of(
    id: GapActId,
    (round, edition): (i32, i32),
    (basis, actions): (&serde_json::Value, &serde_json::Value),
    disputes: &[Dispute],
) -> Result<String, Problem> {
    let said = |said: &Said| json!({ "by": said.by, "text": said.text });
    let disputes = disputes.iter().filter(|dispute| dispute.round == round).map(|dispute| {
        json!({
            "line": dispute.line,
            "raised_by": dispute.raised_by,
            "reason": dispute.reason,
            "answer": dispute.answer.as_ref().map(said),
            "outcome": dispute.settlement.as_ref().map(|(outcome, _)| outcome),
            "note": dispute.settlement.as_ref().map(|(_, note)| said(note)),
        })
    });
    Ok(canonical::hash(&json!({
        "act": id,
        "round": round,
        "edition": edition,
        "basis": basis,
        "actions": actions,
        "disputes": disputes.collect::<Vec<_>>(),
    }))?)
}

impl Act {
    /// SHA-256 of what is signed: the basis, the closing actions, and the disputes of the round.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn hash(&self) -> Result<String, Problem> {
        let sealed = (&self.sealed_basis, &self.sealed_actions);
        hash_of(self.id, (self.round, self.edition), sealed, &self.disputes)
    }

    /// The disputes of the round that nobody has settled.
    pub fn open_disputes(&self) -> usize {
        let of_round = self.disputes.iter().filter(|dispute| dispute.round == self.round);
        of_round.filter(|dispute| dispute.settlement.is_none()).count()
    }

    /// How far the act is, when today's basis is this one.
    ///
    /// # Errors
    /// When it can't be hashed.
    pub fn state(&self, today: &Basis) -> Result<State, Problem> {
        if self.basis != *today {
            return Ok(State::Void);
        }
        if self.open_disputes() > 0 {
            return Ok(State::Disputed);
        }
        let hash = self.hash()?;
        let signed = |side| holds(&self.signatures, side, &hash);
        Ok(match (signed(Side::Supplier), signed(Side::LeadFirm)) {
            (false, false) => State::Open,
            (true, false) => State::SignedBySupplier,
            (false, true) => State::SignedByLeadFirm,
            (true, true) => State::Agreed,
        })
    }

    /// The actions of this round that still have a gap to close under another basis: the place of a line may
    /// change, its criterion's question and group tell which it is.
    pub fn actions_under(&self, basis: &Basis) -> Vec<LineAction> {
        let key = |line: &Line| (line.criterion.question.clone(), line.criterion.group.clone());
        let old = &self.basis.analysis.lines;
        let mut kept = Vec::new();
        for (at, line) in basis.analysis.lines.iter().enumerate().filter(|(at, _)| basis.is_open(*at)) {
            let action = self.actions.iter().find(|action| old.get(action.line).map(key) == Some(key(line)));
            kept.extend(action.map(|action| LineAction { line: at, closing: action.closing.clone() }));
        }
        kept
    }
}

/// The supplier whose act is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewAct {
    /// None: the actor's own firm.
    pub supplier: Option<OrganisationId>,
}

impl Input for NewAct {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { supplier: f.optional("supplier")? })
    }
}

/// How a line would be closed, as it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLineAction {
    /// The place of the line, from 0.
    pub line: usize,
    /// What is to be done.
    pub closing: NewClosing,
}

impl Input for NewLineAction {
    fn read(f: &mut Fields) -> Option<Self> {
        let (line, closing) = (read_line(f), NewClosing::read(f));
        Some(Self { line: line?, closing: closing? })
    }
}

fn read_line(f: &mut Fields) -> Option<usize> {
    let most = i64::try_from(crate::requirements::MOST_CRITERIA).unwrap_or(i64::MAX) - 1;
    usize::try_from(f.number("line", 0..=most)?).ok()
}

/// All closing actions of an act; those that stood there before are replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewActions(pub Vec<NewLineAction>);

impl Input for NewActions {
    fn read(f: &mut Fields) -> Option<Self> {
        f.list("actions", crate::requirements::MOST_CRITERIA).map(Self)
    }
}

/// A dispute to raise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDispute {
    /// The place of the line, from 0.
    pub line: usize,
    /// Why.
    pub reason: String,
}

impl Input for NewDispute {
    fn read(f: &mut Fields) -> Option<Self> {
        let (line, reason) = (read_line(f), f.reason());
        Some(Self { line: line?, reason: reason? })
    }
}

/// What is answered to a dispute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAnswer {
    /// For the other side to read.
    pub text: String,
}

impl Input for NewAnswer {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { text: f.text("text", 3..=2_000)? })
    }
}

/// How a dispute is settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSettlement {
    /// What becomes of the line.
    pub outcome: Outcome,
    /// Why; both sides sign it with the rest.
    pub note: String,
}

impl Input for NewSettlement {
    fn read(f: &mut Fields) -> Option<Self> {
        let (outcome, note) = (f.required("outcome"), f.text("note", JUSTIFICATION));
        Some(Self { outcome: outcome?, note: note? })
    }
}
