//! Consortia: each member's own acceptance, for the members that it has read.

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const MISSING: &str = "/consortia/01890000-0000-7000-8000-000000000000";

struct Scene {
    institution: Client,
    speaker: Client,
    partner: Client,
    programme: String,
}

impl Scene {
    async fn new(app: &TestApp) -> Self {
        let institution = app.institution().await;
        let (speaker, partner) = (app.supplier("Uno").await, app.supplier("Dos").await);
        let programme = institution.open_programme(&[&speaker, &partner]).await;
        Self { institution, speaker, partner, programme }
    }

    async fn form(&self, members: &[&Client]) -> String {
        self.speaker.form_consortium(&self.programme, members).await
    }
}

/// A step with the version that is there now.
async fn step(by: &Client, path: &str, step: &str, body: Value) -> Answer {
    let etag = by.get(path).await.expect(200).etag();
    by.post_if(&format!("{path}/{step}"), &etag, body).await
}

on_both_engines! {
    async fn a_consortium_is_ready_when_each_member_has_accepted_itself(app: TestApp) {
        let scene = Scene::new(&app).await;
        let third = app.supplier("Tres").await;
        scene.institution.take_in(&scene.programme, &[&third]).await;
        let path = scene.form(&[&scene.partner, &third]).await;
        assert_eq!(scene.speaker.get(&path).await.expect(200).text("state"), "forming");
        step(&scene.partner, &path, "accept", json!({})).await.expect(200);
        let ready = step(&third, &path, "accept", json!({})).await.expect(200);
        assert_eq!(ready.text("state"), "ready");
        // Nobody accepts for somebody else, and the speaker has nothing to accept.
        assert_eq!(step(&scene.speaker, &path, "accept", json!({})).await.expect(409).code(), "the-speaker-dissolves");
        assert_eq!(step(&third, &path, "accept", json!({})).await.expect(409).code(), "wrong-state");
        let left = step(&third, &path, "decline", json!({})).await.expect(200);
        assert_eq!(left.text("state"), "forming");
        third.get(&path).await.expect(404);
        step(&scene.speaker, &path, "dissolve", json!({})).await.expect(200);
        assert_eq!(step(&scene.partner, &path, "decline", json!({})).await.expect(409).code(), "consortium-dissolved");
    }

    /// Whoever accepts does so for the members that it has read: another member makes it another consortium.
    async fn a_change_of_members_asks_everybody_again(app: TestApp) {
        let scene = Scene::new(&app).await;
        let third = app.supplier("Tres").await;
        scene.institution.take_in(&scene.programme, &[&third]).await;
        let path = scene.form(&[&scene.partner]).await;
        let read = scene.partner.get(&path).await.expect(200).etag();
        step(&scene.partner, &path, "accept", json!({})).await.expect(200);
        let asked = step(&scene.speaker, &path, "ask", third.named().await).await.expect(200);
        assert_eq!(asked.text("state"), "forming");
        let answers: Vec<_> = asked.body["members"].as_array().unwrap().iter().map(|m| m["answer"].clone()).collect();
        assert_eq!(answers.iter().filter(|a| **a == "invited").count(), 2, "{answers:?}");
        scene.partner.post_if(&format!("{path}/accept"), &read, json!({})).await.expect(412);
        step(&scene.partner, &path, "accept", json!({})).await.expect(200);
        let twice = step(&scene.speaker, &path, "ask", third.named().await).await.expect(422);
        assert_eq!(twice.faults(), ["/tax_id twice"]);
        let removed = step(&scene.speaker, &path, "remove", third.named().await).await.expect(200);
        assert_eq!(removed.text("state"), "forming");
        third.get(&path).await.expect(404);
        assert_eq!(step(&scene.partner, &path, "accept", json!({})).await.expect(200).text("state"), "ready");
        assert_eq!(step(&scene.partner, &path, "ask", third.named().await).await.expect(409).code(), "not-the-speaker");
    }

    /// Naming a firm tells nothing about it: the answer is the same for one of the programme, one that is
    /// elsewhere, and a number that nobody has.
    async fn naming_a_firm_tells_nothing_about_it(app: TestApp) {
        let scene = Scene::new(&app).await;
        let elsewhere = app.supplier("Ajena").await;
        let nobody = json!({ "country": "NI", "tax_id": "J0310000000001" });
        let shown = async |member: Value| {
            let number = member["tax_id"].as_str().unwrap().to_owned();
            let body = json!({ "name": "Torneros", "members": [member] });
            let made = scene.speaker.post(&format!("{}/consortia", scene.programme), body).await.expect(201);
            let members = made.body["members"].as_array().unwrap().clone();
            let mut own = members.into_iter().find(|m| m["tax_id"] == number).unwrap();
            own.as_object_mut().unwrap().remove("tax_id");
            own
        };
        let inside = shown(scene.partner.named().await).await;
        assert_eq!(inside["supplier"], Value::Null);
        assert_eq!(shown(elsewhere.named().await).await, inside);
        assert_eq!(shown(nobody).await, inside);
        // A firm outside the programme is asked in vain: it sees nothing.
        assert_eq!(elsewhere.get("/consortia").await.expect(200).body["items"], json!([]));
    }

    async fn others_do_not_see_a_consortium(app: TestApp) {
        let scene = Scene::new(&app).await;
        let (third, stranger) = (app.supplier("Tres").await, app.institution().await);
        scene.institution.take_in(&scene.programme, &[&third]).await;
        let path = scene.form(&[&scene.partner]).await;
        for other in [&third, &stranger] {
            let (foreign, missing) = (other.get(&path).await.expect(404), other.get(MISSING).await.expect(404));
            assert_eq!(foreign.text("detail"), missing.text("detail"));
            assert_eq!(other.get("/consortia").await.expect(200).body["items"], json!([]));
        }
        third.post_if(&format!("{path}/accept"), "\"1\"", json!({})).await.expect(404);
        third.post_if(&format!("{path}/ask"), "\"1\"", third.named().await).await.expect(404);
        scene.institution.get(&path).await.expect(200);
        app.lead_firm("Grande").await.get(&path).await.expect(403);
        let foreign = third.post("/programmes/01890000-0000-7000-8000-000000000000/consortia", json!({
            "name": "Torneros", "members": [scene.partner.named().await],
        }));
        foreign.await.expect(404);
    }

    async fn every_fault_of_a_consortium_is_named_at_once(app: TestApp) {
        let scene = Scene::new(&app).await;
        let path = format!("{}/consortia", scene.programme);
        let faults = async |body: Value| scene.speaker.post(&path, body).await.expect(422).faults();
        assert_eq!(faults(json!({ "name": "T" })).await, ["/members required", "/name wrong-length"]);
        let wrong = json!({ "country": "CL", "tax_id": "76.086.428-6" });
        let body = json!({ "name": "Torneros", "members": [wrong, { "tax_id": "12345" }] });
        assert_eq!(faults(body).await, ["/members/0/tax_id wrong-tax-id", "/members/1/country required"]);
        let partner = scene.partner.named().await;
        let body = json!({ "name": "Torneros", "members": [partner, partner] });
        assert_eq!(faults(body).await, ["/members/1/tax_id twice"]);
        let body = json!({ "name": "Torneros", "members": [scene.speaker.named().await] });
        assert_eq!(faults(body).await, ["/members/0/tax_id twice"]);
    }
}
