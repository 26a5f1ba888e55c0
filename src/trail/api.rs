//! The JSON operations of this stage.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Compare, ListCheckpoints, ListEntries, Prove, Sizes};
use crate::foundation::{
    Base,
    access::{May, Role},
    audit::{Written, log},
    clock::Timestamp,
    http::{
        Key, Params, Reply,
        list::{Page, Window},
    },
    ids::{AccountId, AuditEntryId, CheckpointId, OrganisationId},
    problem::Problem,
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(prove))
        .routes(routes!(checkpoints))
        .routes(routes!(compare))
}

/// Something that somebody did. Its leaf is `SHA-256(0x00 ‖ JSON)` over the fields `id`, `at`, `account`, `organisation`,
/// `role`, `operation`, `subject` and `subject_id`, and `details` with the value of `details_hash`, as JSON with sorted keys
/// and without white space.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryJson {
    id: AuditEntryId,
    at: Timestamp,
    account: AccountId,
    organisation: OrganisationId,
    role: Role,
    /// What was done.
    #[schema(example = "requirements.publish")]
    operation: String,
    /// To which kind of thing.
    #[schema(example = "requirement")]
    subject: String,
    subject_id: Uuid,
    /// The salted commitment to the values that were written; entries of before have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    details_hash: Option<String>,
    /// The hash of the leaf.
    leaf_hash: String,
}

impl From<Written> for EntryJson {
    fn from(written: Written) -> Self {
        let Written { id, at, account, organisation, role, operation, subject, subject_id, .. } = written;
        let Written { details_hash, leaf_hash, .. } = written;
        Self { id, at, account, organisation, role, operation, subject, subject_id, details_hash, leaf_hash }
    }
}

/// An entry and its place in the log.
#[derive(Serialize, ToSchema)]
#[schema(as = PlacedAuditEntry)]
struct PlacedJson {
    #[serde(flatten)]
    entry: EntryJson,
    /// Its place, from 0; null until it has one, which takes some minutes.
    position: Option<u64>,
}

/// Lists what people of one's organisation have done, oldest first.
#[utoipa::path(
    get, path = "/audit-entries", operation_id = "audit_entries_list", tag = "audit",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<PlacedJson>))
)]
async fn list(
    State(base): State<Base>,
    may: May<ListEntries>,
    Params(window): Params<Window>,
) -> Result<Page<PlacedJson>, Problem> {
    let page = log::entries(base.db.reads(), may.actor(), &window).await?;
    Ok(page.map(|(entry, position)| PlacedJson { entry: entry.into(), position }))
}

/// The proof that an entry stands in the log (RFC 6962).
#[derive(Serialize, ToSchema)]
#[schema(as = InclusionProof)]
struct InclusionJson {
    entry: EntryJson,
    /// Its place, from 0.
    position: u64,
    /// The hashes from the leaf up, hexadecimal.
    path: Vec<String>,
    /// The signed checkpoint of the tree in which it stands.
    checkpoint: String,
}

/// Proves that an entry of one's organisation stands in the log of the newest checkpoint. `eslabon audit verify` checks
/// the answer without this service.
#[utoipa::path(
    get, path = "/audit-entries/{id}/proof", operation_id = "audit_entries_prove", tag = "audit",
    params(("id" = AuditEntryId, Path)), responses((status = OK, body = InclusionJson))
)]
async fn prove(
    State(base): State<Base>,
    may: May<Prove>,
    Key(id): Key<AuditEntryId>,
) -> Result<Reply, Problem> {
    let log::Inclusion { entry, position, path, checkpoint } =
        log::prove(base.db.reads(), may.actor(), id).await?;
    Reply::ok(&InclusionJson { entry: entry.into(), position, path, checkpoint })
}

/// A signed checkpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditCheckpoint)]
struct CheckpointJson {
    id: CheckpointId,
    /// How many entries the log has.
    size: u64,
    at: Timestamp,
    /// The checkpoint as a signed note: origin, size, root, moment, signature.
    note: String,
}

/// Lists the signed checkpoints of the audit log, oldest first. Who keeps one can tell later whether the log still begins
/// with it.
#[utoipa::path(
    get, path = "/audit-checkpoints", operation_id = "audit_checkpoints_list", tag = "audit",
    params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<CheckpointJson>))
)]
async fn checkpoints(
    State(base): State<Base>,
    may: May<ListCheckpoints>,
    Params(window): Params<Window>,
) -> Result<Page<CheckpointJson>, Problem> {
    let page = log::checkpoints(base.db.reads(), may.actor(), &window).await?;
    Ok(page.map(|log::Signed { id, size, at, note }| CheckpointJson { id, size, at, note }))
}

/// The proof that the log of one checkpoint begins with that of an older one (RFC 6962).
#[derive(Serialize, ToSchema)]
#[schema(as = ConsistencyProof)]
struct ConsistencyJson {
    /// The older checkpoint.
    from: String,
    /// The newer one.
    to: String,
    /// The hashes, hexadecimal.
    path: Vec<String>,
}

/// Proves that the log of the checkpoint over `to` entries begins with that over `from` entries.
#[utoipa::path(
    get, path = "/audit-checkpoints/proof", operation_id = "audit_checkpoints_compare", tag = "audit",
    params(("from" = u64, Query), ("to" = u64, Query)), responses((status = OK, body = ConsistencyJson))
)]
async fn compare(
    State(base): State<Base>,
    _may: May<Compare>,
    Params(sizes): Params<Sizes>,
) -> Result<Reply, Problem> {
    let log::Consistency { from, to, path } = log::compare(base.db.reads(), sizes.from, sizes.to).await?;
    Reply::ok(&ConsistencyJson { from, to, path })
}
