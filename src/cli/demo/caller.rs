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

    pub(super) async fn delete(&self, path: &str) -> Result<Answer, Failure> {
        self.demand(Method::DELETE, path, None, Value::Null).await
    }

    /// Sends a file, as the one field of a form.
    pub(super) async fn upload(&self, path: &str, content: &str) -> Result<Answer, Failure> {
        const BOUNDARY: &str = "eslabon-demo-7d1f";
        let body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"certificado.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let answer = self.send(&Method::POST, path, None, Some((&kind, body))).await?;
        succeeded(&Method::POST, path, answer)
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
        succeeded(&method, path, answer)
    }

    /// Any answer: the story also tells of refusals.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: Value,
    ) -> Result<Answer, Failure> {
        let body = (!body.is_null()).then(|| ("application/json", body.to_string()));
        self.send(&method, path, etag, body).await
    }

    async fn send(
        &self,
        method: &Method,
        path: &str,
        etag: Option<&str>,
        body: Option<(&str, String)>,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(etag) = etag {
            request = request.header(header::IF_MATCH, etag);
        }
        let body = match body {
            None => Body::empty(),
            Some((kind, content)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                Body::from(content)
            }
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

fn succeeded(method: &Method, path: &str, answer: Answer) -> Result<Answer, Failure> {
    if answer.status < 400 {
        return Ok(answer);
    }
    Err(format!("{method} {path} was answered {}: {:#}", answer.status, answer.body).into())
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
