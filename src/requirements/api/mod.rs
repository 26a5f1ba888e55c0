//! The JSON operations of this stage.

mod amendments;
mod consortium_offers;
mod lots;
mod offers;
mod posting;
mod questions;

pub(crate) use posting::{RequirementJson, answer};

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(posting::routes())
        .merge(amendments::routes())
        .merge(questions::routes())
        .merge(offers::routes())
        .merge(consortium_offers::routes())
}
