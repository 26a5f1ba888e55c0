//! Notices as they come.

use std::time::{Duration, Instant};

use axum::{http::Method, response::Response};
use eslabon::foundation::{
    Base,
    db::Db,
    ids::AccountId,
    live::{self, Live},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Stage;
use crate::support::{Answer, Client, Engine, TestApp};

const PATH: &str = "/notices/events";

/// The events of the notices that a stream told, with their ids, and the id with which it ended.
async fn heard(stream: Response) -> (Vec<(String, String)>, String) {
    let answer = Answer::of(stream).await.expect(200);
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let text = answer.body.as_str().unwrap_or_default().to_owned();
    let events = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("event: notice\nid: ")?.split_once("\ndata: "));
    let event = |data: &str| {
        serde_json::from_str::<serde_json::Value>(data).unwrap()["event"].as_str().unwrap().to_owned()
    };
    let last = text.rsplit_once("id: ").unwrap().1.trim().to_owned();
    (events.map(|(id, data)| (id.to_owned(), event(data))).collect(), last)
}

async fn follow(client: &Client, last: &str) -> Response {
    client.respond(Method::GET, PATH, &[("last-event-id", last)], None).await
}

fn named(heard: &[(String, String)]) -> Vec<&str> {
    heard.iter().map(|(_, event)| event.as_str()).collect()
}

on_both_engines! {
    async fn one_hears_of_ones_own_notices_as_they_come_and_misses_none(app: TestApp) {
        let stage = Stage::set(&app).await;
        let (buyer, supplier, rival) = (&stage.buyer, &stage.supplier, &stage.rival);
        let streams = (follow(supplier, "").await, follow(rival, "").await, follow(buyer, "").await);
        supplier.move_on(&stage.path, "accept").await;
        app.tell().await;
        let ((own, stood), (others, _), (of_buyer, _)) = tokio::join!(heard(streams.0), heard(streams.1), heard(streams.2));
        assert_eq!((named(&own), named(&others)), (vec![], vec![]), "what was there is not news, nor what one did, nor what others are told");
        assert_eq!(named(&of_buyer), ["matches.accept"]);

        // While nobody listens. Whoever has heard nothing yet says where the stream stood, others what they heard last.
        buyer.move_on(&stage.path, "accept").await;
        stage.scene.approver.move_on(&stage.path, "approve").await;
        app.tell().await;
        let (missed, ended) = heard(follow(supplier, &stood).await).await;
        assert_eq!(named(&missed), ["matches.accept", "matches.approve"]);
        assert_eq!(heard(follow(supplier, &ended).await).await.0, [], "nothing is told twice");
        let (missed, _) = heard(follow(buyer, &of_buyer[0].0).await).await;
        assert!(missed.iter().all(|(id, _)| *id != of_buyer[0].0), "{missed:?}");
        let list = buyer.get("/notices?limit=100").await.expect(200);
        let newest = list.body["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((newest["id"].as_str(), newest["event"].as_str()), missed.last().map(|(id, event)| (id.as_str(), event.as_str())).unzip());

        let open = futures_util::future::join_all((0..6).map(|_| follow(buyer, ""))).await;
        let refused = buyer.get(PATH).await.expect(429);
        assert_eq!((refused.code(), refused.headers["retry-after"].to_str().unwrap()), ("too-many-streams".to_owned(), "5"));
        assert!(open.iter().all(|one| one.status() == 200));
        drop(open);
        assert_eq!(follow(buyer, "").await.status(), 200, "who has gone makes room");
        app.anonymous().get(PATH).await.expect(401);
    }
}

/// Instances wake each other: of what one has written, listeners of another hear before they would look.
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_hears_what_another_has_told() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let second =
        Base { db: Db::connect(app.url()).await.unwrap(), live: Live::default(), ..app.base.clone() };
    let stop = CancellationToken::new();
    let hearing = tokio::spawn(live::keep_hearing(second.clone(), stop.clone()));
    let stage = Stage::set(&app).await;
    let me = stage.supplier.get("/me").await.expect(200).text("account/id").parse::<Uuid>().unwrap();
    let mut listening = second.listen(AccountId(me), me).unwrap();
    // Whether somebody has called before it is time to look anyway.
    let mut is_woken = async || {
        let began = Instant::now();
        listening.woken().await;
        began.elapsed() < Duration::from_millis(800)
    };
    // The connection may take a while to be there.
    let mut tries = 0;
    loop {
        app.base.live.wake_all(app.base.db.reads(), me).await;
        if is_woken().await {
            break;
        }
        tries += 1;
        assert!(tries < 20, "nobody was woken");
    }
    while is_woken().await {}
    stage.buyer.move_on(&stage.path, "accept").await;
    app.tell().await;
    assert!(is_woken().await, "of a notice");
    stop.cancel();
    hearing.await.unwrap();
}
