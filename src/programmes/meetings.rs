//! Visits and meetings (*visitas, reuniones*): how trust grows in a network, written down.
//!
//! Whoever takes part in a network calls a meeting or a visit with some of its organisations. After it one of them
//! writes the minutes: who came, and the agreements (what, who, until when). The others confirm them; once all who came
//! have, from two sides at least, they are *confirmed*. New minutes are confirmed anew. Whoever has promised something
//! says when it is done.
//!
//! A meeting is seen by the organisations that it names, and the network's institution. A supplier calls the
//! institution and lead firms: it does not know who else is in the network. What an adviser finds at a visit about an
//! improvement plan stands in the plan's own log (stage `plans`), beside the progress of its actions.

use crate::{
    access,
    foundation::{
        access::{ANYONE, Role, WRITERS},
        clock::{Day, Timestamp},
        fields::{Fault, Fields, Input, JUSTIFICATION},
        ids::{AgreementId, MeetingId, NetworkId, OrganisationId},
    },
    moves, words,
};

/// Everybody who writes, of all three sides.
const SIDES: &[Role] = WRITERS;

access! {
    /// Call a meeting or a visit of a network.
    Call = "meetings.call", SIDES, &["open"];
    /// List the meetings of a network that one may see.
    ListMeetings = "meetings.list", ANYONE, &[];
    /// Look at a meeting.
    ReadMeeting = "meetings.read", ANYONE, &[];
    /// Write the minutes of a meeting: who came, and what was agreed on.
    WriteMinutes = "meetings.write_minutes", SIDES, &["planned", "held"];
    /// Confirm the minutes of a meeting.
    ConfirmMinutes = "meetings.confirm", SIDES, &["held"];
    /// Cancel a meeting, with a reason.
    CancelMeeting = "meetings.cancel", SIDES, &["planned"];
    /// Say that something one has promised is done.
    FulfilAgreement = "meetings.fulfil", SIDES, &["held", "confirmed"];
}

words! {
    /// What kind of meeting it is.
    pub enum MeetingKind {
        /// Somebody visits somebody's place.
        Visit = "visit",
        /// They come together.
        Meeting = "meeting",
    }
}

words! {
    /// How far a meeting is.
    pub enum MeetingState {
        /// It is yet to be, or nobody has written the minutes.
        Planned = "planned",
        /// The minutes are written.
        Held = "held",
        /// All who came have confirmed them.
        Confirmed = "confirmed",
        /// It did not take place.
        Cancelled = "cancelled",
    }
}

moves! {
    /// What happens to a meeting.
    pub enum MeetingMove of MeetingState {
        /// Somebody writes the minutes, or mends them.
        Write by WriteMinutes: Planned => Held, Held => Held;
        /// One of several confirms.
        Confirm by ConfirmMinutes: Held => Held;
        /// The last one confirms.
        ConfirmLast: Held => Confirmed;
        /// It does not take place.
        Cancel by CancelMeeting: Planned => Cancelled;
        /// A promise is kept.
        Fulfil by FulfilAgreement: Held => Held, Confirmed => Confirmed;
    }
}

/// The most organisations of a meeting, and the most agreements.
pub const MOST: usize = 50;

/// A meeting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meeting {
    /// Its id.
    pub id: MeetingId,
    /// The network.
    pub network: NetworkId,
    /// What it is.
    pub kind: MeetingKind,
    /// On which day, by the programme's calendar.
    pub held_on: Day,
    /// Where.
    pub place: String,
    /// What for.
    pub purpose: String,
    /// How far it is.
    pub state: MeetingState,
    /// Which organisation has called it.
    pub called_for: OrganisationId,
    /// Why it was cancelled.
    pub cancelled_because: Option<String>,
    /// Who takes part, in id order.
    pub participants: Vec<Participant>,
    /// What was agreed on.
    pub agreements: Vec<Agreement>,
    /// Grows with every change.
    pub version: i64,
}

/// An organisation that takes part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Participant {
    /// Which.
    pub organisation: OrganisationId,
    /// Who of it came; empty before.
    pub people: String,
    /// Whether it came; `None`: nobody has written the minutes.
    pub attended: Option<bool>,
    /// When it has confirmed the minutes.
    pub confirmed_at: Option<Timestamp>,
}

/// What was agreed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// What.
    pub what: String,
    /// Who does it.
    pub who: OrganisationId,
    /// Until when.
    pub until: Day,
    /// When it was done.
    pub done_on: Option<Day>,
    /// What was said of that.
    pub done_note: Option<String>,
}

/// A meeting to call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMeeting {
    /// What it is.
    pub kind: MeetingKind,
    /// On which day.
    pub held_on: Day,
    /// Where.
    pub place: String,
    /// What for.
    pub purpose: String,
    /// Who shall come, beside whoever calls it.
    pub participants: Vec<OrganisationId>,
}

impl Input for NewMeeting {
    fn read(f: &mut Fields) -> Option<Self> {
        let (kind, held_on) = (f.required("kind"), f.required("held_on"));
        let (place, purpose) = (f.text("place", 2..=200), f.text("purpose", JUSTIFICATION));
        let participants = f.values("participants", MOST);
        if participants.as_ref().is_some_and(Vec::is_empty) {
            f.fail("participants", Fault::new("required"));
        }
        Some(Self {
            kind: kind?,
            held_on: held_on?,
            place: place?,
            purpose: purpose?,
            participants: participants?,
        })
    }
}

/// Minutes to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minutes {
    /// Who came; whoever is not named did not.
    pub attendance: Vec<Attendance>,
    /// What was agreed on.
    pub agreements: Vec<NewAgreement>,
}

/// That an organisation came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attendance {
    /// Which.
    pub organisation: OrganisationId,
    /// Who of it.
    pub people: String,
}

/// Something to agree on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAgreement {
    /// What.
    pub what: String,
    /// Who does it.
    pub who: OrganisationId,
    /// Until when.
    pub until: Day,
}

impl Input for Attendance {
    fn read(f: &mut Fields) -> Option<Self> {
        let (organisation, people) = (f.required("organisation"), f.text("people", 2..=1_000));
        Some(Self { organisation: organisation?, people: people? })
    }
}

impl Input for NewAgreement {
    fn read(f: &mut Fields) -> Option<Self> {
        let (what, who, until) = (f.text("what", 5..=1_000), f.required("who"), f.required("until"));
        Some(Self { what: what?, who: who?, until: until? })
    }
}

impl Input for Minutes {
    fn read(f: &mut Fields) -> Option<Self> {
        let (attendance, agreements) = (f.list::<Attendance>("attendance", MOST), f.list("agreements", MOST));
        if attendance.as_ref().is_some_and(Vec::is_empty) {
            f.fail("attendance", Fault::new("required"));
        }
        Some(Self { attendance: attendance?, agreements: agreements? })
    }
}

/// That a promise was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fulfilment {
    /// What there is to say of it.
    pub note: String,
}

impl Input for Fulfilment {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { note: f.text("note", 2..=1_000)? })
    }
}
