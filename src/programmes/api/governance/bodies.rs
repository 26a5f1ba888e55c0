//! Operating criteria, the kind of coordination, reviews of the coordinating body.

use axum::extract::State as Service;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        http::{
            Body, IfVersion, Key, Params, Reply, etag,
            list::{Page, Window},
        },
        i18n::Locale,
        ids::ProgrammeId,
        problem::Problem,
    },
    programmes::{
        Programme,
        governance::{
            ListCriteria, ListReviews, NewCriteria, NewReview, OperatingCriteria, ReadCoordination,
            RecordReview, Review, SetCoordination, SetCriteria,
            coordination::{Check, Coordination, Model, NewCoordination},
        },
        store::governance as store,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(set_criteria, list_criteria))
        .routes(routes!(set_coordination, read_coordination))
        .routes(routes!(review, list_reviews))
}

/// Sets a programme's operating criteria; those of before are kept. `If-Match` names the number of those that one has
/// read, `"0"` before there are any.
#[utoipa::path(
    put, path = "/programmes/{id}/operating-criteria", operation_id = "operating_criteria_set", tag = "governance",
    params(("id" = ProgrammeId, Path), ("If-Match" = String, Header)), request_body = NewCriteria,
    responses((status = OK, body = OperatingCriteria))
)]
async fn set_criteria(
    Service(base): Service<Base>,
    may: May<SetCriteria>,
    Key(id): Key<ProgrammeId>,
    version: IfVersion,
    Body { value, once }: Body<NewCriteria>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let set = store::set_criteria(&w, id, version, value).await?;
        let reply = Reply::ok(&set)?.version(set.number);
        Ok(w.done(reply))
    })
    .await
}

/// Lists every version of a programme's operating criteria, oldest first; the last one is in force.
#[utoipa::path(
    get, path = "/programmes/{id}/operating-criteria", operation_id = "operating_criteria_list", tag = "governance",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = Items<OperatingCriteria>))
)]
async fn list_criteria(
    Service(base): Service<Base>,
    may: May<ListCriteria>,
    Key(id): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    let items = store::criteria_versions(base.db.reads(), may.actor(), id).await?;
    let last = items.last().map_or(0, |last| last.number);
    Ok(Reply::ok(&Items { items })?.version(last))
}

/// Of which kind coordination is, and how its known weaknesses are handled.
#[derive(Serialize, ToSchema)]
#[schema(as = Coordination)]
struct CoordinationJson {
    /// Null while nobody has said.
    model: Option<Model>,
    /// The weaknesses that are known of it, answered or not.
    checklist: Vec<Check>,
    changed_at: Option<Timestamp>,
    #[schema(example = "\"1\"")]
    etag: String,
}

fn coordination(
    (programme, found): (Programme, Option<Coordination>),
    at: Timestamp,
    locale: Locale,
) -> Result<Reply, Problem> {
    let version = found.as_ref().map_or(0, |found| found.version);
    let json = CoordinationJson {
        model: found.as_ref().map(|found| found.said.model),
        checklist: found.as_ref().map(|found| found.checklist(programme.day(at), locale)).unwrap_or_default(),
        changed_at: found.as_ref().map(|found| found.changed_at),
        etag: etag(version),
    };
    Ok(Reply::ok(&json)?.version(version))
}

/// Says of which kind coordination is, and how its known weaknesses are handled: the direction or the coordinating
/// body. `If-Match` is `"0"` the first time.
#[utoipa::path(
    put, path = "/programmes/{id}/coordination", operation_id = "coordination_set", tag = "governance",
    params(("id" = ProgrammeId, Path), ("If-Match" = String, Header)), request_body = NewCoordination,
    responses((status = OK, body = CoordinationJson))
)]
async fn set_coordination(
    Service(base): Service<Base>,
    may: May<SetCoordination>,
    Key(id): Key<ProgrammeId>,
    version: IfVersion,
    locale: Locale,
    Body { value, once }: Body<NewCoordination>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let reply = coordination(store::set_coordination(&w, id, version, value).await?, w.at(), locale)?;
        Ok(w.done(reply))
    })
    .await
}

/// Shows of which kind coordination is, with the checklist of its known weaknesses in the caller's language.
#[utoipa::path(
    get, path = "/programmes/{id}/coordination", operation_id = "coordination_read", tag = "governance",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = CoordinationJson))
)]
async fn read_coordination(
    Service(base): Service<Base>,
    may: May<ReadCoordination>,
    Key(id): Key<ProgrammeId>,
    locale: Locale,
) -> Result<Reply, Problem> {
    let found = store::coordination(base.db.reads(), may.actor(), id).await?;
    coordination(found, base.clock.now(), locale)
}

/// Writes down a review of the coordinating body, with findings and measures.
#[utoipa::path(
    post, path = "/programmes/{id}/coordination-reviews", operation_id = "coordination_reviews_create",
    tag = "governance", params(("id" = ProgrammeId, Path)), request_body = NewReview,
    responses((status = CREATED, body = Review))
)]
async fn review(
    Service(base): Service<Base>,
    may: May<RecordReview>,
    Key(id): Key<ProgrammeId>,
    Body { value, once }: Body<NewReview>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        let made = store::review(&w, id, value).await?;
        let reply = Reply::created(format!("/api/v1/programmes/{id}/coordination-reviews"), &made)?;
        Ok(w.done(reply))
    })
    .await
}

/// Lists the reviews of the coordinating body.
#[utoipa::path(
    get, path = "/programmes/{id}/coordination-reviews", operation_id = "coordination_reviews_list",
    tag = "governance",
    params(("id" = ProgrammeId, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = OK, body = Page<Review>))
)]
async fn list_reviews(
    Service(base): Service<Base>,
    may: May<ListReviews>,
    Key(id): Key<ProgrammeId>,
    Params(window): Params<Window>,
) -> Result<Page<Review>, Problem> {
    store::list_reviews(base.db.reads(), may.actor(), id, &window).await
}
