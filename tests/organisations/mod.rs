//! Who takes part.

mod consents;
mod control;
mod interests;
mod joining;
mod limits;
pub mod locks;
mod resets;
mod second_factor;
mod sessions;

use serde_json::json;

use crate::support::PASSWORD;

fn registration(tax_id: &str, email: &str) -> serde_json::Value {
    json!({
        "organisation": { "kind": "supplier", "name": "Metalmecánica Andes SpA", "country": "CL", "tax_id": tax_id },
        "administrator": { "email": email, "name": "Ana Rojas", "password": PASSWORD },
        "privacy_notice": 1,
    })
}

on_both_engines! {
    async fn a_firm_registers_and_its_administrator_logs_in(app: TestApp) {
        let visitor = app.anonymous();
        let registered = visitor.post("/organisations", registration("76.086.428-5", "ana@andes.example")).await.expect(201);
        assert_eq!(registered.text("organisation/tax_id"), "760864285");

        let login = json!({ "email": "Ana@Andes.example", "password": PASSWORD });
        let token = visitor.post("/tokens", login).await.expect(201).text("secret");
        let bearer = format!("Bearer {token}");
        let me = visitor.send(axum::http::Method::GET, "/me", &[("authorization", &bearer)], None).await.expect(200);
        assert_eq!(me.text("role"), "supplier_administrator");
        assert_eq!(me.text("organisation/name"), "Metalmecánica Andes SpA");
    }

    async fn a_wrong_password_and_an_unknown_address_are_answered_alike(app: TestApp) {
        let visitor = app.anonymous();
        visitor.post("/organisations", registration("76.086.428-5", "ana@andes.example")).await.expect(201);
        let try_out = async |email: &str| {
            let answer = visitor.post("/tokens", json!({ "email": email, "password": "no es esta" })).await.expect(401);
            (answer.code(), answer.text("detail"))
        };
        assert_eq!(try_out("ana@andes.example").await, try_out("nadie@andes.example").await);
    }

    async fn every_fault_of_a_registration_is_named_at_once(app: TestApp) {
        let body = json!({
            "organisation": { "kind": "institution", "name": "X", "country": "CL", "tax_id": "76.086.428-6" },
            "administrator": { "email": "ana", "password": "corta", "age": 3 },
        });
        let answer = app.anonymous().post("/organisations", body).await.expect(422);
        assert_eq!(answer.code(), "invalid-fields");
        assert_eq!(
            answer.faults(),
            [
                "/administrator/age unknown-field",
                "/administrator/email not-an-email",
                "/administrator/name required",
                "/administrator/password wrong-length",
                "/organisation/kind unknown-word",
                "/organisation/name wrong-length",
                "/organisation/tax_id wrong-tax-id",
                "/privacy_notice required",
            ]
        );
    }

    async fn what_is_said_to_be_possible_is(app: TestApp) {
        for kind in ["cooperative", "institution"] {
            let mut body = registration("760864285", "ana@andes.example");
            body["organisation"]["kind"] = json!(kind);
            let refused = app.anonymous().post("/organisations", body).await.expect(422);
            assert_eq!(refused.faults(), ["/organisation/kind unknown-word"]);
            let detail = refused.text("errors/0/detail");
            assert!(detail.contains("supplier, lead_firm") && !detail.contains("institution"), "{detail}");
        }
    }

    async fn a_firm_is_of_a_country_that_exists(app: TestApp) {
        for code in ["ZZ", "XX", "Chile"] {
            let mut body = registration("760864285", "ana@andes.example");
            body["organisation"]["country"] = json!(code);
            let refused = app.anonymous().post("/organisations", body).await.expect(422);
            assert_eq!(refused.faults(), ["/organisation/country not-a-country"], "{code}");
        }
        let institution = app.institution().await;
        let programme = institution.open_programme(&[]).await;
        let nobody = json!({ "country": "ZZ", "tax_id": "123456" });
        let refused = institution.post(&format!("{programme}/members"), nobody).await.expect(422);
        assert_eq!(refused.faults(), ["/country not-a-country"]);
    }

    async fn a_tax_id_is_registered_once_and_nothing_of_the_second_try_remains(app: TestApp) {
        let visitor = app.anonymous();
        visitor.post("/organisations", registration("76.086.428-5", "ana@andes.example")).await.expect(201);
        let again = visitor.post("/organisations", registration("760864285", "eva@andes.example")).await.expect(422);
        assert_eq!(again.faults(), ["/organisation/tax_id tax-id-taken"]);
        let login = json!({ "email": "eva@andes.example", "password": PASSWORD });
        visitor.post("/tokens", login).await.expect(401);
    }

    async fn suppliers_do_not_see_each_other(app: TestApp) {
        let (one, other) = (app.supplier("Uno").await, app.supplier("Otro").await);
        let path = |c: &crate::support::Client| format!("/organisations/{}", c.organisation());
        one.get(&path(&one)).await.expect(200);
        let foreign = one.get(&path(&other)).await.expect(404);
        let missing = one.get("/organisations/01890000-0000-7000-8000-000000000000").await.expect(404);
        assert_eq!(foreign.text("detail"), missing.text("detail"));
        one.get("/organisations/no-id").await.expect(404);
    }

    async fn single_buyers_are_never_sold_more_than_all(app: TestApp) {
        let (supplier, one, other) = (app.supplier("Uno").await, app.lead_firm("Grande").await, app.lead_firm("Chica").await);
        let clp = |amount: &str| json!({ "amount": amount, "currency": "CLP" });
        let state = async |amount: serde_json::Value, version: &str| {
            let sales = json!({ "annual_sales": amount, "as_of": "2026-01-31" });
            supplier.put_if("/profile/sales", version, sales).await
        };
        let sell = async |buyer: &crate::support::Client, amount: &str| {
            let sales = json!({ "amount": clp(amount), "as_of": "2026-01-31" });
            supplier.put(&format!("/profile/sales/{}", buyer.organisation()), sales).await
        };
        state(clp("1000"), "\"0\"").await.expect(200);
        sell(&one, "700").await.expect(200);
        let refused = sell(&other, "301").await.expect(422);
        assert_eq!(refused.faults(), ["/amount more-than-in-all"]);
        let detail = refused.text("errors/0/detail");
        assert!(detail.contains("1001 CLP") && detail.contains("1000 CLP"), "{detail}");
        sell(&other, "300").await.expect(200);
        let refused = state(clp("999"), "\"1\"").await.expect(422);
        assert_eq!(refused.faults(), ["/annual_sales less-than-to-buyers"]);
        // Nothing was changed; what is not disclosed is compared with nothing.
        state(serde_json::Value::Null, "\"1\"").await.expect(200);
        sell(&other, "900").await.expect(200);
        assert_eq!(state(clp("1000"), "\"2\"").await.expect(422).faults(), ["/annual_sales less-than-to-buyers"]);
        state(clp("1600"), "\"2\"").await.expect(200);
    }

    async fn sales_are_stated_with_a_version_and_seen_by_nobody_else(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let sales = json!({ "annual_sales": { "amount": "120000000", "currency": "CLP" }, "as_of": "2026-01-31" });
        supplier.put("/profile/sales", sales.clone()).await.expect(428);
        let stated = supplier.put_if("/profile/sales", "\"0\"", sales.clone()).await.expect(200);
        assert_eq!(stated.etag(), "\"1\"");
        supplier.put_if("/profile/sales", "\"0\"", sales).await.expect(412);
        let to_lead_firm = format!("/profile/sales/{}", lead_firm.organisation());
        let in_dollars = json!({ "amount": { "amount": "10.50", "currency": "USD" }, "as_of": "2026-01-31" });
        let refused = supplier.put(&to_lead_firm, in_dollars).await.expect(422);
        assert_eq!(refused.faults(), ["/amount other-currency"]);
        let in_pesos = json!({ "amount": { "amount": "30000000", "currency": "CLP" }, "as_of": "2026-01-31" });
        supplier.put(&to_lead_firm, in_pesos).await.expect(200);
        supplier.put("/profile/capacities/torneado", json!({ "unit": "h", "amount": "1800.5" })).await.expect(200);

        let profile = format!("/organisations/{}/profile", supplier.organisation());
        let seen = supplier.get(&profile).await.expect(200);
        assert_eq!(seen.text("annual_sales/amount"), "120000000");
        assert_eq!(seen.text("buyer_sales/0/amount/amount"), "30000000");
        assert_eq!(seen.text("capacities/0/amount"), "1800.5");
        for stranger in [&lead_firm, &app.supplier("Otro").await, &app.institution().await] {
            stranger.get(&profile).await.expect(404);
        }
    }

    async fn sales_of_a_day_that_is_yet_to_come_are_refused(app: TestApp) {
        let (supplier, lead_firm) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        // Two in the morning of 3 March in London, an evening of 2 March in Managua.
        app.base.clock.advance(12 * 3_600);
        let money = |amount: &str| json!({ "amount": amount, "currency": "USD" });
        let to_lead_firm = format!("/profile/sales/{}", lead_firm.organisation());
        let sales = |as_of: &str| json!({ "annual_sales": money("1000"), "as_of": as_of });
        let to_one = |as_of: &str| json!({ "amount": money("100"), "as_of": as_of });
        let refused = supplier.put_if("/profile/sales", "\"0\"", sales("2026-03-03")).await.expect(422);
        assert_eq!(refused.faults(), ["/as_of in-the-future"]);
        let undisclosed = json!({ "annual_sales": null, "as_of": "2026-03-03" });
        let refused = supplier.put_if("/profile/sales", "\"0\"", undisclosed).await.expect(422);
        assert_eq!(refused.faults(), ["/annual_sales required", "/as_of in-the-future"]);
        supplier.put_if("/profile/sales", "\"0\"", sales("2026-03-02")).await.expect(200);
        let refused = supplier.put(&to_lead_firm, to_one("2026-03-03")).await.expect(422);
        assert_eq!(refused.faults(), ["/as_of in-the-future"]);
        supplier.put(&to_lead_firm, to_one("2026-03-02")).await.expect(200);
    }

    async fn the_last_administrator_can_not_step_down(app: TestApp) {
        let supplier = app.supplier("Uno").await;
        let members = supplier.get("/members").await.expect(200);
        let path = format!("/members/{}/role", members.text("items/0/account/id"));
        let down = json!({ "role": "supplier_member" });
        let answer = supplier.put_if(&path, "\"1\"", down.clone()).await.expect(409);
        assert_eq!(answer.code(), "last-administrator");
        let eva = json!({ "email": "eva@uno.example", "name": "Eva", "password": PASSWORD, "role": "supplier_administrator" });
        supplier.post("/members", eva).await.expect(201);
        supplier.put_if(&path, "\"1\"", down).await.expect(200);
    }
}
