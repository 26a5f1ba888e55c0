//! What a lot, its requirement and the light say of one supplier's part holds for what is approved.

use serde_json::{Value, json};

use super::{accepted, batch, step, two_approvers::reasons};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, TestApp},
};

/// A lot of a hundred with these limits.
fn limited(fields: &Value) -> Value {
    let mut limited = lot(100, "1");
    limited.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    limited
}

/// What the preview says of approving these, which is what the approval then says.
async fn refused(scene: &Scene, matches: &[&str]) -> Answer {
    let preview = format!("{}/approvals/preview", scene.programme);
    let seen = scene.approver.post(&preview, json!({ "matches": matches })).await.expect(200);
    assert_eq!(seen.body["would_be_approved"], false);
    let answer = batch(&scene.approver, scene, matches).await.expect(409);
    let mut told: Vec<String> = answer.faults().iter().map(|fault| fault.replace("/matches/", "")).collect();
    if told.is_empty() {
        // One fault of one match is the problem itself.
        assert_eq!((matches.len(), reasons(&seen).len()), (1, 1));
        return answer;
    }
    told.sort();
    assert_eq!(reasons(&seen), told);
    answer
}

async fn two_suppliers(app: &TestApp) -> (Scene, Client, Client, Client) {
    let scene = Scene::set(app, "0").await;
    let buyer = scene.lead_firm(app, "Grande").await;
    let (ana, bea) = (scene.supplier(app, "1000").await, scene.supplier(app, "1000").await);
    (scene, buyer, ana, bea)
}

on_both_engines! {
    async fn a_lot_has_no_more_suppliers_than_it_says(app: TestApp) {
        let (scene, buyer, ana, bea) = two_suppliers(&app).await;
        let lots = [limited(&json!({ "max_suppliers": 1 })), limited(&json!({ "divisible": false }))];
        let lots = scene.requirement(&buyer, &lots).await;
        let awards = [award(&ana, &lots[0], 50), award(&bea, &lots[0], 50), award(&ana, &lots[1], 99)];
        let found = scene.propose(&app, &awards).await;
        for (supplier, found) in [&ana, &bea, &ana].into_iter().zip(&found) {
            accepted(&buyer, supplier, found).await;
        }
        let both = refused(&scene, &[&found[0], &found[1]]).await;
        let mut expected = [&found[0], &found[1]].map(|found| format!("/matches/{found} too-many-suppliers"));
        expected.sort();
        assert_eq!(both.faults(), expected);
        step(&scene.approver, &found[0], "approve").await.expect(200);
        let second = refused(&scene, &[&found[1]]).await;
        assert_eq!(second.code(), "lot-too-many-suppliers");
        assert!(second.text("detail").contains('2') && second.text("detail").contains('1'), "{:#}", second.body);
        // What can't be split is all or nothing.
        assert_eq!(refused(&scene, &[&found[2]]).await.code(), "lot-share-too-small");
    }

    async fn a_supplier_s_part_lies_within_the_lot_s_shares(app: TestApp) {
        let (scene, buyer, ana, bea) = two_suppliers(&app).await;
        let shares = limited(&json!({ "max_share": "0.6", "min_share": "0.1" }));
        let lots = scene.requirement(&buyer, &[shares.clone(), shares]).await;
        let awards = [award(&ana, &lots[0], 55), award(&bea, &lots[0], 10), award(&ana, &lots[1], 61), award(&bea, &lots[1], 9)];
        let found = scene.propose(&app, &awards).await;
        for (supplier, found) in [&ana, &bea, &ana, &bea].into_iter().zip(&found) {
            accepted(&buyer, supplier, found).await;
        }
        assert_eq!(refused(&scene, &[&found[2]]).await.code(), "lot-share-exceeded");
        assert_eq!(refused(&scene, &[&found[3]]).await.code(), "lot-share-too-small");
        batch(&scene.approver, &scene, &[&found[0], &found[1]]).await.expect(200);
        // What an earlier run has brought counts.
        let again = &scene.propose(&app, &[award(&ana, &lots[0], 6), award(&bea, &lots[0], 5)]).await;
        accepted(&buyer, &ana, &again[0]).await;
        accepted(&buyer, &bea, &again[1]).await;
        let over = refused(&scene, &[&again[0]]).await;
        assert_eq!(over.code(), "lot-share-exceeded");
        assert!(over.text("detail").contains("61") && over.text("detail").contains("60"), "{:#}", over.body);
        step(&scene.approver, &again[1], "approve").await.expect(200);
    }

    async fn a_lead_firm_s_limit_on_one_supplier_takes_several_together(app: TestApp) {
        let (scene, buyer, ana, bea) = two_suppliers(&app).await;
        let body = json!({ "programme": scene.id, "title": "Bujes", "criteria": [], "max_supplier_share": "0.6",
            "lots": [lot(100, "1"), lot(100, "1")] });
        let posted = buyer.post("/requirements", body).await.expect(201);
        let path = format!("/requirements/{}", posted.text("id"));
        buyer.move_on(&path, "publish").await;
        buyer.move_on(&path, "close").await;
        let lots = [posted.text("lots/0/id"), posted.text("lots/1/id")];
        let found = scene.propose(&app, &[award(&ana, &lots[0], 60), award(&bea, &lots[0], 40), award(&ana, &lots[1], 10)]).await;
        for (supplier, found) in [&ana, &bea, &ana].into_iter().zip(&found) {
            accepted(&buyer, supplier, found).await;
        }
        let alone = refused(&scene, &[&found[0]]).await;
        assert_eq!(alone.code(), "supplier-share-exceeded");
        assert!(alone.text("detail").contains("100") && alone.text("detail").contains("60"), "{:#}", alone.body);
        batch(&scene.approver, &scene, &[&found[0], &found[1]]).await.expect(200);
        // 70 of 110.
        assert_eq!(refused(&scene, &[&found[2]]).await.code(), "supplier-share-exceeded");
    }
}
