//! Every list of the API as a table: `?format=csv` or `?format=xlsx`, or the `Accept` header that says so.
//!
//! There is one writer for all of them. It asks the operation itself, page after page, so a table holds what its
//! reader may see in the list and not a row more; and it takes its columns from the API's description, so they are
//! the same for two rows and for none. Nested fields are columns with points: `amount.currency`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value as Json;
use utoipa::openapi::{
    Content, OpenApi as Document, RefOr, Required, Type,
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::ObjectBuilder,
};

use super::sheet::{CSV, Format, XLSX};
use crate::foundation::{
    fields::Fields,
    http::list::Window,
    problem::{FieldError, Problem},
};

/// The most rows of a table.
pub const MOST_ROWS: usize = 50_000;
/// A page of a list is never longer.
const MOST_BYTES: usize = 64 << 20;
/// Objects within objects within objects are enough.
const DEEPEST: usize = 4;

/// A list of the API.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// The columns of its table.
    pub columns: Vec<String>,
    /// Whether it comes in pages.
    paged: bool,
}

/// The API's lists by the paths of their operations.
#[derive(Clone, Debug, Default)]
pub struct Lists(Arc<BTreeMap<String, List>>);

impl Lists {
    /// The lists that the document describes. They get the parameter `format` there.
    ///
    /// # Errors
    /// When the document can't be written as JSON.
    pub fn of(document: &mut Document) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_value(&*document)?;
        let mut lists = BTreeMap::new();
        for (path, item) in &mut document.paths.paths {
            let Some(operation) = &mut item.get else { continue };
            let Some(list) = list(&json, path) else { continue };
            describe(operation);
            lists.insert(path.clone(), list);
        }
        Ok(Self(Arc::new(lists)))
    }

    /// The lists with their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &List)> {
        self.0.iter()
    }
}

fn list(json: &Json, path: &str) -> Option<List> {
    let operation = json.get("paths")?.get(path)?.get("get")?;
    let body = operation.pointer("/responses/200/content/application~1json/schema")?;
    let item = resolved(json, body).pointer("/properties/items/items")?;
    let mut columns = Vec::new();
    collect(json, item, "", 0, &mut columns);
    // What a row is called stands first.
    columns.sort_by_key(|column| column != "id");
    let named = |parameter: &Json| parameter.get("name").and_then(Json::as_str) == Some("cursor");
    let paged = operation.get("parameters").and_then(Json::as_array).is_some_and(|all| all.iter().any(named));
    Some(List { columns, paged })
}

fn resolved<'a>(json: &'a Json, schema: &'a Json) -> &'a Json {
    let target =
        schema.get("$ref").and_then(Json::as_str).and_then(|name| json.pointer(name.strip_prefix('#')?));
    target.unwrap_or(schema)
}

/// The columns of a schema: its plain values, and those of the objects in it.
fn collect(json: &Json, schema: &Json, path: &str, depth: usize, columns: &mut Vec<String>) {
    let schema = resolved(json, schema);
    let parts = |word: &str| schema.get(word).and_then(Json::as_array).cloned().unwrap_or_default();
    let is_null = |part: &Json| part.get("type").and_then(Json::as_str) == Some("null");
    let mut choices = [parts("oneOf"), parts("anyOf")].concat();
    choices.retain(|part| !is_null(part));
    if let ([only], true) = (choices.as_slice(), schema.get("properties").is_none()) {
        return collect(json, only, path, depth, columns);
    }
    let mut objects = parts("allOf");
    if let Some(properties) = schema.get("properties") {
        objects.push(serde_json::json!({ "properties": properties }));
    }
    if objects.is_empty() || depth > DEEPEST {
        columns.push(path.to_owned());
        return;
    }
    for object in &objects {
        let object = resolved(json, object);
        let Some(properties) = object.get("properties").and_then(Json::as_object) else {
            collect(json, object, path, depth + 1, columns);
            continue;
        };
        for (name, value) in properties {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(json, value, &inner, depth + 1, columns);
        }
    }
}

fn describe(operation: &mut Operation) {
    let words =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["json", "csv", "xlsx"])).build();
    let format = ParameterBuilder::new()
        .name("format")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "`csv` or `xlsx`: the whole list as a table; `cursor` and `limit` of one that comes in pages do not count then",
        ))
        .schema(Some(words))
        .build();
    operation.parameters.get_or_insert_default().push(format.into());
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
        for kind in [CSV, XLSX] {
            answer.content.insert(kind.to_owned(), RefOr::T(Content::default()));
        }
    }
}

/// Answers a list as a table where that is asked for; everything else goes on as it came.
pub async fn download(State(lists): State<Lists>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let list = path.as_ref().filter(|_| request.method() == Method::GET).and_then(|path| lists.0.get(path));
    let Some(list) = list else { return next.run(request).await };
    match asked(&request) {
        Ok((None, pairs)) => next.run(with_query(request, &pairs)).await,
        Ok((Some(format), pairs)) => {
            table(list, format, request, pairs, next).await.unwrap_or_else(|answer| *answer)
        }
        Err(problem) => problem.into_response(),
    }
}

type Pairs = Vec<(String, String)>;

/// The format that a request asks for, and what else its query says.
fn asked(request: &Request) -> Result<(Option<Format>, Pairs), Problem> {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Pairs = serde_urlencoded::from_str(query)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "malformed-form"))?;
    let (asked, pairs): (Pairs, Pairs) = pairs.into_iter().partition(|(name, _)| name == "format");
    let Some((_, word)) = asked.into_iter().next_back() else { return Ok((accepted(request), pairs)) };
    if word == "json" {
        return Ok((None, pairs));
    }
    let unknown = || FieldError::new("/format", "unknown-word").with("allowed", "json, csv, xlsx");
    let format = word.parse().map_err(|_| Problem::invalid(vec![unknown()]))?;
    Ok((Some(format), pairs))
}

/// The first media type of `Accept`, when it is one of a table.
fn accepted(request: &Request) -> Option<Format> {
    let accept = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    match accept.split([',', ';']).next()?.trim() {
        CSV => Some(Format::Csv),
        XLSX => Some(Format::Xlsx),
        _ => None,
    }
}

fn with_query(mut request: Request, pairs: &Pairs) -> Request {
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let path = request.uri().path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    if let Ok(uri) = text.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// The whole list, page after page; `Err` is the operation's own answer when that is not a list.
async fn table(
    list: &List,
    format: Format,
    request: Request,
    pairs: Pairs,
    next: Next,
) -> Result<Response, Box<Response>> {
    let refused = |problem: Problem| Box::new(problem.into_response());
    let (window, mut pairs): (Pairs, Pairs) =
        pairs.into_iter().partition(|(name, _)| list.paged && (name == "cursor" || name == "limit"));
    // They do not count, but what is none is refused, by the list itself with everything else that is wrong.
    if Fields::from_query::<Window>(&window).is_err() {
        return Err(Box::new(next.run(with_query(request, &[window, pairs].concat())).await));
    }
    if list.paged {
        pairs.push(("limit".to_owned(), "100".to_owned()));
    }
    let path = request.uri().path().to_owned();
    let (head, _) = request.into_parts();
    let mut rows: Vec<Json> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut pairs = pairs.clone();
        pairs.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
        let page =
            next.clone().run(with_query(Request::from_parts(head.clone(), Body::empty()), &pairs)).await;
        if page.status() != StatusCode::OK {
            return Err(Box::new(page));
        }
        let bytes = to_bytes(page.into_body(), MOST_BYTES)
            .await
            .map_err(|error| refused(Problem::internal(error)))?;
        let mut page: Json = serde_json::from_slice(&bytes).map_err(|error| refused(error.into()))?;
        if let Some(items) = page.get_mut("items").and_then(Json::as_array_mut) {
            rows.append(items);
        }
        if rows.len() > MOST_ROWS {
            let problem =
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "table-too-long").with("most", MOST_ROWS);
            return Err(refused(problem));
        }
        match page.get("next").and_then(Json::as_str) {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let columns = list.columns.clone();
    let written = tokio::task::spawn_blocking(move || format.write(&columns, &rows)).await;
    let written = written.map_err(|error| refused(Problem::internal(error)))?.map_err(refused)?;
    let name = path.rsplit('/').next().unwrap_or("list").to_owned();
    let vary = [(header::VARY, HeaderValue::from_static("Accept"))];
    Ok((vary, format.attached(&name, written)).into_response())
}
