//! Projects, their milestones and expenses.

mod conduct;
mod evidence;
mod milestones;

use utoipa_axum::router::OpenApiRouter;

pub(in crate::programmes) use evidence::read as send_evidence;

use super::Versioned;
use crate::foundation::Base;

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().merge(conduct::routes()).merge(milestones::routes()).merge(evidence::routes())
}
