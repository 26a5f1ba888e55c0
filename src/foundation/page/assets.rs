//! The stylesheet, the script and the icon: part of the program, under names that change with their content, so
//! that a browser fetches each once.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::foundation::{Base, problem::Problem};

struct Asset {
    path: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, kind: &'static str, content: &'static str) -> Self {
        let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
        let hash = hex::encode(&Sha256::digest(content)[..8]);
        Self { path: format!("/static/{stem}-{hash}.{ending}"), kind, content }
    }
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("eslabon.css", "text/css; charset=utf-8", include_str!("style.css")),
        Asset::new("eslabon.js", "text/javascript; charset=utf-8", include_str!("script.js")),
        Asset::new("eslabon.svg", "image/svg+xml", include_str!("icon.svg")),
    ]
});

pub(super) fn stylesheet() -> &'static str {
    &ASSETS[0].path
}

pub(super) fn script() -> &'static str {
    &ASSETS[1].path
}

pub(super) fn icon() -> &'static str {
    &ASSETS[2].path
}

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/static/{name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = ASSETS.iter().find(|asset| asset.path.strip_prefix("/static/") == Some(&name));
    let asset = found.ok_or_else(Problem::not_found)?;
    let headers =
        [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.content).into_response())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_stylesheet_keeps_its_budget() {
        let css = include_str!("style.css");
        // It is sent compressed, to about a third; what is sent is weighed in the browser's tests.
        assert!(css.len() <= 20 * 1_024, "{} bytes", css.len());
        assert!(!css.contains("@import") && !css.contains("url("), "a page takes at most four requests");
    }
}
