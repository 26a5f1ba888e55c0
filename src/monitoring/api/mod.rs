//! The JSON operations of this stage.

mod comparing;
mod impact;
mod measurements;
mod networks;
mod practices;
mod rounds;

use utoipa_axum::router::OpenApiRouter;

use super::DECIMALS;
use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    rounds::routes()
        .merge(measurements::routes())
        .merge(comparing::routes())
        .merge(impact::routes())
        .merge(networks::routes())
        .merge(practices::routes())
}
