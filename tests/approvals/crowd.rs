//! A hundred approvals at once, on two instances of the service, while all else happens that changes what they rest on:
//! waivers are revoked, buyers come under common control, suppliers state their sales, contracts are signed and end, rules
//! and requirements are amended. The database itself looks at the position at each commit; the rule is calculated anew.

use std::collections::{BTreeMap, BTreeSet};

use eslabon::{
    app,
    foundation::{Base, db::Db, ids::Ids},
};
use futures_util::future::{FutureExt, LocalBoxFuture, join_all};
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::{
    accepted,
    invariant::{sign_contract, waive},
    step,
};
use crate::{
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, Engine, TestApp},
};

/// Looks, at the end of each transaction with a final approval, at all that the rule rests on: what others have committed until
/// then is in it.
pub(super) const LOOK: &str = "
    CREATE TABLE seen_at_commit (approval UUID PRIMARY KEY, match UUID, verdict TEXT, seen TEXT);
    CREATE FUNCTION look() RETURNS trigger AS $$ BEGIN IF NEW.is_final THEN
        INSERT INTO seen_at_commit SELECT NEW.id, NEW.match_id, NEW.verdict, json_build_object(
            'annual', (SELECT annual_sales_minor FROM supplier_profiles WHERE supplier_id = NEW.supplier_id),
            'sales', (SELECT coalesce(json_agg(json_build_object(
                    'group', coalesce(o.buyer_group_id, o.id), 'amount', s.amount_minor, 'source', s.source)), '[]')
                FROM buyer_sales s JOIN organisations o ON o.id = s.buyer_id WHERE s.supplier_id = NEW.supplier_id),
            'approved', (SELECT coalesce(json_agg(json_build_object(
                    'match', m.id, 'group', coalesce(o.buyer_group_id, o.id), 'amount', m.annual_minor)), '[]')
                FROM matches m JOIN organisations o ON o.id = m.lead_firm_id
                WHERE m.supplier_id = NEW.supplier_id AND m.state = 'approved' AND m.contracted_at IS NULL),
            'waivers', (SELECT coalesce(json_agg(json_build_object('programme', programme_id,
                    'group', buyer_group_key, 'cap', dependency_cap_ppm)
                    ORDER BY signed_at, id), '[]')
                FROM waivers WHERE supplier_id = NEW.supplier_id AND revoked_at IS NULL),
            'lot', (SELECT json_build_object('quantity', l.quantity, 'approved',
                    (SELECT sum(quantity) FROM matches WHERE lot_id = l.id AND state = 'approved'))
                FROM lots l JOIN matches m ON m.lot_id = l.id WHERE m.id = NEW.match_id),
            'rules', (SELECT json_object_agg(id, rules) FROM programmes)
        )::text;
        END IF;
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON match_approvals DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION look();
";

fn exact(value: &Value, scale: i64) -> BigRational {
    let whole = value.as_i64().unwrap_or_else(|| panic!("no number: {value}"));
    BigRational::new(whole.into(), scale.into())
}

/// The position that the database has seen, without one match if that is named: E and A by group, R and N.
struct Position {
    existing: BTreeMap<String, BigRational>,
    approved: BTreeMap<String, BigRational>,
    annual: BigRational,
    new: BigRational,
}

impl Position {
    fn of(seen: &Value, without: Option<&str>) -> Self {
        let sum = |list: &str, keep: &dyn Fn(&Value) -> bool| {
            let mut sums: BTreeMap<String, BigRational> = BTreeMap::new();
            for row in seen[list].as_array().unwrap().iter().filter(|row| keep(row)) {
                *sums.entry(row["group"].as_str().unwrap().to_owned()).or_insert_with(BigRational::zero) +=
                    exact(&row["amount"], 100);
            }
            sums
        };
        let existing = sum("sales", &|_| true);
        let contracts: BigRational = sum("sales", &|row| row["source"] == "contract").values().sum();
        let approved = sum("approved", &|row| row["match"].as_str() != without);
        // What is sold under contracts here comes on top of what is stated; the parts are known better than the whole.
        let annual = (exact(&seen["annual"], 100) + contracts).max(existing.values().sum());
        let new = approved.values().sum();
        Self { existing, approved, annual, new }
    }

    /// Left and right of E + A ≤ t (R + N) + max(0, E − t R).
    fn sides(&self, group: &str, cap: &BigRational) -> (BigRational, BigRational) {
        let of = |sums: &BTreeMap<String, BigRational>| sums.get(group).cloned().unwrap_or_default();
        let (existing, kept) = (of(&self.existing), of(&self.existing) - cap * &self.annual);
        let right = cap * (&self.annual + &self.new) + kept.max(BigRational::zero());
        (existing + of(&self.approved), right)
    }
}

/// The cap that held for a group in a programme: the waiver signed last, else the rules'.
fn cap(seen: &Value, programme: &str, group: &str) -> BigRational {
    let mut waivers = seen["waivers"].as_array().unwrap().iter();
    if let Some(waiver) = waivers.rfind(|waiver| waiver["programme"] == programme && waiver["group"] == group)
    {
        return exact(&waiver["cap"], 1_000_000);
    }
    let rules: Value = serde_json::from_str(seen["rules"][programme].as_str().unwrap()).unwrap();
    rules["dependency_cap"].as_str().unwrap().parse::<eslabon_solver::Decimal>().unwrap().to_ratio()
}

/// What was tested for an approval is what stood there at its commit, and the rule held then, or what had lapsed has not
/// grown.
pub(super) fn held_at_commit(of_match: &str, verdict: &str, seen: &Value) {
    let verdict: Value = serde_json::from_str(verdict).unwrap();
    let units = |name: &str| seen["lot"][name].as_i64().unwrap();
    assert!(units("approved") <= units("quantity"), "more is approved of a lot than it has: {seen:#}");
    let (before, after) = (Position::of(seen, Some(of_match)), Position::of(seen, None));
    let gains: Vec<&Value> =
        seen["approved"].as_array().unwrap().iter().filter(|row| row["match"] == of_match).collect();
    assert_eq!(gains.len(), 1, "the approval is in the position: {seen:#}");
    let tested = verdict.as_array().unwrap();
    assert!(tested.iter().any(|row| row["buyer_group"] == gains[0]["group"]), "{verdict:#} {seen:#}");
    for row in tested {
        let group = row["buyer_group"].as_str().unwrap();
        let cap = cap(seen, row["programme"].as_str().unwrap(), group);
        let ((left, right), (left_before, right_before)) =
            (after.sides(group, &cap), before.sides(group, &cap));
        let told = |name: &str| row[name].as_str().unwrap().parse::<BigRational>().unwrap();
        assert_eq!(
            (&told("left"), &told("right")),
            (&left, &right),
            "{row:#} is not what stood there: {seen:#}"
        );
        let (excess, present) = (left - right, left_before - right_before);
        assert_eq!(told("excess_before"), present, "{row:#} {seen:#}");
        let holds = !excess.is_positive() || (present.is_positive() && excess <= present);
        assert!(holds, "{excess} over, {present} before: {row:#} {seen:#}");
    }
}

/// Whether the service says that it is too busy, or somebody else was first.
pub(super) fn is_told_to_come_again(answer: &Answer) -> bool {
    [429, 503, 412].contains(&answer.status.as_u16()) || answer.body["code"] == "busy"
}

/// Asks again as long as that is said.
async fn insist(mut ask: impl AsyncFnMut() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if !is_told_to_come_again(&answer) {
            return answer;
        }
    }
}

/// A change with the version that is there now.
async fn change(client: &Client, path: &str, step: &str, body: Value) -> Answer {
    insist(async || {
        let etag = client.get(path).await.expect(200).etag();
        client.post_if(&format!("{path}{step}"), &etag, body.clone()).await
    })
    .await
}

pub(super) async fn seen_at_commits(app: &TestApp) -> Vec<(String, String, Value)> {
    let sql = "SELECT match::text AS of_match, verdict, seen FROM seen_at_commit".to_owned();
    let rows =
        app.base.db.reads().query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    let text = |row: &sea_orm::QueryResult, column: &str| row.try_get::<String>("", column).unwrap();
    rows.iter()
        .map(|row| {
            (text(row, "of_match"), text(row, "verdict"), serde_json::from_str(&text(row, "seen")).unwrap())
        })
        .collect()
}

/// What happens besides, by name.
type Event<'a> = (&'static str, LocalBoxFuture<'a, Answer>);

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one scene, with everything that happens in it")]
async fn a_hundred_approvals_among_all_that_changes_what_they_rest_on() {
    let Some(app) = TestApp::start(Engine::Postgres).await else { return };
    let second = Base { db: Db::connect(app.url()).await.unwrap(), ids: Ids::seeded(98), ..app.base.clone() };
    let second = app::router(&second);
    let scene = Scene::set(&app, "0").await;
    let buyers = [
        scene.lead_firm(&app, "Uno").await,
        scene.lead_firm(&app, "Dos").await,
        scene.lead_firm(&app, "Tres").await,
    ];
    let suppliers = [
        scene.supplier(&app, "2000").await,
        scene.supplier(&app, "2000").await,
        scene.supplier(&app, "2000").await,
    ];
    // Lots of one supplier each; for each supplier and buyer the first is under contract before all begins.
    let (mut found, mut contracts) = (Vec::new(), Vec::new());
    for (buyer, lots) in buyers.iter().zip([60, 30, 19]) {
        let lots = scene.requirement(buyer, &vec![lot(60, "1"); lots]).await;
        let whose = |at: usize| &suppliers[at % 3];
        let awards: Vec<_> = lots.iter().enumerate().map(|(at, lot)| award(whose(at), lot, 60)).collect();
        for (at, proposed) in scene.propose(&app, &awards).await.into_iter().enumerate() {
            accepted(buyer, whose(at), &proposed).await;
            if at < 3 {
                step(&scene.approver, &proposed, "approve").await.expect(200);
                let terms = json!({ "matches": [proposed], "starts_on": "2026-03-02", "payment_days": 30 });
                contracts.push((buyer, sign_contract(whose(at), buyer, terms).await));
            } else {
                found.push(proposed);
            }
        }
    }
    assert_eq!(found.len(), 100);
    let today = app.base.clock.now().day();
    let mut waivers = Vec::new();
    for (supplier, buyer) in suppliers.iter().zip(&buyers) {
        waivers.push(waive(&scene, supplier, buyer, (60, today)).await);
    }
    let declared =
        json!({ "with": buyers[1].organisation(), "ground": "Ambas pertenecen a Inversiones Cordillera." });
    let declared = buyers[0].post("/control-declarations", declared).await.expect(201);
    let criteria = json!([
        { "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 },
    ]);
    let published = buyers[2].requirement(&scene.programme, json!([lot(10, "1")]), criteria).await;
    buyers[2].move_on(&published, "publish").await;
    app.base.db.reads().execute_unprepared(LOOK).await.unwrap();

    let elsewhere = scene.approver.on(second.clone());
    let mut events: Vec<Event<'_>> = Vec::new();
    for (at, found) in found.iter().enumerate() {
        let client = if at.is_multiple_of(2) { &scene.approver } else { &elsewhere };
        events.push(("approve", insist(async move || step(client, found, "approve").await).boxed_local()));
    }
    for (at, waiver) in waivers.iter().enumerate() {
        let client = if at.is_multiple_of(2) { &elsewhere } else { &scene.approver };
        let reason = json!({ "reason": "Abrió otra planta en la zona" });
        let revoke = async move || client.post(&format!("{waiver}/revoke"), reason.clone()).await;
        events.push(("revoke", insist(revoke).boxed_local()));
    }
    events.push(("group", insist(async || scene.institution.confirm_control(&declared).await).boxed_local()));
    for (at, supplier) in suppliers.iter().enumerate() {
        let supplier = supplier.on(second.clone());
        for round in 0..4 {
            let (supplier, buyer) = (supplier.clone(), &buyers[(at + round) % 3]);
            let amount = (40 * (round + 1)).to_string();
            events.push((
                "sales",
                async move {
                    let stated =
                        json!({ "amount": { "amount": amount, "currency": "USD" }, "as_of": "2026-02-28" });
                    let path = format!("/profile/sales/{}", buyer.organisation());
                    insist(async || supplier.put(&path, stated.clone()).await).await
                }
                .boxed_local(),
            ));
        }
    }
    for (buyer, contract) in &contracts {
        let reason = json!({ "reason": "La planta cierra en julio" });
        events.push(("terminate", change(buyer, contract, "/terminate", reason).boxed_local()));
    }
    for cap in ["0.25", "0.35"] {
        let (institution, programme) = (scene.institution.on(second.clone()), &scene.programme);
        let rules = move || json!({ "dependency_cap": cap, "dependency_allowance": { "amount": "0", "currency": "USD" } });
        events.push((
            "rules",
            async move {
                insist(async || {
                    let etag = institution.get(programme).await.expect(200).etag();
                    institution.put_if(&format!("{programme}/rules"), &etag, rules()).await
                })
                .await
            }
            .boxed_local(),
        ));
    }
    events.push((
        "amend",
        async { buyers[2].amend(&published, "/criteria/0/maximum", json!("300")).await }.boxed_local(),
    ));
    events.shuffle(&mut StdRng::seed_from_u64(7));
    let asked = events.len();
    let answers = join_all(events.into_iter().map(async |(name, event)| (name, event.await))).await;

    let (mut given, mut refused) = (0, 0);
    for (name, answer) in &answers {
        match (*name, answer.status.as_u16()) {
            ("approve", 200) => given += 1,
            ("approve", 409) if answer.body["code"] == "dependency-cap-exceeded" => refused += 1,
            ("approve", status) => panic!("{status} {:#}", answer.body),
            (_, status) => assert!((200..300).contains(&status), "{name}: {status} {:#}", answer.body),
        }
    }
    assert_eq!((given + refused, asked), (100, 100 + 3 + 1 + 12 + 9 + 2 + 1));
    let seen = seen_at_commits(&app).await;
    assert_eq!(seen.len(), given, "each approval has left its row");
    assert!(given > 10 && refused > 10, "{given} given, {refused} refused: this shows little");
    for (of_match, verdict, seen) in &seen {
        held_at_commit(of_match, verdict, seen);
    }
    // It was a crowd: the approvals did not all rest on the same rules, waivers, groups and sales.
    let basis =
        |seen: &Value| ["annual", "sales", "waivers", "rules"].map(|part| seen[part].to_string()).concat();
    let bases: BTreeSet<String> = seen.iter().map(|(.., seen)| basis(seen)).collect();
    assert!(bases.len() > 1, "only {} different grounds", bases.len());
}
