//! The JSON operations of this stage.

mod consents;
mod control;
mod firms;
mod interests;
mod joining;
mod logins;
mod mandates;
mod people;
mod profiles;
mod resets;
mod skills;
mod unspsc;

use utoipa_axum::router::OpenApiRouter;

use crate::foundation::Base;

/// The operations, under `/api/v1`.
pub fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .merge(firms::routes())
        .merge(people::routes())
        .merge(joining::routes())
        .merge(resets::routes())
        .merge(logins::routes())
        .merge(profiles::routes())
        .merge(skills::routes())
        .merge(consents::routes())
        .merge(control::routes())
        .merge(interests::routes())
        .merge(mandates::routes())
        .merge(unspsc::routes())
}
