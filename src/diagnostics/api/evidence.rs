//! Evidence files: uploaded, listed, sent, deleted.

use axum::{
    extract::{Multipart, State, multipart::MultipartRejection},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    diagnostics::{AddEvidence, DeleteEvidence, Evidence, ListEvidence, ReadEvidence, store},
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        db::Once,
        files::{
            clean::MediaType,
            transfer::{Kept, NewEvidenceJson, attachment, body_limit, keep},
        },
        http::{Key, Reply},
        ids::{DiagnosticId, EvidenceId, OrganisationId},
        problem::Problem,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    let upload = OpenApiRouter::new().routes(routes!(add)).layer(body_limit());
    OpenApiRouter::new().merge(upload).routes(routes!(list)).routes(routes!(read, delete))
}

/// A file that shows an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Evidence)]
struct EvidenceJson {
    id: EvidenceId,
    diagnostic: DiagnosticId,
    question: String,
    /// What its content is.
    media_type: MediaType,
    /// Bytes that are kept, after metadata were taken out.
    size: i64,
    /// Of what is kept, in hexadecimal.
    sha256: String,
    added_at: Timestamp,
    /// The organisation that added it: the firm itself, or a verifier's institution.
    added_for: OrganisationId,
}

impl From<Evidence> for EvidenceJson {
    fn from(e: Evidence) -> Self {
        Self {
            id: e.id,
            diagnostic: e.diagnostic,
            question: e.question,
            media_type: e.media_type,
            size: e.size,
            sha256: e.sha256,
            added_at: e.added_at,
            added_for: e.added_for,
        }
    }
}

/// Adds a file beside an answer: to one's own draft, or as a verifier to what was submitted. Where and when a
/// photo was taken is taken out. The same file again is the same evidence.
#[utoipa::path(
    post, path = "/diagnostics/{id}/answers/{question}/evidence", operation_id = "evidence_add", tag = "diagnostics",
    params(("id" = DiagnosticId, Path), ("question" = String, Path, example = "quality-iso-9001")),
    request_body(content = NewEvidenceJson, content_type = "multipart/form-data"),
    responses((status = CREATED, body = EvidenceJson), (status = OK, description = "It was there already", body = EvidenceJson))
)]
async fn add(
    State(base): State<Base>,
    may: May<AddEvidence>,
    Key((diagnostic, question)): Key<(DiagnosticId, String)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Reply, Problem> {
    // Nobody fills the disk beside a diagnostic that they can't see.
    store::find(base.db.reads(), may.actor(), diagnostic).await?.question(&question)?;
    keep(&base, may, upload, async |w, id, file| {
        let (evidence, is_new) = store::add_evidence(w, id, diagnostic, &question, file).await?;
        let location = format!("/api/v1/evidence/{}", evidence.id);
        Ok(Kept { json: EvidenceJson::from(evidence), location, is_new })
    })
    .await
}

/// The evidence of a diagnostic.
#[derive(Serialize, ToSchema)]
struct EvidenceList {
    items: Vec<EvidenceJson>,
}

/// Lists the evidence of a diagnostic.
#[utoipa::path(
    get, path = "/diagnostics/{id}/evidence", operation_id = "evidence_list", tag = "diagnostics",
    params(("id" = DiagnosticId, Path)), responses((status = OK, body = EvidenceList))
)]
async fn list(
    State(base): State<Base>,
    may: May<ListEvidence>,
    Key(id): Key<DiagnosticId>,
) -> Result<Reply, Problem> {
    let found = store::evidence_of(base.db.reads(), may.actor(), id).await?;
    Reply::ok(&EvidenceList { items: found.into_iter().map(EvidenceJson::from).collect() })
}

/// Sends a file, to be saved and never shown within a page.
#[utoipa::path(
    get, path = "/evidence/{id}", operation_id = "evidence_read", tag = "diagnostics",
    params(("id" = EvidenceId, Path)),
    responses((status = OK, description = "The file", content_type = "application/octet-stream", body = Vec<u8>))
)]
pub(in crate::diagnostics) async fn read(
    State(base): State<Base>,
    may: May<ReadEvidence>,
    Key(id): Key<EvidenceId>,
) -> Result<Response, Problem> {
    let found = store::evidence(base.db.reads(), may.actor(), id).await?;
    attachment(&base.files, id.0, found.media_type, &found.sha256).await
}

/// Deletes evidence of one's own draft, and its file.
#[utoipa::path(
    delete, path = "/evidence/{id}", operation_id = "evidence_delete", tag = "diagnostics",
    params(("id" = EvidenceId, Path)), responses((status = NO_CONTENT))
)]
async fn delete(
    State(base): State<Base>,
    may: May<DeleteEvidence>,
    Key(id): Key<EvidenceId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        store::delete_evidence(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}
