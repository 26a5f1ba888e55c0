//! What the preview says is what the approval then does, whatever the situation.

use eslabon::foundation::access::{Kind, Role};
use rand::{
    RngExt, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, IteratorRandom},
};
use serde_json::{Value, json};

use super::{batch, step, two_approvers::reasons};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Client, TestApp},
};

/// A requirement of these lots, closed; its lots' ids.
async fn closed(buyer: &Client, body: Value) -> Vec<String> {
    let posted = buyer.post("/requirements", body).await.expect(201);
    let path = format!("/requirements/{}", posted.text("id"));
    buyer.move_on(&path, "publish").await;
    buyer.move_on(&path, "close").await;
    let lots = posted.body["lots"].as_array().unwrap().iter();
    lots.map(|lot| lot["id"].as_str().unwrap().to_owned()).collect()
}

fn with(fields: &Value) -> Value {
    let mut made = lot(100, "1");
    made.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    made
}

/// Matches of every kind that an approval looks at, with who supplies and who buys.
struct Situation {
    scene: Scene,
    buyers: [Client; 2],
    suppliers: [Client; 3],
    found: Vec<(String, usize, usize)>,
    approvers: Vec<Client>,
}

impl Situation {
    async fn set(app: &TestApp, seed: u64) -> Self {
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" },
            "dual_approval_above": { "amount": "40", "currency": "USD" } });
        let scene = Scene::with(app, json!({ "rules": rules })).await;
        let buyers = [scene.lead_firm(app, "Uno").await, scene.lead_firm(app, "Dos").await];
        let suppliers = [
            scene.supplier(app, "100").await,
            scene.supplier(app, "1000").await,
            scene.supplier(app, "1000").await,
        ];
        let consortium = suppliers[0].ready_consortium(&scene.programme, &[&suppliers[1]]).await;
        let consortium = consortium.strip_prefix("/consortia/").unwrap().to_owned();
        let limits = [
            json!({ "max_suppliers": 1 }),
            json!({ "max_share": "0.5", "min_share": "0.2" }),
            json!({}),
            json!({}),
        ];
        let lots: Vec<Value> = limits.iter().map(with).collect();
        let own_share = if seed.is_multiple_of(2) { "0.7" } else { "1" };
        let plain = json!({ "programme": scene.id, "title": "Bujes", "lots": lots, "criteria": [],
            "max_supplier_share": own_share });
        // Nobody has answered the one, and the other is too much for everybody: yellow and red.
        let unanswered = json!([
            { "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 },
            { "question": "delivery-on-time", "kind": "number", "minimum": "95", "necessity": "should", "weight": 50, "criticality": 1 },
        ]);
        let yellow = json!({ "programme": scene.id, "title": "Ejes", "lots": [lot(100, "1")], "criteria": unanswered });
        let mut lots = closed(&buyers[0], plain).await;
        lots.extend(closed(&buyers[1], yellow).await);
        lots.extend(
            closed(
                &buyers[1],
                json!({ "programme": scene.id, "title": "Tapas", "lots": [lot(100, "1")], "criteria": [] }),
            )
            .await,
        );
        let mut random = StdRng::seed_from_u64(seed);
        let mut amount = |most: u64| random.random_range(5..most);
        let mut awards = Vec::new();
        let mut parties = Vec::new();
        for (at, lot) in lots.iter().enumerate() {
            let buyer = usize::from(at >= 4);
            for (who, supplier) in suppliers.iter().enumerate() {
                let mut one = award(supplier, lot, amount(70));
                // Of the third lot the first two have won their parts together.
                if at == 2 && who < 2 {
                    one.consortium = Some(consortium.clone());
                }
                awards.push(one);
                parties.push((who, buyer));
            }
        }
        let found = scene.propose(app, &awards).await;
        let institution = scene.institution.organisation();
        let approvers = vec![
            scene.institution.clone(),
            scene.approver.clone(),
            app.person(institution, Kind::Institution, Role::Approver).await,
            app.person(institution, Kind::Institution, Role::Officer).await,
        ];
        let found = found.into_iter().zip(parties).map(|(found, (who, buyer))| (found, who, buyer)).collect();
        Self { scene, buyers, suppliers, found, approvers }
    }

    /// Something happens between two decisions.
    async fn turn(&self, random: &mut StdRng) {
        let (found, who, buyer) = self.found.choose(random).unwrap();
        let (supplier, buyer) = (&self.suppliers[*who], &self.buyers[*buyer]);
        match random.random_range(0..12) {
            0 => {
                // The first one sells for 100 in all.
                let most = if *who == 0 { 50 } else { 200 };
                self.scene.sells(supplier, buyer, &random.random_range(0..most).to_string()).await;
            }
            1 => {
                let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(),
                    "dependency_cap": "0.5", "reason": "Primer contrato de la red", "expires_on": "2026-03-10" });
                self.scene
                    .approver
                    .post(&format!("{}/waivers", self.scene.programme), waiver)
                    .await
                    .expect(201);
            }
            2 => step_if(supplier, found, "decline").await,
            3 => step_if(&self.scene.approver, found, "reject").await,
            _ => {
                step_if(supplier, found, "accept").await;
                step_if(buyer, found, "accept").await;
            }
        }
    }

    /// Somebody previews some matches, and then approves the same; what the two say, and whether it was approved.
    async fn decide(&self, random: &mut StdRng) -> (bool, Vec<String>) {
        let many = random.random_range(1..4);
        let matches: Vec<&str> = self.found.iter().map(|(found, ..)| found.as_str()).sample(random, many);
        let who = self.approvers.choose(random).unwrap();
        let preview = format!("{}/approvals/preview", self.scene.programme);
        let seen = who.post(&preview, json!({ "matches": matches })).await.expect(200);
        let foreseen = reasons(&seen);
        let one = who.get(&format!("/matches/{}", matches[0])).await.expect(200);
        if matches.len() == 1 && one.body["reasons"].is_array() {
            assert_eq!(reasons(&one), foreseen, "a match read by itself says the same");
        }
        let answer = batch(who, &self.scene, &matches).await;
        let approved = answer.status == 200;
        assert_eq!(seen.body["would_be_approved"], approved, "{:#} {:#}", seen.body, answer.body);
        assert_eq!(approved, foreseen.is_empty());
        if answer.status == 403 {
            let role = foreseen.iter().filter(|reason| reason.ends_with("approver-needed"));
            assert_eq!(role.count(), matches.len());
        } else if !approved {
            assert_eq!(answer.status, 409, "{:#}", answer.body);
            let mut told: Vec<String> =
                answer.faults().iter().map(|fault| fault.replace("/matches/", "")).collect();
            told.sort();
            if told.is_empty() {
                assert_eq!(foreseen.len(), 1, "{:#}", answer.body);
            } else {
                assert_eq!(told, foreseen);
            }
        }
        (approved, foreseen)
    }
}

/// A step that may be too late, which changes nothing.
async fn step_if(client: &Client, found: &str, what: &str) {
    let answer = step(client, found, what).await;
    assert!([200, 409].contains(&answer.status.as_u16()), "{:#}", answer.body);
}

on_both_engines! {
    async fn a_preview_says_exactly_what_the_approval_then_does(app: TestApp) {
        let mut told = std::collections::BTreeSet::new();
        let mut approvals = 0;
        for seed in [1, 2, 3] {
            let situation = Situation::set(&app, seed).await;
            let mut random = StdRng::seed_from_u64(seed);
            for _ in 0..45 {
                for _ in 0..random.random_range(0..4) {
                    situation.turn(&mut random).await;
                }
                let (approved, reasons) = situation.decide(&mut random).await;
                approvals += usize::from(approved);
                told.extend(reasons.iter().map(|reason| reason.split_once(' ').unwrap().1.to_owned()));
            }
        }
        let expected = ["approver-needed", "consortium-parted", "lot-covered", "match-approved-by-you", "match-not-accepted",
            "over-the-cap", "over-the-lot-share", "over-the-supplier-share", "proposed-by-you", "too-many-suppliers",
            "under-the-lot-share", "without-agreed-plan"];
        assert!(approvals > 5, "{approvals}");
        for code in expected {
            assert!(told.contains(code), "{code} never happened: {told:?}");
        }
    }
}
