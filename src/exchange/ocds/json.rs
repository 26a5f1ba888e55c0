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

/// So much may be in a document: each value weighs one, and an object [`OF_OBJECT`]. Each takes some two hundred bytes,
/// however short it is written.
const MOST: usize = 1_000_000;
/// What an object weighs: the first member already takes the space of eleven.
const OF_OBJECT: usize = 5;
/// In a long document, which comes from whoever runs the machine, as much as has so many bytes each: what publishers
/// write has seven at least, and twenty as a rule.
const DENSEST: usize = 5;

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
    Builder { left: MOST.max(text.len() / DENSEST), warnings }.node(raw, Pointer::default(), 0)
}

/// Builds the tree, as far as there is room for it.
struct Builder<'w> {
    /// So much more may be in the document.
    left: usize,
    warnings: &'w mut Warnings,
}

impl Builder<'_> {
    fn node(&mut self, raw: &RawValue, at: Pointer, depth: usize) -> Result<Node, Refusal> {
        if depth > MAX_DEPTH {
            return Err(Refusal::new(
                "too-deep",
                format!("the document nests more than {MAX_DEPTH} levels deep"),
                "import a plain OCDS document",
            ));
        }
        let text = raw.get().trim();
        let first = text.as_bytes().first();
        self.left = self.room_for(if first == Some(&b'{') { OF_OBJECT } else { 1 })?;
        let value = match first {
            Some(b'{') => match serde_json::from_str::<Members>(text) {
                Ok(Members(members)) => self.object(members, &at, depth)?,
                Err(_) => unreadable(&at, self.warnings),
            },
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(elements) => {
                    self.room_for(elements.len())?;
                    let elements = elements.into_iter().enumerate();
                    let nodes = elements.map(|(i, raw)| self.node(raw, at.to(i.to_string()), depth + 1));
                    Value::List(nodes.collect::<Result<_, _>>()?)
                }
                Err(_) => unreadable(&at, self.warnings),
            },
            Some(b'"') => match serde_json::from_str::<String>(text) {
                Ok(text) => Value::Text(text),
                Err(_) => unreadable(&at, self.warnings),
            },
            Some(b't' | b'f') => Value::Bool,
            Some(b'-' | b'0'..=b'9') => Value::Number(text.to_owned()),
            _ => Value::Null,
        };
        Ok(Node { at, value })
    }

    fn object(
        &mut self,
        members: Vec<(String, &RawValue)>,
        at: &Pointer,
        depth: usize,
    ) -> Result<Value, Refusal> {
        self.room_for(members.len())?;
        let mut object = BTreeMap::new();
        for (name, raw) in members {
            let node = self.node(raw, at.to(name.clone()), depth + 1)?;
            let place = node.at.clone();
            if object.insert(name, node).is_some() {
                let detail = "the key stands more than once; the last one counts";
                self.warnings.add(Code::KeyRepeated, &place, detail);
            }
        }
        Ok(Value::Object(object))
    }

    /// What is left beside something of that weight.
    fn room_for(&self, weight: usize) -> Result<usize, Refusal> {
        self.left.checked_sub(weight).ok_or_else(|| {
            Refusal::new(
                "document-too-large",
                "the document holds more values than are read at once",
                "split the document: one release in each, or one on each line",
            )
        })
    }
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

    #[test]
    fn what_is_written_shortly_and_takes_much_memory_is_refused() {
        let list = |of: &str, times: usize| format!("[{}{of}]", format!("{of},").repeat(times - 1));
        for text in [list("1", MOST), list("{}", MOST / OF_OBJECT)] {
            let refused = parse(&text, &mut Warnings::default()).unwrap_err();
            assert_eq!(refused.code, "document-too-large", "{}", &text[..20]);
        }
        parsed(&list("{}", MOST / OF_OBJECT - 1));
    }

    #[test]
    fn a_large_record_is_read() {
        let items: Vec<String> = (0..500)
            .map(|i| {
                format!(
                    r#"{{"id":"{i}","description":"Guantes","classification":{{"scheme":"UNSPSC","id":"42132203"}},"quantity":10,"unit":{{"name":"Unidad","value":{{"amount":350,"currency":"PYG"}}}},"relatedLot":"{i}"}}"#
                )
            })
            .collect();
        let bids: Vec<String> = (0..5_000)
            .map(|i| {
                format!(
                    r#"{{"id":"{i}","status":"valid","tenderers":[{{"id":"{0}","name":"Uno"}}],"value":{{"amount":3500,"currency":"PYG"}},"relatedLots":["{1}"],"items":[{{"id":"{1}","quantity":10,"unit":{{"value":{{"amount":350,"currency":"PYG"}}}}}}]}}"#,
                    i % 10,
                    i / 10
                )
            })
            .collect();
        let text = format!(
            r#"{{"tender":{{"items":[{}]}},"bids":{{"details":[{}]}}}}"#,
            items.join(","),
            bids.join(",")
        );
        let node = parsed(&text);
        let bids = node.find(&["bids"]).unwrap();
        assert_eq!(bids.list("details", &mut Warnings::default()).len(), 5_000);
    }
}
