//! The API's description says what the service answers: whatever somebody can read of the world is as the document says, to
//! the last word of every vocabulary.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::OnceLock,
};

use eslabon::app;
use serde_json::{Value, json};

use super::architecture::sources;
use crate::world::World;

/// The document, to hold answers against.
struct Document(Value);

impl Document {
    /// The service's.
    fn of_the_service() -> &'static Self {
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        DOCUMENT.get_or_init(|| Self(serde_json::to_value(app::openapi()).unwrap()))
    }

    /// Where what was read at a path is otherwise than the document says, and the operation; none without a schema.
    fn read(&self, path: &str, answered: &Value) -> Option<(String, Vec<String>)> {
        let (template, described) = self.operation("get", path)?;
        let schema = described["responses"]["200"]["content"]["application/json"].get("schema")?;
        let mut found = Vec::new();
        self.faults(schema, answered, "", false, &mut found);
        Some((template.to_owned(), found))
    }

    /// The operation that a path belongs to: one with more words of its own before one with fewer.
    fn operation(&self, method: &str, uri: &str) -> Option<(&str, &Value)> {
        let asked: Vec<_> = uri.split('?').next()?.split('/').collect();
        let fits = |path: &&String| {
            let own: Vec<_> = path.split('/').collect();
            let alike = |(own, asked): (&&str, &&str)| own.starts_with('{') || own == asked;
            own.len() == asked.len() && own.iter().zip(&asked).all(alike)
        };
        let words = |path: &&String| path.split('/').filter(|part| !part.starts_with('{')).count();
        let paths = self.0["paths"].as_object()?;
        let offered = paths.keys().filter(|path| paths[*path].get(method).is_some()).filter(fits);
        let path = offered.max_by_key(words)?;
        Some((path, &paths[path][method]))
    }

    fn named(&self, reference: &str) -> &Value {
        self.0.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}"))
    }

    /// Where a value is not as a schema says. A part of a composition knows only its own fields.
    fn faults(&self, schema: &Value, value: &Value, at: &str, is_part: bool, found: &mut Vec<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.faults(self.named(reference), value, at, is_part, found);
        }
        for either in ["oneOf", "anyOf"] {
            let Some(choices) = schema[either].as_array() else { continue };
            let tried = choices.iter().map(|choice| {
                let mut faults = Vec::new();
                self.faults(choice, value, at, is_part, &mut faults);
                faults
            });
            let nearest = tried.min_by_key(Vec::len).unwrap_or_default();
            return found.extend(nearest);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.faults(part, value, at, true, found);
        }
        if !is_of_type(&schema["type"], value) {
            found.push(format!("{at}: {value} is not {}", schema["type"]));
            return;
        }
        if let Some(words) = schema["enum"].as_array().filter(|_| value.is_string())
            && !words.contains(value)
        {
            found.push(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        match value {
            Value::Object(fields) => {
                for name in schema["required"].as_array().into_iter().flatten() {
                    if !fields.contains_key(name.as_str().unwrap()) {
                        found.push(format!("{at}: {name} is missing"));
                    }
                }
                let (known, others) = (&schema["properties"], &schema["additionalProperties"]);
                for (name, value) in fields {
                    let at = format!("{at}/{name}");
                    match known.get(name) {
                        Some(schema) => self.faults(schema, value, &at, false, found),
                        None if others.is_object() => self.faults(others, value, &at, false, found),
                        None if is_part || schema.get("allOf").is_some() || known.is_null() => {}
                        None => found.push(format!("{at} is not documented")),
                    }
                }
            }
            Value::Array(items) => {
                for item in items.iter().filter(|_| schema["items"].is_object()) {
                    self.faults(&schema["items"], item, &format!("{at}/*"), false, found);
                }
            }
            _ => {}
        }
    }
}

fn is_of_type(named: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    match named {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| name.as_str().is_some_and(is)),
        _ => true,
    }
}

#[test]
fn what_is_otherwise_than_documented_is_found() {
    let document = Document(json!({ "named": { "type": "string", "enum": ["red"] } }));
    let schema = json!({ "type": "object", "required": ["a"], "properties": {
        "a": { "type": ["integer", "null"] }, "light": { "$ref": "#/named" },
        "list": { "type": "array", "items": { "oneOf": [{ "type": "null" }, { "type": "string" }] } } } });
    let faults = |value: Value| {
        let mut found = Vec::new();
        document.faults(&schema, &value, "", false, &mut found);
        found.len()
    };
    assert_eq!(faults(json!({ "a": null, "light": "red", "list": [null, "x"] })), 0);
    for wrong in [
        json!({}),
        json!({ "a": "1" }),
        json!({ "a": 1, "light": "Red" }),
        json!({ "a": 1, "list": [2] }),
        json!({ "a": 1, "b": 1 }),
    ] {
        assert_eq!(faults(wrong.clone()), 1, "{wrong}");
    }
}

/// Of two types with one name the document shows one, in the place of both.
#[test]
fn no_two_types_of_the_document_have_one_name() {
    let (shown, mut places) = (Document::of_the_service(), BTreeMap::<String, Vec<String>>::new());
    for (path, text) in sources(Path::new("src")) {
        let (mut is_described, mut name) = (false, None);
        for line in text.lines().map(str::trim) {
            let derives = line.contains("ToSchema") && !line.starts_with("use") && !line.starts_with("impl");
            is_described |= derives || line.starts_with("words! {");
            if let Some((_, rest)) = line.split_once("schema(as = ") {
                name = rest.split([')', ',']).next().map(str::to_owned);
            }
            let after = |word: &str| {
                let (before, rest) = line.split_once(word)?;
                (before.is_empty() || before.starts_with("pub")).then_some(rest)
            };
            let Some(rest) = after("struct ").or_else(|| after("enum ")) else { continue };
            let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if is_described {
                let place = format!("{}: {own}", path.display());
                places.entry(name.take().unwrap_or_else(|| own.to_owned())).or_default().push(place);
            }
            (is_described, name) = (false, None);
        }
    }
    assert!(places.len() > 300, "only {} types", places.len());
    places.retain(|name, places| shown.0["components"]["schemas"].get(name).is_some() && places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// What is named is there, also what stands in queries alone.
#[test]
fn every_name_in_the_document_leads_somewhere() {
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| names(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }
    let (document, mut found) = (&Document::of_the_service().0, BTreeSet::new());
    names(document, &mut found);
    found.retain(|name| document.pointer(name.trim_start_matches('#')).is_none());
    assert_eq!(found, BTreeSet::new());
}

/// Each operation says who may do it, and no answer is left to "anything else".
#[test]
fn every_operation_says_who_may_and_how_it_is_refused() {
    let document = &Document::of_the_service().0;
    let paths =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let operations: Vec<_> = paths.filter(|operation| operation["operationId"].is_string()).collect();
    assert!(operations.len() > 300, "only {}", operations.len());
    for operation in operations {
        let id = &operation["operationId"];
        let answers = operation["responses"].as_object().unwrap();
        assert!(!operation["x-roles"].as_array().unwrap().is_empty(), "{id} is for nobody");
        assert!(
            answers.contains_key("401") && answers.contains_key("5XX") && !answers.contains_key("default"),
            "{id}"
        );
        let headers =
            operation["parameters"].as_array().into_iter().flatten().map(|parameter| &parameter["name"]);
        let is_versioned = headers.into_iter().any(|name| name == "If-Match");
        assert_eq!(is_versioned, answers.contains_key("412") && answers.contains_key("428"), "{id}");
    }
}

/// Words are documented as they are sent.
#[test]
fn vocabularies_are_documented_as_they_are_sent() {
    let document = Document::of_the_service();
    let word = |name: &str| document.0["components"]["schemas"][name]["enum"].clone();
    assert_eq!(word("RunState"), json!(["queued", "running", "finished", "failed", "cancelled"]));
    assert_eq!(word("MediaType")[0], "application/pdf");
}

on_both_engines! {
    async fn whatever_can_be_read_is_as_the_document_says(app: TestApp) {
        let (world, document) = (World::set(&app).await, Document::of_the_service());
        let (mut faults, mut read) = (BTreeSet::new(), BTreeSet::new());
        for (role, reader) in &world.own {
            for (path, (status, _, body)) in world.read_by(reader).await {
                let told = document.read(&format!("/api/v1{path}"), &body).filter(|_| status == 200);
                let Some((operation, found)) = told else { continue };
                faults.extend(found.into_iter().map(|fault| format!("{operation} to {role}{fault}")));
                read.insert(operation);
            }
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.into_iter().collect::<Vec<_>>().join("\n"));
        assert!(read.len() > 60, "only {read:#?}");
    }
}
