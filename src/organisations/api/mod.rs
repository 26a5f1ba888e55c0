//! The JSON operations of this stage.

mod firms;
mod joining;
mod people;
mod profiles;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(firms::routes())
        .merge(people::routes())
        .merge(joining::routes())
        .merge(profiles::routes())
}
