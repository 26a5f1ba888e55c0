//! Puts state, routers and workers together: the only place that knows every stage.

use axum::{Router, middleware, routing::any};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    foundation::{
        Base,
        access::Row,
        http::{problem_response, protect},
        jobs::Worker,
        page,
        problem::Problem,
    },
    home,
    organisations::{self, session},
};

/// The access table: every stage's rows.
pub fn access_table() -> Vec<Row> {
    [organisations::ACCESS].concat()
}

/// The JSON API and its OpenAPI document.
fn api() -> (Router<Base>, OpenApi) {
    OpenApiRouter::new().nest("/api/v1", organisations::api::routes()).split_for_parts()
}

/// The pages: those of the stages behind a login, and the way in.
fn pages(base: &Base) -> Router<Base> {
    let behind_login = Router::new().merge(home::routes());
    let behind_login = behind_login.route_layer(middleware::from_fn_with_state(base.clone(), session::demand_login));
    let router = organisations::pages::routes()
        .merge(behind_login)
        .layer(middleware::from_fn_with_state(base.clone(), session::by_session))
        .layer(session::layer(base))
        .merge(page::routes())
        .fallback(page::not_found);
    page::protect(router, base)
}

/// The whole service.
pub fn router(base: &Base) -> Router {
    let (api, _) = api();
    // What is not there is said to programs in their language, and to people in theirs.
    let api = api.route("/api/{*path}", any(async || Problem::not_found()));
    let api = api.layer(middleware::from_fn_with_state(base.clone(), organisations::auth::by_token));
    protect(api, base, problem_response).merge(pages(base)).with_state(base.clone())
}

/// A worker for every stage's background jobs.
pub fn worker(base: &Base) -> Worker {
    Worker::new(base.clone(), [])
}
