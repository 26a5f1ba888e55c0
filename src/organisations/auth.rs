//! Finding the actor behind a request: an API token, or a page's session.

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Account, Credentials, NewPerson,
    joining::Acceptance,
    password,
    resets::{NewPassword, ResetPassword},
    store::{
        joining::{self, Guest},
        people, resets,
    },
};
use crate::foundation::{
    Base,
    access::{Actor, May},
    db::Once,
    http::{Reply, note_actor},
    i18n::Locale,
    ids::{InvitationId, OrganisationId},
    problem::{FieldError, Problem},
};

/// Puts the [`Actor`] of the `Authorization: Bearer` token into the request; without one, nobody's. A
/// token that does not work is refused at once, so that nobody mistakes it for a missing right.
pub async fn by_token(State(base): State<Base>, mut request: Request, next: Next) -> Response {
    let nobody = Actor::anonymous(Locale::from_headers(request.headers()));
    let header = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let actor = match header {
        None => Ok(nobody),
        Some(text) => match text.strip_prefix("Bearer ") {
            Some(secret) => people::actor_of_token(base.db.reads(), &nobody, secret.trim(), base.clock.now())
                .await
                .and_then(|actor| actor.ok_or_else(Problem::unauthenticated)),
            None => Err(Problem::unauthenticated()),
        },
    };
    match actor {
        Ok(actor) => {
            note_actor(&actor);
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// The account that e-mail and password belong to.
///
/// # Errors
/// 401 when they do not fit: the same, and after the same time, whether the account exists or not.
pub async fn check(base: &Base, nobody: &Actor, email: &str, password: String) -> Result<Account, Problem> {
    let wrong = || Problem::new(axum::http::StatusCode::UNAUTHORIZED, "wrong-credentials");
    let found = people::for_login(base.db.reads(), nobody, email).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    if !password::verify(password, hash).await? {
        return Err(wrong());
    }
    found.map(|(account, _)| account).ok_or_else(wrong)
}

/// Who comes with an invitation: somebody with an account and its password, or somebody new.
///
/// # Errors
/// 409 for a secret that can't be accepted, 401 for another's password, 422 when somebody new gives no name.
pub async fn guest(
    base: &Base,
    nobody: &Actor,
    acceptance: Acceptance,
) -> Result<(InvitationId, Guest), Problem> {
    let (db, Acceptance { secret, name, password, locale, .. }) = (base.db.reads(), acceptance);
    let found = joining::by_secret(db, nobody, &secret, base.clock.now()).await?;
    if people::for_login(db, nobody, &found.email).await?.is_some() {
        let account = check(base, nobody, &found.email, password).await?;
        return Ok((found.id, Guest::Known(account)));
    }
    let Some(name) = name else { return Err(Problem::field("/name", "required")) };
    let hash = password::hash(password.clone(), &base.ids).await?;
    Ok((found.id, Guest::New(NewPerson { email: found.email, name, password, locale }, hash)))
}

/// Replaces a forgotten password, by the secret of its letter, and answers this.
///
/// # Errors
/// 409 when the secret does not work.
pub async fn replace_password(
    base: &Base,
    may: May<ResetPassword>,
    once: Once,
    new: NewPassword,
    reply: Reply,
) -> Result<Reply, Problem> {
    // Nobody makes the service hash passwords without a secret that works.
    resets::check(base.db.reads(), may.actor(), &new.secret, base.clock.now()).await?;
    let hash = password::hash(new.password, &base.ids).await?;
    base.write(may, once, async |w| {
        resets::replace(&w, &new.secret, hash).await?;
        Ok(w.done(reply))
    })
    .await
}

/// Checks e-mail and password, and finds for which organisation the person will act: the only one, or
/// the one that was named.
///
/// # Errors
/// 401 when they do not fit; 422 naming the choice when there are several organisations.
pub async fn log_in(
    base: &Base,
    nobody: &Actor,
    credentials: Credentials,
) -> Result<(Account, Actor), Problem> {
    let account = check(base, nobody, &credentials.email, credentials.password).await?;
    let service = Actor::system(nobody.organisation);
    let memberships = people::memberships_of(base.db.reads(), &service, account.id).await?;
    let organisation =
        choose(&memberships.iter().map(|(id, _)| *id).collect::<Vec<_>>(), credentials.organisation)?;
    let locale = account.locale;
    let actor = people::actor_of(base.db.reads(), nobody, account.id, organisation, locale).await?;
    Ok((account, actor.ok_or_else(Problem::unauthenticated)?))
}

fn choose(memberships: &[OrganisationId], named: Option<OrganisationId>) -> Result<OrganisationId, Problem> {
    match (named, memberships) {
        (Some(named), own) if own.contains(&named) => Ok(named),
        (None, [only]) => Ok(*only),
        (_, []) => Err(Problem::conflict("no-membership")),
        (_, own) => {
            let choice = own.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let error = FieldError::new("/organisation", "choose-organisation").with("choice", choice);
            Err(Problem::invalid(vec![error]))
        }
    }
}
