//! The session behind the pages: who is at the browser, and for which organisation.
//!
//! The API takes tokens only, never this cookie; the pages take the cookie only, never a token.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use tower_sessions::{Session, SessionManagerLayer, cookie::SameSite, session_store};

use super::{
    Account, Organisation,
    pages::SessionOver,
    store::{
        people,
        sessions::{IDLE_SECONDS, Sessions},
    },
};
use crate::foundation::{
    Base,
    access::Actor,
    clock::Timestamp,
    http::{Address, note_actor},
    i18n::Locale,
    ids::{AccountId, OrganisationId, SessionId, TokenId},
    numerals::Convention,
    page::{View, Viewer, is_local, sent, show_as},
    problem::Problem,
    zone::Zone,
};

const KEY: &str = "login";
/// Of a login that still lacks its second factor.
const HALF: &str = "half";
/// For so long such a login waits, in seconds.
const HALF_SECONDS: i64 = 10 * 60;
/// So much of what a browser calls itself is kept, in characters.
const BROWSER: usize = 120;
/// How often the use of a session is noted: not a write for every page.
const NOTED_EVERY: i64 = 60;

/// What a session knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Login {
    /// By what the session is named to the person; of sessions before there was one: nil.
    #[serde(default)]
    pub(super) id: SessionId,
    /// From which address it began; empty where that is not known.
    #[serde(default)]
    pub(super) from: String,
    /// What the browser called itself then.
    #[serde(default)]
    pub(super) browser: String,
    /// The person.
    pub(super) account: AccountId,
    /// For whom they act, once that is chosen.
    pub(super) organisation: Option<OrganisationId>,
    /// The person's name.
    pub(super) person: String,
    /// The organisation's name.
    pub(super) organisation_name: String,
    /// By whose clocks it lives; sessions from before this was kept go by UTC.
    #[serde(default)]
    pub(super) zone: Zone,
    /// Where it is registered: how numbers are written there. Sessions from before this was kept do not know.
    #[serde(default)]
    pub(super) country: String,
    /// Whether there are several organisations.
    pub(super) has_choice: bool,
    /// When the session was last used, to the minute.
    seen_at: i64,
    /// The password under which it began, by when that was set; of sessions before this was kept: 0.
    #[serde(default)]
    password_at: i64,
}

impl Login {
    /// When the session was last used, to the minute.
    pub(super) const fn seen_at(&self) -> Timestamp {
        Timestamp::from_micros(self.seen_at)
    }

    /// What a session that is kept knows.
    pub(super) fn from_data(data: &str) -> Option<Self> {
        let mut data: serde_json::Value = serde_json::from_str(data).ok()?;
        serde_json::from_value(data.get_mut(KEY)?.take()).ok()
    }
}

/// A login whose password was right, and which waits for the second factor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Half {
    account: AccountId,
    password_at: i64,
    began_at: i64,
}

/// With what somebody has come: what stays when all else of theirs ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presented {
    /// A session at a browser.
    Session(SessionId),
    /// A token.
    Token(TokenId),
    /// Neither.
    Nothing,
}

impl<S: Sync> FromRequestParts<S> for Presented {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::Nothing))
    }
}

/// From where somebody logs in: their address, and what their browser calls itself.
#[derive(Clone, Debug)]
pub(super) struct Whence {
    pub(super) from: Address,
    browser: String,
}

impl FromRequestParts<Base> for Whence {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, base: &Base) -> Result<Self, Infallible> {
        let from = Address::of(&base.config, &parts.headers, &parts.extensions);
        Ok(Self { from, browser: browser(&parts.headers) })
    }
}

/// What a browser calls itself, as much of it as tells it from another.
fn browser(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(BROWSER).collect()
}

/// The layer that finds sessions by their cookie. Under TLS the cookie is bound to this host; without
/// it, which the service allows on loopback only, it has another name, so that neither stands in for
/// the other.
pub fn layer(base: &Base) -> SessionManagerLayer<Sessions> {
    let tls = base.config.behind_tls_proxy;
    SessionManagerLayer::new(Sessions::new(base.clone()))
        .with_name(if tls { "__Host-eslabon" } else { "eslabon" })
        .with_secure(tls)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
}

fn failed(error: tower_sessions::session::Error) -> Problem {
    let outage = match &error {
        tower_sessions::session::Error::Store(session_store::Error::Backend(code)) => {
            Problem::of_outage(code)
        }
        _ => None,
    };
    outage.unwrap_or_else(|| Problem::internal(error))
}

/// Begins a session: under a new id, whatever the browser brought.
pub(super) async fn begin(
    base: &Base,
    session: &Session,
    account: &Account,
    whence: Whence,
) -> Result<(), Problem> {
    session.clear().await;
    session.cycle_id().await.map_err(failed)?;
    let login = Login {
        id: base.ids.random_id(),
        from: whence.from.to_string(),
        browser: whence.browser,
        account: account.id,
        organisation: None,
        person: account.name.clone(),
        organisation_name: String::new(),
        zone: Zone::default(),
        country: String::new(),
        has_choice: false,
        seen_at: base.clock.now().micros(),
        password_at: account.password_at.micros(),
    };
    session.insert(KEY, login).await.map_err(failed)
}

/// Begins what becomes a session once the second factor is given: under a new id, whatever the browser brought.
pub(super) async fn begin_half(session: &Session, account: &Account, at: Timestamp) -> Result<(), Problem> {
    session.clear().await;
    session.cycle_id().await.map_err(failed)?;
    let half = Half { account: account.id, password_at: account.password_at.micros(), began_at: at.micros() };
    session.insert(HALF, half).await.map_err(failed)
}

/// Whose password was right a moment ago, and which password that was.
pub(super) async fn half(
    session: &Session,
    at: Timestamp,
) -> Result<Option<(AccountId, Timestamp)>, Problem> {
    let found: Option<Half> = session.get(HALF).await.map_err(failed)?;
    let in_time = |half: &Half| at.seconds_since(Timestamp::from_micros(half.began_at)) <= HALF_SECONDS;
    Ok(found.filter(in_time).map(|half| (half.account, Timestamp::from_micros(half.password_at))))
}

/// The password was changed in this session, which goes on under the new one.
pub(super) async fn go_on(session: &Session, password_at: Timestamp) -> Result<(), Problem> {
    let login = login(session).await?.ok_or_else(Problem::unauthenticated)?;
    session.insert(KEY, Login { password_at: password_at.micros(), ..login }).await.map_err(failed)
}

/// Ends a session.
///
/// # Errors
/// What the database said.
pub async fn end(session: &Session) -> Result<(), Problem> {
    session.flush().await.map_err(failed)
}

/// The person has another name from now on.
///
/// # Errors
/// What the database said.
pub async fn rename(session: &Session, name: &str) -> Result<(), Problem> {
    let login = login(session).await?.ok_or_else(Problem::unauthenticated)?;
    session.insert(KEY, Login { person: name.to_owned(), ..login }).await.map_err(failed)
}

/// Who is at the browser.
pub(super) async fn login(session: &Session) -> Result<Option<Login>, Problem> {
    session.get(KEY).await.map_err(failed)
}

/// Acts for this organisation from now on.
pub(super) async fn act_for(
    session: &Session,
    organisation: &Organisation,
    has_choice: bool,
) -> Result<(), Problem> {
    let login = login(session).await?.ok_or_else(Problem::unauthenticated)?;
    let login = Login {
        organisation: Some(organisation.id),
        organisation_name: organisation.name.clone(),
        zone: organisation.country.zone(),
        country: organisation.country.code().to_owned(),
        has_choice,
        ..login
    };
    session.insert(KEY, login).await.map_err(failed)
}

/// Puts the [`Actor`] of the session into the request, and the [`Viewer`] for the layout; without a
/// session, nobody's.
pub async fn by_session(
    State(base): State<Base>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let locale = Locale::from_headers(request.headers());
    match found(&base, &session, locale).await {
        Ok(Some((actor, viewer, id))) => {
            note_actor(&actor);
            request.extensions_mut().insert(Presented::Session(id));
            request.extensions_mut().insert(actor);
            request.extensions_mut().insert(viewer);
        }
        Ok(None) => {
            request.extensions_mut().insert(Actor::anonymous(locale));
        }
        Err(problem) => return problem.into_response(),
    }
    next.run(request).await
}

async fn found(
    base: &Base,
    session: &Session,
    locale: Locale,
) -> Result<Option<(Actor, Viewer, SessionId)>, Problem> {
    let Some(login) = login(session).await? else { return Ok(None) };
    let (now, nobody) = (base.clock.now(), Actor::anonymous(locale));
    let began_under = Timestamp::from_micros(login.password_at);
    if !people::has_password_of(base.db.reads(), &nobody, login.account, began_under).await? {
        // The password was replaced: what began under the old one is over.
        end(session).await?;
        return Ok(None);
    }
    if now.seconds_since(Timestamp::from_micros(login.seen_at)) >= NOTED_EVERY {
        session.insert(KEY, Login { seen_at: now.micros(), ..login.clone() }).await.map_err(failed)?;
    }
    let Some(organisation) = login.organisation else { return Ok(None) };
    let actor = people::actor_of(base.db.reads(), &nobody, login.account, organisation, locale).await?;
    if actor.is_none() {
        // The membership ended: so does the session.
        end(session).await?;
    }
    let Login { id, person, organisation_name, zone, country, has_choice, .. } = login;
    let viewer = Viewer {
        person,
        organisation: organisation_name,
        has_choice,
        zone,
        numbers: Convention::of(&country),
        idle_seconds: IDLE_SECONDS,
    };
    Ok(actor.map(|actor| (actor, viewer, id)))
}

/// Lets only those through who have logged in. The others log in and come back; what they sent in a form
/// is shown to them, to be sent again afterwards.
pub async fn demand_login(view: View, request: Request, next: Next) -> Response {
    let anonymous = request.extensions().get::<Actor>().is_none_or(|actor| actor.account.0.is_nil());
    if !anonymous {
        return next.run(request).await;
    }
    let login = with_back("/login", &view.path);
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Redirect::to(&login).into_response();
    }
    let over = async {
        let (typed, path) = sent(request).await?;
        show_as(StatusCode::UNAUTHORIZED, &view, &SessionOver { path, login, typed })
    };
    over.await.unwrap_or_else(IntoResponse::into_response)
}

/// An address that remembers where to go on from there.
pub(super) fn with_back(address: &str, back: &str) -> String {
    match serde_urlencoded::to_string([("back", back)]) {
        Ok(query) if is_local(back) && back != "/" => format!("{address}?{query}"),
        _ => address.to_owned(),
    }
}
