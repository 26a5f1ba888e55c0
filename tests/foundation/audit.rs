//! The audit trail: in the effect's transaction, append-only, verifiable.

use eslabon::{
    foundation::{access::Actor, audit},
    organisations::{CreateBuyerGroup, NewBuyerGroup, store},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

on_both_engines! {
    async fn every_effect_leaves_an_entry_that_verifies(app: TestApp) {
        let institution = app.institution().await;
        let group = institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        let service = Actor::system(institution.organisation());
        let entries = audit::list(app.base.db.reads(), &service, 100).await.unwrap();
        let entry = &entries[0];
        assert_eq!(entry.operation(), "buyer_groups.create");
        assert_eq!(entry.subject(), ("buyer_group", group.text("id").parse().unwrap()));
        assert!(entries.iter().all(|entry| entry.verify() == Some(true)), "{entries:?}");
    }

    async fn a_refused_effect_leaves_none(app: TestApp) {
        let institution = app.institution().await;
        institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        let service = Actor::system(institution.organisation());
        let before = audit::list(app.base.db.reads(), &service, 100).await.unwrap().len();
        institution.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(422);
        assert_eq!(audit::list(app.base.db.reads(), &service, 100).await.unwrap().len(), before);
    }

    async fn entries_can_not_be_changed_or_deleted_only_erased(app: TestApp) {
        let institution = app.institution().await;
        let db = app.base.db.reads();
        for tampering in [
            "UPDATE audit_entries SET operation = 'nothing'",
            "UPDATE audit_entries SET details = '{}'",
            "UPDATE audit_entries SET leaf_hash = '', details = NULL, salt = NULL",
            "DELETE FROM audit_entries",
        ] {
            let refused = db.execute_unprepared(tampering).await.unwrap_err();
            assert!(refused.to_string().contains("append-only"), "{tampering}: {refused}");
        }
        db.execute_unprepared("UPDATE audit_entries SET details = NULL, salt = NULL").await.unwrap();
        let service = Actor::system(institution.organisation());
        let entries = audit::list(db, &service, 100).await.unwrap();
        assert!(!entries.is_empty() && entries.iter().all(|entry| entry.verify().is_none()));
    }

    async fn a_write_that_forgets_its_entry_changes_nothing(app: TestApp) {
        let institution = app.institution().await;
        let service = Actor::system(institution.organisation());
        let firm = app.lead_firm("Grande").await.organisation();
        let outcome = app
            .base
            .transact(service.may::<CreateBuyerGroup>().unwrap(), async |w| {
                store::firms::work_with(&w, w.actor().organisation, firm).await?;
                Ok(w.done(()))
            })
            .await;
        assert_eq!(outcome.unwrap_err().code, "internal");
        let known = "SELECT 1 FROM institution_firms".to_owned();
        let statement = sea_orm::Statement::from_string(app.base.db.reads().get_database_backend(), known);
        assert!(app.base.db.reads().query_one_raw(statement).await.unwrap().is_none());
    }

    async fn an_organisation_reads_its_own_trail_alone(app: TestApp) {
        let (one, other) = (app.institution().await, app.institution().await);
        one.post("/buyer-groups", json!({ "name": "Uno" })).await.expect(201);
        let mut actor = Actor::system(other.organisation());
        actor.role = eslabon::foundation::access::Role::Officer;
        let seen = audit::list(app.base.db.reads(), &actor, 100).await.unwrap();
        assert!(seen.iter().all(|entry| entry.operation() != "buyer_groups.create"), "{seen:?}");
        let made = app
            .base
            .transact(actor.may::<CreateBuyerGroup>().unwrap(), async |w| {
                let group = store::firms::create_group(&w, NewBuyerGroup { name: "Dos".to_owned() }).await?;
                Ok(w.done(group))
            })
            .await
            .unwrap();
        let seen = audit::list(app.base.db.reads(), &actor, 100).await.unwrap();
        assert_eq!(seen[0].subject(), ("buyer_group", made.id.0));
    }
}
