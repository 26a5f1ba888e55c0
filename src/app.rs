//! Puts state, routers and workers together: the only place that knows every stage.

use axum::{Router, middleware};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    diagnostics,
    foundation::{
        Base,
        access::Row,
        http::{problem_response, protect},
        jobs::Worker,
    },
    organisations, programmes, requirements,
};

/// The access table: every stage's rows.
pub fn access_table() -> Vec<Row> {
    [organisations::ACCESS, programmes::ACCESS, requirements::ACCESS, diagnostics::ACCESS].concat()
}

/// The JSON API and its OpenAPI document.
fn api() -> (Router<Base>, OpenApi) {
    let stages = OpenApiRouter::new()
        .merge(organisations::api::routes())
        .merge(programmes::api::routes())
        .merge(requirements::api::routes())
        .merge(diagnostics::api::routes());
    OpenApiRouter::new().nest("/api/v1", stages).split_for_parts()
}

/// The whole service.
pub fn router(base: &Base) -> Router {
    let (api, _) = api();
    let api = api.layer(middleware::from_fn_with_state(base.clone(), organisations::auth::by_token));
    protect(api, base, problem_response).with_state(base.clone())
}

/// A worker for every stage's background jobs.
pub fn worker(base: &Base) -> Worker {
    Worker::new(base.clone(), [])
}
