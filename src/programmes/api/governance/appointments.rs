//! Who has which function in a programme.

use axum::extract::State as Service;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Versioned;
use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input, Nothing, Reason},
        http::{
            Body, IfVersion, Key, Params, Reply,
            list::{Page, Window},
        },
        ids::{AppointmentId, ProgrammeId},
        problem::Problem,
    },
    programmes::{
        governance::{
            Accept, Appoint, Appointment, Decline, End, Functions, ListAppointments, NewAppointment,
            ReadAppointment, ReadFunctions,
        },
        store::governance as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(read_functions))
        .routes(routes!(appoint))
        .routes(routes!(list_appointments))
        .routes(routes!(read_appointment))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(end))
}

fn answer(appointment: Appointment) -> Result<Reply, Problem> {
    let version = appointment.version;
    Versioned::answer(appointment, version)
}

/// Shows who has which function in a programme, to institutions that have one.
#[utoipa::path(
    get, path = "/programmes/{id}/functions", operation_id = "functions_read", tag = "governance",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = Functions))
)]
async fn read_functions(
    Service(base): Service<Base>,
    may: May<ReadFunctions>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    Reply::ok(&store::functions(base.db.reads(), may.actor(), id).await?.1)
}

/// Appoints an institution to a function, in the name of the strategic direction. It accepts or declines.
#[utoipa::path(
    post, path = "/programmes/{id}/appointments", operation_id = "appointments_create", tag = "governance",
    params(("id" = ProgrammeId, Path)), request_body = NewAppointment,
    responses((status = CREATED, body = Versioned<Appointment>, links(
        ("read" = (operation_id = "appointments_read", parameters(("id" = "$response.body#/id")))),
    )))
)]
async fn appoint(
    Service(base): Service<Base>,
    may: May<Appoint>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewAppointment>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let made = store::appoint(&w, id, value).await?;
        let (location, version) = (format!("/api/v1/appointments/{}", made.id), made.version);
        let reply = Versioned::created(location, made, version)?;
        Ok(w.done(reply))
    })
    .await
}

struct Filter {
    programme: Option<ProgrammeId>,
    window: Window,
}

impl Input for Filter {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, window) = (f.optional("programme"), Window::read(f));
        Some(Self { programme: programme?, window: window? })
    }
}

/// Lists the appointments that one may see: those of one's institution, and those in programmes that it opened,
/// steers or coordinates.
#[utoipa::path(
    get, path = "/appointments", operation_id = "appointments_list", tag = "governance",
    params(
        ("programme" = Option<ProgrammeId>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = OK, body = Page<Versioned<Appointment>>))
)]
async fn list_appointments(
    Service(base): Service<Base>,
    may: May<ListAppointments>,
    Params(filter): Params<Filter>,
) -> Result<Page<Versioned<Appointment>>, Problem> {
    let page =
        store::list_appointments(base.db.reads(), may.actor(), filter.programme, &filter.window).await?;
    Ok(page.map(|found| {
        let version = found.version;
        Versioned::new(found, version)
    }))
}

/// Looks at an appointment.
#[utoipa::path(
    get, path = "/appointments/{id}", operation_id = "appointments_read", tag = "governance",
    params(("id" = AppointmentId, Path)), responses((status = OK, body = Versioned<Appointment>))
)]
async fn read_appointment(
    Service(base): Service<Base>,
    may: May<ReadAppointment>,
    Key(id): Key<AppointmentId>,
) -> Result<Reply, Problem> {
    answer(store::find_appointment(base.db.reads(), may.actor(), id).await?)
}

/// Accepts an appointment of one's institution. Direction and coordination pass to it from whoever had them.
#[utoipa::path(
    post, path = "/appointments/{id}/accept", operation_id = "appointments_accept", tag = "governance",
    params(("id" = AppointmentId, Path), ("If-Match" = String, Header)),
    responses((status = OK, body = Versioned<Appointment>))
)]
async fn accept(
    Service(base): Service<Base>,
    may: May<Accept>,
    Key(id): Key<AppointmentId>,
    version: IfVersion,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::accept(&w, id, version).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Declines an appointment of one's institution.
#[utoipa::path(
    post, path = "/appointments/{id}/decline", operation_id = "appointments_decline", tag = "governance",
    params(("id" = AppointmentId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = Versioned<Appointment>))
)]
async fn decline(
    Service(base): Service<Base>,
    may: May<Decline>,
    Key(id): Key<AppointmentId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::decline(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}

/// Ends an appointment: the direction takes it back, or the appointed institution resigns. Direction and coordination
/// are then again with the institution that opened the programme.
#[utoipa::path(
    post, path = "/appointments/{id}/end", operation_id = "appointments_end", tag = "governance",
    params(("id" = AppointmentId, Path), ("If-Match" = String, Header)), request_body = Reason,
    responses((status = OK, body = Versioned<Appointment>))
)]
async fn end(
    Service(base): Service<Base>,
    may: May<End>,
    Key(id): Key<AppointmentId>,
    version: IfVersion,
    Body { value, once }: Body<Reason>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = answer(store::end(&w, id, version, value.reason).await?)?;
        Ok(w.done(reply))
    })
    .await
}
