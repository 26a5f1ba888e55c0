//! How files come in, as the one field `file` of a multipart body, and go out, as attachments.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{
    extract::{
        DefaultBodyLimit, Multipart,
        multipart::{MultipartError, MultipartRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use img_parts::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Files,
    clean::{Clean, MOST_BYTES, MediaType, Refused},
};
use crate::foundation::{
    Base,
    access::{May, Operation},
    db::{Once, Write},
    http::Reply,
    ids::EvidenceId,
    problem::{FieldError, Problem},
};

/// What a multipart body may have beside the file.
const ENVELOPE: usize = 64 << 10;

/// A file to add.
#[derive(ToSchema)]
#[schema(as = NewEvidence)]
#[expect(dead_code, reason = "describes what `received` reads")]
pub struct NewEvidenceJson {
    /// PDF, JPEG, PNG or WebP, of at most 10 MiB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// How much a body with a file may hold.
pub fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MOST_BYTES + ENVELOPE)
}

/// What was written down about a file.
pub struct Kept<J> {
    /// How it is shown.
    pub json: J,
    /// Where.
    pub location: String,
    /// Whether it was not there already.
    pub is_new: bool,
}

/// Keeps the file of an upload, without what must not be kept of it, and then writes down what it shows; a file that no
/// row names in the end is erased again.
///
/// # Errors
/// 415 when it is no multipart body, 422 for other fields than one `file`, and for a file that is not taken; 503 when
/// the store does not answer in time; what the write says.
pub async fn keep<O: Operation, J: Serialize>(
    base: &Base,
    may: May<O>,
    upload: Result<Multipart, MultipartRejection>,
    write: impl AsyncFnOnce(&Write, EvidenceId, &Clean) -> Result<Kept<J>, Problem>,
) -> Result<Reply, Problem> {
    let (file, id) = (received(upload).await?, base.ids.new_id::<EvidenceId>(base.clock.now()));
    base.files.put(id, file.content.clone()).await?;
    let is_named = AtomicBool::new(false);
    let written = base
        .write(may, Once::never(), async |w| {
            let Kept { json, location, is_new } = write(&w, id, &file).await?;
            is_named.store(is_new, Ordering::Relaxed);
            let reply = if is_new { Reply::created(location, &json)? } else { Reply::ok(&json)? };
            Ok(w.done(reply))
        })
        .await;
    if written.is_err() || !is_named.into_inner() {
        base.files.erase(id.0).await?;
    }
    written
}

async fn received(upload: Result<Multipart, MultipartRejection>) -> Result<Clean, Problem> {
    Clean::take(only_file(upload, || refused(Refused::TooLarge)).await?).map_err(refused)
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
///
/// # Errors
/// 415 when it is no multipart body, 422 for other fields than one `file`; what `too_large` says for more than the body's
/// limit.
pub async fn only_file(
    upload: Result<Multipart, MultipartRejection>,
    too_large: impl Fn() -> Problem,
) -> Result<Bytes, Problem> {
    let unreadable = |error: MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { not_multipart() }
    };
    let mut upload = upload.map_err(|_| not_multipart())?;
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

/// Sends a file, to be saved and never shown within a page, when it is what was kept.
///
/// # Errors
/// 500 when it is missing or another one, 503 when the store does not answer in time.
pub async fn attachment(
    files: &Files,
    id: Uuid,
    media_type: MediaType,
    sha256: &str,
) -> Result<Response, Problem> {
    let content = files.get(id).await?;
    if hex::encode(Sha256::digest(&content)) != sha256 {
        return Err(Problem::internal(format!("evidence {id} is not the file that was kept")));
    }
    let name = format!("attachment; filename=\"{id}.{}\"", media_type.ending());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type.word())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Problem::internal)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, content).into_response())
}
