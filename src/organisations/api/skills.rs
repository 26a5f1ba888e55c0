//! A supplier's processes and certificates.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Day,
        db::Once,
        http::{Body, Key, Reply},
        ids::CertificateId,
        problem::{FieldError, Problem},
    },
    organisations::{
        skills::{
            AddCertificate, Certificate, NewCertificate, Process, RemoveCapacity, RemoveCertificate,
            RemoveProcess, StateProcess, StatedProcess,
        },
        store::{firms, skills as store},
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(state_process, remove_process))
        .routes(routes!(remove_capacity))
        .routes(routes!(add_certificate))
        .routes(routes!(remove_certificate))
}

/// A process of a supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierProcess)]
pub(super) struct ProcessJson {
    #[schema(example = "torneado")]
    process: String,
    /// UNSPSC.
    #[schema(example = "73181001")]
    code: Option<String>,
    description: String,
    since_year: Option<i64>,
}

impl From<Process> for ProcessJson {
    fn from(p: Process) -> Self {
        let Process { process, code, description, since_year } = p;
        Self { process, code, description, since_year }
    }
}

/// A certificate of a supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = SupplierCertificate)]
pub(super) struct CertificateJson {
    id: CertificateId,
    #[schema(example = "ISO 9001:2015")]
    scheme: String,
    number: String,
    issuer: String,
    scope: String,
    issued_on: Day,
    /// Null: it does not expire.
    expires_on: Option<Day>,
    /// Whether it holds today.
    in_force: bool,
}

impl CertificateJson {
    pub(super) fn new(c: Certificate, today: Day) -> Self {
        Self {
            in_force: c.holds_on(today),
            id: c.id,
            scheme: c.scheme,
            number: c.number,
            issuer: c.issuer,
            scope: c.scope,
            issued_on: c.issued_on,
            expires_on: c.expires_on,
        }
    }
}

/// What a process is called in an address.
pub(super) fn process_name(process: String) -> Result<String, Problem> {
    if (1..=60).contains(&process.chars().count()) {
        return Ok(process);
    }
    let error = FieldError::new("/process", "wrong-length").with("least", 1).with("most", 60);
    Err(Problem::invalid(vec![error]))
}

/// A process, as stated by the supplier.
#[derive(ToSchema)]
#[schema(as = StatedProcess)]
#[expect(dead_code, reason = "describes what `StatedProcess` reads")]
struct StatedProcessJson {
    /// UNSPSC code, eight digits.
    #[schema(example = "73181001")]
    code: Option<String>,
    /// Machines, materials, sizes.
    #[schema(example = "Tres tornos CNC, hasta 400 mm de diámetro, bronce y acero.", max_length = 2000)]
    description: Option<String>,
    #[schema(example = 2011)]
    since_year: Option<i64>,
}

/// States a process of one's supplier; stating it again replaces it.
#[utoipa::path(
    put, path = "/profile/processes/{process}", operation_id = "profiles_state_process", tag = "organisations",
    params(("process" = String, Path)), request_body = StatedProcessJson, responses((status = NO_CONTENT))
)]
async fn state_process(
    State(base): State<Base>,
    may: May<StateProcess>,
    Key(process): Key<String>,
    Body { value, once }: Body<StatedProcess>,
) -> Result<Reply, Problem> {
    let process = process_name(process)?;
    base.write(may, once, async |w| {
        store::state_process(&w, process, value).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Takes a process back.
#[utoipa::path(
    delete, path = "/profile/processes/{process}", operation_id = "profiles_remove_process",
    tag = "organisations", params(("process" = String, Path)), responses((status = NO_CONTENT))
)]
async fn remove_process(
    State(base): State<Base>,
    may: May<RemoveProcess>,
    Key(process): Key<String>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::remove_process(&w, process).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Takes a capacity back.
#[utoipa::path(
    delete, path = "/profile/capacities/{process}", operation_id = "profiles_remove_capacity",
    tag = "organisations", params(("process" = String, Path)), responses((status = NO_CONTENT))
)]
async fn remove_capacity(
    State(base): State<Base>,
    may: May<RemoveCapacity>,
    Key(process): Key<String>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::remove_capacity(&w, process).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// A certificate to add.
#[derive(ToSchema)]
#[schema(as = NewSupplierCertificate)]
#[expect(dead_code, reason = "describes what `NewCertificate` reads")]
struct NewCertificateJson {
    #[schema(example = "ISO 9001:2015", min_length = 2, max_length = 100)]
    scheme: String,
    #[schema(example = "CL-2024-0117")]
    number: String,
    #[schema(example = "Bureau Veritas")]
    issuer: String,
    #[schema(example = "Torneado y fresado de piezas de bronce")]
    scope: Option<String>,
    issued_on: Day,
    /// The last day on which it holds; absent: it does not expire.
    expires_on: Option<Day>,
}

/// Adds a certificate of one's supplier. An expired one stays, and says that it is.
#[utoipa::path(
    post, path = "/profile/certificates", operation_id = "profiles_add_certificate", tag = "organisations",
    request_body = NewCertificateJson, responses((status = CREATED, body = CertificateJson))
)]
async fn add_certificate(
    State(base): State<Base>,
    may: May<AddCertificate>,
    Body { value, once }: Body<NewCertificate>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let certificate = store::add_certificate(&w, value).await?;
        let location = format!("/api/v1/organisations/{}/profile", w.actor().organisation);
        let reply = Reply::created(
            location,
            &CertificateJson::new(
                certificate,
                firms::day(w.db(), w.actor(), w.actor().organisation, w.at()).await?,
            ),
        )?;
        Ok(w.done(reply))
    })
    .await
}

/// Takes a certificate back.
#[utoipa::path(
    delete, path = "/profile/certificates/{id}", operation_id = "profiles_remove_certificate",
    tag = "organisations", params(("id" = CertificateId, Path)), responses((status = NO_CONTENT))
)]
async fn remove_certificate(
    State(base): State<Base>,
    may: May<RemoveCertificate>,
    Key(id): Key<CertificateId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::remove_certificate(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
