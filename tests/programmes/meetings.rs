//! Visits and meetings: called, written down, confirmed by both sides, kept.

use serde_json::{Value, json};

use crate::{
    support::{Answer, Client, TestApp},
    world::shown,
};

/// A network with two suppliers.
struct Net {
    institution: Client,
    buyer: Client,
    one: Client,
    two: Client,
    path: String,
}

impl Net {
    async fn set(app: &TestApp) -> Self {
        let (institution, buyer) = (app.institution().await, app.lead_firm("Grande").await);
        let (one, two) = (app.supplier("Uno").await, app.supplier("Dos").await);
        let programme = institution.open_programme(&[&buyer, &one, &two]).await;
        let path = institution.network(&programme, &buyer).await;
        for supplier in [&one, &two] {
            institution.select(&path, &buyer, supplier).await;
        }
        Self { institution, buyer, one, two, path }
    }

    async fn call(&self, by: &Client, held_on: &str, with: &[&Client]) -> Answer {
        let participants: Vec<_> = with.iter().map(|client| client.organisation()).collect();
        let body = json!({ "kind": "visit", "held_on": held_on, "place": "Taller de Uno, Chillán",
            "purpose": "Ver el control de calidad.", "participants": participants });
        by.post(&format!("{}/meetings", self.path), body).await
    }
}

fn minutes(came: &[&Client], agreements: &Value) -> Value {
    let attendance: Vec<_> = came
        .iter()
        .map(|client| json!({ "organisation": client.organisation(), "people": "Ana Rojas" }))
        .collect();
    json!({ "attendance": attendance, "agreements": agreements })
}

async fn now(client: &Client, path: &str, step: &str, body: Value) -> Answer {
    let etag = client.get(path).await.expect(200).etag();
    client.post_if(&format!("{path}/{step}"), &etag, body).await
}

on_both_engines! {
    async fn a_visit_is_written_down_and_confirmed_by_both_sides(app: TestApp) {
        let net = Net::set(&app).await;
        let called = net.call(&net.buyer, "2026-03-03", &[&net.one, &net.institution]).await.expect(201);
        let path = format!("/meetings/{}", called.text("id"));
        let promise = json!([{ "what": "Enviar tres muestras.", "who": net.one.organisation(), "until": "2026-03-20" }]);
        let body = minutes(&[&net.buyer, &net.one], &promise);
        let write = async |who: &Client, body: Value| {
            let etag = who.get(&path).await.expect(200).etag();
            who.put_if(&format!("{path}/minutes"), &etag, body).await
        };
        // Not before its day.
        assert_eq!(write(&net.buyer, body.clone()).await.expect(422).faults(), ["/held_on in-the-future"]);
        app.base.clock.advance(86_400);
        let faulty = json!({ "attendance": [{ "organisation": net.two.organisation(), "people": "Ana" }],
            "agreements": [{ "what": "Enviar muestras.", "who": net.two.organisation(), "until": "2026-03-01" }] });
        assert_eq!(write(&net.buyer, faulty).await.expect(422).faults(), [
            "/agreements/0/until ends-before-start", "/agreements/0/who no-such-participant",
            "/attendance own-attendance-missing", "/attendance/0/organisation no-such-participant",
        ]);
        let written = write(&net.buyer, body.clone()).await.expect(200);
        assert_eq!(written.text("state"), "held");
        // The institution was asked and did not come; the supplier confirms, and it is confirmed.
        assert_eq!(now(&net.institution, &path, "confirm", json!({})).await.expect(409).code(), "nothing-to-confirm-here");
        assert_eq!(now(&net.buyer, &path, "confirm", json!({})).await.expect(409).code(), "nothing-to-confirm-here");
        // Rewritten by the other side, it is confirmed anew by the first.
        write(&net.one, body).await.expect(200);
        let confirmed = now(&net.buyer, &path, "confirm", json!({})).await.expect(200);
        assert_eq!(confirmed.text("state"), "confirmed");
        assert_eq!(write(&net.buyer, minutes(&[&net.buyer], &json!([]))).await.expect(409).code(), "wrong-state");
        // Whoever promised says that it is done.
        let step = format!("agreements/{}/fulfil", confirmed.text("agreements/0/id"));
        let note = json!({ "note": "Entregadas en la planta norte." });
        assert_eq!(now(&net.buyer, &path, &step, note.clone()).await.expect(409).code(), "promised-by-another");
        let done = now(&net.one, &path, &step, note.clone()).await.expect(200);
        assert_eq!((done.text("agreements/0/done_on"), done.text("state")), ("2026-03-03".into(), "confirmed".into()));
        assert_eq!(now(&net.one, &path, &step, note).await.expect(409).code(), "agreement-done");
    }

    async fn minutes_are_confirmed_when_everybody_who_came_has_confirmed_them(app: TestApp) {
        let net = Net::set(&app).await;
        let called = net.call(&net.buyer, "2026-03-02", &[&net.one, &net.two]).await.expect(201);
        let path = format!("/meetings/{}", called.text("id"));
        let etag = net.buyer.get(&path).await.expect(200).etag();
        let body = minutes(&[&net.buyer, &net.one, &net.two], &json!([]));
        net.buyer.put_if(&format!("{path}/minutes"), &etag, body).await.expect(200);
        for (last, state) in [(&net.two, "held"), (&net.one, "confirmed")] {
            assert_eq!(now(last, &path, "confirm", json!({})).await.expect(200).text("state"), state);
        }
        assert_eq!(now(&net.two, &path, "confirm", json!({})).await.expect(409).code(), "wrong-state");
    }

    async fn a_meeting_is_seen_by_those_who_take_part_and_the_institution(app: TestApp) {
        let net = Net::set(&app).await;
        let called = net.call(&net.one, "2026-03-02", &[&net.buyer]).await.expect(201);
        let path = format!("/meetings/{}", called.text("id"));
        for reader in [&net.one, &net.buyer, &net.institution] {
            reader.get(&path).await.expect(200);
            let listed = reader.get(&format!("{}/meetings", net.path)).await.expect(200);
            assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
        }
        let missing = net.two.get("/meetings/01890000-0000-7000-8000-000000000000").await.expect(404);
        assert_eq!(shown(&net.two.get(&path).await), shown(&missing));
        assert_eq!(net.two.get(&format!("{}/meetings", net.path)).await.expect(200).body["items"], json!([]));
        // The institution looks after the network, and takes no part.
        let reason = json!({ "reason": "La planta está parada." });
        assert_eq!(now(&net.institution, &path, "cancel", reason.clone()).await.expect(409).code(), "not-a-participant");
        let cancelled = now(&net.buyer, &path, "cancel", reason).await.expect(200);
        assert_eq!((cancelled.text("state"), cancelled.text("cancelled_because")), ("cancelled".into(), "La planta está parada.".into()));
        // A supplier knows no other supplier of the network, and is told of it as of nobody.
        let stranger = app.supplier("Ajeno").await;
        for other in [&net.two, &stranger] {
            let refused = net.call(&net.one, "2026-03-02", &[&net.buyer, other]).await.expect(422);
            assert_eq!(refused.faults(), ["/participants/1 no-such-participant"]);
        }
        net.call(&net.buyer, "2026-03-02", &[&net.one, &net.two]).await.expect(201);
        net.call(&stranger, "2026-03-02", &[&net.buyer]).await.expect(404);
    }
}
