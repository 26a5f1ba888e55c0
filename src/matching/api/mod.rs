//! The JSON operations of this stage.

mod events;
mod explanations;
mod limits;
mod runs;
mod shapes;

use utoipa_axum::router::OpenApiRouter;

pub(super) use events::stream_of as follow;
pub(super) use limits::tell_why_unmet;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(runs::routes())
        .merge(events::routes())
        .merge(explanations::routes())
        .merge(limits::routes())
}
