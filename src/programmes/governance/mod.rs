//! Governance: who steers a programme, with which funds, under which criteria.
//!
//! Three functions (*funciones*), each an institution's. *Strategic direction* assigns funds, sets the operating
//! criteria, chooses and supervises the coordinating body. *Coordination* calls for projects, evaluates proposals,
//! assigns resources, monitors. *Execution* is local: it proposes projects and runs networks. The institution that
//! opened a programme has all three at first; the direction appoints others, who accept or decline. Direction and
//! coordination are one institution's each: whoever accepts takes them over, and when an appointment ends they are
//! again the institution's that opened the programme. Executors there may be many.
//!
//! Coordination may be public, private or mixed; each has its known weaknesses, which are a checklist to answer
//! ([`coordination`]). Funds are a ledger ([`funds`]).

pub mod coordination;
pub mod funds;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access,
    foundation::{
        access::{APPROVERS, INSTITUTION, OFFICERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input},
        ids::{AccountId, AppointmentId, OrganisationId, ProgrammeId, ReviewId},
    },
    moves, words,
};

access! {
    /// See who has which function in a programme.
    ReadFunctions = "functions.read", INSTITUTION, &[];
    /// Appoint an institution to a function of a programme.
    Appoint = "appointments.create", APPROVERS, &["draft", "open"], decides;
    /// List the appointments that one may see.
    ListAppointments = "appointments.list", INSTITUTION, &[];
    /// Look at an appointment.
    ReadAppointment = "appointments.read", INSTITUTION, &[];
    /// Accept an appointment of one's institution.
    Accept = "appointments.accept", APPROVERS, &["offered"];
    /// Decline an appointment of one's institution.
    Decline = "appointments.decline", APPROVERS, &["offered"];
    /// End an appointment: the strategic direction takes it back, or the institution resigns.
    End = "appointments.end", APPROVERS, &["offered", "held"], decides;
    /// Assign funds to a programme, or reduce them.
    AssignFunds = "funds.assign", APPROVERS, &["draft", "open"];
    /// Read how much of a programme's funds is assigned, committed, disbursed and justified.
    ReadFunds = "funds.read", INSTITUTION, &[];
    /// List the entries about funds that were assigned to a programme.
    ListFunds = "funds.list", INSTITUTION, &[];
    /// Set a programme's operating criteria.
    SetCriteria = "operating_criteria.set", OFFICERS, &["draft", "open"];
    /// List the versions of a programme's operating criteria.
    ListCriteria = "operating_criteria.list", INSTITUTION, &[];
    /// Say whether coordination is public, private or mixed, and how its weaknesses are handled.
    SetCoordination = "coordination.set", OFFICERS, &["draft", "open"];
    /// Read of which kind coordination is, and how its weaknesses are handled.
    ReadCoordination = "coordination.read", INSTITUTION, &[];
    /// Write down a review of the coordinating body.
    RecordReview = "coordination_reviews.create", OFFICERS, &["draft", "open"], decides;
    /// List the reviews of the coordinating body.
    ListReviews = "coordination_reviews.list", INSTITUTION, &[];
}

words! {
    /// What an institution does in a programme.
    pub enum Function {
        /// National: funds, operating criteria, choice and supervision of the coordinating body (*dirección estratégica*).
        Direction = "direction",
        /// National: calls, evaluation, allocation, monitoring (*coordinación*).
        Coordination = "coordination",
        /// Local: projects and networks (*ejecución*).
        Execution = "execution",
    }
}

words! {
    /// How far an appointment is.
    pub enum AppointmentState {
        /// The institution is asked.
        Offered = "offered",
        /// It has accepted.
        Held = "held",
        /// It has declined.
        Declined = "declined",
        /// It is over, or was taken back.
        Ended = "ended",
    }
}

moves! {
    /// What happens to an appointment.
    pub enum AppointmentMove of AppointmentState {
        /// The institution accepts.
        Accept by Accept: Offered => Held;
        /// The institution declines.
        Decline by Decline: Offered => Declined;
        /// The direction takes it back, or the institution resigns.
        End by End: Offered => Ended, Held => Ended;
        /// Another institution takes the function over.
        Replace: Held => Ended;
    }
}

/// An institution's appointment to a function.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The programme's name, which the appointed institution may not see otherwise.
    pub programme_name: String,
    /// The institution.
    pub institution: OrganisationId,
    /// What it does.
    pub function: Function,
    /// How far the appointment is.
    pub state: AppointmentState,
    /// Why the direction chose it.
    pub statement: String,
    /// When it was asked.
    pub appointed_at: Timestamp,
    /// When it answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it declined, or why it ended.
    pub reason: Option<String>,
    /// Grows with every change.
    #[serde(skip)]
    pub version: i64,
}

/// Who has which function in a programme.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Functions {
    /// The institution that steers.
    pub direction: OrganisationId,
    /// The coordinating body.
    pub coordination: OrganisationId,
    /// The institutions that execute, in id order.
    pub execution: Vec<OrganisationId>,
}

impl Functions {
    /// Of a programme that this institution opened, with what appointments are held there.
    pub fn of(opened_by: OrganisationId, held: &[(Function, OrganisationId)]) -> Self {
        let one = |function| {
            held.iter().rfind(|(of, _)| *of == function).map_or(opened_by, |(_, institution)| *institution)
        };
        let executors = held.iter().filter(|(of, _)| *of == Function::Execution);
        let mut execution: Vec<_> = executors.map(|(_, institution)| *institution).collect();
        execution.push(opened_by);
        execution.sort_unstable();
        execution.dedup();
        Self { direction: one(Function::Direction), coordination: one(Function::Coordination), execution }
    }

    /// Whether an institution has a function.
    pub fn has(&self, institution: OrganisationId, function: Function) -> bool {
        match function {
            Function::Direction => self.direction == institution,
            Function::Coordination => self.coordination == institution,
            Function::Execution => self.execution.contains(&institution),
        }
    }

    /// Whether an institution has any.
    pub fn has_any(&self, institution: OrganisationId) -> bool {
        Function::ALL.iter().any(|function| self.has(institution, *function))
    }
}

/// An institution to appoint.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewAppointment {
    /// The institution.
    pub institution: OrganisationId,
    /// To what.
    pub function: Function,
    /// Why it is chosen.
    #[schema(
        example = "Conoce el sector metalmecánico de la zona desde 2011.",
        min_length = 10,
        max_length = 2000
    )]
    pub statement: String,
}

impl Input for NewAppointment {
    fn read(f: &mut Fields) -> Option<Self> {
        let (institution, function) = (f.required("institution"), f.required("function"));
        let statement = f.text("statement", 10..=2_000);
        Some(Self { institution: institution?, function: function?, statement: statement? })
    }
}

/// The criteria by which a programme operates, as they once were.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct OperatingCriteria {
    /// Their number: the last one is in force.
    pub number: i64,
    /// What they say.
    pub text: String,
    /// What programs are to know of them.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// Who set them.
    pub set_by: AccountId,
    /// When.
    pub set_at: Timestamp,
}

/// Operating criteria to set.
#[derive(Clone, PartialEq, Debug, ToSchema)]
pub struct NewCriteria {
    /// What they say.
    #[schema(
        example = "Se financian redes de al menos cinco pymes con una empresa líder que compra.",
        min_length = 10,
        max_length = 20_000
    )]
    pub text: String,
    /// What programs are to know of them: an object. Absent: nothing.
    #[schema(value_type = Option<Object>)]
    pub data: serde_json::Value,
}

impl Input for NewCriteria {
    fn read(f: &mut Fields) -> Option<Self> {
        let text = f.text("text", 10..=20_000);
        let data = f.or("data", serde_json::json!({}));
        if data.as_ref().is_some_and(|data: &serde_json::Value| !data.is_object()) {
            f.fail("data", Fault("wrong-type", vec![("expected", "object".to_owned())]));
        }
        Some(Self { text: text?, data: data? })
    }
}

/// Something that a review asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, serde::Deserialize, ToSchema)]
pub struct Measure {
    /// What is to be done.
    #[schema(
        example = "Publicar los puntajes por criterio en cada convocatoria",
        min_length = 3,
        max_length = 1000
    )]
    pub what: String,
    /// Until when.
    pub due_on: Option<Day>,
}

impl Input for Measure {
    fn read(f: &mut Fields) -> Option<Self> {
        let (what, due_on) = (f.text("what", 3..=1_000), f.optional("due_on"));
        Some(Self { what: what?, due_on: due_on? })
    }
}

/// What a review of the coordinating body says.
#[derive(Clone, PartialEq, Eq, Debug, ToSchema)]
pub struct NewReview {
    /// The first day that it looks at.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// What was found.
    #[schema(
        example = "Las dos convocatorias se resolvieron en plazo; faltan los puntajes por criterio.",
        min_length = 10,
        max_length = 10_000
    )]
    pub findings: String,
    /// What it asks for.
    #[schema(max_items = 50)]
    pub measures: Vec<Measure>,
}

impl Input for NewReview {
    fn read(f: &mut Fields) -> Option<Self> {
        let (from, to) = (f.required::<Day>("from"), f.required::<Day>("to"));
        let (findings, measures) = (f.text("findings", 10..=10_000), f.list("measures", 50));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            f.fail("to", Fault::new("ends-before-start"));
            return None;
        }
        Some(Self { from: from?, to: to?, findings: findings?, measures: measures? })
    }
}

/// A review of the coordinating body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// The institution that was reviewed.
    pub reviewed: OrganisationId,
    /// The institution that reviewed.
    pub reviewer: OrganisationId,
    /// Whether both are the same: nobody else has looked.
    pub is_own: bool,
    /// The first day that it looks at.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// What was found.
    pub findings: String,
    /// What it asks for.
    pub measures: Vec<Measure>,
    /// Who wrote it down.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn institution(byte: u8) -> OrganisationId {
        OrganisationId(uuid::Uuid::from_bytes([byte; 16]))
    }

    #[test]
    fn who_opened_the_programme_has_what_nobody_else_was_appointed_to() {
        let (owner, other, third) = (institution(1), institution(2), institution(3));
        let functions = Functions::of(owner, &[]);
        assert!(Function::ALL.iter().all(|function| functions.has(owner, *function)));
        let functions =
            Functions::of(owner, &[(Function::Coordination, other), (Function::Execution, third)]);
        assert_eq!((functions.direction, functions.coordination), (owner, other));
        assert_eq!(functions.execution, [owner, third]);
        assert!(functions.has_any(third) && !functions.has(other, Function::Execution));
    }
}
