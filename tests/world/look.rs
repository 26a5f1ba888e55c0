//! Everything that somebody can read of the world, and every operation of the API.

use std::collections::{BTreeMap, btree_map::Entry};

use axum::http::Method;
use eslabon::app;
use serde_json::Value;
use utoipa::openapi::{
    RefOr,
    path::{Operation, Parameter, ParameterIn},
};

use super::{MISSING, Object, World, fill};
use crate::support::{Answer, Client};

/// An operation of the API.
#[derive(Clone, Debug)]
pub struct Offered {
    pub id: String,
    pub method: Method,
    /// With braces: `/requirements/{id}`.
    pub path: String,
    /// Whether it asks for `If-Match`.
    pub versioned: bool,
}

impl Offered {
    /// The first segment of its path.
    pub fn noun(&self) -> &str {
        self.path.split('/').nth(1).unwrap()
    }
}

/// Every operation of the API.
pub fn operations() -> Vec<Offered> {
    let mut found = Vec::new();
    for (path, item) in app::openapi().paths.paths {
        let path = path.strip_prefix("/api/v1").unwrap().to_owned();
        let mut put = |method: Method, operation: Option<Operation>| {
            let Some(operation) = operation else { return };
            let parameters = operation.parameters.unwrap_or_default();
            let is_version = |p: &RefOr<Parameter>| match p {
                RefOr::T(p) => p.parameter_in == ParameterIn::Header && p.name == "If-Match",
                RefOr::Ref(_) => false,
            };
            let versioned = parameters.iter().any(is_version);
            let id = operation.operation_id.expect("an operation_id");
            found.push(Offered { id, method, path: path.clone(), versioned });
        };
        put(Method::GET, item.get);
        put(Method::POST, item.post);
        put(Method::PUT, item.put);
        put(Method::DELETE, item.delete);
        put(Method::PATCH, item.patch);
    }
    found
}

/// What an answer shows: status, headers and body, without the request's number.
pub type Seen = (u16, Vec<(String, String)>, Value);

/// What somebody is shown.
pub fn shown(answer: &Answer) -> Seen {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let mut body = answer.body.clone();
    if let Some(problem) = body.as_object_mut().filter(|body| body.contains_key("instance")) {
        problem.remove("instance");
    }
    (answer.status.as_u16(), headers.collect(), body)
}

impl World {
    /// Everything that somebody can read of the world through the API, by path.
    pub async fn read_by(&self, client: &Client) -> BTreeMap<String, Seen> {
        let mut seen = BTreeMap::new();
        // A stream of notices lasts whatever comes.
        let reads = operations().into_iter().filter(|o| o.method == Method::GET && o.id != "notices_follow");
        for operation in reads {
            let mut paths = Vec::new();
            if operation.path.contains('{') {
                // A stream of events lasts as long as the run.
                let lasting = |object: &&Object| {
                    operation.id == "runs_follow" && matches!(object.state, "queued" | "running")
                };
                let objects = self.of(operation.noun()).filter(|object| !lasting(object));
                paths.extend(objects.map(|object| object.fill(&operation.path)));
                paths.push(fill(&operation.path, |_| None));
            } else {
                paths.push(operation.path.clone());
            }
            for path in paths {
                let path = match operation.id.as_str() {
                    "runs_compare" => format!("{path}?with={MISSING}"),
                    "scorecards_read" => format!("{path}?from=2026-03-01&to=2026-03-31"),
                    _ => path,
                };
                if let Entry::Vacant(place) = seen.entry(path) {
                    let answer = client.get(place.key()).await;
                    place.insert(shown(&answer));
                }
            }
        }
        assert!(seen.len() > 60, "only {} paths: is the list still complete?", seen.len());
        seen
    }
}
