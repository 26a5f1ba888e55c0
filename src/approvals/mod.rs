//! Approvals: both firms accept a match, the institution approves it.
//!
//! Supplier and lead firm answer in either order; once both have accepted, an approver of the programme's
//! institution decides. Until then each firm may still decline and the institution reject; neither is ever
//! blocked by a cap. Nobody approves what they proposed. [`Move`] is the one table of legal moves.
//!
//! **Invariant.** At the commit of every approval, each supplier's approved position obeys the rules then
//! in force ([`dependency`]). So an approval, of one match or of a batch checked together, is tested on the
//! sales ledger plus *approved* matches only, never pending ones, of all programmes, under a lock for each
//! supplier, taken in id order. With new awards in the denominator, rejecting one match can push another
//! over the cap: the next approval catches that.
//!
//! The rules are those of the programme of the match, and of every programme in which something from the
//! same buyer group has been approved for the supplier, with the waivers that hold on the day.
//!
//! What lapses later (a waiver expires, buyers join a group, sales are amended) voids nothing. It raises an
//! [`Alert`] and blocks approvals that would widen what has come to exceed the cap.
//!
//! Above the programme's threshold a match needs two approvers, neither of whom proposed it; after the first
//! it is still only accepted, and the rule is tested again for the second. Each approval leaves a row with
//! every rule that was tested and both its sides ([`Tested`]), so that the invariant can be read off the
//! history. What a consortium has won of a lot is approved together or not at all; it is one award, so all of it is
//! held against the threshold, and all of it waits for the second approver.
//!
//! What a lot says of its suppliers' parts ([`lots`]) is tested on what is approved of it, and a lead firm's limit on
//! one supplier's share of what it buys on what is approved from it: where that asks for several suppliers, their
//! matches are approved together.
//!
//! Before deciding, an officer sees what an approval would mean ([`Preview`]): how the suppliers would stand
//! to their buyers, which pending matches would no longer fit, and everything that would keep the officer from
//! approving it, as the one function finds it that judges the approval as well.

pub mod api;
pub mod dependency;
pub mod lots;
pub mod pages;
pub mod store;
#[cfg(test)]
mod tests;

use crate::{
    access,
    foundation::{
        access::{ANYONE, APPROVERS, FIRM_WRITERS, INSTITUTION},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        ids::{AccountId, MatchId, OrganisationId, ProgrammeId, WaiverId},
        problem::FieldError,
        share::Share,
    },
    matching::{Match, MatchState, position::Exact},
    programmes::Rules,
    words,
};
use dependency::{Sides, Verdict};
use uuid::Uuid;

access! {
    /// List the matches that one may see.
    List = "matches.list", ANYONE, &[];
    /// Look at a match.
    Read = "matches.read", ANYONE, &[];
    /// Accept a match for one's firm.
    Accept = "matches.accept", FIRM_WRITERS, &["proposed", "accepted_by_supplier", "accepted_by_lead_firm"];
    /// Decline a match for one's firm.
    Decline = "matches.decline", FIRM_WRITERS,
        &["proposed", "accepted_by_supplier", "accepted_by_lead_firm", "accepted"];
    /// Approve a match.
    Approve = "matches.approve", APPROVERS, &["accepted"], approves;
    /// Reject a match.
    Reject = "matches.reject", APPROVERS,
        &["proposed", "accepted_by_supplier", "accepted_by_lead_firm", "accepted"], decides;
    /// Approve several matches, checked together.
    ApproveBatch = "approvals.create", APPROVERS, &["accepted"], approves;
    /// See what approving several matches together would mean.
    PreviewBatch = "approvals.preview", INSTITUTION, &[];
    /// Read who approved a match, and on which figures.
    ReadApprovals = "matches.list_approvals", INSTITUTION, &[];
    /// List what has lapsed since it was approved, and what is about to.
    ListAlerts = "alerts.list", INSTITUTION, &[];
}

words! {
    /// What somebody does with a match.
    pub enum Move {
        /// The supplier accepts.
        SupplierAccepts = "supplier_accepts",
        /// The lead firm accepts.
        LeadFirmAccepts = "lead_firm_accepts",
        /// One of them declines.
        Decline = "decline",
        /// The first of two approvers approves.
        ApproveFirst = "approve_first",
        /// The institution approves.
        Approve = "approve",
        /// The institution rejects.
        Reject = "reject",
        /// An objection to the rejection was upheld: it is proposed again.
        Reopen = "reopen",
    }
}

impl Move {
    /// The state after the move, when it is legal.
    pub const fn from(self, state: MatchState) -> Option<MatchState> {
        use MatchState::{
            Accepted, AcceptedByLeadFirm, AcceptedBySupplier, Approved, Declined, Proposed, Rejected,
        };
        match (self, state) {
            (Self::SupplierAccepts, Proposed) => Some(AcceptedBySupplier),
            (Self::SupplierAccepts, AcceptedByLeadFirm) | (Self::LeadFirmAccepts, AcceptedBySupplier) => {
                Some(Accepted)
            }
            (Self::LeadFirmAccepts, Proposed) => Some(AcceptedByLeadFirm),
            (Self::Decline, Proposed | AcceptedBySupplier | AcceptedByLeadFirm | Accepted) => Some(Declined),
            (Self::ApproveFirst, Accepted) => Some(Accepted),
            (Self::Approve, Accepted) => Some(Approved),
            (Self::Reopen, Rejected) => Some(Proposed),
            (Self::Reject, Proposed | AcceptedBySupplier | AcceptedByLeadFirm | Accepted) => Some(Rejected),
            _ => None,
        }
    }
}

/// How many approvers a match takes under these rules. What a consortium has won of a lot is one award, approved
/// together: all of it counts. `beside` are the matches of the lot.
pub fn approvers_needed<'a>(
    rules: &Rules,
    found: &Match,
    beside: impl IntoIterator<Item = &'a Match>,
) -> usize {
    let parts = beside.into_iter().filter(|other| other.id != found.id && found.is_won_with(other));
    let amount = found.amount.minor + parts.map(|other| other.amount.minor).sum::<i64>();
    if rules.dual_approval_above.is_some_and(|threshold| amount > threshold.minor) { 2 } else { 1 }
}

/// An approval that was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// By whom.
    pub approved_by: AccountId,
    /// When.
    pub approved_at: Timestamp,
    /// Whether the match was approved with it; else another approver had to follow.
    pub is_final: bool,
    /// The version of the rules on which it was tested.
    pub rules_version: i64,
    /// What was tested.
    pub tested: Vec<Tested>,
}

/// A rule on dependency as it was tested for an approval: amounts are exact fractions in the currency's main
/// unit.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Tested {
    /// Whose rule.
    pub programme: ProgrammeId,
    /// The buyer group.
    pub buyer_group: Uuid,
    /// The cap.
    pub cap: Option<Share>,
    /// Annual sales to the group with the approval.
    #[schema(example = "400")]
    pub left: String,
    /// The most that they might be.
    #[schema(example = "2840/7")]
    pub right: String,
    /// Left less right before the approval; null without a cap. Where it was above 0, something had lapsed.
    pub excess_before: Option<String>,
}

/// What approving matches together would mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preview {
    /// Per supplier and buyer group that gains.
    pub effects: Vec<Effect>,
    /// Everything that would keep the actor from approving them together now, each at its match.
    pub reasons: Vec<(MatchId, FieldError)>,
    /// Those of the matches that take two approvers.
    pub two_approvers: Vec<MatchId>,
    /// Pending matches that could be approved now, and then no longer.
    pub no_longer_fit: Vec<NoLongerFits>,
}

/// How a supplier would stand to a buyer group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// The supplier.
    pub supplier: OrganisationId,
    /// What counts as one buyer.
    pub buyer_group: Uuid,
    /// A lead firm of the group.
    pub lead_firm: OrganisationId,
    /// Before, after, and the rule.
    pub verdict: Verdict,
}

/// A pending match that an approval would leave without room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoLongerFits {
    /// The match.
    pub id: MatchId,
    /// Why.
    pub why: Why,
}

words! {
    /// Why a pending match would no longer fit.
    pub enum Why {
        /// Its supplier would be over the cap.
        OverTheCap = "over_the_cap",
        /// Its lot would be covered.
        LotCovered = "lot_covered",
        /// Its lot would have too many suppliers, or its supplier too large or too small a part of it.
        LotLimits = "lot_limits",
    }
}

words! {
    /// What has become of what was approved.
    pub enum Lapse {
        /// A waiver has expired, and without it the cap is exceeded.
        WaiverExpired = "waiver_expired",
        /// A waiver expires within thirty days, and without it the cap will be exceeded.
        WaiverExpiring = "waiver_expiring",
        /// Sales, buyer groups or rules have changed, so that the cap is exceeded.
        FiguresChanged = "figures_changed",
        /// Some figures are in a currency for which the programme has no rate: the rule can't be checked.
        OtherCurrency = "other_currency",
    }
}

/// What has lapsed for a supplier towards a buyer group, or is about to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// The supplier.
    pub supplier: OrganisationId,
    /// What counts as one buyer.
    pub buyer_group: Uuid,
    /// The lead firms of the group from which something is approved for it that one may see.
    pub lead_firms: Vec<OrganisationId>,
    /// What has happened.
    pub lapse: Lapse,
    /// The share of the group today.
    pub share: Option<Exact>,
    /// The cap that holds, or will.
    pub cap: Option<Share>,
    /// Both sides of the rule under it.
    pub sides: Option<Sides>,
    /// The waiver, and the last day on which it holds.
    pub waiver: Option<(WaiverId, Day)>,
}

/// A match as its approver has read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// The match.
    pub id: MatchId,
    /// Its entity tag.
    pub etag: String,
    /// See [`Approving::red_override`].
    pub red_override: Option<String>,
}

impl Input for Chosen {
    fn read(f: &mut Fields) -> Option<Self> {
        let (id, etag) = (f.required("match"), f.text("etag", 1..=30));
        let Approving { red_override } = Approving::read(f)?;
        Some(Self { id: id?, etag: etag?, red_override })
    }
}

/// What an approver may say with an approval.
#[derive(Clone, PartialEq, Eq, Debug, utoipa::ToSchema)]
pub struct Approving {
    /// Why a supplier that is red for the requirement is awarded all the same, by decision of the institution.
    #[schema(min_length = 10, max_length = 2000)]
    pub red_override: Option<String>,
}

impl Input for Approving {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { red_override: f.optional_reason("red_override")? })
    }
}

/// Matches to look at together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Considered {
    /// At least one.
    pub matches: Vec<MatchId>,
    /// Those of them that would be approved with a reason though their supplier is red.
    pub red_overrides: Vec<MatchId>,
}

impl Input for Considered {
    fn read(f: &mut Fields) -> Option<Self> {
        let matches = f.values::<MatchId>("matches", MOST_AT_ONCE);
        let red_overrides = f.values::<MatchId>("red_overrides", MOST_AT_ONCE);
        let (matches, red_overrides) = (matches?, red_overrides?);
        if matches.is_empty() {
            f.fail("matches", Fault::new("required"));
            return None;
        }
        Some(Self { matches, red_overrides })
    }
}

/// So many matches are approved at once at most: each takes locks that others wait for.
pub const MOST_AT_ONCE: usize = 500;

/// Matches to approve together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// At least one.
    pub matches: Vec<Chosen>,
}

impl Input for Batch {
    fn read(f: &mut Fields) -> Option<Self> {
        let matches = f.list::<Chosen>("matches", MOST_AT_ONCE)?;
        if matches.is_empty() {
            f.fail("matches", Fault::new("required"));
            return None;
        }
        Some(Self { matches })
    }
}
