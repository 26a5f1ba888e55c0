//! The JSON operations of this stage.

mod calls;
mod consortia;
mod governance;
mod meetings;
mod members;
mod networks;
mod programmes;
pub(super) mod projects;
mod selection;
mod waivers;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::foundation::{
    Base,
    http::{Reply, etag},
    problem::Problem,
};

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(programmes::routes())
        .merge(members::routes())
        .merge(networks::routes())
        .merge(meetings::routes())
        .merge(selection::routes())
        .merge(consortia::routes())
        .merge(waivers::routes())
        .merge(governance::routes())
        .merge(calls::routes())
        .merge(projects::routes())
}

/// Something with its version, as lists show it.
#[derive(Serialize, ToSchema)]
struct Versioned<T> {
    #[serde(flatten)]
    value: T,
    #[schema(example = "\"3\"")]
    etag: String,
}

impl<T: Serialize> Versioned<T> {
    fn new(value: T, version: i64) -> Self {
        Self { value, etag: etag(version) }
    }

    /// The answer that shows it.
    fn answer(value: T, version: i64) -> Result<Reply, Problem> {
        Ok(Reply::ok(&Self::new(value, version))?.version(version))
    }

    /// The answer that says where what was made is read.
    fn created(location: String, value: T, version: i64) -> Result<Reply, Problem> {
        Ok(Reply::created(location, &Self::new(value, version))?.version(version))
    }
}

/// What a list shows that comes whole.
#[derive(Serialize, ToSchema)]
struct Items<T> {
    items: Vec<T>,
}
