//! The session behind the pages: who is at the browser, and for which organisation.
//!
//! The API takes tokens only, never this cookie; the pages take the cookie only, never a token.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use tower_sessions::{Session, SessionManagerLayer, cookie::SameSite};

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
    http::note_actor,
    i18n::Locale,
    ids::{AccountId, OrganisationId},
    numerals::Convention,
    page::{View, Viewer, is_local, sent, show_as},
    problem::Problem,
    zone::Zone,
};

const KEY: &str = "login";
/// How often the use of a session is noted: not a write for every page.
const NOTED_EVERY: i64 = 60;

/// What a session knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Login {
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
    Problem::internal(error)
}

/// Begins a session: under a new id, whatever the browser brought.
pub(super) async fn begin(session: &Session, account: &Account, at: Timestamp) -> Result<(), Problem> {
    session.clear().await;
    session.cycle_id().await.map_err(failed)?;
    let login = Login {
        account: account.id,
        organisation: None,
        person: account.name.clone(),
        organisation_name: String::new(),
        zone: Zone::default(),
        country: String::new(),
        has_choice: false,
        seen_at: at.micros(),
        password_at: account.password_at.micros(),
    };
    session.insert(KEY, login).await.map_err(failed)
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
        Ok(Some((actor, viewer))) => {
            note_actor(&actor);
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

async fn found(base: &Base, session: &Session, locale: Locale) -> Result<Option<(Actor, Viewer)>, Problem> {
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
    let Login { person, organisation_name, zone, country, has_choice, .. } = login;
    let viewer = Viewer {
        person,
        organisation: organisation_name,
        has_choice,
        zone,
        numbers: Convention::of(&country),
        idle_seconds: IDLE_SECONDS,
    };
    Ok(actor.map(|actor| (actor, viewer)))
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
