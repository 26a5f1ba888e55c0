//! The JSON operations of this stage.

mod consortia;
mod meetings;
mod members;
mod networks;
mod programmes;
mod selection;
mod waivers;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(programmes::routes())
        .merge(members::routes())
        .merge(networks::routes())
        .merge(meetings::routes())
        .merge(selection::routes())
        .merge(consortia::routes())
        .merge(waivers::routes())
}
