//! Two at once: whoever changes what a supplier sells, or who counts as one buyer, waits for whom it concerns.

use std::time::Duration;

use eslabon::foundation::db::Db;
use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    support::{Answer, Client, Engine, TestApp},
};

fn sales(amount: &str) -> Value {
    json!({ "amount": { "amount": amount, "currency": "USD" }, "as_of": "2026-02-28" })
}

fn annual_sales(amount: usize) -> Value {
    json!({ "annual_sales": { "amount": amount.to_string(), "currency": "USD" }, "as_of": "2026-03-01" })
}

/// The answer to a request, which must not come while somebody else holds the supplier, as an approval does.
async fn waits_for(app: &TestApp, supplier: &Client, request: impl Future<Output = Answer>) -> Answer {
    let elsewhere = Db::connect(app.url()).await.unwrap();
    let holding = elsewhere.reads().begin().await.unwrap();
    let lock = format!("SELECT 1 FROM organisations WHERE id = '{}' FOR UPDATE", supplier.organisation());
    holding.execute_unprepared(&lock).await.unwrap();
    let mut request = std::pin::pin!(request);
    let early = tokio::time::timeout(Duration::from_millis(500), &mut request).await;
    assert!(early.is_err(), "answered while the supplier was held: {}", early.unwrap().body);
    holding.rollback().await.unwrap();
    request.await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_never_changes_between_an_approval_s_reading_and_its_commit() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let (buyer, twin) = (scene.lead_firm(&app, "Uno").await, scene.lead_firm(&app, "Dos").await);
    let supplier = scene.supplier(&app, "1000").await;
    let profile = format!("/organisations/{}/profile", supplier.organisation());
    let etag = supplier.get(&profile).await.expect(200).etag();
    waits_for(&app, &supplier, supplier.put_if("/profile/sales", &etag, annual_sales(900))).await.expect(200);
    let to_buyer = format!("/profile/sales/{}", buyer.organisation());
    waits_for(&app, &supplier, supplier.put(&to_buyer, sales("300"))).await.expect(200);

    let group =
        scene.institution.post("/buyer-groups", json!({ "name": "Grupo" })).await.expect(201).text("id");
    // The supplier sells to the one, and may have something approved with the other.
    for firm in [&buyer, &twin] {
        let member = format!("/buyer-groups/{group}/firms/{}", firm.organisation());
        waits_for(&app, &supplier, scene.institution.put(&member, json!({}))).await.expect(200);
    }
    let member = format!("/buyer-groups/{group}/firms/{}", twin.organisation());
    waits_for(&app, &supplier, scene.institution.delete(&member)).await.expect(204);
    let declared =
        json!({ "with": buyer.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
    let declared = twin.post("/control-declarations", declared).await.expect(201);
    let confirm = format!("/control-declarations/{}/confirm", declared.text("id"));
    let reason = json!({ "reason": "Consta en el registro de accionistas." });
    waits_for(&app, &supplier, scene.institution.post_if(&confirm, &declared.etag(), reason))
        .await
        .expect(200);
}

on_both_engines! {
    async fn of_two_statements_on_one_version_one_counts(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let supplier = scene.supplier(&app, "1000").await;
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        for _ in 0..5 {
            let etag = supplier.get(&profile).await.expect(200).etag();
            let state = |amount| supplier.put_if("/profile/sales", &etag, annual_sales(amount));
            let answers = join_all([700, 800, 900, 950].map(state)).await;
            let mut told: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
            told.sort_unstable();
            assert_eq!(told, [200, 412, 412, 412]);
        }
    }

    async fn of_two_groups_at_once_a_firm_joins_one(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let mut groups = Vec::new();
        for name in ["Norte", "Sur"] {
            let group = scene.institution.post("/buyer-groups", json!({ "name": name })).await.expect(201);
            groups.push(group.text("id"));
        }
        for _ in 0..5 {
            let firm = scene.lead_firm(&app, "Minera").await;
            let member = |group: &String| format!("/buyer-groups/{group}/firms/{}", firm.organisation());
            let (north, south) = (member(&groups[0]), member(&groups[1]));
            let put = |path| scene.institution.put(path, json!({}));
            let (north, south) = join(put(&north), put(&south)).await;
            let mut told = [north.status.as_u16(), south.status.as_u16()];
            told.sort_unstable();
            assert_eq!(told, [200, 409]);
        }
    }

    async fn the_last_certificate_is_taken_once(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let supplier = scene.supplier(&app, "1000").await;
        let add = |number: usize| {
            let certificate = json!({ "scheme": "ISO 9001:2015", "number": number.to_string(), "issuer": "BV",
                "issued_on": "2023-03-03", "expires_on": "2027-03-02" });
            supplier.post("/profile/certificates", certificate)
        };
        for number in 0..99 {
            add(number).await.expect(201);
        }
        let answers = join_all((99..103).map(add)).await;
        let mut told: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        told.sort_unstable();
        assert_eq!(told, [201, 422, 422, 422]);
    }
}
