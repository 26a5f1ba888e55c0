//! Webhooks: an organisation's own programs are told what its people are told.
//!
//! A call is thin: what happened, to which thing, when. It holds nothing that its receiver could not look up with a token,
//! and it is signed as Standard Webhooks say ([`signature`]). What is called is told by `notices`, which stands above this
//! stage. A call that fails is tried again for five days, with growing pauses; a receiver that says 410, or that fails for
//! five days, is called no more until somebody says so. Addresses are looked at where they are resolved
//! (`foundation::http::outside`): nobody makes the service call what only the service can reach.

pub mod api;
pub mod jobs;
pub mod signature;
pub mod store;

use uuid::Uuid;

use crate::{
    access,
    foundation::{
        access::{ADMINISTRATORS, Role},
        clock::Timestamp,
        fields::{Fields, Input},
        ids::{OrganisationId, WebhookCallId, WebhookId},
    },
    words,
};

access! {
    /// Name an address that is to be called.
    Create = "webhooks.create", ADMINISTRATORS, &[];
    /// List the addresses that are called.
    List = "webhooks.list", ADMINISTRATORS, &[];
    /// Read an address that is called.
    Read = "webhooks.read", ADMINISTRATORS, &[];
    /// Change an address, let it rest, or call it again.
    Change = "webhooks.change", ADMINISTRATORS, &[];
    /// Replace the secret; the one of before signs for another day.
    Rotate = "webhooks.rotate", ADMINISTRATORS, &[];
    /// Call an address to try it.
    Try = "webhooks.try", ADMINISTRATORS, &[];
    /// Forget an address, and what was called.
    Delete = "webhooks.delete", ADMINISTRATORS, &[];
    /// List what was called.
    ListCalls = "webhook_calls.list", ADMINISTRATORS, &[];
    /// Call again.
    Replay = "webhook_calls.replay", ADMINISTRATORS, &[];
    /// Note what became of calls (the service itself).
    Note = "webhook_calls.note", &[Role::System], &[];
}

words! {
    /// Whether an address is called.
    #[schema(as = WebhookState)]
    pub enum State {
        /// It is.
        Active = "active",
        /// Its organisation lets it rest.
        Paused = "paused",
        /// It was given up: it said 410, or failed for too long.
        Disabled = "disabled",
    }
}

words! {
    /// What became of a call.
    #[schema(as = WebhookCallState)]
    pub enum CallState {
        /// It is to be made, perhaps again.
        Waiting = "waiting",
        /// It was answered with 2xx.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

/// How long the secret of before signs beside the new one, in seconds.
pub const OLD_SECRET: i64 = 86_400;
/// A receiver that has failed for so long, in seconds, is called no more.
pub const GIVEN_UP: i64 = 5 * 86_400;
/// The most addresses of an organisation.
pub const MOST: u64 = 5;
/// Pauses between the tries of a call, in seconds; a quarter of chance is added to each.
pub const PAUSES: &[i64] = &[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400, 86_400];
/// What a call says that is made to try an address.
pub const TRIED: &str = "webhooks.try";

/// An address that is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Where.
    pub url: String,
    /// Whether it is called.
    pub state: State,
    /// Since when every call has failed.
    pub failing_since: Option<Timestamp>,
    /// When it was named.
    pub created_at: Timestamp,
    /// Grows with each change.
    pub version: i64,
}

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Its id: `webhook-id`, the same for every try.
    pub id: WebhookCallId,
    /// What has happened.
    pub event: String,
    /// To what: the plural noun of the API.
    pub subject: String,
    /// Which.
    pub subject_id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub state: CallState,
    /// How often it was tried.
    pub tries: i32,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why there was none.
    pub last_error: Option<String>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
}

/// What has happened, of which programs are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event<'a> {
    /// The operation.
    pub event: &'a str,
    /// To what: the plural noun of the API.
    pub subject: &'a str,
    /// Which.
    pub subject_id: Uuid,
    /// When.
    pub at: Timestamp,
}

/// A new address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWebhook {
    /// Where.
    pub url: String,
}

impl Input for NewWebhook {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { url: f.text("url", 10..=500)? })
    }
}

/// What an address is from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Where.
    pub url: String,
    /// Whether it is called.
    pub active: bool,
}

impl Input for Changed {
    fn read(f: &mut Fields) -> Option<Self> {
        let (url, active) = (f.text("url", 10..=500), f.required("active"));
        Some(Self { url: url?, active: active? })
    }
}
