//! Offers: sealed until the requirement closes, and afterwards too for everybody but the matching.

use axum::http::Method;
use eslabon::{
    exchange::ImportOcds,
    foundation::{access::Actor, ids::LotId, money::UnitPrice},
    programmes,
    requirements::{NewOffer, store},
};
use serde_json::{Value, json};

use super::{Scene, id, lot};
use crate::support::{Answer, Client, TestApp};

/// A published requirement with two lots: the scene, its path, and the path of its first lot's offer.
async fn published(app: &TestApp) -> (Scene, String, String) {
    let scene = Scene::set(app).await;
    let path =
        scene.lead_firm.requirement(&scene.programme, json!([lot("Bujes"), lot("Ejes")]), json!([])).await;
    let first = scene.lead_firm.move_on(&path, "publish").await.text("lots/0/id");
    (scene, path, format!("/lots/{first}/offer"))
}

async fn withdraw(client: &Client, path: &str, etag: &str) -> Answer {
    client.send(Method::DELETE, path, &[("if-match", etag)], None).await
}

on_both_engines! {
    async fn a_supplier_puts_changes_and_withdraws_its_price(app: TestApp) {
        let (Scene { supplier, .. }, path, offer) = published(&app).await;
        let price = json!({ "unit_price": "17900.5", "max_quantity": 200 });
        supplier.get(&offer).await.expect(404);
        supplier.put(&offer, price.clone()).await.expect(428);
        let made = supplier.put_if(&offer, "\"0\"", price.clone()).await.expect(200);
        assert_eq!((made.text("unit_price"), made.text("max_quantity"), made.etag()), ("17900.5".into(), "200".into(), "\"1\"".into()));
        supplier.put_if(&offer, "\"0\"", price).await.expect(412);
        supplier.put_if(&offer, "\"1\"", json!({ "unit_price": "17000" })).await.expect(200);
        let listed = supplier.get(&format!("{path}/offers")).await.expect(200);
        assert_eq!((listed.text("items/0/unit_price"), &listed.body["items"][0]["max_quantity"]), ("17000".to_owned(), &Value::Null));
        withdraw(&supplier, &offer, "\"1\"").await.expect(412);
        withdraw(&supplier, &offer, "\"2\"").await.expect(204);
        supplier.get(&offer).await.expect(404);
        withdraw(&supplier, &offer, "\"2\"").await.expect(404);
    }

    async fn an_offer_fits_its_lot(app: TestApp) {
        let (Scene { supplier, .. }, _, offer) = published(&app).await;
        let faults = async |body| supplier.put_if(&offer, "\"0\"", body).await.expect(422).faults();
        assert_eq!(faults(json!({ "max_quantity": 0, "note": "x" })).await, ["/max_quantity out-of-range", "/note unknown-field", "/unit_price required"]);
        assert_eq!(faults(json!({ "unit_price": "1", "max_quantity": 401 })).await, ["/max_quantity out-of-range"]);
        supplier.get(&offer).await.expect(404);
    }

    async fn an_offer_for_more_than_an_amount_can_say_is_refused(app: TestApp) {
        let Scene { lead_firm, supplier, programme, .. } = Scene::set(&app).await;
        let mut many = lot("Tornillos");
        many["quantity"] = json!(900_000_000);
        many["reference_price"] = json!("1");
        let path = lead_firm.requirement(&programme, json!([many]), json!([])).await;
        let offer = format!("/lots/{}/offer", lead_firm.move_on(&path, "publish").await.text("lots/0/id"));
        let beyond = json!({ "unit_price": "2000000", "max_quantity": 900_000_001 });
        let refused = supplier.put_if(&offer, "\"0\"", beyond).await.expect(422);
        assert_eq!(refused.faults(), ["/max_quantity out-of-range", "/unit_price too-large"]);
    }

    async fn offers_are_made_only_while_the_requirement_is_published(app: TestApp) {
        let Scene { lead_firm, supplier, programme, .. } = Scene::set(&app).await;
        let path = lead_firm.requirement(&programme, json!([lot("Bujes")]), json!([])).await;
        let offer = format!("/lots/{}/offer", lead_firm.get(&path).await.text("lots/0/id"));
        let price = json!({ "unit_price": "17900" });
        supplier.put_if(&offer, "\"0\"", price.clone()).await.expect(404);
        lead_firm.move_on(&path, "publish").await;
        supplier.put_if(&offer, "\"0\"", price.clone()).await.expect(200);
        lead_firm.move_on(&path, "close").await;
        assert_eq!(supplier.put_if(&offer, "\"1\"", price).await.expect(409).code(), "wrong-state");
        assert_eq!(withdraw(&supplier, &offer, "\"1\"").await.expect(409).code(), "wrong-state");
        assert_eq!(supplier.get(&offer).await.expect(200).text("unit_price"), "17900");
    }

    /// What everybody else gets is the same, byte for byte, whether there is an offer or not.
    async fn nobody_else_can_tell_whether_there_is_an_offer(app: TestApp) {
        let (Scene { institution, lead_firm, supplier, programme }, path, offer) = published(&app).await;
        let (rival, stranger) = (app.supplier("Rival").await, app.supplier("Ajeno").await);
        institution.take_in(&programme, &[&rival]).await;
        let missing = "/lots/01890000-0000-7000-8000-000000000000/offer";
        let looks = async || {
            let mut seen = Vec::new();
            for person in [&institution, &lead_firm, &rival, &stranger] {
                for path in [&path, "/requirements", &format!("{path}/offers"), &offer] {
                    let answer = person.get(path).await;
                    let mut body = answer.body.clone();
                    // The request's number.
                    body.as_object_mut().unwrap().remove("instance");
                    seen.push((answer.status, answer.headers.get("etag").cloned(), body));
                }
            }
            let refused = withdraw(&rival, &offer, "\"1\"").await.expect(404);
            assert_eq!(refused.text("detail"), withdraw(&rival, missing, "\"1\"").await.expect(404).text("detail"));
            seen
        };
        let before = looks().await;
        let price = json!({ "unit_price": "17900" });
        supplier.put_if(&offer, "\"0\"", price.clone()).await.expect(200);
        assert_eq!(looks().await, before);
        for lot in [offer.as_str(), missing] {
            stranger.put_if(lot, "\"0\"", price.clone()).await.expect(404);
            lead_firm.put_if(lot, "\"0\"", price.clone()).await.expect(403);
        }
        // The rival's first offer is a first offer.
        assert_eq!(rival.put_if(&offer, "\"0\"", json!({ "unit_price": "9" })).await.expect(200).etag(), "\"1\"");
        assert_eq!(supplier.get(&offer).await.expect(200).text("unit_price"), "17900");

        lead_firm.move_on(&path, "close").await;
        lead_firm.get(&offer).await.expect(403);
        lead_firm.get(&format!("{path}/offers")).await.expect(403);
        assert_eq!(rival.get(&format!("{path}/offers")).await.expect(200).body["items"].as_array().unwrap().len(), 1);
    }

    async fn the_matching_reads_offers_once_the_requirement_has_closed(app: TestApp) {
        let (Scene { institution, lead_firm, supplier, .. }, path, offer) = published(&app).await;
        supplier.put_if(&offer, "\"0\"", json!({ "unit_price": "17900" })).await.expect(200);
        let requirement = id(&path).parse().unwrap();
        let service = Actor::system(institution.organisation());
        let read = async |actor: &Actor| store::offers_for_matching(app.base.db.reads(), actor, requirement).await;
        assert_eq!(read(&service).await.unwrap_err().code, "wrong-state");
        lead_firm.move_on(&path, "close").await;
        let offers = read(&service).await.unwrap();
        assert_eq!((offers.len(), offers[0].supplier, offers[0].unit_price.to_string()), (1, supplier.organisation(), "17900".to_owned()));
        for role in ["lead_firm_administrator", "supplier_administrator"] {
            let role = role.parse().unwrap();
            let who = if role == eslabon::foundation::access::Role::LeadFirmAdministrator { &lead_firm } else { &supplier };
            let actor = Actor { organisation: who.organisation(), role, ..service };
            assert_eq!(read(&actor).await.unwrap_err().code, "not-found");
        }
    }

    /// The supplier holds salt, text and hash; the trail holds the hash from the first moment; the institution
    /// can verify once the requirement has closed, and finds out what was tampered with.
    async fn a_commitment_is_given_at_once_and_verified_after_closing(app: TestApp) {
        use sea_orm::ConnectionTrait;
        use sha2::{Digest, Sha256};
        let (Scene { institution, lead_firm, supplier, .. }, path, offer) = published(&app).await;
        let terms = json!({ "unit_price": "17900.5", "max_quantity": 200, "lead_time_days": 45, "valid_until": "2026-06-30" });
        let made = supplier.put_if(&offer, "\"0\"", terms).await.expect(200);
        let proof = |name: &str| made.text(&format!("proof/{name}"));
        assert_eq!(hex::encode(Sha256::digest(proof("salt") + &proof("sealed"))), proof("commitment"));
        for said in ["17900.5", "200", "45", "2026-06-30"] {
            assert!(proof("sealed").contains(said), "{said}");
        }
        let operator = Actor::system(supplier.organisation());
        let trail = eslabon::foundation::audit::list(app.base.db.reads(), &operator, 100).await.unwrap();
        let details: Vec<_> = trail.iter().filter(|entry| entry.operation() == "offers.put").map(|entry| entry.details().unwrap()).collect();
        assert_eq!(details, [json!({ "commitment": proof("commitment") }).to_string()]);

        let commitments = format!("{path}/commitments");
        assert_eq!(institution.get(&commitments).await.expect(409).code(), "wrong-state");
        lead_firm.move_on(&path, "close").await;
        let verified = institution.get(&commitments).await.expect(200);
        assert_eq!((verified.text("items/0/commitment"), verified.text("items/0/holds")), (proof("commitment"), "true".to_owned()));
        assert!(!verified.body.to_string().contains("17900"));
        for person in [&lead_firm, &supplier] {
            person.get(&commitments).await.expect(403);
        }
        app.institution().await.get(&commitments).await.expect(404);

        let tampered = "UPDATE sealed_offers SET unit_price = unit_price - 1";
        app.base.db.reads().execute_unprepared(tampered).await.unwrap();
        assert_eq!(institution.get(&commitments).await.expect(200).text("items/0/holds"), "false");
    }

    async fn a_price_from_elsewhere_never_replaces_a_committed_offer(app: TestApp) {
        let (Scene { institution, lead_firm, supplier, .. }, path, offer) = published(&app).await;
        let made = supplier.put_if(&offer, "\"0\"", json!({ "unit_price": "17900" })).await.expect(200);
        let posted = lead_firm.get(&path).await.expect(200);
        let lots = ["lots/0/id", "lots/1/id"].map(|lot| posted.text(lot).parse::<LotId>().unwrap());
        let service = Actor::system(institution.organisation());
        let import = async |lot: LotId, price: i64| {
            let new = NewOffer { unit_price: UnitPrice(price * 1_000_000), max_quantity: None, lead_time_days: None, valid_until: None };
            let by = supplier.organisation();
            app.base.transact(service.may::<ImportOcds>().unwrap(), async |w| {
                let (requirement, lot) = store::lot(w.db(), w.actor(), lot).await?;
                let day = programmes::store::today(&w, requirement.programme).await?;
                store::import_offer(&w, (&lot, day), by, new).await?;
                Ok(w.done(()))
            }).await
        };
        assert_eq!(import(lots[0], 1).await.unwrap_err().code, "offer-committed");
        let kept = supplier.get(&offer).await.expect(200);
        assert_eq!((kept.text("unit_price"), kept.etag()), ("17900".to_owned(), made.etag()));
        // What nobody has committed itself to is replaced, and its version says so.
        import(lots[1], 1).await.unwrap();
        import(lots[1], 2).await.unwrap();
        let other = supplier.get(&format!("/lots/{}/offer", lots[1])).await.expect(200);
        assert_eq!((other.text("unit_price"), other.etag()), ("2".to_owned(), "\"2\"".to_owned()));
        lead_firm.move_on(&path, "close").await;
        let verified = institution.get(&format!("{path}/commitments")).await.expect(200);
        let holds: Vec<_> = verified.body["items"].as_array().unwrap().iter().map(|item| item["holds"].clone()).collect();
        assert!(holds.contains(&json!(true)), "{:#}", verified.body);
    }

    async fn an_offer_is_for_a_lot_that_can_be_split_and_holds_for_a_time(app: TestApp) {
        let Scene { lead_firm, supplier, programme, .. } = Scene::set(&app).await;
        let mut whole = lot("Bujes");
        whole["divisible"] = json!(false);
        let path = lead_firm.requirement(&programme, json!([whole]), json!([])).await;
        let offer = format!("/lots/{}/offer", lead_firm.move_on(&path, "publish").await.text("lots/0/id"));
        let part = json!({ "unit_price": "1", "max_quantity": 399, "valid_until": "2026-03-01", "lead_time_days": 731 });
        let faults = supplier.put_if(&offer, "\"0\"", part).await.expect(422).faults();
        assert_eq!(faults, ["/lead_time_days out-of-range"]);
        let part = json!({ "unit_price": "1", "max_quantity": 399, "valid_until": "2026-03-01" });
        let faults = supplier.put_if(&offer, "\"0\"", part).await.expect(422).faults();
        assert_eq!(faults, ["/max_quantity lot-indivisible", "/valid_until not-in-future"]);
    }
}
