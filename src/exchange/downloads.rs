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

use super::{
    lists::Lists,
    sheet::{CSV, XLSX},
};
use crate::foundation::{Base, access::Actor, problem::Problem};

/// Where they are.
const PLACE: &str = "/downloads";
/// Where the API is.
const API: &str = "/api/v1";

/// The downloads, behind a login: `/downloads/requirements?format=csv` is the table of `/api/v1/requirements`. `api`
/// answers under `/api/v1`, and only its lists are there.
pub fn routes(api: &Router, lists: &Lists) -> Router<Base> {
    lists.iter().filter_map(|(path, _)| path.strip_prefix(API)).fold(Router::new(), |router, path| {
        let api = api.clone();
        let download = get(async |Extension(actor): Extension<Actor>, request: Request| {
            table(api, actor, request).await
        });
        router.route(&format!("{PLACE}{path}"), download)
    })
}

async fn table(api: Router, actor: Actor, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path().strip_prefix(PLACE).ok_or_else(Problem::not_found)?;
    // What nobody has filled in of a page's filter is no filter.
    let query = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !matches!(pair.split_once('='), Some((_, ""))));
    let query = query.collect::<Vec<_>>().join("&");
    let uri: Uri = format!("{API}{path}?{query}").parse().map_err(|_| Problem::not_found())?;
    let mut asked = Request::new(Body::empty());
    *asked.uri_mut() = uri;
    asked.extensions_mut().insert(actor);
    let answer = api.oneshot(asked).await.map_err(Problem::internal)?;
    // What went wrong is said by the pages; a list that nobody asked for as a table is none of theirs.
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_table = kind.is_some_and(|kind| kind.starts_with(CSV) || kind.starts_with(XLSX));
    if is_table || !answer.status().is_success() { Ok(answer) } else { Err(Problem::not_found()) }
}
