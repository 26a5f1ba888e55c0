//! A network is measured, answered and read; practices are written up, reviewed, found and adopted: through the HTML.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::monitoring::{Net, employ, practices::practice};

const MISSING: &str = "/networks/01890000-0000-7000-8000-000000000000";

on_both_engines! {
    async fn a_network_is_measured_and_shows_what_changed(app: TestApp) {
        let net = Net::of(&app, 6).await;
        let mut officer = app.browser_of(&net.scene.institution, Role::InstitutionAdministrator).await;
        let dashboard = officer.open(&net.network).await.expect(200).link("/monitoring");
        let page = officer.open(&dashboard).await.expect(200);
        page.says("Todavía no se midió nada").says("De 6 proveedores invitados o postulantes, ninguno tiene contrato");
        page.says("6 proveedores está hoy sobre 30 %");
        assert!(page.text.contains("<figcaption") && page.text.contains("class=\"band-"));

        // A round is opened; what is wrong with it is said at its field.
        let new = page.link("/rounds/new");
        let wrong = officer.fill(&new, &[("as_of", "2027-01-01")]).await.expect(422);
        assert!(wrong.title().starts_with("Error: ") && wrong.text.contains("id=\"due_on-fault\""));
        assert_eq!(wrong.form(&new).get("as_of"), Some("2027-01-01"));
        let fields = [("moment", "baseline"), ("as_of", "2026-03-01"), ("due_on", "2026-04-01")];
        let baseline = officer.fill(&new, &fields).await.expect(303).location();
        officer.open(&baseline).await.expect(200).says("Línea de base").says("Preguntado");

        // A supplier answers one question a page: a value, or why there is none.
        let mut seller = app.browser_of(&net.suppliers[0], Role::SupplierMember).await;
        let list = seller.open("/measurements?state=asked").await.expect(200);
        list.says("Empleo").says("Preguntado");
        let (_, rest) = list.text.split_once(">Empleo<").unwrap();
        assert!(!rest.is_empty());
        let before = list.text.split(">Empleo<").next().unwrap();
        let question = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
        let page = seller.open(&question).await.expect(200);
        page.says("¿Cuántas personas trabajan en su empresa?");
        let nothing = seller.send(&page.form(&question)).await.expect(422);
        assert!(nothing.text.contains("id=\"value-fault\""), "{}", nothing.words());
        let both = page.form(&question).with("value", "7,5").with("unknown", "not_measured");
        let both = seller.send(&both).await.expect(422);
        assert!(both.text.contains("id=\"unknown-fault\""));
        assert_eq!(both.form(&question).get("value"), Some("7,5"));
        seller.send(&both.form(&question).with("unknown", "")).await.expect(303);
        seller.open(&question).await.expect(200).says("7.5 personas").says("Respondido");
        let unknown = page.form(&question);
        seller.send(&unknown.with("value", "").with("unknown", "not_measured")).await.expect(412);
        let form = seller.open(&question).await.form(&question);
        seller.send(&form.with("value", "").with("unknown", "not_measured")).await.expect(303);
        seller.open(&question).await.expect(200).says("No se mide");
        let mut other = app.browser_of(&net.suppliers[1], Role::SupplierMember).await;
        other.open(&question).await.expect(404);

        // Figures are told once both rounds are closed, of five firms or more.
        for supplier in &net.suppliers[1..] {
            employ(supplier, &baseline, "10").await.expect(200);
        }
        officer.open(&dashboard).await.expect(200).says("Todavía no hay dos rondas cerradas");
        let close = officer.open(&baseline).await.link("/close");
        let page = officer.open(&close).await.expect(200);
        page.says("¿Cerrar la ronda?").says("Preguntas sin respuesta");
        officer.submit(&page.form(&close)).await.says("Cerrada");
        let fields = [("moment", "month_12"), ("as_of", "2026-03-02"), ("due_on", "2026-04-01")];
        let year = officer.fill(&new, &fields).await.expect(303).location();
        for supplier in &net.suppliers[1..] {
            employ(supplier, &year, "12").await.expect(200);
        }
        officer.open(&dashboard).await.expect(200).says("Reservado La ronda sigue abierta");
        let page = officer.open(&format!("{year}/close")).await.expect(200);
        officer.submit(&page.form("/close")).await.says("Empleo personas +12 meses 5 10 12 20 % Mejor");
        let programme = officer.open(&format!("{}/monitoring", net.scene.programme)).await.expect(200);
        programme.says("Todo el programa").says("Empleo personas +12 meses 5 10 12 20 % Mejor");

        // Where they stand is written down, and each sees its own.
        let form = officer.open(&dashboard).await.form("/dependency");
        officer.send(&form).await.expect(303);
        let own = seller.open(&net.network).await.expect(200).link("/own-dependency");
        seller.open(&own).await.expect(200).says("Lo anotado").says("Solo su empresa y la institución lo ven");
    }

    async fn who_may_not_see_a_networks_figures_sees_nothing(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let round = net.round("baseline", "2026-04-01").await;
        let stranger = app.institution().await;
        for (client, role, status) in [
            (&net.buyer, Role::LeadFirmMember, 403), (&net.suppliers[0], Role::SupplierMember, 403),
            (&stranger, Role::InstitutionAdministrator, 404), (&net.scene.institution, Role::Officer, 404),
        ] {
            let mut browser = app.browser_of(client, role).await;
            for (path, nothing) in [
                (format!("{}/monitoring", net.network), format!("{MISSING}/monitoring")),
                (format!("{}/rounds/new", net.network), format!("{MISSING}/rounds/new")),
                (round.clone(), "/measurement-rounds/01890000-0000-7000-8000-000000000000".to_owned()),
            ] {
                let (seen, nothing) = (browser.open(&path).await, browser.open(&nothing).await);
                assert_eq!((seen.status.as_u16(), nothing.status.as_u16()), (status, status), "{role} {path}");
            }
        }
        let other = app.supplier("Otro").await;
        let mut browser = app.browser_of(&other, Role::SupplierMember).await;
        browser.open(&format!("{}/own-dependency", net.network)).await.expect(404);
    }

    async fn a_practice_is_written_reviewed_found_and_adopted(app: TestApp) {
        let net = Net::of(&app, 1).await;
        let institution = &net.scene.institution;
        let mut author = app.browser_of(institution, Role::Officer).await;
        let mut reviewer = app.browser_of(institution, Role::Approver).await;
        let new = author.open("/practices").await.expect(200).link("/practices/new");
        let wrong = author.fill(&new, &[("title", "Tablero <diario>"), ("summary", "corto"), ("tags", "a, b")]).await;
        let wrong = wrong.expect(422);
        for field in ["summary", "body", "evidence", "dimension"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}");
        }
        assert_eq!((wrong.form(&new).get("title"), wrong.form(&new).get("tags")), (Some("Tablero <diario>"), Some("a, b")));
        let body = practice(&net.scene.programme);
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let form = ["programme", "summary", "body", "evidence", "dimension"]
            .iter()
            .fold(wrong.form(&new), |form, name| form.with(name, &text(name)));
        let there = author.send(&form).await.expect(303).location();
        reviewer.open(&there).await.expect(200).says("Borrador");
        let step = author.open(&there).await.expect(200).link("/steps/submit");
        let page = author.open(&step).await.expect(200);
        author.submit(&page.form(&step)).await.says("En revisión");
        assert!(!author.open(&there).await.text.contains("/steps/publish"), "nobody reviews what they wrote");
        author.open(&format!("{there}/steps/publish")).await.expect(200);

        let back = format!("{there}/steps/return");
        let short = reviewer.fill(&back, &[("reason", "no")]).await.expect(422);
        assert_eq!(short.form(&back).get("reason"), Some("no"));
        reviewer.submit(&short.form(&back).with("reason", "Falta decir cuánto costó.")).await;
        author.open(&there).await.expect(200).says("Falta decir cuánto costó.");
        let edit = author.open(&there).await.link("/edit");
        author.fill(&edit, &[("title", "Tablero de <defectos>")]).await.expect(303);
        author.submit(&author.clone().open(&step).await.form(&step)).await.says("En revisión");
        let publish = format!("{there}/steps/publish");
        reviewer.submit(&reviewer.clone().open(&publish).await.form(&publish)).await.says("Publicada");

        let mut seller = app.browser_of(&net.suppliers[0], Role::SupplierMember).await;
        let found = seller.open("/practices?q=tablero&dimension=quality").await.expect(200);
        found.says("Tablero de <defectos>");
        seller.open("/practices?q=inexistente").await.expect(200).says("No hay ninguna que responda");
        let page = seller.open(&found.link("/practices/0")).await.expect(200);
        let adopt = page.link("/steps/adopt");
        seller.submit(&seller.clone().open(&adopt).await.form(&adopt)).await.says("Su organización la adoptó").says("Reservado");
        let withdraw = format!("{there}/steps/withdraw");
        let after = seller.submit(&seller.clone().open(&withdraw).await.form(&withdraw)).await;
        assert!(!after.words().contains("Su organización la adoptó"));
        seller.open(&format!("{there}/steps/publish")).await.expect(403);
        // A draft is nobody else's.
        let draft = institution.post("/practices", json!(practice(&net.scene.programme))).await.expect(201).text("id");
        seller.open(&format!("/practices/{draft}")).await.expect(404);
    }
}
