//! The second factor: set up, asked for, used once, lost, taken away; and demanded of those who approve.

use eslabon::{
    foundation::{
        access::{Actor, Role},
        audit,
        config::SecondFactor,
    },
    organisations::second_factor::Secret,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    approvals::{accepted, batch, step},
    matching::scene::{Scene, award, lot},
    support::{Answer, Client, PASSWORD, TestApp},
};

/// Somebody with a second factor.
struct Person {
    email: String,
    client: Client,
    secret: Secret,
    recovery_codes: Vec<String>,
}

fn from_base32(text: &str) -> Secret {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let values: Vec<usize> = text.chars().map(|c| ALPHABET.find(c).unwrap()).collect();
    let bits: Vec<u8> =
        values.iter().flat_map(|value| (0..5).rev().map(move |at| u8::from(value >> at & 1 == 1))).collect();
    let bytes: Vec<u8> =
        bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)).collect();
    Secret::from_hex(&hex::encode(bytes)).unwrap()
}

fn code_of(app: &TestApp, secret: &Secret) -> String {
    secret.shown(app.base.clock.now())
}

async fn log_in(app: &TestApp, email: &str, code: Option<&str>) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "code": code });
    app.anonymous().post("/tokens", body).await
}

async fn begun(client: &Client) -> Secret {
    let begun = client.post("/me/second-factor", json!({ "password": PASSWORD })).await.expect(201);
    let secret = begun.text("secret");
    assert_eq!(secret.len(), 32);
    assert!(begun.text("uri").contains(&format!("secret={secret}&issuer=Eslabon")));
    from_base32(&secret)
}

async fn person(app: &TestApp, role: Role) -> Person {
    let firm = app.organisation("Uno", role).await;
    let email = app.person_with_password(firm.organisation(), role).await;
    let client = app.anonymous().with_token(&log_in(app, &email, None).await.expect(201).text("secret"));
    let secret = begun(&client).await;
    log_in(app, &email, None).await.expect(201);
    let code = json!({ "code": code_of(app, &secret) });
    let confirmed = client.post("/me/second-factor/confirm", code).await.expect(200);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap();
    let recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    app.base.clock.advance(30);
    Person { email, client, secret, recovery_codes }
}

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    let db = app.base.db.reads();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<Option<String>>("", "text").unwrap().unwrap_or_default()).collect()
}

/// What the trail says of second factors, the latest first.
async fn trail(app: &TestApp, of: &Client) -> Vec<String> {
    let service = Actor::system(of.get("/me").await.expect(200).text("organisation/id").parse().unwrap());
    let entries = audit::list(app.base.db.reads(), &service, 1_000).await.unwrap();
    let said = entries.iter().filter_map(|entry| {
        let details: Value = serde_json::from_str(entry.details()?).ok()?;
        Some(format!("{} {}", entry.operation(), details["second_factor"].as_str()?))
    });
    said.collect()
}

on_both_engines! {
    async fn whoever_has_a_second_factor_needs_it_for_a_token(app: TestApp) {
        let Person { email, client, secret, .. } = person(&app, Role::SupplierMember).await;
        let state = client.get("/me/second-factor").await.expect(200);
        assert_eq!((state.text("state"), state.body["recovery_codes"].clone()), ("active".into(), json!(10)));
        assert_eq!(log_in(&app, &email, None).await.expect(401).code(), "second-factor-required");
        assert_eq!(log_in(&app, &email, Some("000000")).await.expect(401).code(), "wrong-code");
        let code = code_of(&app, &secret);
        log_in(&app, &email, Some(&code)).await.expect(201);
        assert_eq!(log_in(&app, &email, Some(&code)).await.expect(401).code(), "wrong-code", "a code works once");
        app.base.clock.advance(30);
        assert_eq!(log_in(&app, &email, Some(&code)).await.expect(401).code(), "wrong-code");
        log_in(&app, &email, Some(&code_of(&app, &secret))).await.expect(201);
        // Who does not know the password is told nothing of it.
        let body = json!({ "email": email, "password": "no es esta", "code": code_of(&app, &secret) });
        assert_eq!(app.anonymous().post("/tokens", body).await.expect(401).code(), "wrong-credentials");
    }

    async fn two_who_use_a_code_at_once_use_it_once(app: TestApp) {
        let Person { email, secret, recovery_codes, .. } = person(&app, Role::SupplierMember).await;
        for code in [code_of(&app, &secret), recovery_codes[0].clone()] {
            let (one, other) = tokio::join!(log_in(&app, &email, Some(&code)), log_in(&app, &email, Some(&code)));
            let mut statuses = [one.status.as_u16(), other.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 401]);
        }
    }

    async fn nothing_is_asked_for_before_the_first_code(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let email = app.person_with_password(firm.organisation(), Role::SupplierMember).await;
        let client = app.anonymous().with_token(&log_in(&app, &email, None).await.expect(201).text("secret"));
        let wrong = client.post("/me/second-factor", json!({ "password": "no es esta" })).await.expect(422);
        assert_eq!(wrong.faults(), ["/password wrong-password"]);
        let first = begun(&client).await;
        assert_eq!(client.get("/me/second-factor").await.expect(200).text("state"), "begun");
        log_in(&app, &email, None).await.expect(201);
        let second = begun(&client).await;
        let confirm = async |code: &str| client.post("/me/second-factor/confirm", json!({ "code": code })).await;
        assert_eq!(confirm(&code_of(&app, &first)).await.expect(422).faults(), ["/code wrong-code"]);
        confirm(&code_of(&app, &second)).await.expect(200);
        assert_eq!(confirm("000000").await.expect(409).code(), "no-second-factor-begun");
        let again = client.post("/me/second-factor", json!({ "password": PASSWORD })).await.expect(409);
        assert_eq!(again.code(), "second-factor-there-already");
    }

    async fn what_began_without_it_ends_when_it_is_confirmed(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let email = app.person_with_password(firm.organisation(), Role::SupplierMember).await;
        let token = async || log_in(&app, &email, None).await.expect(201).text("secret");
        let (own, other) = (app.anonymous().with_token(&token().await), app.anonymous().with_token(&token().await));
        let mut browser = app.browser();
        browser.log_in(&email, PASSWORD).await.expect(303);
        let secret = begun(&own).await;
        other.get("/me").await.expect(200);
        own.post("/me/second-factor/confirm", json!({ "code": code_of(&app, &secret) })).await.expect(200);
        own.get("/me").await.expect(200);
        other.get("/me").await.expect(401);
        browser.open("/me").await.expect(303);
    }

    async fn a_recovery_code_stands_in_for_a_phone_once(app: TestApp) {
        let Person { email, client, recovery_codes, .. } = person(&app, Role::SupplierMember).await;
        assert_eq!(recovery_codes.len(), 10);
        let careless = recovery_codes[3].to_uppercase().replace('-', " ");
        log_in(&app, &email, Some(&careless)).await.expect(201);
        log_in(&app, &email, Some(&recovery_codes[3])).await.expect(401);
        assert_eq!(client.get("/me/second-factor").await.expect(200).body["recovery_codes"], 9);
        let mut kept = Vec::new();
        for (column, table) in [("code_hash", "recovery_codes"), ("details", "audit_entries"), ("reply", "idempotency_records")] {
            kept.extend(texts(&app, &format!("SELECT {column} AS text FROM {table}")).await);
        }
        for code in &recovery_codes {
            let plain = code.replace('-', "");
            assert!(kept.iter().all(|text| !text.contains(code) && !text.contains(&plain)), "they are kept hashed");
        }
        let said = trail(&app, &client).await;
        assert_eq!(said, ["tokens.create recovery_code_used", "second_factor.confirm confirmed", "second_factor.set_up begun"]);
    }

    async fn it_is_taken_away_with_a_code_alone(app: TestApp) {
        let Person { email, client, secret, recovery_codes } = person(&app, Role::SupplierMember).await;
        let remove = async |code: &str| client.post("/me/second-factor/remove", json!({ "code": code })).await;
        assert_eq!(remove("000000").await.expect(422).faults(), ["/code wrong-code"]);
        remove(&code_of(&app, &secret)).await.expect(204);
        assert_eq!(remove(&recovery_codes[0]).await.expect(409).code(), "no-second-factor");
        log_in(&app, &email, None).await.expect(201);
        assert_eq!(trail(&app, &client).await[0], "second_factor.remove removed");
        assert!(texts(&app, "SELECT code_hash AS text FROM recovery_codes").await.is_empty());
    }

    async fn a_replaced_password_does_not_replace_it(app: TestApp) {
        let Person { email, secret, .. } = person(&app, Role::SupplierMember).await;
        app.anonymous().post("/password-resets", json!({ "email": email })).await.expect(200);
        app.post().await;
        let link = app.letters().pop().unwrap().link("/password/new?secret=");
        let body = json!({ "secret": link.split_once('=').unwrap().1, "password": PASSWORD });
        app.anonymous().post("/password-resets/use", body).await.expect(204);
        assert_eq!(log_in(&app, &email, None).await.expect(401).code(), "second-factor-required");
        log_in(&app, &email, Some(&code_of(&app, &secret))).await.expect(201);
    }

    async fn guessing_codes_ends_after_a_few_attempts(app: TestApp) {
        let Person { email, secret, .. } = person(&app, Role::SupplierMember).await;
        for _ in 0..10 {
            log_in(&app, &email, Some("000000")).await.expect(401);
        }
        log_in(&app, &email, Some(&code_of(&app, &secret))).await.expect(429);
    }

    /// The setting asks those who approve for a second factor: without one, approving is refused and says what to do.
    async fn approvers_without_it_approve_nothing(app: TestApp) {
        let app = app.configured(|config| config.second_factor = SecondFactor::Approvers);
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1"), lot(10, "1"), lot(10, "1")]).await;
        let awards: Vec<_> = lots.iter().map(|lot| award(&supplier, lot, 10)).collect();
        let found = scene.propose(&app, &awards).await;
        for found in &found {
            accepted(&buyer, &supplier, found).await;
        }
        let refused = step(&scene.approver, &found[0], "approve").await.expect(403);
        assert_eq!(refused.code(), "second-factor-missing");
        assert!(refused.text("detail").contains("POST /api/v1/me/second-factor"));
        assert_eq!(batch(&scene.approver, &scene, &[&found[0]]).await.expect(403).code(), "second-factor-missing");
        let waiver = json!({ "supplier": supplier.organisation(), "lead_firm": buyer.organisation(),
            "dependency_cap": "0.5", "reason": "Mientras abre otro cliente", "expires_on": "2026-12-31" });
        let waivers = format!("{}/waivers", scene.programme);
        assert_eq!(scene.approver.post(&waivers, waiver).await.expect(403).code(), "second-factor-missing");
        // Nobody is kept from saying no.
        step(&scene.approver, &found[2], "reject").await.expect(200);

        let email = app.person_with_password(scene.institution.organisation(), Role::Approver).await;
        let approver = app.anonymous().with_token(&log_in(&app, &email, None).await.expect(201).text("secret"));
        let secret = begun(&approver).await;
        step(&approver, &found[0], "approve").await.expect(403);
        approver.post("/me/second-factor/confirm", json!({ "code": code_of(&app, &secret) })).await.expect(200);
        assert_eq!(step(&approver, &found[0], "approve").await.expect(200).text("state"), "approved");
        batch(&approver, &scene, &[&found[1]]).await.expect(200);

        let mut browser = app.browser_of(&scene.institution, Role::Approver).await;
        browser.open("/").await.expect(200).says("Configurar su segundo factor");
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let home = officer.open("/").await.expect(200);
        assert!(!home.words().contains("segundo factor"), "officers who do not approve are not asked");
    }

    async fn the_operator_helps_out_whoever_lost_everything(app: TestApp) {
        let Person { email, .. } = person(&app, Role::SupplierMember).await;
        let url = app.url().to_owned();
        let args = vec!["user".to_owned(), "remove-second-factor".to_owned(), "--email".to_owned(), email.to_uppercase()];
        let run = tokio::task::spawn_blocking(move || {
            std::process::Command::new(env!("CARGO_BIN_EXE_eslabon")).args(args).env("DATABASE_URL", url).output().unwrap()
        });
        let output = run.await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("logs in with the password alone"));
        log_in(&app, &email, None).await.expect(201);
    }
}
