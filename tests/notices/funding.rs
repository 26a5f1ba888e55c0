//! Functions, calls, projects and good practices: who hears of them, and who does not.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use super::{
    reminders::{days, reminded},
    told,
};
use crate::{
    monitoring::{
        Net,
        networks::contracted,
        practices::{practice, written as written_practice},
    },
    programmes::{
        calls::{Contest, commit, proposal, written},
        projects::{justified, paid, project, report, step},
    },
    support::Client,
};

const NOTHING: [&str; 0] = [];
const DAY: i64 = 86_400;

async fn about(client: &Client, topic: &str) -> Vec<String> {
    told(client, &format!("&topic={topic}")).await
}

on_both_engines! {
    async fn a_call_is_told_to_who_may_propose_and_a_proposal_to_whom_it_asks_alone(app: TestApp) {
        let contest = Contest::set(&app).await;
        let (executor, institution) = (&contest.executor, &contest.scene.institution);
        app.tell().await;
        assert_eq!(about(executor, "governance").await, ["appointments.create"]);
        assert_eq!(about(institution, "governance").await, ["appointments.accept"; 2]);
        let draft = contest.scene.draft_call(&app, 3_600, json!({})).await;
        let etag = institution.get(&draft).await.expect(200).etag();
        let reason = json!({ "reason": "Se escribe otra." });
        institution.post_if(&format!("{draft}/cancel"), &etag, reason).await.expect(200);
        let call = contest.call(&app, json!({})).await;
        app.tell().await;
        assert_eq!(about(&contest.evaluators[0], "projects").await, ["evaluators.appoint"], "of oneself alone");
        assert_eq!(about(&contest.scene.approver, "projects").await, NOTHING);
        for may_propose in [executor, &contest.other] {
            assert_eq!(about(may_propose, "projects").await, ["calls.open"]);
        }
        assert_eq!(about(&contest.lead, "projects").await, NOTHING);

        let path = written(executor, &call, proposal(&contest.lead, "400")).await;
        app.tell().await;
        assert_eq!(about(&contest.lead, "projects").await, ["proposals.create"]);
        commit(&contest.lead, executor, &path, "200").await.expect(200);
        executor.move_on(&path, "submit").await;
        app.tell().await;
        assert_eq!(about(executor, "projects").await, ["calls.open", "commitments.confirm"]);
        // Nobody else learns that there is a proposal.
        assert_eq!(about(&contest.other, "projects").await, ["calls.open"]);
        assert_eq!(about(institution, "projects").await, NOTHING);
        assert_eq!(about(&contest.evaluators[0], "projects").await, ["evaluators.appoint"]);

        contest.evaluated(&app, &call, &[(path.as_str(), [70, 80])]).await;
        contest.decide(&path, json!({ "outcome": "reject" })).await.expect(200);
        app.tell().await;
        assert_eq!(about(executor, "projects").await, ["calls.open", "commitments.confirm", "proposals.decide"]);
        assert_eq!(about(&contest.other, "projects").await, ["calls.open"]);
    }

    async fn a_project_is_between_who_executes_it_and_who_coordinates(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({})).await;
        app.tell().await;
        contest.executor.post("/notices/read", json!({})).await.expect(200);
        let news = async |client: &Client| told(client, "&topic=projects&unread=true").await;
        assert_eq!(news(&contest.scene.institution).await, NOTHING);
        let sent = step(&contest.executor, &path, "milestones/1/report", report()).await;
        sent.expect(200);
        let reason = json!({ "reason": "Faltan dos diagnósticos." });
        step(&contest.scene.institution, &path, "milestones/1/send-back", reason).await.expect(200);
        paid(&contest, &path, 1).await;
        justified(&contest, &path, 1, "150").await;
        app.tell().await;
        assert_eq!(news(&contest.scene.institution).await, ["milestones.report", "milestones.report", "expenses.create"]);
        assert_eq!(news(&contest.executor).await,
            ["milestones.send_back", "milestones.accept", "milestones.disburse", "expenses.decide"]);
        for nobody in [&contest.other, &contest.lead] {
            let heard = news(nobody).await;
            assert!(heard.iter().all(|event| !event.starts_with("milestones") && !event.starts_with("expenses")), "{heard:?}");
        }
    }

    async fn what_comes_near_of_calls_and_projects(app: TestApp) {
        let contest = Contest::set(&app).await;
        // One project is under way, and another call closes in nine days.
        project(&app, &contest, json!({})).await;
        let call = contest.scene.draft_call(&app, 9 * DAY, json!({})).await;
        contest.scene.institution.move_on(&call, "open").await;
        written(&contest.executor, &call, proposal(&contest.lead, "400")).await;
        // What has been answered is nobody's worry.
        let answered = written(&contest.other, &call, proposal(&contest.lead, "400")).await;
        commit(&contest.lead, &contest.other, &answered, "200").await.expect(200);
        app.tell().await;
        app.begin_day().await;
        // The first call, with its evaluators, had closed an hour ago; all of it was decided.
        assert_eq!(reminded(&contest.evaluators[0], "evaluation").await, 0);
        days(&app, 1).await;
        assert_eq!((reminded(&contest.executor, "call").await, reminded(&contest.lead, "commitment").await), (0, 0));
        days(&app, 2).await;
        assert_eq!((reminded(&contest.executor, "call").await, reminded(&contest.lead, "commitment").await), (1, 1));
        assert_eq!((reminded(&contest.other, "call").await, reminded(&contest.other, "commitment").await), (1, 0));
        days(&app, 7).await;
        assert_eq!((reminded(&contest.executor, "call").await, reminded(&contest.lead, "commitment").await), (1, 1), "once");
        assert_eq!(reminded(&contest.scene.institution, "evaluation").await, 1);
        assert_eq!(reminded(&contest.other, "evaluation").await, 0);
        assert_eq!(reminded(&contest.executor, "milestone").await, 0);
    }

    async fn a_milestone_that_nobody_has_reported_comes_near(app: TestApp) {
        let contest = Contest::set(&app).await;
        let path = project(&app, &contest, json!({})).await;
        // Its first milestone is due on September 30; tokens have ended until then.
        app.base.clock.advance(197 * DAY);
        app.begin_day().await;
        let again = async |of: &Client| {
            app.person(of.organisation(), Kind::Institution, Role::Officer).await
        };
        let (executor, coordinator) = (again(&contest.executor).await, again(&contest.scene.institution).await);
        assert_eq!(reminded(&executor, "milestone").await, 0);
        days(&app, 2).await;
        assert_eq!((reminded(&executor, "milestone").await, reminded(&coordinator, "milestone").await), (1, 0));
        assert_eq!(executor.get(&path).await.expect(200).text("milestones/0/due_on"), "2026-09-30");
    }

    async fn a_good_practice_is_told_to_its_programme_once_it_is_published(app: TestApp) {
        let net = Net::of(&app, 2).await;
        let author = &net.suppliers[0];
        let path = written_practice(author, &practice(&net.scene.programme)).await;
        app.tell().await;
        assert_eq!(about(&net.scene.institution, "practices").await, NOTHING, "a draft is nobody's news");
        author.move_on(&path, "submit").await;
        app.tell().await;
        assert_eq!(about(&net.scene.institution, "practices").await, ["practices.submit"]);
        for nobody in [&net.suppliers[1], &net.buyer] {
            assert_eq!(about(nobody, "practices").await, NOTHING);
        }
        net.scene.institution.move_on(&path, "publish").await;
        app.tell().await;
        for reader in [author, &net.suppliers[1], &net.buyer] {
            assert_eq!(about(reader, "practices").await, ["practices.publish"]);
        }
        assert_eq!(about(&app.supplier("De otro programa").await, "practices").await, NOTHING);

        // Whoever is told late is told no more: a review is a matter between the author and the institution.
        let other = &net.suppliers[1];
        let path = written_practice(other, &practice(&net.scene.programme)).await;
        other.move_on(&path, "submit").await;
        net.scene.institution.move_on(&path, "publish").await;
        app.tell().await;
        for reader in [author, &net.buyer] {
            assert_eq!(about(reader, "practices").await, ["practices.publish", "practices.publish"]);
        }
        assert_eq!(about(&net.scene.institution, "practices").await, ["practices.submit", "practices.submit"]);
    }

    async fn who_comes_to_depend_more_hears_of_it_and_its_institution_does(app: TestApp) {
        let net = Net::of(&app, 5).await;
        let path = format!("{}/dependency", net.network);
        let (kind, role) = (Kind::Institution, Role::InstitutionAdministrator);
        let colleague = app.person(net.scene.institution.organisation(), kind, role).await;
        for supplier in &net.suppliers {
            net.scene.sells(supplier, &net.buyer, "50").await;
        }
        net.scene.institution.post(&path, json!({})).await.expect(200);
        app.tell().await;
        assert_eq!(about(&net.suppliers[0], "monitoring").await, NOTHING, "the first record is no turn");
        contracted(&app, &net, &[160, 160, 1, 1, 1], 0).await;
        net.scene.institution.post(&path, json!({})).await.expect(200);
        app.tell().await;
        for dependent in &net.suppliers[..2] {
            assert_eq!(about(dependent, "monitoring").await, ["dependency.record"]);
        }
        assert_eq!(about(&colleague, "monitoring").await, ["dependency.record"], "once, until it is read");
        // Who does not look after the network hears nothing of it, nor does who wrote it down.
        for nobody in [&net.scene.approver, &net.scene.institution, &net.suppliers[2], &net.buyer] {
            assert_eq!(about(nobody, "monitoring").await, NOTHING);
        }
        // What the service itself finds out the institution hears, too.
        colleague.post("/notices/read", json!({})).await.expect(200);
        net.round("baseline", "2026-04-20").await;
        for supplier in &net.suppliers[2..4] {
            net.scene.sells(supplier, &net.buyer, "290").await;
        }
        app.run_jobs().await;
        app.tell().await;
        let heard = about(&colleague, "monitoring").await;
        assert_eq!(heard.iter().filter(|event| *event == "dependency.record").count(), 2, "{heard:?}");
    }
}
