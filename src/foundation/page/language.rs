//! The language switch: a cookie that outlives the session, so that the login page keeps the language.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};

use super::{Form, is_local};
use crate::foundation::{
    Base,
    fields::{Fields, Input},
    i18n::Locale,
    problem::Problem,
};

pub(super) fn routes() -> Router<Base> {
    Router::new().route("/language", post(switch))
}

struct Switch {
    to: Locale,
    back: String,
}

impl Input for Switch {
    fn read(f: &mut Fields) -> Option<Self> {
        let (to, back) = (f.required("to"), f.text("back", 1..=1_000));
        Some(Self { to: to?, back: back? })
    }
}

async fn switch(State(base): State<Base>, form: Form<Switch>) -> Result<Response, Problem> {
    let Switch { to, back } = form.value?;
    let back = if is_local(&back) { back.as_str() } else { "/" };
    let mut response = Redirect::to(back).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(to, base.config.behind_tls_proxy)?);
    Ok(response)
}

/// The cookie that remembers a language for a year.
///
/// # Errors
/// None: every language can stand in a header.
pub fn cookie(locale: Locale, secure: bool) -> Result<HeaderValue, Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("lang={locale}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).map_err(Problem::internal)
}
