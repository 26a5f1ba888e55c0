//! A lead firm sees its requirement with the gaps of those who let it.

use eslabon::foundation::access::Role;
use serde_json::{Value, json};

use crate::{
    matching::scene::Scene,
    support::{Client, TestApp},
};

/// A supplier of the programme that makes so many defects.
async fn supplier(app: &TestApp, scene: &Scene, name: &str, defects: &str) -> Client {
    let supplier = app.supplier(name).await;
    scene.take_in(&supplier).await;
    let id = supplier.post("/diagnostics", json!({})).await.expect(201).text("id");
    let path = format!("/diagnostics/{id}/answers/quality-defects-ppm");
    let etag = supplier.put(&path, json!({ "revision": 1, "value": defects })).await.expect(200).etag();
    supplier.post_if(&format!("/diagnostics/{id}/submit"), &etag, json!({})).await.expect(200);
    supplier
}

/// A published requirement: at most 500 ppm.
async fn requirement(scene: &Scene, lead_firm: &Client) -> String {
    let lots: Vec<Value> = vec![crate::matching::scene::lot(1_200, "1.5")];
    let criterion = json!({ "question": "quality-defects-ppm", "kind": "number", "maximum": "500",
        "necessity": "must", "criticality": 3 });
    let body =
        json!({ "programme": scene.id, "title": "Repuestos 2026", "lots": lots, "criteria": [criterion] });
    let posted = lead_firm.post("/requirements", body).await.expect(201);
    let path = format!("/requirements/{}", posted.text("id"));
    lead_firm.post_if(&format!("{path}/publish"), &posted.etag(), json!({})).await.expect(200);
    path
}

on_both_engines! {
    async fn a_lead_firm_sees_the_gaps_of_consenting_suppliers_only(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let open = supplier(&app, &scene, "Tornos del Sur", "900").await;
        let hidden = supplier(&app, &scene, "Fundición Norte", "100").await;
        let address = requirement(&scene, &lead_firm).await;
        let mut browser = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let list = browser.open("/requirements").await.expect(200);
        let page = browser.open(&list.link(&address)).await.expect(200);
        page.says("Repuestos 2026").says("Buje torneado 1 200 (pieza) 1.5").says("≤ 500").says("Exigible");
        page.says("Brechas de los proveedores").says("Todavía no hay brechas");
        let mut early = app.browser_of(&hidden, Role::SupplierMember).await;
        let own = early.open(&address).await.expect(200);
        own.says("Sus brechas").says("todavía no están calculadas").says("Mientras tanto complete su diagnóstico");
        assert!(!own.words().contains("de los proveedores"), "{}", own.words());
        let page = browser.submit(&page.form(&address)).await;
        assert!(!page.text.contains("Tornos") && !page.text.contains("Fundición"), "nobody has consented");

        let consent = format!("/consents/{}", lead_firm.organisation());
        open.put(&consent, json!({})).await.expect(204);
        let page = browser.open(&address).await.expect(200);
        page.says("Tornos del Sur").says("900").says("brecha 400");
        assert!(!page.text.contains("Fundición"));

        let mut at_institution = app.browser_of(&scene.institution, Role::Officer).await;
        at_institution.open(&address).await.expect(200).says("Tornos del Sur").says("Fundición Norte").says("cumple");
        let mut seen = Vec::new();
        for light in ["green", "yellow", "red"] {
            let page = at_institution.open(&format!("{address}?light={light}")).await.expect(200);
            let shown = ["Tornos del Sur", "Fundición Norte"].map(|name| page.text.contains(name));
            assert_eq!(page.words().contains("tiene ese semáforo"), shown == [false, false], "{}", page.words());
            seen.push(shown);
        }
        seen.sort_unstable();
        assert_eq!(seen, [[false, false], [false, true], [true, false]], "each under its own light");
        let mut at_supplier = app.browser_of(&hidden, Role::SupplierMember).await;
        let own = at_supplier.open(&address).await.expect(200);
        own.says("Fundición Norte").says("cumple");
        assert!(!own.text.contains("Tornos del Sur"), "a supplier sees itself alone");
    }

    async fn requirements_are_found_by_their_words_and_state(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let lead_firm = scene.lead_firm(&app, "Conservas").await;
        let address = requirement(&scene, &lead_firm).await;
        let mut browser = app.browser_of(&scene.institution, Role::Officer).await;
        for (query, is_there) in
            [("q=repuestos", true), ("q=Repuestos&state=published", true), ("q=repuestos&state=closed", false), ("q=pernos", false)]
        {
            let page = browser.open(&format!("/requirements?{query}")).await.expect(200);
            page.says(if is_there { "1 en total" } else { "Ninguno cumple lo que se busca" });
            assert_eq!(page.text.contains(&address), is_there, "{query}");
            let listed = scene.institution.get(&format!("/api/v1/requirements?{query}")).await.expect(200);
            assert_eq!(listed.body["items"].as_array().unwrap().len(), usize::from(is_there), "{query}");
        }
    }

    async fn a_requirement_is_its_lead_firms_own(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let (lead_firm, rival) = (scene.lead_firm(&app, "Conservas").await, scene.lead_firm(&app, "Otra").await);
        let address = requirement(&scene, &lead_firm).await;
        let mut browser = app.browser_of(&rival, Role::LeadFirmMember).await;
        browser.open(&address).await.expect(404);
        browser.open("/requirements").await.expect(200).says("todavía no publicó requerimientos");
        let mut reader = app.browser_of(&lead_firm, Role::LeadFirmReader).await;
        let page = reader.open(&address).await.expect(200);
        assert!(!page.text.contains("Calcular"), "a reader computes nothing");
    }
}
