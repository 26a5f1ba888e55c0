//! Governance: functions, funds, operating criteria, the coordinating body.

mod appointments;
mod bodies;
mod funds;

use utoipa_axum::router::OpenApiRouter;

use super::{Items, Versioned};
use crate::foundation::Base;

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().merge(appointments::routes()).merge(funds::routes()).merge(bodies::routes())
}
