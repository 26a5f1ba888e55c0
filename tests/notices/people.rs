//! What people do beside the work itself, and who hears of it: objections, mandates, meetings, interests, erasures.

use eslabon::foundation::access::{Kind, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::{Stage, prefer, told};
use crate::{matching::scene::Scene, support::Client};

const NOTHING: [&str; 0] = [];

async fn about(client: &Client, topic: &str) -> Vec<String> {
    told(client, &format!("&topic={topic}")).await
}

on_both_engines! {
    async fn an_objection_is_between_the_firm_and_the_institution(app: TestApp) {
        let stage = Stage::set(&app).await;
        let scene = &stage.scene;
        stage.supplier.move_on(&stage.path, "accept").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        let etag = scene.approver.get(&stage.path).await.expect(200).etag();
        let reason = json!({ "reason": "No hay presupuesto este año." });
        scene.approver.post_if(&format!("{}/reject", stage.path), &etag, reason).await.expect(200);
        let id = stage.path.rsplit('/').next().unwrap();
        let objection = json!({ "about": "match", "about_id": id, "reasons": "El presupuesto alcanza para este lote." });
        let filed = stage.supplier.post("/objections", objection).await.expect(201);
        let path = format!("/objections/{}", filed.text("id"));
        app.tell().await;
        assert_eq!(about(&scene.institution, "objections").await, ["objections.file"]);
        let other = app.person(scene.institution.organisation(), Kind::Institution, Role::InstitutionAdministrator).await;
        other.move_on(&path, "review").await;
        let etag = other.get(&path).await.expect(200).etag();
        let reason = json!({ "reason": "El presupuesto alcanza." });
        other.post_if(&format!("{path}/uphold"), &etag, reason).await.expect(200);
        app.tell().await;
        assert_eq!(about(&stage.supplier, "objections").await, ["objections.review", "objections.uphold"]);
        for nobody in [&stage.buyer, &stage.rival] {
            assert_eq!(about(nobody, "objections").await, NOTHING);
        }
    }

    async fn a_mandate_and_what_is_answered_under_it(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (supplier, rival) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let adviser = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let other = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let begun = supplier.post("/diagnostics", json!({})).await.expect(201);
        let mandate = json!({ "institution": scene.institution.organisation(),
            "account": adviser.get("/me").await.text("account/id"), "scope": "diagnostic",
            "purpose": "Responder durante la visita al taller.", "until": "2026-03-12" });
        supplier.post("/mandates", mandate).await.expect(201);
        app.tell().await;
        assert_eq!(about(&adviser, "diagnostics").await, ["mandates.give"]);
        assert_eq!(about(&other, "diagnostics").await, NOTHING, "the mandate is another's");
        let enter = async |question: &str, value: i64| {
            let path = format!("/diagnostics/{}/assisted-answers/{question}", begun.text("id"));
            adviser.put(&path, json!({ "revision": 1, "value": value })).await.expect(200);
            app.tell().await;
        };
        enter("quality-control", 3).await;
        enter("people-training", 2).await;
        assert_eq!(about(&supplier, "diagnostics").await, ["diagnostics.assist"], "once, until it is read");
        supplier.post("/notices/read", json!({})).await.expect(200);
        enter("delivery-planning", 2).await;
        assert_eq!(about(&supplier, "diagnostics").await.len(), 2);
        app.base.clock.advance(3 * 86_400);
        app.begin_day().await;
        assert_eq!(about(&adviser, "diagnostics").await, ["mandates.give", "reminders.mandate"]);
        assert_eq!(about(&rival, "diagnostics").await, NOTHING);
    }

    async fn those_who_take_part_hear_of_a_meeting(app: TestApp) {
        let (institution, buyer) = (app.institution().await, app.lead_firm("Grande").await);
        let (one, two) = (app.supplier("Uno").await, app.supplier("Dos").await);
        let programme = institution.open_programme(&[&buyer, &one, &two]).await;
        let network = institution.network(&programme, &buyer).await;
        for supplier in [&one, &two] {
            institution.select(&network, &buyer, supplier).await;
        }
        app.tell().await;
        let before = about(&two, "networks").await;
        let meeting = json!({ "kind": "visit", "held_on": "2026-03-10", "place": "Taller de Uno, Chillán",
            "purpose": "Ver el control de calidad.", "participants": [one.organisation()] });
        buyer.post(&format!("{network}/meetings"), meeting).await.expect(201);
        app.tell().await;
        assert_eq!(about(&one, "networks").await.last().unwrap(), "meetings.call");
        assert_eq!(about(&institution, "networks").await.last().unwrap(), "meetings.call");
        assert_eq!(about(&two, "networks").await, before);
    }

    async fn administrators_hear_of_an_interest_and_nobody_else_does(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let officer = app.person(scene.institution.organisation(), Kind::Institution, Role::Officer).await;
        let interest = json!({ "party": buyer.organisation(), "nature": "ownership", "text": "Tengo acciones de la empresa." });
        scene.approver.post("/interests", interest).await.expect(201);
        app.tell().await;
        assert_eq!(about(&scene.institution, "interests").await, ["interests.declare"]);
        for nobody in [&scene.approver, &officer, &buyer, &supplier] {
            assert_eq!(about(nobody, "interests").await, NOTHING);
        }
    }

    async fn who_is_erased_leaves_neither_notices_nor_preferences(app: TestApp) {
        let stage = Stage::set(&app).await;
        let leaving = app.person(stage.supplier.organisation(), Kind::Supplier, Role::SupplierMember).await;
        prefer(&leaving, "matches", true, "now").await;
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        let email = leaving.get("/me").await.expect(200).text("account/email");
        app.anonymous().post("/password-resets", json!({ "email": email })).await.expect(200);
        let data = leaving.get("/me/data").await.expect(200);
        assert_eq!(data.text("notices/0/event"), "matches.accept");
        let account = data.text("account");
        leaving.post("/me/erasure", json!({ "erase_me": true })).await.expect(200);
        let db = app.base.db.reads();
        let hex = account.replace('-', "");
        let id = match app.base.db.engine() {
            eslabon::foundation::db::Engine::Sqlite => format!("x'{hex}'"),
            eslabon::foundation::db::Engine::Postgres => format!("'{account}'"),
        };
        let asked = format!("password_resets WHERE email = '{email}'");
        for from in [format!("notices WHERE account_id = {id}"), format!("notice_channels WHERE account_id = {id}"), asked] {
            let sql = format!("SELECT count(*) AS found FROM {from}");
            let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
            assert_eq!(found.unwrap().try_get::<i64>("", "found").unwrap(), 0, "{from}");
        }
        app.post().await;
        assert!(app.letters().iter().all(|letter| letter.to != email));
    }
}
