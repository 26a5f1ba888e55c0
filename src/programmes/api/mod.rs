//! The JSON operations of this stage.

mod members;
mod programmes;
mod waivers;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().merge(programmes::routes()).merge(members::routes()).merge(waivers::routes())
}
