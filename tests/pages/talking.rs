//! What people say to each other about requirements and decisions: questions, reasons, objections; and the lists that
//! they take along.

use eslabon::foundation::access::{Kind, Role};
use serde_json::json;

use crate::{
    approvals::{accepted, step},
    matching::scene::{Scene, award, lot},
};

/// The page of the requirement that was posted last.
async fn posted(firm: &crate::support::Client) -> String {
    let listed = firm.get("/requirements").await.expect(200);
    format!("/requirements/{}", listed.body["items"][0]["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_question_is_asked_answered_and_hidden(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let requirement = buyer.requirement(&scene.programme, json!([lot(10, "1")]), json!([])).await;
        buyer.move_on(&requirement, "publish").await;
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let link = seller.open(&requirement).await.expect(200).link("/questions");
        let page = seller.open(&link).await.expect(200);
        let again = seller.send(&page.form("/questions").with("text", "¿Qué?")).await.expect(422);
        assert!(again.text.contains("id=\"text-fault\""));
        assert_eq!(again.form("/questions").get("text"), Some("¿Qué?"));
        let form = page.form("/questions").with("text", "¿Se puede entregar en partes?");
        seller.submit(&form).await.expect(200).says("Suya").says("Sin respuesta");

        let other = scene.supplier(&app, "1000").await;
        let mut other = app.browser_of(&other, Role::SupplierMember).await;
        assert!(!other.open(&link).await.expect(200).words().contains("entregar en partes"));

        let mut writer = app.browser_of(&buyer, Role::LeadFirmMember).await;
        let listed = writer.open(&link).await.expect(200);
        assert!(!listed.words().contains("Suya"), "nobody learns who asked");
        let question = listed.link("/questions/");
        let page = writer.open(&question).await.expect(200);
        assert!(!page.text.contains("/hide\""), "the institution hides, not the lead firm");
        writer.submit(&page.form("/answer").with("answer", "Sí, en dos.")).await.expect(200).says("Sí, en dos.");
        other.open(&link).await.expect(200).says("Sí, en dos.");

        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let page = officer.open(&question).await.expect(200);
        let why = "Dice quién es la empresa.";
        officer.submit(&page.form("/hide").with("reason", why)).await.expect(200).says(why);
        assert!(!other.open(&link).await.expect(200).words().contains("en dos"));
    }

    async fn a_decision_is_objected_to_and_the_objection_upheld(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await;
        accepted(&buyer, &supplier, &found[0]).await;
        step(&scene.approver, &found[0], "reject").await.expect(200);

        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        let link = seller.open(&format!("/matches/{}", found[0])).await.expect(200).link("/objections/new");
        let page = seller.open(&link).await.expect(200);
        let again = seller.send(&page.form("/objections").with("reasons", "No.")).await.expect(422);
        assert!(again.text.contains("id=\"reasons-fault\""));
        let reasons = "El rechazo se apoya en una visita que no se hizo.";
        let filed = seller.submit(&page.form("/objections").with("reasons", reasons)).await.expect(200);
        filed.says("Presentada").says(reasons).says("Número de referencia");
        assert!(!filed.text.contains("/uphold\""), "nobody judges their own objection");
        let there = filed.form("/withdraw").action.replace("/withdraw", "");
        seller.send(&page.form("/objections").with("reasons", "La misma visita otra vez.")).await.expect(409);
        assert_eq!(seller.open(&link).await.expect(303).location(), there, "there is one objection to a decision");
        let lost = seller.open("/objections/new").await.expect(200);
        lost.says("Se objeta desde la página de la decisión").link("/requirements");
        assert!(!lost.words().contains("about_id"), "{}", lost.words());

        let role = Role::InstitutionAdministrator;
        let other = app.person(scene.institution.organisation(), Kind::Institution, role).await;
        let mut officer = app.browser_of(&other, role).await;
        let listed = officer.open("/objections?state=filed").await.expect(200);
        let page = officer.open(&listed.link("/objections/0")).await.expect(200);
        let reviewed = officer.submit(&page.form("/review")).await.expect(200);
        let page = officer.open(&reviewed.link("/uphold")).await.expect(200);
        let again = officer.send(&page.form("/uphold")).await.expect(422);
        assert!(again.text.contains("id=\"reason-fault\""));
        let form = page.form("/uphold").with("reason", "La visita no consta.");
        officer.submit(&form).await.expect(200).says("Acogida").says("está propuesto otra vez");
        seller.open(&there).await.expect(200).says("La visita no consta.");
        app.browser_of(&buyer, Role::LeadFirmMember).await.open(&there).await.expect(404);
    }

    async fn one_is_sent_to_object_while_filing_is_possible(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (buyer, supplier) = (scene.lead_firm(&app, "Grande").await, scene.supplier(&app, "1000").await);
        let lots = scene.requirement(&buyer, &[lot(10, "1")]).await;
        let found = scene.propose(&app, &[award(&supplier, &lots[0], 10)]).await;
        let there = format!("/matches/{}", found[0]);
        let offered = async || {
            let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
            seller.open(&there).await.expect(200).text.contains("/objections/new")
        };
        assert!(!offered().await, "nothing is decided");
        accepted(&buyer, &supplier, &found[0]).await;
        step(&scene.approver, &found[0], "reject").await.expect(200);
        assert!(offered().await);
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        assert!(!officer.open(&there).await.expect(200).text.contains("/objections/new"), "who decides does not object");
        app.base.clock.advance(121 * 86_400);
        assert!(!offered().await, "no programme gives more than 120 days");
    }

    async fn a_supplier_reads_why_it_got_no_more_and_about_nobody_else(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (ana, _) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        scene.requirement(&buyer, &[lot(1000, "1")]).await;
        let mut seller = app.browser_of(&ana, Role::SupplierMember).await;
        let link = seller.open(&posted(&ana).await).await.expect(200).link("/why-not");
        seller.open(&link).await.expect(409);
        let run = scene.run(json!({ "name": "Marzo" })).await;
        app.run_jobs().await;
        scene.adopt(&run).await.expect(200);
        let page = seller.open(&link).await.expect(200);
        page.says("Su empresa obtuvo 428 de 1 000 (pieza)").says("superaría el tope de dependencia").says("Tope: 30.0 %");
        app.browser_of(&buyer, Role::LeadFirmMember).await.open(&link).await.expect(403);
    }

    async fn a_list_is_taken_along_as_a_table_of_what_one_sees(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        scene.requirement(&buyer, &[lot(10, "1")]).await;
        let mut browser = app.browser_of(&buyer, Role::LeadFirmMember).await;
        let link = browser.open("/requirements").await.expect(200).link("format=csv");
        let table = browser.open(&link).await.expect(200);
        assert_eq!(table.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert!(table.text.starts_with("id,") && table.text.contains("Bujes 2026"), "{}", table.text);
        // Another firm's table has not a row of it; what is no table is not there; who is nobody logs in first.
        let stranger = app.lead_firm("Otra").await;
        let mut stranger = app.browser_of(&stranger, Role::LeadFirmMember).await;
        assert!(!stranger.open(&link).await.expect(200).text.contains("Bujes 2026"));
        browser.open("/downloads/requirements").await.expect(404);
        browser.open("/downloads/nothing?format=csv").await.expect(404);
        app.browser().open(&link).await.expect(303);
    }
}
