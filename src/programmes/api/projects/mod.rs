//! Projects, their milestones and expenses.

mod milestones;
mod projects;

use utoipa_axum::router::OpenApiRouter;

use super::Versioned;
use crate::foundation::Base;

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().merge(projects::routes()).merge(milestones::routes())
}
