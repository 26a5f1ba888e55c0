//! Answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::foundation::problem::Problem;

/// An answer that can be kept and given again: status, `ETag`, `Location` and body.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    version: Option<i64>,
    location: Option<String>,
    body: serde_json::Value,
    #[serde(default)]
    secret: bool,
    #[serde(default)]
    replayed: bool,
    #[serde(default)]
    entry: Option<Uuid>,
}

/// The extension of an answer to a write: the audit entry under which it is on record.
#[derive(Clone, Copy, Debug)]
pub(in crate::foundation) struct OnRecord(pub(in crate::foundation) Uuid);

/// The strong entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl Reply {
    fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body)?;
        let status = status.as_u16();
        Ok(Self { status, version: None, location: None, body, secret: false, replayed: false, entry: None })
    }

    /// 200 with a body.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Self::new(StatusCode::OK, body)
    }

    /// 201 with the location of what was made.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::new(StatusCode::CREATED, body)?.at(location))
    }

    /// 202 with the location where the work can be followed.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn accepted(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::new(StatusCode::ACCEPTED, body)?.at(location))
    }

    /// 303: go and look there (pages).
    pub fn see_other(location: impl Into<String>) -> Self {
        let body = serde_json::Value::Null;
        let status = StatusCode::SEE_OTHER.as_u16();
        Self { status, version: None, location: None, body, secret: false, replayed: false, entry: None }
            .at(location)
    }

    /// 204.
    pub const fn no_content() -> Self {
        let body = serde_json::Value::Null;
        Self { status: 204, version: None, location: None, body, secret: false, replayed: false, entry: None }
    }

    /// Adds the version, as `ETag`.
    #[must_use]
    pub const fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// Says that the body holds a secret: a repetition will not show it again.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The body.
    pub const fn body(&self) -> &serde_json::Value {
        &self.body
    }

    /// Says under which audit entry it is on record.
    pub(in crate::foundation) const fn recorded_as(mut self, entry: Option<Uuid>) -> Self {
        self.entry = entry;
        self
    }

    fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    pub(in crate::foundation) fn without_secret(&self) -> Self {
        let mut kept = Self { replayed: true, ..self.clone() };
        if self.secret {
            kept.body = serde_json::json!({ "code": "secret-shown-once" });
        }
        kept
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = if self.body.is_null() {
            status.into_response()
        } else {
            (status, Json(self.body)).into_response()
        };
        let headers = response.headers_mut();
        if let Some(Ok(tag)) = self.version.map(|version| HeaderValue::from_str(&etag(version))) {
            headers.insert(header::ETAG, tag);
        }
        if let Some(Ok(location)) = self.location.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::LOCATION, location);
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(entry) = self.entry {
            response.extensions_mut().insert(OnRecord(entry));
        }
        response
    }
}
