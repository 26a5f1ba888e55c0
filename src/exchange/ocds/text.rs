//! From bytes to characters.

use std::borrow::Cow;

use super::findings::{Code, Refusal, Warnings};

/// The document as text: UTF-8, with or without a byte order mark, or else Latin-1, which every byte
/// sequence is; old exports from Latin America are often written in it.
pub(super) fn decode<'a>(bytes: &'a [u8], warnings: &mut Warnings) -> Result<Cow<'a, str>, Refusal> {
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::new("empty-file", "the file is empty", "download the record again"));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(b"PK\x03\x04") {
        return Err(Refusal::new(
            "compressed",
            "the file is a compressed archive",
            "unpack it and import the JSON files inside",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal::new("utf-16", "the file is written in UTF-16", "save it as UTF-8"));
    }
    if bytes.contains(&0) {
        return Err(Refusal::new(
            "not-text",
            "the file holds binary data",
            "import an OCDS document in JSON",
        ));
    }
    let bytes = if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        warnings.add(Code::ByteOrderMark, "", "the file starts with a byte order mark, which was skipped");
        rest
    } else {
        bytes
    };
    Ok(if let Ok(text) = std::str::from_utf8(bytes) {
        Cow::Borrowed(text)
    } else {
        warnings.add(
            Code::NotUtf8,
            "",
            "the file is not UTF-8; it was read as Latin-1, so check the accents",
        );
        Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect())
    })
}
