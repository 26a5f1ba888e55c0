//! Rules in full, their versions, and waivers that end.

use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::support::Client;

fn clp(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CLP" })
}

async fn waiver(institution: &Client, programme: &str, supplier: &Client, lead_firm: &Client) -> String {
    let body = json!({
        "supplier": supplier.organisation(), "lead_firm": lead_firm.organisation(), "dependency_cap": "0.45",
        "reason": "Único comprador de la zona.", "expires_on": "2026-03-03",
    });
    let signed = institution.post(&format!("{programme}/waivers"), body).await.expect(201);
    format!("{programme}/waivers/{}", signed.text("id"))
}

on_both_engines! {
    async fn every_version_of_the_rules_is_kept_and_readable(app: TestApp) {
        let institution = app.institution().await;
        let member = app.supplier("Uno").await;
        let programme = institution.open_programme(&[&member]).await;
        let rules = json!({
            "glide_path": ["0.6", "0.45", "0.3"], "dependency_allowance": clp("500"),
            "development_budget": clp("900000"), "dual_approval_above": clp("100000"),
            "cofinancing": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" },
            "objectives": [{ "tier": "coverage" }, { "tier": "suppliers", "tolerance": "0.05" }],
            "exchange_rates": [{ "currency": "USD", "rate": "942.35", "as_of": "2026-03-02", "source": "Banco Central" }],
        });
        let path = format!("{programme}/rules");
        let etag = institution.get(&programme).await.etag();
        let changed = institution.put_if(&path, &etag, rules.clone()).await.expect(200);
        assert_eq!(changed.text("rules/dependency_cap"), "0.3");
        let versions = institution.get(&path).await.expect(200);
        let versions = versions.body["items"].as_array().unwrap().clone();
        assert_eq!(versions.len(), 2);
        assert_eq!((&versions[0]["rules_version"], &versions[0]["rules"]["glide_path"]), (&json!(1), &json!([])));
        assert!(versions[1]["changed_by"].is_string());
        // A member reads them too, without the person's name.
        let second = member.get(&format!("{path}/2")).await.expect(200);
        assert_eq!((&second.body["rules"], &second.body["changed_by"]), (&changed.body["rules"], &Value::Null));
        member.get(&format!("{path}/3")).await.expect(404);
        let stranger = app.supplier("Otro").await;
        for path in [path.clone(), format!("{path}/1")] {
            stranger.get(&path).await.expect(404);
        }
        // What was read can be sent back as it is.
        let again = institution.put_if(&path, &changed.etag(), changed.body["rules"].clone()).await.expect(200);
        assert_eq!((&again.body["rules"], again.text("rules_version")), (&changed.body["rules"], "3".to_owned()));
    }

    async fn amounts_of_the_rules_are_in_the_programmes_currency(app: TestApp) {
        let usd = json!({ "amount": "1", "currency": "USD" });
        let body = json!({
            "name": "Minería", "currency": "CLP", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
            "time_zone": "Santiago",
            "rules": {
                "dependency_allowance": usd, "development_budget": usd, "dual_approval_above": usd,
                "exchange_rates": [{ "currency": "CLP", "rate": "1", "as_of": "2026-03-02", "source": "Banco Central" }],
            },
        });
        let answer = app.institution().await.post("/programmes", body).await.expect(422);
        assert_eq!(
            answer.faults(),
            [
                "/rules/dependency_allowance not-the-programmes-currency",
                "/rules/development_budget not-the-programmes-currency",
                "/rules/dual_approval_above not-the-programmes-currency",
                "/rules/exchange_rates/0/currency the-programmes-own-currency",
                "/time_zone not-a-time-zone",
            ]
        );
    }

    async fn a_programme_says_where_it_works_and_by_whose_clocks(app: TestApp) {
        let institution = app.institution().await;
        let body = json!({
            "name": "Minería", "currency": "CLP", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
            "time_zone": "america/santiago", "locality": "Región de Antofagasta",
        });
        let made = institution.post("/programmes", body).await.expect(201);
        assert_eq!(made.text("time_zone"), "America/Santiago");
        assert_eq!(made.text("locality"), "Región de Antofagasta");
    }

    /// A waiver ends with its last day, by the programme's clocks, or when it is revoked with a reason.
    async fn a_waiver_expires_or_is_revoked_and_then_holds_no_more(app: TestApp) {
        let institution = app.institution().await;
        let (supplier, lead_firm, other) =
            (app.supplier("Uno").await, app.lead_firm("Grande").await, app.supplier("Otro").await);
        let programme = institution.open_programme(&[&supplier, &lead_firm, &other]).await;
        let (first, second) = (
            waiver(&institution, &programme, &supplier, &lead_firm).await,
            waiver(&institution, &programme, &supplier, &lead_firm).await,
        );
        assert_eq!(institution.get(&first).await.expect(200).text("state"), "in_force");
        let officer = app.person(institution.organisation(), Kind::Institution, Role::Officer).await;
        let reason = json!({ "reason": "Hay otros compradores en la zona." });
        let revoke = format!("{first}/revoke");
        officer.post(&revoke, reason.clone()).await.expect(403);
        app.institution().await.post(&revoke, reason.clone()).await.expect(404);
        assert_eq!(institution.post(&revoke, json!({})).await.expect(422).faults(), ["/reason required"]);
        let revoked = institution.post(&revoke, reason.clone()).await.expect(200);
        assert_eq!((revoked.text("state"), revoked.text("revoked/reason")), ("revoked".into(), "Hay otros compradores en la zona.".into()));
        assert_eq!(institution.post(&revoke, reason.clone()).await.expect(409).code(), "wrong-state");

        let in_force = async || {
            use eslabon::{foundation::access::Actor, programmes::store};
            let actor = Actor::system(institution.organisation());
            let id = programme.strip_prefix("/programmes/").unwrap().parse().unwrap();
            let day = app.base.clock.now().day();
            store::waivers_in_force(app.base.db.reads(), &actor, id, day).await.unwrap().len()
        };
        assert_eq!(in_force().await, 1);
        app.base.clock.advance(2 * 86_400);
        assert_eq!(in_force().await, 0);
        assert_eq!(institution.get(&second).await.expect(200).text("state"), "expired");
        assert_eq!(institution.post(&format!("{second}/revoke"), reason).await.expect(409).code(), "wrong-state");

        // The supplier reads its own, nobody else's.
        let own = supplier.get(&format!("{programme}/own-waivers")).await.expect(200);
        assert_eq!((own.text("items/0/state"), own.text("items/1/state")), ("revoked".into(), "expired".into()));
        assert_eq!(other.get(&format!("{programme}/own-waivers")).await.expect(200).body["items"], json!([]));
        app.supplier("Ajena").await.get(&format!("{programme}/own-waivers")).await.expect(404);
    }
}
