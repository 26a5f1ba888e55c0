//! The JSON operations of this stage.

mod answering;
mod assisted;
mod evidence;
mod instruments;
mod rounds;

pub(super) use evidence::read as send_evidence;
use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(instruments::routes())
        .merge(answering::routes())
        .merge(assisted::routes())
        .merge(rounds::routes())
        .merge(evidence::routes())
}
