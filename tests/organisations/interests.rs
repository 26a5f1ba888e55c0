//! Declared interests: who sees them, how long they hold, who ends them.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
};

on_both_engines! {
    async fn whoever_has_an_interest_does_not_approve_and_another_does(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, sister, supplier) =
            (scene.lead_firm(&app, "Grande").await, scene.lead_firm(&app, "Hermana").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await.remove(0);
        accepted(&buyer, &supplier, &found).await;
        let colleague = app.person(scene.institution.organisation(), Kind::Institution, Role::Approver).await;
        // An interest in one firm counts for all under common control with it; it holds for its days alone.
        let interest = json!({ "party": sister.organisation(), "nature": "ownership",
            "text": "Tengo acciones de la empresa.", "until": "2026-03-03" });
        let declared = scene.approver.post("/interests", interest).await.expect(201);
        assert_eq!((declared.text("state"), declared.text("from")), ("in_force".into(), "2026-03-02".into()));
        let reasons = async || {
            let read = scene.approver.get(&format!("/matches/{found}")).await.expect(200);
            read.body["reasons"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(reasons().await, [""; 0]);
        scene.institution.common_control(&buyer, &sister).await;
        assert_eq!(reasons().await, ["conflicted"]);
        assert_eq!(step(&scene.approver, &found, "approve").await.expect(409).code(), "conflict-of-interest");
        assert_eq!(step(&scene.approver, &found, "reject").await.expect(409).code(), "conflict-of-interest");
        app.base.clock.advance(2 * 86_400);
        assert_eq!(reasons().await, [""; 0]);
        let again = json!({ "party": supplier.organisation(), "nature": "recusal" });
        let declared = scene.approver.post("/interests", again).await.expect(201);
        assert_eq!(step(&scene.approver, &found, "approve").await.expect(409).code(), "conflict-of-interest");
        // The person, and the administrators of the organisation, see it; nobody else.
        let path = format!("/interests/{}", declared.text("id"));
        for reader in [&scene.approver, &scene.institution] {
            assert_eq!(reader.get(&path).await.expect(200).text("nature"), "recusal");
        }
        for stranger in [&colleague, &supplier, &buyer, &app.institution().await] {
            stranger.get(&path).await.expect(404);
            assert_eq!(stranger.get("/interests").await.expect(200).body["items"], json!([]));
        }
        step(&colleague, &found, "approve").await.expect(200);
    }

    async fn what_an_administrator_records_the_person_does_not_end(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let supplier = scene.supplier(&app, "1000").await;
        let account = scene.approver.get("/me").await.expect(200).text("account/id");
        let interest = json!({ "party": supplier.organisation(), "nature": "business", "text": "Le vendió una máquina." });
        let path = format!("/members/{account}/interests");
        scene.approver.post(&path, interest.clone()).await.expect(403);
        app.institution().await.post(&path, interest.clone()).await.expect(404);
        let recorded = scene.institution.post(&path, interest).await.expect(201);
        let path = format!("/interests/{}", recorded.text("id"));
        let reason = json!({ "reason": "Ya no hay negocio." });
        let refused = scene.approver.post_if(&format!("{path}/end"), "\"1\"", reason.clone()).await.expect(409);
        assert_eq!(refused.code(), "interest-recorded-by-another");
        let ended = scene.institution.post_if(&format!("{path}/end"), "\"1\"", reason.clone()).await.expect(200);
        assert_eq!(ended.text("state"), "over");
        assert_eq!(scene.institution.post_if(&format!("{path}/end"), "\"2\"", reason).await.expect(409).code(), "wrong-state");
        // Every fault at once; whom one does not see, and one's own organisation, are told alike.
        let faulty = json!({ "party": scene.institution.organisation(), "nature": "friend", "from": "2026-03-02", "until": "2026-03-01" });
        let refused = scene.approver.post("/interests", faulty).await.expect(422);
        assert_eq!(refused.faults(), ["/nature unknown-word", "/until ends-before-start"]);
        let unseen = app.supplier("Ajeno").await.organisation();
        for party in [unseen, scene.institution.organisation()] {
            let interest = json!({ "party": party, "nature": "recusal" });
            assert_eq!(scene.approver.post("/interests", interest).await.expect(422).faults(), ["/party no-such-firm"]);
        }
    }
}
