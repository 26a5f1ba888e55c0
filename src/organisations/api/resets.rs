//! Forgotten passwords.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        http::{Address, Body, Reply},
        problem::Problem,
    },
    organisations::{
        auth,
        resets::{AskForReset, Forgotten, NewPassword, ResetPassword},
        store::resets,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(ask_for_reset)).routes(routes!(reset))
}

/// Somebody who has forgotten a password.
#[derive(ToSchema)]
#[schema(as = PasswordForgotten)]
#[expect(dead_code, reason = "describes what `Forgotten` reads")]
struct ForgottenJson {
    #[schema(example = "ana@andes.example")]
    email: String,
}

/// What happens to that.
#[derive(Serialize, ToSchema)]
struct ResetReceived {
    /// Always true: the answer is the same whether there is such an account or not.
    received: bool,
}

/// Asks for a letter with which a forgotten password is replaced, within an hour. The answer tells nothing.
#[utoipa::path(
    post, path = "/password-resets", operation_id = "password_resets_create", tag = "organisations",
    request_body = ForgottenJson, responses((status = OK, body = ResetReceived)), security(())
)]
async fn ask_for_reset(
    State(base): State<Base>,
    may: May<AskForReset>,
    from: Address,
    Body { value, once }: Body<Forgotten>,
) -> Result<Reply, Problem> {
    base.limit_asking(&value.email, from)?;
    base.write(may, once, async |w| {
        resets::ask(&w, value).await?;
        let reply = Reply::ok(&ResetReceived { received: true })?;
        Ok(w.done(reply))
    })
    .await
}

/// A new password.
#[derive(ToSchema)]
#[schema(as = NewPassword)]
#[expect(dead_code, reason = "describes what `NewPassword` reads")]
struct NewPasswordJson {
    /// The secret of the letter.
    secret: String,
    #[schema(min_length = 10, max_length = 200)]
    password: String,
}

/// Replaces a forgotten password, by the secret of the letter. All sessions and tokens of the account end.
#[utoipa::path(
    post, path = "/password-resets/use", operation_id = "password_resets_use", tag = "organisations",
    request_body = NewPasswordJson, responses((status = NO_CONTENT)), security(())
)]
async fn reset(
    State(base): State<Base>,
    may: May<ResetPassword>,
    Body { value, once }: Body<NewPassword>,
) -> Result<Reply, Problem> {
    auth::replace_password(&base, may, once, value, Reply::no_content()).await
}
