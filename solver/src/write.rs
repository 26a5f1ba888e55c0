//! Writes an instance in its two on-disk forms, canonically, and fingerprints it.

use crate::Instance;

/// The canonical JSON document: fixed field order, tables sorted by id, decimals as texts, defaults written out.
#[must_use]
pub fn to_json(instance: &Instance) -> String {
    let _ = instance;
    String::new()
}

/// The folder form: (file name, text) of `instance.toml` and every table that has rows.
#[must_use]
pub fn to_folder(instance: &Instance) -> Vec<(String, String)> {
    let _ = instance;
    Vec::new()
}

/// SHA-256 of [`to_json`], hexadecimal.
#[must_use]
pub fn fingerprint(instance: &Instance) -> String {
    let _ = instance;
    String::new()
}
