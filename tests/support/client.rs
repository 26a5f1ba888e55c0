//! A person (or a program) who calls the API in-process.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use eslabon::foundation::ids::OrganisationId;
use serde_json::Value;
use tower::ServiceExt;

/// A caller, with or without a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    token: Option<String>,
    organisation: Option<OrganisationId>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    /// The body as it came, for what is no JSON.
    pub bytes: Vec<u8>,
}

impl Client {
    pub fn new(router: Router, token: Option<String>, organisation: Option<OrganisationId>) -> Self {
        Self { router, token, organisation }
    }

    /// The same person, calling another instance.
    pub fn on(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// Somebody else at the same instance, by their token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The organisation for which the person acts.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation.unwrap()
    }

    /// The token, for another program.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    /// PUT with `If-Match`.
    pub async fn put_if(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[("if-match", etag)], Some(body)).await
    }

    /// POST with `If-Match`.
    pub async fn post_if(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[("if-match", etag)], Some(body)).await
    }

    /// A request under `/api/v1`, unless the path says otherwise.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.send_raw(method, path, headers, body).await
    }

    pub async fn send_raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Answer {
        Answer::of(self.respond(method, path, headers, body).await).await
    }

    /// The answer as it begins.
    pub async fn respond(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> Response {
        let own = ["/api/", "/docs", "/static", "/health"].iter().any(|prefix| path.starts_with(prefix));
        let uri = if own { path.to_owned() } else { format!("/api/v1{path}") };
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some((kind, bytes)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(bytes)),
            None => request.body(Body::empty()),
        };
        self.router.clone().oneshot(request.unwrap()).await.unwrap()
    }
}

impl Answer {
    /// An answer, read to its end.
    pub async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes)))
        };
        Self { status: parts.status, headers: parts.headers, body, bytes: bytes.into() }
    }

    /// Demands the status; shows the body otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self
    }

    /// A field of the body as text: `organisation/id`.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        let value =
            self.body.pointer(&format!("/{path}")).unwrap_or_else(|| panic!("no {path} in {:#}", self.body));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// The `ETag`.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.headers.get(header::ETAG).expect("an ETag").to_str().unwrap().to_owned()
    }

    /// The problem's code.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{:#}", self.body);
        self.text("code")
    }

    /// The faults of single fields, as `pointer code`.
    pub fn faults(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let show = |e: &Value| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap());
        errors.iter().map(show).collect()
    }
}
