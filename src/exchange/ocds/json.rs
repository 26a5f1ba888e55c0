//! A JSON tree that keeps what ordinary trees lose: numbers as they were written, and the place of
//! every value in the document, also after releases have been merged.

use std::{collections::BTreeMap, fmt, rc::Rc};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::findings::{Code, Refusal, Warnings};

/// Deeper documents are refused. OCDS needs about ten levels; each level costs a pass over its text.
const MAX_DEPTH: usize = 64;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: Pointer,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool,
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

/// A place in the document; a chain of steps, shared by all values below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pointer(Option<Rc<Step>>);

#[derive(Debug)]
struct Step {
    parent: Pointer,
    name: String,
}

impl Pointer {
    fn to(&self, name: String) -> Self {
        Self(Some(Rc::new(Step { parent: self.clone(), name })))
    }
}

/// RFC 6901.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = &self.0 else { return Ok(()) };
        let name = step.name.replace('~', "~0").replace('/', "~1");
        write!(f, "{}/{name}", step.parent)
    }
}

impl From<&Pointer> for String {
    fn from(pointer: &Pointer) -> Self {
        pointer.to_string()
    }
}

impl Node {
    /// The member `key` of an object, unless it is null.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members.get(key).filter(|node| !matches!(node.value, Value::Null)),
            _ => None,
        }
    }

    /// Follows several keys.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// This text without the spaces around it, or this number; `None` where nothing is left.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The member `key` as text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// The elements of the member `key`. One object in place of a list is a list of one.
    pub(super) fn list(&self, key: &str, warnings: &mut Warnings) -> &[Node] {
        let Some(node) = self.get(key) else {
            return &[];
        };
        match &node.value {
            Value::List(elements) => elements,
            Value::Object(_) => {
                warnings.add(
                    Code::NotAList,
                    &node.at,
                    format!("`{key}` is one object where a list belongs; read as a list of one"),
                );
                std::slice::from_ref(node)
            }
            _ => {
                warnings.add(Code::WrongType, &node.at, format!("`{key}` is no list; skipped"));
                &[]
            }
        }
    }

    /// [`Self::list`] without what is no object.
    pub(super) fn objects(&self, key: &str, warnings: &mut Warnings) -> Vec<&Node> {
        let mut objects = Vec::new();
        for node in self.list(key, warnings) {
            if node.is_object() {
                objects.push(node);
            } else {
                warnings.add(
                    Code::WrongType,
                    &node.at,
                    format!("`{key}` holds something that is no object; skipped"),
                );
            }
        }
        objects
    }

    /// [`Self::list`] as texts.
    pub(super) fn texts(&self, key: &str, warnings: &mut Warnings) -> Vec<String> {
        self.list(key, warnings).iter().filter_map(|node| node.as_text().map(str::to_owned)).collect()
    }
}

/// Parses a document.
pub(super) fn parse(text: &str, warnings: &mut Warnings) -> Result<Node, Refusal> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let lines = text.trim_start().starts_with('{') && error.to_string().contains("trailing");
        let action = if lines {
            "in JSON Lines each document stands on a line of its own"
        } else {
            "import an OCDS document in JSON, complete and unchanged"
        };
        Refusal::new("not-json", format!("the file is not JSON: {error}"), action)
    })?;
    build(raw, Pointer::default(), 0, warnings)
}

fn build(raw: &RawValue, at: Pointer, depth: usize, warnings: &mut Warnings) -> Result<Node, Refusal> {
    if depth > MAX_DEPTH {
        return Err(Refusal::new(
            "too-deep",
            format!("the document nests more than {MAX_DEPTH} levels deep"),
            "import a plain OCDS document",
        ));
    }
    let text = raw.get().trim();
    let value = match text.as_bytes().first() {
        Some(b'{') => match serde_json::from_str::<Members>(text) {
            Ok(Members(members)) => object(members, &at, depth, warnings)?,
            Err(_) => unreadable(&at, warnings),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) => Value::List(
                elements
                    .into_iter()
                    .enumerate()
                    .map(|(i, raw)| build(raw, at.to(i.to_string()), depth + 1, warnings))
                    .collect::<Result<_, _>>()?,
            ),
            Err(_) => unreadable(&at, warnings),
        },
        Some(b'"') => match serde_json::from_str::<String>(text) {
            Ok(text) => Value::Text(text),
            Err(_) => unreadable(&at, warnings),
        },
        Some(b't' | b'f') => Value::Bool,
        Some(b'-' | b'0'..=b'9') => Value::Number(text.to_owned()),
        _ => Value::Null,
    };
    Ok(Node { at, value })
}

fn object(
    members: Vec<(String, &RawValue)>,
    at: &Pointer,
    depth: usize,
    warnings: &mut Warnings,
) -> Result<Value, Refusal> {
    let mut object = BTreeMap::new();
    for (name, raw) in members {
        let node = build(raw, at.to(name.clone()), depth + 1, warnings)?;
        let place = node.at.clone();
        if object.insert(name, node).is_some() {
            warnings.add(Code::KeyRepeated, &place, "the key stands more than once; the last one counts");
        }
    }
    Ok(Value::Object(object))
}

fn unreadable(at: &Pointer, warnings: &mut Warnings) -> Value {
    warnings.add(Code::Unreadable, at, "holds characters that cannot be decoded; read as absent");
    Value::Null
}

/// The members of one object in document order, doubles included, values not yet looked into.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Node {
        parse(text, &mut Warnings::default()).unwrap()
    }

    #[test]
    fn a_number_stays_as_it_was_written_and_knows_its_place() {
        let node = parsed(r#"{"a/b": [1, {"x~y": 626953284.10}]}"#);
        let list = node.list("a/b", &mut Warnings::default());
        let number = list[1].get("x~y").unwrap();
        assert_eq!(number.as_text(), Some("626953284.10"));
        assert_eq!(number.at.to_string(), "/a~1b/1/x~0y");
    }

    #[test]
    fn a_lone_surrogate_costs_one_text_and_not_the_document() {
        let mut warnings = Warnings::default();
        let node = parse(r#"{"a": "\ud800", "b": "ok"}"#, &mut warnings).unwrap();
        assert_eq!((node.text("a"), node.text("b")), (None, Some("ok")));
        assert_eq!(warnings.into_list()[0].pointer, "/a");
    }

    #[test]
    fn depth_is_bounded_however_deep_the_file() {
        for text in ["[".repeat(1_000_000), "[".repeat(500) + &"]".repeat(500)] {
            assert!(parse(&text, &mut Warnings::default()).is_err());
        }
    }
}
