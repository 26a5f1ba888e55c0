//! Coming in by invitation, asking to come in, going, and identifiers that are one firm's alone.

use axum::http::Method;
use eslabon::foundation::access::{Kind, Role};
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestApp};

async fn invite(by: &Client, email: &str, role: &str) -> String {
    by.post("/invitations", json!({ "email": email, "role": role })).await.expect(201).text("secret")
}

async fn accept(app: &TestApp, secret: &str, name: Option<&str>, password: &str) -> Answer {
    let body = json!({ "secret": secret, "name": name, "password": password, "privacy_notice": 1 });
    app.anonymous().post("/invitations/accept", body).await
}

async fn log_in(app: &TestApp, email: &str) -> Answer {
    app.anonymous().post("/tokens", json!({ "email": email, "password": PASSWORD })).await
}

on_both_engines! {
    async fn an_invitation_works_once_and_makes_account_and_membership(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let secret = invite(&firm, "Eva@uno.example", "supplier_reader").await;
        assert_eq!(accept(&app, &secret, None, PASSWORD).await.expect(422).faults(), ["/name required"]);
        let joined = accept(&app, &secret, Some("Eva Soto"), PASSWORD).await.expect(201);
        assert_eq!((joined.text("organisation/name"), joined.text("member/role")), ("Uno".into(), "supplier_reader".into()));
        log_in(&app, "eva@uno.example").await.expect(201);
        let again = accept(&app, &secret, Some("Eva Soto"), PASSWORD).await.expect(409);
        let unknown = accept(&app, "esi_nothing-of-this-kind", Some("Eva Soto"), PASSWORD).await.expect(409);
        assert_eq!((again.code(), again.text("detail")), (unknown.code(), unknown.text("detail")));
        assert_eq!(firm.get("/invitations").await.expect(200).text("items/0/state"), "accepted");
        // The database keeps no secret.
        let listed = firm.get("/invitations").await.expect(200).body.to_string();
        assert!(!listed.contains(&secret), "{listed}");
    }

    async fn an_invitation_expires_is_revoked_or_replaced(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let first = invite(&firm, "eva@uno.example", "supplier_member").await;
        let second = invite(&firm, "eva@uno.example", "supplier_reader").await;
        accept(&app, &first, Some("Eva"), PASSWORD).await.expect(409);
        app.base.clock.advance(7 * 86_400 - 1);
        assert_eq!(firm.get("/invitations").await.text("items/1/state"), "pending");
        app.base.clock.advance(1);
        accept(&app, &second, Some("Eva"), PASSWORD).await.expect(409);
        let states = firm.get("/invitations").await.expect(200);
        assert_eq!((states.text("items/0/state"), states.text("items/1/state")), ("revoked".into(), "expired".into()));
        let third = firm.post("/invitations", json!({ "email": "ada@uno.example", "role": "supplier_member" })).await;
        let (third, secret) = (third.text("invitation/id"), third.text("secret"));
        let stranger = app.supplier("Otro").await;
        stranger.delete(&format!("/invitations/{third}")).await.expect(404);
        firm.delete(&format!("/invitations/{third}")).await.expect(204);
        assert_eq!(firm.delete(&format!("/invitations/{third}")).await.expect(409).code(), "wrong-state");
        accept(&app, &secret, Some("Ada"), PASSWORD).await.expect(409);
    }

    /// Whoever has an account joins with it, and with its password.
    async fn an_account_joins_a_second_organisation_with_its_own_password(app: TestApp) {
        let (firm, other) = (app.supplier("Uno").await, app.lead_firm("Grande").await);
        let secret = invite(&firm, "eva@uno.example", "supplier_member").await;
        accept(&app, &secret, Some("Eva"), PASSWORD).await.expect(201);
        let secret = invite(&other, "eva@uno.example", "lead_firm_reader").await;
        accept(&app, &secret, None, "otra contraseña").await.expect(401);
        accept(&app, &secret, None, PASSWORD).await.expect(201);
        let choose = log_in(&app, "eva@uno.example").await.expect(422);
        assert_eq!(choose.faults(), ["/organisation choose-organisation"]);
        let twice = firm.post("/invitations", json!({ "email": "eva@uno.example", "role": "supplier_member" })).await;
        assert_eq!(twice.expect(422).faults(), ["/email member-already"]);
        let wrong = firm.post("/invitations", json!({ "email": "ada@uno.example", "role": "officer" })).await;
        assert_eq!(wrong.expect(422).faults(), ["/role role-of-another-kind"]);
    }

    async fn only_administrators_invite_and_remove(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let body = json!({ "email": "eva@uno.example", "role": "supplier_member" });
        for role in [Role::SupplierReader, Role::SupplierMember] {
            let person = app.person(firm.organisation(), Kind::Supplier, role).await;
            person.post("/invitations", body.clone()).await.expect(403);
            let me = person.get("/me").await.text("account/id");
            person.send(Method::DELETE, &format!("/members/{me}"), &[("if-match", "\"1\"")], None).await.expect(403);
        }
    }

    /// Who is removed is out at once, also with tokens of before; the last administrator stays.
    async fn who_is_removed_is_out_and_the_last_administrator_stays(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let eva = app.person(firm.organisation(), Kind::Supplier, Role::SupplierMember).await;
        let account = eva.get("/me").await.text("account/id");
        let remove = async |account: &str, etag: &str| {
            firm.send(Method::DELETE, &format!("/members/{account}"), &[("if-match", etag)], None).await
        };
        remove(&account, "\"2\"").await.expect(412);
        remove(&account, "\"1\"").await.expect(204);
        eva.get("/me").await.expect(401);
        remove(&account, "\"1\"").await.expect(404);
        let own = firm.get("/me").await.text("account/id");
        assert_eq!(remove(&own, "\"1\"").await.expect(409).code(), "last-administrator");
        let foreign = app.supplier("Otro").await.get("/me").await.text("account/id");
        remove(&foreign, "\"1\"").await.expect(404);
    }

    /// A taken tax id leads to a request, which its administrators decide; asking tells nothing about the firm.
    async fn who_finds_the_tax_id_taken_asks_for_membership(app: TestApp) {
        let firm = app.supplier("Uno").await;
        let tax_id = firm.get("/me").await.text("organisation/tax_id");
        let ask = async |tax_id: &str, email: &str| {
            let body = json!({ "country": "NI", "tax_id": tax_id, "email": email, "name": "Eva Soto" });
            app.anonymous().post("/membership-requests", body).await.expect(200)
        };
        let (known, unknown) = (ask(&tax_id, "eva@uno.example").await, ask("J0310000000001", "eva@uno.example").await);
        assert_eq!((&known.body, known.headers.get("etag")), (&unknown.body, unknown.headers.get("etag")));
        ask(&tax_id, "eva@uno.example").await;
        ask(&tax_id, "mal@uno.example").await;
        let requests = firm.get("/membership-requests").await.expect(200);
        assert_eq!(requests.body["items"].as_array().unwrap().len(), 2);
        let id = |at: usize| requests.text(&format!("items/{at}/id"));
        let stranger = app.supplier("Otro").await;
        assert_eq!(stranger.get("/membership-requests").await.expect(200).body["items"], json!([]));
        let role = json!({ "role": "supplier_member" });
        stranger.post(&format!("/membership-requests/{}/grant", id(0)), role.clone()).await.expect(404);
        let granted = firm.post(&format!("/membership-requests/{}/grant", id(0)), role.clone()).await.expect(201);
        accept(&app, &granted.text("secret"), Some("Eva Soto"), PASSWORD).await.expect(201);
        firm.post(&format!("/membership-requests/{}/dismiss", id(1)), json!({})).await.expect(204);
        let late = firm.post(&format!("/membership-requests/{}/grant", id(1)), role).await.expect(409);
        assert_eq!(late.code(), "wrong-state");
    }

    async fn a_lei_is_checked_and_belongs_to_one_organisation(app: TestApp) {
        let (firm, other) = (app.lead_firm("Grande").await, app.lead_firm("Otra").await);
        let path = |of: &Client| format!("/organisations/{}/lei", of.organisation());
        let lei = |text: &str| json!({ "lei": text });
        let wrong = firm.put_if(&path(&firm), "\"1\"", lei("YZ83GD8L7GG84979J517")).await.expect(422);
        assert_eq!(wrong.faults(), ["/lei wrong-lei"]);
        let stated = firm.put_if(&path(&firm), "\"1\"", lei("yz83 gd8l 7gg8 4979 j516")).await.expect(200);
        assert_eq!((stated.text("lei"), stated.etag()), ("YZ83GD8L7GG84979J516".into(), "\"2\"".into()));
        let taken = other.put_if(&path(&other), "\"1\"", lei("YZ83GD8L7GG84979J516")).await.expect(422);
        assert_eq!(taken.faults(), ["/lei lei-taken"]);
        other.put_if(&path(&firm), "\"2\"", lei("YZ83GD8L7GG84979J516")).await.expect(404);
        let none = firm.put_if(&path(&firm), "\"2\"", json!({})).await.expect(200);
        assert_eq!(none.body["lei"], Value::Null);
        other.put_if(&path(&other), "\"1\"", lei("YZ83GD8L7GG84979J516")).await.expect(200);
    }
}
