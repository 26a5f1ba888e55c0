//! The people of a programme: an adviser who visits, judges an objection, leaves, and is forgotten.

use eslabon::foundation::{access::Actor, audit};
use serde_json::json;

use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
    objections::{now, object},
    personal::{joined, traces},
};

on_both_engines! {
    /// Ines answers for a workshop during a visit, and the workshop confirms it. Its match is rejected; it objects, and
    /// Ines finds that it is right. Then she leaves and has herself erased: what was done stays, by a number, and the
    /// trail still verifies.
    async fn an_adviser_visits_judges_an_objection_and_is_forgotten(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let ines = joined(&app, &scene.institution, "officer", "Ines Zamorano", "ines@fomento.example").await;
        let id = ines.get("/me").await.expect(200).text("account/id");

        // The visit: she enters what the workshop says, and the workshop makes it count.
        let diagnostic = format!("/diagnostics/{}", supplier.post("/diagnostics", json!({})).await.expect(201).text("id"));
        let mandate = json!({ "institution": scene.institution.organisation(), "account": id, "scope": "diagnostic",
            "purpose": "Responder durante la visita al taller.", "until": "2026-03-31" });
        let mandate = format!("/mandates/{}", supplier.post("/mandates", mandate).await.expect(201).text("id"));
        let entered = format!("{diagnostic}/assisted-answers");
        ines.put(&format!("{entered}/quality-control"), json!({ "revision": 1, "value": 3 })).await.expect(200);
        supplier.post(&format!("{entered}/confirm"), json!({ "questions": ["quality-control"] })).await.expect(200);
        supplier.move_on(&diagnostic, "submit").await;

        // The objection: another officer than whoever rejected looks at it, and the match is proposed again.
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await.remove(0);
        accepted(&buyer, &supplier, &found).await;
        step(&scene.approver, &found, "reject").await.expect(200);
        let objection = format!("/objections/{}", object(&supplier, "match", &found).await.expect(201).text("id"));
        now(&ines, &objection, "review", json!({})).await.expect(200);
        let reason = json!({ "reason": "La visita muestra que el taller controla cada pieza." });
        assert_eq!(now(&ines, &objection, "uphold", reason).await.expect(200).text("effect"), "match_reopened");
        accepted(&buyer, &supplier, &found).await;
        step(&scene.approver, &found, "approve").await.expect(200);

        // She leaves. Nothing says who she was; everything still says that somebody did it, and who entered what.
        let service = Actor::system(scene.institution.organisation());
        let before = audit::list(app.base.db.reads(), &service, 10_000).await.unwrap();
        ines.post("/me/erasure", json!({ "erase_me": true })).await.expect(200);
        for text in ["Zamorano", "ines@fomento"] {
            assert_eq!(traces(&app, text).await, [""; 0]);
        }
        assert_eq!(scene.institution.get(&objection).await.expect(200).text("handled_by"), id);
        let read = supplier.get(&diagnostic).await.expect(200);
        let answer = read.body["answers"].as_array().unwrap().iter().find(|one| one["question"] == "quality-control");
        assert_eq!(answer.unwrap()["assisted"]["by"], json!(id));
        assert_eq!(supplier.get(&mandate).await.expect(200).text("state"), "revoked");
        let after = audit::list(app.base.db.reads(), &service, 10_000).await.unwrap();
        assert!(after.len() > before.len() && after.iter().all(|entry| entry.verify() != Some(false)));
        for entry in &before {
            let kept = after.iter().find(|kept| kept.id() == entry.id()).unwrap();
            assert_eq!((kept.leaf_hash(), kept.account()), (entry.leaf_hash(), entry.account()));
        }
        // What she decided is still told in full: only what is about herself says nothing any more.
        let judged = after.iter().find(|entry| entry.operation() == "objections.uphold").unwrap();
        assert_eq!((judged.verify(), judged.account().to_string()), (Some(true), id));
    }
}
