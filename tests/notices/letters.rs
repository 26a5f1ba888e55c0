//! What people are written, when, and what not.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use super::{Stage, channel, prefer, told};
use crate::support::{Client, Mailed, Server, TestApp};

const DAY: i64 = 86_400;

async fn address(client: &Client) -> String {
    client.get("/me").await.expect(200).text("account/email")
}

/// Of the letters to somebody: the subjects, oldest first.
fn to(letters: &[Mailed], address: &str) -> Vec<String> {
    letters.iter().filter(|letter| letter.to == address).map(|letter| letter.subject.clone()).collect()
}

/// A colleague of the supplier's administrator.
async fn colleague(app: &TestApp, stage: &Stage) -> Client {
    app.person(stage.supplier.organisation(), Kind::Supplier, Role::SupplierMember).await
}

on_both_engines! {
    async fn everybody_is_written_when_they_want_to_be(app: TestApp) {
        let stage = Stage::set(&app).await;
        // A Monday: what there was until now is written, and no more of it.
        app.begin_day().await;
        let before = app.letters().len();
        let (at_once, weekly, never) =
            (colleague(&app, &stage).await, colleague(&app, &stage).await, colleague(&app, &stage).await);
        let (daily, silent) = (&stage.supplier, colleague(&app, &stage).await);
        prefer(&at_once, "matches", false, "now").await;
        prefer(&weekly, "matches", true, "weekly").await;
        prefer(&never, "matches", true, "never").await;
        prefer(&silent, "matches", false, "never").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        let mut addresses = Vec::new();
        for client in [&at_once, daily, &weekly, &never, &silent] {
            addresses.push(address(client).await);
        }
        let written = || {
            let letters = app.letters();
            addresses.iter().map(|address| to(&letters[before.min(letters.len())..], address).len()).collect::<Vec<_>>()
        };
        assert_eq!(written(), [0; 5], "nobody waits for a mail server");
        app.post().await;
        assert_eq!(written(), [1, 0, 0, 0, 0]);
        let inbox: Vec<_> = [&at_once, daily, &weekly, &never, &silent].into_iter().collect();
        let mut counts = Vec::new();
        for client in inbox {
            counts.push(told(client, "&topic=matches").await.len());
        }
        assert_eq!(counts, [0, 2, 1, 1, 0]);
        app.begin_day().await;
        assert_eq!(written(), [1, 0, 0, 0, 0], "a day begins once");
        app.base.clock.advance(DAY);
        app.begin_day().await;
        assert_eq!(written(), [1, 1, 0, 0, 0]);
        app.base.clock.advance(5 * DAY);
        app.begin_day().await;
        assert_eq!(written(), [1, 1, 0, 0, 0], "nothing new, no letter");
        app.base.clock.advance(DAY);
        app.begin_day().await;
        assert_eq!(written(), [1, 1, 1, 0, 0], "on Monday");
    }

    async fn a_changed_mind_holds_for_what_has_not_been_written(app: TestApp) {
        let stage = Stage::set(&app).await;
        let (here, there) = (address(&stage.supplier).await, address(&stage.rival).await);
        stage.supplier.put("/notice-preferences", json!({ "topics": [
            channel("requirements", true, "never"), channel("matches", true, "never")] })).await.expect(204);
        app.begin_day().await;
        assert_eq!(to(&app.letters(), &here), [""; 0]);
        assert_eq!(to(&app.letters(), &there), ["Eslabón: 2 novedades"]);
        stage.supplier.put("/notice-preferences", json!({})).await.expect(204);
        app.base.clock.advance(DAY);
        app.begin_day().await;
        assert_eq!(to(&app.letters(), &here), [""; 0], "what was not to be written stays unwritten");
    }

    async fn a_letter_says_what_happened_and_where_to_look_and_nothing_else(app: TestApp) {
        let stage = Stage::set(&app).await;
        app.begin_day().await;
        prefer(&stage.supplier, "matches", true, "now").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        app.post().await;
        let letters = app.letters();
        let here = address(&stage.supplier).await;
        let letter = letters.iter().rfind(|letter| letter.to == here).unwrap();
        assert_eq!(letter.subject, "La otra parte aceptó el emparejamiento.");
        let notices = stage.supplier.get("/notices?topic=matches").await.expect(200);
        let link = letter.link("/notices/");
        assert_eq!(link, format!("/notices/{}", notices.text("items/1/id")));
        assert_eq!(letter.text, format!(
            "Novedades para Proveedor:\n\n* 2 de marzo de 2026: La otra parte aceptó el emparejamiento.\n  \
             http://127.0.0.1:8080{link}\n\nUsted elige de qué se le avisa, y cómo, aquí:\n  \
             http://127.0.0.1:8080/notices/preferences\n"));
        assert!(letter.raw.contains("Auto-Submitted: auto-generated"));

        let mut everybody = Vec::new();
        for client in [&stage.supplier, &stage.rival, &stage.buyer, &stage.scene.approver, &stage.scene.institution] {
            everybody.push(address(client).await);
        }
        assert!(letters.len() >= 4);
        assert!(!letter.text.contains("Grande"), "not even of whom");
        for letter in &letters {
            let named: Vec<_> = everybody.iter().filter(|address| letter.raw.contains(address.as_str())).collect();
            assert_eq!(named, [&letter.to], "a letter names its reader alone");
            // Of whom, what, how much.
            for told in ["Buje", "10.00", "torneado", "esl_"] {
                assert!(!letter.raw.contains(told) && !letter.text.contains(told), "{told}: {}", letter.text);
            }
        }
    }

    async fn everybody_is_written_in_their_language(app: TestApp) {
        let stage = Stage::set(&app).await;
        app.begin_day().await;
        let invited = stage.supplier.post("/invitations", json!({ "email": "eva@uno.example", "role": "supplier_member" }));
        let secret = invited.await.expect(201).text("secret");
        let accepted = json!({ "secret": secret, "name": "Eva", "password": crate::support::PASSWORD, "locale": "en",
            "privacy_notice": 1 });
        app.anonymous().post("/invitations/accept", accepted).await.expect(201);
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        app.base.clock.advance(DAY);
        app.begin_day().await;
        let letters = app.letters();
        assert_eq!(to(&letters, "eva@uno.example"), ["The other side has accepted the match."]);
        let letter = letters.iter().find(|letter| letter.to == "eva@uno.example").unwrap();
        assert!(letter.text.starts_with("News for Proveedor:"), "{}", letter.text);
    }

    async fn who_has_left_is_not_written(app: TestApp) {
        let stage = Stage::set(&app).await;
        app.begin_day().await;
        let leaving = colleague(&app, &stage).await;
        let address = address(&leaving).await;
        prefer(&leaving, "matches", true, "now").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        let members = stage.supplier.get("/members").await.expect(200);
        let member = members.body["items"].as_array().unwrap().iter();
        let member = member.clone().find(|member| member["account"]["email"] == address.as_str()).unwrap();
        let path = format!("/members/{}", member["account"]["id"].as_str().unwrap());
        let etag = member["etag"].as_str().unwrap();
        stage.supplier.send(axum::http::Method::DELETE, &path, &[("if-match", etag)], None).await.expect(204);
        app.post().await;
        assert_eq!(to(&app.letters(), &address), [""; 0]);
    }

    async fn a_letter_that_a_server_refuses_goes_out_later_and_once(app: TestApp) {
        let server = Server::start(2).await;
        let app = app.sending_to(&server.url);
        let stage = Stage::set(&app).await;
        prefer(&stage.buyer, "matches", true, "now").await;
        stage.supplier.move_on(&stage.path, "accept").await;
        app.tell().await;
        assert_eq!(app.post().await, 1);
        assert!(server.letters().is_empty());
        app.base.clock.advance(60);
        app.post().await;
        app.base.clock.advance(60);
        app.post().await;
        assert_eq!(server.refusals(), 0);
        let here = address(&stage.buyer).await;
        assert_eq!(to(&server.letters(), &here), ["La otra parte aceptó el emparejamiento."]);
        app.base.clock.advance(3_600);
        assert_eq!(app.post().await, 0);
        assert!(app.letters().is_empty(), "nothing in the folder where there is a server");
    }

    async fn a_server_that_is_not_there_keeps_nobody_waiting(app: TestApp) {
        let app = app.sending_to("smtp://127.0.0.1:9");
        let stage = Stage::set(&app).await;
        prefer(&stage.buyer, "matches", true, "now").await;
        stage.supplier.move_on(&stage.path, "accept").await;
        app.tell().await;
        app.post().await;
        stage.buyer.move_on(&stage.path, "accept").await;
        assert_eq!(told(&stage.buyer, "&topic=matches").await, ["runs.adopt", "matches.accept"]);
        assert!(app.post().await == 0, "the letter waits for its next attempt");
    }

    async fn a_worker_that_dies_over_a_letter_leaves_one_letter(app: TestApp) {
        let server = Server::silent_once().await;
        let app = app.sending_to(&server.url);
        let stage = Stage::set(&app).await;
        prefer(&stage.buyer, "matches", true, "now").await;
        stage.supplier.move_on(&stage.path, "accept").await;
        app.tell().await;
        // The server has the letter, and the worker dies before it hears of that.
        tokio::select! {
            _ = app.post() => panic!("the server says nothing"),
            () = async { while server.letters().is_empty() { tokio::task::yield_now().await } } => {}
        }
        assert_eq!(app.post().await, 0, "nobody else has it while the first one may be alive");
        app.base.clock.advance(31);
        assert_eq!(app.post().await, 1);
        let letters = server.letters();
        let ids: Vec<_> = letters.iter().map(|letter| letter.header("Message-ID")).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1], "a mailbox knows it as the same letter");
        app.base.clock.advance(3_600);
        assert_eq!(app.post().await, 0);
        assert_eq!(server.letters().len(), 2);
    }
}
