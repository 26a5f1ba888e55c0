//! How often something may be done: so often at once, and from then on as time goes by.
//!
//! Limits go by account first and by address second, as phones share addresses. Where the address is not known (behind a
//! proxy that says nothing of it in the [trusted header](super::config::Config::client_address_header)) those by account
//! alone hold. What is asked for somebody else's account counts alike whether there is such an account or not.
//!
//! The counts are those of one process and forgotten with it: each instance counts for itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use super::{
    Base,
    access::Actor,
    clock::Timestamp,
    http::Address,
    metrics::{self, Counter},
    problem::Problem,
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// So many keys are kept at most, at 24 bytes each.
const MOST: usize = 100_000;

/// So many within so many seconds; they come back one by one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Rate {
    most: u32,
    seconds: i64,
}

impl Rate {
    const fn new(most: u32, seconds: i64) -> Self {
        Self { most, seconds }
    }

    const fn window(self) -> i64 {
        self.seconds * 1_000_000
    }

    /// What one costs of the window, in microseconds.
    fn cost(self) -> i64 {
        self.window() / i64::from(self.most.max(1))
    }
}

/// Of what, and whose: a hash, so that no address of anybody lies about in memory.
type Key = [u8; 16];

fn key(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

/// What was done lately. Clones share it.
///
/// Kept for each key is the moment at which it will have been forgotten (the *theoretical arrival time* of the generic
/// cell rate algorithm, ITU-T I.371): one number a key, and nothing that has to run in the background.
#[derive(Clone, Debug, Default)]
pub struct Limits(Arc<Mutex<HashMap<Key, i64>>>);

impl Limits {
    /// Takes one of each, or none of any: then in how many seconds it is worth trying again.
    fn take(&self, now: Timestamp, wanted: &[(Key, Rate)]) -> Result<(), u32> {
        let (mut kept, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), now.micros());
        let mut used = Vec::with_capacity(wanted.len());
        for (key, rate) in wanted {
            let Some(until) = kept.get_mut(key) else {
                used.push(0);
                continue;
            };
            // A clock that was put back must not leave anybody waiting for longer than the window.
            *until = (*until).clamp(now, now + rate.window());
            used.push(*until - now);
        }
        let over = |((_, rate), used): (&(Key, Rate), &i64)| used + rate.cost() - rate.window();
        let wait = wanted.iter().zip(&used).map(over).max();
        if let Some(wait) = wait.filter(|wait| *wait > 0) {
            return Err(u32::try_from(wait / 1_000_000 + 1).unwrap_or(u32::MAX));
        }
        for ((key, rate), used) in wanted.iter().zip(used) {
            kept.insert(*key, now + used + rate.cost());
        }
        if kept.len() > MOST {
            forget(&mut kept, now);
        }
        Ok(())
    }

    /// Gives back what was taken: it was no misuse.
    fn give_back(&self, taken: &[(Key, Rate)]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, rate) in taken {
            if let Some(until) = kept.get_mut(key) {
                *until -= rate.cost();
            }
        }
    }
}

/// Forgets what is over, and where that does not suffice the half that is over first.
fn forget(kept: &mut HashMap<Key, i64>, now: i64) {
    kept.retain(|_, until| *until > now);
    if kept.len() > MOST / 2 {
        let mut ends: Vec<_> = kept.values().copied().collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        kept.retain(|_, until| *until > median);
    }
}

/// An attempt at somebody's secret, which counts as failed until it is said that it was not.
#[must_use = "an attempt that succeeds is to be forgiven"]
#[derive(Debug)]
pub struct Attempt {
    limits: Limits,
    taken: Vec<(Key, Rate)>,
}

impl Attempt {
    /// It succeeded, and does not count.
    pub fn forgive(self) {
        self.limits.give_back(&self.taken);
    }
}

/// Adds a limit by address, where the address is known.
fn and_by_address(wanted: &mut Vec<(Key, Rate)>, what: &str, from: Address, rate: Rate) {
    if let Some(network) = from.network() {
        wanted.push((key(&[what, "from", &network]), rate));
    }
}

impl Base {
    fn take(&self, what: &'static str, wanted: &[(Key, Rate)]) -> Result<(), Problem> {
        self.limits.take(self.clock.now(), wanted).map_err(|seconds| {
            metrics::count(Counter::Refused, &[("limit", what)]);
            tracing::warn!(what, seconds, "too many requests");
            Problem::too_many(seconds)
        })
    }

    /// An attempt to log in to an account that goes by this name. By account and address; ten times as many by address
    /// alone, and five times as many an hour by account alone, so that whoever has many addresses gets no further, and
    /// whoever wants to lock somebody out needs as many.
    ///
    /// # Errors
    /// 429 when there were too many, the same whether there is such an account or not.
    pub fn attempt(&self, account: &str, from: Address) -> Result<Attempt, Problem> {
        let (most, limits) = (self.config.limit_log_in, self.limits.clone());
        if most == 0 {
            return Ok(Attempt { limits, taken: Vec::new() });
        }
        let account = account.to_lowercase();
        let network = from.network().unwrap_or_default();
        let mut wanted = vec![
            (key(&["log-in", &account, &network]), Rate::new(most, 15 * MINUTE)),
            (key(&["log-in", &account]), Rate::new(most.saturating_mul(5), HOUR)),
        ];
        and_by_address(&mut wanted, "log-in", from, Rate::new(most.saturating_mul(10), 15 * MINUTE));
        self.take("log-in", &wanted)?;
        Ok(Attempt { limits, taken: wanted })
    }

    /// Something that nobody has logged in for and that may have a letter sent or an account opened: by the e-mail
    /// address that it names, and by the address that it comes from.
    ///
    /// # Errors
    /// 429 when there were too many, the same whether there is such an account or not.
    pub fn limit_asking(&self, email: &str, from: Address) -> Result<(), Problem> {
        let most = self.config.limit_letters;
        if most == 0 {
            return Ok(());
        }
        let mut wanted = vec![(key(&["letters", &email.to_lowercase()]), Rate::new(most, HOUR))];
        and_by_address(&mut wanted, "letters", from, Rate::new(most, HOUR));
        self.take("letters", &wanted)
    }

    /// An invitation: four times as many as of what needs no login, by account and by address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn limit_inviting(&self, actor: &Actor, from: Address) -> Result<(), Problem> {
        let most = self.config.limit_letters.saturating_mul(4);
        if most == 0 || actor.is_system() {
            return Ok(());
        }
        let account = actor.account.to_string();
        let mut wanted = vec![(key(&["invitations", &account]), Rate::new(most, HOUR))];
        and_by_address(&mut wanted, "invitations", from, Rate::new(most, HOUR));
        self.take("invitations", &wanted)
    }

    fn limit_writing(&self, actor: Option<&Actor>, from: Address) -> Result<(), Problem> {
        let most = self.config.limit_writes;
        if most == 0 {
            return Ok(());
        }
        let mut wanted = Vec::new();
        if let Some(actor) = actor.filter(|actor| !actor.account.0.is_nil()) {
            let account = actor.account.to_string();
            wanted.push((key(&["writes", &account]), Rate::new(most, MINUTE)));
        }
        and_by_address(&mut wanted, "writes", from, Rate::new(most.saturating_mul(4), MINUTE));
        self.take("writes", &wanted)
    }
}

/// Limits what writes: stands inside the layer that finds out who asks.
pub async fn writes(State(base): State<Base>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let from = Address::of(&base.config, request.headers(), request.extensions());
    match base.limit_writing(request.extensions().get::<Actor>(), from) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_800_000_000_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(AT).plus_seconds(seconds)
    }

    #[test]
    fn so_many_at_once_and_then_one_by_one() {
        let (limits, rate) = (Limits::default(), Rate::new(4, 60));
        let take = |seconds| limits.take(at(seconds), &[(key(&["a"]), rate)]);
        for _ in 0..4 {
            take(0).unwrap();
        }
        assert_eq!(take(0), Err(16), "a quarter of the minute, and what is begun counts");
        assert_eq!(take(14), Err(2));
        take(15).unwrap();
        assert!(take(15).is_err());
        limits.take(at(0), &[(key(&["b"]), rate)]).unwrap();
        for _ in 0..4 {
            take(1_000).unwrap();
        }
        assert!(take(1_000).is_err(), "nothing is saved up beyond what there is at once");
    }

    #[test]
    fn what_one_limit_refuses_costs_nothing_of_the_others() {
        let (limits, narrow, wide) = (Limits::default(), Rate::new(1, 60), Rate::new(2, 60));
        let both = [(key(&["narrow"]), narrow), (key(&["wide"]), wide)];
        limits.take(at(0), &both).unwrap();
        for _ in 0..5 {
            assert!(limits.take(at(0), &both).is_err());
        }
        limits.take(at(0), &both[1..]).unwrap();
        assert!(limits.take(at(0), &both[1..]).is_err());
        limits.give_back(&both[1..]);
        limits.take(at(0), &both[1..]).unwrap();
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_waiting_for_longer() {
        let (limits, rate) = (Limits::default(), Rate::new(2, 60));
        let take = |seconds| limits.take(at(seconds), &[(key(&["a"]), rate)]);
        take(86_400).unwrap();
        assert_eq!(take(0), Err(31));
        take(31).unwrap();
    }

    #[test]
    fn so_much_is_kept_and_no_more() {
        let (limits, rate) = (Limits::default(), Rate::new(2, 60));
        for number in 0..MOST + 10 {
            let seconds = i64::from(number > MOST / 2);
            limits.take(at(seconds), &[(key(&[&number.to_string()]), rate)]).unwrap();
        }
        let kept = limits.0.lock().unwrap();
        assert!(kept.len() <= MOST / 2 + 10, "{}", kept.len());
        assert!(kept.contains_key(&key(&[&(MOST + 9).to_string()])), "the latest is there");
    }
}
