//! Passwords: Argon2id, off the async threads.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::foundation::{ids::Ids, problem::Problem};

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
