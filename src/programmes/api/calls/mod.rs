//! Calls, proposals, evaluations, commitments.

mod commitments;
mod conduct;
mod evaluations;
mod evaluators;
mod proposals;

use utoipa_axum::router::OpenApiRouter;

use super::{Items, Versioned};
use crate::foundation::Base;

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(conduct::routes())
        .merge(evaluators::routes())
        .merge(proposals::routes())
        .merge(evaluations::routes())
        .merge(commitments::routes())
}
