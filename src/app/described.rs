//! What holds for every operation alike, said in the API's document once for all of them: who may and in which state, what
//! is answered when it is not done, and what every list and every write takes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use utoipa::{
    PartialSchema,
    openapi::{
        Components, ContentBuilder, KnownFormat, ObjectBuilder, OpenApi as Document, Ref, RefOr, Required,
        ResponseBuilder, Schema, SchemaFormat, Type,
        extensions::Extensions,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::SchemaType,
    },
};

use crate::foundation::{
    access::{Role, Row},
    files::clean::MediaType,
    http::{KEY_LENGTH, list},
    numerals::Mark,
};

/// Where references to schemas lead.
const SCHEMAS: &str = "#/components/schemas/";
/// The answers with a problem: status, name and when.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("400", "Malformed", "It can't be read: no JSON object, no query, an unfit key"),
    ("401", "NotLoggedIn", "No token, or none that counts"),
    ("403", "NotAllowed", "The role, an interest in a party or a missing second factor forbids it"),
    ("404", "NotFound", "It does not exist, or not for who asks"),
    ("409", "WrongState", "What is there forbids it: its state, or something else that was done"),
    ("412", "Stale", "`If-Match` is not the present version"),
    ("413", "TooLarge", "The body, or the table, is too large"),
    ("415", "NotJson", "The body is of a type that is not taken"),
    ("422", "Invalid", "Fields are wrong; `errors` says which and why"),
    ("428", "VersionRequired", "`If-Match` is missing"),
    ("429", "TooMany", "Too often, or too many at once; `Retry-After` says when to try again"),
    ("5XX", "Fault", "The service can't answer now, or is at fault"),
];

/// The document with all of that.
pub(super) fn described(mut document: Document, rows: &[Row]) -> Document {
    let rows: BTreeMap<_, _> = rows.iter().map(|row| (row.operation.replace('.', "_"), row)).collect();
    let components = document.components.get_or_insert_default();
    describe_problems(components);
    // What stands in queries alone is collected by nobody else.
    components.schemas.insert("DecimalMark".to_owned(), Mark::schema());
    components.schemas.insert("Locale".to_owned(), crate::foundation::i18n::Locale::schema());
    components.schemas.insert("Package".to_owned(), crate::exchange::open::Package::schema());
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (true, &mut item.get),
            (false, &mut item.post),
            (false, &mut item.put),
            (false, &mut item.delete),
            (false, &mut item.patch),
        ];
        for (at, (is_read, operation)) in operations.into_iter().enumerate() {
            let Some(operation) = operation else { continue };
            let row = operation.operation_id.as_ref().and_then(|id| rows.get(id));
            let (roles, states) = row.map_or((Role::ALL, &[] as &[&str]), |row| (row.roles, row.states));
            say_who(operation, roles, states);
            let is_open = roles.contains(&Role::Anonymous);
            if at == 1 && !is_open {
                take_a_key(operation);
            }
            operation.parameters.iter_mut().flatten().for_each(bound);
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                let json = body.content.get("application/json").and_then(|content| match content {
                    RefOr::T(content) => content.schema.as_ref(),
                    RefOr::Ref(_) => None,
                });
                if json.is_some_and(|schema| !demands(components, schema)) {
                    body.required = Some(Required::False);
                }
            }
            name_contents(operation);
            for status in refusals(operation, path, is_read, is_open) {
                let name = PROBLEMS
                    .iter()
                    .find(|(known, ..)| *known == status)
                    .map_or("Fault", |(_, name, _)| *name);
                let refused = RefOr::Ref(Ref::from_response_name(name));
                operation.responses.responses.entry(status.to_owned()).or_insert(refused);
            }
        }
    }
    let asked_alone = asked_alone(&document);
    let schemas = document.components.iter_mut().flat_map(|components| &mut components.schemas);
    schemas.filter(|(name, _)| asked_alone.contains(*name)).for_each(|(_, schema)| leave_out_lists(schema));
    document
}

/// The schemas of what is only asked, and never answered.
fn asked_alone(document: &Document) -> BTreeSet<String> {
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    let operations =
        document.paths.paths.values().flat_map(|item| {
            [&item.get, &item.post, &item.put, &item.delete, &item.patch].into_iter().flatten()
        });
    for operation in operations {
        asked.extend(serde_json::to_value(&operation.request_body));
        answered.extend(serde_json::to_value(&operation.responses));
    }
    let components = serde_json::to_value(&document.components).unwrap_or_default();
    let (asked, answered) = (reached(&components, asked), reached(&components, answered));
    asked.difference(&answered).cloned().collect()
}

/// The names of the schemas to which values lead.
fn reached(components: &Json, mut open: Vec<Json>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Json::Object(fields) => {
                let name = fields.get("$ref").and_then(Json::as_str).and_then(|at| at.strip_prefix(SCHEMAS));
                if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                    open.extend(components.get("schemas").and_then(|schemas| schemas.get(name)).cloned());
                }
                open.extend(fields.into_iter().map(|(_, value)| value));
            }
            Json::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// A list that is left out, or null, is an empty one (`Fields::list`).
fn leave_out_lists(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    for (name, property) in &mut object.properties {
        if let RefOr::T(Schema::Array(list)) = property {
            list.schema_type = SchemaType::Array(vec![Type::Array, Type::Null]);
            object.required.retain(|required| required != name);
        }
    }
}

fn describe_problems(components: &mut Components) {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemJson"))).build();
    for (_, name, when) in PROBLEMS {
        let answer =
            ResponseBuilder::new().description(*when).content("application/problem+json", problem.clone());
        components.responses.insert((*name).to_owned(), RefOr::T(answer.build()));
    }
}

/// The roles that may, and the states in which it is possible, as the access table has them.
fn say_who(operation: &mut Operation, roles: &[Role], states: &[&str]) {
    let people = roles.iter().filter(|role| **role != Role::System).map(|role| role.word());
    let mut said = vec![("x-roles", people.collect::<Vec<_>>())];
    if !states.is_empty() {
        said.push(("x-states", states.to_vec()));
    }
    let said: Extensions = said.into_iter().collect();
    operation.extensions.get_or_insert_default().merge(said);
}

/// Every POST of somebody who has logged in takes a key.
fn take_a_key(operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    let known = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(known) if known.name == "Idempotency-Key");
    if !parameters.iter().any(known) {
        let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        parameters.push(key.required(Required::False).build().into());
    }
}

/// What the parameters that many operations take may be.
fn bound(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let (schema, description) = match parameter.name.as_str() {
        "limit" => {
            let number = ObjectBuilder::new().schema_type(Type::Integer).default(Some(list::USUAL.into()));
            (number.minimum(Some(1)).maximum(Some(list::MOST)), "So many items at most")
        }
        "cursor" => (
            text().min_length(Some(1)).max_length(Some(list::CURSOR_LENGTH)),
            "`next` or `prev` of a page of this list",
        ),
        "If-Match" => (text().pattern(Some("^\"(0|[1-9][0-9]{0,17})\"$")), "The `ETag` of what was read"),
        "Idempotency-Key" => (
            text().pattern(Some(format!("^[!-~]{{1,{KEY_LENGTH}}}$"))),
            "What is repeated with the key of before is not done again, and answered as before",
        ),
        _ => return,
    };
    parameter.schema = Some(schema.build().into());
    parameter.description.get_or_insert_with(|| description.to_owned());
}

/// Whether a body's schema demands a field: without one, no body is as good as an empty one.
fn demands(components: &Components, schema: &RefOr<Schema>) -> bool {
    let schema = match schema {
        RefOr::T(schema) => Some(schema),
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            match components.schemas.get(name) {
                Some(RefOr::T(schema)) => Some(schema),
                _ => None,
            }
        }
    };
    match schema {
        Some(Schema::Object(object)) => !object.required.is_empty(),
        Some(Schema::AllOf(parts)) => parts.items.iter().any(|part| demands(components, part)),
        _ => true,
    }
}

/// A file is sent as what it is, and events are no text.
fn name_contents(operation: &mut Operation) {
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else { return };
    if answer.content.shift_remove("application/octet-stream").is_some() {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        let file = ContentBuilder::new().schema(Some(bytes.build())).build();
        for kind in MediaType::ALL {
            answer.content.insert(kind.word().to_owned(), RefOr::T(file.clone()));
        }
    }
    if let Some(RefOr::T(events)) = answer.content.get_mut("text/event-stream") {
        let text = || ObjectBuilder::new().schema_type(Type::String).build();
        let event = ["id", "event", "data"]
            .into_iter()
            .fold(ObjectBuilder::new(), |event, name| event.property(name, text()));
        events.schema = None;
        events.item_schema = Some(event.build().into());
    }
}

/// The statuses with which an operation can be refused.
fn refusals(operation: &Operation, path: &str, is_read: bool, is_open: bool) -> Vec<&'static str> {
    let takes = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == place,
            RefOr::Ref(_) => false,
        })
    };
    let is_versioned = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "If-Match",
        RefOr::Ref(_) => false,
    });
    let has_query = takes(ParameterIn::Query);
    let mut found = vec!["401", "5XX"];
    let mut when = |holds: bool, statuses: &[&'static str]| {
        if holds {
            found.extend_from_slice(statuses);
        }
    };
    when(!is_open, &["403"]);
    when(!is_read, &["400", "409", "413", "415", "422", "429"]);
    when(has_query, &["400", "422"]);
    when(is_read && path.contains('{'), &["409"]);
    when(path.contains('{') || !is_read || has_query, &["404"]);
    when(is_versioned, &["412", "428"]);
    let is_stream = operation.responses.responses.get("200").is_some_and(
        |answer| matches!(answer, RefOr::T(answer) if answer.content.contains_key("text/event-stream")),
    );
    when(is_stream, &["429"]);
    found
}
