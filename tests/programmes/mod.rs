//! Programmes: rules, members, waivers, and who sees what.

pub mod calls;
mod commands;
mod consortia;
pub mod governance;
mod meetings;
mod networks;
pub mod projects;
mod rules;

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const MISSING: &str = "/programmes/01890000-0000-7000-8000-000000000000";

fn clp(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CLP" })
}

fn id(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

/// An officer of the institution.
async fn officer(app: &TestApp, institution: &Client) -> Client {
    app.person(institution.organisation(), Kind::Institution, Role::Officer).await
}

on_both_engines! {
    async fn a_programme_without_rules_has_the_default_ones(app: TestApp) {
        let institution = app.institution().await;
        let body = json!({ "name": "Minería", "currency": "USD", "starts_on": "2026-01-01", "ends_on": "2026-12-31" });
        let programme = institution.post("/programmes", body).await.expect(201);
        assert_eq!((programme.text("state"), programme.etag()), ("draft".to_owned(), "\"1\"".to_owned()));
        let expected = json!({
            "dependency_cap": "0.3", "glide_path": [], "dependency_base": "projected",
            "dependency_allowance": { "amount": "0.00", "currency": "USD" }, "no_worsening": true, "hhi_cap": null,
            "thresholds": { "green": "0.8", "yellow": "0.6" }, "yellow_max_share": "0.5",
            "objectives": [
                { "tier": "coverage", "tolerance": "0" }, { "tier": "fit", "tolerance": "0.01" },
                { "tier": "cost", "tolerance": "0.01" },
            ],
            "development_budget": null, "cofinancing": null, "dual_approval_above": null, "exchange_rates": [],
            "objection_days": 10,
        });
        assert_eq!(programme.body["rules"], expected);
    }

    async fn every_fault_of_a_programme_is_named_at_once(app: TestApp) {
        let body = json!({
            "currency": "CLP", "starts_on": "2026-02-01", "ends_on": "2026-01-31", "colour": 1,
            "rules": {
                "dependency_cap": "1.5", "dependency_allowance": { "amount": "1", "currency": "USD" },
                "thresholds": { "green": "0.4" },
            },
        });
        let answer = app.institution().await.post("/programmes", body.clone()).await.expect(422);
        let mut faults = vec![
            "/colour unknown-field",
            "/ends_on ends-before-start",
            "/name required",
            "/rules/dependency_cap not-a-share",
            "/rules/thresholds/yellow yellow-above-green",
        ];
        assert_eq!(answer.faults(), faults);
        // Which currency the allowance is in can be told only once the rules can be read.
        let mut readable = body;
        readable["rules"] = json!({ "dependency_allowance": { "amount": "1", "currency": "USD" } });
        let answer = app.institution().await.post("/programmes", readable).await.expect(422);
        faults.truncate(3);
        faults.push("/rules/dependency_allowance not-the-programmes-currency");
        assert_eq!(answer.faults(), faults);
    }

    async fn rules_have_versions_and_nobody_overwrites_a_change_unseen(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.programme(json!({})).await;
        let rules = format!("{programme}/rules");
        let stricter = json!({ "dependency_cap": "0.25", "dependency_allowance": clp("500") });
        institution.put(&rules, stricter.clone()).await.expect(428);
        let changed = institution.put_if(&rules, "\"1\"", stricter.clone()).await.expect(200);
        assert_eq!((changed.text("rules_version"), changed.etag()), ("2".to_owned(), "\"2\"".to_owned()));
        assert_eq!(changed.text("rules/dependency_cap"), "0.25");
        let stale = institution.put_if(&rules, "\"1\"", stricter).await.expect(412);
        assert_eq!(stale.code(), "stale-version");

        // Opening changes the programme, not its rules.
        let open = institution.move_on(&programme, "open").await;
        assert_eq!((open.text("rules_version"), open.etag()), ("2".to_owned(), "\"3\"".to_owned()));
        let without_cap = json!({ "dependency_cap": null, "dependency_allowance": clp("0") });
        let changed = institution.put_if(&rules, "\"3\"", without_cap).await.expect(200);
        assert_eq!((&changed.body["rules"]["dependency_cap"], changed.text("rules_version")), (&Value::Null, "3".to_owned()));
        let dollars = json!({ "dependency_allowance": { "amount": "1", "currency": "USD" } });
        let refused = institution.put_if(&rules, "\"4\"", dollars.clone()).await.expect(422);
        assert_eq!(refused.faults(), ["/dependency_allowance not-the-programmes-currency"]);
        institution.move_on(&programme, "close").await;
        assert_eq!(institution.put_if(&rules, "\"5\"", dollars).await.expect(409).code(), "wrong-state");
    }

    async fn a_programme_goes_from_draft_to_open_to_closed_and_never_back(app: TestApp) {
        let institution = app.institution().await;
        let programme = institution.programme(json!({})).await;
        let step = async |step: &str, etag: &str| institution.post_if(&format!("{programme}/{step}"), etag, json!({})).await;
        let refused = step("close", "\"1\"").await.expect(409);
        assert_eq!((refused.code(), institution.get(&programme).await.text("state")), ("wrong-state".into(), "draft".into()));
        step("open", "\"7\"").await.expect(412);
        step("open", "\"1\"").await.expect(200);
        step("open", "\"2\"").await.expect(409);
        step("close", "\"2\"").await.expect(200);
        step("open", "\"3\"").await.expect(409);
        let found = institution.get("/programmes?state=closed").await.expect(200);
        assert_eq!((found.text("items/0/id"), found.text("items/0/etag")), (id(&programme), "\"3\"".to_owned()));
        assert_eq!(institution.get("/programmes?state=open").await.expect(200).body["items"], json!([]));
    }

    async fn what_is_foreign_looks_like_what_does_not_exist(app: TestApp) {
        let institution = app.institution().await;
        let (member, stranger) = (app.supplier("Uno").await, app.supplier("Otro").await);
        let programme = institution.open_programme(&[&member]).await;
        member.get(&programme).await.expect(200);
        for outsider in [&stranger, &app.lead_firm("Grande").await, &app.institution().await] {
            let (foreign, missing) = (outsider.get(&programme).await.expect(404), outsider.get(MISSING).await.expect(404));
            assert_eq!(foreign.text("detail"), missing.text("detail"));
            assert_eq!(outsider.get("/programmes").await.expect(200).body["items"], json!([]));
        }
        let other = app.institution().await;
        let rules = json!({ "dependency_allowance": clp("0") });
        for path in [programme.as_str(), MISSING] {
            other.post_if(&format!("{path}/close"), "\"2\"", json!({})).await.expect(404);
            other.put_if(&format!("{path}/rules"), "\"2\"", rules.clone()).await.expect(404);
            other.get(&format!("{path}/members")).await.expect(404);
            other.get(&format!("{path}/waivers")).await.expect(404);
            other.post(&format!("{path}/members"), json!({ "organisation": other.organisation() })).await.expect(404);
        }
    }

    async fn only_officers_take_firms_in_and_only_the_institution_sees_them(app: TestApp) {
        let institution = app.institution().await;
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let programme = institution.programme(json!({})).await;
        let members = format!("{programme}/members");
        let body = json!({ "organisation": lead_firm.organisation() });
        let reader = app.person(institution.organisation(), Kind::Institution, Role::InstitutionReader).await;
        for person in [&reader, &supplier, &lead_firm] {
            person.post(&members, body.clone()).await.expect(403);
        }
        officer(&app, &institution).await.post(&members, body).await.expect(201);
        // A supplier that the institution does not work with yet can't be named by its id, only by its tax id.
        let by_id = json!({ "organisation": supplier.organisation() });
        assert_eq!(institution.post(&members, by_id).await.expect(422).faults(), ["/organisation no-such-firm"]);
        institution.take_in(&programme, &[&supplier, &supplier]).await;
        institution.get(&format!("/organisations/{}/profile", supplier.organisation())).await.expect(200);

        let listed = reader.get(&members).await.expect(200);
        assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
        let listed = reader.get(&format!("{members}?kind=supplier")).await.expect(200);
        assert_eq!(listed.text("items/0/name"), "Uno");
        for firm in [&supplier, &lead_firm] {
            firm.get(&programme).await.expect(200);
            firm.get(&members).await.expect(403);
        }
        institution.move_on(&programme, "open").await;
        institution.move_on(&programme, "close").await;
        let late = json!({ "organisation": lead_firm.organisation() });
        assert_eq!(institution.post(&members, late).await.expect(409).code(), "wrong-state");
    }

    async fn a_member_is_named_by_id_or_by_tax_id_and_is_a_firm(app: TestApp) {
        let institution = app.institution().await;
        let members = format!("{}/members", institution.programme(json!({})).await);
        let faults = async |body| institution.post(&members, body).await.expect(422).faults();
        assert_eq!(faults(json!({})).await, ["/country required", "/tax_id required"]);
        assert_eq!(faults(json!({ "country": "CL", "tax_id": "76.086.428-6" })).await, ["/tax_id wrong-tax-id"]);
        assert_eq!(faults(json!({ "country": "CL", "tax_id": "76.086.428-5" })).await, ["/tax_id no-such-firm"]);
        let itself = json!({ "organisation": institution.organisation() });
        assert_eq!(faults(itself).await, ["/organisation no-such-firm"]);
    }

    async fn a_waiver_names_members_and_is_signed_by_an_approver(app: TestApp) {
        let institution = app.institution().await;
        let (supplier, lead_firm, outsider) =
            (app.supplier("Uno").await, app.lead_firm("Grande").await, app.lead_firm("Ajena").await);
        let programme = institution.open_programme(&[&supplier, &lead_firm]).await;
        let waivers = format!("{programme}/waivers");
        let body = json!({
            "supplier": supplier.organisation(), "lead_firm": lead_firm.organisation(), "dependency_cap": "0.45",
            "reason": "Único comprador de la zona.", "expires_on": "2026-03-02",
        });
        officer(&app, &institution).await.post(&waivers, body.clone()).await.expect(403);
        let approver = app.person(institution.organisation(), Kind::Institution, Role::Approver).await;
        let signed = approver.post(&waivers, body.clone()).await.expect(201);
        assert_eq!(signed.text("signed_by"), approver.get("/me").await.text("account/id"));
        assert_eq!(signed.text("buyer_group"), lead_firm.organisation().to_string());
        assert_eq!(institution.get(&waivers).await.expect(200).text("items/0/id"), signed.text("id"));

        let wrong = json!({
            "supplier": lead_firm.organisation(), "lead_firm": outsider.organisation(), "dependency_cap": "0.45",
            "reason": "Único comprador de la zona.", "expires_on": "2026-03-01",
        });
        let refused = institution.post(&waivers, wrong).await.expect(422);
        assert_eq!(
            refused.faults(),
            ["/expires_on in-the-past", "/lead_firm not-a-member", "/supplier not-a-member"]
        );
        for firm in [&supplier, &lead_firm] {
            firm.get(&waivers).await.expect(403);
        }
    }

    async fn the_waiver_signed_last_holds_until_its_last_day(app: TestApp) {
        use eslabon::{foundation::access::Actor, programmes::store};
        let institution = app.institution().await;
        let (supplier, one, other) =
            (app.supplier("Uno").await, app.lead_firm("Grande").await, app.lead_firm("Hermana").await);
        let programme = institution.open_programme(&[&supplier, &one, &other]).await;
        let group = institution.common_control(&one, &other).await;
        for (lead_firm, cap) in [(&one, "0.5"), (&other, "0.4")] {
            let body = json!({
                "supplier": supplier.organisation(), "lead_firm": lead_firm.organisation(), "dependency_cap": cap,
                "reason": "Único comprador de la zona.", "expires_on": "2026-03-31",
            });
            institution.post(&format!("{programme}/waivers"), body).await.expect(201);
            app.base.clock.advance(1);
        }
        let actor = Actor::system(institution.organisation());
        let in_force = async |day: &str| {
            let programme = id(&programme).parse().unwrap();
            store::waivers_in_force(app.base.db.reads(), &actor, programme, day.parse().unwrap()).await.unwrap()
        };
        let waivers = in_force("2026-03-31").await;
        let found: Vec<_> = waivers.iter().map(|w| (w.buyer_group.to_string(), w.dependency_cap.to_string())).collect();
        assert_eq!(found, [(group, "0.4".to_owned())]);
        assert_eq!(in_force("2026-04-01").await, []);
    }

    async fn a_repeated_request_sets_up_one_programme(app: TestApp) {
        let institution = app.institution().await;
        let body = json!({ "name": "Minería", "currency": "USD", "starts_on": "2026-01-01", "ends_on": "2026-12-31" });
        let first = institution.post_once("/programmes", "clave-1", body.clone()).await.expect(201);
        let again = institution.post_once("/programmes", "clave-1", body).await.expect(201);
        assert_eq!(first.text("id"), again.text("id"));
        assert_eq!(institution.get("/programmes").await.expect(200).body["items"].as_array().unwrap().len(), 1);
    }
}
