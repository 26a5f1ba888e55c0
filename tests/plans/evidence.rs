//! Files beside a plan's actions: the same rules as beside answers, and none is taken out again.

use serde_json::json;

use super::Scene;
use crate::diagnostics::evidence::{pdf, photo, upload};

const MISSING: &str = "01890000-0000-7000-8000-000000000000";

on_both_engines! {
    async fn an_actions_files_show_how_far_it_is(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.draw_up().await;
        let action = scene.supplier.get(&plan).await.expect(200).text("actions/0/id");
        let beside = format!("{plan}/actions/{action}/evidence");
        let early = upload(&scene.supplier, &beside, &pdf("uno")).await.expect(409);
        assert_eq!(early.code(), "wrong-state");
        scene.post(&scene.institution, &plan, "propose", json!({})).await.expect(200);
        for firm in [&scene.supplier, &scene.lead_firm] {
            super::sign(firm, &plan).await.expect(200);
        }
        let before = scene.supplier.get(&plan).await.expect(200);
        let photo = upload(&scene.supplier, &beside, &photo()).await.expect(201);
        assert_eq!((photo.text("media_type"), photo.text("added_by")), ("image/jpeg".into(), "supplier".into()));
        let file = scene.lead_firm.get(&format!("{plan}/evidence/{}", photo.text("id"))).await.expect(200);
        assert!(!file.body.as_str().unwrap().contains("GPSLatitude"), "where it was taken is gone");
        assert_eq!(file.headers["content-disposition"].to_str().unwrap(), format!("attachment; filename=\"{}.jpg\"", photo.text("id")));
        scene.post(&scene.supplier, &plan, "start", json!({})).await.expect(200);
        let minute = upload(&scene.institution, &beside, &pdf("minuta")).await.expect(201);
        assert_eq!(minute.text("added_by"), "institution");
        assert_eq!(upload(&scene.lead_firm, &beside, &pdf("minuta")).await.expect(200).text("id"), minute.text("id"));
        let listed = scene.supplier.get(&format!("{plan}/evidence")).await.expect(200);
        let items = listed.body["items"].as_array().unwrap();
        assert!(items.len() == 2 && items.iter().all(|item| item["action"] == json!(action)), "{items:#?}");
        // Files are no content: what both have signed stands.
        assert_eq!(scene.supplier.get(&plan).await.expect(200).text("hash"), before.text("hash"));
        for at in 0..8 {
            upload(&scene.supplier, &beside, &pdf(&at.to_string())).await.expect(201);
        }
        assert_eq!(upload(&scene.supplier, &beside, &pdf("once")).await.expect(422).faults(), ["/file too-many"]);
        assert_eq!(upload(&scene.supplier, &beside, b"<html>").await.expect(422).faults(), ["/file file-of-another-kind"]);
        upload(&scene.supplier, &format!("{plan}/actions/{MISSING}/evidence"), &pdf("x")).await.expect(404);
        assert_eq!(scene.supplier.delete(&format!("{plan}/evidence/{}", photo.text("id"))).await.status, 405, "none is taken out");
    }

    async fn who_sees_the_plan_sees_its_files_and_nobody_else(app: TestApp) {
        let scene = Scene::set(&app).await;
        let plan = scene.agreed().await;
        let action = scene.supplier.get(&plan).await.expect(200).text("actions/0/id");
        let beside = format!("{plan}/actions/{action}/evidence");
        let file = format!("{plan}/evidence/{}", upload(&scene.supplier, &beside, &pdf("uno")).await.expect(201).text("id"));
        let rival = app.supplier("Otro").await;
        scene.institution.take_in(&scene.programme, &[&rival]).await;
        for stranger in [&rival, &app.lead_firm("Rival").await, &app.institution().await] {
            stranger.get(&file).await.expect(404);
            stranger.get(&format!("{plan}/evidence")).await.expect(404);
            upload(stranger, &beside, &pdf("dos")).await.expect(404);
        }
        scene.lead_firm.get(&file).await.expect(200);
        let log = scene.supplier.get("/consents/log").await.expect(200).body.to_string();
        assert!(log.contains(&scene.lead_firm.organisation().to_string()), "{log}");
        scene.supplier.delete(&format!("/consents/{}", scene.lead_firm.organisation())).await.expect(204);
        scene.lead_firm.get(&file).await.expect(404);
        scene.lead_firm.get(&format!("{plan}/evidence/{MISSING}")).await.expect(404);
        // A file of another plan is none of this one.
        scene.supplier.get(&format!("/plans/{MISSING}/evidence/{}", file.rsplit('/').next().unwrap())).await.expect(404);
    }
}
