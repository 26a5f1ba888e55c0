//! The JSON operations of this stage.

mod contracts;
mod performance;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().merge(contracts::routes()).merge(performance::routes())
}
