//! Answers.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::foundation::problem::Problem;

/// An answer that can be kept and given again: status, `ETag`, `Location` and body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    version: Option<i64>,
    location: Option<String>,
    /// As text: a page of a hundred rows is written once, not first into a tree.
    body: Option<Box<RawValue>>,
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
    const fn new(status: StatusCode, body: Option<Box<RawValue>>) -> Self {
        let status = status.as_u16();
        Self { status, version: None, location: None, body, secret: false, replayed: false, entry: None }
    }

    /// 200 with a body.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::new(StatusCode::OK, Some(to_raw_value(body)?)))
    }

    /// 201 with the location of what was made.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::new(StatusCode::CREATED, Some(to_raw_value(body)?)).at(location))
    }

    /// 202 with the location where the work can be followed.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn accepted(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::new(StatusCode::ACCEPTED, Some(to_raw_value(body)?)).at(location))
    }

    /// 303: go and look there (pages).
    pub fn see_other(location: impl Into<String>) -> Self {
        Self::new(StatusCode::SEE_OTHER, None).at(location)
    }

    /// 204.
    pub const fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
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

    /// Says under which audit entry it is on record.
    pub(in crate::foundation) const fn recorded_as(mut self, entry: Option<Uuid>) -> Self {
        self.entry = entry;
        self
    }

    fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// What a repetition gets.
    ///
    /// # Errors
    /// When a body can't be written as JSON.
    pub(in crate::foundation) fn without_secret(&self) -> Result<Self, Problem> {
        let mut kept = Self { replayed: true, ..self.clone() };
        if self.secret {
            kept.body = Some(to_raw_value(&serde_json::json!({ "code": "secret-shown-once" }))?);
        }
        Ok(kept)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = HeaderValue::from_static("application/json");
        let mut response = match self.body {
            None => status.into_response(),
            Some(body) => {
                let text = String::from(Box::<str>::from(body));
                (status, [(header::CONTENT_TYPE, json)], text).into_response()
            }
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
