//! What a request brings: body, path, query, and the two headers that make writes safe.

use axum::{
    extract::{FromRequest, FromRequestParts, OriginalUri, Path, RawQuery, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{BODY_LIMIT, UPLOAD_LIMIT};
use crate::foundation::{
    db::Once,
    fields::{Fields, Input},
    problem::Problem,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Most characters of an `Idempotency-Key`.
pub const KEY_LENGTH: usize = 200;

/// So many fields a form or a query may have. The longest form that there is, a requirement's with 500 lots of 18 fields
/// and 100 criteria of 9 fields and 30 issuers each, has 13,000.
const MOST_PAIRS: usize = 20_000;

/// A JSON body that became a `T`, and the request's idempotency key.
#[derive(Debug)]
pub struct Body<T> {
    /// The value.
    pub value: T,
    /// The key, for [`Base::write`](crate::foundation::Base::write).
    pub once: Once,
}

impl<T: Input, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_json(&parts.headers, body).await?;
        let once = once(&parts, &bytes)?;
        // A command without fields may come without a body.
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        Ok(Self { value: Fields::from_json(text)?, once })
    }
}

/// A file that is the whole body, of whatever type it says it is, and the request's idempotency key.
#[derive(Debug)]
pub struct Upload {
    /// What came.
    pub bytes: Vec<u8>,
    /// The key, for [`Base::write`](crate::foundation::Base::write).
    pub once: Once,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_at_most(&parts.headers, body, UPLOAD_LIMIT).await?;
        let once = once(&parts, &bytes)?;
        Ok(Self { bytes, once })
    }
}

async fn read_json(headers: &HeaderMap, body: axum::body::Body) -> Result<Vec<u8>, Problem> {
    let bytes = read_body(headers, body).await?;
    let kind = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let is_json = kind.is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if !bytes.is_empty() && !is_json {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"));
    }
    Ok(bytes)
}

/// The body, when it is not too large.
pub(in crate::foundation) async fn read_body(
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<Vec<u8>, Problem> {
    read_at_most(headers, body, BODY_LIMIT).await
}

async fn read_at_most(headers: &HeaderMap, body: axum::body::Body, most: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large").with("most", most);
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    Ok(axum::body::to_bytes(body, most).await.map_err(|_| too_large())?.into())
}

fn once(parts: &Parts, body: &[u8]) -> Result<Once, Problem> {
    let Some(key) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Once::never()) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= KEY_LENGTH);
    let key = key.ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "malformed-idempotency-key"))?;
    // With the query: a file that is to be read otherwise is another request.
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    let address = uri.path_and_query().map_or(uri.path(), |address| address.as_str());
    Ok(Once::new(key, &[parts.method.as_str().as_bytes(), address.as_bytes(), body]))
}

/// The version that the caller has read, from `If-Match`. Without it, 428.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IfVersion(pub i64);

impl IfVersion {
    /// 412 unless `present` is the version that the caller has read.
    ///
    /// # Errors
    /// 412 `stale-version`.
    pub fn check(self, present: i64) -> Result<(), Problem> {
        if self.0 == present { Ok(()) } else { Err(Problem::stale()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfVersion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(StatusCode::PRECONDITION_REQUIRED, "version-required");
        let tag = parts.headers.get(header::IF_MATCH).ok_or_else(missing)?;
        let number =
            tag.to_str().ok().and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        // A tag that we never gave can't be the present one.
        number.map(Self).ok_or_else(Problem::stale)
    }
}

/// What stands in the path. What is no id does not exist: 404.
#[derive(Clone, Copy, Debug)]
pub struct Key<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Key<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(value) = Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(value))
    }
}

/// The query string, read like a form: unknown parameters are refused. Programs are taken at their word: what they leave
/// empty or say twice is a fault, so that a variable that was never set filters by nothing unnoticed.
#[derive(Clone, Debug)]
pub struct Params<T>(pub T);

impl<T: Input, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let RawQuery(query) = RawQuery::from_request_parts(parts, state).await.unwrap_or(RawQuery(None));
        let pairs = form_pairs(query.unwrap_or_default().as_bytes())?;
        let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path());
        let read =
            if path.starts_with("/api/") { Fields::from_query::<T> } else { Fields::from_address::<T> };
        Ok(Self(read(&pairs)?))
    }
}

pub(in crate::foundation) fn form_pairs(text: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    // They are counted before anything is made of them.
    if text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).count() > MOST_PAIRS {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-fields");
        return Err(problem.with("most", MOST_PAIRS));
    }
    serde_urlencoded::from_bytes(text).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "malformed-form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_so_many_fields_at_most() {
        let form = |count: usize| vec!["a=b"; count].join("&&");
        assert_eq!(form_pairs(form(MOST_PAIRS).as_bytes()).unwrap().len(), MOST_PAIRS);
        let problem = form_pairs(form(MOST_PAIRS + 1).as_bytes()).unwrap_err();
        assert_eq!((problem.status, problem.code), (StatusCode::UNPROCESSABLE_ENTITY, "too-many-fields"));
        assert!(form_pairs(&b"&".repeat(BODY_LIMIT)).unwrap().is_empty());
    }
}
