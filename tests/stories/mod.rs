//! Stories that touch every stage, through the API alone: an amended requirement, a revoked consent.

mod people;

use serde_json::{Value, json};

use crate::{
    support::{Answer, sign, signing},
    world::{World, plan as content},
};

/// How many signatures hold.
fn holding(answer: &Answer) -> usize {
    answer.body["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|signature| signature["holds"] == true)
        .count()
}

/// What a supplier and a lead firm have agreed on for one requirement.
struct Agreed {
    requirement: String,
    lot: String,
    act: String,
    plan: String,
}

impl Agreed {
    async fn of(world: &World) -> Self {
        let plan = world.in_state("plans", "agreed").path();
        let read = world.supplier.get(&plan).await.expect(200);
        let requirement = format!("/requirements/{}", read.text("requirement"));
        let lot = world.supplier.get(&requirement).await.expect(200).text("lots/0/id");
        Self { requirement, lot, act: format!("/gap-acts/{}", read.text("grounds/act")), plan }
    }
}

on_both_engines! {
    /// The lead firm's plant has changed its mind. What was offered, agreed on and planned for the requirement of
    /// before holds no more; each side reads so where it looks next, with what it said before and why it changed,
    /// and nothing that was signed is lost. Confirmed, renewed and signed again, the work goes on.
    async fn an_amended_requirement_voids_what_rested_on_it_and_everybody_is_told(app: TestApp) {
        let world = World::set(&app).await;
        let (supplier, buyer, institution) = (&world.supplier, &world.buyer, &world.scene.institution);
        let Agreed { requirement, lot, act, plan } = Agreed::of(&world).await;
        let offer = format!("/lots/{lot}/offer");
        let made = supplier.put_if(&offer, "\"0\"", json!({ "unit_price": "4.5" })).await.expect(200);
        assert_eq!(holding(&supplier.get(&act).await), 2);

        let read = buyer.get(&requirement).await.expect(200);
        let mut asked = json!({ "reason": "La planta norte adelantó su parada.", "title": read.body["title"],
            "lots": [crate::matching::scene::lot(12, "5")], "criteria": read.body["criteria"] });
        asked["lots"][0]["id"] = json!(lot);
        asked["criteria"][0]["maximum"] = json!("340");
        let amended = buyer.post_if(&format!("{requirement}/amendments"), &read.etag(), asked).await.expect(201);
        let voids = &amended.body["amendment"]["voids"];
        assert_eq!(voids, &json!({ "offers_until_confirmed": [lot], "offers": [], "gap_acts": true }));

        // Everybody who sees the requirement reads what changed, why, and what it said before.
        for reader in [supplier, &world.partner, institution, buyer] {
            let told = reader.get(&format!("{requirement}/amendments")).await.expect(200);
            assert_eq!(told.text("items/0/reason"), "La planta norte adelantó su parada.");
            assert_eq!((told.text("items/0/before/lots/0/quantity"), told.text("items/0/before/criteria/0/maximum")), ("10".into(), "350".into()));
        }
        // The offer waits, the act shows the difference, the plan the criterion; the signatures are there, and hold no more.
        assert_eq!(supplier.get(&offer).await.expect(200).text("standing"), "stale");
        for reader in [supplier, buyer, institution] {
            let found = reader.get(&act).await.expect(200);
            assert_eq!((found.text("state"), found.body["difference"]["causes"].clone()), ("void".into(), json!(["requirement"])));
            assert_eq!((found.body["signatures"].as_array().unwrap().len(), holding(&found)), (2, 0));
            let found = reader.get(&plan).await.expect(200);
            assert_eq!((found.text("state"), found.text("amended/0/maximum")), ("void".into(), "350".into()));
            assert_eq!((found.body["signatures"].as_array().unwrap().len(), holding(&found)), (2, 0));
        }
        let suggestion = supplier.get(&format!("{act}/plan-suggestion")).await.expect(409);
        assert_eq!(suggestion.code(), "wrong-state");

        // On it goes: the offer is confirmed, the act renewed and signed, the plan saved, proposed and signed.
        supplier.post_if(&format!("{offer}/confirm"), &made.etag(), json!({})).await.expect(200);
        assert_eq!(supplier.get(&offer).await.expect(200).text("standing"), "live");
        supplier.move_on(&act, "renew").await;
        for side in [supplier, buyer] {
            sign(side, &act).await.expect(200);
        }
        let renewed = institution.get(&act).await.expect(200);
        assert_eq!((renewed.text("state"), renewed.text("round"), holding(&renewed)), ("agreed".into(), "2".into(), 2));
        assert_eq!(renewed.body["signatures"].as_array().unwrap().len(), 4, "those of the first round are history");
        let etag = supplier.get(&plan).await.expect(200).etag();
        supplier.put_if(&plan, &etag, content()).await.expect(200);
        institution.move_on(&plan, "propose").await;
        sign(supplier, &plan).await.expect(200);
        assert_eq!(sign(buyer, &plan).await.expect(200).text("state"), "agreed");
    }

    /// A supplier takes back what it allowed a lead firm to see. From then on that sees no gaps, no act, no plan and no
    /// profile, and is answered as for what does not exist. What both have signed stays signed, contracts go on, and
    /// the supplier's log says who read what until when.
    async fn a_revoked_consent_takes_the_sight_and_leaves_what_is_signed(app: TestApp) {
        let world = World::set(&app).await;
        let (supplier, buyer, institution) = (&world.supplier, &world.buyer, &world.scene.institution);
        let Agreed { requirement, act, plan, .. } = Agreed::of(&world).await;
        let consent = format!("/consents/{}", buyer.organisation());
        supplier.put(&consent, json!({ "purposes": ["gaps", "profile"] })).await.expect(204);
        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let analysis = format!("{requirement}/gap-analyses/{}", supplier.organisation());
        let sights = [profile.clone(), analysis.clone(), act.clone(), plan.clone(), format!("{act}/plan-suggestion")];
        for sight in &sights {
            buyer.get(sight).await.expect(200);
        }

        supplier.delete(&consent).await.expect(204);
        let missing = buyer.get("/gap-acts/01890000-0000-7000-8000-000000000000").await.expect(404);
        for sight in &sights {
            assert_eq!(buyer.get(sight).await.expect(404).text("detail"), missing.text("detail"), "{sight}");
        }
        for list in ["gap-analyses", "gap-acts", "plans"] {
            assert_eq!(buyer.get(&format!("{requirement}/{list}")).await.expect(200).body["items"], json!([]), "{list}");
        }
        let refused = buyer.post(&format!("{requirement}/gap-acts"), json!({ "supplier": supplier.organisation() })).await;
        assert_eq!(refused.expect(422).faults(), ["/supplier no-such-analysis"]);
        buyer.post(&format!("{act}/signatures"), signing(&"0".repeat(64))).await.expect(404);
        buyer.post_if(&format!("{plan}/start"), "\"1\"", json!({})).await.expect(404);

        // What stays: signatures, for those who see them; matches and contracts, for both firms.
        for reader in [supplier, institution] {
            for agreed in [&act, &plan] {
                let found = reader.get(agreed).await.expect(200);
                assert_eq!((found.text("state"), holding(&found)), ("agreed".to_owned(), 2));
            }
        }
        let contract = world.in_state("contracts", "active");
        let lot = &contract.params.iter().find(|(name, _)| *name == "lot").unwrap().1;
        let delivery = json!({ "lot": lot, "due_on": "2026-03-02", "made_on": "2026-03-02", "units": 2 });
        buyer.post(&format!("{}/deliveries", contract.path()), delivery).await.expect(201);
        buyer.get(&world.in_state("matches", "accepted").path()).await.expect(200);

        let log = supplier.get("/consents/log?limit=100").await.expect(200);
        let lines = log.body["items"].as_array().unwrap();
        let told = |event: &str, subject: Value| lines.iter().any(|line| line["event"] == event && line["subject"] == subject);
        for subject in ["profile", "gap_analysis", "gap_act", "plan"] {
            assert!(told("read", json!(subject)), "{subject}: {lines:#?}");
        }
        let last: Vec<_> = lines.iter().rev().take(2).map(|line| line["event"].clone()).collect();
        assert_eq!(last, ["revoked", "revoked"]);
        // Given again, it is as if nothing had been: nobody signs anew.
        supplier.put(&consent, json!({})).await.expect(204);
        assert_eq!(holding(&buyer.get(&act).await.expect(200)), 2);
        buyer.get(&profile).await.expect(404);
    }
}
