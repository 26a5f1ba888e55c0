//! Notices: what people are told of what others have done.
//!
//! Nothing calls up to this stage. A write of an operation in [`TOLD`] leaves its audit entry in the
//! [outbox](crate::foundation::outbox); telling takes it from there, finds the firms and the institution that it
//! concerns, and writes a notice for each of their people who may see its subject, has not muted its topic, and did not do
//! it. A notice is thin: what happened, to which thing. It holds nothing that its reader could not look up, and who loses
//! sight of the thing keeps the notice and sees no more of it.

pub mod api;
pub mod jobs;
pub mod store;

use uuid::Uuid;

use crate::{
    access,
    foundation::{
        access::{ANYONE, Role},
        clock::Timestamp,
        fields::{Fields, Input},
        http::list::Window,
        ids::{
            ConsortiumId, ContractId, GapActId, MatchId, NetworkId, NoticeId, PlanId, QuestionId,
            RequirementId, RunId,
        },
        outbox::Told,
    },
    words,
};

access! {
    /// List one's notices.
    List = "notices.list", ANYONE, &[];
    /// Mark notices of one's own as read.
    MarkRead = "notices.mark_read", ANYONE, &[];
    /// Look at what one is told.
    ReadPreferences = "notice_preferences.read", ANYONE, &[];
    /// Say what one wants to be told.
    PutPreferences = "notice_preferences.put", ANYONE, &[];
    /// Tell people what has happened (the service itself).
    Tell = "notices.tell", &[Role::System], &[];
}

words! {
    /// What a notice is about.
    pub enum Topic {
        /// Invitations, applications and decisions of networks.
        Networks = "networks",
        /// Consortia.
        Consortia = "consortia",
        /// Requirements, their amendments, and questions about them.
        Requirements = "requirements",
        /// Gap acts.
        GapActs = "gap_acts",
        /// Improvement plans.
        Plans = "plans",
        /// Matches, from proposal to approval.
        Matches = "matches",
        /// Contracts.
        Contracts = "contracts",
    }
}

/// Of what people are told.
pub const TOLD: &[Told] = &[
    Told::of("network", "network_members.invite"),
    Told::of("network", "network_members.apply"),
    Told::of("network", "network_members.decide"),
    Told::of("network", "network_members.exclude"),
    Told::of("network", "network_members.leave"),
    Told::of("consortium", "consortia.ask"),
    Told::of("consortium", "consortia.accept"),
    Told::of("consortium", "consortia.decline"),
    Told::of("requirement", "requirements.publish"),
    Told::of("requirement", "requirements.amend"),
    Told::of("requirement", "requirements.close"),
    Told::of("question", "questions.ask"),
    Told::of("question", "questions.answer"),
    Told::of("gap_act", "gap_acts.open"),
    Told::of("gap_act", "gap_acts.dispute"),
    Told::of("gap_act", "gap_acts.answer"),
    Told::of("gap_act", "gap_acts.settle"),
    Told::of("gap_act", "gap_acts.sign"),
    Told::of("gap_act", "gap_acts.renew"),
    Told::of("plan", "plans.propose"),
    Told::of("plan", "plans.sign"),
    Told::of("plan", "plans.start"),
    Told::of("plan", "plans.record_visit"),
    Told::of("plan", "plans.complete"),
    Told::of("plan", "plans.abandon"),
    Told::of("run", "runs.adopt"),
    Told::of("match", "matches.accept"),
    Told::into("match", "matches.decline", "declined"),
    // The first of two approvals leaves a match accepted: the firms hear of the second.
    Told::into("match", "matches.approve", "approved"),
    Told::into("match", "matches.reject", "rejected"),
    Told::into("match", "approvals.create", "approved"),
    Told::of("contract", "contracts.create"),
    Told::of("contract", "contracts.sign"),
    Told::of("contract", "contracts.withdraw"),
    Told::of("contract", "contracts.end"),
    Told::of("contract", "contracts.terminate"),
    Told::of("contract", "contracts.announce_renewal"),
    Told::of("contract", "contracts.withdraw_renewal"),
];

/// What an operation was about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A network.
    Network(NetworkId),
    /// A consortium.
    Consortium(ConsortiumId),
    /// A requirement.
    Requirement(RequirementId),
    /// A question about a requirement.
    Question(QuestionId),
    /// A gap act.
    GapAct(GapActId),
    /// An improvement plan.
    Plan(PlanId),
    /// A run: its matches are what people are told of.
    Run(RunId),
    /// A match.
    Match(MatchId),
    /// A contract.
    Contract(ContractId),
}

impl Subject {
    /// What an entry of the audit trail names; `None`: nothing of which somebody is told.
    pub fn of(subject: &str, id: Uuid) -> Option<Self> {
        Some(match subject {
            "network" => Self::Network(id.into()),
            "consortium" => Self::Consortium(id.into()),
            "requirement" => Self::Requirement(id.into()),
            "question" => Self::Question(id.into()),
            "gap_act" => Self::GapAct(id.into()),
            "plan" => Self::Plan(id.into()),
            "run" => Self::Run(id.into()),
            "match" => Self::Match(id.into()),
            "contract" => Self::Contract(id.into()),
            _ => return None,
        })
    }

    /// Its plural noun in the API, and its id.
    pub const fn place(self) -> (&'static str, Uuid) {
        match self {
            Self::Network(id) => ("networks", id.0),
            Self::Consortium(id) => ("consortia", id.0),
            Self::Requirement(id) => ("requirements", id.0),
            Self::Question(id) => ("questions", id.0),
            Self::GapAct(id) => ("gap-acts", id.0),
            Self::Plan(id) => ("plans", id.0),
            Self::Run(id) => ("runs", id.0),
            Self::Match(id) => ("matches", id.0),
            Self::Contract(id) => ("contracts", id.0),
        }
    }

    /// Under which topic people are told.
    pub const fn topic(self) -> Topic {
        match self {
            Self::Network(_) => Topic::Networks,
            Self::Consortium(_) => Topic::Consortia,
            Self::Requirement(_) | Self::Question(_) => Topic::Requirements,
            Self::GapAct(_) => Topic::GapActs,
            Self::Plan(_) => Topic::Plans,
            Self::Run(_) | Self::Match(_) => Topic::Matches,
            Self::Contract(_) => Topic::Contracts,
        }
    }
}

/// What a person is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// What it is about.
    pub topic: Topic,
    /// The operation that was done.
    pub event: String,
    /// To what: the plural noun of the API.
    pub subject: String,
    /// To which one.
    pub subject_id: Uuid,
    /// When it was done.
    pub at: Timestamp,
    /// When its reader marked it as read.
    pub read_at: Option<Timestamp>,
}

/// The key of the text that says what was done.
pub fn text_key(event: &str) -> String {
    format!("notice-{}", event.replace(['.', '_'], "-"))
}

/// What a list of notices is filtered by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Only what is not read.
    pub unread: bool,
    /// Only what is about this.
    pub topic: Option<Topic>,
    /// The window.
    pub window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (unread, topic, window) = (f.or("unread", false), f.optional("topic"), Window::read(f));
        Some(Self { unread: unread?, topic: topic?, window: window? })
    }
}

/// The most notices that are marked at once.
const MOST_MARKED: usize = 100;

/// Which notices are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marked {
    /// These; none: all.
    pub notices: Vec<NoticeId>,
}

impl Input for Marked {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { notices: f.values("notices", MOST_MARKED)? })
    }
}

/// What a person does not want to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// In order.
    pub muted: Vec<Topic>,
}

impl Input for Preferences {
    fn read(f: &mut Fields) -> Option<Self> {
        let mut muted: Vec<Topic> = f.values("muted", Topic::ALL.len())?;
        muted.sort_unstable();
        muted.dedup();
        Some(Self { muted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app, foundation::i18n::Locale};

    #[test]
    fn what_is_told_is_an_operation_and_has_a_text_in_both_languages() {
        let rows = app::access_table();
        for Told { operation: event, subject, .. } in TOLD {
            assert!(rows.iter().any(|row| row.operation == *event), "{event}");
            assert!(Subject::of(subject, Uuid::nil()).is_some(), "{subject}");
            for locale in [Locale::Es, Locale::En] {
                assert!(locale.has(&text_key(event)), "{event} in {locale:?}");
            }
        }
    }
}
