//! The programme's development budget: promised once, to nobody's knowledge but the institution's.

use eslabon::{foundation::http::list::Window, plans::store};
use serde_json::{Value, json};

use super::{Scene, action, content, diagnose};
use crate::support::{Client, Counting, TestApp};

/// The programme pays half of what plans cost, and 1,000,000 CLP in all.
async fn fund(scene: &Scene) {
    let etag = scene.institution.get(&scene.programme).await.expect(200).etag();
    let money = |amount: &str| json!({ "amount": amount, "currency": "CLP" });
    let rules = json!({ "dependency_allowance": money("0"), "development_budget": money("1000000"),
        "cofinancing": { "programme": "0.5", "lead_firm": "0.3", "supplier": "0.2" } });
    scene.institution.put_if(&format!("{}/rules", scene.programme), &etag, rules).await.expect(200);
}

/// A plan of the supplier that asks 900,000 of the programme, by the programme's own co-financing.
async fn draw_up(scene: &Scene, supplier: &Client) -> String {
    let mut unsplit = action();
    unsplit.as_object_mut().unwrap().remove("split");
    let drawn = supplier.post(&scene.plans(), content(&[unsplit])).await.expect(201);
    assert_eq!(drawn.text("cost/programme/amount"), "900000");
    format!("/plans/{}", drawn.text("id"))
}

async fn another(scene: &Scene, app: &TestApp) -> Client {
    let other = app.supplier("Otro").await;
    scene.institution.take_in(&scene.programme, &[&other]).await;
    diagnose(&other, "76").await;
    scene.agree(&other).await;
    other
}

on_both_engines! {
    async fn the_budget_is_promised_once_and_free_again_when_a_plan_is_given_up(app: TestApp) {
        let scene = Scene::set(&app).await;
        fund(&scene).await;
        let other = another(&scene, &app).await;
        let (first, second) = (draw_up(&scene, &scene.supplier).await, draw_up(&scene, &other).await);
        scene.post(&scene.institution, &first, "propose", json!({})).await.expect(200);
        let refused = scene.post(&scene.institution, &second, "propose", json!({})).await.expect(409);
        assert_eq!(refused.faults(), ["/actions over-the-development-budget"]);
        let detail = refused.text("errors/0/detail");
        for figure in ["900000 CLP", "100000 CLP", "1000000 CLP"] {
            assert!(detail.contains(figure), "{figure}: {detail}");
        }
        // Firms cannot ask what is left: they do not propose.
        assert_eq!(scene.post(&other, &second, "propose", json!({})).await.status, 403);
        scene.post(&scene.supplier, &first, "abandon", json!({ "reason": "Cambiamos de rubro" })).await.expect(200);
        scene.post(&scene.institution, &second, "propose", json!({})).await.expect(200);
    }

    async fn two_proposals_at_the_same_moment_do_not_spend_the_same_money(app: TestApp) {
        let scene = Scene::set(&app).await;
        fund(&scene).await;
        let other = another(&scene, &app).await;
        let plans = [draw_up(&scene, &scene.supplier).await, draw_up(&scene, &other).await];
        let second = scene.institution.on(eslabon::app::router(&app.base));
        let officers = [&scene.institution, &second];
        let proposals = plans.iter().zip(officers).map(async |(plan, officer)| {
            officer.post_if(&format!("{plan}/propose"), "\"1\"", json!({})).await
        });
        let answers = futures_util::future::join_all(proposals).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{answers:#?}");
    }

    async fn what_a_gap_is_worth_orders_the_suggestion_and_shows_to_the_institution_alone(app: TestApp) {
        let scene = Scene::set(&app).await;
        let ((requirement, supplier), service) = (scene.ids(), scene.service());
        let worth = eslabon::foundation::money::Money::new(450_000, "CLP".parse().unwrap());
        let worths = [("delivery-on-time".to_owned(), worth)].into();
        let may = service.may::<eslabon::plans::Create>().unwrap();
        let put = app.base.transact(may, async |w| {
            eslabon::gaps::store::worth::put(&w, requirement, supplier, &worths).await?;
            w.record("run", uuid::Uuid::nil(), &json!({})).await?;
            Ok(w.done(()))
        });
        put.await.unwrap();
        let path = format!("{}/plan-suggestion", scene.act);
        let seen = async |client: &Client| client.get(&path).await.expect(200).body["why"][0]["worth"].clone();
        let found = json!({ "amount": "450000", "currency": "CLP" });
        assert_eq!(seen(&scene.institution).await, found);
        assert_eq!(seen(&scene.supplier).await, Value::Null, "it measures others too");
        assert_eq!(seen(&scene.lead_firm).await, Value::Null);

        // Wherever the gap stands.
        let plan = scene.draw_up().await;
        let analyses = format!("{}/gap-analyses", scene.requirement);
        let analysis = format!("{analyses}/{supplier}");
        for (path, pointer) in [
            (&plan, "/actions/0/worth"),
            (&scene.plans(), "/items/0/actions/0/worth"),
            (&analyses, "/items/0/worths/1"),
            (&analysis, "/worths/1"),
        ] {
            let seen = scene.institution.get(path).await.expect(200);
            assert_eq!(seen.body.pointer(pointer), Some(&found), "{path}: {:#}", seen.body);
            for firm in [&scene.supplier, &scene.lead_firm] {
                let seen = firm.get(path).await.expect(200).body;
                assert!(seen.pointer(pointer).is_none_or(Value::is_null), "{path}: {seen:#}");
                assert!(!seen.to_string().contains("450000"), "{path}: {seen:#}");
            }
        }
    }

    async fn a_page_of_plans_takes_as_many_statements_however_many_there_are(app: TestApp) {
        let scene = Scene::set(&app).await;
        let ((requirement, _), service) = (scene.ids(), scene.service());
        scene.agreed().await;
        let db = Counting::on(app.base.db.reads());
        let look = async || {
            let page = store::list(&db, &service, requirement, &Window::first(50)).await.unwrap();
            let signatures: usize = page.items.iter().map(|found| found.plan.signatures.len()).sum();
            (page.items.len(), signatures, db.take())
        };
        let (plans, signatures, statements) = look().await;
        assert_eq!((plans, signatures), (1, 2));
        assert!(statements <= 12, "{statements}");
        for _ in 0..3 {
            let supplier = app.supplier("Proveedor").await;
            scene.institution.take_in(&scene.programme, &[&supplier]).await;
            diagnose(&supplier, "76").await;
            scene.agree(&supplier).await;
            supplier.post(&scene.plans(), content(&[action()])).await.expect(201);
        }
        assert_eq!(look().await, (4, 2, statements));
    }
}
