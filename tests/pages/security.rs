//! Second factor, sessions and password at the screen.

use eslabon::{foundation::access::Role, organisations::second_factor::Secret};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::{Browser, Html, PASSWORD, TestApp};

const OTHER: &str = "tres tornos y una fresa";

async fn logged_in(app: &TestApp) -> (String, Browser) {
    let firm = app.supplier("Tornos del Sur").await;
    let email = app.person_with_password(firm.organisation(), Role::SupplierMember).await;
    let mut browser = app.browser();
    browser.log_in(&email, PASSWORD).await.expect(303);
    (email, browser)
}

/// The key, as the phone has it from the picture.
async fn key(app: &TestApp) -> Secret {
    let db = app.base.db.reads();
    let sql = "SELECT secret AS text FROM second_factors";
    let row =
        db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    Secret::from_hex(&row.try_get::<String>("", "text").unwrap()).unwrap()
}

async fn set_up(app: &TestApp, browser: &mut Browser) -> (Secret, Html) {
    let page = browser.open("/me/second-factor").await.expect(200);
    let wrong =
        browser.send(&page.form("/me/second-factor").with("password", "no es esta")).await.expect(422);
    wrong.says("Esta no es su contraseña.");
    let shown = browser.send(&wrong.form("/me/second-factor").with("password", PASSWORD)).await.expect(200);
    shown.says("Agregue la clave a su teléfono");
    let secret = key(app).await;
    assert!(shown.text.contains(&format!("secret={}", secret.to_base32())) && shown.text.contains("<svg "));
    let again =
        browser.send(&shown.form("/me/second-factor/confirm").with("code", "000000")).await.expect(422);
    again.says("La clave no se muestra otra vez");
    assert!(!again.text.contains(&secret.to_base32()));
    let code = secret.shown(app.base.clock.now());
    let codes = browser.send(&again.form("/me/second-factor/confirm").with("code", &code)).await.expect(200);
    codes.says("Guarde sus códigos de recuperación");
    app.base.clock.advance(30);
    (secret, codes)
}

fn recovery_codes(page: &Html) -> Vec<String> {
    let codes = page.text.split("<li><code>").skip(1);
    codes.map(|rest| rest.split_once("</code>").unwrap().0.to_owned()).collect()
}

on_both_engines! {
    async fn a_second_factor_is_set_up_and_asked_for(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        browser.open("/me").await.expect(200).link("/me/security");
        browser.open("/me/security").await.expect(200).says("Sin configurar");
        let (secret, codes) = set_up(&app, &mut browser).await;
        assert_eq!(recovery_codes(&codes).len(), 10);
        browser.open("/me/security").await.expect(200).says("Configurado");

        let mut other = app.browser();
        let next = other.log_in(&email, PASSWORD).await.expect(303).location();
        assert_eq!(next, "/login/code");
        other.open("/").await.expect(303);
        let page = other.open(&next).await.expect(200);
        let wrong = other.send(&page.form("/login/code").with("code", "000000")).await.expect(401);
        wrong.says("El código no sirve");
        assert_eq!(wrong.form("/login/code").get("code"), Some(""));
        let code = secret.shown(app.base.clock.now());
        let home = other.submit(&wrong.form("/login/code").with("code", &code)).await;
        home.says("Tornos del Sur");
        // The same code serves nobody else.
        let mut third = app.browser();
        third.log_in(&email, PASSWORD).await.expect(303);
        let page = third.open("/login/code").await.expect(200);
        third.send(&page.form("/login/code").with("code", &code)).await.expect(401);
        let recovery = &recovery_codes(&codes)[0];
        third.submit(&page.form("/login/code").with("code", recovery)).await.says("Tornos del Sur");
        third.open("/me/second-factor").await.expect(200).says("Le quedan 9 códigos de recuperación.");
    }

    async fn a_login_comes_back_to_where_it_came_from(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let (secret, _) = set_up(&app, &mut browser).await;
        let mut other = app.browser();
        let login = other.open("/me").await.expect(303).location();
        let page = other.open(&login).await.expect(200);
        let half = other.send(&page.form("/login").with("email", &email).with("password", PASSWORD)).await.expect(303);
        assert_eq!(half.location(), "/login/code?back=%2Fme");
        let page = other.open(&half.location()).await.expect(200);
        let code = secret.shown(app.base.clock.now());
        assert_eq!(other.send(&page.form("/login/code").with("code", &code)).await.expect(303).location(), "/me");
    }

    /// Half a login is worth nothing, and not for long.
    async fn without_a_right_password_there_is_no_question_for_a_code(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let (secret, _) = set_up(&app, &mut browser).await;
        assert_eq!(app.browser().open("/login/code").await.expect(303).location(), "/login");
        let mut other = app.browser();
        other.log_in(&email, "no es esta").await.expect(401);
        other.open("/login/code").await.expect(303);
        other.log_in(&email, PASSWORD).await.expect(303);
        let form = other.open("/login/code").await.expect(200).form("/login/code");
        let before = other.cookies.clone();
        app.base.clock.advance(601);
        let late = form.clone().with("code", &secret.shown(app.base.clock.now()));
        assert_eq!(other.send(&late).await.expect(303).location(), "/login");
        other.log_in(&email, PASSWORD).await.expect(303);
        other.send(&form.with("code", &secret.shown(app.base.clock.now()))).await.expect(303);
        other.open("/").await.expect(200);
        assert_ne!(other.cookies["eslabon"], before["eslabon"], "the session has a new id");
    }

    async fn guessing_codes_on_pages_ends_too(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let (secret, _) = set_up(&app, &mut browser).await;
        let mut other = app.browser();
        other.log_in(&email, PASSWORD).await.expect(303);
        let form = other.open("/login/code").await.expect(200).form("/login/code");
        // One failed while it was set up.
        for _ in 0..9 {
            other.send(&form.clone().with("code", "000000")).await.expect(401);
        }
        let page = other.send(&form.with("code", &secret.shown(app.base.clock.now()))).await.expect(429);
        page.says("Demasiadas veces en poco tiempo");
    }

    async fn it_is_taken_away_on_its_page(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let (secret, _) = set_up(&app, &mut browser).await;
        let form = browser.open("/me/second-factor").await.expect(200).form("/me/second-factor/remove");
        browser.send(&form.clone().with("code", "000000")).await.expect(422).says("El código no corresponde");
        let code = secret.shown(app.base.clock.now());
        browser.submit(&form.with("code", &code)).await.says("Necesita en su teléfono una aplicación");
        assert_eq!(app.browser().log_in(&email, PASSWORD).await.expect(303).location(), "/");
    }

    async fn sessions_and_tokens_end_on_their_page(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let mut other = app.browser();
        app.base.clock.advance(1);
        other.log_in(&email, PASSWORD).await.expect(303);
        let login = serde_json::json!({ "email": email, "password": PASSWORD, "name": "Informe mensual" });
        let secret = app.anonymous().post("/tokens", login).await.expect(201).text("secret");
        let client = app.anonymous().with_token(&secret);
        let page = browser.open("/me/security").await.expect(200);
        page.says("Informe mensual").says("Esta");
        browser.submit(&page.form("/me/security/sessions/")).await;
        other.open("/").await.expect(303);
        let page = browser.open("/me/security").await.expect(200);
        browser.submit(&page.form("/me/security/tokens/")).await;
        client.get("/me").await.expect(401);

        other.log_in(&email, PASSWORD).await.expect(303);
        let page = browser.open("/me/security").await.expect(200);
        browser.submit(&page.form("/me/security/end-others")).await.says("Esta");
        other.open("/").await.expect(303);
    }

    async fn the_password_is_changed_and_the_session_goes_on(app: TestApp) {
        let (email, mut browser) = logged_in(&app).await;
        let mut other = app.browser();
        other.log_in(&email, PASSWORD).await.expect(303);
        let page = browser.open("/me/password").await.expect(200);
        let form = page.form("/me/password").with("present_password", PASSWORD);
        let common = browser.send(&form.clone().with("password", "contraseña1")).await.expect(422);
        common.says("Es una contraseña que muchos usan");
        assert!(!common.text.contains(PASSWORD) && !common.text.contains("contraseña1"));
        browser.submit(&form.with("password", OTHER)).await.says("Seguridad");
        browser.open("/").await.expect(200);
        other.open("/").await.expect(303);
        app.browser().log_in(&email, PASSWORD).await.expect(401);
        app.browser().log_in(&email, OTHER).await.expect(303);
    }
}
