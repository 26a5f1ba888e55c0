//! A network is opened, selects its suppliers with reasons, and is looked after: through the HTML.

use eslabon::foundation::access::Role;

use crate::support::{Browser, Client, TestApp};

const MISSING: &str = "/networks/01890000-0000-7000-8000-000000000000";

/// An officer's browser, and the address of the network that they have opened with the lead firm.
async fn opened(app: &TestApp, institution: &Client, lead_firm: &Client) -> (Browser, String) {
    let programme = institution.open_programme(&[lead_firm]).await;
    let mut officer = app.browser_of(institution, Role::Officer).await;
    let path = format!("{programme}/networks/new");
    let firm = lead_firm.organisation().to_string();
    let fields = [("name", "Red de <chancado>"), ("model", "lead_firm"), ("lead_firms-0", firm.as_str())];
    let network = officer.fill(&path, &fields).await.expect(303).location();
    (officer, network)
}

/// Invites a supplier by its tax id; the page of its membership.
async fn invited(browser: &mut Browser, network: &str, supplier: &Client) -> String {
    let tax_id = supplier.get("/me").await.text("organisation/tax_id");
    browser
        .fill(&format!("{network}/invite"), &[("country", "NI"), ("tax_id", &tax_id)])
        .await
        .expect(303)
        .location()
}

on_both_engines! {
    async fn a_network_is_opened_and_both_sides_select(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Minera").await);
        let supplier = app.supplier("Tornos <Sur>").await;
        let programme = institution.open_programme(&[&lead_firm]).await;
        let mut officer = app.browser_of(&institution, Role::Officer).await;
        let list = officer.open("/networks").await.expect(200);
        let new = list.link("/networks/new");
        assert_eq!(new, format!("{programme}/networks/new"));

        // Every fault at once, at its field, and nothing typed is lost.
        let empty = officer.fill(&new, &[("call_open", "yes")]).await.expect(422);
        assert!(empty.title().starts_with("Error: ") && empty.text.contains("id=\"name-fault\""));
        assert!(empty.text.contains("id=\"model-fault\""));
        let alone = officer.fill(&new, &[("name", "Red"), ("model", "lead_firm")]).await.expect(422);
        assert!(alone.text.contains("id=\"lead_firms-fault\""), "{}", alone.words());
        let again = alone.form(&new);
        assert_eq!((again.get("name"), again.get("model")), (Some("Red"), Some("lead_firm")));
        let firm = lead_firm.organisation().to_string();
        let network = officer.send(&again.with("lead_firms-0", &firm)).await.expect(303).location();
        officer.open(&network).await.expect(200).says("Modelo empresa líder").says("Minera").says("Persona officer");

        // The lead firm invites; the supplier applies.
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        assert_eq!(buyer.open("/networks").await.expect(200).link("/networks/"), network);
        let wrong = buyer.fill(&format!("{network}/invite"), &[("country", "NI"), ("tax_id", "nadie")]).await.expect(422);
        wrong.says("No encontramos esa empresa");
        assert_eq!(wrong.form("/invite").get("tax_id"), Some("nadie"));
        let there = invited(&mut buyer, &network, &supplier).await;
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        seller.open("/networks").await.expect(200).says("Lo invitaron");
        let apply = seller.open(&network).await.expect(200).link("/apply");
        seller.fill(&apply, &[("statement", "Torneamos bronce & acero.")]).await.expect(303);
        let waiting = seller.open(&network).await.expect(200);
        waiting.says("Postulación enviada").says("Torneamos bronce & acero.").says("Quedó registrado");
        let waiting = seller.open(&network).await.expect(200);

        // One side says yes: the applicant sees nothing of it.
        officer.open(&network).await.expect(200).says("Tornos <Sur> Por decidir").says("aún no se pronuncia");
        let short = officer.fill(&there, &[("decision", "select"), ("reason", "sí")]).await.expect(422);
        assert!(short.text.contains("id=\"reason-fault\""));
        assert_eq!((short.form(&there).get("decision"), short.form(&there).get("reason")), (Some("select"), Some("sí")));
        let reason = "Cumple lo que pide la red.";
        let said = officer.fill(&there, &[("decision", "select"), ("reason", reason)]).await.expect(303);
        officer.open(&said.location()).await.expect(200).says("Cambiar lo que dijo").says("Por decidir");
        assert_eq!(seller.open(&network).await.expect(200).words(), waiting.words());

        // The other one says no, to a version that is still there: it is final, and the applicant reads both.
        buyer.fill(&there, &[("decision", "refuse"), ("reason", "No certifica el <torneado>.")]).await.expect(303);
        let page = seller.open(&network).await.expect(200);
        page.says("No seleccionado").says("No certifica el <torneado>.").says(reason).says("Minera");
        assert!(!page.words().contains("Persona officer"), "who decided is not told");
        let last = officer.open(&there).await.expect(200);
        assert!(!last.text.contains("name=\"decision\""), "nothing is decided twice");
        seller.open("/networks").await.expect(200).says("No seleccionado");
    }

    async fn a_member_is_selected_leaves_and_is_taken_out(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Minera").await);
        let (one, other) = (app.supplier("Uno").await, app.supplier("Otro").await);
        let (mut officer, network) = opened(&app, &institution, &lead_firm).await;
        let mut buyer = app.browser_of(&lead_firm, Role::LeadFirmMember).await;
        let mut seller = app.browser_of(&one, Role::SupplierMember).await;
        let there = invited(&mut officer, &network, &one).await;
        seller.fill(&format!("{network}/apply"), &[]).await.expect(303);
        for side in [&mut officer, &mut buyer] {
            side.fill(&there, &[("decision", "select"), ("reason", "Cumple lo que pide la red.")]).await.expect(303);
        }
        seller.open(&network).await.expect(200).says("Su empresa pertenece a la red");
        let leave = seller.open(&network).await.expect(200).link("/leave");
        let page = seller.open(&leave).await.expect(200);
        page.says("¿Dejar la red?");
        seller.submit(&page.form(&leave)).await.says("Su empresa está fuera de la red");
        officer.open(&format!("{network}?standing=left")).await.expect(200).says("Uno Se retiró");
        officer.open(&format!("{network}?standing=applied")).await.expect(200).says("No hay ninguno aquí");

        // An invitation is taken back with a reason, which it reads.
        let there = invited(&mut officer, &network, &other).await;
        let exclude = officer.open(&there).await.expect(200).link("/exclude");
        let short = officer.fill(&exclude, &[("reason", "no")]).await.expect(422);
        short.says("¿Retirar la invitación?");
        assert_eq!(short.form(&exclude).get("reason"), Some("no"));
        let page = officer.submit(&short.form(&exclude).with("reason", "La invitamos por error.")).await;
        page.says("No seleccionado");
        let mut stranger = app.browser_of(&other, Role::SupplierMember).await;
        stranger.open(&network).await.expect(200).says("La invitamos por error.");
        assert!(!stranger.open(&network).await.words().contains("Uno"), "nothing of others");
    }

    async fn a_network_is_changed_and_looked_after(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Minera").await);
        let second = app.lead_firm("Conservas").await;
        let (mut officer, network) = opened(&app, &institution, &lead_firm).await;
        let programme = officer.open(&network).await.link("programme=").split('=').nth(1).unwrap().to_owned();
        institution.take_in(&format!("/programmes/{programme}"), &[&second]).await;
        let mut colleague = app.browser_of(&institution, Role::Officer).await;
        colleague.open(&network).await.expect(404);

        let mut administrator = app.browser_of(&institution, Role::InstitutionAdministrator).await;
        let officers = format!("{network}/officers");
        let page = administrator.open(&officers).await.expect(200);
        let form = page.form(&officers);
        let mine = administrator.submit(&form).await;
        assert_eq!(mine.text.matches("/remove\"").count(), 2, "{}", mine.words());
        let remove = mine.form("/remove");
        assert_eq!(administrator.submit(&remove).await.text.matches("/remove\"").count(), 1);
        assert!(!officer.open(&network).await.text.contains("Asignar personas"), "administrators assign");

        let edit = format!("{network}/edit");
        let mut administrators = administrator.clone();
        let stale = administrators.open(&edit).await.expect(200).form(&edit);
        administrator.fill(&edit, &[("name", "Red de molienda"), ("call_open", "true")]).await.expect(303);
        administrator.open(&network).await.expect(200).says("Red de molienda").says("Convocatoria abierta");
        let again = administrators.send(&stale.with("name", "Otra")).await.expect(412);
        assert_eq!(again.form(&edit).get("name"), Some("Otra"));
        let form = administrator.open(&edit).await.expect(200).form("/lead-firms");
        administrator.submit(&form).await.says("Minera, Conservas");
    }

    async fn who_may_not_see_a_network_sees_nothing(app: TestApp) {
        let (institution, lead_firm) = (app.institution().await, app.lead_firm("Minera").await);
        let (supplier, stranger) = (app.supplier("Uno").await, app.supplier("Otro").await);
        let (mut officer, network) = opened(&app, &institution, &lead_firm).await;
        let there = invited(&mut officer, &network, &supplier).await;
        let other = app.institution().await;
        let other_buyer = app.lead_firm("Conservas").await;
        for (client, role) in [
            (&institution, Role::Officer), (&other, Role::InstitutionAdministrator),
            (&other_buyer, Role::LeadFirmMember), (&stranger, Role::SupplierMember),
        ] {
            let mut browser = app.browser_of(client, role).await;
            assert!(!browser.open("/networks").await.expect(200).text.contains(&network));
            let parts: &[&str] = match role {
                Role::SupplierMember => &["", "/apply", "/leave"],
                Role::LeadFirmMember => &["", "/invite"],
                Role::Officer => &["", "/invite", "/edit", "/close", "/officers"],
                _ => &["", "/invite", "/edit", "/close", "/officers", "?standing=applied"],
            };
            for part in parts {
                let (seen, nothing) =
                    (browser.open(&format!("{network}{part}")).await, browser.open(&format!("{MISSING}{part}")).await);
                assert_eq!((seen.status.as_u16(), nothing.status.as_u16()), (404, 404), "{role} {part}");
            }
            if role != Role::SupplierMember {
                browser.open(&there).await.expect(404);
            }
        }
        let mut seller = app.browser_of(&supplier, Role::SupplierMember).await;
        for part in ["/edit", "/close", "/invite", "/officers"] {
            seller.open(&format!("{network}{part}")).await.expect(403);
        }
        seller.open(&there).await.expect(403);
        let mut reader = app.browser_of(&supplier, Role::SupplierReader).await;
        reader.open(&format!("{network}/apply")).await.expect(403);
        assert!(!reader.open(&network).await.expect(200).text.contains("/apply"), "readers are not offered it");
    }
}
