//! The JSON operations of this stage.

mod comparing;
mod measurements;
mod networks;
mod practices;
mod rounds;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// So many decimals are shown of what was computed exactly.
const DECIMALS: u32 = 6;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    rounds::routes()
        .merge(measurements::routes())
        .merge(comparing::routes())
        .merge(networks::routes())
        .merge(practices::routes())
}
