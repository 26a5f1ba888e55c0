//! What was just done, said once on the page that follows: that it is on record, and under which number.
//!
//! A form's answer leads elsewhere, so the number goes along in a cookie that lives until the next page takes it away. The
//! trail shows the same number beside the entry.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::foundation::{Base, http::OnRecord, i18n, problem::Problem};

const COOKIE: &str = "done";
/// Whoever follows the answer is there by then.
const SECONDS: u32 = 60;
/// So many characters has a number: three groups of four, and what stands between them.
const LENGTH: usize = 14;

/// The number under which people find an entry of the trail: the random end of its id.
pub fn number(entry: Uuid) -> String {
    let digits = entry.simple().to_string().to_uppercase();
    let (_, end) = digits.split_at(20);
    let (first, rest) = end.split_at(4);
    let (second, third) = rest.split_at(4);
    format!("{first}-{second}-{third}")
}

/// Takes the number along to the page to which an answer leads.
pub(super) async fn remember(
    State(base): State<Base>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let mut response = next.run(request).await;
    let entry = response.extensions().get::<OnRecord>().copied();
    if let Some(OnRecord(entry)) = entry.filter(|_| response.status() == StatusCode::SEE_OTHER) {
        let cookie = cookie(&number(entry), SECONDS, base.config.behind_tls_proxy)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The number that came along.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    let is_ours = |text: &&str| {
        text.len() == LENGTH && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F' | b'-'))
    };
    i18n::cookie(headers, COOKIE).filter(is_ours).map(ToOwned::to_owned)
}

/// What makes the browser forget it: it is said once.
pub(super) const FORGET: HeaderValue =
    HeaderValue::from_static("done=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");

fn cookie(number: &str, seconds: u32, secure: bool) -> Result<HeaderValue, Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={number}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_of_ours_is_said() {
        let entry = Uuid::from_u128(0x0199_1c3a_0000_7000_8000_ab12_cd34_ef56);
        assert_eq!(number(entry), "AB12-CD34-EF56");
        let sent = |text: &str| of(&[(header::COOKIE, text.parse().unwrap())].into_iter().collect());
        assert_eq!(sent("lang=es; done=AB12-CD34-EF56").as_deref(), Some("AB12-CD34-EF56"));
        for foreign in ["", "done=", "done=<b>AB12-CD34", "done=ab12-cd34-ef56", "undone=AB12-CD34-EF56"] {
            assert_eq!(sent(foreign), None, "{foreign}");
        }
    }
}
