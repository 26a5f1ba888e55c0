//! What wraps every router: request ids, time and size limits, and problems made readable.

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use utoipa::ToSchema;

use crate::foundation::{Base, i18n::Locale, ids::Ids, problem::Problem};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What programs get is no page: nothing in it runs, and it stands in nobody's frame. Pages and documentation have their own.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// `application/problem+json` (RFC 9457), as it is sent.
#[derive(Serialize, ToSchema)]
pub struct ProblemJson {
    /// A page about this kind of problem.
    #[schema(example = "/docs/problems#stale-version")]
    r#type: String,
    /// The kind of problem, in the caller's language.
    title: String,
    /// HTTP status.
    #[schema(example = 412)]
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// The request's id, as in the `x-request-id` header.
    instance: String,
    /// Stable, machine-readable.
    #[schema(example = "stale-version")]
    code: String,
    /// What is wrong with single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorJson>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
pub struct FieldErrorJson {
    /// JSON pointer into the request body.
    #[schema(example = "/lots/0/quantity")]
    pointer: String,
    /// Stable, machine-readable.
    #[schema(example = "required")]
    code: String,
    /// What is wrong and what would do.
    detail: String,
}

/// The problem as it is sent to programs.
pub fn problem_response(problem: &Problem, locale: Locale, request_id: &str) -> Response {
    let errors = problem.errors.iter().map(|error| FieldErrorJson {
        pointer: error.pointer.clone(),
        code: error.code.to_owned(),
        detail: locale.text_with(&format!("field-{}", error.code), &error.args),
    });
    let json = ProblemJson {
        r#type: format!("/docs/problems#{}", problem.code),
        title: locale.text(&format!("problem-{}-title", problem.code)),
        status: problem.status.as_u16(),
        detail: locale.text_with(&format!("problem-{}-detail", problem.code), &problem.args),
        instance: format!("urn:request:{request_id}"),
        code: problem.code.to_owned(),
        errors: errors.collect(),
    };
    let mut response = (problem.status, Json(json)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// What a bare status means, for errors that the framework made.
fn of_status(status: StatusCode) -> Problem {
    let code = match status {
        StatusCode::BAD_REQUEST => "bad-request",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timeout",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "not-json",
        status if status.is_client_error() => "bad-request",
        _ => "internal",
    };
    Problem::new(status, code).with("most", super::BODY_LIMIT)
}

/// How a problem is shown: as JSON to programs, as a page to people.
pub type Render = fn(&Problem, Locale, &str) -> Response;

/// Marks an answer that already shows its problem, as a form does that is shown again.
#[derive(Clone, Copy)]
pub(in crate::foundation) struct Rendered;

/// Turns every answer of 400 and above into a problem, keeping what headers it had (`Allow`).
async fn render_problems(render: Render, request: Request, next: Next) -> Response {
    let locale = Locale::from_headers(request.headers());
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if status.as_u16() < 400 || response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    let problem = response.extensions().get::<Problem>().cloned().unwrap_or_else(|| of_status(status));
    let mut rendered = render(&problem, locale, &id);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            rendered.headers_mut().append(name.clone(), value.clone());
        }
    }
    if let Some(seconds) = problem.retry_after {
        rendered.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let headers = rendered.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.word()));
    rendered
}

/// Ids for requests that came without one, or with one that is not fit for a log.
#[derive(Clone)]
struct NewRequestId(Ids);

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&hex::encode(self.0.bytes::<12>())).ok().map(RequestId::new)
    }
}

/// Wraps a router: outermost the request id, then problems, panics, time and headers.
pub fn protect<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    base: &Base,
    render: Render,
) -> Router<S> {
    let secure = base.config.behind_tls_proxy.then(|| HeaderValue::from_static("max-age=31536000"));
    let problems = move |request: Request, next: Next| render_problems(render, request, next);
    router.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(own_request_id))
            .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId(base.ids.clone())))
            .layer(PropagateRequestIdLayer::new(REQUEST_ID))
            .layer(middleware::from_fn(super::observe::observed))
            .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
                let id =
                    request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
                tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
            }))
            .layer(SetResponseHeaderLayer::if_not_present(
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ))
            .layer(SetResponseHeaderLayer::if_not_present(
                header::REFERRER_POLICY,
                HeaderValue::from_static("same-origin"),
            ))
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(POLICY),
            ))
            .layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, secure))
            .layer(middleware::from_fn(problems))
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIME_LIMIT)),
    )
}

/// How often what the database took back is tried, all in all.
const TRIES: u32 = 4;

/// Tries a write again that the database took back because it and another stood in each other's way: nobody is told of
/// a deadlock that the next moment resolves. Nothing of the first try has lasted. What is too large to be kept in memory
/// for that is told that the service is busy.
pub async fn tried_again(request: Request, next: Next) -> Response {
    let fits = request.body().size_hint().upper().is_some_and(|length| length <= super::BODY_LIMIT as u64);
    if request.method().is_safe() || !fits {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, super::BODY_LIMIT).await else {
        return Problem::new(StatusCode::BAD_REQUEST, "bad-request").into_response();
    };
    for tried in 1..TRIES {
        let request = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
        let response = next.clone().run(request).await;
        if !response.extensions().get::<Problem>().is_some_and(|problem| problem.again) {
            return response;
        }
        tracing::info!(tried, "a write was taken back by the database and is tried again");
        tokio::time::sleep(Duration::from_millis(10 << tried)).await;
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// A caller's request id is kept only when it is short and plain: it goes into logs.
async fn own_request_id(mut request: Request, next: Next) -> Response {
    let fit = |id: &HeaderValue| {
        let text = id.to_str().unwrap_or_default();
        (8..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !fit(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}
