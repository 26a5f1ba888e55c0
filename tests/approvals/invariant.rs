//! At the commit of every approval, each supplier's approved position obeys the rules then in
//! force; checked against a second, small calculation, and from the history that approvals leave.

use std::collections::BTreeMap;

use eslabon::{
    app,
    foundation::{Base, clock::Day, db::Db, ids::Ids},
};
use futures_util::future::join_all;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::{accepted, step};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Client, Engine, TestApp},
};

/// The rule once more, in whole percent and whole USD, by hand: what a supplier sells, and what is approved.
#[derive(Clone, Debug, Default)]
struct Books {
    annual: i64,
    existing: BTreeMap<usize, i64>,
    contracted: BTreeMap<usize, i64>,
    approved: BTreeMap<usize, i64>,
    waived: BTreeMap<usize, i64>,
}

impl Books {
    /// 100 · (E + A) − t · (R + N) − max(0, 100 · E − t · R), in percent USD; above 0: over the cap.
    fn excess(&self, buyer: usize) -> i64 {
        let cap = self.waived.get(&buyer).copied().unwrap_or(30);
        let of = |sales: &BTreeMap<usize, i64>| sales.get(&buyer).copied().unwrap_or(0);
        let contracted: i64 = self.contracted.values().sum();
        let annual = (self.annual + contracted).max(self.existing.values().sum::<i64>() + contracted);
        let existing = of(&self.existing) + of(&self.contracted);
        let approved = self.approved.get(&buyer).copied().unwrap_or(0);
        let all: i64 = annual + self.approved.values().sum::<i64>();
        100 * (existing + approved) - cap * all - (100 * existing - cap * annual).max(0)
    }

    fn with(&self, buyer: usize, amount: i64) -> Self {
        let mut then = self.clone();
        *then.approved.entry(buyer).or_default() += amount;
        then
    }

    fn may(&self, buyer: usize, amount: i64) -> bool {
        let (before, after) = (self.excess(buyer), self.with(buyer, amount).excess(buyer));
        after <= 0 || (before > 0 && after <= before)
    }
}

/// Every rule that was tested for the approvals of a match: it held, or what had lapsed has not grown.
pub(super) async fn history_holds(officer: &Client, found: &str) {
    let trail = officer.get(&format!("/matches/{found}/approvals")).await.expect(200);
    for approval in trail.body["items"].as_array().unwrap() {
        for tested in approval["tested"].as_array().unwrap() {
            let number = |name: &str| tested[name].as_str().unwrap().parse::<BigRational>().unwrap();
            let excess = number("left") - number("right");
            let before = number("excess_before");
            assert!(!excess.is_positive() || (before.is_positive() && excess <= before), "{tested:#}");
        }
    }
}

/// A contract from an approved match, signed by both; its path.
pub(super) async fn put_under_contract(supplier: &Client, buyer: &Client, found: &str) -> String {
    let terms = json!({ "matches": [found], "starts_on": "2026-03-02", "payment_days": 30 });
    sign_contract(supplier, buyer, terms).await
}

/// A contract of these terms, signed by both; its path.
pub(super) async fn sign_contract(supplier: &Client, buyer: &Client, terms: Value) -> String {
    let drawn = buyer.post("/contracts", terms).await.expect(201);
    let path = format!("/contracts/{}", drawn.text("id"));
    for side in [supplier, buyer] {
        let etag = side.get(&path).await.expect(200).etag();
        side.post_if(&format!("{path}/sign"), &etag, json!({})).await.expect(200);
    }
    path
}

pub(super) async fn terminate(buyer: &Client, path: &str) {
    let etag = buyer.get(path).await.expect(200).etag();
    let reason = json!({ "reason": "La planta cierra en julio" });
    buyer.post_if(&format!("{path}/terminate"), &etag, reason).await.expect(200);
}

/// What the supplier states of its annual sales.
pub(super) async fn state_sales(supplier: &Client, annual: i64) {
    let etag =
        supplier.get(&format!("/organisations/{}/profile", supplier.organisation())).await.expect(200).etag();
    let sales =
        json!({ "annual_sales": { "amount": annual.to_string(), "currency": "USD" }, "as_of": "2026-03-01" });
    supplier.put_if("/profile/sales", &etag, sales).await.expect(200);
}

/// Matches of random sizes that all have accepted, of five lots of each buyer: id, buyer, amount.
pub(super) async fn proposed(
    app: &TestApp,
    scene: &Scene,
    buyers: &[Client],
    supplier: &Client,
    random: &mut StdRng,
) -> Vec<(String, usize, i64)> {
    let mut pending: Vec<(String, usize, i64)> = Vec::new();
    let mut awards = Vec::new();
    for (at, buyer) in buyers.iter().enumerate() {
        let amounts: Vec<i64> = (0..5).map(|_| random.random_range(100..700)).collect();
        let lots: Vec<_> = amounts.iter().map(|amount| lot(amount.unsigned_abs(), "1")).collect();
        for (lot, amount) in scene.requirement(buyer, &lots).await.iter().zip(&amounts) {
            awards.push(award(supplier, lot, amount.unsigned_abs()));
            pending.push((lot.clone(), at, *amount));
        }
    }
    let found = scene.propose(app, &awards).await;
    for ((pending, at, _), found) in pending.iter_mut().zip(&found) {
        accepted(&buyers[*at], supplier, found).await;
        pending.clone_from(found);
    }
    pending
}

/// A waiver for one day; its path.
pub(super) async fn waive(
    scene: &Scene,
    supplier: &Client,
    buyer: &Client,
    (cap, today): (i64, Day),
) -> String {
    let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(),
        "dependency_cap": format!("0.{cap}"), "reason": "Primer contrato de la red", "expires_on": today });
    let path = format!("{}/waivers", scene.programme);
    format!("{path}/{}", scene.approver.post(&path, waiver).await.expect(201).text("id"))
}

/// A random life of one programme: whatever happens in whatever order, an approval is given exactly where
/// the rule by hand allows it. How many were given, how many refused, and how many waivers were revoked.
#[expect(clippy::too_many_lines, reason = "one life, told in its order")]
async fn live(app: &TestApp, seed: u64) -> (u32, u32, u32) {
    let mut random = StdRng::seed_from_u64(seed);
    let scene = Scene::set(app, "0").await;
    let buyers = [
        scene.lead_firm(app, "Uno").await,
        scene.lead_firm(app, "Dos").await,
        scene.lead_firm(app, "Tres").await,
    ];
    let supplier = scene.supplier(app, "1000").await;
    let mut books = Books { annual: 1000, ..Books::default() };
    let mut pending = proposed(app, &scene, &buyers, &supplier, &mut random).await;
    let mut approved: Vec<(String, usize, i64)> = Vec::new();
    let mut contracts: Vec<(String, usize, i64)> = Vec::new();
    // The waivers that hold, by buyer, the one signed last at the end: their paths and caps.
    let mut waivers: BTreeMap<usize, Vec<(String, i64)>> = BTreeMap::new();
    let (mut given, mut refused, mut revoked) = (0, 0, 0);
    while !pending.is_empty() {
        let buyer = random.random_range(0..buyers.len());
        match random.random_range(0..13) {
            0 => {
                // To single buyers is sold at most what is sold in all.
                let others: i64 =
                    books.existing.iter().filter(|(to, _)| **to != buyer).map(|(_, amount)| amount).sum();
                let amount = random.random_range(0..300_i64).min(books.annual - others);
                scene.sells(&supplier, &buyers[buyer], &amount.to_string()).await;
                books.existing.insert(buyer, amount);
            }
            1 => {
                let cap = [20, 45, 60][random.random_range(0..3)];
                let today = app.base.clock.now().day();
                let signed = waive(&scene, &supplier, &buyers[buyer], (cap, today)).await;
                waivers.entry(buyer).or_default().push((signed, cap));
                books.waived.insert(buyer, cap);
            }
            2 => {
                // A day passes, and with it every waiver.
                app.base.clock.advance(86_400);
                books.waived.clear();
                waivers.clear();
            }
            3 => {
                let annual = random.random_range(500..2_000_i64).max(books.existing.values().sum());
                state_sales(&supplier, annual).await;
                books.annual = annual;
            }
            4 => {
                let (found, at, _) = pending.swap_remove(random.random_range(0..pending.len()));
                let (who, what) = if random.random_bool(0.5) {
                    (&scene.approver, "reject")
                } else {
                    (&buyers[at], "decline")
                };
                step(who, &found, what).await.expect(200);
            }
            5 => {
                // What is approved becomes a contract, and so existing sales.
                let Some((found, at, amount)) = approved.pop() else { continue };
                let path = put_under_contract(&supplier, &buyers[at], &found).await;
                *books.approved.entry(at).or_default() -= amount;
                *books.contracted.entry(at).or_default() += amount;
                contracts.push((path, at, amount));
            }
            6 => {
                let Some((path, at, amount)) = contracts.pop() else { continue };
                terminate(&buyers[at], &path).await;
                *books.contracted.entry(at).or_default() -= amount;
            }
            7 => {
                // One of the buyer's waivers is revoked; of those that are left the last one holds.
                let of = waivers.entry(buyer).or_default();
                if of.is_empty() {
                    continue;
                }
                let (path, _) = of.remove(random.random_range(0..of.len()));
                let reason = json!({ "reason": "Abrió otra planta en la zona" });
                scene.approver.post(&format!("{path}/revoke"), reason).await.expect(200);
                revoked += 1;
                match of.last() {
                    Some((_, cap)) => books.waived.insert(buyer, *cap),
                    None => books.waived.remove(&buyer),
                };
            }
            _ => {
                let chosen = random.random_range(0..pending.len());
                let (found, at, amount) = pending[chosen].clone();
                let answer = step(&scene.approver, &found, "approve").await;
                assert_eq!(
                    answer.status == 200,
                    books.may(at, amount),
                    "{books:?} {at} {amount} {:#}",
                    answer.body
                );
                if answer.status == 200 {
                    history_holds(&scene.approver, &found).await;
                    books = books.with(at, amount);
                    approved.push(pending.swap_remove(chosen));
                    given += 1;
                } else {
                    assert_eq!(answer.expect(409).code(), "dependency-cap-exceeded");
                    refused += 1;
                }
            }
        }
    }
    (given, refused, revoked)
}

on_both_engines! {
    async fn whatever_happens_an_approval_obeys_the_rules_of_its_moment(app: TestApp) {
        let (mut given, mut refused, mut revoked) = (0, 0, 0);
        for seed in [1, 2, 3, 4] {
            let (yes, no, back) = live(&app, seed).await;
            given += yes;
            refused += no;
            revoked += back;
        }
        let lived = format!("{given} given, {refused} refused, {revoked} waivers revoked");
        assert!(given > 5 && refused > 5 && revoked > 1, "{lived}: these lives show nothing");
    }
}

/// What an approval was tested on: all that was sold with it, and both sides of each rule.
type Commit = (BigRational, Vec<(BigRational, BigRational)>);

/// Two instances of the service on one database, a hundred approvals at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_simultaneous_approvals_on_two_instances_keep_the_rule_at_every_commit() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let second = Base { db: Db::connect(app.url()).await.unwrap(), ids: Ids::seeded(99), ..app.base.clone() };
    let second = app::router(&second);
    let scene = Scene::set(&app, "0").await;
    let buyers = [scene.lead_firm(&app, "Uno").await, scene.lead_firm(&app, "Dos").await];
    let suppliers = [scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await];
    let mut found = Vec::new();
    for buyer in &buyers {
        let lots = scene.requirement(buyer, &vec![lot(30, "1"); 50]).await;
        let whose = |at: usize| &suppliers[at % 2];
        let awards: Vec<_> = lots.iter().enumerate().map(|(at, lot)| award(whose(at), lot, 30)).collect();
        for (at, proposed) in scene.propose(&app, &awards).await.into_iter().enumerate() {
            accepted(buyer, whose(at), &proposed).await;
            found.push(proposed);
        }
    }
    assert_eq!(found.len(), 100);
    let elsewhere = scene.approver.on(second);
    let whom = |at: usize| if at.is_multiple_of(2) { &scene.approver } else { &elsewhere };
    // Half of each supplier's matches go to each instance.
    let answers = join_all(found.iter().enumerate().map(|(at, found)| async move {
        let client = whom(at / 2);
        // An instance whose connections are all waiting says so, and one asks again.
        loop {
            let answer = step(client, found, "approve").await;
            if ![503, 429].contains(&answer.status.as_u16()) && answer.body["code"] != "busy" {
                return answer;
            }
        }
    }))
    .await;
    let approved: Vec<&String> = found
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer.status == 200)
        .map(|(found, _)| found)
        .collect();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("dependency-cap-exceeded")));
    }
    // The history, supplier by supplier: each approval was tested on all that were committed before it.
    let mut books: BTreeMap<String, Vec<Commit>> = BTreeMap::new();
    for found in approved {
        let supplier = scene.approver.get(&format!("/matches/{found}")).await.expect(200).text("supplier");
        let trail = scene.approver.get(&format!("/matches/{found}/approvals")).await.expect(200);
        let tested = trail.body["items"][0]["tested"].as_array().unwrap();
        let number = |tested: &Value, name: &str| tested[name].as_str().unwrap().parse().unwrap();
        let rows: Vec<(BigRational, BigRational)> =
            tested.iter().map(|tested| (number(tested, "left"), number(tested, "right"))).collect();
        let sold = rows.iter().map(|(left, _)| left).sum();
        books.entry(supplier).or_default().push((sold, rows));
    }
    assert_eq!(books.len(), 2);
    for commits in books.values_mut() {
        commits.sort();
        let each = BigRational::from_integer(30.into());
        let mut before = BigRational::zero();
        for (sold, rows) in commits.iter() {
            assert_eq!(*sold, &before + &each, "one approval a commit, none lost, none counted twice");
            assert!(rows.iter().all(|(left, right)| left <= right), "{rows:?}");
            before.clone_from(sold);
        }
        // Each buyer alone: 30 n ≤ 0.3 (1000 + 30 n + 30 m); both full at n = m: 30 n ≤ 0.3 (1000 + 60 n), 25.
        assert!(commits.len() >= 28, "{} is less than one buyer alone would leave", commits.len());
    }
}
