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
    logins::{ChangePassword, PasswordChange},
    password,
    resets::{NewPassword, ResetPassword},
    second_factor::UseSecondFactor,
    session::Presented,
    store::{
        joining::{self, Guest},
        logins, people, resets, second_factor,
    },
};
use crate::foundation::{
    Base,
    access::{APPROVERS, Actor, Kind, May},
    clock::Timestamp,
    config::SecondFactor,
    db::Once,
    http::{Address, Reply, note_actor},
    i18n::Locale,
    ids::{AccountId, InvitationId, OrganisationId},
    problem::{FieldError, Problem},
};

/// Puts the [`Actor`] of the `Authorization: Bearer` token into the request; without one, nobody's. A
/// token that does not work is refused at once, so that nobody mistakes it for a missing right.
pub async fn by_token(State(base): State<Base>, mut request: Request, next: Next) -> Response {
    let nobody = Actor::anonymous(Locale::from_headers(request.headers()));
    let header = request.headers().get(header::AUTHORIZATION);
    let header = header.map(|value| value.to_str().unwrap_or_default().to_owned());
    let actor = match header {
        None => Ok(nobody),
        Some(text) => match text.strip_prefix("Bearer ") {
            Some(secret) => of_token(&base, &nobody, secret.trim(), &mut request).await,
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

/// Finds the actor of a token, says in the request with which they came, and has it noted that the token is in use.
async fn of_token(
    base: &Base,
    nobody: &Actor,
    secret: &str,
    request: &mut Request,
) -> Result<Actor, Problem> {
    let now = base.clock.now();
    let found = people::actor_of_token(base.db.reads(), nobody, secret, now).await?;
    let (actor, token) = found.ok_or_else(Problem::unauthenticated)?;
    if token.is_due(now) {
        let from = Address::of(&base.config, request.headers(), request.extensions());
        logins::note_use(base.db.reads(), &actor, token, from, now).await;
    }
    request.extensions_mut().insert(Presented::Token(token.id));
    Ok(actor)
}

/// The account that e-mail and password belong to.
///
/// # Errors
/// 401 when they do not fit, 429 when that was said too often: the same, and after the same time, whether the account
/// exists or not.
pub async fn check(
    base: &Base,
    nobody: &Actor,
    (email, password): (&str, String),
    from: Address,
) -> Result<Account, Problem> {
    let attempt = base.attempt(email, from)?;
    let wrong = || Problem::new(axum::http::StatusCode::UNAUTHORIZED, "wrong-credentials");
    let found = people::for_login(base.db.reads(), nobody, email).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    if !password::verify(password, hash).await? {
        return Err(wrong());
    }
    let (account, _) = found.ok_or_else(wrong)?;
    attempt.forgive();
    Ok(account)
}

/// Who comes with an invitation: somebody with an account and its password, or somebody new.
///
/// # Errors
/// 409 for a secret that can't be accepted, 401 for another's password, 422 when somebody new gives no name.
pub async fn guest(
    base: &Base,
    nobody: &Actor,
    acceptance: Acceptance,
    from: Address,
) -> Result<(InvitationId, Guest), Problem> {
    let (db, Acceptance { secret, name, password, locale, .. }) = (base.db.reads(), acceptance);
    let found = joining::by_secret(db, nobody, &secret, base.clock.now()).await?;
    if people::for_login(db, nobody, &found.email).await?.is_some() {
        let account = check(base, nobody, (&found.email, password), from).await?;
        return Ok((found.id, Guest::Known(account)));
    }
    let Some(name) = name else { return Err(Problem::field("/name", "required")) };
    if password::is_common(&password, &[&found.email, &name]) {
        return Err(Problem::field("/password", "common-password"));
    }
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

/// Gives whoever is logged in another password, for the present one, and answers this; with the moment at which it was
/// set. All their other sessions and tokens end.
///
/// # Errors
/// 401 for a wrong present password, 429 when that was said too often.
pub async fn change_password(
    base: &Base,
    may: May<ChangePassword>,
    once: Once,
    change: PasswordChange,
    (from, kept): (Address, Presented),
    reply: Reply,
) -> Result<(Reply, Option<Timestamp>), Problem> {
    let own = people::own_account(base.db.reads(), may.actor()).await?;
    let account =
        check(base, may.actor(), (&own.email, change.present_password), from).await.map_err(wrong_own)?;
    if password::is_common(&change.password, &[&account.email, &account.name]) {
        return Err(Problem::field("/password", "common-password"));
    }
    let hash = password::hash(change.password, &base.ids).await?;
    let mut set_at = None;
    let reply = base.write(may, once, async |w| {
        set_at = Some(logins::change_password(&w, account.password_at, hash, kept).await?);
        Ok(w.done(reply))
    });
    let reply = reply.await?;
    Ok((reply, set_at))
}

/// The account of whoever is logged in, for their password asked again.
///
/// # Errors
/// 422 for a wrong password, 429 when that was said too often.
pub async fn again(base: &Base, actor: &Actor, password: String, from: Address) -> Result<Account, Problem> {
    let own = people::own_account(base.db.reads(), actor).await?;
    let checked = check(base, actor, (&own.email, password), from).await;
    checked.map_err(|problem| {
        if problem.code == "wrong-credentials" {
            Problem::field("/password", "wrong-password")
        } else {
            problem
        }
    })
}

/// Whoever is logged in is not told that they are not: the field is wrong.
fn wrong_own(problem: Problem) -> Problem {
    if problem.code == "wrong-credentials" {
        Problem::field("/present_password", "wrong-password")
    } else {
        problem
    }
}

/// Does what takes a code of the second factor of an account whose password was right; what does not succeed counts as an
/// attempt.
///
/// # Errors
/// 429 when there were too many, and what `work` says.
pub async fn with_code<T>(
    base: &Base,
    (account, from): (AccountId, Address),
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let attempt = base.attempt(&format!("code:{account}"), from)?;
    let done = work.await?;
    attempt.forgive();
    Ok(done)
}

/// Whether an approver is to be asked to set a second factor up: the settings want it, and there is none.
///
/// # Errors
/// What the database said.
pub async fn lacks_second_factor(base: &Base, actor: &Actor) -> Result<bool, Problem> {
    let is_wanted = base.config.second_factor == SecondFactor::Approvers
        && actor.kind() == Some(Kind::Institution)
        && APPROVERS.contains(&actor.role);
    Ok(is_wanted && !second_factor::state(base.db.reads(), actor).await?.is_active())
}

/// Uses the second factor of somebody whose password was right, while they log in to the pages.
///
/// # Errors
/// 401 for a code that does not fit or was used, 429 when that was said too often.
pub async fn second_factor_at_login(
    base: &Base,
    account: &Account,
    typed: &str,
    from: Address,
) -> Result<(), Problem> {
    // Nobody is logged in yet, and it is known whose password was right.
    let actor = Actor { account: account.id, ..Actor::anonymous(account.locale) };
    let used = base.transact(actor.may::<UseSecondFactor>()?, async |w| {
        second_factor::use_at_login(&w, account.id, typed).await?;
        Ok(w.done(()))
    });
    with_code(base, (account.id, from), used).await
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
    from: Address,
) -> Result<(Account, Actor), Problem> {
    let account = check(base, nobody, (&credentials.email, credentials.password), from).await?;
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
