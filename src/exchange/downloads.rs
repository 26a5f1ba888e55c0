//! The lists of the pages as tables for a spreadsheet: the API's own ([`lists`](super::lists)), asked for by whoever has
//! logged in.

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{Uri, header},
    response::Response,
    routing::get,
};
use tower::ServiceExt;

use super::sheet::{CSV, XLSX};
use crate::foundation::{Base, access::Actor, problem::Problem};

/// Where they are.
const PLACE: &str = "/downloads";

/// The downloads, behind a login: `/downloads/requirements?format=csv` is the table of `/api/v1/requirements`. `api`
/// answers under `/api/v1`.
pub fn routes(api: Router) -> Router<Base> {
    let download =
        get(async |Extension(actor): Extension<Actor>, request: Request| table(api, actor, request).await);
    Router::new().route(&format!("{PLACE}/{{*path}}"), download)
}

async fn table(api: Router, actor: Actor, request: Request) -> Result<Response, Problem> {
    let address = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let path = address.strip_prefix(PLACE).ok_or_else(Problem::not_found)?;
    let uri: Uri = format!("/api/v1{path}").parse().map_err(|_| Problem::not_found())?;
    let mut asked = Request::new(Body::empty());
    *asked.uri_mut() = uri;
    asked.extensions_mut().insert(actor);
    let answer = api.oneshot(asked).await.map_err(Problem::internal)?;
    // What went wrong is said by the pages; what is no table is none of theirs.
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_table = kind.is_some_and(|kind| kind.starts_with(CSV) || kind.starts_with(XLSX));
    if is_table || !answer.status().is_success() { Ok(answer) } else { Err(Problem::not_found()) }
}
