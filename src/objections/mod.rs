//! Objections (*objeciones*, *reclamos*): what a firm says against a decision that concerns it.
//!
//! A firm whose application a network refused, whose match the institution rejected or approved, or that made an offer
//! for a requirement whose result was announced, and an institution whose proposal was decided on, may object, with reasons, within
//! so many days of the decision as the programme's rules say, by the programme's calendar. Another officer than whoever
//! decided (or evaluated, of a proposal) reviews the objection and upholds or dismisses it, with reasons that whoever
//! objects reads; until then they may withdraw it. There is one for each decision. Objections about proposals are judged by
//! those that steer and coordinate the programme, all others by its institution.
//!
//! **An objection that is upheld does something** ([`Effect`]), in the same transaction: a refused application is open
//! again, a rejected match is proposed again, a rejected proposal stands before the decision again. Where nothing can be done any more, or the decision has brought forth a
//! contract, the institution writes down what it does instead.
//!
//! The stage stands on several others, each of which undoes its own decision; none of them knows of objections.

pub mod api;
pub mod pages;
pub mod store;

use crate::{
    access,
    foundation::{
        access::{ANYONE, OFFICERS, Role, WRITERS},
        clock::Timestamp,
        fields::{Fields, Input, JUSTIFICATION},
        ids::{AccountId, NetworkId, ObjectionId, OrganisationId, ProgrammeId},
    },
    moves, words,
};
use uuid::Uuid;

/// Who objects: firms, and institutions that propose to calls.
const OBJECTORS: &[Role] = WRITERS;

access! {
    /// Object to a decision that concerns one's firm, or one's institution's proposal.
    File = "objections.file", OBJECTORS, &[];
    /// List the objections that one may see.
    List = "objections.list", ANYONE, &[];
    /// Look at an objection.
    Read = "objections.read", ANYONE, &[];
    /// Take up an objection; not for whoever decided.
    Review = "objections.review", OFFICERS, &["filed"], decides;
    /// Uphold an objection: its effect on the decision comes with it.
    Uphold = "objections.uphold", OFFICERS, &["in_review"], decides;
    /// Dismiss an objection.
    Dismiss = "objections.dismiss", OFFICERS, &["in_review"], decides;
    /// Withdraw one's objection.
    Withdraw = "objections.withdraw", OBJECTORS, &["filed", "in_review"];
}

words! {
    /// The decision to which a firm or an institution objects.
    #[schema(as = ObjectionAbout)]
    pub enum About {
        /// A network refused its application, or excluded it: `about_id` is the network.
        Membership = "membership",
        /// The institution rejected or approved a match of its own: `about_id` is the match.
        Match = "match",
        /// The result of a requirement was announced for which it made an offer: `about_id` is the requirement.
        Award = "award",
        /// The proposal of its institution was awarded or rejected: `about_id` is the proposal.
        Proposal = "proposal",
    }
}

words! {
    /// How far an objection is.
    #[schema(as = ObjectionState)]
    pub enum State {
        /// Nobody has taken it up.
        Filed = "filed",
        /// An officer looks at it.
        InReview = "in_review",
        /// The firm is right.
        Upheld = "upheld",
        /// The decision stands.
        Dismissed = "dismissed",
        /// The firm took it back.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What an objection that was upheld has done to the decision.
    #[schema(as = ObjectionEffect)]
    pub enum Effect {
        /// The application is open again.
        ApplicationReopened = "application_reopened",
        /// The match is proposed again.
        MatchReopened = "match_reopened",
        /// The proposal stands before the decision again.
        ProposalReopened = "proposal_reopened",
        /// The decision could not be undone: the remedy says what is done instead.
        Remedy = "remedy",
    }
}

moves! {
    /// What happens to an objection.
    pub enum Move of State {
        /// An officer takes it up.
        Review by Review: Filed => InReview;
        /// The institution says that the firm is right.
        Uphold by Uphold: InReview => Upheld;
        /// The institution says that the decision stands.
        Dismiss by Dismiss: InReview => Dismissed;
        /// The firm takes it back.
        Withdraw by Withdraw: Filed => Withdrawn, InReview => Withdrawn;
    }
}

/// An objection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objection {
    /// Its id.
    pub id: ObjectionId,
    /// The programme of the decision.
    pub programme: ProgrammeId,
    /// The network of the decision; `None`: the whole programme.
    pub network: Option<NetworkId>,
    /// The firm, or institution, that objects.
    pub firm: OrganisationId,
    /// The other firm that the decision concerns.
    pub other: Option<OrganisationId>,
    /// To what.
    pub about: About,
    /// To which network, match, requirement or proposal.
    pub about_id: Uuid,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Who decided: none of them handles the objection.
    pub deciders: Vec<AccountId>,
    /// Why the firm objects.
    pub reasons: String,
    /// How far it is.
    pub state: State,
    /// Who filed it.
    pub filed_by: AccountId,
    /// When.
    pub filed_at: Timestamp,
    /// Who has taken it up.
    pub handled_by: Option<AccountId>,
    /// Why it was upheld or dismissed.
    pub outcome_reason: Option<String>,
    /// What that has done.
    pub effect: Option<Effect>,
    /// What is done where the decision can't be undone.
    pub remedy: Option<String>,
    /// When it was upheld, dismissed or withdrawn.
    pub closed_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// An objection to file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewObjection {
    /// To what.
    pub about: About,
    /// To which network, match, requirement or proposal.
    pub about_id: Uuid,
    /// Why.
    pub reasons: String,
}

impl Input for NewObjection {
    fn read(f: &mut Fields) -> Option<Self> {
        let (about, about_id) = (f.required("about"), f.required::<ObjectionId>("about_id"));
        let reasons = f.text("reasons", 10..=5_000);
        Some(Self { about: about?, about_id: about_id?.0, reasons: reasons? })
    }
}

/// Why an objection is upheld, and what is done where the decision can't be undone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upholding {
    /// For the firm to read.
    pub reason: String,
    /// Needed where the decision can't be undone.
    pub remedy: Option<String>,
}

impl Input for Upholding {
    fn read(f: &mut Fields) -> Option<Self> {
        let (reason, remedy) = (f.reason(), f.optional_text("remedy", JUSTIFICATION));
        Some(Self { reason: reason?, remedy: remedy? })
    }
}
