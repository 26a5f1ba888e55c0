//! JSON with one spelling: what is hashed or signed must not depend on who wrote it.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The value as JSON with sorted keys and no white space.
///
/// # Errors
/// When the value can't be written as JSON.
pub fn to_text(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(&sorted(serde_json::to_value(value)?))
}

/// SHA-256 of [`to_text`], hexadecimal.
///
/// # Errors
/// When the value can't be written as JSON.
pub fn hash(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex::encode(Sha256::digest(to_text(value)?)))
}

/// Objects keep the order in which keys were inserted or sort them, depending on a feature that any
/// crate of the tree may switch on; inserting them sorted is right either way.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let one = json!({"b": [{"y": 1, "x": 2}], "a": null});
        let other: serde_json::Value = serde_json::from_str(r#"{"a":null,"b":[{"x":2,"y":1}]}"#).unwrap();
        assert_eq!(super::to_text(&one).unwrap(), r#"{"a":null,"b":[{"x":2,"y":1}]}"#);
        assert_eq!(super::hash(&one).unwrap(), super::hash(&other).unwrap());
    }
}
