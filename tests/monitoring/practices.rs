//! Good practices: written up, reviewed by somebody else, published with figures, found, adopted.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use super::{DAY, Net, employ};
use crate::support::Client;

pub fn practice(programme: &str) -> Value {
    json!({
        "programme": programme.rsplit('/').next(), "title": "Tablero de calidad por turno",
        "summary": "Cada turno anota sus defectos en un tablero a la vista de todos.",
        "body": "Al final del turno, dos personas cuentan los defectos y acuerdan una acción.",
        "evidence": "En tres talleres de tornería los rechazos bajaron a la mitad en un año.",
        "dimension": "quality", "tags": ["Tablero", "torneado"],
    })
}

pub async fn written(client: &Client, body: &Value) -> String {
    format!("/practices/{}", client.post("/practices", body.clone()).await.expect(201).text("id"))
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let listed = client.get(&format!("/practices{query}")).await.expect(200);
    let items = listed.body["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_practice_is_reviewed_by_somebody_else_and_published_with_its_figures(app: TestApp) {
        let mut net = Net::of(&app, 5).await;
        let measured = async |net: &Net, moment: &str, due: &str, persons: &str| {
            let round = net.round(moment, due).await;
            for supplier in &net.suppliers {
                employ(supplier, &round, persons).await.expect(200);
            }
            round
        };
        let baseline = measured(&net, "baseline", "2026-04-01", "10").await;
        net.scene.institution.move_on(&baseline, "close").await;
        app.base.clock.advance(365 * DAY);
        net.log_in_again(&app).await;
        let author = net.scene.institution.clone();
        let reviewer = app.person(author.organisation(), Kind::Institution, Role::Officer).await;
        let year = measured(&net, "month_12", "2027-04-01", "12").await;
        let mut body = practice(&net.scene.programme);
        // Figures of another programme say nothing of this one.
        let elsewhere = author.open_programme(&[&net.buyer]).await;
        let foreign = author.network(&elsewhere, &net.buyer).await;
        body["indicators"] = json!([{ "network": foreign.rsplit('/').next(), "indicator": "employment", "moment": "month_12" }]);
        assert_eq!(author.post("/practices", body.clone()).await.expect(422).faults(), ["/indicators/0/network no-network-to-cite"]);
        body["indicators"] = json!([{ "network": net.network.rsplit('/').next(), "indicator": "employment", "moment": "month_12" }]);
        let path = written(&author, &body).await;
        author.move_on(&path, "submit").await;
        // Nobody reviews what they wrote.
        let etag = author.get(&path).await.expect(200).etag();
        assert_eq!(author.post_if(&format!("{path}/publish"), &etag, json!({})).await.expect(409).code(), "own-practice");
        // While the round is open, its figure is told nobody.
        let early = reviewer.post_if(&format!("{path}/publish"), &etag, json!({})).await.expect(422);
        assert_eq!(early.faults(), ["/indicators/0 figure-not-told"]);
        let reason = json!({ "reason": "Espere a que cierre la ronda." });
        let back = reviewer.post_if(&format!("{path}/return"), &etag, reason).await.expect(200);
        assert_eq!((back.text("state"), back.text("reason")), ("draft".into(), "Espere a que cierre la ronda.".into()));
        author.move_on(&year, "close").await;
        author.move_on(&path, "submit").await;
        let published = reviewer.move_on(&path, "publish").await;
        let figures = &published.body["figures"][0];
        assert_eq!((&figures["firms"], &figures["mean_before"], &figures["mean_after"], &figures["change_percent"]),
            (&json!(5), &json!("10"), &json!("12"), &json!("20")));
        // Everybody reads it, whatever their programme; which network it was only its institution.
        let stranger = app.supplier("De otro programa").await;
        let read = stranger.get(&path).await.expect(200);
        assert_eq!((&read.body["figures"][0]["network"], &read.body["figures"][0]["firms"]), (&Value::Null, &json!(5)));
        let reason = json!({ "reason": "La reemplaza otra más completa." });
        let etag = reviewer.get(&path).await.expect(200).etag();
        assert_eq!(author.post_if(&format!("{path}/retire"), &etag, reason).await.expect(200).text("state"), "retired");
        assert_eq!(stranger.put(&format!("{path}/adoption"), json!({})).await.expect(409).code(), "wrong-state");
    }

    async fn a_firm_proposes_one_and_cites_no_figures(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let (supplier, institution) = (&net.suppliers[0], &net.scene.institution);
        let mut body = practice(&net.scene.programme);
        body["indicators"] = json!([{ "network": net.network.rsplit('/').next(), "indicator": "sueldo", "moment": "month_12" }]);
        let refused = supplier.post("/practices", body).await.expect(422);
        assert_eq!(refused.faults(), ["/indicators/0/indicator no-such-indicator", "/indicators/0/network no-network-to-cite"]);
        let refused = supplier.post("/practices", json!({ "title": "X", "tags": ["a|b"], "programme": net.scene.id })).await.expect(422);
        assert_eq!(refused.faults(), ["/body required", "/dimension required", "/evidence required", "/summary required", "/tags/0 no-tag", "/title wrong-length"]);
        let refused = app.supplier("Ajeno").await.post("/practices", practice(&net.scene.programme)).await.expect(422);
        assert_eq!(refused.faults(), ["/programme no-programme-of-ones-own"]);
        let path = written(supplier, &practice(&net.scene.programme)).await;
        // A draft is its author's alone; with the review the institution sees it.
        institution.get(&path).await.expect(404);
        net.buyer.get(&path).await.expect(404);
        supplier.move_on(&path, "submit").await;
        net.buyer.get(&path).await.expect(404);
        institution.get(&path).await.expect(200);
        let mut content = practice(&net.scene.programme);
        content.as_object_mut().unwrap().remove("programme");
        let etag = supplier.get(&path).await.expect(200).etag();
        assert_eq!(supplier.put_if(&path, &etag, content.clone()).await.expect(409).code(), "wrong-state");
        institution.post_if(&format!("{path}/return"), &etag, json!({ "reason": "Falta decir cómo se mide." })).await.expect(200);
        content["title"] = json!("Tablero de calidad, con medición");
        let etag = supplier.get(&path).await.expect(200).etag();
        supplier.put_if(&path, &etag, content).await.expect(200);
        supplier.move_on(&path, "submit").await;
        institution.move_on(&path, "publish").await;
        // Others read it, and not which firm it was.
        assert_eq!(net.buyer.get(&path).await.expect(200).body["author"], Value::Null);
        assert_eq!(supplier.get(&path).await.expect(200).text("author"), supplier.organisation().to_string());
    }

    async fn practices_are_found_whatever_their_accents(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let (institution, supplier) = (&net.scene.institution, &net.suppliers[0]);
        let other = json!({
            "programme": net.scene.id, "title": "Pago a treinta días", "summary": "La empresa líder paga a treinta días de la factura.",
            "body": "Las facturas se aprueban cada semana, no cada mes.", "evidence": "Los días de pago bajaron de 61 a 29 en un año.",
            "dimension": "payment", "tags": ["días de pago"],
        });
        for body in [practice(&net.scene.programme), other] {
            let path = written(institution, &body).await;
            institution.move_on(&path, "submit").await;
            let approver = &net.scene.approver;
            let etag = approver.get(&path).await.expect(200).etag();
            approver.post_if(&format!("{path}/publish"), &etag, json!({})).await.expect(200);
        }
        assert_eq!(titles(supplier, "").await.len(), 2);
        assert_eq!(titles(supplier, "?q=TORNERIA%20tablero").await, ["Tablero de calidad por turno"]);
        assert_eq!(titles(supplier, "?q=torner%C3%ADa").await, ["Tablero de calidad por turno"]);
        assert_eq!(titles(supplier, "?q=torneria%20pago").await, [""; 0]);
        assert_eq!(titles(supplier, "?q=%25").await.len(), 2);
        assert_eq!(titles(supplier, "?tag=D%C3%8DAS%20de%20pago").await, ["Pago a treinta días"]);
        assert_eq!(titles(supplier, "?tag=dias").await, [""; 0]);
        assert_eq!(titles(supplier, "?dimension=quality").await, ["Tablero de calidad por turno"]);
        assert_eq!(titles(supplier, "?state=draft").await, [""; 0]);
        supplier.get("/practices?dimension=colour").await.expect(422);
    }

    async fn adoptions_are_counted_from_five_firms_on_and_taken_back(app: TestApp) {
        let net = Net::of(&app, 5).await;
        let (institution, approver) = (&net.scene.institution, &net.scene.approver);
        let path = written(institution, &practice(&net.scene.programme)).await;
        institution.move_on(&path, "submit").await;
        approver.move_on(&path, "publish").await;
        let etag = institution.get(&path).await.expect(200).etag();
        let adoption = format!("{path}/adoption");
        let other = app.institution().await;
        other.put(&adoption, json!({ "note": "En dos redes nuestras." })).await.expect(200);
        for supplier in &net.suppliers[..4] {
            supplier.put(&adoption, json!({})).await.expect(200);
        }
        // Saying it again counts once.
        net.suppliers[0].put(&adoption, json!({ "note": "En dos turnos." })).await.expect(200);
        let told = async || {
            let read = net.buyer.get(&path).await.expect(200);
            (read.body["adopted"]["institutions"].clone(), read.body["adopted"]["firms"].clone(), read.body["adopted"]["withheld"].clone())
        };
        assert_eq!(told().await, (json!(1), Value::Null, json!("fewer_than_five")));
        net.suppliers[4].put(&adoption, json!({})).await.expect(200);
        assert_eq!(told().await, (json!(1), json!(5), Value::Null));
        assert_eq!(institution.get(&path).await.expect(200).etag(), etag, "what others do moves no version");
        let listed = institution.get(&format!("{path}/adoptions")).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 6);
        other.get(&format!("{path}/adoptions")).await.expect(404);
        net.suppliers[0].get(&format!("{path}/adoptions")).await.expect(403);
        net.suppliers[0].delete(&adoption).await.expect(204);
        net.suppliers[0].delete(&adoption).await.expect(404);
        assert_eq!(told().await, (json!(1), Value::Null, json!("fewer_than_five")));
    }
}
