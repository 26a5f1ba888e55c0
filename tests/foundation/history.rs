//! What is kept for ever: tables that only grow, and databases of earlier versions.

use eslabon::foundation::{
    access::{Kind, Role},
    db::{Db, Engine as Backend},
    ids::OrganisationId,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::{
    support::{Database, Engine, TestApp},
    world::World,
};

/// Tables in which nothing is changed or taken out, each with a column to try.
const APPEND_ONLY: &[(&str, &str)] = &[
    ("audit_entries", "operation"),
    ("signatures", "name"),
    ("plan_progress", "note"),
    ("plan_visits", "findings"),
    ("plan_evidence", "sha256"),
    ("milestone_evidence", "sha256"),
    ("match_approvals", "verdict"),
    ("consent_log", "purpose"),
    ("requirement_amendments", "reason"),
    ("programme_rules", "rules"),
    ("deliveries", "due_on"),
    ("payments", "invoice"),
    ("fund_entries", "reason"),
    ("operating_criteria", "text"),
    ("coordination_reviews", "findings"),
    ("evaluations", "scores"),
    ("measurement_answers", "value"),
    ("dependency_records", "band"),
];

async fn count(db: &Db, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS found FROM {table}");
    let statement = Statement::from_string(db.reads().get_database_backend(), sql);
    db.reads().query_one_raw(statement).await.unwrap().unwrap().try_get("", "found").unwrap()
}

on_both_engines! {
    /// Whoever has a connection, and not only whoever goes through the service, can add and nothing else.
    async fn the_database_itself_keeps_what_is_only_added_to(app: TestApp) {
        let world = World::set(&app).await;
        assert!(!world.objects.is_empty());
        let db = &app.base.db;
        for (table, column) in APPEND_ONLY {
            let rows = count(db, table).await;
            assert!(rows > 0, "{table} is empty: nothing is tried");
            let mut attempts = vec![
                format!("UPDATE {table} SET {column} = 'otra cosa'"),
                format!("UPDATE {table} SET {column} = {column}"),
                format!("DELETE FROM {table}"),
            ];
            if db.engine() == Backend::Postgres {
                attempts.push(format!("TRUNCATE {table} CASCADE"));
            }
            for attempt in attempts {
                let refused = db.reads().execute_unprepared(&attempt).await.unwrap_err();
                assert!(refused.to_string().contains("append-only"), "{attempt}: {refused}");
            }
            assert_eq!(count(db, table).await, rows);
        }
    }
}

/// A database as the first version left it, with something of every stage, one id a thing.
struct Before {
    db: Db,
}

const AT: i64 = 1_772_460_000_000_000;
const INSTITUTION: u128 = 1;
const LEAD_FIRM: u128 = 2;
const SUPPLIER: u128 = 3;
const PROGRAMME: u128 = 5;
const REQUIREMENT: u128 = 6;
const LOT: u128 = 7;
const DIAGNOSTIC: u128 = 8;
const ANALYSIS: u128 = 9;
const RUN: u128 = 10;
const MATCH: u128 = 11;
const WAIVER: u128 = 12;
const OPEN: u128 = 14;
const OPEN_LOT: u128 = 15;
const ACT: u128 = 16;
const PLAN: u128 = 17;
const CONTRACT: u128 = 18;

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

impl Before {
    /// An id as each engine writes it.
    fn lit(&self, number: u128) -> String {
        let uuid = Uuid::from_u128(number);
        match self.db.engine() {
            Backend::Sqlite => format!("x'{}'", uuid.simple()),
            Backend::Postgres => format!("'{uuid}'"),
        }
    }

    /// Runs SQL in which `#5` stands for the fifth id and `@at` for the moment.
    async fn run(&self, sql: &str) {
        let mut filled = sql.replace("@at", &AT.to_string());
        for number in (1..=40).rev() {
            filled = filled.replace(&format!("#{number} "), &format!("{} ", self.lit(number)));
        }
        self.db.reads().execute_unprepared(&filled).await.unwrap_or_else(|error| panic!("{error}: {filled}"));
    }

    /// What the first version wrote.
    async fn first(&self) {
        let rules = json!({
            "dependency_cap": "0.35", "dependency_base": "projected",
            "dependency_allowance": { "amount": "0", "currency": "USD" }, "no_worsening": true,
            "thresholds": { "green": "0.8", "yellow": "0.6" }, "yellow_max_share": "0.5",
            "objectives": { "fit_tolerance": "0.01", "cost_tolerance": "0" },
        });
        let criterion = json!({ "question": "quality-defects-ppm", "kind": "number", "maximum": "500", "necessity": "must", "criticality": 5 });
        let answer = json!({ "answer": { "number": "400" }, "scale": { "line": [["0", 100], ["5000", 0]] } });
        let analysis = json!({
            "analysis": { "light": "green", "reasons": [], "fit": "1", "coverage": "1", "group": null, "lines": [] },
            "best_peers": [],
        });
        for (number, kind, name) in [
            (INSTITUTION, "institution", "Agencia"),
            (LEAD_FIRM, "lead_firm", "Grande"),
            (SUPPLIER, "supplier", "Uno"),
        ] {
            self.run(&format!(
                "INSERT INTO organisations (id, kind, name, country, tax_id, created_at, version) \
                 VALUES (#{number} , '{kind}', '{name}', 'NI', 'J031000000000{number}', @at, 1)"
            ))
            .await;
        }
        self.run(
            "INSERT INTO accounts (id, email, name, password_hash, locale, created_at, version) \
             VALUES (#4 , 'ana@agencia.example', 'Ana', 'none', 'es', @at, 1)",
        )
        .await;
        self.run("INSERT INTO memberships VALUES (#4 , #1 , 'institution_administrator', @at, 1)").await;
        self.run("INSERT INTO institution_firms VALUES (#1 , #2 , @at), (#1 , #3 , @at)").await;
        self.run(&format!(
            "INSERT INTO programmes (id, institution_id, name, currency, starts_on, ends_on, state, rules, rules_version, \
             created_at, version) VALUES (#5 , #1 , 'Proveedores', 'USD', '2026-01-01', '2027-12-31', 'open', '{rules}', 3, @at, 4)"
        ))
        .await;
        self.run(
            "INSERT INTO programme_members VALUES (#5 , #2 , 'lead_firm', @at), (#5 , #3 , 'supplier', @at)",
        )
        .await;
        self.run(
            "INSERT INTO waivers (id, programme_id, supplier_id, buyer_group_key, dependency_cap_ppm, reason, signed_by, \
             signed_at, expires_on) VALUES (#12 , #5 , #3 , #2 , 450000, 'Único comprador de la zona.', #4 , @at, '2026-12-31')",
        )
        .await;
        self.run("INSERT INTO supplier_profiles VALUES (#3 , 100000, 'USD', '2026-01-31', 'declared', 1)")
            .await;
        self.run("INSERT INTO buyer_sales VALUES (#3 , #2 , 'declared', '', 25000, 'USD', '2026-01-31')")
            .await;
        self.run("INSERT INTO capacities VALUES (#3 , 'torneado', 'pieza', 100000000000)").await;
        self.run("INSERT INTO consents VALUES (#3 , #2 , @at, #4 , NULL)").await;
        for (requirement, lot, state, closed) in
            [(REQUIREMENT, LOT, "closed", "@at"), (OPEN, OPEN_LOT, "published", "NULL")]
        {
            self.run(&format!(
                "INSERT INTO requirements (id, programme_id, lead_firm_id, title, description, state, created_at, published_at, \
                 closed_at, version) VALUES (#{requirement} , #5 , #2 , 'Bujes {state}', '', '{state}', @at, @at, {closed}, 3)"
            ))
            .await;
            self.run(&format!(
                "INSERT INTO lots (id, requirement_id, position, name, process, unit, quantity, reference_price, weight_ppm, \
                 max_share_ppm, min_coverage_ppm, years) VALUES (#{lot} , #{requirement} , 0, 'Buje', 'torneado', 'pieza', 100, \
                 2000000, 1000000, 1000000, 0, 1)"
            ))
            .await;
            self.run(&format!("INSERT INTO offers VALUES (#{lot} , #3 , 1750000, 80, @at, #4 , 2)")).await;
        }
        self.run(&format!(
            "INSERT INTO criteria VALUES (#13 , #6 , 0, 'quality-defects-ppm', '{criterion}')"
        ))
        .await;
        self.run(
            "INSERT INTO diagnostics (id, organisation_id, instrument, instrument_version, state, created_at, submitted_at, \
             valid_until, version) VALUES (#8 , #3 , 'supplier', 1, 'submitted', @at, @at, '2027-03-02', 2)",
        )
        .await;
        self.run(&format!(
            "INSERT INTO answers VALUES (#8 , 'quality-defects-ppm', 'self_declared', '{answer}', 1, @at, #4 )"
        ))
        .await;
        self.run(&format!(
            "INSERT INTO gap_analyses VALUES (#9 , #6 , #3 , #8 , 'green', '{analysis}', 'abc', @at)"
        ))
        .await;
        self.run(
            "INSERT INTO runs (id, programme_id, name, state, requested_by, rules_version, instance, fingerprint, \
             cancel_requested, adopted_at, adopted_by, created_at, finished_at, version) VALUES (#10 , #5 , 'Primera', 'finished', \
             #4 , 3, '{}', 'abc', FALSE, @at, #4 , @at, @at, 5)",
        )
        .await;
        self.run(
            "INSERT INTO matches (id, run_id, programme_id, requirement_id, lot_id, lead_firm_id, supplier_id, quantity, \
             unit_price, years, amount_minor, annual_minor, currency, state, proposed_by, decided_by, decided_at, created_at, \
             version) VALUES (#11 , #10 , #5 , #6 , #7 , #2 , #3 , 40, 1750000, 1, 7000, 7000, 'USD', 'approved', #4 , #4 , @at, \
             @at, 4)",
        )
        .await;
    }

    /// What the versions between wrote: acts, plans and contracts, with signatures.
    async fn between(&self) {
        let basis = json!({
            "demanded": { "title": "Bujes closed", "description": "", "lots": [{ "name": "Buje", "process": "torneado",
                "unit": "pieza", "quantity": 100, "years": 1 }] },
            "analysis": { "light": "green", "reasons": [], "fit": "1", "coverage": "1", "group": null, "lines": [] },
        });
        self.run(&format!(
            "INSERT INTO gap_acts VALUES (#16 , #6 , #3 , 1, 1, '{basis}', '[]', @at, @at, 1)"
        ))
        .await;
        let content = json!({ "edition": 1, "grounds": { "act": id(ACT), "round": 1, "hash": "abc" }, "objectives": [], "actions": [] });
        self.run(&format!(
            "INSERT INTO plans VALUES (#17 , #5 , #6 , #3 , 'draft', '{content}', 0, NULL, @at, 1)"
        ))
        .await;
        self.run(
            "INSERT INTO contracts (id, programme_id, requirement_id, lead_firm_id, supplier_id, state, starts_on, ends_on, \
             payment_days, amount_minor, annual_minor, currency, content_hash, drawn_up_by, created_at, version) VALUES (#18 , \
             #5 , #6 , #2 , #3 , 'active', '2026-03-02', '2027-03-01', 30, 7000, 7000, 'USD', 'abc', #4 , @at, 3)",
        )
        .await;
        self.run("INSERT INTO contract_lines VALUES (#18 , #11 , #7 , 40, 1750000, 1, 7000)").await;
        for (number, side, firm) in [(20, "supplier", SUPPLIER), (21, "lead_firm", LEAD_FIRM)] {
            self.run(&format!(
                "INSERT INTO signatures VALUES (#{number} , 'contract', #18 , '{side}', 'abc', #{firm} , #4 , 'Ana', \
                 'supplier_administrator', @at)"
            ))
            .await;
        }
        self.run(
            "INSERT INTO deliveries (id, contract_id, lot_id, due_on, made_on, units, recorded_by, recorded_at) VALUES (#22 , #18 , \
             #7 , '2026-03-02', '2026-03-02', 10, #4 , @at)",
        )
        .await;
    }
}

/// The first version's migration, rows; all migrations but the last ones, rows; the rest.
async fn a_database_of_before_comes_up_with_what_it_holds(engine: Engine) {
    let Some(database) = Database::unmigrated(engine).await else { return };
    let before = Before { db: database.connect().await };
    eslabon_migrations::up_by(before.db.reads(), 1).await.unwrap();
    before.first().await;
    let steps = u32::try_from(eslabon_migrations::names().len()).unwrap() - 1;
    eslabon_migrations::up_by(before.db.reads(), steps - 3).await.unwrap();
    before.between().await;
    before.db.check_tables().await.unwrap_err();
    before.db.migrate().await.unwrap();
    before.db.check_tables().await.unwrap();
    before.db.close().await.unwrap();

    let app = TestApp::on(database).await;
    let person = async |number: u128, kind, role| {
        app.person(OrganisationId(Uuid::from_u128(number)), kind, role).await
    };
    let institution = person(INSTITUTION, Kind::Institution, Role::InstitutionAdministrator).await;
    let buyer = person(LEAD_FIRM, Kind::LeadFirm, Role::LeadFirmAdministrator).await;
    let supplier = person(SUPPLIER, Kind::Supplier, Role::SupplierAdministrator).await;
    let programme = format!("/programmes/{}", id(PROGRAMME));

    let read = institution.get(&programme).await.expect(200);
    assert_eq!(
        (read.text("rules/dependency_cap"), read.text("rules/objectives/1/tolerance")),
        ("0.35".into(), "0.01".into())
    );
    let versions = institution.get(&format!("{programme}/rules")).await.expect(200);
    assert_eq!(versions.text("items/0/rules_version"), "3");
    let waiver = institution.get(&format!("{programme}/waivers/{}", id(WAIVER))).await.expect(200);
    assert_eq!((waiver.text("state"), waiver.text("dependency_cap")), ("in_force".into(), "0.45".into()));
    // The consent was for seeing gaps, and is that still.
    assert_eq!(supplier.get("/consents").await.expect(200).text("items/0/purpose"), "gaps");
    let requirement = format!("/requirements/{}", id(REQUIREMENT));
    let seen = buyer.get(&format!("{requirement}/gap-analyses")).await.expect(200);
    assert_eq!((seen.text("items/0/id"), seen.text("items/0/light")), (id(ANALYSIS), "green".into()));
    let read = buyer.get(&requirement).await.expect(200);
    assert_eq!(
        (read.text("state"), read.text("lots/0/divisible"), read.text("criteria/0/maximum")),
        ("closed".into(), "true".into(), "500".into())
    );
    // An offer of before has no commitment, counts, and can be replaced by one that has.
    let offer = format!("/lots/{}/offer", id(OPEN_LOT));
    let own = supplier.get(&offer).await.expect(200);
    assert_eq!(
        (own.text("unit_price"), own.text("max_quantity"), own.text("standing"), own.body["proof"].is_null()),
        ("1.75".into(), "80".into(), "live".into(), true)
    );
    let sealed = supplier.put_if(&offer, &own.etag(), json!({ "unit_price": "1.7" })).await.expect(200);
    assert!(sealed.body["proof"].is_object());
    let score = supplier.get(&format!("/diagnostics/{}/scores", id(DIAGNOSTIC))).await.expect(200);
    assert!(score.body.to_string().contains("coverage"));
    let found = supplier.get(&format!("/matches/{}", id(MATCH))).await.expect(200);
    assert_eq!(
        (found.text("state"), found.text("amount/amount"), found.body["consortium"].is_null()),
        ("approved".into(), "70.00".into(), true)
    );
    assert_eq!(institution.get(&format!("/runs/{}", id(RUN))).await.expect(200).text("state"), "finished");
    let act = buyer.get(&format!("/gap-acts/{}", id(ACT))).await.expect(200);
    assert_eq!((act.text("state"), act.text("demanded/title")), ("void".into(), "Bujes closed".into()));
    let plans = supplier.get(&format!("{requirement}/plans")).await.expect(200);
    assert_eq!((plans.text("items/0/id"), plans.text("items/0/state")), (id(PLAN), "draft".into()));
    let contract = format!("/contracts/{}", id(CONTRACT));
    assert_eq!(supplier.get(&contract).await.expect(200).text("state"), "active");
    assert_eq!(buyer.get(&format!("{contract}/deliveries")).await.expect(200).text("items/0/units"), "10");
    // And the work goes on: the next version's steps rest on what was there.
    buyer.move_on(&format!("/requirements/{}", id(OPEN)), "close").await;
    let run = institution.post(&format!("{programme}/runs"), json!({ "name": "Segunda" })).await;
    run.expect(202);
    assert_eq!(app.run_jobs().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sqlite_file_of_before_comes_up_with_what_it_holds() {
    a_database_of_before_comes_up_with_what_it_holds(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_database_of_before_comes_up_with_what_it_holds() {
    a_database_of_before_comes_up_with_what_it_holds(Engine::Postgres).await;
}
