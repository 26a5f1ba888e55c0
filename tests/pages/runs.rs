//! An officer asks for a run, reads it, puts two side by side and proposes its awards: through the HTML.

use eslabon::foundation::access::Role;

use crate::{
    matching::scene::{Scene, lot},
    support::{Browser, TestApp},
};

/// Asks for a run with this cap and solves it; its address.
async fn solved(
    app: &TestApp,
    browser: &mut Browser,
    scene: &Scene,
    name: &str,
    cap: (&str, &str),
) -> String {
    let address = format!("{}/runs/new", scene.programme);
    let form = browser.open(&address).await.expect(200).form(&address);
    let form = form.with("name", name).with("cap", cap.0).with("dependency_cap", cap.1);
    let run = browser.send(&form).await.expect(303).location();
    browser.open(&run).await.expect(200).says("En espera").says("Detener");
    app.run_jobs().await;
    run
}

on_both_engines! {
    async fn a_run_goes_from_its_wish_to_its_matches(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Conservas <Pacífico>").await;
        scene.supplier(&app, "1000").await;
        scene.requirement(&buyer, &[lot(1_000, "1")]).await;
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let list = officer.open(&format!("{}/runs", scene.programme)).await.expect(200);
        list.says("Todavía no hay ninguna");

        let tight = solved(&app, &mut officer, &scene, "Estricto", ("instead", "10")).await;
        let own = solved(&app, &mut officer, &scene, "Del programa", ("programme", "")).await;
        let loose = solved(&app, &mut officer, &scene, "Sin tope", ("without", "")).await;

        // 0.3 · (1000 + x) ≥ x leaves 428 of 1000 pieces at 1 USD.
        let page = officer.open(&own).await.expect(200);
        page.says("Terminada").says("Óptima").says("428.00 USD").says("30.0 %").says("Conservas <Pacífico>");
        page.says("Lo que nadie puede cubrir").says("572 (pieza)").says("Qué cuesta cada límite").says("Tope de dependencia");
        assert!(page.text.contains("class=\"bar-line\""));
        let latest = loose.rsplit('/').next();
        assert_eq!(page.form("/comparison").get("with"), latest, "the latest run is offered first");

        let query = format!("{own}/comparison?with={}", loose.rsplit('/').next().unwrap());
        let compared = officer.open(&query).await.expect(200);
        compared.says("428.00 USD").says("1 000.00 USD").says("+572.00 USD").says("50.0 %");
        officer.open(&format!("{own}/comparison?with={}", scene.id)).await.expect(422);

        let frontier = officer.open(&format!("{}/frontier", scene.programme)).await.expect(200);
        frontier.says("Con el tope más estricto se cubre el 11.1 %").says("111.00 USD").says("Sin tope");
        frontier.says("se adjudica el 11.1 % del mayor monto");
        assert_eq!(frontier.text.matches("<circle").count(), 1 + 3, "the key, and a point for each cap");

        // What is looser than the rules is not adopted, and nothing that was typed is lost.
        let form = officer.open(&format!("{loose}/adopt")).await.expect(200).form("/adopt");
        let again = officer.send(&form.with("supersede", "Porque sí, y ya está.")).await.expect(409);
        again.says("más permisiva que las reglas").says("Porque sí, y ya está.");
        assert!(again.title().starts_with("Error: "));

        let form = officer.open(&page.link("/adopt")).await.expect(200).form("/adopt");
        let done = officer.submit(&form).await.expect(200);
        done.says("Adoptada").says("Ver los emparejamientos");
        assert!(!done.text.contains("/adopt\""), "it is adopted once");
        officer.open("/matches").await.expect(200).says("428");
        assert!(officer.open(&tight).await.expect(200).text.contains("/adopt\""), "a tighter one may be adopted");
    }

    async fn what_is_wrong_with_a_wish_is_said_at_its_field(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let address = format!("{}/runs/new", scene.programme);
        let form = officer.open(&address).await.expect(200).form(&address);
        let wrong = form.clone().with("name", "").with("cap", "instead").with("dependency_cap", "140");
        let page = officer.send(&wrong).await.expect(422);
        page.says("Escriba un porcentaje entre 0 y 100");
        assert!(page.text.contains("id=\"name-fault\"") && page.text.contains("id=\"dependency_cap-fault\""));
        assert_eq!(page.form(&address).get("dependency_cap"), Some("140"), "nothing typed is lost");
        let nothing = officer.send(&form.with("name", "x")).await.expect(409);
        nothing.says("No hay nada por asignar");
    }

    async fn a_waiting_run_is_stopped(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Conservas").await;
        scene.supplier(&app, "1000").await;
        scene.requirement(&buyer, &[lot(1_000, "1")]).await;
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let address = format!("{}/runs/new", scene.programme);
        let form = officer.open(&address).await.expect(200).form(&address).with("name", "x");
        let run = officer.submit(&form).await.expect(200);
        officer.submit(&run.form("/cancel")).await.expect(200).says("Detenida");
    }

    async fn firms_and_other_institutions_see_no_run(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Conservas").await;
        let supplier = scene.supplier(&app, "1000").await;
        scene.requirement(&buyer, &[lot(1_000, "1")]).await;
        let run = scene.run(serde_json::json!({ "name": "x" })).await;
        let stranger = app.institution().await;
        let runs = format!("{}/runs", scene.programme);
        let frontier = format!("{}/frontier", scene.programme);
        for (client, role, status) in [
            (&buyer, Role::LeadFirmAdministrator, 403),
            (&supplier, Role::SupplierAdministrator, 403),
            (&stranger, Role::InstitutionAdministrator, 404),
        ] {
            let mut browser = app.browser_of(client, role).await;
            for path in [&run, &runs, &frontier, &format!("{run}/events"), &format!("{run}/comparison?with={}", scene.id)] {
                let answer = browser.open(path).await;
                assert_eq!(answer.status.as_u16(), status, "{role:?} {path}");
            }
        }
        // Who belongs to the programme sees its rules, not its waivers.
        let mut browser = app.browser_of(&supplier, Role::SupplierReader).await;
        let page = browser.open("/programmes").await.expect(200);
        let page = browser.open(&page.link(&scene.programme)).await.expect(200);
        page.says("Tope de dependencia").says("30.0 %");
        assert!(!page.words().contains("Dispensas"));
        app.browser_of(&stranger, Role::Officer).await.open(&scene.programme).await.expect(404);
    }
}
