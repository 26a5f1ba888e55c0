//! Two at once on PostgreSQL: an approval waits for whoever changes what it rests on, goes by what that leaves behind,
//! and lets nobody change it before its own commit. Each wait is made by hand, so that none is left to chance.

use std::pin::pin;

use futures_util::future::join;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;

use super::{accepted, invariant::waive, step};
use crate::{
    matching::scene::{Scene, award, lot},
    organisations::locks::{comes_early, under_way},
    support::{Engine, TestApp},
};

/// Matches of pieces at 1 USD with a supplier that sells for 1000 USD, accepted by both: under the cap of 30 % it may
/// sell 428 of them.
async fn accepted_ones(app: &TestApp, scene: &Scene, pieces: &[u64]) -> Vec<String> {
    let (buyer, supplier) = (scene.lead_firm(app, "Grande").await, scene.supplier(app, "1000").await);
    let lots: Vec<_> = pieces.iter().map(|pieces| lot(*pieces, "1")).collect();
    let lots = scene.requirement(&buyer, &lots).await;
    let awards: Vec<_> =
        lots.iter().zip(pieces).map(|(lot, pieces)| award(&supplier, lot, *pieces)).collect();
    let found = scene.propose(app, &awards).await;
    for found in &found {
        accepted(&buyer, &supplier, found).await;
    }
    found
}

/// What the rules of the scene's programme become, written by hand.
fn rules_become(scene: &Scene, cap: &str) -> String {
    format!(
        "UPDATE programmes SET version = version + 1, \
            rules = jsonb_set(rules::jsonb, '{{dependency_cap}}', '\"{cap}\"')::text WHERE id = '{}'",
        scene.id
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_waits_for_a_change_of_the_rules_and_goes_by_what_it_leaves() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let found = accepted_ones(&app, &scene, &[300, 400]).await;
    // 300 ≤ 0.3 · 1300, but not 0.2 · 1300.
    let stricter = under_way(&app, &rules_become(&scene, "0.2")).await;
    let mut refused = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut refused).await, "the rules are being changed");
    stricter.commit().await.unwrap();
    assert_eq!(refused.await.expect(409).code(), "dependency-cap-exceeded");

    // A change that is taken back was none.
    let taken_back = under_way(&app, &rules_become(&scene, "0.5")).await;
    let mut refused = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut refused).await, "the rules are being changed");
    taken_back.rollback().await.unwrap();
    assert_eq!(refused.await.expect(409).code(), "dependency-cap-exceeded");

    // 700 ≤ 0.5 · 1700.
    let looser = under_way(&app, &rules_become(&scene, "0.5")).await;
    let mut granted = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut granted).await, "the rules are being changed");
    looser.commit().await.unwrap();
    assert_eq!(granted.await.expect(200).text("state"), "approved");
    assert_eq!(step(&scene.approver, &found[1], "approve").await.expect(200).text("state"), "approved");
}

/// An approval that has its programme and its supplier, and waits for its match.
async fn first_under_way(app: &TestApp, found: &str) -> DatabaseTransaction {
    under_way(app, &format!("SELECT 1 FROM matches WHERE id = '{found}' FOR UPDATE")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_approval_waits_for_the_first_and_is_judged_on_what_it_left() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let found = accepted_ones(&app, &scene, &[300, 200, 100]).await;
    let holding = first_under_way(&app, &found[0]).await;
    let mut first = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut first).await, "its match is held");
    let elsewhere = scene.approver.on(eslabon::app::router(&app.base));
    let mut second = pin!(step(&elsewhere, &found[1], "approve"));
    assert!(!comes_early(&mut second).await, "the first has the supplier");
    holding.rollback().await.unwrap();
    let (first, second) = join(first, second).await;
    assert_eq!(first.expect(200).text("state"), "approved");
    // 200 ≤ 0.3 · 1200 by itself, but 500 > 0.3 · 1500.
    assert_eq!(second.expect(409).code(), "dependency-cap-exceeded");
    // 400 ≤ 0.3 · 1400.
    assert_eq!(step(&scene.approver, &found[2], "approve").await.expect(200).text("state"), "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_not_changed_between_an_approval_s_reading_and_its_commit() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let found = accepted_ones(&app, &scene, &[300]).await;
    let etag = scene.institution.get(&scene.programme).await.expect(200).etag();
    let holding = first_under_way(&app, &found[0]).await;
    let mut first = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut first).await, "its match is held");
    let rules =
        json!({ "dependency_cap": "0.1", "dependency_allowance": { "amount": "0", "currency": "USD" } });
    let path = format!("{}/rules", scene.programme);
    let mut change = pin!(scene.institution.put_if(&path, &etag, rules));
    assert!(!comes_early(&mut change).await, "the approval goes by them");
    holding.rollback().await.unwrap();
    let (first, change) = join(first, change).await;
    assert_eq!(first.expect(200).text("state"), "approved");
    change.expect(200);
    let trail = scene.approver.get(&format!("/matches/{}/approvals", found[0])).await.expect(200);
    assert_eq!(trail.body["items"][0]["rules_version"], 1, "{:#}", trail.body);
}

/// Somebody has the match that an approval waits for, and then asks for the supplier that the approval has: the database
/// takes back whoever has waited for longest, which is the approval.
#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_a_deadlock_takes_back_is_tried_again() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let scene = Scene::set(&app, "0").await;
    let found = accepted_ones(&app, &scene, &[300]).await;
    let holding = first_under_way(&app, &found[0]).await;
    let mut approval = pin!(step(&scene.approver, &found[0], "approve"));
    assert!(!comes_early(&mut approval).await, "its match is held");
    let supplier = format!(
        "SELECT 1 FROM organisations WHERE id = (SELECT supplier_id FROM matches WHERE id = '{}') FOR UPDATE",
        found[0]
    );
    let crossing = async {
        holding.execute_unprepared(&supplier).await.unwrap();
        holding.rollback().await.unwrap();
    };
    let (answer, ()) = join(approval, crossing).await;
    assert_eq!(answer.expect(200).text("state"), "approved");
    let trail = scene.approver.get(&format!("/matches/{}/approvals", found[0])).await.expect(200);
    assert_eq!(trail.body["items"].as_array().unwrap().len(), 1, "{:#}", trail.body);
}

/// What another programme asks for the same supplier is part of an approval's rule as well: its waivers and its rules stand
/// until the approval's commit.
#[tokio::test(flavor = "multi_thread")]
async fn another_programme_s_rules_and_waivers_wait_for_an_approval_s_commit() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let (here, there) = (Scene::set(&app, "0").await, Scene::set(&app, "0").await);
    let (buyer, supplier) = (here.lead_firm(&app, "Grande").await, here.supplier(&app, "1000").await);
    for firm in [&buyer, &supplier] {
        there.take_in(firm).await;
    }
    let lots = here.requirement(&buyer, &vec![lot(50, "1"); 3]).await;
    let awards: Vec<_> = lots.iter().map(|lot| award(&supplier, lot, 50)).collect();
    let found = here.propose(&app, &awards).await;
    let today = app.base.clock.now().day();
    let waiver = waive(&there, &supplier, &buyer, (45, today)).await;
    for (at, found) in found.iter().enumerate() {
        accepted(&buyer, &supplier, found).await;
        let etag = there.institution.get(&there.programme).await.expect(200).etag();
        let holding = first_under_way(&app, found).await;
        let mut approval = pin!(step(&here.approver, found, "approve"));
        assert!(!comes_early(&mut approval).await, "its match is held");
        let mut change = pin!(async {
            let (waivers, rules) =
                (format!("{}/waivers", there.programme), format!("{}/rules", there.programme));
            match at {
                0 => {
                    there
                        .approver
                        .post(&format!("{waiver}/revoke"), json!({ "reason": "Abrió otra planta" }))
                        .await
                }
                1 => {
                    let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(),
                        "dependency_cap": "0.2", "reason": "Primer contrato de la red", "expires_on": today });
                    there.approver.post(&waivers, waiver).await
                }
                _ => {
                    let allowance = json!({ "amount": "0", "currency": "USD" });
                    let stricter = json!({ "dependency_cap": "0.1", "dependency_allowance": allowance });
                    there.institution.put_if(&rules, &etag, stricter).await
                }
            }
        });
        assert!(!comes_early(&mut change).await, "the approval goes by it: change {at}");
        holding.rollback().await.unwrap();
        let (approval, change) = join(approval, change).await;
        assert_eq!(approval.expect(200).text("state"), "approved");
        assert!(change.status.is_success(), "{at}: {} {:#}", change.status, change.body);
    }
}
