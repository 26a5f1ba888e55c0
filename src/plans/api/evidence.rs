//! Files that show how far a plan's actions are: uploaded, listed, sent. None is taken out again.

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
        clock::Timestamp,
        files::{
            clean::MediaType,
            transfer::{Kept, NewEvidenceJson, attachment, body_limit, keep},
        },
        http::{Key, Reply},
        ids::{EvidenceId, PlanActionId, PlanId},
        problem::Problem,
    },
    gaps::signing::Party,
    organisations::{consents::Purpose, reading_log},
    plans::{AddEvidence, Evidence, ListEvidence, Plan, ReadEvidence, store},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    let upload = OpenApiRouter::new().routes(routes!(add)).layer(body_limit());
    OpenApiRouter::new().merge(upload).routes(routes!(list)).routes(routes!(read))
}

/// A file that shows how far an action is.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanEvidence)]
struct EvidenceJson {
    id: EvidenceId,
    plan: PlanId,
    action: PlanActionId,
    /// What its content is.
    media_type: MediaType,
    /// Bytes that are kept, after metadata were taken out.
    size: i64,
    /// Of what is kept, in hexadecimal.
    sha256: String,
    added_at: Timestamp,
    added_by: Party,
}

impl From<Evidence> for EvidenceJson {
    fn from(e: Evidence) -> Self {
        Self {
            id: e.id,
            plan: e.plan,
            action: e.action,
            media_type: e.media_type,
            size: e.size,
            sha256: e.sha256,
            added_at: e.added_at,
            added_by: e.added_by,
        }
    }
}

/// Adds a file beside an action of an agreed plan. Where and when a photo was taken is taken out. The same file again
/// is the same evidence.
#[utoipa::path(
    post, path = "/plans/{id}/actions/{action}/evidence", operation_id = "plan_evidence_add", tag = "plans",
    params(("id" = PlanId, Path), ("action" = PlanActionId, Path)),
    request_body(content = NewEvidenceJson, content_type = "multipart/form-data"),
    responses((status = CREATED, body = EvidenceJson), (status = OK, description = "It was there already", body = EvidenceJson))
)]
async fn add(
    Service(base): Service<Base>,
    may: May<AddEvidence>,
    Key((plan, action)): Key<(PlanId, PlanActionId)>,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Reply, Problem> {
    // Nobody fills the disk beside a plan that they can't see, or that takes no files.
    let found = store::find(base.db.reads(), may.actor(), plan).await?;
    store::action_of(&found.plan, action)?;
    may.in_state(found.state)?;
    keep(&base, may, upload, async |w, id, file| {
        let (evidence, is_new) = store::add_evidence(w, id, (plan, action), file).await?;
        let location = format!("/api/v1/plans/{plan}/evidence/{}", evidence.id);
        Ok(Kept { json: EvidenceJson::from(evidence), location, is_new })
    })
    .await
}

/// The evidence of a plan.
#[derive(Serialize, ToSchema)]
struct PlanEvidenceList {
    items: Vec<EvidenceJson>,
}

/// A lead firm's look at what belongs to a supplier goes into the supplier's log.
async fn noted<O: crate::foundation::access::Operation>(
    base: &Base,
    may: May<O>,
    plan: &Plan,
) -> Result<(), Problem> {
    reading_log::note(base, may, Purpose::Gaps, "plan", vec![(plan.supplier, plan.id.0)]).await
}

/// Lists the evidence of a plan.
#[utoipa::path(
    get, path = "/plans/{id}/evidence", operation_id = "plan_evidence_list", tag = "plans",
    params(("id" = PlanId, Path)), responses((status = OK, body = PlanEvidenceList))
)]
async fn list(
    Service(base): Service<Base>,
    may: May<ListEvidence>,
    Key(id): Key<PlanId>,
) -> Result<Reply, Problem> {
    let (plan, found) = store::evidence_of(base.db.reads(), may.actor(), id).await?;
    noted(&base, may, &plan).await?;
    Reply::ok(&PlanEvidenceList { items: found.into_iter().map(EvidenceJson::from).collect() })
}

/// Sends a file, to be saved and never shown within a page.
#[utoipa::path(
    get, path = "/plans/{id}/evidence/{evidence}", operation_id = "plan_evidence_read", tag = "plans",
    params(("id" = PlanId, Path), ("evidence" = EvidenceId, Path)),
    responses((status = OK, description = "The file", content_type = "application/octet-stream", body = Vec<u8>))
)]
pub(in crate::plans) async fn read(
    Service(base): Service<Base>,
    may: May<ReadEvidence>,
    Key((id, evidence)): Key<(PlanId, EvidenceId)>,
) -> Result<Response, Problem> {
    let (plan, found) = store::evidence_of(base.db.reads(), may.actor(), id).await?;
    let found = found.into_iter().find(|file| file.id == evidence).ok_or_else(Problem::not_found)?;
    noted(&base, may, &plan).await?;
    attachment(&base.files, evidence.0, found.media_type, &found.sha256).await
}
