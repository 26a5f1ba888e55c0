//! Evidence files: uploaded, listed, sent, deleted.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{
    extract::{
        DefaultBodyLimit, Multipart, State,
        multipart::{MultipartError, MultipartRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    diagnostics::{
        AddEvidence, DeleteEvidence, Evidence, ListEvidence, ReadEvidence,
        clean::{Clean, MOST_BYTES, MediaType, Refused},
        files::Files,
        store,
    },
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        db::Once,
        http::{Key, Reply},
        ids::{DiagnosticId, EvidenceId, OrganisationId},
        problem::{FieldError, Problem},
    },
};

/// What a multipart body may have beside the file.
const ENVELOPE: usize = 64 << 10;

pub(super) fn routes() -> OpenApiRouter<Base> {
    let upload =
        OpenApiRouter::new().routes(routes!(add)).layer(DefaultBodyLimit::max(MOST_BYTES + ENVELOPE));
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

/// A file to add.
#[derive(ToSchema)]
#[schema(as = NewEvidence)]
#[expect(dead_code, reason = "describes what the upload reads")]
struct NewEvidenceJson {
    /// PDF, JPEG, PNG or WebP, of at most 10 MiB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
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
    let file = Clean::take(only_file(upload.map_err(|_| not_multipart())?).await?).map_err(refused)?;
    let (files, id) = (Files::of(&base.config)?, base.ids.new_id::<EvidenceId>(base.clock.now()));
    files.put(id, file.content.clone()).await?;
    let is_new = AtomicBool::new(false);
    let written = base
        .write(may, Once::never(), async |w| {
            let (evidence, added) = store::add_evidence(&w, id, diagnostic, &question, &file).await?;
            is_new.store(added, Ordering::Relaxed);
            let (location, json) =
                (format!("/api/v1/evidence/{}", evidence.id), EvidenceJson::from(evidence));
            let reply = if added { Reply::created(location, &json)? } else { Reply::ok(&json)? };
            Ok(w.done(reply))
        })
        .await;
    if written.is_err() || !is_new.into_inner() {
        files.erase(id).await?;
    }
    written
}

fn not_multipart() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-multipart")
}

fn refused(why: Refused) -> Problem {
    Problem::invalid(vec![
        FieldError::new("/file", why.code())
            .with("most", MOST_BYTES >> 20)
            .with("allowed", "PDF, JPEG, PNG, WebP"),
    ])
}

/// The content of the one field `file`; its name and what it claims to be are nobody's business.
async fn only_file(mut upload: Multipart) -> Result<img_parts::Bytes, Problem> {
    let (mut file, mut errors) = (None, Vec::new());
    while let Some(field) = upload.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(unreadable)?;
        match (name.as_str(), &file) {
            ("file", None) => file = Some(content),
            ("file", Some(_)) => errors.push(FieldError::new("/file", "too-many").with("most", 1)),
            (other, _) => {
                let pointer = format!("/{}", other.replace('~', "~0").replace('/', "~1"));
                errors.push(FieldError::new(pointer, "unknown-field").with("allowed", "file"));
            }
        }
    }
    match file {
        Some(file) if errors.is_empty() => Ok(file),
        Some(_) => Err(Problem::invalid(errors)),
        None => {
            errors.push(FieldError::new("/file", "required"));
            Err(Problem::invalid(errors))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unreadable(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { refused(Refused::TooLarge) } else { not_multipart() }
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
async fn read(
    State(base): State<Base>,
    may: May<ReadEvidence>,
    Key(id): Key<EvidenceId>,
) -> Result<Response, Problem> {
    let found = store::evidence(base.db.reads(), may.actor(), id).await?;
    let content = Files::of(&base.config)?.get(id).await?;
    if hex::encode(Sha256::digest(&content)) != found.sha256 {
        return Err(Problem::internal(format!("evidence {id} is not the file that was kept")));
    }
    let name = format!("attachment; filename=\"{}.{}\"", found.id, found.media_type.ending());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(found.media_type.word())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Problem::internal)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, content).into_response())
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
