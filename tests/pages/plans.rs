//! An improvement plan from an agreed act to the last action: through the HTML.

use eslabon::foundation::access::Role;

use crate::plans::Scene;

on_both_engines! {
    async fn a_plan_is_written_signed_and_carried_out(app: TestApp) {
        let scene = Scene::set(&app).await;
        let mut seller = app.browser_of(&scene.supplier, Role::SupplierMember).await;
        let mut buyer = app.browser_of(&scene.lead_firm, Role::LeadFirmMember).await;
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;

        // The act's gap is filled in; its cost is asked for and not taken for nothing.
        let list = seller.open(&format!("{}/plans", scene.requirement)).await.expect(200);
        list.says("Todavía no hay planes");
        let page = seller.open(&list.link("/plan")).await.expect(200);
        let form = page.form("/plans");
        assert_eq!(form.get("actions-0-question"), Some("delivery-on-time"));
        assert_eq!(form.get("actions-0-cost"), Some(""), "{}", page.text);

        // Everything that is wrong is told at once where it was typed; nothing that was typed is lost.
        let faulty = form.clone().with("actions-0-months", "pronto").with("actions-0-split-programme", "50");
        let again = seller.send(&faulty).await.expect(422);
        assert!(again.title().starts_with("Error:"));
        for field in ["actions-0-cost", "actions-0-months", "actions-0-split-supplier"] {
            assert!(again.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", again.words());
            assert!(again.text.contains(&format!("href=\"#{field}\"")), "{field}");
        }
        assert_eq!(again.form("/plans").get("actions-0-months"), Some("pronto"));

        let right = form
            .with("actions-0-description", "Tablero semanal de entregas")
            .with("actions-0-cost", "1.800.000")
            .with("actions-0-months", "4")
            .with("actions-0-split-programme", "50")
            .with("actions-0-split-lead_firm", "30")
            .with("actions-0-split-supplier", "20")
            .with("actions-0-due_on", "2026-07-31")
            .with("objectives-0-indicator", "Entregas a tiempo")
            .with("objectives-0-baseline", "76")
            .with("objectives-0-target", "95,5")
            .with("objectives-0-due_on", "2026-09-30");
        let plan = seller.submit(&right).await.expect(200);
        plan.says("Borrador").says("1 800 000 CLP").says("900 000 CLP").says("95.5");
        let there = plan.link("/edit").replace("/edit", "");

        // Two hands: the later one is told, and overwrites nothing.
        let edit = format!("{there}/edit");
        let (mine, theirs) = (seller.open(&edit).await.form("/edit"), buyer.open(&edit).await.form("/edit"));
        assert_eq!(mine.get("actions-0-split-programme"), Some("50"), "percent as people write it");
        buyer.send(&theirs.with("actions-0-due_on", "2020-01-01")).await.expect(303);
        seller.send(&mine.with("actions-0-months", "9")).await.expect(412);

        // What is missing before it can be proposed is told where it can be mended.
        let page = officer.open(&there).await.expect(200);
        let mended = officer.send(&page.form("/propose")).await.expect(409);
        assert!(mended.text.contains("id=\"actions-0-due_on-fault\""), "{}", mended.words());
        let form = mended.form("/edit").with("actions-0-due_on", "2026-07-31");
        let page = officer.submit(&form).await.expect(200);
        officer.submit(&page.form("/propose")).await.expect(200).says("Propuesto");

        for (browser, state) in [(&mut seller, "Firmado por el proveedor"), (&mut buyer, "Acordado")] {
            let form = browser.open(&there).await.expect(200).form("/signatures");
            assert!(browser.send(&form).await.expect(422).text.contains("id=\"has_read_it-fault\""));
            let form = form.with("has_read_it", "yes").with("may_sign_for_the_firm", "yes");
            browser.submit(&form).await.expect(200).says(state);
        }
        let page = seller.open(&there).await.expect(200);
        assert!(!page.text.contains("/propose\""), "only the institution proposes");
        let begun = seller.submit(&page.form("/start")).await.expect(200);
        begun.says("En marcha");

        let page = seller.open(&begun.link("/actions/")).await.expect(200);
        let form = page.form("/actions/").with("note", "Tablero en uso");
        let again = seller.send(&form.clone().with("percent", "101")).await.expect(422);
        assert!(again.text.contains("id=\"percent-fault\""));
        assert_eq!(again.form("/actions/").get("note"), Some("Tablero en uso"));
        seller.submit(&form.with("percent", "60")).await.expect(200).says("60 %");

        let page = officer.open(&format!("{there}/visits")).await.expect(200);
        let form = page.form("/visits").with("findings", "El tablero se usa a diario.");
        let visited = officer.submit(&form).await.expect(200);
        visited.says("El tablero se usa a diario.");
        let refused = officer.send(&visited.form("/complete")).await.expect(409);
        assert!(refused.text.contains("href=\"#actions-0\"") && refused.text.contains("id=\"actions-0\""));

        let page = buyer.open(&format!("{there}/abandon")).await.expect(200);
        let form = page.form("/abandon").with("reason", "El proveedor cambió de rubro.");
        buyer.submit(&form).await.expect(200).says("Abandonado").says("cambió de rubro");

        let stranger = app.supplier("Otro").await;
        let mut stranger = app.browser_of(&stranger, Role::SupplierMember).await;
        for path in [there.clone(), format!("{there}/edit"), format!("{there}/abandon")] {
            stranger.open(&path).await.expect(404);
        }
    }
}
