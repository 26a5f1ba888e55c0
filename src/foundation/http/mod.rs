//! HTTP: how requests are read, answered and refused, the same everywhere.
//!
//! * [`Body`] reads JSON and the `Idempotency-Key`, [`Params`] the query string, [`Key`] the path.
//! * [`Reply`] answers, with `ETag` and `Location`; [`IfVersion`] demands `If-Match`.
//! * [`list`] pages through lists with opaque cursors.
//! * [`layers`] wraps a router: request ids, limits, and problem+json on every error, also on the
//!   framework's own.

mod address;
mod body;
mod fetch;
pub mod layers;
pub mod list;
mod observe;
pub mod outside;
mod reply;
mod serving;

pub use address::Address;
pub use body::{Body, IfVersion, KEY_LENGTH, Key, Params, Upload};
pub(in crate::foundation) use body::{form_pairs, read_body};
pub(in crate::foundation) use fetch::install_tls;
pub use fetch::{FetchError, call, fetch};
#[cfg(feature = "otel")]
pub(in crate::foundation) use fetch::{client_within, content};
pub(in crate::foundation) use layers::Rendered;
pub use layers::{ProblemJson, problem_response, protect, tried_again};
pub use observe::note_actor;
pub(in crate::foundation) use observe::note_statement;
pub(in crate::foundation) use reply::OnRecord;
pub use reply::{Reply, etag};
pub use serving::serve;

/// Largest request body.
pub const BODY_LIMIT: usize = 1 << 20;
/// Largest file that is a whole body.
pub const UPLOAD_LIMIT: usize = 5 << 20;
