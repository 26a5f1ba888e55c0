//! Visits and meetings of networks.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::{Day, Timestamp},
        fields::Reason,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        ids::{AgreementId, MeetingId, NetworkId, OrganisationId},
        problem::Problem,
    },
    programmes::{
        meetings::{
            Agreement, Call, CancelMeeting, ConfirmMinutes, FulfilAgreement, Fulfilment, ListMeetings,
            Meeting, MeetingKind, MeetingState, Minutes, NewMeeting, Participant, ReadMeeting, WriteMinutes,
        },
        store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(call, list_meetings))
        .routes(routes!(read_meeting))
        .routes(routes!(write_minutes))
        .routes(routes!(confirm_minutes))
        .routes(routes!(cancel_meeting))
        .routes(routes!(fulfil))
}

/// An organisation that takes part.
#[derive(Serialize, ToSchema)]
#[schema(as = MeetingParticipant)]
struct ParticipantJson {
    organisation: OrganisationId,
    /// Who of it came; empty before.
    people: String,
    /// Null: nobody has written the minutes.
    attended: Option<bool>,
    /// When it has confirmed the minutes.
    confirmed_at: Option<Timestamp>,
}

impl From<Participant> for ParticipantJson {
    fn from(p: Participant) -> Self {
        let Participant { organisation, people, attended, confirmed_at } = p;
        Self { organisation, people, attended, confirmed_at }
    }
}

/// What was agreed on.
#[derive(Serialize, ToSchema)]
#[schema(as = MeetingAgreement)]
struct AgreementJson {
    id: AgreementId,
    what: String,
    who: OrganisationId,
    until: Day,
    done_on: Option<Day>,
    done_note: Option<String>,
}

impl From<Agreement> for AgreementJson {
    fn from(a: Agreement) -> Self {
        let Agreement { id, what, who, until, done_on, done_note } = a;
        Self { id, what, who, until, done_on, done_note }
    }
}

/// A visit or a meeting of a network.
#[derive(Serialize, ToSchema)]
#[schema(as = Meeting)]
struct MeetingJson {
    id: MeetingId,
    network: NetworkId,
    kind: MeetingKind,
    /// By the programme's calendar.
    held_on: Day,
    place: String,
    purpose: String,
    state: MeetingState,
    /// The organisation that has called it.
    called_for: OrganisationId,
    cancelled_because: Option<String>,
    participants: Vec<ParticipantJson>,
    agreements: Vec<AgreementJson>,
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<Meeting> for MeetingJson {
    fn from(m: Meeting) -> Self {
        Self {
            id: m.id,
            network: m.network,
            kind: m.kind,
            held_on: m.held_on,
            place: m.place,
            purpose: m.purpose,
            state: m.state,
            called_for: m.called_for,
            cancelled_because: m.cancelled_because,
            participants: m.participants.into_iter().map(ParticipantJson::from).collect(),
            agreements: m.agreements.into_iter().map(AgreementJson::from).collect(),
            etag: etag(m.version),
        }
    }
}

fn answer(meeting: Meeting) -> Result<Reply, Problem> {
    let version = meeting.version;
    Ok(Reply::ok(&MeetingJson::from(meeting))?.version(version))
}

/// A meeting to call.
#[derive(ToSchema)]
#[schema(as = NewMeeting)]
#[expect(dead_code, reason = "describes what `NewMeeting` reads")]
struct NewMeetingJson {
    kind: MeetingKind,
    held_on: Day,
    #[schema(example = "Taller de Uno SpA, Chillán")]
    place: String,
    #[schema(
        example = "Ver el control de calidad y acordar las muestras.",
        min_length = 10,
        max_length = 2000
    )]
    purpose: String,
    /// Organisations of the network, beside one's own.
    #[schema(min_items = 1, max_items = 50)]
    participants: Vec<OrganisationId>,
}

/// Calls a meeting or a visit of a network in which one takes part. A supplier calls the institution and lead firms.
#[utoipa::path(
    post, path = "/networks/{id}/meetings", operation_id = "meetings_call", tag = "programmes",
    params(("id" = NetworkId, Path)), request_body = NewMeetingJson,
    responses((status = CREATED, body = MeetingJson, links(
        ("read" = (operation_id = "meetings_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn call(
    State(base): State<Base>,
    may: May<Call>,
    Key(id): Key<NetworkId>,
    Body { value, once }: Body<NewMeeting>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let meeting = store::call(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/meetings/{}", meeting.id), meeting.version);
        let reply = Reply::created(location, &MeetingJson::from(meeting))?.version(version);
        Ok(w.done(reply))
    })
    .await
}

/// Lists the meetings of a network in which one takes part; for its institution, all.
#[utoipa::path(
    get, path = "/networks/{id}/meetings", operation_id = "meetings_list", tag = "programmes",
    params(("id" = NetworkId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<MeetingJson>))
)]
async fn list_meetings(
    State(base): State<Base>,
    may: May<ListMeetings>,
    Key(id): Key<NetworkId>,
    Params(window): Params<Window>,
) -> Result<Page<MeetingJson>, Problem> {
    let page = store::list_meetings(base.db.reads(), may.actor(), id, &window).await?;
    Ok(page.map(MeetingJson::from))
}

/// Looks at a meeting.
#[utoipa::path(
    get, path = "/meetings/{id}", operation_id = "meetings_read", tag = "programmes",
    params(("id" = MeetingId, Path)), responses((status = OK, body = MeetingJson))
)]
async fn read_meeting(
    State(base): State<Base>,
    may: May<ReadMeeting>,
    Key(id): Key<MeetingId>,
) -> Result<Reply, Problem> {
    answer(store::find_meeting(base.db.reads(), may.actor(), id).await?)
}

/// That an organisation came.
#[derive(ToSchema)]
#[schema(as = MeetingAttendance)]
#[expect(dead_code, reason = "describes what `Attendance` reads")]
struct AttendanceJson {
    organisation: OrganisationId,
    #[schema(example = "Ana Rojas, jefa de calidad")]
    people: String,
}

/// Something to agree on.
#[derive(ToSchema)]
#[schema(as = NewMeetingAgreement)]
#[expect(dead_code, reason = "describes what `NewAgreement` reads")]
struct NewAgreementJson {
    #[schema(example = "Enviar tres muestras con su certificado de colada.")]
    what: String,
    who: OrganisationId,
    until: Day,
}

/// The minutes of a meeting.
#[derive(ToSchema)]
#[schema(as = MeetingMinutes)]
#[expect(dead_code, reason = "describes what `Minutes` reads")]
struct MinutesJson {
    /// Who came; whoever is not named did not.
    #[schema(min_items = 1, max_items = 50)]
    attendance: Vec<AttendanceJson>,
    #[schema(max_items = 50)]
    agreements: Option<Vec<NewAgreementJson>>,
}

/// Writes the minutes: who came, and what was agreed on. One's own organisation confirms them with that; the others who
/// came confirm them, anew when they are rewritten.
#[utoipa::path(
    put, path = "/meetings/{id}/minutes", operation_id = "meetings_write_minutes", tag = "programmes",
    params(("id" = MeetingId, Path), ("If-Match" = String, Header)), request_body = MinutesJson,
    responses((status = OK, body = MeetingJson))
)]
async fn write_minutes(
    State(base): State<Base>,
    may: May<WriteMinutes>,
    Key(id): Key<MeetingId>,
    version: IfVersion,
    Body { value, once }: Body<Minutes>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::write_minutes(&w, id, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Confirms the minutes for one's organisation.
#[utoipa::path(
    post, path = "/meetings/{id}/confirm", operation_id = "meetings_confirm", tag = "programmes",
    params(("id" = MeetingId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = MeetingJson))
)]
async fn confirm_minutes(
    State(base): State<Base>,
    may: May<ConfirmMinutes>,
    Key(id): Key<MeetingId>,
    version: IfVersion,
    Body { once, .. }: Body<crate::foundation::fields::Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::confirm_minutes(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Cancels a meeting, with a reason.
#[utoipa::path(
    post, path = "/meetings/{id}/cancel", operation_id = "meetings_cancel", tag = "programmes",
    params(("id" = MeetingId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = MeetingJson))
)]
async fn cancel_meeting(
    State(base): State<Base>,
    may: May<CancelMeeting>,
    Key(id): Key<MeetingId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::cancel_meeting(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// That a promise was kept.
#[derive(ToSchema)]
#[schema(as = MeetingFulfilment)]
#[expect(dead_code, reason = "describes what `Fulfilment` reads")]
struct FulfilmentJson {
    #[schema(example = "Muestras entregadas en la planta norte.")]
    note: String,
}

/// Says that something one's organisation has promised is done.
#[utoipa::path(
    post, path = "/meetings/{id}/agreements/{agreement}/fulfil", operation_id = "meetings_fulfil",
    tag = "programmes",
    params(("id" = MeetingId, Path), ("agreement" = AgreementId, Path), ("If-Match" = String, Header)),
    request_body = FulfilmentJson, responses((status = OK, body = MeetingJson))
)]
async fn fulfil(
    State(base): State<Base>,
    may: May<FulfilAgreement>,
    Key(ids): Key<(MeetingId, AgreementId)>,
    version: IfVersion,
    Body { value, once }: Body<Fulfilment>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::fulfil(&w, ids, version, value).await?)?;
        Ok(w.done(reply))
    })
    .await
}
