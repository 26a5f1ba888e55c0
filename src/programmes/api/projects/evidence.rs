//! Files that show how far the milestones of projects are: uploaded, listed, sent. None is taken out again.

use axum::{
    extract::{Multipart, State as Service, multipart::MultipartRejection},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        files::transfer::{Kept, NewEvidenceJson, attachment, body_limit, keep},
        http::{Key, Reply},
        ids::{EvidenceId, ProjectId},
        problem::Problem,
    },
    programmes::{
        projects::{AddEvidence, ListEvidence, MilestoneEvidence, ReadEvidence},
        store::projects as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    let upload = OpenApiRouter::new().routes(routes!(add)).layer(body_limit());
    OpenApiRouter::new().merge(upload).routes(routes!(list)).routes(routes!(read))
}

/// Adds a file beside a milestone, before it is accepted, in the name of the institution that executes. Where and when a
/// photo was taken is taken out. The same file again is the same evidence.
#[utoipa::path(
    post, path = "/projects/{id}/milestones/{milestone}/evidence", operation_id = "milestones_add_evidence",
    tag = "projects", params(("id" = ProjectId, Path), ("milestone" = i32, Path)),
    request_body(content = NewEvidenceJson, content_type = "multipart/form-data"),
    responses(
        (status = CREATED, body = MilestoneEvidence),
        (status = OK, description = "It was there already", body = MilestoneEvidence),
    )
)]
async fn add(
    Service(base): Service<Base>,
    may: May<AddEvidence>,
    Key((project, milestone)): Key<(ProjectId, i32)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Reply, Problem> {
    // Nobody fills the disk beside a milestone that they can't see, or that takes no files.
    let found = store::find(base.db.reads(), may.actor(), project).await?;
    may.in_state(found.milestone(milestone).ok_or_else(Problem::not_found)?.state)?;
    keep(&base, may, upload, async |w, id, file| {
        let (json, is_new) = store::add_evidence(w, id, (project, milestone), file).await?;
        let location = format!("/api/v1/projects/{project}/evidence/{}", json.id);
        Ok(Kept { json, location, is_new })
    })
    .await
}

/// The evidence of a project.
#[derive(Serialize, ToSchema)]
struct ProjectEvidenceList {
    items: Vec<MilestoneEvidence>,
}

/// Lists the evidence of a project.
#[utoipa::path(
    get, path = "/projects/{id}/evidence", operation_id = "milestones_list_evidence", tag = "projects",
    params(("id" = ProjectId, Path)), responses((status = OK, body = ProjectEvidenceList))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListEvidence>,
    Key(id): Key<ProjectId>,
) -> Result<Reply, Problem> {
    Reply::ok(&ProjectEvidenceList { items: store::evidence_of(base.db.reads(), may.actor(), id).await? })
}

/// Sends a file, to be saved and never shown within a page.
#[utoipa::path(
    get, path = "/projects/{id}/evidence/{evidence}", operation_id = "milestones_read_evidence", tag = "projects",
    params(("id" = ProjectId, Path), ("evidence" = EvidenceId, Path)),
    responses((status = OK, description = "The file", content_type = "application/octet-stream", body = Vec<u8>))
)]
pub(in crate::programmes) async fn read(
    Service(base): Service<Base>,
    may: May<ReadEvidence>,
    Key((id, evidence)): Key<(ProjectId, EvidenceId)>,
) -> Result<Response, Problem> {
    let found = store::evidence_of(base.db.reads(), may.actor(), id).await?;
    let found = found.into_iter().find(|file| file.id == evidence).ok_or_else(Problem::not_found)?;
    attachment(&base.files, evidence.0, found.media_type, &found.sha256).await
}
