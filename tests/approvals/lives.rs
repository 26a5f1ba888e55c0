//! Lives in two programmes at once: a supplier and three lead firms that take part in both, of which some come under
//! common control on the way. Each approval obeys the rules of both programmes at its moment, by a second calculation.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    invariant::{history_holds, proposed, put_under_contract, state_sales, terminate, waive},
    step,
};
use crate::{matching::scene::Scene, support::TestApp};

/// Business with a buyer in a programme.
#[derive(Clone, Copy, Debug)]
struct Business {
    programme: usize,
    buyer: usize,
    amount: i64,
}

/// What a supplier sells and what is approved for it, in whole USD; groups are named by a number.
#[derive(Clone, Debug)]
struct Books {
    annual: i64,
    existing: [i64; 3],
    contracted: Vec<Business>,
    approved: Vec<Business>,
    group: [usize; 3],
    /// Caps by programme, in percent.
    caps: [i64; 2],
    /// Waivers by programme and group.
    waived: BTreeMap<(usize, usize), i64>,
}

/// The group of those who have come under common control.
const TOGETHER: usize = 9;

impl Books {
    fn new() -> Self {
        Self {
            annual: 1000,
            existing: [0; 3],
            contracted: Vec::new(),
            approved: Vec::new(),
            group: [0, 1, 2],
            caps: [30, 45],
            waived: BTreeMap::new(),
        }
    }

    /// 100 · (E + A) − t · (R + N) − max(0, 100 · E − t · R), in percent USD; above 0: over the cap.
    fn excess(&self, programme: usize, group: usize) -> i64 {
        let cap = self.waived.get(&(programme, group)).copied().unwrap_or(self.caps[programme]);
        let sum = |list: &[Business], of: Option<usize>| -> i64 {
            let counts = |one: &&Business| of.is_none_or(|group| self.group[one.buyer] == group);
            list.iter().filter(counts).map(|one| one.amount).sum()
        };
        let contracted = sum(&self.contracted, None);
        let annual = (self.annual + contracted).max(self.existing.iter().sum::<i64>() + contracted);
        let stated = (0..3).filter(|buyer| self.group[*buyer] == group).map(|buyer| self.existing[buyer]);
        let existing = stated.sum::<i64>() + sum(&self.contracted, Some(group));
        let approved = sum(&self.approved, Some(group));
        let all = annual + sum(&self.approved, None);
        100 * (existing + approved) - cap * all - (100 * existing - cap * annual).max(0)
    }

    fn with(&self, one: Business) -> Self {
        let mut then = self.clone();
        then.approved.push(one);
        then
    }

    /// By the rules of its programme, and of every programme in which something from the same group is approved.
    fn may(&self, one: Business) -> bool {
        let (group, then) = (self.group[one.buyer], self.with(one));
        let running = self.approved.iter().chain(&self.contracted);
        let others = running.filter(|other| self.group[other.buyer] == group).map(|other| other.programme);
        let concerned: BTreeSet<usize> = others.chain([one.programme]).collect();
        concerned.into_iter().all(|programme| {
            let (before, after) = (self.excess(programme, group), then.excess(programme, group));
            after <= 0 || (before > 0 && after <= before)
        })
    }
}

/// How many approvals were given, how many refused, and how many of these the match's own programme alone would have
/// let through.
#[expect(clippy::too_many_lines, reason = "one life, told in its order")]
async fn live(app: &TestApp, seed: u64) -> (u32, u32, u32) {
    let mut random = StdRng::seed_from_u64(seed);
    let rules = serde_json::json!({ "dependency_cap": "0.45",
        "dependency_allowance": { "amount": "0", "currency": "USD" } });
    let scenes = [Scene::set(app, "0").await, Scene::with(app, serde_json::json!({ "rules": rules })).await];
    let buyers = [
        scenes[0].lead_firm(app, "Uno").await,
        scenes[0].lead_firm(app, "Dos").await,
        scenes[0].lead_firm(app, "Tres").await,
    ];
    let supplier = scenes[0].supplier(app, "1000").await;
    for firm in buyers.iter().chain([&supplier]) {
        scenes[1].take_in(firm).await;
    }
    let mut books = Books::new();
    let mut pending = Vec::new();
    for (programme, scene) in scenes.iter().enumerate() {
        for (found, buyer, amount) in proposed(app, scene, &buyers, &supplier, &mut random).await {
            pending.push((found, Business { programme, buyer, amount }));
        }
    }
    let mut approved: Vec<(String, Business)> = Vec::new();
    let mut contracts: Vec<(String, Business)> = Vec::new();
    let (mut given, mut refused, mut by_the_other) = (0, 0, 0);
    while !pending.is_empty() {
        let buyer = random.random_range(0..3);
        let programme = random.random_range(0..2);
        match random.random_range(0..14) {
            0 => {
                let others = books.existing.iter().sum::<i64>() - books.existing[buyer];
                let amount = random.random_range(0..300_i64).min(books.annual - others);
                scenes[0].sells(&supplier, &buyers[buyer], &amount.to_string()).await;
                books.existing[buyer] = amount;
            }
            1 => {
                let cap = [20, 45, 60][random.random_range(0..3)];
                let today = app.base.clock.now().day();
                waive(&scenes[programme], &supplier, &buyers[buyer], (cap, today)).await;
                books.waived.insert((programme, books.group[buyer]), cap);
            }
            2 => {
                // A day passes, and with it every waiver.
                app.base.clock.advance(86_400);
                books.waived.clear();
            }
            3 => {
                let annual = random.random_range(500..2_000_i64).max(books.existing.iter().sum());
                state_sales(&supplier, annual).await;
                books.annual = annual;
            }
            4 => {
                // Two come under common control; a waiver for one of them was not for the group.
                let with = (buyer + 1) % 3;
                if books.group[buyer] == books.group[with] || given < 3 {
                    continue;
                }
                scenes[0].institution.common_control(&buyers[buyer], &buyers[with]).await;
                (books.group[buyer], books.group[with]) = (TOGETHER, TOGETHER);
            }
            5 => {
                let (found, one) = pending.swap_remove(random.random_range(0..pending.len()));
                step(&buyers[one.buyer], &found, "decline").await.expect(200);
            }
            6 => {
                let Some((found, one)) = approved.pop() else { continue };
                contracts.push((put_under_contract(&supplier, &buyers[one.buyer], &found).await, one));
                let at = books.approved.iter().position(|other| {
                    (other.programme, other.buyer, other.amount) == (one.programme, one.buyer, one.amount)
                });
                books.contracted.push(books.approved.swap_remove(at.unwrap()));
            }
            7 => {
                let Some((path, one)) = contracts.pop() else { continue };
                terminate(&buyers[one.buyer], &path).await;
                let at = books.contracted.iter().position(|other| {
                    (other.programme, other.buyer, other.amount) == (one.programme, one.buyer, one.amount)
                });
                books.contracted.swap_remove(at.unwrap());
            }
            _ => {
                let chosen = random.random_range(0..pending.len());
                let (found, one) = pending[chosen].clone();
                let scene = &scenes[one.programme];
                let answer = step(&scene.approver, &found, "approve").await;
                assert_eq!(answer.status == 200, books.may(one), "{books:?} {one:?} {:#}", answer.body);
                if answer.status == 200 {
                    history_holds(&scene.approver, &found).await;
                    books = books.with(one);
                    approved.push(pending.swap_remove(chosen));
                    given += 1;
                } else {
                    let (before, group) =
                        (books.excess(one.programme, books.group[one.buyer]), books.group[one.buyer]);
                    let after = books.with(one).excess(one.programme, group);
                    by_the_other += u32::from(after <= 0 || (before > 0 && after <= before));
                    assert_eq!(answer.expect(409).code(), "dependency-cap-exceeded");
                    refused += 1;
                }
            }
        }
    }
    (given, refused, by_the_other)
}

on_both_engines! {
    async fn lives_in_two_programmes_obey_the_rules_of_both(app: TestApp) {
        let (mut given, mut refused, mut by_the_other) = (0, 0, 0);
        for seed in [1, 2, 3] {
            let (yes, no, other) = live(&app, seed).await;
            given += yes;
            refused += no;
            by_the_other += other;
        }
        let lived = format!("{given} given, {refused} refused, {by_the_other} by the other programme");
        assert!(given > 10 && refused > 10 && by_the_other > 0, "{lived}: these lives show nothing");
    }
}
