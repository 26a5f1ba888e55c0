//! Signatures of Standard Webhooks (v1): HMAC-SHA256 over `id.timestamp.body`.

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use ring::hmac;

const PREFIX: &str = "whsec_";

/// A new secret from 32 random bytes, as it is shown.
pub fn secret(bytes: [u8; 32]) -> String {
    format!("{PREFIX}{}", BASE64.encode(bytes))
}

/// The value of `webhook-signature`: a signature with each secret, the newest first.
pub fn sign<'a>(secrets: impl IntoIterator<Item = &'a str>, id: &str, timestamp: i64, body: &str) -> String {
    let text = format!("{id}.{timestamp}.{body}");
    let signed = secrets.into_iter().map(|secret| {
        let key = BASE64.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).unwrap_or_default();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes());
        format!("v1,{}", BASE64.encode(tag))
    });
    signed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let (secret, id) = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek");
        let signed = sign([secret], id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = sign([secret, "whsec_AAAA"], id, 1_614_265_330, "{}");
        assert_eq!(both.split(' ').count(), 2);
    }

    #[test]
    fn a_secret_is_shown_as_others_read_it() {
        let shown = super::secret([1; 32]);
        assert_eq!(BASE64.decode(shown.strip_prefix("whsec_").unwrap()).unwrap(), [1; 32]);
    }
}
