//! What holds for every page.

use crate::support::PASSWORD;
use eslabon::foundation::access::Role;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

on_both_engines! {
    async fn every_answer_forbids_what_is_not_ours(app: TestApp) {
        let mut browser = app.browser();
        for (path, status) in [("/login", 200), ("/", 303), ("/nothing/here", 404), ("/login?x=1", 422)] {
            let page = browser.open(path).await.expect(status);
            assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
            assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1, "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
            if status != 303 {
                assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
                assert_eq!(page.header("cache-control"), "no-store", "{path}");
            }
        }
    }

    async fn a_form_from_elsewhere_changes_nothing(app: TestApp) {
        let email = app.person_with_password(app.supplier("Uno").await.organisation(), Role::SupplierMember).await;
        let mut browser = app.browser();
        let form = browser.open("/login").await.form("/login").with("email", &email).with("password", PASSWORD);
        let from = async |says: &[(&'static str, &str)]| {
            let mut browser = app.browser();
            browser.says = says.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            browser.send(&form).await
        };
        let ours = "http://127.0.0.1:8080";
        for foreign in [
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
            &[("sec-fetch-site", "same-site"), ("origin", ours)],
            &[("origin", "null")],
            &[],
        ] {
            let page = from(foreign).await.expect(403);
            page.says("El formulario no venía de estas páginas").says("Nada se guardó");
            assert!(page.headers.get("set-cookie").is_none());
            assert_eq!(page.header("content-security-policy"), POLICY);
        }
        from(&[("origin", ours)]).await.expect(303);
        from(&[("sec-fetch-site", "same-origin")]).await.expect(303);
    }

    async fn the_stylesheet_is_fetched_once(app: TestApp) {
        let mut browser = app.browser();
        let page = browser.open("/login").await;
        let (_, rest) = page.text.split_once("href=\"/static/").unwrap();
        let name = rest.split_once('"').unwrap().0.to_owned();
        let css = browser.open(&format!("/static/{name}")).await.expect(200);
        assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");
        browser.open("/static/eslabon-0000000000000000.css").await.expect(404);
    }

    async fn the_language_is_switched_and_stays(app: TestApp) {
        let mut browser = app.browser();
        let page = browser.open("/login?back=%2Fx").await.expect(200);
        assert!(page.text.contains("<html lang=\"es\""));
        let english = browser.submit(&page.form("/language")).await;
        assert!(english.text.contains("<html lang=\"en\""));
        assert_eq!(english.title(), "Log in – Eslabón");
        assert_eq!(english.form("/login").get("back"), Some("/x"), "the switch comes back to the same page");
        let wrong = browser.log_in("nobody@example.com", "wrong").await.expect(401);
        assert!(wrong.title().starts_with("Error: Log in"));
        assert_eq!(browser.open("/nothing").await.expect(404).header("content-language"), "en");
        let elsewhere = english.form("/language").with("back", "//evil.example/");
        assert_eq!(browser.send(&elsewhere).await.expect(303).location(), "/");
    }

    async fn who_comes_back_to_another_site_stays_here(app: TestApp) {
        let email = app.person_with_password(app.supplier("Uno").await.organisation(), Role::SupplierMember).await;
        let mut browser = app.browser();
        let page = browser.open("/login?back=https%3A%2F%2Fevil.example").await.expect(200);
        let form = page.form("/login").with("email", &email).with("password", PASSWORD);
        let forged = form.clone().with("back", "/\\evil.example");
        assert_eq!(browser.send(&form).await.expect(303).location(), "/");
        assert_eq!(app.browser().send(&forged).await.expect(303).location(), "/");
    }

    async fn programs_are_answered_in_their_language_and_people_in_theirs(app: TestApp) {
        let mut browser = app.browser();
        let missing = browser.open("/api/v1/nothing").await.expect(404);
        assert_eq!(missing.header("content-type"), "application/problem+json");
        let page = browser.open("/nothing").await.expect(404);
        page.says("Esa página no existe").says("Número de solicitud");
        let mut form = browser.open("/login").await.form("/login");
        form.action = "/logged-out".to_owned();
        browser.send(&form).await.expect(405).says("Nada se guardó");
    }
}
