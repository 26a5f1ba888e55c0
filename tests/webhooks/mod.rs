//! Webhooks: an organisation's programs are called, signed, again and again, and never where they must not go.

mod receiver;

use std::{sync::Arc, time::Duration};

use eslabon::{
    foundation::{
        http::outside::Outside,
        jobs::{Handler, Worker},
    },
    webhooks::{GIVEN_UP, OLD_SECRET, PAUSES, jobs, signature},
};
use receiver::{Manner, Receiver};
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    support::{Answer, Client, TestApp},
};

const SLACK: i64 = 2;

/// An institution that is called, and the address's path.
async fn hooked(app: &TestApp, receiver: &Receiver) -> (Client, String, String) {
    let institution = app.institution().await;
    let made = institution.post("/webhooks", json!({ "url": receiver.url("/hook") })).await.expect(201);
    (institution, format!("/webhooks/{}", made.text("webhook/id")), made.text("secret"))
}

async fn last_call(client: &Client, webhook: &str) -> Value {
    let calls = client.get(&format!("{webhook}/calls")).await.expect(200);
    calls.body["items"].as_array().unwrap().last().unwrap().clone()
}

async fn tried(client: &Client, webhook: &str) -> Answer {
    client.post(&format!("{webhook}/try"), json!({})).await
}

/// A courier with little patience.
fn hasty(app: &TestApp) -> Worker {
    let outside = Outside::new(0, true).unwrap();
    let calls: Arc<dyn Handler> =
        Arc::new(jobs::Calls::new(outside).with_patience(Duration::from_millis(400)));
    Worker::new(app.base.clone(), [(jobs::CALL, calls)])
}

on_both_engines! {
    async fn what_people_are_told_of_programs_are_called_with(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Well).await;
        let scene = Scene::set(&app, "0").await;
        let supplier = scene.supplier(&app, "1000").await;
        let made = scene.institution.post("/webhooks", json!({ "url": receiver.url("/hook") })).await.expect(201);
        let (secret, webhook) = (made.text("secret"), format!("/webhooks/{}", made.text("webhook/id")));
        let others = app.institution().await;
        others.post("/webhooks", json!({ "url": receiver.url("/others") })).await.expect(201);
        let mandate = json!({ "institution": scene.institution.organisation(), "scope": "diagnostic",
            "purpose": "Responder durante la visita.", "until": "2026-12-31" });
        let given = supplier.post("/mandates", mandate).await.expect(201);
        app.tell().await;
        assert_eq!(app.call_webhooks().await, 1);
        let calls = receiver.calls();
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!((call.path.as_str(), call.header("content-type")), ("/hook", "application/json".to_owned()));
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body, json!({ "type": "mandates.give", "timestamp": "2026-03-02T14:00:00Z",
            "data": { "subject": "mandates", "id": given.text("id") } }));
        let (id, timestamp) = (call.header("webhook-id"), call.header("webhook-timestamp").parse().unwrap());
        assert_eq!(call.header("webhook-signature"), signature::sign([secret.as_str()], &id, timestamp, &call.body));
        let noted = last_call(&scene.institution, &webhook).await;
        assert_eq!((&noted["id"], &noted["state"], &noted["last_status"]), (&json!(id), &json!("delivered"), &json!(204)));
        // A secret is shown once, and nobody else's address is anybody's.
        assert!(scene.institution.get(&webhook).await.expect(200).body.get("secret").is_none());
        others.get(&webhook).await.expect(404);
    }

    async fn a_call_that_fails_is_made_again_later_and_later_under_the_same_id(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Status(500)).await;
        let (institution, webhook, _) = hooked(&app, &receiver).await;
        tried(&institution, &webhook).await.expect(202);
        assert_eq!(app.call_webhooks().await, 1);
        for pause in &PAUSES[..4] {
            app.base.clock.advance(pause - SLACK);
            assert_eq!(app.call_webhooks().await, 0, "a pause of {pause} seconds");
            // Up to a quarter of chance.
            app.base.clock.advance(pause / 4 + SLACK + 1);
            assert_eq!(app.call_webhooks().await, 1, "a pause of {pause} seconds");
        }
        let calls = receiver.calls();
        assert!(calls.len() == 5 && calls.iter().all(|call| call.header("webhook-id") == calls[0].header("webhook-id")));
        let waiting = last_call(&institution, &webhook).await;
        assert_eq!((&waiting["state"], &waiting["tries"], &waiting["last_status"]), (&json!("waiting"), &json!(5), &json!(500)));
        assert!(!institution.get(&webhook).await.body["failing_since"].is_null());
        receiver.be(Manner::Well);
        app.base.clock.advance(PAUSES[4] * 2);
        assert_eq!(app.call_webhooks().await, 1);
        assert_eq!(last_call(&institution, &webhook).await["state"], "delivered");
        assert!(institution.get(&webhook).await.body["failing_since"].is_null());
    }

    async fn a_receiver_that_asks_for_a_pause_gets_it(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Later(3_000)).await;
        let (institution, webhook, _) = hooked(&app, &receiver).await;
        tried(&institution, &webhook).await.expect(202);
        app.call_webhooks().await;
        app.base.clock.advance(2_990);
        assert_eq!(app.call_webhooks().await, 0);
        app.base.clock.advance(800);
        assert_eq!(app.call_webhooks().await, 1);
    }

    async fn who_says_410_is_called_no_more_until_somebody_says_so(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Status(410)).await;
        let (institution, webhook, _) = hooked(&app, &receiver).await;
        tried(&institution, &webhook).await.expect(202);
        assert_eq!(app.call_webhooks().await, 1);
        app.base.clock.advance(86_400);
        assert_eq!(app.call_webhooks().await, 0);
        let read = institution.get(&webhook).await.expect(200);
        assert_eq!(read.text("state"), "disabled");
        assert_eq!(tried(&institution, &webhook).await.expect(409).code(), "webhook-not-called");
        let call = last_call(&institution, &webhook).await;
        let replay = format!("{webhook}/calls/{}/replay", call["id"].as_str().unwrap());
        assert_eq!(institution.post(&replay, json!({})).await.expect(409).code(), "webhook-not-called");
        let active = json!({ "url": receiver.url("/hook"), "active": true });
        institution.put_if(&webhook, &read.etag(), active).await.expect(200);
        receiver.be(Manner::Well);
        institution.post(&replay, json!({})).await.expect(202);
        assert_eq!(institution.post(&replay, json!({})).await.expect(409).code(), "webhook-call-waits");
        assert_eq!(app.call_webhooks().await, 1);
        let ids: Vec<_> = receiver.calls().iter().map(|call| call.header("webhook-id")).collect();
        assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    }

    async fn who_fails_for_days_is_given_up(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Status(500)).await;
        let (institution, webhook, _) = hooked(&app, &receiver).await;
        tried(&institution, &webhook).await.expect(202);
        let began = app.base.clock.now();
        while institution.get(&webhook).await.text("state") == "active" {
            app.call_webhooks().await;
            app.base.clock.advance(3_600);
            assert!(app.base.clock.now().seconds_since(began) < GIVEN_UP + 3 * 86_400, "it is called for ever");
        }
        assert!(app.base.clock.now().seconds_since(began) >= GIVEN_UP);
        let before = receiver.calls().len();
        assert!(before > 8, "{before}");
        app.base.clock.advance(10 * 86_400);
        app.call_webhooks().await;
        assert_eq!(receiver.calls().len(), before);
    }

    async fn the_old_secret_signs_for_a_day_beside_the_new_one(app: TestApp) {
        let app = app.reaching_private();
        let receiver = Receiver::start(Manner::Well).await;
        let (institution, webhook, old) = hooked(&app, &receiver).await;
        let etag = institution.get(&webhook).await.etag();
        let rotated = institution.post_if(&format!("{webhook}/rotate"), &etag, json!({})).await.expect(200);
        institution.post_if(&format!("{webhook}/rotate"), &etag, json!({})).await.expect(412);
        let new = rotated.text("secret");
        assert_ne!(new, old);
        for (advance, secrets) in [(0, vec![new.as_str(), old.as_str()]), (OLD_SECRET + 1, vec![new.as_str()])] {
            app.base.clock.advance(advance);
            tried(&institution, &webhook).await.expect(202);
            app.call_webhooks().await;
            let call = receiver.calls().pop().unwrap();
            let (id, timestamp) = (call.header("webhook-id"), call.header("webhook-timestamp").parse().unwrap());
            assert_eq!(call.header("webhook-signature"), signature::sign(secrets, &id, timestamp, &call.body));
        }
    }

    async fn receivers_that_misbehave_cost_little_and_are_tried_again(app: TestApp) {
        let app = app.reaching_private();
        let elsewhere = Receiver::start(Manner::Well).await;
        let receiver = Receiver::start(Manner::Well).await;
        let (institution, webhook, _) = hooked(&app, &receiver).await;
        for (manner, said) in [
            (Manner::Silent, "did not answer in time"), (Manner::Dripping, "did not answer in time"), (Manner::HalfOpen, "did not answer in time"),
            (Manner::Endless, "answered with more than"), (Manner::Hangup, "could not be reached"), (Manner::Garbage, "could not be reached"),
            (Manner::Redirect(elsewhere.url("/stolen")), "302"),
        ] {
            receiver.be(manner.clone());
            tried(&institution, &webhook).await.expect(202);
            let began = std::time::Instant::now();
            hasty(&app).run_all_due().await.unwrap();
            assert!(began.elapsed() < Duration::from_secs(8), "{manner:?} took {:?}", began.elapsed());
            let call = last_call(&institution, &webhook).await;
            let why = format!("{} {}", call["last_error"], call["last_status"]);
            assert!(call["state"] == "waiting" && why.contains(said), "{manner:?}: {call}");
            receiver.be(Manner::Well);
            app.base.clock.advance(10);
            hasty(&app).run_all_due().await.unwrap();
            assert_eq!(last_call(&institution, &webhook).await["state"], "delivered", "{manner:?}");
        }
        assert!(elsewhere.calls().is_empty(), "a redirect was followed");
    }

    async fn nobody_makes_the_service_call_what_only_the_service_can_reach(app: TestApp) {
        let institution = app.institution().await;
        for url in ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "http://example.org/", "https://2130706433/", "nothing at all"] {
            let faults = institution.post("/webhooks", json!({ "url": url })).await.expect(422).faults();
            assert_eq!(faults, ["/url not-a-public-address"], "{url}");
        }
        // A name that leads here is found out when it is resolved.
        let made = institution.post("/webhooks", json!({ "url": "https://localhost:1/" })).await.expect(201);
        let webhook = format!("/webhooks/{}", made.text("webhook/id"));
        tried(&institution, &webhook).await.expect(202);
        app.call_webhooks().await;
        let call = last_call(&institution, &webhook).await;
        assert!(call["last_error"].as_str().unwrap().contains("no https:// address of the public network"), "{call}");
        for number in 0..4 {
            institution.post("/webhooks", json!({ "url": format!("https://uno.example/{number}") })).await.expect(201);
        }
        assert_eq!(institution.post("/webhooks", json!({ "url": "https://uno.example/" })).await.expect(409).code(), "webhooks-enough");
    }
}

/// Registries are asked through the same way out.
#[tokio::test(flavor = "multi_thread")]
async fn registries_that_misbehave_are_told_of_in_a_sentence() {
    let registry = Receiver::start(Manner::Well).await;
    let lookup = |private: bool| {
        let from = registry.url("/lei");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eslabon"));
        command.args(["lookup", "lei", "YZ83GD8L7GG84979J516", "--from", &from]);
        let output = if private { command.arg("--reach-private") } else { &mut command }.output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    for (manner, said) in [
        (Manner::Status(404), "knows nothing of it"),
        (Manner::Status(500), "answered with 500"),
        (Manner::Endless, "more than 1048576 bytes"),
        (Manner::Hangup, "could not be reached"),
        (Manner::Redirect(registry.url("/lei")), "answered with 302"),
        (Manner::Well, "answered with 204"),
    ] {
        registry.be(manner.clone());
        let (ok, told) = lookup(true);
        assert!(!ok && told.contains(said), "{manner:?}: {told}");
    }
    let before = registry.calls().len();
    let (ok, told) = lookup(false);
    assert!(!ok && told.contains("no https:// address of the public network"), "{told}");
    assert_eq!(registry.calls().len(), before);
}
