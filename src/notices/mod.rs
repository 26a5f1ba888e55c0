//! Notices: what people are told of what others have done.
//!
//! Nothing calls up to this stage. A write of an operation in [`TOLD`] leaves its audit entry in the
//! [outbox](crate::foundation::outbox); telling takes it from there, finds the firms and the institution that it
//! concerns, and writes a notice for each of their people who may see its subject, has not muted its topic, and did not do
//! it. A notice is thin: what happened, to which thing. It holds nothing that its reader could not look up, and who loses
//! sight of the thing keeps the notice and sees no more of it.
//!
//! Of what comes near people are reminded once, from a job that runs each day ([`Reminder`]). Each person says for every
//! topic whether it goes into the inbox, and whether into a letter at once, each day, each week or never ([`Channel`]).

pub mod api;
mod events;
pub mod jobs;
mod letter;
pub mod pages;
pub mod store;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access,
    foundation::{
        access::{ANYONE, Role},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        http::list::Window,
        ids::{
            AppointmentId, CallId, CommitmentId, ConsortiumId, ContractId, DiagnosticId, GapActId,
            InterestId, MandateId, MatchId, MeasurementRoundId, MeetingId, NetworkId, NoticeId, ObjectionId,
            OrganisationId, PlanId, PracticeId, ProgrammeId, ProjectId, ProposalId, QuestionId,
            RequirementId, RunId, WaiverId,
        },
        outbox::Told,
    },
    objections::About,
    words,
};

access! {
    /// List one's notices.
    List = "notices.list", ANYONE, &[];
    /// Be told of one's notices as they come.
    Follow = "notices.follow", ANYONE, &[];
    /// Mark notices of one's own as read.
    MarkRead = "notices.mark_read", ANYONE, &[];
    /// Look at what one is told.
    ReadPreferences = "notice_preferences.read", ANYONE, &[];
    /// Say what one wants to be told.
    PutPreferences = "notice_preferences.put", ANYONE, &[];
    /// Tell people what has happened (the service itself).
    Tell = "notices.tell", &[Role::System], &[];
    /// Remind people of what comes near (the service itself).
    Remind = "notices.remind", &[Role::System], &[];
    /// Put together and send letters of what people are told (the service itself).
    Mail = "notices.mail", &[Role::System], &[];
}

words! {
    /// What a notice is about.
    pub enum Topic {
        /// Invitations, applications, decisions and meetings of networks.
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
        /// Objections against decisions.
        Objections = "objections",
        /// Mandates, and what was answered under them.
        Diagnostics = "diagnostics",
        /// Interests that people of one's organisation have declared.
        Interests = "interests",
        /// A supplier's own certificates.
        Profile = "profile",
        /// Waivers of the cap.
        Waivers = "waivers",
        /// What is measured.
        Monitoring = "monitoring",
        /// Calls, proposals, and the projects that come of them.
        Projects = "projects",
        /// Functions in programmes.
        Governance = "governance",
        /// Good practices.
        Practices = "practices",
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
    Told::of("requirement", "requirements.announce"),
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
    Told::in_state("match", "matches.decline", "declined"),
    // The first of two approvals leaves a match accepted: the firms hear of the second.
    Told::in_state("match", "matches.approve", "approved"),
    Told::in_state("match", "matches.reject", "rejected"),
    Told::in_state("match", "approvals.create", "approved"),
    Told::of("contract", "contracts.create"),
    Told::of("contract", "contracts.sign"),
    Told::of("contract", "contracts.withdraw"),
    Told::of("contract", "contracts.end"),
    Told::of("contract", "contracts.terminate"),
    Told::of("contract", "contracts.announce_renewal"),
    Told::of("contract", "contracts.withdraw_renewal"),
    Told::of("objection", "objections.file"),
    Told::of("objection", "objections.review"),
    Told::of("objection", "objections.uphold"),
    Told::of("objection", "objections.dismiss"),
    Told::of("objection", "objections.withdraw"),
    Told::of("meeting", "meetings.call"),
    Told::of("meeting", "meetings.write_minutes"),
    Told::of("meeting", "meetings.confirm"),
    Told::of("meeting", "meetings.cancel"),
    Told::of("meeting", "meetings.fulfil"),
    Told::of("interest", "interests.declare"),
    Told::of("interest", "interests.record"),
    Told::of("interest", "interests.end"),
    Told::of("mandate", "mandates.give"),
    Told::of("mandate", "mandates.revoke"),
    Told::of("diagnostic", "diagnostics.assist"),
    Told::of("measurement_round", "measurement_rounds.open"),
    Told::of("measurement_round", "measurement_rounds.remind"),
    Told::of("dependency", "dependency.record"),
    Told::of("appointment", "appointments.create"),
    Told::of("appointment", "appointments.accept"),
    Told::of("appointment", "appointments.decline"),
    Told::of("appointment", "appointments.end"),
    Told::of("call", "calls.open"),
    Told::of("call", "calls.cancel"),
    Told::of("call", "calls.finish_evaluation"),
    Told::of("call", "evaluators.appoint"),
    // While a call is open a proposal is nobody's news but that of the lead firms it asks.
    Told::of("commitment", "proposals.create"),
    Told::of("commitment", "proposals.change"),
    Told::of("commitment", "commitments.confirm"),
    Told::of("commitment", "commitments.withdraw"),
    Told::of("proposal", "proposals.decide"),
    Told::of("project", "milestones.report"),
    Told::of("project", "milestones.send_back"),
    Told::of("project", "milestones.accept"),
    Told::of("project", "milestones.disburse"),
    Told::of("project", "expenses.create"),
    Told::of("project", "expenses.decide"),
    Told::of("project", "projects.close"),
    Told::of("project", "projects.terminate"),
    Told::of("practice", "practices.submit"),
    Told::of("practice", "practices.return"),
    Told::of("practice", "practices.publish"),
];

/// Operations that come in rows: people are told of the next one once they have read of the last.
pub const IN_ROWS: &[&str] = &["diagnostics.assist", "dependency.record", "expenses.create"];

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
    /// An objection.
    Objection(ObjectionId),
    /// A meeting of a network.
    Meeting(MeetingId),
    /// An interest that somebody has declared.
    Interest(InterestId),
    /// A mandate to answer for a supplier.
    Mandate(MandateId),
    /// A diagnostic.
    Diagnostic(DiagnosticId),
    /// A round of measurements.
    Round(MeasurementRoundId),
    /// A supplier: what it states of itself.
    Supplier(OrganisationId),
    /// A waiver in a programme.
    Waiver(ProgrammeId, WaiverId),
    /// How the suppliers of a network depend on their buyers.
    Dependency(NetworkId),
    /// A function in a programme.
    Appointment(AppointmentId),
    /// A call for projects.
    Call(CallId),
    /// A proposal to a call.
    Proposal(ProposalId),
    /// What a lead firm is asked for by a proposal.
    Commitment(CommitmentId),
    /// A project.
    Project(ProjectId),
    /// A good practice.
    Practice(PracticeId),
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
            "objection" => Self::Objection(id.into()),
            "meeting" => Self::Meeting(id.into()),
            "interest" => Self::Interest(id.into()),
            "mandate" => Self::Mandate(id.into()),
            "diagnostic" => Self::Diagnostic(id.into()),
            "measurement_round" => Self::Round(id.into()),
            "dependency" => Self::Dependency(id.into()),
            "appointment" => Self::Appointment(id.into()),
            "call" => Self::Call(id.into()),
            "proposal" => Self::Proposal(id.into()),
            "commitment" => Self::Commitment(id.into()),
            "project" => Self::Project(id.into()),
            "practice" => Self::Practice(id.into()),
            _ => return None,
        })
    }

    /// Its plural noun in the API, and its id.
    pub const fn place(self) -> (&'static str, Uuid) {
        match self {
            Self::Network(id) | Self::Dependency(id) => ("networks", id.0),
            Self::Consortium(id) => ("consortia", id.0),
            Self::Requirement(id) => ("requirements", id.0),
            Self::Question(id) => ("questions", id.0),
            Self::GapAct(id) => ("gap-acts", id.0),
            Self::Plan(id) => ("plans", id.0),
            Self::Run(id) => ("runs", id.0),
            Self::Match(id) => ("matches", id.0),
            Self::Contract(id) => ("contracts", id.0),
            Self::Objection(id) => ("objections", id.0),
            Self::Meeting(id) => ("meetings", id.0),
            Self::Interest(id) => ("interests", id.0),
            Self::Mandate(id) => ("mandates", id.0),
            Self::Diagnostic(id) => ("diagnostics", id.0),
            Self::Round(id) => ("measurement-rounds", id.0),
            Self::Supplier(id) => ("suppliers", id.0),
            Self::Waiver(_, id) => ("waivers", id.0),
            Self::Appointment(id) => ("appointments", id.0),
            Self::Call(id) => ("calls", id.0),
            Self::Proposal(id) => ("proposals", id.0),
            Self::Commitment(id) => ("commitments", id.0),
            Self::Project(id) => ("projects", id.0),
            Self::Practice(id) => ("practices", id.0),
        }
    }

    /// Under which topic people are told.
    pub const fn topic(self) -> Topic {
        match self {
            Self::Network(_) | Self::Meeting(_) => Topic::Networks,
            Self::Consortium(_) => Topic::Consortia,
            Self::Requirement(_) | Self::Question(_) => Topic::Requirements,
            Self::GapAct(_) => Topic::GapActs,
            Self::Plan(_) => Topic::Plans,
            Self::Run(_) | Self::Match(_) => Topic::Matches,
            Self::Contract(_) => Topic::Contracts,
            Self::Objection(_) => Topic::Objections,
            Self::Interest(_) => Topic::Interests,
            Self::Mandate(_) | Self::Diagnostic(_) => Topic::Diagnostics,
            Self::Round(_) | Self::Dependency(_) => Topic::Monitoring,
            Self::Call(_) | Self::Proposal(_) | Self::Commitment(_) | Self::Project(_) => Topic::Projects,
            Self::Appointment(_) => Topic::Governance,
            Self::Practice(_) => Topic::Practices,
            Self::Supplier(_) => Topic::Profile,
            Self::Waiver(..) => Topic::Waivers,
        }
    }

    /// Whether it is a matter of the organisation whose people did something: they are told as well.
    pub const fn is_internal(self) -> bool {
        matches!(self, Self::Interest(_) | Self::Dependency(_))
    }
}

/// Of what people are reminded before it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reminder {
    /// A requirement closes.
    Closing,
    /// A certificate holds no longer.
    Certificate,
    /// An action of a plan is to be done.
    Action,
    /// A waiver of the cap runs out.
    Waiver,
    /// A mandate runs out.
    Mandate,
    /// What was asked is to be answered.
    Measurement,
    /// A call for projects closes.
    Call,
    /// A lead firm that is asked to commit itself has not answered, and the call closes.
    Commitment,
    /// A call has closed: its proposals are to be evaluated.
    Evaluation,
    /// A milestone of a project is due.
    Milestone,
    /// A meeting is held.
    Meeting,
    /// What was promised at a meeting is due.
    Agreement,
    /// A contract ends.
    Contract,
    /// Asking about a requirement ends, and questions wait for their answer.
    Question,
}

impl Reminder {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Closing,
        Self::Certificate,
        Self::Action,
        Self::Waiver,
        Self::Mandate,
        Self::Measurement,
        Self::Call,
        Self::Commitment,
        Self::Evaluation,
        Self::Milestone,
        Self::Meeting,
        Self::Agreement,
        Self::Contract,
        Self::Question,
    ];

    /// How it is called where operations are.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Closing => "reminders.closing",
            Self::Certificate => "reminders.certificate",
            Self::Action => "reminders.action",
            Self::Waiver => "reminders.waiver",
            Self::Mandate => "reminders.mandate",
            Self::Measurement => "reminders.measurement",
            Self::Call => "reminders.call",
            Self::Commitment => "reminders.commitment",
            Self::Evaluation => "reminders.evaluation",
            Self::Milestone => "reminders.milestone",
            Self::Meeting => "reminders.meeting",
            Self::Agreement => "reminders.agreement",
            Self::Contract => "reminders.contract",
            Self::Question => "reminders.question",
        }
    }

    /// So many days before it comes: as long as it takes to do something about it. Of a call that has closed, so many
    /// days after that.
    pub const fn days(self) -> i64 {
        match self {
            Self::Meeting | Self::Question => 2,
            Self::Closing => 3,
            Self::Action
            | Self::Agreement
            | Self::Call
            | Self::Commitment
            | Self::Evaluation
            | Self::Mandate
            | Self::Measurement => 7,
            Self::Milestone => 14,
            Self::Certificate | Self::Waiver => 30,
            Self::Contract => 60,
        }
    }

    /// Whether a day is near enough, and not past.
    pub fn is_near(self, today: Day, day: Day) -> bool {
        (0..=self.days()).contains(&day.days_since(today))
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

/// What a notice is about, as far as its reader sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Thing {
    /// What it is called, or what that is called for which it is: a requirement, a network, a call.
    pub title: Option<String>,
    /// The lot.
    pub lot: Option<String>,
    /// The other firm.
    pub firm: Option<String>,
    /// The decision to which somebody objects.
    pub objected: Option<About>,
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

words! {
    /// When a person is written of what there is to tell.
    #[schema(as = NoticeMail)]
    pub enum Rhythm {
        /// Not at all.
        Never = "never",
        /// At once.
        Now = "now",
        /// Once a day, of all that there was.
        Daily = "daily",
        /// Once a week, of all that there was.
        Weekly = "weekly",
    }
}

/// How a person is told of a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = NoticeChannel)]
pub struct Channel {
    /// The topic.
    pub topic: Topic,
    /// Whether it goes into the inbox.
    pub inbox: bool,
    /// When it goes into a letter.
    pub mail: Rhythm,
}

impl Channel {
    /// How people are told who have said nothing else: in the inbox, and in a letter a day.
    pub const fn usual(topic: Topic) -> Self {
        Self { topic, inbox: true, mail: Rhythm::Daily }
    }
}

impl Input for Channel {
    fn read(f: &mut Fields) -> Option<Self> {
        let (topic, inbox, mail) = (f.required("topic"), f.required("inbox"), f.required("mail"));
        Some(Self { topic: topic?, inbox: inbox?, mail: mail? })
    }
}

/// How a person is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// Every topic once, in order.
    pub topics: Vec<Channel>,
}

impl Preferences {
    /// These, and the usual way for every other topic.
    pub fn complete(said: impl IntoIterator<Item = Channel>) -> Self {
        let said: BTreeMap<Topic, Channel> = said.into_iter().map(|one| (one.topic, one)).collect();
        let of = |topic: &Topic| said.get(topic).copied().unwrap_or_else(|| Channel::usual(*topic));
        Self { topics: Topic::ALL.iter().map(of).collect() }
    }
}

impl Input for Preferences {
    fn read(f: &mut Fields) -> Option<Self> {
        let said: Vec<Channel> = f.list("topics", Topic::ALL.len())?;
        for (at, one) in said.iter().enumerate() {
            if said.iter().take(at).any(|earlier| earlier.topic == one.topic) {
                f.fail_within("topics", &format!("{at}/topic"), Fault::new("twice"));
            }
        }
        Some(Self::complete(said))
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
        for event in Reminder::ALL.map(Reminder::event) {
            for locale in [Locale::Es, Locale::En] {
                assert!(locale.has(&text_key(event)), "{event} in {locale:?}");
            }
        }
    }

    #[test]
    fn a_reminder_comes_before_the_day_and_not_after_it() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let near = |today: &str| Reminder::Action.is_near(day(today), day("2026-03-20"));
        assert!(!near("2026-03-12") && near("2026-03-13") && near("2026-03-20") && !near("2026-03-21"));
    }
}
