//! Requirements as open data.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Open, Opening, Package, ReadPackage, Wanted, store};
use crate::{
    exchange::ocds::publish::Imprint,
    foundation::{
        Base,
        access::May,
        http::{Body, Key, Params, Reply},
        ids::RequirementId,
        problem::Problem,
    },
};

/// Open data.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(put)).routes(routes!(read))
}

/// Whether a requirement is open as data.
#[derive(Serialize, ToSchema)]
#[schema(as = Opening)]
struct OpeningJson {
    open: bool,
}

/// Opens a requirement of one's lead firm as data, or takes that back.
#[utoipa::path(
    put, path = "/requirements/{id}/open-data", operation_id = "open_data_put", tag = "exchange",
    params(("id" = RequirementId, Path)), request_body = OpeningJson,
    responses((status = OK, body = OpeningJson))
)]
async fn put(
    State(base): State<Base>,
    may: May<Open>,
    Key(id): Key<RequirementId>,
    Body { value, once }: Body<Opening>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        store::put(&w, id, value.open).await?;
        let reply = Reply::ok(&OpeningJson { open: value.open })?;
        Ok(w.done(reply))
    })
    .await
}

/// Reads an opened requirement as an OCDS 1.1.5 package, with as much of it as one may see: bids only as its
/// institution and once they are unsealed. The prefix of open contracting ids is the one that the publisher has
/// registered.
#[utoipa::path(
    get, path = "/requirements/{id}/ocds", operation_id = "open_data_read", tag = "exchange",
    params(
        ("id" = RequirementId, Path), ("package" = Option<Package>, Query),
        ("prefix" = Option<String>, Query, example = "ocds-abc123"),
    ),
    responses((status = OK, description = "An OCDS package", body = Object))
)]
async fn read(
    State(base): State<Base>,
    may: May<ReadPackage>,
    Key(id): Key<RequirementId>,
    Params(wanted): Params<Wanted>,
) -> Result<Reply, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let publication = store::publication(db, actor, id, wanted.prefix).await?;
    let address = base.config.site();
    let imprint = Imprint {
        uri: format!(
            "{}/api/v1/requirements/{id}/ocds?package={}",
            address.trim_end_matches('/'),
            wanted.package
        ),
        publisher: store::publisher(db, actor, &publication.requirement).await?,
        at: base.clock.now(),
    };
    Reply::ok(&match wanted.package {
        Package::Release => publication.release_package(&imprint),
        Package::Record => publication.record_package(&imprint),
    })
}
