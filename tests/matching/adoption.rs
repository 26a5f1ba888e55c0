//! Adoption: what a run must still fit to become matches, and what becomes of older proposals.

use eslabon::foundation::{
    access::{Actor, Role},
    audit,
};
use futures_util::future::join;
use serde_json::{Value, json};

use super::{
    id,
    scene::{Scene, award, lot, outcome},
};
use crate::{
    approvals::{accepted, state, step},
    matching::scene::Script,
    objections::object,
    support::{Answer, Client, TestApp},
};

/// A finished run whose solver awards exactly this.
async fn dictated(
    app: &TestApp,
    scene: &Scene,
    name: &str,
    awards: &[eslabon_solver::outcome::Award],
) -> String {
    let run = scene.run(json!({ "name": name })).await;
    let script = Script::that(&format!("/bin/cat >/dev/null; printf '%s' '{}'", json!(outcome(awards))));
    script.worker(&app.base).run_all_due().await.unwrap();
    run
}

async fn supersede(scene: &Scene, run: &str, reason: &str) -> Answer {
    let etag = scene.look(run).await.etag();
    scene.institution.post_if(&format!("{run}/adopt"), &etag, json!({ "supersede": reason })).await
}

fn ids(adopted: &Answer, name: &str) -> Vec<String> {
    adopted.body[name].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn parties(app: &TestApp) -> (Scene, Client, Client, Client) {
    let scene = Scene::set(app, "0").await;
    let buyer = scene.lead_firm(app, "Grande").await;
    let (ana, bea) = (scene.supplier(app, "1000").await, scene.supplier(app, "1000").await);
    (scene, buyer, ana, bea)
}

const REASON: &str = "Se amplió la capacidad declarada";

on_both_engines! {
    async fn a_run_of_other_rules_is_not_adopted(app: TestApp) {
        let (scene, buyer, ana, _) = parties(&app).await;
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let run = dictated(&app, &scene, "antes", &[award(&ana, &lots[0], 50)]).await;
        let seen = scene.institution.get(&scene.programme).await.expect(200);
        let mut rules = seen.body["rules"].clone();
        rules["yellow_max_share"] = json!("0.2");
        scene.institution.put_if(&format!("{}/rules", scene.programme), &seen.etag(), rules).await.expect(200);
        let refused = scene.adopt(&run).await.expect(409);
        assert_eq!(refused.code(), "rules-changed");
        assert!(refused.text("detail").contains('1') && refused.text("detail").contains('2'), "{:#}", refused.body);
        let again = dictated(&app, &scene, "después", &[award(&ana, &lots[0], 50)]).await;
        scene.adopt(&again).await.expect(200);
    }

    async fn a_run_of_a_programme_that_is_over_is_not_adopted(app: TestApp) {
        let (scene, buyer, ana, _) = parties(&app).await;
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let run = dictated(&app, &scene, "tarde", &[award(&ana, &lots[0], 50)]).await;
        scene.institution.move_on(&scene.programme, "close").await;
        assert_eq!(scene.adopt(&run).await.expect(409).code(), "programme-not-open");
        assert_eq!(ana.get("/matches").await.expect(200).body["items"], json!([]));
    }

    async fn undecided_proposals_are_decided_first_or_superseded(app: TestApp) {
        let (scene, buyer, ana, bea) = parties(&app).await;
        let lots = scene.requirement(&buyer, &[lot(100, "1"), lot(100, "1"), lot(100, "1")]).await;
        let first = dictated(&app, &scene, "primera",
            &[award(&ana, &lots[0], 50), award(&bea, &lots[0], 30), award(&ana, &lots[1], 40)]).await;
        let second = dictated(&app, &scene, "segunda", &[award(&bea, &lots[0], 60), award(&bea, &lots[2], 10)]).await;
        let old = ids(&scene.adopt(&first).await.expect(200), "matches");
        accepted(&buyer, &ana, &old[0]).await;
        step(&scene.approver, &old[0], "approve").await.expect(200);
        step(&bea, &old[1], "accept").await.expect(200);

        let refused = scene.adopt(&second).await.expect(409);
        assert_eq!(refused.code(), "lots-already-proposed");
        for told in ["primera", first.strip_prefix("/runs/").unwrap(), "supersede"] {
            assert!(refused.text("detail").contains(told), "{told}: {:#}", refused.body);
        }
        let short = supersede(&scene, &second, "sí").await.expect(422);
        assert!(short.faults()[0].starts_with("/supersede "), "{:#}", short.body);

        let adopted = supersede(&scene, &second, REASON).await.expect(200);
        assert_eq!(ids(&adopted, "superseded"), [old[1].clone()], "of the same lot, and undecided");
        assert_eq!(state(&ana, &old[0]).await, "approved", "what is decided stays");
        assert_eq!(state(&ana, &old[2]).await, "proposed", "another lot is no concern of this run");
        // Its firms read why; that a run took its place only the institution.
        let told = bea.get(&format!("/matches/{}", old[1])).await.expect(200);
        assert_eq!((told.text("state"), told.text("reason")), ("rejected".to_owned(), REASON.to_owned()));
        assert!(told.body.get("superseded_by").is_none());
        // Nobody has decided it.
        assert_eq!(object(&bea, "match", &old[1]).await.expect(409).code(), "nothing-to-object");
        let mut seller = app.browser_of(&bea, Role::SupplierMember).await;
        let page = seller.open(&format!("/matches/{}", old[1])).await.expect(200);
        assert!(!page.text.contains("/objections/new"), "nor is anybody sent to object");
        let told = scene.institution.get(&format!("/matches/{}", old[1])).await.expect(200);
        assert_eq!(told.text("superseded_by"), second.strip_prefix("/runs/").unwrap());
        assert_eq!(step(&buyer, &old[1], "accept").await.expect(409).code(), "wrong-state");
        let trail = audit::list(app.base.db.reads(), &Actor::system(scene.institution.organisation()), 1_000).await.unwrap();
        let of_match = |event: &&audit::Entry| event.subject().1.to_string() == old[1] && event.operation() == "runs.adopt";
        let told: Vec<_> = trail.iter().filter(of_match).filter_map(audit::Entry::details).collect();
        assert!(told.iter().any(|details| details.contains("superseded_by")), "{told:?}");

        // The new proposals go on as any others.
        let new = ids(&adopted, "matches");
        accepted(&buyer, &bea, &new[1]).await;
        step(&scene.approver, &new[1], "approve").await.expect(200);
    }

    /// Nobody has refused what a run superseded, so a run that starts from the decisions taken may award it again.
    async fn what_was_superseded_is_no_decision(app: TestApp) {
        let (scene, buyer, ana, bea) = parties(&app).await;
        let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
        let first = dictated(&app, &scene, "primera", &[award(&ana, &lots[0], 50), award(&bea, &lots[0], 50)]).await;
        let second = dictated(&app, &scene, "segunda", &[award(&ana, &lots[0], 60)]).await;
        let old = ids(&scene.adopt(&first).await.expect(200), "matches");
        step(&bea, &old[1], "decline").await.expect(200);
        let new = ids(&supersede(&scene, &second, REASON).await.expect(200), "matches");
        step(&scene.approver, &new[0], "reject").await.expect(200);
        let again = scene.run(json!({ "name": "otra vez", "decisions_taken": true })).await;
        let decisions = scene.look(&again).await.body["scenario"]["decisions"].clone();
        let mut told: Vec<_> = decisions.as_array().unwrap().iter()
            .map(|decision| (decision["supplier"].as_str().unwrap().to_owned(), decision["source"].as_str().unwrap().to_owned()))
            .collect();
        told.sort();
        let mut expected = [(id(&ana), "rejected".to_owned()), (id(&bea), "declined".to_owned())];
        expected.sort();
        assert_eq!(told, expected);
        let reasons: Vec<&Value> = decisions.as_array().unwrap().iter().map(|decision| &decision["reason"]).collect();
        assert!(!reasons.contains(&&json!(REASON)), "{reasons:?}");
    }

    async fn of_two_runs_adopted_at_once_one_proposes_the_lot(app: TestApp) {
        let (scene, buyer, ana, bea) = parties(&app).await;
        for _ in 0..5 {
            let lots = scene.requirement(&buyer, &[lot(100, "1")]).await;
            let first = dictated(&app, &scene, "primera", &[award(&ana, &lots[0], 50)]).await;
            let second = dictated(&app, &scene, "segunda", &[award(&bea, &lots[0], 60)]).await;
            let (one, other) = join(scene.adopt(&first), scene.adopt(&second)).await;
            let mut told = [one.status.as_u16(), other.status.as_u16()];
            told.sort_unstable();
            assert_eq!(told, [200, 409]);
        }
    }
}
