//! A run's progress as server-sent events.

use std::convert::Infallible;

use axum::{
    extract::State as Shared,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::RunJson;
use crate::{
    foundation::{
        Base,
        access::{Actor, May},
        http::Key,
        i18n::Locale,
        ids::RunId,
        live::Listening,
        problem::Problem,
    },
    matching::{Follow, Run, store::runs},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// Follows a run: an event `progress` for each report of the solver, and an event `end` with the run when it
/// has ended. Both carry the run as `GET /runs/{id}` shows it, without its result.
#[utoipa::path(
    get, path = "/runs/{id}/events", operation_id = "runs_follow", tag = "matching",
    params(("id" = RunId, Path), ("Last-Event-ID" = Option<String>, Header, description = "go on after this event")),
    responses((status = OK, content_type = "text/event-stream", body = String))
)]
async fn follow(
    Shared(base): Shared<Base>,
    may: May<Follow>,
    Key(id): Key<RunId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let say = |run, locale| serde_json::to_value(RunJson::new(run, locale)).ok();
    stream_of(base, *may.actor(), id, &headers, say).await
}

/// What is said of a run with each event.
pub(in crate::matching) type Say = fn(Run, Locale) -> Option<serde_json::Value>;

/// Follows a run that the actor may see, after the event that the listener has seen last.
///
/// # Errors
/// 404 when the actor may not see it, 429 when too many streams are open.
pub(in crate::matching) async fn stream_of(
    base: Base,
    actor: Actor,
    id: RunId,
    headers: &HeaderMap,
    say: Say,
) -> Result<Response, Problem> {
    runs::glance(base.db.reads(), &actor, id).await?;
    let listening = base.listen(actor.account, id.0)?;
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(-1);
    let listener = Listener { base, actor, id, say, seen, listening };
    let events = stream::unfold(Some(listener), |listener| async { listener?.next().await });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

struct Listener {
    base: Base,
    actor: Actor,
    id: RunId,
    say: Say,
    /// The sequence number of the last report that was sent.
    seen: i64,
    listening: Listening,
}

type Next = Option<(Result<Event, Infallible>, Option<Listener>)>;

impl Listener {
    /// Waits for something new.
    async fn next(mut self) -> Next {
        loop {
            let run = runs::glance(self.base.db.reads(), &self.actor, self.id).await.ok()?;
            let sequence = run.progress.as_ref().map_or(0, |step| step.sequence);
            if run.state.is_final() {
                return self.event("end", sequence, run).map(|event| (Ok(event), None));
            }
            if self.listening.is_over() {
                return None;
            }
            if sequence > self.seen {
                self.seen = sequence;
                return self.event("progress", sequence, run).map(|event| (Ok(event), Some(self)));
            }
            self.listening.woken().await;
        }
    }

    fn event(&self, name: &str, sequence: i64, run: Run) -> Option<Event> {
        let run = (self.say)(run, self.actor.locale)?;
        Event::default().event(name).id(sequence.to_string()).json_data(&run).ok()
    }
}
