//! Amendments: what they change, what they void, and what they leave alone.

use axum::http::Method;
use serde_json::{Value, json};

use super::{MISSING, Scene, lot, on_time};
use crate::support::{Client, TestApp};

const REASON: &str = "La planta norte adelantó su parada.";

/// A published requirement with two lots, and the paths of their offers.
async fn published(app: &TestApp) -> (Scene, String, [String; 2]) {
    let scene = Scene::set(app).await;
    let lots = json!([lot("Bujes"), lot("Ejes")]);
    let path = scene.lead_firm.requirement(&scene.programme, lots, json!([on_time()])).await;
    let answer = scene.lead_firm.move_on(&path, "publish").await;
    let ids = [answer.text("lots/0/id"), answer.text("lots/1/id")];
    (scene, path, ids)
}

/// The requirement as it is, to be sent back as an amendment.
async fn as_it_is(client: &Client, path: &str) -> Value {
    let read = client.get(path).await.expect(200).body;
    let lots = read["lots"].as_array().unwrap().iter().map(|found| {
        let mut lot = found.clone();
        for derived in ["unit_code", "revision", "external_reference"] {
            lot.as_object_mut().unwrap().remove(derived);
        }
        lot
    });
    json!({
        "reason": REASON, "title": read["title"], "lots": lots.collect::<Vec<_>>(), "criteria": read["criteria"],
    })
}

fn offer(lot: &str) -> String {
    format!("/lots/{lot}/offer")
}

on_both_engines! {
    async fn an_offer_on_a_changed_lot_counts_again_once_it_is_confirmed(app: TestApp) {
        let (Scene { institution, lead_firm, supplier, .. }, path, [first, second]) = published(&app).await;
        let price = json!({ "unit_price": "17900" });
        for lot in [&first, &second] {
            supplier.put_if(&offer(lot), "\"0\"", price.clone()).await.expect(200);
        }
        let mut amendment = as_it_is(&lead_firm, &path).await;
        amendment["lots"][0]["quantity"] = json!(520);
        amendment["criteria"][0]["minimum"] = json!("97");
        let amended = lead_firm.post_if(&format!("{path}/amendments"), "\"2\"", amendment).await.expect(201);
        assert_eq!(amended.etag(), "\"3\"");
        assert_eq!(amended.body["amendment"]["voids"], json!({
            "offers_until_confirmed": [first], "offers": [], "gap_acts": true,
        }));
        assert_eq!((amended.text("requirement/lots/0/id"), amended.text("requirement/lots/0/quantity")), (first.clone(), "520".into()));
        assert_eq!((amended.text("requirement/revision"), amended.text("requirement/lots/1/revision")), ("2".into(), "1".into()));

        assert_eq!(supplier.get(&offer(&first)).await.text("standing"), "stale");
        assert_eq!(supplier.get(&offer(&second)).await.text("standing"), "live");
        let before = supplier.get(&offer(&first)).await.text("proof/commitment");
        supplier.post_if(&format!("{}/confirm", offer(&first)), "\"9\"", json!({})).await.expect(412);
        let confirmed = supplier.post_if(&format!("{}/confirm", offer(&first)), "\"1\"", json!({})).await.expect(200);
        assert_eq!((confirmed.text("standing"), confirmed.text("unit_price"), confirmed.etag()), ("live".into(), "17900".into(), "\"2\"".into()));
        assert_ne!(confirmed.text("proof/commitment"), before);

        let listed = supplier.get(&format!("{path}/amendments")).await.expect(200);
        assert_eq!((listed.text("items/0/reason"), listed.text("items/0/revision")), (REASON.to_owned(), "2".to_owned()));
        assert_eq!(listed.text("items/0/before/lots/0/quantity"), "400");
        assert_eq!(listed.text("items/0/before/criteria/0/minimum"), "95");
        institution.get(&format!("{path}/amendments")).await.expect(200);
        for outsider in [&app.supplier("Ajeno").await, &app.institution().await] {
            outsider.get(&format!("{path}/amendments")).await.expect(404);
        }
    }

    async fn only_live_offers_are_matched(app: TestApp) {
        use eslabon::{foundation::access::Actor, requirements::store};
        let (Scene { institution, lead_firm, supplier, .. }, path, [first, second]) = published(&app).await;
        for lot in [&first, &second] {
            supplier.put_if(&offer(lot), "\"0\"", json!({ "unit_price": "17900" })).await.expect(200);
        }
        let mut amendment = as_it_is(&lead_firm, &path).await;
        amendment["lots"][0]["delivery_to"] = json!("2026-09-30");
        lead_firm.post_if(&format!("{path}/amendments"), "\"2\"", amendment).await.expect(201);
        lead_firm.move_on(&path, "close").await;
        let service = Actor::system(institution.organisation());
        let id = super::id(&path).parse().unwrap();
        let offers = store::offers_for_matching(app.base.db.reads(), &service, id).await.unwrap();
        assert_eq!(offers.iter().map(|offer| offer.lot.to_string()).collect::<Vec<_>>(), [second]);
    }

    async fn an_offer_on_a_lot_that_was_taken_out_is_void(app: TestApp) {
        let (Scene { lead_firm, supplier, .. }, path, [first, second]) = published(&app).await;
        supplier.put_if(&offer(&first), "\"0\"", json!({ "unit_price": "17900" })).await.expect(200);
        let mut amendment = as_it_is(&lead_firm, &path).await;
        let lots = amendment["lots"].as_array_mut().unwrap();
        lots.remove(0);
        lots.insert(0, lot("Engranajes"));
        let amended = lead_firm.post_if(&format!("{path}/amendments"), "\"2\"", amendment).await.expect(201);
        assert_eq!(amended.body["amendment"]["voids"]["offers"], json!([first]));
        assert_eq!(amended.body["amendment"]["changes"]["lots_added"], 1);
        let read = supplier.get(&path).await.expect(200);
        assert_eq!((read.text("lots/0/name"), read.text("lots/1/id")), ("Engranajes".to_owned(), second.clone()));
        assert_eq!(read.body["lots"].as_array().unwrap().len(), 2);
        assert_eq!(supplier.get(&offer(&first)).await.text("standing"), "void");
        supplier.put_if(&offer(&first), "\"1\"", json!({ "unit_price": "1" })).await.expect(404);
        supplier.post_if(&format!("{}/confirm", offer(&first)), "\"1\"", json!({})).await.expect(404);

        // Taking out and putting in again and again never runs into an earlier place.
        for round in 0..3 {
            let mut again = as_it_is(&lead_firm, &path).await;
            let lots = again["lots"].as_array_mut().unwrap();
            lots.remove(0);
            lots.push(lot(&format!("Lote {round}")));
            let etag = lead_firm.get(&path).await.etag();
            lead_firm.post_if(&format!("{path}/amendments"), &etag, again).await.expect(201);
        }
        let names: Vec<_> = supplier.get(&path).await.body["lots"].as_array().unwrap().iter().map(|lot| lot["name"].clone()).collect();
        assert_eq!(names, ["Lote 1", "Lote 2"]);
    }

    async fn an_amendment_needs_a_reason_a_published_requirement_and_a_change(app: TestApp) {
        let (Scene { institution, lead_firm, supplier, .. }, path, [first, _]) = published(&app).await;
        let amendments = format!("{path}/amendments");
        let same = as_it_is(&lead_firm, &path).await;
        assert_eq!(lead_firm.post_if(&amendments, "\"2\"", same.clone()).await.expect(409).code(), "amendment-changes-nothing");
        let faults = async |body| lead_firm.post_if(&amendments, "\"2\"", body).await.expect(422).faults();
        let wrong = json!({ "reason": "porque", "title": "R", "lots": [], "closes_at": "mañana" });
        assert_eq!(faults(wrong).await, ["/closes_at not-a-closing-time", "/lots required", "/reason wrong-length", "/title wrong-length"]);
        let mut twice = same.clone();
        twice["lots"][1]["id"] = json!(first);
        assert_eq!(faults(twice).await, ["/lots/1/id lot-named-twice"]);
        let mut foreign = same.clone();
        foreign["lots"][1]["id"] = json!("01890000-0000-7000-8000-000000000000");
        assert_eq!(faults(foreign).await, ["/lots/1/id no-such-lot"]);
        let mut unpriced = same.clone();
        unpriced["lots"][0].as_object_mut().unwrap().remove("reference_price");
        assert_eq!(faults(unpriced).await, ["/lots/0/reference_price required"]);

        let mut changed = same;
        changed["title"] = json!("Otros repuestos");
        lead_firm.post(&amendments, changed.clone()).await.expect(428);
        for person in [&institution, &supplier] {
            person.post_if(&amendments, "\"2\"", changed.clone()).await.expect(403);
        }
        let rival = app.lead_firm("Rival").await;
        for path in [amendments.as_str(), &format!("{MISSING}/amendments")] {
            rival.post_if(path, "\"2\"", changed.clone()).await.expect(404);
        }
        lead_firm.move_on(&path, "close").await;
        assert_eq!(lead_firm.post_if(&amendments, "\"3\"", changed).await.expect(409).code(), "wrong-state");
    }

    async fn a_requirement_closes_by_itself_at_its_time_and_not_before(app: TestApp) {
        let Scene { lead_firm, supplier, programme, .. } = Scene::set(&app).await;
        let body = |closes_at: &str| json!({
            "programme": super::id(&programme), "title": "Repuestos", "lots": [lot("Bujes")], "closes_at": closes_at,
        });
        let past = lead_firm.post("/requirements", body("2026-03-02T13:59:00Z")).await.expect(422);
        assert_eq!(past.faults(), ["/closes_at not-in-future"]);
        let path = format!("/requirements/{}", lead_firm.post("/requirements", body("2026-03-02T15:00:00Z")).await.expect(201).text("id"));
        let published = lead_firm.move_on(&path, "publish").await;
        let offer = offer(&published.text("lots/0/id"));
        let early = lead_firm.post_if(&format!("{path}/close"), "\"2\"", json!({})).await.expect(409);
        assert_eq!(early.code(), "closes-by-itself");

        // An amendment gives an hour more: the first job finds nothing to do.
        let mut later = as_it_is(&lead_firm, &path).await;
        later["closes_at"] = json!("2026-03-02T16:00:00Z");
        let amended = lead_firm.post_if(&format!("{path}/amendments"), "\"2\"", later).await.expect(201);
        assert_eq!(amended.body["amendment"]["changes"]["fields"], json!(["closes_at"]));
        app.base.clock.advance(3_602);
        assert_eq!(app.run_jobs().await, 1);
        supplier.put_if(&offer, "\"0\"", json!({ "unit_price": "17900" })).await.expect(200);

        // Between the time and the job no offer comes in, changes or goes.
        app.base.clock.advance(3_598);
        assert_eq!(supplier.put_if(&offer, "\"1\"", json!({ "unit_price": "1" })).await.expect(409).code(), "offers-ended");
        let gone = supplier.send(Method::DELETE, &offer, &[("if-match", "\"1\"")], None).await.expect(409);
        assert_eq!(gone.code(), "offers-ended");
        assert_eq!(supplier.get(&path).await.text("state"), "published");
        app.base.clock.advance(2);
        assert_eq!(app.run_jobs().await, 1);
        let closed = supplier.get(&path).await.expect(200);
        assert_eq!((closed.text("state"), closed.text("closes_at")), ("closed".to_owned(), "2026-03-02T16:00:00Z".to_owned()));
    }

    async fn an_awarded_requirement_says_so_and_stays_so(app: TestApp) {
        use eslabon::{foundation::access::Actor, requirements::{Close, store}};
        let (Scene { institution, lead_firm, supplier, .. }, path, _) = published(&app).await;
        let service = Actor::system(institution.organisation());
        let award = async || {
            let id = super::id(&path).parse().unwrap();
            app.base.transact(service.may::<Close>().unwrap(), async |w| {
                store::mark_awarded(&w, id).await?;
                w.record("requirement", id, &json!({})).await?;
                Ok(w.done(()))
            }).await
        };
        assert_eq!(award().await.unwrap_err().code, "wrong-state");
        lead_firm.move_on(&path, "close").await;
        award().await.unwrap();
        award().await.unwrap();
        // That there are others who were matched is nothing for suppliers.
        for (reader, state, etag) in [(&lead_firm, "awarded", "\"4\""), (&supplier, "closed", "\"3\"")] {
            let seen = reader.get(&path).await.expect(200);
            assert_eq!((seen.text("state").as_str(), seen.etag().as_str()), (state, etag));
        }
        let count = async |state: &str| {
            let listed = lead_firm.get(&format!("/requirements?state={state}")).await.expect(200);
            listed.body["items"].as_array().unwrap().len()
        };
        assert_eq!((count("closed").await, count("awarded").await), (0, 1));
    }
}
