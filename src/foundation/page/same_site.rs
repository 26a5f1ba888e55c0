//! Changes come from these pages alone.
//!
//! Every present browser sends `Sec-Fetch-Site` (over TLS and on loopback) or `Origin` with a form, and
//! no other site can forge either. So no token is needed, and there is none to leak. What sends neither
//! is no browser that holds a session, and is refused too.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::foundation::{Base, problem::Problem};

pub(super) async fn demand(State(base): State<Base>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_own(request.headers(), base.config.public_url.as_deref()) {
        next.run(request).await
    } else {
        Problem::new(StatusCode::FORBIDDEN, "cross-site").into_response()
    }
}

/// Whether a browser says that the request comes from this site: one of the two headers is there, and
/// none of them says otherwise.
fn is_own(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = text("sec-fetch-site").map(|site| matches!(site, "same-origin" | "none"));
    let origin = text("origin").map(|origin| {
        if let Some(url) = public_url {
            return origin.eq_ignore_ascii_case(origin_of(url));
        }
        let host = text(header::HOST.as_str()).unwrap_or_default();
        !host.is_empty() && origin.split_once("://").is_some_and(|(_, of)| of.eq_ignore_ascii_case(host))
    });
    site.or(origin).is_some() && site != Some(false) && origin != Some(false)
}

/// `https://host:port` of an address.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find('/').map_or(url, |end| &url[..start + end])
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_own;

    fn own(headers: &[(&'static str, &'static str)], public_url: Option<&str>) -> bool {
        let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)));
        is_own(&headers.collect::<HeaderMap>(), public_url)
    }

    #[test]
    fn a_change_comes_from_this_site_or_is_refused() {
        let host = ("host", "redes.example:8080");
        let (same, cross) = (("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"));
        let (ours, theirs) = (("origin", "http://redes.example:8080"), ("origin", "http://evil.example"));
        assert!(own(&[host, same], None));
        assert!(own(&[host, ours], None));
        assert!(own(&[host, same, ours], None));
        assert!(own(&[host, ("sec-fetch-site", "none")], None));
        for refused in [
            &[host][..],
            &[host, cross],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, theirs],
            &[host, same, theirs],
            &[host, cross, ours],
            &[host, ("origin", "null")],
            &[ours],
        ] {
            assert!(!own(refused, None), "{refused:?}");
        }
    }

    #[test]
    fn behind_a_proxy_the_public_address_decides() {
        let public = Some("https://redes.example/");
        let host = ("host", "10.0.0.7:8080");
        assert!(own(&[host, ("origin", "https://redes.example")], public));
        for origin in ["http://redes.example", "https://redes.example.evil.example", "http://10.0.0.7:8080"] {
            assert!(!own(&[host, ("origin", origin)], public), "{origin}");
        }
    }
}
