//! Any bytes as what is signed: calls of webhooks, and the codes of the second factor. Lines: a secret, an id, a time, what
//! somebody types, and the body.

#![no_main]

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use eslabon::{
    foundation::clock::Timestamp,
    organisations::second_factor::{Secret, plain_recovery_code},
    webhooks::signature::{secret, sign},
};
use libfuzzer_sys::fuzz_target;
use ring::hmac;
use sha2::{Digest, Sha256};

/// The end of the year 9999, in seconds.
const END: i64 = 253_402_300_799;

/// Whether one of the signatures is that of a key: what a receiver asks, as the standard says it.
fn verifies(signed: &str, key: &[u8], id: &str, timestamp: i64, body: &str) -> bool {
    let (key, text) = (hmac::Key::new(hmac::HMAC_SHA256, key), format!("{id}.{timestamp}.{body}"));
    let tags = signed.split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let mut tags = tags.filter_map(|tag| BASE64.decode(tag).ok());
    tags.any(|tag| hmac::verify(&key, text.as_bytes(), &tag).is_ok())
}

/// Ids of calls are UUIDs: a point in one would make two calls look like one.
fn webhooks(junk: &str, id: &str, timestamp: i64, body: &str) {
    let id = id.replace('.', "-");
    let keys = [Sha256::digest(junk), Sha256::digest(body)].map(<[u8; 32]>::from);
    let secrets = keys.map(secret);
    for (secret, key) in secrets.iter().zip(&keys) {
        let shown = secret.strip_prefix("whsec_").and_then(|shown| BASE64.decode(shown).ok());
        assert_eq!(shown.as_deref(), Some(key.as_slice()));
    }
    let signed = sign(secrets.iter().map(String::as_str), &id, timestamp, body);
    assert!(signed.is_ascii() && signed.split(' ').count() == 2, "{signed}");
    for key in &keys {
        assert!(verifies(&signed, key, &id, timestamp, body));
        assert!(!verifies(&signed, key, &format!("{id}a"), timestamp, body));
        assert!(!verifies(&signed, key, &id, timestamp.wrapping_add(1), body));
        assert!(!verifies(&signed, key, &id, timestamp, &format!("{body} ")));
        let mut other = *key;
        other[0] ^= 1;
        assert!(!verifies(&signed, &other, &id, timestamp, body));
    }
    // Whatever stands where a secret should: something is signed.
    assert!(sign([junk], &id, timestamp, body).starts_with("v1,"));
    assert!(!verifies(junk, &keys[0], &id, timestamp, body));
}

fn codes(junk: &str, seconds: i64, typed: &str) {
    let at = Timestamp::from_micros(seconds.rem_euclid(END) * 1_000_000);
    let digest: [u8; 32] = Sha256::digest(junk).into();
    let key = Secret::from_hex(&hex::encode(&digest[..20])).expect("hexadecimal digits are a secret");
    assert_eq!(Secret::from_hex(&key.to_hex()).as_ref(), Some(&key));
    let shown = key.shown(at);
    let step = key.step_of(&shown, at, -1).expect("what is shown works");
    assert_eq!(key.step_of(&format!(" {} {}", &shown[..3], &shown[3..]), at, -1), Some(step));
    assert!(key.step_of(&shown, at, step).is_none(), "a code works once");
    let _ = (key.step_of(typed, at, -1), Secret::from_hex(typed));
    let address = url::Url::parse(&key.uri(typed)).expect("it is an address");
    let named =
        address.query_pairs().find(|(name, _)| name == "secret").map(|(_, secret)| secret.into_owned());
    assert_eq!(named, Some(key.to_base32()));
    let code = plain_recovery_code(typed);
    assert_eq!(plain_recovery_code(&code), code);
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (junk, id, timestamp, typed, body) = (line(), line(), line(), line(), line());
    let timestamp = timestamp.parse().unwrap_or_default();
    webhooks(junk, id, timestamp, body);
    codes(junk, timestamp, typed);
});
