//! The calls, which are jobs.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use serde_json::json;
use uuid::Uuid;

use super::{
    CallState, Note, PAUSES, signature,
    store::{self, Due, Tried},
};
use crate::foundation::{
    access::Actor,
    http::outside::{Answer, Outside, OutsideError, PATIENCE},
    ids::{OrganisationId, WebhookCallId},
    jobs::{Handler, Outcome, Task},
    problem::Problem,
};

/// The kind of job that calls; its payload is `{"call": id}`.
pub const CALL: &str = "webhooks.call";
/// More of an answer is not read.
const ANSWER: usize = 64 << 10;
/// A receiver may ask for a pause of up to a day.
const LONGEST: i64 = 86_400;

/// Runs [`CALL`].
#[derive(Clone, Debug)]
pub struct Calls {
    outside: Outside,
    patience: Duration,
}

impl Calls {
    /// Calls through this way out.
    pub const fn new(outside: Outside) -> Self {
        Self { outside, patience: PATIENCE }
    }

    /// The same with another patience.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

const fn service() -> Actor {
    Actor::system(OrganisationId(Uuid::nil()))
}

impl Handler for Calls {
    fn run(&self, task: Task) -> Outcome<'_> {
        Box::pin(self.call(task))
    }

    fn pause(&self, attempt: i32) -> Option<i64> {
        let at = usize::try_from(attempt).unwrap_or(0).saturating_sub(1);
        PAUSES.get(at).or(PAUSES.last()).copied()
    }
}

impl Calls {
    /// A call goes out at least once: when the service dies between the answer and its note of it, it goes out again,
    /// under the same id.
    async fn call(&self, task: Task) -> Result<(), Problem> {
        let id: WebhookCallId = serde_json::from_value(task.payload["call"].clone())?;
        let base = &task.base;
        let Some(due) = store::due(base.db.reads(), &service(), id, base.clock.now()).await? else {
            return Ok(());
        };
        let answered = if due.active {
            self.send(&due, base.clock.now().micros() / 1_000_000).await
        } else {
            Err(OutsideError::Transport("the address is not called any more".to_owned()))
        };
        let tried = judged(&answered, task.last_attempt || !due.active);
        let (is_over, pause) = (tried.state != CallState::Waiting, pause_of(&answered));
        let given_up = base
            .transact(service().may::<Note>()?, async |w| {
                let given_up = store::note(&w, &due, tried).await?;
                if is_over || given_up {
                    task.complete(&w).await?;
                }
                Ok(w.done(given_up))
            })
            .await?;
        if is_over || given_up {
            return Ok(());
        }
        Err(Problem { retry_after: pause, ..Problem::conflict("webhook-not-answered") })
    }

    async fn send(&self, due: &Due, timestamp: i64) -> Result<Answer, OutsideError> {
        let call = &due.call;
        let body = json!({
            "type": call.event,
            "timestamp": call.at,
            "data": { "subject": call.subject, "id": call.subject_id },
        })
        .to_string();
        let id = call.id.to_string();
        let signed = signature::sign(due.secrets.iter().map(String::as_str), &id, timestamp, &body);
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        put(CONTENT_TYPE, "application/json");
        put(USER_AGENT, concat!("eslabon/", env!("CARGO_PKG_VERSION")));
        put(HeaderName::from_static("webhook-id"), &id);
        put(HeaderName::from_static("webhook-timestamp"), &timestamp.to_string());
        put(HeaderName::from_static("webhook-signature"), &signed);
        self.outside.post(&due.url, headers, body, self.patience, ANSWER).await
    }
}

fn judged(answered: &Result<Answer, OutsideError>, last_attempt: bool) -> Tried {
    let failed = if last_attempt { CallState::Failed } else { CallState::Waiting };
    match answered {
        Ok(answer) => {
            let gone = answer.status == 410;
            let state = match answer.status {
                200..=299 => CallState::Delivered,
                410 => CallState::Failed,
                _ => failed,
            };
            Tried { status: Some(answer.status.into()), error: None, state, gone }
        }
        Err(error) => Tried { status: None, error: Some(error.to_string()), state: failed, gone: false },
    }
}

fn pause_of(answered: &Result<Answer, OutsideError>) -> Option<u32> {
    let asked = answered.as_ref().ok()?.retry_after?;
    u32::try_from(asked.clamp(0, LONGEST)).ok()
}
