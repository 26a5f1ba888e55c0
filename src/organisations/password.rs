//! Passwords: which ones are taken, and Argon2id, off the async threads and only so often at once.

use std::{num::NonZero, sync::LazyLock, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use zxcvbn::{Score, zxcvbn};

use crate::foundation::{
    fields::{Fault, Fields},
    ids::Ids,
    problem::Problem,
};

/// So many characters a password has. There is no rule about which: those make passwords worse.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

/// Each turn takes 46 MiB and a processor for a while. More at once than there are processors are done no sooner, and the
/// memory of all who ask at once would be too much.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, NonZero::get).max(2)));

/// So long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// Does costly work off the async threads, when it is its turn. Who goes away meanwhile leaves the turn taken until the
/// work is done.
async fn in_turn<T: Send + 'static>(
    turns: &'static Semaphore,
    patience: Duration,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let Ok(turn) = tokio::time::timeout(patience, turns.acquire()).await else {
        return Err(Problem::unavailable("overloaded", 2));
    };
    let turn = turn.map_err(Problem::internal)?;
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}

/// Hashes a password into a PHC string.
///
/// # Errors
/// 500 when hashing fails, 503 `overloaded` when too many wait for the same.
pub async fn hash(password: String, ids: &Ids) -> Result<String, Problem> {
    let salt = ids.bytes::<16>();
    let work = move || {
        let hash =
            argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(Problem::internal)?;
        Ok(hash.to_string())
    };
    in_turn(&TURNS, PATIENCE, work).await
}

/// Whether the password fits the hash. Without a hash (no such account) it waits and takes as long, and says no.
///
/// # Errors
/// 500 when the kept hash can't be read, 503 `overloaded` when too many wait for the same.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Problem> {
    let work = move || {
        let Some(hash) = hash else {
            argon2()?.hash_password_with_salt(password.as_bytes(), &[0; 16]).map_err(Problem::internal)?;
            return Ok(false);
        };
        let hash = PasswordHash::new(&hash).map_err(Problem::internal)?;
        Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
    };
    in_turn(&TURNS, PATIENCE, work).await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_to_come_again() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let held = ONE.acquire().await.unwrap();
        let brief = Duration::from_millis(20);
        let refused = in_turn(&ONE, brief, || Ok(())).await.unwrap_err();
        assert_eq!((refused.status, refused.code), (StatusCode::SERVICE_UNAVAILABLE, "overloaded"));
        assert_eq!(refused.retry_after, Some(2));
        drop(held);
        in_turn(&ONE, brief, || Ok(())).await.unwrap();
    }

    #[tokio::test]
    async fn no_more_work_is_done_at_once_than_there_are_turns() {
        static TWO: Semaphore = Semaphore::const_new(2);
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let work = || {
            MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            (0..1_000).for_each(|_| std::thread::yield_now());
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        };
        let all = (0..16).map(|_| in_turn(&TWO, Duration::from_mins(1), work));
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(Result::is_ok));
        assert!((1..=2).contains(&MOST.load(Ordering::SeqCst)));
    }

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
