//! Coming, staying and going.

use std::{collections::HashMap, sync::Arc};

use eslabon::{
    app,
    foundation::{
        Base,
        access::{Actor, Role},
        config::Config,
    },
    organisations::{Register, store},
};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

use crate::support::{Browser, PASSWORD, TestApp};

const COOKIE: &str = "eslabon";

async fn supplier(app: &TestApp) -> String {
    let client = app.supplier("Tornos del Sur").await;
    app.person_with_password(client.organisation(), Role::SupplierMember).await
}

on_both_engines! {
    async fn a_person_logs_in_and_out(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        let answer = browser.open("/?a=b").await.expect(303);
        assert_eq!(answer.location(), "/login?back=%2F%3Fa%3Db");
        let page = browser.open(&answer.location()).await.expect(200);
        let form = page.form("/login").with("email", &email.to_uppercase()).with("password", PASSWORD);
        assert_eq!(browser.send(&form).await.expect(303).location(), "/?a=b");
        let home = browser.open("/").await.expect(200);
        home.says("Tornos del Sur").says("Persona supplier_member");

        let kept = browser.cookies[COOKIE].clone();
        browser.submit(&home.form("/logout")).await.says("Su sesión se cerró");
        assert!(!browser.cookies.contains_key(COOKIE));
        browser.cookies.insert(COOKIE.to_owned(), kept);
        browser.open("/").await.expect(303);
    }

    async fn a_wrong_password_says_so_and_keeps_the_address(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        let page = browser.log_in(&email, "no es esta").await.expect(401);
        assert!(page.title().starts_with("Error: "), "{}", page.title());
        page.says("El correo o la contraseña no corresponden");
        assert_eq!(page.form("/login").get("email"), Some(email.as_str()));
        assert_eq!(page.form("/login").get("password"), Some(""));
        assert!(!page.text.contains("no es esta"));

        let unknown = browser.log_in("nadie@example.com", "no es esta").await.expect(401);
        assert_eq!(unknown.words(), page.words());
        let empty = browser.log_in("", "").await.expect(422);
        assert_eq!(empty.words().matches("Falta este dato.").count(), 4, "in the summary and at the field: {}", empty.words());
    }

    /// So a session that an attacker has planted in the browser never becomes the person's.
    async fn a_login_gets_a_new_id_and_ends_the_session_before(app: TestApp) {
        let (first, second) = (supplier(&app).await, supplier(&app).await);
        let mut browser = app.browser();
        browser.log_in(&first, PASSWORD).await.expect(303);
        let old = browser.cookies[COOKIE].clone();
        let page = app.browser().open("/login").await.expect(200);
        let form = page.form("/login").with("email", &second).with("password", PASSWORD);
        browser.send(&form).await.expect(303);
        assert_ne!(browser.cookies[COOKIE], old);
        browser.cookies.insert(COOKIE.to_owned(), old);
        browser.open("/").await.expect(303);
    }

    async fn a_request_under_way_does_not_bring_a_closed_session_back(app: TestApp) {
        let sessions = store::sessions::Sessions::new(app.base.clone());
        let expiry_date = app.base.clock.now().to_utc();
        let mut record = Record { id: Id(7), data: HashMap::default(), expiry_date };
        sessions.create(&mut record).await.unwrap();
        assert!(sessions.load(&record.id).await.unwrap().is_some());
        sessions.delete(&record.id).await.unwrap();
        sessions.save(&record).await.unwrap();
        assert!(sessions.load(&record.id).await.unwrap().is_none());
    }

    async fn half_an_hour_without_use_ends_a_session(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        for _ in 0..4 {
            app.base.clock.advance(29 * 60);
            browser.open("/").await.expect(200);
        }
        app.base.clock.advance(31 * 60);
        browser.open("/").await.expect(303);
    }

    async fn twelve_hours_end_a_session_however_busy(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        for _ in 0..35 {
            app.base.clock.advance(20 * 60);
            browser.open("/").await.expect(200);
        }
        app.base.clock.advance(20 * 60);
        browser.open("/").await.expect(303);
    }

    async fn what_was_typed_outlives_the_session(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        let mut form = browser.open("/").await.expect(200).form("/language");
        app.base.clock.advance(31 * 60);
        form.action = "/".to_owned();
        let page = browser.send(&form.with("answer", "\"largo\" & <útil>")).await.expect(401);
        page.says("nada de lo que escribió se perdió");
        assert_eq!(page.form("/").get("answer"), Some("\"largo\" & <útil>"));
    }

    async fn who_belongs_to_several_organisations_chooses(app: TestApp) {
        let (one, other) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let email = app.person_with_password(one.organisation(), Role::SupplierMember).await;
        let operator = Actor::system(other.organisation());
        app.base.transact(operator.may::<Register>().unwrap(), async |w| {
            let (account, _) = store::people::for_login(w.db(), w.actor(), &email).await?.unwrap();
            store::people::join(&w, other.organisation(), operator_kind(), &account, Role::LeadFirmReader).await?;
            Ok(w.done(()))
        }).await.unwrap();
        let mut browser = app.browser();
        let next = browser.log_in(&email, PASSWORD).await.expect(303).location();
        assert_eq!(next, "/organisation");
        browser.open("/").await.expect(303);
        let page = browser.open(&next).await.expect(200);
        page.says("Uno").says("Grande").says("Empresa líder: consulta");
        browser.send(&page.form("/organisation")).await.expect(422).says("Falta este dato");
        let foreign = app.supplier("Otro").await.organisation().to_string();
        browser.send(&page.form("/organisation").with("organisation", &foreign)).await.expect(422);
        let grande = other.organisation().to_string();
        let home = browser.submit(&page.form("/organisation").with("organisation", &grande)).await;
        home.says("Grande").says("Cambiar de organización");
    }

    async fn the_cookie_is_bound_as_tightly_as_the_connection_allows(app: TestApp) {
        let email = supplier(&app).await;
        let plain = app.browser().log_in(&email, PASSWORD).await;
        let cookies = |page: &crate::support::Html| {
            page.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let session = cookies(&plain).into_iter().find(|c| c.starts_with("eslabon=")).unwrap();
        assert!(session.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{session}");

        let config = Config { behind_tls_proxy: true, ..(*app.base.config).clone() };
        let base = Base { config: Arc::new(config), ..app.base.clone() };
        let tls = Browser::new(app::router(&base)).log_in(&email, PASSWORD).await;
        let session = cookies(&tls).into_iter().find(|c| c.starts_with("__Host-eslabon=")).unwrap();
        assert!(session.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{session}");
        assert!(tls.header("strict-transport-security").starts_with("max-age="));
        assert!(cookies(&tls).iter().all(|c| c.contains("Secure")), "the language too");
    }

    async fn the_api_does_not_know_the_cookie(app: TestApp) {
        let email = supplier(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        let answer = browser.open("/api/v1/me").await.expect(401);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

fn operator_kind() -> eslabon::foundation::access::Kind {
    eslabon::foundation::access::Kind::LeadFirm
}
