//! Lives with renewals of contracts and with awards to a consortium: an announced renewal leaves the position once its
//! lot is in it, and what a consortium has won is approved for all of its members or for none.

use std::collections::BTreeMap;

use eslabon_solver::outcome::Award;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{
    accepted, batch,
    invariant::{history_holds, sign_contract, state_sales, terminate, waive},
    step,
};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Client, TestApp},
};

/// A contract in the ledger.
#[derive(Clone, Debug)]
struct Contract {
    path: String,
    buyer: usize,
    amount: i64,
    /// The lot that is announced as its renewal.
    renewed_by: Option<String>,
}

/// The rule once more, in whole percent and whole USD, by hand: what one supplier sells, and what is approved.
#[derive(Clone, Debug)]
struct Books {
    annual: i64,
    existing: [i64; 2],
    contracts: Vec<Contract>,
    /// Lot, match, buyer and amount.
    approved: Vec<(String, String, usize, i64)>,
    waived: BTreeMap<usize, i64>,
}

impl Books {
    fn new() -> Self {
        Self {
            annual: 1000,
            existing: [0; 2],
            contracts: Vec::new(),
            approved: Vec::new(),
            waived: BTreeMap::new(),
        }
    }

    /// 100 · (E + A) − t · (R + N) − max(0, 100 · E − t · R), in percent USD, without what a renewal that is approved
    /// replaces; above 0: over the cap.
    fn excess(&self, buyer: usize) -> i64 {
        let cap = self.waived.get(&buyer).copied().unwrap_or(30);
        let is_replaced = |contract: &&Contract| {
            let lot = contract.renewed_by.as_ref();
            lot.is_some_and(|lot| self.approved.iter().any(|(approved, ..)| approved == lot))
        };
        let (all, stated) = (self.contracts.iter(), self.existing.iter().sum::<i64>());
        let contracted: i64 = all.clone().map(|contract| contract.amount).sum();
        let replaced: i64 = all.clone().filter(is_replaced).map(|contract| contract.amount).sum();
        let annual = (self.annual + contracted).max(stated + contracted) - replaced;
        let with_buyer = all.filter(|contract| contract.buyer == buyer && !is_replaced(contract));
        let existing = self.existing[buyer] + with_buyer.map(|contract| contract.amount).sum::<i64>();
        let of_buyer = self.approved.iter().filter(|(.., of, _)| *of == buyer);
        let approved: i64 = of_buyer.map(|(.., amount)| amount).sum();
        let new: i64 = self.approved.iter().map(|(.., amount)| amount).sum();
        100 * (existing + approved) - cap * (annual + new) - (100 * existing - cap * annual).max(0)
    }

    fn with(&self, won: &Won, part: &Part) -> Self {
        let mut then = self.clone();
        then.approved.push((won.lot.clone(), part.found.clone(), won.buyer, part.amount));
        then
    }

    fn may(&self, won: &Won, part: &Part) -> bool {
        let (before, after) = (self.excess(won.buyer), self.with(won, part).excess(won.buyer));
        after <= 0 || (before > 0 && after <= before)
    }
}

/// What one supplier would get of a lot.
#[derive(Clone, Debug)]
struct Part {
    found: String,
    supplier: usize,
    amount: i64,
}

/// What was won of a lot: by one supplier, or by the consortium of both.
#[derive(Clone, Debug)]
struct Won {
    lot: String,
    buyer: usize,
    parts: Vec<Part>,
}

/// Awards of random sizes that all have accepted, of six lots of each buyer: two of each supplier, two of both together.
async fn won(
    app: &TestApp,
    scene: &Scene,
    buyers: &[Client],
    suppliers: &[Client],
    random: &mut StdRng,
) -> Vec<Won> {
    let consortium = suppliers[0].ready_consortium(&scene.programme, &[&suppliers[1]]).await;
    let consortium = consortium.strip_prefix("/consortia/").unwrap().to_owned();
    let mut pending = Vec::new();
    let mut awards: Vec<Award> = Vec::new();
    for (buyer, client) in buyers.iter().enumerate() {
        let mut sizes: Vec<Vec<(usize, u64)>> = Vec::new();
        for bidders in [[0].as_slice(), &[0], &[1], &[1], &[0, 1], &[0, 1]] {
            sizes.push(bidders.iter().map(|who| (*who, random.random_range(50..400))).collect());
        }
        let lots: Vec<_> =
            sizes.iter().map(|parts| lot(parts.iter().map(|(_, units)| units).sum(), "1")).collect();
        for (lot, sizes) in scene.requirement(client, &lots).await.into_iter().zip(sizes) {
            let mut parts = Vec::new();
            for (supplier, units) in &sizes {
                let through = (sizes.len() > 1).then(|| consortium.clone());
                awards.push(Award { consortium: through, ..award(&suppliers[*supplier], &lot, *units) });
                let amount = i64::try_from(*units).unwrap();
                parts.push(Part { found: String::new(), supplier: *supplier, amount });
            }
            pending.push(Won { lot, buyer, parts });
        }
    }
    let mut found = scene.propose(app, &awards).await.into_iter();
    for won in &mut pending {
        for part in &mut won.parts {
            part.found = found.next().unwrap();
            accepted(&buyers[won.buyer], &suppliers[part.supplier], &part.found).await;
        }
    }
    pending
}

/// What has happened.
#[derive(Debug, Default)]
struct Lived {
    given: u32,
    refused: u32,
    together: u32,
    apart: u32,
    announced: u32,
    renewed: u32,
}

/// What is approved becomes a contract, an announced renewal first, and may say which one it renews.
async fn under_contract(
    books: &mut Books,
    supplier: &Client,
    buyers: &[Client],
    random: &mut StdRng,
    lived: &mut Lived,
) {
    let Books { contracts, approved, .. } = books;
    let announced = |(lot, ..): &(String, String, usize, i64)| {
        contracts.iter().any(|contract| contract.renewed_by.as_ref() == Some(lot))
    };
    let Some(last) = approved.len().checked_sub(1) else { return };
    let chosen = approved.iter().position(announced).unwrap_or(last);
    let (lot, found, at, amount) = approved.remove(chosen);
    let is_renewed = |contract: &Contract| contract.renewed_by.as_ref() == Some(&lot);
    let old = contracts.iter().position(is_renewed).filter(|_| random.random_bool(0.5));
    let mut terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
    if let Some(old) = old {
        terms["renews"] = json!(contracts.remove(old).path.strip_prefix("/contracts/"));
        lived.renewed += 1;
    }
    let path = sign_contract(supplier, &buyers[at], terms).await;
    contracts.push(Contract { path, buyer: at, amount, renewed_by: None });
}

async fn live(app: &TestApp, seed: u64, lived: &mut Lived) {
    let mut random = StdRng::seed_from_u64(seed);
    let scene = Scene::set(app, "0").await;
    let buyers = [scene.lead_firm(app, "Uno").await, scene.lead_firm(app, "Dos").await];
    let suppliers = [scene.supplier(app, "1000").await, scene.supplier(app, "1000").await];
    let mut books = [Books::new(), Books::new()];
    let mut pending = won(app, &scene, &buyers, &suppliers, &mut random).await;
    while !pending.is_empty() {
        let (who, buyer) = (random.random_range(0..2), random.random_range(0..2));
        match random.random_range(0..15) {
            0 => {
                let others = books[who].existing.iter().sum::<i64>() - books[who].existing[buyer];
                let amount = random.random_range(0..300_i64).min(books[who].annual - others);
                scene.sells(&suppliers[who], &buyers[buyer], &amount.to_string()).await;
                books[who].existing[buyer] = amount;
            }
            1 => {
                let (cap, today) = ([20, 45, 60][random.random_range(0..3)], app.base.clock.now().day());
                waive(&scene, &suppliers[who], &buyers[buyer], (cap, today)).await;
                books[who].waived.insert(buyer, cap);
            }
            2 => {
                // A day passes, and with it every waiver.
                app.base.clock.advance(86_400);
                for books in &mut books {
                    books.waived.clear();
                }
            }
            3 => {
                let annual = random.random_range(500..2_000_i64).max(books[who].existing.iter().sum());
                state_sales(&suppliers[who], annual).await;
                books[who].annual = annual;
            }
            4 if pending.len() > 4 => {
                let won = pending.swap_remove(random.random_range(0..pending.len()));
                step(&buyers[won.buyer], &won.parts[0].found, "decline").await.expect(200);
                // What is left of a consortium's lot can't be approved any more.
                if let Some(part) = won.parts.get(1) {
                    let answer = step(&scene.approver, &part.found, "approve").await.expect(409);
                    assert_eq!(answer.code(), "consortium-incomplete");
                }
            }
            5 | 6 => under_contract(&mut books[who], &suppliers[who], &buyers, &mut random, lived).await,
            7 => {
                let Some(contract) = books[who].contracts.pop() else { continue };
                terminate(&buyers[contract.buyer], &contract.path).await;
            }
            8 | 9 => {
                // The supplier's part of a pending lot is announced to renew a contract with that buyer.
                let is_theirs = |won: &&Won| won.parts.iter().any(|part| part.supplier == who);
                let Some(won) = pending.iter().find(is_theirs) else { continue };
                let of_buyer = |contract: &&mut Contract| contract.buyer == won.buyer;
                let Some(contract) = books[who].contracts.iter_mut().find(of_buyer) else { continue };
                let etag = buyers[won.buyer].get(&contract.path).await.expect(200).etag();
                let path = format!("{}/renewal", contract.path);
                scene.institution.post_if(&path, &etag, json!({ "lot": won.lot })).await.expect(200);
                contract.renewed_by = Some(won.lot.clone());
                lived.announced += 1;
            }
            10 => {
                let is_announced = |contract: &&mut Contract| contract.renewed_by.is_some();
                let Some(contract) = books[who].contracts.iter_mut().find(is_announced) else { continue };
                scene.institution.move_on(&contract.path, "renewal/withdraw").await;
                contract.renewed_by = None;
            }
            _ => {
                let chosen = random.random_range(0..pending.len());
                let won = pending[chosen].clone();
                let found: Vec<&str> = won.parts.iter().map(|part| part.found.as_str()).collect();
                if found.len() > 1 && random.random_bool(0.2) {
                    let part = step(&scene.approver, found[who], "approve").await.expect(409);
                    assert_eq!(part.body["code"], "consortium-together", "{:#}", part.body);
                    lived.apart += 1;
                }
                let answer = batch(&scene.approver, &scene, &found).await;
                let may = won.parts.iter().all(|part| books[part.supplier].may(&won, part));
                assert_eq!(answer.status == 200, may, "{books:?} {won:?} {:#}", answer.body);
                if may {
                    for part in &won.parts {
                        history_holds(&scene.approver, &part.found).await;
                        books[part.supplier] = books[part.supplier].with(&won, part);
                    }
                    pending.swap_remove(chosen);
                    lived.given += 1;
                    lived.together += u32::from(found.len() > 1);
                } else {
                    assert_eq!(answer.expect(409).code(), "dependency-cap-exceeded");
                    lived.refused += 1;
                }
            }
        }
    }
}

on_both_engines! {
    async fn lives_with_renewals_and_a_consortium_obey_the_rules(app: TestApp) {
        let mut lived = Lived::default();
        for seed in [1, 2, 3] {
            live(&app, seed, &mut lived).await;
        }
        let Lived { given, refused, together, apart, announced, renewed } = lived;
        let least = [given > 10, refused > 10, together > 2, apart > 2, announced > 5, renewed <= announced];
        assert!(least.iter().all(|enough| *enough), "{lived:?}: these lives show nothing");
    }
}
