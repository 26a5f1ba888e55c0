//! Where somebody is logged in: listed, ended one by one or all others, and with another password.

use axum::http::Method;
use eslabon::foundation::access::Role;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, TestApp};

const OTHER: &str = "tres tornos y una fresa";

async fn somebody(app: &TestApp) -> String {
    let firm = app.supplier("Uno").await;
    app.person_with_password(firm.organisation(), Role::SupplierMember).await
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post("/tokens", json!({ "email": email, "password": password })).await
}

async fn token(app: &TestApp, email: &str) -> Client {
    app.anonymous().with_token(&log_in(app, email, PASSWORD).await.expect(201).text("secret"))
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

on_both_engines! {
    async fn somebody_sees_where_they_are_logged_in(app: TestApp) {
        let app = app.configured(|config| config.client_address_header = Some("x-real-ip".parse().unwrap()));
        let email = somebody(&app).await;
        let mut browser = app.browser();
        browser.says.extend([("x-real-ip", "192.0.2.1".to_owned()), ("user-agent", "Navegador/7".to_owned())]);
        browser.log_in(&email, PASSWORD).await.expect(303);
        app.base.clock.advance(120);
        browser.open("/").await.expect(200);
        let began = app.base.clock.now();
        app.browser().log_in(&email, PASSWORD).await.expect(303);
        let client = token(&app, &email).await;
        let sessions = client.get("/sessions").await.expect(200);
        assert_eq!(sessions.body["items"].as_array().unwrap().len(), 2);
        assert_eq!(sessions.text("items/0/began_at"), began.to_string(), "the latest first");
        let first = &sessions.body["items"][1];
        assert_eq!((&first["from"], &first["browser"]), (&json!("192.0.2.1"), &json!("Navegador/7")));
        assert_eq!(first["began_at"], json!(began.plus_seconds(-120)));
        assert_eq!(first["used_at"], json!(began));
        assert!(app.supplier("Otra").await.get("/sessions").await.expect(200).body["items"].as_array().unwrap().is_empty());
        app.base.clock.advance(31 * 60);
        assert!(ids(&client.get("/sessions").await.expect(200)).is_empty(), "what is over is not open");
    }

    async fn a_token_says_when_and_from_where_it_was_used(app: TestApp) {
        let app = app.configured(|config| config.client_address_header = Some("x-real-ip".parse().unwrap()));
        let email = somebody(&app).await;
        let body = json!({ "email": email, "password": PASSWORD });
        let from = [("x-real-ip", "192.0.2.1")];
        let made = app.anonymous().send(Method::POST, "/tokens", &from, Some(body)).await.expect(201);
        assert_eq!((made.text("token/made_from"), made.body["token"]["used_at"].clone()), ("192.0.2.1".into(), json!(null)));
        let client = app.anonymous().with_token(&made.text("secret"));
        client.send(Method::GET, "/me", &[("x-real-ip", "192.0.2.2")], None).await.expect(200);
        let used = app.base.clock.now();
        // It is noted once in a quarter of an hour: not a write for every request.
        app.base.clock.advance(899);
        let tokens = client.send(Method::GET, "/tokens", &[("x-real-ip", "192.0.2.3")], None).await.expect(200);
        let seen = &tokens.body["items"][0];
        assert_eq!((&seen["used_at"], &seen["used_from"]), (&json!(used), &json!("192.0.2.2")));
        app.base.clock.advance(1);
        let tokens = client.send(Method::GET, "/tokens", &[("x-real-ip", "192.0.2.3")], None).await.expect(200);
        assert_eq!(tokens.text("items/0/used_from"), "192.0.2.3");
    }

    async fn one_session_is_ended_and_nobody_elses(app: TestApp) {
        let (email, stranger) = (somebody(&app).await, app.supplier("Otra").await);
        let (mut one, mut other) = (app.browser(), app.browser());
        one.log_in(&email, PASSWORD).await.expect(303);
        app.base.clock.advance(1);
        other.log_in(&email, PASSWORD).await.expect(303);
        let client = token(&app, &email).await;
        let found = ids(&client.get("/sessions").await.expect(200));
        let path = format!("/sessions/{}", found[1]);
        stranger.delete(&path).await.expect(404);
        client.delete(&path).await.expect(204);
        client.delete(&path).await.expect(404);
        one.open("/").await.expect(303);
        other.open("/").await.expect(200);
        // Sessions of before have no id of their own, and none is taken for another.
        client.delete("/sessions/00000000-0000-0000-0000-000000000000").await.expect(404);
    }

    async fn all_others_are_ended_at_once(app: TestApp) {
        let email = somebody(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        let (own, other) = (token(&app, &email).await, token(&app, &email).await);
        let stranger = somebody(&app).await;
        let (mut theirs, their_token) = (app.browser(), token(&app, &stranger).await);
        theirs.log_in(&stranger, PASSWORD).await.expect(303);
        own.post("/sessions/end-others", json!({})).await.expect(204);
        own.get("/me").await.expect(200);
        other.get("/me").await.expect(401);
        browser.open("/").await.expect(303);
        theirs.open("/").await.expect(200);
        their_token.get("/me").await.expect(200);
    }

    async fn another_password_ends_everything_else(app: TestApp) {
        let email = somebody(&app).await;
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        let (own, other) = (token(&app, &email).await, token(&app, &email).await);
        let change = async |present: &str, new: &str| {
            own.post("/me/password", json!({ "present_password": present, "password": new })).await
        };
        assert_eq!(change("no es esta", OTHER).await.expect(422).faults(), ["/present_password wrong-password"]);
        assert_eq!(change(PASSWORD, "contraseña1").await.expect(422).faults(), ["/password common-password"]);
        assert_eq!(change(PASSWORD, "corta").await.expect(422).faults(), ["/password wrong-length"]);
        other.get("/me").await.expect(200);
        change(PASSWORD, OTHER).await.expect(204);
        own.get("/me").await.expect(200);
        other.get("/me").await.expect(401);
        browser.open("/").await.expect(303);
        log_in(&app, &email, PASSWORD).await.expect(401);
        log_in(&app, &email, OTHER).await.expect(201);
    }

    async fn common_passwords_are_refused_wherever_one_is_chosen(app: TestApp) {
        let registration = |password: &str| json!({
            "organisation": { "kind": "supplier", "name": "Dos", "country": "CL", "tax_id": "76.086.428-5" },
            "administrator": { "email": "rodomiro@dos.example", "name": "Rodomiro", "password": password },
            "privacy_notice": 1,
        });
        for password in ["password12", "contraseña1", "rodomiro@dos.example"] {
            let refused = app.anonymous().post("/organisations", registration(password)).await.expect(422);
            assert_eq!(refused.faults(), ["/administrator/password common-password"], "{password}");
        }
        app.anonymous().post("/organisations", registration(OTHER)).await.expect(201);
        let firm = app.supplier("Uno").await;
        let invite = json!({ "email": "eva@uno.example", "role": "supplier_member" });
        let secret = firm.post("/invitations", invite).await.expect(201).text("secret");
        let accept = async |password: &str| {
            let body = json!({ "secret": secret, "name": "Eva Soto", "password": password, "privacy_notice": 1 });
            app.anonymous().post("/invitations/accept", body).await
        };
        assert_eq!(accept("1234567890").await.expect(422).faults(), ["/password common-password"]);
        accept(OTHER).await.expect(201);
        app.anonymous().post("/password-resets", json!({ "email": "eva@uno.example" })).await.expect(200);
        app.post().await;
        let link = app.letters().pop().unwrap().link("/password/new?secret=");
        let body = json!({ "secret": link.split_once('=').unwrap().1, "password": "qwertyuiop" });
        let nobody = app.anonymous();
        let refused = nobody.send(Method::POST, "/password-resets/use", &[("accept-language", "en")], Some(body));
        let refused = refused.await.expect(422);
        assert_eq!(refused.text("errors/0/detail"),
            "Many use this password, or it is guessed soon. Choose another one: several words do well.");
    }
}
