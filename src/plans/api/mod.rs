//! The JSON operations of this stage.

mod evidence;
mod moving;
mod shapes;
mod writing;

pub(super) use evidence::read as send_evidence;
use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    writing::routes().merge(moving::routes()).merge(evidence::routes())
}
