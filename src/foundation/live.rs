//! Live state: whoever listens is woken when there may be something new, and looks.
//!
//! A wake-up names a thing and says nothing of it, so it gives nothing away, and to miss one costs no more than the time
//! until the next look, which comes anyway. What is told is always read anew, as what its reader may see by then.
//!
//! Instances wake each other on PostgreSQL (`NOTIFY`, on a channel of its own): within the transaction of the change, so
//! that whoever is woken finds it. On SQLite there is one instance. `NOTIFY` lets transactions that notify commit one after
//! the other, so only those do that somebody may be waiting for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, Statement,
    sqlx::{self, Executor},
};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Base,
    db::{Engine, engine_of},
    ids::AccountId,
    problem::Problem,
};

/// The channel on which instances wake each other.
const CHANNEL: &str = "eslabon_live";
/// How often whoever listens looks where nobody wakes.
const BEAT: Duration = Duration::from_secs(1);
/// So many streams one person may have open at an instance: as many connections as browsers open to one.
const MOST: usize = 6;
/// So many wake-ups wait for a slow listener; with more it looks at once.
const WAITING: usize = 1_024;
/// After which a connection that was lost is made again.
const PAUSE: Duration = Duration::from_secs(1);
/// After which a connection on which nothing is heard is asked whether it is there,
const QUIET: Duration = Duration::from_mins(1);
/// and how long it has to say so.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who listens at this instance. Clones share it.
#[derive(Clone, Debug)]
pub struct Live {
    woken: broadcast::Sender<Uuid>,
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { woken: broadcast::channel(WAITING).0, open: Arc::default() }
    }
}

impl Live {
    /// Wakes whoever listens to a thing at this instance.
    pub fn wake(&self, thing: Uuid) {
        // That nobody listens is no error.
        let _ = self.woken.send(thing);
    }

    /// Wakes whoever listens to a thing at any instance, of a change that is there already. Where the database can't be
    /// reached, those of other instances look a little later by themselves.
    pub async fn wake_all(&self, db: &impl ConnectionTrait, thing: Uuid) {
        if let Err(problem) = tell(db, [thing]).await {
            tracing::debug!(%problem, "other instances were not woken");
        }
        self.wake(thing);
    }

    fn seat(&self, account: AccountId) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.entry(account).or_default();
        (*own < MOST).then(|| {
            *own += 1;
            Seat { account, open: Arc::clone(&self.open) }
        })
    }
}

impl Base {
    /// Listens to a thing, from now on, for as long as a stream lasts.
    ///
    /// # Errors
    /// 429 when this person has too many streams open.
    pub fn listen(&self, account: AccountId, thing: Uuid) -> Result<Listening, Problem> {
        let woken = self.live.woken.subscribe();
        let seconds = self.config.stream_seconds;
        let Some(seat) = self.live.seat(account) else {
            // By then one has ended.
            let problem = Problem { code: "too-many-streams", ..Problem::too_many(seconds) };
            return Err(problem.with("most", MOST));
        };
        let ends = Instant::now() + Duration::from_secs(seconds.into());
        Ok(Listening { thing, woken, ends, stopping: self.stopping.clone(), seat })
    }
}

/// Somebody who listens, until dropped.
#[derive(Debug)]
pub struct Listening {
    thing: Uuid,
    woken: broadcast::Receiver<Uuid>,
    ends: Instant,
    stopping: CancellationToken,
    #[expect(dead_code, reason = "it is given back when it is dropped")]
    seat: Seat,
}

impl Listening {
    /// Whether its time is up, or the process is to stop. Whoever listened comes back with `Last-Event-ID`, as browsers do
    /// by themselves.
    pub fn is_over(&self) -> bool {
        self.stopping.is_cancelled() || self.ends <= Instant::now()
    }

    /// Waits until woken, until it is time to look anyway, or until the process is to stop.
    pub async fn woken(&mut self) {
        let stopping = self.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(BEAT) => {}
            () = self.called() => {}
        }
    }

    /// Waits until woken.
    async fn called(&mut self) {
        loop {
            match self.woken.recv().await {
                Ok(thing) if thing == self.thing => return,
                Ok(_) => {}
                // Some were missed; one of them may have been of this thing.
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// One of a person's streams.
#[derive(Debug)]
struct Seat {
    account: AccountId,
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&self.account).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            open.remove(&self.account);
        } else {
            open.insert(self.account, left);
        }
    }
}

/// Lets other instances know of changes, once what is under way has committed. On SQLite there are none.
///
/// # Errors
/// What the database said.
pub(super) async fn tell(
    db: &impl ConnectionTrait,
    things: impl IntoIterator<Item = Uuid>,
) -> Result<(), Problem> {
    let things: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
    if engine_of(db) == Engine::Postgres && !things.is_empty() {
        let values = [CHANNEL.into(), things.join(",").into()];
        let statement = "SELECT pg_notify($1, thing) FROM unnest(string_to_array($2, ',')) AS thing";
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), statement, values)).await?;
    }
    Ok(())
}

/// Hears what other instances tell, until told to stop.
pub async fn keep_hearing(base: Base, stop: CancellationToken) {
    if base.db.engine() != Engine::Postgres {
        return;
    }
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            heard = hear(&base) => {
                if let Err(error) = heard {
                    tracing::warn!(%error, "other instances can't be heard; streams look by themselves meanwhile");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn hear(base: &Base) -> Result<(), sqlx::Error> {
    let mut listener = base.db.listener(CHANNEL).await?;
    loop {
        if let Ok(told) = tokio::time::timeout(QUIET, listener.recv()).await {
            if let Ok(thing) = told?.payload().parse() {
                base.live.wake(thing);
            }
        } else {
            // A connection that was cut off without a word looks like one on which nothing is said.
            let asked = tokio::time::timeout(PATIENCE, listener.execute("SELECT 1")).await;
            asked.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(live: &Live, thing: Uuid) -> Listening {
        let (woken, ends) = (live.woken.subscribe(), Instant::now() + Duration::from_mins(1));
        let seat = live.seat(AccountId(thing)).unwrap();
        Listening { thing, woken, ends, stopping: CancellationToken::new(), seat }
    }

    /// Whether it is called, by what was said before.
    async fn is_called(listening: &mut Listening) -> bool {
        tokio::time::timeout(Duration::from_millis(50), listening.called()).await.is_ok()
    }

    #[tokio::test]
    async fn one_is_woken_by_the_thing_that_one_listens_to() {
        let (live, own, other) = (Live::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let mut listening = listening(&live, own);
        live.wake(other);
        live.wake(own);
        assert!(is_called(&mut listening).await);
        live.wake(other);
        assert!(!is_called(&mut listening).await, "of another thing");
        for _ in 0..=WAITING {
            live.wake(other);
        }
        assert!(is_called(&mut listening).await, "what was missed may have been its own");
        assert!(!is_called(&mut listening).await && !listening.is_over());
        listening.stopping.cancel();
        listening.woken().await;
        assert!(listening.is_over());
    }

    #[test]
    fn nobody_has_more_than_a_browser_s_connections() {
        let (live, one, other) = (Live::default(), AccountId(Uuid::nil()), AccountId(Uuid::max()));
        let mut open: Vec<_> = (0..MOST).map(|_| live.seat(one).unwrap()).collect();
        assert!(live.seat(one).is_none() && live.seat(other).is_some());
        open.pop();
        assert!(live.seat(one).is_some());
    }
}
