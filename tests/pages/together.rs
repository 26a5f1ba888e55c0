//! Several matches approved together: ticked in the queue, seen beforehand, and all of them or none.

use eslabon::foundation::access::Role;

use crate::{
    approvals::accepted,
    matching::scene::{Scene, award, lot},
};

on_both_engines! {
    async fn several_are_ticked_seen_and_approved_at_once(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1"), lot(20, "1"), lot(900, "1")]).await;
        let awards = [award(&supplier, &lots[0], 10), award(&supplier, &lots[1], 20), award(&supplier, &lots[2], 900)];
        let found = scene.propose(&app, &awards).await;
        for id in &found {
            accepted(&buyer, &supplier, id).await;
        }
        let mut approver = app.browser_of(&scene.institution, Role::Approver).await;
        let queue = approver.open("/matches?state=accepted").await.expect(200);
        let form = queue.form("/matches/together");
        approver.send(&form).await.expect(409).says("No marcó ningún emparejamiento");

        // With the large one the supplier would hang on one buyer: none is approved, and the page says at which.
        let all = form.clone().with("matches-0-id", &found[0]).with("matches-2-id", &found[2]);
        let page = approver.send(&all).await.expect(200);
        page.says("No se puede").says("supera el tope de dependencia");
        assert!(!page.text.contains("/together/approve"));

        let two = form.with("matches-0-id", &found[0]).with("matches-1-id", &found[1]);
        let page = approver.send(&two).await.expect(200);
        page.says("Cómo quedarían los proveedores");
        let confirm = page.form("/matches/together/approve");
        assert_eq!(confirm.get("matches-1-id").map(str::len), Some(36));

        // What has changed since it was read is told, and nothing is approved.
        let stale = confirm.clone().with("matches-0-version", "1");
        approver.send(&stale).await.expect(412);
        assert_eq!(buyer.get(&format!("/matches/{}", found[1])).await.text("state"), "accepted");
        approver.submit(&confirm).await.expect(200);
        for id in &found[..2] {
            assert_eq!(buyer.get(&format!("/matches/{id}")).await.text("state"), "approved");
        }
        assert_eq!(buyer.get(&format!("/matches/{}", found[2])).await.text("state"), "accepted");

        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let queue = officer.open("/matches?state=accepted").await.expect(200);
        assert!(!queue.text.contains("/matches/together"), "who may not approve ticks nothing");
        officer.send(&confirm).await.expect(403);
    }
}
