//! Where one is logged in, one's password, and one's second factor.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        clock::Timestamp,
        db::Once,
        fields::Nothing,
        http::{Address, Body, Key, Reply},
        ids::SessionId,
        problem::Problem,
    },
    organisations::{
        auth,
        logins::{ChangePassword, EndOthers, EndSession, ListSessions, PasswordChange},
        second_factor::{Code, Confirm, OwnPassword, ReadSecondFactor, Remove, SetUp, State as Factor},
        session::Presented,
        store::{
            logins::{self, OpenSession},
            second_factor,
        },
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(end))
        .routes(routes!(end_others))
        .routes(routes!(change_password))
        .routes(routes!(read_second_factor, set_up))
        .routes(routes!(confirm))
        .routes(routes!(remove))
}

/// A session at a browser.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionJson {
    id: SessionId,
    began_at: Timestamp,
    /// To the minute.
    used_at: Timestamp,
    /// The address; empty where it is not known.
    #[schema(example = "192.0.2.1")]
    from: String,
    /// What the browser called itself.
    browser: String,
}

impl From<OpenSession> for SessionJson {
    fn from(s: OpenSession) -> Self {
        let OpenSession { id, began_at, used_at, from, browser } = s;
        Self { id, began_at, used_at, from, browser }
    }
}

/// One's open sessions.
#[derive(Serialize, ToSchema)]
struct Sessions {
    /// The latest first.
    items: Vec<SessionJson>,
}

/// Lists one's open sessions at browsers, for whichever organisation.
#[utoipa::path(
    get, path = "/sessions", operation_id = "sessions_list", tag = "organisations",
    responses((status = OK, body = Sessions))
)]
async fn list(State(base): State<Base>, may: May<ListSessions>) -> Result<Reply, Problem> {
    let found = logins::sessions(base.db.reads(), may.actor(), base.clock.now()).await?;
    Reply::ok(&Sessions { items: found.into_iter().map(SessionJson::from).collect() })
}

/// Ends one of one's sessions.
#[utoipa::path(
    delete, path = "/sessions/{id}", operation_id = "sessions_end", tag = "organisations",
    params(("id" = SessionId, Path)), responses((status = NO_CONTENT))
)]
async fn end(
    State(base): State<Base>,
    may: May<EndSession>,
    Key(id): Key<SessionId>,
) -> Result<Reply, Problem> {
    base.write(may, Once::never(), async |w| {
        logins::end_session(&w, id).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Ends all of one's sessions and tokens but the token with which one comes.
#[utoipa::path(
    post, path = "/sessions/end-others", operation_id = "sessions_end_others", tag = "organisations",
    responses((status = NO_CONTENT))
)]
async fn end_others(
    State(base): State<Base>,
    may: May<EndOthers>,
    kept: Presented,
    Body { once, .. }: Body<Nothing>,
) -> Result<Reply, Problem> {
    base.write(may, once, async |w| {
        logins::end_others(&w, kept).await?;
        Ok(w.done(Reply::no_content()))
    })
    .await
}

/// Another password.
#[derive(ToSchema)]
#[schema(as = PasswordChange)]
#[expect(dead_code, reason = "describes what `PasswordChange` reads")]
struct PasswordChangeJson {
    /// The present one.
    present_password: String,
    /// None of the common ones.
    #[schema(min_length = 10, max_length = 200)]
    password: String,
}

/// Changes one's password. All of one's sessions and tokens end but the token with which one comes.
#[utoipa::path(
    post, path = "/me/password", operation_id = "passwords_change", tag = "organisations",
    request_body = PasswordChangeJson, responses((status = NO_CONTENT))
)]
async fn change_password(
    State(base): State<Base>,
    may: May<ChangePassword>,
    from: Address,
    kept: Presented,
    Body { value, once }: Body<PasswordChange>,
) -> Result<Reply, Problem> {
    let done = auth::change_password(&base, may, once, value, (from, kept), Reply::no_content());
    Ok(done.await?.0)
}

/// How far one's second factor is.
#[derive(Serialize, ToSchema)]
struct SecondFactor {
    /// `none`, `begun` (it waits for its first code) or `active`.
    #[schema(example = "active")]
    state: &'static str,
    /// Since when it is asked for.
    since: Option<Timestamp>,
    /// How many recovery codes are left.
    recovery_codes: u64,
}

/// Says whether one has a second factor, and how many recovery codes are left.
#[utoipa::path(
    get, path = "/me/second-factor", operation_id = "second_factor_read", tag = "organisations",
    responses((status = OK, body = SecondFactor))
)]
async fn read_second_factor(State(base): State<Base>, may: May<ReadSecondFactor>) -> Result<Reply, Problem> {
    let (state, since, recovery_codes) = match second_factor::state(base.db.reads(), may.actor()).await? {
        Factor::None => ("none", None, 0),
        Factor::Begun => ("begun", None, 0),
        Factor::Active { since, codes } => ("active", Some(since), codes),
    };
    Reply::ok(&SecondFactor { state, since, recovery_codes })
}

/// One's password, asked for again.
#[derive(ToSchema)]
#[schema(as = OwnPassword)]
#[expect(dead_code, reason = "describes what `OwnPassword` reads")]
struct OwnPasswordJson {
    password: String,
}

/// The key of one's codes.
#[derive(Serialize, ToSchema)]
struct NewSecondFactor {
    /// In base 32, to be typed into an app for codes (TOTP). Shown this once.
    secret: String,
    /// The same as an address that such an app takes over.
    #[schema(example = "otpauth://totp/Eslabon:ana%40andes.example?secret=…&issuer=Eslabon")]
    uri: String,
}

/// Begins to set up a second factor, with one's password. It is asked for once it is confirmed with a first code.
#[utoipa::path(
    post, path = "/me/second-factor", operation_id = "second_factor_set_up", tag = "organisations",
    request_body = OwnPasswordJson, responses((status = CREATED, body = NewSecondFactor))
)]
async fn set_up(
    State(base): State<Base>,
    may: May<SetUp>,
    from: Address,
    Body { value, once }: Body<OwnPassword>,
) -> Result<Reply, Problem> {
    let account = auth::again(&base, may.actor(), value.password, from).await?;
    base.write(may, once, async |w| {
        let secret = second_factor::set_up(&w).await?;
        let new = NewSecondFactor { secret: secret.to_base32(), uri: secret.uri(&account.email) };
        let reply = Reply::created("/api/v1/me/second-factor", &new)?.secret();
        Ok(w.done(reply))
    })
    .await
}

/// A code.
#[derive(ToSchema)]
#[schema(as = SecondFactorCode)]
#[expect(dead_code, reason = "describes what `Code` reads")]
struct CodeJson {
    #[schema(example = "123456")]
    code: String,
}

/// What stands in for a lost phone.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    /// Each works once. Shown this once.
    recovery_codes: Vec<String>,
}

/// Confirms the second factor with a first code. All of one's sessions and tokens end but the token with which one comes.
#[utoipa::path(
    post, path = "/me/second-factor/confirm", operation_id = "second_factor_confirm", tag = "organisations",
    request_body = CodeJson, responses((status = OK, body = RecoveryCodes))
)]
async fn confirm(
    State(base): State<Base>,
    may: May<Confirm>,
    from: Address,
    kept: Presented,
    Body { value, once }: Body<Code>,
) -> Result<Reply, Problem> {
    let account = may.actor().account;
    let done = base.write(may, once, async |w| {
        let recovery_codes = second_factor::confirm(&w, &value.code).await?;
        logins::end_others(&w, kept).await?;
        let reply = Reply::ok(&RecoveryCodes { recovery_codes })?.secret();
        Ok(w.done(reply))
    });
    auth::with_code(&base, (account, from), done).await
}

/// Takes one's second factor away, with one of its codes or a recovery code.
#[utoipa::path(
    post, path = "/me/second-factor/remove", operation_id = "second_factor_remove", tag = "organisations",
    request_body = CodeJson, responses((status = NO_CONTENT))
)]
async fn remove(
    State(base): State<Base>,
    may: May<Remove>,
    from: Address,
    Body { value, once }: Body<Code>,
) -> Result<Reply, Problem> {
    let account = may.actor().account;
    let done = base.write(may, once, async |w| {
        second_factor::remove(&w, &value.code).await?;
        Ok(w.done(Reply::no_content()))
    });
    auth::with_code(&base, (account, from), done).await
}
