//! Every error is a problem that says what to do, the framework's own included.

use axum::http::{Method, header};
use serde_json::json;

use crate::support::Client;

async fn raw(client: &Client, kind: &str, body: &[u8]) -> crate::support::Answer {
    client.send_raw(Method::POST, "/organisations", &[], Some((kind, body.to_vec()))).await
}

on_both_engines! {
    async fn bodies_that_can_not_be_read_are_refused_with_advice(app: TestApp) {
        let visitor = app.anonymous();
        let json = "application/json";
        assert_eq!(raw(&visitor, json, b"{\"organisation\": ").await.expect(400).code(), "malformed-json");
        assert_eq!(raw(&visitor, json, b"[]").await.expect(400).code(), "not-an-object");
        assert_eq!(raw(&visitor, json, &[0xff; 40]).await.expect(400).code(), "malformed-json");
        assert_eq!(raw(&visitor, "text/plain", b"{}").await.expect(415).code(), "not-json");
        assert_eq!(raw(&visitor, json, &vec![b' '; (1 << 20) + 1]).await.expect(413).code(), "too-large");
        let deep = "[".repeat(5_000);
        assert_eq!(raw(&visitor, json, deep.as_bytes()).await.expect(400).code(), "malformed-json");
    }

    async fn what_the_framework_refuses_is_a_problem_too(app: TestApp) {
        let visitor = app.anonymous();
        let missing = visitor.get("/nothing-here").await.expect(404);
        assert_eq!(missing.code(), "not-found");
        assert!(missing.text("instance").starts_with("urn:request:"));
        let method = visitor.delete("/organisations").await.expect(405);
        assert_eq!(method.code(), "method-not-allowed");
        let allow = method.headers[header::ALLOW].to_str().unwrap();
        assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    }

    async fn a_problem_speaks_the_callers_language(app: TestApp) {
        let english = [("accept-language", "en-GB,en;q=0.9")];
        let answer = app.anonymous().send(Method::GET, "/me", &english, None).await.expect(401);
        assert_eq!(answer.text("title"), "Please identify yourself");
        let answer = app.anonymous().get("/me").await.expect(401);
        assert_eq!(answer.text("title"), "Debe identificarse");
    }

    async fn a_problem_is_whole(app: TestApp) {
        let own = [("accept-language", "en"), ("x-request-id", "trace-0123456789")];
        let answer = app.anonymous().send(Method::POST, "/buyer-groups", &own, Some(json!({}))).await.expect(401);
        // On both engines, also where they run in one process.
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(answer.body, @r##"
        {
          "code": "unauthenticated",
          "detail": "A valid token is missing. Get one with POST /api/v1/tokens and send it as \"Authorization: Bearer …\".",
          "instance": "urn:request:trace-0123456789",
          "status": 401,
          "title": "Please identify yourself",
          "type": "/docs/problems#unauthenticated"
        }
        "##);
        }
    }

    async fn a_token_that_does_not_work_is_refused_and_a_revoked_one_too(app: TestApp) {
        let wrong = [("authorization", "Bearer esl_0000")];
        app.anonymous().send(Method::GET, "/organisations", &wrong, None).await.expect(401);
        let basic = [("authorization", "Basic YTpi")];
        app.anonymous().send(Method::GET, "/organisations", &basic, None).await.expect(401);
        let supplier = app.supplier("Uno").await;
        let token = supplier.get("/tokens").await.expect(200).text("items/0/id");
        supplier.delete(&format!("/tokens/{token}")).await.expect(204);
        supplier.get("/me").await.expect(401);
        let other = app.supplier("Otro").await;
        app.base.clock.advance(91 * 86_400);
        other.get("/me").await.expect(401);
    }

    async fn lists_go_forth_and_back_by_opaque_cursors(app: TestApp) {
        for name in ["Uno", "Dos", "Tres", "Cuatro", "Cinco"] {
            app.lead_firm(name).await;
        }
        let supplier = app.supplier("Sexta").await;
        let page = async |query: &str| supplier.get(&format!("/organisations?kind=lead_firm&limit=2{query}")).await;
        let names = |answer: &crate::support::Answer| {
            let items = answer.body["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = page("").await.expect(200);
        assert_eq!(names(&first), ["Uno", "Dos"]);
        assert!(first.body["prev"].is_null());
        let second = page(&format!("&cursor={}", first.text("next"))).await.expect(200);
        assert_eq!(names(&second), ["Tres", "Cuatro"]);
        assert!(second.headers[header::LINK].to_str().unwrap().contains("rel=\"next\""));
        let third = page(&format!("&cursor={}", second.text("next"))).await.expect(200);
        assert_eq!(names(&third), ["Cinco"]);
        assert!(third.body["next"].is_null());
        let back = page(&format!("&cursor={}", third.text("prev"))).await.expect(200);
        assert_eq!(names(&back), ["Tres", "Cuatro"]);
        let start = page(&format!("&cursor={}", back.text("prev"))).await.expect(200);
        assert_eq!(names(&start), ["Uno", "Dos"]);
        assert!(start.body["prev"].is_null());
        let elsewhere = supplier.get(&format!("/organisations?cursor={}", first.text("next"))).await.expect(422);
        assert_eq!(elsewhere.faults(), ["/cursor unknown-cursor"]);
        assert_eq!(page("&cursor=zz").await.expect(422).faults(), ["/cursor unknown-cursor"]);
        assert_eq!(page("&colour=red").await.expect(422).faults(), ["/colour unknown-field"]);
        assert_eq!(supplier.get("/organisations?limit=0").await.expect(422).faults(), ["/limit out-of-range"]);
    }

    async fn a_request_keeps_its_id_and_a_bad_id_is_replaced(app: TestApp) {
        let visitor = app.anonymous();
        let own = [("x-request-id", "trace-0123456789")];
        let answer = visitor.send(Method::GET, "/me", &own, None).await.expect(401);
        assert_eq!(answer.headers["x-request-id"], "trace-0123456789");
        assert_eq!(answer.text("instance"), "urn:request:trace-0123456789");
        let bad = [("x-request-id", "<script>")];
        let answer = visitor.send(Method::GET, "/me", &bad, None).await.expect(401);
        assert_ne!(answer.headers["x-request-id"], "<script>");
    }

    async fn the_service_says_that_it_lives_and_is_ready(app: TestApp) {
        app.anonymous().get("/health/live").await.expect(200);
        app.anonymous().get("/health/ready").await.expect(200);
    }

    async fn roles_are_refused_before_anything_is_looked_up(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let nowhere = "/control-declarations/01890000-0000-7000-8000-000000000000/confirm";
        let reason = json!({ "reason": "Consta en el registro de accionistas." });
        assert_eq!(supplier.post_if(nowhere, "\"1\"", reason.clone()).await.expect(403).code(), "forbidden");
        let institution = app.institution().await;
        assert_eq!(institution.post_if(nowhere, "\"1\"", reason).await.expect(404).code(), "not-found");
    }
}
