//! Common control: declared by the firm, confirmed by the institution.

use eslabon::foundation::{access::Actor, audit};
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

struct Scene {
    institution: Client,
    one: Client,
    other: Client,
}

impl Scene {
    async fn new(app: &TestApp) -> Self {
        let institution = app.institution().await;
        let (one, other) = (app.lead_firm("Minera Norte").await, app.lead_firm("Minera Sur").await);
        let programme = institution.programme(json!({})).await;
        institution.take_in(&programme, &[&one, &other]).await;
        Self { institution, one, other }
    }

    async fn declare(&self, by: &Client, with: Value) -> Answer {
        let body = json!({ "with": with, "ground": "Ambas pertenecen a Inversiones Cordillera." });
        by.post("/control-declarations", body).await
    }

    async fn decide(&self, by: &Client, declaration: &Answer, step: &str) -> Answer {
        let path = format!("/control-declarations/{}/{step}", declaration.text("id"));
        by.post_if(&path, &declaration.etag(), json!({ "reason": "Consta en el registro de accionistas." }))
            .await
    }

    async fn group_of(&self, firm: &Client) -> Value {
        firm.get("/me").await.expect(200).body["organisation"]["buyer_group"].clone()
    }
}

on_both_engines! {
    async fn firms_are_one_buyer_once_the_institution_has_confirmed(app: TestApp) {
        let scene = Scene::new(&app).await;
        let declared = scene.declare(&scene.one, json!(scene.other.organisation())).await.expect(201);
        assert_eq!(scene.group_of(&scene.one).await, Value::Null);
        let stranger = app.institution().await;
        scene.decide(&stranger, &declared, "confirm").await.expect(404);
        scene.decide(&scene.other, &declared, "confirm").await.expect(403);
        let seen = scene.institution.get("/control-declarations?state=declared").await.expect(200);
        assert_eq!((seen.text("items/0/id"), &seen.body["items"][0]["declared_by"]), (declared.text("id"), &Value::Null));
        let confirmed = scene.decide(&scene.institution, &declared, "confirm").await.expect(200);
        assert_eq!(confirmed.text("state"), "confirmed");
        let group = scene.group_of(&scene.one).await;
        assert!(group.is_string());
        assert_eq!(scene.group_of(&scene.other).await, group);
        scene.decide(&scene.institution, &declared, "confirm").await.expect(412);
        assert_eq!(scene.decide(&scene.institution, &confirmed, "reject").await.expect(409).code(), "wrong-state");
        // A third firm joins the group that is there.
        let third = app.lead_firm("Minera Tres").await;
        let programme = scene.institution.programme(json!({})).await;
        scene.institution.take_in(&programme, &[&third]).await;
        let declared = scene.declare(&third, json!(scene.one.organisation())).await.expect(201);
        scene.decide(&scene.institution, &declared, "confirm").await.expect(200);
        assert_eq!(scene.group_of(&third).await, group);
    }

    async fn two_groups_become_one_and_a_firm_leaves_it(app: TestApp) {
        let scene = Scene::new(&app).await;
        let (third, fourth) = (app.lead_firm("Minera Tres").await, app.lead_firm("Minera Cuatro").await);
        let programme = scene.institution.programme(json!({})).await;
        scene.institution.take_in(&programme, &[&third, &fourth]).await;
        for (firm, with) in [(&scene.one, &scene.other), (&third, &fourth), (&scene.one, &fourth)] {
            let declared = scene.declare(firm, json!(with.organisation())).await.expect(201);
            scene.decide(&scene.institution, &declared, "confirm").await.expect(200);
        }
        let group = scene.group_of(&scene.one).await;
        for firm in [&scene.other, &third, &fourth] {
            assert_eq!(scene.group_of(firm).await, group);
        }
        let apart = scene.declare(&third, Value::Null).await.expect(201);
        assert_eq!(scene.group_of(&third).await, group);
        scene.decide(&scene.institution, &apart, "confirm").await.expect(200);
        assert_eq!((scene.group_of(&third).await, scene.group_of(&fourth).await), (Value::Null, group.clone()));
        // Each firm that went over has an entry of its own in the trail: third and fourth came once into their group, and
        // once into the other, and third has left.
        let service = Actor::system(scene.institution.organisation());
        let trail = audit::list(app.base.db.reads(), &service, 1_000).await.unwrap();
        let entries = |firm: &Client| {
            let id = firm.organisation().0;
            let of = |entry: &&audit::Entry| entry.subject() == ("organisation", id) && entry.operation() == "control_declarations.confirm";
            trail.iter().filter(of).count()
        };
        assert_eq!([&scene.one, &scene.other, &third, &fourth].map(entries).iter().sum::<usize>(), 7);
        assert_eq!((entries(&third), entries(&scene.one).max(entries(&fourth))), (entries(&fourth) + 1, 2));
    }

    async fn nobody_moves_the_firms_of_a_group_that_another_institution_looks_after(app: TestApp) {
        let scene = Scene::new(&app).await;
        let abroad = Scene::new(&app).await;
        let ours = scene.institution.common_control(&scene.one, &scene.other).await;
        let theirs = abroad.institution.common_control(&abroad.one, &abroad.other).await;
        // Both institutions work with this firm of ours.
        let programme = abroad.institution.programme(json!({})).await;
        abroad.institution.take_in(&programme, &[&scene.one]).await;

        // Leaving is confirmed by who looks after the group.
        let apart = scene.declare(&scene.one, Value::Null).await.expect(201);
        let refused = abroad.institution.confirm_control(&apart).await.expect(409);
        assert_eq!(refused.code(), "buyer-group-of-another");
        assert_eq!(scene.group_of(&scene.one).await, json!(ours));
        // They may not take our group over, nor be made to by name; we may bring it into theirs.
        let declared = scene.declare(&scene.one, json!(abroad.one.organisation())).await.expect(201);
        let path = format!("/control-declarations/{}/confirm", declared.text("id"));
        let keep = |group: &str| json!({ "reason": "Consta en el registro de accionistas.", "buyer_group": group });
        let refused = abroad.institution.post_if(&path, &declared.etag(), keep(&theirs)).await.expect(409);
        assert_eq!(refused.code(), "buyer-group-of-another");
        let refused = scene.institution.post_if(&path, &declared.etag(), keep(&ours)).await.expect(409);
        assert_eq!(refused.code(), "buyer-group-of-another");
        let nowhere = keep("01890000-0000-7000-8000-000000000000");
        let refused = scene.institution.post_if(&path, &declared.etag(), nowhere).await.expect(422);
        assert_eq!(refused.faults(), ["/buyer_group no-such-buyer-group"]);
        scene.institution.confirm_control(&declared).await.expect(200);
        for firm in [&scene.one, &scene.other, &abroad.one, &abroad.other] {
            assert_eq!(scene.group_of(firm).await, json!(theirs));
        }
        // From now on they look after our firm too: they see its declaration, and confirm its end.
        let apart = scene.declare(&scene.other, Value::Null).await.expect(201);
        assert_eq!(scene.institution.confirm_control(&apart).await.expect(409).code(), "buyer-group-of-another");
        abroad.institution.confirm_control(&apart).await.expect(200);
        assert_eq!(scene.group_of(&scene.other).await, Value::Null);
    }

    async fn nobody_is_put_into_a_group_without_declaring_it(app: TestApp) {
        let scene = Scene::new(&app).await;
        let named = scene.institution.post("/buyer-groups", json!({ "name": "Grupo" })).await.expect(201).text("id");
        let seat = format!("/buyer-groups/{named}/firms/{}", scene.one.organisation());
        scene.institution.put(&seat, json!({})).await.expect(404);
        scene.institution.delete(&seat).await.expect(404);
        let declared = scene.declare(&scene.one, json!(scene.other.organisation())).await.expect(201);
        let path = format!("/control-declarations/{}/confirm", declared.text("id"));
        let confirmed = json!({ "reason": "Consta en el registro de accionistas.", "buyer_group": named });
        scene.institution.post_if(&path, &declared.etag(), confirmed).await.expect(200);
        assert_eq!((scene.group_of(&scene.one).await, scene.group_of(&scene.other).await), (json!(named), json!(named)));
    }

    async fn a_declaration_is_rejected_with_a_reason_or_withdrawn(app: TestApp) {
        let scene = Scene::new(&app).await;
        let itself = scene.declare(&scene.one, json!(scene.one.organisation())).await.expect(422);
        assert_eq!(itself.faults(), ["/with no-such-firm"]);
        assert_eq!(scene.declare(&scene.one, Value::Null).await.expect(422).faults(), ["/with in-no-buyer-group"]);
        let supplier = app.supplier("Uno").await;
        let none = scene.declare(&scene.one, json!(supplier.organisation())).await.expect(422);
        assert_eq!(none.faults(), ["/with no-such-firm"]);
        let declared = scene.declare(&scene.one, json!(scene.other.organisation())).await.expect(201);
        // The other firm does not see what was said of it before it holds.
        let path = format!("/control-declarations/{}", declared.text("id"));
        scene.other.get(&path).await.expect(404);
        let rejected = scene.decide(&scene.institution, &declared, "reject").await.expect(200);
        assert_eq!(rejected.text("reason"), "Consta en el registro de accionistas.");
        assert_eq!(scene.one.get(&path).await.expect(200).text("state"), "rejected");
        let again = scene.declare(&scene.one, json!(scene.other.organisation())).await.expect(201);
        let path = format!("/control-declarations/{}/withdraw", again.text("id"));
        scene.one.post_if(&path, &again.etag(), json!({})).await.expect(200);
        scene.decide(&scene.institution, &again, "confirm").await.expect(412);
        assert_eq!(scene.group_of(&scene.one).await, Value::Null);
    }
}
