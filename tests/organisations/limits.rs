//! How often something may be done, by account and by address; and that nobody learns from it whether there is an account.

use axum::http::Method;
use eslabon::foundation::access::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestApp};

/// Behind a proxy that says from where somebody comes.
fn behind_a_proxy(app: TestApp) -> TestApp {
    app.configured(|config| {
        config.client_address_header = Some("x-forwarded-for".parse().unwrap());
        config.limit_log_in = 3;
        config.limit_letters = 4;
        config.limit_writes = 10;
    })
}

async fn post_from(client: &Client, address: &str, path: &str, body: Value) -> Answer {
    client.send(Method::POST, path, &[("x-forwarded-for", address)], Some(body)).await
}

async fn log_in(app: &TestApp, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    post_from(&app.anonymous(), address, "/tokens", body).await
}

async fn somebody(app: &TestApp) -> String {
    let firm = app.supplier("Uno").await;
    app.person_with_password(firm.organisation(), Role::SupplierMember).await
}

/// What somebody sends to register a supplier.
fn registration(email: &str) -> Value {
    json!({
        "organisation": { "kind": "supplier", "name": "Dos", "country": "CL", "tax_id": "76.086.428-5" },
        "administrator": { "email": email, "name": "Ana Rojas", "password": PASSWORD },
        "privacy_notice": 1,
    })
}

/// Without what differs between any two requests.
fn said(answer: &Answer) -> (u16, Value, Option<String>) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("instance");
    let wait = answer.headers.get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    (answer.status.as_u16(), body, wait)
}

on_both_engines! {
    async fn guessing_a_password_ends_after_a_few_attempts(app: TestApp) {
        let app = behind_a_proxy(app);
        let email = somebody(&app).await;
        for _ in 0..3 {
            log_in(&app, "192.0.2.1", &email, "no es esta").await.expect(401);
        }
        let refused = log_in(&app, "192.0.2.1", &email.to_uppercase(), PASSWORD).await.expect(429);
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert_eq!(refused.text("code"), "too-many-requests");
        assert_eq!(refused.text("detail"), "Nada se guardó. Espere 6 minutos e intente de nuevo.");
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        // From elsewhere the person gets in: whoever guesses does not lock them out.
        log_in(&app, "192.0.2.2", &email, PASSWORD).await.expect(201);
        app.base.clock.advance(wait);
        log_in(&app, "192.0.2.1", &email, PASSWORD).await.expect(201);
        log_in(&app, "192.0.2.1", &email, "no es esta").await.expect(401);
        log_in(&app, "192.0.2.1", &email, "no es esta").await.expect(429);
    }

    async fn whoever_guesses_from_many_addresses_gets_no_further(app: TestApp) {
        let app = behind_a_proxy(app);
        let email = somebody(&app).await;
        for number in 0..15 {
            log_in(&app, &format!("2001:db8:0:{number}::1"), &email, "no es esta").await.expect(401);
        }
        log_in(&app, "2001:db8:0:99::1", &email, "no es esta").await.expect(429);
    }

    async fn whoever_guesses_at_many_accounts_gets_no_further(app: TestApp) {
        let app = behind_a_proxy(app);
        for number in 0..30 {
            log_in(&app, "2001:db8::1", &format!("nadie{number}@example.com"), "no es esta").await.expect(401);
        }
        log_in(&app, "2001:db8::2", "otro@example.com", "no es esta").await.expect(429);
        log_in(&app, "2001:db8:0:1::2", "otro@example.com", "no es esta").await.expect(401);
    }

    async fn who_logs_in_rightly_is_never_limited(app: TestApp) {
        let app = behind_a_proxy(app).configured(|config| config.limit_writes = 0);
        let email = somebody(&app).await;
        for _ in 0..8 {
            log_in(&app, "192.0.2.1", &email, PASSWORD).await.expect(201);
        }
    }

    /// What is said is the same word for word, whether there is an account or not, below the limit and beyond it.
    async fn limits_do_not_tell_whether_there_is_an_account(app: TestApp) {
        let app = behind_a_proxy(app);
        let email = somebody(&app).await;
        let mut seen = Vec::new();
        for (address, email) in [("192.0.2.1", email.as_str()), ("192.0.2.2", "nadie@example.com")] {
            let mut of = Vec::new();
            for _ in 0..5 {
                of.push(said(&log_in(&app, address, email, "no es esta").await));
            }
            for _ in 0..6 {
                let body = json!({ "email": email });
                of.push(said(&post_from(&app.anonymous(), address, "/password-resets", body).await));
            }
            seen.push(of);
        }
        assert_eq!(seen[0], seen[1]);
        let statuses: Vec<_> = seen[0].iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, [401, 401, 401, 429, 429, 200, 200, 200, 200, 429, 429]);
    }

    /// An attempt at an account that is not there costs a hash, as one at an account that is: measured, with room for the
    /// noise of a busy machine.
    async fn logging_in_takes_as_long_whether_there_is_an_account_or_not(app: TestApp) {
        let app = app.configured(|config| config.limit_log_in = 0);
        // Through the service, as the accounts that tests make have cheap hashes.
        let email = "ana@dos.example";
        post_from(&app.anonymous(), "192.0.2.1", "/organisations", registration(email)).await.expect(201);
        let mut least = [std::time::Duration::MAX; 2];
        for _ in 0..6 {
            for (at, email) in [email, "nadie@example.com"].into_iter().enumerate() {
                let began = std::time::Instant::now();
                log_in(&app, "192.0.2.1", email, "no es esta").await.expect(401);
                least[at] = least[at].min(began.elapsed());
            }
        }
        let [there, not_there] = least.map(|took| took.as_secs_f64());
        assert!(not_there > there * 0.5 && not_there < there * 2.0, "{there} {not_there}");
    }

    async fn letters_and_accounts_are_asked_for_so_often(app: TestApp) {
        let app = behind_a_proxy(app);
        let nobody = app.anonymous();
        for number in 0..4 {
            let body = json!({ "email": format!("nadie{number}@example.com") });
            post_from(&nobody, "192.0.2.1", "/password-resets", body).await.expect(200);
        }
        post_from(&nobody, "192.0.2.1", "/organisations", registration("ana@dos.example")).await.expect(429);
        let request = json!({ "country": "CL", "tax_id": "76.086.428-5", "email": "ana@dos.example", "name": "Ana" });
        post_from(&nobody, "192.0.2.1", "/membership-requests", request).await.expect(429);
        post_from(&nobody, "192.0.2.2", "/organisations", registration("ana@dos.example")).await.expect(201);
    }

    async fn a_person_invites_so_many(app: TestApp) {
        let app = behind_a_proxy(app).configured(|config| {
            config.limit_writes = 0;
            config.limit_letters = 1;
        });
        let firm = app.supplier("Uno").await;
        let invite = async |number: u32| {
            let body = json!({ "email": format!("eva{number}@uno.example"), "role": "supplier_member" });
            post_from(&firm, &format!("192.0.2.{number}"), "/invitations", body).await
        };
        for number in 0..4 {
            invite(number).await.expect(201);
        }
        invite(4).await.expect(429);
        app.base.clock.advance(900);
        invite(4).await.expect(201);
    }

    async fn writes_are_limited_by_person_first_and_by_address_second(app: TestApp) {
        let app = behind_a_proxy(app);
        let (one, other) = (app.supplier("Uno").await, app.supplier("Dos").await);
        let write = async |client: &Client, address: &str| {
            post_from(client, address, "/me/privacy", json!({})).await.status.as_u16()
        };
        for _ in 0..10 {
            assert_ne!(write(&one, "192.0.2.1").await, 429);
        }
        assert_eq!(write(&one, "192.0.2.1").await, 429);
        assert_eq!(write(&one, "192.0.2.2").await, 429, "it is the person's, wherever they are");
        one.get("/me").await.expect(200);
        assert_ne!(write(&other, "192.0.2.1").await, 429, "phones share addresses");
        app.base.clock.advance(6);
        assert_ne!(write(&one, "192.0.2.1").await, 429);
        assert_eq!(write(&one, "192.0.2.1").await, 429);
        for _ in 0..28 {
            assert_ne!(write(&app.anonymous(), "192.0.2.1").await, 429);
        }
        for _ in 0..4 {
            write(&app.anonymous(), "192.0.2.1").await;
        }
        assert_eq!(write(&app.anonymous(), "192.0.2.1").await, 429, "and of all who come from there, four times as many");
    }

    /// Whoever writes headers of their own is known by the connection alone, which a test does not have.
    async fn what_a_client_says_of_its_address_is_not_believed(app: TestApp) {
        let app = behind_a_proxy(app).configured(|config| config.client_address_header = None);
        let email = somebody(&app).await;
        for number in 0..3 {
            log_in(&app, &format!("192.0.2.{number}"), &email, "no es esta").await.expect(401);
        }
        log_in(&app, "192.0.2.9", &email, "no es esta").await.expect(429);
    }

    async fn pages_say_how_long_to_wait(app: TestApp) {
        let app = behind_a_proxy(app);
        let email = somebody(&app).await;
        let mut browser = app.browser();
        browser.says.push(("x-forwarded-for", "192.0.2.1".to_owned()));
        for _ in 0..3 {
            browser.log_in(&email, "no es esta").await.expect(401);
        }
        let page = browser.log_in(&email, PASSWORD).await.expect(429);
        page.says("Demasiadas veces en poco tiempo").says("Espere 6 minutos");
        assert_eq!(page.form("/login").get("email"), Some(email.as_str()));
        assert!(!page.header("retry-after").is_empty());
        browser.submit(&page.form("/language")).await;
        browser.log_in(&email, PASSWORD).await.expect(429).says("Wait for 6 minutes");
        for _ in 0..40 {
            browser.log_in("", "").await;
        }
        let page = browser.log_in("", "").await.expect(429);
        page.says("Too many times in a short time").says("Wait for a minute and try again");
        assert_eq!(page.header("retry-after"), "2");
    }
}
