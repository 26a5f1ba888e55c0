//! What one is told, as server-sent events.

use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Follow, Notice, api::NoticeJson, store};
use crate::foundation::{
    Base,
    access::{Actor, May},
    clock::Timestamp,
    ids::{self, NoticeId},
    live::Listening,
    problem::Problem,
};

/// A telling that began so many seconds before another may end after it.
const OVERLAP: i64 = 60;
/// So many are named in an id: of more, some are told once more.
const NAMED: usize = 50;
/// So many are read at once.
const AT_ONCE: u64 = 100;

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// Tells of one's notices as they come into the inbox: an event `notice` for each, as `GET /notices` shows it, with its id.
/// The stream ends after 25 seconds, where the service is not set otherwise, with an id that says where it stood. Whoever
/// comes back with the last id as `Last-Event-ID` misses nothing; after a stream that broke off, what came up to a minute
/// before may be told once more, under the same id. `GET /notices` tells the same.
#[utoipa::path(
    get, path = "/notices/events", operation_id = "notices_follow", tag = "notices",
    params(("Last-Event-ID" = Option<String>, Header, description = "go on after this event")),
    responses((status = OK, content_type = "text/event-stream", body = String))
)]
async fn follow(State(base): State<Base>, may: May<Follow>, headers: HeaderMap) -> Result<Response, Problem> {
    let actor = *may.actor();
    let listening = base.listen(actor.account, actor.account.0)?;
    let heard = headers.get("last-event-id").and_then(|ids| ids.to_str().ok()).unwrap_or_default();
    let heard = heard.split(',').take(NAMED + 1).filter_map(|id| id.trim().parse().ok());
    let listener = Listener::after(base, actor, heard.collect(), listening).await?;
    let events = stream::unfold(listener, Listener::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Listener {
    base: Base,
    actor: Actor,
    listening: Listening,
    /// From when on it is asked what has come.
    since: Timestamp,
    /// What of that is known to whoever listens.
    known: HashSet<NoticeId>,
    /// What is not told yet.
    waiting: VecDeque<Notice>,
    /// Whether it is still to be said where the stream stands.
    is_to_stand: bool,
    has_ended: bool,
}

impl Listener {
    /// After what was heard last, or else from now on.
    async fn after(
        base: Base,
        actor: Actor,
        heard: Vec<NoticeId>,
        listening: Listening,
    ) -> Result<Self, Problem> {
        let now = base.clock.now();
        let from = heard.first().map_or(now, |first| ids::moment_of(first.0).min(now));
        let (is_fresh, since) = (heard.is_empty(), from.plus_seconds(-OVERLAP));
        let mut known = HashSet::from_iter(heard);
        if is_fresh {
            loop {
                let there =
                    store::arrived(base.db.reads(), &actor, since, known.iter().copied(), AT_ONCE).await?;
                if there.is_empty() {
                    break;
                }
                known.extend(there.iter().map(|notice| notice.id));
            }
        }
        let waiting = VecDeque::new();
        Ok(Self { base, actor, listening, since, known, waiting, is_to_stand: is_fresh, has_ended: false })
    }

    /// Waits for something new.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if std::mem::take(&mut self.is_to_stand) {
                return Some((Ok(self.standing()), self));
            }
            if let Some(notice) = self.waiting.pop_front() {
                let id = notice.id.to_string();
                let notice = NoticeJson::new(notice, self.actor.locale);
                let event = Event::default().event("notice").id(id).json_data(&notice).ok()?;
                return Some((Ok(event), self));
            }
            if self.has_ended {
                return None;
            }
            // The last look comes after the time is up, so that nothing falls between two streams.
            let is_over = self.listening.is_over();
            let new = self.look().await.ok()?;
            if !new.is_empty() {
                self.learn(new);
            } else if is_over {
                (self.has_ended, self.is_to_stand) = (true, true);
            } else {
                self.listening.woken().await;
            }
        }
    }

    async fn look(&self) -> Result<Vec<Notice>, Problem> {
        let known = self.known.iter().copied();
        store::arrived(self.base.db.reads(), &self.actor, self.since, known, AT_ONCE).await
    }

    /// Takes what has come, and forgets what is so old that nothing can come beside it any more.
    fn learn(&mut self, new: Vec<Notice>) {
        self.known.extend(new.iter().map(|notice| notice.id));
        if let Some(newest) = new.last() {
            let settled = ids::moment_of(newest.id.0).min(self.base.clock.now()).plus_seconds(-OVERLAP);
            self.since = self.since.max(settled);
            let first = NoticeId(ids::first_at(self.since));
            self.known.retain(|id| *id >= first);
        }
        self.waiting.extend(new);
    }

    /// Where the stream stands: an id without an event, which browsers keep and say when they come back. It names the
    /// moment, and what of the time before it is known.
    fn standing(&self) -> Event {
        let now = self.base.clock.now();
        let from = NoticeId(ids::first_at(now.plus_seconds(-OVERLAP)));
        let known = self.known.iter().filter(|id| **id >= from).take(NAMED).map(|id| id.0);
        let ids: Vec<_> = std::iter::once(ids::first_at(now)).chain(known).map(|id| id.to_string()).collect();
        Event::default().id(ids.join(","))
    }
}
