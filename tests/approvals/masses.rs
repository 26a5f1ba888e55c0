//! Sixty-four people at two instances of the service, who accept, approve, reject, waive, revoke, amend and state their
//! sales as chance has it. The database itself looks at each commit of an approval (`crowd`), and at the end what it holds
//! is what was acknowledged, no more and no less.
//!
//! Every test run has a few hundred steps; `make soak` says how many with `ESLABON_CROWD_STEPS`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::http::Method;
use eslabon::{
    app,
    foundation::{
        Base,
        access::{Kind, Role},
        clock::Day,
        db::Db,
        ids::Ids,
    },
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::crowd::{LOOK, held_at_commit, is_told_to_come_again, seen_at_commits};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, Engine, TestApp, count},
};

const CLIENTS: usize = 64;
const BUYERS: usize = 3;
/// Above this amount it takes two approvers.
const DUAL: u64 = 65;

/// A change of what was read, at most once.
async fn post_once_if(who: &Client, path: &str, (key, read): (&str, &Answer), body: &Value) -> Answer {
    let headers = [("if-match", read.etag()), ("idempotency-key", key.to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    who.send(Method::POST, path, &headers, Some(body.clone())).await
}

/// Asks again as long as the service says so. No function, as what it would ask with could not go from thread to thread.
macro_rules! insist {
    ($crowd:expr, $ask:expr) => {
        loop {
            let answer: Answer = $ask;
            // What took too long may have been done: writes come with a key, and so are done once.
            let status = answer.status.as_u16();
            if !is_told_to_come_again(&answer) && status != 504 {
                break answer;
            }
            *$crowd.ledger.lock().unwrap().put_off.entry(status).or_default() += 1;
        }
    };
}

fn steps() -> usize {
    count("ESLABON_CROWD_STEPS").unwrap_or(600)
}

/// A match that is proposed.
struct Deal {
    id: String,
    scene: usize,
    buyer: usize,
    supplier: usize,
}

/// What was acknowledged.
#[derive(Default)]
struct Ledger {
    /// The moves of each match, as they were answered: what was done, and the state that was told.
    moves: BTreeMap<String, Vec<(&'static str, String)>>,
    waivers: Vec<String>,
    revoked: BTreeSet<String>,
    amended: BTreeMap<String, usize>,
    /// How often the answer was that the service is busy, or that it took too long.
    put_off: BTreeMap<u16, usize>,
    /// How often what was answered how.
    answers: BTreeMap<(&'static str, String), usize>,
}

struct Crowd {
    app: TestApp,
    second: axum::Router,
    scenes: Vec<Scene>,
    second_approvers: Vec<Client>,
    buyers: Vec<Client>,
    suppliers: Vec<Client>,
    /// Of each buyer, a requirement that is published.
    published: Vec<String>,
    deals: Vec<Deal>,
    steps: usize,
    done: AtomicUsize,
    ledger: Mutex<Ledger>,
    today: Day,
}

impl Crowd {
    async fn gather(app: TestApp, steps: usize) -> Self {
        let second =
            Base { db: Db::connect(app.url()).await.unwrap(), ids: Ids::seeded(97), ..app.base.clone() };
        let (second, today) = (app::router(&second), app.base.clock.now().day());
        let rules = json!({ "dependency_allowance": { "amount": "0", "currency": "USD" },
            "dual_approval_above": { "amount": DUAL.to_string(), "currency": "USD" } });
        let (mut scenes, mut second_approvers) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let scene = Scene::with(&app, json!({ "rules": rules })).await;
            let institution = scene.institution.organisation();
            second_approvers.push(app.person(institution, Kind::Institution, Role::Approver).await);
            scenes.push(scene);
        }
        let (mut buyers, mut suppliers, mut published) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..BUYERS {
            buyers.push(scenes[0].lead_firm(&app, &format!("Empresa {at}")).await);
        }
        for _ in 0..(steps / 1_500).clamp(4, 12) {
            suppliers.push(scenes[0].supplier(&app, "400").await);
        }
        for firm in buyers.iter().chain(&suppliers) {
            scenes[1].take_in(firm).await;
        }
        for (at, buyer) in buyers.iter().enumerate() {
            let criteria = json!([{ "question": "quality-defects-ppm", "kind": "number", "maximum": "500",
                "necessity": "must", "criticality": 5 }]);
            let requirement =
                buyer.requirement(&scenes[at % 2].programme, json!([lot(10, "1")]), criteria).await;
            buyer.move_on(&requirement, "publish").await;
            published.push(requirement);
        }
        let mut crowd = Self {
            app,
            second,
            scenes,
            second_approvers,
            buyers,
            suppliers,
            published,
            deals: Vec::new(),
            steps,
            done: AtomicUsize::new(0),
            ledger: Mutex::default(),
            today,
        };
        crowd.propose((steps / 10).max(60)).await;
        crowd
    }

    /// Lots of a hundred, for each of which two suppliers are proposed who together would deliver more than that.
    async fn propose(&mut self, deals: usize) {
        let lots = deals.div_ceil(2 * self.scenes.len() * BUYERS);
        for (of_scene, scene) in self.scenes.iter().enumerate() {
            let (mut awards, mut whose) = (Vec::new(), Vec::new());
            for (buyer, firm) in self.buyers.iter().enumerate() {
                for (at, lot) in scene.requirement(firm, &vec![lot(100, "1"); lots]).await.iter().enumerate()
                {
                    for next in 0..2 {
                        let supplier = (at + next) % self.suppliers.len();
                        awards.push(award(&self.suppliers[supplier], lot, [55, 70][(at + next) % 2]));
                        whose.push((buyer, supplier));
                    }
                }
            }
            let found = scene.propose(&self.app, &awards).await;
            assert_eq!(found.len(), awards.len());
            for (id, (buyer, supplier)) in found.into_iter().zip(whose) {
                self.deals.push(Deal { id, scene: of_scene, buyer, supplier });
            }
        }
        self.deals.shuffle(&mut StdRng::seed_from_u64(11));
    }

    /// The same person at the instance that this one of the crowd speaks with.
    fn at(&self, who: &Client, client: usize) -> Client {
        if client.is_multiple_of(2) { who.clone() } else { who.on(self.second.clone()) }
    }

    /// One of those around which everybody is at present.
    fn deal(&self, random: &mut StdRng) -> &Deal {
        let (done, window) = (self.done.load(Ordering::Relaxed), 48.min(self.deals.len()));
        let begin = (self.deals.len() - window) * done.min(self.steps) / self.steps;
        &self.deals[begin + random.random_range(0..window)]
    }

    async fn client(self: Arc<Self>, client: usize) {
        let mut random = StdRng::seed_from_u64(client as u64);
        while self.done.fetch_add(1, Ordering::Relaxed) < self.steps {
            let what = random.random_range(0..100);
            let deal = self.deal(&mut random);
            match what {
                0..20 => self.decide("accept", &self.suppliers[deal.supplier], deal, client).await,
                20..40 => self.decide("accept", &self.buyers[deal.buyer], deal, client).await,
                40..60 => self.decide("approve", &self.scenes[deal.scene].approver, deal, client).await,
                60..72 => self.decide("approve", &self.second_approvers[deal.scene], deal, client).await,
                72..76 => self.decide("reject", &self.scenes[deal.scene].approver, deal, client).await,
                76..82 => self.waive(deal, [20, 45, 60][random.random_range(0..3)], client).await,
                82..86 => self.revoke(&mut random, client).await,
                86..91 => self.sell(deal, random.random_range(0..400), client).await,
                91..94 => self.state(deal, random.random_range(250..900), client).await,
                _ => self.amend(random.random_range(0..BUYERS), client).await,
            }
        }
    }

    /// Notes an answer, which is never a failure of the service.
    fn noted(&self, what: &'static str, answer: &Answer) -> bool {
        let status = answer.status.as_u16();
        // More to single buyers than in all is refused, whoever was first.
        let is_beyond_all = status == 422 && ["sell", "state"].contains(&what);
        assert!(
            status < 500 && (is_beyond_all || ![400, 401, 403, 404, 422].contains(&status)),
            "{what}: {status} {:#}",
            answer.body
        );
        let is_done = (200..300).contains(&status);
        let told = if is_done { "done".to_owned() } else { answer.code() };
        *self.ledger.lock().unwrap().answers.entry((what, told)).or_default() += 1;
        is_done
    }

    async fn decide(&self, what: &'static str, who: &Client, deal: &Deal, client: usize) {
        let who = self.at(who, client);
        let (path, key) = (format!("/matches/{}", deal.id), self.app.base.ids.secret());
        let body =
            if what == "reject" { json!({ "reason": "Sin capacidad hasta agosto" }) } else { json!({}) };
        let answer = insist!(self, {
            let read = who.get(&path).await;
            if read.status == 200 {
                post_once_if(&who, &format!("{path}/{what}"), (&key, &read), &body).await
            } else {
                read
            }
        });
        if self.noted(what, &answer) {
            let made = (what, answer.text("state"));
            self.ledger.lock().unwrap().moves.entry(deal.id.clone()).or_default().push(made);
        }
    }

    async fn waive(&self, deal: &Deal, cap: i64, client: usize) {
        let scene = &self.scenes[deal.scene];
        let waiver = json!({ "supplier": self.suppliers[deal.supplier].organisation(),
            "lead_firm": self.buyers[deal.buyer].organisation(), "dependency_cap": format!("0.{cap}"),
            "reason": "Primer contrato de la red", "expires_on": self.today });
        let (who, path) = (self.at(&scene.approver, client), format!("{}/waivers", scene.programme));
        let key = self.app.base.ids.secret();
        let answer = insist!(self, who.post_once(&path, &key, waiver.clone()).await);
        if self.noted("waive", &answer) {
            self.ledger.lock().unwrap().waivers.push(format!("{path}/{}", answer.text("id")));
        }
    }

    async fn revoke(&self, random: &mut StdRng, client: usize) {
        let chosen = {
            let ledger = self.ledger.lock().unwrap();
            let Some(last) = ledger.waivers.len().checked_sub(1) else { return };
            ledger.waivers[random.random_range(last.saturating_sub(8)..=last)].clone()
        };
        let scene = self.scenes.iter().find(|scene| chosen.starts_with(&scene.programme)).unwrap();
        let (who, reason) =
            (self.at(&scene.approver, client), json!({ "reason": "Abrió otra planta en la zona" }));
        let key = self.app.base.ids.secret();
        let answer = insist!(self, who.post_once(&format!("{chosen}/revoke"), &key, reason.clone()).await);
        if self.noted("revoke", &answer) {
            assert!(self.ledger.lock().unwrap().revoked.insert(chosen), "it was revoked twice");
        }
    }

    async fn sell(&self, deal: &Deal, amount: u32, client: usize) {
        let who = self.at(&self.suppliers[deal.supplier], client);
        let path = format!("/profile/sales/{}", self.buyers[deal.buyer].organisation());
        let stated =
            json!({ "amount": { "amount": amount.to_string(), "currency": "USD" }, "as_of": "2026-02-28" });
        self.noted("sell", &insist!(self, who.put(&path, stated.clone()).await));
    }

    async fn state(&self, deal: &Deal, annual: u32, client: usize) {
        let who = self.at(&self.suppliers[deal.supplier], client);
        let profile = format!("/organisations/{}/profile", who.organisation());
        let sales = json!({ "annual_sales": { "amount": annual.to_string(), "currency": "USD" },
            "as_of": "2026-03-01" });
        let answer = insist!(self, {
            let read = who.get(&profile).await;
            if read.status == 200 {
                who.put_if("/profile/sales", &read.etag(), sales.clone()).await
            } else {
                read
            }
        });
        self.noted("state", &answer);
    }

    async fn amend(&self, buyer: usize, client: usize) {
        let (who, path) = (self.at(&self.buyers[buyer], client), &self.published[buyer]);
        let answer = loop {
            let read = insist!(self, who.get(path).await);
            let mut lots = read.body["lots"].clone();
            for derived in ["unit_code", "revision", "external_reference"] {
                lots[0].as_object_mut().unwrap().remove(derived);
            }
            lots[0]["quantity"] = json!(lots[0]["quantity"].as_i64().unwrap() + 1);
            let body = json!({ "reason": "La planta norte adelantó su parada.", "title": read.body["title"],
                "lots": lots, "criteria": read.body["criteria"] });
            // The same once more under the same key; somebody else's amendment makes it another.
            let (key, to) = (self.app.base.ids.secret(), format!("{path}/amendments"));
            let mut answer = post_once_if(&who, &to, (&key, &read), &body).await;
            while answer.status != 412 && (is_told_to_come_again(&answer) || answer.status == 504) {
                *self.ledger.lock().unwrap().put_off.entry(answer.status.as_u16()).or_default() += 1;
                answer = post_once_if(&who, &to, (&key, &read), &body).await;
            }
            if answer.status != 412 {
                break answer;
            }
        };
        if self.noted("amend", &answer) {
            *self.ledger.lock().unwrap().amended.entry(path.clone()).or_default() += 1;
        }
    }

    /// Rows of texts and a number.
    async fn rows(&self, sql: &str) -> Vec<(String, String, i64)> {
        let statement = Statement::from_string(DbBackend::Postgres, sql.to_owned());
        let rows = self.app.base.db.reads().query_all_raw(statement).await.unwrap();
        let row = |row: &sea_orm::QueryResult| {
            (row.try_get("", "k").unwrap(), row.try_get("", "v").unwrap(), row.try_get("", "n").unwrap())
        };
        rows.iter().map(row).collect()
    }

    async fn count(&self, sql: &str) -> i64 {
        self.rows(&format!("SELECT '' AS k, '' AS v, ({sql})::bigint AS n")).await[0].2
    }

    /// What the database holds is what was acknowledged; how many approvals that is.
    async fn check(&self) -> usize {
        let (moves, waivers, revoked, amended) = {
            let ledger = self.ledger.lock().unwrap();
            (ledger.moves.clone(), ledger.waivers.len(), ledger.revoked.len(), ledger.amended.clone())
        };
        let trail = "SELECT subject_id::text AS k, operation AS v, count(*) AS n FROM audit_entries \
            WHERE operation IN ('matches.accept', 'matches.approve', 'matches.reject') AND details LIKE '%\"state\"%' \
            GROUP BY 1, 2";
        let trail: BTreeMap<_, _> =
            self.rows(trail).await.into_iter().map(|(id, operation, n)| ((id, operation), n)).collect();
        let given = "SELECT match_id::text AS k, is_final::text AS v, count(DISTINCT approved_by) AS n \
            FROM match_approvals GROUP BY 1, 2";
        let given: BTreeMap<_, _> =
            self.rows(given).await.into_iter().map(|(id, last, n)| ((id, last == "true"), n)).collect();
        let dual = "SELECT id::text AS k, state AS v, annual_minor AS n FROM matches";
        let dual: BTreeSet<_> =
            self.rows(dual).await.into_iter().filter(|row| row.2 > 6_500).map(|row| row.0).collect();
        let mut approved = 0;
        for (id, state, version) in
            self.rows("SELECT id::text AS k, state AS v, version AS n FROM matches").await
        {
            let moves = moves.get(&id).map_or(&[][..], Vec::as_slice);
            assert_eq!(
                version,
                1 + i64::try_from(moves.len()).unwrap(),
                "{id}: {moves:?}, and it is {state}"
            );
            let told = |what: &str| moves.iter().filter(|(made, _)| *made == what).count();
            for what in ["accept", "approve", "reject"] {
                let kept = trail.get(&(id.clone(), format!("matches.{what}"))).copied().unwrap_or(0);
                assert_eq!(kept, i64::try_from(told(what)).unwrap(), "{what} {id}: {moves:?}");
            }
            // No signature is lost: with both of them it is accepted, until somebody decides.
            let is_approved =
                moves.iter().filter(|(what, then)| (*what, then.as_str()) == ("approve", "approved"));
            let is_approved = is_approved.count();
            assert!(
                is_approved <= 1 && told("accept") <= 2 && told("reject") + is_approved <= 1,
                "{id}: {moves:?}"
            );
            let expected = match (told("reject"), is_approved, told("accept")) {
                (1, ..) => "rejected",
                (_, 1, 2) => "approved",
                (_, 0, 2) => "accepted",
                (_, 0, 1) => "accepted_by_",
                (_, 0, 0) => "proposed",
                _ => panic!("{id}: {moves:?}"),
            };
            assert!(
                state.starts_with(expected) && (state == expected || expected.ends_with('_')),
                "{id} {state}: {moves:?}"
            );
            let finals = given.get(&(id.clone(), true)).copied().unwrap_or(0);
            let firsts = given.get(&(id.clone(), false)).copied().unwrap_or(0);
            assert_eq!(finals, i64::try_from(is_approved).unwrap(), "{id}: {moves:?}");
            assert_eq!(firsts + finals, i64::try_from(told("approve")).unwrap(), "{id}: {moves:?}");
            assert!(
                is_approved == 0 || firsts == i64::from(dual.contains(&id)),
                "{id} has {firsts} before the last"
            );
            approved += is_approved;
        }
        let same_twice = "SELECT count(*) FROM (SELECT 1 FROM match_approvals GROUP BY match_id, approved_by HAVING count(*) > 1) x";
        assert_eq!(self.count(same_twice).await, 0, "somebody has approved twice");
        let all = i64::try_from(waivers).unwrap();
        assert_eq!(self.count("SELECT count(*) FROM waivers").await, all);
        let taken_back = "SELECT count(*) FROM waivers WHERE revoked_at IS NOT NULL";
        assert_eq!(self.count(taken_back).await, i64::try_from(revoked).unwrap());
        for (path, times) in amended {
            let id = path.rsplit('/').next().unwrap();
            let kept = self
                .count(&format!("SELECT count(*) FROM requirement_amendments WHERE requirement_id = '{id}'"))
                .await;
            let lots =
                self.count(&format!("SELECT quantity - 10 FROM lots WHERE requirement_id = '{id}'")).await;
            assert_eq!((kept, lots), (i64::try_from(times).unwrap(), kept), "an amendment of {path} is lost");
        }
        approved
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mass_of_people_at_two_instances_does_nothing_twice_and_loses_nothing() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let (began, steps) = (Instant::now(), steps());
    let crowd = Arc::new(Crowd::gather(app, steps).await);
    crowd.app.base.db.reads().execute_unprepared(LOOK).await.unwrap();
    let (gathered, begins) = (began.elapsed(), Instant::now());
    let clients: Vec<_> = (0..CLIENTS).map(|client| tokio::spawn(crowd.clone().client(client))).collect();
    for client in clients {
        client.await.unwrap();
    }
    let took = begins.elapsed();
    let approved = crowd.check().await;
    let seen = seen_at_commits(&crowd.app).await;
    assert_eq!(seen.len(), approved, "each approval has left its row");
    for (of_match, verdict, seen) in &seen {
        held_at_commit(of_match, verdict, seen);
    }
    let (answers, put_off) = {
        let ledger = crowd.ledger.lock().unwrap();
        (ledger.answers.clone(), ledger.put_off.clone())
    };
    let deadlocks =
        crowd.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await;
    eprintln!(
        "{steps} steps on {} matches in {took:?} (after {gathered:?} of preparations), {approved} approved, \
         {deadlocks} deadlocks, put off {put_off:?}: {answers:#?}",
        crowd.deals.len()
    );
    let of = |what: &'static str, told: &str| answers.get(&(what, told.to_owned())).copied().unwrap_or(0);
    let refused = of("approve", "dependency-cap-exceeded");
    let covered = of("approve", "lot-already-covered");
    // That two of a lot are accepted and approved takes more steps than some runs have.
    let is_long = steps >= 5_000;
    assert!(approved > 5 && refused > 5 && (covered > 0 || !is_long), "{answers:#?} shows little");
    let told: BTreeSet<String> =
        seen.iter().map(|(.., seen): &(String, String, Value)| seen.to_string()).collect();
    assert!(told.len() > 1, "all approvals had the same grounds");
}
