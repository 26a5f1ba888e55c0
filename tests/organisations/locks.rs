//! Two at once: whoever changes what a supplier sells, or who counts as one buyer, waits for whom it concerns.

use std::time::Duration;

use eslabon::foundation::db::Db;
use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
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

/// A write of somebody else that has done this much, and has not committed yet.
pub async fn under_way(app: &TestApp, sql: &str) -> DatabaseTransaction {
    let holding = Db::connect(app.url()).await.unwrap().reads().begin().await.unwrap();
    holding.execute_unprepared(sql).await.unwrap();
    holding
}

/// Holds a firm. Rows that only refer to it can still be written, so that whoever waits does so for a lock of its own.
async fn hold(app: &TestApp, firm: &Client) -> DatabaseTransaction {
    let lock = format!("SELECT 1 FROM organisations WHERE id = '{}' FOR NO KEY UPDATE", firm.organisation());
    under_way(app, &lock).await
}

/// The answer to a request, which must not come while somebody else holds the supplier, as an approval does.
async fn waits_for(app: &TestApp, supplier: &Client, request: impl Future<Output = Answer>) -> Answer {
    let holding = hold(app, supplier).await;
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

    // The supplier sells to the one, and may have something approved with the other.
    let ground = "Ambas pertenecen a Inversiones Cordillera.";
    for with in [json!(buyer.organisation()), Value::Null] {
        let declared = json!({ "with": with, "ground": ground });
        let declared = twin.post("/control-declarations", declared).await.expect(201);
        waits_for(&app, &supplier, scene.institution.confirm_control(&declared)).await.expect(200);
    }
}

/// Whether the answer comes within half a second.
pub async fn comes_early(request: &mut std::pin::Pin<&mut impl Future<Output = Answer>>) -> bool {
    tokio::time::timeout(Duration::from_millis(500), request).await.is_ok()
}

/// Who is in which group says which suppliers a change concerns: it must not change before the commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_buyer_groups_waits_for_another_one_under_way() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let (scene, elsewhere) = (Scene::set(&app, "0").await, Scene::set(&app, "0").await);
    let [one, two, three] = [
        scene.lead_firm(&app, "Uno").await,
        scene.lead_firm(&app, "Dos").await,
        scene.lead_firm(&app, "Tres").await,
    ];
    // It sells to the first, and the institution knows nothing of it: the second change does not concern it.
    let outside = elsewhere.supplier(&app, "1000").await;
    elsewhere.sells(&outside, &one, "100").await;
    let declare = async |firm: &Client, with: &Client| {
        let body =
            json!({ "with": with.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
        firm.post("/control-declarations", body).await.expect(201)
    };
    let (first, second) = (declare(&one, &two).await, declare(&three, &two).await);
    let holding = hold(&app, &outside).await;
    let mut first = std::pin::pin!(scene.institution.confirm_control(&first));
    assert!(!comes_early(&mut first).await, "the supplier is held");
    let mut second = std::pin::pin!(scene.institution.confirm_control(&second));
    assert!(!comes_early(&mut second).await, "the first is under way");
    holding.rollback().await.unwrap();
    let (first, second) = join(first, second).await;
    first.expect(200);
    second.expect(200);
    let group = async |firm: &Client| firm.get("/me").await.expect(200).text("organisation/buyer_group");
    assert_eq!(group(&one).await, group(&three).await);
}

/// A firm that is joining a group at this moment brings it along.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_groups_at_once_a_firm_joins_one() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let [firm, north, south, twin] = [
        scene.lead_firm(&app, "Minera").await,
        scene.lead_firm(&app, "Norte").await,
        scene.lead_firm(&app, "Sur").await,
        scene.lead_firm(&app, "Sureste").await,
    ];
    let group = scene.institution.common_control(&south, &twin).await;
    let body =
        json!({ "with": north.organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
    let declared = firm.post("/control-declarations", body).await.expect(201);
    let joins = format!(
        "UPDATE organisations SET buyer_group_id = '{group}', version = version + 1 WHERE id = '{}'",
        firm.organisation()
    );
    let joining = under_way(&app, &joins).await;
    let mut request = std::pin::pin!(scene.institution.confirm_control(&declared));
    assert!(!comes_early(&mut request).await, "the firm is held");
    joining.commit().await.unwrap();
    request.await.expect(200);
    let group = async |firm: &Client| firm.get("/me").await.expect(200).text("organisation/buyer_group");
    for other in [&north, &south, &twin] {
        assert_eq!(group(other).await, group(&firm).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_adds_a_certificate_waits_for_who_changes_the_profile() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let supplier = scene.supplier(&app, "1000").await;
    let certificate = json!({ "scheme": "ISO 9001:2015", "number": "1", "issuer": "BV", "issued_on": "2023-03-03",
        "expires_on": "2027-03-02" });
    waits_for(&app, &supplier, supplier.post("/profile/certificates", certificate)).await.expect(201);
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
