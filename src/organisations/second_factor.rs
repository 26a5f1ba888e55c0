//! The second factor: something that a person has, besides the password that they know.
//!
//! It is a code of six digits that an app on their phone makes anew every thirty seconds (TOTP, RFC 6238, over HMAC-SHA-1
//! as every such app has it). Each code works once: what was used in its time step, or lies before the last one used, is
//! refused. Ten *recovery codes* stand in for a lost phone, each once; they are shown when the factor is set up and kept
//! hashed. Whoever has a second factor needs it to log in, on pages and for tokens, and to take it away again.
//!
//! Where the setting `second_factor` says so, people of institutions [approve](crate::foundation::access::Row::approves)
//! only with one.

use ring::hmac;

use crate::{
    access,
    foundation::{
        access::{ANYONE, PUBLIC},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::Ids,
    },
};

access! {
    /// See whether one has a second factor, and how many recovery codes are left.
    ReadSecondFactor = "second_factor.read", ANYONE, &[];
    /// Begin to set up a second factor, with one's password.
    SetUp = "second_factor.set_up", ANYONE, &[];
    /// Confirm the second factor with a first code, and get the recovery codes.
    Confirm = "second_factor.confirm", ANYONE, &[];
    /// Take one's second factor away, with a code.
    Remove = "second_factor.remove", ANYONE, &[];
    /// Give the second factor while logging in to the pages.
    UseSecondFactor = "second_factor.use", PUBLIC, &[];
    /// Take away the second factor of somebody who has lost phone and recovery codes (the operator).
    Reset = "second_factor.reset", &[crate::foundation::access::Role::System], &[];
}

/// How long a code is shown, in seconds.
const STEP_SECONDS: i64 = 30;
/// So many steps a phone's clock may be early or late.
const LEEWAY: i64 = 1;
/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;

/// The key of somebody's codes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// It is what no log should hold.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A new one of 160 bits, as RFC 4226 recommends.
    pub fn new(ids: &Ids) -> Self {
        Self(ids.bytes::<20>().to_vec())
    }

    /// From its hexadecimal digits, as it is kept.
    pub fn from_hex(text: &str) -> Option<Self> {
        hex::decode(text).ok().map(Self)
    }

    /// As it is kept.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }

    /// As it is typed into a phone: base 32 (RFC 4648).
    pub fn to_base32(&self) -> String {
        base32(&self.0)
    }

    /// The address with which an app takes it over.
    pub fn uri(&self, email: &str) -> String {
        let email: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
        format!("otpauth://totp/Eslabon:{email}?secret={}&issuer=Eslabon", self.to_base32())
    }

    /// The code of a time step.
    fn code(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        // Dynamic truncation, RFC 4226 §5.3.
        let at = usize::from(tag[tag.len() - 1] & 0xf);
        let number = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff;
        number % 1_000_000
    }

    /// The step of which this is the code, if it is one of the present steps and later than the last one used.
    pub fn step_of(&self, typed: &str, at: Timestamp, last: i64) -> Option<i64> {
        let plain: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.len() != 6 || !plain.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (typed, now) = (plain.parse::<u32>().ok()?, step(at));
        // Every step is looked at, whichever fits.
        let fits = |step: i64| self.code(step) == typed && step > last;
        (now - LEEWAY..=now + LEEWAY).fold(None, |found, step| if fits(step) { Some(step) } else { found })
    }

    /// The code of that moment, as a phone shows it: for tests, which have no phone.
    pub fn shown(&self, at: Timestamp) -> String {
        format!("{:06}", self.code(step(at)))
    }
}

fn step(at: Timestamp) -> i64 {
    at.micros().div_euclid(STEP_SECONDS * 1_000_000)
}

/// RFC 4648 without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8 | u32::from(*byte)) & 0xf_ffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    text
}

/// A new recovery code: 120 random bits, so that an ordinary hash keeps it well, in groups of four.
pub fn recovery_code(ids: &Ids) -> String {
    let text = base32(&ids.bytes::<15>()).to_lowercase();
    let groups: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

/// A recovery code as it counts: however somebody groups it and whatever case they write.
pub fn plain_recovery_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// How far somebody's second factor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// There is none.
    None,
    /// It was begun, and waits for its first code.
    Begun,
    /// It is asked for.
    Active {
        /// Since when.
        since: Timestamp,
        /// How many recovery codes are left.
        codes: u64,
    },
}

impl State {
    /// Whether it is asked for.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

/// The password of whoever is logged in, asked for again.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnPassword {
    /// As typed.
    pub password: String,
}

impl std::fmt::Debug for OwnPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnPassword")
    }
}

impl Input for OwnPassword {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { password: f.text("password", 1..=200)? })
    }
}

/// A code of the second factor, or a recovery code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// As typed.
    pub code: String,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code")
    }
}

impl Input for Code {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { code: f.text("code", 1..=60)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// Appendix B of RFC 6238, for HMAC-SHA-1, of which six digits are shown here.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = Secret(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.shown(at(seconds)), code, "at {seconds}");
        }
        assert_eq!(secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_code_works_in_its_time_and_once() {
        let (secret, now) = (Secret(b"12345678901234567890".to_vec()), at(1_111_111_111));
        let found = secret.step_of("050 471", now, 0).unwrap();
        assert_eq!(found, step(now));
        assert_eq!(secret.step_of("050471", now, found), None, "used");
        assert_eq!(secret.step_of("050471", now, found + 1), None, "a later one was used");
        for (late, works) in [(-60, false), (-30, true), (30, true), (60, false)] {
            assert_eq!(
                secret.step_of("050471", now.plus_seconds(late), 0).is_some(),
                works,
                "{late} seconds later"
            );
        }
        for wrong in ["050472", "50471", "0504710", "", "x50471", "+50471"] {
            assert_eq!(secret.step_of(wrong, now, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_is_long_and_can_be_typed_carelessly() {
        let ids = Ids::system();
        let code = recovery_code(&ids);
        assert_eq!(code.len(), 24 + 5, "{code}");
        assert_eq!(plain_recovery_code(&format!(" {} ", code.to_uppercase().replace('-', " "))).len(), 24);
        assert_ne!(code, recovery_code(&ids));
    }
}
