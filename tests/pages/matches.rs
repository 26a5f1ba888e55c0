//! Both firms accept, the institution approves: through the HTML.

use eslabon::foundation::access::Role;

use crate::{
    matching::scene::{Scene, award, lot},
    support::{Browser, Client, TestApp},
};

/// A supplier, a lead firm and an approver at their browsers, with one match of 100 USD.
struct Stage {
    supplier: Client,
    at_supplier: Browser,
    at_lead_firm: Browser,
    at_institution: Browser,
    scene: Scene,
    address: String,
}

impl Stage {
    async fn set(app: &TestApp, annual_sales: &str) -> Self {
        let scene = Scene::set(app, "0").await;
        let (lead_firm, supplier) =
            (scene.lead_firm(app, "Conservas").await, scene.supplier(app, annual_sales).await);
        let lots = scene.requirement(&lead_firm, &[lot(100, "1")]).await;
        let found = scene.propose(app, &[award(&supplier, &lots[0], 100)]).await.remove(0);
        Self {
            at_supplier: app.browser_of(&supplier, Role::SupplierMember).await,
            at_lead_firm: app.browser_of(&lead_firm, Role::LeadFirmMember).await,
            at_institution: app.browser_of(&scene.institution, Role::Approver).await,
            address: format!("/matches/{found}"),
            scene,
            supplier,
        }
    }

    async fn state(&self) -> String {
        self.scene.institution.get(&format!("/api/v1{}", self.address)).await.expect(200).text("state")
    }
}

/// Goes from the match over the confirm page to the decision.
async fn decide(browser: &mut Browser, address: &str, step: &str) -> crate::support::Html {
    let page = browser.open(address).await.expect(200);
    let confirm = browser.open(&page.link(&format!("/{step}"))).await.expect(200);
    browser.submit(&confirm.form(&format!("/{step}"))).await
}

on_both_engines! {
    async fn a_match_goes_from_proposal_to_approval(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let address = stage.address.clone();
        stage.at_supplier.open("/").await.expect(200).says("1 espera su decisión");
        stage.at_supplier.open("/matches").await.expect(200).says("Conservas").says("Espera su decisión");
        let page = stage.at_supplier.open(&address).await.expect(200);
        page.says("Propuesto").says("100.00 USD").says("de 0.00 % a 9.09 % del total").says("Tope 30.0 %");
        assert!(page.text.contains("<svg ") && page.text.contains("class=\"cap\""));
        decide(&mut stage.at_supplier, &address, "accept").await.says("Aceptado por el proveedor");

        let seen = stage.at_lead_firm.open(&address).await.expect(200);
        seen.says("Proveedor");
        assert!(!seen.text.contains("9.09"), "a supplier's dependency is no affair of the lead firm's");
        decide(&mut stage.at_lead_firm, &address, "accept").await.says("Falta la aprobación de la institución");

        let queue = stage.at_institution.open("/matches?state=accepted").await.expect(200);
        queue.says("0.00 → 9.09 %");
        decide(&mut stage.at_institution, &address, "approve").await.says("Aprobado");
        assert_eq!(stage.state().await, "approved");
        let done = stage.at_institution.open(&format!("{address}/approve")).await.expect(303);
        assert_eq!(done.location(), address, "there is nothing left to decide");
        stage.at_institution.open("/matches?state=accepted").await.expect(200).says("No hay ninguno");
    }

    async fn an_institution_finds_matches_by_state_firm_requirement_and_words(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let (supplier, institution) = (stage.supplier.organisation(), stage.scene.institution.organisation());
        let found = stage.scene.institution.get(&format!("/api/v1{}", stage.address)).await.expect(200);
        let requirement = found.text("requirement");
        let browser = &mut stage.at_institution;
        let proposed = browser.open("/matches?state=proposed").await.expect(200);
        proposed.says("Emparejamientos propuestos").says("1 en total").says("Proveedor o empresa líder");
        browser.open("/matches?state=accepted").await.expect(200).says("Emparejamientos por decidir").says("No hay ninguno");
        browser.open("/matches?state=approved").await.expect(200).says("Emparejamientos aprobados");
        browser.open("/matches").await.expect(200).says("Todos los emparejamientos").says("1 en total");
        for (query, is_there) in [
            (format!("firm={supplier}"), true),
            (format!("firm={institution}"), false),
            (format!("requirement={requirement}&q="), true),
            (format!("requirement={supplier}"), false),
            ("q=conserv".to_owned(), true),
            ("q=BUJE".to_owned(), true),
            ("q=bujes+2026&state=proposed".to_owned(), true),
            ("q=bujes+2026&state=approved".to_owned(), false),
            ("q=%25".to_owned(), false),
            ("q=_".to_owned(), false),
        ] {
            let page = browser.open(&format!("/matches?{query}")).await.expect(200);
            page.says(if is_there { "1 en total" } else { "No hay ninguno" });
            assert_eq!(page.text.contains(&stage.address), is_there, "{query}: {}", page.words());
            let table = browser.open(&format!("/downloads/matches?{query}&format=csv")).await.expect(200);
            assert_eq!(table.text.lines().count(), 1 + usize::from(is_there), "{query}: {}", table.text);
        }
        let address = stage.address.clone();
        decide(&mut stage.at_supplier, &address, "accept").await;
        let waiting = stage.at_institution.open("/matches?state=accepted_by_supplier").await.expect(200);
        waiting.says("Emparejamientos que esperan a la empresa líder").says("1 en total");
    }

    async fn moments_are_told_by_the_programme_s_clocks(app: TestApp) {
        let scene = Scene::with(&app, serde_json::json!({ "time_zone": "America/Santiago" })).await;
        let (lead_firm, supplier) = (scene.lead_firm(&app, "Conservas").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&lead_firm, &[lot(100, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 100)]).await.remove(0);
        // 22:00 there, and another day already in UTC.
        app.base.clock.advance(11 * 3_600);
        let mut browser = app.browser_of(&supplier, Role::SupplierMember).await;
        let etag = supplier.get(&format!("/matches/{found}")).await.expect(200).etag();
        let reason = serde_json::json!({ "reason": "Sin capacidad hasta agosto" });
        supplier.post_if(&format!("/matches/{found}/decline"), &etag, reason).await.expect(200);
        browser.open(&format!("/matches/{found}")).await.expect(200).says("2 de marzo de 2026, 22:00 (hora de Santiago)");
        lead_firm.post("/requirements", serde_json::json!({ "programme": scene.id, "title": "Pernos 2026",
            "lots": [lot(10, "1")], "criteria": [] })).await.expect(201);
        let listed = lead_firm.get("/requirements?limit=100").await.expect(200).body["items"].clone();
        let draft = listed.as_array().unwrap().iter().find(|item| item["title"] == "Pernos 2026").unwrap()["id"].clone();
        lead_firm.move_on(&format!("/requirements/{}", draft.as_str().unwrap()), "publish").await;
        let mut browser = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        browser.open("/requirements").await.expect(200).says("2 de marzo de 2026");
        let page = browser.open(&format!("/requirements/{}", draft.as_str().unwrap())).await.expect(200);
        assert!(!page.text.contains("3 de marzo"), "{}", page.text);
    }

    async fn a_reason_is_demanded_and_kept(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let address = format!("{}/decline", stage.address);
        let form = stage.at_supplier.open(&address).await.expect(200).form("/decline");
        let short = stage.at_supplier.send(&form.clone().with("reason", "no")).await.expect(422);
        short.says("Debe tener entre 10 y 2000 caracteres.");
        assert_eq!(short.form("/decline").get("reason"), Some("no"));
        stage.at_supplier.send(&form.with("reason", "")).await.expect(422).says("Falta este dato.");
        let reason = "Sin capacidad <hasta> agosto";
        let done = stage.at_supplier.submit(&short.form("/decline").with("reason", reason)).await;
        done.says("Declinado").says(reason);
        stage.at_lead_firm.open(&stage.address).await.expect(200).says(reason);
        assert_eq!(stage.state().await, "declined");
    }

    async fn an_acceptance_that_is_sent_twice_counts_once(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let form = stage.at_supplier.open(&format!("{}/accept", stage.address)).await.expect(200).form("/accept");
        stage.at_supplier.send(&form).await.expect(303);
        stage.at_supplier.send(&form).await.expect(303);
        let etag = stage.supplier.get(&format!("/api/v1{}", stage.address)).await.expect(200).etag();
        assert_eq!(etag, "\"2\"");
        let mut colleague = app.browser_of(&stage.supplier, Role::SupplierAdministrator).await;
        let late = colleague.open(&format!("{}/decline", stage.address)).await.expect(200).form("/decline");
        stage.at_lead_firm.open("/").await.expect(200);
        decide(&mut stage.at_lead_firm, &stage.address, "accept").await;
        let stale = colleague.send(&late.with("reason", "Ya no podemos hacerlo")).await.expect(412);
        stale.says("Alguien lo cambió antes");
        assert_eq!(stale.form("/decline").get("reason"), Some("Ya no podemos hacerlo"));
        assert_eq!(stage.state().await, "accepted");
    }

    async fn what_the_rule_forbids_is_said_before_and_after(app: TestApp) {
        let mut stage = Stage::set(&app, "100").await;
        let address = stage.address.clone();
        decide(&mut stage.at_supplier, &address, "accept").await;
        decide(&mut stage.at_lead_firm, &address, "accept").await;
        stage.at_institution.open("/matches?state=accepted").await.expect(200).says("Sobre el tope");
        let confirm = stage.at_institution.open(&format!("{address}/approve")).await.expect(200);
        confirm.says("la regla no permite aprobarlo");
        let refused = stage.at_institution.send(&confirm.form("/approve")).await.expect(409);
        assert!(refused.title().starts_with("Error: "));
        refused.says("Conservas").says("50.00 %").says("30.0 %");
        assert_eq!(stage.state().await, "accepted");
        let reject = stage.at_institution.open(&format!("{address}/reject")).await.expect(200).form("/reject");
        stage.at_institution.submit(&reject.with("reason", "Supera el tope de dependencia")).await.says("Rechazado");
    }

    async fn nobody_approves_what_they_proposed(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let address = stage.address.clone();
        let etag = "\"1\"";
        stage.supplier.post_if(&format!("/api/v1{address}/accept"), etag, serde_json::json!({})).await.expect(200);
        decide(&mut stage.at_lead_firm, &address, "accept").await;
        // An officer may not approve at all; that the proposer may not is the rule of the stage.
        let mut officer = app.browser_of(&stage.scene.institution, Role::Officer).await;
        assert!(!officer.open(&address).await.expect(200).text.contains("/approve\""));
        officer.open(&format!("{address}/approve")).await.expect(403).says("Su rol no lo permite").says("No se guardó ni se cambió nada.");
    }

    async fn a_match_shows_itself_to_its_own_sides_alone(app: TestApp) {
        let stage = Stage::set(&app, "1000").await;
        let strangers = [
            (stage.scene.supplier(&app, "1000").await, Role::SupplierMember, "/accept"),
            (stage.scene.lead_firm(&app, "Otra").await, Role::LeadFirmMember, "/accept"),
            (app.institution().await, Role::Approver, "/approve"),
        ];
        for (client, role, step) in strangers {
            let mut browser = app.browser_of(&client, role).await;
            browser.open(&stage.address).await.expect(404);
            browser.open(&format!("{}{step}", stage.address)).await.expect(404);
            let list = browser.open("/matches").await.expect(200);
            assert!(!list.text.contains(&stage.address), "{}", list.words());
        }
    }

    async fn a_decision_that_another_site_sends_is_refused(app: TestApp) {
        let mut stage = Stage::set(&app, "1000").await;
        let form = stage.at_supplier.open(&format!("{}/accept", stage.address)).await.expect(200).form("/accept");
        stage.at_supplier.says = vec![("sec-fetch-site", "cross-site".to_owned())];
        stage.at_supplier.send(&form).await.expect(403);
        assert_eq!(stage.state().await, "proposed");
    }
}
