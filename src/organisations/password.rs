//! Passwords: which ones are taken, and Argon2id, off the async threads.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use zxcvbn::{Score, zxcvbn};

use crate::foundation::{
    fields::{Fault, Fields},
    ids::Ids,
    problem::Problem,
};

/// So many characters a password has. There is no rule about which: those make passwords worse.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

/// Whether whoever knows the common passwords, and these words of the person, guesses it within a hundred million
/// attempts. Written without accents as well: that is how the lists of passwords have the Spanish ones.
pub fn is_common(password: &str, of: &[&str]) -> bool {
    let plain: String = password.nfd().filter(|c| !is_combining_mark(*c)).collect();
    [password, &plain].iter().any(|text| zxcvbn(text, of).score() < Score::Three)
}

/// Reads a password that somebody gives themselves, in the field `password`.
pub fn chosen(f: &mut Fields, of: &[&str]) -> Option<String> {
    let password = f.text("password", LENGTH)?;
    if is_common(&password, of) {
        f.fail("password", Fault::new("common-password"));
        return None;
    }
    Some(password)
}

/// 46 MiB, one pass, one lane: the OWASP minimum for a single pass.
fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(46 * 1024, 1, 1, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password into a PHC string.
///
/// # Errors
/// 500 when hashing fails.
pub async fn hash(password: String, ids: &Ids) -> Result<String, Problem> {
    let salt = ids.bytes::<16>();
    let work = move || {
        let hash =
            argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(Problem::internal)?;
        Ok(hash.to_string())
    };
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

/// Whether the password fits the hash. Without a hash (no such account) it takes as long and says no.
///
/// # Errors
/// 500 when the kept hash can't be read.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Problem> {
    let work = move || {
        let Some(hash) = hash else {
            argon2()?.hash_password_with_salt(password.as_bytes(), &[0; 16]).map_err(Problem::internal)?;
            return Ok(false);
        };
        let hash = PasswordHash::new(&hash).map_err(Problem::internal)?;
        Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
    };
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_everybody_uses_is_refused() {
        for common in [
            "password12",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "contraseña1",
            "contrasena123",
            "Passw0rd2024",
            "barcelona1",
            "abcdefghij",
            "20261126123",
        ] {
            assert!(is_common(common, &[]), "{common}");
        }
        for good in ["tres tornos y una fresa", "nubes-verdes-42-piedras", "xK9#mQ2$vL5z"] {
            assert!(!is_common(good, &[]), "{good}");
        }
    }

    #[test]
    fn who_one_is_makes_no_password() {
        let of = ["ana.rojas@andes.example", "Rodomiro"];
        assert!(is_common("ana.rojas@andes.example", &of));
        assert!(is_common("Rodomiro123", &of));
        assert!(!is_common("Rodomiro y la nube verde", &of));
    }
}
