//! Forgotten passwords, and invitations by letter.

use axum::http::Method;
use eslabon::foundation::access::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{Answer, PASSWORD, Server, TestApp};

const OTHER: &str = "otra contraseña larga";

async fn forget(app: &TestApp, email: &str) -> Answer {
    app.anonymous().post("/password-resets", json!({ "email": email })).await
}

async fn replace(app: &TestApp, secret: &str, password: &str) -> Answer {
    let body = json!({ "secret": secret, "password": password });
    app.anonymous().post("/password-resets/use", body).await
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post("/tokens", json!({ "email": email, "password": password })).await
}

/// Somebody who can log in.
async fn somebody(app: &TestApp) -> String {
    let firm = app.supplier("Uno").await;
    app.person_with_password(firm.organisation(), Role::SupplierMember).await
}

/// The secret in the latest letter.
fn secret(app: &TestApp) -> String {
    let link = app.letters().last().unwrap().link("/password/new?secret=");
    link.split_once('=').unwrap().1.to_owned()
}

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    let db = app.base.db.reads();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<Option<String>>("", "text").unwrap().unwrap_or_default()).collect()
}

on_both_engines! {
    async fn a_forgotten_password_is_replaced_once(app: TestApp) {
        let email = somebody(&app).await;
        let token = log_in(&app, &email, PASSWORD).await.expect(201).text("secret");
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        browser.open("/").await.expect(200);

        let answer = forget(&app, &email.to_uppercase()).await.expect(200);
        assert_eq!(answer.body, json!({ "received": true }));
        assert!(app.letters().is_empty(), "no request waits for a letter");
        app.post().await;
        let letter = app.letters().pop().unwrap();
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), (email.as_str(), "Una contraseña nueva para su cuenta"));
        let secret = secret(&app);
        assert_eq!(replace(&app, &secret, "corta").await.expect(422).faults(), ["/password wrong-length"]);
        log_in(&app, &email, PASSWORD).await.expect(201);
        replace(&app, &secret, OTHER).await.expect(204);

        log_in(&app, &email, PASSWORD).await.expect(401);
        log_in(&app, &email, OTHER).await.expect(201);
        browser.open("/").await.expect(303);
        browser.open("/organisation").await.expect(303);
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        app.anonymous().send(Method::GET, "/me", &headers, None).await.expect(401);

        let again = replace(&app, &secret, PASSWORD).await.expect(409);
        let unknown = replace(&app, "esr_nothing-of-this-kind", PASSWORD).await.expect(409);
        assert_eq!((again.code(), again.text("detail")), (unknown.code(), unknown.text("detail")));
        log_in(&app, &email, OTHER).await.expect(201);
    }

    async fn a_letter_to_an_old_address_gives_no_password(app: TestApp) {
        let email = somebody(&app).await;
        let bearer = format!("Bearer {}", log_in(&app, &email, PASSWORD).await.expect(201).text("secret"));
        forget(&app, &email).await.expect(200);
        app.post().await;
        let secret = secret(&app);
        let anonymous = app.anonymous();
        let own = anonymous.send(Method::GET, "/me/data", &[("authorization", &bearer)], None).await.expect(200);
        let right = json!({ "name": own.text("name"), "email": "otra@uno.example", "locale": "es" });
        let etag = own.etag();
        let headers = [("authorization", bearer.as_str()), ("if-match", etag.as_str())];
        anonymous.send(Method::PUT, "/me/data", &headers, Some(right)).await.expect(204);
        replace(&app, &secret, OTHER).await.expect(409);
        log_in(&app, "otra@uno.example", PASSWORD).await.expect(201);
    }

    async fn nobody_learns_whether_there_is_an_account(app: TestApp) {
        let email = somebody(&app).await;
        let rows = async || {
            let mut counts = Vec::new();
            for table in ["jobs", "password_resets", "audit_entries", "idempotency_records"] {
                counts.push(texts(&app, &format!("SELECT 'x' AS text FROM {table}")).await.len());
            }
            counts
        };
        let mut seen = Vec::new();
        for address in [email.as_str(), "nadie@example.com"] {
            let before = rows().await;
            let answer = forget(&app, address).await.expect(200);
            let added: Vec<_> = rows().await.iter().zip(&before).map(|(after, before)| after - before).collect();
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            seen.push((answer.body, headers, added));
        }
        assert_eq!(seen[0], seen[1], "the same is done, and the same is said");
        // The request does not even look: who looks takes longer where there is something to find.
        let looked = texts(&app, "SELECT CASE WHEN account_id IS NULL THEN '' ELSE 'yes' END AS text FROM password_resets");
        assert_eq!(looked.await, ["", ""]);
        app.post().await;
        let letters = app.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, email);
        let kept = texts(&app, "SELECT email AS text FROM password_resets").await;
        assert_eq!(kept, [email.as_str()], "an address that is nobody's is forgotten");

        let mut browser = app.browser();
        let mut pages = Vec::new();
        for address in [email.as_str(), "nadie@example.com"] {
            let form = browser.open("/password/forgotten").await.expect(200).form("/password/forgotten");
            let page = browser.submit(&form.with("email", address)).await;
            pages.push(page.words());
        }
        assert_eq!(pages[0], pages[1]);
    }

    async fn a_letter_works_for_an_hour_and_the_secret_stands_in_it_alone(app: TestApp) {
        let email = somebody(&app).await;
        forget(&app, &email).await.expect(200);
        app.post().await;
        let first = secret(&app);
        let mut kept = Vec::new();
        for (column, table) in [("payload", "jobs"), ("details", "audit_entries"), ("token_hash", "password_resets"),
            ("reply", "idempotency_records")] {
            kept.extend(texts(&app, &format!("SELECT {column} AS text FROM {table}")).await);
        }
        assert!(kept.iter().all(|text| !text.contains(&first) && !text.contains(&email)), "{kept:?}");
        app.base.clock.advance(3_599);
        forget(&app, &email).await.expect(200);
        app.post().await;
        app.base.clock.advance(1);
        replace(&app, &first, OTHER).await.expect(409);
        let second = secret(&app);
        app.base.clock.advance(1);
        forget(&app, &email).await.expect(200);
        app.post().await;
        let third = secret(&app);
        assert_ne!(second, third);
        replace(&app, &second, OTHER).await.expect(204);
        replace(&app, &third, PASSWORD).await.expect(409);
    }

    async fn nobody_is_flooded_with_letters(app: TestApp) {
        let email = somebody(&app).await;
        for _ in 0..5 {
            forget(&app, &email).await.expect(200);
        }
        app.post().await;
        assert_eq!(app.letters().len(), 3);
        app.base.clock.advance(3_601);
        forget(&app, &email).await.expect(200);
        app.post().await;
        assert_eq!(app.letters().len(), 4);
    }

    async fn two_who_use_a_letter_at_once_use_it_once(app: TestApp) {
        let email = somebody(&app).await;
        forget(&app, &email).await.expect(200);
        app.post().await;
        let secret = secret(&app);
        let (one, other) = tokio::join!(replace(&app, &secret, OTHER), replace(&app, &secret, "y otra más larga"));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
    }

    async fn the_pages_lead_from_the_login_to_a_new_password(app: TestApp) {
        let email = somebody(&app).await;
        let mut browser = app.browser();
        let login = browser.open("/login").await.expect(200);
        let page = browser.open(&login.link("/password/forgotten")).await.expect(200);
        let wrong = browser.send(&page.form("/password/forgotten").with("email", "nadie")).await.expect(422);
        assert_eq!(wrong.form("/password/forgotten").get("email"), Some("nadie"));
        browser.submit(&page.form("/password/forgotten").with("email", &email)).await.says("Revise su correo");
        app.post().await;
        let link = app.letters().pop().unwrap().link("/password/new");
        let page = browser.open(&link).await.expect(200);
        let short = browser.send(&page.form("/password/new").with("password", "corta")).await.expect(422);
        assert!(!short.text.contains("corta\""), "what was typed is not shown again");
        let done = browser.submit(&short.form("/password/new").with("password", OTHER)).await;
        done.says("Su contraseña cambió");
        let spent = browser.open(&link).await.expect(409);
        spent.says("El enlace no sirve");
        assert_eq!(spent.form("/password/forgotten").get("email"), Some(""), "one asks for another there");
        browser.log_in(&email, OTHER).await.expect(303);
    }

    async fn an_invitation_goes_by_letter_where_there_is_a_server(app: TestApp) {
        let server = Server::start(1).await;
        let app = app.sending_to(&server.url);
        let firm = app.supplier("Tornos del Sur").await;
        let body = json!({ "email": "eva@uno.example", "role": "supplier_member" });
        let invited = firm.post("/invitations", body).await.expect(201);
        assert_eq!(invited.body["secret"], json!(null), "the letter alone has it");
        app.post().await;
        app.base.clock.advance(60);
        app.post().await;
        let letter = server.letters().pop().unwrap();
        assert_eq!((letter.to.as_str(), letter.subject.as_str()),
            ("eva@uno.example", "Tornos del Sur lo invita a Eslabón"));
        let kept = texts(&app, "SELECT last_error AS text FROM jobs").await.join(" ");
        assert!(!kept.contains("eva@uno.example"), "what the server said names the address: {kept}");

        let mut browser = app.browser();
        let page = browser.open(&letter.link("/invitation?secret=")).await.expect(200);
        page.says("Tornos del Sur lo invita a participar.").says("eva@uno.example");
        let form = page.form("/invitation").with("password", PASSWORD).with("name", "Eva Soto");
        assert!(browser.send(&form).await.expect(422).words().contains("Falta este dato."), "the notice on personal data");
        let form = form.with("privacy_notice", "1");
        let nameless = browser.send(&form.clone().with("name", "")).await.expect(422);
        assert_eq!(nameless.form("/invitation").get("password"), Some(""));
        let login = browser.submit(&form).await;
        login.says("Entrar");
        browser.log_in("eva@uno.example", PASSWORD).await.expect(303);
        browser.open(&letter.link("/invitation?secret=")).await.expect(409);

        // Who has an account already joins with its password.
        let other = app.lead_firm("Grande").await;
        other.post("/invitations", json!({ "email": "eva@uno.example", "role": "lead_firm_reader" })).await.expect(201);
        app.post().await;
        let page = app.browser().open(&server.letters().pop().unwrap().link("/invitation?secret=")).await.expect(200);
        let form = page.form("/invitation").with("privacy_notice", "1");
        app.browser().send(&form.clone().with("password", OTHER)).await.expect(401);
        app.browser().send(&form.with("password", PASSWORD)).await.expect(303);
    }

    async fn without_a_server_whoever_invites_hands_the_secret_over(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let body = json!({ "email": "eva@uno.example", "role": "supplier_member" });
        let invited = firm.post("/invitations", body).await.expect(201);
        assert!(invited.text("secret").starts_with("esi_"));
        assert_eq!(app.post().await, 0);
        assert!(app.letters().is_empty());
    }

    async fn the_letter_of_an_invitation_that_was_withdrawn_is_useless(app: TestApp) {
        let server = Server::start(0).await;
        let app = app.sending_to(&server.url);
        let firm = app.supplier("Uno").await;
        let invite = async |email: &str| {
            let body = json!({ "email": email, "role": "supplier_member" });
            firm.post("/invitations", body).await.expect(201).text("invitation/id")
        };
        let sent = invite("eva@uno.example").await;
        app.post().await;
        let link = server.letters().pop().unwrap().link("/invitation?secret=");
        let form = app.browser().open(&link).await.expect(200).form("/invitation");
        firm.delete(&format!("/invitations/{sent}")).await.expect(204);
        app.browser().open(&link).await.expect(409);
        let filled = form.with("name", "Eva Soto").with("password", PASSWORD).with("privacy_notice", "1");
        app.browser().send(&filled).await.expect(409);
        log_in(&app, "eva@uno.example", PASSWORD).await.expect(401);

        let unsent = invite("ada@uno.example").await;
        firm.delete(&format!("/invitations/{unsent}")).await.expect(204);
        app.post().await;
        assert_eq!(server.letters().len(), 1, "what was withdrawn before it was sent is not sent");
    }
}
