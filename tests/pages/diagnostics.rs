//! A supplier answers its diagnostic, question by question.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::support::{Browser, Client, TestApp};

/// A supplier whose member has begun a diagnostic; its address.
async fn begun(app: &TestApp) -> (Client, Browser, String) {
    let supplier = app.supplier("Tornos del Sur").await;
    let mut browser = app.browser_of(&supplier, Role::SupplierMember).await;
    let page = browser.open("/diagnostics").await.expect(200);
    let there = browser.send(&page.form("/diagnostics")).await.expect(303).location();
    (supplier, browser, there)
}

/// What the API says of the own answer to a question.
async fn answered(client: &Client, diagnostic: &str, question: &str) -> Option<serde_json::Value> {
    let found = client.get(&format!("/api/v1{diagnostic}")).await.expect(200);
    let answers = found.body["answers"].as_array().unwrap().iter();
    answers.into_iter().find(|given| given["question"] == question).map(|given| given["answer"].clone())
}

on_both_engines! {
    async fn a_supplier_answers_checks_and_submits(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        browser.open("/").await.expect(200).says("Continuar el diagnóstico").says("En curso");
        let tasks = browser.open(&diagnostic).await.expect(200);
        tasks.says("0 de 63 preguntas respondidas").says("Calidad 8 preguntas");
        let first = browser.open(&tasks.link("/questions/management-plan")).await.expect(200);
        first.says("¿Cómo define su empresa sus objetivos y les da seguimiento?").says("pregunta 1 de 6");
        first.says("Hay objetivos escritos de ventas para el año; se revisan solo cuando surge un problema.");

        let second = browser.submit(&first.form("/questions/").with("value", "2")).await;
        second.says("pregunta 2 de 6");
        let later = second.form("/questions/").with("value", "not_applicable").with("_then", "later");
        let tasks = browser.submit(&later).await;
        tasks.says("2 de 63 preguntas respondidas").says("Estrategia y gestión 2 de 6");
        assert_eq!(answered(&supplier, &diagnostic, "management-plan").await, Some(json!({ "level": 2 })));
        assert_eq!(answered(&supplier, &diagnostic, "management-indicators").await, Some(json!("not_applicable")));

        let check = browser.open(&tasks.link("/check")).await.expect(200);
        check.says("Quedan 61 preguntas sin responder").says("No se aplica a nuestra empresa");
        let change = browser.open(&check.link("/questions/management-plan")).await.expect(200);
        assert_eq!(change.form("/questions/").get("value"), Some("2"), "what is saved is filled in");
        let check = browser.submit(&change.form("/questions/").with("value", "3")).await;
        check.says("Hay un plan anual con objetivos de ventas, costos y calidad");

        let result = browser.submit(&check.form("/check")).await;
        result.says("Enviado el 2 de marzo de 2026.").says("Vale hasta el 2 de marzo de 2027.").says("75.0");
        browser.open("/").await.expect(200).says("Vigente");
        let closed = browser.open(&format!("{diagnostic}/questions/management-plan")).await.expect(303);
        assert_eq!(closed.location(), diagnostic);
    }

    async fn numbers_and_certificates_are_answered_too(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        let number = browser.open(&format!("{diagnostic}/questions/delivery-on-time")).await.expect(200);
        browser.submit(&number.form("/questions/").with("value", "97.5")).await;
        assert_eq!(answered(&supplier, &diagnostic, "delivery-on-time").await, Some(json!({ "number": "97.5" })));
        let certificate = browser.open(&format!("{diagnostic}/questions/quality-iso-9001")).await.expect(200);
        let form = certificate.form("/questions/").with("value", "certificate");
        let missing = browser.send(&form).await.expect(422);
        missing.says("Falta este dato.");
        assert_eq!(missing.form("/questions/").get("value"), Some("certificate"), "nothing typed is lost");
        let whole = missing.form("/questions/").with("expires", "2027-01-31").with("issuer", "Bureau Veritas");
        browser.submit(&whole).await;
        let expected = json!({ "certificate": "2027-01-31" });
        assert_eq!(answered(&supplier, &diagnostic, "quality-iso-9001").await, Some(expected));
        let again = browser.open(&format!("{diagnostic}/questions/quality-iso-9001")).await.expect(200);
        assert_eq!(again.form("/questions/").get("expires"), Some("2027-01-31"));
        // Saving it again keeps the issuer, and the page of answers shows it.
        browser.submit(&again.form("/questions/").with("expires", "2027-02-28")).await;
        let check = browser.open(&format!("{diagnostic}/check")).await.expect(200);
        check.says("Certificado de Bureau Veritas vigente hasta el 28 de febrero de 2027");
        let given = supplier.get(&format!("/api/v1{diagnostic}")).await.expect(200);
        assert_eq!(given.text("answers/1/issuer"), "Bureau Veritas", "{:#}", given.body["answers"]);
    }

    async fn what_is_wrong_is_said_above_and_at_the_field_and_nothing_is_lost(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        let page = browser.open(&format!("{diagnostic}/questions/delivery-on-time")).await.expect(200);
        let wrong = browser.send(&page.form("/questions/").with("value", "97,5 <b>")).await.expect(422);
        assert!(wrong.title().starts_with("Error: ¿Qué parte de las entregas"), "{}", wrong.title());
        wrong.says("Nada se guardó todavía");
        assert_eq!(wrong.words().matches("Escriba un número como 97.5").count(), 2, "{}", wrong.words());
        assert!(wrong.text.contains("<a href=\"#value\">") && wrong.text.contains(" id=\"value\""));
        assert!(wrong.text.contains("aria-invalid=\"true\""));
        assert_eq!(wrong.form("/questions/").get("value"), Some("97,5 <b>"));
        assert_eq!(answered(&supplier, &diagnostic, "delivery-on-time").await, None);
        let both = wrong.form("/questions/").with("value", "97").with("not_applicable", "true");
        browser.send(&both).await.expect(422).says("uno de los dos");
        let neither = page.form("/questions/").with("value", "");
        browser.send(&neither).await.expect(422).says("Falta este dato.");
    }

    async fn a_form_that_is_sent_twice_has_one_effect(app: TestApp) {
        let supplier = app.supplier("Tornos del Sur").await;
        let mut browser = app.browser_of(&supplier, Role::SupplierMember).await;
        let form = browser.open("/diagnostics").await.expect(200).form("/diagnostics");
        let once = browser.send(&form).await.expect(303).location();
        let twice = browser.send(&form).await.expect(303).location();
        assert_eq!(once, twice);
        let all = supplier.get("/diagnostics").await.expect(200);
        assert_eq!(all.body["items"].as_array().unwrap().len(), 1);

        let page = browser.open(&format!("{once}/questions/management-plan")).await.expect(200);
        let form = page.form("/questions/").with("value", "1");
        browser.send(&form).await.expect(303);
        let etag = supplier.get(&format!("/api/v1{once}")).await.expect(200).etag();
        browser.send(&form).await.expect(303);
        assert_eq!(supplier.get(&format!("/api/v1{once}")).await.expect(200).etag(), etag);
    }

    async fn two_people_at_one_question_overwrite_nothing_unseen(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        let mut other = app.browser_of(&supplier, Role::SupplierMember).await;
        let question = format!("{diagnostic}/questions/quality-control");
        let mine = browser.open(&question).await.expect(200).form("/questions/").with("value", "1");
        let theirs = other.open(&question).await.expect(200).form("/questions/").with("value", "3");
        other.send(&theirs).await.expect(303);

        let stale = browser.send(&mine).await.expect(412);
        assert!(stale.title().starts_with("Error: "));
        stale.says("Alguien lo cambió antes").says("Nada se guardó todavía").says("Guardado ahora por otra persona");
        let again = stale.form("/questions/");
        assert_eq!(again.get("value"), Some("1"), "what I chose is still chosen");
        assert_eq!(answered(&supplier, &diagnostic, "quality-control").await, Some(json!({ "level": 3 })));
        browser.send(&again).await.expect(303);
        assert_eq!(answered(&supplier, &diagnostic, "quality-control").await, Some(json!({ "level": 1 })));

        let check = browser.open(&format!("{diagnostic}/check")).await.expect(200);
        let late = other.open(&question).await.expect(200).form("/questions/").with("value", "2");
        other.send(&late).await.expect(303);
        let refused = browser.send(&check.form("/check")).await.expect(412);
        assert_eq!(supplier.get(&format!("/api/v1{diagnostic}")).await.expect(200).text("state"), "draft");
        browser.submit(&refused.form("/check")).await;
    }

    async fn only_the_firms_own_writers_answer(app: TestApp) {
        let (supplier, _, diagnostic) = begun(&app).await;
        let question = format!("{diagnostic}/questions/quality-control");
        let mut reader = app.browser_of(&supplier, Role::SupplierReader).await;
        reader.open(&diagnostic).await.expect(200);
        reader.open(&question).await.expect(403).says("Su rol no lo permite");
        let mut stranger = app.browser_of(&app.supplier("Otro").await, Role::SupplierMember).await;
        for path in [&diagnostic, &question, &format!("{diagnostic}/check")] {
            stranger.open(path).await.expect(404).says("Esa página no existe");
        }
    }

    async fn a_photo_is_added_beside_an_answer_and_taken_out_again(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        let question = format!("{diagnostic}/questions/management-plan");
        let page = browser.open(&question).await.expect(200);
        assert!(!page.text.contains("/evidence"), "first the answer, then what shows it");
        browser.send(&page.form("/questions/").with("value", "2")).await.expect(303);
        let link = browser.open(&question).await.expect(200).link("/evidence");
        let page = browser.open(&link).await.expect(200);
        page.says("Todavía no hay archivos");
        let refused = browser.upload(&link, b"#!/bin/sh").await.expect(422);
        assert!(refused.text.contains("id=\"file-fault\"") && refused.title().starts_with("Error:"));
        let there = browser.upload(&link, &crate::diagnostics::evidence::photo()).await.expect(303).location();
        let page = browser.open(&there).await.expect(200);
        let file = browser.open(&page.link("/evidence/0")).await.expect(200);
        assert_eq!((file.header("content-type"), file.header("x-content-type-options")), ("image/jpeg", "nosniff"));
        assert!(file.header("content-disposition").starts_with("attachment"));

        let mut stranger = app.browser_of(&app.supplier("Otro").await, Role::SupplierMember).await;
        stranger.open(&link).await.expect(404);
        stranger.open(&page.link("/evidence/0")).await.expect(404);
        stranger.upload(&link, &crate::diagnostics::evidence::photo()).await.expect(404);
        browser.submit(&page.form("/delete")).await.expect(200).says("Todavía no hay archivos");
        let listed = supplier.get(&format!("/api/v1{diagnostic}/evidence")).await.expect(200);
        assert_eq!(listed.body["items"], json!([]));
    }

    async fn a_second_round_says_what_has_changed(app: TestApp) {
        let (supplier, mut browser, diagnostic) = begun(&app).await;
        let answer = async |browser: &mut Browser, diagnostic: &str, level: &str| {
            let page = browser.open(&format!("{diagnostic}/questions/management-plan")).await.expect(200);
            browser.send(&page.form("/questions/").with("value", level)).await.expect(303);
            let check = browser.open(&format!("{diagnostic}/check")).await.expect(200);
            browser.submit(&check.form("/check")).await
        };
        let first = answer(&mut browser, &diagnostic, "1").await;
        assert!(!first.words().contains("Qué cambió desde la vez anterior"));
        let again = browser.open("/diagnostics").await.expect(200);
        let second = browser.send(&again.form("/diagnostics")).await.expect(303).location();
        let result = answer(&mut browser, &second, "3").await;
        result.says("Qué cambió desde la vez anterior").says("Mejor");
        assert!(result.text.contains(&format!("href=\"{diagnostic}\"")), "and shows what was said then");
        drop(supplier);
    }

    async fn a_lead_firm_is_diagnosed_too(app: TestApp) {
        let lead_firm = app.lead_firm("Grande").await;
        let mut browser = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let begin = browser.open("/diagnostics").await.expect(200);
        let tasks = browser.submit(&begin.form("/diagnostics")).await;
        let question = browser.open(&tasks.link("/questions/")).await.expect(200);
        assert!(question.text.contains("type=\"radio\"") || question.text.contains("inputmode=\"decimal\""));
        app.browser_of(&app.institution().await, Role::Officer).await.open("/diagnostics").await.expect(404);
    }
}
