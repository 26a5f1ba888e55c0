//! What people are told, and what they are not.

mod events;
mod funding;
mod letters;
mod pages;
mod people;
mod reminders;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use eslabon::{
    foundation::{
        access::{Kind, Role},
        outbox,
    },
    notices,
};

use crate::{
    matching::scene::{Scene, award, lot},
    support::{Client, TestApp},
};

/// What somebody has been told: the event and the noun, oldest first.
async fn told(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/notices?limit=100{query}")).await.expect(200);
    let items = answer.body["items"].as_array().unwrap().iter();
    items.map(|item| item["event"].as_str().unwrap().to_owned()).collect()
}

/// How somebody is told of a topic.
fn channel(topic: &str, inbox: bool, mail: &str) -> Value {
    json!({ "topic": topic, "inbox": inbox, "mail": mail })
}

async fn prefer(client: &Client, topic: &str, inbox: bool, mail: &str) {
    let body = json!({ "topics": [channel(topic, inbox, mail)] });
    client.put("/notice-preferences", body).await.expect(204);
}

struct Stage {
    scene: Scene,
    buyer: Client,
    supplier: Client,
    rival: Client,
    path: String,
}

impl Stage {
    /// A match is proposed to a supplier; another one of the programme has nothing.
    async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app, "1000000").await;
        let buyer = scene.lead_firm(app, "Grande").await;
        let (supplier, rival) = (scene.supplier(app, "1000").await, scene.supplier(app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "5")]).await;
        let matches = scene.propose(app, &[award(&supplier, &lots[0], 10)]).await;
        app.tell().await;
        Self { scene, buyer, supplier, rival, path: format!("/matches/{}", matches[0]) }
    }
}

on_both_engines! {
    async fn people_are_told_what_concerns_them_and_nobody_else_is(app: TestApp) {
        let stage = Stage::set(&app).await;
        let (buyer, supplier, rival) = (&stage.buyer, &stage.supplier, &stage.rival);
        let everybody = ["requirements.publish", "requirements.close"];
        assert_eq!(told(supplier, "").await, [everybody[0], everybody[1], "runs.adopt"]);
        assert_eq!(told(rival, "").await, everybody, "a rival learns nothing of a match");
        assert_eq!(told(buyer, "").await, ["runs.adopt"], "nobody is told what the own firm has done");
        assert_eq!(told(&stage.scene.approver, "").await, everybody);
        let notice = supplier.get("/notices?topic=matches").await.expect(200).body["items"][0].clone();
        assert_eq!(format!("/{}/{}", notice["subject"].as_str().unwrap(), notice["subject_id"].as_str().unwrap()), stage.path);
        assert_eq!(notice["text"], "Hay un emparejamiento por aceptar.");

        supplier.move_on(&stage.path, "accept").await;
        buyer.move_on(&stage.path, "accept").await;
        stage.scene.approver.move_on(&stage.path, "approve").await;
        app.tell().await;
        assert_eq!(told(supplier, "&topic=matches").await, ["runs.adopt", "matches.accept", "matches.approve"]);
        assert_eq!(told(buyer, "").await, ["runs.adopt", "matches.accept", "matches.approve"]);
        assert_eq!(told(&stage.scene.approver, "&topic=matches").await, ["matches.accept", "matches.accept"]);
        assert_eq!(told(rival, "").await, everybody);
    }

    async fn the_first_of_two_approvals_is_no_approval_yet(app: TestApp) {
        let stage = Stage::set(&app).await;
        let scene = &stage.scene;
        let seen = scene.institution.get(&scene.programme).await.expect(200);
        let mut rules = seen.body["rules"].clone();
        rules["dual_approval_above"] = json!({ "amount": "0", "currency": "USD" });
        scene.institution.put_if(&format!("{}/rules", scene.programme), &seen.etag(), rules).await.expect(200);
        stage.supplier.move_on(&stage.path, "accept").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        scene.approver.move_on(&stage.path, "approve").await;
        app.tell().await;
        assert_eq!(told(&stage.supplier, "&topic=matches").await, ["runs.adopt", "matches.accept"]);
        let second = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        second.move_on(&stage.path, "approve").await;
        app.tell().await;
        let approved = ["runs.adopt", "matches.accept", "matches.approve"];
        assert_eq!(told(&stage.supplier, "&topic=matches").await, approved);
    }

    async fn one_reads_and_mutes_ones_own_notices_only(app: TestApp) {
        let stage = Stage::set(&app).await;
        let (buyer, supplier, rival) = (&stage.buyer, &stage.supplier, &stage.rival);
        let first = supplier.get("/notices").await.expect(200).text("items/0/id");
        let marked = rival.post("/notices/read", json!({ "notices": [first] })).await.expect(200);
        assert_eq!(marked.body["marked"], 0, "another's notice is none");
        assert_eq!(told(supplier, "&unread=true").await.len(), 3);
        let marked = supplier.post("/notices/read", json!({ "notices": [first] })).await.expect(200);
        assert_eq!(marked.body["marked"], 1);
        assert_eq!(told(supplier, "&unread=true").await.len(), 2);
        assert_eq!(supplier.post("/notices/read", json!({})).await.expect(200).body["marked"], 2);
        assert!(told(supplier, "&unread=true").await.is_empty());
        assert_eq!(told(supplier, "").await.len(), 3, "what is read is still there");

        let faulty = json!({ "topics": [channel("prices", true, "now"), channel("matches", true, "never"),
            channel("matches", false, "now")] });
        let refused = supplier.put("/notice-preferences", faulty).await;
        assert_eq!(refused.expect(422).faults(), ["/topics/0/topic unknown-word"]);
        let twice = json!({ "topics": [channel("matches", true, "never"), channel("matches", false, "now")] });
        assert_eq!(supplier.put("/notice-preferences", twice).await.expect(422).faults(), ["/topics/1/topic twice"]);
        prefer(supplier, "matches", false, "never").await;
        let said = supplier.get("/notice-preferences").await.expect(200);
        let topics = said.body["topics"].as_array().unwrap();
        assert!(topics.contains(&channel("matches", false, "never")) && topics.contains(&channel("plans", true, "daily")));
        buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        assert_eq!(told(supplier, "").await.len(), 3);
        let kept = supplier.get("/me/data").await.expect(200);
        assert_eq!(kept.body["notices"].as_array().unwrap().len(), 3, "what nobody wants to be told is not kept");
        supplier.put("/notice-preferences", json!({})).await.expect(204);
        supplier.move_on(&stage.path, "accept").await;
        stage.scene.approver.move_on(&stage.path, "approve").await;
        app.tell().await;
        assert_eq!(told(supplier, "&unread=true").await, ["matches.approve"]);
    }

    async fn what_did_not_happen_is_not_told_and_what_did_is_told_once(app: TestApp) {
        let stage = Stage::set(&app).await;
        stage.supplier.post_if(&format!("{}/accept", stage.path), "\"77\"", json!({})).await.expect(412);
        app.tell().await;
        assert_eq!(told(&stage.buyer, "").await, ["runs.adopt"]);
        stage.supplier.move_on(&stage.path, "accept").await;
        let (one, other) = tokio::join!(notices::jobs::tell(&app.base), notices::jobs::tell(&app.base));
        assert_eq!(one.unwrap() + other.unwrap(), 1, "two who tell at once tell once");
        assert_eq!(told(&stage.buyer, "").await, ["runs.adopt", "matches.accept"]);
    }

    async fn what_can_not_be_told_is_set_aside_and_holds_up_nothing(app: TestApp) {
        let stage = Stage::set(&app).await;
        let scene = &stage.scene;
        stage.supplier.move_on(&stage.path, "accept").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        let etag = scene.approver.get(&stage.path).await.expect(200).etag();
        let reason = json!({ "reason": "No hay presupuesto este año." });
        scene.approver.post_if(&format!("{}/reject", stage.path), &etag, reason).await.expect(200);
        app.tell().await;
        let id = stage.path.rsplit('/').next().unwrap();
        let objection = json!({ "about": "match", "about_id": id, "reasons": "El presupuesto alcanza para este lote." });
        let path = format!("/objections/{}", stage.supplier.post("/objections", objection).await.expect(201).text("id"));
        let meddle = async |state: &str| {
            let sql = format!("UPDATE objections SET state = '{state}'");
            app.base.db.reads().execute_unprepared(&sql).await.unwrap();
        };
        meddle("nonsense").await;
        let invitation = json!({ "party": stage.buyer.organisation(), "nature": "recusal" });
        scene.approver.post("/interests", invitation).await.expect(201);
        assert_eq!(notices::jobs::tell(&app.base).await.unwrap(), 2);
        assert_eq!(told(&scene.institution, "&topic=interests").await, ["interests.declare"], "the next one is told");
        assert!(told(&scene.institution, "&topic=objections").await.is_empty());
        let aside = outbox::aside(app.base.db.reads()).await.unwrap().unwrap();
        assert_eq!(aside.entries, 1);
        assert!(!aside.reason.is_empty());
        assert_eq!(notices::jobs::tell(&app.base).await.unwrap(), 0, "not again at once");

        meddle("filed").await;
        scene.institution.get(&path).await.expect(200);
        app.base.clock.advance(121);
        app.tell().await;
        assert_eq!(told(&scene.institution, "&topic=objections").await, ["objections.file"]);
        assert_eq!(outbox::aside(app.base.db.reads()).await.unwrap(), None);
    }
}
