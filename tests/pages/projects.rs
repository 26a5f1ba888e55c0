//! An institution proposes, its lead firm commits itself, and the project is reported, paid, justified and closed.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::programmes::{calls::Contest, projects};

on_both_engines! {
    async fn a_proposal_is_written_committed_to_and_submitted(app: TestApp) {
        let contest = Contest::set(&app).await;
        let call = contest.call(&app, json!({})).await;
        let mut executor = app.browser_of(&contest.executor, Role::Officer).await;
        let mut lead = app.browser_of(&contest.lead, Role::LeadFirmMember).await;
        let mut officer = app.browser_of(&contest.scene.institution, Role::Officer).await;
        assert!(!officer.open(&call).await.text.contains("/proposals/new"), "who coordinates proposes nothing");
        let new = executor.open(&call).await.expect(200).link("/proposals/new");
        let form = executor.open(&new).await.expect(200).form(&new);
        let wrong = executor.send(&form.with("title", "R").with("milestones-0-deliverable", "Ocho diagnósticos")).await.expect(422);
        for field in ["title", "summary", "model", "grant", "milestones-0-due_on", "milestones-0-amount"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")) || wrong.text.contains(&format!("#{field}\"")), "{field}: {}", wrong.words());
        }
        let firm = contest.lead.organisation().to_string();
        let form = wrong.form(&new)
            .with("title", "Talleres <del Ñuble>").with("summary", "Ocho talleres que pasarán a fabricar con contrato.")
            .with("model", "lead_firm").with("grant-amount", "400").with("milestones-0-due_on", "2026-09-30")
            .with("milestones-0-amount-amount", "400").with("cofinancing-0-source", "lead_firm")
            .with("cofinancing-0-amount-amount", "100").with("goals-0-result", "production_standards")
            .with("goals-0-target", "Seis talleres con ISO 9001").with("goals-0-measure", "Certificados");
        let draft = executor.send(&form.with("lead_firms-0", &firm)).await.expect(303).location();
        executor.open(&draft).await.expect(200).says("Borrador").says("Talleres <del Ñuble>").says("Por responder");
        officer.open(&draft).await.expect(404);

        // What the call asks for and the draft has not stands at its fields.
        assert!(!executor.open(&draft).await.text.contains("/steps/submit"), "an approver submits");
        let mut approver = app.browser_of(&contest.executor, Role::Approver).await;
        let submit = approver.open(&draft).await.link("/steps/submit");
        let page = approver.open(&submit).await.expect(200);
        let missing = approver.send(&page.form(&submit)).await.expect(422);
        assert!(missing.text.contains("id=\"lead_firms-0-fault\""), "{}", missing.words());

        let asked = lead.open("/commitments").await.expect(200);
        let commitment = asked.says("Talleres <del Ñuble>").link("/commitments/");
        let form = lead.open(&commitment).await.expect(200).form(&commitment);
        let wrong = lead.send(&form.with("cofinancing-amount", "100")).await.expect(422);
        assert!(wrong.text.contains("id=\"purchase_intention-fault\""));
        assert_eq!(wrong.form(&commitment).get("cofinancing-amount"), Some("100"));
        let form = wrong.form(&commitment).with("purchase_intention", "Bujes & ejes por 180 mil al año.");
        lead.submit(&form).await.expect(200).says("Confirmado");
        let page = approver.open(&submit).await.expect(200);
        approver.submit(&page.form(&submit)).await.expect(200).says("Presentada");
        let reopen = approver.open(&draft).await.link("/steps/reopen");
        let page = approver.open(&reopen).await.expect(200);
        approver.submit(&page.form(&reopen)).await.expect(200).says("Borrador");
        let edit = executor.open(&draft).await.link("/edit");
        let stale = executor.open(&edit).await.expect(200).form(&edit);
        assert_eq!((stale.get("grant-amount"), stale.get("lead_firms-0")), (Some("400.00"), Some(firm.as_str())));
        executor.send(&stale.clone().with("title", "Talleres")).await.expect(303);
        executor.send(&stale.with("title", "Otros")).await.expect(412);

        let withdraw = lead.open(&commitment).await.link("/withdraw");
        let page = lead.open(&withdraw).await.expect(200);
        lead.submit(&page.form(&withdraw)).await.expect(200).says("Retirado");
        let mut other = app.browser_of(&app.lead_firm("Otra").await, Role::LeadFirmMember).await;
        for path in [&commitment, &withdraw] {
            other.open(path).await.expect(404);
        }
    }

    async fn a_project_is_reported_paid_justified_and_closed(app: TestApp) {
        let contest = Contest::set(&app).await;
        let project = projects::project(&app, &contest, json!({})).await;
        let mut executor = app.browser_of(&contest.executor, Role::Officer).await;
        let mut officer = app.browser_of(&contest.scene.institution, Role::Officer).await;
        let mut approver = app.browser_of(&contest.scene.approver, Role::Approver).await;

        // Whoever executes it comes to it from its proposal.
        let proposal = executor.open(&project).await.expect(200).link("/proposals/");
        assert_eq!(executor.open(&proposal).await.expect(200).link("/projects/"), project);

        // A milestone is reported, sent back, reported again, accepted and paid.
        let report = executor.open(&project).await.expect(200).link("/milestones/1/report");
        officer.open(&report).await.expect(200);
        let short = executor.fill(&report, &[("report", "Ya")]).await.expect(422);
        assert!(short.text.contains("id=\"report-fault\""));
        let form = short.form(&report).with("report", "Ocho <diagnósticos> terminados.").with("evidence_link", "https://corporacion.example/1.pdf");
        executor.submit(&form).await.expect(200).says("Informado").says("Ocho <diagnósticos> terminados.");
        let back = officer.open(&project).await.expect(200).link("/milestones/1/send-back");
        let page = officer.fill(&back, &[("reason", "no")]).await.expect(422);
        officer.submit(&page.form(&back).with("reason", "Falta el <cuarto>.")).await.expect(200).says("Falta el <cuarto>.");
        let again = executor.open(&report).await.expect(200);
        again.says("Falta el <cuarto>.");
        executor.submit(&again.form(&report)).await.expect(200);
        let accept = officer.open(&project).await.link("/milestones/1/accept");
        let page = officer.open(&accept).await.expect(200);
        page.says("Ocho <diagnósticos> terminados.");
        officer.submit(&page.form(&accept)).await.expect(200).says("Aceptado, por pagar");
        assert!(!officer.open(&project).await.text.contains("/disburse"), "an approver pays");
        let pay = approver.open(&project).await.expect(200).link("/milestones/1/disburse");
        let page = approver.open(&pay).await.expect(200);
        approver.submit(&page.form(&pay)).await.expect(200).says("Pagado");

        // What was paid is justified.
        let expenses = executor.open(&project).await.expect(200).link("/milestones/1/expenses");
        let wrong = executor.fill(&expenses, &[("amount-amount", "1.000")]).await.expect(422);
        for field in ["amount", "spent_on", "document", "description"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        let form = wrong.form(&expenses).with("amount-amount", "10").with("spent_on", "2026-01-05").with("document", "Factura <7>").with("description", "Honorarios");
        executor.submit(&form).await.expect(200).says("Factura <7>").says("Por revisar");
        let decide = officer.open(&project).await.expect(200).link("/expenses/");
        let page = officer.open(&decide).await.expect(200);
        let wrong = officer.send(&page.form(&decide).with("outcome", "refuse")).await.expect(422);
        assert!(wrong.text.contains("id=\"reason-fault\""));
        officer.submit(&wrong.form(&decide).with("outcome", "accept")).await.expect(200).says("Aceptado");
        assert!(!executor.open(&project).await.text.contains("/expenses/0"), "the executor decides nothing");

        // It is not closed before all is paid and justified, and can be ended before.
        let close = officer.open(&project).await.expect(200).link("/close");
        let form = officer.open(&close).await.expect(200).form(&close).with("results-0-note", "Cinco de seis.");
        let refused = officer.send(&form).await;
        assert!([409, 422].contains(&refused.status.as_u16()), "{}", refused.words());
        let end = approver.open(&project).await.expect(200).link("/terminate");
        let page = approver.fill(&end, &[("reason", "no")]).await.expect(422);
        approver.submit(&page.form(&end).with("reason", "La empresa <líder> se retiró.")).await.expect(200).says("La empresa <líder> se retiró.");
        let mut stranger = app.browser_of(&app.institution().await, Role::InstitutionAdministrator).await;
        for path in [&project, &report, &accept, &close, &decide] {
            stranger.open(path).await.expect(404);
        }
    }

    async fn the_direction_sets_criteria_and_assigns_funds(app: TestApp) {
        let contest = Contest::set(&app).await;
        let governance = format!("{}/governance", contest.scene.programme);
        let mut officer = app.browser_of(&contest.scene.institution, Role::Officer).await;
        let criteria = officer.open(&governance).await.expect(200).link("/operating-criteria");
        let form = officer.open(&criteria).await.expect(200).form(&criteria);
        let short = officer.send(&form.clone().with("text", "Redes")).await.expect(422);
        assert_eq!(short.form(&criteria).get("text"), Some("Redes"));
        officer.submit(&form.clone().with("text", "Redes de al menos <cinco> pymes.")).await.expect(200).says("Redes de al menos <cinco> pymes.");
        officer.send(&form.with("text", "Otros criterios, de otra pestaña.")).await.expect(412);
        assert!(!officer.open(&governance).await.text.contains("/fund-entries/new"), "an approver assigns funds");
        let mut approver = app.browser_of(&contest.scene.approver, Role::Approver).await;
        let assign = approver.open(&governance).await.expect(200).link("/fund-entries/new");
        let wrong = approver.fill(&assign, &[("change", "assign"), ("amount-amount", "")]).await.expect(422);
        for field in ["amount", "reason"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        let form = wrong.form(&assign).with("change", "reduce").with("amount-amount", "99999").with("reason", "No alcanzó el presupuesto.");
        approver.send(&form.clone()).await.expect(409);
        approver.submit(&form.with("change", "assign").with("amount-amount", "500")).await.expect(200).says("10 500.00 USD");
        let mut executor = app.browser_of(&contest.executor, Role::Approver).await;
        assert!(!executor.open(&governance).await.expect(200).text.contains("/fund-entries/new"));
    }
}
