//! A person who calls the API, in this process: the demo goes the way of every other client.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Failure;

#[derive(Clone)]
pub(super) struct Caller {
    router: Router,
    token: Option<String>,
}

/// An answer of the API.
pub(super) struct Answer {
    pub status: u16,
    pub etag: String,
    pub body: Value,
}

impl Caller {
    pub(super) const fn nobody(router: Router) -> Self {
        Self { router, token: None }
    }

    pub(super) async fn log_in(&self, email: &str, password: &str) -> Result<Self, Failure> {
        let answer = self.post("/tokens", json!({ "email": email, "password": password })).await?;
        Ok(Self { router: self.router.clone(), token: Some(answer.text("secret")) })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.demand(Method::GET, path, None, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Answer, Failure> {
        self.demand(Method::POST, path, None, body).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Result<Answer, Failure> {
        self.demand(Method::PUT, path, None, body).await
    }

    pub(super) async fn post_if(&self, path: &str, etag: &str, body: Value) -> Result<Answer, Failure> {
        self.demand(Method::POST, path, Some(etag), body).await
    }

    pub(super) async fn put_if(&self, path: &str, etag: &str, body: Value) -> Result<Answer, Failure> {
        self.demand(Method::PUT, path, Some(etag), body).await
    }

    /// An answer that must be a success.
    async fn demand(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Value,
    ) -> Result<Answer, Failure> {
        let answer = self.call(method.clone(), path, etag, body).await?;
        if answer.status < 400 {
            return Ok(answer);
        }
        Err(format!("{method} {path} was answered {}: {:#}", answer.status, answer.body).into())
    }

    /// Any answer: the story also tells of refusals.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Value,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(etag) = etag {
            request = request.header(header::IF_MATCH, etag);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        let response = self.router.clone().oneshot(request.body(body)?).await?;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await?;
        let etag = parts.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default();
        Ok(Answer {
            status: parts.status.as_u16(),
            etag: etag.to_owned(),
            body: if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? },
        })
    }

    /// Every item of a list, page by page.
    pub(super) async fn all(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = match &cursor {
                None => self.get(path).await?,
                Some(cursor) => self.get(&format!("{path}{separator}cursor={cursor}")).await?,
            };
            items.extend(page.body["items"].as_array().cloned().unwrap_or_default());
            match page.body["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(items),
            }
        }
    }
}

impl Answer {
    /// A field of the body as text: `organisation/id`.
    pub(super) fn text(&self, path: &str) -> String {
        text(&self.body, path)
    }
}

/// A field as text; empty when it is not there.
pub(super) fn text(value: &Value, path: &str) -> String {
    match value.pointer(&format!("/{path}")) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
