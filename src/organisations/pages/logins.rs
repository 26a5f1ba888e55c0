//! Where somebody is logged in, and their password, at the screen.

use askama::Template;
use axum::{
    Router,
    extract::State as Shared,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tower_sessions::Session;

use crate::{
    foundation::{
        Base,
        access::May,
        fields::Nothing,
        http::{Address, Key, Reply},
        i18n::Locale,
        ids::{SessionId, TokenId},
        page::{Form, Page, View, filters, or_again, show, show_again},
        problem::Problem,
        zone::Zone,
    },
    organisations::{
        RevokeToken, Token, auth,
        logins::{ChangePassword, EndOthers, EndSession, ListSessions, PasswordChange},
        second_factor::State,
        session::{self, Presented},
        store::{
            logins::{self, OpenSession},
            people, second_factor,
        },
    },
};

/// Where the page is.
const HERE: &str = "/me/security";

/// The pages, behind a login.
pub(super) fn routes() -> Router<Base> {
    Router::new()
        .route(HERE, get(security_page))
        .route("/me/security/end-others", post(end_others))
        .route("/me/security/sessions/{id}/end", post(end_session))
        .route("/me/security/tokens/{id}/revoke", post(revoke_token))
        .route("/me/password", get(password_page).post(change_password))
}

/// Sessions, tokens, password and second factor of somebody.
#[derive(Template)]
#[template(path = "organisations/pages/security.html")]
struct SecurityPage {
    factor: State,
    /// Each with whether it is this one.
    sessions: Vec<(OpenSession, bool)>,
    /// Those that work.
    tokens: Vec<Token>,
    zone: Zone,
}

impl Page for SecurityPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("security-title")
    }
}

async fn security_page(
    Shared(base): Shared<Base>,
    view: View,
    may: May<ListSessions>,
    with: Presented,
) -> Result<Response, Problem> {
    let (db, actor, now) = (base.db.reads(), may.actor(), base.clock.now());
    let sessions = logins::sessions(db, actor, now).await?.into_iter();
    let sessions = sessions.map(|one| {
        let is_this = with == Presented::Session(one.id);
        (one, is_this)
    });
    let mut tokens = people::tokens(db, actor).await?;
    tokens.retain(|token| token.revoked_at.is_none() && token.expires_at > now);
    let page = SecurityPage {
        factor: second_factor::state(db, actor).await?,
        sessions: sessions.collect(),
        tokens,
        zone: view.zone(),
    };
    show(&view, &page)
}

async fn end_others(
    Shared(base): Shared<Base>,
    may: May<EndOthers>,
    with: Presented,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        logins::end_others(w, with).await?;
        Ok(HERE.to_owned())
    });
    Ok(done.await?.into_response())
}

async fn end_session(
    Shared(base): Shared<Base>,
    may: May<EndSession>,
    Key(id): Key<SessionId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        logins::end_session(w, id).await?;
        Ok(HERE.to_owned())
    });
    Ok(done.await?.into_response())
}

async fn revoke_token(
    Shared(base): Shared<Base>,
    may: May<RevokeToken>,
    Key(id): Key<TokenId>,
    form: Form<Nothing>,
) -> Result<Response, Problem> {
    let done = form.act(&base, may, async |w, _| {
        people::revoke_token(w, id).await?;
        Ok(HERE.to_owned())
    });
    Ok(done.await?.into_response())
}

/// Another password.
#[derive(Template)]
#[template(path = "organisations/pages/password.html")]
struct PasswordPage;

impl Page for PasswordPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("password-title")
    }
}

async fn password_page(view: View, _: May<ChangePassword>) -> Result<Response, Problem> {
    show(&view, &PasswordPage)
}

async fn change_password(
    Shared(base): Shared<Base>,
    view: View,
    session: Session,
    may: May<ChangePassword>,
    (from, with): (Address, Presented),
    form: Form<PasswordChange>,
) -> Result<Response, Problem> {
    let done = async {
        let there = Reply::see_other(HERE);
        let (reply, set_at) =
            auth::change_password(&base, may, form.once, form.value?, (from, with), there).await?;
        if let Some(set_at) = set_at {
            session::go_on(&session, set_at).await?;
        }
        Ok(reply)
    };
    or_again(done.await, async |problem| show_again(&view, &PasswordPage, problem, form.typed)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{clock::Timestamp, page::samples};

    #[test]
    fn security_is_shown_in_both_languages() {
        let at = Timestamp::from_micros(0);
        let session = |from: &str, browser: &str| OpenSession {
            id: SessionId::default(),
            began_at: at,
            used_at: at,
            from: from.to_owned(),
            browser: browser.to_owned(),
        };
        let token = |used_at: Option<Timestamp>, from: Option<String>| Token {
            id: TokenId(uuid::Uuid::nil()),
            name: "Informe <mensual>".to_owned(),
            created_at: at,
            expires_at: at,
            revoked_at: None,
            made_from: from.clone(),
            used_at,
            used_from: from,
        };
        for factor in [State::None, State::Begun, State::Active { since: at, codes: 3 }] {
            let sessions = vec![(session("192.0.2.1", "Mozilla <5.0>"), true), (session("", ""), false)];
            let tokens = vec![token(None, None), token(Some(at), Some("192.0.2.1".to_owned()))];
            let [es, _] = samples(&SecurityPage { factor, sessions, tokens, zone: Zone::default() });
            assert!(!es.contains("<5.0>") && !es.contains("<mensual>"), "what others have said is escaped");
        }
        let (sessions, tokens) = (Vec::new(), Vec::new());
        samples(&SecurityPage { factor: State::None, sessions, tokens, zone: Zone::default() });
        samples(&PasswordPage);
    }
}
