//! A call from its draft to its projects, and the governance around it: through the HTML.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::{
    programmes::{calls::Contest, governance::institution},
    support::PASSWORD,
};

const HOUR: i64 = 3_600;
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

on_both_engines! {
    async fn a_call_is_written_with_its_rules_and_opened(app: TestApp) {
        let contest = Contest::set(&app).await;
        let mut officer = app.browser_of(&contest.scene.institution, Role::InstitutionAdministrator).await;
        let list = officer.open("/calls").await.expect(200);
        list.says("No hay ninguna por ahora");
        let new = list.link("/calls/new");
        let page = officer.open(&new).await.expect(200);
        let form = page.form(&new);
        assert_eq!(form.get("criteria-0-weight"), Some("20"), "the usual criteria weigh the same");

        // Every fault at once, at its field, and nothing typed is lost.
        let wrong = form.clone().with("title", "x").with("description", "Redes en torno a una <empresa> líder.")
            .with("criteria-0-weight", "10").with("min_cofinancing", "140");
        let page = officer.send(&wrong).await.expect(422);
        assert!(page.title().starts_with("Error: "));
        for field in ["title", "funds", "closes_at", "min_cofinancing", "criteria"] {
            assert!(page.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", page.words());
        }
        assert_eq!(page.form(&new).get("criteria-0-weight"), Some("10"));
        assert_eq!(page.form(&new).get("description"), Some("Redes en torno a una <empresa> líder."));

        let right = page.form(&new).with("title", "Redes <2026>").with("funds-amount", "1.000,00")
            .with("closes_at", "2026-06-01T18:00").with("min_cofinancing", "20").with("criteria-0-weight", "40")
            .with("criteria-1-weight", "").with("spread_threshold", "15");
        let call = officer.send(&right).await.expect(303).location();
        let page = officer.open(&call).await.expect(200);
        page.says("Redes <2026>").says("1 000.00 USD").says("20.0 %").says("En preparación").says("Perspectivas de mercado 40");
        assert!(!page.words().contains("Participación y cofinanciamiento"), "what weighs nothing is none");

        let nobody = officer.send(&page.form("/evaluators").with("email", "nadie@example.com")).await.expect(422);
        assert!(nobody.text.contains("id=\"email-fault\""));
        assert_eq!(nobody.form("/evaluators").get("email"), Some("nadie@example.com"));
        let email = app.person_with_password(contest.scene.institution.organisation(), Role::Officer).await;
        officer.send(&nobody.form("/evaluators").with("email", &email)).await.expect(303);
        let page = officer.open(&call).await.expect(200);
        page.says("Evaluadores").says("Persona officer");

        // Another hand has changed it meanwhile.
        let edit = page.link("/edit");
        let stale = officer.open(&edit).await.expect(200).form(&edit);
        assert_eq!((stale.get("min_cofinancing"), stale.get("criteria-1-weight")), (Some("20"), Some("")));
        officer.send(&stale.clone().with("title", "Redes 2027")).await.expect(303);
        let again = officer.send(&stale.with("title", "Mi título")).await.expect(412);
        assert_eq!(again.form(&edit).get("title"), Some("Mi título"));

        let open = officer.open(&call).await.link("/steps/open");
        let page = officer.open(&open).await.expect(200);
        page.says("¿Abrir la convocatoria?");
        officer.submit(&page.form(&open)).await.says("Abierta").says("Ninguna que usted pueda ver");
        let mut executor = app.browser_of(&contest.executor, Role::Officer).await;
        let seen = executor.open(&call).await.expect(200);
        seen.says("Redes 2027");
        assert!(!seen.text.contains("/steps/") && !seen.text.contains("/evaluators\""), "who coordinates conducts");
        let back = seen.link("/calls?programme=");
        executor.open(&back).await.expect(200).says("Redes 2027");
    }

    async fn proposals_are_scored_by_two_decided_with_reasons_and_paid(app: TestApp) {
        let contest = Contest::set(&app).await;
        let ours = contest.scene.institution.organisation();
        let mut people = Vec::new();
        let call = contest.scene.draft_call(&app, HOUR, json!({ "spread_threshold": "30" })).await;
        for _ in 0..2 {
            let email = app.person_with_password(ours, Role::Officer).await;
            contest.scene.institution.post(&format!("{call}/evaluators"), json!({ "email": email })).await.expect(200);
            people.push(email);
        }
        contest.scene.institution.move_on(&call, "open").await;
        let proposal = contest.proposal(&call, "400").await;
        let mut officer = app.browser_of(&contest.scene.institution, Role::InstitutionAdministrator).await;
        for sealed in [&proposal, &format!("/proposals/{NOTHING}")] {
            officer.open(sealed).await.expect(404);
        }
        app.base.clock.advance(2 * HOUR);

        let mut browsers = Vec::new();
        for email in &people {
            let mut browser = app.browser();
            browser.log_in(email, PASSWORD).await;
            browsers.push(browser);
        }
        for (browser, score) in browsers.iter_mut().zip(["80", "60"]) {
            let page = browser.open(&call).await.expect(200);
            assert!(page.text.contains(&proposal));
            let evaluate = browser.open(&proposal).await.expect(200).link("/evaluate");
            let form = browser.open(&evaluate).await.expect(200).form(&evaluate);
            let form = (0..5).fold(form, |form, at| {
                form.with(&format!("scores-{at}-score"), score).with(&format!("scores-{at}-comment"), "Compra a <dos>.")
            });
            let wrong = form.clone().with("scores-1-score", "140").with("scores-2-comment", "");
            let page = browser.send(&wrong).await.expect(422);
            for field in ["scores-1-score", "scores-2-comment"] {
                assert!(page.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", page.words());
            }
            assert_eq!(page.form(&evaluate).get("scores-0-comment"), Some("Compra a <dos>."));
            browser.submit(&form).await.says(&format!("{score}.0"));
            assert!(!browser.open(&proposal).await.text.contains("/evaluate"), "each hands in once");
        }

        let mut officer = app.browser_of(&contest.scene.institution, Role::InstitutionAdministrator).await;
        let page = officer.open(&call).await.expect(200);
        page.says("Cerrada, en evaluación");
        assert!(!page.words().contains("70.0"), "no points before the evaluation is complete");
        let finish = format!("{call}/steps/finish");
        officer.submit(&officer.clone().open(&finish).await.form(&finish)).await.says("70.0").says("20.0");

        let mut approver = app.browser_of(&contest.scene.approver, Role::Approver).await;
        approver.open(&proposal).await.expect(200).says("Evaluador 1").says("Compra a <dos>.").says("Diferencia 20.0");
        let decide = approver.open(&proposal).await.link("/decide");
        let page = approver.open(&decide).await.expect(200);
        page.says("70.0");
        let form = page.form(&decide).with("outcome", "award").with("amount-amount", "300");
        let short = approver.send(&form.clone().with("reason", "sí")).await.expect(422);
        assert!(short.text.contains("id=\"reason-fault\""));
        assert_eq!((short.form(&decide).get("amount-amount"), short.form(&decide).get("outcome")), (Some("300"), Some("award")));
        let done = approver.submit(&form.with("reason", "Primera del orden de <mérito>.")).await;
        done.says("Adjudicada").says("300.00 USD").says("Primera del orden de <mérito>.");
        let mut executor = app.browser_of(&contest.executor, Role::Officer).await;
        executor.open(&proposal).await.expect(200).says("Primera del orden de <mérito>.");

        let governance = officer.open(&format!("{}/governance", contest.scene.programme)).await.expect(200);
        governance.says("Comprometido 300.00 USD").says("0.00 USD pagados de 300.00 USD");
        let project = governance.link("/projects/");
        officer.open(&project).await.expect(200).says("Ocho talleres diagnosticados").says("Pendiente");
        executor.open(&project).await.expect(200);
        let mut stranger = app.browser_of(&app.institution().await, Role::InstitutionAdministrator).await;
        for path in [&call, &proposal, &project, &decide, &format!("{}/governance", contest.scene.programme)] {
            stranger.open(path).await.expect(404);
        }
        let mut buyer = app.browser_of(&contest.lead, Role::LeadFirmMember).await;
        for path in ["/calls", &call, &proposal, &project] {
            buyer.open(path).await.expect(403);
        }
    }

    async fn functions_are_offered_and_coordination_answers_its_checklist(app: TestApp) {
        let contest = Contest::set(&app).await;
        let programme = &contest.scene.programme;
        contest.scene.assign("10", "assign").await.expect(201);
        let agency = institution(&app, "Agencia <Norte>").await;
        let mut officer = app.browser_of(&contest.scene.institution, Role::InstitutionAdministrator).await;
        let governance = format!("{programme}/governance");
        let page = officer.open(&governance).await.expect(200);
        page.says("Nadie dijo todavía de qué tipo es").says("Corporación").says("Asignado 10 010.00 USD");

        let appoint = page.link("/appointments/new");
        let id = agency.organisation().to_string();
        let fields = [("institution", id.as_str()), ("function", "coordination"), ("statement", "corto")];
        let short = officer.fill(&appoint, &fields).await.expect(422);
        assert!(short.text.contains("id=\"statement-fault\""));
        assert_eq!(short.form(&appoint).get("function"), Some("coordination"));
        officer.submit(&short.form(&appoint).with("statement", "Conoce a los talleres.")).await.says("Agencia <Norte> Coordinación Por responder");
        let appointed = format!("/appointments/{}", agency.get("/appointments").await.expect(200).text("items/0/id"));
        let mut asked = app.browser_of(&agency, Role::Approver).await;
        asked.open(&governance).await.expect(404);
        let decline = format!("{appointed}/decline");
        asked.fill(&decline, &[("reason", "Este año no tenemos gente.")]).await.expect(303);
        officer.open(&governance).await.expect(200).says("Declinada").says("Este año no tenemos gente.");

        // The kind of coordination first, its weaknesses next.
        let coordination = officer.open(&governance).await.link("/coordination");
        let next = officer.fill(&coordination, &[("model", "private")]).await.expect(303).location();
        assert_eq!(next, coordination);
        let page = officer.open(&coordination).await.expect(200);
        page.says("Continuidad y acumulación de conocimiento");
        let half = officer.send(&page.form(&coordination).with("answers-0-how", "Cada proyecto deja un <informe>.")).await;
        let half = half.expect(422);
        assert!(half.text.contains("id=\"answers-0-reviewed_on-fault\""), "{}", half.words());
        assert_eq!(half.form(&coordination).get("answers-0-how"), Some("Cada proyecto deja un <informe>."));
        let right = half.form(&coordination).with("answers-0-reviewed_on", "2026-03-01");
        officer.submit(&right).await.says("Cada proyecto deja un <informe>.").says("Respondida").says("Sin responder");

        let review = officer.open(&governance).await.link("/coordination-reviews/new");
        let fields = [("from", "2026-02-01"), ("to", "2026-01-01"), ("findings", "Se resolvió en plazo.")];
        let wrong = officer.fill(&review, &fields).await.expect(422);
        assert!(wrong.text.contains("id=\"to-fault\""));
        let right = wrong.form(&review).with("to", "2026-02-28").with("measures-0-what", "Publicar los puntajes");
        officer.submit(&right).await.says("Se resolvió en plazo.").says("Publicar los puntajes").says("Se revisó a sí misma");
        let mut executor = app.browser_of(&contest.executor, Role::Officer).await;
        let seen = executor.open(&governance).await.expect(200);
        assert!(!seen.text.contains("/appointments/new") && !seen.text.contains("/coordination\""), "who executes reads");
        // It does not see the programme, so nothing leads there.
        executor.open(programme).await.expect(404);
        assert!(!seen.text.contains(&format!("{programme}\"")), "a way back that leads nowhere: {}", seen.text);
        assert!(officer.open(&governance).await.text.contains(&format!("{programme}\"")));
    }
}
