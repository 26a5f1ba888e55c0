//! Offers of consortia: entered by their speaker, read by their members, sealed from everybody else.

use axum::http::Method;
use eslabon::{foundation::access::Actor, requirements::store};
use serde_json::{Value, json};

use super::{Scene, lot};
use crate::support::{Answer, Client, TestApp};

const MISSING: &str = "01890000-0000-7000-8000-000000000000";

/// A published requirement with two lots, and a ready consortium of the scene's supplier, which speaks for it,
/// and a partner.
struct Bidding {
    scene: Scene,
    partner: Client,
    requirement: String,
    lots: [String; 2],
    consortium: String,
}

impl Bidding {
    async fn set(app: &TestApp) -> Self {
        let scene = Scene::set(app).await;
        let partner = app.supplier("Dos").await;
        scene.institution.take_in(&scene.programme, &[&partner]).await;
        let lots = json!([lot("Bujes"), lot("Ejes")]);
        let requirement = scene.lead_firm.requirement(&scene.programme, lots, json!([])).await;
        let published = scene.lead_firm.move_on(&requirement, "publish").await;
        let lots = [published.text("lots/0/id"), published.text("lots/1/id")];
        let consortium = scene.supplier.ready_consortium(&scene.programme, &[&partner]).await;
        Self { scene, partner, requirement, lots, consortium }
    }

    /// The path of the consortium's offer for a lot.
    fn offer(&self, lot: usize) -> String {
        format!("/lots/{}{}/offer", self.lots[lot], self.consortium)
    }

    async fn put(&self, etag: &str, price: &str) -> Answer {
        self.scene.supplier.put_if(&self.offer(0), etag, json!({ "unit_price": price })).await
    }

    async fn standing(&self) -> String {
        self.scene.supplier.get(&self.offer(0)).await.expect(200).text("standing")
    }

    /// The prices that the matching reads.
    async fn matched(&self, app: &TestApp) -> Vec<String> {
        let service = Actor::system(self.scene.institution.organisation());
        let id = super::id(&self.requirement).parse().unwrap();
        let offers = store::offers_for_matching(app.base.db.reads(), &service, id).await.unwrap();
        offers.iter().map(|offer| offer.unit_price.to_string()).collect()
    }
}

async fn withdraw(client: &Client, path: &str, etag: &str) -> Answer {
    client.send(Method::DELETE, path, &[("if-match", etag)], None).await
}

on_both_engines! {
    async fn the_speaker_puts_replaces_and_withdraws_and_members_look_on(app: TestApp) {
        let bidding = Bidding::set(&app).await;
        let (speaker, partner, offer) = (&bidding.scene.supplier, &bidding.partner, bidding.offer(0));
        speaker.get(&offer).await.expect(404);
        speaker.put(&offer, json!({ "unit_price": "16000" })).await.expect(428);
        let made = bidding.put("\"0\"", "16000").await.expect(200);
        assert_eq!((made.text("standing"), made.etag()), ("live".to_owned(), "\"1\"".to_owned()));
        assert_eq!(made.text("consortium"), super::id(&bidding.consortium));
        bidding.put("\"0\"", "15000").await.expect(412);
        bidding.put("\"1\"", "15500.5").await.expect(200);
        assert_eq!(partner.get(&offer).await.expect(200).text("unit_price"), "15500.5");

        // Both kinds of offer beside each other: one of the firm, one of the consortium.
        let own = format!("/lots/{}/offer", bidding.lots[0]);
        partner.get(&own).await.expect(404);
        partner.put_if(&own, "\"0\"", json!({ "unit_price": "17000" })).await.expect(200);
        let listed = async |who: &Client| {
            let listed = who.get(&format!("{}/offers", bidding.requirement)).await.expect(200);
            let items = listed.body["items"].as_array().unwrap().iter();
            let mut prices: Vec<_> = items.map(|item| item["unit_price"].as_str().unwrap().to_owned()).collect();
            prices.sort();
            prices
        };
        assert_eq!((listed(partner).await, listed(speaker).await), (vec!["15500.5".into(), "17000".into()], vec!["15500.5".to_owned()]));

        // A member looks on; only the speaker writes.
        let price = json!({ "unit_price": "1" });
        assert_eq!(partner.put_if(&offer, "\"2\"", price).await.expect(409).code(), "not-the-speaker");
        assert_eq!(partner.post_if(&format!("{offer}/confirm"), "\"2\"", json!({})).await.expect(409).code(), "not-the-speaker");
        assert_eq!(withdraw(partner, &offer, "\"2\"").await.expect(409).code(), "not-the-speaker");
        withdraw(speaker, &offer, "\"1\"").await.expect(412);
        withdraw(speaker, &offer, "\"2\"").await.expect(204);
        partner.get(&offer).await.expect(404);
        withdraw(speaker, &offer, "\"2\"").await.expect(404);
        assert_eq!(listed(partner).await, ["17000"]);
        bidding.put("\"0\"", "15000").await.expect(200);
        bidding.scene.lead_firm.move_on(&bidding.requirement, "close").await;
        assert_eq!(bidding.put("\"1\"", "14000").await.expect(409).code(), "wrong-state");
        assert_eq!(withdraw(speaker, &offer, "\"1\"").await.expect(409).code(), "wrong-state");
        assert_eq!(bidding.matched(&app).await.len(), 2);
    }

    async fn an_offer_rests_on_the_members_that_made_it(app: TestApp) {
        let bidding = Bidding::set(&app).await;
        let (speaker, partner, consortium) = (&bidding.scene.supplier, &bidding.partner, &bidding.consortium);
        bidding.put("\"0\"", "16000").await.expect(200);
        let third = app.supplier("Tres").await;
        bidding.scene.institution.take_in(&bidding.scene.programme, &[&third]).await;
        let etag = speaker.get(consortium).await.etag();
        speaker.post_if(&format!("{consortium}/ask"), &etag, third.named().await).await.expect(200);
        assert_eq!(bidding.standing().await, "stale");
        // Whoever was asked and has not accepted sees no price, nor who has not accepted again.
        for asked in [&third, partner] {
            asked.get(&bidding.offer(0)).await.expect(404);
            assert_eq!(asked.get(&format!("{}/offers", bidding.requirement)).await.expect(200).body["items"], json!([]));
        }
        let early = bidding.put("\"1\"", "15000").await.expect(409);
        assert_eq!(early.code(), "consortium-not-ready");
        assert!(early.text("detail").contains("forming"));
        let confirm = format!("{}/confirm", bidding.offer(0));
        assert_eq!(speaker.post_if(&confirm, "\"1\"", json!({})).await.expect(409).code(), "consortium-not-ready");
        for member in [partner, &third] {
            member.move_on(consortium, "accept").await;
        }
        assert_eq!((bidding.standing().await.as_str(), third.get(&bidding.offer(0)).await.text("standing").as_str()), ("stale", "stale"));
        let confirmed = speaker.post_if(&confirm, "\"1\"", json!({})).await.expect(200);
        assert_eq!((confirmed.text("standing"), confirmed.text("unit_price")), ("live".to_owned(), "16000".to_owned()));
        // An amendment of the lot makes it stale like every other.
        bidding.scene.lead_firm.amend(&bidding.requirement, "/lots/0/quantity", json!(300)).await;
        assert_eq!(bidding.standing().await, "stale");
        speaker.post_if(&confirm, "\"2\"", json!({})).await.expect(200);

        third.move_on(consortium, "decline").await;
        bidding.scene.lead_firm.move_on(&bidding.requirement, "close").await;
        assert_eq!((bidding.standing().await.as_str(), bidding.matched(&app).await.len()), ("stale", 0));
        third.get(&bidding.offer(0)).await.expect(404);
        speaker.move_on(consortium, "dissolve").await;
        assert_eq!((bidding.standing().await.as_str(), bidding.matched(&app).await.len()), ("void", 0));
    }

    /// What everybody outside the consortium gets is the same, byte for byte, whether it has made an offer or not.
    async fn nobody_outside_can_tell_whether_a_consortium_has_made_an_offer(app: TestApp) {
        let bidding = Bidding::set(&app).await;
        let Scene { institution, lead_firm, programme, .. } = &bidding.scene;
        let (rival, stranger) = (app.supplier("Rival").await, app.supplier("Ajeno").await);
        institution.take_in(programme, &[&rival]).await;
        let offer = bidding.offer(0);
        let missing = format!("/lots/{}/consortia/{MISSING}/offer", bidding.lots[0]);
        let looks = async || {
            let mut seen = Vec::new();
            for person in [institution, lead_firm, &rival, &stranger] {
                let offers = format!("{}/offers", bidding.requirement);
                let commitments = format!("{}/commitments", bidding.requirement);
                for path in [&bidding.requirement, "/requirements", &offers, &commitments, &offer, &bidding.consortium] {
                    let answer = person.get(path).await;
                    let mut body = answer.body.clone();
                    body.as_object_mut().unwrap().remove("instance");
                    seen.push((answer.status, answer.headers.get("etag").cloned(), body));
                }
            }
            seen
        };
        let before = looks().await;
        bidding.put("\"0\"", "16000").await.expect(200);
        assert_eq!(looks().await, before);
        let price = json!({ "unit_price": "1" });
        for (path, status) in [(&offer, 404), (&missing, 404)] {
            for foreign in [&rival, &stranger] {
                let answer = foreign.put_if(path, "\"1\"", price.clone()).await.expect(status);
                let details = withdraw(foreign, path, "\"1\"").await.expect(status);
                assert_eq!(answer.text("detail"), details.text("detail"));
                foreign.get(path).await.expect(status);
                foreign.post_if(&format!("{path}/confirm"), "\"1\"", json!({})).await.expect(status);
            }
            for other in [institution, lead_firm] {
                other.put_if(path, "\"1\"", price.clone()).await.expect(403);
                other.get(path).await.expect(403);
            }
        }
        lead_firm.move_on(&bidding.requirement, "close").await;
        rival.get(&offer).await.expect(404);
        assert_eq!(rival.get(&format!("{}/offers", bidding.requirement)).await.expect(200).body["items"], json!([]));
    }

    async fn a_consortium_offers_in_its_own_programme_and_what_fits_the_lot(app: TestApp) {
        let bidding = Bidding::set(&app).await;
        let Scene { institution, supplier, .. } = &bidding.scene;
        let faults = supplier.put_if(&bidding.offer(0), "\"0\"", json!({ "unit_price": "1", "max_quantity": 401 })).await.expect(422);
        assert_eq!(faults.faults(), ["/max_quantity out-of-range"]);
        let elsewhere = institution.open_programme(&[supplier, &bidding.partner]).await;
        let other = supplier.ready_consortium(&elsewhere, &[&bidding.partner]).await;
        let path = format!("/lots/{}{other}/offer", bidding.lots[0]);
        let refused = supplier.put_if(&path, "\"0\"", json!({ "unit_price": "1" })).await.expect(409);
        assert_eq!(refused.code(), "consortium-elsewhere");
        assert_eq!(withdraw(supplier, &path, "\"0\"").await.expect(409).code(), "consortium-elsewhere");
    }

    async fn a_consortiums_commitment_is_in_the_trail_and_holds(app: TestApp) {
        let bidding = Bidding::set(&app).await;
        let Scene { institution, lead_firm, supplier, .. } = &bidding.scene;
        let made = bidding.put("\"0\"", "16000").await.expect(200);
        let operator = Actor::system(supplier.organisation());
        let trail = eslabon::foundation::audit::list(app.base.db.reads(), &operator, 100).await.unwrap();
        let entry = trail.iter().find(|entry| entry.operation() == "consortium_offers.put").unwrap();
        let details: Value = serde_json::from_str(entry.details().unwrap()).unwrap();
        assert_eq!(details, json!({ "commitment": made.text("proof/commitment"), "consortium": super::id(&bidding.consortium) }));
        lead_firm.move_on(&bidding.requirement, "close").await;
        let verified = institution.get(&format!("{}/commitments", bidding.requirement)).await.expect(200);
        assert_eq!(verified.body["items"], json!([{
            "lot": bidding.lots[0], "supplier": supplier.organisation(), "consortium": super::id(&bidding.consortium),
            "commitment": made.text("proof/commitment"), "holds": true,
        }]));
    }
}
